/* POST /v1/screenings
 *
 * Where decisions are recorded the answer begins with "id" and "recorded"; the digest in the record is of the rest, so
 * that whoever decides anew can compare. The body of an answer is built in the workspace's buffer: room for those two
 * members, the decision, and for a while behind it the record. */
#include "http/http_priv.h"

#include <stdio.h>
#include <strings.h>

#include "base/date.h"
#include "base/log.h"
#include "decide/decide.h"

#define HEAD_FORMAT "{\"id\":\"%s\",\"recorded\":%s,"
enum { HEAD_BYTES = sizeof("{\"id\":\"\",\"recorded\":false,") - 1 + UUID_TEXT_LEN };

bool body_is_fit(struct exchange *x, size_t bytes_max)
{
    const char *encoding = header(x, "Content-Encoding");
    if (x->req->binary_body_length > bytes_max) {
        reply_error(x, RC_BODY_TOO_LARGE, "the body is larger than %zu bytes", bytes_max);
        return false;
    }
    if (!is_json_type(header(x, "Content-Type")) || (encoding && strcasecmp(encoding, "identity") != 0)) {
        reply_header(x, "Accept-Post", TYPE_JSON);
        reply_error(x, RC_MEDIA_TYPE, "send Content-Type: " TYPE_JSON ", in UTF-8 and not compressed");
        return false;
    }
    return true;
}

static struct str body_of(const struct exchange *x)
{
    return (struct str){ x->req->binary_body, x->req->binary_body_length };
}

/* Judges the body and writes the decision behind the room for the head. `today` is what as_of is where the request does
 * not say. */
static enum rc judge(struct exchange *x, const struct catalogue *cat, int32_t today, uint32_t language,
                     struct decision *ret, struct error *reterr)
{
    static const char room[HEAD_BYTES];
    struct workspace *w = x->work;
    struct screening s;
    enum rc rc = read_screening(body_of(x), today, &w->faults, &s, reterr);
    if (rc == RC_OK) {
        s.language = language;
        x->language = cat->languages[language].tag;
        rc = screen(cat, &s, &w->arena, &w->faults, ret);
        if (rc == RC_INVALID_REQUEST)
            error_set(reterr, rc, "the request has %zu fault%s", w->faults.total, w->faults.total == 1 ? "" : "s");
        else if (rc != RC_OK)
            error_oom(reterr);
    }
    if (rc == RC_OK) {
        buf_reset(&w->out);
        buf_add(&w->out, room, sizeof(room));
        write_decision(&w->out, ret);
        if (w->out.failed)
            rc = error_oom(reterr);
    }
    return rc;
}

static struct str decision_of(const struct workspace *w)
{
    return (struct str){ w->out.p + HEAD_BYTES, w->out.n - HEAD_BYTES };
}

static void reply_decision(struct exchange *x, struct str body)
{
    reply_header(x, "Cache-Control", "no-store");
    reply_language(x, "Accept-Language");
    reply(x, 200, TYPE_JSON, body);
}

/* The decision, which begins with its brace, becomes the rest of an object that begins with the head. */
static void reply_with_id(struct exchange *x, const char *id, bool recorded)
{
    char head[HEAD_BYTES + 1], location[sizeof("/v1/screenings/") + UUID_TEXT_LEN];
    struct workspace *w = x->work;
    size_t n = (size_t)snprintf(head, sizeof(head), HEAD_FORMAT, id, recorded ? "true" : "false");
    size_t from = HEAD_BYTES + 1 - n;
    memcpy(w->out.p + from, head, n);
    if (recorded) {
        (void)snprintf(location, sizeof(location), "/v1/screenings/%s", id);
        reply_header(x, "Location", location);
    }
    reply_decision(x, (struct str){ w->out.p + from, w->out.n - from });
}

/* ---- the Idempotency-Key ----------------------------------------------------------------------------------- */

struct idempotency {
    bool given;
    char key_hash[DIGEST_TEXT_LEN + 1], fingerprint[DIGEST_TEXT_LEN + 1];
};

bool read_idempotency_key(const char *field, char out[static IDEMPOTENCY_KEY_LEN_MAX], size_t *ret_n)
{
    size_t n = 0;
    bool quoted = *field == '"';
    const char *p = field + quoted;
    for (; *p && !(quoted && *p == '"'); p++) {
        if (quoted && *p == '\\' && *++p != '"' && *p != '\\')
            return false;
        if (*p > '~' || *p < (quoted ? ' ' : '!') || (!quoted && strchr("\",;\\", *p)) || n == IDEMPOTENCY_KEY_LEN_MAX)
            return false;
        out[n++] = *p;
    }
    *ret_n = n;
    return n > 0 && (quoted ? strcmp(p, "\"") == 0 : !*p);
}

/* False: it is no key, and the answer says so. What a client asks for is the body and the languages it accepts. */
static bool idempotency_of(struct exchange *x, const char *request_digest, struct idempotency *ret)
{
    char key[IDEMPOTENCY_KEY_LEN_MAX];
    const char *field = header(x, "Idempotency-Key"), *languages = header(x, "Accept-Language");
    size_t n;
    ret->given = field != NULL;
    if (!field)
        return true;
    if (!read_idempotency_key(field, key, &n)) {
        reply_error(x, RC_MALFORMED_REQUEST,
                    "Idempotency-Key is one string of 1 to %d visible ASCII characters, in double quotes or without "
                    "spaces, commas, semicolons and backslashes",
                    IDEMPOTENCY_KEY_LEN_MAX);
        return false;
    }
    struct str request = arena_printf(&x->work->arena, "%s %s", request_digest, languages ? languages : "");
    if (!request.p) {
        reply_out_of_memory(x);
        return false;
    }
    digest_sha256((struct str){ key, n }, ret->key_hash);
    digest_sha256(request, ret->fingerprint);
    return true;
}

/* The request came before: the same answer, by the rules, the day and the language of that time. */
static void reply_again(struct exchange *x, struct catalogue *now, const struct record_repeat *first)
{
    CLEANUP(catalogue_unrefp) struct catalogue *cat = NULL;
    struct decision d;
    struct error err = { .code = RC_OK };
    char digest[DIGEST_TEXT_LEN + 1];
    if (!first->same) {
        reply_error(x, RC_KEY_REUSED, "this Idempotency-Key came with another request before: take a new one");
        return;
    }
    enum rc rc =
        shelf_find(http_config_of(x->http)->record.shelf, x->caller.clinic, now, first->catalogue_digest, &cat, &err);
    int32_t language = rc == RC_OK ? catalogue_find_language(cat, str_of(first->language)) : 0;
    faults_init(&x->work->faults, &x->work->arena);
    if (rc == RC_OK)
        rc = judge(x, cat, first->as_of, language < 0 ? 0 : (uint32_t)language, &d, &err);
    if (rc == RC_OK)
        digest_sha256(decision_of(x->work), digest);
    if (rc != RC_OK || strcmp(digest, first->answer_digest) != 0) {
        log_event(LOG_ERROR, "answer_not_repeated", F_STR("id", str_of(first->id)),
                  F_STR("why", rc == RC_OK ? STR("it is decided otherwise now") : str_of(err.text)));
        reply_error(x, RC_RECORD_UNAVAILABLE,
                    "the answer that this Idempotency-Key had cannot be made again now: it is "
                    "recorded as %s",
                    first->id);
        return;
    }
    reply_with_id(x, first->id, true);
}

struct asked_before {
    struct exchange *x;
    struct idempotency key;
    struct record_repeat first;
    bool found;
};

static enum rc find_key(struct store *s, void *arg, struct error *reterr)
{
    struct asked_before *a = arg;
    return store_record_of_key(s, a->x->caller.clinic, a->key.key_hash, a->key.fingerprint, &a->found, &a->first,
                               reterr);
}

/* What the catalogue refuses today it may have answered when the request came first: then that answer is given. */
static bool replied_as_before(struct exchange *x, struct catalogue *now)
{
    struct asked_before a = { .x = x };
    struct error err;
    char request_digest[DIGEST_TEXT_LEN + 1];
    if (http_config_of(x->http)->record.mode == RECORD_OFF || !header(x, "Idempotency-Key"))
        return false;
    digest_sha256(body_of(x), request_digest);
    if (!idempotency_of(x, request_digest, &a.key))
        return true;
    if (pool_use(http_config_of(x->http)->record.pool, find_key, &a, &err) != RC_OK || !a.found || !a.first.same)
        return false;
    reply_again(x, now, &a.first);
    return true;
}

/* ---- recording --------------------------------------------------------------------------------------------- */

static void record_and_reply(struct exchange *x, struct catalogue *cat, const struct decision *d, int64_t begin)
{
    const struct recording *config = &http_config_of(x->http)->record;
    struct workspace *w = x->work;
    char id[UUID_TEXT_LEN + 1], request_digest[DIGEST_TEXT_LEN + 1], answer_digest[DIGEST_TEXT_LEN + 1];
    struct idempotency key;
    struct record_repeat first;
    struct error err;
    bool repeated = false;
    digest_sha256(body_of(x), request_digest);
    digest_sha256(decision_of(w), answer_digest);
    if (!idempotency_of(x, request_digest, &key))
        return;
    if (!uuid_new(id)) {
        reply_error(x, RC_RECORD_UNAVAILABLE, "the system gave no random numbers");
        return;
    }
    struct record r = {
        .caller = &x->caller,
        .id = id,
        .decision = d,
        .language = x->language,
        .request = body_of(x),
        .request_digest = request_digest,
        .answer_digest = answer_digest,
        .duration_us = (clock_ns() - begin) / 1000,
        .key_hash = key.given ? key.key_hash : NULL,
        .fingerprint = key.fingerprint,
    };
    size_t end = w->out.n;
    write_record(&w->out, &r);
    if (w->out.failed) {
        reply_out_of_memory(x);
        return;
    }
    struct str text = { w->out.p + end, w->out.n - end };
    enum rc rc = recorder_store(config->recorder, text, config->timeout_ms, &first, &repeated, &err);
    w->out.n = end;
    if (rc == RC_OK && repeated)
        reply_again(x, cat, &first);
    else if (rc == RC_OK || config->mode == RECORD_BEST_EFFORT)
        reply_with_id(x, id, rc == RC_OK);
    else
        reply_problem(x, &err, NULL);
}

void post_screening(struct exchange *x)
{
    int64_t begin = clock_ns();
    struct decision d;
    struct error err = { .code = RC_OK };
    if (!body_is_fit(x, BODY_BYTES_MAX))
        return;
    CLEANUP(catalogue_unrefp) struct catalogue *cat = slot_acquire(http_config_of(x->http)->slot, x->caller.clinic);
    if (!cat) {
        reply_error(x, RC_NO_CATALOGUE, "no catalogue is in force");
        return;
    }
    enum rc rc = judge(x, cat, date_today(), negotiated_language(header(x, "Accept-Language"), cat), &d, &err);
    if (rc == RC_INVALID_REQUEST && replied_as_before(x, cat))
        return;
    if (rc != RC_OK)
        reply_problem(x, &err, &x->work->faults);
    else if (http_config_of(x->http)->record.mode == RECORD_OFF)
        reply_decision(x, decision_of(x->work));
    else
        record_and_reply(x, cat, &d, begin);
    if (rc == RC_OK && x->res->status == 200)
        account_decision(x, d.disposition);
}
