/* One answer. Everything it points to lives in the request's arena or in the catalogue that decided, and both
 * outlive it. What is not there is NULL, NOT_GIVEN or empty, and is left out on the wire. */
#ifndef PALPATE_DOMAIN_DECISION_H
#define PALPATE_DOMAIN_DECISION_H

#include "domain/screening.h"

/* A list of spans. */
struct strs {
    const struct str *at;
    size_t n;
};

/* A set of places: a region with a side, or with none given. */
enum { PLACE_SIDES = SIDE_COUNT_ + 1, PLACE_COUNT = REGION_COUNT_ * PLACE_SIDES };
struct places {
    uint64_t w[(PLACE_COUNT + 63) / 64];
};

static inline int place_of(enum region region, int side)
{
    return (int)region * PLACE_SIDES + (side == NOT_GIVEN ? 0 : side + 1);
}

static inline enum region place_region(int place)
{
    return (enum region)(place / PLACE_SIDES);
}

static inline int place_side(int place)
{
    return place % PLACE_SIDES - 1;
}

static inline bool places_has(const struct places *s, int place)
{
    return s->w[place / 64] >> (place % 64) & 1;
}

static inline void places_add(struct places *s, int place)
{
    s->w[place / 64] |= UINT64_C(1) << (place % 64);
}

static inline void places_join(struct places *s, const struct places *more)
{
    for (size_t i = 0; i < ARRAY_LEN(s->w); i++)
        s->w[i] |= more->w[i];
}

static inline bool places_empty(const struct places *s)
{
    return (s->w[0] | s->w[1]) == 0;
}
static_assert(PLACE_COUNT <= 128, "places_empty looks at two words");

/* Is every place of `s` in `whole`? A region without a side, or with both, stands for all its sides. */
bool places_within(const struct places *s, const struct places *whole) PURE;
/* Leaves out the sides of regions that stand there whole. */
void places_simplify(struct places *s);

/* Bit per region. */
uint32_t places_regions(const struct places *s) PURE;

struct modification {
    enum mod_kind kind;
    int32_t number;       /* MOD_NUMBER */
    struct str option;    /* MOD_OPTION */
    struct places places; /* where it holds, for a part; the place itself, for MOD_PLACE; empty: the session */
    bool place_unknown;   /* MOD_PLACE: a place is still to be asked */
};

/* A smallest set of changes that would bring a technique to "modified" or better (S19). */
struct allow_set {
    const struct allow_clearance {
        struct str fact, by;
    } * clearances;
    size_t n_clearances;
    const struct allow_answer {
        struct str fact, attribute; /* attribute.p is NULL when the fact itself is answered */
        struct str answer;          /* as a request would say it, as text */
    } * answers;
    size_t n_answers;
    int32_t date; /* as_of has come to this day; DATE_NOT_GIVEN: today */
};

struct technique_verdict {
    struct str code, name;
    enum verdict verdict, could_become;
    const struct modification *modifications;
    size_t n_modifications;
    struct strs because;
    bool not_offered; /* never, or not to this person: the verdict has no other reason */
    const struct allow_set *would_allow;
    size_t n_would_allow;
    bool more_would_allow;     /* there are, or may be, others */
    struct strs cannot_change; /* codes of what blocks it and nothing lifts */
    int32_t earliest_date;     /* or DATE_NOT_GIVEN */
};

struct source {
    struct str id, citation;
    enum certainty certainty;
    struct str url; /* p is NULL when there is none */
};

struct warning {
    struct str code;
    enum severity severity;
    enum verdict effect;
    int disposition;      /* enum disposition or NOT_GIVEN */
    struct places places; /* empty: systemic */
    bool regional;
    bool cleared;
    struct str message, note, action, rationale;
    const struct source *evidence;
    size_t n_evidence;
    int certainty; /* enum certainty or NOT_GIVEN */
    struct strs triggered_by, cleared_by;
    struct str clearable_by; /* p is NULL when nobody can clear it */
    struct strs clearance_for;
};

/* What the best question's answer would be like. */
#define ANSWER_TYPE_LIST(X)                                                                                            \
    X(ANSWER_STATE, "state")                                                                                           \
    X(ANSWER_DATE, "date")                                                                                             \
    X(ANSWER_BOOLEAN, "boolean")                                                                                       \
    X(ANSWER_INTEGER, "integer")                                                                                       \
    X(ANSWER_CHOICE, "choice")
#define X(id, wire_name) id,
enum answer_type { ANSWER_TYPE_LIST(X) ANSWER_TYPE_COUNT_ };
#undef X
const char *answer_type_name(enum answer_type type) PURE;

struct question {
    struct str fact;      /* a fact's id, or "sex" or "pain_max" */
    struct str attribute; /* p is NULL when the fact itself is asked */
    struct strs findings; /* of an attribute: pointers to those that lack it */
    struct str label, text;
    enum answer_type type;
    int32_t min, max;                 /* ANSWER_INTEGER */
    struct str unit;                  /* ANSWER_INTEGER; may be empty */
    const struct vocabulary *choices; /* ANSWER_CHOICE */
    bool gate;
    struct strs covers; /* the facts that a "yes" opens */
    /* What an answer could change, for the worse. */
    int could_disposition;        /* enum disposition or NOT_GIVEN: not above the present one */
    int could_verdict;            /* enum verdict or NOT_GIVEN: no technique's verdict gets graver */
    struct strs could_techniques; /* empty: every technique on offer */
    bool could_modify;            /* modifications would be added */
};

struct course_phase {
    struct str name, intent, only_if; /* the latter two may be empty */
    int32_t sessions, per_week /* in 1/PER_WEEK_SCALE */, minutes, pressure;
    const int32_t *dates; /* a day suggested for each session */
};

struct course_plan {
    struct str id, title, technique;
    struct course_phase *phases;
    size_t n_phases;
    uint32_t focus; /* bit per region */
    enum region focus_order[REGION_COUNT_];
    size_t n_focus;
    int32_t total_sessions, weeks, reassess_after_sessions;
    struct {
        bool given;
        int32_t minutes, pressure;
        struct str technique; /* p is NULL: the course's */
    } first_session;
    struct str replan, replan_say; /* id and sentence of the deciding re-planning rule; p is NULL without progress */
    struct strs replan_also;       /* ids of the others that add to it */
    struct strs adjustments;       /* ids of those in force */
    struct strs advice, stop_if, self_care, co_care;
    struct str expected_change, if_improving, if_unchanged, if_worse;
    const struct source *evidence;
    size_t n_evidence;
    int certainty;
};

struct pointed { /* a finding that could not be used, and why */
    struct str pointer;
    struct str fact;         /* outdated */
    struct str system, code; /* unrecognised */
};

struct conflict {
    struct str fact;
    enum finding_state state; /* the one that stands */
    struct strs pointers;
};

/* What was accepted but had no effect, so that nothing is dropped in silence. */
#define IGNORED_LIST(X)                                                                                                \
    X(IGNORED_ATTRIBUTE, "attribute_not_declared")                                                                     \
    X(IGNORED_CODED_ABSENCE, "coded_absence")                                                                          \
    X(IGNORED_CLEARANCE_FUTURE, "clearance_in_future")                                                                 \
    X(IGNORED_CLEARANCE_EXPIRED, "clearance_expired")                                                                  \
    X(IGNORED_CLEARANCE_UNUSED, "clearance_unused")                                                                    \
    X(IGNORED_PROGRESS_FUTURE, "progress_in_future")                                                                   \
    X(IGNORED_PROGRESS_OLD, "progress_too_old")
#define X(id, wire_name) id,
enum ignored_reason { IGNORED_LIST(X) IGNORED_COUNT_ };
#undef X
const char *ignored_name(enum ignored_reason reason) PURE;

struct ignored {
    struct str pointer;
    enum ignored_reason reason;
};

struct decision {
    struct str ref; /* as given */
    int32_t as_of;
    struct str catalogue_version, catalogue_digest;
    struct str language, translation_review; /* of a translation; p is NULL for the catalogue's own texts */
    enum disposition disposition;
    enum booking booking;
    bool complete;
    struct technique_verdict *techniques;
    size_t n_techniques;
    struct warning *warnings;
    size_t n_warnings;
    struct question *questions;
    size_t n_questions;
    const struct course_plan *course; /* NULL when there is none */
    struct str no_course_because;     /* a code; p is NULL when there is a course */
    struct str no_course_reason;      /* a sentence, where the catalogue has one */
    struct pointed *unrecognised, *outdated;
    size_t n_unrecognised, n_outdated;
    struct conflict *conflicts;
    size_t n_conflicts;
    struct ignored *ignored;
    size_t n_ignored;
};

#endif
