/* Random valid requests over any compiled catalogue, the same ones for the same seed.
 *
 * People are made from the catalogue itself: a rule, a course or a step of re-planning is taken, one of its terms is
 * met (or missed by a little), and findings, complaints, clearances and wishes are put around it. Nothing here takes
 * memory once people_init() has: someone is a plain struct, whose texts are spans into the catalogue or into itself. */
#ifndef PALPATE_GENERATE_GENERATE_H
#define PALPATE_GENERATE_GENERATE_H

#include "base/buf.h"
#include "rules/rules.h"

/* ---- chance ----------------------------------------------------------------------------------------------- */

struct chance {
    uint64_t state;
};

static inline uint64_t chance_next(struct chance *c)
{
    uint64_t z = c->state += UINT64_C(0x9e3779b97f4a7c15); /* splitmix64 */
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static inline struct chance chance_of(uint64_t seed)
{
    struct chance c = { seed * UINT64_C(0xd1342543de82ef95) + 1 };
    (void)chance_next(&c);
    return c;
}

/* One of 0 to n - 1. */
static inline uint32_t roll(struct chance *c, uint32_t n)
{
    return n ? (uint32_t)(chance_next(c) >> 33) % n : 0;
}

static inline bool percent(struct chance *c, uint32_t of_hundred)
{
    return roll(c, 100) < of_hundred;
}

static inline int32_t between(struct chance *c, int32_t lo, int32_t hi)
{
    if (hi < lo) /* a catalogue may bound by what contradicts itself */
        return lo;
    return lo + (int32_t)roll(c, (uint32_t)(hi - lo) + 1);
}

#define ONE_OF(c, list) ((list)[roll((c), (uint32_t)ARRAY_LEN(list))])

/* ---- people ----------------------------------------------------------------------------------------------- */

struct people {
    const struct catalogue *cat;
    struct arena arena;
    struct code_ref {
        uint32_t system, coding;
    } * codes;          /* by the facts that they name */
    uint32_t *codes_of; /* n_facts + 1 bounds into codes */
    uint32_t *needs;    /* of the catalogue's pool, by the fact they read */
    uint32_t *needs_of; /* n_facts + 1 bounds into needs */
};

bool people_init(struct people *p, const struct catalogue *cat) MUST_USE;
void people_done(struct people *p);

enum {
    SOMEONE_FINDINGS = 200,
    SOMEONE_COMPLAINTS = 8,
    SOMEONE_CLEARANCES = 16,
    SOMEONE_PROGRESS = 16,
    SOMEONE_WISHES = 4
};

struct someone {
    struct screening s; /* its lists are those below */
    struct finding findings[SOMEONE_FINDINGS];
    struct complaint complaints[SOMEONE_COMPLAINTS];
    struct clearance clearances[SOMEONE_CLEARANCES];
    struct progress_entry progress[SOMEONE_PROGRESS];
    struct str wishes[SOMEONE_WISHES];
    char codes[2 * SOMEONE_FINDINGS][CODE_LEN_MAX];
    size_t n_codes;
};

enum { ANY_RULE = -1 };

/* Steered towards `rule` (an index), or towards whatever the seed takes. */
void make_someone(const struct people *p, uint64_t seed, int32_t rule, struct someone *ret);
void copy_someone(struct someone *to, const struct someone *from);
/* After findings have been added or taken away: list by list, as a request is read, with their places in the lists. */
void put_findings_in_order(struct someone *someone);
/* NULL when there is no room. It stands last, in the list of its kind, until put_findings_in_order(). */
struct finding *add_finding(const struct people *p, struct someone *someone, uint32_t fact, enum finding_state state);
/* Gives a value, brought within the attribute's range; days before as_of for a date. */
void give_attribute(const struct someone *someone, struct finding *f, enum attribute a, int32_t value);
int32_t any_value(const struct people *p, struct chance *c, uint32_t fact, enum attribute a);
/* Names a finding by a code that stands for `fact`; where `alone`, for no other. False: there is none, or no room. */
bool name_by_code(const struct people *p, struct chance *c, struct someone *someone, struct finding *f, uint32_t fact,
                  bool alone);

/* The request's JSON, on one line. */
void write_request(struct buf *b, const struct screening *s);

#endif
