/* Shared by the files of decide/ that plan a course. */
#ifndef PALPATE_DECIDE_COURSE_PRIV_H
#define PALPATE_DECIDE_COURSE_PRIV_H

#include "decide/decide_priv.h"

struct planning {
    struct judge *j;
    struct decision *d;
    const struct adjustment **adjustments; /* those that are true, in order */
    size_t n_adjustments;
    const struct course *course;
    const struct course_words *words; /* the course's */
    uint32_t technique;
    const struct joined *rules; /* the technique's modifications */
    bool fresh;                 /* a new or restarted course: its first session has limits of its own */
    bool fresh_pressure_only;   /* a phase taken up again: only the pressure */
    uint32_t focus;             /* bit per region */
    int32_t pressure_delta, minutes_percent, per_week_cap;
    bool wish_lengthened;
    bool wishes_aside;
    int32_t dose_minutes, dose_per_week; /* what a dose check raises the plan to; 0: nothing */
    struct course_plan *plan;
};

/* The course in force with its technique, or the one for home when none of its techniques may be used (S13). */
bool choose(struct planning *p);
/* May this technique be used for a course? */
bool usable(const struct planning *p, uint32_t technique);
/* The first technique in order that is usable and not in `except`, or NOT_GIVEN (S13). */
int first_usable(const struct planning *p, const struct course *c, uint64_t except);

/* The regions the course works on; false when the rules leave none (S14). */
bool set_focus(struct planning *p);
/* Plans `n` phases within all limits (S14). */
void add_phases(struct planning *p, const struct phase *phases, const struct phase_words *said, uint32_t n);
/* What limits leave of a planned length and frequency; `sessions_before` as counted from the start of the course. */
int32_t phase_minutes(const struct planning *p, int32_t planned, int32_t sessions_before);
int32_t phase_per_week(struct planning *p, int32_t planned);
/* Lowers the length and pressure of a session to what another technique and its modifications allow; false when
 * memory is out. */
bool hold_session_to(const struct planning *p, uint32_t technique, int32_t *minutes, int32_t *pressure) MUST_USE;
/* Suggests a day for each session; false when memory is out. */
bool set_dates(struct planning *p) MUST_USE;
void drop_from_the_end(struct planning *p);
void drop_last_session(struct course_plan *plan);
int32_t total_sessions(const struct course_plan *plan);
int32_t total_weeks(const struct course_plan *plan);
/* `a`, but no more than a cap that may be NOT_GIVEN. */
static inline int32_t lower(int32_t a, int32_t cap)
{
    return cap != NOT_GIVEN && cap < a ? cap : a;
}

/* What re-planning changes before the phases are planned (S15). */
void read_changes(struct planning *p);
/* Would a dose check raise the plan, were it given by this technique? */
bool dose_can_rise(struct planning *p, const struct replan_rule *r, uint32_t technique);
/* What is left to do of the plan; false when the course is completed. */
bool replan(struct planning *p);

/* What the plan says to the client (S14, S15); false when memory is out. */
bool set_texts(struct planning *p) MUST_USE;

#endif
