/* What records decisions, and what reads records: the recorder with its thread, the pool of connections that endpoints
 * use, and the catalogues of other days. */
#ifndef PALPATE_LIVE_RECORDER_H
#define PALPATE_LIVE_RECORDER_H

#include "rules/rules.h"
#include "store/records.h"

/* ---- the recorder ------------------------------------------------------------------------------------------ */

/* Group commit: one thread and one connection write what all others hand in. A batch is whatever waits when the one
 * before it is done, so batches grow with the load and nobody waits for a timer. */
struct recorder;

/* Connects in its own time: while it cannot, nothing is taken. */
enum rc recorder_start(const char *conninfo, struct recorder **ret, struct error *reterr) MUST_USE;
/* Writes what still waits, once, and ends the thread; nobody may be in recorder_store(). Accepts NULL. */
void recorder_stop(struct recorder *r);

/* Hands in one record (wire/wire.h) and waits until it is on disk, for `timeout_ms` at most. From any thread. RC_OK: it
 * is stored, or with *ret_repeated its Idempotency-Key was used before and *ret_repeat says for what.
 * RC_RECORD_UNAVAILABLE: it is not, or nobody can say so in time. */
enum rc recorder_store(struct recorder *r, struct str record, int timeout_ms, struct record_repeat *ret_repeat,
                       bool *ret_repeated, struct error *reterr) MUST_USE;

/* Upper bounds of the histograms' buckets; the last one has none. */
#define RECORDER_COMMIT_US                                                                                             \
    {                                                                                                                  \
        500, 1000, 2000, 5000, 10000, 20000, 50000, 100000, 500000, 2000000                                            \
    }
#define RECORDER_BATCH_ROWS                                                                                            \
    {                                                                                                                  \
        1, 2, 5, 10, 20, 50, 100, 200, 500                                                                             \
    }
enum { RECORDER_COMMIT_BUCKETS = 11, RECORDER_BATCH_BUCKETS = 10 };

/* Counts since the start. */
struct recorder_stats {
    uint64_t queued;                   /* waiting now */
    uint64_t stored, repeated;         /* records */
    uint64_t refused;                  /* by the database, for what is in them */
    uint64_t unavailable;              /* handed in and not stored: the queue was full, the database away, time up */
    uint64_t batches, commit_us_total; /* transactions that were committed */
    uint64_t commits[RECORDER_COMMIT_BUCKETS], sizes[RECORDER_BATCH_BUCKETS];
    uint64_t reconnects;
    bool connected;
};
struct recorder_stats recorder_stats(struct recorder *r);

/* ---- connections ------------------------------------------------------------------------------------------- */

/* A few connections for those who read records, opened when they are first needed. */
struct pool;
enum rc pool_new(const char *conninfo, struct pool **ret, struct error *reterr) MUST_USE;
void pool_free(struct pool *p);

/* Runs `work` with a connection; once more with a new one where one that was kept turns out to be lost. RC_STORE_DOWN
 * when none is free in time. */
enum rc pool_use(struct pool *p, enum rc (*work)(struct store *s, void *arg, struct error *reterr), void *arg,
                 struct error *reterr) MUST_USE;

/* ---- catalogues of other days ------------------------------------------------------------------------------ */

/* Keeps a few that are not in force any more, so that what was decided under them can be decided again. */
struct shelf;
enum rc shelf_new(struct pool *pool, struct shelf **ret, struct error *reterr) MUST_USE;
void shelf_free(struct shelf *s);
/* The catalogue with this digest, counted: `now` (which may be NULL) if it is that one, else one that is kept or is in
 * the database, with an overlay of the clinic's or without. RC_NOT_FOUND when it is nowhere. */
enum rc shelf_find(struct shelf *s, const char *clinic, struct catalogue *now, const char *digest,
                   struct catalogue **ret, struct error *reterr) MUST_USE;

#endif
