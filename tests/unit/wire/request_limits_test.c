/* Every bound on a request: one below, at and one above it. */
#include "test.h"

#include "alloc.h"
#include "wire/reading.h"

static char body[BODY_BYTES_MAX * 2];
static size_t body_n;

static void add(const char *text)
{
    size_t n = strlen(text);
    assert_true(body_n + n < sizeof(body));
    memcpy(body + body_n, text, n + 1);
    body_n += n;
}

/* `n` times `item`, separated by commas. */
static void add_items(const char *item, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        add(i ? "," : "");
        add(item);
    }
}

static void check(const char *what, size_t n, const char *want)
{
    enum rc rc = read_quoted(body);
    if (rc != (*want ? RC_INVALID_REQUEST : RC_OK) || strcmp(found(), want) != 0)
        fail_msg("%s, %zu: %s, %s", what, n, rc_name(rc), found());
}

static void bounds_the_lists(void **state)
{
    static const struct {
        const char *before, *item, *after;
        size_t limit;
        const char *pointer;
    } rows[] = {
        { "{'subject':{'age_years':46},'complaints':[", "{'region':'neck'}", "]}", 50, "/complaints" },
        { "{'subject':{'age_years':46},'goals':[", "'sleep'", "]}", 8, "/goals" },
        { "{'subject':{'age_years':46},'complaints':[{'region':'neck','radiates_to':[", "'head'", "]}]}", 23,
          "/complaints/0/radiates_to" },
        { "{'subject':{'age_years':46},'goals':['sleep'],'symptoms':[", "{'id':'x'}", "]}", 500, "/symptoms" },
        { "{'subject':{'age_years':46},'goals':['sleep'],'history':{'conditions':[", "{'id':'x'}", "]}}", 500,
          "/history/conditions" },
        { "{'subject':{'age_years':46},'goals':['sleep'],'history':{'medications':[", "{'id':'x'}", "]}}", 500,
          "/history/medications" },
        { "{'subject':{'age_years':46},'goals':['sleep'],'history':{'procedures':[", "{'id':'x'}", "]}}", 500,
          "/history/procedures" },
        { "{'subject':{'age_years':46},'goals':['sleep'],'history':{'injuries':[", "{'id':'x'}", "]}}", 500,
          "/history/injuries" },
        { "{'subject':{'age_years':46},'goals':['sleep'],'clearances':[",
          "{'for':'x','by':'surgeon','date':'2026-01-01'}", "]}", 100, "/clearances" },
        { "{'subject':{'age_years':46},'goals':['sleep'],'preferences':{'techniques':[", "'x'", "]}}", 64,
          "/preferences/techniques" },
        { "{'subject':{'age_years':46},'goals':['sleep'],'progress':[", "{'date':'2026-01-01'}", "]}", 366,
          "/progress" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        for (size_t n = rows[i].limit - 1; n <= rows[i].limit + 1; n++) {
            char want[128] = "";
            if (n > rows[i].limit)
                (void)snprintf(want, sizeof(want), "too_many %s", rows[i].pointer);
            body_n = 0;
            add(rows[i].before);
            add_items(rows[i].item, n);
            add(rows[i].after);
            check(rows[i].pointer, n, want);
            if (n > rows[i].limit) {
                (void)snprintf(want, sizeof(want), "send at most %zu", rows[i].limit);
                assert_str(faults.at[0].remedy, str_of(want));
            }
        }
    }
}

/* Symptoms and history share one bound. */
static void bounds_the_findings_of_all_lists_together(void **state)
{
    static const struct {
        size_t n[5]; /* symptoms, conditions, medications, procedures, injuries */
        const char *faults;
        size_t read;
    } rows[] = {
        { { 100, 100, 100, 100, 99 }, "", 499 },
        { { 100, 100, 100, 100, 100 }, "", 500 },
        { { 100, 100, 100, 100, 101 }, "too_many /history/injuries", 0 },
        { { 500, 0, 0, 0, 0 }, "", 500 },
        { { 500, 1, 0, 0, 0 }, "too_many /history/conditions", 0 },
        { { 1, 500, 0, 0, 0 }, "too_many /history/conditions", 0 },
        { { 0, 250, 0, 250, 1 }, "too_many /history/injuries", 0 },
        { { 501, 500, 0, 0, 0 }, "too_many /symptoms", 0 },
        { { 300, 300, 200, 1, 0 }, "too_many /history/conditions, too_many /history/procedures", 0 },
        { { 501, 501, 501, 501, 501 },
          "too_many /symptoms, too_many /history/conditions, too_many /history/medications, too_many "
          "/history/procedures, "
          "too_many /history/injuries",
          0 },
    };
    static const char *const names[] = { "],'history':{'conditions':[", "],'medications':[", "],'procedures':[",
                                         "],'injuries':[" };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        body_n = 0;
        add("{'subject':{'age_years':46},'goals':['sleep'],'symptoms':[");
        for (size_t k = 0; k < 5; k++) {
            if (k)
                add(names[k - 1]);
            add_items("{'id':'x'}", rows[i].n[k]);
        }
        add("]}}");
        check("row", i, rows[i].faults);
        if (!*rows[i].faults)
            assert_int_equal(screening.n_findings, rows[i].read);
    }
}

/* In characters: one of one byte, one of two, one of four. */
static void bounds_the_texts(void **state)
{
    static const struct {
        const char *before, *after;
        size_t limit;
        const char *pointer;
    } rows[] = {
        { "{'subject':{'age_years':46,'ref':'", "'},'goals':['sleep']}", 128, "/subject/ref" },
        { "{'subject':{'age_years':46},'goals':['sleep'],'symptoms':[{'id':'", "'}]}", 64, "/symptoms/0/id" },
        { "{'subject':{'age_years':46},'goals':['sleep'],'symptoms':[{'code':'x','system':'", "'}]}", 64,
          "/symptoms/0/system" },
        { "{'subject':{'age_years':46},'goals':['sleep'],'symptoms':[{'system':'x','code':'", "'}]}", 32,
          "/symptoms/0/code" },
        { "{'subject':{'age_years':46},'goals':['sleep'],'history':{'injuries':[{'id':'", "'}]}}", 64,
          "/history/injuries/0/id" },
        { "{'subject':{'age_years':46},'goals':['sleep'],'clearances':[{'by':'surgeon','date':'2026-01-01','"
          "for':'",
          "'}]}", 64, "/clearances/0/for" },
        { "{'subject':{'age_years':46},'goals':['sleep'],'preferences':{'techniques':['", "']}}", 64,
          "/preferences/techniques/0" },
        { "{'subject':{'age_years':46},'goals':['sleep'],'progress':[{'date':'2026-01-01','technique':'", "'}]}", 64,
          "/progress/0/technique" },
    };
    static const char *const characters[] = { "x", "\xC3\xA9", "\xF0\x9F\x98\x80", "\\u20ac" };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        for (size_t c = 0; c < ARRAY_LEN(characters); c++) {
            for (size_t n = rows[i].limit - 1; n <= rows[i].limit + 1; n++) {
                char want[128] = "";
                if (n > rows[i].limit)
                    (void)snprintf(want, sizeof(want), "too_long %s", rows[i].pointer);
                body_n = 0;
                add(rows[i].before);
                for (size_t k = 0; k < n; k++)
                    add(characters[c]);
                add(rows[i].after);
                check(rows[i].pointer, n, want);
            }
        }
    }
}

static void bounds_the_attributes_as_their_table_says(void **state)
{
    (void)state;
    for (int a = 0; a < ATTR_COUNT_; a++) {
        const struct attribute_info *info = &attribute_table[a];
        if (info->type != VALUE_INTEGER)
            continue;
        const int32_t values[] = { info->min - 1, info->min, info->min + 1, info->max - 1, info->max, info->max + 1 };
        for (size_t i = 0; i < ARRAY_LEN(values); i++) {
            char want[128] = "";
            bool good = values[i] >= info->min && values[i] <= info->max;
            if (!good)
                (void)snprintf(want, sizeof(want), "out_of_range /symptoms/0/%s", info->name.p);
            (void)snprintf(body, sizeof(body),
                           "{'subject':{'age_years':46},'goals':['sleep'],'symptoms':[{'id':'x','%s':%d}]}",
                           info->name.p, values[i]);
            check(info->name.p, i, want);
            if (good) {
                assert_int_equal(screening.findings[0].has, 1u << a);
                assert_int_equal(screening.findings[0].value[a], values[i]);
            }
        }
        static const char *const others[] = { "1.5", "'1'", "null", "true", "[1]" };
        for (size_t i = 0; i < ARRAY_LEN(others); i++) {
            char want[128];
            (void)snprintf(want, sizeof(want), "wrong_type /symptoms/0/%s", info->name.p);
            (void)snprintf(body, sizeof(body),
                           "{'subject':{'age_years':46},'goals':['sleep'],'symptoms':[{'id':'x','%s':%s}]}",
                           info->name.p, others[i]);
            check(info->name.p, i, want);
        }
    }
}

static void keeps_the_first_hundred_faults(void **state)
{
    static const size_t rows[] = { FAULTS_MAX - 1, FAULTS_MAX, FAULTS_MAX + 1, 500 };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char want[64];
        body_n = 0;
        add("{'subject':{'age_years':46},'goals':['sleep'],'symptoms':[");
        add_items("{}", rows[i]);
        add("]}");
        assert_int_equal(read_quoted(body), RC_INVALID_REQUEST);
        assert_int_equal(faults.total, rows[i]);
        assert_int_equal(faults.n, rows[i] < FAULTS_MAX ? rows[i] : FAULTS_MAX);
        (void)snprintf(want, sizeof(want), "the request has %zu faults", rows[i]);
        assert_string_equal(err.text, want);
        (void)snprintf(want, sizeof(want), "/symptoms/%zu", faults.n - 1);
        assert_str(faults.at[faults.n - 1].pointer, str_of(want));
    }
}

/* A body as large as one may be: one member after the other that nobody knows. */
static void reads_the_largest_body(void **state)
{
    (void)state;
    body_n = 0;
    add("{'subject':{'age_years':46},'goals':['sleep']");
    for (int i = 0; body_n + 32 < BODY_BYTES_MAX; i++) {
        char member[32];
        (void)snprintf(member, sizeof(member), ",'m%d':0", i);
        add(member);
    }
    add("}");
    assert_int_equal(read_quoted(body), RC_INVALID_REQUEST);
    assert_int_equal(faults.n, FAULTS_MAX);
    assert_true(faults.total > 5000);
}

static void says_when_memory_is_out(void **state)
{
    static const char *const rows[] = {
        "{'subject':{'age_years':46},'complaints':[{'region':'neck'}],'symptoms':[{'id':'fever'}]}",
        "{'subject':{'age_years':46},'goals':['x']}",
        "{'subject':{'age_years':46},'goals':['sleep'],'progress':[{'date':'2026-01-01'}]}",
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        arena_done(&arena);
        alloc_fail_at(1);
        enum rc rc = read_quoted(rows[i]);
        alloc_fail_at(0);
        if (rc != RC_OOM || err.code != RC_OOM)
            fail_msg("%s: %s", rows[i], rc_name(rc));
    }
}

/* A finding whose name was lost would be one that nobody judges. */
static void loses_no_text_when_memory_is_out(void **state)
{
    (void)state;
    for (long at = 1; at <= 4; at++) {
        body_n = 0;
        add("{'subject':{'age_years':46,'ref':'x'},'goals':['sleep'],'symptoms':[");
        add_items("{'id':'fever_with_a_name_that_is_as_long_as_a_name_may_ever_be_here'}", 490);
        add("]}");
        arena_done(&arena);
        alloc_fail_at(at);
        enum rc rc = read_quoted(body);
        alloc_fail_at(0);
        if (rc != RC_OK && rc != RC_OOM)
            fail_msg("allocation %ld: %s", at, rc_name(rc));
        for (size_t i = 0; rc == RC_OK && i < screening.n_findings; i++)
            if (!screening.findings[i].id.p || !screening.ref.p)
                fail_msg("allocation %ld: finding %zu has lost its name, or the person the reference", at, i);
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
RUN_TESTS(TEST(bounds_the_lists), TEST(bounds_the_findings_of_all_lists_together), TEST(bounds_the_texts),
          TEST(bounds_the_attributes_as_their_table_says), TEST(keeps_the_first_hundred_faults),
          TEST(reads_the_largest_body), TEST(says_when_memory_is_out), TEST(loses_no_text_when_memory_is_out))
