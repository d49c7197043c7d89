#include "live/live.h"

#include <pthread.h>
#include <stdlib.h>

struct slot {
    pthread_mutex_t lock; /* guards `now` */
    struct in_force now;
};

void in_force_done(struct in_force *f)
{
    for (size_t i = 0; i < f->n; i++)
        catalogue_unref(f->at[i].cat);
    free(f->at);
    *f = (struct in_force){ NULL, 0 };
}

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
        in_force_done(&s->now);
        (void)pthread_mutex_destroy(&s->lock);
        free(s);
    }
}

void slot_publish_all_take(struct slot *s, struct in_force all)
{
    (void)pthread_mutex_lock(&s->lock);
    struct in_force old = s->now;
    s->now = all;
    (void)pthread_mutex_unlock(&s->lock);
    in_force_done(&old); /* not under the lock: freeing is slow */
}

void slot_publish_take(struct slot *s, struct catalogue *cat)
{
    struct in_force all = { cat ? calloc(1, sizeof(*all.at)) : NULL, cat != NULL };
    if (cat && !all.at) {
        catalogue_unref(cat);
        return;
    }
    if (cat)
        all.at[0].cat = cat;
    slot_publish_all_take(s, all);
}

static int by_clinic(const void *clinic, const void *entry)
{
    return strcmp(clinic, ((const struct in_force_entry *)entry)->clinic);
}

struct catalogue *slot_acquire(struct slot *s, const char *clinic)
{
    struct catalogue *cat = NULL;
    (void)pthread_mutex_lock(&s->lock);
    if (s->now.n) {
        const struct in_force_entry *own =
            *clinic ? bsearch(clinic, s->now.at + 1, s->now.n - 1, sizeof(*own), by_clinic) : NULL;
        /* counted inside the lock: outside it, the last owner may free it */
        cat = catalogue_ref(own ? own->cat : s->now.at[0].cat);
    }
    (void)pthread_mutex_unlock(&s->lock);
    return cat;
}
