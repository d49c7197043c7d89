/* One thread writes, all others wait for their own row.
 *
 * The hard part is a connection that is lost while a batch is at its commit: nobody knows then whether it is stored.
 * The batch is tried again on a new connection with "again" set, and the database leaves alone what is there already,
 * after it has the lock that the lost transaction may still hold. So nothing is lost or stored twice, by whichever way
 * it went.
 *
 * A row whose time is up is withdrawn when it still waits in the queue. When it is in the batch that is being written,
 * its waiter goes away and the thread frees it: it may then be stored though its answer was never sent, which is the
 * harmless way round. */
#include "live/recorder.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/buf.h"
#include "base/date.h"
#include "base/log.h"
#include "live/live_priv.h"

enum {
    BATCH_ROWS = 500,
    BATCH_BYTES = 4 * 1024 * 1024,
    RECORD_BYTES_MAX = 1024 * 1024, /* a body of the largest size, each of its bytes escaped, and more */
    QUEUE_ROWS = 4096,
    QUEUE_BYTES = 64 * 1024 * 1024,
};

struct row {
    struct row *next;
    struct str text; /* owned */
    pthread_cond_t settled;
    bool taken, done, left; /* by the thread; by the thread; by the one who waited */
    enum rc rc;
    bool repeated;
    struct record_repeat repeat;
};

struct batch {
    struct row *at[BATCH_ROWS];
    size_t n;
};

struct recorder {
    char *conninfo;
    pthread_t thread;
    pthread_mutex_t lock; /* guards all down to `stats`, and the flags and results of rows */
    pthread_cond_t wake;
    struct row *first, **last;
    size_t queued_rows, queued_bytes;
    bool stopping, refusing; /* refusing: the database is away, so nobody needs to wait */
    struct recorder_stats stats;
    /* the thread's own */
    struct store *store;
    struct batch batch;
    struct buf text;
    struct record_repeat repeats[BATCH_ROWS];
    unsigned failures; /* in a row */
};

/* ---- those who hand in ------------------------------------------------------------------------------------- */

static void row_free(struct row *row)
{
    (void)pthread_cond_destroy(&row->settled);
    free((char *)row->text.p);
    free(row);
}

static bool cond_init(pthread_cond_t *cond)
{
    pthread_condattr_t attr;
    bool good = pthread_condattr_init(&attr) == 0;
    if (good) {
        good = pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) == 0 && pthread_cond_init(cond, &attr) == 0;
        (void)pthread_condattr_destroy(&attr);
    }
    return good;
}

static struct row *row_new(struct str text)
{
    struct row *row = calloc(1, sizeof(*row));
    char *copy = malloc(text.n);
    if (row && copy && cond_init(&row->settled)) {
        memcpy(copy, text.p, text.n);
        row->text = (struct str){ copy, text.n };
        return row;
    }
    free(copy);
    free(row);
    return NULL;
}

static struct timespec after(int timeout_ms)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    int64_t ns = t.tv_nsec + (int64_t)(timeout_ms % 1000) * 1000000;
    t.tv_sec += timeout_ms / 1000 + ns / 1000000000;
    t.tv_nsec = ns % 1000000000;
    return t;
}

static void withdraw_locked(struct recorder *r, struct row *row)
{
    struct row **at = &r->first;
    while (*at != row)
        at = &(*at)->next;
    *at = row->next;
    if (r->last == &row->next)
        r->last = at;
    r->queued_rows--;
    r->queued_bytes -= row->text.n;
}

static enum rc unavailable(struct error *reterr, const char *why)
{
    return error_set(reterr, RC_RECORD_UNAVAILABLE, "the decision could not be recorded: %s", why);
}

enum rc recorder_store(struct recorder *r, struct str record, int timeout_ms, struct record_repeat *ret_repeat,
                       bool *ret_repeated, struct error *reterr)
{
    struct timespec deadline = after(timeout_ms);
    struct row *row = record.n <= RECORD_BYTES_MAX ? row_new(record) : NULL;
    enum rc rc = RC_OK;
    if (!row)
        return error_oom(reterr);
    (void)pthread_mutex_lock(&r->lock);
    if (r->refusing || r->stopping || r->queued_rows >= QUEUE_ROWS || r->queued_bytes + record.n > QUEUE_BYTES) {
        bool away = r->refusing;
        r->stats.unavailable++;
        (void)pthread_mutex_unlock(&r->lock);
        row_free(row);
        return unavailable(reterr, away ? "the database cannot be reached" : "too many wait for that already");
    }
    *r->last = row;
    r->last = &row->next;
    r->queued_rows++;
    r->queued_bytes += record.n;
    (void)pthread_cond_signal(&r->wake);
    while (!row->done && pthread_cond_timedwait(&row->settled, &r->lock, &deadline) == 0)
        ;
    bool keep = !row->done && row->taken; /* the thread still has it */
    if (!row->done) {
        rc = unavailable(reterr, "the database took too long");
        r->stats.unavailable++;
        if (keep)
            row->left = true;
        else
            withdraw_locked(r, row);
    } else if (row->rc != RC_OK) {
        rc = unavailable(reterr, row->rc == RC_STORE_REFUSED ? "the database refused it" : "the database is away");
    } else {
        *ret_repeated = row->repeated;
        *ret_repeat = row->repeat;
    }
    (void)pthread_mutex_unlock(&r->lock);
    if (!keep)
        row_free(row);
    return rc;
}

struct recorder_stats recorder_stats(struct recorder *r)
{
    (void)pthread_mutex_lock(&r->lock);
    struct recorder_stats stats = r->stats;
    stats.queued = r->queued_rows;
    (void)pthread_mutex_unlock(&r->lock);
    return stats;
}

/* ---- the thread: outcomes ---------------------------------------------------------------------------------- */

/* Gives a row its outcome; the one who waits frees it, or we do where nobody does. */
static void settle_locked(struct recorder *r, struct row *row, enum rc rc)
{
    row->rc = rc;
    row->done = true;
    if (rc == RC_STORE_REFUSED)
        r->stats.refused++;
    else if (rc != RC_OK && !row->left)
        r->stats.unavailable++;
    if (row->left)
        row_free(row);
    else
        (void)pthread_cond_signal(&row->settled);
}

static void settle_part_locked(struct recorder *r, size_t from, size_t to, enum rc rc)
{
    for (size_t i = from; i < to; i++) {
        if (r->batch.at[i])
            settle_locked(r, r->batch.at[i], rc);
        r->batch.at[i] = NULL;
    }
}

static void settle_part(struct recorder *r, size_t from, size_t to, enum rc rc)
{
    (void)pthread_mutex_lock(&r->lock);
    settle_part_locked(r, from, to, rc);
    (void)pthread_mutex_unlock(&r->lock);
}

static size_t bucket(uint64_t v, const uint64_t *bounds, size_t n)
{
    size_t i = 0;
    while (i < n && v > bounds[i])
        i++;
    return i;
}

static void settle_stored(struct recorder *r, size_t from, size_t to, size_t n_repeats, int64_t us)
{
    static const uint64_t commit_us[] = RECORDER_COMMIT_US, batch_rows[] = RECORDER_BATCH_ROWS;
    static_assert(ARRAY_LEN(commit_us) + 1 == RECORDER_COMMIT_BUCKETS, "a bucket for all above the last bound");
    static_assert(ARRAY_LEN(batch_rows) + 1 == RECORDER_BATCH_BUCKETS, "a bucket for all above the last bound");
    (void)pthread_mutex_lock(&r->lock);
    for (size_t i = 0; i < n_repeats; i++) {
        struct row *row = r->repeats[i].row < to - from ? r->batch.at[from + r->repeats[i].row] : NULL;
        if (row) {
            row->repeated = true;
            row->repeat = r->repeats[i];
        }
    }
    r->stats.batches++;
    r->stats.commit_us_total += (uint64_t)us;
    r->stats.commits[bucket((uint64_t)us, commit_us, ARRAY_LEN(commit_us))]++;
    r->stats.sizes[bucket(to - from, batch_rows, ARRAY_LEN(batch_rows))]++;
    r->stats.repeated += n_repeats;
    r->stats.stored += to - from - n_repeats;
    settle_part_locked(r, from, to, RC_OK);
    (void)pthread_mutex_unlock(&r->lock);
}

/* ---- the thread: writing ----------------------------------------------------------------------------------- */

static enum rc write_part(struct recorder *r, size_t from, size_t to, bool again, struct error *reterr)
{
    size_t n_repeats = 0;
    int64_t begin = clock_ns();
    buf_reset(&r->text);
    for (size_t i = from; i < to; i++) {
        buf_add_char(&r->text, i == from ? '[' : ',');
        buf_add_str(&r->text, r->batch.at[i]->text);
    }
    buf_add(&r->text, "]", 2); /* with a zero byte */
    if (r->text.failed)
        return error_oom(reterr);
    enum rc rc =
        store_records_append(r->store, r->text.p, again, r->repeats, ARRAY_LEN(r->repeats), &n_repeats, reterr);
    if (rc == RC_OK)
        settle_stored(r, from, to, n_repeats, (clock_ns() - begin) / 1000);
    return rc;
}

/* A batch that is refused is halved until the row that is at fault stands alone. What is settled is NULL afterwards;
 * what is not goes on being in doubt. */
static enum rc write_halves(struct recorder *r, size_t from, size_t to, bool again, struct error *reterr)
{
    enum rc rc = write_part(r, from, to, again, reterr);
    if (rc != RC_STORE_REFUSED)
        return rc;
    if (to - from == 1) {
        log_event(LOG_ERROR, "record_refused", F_STR("why", str_of(reterr->text)),
                  F_STR("effect", STR("this one decision is not recorded, the others are")));
        settle_part(r, from, to, RC_STORE_REFUSED);
        return RC_OK;
    }
    size_t middle = from + (to - from) / 2;
    rc = write_halves(r, from, middle, again, reterr);
    return rc == RC_OK ? write_halves(r, middle, to, again, reterr) : rc;
}

/* Leaves the batch without those that are settled and those that nobody waits for any more. */
static void tidy_batch(struct recorder *r)
{
    size_t n = 0;
    (void)pthread_mutex_lock(&r->lock);
    for (size_t i = 0; i < r->batch.n; i++) {
        struct row *row = r->batch.at[i];
        if (row && row->left)
            row_free(row);
        else if (row)
            r->batch.at[n++] = row;
    }
    r->batch.n = n;
    (void)pthread_mutex_unlock(&r->lock);
}

/* Waits for rows and takes them; false when there are none and none will come. */
static bool take_batch(struct recorder *r)
{
    size_t bytes = 0;
    (void)pthread_mutex_lock(&r->lock);
    while (!r->first && !r->stopping)
        (void)pthread_cond_wait(&r->wake, &r->lock);
    while (r->first && r->batch.n < BATCH_ROWS && (r->batch.n == 0 || bytes + r->first->text.n <= BATCH_BYTES)) {
        struct row *row = r->first;
        r->first = row->next;
        row->taken = true;
        bytes += row->text.n;
        r->queued_rows--;
        r->queued_bytes -= row->text.n;
        r->batch.at[r->batch.n++] = row;
    }
    if (!r->first)
        r->last = &r->first;
    (void)pthread_mutex_unlock(&r->lock);
    return r->batch.n > 0;
}

/* ---- the thread: the connection ---------------------------------------------------------------------------- */

/* Nobody needs to wait for a database that is away: those in the queue are told so, and those who come are, too. */
static void refuse_all(struct recorder *r, bool refusing)
{
    (void)pthread_mutex_lock(&r->lock);
    r->refusing = refusing;
    while (refusing && r->first) {
        struct row *row = r->first;
        withdraw_locked(r, row);
        settle_locked(r, row, RC_STORE_DOWN);
    }
    (void)pthread_mutex_unlock(&r->lock);
}

static void set_connected(struct recorder *r, bool connected)
{
    (void)pthread_mutex_lock(&r->lock);
    r->stats.reconnects += connected;
    r->stats.connected = connected;
    (void)pthread_mutex_unlock(&r->lock);
}

/* Waits longer each time; false when told to stop. */
static bool rest(struct recorder *r)
{
    struct timespec until = after((int)backoff_ms(r->failures, DATABASE_FIRST_MS, DATABASE_MOST_MS));
    (void)pthread_mutex_lock(&r->lock);
    while (!r->stopping && pthread_cond_timedwait(&r->wake, &r->lock, &until) == 0)
        ;
    bool go_on = !r->stopping;
    (void)pthread_mutex_unlock(&r->lock);
    return go_on;
}

/* Connects, however long it takes; the first try after a loss is at once. False when told to stop. */
static bool connected(struct recorder *r)
{
    struct error err;
    while (!r->store) {
        bool again = r->failures > 0;
        if (again)
            refuse_all(r, true);
        if (again && !rest(r))
            return false;
        if (store_open(r->conninfo, STORE_AS_SERVICE, &r->store, &err) == RC_OK) {
            set_connected(r, true);
            refuse_all(r, false);
        } else if (r->failures++ == 0) {
            log_event(LOG_WARNING, "recorder_waits", F_STR("why", str_of(err.text)),
                      F_STR("effect", STR("nothing is recorded until the database is back")));
        }
    }
    return true;
}

static void disconnect(struct recorder *r, const struct error *why)
{
    if (r->failures == 0)
        log_event(LOG_WARNING, "recorder_interrupted", F_STR("why", str_of(why->text)),
                  F_STR("effect", STR("a new connection is made, what was in doubt is looked up")));
    set_connected(r, false);
    store_close(r->store);
    r->store = NULL;
}

static void *record_all(void *arg)
{
    struct recorder *r = arg;
    struct error err;
    bool again = false;
    unsigned refused = 0; /* connections that worked but could not write */
    while (connected(r)) {
        tidy_batch(r); /* what was in doubt, as far as somebody still waits for it */
        again &= r->batch.n > 0;
        if (r->batch.n == 0 && !take_batch(r))
            break;
        again = write_halves(r, 0, r->batch.n, again, &err) != RC_OK;
        if (again) {
            disconnect(r, &err);
            r->failures = refused++;
        } else {
            if (refused > 0)
                log_event(LOG_INFO, "recorder_back", F_STR("effect", STR("decisions are recorded again")));
            r->failures = refused = 0;
        }
    }
    settle_part(r, 0, r->batch.n, RC_STORE_DOWN);
    refuse_all(r, true);
    return NULL;
}

/* ---- start and stop ---------------------------------------------------------------------------------------- */

static void recorder_free(struct recorder *r)
{
    if (!r)
        return;
    store_close(r->store);
    buf_done(&r->text);
    (void)pthread_cond_destroy(&r->wake);
    (void)pthread_mutex_destroy(&r->lock);
    free(r->conninfo);
    free(r);
}

enum rc recorder_start(const char *conninfo, struct recorder **ret, struct error *reterr)
{
    struct recorder *r = calloc(1, sizeof(*r));
    if (!r)
        return error_oom(reterr);
    r->last = &r->first;
    buf_init(&r->text, BATCH_BYTES + RECORD_BYTES_MAX + BATCH_ROWS + 2);
    (void)pthread_mutex_init(&r->lock, NULL);
    bool good = cond_init(&r->wake);
    r->conninfo = strdup(conninfo);
    if (!r->conninfo || !good) {
        recorder_free(r);
        return error_oom(reterr);
    }
    if (pthread_create(&r->thread, NULL, record_all, r) != 0) {
        recorder_free(r);
        return error_set(reterr, RC_OS, "could not start a thread");
    }
    *ret = r;
    return RC_OK;
}

void recorder_stop(struct recorder *r)
{
    if (!r)
        return;
    (void)pthread_mutex_lock(&r->lock);
    r->stopping = true;
    (void)pthread_cond_signal(&r->wake);
    (void)pthread_mutex_unlock(&r->lock);
    (void)pthread_join(r->thread, NULL);
    recorder_free(r);
}
