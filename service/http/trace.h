/* Ids by which a client's report, a log line and a trace find each other. */
#ifndef PALPATE_HTTP_TRACE_H
#define PALPATE_HTTP_TRACE_H

#include "base/attr.h"
#include "base/str.h"

enum {
    ID_BYTES = 16,              /* of an id that we make */
    REQUEST_ID_TEXT_BYTES = 37, /* a UUID or 32 digits, terminated */
    TRACE_ID_TEXT_BYTES = 33,
};

/* Takes the client's id when it is a UUID or 32 hexadecimal digits (so that it cannot carry anything else into a log),
 * else makes one. */
void request_id_take(const char *x_request_id, char out[static REQUEST_ID_TEXT_BYTES]);
/* Takes the trace id of a `traceparent` (W3C Trace Context), else makes one. */
void trace_id_take(const char *traceparent, char out[static TRACE_ID_TEXT_BYTES]);

#endif
