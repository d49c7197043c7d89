#include "test.h"

#include <jansson.h>

#include "wire/wire.h"

static struct buf buf;
static struct json_out out;

static int set_up(void **state)
{
    (void)state;
    buf_init(&buf, 1 << 20);
    out = (struct json_out){ &buf, false };
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    buf_done(&buf);
    return 0;
}

static void restart(void)
{
    buf_reset(&buf);
    out.comma = false;
}

static void separates_members_and_items(void **state)
{
    static const struct str list[] = { STR("a"), STR("b") };
    (void)state;
    out_open(&out, NULL, '{');
    out_open(&out, "none", '[');
    out_close(&out, ']');
    out_open(&out, "list", '[');
    out_int(&out, NULL, 1);
    out_bool(&out, NULL, true);
    out_open(&out, NULL, '{');
    out_close(&out, '}');
    out_open(&out, NULL, '{');
    out_bool(&out, "no", false);
    out_close(&out, '}');
    out_str(&out, NULL, STR(""));
    out_close(&out, ']');
    out_int(&out, "least", INT64_MIN);
    out_date(&out, "day", 20777);
    out_strs(&out, "strs", (struct strs){ list, 2 });
    out_per_week(&out, "rate", 150);
    out_close(&out, '}');
    assert_str(buf_str(&buf),
               STR("{\"none\":[],\"list\":[1,true,{},{\"no\":false},\"\"],\"least\":-9223372036854775808,"
                   "\"day\":\"2026-11-20\",\"strs\":[\"a\",\"b\"],\"rate\":1.5}"));
}

static void leaves_out_what_is_empty(void **state)
{
    static const struct str one[] = { STR("") };
    (void)state;
    out_open(&out, NULL, '{');
    out_str_if(&out, "a", (struct str){ NULL, 0 });
    out_str_if(&out, "b", STR(""));
    out_strs(&out, "c", (struct strs){ NULL, 0 });
    out_strs(&out, "d", (struct strs){ one, 0 });
    out_str_if(&out, "e", STR("e"));
    out_str_if(&out, "f", STR(""));
    out_strs(&out, "g", (struct strs){ one, 1 });
    out_close(&out, '}');
    assert_str(buf_str(&buf), STR("{\"e\":\"e\",\"g\":[\"\"]}"));
}

static void escapes_what_json_does_not_allow(void **state)
{
    static const struct {
        struct str text;
        const char *json;
    } rows[] = {
        { STR("plain"), "\"plain\"" },
        { STR(""), "\"\"" },
        { STR("\""), "\"\\\"\"" },
        { STR("\\"), "\"\\\\\"" },
        { STR("\"\\\""), "\"\\\"\\\\\\\"\"" },
        { STR("/"), "\"/\"" },
        { STR("a\nb"), "\"a\\u000ab\"" },
        { STR("\tx\r"), "\"\\u0009x\\u000d\"" },
        { STR("\x01\x1F"), "\"\\u0001\\u001f\"" },
        { STR("\x7F"), "\"\x7F\"" },
        { { "a\0b", 3 }, "\"a\\u0000b\"" },
        { STR("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"), "\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\"" },
        { STR("</script>"), "\"</script>\"" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        restart();
        out_str(&out, NULL, rows[i].text);
        assert_str(buf_str(&buf), str_of(rows[i].json));
    }
    char every[128];
    for (size_t i = 0; i < sizeof(every); i++)
        every[i] = (char)i;
    restart();
    out_str(&out, NULL, (struct str){ every, sizeof(every) });
    json_t *v = json_loadb(buf.p, buf.n, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    assert_non_null(v);
    assert_int_equal(json_string_length(v), sizeof(every));
    assert_memory_equal(json_string_value(v), every, sizeof(every));
    json_decref(v);
}

static void writes_sessions_a_week_as_decimals(void **state)
{
    static const struct {
        int32_t v;
        const char *text;
    } rows[] = {
        { 0, "0" },     { 1, "0.01" },  { 5, "0.05" },  { 10, "0.1" },     { 25, "0.25" }, { 50, "0.5" },
        { 75, "0.75" }, { 99, "0.99" }, { 100, "1" },   { 101, "1.01" },   { 110, "1.1" }, { 133, "1.33" },
        { 150, "1.5" }, { 200, "2" },   { 1000, "10" }, { 1399, "13.99" }, { 1400, "14" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        restart();
        out_per_week(&out, NULL, rows[i].v);
        assert_str(buf_str(&buf), str_of(rows[i].text));
    }
    for (int32_t v = 0; v <= PER_WEEK_MAX * PER_WEEK_SCALE; v++) {
        restart();
        out_per_week(&out, NULL, v);
        json_t *back = json_loadb(buf.p, buf.n, JSON_DECODE_ANY, NULL);
        if (!back || json_number_value(back) != (double)v / PER_WEEK_SCALE)
            fail_msg("%d was written as %.*s", v, STR_ARGS(buf_str(&buf)));
        json_decref(back);
    }
}

static void ends_at_the_ceiling(void **state)
{
    static const char whole[] = "{\"text\":\"a\\u000ab\",\"n\":-12}";
    (void)state;
    for (size_t ceiling = 0; ceiling <= sizeof(whole); ceiling++) {
        buf_done(&buf);
        buf_init(&buf, ceiling);
        out.comma = false;
        out_open(&out, NULL, '{');
        out_str(&out, "text", STR("a\nb"));
        out_int(&out, "n", -12);
        out_close(&out, '}');
        if (buf.failed != (ceiling < sizeof(whole) - 1))
            fail_msg("%zu bytes with a ceiling of %zu", sizeof(whole) - 1, ceiling);
        if (!buf.failed)
            assert_str(buf_str(&buf), STR("{\"text\":\"a\\u000ab\",\"n\":-12}"));
        else
            assert_memory_equal(buf.p ? buf.p : whole, whole, buf.n); /* a beginning, without a hole */
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
RUN_TESTS(TEST(separates_members_and_items), TEST(leaves_out_what_is_empty), TEST(escapes_what_json_does_not_allow),
          TEST(writes_sessions_a_week_as_decimals), TEST(ends_at_the_ceiling))
