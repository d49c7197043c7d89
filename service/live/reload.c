/* Loads what is meant to be in force aside, checks it, and swaps the slot: for all, and for each clinic that has a
 * version of its own. Catalogues are shared by digest and compiled once.
 *
 * What fails its checks changes nothing: whoever it was meant for keeps what it had, or follows the one for all. */
#include "live/live_priv.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"

/* One table while it is put together from rows that say what is wanted. */
struct wanted {
    struct in_force next;
    struct store *store; /* where documents come from; NULL: from the cache */
    uint32_t n_compiled;
};

/* What is asked for on behalf of one clinic. */
struct asked {
    const char *clinic, *digest; /* of the version; from the cache, of what it is with the overlay */
    int32_t version, overlay;    /* overlay: 0 for none */
    const char *overlay_digest;  /* NULL: from the cache */
    char key[DIGEST_TEXT_LEN + 1];
};

/* A version goes by its digest, whoever has it; with an overlay, by the digests of both. */
static void make_key(struct asked *a)
{
    char both[2 * DIGEST_TEXT_LEN + 2];
    int n = snprintf(both, sizeof(both), "%.64s+%.64s", a->digest, a->overlay_digest ? a->overlay_digest : "");
    if (a->overlay && a->overlay_digest)
        digest_sha256((struct str){ both, (size_t)n }, a->key);
    else
        (void)snprintf(a->key, sizeof(a->key), "%s", a->digest);
}

/* ---- refusals ----------------------------------------------------------------------------------------------- */

static struct refusal *find_refusal(struct reload *r, const char *key)
{
    for (size_t i = 0; i < r->n_refused; i++)
        if (strcmp(r->refused[i].key, key) == 0)
            return &r->refused[i];
    return NULL;
}

/* Said once, however often it is tried. `detail` is for the log alone. */
static void refuse(struct reload *r, const struct asked *a, bool for_now, const char *why, const char *detail)
{
    struct refusal *known = find_refusal(r, a->key);
    if (known || r->n_refused == REFUSED_MAX) {
        if (known)
            known->wanted = true;
        return;
    }
    struct refusal *n = &r->refused[r->n_refused++];
    *n = (struct refusal){ .version = a->version, .wanted = true, .for_now = for_now };
    (void)snprintf(n->key, sizeof(n->key), "%s", a->key);
    if (a->overlay) /* whose it is, is for the log alone */
        (void)snprintf(n->why, sizeof(n->why), "with overlay %d of a clinic: %s", a->overlay, why);
    else
        (void)snprintf(n->why, sizeof(n->why), "%s", why);
    r->refusals++;
    log_event(LOG_ERROR, "catalogue_refused", F_INT("version", a->version), F_INT("overlay", a->overlay),
              F_STR("clinic", a->clinic[0] ? str_of(a->clinic) : STR("all")), F_STR("why", str_of(why)),
              F_STR("detail", str_of(detail)), F_STR("effect", STR("what was in force before stays in force")));
}

/* What nobody wants any more is refused no more. */
static void forget_refusals(struct reload *r)
{
    size_t kept = 0;
    for (size_t i = 0; i < r->n_refused; i++) {
        if (!r->refused[i].wanted)
            continue;
        r->refused[i].wanted = false;
        if (kept != i)
            r->refused[kept] = r->refused[i];
        kept++;
    }
    r->n_refused = kept;
}

/* ---- one catalogue ------------------------------------------------------------------------------------------ */

static const struct in_force_entry *find_compiled(const struct in_force *f, const char *key)
{
    for (size_t i = 0; i < f->n; i++)
        if (strcmp(f->at[i].key, key) == 0)
            return &f->at[i];
    return NULL;
}

static void keep(struct reload *r, const struct source_doc *doc)
{
    struct error err;
    if (!r->cache || cache_keep(r->cache, doc, &err) == RC_OK)
        return;
    if (!r->cache_fails)
        log_event(LOG_WARNING, "cache_not_written", F_STR("why", str_of(err.text)),
                  F_STR("effect", STR("without its database the service would start with an older catalogue")));
    r->cache_fails = true;
}

/* Refuses what can never be used; any other failure passes. */
static enum rc refuse_unfit(struct reload *r, const struct asked *a, enum rc rc, const struct faults *faults,
                            const struct error *err)
{
    char why[REFUSED_WHY_BYTES], detail[ERROR_TEXT_BYTES];
    if (rc != RC_CATALOGUE_INVALID && rc != RC_MALFORMED_JSON && rc != RC_BODY_TOO_LARGE)
        return rc;
    (void)snprintf(why, sizeof(why), "its content cannot be read");
    (void)snprintf(detail, sizeof(detail), "%s", err->text);
    if (faults->total) {
        (void)snprintf(why, sizeof(why), "it has %zu fault%s that this program finds", faults->total,
                       faults->total == 1 ? "" : "s");
        if (faults->n)
            (void)snprintf(detail, sizeof(detail), "%.*s %.*s: %.*s", STR_ARGS(faults->at[0].item),
                           STR_ARGS(faults->at[0].pointer), STR_ARGS(faults->at[0].detail));
    }
    refuse(r, a, false, why, detail);
    return RC_CATALOGUE_INVALID;
}

/* Must be the one that was asked for. */
static enum rc check_digest(struct reload *r, const struct asked *a, const char *found, const char *wanted,
                            struct error *reterr)
{
    if (strcmp(found, wanted) == 0)
        return RC_OK;
    refuse(r, a, false, "its content does not fit its digest", "");
    return error_set(reterr, RC_CATALOGUE_INVALID, "the content does not fit the digest");
}

/* Reads the document; from the cache that is the joined one. */
static enum rc read_document(struct reload *r, struct wanted *w, const struct asked *a, struct arena *arena,
                             struct source_doc *ret, struct error *reterr)
{
    struct str text;
    if (!w->store)
        return cache_kept(r->cache, a->digest, ret, reterr);
    enum rc rc = store_catalogue_load(w->store, a->version, arena, &text, reterr);
    return rc == RC_OK ? source_load_text(text, ret, reterr) : rc;
}

/* Puts the overlay on `base`; *ret_doc is the two joined. */
static enum rc put_on(struct reload *r, struct wanted *w, const struct asked *a, const struct source_doc *base,
                      struct source_doc *ret_doc, struct catalogue **ret, struct faults *faults, struct error *reterr)
{
    char digest[DIGEST_TEXT_LEN + 1];
    int32_t number;
    struct str text;
    enum rc rc = store_overlay_load(w->store, a->clinic, a->overlay, faults->arena, &number, &text, reterr);
    if (rc != RC_OK)
        return rc;
    digest_sha256(text, digest);
    rc = check_digest(r, a, digest, a->overlay_digest, reterr);
    return rc == RC_OK ? overlay_new(base, text, ret_doc, ret, faults, reterr) : rc;
}

static enum rc load(struct reload *r, struct wanted *w, const struct asked *a, struct catalogue **ret,
                    struct error *reterr)
{
    struct arena arena;
    struct source_doc doc = { 0 }, joined = { 0 };
    struct faults *faults = calloc(1, sizeof(*faults));
    if (!faults)
        return error_oom(reterr);
    arena_init(&arena, 0);
    faults_init(faults, &arena);
    bool joins = a->overlay && w->store;
    enum rc rc = read_document(r, w, a, &arena, &doc, reterr);
    if (rc == RC_OK)
        rc = check_digest(r, a, doc.digest, a->digest, reterr);
    if (rc == RC_OK)
        rc = joins ? put_on(r, w, a, &doc, &joined, ret, faults, reterr) : catalogue_new(&doc, ret, faults, reterr);
    if (w->store || doc.text.p) /* a cache that is damaged says nothing of the version */
        rc = refuse_unfit(r, a, rc, faults, reterr);
    if (rc == RC_OOM)
        (void)error_oom(reterr);
    if (rc == RC_OK && w->store)
        keep(r, joins ? &joined : &doc);
    source_done(&joined);
    source_done(&doc);
    arena_done(&arena);
    free(faults);
    return rc;
}

/* Fills in the catalogue that is asked for, counted: one that is there, or loaded. RC_CATALOGUE_INVALID: refused. */
static enum rc take(struct reload *r, struct wanted *w, const struct asked *a, struct in_force_entry *e,
                    struct error *reterr)
{
    const struct in_force_entry *there = find_compiled(&w->next, a->key);
    struct refusal *known = find_refusal(r, a->key);
    struct catalogue *cat = NULL;
    if (!there && known && !known->for_now) {
        known->wanted = true;
        return RC_CATALOGUE_INVALID;
    }
    if (!there && w->n_compiled == r->room) {
        refuse(r, a, true, "more catalogues are in force at once than this service may hold", "");
        return RC_CATALOGUE_INVALID;
    }
    bool adds = !there;
    if (!there)
        there = find_compiled(&r->now, a->key);
    enum rc rc = there ? RC_OK : load(r, w, a, &cat, reterr);
    if (rc != RC_OK)
        return rc;
    r->loads += !there;
    w->n_compiled += adds;
    e->version = a->version;
    e->overlay = a->overlay;
    e->cat = there ? catalogue_ref(there->cat) : cat;
    e->noted = there && there->noted;
    (void)snprintf(e->key, sizeof(e->key), "%s", a->key);
    return RC_OK;
}

/* ---- the table ---------------------------------------------------------------------------------------------- */

static const struct in_force_entry *find_entry(const struct in_force *f, const char *clinic)
{
    for (size_t i = 0; i < f->n; i++)
        if (strcmp(f->at[i].clinic, clinic) == 0)
            return &f->at[i];
    return NULL;
}

/* For that many clinics, of which there is one at least. */
static enum rc make_room(struct wanted *w, size_t n, struct error *reterr)
{
    w->next.at = n ? calloc(n, sizeof(*w->next.at)) : NULL;
    if (w->next.at)
        return RC_OK;
    (void)error_oom(reterr);
    return RC_OOM;
}

/* Where what is asked for is refused: what the clinic had. An overlay stays with the version that it was good on; a
 * clinic that never had one goes on with the version alone. */
static enum rc take_instead(struct reload *r, struct wanted *w, const struct asked *a, struct in_force_entry *e,
                            struct error *reterr)
{
    const struct in_force_entry *had = find_entry(&r->now, a->clinic);
    enum rc rc = RC_CATALOGUE_INVALID;
    if (a->overlay && a->overlay_digest && !(had && had->overlay)) {
        struct asked alone = *a;
        alone.overlay = 0;
        make_key(&alone);
        rc = take(r, w, &alone, e, reterr);
    }
    if (rc == RC_CATALOGUE_INVALID && had) {
        w->n_compiled += !find_compiled(&w->next, had->key);
        *e = *had;
        (void)catalogue_ref(e->cat);
        rc = RC_OK;
    }
    return rc;
}

/* So that records find a joined catalogue by its digest; tried again until it is done. */
static void note_joined(struct reload *r, struct wanted *w, struct in_force_entry *e)
{
    struct error err;
    if (!e->overlay || e->noted || !w->store)
        return;
    e->noted = store_overlay_note(w->store, e->clinic, e->overlay, e->version, e->cat->digest, &err) == RC_OK;
    if (!e->noted && !r->note_fails)
        log_event(LOG_WARNING, "overlay_not_noted", F_STR("why", str_of(err.text)),
                  F_STR("effect", STR("records made with it cannot be decided again until it is; tried again")));
    r->note_fails = !e->noted;
}

/* Adds what is wanted for one clinic, or what it had. */
static enum rc add(struct reload *r, struct wanted *w, struct asked *a, struct error *reterr)
{
    struct in_force_entry *e = &w->next.at[w->next.n];
    *e = (struct in_force_entry){ .version = a->version };
    (void)snprintf(e->clinic, sizeof(e->clinic), "%s", a->clinic);
    make_key(a);
    enum rc rc = take(r, w, a, e, reterr);
    if (rc == RC_CATALOGUE_INVALID)
        rc = take_instead(r, w, a, e, reterr);
    if (rc == RC_CATALOGUE_INVALID && *a->clinic)
        return RC_OK; /* it follows the one for all */
    if (rc == RC_CATALOGUE_INVALID)
        return error_set(reterr, rc, "catalogue version %d is in force but refused: %s", a->version,
                         r->n_refused ? r->refused[r->n_refused - 1].why : "it has faults");
    if (rc == RC_OK) {
        note_joined(r, w, e);
        w->next.n++;
    }
    return rc;
}

static bool same(const struct in_force *a, const struct in_force *b)
{
    bool equal = a->n == b->n;
    for (size_t i = 0; equal && i < a->n; i++)
        equal = a->at[i].cat == b->at[i].cat && a->at[i].version == b->at[i].version &&
                a->at[i].overlay == b->at[i].overlay && a->at[i].noted == b->at[i].noted &&
                strcmp(a->at[i].clinic, b->at[i].clinic) == 0;
    return equal;
}

static void tell(const struct in_force *before, const struct in_force *now)
{
    for (size_t i = 0; i < now->n; i++) {
        const struct in_force_entry *e = &now->at[i], *had = find_entry(before, e->clinic);
        if (!had || had->cat != e->cat)
            log_event(LOG_INFO, "catalogue_in_force", F_INT("version", e->version), F_INT("overlay", e->overlay),
                      F_STR("label", e->cat->version), F_STR("digest", str_of(e->cat->digest)),
                      F_STR("clinic", e->clinic[0] ? str_of(e->clinic) : STR("all")));
    }
    for (size_t i = 1; i < before->n; i++)
        if (!find_entry(now, before->at[i].clinic))
            log_event(LOG_INFO, "catalogue_follows_all", F_STR("clinic", str_of(before->at[i].clinic)));
}

/* Puts the new table into the slot, and keeps a copy. */
static enum rc publish(struct reload *r, struct wanted *w, struct error *reterr)
{
    struct in_force copy = { w->next.n ? calloc(w->next.n, sizeof(*copy.at)) : NULL, w->next.n };
    if (!copy.at)
        return error_oom(reterr);
    for (size_t i = 0; i < copy.n; i++) {
        copy.at[i] = w->next.at[i];
        (void)catalogue_ref(copy.at[i].cat);
    }
    slot_publish_all_take(r->slot, copy);
    tell(&r->now, &w->next);
    in_force_done(&r->now);
    r->now = w->next;
    w->next = (struct in_force){ NULL, 0 };
    return RC_OK;
}

static void note(struct reload *r)
{
    struct error err;
    if (!r->cache)
        return;
    bool good = cache_note(r->cache, &r->now, &err) == RC_OK;
    if (!good && !r->cache_fails)
        log_event(LOG_WARNING, "cache_not_written", F_STR("why", str_of(err.text)),
                  F_STR("effect", STR("without its database the service would start with an older catalogue")));
    r->cache_fails = !good;
}

enum rc reload_from_database(struct reload *r, struct store *s, struct error *reterr)
{
    struct arena arena;
    struct in_force_row *rows;
    struct wanted w = { .store = s };
    size_t n = 0;
    arena_init(&arena, 0);
    enum rc rc = store_catalogue_in_force(s, &arena, &rows, &n, reterr);
    if (rc == RC_OK)
        rc = make_room(&w, n, reterr);
    for (size_t i = 0; rc == RC_OK && i < n; i++)
        if (rows[i].clinic.n < CLINIC_BYTES) {
            struct asked a = { .clinic = rows[i].clinic.p,
                               .digest = rows[i].digest.p,
                               .version = rows[i].version,
                               .overlay = rows[i].overlay,
                               .overlay_digest = rows[i].overlay_digest.p };
            rc = add(r, &w, &a, reterr);
        }
    bool first = r->from != FROM_DATABASE;
    if (rc == RC_OK) {
        forget_refusals(r);
        if (w.next.n && strcmp(w.next.at[0].cat->digest, rows[0].digest.p) == 0)
            r->from = FROM_DATABASE;
    }
    if (rc == RC_OK && (first || !same(&r->now, &w.next))) {
        rc = publish(r, &w, reterr);
        if (rc == RC_OK)
            note(r);
    }
    in_force_done(&w.next);
    arena_done(&arena);
    return rc;
}

bool reload_from_cache(struct reload *r)
{
    struct error err = { .code = RC_OK };
    struct cache_row *rows = NULL;
    struct wanted w = { .store = NULL };
    size_t n = 0;
    enum rc rc = r->cache ? cache_noted(r->cache, &rows, &n, &err) : RC_NOT_FOUND;
    if (rc == RC_OK)
        rc = make_room(&w, n, &err);
    for (size_t i = 0; rc == RC_OK && i < n; i++) {
        struct asked a = {
            .clinic = rows[i].clinic, .digest = rows[i].digest, .version = rows[i].version, .overlay = rows[i].overlay
        };
        rc = add(r, &w, &a, &err);
        if (rc != RC_OK && i) { /* a clinic of its own is not worth the others */
            log_event(LOG_WARNING, "cache_not_read", F_STR("why", str_of(err.text)),
                      F_STR("clinic", str_of(rows[i].clinic)),
                      F_STR("effect", STR("the clinic follows the catalogue that is in force for all")));
            rc = RC_OK;
        }
    }
    if (rc == RC_OK)
        rc = publish(r, &w, &err);
    if (rc == RC_OK)
        r->from = FROM_CACHE;
    else if (rc != RC_NOT_FOUND)
        log_event(LOG_WARNING, "cache_not_read", F_STR("why", str_of(err.text)),
                  F_STR("effect", STR("the cache is not used")));
    r->n_refused = 0; /* the database says what is wanted */
    in_force_done(&w.next);
    free(rows);
    return rc == RC_OK;
}

void reload_done(struct reload *r)
{
    in_force_done(&r->now);
}
