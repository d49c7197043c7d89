/* Builds a catalogue from its document: reads every part, resolves every name, compiles every condition, and reports
 * all faults at once. What is built is constant. */
#include "rules/rules_priv.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- reading helpers -------------------------------------------------------------------------------------- */

void *builder_array(struct builder *b, size_t n, size_t size)
{
    void *p = arena_alloc(&b->cat->arena, n, size);
    b->oom |= !p;
    return p;
}

struct str take_str(struct builder *b, const json_t *item, const char *member, const struct where *at)
{
    struct str s = { NULL, 0 };
    (void)json_read_str(json_object_get(item, member), TEXT_LEN_MAX, WHERE_MEMBER(at, str_of(member)), b->faults, &s);
    if (s.p) /* the faults' arena goes with them; the catalogue's stays */
        s = arena_str(&b->cat->arena, s);
    return s;
}

struct strs take_strs(struct builder *b, const json_t *item, const char *member, const struct where *at)
{
    const struct where *in = WHERE_MEMBER(at, str_of(member));
    const json_t *list = json_object_get(item, member);
    size_t n = json_read_array(list, 1000, in, b->faults), kept = 0;
    struct str *texts = BUILD_ARRAY(b, struct str, n);
    for (size_t i = 0; texts && i < n; i++) {
        struct str s = { NULL, 0 };
        if (json_read_str(json_array_get(list, i), TEXT_LEN_MAX, WHERE_INDEX(in, i), b->faults, &s))
            texts[kept++] = arena_str(&b->cat->arena, s);
    }
    return (struct strs){ texts, kept };
}

int32_t take_int(struct builder *b, const json_t *item, const char *member, int32_t min, int32_t max, int32_t otherwise,
                 const struct where *at)
{
    int32_t v = otherwise;
    (void)json_read_int(json_object_get(item, member), min, max, WHERE_MEMBER(at, str_of(member)), b->faults, &v);
    return v;
}

bool take_bool(struct builder *b, const json_t *item, const char *member, const struct where *at)
{
    bool v = false;
    (void)json_read_bool(json_object_get(item, member), WHERE_MEMBER(at, str_of(member)), b->faults, &v);
    return v;
}

int take_word(struct builder *b, const json_t *item, const char *member, const struct vocabulary *words, int otherwise,
              const struct where *at)
{
    int v = otherwise;
    (void)json_read_word(json_object_get(item, member), words, WHERE_MEMBER(at, str_of(member)), b->faults, &v);
    return v;
}

uint32_t take_words(struct builder *b, const json_t *item, const char *member, const struct vocabulary *words,
                    const struct where *at)
{
    const struct where *in = WHERE_MEMBER(at, str_of(member));
    const json_t *list = json_object_get(item, member);
    size_t n = json_read_array(list, 64, in, b->faults);
    uint32_t set = 0;
    for (size_t i = 0; i < n; i++) {
        int v;
        if (json_read_word(json_array_get(list, i), words, WHERE_INDEX(in, i), b->faults, &v))
            set |= UINT32_C(1) << v;
    }
    return set;
}

/* Reads a list of ids and resolves each; `find` gives -1 for what there is not. */
static uint32_t *take_ids(struct builder *b, const json_t *item, const char *member, const char *what,
                          int32_t (*find)(const struct catalogue *, struct str), uint32_t *ret_n,
                          const struct where *at)
{
    const struct where *in = WHERE_MEMBER(at, str_of(member));
    const json_t *list = json_object_get(item, member);
    size_t n = json_read_array(list, FACTS_LIMIT, in, b->faults), kept = 0;
    uint32_t *ids = BUILD_ARRAY(b, uint32_t, n);
    for (size_t i = 0; ids && i < n; i++) {
        struct str id;
        const struct where *here = WHERE_INDEX(in, i);
        if (!json_read_str(json_array_get(list, i), ID_LEN_MAX, here, b->faults, &id))
            continue;
        int32_t found = find(b->cat, id);
        bool twice = false;
        for (size_t k = 0; k < kept; k++)
            twice |= (int32_t)ids[k] == found;
        if (found < 0)
            fault_add(b->faults, FAULT_INVALID_REFERENCE, here, "add it to the catalogue, or name another",
                      "there is no %s \"%.*s\"", what, STR_ARGS(id));
        else if (twice)
            fault_add(b->faults, FAULT_DUPLICATE, here, "name it once", "\"%.*s\" stands twice", STR_ARGS(id));
        else
            ids[kept++] = (uint32_t)found;
    }
    *ret_n = (uint32_t)kept;
    return ids;
}

struct fact_list take_facts(struct builder *b, const json_t *item, const char *member, const struct where *at)
{
    struct fact_list list = { NULL, 0 };
    list.at = take_ids(b, item, member, "fact", catalogue_find_fact, &list.n, at);
    return list;
}

uint64_t take_technique_set(struct builder *b, const json_t *item, const char *member, const struct where *at)
{
    uint32_t n;
    const uint32_t *ids = take_ids(b, item, member, "technique", catalogue_find_technique, &n, at);
    uint64_t set = 0;
    for (uint32_t i = 0; ids && i < n; i++)
        set |= UINT64_C(1) << ids[i];
    return set;
}

uint8_t *take_technique_list(struct builder *b, const json_t *item, const char *member, uint32_t *ret_n,
                             const struct where *at)
{
    const uint32_t *ids = take_ids(b, item, member, "technique", catalogue_find_technique, ret_n, at);
    uint8_t *list = BUILD_ARRAY(b, uint8_t, *ret_n);
    for (uint32_t i = 0; ids && list && i < *ret_n; i++)
        list[i] = (uint8_t)ids[i];
    return list;
}

/* Items in bytewise order of their ids, for lookups. */
struct id_order {
    const struct str *ids;
};

static int by_id(const void *a, const void *b, void *ids)
{
    const struct str *s = ids;
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    int c = str_cmp(s[x], s[y]);
    return c ? c : (x > y) - (x < y);
}

const uint32_t *index_by_id(struct builder *b, const struct str *ids, uint32_t n, const char *what)
{
    uint32_t *order = BUILD_ARRAY(b, uint32_t, n);
    for (uint32_t i = 0; order && i < n; i++)
        order[i] = i;
    if (order)
        qsort_r(order, n, sizeof(order[0]), by_id, (void *)ids);
    for (uint32_t i = 1; order && i < n; i++) {
        if (ids[order[i]].n && str_eq(ids[order[i]], ids[order[i - 1]])) {
            b->faults->item = ids[order[i]];
            fault_add(b->faults, FAULT_DUPLICATE, NULL, "give each its own id", "two %s have this id", what);
        }
    }
    return order;
}

/* ---- lookups ---------------------------------------------------------------------------------------------- */

int32_t catalogue_find_fact(const struct catalogue *cat, struct str id)
{
    uint32_t lo = 0, hi = cat->fact_index ? cat->n_facts : 0;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        int c = str_cmp(cat->facts[cat->fact_index[mid]].id, id);
        if (c == 0)
            return (int32_t)cat->fact_index[mid];
        if (c < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return -1;
}

int32_t catalogue_find_rule(const struct catalogue *cat, struct str id)
{
    uint32_t lo = 0, hi = cat->rule_index ? cat->n_rules : 0;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        int c = str_cmp(cat->rules[cat->rule_index[mid]].id, id);
        if (c == 0)
            return (int32_t)cat->rule_index[mid];
        if (c < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return -1;
}

int32_t catalogue_find_technique(const struct catalogue *cat, struct str code)
{
    for (uint32_t i = 0; i < cat->n_techniques; i++)
        if (str_eq(cat->techniques[i].code, code))
            return (int32_t)i;
    return -1;
}

const struct evidence_item *catalogue_find_evidence(const struct catalogue *cat, struct str id)
{
    uint32_t lo = 0, hi = cat->n_evidence_ids;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        int c = str_cmp(cat->evidence[mid].id, id);
        if (c == 0)
            return &cat->evidence[mid];
        if (c < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return NULL;
}

const struct code_system *catalogue_find_system(const struct catalogue *cat, struct str name)
{
    for (uint32_t i = 0; i < cat->n_systems; i++)
        if (str_eq(cat->systems[i].name, name))
            return &cat->systems[i];
    return NULL;
}

/* The code without dots and in upper case; every prefix of it is a prefix in the table's form. */
struct fact_list code_system_lookup(const struct code_system *system, struct str code)
{
    char plain[CODE_LEN_MAX];
    size_t n = 0;
    for (size_t i = 0; i < code.n && n < sizeof(plain); i++)
        if (code.p[i] != '.')
            plain[n++] = (char)(code.p[i] >= 'a' && code.p[i] <= 'z' ? code.p[i] - 'a' + 'A' : code.p[i]);
    for (; n > 0; n--) { /* the longest first */
        struct str prefix = { plain, n };
        uint32_t lo = 0, hi = system->n_codings;
        while (lo < hi) {
            uint32_t mid = lo + (hi - lo) / 2;
            int c = str_cmp(system->codings[mid].prefix, prefix);
            if (c == 0)
                return system->codings[mid].facts;
            if (c < 0)
                lo = mid + 1;
            else
                hi = mid;
        }
    }
    return (struct fact_list){ NULL, 0 };
}

/* ---- the whole -------------------------------------------------------------------------------------------- */

static const struct json_member document_members[] = {
    { "name", true },       { "version", true },     { "title", true },      { "language", true },
    { "review", false },    { "definitions", true }, { "attributes", true }, { "facts", true },
    { "techniques", true }, { "rules", true },       { "courses", true },    { "adjustments", true },
    { "replanning", true }, { "evidence", true },    { "texts", false },
};

static void read_head(struct builder *b)
{
    struct catalogue *cat = b->cat;
    cat->name = take_str(b, b->doc, "name", NULL);
    cat->version = take_str(b, b->doc, "version", NULL);
    cat->title = take_str(b, b->doc, "title", NULL);
    if (cat->version.n > ID_LEN_MAX)
        fault_add(b->faults, FAULT_TOO_LONG, WHERE_MEMBER(NULL, STR("version")), "send 1 to 64 characters",
                  "the version's name is too long");
    struct str language = take_str(b, b->doc, "language", NULL);
    if (language.p && !str_eq(language, STR("en")))
        fault_add(b->faults, FAULT_UNKNOWN_VALUE, WHERE_MEMBER(NULL, STR("language")), "send en",
                  "the texts beside the rules are English; other languages stand under texts");
}

/* What is asked about attributes, and about the two derived variables that can be unknown. */
static void read_attributes(struct builder *b)
{
    static const struct json_member members[] = { { "id", true }, { "question", true } };
    const struct where *at = WHERE_MEMBER(NULL, STR("attributes"));
    const json_t *list = json_object_get(b->doc, "attributes");
    size_t n = json_read_array(list, 100, at, b->faults);
    for (size_t i = 0; i < n; i++) {
        const json_t *item = json_array_get(list, i);
        const struct where *in = WHERE_INDEX(at, i);
        enum attribute a;
        if (!json_read_object(item, members, ARRAY_LEN(members), in, b->faults))
            continue;
        struct str id = take_str(b, item, "id", in), question = take_str(b, item, "question", in);
        if (attribute_from_name(id, &a))
            b->cat->attribute_question[a] = question;
        else if (str_eq(id, STR("sex")))
            b->cat->sex_question = question;
        else if (str_eq(id, STR("pain_max")))
            b->cat->pain_question = question;
        else
            fault_add(b->faults, FAULT_UNKNOWN_ID, in, "see the contract for the attributes",
                      "there is no attribute of this name");
    }
    for (int a = 0; a < ATTR_COUNT_; a++)
        if (!b->cat->attribute_question[a].p)
            fault_add(b->faults, FAULT_MISSING_MEMBER, at, "add it", "the attribute %.*s has no question",
                      STR_ARGS(attribute_table[a].name));
    if (!b->cat->sex_question.p || !b->cat->pain_question.p)
        fault_add(b->faults, FAULT_MISSING_MEMBER, at, "add it", "sex or pain_max has no question");
}

/* Sorts the rules' terms by the first fact each needs, so that a decision looks only at those of facts that are not
 * absent, and at those that need none. */
static void index_terms(struct builder *b)
{
    struct catalogue *cat = b->cat;
    uint32_t n = 0;
    for (uint32_t r = 0; r < cat->n_rules; r++)
        n += cat->rules[r].when.n_terms;
    uint32_t *bounds = BUILD_ARRAY(b, uint32_t, cat->n_facts + 2);
    uint32_t *fill = BUILD_ARRAY(b, uint32_t, cat->n_facts + 2);
    cat->rule_terms = BUILD_ARRAY(b, struct rule_term, n);
    if (b->oom)
        return;
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t r = 0; r < cat->n_rules; r++) {
            const struct cond *c = &cat->rules[r].when;
            for (uint32_t t = c->terms; t < c->terms + c->n_terms; t++) {
                const struct term *term = &cat->pool.terms[t];
                uint32_t key = term->n_needs ? cat->pool.needs[term->needs].fact : cat->n_facts;
                if (pass == 0)
                    bounds[key + 1]++;
                else
                    cat->rule_terms[fill[key]++] = (struct rule_term){ r, t };
            }
        }
        for (uint32_t i = 0; pass == 0 && i <= cat->n_facts; i++) {
            bounds[i + 1] += bounds[i];
            fill[i + 1] = bounds[i + 1];
        }
    }
    cat->terms_by_fact = bounds;
}

/* Which techniques have a name in which language. */
static void read_languages(struct builder *b)
{
    struct catalogue *cat = b->cat;
    json_t *texts = json_object_get(b->doc, "texts"), *of_language;
    const char *id;
    cat->languages = BUILD_ARRAY(b, struct language, json_object_size(texts));
    if (!cat->languages)
        return;
    json_object_foreach(texts, id, of_language)
    {
        struct language *l = &cat->languages[cat->n_languages++];
        const json_t *names = json_object_get(of_language, "techniques");
        l->id = arena_str(&cat->arena, str_of(id));
        for (uint32_t i = 0; i < cat->n_techniques; i++) {
            struct str code = cat->techniques[i].code;
            if (code.p && json_is_string(json_object_get(json_object_getn(names, code.p, code.n), "name")))
                l->techniques |= UINT64_C(1) << i;
        }
    }
}

static void read_document(struct builder *b)
{
    read_head(b);
    read_attributes(b);
    read_definitions(b);
    read_facts(b);
    b->conds.cat = b->cat;
    b->conds.faults = b->faults;
    read_ask_if(b);
    read_evidence(b);
    read_techniques(b);
    read_languages(b);
    read_rules(b);
    read_courses(b);
    read_adjustments(b);
    read_replans(b);
    b->oom |= b->conds.oom;
    cond_pool_finish(&b->conds);
    if (!b->oom && b->faults->total == 0) {
        index_terms(b);
        build_resources(b);
    }
}

enum rc catalogue_new(const struct source_doc *doc, struct catalogue **ret, struct faults *faults, struct error *reterr)
{
    CLEANUP(json_decrefp) json_t *json = json_parse(doc->text, reterr);
    if (!json && reterr && reterr->code == RC_OOM)
        return RC_OOM;
    if (!json)
        return error_set(reterr, RC_CATALOGUE_INVALID, "the catalogue's document is not readable");
    CLEANUP(catalogue_unrefp) struct catalogue *cat = calloc(1, sizeof(*cat));
    if (!cat)
        return error_oom(reterr);
    arena_init(&cat->arena, 0);
    atomic_init(&cat->references, 1);
    memcpy(cat->digest, doc->digest, sizeof(cat->digest));
    size_t before = faults->total;
    struct builder b = { .cat = cat, .faults = faults, .doc = json };
    if (json_read_object(json, document_members, ARRAY_LEN(document_members), NULL, faults) || json_is_object(json))
        read_document(&b);
    faults->item = (struct str){ NULL, 0 };
    if (b.oom || cat->arena.exhausted || faults->arena->exhausted)
        return error_oom(reterr);
    if (faults->total != before)
        return error_set(reterr, RC_CATALOGUE_INVALID, "the catalogue has %zu fault%s", faults->total - before,
                         faults->total - before == 1 ? "" : "s");
    *ret = TAKE(cat);
    return RC_OK;
}

struct catalogue *catalogue_ref(struct catalogue *cat)
{
    if (cat)
        atomic_fetch_add_explicit(&cat->references, 1, memory_order_relaxed);
    return cat;
}

void catalogue_unref(struct catalogue *cat)
{
    if (cat && atomic_fetch_sub_explicit(&cat->references, 1, memory_order_acq_rel) == 1) {
        arena_done(&cat->arena);
        free(cat);
    }
}
