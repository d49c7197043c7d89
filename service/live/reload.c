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

/* ---- refusals ----------------------------------------------------------------------------------------------- */

static struct refusal *find_refusal(struct reload *r, const char *digest)
{
    for (size_t i = 0; i < r->n_refused; i++)
        if (strcmp(r->refused[i].digest, digest) == 0)
            return &r->refused[i];
    return NULL;
}

/* Said once, however often it is tried. `detail` is for the log alone. */
static void refuse(struct reload *r, const char *digest, int32_t version, bool for_now, const char *why,
                   const char *detail)
{
    struct refusal *known = find_refusal(r, digest);
    if (known || r->n_refused == REFUSED_MAX) {
        if (known)
            known->wanted = true;
        return;
    }
    struct refusal *n = &r->refused[r->n_refused++];
    *n = (struct refusal){ .version = version, .wanted = true, .for_now = for_now };
    (void)snprintf(n->digest, sizeof(n->digest), "%s", digest);
    (void)snprintf(n->why, sizeof(n->why), "%s", why);
    r->refusals++;
    log_event(LOG_ERROR, "catalogue_refused", F_INT("version", version), F_STR("why", str_of(why)),
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

static struct catalogue *find_compiled(const struct in_force *f, const char *digest)
{
    for (size_t i = 0; i < f->n; i++)
        if (strcmp(f->at[i].cat->digest, digest) == 0)
            return f->at[i].cat;
    return NULL;
}

/* Compiles a document, which must be the one that was asked for. RC_CATALOGUE_INVALID: refused. */
static enum rc compile(struct reload *r, const struct source_doc *doc, const char *digest, int32_t version,
                       struct catalogue **ret)
{
    struct error err = { .code = RC_OK };
    struct arena arena;
    char why[REFUSED_WHY_BYTES], detail[ERROR_TEXT_BYTES] = "";
    if (strcmp(doc->digest, digest) != 0) {
        refuse(r, digest, version, false, "its content does not fit its digest", "");
        return RC_CATALOGUE_INVALID;
    }
    struct faults *faults = calloc(1, sizeof(*faults));
    if (!faults)
        return RC_OOM;
    arena_init(&arena, 0);
    faults_init(faults, &arena);
    enum rc rc = catalogue_new(doc, ret, faults, &err);
    if (rc == RC_CATALOGUE_INVALID) {
        const struct fault *f = faults->n ? &faults->at[0] : NULL;
        if (f)
            (void)snprintf(detail, sizeof(detail), "%.*s %.*s: %.*s", STR_ARGS(f->item), STR_ARGS(f->pointer),
                           STR_ARGS(f->detail));
        (void)snprintf(why, sizeof(why), "it has %zu fault%s that this program finds", faults->total,
                       faults->total == 1 ? "" : "s");
        refuse(r, digest, version, false, why, detail);
    }
    arena_done(&arena);
    free(faults);
    return rc;
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

static enum rc load(struct reload *r, struct wanted *w, const char *digest, int32_t version, struct catalogue **ret,
                    struct error *reterr)
{
    struct arena arena;
    struct source_doc doc = { 0 };
    struct str text;
    enum rc rc;
    arena_init(&arena, 0);
    if (w->store) {
        rc = store_catalogue_load(w->store, version, &arena, &text, reterr);
        if (rc == RC_OK)
            rc = source_load_text(text, &doc, reterr);
        if (rc == RC_MALFORMED_JSON || rc == RC_CATALOGUE_INVALID) {
            refuse(r, digest, version, false, "its content cannot be read", reterr->text);
            rc = RC_CATALOGUE_INVALID;
        }
    } else {
        rc = cache_kept(r->cache, digest, &doc, reterr);
    }
    if (rc == RC_OK) {
        rc = compile(r, &doc, digest, version, ret);
        if (rc == RC_OOM)
            (void)error_oom(reterr);
        if (rc == RC_OK && w->store)
            keep(r, &doc);
    }
    source_done(&doc);
    arena_done(&arena);
    return rc;
}

/* The catalogue of this digest, counted: one that is there, or loaded. RC_CATALOGUE_INVALID: refused. */
static enum rc take(struct reload *r, struct wanted *w, const char *digest, int32_t version, struct catalogue **ret,
                    struct error *reterr)
{
    struct catalogue *cat = find_compiled(&w->next, digest);
    struct refusal *known = find_refusal(r, digest);
    if (!cat && known && !known->for_now) {
        known->wanted = true;
        return RC_CATALOGUE_INVALID;
    }
    if (!cat && w->n_compiled == CATALOGUES_MAX) {
        refuse(r, digest, version, true, "too many versions are in force at once", "");
        return RC_CATALOGUE_INVALID;
    }
    w->n_compiled += !cat;
    if (!cat)
        cat = find_compiled(&r->now, digest);
    if (cat) {
        *ret = catalogue_ref(cat);
        return RC_OK;
    }
    enum rc rc = load(r, w, digest, version, ret, reterr);
    r->loads += rc == RC_OK;
    w->n_compiled -= rc != RC_OK;
    return rc;
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

/* Adds what is wanted for one clinic, or what it had. */
static enum rc add(struct reload *r, struct wanted *w, const char *clinic, int32_t version, const char *digest,
                   struct error *reterr)
{
    struct in_force_entry *e = &w->next.at[w->next.n];
    *e = (struct in_force_entry){ .version = version };
    (void)snprintf(e->clinic, sizeof(e->clinic), "%s", clinic);
    enum rc rc = take(r, w, digest, version, &e->cat, reterr);
    if (rc == RC_CATALOGUE_INVALID) {
        const struct in_force_entry *had = find_entry(&r->now, clinic);
        if (!had && !*clinic)
            return error_set(reterr, rc, "catalogue version %d is in force but refused: %s", version,
                             r->n_refused ? r->refused[r->n_refused - 1].why : "it has faults");
        if (!had)
            return RC_OK; /* it follows the one for all */
        e->version = had->version;
        e->cat = catalogue_ref(had->cat);
        w->n_compiled += !find_compiled(&w->next, had->cat->digest);
        rc = RC_OK;
    }
    w->next.n += rc == RC_OK;
    return rc;
}

static bool same(const struct in_force *a, const struct in_force *b)
{
    bool equal = a->n == b->n;
    for (size_t i = 0; equal && i < a->n; i++)
        equal = a->at[i].cat == b->at[i].cat && a->at[i].version == b->at[i].version &&
                strcmp(a->at[i].clinic, b->at[i].clinic) == 0;
    return equal;
}

static void tell(const struct in_force *before, const struct in_force *now)
{
    for (size_t i = 0; i < now->n; i++) {
        const struct in_force_entry *e = &now->at[i], *had = find_entry(before, e->clinic);
        if (!had || had->cat != e->cat)
            log_event(LOG_INFO, "catalogue_in_force", F_INT("version", e->version), F_STR("label", e->cat->version),
                      F_STR("digest", str_of(e->cat->digest)),
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
        if (rows[i].clinic.n < CLINIC_BYTES)
            rc = add(r, &w, rows[i].clinic.p, rows[i].version, rows[i].digest.p, reterr);
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
        rc = add(r, &w, rows[i].clinic, rows[i].version, rows[i].digest, &err);
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
