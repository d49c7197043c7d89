/* Names of languages: tags (BCP 47), and the ranges that ask for them (RFC 4647). Letter case does not count. */
#ifndef PALPATE_BASE_LANGUAGE_H
#define PALPATE_BASE_LANGUAGE_H

#include "base/attr.h"
#include "base/str.h"

/* Room for a tag as a catalogue writes it, with a zero byte. */
enum { LANGUAGE_TAG_BYTES = 16 };

/* A basic range (RFC 4647, 2.1) other than "*": every tag is one. */
bool is_language_range(struct str s) PURE;
/* A tag as a catalogue writes it: language, script and region at most, as in es, zh-Hant, pt-BR. */
bool is_language_tag(struct str s) PURE;
/* Is `range` the tag, or what comes before one of its "-"? */
bool language_matches(struct str range, struct str tag) PURE;
/* The range without its last subtag (RFC 4647, 3.4); n is 0 when there was only one. */
struct str language_shortened(struct str range) PURE;

#endif
