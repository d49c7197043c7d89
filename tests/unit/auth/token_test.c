/* Tokens: those that are good, and every way we know of making one that is not. */
#include "test.h"

#include <pthread.h>

#include "auth/auth_priv.h"
#include "auth/signing.h"

enum { NOW = 1000000000, LEEWAY = 60 };

#define RS256(more)  "{\"alg\":\"RS256\",\"kid\":\"rsa\"" more "}"
#define HEAD         RS256(",\"typ\":\"JWT\"")
#define WHO          "\"iss\":\"https://id.example\",\"sub\":\"booking\",\"clinic\":\"c1\",\"scope\":\"screen openid\""
#define TIMES        "\"exp\":1000000300,\"nbf\":999999000"
#define CLAIMS(more) "{" WHO "," TIMES more "}"
#define AUD          ",\"aud\":\"palpate\""
#define GOOD         CLAIMS(AUD)

static struct registry *registry;
static struct jwks *jwks;
static struct token_rules rules;

/* The keys: rsa and p256 for what fits, p384, and one that is for RS384 only. */
static int prepare(void **state)
{
    static const struct clinic_entry clinics[] = { { { "c1", 2 }, true } };
    static char text[16 * 1024];
    struct error err;
    size_t n = 0;
    if (make_keys(state) != 0)
        return -1;
    static const struct {
        enum signer key;
        const char *members;
    } set[] = { { BY_RSA, "\"kid\":\"rsa\",\"use\":\"sig\"" },
                { BY_RSA, "\"kid\":\"rsa384\",\"alg\":\"RS384\"" },
                { BY_P256, "\"kid\":\"p256\",\"key_ops\":[\"verify\"]" },
                { BY_P384, "\"kid\":\"p384\",\"alg\":\"ES384\"" },
                { BY_SMALL_RSA, "\"kid\":\"small\"" },
                { BY_ED25519, "\"kid\":\"ed\"" },
                { BY_OTHER_RSA, "\"kid\":\"enc\",\"use\":\"enc\"" } };
    n += (size_t)snprintf(text + n, sizeof(text) - n, "{\"keys\":[");
    for (size_t i = 0; i < ARRAY_LEN(set); i++)
        n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s", i ? "," : "", public_jwk(set[i].key, set[i].members));
    n += (size_t)snprintf(text + n, sizeof(text) - n,
                          ",{\"kty\":\"oct\",\"kid\":\"oct\",\"k\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}]}");
    rules = (struct token_rules){ "https://id.example", "palpate", "clinic", LEEWAY };
    return jwks_read((struct str){ text, n }, &jwks, &err) == RC_OK &&
                   registry_make(clinics, 1, NULL, 0, &registry, &err) == RC_OK
               ? 0
               : -1;
}

static int drop(void **state)
{
    registry_unref(registry);
    jwks_unref(jwks);
    return drop_keys(state);
}

static struct caller caller;
static bool unknown_key;

static enum rc judge(const char *token)
{
    struct grounds g = { registry, jwks, &rules };
    caller = (struct caller){ .key = "untouched" };
    enum rc rc = authenticate(&g, str_of(token), NOW, &caller, &unknown_key);
    if (rc != RC_OK)
        assert_string_equal(caller.key, "untouched");
    return rc;
}

static const char *rs256(const char *head, const char *claims)
{
    return sign_as(BY_RSA, GNUTLS_SIGN_RSA_SHA256, str_of(head), str_of(claims));
}

static void takes_what_is_good(void **state)
{
    static const struct {
        enum signer by;
        gnutls_sign_algorithm_t method;
        const char *head;
    } rows[] = {
        { BY_RSA, GNUTLS_SIGN_RSA_SHA256, HEAD },
        { BY_RSA, GNUTLS_SIGN_RSA_SHA256, RS256("") },
        { BY_RSA, GNUTLS_SIGN_RSA_SHA256, RS256(",\"typ\":\"at+jwt\",\"x5t\":\"abc\"") },
        { BY_RSA, GNUTLS_SIGN_RSA_SHA256, RS256(",\"typ\":\"application/at+JWT\"") },
        { BY_RSA, GNUTLS_SIGN_RSA_SHA384, "{\"alg\":\"RS384\",\"kid\":\"rsa\"}" },
        { BY_RSA, GNUTLS_SIGN_RSA_SHA384, "{\"alg\":\"RS384\",\"kid\":\"rsa384\"}" },
        { BY_P256, GNUTLS_SIGN_ECDSA_SHA256, "{\"alg\":\"ES256\",\"kid\":\"p256\"}" },
        { BY_P384, GNUTLS_SIGN_ECDSA_SHA384, "{\"alg\":\"ES384\",\"kid\":\"p384\"}" },
    };
    (void)state;
    assert_int_equal(jwks_count(jwks), 4); /* the others cannot sign for us */
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (judge(sign_as(rows[i].by, rows[i].method, str_of(rows[i].head), STR(GOOD))) != RC_OK)
            fail_msg("refused: %s", rows[i].head);
        assert_string_equal(caller.clinic, "c1");
        assert_int_equal(caller.scopes, 1U << SCOPE_SCREEN);
        assert_true(caller.keeps_payload);
        assert_int_equal(strncmp(caller.key, "jwt:", 4), 0);
        assert_int_equal(strspn(caller.key + 4, "0123456789abcdef"), 32);
        assert_null(strstr(caller.key, "booking"));
        assert_false(unknown_key);
    }
}

static void judges_the_claims(void **state)
{
    static const struct {
        const char *claims;
        bool good;
    } rows[] = {
        { GOOD, true },
        { CLAIMS(",\"aud\":[\"other\",\"palpate\"]"), true },
        { CLAIMS(",\"aud\":[\"other\"]"), false },
        { CLAIMS(",\"aud\":[]"), false },
        { CLAIMS(",\"aud\":[[\"palpate\"]]"), false },
        { CLAIMS(",\"aud\":{\"palpate\":1}"), false },
        { CLAIMS(",\"aud\":\"palpate2\""), false },
        { CLAIMS(",\"aud\":\"palpat\""), false },
        { CLAIMS(",\"aud\":\"palpate other\""), false },
        { CLAIMS(",\"aud\":null"), false },
        { CLAIMS(""), false },
        { CLAIMS(AUD ",\"iat\":1,\"jti\":\"x\",\"deep\":{\"a\":[1,2]}"), true },
        /* said twice */
        { CLAIMS(AUD AUD), false },
        { CLAIMS(AUD ",\"clinic\":\"c1\""), false },
        { CLAIMS(AUD ",\"exp\":1000000300"), false },
        /* time: 60 seconds either way */
        { "{" WHO AUD "}", false },
        { "{" WHO AUD ",\"exp\":999999941}", true },
        { "{" WHO AUD ",\"exp\":999999940}", false },
        { "{" WHO AUD ",\"exp\":999999940.5}", true },
        { "{" WHO AUD ",\"exp\":0}", false },
        { "{" WHO AUD ",\"exp\":-1}", false },
        { "{" WHO AUD ",\"exp\":1e300}", true },
        { "{" WHO AUD ",\"exp\":1e999}", false },
        { "{" WHO AUD ",\"exp\":99999999999999999999999}", false },
        { "{" WHO AUD ",\"exp\":\"1000000300\"}", false },
        { "{" WHO AUD ",\"exp\":null}", false },
        { "{" WHO AUD ",\"exp\":true}", false },
        { "{" WHO AUD ",\"exp\":[1000000300]}", false },
        { "{" WHO AUD ",\"exp\":1000000300,\"nbf\":1000000060}", true },
        { "{" WHO AUD ",\"exp\":1000000300,\"nbf\":1000000061}", false },
        { "{" WHO AUD ",\"exp\":1000000300,\"nbf\":\"0\"}", false },
        { "{" WHO AUD ",\"exp\":1000000300}", true },
        /* who */
        { "{\"iss\":\"https://id.example\",\"sub\":\"s\",\"clinic\":\"c2\"," TIMES AUD "}", false },
        { "{\"iss\":\"https://id.example\",\"sub\":\"s\",\"clinic\":\"C1\"," TIMES AUD "}", false },
        { "{\"iss\":\"https://id.example\",\"sub\":\"s\",\"clinic\":[\"c1\"]," TIMES AUD "}", false },
        { "{\"iss\":\"https://id.example\",\"sub\":\"s\",\"clinic\":\"\"," TIMES AUD "}", false },
        { "{\"iss\":\"https://id.example\",\"sub\":\"s\"," TIMES AUD "}", false },
        { "{\"iss\":\"https://id.example\",\"sub\":\"s\",\"clinic\":\"c1\"," TIMES AUD "}", true },
        { "{\"iss\":\"https://id.example\",\"clinic\":\"c1\"," TIMES AUD "}", false },
        { "{\"iss\":\"https://id.example\",\"sub\":\"\",\"clinic\":\"c1\"," TIMES AUD "}", false },
        { "{\"iss\":\"https://id.example\",\"sub\":7,\"clinic\":\"c1\"," TIMES AUD "}", false },
        { "{\"iss\":\"https://id.example/\",\"sub\":\"s\",\"clinic\":\"c1\"," TIMES AUD "}", false },
        { "{\"iss\":[\"https://id.example\"],\"sub\":\"s\",\"clinic\":\"c1\"," TIMES AUD "}", false },
        { "{\"sub\":\"s\",\"clinic\":\"c1\"," TIMES AUD "}", false },
        { "{\"iss\":\"https://id.example\",\"sub\":\"s\",\"clinic\":\"c1\",\"scope\":[\"admin\"]," TIMES AUD "}",
          false },
        { "{\"iss\":\"https://id.example\",\"sub\":\"a\\u0000b\",\"clinic\":\"c1\"," TIMES AUD "}", false },
        /* no object */
        { "", false },
        { "[]", false },
        { "\"" WHO "\"", false },
        { "7", false },
        { "null", false },
        { GOOD " x", false },
        { "{", false },
        { "\xFF{}", false },
        { "{\"a\":\"\xC0\x80\"}", false },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (judge(rs256(HEAD, rows[i].claims)) != (rows[i].good ? RC_OK : RC_UNAUTHORIZED))
            fail_msg("row %zu, %s: %s", i, rows[i].claims, rows[i].good ? "refused" : "taken");
}

static void lets_the_issuer_be_any_where_none_is_set(void **state)
{
    char first[KEY_ID_BYTES];
    (void)state;
    rules.issuer = NULL;
    assert_int_equal(judge(rs256(HEAD, GOOD)), RC_OK);
    memcpy(first, caller.key, sizeof(first));
    assert_int_equal(judge(rs256(HEAD, "{\"iss\":\"x\",\"sub\":\"booking\",\"clinic\":\"c1\"," TIMES AUD "}")), RC_OK);
    assert_string_not_equal(caller.key, first); /* the same subject of another issuer is someone else */
    assert_int_equal(judge(rs256(HEAD, "{\"sub\":\"booking\",\"clinic\":\"c1\"," TIMES AUD "}")), RC_OK);
    assert_int_equal(judge(rs256(HEAD, "{\"iss\":7,\"sub\":\"booking\",\"clinic\":\"c1\"," TIMES AUD "}")),
                     RC_UNAUTHORIZED);
    rules.issuer = "https://id.example";
    assert_int_equal(judge(rs256(HEAD, GOOD)), RC_OK);
    assert_string_equal(caller.key, first); /* and the same one is the same */
    rules.clinic_claim = "https://id.example/clinic";
    assert_int_equal(judge(rs256(HEAD, CLAIMS(AUD ",\"https://id.example/clinic\":\"c1\""))), RC_OK);
    assert_int_equal(judge(rs256(HEAD, GOOD)), RC_UNAUTHORIZED);
    rules.clinic_claim = "clinic";
}

/* ---- attacks -------------------------------------------------------------------------------------------------- */

static void refuses_heads_that_choose(void **state)
{
    static const char *const rows[] = {
        "{\"kid\":\"rsa\"}",
        "{\"alg\":\"RS256\"}",
        "{\"alg\":\"RS256\",\"kid\":7}",
        "{\"alg\":\"RS256\",\"kid\":\"\"}",
        "{\"alg\":\"RS256\",\"kid\":null}",
        "{\"alg\":[\"RS256\"],\"kid\":\"rsa\"}",
        "{\"alg\":\"rs256\",\"kid\":\"rsa\"}",
        "{\"alg\":\"RS512\",\"kid\":\"rsa\"}",
        "{\"alg\":\"PS256\",\"kid\":\"rsa\"}",
        "{\"alg\":\"HS256\",\"kid\":\"rsa\"}",
        "{\"alg\":\"none\",\"kid\":\"rsa\"}",
        "{\"alg\":\"ES256\",\"kid\":\"rsa\"}", /* the key is of another kind */
        "{\"alg\":\"RS256\",\"kid\":\"p256\"}",
        "{\"alg\":\"RS256\",\"kid\":\"rsa384\"}", /* the key is for RS384 */
        "{\"alg\":\"RS256\",\"kid\":\"enc\"}",
        "{\"alg\":\"RS256\",\"kid\":\"small\"}",
        "{\"alg\":\"RS256\",\"kid\":\"oct\"}",
        "{\"alg\":\"RS256\",\"kid\":\"RSA\"}",
        "{\"alg\":\"RS256\",\"kid\":\"../rsa\"}",
        "{\"alg\":\"RS256\",\"kid\":\"rsa' or '1'='1\"}",
        RS256(",\"alg\":\"RS256\""),
        RS256(",\"kid\":\"rsa\""),
        RS256(",\"crit\":[\"exp\"]"),
        RS256(",\"crit\":[]"),
        RS256(",\"b64\":false"),
        RS256(",\"zip\":\"DEF\""),
        RS256(",\"enc\":\"A128GCM\""),
        RS256(",\"typ\":\"logout+jwt\""),
        RS256(",\"typ\":\"dpop+jwt\""),
        RS256(",\"typ\":\"JOSE\""),
        RS256(",\"typ\":7"),
        "[]",
        "\"RS256\"",
        "{}",
        "",
        HEAD " x",
        "{\"alg\":\"RS256\",\"kid\":\"rsa\"",
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (judge(rs256(rows[i], GOOD)) != RC_UNAUTHORIZED)
            fail_msg("taken: %s", rows[i]);
}

/* What stands beside the signature does not bring its own key. */
static void looks_at_no_key_that_a_token_brings(void **state)
{
    static const char *const members[] = { "", "\"x5c\":[\"AAAA\"],", "\"jku\":\"http://127.0.0.1:1/\",",
                                           "\"x5u\":\"http://127.0.0.1:1/\"," };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(members); i++) {
        for (int named = 0; named < 2; named++) {
            char head[8192];
            (void)snprintf(head, sizeof(head), "{\"alg\":\"RS256\",%s%s\"jwk\":%s}", named ? "\"kid\":\"rsa\"," : "",
                           members[i], public_jwk(BY_OTHER_RSA, "\"kid\":\"rsa\""));
            const char *token = sign_as(BY_OTHER_RSA, GNUTLS_SIGN_RSA_SHA256, str_of(head), STR(GOOD));
            assert_int_equal(judge(token), RC_UNAUTHORIZED);
        }
    }
}

static void refuses_signatures_of_others(void **state)
{
    (void)state;
    assert_int_equal(judge(sign_as(BY_OTHER_RSA, GNUTLS_SIGN_RSA_SHA256, STR(HEAD), STR(GOOD))), RC_UNAUTHORIZED);
    assert_int_equal(judge(sign_as(BY_P256, GNUTLS_SIGN_ECDSA_SHA256, STR(HEAD), STR(GOOD))), RC_UNAUTHORIZED);
    assert_int_equal(judge(sign_as(BY_RSA, GNUTLS_SIGN_RSA_SHA384, STR(HEAD), STR(GOOD))), RC_UNAUTHORIZED);
    assert_int_equal(judge(sign_as(BY_RSA, GNUTLS_SIGN_RSA_PSS_SHA256, STR(HEAD), STR(GOOD))), RC_UNAUTHORIZED);
    assert_int_equal(
        judge(sign_as(BY_RSA, GNUTLS_SIGN_RSA_PSS_SHA256, STR("{\"alg\":\"PS256\",\"kid\":\"rsa\"}"), STR(GOOD))),
        RC_UNAUTHORIZED);
    assert_int_equal(
        judge(sign_as(BY_RSA, GNUTLS_SIGN_RSA_SHA512, STR("{\"alg\":\"RS512\",\"kid\":\"rsa\"}"), STR(GOOD))),
        RC_UNAUTHORIZED);
    assert_int_equal(
        judge(sign_as(BY_SMALL_RSA, GNUTLS_SIGN_RSA_SHA256, STR("{\"alg\":\"RS256\",\"kid\":\"small\"}"), STR(GOOD))),
        RC_UNAUTHORIZED);
    assert_int_equal(
        judge(sign_as(BY_ED25519, GNUTLS_SIGN_EDDSA_ED25519, STR("{\"alg\":\"EdDSA\",\"kid\":\"ed\"}"), STR(GOOD))),
        RC_UNAUTHORIZED);
    /* a curve for the other algorithm */
    assert_int_equal(
        judge(sign_as(BY_P384, GNUTLS_SIGN_ECDSA_SHA256, STR("{\"alg\":\"ES256\",\"kid\":\"p384\"}"), STR(GOOD))),
        RC_UNAUTHORIZED);
    assert_int_equal(
        judge(sign_as(BY_P256, GNUTLS_SIGN_ECDSA_SHA384, STR("{\"alg\":\"ES384\",\"kid\":\"p256\"}"), STR(GOOD))),
        RC_UNAUTHORIZED);
}

/* The public key is public: who takes it as a secret must get nowhere. */
static void refuses_public_keys_as_secrets(void **state)
{
    static const char *const heads[] = { "{\"alg\":\"HS256\",\"kid\":\"rsa\"}", "{\"alg\":\"HS256\",\"kid\":\"oct\"}",
                                         HEAD, "{\"alg\":\"ES256\",\"kid\":\"p256\"}" };
    unsigned char pem[4096];
    size_t n = sizeof(pem);
    (void)state;
    assert_int_equal(r_jwk_export_to_pem_der(public_keys[BY_RSA], R_FORMAT_PEM, pem, &n, 0), RHN_OK);
    const struct str secrets[] = { { (const char *)pem, n },
                                   { (const char *)pem, n - 1 },
                                   str_of(r_jwk_get_property_str(public_keys[BY_RSA], "n")),
                                   { "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 32 },
                                   STR("") };
    for (size_t h = 0; h < ARRAY_LEN(heads); h++)
        for (size_t s = 0; s < ARRAY_LEN(secrets); s++)
            if (judge(sign_with_secret(secrets[s], str_of(heads[h]), STR(GOOD))) != RC_UNAUTHORIZED)
                fail_msg("taken: %s with secret %zu", heads[h], s);
}

static void refuses_what_has_no_good_signature(void **state)
{
    static const char *const heads[] = { "{\"alg\":\"none\"}", "{\"alg\":\"none\",\"kid\":\"rsa\"}",
                                         "{\"alg\":\"None\",\"kid\":\"rsa\"}", HEAD,
                                         "{\"alg\":\"ES256\",\"kid\":\"p256\"}" };
    static const unsigned char zeros[256];
    static char token[SIGNED_BYTES];
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(heads); i++) {
        size_t n = unsigned_token(token, str_of(heads[i]), STR(GOOD));
        assert_int_equal(judge(token), RC_UNAUTHORIZED);
        (void)snprintf(token + n, sizeof(token) - n, ".");
        assert_int_equal(judge(token), RC_UNAUTHORIZED);
        token[n++] = '.';
        for (size_t bytes = 1; bytes <= sizeof(zeros); bytes += bytes < 66 ? 1 : 95) { /* 64: both numbers are zero */
            (void)append_part(token, n, zeros, bytes);
            if (judge(token) != RC_UNAUTHORIZED)
                fail_msg("taken: %s with %zu zeros", heads[i], bytes);
        }
    }
}

/* A token that was good, with any one character changed, or cut, or lengthened. */
static void refuses_what_was_tampered_with(void **state)
{
    static const struct {
        enum signer by;
        gnutls_sign_algorithm_t method;
        const char *head;
    } rows[] = { { BY_RSA, GNUTLS_SIGN_RSA_SHA256, HEAD },
                 { BY_P256, GNUTLS_SIGN_ECDSA_SHA256, "{\"alg\":\"ES256\",\"kid\":\"p256\"}" } };
    static char changed[SIGNED_BYTES];
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        const char *token = sign_as(rows[r].by, rows[r].method, str_of(rows[r].head), STR(GOOD));
        size_t n = strlen(token);
        assert_int_equal(judge(token), RC_OK);
        for (size_t i = 0; i < n - 1; i++) { /* of the last character, some bits do not count */
            memcpy(changed, token, n + 1);
            changed[i] = changed[i] == 'A' ? 'Q' : 'A';
            if (judge(changed) != RC_UNAUTHORIZED)
                fail_msg("taken with character %zu changed", i);
        }
        for (size_t cut = 0; cut < n; cut += 7) {
            (void)snprintf(changed, sizeof(changed), "%.*s", (int)cut, token);
            if (judge(changed) != RC_UNAUTHORIZED)
                fail_msg("taken when cut at %zu", cut);
        }
        static const char *const around[][2] = { { "", "." },  { "", ".A" }, { ".", "" }, { "", "=" }, { "", "==" },
                                                 { "", "AA" }, { "", "\n" }, { " ", "" }, { "A", "" }, { "", " " } };
        for (size_t i = 0; i < ARRAY_LEN(around); i++) {
            (void)snprintf(changed, sizeof(changed), "%s%s%s", around[i][0], token, around[i][1]);
            if (judge(changed) != RC_UNAUTHORIZED)
                fail_msg("taken with \"%s\" before and \"%s\" behind", around[i][0], around[i][1]);
        }
    }
}

static void refuses_garbage_of_every_size(void **state)
{
    static const char *const rows[] = { "",
                                        ".",
                                        "..",
                                        "...",
                                        "a.b.c",
                                        "aa.bb.cc",
                                        "AAAA.AAAA.AAAA",
                                        "e30.e30.e30",
                                        "e30..e30",
                                        "....",
                                        "null",
                                        "\xFF.\xFF.\xFF",
                                        "e30.e30.e30.e30.e30" };
    static char large[64 * 1024];
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_int_equal(judge(rows[i]), RC_UNAUTHORIZED);
    for (size_t n = TOKEN_BYTES_MAX - 1; n < sizeof(large); n = n < TOKEN_BYTES_MAX + 1 ? n + 1 : n * 2) {
        memset(large, 'A', n);
        large[n] = '\0';
        large[4] = large[n - 5] = '.';
        assert_int_equal(judge(large), RC_UNAUTHORIZED);
    }
    memset(large, '[', 5000); /* as deep as it gets */
    large[5000] = '\0';
    assert_int_equal(judge(rs256(HEAD, large)), RC_UNAUTHORIZED);
    assert_int_equal(judge(rs256(large, GOOD)), RC_UNAUTHORIZED);
}

/* Good but for its size: the bound is the bound. */
static void bounds_the_size(void **state)
{
    static char claims[8192];
    bool taken_before = true;
    (void)state;
    for (size_t pad = 5000; pad < 6000; pad += 50) {
        (void)snprintf(claims, sizeof(claims), "{" WHO "," TIMES AUD ",\"pad\":\"%0*d\"}", (int)pad, 0);
        const char *token = rs256(HEAD, claims);
        bool taken = judge(token) == RC_OK;
        assert_int_equal(taken, strlen(token) <= TOKEN_BYTES_MAX);
        assert_true(taken_before || !taken);
        taken_before = taken;
    }
    assert_false(taken_before);
}

static void tells_of_keys_that_it_lacks(void **state)
{
    (void)state;
    assert_int_equal(judge(rs256("{\"alg\":\"RS256\",\"kid\":\"new\"}", GOOD)), RC_UNAUTHORIZED);
    assert_true(unknown_key);
    assert_int_equal(judge(rs256("{\"alg\":\"ES256\",\"kid\":\"rsa\"}", GOOD)), RC_UNAUTHORIZED);
    assert_false(unknown_key);
    assert_int_equal(judge(rs256("{\"alg\":\"none\",\"kid\":\"new\"}", GOOD)), RC_UNAUTHORIZED);
    assert_false(unknown_key);
}

static void says_when_it_knows_nothing_yet(void **state)
{
    const char *token = rs256(HEAD, GOOD);
    const struct {
        struct grounds grounds;
        enum rc rc;
    } rows[] = { { { registry, jwks, &rules }, RC_OK },
                 { { NULL, jwks, &rules }, RC_STORE_DOWN },
                 { { registry, NULL, &rules }, RC_STORE_DOWN },
                 { { registry, NULL, NULL }, RC_UNAUTHORIZED },
                 { { registry, jwks, NULL }, RC_UNAUTHORIZED } };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_int_equal(authenticate(&rows[i].grounds, str_of(token), NOW, &caller, &unknown_key), rows[i].rc);
}

static void takes_any_clinic_where_there_is_no_registry_of_them(void **state)
{
    struct registry *open;
    struct error err;
    (void)state;
    assert_int_equal(registry_make_open(&open, &err), RC_OK);
    struct grounds g = { open, jwks, &rules };
    static const char *const rows[] = { "c1", "c2", "C3" };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char claims[512];
        (void)snprintf(claims, sizeof(claims),
                       "{\"iss\":\"https://id.example\",\"sub\":\"s\",\"clinic\":\"%s\"," TIMES AUD "}", rows[i]);
        assert_int_equal(authenticate(&g, str_of(rs256(HEAD, claims)), NOW, &caller, &unknown_key),
                         i < 2 ? RC_OK : RC_UNAUTHORIZED);
        if (i < 2)
            assert_string_equal(caller.clinic, rows[i]);
    }
    registry_unref(open);
}

/* ---- key sets ------------------------------------------------------------------------------------------------- */

static void refuses_sets_without_a_key_of_use(void **state)
{
    static const char *const rows[] = {
        "",
        "{}",
        "[]",
        "null",
        "{\"keys\":{}}",
        "{\"keys\":[]}",
        "{\"keys\":[1,\"x\",null,[],{}]}",
        "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"a\"}]}",
        "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"a\",\"n\":\"!\",\"e\":\"AQAB\"}]}",
        "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"a\",\"n\":\"\",\"e\":\"\"}]}",
        "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"a\",\"n\":7,\"e\":7}]}",
        "{\"keys\":[{\"kty\":\"EC\",\"kid\":\"a\",\"crv\":\"P-256\",\"x\":\"AA\",\"y\":\"AA\"}]}",
        "{\"keys\":[{\"kty\":\"oct\",\"kid\":\"a\",\"k\":\"AAAA\"}]}",
        "{\"keys\":[],\"keys\":[]}",
        "<html>",
    };
    struct jwks *set = NULL;
    struct error err;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (jwks_read(str_of(rows[i]), &set, &err) != RC_SETTING || set)
            fail_msg("taken: %s", rows[i]);
        assert_true(strncmp(err.text, "the key set ", 12) == 0);
    }
    char *large = calloc(1, JWKS_BYTES_MAX + 1);
    assert_non_null(large);
    memset(large, ' ', JWKS_BYTES_MAX + 1);
    assert_int_equal(jwks_read((struct str){ large, JWKS_BYTES_MAX + 1 }, &set, &err), RC_SETTING);
    free(large);
    static const char *const members[] = { "\"x\":1",
                                           "\"kid\":\"\"",
                                           "\"kid\":7",
                                           "\"kid\":\"a\",\"use\":\"enc\"",
                                           "\"kid\":\"a\",\"use\":7",
                                           "\"kid\":\"a\",\"alg\":\"PS256\"",
                                           "\"kid\":\"a\",\"alg\":7",
                                           "\"kid\":\"a\",\"key_ops\":[\"sign\"]" };
    for (size_t i = 0; i < ARRAY_LEN(members); i++) {
        char text[8192];
        (void)snprintf(text, sizeof(text), "{\"keys\":[%s]}", public_jwk(BY_RSA, members[i]));
        if (jwks_read(str_of(text), &set, &err) != RC_SETTING)
            fail_msg("taken: %s", members[i]);
    }
}

/* ---- what is remembered --------------------------------------------------------------------------------------- */

static struct token_digest digest_of(const char *token)
{
    char hex[DIGEST_TEXT_LEN + 1];
    struct token_digest digest;
    digest_sha256(str_of(token), hex);
    for (size_t i = 0; i < sizeof(digest); i++) {
        unsigned byte;
        assert_int_equal(sscanf(hex + 2 * i, "%2x", &byte), 1);
        ((unsigned char *)&digest)[i] = (unsigned char)byte;
    }
    return digest;
}

static bool is_remembered(const struct jwks *set, const char *token)
{
    struct token_digest digest = digest_of(token);
    return jwks_has_verified(set, &digest);
}

static const char *es256(const char *claims)
{
    return sign_as(BY_P256, GNUTLS_SIGN_ECDSA_SHA256, STR("{\"alg\":\"ES256\",\"kid\":\"p256\"}"), str_of(claims));
}

static enum rc judge_by(struct registry *by, struct jwks *set, const char *token, int64_t now_s)
{
    struct grounds g = { by, set, &rules };
    return authenticate(&g, str_of(token), now_s, &caller, &unknown_key);
}

/* The signature, and nothing that may change: time, clinics and keys count at once. */
static void remembers_signatures_alone(void **state)
{
    static const struct clinic_entry other = { { "c2", 2 }, false };
    struct registry *closed;
    struct jwks *taken_away, *replaced;
    struct error err;
    static char text[16 * 1024], token[SIGNED_BYTES];
    (void)state;
    (void)snprintf(token, sizeof(token), "%s", es256(GOOD));
    assert_int_equal(registry_make(&other, 1, NULL, 0, &closed, &err), RC_OK);
    (void)snprintf(text, sizeof(text), "{\"keys\":[%s]}", public_jwk(BY_P384, "\"kid\":\"p384\""));
    assert_int_equal(jwks_read(str_of(text), &taken_away, &err), RC_OK);
    (void)snprintf(text, sizeof(text), "{\"keys\":[%s]}", public_jwk(BY_RSA, "\"kid\":\"p256\""));
    assert_int_equal(jwks_read(str_of(text), &replaced, &err), RC_OK);
    assert_false(is_remembered(jwks, token));
    for (int again = 0; again < 3; again++) {
        assert_int_equal(judge(token), RC_OK);
        assert_string_equal(caller.clinic, "c1");
        assert_int_equal(caller.scopes, 1U << SCOPE_SCREEN);
        assert_true(is_remembered(jwks, token));
    }
    assert_int_equal(judge_by(registry, jwks, token, 1000000300 + LEEWAY - 1), RC_OK);
    assert_int_equal(judge_by(registry, jwks, token, 1000000300 + LEEWAY), RC_UNAUTHORIZED);
    assert_int_equal(judge_by(registry, jwks, token, 999999000 - LEEWAY - 1), RC_UNAUTHORIZED);
    assert_int_equal(judge_by(closed, jwks, token, NOW), RC_UNAUTHORIZED);
    assert_int_equal(judge_by(registry, taken_away, token, NOW), RC_UNAUTHORIZED);
    assert_true(unknown_key);
    assert_int_equal(judge_by(registry, replaced, token, NOW), RC_UNAUTHORIZED);
    assert_false(is_remembered(taken_away, token) || is_remembered(replaced, token));
    assert_int_equal(judge(token), RC_OK);
    jwks_unref(replaced);
    jwks_unref(taken_away);
    registry_unref(closed);
}

static void remembers_nothing_that_it_refuses(void **state)
{
    static char token[SIGNED_BYTES];
    (void)state;
    (void)snprintf(token, sizeof(token), "%s", es256(CLAIMS(",\"aud\":\"other\"")));
    assert_int_equal(judge(token), RC_UNAUTHORIZED);
    assert_false(is_remembered(jwks, token));
    (void)snprintf(token, sizeof(token), "%s", es256(GOOD));
    assert_int_equal(judge(token), RC_OK);
    char *signature = strrchr(token, '.') + 1;
    *signature = *signature == 'A' ? 'B' : 'A'; /* of a token that is remembered */
    for (int again = 0; again < 2; again++)
        assert_int_equal(judge(token), RC_UNAUTHORIZED);
    assert_false(is_remembered(jwks, token));
}

enum { TOKENS = 4, THREADS = 4, ROUNDS = 50 };
static char tokens[TOKENS][1024]; /* the last one is no good */

static void *judge_many(void *unused)
{
    intptr_t wrong = 0;
    struct grounds g = { registry, jwks, &rules };
    (void)unused;
    for (int i = 0; i < ROUNDS; i++) {
        struct caller c;
        bool unknown;
        bool good = authenticate(&g, str_of(tokens[i % TOKENS]), NOW, &c, &unknown) == RC_OK;
        wrong += good != (i % TOKENS != TOKENS - 1);
    }
    return (void *)wrong;
}

static void remembers_for_all_threads(void **state)
{
    pthread_t threads[THREADS];
    void *wrong;
    (void)state;
    for (size_t i = 0; i < TOKENS; i++)
        (void)snprintf(tokens[i], sizeof(tokens[i]), "%s", es256(GOOD)); /* a new signature each */
    char *last = strrchr(tokens[TOKENS - 1], '.') + 1;
    *last = *last == 'A' ? 'B' : 'A';
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, judge_many, NULL), 0);
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], &wrong), 0);
        assert_null(wrong);
    }
    assert_true(is_remembered(jwks, tokens[0]) && !is_remembered(jwks, tokens[TOKENS - 1]));
}

static void keeps_a_set_while_someone_has_it(void **state)
{
    (void)state;
    assert_ptr_equal(jwks_ref(jwks), jwks);
    jwks_unref(jwks);
    assert_int_equal(jwks_count(jwks), 4);
    jwks_unref(NULL);
    assert_null(jwks_ref(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_what_is_good),
        cmocka_unit_test(judges_the_claims),
        cmocka_unit_test(lets_the_issuer_be_any_where_none_is_set),
        cmocka_unit_test(refuses_heads_that_choose),
        cmocka_unit_test(looks_at_no_key_that_a_token_brings),
        cmocka_unit_test(refuses_signatures_of_others),
        cmocka_unit_test(refuses_public_keys_as_secrets),
        cmocka_unit_test(refuses_what_has_no_good_signature),
        cmocka_unit_test(refuses_what_was_tampered_with),
        cmocka_unit_test(refuses_garbage_of_every_size),
        cmocka_unit_test(bounds_the_size),
        cmocka_unit_test(tells_of_keys_that_it_lacks),
        cmocka_unit_test(says_when_it_knows_nothing_yet),
        cmocka_unit_test(takes_any_clinic_where_there_is_no_registry_of_them),
        cmocka_unit_test(refuses_sets_without_a_key_of_use),
        cmocka_unit_test(remembers_signatures_alone),
        cmocka_unit_test(remembers_nothing_that_it_refuses),
        cmocka_unit_test(remembers_for_all_threads),
        cmocka_unit_test(keeps_a_set_while_someone_has_it),
    };
    return cmocka_run_group_tests(tests, prepare, drop);
}
