/* What is served of the catalogue itself: JSON texts made once, when a catalogue is built.
 *
 * In the generator-safe form of the contract: nothing is null, no member changes its type, no maps with free keys.
 * A condition is a string that holds its JsonLogic. */
#include "rules/rules_priv.h"

#include <stdlib.h>

static struct str dump(struct builder *b, json_t *v)
{
    char *text = v ? json_dumps(v, JSON_COMPACT | JSON_REAL_PRECISION(15)) : NULL;
    struct str s = { NULL, 0 };
    if (text)
        s = arena_str(&b->cat->arena, str_of(text));
    b->oom |= !s.p;
    free(text);
    json_decref(v);
    return s;
}

static void put(struct builder *b, json_t *to, const char *member, json_t *v)
{
    b->oom |= json_object_set_new(to, member, v) != 0;
}

static void append(struct builder *b, json_t *to, json_t *v)
{
    b->oom |= json_array_append_new(to, v) != 0;
}

static json_t *text(struct str s)
{
    return json_stringn(s.p, s.n);
}

/* Copies members that are there; false, null and empty were left out of the document. */
static void copy(struct builder *b, json_t *to, const json_t *from, const char *const *members, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        json_t *v = json_object_get(from, members[i]);
        if (v)
            b->oom |= json_object_set(to, members[i], v) != 0;
    }
}

static void put_condition(struct builder *b, json_t *to, const char *member, const json_t *from)
{
    const json_t *v = json_object_get(from, member);
    char *s = v ? json_dumps(v, JSON_COMPACT) : NULL;
    if (s)
        put(b, to, member, json_string(s));
    b->oom |= v && !s;
    free(s);
}

static json_t *catalogue_ref_json(struct builder *b)
{
    json_t *o = json_object();
    put(b, o, "version", text(b->cat->version));
    put(b, o, "digest", json_string(b->cat->digest));
    return o;
}

static json_t *sources_json(struct builder *b, const struct source *sources, uint32_t n)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < n; i++) {
        json_t *o = json_object();
        put(b, o, "id", text(sources[i].id));
        put(b, o, "citation", text(sources[i].citation));
        put(b, o, "certainty", text(certainty_name(sources[i].certainty)));
        if (sources[i].url.p)
            put(b, o, "url", text(sources[i].url));
        append(b, list, o);
    }
    return list;
}

/* ---- in other languages ----------------------------------------------------------------------------------- */

/* What a language says of a section's items, by id; NULL: nothing. */
static const json_t *said_in(const struct builder *b, const struct language *l, const char *section)
{
    return json_object_get(json_object_get(json_object_get(b->doc, "texts"), l->tag.p), section);
}

/* An item with what is said of it over the own texts. */
static json_t *said_json(struct builder *b, const json_t *item, const json_t *words)
{
    json_t *o = json_copy((json_t *)item), *text;
    const char *member;
    json_object_foreach((json_t *)words, member, text)
    {
        const char *as = strcmp(member, "never_offered") == 0 ? "never_offered_because" : member;
        if (json_object_get(o, as))
            b->oom |= json_object_set(o, as, text) != 0;
    }
    return o;
}

static json_t *said_list(struct builder *b, const json_t *list, const json_t *said)
{
    json_t *out = json_array(), *item;
    size_t i;
    json_array_foreach(list, i, item)
    {
        const json_t *id = json_object_get(item, "id");
        const json_t *words = json_object_get(said, json_string_value(id ? id : json_object_get(item, "code")));
        append(b, out, words ? said_json(b, item, words) : json_incref(item));
    }
    return out;
}

/* Dumps `o`, whose members `sections` are lists of items, in every language, to the place of a language's struct that
 * `offset` gives. Languages that say nothing of them share the own text. */
static void dump_in_languages(struct builder *b, json_t *o, const char *const *sections, size_t n, size_t offset)
{
    struct language *own = b->cat->languages;
    struct str first = dump(b, json_incref(o));
    for (struct language *l = own; l < own + b->cat->n_languages; l++) {
        struct str resource = first;
        json_t *said = NULL;
        for (size_t i = 0; l != own && i < n; i++) {
            if (!said_in(b, l, sections[i]))
                continue;
            said = said ? said : json_copy(o);
            put(b, said, sections[i], said_list(b, json_object_get(o, sections[i]), said_in(b, l, sections[i])));
        }
        if (said)
            resource = dump(b, said);
        memcpy((char *)l + offset, &resource, sizeof(resource));
    }
    json_decref(o);
}

/* Names in other languages, as a list of {language, text}. */
static json_t *translations(struct builder *b, const char *kind, struct str id, const char *member)
{
    json_t *texts = json_object_get(b->doc, "texts"), *list = json_array(), *of_language;
    const char *language;
    json_object_foreach(texts, language, of_language)
    {
        char key[ID_LEN_MAX + 1];
        json_t *items = json_object_get(of_language, kind), *value;
        if (id.n >= sizeof(key))
            continue;
        memcpy(key, id.p, id.n);
        key[id.n] = '\0';
        value = json_object_get(json_object_get(items, key), member);
        if (value) {
            json_t *o = json_object();
            put(b, o, "language", json_string(language));
            b->oom |= json_object_set(o, "text", value) != 0;
            append(b, list, o);
        }
    }
    return list;
}

/* ---- facts ------------------------------------------------------------------------------------------------ */

static json_t *attribute_json(struct builder *b, enum attribute a)
{
    const struct attribute_info *info = &attribute_table[a];
    const struct vocabulary *words = info->type == VALUE_REGION ? &region_vocabulary
                                     : info->type == VALUE_SIDE ? &side_vocabulary
                                                                : NULL;
    json_t *o = json_object();
    put(b, o, "id", text(info->name));
    put(b, o, "question", text(b->cat->attribute_question[a]));
    put(b, o, "type",
        json_string(words                         ? "choice"
                    : info->type == VALUE_DATE    ? "date"
                    : info->type == VALUE_BOOLEAN ? "boolean"
                                                  : "integer"));
    if (info->type == VALUE_INTEGER) {
        put(b, o, "min", json_integer(info->min));
        put(b, o, "max", json_integer(info->max));
        if (info->unit.n)
            put(b, o, "unit", text(info->unit));
    }
    if (words) {
        json_t *choices = json_array();
        for (size_t i = 0; i < words->n; i++)
            append(b, choices, text(words->names[i]));
        put(b, o, "choices", choices);
    }
    return o;
}

static json_t *codings_json(struct builder *b, const json_t *item)
{
    json_t *list = json_array(), *prefixes, *codes = json_object_get(item, "codes");
    const char *system;
    json_object_foreach(codes, system, prefixes)
    {
        json_t *o = json_object();
        put(b, o, "system", json_string(system));
        b->oom |= json_object_set(o, "prefixes", prefixes) != 0;
        append(b, list, o);
    }
    return list;
}

static json_t *fact_json(struct builder *b, uint32_t i, const json_t *item)
{
    static const char *const plain[] = {
        "id",         "kind",       "group",   "label",  "question",       "answer_meaning",   "gate",
        "attributes", "valid_days", "implies", "covers", "clearance_only", "complaint_regions"
    };
    const struct fact *f = &b->cat->facts[i];
    json_t *o = json_object();
    put(b, o, "order", json_integer(i));
    copy(b, o, item, plain, ARRAY_LEN(plain));
    if (!f->clearance_only)
        put(b, o, "type", json_string("state"));
    if (f->umbrella != FACT_NONE)
        put(b, o, "covered_by", text(b->cat->facts[f->umbrella].id));
    put_condition(b, o, "ask_if", item);
    put(b, o, "codings", codings_json(b, item));
    return o;
}

static void build_facts(struct builder *b)
{
    static const char *const sections[] = { "facts", "attributes" };
    json_t *o = json_object(), *facts = json_array(), *attributes = json_array();
    const json_t *list = json_object_get(b->doc, "facts");
    put(b, o, "catalogue", catalogue_ref_json(b));
    for (uint32_t i = 0; i < b->cat->n_facts; i++) {
        json_t *f = fact_json(b, i, json_array_get(list, i));
        append(b, facts, json_incref(f));
        b->cat->facts[i].resource = dump(b, f);
    }
    for (int a = 0; a < ATTR_COUNT_; a++)
        append(b, attributes, attribute_json(b, a));
    put(b, o, "facts", facts);
    put(b, o, "attributes", attributes);
    dump_in_languages(b, o, sections, ARRAY_LEN(sections), offsetof(struct language, resource_facts));
    b->cat->resource_facts = b->cat->languages[0].resource_facts;
}

/* ---- techniques ------------------------------------------------------------------------------------------- */

static json_t *technique_json(struct builder *b, uint32_t i, const json_t *item)
{
    static const char *const plain[] = {
        "code",   "kind",      "name",      "summary",  "pressure",        "min_pressure",
        "traits", "essential", "positions", "good_for", "default_offered", "notes"
    };
    const struct technique *t = &b->cat->techniques[i];
    json_t *o = json_object(), *never = json_object_get(item, "never_offered");
    uint32_t n;
    copy(b, o, item, plain, ARRAY_LEN(plain));
    put(b, o, "names", translations(b, "techniques", t->code, "name"));
    put(b, o, "minutes_min", json_integer(t->minutes_min));
    put(b, o, "minutes_max", json_integer(t->minutes_max));
    if (never) {
        put(b, o, "never_offered", json_true());
        b->oom |= json_object_set(o, "never_offered_because", never) != 0;
    }
    put_condition(b, o, "offer_when", item);
    const struct source *sources = take_evidence(b, item, &n, NULL);
    put(b, o, "evidence", sources_json(b, sources, n));
    return o;
}

static void build_techniques(struct builder *b)
{
    static const char *const sections[] = { "techniques" };
    json_t *o = json_object(), *techniques = json_array();
    const json_t *list = json_object_get(b->doc, "techniques");
    put(b, o, "catalogue", catalogue_ref_json(b));
    for (uint32_t i = 0; i < b->cat->n_techniques; i++)
        append(b, techniques, technique_json(b, i, json_array_get(list, i)));
    put(b, o, "techniques", techniques);
    dump_in_languages(b, o, sections, ARRAY_LEN(sections), offsetof(struct language, resource_techniques));
    b->cat->resource_techniques = b->cat->languages[0].resource_techniques;
}

/* ---- rules and evidence ----------------------------------------------------------------------------------- */

/* `value` keeps one type for each kind: the places of avoid_region are a list, also where a word stands for them. */
static json_t *modifications_json(struct builder *b, const json_t *list)
{
    json_t *mods = json_array();
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *mod = json_copy(json_array_get(list, i)), *value = json_object_get(mod, "value");
        const char *kind = json_string_value(json_object_get(mod, "kind"));
        if (kind && strcmp(kind, "avoid_region") == 0 && json_is_string(value))
            put(b, mod, "value", json_pack("[O]", value));
        append(b, mods, mod);
    }
    return mods;
}

static json_t *rule_json(struct builder *b, const struct rule *r, const json_t *item)
{
    static const char *const plain[] = { "id",           "topic",         "effect",         "disposition", "severity",
                                         "message",      "note",          "action",         "rationale",   "certainty",
                                         "clearable_by", "clearance_for", "cleared_effect", "acute",       "review" };
    json_t *o = json_object(), *techniques = json_array(), *regions = json_object_get(item, "regions");
    put(b, o, "catalogue", catalogue_ref_json(b));
    copy(b, o, item, plain, ARRAY_LEN(plain));
    if (json_object_get(item, "modifications"))
        put(b, o, "modifications", modifications_json(b, json_object_get(item, "modifications")));
    put_condition(b, o, "when", item);
    put_condition(b, o, "target", item);
    for (uint32_t i = 0; i < b->cat->n_techniques; i++)
        if (r->targets >> i & 1)
            append(b, techniques, text(b->cat->techniques[i].code));
    put(b, o, "techniques", techniques);
    put(b, o, "if_unknown", json_string(r->hold ? "hold" : "ask"));
    put(b, o, "scope", json_string(r->scope == RULE_SYSTEMIC ? "systemic" : "regional"));
    if (r->scope == RULE_REGIONS)
        b->oom |= json_object_set(o, "regions", regions) != 0;
    if (r->scope == RULE_WHERE_FOUND)
        put(b, o, "where_found", json_true());
    put(b, o, "evidence", sources_json(b, r->evidence, r->n_evidence));
    return o;
}

/* One rule in every language; those that say nothing of it share the own text. */
static void build_rule(struct builder *b, struct rule *r, uint32_t i, const json_t *item)
{
    struct language *own = b->cat->languages;
    json_t *o = rule_json(b, r, item);
    r->resource = dump(b, json_incref(o));
    for (struct language *l = own; l < own + b->cat->n_languages; l++) {
        const json_t *words = l == own ? NULL : json_object_get(said_in(b, l, "rules"), r->id.p);
        l->rule_resources[i] = words ? dump(b, said_json(b, o, words)) : r->resource;
    }
    json_decref(o);
}

static void build_rules(struct builder *b)
{
    static const char *const sections[] = { "rules" };
    static const char *const brief[] = {
        "id", "topic", "effect", "disposition", "severity", "message", "clearable_by"
    };
    json_t *o = json_object(), *rules = json_array();
    const json_t *list = json_object_get(b->doc, "rules");
    put(b, o, "catalogue", catalogue_ref_json(b));
    for (uint32_t i = 0; i < b->cat->n_rules; i++) {
        json_t *line = json_object();
        copy(b, line, json_array_get(list, i), brief, ARRAY_LEN(brief));
        append(b, rules, line);
        build_rule(b, &b->cat->rules[i], i, json_array_get(list, i));
    }
    put(b, o, "rules", rules);
    dump_in_languages(b, o, sections, ARRAY_LEN(sections), offsetof(struct language, resource_rules));
    b->cat->resource_rules = b->cat->languages[0].resource_rules;
}

static void set_evidence_resource(struct builder *b, const char *id, struct str resource)
{
    const struct evidence_item *e = id ? catalogue_find_evidence(b->cat, str_of(id)) : NULL;
    if (e)
        b->cat->evidence[e - b->cat->evidence].resource = resource;
}

static void build_evidence(struct builder *b)
{
    static const char *const plain[] = { "id",         "aliases", "design",    "title",    "authors",
                                         "year",       "venue",   "doi",       "pmid",     "url",
                                         "population", "finding", "certainty", "verified", "verified_note" };
    static const char *const brief[] = { "id", "design", "title", "year", "certainty", "verified" };
    json_t *all = json_object(), *lines = json_array();
    const json_t *list = json_object_get(b->doc, "evidence");
    put(b, all, "catalogue", catalogue_ref_json(b));
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i), *aliases = json_object_get(item, "aliases");
        json_t *o = json_object(), *line = json_object();
        put(b, o, "catalogue", catalogue_ref_json(b));
        copy(b, o, item, plain, ARRAY_LEN(plain));
        copy(b, line, item, brief, ARRAY_LEN(brief));
        append(b, lines, line);
        struct str resource = dump(b, o);
        set_evidence_resource(b, json_string_value(json_object_get(item, "id")), resource);
        for (size_t k = 0; k < json_array_size(aliases); k++)
            set_evidence_resource(b, json_string_value(json_array_get(aliases, k)), resource);
    }
    put(b, all, "evidence", lines);
    b->cat->resource_evidence = dump(b, all);
}

/* ---- the catalogue as a whole ----------------------------------------------------------------------------- */

/* How far a translation has come. */
static json_t *translation_json(struct builder *b, const struct language *l)
{
    json_t *o = json_object(), *translation = json_object_get(json_object_get(b->doc, "texts"), l->tag.p);
    put(b, o, "language", text(l->tag));
    b->oom |= json_object_set(o, "review", json_object_get(translation, "review")) != 0;
    put(b, o, "texts", json_integer(l->n_texts));
    put(b, o, "texts_in_all", json_integer(b->cat->languages[0].n_texts));
    return o;
}

static void build_summary(struct builder *b)
{
    static const char *const plain[] = { "name", "version", "title", "language", "review" };
    const struct catalogue *cat = b->cat;
    json_t *o = json_object(), *counts = json_object(), *languages = json_array(), *translations = json_array();
    uint32_t gates = 0;
    for (uint32_t i = 0; i < cat->n_facts; i++)
        gates += cat->facts[i].gate;
    copy(b, o, b->doc, plain, ARRAY_LEN(plain));
    put(b, o, "digest", json_string(cat->digest));
    for (uint32_t i = 0; i < cat->n_languages; i++) {
        append(b, languages, text(cat->languages[i].tag));
        if (i)
            append(b, translations, translation_json(b, &cat->languages[i]));
    }
    put(b, o, "languages", languages);
    put(b, o, "translations", translations);
    put(b, counts, "facts", json_integer(cat->n_facts));
    put(b, counts, "gates", json_integer(gates));
    put(b, counts, "techniques", json_integer(cat->n_techniques));
    put(b, counts, "rules", json_integer(cat->n_rules));
    put(b, counts, "courses", json_integer(cat->n_courses));
    put(b, counts, "adjustments", json_integer(cat->n_adjustments));
    put(b, counts, "replanning_rules", json_integer(cat->n_replans));
    put(b, counts, "evidence", json_integer(cat->n_evidence));
    put(b, o, "counts", counts);
    b->cat->resource_catalogue = dump(b, o);
}

void build_resources(struct builder *b)
{
    build_summary(b);
    build_facts(b);
    build_techniques(b);
    build_rules(b);
    build_evidence(b);
}
