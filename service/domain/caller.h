/* Who calls the service, and what it may do. */
#ifndef PALPATE_DOMAIN_CALLER_H
#define PALPATE_DOMAIN_CALLER_H

#include "base/attr.h"

#define SCOPE_LIST(X)                                                                                                  \
    X(SCOPE_SCREEN, "screen")                   /* POST /v1/screenings */                                              \
    X(SCOPE_RECORDS_READ, "records:read")       /* what was decided for the own clinic */                              \
    X(SCOPE_CATALOGUE_WRITE, "catalogue:write") /* the own clinic's rules, and the life of versions */                 \
    X(SCOPE_ADMIN, "admin")                     /* erasure, and what binds all clinics */
#define X(id, name) id,
enum scope { SCOPE_LIST(X) SCOPE_COUNT_ };
#undef X

enum {
    CLINIC_BYTES = 65, /* an id of the registry, terminated */
    KEY_ID_BYTES = 65, /* the readable part of an API key, or what names the bearer of a token */
};

/* Clinic and key are "" where nobody has to say who they are. */
struct caller {
    char clinic[CLINIC_BYTES], key[KEY_ID_BYTES];
    unsigned scopes;    /* a bit for each enum scope */
    bool keeps_payload; /* the clinic wants requests kept with their records */
};

#endif
