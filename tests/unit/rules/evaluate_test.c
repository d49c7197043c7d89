/* Conditions seen through clearances (S9), the findings behind them (S11, S20), and what is left to be asked (S18). */
#include "rules/person.h"

static const char facts[] = "[{'id': 'a'}, {'id': 'b'}, {'id': 'c'}, {'id': 'd'},"
                            " {'id': 'f', 'attributes': ['date', 'region', 'severity', 'grade', 'controlled']},"
                            " {'id': 'g', 'attributes': ['date', 'region'], 'implies': ['h']},"
                            " {'id': 'h', 'attributes': ['date', 'region'], 'implies': ['i']}, {'id': 'i'},"
                            " {'id': 's', 'attributes': ['date'], 'valid_days': 10}]";

static struct catalogue *catalogue_with(const char *when)
{
    char text[1024];
    (void)snprintf(text, sizeof(text), "[{'id': 'r', 'when': %s}]", when);
    return catalogue_of((struct parts){ .facts = facts, .rules = text });
}

/* ---- clearances -------------------------------------------------------------------------------------------- */

/* The named fact counts as absent, save its instances dated after the clearance and, in the second reading, those
 * without a date. `days` is how long ago the clearance was given; -1: nothing stays. */
static void looks_through_clearances(void **state)
{
    static const struct {
        const char *when, *line, *fact;
        int days;
        enum tri first, second;
    } rows[] = {
        { "{'var': 'f'}", "has f ago 10", "f", 10, TRI_NO, TRI_NO },
        { "{'var': 'f'}", "has f ago 9", "f", 10, TRI_YES, TRI_YES },
        { "{'var': 'f'}", "has f ago 11", "f", 10, TRI_NO, TRI_NO },
        { "{'var': 'f'}", "has f since 9", "f", 10, TRI_YES, TRI_YES },
        { "{'var': 'f'}", "has f", "f", 10, TRI_NO, TRI_YES },
        { "{'var': 'f'}", "has f ago 0", "f", -1, TRI_NO, TRI_NO },
        { "{'var': 'f'}", "maybe f", "f", 10, TRI_NO, TRI_NO }, /* unknown, too, counts as absent */
        { "{'var': 'f'}", "not f", "f", 10, TRI_NO, TRI_NO },
        { "{'!': {'var': 'f'}}", "has f ago 10", "f", 10, TRI_YES, TRI_YES },
        { "{'!': {'var': 'f'}}", "has f", "f", 10, TRI_YES, TRI_NO },
        { "{'!': {'var': 'f'}}", "maybe f", "f", 10, TRI_YES, TRI_YES },
        { "{'var': 'f'}", "has f ago 10; has f ago 3", "f", 10, TRI_YES, TRI_YES },
        { "{'>': [{'var': 'f.severity'}, 5]}", "has f ago 10 severity 9; has f ago 3 severity 2", "f", 10, TRI_NO,
          TRI_NO },
        { "{'>': [{'var': 'f.severity'}, 5]}", "has f ago 10 severity 2; has f ago 3 severity 9", "f", 10, TRI_YES,
          TRI_YES },
        { "{'>': [{'var': 'f.severity'}, 5]}", "has f severity 9; has f ago 3", "f", 10, TRI_UNKNOWN, TRI_YES },
        { "{'>': [{'var': 'f.severity'}, 5]}", "has f severity 9; has f ago 30", "f", 10, TRI_NO, TRI_YES },
        /* short-lived: reads 0, but the real date counts */
        { "{'==': [{'var': 's.days_ago'}, 0]}", "has s since 9", "s", 10, TRI_YES, TRI_YES },
        { "{'==': [{'var': 's.days_ago'}, 0]}", "has s since 9", "s", 9, TRI_NO, TRI_NO },
        /* only the named fact: what it implies stays */
        { "{'var': 'h'}", "has g ago 10", "g", 3, TRI_YES, TRI_YES },
        { "{'var': 'g'}", "has g ago 10", "h", 3, TRI_YES, TRI_YES },
        { "{'var': 'h'}", "has g ago 10", "h", 3, TRI_NO, TRI_NO },
        { "{'var': 'h'}", "has g ago 1", "h", 3, TRI_YES, TRI_YES },
        /* a fact without dates never stays in the first reading */
        { "{'var': 'a'}", "has a", "a", 3, TRI_NO, TRI_YES },
        { "{'or': [{'var': 'a'}, {'var': 'b'}]}", "has a; has b", "a", 3, TRI_YES, TRI_YES },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct taken t;
        struct catalogue *cat = catalogue_with(rows[i].when);
        take_in(&t, cat, rows[i].line);
        struct lift lifts[] = {
            { .fact = fact_at(cat, "d"), .after = INT32_MAX },
            { .fact = fact_at(cat, rows[i].fact), .after = rows[i].days < 0 ? INT32_MAX : AS_OF - rows[i].days },
        };
        struct view v = { &t.in, lifts, ARRAY_LEN(lifts) };
        enum tri first = cond_eval(&v, cat->rules[0].when);
        lifts[1].keep_undated = true;
        enum tri second = cond_eval(&v, cat->rules[0].when);
        if (first != rows[i].first || second != rows[i].second)
            fail_msg("%s of %s: %s, %s", rows[i].when, rows[i].line, tri_word[first], tri_word[second]);
        taken_done(&t);
        catalogue_unref(cat);
    }
}

/* ---- what stands behind ------------------------------------------------------------------------------------ */

struct numbers {
    char text[64];
};

static void take_number(struct numbers *n, uint32_t number)
{
    size_t len = strlen(n->text);
    (void)snprintf(n->text + len, sizeof(n->text) - len, "%s%u", len ? " " : "", number);
}

static void take_instance(void *to, const struct fact *fact, const struct instance *inst)
{
    assert_true(fact->id.n > 0);
    take_number(to, inst->finding);
}

static void take_finding(void *to, uint32_t finding)
{
    take_number(to, finding);
}

/* The instances that pass a need's tests for sure, and those that may; then the findings of its fact. */
static void finds_instances_and_findings(void **state)
{
    static const struct {
        const char *when, *line, *fact;
        int days; /* of a clearance, -1: none */
        const char *sure, *possible, *findings;
    } rows[] = {
        { "{'var': 'f'}", "has f; has f; not f", "f", -1, "0 1", "0 1", "0 1" },
        { "{'var': 'f'}", "maybe f", "f", -1, "", "", "" },
        { "{'var': 'f'}", "not f", "f", -1, "", "", "" },
        { "{'>': [{'var': 'f.severity'}, 5]}", "has f severity 6; has f severity 5; has f", "f", -1, "0", "0 2",
          "0 1 2" },
        { "{'and': [{'>': [{'var': 'f.severity'}, 5]}, {'<': [{'var': 'f.grade'}, 3]}]}",
          "has f severity 6 grade 2; has f severity 6; has f grade 3; has f grade 1", "f", -1, "0", "0 1 3",
          "0 1 2 3" },
        { "{'var': 'h'}", "has g; has h; has g", "h", -1, "1", "1", "0 1 2" },
        { "{'var': 'i'}", "has g; has h", "i", -1, "1", "1", "0 1" }, /* h has a finding of its own: its instances */
        { "{'var': 'f'}", "has f ago 3; has f; has f ago 10", "f", 5, "0", "0", "0" },
        { "{'>': [{'var': 'f.severity'}, 5]}", "has f ago 3; has f severity 9; has f ago 10 severity 9", "f", 5, "",
          "0", "0" },
        { "{'var': 'h'}", "has g ago 3; has g ago 10", "h", 5, "0", "0", "0" },
        { "{'var': 'h'}", "has g ago 3; has g ago 10", "g", 5, "0 1", "0 1", "0 1" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct taken t;
        struct numbers sure = { "" }, possible = { "" }, findings = { "" };
        struct catalogue *cat = catalogue_with(rows[i].when);
        take_in(&t, cat, rows[i].line);
        struct lift lift = { .fact = fact_at(cat, rows[i].fact), .after = AS_OF - rows[i].days };
        struct view v = { &t.in, &lift, rows[i].days < 0 ? 0 : 1 };
        const struct term *term = &cat->pool.terms[cat->rules[0].when.terms];
        const struct need *need = &cat->pool.needs[term->needs];
        need_instances(&v, need, TRI_YES, take_instance, &sure);
        need_instances(&v, need, TRI_UNKNOWN, take_instance, &possible);
        fact_findings(&v, need->fact, take_finding, &findings);
        if (strcmp(sure.text, rows[i].sure) != 0 || strcmp(possible.text, rows[i].possible) != 0 ||
            strcmp(findings.text, rows[i].findings) != 0)
            fail_msg("%s of %s: [%s] [%s] [%s]", rows[i].when, rows[i].line, sure.text, possible.text, findings.text);
        taken_done(&t);
        catalogue_unref(cat);
    }
}

/* Read outside every negation, or not (S11, S20). */
static void tells_what_is_read_under_a_negation(void **state)
{
    static const struct {
        const char *when;
        bool need, scalar;
    } rows[] = {
        { "{'and': [{'var': 'f'}, {'<': [{'var': 'age_years'}, 90]}]}", true, true },
        { "{'and': [{'>': [{'var': 'f.severity'}, 3]}, {'!': {'>': [{'var': 'age_years'}, 90]}}]}", true, false },
        { "{'and': [{'!': {'!': {'var': 'f'}}}, {'<': [{'var': 'age_years'}, 90]}]}", false, true },
        { "{'!': {'or': [{'!': {'var': 'f'}}, {'>': [{'var': 'age_years'}, 90]}]}}", false, false },
        /* read on both sides: once outside is enough */
        { "{'and': [{'var': 'f'}, {'!': {'!': {'>': [{'var': 'f.severity'}, 3]}}}, {'<': [{'var': 'age_years'}, 90]}]}",
          true, true },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct catalogue *cat = catalogue_with(rows[i].when);
        const struct term *term = &cat->pool.terms[cat->rules[0].when.terms];
        assert_int_equal(term->n_needs, 1);
        assert_int_equal(term->n_scalars, 1);
        assert_int_equal(cat->pool.needs[term->needs].triggers, rows[i].need);
        assert_int_equal(cat->pool.scalars[term->scalars].triggers, rows[i].scalar);
        catalogue_unref(cat);
    }
}

/* ---- what is left to be asked ------------------------------------------------------------------------------ */

struct asked {
    const struct catalogue *cat;
    char names[16][40];
    size_t n;
};

static void take_ask(void *to, struct ask ask)
{
    struct asked *a = to;
    char name[40];
    if (ask.fact < 0)
        (void)snprintf(name, sizeof(name), "%s", ask.fact == ASK_SEX ? "sex" : "pain_max");
    else if (ask.attribute == NOT_GIVEN)
        (void)snprintf(name, sizeof(name), "%s", a->cat->facts[ask.fact].id.p);
    else
        (void)snprintf(name, sizeof(name), "%s.%s", a->cat->facts[ask.fact].id.p,
                       attribute_table[ask.attribute].name.p);
    for (size_t i = 0; i < a->n; i++)
        if (strcmp(a->names[i], name) == 0)
            return;
    assert_true(a->n < ARRAY_LEN(a->names));
    memcpy(a->names[a->n++], name, sizeof(name));
}

static int by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void check_asks(const char *when, const char *line, const char *want)
{
    struct taken t;
    char text[256] = "";
    struct catalogue *cat = catalogue_with(when);
    struct asked asked = { .cat = cat };
    take_in(&t, cat, line);
    struct view v = { .in = &t.in };
    cond_asks(&v, cat->rules[0].when, take_ask, &asked);
    qsort(asked.names, asked.n, sizeof(asked.names[0]), by_name);
    for (size_t i = 0; i < asked.n; i++)
        (void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s", i ? " " : "", asked.names[i]);
    if (strcmp(text, want) != 0)
        fail_msg("%s of %s: [%s], not [%s]", when, line, text, want);
    taken_done(&t);
    catalogue_unref(cat);
}

#define AND(x, y) "{'and': [" x ", " y "]}"
#define OR(x, y)  "{'or': [" x ", " y "]}"
#define NOT(x)    "{'!': [" x "]}"
#define V(x)      "{'var': '" x "'}"

static void asks_what_completions_assume(void **state)
{
    static const struct {
        const char *when, *line, *want;
    } rows[] = {
        { V("a"), "", "a" },
        { V("a"), "not a", "" }, /* not open */
        { NOT(V("a")), "", "a" },
        { AND(V("a"), V("b")), "", "a b" },
        { AND(V("a"), V("b")), "has a", "b" },
        { AND(V("a"), V("b")), "not a", "" },
        { OR(V("a"), V("b")), "", "a b" },
        { OR(V("a"), V("b")), "not a", "b" },
        /* what is impossible is not asked */
        { OR(AND(V("a"), NOT(V("a"))), V("b")), "", "b" },
        { OR(AND(V("g"), NOT(V("h"))), V("b")), "", "b" },
        /* attributes of a present fact, the date for days_ago; of an unknown one the fact itself */
        { "{'>': [{'var': 'f.severity'}, 5]}", "has f", "f.severity" },
        { "{'<': [{'var': 'f.days_ago'}, 5]}", "has f", "f.date" },
        { "{'<': [{'var': 'f.days_ago'}, 5]}", "", "f" },
        { AND("{'>': [{'var': 'f.severity'}, 5]}", "{'<': [{'var': 'f.days_ago'}, 5]}"), "has f", "f.date f.severity" },
        { AND("{'>': [{'var': 'f.severity'}, 5]}", "{'<': [{'var': 'f.days_ago'}, 5]}"), "has f severity 6", "f.date" },
        { AND("{'>': [{'var': 'f.severity'}, 5]}", "{'<': [{'var': 'f.days_ago'}, 5]}"), "has f severity 5", "" },
        { AND("{'>': [{'var': 'f.severity'}, 5]}", "{'<': [{'var': 'f.days_ago'}, 5]}"),
          "has f severity 6; has f ago 3; has f severity 2", "f.date f.severity" },
        { AND("{'>': [{'var': 'f.severity'}, 5]}", V("a")), "has f", "a f.severity" },
        { "{'>': [{'var': 'f.grade'}, 5]}", "has f", "" }, /* out of range: not open */
        { NOT("{'>': [{'var': 'f.severity'}, 5]}"), "has f", "f.severity" },
        { NOT("{'>': [{'var': 'f.severity'}, 5]}"), "maybe f", "f" },
        { V("f.controlled"), "has f", "f.controlled" },
        { "{'in': [{'var': 'f.region'}, ['neck', 'jaw']]}", "has f", "f.region" },
        { "{'<': [{'var': 's.days_ago'}, 3]}", "maybe s", "s" },
        /* the two derived variables */
        { "{'==': [{'var': 'sex'}, 'male']}", "", "sex" },
        { AND("{'!=': [{'var': 'sex'}, 'male']}", V("a")), "", "a sex" },
        { "{'>': [{'var': 'pain_max'}, 3]}", "complaint neck", "pain_max" },
        { "{'in': ['neck', {'var': 'severe_complaint_regions'}]}", "complaint neck", "pain_max" },
        { AND("{'in': ['neck', {'var': 'severe_complaint_regions'}]}", "{'<': [{'var': 'age_years'}, 50]}"),
          "complaint neck", "pain_max" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        check_asks(rows[i].when, rows[i].line, rows[i].want);
}

/* "An operand that is already settled is not completed further." */
static void does_not_ask_of_what_is_settled(void **state)
{
    static const struct {
        const char *when, *line, *want;
    } rows[] = {
        { AND(OR(V("a"), V("b")), V("c")), "", "a b c" },
        { AND(OR(V("a"), V("b")), V("c")), "has a", "c" },
        { AND(OR(V("a"), V("b")), V("c")), "has b", "c" },
        { AND(OR(V("a"), V("b")), V("c")), "has a; not b", "c" },
        { AND(OR(V("a"), V("b")), V("c")), "not a", "b c" },
        { AND(OR(V("a"), V("b")), OR(V("c"), V("d"))), "has a", "c d" },
        { AND(NOT(AND(V("a"), V("b"))), V("c")), "", "a b c" },
        { AND(NOT(AND(V("a"), V("b"))), V("c")), "not a", "c" },
        { AND(NOT(AND(V("a"), V("b"))), V("c")), "has a", "b c" },
        { AND(OR(AND(V("a"), V("b")), V("c")), V("d")), "has a", "b c d" },
        { AND(OR(AND(V("a"), V("b")), V("c")), V("d")), "has a; has b", "d" },
        { AND(OR(AND(V("a"), OR(V("b"), V("f"))), V("c")), V("d")), "has a; has b", "d" },
        { AND(OR(AND(V("a"), OR(V("b"), V("f"))), V("c")), V("d")), "has a", "b c d f" },
        { AND(OR(AND(V("a"), OR(V("b"), V("f"))), V("c")), V("d")), "has b", "a c d" },
        { AND(OR("{'>': [{'var': 'f.severity'}, 5]}", V("b")), V("c")), "has f severity 6", "c" },
        { AND(OR("{'>': [{'var': 'f.severity'}, 5]}", V("b")), V("c")), "has f", "b c f.severity" },
        { AND(OR("{'<': [{'var': 'age_years'}, 50]}", V("b")), V("c")), "age 40", "c" },
        { AND(OR("{'<': [{'var': 'age_years'}, 50]}", V("b")), V("c")), "age 60", "b c" },
        { AND(OR("{'==': [{'var': 'sex'}, 'male']}", V("b")), V("c")), "sex male", "c" },
        { AND(OR("{'==': [{'var': 'sex'}, 'male']}", V("b")), V("c")), "", "b c sex" },
        { AND(OR("{'>': [{'var': 'pain_max'}, 3]}", V("b")), V("c")), "complaint neck pain 5; complaint jaw", "c" },
        { AND(NOT("{'>': [{'var': 'f.severity'}, 5]}"), V("c")), "has f severity 5", "c" },
        { AND(NOT("{'>': [{'var': 'f.severity'}, 5]}"), V("c")), "not f", "c" },
        /* an "or" at the top is open as long as none of it is true */
        { OR(AND(V("a"), V("b")), AND(V("c"), V("d"))), "has a; has c", "b d" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        check_asks(rows[i].when, rows[i].line, rows[i].want);
    if (FIXED_SETTLED_BY_INSTANCE) {
        /* what one finding settles is not settled for another of the same fact (S3) */
        static const char when[] =
            AND(OR("{'>': [{'var': 'f.severity'}, 5]}", V("b")), "{'==': [{'var': 'f.grade'}, 2]}");
        check_asks(when, "has f severity 6 grade 3; has f severity 0 grade 2", "b");
        check_asks(when, "has f severity 6 grade 3; has f grade 2", "b f.severity");
    }
}

RUN_TESTS(cmocka_unit_test(looks_through_clearances), cmocka_unit_test(finds_instances_and_findings),
          cmocka_unit_test(tells_what_is_read_under_a_negation), cmocka_unit_test(asks_what_completions_assume),
          cmocka_unit_test(does_not_ask_of_what_is_settled))
