/* Reads what an address gives. */
#ifndef PALPATE_LIVE_FETCH_H
#define PALPATE_LIVE_FETCH_H

#include <stdatomic.h>

#include "base/buf.h"

struct fetch {
    const char *url;
    bool direct;   /* never through a proxy */
    bool any_name; /* over TLS: whose certificate it is does not matter */
    long connect_ms, timeout_ms;
    atomic_bool *give_up; /* ends it early; may be NULL */
};

/* One GET, without following redirects. NULL when there was an answer, whatever it says, else why there was none, as a
 * constant sentence. An answer that is larger than `text` may be leaves text->failed, and counts as one. */
const char *fetch(const struct fetch *f, struct buf *text, long *ret_status) MUST_USE;

#endif
