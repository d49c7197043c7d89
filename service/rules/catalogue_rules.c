/* Reads evidence, techniques and rules. */
#include "rules/rules_priv.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- evidence --------------------------------------------------------------------------------------------- */

static const struct json_member evidence_members[] = {
    { "id", true },        { "aliases", false }, { "design", true },         { "title", true },
    { "authors", false },  { "year", false },    { "venue", false },         { "doi", false },
    { "pmid", false },     { "url", false },     { "population", false },    { "finding", true },
    { "certainty", true }, { "verified", true }, { "verified_note", false },
};

static int evidence_order(const void *a, const void *b)
{
    return str_cmp(((const struct evidence_item *)a)->id, ((const struct evidence_item *)b)->id);
}

/* The names of every source, aliases too; what is served of each is put together later. */
void read_evidence(struct builder *b)
{
    struct catalogue *cat = b->cat;
    const struct where *at = WHERE_MEMBER(NULL, STR("evidence"));
    const json_t *list = json_object_get(b->doc, "evidence");
    b->faults->item = (struct str){ NULL, 0 };
    size_t n = json_read_array(list, 100000, at, b->faults), ids = n;
    for (size_t i = 0; i < n; i++)
        ids += json_array_size(json_object_get(json_array_get(list, i), "aliases"));
    cat->evidence = BUILD_ARRAY(b, struct evidence_item, ids);
    if (b->oom)
        return;
    cat->n_evidence = (uint32_t)n;
    for (size_t i = 0; i < n; i++) {
        const json_t *item = json_array_get(list, i);
        const struct where *in = WHERE_INDEX(at, i);
        int certainty;
        (void)json_read_object(item, evidence_members, ARRAY_LEN(evidence_members), in, b->faults);
        (void)json_read_word(json_object_get(item, "certainty"), &certainty_vocabulary,
                             WHERE_MEMBER(in, STR("certainty")), b->faults, &certainty);
        (void)take_int(b, item, "year", 1500, 2200, 0, in);
        static const char *const texts[] = { "design", "title",      "authors", "venue",    "doi",          "pmid",
                                             "url",    "population", "finding", "verified", "verified_note" };
        for (size_t k = 0; k < ARRAY_LEN(texts); k++)
            (void)take_str(b, item, texts[k], in);
        struct str id = take_str(b, item, "id", in);
        struct strs aliases = take_strs(b, item, "aliases", in);
        const char *verified = json_string_value(json_object_get(item, "verified"));
        bool recalled = verified && strcmp(verified, "recalled") == 0;
        cat->evidence[cat->n_evidence_ids++] = (struct evidence_item){ .id = id, .recalled = recalled };
        for (size_t k = 0; k < aliases.n && cat->n_evidence_ids < ids; k++)
            cat->evidence[cat->n_evidence_ids++] =
                (struct evidence_item){ .id = aliases.at[k], .alias = true, .recalled = recalled };
    }
    qsort(cat->evidence, cat->n_evidence_ids, sizeof(cat->evidence[0]), evidence_order);
    for (uint32_t i = 1; i < cat->n_evidence_ids; i++) {
        if (str_eq(cat->evidence[i].id, cat->evidence[i - 1].id)) {
            b->faults->item = cat->evidence[i].id;
            fault_add(b->faults, FAULT_DUPLICATE, NULL, "give each its own id", "two sources have this id");
        }
    }
    b->faults->item = (struct str){ NULL, 0 };
    const struct where *readings = WHERE_MEMBER(WHERE_MEMBER(NULL, STR("definitions")), STR("readings"));
    uint32_t n_readings;
    (void)take_evidence(b, json_object_get(json_object_get(b->doc, "definitions"), "readings"), &n_readings, readings);
}

static void mark_cited(struct builder *b, struct str id)
{
    const struct evidence_item *e = catalogue_find_evidence(b->cat, id);
    if (e)
        b->cat->evidence[e - b->cat->evidence].cited = true;
}

static const json_t *find_source(const struct builder *b, struct str id)
{
    const json_t *list = json_object_get(b->doc, "evidence");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i), *aliases = json_object_get(item, "aliases");
        const char *name = json_string_value(json_object_get(item, "id"));
        if (name && str_eq(str_of(name), id))
            return item;
        for (size_t k = 0; k < json_array_size(aliases); k++) {
            const char *alias = json_string_value(json_array_get(aliases, k));
            if (alias && str_eq(str_of(alias), id))
                return item;
        }
    }
    return NULL;
}

/* What ends one part of a citation before the next: nothing more where the part has its own stop. */
static const char *stop_after(const char *part)
{
    size_t n = part ? strlen(part) : 0;
    return n && strchr(".?!", part[n - 1]) ? " " : ". ";
}

static struct str citation_of(struct builder *b, const json_t *item)
{
    const char *authors = json_string_value(json_object_get(item, "authors"));
    const char *title = json_string_value(json_object_get(item, "title"));
    const char *venue = json_string_value(json_object_get(item, "venue"));
    json_int_t year = json_integer_value(json_object_get(item, "year"));
    char when[24] = "";
    if (year)
        (void)snprintf(when, sizeof(when), " (%lld)", (long long)year);
    struct str s =
        arena_printf(&b->cat->arena, "%s%s%s%s%s%s", authors ? authors : "", authors ? stop_after(authors) : "",
                     title ? title : "", venue ? stop_after(title) : "", venue ? venue : "", when);
    b->oom |= !s.p;
    return s;
}

struct source *take_evidence(struct builder *b, const json_t *item, uint32_t *ret_n, const struct where *at)
{
    struct strs ids = take_strs(b, item, "evidence", at);
    struct source *sources = BUILD_ARRAY(b, struct source, ids.n);
    *ret_n = 0;
    for (size_t i = 0; sources && i < ids.n; i++) {
        const json_t *found = find_source(b, ids.at[i]);
        int certainty;
        if (!found) {
            fault_add(b->faults, FAULT_INVALID_REFERENCE, WHERE_INDEX(WHERE_MEMBER(at, STR("evidence")), i),
                      "add the source, or name another", "there is no source \"%.*s\"", STR_ARGS(ids.at[i]));
            continue;
        }
        const char *id = json_string_value(json_object_get(found, "id"));
        const char *url = json_string_value(json_object_get(found, "url"));
        const char *word = json_string_value(json_object_get(found, "certainty"));
        mark_cited(b, str_of(id));
        certainty = word ? vocabulary_find(&certainty_vocabulary, str_of(word)) : -1;
        sources[(*ret_n)++] = (struct source){
            .id = arena_str(&b->cat->arena, str_of(id)),
            .citation = citation_of(b, found),
            .certainty = certainty < 0 ? CERTAINTY_EXPERT : (enum certainty)certainty,
            .url = url ? arena_str(&b->cat->arena, str_of(url)) : (struct str){ NULL, 0 },
        };
    }
    return sources;
}

/* ---- techniques ------------------------------------------------------------------------------------------- */

static const struct json_member technique_members[] = {
    { "code", true },        { "kind", true },
    { "name", true },        { "summary", true },
    { "pressure", true },    { "min_pressure", true },
    { "traits", false },     { "essential", false },
    { "positions", true },   { "typical_minutes", true },
    { "good_for", true },    { "default_offered", false },
    { "offer_when", false }, { "never_offered", false },
    { "evidence", true },    { "notes", true },
};

static void read_good_for(struct builder *b, struct technique *t, const json_t *item)
{
    static const struct {
        const char *prefix;
        const struct vocabulary *words;
    } kinds[] = { { "goal:", &goal_vocabulary }, { "region:", &region_vocabulary }, { "acuity:", &acuity_vocabulary } };
    uint32_t *const sets[] = { &t->good_goals, &t->good_regions, &t->good_acuities };
    struct strs all = take_strs(b, item, "good_for", NULL);
    for (size_t i = 0; i < all.n; i++) {
        int found = -1;
        for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
            size_t len = strlen(kinds[k].prefix);
            if (all.at[i].n <= len || memcmp(all.at[i].p, kinds[k].prefix, len) != 0)
                continue;
            found = vocabulary_find(kinds[k].words, (struct str){ all.at[i].p + len, all.at[i].n - len });
            if (found >= 0)
                *sets[k] |= UINT32_C(1) << found;
        }
        if (found < 0)
            fault_add(b->faults, FAULT_UNKNOWN_VALUE, WHERE_INDEX(WHERE_MEMBER(NULL, STR("good_for")), i),
                      "write goal:, region: or acuity: and one of its words", "this is not known");
    }
}

static void read_technique(struct builder *b, const json_t *item, struct technique *t)
{
    (void)json_read_object(item, technique_members, ARRAY_LEN(technique_members), NULL, b->faults);
    t->name = take_str(b, item, "name", NULL);
    t->summary = take_str(b, item, "summary", NULL);
    (void)take_str(b, item, "notes", NULL);
    (void)take_strs(b, item, "positions", NULL);
    t->pressure = take_int(b, item, "pressure", PRESSURE_MIN, PRESSURE_MAX, PRESSURE_MIN, NULL);
    t->min_pressure = take_int(b, item, "min_pressure", PRESSURE_MIN, PRESSURE_MAX, PRESSURE_MIN, NULL);
    t->traits = take_words(b, item, "traits", &trait_vocabulary, NULL);
    t->essential = take_words(b, item, "essential", &trait_vocabulary, NULL);
    t->default_offered = take_bool(b, item, "default_offered", NULL);
    t->never_offered = take_str(b, item, "never_offered", NULL).p != NULL;
    read_good_for(b, t, item);
    const json_t *minutes = json_object_get(item, "typical_minutes");
    const struct where *in = WHERE_MEMBER(NULL, STR("typical_minutes"));
    if (json_read_array(minutes, 2, in, b->faults) == 2) {
        (void)json_read_int(json_array_get(minutes, 0), 1, SESSION_MINUTES_MAX, WHERE_INDEX(in, 0), b->faults,
                            &t->minutes_min);
        (void)json_read_int(json_array_get(minutes, 1), t->minutes_min, SESSION_MINUTES_MAX, WHERE_INDEX(in, 1),
                            b->faults, &t->minutes_max);
    } else if (minutes) {
        fault_add(b->faults, FAULT_WRONG_TYPE, in, "write the shortest and the longest", "expected two numbers");
    }
    if (t->essential & ~t->traits)
        fault_add(b->faults, FAULT_INCONSISTENT, WHERE_MEMBER(NULL, STR("essential")), "list it among the traits",
                  "an essential trait is a trait");
    if (t->min_pressure > t->pressure)
        fault_add(b->faults, FAULT_INCONSISTENT, WHERE_MEMBER(NULL, STR("min_pressure")), "lower it",
                  "the least pressure is above the deepest");
    const json_t *offer = json_object_get(item, "offer_when");
    t->has_offer_when = offer != NULL;
    if (offer)
        t->offer_when = cond_compile(&b->conds, offer, COND_OFFER, WHERE_MEMBER(NULL, STR("offer_when")));
    uint32_t n;
    (void)take_evidence(b, item, &n, NULL);
}

void read_techniques(struct builder *b)
{
    struct catalogue *cat = b->cat;
    const struct where *at = WHERE_MEMBER(NULL, STR("techniques"));
    const json_t *list = json_object_get(b->doc, "techniques");
    b->faults->item = (struct str){ NULL, 0 };
    uint32_t n = (uint32_t)json_read_array(list, TECHNIQUES_LIMIT, at, b->faults);
    struct str *codes = BUILD_ARRAY(b, struct str, n);
    cat->techniques = BUILD_ARRAY(b, struct technique, n);
    b->technique_kind = BUILD_ARRAY(b, struct str, n);
    if (b->oom)
        return;
    for (uint32_t i = 0; i < n; i++) {
        const json_t *item = json_array_get(list, i);
        codes[i] = take_str(b, item, "code", WHERE_INDEX(at, i));
        cat->techniques[i].code = codes[i];
        b->technique_kind[i] = take_str(b, item, "kind", WHERE_INDEX(at, i));
    }
    cat->n_techniques = n;
    (void)index_by_id(b, codes, n, "techniques");
    for (uint32_t i = 0; i < n && !b->oom; i++) {
        b->faults->item = codes[i];
        read_technique(b, json_array_get(list, i), &cat->techniques[i]);
        if (!cat->techniques[i].never_offered)
            cat->offered |= UINT64_C(1) << i;
    }
}

/* ---- modifications ---------------------------------------------------------------------------------------- */

static bool read_places(struct builder *b, const json_t *list, struct places *ret, const struct where *at)
{
    size_t n = json_read_array(list, REGION_COUNT_, at, b->faults);
    for (size_t i = 0; i < n; i++) {
        int region;
        if (!json_read_word(json_array_get(list, i), &region_vocabulary, WHERE_INDEX(at, i), b->faults, &region))
            return false;
        if (region == REGION_WHOLE_BODY) {
            fault_add(b->faults, FAULT_INCONSISTENT, WHERE_INDEX(at, i), "make the rule systemic, or forbid",
                      "the whole body is not a part");
            return false;
        }
        places_add(ret, place_of((enum region)region, NOT_GIVEN));
    }
    return n > 0;
}

static bool read_mod_place(struct builder *b, const json_t *value, struct mod *m, const struct where *at)
{
    static const struct str words[] = { { "where_found", 11 }, { "where_given", 11 } };
    static const struct vocabulary found_or_given = { "place", words, ARRAY_LEN(words) };
    int word;
    m->place = MOD_PLACE_LISTED;
    if (json_is_array(value))
        return read_places(b, value, &m->places, at);
    if (!json_read_word(value, &found_or_given, at, b->faults, &word))
        return false;
    m->place = word == 0 ? MOD_PLACE_FOUND : MOD_PLACE_GIVEN;
    return true;
}

static bool read_mod_option(struct builder *b, const json_t *value, struct mod *m, const struct where *at)
{
    struct catalogue *cat = b->cat;
    struct str option;
    if (!json_read_str(value, ID_LEN_MAX, at, b->faults, &option))
        return false;
    for (uint8_t i = 0; i < cat->n_options[m->kind]; i++) {
        if (str_eq(cat->options[m->kind][i], option)) {
            m->option = cat->options[m->kind][i];
            m->option_index = i;
            return true;
        }
    }
    if (cat->n_options[m->kind] == OPTIONS_LIMIT) {
        fault_add(b->faults, FAULT_TOO_MANY, at, "reuse one of them", "this modification has too many values");
        return false;
    }
    m->option = arena_str(&cat->arena, option);
    m->option_index = cat->n_options[m->kind];
    cat->options[m->kind][cat->n_options[m->kind]++] = m->option;
    return m->option.p != NULL;
}

bool read_modification(struct builder *b, const json_t *item, struct mod *ret, const struct where *at)
{
    static const struct json_member members[] = { { "kind", true }, { "value", true } };
    const json_t *value = json_object_get(item, "value");
    const struct where *in = WHERE_MEMBER(at, STR("value"));
    struct mod m = { 0 };
    if (!json_read_object(item, members, ARRAY_LEN(members), at, b->faults))
        return false;
    struct str kind = take_str(b, item, "kind", at);
    if (!kind.p)
        return false;
    if (!mod_kind_from_name(kind, &m.kind)) {
        fault_add(b->faults, FAULT_UNKNOWN_VALUE, WHERE_MEMBER(at, STR("kind")),
                  "see the contract for the kinds of modifications", "there is no modification of this kind");
        return false;
    }
    bool ok = false;
    switch (mod_table[m.kind].type) {
    case MOD_NUMBER:
        ok = json_read_int(value, 1, m.kind == MOD_MAX_PRESSURE ? PRESSURE_MAX : SESSION_MINUTES_MAX, in, b->faults,
                           &m.number);
        break;
    case MOD_FLAG:
        ok = json_is_true(value);
        if (!ok)
            fault_add(b->faults, FAULT_WRONG_TYPE, in, "write true, or leave the modification out", "expected true");
        break;
    case MOD_OPTION:
        ok = read_mod_option(b, value, &m, in);
        break;
    case MOD_PLACE:
        ok = read_mod_place(b, value, &m, in);
        break;
    }
    *ret = m;
    return ok;
}

/* ---- rules ------------------------------------------------------------------------------------------------ */

static const struct json_member rule_members[] = {
    { "id", true },
    { "topic", false },
    { "when", true },
    { "target", false },
    { "effect", true },
    { "disposition", false },
    { "severity", true },
    { "if_unknown", false },
    { "regions", true },
    { "modifications", false },
    { "message", true },
    { "note", true },
    { "action", true },
    { "rationale", true },
    { "evidence", true },
    { "certainty", true },
    { "clearable_by", false },
    { "clearance_for", false },
    { "cleared_effect", false },
    { "acute", false },
    { "review", false },
};

static void read_target(struct builder *b, const json_t *item, struct rule *r)
{
    const json_t *target = json_object_get(item, "target");
    uint64_t all = b->cat->n_techniques == 64 ? ~UINT64_C(0) : (UINT64_C(1) << b->cat->n_techniques) - 1;
    uint64_t matched = target ? 0 : all;
    for (uint32_t i = 0; target && i < b->cat->n_techniques; i++)
        if (target_matches(target, &b->cat->techniques[i], b->technique_kind[i], WHERE_MEMBER(NULL, STR("target")),
                           i == 0 ? b->faults : NULL))
            matched |= UINT64_C(1) << i;
    if (!matched && b->cat->n_techniques)
        fault_add(b->faults, FAULT_INCONSISTENT, WHERE_MEMBER(NULL, STR("target")), "widen it",
                  "no technique has these attributes");
    r->targets = matched & b->cat->offered;
}

static void read_scope(struct builder *b, const json_t *item, struct rule *r)
{
    static const struct str words[] = { { "systemic", 8 }, { "where_found", 11 } };
    static const struct vocabulary scopes = { "regions", words, ARRAY_LEN(words) };
    const json_t *regions = json_object_get(item, "regions");
    const struct where *at = WHERE_MEMBER(NULL, STR("regions"));
    int word = 0;
    if (json_is_array(regions)) {
        r->scope = RULE_REGIONS;
        (void)read_places(b, regions, &r->regions, at);
        return;
    }
    (void)json_read_word(regions, &scopes, at, b->faults, &word);
    r->scope = word ? RULE_WHERE_FOUND : RULE_SYSTEMIC;
}

/* The techniques of which nothing is left under the modifications that hold for the session. */
static uint64_t left_with_nothing(const struct builder *b, const struct rule *r, bool placed)
{
    uint32_t taken = 0;
    int32_t cap = PRESSURE_MAX;
    uint64_t lost = 0;
    for (uint32_t i = 0; i < r->n_mods; i++) {
        const struct mod *m = &r->mods[i];
        if (placed && mod_table[m->kind].part)
            continue;
        if (mod_table[m->kind].takes != TRAIT_COUNT_)
            taken |= UINT32_C(1) << mod_table[m->kind].takes;
        if (m->kind == MOD_MAX_PRESSURE && m->number < cap)
            cap = m->number;
    }
    for (uint32_t i = 0; i < b->cat->n_techniques; i++) {
        const struct technique *t = &b->cat->techniques[i];
        if (r->targets >> i & 1 && (t->essential & taken || cap < t->min_pressure))
            lost |= UINT64_C(1) << i;
    }
    return lost;
}

static void read_modifications(struct builder *b, const json_t *item, struct rule *r)
{
    const json_t *list = json_object_get(item, "modifications");
    const struct where *at = WHERE_MEMBER(NULL, STR("modifications"));
    size_t n = json_read_array(list, 64, at, b->faults);
    r->mods = BUILD_ARRAY(b, struct mod, n);
    for (size_t i = 0; r->mods && i < n; i++)
        if (read_modification(b, json_array_get(list, i), &r->mods[r->n_mods], WHERE_INDEX(at, i)))
            r->n_mods++;
    for (uint32_t i = 0; i < r->n_mods; i++)
        r->bans_where_found |= r->mods[i].kind == MOD_AVOID_REGION && r->mods[i].place == MOD_PLACE_FOUND;
    r->nothing_left = left_with_nothing(b, r, r->scope == RULE_REGIONS);
    r->nothing_left_placed = left_with_nothing(b, r, r->scope != RULE_SYSTEMIC);
    if (r->n_mods && r->effect == VERDICT_ALLOWED)
        fault_add(b->faults, FAULT_INCONSISTENT, at, "make the effect \"modified\"",
                  "what is allowed as it is has no modifications");
}

static void read_clearance(struct builder *b, const json_t *item, struct rule *r)
{
    static const struct str words[] = { { "allowed", 7 }, { "modified", 8 } };
    static const struct vocabulary effects = { "cleared_effect", words, ARRAY_LEN(words) };
    r->clearable_by = take_word(b, item, "clearable_by", &clearer_vocabulary, NOT_GIVEN, NULL);
    r->clearance_for = take_facts(b, item, "clearance_for", NULL);
    int effect = take_word(b, item, "cleared_effect", &effects, NOT_GIVEN, NULL);
    r->cleared_effect = effect == 1 ? VERDICT_MODIFIED : VERDICT_ALLOWED;
    r->acute = take_bool(b, item, "acute", NULL);
    bool clearable = r->clearable_by != NOT_GIVEN;
    if (clearable != (r->clearance_for.n > 0) || clearable != (effect != NOT_GIVEN))
        fault_add(b->faults, FAULT_INCONSISTENT, NULL, "give all three or none",
                  "clearable_by, clearance_for and cleared_effect belong together");
    struct str *ids = BUILD_ARRAY(b, struct str, r->clearance_for.n);
    for (uint32_t i = 0; ids && i < r->clearance_for.n; i++)
        ids[i] = b->cat->facts[r->clearance_for.at[i]].id;
    r->clearance_ids = (struct strs){ ids, r->clearance_for.n };
}

/* What every technique is held to under a disposition (S12). */
static enum verdict floor_of(int disposition)
{
    return disposition >= DISPOSITION_DO_NOT_TREAT         ? VERDICT_NOT_ALLOWED
           : disposition == DISPOSITION_CLEARANCE_REQUIRED ? VERDICT_CLEARANCE_REQUIRED
                                                           : VERDICT_ALLOWED;
}

static void read_rule(struct builder *b, const json_t *item, struct rule *r)
{
    static const struct str hold_words[] = { { "ask", 3 }, { "hold", 4 } };
    static const struct vocabulary if_unknown = { "if_unknown", hold_words, ARRAY_LEN(hold_words) };
    static const struct str effect_words[] = {
        { "allowed", 7 }, { "modified", 8 }, { "clearance_required", 18 }, { "not_allowed", 11 }
    };
    static const struct vocabulary effects = { "effect", effect_words, ARRAY_LEN(effect_words) };
    static const enum verdict effect_of[] = { VERDICT_ALLOWED, VERDICT_MODIFIED, VERDICT_CLEARANCE_REQUIRED,
                                              VERDICT_NOT_ALLOWED };
    (void)json_read_object(item, rule_members, ARRAY_LEN(rule_members), NULL, b->faults);
    r->effect = effect_of[take_word(b, item, "effect", &effects, 3, NULL)];
    r->disposition = take_word(b, item, "disposition", &disposition_vocabulary, NOT_GIVEN, NULL);
    if (r->disposition == DISPOSITION_PROCEED || r->disposition == DISPOSITION_NEEDS_ANSWERS)
        fault_add(b->faults, FAULT_INCONSISTENT, WHERE_MEMBER(NULL, STR("disposition")), "leave it out",
                  "no rule asks for this disposition: it is what there is without rules, or while one is open");
    if (r->disposition != NOT_GIVEN && floor_of(r->disposition) > r->effect)
        fault_add(b->faults, FAULT_INCONSISTENT, WHERE_MEMBER(NULL, STR("effect")), "make the effect as grave",
                  "the disposition holds every technique to more than the effect says");
    r->severity = (enum severity)take_word(b, item, "severity", &severity_vocabulary, SEVERITY_CAUTION, NULL);
    r->hold = take_word(b, item, "if_unknown", &if_unknown, 0, NULL) == 1;
    r->certainty = take_word(b, item, "certainty", &certainty_vocabulary, NOT_GIVEN, NULL);
    r->message = take_str(b, item, "message", NULL);
    r->note = take_str(b, item, "note", NULL);
    r->action = take_str(b, item, "action", NULL);
    r->rationale = take_str(b, item, "rationale", NULL);
    r->evidence = take_evidence(b, item, &r->n_evidence, NULL);
    read_target(b, item, r);
    read_scope(b, item, r);
    read_clearance(b, item, r);
    read_modifications(b, item, r);
    const json_t *when = json_object_get(item, "when");
    if (when)
        r->when = cond_compile(&b->conds, when, COND_RULE, WHERE_MEMBER(NULL, STR("when")));
}

void read_rules(struct builder *b)
{
    struct catalogue *cat = b->cat;
    const struct where *at = WHERE_MEMBER(NULL, STR("rules"));
    const json_t *list = json_object_get(b->doc, "rules");
    b->faults->item = (struct str){ NULL, 0 };
    uint32_t n = (uint32_t)json_read_array(list, RULES_LIMIT, at, b->faults);
    struct str *ids = BUILD_ARRAY(b, struct str, n);
    cat->rules = BUILD_ARRAY(b, struct rule, n);
    if (b->oom)
        return;
    for (uint32_t i = 0; i < n && !b->oom; i++) {
        ids[i] = take_str(b, json_array_get(list, i), "id", WHERE_INDEX(at, i));
        cat->rules[i].id = ids[i];
        b->faults->item = ids[i];
        read_rule(b, json_array_get(list, i), &cat->rules[i]);
    }
    cat->n_rules = n;
    cat->rule_index = index_by_id(b, ids, n, "rules");
}
