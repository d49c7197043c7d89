/* What many threads share: the slot that holds the catalogues in force, and the watch over the database, which reloads
 * them. */
#ifndef PALPATE_LIVE_LIVE_H
#define PALPATE_LIVE_LIVE_H

#include "auth/auth.h"
#include "domain/caller.h"
#include "rules/rules.h"
#include "store/store.h"

/* ---- what is in force -------------------------------------------------------------------------------------- */

/* A clinic, "" for all, and the version that is in force for it. */
struct in_force_entry {
    char clinic[CLINIC_BYTES];
    int32_t version; /* its number in the database; 0: it is from files */
    int32_t overlay; /* the number of the clinic's overlay on it; 0: there is none */
    struct catalogue *cat;
    char key[DIGEST_TEXT_LEN + 1]; /* what the reloader knows it by */
    bool noted;                    /* with an overlay: records will find it by its digest */
};
/* The first entry is the one for all; the others are clinics that have their own, sorted. Each entry counts as a
 * reference to its catalogue, several may share one. */
struct in_force {
    struct in_force_entry *at;
    size_t n;
};
void in_force_done(struct in_force *f);

/* A request takes its catalogue once, uses only that one, and gives it back. */
struct slot;
enum rc slot_new(struct slot **ret, struct error *reterr) MUST_USE;
void slot_free(struct slot *s);
/* Puts one catalogue in force for all, and no other for anybody; the slot owns it from then on. Cannot fail but for
 * want of memory: then what was in force stays. */
void slot_publish_take(struct slot *s, struct catalogue *cat);
/* The same with clinics that have their own. Cannot fail. */
void slot_publish_all_take(struct slot *s, struct in_force all);
/* The one in force for a clinic, counted; that for all with "" or where the clinic has none; NULL when there is none.
 * Give it back with catalogue_unref(). */
struct catalogue *slot_acquire(struct slot *s, const char *clinic);

/* ---- the watch --------------------------------------------------------------------------------------------- */

/* A thread with a connection of its own: it is told when what is in force changes, looks by itself every few seconds
 * all the same, loads aside, checks, and swaps the slot. What fails its checks changes nothing. When the database goes
 * away it connects again, ever more seldom. */
struct watch;

enum came_from { FROM_NOWHERE, FROM_FILES, FROM_CACHE, FROM_DATABASE };

struct watch_config {
    const char *conninfo;
    struct slot *slot;
    const char *cache; /* folder that keeps what was in force last; NULL: none */
    size_t room;       /* catalogues held at once, at most */
    bool follows;      /* the catalogue comes from the database; else somebody has filled the slot */
    /* Where there is neither database nor cache at the start. NULL, with *reterr: cannot. */
    struct catalogue *(*files)(void *arg, struct error *reterr);
    void *files_arg;
};

enum { REFUSED_WHY_BYTES = 200 };
struct watch_status {
    bool reachable;
    enum came_from from;     /* where the catalogue for all came from; NOWHERE: somebody else knows */
    uint32_t n_refused;      /* versions that are meant to be in force and are not */
    int32_t refused_version; /* the latest of them */
    char refused_why[REFUSED_WHY_BYTES];
    uint64_t loads, refusals, connects, losses; /* since the start */
};

/* Connects and fills the slot: from the database; when it cannot be reached, from the cache or else from files. The
 * configuration's texts must outlive the watch. Fails when the database is there but of no use. */
enum rc watch_start(const struct watch_config *config, struct watch **ret, struct error *reterr) MUST_USE;
/* Ends the thread and closes the connection; accepts NULL. */
void watch_stop(struct watch *w);
bool watch_reachable(const struct watch *w);
/* From any thread. */
void watch_look(struct watch *w, struct watch_status *ret);

/* Who may call: the clinics, their keys and the keys that tokens are signed with, kept fresh on a thread of its own.
 * What it holds goes on counting while the database or the address of the signing keys is gone. */
struct keyring;
struct keyring_config {
    const char *database;            /* conninfo; NULL: there is none, and tokens may name any clinic */
    const char *jwks;                /* file or URL of the signing keys; NULL: no tokens are taken */
    const struct token_rules *rules; /* with jwks */
};
/* Is it an address that signing keys may be fetched from: https, or http on this machine? Other texts are files, but
 * *ret_file is false for what has another scheme, a user or a password. */
bool jwks_is_url(const char *where, bool *ret_file);
/* Reads all once, and again whenever it changes. Fails for what waiting does not mend (tables that are not there, a
 * file that holds no keys); what cannot be reached is asked for again, and until it answers nobody's word can be
 * judged. The configuration's pointers must outlive the keyring. Call it before other threads use jansson. */
enum rc keyring_start(const struct keyring_config *config, struct keyring **ret, struct error *reterr) MUST_USE;
/* Ends the thread; accepts NULL. */
void keyring_stop(struct keyring *k);
/* Judges what follows "Bearer " in a request: see authenticate(). Never waits. */
enum rc keyring_judge(struct keyring *k, struct str credential, struct caller *ret) MUST_USE;
/* Has everything been read that callers are judged by? */
bool keyring_is_ready(struct keyring *k);

/* ---- the desk ---------------------------------------------------------------------------------------------- */

/* Where the versions of the database are read and changed on behalf of callers: one connection that is opened when it
 * is first needed, for one caller at a time. Its functions may be called from any thread and wait for the database, but
 * not for ever; RC_STORE_DOWN when it is not there or others are at it. Texts are in the caller's arena. */
struct desk;
/* `room`: catalogues that services hold at once. */
enum rc desk_new(const char *conninfo, size_t room, struct desk **ret, struct error *reterr) MUST_USE;
void desk_free(struct desk *d);
/* See store_catalogue_list() and store_catalogue_change(). */
enum rc desk_list(struct desk *d, const char *clinic, int32_t version, struct arena *arena, struct catalogue_row **ret,
                  size_t *ret_n, struct error *reterr) MUST_USE;
enum rc desk_change(struct desk *d, enum catalogue_step step, const struct catalogue_change *change,
                    struct error *reterr) MUST_USE;
/* Stores a document that compiles as a draft of `actor`. RC_CATALOGUE_INVALID, with faults, when it does not. */
enum rc desk_draft(struct desk *d, struct str document, const char *actor, struct faults *faults,
                   struct catalogue_saved *ret, struct error *reterr) MUST_USE;
/* The clinic's overlay in force; see store_overlay_load(). */
enum rc desk_overlay(struct desk *d, const char *clinic, struct arena *arena, int32_t *ret_number,
                     struct str *ret_document, struct error *reterr) MUST_USE;
/* Stores an overlay that holds on what is in force for the clinic, and puts it in force. RC_CATALOGUE_INVALID, with
 * faults, when it does not hold. See store_overlay_put() and store_overlay_withdraw(). */
enum rc desk_overlay_put(struct desk *d, const struct overlay_change *change, struct str overlay, struct faults *faults,
                         struct error *reterr) MUST_USE;
enum rc desk_overlay_withdraw(struct desk *d, const struct overlay_change *change, struct error *reterr) MUST_USE;
/* Reviews a version with these accepted findings (p NULL: none) and notes the outcome; `change` is filled with it. */
enum rc desk_check(struct desk *d, struct str accepted, struct catalogue_change *change, struct error *reterr) MUST_USE;

#endif
