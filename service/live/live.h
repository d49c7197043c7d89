/* What many threads share: the slot that holds the catalogue in force, and the watch over the database. */
#ifndef PALPATE_LIVE_LIVE_H
#define PALPATE_LIVE_LIVE_H

#include "auth/auth.h"
#include "rules/rules.h"
#include "store/store.h"

/* The catalogue in force. A request takes it once, uses only that one, and gives it back. */
struct slot;
enum rc slot_new(struct slot **ret, struct error *reterr) MUST_USE;
void slot_free(struct slot *s);
/* Puts a catalogue in force, which the slot owns from then on. Cannot fail. */
void slot_publish_take(struct slot *s, struct catalogue *cat);
/* The one in force, counted; NULL when there is none. Give it back with catalogue_unref(). */
struct catalogue *slot_acquire(struct slot *s);

/* Asks the database now and then whether it is there, on a thread of its own, so that nobody has to wait for it. */
struct watch;
/* Takes the connection; it belongs to the watch from then on. The first answer is "reachable". */
enum rc watch_start_take(struct store *store, struct watch **ret, struct error *reterr) MUST_USE;
/* Ends the thread and closes the connection; accepts NULL. */
void watch_stop(struct watch *w);
bool watch_reachable(const struct watch *w);

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

#endif
