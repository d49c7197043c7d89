/* How often one caller may call: a token bucket each, in a table of constant size.
 *
 * A bucket is one number, the time at which it will be full again (GCRA): `rate` tokens drip in a second, `burst` fit.
 * The table has room for thousands of callers. When it is crowded, the caller whose bucket is the fullest, who loses
 * the least by it, makes room and starts anew with a full bucket; memory never grows. Names are kept only as keyed
 * hashes, whose key is drawn at the start, so nobody can aim at another caller's place. Safe from any thread. */
#ifndef PALPATE_HTTP_LIMITS_H
#define PALPATE_HTTP_LIMITS_H

#include <stdint.h>

#include "base/error.h"

struct rates;

/* What one request leaves behind. */
struct rate {
    bool allowed;
    uint32_t left;    /* whole tokens that are still there */
    uint32_t wait_s;  /* when refused: after this many seconds one is there, at least 1 */
    uint32_t reset_s; /* after this many seconds without a request the bucket is full */
};

/* `rate` tokens a second and `burst` at most, both at least 1. */
enum rc rates_new(uint32_t rate, uint32_t burst, struct rates **ret, struct error *reterr) MUST_USE;
void rates_free(struct rates *r);
/* Takes a token of `caller` at `now_ns` of a clock that never jumps. */
struct rate rates_take(struct rates *r, struct str caller, int64_t now_ns);

/* How many callers the table remembers. */
enum { RATES_SETS = 1024, RATES_WAYS = 8 };

#endif
