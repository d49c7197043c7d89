/* The watch over the database, on a server that comes and goes. */
#include "test.h"

#include <time.h>

#include "alloc.h"
#include "base/date.h"
#include "base/log.h"
#include "live/live.h"
#include "store/fake_server.h"

enum { PATIENCE_MS = 8000, STEP_MS = 20 };

static struct store *connected(uint16_t port)
{
    struct store *store = NULL;
    struct error err;
    fake_will_say((struct fake_reply){ .columns = 0 });
    if (store_open(fake_conninfo(port), STORE_AS_LOGIN, &store, &err) != RC_OK)
        fail_msg("%s", err.text);
    return store;
}

static bool becomes(const struct watch *w, bool reachable)
{
    const struct timespec step = { .tv_nsec = STEP_MS * 1000000L };
    for (int waited = 0; watch_reachable(w) != reachable; waited += STEP_MS) {
        if (waited > PATIENCE_MS)
            return false;
        (void)nanosleep(&step, NULL);
    }
    return true;
}

static void sees_the_database_go_and_come_back(void **state)
{
    uint16_t port = fake_start(0);
    struct watch *w = NULL;
    struct error err;
    (void)state;
    log_set_level(LOG_ERROR); /* its lines are none of this test's business */
    assert_int_equal(watch_start_take(connected(port), &w, &err), RC_OK);
    assert_true(watch_reachable(w)); /* at once */
    fake_stop();
    if (!becomes(w, false))
        fail_msg("the watch did not see that the database is gone");
    assert_int_equal(fake_start(port), port);
    if (!becomes(w, true))
        fail_msg("the watch did not see that the database is back");
    watch_stop(w);
    fake_stop();
    log_set_level(LOG_INFO);
}

/* Whoever stops the service does not wait until the watch looks again. */
static void stops_at_once(void **state)
{
    uint16_t port = fake_start(0);
    struct watch *w = NULL;
    struct error err;
    (void)state;
    assert_int_equal(watch_start_take(connected(port), &w, &err), RC_OK);
    (void)nanosleep(&(struct timespec){ .tv_nsec = 100000000 }, NULL); /* it rests by now */
    int64_t from = clock_ms();
    watch_stop(w);
    assert_in_range(clock_ms() - from, 0, 1000);
    watch_stop(NULL);
    fake_stop();
}

/* Does nobody talk to the server any more? */
static bool is_alone(void)
{
    const struct timespec step = { .tv_nsec = STEP_MS * 1000000L };
    for (int waited = 0; waited < PATIENCE_MS; waited += STEP_MS) {
        (void)pthread_mutex_lock(&fake.lock);
        bool alone = fake.client < 0;
        (void)pthread_mutex_unlock(&fake.lock);
        if (alone)
            return true;
        (void)nanosleep(&step, NULL);
    }
    return false;
}

/* The connection is the watch's, also when there is no watch. */
static void closes_the_connection_when_memory_is_out(void **state)
{
    uint16_t port = fake_start(0);
    struct store *store = connected(port);
    struct watch *none = NULL;
    struct error err = { .code = RC_OK };
    (void)state;
    alloc_fail_at(1);
    assert_int_equal(watch_start_take(store, &none, &err), RC_OOM);
    alloc_fail_at(0);
    assert_int_equal(err.code, RC_OOM);
    assert_null(none);
    if (!is_alone())
        fail_msg("the connection is open still");
    fake_stop();
}

/* A server that is there and says nothing: it is not reachable, and nobody waits for it to the end of days. */
static void does_not_wait_for_a_server_that_says_nothing(void **state)
{
    uint16_t port = fake_start(0);
    struct watch *w = NULL;
    struct error err;
    (void)state;
    log_set_level(LOG_ERROR);
    assert_int_equal(watch_start_take(connected(port), &w, &err), RC_OK);
    fake_will_say((struct fake_reply){ .silent = true });
    if (!becomes(w, false))
        fail_msg("the watch waits for an answer");
    int64_t from = clock_ms();
    watch_stop(w);
    assert_in_range(clock_ms() - from, 0, 6000);
    fake_stop();
    log_set_level(LOG_INFO);
}

RUN_TESTS(cmocka_unit_test(sees_the_database_go_and_come_back), cmocka_unit_test(stops_at_once),
          cmocka_unit_test(closes_the_connection_when_memory_is_out),
          cmocka_unit_test(does_not_wait_for_a_server_that_says_nothing))
