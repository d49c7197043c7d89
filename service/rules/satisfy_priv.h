/* Can a condition be true at all, and does one imply another? Shared by satisfy.c, satisfy_values.c and review.c.
 *
 * Both are asked of every possible request, by meaning: over the ranges of ages, pains and attributes, with what facts
 * imply and cover, with complaints that one list holds and another therefore as well. "True" is true without a doubt:
 * what is not known makes a condition neither true nor implied. */
#ifndef PALPATE_RULES_SATISFY_PRIV_H
#define PALPATE_RULES_SATISFY_PRIV_H

#include "rules/rules_priv.h"

/* Bounds on one question. Beyond them it is not decided. */
enum {
    SATISFY_STEPS_MAX = 20000, /* ways tried to keep the implied conditions from being true */
    SATISFY_TERMS_MAX = 512,   /* terms of the implied conditions that the implying one does not rule out at once */
    SATISFY_WANTS_MAX = 1024,  /* tests of variables at the same time */
};

/* Bound on all questions to one satisfier together, in tests looked at: some seconds. Our catalogue takes a small part
 * of it. */
#define SATISFY_WORK_MAX UINT64_C(1000000000)

enum sat { SAT_NO, SAT_YES, SAT_NOT_DECIDED };

/* A condition, and the complaints whose duration its `acuity` is (S13): bit per region. */
struct reading {
    struct cond cond;
    uint32_t acuity_regions;
};
#define ALL_REGIONS UINT32_MAX

/* A test of a variable that must be true, or must not be: unknown will do. */
struct want {
    const struct scalar_test *test;
    bool yes;
    uint32_t acuity_regions;
};

struct obstacle { /* a term that must not be true */
    const struct term *term;
    uint32_t acuity_regions, n_ways; /* ways to keep it from being true that hang on others */
};

struct satisfier {
    const struct catalogue *cat;
    int32_t *days_max;        /* per fact: how long ago an instance of it can be */
    bool *present;            /* per fact: present when the term in hand is true */
    bool *absent;             /* per fact: must be absent */
    const struct need **need; /* per fact: what the term in hand asks of it, or NULL */
    uint32_t steps;           /* left */
    uint64_t *work;           /* left; at 0 nothing is decided any more */
    struct want wants[SATISFY_WANTS_MAX];
    const struct need *against[SATISFY_TERMS_MAX]; /* needs that no instance may meet */
    struct obstacle obstacles[SATISFY_TERMS_MAX];
    uint32_t n_wants, n_against, n_obstacles;
};

/* NULL: out of memory. Lives in `arena`. */
struct satisfier *satisfier_new(const struct catalogue *cat, struct arena *arena) MUST_USE;
/* Takes from the work that is left; false when nothing is. */
static inline bool satisfier_works(const struct satisfier *s, uint64_t n)
{
    *s->work = *s->work > n ? *s->work - n : 0;
    return *s->work > 0;
}
/* Is there a request for which it is true? */
enum sat reading_possible(struct satisfier *s, struct reading a);
/* Is one of the `n` others true whenever `a` is? What is never true implies everything. */
enum sat reading_implies(struct satisfier *s, struct reading a, const struct reading *others, size_t n);

/* Do the wants about `variable`, and about what hangs together with it, leave it a value? */
bool wants_possible(const struct satisfier *s, enum variable variable);

#endif
