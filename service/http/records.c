/* What was decided: GET /v1/screenings/{id}, GET and DELETE /v1/screenings. A caller sees its own clinic's records
 * only; the database sees to that, too. */
#include "http/http_priv.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "domain/json_read.h"

enum { LIMIT_DEFAULT = 50, LIMIT_MAX = 200, PAGE_BYTES_MAX = 4 * 1024 * 1024, LINK_BYTES = 1024 };

/* What all of these say to SQL. */
struct asking {
    struct exchange *x;
    const char *subject, *before; /* NULL when not given */
    int limit;
    struct kept_record one, *list;
    size_t n;
    int64_t erased;
};

/* Runs it on a connection; an answer says what is wrong. What the database says is not for the caller. */
static bool asked(struct asking *a, enum rc (*work)(struct store *s, void *arg, struct error *reterr))
{
    struct error err;
    struct pool *pool = http_config_of(a->x->http)->record.pool;
    if (!pool || !a->x->caller.clinic[0]) {
        reply_error(a->x, RC_NOT_FOUND, "this service keeps no records");
        return false;
    }
    enum rc rc = pool_use(pool, work, a, &err);
    if (rc == RC_OK)
        return true;
    if (rc == RC_STORE_DOWN || rc == RC_NO_CATALOGUE)
        reply_error(a->x, RC_STORE_DOWN, "the records cannot be read now");
    else if (rc == RC_STORE_REFUSED)
        reply_error(a->x, RC_INTERNAL, "the records could not be read");
    else
        reply_problem(a->x, &err, NULL);
    if (rc != RC_NOT_FOUND)
        log_event(LOG_WARNING, "records_not_read", F_STR("why", str_of(err.text)));
    return false;
}

/* ---- the query --------------------------------------------------------------------------------------------- */

/* The value of one parameter, terminated; p is NULL when it is broken or holds a zero byte. */
static struct str value_of(struct exchange *x, struct str raw)
{
    struct str plain = arena_str(&x->work->arena, raw);
    for (size_t i = 0; plain.p && i < plain.n; i++)
        if (plain.p[i] == '+') /* as forms write a space */
            ((char *)plain.p)[i] = ' ';
    struct str value = plain.p ? decode(&x->work->arena, plain) : plain;
    if (!value.p || memchr(value.p, '\0', value.n))
        return (struct str){ NULL, 0 };
    return arena_str(&x->work->arena, value);
}

/* A position in the list is the record that stood before it. */
static bool read_cursor(struct exchange *x, struct str value, const char **ret)
{
    *ret = value.p;
    if (uuid_is(value))
        return true;
    reply_error(x, RC_MALFORMED_REQUEST, "cursor is not one that this service gave: take it from \"next\"");
    return false;
}

static bool read_limit(struct exchange *x, struct str value, int *ret)
{
    char *end;
    long n = value.n > 0 && value.n < 6 && value.p[0] >= '0' && value.p[0] <= '9' ? strtol(value.p, &end, 10) : 0;
    if (n >= 1 && n <= LIMIT_MAX && !*end) {
        *ret = (int)n;
        return true;
    }
    reply_error(x, RC_MALFORMED_REQUEST, "limit is a whole number from 1 to %d", LIMIT_MAX);
    return false;
}

/* Reads the query; an answer says what is wrong with it. */
static bool query_is_fit(struct asking *a, bool paged)
{
    struct exchange *x = a->x;
    struct str query = query_of(x);
    bool limited = false;
    for (size_t from = 0, n; from < query.n; from += n + 1) {
        const char *end = memchr(query.p + from, '&', query.n - from);
        n = end ? (size_t)(end - query.p) - from : query.n - from;
        const char *equals = memchr(query.p + from, '=', n);
        struct str name = { query.p + from, equals ? (size_t)(equals - query.p) - from : n };
        struct str raw = { name.p + name.n + (equals != NULL), n - name.n - (equals != NULL) };
        struct str value = value_of(x, raw);
        if (n == 0)
            continue;
        if (!value.p) {
            reply_error(x, RC_MALFORMED_REQUEST, "a parameter is not percent-encoded as it should be");
            return false;
        }
        if (str_eq(name, STR("subject")) && !a->subject) {
            if (!json_str_fits(value, REF_LEN_MAX)) { /* what the database could not store, either */
                reply_error(x, RC_MALFORMED_REQUEST, "subject is a ref of 1 to %d characters of UTF-8", REF_LEN_MAX);
                return false;
            }
            a->subject = value.p;
        } else if (paged && str_eq(name, STR("cursor")) && !a->before) {
            if (!read_cursor(x, value, &a->before))
                return false;
        } else if (paged && str_eq(name, STR("limit")) && !limited) {
            limited = true;
            if (!read_limit(x, value, &a->limit))
                return false;
        } else {
            reply_error(x, RC_MALFORMED_REQUEST, "there is a parameter too many: this takes %s once",
                        paged ? "subject, limit and cursor" : "subject");
            return false;
        }
    }
    return true;
}

/* ---- one record -------------------------------------------------------------------------------------------- */

static enum rc find(struct store *s, void *arg, struct error *reterr)
{
    struct asking *a = arg;
    return store_record_find(s, a->x->caller.clinic, a->x->id.p, &a->x->work->arena, &a->one, reterr);
}

void get_screening(struct exchange *x)
{
    struct asking a = { .x = x };
    struct buf *out = &x->work->out;
    x->id = x->id.p ? arena_str(&x->work->arena, x->id) : x->id;
    if (!uuid_is(x->id)) {
        reply_error(x, RC_NOT_FOUND, "there is no such record");
        return;
    }
    if (!asked(&a, find))
        return;
    buf_reset(out);
    buf_add(out, a.one.resource.p, a.one.resource.n - 1); /* its last brace comes later */
    if (a.one.payload.n) {
        BUF_ADD_LIT(out, ",\"request\":");
        buf_add_str(out, a.one.payload);
    }
    buf_add_char(out, '}');
    reply_fresh(x, TYPE_JSON);
}

/* ---- a list ------------------------------------------------------------------------------------------------ */

static enum rc list(struct store *s, void *arg, struct error *reterr)
{
    struct asking *a = arg;
    return store_record_list(s, a->x->caller.clinic, a->subject, a->before, a->limit + 1, &a->x->work->arena, &a->list,
                             &a->n, reterr);
}

/* RFC 8288. The subject is encoded whole: only letters and digits stand for themselves. */
static void link_next(struct exchange *x, const struct asking *a, struct str cursor)
{
    char link[LINK_BYTES + REF_LEN_MAX * 12];
    size_t n = (size_t)snprintf(link, sizeof(link), "</v1/screenings?limit=%d&cursor=%.*s", a->limit, STR_ARGS(cursor));
    for (const char *p = a->subject; p && *p; p++) {
        bool plain = (*p >= '0' && *p <= '9') || (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z');
        if (p == a->subject)
            n += (size_t)snprintf(link + n, sizeof(link) - n, "&subject=");
        n += (size_t)snprintf(link + n, sizeof(link) - n, plain ? "%c" : "%%%02X", (unsigned char)*p);
    }
    (void)snprintf(link + n, sizeof(link) - n, ">; rel=\"next\"");
    reply_header(x, "Link", link);
}

void get_screenings(struct exchange *x)
{
    struct asking a = { .x = x, .limit = LIMIT_DEFAULT };
    struct buf *out = &x->work->out;
    if (!query_is_fit(&a, true) || !asked(&a, list))
        return;
    bool more = a.n > (size_t)a.limit;
    size_t n = more ? (size_t)a.limit : a.n;
    buf_reset(out);
    BUF_ADD_LIT(out, "{\"screenings\":[");
    for (size_t i = 0; i < n; i++) {
        if (i)
            buf_add_char(out, ',');
        buf_add_str(out, a.list[i].resource);
    }
    buf_add_char(out, ']');
    if (more) {
        buf_printf(out, ",\"next\":\"%.*s\"", STR_ARGS(a.list[n - 1].id));
        link_next(x, &a, a.list[n - 1].id);
    }
    buf_add_char(out, '}');
    reply_fresh(x, TYPE_JSON);
}

/* ---- erasure ----------------------------------------------------------------------------------------------- */

static enum rc erase(struct store *s, void *arg, struct error *reterr)
{
    struct asking *a = arg;
    return store_record_erase(s, a->x->caller.clinic, a->subject, a->x->caller.key, &a->erased, reterr);
}

void delete_screenings(struct exchange *x)
{
    struct asking a = { .x = x };
    if (!query_is_fit(&a, false))
        return;
    if (!a.subject) {
        reply_error(x, RC_MALFORMED_REQUEST, "say whose records are to be erased: ?subject=");
        return;
    }
    if (!asked(&a, erase))
        return;
    log_event(LOG_INFO, "records_erased", F_STR("clinic", str_of(x->caller.clinic)),
              F_STR("key", str_of(x->caller.key)), F_INT("records", a.erased));
    struct json_out o = { &x->work->out, false };
    buf_reset(o.b);
    out_open(&o, NULL, '{');
    out_int(&o, "erased", a.erased);
    out_close(&o, '}');
    reply_fresh(x, TYPE_JSON);
}
