/* Readings of the sessions so far, and what re-planning makes of a course (S15). */
#include "decide/shown.h"

#define NECK   "{'in': ['neck', {'var': 'complaint_regions'}]}"
#define ALWAYS "{'>=': [{'var': 'age_years'}, 0]}"
#define PHASES                                                                                                         \
    "'phases': [{'name': 'One', 'sessions': 4, 'per_week': 2, 'minutes': 40, 'pressure': 3, 'only_if': 'x'},"          \
    " {'name': 'Two', 'sessions': 2, 'per_week': 0.5, 'minutes': 50, 'pressure': 4}]"
#define TECHNIQUES                                                                                                     \
    "[{'code': 'soft', 'pressure': 3, 'typical_minutes': [20, 60]},"                                                   \
    " {'code': 'firm', 'pressure': 5, 'min_pressure': 3, 'typical_minutes': [30, 90], 'traits': ['oil']},"             \
    " {'code': 'warm', 'pressure': 2, 'typical_minutes': [10, 60], 'traits': ['heat'], 'essential': ['heat']}]"
#define COURSE                                                                                                         \
    "[{'id': 'c', 'when': " NECK ", 'focus': ['neck', 'shoulder'], 'techniques': ['firm', 'soft', 'warm'],"            \
    " 'reassess_after_sessions': 3, 'max_sessions_without_gain': 5, " PHASES "}]"
#define SOME              "{'>=': [{'var': 'sessions_done'}, 1]}"
#define WITH_COURSES(...) ((struct parts){ .facts = "[{'id': 'a'}]", .techniques = TECHNIQUES, __VA_ARGS__ })
#define WITH(...)         WITH_COURSES(.courses = COURSE, __VA_ARGS__)

/* ---- readings ---------------------------------------------------------------------------------------------- */

struct reading {
    const char *when, *sessions;
    bool yes;
};

static void check_readings(const struct reading *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char text[512], line[1024];
        (void)snprintf(text, sizeof(text), "[{'id': 'yes', 'when': %s}, {'id': 'no', 'when': " ALWAYS "}]",
                       rows[i].when);
        (void)snprintf(line, sizeof(line), "complaint neck; %s", rows[i].sessions);
        const struct row row = { NULL, line, rows[i].yes ? "replan yes" : "replan no" };
        check_rows(WITH_COURSES(.replanning = text,
                                .courses = "[{'id': 'c', 'when': " NECK ", 'reassess_after_sessions': 3,"
                                           " 'max_sessions_without_gain': 5, 'phases': [{'name': 'p', 'sessions': 99,"
                                           " 'per_week': 1, 'minutes': 30, 'pressure': 2}]}]"),
                   &row, 1);
    }
}

#define IS(name, k)    "{'==': [{'var': '" name "'}, " k "]}"
#define FLAG(name)     "{'var': '" name "'}"
#define NOT_NONE(name) "{'>=': [{'var': '" name "'}, -99]}"

static void reads_what_counts(void **state)
{
    static const struct reading rows[] = {
        { IS("sessions_done", "2"), "session 9 soft; session 2 soft", true },
        { IS("sessions_done", "1"), "session 120 soft", true },
        { IS("sessions_done", "1"), "session 120 soft; session 121 soft; session -1 soft", true },
        { IS("days_since_last", "2"), "session 2 soft; session 9 soft", true }, /* by date, however listed */
        { IS("days_since_last", "0"), "session 0 soft; session 9 soft", true },
        { IS("pain_base", "6"), "session 9 soft 30 6>4; session 2 soft 30 5>3", true },
        { IS("pain_base", "6"), "session 2 soft 30 5>3; session 9 soft 30 6>4", true },
        { IS("pain_base", "4"), "session 9 soft 30 ?>4; session 2 soft 30 5>3", true },
        { NOT_NONE("pain_base"), "session 9 soft 30 ?>?; session 2 soft 30 5>3", false }, /* of the first entry only */
        { NOT_NONE("pain_base"), "session 9 soft", false },
        { IS("pain_now", "4"), "session 9 soft 30 6>4", true }, /* one entry: after it */
        { IS("pain_now", "6"), "session 9 soft 30 6>?", true },
        { IS("pain_now", "5"), "session 9 soft 30 6>4; session 2 soft 30 5>3", true }, /* more: before the last */
        { IS("pain_now", "3"), "session 9 soft 30 6>4; session 2 soft 30 ?>3", true },
        { NOT_NONE("pain_now"), "session 9 soft 30 6>4; session 2 soft", false },
        { IS("pain_drop", "1"), "session 9 soft 30 6>4; session 2 soft 30 5>3", true },
        { IS("pain_drop", "-2"), "session 9 soft 30 3>4; session 2 soft 30 5>5", true },
        { NOT_NONE("pain_drop"), "session 9 soft 30 3>4; session 2 soft", false },
        { IS("pain_low", "3"), "session 9 soft 30 6>1; session 5 soft 30 3>1; session 2 soft 30 4>4", true },
        { NOT_NONE("pain_low"), "session 9 soft 30 ?>1", false },
        { IS("last_change", "-2"), "session 9 soft 30 6>9; session 2 soft 30 5>3", true },
        { IS("last_change", "0"), "session 9 soft 30 6>9; session 2 soft 30 5>?", true },
        { IS("last_reaction", "'none'"), "session 9 soft 30 6>6 worse; session 2 soft", true },
        { IS("last_reaction", "'soreness'"), "session 2 soft 30 6>6 soreness; session 9 soft 30 6>6 worse", true },
        { IS("reassess_after", "3"), "session 2 soft", true },
        { IS("max_without_gain", "5"), "session 2 soft", true },
        { IS("planned_total", "99"), "session 2 soft", true },
        /* two of one day keep the order in which they came */
        { IS("pain_now", "2"), "session 9 soft 30 6>4; session 2 soft 30 3>3; session 2 soft 30 2>2", true },
    };
    (void)state;
    check_readings(rows, ARRAY_LEN(rows));
}

static void counts_reactions(void **state)
{
    static const struct reading rows[] = {
        { IS("bruising_count", "2"),
          "session 9 soft 30 6>6 bruising; session 8 soft 30 6>6 bruising; session 7 soft; session 6 soft 30 6>6 "
          "bruising",
          true },
        { IS("bruising_count", "0"), "session 9 soft 30 6>6 bruising; session 8 soft; session 7 soft; session 6 soft",
          true },
        { IS("dizziness_count", "1"), "session 9 soft 30 6>6 dizziness; session 8 soft", true },
        { IS("worse_count", "1"), "session 9 soft 30 6>6 worse; session 8 soft; session 7 soft", true },
        { IS("soreness_run", "2"), "session 9 soft; session 8 soft 30 6>6 soreness; session 7 soft 30 6>6 soreness",
          true },
        { IS("soreness_run", "0"), "session 9 soft 30 6>6 soreness; session 7 soft", true },
        { IS("soreness_run", "1"),
          "session 9 soft 30 6>6 soreness; session 8 soft 30 6>6 none; session 7 soft 30 6>6 soreness", true },
        { IS("soreness_run", "4"),
          "session 9 soft 30 6>6 soreness; session 8 soft 30 6>6 soreness; session 7 soft 30 6>6 soreness; session 6 "
          "soft 30 6>6 soreness",
          true },
        { FLAG("neurological_any"),
          "session 19 soft 30 6>6 neurological; session 8 soft; session 7 soft; session 6 soft; session 5 soft", true },
        { FLAG("neurological_any"), "session 9 soft; session 8 soft", false },
        { FLAG("neurological_any"), "session 121 soft 30 6>6 neurological; session 8 soft", false },
    };
    (void)state;
    check_readings(rows, ARRAY_LEN(rows));
}

#define FROM_TO(a, b) "session 9 soft 30 " #a ">" #a "; session 2 soft 30 " #b ">" #b

static void reads_the_trend(void **state)
{
    static const struct reading rows[] = {
        /* two points, or 30 percent and a point */
        { FLAG("improved"), FROM_TO(6, 4), true },
        { FLAG("improved"), FROM_TO(6, 5), false },
        { FLAG("improved"), FROM_TO(3, 2), true },
        { FLAG("improved"), FROM_TO(4, 3), false },
        { FLAG("improved"), FROM_TO(10, 8), true },
        { FLAG("improved"), FROM_TO(0, 0), false },
        { FLAG("improved"), FROM_TO(6, 6), false },
        { FLAG("improved"), "session 9 soft 30 6>4", true },
        { FLAG("improved"), "session 9 soft", false },
        { FLAG("partial"), FROM_TO(6, 5), true },
        { FLAG("partial"), FROM_TO(6, 4), false },
        { FLAG("partial"), FROM_TO(6, 6), false },
        { FLAG("partial"), FROM_TO(3, 2), false },
        /* half and two points, or hardly anything left */
        { FLAG("much_improved"), FROM_TO(8, 4), true },
        { FLAG("much_improved"), FROM_TO(8, 5), false },
        { FLAG("much_improved"), FROM_TO(4, 2), true },
        { FLAG("much_improved"), FROM_TO(2, 1), true },
        { FLAG("much_improved"), FROM_TO(3, 2), false },
        { FLAG("much_improved"), FROM_TO(1, 0), true },
        { FLAG("much_improved"), FROM_TO(1, 1), false },
        { FLAG("much_improved"), FROM_TO(0, 0), false },
        /* two points up, or 30 percent and a point, or the last session */
        { FLAG("worsened"), FROM_TO(4, 6), true },
        { FLAG("worsened"), FROM_TO(6, 7), false },
        { FLAG("worsened"), FROM_TO(3, 4), true },
        { FLAG("worsened"), FROM_TO(4, 5), false },
        { FLAG("worsened"), FROM_TO(0, 1), false },
        { FLAG("worsened"), FROM_TO(0, 2), true },
        { FLAG("worsened"), "session 9 soft 30 6>6; session 2 soft 30 4>6", true },
        { FLAG("worsened"), "session 9 soft 30 6>6; session 2 soft 30 4>5", false },
        { FLAG("worsened"), "session 9 soft 30 4>6; session 2 soft 30 4>4", false }, /* not an earlier one */
        { FLAG("worsened"), "session 9 soft 30 6>6; session 2 soft 30 4>4 worse", true },
        { FLAG("worsened"), "session 9 soft 30 ?>?; session 2 soft 30 4>6", true },
        { FLAG("unchanged"), FROM_TO(6, 6), true },
        { FLAG("unchanged"), FROM_TO(6, 7), true },
        { FLAG("unchanged"), FROM_TO(6, 5), false },
        { FLAG("unchanged"), FROM_TO(6, 8), false },
        { FLAG("unchanged"), FROM_TO(0, 0), false },
        { FLAG("unchanged"), "session 9 soft 30 6>6; session 2 soft", false }, /* a reading that is missing */
        { FLAG("unchanged"), "session 9 soft 30 6>6; session 2 soft 30 6>6 worse", false },
    };
    (void)state;
    check_readings(rows, ARRAY_LEN(rows));
}

/* `pains` before each session, a week apart. */
static void counts_sessions_without_gain(void **state)
{
    static const struct {
        const char *pains;
        int count;
    } rows[] = {
        { "6", 1 },    { "66", 2 },   { "666", 3 },   { "65", 0 },    { "655", 1 }, { "654", 0 },
        { "6455", 2 }, { "6454", 2 }, { "6453", 0 },  { "6766", 4 },  { "6?6", 3 }, { "6?5", 0 },
        { "?66", 0 },  { "066", 0 },  { "6????", 5 }, { "67564", 0 }, { "676", 3 },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char when[64], sessions[512] = "";
        size_t n = strlen(rows[i].pains);
        for (size_t k = 0; k < n; k++)
            (void)snprintf(sessions + strlen(sessions), sizeof(sessions) - strlen(sessions),
                           "%ssession %zu soft 30 %c>?", k ? "; " : "", (n - k) * 7, rows[i].pains[k]);
        (void)snprintf(when, sizeof(when), "{'==': [{'var': 'sessions_without_gain'}, %d]}", rows[i].count);
        const struct reading row = { when, sessions, true };
        check_readings(&row, 1);
    }
}

static void sees_a_relapse(void **state)
{
    static const struct reading rows[] = {
        { FLAG("relapsed"), "session 50 soft 30 6>6; session 20 soft 30 3>3; session 6 soft 30 5>5", true },
        { FLAG("relapsed"), "session 50 soft 30 6>6; session 20 soft 30 3>3; session 7 soft 30 5>5",
          false }, /* 13 days */
        { FLAG("relapsed"), "session 50 soft 30 6>6; session 20 soft 30 3>3; session 14 soft 30 5>5",
          true }, /* until as_of */
        { FLAG("relapsed"), "session 50 soft 30 6>6; session 20 soft 30 3>3; session 13 soft 30 5>5", false },
        { FLAG("relapsed"), "session 50 soft 30 6>6; session 20 soft 30 3>3; session 6 soft 30 4>4",
          false }, /* one point */
        { FLAG("relapsed"), "session 50 soft 30 6>6; session 20 soft 30 5>5; session 6 soft 30 7>7",
          false }, /* never improved */
        { FLAG("relapsed"), "session 50 soft 30 3>3; session 20 soft 30 2>2; session 6 soft 30 4>4",
          true }, /* by percent */
        { FLAG("relapsed"), "session 50 soft 30 6>6; session 20 soft 30 3>3; session 6 soft", false },
        { FLAG("relapsed"), "session 50 soft 30 6>9", false }, /* one entry: low and base are the same */
    };
    (void)state;
    check_readings(rows, ARRAY_LEN(rows));
}

static void leaves_out_what_is_too_old_or_to_come(void **state)
{
    static const struct row rows[] = {
        { NULL, "complaint neck; session 121 soft; session 3 soft; session -1 soft",
          "ignored /progress/0 progress_too_old\nignored /progress/2 progress_in_future\nreplan p" },
        { NULL, "complaint neck; session 121 soft", "!replan p\ncourse c firm" },
    };
    (void)state;
    CHECK_ROWS(WITH(.replanning = "[{'id': 'p', 'when': " SOME "}]"), rows);
}

/* ---- what decides ------------------------------------------------------------------------------------------ */

static void the_first_that_decides_decides(void **state)
{
    static const char replanning[] =
        "[{'id': 'late', 'order': 50, 'when': " SOME "}, {'id': 'worse', 'order': 10, 'when': " FLAG(
            "worsened") "},"
                        " {'id': 'add1', 'order': 5, 'decides': false, 'action': 'lighten', 'when': " SOME "},"
                        " {'id': 'better', 'order': 20, 'when': " FLAG(
                            "improved") "},"
                                        " {'id': 'add2', 'order': 60, 'decides': false, 'action': 'lighten', "
                                        "'when': " FLAG("improved") "}]";
    static const struct row rows[] = {
        { NULL, "complaint neck", "!replan late\ncourse c firm" },
        { NULL, "complaint neck; " FROM_TO(6, 6), "replan late, also add1" },
        { NULL, "complaint neck; " FROM_TO(6, 4), "replan better, also add1 add2" },
        { NULL, "complaint neck; session 9 soft 30 6>6; session 2 soft 30 4>4 worse", "replan worse, also add1 add2" },
    };
    (void)state;
    CHECK_ROWS(WITH(.replanning = replanning), rows);
}

/* A disposition of re-planning joins, with a warning and a place in the reasons. */
static void stops_and_refers(void **state)
{
    static const char replanning[] = "[{'id': 'urgent', 'order': 1, 'when': " FLAG(
        "neurological_any") ", 'action': 'stop_refer', 'no_course': true,"
                            "  'disposition': 'refer_urgently', 'say': 'stop now'},"
                            " {'id': 'stop', 'order': 2, 'when': " FLAG(
                                "worsened") ", 'action': 'pause_refer', 'no_course': true,"
                                            "  'disposition': 'clearance_required'},"
                                            " {'id': 'go', 'order': 3, 'when': " SOME "}]";
    static const struct row rows[] = {
        { "[{'id': 'r', 'when': {'var': 'a'}, 'severity': 'clearance', 'target': {'==': [{'var': 'oil'}, true]},"
          "  'effect': 'not_allowed'}, {'id': 's', 'when': {'var': 'a'}, 'severity': 'caution', 'effect': 'allowed'}]",
          "complaint neck; not a; session 9 soft 30 6>6; session 2 soft 30 6>8",
          "disposition clearance_required\nbooking hold\nno course stop\nsoft clearance_required\nsoft could "
          "clearance_required\n"
          "soft because stop\nwarnings stop\nstop is clearance clearance_required clearance_required\nstop systemic\n"
          "stop by /progress/0 /progress/1\ncomplete yes" },
        { NULL, "complaint neck; has a; session 9 soft 30 6>6; session 2 soft 30 6>8",
          "soft because stop\nfirm because r\nfirm not_allowed\nwarnings r stop s" }, /* behind those of its severity */
        { NULL, "complaint neck; not a; session 130 soft; session 9 soft 30 6>6 neurological",
          "disposition refer_urgently\nbooking refuse\nno course urgent\nsoft not_allowed\nfirm because urgent\n"
          "urgent is urgent not_allowed refer_urgently\nurgent by /progress/1" },
        { NULL, "complaint neck; has a; session 9 soft 30 6>6 neurological",
          "firm because urgent r\nsoft because urgent\nwarnings urgent r s" },
        { NULL, "complaint neck; not a; session 9 soft 30 6>6",
          "disposition proceed\nwarnings\ncourse c soft\nsoft because" },
    };
    /* a disposition alone is enough */
    static const struct row disposition[] = { { NULL, "complaint neck; " FROM_TO(6, 6),
                                                "no course disposition\nsoft because p" } };
    (void)state;
    CHECK_ROWS(WITH(.replanning = replanning), rows);
    CHECK_ROWS(WITH(.replanning = "[{'id': 'p', 'when': " SOME ", 'disposition': 'clearance_required'}]"), disposition);
}

/* ---- what is left of the course ---------------------------------------------------------------------------- */

#define ONE           "session 9 soft 30 6>6"
#define FOUR          "session 30 soft; session 20 soft; session 10 soft; session 5 soft"
#define FIVE          "session 40 soft; " FOUR
#define SIX           "session 50 soft; " FIVE
#define PLAN(members) "[{'id': 'p', 'when': " SOME ", " members "}]"

static void continues(void **state)
{
    static const struct row rows[] = {
        { NULL, "complaint neck; " ONE,
          "course c soft\nphase One: 3 x 2, 40 min, p3\nphase Two: 2 x 0.5, 50 min, p3\ntotal 5, weeks 6, reassess 3" },
        { NULL, "complaint neck; " FOUR,
          "!phase One: 4 x 2, 40 min, p3\nphase Two: 2 x 0.5, 50 min, p3\ntotal 2, weeks 4, reassess 2" },
        { NULL, "complaint neck; " FIVE, "phase Two: 1 x 0.5, 50 min, p3\ntotal 1, weeks 2, reassess 1" },
        { NULL, "complaint neck; " SIX, "no course course_completed" },
        { NULL, "complaint neck; session 60 soft; " SIX, "no course course_completed" },
    };
    (void)state;
    CHECK_ROWS(WITH(.replanning = PLAN("'action': 'continue'")), rows);
    CHECK_ROWS(WITH(.replanning = PLAN("'action': 'lighten'")), rows);
}

static void tapers_and_finishes(void **state)
{
    static const struct row taper[] = {
        { NULL, "complaint neck; " ONE, "phase Less: 4 x 1, 40 min, p3\ntotal 4, weeks 4, reassess 3" },
        { NULL, "complaint neck; session 10 soft; session 5 soft; session 3 soft",
          "phase Less: 3 x 1, 40 min, p3\n!phase Two: 2 x 0.5, 50 min, p3" },
        { NULL, "complaint neck; " FOUR, "phase Less: 2 x 0.25, 50 min, p3\ntotal 2, weeks 8, reassess 2" },
        { NULL, "complaint neck; " FIVE, "phase Less: 1 x 0.25, 50 min, p3" },
        { NULL, "complaint neck; " SIX, "phase Less: 1 x 0.25, 50 min, p3" },            /* at least one */
        { NULL, "complaint neck; week 0.25; " ONE, "phase Less: 4 x 0.25, 40 min, p3" }, /* no step is lower */
    };
    static const struct row finish[] = {
        { NULL, "complaint neck; " ONE,
          "phase One: 2 x 0.75, 40 min, p3\ntotal 2, weeks 3, reassess 2" }, /* keeps its name */
        { NULL, "complaint neck; " FIVE, "phase Two: 1 x 0.5, 50 min, p3" }, /* never more often */
    };
    (void)state;
    CHECK_ROWS(WITH(.replanning = PLAN("'action': 'taper', 'phase_name': 'Less', 'per_week_steps': [2, 1, 0.5, 0.25],"
                                       " 'sessions_left_max': 4")),
               taper);
    CHECK_ROWS(WITH(.replanning = PLAN("'action': 'finish', 'per_week': 0.75, 'sessions_left_max': 2")), finish);
}

static void continues_once(void **state)
{
    static const struct row rows[] = {
        { NULL, "complaint neck; " ONE,
          "phase One: 3 x 2, 40 min, p3\n!phase Two: 2 x 0.5, 50 min, p3\ntotal 3, weeks 2, reassess 1" },
        { NULL, "complaint neck; session 9 soft; session 8 soft",
          "phase One: 2 x 2, 40 min, p3\nphase Two: 1 x 0.5, 50 min, p3\ntotal 3, weeks 3, reassess 1" },
        { NULL, "complaint neck; " FIVE, "phase Two: 1 x 0.5, 50 min, p3" },
        { NULL, "complaint neck; " SIX, "no course course_completed" },
    };
    (void)state;
    CHECK_ROWS(
        WITH(.replanning = PLAN("'action': 'continue_once', 'sessions_left_max': 3, 'reassess_after_sessions': 1")),
        rows);
}

static void begins_again(void **state)
{
    static const char first[] =
        "[{'id': 'j', 'when': {'==': [{'var': 'sessions_done'}, 0]}, 'scope': 'first_session',"
        " 'minutes_max': 25, 'pressure_delta': -1, 'pressure_max': 3, 'techniques_avoid': ['firm']}]";
    static const struct row intake[] = {
        { NULL, "complaint neck; " FIVE,
          "course c soft\nphase One: 4 x 2, 40 min, p3\nphase Two: 2 x 0.5, 50 min, p3\nfirst 25 min, p2" },
        { NULL, "complaint neck; session 5 firm", "course c firm\nfirst 25 min, p2, soft" },
    };
    static const struct row booster[] = {
        { NULL, "complaint neck; " SIX,
          "phase Again: 6 x 1, 60 min, p2\ntotal 6, weeks 6, reassess 2\n!first 25 min, p1" },
    };
    static const struct row phase[] = {
        { NULL, "complaint neck; " ONE,
          "phase One: 4 x 2, 40 min, p3\ntotal 6, weeks 6, reassess 3\nfirst 40 min, p2" }, /* only the pressure */
        { NULL, "complaint neck; " FIVE,
          "!phase One: 4 x 2, 40 min, p3\nphase Two: 2 x 0.5, 50 min, p3\nfirst 50 min, p2" },
        { NULL, "complaint neck; " SIX, "no course course_completed" },
    };
    static const struct row goes_on[] = { { NULL, "complaint neck; " ONE,
                                            "!first 25 min, p2\n!first 40 min, p2\nphase One: 3 x 2, 40 min, p3" } };
    (void)state;
    CHECK_ROWS(WITH(.adjustments = first, .replanning = PLAN("'action': 'new_intake'")), intake);
    CHECK_ROWS(WITH(.adjustments = first,
                    .replanning = PLAN("'action': 'booster', 'reassess_after_sessions': 2, 'phases': [{'name': 'Again',"
                                       " 'sessions': 6, 'per_week': 1, 'minutes': 60, 'pressure': 2}]")),
               booster);
    CHECK_ROWS(WITH(.adjustments = first, .replanning = "[{'id': 'p', 'when': " SOME "}, {'id': 'q', 'when': " SOME ","
                                                        " 'decides': false, 'action': 'restart_phase'}]"),
               phase);
    CHECK_ROWS(WITH(.adjustments = first, .replanning = PLAN("'action': 'continue'")), goes_on);
}

/* ---- lighter, shorter, rarer ------------------------------------------------------------------------------- */

/* The strongest of the changes counts, not their sum. */
static void joins_changes(void **state)
{
#define ALSO(n, members) ", {'id': 'q" n "', 'when': " SOME ", 'decides': false, 'action': 'lighten', " members "}"
    static const struct {
        const char *replanning, *want;
    } rows[] = {
        { "'pressure_delta': -1", "phase One: 3 x 2, 40 min, p2" },
        { "'pressure_delta': -1}" ALSO("1", "'pressure_delta': -2") ALSO("2", "'pressure_delta': -1"),
          "phase One: 3 x 2, 40 min, p1" },
        { "'pressure_delta': -5", "phase One: 3 x 2, 40 min, p1" }, /* at least 1 */
        { "'minutes_factor': 0.5", "phase One: 3 x 2, 20 min, p3" },
        { "'minutes_factor': 0.75}" ALSO("1", "'minutes_factor': 0.5"), "phase One: 3 x 2, 20 min, p3" },
        { "'minutes_factor': 0.33", "phase One: 3 x 2, 13 min, p3" }, /* rounded down */
        { "'minutes_factor': 0.01", "phase One: 3 x 2, 1 min, p3" },
        { "'min_days_between': 3", "phase One: 3 x 2, 40 min, p3" },
        { "'min_days_between': 4", "phase One: 3 x 1, 40 min, p3" },
        { "'min_days_between': 7", "phase One: 3 x 1, 40 min, p3" },
        { "'min_days_between': 8", "phase One: 3 x 0.5, 40 min, p3" },
        { "'min_days_between': 14", "phase One: 3 x 0.5, 40 min, p3" },
        { "'min_days_between': 15", "phase One: 3 x 0.25, 40 min, p3" },
        { "'min_days_between': 28", "phase One: 3 x 0.25, 40 min, p3" },
        { "'min_days_between': 3}" ALSO("1", "'min_days_between': 7"), "phase One: 3 x 1, 40 min, p3" },
        { "'min_days_between': 7}" ALSO("1", "'min_days_between': 3"), "phase One: 3 x 1, 40 min, p3" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char text[1024];
        const struct row row = { NULL, "complaint neck; " ONE, rows[i].want };
        size_t n = strlen(rows[i].replanning);
        (void)snprintf(text, sizeof(text), "[{'id': 'p', 'when': " SOME ", %s%s]", rows[i].replanning,
                       rows[i].replanning[n - 1] == '}' ? "" : "}");
        check_rows(WITH(.replanning = text), &row, 1);
    }
}

/* ---- the technique ----------------------------------------------------------------------------------------- */

static void keeps_or_changes_the_technique(void **state)
{
    static const char rules[] =
        "[{'id': 'r', 'when': {'var': 'a'}, 'effect': 'not_allowed', 'target': {'==': [{'var': 'code'}, 'soft']}}]";
    static const struct row keep[] = {
        { rules, "complaint neck; not a; session 5 warm", "course c warm" },
        { NULL, "complaint neck; not a; session 5 -", "course c firm" },
        { NULL, "complaint neck; not a; session 9 warm; session 5 -", "course c warm" }, /* the last that was named */
        { NULL, "complaint neck; not a; session 9 warm; session 5 soft", "course c soft" },
        { NULL, "complaint neck; has a; session 9 warm; session 5 soft", "course c firm" }, /* not usable any more */
        { NULL, "complaint neck; not a; session 5 warm; wish soft", "course c warm" },
    };
    static const struct row gentler[] = {
        { rules, "complaint neck; not a; session 5 firm", "course c soft" },
        { NULL, "complaint neck; not a; session 5 soft", "course c warm" },
        { NULL, "complaint neck; has a; session 5 firm", "course c warm" },
        { NULL, "complaint neck; not a; session 5 warm", "course c warm" }, /* none is gentler: kept */
    };
    static const struct row style[] = {
        { rules, "complaint neck; not a; session 5 firm", "course c soft" },
        { NULL, "complaint neck; not a; session 5 soft", "course c warm" },
        { NULL, "complaint neck; not a; session 5 warm", "course c firm" }, /* from the beginning again */
        { NULL, "complaint neck; has a; session 5 firm", "course c warm" },
        { NULL, "complaint neck; has a; session 5 soft", "course c warm" }, /* the next of what may be used */
    };
    static const struct row of_another_list[] = {
        { NULL, "complaint neck; session 5 firm", "course c soft" }, /* from the beginning */
        { NULL, "complaint neck; session 5 soft", "course c warm" },
        { NULL, "complaint neck; session 5 warm", "course c soft" },
    };
    static const struct row alone[] = { { NULL, "complaint neck; session 5 soft",
                                          "course c soft" } }; /* there is no other */
    (void)state;
    CHECK_ROWS(WITH_COURSES(.courses = "[{'id': 'c', 'when': " NECK ", 'techniques': ['soft', 'warm'], " PHASES "}]",
                            .replanning = PLAN("'action': 'change_technique', 'technique': 'next_style'")),
               of_another_list);
    CHECK_ROWS(WITH_COURSES(.courses = "[{'id': 'c', 'when': " NECK ", 'techniques': ['soft'], " PHASES "}]",
                            .replanning = PLAN("'action': 'change_technique', 'technique': 'next_style'")),
               alone);
    CHECK_ROWS(WITH(.replanning = PLAN("'action': 'continue'")), keep);
    CHECK_ROWS(WITH(.replanning = PLAN("'action': 'change_technique', 'technique': 'next_gentler'")), gentler);
    CHECK_ROWS(WITH(.replanning = PLAN("'action': 'change_technique', 'technique': 'next_style'")), style);
}

static void drops_techniques_and_regions(void **state)
{
    static const struct row named[] = {
        { NULL, "complaint neck; session 14 soft", "course c firm" },
        { NULL, "complaint neck; session 15 soft", "course c soft" }, /* for so many days */
    };
    static const struct row traits[] = { { NULL, "complaint neck; session 5 firm", "course c soft" },
                                         { NULL, "complaint neck; session 100 firm", "course c soft" } };
    static const struct row heat[] = {
        { NULL, "complaint neck; session 5 warm", "course c firm\nfocus shoulder" },
        { NULL, "complaint neck; session 5 firm", "course c firm\nfocus shoulder" }, /* oil is not essential */
    };
    static const struct row all[] = { { NULL, "complaint neck; session 5 warm", "no course area_avoided" } };
    (void)state;
    CHECK_ROWS(WITH(.replanning = PLAN("'techniques_drop': ['soft'], 'techniques_drop_days': 14")), named);
    CHECK_ROWS(WITH(.replanning = PLAN("'techniques_drop_with': ['oil']")), traits);
    CHECK_ROWS(WITH(.replanning =
                        "[{'id': 'p', 'when': " SOME "}, {'id': 'q', 'when': " SOME
                        ", 'decides': false, 'action': 'lighten',"
                        " 'modifications': [{'kind': 'no_heat', 'value': true}, {'kind': 'no_oil', 'value': true},"
                        " {'kind': 'avoid_region', 'value': ['neck']}]}]"),
               heat);
    CHECK_ROWS(WITH(.replanning = PLAN("'modifications': [{'kind': 'avoid_region', 'value': ['neck', 'shoulder']}]")),
               all);
}

/* The tested dose comes before a change of style, where the plan stays below it and can rise. */
static void reaches_the_dose_first(void **state)
{
#define DOSE(minutes, week)                                                                                            \
    PLAN("'action': 'change_technique', 'technique': 'next_style', 'dose_check': [{'course': 'c',"                     \
         " 'minutes': " minutes ", 'per_week': " week "}]")
    static const struct row longer[] = {
        { NULL, "complaint neck; session 5 soft", "course c soft\nphase One: 3 x 2, 60 min, p3" },
        { NULL, "complaint neck; minutes 30; session 5 soft",
          "course c soft\nphase One: 3 x 2, 60 min, p3" }, /* wishes aside */
    };
    static const struct row more_often[] = {
        { NULL, "complaint neck; session 5 soft", "course c soft\nphase One: 3 x 3, 40 min, p3" },
        { NULL, "complaint neck; week 1; session 5 soft", "course c soft\nphase One: 3 x 3, 40 min, p3" },
    };
    static const struct row reached[] = { { NULL, "complaint neck; session 5 soft",
                                            "course c warm\nphase One: 3 x 2, 40 min, p2" } };
    static const struct row limited[] = {
        { "[{'id': 'r', 'when': {'var': 'a'}, 'modifications': [{'kind': 'max_minutes', 'value': 40}]}]",
          "complaint neck; has a; session 5 soft", "course c warm" }, /* it cannot rise */
        { NULL, "complaint neck; not a; session 5 soft", "course c soft\nphase One: 3 x 2, 60 min, p3" },
    };
    /* of the phase that the next session falls in */
    static const struct row second[] = {
        { NULL, "complaint neck; session 30 soft; session 20 soft; session 10 soft; session 5 soft",
          "course c soft\nphase Two: 2 x 0.5, 60 min, p3" },
        { NULL, "complaint neck; session 9 soft; session 5 soft", "course c soft" },
    };
    static const struct row both[] = { { NULL, "complaint neck; session 5 soft",
                                         "course c soft\nphase One: 3 x 3, 60 min, p3" } };
    static const struct row elsewhere[] = { { NULL, "complaint neck; session 5 soft", "course c warm" } };
    (void)state;
    CHECK_ROWS(WITH(.replanning = DOSE("60", "2")), longer);
    CHECK_ROWS(WITH(.replanning = DOSE("40", "3")), more_often);
    CHECK_ROWS(WITH(.replanning = DOSE("40", "2")), reached);
    CHECK_ROWS(WITH(.replanning = DOSE("60", "0.25")), second);
    CHECK_ROWS(WITH(.replanning = DOSE("60", "3")), both);
    CHECK_ROWS(WITH(.replanning = DOSE("60", "2")), limited);
    CHECK_ROWS(
        WITH_COURSES(.courses = "[{'id': 'c', 'when': " NECK ", 'techniques': ['firm', 'soft', 'warm'], " PHASES "},"
                                " {'id': 'd', 'when': {'var': 'a'}}]",
                     .replanning =
                         PLAN("'action': 'change_technique', 'technique': 'next_style', 'dose_check': [{'course': 'd',"
                              " 'minutes': 60, 'per_week': 2}]")),
        elsewhere);
}

/* ---- a stop that was lifted -------------------------------------------------------------------------------- */

static void lifts_a_stop(void **state)
{
    static const char replanning[] = "[{'id': 'stop', 'order': 1, 'when': " FLAG(
        "worsened") ", 'action': 'stop_refer', 'no_course': true,"
                    "  'disposition': 'clearance_required'},"
                    " {'id': 'nerves', 'order': 2, 'when': " FLAG(
                        "neurological_any") ", 'action': 'stop_refer', 'no_course': true,"
                                            "  'disposition': 'clearance_required'}, {'id': 'go', 'order': 3, "
                                            "'when': " SOME "}]";
#define WORSE "session 20 firm 30 6>6; session 10 firm 30 6>8"
    static const struct row rows[] = {
        { NULL, "complaint neck; " WORSE, "no course stop\ndisposition clearance_required" },
        /* entries dated before the clearance are left out; lighter, shorter and with another technique */
        { NULL, "complaint neck; clear reaction physician 9; " WORSE,
          "course c soft\nphase One: 4 x 2, 20 min, p1\nphase Two: 2 x 0.5, 25 min, p1\ndisposition proceed\nwarnings\n"
          "!ignored /clearances/0 clearance_unused" },
        { NULL, "complaint neck; clear reaction physician 9; session 20 soft 30 6>6; session 10 firm 30 6>8",
          "course c soft" }, /* another than the last */
        { NULL, "complaint neck; clear reaction obstetric 5; " WORSE, "course c soft" },
        { NULL, "complaint neck; clear reaction guardian 5; " WORSE,
          "no course stop\nignored /clearances/0 clearance_unused" },
        { NULL, "complaint neck; clear reaction physician 10; " WORSE,
          "no course stop" }, /* of the same day: it still counts */
        { NULL, "complaint neck; clear reaction physician 15; " WORSE, "no course stop" },
        { NULL, "complaint neck; clear reaction physician 30; " WORSE, "no course stop" },
        { NULL, "complaint neck; clear reaction physician 30; clear reaction surgeon 5; " WORSE,
          "course c soft" }, /* the latest */
        /* sessions since then count */
        { NULL, "complaint neck; clear reaction physician 9; " WORSE "; session 5 soft 30 8>8",
          "course c soft\nreplan go\nphase One: 3 x 2, 20 min, p1" },
        { NULL, "complaint neck; clear reaction physician 9; " WORSE "; session 5 soft 30 6>6",
          "replan go" }, /* no stop any more */
        { NULL, "complaint neck; clear reaction physician 9; " WORSE "; session 5 soft 30 6>8",
          "no course stop\nstop by /progress/2" },
        /* it was stopped for something else: as before */
        { NULL,
          "complaint neck; clear reaction physician 9; session 20 firm 30 6>6 neurological; session 10 firm 30 6>6",
          "course c firm\nphase One: 4 x 2, 40 min, p3\nphase Two: 2 x 0.5, 50 min, p4" },
        /* nothing to lift */
        { NULL, "complaint neck; clear reaction physician 9; session 20 firm 30 6>6",
          "replan go\nphase One: 3 x 2, 40 min, p3" },
    };
    (void)state;
    CHECK_ROWS(WITH(.replanning = replanning), rows);
    { /* the last that was named, as elsewhere */
        static const struct row unnamed[] = {
            { NULL, "complaint neck; clear reaction physician 9; session 20 firm 30 6>6; session 10 - 30 6>8",
              "course c soft" }
        };
        CHECK_ROWS(WITH(.replanning = replanning), unnamed);
    }
}

RUN_TESTS(cmocka_unit_test(reads_what_counts), cmocka_unit_test(counts_reactions), cmocka_unit_test(reads_the_trend),
          cmocka_unit_test(counts_sessions_without_gain), cmocka_unit_test(sees_a_relapse),
          cmocka_unit_test(leaves_out_what_is_too_old_or_to_come), cmocka_unit_test(the_first_that_decides_decides),
          cmocka_unit_test(stops_and_refers), cmocka_unit_test(continues), cmocka_unit_test(tapers_and_finishes),
          cmocka_unit_test(continues_once), cmocka_unit_test(begins_again), cmocka_unit_test(joins_changes),
          cmocka_unit_test(keeps_or_changes_the_technique), cmocka_unit_test(drops_techniques_and_regions),
          cmocka_unit_test(reaches_the_dose_first), cmocka_unit_test(lifts_a_stop))
