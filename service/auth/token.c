/* Bearer tokens: signed JWTs (RFC 7519) in the way of RFC 8725.
 *
 * The head of a token is the caller's word until its signature is checked, so it chooses nothing: of the algorithms
 * there are four, the key is ours, found by its id, and must be of the kind that the algorithm takes. Addresses and
 * keys in the head are not looked at. Only then are the claims read.
 *
 * Checking a signature takes longer than everything else that a request needs, and clients send the same token until
 * it expires: a signature that was found good is remembered with the keys it was checked by. */
#include "auth/auth_priv.h"

#include <jansson.h>
#include <nettle/base64.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

static void jws_freep(jws_t **jws)
{
    r_jws_free(*jws);
}

/* Three parts in base64url without padding, none empty: the head, the claims, and the signature. */
static bool has_form(struct str token, struct str *ret_head, struct str *ret_claims)
{
    size_t dots = 0, part = 0;
    for (size_t i = 0; i < token.n; i++, part++) {
        char c = token.p[i];
        if (c == '.') {
            if (part == 0 || part % 4 == 1 || ++dots > 2)
                return false;
            *(dots == 1 ? ret_head : ret_claims) = (struct str){ token.p + i - part, part };
            part = (size_t)-1;
        } else if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') && c != '-' &&
                   c != '_') {
            return false;
        }
    }
    return dots == 2 && part > 0 && part % 4 != 1;
}

/* The JSON object in a part; NULL when it is none, or one that says a thing twice. */
static json_t *read_object(struct str part)
{
    uint8_t text[BASE64_DECODE_LENGTH(TOKEN_BYTES_MAX)];
    struct base64_decode_ctx ctx;
    size_t n = sizeof(text);
    base64url_decode_init(&ctx);
    if (!base64_decode_update(&ctx, &n, text, part.n, part.p))
        return NULL;
    json_t *object = json_loadb((const char *)text, n, JSON_REJECT_DUPLICATES, NULL);
    if (json_is_object(object))
        return object;
    json_decref(object);
    return NULL;
}

/* An access token, by its own word. A logout token or an assertion of the same issuer is none. */
static bool is_access_token(const json_t *head)
{
    static const char media[] = "application/";
    const json_t *typ = json_object_get(head, "typ");
    const char *type = json_string_value(typ);
    if (!typ)
        return true;
    if (type && strncasecmp(type, media, sizeof(media) - 1) == 0)
        type += sizeof(media) - 1;
    return type && (strcasecmp(type, "JWT") == 0 || strcasecmp(type, "at+jwt") == 0);
}

/* The key that must have signed, with the algorithm; NULL when the head says anything that we do not take. */
static jwk_t *key_for(const json_t *head, const struct jwks *jwks, const struct algorithm **ret_alg,
                      bool *ret_unknown_key)
{
    /* crit: what must be understood; b64 and zip change what is signed, or how large it is */
    static const char *const never[] = { "crit", "b64", "zip", "enc" };
    const char *kid = json_string_value(json_object_get(head, "kid"));
    bool known = true;
    *ret_alg = algorithm_named(json_string_value(json_object_get(head, "alg")));
    for (size_t i = 0; i < ARRAY_LEN(never); i++)
        if (json_object_get(head, never[i]))
            return NULL;
    if (!*ret_alg || !kid || !is_access_token(head))
        return NULL;
    jwk_t *key = jwks_find(jwks, kid, *ret_alg, &known);
    *ret_unknown_key = !known;
    return key;
}

static bool is_signed(struct str token, jwk_t *key, const struct algorithm *alg)
{
    CLEANUP(jws_freep) jws_t *jws = NULL;
    return r_jws_init(&jws) == RHN_OK &&
           r_jws_advanced_compact_parsen(jws, token.p, token.n, R_PARSE_NONE, R_FLAG_IGNORE_REMOTE) == RHN_OK &&
           r_jws_get_alg(jws) == alg->id && r_jws_verify_signature(jws, key, R_FLAG_IGNORE_REMOTE) == RHN_OK;
}

static struct token_digest digest_of(struct str token)
{
    struct token_digest digest;
    struct sha256_ctx ctx;
    static_assert(sizeof(digest) == SHA256_DIGEST_SIZE, "it holds the whole digest");
    sha256_init(&ctx);
    sha256_update(&ctx, token.n, (const uint8_t *)token.p);
    sha256_digest(&ctx, SHA256_DIGEST_SIZE, (uint8_t *)&digest);
    return digest;
}

static bool is_text(const json_t *value, const char *wanted)
{
    const char *s = json_string_value(value);
    return s && strcmp(s, wanted) == 0;
}

static bool names_audience(const json_t *aud, const char *wanted)
{
    if (!json_is_array(aud))
        return is_text(aud, wanted);
    for (size_t i = 0; i < json_array_size(aud); i++)
        if (is_text(json_array_get(aud, i), wanted))
            return true;
    return false;
}

/* Doubles: a token may say a time with a fraction, or one that is beyond every integer. */
static bool is_in_time(const json_t *claims, int leeway_s, int64_t now_s)
{
    const json_t *exp = json_object_get(claims, "exp"), *nbf = json_object_get(claims, "nbf");
    double now = (double)now_s, leeway = leeway_s;
    if (!json_is_number(exp) || now >= json_number_value(exp) + leeway)
        return false;
    return !nbf || (json_is_number(nbf) && now >= json_number_value(nbf) - leeway);
}

/* A name for whoever the token speaks of, that does not say who it is. */
static void name_bearer(const char *issuer, const char *subject, char out[static KEY_ID_BYTES])
{
    enum { SHOWN = 32 };
    char both[2 * DIGEST_TEXT_LEN + 1], digest[DIGEST_TEXT_LEN + 1];
    digest_sha256(str_of(issuer), both);
    digest_sha256(str_of(subject), both + DIGEST_TEXT_LEN);
    digest_sha256((struct str){ both, sizeof(both) - 1 }, digest);
    (void)snprintf(out, KEY_ID_BYTES, "jwt:%.*s", SHOWN, digest);
}

static bool read_claims(const json_t *claims, const struct grounds *g, int64_t now_s, struct caller *ret)
{
    const struct token_rules *rules = g->rules;
    const json_t *iss = json_object_get(claims, "iss"), *scope = json_object_get(claims, "scope");
    const char *issuer = json_string_value(iss), *subject = json_string_value(json_object_get(claims, "sub"));
    struct str clinic = str_of(json_string_value(json_object_get(claims, rules->clinic_claim)));
    if ((iss && !issuer) || (rules->issuer && !is_text(iss, rules->issuer)) ||
        !names_audience(json_object_get(claims, "aud"), rules->audience) || !is_in_time(claims, rules->leeway_s, now_s))
        return false;
    if (!subject || !*subject || (scope && !json_is_string(scope)))
        return false;
    if (!clinic.p || !registry_find_clinic(g->registry, clinic, &ret->keeps_payload))
        return false;
    memcpy(ret->clinic, clinic.p, clinic.n);
    ret->clinic[clinic.n] = '\0';
    ret->scopes = scopes_among(str_of(json_string_value(scope)));
    name_bearer(issuer ? issuer : "", subject, ret->key);
    return true;
}

enum rc token_judge(const struct grounds *grounds, struct str token, int64_t now_s, struct caller *ret,
                    bool *ret_unknown_key)
{
    const struct algorithm *alg;
    struct caller caller = { .scopes = 0 };
    struct str head_part, claims_part;
    if (token.n > TOKEN_BYTES_MAX || !has_form(token, &head_part, &claims_part))
        return RC_UNAUTHORIZED;
    if (!grounds->jwks || !grounds->registry)
        return RC_STORE_DOWN;
    CLEANUP(json_decrefp) json_t *head = read_object(head_part);
    jwk_t *key = head ? key_for(head, grounds->jwks, &alg, ret_unknown_key) : NULL;
    if (!key)
        return RC_UNAUTHORIZED;
    struct token_digest digest = digest_of(token);
    bool known = jwks_has_verified(grounds->jwks, &digest);
    if (!known && !is_signed(token, key, alg))
        return RC_UNAUTHORIZED;
    CLEANUP(json_decrefp) json_t *claims = read_object(claims_part);
    if (!claims || !read_claims(claims, grounds, now_s, &caller))
        return RC_UNAUTHORIZED;
    if (!known)
        jwks_note_verified(grounds->jwks, &digest);
    *ret = caller;
    return RC_OK;
}
