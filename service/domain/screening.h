/* One request: what a client said, with names not yet resolved against a catalogue.
 *
 * Texts are spans into memory that outlives the screening. Dates are day numbers (base/date.h). */
#ifndef PALPATE_DOMAIN_SCREENING_H
#define PALPATE_DOMAIN_SCREENING_H

#include "domain/vocabulary.h"

/* Bounds on one request, beside the size of its body; the OpenAPI document says the same. */
enum {
    COMPLAINTS_LIMIT = 50,
    FINDINGS_LIMIT = 500, /* of symptoms and history together */
    CLEARANCES_LIMIT = 100,
    PROGRESS_LIMIT = 366,
    WISHES_LIMIT = 64,
    RADIATES_LIMIT = 23,
    GOALS_LIMIT = 8,
    ID_LEN_MAX = 64,
    CODE_LEN_MAX = 32,
    REF_LEN_MAX = 128,
};

enum { NOT_GIVEN = -1 }; /* for whole numbers and vocabulary members that a request may leave out */
#define DATE_NOT_GIVEN INT32_MIN

/* The lists a finding may stand in; the pointer of finding i of a list is the list's pointer, "/", i. */
#define FINDING_LISTS(X)                                                                                               \
    X(LIST_SYMPTOMS, "/symptoms")                                                                                      \
    X(LIST_CONDITIONS, "/history/conditions")                                                                          \
    X(LIST_MEDICATIONS, "/history/medications")                                                                        \
    X(LIST_PROCEDURES, "/history/procedures")                                                                          \
    X(LIST_INJURIES, "/history/injuries")
#define X(id, pointer) id,
enum finding_list { FINDING_LISTS(X) LIST_COUNT_ };
#undef X

struct finding {
    enum finding_list list;
    uint16_t index;    /* within its list */
    struct str id;     /* p is NULL when the finding is named by a code */
    struct str system; /* with `code` */
    struct str code;
    enum finding_state state;
    uint16_t has;               /* bit per attribute given; ATTR_DATE's for `date`, not for `since` */
    int32_t value[ATTR_COUNT_]; /* ATTR_DATE: a day number */
    int32_t since;              /* a day number or DATE_NOT_GIVEN */
};

struct complaint {
    enum region region;
    int8_t side;           /* enum side or NOT_GIVEN */
    int8_t pain;           /* 0-10 or NOT_GIVEN */
    int8_t onset;          /* enum onset or NOT_GIVEN */
    int8_t cause;          /* enum cause or NOT_GIVEN */
    int32_t duration_days; /* or NOT_GIVEN */
};

struct clearance {
    struct str fact;
    enum clearer by;
    int32_t date;
};

struct progress_entry {
    int32_t date;
    struct str technique;           /* p is NULL when not given */
    int16_t minutes;                /* or NOT_GIVEN */
    int8_t pain_before, pain_after; /* 0-10 or NOT_GIVEN */
    int8_t reaction;                /* enum reaction or NOT_GIVEN */
};

struct screening {
    struct str ref; /* p is NULL when not given */
    int16_t age_years;
    enum sex sex;
    struct complaint *complaints;
    size_t n_complaints;
    uint32_t goals; /* bit per goal */
    struct finding *findings;
    size_t n_findings;
    struct clearance *clearances;
    size_t n_clearances;
    struct str *wishes; /* technique codes, most wished first */
    size_t n_wishes;
    int8_t pressure_wish;    /* enum pressure_wish or NOT_GIVEN */
    int16_t session_minutes; /* or NOT_GIVEN */
    int16_t per_week_max;    /* in 1/PER_WEEK_SCALE, or NOT_GIVEN */
    struct progress_entry *progress;
    size_t n_progress;
    enum unlisted unlisted;
    int32_t as_of;
    uint32_t language; /* of the answer's texts: a place among the catalogue's; 0 is its own */
};

/* "/symptoms/3" in `buffer`. */
enum { FINDING_POINTER_BYTES = 40 };
struct str finding_pointer(const struct finding *f, char buffer[static FINDING_POINTER_BYTES]);

#endif
