/* What conditions read of a person beside facts: sex, age, pain, complaints, courses and sessions (S7, S13, S15). */
#include "rules/conditions.h"

/* ---- sex, age, pain, goals (S7) --------------------------------------------------------------------------- */

static void reads_variables(void **state)
{
    static const struct row rows[] = {
        { "{'==': [{'var': 'sex'}, 'male']}", "sex male", TRI_YES },
        { "{'==': [{'var': 'sex'}, 'male']}", "sex female", TRI_NO },
        { "{'==': [{'var': 'sex'}, 'male']}", "sex other", TRI_NO },
        { "{'==': [{'var': 'sex'}, 'male']}", "sex unknown", TRI_UNKNOWN },
        { "{'==': [{'var': 'sex'}, 'male']}", "", TRI_UNKNOWN },
        { "{'!=': [{'var': 'sex'}, 'male']}", "sex male", TRI_NO },
        { "{'!=': [{'var': 'sex'}, 'male']}", "sex female", TRI_YES },
        { "{'!=': [{'var': 'sex'}, 'male']}", "sex other", TRI_YES },
        { "{'!=': [{'var': 'sex'}, 'male']}", "", TRI_UNKNOWN },
        { "{'!': {'==': [{'var': 'sex'}, 'male']}}", "sex other", TRI_YES },
        { "{'!': {'==': [{'var': 'sex'}, 'male']}}", "sex male", TRI_NO },
        { "{'!': {'==': [{'var': 'sex'}, 'male']}}", "", TRI_UNKNOWN },
        { "{'!': {'!=': [{'var': 'sex'}, 'male']}}", "sex male", TRI_YES },
        { "{'in': [{'var': 'sex'}, ['male', 'other']]}", "sex other", TRI_YES },
        { "{'in': [{'var': 'sex'}, ['male', 'other']]}", "sex female", TRI_NO },
        { "{'in': [{'var': 'sex'}, ['male', 'other']]}", "", TRI_UNKNOWN },
        { "{'!': {'in': [{'var': 'sex'}, ['male', 'other']]}}", "sex female", TRI_YES },
        { "{'<': [{'var': 'age_years'}, 18]}", "age 17", TRI_YES },
        { "{'<': [{'var': 'age_years'}, 18]}", "age 18", TRI_NO },
        { "{'<=': [{'var': 'age_years'}, 18]}", "age 18", TRI_YES },
        { "{'<=': [{'var': 'age_years'}, 18]}", "age 19", TRI_NO },
        { "{'>': [{'var': 'age_years'}, 18]}", "age 19", TRI_YES },
        { "{'>': [{'var': 'age_years'}, 18]}", "age 18", TRI_NO },
        { "{'>=': [{'var': 'age_years'}, 18]}", "age 18", TRI_YES },
        { "{'>=': [{'var': 'age_years'}, 18]}", "age 17", TRI_NO },
        { "{'==': [{'var': 'age_years'}, 0]}", "age 0", TRI_YES },
        { "{'!=': [{'var': 'age_years'}, 40]}", "age 40", TRI_NO },
        { "{'!=': [{'var': 'age_years'}, 40]}", "age 41", TRI_YES },
        { "{'!': {'!=': [{'var': 'age_years'}, 40]}}", "age 40", TRI_YES },
        { "{'!': {'<': [{'var': 'age_years'}, 18]}}", "age 18", TRI_YES },
        { "{'in': ['sleep', {'var': 'goals'}]}", "goal sleep", TRI_YES },
        { "{'in': ['sleep', {'var': 'goals'}]}", "", TRI_NO }, /* never unknown */
        { "{'!': {'in': ['sleep', {'var': 'goals'}]}}", "", TRI_YES },
        { "{'in': ['sudden', {'var': 'onset_any'}]}", "complaint neck; complaint jaw onset sudden", TRI_YES },
        { "{'in': ['sudden', {'var': 'onset_any'}]}", "complaint neck onset gradual", TRI_NO },
        { "{'in': ['sudden', {'var': 'onset_any'}]}", "complaint neck", TRI_NO },
        { "{'in': ['trauma', {'var': 'cause_any'}]}", "complaint neck cause trauma", TRI_YES },
        { "{'in': ['trauma', {'var': 'cause_any'}]}", "complaint neck", TRI_NO },
        { "{'!': {'in': ['trauma', {'var': 'cause_any'}]}}", "complaint neck", TRI_YES },
        { "{'in': ['unknown', {'var': 'cause_any'}]}", "complaint neck cause unknown", TRI_YES },
    };
    (void)state;
    check_rows(rows, ARRAY_LEN(rows));
}

/* pain_max lies between the highest pain given and, where one is missing, 10. */
static void bounds_the_strongest_pain(void **state)
{
    static const struct {
        const char *line;
        int32_t low, high;
    } persons[] = {
        { "", 0, 0 },
        { "complaint neck pain 5", 5, 5 },
        { "complaint neck pain 0", 0, 0 },
        { "complaint neck pain 5; complaint jaw pain 3", 5, 5 },
        { "complaint neck", 0, 10 },
        { "complaint neck pain 5; complaint jaw", 5, 10 },
        { "complaint neck; complaint jaw pain 10", 10, 10 },
    };
    char text[OPS * CONSTANTS * 2][80];
    const char *when[OPS * CONSTANTS * 2];
    (void)state;
    for (int i = 0; i < OPS * CONSTANTS; i++) {
        (void)snprintf(text[2 * i], 80, "{'%s': [{'var': 'pain_max'}, %d]}", op_name[i / CONSTANTS],
                       constants[i % CONSTANTS]);
        (void)snprintf(text[2 * i + 1], 80, "{'!': [{'%s': [{'var': 'pain_max'}, %d]}]}", op_name[i / CONSTANTS],
                       constants[i % CONSTANTS]);
        when[2 * i] = text[2 * i];
        when[2 * i + 1] = text[2 * i + 1];
    }
    struct catalogue *cat = catalogue_with(when, ARRAY_LEN(when));
    for (size_t p = 0; p < ARRAY_LEN(persons); p++) {
        struct taken t;
        take_in(&t, cat, persons[p].line);
        assert_int_equal(t.in.pain_low, persons[p].low);
        assert_int_equal(t.in.pain_high, persons[p].high);
        for (int i = 0; i < OPS * CONSTANTS; i++) {
            bool yes = false, no = false;
            for (int32_t pain = persons[p].low; pain <= persons[p].high; pain++) {
                bool r = passes(i / CONSTANTS, pain, constants[i % CONSTANTS]);
                yes |= r;
                no |= !r;
            }
            enum tri want = yes && no ? TRI_UNKNOWN : yes ? TRI_YES : TRI_NO;
            assert_tri(eval(&t.in, cat->rules[2 * i].when), want, when[2 * i], persons[p].line);
            assert_tri(eval(&t.in, cat->rules[2 * i + 1].when), other(want), when[2 * i + 1], persons[p].line);
        }
        taken_done(&t);
    }
    catalogue_unref(cat);
}

/* Several tests on pains that were not given: one choice of the pains must pass them all. */
static void weighs_missing_pains_together(void **state)
{
#define SEVERE(region) "{'in': ['" region "', {'var': 'severe_complaint_regions'}]}"
#define PAIN(op, k)    "{'" op "': [{'var': 'pain_max'}, " k "]}"
    static const struct row rows[] = {
        { "{'and': [" SEVERE("neck") ", " PAIN("<", "7") "]}", "complaint neck", TRI_NO },
        { "{'and': [" SEVERE("neck") ", " PAIN("<", "8") "]}", "complaint neck", TRI_UNKNOWN },
        { "{'and': [" SEVERE("neck") ", " PAIN("<=", "7") "]}", "complaint neck", TRI_UNKNOWN },
        { "{'and': [" SEVERE("neck") ", {'!': " PAIN(">=", "7") "}]}", "complaint neck", TRI_NO },
        { "{'and': [" SEVERE("neck") ", {'!': " PAIN(">=", "8") "}]}", "complaint neck", TRI_UNKNOWN },
        { "{'and': [" SEVERE("neck") ", " PAIN("==", "3") "]}", "complaint neck", TRI_NO },
        { "{'and': [" SEVERE("neck") ", {'!': " PAIN("!=", "3") "}]}", "complaint neck", TRI_NO },
        { "{'and': [" SEVERE("neck") ", {'!': " PAIN("!=", "9") "}]}", "complaint neck", TRI_UNKNOWN },
        { "{'and': [{'!': " SEVERE("neck") "}, " PAIN(">=", "7") "]}", "complaint neck", TRI_NO },
        { "{'and': [{'!': " SEVERE("neck") "}, " PAIN(">=", "6") "]}", "complaint neck", TRI_UNKNOWN },
        { "{'and': [{'!': " SEVERE("neck") "}, " PAIN(">=", "7") "]}", "complaint neck; complaint jaw", TRI_UNKNOWN },
        { "{'and': [{'!': " SEVERE("neck") "}, " PAIN(">=", "7") "]}", "complaint neck; complaint jaw pain 8",
          TRI_UNKNOWN },
        { "{'and': [{'!': " SEVERE("neck") "}, " PAIN(">=", "9") "]}", "complaint neck; complaint jaw pain 8", TRI_NO },
        { "{'and': [" SEVERE("neck") ", {'!': " SEVERE("jaw") "}]}", "complaint neck; complaint jaw", TRI_UNKNOWN },
        { "{'and': [" SEVERE("neck") ", {'!': " SEVERE("neck") "}]}", "complaint neck", TRI_NO },
        { "{'and': [" SEVERE("neck") ", {'!': " SEVERE("neck") "}]}", "complaint neck; complaint neck", TRI_NO },
        { "{'and': [" SEVERE("neck") ", " SEVERE("jaw") "]}", "complaint neck; complaint jaw", TRI_UNKNOWN },
        { "{'and': [" SEVERE("neck") ", " SEVERE("jaw") "]}", "complaint neck; complaint jaw pain 6", TRI_NO },
        { "{'and': [" SEVERE("neck") ", " SEVERE("jaw") ", " PAIN("<", "7") "]}", "complaint neck; complaint jaw",
          TRI_NO },
        { "{'and': [" PAIN(">", "3") ", " PAIN("<", "5") "]}", "complaint neck", TRI_UNKNOWN },
        { "{'and': [" PAIN(">", "3") ", " PAIN("<", "4") "]}", "complaint neck", TRI_NO },
        { "{'and': [" PAIN(">", "3") ", " PAIN("<", "5") ", " PAIN("!=", "4") "]}", "complaint neck", TRI_NO },
        { "{'and': [" PAIN(">", "3") ", " PAIN("<", "6") ", " PAIN("!=", "4") "]}", "complaint neck", TRI_UNKNOWN },
        { "{'and': [" PAIN("<", "6") ", " PAIN("<", "9") "]}", "complaint neck; complaint jaw pain 6", TRI_NO },
        { "{'and': [" PAIN("<", "0") ", " PAIN("<", "9") "]}", "complaint neck", TRI_NO },
        { "{'and': [{'var': 'a'}, " PAIN(">", "3") ", " PAIN("<", "9") "]}", "maybe a; complaint neck pain 5",
          TRI_UNKNOWN },
    };
    (void)state;
    check_rows(rows, ARRAY_LEN(rows));
}

/* ---- lists of complaint regions (S7) ---------------------------------------------------------------------- */

static void lists_regions_of_complaints(void **state)
{
    static const struct {
        const char *list, *complaint;
        enum tri want;
    } rows[] = {
        { "complaint", "complaint neck", TRI_YES },
        { "complaint", "complaint jaw", TRI_NO },
        { "complaint", "", TRI_NO },
        { "complaint", "complaint jaw; complaint neck side left", TRI_YES },
        { "acute_complaint", "complaint neck days 0", TRI_YES },
        { "acute_complaint", "complaint neck days 41", TRI_YES },
        { "acute_complaint", "complaint neck days 42", TRI_NO },
        { "acute_complaint", "complaint neck", TRI_YES },
        { "acute_complaint", "complaint neck days 42; complaint jaw days 3", TRI_NO },
        { "acute_complaint", "complaint neck days 42; complaint neck days 3", TRI_YES },
        { "recent_complaint", "complaint neck days 84", TRI_YES },
        { "recent_complaint", "complaint neck days 85", TRI_NO },
        { "recent_complaint", "complaint neck", TRI_YES },
        { "lasting_complaint", "complaint neck days 29", TRI_NO },
        { "lasting_complaint", "complaint neck days 30", TRI_YES },
        { "lasting_complaint", "complaint neck days 365", TRI_YES },
        { "lasting_complaint", "complaint neck days 366", TRI_NO },
        { "lasting_complaint", "complaint neck", TRI_YES },
        { "sudden_complaint", "complaint neck onset sudden", TRI_YES },
        { "sudden_complaint", "complaint neck onset gradual", TRI_NO },
        { "sudden_complaint", "complaint neck", TRI_NO },
        { "moderate_complaint", "complaint neck pain 3", TRI_NO },
        { "moderate_complaint", "complaint neck pain 4", TRI_YES },
        { "moderate_complaint", "complaint neck pain 10", TRI_YES },
        { "moderate_complaint", "complaint neck", TRI_YES },
        { "severe_complaint", "complaint neck pain 6", TRI_NO },
        { "severe_complaint", "complaint neck pain 7", TRI_YES },
        { "severe_complaint", "complaint neck", TRI_UNKNOWN },
        { "severe_complaint", "complaint jaw", TRI_NO },
        { "severe_complaint", "complaint neck; complaint neck pain 7", TRI_YES },
        { "severe_complaint", "complaint neck; complaint neck pain 6", TRI_UNKNOWN },
        { "unexplained_complaint", "complaint neck cause unknown", TRI_YES },
        { "unexplained_complaint", "complaint neck cause stress", TRI_YES },
        { "unexplained_complaint", "complaint neck cause posture", TRI_NO },
        { "unexplained_complaint", "complaint neck", TRI_YES },
        { "traumatic_complaint", "complaint neck cause trauma", TRI_YES },
        { "traumatic_complaint", "complaint neck cause strain", TRI_NO },
        { "traumatic_complaint", "complaint neck", TRI_NO },
    };
    char text[ARRAY_LEN(rows) * 2][96];
    struct row all[ARRAY_LEN(rows) * 2];
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        (void)snprintf(text[2 * i], 96, "{'in': ['neck', {'var': '%s_regions'}]}", rows[i].list);
        (void)snprintf(text[2 * i + 1], 96, "{'!': {'in': ['neck', {'var': '%s_regions'}]}}", rows[i].list);
        all[2 * i] = (struct row){ text[2 * i], rows[i].complaint, rows[i].want };
        all[2 * i + 1] = (struct row){ text[2 * i + 1], rows[i].complaint, other(rows[i].want) };
    }
    check_rows(all, ARRAY_LEN(all));
}

/* A list may bound pain and days from both sides, and ask for several things at once. */
static void joins_the_tests_of_a_list(void **state)
{
    static const struct complaint_list l = { .pain_min = 3,
                                             .pain_max = 5,
                                             .days_min = 10,
                                             .days_max = 20,
                                             .onsets = 1u << ONSET_SUDDEN,
                                             .causes = 1u << CAUSE_STRAIN,
                                             .not_given = TRI_YES };
    static const struct {
        struct complaint c;
        enum tri want, want_if_not_counted;
    } rows[] = {
        { { .pain = 3, .duration_days = 10, .onset = ONSET_SUDDEN, .cause = CAUSE_STRAIN }, TRI_YES, TRI_YES },
        { { .pain = 5, .duration_days = 20, .onset = ONSET_SUDDEN, .cause = CAUSE_STRAIN }, TRI_YES, TRI_YES },
        { { .pain = 2, .duration_days = 10, .onset = ONSET_SUDDEN, .cause = CAUSE_STRAIN }, TRI_NO, TRI_NO },
        { { .pain = 6, .duration_days = 10, .onset = ONSET_SUDDEN, .cause = CAUSE_STRAIN }, TRI_NO, TRI_NO },
        { { .pain = 3, .duration_days = 9, .onset = ONSET_SUDDEN, .cause = CAUSE_STRAIN }, TRI_NO, TRI_NO },
        { { .pain = 3, .duration_days = 21, .onset = ONSET_SUDDEN, .cause = CAUSE_STRAIN }, TRI_NO, TRI_NO },
        { { .pain = 3, .duration_days = 10, .onset = ONSET_GRADUAL, .cause = CAUSE_STRAIN }, TRI_NO, TRI_NO },
        { { .pain = 3, .duration_days = 10, .onset = ONSET_SUDDEN, .cause = CAUSE_POSTURE }, TRI_NO, TRI_NO },
        { { .pain = -1, .duration_days = 10, .onset = ONSET_SUDDEN, .cause = CAUSE_STRAIN }, TRI_YES, TRI_NO },
        { { .pain = 3, .duration_days = -1, .onset = ONSET_SUDDEN, .cause = CAUSE_STRAIN }, TRI_YES, TRI_NO },
        { { .pain = 3, .duration_days = 10, .onset = -1, .cause = CAUSE_STRAIN }, TRI_YES, TRI_NO },
        { { .pain = 3, .duration_days = 10, .onset = ONSET_SUDDEN, .cause = -1 }, TRI_YES, TRI_NO },
        { { .pain = -1, .duration_days = 9, .onset = -1, .cause = -1 }, TRI_NO, TRI_NO },
    };
    struct complaint_list strict = l, from_below = l, from_above = l;
    (void)state;
    strict.not_given = TRI_NO;
    from_below.pain_max = from_below.days_max = NOT_GIVEN;
    from_above.pain_min = from_above.days_min = NOT_GIVEN;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_int_equal(complaint_in_list(&l, &rows[i].c), rows[i].want);
        assert_int_equal(complaint_in_list(&strict, &rows[i].c), rows[i].want_if_not_counted);
    }
    struct complaint c = rows[0].c;
    c.pain = 10;
    c.duration_days = 30000;
    assert_int_equal(complaint_in_list(&from_below, &c), TRI_YES);
    c.pain = 0;
    c.duration_days = 0;
    assert_int_equal(complaint_in_list(&from_above, &c), TRI_YES);
    assert_int_equal(complaint_in_list(&from_below, &c), TRI_NO);
}

/* ---- courses, adjustments, re-planning -------------------------------------------------------------------- */

/* What was not given satisfies no comparison, so that its negation is satisfied. */
static void reads_variables_of_courses(void **state)
{
    static const struct row rows[] = {
        { "{'==': [{'var': 'acuity'}, 'none']}", "complaint neck", TRI_YES },
        { "{'==': [{'var': 'acuity'}, 'acute']}", "complaint neck days 41", TRI_YES },
        { "{'==': [{'var': 'acuity'}, 'subacute']}", "complaint neck days 42", TRI_YES },
        { "{'==': [{'var': 'acuity'}, 'subacute']}", "complaint neck days 84", TRI_YES },
        { "{'==': [{'var': 'acuity'}, 'chronic']}", "complaint neck days 85", TRI_YES },
        { "{'==': [{'var': 'acuity'}, 'chronic']}", "complaint neck days 85; complaint jaw days 1", TRI_YES },
        { "{'in': [{'var': 'acuity'}, ['subacute', 'none']]}", "complaint neck days 60", TRI_YES },
        { "{'in': [{'var': 'acuity'}, ['subacute', 'none']]}", "complaint neck days 1", TRI_NO },
        { "{'!=': [{'var': 'acuity'}, 'chronic']}", "complaint neck days 1", TRI_YES },
        { "{'>=': [{'var': 'duration_days_max'}, 10]}", "complaint neck days 10; complaint jaw days 3", TRI_YES },
        { "{'>=': [{'var': 'duration_days_max'}, 10]}", "complaint neck days 9", TRI_NO },
        { "{'>=': [{'var': 'duration_days_max'}, 0]}", "complaint neck", TRI_NO },
        { "{'<': [{'var': 'duration_days_max'}, 10]}", "complaint neck", TRI_NO },
        { "{'!=': [{'var': 'duration_days_max'}, 10]}", "complaint neck", TRI_NO },
        { "{'!': {'<': [{'var': 'duration_days_max'}, 10]}}", "complaint neck", TRI_YES },
        { "{'var': 'regions_over_two'}", "complaint neck; complaint jaw", TRI_NO },
        { "{'var': 'regions_over_two'}", "complaint neck; complaint jaw; complaint neck", TRI_NO },
        { "{'var': 'regions_over_two'}", "complaint neck; complaint jaw; complaint hip", TRI_YES },
        { "{'==': [{'var': 'regions_over_two'}, true]}", "complaint neck; complaint jaw; complaint hip", TRI_YES },
        { "{'!': {'var': 'regions_over_two'}}", "complaint neck", TRI_YES },
        { "{'var': 'has_technique_wish'}", "wish soft", TRI_YES },
        { "{'var': 'has_technique_wish'}", "", TRI_NO },
        { "{'==': [{'var': 'has_technique_wish'}, false]}", "", TRI_YES },
        { "{'>': [{'var': 'preferences.session_minutes'}, 30]}", "minutes 31", TRI_YES },
        { "{'>': [{'var': 'preferences.session_minutes'}, 30]}", "minutes 30", TRI_NO },
        { "{'>': [{'var': 'preferences.session_minutes'}, 0]}", "", TRI_NO },
        { "{'<=': [{'var': 'preferences.sessions_per_week_max'}, 0.5]}", "week 0.5", TRI_YES },
        { "{'<': [{'var': 'preferences.sessions_per_week_max'}, 0.5]}", "week 0.5", TRI_NO },
        { "{'<': [{'var': 'preferences.sessions_per_week_max'}, 2]}", "week 1", TRI_YES },
        { "{'==': [{'var': 'preferences.pressure'}, 'firm']}", "pressure firm", TRI_YES },
        { "{'!=': [{'var': 'preferences.pressure'}, 'firm']}", "pressure deep", TRI_YES },
        { "{'!=': [{'var': 'preferences.pressure'}, 'firm']}", "", TRI_NO },
        { "{'in': [{'var': 'preferences.pressure'}, ['firm', 'deep']]}", "pressure light", TRI_NO },
        { "{'and': [{'var': 'a'}, {'>=': [{'var': 'age_years'}, 40]}]}", "has a", TRI_YES },
        { "{'in': ['neck', {'var': 'severe_complaint_regions'}]}", "complaint neck", TRI_UNKNOWN },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char text[256];
        struct taken t;
        (void)snprintf(text, sizeof(text), "[{'id': 'c', 'when': %s}]", rows[i].when);
        struct catalogue *cat = catalogue_of((struct parts){ .facts = facts, .courses = text, .adjustments = text });
        take_in(&t, cat, rows[i].line);
        assert_tri(eval(&t.in, cat->courses[0].when), rows[i].want, rows[i].when, rows[i].line);
        assert_tri(eval(&t.in, cat->adjustments[0].when), rows[i].want, rows[i].when, rows[i].line);
        taken_done(&t);
        catalogue_unref(cat);
    }
}

/* Readings of progress, also compared with each other. */
static void reads_variables_of_replanning(void **state)
{
    enum { NONE = VALUE_MISSING };
    static const struct {
        const char *when;
        int32_t done, planned;
        enum tri want;
    } rows[] = {
        { "{'>=': [{'var': 'sessions_done'}, 2]}", 2, NONE, TRI_YES },
        { "{'>=': [{'var': 'sessions_done'}, 2]}", 1, NONE, TRI_NO },
        { "{'>=': [{'var': 'sessions_done'}, 0]}", NONE, NONE, TRI_NO },
        { "{'<': [{'var': 'sessions_done'}, {'var': 'planned_total'}]}", 3, 4, TRI_YES },
        { "{'<': [{'var': 'sessions_done'}, {'var': 'planned_total'}]}", 4, 4, TRI_NO },
        { "{'<=': [{'var': 'sessions_done'}, {'var': 'planned_total'}]}", 4, 4, TRI_YES },
        { "{'<=': [{'var': 'sessions_done'}, {'var': 'planned_total'}]}", 5, 4, TRI_NO },
        { "{'>': [{'var': 'sessions_done'}, {'var': 'planned_total'}]}", 5, 4, TRI_YES },
        { "{'>': [{'var': 'sessions_done'}, {'var': 'planned_total'}]}", 4, 4, TRI_NO },
        { "{'>=': [{'var': 'sessions_done'}, {'var': 'planned_total'}]}", 4, 4, TRI_YES },
        { "{'>=': [{'var': 'sessions_done'}, {'var': 'planned_total'}]}", 3, 4, TRI_NO },
        { "{'==': [{'var': 'sessions_done'}, {'var': 'planned_total'}]}", 4, 4, TRI_YES },
        { "{'==': [{'var': 'sessions_done'}, {'var': 'planned_total'}]}", 3, 4, TRI_NO },
        { "{'!=': [{'var': 'sessions_done'}, {'var': 'planned_total'}]}", 3, 4, TRI_YES },
        { "{'!=': [{'var': 'sessions_done'}, {'var': 'planned_total'}]}", 4, 4, TRI_NO },
        { "{'!': {'<': [{'var': 'sessions_done'}, {'var': 'planned_total'}]}}", 4, 4, TRI_YES },
        { "{'<': [{'var': 'sessions_done'}, {'var': 'planned_total'}]}", NONE, 4, TRI_NO },
        { "{'<': [{'var': 'sessions_done'}, {'var': 'planned_total'}]}", 3, NONE, TRI_NO },
        { "{'==': [{'var': 'sessions_done'}, {'var': 'planned_total'}]}", NONE, NONE, TRI_NO },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char text[256];
        struct taken t;
        (void)snprintf(text, sizeof(text), "[{'id': 'c', 'when': %s}]", rows[i].when);
        struct catalogue *cat = catalogue_of((struct parts){ .facts = facts, .replanning = text });
        take_in(&t, cat, "");
        t.in.value[VAR_SESSIONS_DONE] = rows[i].done;
        t.in.value[VAR_PLANNED_TOTAL] = rows[i].planned;
        assert_tri(eval(&t.in, cat->replans[0].when), rows[i].want, rows[i].when, "");
        taken_done(&t);
        catalogue_unref(cat);
    }
}

/* Every variable of the list reads its own value, and no other. */
static void reads_each_variable_by_its_name(void **state)
{
    static const struct {
        enum variable variable;
        const char *test;
        int32_t yes, no;
    } rows[] = {
        { VAR_SESSIONS_DONE, "{'==': [{'var': 'sessions_done'}, 3]}", 3, 4 },
        { VAR_DAYS_SINCE_LAST, "{'==': [{'var': 'days_since_last'}, 3]}", 3, 4 },
        { VAR_PAIN_BASE, "{'==': [{'var': 'pain_base'}, 3]}", 3, 4 },
        { VAR_PAIN_NOW, "{'==': [{'var': 'pain_now'}, 3]}", 3, 4 },
        { VAR_PAIN_LOW, "{'==': [{'var': 'pain_low'}, 3]}", 3, 4 },
        { VAR_PAIN_DROP, "{'==': [{'var': 'pain_drop'}, -3]}", -3, 3 },
        { VAR_LAST_CHANGE, "{'==': [{'var': 'last_change'}, 3]}", 3, 4 },
        { VAR_LAST_REACTION, "{'==': [{'var': 'last_reaction'}, 'worse']}", REACTION_WORSE, REACTION_NONE },
        { VAR_WORSE_COUNT, "{'==': [{'var': 'worse_count'}, 3]}", 3, 4 },
        { VAR_BRUISING_COUNT, "{'==': [{'var': 'bruising_count'}, 3]}", 3, 4 },
        { VAR_DIZZINESS_COUNT, "{'==': [{'var': 'dizziness_count'}, 3]}", 3, 4 },
        { VAR_SORENESS_RUN, "{'==': [{'var': 'soreness_run'}, 3]}", 3, 4 },
        { VAR_NEUROLOGICAL_ANY, "{'var': 'neurological_any'}", 1, 0 },
        { VAR_SESSIONS_WITHOUT_GAIN, "{'==': [{'var': 'sessions_without_gain'}, 3]}", 3, 4 },
        { VAR_REASSESS_AFTER, "{'==': [{'var': 'reassess_after'}, 3]}", 3, 4 },
        { VAR_MAX_WITHOUT_GAIN, "{'==': [{'var': 'max_without_gain'}, 3]}", 3, 4 },
        { VAR_PLANNED_TOTAL, "{'==': [{'var': 'planned_total'}, 3]}", 3, 4 },
        { VAR_IMPROVED, "{'var': 'improved'}", 1, 0 },
        { VAR_MUCH_IMPROVED, "{'var': 'much_improved'}", 1, 0 },
        { VAR_PARTIAL, "{'var': 'partial'}", 1, 0 },
        { VAR_WORSENED, "{'var': 'worsened'}", 1, 0 },
        { VAR_UNCHANGED, "{'var': 'unchanged'}", 1, 0 },
        { VAR_RELAPSED, "{'!=': [{'var': 'relapsed'}, false]}", 1, 0 },
    };
    static_assert(ARRAY_LEN(rows) == VAR_COUNT_ - VAR_SESSIONS_DONE, "every reading has a row");
    char text[ARRAY_LEN(rows) * 128] = "[";
    struct taken t;
    (void)state;
    for (size_t i = 0, n = 1; i < ARRAY_LEN(rows); i++)
        n += (size_t)snprintf(text + n, sizeof(text) - n, "%s{'id': 'p%zu', 'when': %s}%s", i ? "," : "", i,
                              rows[i].test, i + 1 == ARRAY_LEN(rows) ? "]" : "");
    struct catalogue *cat = catalogue_of((struct parts){ .facts = facts, .replanning = text });
    take_in(&t, cat, "");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        for (size_t k = 0; k < ARRAY_LEN(rows); k++)
            t.in.value[rows[k].variable] = rows[k].no;
        t.in.value[rows[i].variable] = rows[i].yes;
        for (size_t k = 0; k < ARRAY_LEN(rows); k++)
            assert_tri(eval(&t.in, cat->replans[k].when), k == i ? TRI_YES : TRI_NO, rows[k].test, rows[i].test);
    }
    taken_done(&t);
    catalogue_unref(cat);
}

RUN_TESTS(cmocka_unit_test(reads_variables), cmocka_unit_test(bounds_the_strongest_pain),
          cmocka_unit_test(weighs_missing_pains_together), cmocka_unit_test(lists_regions_of_complaints),
          cmocka_unit_test(joins_the_tests_of_a_list), cmocka_unit_test(reads_variables_of_courses),
          cmocka_unit_test(reads_variables_of_replanning), cmocka_unit_test(reads_each_variable_by_its_name))
