/* What would allow a technique (S19): sets of clearances, answers and days, the smallest first. */
#include "decide/shown.h"

static const struct parts parts = {
    .facts = "[{'id': 'a', 'attributes': ['date', 'region']}, {'id': 'b', 'attributes': ['date', 'severity']}, {'id': "
             "'n'}, {'id': 'm'},"
             " {'id': 's', 'attributes': ['date'], 'valid_days': 30}, {'id': 'u', 'covers': ['v', 'w']}, {'id': 'v'},"
             " {'id': 'w'}, {'id': 'q', 'attributes': ['controlled', 'systolic', 'grade', 'side']}]",
};

#define BAN              "'effect': 'not_allowed'"
#define LIFTED_BY(who)   "'clearable_by': '" who "', 'cleared_effect': 'modified'"
#define RULE(id, fact)   "{'id': '" id "', 'when': {'var': '" fact "'}, "
#define CLEARED(id, f)   RULE(id, f) "'clearance_for': ['" f "'], " BAN ", " LIFTED_BY("physician") "}"
#define HELD(when, more) "[{'id': 'r', 'when': " when ", 'if_unknown': 'hold', " BAN more "}]"

static void says_nothing_of_what_is_allowed(void **state)
{
    static const struct row rows[] = {
        { "[" RULE("r", "a") BAN "}]", "not a", "soft allowed\n!soft allowed by\n!soft more\n!soft stays" },
        { "[" RULE("r", "a") "'effect': 'modified'}]", "has a", "soft modified\n!soft allowed by\n!soft stays" },
    };
    (void)state;
    CHECK_ROWS(parts, rows);
}

static void lists_the_clearances(void **state)
{
    static const struct row rows[] = {
        { "[" CLEARED("r", "n") "]", "has n", "soft allowed by n physician\n!soft more\n!soft stays" },
        /* for each rule one */
        { "[" CLEARED("r", "n") ", " CLEARED("t", "m") "]", "has n; has m",
          "soft allowed by n physician, m physician\n!soft allowed by n physician\n!soft more" },
        { NULL, "has n; not m", "soft allowed by n physician\n!soft allowed by n physician, m physician" },
        /* one letter for both */
        { "[" CLEARED("r", "n") ", {'id': 't', 'when': {'or': [{'var': 'n'}, {'var': 'm'}]}, 'clearance_for': "
                                "['n', 'm'], " BAN ", " LIFTED_BY("physician") "}]",
          "has n; not m", "soft allowed by n physician\n!soft more" },
        /* of two causes both, by either way of one */
        { NULL, "has n; has m", "soft allowed by n physician, m physician\n!soft more" },
        /* either of two facts that the rule needs together */
        { "[{'id': 'r', 'when': {'and': [{'var': 'n'}, {'var': 'm'}]}, 'clearance_for': ['n', 'm'], " BAN
          ", " LIFTED_BY("physician") "}]",
          "has n; has m", "soft allowed by n physician\nsoft allowed by m physician\n!soft more" },
        /* a surgeon's letter does for a physician's, not the other way about */
        { "[" CLEARED("r", "n") ", " RULE("t", "n") "'clearance_for': ['n'], " BAN ", " LIFTED_BY("surgeon") "}]",
          "has n", "soft allowed by n surgeon\n!soft allowed by n physician, n surgeon" },
        /* what fires by age alone is lifted by any of its letters */
        { "[{'id': 'r', 'when': {'or': [{'<': [{'var': 'age_years'}, 50]}, {'var': 'n'}]}, 'clearance_for': ['n', 'm'],"
          " " BAN ", " LIFTED_BY("physician") "}]",
          "not n; not m", "soft allowed by n physician\nsoft allowed by m physician" },
    };
    (void)state;
    CHECK_ROWS(parts, rows);
}

static void tells_what_cannot_change(void **state)
{
    static const struct row rows[] = {
        { "[" RULE("r", "n") BAN "}, " CLEARED("t", "m") "]", "has n; has m", "soft stays r\n!soft more" },
        { NULL, "has n; not m", "soft stays r" },
        { NULL, "not n; has m", "soft allowed by m physician\n!soft stays r" },
        { "[{'id': 'r', 'when': {'<': [{'var': 'age_years'}, 18]}, " BAN "}]", "age 17", "soft stays r" },
        /* by technique: what is taken from one is not taken from the other */
        { "[" RULE("r", "n") "'modifications': [{'kind': 'no_heat', 'value': true}]}]", "has n",
          "warm not_allowed\nwarm stays r\nsoft modified\n!soft stays r" },
    };
    struct parts p = parts;
    (void)state;
    p.techniques = "[{'code': 'soft'}, {'code': 'warm', 'traits': ['heat'], 'essential': ['heat']}]";
    CHECK_ROWS(p, rows);
}

static void lists_the_answers(void **state)
{
    static const struct row rows[] = {
        { HELD("{'var': 'n'}", ""), "", "soft allowed by n absent\n!soft more" },
        { NULL, "maybe n", "soft allowed by n absent" },
        { NULL, "has n", "soft stays r" },
        { HELD("{'and': [{'var': 'n'}, {'var': 'm'}]}", ""), "",
          "soft allowed by n absent\nsoft allowed by m absent\n!soft more" },
        { HELD("{'or': [{'var': 'n'}, {'var': 'm'}]}", ""), "", "soft allowed by n absent, m absent\n!soft more" },
        /* only where nothing else is left is "present" the better answer */
        { HELD("{'!': {'var': 'n'}}", ""), "", "soft allowed by n present" },
        { HELD("{'and': [{'!': {'var': 'n'}}, {'var': 'm'}]}", ""), "",
          "soft allowed by m absent\n!soft allowed by n present" },
        /* the umbrella for what it covers; below a yes the fact itself */
        { HELD("{'var': 'v'}", ""), "", "soft allowed by u absent\n!soft allowed by v absent" },
        { NULL, "has w", "soft allowed by v absent" },
        { HELD("{'var': 'u'}", ""), "maybe v; maybe w; not u", "soft allowed by v absent, w absent" },
        { HELD("{'or': [{'var': 'v'}, {'var': 'w'}]}", ""), "", "soft allowed by u absent\n!soft more" },
        /* attributes: the value next to those that bind, for each finding that lacks it */
        { HELD("{'>=': [{'var': 'b.severity'}, 6]}", ""), "has b", "soft allowed by b.severity 5" },
        { HELD("{'<': [{'var': 'b.severity'}, 6]}", ""), "has b", "soft allowed by b.severity 6" },
        { HELD("{'!': {'==': [{'var': 'b.severity'}, 6]}}", ""), "has b", "soft allowed by b.severity 6" },
        { HELD("{'<=': [{'var': 'a.days_ago'}, 9]}", ""), "has a", "soft allowed by a.date -10" },
        { HELD("{'<=': [{'var': 'a.days_ago'}, 9]}", ""), "has a; has a region hip", "soft allowed by a.date -10" },
        { HELD("{'>': [{'var': 'a.days_ago'}, 9]}", ""), "has a", "soft allowed by a.date -9" },
        { HELD("{'==': [{'var': 'q.controlled'}, false]}", ""), "has q", "soft allowed by q.controlled true" },
        { HELD("{'==': [{'var': 'a.region'}, 'neck']}", ""), "has a", "soft allowed by a.region shoulder" },
        { HELD("{'>=': [{'var': 'q.systolic'}, 160]}", ""), "has q", "soft allowed by q.systolic 159" },
        { HELD("{'!=': [{'var': 'b.severity'}, 6]}", ""), "has b", "soft allowed by b.severity 6" },
        { HELD("{'and': [{'>=': [{'var': 'b.severity'}, 6]}, {'<=': [{'var': 'b.days_ago'}, 9]}]}", ""), "has b",
          "soft allowed by b.severity 5\nsoft allowed by b.date -10" },
        { HELD("{'>=': [{'var': 'b.severity'}, 0]}", ""), "has b", "soft stays r" }, /* whatever it is */
        { HELD("{'==': [{'var': 'q.side'}, 'left']}", ""), "has q", "soft allowed by q.side right" },
        { HELD("{'<=': [{'var': 's.days_ago'}, 40]}", ""), "maybe s", "soft allowed by s absent" },
        /* sex and pain */
        { HELD("{'==': [{'var': 'sex'}, 'female']}", ""), "", "soft allowed by sex male" },
        { HELD("{'!=': [{'var': 'sex'}, 'female']}", ""), "", "soft allowed by sex female" },
        { HELD("{'==': [{'var': 'sex'}, 'male']}", ""), "", "soft allowed by sex female" },
        { HELD("{'>=': [{'var': 'pain_max'}, 7]}", ""), "complaint neck", "soft allowed by pain_max 0" },
    };
    (void)state;
    CHECK_ROWS(parts, rows);
}

/* What answers, too, may be tried: an answer opens something else, or settles more than its own fact. */
static void tries_answers_out(void **state)
{
    static const struct row rows[] = {
        /* the date that frees one rule binds the other */
        { "[{'id': 'r', 'when': {'<=': [{'var': 'a.days_ago'}, 9]}, 'if_unknown': 'hold', " BAN
          "}, {'id': 't', 'when': {'>': [{'var': 'a.days_ago'}, 9]}, 'if_unknown': 'hold', " BAN "}]",
          "has a", "!soft allowed by a.date -10\n!soft allowed by a.date -9" },
        /* present of one, which another rule refuses */
        { "[{'id': 'r', 'when': {'!': {'var': 'n'}}, 'if_unknown': 'hold', " BAN "}, " RULE("t", "n") BAN "}]", "",
          "!soft allowed by n present" },
        /* a letter for the one, an answer for the other */
        { "[" CLEARED("r", "n") ", {'id': 't', 'when': {'var': 'm'}, 'if_unknown': 'hold', " BAN "}]", "has n",
          "soft allowed by n physician, m absent\n!soft more" },
        /* a letter that leaves the rule open wants the answer too, or the other letter */
        { "[{'id': 'r', 'when': {'or': [{'var': 'n'}, {'and': [{'var': 'm'}, {'var': 'v'}]}]}, 'if_unknown': 'hold',"
          " 'clearance_for': ['n', 'm'], " BAN ", " LIFTED_BY("physician") "}]",
          "has n; has m; has w",
          "soft allowed by n physician, v absent\nsoft allowed by n physician, m physician"
          "\n!soft allowed by n physician\n!soft more" },
        { NULL, "has n; has m; not u", "soft allowed by n physician\n!soft more" },
    };
    (void)state;
    CHECK_ROWS(parts, rows);
}

/* S9.4: of an acute rule, a letter counts only once the undated finding has a date; S11: the place of a ban. */
static void asks_for_dates_and_places(void **state)
{
    static const struct row rows[] = {
        { "[" RULE("r", "a") "'clearance_for': ['a'], 'acute': true, 'if_unknown': 'hold', " BAN
                             ", " LIFTED_BY("physician") "}]",
          "has a", "soft allowed by a physician, a.date 0\n!soft allowed by a physician" },
        { NULL, "has a ago 3", "soft allowed by a physician" },
        { "[" RULE("r", "n") "'clearance_for': ['n'], 'acute': true, 'if_unknown': 'hold', " BAN
                             ", " LIFTED_BY("physician") "}]",
          "has n", "soft allowed by n physician\n!soft more" }, /* a fact without dates is asked for none */
        { HELD("{'var': 'a'}", ", 'clearance_for': ['a'], 'acute': true, " LIFTED_BY("physician")),
          "has a; clear a physician 10", "soft needs_answers\nsoft allowed by a.date -10" },
        { HELD("{'var': 'a'}", ", 'clearance_for': ['a'], 'acute': true, " LIFTED_BY("physician")),
          "has a; clear a physician 30; clear a surgeon 5", "soft allowed by a.date -5" },
        { "[" RULE("r", "a") "'if_unknown': 'hold', 'regions': 'where_found', 'modifications': [{'kind': "
                             "'avoid_region', 'value': 'where_found'}]}]",
          "has a; complaint neck", "soft needs_answers\nsoft allowed by a.region ankle_foot" },
        { NULL, "has a; complaint ankle_foot", "soft allowed by a.region face" },
        { NULL, "has a region hip", "soft modified\n!soft allowed by a.region ankle_foot" },
    };
    (void)state;
    CHECK_ROWS(parts, rows);
}

static void finds_the_first_day(void **state)
{
    static const struct row rows[] = {
        { "[{'id': 'r', 'when': {'<=': [{'var': 'a.days_ago'}, 9]}, " BAN "}]", "has a ago 3",
          "soft free in 7\nsoft allowed by in 7\n!soft stays r" },
        { NULL, "has a ago 9", "soft free in 1" },
        { NULL, "has a ago 3; has a ago 1", "soft free in 9" },
        { "[{'id': 'r', 'when': {'<': [{'var': 'a.days_ago'}, 9]}, " BAN "}]", "has a ago 3", "soft free in 6" },
        /* a short-lived finding runs out */
        { "[" RULE("r", "s") BAN "}]", "has s ago 3", "soft free in 28\nsoft allowed by in 28" },
        { NULL, "has s", "soft stays r\n!soft free in 31" },
        /* a letter today, or waiting */
        { "[{'id': 'r', 'when': {'<=': [{'var': 'a.days_ago'}, 9]}, 'clearance_for': ['a'], " BAN
          ", " LIFTED_BY("physician") "}]",
          "has a ago 3", "soft free in 7\nsoft allowed by in 7\nsoft allowed by a physician" },
        /* a rule that time brings */
        { "[{'id': 'r', 'when': {'<=': [{'var': 'a.days_ago'}, 9]}, " BAN
          "}, {'id': 't', 'when': {'in': [{'var': 'a.days_ago'}, [10, 11]]}, " BAN "}]",
          "has a ago 3", "soft free in 9\n!soft free in 7" },
        { "[{'id': 'r', 'when': {'<=': [{'var': 'a.days_ago'}, 9]}, " BAN
          "}, {'id': 't', 'when': {'>': [{'var': 'a.days_ago'}, 9]}, " BAN "}]",
          "has a ago 3", "soft stays r\n!soft free in 7" },
        /* two that move at different times; then a letter for what stays */
        { "[{'id': 'r', 'when': {'<=': [{'var': 'a.days_ago'}, 9]}, " BAN "}, " CLEARED("t", "n") "]",
          "has a ago 3; has n", "soft allowed by n physician, in 7\n!soft free in 7" },
    };
    (void)state;
    CHECK_ROWS(parts, rows);
}

static void lifts_what_the_sessions_stopped(void **state)
{
    static const struct row rows[] = {
        { NULL, "session 9 soft 30 6>5 neurological; complaint neck",
          "soft allowed by reaction physician\nsoft free in 112\nsoft allowed by in 112" },
        { NULL, "session 9 soft 30 6>5 none; complaint neck", "soft allowed\n!soft more" },
    };
    struct parts p = parts;
    (void)state;
    static const struct row later[] = {
        { NULL, "session 9 soft 30 6>5 neurological; complaint neck",
          "soft free in 22\nsoft allowed by in 22\n!soft allowed by reaction physician" },
        { NULL, "session 2 soft 30 6>5 neurological; complaint neck", "soft free in 29" },
        { NULL, "session 9 soft 30 6>5 neurological; session -4 soft; complaint neck", "soft free in 35" },
    };
    static const struct row never[] = {
        { NULL, "session 9 soft 30 6>5 neurological; complaint neck", "soft free in 112" },
    };
    p.courses = "[{'id': 'c', 'when': {'in': ['neck', {'var': 'complaint_regions'}]}}]";
    p.replanning = "[{'id': 'stop', 'when': {'var': 'neurological_any'}, 'no_course': true,"
                   " 'disposition': 'refer_urgently'}]";
    CHECK_ROWS(p, rows);
    /* one that does not stop the course cannot be lifted, but time passes */
    p.replanning = "[{'id': 'wait', 'when': {'and': [{'var': 'neurological_any'},"
                   " {'<=': [{'var': 'days_since_last'}, 30]}]}, 'disposition': 'refer_urgently'}]";
    CHECK_ROWS(p, later);
    p.replanning = "[{'id': 'wait', 'when': {'and': [{'var': 'neurological_any'},"
                   " {'>=': [{'var': 'days_since_last'}, 0]}]}, 'disposition': 'refer_urgently'}]";
    CHECK_ROWS(p, never);
}

/* The text so many times, with the number in place of each '#'. */
static void repeat(const char *text, int n, const char *between, char *ret, size_t size)
{
    size_t used = 0;
    for (int i = 0; i < n; i++) {
        if (i)
            used += (size_t)snprintf(ret + used, size - used, "%s", between);
        for (const char *c = text; *c; c++) {
            used += *c == '#' ? (size_t)snprintf(ret + used, size - used, "%d", i)
                              : (size_t)snprintf(ret + used, size - used, "%c", *c);
            assert_true(used < size);
        }
    }
}

/* So many facts f0, f1, ..., with this rule for each; the person states this of each. */
static void check_many(int n, const char *rule, const char *statement, const char *want)
{
    static struct judged j;
    static char facts[16384] = "[", rules[32768] = "[", line[2048];
    repeat("{'id': 'f#', 'attributes': ['date']}, {'id': 'g#'}", n, ", ", facts + 1, sizeof(facts) - 2);
    repeat(rule, n, ", ", rules + 1, sizeof(rules) - 2);
    strcat(facts, "]");
    strcat(rules, "]");
    struct catalogue *cat = catalogue_of((struct parts){ .facts = facts, .rules = rules });
    repeat(statement, n, "; ", line, sizeof(line));
    judge_person(&j, cat, line);
    check_shown(&j, line, want);
    arena_done(&j.arena);
    catalogue_unref(cat);
}

/* What the bounds on the search cut off is said. */
static void says_where_it_stopped(void **state)
{
    static const char six[] = "[{'id': 'a'}, {'id': 'b'}, {'id': 'c'}, {'id': 'd'}, {'id': 'g'}, {'id': 'h'}]";
#define SIX     "[{'var': 'a'}, {'var': 'b'}, {'var': 'c'}, {'var': 'd'}, {'var': 'g'}, {'var': 'h'}]"
#define LETTERS "'clearance_for': ['a', 'b', 'c', 'd', 'g', 'h'], " BAN ", " LIFTED_BY("physician") "}]"
    static const struct row rows[] = {
        /* at most five are listed */
        { "[{'id': 'r', 'when': {'and': " SIX "}, " LETTERS, "has a; has b; has c; has d; has g; has h",
          "soft allowed by a physician\nsoft allowed by g physician\n!soft allowed by h physician\nsoft more" },
        /* at most five letters are put together */
        { "[{'id': 'r', 'when': {'or': " SIX "}, " LETTERS, "has a; has b; has c; has d; has g; not h",
          "soft allowed by a physician, b physician, c physician, d physician, g physician\n!soft more" },
        { NULL, "has a; has b; has c; has d; has g; has h", "soft more" },
    };
    (void)state;
    CHECK_ROWS(((struct parts){ .facts = six }), rows);
    /* at most 128 changes are weighed */
    check_many(128, "{'id': 'r#', 'when': {'var': 'f#'}, 'if_unknown': 'hold', " BAN "}", "", "!soft more");
    check_many(129, "{'id': 'r#', 'when': {'var': 'f#'}, 'if_unknown': 'hold', " BAN "}", "", "soft more");
    /* at most 48 days are looked at */
    check_many(31, "{'id': 'r#', 'when': {'<=': [{'var': 'f#.days_ago'}, 1#]}, " BAN "}", "has f# ago 1",
               "soft free in 130\n!soft more");
    check_many(31,
               "{'id': 'r#', 'when': {'and': [{'var': 'f#'}, {'or': [{'<': [{'var': 'age_years'}, 90]},"
               " {'in': [{'var': 'f#.days_ago'}, [1#0, 1#5]]}]}]}, " BAN "}",
               "has f# ago 1", "soft more");
    /* at most 24 sets are kept while they are put together */
    check_many(
        4, "{'id': 'r#', 'when': {'and': [{'var': 'f#'}, {'var': 'g#'}]}, 'if_unknown': 'hold', " BAN "}", "",
        "soft allowed by f0 absent, f1 absent, f2 absent, f3 absent\nsoft more"); /* eleven more, and all known */
    check_many(5, "{'id': 'r#', 'when': {'and': [{'var': 'f#'}, {'var': 'g#'}]}, 'if_unknown': 'hold', " BAN "}", "",
               "soft more");
}

RUN_TESTS(cmocka_unit_test(says_nothing_of_what_is_allowed), cmocka_unit_test(lists_the_clearances),
          cmocka_unit_test(tells_what_cannot_change), cmocka_unit_test(lists_the_answers),
          cmocka_unit_test(tries_answers_out), cmocka_unit_test(asks_for_dates_and_places),
          cmocka_unit_test(finds_the_first_day), cmocka_unit_test(lifts_what_the_sessions_stopped),
          cmocka_unit_test(says_where_it_stopped))
