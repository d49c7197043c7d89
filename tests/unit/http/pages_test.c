/* Pages for people: their types, what may run in them, and that they are not there unless they are wanted. */
#include "test.h"

#include "http/client.h"

static const struct embedded files[] = {
    { "a.js", STR("export {};\n") },
    { "docs.html", STR("<!doctype html>docs\n") },
    { "index.html", STR("<!doctype html>\n") },
    { "icon.svg", STR("<svg/>\n") },
    { "style.css", STR("p {}\n") },
    { "words.json", STR("{}\n") },
    { "LICENSE", STR("text\n") },
};

static int start_with_pages(void **state)
{
    struct error err;
    (void)state;
    if (slot_new(&slot, &err) != RC_OK)
        return -1;
    struct http_config c = config();
    c.pages = files;
    c.n_pages = ARRAY_LEN(files);
    return http_start(&c, &server, &err) == RC_OK ? 0 : -1;
}

static const char *ask(const char *method, const char *path, const char *fields)
{
    char request[1024];
    (void)snprintf(request, sizeof(request), "%s %s HTTP/1.1\r\nHost: x\r\n%sConnection: close\r\n\r\n", method, path,
                   fields);
    return talk(request);
}

static void serves_each_file(void **state)
{
    static const struct {
        const char *path, *type, *body;
    } rows[] = {
        { "/", "text/html; charset=utf-8", "<!doctype html>\n" },
        { "/docs", "text/html; charset=utf-8", "<!doctype html>docs\n" },
        { "/pages/a.js", "text/javascript; charset=utf-8", "export {};\n" },
        { "/pages/%61.js", "text/javascript; charset=utf-8", "export {};\n" },
        { "/pages/icon.svg", "image/svg+xml", "<svg/>\n" },
        { "/pages/style.css", "text/css; charset=utf-8", "p {}\n" },
        { "/pages/words.json", "application/json", "{}\n" },
        { "/pages/LICENSE", "application/octet-stream", "text\n" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *answer = ask("GET", rows[i].path, "");
        char etag[512], again[1024];
        assert_string_equal(statuses(answer, false), "200");
        assert_string_equal(field(answer, "Content-Type"), rows[i].type);
        assert_string_equal(body_of(answer), rows[i].body);
        assert_non_null(strstr(field(answer, "Content-Security-Policy"), "default-src 'none'; script-src 'self'; "));
        assert_null(strstr(field(answer, "Content-Security-Policy"), "unsafe"));
        assert_string_equal(field(answer, "X-Content-Type-Options"), "nosniff");
        assert_string_equal(field(answer, "Referrer-Policy"), "no-referrer");
        (void)snprintf(etag, sizeof(etag), "%s", field(answer, "ETag"));
        (void)snprintf(again, sizeof(again), "If-None-Match: %s\r\n", etag);
        assert_string_equal(statuses(ask("GET", rows[i].path, again), false), "304");
    }
}

static void serves_nothing_else(void **state)
{
    static const struct {
        const char *method, *path, *fields, *status;
    } rows[] = {
        { "GET", "/pages/", "", "404" },
        { "GET", "/pages", "", "404" },
        { "GET", "/pages/b.js", "", "404" },
        { "GET", "/pages/..%2fa.js", "", "404" },
        { "GET", "/pages/a.js%00", "", "404" },
        { "GET", "/pages/a.js/", "", "404" },
        { "GET", "/index.html", "", "404" },
        { "POST", "/", "", "405" },
        { "DELETE", "/pages/a.js", "", "405" },
        { "GET", "/", "Accept: application/json\r\n", "406" },
        { "GET", "/docs", "Accept: text/html,application/xhtml+xml\r\n", "200" },
        { "GET", "/pages/a.js", "Accept: application/json\r\n", "200" }, /* whoever asks for it knows what it is */
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *found = statuses(ask(rows[i].method, rows[i].path, rows[i].fields), false);
        if (strcmp(found, rows[i].status) != 0)
            fail_msg("%s %s: %s, not %s", rows[i].method, rows[i].path, found, rows[i].status);
    }
    assert_string_equal(statuses(ask("HEAD", "/", ""), true), "200");
}

static void counts_them_as_one_group(void **state)
{
    (void)state;
    (void)ask("GET", "/", "");
    (void)ask("GET", "/pages/a.js", "");
    const char *metrics = body_of(ask("GET", "/metrics", ""));
    assert_non_null(strstr(metrics, "palpate_http_requests_total{route=\"/pages/{id}\",status=\"200\"} 1\n"));
    assert_non_null(strstr(metrics, "palpate_http_request_duration_seconds_count{group=\"pages\"} 2\n"));
}

static void is_not_there_when_off(void **state)
{
    static const char *const paths[] = { "/", "/docs", "/pages/a.js" };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(paths); i++)
        assert_string_equal(statuses(ask("GET", paths[i], ""), false), "404");
}

RUN_TESTS(cmocka_unit_test_setup_teardown(serves_each_file, start_with_pages, stop),
          cmocka_unit_test_setup_teardown(serves_nothing_else, start_with_pages, stop),
          cmocka_unit_test_setup_teardown(counts_them_as_one_group, start_with_pages, stop),
          cmocka_unit_test_setup_teardown(is_not_there_when_off, start_ready, stop))
