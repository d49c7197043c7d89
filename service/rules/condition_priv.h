/* Shared by condition.c, terms.c and target.c: a condition as a tree, before it becomes terms. */
#ifndef PALPATE_RULES_CONDITION_PRIV_H
#define PALPATE_RULES_CONDITION_PRIV_H

#include "rules/rules_priv.h"

enum lit_kind { LIT_PRESENT, LIT_ABSENT, LIT_ATTR, LIT_SCALAR };

struct lit {
    enum lit_kind kind;
    bool triggers;
    uint32_t fact;
    uint8_t attribute; /* enum attribute */
    bool exclude;      /* value != lo */
    int32_t lo, hi;
    struct scalar_test scalar;
};

struct node {
    enum { NODE_AND, NODE_OR, NODE_LIT } kind;
    struct node *first, *next; /* kids, and the next among siblings */
    struct lit lit;
    bool below_and; /* an "or" of which terms remember what they took */
    uint32_t part;  /* of such an "or" and all below it */
};

/* One compilation. The tree and the lists of literals live in `scratch`. */
struct job {
    struct cond_builder *b;
    struct arena scratch;
    enum cond_context ctx;
    size_t n_nodes;
    bool failed;
    bool overflow;
    struct cond ret;
};

enum cmp { CMP_LT, CMP_LE, CMP_GT, CMP_GE, CMP_EQ, CMP_NE, CMP_COUNT_ };

/* The operator written so, or CMP_COUNT_. */
enum cmp cmp_from_name(const char *name) PURE;
/* The values that pass; those of != are all but *lo. */
void cmp_bounds(enum cmp op, int32_t k, int32_t *lo, int32_t *hi);
/* The name in {"var": name}, or NULL. */
const json_t *var_name(const json_t *v);
/* Reports a fault of the condition and returns NULL. */
struct node *cond_invalid(struct job *j, const struct where *at, const char *remedy, const char *what);

/* Expands the tree into terms at the end of the pool; false when memory or the limits of a term end it. */
bool terms_build(struct job *j, struct node *root);

#endif
