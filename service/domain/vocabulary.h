/* The contract's closed vocabularies: one list each gives the enum, the name on the wire and both lookups.
 *
 * Where an order matters (verdicts, dispositions, severities, effects) the list runs from the mildest to the
 * gravest, so that joining two is taking the greater. Lookups are linear or binary over constant tables and
 * safe from any thread. */
#ifndef PALPATE_DOMAIN_VOCABULARY_H
#define PALPATE_DOMAIN_VOCABULARY_H

#include <stdint.h>

#include "base/attr.h"
#include "base/str.h"

#define VERDICT_LIST(X)                                                                                                \
    X(VERDICT_ALLOWED, "allowed")                                                                                      \
    X(VERDICT_MODIFIED, "modified")                                                                                    \
    X(VERDICT_NEEDS_ANSWERS, "needs_answers")                                                                          \
    X(VERDICT_CLEARANCE_REQUIRED, "clearance_required")                                                                \
    X(VERDICT_NOT_ALLOWED, "not_allowed")

#define DISPOSITION_LIST(X)                                                                                            \
    X(DISPOSITION_PROCEED, "proceed")                                                                                  \
    X(DISPOSITION_PROCEED_MODIFIED, "proceed_modified")                                                                \
    X(DISPOSITION_NEEDS_ANSWERS, "needs_answers")                                                                      \
    X(DISPOSITION_CLEARANCE_REQUIRED, "clearance_required")                                                            \
    X(DISPOSITION_DO_NOT_TREAT, "do_not_treat")                                                                        \
    X(DISPOSITION_REFER_URGENTLY, "refer_urgently")                                                                    \
    X(DISPOSITION_EMERGENCY, "emergency")

#define SEVERITY_LIST(X)                                                                                               \
    X(SEVERITY_CAUTION, "caution")                                                                                     \
    X(SEVERITY_MODIFY, "modify")                                                                                       \
    X(SEVERITY_CLEARANCE, "clearance")                                                                                 \
    X(SEVERITY_ABSOLUTE, "absolute")                                                                                   \
    X(SEVERITY_URGENT, "urgent")                                                                                       \
    X(SEVERITY_EMERGENCY, "emergency")

#define BOOKING_LIST(X)                                                                                                \
    X(BOOKING_BOOK, "book")                                                                                            \
    X(BOOKING_BOOK_WITH_CHANGES, "book_with_changes")                                                                  \
    X(BOOKING_HOLD, "hold")                                                                                            \
    X(BOOKING_REFUSE, "refuse")

#define REGION_LIST(X)                                                                                                 \
    X(REGION_HEAD, "head")                                                                                             \
    X(REGION_FACE, "face")                                                                                             \
    X(REGION_JAW, "jaw")                                                                                               \
    X(REGION_NECK, "neck")                                                                                             \
    X(REGION_SHOULDER, "shoulder")                                                                                     \
    X(REGION_UPPER_ARM, "upper_arm")                                                                                   \
    X(REGION_ELBOW, "elbow")                                                                                           \
    X(REGION_FOREARM, "forearm")                                                                                       \
    X(REGION_WRIST_HAND, "wrist_hand")                                                                                 \
    X(REGION_CHEST, "chest")                                                                                           \
    X(REGION_BREAST, "breast")                                                                                         \
    X(REGION_UPPER_BACK, "upper_back")                                                                                 \
    X(REGION_MID_BACK, "mid_back")                                                                                     \
    X(REGION_LOWER_BACK, "lower_back")                                                                                 \
    X(REGION_ABDOMEN, "abdomen")                                                                                       \
    X(REGION_PELVIS, "pelvis")                                                                                         \
    X(REGION_BUTTOCK, "buttock")                                                                                       \
    X(REGION_HIP, "hip")                                                                                               \
    X(REGION_THIGH, "thigh")                                                                                           \
    X(REGION_KNEE, "knee")                                                                                             \
    X(REGION_CALF, "calf")                                                                                             \
    X(REGION_ANKLE_FOOT, "ankle_foot")                                                                                 \
    X(REGION_WHOLE_BODY, "whole_body")

#define SIDE_LIST(X)                                                                                                   \
    X(SIDE_LEFT, "left")                                                                                               \
    X(SIDE_RIGHT, "right")                                                                                             \
    X(SIDE_BOTH, "both")                                                                                               \
    X(SIDE_MIDLINE, "midline")

#define GOAL_LIST(X)                                                                                                   \
    X(GOAL_PAIN_RELIEF, "pain_relief")                                                                                 \
    X(GOAL_RELAXATION, "relaxation")                                                                                   \
    X(GOAL_STRESS, "stress")                                                                                           \
    X(GOAL_SLEEP, "sleep")                                                                                             \
    X(GOAL_MOBILITY, "mobility")                                                                                       \
    X(GOAL_POSTURE, "posture")                                                                                         \
    X(GOAL_RECOVERY, "recovery")                                                                                       \
    X(GOAL_WELLBEING, "wellbeing")

#define SEX_LIST(X)                                                                                                    \
    X(SEX_FEMALE, "female")                                                                                            \
    X(SEX_MALE, "male")                                                                                                \
    X(SEX_OTHER, "other")                                                                                              \
    X(SEX_UNKNOWN, "unknown")

#define ONSET_LIST(X)                                                                                                  \
    X(ONSET_SUDDEN, "sudden")                                                                                          \
    X(ONSET_GRADUAL, "gradual")

#define CAUSE_LIST(X)                                                                                                  \
    X(CAUSE_STRAIN, "strain")                                                                                          \
    X(CAUSE_POSTURE, "posture")                                                                                        \
    X(CAUSE_OVERUSE, "overuse")                                                                                        \
    X(CAUSE_TRAUMA, "trauma")                                                                                          \
    X(CAUSE_STRESS, "stress")                                                                                          \
    X(CAUSE_UNKNOWN, "unknown")

#define REACTION_LIST(X)                                                                                               \
    X(REACTION_NONE, "none")                                                                                           \
    X(REACTION_SORENESS, "soreness")                                                                                   \
    X(REACTION_BRUISING, "bruising")                                                                                   \
    X(REACTION_DIZZINESS, "dizziness")                                                                                 \
    X(REACTION_WORSE, "worse")                                                                                         \
    X(REACTION_NEUROLOGICAL, "neurological")

#define FINDING_STATE_LIST(X)                                                                                          \
    X(FINDING_PRESENT, "present")                                                                                      \
    X(FINDING_ABSENT, "absent")                                                                                        \
    X(FINDING_UNKNOWN, "unknown")

#define UNLISTED_LIST(X)                                                                                               \
    X(UNLISTED_UNKNOWN, "unknown")                                                                                     \
    X(UNLISTED_ABSENT, "absent")

/* The pressure that a client wishes for; a word's place plus one is its number on the scale of 1 to 5. */
#define PRESSURE_WISH_LIST(X)                                                                                          \
    X(PRESSURE_VERY_LIGHT, "very_light")                                                                               \
    X(PRESSURE_LIGHT, "light")                                                                                         \
    X(PRESSURE_MEDIUM, "medium")                                                                                       \
    X(PRESSURE_FIRM, "firm")                                                                                           \
    X(PRESSURE_DEEP, "deep")

/* Who may give a clearance. All but the guardian are clinicians and fit a rule that a physician may clear (S9). */
#define CLEARER_LIST(X)                                                                                                \
    X(CLEARER_PHYSICIAN, "physician")                                                                                  \
    X(CLEARER_SURGEON, "surgeon")                                                                                      \
    X(CLEARER_ONCOLOGY, "oncology")                                                                                    \
    X(CLEARER_CARDIOLOGY, "cardiology")                                                                                \
    X(CLEARER_HAEMATOLOGY, "haematology")                                                                              \
    X(CLEARER_OBSTETRIC, "obstetric")                                                                                  \
    X(CLEARER_GUARDIAN, "guardian")

#define FACT_KIND_LIST(X)                                                                                              \
    X(FACT_KIND_SYMPTOM, "symptom")                                                                                    \
    X(FACT_KIND_CONDITION, "condition")                                                                                \
    X(FACT_KIND_MEDICATION, "medication")                                                                              \
    X(FACT_KIND_PROCEDURE, "procedure")                                                                                \
    X(FACT_KIND_INJURY, "injury")                                                                                      \
    X(FACT_KIND_DERIVED, "derived")

#define ACUITY_LIST(X)                                                                                                 \
    X(ACUITY_NONE, "none")                                                                                             \
    X(ACUITY_ACUTE, "acute")                                                                                           \
    X(ACUITY_SUBACUTE, "subacute")                                                                                     \
    X(ACUITY_CHRONIC, "chronic")

#define CERTAINTY_LIST(X)                                                                                              \
    X(CERTAINTY_HIGH, "high")                                                                                          \
    X(CERTAINTY_MODERATE, "moderate")                                                                                  \
    X(CERTAINTY_LOW, "low")                                                                                            \
    X(CERTAINTY_VERY_LOW, "very_low")                                                                                  \
    X(CERTAINTY_EXPERT, "expert")

/* What a technique may bring with it. Rules' targets read these; `essential` traits are what it cannot lose. */
#define TRAIT_LIST(X)                                                                                                  \
    X(TRAIT_HEAT, "heat")                                                                                              \
    X(TRAIT_STRETCH, "stretch")                                                                                        \
    X(TRAIT_JOINT_MOBILISATION, "joint_mobilisation")                                                                  \
    X(TRAIT_THRUST, "thrust")                                                                                          \
    X(TRAIT_SKIN_FRICTION, "skin_friction")                                                                            \
    X(TRAIT_OIL, "oil")                                                                                                \
    X(TRAIT_VIBRATION, "vibration")                                                                                    \
    X(TRAIT_SCENT, "scent")                                                                                            \
    X(TRAIT_PRONE, "prone")                                                                                            \
    X(TRAIT_SELF_APPLIED, "self_applied")                                                                              \
    X(TRAIT_NEEDS_UNDRESS, "needs_undress")

/* What re-planning does with a course (S15). */
#define REPLAN_ACTION_LIST(X)                                                                                          \
    X(REPLAN_STOP_REFER, "stop_refer")                                                                                 \
    X(REPLAN_PAUSE_REFER, "pause_refer")                                                                               \
    X(REPLAN_LIGHTEN, "lighten")                                                                                       \
    X(REPLAN_CHANGE_TECHNIQUE, "change_technique")                                                                     \
    X(REPLAN_NEW_INTAKE, "new_intake")                                                                                 \
    X(REPLAN_BOOSTER, "booster")                                                                                       \
    X(REPLAN_FINISH, "finish")                                                                                         \
    X(REPLAN_TAPER, "taper")                                                                                           \
    X(REPLAN_CONTINUE_ONCE, "continue_once")                                                                           \
    X(REPLAN_RESTART_PHASE, "restart_phase")                                                                           \
    X(REPLAN_CONTINUE, "continue")

/* Every list above, with the stem of its functions and its count. */
#define VOCABULARY_LIST(V)                                                                                             \
    V(verdict, VERDICT)                                                                                                \
    V(disposition, DISPOSITION)                                                                                        \
    V(severity, SEVERITY)                                                                                              \
    V(booking, BOOKING)                                                                                                \
    V(region, REGION)                                                                                                  \
    V(side, SIDE)                                                                                                      \
    V(goal, GOAL)                                                                                                      \
    V(sex, SEX)                                                                                                        \
    V(onset, ONSET)                                                                                                    \
    V(cause, CAUSE)                                                                                                    \
    V(reaction, REACTION)                                                                                              \
    V(finding_state, FINDING_STATE)                                                                                    \
    V(unlisted, UNLISTED)                                                                                              \
    V(pressure_wish, PRESSURE_WISH)                                                                                    \
    V(clearer, CLEARER)                                                                                                \
    V(fact_kind, FACT_KIND)                                                                                            \
    V(acuity, ACUITY)                                                                                                  \
    V(certainty, CERTAINTY)                                                                                            \
    V(trait, TRAIT)                                                                                                    \
    V(replan_action, REPLAN_ACTION)

#define X(id, wire_name) id,
enum verdict { VERDICT_LIST(X) VERDICT_COUNT_ };
enum disposition { DISPOSITION_LIST(X) DISPOSITION_COUNT_ };
enum severity { SEVERITY_LIST(X) SEVERITY_COUNT_ };
enum booking { BOOKING_LIST(X) BOOKING_COUNT_ };
enum region { REGION_LIST(X) REGION_COUNT_ };
enum side { SIDE_LIST(X) SIDE_COUNT_ };
enum goal { GOAL_LIST(X) GOAL_COUNT_ };
enum sex { SEX_LIST(X) SEX_COUNT_ };
enum onset { ONSET_LIST(X) ONSET_COUNT_ };
enum cause { CAUSE_LIST(X) CAUSE_COUNT_ };
enum reaction { REACTION_LIST(X) REACTION_COUNT_ };
enum finding_state { FINDING_STATE_LIST(X) FINDING_STATE_COUNT_ };
enum unlisted { UNLISTED_LIST(X) UNLISTED_COUNT_ };
enum pressure_wish { PRESSURE_WISH_LIST(X) PRESSURE_WISH_COUNT_ };
enum clearer { CLEARER_LIST(X) CLEARER_COUNT_ };
enum fact_kind { FACT_KIND_LIST(X) FACT_KIND_COUNT_ };
enum acuity { ACUITY_LIST(X) ACUITY_COUNT_ };
enum certainty { CERTAINTY_LIST(X) CERTAINTY_COUNT_ };
enum trait { TRAIT_LIST(X) TRAIT_COUNT_ };
enum replan_action { REPLAN_ACTION_LIST(X) REPLAN_ACTION_COUNT_ };
#undef X

/* For every vocabulary `v`: the wire name of a member, and the member of a wire name (false if there is none). */
#define V(stem, prefix)                                                                                                \
    struct str stem##_name(enum stem member) PURE;                                                                     \
    bool stem##_from_name(struct str name, enum stem *ret_member);
VOCABULARY_LIST(V)
#undef V

/* A vocabulary as data, for reading a member by its list of names: see wire/. */
struct vocabulary {
    const char *title;
    const struct str *names;
    size_t n;
};
#define V(stem, prefix) extern const struct vocabulary stem##_vocabulary;
VOCABULARY_LIST(V)
#undef V
/* The place of `name` in the vocabulary, or -1. */
int vocabulary_find(const struct vocabulary *v, struct str name) PURE;

/* Attributes of a finding. Values are whole numbers: days since 1970-01-01 for dates, members of the region and
 * side vocabularies, 0 and 1 for booleans. `person` marks what belongs to the person rather than to one finding
 * (S3). Upper bounds are those of the contract (severity and pain on the numeric rating scale, weeks of gestation,
 * grades) or, where it has none, wide enough for any real reading and narrow enough for safe arithmetic. */
enum value_type { VALUE_INTEGER, VALUE_BOOLEAN, VALUE_DATE, VALUE_REGION, VALUE_SIDE };
/*    id                     wire name          type           min  max    person  unit */
#define ATTRIBUTE_LIST(X)                                                                                              \
    X(ATTR_DATE, "date", VALUE_DATE, 0, 0, false, "")                                                                  \
    X(ATTR_REGION, "region", VALUE_REGION, 0, REGION_COUNT_ - 1, false, "")                                            \
    X(ATTR_SIDE, "side", VALUE_SIDE, 0, SIDE_COUNT_ - 1, false, "")                                                    \
    X(ATTR_SEVERITY, "severity", VALUE_INTEGER, 0, 10, false, "numeric rating scale")                                  \
    X(ATTR_GRADE, "grade", VALUE_INTEGER, 1, 5, false, "")                                                             \
    X(ATTR_CONTROLLED, "controlled", VALUE_BOOLEAN, 0, 1, true, "")                                                    \
    X(ATTR_GESTATION_WEEKS, "gestation_weeks", VALUE_INTEGER, 0, 45, true, "weeks")                                    \
    X(ATTR_STAGE, "stage", VALUE_INTEGER, 0, 10, true, "")                                                             \
    X(ATTR_SYSTOLIC, "systolic", VALUE_INTEGER, 0, 400, true, "mmHg")                                                  \
    X(ATTR_DIASTOLIC, "diastolic", VALUE_INTEGER, 0, 300, true, "mmHg")                                                \
    X(ATTR_PLATELETS, "platelets", VALUE_INTEGER, 0, 10000, true, "10^9/L")

#define X(id, wire_name, type, min, max, person, unit) id,
enum attribute { ATTRIBUTE_LIST(X) ATTR_COUNT_ };
#undef X

struct attribute_info {
    struct str name;
    enum value_type type;
    int32_t min, max;
    bool person;
    struct str unit;
};
extern const struct attribute_info attribute_table[ATTR_COUNT_];
bool attribute_from_name(struct str name, enum attribute *ret_attribute);

/* Modifications of a session. `type` is that of the value; `part` marks those that may hold for a part of the body
 * only (S10); `takes` is the trait that the modification takes from a technique, or TRAIT_COUNT_. */
enum mod_type { MOD_NUMBER, MOD_FLAG, MOD_OPTION, MOD_PLACE };
/*    id                        wire name             type        part   takes */
#define MOD_LIST(X)                                                                                                    \
    X(MOD_MAX_PRESSURE, "max_pressure", MOD_NUMBER, true, TRAIT_COUNT_)                                                \
    X(MOD_MAX_MINUTES, "max_minutes", MOD_NUMBER, false, TRAIT_COUNT_)                                                 \
    X(MOD_AVOID_REGION, "avoid_region", MOD_PLACE, false, TRAIT_COUNT_)                                                \
    X(MOD_AVOID_AREA, "avoid_area", MOD_OPTION, false, TRAIT_COUNT_)                                                   \
    X(MOD_POSITION, "position", MOD_OPTION, false, TRAIT_COUNT_)                                                       \
    X(MOD_NO_HEAT, "no_heat", MOD_FLAG, true, TRAIT_HEAT)                                                              \
    X(MOD_NO_STRETCH, "no_stretch", MOD_FLAG, true, TRAIT_STRETCH)                                                     \
    X(MOD_NO_JOINT_MOBILISATION, "no_joint_mobilisation", MOD_FLAG, true, TRAIT_JOINT_MOBILISATION)                    \
    X(MOD_NO_THRUST, "no_thrust", MOD_FLAG, true, TRAIT_THRUST)                                                        \
    X(MOD_NO_VIBRATION, "no_vibration", MOD_FLAG, true, TRAIT_VIBRATION)                                               \
    X(MOD_NO_SKIN_FRICTION, "no_skin_friction", MOD_FLAG, true, TRAIT_SKIN_FRICTION)                                   \
    X(MOD_NO_OIL, "no_oil", MOD_FLAG, true, TRAIT_OIL)                                                                 \
    X(MOD_PLAIN_OIL_ONLY, "plain_oil_only", MOD_FLAG, true, TRAIT_COUNT_)                                              \
    X(MOD_NO_NUT_OIL, "no_nut_oil", MOD_FLAG, false, TRAIT_COUNT_)                                                     \
    X(MOD_NO_SCENT, "no_scent", MOD_FLAG, false, TRAIT_SCENT)                                                          \
    X(MOD_NO_LATEX, "no_latex", MOD_FLAG, false, TRAIT_COUNT_)                                                         \
    X(MOD_PATCH_TEST, "patch_test", MOD_FLAG, false, TRAIT_COUNT_)                                                     \
    X(MOD_HYGIENE, "hygiene", MOD_OPTION, false, TRAIT_COUNT_)                                                         \
    X(MOD_KEEP_WARM, "keep_warm", MOD_FLAG, false, TRAIT_COUNT_)                                                       \
    X(MOD_SLOW_RISE, "slow_rise", MOD_FLAG, false, TRAIT_COUNT_)                                                       \
    X(MOD_ASSIST_TRANSFER, "assist_transfer", MOD_FLAG, false, TRAIT_COUNT_)                                           \
    X(MOD_STEPWISE_CONSENT, "stepwise_consent", MOD_FLAG, false, TRAIT_COUNT_)                                         \
    X(MOD_THERAPIST_TRAINED, "therapist_trained", MOD_OPTION, false, TRAIT_COUNT_)

#define X(id, wire_name, type, part, takes) id,
enum mod_kind { MOD_LIST(X) MOD_COUNT_ };
#undef X

struct mod_info {
    struct str name;
    enum mod_type type;
    bool part;
    enum trait takes;
};
extern const struct mod_info mod_table[MOD_COUNT_];
bool mod_kind_from_name(struct str name, enum mod_kind *ret_kind);

/* Bounds of the contract. */
enum {
    AGE_YEARS_MAX = 130,
    PAIN_MAX = 10,
    PRESSURE_MIN = 1,
    PRESSURE_MAX = 5,
    DURATION_DAYS_MAX = 36525,
    SESSION_MINUTES_MAX = 480,
    /* Sessions a week are counted in hundredths, so that one a month (0.25) is exact. */
    PER_WEEK_SCALE = 100,
    PER_WEEK_MAX = 14,
    PER_WEEK_STEPS_MAX = PER_WEEK_MAX * PER_WEEK_SCALE,
    DAYS_PER_WEEK = 7,
};

#endif
