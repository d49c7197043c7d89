/* Every word of the answer's JSON: where it stands says what it must be. Nothing may stand where no rule is. */
#include <stdio.h>
#include <stdlib.h>

#include "answer_priv.h"
#include "base/date.h"

/* ---- what a word may be ----------------------------------------------------------------------------------- */

enum kind {
    WORD_TEXT,
    WORD_NUMBER,
    WORD_TRUTH,
    WORD_DATE,
    WORD_TECHNIQUE,
    WORD_RULE, /* or a step of re-planning, which warns too */
    WORD_FACT,
    WORD_FACT_ASKED,
    WORD_ATTRIBUTE,
    WORD_EVIDENCE,
    WORD_COURSE,
    WORD_REPLAN,
    WORD_ADJUSTMENT,
    WORD_NO_COURSE,
    WORD_MOD_KIND,
    WORD_MOD_VALUE,
    WORD_IGNORED,
    WORD_ANSWER_TYPE,
    WORD_SCOPE,
    WORD_REGION,
    WORD_SYSTEM,
    WORD_VERSION,
    WORD_DIGEST,
    WORD_POINTER,
    WORD_CLEARANCE,
    WORD_FINDING,
};

/* In order of path. A "[]" stands for any item; words of a vocabulary name it instead of a kind. */
struct place {
    const char *path;
    enum kind kind;
    const struct vocabulary *words;
};

#define VOCABULARY(stem) WORD_TEXT, &stem##_vocabulary
static const struct place known_places[] = {
    { "/as_of", WORD_DATE, NULL },
    { "/booking", VOCABULARY(booking) },
    { "/catalogue/digest", WORD_DIGEST, NULL },
    { "/catalogue/version", WORD_VERSION, NULL },
    { "/complete", WORD_TRUTH, NULL },
    { "/conflicts/[]/fact", WORD_FACT, NULL },
    { "/conflicts/[]/pointers/[]", WORD_FINDING, NULL },
    { "/conflicts/[]/state", VOCABULARY(finding_state) },
    { "/course/adjustments/[]", WORD_ADJUSTMENT, NULL },
    { "/course/advice/[]", WORD_TEXT, NULL },
    { "/course/certainty", VOCABULARY(certainty) },
    { "/course/co_care/[]", WORD_TEXT, NULL },
    { "/course/evidence/[]/certainty", VOCABULARY(certainty) },
    { "/course/evidence/[]/citation", WORD_TEXT, NULL },
    { "/course/evidence/[]/id", WORD_EVIDENCE, NULL },
    { "/course/evidence/[]/url", WORD_TEXT, NULL },
    { "/course/expected_change", WORD_TEXT, NULL },
    { "/course/first_session/minutes", WORD_NUMBER, NULL },
    { "/course/first_session/pressure", WORD_NUMBER, NULL },
    { "/course/first_session/technique", WORD_TECHNIQUE, NULL },
    { "/course/id", WORD_COURSE, NULL },
    { "/course/if_improving", WORD_TEXT, NULL },
    { "/course/if_unchanged", WORD_TEXT, NULL },
    { "/course/if_worse", WORD_TEXT, NULL },
    { "/course/phases/[]/dates/[]", WORD_DATE, NULL },
    { "/course/phases/[]/focus/[]", VOCABULARY(region) },
    { "/course/phases/[]/intent", WORD_TEXT, NULL },
    { "/course/phases/[]/minutes", WORD_NUMBER, NULL },
    { "/course/phases/[]/name", WORD_TEXT, NULL },
    { "/course/phases/[]/only_if", WORD_TEXT, NULL },
    { "/course/phases/[]/per_week", WORD_NUMBER, NULL },
    { "/course/phases/[]/pressure", WORD_NUMBER, NULL },
    { "/course/phases/[]/sessions", WORD_NUMBER, NULL },
    { "/course/reassess_after_sessions", WORD_NUMBER, NULL },
    { "/course/replan", WORD_REPLAN, NULL },
    { "/course/replan_also/[]", WORD_REPLAN, NULL },
    { "/course/replan_message", WORD_TEXT, NULL },
    { "/course/self_care/[]", WORD_TEXT, NULL },
    { "/course/stop_if/[]", WORD_TEXT, NULL },
    { "/course/technique", WORD_TECHNIQUE, NULL },
    { "/course/title", WORD_TEXT, NULL },
    { "/course/total_sessions", WORD_NUMBER, NULL },
    { "/course/weeks", WORD_NUMBER, NULL },
    { "/disposition", VOCABULARY(disposition) },
    { "/ignored/[]/pointer", WORD_POINTER, NULL },
    { "/ignored/[]/reason", WORD_IGNORED, NULL },
    { "/no_course_because", WORD_NO_COURSE, NULL },
    { "/no_course_reason", WORD_TEXT, NULL },
    { "/outdated/[]/fact", WORD_FACT, NULL },
    { "/outdated/[]/pointer", WORD_FINDING, NULL },
    { "/questions/[]/attribute", WORD_ATTRIBUTE, NULL },
    { "/questions/[]/choices/[]", WORD_TEXT, NULL },
    { "/questions/[]/could_change/disposition", VOCABULARY(disposition) },
    { "/questions/[]/could_change/modifications", WORD_TRUTH, NULL },
    { "/questions/[]/could_change/techniques/[]", WORD_TECHNIQUE, NULL },
    { "/questions/[]/could_change/verdict", VOCABULARY(verdict) },
    { "/questions/[]/covers/[]", WORD_FACT, NULL },
    { "/questions/[]/fact", WORD_FACT_ASKED, NULL },
    { "/questions/[]/findings/[]", WORD_FINDING, NULL },
    { "/questions/[]/gate", WORD_TRUTH, NULL },
    { "/questions/[]/label", WORD_TEXT, NULL },
    { "/questions/[]/max", WORD_NUMBER, NULL },
    { "/questions/[]/min", WORD_NUMBER, NULL },
    { "/questions/[]/text", WORD_TEXT, NULL },
    { "/questions/[]/type", WORD_ANSWER_TYPE, NULL },
    { "/questions/[]/unit", WORD_TEXT, NULL },
    { "/techniques/[]/because/[]", WORD_RULE, NULL },
    { "/techniques/[]/cannot_change/[]", WORD_RULE, NULL },
    { "/techniques/[]/code", WORD_TECHNIQUE, NULL },
    { "/techniques/[]/could_become", VOCABULARY(verdict) },
    { "/techniques/[]/earliest_date", WORD_DATE, NULL },
    { "/techniques/[]/modifications/[]/kind", WORD_MOD_KIND, NULL },
    { "/techniques/[]/modifications/[]/places/[]/region", VOCABULARY(region) },
    { "/techniques/[]/modifications/[]/places/[]/side", VOCABULARY(side) },
    { "/techniques/[]/modifications/[]/regions/[]", VOCABULARY(region) },
    { "/techniques/[]/modifications/[]/value", WORD_MOD_VALUE, NULL },
    { "/techniques/[]/modifications/[]/value/[]", WORD_REGION, NULL },
    { "/techniques/[]/more_would_allow", WORD_TRUTH, NULL },
    { "/techniques/[]/name", WORD_TEXT, NULL },
    { "/techniques/[]/not_offered", WORD_TRUTH, NULL },
    { "/techniques/[]/verdict", VOCABULARY(verdict) },
    { "/techniques/[]/would_allow/[]/answers/[]/answer", WORD_TEXT, NULL },
    { "/techniques/[]/would_allow/[]/answers/[]/attribute", WORD_ATTRIBUTE, NULL },
    { "/techniques/[]/would_allow/[]/answers/[]/fact", WORD_FACT_ASKED, NULL },
    { "/techniques/[]/would_allow/[]/clearances/[]/by", VOCABULARY(clearer) },
    { "/techniques/[]/would_allow/[]/clearances/[]/for", WORD_FACT, NULL },
    { "/techniques/[]/would_allow/[]/date", WORD_DATE, NULL },
    { "/unrecognised/[]/code", WORD_TEXT, NULL },
    { "/unrecognised/[]/pointer", WORD_FINDING, NULL },
    { "/unrecognised/[]/system", WORD_SYSTEM, NULL },
    { "/warnings/[]/action", WORD_TEXT, NULL },
    { "/warnings/[]/certainty", VOCABULARY(certainty) },
    { "/warnings/[]/clearable_by", VOCABULARY(clearer) },
    { "/warnings/[]/clearance_for/[]", WORD_FACT, NULL },
    { "/warnings/[]/cleared", WORD_TRUTH, NULL },
    { "/warnings/[]/cleared_by/[]", WORD_CLEARANCE, NULL },
    { "/warnings/[]/code", WORD_RULE, NULL },
    { "/warnings/[]/disposition", VOCABULARY(disposition) },
    { "/warnings/[]/effect", VOCABULARY(verdict) },
    { "/warnings/[]/evidence/[]/certainty", VOCABULARY(certainty) },
    { "/warnings/[]/evidence/[]/citation", WORD_TEXT, NULL },
    { "/warnings/[]/evidence/[]/id", WORD_EVIDENCE, NULL },
    { "/warnings/[]/evidence/[]/url", WORD_TEXT, NULL },
    { "/warnings/[]/message", WORD_TEXT, NULL },
    { "/warnings/[]/note", WORD_TEXT, NULL },
    { "/warnings/[]/places/[]/region", VOCABULARY(region) },
    { "/warnings/[]/places/[]/side", VOCABULARY(side) },
    { "/warnings/[]/rationale", WORD_TEXT, NULL },
    { "/warnings/[]/regions/[]", VOCABULARY(region) },
    { "/warnings/[]/scope", WORD_SCOPE, NULL },
    { "/warnings/[]/severity", VOCABULARY(severity) },
    { "/warnings/[]/triggered_by/[]", WORD_POINTER, NULL },
};

static int by_path(const void *path, const void *place)
{
    return strcmp(path, ((const struct place *)place)->path);
}

/* ---- is it one? ------------------------------------------------------------------------------------------- */

struct reading {
    struct trial *t;
    const json_t *request;
    bool pointers; /* pointers alone, or all but them */
};

static const json_t *follow(const json_t *at, const char *pointer)
{
    char copy[200];
    (void)snprintf(copy, sizeof(copy), "%s", pointer);
    if (*pointer != '/')
        return NULL;
    for (char *rest = copy, *step; at && (step = strtok_r(rest, "/", &rest));)
        at = json_is_array(at) ? json_array_get(at, strtoul(step, NULL, 10)) : json_object_get(at, step);
    return at;
}

static bool is_replan(const struct catalogue *cat, struct str id)
{
    for (uint32_t i = 0; i < cat->n_replans; i++)
        if (str_eq(cat->replans[i].id, id))
            return true;
    return false;
}

static bool is_adjustment(const struct catalogue *cat, struct str id)
{
    for (uint32_t i = 0; i < cat->n_adjustments; i++)
        if (str_eq(cat->adjustments[i].id, id))
            return true;
    return false;
}

static bool is_course(const struct catalogue *cat, struct str id)
{
    for (uint32_t i = 0; i < cat->n_courses; i++)
        if (str_eq(cat->courses[i].id, id))
            return true;
    return false;
}

static bool is_one_of(struct str word, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(word, str_of(words[i])))
            return true;
    return false;
}

static bool is_ignored_reason(struct str word)
{
    for (int i = 0; i < IGNORED_COUNT_; i++)
        if (str_eq(word, str_of(ignored_name((enum ignored_reason)i))))
            return true;
    return false;
}

static bool is_answer_type(struct str word)
{
    for (int i = 0; i < ANSWER_TYPE_COUNT_; i++)
        if (str_eq(word, str_of(answer_type_name((enum answer_type)i))))
            return true;
    return false;
}

static bool is_option(const struct catalogue *cat, struct str word)
{
    for (int kind = 0; kind < MOD_COUNT_; kind++)
        for (uint8_t i = 0; i < cat->n_options[kind]; i++)
            if (str_eq(cat->options[kind][i], word))
                return true;
    return false;
}

static bool is_of_catalogue(const struct catalogue *cat, enum kind kind, struct str word)
{
    static const char *const no_course[] = { "disposition", "no_matching_course", "no_technique", "area_avoided",
                                             "course_completed" };
    static const char *const asked[] = { "sex", "pain_max" };
    switch (kind) {
    case WORD_TECHNIQUE:
        return catalogue_find_technique(cat, word) >= 0;
    case WORD_RULE:
        return catalogue_find_rule(cat, word) >= 0 || is_replan(cat, word);
    case WORD_FACT:
        return catalogue_find_fact(cat, word) >= 0;
    case WORD_FACT_ASKED:
        return catalogue_find_fact(cat, word) >= 0 || is_one_of(word, asked, ARRAY_LEN(asked));
    case WORD_EVIDENCE:
        return catalogue_find_evidence(cat, word) != NULL;
    case WORD_COURSE:
        return is_course(cat, word);
    case WORD_REPLAN:
        return is_replan(cat, word);
    case WORD_ADJUSTMENT:
        return is_adjustment(cat, word);
    case WORD_NO_COURSE:
        return is_one_of(word, no_course, ARRAY_LEN(no_course)) || is_adjustment(cat, word) || is_replan(cat, word);
    case WORD_SYSTEM:
        return catalogue_find_system(cat, word) != NULL;
    case WORD_VERSION:
        return str_eq(word, cat->version);
    case WORD_DIGEST:
        return str_eq(word, str_of(cat->digest));
    case WORD_MOD_VALUE:
        return is_option(cat, word);
    default:
        return false;
    }
}

static bool is_word(const struct catalogue *cat, const struct place *place, struct str word)
{
    static const char *const scopes[] = { "systemic", "regional" };
    enum attribute a;
    enum mod_kind m;
    int32_t day;
    if (place->words)
        return vocabulary_find(place->words, word) >= 0;
    switch (place->kind) {
    case WORD_TEXT:
        return word.n > 0;
    case WORD_DATE:
        return date_parse(word, &day);
    case WORD_ATTRIBUTE:
        return attribute_from_name(word, &a);
    case WORD_MOD_KIND:
        return mod_kind_from_name(word, &m);
    case WORD_IGNORED:
        return is_ignored_reason(word);
    case WORD_ANSWER_TYPE:
        return is_answer_type(word);
    case WORD_SCOPE:
        return is_one_of(word, scopes, ARRAY_LEN(scopes));
    case WORD_REGION:
        return vocabulary_find(&region_vocabulary, word) >= 0 || str_eq(word, STR("where_found"));
    default:
        return is_of_catalogue(cat, place->kind, word);
    }
}

/* A finding's pointer leads to one, a clearance's to one. */
static bool leads_there(const struct reading *r, const struct place *place, const char *pointer)
{
    const json_t *at = follow(r->request, pointer);
    if (place->kind == WORD_CLEARANCE)
        return strncmp(pointer, "/clearances/", 12) == 0 && json_object_get(at, "for");
    if (place->kind == WORD_FINDING)
        return json_object_get(at, "id") || json_object_get(at, "code");
    return at != NULL;
}

static bool look_at(struct reading *r, const char *path, const json_t *v)
{
    const struct place *place = bsearch(path, known_places, ARRAY_LEN(known_places), sizeof(known_places[0]), by_path);
    const char *text = json_string_value(v);
    if (!place)
        return wrong(r->t, "nothing is known of %s", path);
    bool pointer = place->kind >= WORD_POINTER;
    if (r->pointers != pointer)
        return true;
    r->t->counted[0]++;
    r->t->counted[1] += place->kind == WORD_CLEARANCE;
    if (place->kind == WORD_NUMBER)
        return json_is_number(v) ? true : wrong(r->t, "%s is not a number", path);
    if (place->kind == WORD_TRUTH)
        return json_is_boolean(v) ? true : wrong(r->t, "%s is neither true nor false", path);
    if (place->kind == WORD_MOD_VALUE && (json_is_true(v) || json_is_integer(v)))
        return true;
    if (!text || !(pointer ? leads_there(r, place, text) : is_word(r->t->cat, place, str_of(text))))
        return wrong(r->t, "%s is \"%s\"", path, text ? text : "not a text");
    return true;
}

enum { PATH_BYTES = 200 };

/* Answers are no deeper than their schema. */
static bool walk(struct reading *r, const char *path, json_t *v)
{
    char below[PATH_BYTES];
    const char *key;
    json_t *item;
    size_t i;
    if (json_is_array(v)) {
        (void)snprintf(below, sizeof(below), "%s/[]", path);
        json_array_foreach(v, i, item)
        {
            if (!walk(r, below, item))
                return false;
        }
        return true;
    }
    if (!json_is_object(v))
        return look_at(r, path, v);
    json_object_foreach(v, key, item)
    {
        (void)snprintf(below, sizeof(below), "%s/%s", path, key);
        if (!walk(r, below, item))
            return false;
    }
    return true;
}

static bool walk_answer(struct trial *t, bool pointers)
{
    if (!judge_text(t, &t->who, &t->a))
        return false;
    buf_reset(&t->request);
    write_request(&t->request, &t->who.s);
    json_t *answer = json_loadb(t->a.text.p, t->a.text.n, JSON_REJECT_DUPLICATES, NULL);
    json_t *request = json_loadb(t->request.p, t->request.n, JSON_REJECT_DUPLICATES, NULL);
    struct reading r = { t, request, pointers };
    bool good = json_is_object(answer) && request ? walk(&r, "", answer) : wrong(t, "the answer is not JSON");
    json_decref(answer);
    json_decref(request);
    return good;
}

bool words_are_known(struct trial *t)
{
    return walk_answer(t, false);
}

bool pointers_resolve(struct trial *t)
{
    return walk_answer(t, true);
}

/* Read and written again by another writer, the text is the same: no member is there twice, numbers are exact. */
bool is_json(struct trial *t)
{
    if (!judge_text(t, &t->who, &t->a))
        return false;
    json_error_t error;
    json_t *answer = json_loadb(t->a.text.p, t->a.text.n, JSON_REJECT_DUPLICATES, &error);
    if (!answer)
        return wrong(t, "%s at %d", error.text, error.position);
    char *again = json_dumps(answer, JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(15));
    bool same = again && str_eq(str_of(again), buf_str(&t->a.text));
    free(again);
    json_decref(answer);
    return same ? true : wrong(t, "read and written again, the answer is another");
}
