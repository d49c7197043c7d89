/* The catalogue: clinical knowledge read from data, checked as a whole, compiled into constant tables; and the
 * evaluation of its conditions on what one request says.
 *
 *   source_load_*()   files or database text -> one canonical document (text and SHA-256 digest)
 *   catalogue_new()   document -> struct catalogue, or every fault it has
 *   catalogue_find_language(), catalogue_each_text()   what it says in other languages
 *   intake_build()    catalogue x screening -> states and instances of facts (S1 to S7)
 *   cond_*()          condition x intake -> no, unknown or yes, and why (S3, S6, S8)
 *
 * "S" numbers are those of the written semantics. A catalogue is constant once built: any number of threads may
 * read it. It is counted: whoever keeps it beyond a call takes a reference.
 *
 * A condition is compiled into its disjunctive normal form: a flat list of terms, each a conjunction of tests. In
 * Kleene's logic `and` and `or` distribute and De Morgan's laws hold, so the three-valued result is the same as the
 * tree's; and because within one term each fact is tested by itself, choosing one instance a fact (S3) and one value
 * an unknown (S8) can be done fact by fact, without trying combinations. */
#ifndef PALPATE_RULES_RULES_H
#define PALPATE_RULES_RULES_H

#include <stdatomic.h>

#include "base/digest.h"
#include "base/error.h"
#include "base/vec.h"
#include "domain/decision.h"
#include "domain/fault.h"
#include "domain/screening.h"
#include "rules/words.h"

enum tri { TRI_NO, TRI_UNKNOWN, TRI_YES };

/* Bounds on a catalogue. */
enum {
    FACTS_LIMIT = 4096,
    TECHNIQUES_LIMIT = 64, /* sets of techniques are one word */
    RULES_LIMIT = 200000,
    COMPLAINT_LISTS_LIMIT = 16,
    LANGUAGES_LIMIT = 64,
    COND_DEPTH_MAX = 24,   /* nesting of operators in one condition */
    COND_NODES_MAX = 2000, /* operators and operands in one condition, at compile time */
    COND_TERMS_MAX = 4096, /* conjunctions one condition may expand to: the steps of its evaluation */
    SOURCE_BYTES_MAX = 256 * 1024 * 1024,
};

enum { FACT_NONE = -1 };

/* ---- conditions ------------------------------------------------------------------------------------------- */

/* What a condition can read beside facts. */
enum variable {
    VAR_AGE_YEARS,
    VAR_SEX,
    VAR_PAIN_MAX,
    VAR_GOALS,
    VAR_ONSET_ANY,
    VAR_CAUSE_ANY,
    VAR_COMPLAINT_LIST, /* one of the definitions' lists */
    /* courses and adjustments */
    VAR_ACUITY,
    VAR_DURATION_DAYS_MAX,
    VAR_REGIONS_OVER_TWO,
    VAR_HAS_TECHNIQUE_WISH,
    VAR_WISH_MINUTES,
    VAR_WISH_PER_WEEK, /* in 1/PER_WEEK_SCALE */
    VAR_WISH_PRESSURE,
    /* re-planning (S15) */
    VAR_SESSIONS_DONE,
    VAR_DAYS_SINCE_LAST,
    VAR_PAIN_BASE,
    VAR_PAIN_NOW,
    VAR_PAIN_LOW,
    VAR_PAIN_DROP,
    VAR_LAST_CHANGE,
    VAR_LAST_REACTION,
    VAR_WORSE_COUNT,
    VAR_BRUISING_COUNT,
    VAR_DIZZINESS_COUNT,
    VAR_SORENESS_RUN,
    VAR_NEUROLOGICAL_ANY,
    VAR_SESSIONS_WITHOUT_GAIN,
    VAR_REASSESS_AFTER,
    VAR_MAX_WITHOUT_GAIN,
    VAR_PLANNED_TOTAL,
    VAR_IMPROVED,
    VAR_MUCH_IMPROVED,
    VAR_PARTIAL,
    VAR_WORSENED,
    VAR_UNCHANGED,
    VAR_RELAPSED,
    VAR_COUNT_
};

/* What {"var": name} reads; its vocabulary is NULL for numbers and booleans. False: no variable, so a list, a fact or
 * an attribute of one. */
bool variable_from_name(struct str name, enum variable *ret_variable, const struct vocabulary **ret_words);

/* Where a condition stands decides what it may read. */
enum cond_context {
    COND_RULE,
    COND_ASK_IF,
    COND_OFFER,
    COND_COURSE,
    COND_ADJUSTMENT,
    COND_REPLAN,
    COND_TARGET, /* reads technique attributes; evaluated once, at compile time */
};

/* A bound on one attribute of one instance: lo <= value <= hi, and none of the excluded values. */
struct attr_test {
    uint8_t attribute;
    bool possible; /* some value within the attribute's range passes: what an unknown could become (S8) */
    uint16_t n_excluded;
    uint32_t excluded; /* first in cond_pool.excluded */
    int32_t lo, hi;
};

/* "This fact is present, and one instance of it passes these tests." */
struct need {
    uint32_t fact;
    uint32_t tests;
    uint16_t n_tests;
    bool triggers; /* read outside every negation: its findings are reasons (S20) and places (S11) */
};

enum scalar_op {
    SCALAR_RANGE,     /* lo <= value <= hi */
    SCALAR_NOT_RANGE, /* given, and outside */
    SCALAR_MASK,      /* bit `value` of mask */
    SCALAR_MEMBER,    /* a bit of mask is in the set */
    SCALAR_IN_LIST,   /* region `lo` is in complaint list `hi` */
    SCALAR_BELOW,     /* value < other variable */
    SCALAR_AT_MOST,   /* value <= other variable */
    SCALAR_EQUALS,
};

/* A test on a variable. What was not given passes no comparison, so that its negation passes. */
struct scalar_test {
    uint8_t variable, other;
    uint8_t op;
    bool negated;
    bool triggers;
    int32_t lo, hi;
    uint32_t mask;
};

/* A term stands for one way through the condition: where an "or" stands below an "and", which operand it takes. */
struct choice {
    uint32_t either, operand; /* parts */
};

/* A piece of a condition as it was written, for such an "or": its operands, down to single tests. */
struct part {
    enum { PART_ALL, PART_ANY, PART_NEED, PART_ABSENT, PART_SCALAR } kind;
    uint32_t first, n; /* operands: parts; PART_NEED: `first` in needs; PART_ABSENT: a fact; PART_SCALAR: in scalars */
};

struct term {
    uint32_t needs, absents, scalars, choices; /* firsts in the pool */
    uint16_t n_needs, n_absents, n_scalars, n_choices;
    uint16_t n_pain_tests; /* scalar tests that an unknown pain leaves open; two or more are weighed together */
};

/* A compiled condition: a slice of the pool's terms. No terms: never true. */
struct cond {
    uint32_t terms, n_terms;
    uint32_t regions; /* complaint regions named outside a negation */
    bool names_region;
};

struct cond_pool {
    struct term *terms;
    struct need *needs;
    struct attr_test *tests;
    struct scalar_test *scalars;
    uint32_t *absents; /* facts that must be absent */
    int32_t *excluded;
    struct choice *choices;
    struct part *parts;
    uint32_t n_terms, n_needs, n_tests, n_scalars, n_absents, n_excluded;
};

/* ---- the catalogue ---------------------------------------------------------------------------------------- */

struct fact_list {
    const uint32_t *at;
    uint32_t n;
};

struct fact {
    struct str id, group, label, question, answer_meaning;
    enum fact_kind kind;
    uint16_t attributes; /* bit per attribute declared */
    bool gate, clearance_only;
    bool has_complaint_regions;
    bool has_ask_if;
    uint32_t complaint_regions; /* bit per region; no bit means every complaint */
    int32_t valid_days;         /* or NOT_GIVEN */
    int32_t umbrella;           /* the fact that covers it, or FACT_NONE */
    struct cond ask_if;
    struct fact_list covers, implies;
    struct fact_list below; /* those that imply it or that it covers */
    struct fact_list up;    /* all that are present when it is, itself first */
    struct str resource;    /* JSON, as served */
    struct strs covers_ids;
};

struct coding { /* normalised: upper case, no dots */
    struct str prefix;
    struct fact_list facts;
};

struct code_system {
    struct str name;
    struct coding *codings; /* in bytewise order of prefix */
    uint32_t n_codings;
};

struct technique {
    struct str code, name, summary;
    int32_t pressure, min_pressure;
    uint32_t traits, essential; /* bit per trait */
    int32_t minutes_min, minutes_max;
    uint32_t good_goals, good_regions, good_acuities; /* bit per member */
    bool default_offered, never_offered, has_offer_when;
    struct cond offer_when;
};

struct mod {
    enum mod_kind kind;
    int32_t number;
    struct str option;
    uint8_t option_index;                                              /* among the catalogue's options of this kind */
    enum { MOD_PLACE_LISTED, MOD_PLACE_FOUND, MOD_PLACE_GIVEN } place; /* MOD_PLACE only */
    struct places places;                                              /* MOD_PLACE_LISTED */
};

struct rule {
    struct str id;
    struct cond when;
    uint64_t targets; /* bit per technique, those never offered left out */
    /* Of the targets: those that lose an essential trait or all their pressure (S10), when the modifications hold
     * for the whole session, and when those that may hold for a part do. */
    uint64_t nothing_left, nothing_left_placed;
    enum verdict effect;
    int disposition; /* or NOT_GIVEN */
    enum severity severity;
    bool hold, acute;
    enum { RULE_SYSTEMIC, RULE_REGIONS, RULE_WHERE_FOUND } scope;
    struct places regions; /* RULE_REGIONS */
    bool bans_where_found; /* a modification avoids the place that was found */
    struct mod *mods;
    uint32_t n_mods;
    int clearable_by; /* enum clearer or NOT_GIVEN */
    enum verdict cleared_effect;
    struct fact_list clearance_for;
    struct strs clearance_ids;
    struct str message, note, action, rationale;
    struct source *evidence;
    uint32_t n_evidence;
    int certainty;
    struct str resource;
};

struct complaint_list {
    struct str id;
    int32_t pain_min, pain_max, days_min, days_max; /* or NOT_GIVEN */
    uint32_t onsets, causes;                        /* bit per member; 0: no test */
    enum tri not_given;
};

struct phase {
    struct str name, intent, only_if;
    int32_t sessions, per_week, minutes, pressure;
};

struct course {
    struct str id, title;
    struct cond when;
    int32_t priority;
    enum region focus[REGION_COUNT_];
    uint32_t n_focus;
    uint8_t *techniques; /* indices, in order */
    uint32_t n_techniques;
    int fallback_technique; /* index, or NOT_GIVEN: the course is then no fallback */
    struct phase *phases;
    uint32_t n_phases;
    int32_t reassess_after_sessions, max_sessions_without_gain;
    struct str expected_change, if_improving, if_unchanged, if_worse;
    struct strs stop_if, self_care, co_care;
    struct source *evidence;
    uint32_t n_evidence;
    int certainty;
};

struct course_note { /* said when the course's dose stays below */
    uint32_t course;
    int32_t minutes_below, per_week_below; /* or NOT_GIVEN */
    struct str say;
};

struct adjustment {
    struct str id, title;
    struct cond when;
    enum { SCOPE_COURSE, SCOPE_FIRST_SESSION, SCOPE_FIRST_SESSIONS } scope;
    int32_t first_sessions;
    int32_t minutes_max, minutes_prefer, pressure_max, pressure_delta, per_week_max, sessions_max, weeks_max;
    int32_t reassess_after_sessions;                 /* each of these or NOT_GIVEN; pressure_delta 0 */
    uint64_t drop, allow /* 0: all */, first, avoid; /* bit per technique */
    uint8_t *first_order;
    uint32_t n_first;
    struct {
        uint8_t technique;
        int32_t age_years;
    } * from_age;
    uint32_t n_from_age;
    bool no_course;
    struct str reason;
    int32_t no_course_pain; /* pain_max from which there is no course, or NOT_GIVEN */
    struct str no_course_reason;
    struct fact_list unless_clearance_for, unless_chronic_with;
    struct course_note *notes;
    uint32_t n_notes;
    struct strs advice, self_care_add, co_care_add;
};

struct dose {
    uint32_t course;
    int32_t minutes, per_week;
};

struct replan_rule {
    struct str id;
    struct cond when;
    bool decides, no_course;
    enum replan_action action;
    int disposition;
    int32_t pressure_delta;          /* 0: none */
    int32_t minutes_percent;         /* of the planned length; 100: unchanged */
    int32_t min_days_between;        /* or NOT_GIVEN */
    int32_t reassess_after_sessions; /* or NOT_GIVEN */
    int32_t sessions_left_max;       /* or NOT_GIVEN */
    int32_t per_week;                /* or NOT_GIVEN */
    int32_t *per_week_steps;         /* falling */
    uint32_t n_per_week_steps;
    uint64_t drop;
    uint32_t drop_traits;
    int32_t drop_days; /* or NOT_GIVEN */
    enum { TECHNIQUE_KEEP, TECHNIQUE_NEXT_GENTLER, TECHNIQUE_NEXT_STYLE } technique;
    struct str phase_name; /* of the one phase that is left; p is NULL: the present one's */
    struct phase *phases;
    uint32_t n_phases;
    struct dose *doses;
    uint32_t n_doses;
    uint32_t avoid_regions; /* bit per region */
    uint32_t taken_traits;  /* bit per trait that its modifications take */
    struct str say;
    struct strs advice;
    struct source *evidence;
    uint32_t n_evidence;
    int certainty;
};

struct definitions {
    struct complaint_list lists[COMPLAINT_LISTS_LIMIT];
    uint32_t n_lists;
    int32_t subacute_from_days, chronic_from_days;
    int32_t clearance_valid_days, clearance_complaint_days;
    struct {
        int32_t window_days, recent_entries, important_points, important_percent, substantial_percent,
            least_noticeable_points, worse_points, relapse_gap_days;
    } readings;
    int32_t stop_lifted_fact;
    int32_t stop_lifted_pressure_delta, stop_lifted_minutes_percent;
};

struct evidence_item {
    struct str id;
    struct str resource;
    bool alias;    /* another name of a source */
    bool recalled; /* nobody has read it for this catalogue */
    bool cited;    /* by anything; not set for aliases */
};

enum { OPTIONS_LIMIT = 32 };

struct catalogue {
    struct str name, version, title;
    char digest[DIGEST_TEXT_LEN + 1];
    struct fact *facts;
    uint32_t n_facts;
    const uint32_t *facts_upwards; /* every fact after all that are below it */
    struct code_system *systems;
    uint32_t n_systems;
    struct technique *techniques;
    uint32_t n_techniques;
    uint64_t offered; /* techniques that are not "never offered" */
    struct rule *rules;
    uint32_t n_rules;
    struct course *courses; /* in order of the file */
    uint32_t n_courses;
    struct adjustment *adjustments; /* in order of `order` */
    uint32_t n_adjustments;
    struct replan_rule *replans; /* in order of `order` */
    uint32_t n_replans;
    struct evidence_item *evidence; /* every id and alias, in bytewise order */
    uint32_t n_evidence_ids, n_evidence;
    struct definitions definitions;
    struct str attribute_question[ATTR_COUNT_], sex_question, pain_question;
    struct language *languages; /* the own one first, then in order of tag */
    uint32_t n_languages;
    struct str options[MOD_COUNT_][OPTIONS_LIMIT]; /* the distinct values of MOD_OPTION kinds, in order of name */
    uint8_t n_options[MOD_COUNT_];
    struct cond_pool pool;
    /* Which terms to look at: those of rules, by the first fact they need; those that need none come last. */
    uint32_t *terms_by_fact; /* n_facts + 2 bounds into rule_terms */
    struct rule_term {
        uint32_t rule, term;
    } * rule_terms;
    /* The days at which a rule's reading of a fact's date changes, by fact: n_facts + 1 bounds into date_bounds. */
    const uint32_t *date_bounds_of;
    const int32_t *date_bounds;
    /* Resources, as served: JSON texts, in the own language. */
    struct str resource_catalogue, resource_facts, resource_techniques, resource_rules, resource_evidence;
    /* Private. */
    const uint32_t *fact_index, *rule_index; /* items in bytewise order of id */
    struct arena arena;
    atomic_uint references;
};

/* One reading of all the files or rows, put together and in canonical form. */
struct source_doc {
    struct str text; /* canonical JSON: members sorted, no spaces */
    char digest[DIGEST_TEXT_LEN + 1];
};

/* Reads the catalogue's files under `dir` and puts them together. `faults` says what is wrong with single files;
 * *reterr says why there is no document. The text is malloc'ed: free with source_done(). */
enum rc source_load_dir(const char *dir, struct source_doc *ret, struct faults *faults, struct error *reterr) MUST_USE;

/* The same from memory: `files` are names relative to the catalogue's folder with their contents. */
struct source_file {
    const char *name;
    struct str text;
};
enum rc source_load_files(const struct source_file *files, size_t n, struct source_doc *ret, struct faults *faults,
                          struct error *reterr) MUST_USE;
/* From the text of a document, as the database keeps it: any order of members, any spacing. */
enum rc source_load_text(struct str text, struct source_doc *ret, struct error *reterr) MUST_USE;
void source_done(struct source_doc *doc);

/* Compiles a document. On RC_CATALOGUE_INVALID `faults` holds every fault found: item, pointer, what and remedy. */
enum rc catalogue_new(const struct source_doc *doc, struct catalogue **ret, struct faults *faults,
                      struct error *reterr) MUST_USE;
struct catalogue *catalogue_ref(struct catalogue *cat);
void catalogue_unref(struct catalogue *cat);
static inline void catalogue_unrefp(struct catalogue **cat)
{
    catalogue_unref(*cat);
}

/* A clinic's own rules on top of a catalogue: {"overlay": {name, version, title, who}, "rules": [...]}, and "evidence"
 * for sources of its own. It can only tighten: overlay.c says what that means, and why the check proves it. */
enum { OVERLAY_BYTES_MAX = 1024 * 1024, OVERLAY_RULES_MAX = 500, OVERLAY_TERMS_MAX = 20000 };
/* Compiles both to one catalogue, of version "2026.11+name.version" and with the digest of the two together. `ret_doc`
 * may be NULL; else it gets the joined document. On RC_CATALOGUE_INVALID `faults` holds every fault of the overlay;
 * RC_MALFORMED_JSON, RC_BODY_TOO_LARGE and what is no object have *reterr alone. */
enum rc overlay_new(const struct source_doc *base, struct str overlay, struct source_doc *ret_doc,
                    struct catalogue **ret, struct faults *faults, struct error *reterr) MUST_USE;
/* Compiles what was stored: a document's text, and that of an overlay on it (p NULL: none). RC_CATALOGUE_INVALID also
 * when that does not have this digest. */
enum rc catalogue_of_texts(struct str document, struct str overlay, const char *digest, struct catalogue **ret,
                           struct faults *faults, struct error *reterr) MUST_USE;
/* What the catalogue would be if an overlay that was refused were taken at its word: what it names takes the place of
 * the catalogue's. Only for showing what that would do. */
enum rc overlay_at_its_word(const struct source_doc *base, struct str overlay, struct source_doc *ret,
                            struct error *reterr) MUST_USE;

/* Lookups by id; -1 when there is none. */
int32_t catalogue_find_fact(const struct catalogue *cat, struct str id) PURE;
int32_t catalogue_find_rule(const struct catalogue *cat, struct str id) PURE;
int32_t catalogue_find_technique(const struct catalogue *cat, struct str code) PURE;
const struct evidence_item *catalogue_find_evidence(const struct catalogue *cat, struct str id) PURE;
const struct code_system *catalogue_find_system(const struct catalogue *cat, struct str name) PURE;
/* The facts of the longest listed prefix of `code`; none when no prefix fits (S2). */
struct fact_list code_system_lookup(const struct code_system *system, struct str code) PURE;

/* The language that fits a range or tag best (RFC 4647, 3.4: ko for ko-KR); -1 when there is none. */
int32_t catalogue_find_language(const struct catalogue *cat, struct str range) PURE;
/* Calls `take` for each text that a client reads, with its place in a translation; `missing`: the language does not
 * have it and says it in the own one. */
typedef void (*text_take)(void *to, const struct where *at, bool missing);
void catalogue_each_text(const struct catalogue *cat, const struct language *in, text_take take, void *to);
/* ---- the review ------------------------------------------------------------------------------------------- */

/* What a catalogue without faults may still have wrong, found by meaning: see review.c. */
#define REVIEW_LIST(X)                                                                                                 \
    X(REVIEW_RULE_NEVER_FIRES, "rule_never_fires")                                                                     \
    X(REVIEW_RULE_SHADOWED, "rule_shadowed")                                                                           \
    X(REVIEW_CAPS_DIFFER, "caps_differ")                                                                               \
    X(REVIEW_MESSAGE_TWICE, "message_twice")                                                                           \
    X(REVIEW_MODIFICATION_TWICE, "modification_twice")                                                                 \
    X(REVIEW_MODIFICATION_UNUSED, "modification_unused")                                                               \
    X(REVIEW_NOTHING_LEFT, "nothing_left")                                                                             \
    X(REVIEW_COURSE_NEVER_MATCHES, "course_never_matches")                                                             \
    X(REVIEW_COURSE_OUTRANKED, "course_outranked")                                                                     \
    X(REVIEW_COURSE_RULED_OUT, "course_ruled_out")                                                                     \
    X(REVIEW_COURSE_WITHOUT_TECHNIQUE, "course_without_technique")                                                     \
    X(REVIEW_ADJUSTMENT_NEVER_MATCHES, "adjustment_never_matches")                                                     \
    X(REVIEW_REPLAN_NEVER_DECIDES, "replan_never_decides")                                                             \
    X(REVIEW_TECHNIQUE_NEVER_OFFERED, "technique_never_offered")                                                       \
    X(REVIEW_NEVER_ASKED, "never_asked")                                                                               \
    X(REVIEW_GATE_UNREAD, "gate_unread")                                                                               \
    X(REVIEW_FACT_UNREAD, "fact_unread")                                                                               \
    X(REVIEW_TEXT_MISSING, "text_missing")                                                                             \
    X(REVIEW_EVIDENCE_RECALLED, "evidence_recalled")                                                                   \
    X(REVIEW_EVIDENCE_UNCITED, "evidence_uncited")                                                                     \
    X(REVIEW_CLEARANCE_UNREAD, "clearance_unread")                                                                     \
    X(REVIEW_CLEARANCE_ELSEWHERE, "clearance_elsewhere")                                                               \
    X(REVIEW_CLEARANCE_TOO_WIDE, "clearance_too_wide")                                                                 \
    X(REVIEW_CLEARANCE_UNNAMED, "clearance_unnamed")                                                                   \
    X(REVIEW_NOT_DECIDED, "not_decided")                                                                               \
    X(REVIEW_ACCEPTED_UNUSED, "accepted_unused")                                                                       \
    X(REVIEW_ACCEPTED_INVALID, "accepted_invalid")
#define X(id, wire_name) id,
enum review_code { REVIEW_LIST(X) REVIEW_COUNT_ };
#undef X
const char *review_code_name(enum review_code code) PURE;

struct review_finding {
    enum review_code code;
    const char *kind;       /* "rule", "course", ... */
    struct str item, other; /* ids; `other` where two are compared, else p is NULL */
    struct str detail, remedy;
    struct str reason; /* why it is accepted; p is NULL when it is not */
};

struct review {
    struct review_finding *at;
    uint32_t n, n_accepted;
};

/* The file of findings that are accepted, beside the catalogue's files: no part of its document. */
#define ACCEPTED_FILE "accepted.json"

/* Reviews a whole catalogue; takes up to a second. `accepted` is that file's text (p is NULL: there is none). All
 * memory from `arena`; the texts of *ret live there and in the catalogue. RC_OOM or RC_OK. */
enum rc catalogue_review(const struct catalogue *cat, struct str accepted, struct arena *arena, struct review *ret,
                         struct error *reterr) MUST_USE;
/* The accepted findings beside the files of `dir`; p is NULL when there are none. */
enum rc source_load_accepted(const char *dir, struct arena *arena, struct str *ret, struct error *reterr) MUST_USE;

/* ---- the intake (S1 to S7) -------------------------------------------------------------------------------- */

enum fact_state {
    FACT_ABSENT,
    FACT_UNKNOWN,
    FACT_PRESENT,
};

/* The values one attribute of an instance may have: none when it is not given, several when siblings disagree. */
struct values {
    const int32_t *at;
    uint32_t n;
};

struct instance {
    uint32_t finding;                 /* index into the screening's findings */
    int32_t date;                     /* day number as said (`date`, else `since`), or DATE_NOT_GIVEN */
    bool placed;                      /* its fact, and those below that it came from, declare `region` (S11) */
    int8_t region, side;              /* or NOT_GIVEN */
    struct values value[ATTR_COUNT_]; /* ATTR_DATE: days before as_of */
};

struct fact_intake {
    uint8_t state;  /* enum fact_state */
    uint8_t stated; /* finding_state + 1, or 0 when not stated */
    uint32_t n_instances, n_findings;
    struct instance *instances; /* of a present fact */
    uint32_t *findings;         /* those that make it present, through what is below it too; in rising order */
};

struct intake {
    const struct catalogue *cat;
    const struct screening *screening;
    struct fact_intake *facts;   /* per fact */
    int32_t value[VAR_COUNT_];   /* VALUE_MISSING when not given; sets as bits */
    int32_t pain_low, pain_high; /* pain_max lies between */
    uint32_t list_yes[COMPLAINT_LISTS_LIMIT], list_unknown[COMPLAINT_LISTS_LIMIT]; /* bit per region */
    bool present_unrecognised; /* a present finding's code is not known */
    struct pointed *unrecognised, *outdated;
    size_t n_unrecognised, n_outdated;
    struct conflict *conflicts;
    size_t n_conflicts;
    struct ignored *ignored;
    uint32_t n_ignored, ignored_room;
    /* Clearances in force (S9), with the fact they name. */
    struct clearance_in_force {
        uint32_t fact, index;
        enum clearer by;
        int32_t date;
        bool used;
    } * clearances;
    size_t n_clearances;
    uint8_t *wishes; /* technique indices, in order */
    size_t n_wishes;
    uint64_t wished;
    int16_t *progress_technique; /* per progress entry: technique index or NOT_GIVEN */
};
#define VALUE_MISSING INT32_MIN

/* Resolves names, settles states, builds instances. Faults: unknown ids, systems, techniques; findings dated after
 * as_of. On RC_INVALID_REQUEST *ret is not set. All memory from `arena`. */
enum rc intake_build(const struct catalogue *cat, const struct screening *s, struct arena *arena, struct faults *faults,
                     struct intake *ret) MUST_USE;
/* Does a complaint pass a list's test (S7)? Unknown when that hangs on what was not given. */
enum tri complaint_in_list(const struct complaint_list *l, const struct complaint *c) PURE;
enum rc intake_ignore(struct intake *in, struct arena *arena, struct str pointer, enum ignored_reason why) MUST_USE;

/* ---- evaluation ------------------------------------------------------------------------------------------- */

/* What a clearance changes for one rule (S9): these facts count as absent, save instances dated after the
 * clearance and, in the second reading, those without a date. */
struct lift {
    uint32_t fact;
    int32_t after; /* instances dated later stay; INT32_MAX: none stays */
    bool keep_undated;
};

struct view {
    const struct intake *in;
    const struct lift *lifts; /* NULL: the intake as it is */
    size_t n_lifts;
};

/* Of a term, and of a condition: yes when true, unknown when some completion of the unknowns makes it true, else
 * no: "unknown but impossible to make true counts as false" (S8). */
enum tri term_eval(const struct view *v, const struct term *t);
enum tri cond_eval(const struct view *v, struct cond c);

/* The instances of need `n` that pass all its tests, at least as far as is known: calls `take` for each. */
typedef void (*instance_take)(void *to, const struct fact *fact, const struct instance *inst);
void need_instances(const struct view *v, const struct need *n, enum tri at_least, instance_take take, void *to);
/* The findings that make a present fact present (S20); of a fact that a clearance names, those that stay. */
typedef void (*finding_take)(void *to, uint32_t finding);
void fact_findings(const struct view *v, uint32_t fact, finding_take take, void *to);

/* A question's subject: a fact, an attribute of one, or one of the two derived variables that can be unknown. */
enum { ASK_SEX = -1, ASK_PAIN_MAX = -2 };
struct ask {
    int32_t fact;      /* index, ASK_SEX or ASK_PAIN_MAX */
    int32_t attribute; /* enum attribute or NOT_GIVEN */
};

/* What the completions that make an open condition true assume: calls `take` for each unknown, some more than once.
 * "An operand that is already settled is not completed further" (S18). */
typedef void (*ask_take)(void *to, struct ask ask);
void cond_asks(const struct view *v, struct cond c, ask_take take, void *to);

/* What is not known of an open condition, literal by literal: settle one of each term against it, and the condition
 * is false. */
struct doubt {
    uint32_t term;
    struct ask ask;
    bool present_refutes;             /* of a fact: "present" settles it, else "absent" does */
    const struct need *need;          /* of an attribute */
    const struct scalar_test *scalar; /* of sex or pain */
};
typedef void (*doubt_take)(void *to, const struct doubt *d);
void cond_doubts(const struct view *v, struct cond c, doubt_take take, void *to);
/* Would this value of the attribute, or sex, or pain, settle the doubt against its term? ATTR_DATE: days before
 * as_of. */
bool doubt_refuted_by(const struct catalogue *cat, const struct doubt *d, int32_t value);
/* A value that does, the nearest to what was tested; false when there is none. */
bool doubt_refuter(const struct catalogue *cat, const struct doubt *d, int32_t *ret_value);

#endif
