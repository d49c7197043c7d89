/* The stored versions of the catalogue, and the steps in the life of one. */
#include "http/http_priv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { ETAG_BYTES = 40 };

struct desk *desk_of(struct exchange *x)
{
    struct desk *desk = http_config_of(x->http)->desk;
    if (!desk)
        reply_error(x, RC_NOT_FOUND, "this service has no database, and so no stored catalogues");
    return desk;
}

bool is_known(struct exchange *x)
{
    if (x->caller.key[0])
        return true;
    reply_header(x, "WWW-Authenticate", "Bearer error=\"insufficient_scope\"");
    reply_error(x, RC_FORBIDDEN, "catalogues are changed by callers with a key or token only");
    return false;
}

static bool version_of(struct exchange *x, int32_t *ret)
{
    int64_t v = 0;
    bool good = x->id.p && x->id.n > 0 && x->id.n <= 10 && x->id.p[0] != '0';
    for (size_t i = 0; good && i < x->id.n; i++) {
        good = x->id.p[i] >= '0' && x->id.p[i] <= '9';
        v = v * 10 + (x->id.p[i] - '0');
    }
    if (!good || v > INT32_MAX) {
        reply_error(x, RC_NOT_FOUND, "a version is named by its number");
        return false;
    }
    *ret = (int32_t)v;
    return true;
}

static void etag_of(const struct catalogue_row *row, char etag[static ETAG_BYTES])
{
    (void)snprintf(etag, ETAG_BYTES, "\"%d-%d\"", row->version, row->revision);
}

static void write_step(struct json_out *o, const char *member, struct str by, struct str at)
{
    if (!at.n)
        return;
    out_open(o, member, '{');
    out_str(o, "by", by);
    out_str(o, "at", at);
    out_close(o, '}');
}

static void write_version(struct json_out *o, const struct catalogue_row *row)
{
    out_open(o, NULL, '{');
    out_int(o, "version", row->version);
    out_str(o, "state", row->state);
    out_bool(o, "in_force_for_all", row->active);
    out_bool(o, "in_force_for_own_clinic", row->own);
    out_str(o, "name", row->name);
    out_str(o, "label", row->label);
    out_str(o, "title", row->title);
    out_str(o, "digest", row->digest);
    write_step(o, "stored", row->author, row->loaded_at);
    if (row->checked_at.n) {
        out_open(o, "checked", '{');
        out_str(o, "by", row->checked_by);
        out_str(o, "at", row->checked_at);
        out_int(o, "findings", row->findings);
        out_int(o, "accepted", row->accepted);
        out_close(o, '}');
    }
    write_step(o, "signed_off", row->signed_off_by, row->published_at);
    write_step(o, "retired", row->retired_by, row->retired_at);
    out_open(o, "counts", '{');
    out_int(o, "facts", row->facts);
    out_int(o, "techniques", row->techniques);
    out_int(o, "rules", row->rules);
    out_int(o, "courses", row->courses);
    out_int(o, "evidence", row->evidence);
    out_close(o, '}');
    out_close(o, '}');
}

/* One version as it is now, with its tag. */
static void reply_version(struct exchange *x, struct desk *desk, int32_t version, int status)
{
    struct catalogue_row *row;
    struct error err;
    size_t n;
    char etag[ETAG_BYTES], location[64];
    enum rc rc = desk_list(desk, x->caller.clinic, version, &x->work->arena, &row, &n, &err);
    struct json_out o = { &x->work->out, false };
    if (rc == RC_OK) {
        buf_reset(o.b);
        write_version(&o, row);
        if (o.b->failed)
            rc = error_oom(&err);
    }
    if (rc != RC_OK) {
        reply_problem(x, &err, NULL);
        return;
    }
    etag_of(row, etag);
    reply_header(x, "ETag", etag);
    reply_header(x, "Cache-Control", "no-store");
    if (!x->id.p) { /* asked of the collection */
        (void)snprintf(location, sizeof(location), "/v1/catalogues/%d", row->version);
        reply_header(x, "Location", location);
    }
    reply(x, status, TYPE_JSON, buf_str(o.b));
}

void get_catalogues(struct exchange *x)
{
    struct desk *desk = desk_of(x);
    struct catalogue_row *rows;
    struct error err;
    size_t n;
    if (!desk)
        return;
    enum rc rc = desk_list(desk, x->caller.clinic, 0, &x->work->arena, &rows, &n, &err);
    struct json_out o = { &x->work->out, false };
    buf_reset(o.b);
    if (rc == RC_OK) {
        out_open(&o, NULL, '{');
        out_open(&o, "catalogues", '[');
        for (size_t i = 0; i < n; i++)
            write_version(&o, &rows[i]);
        out_close(&o, ']');
        out_close(&o, '}');
        if (o.b->failed)
            rc = error_oom(&err);
    }
    if (rc != RC_OK) {
        reply_problem(x, &err, NULL);
        return;
    }
    reply_header(x, "Cache-Control", "no-store");
    reply(x, 200, TYPE_JSON, buf_str(o.b));
}

void get_stored_catalogue(struct exchange *x)
{
    struct desk *desk = desk_of(x);
    int32_t version;
    if (desk && version_of(x, &version))
        reply_version(x, desk, version, 200);
}

void post_catalogue(struct exchange *x)
{
    struct desk *desk = desk_of(x);
    struct catalogue_saved saved;
    struct error err = { .code = RC_OK };
    if (!desk || !is_known(x) || !body_is_fit(x, DOCUMENT_BYTES_MAX))
        return;
    struct str body = { x->req->binary_body, x->req->binary_body_length };
    enum rc rc = desk_draft(desk, body, caller_person(&x->caller), &x->work->faults, &saved, &err);
    if (rc == RC_OK)
        reply_version(x, desk, saved.version, saved.created ? 201 : 200);
    else
        reply_problem(x, &err, &x->work->faults);
}

bool revision_of_tag(struct str tag, int32_t version, int32_t *ret)
{
    char stem[ETAG_BYTES], digits[ETAG_BYTES], *end;
    size_t n = (size_t)snprintf(stem, sizeof(stem), "\"%d-", version);
    if (tag.n < n + 2 || tag.n - n > sizeof(digits) || memcmp(tag.p, stem, n) != 0 || tag.p[tag.n - 1] != '"')
        return false;
    (void)snprintf(digits, sizeof(digits), "%.*s", (int)(tag.n - n - 1), tag.p + n);
    errno = 0;
    long revision = strtol(digits, &end, 10);
    if (errno || *end || *digits < '1' || *digits > '9' || revision > INT32_MAX)
        return false;
    *ret = (int32_t)revision;
    return true;
}

/* The revision that If-Match names; 0 for "*", which any is. Else an answer says what is missing. */
static bool expected_revision(struct exchange *x, int32_t version, int32_t *ret)
{
    const char *field = header(x, "If-Match");
    struct str item;
    if (!field) {
        reply_error(x, RC_PRECONDITION_REQUIRED,
                    "send the ETag of the version as you have read it in the field If-Match");
        return false;
    }
    while (next_item(&field, &item)) {
        *ret = 0;
        if (str_eq(item, STR("*")) || revision_of_tag(item, version, ret))
            return true;
    }
    reply_error(x, RC_PRECONDITION_FAILED, "none of the tags in If-Match is that of this version: read it again");
    return false;
}

/* What binds all clinics needs more than what binds the own one. */
static bool may_take(struct exchange *x, const struct step_request *s)
{
    bool all = s->step == STEP_WORD_RETIRE || (s->step == STEP_WORD_ACTIVATE && s->all_clinics);
    bool own = s->step == STEP_WORD_DEACTIVATE || (s->step == STEP_WORD_ACTIVATE && !s->all_clinics);
    if (all && !(x->caller.scopes & 1U << SCOPE_ADMIN)) {
        reply_header(x, "WWW-Authenticate", "Bearer error=\"insufficient_scope\"");
        reply_error(x, RC_FORBIDDEN, "what binds all clinics needs the scope admin");
        return false;
    }
    if (own && !x->caller.clinic[0]) {
        reply_error(x, RC_CONFLICT, "the caller has no clinic of its own");
        return false;
    }
    return true;
}

void post_catalogue_step(struct exchange *x)
{
    static const enum catalogue_step steps[] = {
        [STEP_WORD_CHECK] = STEP_CHECKED,     [STEP_WORD_PUBLISH] = STEP_PUBLISH,
        [STEP_WORD_ACTIVATE] = STEP_ACTIVATE, [STEP_WORD_DEACTIVATE] = STEP_DEACTIVATE,
        [STEP_WORD_RETIRE] = STEP_RETIRE,
    };
    struct desk *desk = desk_of(x);
    struct catalogue_change change = { .actor = caller_person(&x->caller), .signed_off_by = caller_person(&x->caller) };
    struct step_request s;
    struct error err = { .code = RC_OK };
    if (!desk || !is_known(x) || !version_of(x, &change.version) || !body_is_fit(x, BODY_BYTES_MAX))
        return;
    struct str body = { x->req->binary_body, x->req->binary_body_length };
    enum rc rc = read_step(body, &x->work->faults, &s, &err);
    if (rc != RC_OK) {
        reply_problem(x, &err, &x->work->faults);
        return;
    }
    if (!may_take(x, &s) || !expected_revision(x, change.version, &change.revision))
        return;
    change.clinic = s.all_clinics ? NULL : x->caller.clinic;
    if (s.step == STEP_WORD_CHECK)
        rc = desk_check(desk, s.accepts ? body : http_config_of(x->http)->accepted, &change, &err);
    else
        rc = desk_change(desk, steps[s.step], &change, &err);
    if (rc == RC_OK)
        reply_version(x, desk, change.version, 200);
    else
        reply_problem(x, &err, NULL);
}
