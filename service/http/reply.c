/* Header fields in, answers out. */
#include "http/http_priv.h"

#include <stdarg.h>
#include <stdio.h>
#include <strings.h>

const char *header(const struct exchange *x, const char *name)
{
    return u_map_get_case(x->req->map_header, name);
}

void reply_header(struct exchange *x, const char *name, const char *value)
{
    (void)ulfius_add_header_to_response(x->res, name, value);
}

void reply(struct exchange *x, int status, const char *type, struct str body)
{
    reply_header(x, "Content-Type", type);
    reply_header(x, "X-Content-Type-Options", "nosniff");
    if (ulfius_set_binary_body_response(x->res, (unsigned)status, body.p, body.n) != U_OK)
        x->res->status = 503;
}

void reply_out_of_memory(struct exchange *x)
{
    x->rc = RC_OOM;
    reply_header(x, "Cache-Control", "no-store");
    reply_header(x, "Retry-After", RETRY_AFTER);
    reply(x, 503, TYPE_PROBLEM,
          STR("{\"type\":\"/problems/out_of_memory\",\"title\":\"Out of memory\",\"status\":503}"));
}

void reply_fresh(struct exchange *x, const char *type)
{
    if (x->work->out.failed) {
        reply_out_of_memory(x);
        return;
    }
    reply_header(x, "Cache-Control", "no-store");
    reply(x, 200, type, buf_str(&x->work->out));
}

/* The path as a URI reference may hold it: what is not plain ASCII is percent-encoded. */
static struct str instance_of(struct exchange *x)
{
    static const char hex[] = "0123456789ABCDEF";
    char *out = ARENA_ARRAY(&x->work->arena, char, x->path.n * 3);
    size_t n = 0;
    for (size_t i = 0; out && i < x->path.n; i++) {
        unsigned char c = (unsigned char)x->path.p[i];
        if (c > ' ' && c < 0x7f && !strchr("\"<>\\^`{|}", c)) {
            out[n++] = (char)c;
        } else {
            out[n++] = '%';
            out[n++] = hex[c >> 4];
            out[n++] = hex[c & 15];
        }
    }
    return (struct str){ out, n };
}

void reply_problem(struct exchange *x, const struct error *err, const struct faults *faults)
{
    struct buf *out = &x->work->out;
    x->rc = err->code;
    buf_reset(out);
    write_problem(out, err, instance_of(x), faults);
    if (out->failed || err->code == RC_OOM) {
        reply_out_of_memory(x);
        return;
    }
    reply_header(x, "Cache-Control", "no-store");
    if (rc_http_status(err->code) == 503)
        reply_header(x, "Retry-After", RETRY_AFTER);
    reply(x, rc_http_status(err->code), TYPE_PROBLEM, buf_str(out));
}

void reply_error(struct exchange *x, enum rc rc, const char *fmt, ...)
{
    struct error err = { .code = rc };
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(err.text, sizeof(err.text), fmt, args);
    va_end(args);
    reply_problem(x, &err, NULL);
}

/* ---- negotiation ------------------------------------------------------------------------------------------ */

static const char *skip_space(const char *s)
{
    while (*s == ' ' || *s == '\t')
        s++;
    return s;
}

bool next_item(const char **list, struct str *ret)
{
    const char *s = *list;
    while (*s == ',' || *s == ' ' || *s == '\t')
        s++;
    if (!*s)
        return false;
    const char *end = s;
    for (bool quoted = false; *end && (quoted || *end != ','); end++)
        quoted ^= *end == '"';
    *list = end;
    while (end > s && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    *ret = (struct str){ s, (size_t)(end - s) };
    return true;
}

/* q=0 means "not this one". */
static bool refused(struct str item)
{
    for (size_t i = 0; i + 2 < item.n; i++) {
        if (item.p[i] != ';')
            continue;
        size_t k = i + 1;
        while (k < item.n && (item.p[k] == ' ' || item.p[k] == '\t'))
            k++;
        if (k + 2 >= item.n || (item.p[k] != 'q' && item.p[k] != 'Q') || item.p[k + 1] != '=')
            continue;
        for (k += 2; k < item.n && (item.p[k] == '0' || item.p[k] == '.'); k++)
            ;
        return k == item.n || item.p[k] == ';' || item.p[k] == ' ';
    }
    return false;
}

/* How well a media range fits: 0 not at all, 1 all types, 2 all of the main type, 3 exactly. */
static int fit(struct str item, const char *type)
{
    size_t n = 0, main_type = strcspn(type, "/");
    while (n < item.n && item.p[n] != ';' && item.p[n] != ' ' && item.p[n] != '\t')
        n++;
    if (n == 3 && memcmp(item.p, "*/*", 3) == 0)
        return 1;
    if (n == main_type + 2 && strncasecmp(item.p, type, main_type + 1) == 0 && item.p[n - 1] == '*')
        return 2;
    return n == strlen(type) && strncasecmp(item.p, type, n) == 0 ? 3 : 0;
}

bool accepts(const char *accept, const char *type)
{
    struct str item;
    int best = 0;
    bool accepted = false;
    if (!accept || !*skip_space(accept))
        return true;
    while (next_item(&accept, &item)) { /* the most specific range decides */
        int f = fit(item, type);
        if (f > best) {
            best = f;
            accepted = !refused(item);
        }
    }
    return accepted;
}

bool is_json_type(const char *content_type)
{
    static const char json[] = "application/json";
    if (!content_type || strncasecmp(content_type, json, sizeof(json) - 1) != 0)
        return false;
    const char *rest = skip_space(content_type + sizeof(json) - 1);
    while (*rest == ';') {
        rest = skip_space(rest + 1);
        if (strncasecmp(rest, "charset=", 8) == 0) {
            rest += 8;
            bool quoted = *rest == '"';
            rest += quoted;
            if (strncasecmp(rest, "utf-8", 5) != 0)
                return false;
            rest += 5;
            if (quoted && *rest++ != '"')
                return false;
        } else {
            rest += strcspn(rest, ";");
        }
        rest = skip_space(rest);
    }
    return *rest == '\0';
}

bool matches_etag(const char *if_none_match, const char *etag)
{
    struct str item;
    if (!if_none_match)
        return false;
    while (next_item(&if_none_match, &item)) {
        if (item.n == 1 && *item.p == '*')
            return true;
        if (item.n > 2 && item.p[0] == 'W' && item.p[1] == '/') { /* the weak comparison */
            item.p += 2;
            item.n -= 2;
        }
        if (str_eq(item, str_of(etag)))
            return true;
    }
    return false;
}

void reply_language(struct exchange *x, const char *vary)
{
    char tag[LANGUAGE_TAG_BYTES];
    (void)snprintf(tag, sizeof(tag), "%.*s", STR_ARGS(x->language));
    reply_header(x, "Content-Language", tag);
    reply_header(x, "Vary", vary);
}

void reply_cached(struct exchange *x, const char *type, struct str body, const char *digest)
{
    char etag[DIGEST_TEXT_LEN + LANGUAGE_TAG_BYTES + 3];
    bool translated = x->language.n && !str_eq(x->language, STR("en"));
    (void)snprintf(etag, sizeof(etag), "\"%s%s%.*s\"", digest, translated ? "-" : "",
                   translated ? (int)x->language.n : 0, x->language.p ? x->language.p : "");
    reply_header(x, "ETag", etag);
    reply_header(x, "Cache-Control", "no-cache");
    if (x->language.p)
        reply_language(x, "Accept, Accept-Language");
    else
        reply_header(x, "Vary", "Accept");
    if (matches_etag(header(x, "If-None-Match"), etag))
        (void)ulfius_set_empty_body_response(x->res, 304);
    else
        reply(x, 200, type, body);
}

void reply_document(struct exchange *x, const char *type, struct str text)
{
    char digest[DIGEST_TEXT_LEN + 1];
    digest_sha256(text, digest);
    reply_cached(x, type, text, digest);
}
