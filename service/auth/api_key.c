/* API keys: made, read, and told apart from tokens. */
#include "auth/auth_priv.h"

#include <errno.h>
#include <nettle/base64.h>
#include <sys/random.h>

#define PREFIX "palpate_"
enum { PREFIX_LEN = sizeof(PREFIX) - 1, SECRET_BYTES = 32 };
static_assert(PREFIX_LEN + API_KEY_ID_LEN + 1 + API_KEY_SECRET_LEN == API_KEY_LEN, "the parts make the whole");

static bool fill_random(void *p, size_t n)
{
    for (size_t got = 0; got < n;) {
        ssize_t k = getrandom((char *)p + got, n - got, 0);
        if (k < 0 && errno != EINTR)
            return false;
        got += k > 0 ? (size_t)k : 0;
    }
    return true;
}

enum rc api_key_make(struct api_key *ret, struct error *reterr)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
    uint8_t random_id[API_KEY_ID_LEN], secret[SECRET_BYTES];
    char text[BASE64_ENCODE_LENGTH(SECRET_BYTES) + BASE64_ENCODE_FINAL_LENGTH];
    struct base64_encode_ctx ctx;
    if (!fill_random(random_id, sizeof(random_id)) || !fill_random(secret, sizeof(secret)))
        return error_set(reterr, RC_OS, "could not get random bytes from the system (%m)");
    for (size_t i = 0; i < API_KEY_ID_LEN; i++)
        ret->id[i] = letters[random_id[i] % (sizeof(letters) - 1)]; /* 32 letters: each as likely */
    ret->id[API_KEY_ID_LEN] = '\0';
    base64url_encode_init(&ctx);
    size_t n = base64_encode_update(&ctx, text, sizeof(secret), secret);
    (void)base64_encode_final(&ctx, text + n);
    memcpy(ret->text, PREFIX, PREFIX_LEN);
    memcpy(ret->text + PREFIX_LEN, ret->id, API_KEY_ID_LEN);
    ret->text[PREFIX_LEN + API_KEY_ID_LEN] = '_';
    memcpy(ret->text + PREFIX_LEN + API_KEY_ID_LEN + 1, text, API_KEY_SECRET_LEN); /* without the padding */
    ret->text[API_KEY_LEN] = '\0';
    digest_sha256((struct str){ ret->text, API_KEY_LEN }, ret->hash);
    return RC_OK;
}

static bool has_prefix(struct str text)
{
    return text.n >= PREFIX_LEN && memcmp(text.p, PREFIX, PREFIX_LEN) == 0;
}

bool api_key_read(struct str text, struct api_key *ret)
{
    if (text.n != API_KEY_LEN || !has_prefix(text) || text.p[PREFIX_LEN + API_KEY_ID_LEN] != '_')
        return false;
    for (size_t i = PREFIX_LEN; i < API_KEY_LEN; i++) {
        char c = text.p[i];
        bool letter = c >= 'a' && c <= 'z';
        bool of_id = letter || (c >= '2' && c <= '7');
        bool of_secret = letter || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
        if (i < PREFIX_LEN + API_KEY_ID_LEN ? !of_id : !of_secret)
            return false;
    }
    memcpy(ret->text, text.p, API_KEY_LEN);
    ret->text[API_KEY_LEN] = '\0';
    memcpy(ret->id, text.p + PREFIX_LEN, API_KEY_ID_LEN);
    ret->id[API_KEY_ID_LEN] = '\0';
    digest_sha256(text, ret->hash);
    return true;
}

enum rc authenticate(const struct grounds *grounds, struct str credential, int64_t now_s, struct caller *ret,
                     bool *ret_unknown_key)
{
    struct api_key key;
    *ret_unknown_key = false;
    if (api_key_read(credential, &key)) {
        enum rc rc = !grounds->registry                                        ? RC_STORE_DOWN
                     : registry_judge_key(grounds->registry, &key, now_s, ret) ? RC_OK
                                                                               : RC_UNAUTHORIZED;
        explicit_bzero(&key, sizeof(key)); /* no copy of the secret stays on the stack */
        return rc;
    }
    if (!grounds->rules || has_prefix(credential))
        return RC_UNAUTHORIZED;
    return token_judge(grounds, credential, now_s, ret, ret_unknown_key);
}
