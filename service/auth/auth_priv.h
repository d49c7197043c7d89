/* Shared by the files of auth/ only. */
#ifndef PALPATE_AUTH_AUTH_PRIV_H
#define PALPATE_AUTH_AUTH_PRIV_H

#include <rhonabwy.h>
#include <stdint.h>

#include "auth/auth.h"

struct algorithm {
    const char *name;
    jwa_alg id;
    bool rsa;
    unsigned bits_min, bits_max; /* of the key */
};
/* NULL for all but the four that we take: the name in a token never chooses anything else. */
const struct algorithm *algorithm_named(const char *name) PURE;

/* The key of that id which signs by that algorithm, or NULL; *ret_known says whether there is a key of that id. */
jwk_t *jwks_find(const struct jwks *set, const char *kid, const struct algorithm *alg, bool *ret_known);

/* Tokens whose signature has been found good by a key of this set, by their digests. Whether one is good depends on the
 * token and the set alone, so nothing has to be forgotten; what else a token says is judged each time. A set has room
 * for so many: another one takes the place of one that was there. From any thread, without a lock. */
enum { VERIFIED_MAX = 1024, TOKEN_DIGEST_WORDS = 4 };
struct token_digest {
    uint64_t word[TOKEN_DIGEST_WORDS]; /* SHA-256 of the whole token */
};
bool jwks_has_verified(const struct jwks *set, const struct token_digest *digest);
void jwks_note_verified(const struct jwks *set, const struct token_digest *digest);

/* The clinic of that id, if it may call. */
bool registry_find_clinic(const struct registry *r, struct str id, bool *ret_keeps_payload);
/* Does the key work? Takes the same time for a key that is not there. */
bool registry_judge_key(const struct registry *r, const struct api_key *key, int64_t now_s, struct caller *ret);

/* A signed token. */
enum rc token_judge(const struct grounds *grounds, struct str token, int64_t now_s, struct caller *ret,
                    bool *ret_unknown_key) MUST_USE;

#endif
