/* What is served of a catalogue: JSON without null, without maps of free keys, conditions as strings. */
#include "rules/doc.h"

static struct catalogue *catalogue(void)
{
    return catalogue_of((struct parts){
        .facts =
            "[{'id': 'a', 'kind': 'symptom', 'gate': true, 'attributes': ['date', 'region'], 'valid_days': 9,"
            "  'answer_meaning': 'm', 'implies': ['b'], 'codes': {'atc': ['B01', 'C02'], 'icd': ['A.1']}},"
            " {'id': 'b', 'ask_if': {'<': [{'var': 'age_years'}, 18]}}, {'id': 'u', 'covers': ['a'], 'gate': true},"
            " {'id': 'k', 'kind': 'derived', 'clearance_only': true, 'complaint_regions': []}]",
        .techniques = "[{'code': 'soft', 'typical_minutes': [20, 60], 'traits': ['oil']},"
                      " {'code': 'warm', 'offer_when': {'var': 'a'}, 'default_offered': null},"
                      " {'code': 'hard', 'never_offered': 'not here'}]",
        .rules =
            "[{'id': 'r', 'topic': 'T', 'when': {'and': [{'var': 'a'}, {'!': [{'var': 'b'}]}]}, 'if_unknown': 'hold',"
            "  'target': {'==': [{'var': 'oil'}, true]}, 'regions': ['neck', 'jaw'], 'clearable_by': 'physician',"
            "  'clearance_for': ['a'], 'cleared_effect': 'allowed', 'acute': true, 'review': {'status': 'draft'},"
            "  'modifications': [{'kind': 'max_pressure', 'value': 2}]},"
            " {'id': 's', 'when': {'var': 'b'}, 'regions': 'where_found'},"
            " {'id': 't', 'when': {'var': 'b'}, 'effect': 'not_allowed', 'disposition': 'emergency'}]",
        .evidence =
            "[{'id': 'e', 'design': 'd', 'title': 'T', 'finding': 'f', 'certainty': 'low', 'verified': 'read',"
            "  'aliases': ['f'], 'year': 2020, 'url': 'https://example.org'},"
            " {'id': 'g', 'design': 'd', 'title': 'U', 'finding': 'f', 'certainty': 'high', 'verified': 'recalled'}]",
        .texts = "{'de': {'review': {'status': 'draft'}, 'techniques': {'soft': {'name': 'Sanft'},"
                 "    'hard': {'never_offered': 'hier nicht'}},"
                 "   'attributes': {'date': {'question': 'Wann?'}}, 'facts': {'a': {'question': 'Ja?'}},"
                 "   'rules': {'r': {'message': 'Nein', 'action': 'Halt'}}},"
                 " 'fr': {'review': {'status': 'signed', 'by': 'B', 'date': '2026-11-20'},"
                 "   'techniques': {'soft': {'name': 'Doux'}}}}",
    });
}

/* A value of a resource by JSON pointer; NULL when there is none. */
static const json_t *at(const json_t *v, const char *pointer)
{
    char path[128];
    (void)snprintf(path, sizeof(path), "%s", pointer);
    for (char *rest = path, *step; v && (step = strtok_r(rest, "/", &rest));)
        v = json_is_array(v) ? json_array_get(v, strtoul(step, NULL, 10)) : json_object_get(v, step);
    return v;
}

static json_t *parsed(struct str resource)
{
    json_t *v = json_loadb(resource.p, resource.n, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(v);
    return v;
}

/* Each row: a place, and what stands there as compact JSON with ' for " (NULL: nothing). */
struct row {
    const char *pointer, *want;
};

static void check(struct str resource, const struct row *rows, size_t n)
{
    json_t *v = parsed(resource);
    for (size_t i = 0; i < n; i++) {
        const json_t *found = at(v, rows[i].pointer);
        json_t *want = rows[i].want ? quoted(rows[i].want) : NULL;
        if (!found != !want || (found && !json_equal((json_t *)found, want))) {
            char *text = found ? json_dumps(found, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
            fail_msg("%s is %s, not %s", rows[i].pointer, text ? text : "not there", rows[i].want);
        }
        json_decref(want);
    }
    json_decref(v);
}

static bool has_null(const json_t *v)
{
    const char *key;
    json_t *value;
    size_t i;
    if (json_is_array(v))
        json_array_foreach(v, i, value)
        {
            if (has_null(value))
                return true;
        }
    if (json_is_object(v))
        json_object_foreach((json_t *)v, key, value)
        {
            if (has_null(value))
                return true;
        }
    return json_is_null(v);
}

static void serves_nothing_that_is_null(void **state)
{
    struct catalogue *cat = catalogue();
    const struct str resources[] = { cat->resource_catalogue,  cat->resource_facts,
                                     cat->resource_techniques, cat->resource_rules,
                                     cat->resource_evidence,   cat->facts[0].resource,
                                     cat->facts[3].resource,   cat->rules[0].resource,
                                     cat->rules[1].resource,   catalogue_find_evidence(cat, STR("g"))->resource };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(resources); i++) {
        json_t *v = parsed(resources[i]);
        assert_false(has_null(v));
        json_decref(v);
    }
    catalogue_unref(cat);
}

static void serves_a_summary(void **state)
{
    static const struct row rows[] = {
        { "/name", "'test'" },
        { "/version", "'1'" },
        { "/language", "'en'" },
        { "/languages", "['en', 'de', 'fr']" },
        { "/translations", "[{'language': 'de', 'review': {'status': 'draft'}, 'texts': 5, 'texts_in_all': 45},"
                           " {'language': 'fr', 'review': {'status': 'signed', 'by': 'B', 'date': '2026-11-20'},"
                           "  'texts': 1, 'texts_in_all': 45}]" },
        { "/counts",
          "{'facts': 5, 'gates': 2, 'techniques': 3, 'rules': 3, 'courses': 1, 'adjustments': 1, 'replanning_rules': 1,"
          " 'evidence': 2}" },
        { "/review", NULL },
    };
    struct catalogue *cat = catalogue();
    (void)state;
    check(cat->resource_catalogue, rows, ARRAY_LEN(rows));
    json_t *v = parsed(cat->resource_catalogue);
    assert_string_equal(json_string_value(json_object_get(v, "digest")), cat->digest);
    json_decref(v);
    catalogue_unref(cat);
}

static void serves_facts(void **state)
{
    static const struct row rows[] = {
        { "/catalogue/version", "'1'" },
        { "/facts/0",
          "{'order': 0, 'id': 'a', 'kind': 'symptom', 'group': 'g', 'label': 'A label', 'question': 'Yes?',"
          " 'answer_meaning': 'm', 'gate': true, 'attributes': ['date', 'region'], 'valid_days': 9, 'implies': ['b'],"
          " 'type': 'state', 'covered_by': 'u', 'codings': [{'system': 'atc', 'prefixes': ['B01', 'C02']},"
          " {'system': 'icd', 'prefixes': ['A.1']}]}" },
        { "/facts/1/gate", NULL },
        { "/facts/1/covered_by", NULL },
        { "/facts/1/codings", "[]" },
        { "/facts/2/covers", "['a']" },
        { "/facts/3/type", NULL },
        { "/facts/3/question", NULL },
        { "/facts/3/clearance_only", "true" },
        { "/facts/3/complaint_regions", "[]" },
        { "/attributes/0", "{'id': 'date', 'question': 'Which?', 'type': 'date'}" },
        { "/attributes/1/type", "'choice'" },
        { "/attributes/1/choices/22", "'whole_body'" },
        { "/attributes/2/choices", "['left', 'right', 'both', 'midline']" },
        { "/attributes/3", "{'id': 'severity', 'question': 'Which?', 'type': 'integer', 'min': 0, 'max': 10,"
                           " 'unit': 'numeric rating scale'}" },
        { "/attributes/4", "{'id': 'grade', 'question': 'Which?', 'type': 'integer', 'min': 1, 'max': 5}" },
        { "/attributes/5/type", "'boolean'" },
        { "/attributes/11", NULL },
    };
    struct catalogue *cat = catalogue();
    (void)state;
    check(cat->resource_facts, rows, ARRAY_LEN(rows));
    json_t *all = parsed(cat->resource_facts), *one = parsed(cat->facts[1].resource);
    assert_true(json_equal(one, json_array_get(json_object_get(all, "facts"), 1)));
    json_t *asked = json_loads(json_string_value(json_object_get(one, "ask_if")), 0, NULL); /* a string that holds it */
    json_t *want = quoted("{'<': [{'var': 'age_years'}, 18]}");
    assert_true(json_equal(asked, want));
    json_decref(want);
    json_decref(asked);
    json_decref(one);
    json_decref(all);
    catalogue_unref(cat);
}

static void serves_techniques(void **state)
{
    static const struct row rows[] = {
        { "/catalogue/version", "'1'" },
        { "/techniques/0",
          "{'code': 'soft', 'kind': 'technique', 'name': 'N', 'summary': 's', 'pressure': 5, 'min_pressure': 1,"
          " 'traits': ['oil'], 'positions': ['prone'], 'good_for': ['goal:wellbeing'], 'default_offered': true,"
          " 'notes': 'n', 'names': [{'language': 'de', 'text': 'Sanft'}, {'language': 'fr', 'text': 'Doux'}],"
          " 'minutes_min': 20, 'minutes_max': 60, 'evidence': [{'id': 'e', 'citation': 'T (2020)', 'certainty': 'low',"
          " 'url': 'https://example.org'}]}" },
        { "/techniques/1/names", "[]" },
        { "/techniques/1/default_offered", NULL },
        { "/techniques/1/never_offered", NULL },
        { "/techniques/2/never_offered", "true" },
        { "/techniques/2/never_offered_because", "'not here'" },
        { "/techniques/2/offer_when", NULL },
        { "/techniques/3", NULL },
    };
    struct catalogue *cat = catalogue();
    (void)state;
    check(cat->resource_techniques, rows, ARRAY_LEN(rows));
    json_t *v = parsed(cat->resource_techniques);
    assert_string_equal(json_string_value(at(v, "/techniques/1/offer_when")), "{\"var\":\"a\"}");
    json_decref(v);
    catalogue_unref(cat);
}

static void serves_rules(void **state)
{
    static const struct row brief[] = {
        { "/rules/0", "{'id': 'r', 'topic': 'T', 'effect': 'modified', 'severity': 'modify', 'message': 'm',"
                      " 'clearable_by': 'physician'}" },
        { "/rules/2/disposition", "'emergency'" },
        { "/rules/3", NULL },
    };
    static const struct row first[] = {
        { "/catalogue/version", "'1'" },
        { "/id", "'r'" },
        { "/techniques", "['soft']" },
        { "/if_unknown", "'hold'" },
        { "/scope", "'regional'" },
        { "/regions", "['neck', 'jaw']" },
        { "/where_found", NULL },
        { "/modifications", "[{'kind': 'max_pressure', 'value': 2}]" },
        { "/clearance_for", "['a']" },
        { "/cleared_effect", "'allowed'" },
        { "/acute", "true" },
        { "/review", "{'status': 'draft'}" },
        { "/evidence/0/id", "'e'" },
    };
    static const struct row second[] = {
        { "/scope", "'regional'" },
        { "/where_found", "true" },
        { "/regions", NULL },
        { "/if_unknown", "'ask'" },
        { "/techniques", "['soft', 'warm']" },
        { "/target", NULL },
    };
    static const struct row third[] = { { "/scope", "'systemic'" }, { "/disposition", "'emergency'" } };
    struct catalogue *cat = catalogue();
    (void)state;
    check(cat->resource_rules, brief, ARRAY_LEN(brief));
    check(cat->rules[0].resource, first, ARRAY_LEN(first));
    check(cat->rules[1].resource, second, ARRAY_LEN(second));
    check(cat->rules[2].resource, third, ARRAY_LEN(third));
    json_t *v = parsed(cat->rules[0].resource);
    assert_string_equal(json_string_value(json_object_get(v, "when")),
                        "{\"and\":[{\"var\":\"a\"},{\"!\":[{\"var\":\"b\"}]}]}");
    assert_string_equal(json_string_value(json_object_get(v, "target")), "{\"==\":[{\"var\":\"oil\"},true]}");
    json_decref(v);
    catalogue_unref(cat);
}

/* In each language: what is said in it, and the rest as it is. */
static void serves_translations(void **state)
{
    static const struct row facts[] = {
        { "/facts/0/question", "'Ja?'" },         { "/facts/0/label", "'A label'" },
        { "/facts/1/question", "'Yes?'" },        { "/attributes/0/question", "'Wann?'" },
        { "/attributes/1/question", "'Which?'" },
    };
    static const struct row techniques[] = {
        { "/techniques/0/name", "'Sanft'" },       { "/techniques/0/summary", "'s'" },
        { "/techniques/2/never_offered", "true" }, { "/techniques/2/never_offered_because", "'hier nicht'" },
        { "/techniques/2/name", "'N'" },
    };
    static const struct row rules[] = { { "/rules/0/message", "'Nein'" }, { "/rules/1/message", "'m'" } };
    static const struct row rule[] = {
        { "/message", "'Nein'" }, { "/action", "'Halt'" },     { "/note", "'n'" },
        { "/id", "'r'" },         { "/evidence/0/id", "'e'" },
    };
    static const struct row doux[] = { { "/techniques/0/name", "'Doux'" }, { "/techniques/0/summary", "'s'" } };
    struct catalogue *cat = catalogue();
    const struct language *de = &cat->languages[1], *fr = &cat->languages[2];
    (void)state;
    assert_int_equal(cat->n_languages, 3);
    check(de->resource_facts, facts, ARRAY_LEN(facts));
    check(de->resource_techniques, techniques, ARRAY_LEN(techniques));
    check(de->resource_rules, rules, ARRAY_LEN(rules));
    check(de->rule_resources[0], rule, ARRAY_LEN(rule));
    check(fr->resource_techniques, doux, ARRAY_LEN(doux));
    assert_str(fr->resource_facts, cat->resource_facts);
    for (uint32_t i = 0; i < cat->n_rules; i++) {
        assert_ptr_equal(cat->languages[0].rule_resources[i].p, cat->rules[i].resource.p);
        assert_ptr_equal(fr->rule_resources[i].p, cat->rules[i].resource.p); /* nothing said: one text for both */
    }
    assert_ptr_equal(de->rule_resources[1].p, cat->rules[1].resource.p);
    catalogue_unref(cat);
}

static void serves_evidence(void **state)
{
    static const struct row all[] = {
        { "/evidence/0",
          "{'id': 'e', 'design': 'd', 'title': 'T', 'year': 2020, 'certainty': 'low', 'verified': 'read'}" },
        { "/evidence/1/year", NULL },
        { "/evidence/2", NULL },
    };
    static const struct row one[] = {
        { "/catalogue/version", "'1'" },     { "/id", "'e'" }, { "/aliases", "['f']" }, { "/finding", "'f'" },
        { "/url", "'https://example.org'" },
    };
    struct catalogue *cat = catalogue();
    (void)state;
    check(cat->resource_evidence, all, ARRAY_LEN(all));
    check(catalogue_find_evidence(cat, STR("f"))->resource, one, ARRAY_LEN(one));
    catalogue_unref(cat);
}

RUN_TESTS(cmocka_unit_test(serves_nothing_that_is_null), cmocka_unit_test(serves_a_summary),
          cmocka_unit_test(serves_facts), cmocka_unit_test(serves_techniques), cmocka_unit_test(serves_rules),
          cmocka_unit_test(serves_translations), cmocka_unit_test(serves_evidence))
