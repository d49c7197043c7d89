/* Findings named by a code (S2): the longest listed prefix wins, and names every fact that lists it. */
#include "rules/person.h"

static struct catalogue *catalogue(void)
{
    return catalogue_of((struct parts){
        .facts = "[{'id': 'a', 'codes': {'icd': ['E11', 'e10.4', 'Z']}, 'attributes': ['date', 'severity']},"
                 " {'id': 'b', 'codes': {'icd': ['E11.4']}, 'attributes': ['region']},"
                 " {'id': 'c', 'codes': {'icd': ['E114', 'E', 'Z9Z9'], 'atc': ['B01A']}},"
                 " {'id': 'd', 'codes': {'atc': ['B', 'B01']}, 'implies': ['e']}, {'id': 'e'}]",
        .rules = "[{'id': 'r', 'when': {'var': 'a'}}]",
    });
}

static void finds_the_longest_prefix(void **state)
{
    static const struct {
        const char *system, *code, *facts;
    } rows[] = {
        { "icd", "E11", "a" },
        { "icd", "E11.3", "a" },
        { "icd", "E11.39", "a" },
        { "icd", "E11.4", "b c" },
        { "icd", "E11.40", "b c" },
        { "icd", "E1140", "b c" },
        { "icd", "e11.40", "b c" },
        { "icd", "E.1.1.4.0", "b c" },
        { "icd", "E10.4", "a" },
        { "icd", "E104X", "a" },
        { "icd", "E10.5", "c" },
        { "icd", "E1", "c" },
        { "icd", "e", "c" },
        { "icd", "E12.9", "c" },
        { "icd", "F11.4", "" },
        { "icd", "", "" },
        { "icd", "...", "" },
        { "icd", "Z9Z", "a" },
        { "icd", "Z9.Z9", "c" },
        { "icd", "Z9Z8", "a" },
        { "atc", "B01AF01", "c" },
        { "atc", "B01B", "d" },
        { "atc", "B02", "d" },
        { "atc", "b", "d" },
        { "atc", "E11", "" },
        { "atc", "A", "" },
        { "atc", "C", "" },
        { "icd", "E11.3-not-a-code", "a" },
        { "icd", "{11", "" },
        { "icd", "@E11", "" },
        { "icd", "E11.3012345678901234567890123456789012345678", "a" }, /* longer than any prefix may be */
    };
    struct catalogue *cat = catalogue();
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct code_system *system = catalogue_find_system(cat, str_of(rows[i].system));
        char text[64] = "";
        assert_non_null(system);
        struct fact_list found = code_system_lookup(system, str_of(rows[i].code));
        for (uint32_t k = 0; k < found.n; k++)
            (void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%.*s", k ? " " : "",
                           STR_ARGS(cat->facts[found.at[k]].id));
        if (strcmp(text, rows[i].facts) != 0)
            fail_msg("%s of %s names \"%s\", not \"%s\"", rows[i].code, rows[i].system, text, rows[i].facts);
    }
    catalogue_unref(cat);
}

static void names_every_fact_of_the_prefix(void **state)
{
    struct catalogue *cat = catalogue();
    struct taken t;
    (void)state;
    take_in(&t, cat, "has icd:E11.40 region neck severity 3; has atc:B02");
    assert_int_equal(t.in.facts[fact_at(cat, "b")].state, FACT_PRESENT);
    assert_int_equal(t.in.facts[fact_at(cat, "c")].state, FACT_PRESENT);
    assert_int_equal(t.in.facts[fact_at(cat, "a")].state, FACT_UNKNOWN);
    assert_int_equal(t.in.facts[fact_at(cat, "e")].state, FACT_PRESENT);
    const struct fact_intake *b = &t.in.facts[fact_at(cat, "b")], *c = &t.in.facts[fact_at(cat, "c")];
    assert_int_equal(b->n_instances, 1);
    assert_int_equal(b->instances[0].region, REGION_NECK); /* each takes those attributes that it declares */
    assert_int_equal(b->instances[0].value[ATTR_SEVERITY].n, 0);
    assert_int_equal(c->instances[0].region, NOT_GIVEN);
    assert_int_equal(t.in.n_ignored, 1); /* none of them declares a severity */
    assert_str(t.in.ignored[0].pointer, STR("/symptoms/0/severity"));
    assert_int_equal(t.in.ignored[0].reason, IGNORED_ATTRIBUTE);
    assert_int_equal(t.in.n_unrecognised, 0);
    taken_done(&t);
    catalogue_unref(cat);
}

static void an_unknown_state_counts_and_an_absence_does_not(void **state)
{
    struct catalogue *cat = catalogue();
    struct taken t;
    (void)state;
    take_in(&t, cat, "unlisted absent; maybe icd:E11.4; not atc:B02 in medications; not icd:E10.4 severity 3");
    assert_int_equal(t.in.facts[fact_at(cat, "b")].state, FACT_UNKNOWN);
    assert_int_equal(t.in.facts[fact_at(cat, "c")].state, FACT_UNKNOWN);
    assert_int_equal(t.in.facts[fact_at(cat, "d")].state, FACT_ABSENT);
    assert_int_equal(t.in.facts[fact_at(cat, "d")].stated, 0); /* one disease was denied, not the group */
    assert_int_equal(t.in.n_ignored, 2);
    assert_str(t.in.ignored[0].pointer, STR("/history/medications/0"));
    assert_int_equal(t.in.ignored[0].reason, IGNORED_CODED_ABSENCE);
    assert_str(t.in.ignored[1].pointer, STR("/symptoms/1"));
    taken_done(&t);
    take_in(&t, cat, "not atc:B02");
    assert_int_equal(t.in.facts[fact_at(cat, "d")].state, FACT_UNKNOWN);
    taken_done(&t);
    catalogue_unref(cat);
}

static void codes_without_a_prefix_are_unrecognised(void **state)
{
    static const struct {
        const char *line;
        size_t n;
        bool present;
    } rows[] = {
        { "has icd:F10", 1, true },  { "maybe icd:F10", 1, false },
        { "not icd:F10", 1, false }, { "not icd:F10; has atc:X1 in medications", 2, true },
        { "has icd:E11", 0, false },
    };
    struct catalogue *cat = catalogue();
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct taken t;
        take_in(&t, cat, rows[i].line);
        assert_int_equal(t.in.n_unrecognised, rows[i].n);
        assert_int_equal(t.in.present_unrecognised, rows[i].present);
        if (rows[i].n) {
            assert_str(t.in.unrecognised[0].pointer, STR("/symptoms/0"));
            assert_str(t.in.unrecognised[0].system, STR("icd"));
            assert_str(t.in.unrecognised[0].code, STR("F10"));
            assert_null(t.in.unrecognised[0].fact.p);
        }
        if (rows[i].n > 1)
            assert_str(t.in.unrecognised[1].pointer, STR("/history/medications/0"));
        assert_int_equal(t.in.n_ignored, 0);
        taken_done(&t);
    }
    catalogue_unref(cat);
}

static void an_unknown_system_is_an_error(void **state)
{
    struct catalogue *cat = catalogue();
    struct taken t;
    (void)state;
    assert_int_equal(take_in_or_not(&t, cat, "has icd:E11; has snomed:1 in conditions; has ICD:E11"),
                     RC_INVALID_REQUEST);
    assert_int_equal(t.faults.total, 2);
    assert_int_equal(t.faults.at[0].code, FAULT_UNKNOWN_VALUE);
    assert_str(t.faults.at[0].pointer, STR("/history/conditions/0/system"));
    assert_str(t.faults.at[1].pointer, STR("/symptoms/1/system"));
    taken_done(&t);
    catalogue_unref(cat);
}

/* A fact that writes one prefix in two ways lists it once. */
static void a_prefix_counts_once_for_a_fact(void **state)
{
    struct catalogue *cat = catalogue_of((struct parts){ .facts = "[{'id': 'a', 'codes': {'icd': ['E11', 'e1.1']}}]" });
    struct fact_list found = code_system_lookup(catalogue_find_system(cat, STR("icd")), STR("E11"));
    (void)state;
    assert_int_equal(found.n, 1);
    assert_int_equal(found.at[0], 0);
    catalogue_unref(cat);
}

RUN_TESTS(cmocka_unit_test(finds_the_longest_prefix), cmocka_unit_test(names_every_fact_of_the_prefix),
          cmocka_unit_test(an_unknown_state_counts_and_an_absence_does_not),
          cmocka_unit_test(codes_without_a_prefix_are_unrecognised), cmocka_unit_test(an_unknown_system_is_an_error),
          cmocka_unit_test(a_prefix_counts_once_for_a_fact))
