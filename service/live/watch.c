#include "live/live_priv.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/log.h"

enum { LOOK_MS = 2000 }; /* heals a notification that was missed */

struct watch {
    struct watch_config config;
    struct store *store; /* the thread's own; NULL while there is no connection */
    struct reload reload;
    pthread_t thread;
    int wake; /* an eventfd: time to stop */
    atomic_bool stopping, reachable;
    uint64_t connects, losses;
    char last_why[ERROR_TEXT_BYTES]; /* of a reload that failed, so that it is said once */
    pthread_mutex_t lock;            /* guards `status` */
    struct watch_status status;
};

/* What others see of it. */
static void show(struct watch *w)
{
    const struct reload *r = &w->reload;
    struct watch_status s = {
        .reachable = atomic_load(&w->reachable),
        .from = w->config.follows ? r->from : FROM_NOWHERE,
        .n_refused = (uint32_t)r->n_refused,
        .loads = r->loads,
        .refusals = r->refusals,
        .connects = w->connects,
        .losses = w->losses,
    };
    if (r->n_refused) {
        const struct refusal *latest = &r->refused[r->n_refused - 1];
        s.refused_version = latest->version;
        (void)snprintf(s.refused_why, sizeof(s.refused_why), "%s", latest->why);
    }
    (void)pthread_mutex_lock(&w->lock);
    w->status = s;
    (void)pthread_mutex_unlock(&w->lock);
}

static enum rc connect_database(struct watch *w, struct error *reterr)
{
    struct error err;
    enum rc rc = store_open(w->config.conninfo, STORE_AS_SERVICE, &w->store, reterr);
    if (rc != RC_OK)
        return rc;
    w->connects++;
    /* a server that only reads, such as a standby, tells nothing: looking now and then has to do */
    rc = w->config.follows ? store_listen(w->store, "palpate_catalogue", &err) : RC_OK;
    if (rc == RC_STORE_DOWN) {
        store_close(TAKE(w->store));
        *reterr = err;
        return rc;
    }
    return RC_OK;
}

static enum rc look(struct watch *w, struct error *reterr)
{
    return w->config.follows ? reload_from_database(&w->reload, w->store, reterr) : store_ping(w->store, reterr);
}

static void lose(struct watch *w, const struct error *why)
{
    store_close(TAKE(w->store));
    if (atomic_exchange(&w->reachable, false)) {
        w->losses++;
        log_event(LOG_WARNING, "database_lost", F_STR("why", str_of(why->text)),
                  F_STR("effect", STR("answers go on from memory, and the connection is tried again")));
    }
}

static void find_again(struct watch *w)
{
    if (!atomic_exchange(&w->reachable, true))
        log_event(LOG_INFO, "database_back", F_STR("effect", STR("what is in force is what it says")));
}

/* Connects where that is needed, and looks. */
static bool turn(struct watch *w)
{
    struct error err = { .code = RC_OK };
    enum rc rc = w->store ? RC_OK : connect_database(w, &err);
    if (rc == RC_OK)
        rc = look(w, &err);
    if (rc == RC_OK || rc == RC_CATALOGUE_INVALID || rc == RC_OOM) { /* the database is there at any rate */
        find_again(w);
        if (rc != RC_OK && strcmp(w->last_why, err.text) != 0)
            log_event(LOG_ERROR, "catalogue_not_loaded", F_STR("why", str_of(err.text)),
                      F_STR("effect", STR("what was in force before stays in force")));
        (void)snprintf(w->last_why, sizeof(w->last_why), "%s", rc == RC_OK ? "" : err.text);
    } else {
        lose(w, &err);
    }
    show(w);
    return w->store != NULL;
}

static void *watch_database(void *arg)
{
    struct watch *w = arg;
    unsigned failures = 1;
    while (!atomic_load(&w->stopping)) {
        struct error err;
        bool told = false;
        if (w->store) {
            if (store_wait(w->store, w->wake, LOOK_MS, &told, &err) != RC_OK) {
                lose(w, &err);
                show(w);
            }
        } else {
            struct pollfd stop = { .fd = w->wake, .events = POLLIN };
            (void)poll(&stop, 1, (int)backoff_ms(failures, DATABASE_FIRST_MS, DATABASE_MOST_MS));
        }
        if (atomic_load(&w->stopping))
            break;
        failures = turn(w) ? 0 : failures + 1;
    }
    return NULL;
}

/* The first table, on the caller's thread. */
static enum rc fill(struct watch *w, struct error *reterr)
{
    bool cached = w->config.follows && reload_from_cache(&w->reload);
    enum rc rc = connect_database(w, reterr);
    if (rc == RC_OK)
        rc = look(w, reterr);
    atomic_store(&w->reachable, rc == RC_OK);
    if (rc != RC_STORE_DOWN)
        return rc;
    store_close(TAKE(w->store));
    if (w->config.follows && !cached) {
        struct error why;
        struct catalogue *cat = w->config.files(w->config.files_arg, &why);
        if (!cat) {
            *reterr = why;
            return why.code;
        }
        slot_publish_take(w->config.slot, cat);
        w->reload.from = FROM_FILES;
    }
    log_event(LOG_WARNING, "started_without_database", F_STR("why", str_of(reterr->text)),
              F_STR("catalogue", !w->config.follows ? STR("folder")
                                 : cached           ? STR("cache")
                                                    : STR("files")),
              F_STR("effect", STR("the connection is tried again until the database is there")));
    return RC_OK;
}

static void watch_free(struct watch *w)
{
    store_close(w->store);
    reload_done(&w->reload);
    if (w->wake >= 0)
        (void)close(w->wake);
    (void)pthread_mutex_destroy(&w->lock);
    free(w);
}

enum rc watch_start(const struct watch_config *config, struct watch **ret, struct error *reterr)
{
    struct watch *w = calloc(1, sizeof(*w));
    if (!w)
        return error_oom(reterr);
    w->config = *config;
    w->reload.slot = config->slot;
    w->reload.cache = config->cache;
    w->reload.room = config->room;
    (void)pthread_mutex_init(&w->lock, NULL);
    w->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    enum rc rc = w->wake < 0 ? error_set(reterr, RC_OS, "could not make an event (%m)") : fill(w, reterr);
    show(w);
    if (rc == RC_OK && pthread_create(&w->thread, NULL, watch_database, w) != 0)
        rc = error_set(reterr, RC_OS, "could not start a thread");
    if (rc != RC_OK) {
        watch_free(w);
        return rc;
    }
    *ret = w;
    return RC_OK;
}

void watch_stop(struct watch *w)
{
    if (!w)
        return;
    atomic_store(&w->stopping, true);
    while (write(w->wake, &(uint64_t){ 1 }, sizeof(uint64_t)) < 0 && errno == EINTR)
        ;
    (void)pthread_join(w->thread, NULL);
    watch_free(w);
}

bool watch_reachable(const struct watch *w)
{
    return atomic_load(&w->reachable);
}

void watch_look(struct watch *w, struct watch_status *ret)
{
    (void)pthread_mutex_lock(&w->lock);
    *ret = w->status;
    (void)pthread_mutex_unlock(&w->lock);
}
