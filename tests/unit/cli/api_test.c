/* The table of routes and the API's document say the same. */
#include "test.h"

#include <jansson.h>
#include <stdio.h>

#include "gen/embedded.h"
#include "http/http.h"

static json_t *document, *paths;
static unsigned routes;

static struct str embedded_text(const char *name)
{
    for (size_t i = 0; i < embedded_api_n; i++)
        if (strcmp(embedded_api[i].name, name) == 0)
            return embedded_api[i].text;
    return (struct str){ NULL, 0 };
}

static int load(void **state)
{
    struct str text = embedded_text("openapi.json");
    (void)state;
    document = text.p ? json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES, NULL) : NULL;
    paths = json_object_get(document, "paths");
    return json_is_object(paths) ? 0 : -1;
}

static int drop(void **state)
{
    (void)state;
    json_decref(document);
    return 0;
}

static void count_route(void *unused, const char *path, const char *method, int needs)
{
    (void)unused;
    (void)path;
    (void)method;
    (void)needs;
    routes++;
}

static void check_route(void *unused, const char *path, const char *method, int needs)
{
    json_t *operation = json_object_get(json_object_get(paths, path), method);
    json_t *answers = json_object_get(operation, "responses");
    bool open = needs == ROUTE_OPEN, any = needs == ROUTE_ANY_KEY;
    (void)unused;
    if (!json_is_object(operation))
        fail_msg("the document does not have %s %s", method, path);
    if (!open && !any && (needs < ROUTE_SCOPE || needs >= ROUTE_SCOPE + SCOPE_COUNT_))
        fail_msg("the table does not say whom %s %s answers", method, path);
    if (json_array_size(json_object_get(operation, "security")) != (open ? 0 : 1))
        fail_msg("the document is wrong about whom %s %s answers", method, path);
    if (!json_object_get(answers, "401") != open || !json_object_get(answers, "403") != (open || any))
        fail_msg("the document is wrong about refusals of %s %s", method, path);
    const char *wanted = open || any ? "" : scope_name((enum scope)(needs - ROUTE_SCOPE)), *scheme;
    size_t i;
    json_t *way, *scopes;
    json_array_foreach(json_object_get(operation, "security"), i, way)
    {
        json_object_foreach(way, scheme, scopes)
        {
            const char *scope = json_string_value(json_array_get(scopes, 0));
            if (json_array_size(scopes) != !any || strcmp(scope ? scope : "", wanted) != 0)
                fail_msg("the document is wrong about the scope that %s %s needs with %s", method, path, scheme);
        }
    }
}

static void describes_every_route(void **state)
{
    (void)state;
    routes = 0;
    http_each_route(count_route, NULL);
    assert_true(routes >= 12);
    http_each_route(check_route, NULL);
}

struct wanted {
    const char *path, *method;
    bool found;
};

static void find_route(void *to, const char *path, const char *method, int needs)
{
    struct wanted *w = to;
    (void)needs;
    w->found |= strcmp(w->path, path) == 0 && strcmp(w->method, method) == 0;
}

static void describes_nothing_else(void **state)
{
    static const char *const methods[] = { "get", "put", "post", "delete", "patch", "trace" };
    const char *path;
    json_t *item;
    (void)state;
    json_object_foreach(paths, path, item)
    {
        for (size_t i = 0; i < ARRAY_LEN(methods); i++) {
            struct wanted w = { path, methods[i], false };
            http_each_route(find_route, &w);
            if (!json_object_get(item, methods[i]) == w.found)
                fail_msg("%s %s stands in one of the two only", methods[i], path);
        }
    }
}

static void is_embedded_in_both_forms(void **state)
{
    struct str yaml = embedded_text("openapi.yaml");
    (void)state;
    assert_true(yaml.n > 10 && strncmp(yaml.p, "openapi: 3.", 11) == 0);
    assert_non_null(json_string_value(json_object_get(document, "openapi")));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, load, drop)
RUN_TESTS(TEST(describes_every_route), TEST(describes_nothing_else), TEST(is_embedded_in_both_forms))
