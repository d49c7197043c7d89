#include "base/digest.h"

#include <nettle/base16.h>
#include <nettle/sha2.h>

void digest_sha256(struct str data, char out[static DIGEST_TEXT_LEN + 1])
{
    struct sha256_ctx ctx;
    uint8_t raw[SHA256_DIGEST_SIZE];
    sha256_init(&ctx);
    sha256_update(&ctx, data.n, (const uint8_t *)data.p);
    sha256_digest(&ctx, sizeof(raw), raw);
    base16_encode_update(out, sizeof(raw), raw);
    out[DIGEST_TEXT_LEN] = '\0';
}
