/* A condition of the catalogue in sentences.
 *
 * The sentences say what the compiled condition does: negations are pushed down to the single statements, as the
 * compiler does, because "not (dated less than 84 days ago)" is true of any one finding that is older (S3), not only
 * where there is none that is newer. What speaks of one fact, or of complaints of one place, is said together. */
#ifndef PALPATE_CLI_SENTENCES_H
#define PALPATE_CLI_SENTENCES_H

#include <jansson.h>

#include "cli/page.h"
#include "rules/rules.h"

/* What the conditions said so far have read: what footnotes are needed. */
struct sentences {
    const struct catalogue *cat;
    struct arena *arena;
    VEC(uint32_t) facts; /* each once, in the order they were named */
    bool attributes;     /* an attribute of a fact was read */
    bool joined_lists;   /* two tests on complaints of one place are one line */
    bool failed;         /* something has no words, or memory is out */
};

void sentences_init(struct sentences *s, const struct catalogue *cat, struct arena *arena);
/* "`opening` when at least one of these holds:" and a numbered list. */
void say_condition(struct page *p, struct sentences *s, const char *opening, const json_t *condition);
/* The same of a target, which reads techniques. */
void say_target(struct page *p, struct sentences *s, const char *opening, const json_t *target);

/* ---- shared by sentences.c and phrases.c ------------------------------------------------------------------- */

enum comparison { CMP_BELOW, CMP_UP_TO, CMP_ABOVE, CMP_FROM, CMP_IS, CMP_IS_NOT, CMP_ONE_OF, CMP_NONE_OF, CMP_UNKNOWN };

struct said_test { /* on an attribute of a fact */
    enum attribute attribute;
    enum comparison op;
    const json_t *value;
    struct said_test *next;
};

struct said {
    enum said_kind { SAID_ALL, SAID_ANY, SAID_NONE, SAID_FACT, SAID_COMPLAINT, SAID_TEXT } kind;
    struct said *first, *next;
    /* SAID_FACT, SAID_COMPLAINT */
    bool absent;   /* it is not there; with tests: it is not there, or is and passes them */
    uint32_t fact; /* SAID_FACT */
    struct said_test *tests;
    uint32_t regions, lists; /* SAID_COMPLAINT: bit per region; bit per list of the definitions */
    struct str text;         /* SAID_TEXT */
};

/* The statements of a condition, said together where they belong together; NULL: there are no words for it. */
struct said *said_of(struct sentences *s, const json_t *condition, bool target);
enum comparison comparison_of(const char *op, bool negate) PURE;
/* One statement, from "var", a comparison or "in". False: there are no words for it. */
bool phrase_variable(struct sentences *s, enum comparison op, const json_t *left, const json_t *right, bool negate,
                     struct said *ret);
bool phrase_target(struct sentences *s, enum comparison op, const json_t *left, const json_t *right, struct said *ret);
/* Does this list of the definitions take every complaint? */
bool list_is_plain(const struct complaint_list *l) PURE;
void say_fact(struct page *p, const struct sentences *s, const struct said *f);
void say_complaint(struct page *p, struct sentences *s, const struct said *c);

#endif
