/* Any bytes as what follows "Bearer ", and as a set of signing keys: only the one key and the one token that are good
 * are taken. */
#include <rhonabwy.h>
#include <stdlib.h>

#include "auth/auth.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { NOW = 1800000000 };

/* Whoever made these has forgotten the private key. */
static const char set[] = "{\"keys\":[{\"kid\":\"k\",\"kty\":\"EC\",\"crv\":\"P-256\","
                          "\"x\":\"uqge35wpV3Kz-2SBtzWeAh4tDuuMoOT48jdSNCNd09M\","
                          "\"y\":\"7N5kIA6X6CDMJtpmg5cyUotjcySNwY79zkWwvHv3J-A\"}]}";
static const char token[] = "eyJhbGciOiAiRVMyNTYiLCAia2lkIjogImsifQ."
                            "eyJpc3MiOiAiaHR0cHM6Ly9pZC5leGFtcGxlIiwgInN1YiI6ICJwbGF0Zm9ybSIsICJhdWQiOiAicGFscGF0ZSIsIC"
                            "JleHAiOiAyMDAwMDAwMDAwLCAibmJmIjogMCwgImNsaW5pYyI6ICJjMSIsICJzY29wZSI6ICJzY3JlZW4ifQ."
                            "Uq3nJM9t-w73HMDV2IlD0ds7ZIIhYwMovfFrt-C4bHGNLNVAXm7EzEl38z_4OvanzTjZ-ILp0lJSKlNT4cOmOg";
static const char key[] = "palpate_abcdefghijk2_0123456789abcdefghijklmnopqrstuvwxyzABCDE-_";

static struct registry *registry;
static struct jwks *jwks;

static void prepare(void)
{
    const struct clinic_entry clinic = { STR("c1"), false };
    struct api_key read;
    struct error err;
    if (registry)
        return;
    if (!api_key_read(str_of(key), &read) || r_global_init() != RHN_OK || jwks_read(str_of(set), &jwks, &err) != RC_OK)
        abort();
    const struct key_entry entry = {
        .id = str_of(read.id), .clinic = clinic.id, .hash = str_of(read.hash), .scopes = 1
    };
    if (registry_make(&clinic, 1, &entry, 1, &registry, &err) != RC_OK)
        abort();
}

/* All but the last character, of which not every bit counts in base64. */
static bool is_token(struct str s)
{
    return s.n == sizeof(token) - 1 && memcmp(s.p, token, sizeof(token) - 2) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct token_rules rules = { "https://id.example", "palpate", "clinic", 60 };
    struct str text = { (const char *)data, size };
    struct caller caller;
    struct error err;
    struct jwks *read;
    bool unknown;
    prepare();
    struct grounds grounds = { registry, jwks, &rules };
    enum rc rc = authenticate(&grounds, text, NOW, &caller, &unknown);
    if (rc != RC_OK && rc != RC_UNAUTHORIZED)
        abort();
    if (str_eq(text, str_of(key)) ? rc != RC_OK : rc == RC_OK && !is_token(text))
        abort();
    if (jwks_read(text, &read, &err) == RC_OK)
        jwks_unref(read);
    return 0;
}
