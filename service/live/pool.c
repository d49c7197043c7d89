#include "live/recorder.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

enum { POOL_CONNECTIONS = 4, POOL_WAIT_S = 5 };

struct pool {
    char *conninfo;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t freed;
    struct store *idle[POOL_CONNECTIONS];
    int n_idle, n_used;
};

enum rc pool_new(const char *conninfo, struct pool **ret, struct error *reterr)
{
    struct pool *p = calloc(1, sizeof(*p));
    pthread_condattr_t attr;
    if (!p || !(p->conninfo = strdup(conninfo))) {
        free(p);
        return error_oom(reterr);
    }
    (void)pthread_mutex_init(&p->lock, NULL);
    (void)pthread_condattr_init(&attr);
    (void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&p->freed, &attr);
    (void)pthread_condattr_destroy(&attr);
    *ret = p;
    return RC_OK;
}

void pool_free(struct pool *p)
{
    if (!p)
        return;
    while (p->n_idle > 0)
        store_close(p->idle[--p->n_idle]);
    (void)pthread_cond_destroy(&p->freed);
    (void)pthread_mutex_destroy(&p->lock);
    free(p->conninfo);
    free(p);
}

/* A turn, and with it a connection that was kept, if there is one. False when none comes free in time. */
static bool take_turn(struct pool *p, struct store **ret_kept)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += POOL_WAIT_S;
    (void)pthread_mutex_lock(&p->lock);
    while (p->n_used == POOL_CONNECTIONS && pthread_cond_timedwait(&p->freed, &p->lock, &until) == 0)
        ;
    bool taken = p->n_used < POOL_CONNECTIONS;
    p->n_used += taken;
    *ret_kept = taken && p->n_idle > 0 ? p->idle[--p->n_idle] : NULL;
    (void)pthread_mutex_unlock(&p->lock);
    return taken;
}

static void give_turn_back(struct pool *p, struct store *keep)
{
    (void)pthread_mutex_lock(&p->lock);
    if (keep)
        p->idle[p->n_idle++] = keep;
    p->n_used--;
    (void)pthread_cond_signal(&p->freed);
    (void)pthread_mutex_unlock(&p->lock);
}

enum rc pool_use(struct pool *p, enum rc (*work)(struct store *s, void *arg, struct error *reterr), void *arg,
                 struct error *reterr)
{
    struct store *s;
    if (!take_turn(p, &s))
        return error_set(reterr, RC_STORE_DOWN, "could not get a connection to the database: all are in use");
    enum rc rc = s ? work(s, arg, reterr) : RC_STORE_DOWN;
    if (rc == RC_STORE_DOWN) { /* none was kept, or it is lost by now */
        store_close(s);
        s = NULL;
        rc = store_open(p->conninfo, STORE_AS_SERVICE, &s, reterr);
        if (rc == RC_OK)
            rc = work(s, arg, reterr);
        if (rc == RC_STORE_DOWN) {
            store_close(s);
            s = NULL;
        }
    }
    give_turn_back(p, s);
    return rc;
}
