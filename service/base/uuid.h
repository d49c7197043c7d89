/* UUIDs (RFC 9562) as text. */
#ifndef PALPATE_BASE_UUID_H
#define PALPATE_BASE_UUID_H

#include "base/attr.h"
#include "base/str.h"

enum { UUID_TEXT_LEN = 36 };

/* A new one of version 7: the time in milliseconds, then 74 random bits. False when the system gives no randomness. */
bool uuid_new(char out[static UUID_TEXT_LEN + 1]) MUST_USE;
/* Is it one, of any version, with its hyphens? */
bool uuid_is(struct str text) PURE;

#endif
