/* Clearances (S9): who may lift what, since when, and what is left of a rule then. */
#include "decide/shown.h"

static const struct parts parts = {
    .facts =
        "[{'id': 'a', 'attributes': ['date', 'region']}, {'id': 'b', 'attributes': ['date']}, {'id': 'n'}, {'id': 'm'},"
        " {'id': 's', 'attributes': ['date'], 'valid_days': 30}, {'id': 'u', 'covers': ['v', 'w']},"
        " {'id': 'v', 'attributes': ['date']}, {'id': 'w', 'attributes': ['date']},"
        " {'id': 'k', 'clearance_only': true, 'complaint_regions': ['neck']},"
        " {'id': 'old', 'clearance_only': true}]",
};

/* A rule that a physician may lift. */
#define LIFT "'clearable_by': 'physician', "
#define BAN  "'effect': 'not_allowed', 'disposition': 'do_not_treat', 'severity': 'absolute', "
#define ON_A "[{'id': 'r', 'when': {'var': 'a'}, 'clearance_for': ['a'], " BAN LIFT

static void counts_for_a_year(void **state)
{
    static const struct row rows[] = {
        { ON_A "'cleared_effect': 'modified'}]", "has a ago 400",
          "soft not_allowed\nr is absolute not_allowed do_not_treat" },
        { NULL, "has a ago 400; clear a physician 0", "soft modified\nr cleared /clearances/0" },
        { NULL, "has a ago 400; clear a physician 365", "soft modified\nr cleared /clearances/0" },
        { NULL, "has a ago 400; clear a physician 366", "soft not_allowed\nignored /clearances/0 clearance_expired" },
        { NULL, "has a ago 400; clear a physician -1", "soft not_allowed\nignored /clearances/0 clearance_in_future" },
    };
    (void)state;
    CHECK_ROWS(parts, rows);
}

/* Who gives it must be who may: anyone of the clinicians for a physician, else the very one. */
static void counts_from_whom_it_may_come(void **state)
{
    static struct judged j;
    (void)state;
    for (int needed = 0; needed < CLEARER_COUNT_; needed++) {
        char text[512];
        struct parts p = parts;
        (void)snprintf(text, sizeof(text),
                       "[{'id': 'r', 'when': {'var': 'a'}, 'clearance_for': ['a'], 'effect': 'clearance_required',"
                       " 'clearable_by': '%.*s', 'cleared_effect': 'allowed'}]",
                       STR_ARGS(clearer_name((enum clearer)needed)));
        p.rules = text;
        struct catalogue *cat = catalogue_of(p);
        for (int by = 0; by < CLEARER_COUNT_; by++) {
            char line[64];
            bool fits = by == needed || (needed == CLEARER_PHYSICIAN && by != CLEARER_GUARDIAN);
            (void)snprintf(line, sizeof(line), "has a ago 9; clear a %.*s 3", STR_ARGS(clearer_name((enum clearer)by)));
            judge_person(&j, cat, line);
            check_shown(&j, text,
                        fits ? "soft allowed\nr cleared /clearances/0"
                             : "soft clearance_required\n!r cleared /clearances/0");
            check_shown(&j, text,
                        fits ? "!ignored /clearances/0 clearance_unused" : "ignored /clearances/0 clearance_unused");
            arena_done(&j.arena);
        }
        catalogue_unref(cat);
    }
}

/* S9.1: the named fact counts as absent, save its instances dated after the clearance. */
static void does_not_cover_what_came_later(void **state)
{
    static const struct row rows[] = {
        { ON_A "'cleared_effect': 'allowed'}]", "has a ago 11; clear a physician 10", "soft allowed" },
        { NULL, "has a ago 10; clear a physician 10", "soft allowed" },
        { NULL, "has a ago 9; clear a physician 10", "soft not_allowed\nr by /symptoms/0\nr clearable physician a" },
        { NULL, "has a since 9; clear a physician 10", "soft not_allowed" },
        { NULL, "has a since 11; clear a physician 10", "soft allowed" },
        { NULL, "has a ago 20; has a ago 9; clear a physician 10", "soft not_allowed\nr by /symptoms/1" },
        { NULL, "has a ago 20; has a ago 15; clear a physician 10", "soft allowed\nr by /symptoms/0 /symptoms/1" },
        /* the latest of each fact counts */
        { NULL, "has a ago 50; clear a physician 100; clear a physician 10",
          "soft allowed\nr cleared /clearances/0 /clearances/1" },
        { NULL, "has a ago 50; clear a physician 10; clear a physician 100", "soft allowed" },
        { NULL, "has a ago 50; clear a physician 60; clear a physician 100", "soft not_allowed" },
        { NULL, "has a ago 50; clear a guardian 10; clear a physician 100",
          "soft not_allowed\nignored /clearances/0 clearance_unused" },
        /* the real date counts, though a short-lived fact reads as current */
        { "[{'id': 'r', 'when': {'==': [{'var': 's.days_ago'}, 0]}, 'clearance_for': ['s'], " BAN LIFT
          "'cleared_effect': 'allowed'}]",
          "has s since 9; clear s physician 10", "soft not_allowed" },
        { NULL, "has s since 11; clear s physician 10", "soft allowed" },
        { NULL, "has s; clear s physician 10", "soft allowed" },
        /* only the named fact */
        { "[{'id': 'r', 'when': {'var': 'u'}, 'clearance_for': ['u'], " BAN LIFT "'cleared_effect': 'allowed'}]",
          "has v ago 20; clear u physician 10", "soft allowed\nr by /symptoms/0" },
        { NULL, "has v ago 20; clear v physician 10", "soft not_allowed\nignored /clearances/0 clearance_unused" },
    };
    (void)state;
    CHECK_ROWS(parts, rows);
}

/* S9.2, S9.4: an undated instance counts as seen, but of an acute rule it may be newer: then its date is asked. */
static void asks_when_an_acute_event_was(void **state)
{
    static const struct row rows[] = {
        { ON_A "'cleared_effect': 'allowed'}]", "has a; clear a physician 10",
          "soft allowed\ncomplete yes\nr cleared /clearances/0" },
        { ON_A "'cleared_effect': 'allowed', 'acute': true}]", "has a; clear a physician 10",
          "soft allowed\nsoft could not_allowed\ncomplete no\nasks a.date\nwarnings\n!ignored /clearances/0 "
          "clearance_unused" },
        { NULL, "has a ago 11; clear a physician 10",
          "soft allowed\nsoft could allowed\ncomplete yes\nr cleared /clearances/0" },
        { NULL, "has a ago 9; clear a physician 10", "soft not_allowed\ncomplete yes" },
        { NULL, "has a; has a ago 9; clear a physician 10",
          "soft not_allowed\ncomplete yes" }, /* both readings the same */
        { NULL, "has a; has a ago 20; clear a physician 10", "soft allowed\nsoft could not_allowed\nasks a.date" },
        { NULL, "maybe a; clear a physician 10", "soft allowed\nsoft could allowed\ncomplete yes" },
        { ON_A "'cleared_effect': 'modified', 'acute': true, 'if_unknown': 'hold'}]", "has a; clear a physician 10",
          "disposition needs_answers\nsoft needs_answers\nsoft could not_allowed\nasks a.date\nbooking hold" },
        /* a fact without dates cannot be asked for one */
        { "[{'id': 'r', 'when': {'var': 'n'}, 'clearance_for': ['n'], 'acute': true, " BAN LIFT
          "'cleared_effect': 'allowed'}]",
          "has n; clear n physician 10", "soft allowed\ncomplete yes\nr cleared /clearances/0" },
        /* of two facts, the undated one that was cleared */
        { "[{'id': 'r', 'when': {'or': [{'var': 'a'}, {'var': 'b'}]}, 'clearance_for': ['a', 'b'], 'acute': true, " BAN
              LIFT "'cleared_effect': 'allowed'}]",
          "has a; not b; clear a physician 10", "soft could not_allowed\nasks a.date" },
        { NULL, "has a; has b ago 20; clear a physician 10; clear b physician 10", "asks a.date\nsoft allowed" },
        { NULL, "has a; has b; clear a physician 10; clear b physician 10", "asks a.date b.date\nsoft allowed" },
        { NULL, "has a; has b; clear a physician 10",
          "soft not_allowed\ncomplete yes" }, /* b stands in both readings */
        { "[{'id': 'r', 'when': {'and': [{'var': 'a'}, {'var': 'b'}]}, 'clearance_for': ['a'], 'acute': true, " BAN LIFT
          "'cleared_effect': 'allowed'}]",
          "has a; maybe b; clear a physician 10", "soft allowed\nsoft could not_allowed\nasks a.date" },
    };
    (void)state;
    CHECK_ROWS(parts, rows);
}

/* S9.3: another cause is not cleared; what fires by age, pain or region alone is lifted by naming any of its facts. */
static void another_cause_is_not_cleared(void **state)
{
    static const struct row rows[] = {
        { "[{'id': 'r', 'when': {'or': [{'var': 'a'}, {'var': 'b'}]}, 'clearance_for': ['a', 'b'], " BAN LIFT
          "'cleared_effect': 'modified', 'modifications': [{'kind': 'max_pressure', 'value': 2}]}]",
          "has a; has b; clear a physician 3",
          "soft not_allowed\nwarnings r\nr is absolute not_allowed do_not_treat\nr by /symptoms/1\nr clearable "
          "physician a b\n"
          "!r cleared /clearances/0\n!ignored /clearances/0 clearance_unused" },
        { NULL, "has a; not b; clear a physician 3", "soft modified\nr cleared /clearances/0" },
        { NULL, "has a; has b; clear a physician 3; clear b surgeon 4",
          "soft modified\nr by /symptoms/0 /symptoms/1\nr cleared /clearances/0 /clearances/1" },
        { NULL, "has a; clear a physician 3",
          "soft allowed\nsoft could not_allowed\nasks b\nwarnings" }, /* still unknown */
        { NULL, "has a; maybe b; clear b physician 3", "soft not_allowed\nr by /symptoms/0" },
        { NULL, "maybe a; not b; clear a physician 3", "soft allowed\nsoft could modified\nwarnings" },
        { NULL, "maybe a; maybe b; clear a physician 3", "soft allowed\nsoft could not_allowed\nasks b" },
        /* by age alone */
        { "[{'id': 'r', 'when': {'or': [{'var': 'a'}, {'>=': [{'var': 'age_years'}, 80]}]}, 'clearance_for': ['a', "
          "'old'], " BAN LIFT "'cleared_effect': 'allowed'}]",
          "age 85; not a; clear old physician 3", "soft allowed\nr by /subject/age_years\nr cleared /clearances/0" },
        { NULL, "age 85; not a; clear a physician 3", "soft allowed\nr cleared /clearances/0" },
        { NULL, "age 85; has a; clear old physician 3", "soft allowed" },
        { NULL, "age 40; has a; clear old physician 3", "soft not_allowed" },
        { "[{'id': 'r', 'when': {'and': [{'var': 'a'}, {'>=': [{'var': 'age_years'}, 80]}]}, 'clearance_for': ['a', "
          "'old'], " BAN LIFT "'cleared_effect': 'allowed'}]",
          "age 85; has a; clear old physician 3", "soft not_allowed" },
        { NULL, "age 85; has a; clear a physician 3", "soft allowed" },
        /* by the lack of something alone */
        { "[{'id': 'r', 'when': {'!': {'var': 'n'}}, 'clearance_for': ['n'], " BAN LIFT "'cleared_effect': 'allowed'}]",
          "not n; clear n physician 3", "soft allowed\nr cleared /clearances/0" },
        { NULL, "maybe n; clear n physician 3", "soft allowed\nsoft could allowed\ncomplete yes" },
    };
    (void)state;
    CHECK_ROWS(parts, rows);
}

/* S9.5: a clearance of a complaint, which must not be older than the complaint. */
static void clears_complaints(void **state)
{
    static const struct row rows[] = {
        { "[{'id': 'r', 'when': {'in': ['neck', {'var': 'complaint_regions'}]}, 'clearance_for': ['k'], " BAN LIFT
          "'cleared_effect': 'allowed'}]",
          "complaint neck days 10", "soft not_allowed\nr by /complaints/0/region" },
        { NULL, "complaint neck days 10; clear k physician 10", "soft allowed\nr cleared /clearances/0" },
        { NULL, "complaint neck days 10; clear k physician 11",
          "soft not_allowed\nignored /clearances/0 clearance_expired" },
        { NULL, "complaint neck; clear k physician 42", "soft allowed" },
        { NULL, "complaint neck; clear k physician 43", "soft not_allowed" },
        { NULL, "complaint neck days 100; complaint neck days 5; clear k physician 50", "soft not_allowed" },
        { NULL, "complaint neck days 100; complaint jaw days 5; clear k physician 50", "soft allowed" },
        /* stating such a fact decides nothing */
        { NULL, "complaint neck days 10; has k; clear k physician 10", "soft allowed" },
        { NULL, "has k", "soft allowed\ncomplete yes" },
    };
    (void)state;
    CHECK_ROWS(parts, rows);
}

/* S9.6: what is left of a rule that was lifted. */
static void leaves_a_caution(void **state)
{
    static const struct row rows[] = {
        { "[{'id': 'r', 'when': {'var': 'a'}, 'clearance_for': ['a'], " BAN LIFT "'cleared_effect': 'modified',"
          " 'if_unknown': 'hold', 'modifications': [{'kind': 'max_pressure', 'value': 2}]}]",
          "has a; clear a physician 3",
          "disposition proceed_modified\nbooking book_with_changes\nsoft modified\nsoft could modified\nsoft mods\n"
          "soft because r\nwarnings r\nr is caution modified proceed_modified\nr systemic\nr by /symptoms/0\n"
          "r cleared /clearances/0\n!r clearable physician a\ncomplete yes" },
        { NULL, "maybe a; clear a physician 3",
          "disposition proceed\nsoft allowed\nsoft could modified\nwarnings" }, /* never holds */
        /* "modified" with no disposition to begin with */
        { "[{'id': 'r', 'when': {'var': 'a'}, 'clearance_for': ['a'], 'effect': 'not_allowed', " LIFT
          "'cleared_effect': 'modified'}]",
          "has a; clear a physician 3", "disposition proceed\nsoft modified\nr is caution modified none" },
        { "[{'id': 'r', 'when': {'var': 'a'}, 'clearance_for': ['a'], " BAN LIFT "'cleared_effect': 'allowed'}]",
          "has a; clear a physician 3",
          "disposition proceed\nsoft allowed\nsoft because\nr is caution allowed none\nbooking book" },
        /* a place is told, but not asked any more */
        { "[{'id': 'r', 'when': {'var': 'a'}, 'clearance_for': ['a'], 'regions': 'where_found', " BAN LIFT
          "'cleared_effect': 'allowed'}]",
          "has a region neck; clear a physician 3", "r at neck\ncomplete yes" },
        { NULL, "has a; clear a physician 3", "r systemic\ncomplete yes" },
        { NULL, "has a region neck; has a; clear a physician 3", "r systemic\ncomplete yes" },
        { "[{'id': 'r', 'when': {'var': 'a'}, 'clearance_for': ['a'], 'regions': ['hip', 'jaw'], " BAN LIFT
          "'cleared_effect': 'allowed'}]",
          "has a region neck; clear a physician 3", "r at jaw,hip" },
        /* each rule for itself */
        { "[{'id': 'r', 'when': {'var': 'a'}, 'clearance_for': ['a'], " BAN LIFT "'cleared_effect': 'allowed'},"
          " {'id': 'q', 'when': {'var': 'a'}, 'clearance_for': ['a'], 'effect': 'clearance_required',"
          "  'clearable_by': 'oncology', 'cleared_effect': 'allowed'},"
          " {'id': 'p', 'when': {'var': 'a'}}]",
          "has a; clear a physician 3",
          "soft clearance_required\nsoft because q p\nr cleared /clearances/0\nq clearable oncology a" },
    };
    (void)state;
    CHECK_ROWS(parts, rows);
}

RUN_TESTS(cmocka_unit_test(counts_for_a_year), cmocka_unit_test(counts_from_whom_it_may_come),
          cmocka_unit_test(does_not_cover_what_came_later), cmocka_unit_test(asks_when_an_acute_event_was),
          cmocka_unit_test(another_cause_is_not_cleared), cmocka_unit_test(clears_complaints),
          cmocka_unit_test(leaves_a_caution))
