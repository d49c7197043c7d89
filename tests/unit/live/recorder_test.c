/* The recorder, on a server that gives any answer: what those who wait are told. */
#include "test.h"

#include <pthread.h>
#include <time.h>

#include "base/date.h"
#include "base/log.h"
#include "live/recorder.h"
#include "store/fake_server.h"

enum { PATIENCE_MS = 8000 };

static uint16_t port;
static struct recorder *recorder;
static struct error err;

static void pause_ms(long ms)
{
    (void)nanosleep(&(struct timespec){ .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L }, NULL);
}

static void all_is_stored(void)
{
    fake_will_say((struct fake_reply){ .columns = 7 });
}

static int set_up(void **state)
{
    (void)state;
    log_set_level(LOG_LEVEL_COUNT_);
    port = fake_start(0);
    all_is_stored();
    return recorder_start(fake_conninfo(port), &recorder, &err) == RC_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    recorder_stop(recorder);
    fake_stop();
    log_set_level(LOG_INFO);
    return 0;
}

static enum rc hand_in(int timeout_ms)
{
    struct record_repeat repeat;
    bool repeated = false;
    enum rc rc = recorder_store(recorder, STR("{\"a\":1}"), timeout_ms, &repeat, &repeated, &err);
    return rc == RC_OK && repeated ? RC_KEY_REUSED : rc;
}

static bool becomes(enum rc wanted)
{
    for (int64_t until = clock_ms() + PATIENCE_MS; clock_ms() < until; pause_ms(20))
        if (hand_in(PATIENCE_MS) == wanted)
            return true;
    return false;
}

static void stores(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++)
        assert_int_equal(hand_in(PATIENCE_MS), RC_OK);
    struct recorder_stats s = recorder_stats(recorder);
    assert_true(s.stored == 5 && s.batches == 5 && s.queued == 0 && s.connected && s.unavailable == 0);
    uint64_t commits = 0;
    for (size_t i = 0; i < RECORDER_COMMIT_BUCKETS; i++)
        commits += s.commits[i];
    assert_true(commits == 5 && s.sizes[0] == 5);
}

static void hands_back_what_was_used_before(void **state)
{
    static const char *const row[] = {
        "0", "f", "01a1fb53-dcf0-72e6-ac01-7066e984fbaf", "ab", "cd", "ko", "2026-11-20"
    };
    struct record_repeat repeat = { .row = 7 };
    bool repeated = false;
    (void)state;
    assert_int_equal(hand_in(PATIENCE_MS), RC_OK);
    fake_will_say((struct fake_reply){ .columns = 7, .rows = 1, .values = row });
    assert_int_equal(recorder_store(recorder, STR("{}"), PATIENCE_MS, &repeat, &repeated, &err), RC_OK);
    assert_true(repeated && !repeat.same);
    assert_string_equal(repeat.id, row[2]);
    assert_string_equal(repeat.catalogue_digest, "ab");
    assert_string_equal(repeat.answer_digest, "cd");
    assert_string_equal(repeat.language, "ko");
    assert_int_equal(recorder_stats(recorder).repeated, 1);
}

/* Nothing that the server says of a row reaches who asked. */
static void keeps_what_is_refused_to_itself(void **state)
{
    (void)state;
    assert_int_equal(hand_in(PATIENCE_MS), RC_OK);
    fake_will_say((struct fake_reply){ .sqlstate = "23514", .message = "s3cret", .detail = "s3cret" });
    assert_int_equal(hand_in(PATIENCE_MS), RC_RECORD_UNAVAILABLE);
    assert_null(strstr(err.text, "s3cret"));
    all_is_stored();
    assert_int_equal(hand_in(PATIENCE_MS), RC_OK); /* on the same connection */
    struct recorder_stats s = recorder_stats(recorder);
    assert_true(s.refused == 1 && s.stored == 2 && s.reconnects == 1);
}

static void goes_on_after_what_passes(void **state)
{
    static const char *const states[] = { "40001", "53100", "57014", "25006", "55P03" };
    (void)state;
    assert_int_equal(hand_in(PATIENCE_MS), RC_OK);
    for (size_t i = 0; i < ARRAY_LEN(states); i++) {
        fake_will_say((struct fake_reply){ .sqlstate = states[i], .message = "no" });
        if (hand_in(300) != RC_RECORD_UNAVAILABLE)
            fail_msg("%s", states[i]);
        all_is_stored();
        if (!becomes(RC_OK))
            fail_msg("%s: never again", states[i]);
    }
    assert_int_equal(recorder_stats(recorder).refused, 0);
}

/* A connection that is lost at the commit is made anew before the one who waits notices. */
static void makes_a_lost_connection_anew(void **state)
{
    (void)state;
    assert_int_equal(hand_in(PATIENCE_MS), RC_OK);
    fake_stop();
    assert_int_equal(fake_start(port), port);
    assert_int_equal(hand_in(PATIENCE_MS), RC_OK);
    assert_int_equal(recorder_stats(recorder).reconnects, 2);
}

static void refuses_at_once_while_the_server_is_away(void **state)
{
    (void)state;
    assert_int_equal(hand_in(PATIENCE_MS), RC_OK);
    fake_stop();
    assert_int_equal(hand_in(300), RC_RECORD_UNAVAILABLE);
    pause_ms(300);
    int64_t begin = clock_ms();
    for (int i = 0; i < 50; i++)
        assert_int_equal(hand_in(PATIENCE_MS), RC_RECORD_UNAVAILABLE);
    assert_true(clock_ms() - begin < 1000);
    assert_false(recorder_stats(recorder).connected);
    assert_int_equal(fake_start(port), port);
    assert_true(becomes(RC_OK));
    struct recorder_stats s = recorder_stats(recorder);
    assert_true(s.unavailable >= 51 && s.queued == 0 && s.connected);
}

static void gives_up_in_time(void **state)
{
    (void)state;
    assert_int_equal(hand_in(PATIENCE_MS), RC_OK);
    fake_will_say((struct fake_reply){ .silent = true });
    int64_t begin = clock_ms();
    assert_int_equal(hand_in(200), RC_RECORD_UNAVAILABLE); /* it is with the server */
    assert_int_equal(hand_in(200), RC_RECORD_UNAVAILABLE); /* it waits behind that */
    assert_true(clock_ms() - begin >= 400 && clock_ms() - begin < 3000);
    assert_int_equal(recorder_stats(recorder).queued, 0); /* and is withdrawn */
    fake_stop(); /* the connection is cut: no need to wait until the recorder gives up */
    assert_int_equal(fake_start(port), port);
    all_is_stored();
    assert_true(becomes(RC_OK));
}

static void refuses_what_is_too_large(void **state)
{
    static char big[1024 * 1024 + 1];
    struct record_repeat repeat;
    bool repeated;
    (void)state;
    assert_int_equal(recorder_store(recorder, (struct str){ big, sizeof(big) }, 100, &repeat, &repeated, &err), RC_OOM);
}

static atomic_int stored, refused;

static void *crowd(void *unused)
{
    for (int i = 0; i < 50; i++) {
        struct record_repeat repeat;
        bool repeated;
        struct error why;
        /* a few give up before anything can be done */
        int timeout_ms = i % 10 == 9 ? 0 : PATIENCE_MS;
        bool good = recorder_store(recorder, STR("{}"), timeout_ms, &repeat, &repeated, &why) == RC_OK;
        atomic_fetch_add(good ? &stored : &refused, 1);
    }
    return unused;
}

/* Every one of many gets its answer, whatever happens to the connection meanwhile. */
static void serves_a_crowd(void **state)
{
    pthread_t threads[16];
    (void)state;
    atomic_store(&stored, 0);
    atomic_store(&refused, 0);
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, crowd, NULL), 0);
    for (int i = 0; i < 3; i++) {
        pause_ms(5);
        fake_stop();
        assert_int_equal(fake_start(port), port);
    }
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        (void)pthread_join(threads[i], NULL);
    assert_int_equal(stored + refused, 16 * 50);
    struct recorder_stats s = recorder_stats(recorder);
    assert_true(s.queued == 0 && s.stored >= (uint64_t)stored);
    assert_true(becomes(RC_OK));
}

static void starts_and_stops_without_a_server(void **state)
{
    (void)state;
    recorder_stop(recorder);
    fake_stop();
    assert_int_equal(recorder_start(fake_conninfo(port), &recorder, &err), RC_OK);
    int64_t begin = clock_ms();
    (void)hand_in(100);
    recorder_stop(recorder);
    assert_true(clock_ms() - begin < 3000);
    recorder_stop(NULL);
    assert_int_equal(fake_start(port), port);
    assert_int_equal(recorder_start(fake_conninfo(port), &recorder, &err), RC_OK);
    assert_true(becomes(RC_OK));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
RUN_TESTS(TEST(stores), TEST(hands_back_what_was_used_before), TEST(keeps_what_is_refused_to_itself),
          TEST(goes_on_after_what_passes), TEST(makes_a_lost_connection_anew),
          TEST(refuses_at_once_while_the_server_is_away), TEST(gives_up_in_time), TEST(refuses_what_is_too_large),
          TEST(serves_a_crowd), TEST(starts_and_stops_without_a_server))
