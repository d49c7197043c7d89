/* What changes from one small catalogue to another: direction, rule, technique, counts, and an example. */
#include "rules/person.h"

#include "alloc.h"
#include "impact/impact.h"
#include "wire/wire.h"

#define FACTS                                                                                                          \
    "[{'id': 'a'}, {'id': 'b', 'attributes': ['region', 'date']}, {'id': 'c'},"                                        \
    " {'id': 'only_base'}]"
#define TECHNIQUES                                                                                                     \
    "[{'code': 'soft'}, {'code': 'warm', 'traits': ['heat'], 'essential': ['heat']},"                                  \
    " {'code': 'hard', 'min_pressure': 3}]"
#define STOPS(id, fact, rest)                                                                                          \
    "{'id': '" id "', 'when': {'var': '" fact "'}, 'effect': 'clearance_required', 'severity': 'clearance',"           \
    " 'target': {'==': [{'var': 'code'}, 'warm']} " rest "}"
#define CAPS(id, fact, cap, rest)                                                                                      \
    "{'id': '" id "', 'when': {'var': '" fact "'}, 'modifications': [{'kind': 'max_pressure', 'value': " cap "}]"      \
    " " rest "}"

/* Rules before and after, what one person has, and what differs for them: "direction rule aspect technique item
 * from>to; ", in order. */
static const struct row {
    const char *base, *draft, *person, *found;
} rows[] = {
    { STOPS("r", "a", ""), STOPS("r", "a", ""), "has a; unlisted absent", "" },
    /* a rule goes, comes, weakens, and is joined by another that keeps the verdict */
    { STOPS("r", "a", "") ", " CAPS("s", "b", "3", ""), CAPS("s", "b", "3", ""), "has a; unlisted absent",
      "milder r(gone) verdict warm clearance_required>allowed; other r(gone) warnings r clearance>none; " },
    { CAPS("s", "b", "3", ""), STOPS("r", "a", "") ", " CAPS("s", "b", "3", ""), "has a; unlisted absent",
      "graver r(new) verdict warm allowed>clearance_required; other r(new) warnings r none>clearance; " },
    { STOPS("r", "a", "") ", " STOPS("t", "c", ""), STOPS("t", "c", ""), "has a; has c; unlisted absent",
      "other r(gone) warnings r clearance>none; " },
    { STOPS("r", "a", ", 'disposition': 'clearance_required'"), STOPS("r", "a", ""), "has a; unlisted absent",
      "milder r(changed) disposition clearance_required>proceed; "
      "milder r(changed) booking hold>book; "
      "milder r(changed) verdict hard clearance_required>allowed; "
      "milder r(changed) verdict soft clearance_required>allowed; "
      "other r(changed) course none (disposition)>none (no_matching_course); " },
    /* modifications, by what they mean */
    { CAPS("s", "b", "3", ""), CAPS("s", "b", "4", ""), "has b; unlisted absent",
      "milder s(changed) modifications hard max_pressure 3>4; "
      "milder s(changed) modifications soft max_pressure 3>4; "
      "milder s(changed) modifications warm max_pressure 3>4; " },
    { CAPS("s", "b", "3", ", 'target': {'==': [{'var': 'code'}, 'soft']}"),
      CAPS("s", "b", "3", ", 'target': {'==': [{'var': 'code'}, 'soft']}, 'regions': ['neck']"),
      "has b; unlisted absent", "milder s(changed) modifications soft max_pressure 3>3 at neck; " },
    { CAPS("s", "b", "3", ", 'target': {'==': [{'var': 'code'}, 'soft']}, 'regions': ['neck']"),
      CAPS("s", "b", "2", ", 'target': {'==': [{'var': 'code'}, 'soft']}, 'regions': ['jaw']"),
      "has b; unlisted absent", "other s(changed) modifications soft max_pressure 3 at neck>2 at jaw; " },
    { CAPS("s", "b", "3", "") ", " CAPS("t", "a", "2", ""), CAPS("s", "b", "3", "") ", " CAPS("t", "a", "1", ""),
      "has a; has b; unlisted absent",
      "graver t(changed) modifications soft max_pressure 2>1; "
      "graver t(changed) modifications warm max_pressure 2>1; " },
    /* what is not known */
    { STOPS("r", "a", ""), STOPS("r", "a", ", 'if_unknown': 'hold'"), "not b; not c; not only_base; not reaction",
      "graver r(changed) verdict warm allowed>needs_answers; " },
    { STOPS("r", "a", "") ", " CAPS("s", "b", "3", ""), CAPS("s", "b", "3", ""), "not b; not c; not only_base",
      "milder r(gone) could_become warm clearance_required>allowed; other r(gone) questions a asked>none; " },
    /* what a clearance lifts */
    { STOPS("r", "a", ", 'clearable_by': 'physician', 'clearance_for': ['a'], 'cleared_effect': 'modified'"),
      STOPS("r", "a", ", 'clearable_by': 'physician', 'clearance_for': ['a'], 'cleared_effect': 'allowed'"),
      "has a; clear a physician 5; unlisted absent", "milder r(changed) verdict warm modified>allowed; " },
};

struct told {
    char text[4096];
};

static const char *const fates[] = { "same", "changed", "new", "gone" };

static void tell(struct told *t, const struct impact_result *r)
{
    t->text[0] = '\0';
    for (size_t i = 0; i < r->n_groups; i++) {
        const struct impact_group *g = &r->groups[i];
        size_t n = strlen(t->text);
        (void)snprintf(t->text + n, sizeof(t->text) - n, "%s %.*s%s%s%s %s%s%.*s%s%.*s %.*s>%.*s; ",
                       direction_name(g->change.direction), STR_ARGS(g->rule), g->rule.p ? "(" : "-",
                       g->rule.p ? fates[g->fate] : "", g->rule.p ? ")" : "", aspect_name(g->change.aspect),
                       g->change.technique.n ? " " : "", STR_ARGS(g->change.technique), g->change.item.n ? " " : "",
                       STR_ARGS(g->change.item), STR_ARGS(g->change.from), STR_ARGS(g->change.to));
    }
}

static struct catalogue *with_rules(const char *rules)
{
    char list[4096];
    (void)snprintf(list, sizeof(list), "[%s]", rules);
    return catalogue_of((struct parts){ .facts = FACTS, .techniques = TECHNIQUES, .rules = list });
}

static void each_change_is_told(void **state)
{
    (void)state;
    static struct told told;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct catalogue *base = with_rules(rows[i].base), *draft = with_rules(rows[i].draft);
        struct impact *impact = impact_new(base, draft);
        struct impact_result result;
        struct person person;
        person_read(&person, rows[i].person);
        assert_non_null(impact);
        assert_int_equal(impact_request(impact, &person.s, STR("one")), RC_OK);
        assert_int_equal(impact_read(impact, &result), RC_OK);
        tell(&told, &result);
        if (strcmp(told.text, rows[i].found) != 0)
            fail_msg("row %zu: %s", i, told.text);
        for (size_t g = 0; g < result.n_groups; g++) {
            assert_int_equal(result.groups[g].kept, 1);
            assert_null(result.groups[g].example.p); /* what was kept is never shown */
            assert_str(result.groups[g].names[0], STR("one"));
        }
        impact_free(impact);
        catalogue_unref(base);
        catalogue_unref(draft);
    }
}

/* Made requests meet every rule, and the example still shows its change when it is judged again. */
static void made_requests_show_it(void **state)
{
    (void)state;
    struct catalogue *base = with_rules(STOPS("r", "a", "") ", " CAPS("s", "b", "3", ""));
    struct catalogue *draft = with_rules(CAPS("s", "b", "3", "") ", " CAPS("t", "c", "2", ""));
    struct impact *impact = impact_new(base, draft), *again = impact_new(base, draft);
    struct impact_result result, second;
    struct arena arena;
    struct faults faults;
    struct screening s;
    assert_int_equal(impact_generate(impact, 7, 0), RC_OK);
    assert_int_equal(impact_read(impact, &result), RC_OK);
    assert_true(result.generated.judged > 1000 && result.generated.changed[DIRECTION_MILDER] > 100);
    assert_int_equal(result.unmet.n, 0);
    assert_true(result.n_groups > 4);
    assert_int_equal(result.groups[0].change.direction, DIRECTION_MILDER);
    arena_init(&arena, 0);
    for (size_t i = 0; i < result.n_groups; i++) {
        const struct impact_group *g = &result.groups[i];
        bool shown = false;
        faults_init(&faults, &arena);
        assert_true(g->generated > 0 && g->kept == 0);
        assert_int_equal(read_screening(g->example, 0, &faults, &s, NULL), RC_OK);
        impact_free(again);
        again = impact_new(base, draft);
        assert_int_equal(impact_request(again, &s, STR("again")), RC_OK);
        assert_int_equal(impact_read(again, &second), RC_OK);
        for (size_t k = 0; k < second.n_groups; k++)
            shown |= str_eq(second.groups[k].rule, g->rule) && second.groups[k].change.aspect == g->change.aspect &&
                     str_eq(second.groups[k].change.technique, g->change.technique) &&
                     str_eq(second.groups[k].change.to, g->change.to);
        if (!shown)
            fail_msg("group %zu is not shown by %.*s", i, STR_ARGS(g->example));
    }
    arena_done(&arena);
    impact_free(impact);
    impact_free(again);
    catalogue_unref(base);
    catalogue_unref(draft);
}

static void as_many_as_asked_for(void **state)
{
    (void)state;
    struct catalogue *base = with_rules(STOPS("r", "a", "")), *draft = with_rules(STOPS("r", "b", ""));
    struct impact_result one, two;
    struct told told[2];
    for (int i = 0; i < 2; i++) {
        struct impact *impact = impact_new(base, draft);
        struct impact_result *result = i ? &two : &one;
        assert_int_equal(impact_generate(impact, 3, 41), RC_OK);
        assert_int_equal(impact_read(impact, result), RC_OK);
        assert_int_equal(result->generated.judged, 41);
        tell(&told[i], result);
        impact_free(impact);
    }
    assert_string_equal(told[0].text, told[1].text);
    catalogue_unref(base);
    catalogue_unref(draft);
}

/* A request that names what only one catalogue knows. */
static void refused_by_one(void **state)
{
    (void)state;
    static struct told told;
    struct catalogue *base = with_rules(STOPS("r", "a", ""));
    struct catalogue *draft = catalogue_of(
        (struct parts){ .facts = "[{'id': 'a'}]", .techniques = TECHNIQUES, .rules = "[" STOPS("r", "a", "") "]" });
    struct impact *impact = impact_new(base, draft);
    struct impact_result result;
    struct person person;
    person_read(&person, "has only_base");
    assert_int_equal(impact_request(impact, &person.s, STR("one")), RC_OK);
    person_read(&person, "has nothing_known");
    assert_int_equal(impact_request(impact, &person.s, STR("two")), RC_OK);
    assert_int_equal(impact_read(impact, &result), RC_OK);
    tell(&told, &result);
    assert_string_equal(told.text, "other - request judged>refused; ");
    assert_int_equal(result.kept.judged, 1);
    assert_int_equal(result.kept.refused, 1);
    impact_free(impact);
    catalogue_unref(base);
    catalogue_unref(draft);
}

/* ---- examples --------------------------------------------------------------------------------------------- */

static struct source_doc document_of(struct parts parts)
{
    struct source_doc doc = { 0 };
    json_t *json = doc_of(parts);
    char *text = json_dumps(json, JSON_COMPACT);
    assert_int_equal(source_load_text(str_of(text), &doc, NULL), RC_OK);
    free(text);
    json_decref(json);
    return doc;
}

static const struct {
    const char *rules, *overlay;
    enum aspect aspect; /* ASPECT_COUNT_: there is no example */
    const char *to;
} refused[] = {
    { STOPS("r", "a", ""), CAPS("r", "a", "4", ""), ASPECT_VERDICT, "modified" },
    { STOPS("r", "a", ""), STOPS("r", "a", ", 'note': 'other'"), ASPECT_COUNT_, NULL },
    /* to refuse, and to wait */
    { "{'id': 'r', 'when': {'var': 'a'}, 'effect': 'not_allowed'}",
      STOPS("x_1", "a", ", 'disposition': 'clearance_required'"), ASPECT_BOOKING, "hold" },
};

static void a_refused_overlay_is_shown(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        char rules[1024], text[2048];
        static struct faults faults;
        struct arena arena;
        struct catalogue *cat;
        struct str request;
        struct change change;
        (void)snprintf(rules, sizeof(rules), "[%s]", refused[i].rules);
        struct parts parts = { .facts = FACTS, .techniques = TECHNIQUES, .rules = rules };
        struct source_doc base = document_of(parts);
        (void)snprintf(text, sizeof(text), "[%s]", refused[i].overlay);
        json_t *own = filled(text, "{'effect': 'modified', 'severity': 'modify', 'regions': 'systemic',"
                                   " 'message': 'm', 'note': 'n', 'action': 'a', 'rationale': 'r',"
                                   " 'evidence': ['e'], 'certainty': 'expert'}");
        json_t *overlay = json_pack("{s:{s:s,s:s,s:s,s:s},s:o}", "overlay", "name", "o", "version", "1", "title", "O",
                                    "who", "W", "rules", own);
        char *whole = json_dumps(overlay, JSON_COMPACT);
        arena_init(&arena, 0);
        faults_init(&faults, &arena);
        assert_int_equal(overlay_new(&base, str_of(whole), NULL, &cat, &faults, NULL), RC_CATALOGUE_INVALID);
        assert_int_equal(overlay_example(&base, str_of(whole), &faults, &arena, &request, &change), RC_OK);
        if (refused[i].aspect == ASPECT_COUNT_) {
            assert_null(request.p);
        } else {
            assert_non_null(request.p);
            assert_int_equal(change.aspect, refused[i].aspect);
            assert_str(change.to, str_of(refused[i].to));
        }
        arena_done(&arena);
        free(whole);
        json_decref(overlay);
        source_done(&base);
    }
}

/* ---- the heap --------------------------------------------------------------------------------------------- */

static enum rc whole_run(const struct catalogue *base, const struct catalogue *draft, const struct screening *kept)
{
    struct impact_result result;
    struct impact *impact = impact_new(base, draft);
    enum rc rc = impact ? impact_request(impact, kept, STR("line 1")) : RC_OOM;
    if (rc == RC_OK)
        rc = impact_generate(impact, 1, 6);
    if (rc == RC_OK)
        rc = impact_read(impact, &result);
    impact_free(impact);
    return rc;
}

static void a_heap_that_fails_is_told(void **state)
{
    (void)state;
    struct catalogue *base = with_rules(STOPS("r", "a", "")), *draft = with_rules(CAPS("s", "a", "2", ""));
    struct person person;
    person_read(&person, "has a");
    for (long n = 1;; n++) {
        alloc_fail_at(n);
        enum rc rc = whole_run(base, draft, &person.s);
        bool failed = alloc_calls() >= n;
        alloc_fail_at(0);
        if (!failed) {
            assert_int_equal(rc, RC_OK);
            assert_true(n > 10);
            break;
        }
        assert_int_equal(rc, RC_OOM);
    }
    catalogue_unref(base);
    catalogue_unref(draft);
}

RUN_TESTS(cmocka_unit_test(each_change_is_told), cmocka_unit_test(made_requests_show_it),
          cmocka_unit_test(as_many_as_asked_for), cmocka_unit_test(refused_by_one),
          cmocka_unit_test(a_refused_overlay_is_shown), cmocka_unit_test(a_heap_that_fails_is_told))
