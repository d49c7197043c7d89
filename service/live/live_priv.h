/* Shared by the files of live/ only. */
#ifndef PALPATE_LIVE_LIVE_PRIV_H
#define PALPATE_LIVE_LIVE_PRIV_H

#include <stdatomic.h>
#include <sys/stat.h>

#include "live/live.h"

/* Where signing keys come from, and when they were asked for. Belongs to one thread. */
struct jwks_source {
    const char *where;
    bool remote;
    int64_t next_ms;      /* of clock_ms(): when to ask again */
    int64_t asked_ms;     /* when it was asked */
    unsigned failures;    /* one after the other */
    struct stat seen;     /* the file, when it was read */
    atomic_bool *give_up; /* ends a fetch early */
};
void jwks_source_init(struct jwks_source *s, const char *where, atomic_bool *give_up);
/* Is it time? `wanted`: a token named a key that is not there. */
bool jwks_source_is_due(const struct jwks_source *s, bool wanted);
/* Reads the file or fetches the address. RC_STORE_DOWN when trying again may help, RC_SETTING or RC_FILE when someone
 * has to mend it; either way it may be asked again when it is due. */
enum rc jwks_source_read(struct jwks_source *s, struct jwks **ret, struct error *reterr) MUST_USE;

/* ---- what is loaded ----------------------------------------------------------------------------------------- */

enum { REFUSED_MAX = 64 };

struct refusal {
    char key[DIGEST_TEXT_LEN + 1];
    int32_t version;
    char why[REFUSED_WHY_BYTES];
    bool wanted, for_now; /* for_now: tried again */
};

/* Belongs to one thread. */
struct reload {
    struct slot *slot;
    const char *cache;
    size_t room;         /* catalogues compiled at once, at most */
    struct in_force now; /* what the slot holds */
    enum came_from from;
    struct refusal refused[REFUSED_MAX];
    size_t n_refused;
    uint64_t loads, refusals;
    bool cache_fails, note_fails; /* said already */
};

/* What the database wants in force, loaded, checked and put there. RC_OK also when versions are refused, unless
 * nothing would be in force for all: then RC_CATALOGUE_INVALID. Any other code: nothing has changed. */
enum rc reload_from_database(struct reload *r, struct store *s, struct error *reterr) MUST_USE;
/* What was in force last; false when the cache does not have it. */
bool reload_from_cache(struct reload *r);
void reload_done(struct reload *r);

/* ---- the cache ---------------------------------------------------------------------------------------------- */

/* Keeps a document under its digest. */
enum rc cache_keep(const char *dir, const struct source_doc *doc, struct error *reterr) MUST_USE;
/* Keeps what is in force, whose documents are kept already, and forgets other documents. */
enum rc cache_note(const char *dir, const struct in_force *now, struct error *reterr) MUST_USE;

struct cache_row {
    char clinic[CLINIC_BYTES], digest[DIGEST_TEXT_LEN + 1];
    int32_t version, overlay;
};
/* What was in force last; free() it. RC_NOT_FOUND when nothing was kept. */
enum rc cache_noted(const char *dir, struct cache_row **ret, size_t *ret_n, struct error *reterr) MUST_USE;
/* The same from the text of the note. */
enum rc cache_read_note(struct str note, struct cache_row **ret, size_t *ret_n, struct error *reterr) MUST_USE;
/* A document that was kept, if it is whole still; free with source_done(). */
enum rc cache_kept(const char *dir, const char *digest, struct source_doc *ret, struct error *reterr) MUST_USE;

#endif
