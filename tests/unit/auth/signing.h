/* Shared by the tests of tokens: makes keys and signs whatever text is given, without the library that is under test.
 */
#ifndef PALPATE_TESTS_AUTH_SIGNING_H
#define PALPATE_TESTS_AUTH_SIGNING_H

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <nettle/base64.h>
#include <rhonabwy.h>
#include <stdio.h>
#include <stdlib.h>

#include "auth/auth.h"

enum { SIGNED_BYTES = 32 * 1024 };

enum signer { BY_RSA, BY_OTHER_RSA, BY_SMALL_RSA, BY_P256, BY_P384, BY_ED25519, SIGNERS };
static jwk_t *private_keys[SIGNERS], *public_keys[SIGNERS];

static inline int make_keys(void **state)
{
    static const struct {
        int type;
        unsigned bits;
    } kinds[] = { { R_KEY_TYPE_RSA, 2048 }, { R_KEY_TYPE_RSA, 2048 }, { R_KEY_TYPE_RSA, 1024 },
                  { R_KEY_TYPE_EC, 256 },   { R_KEY_TYPE_EC, 384 },   { R_KEY_TYPE_EDDSA, 256 } };
    (void)state;
    if (r_global_init() != RHN_OK)
        return -1;
    for (int i = 0; i < SIGNERS; i++)
        if (r_jwk_init(&private_keys[i]) != RHN_OK || r_jwk_init(&public_keys[i]) != RHN_OK ||
            r_jwk_generate_key_pair(private_keys[i], public_keys[i], kinds[i].type, kinds[i].bits, NULL) != RHN_OK ||
            r_jwk_delete_property_str(public_keys[i], "kid") != RHN_OK)
            return -1;
    return 0;
}

static inline int drop_keys(void **state)
{
    (void)state;
    for (int i = 0; i < SIGNERS; i++) {
        r_jwk_free(private_keys[i]);
        r_jwk_free(public_keys[i]);
    }
    r_global_close();
    return 0;
}

/* Appends in base64url without padding. */
static inline size_t append_part(char *to, size_t n, const void *data, size_t bytes)
{
    struct base64_encode_ctx ctx;
    base64url_encode_init(&ctx);
    size_t k = base64_encode_update(&ctx, to + n, bytes, data);
    k += base64_encode_final(&ctx, to + n + k);
    while (k && to[n + k - 1] == '=')
        k--;
    to[n + k] = '\0';
    return n + k;
}

/* "head.claims" of these texts. */
static inline size_t unsigned_token(char *to, struct str head, struct str claims)
{
    size_t n = append_part(to, 0, head.p, head.n);
    to[n++] = '.';
    return append_part(to, n, claims.p, claims.n);
}

/* Signs with a private key by that method of gnutls; the static result lasts until the next call. */
static inline const char *sign_as(enum signer by, gnutls_sign_algorithm_t method, struct str head, struct str claims)
{
    static char token[SIGNED_BYTES];
    size_t n = unsigned_token(token, head, claims), width = by == BY_P384 ? 48 : 32;
    gnutls_datum_t data = { (unsigned char *)token, (unsigned)n }, signature = { NULL, 0 }, r, s;
    gnutls_privkey_t key = r_jwk_export_to_gnutls_privkey(private_keys[by]);
    if (!key || gnutls_privkey_sign_data2(key, method, 0, &data, &signature) != GNUTLS_E_SUCCESS)
        fail_msg("the test cannot sign");
    gnutls_privkey_deinit(key);
    token[n++] = '.';
    if (by == BY_P256 || by == BY_P384) { /* two numbers of a fixed width, not DER (RFC 7518, 3.4) */
        unsigned char both[96] = { 0 };
        assert_int_equal(gnutls_decode_rs_value(&signature, &r, &s), GNUTLS_E_SUCCESS);
        for (int i = 0; i < 2; i++) {
            gnutls_datum_t *d = i ? &s : &r;
            size_t skip = d->size > width ? d->size - width : 0, used = d->size - skip;
            memcpy(both + (size_t)i * width + (width - used), d->data + skip, used);
        }
        (void)append_part(token, n, both, 2 * width);
        gnutls_free(r.data);
        gnutls_free(s.data);
    } else {
        (void)append_part(token, n, signature.data, signature.size);
    }
    gnutls_free(signature.data);
    return token;
}

/* Signs with a shared secret. */
static inline const char *sign_with_secret(struct str secret, struct str head, struct str claims)
{
    static char token[SIGNED_BYTES];
    unsigned char mac[32];
    size_t n = unsigned_token(token, head, claims);
    assert_int_equal(gnutls_hmac_fast(GNUTLS_MAC_SHA256, secret.p, secret.n, token, n, mac), GNUTLS_E_SUCCESS);
    token[n++] = '.';
    (void)append_part(token, n, mac, sizeof(mac));
    return token;
}

/* A JSON Web Key of a public key, with these members as well, such as "\"kid\":\"a\"". */
static inline const char *public_jwk(enum signer of, const char *members)
{
    static char text[4096];
    char *plain = r_jwk_export_to_json_str(public_keys[of], 0);
    assert_non_null(plain);
    (void)snprintf(text, sizeof(text), "{%s,%s", members, plain + 1);
    r_free(plain);
    return text;
}

#endif
