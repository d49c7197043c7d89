/* The same request, on the same day, with the same catalogue, gives the same bytes: again, in several threads, read
 * from text, with the rules in another order, and with codes for names. */
#include <pthread.h>
#include <stdlib.h>

#include "property.h"

static bool same_text(struct trial *t, const char *what)
{
    if (t->a.text.n == t->b.text.n && memcmp(t->a.text.p, t->b.text.p, t->a.text.n) == 0)
        return true;
    size_t at = 0;
    while (at < t->a.text.n && at < t->b.text.n && t->a.text.p[at] == t->b.text.p[at])
        at++;
    size_t from = at < 60 ? 0 : at - 60;
    return wrong(t, "%s: byte %zu: ...%.*s... and ...%.*s...", what, at,
                 (int)(t->a.text.n - from < 160 ? t->a.text.n - from : 160), t->a.text.p + from,
                 (int)(t->b.text.n - from < 160 ? t->b.text.n - from : 160), t->b.text.p + from);
}

static bool request_twice(struct trial *t)
{
    if (!judge_text(t, &t->who, &t->a))
        return false;
    arena_done(&t->b.arena); /* not at the same places in memory */
    arena_init(&t->b.arena, 0);
    arena_reset(&t->b.arena);
    if (!arena_alloc(&t->b.arena, 1 + t->seed % 5000, 7))
        return wrong(t, "out of memory");
    faults_init(&t->b.faults, &t->b.arena);
    if (screen(t->cat, &t->who.s, &t->b.arena, &t->b.faults, &t->b.d) != RC_OK)
        return wrong(t, "the second time it was refused");
    buf_reset(&t->b.text);
    write_decision(&t->b.text, &t->b.d);
    return same_text(t, "the second time");
}

static bool text_and_struct(struct trial *t)
{
    struct screening read;
    struct error error = { .code = RC_OK };
    buf_reset(&t->request);
    write_request(&t->request, &t->who.s);
    if (t->request.failed)
        return wrong(t, "the request is too long");
    arena_reset(&t->b.arena);
    faults_init(&t->b.faults, &t->b.arena);
    if (read_screening(buf_str(&t->request), 0, &t->b.faults, &read, &error) != RC_OK)
        return wrong(t, "%s: %.*s", error.text, t->b.faults.n ? (int)t->b.faults.at[0].pointer.n : 0,
                     t->b.faults.at[0].pointer.p);
    if (screen(t->cat, &read, &t->b.arena, &t->b.faults, &t->b.d) != RC_OK)
        return wrong(t, "what was read is refused");
    buf_reset(&t->b.text);
    write_decision(&t->b.text, &t->b.d);
    return judge_text(t, &t->who, &t->a) && same_text(t, "read from text");
}

/* Only codes that stand for one fact alone, in both directions. A denied code denies one disease only (S2), so what is
 * absent keeps its name. */
static bool codes_and_names(struct trial *t)
{
    copy_someone(&t->other, &t->who);
    for (size_t i = 0; i < t->other.s.n_findings; i++) {
        struct finding *f = &t->other.findings[i];
        if (f->state == FINDING_ABSENT || percent(&t->chance, 20))
            continue;
        if (f->id.p) {
            int32_t fact = catalogue_find_fact(t->cat, f->id);
            t->counted[0] += fact >= 0 && name_by_code(&t->people, &t->chance, &t->other, f, (uint32_t)fact, true);
            continue;
        }
        const struct code_system *system = catalogue_find_system(t->cat, f->system);
        struct fact_list facts = code_system_lookup(system, f->code);
        if (facts.n != 1)
            continue;
        f->id = t->cat->facts[facts.at[0]].id;
        f->system = f->code = (struct str){ NULL, 0 };
        t->counted[1]++;
    }
    return judge_text(t, &t->who, &t->a) && judge_text(t, &t->other, &t->b) && same_text(t, "with codes for names");
}

enum { SEEDS_A_VARIANT = 250 };

static bool order_of_rules(struct trial *t)
{
    const struct catalogue *cat = shuffled(t, t->seed / SEEDS_A_VARIANT);
    if (!cat || !judge(t, &t->who, &t->a) || !judge_by(t, cat, &t->who.s, &t->b))
        return false;
    const char *what = difference(&t->a.d, &t->b.d, false);
    t->counted[0] += difference(&t->a.d, &t->b.d, true) != NULL;
    return what ? wrong(t, "with the rules in another order: %s", what) : true;
}

/* ---- threads ---------------------------------------------------------------------------------------------- */

enum { THREADS = 4 };

struct worker {
    struct trial *t; /* its catalogue and people are read only */
    uint64_t seeds, from;
    uint64_t *digests;
    bool failed;
    struct someone who;
    struct judged j;
};

static uint64_t digest_of(struct str text)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325); /* FNV-1a */
    for (size_t i = 0; i < text.n; i++)
        h = (h ^ (unsigned char)text.p[i]) * UINT64_C(0x100000001b3);
    return h;
}

/* All seeds, each worker from another one on, so that at any time they are at different requests. */
static void *work(void *arg)
{
    struct worker *w = arg;
    for (uint64_t i = 0; i < w->seeds && !w->failed; i++) {
        uint64_t at = (w->from + i) % w->seeds;
        make_someone(&w->t->people, w->t->seed + at, ANY_RULE, &w->who);
        arena_reset(&w->j.arena);
        faults_init(&w->j.faults, &w->j.arena);
        buf_reset(&w->j.text);
        w->failed = screen(w->t->cat, &w->who.s, &w->j.arena, &w->j.faults, &w->j.d) != RC_OK;
        if (!w->failed)
            write_decision(&w->j.text, &w->j.d);
        w->digests[at] = digest_of(buf_str(&w->j.text));
    }
    return NULL;
}

static bool agree(struct trial *t, const struct worker *workers, uint64_t seeds)
{
    for (int k = 0; k < THREADS; k++) {
        if (workers[k].failed)
            return wrong(t, "thread %d was refused", k);
        for (uint64_t i = 0; i < seeds; i++) {
            uint64_t seed = t->seed + i;
            if (workers[k].digests[i] != workers[0].digests[i])
                return wrong(t, "thread %d answers seed %llu otherwise", k, (unsigned long long)seed);
            t->counted[0] += k > 0;
        }
    }
    return true;
}

static bool several_threads(struct trial *t, uint64_t seeds)
{
    pthread_t threads[THREADS];
    struct arena arena;
    int started = 0;
    arena_init(&arena, 0);
    struct worker *workers = ARENA_ARRAY(&arena, struct worker, THREADS);
    bool good = workers != NULL;
    for (int k = 0; good && k < THREADS; k++) {
        workers[k].t = t;
        workers[k].seeds = seeds;
        workers[k].from = seeds * (uint64_t)k / THREADS;
        workers[k].digests = ARENA_ARRAY(&arena, uint64_t, seeds);
        buf_init(&workers[k].j.text, ANSWER_BYTES_MAX);
        good = workers[k].digests && pthread_create(&threads[k], NULL, work, &workers[k]) == 0;
        started += good;
    }
    for (int k = 0; k < started; k++)
        (void)pthread_join(threads[k], NULL);
    good = good ? agree(t, workers, seeds) : wrong(t, "could not start the threads");
    for (int k = 0; workers && k < THREADS; k++) {
        buf_done(&workers[k].j.text);
        arena_done(&workers[k].j.arena);
    }
    arena_done(&arena);
    return good;
}

const struct property same_properties[] = {
    { "same/request_twice", request_twice, NULL, 50, { { NULL, 0 } } },
    { "same/text_and_struct", text_and_struct, NULL, 100, { { NULL, 0 } } },
    { "same/several_threads", NULL, several_threads, 50, { { "answers compared", 0 } } },
    { "same/order_of_rules", order_of_rules, NULL, 70, { { "answers in another order", 100 } } },
    { "same/codes_and_names", codes_and_names, NULL, 100, { { "names made codes", 300 }, { "codes made names", 50 } } },
    { .name = NULL },
};
