#include "test.h"

#include <stdio.h>
#include <stdlib.h>

#include "domain/json_read.h"

static void reads_what_is_json(void **state)
{
    static const struct str rows[] = {
        STR("{}"),
        STR("[]"),
        STR(" \t\r\n{ } \n"),
        STR("{\"a\":{\"a\":1},\"A\":2}"),
        STR("[0,-0,1.5,1e5,-1E-5,9223372036854775807,-9223372036854775808,1e-999,1.7976931348623157e308]"),
        STR("[true,false,null,\"\"]"),
        STR("[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00\"]"),
        STR("[\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\x7F\"]"),
        STR("42"),
        STR("\"text\""),
        STR("null"),
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct error err = { .code = RC_OK };
        json_t *v = json_parse(rows[i], &err);
        if (!v)
            fail_msg("row %zu, %.*s: %s", i, STR_ARGS(rows[i]), err.text);
        assert_int_equal(err.code, RC_OK);
        json_decref(v);
    }
}

static void keeps_what_it_reads(void **state)
{
    struct error err;
    json_t *v = json_parse(STR("{\"s\":\"\\u00e9\xE2\x82\xAC\",\"n\":-12,\"x\":0.25,\"l\":[true,null]}"), &err);
    (void)state;
    assert_non_null(v);
    assert_string_equal(json_string_value(json_object_get(v, "s")), "\xC3\xA9\xE2\x82\xAC");
    assert_int_equal(json_integer_value(json_object_get(v, "n")), -12);
    assert_true(json_real_value(json_object_get(v, "x")) == 0.25);
    assert_true(json_is_true(json_array_get(json_object_get(v, "l"), 0)));
    assert_true(json_is_null(json_array_get(json_object_get(v, "l"), 1)));
    json_decref(v);
}

#define EMPTY   "empty"
#define EARLY   "ends too early"
#define AFTER   "something after the end"
#define TWICE   "stands twice"
#define NOT_UTF "not valid UTF-8"
#define ZERO    "U+0000"
#define LARGE   "too large"
#define BAD     "not valid JSON"

static void refuses_what_is_not_json(void **state)
{
    static const struct {
        struct str text;
        const char *says;
    } rows[] = {
        { STR(""), EMPTY },
        { STR(" "), EARLY },
        { STR("\n\n"), EARLY },
        { STR("{"), EARLY },
        { STR("["), EARLY },
        { STR("{\"a\""), EARLY },
        { STR("{\"a\":"), EARLY },
        { STR("{\"a\":1"), EARLY },
        { STR("[\"a"), EARLY },
        { STR("[\"a\\"), BAD },
        { STR("{} x"), AFTER },
        { STR("{}{}"), AFTER },
        { STR("[],"), AFTER },
        { STR("{}}"), AFTER },
        { STR("{}\0"), AFTER },
        { STR("[]//comment"), AFTER },
        { STR("{\"a\":1,\"a\":1}"), TWICE },
        { STR("{\"a\":1,\"\\u0061\":2}"), TWICE },
        { STR("{\"x\":[{\"b\":1,\"c\":2,\"b\":null}]}"), TWICE },
        { STR("[\"\xFF\"]"), NOT_UTF },
        { STR("[\"\xC3\"]"), NOT_UTF },
        { STR("[\"\xC3\x28\"]"), NOT_UTF },
        { STR("[\"\x80\"]"), NOT_UTF },
        { STR("[\"\xC0\x80\"]"), NOT_UTF },         /* too long a form */
        { STR("[\"\xE0\x80\xAF\"]"), NOT_UTF },     /* too long a form */
        { STR("[\"\xED\xA0\x80\"]"), NOT_UTF },     /* half of a pair */
        { STR("[\"\xF4\x90\x80\x80\"]"), NOT_UTF }, /* above U+10FFFF */
        { STR("[\"\xF5\x80\x80\x80\"]"), NOT_UTF },
        { STR("{\"\xFF\":1}"), NOT_UTF },
        { STR("[1]\xFF"), NOT_UTF },
        { STR("\xFF\xFE[\0]\0"), NOT_UTF }, /* UTF-16 */
        { STR("[\"\\u0000\"]"), ZERO },
        { STR("{\"a\\u0000b\":1}"), ZERO },
        { STR("[\"a\0b\"]"), BAD },
        { STR("[\"\\ud800\"]"), BAD },
        { STR("[\"\\udc00\\ud800\"]"), BAD },
        { STR("[\"\\ud800\\u0041\"]"), BAD },
        { STR("[1e999]"), LARGE },
        { STR("[-1e999]"), LARGE },
        { STR("[9223372036854775808]"), LARGE },
        { STR("[-9223372036854775809]"), LARGE },
        { STR("{\"n\":123456789012345678901234567890}"), LARGE },
        { STR("[NaN]"), BAD },
        { STR("[nan]"), BAD },
        { STR("[Infinity]"), BAD },
        { STR("[-Infinity]"), BAD },
        { STR("[01]"), BAD },
        { STR("[-01]"), BAD },
        { STR("[+1]"), BAD },
        { STR("[.5]"), BAD },
        { STR("[1.]"), BAD },
        { STR("[1e]"), BAD },
        { STR("[1e+]"), BAD },
        { STR("[-]"), BAD },
        { STR("[0x10]"), BAD },
        { STR("[1,]"), BAD },
        { STR("[,1]"), BAD },
        { STR("[1 2]"), BAD },
        { STR("[1;2]"), BAD },
        { STR("{\"a\":}"), BAD },
        { STR("{\"a\" 1}"), BAD },
        { STR("{\"a\":1,}"), BAD },
        { STR("{,}"), BAD },
        { STR("{a:1}"), BAD },
        { STR("{'a':1}"), BAD },
        { STR("{1:1}"), BAD },
        { STR("{\"a\":1 \"b\":2}"), BAD },
        { STR("]"), BAD },
        { STR("[}"), BAD },
        { STR("{]"), BAD },
        { STR("[tru]"), BAD },
        { STR("[True]"), BAD },
        { STR("[nulll]"), BAD },
        { STR("[\"\\x41\"]"), BAD },
        { STR("[\"\\u12\"]"), BAD },
        { STR("[\"\\u12g4\"]"), BAD },
        { STR("[\"a\nb\"]"), BAD },
        { STR("[\"a\tb\"]"), BAD },
        { STR("[\"\x1F\"]"), BAD },
        { STR("[\"a\\\nb\"]"), BAD },
        { STR("/*comment*/[]"), BAD },
        { STR("\xEF\xBB\xBF{}"), BAD }, /* a byte order mark */
        { STR("\x0B[]"), BAD },
        { STR("\xC2\xA0[]"), BAD }, /* a space that is none in JSON */
        { STR("undefined"), BAD },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct error err = { .code = RC_OK };
        json_t *v = json_parse(rows[i].text, &err);
        if (v || err.code != RC_MALFORMED_JSON || !strstr(err.text, rows[i].says))
            fail_msg("row %zu, %.*s: %s", i, STR_ARGS(rows[i].text), v ? "was read" : err.text);
    }
}

/* Nobody's answers are quoted, but the place is named. */
static void says_where_and_never_what(void **state)
{
    static const struct {
        const char *text, *where;
    } rows[] = {
        { "{\"marker\":\"marker\",}", "(line 1, column" },
        { "{\n \"marker\": \"marker\"\n marker\n}", "(line 3, column" },
        { "{\n\n\n\"marker\":1,\"marker\":2}", "(line 4, column" },
        { "marker", "(line 1, column" },
        { "{\"marker\":marker}", "(line 1, column" },
        { "[\"marker\\u0000\"]", "(line 1, column" },
        { "[\"marker\", marker9223372036854775808]", "(line 1, column" },
        { "[\"marker", "(line 1, column" },
        { "[1]marker", "(line 1, column" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct error err = { .code = RC_OK };
        assert_null(json_parse(str_of(rows[i].text), &err));
        if (strstr(err.text, "marker") || !strstr(err.text, rows[i].where))
            fail_msg("row %zu, %s: %s", i, rows[i].text, err.text);
    }
}

static bool parses(const char *text, struct error *err)
{
    json_t *v = json_parse(str_of(text), err);
    json_decref(v);
    return v != NULL;
}

static void bounds_the_depth(void **state)
{
    static const struct {
        const char *open, *close;
    } rows[] = { { "[", "]" }, { "{\"a\":", "}" }, { "[[],", "]" }, { "{\"\\\"[\":", "}" }, { "[\"]]\",", "]" } };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        for (int depth = JSON_DEPTH_MAX - 1; depth <= JSON_DEPTH_MAX + 1; depth++) {
            char text[1024] = "";
            size_t n = 0;
            struct error err;
            for (int k = 0; k < depth; k++)
                n += (size_t)snprintf(text + n, sizeof(text) - n, "%s", k + 1 < depth ? rows[i].open : "[");
            for (int k = 0; k < depth; k++)
                n += (size_t)snprintf(text + n, sizeof(text) - n, "%s", k ? rows[i].close : "]");
            if (parses(text, &err) != (depth <= JSON_DEPTH_MAX))
                fail_msg("%d levels: %s", depth, text);
            if (depth > JSON_DEPTH_MAX)
                assert_non_null(strstr(err.text, "more than 32 levels"));
        }
    }
}

static void counts_no_brackets_inside_strings(void **state)
{
    static char text[4000];
    struct error err;
    (void)state;
    static const char *const rows[] = { "[", "{", "\\\"[", "\\\\", "\\\\\\\"{[" };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        size_t n = (size_t)snprintf(text, sizeof(text), "[\"");
        for (int k = 0; k < 100; k++)
            n += (size_t)snprintf(text + n, sizeof(text) - n, "%s", rows[i]);
        (void)snprintf(text + n, sizeof(text) - n, "\",\"[[\"]");
        if (!parses(text, &err))
            fail_msg("row %zu: %s", i, err.text);
    }
    /* siblings are no levels either */
    size_t n = (size_t)snprintf(text, sizeof(text), "[");
    for (int k = 0; k < 500; k++)
        n += (size_t)snprintf(text + n, sizeof(text) - n, "[],{},");
    (void)snprintf(text + n, sizeof(text) - n, "0]");
    assert_true(parses(text, &err));
}

static void survives_any_number_of_brackets(void **state)
{
    static char text[1 << 20];
    static const char brackets[] = "[{]}\"";
    struct error err;
    (void)state;
    for (size_t i = 0; i < sizeof(brackets) - 1; i++) {
        memset(text, brackets[i], sizeof(text));
        assert_null(json_parse((struct str){ text, sizeof(text) }, &err));
        assert_int_equal(err.code, RC_MALFORMED_JSON);
    }
}

static void names_kinds(void **state)
{
    static const char *const rows[][2] = {
        { "{}", "an object" }, { "[]", "an array" },    { "\"\"", "a string" },   { "1", "a number" },
        { "1.5", "a number" }, { "true", "a boolean" }, { "false", "a boolean" }, { "null", "null" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct error err;
        json_t *v = json_parse(str_of(rows[i][0]), &err);
        assert_non_null(v);
        assert_string_equal(json_kind(v), rows[i][1]);
        json_decref(v);
    }
}

static long heap_calls, heap_fails_at;

static void *failing_heap(size_t n)
{
    return ++heap_calls == heap_fails_at ? NULL : malloc(n);
}

/* Our lack of memory is not the client's mistake. (The lexer of jansson hides some of its failed allocations.) */
static void says_when_memory_is_out(void **state)
{
    static const long rows[] = { 1, 2, 3, 5, 6, 8, 9 };
    (void)state;
    json_set_alloc_funcs(failing_heap, free);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct error err = { .code = RC_OK };
        heap_calls = 0;
        heap_fails_at = rows[i];
        if (json_parse(STR("{\"subject\":{\"age_years\":46,\"ref\":\"abc\"},\"goals\":[\"sleep\",1.5]}"), &err) ||
            err.code != RC_OOM)
            fail_msg("allocation %ld: %s", rows[i], err.text);
    }
    json_set_alloc_funcs(malloc, free);
}

RUN_TESTS(cmocka_unit_test(reads_what_is_json), cmocka_unit_test(keeps_what_it_reads),
          cmocka_unit_test(refuses_what_is_not_json), cmocka_unit_test(says_where_and_never_what),
          cmocka_unit_test(bounds_the_depth), cmocka_unit_test(counts_no_brackets_inside_strings),
          cmocka_unit_test(survives_any_number_of_brackets), cmocka_unit_test(names_kinds),
          cmocka_unit_test(says_when_memory_is_out))
