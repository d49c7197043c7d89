/* The watch over the database, on a server that comes and goes. */
#include "test.h"

#include <time.h>

#include "alloc.h"
#include "base/date.h"
#include "base/log.h"
#include "live/live.h"
#include "live/tiny_catalogue.h"
#include "store/fake_server.h"

enum { PATIENCE_MS = 8000, STEP_MS = 20 };

/* Follows no catalogue: only sees whether the server is there. */
static enum rc start_on(uint16_t port, struct watch **ret, struct error *reterr)
{
    const struct watch_config config = { .conninfo = fake_conninfo(port) };
    fake_will_say((struct fake_reply){ .columns = 0 });
    return watch_start(&config, ret, reterr);
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
    assert_int_equal(start_on(port, &w, &err), RC_OK);
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
    assert_int_equal(start_on(port, &w, &err), RC_OK);
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

static void closes_the_connection_when_memory_is_out(void **state)
{
    uint16_t port = fake_start(0);
    struct watch *none = NULL;
    struct error err = { .code = RC_OK };
    (void)state;
    alloc_fail_at(1);
    assert_int_equal(start_on(port, &none, &err), RC_OOM);
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
    assert_int_equal(start_on(port, &w, &err), RC_OK);
    fake_will_say((struct fake_reply){ .silent = true });
    if (!becomes(w, false))
        fail_msg("the watch waits for an answer");
    int64_t from = clock_ms();
    watch_stop(w);
    assert_in_range(clock_ms() - from, 0, 6000);
    fake_stop();
    log_set_level(LOG_INFO);
}

static struct catalogue *from_files(void *number, struct error *reterr)
{
    if (number)
        return tiny_catalogue(*(const unsigned *)number);
    (void)error_set(reterr, RC_FILE, "there are no files");
    return NULL;
}

/* Nobody is there at the start: what the files say is served, and the database is looked for. */
static void starts_without_the_database(void **state)
{
    uint16_t port = fake_start(0);
    unsigned number = 5;
    struct slot *slot;
    struct watch *w = NULL;
    struct watch_status status;
    struct error err;
    (void)state;
    fake_stop();
    log_set_level(LOG_ERROR);
    assert_int_equal(slot_new(&slot, NULL), RC_OK);
    struct watch_config config = {
        .conninfo = fake_conninfo(port), .slot = slot, .room = 16, .follows = true, .files = from_files
    };
    assert_int_equal(watch_start(&config, &w, &err), RC_FILE);
    assert_string_equal(err.text, "there are no files");
    config.files_arg = &number;
    assert_int_equal(watch_start(&config, &w, &err), RC_OK);
    watch_look(w, &status);
    assert_true(!status.reachable && status.from == FROM_FILES && status.n_refused == 0 && status.connects == 0);
    struct catalogue *cat = slot_acquire(slot, "");
    assert_str(cat->version, STR("5"));
    catalogue_unref(cat);
    /* a server that is there but wants no catalogue changes nothing */
    fake_will_say((struct fake_reply){ .sqlstate = "42883", .message = "no such function" });
    assert_int_equal(fake_start(port), port);
    for (int waited = 0; status.connects == 0 && waited < PATIENCE_MS; waited += STEP_MS) {
        (void)nanosleep(&(struct timespec){ .tv_nsec = STEP_MS * 1000000L }, NULL);
        watch_look(w, &status);
    }
    watch_stop(w);
    cat = slot_acquire(slot, "");
    assert_str(cat->version, STR("5"));
    catalogue_unref(cat);
    slot_free(slot);
    fake_stop();
    log_set_level(LOG_INFO);
}

/* A database that is there and of no use is a mistake that somebody must see at once. */
static void refuses_a_database_of_no_use(void **state)
{
    static const struct fake_reply rows[] = { { .sqlstate = "42883", .message = "m" },
                                              { .sqlstate = "22023", .message = "no such role" },
                                              { .sqlstate = "42501", .message = "m" },
                                              { .columns = 5, .rows = 0 } };
    struct slot *slot;
    struct watch *none = NULL;
    struct error err;
    (void)state;
    assert_int_equal(slot_new(&slot, NULL), RC_OK);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        uint16_t port = fake_start(0);
        unsigned number = 5;
        struct watch_config config = { .conninfo = fake_conninfo(port),
                                       .slot = slot,
                                       .room = 16,
                                       .follows = true,
                                       .files = from_files,
                                       .files_arg = &number };
        fake_will_say(rows[i]);
        enum rc rc = watch_start(&config, &none, &err);
        if (rc != RC_NO_CATALOGUE && rc != RC_STORE_REFUSED)
            fail_msg("row %zu: %s: %s", i, rc_name(rc), err.text);
        assert_null(none);
        fake_stop();
    }
    slot_free(slot);
}

RUN_TESTS(cmocka_unit_test(sees_the_database_go_and_come_back), cmocka_unit_test(stops_at_once),
          cmocka_unit_test(closes_the_connection_when_memory_is_out),
          cmocka_unit_test(does_not_wait_for_a_server_that_says_nothing), cmocka_unit_test(starts_without_the_database),
          cmocka_unit_test(refuses_a_database_of_no_use))
