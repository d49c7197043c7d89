/* Shared by the files of impact/ only. */
#ifndef PALPATE_IMPACT_IMPACT_PRIV_H
#define PALPATE_IMPACT_IMPACT_PRIV_H

#include "impact/impact.h"

enum { BASE, DRAFT, SIDES };

/* One catalogue, and what it makes of the request under way. */
struct half {
    const struct catalogue *cat;
    struct people people;
    struct arena arena;
    struct faults faults;
    struct intake in;
    struct decision d;
    bool refused;
    uint8_t *state; /* per rule: enum tri, where the answers differ */
    bool *met;      /* per rule: has fired in some request */
};

/* A rule by its id, in one catalogue or in both. */
struct pair {
    int32_t at[SIDES]; /* place among the rules, or NOT_GIVEN */
    enum rule_fate fate;
    bool same_acts; /* it does the same, whenever it fires */
};

enum { NO_PAIR = -1 };

/* A difference, and a rule that brings it about. */
struct found {
    struct change change;
    int32_t pair; /* or NO_PAIR */
};

/* How to make a request again. */
struct origin {
    int side;
    uint64_t seed;
    int32_t rule;
};

struct group {
    struct impact_group g;
    int32_t pair;
    uint32_t hash;
    struct origin smallest;
    size_t weight; /* of the smallest; 0: no made request shows it */
};

struct impact {
    struct half side[SIDES];
    struct arena arena;   /* pairs, groups and their texts */
    struct arena scratch; /* of one request */
    struct pair *pairs;
    uint32_t n_pairs;
    int32_t *pair_of[SIDES];
    VEC(struct change) changes; /* of one request, in scratch */
    VEC(struct found) found;
    uint8_t *responsible[DIRECTION_COUNT_]; /* per pair, for one request; 2: of the disposition */
    VEC(struct group *) groups;
    uint32_t *table; /* places in groups, + 1; open addressing */
    uint32_t table_size;
    struct impact_count generated, kept;
    struct someone who;
    bool oom;
};

/* NULL: the rule does not warn. */
const struct warning *warning_of(const struct decision *d, struct str code) PURE;
bool pair_rules(struct impact *im) MUST_USE;
/* Finds out which rules bring about the changes of a request: fills im->found. */
void attribute(struct impact *im);
/* Judges under both and fills im->found. */
enum rc judge_both(struct impact *im, const struct screening *s) MUST_USE;

/* Does this request still show it? */
typedef bool (*still_shows)(struct impact *im, void *what);
/* Takes away from `who` what it can do without. RC_OOM or RC_OK. */
enum rc make_small(struct impact *im, struct someone *who, still_shows shows, void *what) MUST_USE;
bool same_change(const struct change *a, const struct change *b) PURE;
/* The request's JSON, in `arena`; p is NULL when memory is out. */
struct str request_text(struct arena *arena, const struct someone *who) MUST_USE;

#endif
