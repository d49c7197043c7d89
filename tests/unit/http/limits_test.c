#include "test.h"

#include <pthread.h>
#include <stdio.h>

#include "alloc.h"
#include "http/limits.h"

#define MS ((int64_t)1000000)
#define S  (1000 * MS)

static struct rates *rates;

static void open_rates(uint32_t rate, uint32_t burst)
{
    assert_int_equal(rates_new(rate, burst, &rates, NULL), RC_OK);
}

static int tear_down(void **state)
{
    (void)state;
    rates_free(rates);
    rates = NULL;
    return 0;
}

static void grants_a_burst_and_then_the_rate(void **state)
{
    int64_t now = 5 * S;
    (void)state;
    open_rates(10, 3);
    for (uint32_t left = 3; left-- > 0;) {
        struct rate r = rates_take(rates, STR("a"), now);
        assert_true(r.allowed);
        assert_int_equal(r.left, left);
        assert_int_equal(r.wait_s, 0);
        assert_int_equal(r.reset_s, 1);
    }
    struct rate r = rates_take(rates, STR("a"), now);
    assert_false(r.allowed);
    assert_int_equal(r.left, 0);
    assert_int_equal(r.wait_s, 1);
    assert_false(rates_take(rates, STR("a"), now + 100 * MS - 1).allowed); /* one drips every 100 ms */
    assert_true(rates_take(rates, STR("a"), now + 100 * MS).allowed);
    assert_false(rates_take(rates, STR("a"), now + 100 * MS).allowed);
    assert_true(rates_take(rates, STR("a"), now + 10 * S).allowed);
    assert_int_equal(rates_take(rates, STR("a"), now + 10 * S).left, 1); /* never more than the burst */
}

static void says_how_long_to_wait(void **state)
{
    (void)state;
    open_rates(1, 5);
    for (int i = 0; i < 5; i++)
        assert_true(rates_take(rates, STR("a"), 0).allowed);
    struct rate r = rates_take(rates, STR("a"), 1);
    assert_int_equal(r.wait_s, 1);
    assert_int_equal(r.reset_s, 5);
    assert_true(rates_take(rates, STR("a"), r.wait_s * S).allowed);
}

/* Over a long time a caller who never rests gets what the rate says, and the burst once. */
static void holds_to_the_rate(void **state)
{
    int granted = 0;
    (void)state;
    open_rates(50, 20);
    for (int64_t now = S; now <= 11 * S; now += MS / 2)
        granted += rates_take(rates, STR("greedy"), now).allowed;
    assert_int_equal(granted, 50 * 10 + 20);
}

static void keeps_callers_apart(void **state)
{
    (void)state;
    open_rates(1, 1);
    assert_true(rates_take(rates, STR("a"), S).allowed);
    assert_false(rates_take(rates, STR("a"), S).allowed);
    assert_true(rates_take(rates, STR("b"), S).allowed);
    assert_true(rates_take(rates, STR(""), S).allowed);
    assert_true(rates_take(rates, STR("12345678"), S).allowed);
    assert_true(rates_take(rates, STR("123456789"), S).allowed);
    assert_false(rates_take(rates, STR("b"), S).allowed);
}

/* More callers than there are places: memory stays, everyone is served, and who is held back stays so mostly. */
static void goes_on_when_it_is_crowded(void **state)
{
    enum { CALLERS = 4 * RATES_SETS * RATES_WAYS };
    char name[32];
    int held = 0;
    (void)state;
    open_rates(1, 10);
    alloc_fail_at(0);
    for (int i = 0; i < 10; i++)
        assert_true(rates_take(rates, STR("greedy"), S).allowed);
    long before = alloc_calls();
    for (int i = 0; i < CALLERS; i++) {
        (void)snprintf(name, sizeof(name), "caller %d", i);
        assert_true(rates_take(rates, str_of(name), S).allowed);
        held += !rates_take(rates, STR("greedy"), S).allowed;
    }
    assert_int_equal(alloc_calls(), before);
    assert_int_equal(held, CALLERS); /* the emptiest bucket is the last to go */
}

enum { THREADS = 4, TIMES = 5000 };
static _Atomic int granted;

static void *take_many(void *unused)
{
    (void)unused;
    for (int i = 0; i < TIMES; i++)
        granted += rates_take(rates, STR("one"), S).allowed;
    return NULL;
}

static void grants_no_token_twice(void **state)
{
    pthread_t threads[THREADS];
    (void)state;
    open_rates(1, 1000);
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, take_many, NULL), 0);
    for (size_t i = 0; i < THREADS; i++)
        (void)pthread_join(threads[i], NULL);
    assert_int_equal(granted, 1000);
}

static void says_when_memory_is_out(void **state)
{
    struct error err;
    (void)state;
    alloc_fail_at(1);
    assert_int_equal(rates_new(1, 1, &rates, &err), RC_OOM);
    alloc_fail_at(0);
    rates_free(NULL);
}

#define TEST(f) cmocka_unit_test_teardown(f, tear_down)
RUN_TESTS(TEST(grants_a_burst_and_then_the_rate), TEST(says_how_long_to_wait), TEST(holds_to_the_rate),
          TEST(keeps_callers_apart), TEST(goes_on_when_it_is_crowded), TEST(grants_no_token_twice),
          TEST(says_when_memory_is_out))
