/* What the fields Accept, Content-Type and If-None-Match mean (RFC 9110). */
#include "test.h"

#include "http/http_priv.h"

static void knows_whether_a_type_is_accepted(void **state)
{
    static const struct {
        const char *accept, *type;
        bool accepted;
    } rows[] = {
        /* nothing said: anything goes */
        { NULL, "application/json", true },
        { "", "application/json", true },
        { "  ", "application/json", true },
        { "\t", "application/json", true },
        /* one range */
        { "application/json", "application/json", true },
        { "APPLICATION/Json", "application/json", true },
        { " application/json ", "application/json", true },
        { "application/*", "application/json", true },
        { "Application/*", "application/yaml", true },
        { "*/*", "application/json", true },
        { "text/html", "application/json", false },
        { "text/*", "application/json", false },
        { "application/yaml", "application/json", false },
        { "application/jso", "application/json", false },
        { "application/jsonx", "application/json", false },
        { "application/json-patch+json", "application/json", false },
        { "application/problem+json", "application/json", false },
        { "xapplication/json", "application/json", false },
        { "application", "application/json", false },
        { "application/", "application/json", false },
        { "/json", "application/json", false },
        { "*/json", "application/json", false },
        { "*", "application/json", false },
        { "appl*/json", "application/json", false },
        { "applications/*", "application/json", false },
        { "application/j*", "application/json", false },
        { "garbage", "application/json", false },
        { ";", "application/json", false },
        { ";;;q=1", "application/json", false },
        { "\"", "application/json", false },
        { "\"application/json", "application/json", false },
        { "=", "application/json", false },
        /* lists */
        { "text/html,application/json", "application/json", true },
        { "text/html, application/json", "application/json", true },
        { "text/html\t,\tapplication/json", "application/json", true },
        { "application/json,text/html", "application/json", true },
        { ",application/json", "application/json", true },
        { ",,  ,application/json,", "application/json", true },
        { ",", "application/json", false },
        { ", ,", "application/json", false },
        { "text/html application/json", "application/json", false },
        { "text/html;x=\"application/json,application/json\"", "application/json", false },
        { "text/html;x=\",\", application/json", "application/json", true },
        { "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "application/json", true },
        { "text/html,application/xhtml+xml,application/xml;q=0.9", "application/json", false },
        /* parameters */
        { "application/json;charset=utf-8", "application/json", true },
        { "application/json; charset=utf-8", "application/json", true },
        { "application/json ;charset=utf-8", "application/json", true },
        { "application/json;version=2;q=0.5", "application/json", true },
        { "*/*;q=0.1", "application/json", true },
        /* weights */
        { "application/json;q=1", "application/json", true },
        { "application/json;q=1.000", "application/json", true },
        { "application/json;q=0.001", "application/json", true },
        { "application/json; q=0.5", "application/json", true },
        { "application/json;q=0", "application/json", false },
        { "application/json;Q=0", "application/json", false },
        { "application/json; q=0", "application/json", false },
        { "application/json ; q=0", "application/json", false },
        { "application/json;\tq=0", "application/json", false },
        { "application/json;q=0.", "application/json", false },
        { "application/json;q=0.0", "application/json", false },
        { "application/json;q=0.000", "application/json", false },
        { "application/json;q=0 ", "application/json", false },
        { "application/json;charset=utf-8;q=0", "application/json", false },
        { "application/json;q=0;x=1", "application/json", false },
        { "application/json;q=0.0;x=1", "application/json", false },
        { "application/*;q=0", "application/json", false },
        { "*/*;q=0", "application/json", false },
        { "application/json;xq=0", "application/json", true },
        { "application/json;q", "application/json", true },
        { "application/json;q=", "application/json", true },
        { "application/json;", "application/json", true },
        { "application/json;q=x", "application/json", true },
        /* the most specific range decides, wherever it stands */
        { "*/*, application/json;q=0", "application/json", false },
        { "application/json;q=0, */*", "application/json", false },
        { "application/*;q=0, application/json", "application/json", true },
        { "application/json, application/*;q=0, */*;q=0", "application/json", true },
        { "*/*;q=0, application/json;q=0.1", "application/json", true },
        { "application/*, */*;q=0", "application/json", true },
        { "application/*;q=0, */*", "application/json", false },
        { "*/*, application/*;q=0", "application/json", false },
        { "text/*;q=0, */*", "application/json", true },
        { "application/json;q=0, text/html", "application/json", false },
        { "application/json;q=0, */*", "application/yaml", true },
        { "application/yaml", "application/yaml", true },
        { "application/json, application/yaml;q=0", "application/yaml", false },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (accepts(rows[i].accept, rows[i].type) != rows[i].accepted)
            fail_msg("row %zu: \"%s\" accepts %s: not %d", i, rows[i].accept ? rows[i].accept : "(none)", rows[i].type,
                     rows[i].accepted);
}

static void knows_the_type_of_a_json_body(void **state)
{
    static const struct {
        const char *type;
        bool json;
    } rows[] = {
        { NULL, false },
        { "", false },
        { " ", false },
        { ";", false },
        { "application/json", true },
        { "Application/JSON", true },
        { "application/json ", true },
        { "application/json;", true },
        { "application/json ; ", true },
        { "application/json;charset=utf-8", true },
        { "application/json; charset=utf-8", true },
        { "application/json;charset=UTF-8", true },
        { "application/json; Charset=\"utf-8\"", true },
        { "application/json;\tcharset=utf-8 ", true },
        { "application/json; charset=utf-8; boundary=x", true },
        { "application/json; boundary=x; charset=utf-8", true },
        { "application/json; profile=\"https://example.org/\"", true },
        { "application/json; charset=utf-8; charset=utf-8", true },
        { "application/json; charset=utf8", false },
        { "application/json; charset=utf-16", false },
        { "application/json; charset=utf-8x", false },
        { "application/json; charset=utf-88", false },
        { "application/json; charset=iso-8859-1", false },
        { "application/json; charset=latin1", false },
        { "application/json; charset=", false },
        { "application/json; charset=\"utf-8", false },
        { "application/json; charset=\"utf-8x", false },
        { "application/json; charset=\"utf-8x\"", false },
        { "application/json; charset=utf-8\"", false },
        { "application/json; charset=\"latin1\"", false },
        { "application/json; boundary=x; charset=latin1", false },
        { "application/json; charset=utf-8; charset=latin1", false },
        { "application/json charset=utf-8", false },
        { "application/json, text/plain", false },
        { "application/jsonx", false },
        { "application/json5", false },
        { "application/json-seq", false },
        { "application/problem+json", false },
        { "application/ld+json", false },
        { "application/jso", false },
        { "text/json", false },
        { "text/plain", false },
        { "application/x-www-form-urlencoded", false },
        { "multipart/form-data; boundary=application/json", false },
        { "json", false },
        { "application", false },
        { "application/", false },
        { "*/*", false },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (is_json_type(rows[i].type) != rows[i].json)
            fail_msg("row %zu: \"%s\" is not %d", i, rows[i].type ? rows[i].type : "(none)", rows[i].json);
}

static void knows_its_entity_tag(void **state)
{
    static const char ours[] = "\"0123abcd\"";
    static const struct {
        const char *field;
        bool match;
    } rows[] = {
        { NULL, false },
        { "", false },
        { " ", false },
        { "\"0123abcd\"", true },
        { " \"0123abcd\" ", true },
        { "W/\"0123abcd\"", true }, /* the weak comparison */
        { "w/\"0123abcd\"", false },
        { "W/ \"0123abcd\"", false },
        { "*", true },
        { " * ", true },
        { "\"*\"", false },
        { "**", false },
        { "\"other\", *", true },
        { "\"other\"", false },
        { "\"0123abc\"", false },
        { "\"0123abcde\"", false },
        { "\"0123ABCD\"", false },
        { "0123abcd", false },
        { "\"0123abcd", false },
        { "0123abcd\"", false },
        { "\"\"", false },
        { "\"", false },
        { "W/", false },
        { "W/\"", false },
        { "W", false },
        { "\"other\",\"0123abcd\"", true },
        { "\"other\", \"0123abcd\"", true },
        { "\"other\",W/\"0123abcd\",\"more\"", true },
        { "\"0123abcd\",\"other\"", true },
        { ",,\"0123abcd\"", true },
        { ", ,", false },
        { "\"a,b\",\"0123abcd\"", true },
        { "\"a,\", \"0123abcd\"", true },
        { "\"x,\"0123abcd\",y\"", false }, /* ours lies between two tags, not in one */
        { "\"0123abcd\" \"other\"", false },
        { "\"other\";\"0123abcd\"", false },
        { "W/\"other\", W/\"another\"", false },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (matches_etag(rows[i].field, ours) != rows[i].match)
            fail_msg("row %zu: \"%s\" is not %d", i, rows[i].field ? rows[i].field : "(none)", rows[i].match);
    assert_false(matches_etag("\"\"", ours));
    assert_true(matches_etag("\"\"", "\"\""));
}

/* Whatever bytes come in, the answer is one of two. */
static void survives_garbage(void **state)
{
    static const char alphabet[] = "aj/*;,=q0.1\"\\ \t(Ww-+\x01\x80\xFF";
    uint32_t seed = 7;
    (void)state;
    for (int round = 0; round < 20000; round++) {
        char text[40];
        size_t n = 0;
        for (seed = seed * 1664525u + 1013904223u; n < (seed >> 8) % sizeof(text); n++)
            text[n] = alphabet[(seed = seed * 1664525u + 1013904223u, seed >> 16) % (sizeof(alphabet) - 1)];
        text[n < sizeof(text) ? n : sizeof(text) - 1] = '\0';
        bool accepted = accepts(text, "a/j"), matched = matches_etag(text, "\"a\"");
        assert_true((int)accepted <= 1 && (int)matched <= 1);
        assert_false(is_json_type(text));
    }
}

RUN_TESTS(cmocka_unit_test(knows_whether_a_type_is_accepted), cmocka_unit_test(knows_the_type_of_a_json_body),
          cmocka_unit_test(knows_its_entity_tag), cmocka_unit_test(survives_garbage))
