/* The keyring: one thread keeps what callers are judged by, and everyone else takes a counted copy of the moment.
 *
 * The database says when something has changed, so a revoked key is refused within a moment; and it is asked every few
 * seconds all the same, for a word may be lost. Nothing that a request does waits for it. */
#include "live/live_priv.h"

#include <curl/curl.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <rhonabwy.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/date.h"
#include "base/log.h"

enum {
    POLL_MS = 4 * 1000,
    SETTLE_MS = 50, /* after a notification: those that come together are one */
    USED_EVERY_MS = 30 * 1000,
    REGISTRY_BYTES_MAX = 256 * 1024 * 1024,
    USED_BYTES_MAX = 64 * 1024 * 1024,
};

struct keyring {
    struct keyring_config config;
    pthread_t thread;
    pthread_mutex_t lock; /* guards `registry` and `jwks` */
    struct registry *registry;
    struct jwks *jwks;
    int wake; /* readable: look at the two flags */
    atomic_bool stopping, key_wanted;
    /* the thread's own */
    struct store *store; /* NULL: there is no connection yet */
    struct arena arena;
    struct jwks_source source;
    int64_t registry_ms, used_ms; /* when it is time */
    unsigned failures;            /* of the database, one after the other */
    bool connected, jwks_failing;
};

static void publish_registry(struct keyring *k, struct registry *fresh)
{
    (void)pthread_mutex_lock(&k->lock);
    struct registry *old = k->registry;
    k->registry = fresh;
    (void)pthread_mutex_unlock(&k->lock);
    registry_unref(old); /* not under the lock: freeing is slow */
}

static void publish_jwks(struct keyring *k, struct jwks *fresh)
{
    (void)pthread_mutex_lock(&k->lock);
    struct jwks *old = k->jwks;
    k->jwks = fresh;
    (void)pthread_mutex_unlock(&k->lock);
    jwks_unref(old);
}

/* ---- the registry --------------------------------------------------------------------------------------------- */

static void copy_mark(void *to, const char *id)
{
    registry_mark_used(to, id);
}

/* Connected, listening, and then reading: whatever changes from here on is told. */
static enum rc read_registry(struct keyring *k, struct error *reterr)
{
    struct clinic_entry *clinics;
    struct key_entry *keys;
    size_t n_clinics, n_keys;
    struct registry *fresh;
    enum rc rc =
        k->store ? store_ping(k->store, reterr) : store_open(k->config.database, STORE_AS_SERVICE, &k->store, reterr);
    if (rc == RC_OK)
        rc = store_listen(k->store, "palpate_keyring", reterr);
    if (rc == RC_OK)
        rc = store_registry_read(k->store, &k->arena, &clinics, &n_clinics, &keys, &n_keys, reterr);
    if (rc == RC_OK)
        rc = registry_make(clinics, n_clinics, keys, n_keys, &fresh, reterr);
    arena_reset(&k->arena);
    if (rc != RC_OK)
        return rc;
    if (k->registry)
        registry_each_used(k->registry, false, copy_mark, fresh);
    publish_registry(k, fresh);
    return RC_OK;
}

static void note_failure(struct keyring *k, const struct error *err)
{
    if (k->connected || k->failures == 0)
        log_event(LOG_WARNING, "keyring_stale", F_STR("why", str_of(err->text)),
                  F_STR("effect", k->registry ? STR("keys that are known go on working, changes are not seen")
                                              : STR("no key can be judged yet: requests are answered with 503")));
    k->connected = false;
    k->registry_ms = clock_ms() + backoff_ms(++k->failures, DATABASE_FIRST_MS, DATABASE_MOST_MS);
}

static void refresh_registry(struct keyring *k)
{
    struct error err;
    if (read_registry(k, &err) != RC_OK) {
        note_failure(k, &err);
        return;
    }
    if (!k->connected)
        log_event(LOG_INFO, "keyring_read", F_INT("clinics", (int64_t)registry_count_clinics(k->registry)),
                  F_INT("keys", (int64_t)registry_count_keys(k->registry)));
    k->connected = true;
    k->failures = 0;
    k->registry_ms = clock_ms() + POLL_MS;
}

static void append_id(void *to, const char *id)
{
    struct buf *ids = to;
    buf_printf(ids, "%s%s", ids->n > 1 ? "," : "", id);
}

static void forget_mark(void *unused, const char *id)
{
    (void)unused;
    (void)id;
}

/* Marks are taken away only when they are written: a use between the two is noted with the next one. */
static void write_used(struct keyring *k)
{
    struct buf ids;
    struct error ignored; /* as with a standby, which cannot be written to */
    k->used_ms = clock_ms() + USED_EVERY_MS;
    if (!k->connected)
        return;
    buf_init(&ids, USED_BYTES_MAX);
    buf_add_char(&ids, '{');
    registry_each_used(k->registry, false, append_id, &ids);
    if (ids.n > 1) {
        buf_add(&ids, "}", 2); /* with its zero byte */
        if (!ids.failed && store_keys_used(k->store, ids.p, &ignored) == RC_OK)
            registry_each_used(k->registry, true, forget_mark, NULL);
    }
    buf_done(&ids);
}

/* ---- signing keys --------------------------------------------------------------------------------------------- */

static enum rc refresh_jwks(struct keyring *k, struct error *reterr)
{
    struct jwks *fresh;
    enum rc rc = jwks_source_read(&k->source, &fresh, reterr);
    if (rc == RC_OK) {
        publish_jwks(k, fresh);
        if (k->jwks_failing)
            log_event(LOG_INFO, "jwks_read", F_INT("keys", (int64_t)jwks_count(fresh)));
    } else if (!k->jwks_failing && !atomic_load(&k->stopping)) {
        log_event(LOG_WARNING, "jwks_stale", F_STR("why", str_of(reterr->text)),
                  F_STR("effect", k->jwks ? STR("the keys read before go on counting")
                                          : STR("no token can be judged yet: requests are answered with 503")));
    }
    k->jwks_failing = rc != RC_OK;
    return rc;
}

/* ---- the thread ----------------------------------------------------------------------------------------------- */

/* Until it is time, the database has something to say (true), or there is a reason to look at the flags. */
static bool rest(struct keyring *k)
{
    int64_t now = clock_ms(), until = now + POLL_MS;
    struct pollfd p = { .fd = k->wake, .events = POLLIN };
    bool heard = false;
    struct error err;
    uint64_t count;
    if (k->config.database && k->registry_ms < until)
        until = k->registry_ms;
    if (k->config.jwks && !k->source.remote && now + 1000 < until)
        until = now + 1000; /* to look at the file */
    int wait_ms = until > now ? (int)(until - now) : 0;
    if (!k->connected)
        (void)poll(&p, 1, wait_ms);
    else if (store_wait(k->store, k->wake, wait_ms, &heard, &err) != RC_OK)
        note_failure(k, &err);
    if (read(k->wake, &count, sizeof(count)) < 0 && errno != EAGAIN)
        (void)poll(NULL, 0, SETTLE_MS);
    return heard;
}

static void *keep(void *arg)
{
    struct keyring *k = arg;
    struct error ignored;
    for (;;) {
        bool heard = rest(k);
        if (atomic_load(&k->stopping))
            break;
        if (heard)
            (void)poll(NULL, 0, SETTLE_MS);
        if (k->config.database && (heard || clock_ms() >= k->registry_ms))
            refresh_registry(k);
        if (clock_ms() >= k->used_ms)
            write_used(k);
        if (k->config.jwks && jwks_source_is_due(&k->source, atomic_load(&k->key_wanted))) {
            atomic_store(&k->key_wanted, false);
            (void)refresh_jwks(k, &ignored);
        }
    }
    write_used(k);
    return NULL;
}

static void wake(struct keyring *k)
{
    const uint64_t one = 1;
    if (write(k->wake, &one, sizeof(one)) < 0)
        (void)sched_yield(); /* it is awake already: the counter is full */
}

/* Everything once, in the caller's sight. */
static enum rc read_first(struct keyring *k, struct error *reterr)
{
    enum rc rc = RC_OK;
    if (!k->config.database)
        rc = registry_make_open(&k->registry, reterr);
    else if ((rc = read_registry(k, reterr)) == RC_STORE_DOWN) {
        note_failure(k, reterr);
        rc = RC_OK;
    } else if (rc == RC_OK) {
        k->connected = true;
        k->registry_ms = clock_ms() + POLL_MS;
    }
    if (rc == RC_OK && k->config.jwks) {
        jwks_source_init(&k->source, k->config.jwks, &k->stopping);
        rc = refresh_jwks(k, reterr);
        if (rc == RC_STORE_DOWN)
            rc = RC_OK;
    }
    return rc;
}

static void keyring_free(struct keyring *k)
{
    registry_unref(k->registry);
    jwks_unref(k->jwks);
    store_close(k->store);
    arena_done(&k->arena);
    if (k->wake >= 0)
        (void)close(k->wake);
    (void)pthread_mutex_destroy(&k->lock);
    free(k);
}

enum rc keyring_start(const struct keyring_config *config, struct keyring **ret, struct error *reterr)
{
    struct keyring *k = calloc(1, sizeof(*k));
    if (!k)
        return error_oom(reterr);
    k->config = *config;
    arena_init(&k->arena, REGISTRY_BYTES_MAX);
    (void)pthread_mutex_init(&k->lock, NULL);
    k->used_ms = clock_ms() + USED_EVERY_MS;
    k->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    enum rc rc = k->wake < 0 || r_global_init() != RHN_OK || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK
                     ? error_set(reterr, RC_OS, "could not make ready to judge callers (%m)")
                     : read_first(k, reterr);
    if (rc == RC_OK && pthread_create(&k->thread, NULL, keep, k) != 0)
        rc = error_set(reterr, RC_OS, "could not start a thread");
    if (rc == RC_OK)
        *ret = k;
    else
        keyring_free(k);
    return rc;
}

void keyring_stop(struct keyring *k)
{
    if (!k)
        return;
    atomic_store(&k->stopping, true);
    wake(k);
    (void)pthread_join(k->thread, NULL);
    keyring_free(k);
}

/* ---- for everyone --------------------------------------------------------------------------------------------- */

enum rc keyring_judge(struct keyring *k, struct str credential, struct caller *ret)
{
    bool unknown_key;
    (void)pthread_mutex_lock(&k->lock);
    struct registry *registry = registry_ref(k->registry); /* counted inside the lock: outside it, they may be freed */
    struct jwks *jwks = jwks_ref(k->jwks);
    (void)pthread_mutex_unlock(&k->lock);
    struct grounds grounds = { registry, jwks, k->config.jwks ? k->config.rules : NULL };
    enum rc rc = authenticate(&grounds, credential, (int64_t)time(NULL), ret, &unknown_key);
    registry_unref(registry);
    jwks_unref(jwks);
    if (unknown_key && !atomic_exchange(&k->key_wanted, true))
        wake(k);
    return rc;
}

bool keyring_is_ready(struct keyring *k)
{
    (void)pthread_mutex_lock(&k->lock);
    bool ready = k->registry && (k->jwks || !k->config.jwks);
    (void)pthread_mutex_unlock(&k->lock);
    return ready;
}
