#include "test.h"

#include <pthread.h>
#include <stdio.h>

#include "base/metrics.h"

static struct buf out;

static int set_up(void **state)
{
    (void)state;
    buf_init(&out, 1 << 20);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    buf_done(&out);
    return 0;
}

static size_t count(const char *part)
{
    size_t n = 0, k = strlen(part);
    for (size_t i = 0; i + k <= out.n; i++)
        n += memcmp(out.p + i, part, k) == 0;
    return n;
}

static void writes_each_family_once(void **state)
{
    (void)state;
    (void)metric_add(METRIC_REFUSED_RATE, 2);
    assert_int_equal(metric_add(METRIC_REFUSED_RATE, 3), 2);
    (void)metric_add(METRIC_CONNECTIONS, 4);
    (void)metric_add(METRIC_CONNECTIONS, -5);
    metric_set(METRIC_TLS_EXPIRES, INT64_MAX);
    metrics_write(&out);
    assert_false(out.failed);
    assert_int_equal(count("# TYPE palpate_http_refused_total counter\n"), 1);
    assert_int_equal(count("\npalpate_http_refused_total{kind=\"rate\"} 5\n"), 1);
    assert_int_equal(count("\npalpate_http_refused_total{kind=\"in_flight\"} 0\n"), 1);
    assert_int_equal(count("\npalpate_http_connections -1\n"), 1);
    assert_int_equal(count(" 9223372036854775807\n"), 1);
    assert_int_equal(count("# HELP"), count("# TYPE"));
    assert_int_equal(count("# HELP  "), 0);
    assert_int_equal(count(" \n"), 0); /* a family without its help */
}

/* A time that is just the bound belongs to the bucket; all above the last one are only in +Inf. */
static void counts_times_into_buckets(void **state)
{
    static const struct {
        uint64_t ns;
        const char *first; /* bucket that has it */
    } rows[] = {
        { 0, "0.0001" },        { 100000, "0.0001" },     { 100001, "0.00025" },
        { 999999999, "1" },     { 1000000000, "1" },      { 1000000001, "2.5" },
        { 10000000000u, "10" }, { 10000000001u, "+Inf" }, { 86400000000000u, "+Inf" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct histogram h = { 0 };
        char line[128];
        buf_reset(&out);
        histogram_add(&h, rows[i].ns);
        histogram_write(&out, "f", "a=\"b\"", &h);
        (void)snprintf(line, sizeof(line), "f_bucket{a=\"b\",le=\"%s\"} 1\n", rows[i].first);
        const char *at = memmem(out.p, out.n, " 1\n", 3), *start = at;
        assert_non_null(at);
        while (start > out.p && start[-1] != '\n')
            start--;
        if (strncmp(start, line, strlen(line)) != 0)
            fail_msg("row %zu: first in %.60s", i, start);
        assert_int_equal(count("f_count{a=\"b\"} 1\n"), 1);
        assert_int_equal(count("f_bucket{"), HISTOGRAM_BOUNDS + 1);
    }
    struct histogram h = { 0 };
    buf_reset(&out);
    histogram_add(&h, 1500000000);
    histogram_add(&h, 7);
    histogram_write(&out, "f", "", &h);
    assert_int_equal(count("f_sum 1.500000007\n"), 1);
    assert_int_equal(count("f_count 2\n"), 1);
    assert_int_equal(count("f_bucket{le=\"+Inf\"} 2\n"), 1);
}

static void escapes_what_a_label_holds(void **state)
{
    (void)state;
    metrics_write_label(&out, "l", STR("a\"b\\c\nd{}="));
    assert_str(buf_str(&out), STR("l=\"a\\\"b\\\\c\\nd{}=\""));
}

enum { THREADS = 4, TIMES = 20000 };
static struct histogram shared;

static void *count_many(void *unused)
{
    (void)unused;
    for (int i = 0; i < TIMES; i++) {
        (void)metric_add(METRIC_CUT_BODY, 1);
        histogram_add(&shared, 1000);
    }
    return NULL;
}

static void loses_nothing_between_threads(void **state)
{
    pthread_t threads[THREADS];
    int64_t before = metric_value(METRIC_CUT_BODY);
    char line[64];
    (void)state;
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, count_many, NULL), 0);
    for (size_t i = 0; i < THREADS; i++)
        (void)pthread_join(threads[i], NULL);
    assert_int_equal(metric_value(METRIC_CUT_BODY) - before, THREADS * TIMES);
    histogram_write(&out, "f", "", &shared);
    (void)snprintf(line, sizeof(line), "f_count %d\n", THREADS * TIMES);
    assert_int_equal(count(line), 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
RUN_TESTS(TEST(writes_each_family_once), TEST(counts_times_into_buckets), TEST(escapes_what_a_label_holds),
          TEST(loses_nothing_between_threads))
