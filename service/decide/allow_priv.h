/* Shared by the files of decide/ that look for what would allow a technique (S19). */
#ifndef PALPATE_DECIDE_ALLOW_PRIV_H
#define PALPATE_DECIDE_ALLOW_PRIV_H

#include "decide/decide_priv.h"

/* Bounds on the search for one request. What they cut off is said: more_would_allow. */
enum {
    CHANGES_MAX = 128,     /* different changes weighed */
    WAYS_MAX = 24,         /* sets of changes kept while they are put together */
    LETTERS_MAX = 5,       /* facts that one rule needs cleared together */
    DATES_MAX = 48,        /* later days looked at */
    TRIALS_MAX = 48,       /* sets tried out */
    WOULD_ALLOW_LIMIT = 5, /* listed (S19) */
};

/* One change to the request: a clearance, or an answer to a question. */
struct change {
    bool clearance;
    enum clearer by;
    struct ask ask; /* a clearance: the fact it is for */
    int32_t value;  /* enum fact_state, sex, pain, or the attribute's value; ATTR_DATE: a day number */
};

/* A set of changes, a bit each. */
struct changes {
    uint64_t w[CHANGES_MAX / 64];
};

/* Alternatives: none contains another, the smallest first. */
struct ways {
    struct changes at[WAYS_MAX];
    uint32_t n;
    bool cut; /* there may be more */
};

/* Nothing to choose from yet; or, with `nothing_needed`, the one way that changes nothing. Does not clear the rest. */
static inline void ways_init(struct ways *w, bool nothing_needed)
{
    w->n = nothing_needed;
    w->cut = false;
    w->at[0] = (struct changes){ .w = { 0, 0 } };
}

struct search {
    struct judge *j; /* of the request as it is */
    struct change pool[CHANGES_MAX];
    uint32_t n_changes;
    struct changes clearances;            /* those of the changes that are one */
    struct changes excludes[CHANGES_MAX]; /* other answers to the same question */
    bool cut, oom;
    struct faults *faults; /* for the requests tried out, which have none */
};

/* A rule, or re-planning, that keeps techniques above "modified". */
struct blocker {
    const struct rule *rule; /* NULL: re-planning */
    const struct entry *entry;
    uint64_t blocks;            /* techniques */
    const struct doubt *doubts; /* what leaves an open rule open */
    uint32_t n_doubts;
    struct changes *ways; /* any one of these takes it out of the way */
    uint32_t n_ways;
    bool cut; /* there may be more */
};

static inline struct changes changes_join(struct changes a, struct changes b)
{
    for (size_t i = 0; i < ARRAY_LEN(a.w); i++)
        a.w[i] |= b.w[i];
    return a;
}

static inline bool changes_within(const struct changes *a, const struct changes *whole)
{
    return (a->w[0] & ~whole->w[0]) == 0 && (a->w[1] & ~whole->w[1]) == 0;
}
static_assert(CHANGES_MAX == 128, "changes_within looks at two words");

static inline bool changes_has(const struct changes *s, uint32_t i)
{
    return s->w[i / 64] >> (i % 64) & 1;
}

static inline struct changes changes_one(uint32_t i)
{
    struct changes s = { { 0 } };
    s.w[i / 64] = UINT64_C(1) << (i % 64);
    return s;
}

/* Numbers of clearances and answers in a set. */
int count_clearances(const struct search *s, const struct changes *c) PURE;
int count_answers(const struct search *s, const struct changes *c) PURE;
/* Below 0: `a` asks for less: fewer clearances, then fewer answers. */
int compare_cost(const struct search *s, const struct changes *a, const struct changes *b) PURE;

/* Adds a set, unless a smaller one is there, and drops what contains it. */
void ways_add(const struct search *s, struct ways *w, struct changes c);
/* Every join of one of each; what answers one question twice is left out. */
void ways_combine(const struct search *s, struct ways *w, const struct changes *more, uint32_t n_more);

/* The changes that any blocker's ways can use: to be called for each before find_ways(). `j` is the judge that found
 * the entry: of another day, maybe. */
void register_changes(struct search *s, struct judge *j, struct blocker *b);
/* The ways around one blocker. */
void find_ways(struct search *s, struct judge *j, struct blocker *b);

/* Tries out: judges the request with the changes made, as of that day. NULL: out of memory. */
struct judge *judge_changed(const struct search *s, const struct changes *c, int32_t as_of) MUST_USE;

#endif
