/* Faults: everything that is wrong with one input, found in one pass and reported together.
 *
 * A request's faults name the place by JSON pointer (RFC 6901) and say how to mend it; they never repeat what the
 * request said. A catalogue's faults also name the item (a rule's id, a file). */
#ifndef PALPATE_DOMAIN_FAULT_H
#define PALPATE_DOMAIN_FAULT_H

#include "base/arena.h"

/*    id                       wire name */
#define FAULT_LIST(X)                                                                                                  \
    X(FAULT_WRONG_TYPE, "wrong_type")                                                                                  \
    X(FAULT_UNKNOWN_MEMBER, "unknown_member")                                                                          \
    X(FAULT_MISSING_MEMBER, "missing_member")                                                                          \
    X(FAULT_UNKNOWN_VALUE, "unknown_value")                                                                            \
    X(FAULT_UNKNOWN_ID, "unknown_id")                                                                                  \
    X(FAULT_OUT_OF_RANGE, "out_of_range")                                                                              \
    X(FAULT_TOO_LONG, "too_long")                                                                                      \
    X(FAULT_TOO_MANY, "too_many")                                                                                      \
    X(FAULT_INVALID_DATE, "invalid_date")                                                                              \
    X(FAULT_DATE_IN_FUTURE, "date_in_future")                                                                          \
    X(FAULT_CONFLICT, "conflicting_members")                                                                           \
    X(FAULT_DUPLICATE, "duplicate")                                                                                    \
    X(FAULT_INVALID_CONDITION, "invalid_condition")                                                                    \
    X(FAULT_INVALID_REFERENCE, "invalid_reference")                                                                    \
    X(FAULT_INCONSISTENT, "inconsistent")

#define X(id, wire_name) id,
enum fault_code { FAULT_LIST(X) FAULT_COUNT_ };
#undef X

const char *fault_name(enum fault_code code) PURE;

struct fault {
    enum fault_code code;
    struct str item;    /* what the pointer starts from when that is not the request: a rule's id, a file's name */
    struct str pointer; /* RFC 6901 */
    struct str detail;  /* what is wrong */
    struct str remedy;  /* what would be right */
};

enum { FAULTS_MAX = 100 };

/* A list that keeps the first FAULTS_MAX and counts them all. The texts live in `arena`. */
struct faults {
    struct arena *arena;
    struct str item; /* put into the faults that follow */
    struct fault at[FAULTS_MAX];
    size_t n;     /* kept */
    size_t total; /* found */
};

void faults_init(struct faults *f, struct arena *arena);

/* Where in a document one stands: a chain of steps on the caller's stack, written out only for a fault. */
struct where {
    const struct where *up;
    struct str member; /* used when p is not NULL */
    size_t index;
};

#define WHERE_MEMBER(parent, name) (&(struct where){ .up = (parent), .member = (name) })
#define WHERE_INDEX(parent, i)     (&(struct where){ .up = (parent), .index = (i) })

/* The pointer of a place, in `arena`; p is NULL when memory is out. */
struct str where_pointer(struct arena *arena, const struct where *at) MUST_USE;

/* Adds a fault. `remedy` may be NULL; all texts are copied. Losing one for want of memory still counts it. */
void fault_add(struct faults *f, enum fault_code code, const struct where *at, const char *remedy,
               const char *detail_fmt, ...) PRINTF_LIKE(5, 6);

#endif
