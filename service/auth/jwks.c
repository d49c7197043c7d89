/* The keys that tokens are signed with. Each is read here once and for all, from its public members alone: what else
 * stands in a set (certificates, addresses to fetch more from, private parts) is never looked at. */
#include "auth/auth_priv.h"

#include <gnutls/abstract.h>
#include <jansson.h>
#include <stdatomic.h>
#include <stdlib.h>

static const struct algorithm algorithms[] = {
    { "RS256", R_JWA_ALG_RS256, true, RSA_BITS_MIN, RSA_BITS_MAX },
    { "RS384", R_JWA_ALG_RS384, true, RSA_BITS_MIN, RSA_BITS_MAX },
    { "ES256", R_JWA_ALG_ES256, false, 256, 256 },
    { "ES384", R_JWA_ALG_ES384, false, 384, 384 },
};

struct signing_key {
    char *kid;
    jwk_t *jwk;
    bool rsa;
    unsigned bits;
    const struct algorithm *only; /* NULL: any that fits */
};

typedef _Atomic uint64_t atomic_word;

struct jwks {
    atomic_uint refs;
    atomic_word (*verified)[TOKEN_DIGEST_WORDS]; /* VERIFIED_MAX of them */
    size_t n;
    struct signing_key at[JWKS_KEYS_MAX];
};

const struct algorithm *algorithm_named(const char *name)
{
    for (size_t i = 0; name && i < ARRAY_LEN(algorithms); i++)
        if (strcmp(algorithms[i].name, name) == 0)
            return &algorithms[i];
    return NULL;
}

static bool fits(const struct signing_key *k, const struct algorithm *alg)
{
    return k->rsa == alg->rsa && k->bits >= alg->bits_min && k->bits <= alg->bits_max && (!k->only || k->only == alg);
}

jwk_t *jwks_find(const struct jwks *set, const char *kid, const struct algorithm *alg, bool *ret_known)
{
    *ret_known = false;
    for (size_t i = 0; i < set->n; i++) {
        if (strcmp(set->at[i].kid, kid) != 0)
            continue;
        *ret_known = true;
        if (fits(&set->at[i], alg))
            return set->at[i].jwk;
    }
    return NULL;
}

struct jwks *jwks_ref(struct jwks *set)
{
    if (set)
        (void)atomic_fetch_add_explicit(&set->refs, 1, memory_order_relaxed);
    return set;
}

void jwks_unref(struct jwks *set)
{
    if (!set || atomic_fetch_sub_explicit(&set->refs, 1, memory_order_acq_rel) != 1)
        return;
    for (size_t i = 0; i < set->n; i++) {
        free(set->at[i].kid);
        r_jwk_free(set->at[i].jwk);
    }
    free(set->verified);
    free(set);
}

/* Where threads write at the same time, words of two digests may stand beside each other for good: nobody can make a
 * token whose digest is such a mixture. */
bool jwks_has_verified(const struct jwks *set, const struct token_digest *digest)
{
    atomic_word *at = set->verified[digest->word[0] % VERIFIED_MAX];
    bool same = true;
    for (size_t i = 0; i < TOKEN_DIGEST_WORDS; i++)
        same &= atomic_load_explicit(&at[i], memory_order_relaxed) == digest->word[i];
    return same;
}

void jwks_note_verified(const struct jwks *set, const struct token_digest *digest)
{
    atomic_word *at = set->verified[digest->word[0] % VERIFIED_MAX];
    for (size_t i = 0; i < TOKEN_DIGEST_WORDS; i++)
        atomic_store_explicit(&at[i], digest->word[i], memory_order_relaxed);
}

size_t jwks_count(const struct jwks *set)
{
    return set->n;
}

static bool contains(const json_t *list, const char *text)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *s = json_string_value(json_array_get(list, i));
        if (s && strcmp(s, text) == 0)
            return true;
    }
    return false;
}

/* Is it meant for checking signatures of ours? */
static bool is_for_signatures(const json_t *key, const struct algorithm **ret_only)
{
    const json_t *use = json_object_get(key, "use"), *ops = json_object_get(key, "key_ops");
    const json_t *alg = json_object_get(key, "alg");
    const char *used_for = json_string_value(use);
    *ret_only = algorithm_named(json_string_value(alg));
    return (!use || (used_for && strcmp(used_for, "sig") == 0)) && (!ops || contains(ops, "verify")) &&
           (!alg || *ret_only);
}

/* Do its numbers make a key? The library looks at them only when it is used. */
static bool is_key(jwk_t *jwk)
{
    gnutls_pubkey_t key = r_jwk_export_to_gnutls_pubkey(jwk, 0);
    gnutls_pubkey_deinit(key);
    return key != NULL;
}

/* The public key, from the members that RFC 7518 gives its type; NULL when it is none that we take. */
static jwk_t *read_public(const json_t *key, bool *ret_rsa, unsigned *ret_bits)
{
    static const char *const rsa_members[] = { "kty", "n", "e", NULL };
    static const char *const ec_members[] = { "kty", "crv", "x", "y", NULL };
    const char *kty = json_string_value(json_object_get(key, "kty"));
    if (!kty || (strcmp(kty, "RSA") != 0 && strcmp(kty, "EC") != 0))
        return NULL;
    *ret_rsa = *kty == 'R';
    CLEANUP(json_decrefp) json_t *public = json_object();
    jwk_t *jwk = NULL;
    for (const char *const *m = *ret_rsa ? rsa_members : ec_members; *m; m++)
        if (!json_is_string(json_object_get(key, *m)) || json_object_set(public, *m, json_object_get(key, *m)) != 0)
            return NULL;
    if (r_jwk_init(&jwk) != RHN_OK)
        return NULL;
    int wanted = R_KEY_TYPE_PUBLIC | (*ret_rsa ? R_KEY_TYPE_RSA : R_KEY_TYPE_EC);
    if (r_jwk_import_from_json_t(jwk, public) == RHN_OK && r_jwk_key_type(jwk, ret_bits, 0) == wanted && is_key(jwk))
        return jwk;
    r_jwk_free(jwk);
    return NULL;
}

static bool is_of_use(const struct signing_key *k)
{
    for (size_t i = 0; i < ARRAY_LEN(algorithms); i++)
        if (fits(k, &algorithms[i]))
            return true;
    return false;
}

static void add(struct jwks *set, const json_t *key)
{
    struct signing_key k = { .kid = NULL };
    const char *kid = json_string_value(json_object_get(key, "kid"));
    if (!kid || !*kid || set->n == JWKS_KEYS_MAX || !is_for_signatures(key, &k.only))
        return;
    k.jwk = read_public(key, &k.rsa, &k.bits);
    if (k.jwk && is_of_use(&k) && (k.kid = strdup(kid)))
        set->at[set->n++] = k;
    else
        r_jwk_free(k.jwk);
}

enum rc jwks_read(struct str text, struct jwks **ret, struct error *reterr)
{
    if (text.n > JWKS_BYTES_MAX)
        return error_set(reterr, RC_SETTING, "the key set is larger than %d bytes", JWKS_BYTES_MAX);
    CLEANUP(json_decrefp) json_t *doc = json_loadb(text.p ? text.p : "", text.n, JSON_REJECT_DUPLICATES, NULL);
    const json_t *keys = json_object_get(doc, "keys");
    if (!json_is_array(keys))
        return error_set(reterr, RC_SETTING, "the key set is not a JSON object with a list \"keys\"");
    struct jwks *set = calloc(1, sizeof(*set));
    if (!set)
        return error_oom(reterr);
    atomic_init(&set->refs, 1);
    set->verified = calloc(VERIFIED_MAX, sizeof(set->verified[0]));
    if (!set->verified) {
        jwks_unref(set);
        return error_oom(reterr);
    }
    for (size_t i = 0; i < json_array_size(keys); i++)
        add(set, json_array_get(keys, i));
    if (set->n == 0) {
        jwks_unref(set);
        return error_set(reterr, RC_SETTING,
                         "the key set holds no key for RS256, RS384, ES256 or ES384 that has a kid and, with RSA, at "
                         "least %d bits",
                         RSA_BITS_MIN);
    }
    *ret = set;
    return RC_OK;
}
