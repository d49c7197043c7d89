/* SHA-256 (FIPS 180-4) as lower-case hexadecimal text. */
#ifndef PALPATE_BASE_DIGEST_H
#define PALPATE_BASE_DIGEST_H

#include "base/str.h"

enum { DIGEST_TEXT_LEN = 64 };

void digest_sha256(struct str data, char out[static DIGEST_TEXT_LEN + 1]);

#endif
