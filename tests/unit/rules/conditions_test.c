/* What conditions are worth: Kleene's three values over facts and their attributes (S3, S6, S8). */
#include "rules/conditions.h"

static enum tri least(enum tri a, enum tri b)
{
    return a < b ? a : b;
}

static enum tri most(enum tri a, enum tri b)
{
    return a > b ? a : b;
}

/* ---- and, or, ! ------------------------------------------------------------------------------------------- */

/* Every combination of states of three facts, for conditions that name each of them once: there the three values of
 * Kleene's tables are what a condition is worth (S8 has nothing to add). */
static void joins_three_values(void **state)
{
    static const char *const when[] = {
        "{'var': 'a'}",
        "{'!': {'var': 'a'}}",
        "{'!': [{'!': [{'var': 'a'}]}]}",
        "{'and': [{'var': 'a'}, {'var': 'b'}]}",
        "{'or': [{'var': 'a'}, {'var': 'b'}]}",
        "{'!': [{'and': [{'var': 'a'}, {'var': 'b'}]}]}",
        "{'!': {'or': [{'var': 'a'}, {'var': 'b'}]}}",
        "{'and': [{'var': 'a'}, {'!': {'var': 'b'}}, {'var': 'c'}]}",
        "{'or': [{'var': 'a'}, {'!': {'var': 'b'}}, {'var': 'c'}]}",
        "{'and': [{'or': [{'var': 'a'}, {'var': 'b'}]}, {'!': {'var': 'c'}}]}",
        "{'or': [{'and': [{'var': 'a'}, {'var': 'b'}]}, {'!': {'var': 'c'}}]}",
        "{'!': {'and': [{'or': [{'var': 'a'}, {'!': {'var': 'b'}}]}, {'!': {'or': [{'var': 'c'}]}}]}}",
        "{'and': [{'var': 'a'}]}",
    };
    static const char *const verb[] = { [TRI_NO] = "not", [TRI_UNKNOWN] = "maybe", [TRI_YES] = "has" };
    struct catalogue *cat = catalogue_with(when, ARRAY_LEN(when));
    (void)state;
    for (int i = 0; i < 27; i++) {
        enum tri a = (enum tri)(i % 3), b = (enum tri)(i / 3 % 3), c = (enum tri)(i / 9);
        const enum tri want[] = {
            a,
            other(a),
            a,
            least(a, b),
            most(a, b),
            other(least(a, b)),
            other(most(a, b)),
            least(least(a, other(b)), c),
            most(most(a, other(b)), c),
            least(most(a, b), other(c)),
            most(least(a, b), other(c)),
            other(least(most(a, other(b)), other(c))),
            a,
        };
        static_assert(ARRAY_LEN(want) == ARRAY_LEN(when), "every condition has a value");
        struct taken t;
        char line[64];
        (void)snprintf(line, sizeof(line), "%s a; %s b; %s c", verb[a], verb[b], verb[c]);
        take_in(&t, cat, line);
        for (size_t k = 0; k < ARRAY_LEN(when); k++)
            assert_tri(eval(&t.in, cat->rules[k].when), want[k], when[k], line);
        taken_done(&t);
    }
    catalogue_unref(cat);
}

/* "Unknown but impossible to make true counts as false" (S8). */
static void an_impossible_unknown_is_no(void **state)
{
    static const struct row rows[] = {
        { "{'and': [{'var': 'a'}, {'!': {'var': 'a'}}]}", "maybe a", TRI_NO },
        { "{'or': [{'var': 'a'}, {'!': {'var': 'a'}}]}", "maybe a", TRI_UNKNOWN },
        /* present goes up: what implies, or is covered by, an absent fact cannot be present */
        { "{'and': [{'var': 'x'}, {'!': {'var': 'y'}}]}", "", TRI_NO },
        { "{'and': [{'var': 'y'}, {'!': {'var': 'x'}}]}", "", TRI_UNKNOWN },
        { "{'and': [{'var': 'v'}, {'!': {'var': 'u'}}]}", "", TRI_NO },
        { "{'and': [{'var': 'u'}, {'!': {'var': 'v'}}]}", "", TRI_UNKNOWN },
        { "{'and': [{'var': 'u'}, {'!': {'var': 'v'}}, {'!': {'var': 'w'}}]}", "", TRI_UNKNOWN }, /* a bare "yes" */
        /* one value for each attribute */
        { "{'and': [{'>': [{'var': 'f.severity'}, 5]}, {'<': [{'var': 'f.severity'}, 5]}]}", "has f", TRI_NO },
        { "{'and': [{'>': [{'var': 'f.severity'}, 5]}, {'<': [{'var': 'f.severity'}, 7]}]}", "has f", TRI_UNKNOWN },
        { "{'and': [{'>': [{'var': 'f.severity'}, 5]}, {'<': [{'var': 'f.severity'}, 7]},"
          " {'!=': [{'var': 'f.severity'}, 6]}]}",
          "has f", TRI_NO },
        { "{'and': [{'>=': [{'var': 'f.severity'}, 5]}, {'<': [{'var': 'f.severity'}, 7]},"
          " {'!=': [{'var': 'f.severity'}, 6]}]}",
          "has f", TRI_UNKNOWN },
        { "{'and': [{'==': [{'var': 'f.region'}, 'neck']}, {'==': [{'var': 'f.region'}, 'jaw']}]}", "has f", TRI_NO },
        { "{'and': [{'var': 'f.controlled'}, {'!': {'var': 'f.controlled'}}]}", "has f", TRI_NO },
        { "{'and': [{'var': 'f.controlled'}, {'!': {'var': 'f.controlled'}}]}", "maybe f", TRI_NO },
        { "{'!': {'in': [{'var': 'f.side'}, ['left', 'right', 'both', 'midline']]}}", "has f", TRI_NO },
        { "{'!': {'in': [{'var': 'f.side'}, ['left', 'right', 'both']]}}", "has f", TRI_UNKNOWN },
        { "{'!': {'in': [{'var': 'f.side'}, ['left', 'right', 'both', 'midline']]}}", "maybe f", TRI_UNKNOWN },
        /* within the attribute's range */
        { "{'>': [{'var': 'f.grade'}, 5]}", "has f", TRI_NO },
        { "{'>=': [{'var': 'f.grade'}, 5]}", "has f", TRI_UNKNOWN },
        { "{'<': [{'var': 'f.grade'}, 1]}", "has f", TRI_NO },
        { "{'<=': [{'var': 'f.grade'}, 1]}", "has f", TRI_UNKNOWN },
        { "{'>': [{'var': 'f.gestation_weeks'}, 45]}", "has f", TRI_NO },
        { "{'==': [{'var': 'f.gestation_weeks'}, 45]}", "maybe f", TRI_UNKNOWN },
        { "{'>': [{'var': 'f.severity'}, 10]}", "maybe f", TRI_NO },
        { "{'>': [{'var': 'f.systolic'}, 100000]}", "has f", TRI_UNKNOWN }, /* others are 0 or more */
        { "{'<': [{'var': 'f.systolic'}, 0]}", "has f", TRI_NO },
        { "{'>': [{'var': 'f.diastolic'}, 100000]}", "has f", TRI_UNKNOWN },
        { "{'>': [{'var': 'f.platelets'}, 100000]}", "has f", TRI_UNKNOWN },
        { "{'>': [{'var': 'f.stage'}, 100000]}", "has f", TRI_UNKNOWN },
        { "{'<': [{'var': 'f.stage'}, 0]}", "maybe f", TRI_NO },
        { "{'>': [{'var': 'f.days_ago'}, 100000]}", "has f", TRI_UNKNOWN },
        { "{'<': [{'var': 'f.days_ago'}, 0]}", "has f", TRI_NO },
        /* days_ago of a short-lived fact goes up to valid_days */
        { "{'>': [{'var': 's.days_ago'}, 10]}", "maybe s", TRI_NO },
        { "{'>=': [{'var': 's.days_ago'}, 10]}", "maybe s", TRI_UNKNOWN },
        /* a single sex */
        { "{'and': [{'==': [{'var': 'sex'}, 'female']}, {'var': 'a'}]}", "not a", TRI_NO },
        { "{'!': {'in': [{'var': 'sex'}, ['female', 'male', 'other']]}}", "", TRI_NO },
        { "{'!': {'in': [{'var': 'sex'}, ['female', 'male']]}}", "", TRI_UNKNOWN },
        { "{'and': [{'var': 'a'}, {'!': {'==': [{'var': 'f.severity'}, 3]}}]}", "has a; has f severity 3", TRI_NO },
    };
    static const struct row sexes[] = {
        { "{'and': [{'==': [{'var': 'sex'}, 'male']}, {'!=': [{'var': 'sex'}, 'male']}]}", "", TRI_NO },
        { "{'and': [{'==': [{'var': 'sex'}, 'male']}, {'==': [{'var': 'sex'}, 'female']}]}", "", TRI_NO },
        { "{'and': [{'!=': [{'var': 'sex'}, 'male']}, {'!=': [{'var': 'sex'}, 'female']}]}", "", TRI_UNKNOWN },
    };
    (void)state;
    check_rows(rows, ARRAY_LEN(rows));
    check_rows(sexes, ARRAY_LEN(sexes));
}

/* ---- attributes (S6) -------------------------------------------------------------------------------------- */

/* Is there a severity from 0 to 10 that makes the comparison `want`? */
static bool some_severity(int op, int32_t k, bool want)
{
    for (int32_t v = 0; v <= 10; v++)
        if (passes(op, v, k) == want)
            return true;
    return false;
}

/* Every operator with every kind of constant, plain and negated, of an absent, an unknown and a present fact. */
static void compares_attributes(void **state)
{
    char text[OPS * CONSTANTS * 2][80];
    const char *when[OPS * CONSTANTS * 2];
    (void)state;
    for (int i = 0; i < OPS * CONSTANTS; i++) {
        (void)snprintf(text[2 * i], 80, "{'%s': [{'var': 'f.severity'}, %d]}", op_name[i / CONSTANTS],
                       constants[i % CONSTANTS]);
        (void)snprintf(text[2 * i + 1], 80, "{'!': [{'%s': [{'var': 'f.severity'}, %d]}]}", op_name[i / CONSTANTS],
                       constants[i % CONSTANTS]);
        when[2 * i] = text[2 * i];
        when[2 * i + 1] = text[2 * i + 1];
    }
    struct catalogue *cat = catalogue_with(when, ARRAY_LEN(when));
    for (int person = -3; person <= 10; person++) {
        struct taken t;
        char line[32];
        (void)snprintf(line, sizeof(line),
                       person == -3   ? "not f"
                       : person == -2 ? "maybe f"
                       : person == -1 ? "has f"
                                      : "has f severity %d",
                       person);
        take_in(&t, cat, line);
        for (int i = 0; i < OPS * CONSTANTS; i++) {
            int op = i / CONSTANTS;
            int32_t k = constants[i % CONSTANTS];
            enum tri plain, negated;
            if (person == -3) { /* every comparison of an absent fact is false */
                plain = TRI_NO;
                negated = TRI_YES;
            } else if (person == -2) { /* it may be absent, and then the negation is true */
                plain = some_severity(op, k, true) ? TRI_UNKNOWN : TRI_NO;
                negated = TRI_UNKNOWN;
            } else if (person == -1) {
                plain = some_severity(op, k, true) ? TRI_UNKNOWN : TRI_NO;
                negated = some_severity(op, k, false) ? TRI_UNKNOWN : TRI_NO;
            } else {
                plain = passes(op, person, k) ? TRI_YES : TRI_NO;
                negated = other(plain);
            }
            assert_tri(eval(&t.in, cat->rules[2 * i].when), plain, when[2 * i], line);
            assert_tri(eval(&t.in, cat->rules[2 * i + 1].when), negated, when[2 * i + 1], line);
        }
        taken_done(&t);
    }
    catalogue_unref(cat);
}

static void reads_every_kind_of_attribute(void **state)
{
    static const struct row rows[] = {
        { "{'var': 'f.controlled'}", "has f controlled yes", TRI_YES },
        { "{'var': 'f.controlled'}", "has f controlled no", TRI_NO },
        { "{'var': 'f.controlled'}", "has f", TRI_UNKNOWN },
        { "{'var': 'f.controlled'}", "maybe f", TRI_UNKNOWN },
        { "{'var': 'f.controlled'}", "not f", TRI_NO },
        { "{'!': {'var': 'f.controlled'}}", "has f controlled no", TRI_YES },
        { "{'!': {'var': 'f.controlled'}}", "has f controlled yes", TRI_NO },
        { "{'!': {'var': 'f.controlled'}}", "has f", TRI_UNKNOWN },
        { "{'!': {'var': 'f.controlled'}}", "not f", TRI_YES },
        { "{'==': [{'var': 'f.controlled'}, false]}", "has f controlled no", TRI_YES },
        { "{'==': [{'var': 'f.controlled'}, false]}", "has f controlled yes", TRI_NO },
        { "{'!=': [{'var': 'f.controlled'}, true]}", "has f controlled no", TRI_YES },
        { "{'!=': [{'var': 'f.controlled'}, true]}", "not f", TRI_NO },
        { "{'==': [{'var': 'f.region'}, 'neck']}", "has f region neck", TRI_YES },
        { "{'==': [{'var': 'f.region'}, 'neck']}", "has f region jaw", TRI_NO },
        { "{'==': [{'var': 'f.region'}, 'neck']}", "has f", TRI_UNKNOWN },
        { "{'!=': [{'var': 'f.region'}, 'neck']}", "has f region jaw", TRI_YES },
        { "{'!=': [{'var': 'f.region'}, 'neck']}", "has f region neck", TRI_NO },
        { "{'!=': [{'var': 'f.region'}, 'neck']}", "not f", TRI_NO },
        { "{'!': {'==': [{'var': 'f.region'}, 'neck']}}", "not f", TRI_YES },
        { "{'==': [{'var': 'f.region'}, 'whole_body']}", "has f region whole_body", TRI_YES },
        { "{'in': [{'var': 'f.region'}, ['neck', 'jaw']]}", "has f region jaw", TRI_YES },
        { "{'in': [{'var': 'f.region'}, ['neck', 'jaw']]}", "has f region hip", TRI_NO },
        { "{'in': [{'var': 'f.region'}, ['neck', 'jaw']]}", "has f", TRI_UNKNOWN },
        { "{'in': [{'var': 'f.region'}, ['neck', 'jaw']]}", "not f", TRI_NO },
        { "{'!': {'in': [{'var': 'f.region'}, ['neck', 'jaw']]}}", "has f region hip", TRI_YES },
        { "{'!': {'in': [{'var': 'f.region'}, ['neck', 'jaw']]}}", "has f region jaw", TRI_NO },
        { "{'!': {'in': [{'var': 'f.region'}, ['neck', 'jaw']]}}", "not f", TRI_YES },
        { "{'==': [{'var': 'f.side'}, 'left']}", "has f side left", TRI_YES },
        { "{'==': [{'var': 'f.side'}, 'left']}", "has f side right", TRI_NO },
        { "{'in': [{'var': 'f.grade'}, [2, 3]]}", "has f grade 3", TRI_YES },
        { "{'in': [{'var': 'f.grade'}, [2, 3]]}", "has f grade 1", TRI_NO },
        { "{'in': [{'var': 'f.grade'}, [2, 3.0]]}", "has f grade 3", TRI_YES },
        { "{'>=': [{'var': 'f.grade'}, 2.0]}", "has f grade 2", TRI_YES },
        { "{'<': [{'var': 'f.days_ago'}, 3]}", "has f ago 2", TRI_YES },
        { "{'<': [{'var': 'f.days_ago'}, 3]}", "has f ago 3", TRI_NO },
        { "{'<': [{'var': 'f.days_ago'}, 3]}", "has f since 2", TRI_YES },
        { "{'<': [{'var': 'f.days_ago'}, 3]}", "has f ago 5 since 1", TRI_NO }, /* the date wins */
        { "{'<': [{'var': 'f.days_ago'}, 3]}", "has f since 5 ago 1", TRI_YES },
        { "{'<': [{'var': 'f.days_ago'}, 3]}", "has f", TRI_UNKNOWN },
        { "{'in': [{'var': 'f.days_ago'}, [3, 5]]}", "has f ago 5", TRI_YES },
        { "{'<': [{'var': 'f.gestation_weeks'}, 13]}", "has f gestation_weeks 12", TRI_YES },
        { "{'<': [{'var': 'f.gestation_weeks'}, 13]}", "has f gestation_weeks 13", TRI_NO },
        { "{'>': [{'var': 'f.systolic'}, 179]}", "has f systolic 180", TRI_YES },
        { "{'>': [{'var': 'f.diastolic'}, 119]}", "has f diastolic 119", TRI_NO },
        { "{'<': [{'var': 'f.platelets'}, 50]}", "has f platelets 49", TRI_YES },
        { "{'==': [{'var': 'f.stage'}, 3]}", "has f stage 3", TRI_YES },
        /* a short-lived fact is current unless a date says otherwise */
        { "{'==': [{'var': 's.days_ago'}, 0]}", "has s", TRI_YES },
        { "{'==': [{'var': 's.days_ago'}, 0]}", "has s since 9", TRI_YES },
        { "{'==': [{'var': 's.days_ago'}, 9]}", "has s ago 9", TRI_YES },
        { "{'==': [{'var': 's.days_ago'}, 9]}", "has s", TRI_NO },
        /* tests on one finding are passed by one finding (S3) */
        { "{'and': [{'>': [{'var': 'f.severity'}, 5]}, {'==': [{'var': 'f.region'}, 'neck']}]}",
          "has f severity 7 region jaw; has f severity 2 region neck", TRI_NO },
        { "{'and': [{'>': [{'var': 'f.severity'}, 5]}, {'==': [{'var': 'f.region'}, 'neck']}]}",
          "has f severity 7 region jaw; has f severity 6 region neck", TRI_YES },
        { "{'and': [{'>': [{'var': 'f.severity'}, 5]}, {'==': [{'var': 'f.region'}, 'neck']}]}",
          "has f severity 7 region jaw; has f severity 6", TRI_UNKNOWN },
        { "{'and': [{'>': [{'var': 'f.severity'}, 5]}, {'==': [{'var': 'f.region'}, 'neck']}]}",
          "has f severity 7; has f severity 2", TRI_UNKNOWN },
        { "{'or': [{'>': [{'var': 'f.severity'}, 5]}, {'==': [{'var': 'f.region'}, 'neck']}]}",
          "has f severity 2 region jaw; has f severity 1 region neck", TRI_YES },
        /* a negated comparison is true by some instance, too */
        { "{'!': {'>': [{'var': 'f.severity'}, 5]}}", "has f severity 7; has f severity 2", TRI_YES },
        { "{'!': {'>': [{'var': 'f.severity'}, 5]}}", "has f severity 7; has f severity 8", TRI_NO },
    };
    (void)state;
    check_rows(rows, ARRAY_LEN(rows));
}

/* ---- what is compiled ------------------------------------------------------------------------------------- */

/* The regions that a course's condition names outside a negation (S13). */
static void knows_the_regions_it_names(void **state)
{
#define IN(region) "{'in': ['" region "', {'var': 'complaint_regions'}]}"
    static const struct {
        const char *when;
        bool names;
        uint32_t regions;
    } rows[] = {
        { "{'var': 'a'}", false, 0 },
        { IN("neck"), true, 1u << REGION_NECK },
        { "{'or': [" IN("neck") ", {'and': [{'var': 'a'}, " IN("jaw") "]}]}", true,
          1u << REGION_NECK | 1u << REGION_JAW },
        { "{'!': " IN("neck") "}", false, 0 },
        { "{'!': {'!': " IN("neck") "}}", false, 0 },
        { "{'and': [" IN("hip") ", {'!': " IN("neck") "}]}", true, 1u << REGION_HIP },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char text[256];
        (void)snprintf(text, sizeof(text), "[{'id': 'c', 'when': %s}]", rows[i].when);
        struct catalogue *cat = catalogue_of((struct parts){ .facts = facts, .courses = text });
        assert_int_equal(cat->courses[0].when.names_region, rows[i].names);
        assert_int_equal(cat->courses[0].when.regions, rows[i].regions);
        catalogue_unref(cat);
    }
}

/* Terms that can never be true are left out, the same test twice is one, and a fact is needed once a term. */
static void keeps_terms_short(void **state)
{
    static const struct {
        const char *when;
        uint32_t terms, needs, absents, scalars; /* of the first term */
    } rows[] = {
        { "{'var': 'a'}", 1, 1, 0, 0 },
        { "{'and': [{'var': 'a'}, {'var': 'a'}]}", 1, 1, 0, 0 },
        { "{'and': [{'var': 'f'}, {'>': [{'var': 'f.severity'}, 3]}, {'<': [{'var': 'f.days_ago'}, 9]}]}", 1, 1, 0, 0 },
        { "{'and': [{'var': 'a'}, {'!': {'var': 'a'}}]}", 0, 0, 0, 0 },
        { "{'and': [{'var': 'x'}, {'!': {'var': 'y'}}]}", 0, 0, 0, 0 },
        { "{'and': [{'>': [{'var': 'f.severity'}, 6]}, {'<': [{'var': 'f.severity'}, 6]}]}", 0, 0, 0, 0 },
        { "{'and': [{'!': {'var': 'a'}}, {'!': {'var': 'a'}}, {'!': {'var': 'b'}}]}", 1, 0, 2, 0 },
        { "{'and': [{'<': [{'var': 'age_years'}, 9]}, {'<': [{'var': 'age_years'}, 9]}]}", 1, 0, 0, 1 },
        { "{'and': [{'<': [{'var': 'age_years'}, 9]}, {'<': [{'var': 'age_years'}, 8]}]}", 1, 0, 0, 2 },
        { "{'or': [{'var': 'a'}, {'var': 'b'}, {'var': 'c'}]}", 3, 1, 0, 0 },
        { "{'and': [{'or': [{'var': 'a'}, {'var': 'b'}]}, {'or': [{'var': 'c'}, {'var': 'f'}]}]}", 4, 2, 0, 0 },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct catalogue *cat = catalogue_with(&rows[i].when, 1);
        const struct cond *c = &cat->rules[0].when;
        assert_int_equal(c->n_terms, rows[i].terms);
        if (c->n_terms) {
            const struct term *t = &cat->pool.terms[c->terms];
            assert_int_equal(t->n_needs, rows[i].needs);
            assert_int_equal(t->n_absents, rows[i].absents);
            assert_int_equal(t->n_scalars, rows[i].scalars);
        }
        catalogue_unref(cat);
    }
}

RUN_TESTS(cmocka_unit_test(joins_three_values), cmocka_unit_test(an_impossible_unknown_is_no),
          cmocka_unit_test(compares_attributes), cmocka_unit_test(reads_every_kind_of_attribute),
          cmocka_unit_test(knows_the_regions_it_names), cmocka_unit_test(keeps_terms_short))
