#include "test.h"

#include <jansson.h>
#include <stdio.h>

#include "wire/wire.h"

static struct buf buf;
static struct arena arena;
static struct faults faults;

static int set_up(void **state)
{
    (void)state;
    buf_init(&buf, 1 << 20);
    arena_init(&arena, 0);
    faults_init(&faults, &arena);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    buf_done(&buf);
    arena_done(&arena);
    return 0;
}

static json_t *written(const struct error *err, struct str instance, const struct faults *f)
{
    json_error_t jerr;
    buf_reset(&buf);
    write_problem(&buf, err, instance, f);
    assert_false(buf.failed);
    json_t *v = json_loadb(buf.p, buf.n, JSON_REJECT_DUPLICATES, &jerr);
    if (!v)
        fail_msg("%s: %.*s", jerr.text, STR_ARGS(buf_str(&buf)));
    return v;
}

static void check_text(const json_t *v, const char *member, const char *want)
{
    const char *got = json_string_value(json_object_get(v, member));
    if (!got != !want || (got && strcmp(got, want) != 0))
        fail_msg("%s is %s, not %s", member, got ? got : "not there", want ? want : "left out");
}

static void writes_the_members_of_rfc_9457_for_every_code(void **state)
{
    (void)state;
    for (int rc = 1; rc < RC_COUNT_; rc++) {
        struct error err = { .code = (enum rc)rc, .text = "a \"sentence\"" };
        char type[128];
        json_t *v = written(&err, STR("/v1/rules/\xC3\xA9\""), NULL);
        (void)snprintf(type, sizeof(type), "/problems/%s", rc_name((enum rc)rc));
        check_text(v, "type", type);
        check_text(v, "title", rc_title((enum rc)rc));
        check_text(v, "detail", "a \"sentence\"");
        check_text(v, "instance", "/v1/rules/\xC3\xA9\"");
        assert_int_equal(json_integer_value(json_object_get(v, "status")), rc_http_status((enum rc)rc));
        assert_int_equal(json_object_size(v), 5);
        json_decref(v);
    }
}

static void leaves_out_what_is_empty(void **state)
{
    struct error err = { .code = RC_NOT_FOUND };
    (void)state;
    json_t *v = written(&err, STR(""), &faults); /* a list without faults is none */
    assert_int_equal(json_object_size(v), 3);
    check_text(v, "type", "/problems/not_found");
    json_decref(v);
    v = written(&err, (struct str){ NULL, 0 }, NULL);
    assert_int_equal(json_object_size(v), 3);
    json_decref(v);
}

static void names_every_fault(void **state)
{
    struct error err = { .code = RC_INVALID_REQUEST, .text = "the request has 3 faults" };
    static const char *const rows[][5] = {
        { "wrong_type", "/subject/age_years", "a detail", "a remedy", NULL },
        { "unknown_member", "/a~1b/0", "with \"quotes\" and \xC3\xA9", NULL, NULL },
        { "unknown_id", "", "in an item", "look at it", "rule_1" },
    };
    (void)state;
    fault_add(&faults, FAULT_WRONG_TYPE, WHERE_MEMBER(WHERE_MEMBER(NULL, STR("subject")), STR("age_years")), "a remedy",
              "a %s", "detail");
    fault_add(&faults, FAULT_UNKNOWN_MEMBER, WHERE_INDEX(WHERE_MEMBER(NULL, STR("a/b")), 0), NULL,
              "with \"quotes\" and \xC3\xA9");
    faults.item = STR("rule_1");
    fault_add(&faults, FAULT_UNKNOWN_ID, NULL, "look at it", "in an item");
    json_t *v = written(&err, STR("/v1/screenings"), &faults), *errors = json_object_get(v, "errors");
    assert_int_equal(json_object_size(v), 6); /* errors_total only where some are left out */
    assert_int_equal(json_array_size(errors), ARRAY_LEN(rows));
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const json_t *e = json_array_get(errors, i);
        check_text(e, "code", rows[i][0]);
        check_text(e, "pointer", rows[i][1]);
        check_text(e, "detail", rows[i][2]);
        check_text(e, "remedy", rows[i][3]);
        check_text(e, "item", rows[i][4]);
        assert_int_equal(json_object_size(e), 3u + (rows[i][3] != NULL) + (rows[i][4] != NULL));
    }
    json_decref(v);
}

static void counts_the_faults_that_it_leaves_out(void **state)
{
    static const size_t rows[] = { 1, FAULTS_MAX - 1, FAULTS_MAX, FAULTS_MAX + 1, 5000 };
    struct error err = { .code = RC_INVALID_REQUEST, .text = "faults" };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        faults_init(&faults, &arena);
        for (size_t k = 0; k < rows[i]; k++)
            fault_add(&faults, FAULT_TOO_MANY, WHERE_INDEX(NULL, k), "remedy", "detail");
        json_t *v = written(&err, STR("/x"), &faults), *total = json_object_get(v, "errors_total");
        assert_int_equal(json_array_size(json_object_get(v, "errors")), rows[i] < FAULTS_MAX ? rows[i] : FAULTS_MAX);
        if (!total != (rows[i] <= FAULTS_MAX) || (total && json_integer_value(total) != (json_int_t)rows[i]))
            fail_msg("%zu faults", rows[i]);
        json_decref(v);
    }
}

/* Faults whose texts were lost for want of memory leave a document that can be read. */
static void is_readable_without_the_texts(void **state)
{
    struct arena none;
    struct error err = { .code = RC_INVALID_REQUEST, .text = "the request has 1 fault" };
    (void)state;
    arena_init(&none, 1);
    faults_init(&faults, &none);
    fault_add(&faults, FAULT_TOO_LONG, WHERE_INDEX(NULL, 0), "remedy", "detail");
    json_t *v = written(&err, STR("/x"), &faults);
    check_text(json_array_get(json_object_get(v, "errors"), 0), "code", "too_long");
    json_decref(v);
}

static void fails_at_the_ceiling(void **state)
{
    struct error err = { .code = RC_INVALID_REQUEST, .text = "text" };
    (void)state;
    fault_add(&faults, FAULT_TOO_LONG, WHERE_INDEX(NULL, 0), "remedy", "detail");
    write_problem(&buf, &err, STR("/x"), &faults);
    size_t whole = buf.n;
    for (size_t ceiling = 0; ceiling <= whole + 1; ceiling++) {
        buf_done(&buf);
        buf_init(&buf, ceiling);
        write_problem(&buf, &err, STR("/x"), &faults);
        if (buf.failed != (ceiling < whole))
            fail_msg("%zu bytes with a ceiling of %zu", whole, ceiling);
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
RUN_TESTS(TEST(writes_the_members_of_rfc_9457_for_every_code), TEST(leaves_out_what_is_empty), TEST(names_every_fault),
          TEST(counts_the_faults_that_it_leaves_out), TEST(is_readable_without_the_texts), TEST(fails_at_the_ceiling))
