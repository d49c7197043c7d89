/* Tries every property on many seeds, and tells in TAP. See README.md for how to try one again. */
#include "property.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/date.h"
#include "loading.h"

bool wrong(struct trial *t, const char *fmt, ...)
{
    char text[2000];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    buf_reset(&t->why);
    buf_add_str(&t->why, str_of(text));
    return false;
}

bool judge_by(struct trial *t, const struct catalogue *cat, const struct screening *s, struct judged *ret)
{
    arena_reset(&ret->arena);
    faults_init(&ret->faults, &ret->arena);
    enum rc rc = screen(cat, s, &ret->arena, &ret->faults, &ret->d);
    if (rc == RC_OK)
        return true;
    return wrong(t, "%s, %zu faults, the first at %.*s", rc_name(rc), ret->faults.total,
                 ret->faults.n ? (int)ret->faults.at[0].pointer.n : 0, ret->faults.at[0].pointer.p);
}

bool judge(struct trial *t, const struct someone *who, struct judged *ret)
{
    return judge_by(t, t->cat, &who->s, ret);
}

bool judge_text(struct trial *t, const struct someone *who, struct judged *ret)
{
    if (!judge(t, who, ret))
        return false;
    buf_reset(&ret->text);
    write_decision(&ret->text, &ret->d);
    return ret->text.failed ? wrong(t, "the answer does not fit its buffer") : true;
}

/* ---- catalogues with other rules -------------------------------------------------------------------------- */

static struct catalogue *compile(const json_t *document)
{
    struct arena arena;
    struct faults faults;
    struct error error = { .code = RC_OK };
    struct source_doc doc = { 0 };
    struct catalogue *cat = NULL;
    char *text = json_dumps(document, JSON_COMPACT);
    arena_init(&arena, 0);
    faults_init(&faults, &arena);
    enum rc rc = text ? source_load_text(str_of(text), &doc, &error) : RC_OOM;
    if (rc == RC_OK && catalogue_new(&doc, &cat, &faults, &error) != RC_OK)
        cat = NULL;
    source_done(&doc);
    arena_done(&arena);
    free(text);
    return cat;
}

static const struct catalogue *with_rules(struct trial *t, uint64_t variant, uint32_t keep_percent, bool shuffle)
{
    uint64_t wanted = (variant << 8 | keep_percent) << 1 | shuffle;
    struct chance c = chance_of(wanted);
    if (t->variant && t->variant_of == wanted)
        return t->variant;
    catalogue_unref(t->variant);
    json_t *document = json_copy((json_t *)t->document), *rules = json_array(), *rule;
    const json_t *all = json_object_get(t->document, "rules");
    size_t i;
    json_array_foreach(all, i, rule)
    {
        if (percent(&c, keep_percent)) /* each to a random place among those before it shuffles them all */
            (void)json_array_insert(
                rules, shuffle ? roll(&c, (uint32_t)json_array_size(rules) + 1) : json_array_size(rules), rule);
    }
    (void)json_object_set_new(document, "rules", rules);
    (void)json_object_del(document, "texts"); /* translations may be of a rule that is left out */
    t->variant = compile(document);
    t->variant_of = wanted;
    json_decref(document);
    if (!t->variant)
        (void)wrong(t, "the catalogue with other rules is not valid");
    return t->variant;
}

const struct catalogue *shuffled(struct trial *t, uint64_t variant)
{
    return with_rules(t, variant, 100, true);
}

const struct catalogue *thinned(struct trial *t, uint64_t variant, uint32_t keep_percent)
{
    return with_rules(t, variant, keep_percent, false);
}

/* ---- the runs --------------------------------------------------------------------------------------------- */

struct options {
    const char *catalogue, *only;
    uint64_t seed, count;
    bool list;
};

static void tell_request(struct trial *t, const struct someone *who)
{
    buf_reset(&t->request);
    write_request(&t->request, &who->s);
    printf("#   %.*s\n", STR_ARGS(buf_str(&t->request)));
}

static void tell_failure(struct trial *t, const struct property *p, const struct options *o)
{
    printf("#   %.*s\n", STR_ARGS(buf_str(&t->why)));
    if (p->hold) {
        printf("#   again: property --only %s --seed %llu --count %llu\n", p->name, (unsigned long long)o->seed,
               (unsigned long long)o->count);
        return;
    }
    printf("#   again: property --only %s --seed %llu --count 1\n", p->name, (unsigned long long)t->seed);
    tell_request(t, &t->who);
    if (t->other.s.findings) /* the property has made another one of it */
        tell_request(t, &t->other);
}

enum { SEEDS_THAT_TELL = 500 }; /* fewer say nothing about how often something happens */

static bool try_seeds(struct trial *t, const struct property *p, uint64_t count)
{
    uint64_t first = t->seed;
    for (uint64_t i = 0; i < count; i++) {
        t->seed = first + i;
        t->chance = chance_of(~t->seed);
        make_someone(&t->people, t->seed, ANY_RULE, &t->who);
        t->other.s.findings = NULL;
        if (!p->holds(t))
            return false;
    }
    for (int i = 0; i < WORTH && p->worth[i].what; i++)
        if (count >= SEEDS_THAT_TELL && t->counted[i] * 1000 < p->worth[i].per_thousand * count)
            return wrong(t, "only %zu times in %llu requests: %s", t->counted[i], (unsigned long long)count,
                         p->worth[i].what);
    return true;
}

static bool try_property(struct trial *t, const struct property *p, const struct options *o, size_t number)
{
    uint64_t count = o->count * p->percent / 100;
    int64_t since = clock_ms();
    count = count ? count : 1;
    memset(t->counted, 0, sizeof(t->counted));
    t->seed = o->seed;
    bool good = p->hold ? p->hold(t, count) : try_seeds(t, p, count);
    printf("%s %zu - property/%s: seeds %llu to %llu", good ? "ok" : "not ok", number, p->name,
           (unsigned long long)o->seed, (unsigned long long)(o->seed + count - 1));
    for (int i = 0; i < WORTH && p->worth[i].what; i++)
        printf(", %zu %s", t->counted[i], p->worth[i].what);
    printf(", %d ms\n", (int)(clock_ms() - since));
    if (!good)
        tell_failure(t, p, o);
    (void)fflush(stdout);
    return good;
}

static bool wanted(const struct property *p, const struct options *o)
{
    return !o->only || strncmp(p->name, o->only, strlen(o->only)) == 0;
}

static bool try_all(struct trial *t, const struct options *o)
{
    static const struct property *const groups[] = { coverage_properties, same_properties,      graver_properties,
                                                     answer_properties,   explained_properties, tighten_properties };
    size_t tried = 0, failed = 0;
    for (size_t g = 0; g < ARRAY_LEN(groups); g++)
        for (const struct property *p = groups[g]; p->name; p++) {
            if (!wanted(p, o))
                continue;
            tried++;
            if (o->list)
                puts(p->name);
            else
                failed += !try_property(t, p, o, tried);
        }
    if (!o->list)
        printf("1..%zu\n", tried);
    return tried > 0 && failed == 0;
}

static bool read_options(int argc, char **argv, struct options *o)
{
    static const struct option names[] = {
        { "seed", required_argument, NULL, 's' }, { "count", required_argument, NULL, 'n' },
        { "only", required_argument, NULL, 'o' }, { "catalogue", required_argument, NULL, 'c' },
        { "list", no_argument, NULL, 'l' },       { NULL, 0, NULL, 0 },
    };
    for (int c; (c = getopt_long(argc, argv, "", names, NULL)) != -1;) { // NOLINT(concurrency-mt-unsafe): one thread
        if (c == 'o')
            o->only = optarg;
        else if (c == 'c')
            o->catalogue = optarg;
        else if (c == 'l')
            o->list = true;
        else if ((c != 's' && c != 'n') || !read_number(optarg, c == 's' ? &o->seed : &o->count))
            return false;
    }
    return optind == argc;
}

int main(int argc, char **argv)
{
    static struct trial t;
    struct options o = { .catalogue = SOURCE_DIR "/sql/catalogue", .seed = 1, .count = 3000 };
    struct source_doc doc = { 0 };
    if (!read_options(argc, argv, &o)) {
        fputs("usage: property [--seed N] [--count N] [--only NAME] [--catalogue DIR] [--list]\n", stderr);
        return EXIT_FAILURE;
    }
    struct catalogue *cat = load_catalogue(o.catalogue, &doc);
    json_t *document = cat ? json_loadb(doc.text.p, doc.text.n, 0, NULL) : NULL;
    t.cat = cat;
    t.document = document;
    buf_init(&t.request, BODY_BYTES_MAX);
    buf_init(&t.why, ANSWER_BYTES_MAX);
    buf_init(&t.a.text, ANSWER_BYTES_MAX);
    buf_init(&t.b.text, ANSWER_BYTES_MAX);
    bool good = document && people_init(&t.people, cat) && try_all(&t, &o);
    buf_done(&t.request);
    buf_done(&t.why);
    buf_done(&t.a.text);
    buf_done(&t.b.text);
    arena_done(&t.a.arena);
    arena_done(&t.b.arena);
    people_done(&t.people);
    people_done(&t.variant_people);
    catalogue_unref(t.variant);
    catalogue_unref(cat);
    json_decref(document);
    source_done(&doc);
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
