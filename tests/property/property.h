/* What holds of every decision, whatever the rules say.
 *
 * A property is a function that looks at the request of one seed and says what is wrong. The program tries it on many
 * seeds; one that fails is printed with its request and can be tried again alone. A property that never meets what it
 * is about proves nothing, so each counts that, and fails when it was too seldom. */
#ifndef PALPATE_TESTS_PROPERTY_PROPERTY_H
#define PALPATE_TESTS_PROPERTY_PROPERTY_H

#include <jansson.h>

#include "decide/decide.h"
#include "generate/generate.h"
#include "impact/impact.h"
#include "wire/wire.h"

/* One request judged. */
struct judged {
    struct arena arena;
    struct faults faults;
    struct decision d;
    struct buf text; /* the answer, once judge_text() has written it */
};

enum { WORTH = 3 };

struct trial {
    const struct catalogue *cat;
    const json_t *document; /* of the catalogue */
    struct people people;
    uint64_t seed;
    struct chance chance;      /* for what the property itself leaves to chance */
    struct someone who, other; /* made from the seed, and what the property makes of it */
    struct judged a, b;
    struct buf request, why;
    size_t counted[WORTH];
    struct catalogue *variant; /* with other rules */
    uint64_t variant_of;
    struct people variant_people; /* of an overlay's variant */
};

struct property {
    const char *name;
    bool (*holds)(struct trial *t);                /* of t->who; false after wrong() */
    bool (*hold)(struct trial *t, uint64_t seeds); /* instead: of all seeds from t->seed on */
    unsigned percent;                              /* of the seeds asked for */
    struct {
        const char *what;
        unsigned per_thousand; /* seeds, at least */
    } worth[WORTH];
};

/* Sets what is wrong, and is false. */
bool wrong(struct trial *t, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* `b` is nowhere milder than `a`; else wrong(), which says `why`. */
bool nowhere_milder(struct trial *t, const struct decision *a, const struct decision *b, const char *why);
bool could_become_milder(const struct decision *a, const struct decision *b);

/* False: it was refused, which is wrong() already. */
bool judge_by(struct trial *t, const struct catalogue *cat, const struct screening *s, struct judged *ret) MUST_USE;
bool judge(struct trial *t, const struct someone *who, struct judged *ret) MUST_USE;
bool judge_text(struct trial *t, const struct someone *who, struct judged *ret) MUST_USE;

const struct technique_verdict *of_technique(const struct decision *d, struct str code);
const struct warning *warning_of_code(const struct decision *d, struct str code);
bool in_strs(struct strs all, struct str one);
/* NULL, or what differs. Without `rule_order`, what follows the order of the rules may: warnings of one severity,
 * reasons of one gravity, and the order in which modifications are listed. */
const char *difference(const struct decision *a, const struct decision *b, bool rule_order);
/* The catalogue with its rules in another order, or with `keep_percent` of them. t's; kept until another is wanted.
 * NULL after wrong(). */
const struct catalogue *shuffled(struct trial *t, uint64_t variant);
const struct catalogue *thinned(struct trial *t, uint64_t variant, uint32_t keep_percent);

/* Ended by one without a name. */
extern const struct property coverage_properties[], same_properties[], graver_properties[], answer_properties[],
    explained_properties[], tighten_properties[];

#endif
