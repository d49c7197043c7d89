/* The HTTP API: the only user of ulfius. One table of routes, one file per group of endpoints.
 *
 * Handlers parse, call and encode; no rule lives here. They run on the server's own threads; only those that
 * record or read records wait for the database. */
#ifndef PALPATE_HTTP_HTTP_H
#define PALPATE_HTTP_HTTP_H

#include "gen/embedded.h"
#include "live/live.h"
#include "live/recorder.h"
#include "wire/wire.h"

/* Must a decision be recorded before it is given? */
enum record_mode {
    RECORD_OFF,
    RECORD_BEST_EFFORT, /* the answer says whether it was */
    RECORD_REQUIRED,    /* else there is no answer */
};
struct recording {
    enum record_mode mode;
    int timeout_ms;
    struct recorder *recorder; /* NULL with RECORD_OFF */
    struct shelf *shelf;       /* NULL with RECORD_OFF */
    struct pool *pool;         /* NULL: there are no records to read */
};

struct http_config {
    const char *listen;                               /* a numeric address, IPv4 or IPv6 */
    uint16_t port;                                    /* 0: any free one */
    int connections_max, connections_per_address_max; /* the latter 0: no bound */
    int idle_timeout_s;
    /* for a request's header, for its body, for the client's taking of the answer, for what is in flight when it stops;
     * 0: no bound, and no waiting */
    int header_timeout_s, body_timeout_s, answer_timeout_s, stop_timeout_s;
    int requests_in_flight_max;            /* 0: no bound */
    uint32_t rate_limit, rate_burst;       /* requests a second of one caller, and at once; 0: no bound */
    const char *tls_certificate, *tls_key; /* files in PEM; NULL: plain HTTP */
    const char *version;                   /* of the program; may be NULL */
    int threads;
    struct slot *slot;
    struct watch *watch;     /* NULL: there is no database */
    struct desk *desk;       /* NULL as well */
    struct str accepted;     /* what is accepted of a review where a request does not say it; p NULL: nothing */
    struct keyring *keyring; /* NULL: nobody has to say who they are */
    struct recording record;
    struct str openapi_yaml, openapi_json;
    const struct embedded *pages; /* those for people, with their files */
    size_t n_pages;               /* 0: there are none */
};

struct http;
/* Listens and serves. The configuration's pointers must outlive the server. */
enum rc http_start(const struct http_config *config, struct http **ret, struct error *reterr) MUST_USE;
/* The port it listens on. */
uint16_t http_port(const struct http *h);
/* From now on /health/ready says no, and every answer closes its connection. */
void http_drain(struct http *h);
/* Stops listening, waits for what is in flight as long as configured, ends the rest, frees; accepts NULL. */
void http_stop(struct http *h);
/* Reads the certificate and its key again. Where they are wrong, those in use stay; without TLS there is nothing to do.
 */
enum rc http_reload(struct http *h, struct error *reterr) MUST_USE;

/* Who a method of a route answers. */
enum route_needs {
    ROUTE_UNSTATED, /* nobody: the table has a hole */
    ROUTE_OPEN,     /* everyone */
    ROUTE_PAGE,     /* everyone, where there are pages: for people, and not part of the API */
    ROUTE_ANY_KEY,  /* every caller that is known */
    ROUTE_SCOPE,    /* + enum scope: callers that have it */
};

/* The table of routes, for whoever wants to compare it with the API's document: calls `take` with each path that is not
 * a page's, each method but HEAD and OPTIONS, which every path has, and whom it answers. */
void http_each_route(void (*take)(void *to, const char *path, const char *method, int needs), void *to);

#endif
