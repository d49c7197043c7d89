/* Knows every open connection, and closes those whose client keeps it waiting: slow clients cannot hold the service.
 *
 * libmicrohttpd has one time-out, which every byte that trickles in starts anew. Here each stage of a request has its
 * own end: its header, its body, the client's taking of the answer, the rest until the next request. One thread looks
 * at all connections a few times a second and shuts those past their end down; libmicrohttpd then sees a connection
 * whose client is gone, and only it ever closes a socket. It is all the same whether a thread serves one connection or
 * many.
 *
 * When more than seven eighths of all connections there may be are open, whoever has kept us waiting for a second makes
 * room, and when more than fifteen sixteenths are, whoever has for a tenth of a second: a crowd of slow clients costs
 * the others no more than that. */
#ifndef PALPATE_HTTP_GUARD_H
#define PALPATE_HTTP_GUARD_H

#include <microhttpd.h>
#include <stdint.h>

#include "base/error.h"
#include "http/tls.h"

enum stage {
    STAGE_NEW,    /* nothing has come: the header is due */
    STAGE_HEADER, /* the request line has come */
    STAGE_BODY,   /* the header has come */
    STAGE_WORK,   /* the request is ours: nobody keeps us waiting */
    STAGE_ANSWER, /* the client is to take the answer */
    STAGE_IDLE,   /* answered: the next request may come */
    STAGE_COUNT_
};

struct guard_config {
    int header_s, body_s, answer_s, idle_s; /* header, body, answer: 0 sets no bound */
    int connections_max;
    struct tls *tls; /* NULL: plain */
};

struct guard;
struct connection;

/* Starts the thread. */
enum rc guard_start(const struct guard_config *config, struct guard **ret, struct error *reterr) MUST_USE;
/* Only when no connection is left; accepts NULL. */
void guard_stop(struct guard *g);

/* For MHD_OPTION_NOTIFY_CONNECTION, with the guard as its closure. */
void guard_notified(void *guard, struct MHD_Connection *of, void **context, enum MHD_ConnectionNotificationCode code);
/* What was made of a connection; NULL when there was no memory, and the connection is being closed. */
struct connection *guard_find(struct MHD_Connection *of);
/* What the server has made for the request under way, NULL between requests; it is the server's to free. NULL for NULL.
 */
void **guard_request(struct connection *c) PURE;
/* Called by the thread that serves the connection; accepts NULL. */
void guard_enter(struct connection *c, enum stage stage);
/* The header is whole: from the first call on, the body is due. */
void guard_enter_body(struct connection *c);
/* The client's address as text without its port, "" when unknown; of an IPv6 address its network of 64 bits, for a
 * client has as many addresses there as it likes. */
struct str guard_address(const struct connection *c);

/* How many connections there have been: libmicrohttpd has begun to serve them. */
uint64_t guard_begun(const struct guard *g);
/* Closes connections as soon as nothing is under way on them, until none is left or the time is up. True when none is
 * left. To be called when no new ones are accepted any more. */
bool guard_drain(struct guard *g, int seconds);

#endif
