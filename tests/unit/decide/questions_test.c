/* What is asked (S18): which open rules matter, what their completions assume, and in which order. */
#include "decide/shown.h"

#define FACTS                                                                                                          \
    "[{'id': 'a'}, {'id': 'b'}, {'id': 'c', 'gate': true}, {'id': 'd', 'attributes': ['date', 'severity', "            \
    "'controlled', 'region']},"                                                                                        \
    " {'id': 'u', 'covers': ['v', 'w'], 'gate': true}, {'id': 'v'}, {'id': 'w', 'attributes': ['severity']},"          \
    " {'id': 'o', 'covers': ['i']}, {'id': 'i', 'covers': ['h']}, {'id': 'h'}]"

static const struct parts parts = {
    .facts = FACTS,
    .techniques = "[{'code': 'soft'}, {'code': 'warm', 'traits': ['heat'], 'essential': ['heat']}]",
};

#define WARM                  "'target': {'==': [{'var': 'heat'}, true]}, "
#define HOLD                  "'if_unknown': 'hold', "
#define BAN                   "'effect': 'not_allowed', 'disposition': 'do_not_treat', "
#define CLEARABLE             "'effect': 'clearance_required', 'disposition': 'clearance_required', "
#define ON(id, fact, members) "{'id': '" id "', 'when': {'var': '" fact "'}, " members "}"
#define CLEAR                 "'effect': 'clearance_required', "
#define FORBID                "'effect': 'not_allowed', "
#define MODIFY                "'effect': 'modified', "
#define EMERGENCY             "'effect': 'not_allowed', 'disposition': 'emergency', "
#define WITH_CHANGES          "'disposition': 'proceed_modified', "
#define CAUTION               "'severity': 'caution', "
#define MILD                  "'severity': 'modify', "
#define ABSOLUTE              "'severity': 'absolute', "
#define NO_HEAT               "'modifications': [{'kind': 'no_heat', 'value': true}], "
#define MINUTES_30            "'modifications': [{'kind': 'max_minutes', 'value': 30}], "
#define MINUTES_40            "'modifications': [{'kind': 'max_minutes', 'value': 40}], "

static void asks_what_could_change_the_answer(void **state)
{
    static const struct row rows[] = {
        { "[" ON("r", "a", BAN) "]", "", "asks a\na changes do_not_treat not_allowed\ncomplete no" },
        { NULL, "has a", "asks\ncomplete yes" },
        { NULL, "not a", "asks\ncomplete yes" },
        { NULL, "unlisted absent", "asks\ncomplete yes" },
        /* a graver disposition */
        { "[" ON("r", "a", BAN) ", " ON("s", "b", EMERGENCY) "]", "has b", "asks" },
        { NULL, "has a", "asks b\nb changes emergency" }, /* no technique is left, but it is graver */
        { "[" ON("r", "a", CLEARABLE) ", " ON("s", "b", BAN) "]", "has a",
          "asks b\nb changes do_not_treat not_allowed" },
        { NULL, "has b", "asks" },
        /* a graver effect on a technique that is not forbidden yet */
        { "[" ON("r", "a", WARM FORBID) ", " ON("s", "b", WARM CLEAR) "]", "",
          "asks a b\na changes not_allowed [warm]\nb changes clearance_required [warm]" },
        { NULL, "has a", "asks" },
        { NULL, "has b", "asks a" },
        { "[" ON("r", "a", CLEAR) ", " ON("s", "b", WARM CLEAR) "]", "has a", "asks" },
        { NULL, "has b", "asks a\na changes clearance_required [soft]" },
        /* "allowed" only informs */
        { "[" ON("r", "a", "'effect': 'allowed'") "]", "", "asks\ncomplete yes" },
        /* an effect that is already there */
        { "[" ON("r", "a", "") ", " ON("s", "b", "") "]", "has a", "asks" },
        { NULL, "", "asks a b\na changes modified" },
        /* it holds: as long as what has fired is milder than needing answers */
        { "[" ON("r", "a", HOLD MODIFY) ", " ON("s", "b", MODIFY) "]", "has b", "asks a\na changes" },
        { "[" ON("r", "a", HOLD MODIFY) ", " ON("s", "b", CLEAR) "]", "has b", "asks" },
        /* nothing left of a technique */
        { "[" ON("r", "a", NO_HEAT) ", " ON("s", "b", NO_HEAT) "]", "has b", "asks" },
        { NULL, "not b", "asks a\na changes not_allowed [warm] mods" },
        /* modifications that add to the list */
        { "[" ON("r", "a", MINUTES_30) ", " ON("s", "b", MINUTES_40) "]", "has b", "asks a\na changes mods" },
        { NULL, "has a", "asks" },
    };
    (void)state;
    CHECK_ROWS(parts, rows);
}

/* Each kind of modification, against what is listed already. */
static void asks_for_what_adds_to_the_list(void **state)
{
    static const struct {
        const char *there, *more;
        bool adds;
    } rows[] = {
        { "{'kind': 'max_minutes', 'value': 30}", "{'kind': 'max_minutes', 'value': 29}", true },
        { "{'kind': 'max_minutes', 'value': 30}", "{'kind': 'max_minutes', 'value': 30}", false },
        { "{'kind': 'max_pressure', 'value': 3}", "{'kind': 'max_pressure', 'value': 2}", true },
        { "{'kind': 'max_pressure', 'value': 3}", "{'kind': 'max_pressure', 'value': 3}", false },
        { "{'kind': 'max_pressure', 'value': 3}", "{'kind': 'max_pressure', 'value': 4}", false },
        { "{'kind': 'slow_rise', 'value': true}", "{'kind': 'slow_rise', 'value': true}", false },
        { "{'kind': 'slow_rise', 'value': true}", "{'kind': 'keep_warm', 'value': true}", true },
        { "{'kind': 'position', 'value': 'a'}", "{'kind': 'position', 'value': 'a'}", false },
        { "{'kind': 'position', 'value': 'a'}", "{'kind': 'position', 'value': 'b'}", true },
        { "{'kind': 'position', 'value': 'a'}", "{'kind': 'hygiene', 'value': 'a'}", true },
        { "{'kind': 'avoid_region', 'value': ['neck', 'jaw']}", "{'kind': 'avoid_region', 'value': ['neck']}", false },
        { "{'kind': 'avoid_region', 'value': ['neck']}", "{'kind': 'avoid_region', 'value': ['neck', 'jaw']}", true },
        { "{'kind': 'max_minutes', 'value': 30}", "{'kind': 'avoid_region', 'value': 'where_found'}",
          false }, /* no place to find */
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char text[512];
        (void)snprintf(text, sizeof(text),
                       "[{'id': 's', 'when': {'var': 'b'}, 'modifications': [%s]}, {'id': 'r', 'when': {'var': 'a'}, "
                       "'modifications': [%s]}]",
                       rows[i].there, rows[i].more);
        const struct row row = { text, "has b", rows[i].adds ? "asks a\na changes mods" : "asks\ncomplete yes" };
        check_rows(parts, &row, 1);
    }
}

/* The same for parts of the body. */
static void asks_for_what_adds_to_a_part(void **state)
{
    static const struct {
        const char *there, *regions, *mods;
        bool adds;
    } rows[] = {
        { "{'kind': 'no_oil', 'value': true}", "['neck']", "{'kind': 'no_oil', 'value': true}",
          false }, /* for the session already */
        { "{'kind': 'max_pressure', 'value': 2}", "['neck']", "{'kind': 'max_pressure', 'value': 2}", false },
        { "{'kind': 'max_pressure', 'value': 2}", "['neck']", "{'kind': 'max_pressure', 'value': 1}", true },
        { "{'kind': 'max_pressure', 'value': 2}", "['neck']", "{'kind': 'max_pressure', 'value': 3}", false },
        { "{'kind': 'slow_rise', 'value': true}", "['neck']", "{'kind': 'no_oil', 'value': true}", true },
    };
    static const struct row parts_of_it[] = {
        { "[{'id': 's', 'when': {'var': 'b'}, 'regions': ['neck', 'jaw'], 'modifications': [{'kind': 'no_oil', "
          "'value': true},"
          " {'kind': 'max_pressure', 'value': 2}]},"
          " {'id': 'r', 'when': {'var': 'a'}, 'regions': ['jaw'], 'modifications': [{'kind': 'no_oil', 'value': true},"
          " {'kind': 'max_pressure', 'value': 2}]}]",
          "has b", "asks" },
        { NULL, "has a; not b", "asks" },
        { NULL, "has a", "asks b\nb changes mods" },
        { "[{'id': 's', 'when': {'var': 'b'}, 'regions': ['neck'], 'modifications': [{'kind': 'max_pressure', 'value': "
          "2}]},"
          " {'id': 'r', 'when': {'var': 'a'}, 'regions': ['neck'], 'modifications': [{'kind': 'max_pressure', 'value': "
          "1}]}]",
          "has b", "asks a\na changes mods" },
        { NULL, "has a", "asks" },
        /* a place that is not known yet always adds */
        { "[{'id': 's', 'when': {'var': 'b'}, 'modifications': [{'kind': 'max_pressure', 'value': 2}]},"
          " {'id': 'r', 'when': {'var': 'd'}, 'regions': 'where_found', 'modifications': [{'kind': 'max_pressure', "
          "'value': 2}]}]",
          "has b", "asks d\nd changes mods" },
        { NULL, "has b; has d", "asks d.region\nd.region changes mods" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char text[512];
        (void)snprintf(text, sizeof(text),
                       "[{'id': 's', 'when': {'var': 'b'}, 'modifications': [%s]},"
                       " {'id': 'r', 'when': {'var': 'a'}, 'regions': %s, 'modifications': [%s]}]",
                       rows[i].there, rows[i].regions, rows[i].mods);
        const struct row row = { text, "has b", rows[i].adds ? "asks a\na changes mods" : "asks\ncomplete yes" };
        check_rows(parts, &row, 1);
    }
    CHECK_ROWS(parts, parts_of_it);
}

/* The fact, an attribute of a present fact, the sex, or the pain. */
static void asks_for_the_unknowns(void **state)
{
    static const struct row rows[] = {
        { "[{'id': 'r', 'when': {'<': [{'var': 'd.days_ago'}, 5]}, " BAN "}]", "", "asks d" },
        { NULL, "has d", "asks d.date" },
        { NULL, "has d ago 3", "asks" },
        { "[{'id': 'r', 'when': {'and': [{'>': [{'var': 'd.severity'}, 5]}, {'var': 'd.controlled'}]}, " BAN "}]",
          "has d", "asks d.severity d.controlled" },
        { NULL, "has d severity 5", "asks" },
        { NULL, "has d severity 6", "asks d.controlled" },
        { "[{'id': 'r', 'when': {'==': [{'var': 'sex'}, 'male']}, " BAN "}]", "",
          "asks sex\nsex changes do_not_treat not_allowed" },
        { "[{'id': 'r', 'when': {'>': [{'var': 'pain_max'}, 5]}, " BAN "}]", "complaint neck", "asks pain_max" },
        { NULL, "complaint neck pain 6; complaint jaw", "asks" },
        { NULL, "", "asks" },
        { "[{'id': 'r', 'when': {'in': ['neck', {'var': 'severe_complaint_regions'}]}, " BAN "}]", "complaint neck",
          "asks pain_max" },
        /* what is settled is not completed further */
        { "[{'id': 'r', 'when': {'and': [{'or': [{'var': 'a'}, {'var': 'b'}]}, {'var': 'c'}]}, " BAN "}]", "has a",
          "asks c" },
        { NULL, "", "asks c a b" },
    };
    (void)state;
    CHECK_ROWS(parts, rows);
}

/* A covered fact is replaced by its umbrella while that is unknown, save where the form asked everything. */
static void asks_umbrellas_first(void **state)
{
    static const struct row rows[] = {
        { "[" ON("r", "v", BAN) ", " ON("s", "w", CLEARABLE) "]", "", "asks u\nu changes do_not_treat not_allowed" },
        { NULL, "maybe v", "asks u" },
        { NULL, "maybe u", "asks u" },
        { NULL, "has u", "asks v w" },
        { NULL, "not v", "asks u\nu changes clearance_required clearance_required" },
        { NULL, "not u", "asks" },
        { NULL, "has w", "asks v" }, /* its umbrella is present */
        { NULL, "unlisted absent; maybe v", "asks v" },
        { NULL, "unlisted absent; maybe u", "asks u" },
        { NULL, "unlisted absent; maybe u; not v", "asks u" },
        { NULL, "unlisted absent; maybe v; maybe w", "asks v w" },
        /* an attribute is asked of the fact itself */
        { "[{'id': 'r', 'when': {'>': [{'var': 'w.severity'}, 5]}, " BAN "}]", "has w", "asks w.severity" },
        { NULL, "", "asks u" },
        /* a rule that reads the umbrella */
        { "[" ON("r", "u", BAN) "]", "", "asks u" },
        { NULL, "unlisted absent; maybe v", "asks v" },
        { NULL, "unlisted absent; maybe v; maybe w", "asks v w" },
        { NULL, "not v", "asks u" },
        /* umbrellas of umbrellas */
        { "[" ON("r", "h", BAN) "]", "", "asks o" },
        { NULL, "has o", "asks i" },
        { NULL, "has i", "asks h" },
        { NULL, "unlisted absent; maybe h", "asks h" },
    };
    (void)state;
    CHECK_ROWS(parts, rows);
}

/* Places of fired rules are asked where a target is not forbidden. */
static void asks_for_places(void **state)
{
    static const struct row rows[] = {
        { "[{'id': 'r', 'when': {'var': 'd'}, " WARM "'regions': 'where_found', " MINUTES_30 "},"
          " {'id': 's', 'when': {'var': 'a'}, " WARM "'effect': 'not_allowed'}]",
          "has d; not a", "asks d.region\nd.region changes mods" },
        { NULL, "has d; has a", "asks" },
        { "[{'id': 'r', 'when': {'var': 'd'}, " WARM "'regions': 'where_found', " MINUTES_30 "},"
          " {'id': 's', 'when': {'var': 'a'}, 'effect': 'not_allowed'}]",
          "has d; maybe a", "asks a d.region" },
    };
    (void)state;
    CHECK_ROWS(parts, rows);
}

/* Gravest disposition, effect, severity of the rules concerned; gates first; catalogue order. */
static void orders_questions(void **state)
{
    static const struct row rows[] = {
        { "[" ON("r1", "a", CLEAR) ", " ON("r2", "b", FORBID) ", " ON("r3", "d", BAN) "]", "", "asks d b a" },
        { "[" ON("r1", "a", CAUTION) ", " ON("r2", "b", ABSOLUTE) ", " ON("r3", "d", MILD) "]", "", "asks b d a" },
        /* a gate goes before others of the same gravity */
        { "[" ON("r1", "a", "") ", " ON("r2", "b", "") ", " ON("r3", "c", "") "]", "", "asks c a b" },
        { "[" ON("r1", "a", CLEAR) ", " ON("r3", "c", "") "]", "", "asks a c" },
        /* the gravest of all rules that a question is asked for */
        { "[" ON("r1", "a", CLEAR) ", " ON("r2", "b", "") ", " ON("r3", "b", BAN) "]", "",
          "asks b a\nb changes do_not_treat not_allowed" },
        { "[{'id': 'r1', 'when': {'and': [{'var': 'a'}, {'var': 'b'}]}, 'severity': 'urgent'}, " ON("r2", "d",
                                                                                                    ABSOLUTE) "]",
          "", "asks a b d" },
        /* facts before sex and pain */
        { "[{'id': 'r1', 'when': {'>': [{'var': 'pain_max'}, 5]}}, {'id': 'r2', 'when': {'==': [{'var': 'sex'}, "
          "'male']}}, " ON("r3", "d", "") "]",
          "complaint neck", "asks d sex pain_max" },
        { "[{'id': 'r1', 'when': {'and': [{'>': [{'var': 'd.severity'}, 5]}, {'<': [{'var': 'd.days_ago'}, 5]}]}}]",
          "has d", "asks d.date d.severity" },
    };
    (void)state;
    CHECK_ROWS(parts, rows);
}

/* What one question could change is told of the rules together. */
static void tells_what_an_answer_could_change(void **state)
{
    static const struct row rows[] = {
        { "[" ON("r", "a", WARM FORBID) ", " ON("s", "a", CLEAR) "]", "", "asks a\na changes not_allowed [warm]" },
        { "[" ON("r", "a", CLEARABLE) ", " ON("s", "a", WARM BAN) "]", "", "a changes do_not_treat not_allowed" },
        { "[" ON("r", "a", WARM CLEARABLE) "]", "",
          "a changes clearance_required clearance_required" }, /* the floor binds all */
        { "[" ON("r", "a", WITH_CHANGES) "]", "", "a changes proceed_modified modified" },
        { "[" ON("r", "a", WITH_CHANGES) ", " ON("s", "b", WITH_CHANGES) "]", "has b", "asks" },
    };
    (void)state;
    CHECK_ROWS(parts, rows);
}

static void writes_questions_down(void **state)
{
    static const char rules[] =
        "[{'id': 'r', 'when': {'and': [{'var': 'u'}, {'var': 'd.controlled'}, {'>': [{'var': 'd.severity'}, 3]},"
        " {'<': [{'var': 'd.days_ago'}, 5]}, {'==': [{'var': 'd.region'}, 'neck']}, {'==': [{'var': 'sex'}, 'male']},"
        " {'>': [{'var': 'pain_max'}, 5]}, {'==': [{'var': 'a.side'}, 'left']}]}, " BAN "}]";
    static struct judged j;
    struct catalogue *cat = catalogue_of((struct parts){
        .facts =
            "[{'id': 'a', 'attributes': ['side']}, {'id': 'd', 'attributes': ['date', 'severity', 'controlled', "
            "'region']},"
            " {'id': 'u', 'covers': ['v', 'w'], 'gate': true, 'label': 'An umbrella', 'question': 'Any of these?'},"
            " {'id': 'v'}, {'id': 'w'}]",
        .rules = rules,
    });
    (void)state;
    judge_person(&j, cat, "complaint neck; has d; has a");
    check_shown(&j, rules, "asks u a.side d.date d.region d.severity d.controlled sex pain_max");
    const struct question *q = j.d.questions;
    assert_str(q[0].text, STR("Any of these?"));
    assert_str(q[0].label, STR("An umbrella"));
    assert_int_equal(q[0].type, ANSWER_STATE);
    assert_true(q[0].gate && !q[1].gate && !q[6].gate);
    assert_int_equal(q[0].covers.n, 2);
    assert_int_equal(q[1].type, ANSWER_CHOICE);
    assert_ptr_equal(q[1].choices, &side_vocabulary);
    assert_int_equal(q[2].type, ANSWER_DATE);
    assert_str(q[2].text, STR("Which?"));
    assert_str(q[2].label, STR("A label"));
    assert_ptr_equal(q[3].choices, &region_vocabulary);
    assert_int_equal(q[4].type, ANSWER_INTEGER);
    assert_int_equal(q[4].min, 0);
    assert_int_equal(q[4].max, 10);
    assert_str(q[4].unit, STR("numeric rating scale"));
    assert_int_equal(q[5].type, ANSWER_BOOLEAN);
    assert_ptr_equal(q[6].choices, &sex_vocabulary);
    assert_str(q[6].text, STR("Which sex?"));
    assert_null(q[6].label.p);
    assert_int_equal(q[7].type, ANSWER_INTEGER);
    assert_int_equal(q[7].max, PAIN_MAX);
    assert_str(q[7].text, STR("How strong?"));
    arena_done(&j.arena);
    catalogue_unref(cat);
}

RUN_TESTS(cmocka_unit_test(asks_what_could_change_the_answer), cmocka_unit_test(asks_for_what_adds_to_the_list),
          cmocka_unit_test(asks_for_what_adds_to_a_part), cmocka_unit_test(asks_for_the_unknowns),
          cmocka_unit_test(asks_umbrellas_first), cmocka_unit_test(asks_for_places), cmocka_unit_test(orders_questions),
          cmocka_unit_test(tells_what_an_answer_could_change), cmocka_unit_test(writes_questions_down))
