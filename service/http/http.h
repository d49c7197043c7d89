/* The HTTP API: the only user of ulfius. One table of routes, one file per group of endpoints.
 *
 * Handlers parse, call and encode; no rule lives here. They run on the server's own threads; only those that
 * record or read records wait for the database. */
#ifndef PALPATE_HTTP_HTTP_H
#define PALPATE_HTTP_HTTP_H

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
    int threads;
    struct slot *slot;
    struct watch *watch;     /* NULL: there is no database */
    struct desk *desk;       /* NULL as well */
    struct str accepted;     /* what is accepted of a review where a request does not say it; p NULL: nothing */
    struct keyring *keyring; /* NULL: nobody has to say who they are */
    struct recording record;
    struct str openapi_yaml, openapi_json;
};

struct http;
/* Listens and serves. The configuration's pointers must outlive the server. */
enum rc http_start(const struct http_config *config, struct http **ret, struct error *reterr) MUST_USE;
/* The port it listens on. */
uint16_t http_port(const struct http *h);
/* Stops listening, ends what is in flight, frees; accepts NULL. */
void http_stop(struct http *h);

/* Who a method of a route answers. */
enum route_needs {
    ROUTE_UNSTATED, /* nobody: the table has a hole */
    ROUTE_OPEN,     /* everyone */
    ROUTE_ANY_KEY,  /* every caller that is known */
    ROUTE_SCOPE,    /* + enum scope: callers that have it */
};

/* The table of routes, for whoever wants to compare it with the API's document: calls `take` with each path, each
 * method but HEAD and OPTIONS, which every path has, and whom it answers. */
void http_each_route(void (*take)(void *to, const char *path, const char *method, int needs), void *to);

#endif
