/* Shared by the files of the review. */
#ifndef PALPATE_RULES_REVIEW_PRIV_H
#define PALPATE_RULES_REVIEW_PRIV_H

#include "rules/satisfy_priv.h"

struct review_job {
    const struct catalogue *cat;
    struct arena *arena;
    struct satisfier *sat;
    VEC(struct review_finding) found;
    bool oom;
};

struct review_item {
    const char *kind;
    struct str id, other;
};

/* Adds a finding; the remedy is kept as it is. */
void review_add(struct review_job *j, enum review_code code, struct review_item item, const char *remedy,
                const char *detail_fmt, ...) PRINTF_LIKE(5, 6);

/* Each looks at its part. */
void review_rules(struct review_job *j);
void review_courses(struct review_job *j);
void review_facts(struct review_job *j);
void review_texts(struct review_job *j);
void review_clearances(struct review_job *j);
void review_accepted(struct review_job *j, struct str text);

static inline struct reading reading_of(struct cond c)
{
    return (struct reading){ c, ALL_REGIONS };
}

/* Says so when a question could not be decided; true when the answer is yes. */
bool review_sure(struct review_job *j, enum sat answer, struct review_item item, const char *question);

#endif
