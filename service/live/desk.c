#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "live/live.h"

enum { TURN_S = 10 };

struct desk {
    const char *conninfo;
    int32_t room;
    pthread_mutex_t lock; /* guards `store`: whoever holds it talks to the database */
    struct store *store;  /* NULL while there is no connection */
};

enum rc desk_new(const char *conninfo, size_t room, struct desk **ret, struct error *reterr)
{
    struct desk *d = calloc(1, sizeof(*d));
    if (!d)
        return error_oom(reterr);
    d->conninfo = conninfo;
    d->room = (int32_t)room;
    if (pthread_mutex_init(&d->lock, NULL) != 0) {
        free(d);
        return error_set(reterr, RC_OS, "could not make a lock");
    }
    *ret = d;
    return RC_OK;
}

void desk_free(struct desk *d)
{
    if (d) {
        store_close(d->store);
        (void)pthread_mutex_destroy(&d->lock);
        free(d);
    }
}

/* One's turn, with a connection that works. */
static enum rc come(struct desk *d, struct error *reterr)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += TURN_S;
    if (pthread_mutex_clocklock(&d->lock, CLOCK_MONOTONIC, &until) != 0)
        return error_set(reterr, RC_STORE_DOWN, "could not have the database in time: others are changing catalogues");
    enum rc rc = d->store ? store_ping(d->store, reterr) : store_open(d->conninfo, STORE_AS_SERVICE, &d->store, reterr);
    if (rc != RC_OK) {
        store_close(TAKE(d->store));
        (void)pthread_mutex_unlock(&d->lock);
    }
    return rc;
}

static enum rc leave(struct desk *d, enum rc rc)
{
    if (rc == RC_STORE_DOWN || rc == RC_INTERNAL)
        store_close(TAKE(d->store));
    (void)pthread_mutex_unlock(&d->lock);
    return rc;
}

enum rc desk_list(struct desk *d, const char *clinic, int32_t version, struct arena *arena, struct catalogue_row **ret,
                  size_t *ret_n, struct error *reterr)
{
    enum rc rc = come(d, reterr);
    return rc == RC_OK ? leave(d, store_catalogue_list(d->store, clinic, version, arena, ret, ret_n, reterr)) : rc;
}

enum rc desk_change(struct desk *d, enum catalogue_step step, const struct catalogue_change *change,
                    struct error *reterr)
{
    struct catalogue_change bounded = *change;
    bounded.room = d->room;
    enum rc rc = come(d, reterr);
    return rc == RC_OK ? leave(d, store_catalogue_change(d->store, step, &bounded, reterr)) : rc;
}

enum rc desk_draft(struct desk *d, struct str document, const char *actor, struct faults *faults,
                   struct catalogue_saved *ret, struct error *reterr)
{
    struct source_doc doc = { 0 };
    CLEANUP(catalogue_unrefp) struct catalogue *cat = NULL;
    enum rc rc = source_load_text(document, &doc, reterr);
    if (rc == RC_OK)
        rc = catalogue_new(&doc, &cat, faults, reterr);
    if (rc == RC_OK)
        rc = come(d, reterr);
    if (rc == RC_OK)
        rc = leave(d, store_catalogue_draft(d->store, doc.text, doc.digest, actor, ret, reterr));
    source_done(&doc);
    return rc;
}

/* Reads one version and compiles it. */
static enum rc read_version(struct desk *d, int32_t version, struct catalogue **ret, struct error *reterr)
{
    struct arena arena;
    struct source_doc doc = { 0 };
    struct str text;
    struct faults *faults = calloc(1, sizeof(*faults));
    if (!faults)
        return error_oom(reterr);
    arena_init(&arena, 0);
    faults_init(faults, &arena);
    enum rc rc = come(d, reterr);
    if (rc == RC_OK)
        rc = leave(d, store_catalogue_load(d->store, version, &arena, &text, reterr));
    if (rc == RC_OK)
        rc = source_load_text(text, &doc, reterr);
    if (rc == RC_OK)
        rc = catalogue_new(&doc, ret, faults, reterr);
    source_done(&doc);
    arena_done(&arena);
    free(faults);
    return rc;
}

enum rc desk_check(struct desk *d, struct str accepted, struct catalogue_change *change, struct error *reterr)
{
    struct arena arena;
    struct review found;
    CLEANUP(catalogue_unrefp) struct catalogue *cat = NULL;
    enum rc rc = read_version(d, change->version, &cat, reterr);
    if (rc != RC_OK)
        return rc;
    arena_init(&arena, 0);
    rc = catalogue_review(cat, accepted, &arena, &found, reterr);
    if (rc == RC_OK)
        change->found = (struct review_counts){ found.n - found.n_accepted, found.n_accepted };
    arena_done(&arena);
    return rc == RC_OK ? desk_change(d, STEP_CHECKED, change, reterr) : rc;
}

enum rc desk_overlay(struct desk *d, const char *clinic, struct arena *arena, int32_t *ret_number,
                     struct str *ret_document, struct error *reterr)
{
    enum rc rc = come(d, reterr);
    return rc == RC_OK ? leave(d, store_overlay_load(d->store, clinic, 0, arena, ret_number, ret_document, reterr))
                       : rc;
}

enum rc desk_overlay_put(struct desk *d, const struct overlay_change *change, struct str overlay, struct faults *faults,
                         struct error *reterr)
{
    struct arena arena;
    struct str base, document;
    struct source_doc doc = { 0 };
    CLEANUP(catalogue_unrefp) struct catalogue *cat = NULL;
    struct overlay_change bounded = *change;
    int32_t version, number;
    bounded.room = d->room;
    arena_init(&arena, 0);
    enum rc rc = come(d, reterr);
    if (rc == RC_OK)
        rc = leave(d, store_overlay_base(d->store, change->clinic, &arena, &version, &base, reterr));
    if (rc == RC_OK)
        rc = source_load_text(base, &doc, reterr);
    if (rc == RC_OK) /* nobody waits for the desk meanwhile */
        rc = overlay_new(&doc, overlay, NULL, &cat, faults, reterr);
    if (rc == RC_OK) {
        document = arena_str(&arena, overlay); /* ends with a zero byte */
        rc = document.p ? come(d, reterr) : error_oom(reterr);
    }
    if (rc == RC_OK)
        rc = leave(d, store_overlay_put(d->store, &bounded, document.p, cat->digest, version, &number, reterr));
    source_done(&doc);
    arena_done(&arena);
    return rc;
}

enum rc desk_overlay_withdraw(struct desk *d, const struct overlay_change *change, struct error *reterr)
{
    int32_t number;
    enum rc rc = come(d, reterr);
    return rc == RC_OK ? leave(d, store_overlay_withdraw(d->store, change, &number, reterr)) : rc;
}
