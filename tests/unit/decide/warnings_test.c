/* What is said of the rules that have fired: warnings, what triggered them, and the reasons of verdicts (S20). */
#include "decide/shown.h"

static const struct parts parts = {
    .facts =
        "[{'id': 'a', 'attributes': ['date', 'severity', 'region']}, {'id': 'b', 'codes': {'icd': ['B']}}, {'id': 'c'},"
        " {'id': 'x', 'implies': ['y'], 'attributes': ['severity']}, {'id': 'y', 'implies': ['z'], 'attributes': "
        "['severity']},"
        " {'id': 'z'}, {'id': 'u', 'covers': ['x', 'v']}, {'id': 'v'},"
        " {'id': 's', 'attributes': ['date'], 'valid_days': 10, 'implies': ['t']}, {'id': 't', 'attributes': "
        "['date']}]",
    .techniques = "[{'code': 'soft'}, {'code': 'warm', 'traits': ['heat'], 'essential': ['heat']},"
                  " {'code': 'none', 'traits': ['thrust'], 'never_offered': 'no'}]",
};

#define RULE(when) "[{'id': 'r', 'when': " when "}]"

static void names_what_triggered_it(void **state)
{
    static const struct row rows[] = {
        { RULE("{'var': 'a'}"), "has a; not b; has a in injuries; maybe a", "r by /history/injuries/0 /symptoms/0" },
        { RULE("{'var': 'b'}"), "has icd:B1 in conditions; has b", "r by /history/conditions/0 /symptoms/0" },
        /* through what implies it, and what its umbrella covers */
        { RULE("{'var': 'z'}"), "has x; has y in procedures; has v", "r by /history/procedures/0 /symptoms/0" },
        { RULE("{'var': 'u'}"), "has x; has y; has v in medications", "r by /history/medications/0 /symptoms/0" },
        { RULE("{'var': 'x'}"), "has x; has y; has z", "r by /symptoms/0" },
        { RULE("{'var': 't'}"), "has s ago 11; has t", "r by /symptoms/0 /symptoms/1\noutdated /symptoms/0 s" },
        { RULE("{'var': 's'}"), "has s ago 11; has s", "r by /symptoms/1" },
        /* true branches only, nothing under a negation */
        { RULE("{'or': [{'var': 'a'}, {'var': 'b'}]}"), "has a; has b", "r by /symptoms/0 /symptoms/1" },
        { RULE("{'or': [{'var': 'a'}, {'var': 'b'}]}"), "has a; not b", "r by /symptoms/0" },
        { RULE("{'or': [{'var': 'a'}, {'and': [{'var': 'b'}, {'var': 'c'}]}]}"), "has a; has b; not c",
          "r by /symptoms/0" },
        { RULE("{'and': [{'var': 'a'}, {'!': {'<': [{'var': 'x.severity'}, 3]}}]}"), "has a; has x severity 5",
          "r by /symptoms/0" },
        { RULE("{'and': [{'var': 'a'}, {'!': {'!': {'var': 'b'}}}]}"), "has a; has b", "r by /symptoms/0" },
        { RULE("{'!': {'var': 'a'}}"), "not a", "r by" },
        { RULE("{'>': [{'var': 'a.severity'}, 5]}"), "has a severity 6; has a severity 2",
          "r by /symptoms/0 /symptoms/1" },
        /* the person */
        { RULE("{'>': [{'var': 'age_years'}, 30]}"), "", "r by /subject/age_years" },
        { RULE("{'!': {'<': [{'var': 'age_years'}, 30]}}"), "", "r by" },
        { RULE("{'!=': [{'var': 'sex'}, 'male']}"), "sex female", "r by /subject/sex" },
        { RULE("{'and': [{'var': 'a'}, {'in': [{'var': 'sex'}, ['male', 'other']]}]}"), "has a; sex other",
          "r by /subject/sex /symptoms/0" },
        { RULE("{'in': ['sleep', {'var': 'goals'}]}"), "goal sleep", "r by /goals" },
        /* the complaints that satisfy the comparison */
        { RULE("{'>': [{'var': 'pain_max'}, 5]}"),
          "complaint neck pain 5; complaint jaw pain 6; complaint hip; complaint knee pain 9",
          "r by /complaints/1/pain /complaints/3/pain" },
        { RULE("{'!=': [{'var': 'pain_max'}, 5]}"), "complaint neck pain 5; complaint jaw pain 6",
          "r by /complaints/1/pain" },
        { RULE("{'in': ['sudden', {'var': 'onset_any'}]}"),
          "complaint neck onset gradual; complaint jaw onset sudden; complaint hip", "r by /complaints/1/onset" },
        { RULE("{'in': ['trauma', {'var': 'cause_any'}]}"),
          "complaint neck cause trauma; complaint jaw cause strain; complaint hip", "r by /complaints/0/cause" },
        { RULE("{'in': ['neck', {'var': 'acute_complaint_regions'}]}"),
          "complaint neck days 50; complaint neck days 5; complaint jaw days 5; complaint neck",
          "r by /complaints/1/region /complaints/3/region" },
        { RULE("{'in': ['neck', {'var': 'severe_complaint_regions'}]}"),
          "complaint neck; complaint neck pain 7; complaint neck pain 6", "r by /complaints/1/region" },
        { RULE("{'or': [{'in': ['neck', {'var': 'complaint_regions'}]}, {'in': ['neck', {'var': "
               "'sudden_complaint_regions'}]}]}"),
          "complaint neck onset sudden; complaint neck",
          "r by /complaints/0/region /complaints/1/region" }, /* each once */
        /* as text: 10 before 2 */
        { RULE("{'var': 'c'}"), "has c; has c; has c; has c; has c; has c; has c; has c; has c; has c; has c",
          "r by /symptoms/0 /symptoms/1 /symptoms/10 /symptoms/2 /symptoms/3 /symptoms/4 /symptoms/5 /symptoms/6 "
          "/symptoms/7 /symptoms/8 /symptoms/9" },
    };
    (void)state;
    CHECK_ROWS(parts, rows);
}

static void warns_of_what_has_fired(void **state)
{
    static const struct row rows[] = {
        { "[{'id': 'r1', 'when': {'var': 'a'}, 'severity': 'caution', 'effect': 'allowed'}, {'id': 'r2', 'when': "
          "{'var': 'a'},"
          "  'severity': 'clearance', 'effect': 'clearance_required'}, {'id': 'r3', 'when': {'var': 'a'}, 'severity': "
          "'emergency'},"
          " {'id': 'r4', 'when': {'var': 'a'}, 'severity': 'modify'}, {'id': 'r5', 'when': {'var': 'a'}, 'severity': "
          "'urgent'},"
          " {'id': 'r6', 'when': {'var': 'a'}, 'severity': 'absolute'}, {'id': 'r7', 'when': {'var': 'b'}, 'effect': "
          "'not_allowed'},"
          " {'id': 'r8', 'when': {'var': 'a'}, 'severity': 'modify'}]",
          "has a; not b",
          "warnings r3 r5 r6 r2 r4 r8 r1\nr1 is caution allowed none" },     /* rules of effect "allowed" too */
        { NULL, "has a; maybe b", "warnings r3 r5 r6 r2 r4 r8 r1\nasks b" }, /* open rules give questions */
        { NULL, "not a; not b", "warnings" },
        { "[{'id': 'r', 'when': {'var': 'a'}, 'effect': 'clearance_required', 'clearable_by': 'oncology', "
          "'clearance_for': ['a', 'b'],"
          "  'cleared_effect': 'allowed'}]",
          "has a", "r clearable oncology a b" },
    };
    (void)state;
    CHECK_ROWS(parts, rows);
}

/* The gravest effect first, then severity, then the order of the rules. */
static void orders_reasons(void **state)
{
    static const struct row rows[] = {
        { "[{'id': 'm1', 'when': {'var': 'a'}, 'severity': 'modify'}, {'id': 'm2', 'when': {'var': 'a'}, 'severity': "
          "'emergency'},"
          " {'id': 'ok', 'when': {'var': 'a'}, 'severity': 'urgent', 'effect': 'allowed'},"
          " {'id': 'n1', 'when': {'var': 'a'}, 'severity': 'caution', 'effect': 'not_allowed', 'target': {'==': "
          "[{'var': 'heat'}, true]}},"
          " {'id': 'c1', 'when': {'var': 'a'}, 'severity': 'modify', 'effect': 'clearance_required'},"
          " {'id': 'c2', 'when': {'var': 'a'}, 'severity': 'modify', 'effect': 'clearance_required'},"
          " {'id': 'h1', 'when': {'var': 'a'}, 'severity': 'caution', 'modifications': [{'kind': 'no_heat', 'value': "
          "true}]}]",
          "has a", "soft because c1 c2 m2 m1 h1\nwarm because n1 h1 c1 c2 m2 m1" },
    };
    (void)state;
    CHECK_ROWS(parts, rows);
}

static void carries_texts_and_sources(void **state)
{
    static struct judged j;
    struct catalogue *cat = catalogue_of((struct parts){
        .facts = "[{'id': 'a'}]",
        .rules = "[{'id': 'r', 'when': {'var': 'a'}, 'message': 'M', 'note': 'O', 'action': 'A', 'rationale': 'R',"
                 "  'certainty': 'moderate', 'disposition': 'proceed_modified'}]",
    });
    (void)state;
    judge_person(&j, cat, "has a");
    const struct warning *w = &j.d.warnings[0];
    assert_int_equal(j.d.n_warnings, 1);
    assert_str(w->message, STR("M"));
    assert_str(w->note, STR("O"));
    assert_str(w->action, STR("A"));
    assert_str(w->rationale, STR("R"));
    assert_int_equal(w->certainty, CERTAINTY_MODERATE);
    assert_int_equal(w->n_evidence, 1);
    assert_str(w->evidence[0].id, STR("e"));
    assert_int_equal(w->disposition, DISPOSITION_PROCEED_MODIFIED);
    assert_str(j.d.catalogue_version, STR("1"));
    assert_str(j.d.catalogue_digest, str_of(cat->digest));
    assert_int_equal(j.d.as_of, AS_OF);
    assert_null(j.d.ref.p);
    assert_str(j.d.techniques[0].name, STR("N"));
    arena_done(&j.arena);
    catalogue_unref(cat);
}

RUN_TESTS(cmocka_unit_test(names_what_triggered_it), cmocka_unit_test(warns_of_what_has_fired),
          cmocka_unit_test(orders_reasons), cmocka_unit_test(carries_texts_and_sources))
