/* Shared by the files of auth/ only. */
#ifndef PALPATE_AUTH_AUTH_PRIV_H
#define PALPATE_AUTH_AUTH_PRIV_H

#include <rhonabwy.h>

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

/* The clinic of that id, if it may call. */
bool registry_find_clinic(const struct registry *r, struct str id, bool *ret_keeps_payload);
/* Does the key work? Takes the same time for a key that is not there. */
bool registry_judge_key(const struct registry *r, const struct api_key *key, int64_t now_s, struct caller *ret);

/* A signed token. */
enum rc token_judge(const struct grounds *grounds, struct str token, int64_t now_s, struct caller *ret,
                    bool *ret_unknown_key) MUST_USE;

#endif
