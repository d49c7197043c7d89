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

#endif
