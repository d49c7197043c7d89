/* Tiny catalogues for tests: parts written as JSON with ' for ", and the rest filled in.
 *
 * A part is a list of items; a member that an item does not give gets a harmless value, and one that it gives as null
 * stays away. Every document has a fact "reaction" (code R of the system "local") behind the others, which lifts a
 * stop, and a source "e". */
#ifndef PALPATE_TESTS_RULES_DOC_H
#define PALPATE_TESTS_RULES_DOC_H

#include "test.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/attr.h"
#include "rules/known.h"
#include "rules/rules.h"

struct parts {
    const char *facts, *techniques, *rules, *courses, *adjustments, *replanning, *evidence, *definitions, *texts;
};

/* Reads JSON in which ' stands for ", and a comma behind the last of a list does no harm. */
static inline json_t *quoted(const char *text)
{
    char *copy = malloc(strlen(text) + 1), *end = copy;
    json_error_t err;
    assert_non_null(copy);
    for (const char *c = text; *c; c++) {
        size_t space = *c == ',' ? strspn(c + 1, " ") : 0;
        if (*c != ',' || (c[1 + space] != '}' && c[1 + space] != ']'))
            *end++ = (char)(*c == '\'' ? '"' : *c);
    }
    *end = '\0';
    json_t *v = json_loads(copy, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &err);
    free(copy);
    if (!v)
        fail_msg("%s at %d of %s", err.text, err.position, text);
    return v;
}

#define DEFINITIONS                                                                                                    \
    "{'complaint_lists': ["                                                                                            \
    "  {'id': 'complaint_regions'},"                                                                                   \
    "  {'id': 'acute_complaint_regions', 'duration_days': {'max': 41}, 'not_given': 'counts'},"                        \
    "  {'id': 'recent_complaint_regions', 'duration_days': {'max': 84}, 'not_given': 'counts'},"                       \
    "  {'id': 'lasting_complaint_regions', 'duration_days': {'min': 30, 'max': 365}, 'not_given': 'counts'},"          \
    "  {'id': 'sudden_complaint_regions', 'onset': ['sudden'], 'not_given': 'does_not_count'},"                        \
    "  {'id': 'moderate_complaint_regions', 'pain': {'min': 4}, 'not_given': 'counts'},"                               \
    "  {'id': 'severe_complaint_regions', 'pain': {'min': 7}, 'not_given': 'unknown'},"                                \
    "  {'id': 'unexplained_complaint_regions', 'cause': ['unknown', 'stress'], 'not_given': 'counts'},"                \
    "  {'id': 'traumatic_complaint_regions', 'cause': ['trauma'], 'not_given': 'does_not_count'}],"                    \
    " 'acuity': {'subacute_from_days': 42, 'chronic_from_days': 85},"                                                  \
    " 'clearance': {'valid_days': 365, 'complaint_days_if_not_given': 42},"                                            \
    " 'readings': {'window_days': 120, 'recent_entries': 3, 'important_points': 2, 'important_percent': 30,"           \
    "   'substantial_percent': 50, 'least_noticeable_points': 1, 'worse_points': 2, 'relapse_gap_days': 14},"          \
    " 'stop_lifted': {'clearance_for': 'reaction', 'worsened_pressure_delta': -2,"                                     \
    "   'worsened_minutes_factor': 0.5}}"

#define HEAD   "{'name': 'test', 'version': '1', 'title': 'Test', 'language': 'en'}"
#define SOURCE "[{'id': 'e', 'design': 'd', 'title': 'T', 'finding': 'f', 'certainty': 'expert', 'verified': 'read'}]"

/* A list without items is as good as no list, and a document needs every list. */
#define NEVER "[{'id': 'never', 'when': {'<': [{'var': 'age_years'}, 0]}}]"

static inline json_t *filled(const char *items, const char *otherwise)
{
    json_t *list = quoted(items ? items : NEVER), *from = quoted(otherwise), *item, *value;
    const char *key;
    size_t i;
    json_array_foreach(list, i, item)
    {
        json_object_foreach(from, key, value)
        {
            if (!json_object_get(item, key))
                json_object_set(item, key, value);
        }
        if (json_object_get(from, "order") && json_integer_value(json_object_get(item, "order")) == 0)
            json_object_set_new(item, "order", json_integer((json_int_t)i * 10 + 10));
        if (json_is_true(json_object_get(item, "clearance_only")))
            json_object_del(item, "question");
    }
    json_decref(from);
    return list;
}

static inline json_t *doc_facts(const char *facts)
{
    static const char otherwise[] = "{'kind': 'condition', 'group': 'g', 'label': 'A label', 'question': 'Yes?'}";
    json_t *list = filled(facts ? facts : "[]", otherwise);
    json_t *reaction = filled("[{'id': 'reaction', 'attributes': ['date'], 'codes': {'local': ['R']}}]", otherwise);
    json_array_extend(list, reaction);
    json_decref(reaction);
    return list;
}

static inline json_t *doc_attributes(void)
{
    json_t *list = json_array();
    for (int a = 0; a < ATTR_COUNT_; a++)
        json_array_append_new(list, json_pack("{ss, ss}", "id", attribute_table[a].name.p, "question", "Which?"));
    json_array_append_new(list, json_pack("{ss, ss}", "id", "sex", "question", "Which sex?"));
    json_array_append_new(list, json_pack("{ss, ss}", "id", "pain_max", "question", "How strong?"));
    return list;
}

/* A document that has these parts and is otherwise valid. */
static inline json_t *doc_of(struct parts p)
{
    json_t *doc = quoted(HEAD);
    json_object_set_new(doc, "attributes", doc_attributes());
    json_object_set_new(doc, "definitions", quoted(p.definitions ? p.definitions : DEFINITIONS));
    json_object_set_new(doc, "evidence", quoted(p.evidence ? p.evidence : SOURCE));
    if (p.texts)
        json_object_set_new(doc, "texts", quoted(p.texts));
    json_object_set_new(doc, "facts", doc_facts(p.facts));
    json_object_set_new(doc, "techniques",
                        filled(p.techniques ? p.techniques : "[{'code': 'soft'}]",
                               "{'kind': 'technique', 'name': 'N', 'summary': 's', 'pressure': 5, 'min_pressure': 1,"
                               " 'positions': ['prone'], 'typical_minutes': [10, 90], 'good_for': ['goal:wellbeing'],"
                               " 'default_offered': true, 'evidence': ['e'], 'notes': 'n'}"));
    json_object_set_new(doc, "rules",
                        filled(p.rules, "{'effect': 'modified', 'severity': 'modify', 'regions': 'systemic',"
                                        " 'message': 'm', 'note': 'n', 'action': 'a', 'rationale': 'r',"
                                        " 'evidence': ['e'], 'certainty': 'expert'}"));
    json_object_set_new(doc, "courses",
                        filled(p.courses, "{'title': 'T', 'priority': 10, 'focus': ['whole_body'],"
                                          " 'phases': [{'name': 'One', 'sessions': 4,"
                                          " 'per_week': 1, 'minutes': 40, 'pressure': 3}],"
                                          " 'reassess_after_sessions': 2, 'max_sessions_without_gain': 4,"
                                          " 'expected_change': 'x', 'if_improving': 'i', 'if_unchanged': 'u',"
                                          " 'if_worse': 'w', 'stop_if': ['s'], 'self_care': ['c'],"
                                          " 'co_care': ['o'], 'evidence': ['e'], 'certainty': 'low'}"));
    json_t *first = json_object_get(json_array_get(json_object_get(doc, "techniques"), 0), "code"), *course;
    size_t i;
    json_array_foreach(json_object_get(doc, "courses"), i, course)
    {
        if (!json_object_get(course, "techniques"))
            json_object_set_new(course, "techniques", json_pack("[O]", first));
    }
    json_object_set_new(doc, "adjustments",
                        filled(p.adjustments, "{'title': 'T', 'order': 0, 'why': 'w', 'evidence': ['e'],"
                                              " 'certainty': 'low'}"));
    json_object_set_new(doc, "replanning",
                        filled(p.replanning, "{'order': 0, 'decides': true, 'action': 'continue', 'say': 's',"
                                             " 'evidence': ['e'], 'certainty': 'low'}"));
    return doc;
}

/* Sets the member or item that a JSON pointer names ("-" is behind the last item); NULL takes it away. */
static inline void doc_set(json_t *doc, const char *pointer, const char *value)
{
    char path[256];
    json_t *at = doc;
    (void)snprintf(path, sizeof(path), "%s", pointer);
    for (char *rest = path, *step = strtok_r(rest, "/", &rest), *next; step; step = next) {
        next = strtok_r(rest, "/", &rest);
        size_t index = strtoul(step, NULL, 10);
        if (next)
            at = json_is_array(at) ? json_array_get(at, index) : json_object_get(at, step);
        else if (!value)
            assert_int_equal(json_is_array(at) ? json_array_remove(at, index) : json_object_del(at, step), 0);
        else if (!json_is_array(at))
            assert_int_equal(json_object_set_new(at, step, quoted(value)), 0);
        else if (strcmp(step, "-") == 0)
            assert_int_equal(json_array_append_new(at, quoted(value)), 0);
        else
            assert_int_equal(json_array_set_new(at, index, quoted(value)), 0);
        if (!at)
            fail_msg("the document has no %s", pointer);
    }
}

static inline bool fault_is_of(const struct fault *f, const char *item)
{
    return str_eq(f->item, str_of(item));
}

/* Compiles a document. */
static inline enum rc doc_build(const json_t *doc, struct catalogue **ret, struct faults *faults, struct error *err)
{
    struct source_doc source = { 0 };
    char *text = json_dumps(doc, JSON_COMPACT);
    assert_non_null(text);
    enum rc rc = source_load_text(str_of(text), &source, err);
    if (rc == RC_OK)
        rc = catalogue_new(&source, ret, faults, err);
    source_done(&source);
    free(text);
    return rc;
}

/* A catalogue of these parts, which must be valid; the caller's. */
static inline struct catalogue *catalogue_of(struct parts p)
{
    struct arena arena;
    struct error err = { .code = RC_OK };
    struct catalogue *cat = NULL;
    struct faults *faults = malloc(sizeof(*faults));
    json_t *doc = doc_of(p);
    assert_non_null(faults);
    arena_init(&arena, 0);
    faults_init(faults, &arena);
    enum rc rc = doc_build(doc, &cat, faults, &err);
    for (size_t i = 0; i < faults->n; i++)
        print_error("%.*s: %.*s\n", STR_ARGS(faults->at[i].pointer), STR_ARGS(faults->at[i].detail));
    free(faults);
    arena_done(&arena);
    json_decref(doc);
    if (rc != RC_OK)
        fail_msg("the catalogue is not valid: %s", err.text);
    return cat;
}

#endif
