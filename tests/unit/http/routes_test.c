/* Which answer each path gives to each method, and what stands in its head. */
#include "test.h"

#include <jansson.h>

#include "http/client.h"

/* The answer to one request without a body; `fields` are lines of the head. */
static const char *ask(const char *method, const char *path, const char *fields)
{
    char request[2048];
    (void)snprintf(request, sizeof(request), "%s %s HTTP/1.1\r\nHost: x\r\n%sConnection: close\r\n\r\n", method, path,
                   fields ? fields : "");
    return talk(request);
}

static const char *post(const char *fields, const char *body)
{
    char request[2048];
    (void)snprintf(request, sizeof(request),
                   "POST /v1/screenings HTTP/1.1\r\nHost: x\r\n%sContent-Length: %zu\r\nConnection: close\r\n\r\n%s",
                   fields, strlen(body), body);
    return talk(request);
}

/* A member of the answer's JSON body, as text. */
static const char *member(const char *answer, const char *name)
{
    static char text[512];
    json_t *v = json_loads(body_of(answer), 0, NULL), *of = json_object_get(v, name);
    (void)snprintf(text, sizeof(text), "%s", json_is_string(of) ? json_string_value(of) : v ? "(none)" : "(no JSON)");
    json_decref(v);
    return text;
}

static void answers_each_route(void **state)
{
    static const struct {
        const char *method, *path, *status;
    } rows[] = {
        { "GET", "/v1/catalogue", "200" },
        { "GET", "/v1/techniques", "200" },
        { "GET", "/v1/facts", "200" },
        { "GET", "/v1/rules", "200" },
        { "GET", "/v1/rules/r", "200" },
        { "GET", "/v1/rules/%72", "200" },
        { "GET", "/v1/rules/r?x=y", "200" },
        { "GET", "/v1/evidence", "200" },
        { "GET", "/v1/evidence/e", "200" },
        { "GET", "/health/live", "200" },
        { "GET", "/health/ready", "200" },
        { "GET", "/openapi.json", "200" },
        { "GET", "/openapi.yaml", "200" },
        { "GET", "/health/live?", "200" },
        { "GET", "/health/live?a=b&c", "200" },
        { "GET", "/v1/rules/x", "404" },
        { "GET", "/v1/rules/%2572", "404" }, /* decoded once */
        { "GET", "/v1/rules/r%00", "404" },
        { "GET", "/v1/rules/r%", "404" },
        { "GET", "/v1/rules/%7", "404" },
        { "GET", "/v1/rules/%zz", "404" },
        { "GET", "/v1/rules/%", "404" },
        { "GET", "/v1/rules/r%2Fx", "404" },
        { "GET", "/v1/rules/", "404" },
        { "GET", "/v1/rules/r/", "404" },
        { "GET", "/v1/rules/r/x", "404" },
        { "GET", "/v1/evidence/r", "404" },
        { "GET", "/v1/facts/f", "404" },
        { "GET", "/", "404" },
        { "GET", "//v1/facts", "404" },
        { "GET", "/v1/facts/", "404" },
        { "GET", "/V1/facts", "404" },
        { "GET", "/v1", "404" },
        { "GET", "/v1/../v1/facts", "404" },
        { "GET", "/health", "404" },
        { "GET", "/openapi.jso", "404" },
        { "GET", "/openapi.json5", "404" },
        { "POST", "/v1/rules/x/y", "404" },
        { "FROB", "/nothing", "404" },
        { "OPTIONS", "/nothing", "404" },
        { "GET", "/v1/screenings", "404" }, /* no records are kept */
        { "HEAD", "/v1/screenings", "404" },
        { "DELETE", "/v1/screenings?subject=x", "404" },
        { "DELETE", "/v1/screenings", "400" },
        { "GET", "/v1/screenings/01a1fb53-dcf0-72e6-ac01-7066e984fbaf", "404" },
        { "GET", "/v1/screenings/x", "404" },
        { "DELETE", "/v1/screenings/x", "405" },
        { "PUT", "/v1/screenings", "405" },
        { "POST", "/v1/facts", "405" },
        { "DELETE", "/v1/rules/r", "405" },
        { "PATCH", "/health/live", "405" },
        { "TRACE", "/health/live", "405" },
        { "FROB", "/health/live", "405" },
        { "get", "/health/live", "405" },
        { "OPTIONS", "/v1/facts", "204" },
        { "OPTIONS", "/v1/rules/x", "204" },
        { "OPTIONS", "/v1/screenings", "204" },
        { "OPTIONS", "*", "204" },
        { "GET", "*", "404" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *answer = ask(rows[i].method, rows[i].path, NULL);
        bool head = strcmp(rows[i].method, "HEAD") == 0;
        if (strcmp(statuses(answer, head), rows[i].status) != 0)
            fail_msg("%s %s: %s", rows[i].method, rows[i].path, statuses(answer, head));
        if (rows[i].status[0] == '4' && !head) {
            assert_string_equal(field(answer, "Content-Type"), "application/problem+json");
            if (strtol(rows[i].status, NULL, 10) == 404)
                assert_string_equal(member(answer, "type"), "/problems/not_found");
            /* the place without its query */
            if (!strchr(rows[i].path, '?'))
                assert_string_equal(member(answer, "instance"), rows[i].path);
        }
    }
}

/* A whole URI is a target too; bytes that no URI has are encoded before they are said again. */
static void reads_targets_of_every_form(void **state)
{
    static const struct {
        const char *target, *status, *instance;
    } rows[] = {
        { "http://x/health/live", "200", NULL },   { "HTTPS://example.org:443/health/live", "200", NULL },
        { "http://x/v1/rules/r?y", "200", NULL },  { "http://x", "404", "/" },
        { "http://x/nothing", "404", "/nothing" }, { "ftp://x/health/live", "404", "ftp://x/health/live" },
        { "/\xFF\xFE", "404", "/%FF%FE" },         { "/\xC3\xA9", "404", "/%C3%A9" },
        { "/a\"b\\c", "404", "/a%22b%5Cc" },       { "/a%2Fb%zz", "404", "/a%2Fb%zz" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *answer = ask("GET", rows[i].target, NULL);
        if (strcmp(statuses(answer, false), rows[i].status) != 0)
            fail_msg("%s: %s", rows[i].target, statuses(answer, false));
        if (rows[i].instance)
            assert_string_equal(member(answer, "instance"), rows[i].instance);
    }
}

static void says_which_methods_there_are(void **state)
{
    static const char *const rows[][2] = {
        { "/v1/facts", "GET, HEAD, OPTIONS" },
        { "/v1/rules/x", "GET, HEAD, OPTIONS" },
        { "/health/ready", "GET, HEAD, OPTIONS" },
        { "/v1/screenings", "GET, HEAD, POST, DELETE, OPTIONS" },
        { "*", "GET, HEAD, POST, PUT, DELETE, OPTIONS" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_string_equal(field(ask("OPTIONS", rows[i][0], NULL), "Allow"), rows[i][1]);
        if (rows[i][0][0] == '/') /* RFC 9110, 15.5.6 */
            assert_string_equal(field(ask("PUT", rows[i][0], NULL), "Allow"), rows[i][1]);
    }
}

static void answers_head_as_get_without_a_body(void **state)
{
    static const char *const paths[] = { "/v1/catalogue", "/v1/rules/r", "/openapi.yaml", "/health/live" };
    static const char *const fields[] = { "Content-Type", "Content-Length", "ETag", "Cache-Control" };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        char values[ARRAY_LEN(fields)][512];
        const char *answer = ask("GET", paths[i], NULL);
        for (size_t k = 0; k < ARRAY_LEN(fields); k++)
            (void)snprintf(values[k], sizeof(values[k]), "%s", field(answer, fields[k]));
        answer = ask("HEAD", paths[i], NULL);
        assert_string_equal(statuses(answer, true), "200");
        assert_string_equal(body_of(answer), "");
        for (size_t k = 0; k < ARRAY_LEN(fields); k++)
            assert_string_equal(field(answer, fields[k]), values[k]);
    }
}

static void gives_the_types_that_are_asked_for(void **state)
{
    static const struct {
        const char *path, *accept, *status, *type;
    } rows[] = {
        { "/v1/facts", "", "200", "application/json" },
        { "/v1/facts", "Accept: */*\r\n", "200", "application/json" },
        { "/v1/facts", "accept: text/html, application/json;q=0.1\r\n", "200", "application/json" },
        { "/v1/facts", "Accept: text/html\r\nAccept: application/json\r\n", "200", "application/json" },
        { "/v1/facts", "Accept: text/html\r\n", "406", "application/problem+json" },
        { "/v1/facts", "Accept: application/json;q=0\r\n", "406", "application/problem+json" },
        { "/openapi.yaml", "Accept: application/yaml\r\n", "200", "application/yaml" },
        { "/openapi.yaml", "Accept: application/json\r\n", "406", "application/problem+json" },
        { "/openapi.json", "Accept: application/yaml\r\n", "406", "application/problem+json" },
        { "/nothing", "Accept: text/html\r\n", "404", "application/problem+json" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *answer = ask("GET", rows[i].path, rows[i].accept);
        if (strcmp(statuses(answer, false), rows[i].status) != 0)
            fail_msg("row %zu, %s: %s", i, rows[i].path, statuses(answer, false));
        assert_string_equal(field(answer, "Content-Type"), rows[i].type);
        assert_string_equal(field(answer, "X-Content-Type-Options"), "nosniff");
    }
}

static void lets_clients_keep_what_has_not_changed(void **state)
{
    char tag[512], line[1024], other[512];
    (void)state;
    (void)snprintf(tag, sizeof(tag), "%s", field(ask("GET", "/v1/facts", NULL), "ETag"));
    assert_int_equal(strlen(tag), DIGEST_TEXT_LEN + 2);
    static const struct {
        const char *before, *after, *status;
    } rows[] = {
        { "If-None-Match: ", "\r\n", "304" },
        { "if-none-match: W/", "\r\n", "304" },
        { "If-None-Match: \"x\", ", "\r\n", "304" },
        { "If-None-Match: \"x\"\r\nIf-None-Match: ", "\r\n", "304" },
        { "If-None-Match: *\r\nX: ", "\r\n", "304" },
        { "If-None-Match: \"x\"\r\nX: ", "\r\n", "200" },
        { "If-Match: ", "\r\n", "200" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        (void)snprintf(line, sizeof(line), "%s%s%s", rows[i].before, tag, rows[i].after);
        const char *answer = ask("GET", "/v1/facts", line);
        if (strcmp(statuses(answer, false), rows[i].status) != 0)
            fail_msg("row %zu: %s", i, statuses(answer, false));
        assert_string_equal(field(answer, "ETag"), tag);
        assert_string_equal(field(answer, "Cache-Control"), "no-cache");
        assert_int_equal(*body_of(answer) == '\0', strcmp(rows[i].status, "304") == 0);
    }
    slot_publish_take(slot, tiny_catalogue(2)); /* another catalogue has another tag */
    (void)snprintf(line, sizeof(line), "If-None-Match: %s\r\n", tag);
    const char *answer = ask("GET", "/v1/facts", line);
    assert_string_equal(statuses(answer, false), "200");
    (void)snprintf(other, sizeof(other), "%s", field(answer, "ETag"));
    assert_string_not_equal(other, tag);
}

static void judges_a_request_that_is_fit(void **state)
{
    static const char good[] = "{\"subject\":{\"age_years\":46},\"goals\":[\"sleep\"],\"as_of\":\"2026-11-20\"}";
    static const char json[] = "Content-Type: application/json\r\n";
    static const struct {
        const char *fields, *body, *status, *type;
    } rows[] = {
        { json, good, "200", NULL },
        { "content-type: application/json; charset=utf-8\r\nContent-Encoding: identity\r\n", good, "200", NULL },
        { "", good, "415", "/problems/unsupported_media_type" },
        { "Content-Type: text/plain\r\n", good, "415", "/problems/unsupported_media_type" },
        { "Content-Type: application/json; charset=latin1\r\n", good, "415", "/problems/unsupported_media_type" },
        { "Content-Type: application/x-www-form-urlencoded\r\n", "a=b", "415", "/problems/unsupported_media_type" },
        { "Content-Type: multipart/form-data; boundary=x\r\n", good, "415", "/problems/unsupported_media_type" },
        { "Content-Type: multipart/form-data\r\n", good, "415", "/problems/unsupported_media_type" },
        { "Content-Type: application/json\r\nContent-Encoding: gzip\r\n", good, "415",
          "/problems/unsupported_media_type" },
        { json, "", "400", "/problems/malformed_json" },
        { json, "{", "400", "/problems/malformed_json" },
        { json, "{} {}", "400", "/problems/malformed_json" },
        { json, "{}", "422", "/problems/invalid_request" },
        { json, "{\"subject\":{\"age_years\":46},\"goals\":[\"sleep\"],\"symptoms\":[{\"id\":\"unheard\"}]}", "422",
          "/problems/invalid_request" },
        { "Content-Type: application/json\r\nAccept: text/html\r\n", good, "406", "/problems/not_acceptable" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *answer = post(rows[i].fields, rows[i].body);
        if (strcmp(statuses(answer, false), rows[i].status) != 0)
            fail_msg("row %zu: %s", i, statuses(answer, false));
        assert_string_equal(field(answer, "Cache-Control"), "no-store"); /* it is about a person */
        assert_string_equal(member(answer, rows[i].type ? "type" : "as_of"),
                            rows[i].type ? rows[i].type : "2026-11-20");
        if (strcmp(rows[i].status, "415") == 0)
            assert_string_equal(field(post(rows[i].fields, rows[i].body), "Accept-Post"), "application/json");
    }
}

static void reports_its_health(void **state)
{
    const char *answer = ask("GET", "/health/ready", NULL);
    (void)state;
    assert_string_equal(member(answer, "status"), "ready");
    assert_string_equal(member(answer, "database"), "none");
    assert_non_null(strstr(answer, "\"catalogue\":{\"version\":\"1\",\"digest\":\""));
    assert_string_equal(field(answer, "Cache-Control"), "no-store");
    slot_publish_take(slot, NULL);
    answer = ask("GET", "/health/ready", NULL);
    assert_string_equal(statuses(answer, false), "503");
    assert_string_equal(member(answer, "status"), "not_ready");
    assert_string_equal(statuses(ask("GET", "/health/live", NULL), false), "200");
}

static void says_when_there_is_no_catalogue(void **state)
{
    static const char *const paths[] = { "/v1/catalogue", "/v1/techniques", "/v1/facts",     "/v1/rules",
                                         "/v1/rules/r",   "/v1/evidence",   "/v1/evidence/e" };
    (void)state;
    for (size_t i = 0; i <= ARRAY_LEN(paths); i++) {
        const char *answer =
            i < ARRAY_LEN(paths) ? ask("GET", paths[i], NULL) : post("Content-Type: application/json\r\n", "{}");
        assert_string_equal(statuses(answer, false), "503");
        assert_string_equal(member(answer, "type"), "/problems/no_catalogue");
        assert_true(strtol(field(answer, "Retry-After"), NULL, 10) > 0);
    }
}

#define READY(f) cmocka_unit_test_setup_teardown(f, start_ready, stop)
#define EMPTY(f) cmocka_unit_test_setup_teardown(f, start_empty, stop)
RUN_TESTS(READY(answers_each_route), READY(reads_targets_of_every_form), READY(says_which_methods_there_are),
          READY(answers_head_as_get_without_a_body), READY(gives_the_types_that_are_asked_for),
          READY(lets_clients_keep_what_has_not_changed), READY(judges_a_request_that_is_fit), READY(reports_its_health),
          EMPTY(says_when_there_is_no_catalogue))
