/* Overlays: what is accepted, what each of them is refused for, and that a heap that fails is told. */
#include "rules/doc.h"

#include "alloc.h"

static struct parts base_parts(void)
{
    return (struct parts){
        .facts = "[{'id': 'a'}, {'id': 'b', 'attributes': ['region']},"
                 " {'id': 'k', 'kind': 'derived', 'clearance_only': true}]",
        .techniques = "[{'code': 'soft'}, {'code': 'warm', 'traits': ['heat'], 'essential': ['heat']}]",
        .rules = "[{'id': 'r', 'when': {'var': 'a'}, 'modifications': [{'kind': 'position', 'value': 'seated'},"
                 "   {'kind': 'avoid_area', 'value': 'shunt'}]},"
                 " {'id': 's', 'when': {'var': 'b'}, 'effect': 'not_allowed',"
                 "   'target': {'==': [{'var': 'heat'}, true]}}]",
        .courses = "[{'id': 'c', 'when': {'<': [{'var': 'age_years'}, 0]}}]",
    };
}

#define OWN(id, rest)                                                                                                  \
    "{'id': '" id "', 'effect': 'modified', 'severity': 'modify', 'regions': 'systemic', 'message': 'm', 'note': 'n'," \
    " 'action': 'a', 'rationale': 'r', 'evidence': ['e'], 'certainty': 'expert', " rest "}"
#define ACT(what) "'when': {'var': 'a'}, 'modifications': [" what "]"
#define HEAD_OF   "{'name': 'our', 'version': '2', 'title': 'Ours', 'who': 'N. N.'}"
#define GOOD                                                                                                           \
    "{'overlay': " HEAD_OF ", 'rules': [" OWN(                                                                         \
        "x_1",                                                                                                         \
        ACT("{'kind': 'max_minutes', 'value': 30}")) ", "                                                              \
                                                     "{'id': 'x_2',"                                                   \
                                                     " 'when': {'and': [{'var': 'b'}, {'!': {'var': 'a'}}]}, "         \
                                                     "'effect': 'clearance_required', 'severity': 'clearance',"        \
                                                     " 'disposition': 'clearance_required', 'if_unknown': 'hold', "    \
                                                     "'regions': 'systemic', 'message': 'm2', 'note': 'n',"            \
                                                     " 'action': 'a', 'rationale': 'r', 'evidence': ['x_e'], "         \
                                                     "'certainty': 'expert', 'clearable_by': 'physician',"             \
                                                     " 'clearance_for': ['b'], 'cleared_effect': 'allowed'}],"         \
                                                     " 'evidence': [{'id': 'x_e', 'design': 'd', 'title': 'T', "       \
                                                     "'finding': 'f', 'certainty': 'expert',"                          \
                                                     " 'verified': 'read'}]}"

/* A good overlay with one slip, and the faults: "code item pointer; ..." */
static const struct row {
    const char *place, *value, *faults;
} rows[] = {
    { "/overlay/title", "'Other'", "" },
    { "/rules/0/modifications/0", "{'kind': 'position', 'value': 'seated'}", "" },
    { "/rules/0/modifications/0", "{'kind': 'avoid_area', 'value': 'tattoo'}", "" },
    { "/rules", "[]", "" },
    /* taking away, changing */
    { "/rules/0/id", "'r'", "conflicting_members r /id; " },
    { "/rules/0/id", "'c'", "conflicting_members c /id; " },
    { "/rules/0/id", "'never'", "conflicting_members never /id; " },
    { "/evidence/0/id", "'e'", "conflicting_members e /id; " },
    { "/rules/0/id", "'mine'", "unknown_value mine /id; " },
    { "/rules/0/id", "'x_'", "unknown_value x_ /id; " },
    { "/rules/0/id", "'x_2'", "duplicate x_2 ; " },
    { "/rules/0/id", NULL, "missing_member  /rules/0/id; " },
    { "/rules/0", "7", "wrong_type  /rules/0; " },
    { "/rules/0/remove", "true", "unknown_member x_1 /remove; " },
    { "/rules/0/replaces", "'r'", "unknown_member x_1 /replaces; " },
    { "/evidence/0/aliases", "['e3']", "unknown_member  /evidence/0/aliases; " },
    { "/facts", "[]", "unknown_member  /facts; " },
    { "/techniques", "[]", "unknown_member  /techniques; " },
    { "/courses", "[]", "unknown_member  /courses; " },
    { "/adjustments", "[]", "unknown_member  /adjustments; " },
    { "/replanning", "[]", "unknown_member  /replanning; " },
    { "/definitions", "{}", "unknown_member  /definitions; " },
    { "/texts", "{}", "unknown_member  /texts; " },
    { "/remove", "['r']", "unknown_member  /remove; " },
    { "/version", "'9'", "unknown_member  /version; " },
    /* the head */
    { "/overlay", NULL, "missing_member  /overlay; " },
    { "/overlay/name", "'Our Own'", "unknown_value  /overlay/name; " },
    { "/overlay/name", "'our.own'", "unknown_value  /overlay/name; " },
    { "/overlay/name", "'-own'", "unknown_value  /overlay/name; " },
    { "/overlay/name", "'our-0wn'", "" },
    { "/overlay/version", "'2+3'", "unknown_value  /overlay/version; " },
    { "/overlay/version", "'.2'", "unknown_value  /overlay/version; " },
    { "/overlay/version", "'2.0-b'", "" },
    { "/overlay/version", "3", "wrong_type  /overlay/version; " },
    { "/overlay/who", NULL, "missing_member  /overlay/who; " },
    { "/rules", NULL, "missing_member  /rules; " },
    { "/rules", "{}", "wrong_type  /rules; " },
    /* by meaning */
    { "/rules/0/modifications/0", "{'kind': 'position', 'value': 'prone'}",
      "unknown_value x_1 /modifications/0/value; " },
    { "/rules/0/modifications/0", "{'kind': 'hygiene', 'value': 'none'}",
      "unknown_value x_1 /modifications/0/value; " },
    { "/rules/1/clearance_for/0", "'k'", "inconsistent x_2 /clearance_for/0; " },
    /* what no rule may say */
    { "/rules/0/when", "{'var': 'zz'}", "invalid_condition x_1 /when; " },
    { "/rules/0/disposition", "'proceed'", "inconsistent x_1 /disposition; " },
    { "/rules/0/cleared_effect", "'allowed'", "inconsistent x_1 ; " },
    { "/rules/1/evidence/0", "'nowhere'", "invalid_reference x_2 /evidence/0; " },
};

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

struct joined {
    struct source_doc doc;
    struct catalogue *cat;
    struct arena arena;
    struct faults faults;
    struct error err;
};

static enum rc join(struct joined *j, const struct source_doc *base, const json_t *overlay)
{
    char *text = json_dumps(overlay, JSON_COMPACT);
    *j = (struct joined){ .cat = NULL };
    arena_init(&j->arena, 0);
    faults_init(&j->faults, &j->arena);
    enum rc rc = overlay_new(base, str_of(text), &j->doc, &j->cat, &j->faults, &j->err);
    free(text);
    return rc;
}

static void leave(struct joined *j)
{
    source_done(&j->doc);
    catalogue_unref(j->cat);
    arena_done(&j->arena);
}

static void is_joined(void **state)
{
    (void)state;
    struct source_doc base = document_of(base_parts());
    struct catalogue *alone = catalogue_of(base_parts());
    json_t *overlay = quoted(GOOD);
    static struct joined j, other;
    assert_int_equal(join(&j, &base, overlay), RC_OK);
    assert_str(j.cat->version, STR("1+our.2"));
    assert_int_equal(j.cat->n_rules, 4);
    assert_int_equal(catalogue_find_rule(j.cat, STR("x_2")), 3);
    assert_non_null(catalogue_find_evidence(j.cat, STR("x_e")));
    for (uint32_t i = 0; i < alone->n_rules; i++)
        assert_str(j.cat->rules[i].id, alone->rules[i].id);
    assert_string_equal(j.cat->digest, j.doc.digest);
    assert_string_not_equal(j.cat->digest, base.digest);
    assert_int_equal(join(&other, &base, overlay), RC_OK);
    assert_string_equal(other.cat->digest, j.cat->digest); /* of the two together, and of nothing else */
    leave(&other);
    doc_set(overlay, "/rules/0/note", "'another'");
    assert_int_equal(join(&other, &base, overlay), RC_OK);
    assert_string_not_equal(other.cat->digest, j.cat->digest);
    leave(&other);
    leave(&j);
    json_decref(overlay);
    catalogue_unref(alone);
    source_done(&base);
}

/* As the database keeps them: texts, and the digest that they must come to. */
static void is_made_of_texts(void **state)
{
    (void)state;
    struct source_doc base = document_of(base_parts());
    json_t *overlay = quoted(GOOD);
    char *text = json_dumps(overlay, JSON_COMPACT);
    const struct str none = { NULL, 0 }, own = str_of(text);
    static struct joined j, k;
    assert_int_equal(join(&j, &base, overlay), RC_OK);
    const struct {
        struct str document, overlay;
        const char *digest;
        enum rc want;
    } tries[] = {
        { base.text, none, base.digest, RC_OK },
        { base.text, own, j.cat->digest, RC_OK },
        { base.text, none, j.cat->digest, RC_CATALOGUE_INVALID },
        { base.text, own, base.digest, RC_CATALOGUE_INVALID },
        { base.text, STR("{}"), base.digest, RC_CATALOGUE_INVALID },
        { STR("{"), none, base.digest, RC_MALFORMED_JSON },
    };
    for (size_t i = 0; i < ARRAY_LEN(tries); i++) {
        struct catalogue *cat = NULL;
        arena_init(&k.arena, 0);
        faults_init(&k.faults, &k.arena);
        assert_int_equal(
            catalogue_of_texts(tries[i].document, tries[i].overlay, tries[i].digest, &cat, &k.faults, &k.err),
            tries[i].want);
        assert_int_equal(cat != NULL, tries[i].want == RC_OK);
        if (cat)
            assert_string_equal(cat->digest, tries[i].digest);
        catalogue_unref(cat);
        arena_done(&k.arena);
    }
    leave(&j);
    free(text);
    json_decref(overlay);
    source_done(&base);
}

static void each_slip_is_named(void **state)
{
    (void)state;
    struct source_doc base = document_of(base_parts());
    static struct joined j;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char found[1024] = "";
        json_t *overlay = quoted(GOOD);
        doc_set(overlay, rows[i].place, rows[i].value);
        enum rc rc = join(&j, &base, overlay);
        for (size_t f = 0; f < j.faults.n; f++)
            (void)snprintf(found + strlen(found), sizeof(found) - strlen(found), "%s %.*s %.*s; ",
                           fault_name(j.faults.at[f].code), STR_ARGS(j.faults.at[f].item),
                           STR_ARGS(j.faults.at[f].pointer));
        if (strcmp(found, rows[i].faults) != 0 || rc != (*rows[i].faults ? RC_CATALOGUE_INVALID : RC_OK))
            fail_msg("row %zu, %s: %s, found %s", i, rows[i].place, rc_name(rc), found);
        leave(&j);
        json_decref(overlay);
    }
    source_done(&base);
}

/* Where the catalogue's rules may forbid everything and say no more, its answer is to refuse: clearance and waiting
 * would be milder. */
static void no_hold_in_place_of_a_refusal(void **state)
{
    (void)state;
    struct parts parts = base_parts();
    parts.rules = "[{'id': 'r', 'when': {'var': 'a'}, 'effect': 'not_allowed', 'modifications': ["
                  "   {'kind': 'position', 'value': 'seated'}]}]";
    struct source_doc base = document_of(parts);
    json_t *overlay = quoted(GOOD);
    static struct joined j;
    assert_int_equal(join(&j, &base, overlay), RC_CATALOGUE_INVALID);
    assert_int_equal(j.faults.n, 1);
    assert_str(j.faults.at[0].item, STR("x_2"));
    assert_str(j.faults.at[0].pointer, STR("/disposition"));
    leave(&j);
    doc_set(overlay, "/rules/1/disposition", NULL);
    assert_int_equal(join(&j, &base, overlay), RC_OK); /* holds its techniques only */
    leave(&j);
    doc_set(overlay, "/rules/1/disposition", "'do_not_treat'");
    doc_set(overlay, "/rules/1/effect", "'not_allowed'");
    assert_int_equal(join(&j, &base, overlay), RC_CATALOGUE_INVALID); /* it holds */
    leave(&j);
    doc_set(overlay, "/rules/1/if_unknown", "'ask'");
    assert_int_equal(join(&j, &base, overlay), RC_OK);
    leave(&j);
    json_decref(overlay);
    source_done(&base);
}

static void is_bounded(void **state)
{
    (void)state;
    struct source_doc base = document_of(base_parts());
    static struct joined j;
    json_t *overlay = quoted(GOOD), *rules = json_object_get(overlay, "rules");
    char id[16];
    for (int n = 2; n <= OVERLAY_RULES_MAX; n++) {
        json_t *rule = json_deep_copy(json_array_get(rules, 0));
        (void)snprintf(id, sizeof(id), "x_%d", n + 1);
        json_object_set_new(rule, "id", json_string(id));
        if (n == OVERLAY_RULES_MAX) {
            assert_int_equal(join(&j, &base, overlay), RC_OK);
            leave(&j);
        }
        json_array_append_new(rules, rule);
    }
    assert_int_equal(join(&j, &base, overlay), RC_CATALOGUE_INVALID);
    assert_int_equal(j.faults.at[0].code, FAULT_TOO_MANY);
    leave(&j);
    json_decref(overlay);
    static char spaces[OVERLAY_BYTES_MAX + 2];
    memset(spaces, ' ', sizeof(spaces));
    struct error err;
    struct catalogue *cat;
    struct arena arena;
    struct faults faults;
    arena_init(&arena, 0);
    faults_init(&faults, &arena);
    assert_int_equal(overlay_new(&base, (struct str){ spaces, OVERLAY_BYTES_MAX + 1 }, NULL, &cat, &faults, &err),
                     RC_BODY_TOO_LARGE);
    assert_int_equal(overlay_new(&base, (struct str){ spaces, OVERLAY_BYTES_MAX }, NULL, &cat, &faults, &err),
                     RC_MALFORMED_JSON);
    assert_int_equal(overlay_new(&base, STR("[]"), NULL, &cat, &faults, &err), RC_CATALOGUE_INVALID);
    arena_done(&arena);
    source_done(&base);
}

/* 60 ages x 22 regions x 3 sexes: 3960 cases. */
static json_t *wide_condition(void)
{
    static const char *const sexes[] = { "female", "male", "other" };
    json_t *ages = json_array(), *regions = json_array(), *either = json_array();
    for (int age = 0; age < 60; age++)
        json_array_append_new(ages, json_pack("{s:[{s:s},i]}", "==", "var", "age_years", age));
    for (int region = 0; region < REGION_WHOLE_BODY; region++)
        json_array_append_new(
            regions, json_pack("{s:[s,{s:s}]}", "in", region_name((enum region)region).p, "var", "complaint_regions"));
    for (size_t i = 0; i < ARRAY_LEN(sexes); i++)
        json_array_append_new(either, json_pack("{s:[{s:s},s]}", "==", "var", "sex", sexes[i]));
    return json_pack("{s:[{s:o},{s:o},{s:o}]}", "and", "or", ages, "or", regions, "or", either);
}

static void cases_are_bounded(void **state)
{
    (void)state;
    struct source_doc base = document_of(base_parts());
    static struct joined j;
    json_t *overlay = quoted(GOOD), *rules = json_object_get(overlay, "rules");
    char id[16];
    json_object_set_new(json_array_get(rules, 0), "when", wide_condition());
    for (int n = 3; n <= 7; n++) {
        json_t *rule = json_copy(json_array_get(rules, 0));
        (void)snprintf(id, sizeof(id), "x_%d", n);
        json_object_set_new(rule, "id", json_string(id));
        if (n == 7) {
            assert_int_equal(join(&j, &base, overlay), RC_OK);
            leave(&j);
        }
        json_array_append_new(rules, rule);
    }
    assert_int_equal(join(&j, &base, overlay), RC_CATALOGUE_INVALID);
    assert_int_equal(j.faults.n, 1);
    assert_int_equal(j.faults.at[0].code, FAULT_TOO_MANY);
    assert_str(j.faults.at[0].item, STR("x_7"));
    leave(&j);
    json_decref(overlay);
    source_done(&base);
}

static void at_its_word(void **state)
{
    (void)state;
    struct source_doc base = document_of(base_parts()), doc = { 0 };
    json_t *overlay = quoted(GOOD);
    doc_set(overlay, "/rules/0/id", "'r'");
    doc_set(overlay, "/courses", "[{'id': 'd'}]");
    doc_set(overlay, "/techniques", "[{'code': 'warm'}]");
    doc_set(overlay, "/version", "'9'");
    assert_int_equal(overlay_at_its_word(&base, STR("{"), &doc, NULL), RC_MALFORMED_JSON);
    assert_int_equal(overlay_at_its_word(&base, STR("7"), &doc, NULL), RC_CATALOGUE_INVALID);
    char *text = json_dumps(overlay, JSON_COMPACT);
    assert_int_equal(overlay_at_its_word(&base, str_of(text), &doc, NULL), RC_OK);
    json_t *joined = json_loadb(doc.text.p, doc.text.n, 0, NULL);
    assert_int_equal(json_array_size(json_object_get(joined, "rules")), 3);
    assert_int_equal(json_array_size(json_object_get(joined, "courses")), 2);
    assert_int_equal(json_array_size(json_object_get(joined, "techniques")), 2);
    assert_string_equal(json_string_value(json_object_get(joined, "version")), "9");
    const json_t *first = json_array_get(json_object_get(joined, "rules"), 0);
    assert_string_equal(json_string_value(json_object_get(first, "id")), "r");
    assert_int_equal(json_array_size(json_object_get(first, "modifications")), 1);
    json_decref(joined);
    source_done(&doc);
    free(text);
    json_decref(overlay);
    source_done(&base);
}

static void a_heap_that_fails_is_told(void **state)
{
    (void)state;
    struct source_doc base = document_of(base_parts());
    json_t *good = quoted(GOOD), *bad = quoted(GOOD);
    static struct joined j;
    doc_set(bad, "/rules/0/id", "'r'");
    for (int faulty = 0; faulty < 2; faulty++)
        for (long n = 1;; n++) {
            alloc_fail_at(n);
            enum rc rc = join(&j, &base, faulty ? bad : good);
            bool failed = alloc_calls() >= n;
            alloc_fail_at(0);
            leave(&j);
            if (!failed) {
                assert_int_equal(rc, faulty ? RC_CATALOGUE_INVALID : RC_OK);
                break;
            }
            assert_int_equal(rc, RC_OOM);
        }
    json_decref(good);
    json_decref(bad);
    source_done(&base);
}

RUN_TESTS(cmocka_unit_test(is_joined), cmocka_unit_test(is_made_of_texts), cmocka_unit_test(each_slip_is_named),
          cmocka_unit_test(no_hold_in_place_of_a_refusal), cmocka_unit_test(is_bounded),
          cmocka_unit_test(cases_are_bounded), cmocka_unit_test(at_its_word),
          cmocka_unit_test(a_heap_that_fails_is_told))
