/* The overlay of the caller's clinic: its own rules on top of the catalogue. */
#include "http/http_priv.h"

#include <stdio.h>

enum { ETAG_BYTES = DIGEST_TEXT_LEN + 3 };

/* The overlay in force as it was read; number 0: there is none. */
struct current {
    int32_t number;
    struct str document;
    char digest[DIGEST_TEXT_LEN + 1], etag[ETAG_BYTES];
};

static bool has_clinic(struct exchange *x)
{
    if (x->caller.clinic[0])
        return true;
    reply_error(x, RC_CONFLICT, "the caller has no clinic of its own");
    return false;
}

static void make_etag(struct str document, struct current *c)
{
    digest_sha256(document, c->digest);
    (void)snprintf(c->etag, sizeof(c->etag), "\"%s\"", c->digest);
}

static enum rc read_current(struct exchange *x, struct desk *desk, struct current *ret, struct error *reterr)
{
    *ret = (struct current){ .number = 0 };
    enum rc rc = desk_overlay(desk, x->caller.clinic, &x->work->arena, &ret->number, &ret->document, reterr);
    if (rc == RC_OK)
        make_etag(ret->document, ret);
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

void get_own_overlay(struct exchange *x)
{
    struct desk *desk = desk_of(x);
    struct current now;
    struct error err;
    if (!desk || !has_clinic(x))
        return;
    if (read_current(x, desk, &now, &err) != RC_OK)
        reply_problem(x, &err, NULL);
    else if (!now.number)
        reply_error(x, RC_NOT_FOUND, "no overlay is in force for this clinic");
    else
        reply_cached(x, TYPE_JSON, now.document, now.digest);
}

/* Does one of the tags name what is there? Never a weak one (RFC 9110, 13.1.1). */
static bool is_named(const char *if_match, const struct current *now)
{
    struct str item;
    while (next_item(&if_match, &item))
        if (now->number && (str_eq(item, STR("*")) || str_eq(item, str_of(now->etag))))
            return true;
    return false;
}

/* Has the caller seen what is changed? Else an answer says what is missing. `creates`: there need not be one. */
static bool has_seen(struct exchange *x, const struct current *now, bool creates)
{
    const char *match = header(x, "If-Match"), *none = creates ? header(x, "If-None-Match") : NULL;
    if (!match && !none)
        reply_error(x, RC_PRECONDITION_REQUIRED,
                    creates
                        ? "send the ETag of the overlay as you have read it in the field If-Match, or If-None-Match: * "
                          "where there is none"
                        : "send the ETag of the overlay as you have read it in the field If-Match");
    else if (match && !is_named(match, now))
        reply_error(x, RC_PRECONDITION_FAILED, "none of the tags in If-Match is that of the overlay: read it again");
    else if (none && now->number && matches_etag(none, now->etag))
        reply_error(x, RC_PRECONDITION_FAILED, "there is an overlay already: read it");
    else
        return true;
    return false;
}

void put_own_overlay(struct exchange *x)
{
    struct desk *desk = desk_of(x);
    struct current now;
    struct error err = { .code = RC_OK };
    if (!desk || !is_known(x) || !has_clinic(x) || !body_is_fit(x, OVERLAY_BYTES_MAX))
        return;
    enum rc rc = read_current(x, desk, &now, &err);
    if (rc == RC_OK && !has_seen(x, &now, true))
        return;
    struct str body = { x->req->binary_body, x->req->binary_body_length };
    struct overlay_change change = { .clinic = x->caller.clinic,
                                     .actor = caller_person(&x->caller),
                                     .expected = now.number };
    if (rc == RC_OK)
        rc = desk_overlay_put(desk, &change, body, &x->work->faults, &err);
    if (rc != RC_OK) {
        reply_problem(x, &err, &x->work->faults);
        return;
    }
    int status = now.number ? 200 : 201;
    make_etag(body, &now);
    reply_header(x, "ETag", now.etag);
    reply_header(x, "Cache-Control", "no-store");
    reply(x, status, TYPE_JSON, body);
}

void delete_own_overlay(struct exchange *x)
{
    struct desk *desk = desk_of(x);
    struct current now;
    struct error err = { .code = RC_OK };
    if (!desk || !is_known(x) || !has_clinic(x))
        return;
    enum rc rc = read_current(x, desk, &now, &err);
    if (rc == RC_OK && !now.number) {
        reply_error(x, RC_NOT_FOUND, "no overlay is in force for this clinic");
        return;
    }
    if (rc == RC_OK && !has_seen(x, &now, false))
        return;
    struct overlay_change change = { .clinic = x->caller.clinic,
                                     .actor = caller_person(&x->caller),
                                     .expected = now.number };
    if (rc == RC_OK)
        rc = desk_overlay_withdraw(desk, &change, &err);
    if (rc == RC_OK)
        (void)ulfius_set_empty_body_response(x->res, 204);
    else
        reply_problem(x, &err, NULL);
}
