/* Which course, with which technique (S13), and how it is limited to the person (S14). */
#include "decide/shown.h"

#define FACTS                                                                                                          \
    "[{'id': 'a'}, {'id': 'b', 'attributes': ['region']}, {'id': 'n'}, {'id': 'k', 'clearance_only': true,"            \
    " 'complaint_regions': ['neck']}]"
#define TECHNIQUES                                                                                                     \
    "[{'code': 'soft', 'pressure': 3, 'typical_minutes': [20, 60], 'good_for': ['region:neck', 'goal:sleep']},"        \
    " {'code': 'firm', 'pressure': 5, 'min_pressure': 3, 'typical_minutes': [30, 90], 'good_for': ['goal:stress']},"   \
    " {'code': 'warm', 'pressure': 4, 'typical_minutes': [10, 45], 'traits': ['heat'], 'essential': ['heat']},"        \
    " {'code': 'rare', 'pressure': 2, 'typical_minutes': [10, 60], 'good_for': ['region:jaw', 'goal:posture'],"        \
    "  'default_offered': null}, {'code': 'home', 'pressure': 2, 'typical_minutes': [5, 20]}]"
#define NECK "{'in': ['neck', {'var': 'complaint_regions'}]}"
#define JAW  "{'in': ['jaw', {'var': 'complaint_regions'}]}"
#define PHASES                                                                                                         \
    "'phases': [{'name': 'One', 'sessions': 4, 'per_week': 2, 'minutes': 40, 'pressure': 3},"                          \
    " {'name': 'Two', 'sessions': 2, 'per_week': 0.5, 'minutes': 50, 'pressure': 4}]"
#define COURSE                                                                                                         \
    "[{'id': 'c', 'when': " NECK ", 'focus': ['neck', 'shoulder'], 'techniques': ['soft', 'firm', 'warm'], " PHASES "}]"
#define ALWAYS          "{'>=': [{'var': 'age_years'}, 0]}"
#define ADJUST(members) "[{'id': 'j', 'when': " ALWAYS ", " members "}]"
#define WITH(...)       ((struct parts){ .facts = FACTS, .techniques = TECHNIQUES, __VA_ARGS__ })

/* ---- S13: which course ------------------------------------------------------------------------------------- */

static void takes_the_best_that_matches(void **state)
{
    static const struct parts by_priority = {
        .facts = FACTS,
        .techniques = TECHNIQUES,
        .courses =
            "[{'id': 'low', 'when': " NECK ", 'priority': 10}, {'id': 'high', 'when': {'var': 'a'}, 'priority': 20},"
            " {'id': 'mid', 'when': {'var': 'n'}, 'priority': 15}]",
    };
    static const struct row rows[] = {
        { NULL, "complaint neck; has a; has n", "course high soft" },
        { NULL, "complaint neck; not a; has n", "course mid soft" },
        { NULL, "complaint neck; maybe a; maybe n", "course low soft" }, /* unknown is no match */
        { NULL, "complaint knee; not a; not n", "no course no_matching_course" },
        { NULL, "", "no course no_matching_course" },
    };
    static const struct parts ties = {
        .facts = FACTS,
        .techniques = TECHNIQUES,
        .courses = "[{'id': 'z', 'when': " NECK "}, {'id': 'm', 'when': " JAW "},"
                   " {'id': 'y', 'when': {'and': [{'in': ['hip', {'var': 'complaint_regions'}]}, {'!': " NECK "}]}}]",
    };
    static const struct row tie_rows[] = {
        { NULL, "complaint neck pain 3; complaint jaw pain 5", "course m soft" },
        { NULL, "complaint neck pain 5; complaint jaw pain 3", "course z soft" },
        { NULL, "complaint neck pain 3; complaint neck pain 6; complaint jaw pain 5",
          "course z soft" },                                                      /* the highest */
        { NULL, "complaint neck pain 5; complaint jaw pain 5", "course m soft" }, /* then by id */
        { NULL, "complaint neck; complaint jaw", "course m soft" },
        { NULL, "complaint neck pain 1; complaint jaw", "course z soft" },
        { NULL, "complaint hip pain 1; complaint jaw pain 9", "course m soft" },
        { NULL, "complaint hip pain 9; complaint jaw pain 1", "course y soft" },
    };
    (void)state;
    CHECK_ROWS(by_priority, rows);
    CHECK_ROWS(ties, tie_rows);
}

/* A course's acuity is that of the complaints it names, of all if it names none. */
static void reads_the_acuity_of_what_it_names(void **state)
{
    static const struct parts p = {
        .facts = FACTS,
        .techniques = TECHNIQUES,
        .courses = "[{'id': 'own', 'priority': 20, 'when': {'and': [" NECK ", {'==': [{'var': 'acuity'}, 'acute']}]}},"
                   " {'id': 'all', 'when': {'==': [{'var': 'acuity'}, 'chronic']}}]",
    };
    static const struct row rows[] = {
        { NULL, "complaint neck days 41", "course own soft" },
        { NULL, "complaint neck days 42", "no course no_matching_course" },
        { NULL, "complaint neck days 41; complaint jaw days 100", "course own soft" },
        { NULL, "complaint neck days 41; complaint neck days 100", "course all soft" },
        { NULL, "complaint neck days 50; complaint jaw days 85", "course all soft" },
        { NULL, "complaint neck days 50; complaint jaw days 84", "no course no_matching_course" },
        { NULL, "complaint neck", "no course no_matching_course" }, /* none given */
        { NULL, "complaint jaw days 3", "no course no_matching_course" },
    };
    (void)state;
    CHECK_ROWS(p, rows);
}

/* ---- S13: which technique ---------------------------------------------------------------------------------- */

static void takes_the_first_technique_left(void **state)
{
    static const struct row plain[] = {
        { NULL, "complaint neck", "course c soft" },
        { NULL, "complaint neck; wish warm", "course c warm" },
        { NULL, "complaint neck; wish warm; wish firm", "course c warm" },
        { NULL, "complaint neck; wish rare", "course c soft" }, /* not of the list, and good for nothing here */
        { NULL, "complaint neck; complaint jaw; wish rare", "course c rare" },
        { NULL, "complaint neck; goal posture; wish rare", "course c rare" },
        { NULL, "complaint neck; complaint jaw; wish rare; wish firm", "course c firm" }, /* those of the list first */
        { "[{'id': 'r', 'when': {'var': 'a'}, 'effect': 'clearance_required', 'target': {'<': [{'var': 'pressure'}, "
          "5]}}]",
          "complaint neck; has a", "course c firm" },
        { NULL, "complaint neck; maybe a", "course c soft" },
        { NULL, "complaint neck; has a; wish warm", "course c firm" },
        { "[{'id': 'r', 'when': {'var': 'a'}, 'target': {'<': [{'var': 'pressure'}, 5]}, 'effect': 'modified',"
          " 'if_unknown': 'hold'}]",
          "complaint neck; has a", "course c soft\nsoft modified" },
        { NULL, "complaint neck; maybe a", "course c firm\nsoft needs_answers" },
    };
    static const struct row first[] = {
        { NULL, "complaint neck", "course c warm" }, /* what an adjustment puts first, if it is in the list */
        { NULL, "complaint neck; wish soft", "course c soft" },
    };
    static const struct row dropped[] = { { NULL, "complaint neck", "course c firm" },
                                          { NULL, "complaint neck; wish soft", "course c firm" } };
    static const struct row allowed[] = { { NULL, "complaint neck", "course c warm" } };
    static const struct row young[] = { { NULL, "complaint neck; age 12", "course c firm" },
                                        { NULL, "complaint neck; age 13", "course c soft" } };
    static const struct row unlisted[] = { { NULL, "complaint neck",
                                             "course c firm" }, /* rare is not offered by default */
                                           { NULL, "complaint neck; wish rare", "course c rare" } };
    (void)state;
    CHECK_ROWS(WITH(.courses = COURSE), plain);
    CHECK_ROWS(WITH(.courses = COURSE, .adjustments = ADJUST("'techniques_first': ['rare', 'home', 'warm', 'firm']")),
               first);
    CHECK_ROWS(WITH(.courses = COURSE, .adjustments = ADJUST("'techniques_drop': ['soft']")), dropped);
    CHECK_ROWS(WITH(.courses = COURSE, .adjustments = ADJUST("'techniques_allow': ['home', 'warm']")), allowed);
    CHECK_ROWS(WITH(.courses = COURSE,
                    .adjustments = ADJUST("'techniques_from_age': [{'technique': 'soft', 'age_years': 13}]")),
               young);
    CHECK_ROWS(WITH(.courses = "[{'id': 'c', 'when': " NECK ", 'techniques': ['rare', 'firm']}]"), unlisted);
}

/* Adjustments join: dropped by any, allowed by all that allow. */
static void joins_adjustments(void **state)
{
    static const char adjustments[] =
        "[{'id': 'j1', 'when': {'var': 'a'}, 'techniques_drop': ['soft']},"
        " {'id': 'j2', 'when': {'var': 'n'}, 'techniques_allow': ['soft', 'warm']},"
        " {'id': 'j3', 'when': {'>=': [{'var': 'age_years'}, 65]}, 'techniques_allow': ['firm', 'warm']}]";
    static const struct row rows[] = {
        { NULL, "complaint neck; not a; not n", "course c soft\nadjusted" },
        { NULL, "complaint neck; maybe a; maybe n", "course c soft\nadjusted" },
        { NULL, "complaint neck; has a; not n", "course c firm\nadjusted j1" },
        { NULL, "complaint neck; has a; has n", "course c warm\nadjusted j1 j2" },
        { NULL, "complaint neck; not a; has n; age 65", "course c warm\nadjusted j2 j3" },
        { NULL, "complaint neck; has a; has n; age 65; wish soft; wish firm", "course c warm" },
    };
    (void)state;
    CHECK_ROWS(WITH(.courses = COURSE, .adjustments = adjustments), rows);
}

/* None left: the course for home, if it matches and its technique passes the same test. */
static void falls_back_to_home(void **state)
{
    static const char courses[] =
        "[{'id': 'h', 'when': {'>=': [{'var': 'age_years'}, 8]}, 'priority': 1, 'techniques': ['home'],"
        "  'fallback_technique': 'home', 'focus': ['neck']},"
        " {'id': 'c', 'when': " NECK ", 'techniques': ['soft'], 'focus': ['neck']}]";
    static const char drop_home[] = ADJUST("'techniques_drop': ['home']");
    static const struct row rows[] = {
        { "[{'id': 'r', 'when': {'var': 'a'}, 'effect': 'not_allowed', 'target': {'==': [{'var': 'code'}, 'soft']}}]",
          "complaint neck; not a", "course c soft" },
        { NULL, "complaint neck; has a", "course h home" },
        { NULL, "complaint neck; has a; age 7", "no course no_technique" },
        { NULL, "complaint jaw; has a", "course h home" }, /* matches by itself */
        { "[{'id': 'r', 'when': {'var': 'a'}, 'effect': 'not_allowed', 'target': {'or': [{'==': [{'var': 'code'}, "
          "'soft']},"
          " {'==': [{'var': 'code'}, 'home']}]}}]",
          "complaint neck; has a", "no course no_technique" },
    };
    static const struct row dropped[] = {
        { "[{'id': 'r', 'when': {'var': 'a'}, 'effect': 'not_allowed', 'target': {'==': [{'var': 'code'}, 'soft']}}]",
          "complaint neck; has a", "no course no_technique" },
    };
    (void)state;
    CHECK_ROWS(WITH(.courses = courses), rows);
    CHECK_ROWS(WITH(.courses = courses, .adjustments = drop_home), dropped);
}

/* Why there is none, the reason that stands first. */
static void says_why_there_is_no_course(void **state)
{
    static const struct row rows[] = {
        { "[{'id': 'r', 'when': {'var': 'a'}, 'effect': 'clearance_required', 'disposition': 'clearance_required'},"
          " {'id': 's', 'when': {'var': 'b'}, 'regions': 'where_found', 'modifications': [{'kind': 'avoid_region',"
          "  'value': 'where_found'}]},"
          " {'id': 't', 'when': {'var': 'n'}, 'disposition': 'proceed_modified', 'if_unknown': 'hold'}]",
          "complaint neck; has a; not b; not n", "no course disposition" },
        { NULL, "complaint neck; not a; not b; maybe n", "no course disposition\ndisposition needs_answers" },
        { NULL, "complaint neck; not a; not b; has n", "course c soft\ndisposition proceed_modified" },
        { NULL, "complaint neck; not a; not n; has b region neck; has b region shoulder", "no course area_avoided" },
        { NULL, "complaint neck; not a; not n; has b region neck", "course c soft\nfocus shoulder" },
        { NULL, "complaint neck; maybe a; not b; not n", "course c soft" },
    };
    static const struct row young[] = {
        { "[{'id': 'r', 'when': {'var': 'a'}, 'effect': 'clearance_required', 'disposition': 'clearance_required'}]",
          "complaint neck; age 7; not a", "no course j" },
        { NULL, "complaint neck; age 8; not a", "course c soft" },
        { NULL, "complaint neck; age 7; has a", "no course disposition" },
        { NULL, "complaint knee; age 7; not a", "no course j" }, /* before one is looked for */
    };
    (void)state;
    CHECK_ROWS(WITH(.courses = COURSE), rows);
    CHECK_ROWS(WITH(.courses = COURSE, .adjustments =
                                           "[{'id': 'j', 'when': {'<': [{'var': 'age_years'}, 8]}, 'no_course': true,"
                                           " 'reason': 'too young'}]"),
               young);
}

/* Pain from a bound on means no course, unless a clinician has cleared it or its chronic pattern is known. */
static void stops_at_strong_pain(void **state)
{
    static const char adjustments[] = "[{'id': 'j', 'when': {'>=': [{'var': 'pain_max'}, 7]}, 'no_course_at': "
                                      "{'pain_max': 8, 'reason': 'see someone',"
                                      "  'unless_clearance_for': ['k', 'n'], 'unless_chronic_with': ['a']}}]";
    static const struct row rows[] = {
        { NULL, "complaint neck pain 6", "course c soft\nadjusted" },
        { NULL, "complaint neck pain 7", "course c soft\nadjusted j" },
        { NULL, "complaint neck pain 8", "no course j" },
        { NULL, "complaint neck pain 3; complaint jaw pain 9", "no course j" },
        { NULL, "complaint neck", "course c soft\nadjusted" }, /* not known: it does not forbid */
        { NULL, "complaint neck pain 7; complaint jaw", "course c soft\nadjusted j" },
        { NULL, "complaint neck pain 9 days 9; clear k physician 9",
          "course c soft\n!ignored /clearances/0 clearance_unused" },
        { NULL, "complaint neck pain 9 days 9; clear k physician 10", "no course j" }, /* older than the complaint */
        { NULL, "complaint neck pain 9; clear k obstetric 3", "course c soft" },       /* any clinician */
        { NULL, "complaint neck pain 9; clear k guardian 3", "no course j\nignored /clearances/0 clearance_unused" },
        { NULL, "complaint neck pain 9; clear n surgeon 300", "course c soft" },
        { NULL, "complaint neck pain 9; clear b physician 3", "no course j" },
        { NULL, "complaint neck pain 9 days 85; has a", "course c soft" },
        { NULL, "complaint neck pain 9 days 84; has a", "no course j" },
        { NULL, "complaint neck pain 9 days 85; maybe a", "no course j" },
        { NULL, "complaint neck pain 9 days 3; complaint jaw days 85; has a",
          "course c soft" }, /* the longest of all */
    };
    (void)state;
    CHECK_ROWS(WITH(.courses = COURSE, .adjustments = adjustments), rows);
}

/* ---- S14: limits ------------------------------------------------------------------------------------------- */

static void limits_minutes(void **state)
{
    static const struct row plain[] = {
        { "[{'id': 'r', 'when': {'var': 'a'}, 'modifications': [{'kind': 'max_minutes', 'value': 15}]}]",
          "complaint neck; not a",
          "phase One: 4 x 2, 40 min, p3\nphase Two: 2 x 0.5, 50 min, p3\ntotal 6, weeks 6, reassess 2\nfocus neck "
          "shoulder" },
        { NULL, "complaint neck; not a; minutes 55", "phase One: 4 x 2, 55 min, p3\nphase Two: 2 x 0.5, 55 min, p3" },
        { NULL, "complaint neck; not a; minutes 60", "phase One: 4 x 2, 60 min, p3" },
        { NULL, "complaint neck; not a; minutes 61", "phase One: 4 x 2, 60 min, p3" },
        { NULL, "complaint neck; not a; minutes 20", "phase One: 4 x 2, 20 min, p3" },
        { NULL, "complaint neck; not a; minutes 19", "phase One: 4 x 2, 20 min, p3" },
        { NULL, "complaint neck; not a; wish warm", "phase One: 4 x 2, 40 min, p3\nphase Two: 2 x 0.5, 45 min, p4" },
        /* the rules win, below what is typical too */
        { NULL, "complaint neck; has a", "phase One: 4 x 2, 15 min, p3\nphase Two: 2 x 0.5, 15 min, p3" },
        { NULL, "complaint neck; has a; minutes 60", "phase One: 4 x 2, 15 min, p3" },
    };
    static const struct row most[] = {
        { NULL, "complaint neck", "phase One: 4 x 2, 15 min, p3\nphase Two: 2 x 0.5, 15 min, p3" },
        { NULL, "complaint neck; minutes 10", "phase One: 4 x 2, 15 min, p3" }, /* the top beats the bottom */
        { NULL, "complaint neck; minutes 60", "phase One: 4 x 2, 15 min, p3" },
    };
    static const struct row prefer[] = {
        { NULL, "complaint neck", "phase One: 4 x 2, 58 min, p3\nphase Two: 2 x 0.5, 58 min, p3" },
        { NULL, "complaint neck; minutes 25", "phase One: 4 x 2, 25 min, p3" },
        { NULL, "complaint neck; wish warm", "phase One: 4 x 2, 45 min, p3" },
    };
    (void)state;
    CHECK_ROWS(WITH(.courses = COURSE), plain);
    CHECK_ROWS(WITH(.courses = COURSE, .adjustments = ADJUST("'minutes_max': 15")), most);
    CHECK_ROWS(WITH(.courses = COURSE, .adjustments = ADJUST("'minutes_prefer': 58")), prefer);
}

static void limits_pressure(void **state)
{
    static const struct row plain[] = {
        { "[{'id': 'r', 'when': {'var': 'a'}, 'modifications': [{'kind': 'max_pressure', 'value': 2}]},"
          " {'id': 's', 'when': {'var': 'b'}, 'regions': 'where_found', 'modifications': [{'kind': 'max_pressure', "
          "'value': 1}]}]",
          "complaint neck; not a; not b; pressure very_light",
          "phase One: 4 x 2, 40 min, p1\nphase Two: 2 x 0.5, 50 min, p1" },
        { NULL, "complaint neck; not a; not b; pressure light", "phase One: 4 x 2, 40 min, p2" },
        { NULL, "complaint neck; not a; not b; pressure medium", "phase Two: 2 x 0.5, 50 min, p3" },
        { NULL, "complaint neck; not a; not b; pressure deep",
          "phase One: 4 x 2, 40 min, p3" }, /* soft goes no deeper */
        { NULL, "complaint neck; not a; not b; pressure deep; wish firm",
          "phase One: 4 x 2, 40 min, p4\nphase Two: 2 x 0.5, 50 min, p5" }, /* one step above the phase */
        { NULL, "complaint neck; not a; not b; wish firm",
          "phase One: 4 x 2, 40 min, p3\nphase Two: 2 x 0.5, 50 min, p4" },
        { NULL, "complaint neck; has a; not b; pressure deep",
          "phase One: 4 x 2, 40 min, p2\nphase Two: 2 x 0.5, 50 min, p2" },
        /* of a part: where it meets the focus */
        { NULL, "complaint neck; not a; has b region shoulder", "phase One: 4 x 2, 40 min, p1" },
        { NULL, "complaint neck; not a; has b region hip", "phase One: 4 x 2, 40 min, p3" },
        { NULL, "complaint neck; not a; has b region whole_body", "phase One: 4 x 2, 40 min, p1" },
        { NULL, "complaint neck; has a; has b region hip", "phase One: 4 x 2, 40 min, p2" },
    };
    static const struct row whole[] = {
        { "[{'id': 's', 'when': {'var': 'b'}, 'regions': 'where_found', 'modifications': [{'kind': 'max_pressure', "
          "'value': 1}]}]",
          "has b region hip", "focus whole_body\nphase One: 4 x 2, 40 min, p1" }, /* meets all */
        { NULL, "complaint neck; has b region hip", "focus neck\nphase One: 4 x 2, 40 min, p3" },
    };
    static const struct row most[] = {
        { NULL, "complaint neck; pressure deep", "phase One: 4 x 2, 40 min, p2\nphase Two: 2 x 0.5, 50 min, p2" },
        { NULL, "complaint neck; pressure very_light", "phase One: 4 x 2, 40 min, p1" },
    };
    (void)state;
    CHECK_ROWS(WITH(.courses = COURSE), plain);
    CHECK_ROWS(WITH(.courses = "[{'id': 'c', 'when': " ALWAYS ", 'focus': ['whole_body'], " PHASES "}]"), whole);
    CHECK_ROWS(WITH(.courses = COURSE, .adjustments = ADJUST("'pressure_max': 2")), most);
}

static void limits_sessions(void **state)
{
    static const struct row plain[] = {
        { NULL, "complaint neck; week 1",
          "phase One: 4 x 1, 40 min, p3\nphase Two: 2 x 0.5, 50 min, p3\ntotal 6, weeks 8, reassess 2" },
        { NULL, "complaint neck; week 7", "phase One: 4 x 2, 40 min, p3" }, /* a wish never lifts */
        { NULL, "complaint neck; week 0.25", "total 6, weeks 24, reassess 2" },
    };
    static const struct row per_week[] = {
        { NULL, "complaint neck",
          "phase One: 4 x 0.75, 40 min, p3\nphase Two: 2 x 0.5, 50 min, p3\ntotal 6, weeks 10, reassess 2" },
        { NULL, "complaint neck; week 0.5", "phase One: 4 x 0.5, 40 min, p3\ntotal 6, weeks 12, reassess 2" },
    };
    static const struct row sessions[] = {
        { NULL, "complaint neck",
          "phase One: 4 x 2, 40 min, p3\nphase Two: 1 x 0.5, 50 min, p3\ntotal 5, weeks 4, reassess 2" }
    };
    static const struct row few[] = {
        { NULL, "complaint neck",
          "phase One: 1 x 2, 40 min, p3\n!phase Two: 1 x 0.5, 50 min, p3\ntotal 1, weeks 1, reassess 1" }
    };
    static const struct row weeks[] = {
        { NULL, "complaint neck; week 0.25", "phase One: 4 x 0.25, 40 min, p3\ntotal 4, weeks 16, reassess 2" },
        { NULL, "complaint neck; week 0.5", "total 6, weeks 12, reassess 2" },
    };
    static const struct row long_anyway[] = {
        { NULL, "complaint neck", "total 5, weeks 20, reassess 2" }, /* not by the wish */
        { NULL, "complaint neck; week 1", "total 5, weeks 20, reassess 2" },
    };
    (void)state;
    CHECK_ROWS(WITH(.courses = COURSE), plain);
    CHECK_ROWS(WITH(.courses = COURSE, .adjustments = ADJUST("'per_week_max': 0.75")), per_week);
    CHECK_ROWS(WITH(.courses = COURSE, .adjustments = ADJUST("'sessions_max': 5")), sessions);
    CHECK_ROWS(WITH(.courses = COURSE, .adjustments = ADJUST("'sessions_max': 1")), few);
    CHECK_ROWS(WITH(.courses = COURSE, .adjustments = ADJUST("'weeks_max': 16")), weeks);
    CHECK_ROWS(WITH(.courses =
                        "[{'id': 'c', 'when': " NECK ", 'phases': [{'name': 'One', 'sessions': 5, 'per_week': 0.25,"
                        " 'minutes': 40, 'pressure': 3}]}]",
                    .adjustments = ADJUST("'weeks_max': 16")),
               long_anyway);
}

#define THREE_PHASES                                                                                                   \
    "[{'id': 'c', 'when': " NECK                                                                                       \
    ", 'phases': [{'name': 'A', 'sessions': 1, 'per_week': 1, 'minutes': 40, 'pressure': 3},"                          \
    " {'name': 'B', 'sessions': 3, 'per_week': 1, 'minutes': 40, 'pressure': 3},"                                      \
    " {'name': 'C', 'sessions': 2, 'per_week': 1, 'minutes': 40, 'pressure': 3}], 'techniques': ['soft', 'firm']}]"

/* The first sessions bind the whole phases that hold them; the limits of the very first leave the phases alone. */
static void limits_the_first_sessions(void **state)
{
    static const struct row both[] = {
        { NULL, "complaint neck", "phase A: 1 x 1, 30 min, p2\nphase B: 3 x 1, 30 min, p2\nphase C: 2 x 1, 40 min, p3" }
    };
    static const struct row one[] = {
        { NULL, "complaint neck", "phase A: 1 x 1, 30 min, p2\nphase B: 3 x 1, 40 min, p3\nphase C: 2 x 1, 40 min, p3" }
    };
    static const struct row very_first[] = {
        { NULL, "complaint neck", "phase A: 1 x 1, 40 min, p3\nphase B: 3 x 1, 40 min, p3\nfirst 25 min, p1" },
        { NULL, "complaint neck; minutes 20", "phase A: 1 x 1, 20 min, p3\nfirst 20 min, p1" },
        { NULL, "complaint neck; pressure very_light",
          "phase A: 1 x 1, 40 min, p1\nfirst 25 min, p1" }, /* at least 1 */
        { NULL, "complaint neck; wish firm; pressure deep",
          "course c firm\nphase A: 1 x 1, 40 min, p4\nfirst 25 min, p2, soft" },
    };
    static const struct row nothing_else[] = {
        { "[{'id': 'r', 'when': {'var': 'a'}, 'effect': 'not_allowed', 'target': {'==': [{'var': 'code'}, 'soft']}}]",
          "complaint neck; has a", "course c firm\nfirst 25 min, p1" }
    };
    (void)state;
    CHECK_ROWS(WITH(.courses = THREE_PHASES,
                    .adjustments =
                        ADJUST("'scope': 'first_sessions', 'first_sessions': 1, 'minutes_max': 30, 'pressure_max': 2")),
               one);
    CHECK_ROWS(WITH(.courses = THREE_PHASES,
                    .adjustments =
                        ADJUST("'scope': 'first_sessions', 'first_sessions': 2, 'minutes_max': 30, 'pressure_max': 2")),
               both);
    static const char first[] =
        ADJUST("'scope': 'first_session', 'minutes_max': 25, 'pressure_delta': -2, 'pressure_max': 3,"
               " 'techniques_avoid': ['firm']");
    CHECK_ROWS(WITH(.courses = THREE_PHASES, .adjustments = first), very_first);
    CHECK_ROWS(WITH(.courses = THREE_PHASES, .adjustments = first), nothing_else);
    static const char two[] =
        "[{'id': 'j1', 'when': " ALWAYS ", 'scope': 'first_session', 'minutes_max': 30, 'pressure_delta': -1},"
        " {'id': 'j2', 'when': " ALWAYS ", 'scope': 'first_session', 'minutes_max': 35, 'pressure_max': 1}]";
    static const struct row joined[] = { { NULL, "complaint neck", "phase A: 1 x 1, 40 min, p3\nfirst 30 min, p1" } };
    CHECK_ROWS(WITH(.courses = THREE_PHASES, .adjustments = two), joined);
}

static void finds_the_focus(void **state)
{
    static const char whole[] = "[{'id': 'c', 'when': " ALWAYS ", 'focus': ['hip', 'whole_body', 'jaw']}]";
    static const char rule[] =
        "[{'id': 's', 'when': {'var': 'b'}, 'regions': 'where_found', 'modifications': [{'kind': 'avoid_region',"
        " 'value': 'where_found'}]}]";
    static const struct row rows[] = {
        { rule, "not b", "focus hip whole_body jaw" },
        { NULL, "not b; complaint neck; complaint knee", "focus hip neck knee jaw" },
        { NULL, "not b; complaint neck; complaint neck; complaint hip", "focus hip neck jaw" }, /* each once */
        { NULL, "has b region neck; complaint neck; complaint knee", "focus hip knee jaw" },
        { NULL, "has b region neck", "focus hip whole_body jaw" },
        { NULL, "has b region neck side left; complaint neck", "focus hip jaw" }, /* a side of it is enough */
        { NULL, "has b; complaint neck", "focus hip neck jaw" },                  /* not known where */
    };
    (void)state;
    CHECK_ROWS(WITH(.courses = whole), rows);
}

static void sets_when_to_look_again(void **state)
{
    static const struct row own[] = { { NULL, "complaint neck", "total 6, weeks 6, reassess 2" } };
    static const struct row adjusted[] = { { NULL, "complaint neck", "total 6, weeks 6, reassess 1" } };
    static const struct row late[] = { { NULL, "complaint neck", "total 6, weeks 6, reassess 6" } };
    (void)state;
    CHECK_ROWS(WITH(.courses = COURSE), own);
    CHECK_ROWS(WITH(.courses = COURSE, .adjustments = ADJUST("'reassess_after_sessions': 1")), adjusted);
    CHECK_ROWS(WITH(.courses = "[{'id': 'c', 'when': " NECK ", 'reassess_after_sessions': 9, " PHASES "}]"), late);
}

/* Weeks are the sum of sessions by their frequency, rounded up once. */
static void counts_weeks(void **state)
{
    static const struct {
        const char *phases;
        int weeks;
    } rows[] = {
        { "[[1, '2']]", 1 },
        { "[[2, '2']]", 1 },
        { "[[3, '2']]", 2 },
        { "[[1, '2'], [1, '2']]", 1 },
        { "[[1, '3'], [1, '3'], [1, '3']]", 1 }, /* thirds add up to a whole week */
        { "[[1, '3'], [1, '3'], [2, '3']]", 2 },
        { "[[1, '0.25'], [1, '14']]", 5 },
        { "[[7, '7'], [1, '7']]", 2 },
        { "[[100, '0.25'], [100, '0.75']]", 534 },
        { "[[1, '0.75'], [1, '1.25'], [1, '1.5']]", 3 },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char text[1024], want[64];
        json_t *list = quoted(rows[i].phases), *pair;
        size_t k, n = (size_t)snprintf(text, sizeof(text), "[{'id': 'c', 'when': " NECK ", 'phases': [");
        int total = 0;
        json_array_foreach(list, k, pair)
        {
            int sessions = (int)json_integer_value(json_array_get(pair, 0));
            total += sessions;
            n += (size_t)snprintf(text + n, sizeof(text) - n,
                                  "%s{'name': 'p', 'sessions': %d, 'per_week': %s, 'minutes': 30, 'pressure': 2}",
                                  k ? ", " : "", sessions, json_string_value(json_array_get(pair, 1)));
        }
        (void)snprintf(text + n, sizeof(text) - n, "]}]");
        (void)snprintf(want, sizeof(want), "total %d, weeks %d, reassess 2", total, rows[i].weeks);
        if (total < 2)
            (void)snprintf(want, sizeof(want), "total %d, weeks %d, reassess %d", total, rows[i].weeks, total);
        const struct row row = { NULL, "complaint neck", want };
        check_rows(WITH(.courses = text), &row, 1);
        json_decref(list);
    }
}

/* ---- what is said with it ---------------------------------------------------------------------------------- */

static void says_more(void **state)
{
    static const char courses[] =
        "[{'id': 'c', 'when': " NECK
        ", 'priority': 20, 'self_care': ['s1', 's2'], 'co_care': ['c1'], 'techniques': ['soft'], " PHASES "},"
        " {'id': 'd', 'when': {'var': 'a'}, 'self_care': ['s2', 's3', 's4', 's5', 's6'], 'co_care': ['c2', 'c3', 'c4', "
        "'c5']},"
        " {'id': 'h', 'when': " ALWAYS
        ", 'priority': 1, 'techniques': ['home'], 'fallback_technique': 'home', 'self_care': ['s9']}]";
    static const char adjustments[] =
        "[{'id': 'j1', 'when': {'var': 'n'}, 'advice': ['a1', 'a2'], 'self_care_add': ['s7'], 'co_care_add': ['c1', "
        "'c7']},"
        " {'id': 'j2', 'when': " ALWAYS
        ", 'advice': ['a2', 'a3'], 'note_if': [{'course': 'c', 'minutes_below': 40, 'say': 'n1'},"
        "  {'course': 'c', 'per_week_below': 2, 'say': 'n2'}, {'course': 'd', 'minutes_below': 400, 'say': 'n3'}]}]";
    static const struct row rows[] = {
        { NULL, "complaint neck; not a; not n", "advice a2 a3\nself s1 s2\nco c1\nadjusted j2" },
        { NULL, "complaint neck; not a; has n", "advice a1 a2 a3\nself s1 s2 s7\nco c1 c7\nadjusted j1 j2" },
        /* others that match lend three more of each at most, the one for home none */
        { NULL, "complaint neck; has a; not n", "self s1 s2 s3 s4 s5\nco c1 c2 c3 c4" },
        /* notes on a dose that stays below */
        { NULL, "complaint neck; not a; not n; minutes 39", "advice a2 a3 n1" },
        { NULL, "complaint neck; not a; not n; minutes 40", "advice a2 a3" },
        { NULL, "complaint neck; not a; not n; week 1", "advice a2 a3 n2" },
        { NULL, "complaint neck; not a; not n; week 1; minutes 30", "advice a2 a3 n1 n2" },
    };
    (void)state;
    CHECK_ROWS(WITH(.courses = courses, .adjustments = adjustments), rows);
}

RUN_TESTS(cmocka_unit_test(takes_the_best_that_matches), cmocka_unit_test(reads_the_acuity_of_what_it_names),
          cmocka_unit_test(takes_the_first_technique_left), cmocka_unit_test(joins_adjustments),
          cmocka_unit_test(falls_back_to_home), cmocka_unit_test(says_why_there_is_no_course),
          cmocka_unit_test(stops_at_strong_pain), cmocka_unit_test(limits_minutes), cmocka_unit_test(limits_pressure),
          cmocka_unit_test(limits_sessions), cmocka_unit_test(limits_the_first_sessions),
          cmocka_unit_test(finds_the_focus), cmocka_unit_test(sets_when_to_look_again), cmocka_unit_test(counts_weeks),
          cmocka_unit_test(says_more))
