/* Shared by the files of http/ only. */
#ifndef PALPATE_HTTP_HTTP_PRIV_H
#define PALPATE_HTTP_HTTP_PRIV_H

#include <ulfius.h>

#include "base/language.h"
#include "domain/caller.h"
#include "http/account.h"
#include "http/guard.h"
#include "http/http.h"
#include "http/limits.h"
#include "http/trace.h"

/* What one thread works with, kept from request to request. */
struct workspace {
    struct arena arena;
    struct buf out;
    struct faults faults;
};

/* One request and the answer to it. */
struct exchange {
    struct http *http;
    const struct _u_request *req;
    struct _u_response *res;
    struct workspace *work;
    struct caller caller; /* filled before the handler is called */
    struct connection *connection;
    int64_t began_ns;
    int64_t before; /* how many requests were in flight when this one came */
    size_t route;   /* its place in the table; route_count() where it has none */
    enum rc rc;     /* why it failed, as far as there is a problem document */
    char request_id[REQUEST_ID_TEXT_BYTES], trace_id[TRACE_ID_TEXT_BYTES];
    struct str path;     /* of the target, as sent */
    struct str id;       /* the last segment of the path, where the route has one; decoded */
    struct str language; /* of the texts in the answer; p is NULL where no choice is given */
};

typedef void (*handler)(struct exchange *x);

void get_catalogue(struct exchange *x);
void get_facts(struct exchange *x);
void get_techniques(struct exchange *x);
void get_rules(struct exchange *x);
void get_rule(struct exchange *x);
void get_evidence_list(struct exchange *x);
void get_evidence(struct exchange *x);
void get_live(struct exchange *x);
void get_ready(struct exchange *x);
void get_metrics(struct exchange *x);
void get_openapi_yaml(struct exchange *x);
void get_openapi_json(struct exchange *x);
void post_screening(struct exchange *x);
void get_screening(struct exchange *x);
void get_screenings(struct exchange *x);
void delete_screenings(struct exchange *x);
void get_catalogues(struct exchange *x);
void post_catalogue(struct exchange *x);
void get_stored_catalogue(struct exchange *x);
void post_catalogue_step(struct exchange *x);
void get_own_overlay(struct exchange *x);
void put_own_overlay(struct exchange *x);
void delete_own_overlay(struct exchange *x);

/* Where the versions and overlays are; else an answer says that there is no such place. */
struct desk *desk_of(struct exchange *x);
/* Whoever changes something has a name; else an answer says so. */
bool is_known(struct exchange *x);

/* Parsing and dispatch: one call a request. */
void route(struct exchange *x);

/* Is this a request whose body may be a whole catalogue or overlay, from a caller who may store one? Asked before it is
 * read. */
bool takes_document(const struct http *h, struct MHD_Connection *c, const char *method, const char *url);

/* May the caller do what needs this (enum route_needs)? Fills x->caller; else answers 401, 403 or 503. */
bool authorized(struct exchange *x, int needs);
size_t route_count(void);
const char *route_path(size_t i); /* "other" for route_count() */
/* The first route of the same group: those of one collection, or of the same first segment. */
size_t route_group(size_t i) PURE;
/* The group's name, such as screenings. */
struct str route_group_name(size_t i) PURE;
/* Health checks and metrics: no limit holds for them, and they do not fail. */
bool route_is_exempt(size_t i) PURE;

/* What /health/ready says, not counting a stop under way. */
bool is_fit(const struct http_config *c, const struct catalogue *cat);

const struct http_config *http_config_of(const struct http *h);
struct account *http_account_of(struct http *h);
struct rates *http_rates_of(struct http *h); /* NULL: there is no limit */
bool http_is_stopping(const struct http *h);
int64_t http_started_at(const struct http *h); /* seconds since 1970 */

/* ---- limits and accounts ---------------------------------------------------------------------------------- */

/* May this request go on? Else it has its answer: too many are in flight, the caller may not do it (enum route_needs),
 * or sends too many. The caller is the key, or the client's address where none was shown or it is no good. */
bool admitted(struct exchange *x, int needs);
void account_begin(struct exchange *x);
/* Puts the id into the answer, counts it, and writes a line where it failed. */
void account_end(struct exchange *x);
void account_decision(struct exchange *x, enum disposition disposition);

/* ---- answering -------------------------------------------------------------------------------------------- */

#define TYPE_JSON    "application/json"
#define TYPE_PROBLEM "application/problem+json"
#define RETRY_AFTER  "2" /* seconds, with every 503 */

void reply(struct exchange *x, int status, const char *type, struct str body);
void reply_header(struct exchange *x, const char *name, const char *value);
/* An error document; `faults` may be NULL. */
void reply_problem(struct exchange *x, const struct error *err, const struct faults *faults);
/* Needs no memory of the request's own. */
void reply_out_of_memory(struct exchange *x);
void reply_error(struct exchange *x, enum rc rc, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* Says which language the answer is in, and that the client chose it. */
void reply_language(struct exchange *x, const char *vary);
/* A text that changes only with `digest` and the language: with an ETag, and 304 when the client has it already. */
void reply_cached(struct exchange *x, const char *type, struct str body, const char *digest);

/* Undoes percent-encoding; p is NULL when it is broken. */
struct str decode(struct arena *arena, struct str s);
/* The target's query, without its "?"; empty when there is none. */
struct str query_of(const struct exchange *x);

/* The body is whole, of a size that is ours, and JSON; else an answer says what is wrong. */
bool body_is_fit(struct exchange *x, size_t bytes_max);

/* The value of a header field, or NULL. */
const char *header(const struct exchange *x, const char *name);
/* The next item of a comma-separated list, without the space around it; false at the end. */
bool next_item(const char **list, struct str *ret);
/* The language of Accept-Language that a catalogue has: its place there. The own one where nothing fits, for an answer
 * in another language is better than none. */
uint32_t negotiated_language(const char *accept, const struct catalogue *cat) PURE;
/* Does the client accept this media type (RFC 9110, 12.5.1)? */
bool accepts(const char *accept, const char *type) PURE;
/* Is one of the entity tags of If-None-Match ours (RFC 9110, 13.1.2)? */
bool matches_etag(const char *if_none_match, const char *etag) PURE;
/* The revision of this version that an entity tag of ours names; false when it names something else. */
bool revision_of_tag(struct str tag, int32_t version, int32_t *ret);
enum { IDEMPOTENCY_KEY_LEN_MAX = 255 };
/* A string of structured fields (RFC 8941, 3.3.3), or the same without quotes where it has no space, comma or quote. */
bool read_idempotency_key(const char *field, char out[static IDEMPOTENCY_KEY_LEN_MAX], size_t *ret_n);
/* Is this the media type of a JSON body, with no charset but UTF-8? */
bool is_json_type(const char *content_type) PURE;

#endif
