/* Who is calling? API keys and bearer tokens, judged by what is known of clinics and of who signs tokens.
 *
 * Nothing here waits, and nothing knows a database, a file or a network. A registry and a set of signing keys are made
 * once, do not change from then on, and are counted: any thread may judge by them. A credential that is refused is
 * refused without a reason, for the reason would help who guesses. */
#ifndef PALPATE_AUTH_AUTH_H
#define PALPATE_AUTH_AUTH_H

#include "base/digest.h"
#include "base/error.h"
#include "domain/caller.h"

/* ---- API keys: palpate_ID_SECRET ----------------------------------------------------------------------------- */

enum {
    API_KEY_ID_LEN = 12,     /* of a-z and 2-7: by which people speak of the key */
    API_KEY_SECRET_LEN = 43, /* 32 random bytes in base64url */
    API_KEY_LEN = 64,
};

struct api_key {
    char text[API_KEY_LEN + 1]; /* to be shown once */
    char id[API_KEY_ID_LEN + 1];
    char hash[DIGEST_TEXT_LEN + 1]; /* of the whole text: what is stored */
};
/* A new one. RC_OS when the system gives no random bytes. */
enum rc api_key_make(struct api_key *ret, struct error *reterr) MUST_USE;
/* Reads a key that was shown; false when it has another form. */
bool api_key_read(struct str text, struct api_key *ret);

/* ---- what credentials are judged by --------------------------------------------------------------------------- */

/* The clinics that may call, and their keys. */
struct registry;
/* Copies the entries; a key of a clinic that is not among them is left out. */
enum rc registry_make(const struct clinic_entry *clinics, size_t n_clinics, const struct key_entry *keys, size_t n_keys,
                      struct registry **ret, struct error *reterr) MUST_USE;
/* One without keys, in which every clinic that a token names may call: for a service without a database. */
enum rc registry_make_open(struct registry **ret, struct error *reterr) MUST_USE;
struct registry *registry_ref(struct registry *r);
void registry_unref(struct registry *r);
size_t registry_count_clinics(const struct registry *r) PURE;
size_t registry_count_keys(const struct registry *r) PURE;
/* Which keys have been used: calls `take` for each, and with `forget` they are unused from then on. */
void registry_each_used(const struct registry *r, bool forget, void (*take)(void *to, const char *id), void *to);
/* Notes a key as used. Unknown ids are ignored. */
void registry_mark_used(const struct registry *r, const char *id);

/* The public keys that tokens are signed with (RFC 7517). */
struct jwks;
enum {
    JWKS_BYTES_MAX = 256 * 1024,
    JWKS_KEYS_MAX = 100,
    RSA_BITS_MIN = 2048,
    RSA_BITS_MAX = 8192, /* larger ones are slow to check with */
};
/* Reads a JSON Web Key Set. What cannot sign our tokens (no kid, another use, a shared secret, a weak key) is left out;
 * RC_SETTING when nothing is left or the text is no such set. Only after r_global_init(). */
enum rc jwks_read(struct str text, struct jwks **ret, struct error *reterr) MUST_USE;
struct jwks *jwks_ref(struct jwks *set);
void jwks_unref(struct jwks *set);
size_t jwks_count(const struct jwks *set) PURE;

/* What a token must say. */
struct token_rules {
    const char *issuer;       /* NULL: any */
    const char *audience;     /* must be among those of the token */
    const char *clinic_claim; /* which claim names the clinic */
    int leeway_s;             /* by how much the clocks may differ */
};

enum {
    TOKEN_BYTES_MAX = 8192,
};

/* What there is to judge by. A NULL registry has not been read yet. `rules` is NULL where no tokens are taken, a NULL
 * `jwks` beside them has not been read yet. */
struct grounds {
    const struct registry *registry;
    const struct jwks *jwks;
    const struct token_rules *rules;
};

/* Judges what follows "Bearer " in a request, at this time in seconds since 1970. RC_OK fills *ret; RC_UNAUTHORIZED
 * says that it is no good, RC_STORE_DOWN that it cannot be judged yet. *ret_unknown_key is set to true when a token
 * names a signing key that the set does not have, which may have been added to it since. */
enum rc authenticate(const struct grounds *grounds, struct str credential, int64_t now_s, struct caller *ret,
                     bool *ret_unknown_key) MUST_USE;

#endif
