/* Shared by intake.c, states.c and instances.c: one intake while it is built. */
#ifndef PALPATE_RULES_INTAKE_PRIV_H
#define PALPATE_RULES_INTAKE_PRIV_H

#include "base/sort.h"
#include "rules/rules.h"

enum { UNDECIDED = 3 }; /* beside enum fact_state, while states are being settled */

/* One finding as said of one fact: a code may name several. */
struct record {
    uint32_t fact, finding;
    bool outdated;   /* too old to count for its fact */
    uint16_t passed; /* carried: attributes that every fact on its way declares */
};

struct job {
    const struct catalogue *cat;
    const struct screening *s;
    struct arena *arena;
    struct faults *faults;
    struct intake *in;
    VEC(struct record) records; /* in order of fact */
    VEC(struct record) carried; /* outdated findings, as instances from below of the facts they still imply */
};

/* Appends; false when memory is out. */
bool push_pointed(struct job *j, struct pointed **list, size_t *n, size_t room, const struct finding *f,
                  struct pointed p) MUST_USE;

/* The state of every fact, from what is said of it (S1, S4, S5). */
enum rc settle_states(struct job *j) MUST_USE;
/* The instances of the present facts (S3, S6), and the findings that disagree; false when memory is out. */
bool build_all_instances(struct job *j) MUST_USE;
bool find_conflicts(struct job *j) MUST_USE;
/* The variables (S7). */
void set_variables(struct job *j);

#endif
