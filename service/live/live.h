/* What many threads share: the slot that holds the catalogue in force, and the watch over the database. */
#ifndef PALPATE_LIVE_LIVE_H
#define PALPATE_LIVE_LIVE_H

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

#endif
