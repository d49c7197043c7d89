/* Shared by the files of decide/ only. */
#ifndef PALPATE_DECIDE_DECIDE_PRIV_H
#define PALPATE_DECIDE_DECIDE_PRIV_H

#include "decide/decide.h"

/* What one rule does to one request. */
struct entry {
    const struct rule *rule;
    uint32_t order; /* of the rule in the catalogue */
    bool open;      /* unknown, but some completion makes it true; else it has fired */
    bool lifted;    /* by a clearance (S9) */
    bool holds;
    enum verdict effect, may_effect;  /* may_: at worst, whatever is answered */
    int disposition, may_disposition; /* enum disposition, DISPOSITION_PROCEED when the rule asks for none */
    enum severity severity;
    uint64_t raised; /* techniques of which nothing is left (S10) */
    enum verdict raised_to;
    /* Places (S11). */
    bool session;       /* modifications that could hold for a part hold for the session */
    struct places part; /* else here */
    struct places avoid;
    bool avoid_unknown;       /* a place to avoid is not known yet */
    bool place_open;          /* an open entry's place is not known yet */
    struct ask *places_asked; /* {fact, region} */
    size_t n_places_asked;
    struct ask *dates_asked; /* {fact, date}: a clearance may be older than what it clears (S9.4) */
    size_t n_dates_asked;
    struct view view;     /* what it was judged on */
    uint32_t *cleared_by; /* indices of the request's clearances, when lifted */
    size_t n_cleared_by;
};

/* The modifications that fired entries put on a set of techniques, joined (S10). */
struct joined {
    uint64_t techniques;
    int32_t max_minutes;  /* SESSION_MINUTES_MAX + 1: none */
    uint8_t max_pressure; /* of the session; PRESSURE_MAX + 1: none */
    uint8_t place_pressure[PLACE_COUNT];
    uint32_t flags; /* bit per kind, for the session */
    struct places flag_places[MOD_COUNT_];
    uint32_t options[MOD_COUNT_]; /* bit per option of the catalogue */
    struct places avoid;
    bool avoid_unknown;
    struct modification *listed; /* as the answer lists them, once list_modifications() has been called */
    size_t n_listed;
};

/* Where re-planning leads (S15). */
struct progress {
    uint32_t *entries; /* indices of the screening's progress entries that count, by date */
    size_t n;
    const struct replan_rule *decides; /* NULL: no session yet */
    const struct replan_rule **also;   /* those that add to it */
    size_t n_also;
    int disposition;                   /* DISPOSITION_PROCEED: none */
    bool stop_lifted, worsened_before; /* a clearance lifted a stop; what it lifted read "worsened" */
    int technique_before;              /* the last technique before a lifted stop, or NOT_GIVEN */
};

/* What would allow a technique (S19). */
struct allowed {
    const struct allow_set *sets;
    size_t n_sets;
    bool more;
    int32_t earliest_date; /* or DATE_NOT_GIVEN */
    struct strs cannot_change;
};

struct judge {
    struct intake *in;
    const struct catalogue *cat;
    const struct language *words; /* the texts of the answer */
    struct arena *arena;
    struct entry *entries; /* in order of the rules */
    size_t n_entries;
    struct entry **fired; /* gravest severity first, then order of the rules */
    size_t n_fired;
    uint64_t on_offer;                  /* techniques that are, or may be, offered */
    uint64_t offer_unknown;             /* of these: it hangs on something not known */
    int by_rules;                       /* disposition by the rules alone, holding included */
    int definite;                       /* disposition of what has fired and of re-planning, holding left aside */
    int disposition;                    /* the answer's */
    int may_disposition;                /* at worst */
    enum verdict own[TECHNIQUES_LIMIT]; /* of the fired entries alone */
    enum verdict definite_verdict[TECHNIQUES_LIMIT]; /* with the floor of `definite` */
    enum verdict verdict[TECHNIQUES_LIMIT], could_become[TECHNIQUES_LIMIT];
    uint64_t below[VERDICT_COUNT_]; /* on offer, and the definite verdict is milder than this one */
    struct joined *joined;          /* one for each set of techniques that the fired entries tell apart */
    size_t n_joined;
    struct allowed *allowed;     /* per technique; NULL when none is above "modified" */
    const struct course *course; /* in force: the best that matches, whatever the verdicts */
    struct progress progress;
};

/* What every technique is held to under a disposition (S12). */
enum verdict floor_of(int disposition) PURE;

bool build_entries(struct judge *j) MUST_USE;
bool build_verdicts(struct judge *j) MUST_USE;
/* Would this entry's modifications add to the list of some technique in `among`? */
bool entry_adds_modifications(const struct judge *j, const struct entry *e, uint64_t among);
/* The joined modifications of a technique on offer, as the answer lists them too. NULL: out of memory. */
const struct joined *joined_of(struct judge *j, uint32_t technique) MUST_USE;

/* Judges an intake as far as its verdicts. NULL: out of memory. */
struct judge *judge_new(struct intake *in, struct arena *arena) MUST_USE;

/* The questions that stand for one about what is not known (S18): its umbrella, or what was left open below it. */
void asked_instead(const struct judge *j, struct ask ask, ask_take take, void *to);

/* What is asked about, in the answer's words: a fact's id, "sex" or "pain_max". */
struct str ask_name(const struct catalogue *cat, struct ask ask);

/* What clearances of these facts, dated as_of, would make of a rule that has fired. */
enum lifting {
    LIFTING_NOT,        /* it stays */
    LIFTING_IN_PART,    /* it would be open */
    LIFTING_ONCE_DATED, /* it is lifted once the findings without a date have one (S9.4) */
    LIFTING_WHOLLY,
};
/* *ret_view: what it would be judged on. */
enum lifting lifting_by(struct judge *j, const struct entry *e, const uint32_t *facts, uint32_t n,
                        struct view *ret_view);
/* Would a clearance of this fact leave the rule asking for a date (S9.4)? */
bool needs_date(const struct judge *j, const struct rule *r, uint32_t fact);
bool clearance_fits(const struct rule *r, enum clearer by) PURE;

/* What would allow the techniques above "modified" (S19): fills j->allowed. */
bool build_allowed(struct judge *j) MUST_USE;

bool build_questions(struct judge *j, struct decision *d) MUST_USE;
bool build_warnings(struct judge *j, struct decision *d) MUST_USE;

/* The course in force and the readings of progress: before the verdicts, which they join. */
bool read_progress(struct judge *j) MUST_USE;
/* Does a course's condition hold, and how strong is the pain it is about (0: none given)? */
bool course_matches(struct judge *j, const struct course *c, int32_t *ret_pain);
bool build_course(struct judge *j, struct decision *d) MUST_USE;

/* Is it this fact, or one that is present when this fact is? */
static inline bool stands_above(const struct catalogue *cat, uint32_t fact, uint32_t above)
{
    const struct fact_list *up = &cat->facts[fact].up; /* itself among them */
    for (uint32_t i = 0; i < up->n; i++)
        if (up->at[i] == above)
            return true;
    return false;
}

static inline uint64_t bit64(uint32_t i)
{
    return UINT64_C(1) << i;
}

/* The indices of the bits of a set, lowest first: for (uint64_t rest = set; rest; rest &= rest - 1) low_bit(rest) */
static inline uint32_t low_bit(uint64_t set)
{
    return (uint32_t)__builtin_ctzll(set);
}

#endif
