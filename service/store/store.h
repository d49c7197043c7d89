/* The database: the only user of libpq.
 *
 * One struct store is one connection and belongs to one thread at a time. Every function that fails fills *reterr:
 * RC_STORE_DOWN when trying again may help, RC_STORE_REFUSED or RC_MIGRATION when it will not. Error texts carry what
 * the server said of the statement or the catalogue, never a connection string. */
#ifndef PALPATE_STORE_STORE_H
#define PALPATE_STORE_STORE_H

#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "domain/caller.h"

struct store;

/* What the connection acts as, whatever its login may do besides (sql/migrations/0007_clinic.sql). */
enum store_role {
    STORE_AS_LOGIN,   /* migrates: the roles may not be there yet */
    STORE_AS_OWNER,   /* administers */
    STORE_AS_SERVICE, /* serves */
};

/* Connects. `conninfo` is a URI or a list of keywords as libpq reads them; it may hold a password. RC_NO_CATALOGUE
 * when the database has not been migrated. */
enum rc store_open(const char *conninfo, enum store_role role, struct store **ret, struct error *reterr) MUST_USE;
void store_close(struct store *s);
static inline void store_closep(struct store **s)
{
    store_close(*s);
}

/* Is the server there and answering? Reconnects when the connection is gone; what was listened to is then forgotten. */
enum rc store_ping(struct store *s, struct error *reterr) MUST_USE;

/* Asks to be told of what other sessions notify on a channel; a new connection has to ask again. A standby has nothing
 * to tell, which is no error: so look now and then as well. */
enum rc store_listen(struct store *s, const char *channel, struct error *reterr) MUST_USE;
/* Waits until such a notification comes (*ret_heard), `wake_fd` can be read, or the time is up. */
enum rc store_wait(struct store *s, int wake_fd, int timeout_ms, bool *ret_heard, struct error *reterr) MUST_USE;

struct migration {
    const char *name; /* NNNN_name.sql */
    struct str sql;   /* terminated by a zero byte */
};

/* Brings the schema up to date: applies what is missing, in order, each in a transaction of its own, under an advisory
 * lock. Refuses, by name, when an applied migration has changed or is not among `migrations`; with `newer_too` those of
 * a later program, after all of these, are none of its business. `report` is called for each one applied; *ret_applied
 * counts them. */
enum rc store_migrate(struct store *s, const struct migration *migrations, size_t n, bool newer_too,
                      void (*report)(void *to, const char *name), void *to, size_t *ret_applied,
                      struct error *reterr) MUST_USE;

/* ---- catalogues (sql/migrations/0011_catalogue_life.sql) ---------------------------------------------------- */

/* What a review found, and what of it is accepted. */
struct review_counts {
    uint32_t open, accepted;
};
struct catalogue_saved {
    int32_t version;
    bool created;  /* false: the same content was there already */
    bool in_force; /* for all clinics; of a draft always false */
};
/* Stores a document, publishes it and puts it in force in one step, signed off by `actor`; with `only_new` nothing is
 * put in force that was there already. */
enum rc store_catalogue_save(struct store *s, struct str document, const char *digest, const char *actor,
                             struct review_counts found, bool only_new, struct catalogue_saved *ret,
                             struct error *reterr) MUST_USE;
/* Stores it as a draft of `actor`. */
enum rc store_catalogue_draft(struct store *s, struct str document, const char *digest, const char *actor,
                              struct catalogue_saved *ret, struct error *reterr) MUST_USE;

enum catalogue_step { STEP_CHECKED, STEP_PUBLISH, STEP_ACTIVATE, STEP_DEACTIVATE, STEP_RETIRE, STEP_COUNT_ };
struct catalogue_change {
    int32_t version, revision; /* revision: the one that was read, or 0 for whatever it is */
    const char *actor;
    const char *clinic;         /* of ACTIVATE and DEACTIVATE; NULL: for all, which DEACTIVATE cannot */
    int32_t room;               /* of ACTIVATE for a clinic: how many catalogues services hold */
    const char *signed_off_by;  /* of PUBLISH */
    struct review_counts found; /* of CHECKED */
};
/* One step in the life of a version. RC_NOT_FOUND, RC_PRECONDITION_FAILED when the revision is another one by now,
 * RC_CONFLICT when its state does not allow the step, or services would have to hold more catalogues than there is room
 * for. */
enum rc store_catalogue_change(struct store *s, enum catalogue_step step, const struct catalogue_change *change,
                               struct error *reterr) MUST_USE;

/* The document of a version, or with version 0 of the one in force; its text in `arena`. RC_NO_CATALOGUE when there is
 * none, RC_NOT_FOUND when there is no such version. */
enum rc store_catalogue_load(struct store *s, int32_t version, struct arena *arena, struct str *ret_document,
                             struct error *reterr) MUST_USE;

/* What is not there is an empty text, or -1. */
struct catalogue_row {
    int32_t version, revision;
    struct str label, digest, loaded_at, name, title, state, author;
    bool active, own; /* in force for all; for the clinic that asks */
    int32_t facts, rules, techniques, courses, evidence, clinics, findings, accepted;
    struct str checked_by, checked_at, signed_off_by, published_at, retired_by, retired_at;
};
/* All versions, newest first, or with `version` that one (RC_NOT_FOUND), as far as the clinic may see; texts in
 * `arena`. */
enum rc store_catalogue_list(struct store *s, const char *clinic, int32_t version, struct arena *arena,
                             struct catalogue_row **ret, size_t *ret_n, struct error *reterr) MUST_USE;

struct catalogue_event_row {
    struct str at, actor, action, clinic, detail;
    int32_t version;
};
/* What happened, oldest first: to all versions with 0. */
enum rc store_catalogue_history(struct store *s, const char *clinic, int32_t version, struct arena *arena,
                                struct catalogue_event_row **ret, size_t *ret_n, struct error *reterr) MUST_USE;

struct in_force_row {
    struct str clinic, digest; /* clinic "": the version for all, which is the first row */
    int32_t version, overlay;  /* overlay: the number of the clinic's own; 0: it has none */
    struct str overlay_digest;
};
/* What whoever serves must hold; texts in `arena`. Waits for an answer for a few seconds only, and finds a lost
 * connection. */
enum rc store_catalogue_in_force(struct store *s, struct arena *arena, struct in_force_row **ret, size_t *ret_n,
                                 struct error *reterr) MUST_USE;

/* ---- overlays (sql/migrations/0013_overlay.sql) -------------------------------------------------------------- */

struct overlay_row {
    int32_t number;
    bool in_force;
    struct str digest, author, stored_at;
};
/* All that the clinic has stored, newest first; texts in `arena`. */
enum rc store_overlay_list(struct store *s, const char *clinic, struct arena *arena, struct overlay_row **ret,
                           size_t *ret_n, struct error *reterr) MUST_USE;
/* One of the clinic's overlays, or with number 0 the one in force, as it was stored; in `arena`. RC_NOT_FOUND when
 * there is none. */
enum rc store_overlay_load(struct store *s, const char *clinic, int32_t number, struct arena *arena,
                           int32_t *ret_number, struct str *ret_document, struct error *reterr) MUST_USE;
/* The version that is in force for the clinic, without its overlay. RC_NO_CATALOGUE when there is none. */
enum rc store_overlay_base(struct store *s, const char *clinic, struct arena *arena, int32_t *ret_version,
                           struct str *ret_document, struct error *reterr) MUST_USE;

struct overlay_change {
    const char *clinic, *actor;
    int32_t expected; /* the number of the one in force that was read, 0 for none; -1 for whatever it is */
    int32_t room;     /* how many catalogues services hold */
};
/* Stores an overlay that holds on `version`, unless the clinic has stored it before, and puts it in force; `joined` is
 * the digest of the two together. RC_PRECONDITION_FAILED when something else is in force by now, RC_NOT_FOUND when
 * there is no such clinic, RC_CONFLICT when there is no room. */
enum rc store_overlay_put(struct store *s, const struct overlay_change *change, const char *document,
                          const char *joined, int32_t version, int32_t *ret_number, struct error *reterr) MUST_USE;
/* From then on the clinic has none. RC_NOT_FOUND when it had none. */
enum rc store_overlay_withdraw(struct store *s, const struct overlay_change *change, int32_t *ret_number,
                               struct error *reterr) MUST_USE;
/* Notes what an overlay and a version make together, so that records find it. */
enum rc store_overlay_note(struct store *s, const char *clinic, int32_t number, int32_t version, const char *joined,
                           struct error *reterr) MUST_USE;

/* ---- clinics and their keys ---------------------------------------------------------------------------------- */

/* The clinics that may call and the keys that work, of all clinics; texts in `arena`. Waits for answers for some
 * seconds at most. */
enum rc store_registry_read(struct store *s, struct arena *arena, struct clinic_entry **ret_clinics,
                            size_t *ret_n_clinics, struct key_entry **ret_keys, size_t *ret_n_keys,
                            struct error *reterr) MUST_USE;
/* Notes that these keys were used just now. `ids` as PostgreSQL writes a list: {a,b}. */
enum rc store_keys_used(struct store *s, const char *ids, struct error *reterr) MUST_USE;

/* What follows is for STORE_AS_OWNER. Times are as in 2026-11-20T10:00:00Z, "" where there is none. */
struct clinic_row {
    struct str id, name, created_at, closed_at;
    bool keeps_payload;
    int32_t retention_days;
};
/* RC_STORE_REFUSED when there is one of that id. */
enum rc store_clinic_create(struct store *s, const char *id, const char *name, bool keeps_payload,
                            int32_t retention_days, struct error *reterr) MUST_USE;
/* None of its keys works from then on. RC_NOT_FOUND when there is no such clinic. */
enum rc store_clinic_close(struct store *s, const char *id, struct error *reterr) MUST_USE;
/* All clinics, by id; texts in `arena`. */
enum rc store_clinic_list(struct store *s, struct arena *arena, struct clinic_row **ret, size_t *ret_n,
                          struct error *reterr) MUST_USE;

struct new_key {
    const char *clinic, *name, *id, *hash; /* the latter as in struct key_entry */
    const char *holder;                    /* NULL: nobody is named, and the key must not change catalogues */
    unsigned scopes;
    int64_t expires_at_s; /* 0: never */
};
/* RC_NOT_FOUND when there is no such clinic, RC_STORE_REFUSED when it is closed. */
enum rc store_key_create(struct store *s, const struct new_key *key, struct error *reterr) MUST_USE;

struct key_row {
    struct str id, clinic, name, holder; /* holder: "" where nobody is named */
    struct str scopes;                   /* separated by spaces */
    struct str created_at, expires_at, revoked_at, last_used_at;
    bool works; /* neither revoked nor expired, and the clinic is open */
};
/* The keys of a clinic, or of all (NULL), in the order they were made; texts in `arena`. RC_NOT_FOUND when there is no
 * such clinic. */
enum rc store_key_list(struct store *s, const char *clinic, struct arena *arena, struct key_row **ret, size_t *ret_n,
                       struct error *reterr) MUST_USE;
/* *ret_revoked is false when that was done before. RC_NOT_FOUND when no clinic has such a key. */
enum rc store_key_revoke(struct store *s, const char *id, bool *ret_revoked, struct error *reterr) MUST_USE;

#endif
