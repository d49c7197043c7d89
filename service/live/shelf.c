#include "live/recorder.h"

#include <pthread.h>
#include <stdlib.h>

enum { SHELF_CATALOGUES = 4 };

struct shelf {
    struct pool *pool;
    pthread_mutex_t lock;    /* guards `at`: the one used last stands first */
    pthread_mutex_t loading; /* held while one is loaded: once is enough */
    struct catalogue *at[SHELF_CATALOGUES];
};

enum rc shelf_new(struct pool *pool, struct shelf **ret, struct error *reterr)
{
    struct shelf *s = calloc(1, sizeof(*s));
    if (!s)
        return error_oom(reterr);
    s->pool = pool;
    (void)pthread_mutex_init(&s->lock, NULL);
    (void)pthread_mutex_init(&s->loading, NULL);
    *ret = s;
    return RC_OK;
}

void shelf_free(struct shelf *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < SHELF_CATALOGUES; i++)
        catalogue_unref(s->at[i]);
    (void)pthread_mutex_destroy(&s->loading);
    (void)pthread_mutex_destroy(&s->lock);
    free(s);
}

static bool is(const struct catalogue *cat, const char *digest)
{
    return cat && strcmp(cat->digest, digest) == 0;
}

static struct catalogue *kept(struct shelf *s, const char *digest)
{
    struct catalogue *found = NULL;
    (void)pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < SHELF_CATALOGUES && !found; i++) {
        if (!is(s->at[i], digest))
            continue;
        struct catalogue *cat = s->at[i];
        memmove(&s->at[1], &s->at[0], i * sizeof(s->at[0]));
        s->at[0] = cat;
        found = catalogue_ref(cat);
    }
    (void)pthread_mutex_unlock(&s->lock);
    return found;
}

static void keep(struct shelf *s, struct catalogue *cat)
{
    (void)pthread_mutex_lock(&s->lock);
    struct catalogue *oldest = s->at[SHELF_CATALOGUES - 1];
    memmove(&s->at[1], &s->at[0], (SHELF_CATALOGUES - 1) * sizeof(s->at[0]));
    s->at[0] = catalogue_ref(cat);
    (void)pthread_mutex_unlock(&s->lock);
    catalogue_unref(oldest);
}

struct wanted {
    const char *clinic, *digest;
    struct arena *arena;
    struct str document, overlay;
};

static enum rc load_document(struct store *store, void *arg, struct error *reterr)
{
    struct wanted *w = arg;
    return store_record_catalogue(store, w->clinic, w->digest, w->arena, &w->document, &w->overlay, reterr);
}

static enum rc load(struct shelf *s, const char *clinic, const char *digest, struct catalogue **ret,
                    struct error *reterr)
{
    struct arena arena;
    struct faults *faults = calloc(1, sizeof(*faults));
    if (!faults)
        return error_oom(reterr);
    arena_init(&arena, 0);
    faults_init(faults, &arena);
    struct wanted w = { .clinic = clinic, .digest = digest, .arena = &arena };
    enum rc rc = pool_use(s->pool, load_document, &w, reterr);
    if (rc == RC_OK)
        rc = catalogue_of_texts(w.document, w.overlay, digest, ret, faults, reterr);
    arena_done(&arena);
    free(faults);
    return rc;
}

enum rc shelf_find(struct shelf *s, const char *clinic, struct catalogue *now, const char *digest,
                   struct catalogue **ret, struct error *reterr)
{
    struct catalogue *found = is(now, digest) ? catalogue_ref(now) : kept(s, digest);
    enum rc rc = RC_OK;
    if (!found) {
        (void)pthread_mutex_lock(&s->loading);
        found = kept(s, digest); /* another one has loaded it meanwhile */
        if (!found)
            rc = load(s, clinic, digest, &found, reterr);
        if (rc == RC_OK)
            keep(s, found);
        (void)pthread_mutex_unlock(&s->loading);
    }
    if (rc == RC_OK)
        *ret = found;
    return rc;
}
