/* Where a rule applies (S11): regions listed, found or given, and places that are still to be asked. */
#include "decide/shown.h"

static const struct parts parts = {
    .facts = "[{'id': 'a', 'attributes': ['date', 'region', 'side', 'severity'], 'implies': ['i', 'j']},"
             " {'id': 'b', 'attributes': ['region']}, {'id': 'n'},"
             " {'id': 'i', 'attributes': ['region', 'severity']}, {'id': 'j'},"
             " {'id': 'g', 'implies': ['i'], 'attributes': ['severity']}]",
};

#define AVOID(value) "'modifications': [{'kind': 'avoid_region', 'value': " value "}]"
#define CAP          "'modifications': [{'kind': 'max_pressure', 'value': 2}]"
/* A rule on fact a with these further members. */
#define ON(fact, members) "[{'id': 'r', 'when': {'var': '" fact "'}, " members "}]"
#define FOUND             "'regions': 'where_found', "

/* Regions of the instances that made the rule true. */
static void applies_where_it_was_found(void **state)
{
    static const struct row rows[] = {
        { ON("a", FOUND CAP), "has a region hip", "soft mods max_pressure 2 @hip\nr at hip\ncomplete yes" },
        { NULL, "has a region hip side left; has a region jaw",
          "soft mods max_pressure 2 @jaw,hip/left\nr at jaw,hip/left" },
        /* placed, but no place given: for the session, and asked */
        { NULL, "has a",
          "soft mods max_pressure 2\nr systemic\nasks a.region\na.region changes mods\ncomplete no\nsoft could "
          "modified" },
        { NULL, "has a region hip; has a", "soft mods max_pressure 2\nr systemic\nasks a.region" },
        { NULL, "has a region whole_body",
          "soft mods max_pressure 2 @whole_body\nr at whole_body\ncomplete yes" }, /* no ban */
        /* of a rule that several facts make true */
        { "[{'id': 'r', 'when': {'or': [{'var': 'a'}, {'var': 'b'}]}, " FOUND CAP "}]",
          "has a region hip; has b region jaw", "r at jaw,hip\ncomplete yes" },
        { NULL, "has a region hip; maybe b", "r at hip\ncomplete yes" }, /* true branches only */
        { NULL, "has a region hip; not b", "r at hip" },
        { "[{'id': 'r', 'when': {'and': [{'var': 'a'}, {'!': {'==': [{'var': 'b.region'}, 'neck']}}]}, " FOUND CAP "}]",
          "has a region hip; has b region jaw", "r at hip\nr by /symptoms/0" }, /* not what stands under a negation */
        /* only the findings that pass its tests */
        { "[{'id': 'r', 'when': {'>': [{'var': 'a.severity'}, 5]}, " FOUND CAP "}]",
          "has a region hip severity 6; has a region jaw severity 2", "r at hip\nr by /symptoms/0 /symptoms/1" },
        { NULL, "has a region hip severity 6; has a severity 2", "r at hip\ncomplete yes" },
        { NULL, "has a region hip severity 6; has a severity 7", "r systemic\nasks a.region" },
        /* of a fact without regions: nothing is placed, nothing asked */
        { ON("n", FOUND CAP), "has n", "soft mods max_pressure 2\nr systemic\ncomplete yes" },
        { NULL, "has n region hip", "r systemic\ncomplete yes\nignored /symptoms/0/region attribute_not_declared" },
        /* listed regions hold whatever the complaint's, or the finding's */
        { ON("a", "'regions': ['jaw', 'neck'], " CAP), "has a region hip; complaint knee",
          "soft mods max_pressure 2 @jaw,neck\nr at jaw,neck" },
        { ON("a", CAP), "has a region hip; complaint knee", "soft mods max_pressure 2\nr systemic" },
    };
    (void)state;
    CHECK_ROWS(parts, rows);
}

/* An instance is placed where its fact declares the region, and those below that it came from do. */
static void places_come_from_below(void **state)
{
    static const struct row rows[] = {
        { ON("i", FOUND CAP), "has a region hip", "r at hip\ncomplete yes\nr by /symptoms/0" },
        { NULL, "has a", "r systemic\nasks i.region" },
        { NULL, "has g", "r systemic\ncomplete yes" }, /* g has no region: not placed */
        { NULL, "has g; has a region hip", "r at hip\ncomplete yes" },
        { NULL, "has g; has a", "r systemic\nasks i.region" },
        { NULL, "has i region jaw; has a region hip", "r at jaw\nr by /symptoms/0 /symptoms/1" }, /* its own findings */
        { ON("j", FOUND CAP), "has a region hip", "r systemic\ncomplete yes" },                   /* j declares none */
    };
    (void)state;
    CHECK_ROWS(parts, rows);
}

/* A ban on the place that was found. */
static void bans_what_was_found(void **state)
{
    static const struct row rows[] = {
        { ON("a", FOUND AVOID("'where_found'")), "has a region hip side left",
          "soft mods avoid hip/left\nr at hip/left\nsoft modified\ncomplete yes" },
        { NULL, "has a region hip; has a region hip side left", "soft mods avoid hip\nr at hip,hip/left" },
        { NULL, "has a", "soft mods avoid ?\nsoft modified\nr systemic\nasks a.region\nsoft could modified" },
        { NULL, "has a region hip; has a", "soft mods avoid hip,?\nasks a.region" },
        { NULL, "maybe a", "soft allowed\nsoft could modified\nsoft mods\nasks a" },
        { ON("n", FOUND AVOID("'where_found'")), "has n",
          "soft mods\nsoft modified\ncomplete yes" }, /* the ban is dropped */
        { "[{'id': 'r', 'when': {'or': [{'var': 'a'}, {'var': 'n'}]}, " FOUND AVOID("'where_found'") "}]",
          "has n; has a region hip", "soft mods avoid hip\ncomplete yes" },
        { ON("a", AVOID("'where_found'")), "has a region hip", "soft mods avoid hip\nr systemic" },
        { ON("a", "'regions': ['jaw'], " AVOID("'where_found'")), "has a region hip", "soft mods avoid hip\nr at jaw" },
        { NULL, "has a", "soft mods avoid ?\nr at jaw\nasks a.region" },
        /* the whole body is a place not given, but not asked */
        { ON("a", FOUND AVOID("'where_found'")), "has a region whole_body",
          "soft mods avoid ?\nr systemic\nsoft modified\ncomplete yes" },
        { NULL, "has a region whole_body; has a region hip", "soft mods avoid hip,?\nr systemic\ncomplete yes" },
        { NULL, "has a region whole_body; has a", "soft mods avoid ?\nasks a.region" },
    };
    (void)state;
    CHECK_ROWS(parts, rows);
}

/* An open ban whose place is told as the whole body adds to the list, unless another such ban is there already. */
static void bans_an_unknown_place_once(void **state)
{
    static const struct row rows[] = {
        { "[{'id': 'r', 'when': {'and': [{'var': 'a'}, {'var': 'n'}]}, " FOUND AVOID(
              "'where_found'") "},"
                               " {'id': 's', 'when': {'var': 'b'}, " FOUND AVOID("'where_found'") "}]",
          "has a region whole_body; maybe n; not b", "asks n\nn changes modified mods" },
        { NULL, "has a region whole_body; maybe n; has b region whole_body", "asks\nsoft mods avoid ?" },
        { NULL, "has a region whole_body; maybe n; has b region jaw", "asks n\nn changes mods\nsoft mods avoid jaw" },
        { NULL, "has a region jaw; maybe n; has b region jaw", "asks" },
        { NULL, "has a region hip; maybe n; has b region whole_body", "asks n" },
    };
    (void)state;
    CHECK_ROWS(parts, rows);
}

#define ABSOLUTE "'severity': 'absolute', "

/* A hard ban: on the whole body it forbids, and while its place is asked it could. */
static void hard_bans_may_forbid(void **state)
{
    static const struct row rows[] = {
        { ON("a", ABSOLUTE FOUND AVOID("'where_found'")), "has a region hip",
          "soft modified\nsoft could modified\nsoft mods avoid hip\ndisposition proceed\nr is absolute modified "
          "none\ncomplete yes" },
        { NULL, "has a region whole_body",
          "soft not_allowed\nsoft could not_allowed\ndisposition do_not_treat\nbooking refuse\nr is absolute "
          "not_allowed do_not_treat\n"
          "soft because r\ncomplete yes" },
        { NULL, "has a region whole_body; has a region hip", "disposition do_not_treat\nsoft not_allowed" },
        { NULL, "has a",
          "soft modified\nsoft could not_allowed\nsoft mods avoid ?\ndisposition proceed\nasks a.region\n"
          "a.region changes do_not_treat not_allowed mods\nr is absolute modified none" },
        { NULL, "maybe a", "soft allowed\nsoft could not_allowed\nasks a\na changes do_not_treat not_allowed mods" },
        { NULL, "maybe a region whole_body", "soft allowed\nsoft could not_allowed" },
        { ON("n", ABSOLUTE FOUND AVOID("'where_found'")), "has n", "soft modified\nsoft could modified\ncomplete yes" },
        { NULL, "maybe n", "soft could modified" }, /* n has no place */
        /* only what may be true of it */
        { "[{'id': 'r', 'when': {'and': [{'var': 'a'}, {'var': 'n'}]}, " ABSOLUTE FOUND AVOID("'where_found'") "}]",
          "has a region hip; maybe n", "soft allowed\nsoft could modified\nasks n" },
        { NULL, "has a region whole_body; maybe n", "soft could not_allowed\ndisposition proceed" },
        { NULL, "has a; maybe n", "soft could not_allowed\nasks n" },
        /* a listed ban knows no whole body */
        { ON("a", ABSOLUTE AVOID("['jaw']")), "has a region whole_body",
          "soft modified\nsoft mods avoid jaw\ndisposition proceed" },
        /* a graver disposition of its own stands */
        { ON("a", "'effect': 'not_allowed', 'disposition': 'emergency', " ABSOLUTE FOUND AVOID("'where_found'")),
          "has a region whole_body", "disposition emergency" },
        { ON("a", "'effect': 'not_allowed', 'disposition': 'emergency', " ABSOLUTE FOUND AVOID("'where_found'")),
          "has a", "disposition emergency\nsoft not_allowed\nasks" }, /* no target left to ask for */
    };
    (void)state;
    CHECK_ROWS(parts, rows);
}

/* A hold rule with such a ban holds while the place is asked. */
static void holds_until_the_place_is_known(void **state)
{
#define HOLD "'if_unknown': 'hold', "
    static const struct row rows[] = {
        { ON("a", HOLD FOUND AVOID("'where_found'")), "has a",
          "soft needs_answers\nsoft could modified\nsoft mods avoid ?\ndisposition proceed\nbooking hold\nasks "
          "a.region\nsoft because r" },
        { NULL, "has a region hip", "soft modified\ncomplete yes" },
        { NULL, "has a region whole_body",
          "soft modified\nsoft mods avoid ?\ncomplete yes" },                 /* not asked, does not hold */
        { ON("a", HOLD FOUND CAP), "has a", "soft modified\nasks a.region" }, /* no ban: it does not hold */
        { NULL, "maybe a", "soft needs_answers\ndisposition proceed\nasks a" },
        { ON("a", HOLD "'disposition': 'proceed_modified', " FOUND AVOID("'where_found'")), "has a",
          "disposition needs_answers\nsoft needs_answers" },
        { ON("n", HOLD FOUND AVOID("'where_found'")), "has n", "soft modified\ncomplete yes" },
        { ON("a", HOLD AVOID("'where_given'")), "has a", "soft modified\ncomplete yes" },
    };
    (void)state;
    CHECK_ROWS(parts, rows);
}

/* "where_given" is advice: it holds where a region was given, is never asked and never holds. */
static void advises_where_given(void **state)
{
    static const struct row rows[] = {
        { ON("a", AVOID("'where_given'")), "has a region hip side left",
          "soft mods avoid hip/left\ncomplete yes\nr systemic" },
        { NULL, "has a", "soft mods\nsoft modified\ncomplete yes" },
        { NULL, "has a region hip; has a", "soft mods avoid hip\ncomplete yes" },
        { NULL, "has a region whole_body", "soft mods\nsoft modified\ncomplete yes" },
        { NULL, "has a region whole_body; has a region jaw", "soft mods avoid jaw" },
        { NULL, "maybe a", "soft could modified\nasks a\na changes modified mods" }, /* it may come with a place */
        { ON("a", ABSOLUTE AVOID("'where_given'")), "has a region whole_body", "soft modified\ndisposition proceed" },
        { "[{'id': 'q', 'when': {'var': 'b'}, " AVOID("['jaw']") "}, {'id': 'r', 'when': {'var': 'a'}, " AVOID(
              "'where_given'") "}]",
          "has b; maybe a", "soft mods avoid jaw\nsoft could modified\nasks a\na changes mods" },
        { "[{'id': 'q', 'when': {'var': 'b'}, " AVOID("['jaw']") "}, {'id': 'r', 'when': {'var': 'n'}, " AVOID(
              "'where_given'") "}]",
          "has b; maybe n", "soft mods avoid jaw\ncomplete yes" }, /* n has no place to give */
    };
    (void)state;
    CHECK_ROWS(parts, rows);
}

/* More facts without a place than a list holds at first. */
static void asks_for_many_places(void **state)
{
    enum { MANY = 20 };
    char facts[2048] = "[", when[2048] = "", line[512] = "", want[512] = "asks", rule[4096];
    (void)state;
    for (int i = 0; i < MANY; i++) {
        const char *comma = i ? ", " : "";
        (void)snprintf(facts + strlen(facts), sizeof(facts) - strlen(facts),
                       "%s{'id': 'f%02d', 'attributes': ['region']}", comma, i);
        (void)snprintf(when + strlen(when), sizeof(when) - strlen(when), "%s{'var': 'f%02d'}", comma, i);
        (void)snprintf(line + strlen(line), sizeof(line) - strlen(line), "has f%02d;", i);
        (void)snprintf(want + strlen(want), sizeof(want) - strlen(want), " f%02d.region", i);
    }
    (void)snprintf(facts + strlen(facts), sizeof(facts) - strlen(facts), "]");
    (void)snprintf(rule, sizeof(rule), "[{'id': 'r', 'when': {'or': [%s]}, " FOUND CAP "}]", when);
    const struct row row = { rule, line, want };
    check_rows((struct parts){ .facts = facts }, &row, 1);
}

RUN_TESTS(cmocka_unit_test(asks_for_many_places), cmocka_unit_test(applies_where_it_was_found),
          cmocka_unit_test(places_come_from_below), cmocka_unit_test(bans_what_was_found),
          cmocka_unit_test(bans_an_unknown_place_once), cmocka_unit_test(hard_bans_may_forbid),
          cmocka_unit_test(holds_until_the_place_is_known), cmocka_unit_test(advises_where_given))
