#include "live/live.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/log.h"

enum { WATCH_SECONDS = 2 };

struct watch {
    struct store *store; /* the thread's own */
    pthread_t thread;
    pthread_mutex_t lock; /* guards `stopping` */
    pthread_cond_t wake;
    bool stopping;
    atomic_bool reachable;
};

/* Waits a while, or until told to stop. */
static bool rest(struct watch *w)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += WATCH_SECONDS;
    (void)pthread_mutex_lock(&w->lock);
    while (!w->stopping && pthread_cond_timedwait(&w->wake, &w->lock, &until) == 0)
        ;
    bool go_on = !w->stopping;
    (void)pthread_mutex_unlock(&w->lock);
    return go_on;
}

static void *watch_database(void *arg)
{
    struct watch *w = arg;
    while (rest(w)) {
        struct error err;
        bool before = atomic_load(&w->reachable), now = store_ping(w->store, &err) == RC_OK;
        atomic_store(&w->reachable, now);
        if (before && !now)
            log_event(LOG_WARNING, "database_lost", F_STR("why", str_of(err.text)),
                      F_STR("effect", STR("answers go on from memory, /health/ready says no")));
        else if (!before && now)
            log_event(LOG_INFO, "database_back", F_STR("effect", STR("/health/ready says yes again")));
    }
    return NULL;
}

enum rc watch_start_take(struct store *store, struct watch **ret, struct error *reterr)
{
    struct watch *w = calloc(1, sizeof(*w));
    pthread_condattr_t attr;
    if (!w) {
        store_close(store);
        return error_oom(reterr);
    }
    w->store = store;
    atomic_init(&w->reachable, true);
    (void)pthread_mutex_init(&w->lock, NULL);
    (void)pthread_condattr_init(&attr);
    (void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&w->wake, &attr);
    (void)pthread_condattr_destroy(&attr);
    if (pthread_create(&w->thread, NULL, watch_database, w) != 0) {
        store_close(store);
        (void)pthread_cond_destroy(&w->wake);
        (void)pthread_mutex_destroy(&w->lock);
        free(w);
        return error_set(reterr, RC_OS, "could not start a thread");
    }
    *ret = w;
    return RC_OK;
}

void watch_stop(struct watch *w)
{
    if (!w)
        return;
    (void)pthread_mutex_lock(&w->lock);
    w->stopping = true;
    (void)pthread_cond_signal(&w->wake);
    (void)pthread_mutex_unlock(&w->lock);
    (void)pthread_join(w->thread, NULL);
    store_close(w->store);
    (void)pthread_cond_destroy(&w->wake);
    (void)pthread_mutex_destroy(&w->lock);
    free(w);
}

bool watch_reachable(const struct watch *w)
{
    return atomic_load(&w->reachable);
}
