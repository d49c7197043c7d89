/* Who calls the service, and what it may do. */
#ifndef PALPATE_DOMAIN_CALLER_H
#define PALPATE_DOMAIN_CALLER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/str.h"

#define SCOPE_LIST(X)                                                                                                  \
    X(SCOPE_SCREEN, "screen")                   /* POST /v1/screenings */                                              \
    X(SCOPE_RECORDS_READ, "records:read")       /* what was decided for the own clinic */                              \
    X(SCOPE_CATALOGUE_WRITE, "catalogue:write") /* the own clinic's rules, and the life of versions */                 \
    X(SCOPE_ADMIN, "admin")                     /* erasure, and what binds all clinics */
#define X(id, name) id,
enum scope { SCOPE_LIST(X) SCOPE_COUNT_ };
#undef X

const char *scope_name(enum scope scope) PURE;
bool scope_from_name(struct str name, enum scope *ret);
/* The scopes of a list that spaces separate, a bit for each; names that are none of ours say nothing to us. */
unsigned scopes_among(struct str list) PURE;

enum {
    CLINIC_BYTES = 65, /* an id of the registry, terminated */
    KEY_ID_BYTES = 65, /* the readable part of an API key, or what names the bearer of a token */
    HOLDER_BYTES = 201,
};

/* Clinic and key are "" where nobody has to say who they are. */
struct caller {
    char clinic[CLINIC_BYTES], key[KEY_ID_BYTES];
    char holder[HOLDER_BYTES]; /* the person who answers for what the key does; "" where nobody is named */
    unsigned scopes;           /* a bit for each enum scope */
    bool keeps_payload;        /* the clinic wants requests kept with their records */
};

/* Who acts: the holder, or where nobody is named what the key is called. */
const char *caller_person(const struct caller *c) PURE;

/* Is it an id that a clinic may have? */
bool is_clinic_id(struct str s) PURE;

/* What the registry of the database says of a clinic that may call, and of a key that works. */
struct clinic_entry {
    struct str id;
    bool keeps_payload;
};
struct key_entry {
    struct str id, clinic, holder;
    struct str hash; /* SHA-256 of the whole key, in lower-case hexadecimal */
    unsigned scopes;
    int64_t expires_at_s; /* seconds since 1970; 0: never */
};

#endif
