/* The table of routes. ulfius compares its own list of endpoints for every request, so it knows one wildcard only. */
#include "http/http_priv.h"

#include <stdio.h>
#include <strings.h>

/* A path; its last segment may be {id}. GET serves HEAD as well, and every path has OPTIONS. */
static const struct route {
    const char *path;
    const char *produces; /* NULL: one type or another, which the client is not asked about */
    struct method {
        handler run; /* NULL: there is no such method */
        int needs;   /* enum route_needs */
    } get, post, put, delete;
} routes[] = {
    { "/v1/screenings", TYPE_JSON, .get = { get_screenings, ROUTE_SCOPE + SCOPE_RECORDS_READ },
      .post = { post_screening, ROUTE_SCOPE + SCOPE_SCREEN },
      .delete = { delete_screenings, ROUTE_SCOPE + SCOPE_ADMIN } },
    { "/v1/screenings/{id}", TYPE_JSON, .get = { get_screening, ROUTE_SCOPE + SCOPE_RECORDS_READ } },
    { "/v1/catalogue", TYPE_JSON, .get = { get_catalogue, ROUTE_ANY_KEY } },
    { "/v1/catalogues", TYPE_JSON, .get = { get_catalogues, ROUTE_SCOPE + SCOPE_CATALOGUE_WRITE },
      .post = { post_catalogue, ROUTE_SCOPE + SCOPE_CATALOGUE_WRITE } },
    { "/v1/catalogues/{id}", TYPE_JSON, .get = { get_stored_catalogue, ROUTE_SCOPE + SCOPE_CATALOGUE_WRITE },
      .post = { post_catalogue_step, ROUTE_SCOPE + SCOPE_CATALOGUE_WRITE } },
    { "/v1/overlay", TYPE_JSON, .get = { get_own_overlay, ROUTE_SCOPE + SCOPE_CATALOGUE_WRITE },
      .put = { put_own_overlay, ROUTE_SCOPE + SCOPE_CATALOGUE_WRITE },
      .delete = { delete_own_overlay, ROUTE_SCOPE + SCOPE_CATALOGUE_WRITE } },
    { "/v1/techniques", TYPE_JSON, .get = { get_techniques, ROUTE_ANY_KEY } },
    { "/v1/facts", TYPE_JSON, .get = { get_facts, ROUTE_ANY_KEY } },
    { "/v1/rules", TYPE_JSON, .get = { get_rules, ROUTE_ANY_KEY } },
    { "/v1/rules/{id}", TYPE_JSON, .get = { get_rule, ROUTE_ANY_KEY } },
    { "/v1/evidence", TYPE_JSON, .get = { get_evidence_list, ROUTE_ANY_KEY } },
    { "/v1/evidence/{id}", TYPE_JSON, .get = { get_evidence, ROUTE_ANY_KEY } },
    { "/health/live", TYPE_JSON, .get = { get_live, ROUTE_OPEN } },
    { "/health/ready", TYPE_JSON, .get = { get_ready, ROUTE_OPEN } },
    { "/metrics", "text/plain", .get = { get_metrics, ROUTE_OPEN } },
    { "/", "text/html", .get = { get_form_page, ROUTE_PAGE } },
    { "/docs", "text/html", .get = { get_docs_page, ROUTE_PAGE } },
    { "/pages/{id}", NULL, .get = { get_page_file, ROUTE_PAGE } },
    { "/openapi.json", TYPE_JSON, .get = { get_openapi_json, ROUTE_OPEN } },
    { "/openapi.yaml", "application/yaml", .get = { get_openapi_yaml, ROUTE_OPEN } },
};

static_assert(ARRAY_LEN(routes) <= ROUTES_MAX, "every route can be counted");

size_t route_count(void)
{
    return ARRAY_LEN(routes);
}

const char *route_path(size_t i)
{
    return i < ARRAY_LEN(routes) ? routes[i].path : "other";
}

struct str route_group_name(size_t i)
{
    const char *p = route_path(i);
    if (i < ARRAY_LEN(routes) && routes[i].get.needs == ROUTE_PAGE)
        return STR("pages");
    p += strncmp(p, "/v1/", 4) == 0 ? 4 : *p == '/';
    return (struct str){ p, strcspn(p, "/.") };
}

bool route_is_exempt(size_t i)
{
    struct str group = route_group_name(i);
    return str_eq(group, STR("health")) || str_eq(group, STR("metrics"));
}

size_t route_group(size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (str_eq(route_group_name(k), route_group_name(i)))
            return k;
    return i;
}

void http_each_route(void (*take)(void *to, const char *path, const char *method, int needs), void *to)
{
    for (size_t i = 0; i < ARRAY_LEN(routes); i++) {
        if (routes[i].get.needs == ROUTE_PAGE)
            continue;
        if (routes[i].get.run)
            take(to, routes[i].path, "get", routes[i].get.needs);
        if (routes[i].post.run)
            take(to, routes[i].path, "post", routes[i].post.needs);
        if (routes[i].put.run)
            take(to, routes[i].path, "put", routes[i].put.needs);
        if (routes[i].delete.run)
            take(to, routes[i].path, "delete", routes[i].delete.needs);
    }
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

struct str decode(struct arena *arena, struct str s)
{
    char *out = ARENA_ARRAY(arena, char, s.n);
    size_t n = 0;
    for (size_t i = 0; out && i < s.n; i++) {
        if (s.p[i] != '%') {
            out[n++] = s.p[i];
            continue;
        }
        int hi = i + 2 < s.n ? hex_digit(s.p[i + 1]) : -1, lo = i + 2 < s.n ? hex_digit(s.p[i + 2]) : -1;
        if (hi < 0 || lo < 0)
            return (struct str){ NULL, 0 };
        out[n++] = (char)(hi << 4 | lo);
        i += 2;
    }
    return (struct str){ out, n };
}

static bool matches(const struct route *r, struct exchange *x)
{
    struct str path = x->path;
    if (r->get.needs == ROUTE_PAGE && !http_config_of(x->http)->n_pages)
        return false;
    const char *brace = strchr(r->path, '{');
    size_t stem = brace ? (size_t)(brace - r->path) : strlen(r->path);
    if (!brace)
        return str_eq(path, str_of(r->path));
    if (path.n <= stem || memcmp(path.p, r->path, stem) != 0 || memchr(path.p + stem, '/', path.n - stem))
        return false;
    x->id = decode(&x->work->arena, (struct str){ path.p + stem, path.n - stem });
    return true;
}

static void allow(struct exchange *x, const struct route *r)
{
    char methods[64];
    (void)snprintf(methods, sizeof(methods), "%s%s%s%sOPTIONS", r->get.run ? "GET, HEAD, " : "",
                   r->post.run ? "POST, " : "", r->put.run ? "PUT, " : "", r->delete.run ? "DELETE, " : "");
    reply_header(x, "Allow", methods);
}

/* Two lengths, or a length and chunks, let two servers see two requests: refuse what is ambiguous. */
static bool framing_is_plain(struct exchange *x)
{
    const struct _u_map *fields = x->req->map_header;
    int lengths = 0, codings = 0, hosts = 0;
    bool plain = true;
    for (int i = 0; i < fields->nb_values; i++) { /* ulfius joins fields of one spelling only, with a comma */
        const char *name = fields->keys[i], *value = fields->values[i];
        lengths += strcasecmp(name, "Content-Length") == 0;
        codings += strcasecmp(name, "Transfer-Encoding") == 0;
        hosts += strcasecmp(name, "Host") == 0;
        if (strcasecmp(name, "Content-Length") == 0 || strcasecmp(name, "Host") == 0)
            plain &= strchr(value, ',') == NULL;
        if (strcasecmp(name, "Transfer-Encoding") == 0)
            plain &= strcasecmp(value, "chunked") == 0;
        plain &= strpbrk(name, " \t") == NULL; /* a space before the colon hides a field */
    }
    if (plain && lengths + codings <= 1 && hosts <= 1)
        return true;
    reply_header(x, "Connection", "close");
    reply_error(x, RC_MALFORMED_REQUEST, "send one Content-Length, or Transfer-Encoding: chunked alone, and one Host");
    return false;
}

/* RFC 9112, 3.2: a client of HTTP/1.1 names the host it means. */
static bool host_is_named(struct exchange *x)
{
    if (header(x, "Host") || strcmp(x->req->http_protocol, "HTTP/1.1") != 0)
        return true;
    reply_error(x, RC_MALFORMED_REQUEST, "send the field Host");
    return false;
}

/* The path of a target, which may be a whole URI (RFC 9112, 3.2.2). */
static struct str path_of(const char *target)
{
    size_t scheme = strncasecmp(target, "http://", 7) == 0 ? 7 : strncasecmp(target, "https://", 8) == 0 ? 8 : 0;
    if (!scheme)
        return str_of(target);
    const char *path = strchr(target + scheme, '/');
    return path ? str_of(path) : STR("/");
}

struct str query_of(const struct exchange *x)
{
    const char *mark = x->req->http_url ? strchr(x->req->http_url, '?') : NULL;
    return mark ? str_of(mark + 1) : (struct str){ "", 0 };
}

static void serve(struct exchange *x, const struct route *r)
{
    const char *method = x->req->http_verb;
    bool get = strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
    const struct method none = { NULL, ROUTE_UNSTATED };
    const struct method *m = get                             ? &r->get
                             : strcmp(method, "POST") == 0   ? &r->post
                             : strcmp(method, "PUT") == 0    ? &r->put
                             : strcmp(method, "DELETE") == 0 ? &r->delete
                                                             : &none;
    if (strcmp(method, "OPTIONS") == 0) {
        allow(x, r);
        (void)ulfius_set_empty_body_response(x->res, 204);
    } else if (!m->run) {
        allow(x, r);
        reply_error(x, RC_METHOD, "see the field Allow for the methods of this resource");
    } else if (!admitted(x, m->needs)) {
        return; /* answered */
    } else if (r->produces && !accepts(header(x, "Accept"), r->produces)) {
        reply_header(x, "Vary", "Accept");
        reply_error(x, RC_NOT_ACCEPTABLE, "this resource is %s", r->produces);
    } else {
        m->run(x);
    }
}

void route(struct exchange *x)
{
    size_t i = 0;
    x->path = path_of(x->req->url_path);
    while (i < ARRAY_LEN(routes) && !matches(&routes[i], x))
        i++;
    x->route = i;
    if (!framing_is_plain(x) || !host_is_named(x))
        return;
    if (i < ARRAY_LEN(routes)) {
        serve(x, &routes[i]);
        return;
    }
    if (strcmp(x->req->http_verb, "OPTIONS") == 0 && str_eq(x->path, STR("*"))) {
        reply_header(x, "Allow", "GET, HEAD, POST, PUT, DELETE, OPTIONS");
        (void)ulfius_set_empty_body_response(x->res, 204);
        return;
    }
    reply_error(x, RC_NOT_FOUND, "there is no such resource; see /openapi.json for those there are");
}
