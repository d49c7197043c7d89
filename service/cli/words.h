/* What the codes of the vocabularies are called in a sentence. Clinical content is not here: it comes from the
 * catalogue or the answer. */
#ifndef PALPATE_CLI_WORDS_H
#define PALPATE_CLI_WORDS_H

#include <jansson.h>

#include "cli/page.h"
#include "domain/vocabulary.h"

/* The words for a code, or NULL: the vocabulary has no words or no such code. */
const char *words_of(const struct vocabulary *v, struct str code) PURE;
/* Adds them; a code without words stands in quotation marks. */
void say_word(struct page *p, const struct vocabulary *v, struct str code);
/* A catalogue's id without its underscores. */
void say_id(struct page *p, struct str id);
/* "neck, left shoulder and jaw": a list of regions, or the places, which say the sides too. */
void say_regions(struct page *p, const json_t *regions, const json_t *places);
void say_region_set(struct page *p, uint32_t regions, const char *last);
/* "84 days (12 weeks)" */
void say_days(struct page *p, int64_t days);

/* One modification, {kind, value, regions, places}: a sentence without its stop. */
void say_modification(struct page *p, const json_t *mod);

/* ---- reading JSON that may hold anything ------------------------------------------------------------------ */

static inline struct str text_of(const json_t *v)
{
    return json_is_string(v) ? (struct str){ json_string_value(v), json_string_length(v) } : (struct str){ "", 0 };
}

static inline struct str member_text(const json_t *object, const char *member)
{
    return text_of(json_object_get(object, member));
}

#endif
