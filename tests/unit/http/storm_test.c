/* Catalogues swapped again and again in a storm of screenings: every answer is, byte for byte, the one that the
 * catalogue it names gives to that request. Prints its figures. */
#include "test.h"

#include <pthread.h>
#include <time.h>

#include "base/date.h"
#include "decide/decide.h"
#include "http/client.h"

enum { CATALOGUES = 3, REQUESTS = 3, THREADS = 4, CLIENTS = 3, STORM_MS = 3000 };

static const char *const requests[REQUESTS] = {
    "{\"subject\":{\"age_years\":46},\"goals\":[\"sleep\"],\"as_of\":\"2026-11-20\"}",
    "{\"subject\":{\"age_years\":46},\"goals\":[\"sleep\"],\"unlisted\":\"absent\",\"as_of\":\"2026-11-20\"}",
    "{\"subject\":{\"age_years\":71,\"sex\":\"female\"},\"complaints\":[{\"region\":\"lower_back\",\"pain\":5,"
    "\"duration_days\":700}],\"history\":{\"conditions\":[{\"system\":\"icd-10-cm\",\"code\":\"Z99\"}]},"
    "\"as_of\":\"2026-11-20\"}",
};
static struct catalogue *catalogues[CATALOGUES];
static struct buf wanted[CATALOGUES][REQUESTS];
static atomic_bool over;
static _Atomic long judged, answered, swapped;
static _Atomic int torn;

/* Two small ones and that of the repository: which of them decided shows in every part of an answer. */
static struct catalogue *repository_catalogue(void)
{
    struct arena arena;
    struct faults faults;
    struct source_doc doc = { 0 };
    struct catalogue *cat = NULL;
    struct error err = { .code = RC_OK };
    arena_init(&arena, 0);
    faults_init(&faults, &arena);
    enum rc rc = source_load_dir(SOURCE_DIR "/sql/catalogue", &doc, &faults, &err);
    if (rc == RC_OK)
        rc = catalogue_new(&doc, &cat, &faults, &err);
    if (rc != RC_OK)
        fail_msg("%s", err.text);
    source_done(&doc);
    arena_done(&arena);
    return cat;
}

static void judge(const struct catalogue *cat, const char *request, struct arena *arena, struct buf *out)
{
    struct faults faults;
    struct screening s;
    struct decision d;
    struct error err;
    arena_reset(arena);
    faults_init(&faults, arena);
    buf_reset(out);
    if (read_screening(str_of(request), date_today(), &faults, &s, &err) == RC_OK &&
        screen(cat, &s, arena, &faults, &d) == RC_OK)
        write_decision(out, &d);
    else
        out->failed = true;
}

static bool fits(const struct catalogue *cat, size_t request, struct str answer)
{
    for (size_t i = 0; i < CATALOGUES; i++)
        if (cat ? strcmp(cat->digest, catalogues[i]->digest) == 0 : str_eq(answer, buf_str(&wanted[i][request])))
            return str_eq(answer, buf_str(&wanted[i][request]));
    return false;
}

/* Without HTTP in between, so that nothing but the slot orders the threads. */
static void *judge_again_and_again(void *unused)
{
    struct arena arena;
    struct buf out;
    (void)unused;
    arena_init(&arena, 0);
    buf_init(&out, ANSWER_BYTES_MAX);
    for (size_t i = 0; !atomic_load(&over); i++) {
        struct catalogue *cat = slot_acquire(slot, "");
        judge(cat, requests[i % REQUESTS], &arena, &out);
        if (out.failed || !fits(cat, i % REQUESTS, buf_str(&out)))
            atomic_fetch_add(&torn, 1);
        catalogue_unref(cat);
        atomic_fetch_add(&judged, 1);
    }
    buf_done(&out);
    arena_done(&arena);
    return NULL;
}

static void *ask_again_and_again(void *unused)
{
    char *answer = malloc(ANSWER_BYTES), text[1024];
    (void)unused;
    for (size_t i = 0; answer && !atomic_load(&over); i++) {
        const char *request = requests[i % REQUESTS];
        int n = snprintf(text, sizeof(text),
                         "POST /v1/screenings HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                         "Content-Length: %zu\r\nConnection: close\r\n\r\n%s",
                         strlen(request), request);
        if (!talk_on(connect_to(http_port(server)), text, (size_t)n, answer) ||
            !fits(NULL, i % REQUESTS, str_of(body_of(answer))))
            atomic_fetch_add(&torn, 1);
        atomic_fetch_add(&answered, 1);
    }
    free(answer);
    return NULL;
}

static void *swap_again_and_again(void *unused)
{
    (void)unused;
    for (size_t i = 0; !atomic_load(&over); i++) {
        slot_publish_take(slot, i % 7 == 3 ? tiny_catalogue(1 + (unsigned)(i % 2))
                                           : catalogue_ref(catalogues[i % CATALOGUES]));
        atomic_fetch_add(&swapped, 1);
        (void)nanosleep(&(struct timespec){ .tv_nsec = 100000 }, NULL);
    }
    return NULL;
}

static void answers_belong_to_one_catalogue(void **state)
{
    pthread_t threads[THREADS + CLIENTS + 1];
    struct arena arena;
    size_t n = 0;
    (void)state;
    arena_init(&arena, 0);
    for (size_t i = 0; i < CATALOGUES; i++) {
        catalogues[i] = i == 2 ? repository_catalogue() : tiny_catalogue(1 + (unsigned)i);
        for (size_t k = 0; k < REQUESTS; k++) {
            buf_init(&wanted[i][k], ANSWER_BYTES_MAX);
            judge(catalogues[i], requests[k], &arena, &wanted[i][k]);
            assert_false(wanted[i][k].failed);
        }
    }
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[n++], NULL, judge_again_and_again, NULL), 0);
    for (size_t i = 0; i < CLIENTS; i++)
        assert_int_equal(pthread_create(&threads[n++], NULL, ask_again_and_again, NULL), 0);
    assert_int_equal(pthread_create(&threads[n++], NULL, swap_again_and_again, NULL), 0);
    (void)nanosleep(&(struct timespec){ .tv_sec = STORM_MS / 1000 }, NULL);
    atomic_store(&over, true);
    for (size_t i = 0; i < n; i++)
        (void)pthread_join(threads[i], NULL);
    printf("# %ld swaps, %ld decisions and %ld answers by HTTP in %d ms\n", atomic_load(&swapped), atomic_load(&judged),
           atomic_load(&answered), STORM_MS);
    assert_int_equal(atomic_load(&torn), 0);
    assert_true(swapped > 100 && judged > 100 && answered > 20);
    for (size_t i = 0; i < CATALOGUES; i++) {
        catalogue_unref(catalogues[i]);
        for (size_t k = 0; k < REQUESTS; k++)
            buf_done(&wanted[i][k]);
    }
    arena_done(&arena);
}

RUN_TESTS(cmocka_unit_test_setup_teardown(answers_belong_to_one_catalogue, start_ready, stop))
