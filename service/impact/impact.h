/* What another catalogue would answer: requests judged under two catalogues, and what differs.
 *
 *   compare_decisions()   two answers to one request -> what differs, and in which direction
 *   impact_new()          two catalogues to compare
 *   impact_generate()     judges requests that are made for them
 *   impact_request()      judges a request that was kept
 *   impact_read()         what has changed, in groups: by direction, rule and technique, milder first
 *
 * A request that was kept is health data: of it the result holds the name that it was given, never what it says. A
 * struct impact belongs to one thread. */
#ifndef PALPATE_IMPACT_IMPACT_H
#define PALPATE_IMPACT_IMPACT_H

#include "decide/decide.h"
#include "generate/generate.h"

/* ---- two answers ------------------------------------------------------------------------------------------ */

/* Milder: something is allowed sooner, or with less care. Graver: the reverse. Other: neither, or some of both. */
#define DIRECTION_LIST(X)                                                                                              \
    X(DIRECTION_MILDER, "milder")                                                                                      \
    X(DIRECTION_GRAVER, "graver")                                                                                      \
    X(DIRECTION_OTHER, "other")
#define X(id, wire_name) id,
enum direction { DIRECTION_LIST(X) DIRECTION_COUNT_ };
#undef X
const char *direction_name(enum direction direction) PURE;

#define ASPECT_LIST(X)                                                                                                 \
    X(ASPECT_DISPOSITION, "disposition")                                                                               \
    X(ASPECT_BOOKING, "booking")                                                                                       \
    X(ASPECT_VERDICT, "verdict")                                                                                       \
    X(ASPECT_COULD_BECOME, "could_become")                                                                             \
    X(ASPECT_MODIFICATIONS, "modifications")                                                                           \
    X(ASPECT_COURSE, "course")                                                                                         \
    X(ASPECT_WARNINGS, "warnings")                                                                                     \
    X(ASPECT_QUESTIONS, "questions")                                                                                   \
    X(ASPECT_REQUEST, "request") /* one catalogue judges it and the other refuses it */
#define X(id, wire_name) id,
enum aspect { ASPECT_LIST(X) ASPECT_COUNT_ };
#undef X
const char *aspect_name(enum aspect aspect) PURE;

/* One thing that differs. Modifications differ kind by kind, and only where neither answer forbids the technique;
 * could_become only where it does not move as the verdict does. */
struct change {
    enum aspect aspect;
    enum direction direction;
    struct str technique; /* p is NULL: of the whole answer */
    struct str item;      /* a kind of modification, a warning's code, what is asked; else p is NULL */
    struct str from, to;  /* words of the vocabularies, or short texts; "none" where there is nothing */
};

typedef void (*change_take)(void *to, const struct change *c);
/* Calls `take` for each difference; texts live in `arena`, the catalogues and the decisions. False: out of memory. */
bool compare_decisions(const struct decision *base, const struct decision *draft, struct arena *arena, change_take take,
                       void *to) MUST_USE;

/* ---- two catalogues --------------------------------------------------------------------------------------- */

struct impact;

/* Both catalogues outlive it. NULL: out of memory. */
struct impact *impact_new(const struct catalogue *base, const struct catalogue *draft);
void impact_free(struct impact *impact);

/* Judges `n` made requests, those of the seeds from `seed` on, made for both catalogues in turn. With n 0: as many as
 * it takes to meet every rule of both, and more for rules that differ. RC_OOM or RC_OK. */
enum rc impact_generate(struct impact *impact, uint64_t seed, size_t n) MUST_USE;

/* Judges one kept request. `name` is what the result calls it: a line, a record's id. */
enum rc impact_request(struct impact *impact, const struct screening *s, struct str name) MUST_USE;

enum { IMPACT_NAMES_MAX = 5 };

/* A rule that acts otherwise may itself be as it was: then what it reads has changed. */
enum rule_fate { RULE_AS_BEFORE, RULE_CHANGED, RULE_NEW, RULE_GONE };

/* The same change, by the same rule. */
struct impact_group {
    struct str rule; /* p is NULL: no rule, so facts, techniques, courses or what they share */
    enum rule_fate fate;
    struct change change;
    size_t generated, kept; /* requests */
    struct str example;     /* a made request, as JSON; p is NULL when only kept ones show it */
    struct str names[IMPACT_NAMES_MAX];
    size_t n_names; /* of kept ones, the first few */
};

struct impact_count {
    size_t judged, refused;           /* refused: by both catalogues */
    size_t changed[DIRECTION_COUNT_]; /* a request may change in several directions */
};

struct impact_result {
    const struct impact_group *groups; /* by direction, then rules in order of the catalogues, then techniques */
    size_t n_groups;
    struct impact_count generated, kept;
    struct strs unmet; /* rules of either catalogue that no request has met */
};

/* Puts the groups in order and makes their examples small. What *ret points to lives as long as `impact`. RC_OOM or
 * RC_OK. */
enum rc impact_read(struct impact *impact, struct impact_result *ret) MUST_USE;

/* ---- an example ------------------------------------------------------------------------------------------- */

/* Looks through up to `tries` made requests, steered towards a rule of `draft` (an index, or ANY_RULE), for one that
 * `draft` answers more mildly than `base`; makes it small. *ret_request is its JSON, in `arena`; p is NULL when none
 * was found. */
enum rc find_milder(const struct catalogue *base, const struct catalogue *draft, int32_t rule, size_t tries,
                    struct arena *arena, struct str *ret_request, struct change *ret_change) MUST_USE;

/* The same for an overlay that was refused with these faults, if it were taken at its word. */
enum rc overlay_example(const struct source_doc *base, struct str overlay, const struct faults *faults,
                        struct arena *arena, struct str *ret_request, struct change *ret_change) MUST_USE;

#endif
