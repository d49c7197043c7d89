/* Conditions that are refused: what is wrong, where, and the bounds on their size. */
#include "rules/person.h"

static const char facts[] =
    "[{'id': 'a'}, {'id': 'b'}, {'id': 'f', 'attributes': ['date', 'region', 'severity', 'controlled']},"
    " {'id': 'k', 'kind': 'derived', 'clearance_only': true, 'complaint_regions': []}]";

/* Where a condition may stand, and the item that a fault then names. */
static const struct {
    const char *member, *item;
} places[] = {
    [COND_RULE] = { "/rules/0/when", "r" },
    [COND_ASK_IF] = { "/facts/0/ask_if", "a" },
    [COND_OFFER] = { "/techniques/0/offer_when", "soft" },
    [COND_COURSE] = { "/courses/0/when", "c" },
    [COND_ADJUSTMENT] = { "/adjustments/0/when", "j" },
    [COND_REPLAN] = { "/replanning/0/when", "p" },
    [COND_TARGET] = { "/rules/0/target", "r" },
};

static json_t *plain_document(void)
{
    return doc_of((struct parts){
        .facts = facts,
        .rules = "[{'id': 'r', 'when': {'var': 'a'}}]",
        .courses = "[{'id': 'c', 'when': {'var': 'a'}}]",
        .adjustments = "[{'id': 'j', 'when': {'var': 'a'}}]",
        .replanning = "[{'id': 'p', 'when': {'var': 'improved'}}]",
    });
}

/* What the compiler says of a document; faults live in `arena`. */
static enum rc build(const json_t *doc, struct arena *arena, struct faults *faults)
{
    struct error err = { .code = RC_OK };
    struct catalogue *cat = NULL;
    arena_init(arena, 0);
    faults_init(faults, arena);
    enum rc rc = doc_build(doc, &cat, faults, &err);
    assert_int_equal(rc == RC_OK, cat != NULL);
    if (rc != RC_OK)
        assert_int_equal(rc, RC_CATALOGUE_INVALID);
    catalogue_unref(cat);
    return rc;
}

static const char *last_step(const char *pointer)
{
    return strrchr(pointer, '/');
}

/* ---- what is wrong ---------------------------------------------------------------------------------------- */

/* The condition at fault, the rest of the pointer behind the member it stands in, and a piece of the sentence. */
static const struct row {
    enum cond_context place;
    const char *condition, *pointer, *detail;
} rows[] = {
    /* shape */
    { COND_RULE, "'a'", "", "an object with one member" },
    { COND_RULE, "true", "", "an object with one member" },
    { COND_RULE, "['a']", "", "an object with one member" },
    { COND_RULE, "{}", "", "an object with one member" },
    { COND_RULE, "{'and': [{'var': 'a'}], 'or': [{'var': 'a'}]}", "", "an object with one member" },
    { COND_RULE, "{'xor': [{'var': 'a'}, {'var': 'b'}]}", "/xor", "no such operator" },
    { COND_RULE, "{'!!': [{'var': 'a'}]}", "/!!", "no such operator" },
    { COND_RULE, "{'if': [{'var': 'a'}, {'var': 'b'}]}", "/if", "no such operator" },
    { COND_RULE, "{'===': [{'var': 'age_years'}, 3]}", "/===", "no such operator" },
    { COND_RULE, "{'some': [{'var': 'goals'}, {'var': 'a'}]}", "/some", "no such operator" },
    { COND_RULE, "{'a/b~c': []}", "/a~1b~0c", "no such operator" },
    /* arity */
    { COND_RULE, "{'and': []}", "/and", "at least one condition" },
    { COND_RULE, "{'or': []}", "/or", "at least one condition" },
    { COND_RULE, "{'and': {'var': 'a'}}", "/and", "at least one condition" },
    { COND_RULE, "{'or': 'a'}", "/or", "at least one condition" },
    { COND_RULE, "{'!': []}", "/!", "one operand" },
    { COND_RULE, "{'!': [{'var': 'a'}, {'var': 'b'}]}", "/!", "one operand" },
    { COND_RULE, "{'!': 'a'}", "/!", "an object with one member" },
    { COND_RULE, "{'!': ['a']}", "/!/0", "an object with one member" },
    { COND_RULE, "{'<': [{'var': 'age_years'}]}", "/<", "two operands" },
    { COND_RULE, "{'<': [1, {'var': 'age_years'}, 9]}", "/<", "two operands" },
    { COND_RULE, "{'==': {'var': 'age_years'}}", "/==", "two operands" },
    { COND_RULE, "{'in': ['neck']}", "/in", "two operands" },
    { COND_RULE, "{'in': 'neck'}", "/in", "two operands" },
    /* variables */
    { COND_RULE, "{'var': 'nothing'}", "", "nothing called \"nothing\" can be read here" },
    { COND_RULE, "{'var': ''}", "", "nothing called \"\"" },
    { COND_RULE, "{'var': 3}", "", "expected a variable" },
    { COND_RULE, "{'var': ['a']}", "", "expected a variable" },
    { COND_RULE, "{'var': ['a', false]}", "", "expected a variable" },
    { COND_RULE, "{'<': [3, {'var': 'age_years'}]}", "/</0", "expected a variable" },
    { COND_RULE, "{'<': [{'var': 'nothing'}, 3]}", "/</0", "nothing called \"nothing\"" },
    { COND_RULE, "{'==': [{'+': [1, 2]}, 3]}", "/==/0", "expected a variable" },
    { COND_RULE, "{'var': 'k'}", "", "only clearances name" },
    { COND_OFFER, "{'var': 'k'}", "", "only clearances name" },
    { COND_RULE, "{'var': 'age_years'}", "", "not a condition by itself" },
    { COND_RULE, "{'var': 'goals'}", "", "not a condition by itself" },
    { COND_RULE, "{'var': 'complaint_regions'}", "", "not a condition by itself" },
    { COND_RULE, "{'var': 'sex'}", "", "not a condition by itself" },
    /* attributes */
    { COND_RULE, "{'var': 'f.severity'}", "", "not a condition by itself" },
    { COND_RULE, "{'var': 'f.nothing'}", "", "not an attribute that conditions read" },
    { COND_RULE, "{'var': 'f.'}", "", "not an attribute that conditions read" },
    { COND_RULE, "{'var': 'f.severity.x'}", "", "not an attribute that conditions read" },
    { COND_RULE, "{'<': [{'var': 'f.date'}, 3]}", "/</0", "not an attribute that conditions read" },
    { COND_RULE, "{'<': [{'var': 'f.since'}, 3]}", "/</0", "not an attribute that conditions read" },
    { COND_RULE, "{'<': [{'var': 'f.grade'}, 3]}", "/</0", "the fact f does not declare grade" },
    { COND_RULE, "{'<': [{'var': 'a.days_ago'}, 3]}", "/</0", "the fact a does not declare date" },
    { COND_RULE, "{'var': 'a.controlled'}", "", "the fact a does not declare controlled" },
    { COND_RULE, "{'<': [{'var': 'nothing.severity'}, 3]}", "/</0", "nothing called \"nothing.severity\"" },
    /* constants */
    { COND_RULE, "{'<': [{'var': 'f.severity'}, 'three']}", "/</1", "a whole number" },
    { COND_RULE, "{'<': [{'var': 'f.severity'}, 2.5]}", "/</1", "a whole number" },
    { COND_RULE, "{'<': [{'var': 'f.severity'}, true]}", "/</1", "a whole number" },
    { COND_RULE, "{'<': [{'var': 'f.severity'}, null]}", "/</1", "a whole number" },
    { COND_RULE, "{'<': [{'var': 'age_years'}, 2000000000]}", "/</1", "a whole number" },
    { COND_RULE, "{'<': [{'var': 'age_years'}, -2000000000]}", "/</1", "a whole number" },
    { COND_RULE, "{'==': [{'var': 'f.controlled'}, 1]}", "/==/1", "true or false" },
    { COND_RULE, "{'==': [{'var': 'f.region'}, 'nowhere']}", "/==/1", "not a word" },
    { COND_RULE, "{'==': [{'var': 'f.region'}, 3]}", "/==/1", "expected a word" },
    { COND_RULE, "{'==': [{'var': 'sex'}, 'unknown']}", "/==/1", "not a word" },
    { COND_RULE, "{'in': [{'var': 'sex'}, ['male', 'unknown']]}", "/in/1/1", "not a word" },
    { COND_RULE, "{'in': [{'var': 'f.region'}, ['neck', 'nowhere']]}", "/in/1/1", "not a word" },
    { COND_COURSE, "{'<': [{'var': 'preferences.sessions_per_week_max'}, 0.123]}", "/</1", "a whole number" },
    { COND_COURSE, "{'==': [{'var': 'regions_over_two'}, 1]}", "/==/1", "true or false" },
    { COND_REPLAN, "{'==': [{'var': 'last_reaction'}, 'rash']}", "/==/1", "not a word" },
    /* order */
    { COND_RULE, "{'<': [{'var': 'f.controlled'}, true]}", "/<", "no order" },
    { COND_RULE, "{'>=': [{'var': 'f.region'}, 'neck']}", "/>=", "no order" },
    { COND_RULE, "{'>': [{'var': 'sex'}, 'male']}", "/>", "no order" },
    { COND_COURSE, "{'<=': [{'var': 'acuity'}, 'acute']}", "/<=", "no order" },
    { COND_COURSE, "{'<': [{'var': 'regions_over_two'}, true]}", "/<", "no order" },
    /* what cannot be compared, or is no list */
    { COND_RULE, "{'==': [{'var': 'a'}, true]}", "/==", "cannot be compared" },
    { COND_RULE, "{'==': [{'var': 'goals'}, 'sleep']}", "/==", "cannot be compared" },
    { COND_RULE, "{'==': [{'var': 'complaint_regions'}, 'neck']}", "/==", "cannot be compared" },
    { COND_RULE, "{'in': ['neck', {'var': 'a'}]}", "/in/1", "not a list" },
    { COND_RULE, "{'in': ['neck', {'var': 'age_years'}]}", "/in/1", "not a list" },
    { COND_RULE, "{'in': ['neck', {'var': 'sex'}]}", "/in/1", "not a list" },
    { COND_RULE, "{'in': ['neck', ['neck']]}", "/in/1", "expected a variable" },
    { COND_RULE, "{'in': ['nowhere', {'var': 'complaint_regions'}]}", "/in/0", "never holds such a word" },
    { COND_RULE, "{'in': ['neck', {'var': 'goals'}]}", "/in/0", "never holds such a word" },
    { COND_RULE, "{'in': [3, {'var': 'goals'}]}", "/in/0", "expected a variable" },
    { COND_RULE, "{'in': [{'var': 'age_years'}, [3, 4]]}", "/in/0", "only words" },
    { COND_RULE, "{'in': [{'var': 'a'}, ['a']]}", "/in/0", "only words" },
    { COND_RULE, "{'in': [{'var': 'goals'}, ['sleep']]}", "/in/0", "only words" },
    { COND_RULE, "{'in': [{'var': 'f.region'}, []]}", "/in/1", "expected a list" },
    { COND_RULE, "{'in': [{'var': 'f.region'}, 'neck']}", "/in/1", "expected a list" },
    { COND_RULE, "{'in': [{'var': 'nothing'}, ['neck']]}", "/in/0", "nothing called" },
    { COND_RULE, "{'in': ['neck', {'var': 'nothing'}]}", "/in/1", "nothing called" },
    { COND_RULE, "{'<': [{'var': 'age_years'}, {'var': 'pain_max'}]}", "/<", "with each other" },
    { COND_RULE, "{'<': [{'var': 'f.severity'}, {'var': 'age_years'}]}", "/<", "with each other" },
    { COND_RULE, "{'<': [{'var': 'age_years'}, {'var': 'f.severity'}]}", "/<", "with each other" },
    { COND_RULE, "{'<': [{'var': 'age_years'}, {'var': 'nothing'}]}", "/</1", "nothing called" },
    { COND_REPLAN, "{'<': [{'var': 'improved'}, {'var': 'planned_total'}]}", "/<", "with each other" },
    { COND_REPLAN, "{'<': [{'var': 'planned_total'}, {'var': 'last_reaction'}]}", "/<", "with each other" },
    { COND_REPLAN, "{'<': [{'var': 'pain_max'}, {'var': 'planned_total'}]}", "/<", "with each other" },
    /* not here */
    { COND_RULE, "{'==': [{'var': 'acuity'}, 'acute']}", "/==/0", "nothing called \"acuity\"" },
    { COND_RULE, "{'<': [{'var': 'duration_days_max'}, 3]}", "/</0", "nothing called" },
    { COND_RULE, "{'var': 'regions_over_two'}", "", "nothing called" },
    { COND_RULE, "{'var': 'improved'}", "", "nothing called" },
    { COND_COURSE, "{'var': 'improved'}", "", "nothing called" },
    { COND_COURSE, "{'<': [{'var': 'sessions_done'}, 3]}", "/</0", "nothing called" },
    { COND_ASK_IF, "{'var': 'b'}", "", "nothing called \"b\"" },
    { COND_ASK_IF, "{'<': [{'var': 'pain_max'}, 3]}", "/</0", "nothing called" },
    { COND_ASK_IF, "{'in': ['neck', {'var': 'complaint_regions'}]}", "/in/1", "nothing called" },
    { COND_ASK_IF, "{'in': ['sudden', {'var': 'onset_any'}]}", "/in/1", "nothing called" },
    { COND_OFFER, "{'<': [{'var': 'age_years'}, 3]}", "/</0", "nothing called" },
    { COND_OFFER, "{'in': ['neck', {'var': 'complaint_regions'}]}", "/in/1", "nothing called" },
    { COND_REPLAN, "{'var': 'a'}", "", "nothing called \"a\"" },
    { COND_RULE, "{'==': [{'var': 'kind'}, 'stroke']}", "/==/0", "nothing called" },
    /* deeper in */
    { COND_RULE, "{'and': [{'var': 'a'}, {'or': [{'var': 'b'}, {'!': {'<': [{'var': 'f.grade'}, 1]}}]}]}",
      "/and/1/or/1/!/</0", "does not declare grade" },
    { COND_ADJUSTMENT, "{'or': [{'var': 'a'}, {'nor': []}]}", "/or/1/nor", "no such operator" },
    /* targets read techniques */
    { COND_TARGET, "'soft'", "", "an object with one member" },
    { COND_TARGET, "{}", "", "an object with one member" },
    { COND_TARGET, "{'and': []}", "/and", "a list of conditions" },
    { COND_TARGET, "{'or': {'==': [{'var': 'heat'}, true]}}", "/or", "a list of conditions" },
    { COND_TARGET, "{'nor': []}", "/nor", "no such operator" },
    { COND_TARGET, "{'in': ['soft', {'var': 'code'}]}", "/in", "no such operator" },
    { COND_TARGET, "{'var': 'heat'}", "/var", "no such operator" },
    { COND_TARGET, "{'!': 'soft'}", "/!", "an object with one member" },
    { COND_TARGET, "{'==': [{'var': 'heat'}]}", "/==", "a technique's attribute and a constant" },
    { COND_TARGET, "{'==': ['heat', true]}", "/==", "a technique's attribute and a constant" },
    { COND_TARGET, "{'==': [{'var': 3}, true]}", "/==", "a technique's attribute and a constant" },
    { COND_TARGET, "{'==': [{'var': 'nothing'}, true]}", "/==", "a trait" },
    { COND_TARGET, "{'==': [{'var': 'heat'}, 1]}", "/==", "a trait" },
    { COND_TARGET, "{'<': [{'var': 'heat'}, true]}", "/<", "a trait" },
    { COND_TARGET, "{'>': [{'var': 'pressure'}, 'firm']}", "/>", "a whole number" },
    { COND_TARGET, "{'>': [{'var': 'min_pressure'}, 2.5]}", "/>", "a whole number" },
    { COND_TARGET, "{'==': [{'var': 'code'}, 3]}", "/==", "== or != and a string" },
    { COND_TARGET, "{'<': [{'var': 'code'}, 'soft']}", "/<", "== or != and a string" },
    { COND_TARGET, "{'>=': [{'var': 'kind'}, 'stroke']}", "/>=", "== or != and a string" },
    { COND_TARGET, "{'or': [{'==': [{'var': 'heat'}, false]}, {'!': [{'==': [{'var': 'cold'}, true]}]}]}",
      "/or/1/!/==", "a trait" },
};

static void names_what_is_wrong_and_where(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena arena;
        struct faults faults;
        char want[256];
        json_t *doc = plain_document();
        doc_set(doc, places[rows[i].place].member, rows[i].condition);
        enum rc rc = build(doc, &arena, &faults);
        (void)snprintf(want, sizeof(want), "%s%s", last_step(places[rows[i].place].member), rows[i].pointer);
        /* a target that reads nothing matches nothing, which is a fault of its own */
        bool first_counts = faults.total == 1 || (rows[i].place == COND_TARGET && faults.total == 2 &&
                                                  faults.at[1].code == FAULT_INCONSISTENT);
        if (rc != RC_CATALOGUE_INVALID || !first_counts)
            fail_msg("%s: %zu faults", rows[i].condition, faults.total);
        const struct fault *f = &faults.at[0];
        if (f->code != FAULT_INVALID_CONDITION || !fault_is_of(f, places[rows[i].place].item) ||
            !str_eq(f->pointer, str_of(want)) || !strstr(f->detail.p, rows[i].detail) || f->remedy.n == 0)
            fail_msg("%s: %s at %.*s: %.*s", rows[i].condition, fault_name(f->code), STR_ARGS(f->pointer),
                     STR_ARGS(f->detail));
        arena_done(&arena);
        json_decref(doc);
    }
}

/* The other side: what each place may read. */
static void lets_each_place_read_what_it_may(void **state)
{
    static const struct {
        enum cond_context place;
        const char *condition;
    } fine[] = {
        { COND_RULE, "{'and': [{'var': 'a'}, {'>': [{'var': 'age_years'}, 3]}, {'==': [{'var': 'sex'}, 'male']}]}" },
        { COND_RULE, "{'in': ['sleep', {'var': 'goals'}]}" },
        { COND_ASK_IF, "{'and': [{'!=': [{'var': 'sex'}, 'male']}, {'>': [{'var': 'age_years'}, 3]}]}" },
        { COND_ASK_IF, "{'in': ['sleep', {'var': 'goals'}]}" },
        { COND_OFFER, "{'or': [{'var': 'a'}, {'<': [{'var': 'f.days_ago'}, 90]}]}" },
        { COND_COURSE, "{'and': [{'var': 'a'}, {'in': ['neck', {'var': 'complaint_regions'}]}]}" },
        { COND_COURSE, "{'and': [{'==': [{'var': 'acuity'}, 'none']}, {'>': [{'var': 'pain_max'}, 3]}]}" },
        { COND_ADJUSTMENT, "{'==': [{'var': 'sessions_done'}, 0]}" },
        { COND_REPLAN, "{'and': [{'var': 'improved'}, {'in': ['neck', {'var': 'complaint_regions'}]}]}" },
        { COND_REPLAN, "{'<': [{'var': 'age_years'}, 3]}" },
        { COND_TARGET, "{'and': [{'>=': [{'var': 'pressure'}, 5]}, {'==': [{'var': 'heat'}, false]}]}" },
        { COND_TARGET, "{'!': [{'or': [{'==': [{'var': 'code'}, 'x']}, {'==': [{'var': 'kind'}, 'stroke']}]}]}" },
        { COND_TARGET, "{'!': {'<': [{'var': 'min_pressure'}, 1]}}" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(fine); i++) {
        struct arena arena;
        struct faults faults;
        json_t *doc = plain_document();
        doc_set(doc, places[fine[i].place].member, fine[i].condition);
        if (build(doc, &arena, &faults) != RC_OK)
            fail_msg("%s: %.*s", fine[i].condition, STR_ARGS(faults.at[0].detail));
        arena_done(&arena);
        json_decref(doc);
    }
}

static void reports_all_at_once(void **state)
{
    static const struct {
        const char *at, *condition, *item, *pointer;
    } broken[] = {
        { "/facts/0/ask_if", "{'var': 'b'}", "a", "/ask_if" },
        { "/techniques/0/offer_when", "{'var': 'nothing'}", "soft", "/offer_when" },
        { "/rules/0/when", "{'and': [{'var': 'nothing'}, {'var': 'a'}, {'nor': []}]}", "r", "/when/and/0" },
        { NULL, NULL, "r", "/when/and/2/nor" }, /* both faults of one condition */
        { "/rules/1/when", "{'var': 'f.grade'}", "q", "/when" },
        { "/courses/0/when", "{'var': 'improved'}", "c", "/when" },
        { "/adjustments/0/when", "{'and': []}", "j", "/when/and" },
        { "/replanning/0/when", "{'var': 'a'}", "p", "/when" },
    };
    struct arena arena;
    struct faults faults;
    json_t *doc = plain_document(), *second = json_deep_copy(json_array_get(json_object_get(doc, "rules"), 0));
    (void)state;
    json_object_set_new(second, "id", json_string("q"));
    json_array_append_new(json_object_get(doc, "rules"), second);
    for (size_t i = 0; i < ARRAY_LEN(broken); i++)
        if (broken[i].at)
            doc_set(doc, broken[i].at, broken[i].condition);
    assert_int_equal(build(doc, &arena, &faults), RC_CATALOGUE_INVALID);
    assert_int_equal(faults.total, ARRAY_LEN(broken));
    for (size_t i = 0; i < ARRAY_LEN(broken); i++) {
        assert_true(fault_is_of(&faults.at[i], broken[i].item));
        assert_str(faults.at[i].pointer, str_of(broken[i].pointer));
    }
    arena_done(&arena);
    json_decref(doc);
}

/* ---- bounds ----------------------------------------------------------------------------------------------- */

/* Is a rule with this condition refused, and with what words? Takes the condition. */
static bool refused(json_t *condition, const char *member, const char *detail)
{
    struct arena arena;
    struct faults faults;
    json_t *doc = plain_document();
    json_object_set_new(json_array_get(json_object_get(doc, "rules"), 0), member, condition);
    bool bad = build(doc, &arena, &faults) != RC_OK;
    if (bad && !strstr(faults.at[0].detail.p, detail))
        fail_msg("%.*s", STR_ARGS(faults.at[0].detail));
    arena_done(&arena);
    json_decref(doc);
    return bad;
}

static json_t *nested(json_t *innermost, int levels)
{
    for (int i = 1; i < levels; i++)
        innermost = json_pack("{so}", "!", innermost);
    return innermost;
}

static void bounds_the_depth(void **state)
{
    (void)state;
    assert_false(refused(nested(quoted("{'var': 'a'}"), COND_DEPTH_MAX - 1), "when", ""));
    assert_false(refused(nested(quoted("{'var': 'a'}"), COND_DEPTH_MAX), "when", ""));
    assert_true(refused(nested(quoted("{'var': 'a'}"), COND_DEPTH_MAX + 1), "when", "too deep or too long"));
    assert_false(refused(nested(quoted("{'==': [{'var': 'heat'}, false]}"), COND_DEPTH_MAX - 1), "target", ""));
    assert_true(refused(nested(quoted("{'==': [{'var': 'heat'}, true]}"), COND_DEPTH_MAX + 1), "target",
                        "an object with one member"));
    assert_false(refused(nested(quoted("{'==': [{'var': 'heat'}, true]}"), COND_DEPTH_MAX), "target", ""));
}

static json_t *any_of(int n)
{
    json_t *list = json_array();
    for (int i = 0; i < n; i++)
        json_array_append_new(list, json_pack("{s[{ss}, i]}", "<", "var", "age_years", i));
    return json_pack("{so}", "or", list);
}

static void bounds_the_number_of_nodes(void **state)
{
    (void)state;
    assert_false(refused(any_of(COND_NODES_MAX - 2), "when", "")); /* with the "or" itself one below */
    assert_false(refused(any_of(COND_NODES_MAX - 1), "when", ""));
    assert_true(refused(any_of(COND_NODES_MAX), "when", "too deep or too long"));
}

/* Pairs give 2 to the power of `pairs` terms; `triple` makes the last of them three. */
static json_t *all_of_pairs(int pairs, int extra)
{
    json_t *list = json_array(), *flat;
    for (int i = 0; i < pairs; i++) {
        json_t *pair = json_array();
        for (int k = 0; k < 2; k++)
            json_array_append_new(pair, json_pack("{s[{ss}, i]}", "<", "var", "age_years", 2 * i + k));
        json_array_append_new(list, json_pack("{so}", "or", pair));
    }
    flat = json_pack("{s[o]}", "or", json_pack("{so}", "and", list));
    for (int i = 0; i < extra; i++)
        json_array_append_new(json_object_get(flat, "or"), json_pack("{s[{ss}, i]}", "<", "var", "age_years", i));
    return flat;
}

static void bounds_the_number_of_terms(void **state)
{
    static_assert(COND_TERMS_MAX == 1 << 12, "twelve pairs are as many terms as may be");
    (void)state;
    assert_false(refused(all_of_pairs(11, COND_TERMS_MAX / 2 - 600), "when", "")); /* nodes bound it, too */
    assert_false(refused(all_of_pairs(12, 0), "when", ""));
    assert_true(refused(all_of_pairs(12, 1), "when", "too many cases"));
    assert_true(refused(all_of_pairs(13, 0), "when", "too many cases"));
    /* Kleene keeps every term: none of these contradicts itself */
    char text[64];
    struct arena arena;
    struct faults faults;
    struct error err;
    struct catalogue *cat = NULL;
    json_t *doc = plain_document();
    json_object_set_new(json_array_get(json_object_get(doc, "rules"), 0), "when", all_of_pairs(12, 0));
    arena_init(&arena, 0);
    faults_init(&faults, &arena);
    assert_int_equal(doc_build(doc, &cat, &faults, &err), RC_OK);
    assert_int_equal(cat->rules[0].when.n_terms, COND_TERMS_MAX);
    (void)snprintf(text, sizeof(text), "r");
    assert_int_equal(catalogue_find_rule(cat, str_of(text)), 0);
    catalogue_unref(cat);
    arena_done(&arena);
    json_decref(doc);
}

static json_t *all_of(int n)
{
    json_t *list = json_array();
    for (int i = 0; i < n; i++)
        json_array_append_new(list, json_pack("{s[{ss}, i]}", ">", "var", "age_years", i));
    return json_pack("{so}", "and", list);
}

static void bounds_the_length_of_a_term(void **state)
{
    enum { TERM_LITS_MAX = 512 };
    (void)state;
    assert_false(refused(all_of(TERM_LITS_MAX - 1), "when", ""));
    assert_false(refused(all_of(TERM_LITS_MAX), "when", ""));
    assert_true(refused(all_of(TERM_LITS_MAX + 1), "when", "too many cases"));
}

RUN_TESTS(cmocka_unit_test(names_what_is_wrong_and_where), cmocka_unit_test(lets_each_place_read_what_it_may),
          cmocka_unit_test(reports_all_at_once), cmocka_unit_test(bounds_the_depth),
          cmocka_unit_test(bounds_the_number_of_nodes), cmocka_unit_test(bounds_the_number_of_terms),
          cmocka_unit_test(bounds_the_length_of_a_term))
