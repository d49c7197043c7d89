#include "live/live.h"

#include <pthread.h>
#include <stdlib.h>

struct slot {
    pthread_mutex_t lock; /* guards `current` */
    struct catalogue *current;
};

enum rc slot_new(struct slot **ret, struct error *reterr)
{
    struct slot *s = calloc(1, sizeof(*s));
    if (!s)
        return error_oom(reterr);
    if (pthread_mutex_init(&s->lock, NULL) != 0) {
        free(s);
        return error_set(reterr, RC_OS, "could not make a lock");
    }
    *ret = s;
    return RC_OK;
}

void slot_free(struct slot *s)
{
    if (s) {
        catalogue_unref(s->current);
        (void)pthread_mutex_destroy(&s->lock);
        free(s);
    }
}

void slot_publish_take(struct slot *s, struct catalogue *cat)
{
    (void)pthread_mutex_lock(&s->lock);
    struct catalogue *old = s->current;
    s->current = cat;
    (void)pthread_mutex_unlock(&s->lock);
    catalogue_unref(old); /* not under the lock: freeing is slow */
}

struct catalogue *slot_acquire(struct slot *s)
{
    (void)pthread_mutex_lock(&s->lock);
    struct catalogue *cat =
        catalogue_ref(s->current); /* counted inside the lock: outside it, the last owner may free it */
    (void)pthread_mutex_unlock(&s->lock);
    return cat;
}
