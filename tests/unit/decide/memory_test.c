/* The heap: a decision takes nothing from it once it is warm, and says so when it fails. */
#include "test.h"

#include "alloc.h"
#include "decide/decide.h"
#include "generate/generate.h"
#include "loading.h"

static struct catalogue *real;
static struct people people;

struct answer {
    struct arena arena;
    struct faults faults;
    struct decision d;
};

static enum rc decide_on(struct answer *a, const struct someone *who)
{
    arena_reset(&a->arena);
    faults_init(&a->faults, &a->arena);
    return screen(real, &who->s, &a->arena, &a->faults, &a->d);
}

static void takes_nothing_from_the_heap_once_warm(void **state)
{
    static struct someone who;
    static struct answer a;
    (void)state;
    for (int round = 0; round < 2; round++) {
        if (round == 1)
            alloc_fail_at(0);
        for (uint64_t seed = 0; seed < 300; seed++) {
            make_someone(&people, seed, ANY_RULE, &who);
            assert_int_equal(decide_on(&a, &who), RC_OK);
        }
    }
    assert_int_equal(alloc_calls(), 0);
    arena_done(&a.arena);
    alloc_fail_at(0);
    assert_int_equal(decide_on(&a, &who), RC_OK);
    assert_true(alloc_calls() > 0); /* counting works */
    arena_done(&a.arena);
}

/* The n-th block that a decision takes from the heap fails. */
static void refuses_when_the_heap_fails(void **state)
{
    static struct someone who;
    static struct answer a;
    size_t refused = 0;
    (void)state;
    for (uint64_t seed = 0; seed < 150; seed++) {
        make_someone(&people, seed, ANY_RULE, &who);
        for (long n = 1;; n++) {
            arena_init(&a.arena, 0);
            alloc_fail_at(n);
            enum rc rc = decide_on(&a, &who);
            bool failed = alloc_calls() >= n;
            alloc_fail_at(0);
            arena_done(&a.arena);
            if (!failed) {
                assert_int_equal(rc, RC_OK);
                break;
            }
            if (rc != RC_OOM)
                fail_msg("seed %d, call %ld: %s", (int)seed, n, rc_name(rc));
            refused++;
        }
    }
    assert_true(refused > 150);
}

static int load(void **state)
{
    (void)state;
    real = load_catalogue(SOURCE_DIR "/sql/catalogue", NULL);
    return real && people_init(&people, real) ? 0 : -1;
}

static int unload(void **state)
{
    (void)state;
    people_done(&people);
    catalogue_unref(real);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_nothing_from_the_heap_once_warm),
        cmocka_unit_test(refuses_when_the_heap_fails),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
