/* What a valid document becomes: tables, lookups, and the bits that are worked out beforehand. */
#include "rules/doc.h"

static const char facts[] =
    "[{'id': 'b', 'implies': ['a'], 'kind': 'symptom', 'gate': true, 'answer_meaning': 'yes means b'},"
    " {'id': 'u', 'covers': ['b', 'c']}, {'id': 'c', 'attributes': ['date', 'region'], 'valid_days': 9},"
    " {'id': 'a', 'implies': ['t']}, {'id': 't'}, {'id': 'uu', 'covers': ['u']},"
    " {'id': 'k', 'kind': 'derived', 'clearance_only': true, 'complaint_regions': ['neck', 'jaw']},"
    " {'id': 'kk', 'kind': 'derived', 'clearance_only': true, 'complaint_regions': []},"
    " {'id': 'kn', 'kind': 'derived', 'clearance_only': true}]";

static const char techniques[] =
    "[{'code': 'soft', 'pressure': 3, 'typical_minutes': [20, 60],"
    "  'good_for': ['goal:sleep', 'goal:stress', 'region:neck', 'acuity:none', 'acuity:chronic']},"
    " {'code': 'warm', 'traits': ['heat', 'oil'], 'essential': ['heat'], 'min_pressure': 2,"
    "  'offer_when': {'var': 'a'}},"
    " {'code': 'hard', 'kind': 'stroke', 'pressure': 5, 'min_pressure': 4, 'default_offered': false},"
    " {'code': 'jerk', 'traits': ['thrust'], 'essential': ['thrust'], 'never_offered': 'not here'}]";

static uint32_t bits(const char *codes)
{
    static const char *const all[] = { "soft", "warm", "hard", "jerk" };
    uint32_t set = 0;
    for (uint32_t i = 0; i < ARRAY_LEN(all); i++)
        if (strstr(codes, all[i]))
            set |= 1u << i;
    return set;
}

static bool lists(const struct catalogue *cat, struct fact_list list, const char *ids)
{
    char text[256] = "";
    for (uint32_t i = 0; i < list.n; i++)
        (void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%.*s", i ? " " : "",
                       STR_ARGS(cat->facts[list.at[i]].id));
    if (strcmp(text, ids) != 0)
        print_error("found %s\n", text);
    return strcmp(text, ids) == 0;
}

static void reads_facts(void **state)
{
    struct catalogue *cat = catalogue_of((struct parts){ .facts = facts });
    (void)state;
    assert_int_equal(cat->n_facts, 10);
    const struct fact *b = &cat->facts[0], *u = &cat->facts[1], *c = &cat->facts[2], *a = &cat->facts[3];
    assert_str(b->id, STR("b"));
    assert_str(b->group, STR("g"));
    assert_str(b->label, STR("A label"));
    assert_str(b->question, STR("Yes?"));
    assert_str(b->answer_meaning, STR("yes means b"));
    assert_int_equal(b->kind, FACT_KIND_SYMPTOM);
    assert_int_equal(a->kind, FACT_KIND_CONDITION);
    assert_true(b->gate);
    assert_false(u->gate);
    assert_int_equal(b->valid_days, NOT_GIVEN);
    assert_int_equal(c->valid_days, 9);
    assert_int_equal(c->attributes, 1 << ATTR_DATE | 1 << ATTR_REGION);
    assert_int_equal(b->attributes, 0);
    assert_int_equal(u->umbrella, 5);
    assert_int_equal(b->umbrella, 1);
    assert_int_equal(a->umbrella, FACT_NONE);
    assert_false(u->has_ask_if);
    assert_true(lists(cat, u->covers, "b c"));
    assert_true(lists(cat, b->implies, "a"));
    assert_true(lists(cat, u->below, "b c"));
    assert_true(lists(cat, a->below, "b"));
    assert_true(lists(cat, c->below, ""));
    assert_true(lists(cat, b->up, "b a u t uu"));
    assert_true(lists(cat, c->up, "c u uu"));
    assert_true(lists(cat, cat->facts[4].up, "t"));
    assert_int_equal(u->covers_ids.n, 2);
    assert_str(u->covers_ids.at[1], STR("c"));
    assert_true(cat->facts[6].clearance_only && cat->facts[6].has_complaint_regions);
    assert_int_equal(cat->facts[6].complaint_regions, 1u << REGION_NECK | 1u << REGION_JAW);
    assert_true(cat->facts[7].has_complaint_regions); /* an empty list means every complaint, and stays */
    assert_int_equal(cat->facts[7].complaint_regions, 0);
    assert_false(cat->facts[8].has_complaint_regions);
    catalogue_unref(cat);
}

static void orders_facts_upwards(void **state)
{
    struct catalogue *cat = catalogue_of((struct parts){ .facts = facts });
    uint32_t place[16];
    (void)state;
    for (uint32_t i = 0; i < cat->n_facts; i++)
        place[cat->facts_upwards[i]] = i;
    for (uint32_t i = 0; i < cat->n_facts; i++)
        for (uint32_t k = 0; k < cat->facts[i].below.n; k++)
            assert_true(place[cat->facts[i].below.at[k]] < place[i]);
    catalogue_unref(cat);
}

static void finds_by_id(void **state)
{
    struct catalogue *cat = catalogue_of((struct parts){
        .facts = facts,
        .techniques = techniques,
        .rules = "[{'id': 'z', 'when': {'var': 'a'}}, {'id': 'm', 'when': {'var': 'a'}}, {'id': 'ma', 'when': {'var': "
                 "'a'}}]",
        .evidence =
            "[{'id': 's2', 'design': 'd', 'title': 'T', 'finding': 'f', 'certainty': 'low', 'verified': 'read',"
            "  'aliases': ['s0', 's9']},"
            " {'id': 'e', 'design': 'd', 'title': 'U', 'finding': 'f', 'certainty': 'high', 'verified': 'read'}]",
    });
    (void)state;
    for (uint32_t i = 0; i < cat->n_facts; i++)
        assert_int_equal(catalogue_find_fact(cat, cat->facts[i].id), i);
    for (uint32_t i = 0; i < cat->n_rules; i++)
        assert_int_equal(catalogue_find_rule(cat, cat->rules[i].id), i);
    for (uint32_t i = 0; i < cat->n_techniques; i++)
        assert_int_equal(catalogue_find_technique(cat, cat->techniques[i].code), i);
    static const char *const none[] = { "", "A", "bb", "aa", "zz", "0", "uuu" };
    for (size_t i = 0; i < ARRAY_LEN(none); i++) {
        assert_int_equal(catalogue_find_fact(cat, str_of(none[i])), -1);
        assert_int_equal(catalogue_find_rule(cat, str_of(none[i])), -1);
        assert_int_equal(catalogue_find_technique(cat, str_of(none[i])), -1);
        assert_null(catalogue_find_evidence(cat, str_of(none[i])));
        assert_null(catalogue_find_system(cat, str_of(none[i])));
    }
    assert_int_equal(cat->n_evidence, 2);
    assert_int_equal(cat->n_evidence_ids, 4);
    const struct evidence_item *s2 = catalogue_find_evidence(cat, STR("s2"));
    assert_non_null(s2);
    assert_str(catalogue_find_evidence(cat, STR("s0"))->resource, s2->resource); /* an alias is the same source */
    assert_str(catalogue_find_evidence(cat, STR("s9"))->resource, s2->resource);
    assert_false(str_eq(catalogue_find_evidence(cat, STR("e"))->resource, s2->resource));
    assert_str(catalogue_find_system(cat, STR("local"))->name, STR("local"));
    catalogue_unref(cat);
}

static void reads_techniques(void **state)
{
    struct catalogue *cat = catalogue_of((struct parts){ .facts = facts, .techniques = techniques });
    const struct technique *soft = &cat->techniques[0], *warm = &cat->techniques[1], *hard = &cat->techniques[2];
    (void)state;
    assert_int_equal(cat->offered, bits("soft warm hard"));
    assert_int_equal(soft->pressure, 3);
    assert_int_equal(soft->min_pressure, 1);
    assert_int_equal(soft->minutes_min, 20);
    assert_int_equal(soft->minutes_max, 60);
    assert_int_equal(soft->good_goals, 1u << GOAL_SLEEP | 1u << GOAL_STRESS);
    assert_int_equal(soft->good_regions, 1u << REGION_NECK);
    assert_int_equal(soft->good_acuities, 1u << ACUITY_NONE | 1u << ACUITY_CHRONIC);
    assert_int_equal(warm->traits, 1u << TRAIT_HEAT | 1u << TRAIT_OIL);
    assert_int_equal(warm->essential, 1u << TRAIT_HEAT);
    assert_true(warm->has_offer_when && !soft->has_offer_when);
    assert_int_equal(warm->offer_when.n_terms, 1);
    assert_true(soft->default_offered && !hard->default_offered);
    assert_true(cat->techniques[3].never_offered && !hard->never_offered);
    catalogue_unref(cat);
}

/* Which techniques a rule is about; those never offered are left out. */
static void finds_the_targets(void **state)
{
    static const struct {
        const char *target, *codes;
    } rows[] = {
        { NULL, "soft warm hard" },
        { "{'==': [{'var': 'heat'}, true]}", "warm" },
        { "{'!=': [{'var': 'heat'}, true]}", "soft hard" },
        { "{'==': [{'var': 'heat'}, false]}", "soft hard" },
        { "{'!': [{'==': [{'var': 'heat'}, true]}]}", "soft hard" },
        { "{'!': {'==': [{'var': 'heat'}, true]}}", "soft hard" },
        { "{'>=': [{'var': 'pressure'}, 5]}", "warm hard" },
        { "{'<=': [{'var': 'pressure'}, 3]}", "soft" },
        { "{'>': [{'var': 'pressure'}, 3]}", "warm hard" },
        { "{'<': [{'var': 'pressure'}, 5]}", "soft" },
        { "{'==': [{'var': 'pressure'}, 3]}", "soft" },
        { "{'!=': [{'var': 'pressure'}, 3]}", "warm hard" },
        { "{'>=': [{'var': 'min_pressure'}, 2]}", "warm hard" },
        { "{'<': [{'var': 'min_pressure'}, 2]}", "soft" },
        { "{'==': [{'var': 'code'}, 'soft']}", "soft" },
        { "{'!=': [{'var': 'code'}, 'soft']}", "warm hard" },
        { "{'==': [{'var': 'kind'}, 'stroke']}", "hard" },
        { "{'!=': [{'var': 'kind'}, 'stroke']}", "soft warm" },
        { "{'and': [{'==': [{'var': 'heat'}, false]}, {'<': [{'var': 'pressure'}, 5]}]}", "soft" },
        { "{'or': [{'==': [{'var': 'heat'}, true]}, {'<': [{'var': 'pressure'}, 5]}]}", "soft warm" },
        { "{'==': [{'var': 'thrust'}, true]}", "" }, /* one that is never offered */
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char text[256];
        (void)snprintf(text, sizeof(text), "[{'id': 'r', 'when': {'var': 'a'}%s%s}]",
                       rows[i].target ? ", 'target': " : "", rows[i].target ? rows[i].target : "");
        struct catalogue *cat = catalogue_of((struct parts){ .facts = facts, .techniques = techniques, .rules = text });
        if (cat->rules[0].targets != bits(rows[i].codes))
            fail_msg("%s: %llx", rows[i].target, (unsigned long long)cat->rules[0].targets);
        catalogue_unref(cat);
    }
}

static void targets_all_of_many_techniques(void **state)
{
    json_t *doc = doc_of((struct parts){ .facts = "[{'id': 'a'}]", .rules = "[{'id': 'r', 'when': {'var': 'a'}}]" });
    json_t *list = json_object_get(doc, "techniques");
    struct arena arena;
    struct faults faults;
    struct error err;
    struct catalogue *cat = NULL;
    (void)state;
    for (int i = 1; i < TECHNIQUES_LIMIT; i++) {
        json_t *more = json_deep_copy(json_array_get(list, 0));
        char code[16];
        (void)snprintf(code, sizeof(code), "t%d", i);
        json_object_set_new(more, "code", json_string(code));
        json_array_append_new(list, more);
    }
    arena_init(&arena, 0);
    faults_init(&faults, &arena);
    assert_int_equal(doc_build(doc, &cat, &faults, &err), RC_OK);
    assert_true(cat->offered == UINT64_MAX);
    assert_true(cat->rules[0].targets == UINT64_MAX);
    catalogue_unref(cat);
    arena_done(&arena);
    json_decref(doc);
}

static void reads_rules(void **state)
{
    struct catalogue *cat = catalogue_of((struct parts){
        .facts = facts,
        .techniques = techniques,
        .rules =
            "[{'id': 'r', 'when': {'var': 'a'}, 'effect': 'not_allowed', 'disposition': 'emergency',"
            "  'severity': 'urgent', 'if_unknown': 'hold', 'clearable_by': 'oncology', 'clearance_for': ['a', 'k'],"
            "  'cleared_effect': 'modified', 'acute': true, 'regions': 'where_found', 'message': 'M', 'note': 'O',"
            "  'action': 'A', 'rationale': 'R', 'certainty': 'high',"
            "  'modifications': [{'kind': 'avoid_region', 'value': 'where_found'}]},"
            " {'id': 's', 'when': {'var': 'a'}, 'if_unknown': 'ask', 'regions': ['neck', 'jaw'],"
            "  'modifications': [{'kind': 'avoid_region', 'value': 'where_given'},"
            "                    {'kind': 'avoid_region', 'value': ['hip']},"
            "                    {'kind': 'max_pressure', 'value': 2}, {'kind': 'max_minutes', 'value': 30},"
            "                    {'kind': 'position', 'value': 'seated'}, {'kind': 'position', 'value': 'supine'},"
            "                    {'kind': 'position', 'value': 'seated'}, {'kind': 'keep_warm', 'value': true}]},"
            " {'id': 't', 'when': {'var': 'a'}, 'effect': 'allowed', 'severity': 'caution'},"
            " {'id': 'v', 'when': {'var': 'a'}, 'effect': 'clearance_required'}]",
    });
    const struct rule *r = &cat->rules[0], *s = &cat->rules[1], *t = &cat->rules[2];
    (void)state;
    assert_int_equal(r->effect, VERDICT_NOT_ALLOWED);
    assert_int_equal(s->effect, VERDICT_MODIFIED);
    assert_int_equal(t->effect, VERDICT_ALLOWED);
    assert_int_equal(cat->rules[3].effect, VERDICT_CLEARANCE_REQUIRED);
    assert_int_equal(r->disposition, DISPOSITION_EMERGENCY);
    assert_int_equal(s->disposition, NOT_GIVEN);
    assert_int_equal(r->severity, SEVERITY_URGENT);
    assert_true(r->hold && !s->hold && !t->hold);
    assert_true(r->acute && !s->acute);
    assert_int_equal(r->clearable_by, CLEARER_ONCOLOGY);
    assert_int_equal(s->clearable_by, NOT_GIVEN);
    assert_int_equal(r->cleared_effect, VERDICT_MODIFIED);
    assert_true(lists(cat, r->clearance_for, "a k"));
    assert_int_equal(r->clearance_ids.n, 2);
    assert_str(r->clearance_ids.at[1], STR("k"));
    assert_int_equal(r->scope, RULE_WHERE_FOUND);
    assert_int_equal(s->scope, RULE_REGIONS);
    assert_int_equal(t->scope, RULE_SYSTEMIC);
    assert_int_equal(places_regions(&s->regions), 1u << REGION_NECK | 1u << REGION_JAW);
    assert_true(r->bans_where_found && !s->bans_where_found && !t->bans_where_found);
    assert_str(r->message, STR("M"));
    assert_str(r->note, STR("O"));
    assert_str(r->action, STR("A"));
    assert_str(r->rationale, STR("R"));
    assert_int_equal(r->certainty, CERTAINTY_HIGH);
    assert_int_equal(r->n_evidence, 1);
    assert_str(r->evidence[0].id, STR("e"));
    assert_int_equal(s->n_mods, 8);
    assert_int_equal(s->mods[0].place, MOD_PLACE_GIVEN);
    assert_int_equal(s->mods[1].place, MOD_PLACE_LISTED);
    assert_int_equal(places_regions(&s->mods[1].places), 1u << REGION_HIP);
    assert_int_equal(s->mods[2].number, 2);
    assert_int_equal(s->mods[3].number, 30);
    assert_int_equal(s->mods[4].option_index, s->mods[6].option_index); /* each distinct value once */
    assert_int_not_equal(s->mods[4].option_index, s->mods[5].option_index);
    assert_int_equal(cat->n_options[MOD_POSITION], 2);
    assert_str(cat->options[MOD_POSITION][s->mods[5].option_index], STR("supine"));
    assert_int_equal(s->mods[7].kind, MOD_KEEP_WARM);
    catalogue_unref(cat);
}

/* Of which techniques nothing is left: for the whole session, and when what may hold for a part does (S10). */
static void knows_what_takes_everything(void **state)
{
    static const struct {
        const char *regions, *mods, *whole, *placed;
    } rows[] = {
        { "'systemic'", "[{'kind': 'no_heat', 'value': true}]", "warm", "warm" },
        { "'where_found'", "[{'kind': 'no_heat', 'value': true}]", "warm", "" },
        { "['neck']", "[{'kind': 'no_heat', 'value': true}]", "", "" },
        { "'systemic'", "[{'kind': 'no_oil', 'value': true}]", "", "" }, /* not essential */
        { "'systemic'", "[{'kind': 'max_pressure', 'value': 3}]", "hard", "hard" },
        { "'systemic'", "[{'kind': 'max_pressure', 'value': 4}]", "", "" },
        { "'systemic'", "[{'kind': 'max_pressure', 'value': 1}]", "warm hard", "warm hard" },
        { "'where_found'", "[{'kind': 'max_pressure', 'value': 1}]", "warm hard", "" },
        { "'systemic'", "[{'kind': 'max_pressure', 'value': 3}, {'kind': 'no_heat', 'value': true}]", "warm hard",
          "warm hard" },
        { "'systemic'", "[{'kind': 'max_pressure', 'value': 3}, {'kind': 'max_pressure', 'value': 1}]", "warm hard",
          "warm hard" },
        { "'systemic'", "[{'kind': 'max_minutes', 'value': 1}, {'kind': 'no_thrust', 'value': true}]", "", "" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char text[512];
        (void)snprintf(text, sizeof(text), "[{'id': 'r', 'when': {'var': 'a'}, 'regions': %s, 'modifications': %s}]",
                       rows[i].regions, rows[i].mods);
        struct catalogue *cat = catalogue_of((struct parts){ .facts = facts, .techniques = techniques, .rules = text });
        if (cat->rules[0].nothing_left != bits(rows[i].whole) ||
            cat->rules[0].nothing_left_placed != bits(rows[i].placed))
            fail_msg("%s of %s", rows[i].mods, rows[i].regions);
        catalogue_unref(cat);
    }
}

/* Each kind of modification that takes a trait takes the one of its name. */
static void takes_the_trait_of_its_name(void **state)
{
    static const char *const names[] = { "heat",   "stretch",   "joint_mobilisation",
                                         "thrust", "vibration", "skin_friction",
                                         "oil",    "scent" };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        char technique[128], rule[160];
        (void)snprintf(technique, sizeof(technique),
                       "[{'code': 'soft'}, {'code': 't', 'traits': ['%s'], 'essential': ['%s']}]", names[i], names[i]);
        (void)snprintf(rule, sizeof(rule),
                       "[{'id': 'r', 'when': {'var': 'a'}, 'modifications': [{'kind': 'no_%s', 'value': true}]}]",
                       names[i]);
        struct catalogue *cat = catalogue_of((struct parts){ .facts = facts, .techniques = technique, .rules = rule });
        assert_int_equal(cat->rules[0].nothing_left, 2);
        catalogue_unref(cat);
    }
}

/* Every term of every rule stands once in the index, under the first fact it needs or behind all facts. */
static void indexes_terms_by_fact(void **state)
{
    struct catalogue *cat = catalogue_of((struct parts){
        .facts = facts,
        .rules = "[{'id': 'r', 'when': {'or': [{'var': 'a'}, {'and': [{'var': 'b'}, {'var': 'a'}]},"
                 "                            {'<': [{'var': 'age_years'}, 8]}]}},"
                 " {'id': 's', 'when': {'and': [{'!': {'var': 'a'}}, {'!': {'var': 'c'}}]}},"
                 " {'id': 't', 'when': {'and': [{'var': 'a'}, {'!': {'var': 'a'}}]}}]",
    });
    uint32_t seen = 0, bounds = cat->terms_by_fact[cat->n_facts + 1];
    (void)state;
    assert_int_equal(cat->terms_by_fact[0], 0);
    for (uint32_t key = 0; key <= cat->n_facts; key++) {
        for (uint32_t i = cat->terms_by_fact[key]; i < cat->terms_by_fact[key + 1]; i++, seen++) {
            const struct rule_term *rt = &cat->rule_terms[i];
            const struct cond *when = &cat->rules[rt->rule].when;
            const struct term *term = &cat->pool.terms[rt->term];
            assert_in_range(rt->term, when->terms, when->terms + when->n_terms - 1);
            assert_int_equal(term->n_needs ? cat->pool.needs[term->needs].fact : cat->n_facts, key);
        }
    }
    assert_int_equal(seen, 4); /* the last rule is never true */
    assert_int_equal(bounds, seen);
    assert_int_equal(cat->rules[2].when.n_terms, 0);
    catalogue_unref(cat);
}

static void reads_courses(void **state)
{
    struct catalogue *cat = catalogue_of((struct parts){
        .facts = facts,
        .techniques = techniques,
        .courses = "[{'id': 'c1', 'when': {'var': 'a'}, 'priority': 7, 'focus': ['neck', 'whole_body'],"
                   "  'techniques': ['hard', 'soft'], 'fallback_technique': 'warm',"
                   "  'phases': [{'name': 'p', 'sessions': 3, 'per_week': 0.25, 'minutes': 30, 'pressure': 4,"
                   "   'intent': 'in', 'only_if': 'if'}, {'name': 'q', 'sessions': 1, 'per_week': 14, 'minutes': 480,"
                   "   'pressure': 1}], 'reassess_after_sessions': 5, 'max_sessions_without_gain': 6}]",
        .adjustments =
            "[{'id': 'late', 'order': 20, 'when': {'var': 'a'}},"
            " {'id': 'early', 'order': 10, 'when': {'var': 'a'}, 'scope': 'first_sessions',"
            "  'first_sessions': 2, 'minutes_max': 31, 'minutes_prefer': 32, 'pressure_max': 3,"
            "  'pressure_delta': -2, 'per_week_max': 0.5, 'sessions_max': 9, 'weeks_max': 16,"
            "  'reassess_after_sessions': 1, 'techniques_drop': ['soft'], 'techniques_allow': ['warm', 'hard'],"
            "  'techniques_first': ['hard', 'soft'], 'techniques_avoid': ['warm'], 'no_course': true,"
            "  'reason': 'why', 'techniques_from_age': [{'technique': 'hard', 'age_years': 13}],"
            "  'no_course_at': {'pain_max': 8, 'reason': 'pain', 'unless_clearance_for': ['k', 'a'],"
            "   'unless_chronic_with': ['c']}, 'note_if': [{'course': 'c1', 'per_week_below': 2, 'say': 's'},"
            "   {'course': 'c1', 'minutes_below': 60, 'say': 't'}], 'advice': ['x', 'y'],"
            "  'self_care_add': ['sc'], 'co_care_add': ['cc'], 'positions_prefer': ['seated'],"
            "  'focus_max_per_session': 2},"
            " {'id': 'first', 'order': 5, 'when': {'var': 'a'}, 'scope': 'first_session'}]",
    });
    const struct course *c = &cat->courses[0];
    const struct adjustment *early = &cat->adjustments[1], *late = &cat->adjustments[2];
    (void)state;
    assert_int_equal(c->priority, 7);
    assert_int_equal(c->n_focus, 2);
    assert_int_equal(c->focus[0], REGION_NECK);
    assert_int_equal(c->n_techniques, 2);
    assert_int_equal(c->techniques[0], 2);
    assert_int_equal(c->techniques[1], 0);
    assert_int_equal(c->fallback_technique, 1);
    assert_int_equal(c->n_phases, 2);
    assert_int_equal(c->phases[0].per_week, PER_WEEK_SCALE / 4);
    assert_str(c->phases[0].intent, STR("in"));
    assert_str(c->phases[0].only_if, STR("if"));
    assert_int_equal(c->phases[1].per_week, PER_WEEK_MAX * PER_WEEK_SCALE);
    assert_int_equal(c->phases[1].minutes, SESSION_MINUTES_MAX);
    assert_int_equal(c->reassess_after_sessions, 5);
    assert_int_equal(c->max_sessions_without_gain, 6);
    assert_str(cat->adjustments[0].id, STR("first")); /* in the order of `order` */
    assert_str(early->id, STR("early"));
    assert_str(late->id, STR("late"));
    assert_int_equal(cat->adjustments[0].scope, SCOPE_FIRST_SESSION);
    assert_int_equal(early->scope, SCOPE_FIRST_SESSIONS);
    assert_int_equal(late->scope, SCOPE_COURSE);
    assert_int_equal(early->first_sessions, 2);
    assert_int_equal(early->minutes_max, 31);
    assert_int_equal(early->minutes_prefer, 32);
    assert_int_equal(early->pressure_max, 3);
    assert_int_equal(early->pressure_delta, -2);
    assert_int_equal(early->per_week_max, PER_WEEK_SCALE / 2);
    assert_int_equal(early->sessions_max, 9);
    assert_int_equal(early->weeks_max, 16);
    assert_int_equal(early->reassess_after_sessions, 1);
    assert_int_equal(early->drop, bits("soft"));
    assert_int_equal(early->allow, bits("warm hard"));
    assert_int_equal(early->avoid, bits("warm"));
    assert_int_equal(early->n_first, 2);
    assert_int_equal(early->first_order[0], 2);
    assert_true(early->no_course && !late->no_course);
    assert_str(early->reason, STR("why"));
    assert_int_equal(early->n_from_age, 1);
    assert_int_equal(early->from_age[0].technique, 2);
    assert_int_equal(early->from_age[0].age_years, 13);
    assert_int_equal(early->no_course_pain, 8);
    assert_str(early->no_course_reason, STR("pain"));
    assert_true(lists(cat, early->unless_clearance_for, "k a"));
    assert_true(lists(cat, early->unless_chronic_with, "c"));
    assert_int_equal(early->n_notes, 2);
    assert_int_equal(early->notes[0].per_week_below, 2 * PER_WEEK_SCALE);
    assert_int_equal(early->notes[0].minutes_below, NOT_GIVEN);
    assert_int_equal(early->notes[1].minutes_below, 60);
    assert_int_equal(early->advice.n, 2);
    assert_int_equal(early->self_care_add.n, 1);
    assert_int_equal(early->co_care_add.n, 1);
    assert_int_equal(late->no_course_pain, NOT_GIVEN);
    assert_int_equal(late->minutes_max, NOT_GIVEN);
    assert_int_equal(late->pressure_max, NOT_GIVEN);
    assert_int_equal(late->per_week_max, NOT_GIVEN);
    assert_int_equal(late->pressure_delta, 0);
    assert_int_equal(late->allow, 0);
    catalogue_unref(cat);
}

static void reads_replanning_and_definitions(void **state)
{
    struct catalogue *cat = catalogue_of((struct parts){
        .facts = facts,
        .techniques = techniques,
        .courses = "[{'id': 'c0', 'when': {'var': 'a'}}, {'id': 'c1', 'when': {'var': 'a'}}]",
        .replanning =
            "[{'id': 'p2', 'order': 2, 'when': {'var': 'improved'}, 'action': 'taper', 'no_course': true,"
            "  'disposition': 'refer_urgently', 'pressure_delta': -1, 'minutes_factor': 0.25, 'min_days_between': 5,"
            "  'reassess_after_sessions': 3, 'sessions_left_max': 4, 'per_week': 0.5, 'per_week_steps': [2, 1, 0.25],"
            "  'techniques_drop': ['soft'], 'techniques_drop_with': ['heat'], 'techniques_drop_days': 14,"
            "  'technique': 'next_style', 'phase_name': 'Name', 'phases': [{'name': 'p', 'sessions': 6, 'per_week': 1,"
            "   'minutes': 60, 'pressure': 3}], 'dose_check': [{'course': 'c1', 'minutes': 60, 'per_week': 2}],"
            "  'modifications': [{'kind': 'no_heat', 'value': true}, {'kind': 'avoid_region', 'value': ['neck']}],"
            "  'advice': ['x'], 'say': 'said', 'ask': ['a'], 'pressure_delta_max': 1, 'certainty': 'low'},"
            " {'id': 'p1', 'order': 1, 'when': {'var': 'worsened'}, 'decides': false, 'action': 'lighten',"
            "  'technique': 'next_gentler'}]",
    });
    const struct replan_rule *p1 = &cat->replans[0], *p2 = &cat->replans[1];
    (void)state;
    assert_str(p1->id, STR("p1"));
    assert_true(p2->decides && !p1->decides);
    assert_true(p2->no_course && !p1->no_course);
    assert_int_equal(p2->action, REPLAN_TAPER);
    assert_int_equal(p1->action, REPLAN_LIGHTEN);
    assert_int_equal(p2->disposition, DISPOSITION_REFER_URGENTLY);
    assert_int_equal(p1->disposition, NOT_GIVEN);
    assert_int_equal(p2->pressure_delta, -1);
    assert_int_equal(p2->minutes_percent, 25);
    assert_int_equal(p1->minutes_percent, 100);
    assert_int_equal(p2->min_days_between, 5);
    assert_int_equal(p1->min_days_between, NOT_GIVEN);
    assert_int_equal(p2->reassess_after_sessions, 3);
    assert_int_equal(p2->sessions_left_max, 4);
    assert_int_equal(p2->per_week, PER_WEEK_SCALE / 2);
    assert_int_equal(p2->n_per_week_steps, 3);
    assert_int_equal(p2->per_week_steps[2], PER_WEEK_SCALE / 4);
    assert_int_equal(p2->drop, bits("soft"));
    assert_int_equal(p2->drop_traits, 1u << TRAIT_HEAT);
    assert_int_equal(p2->drop_days, 14);
    assert_int_equal(p1->drop_days, NOT_GIVEN);
    assert_int_equal(p2->technique, TECHNIQUE_NEXT_STYLE);
    assert_int_equal(p1->technique, TECHNIQUE_NEXT_GENTLER);
    assert_str(p2->phase_name, STR("Name"));
    assert_null(p1->phase_name.p);
    assert_int_equal(p2->n_phases, 1);
    assert_int_equal(p2->n_doses, 1);
    assert_int_equal(p2->doses[0].course, 1);
    assert_int_equal(p2->doses[0].per_week, 2 * PER_WEEK_SCALE);
    assert_int_equal(p2->avoid_regions, 1u << REGION_NECK);
    assert_int_equal(p2->taken_traits, 1u << TRAIT_HEAT);
    assert_str(p2->say, STR("said"));
    assert_int_equal(p2->advice.n, 1);
    const struct definitions *d = &cat->definitions;
    assert_int_equal(d->n_lists, 9);
    assert_int_equal(d->lists[3].days_min, 30);
    assert_int_equal(d->lists[3].days_max, 365);
    assert_int_equal(d->lists[6].not_given, TRI_UNKNOWN);
    assert_int_equal(d->lists[4].not_given, TRI_NO);
    assert_int_equal(d->lists[4].onsets, 1u << ONSET_SUDDEN);
    assert_int_equal(d->lists[7].causes, 1u << CAUSE_UNKNOWN | 1u << CAUSE_STRESS);
    assert_int_equal(d->subacute_from_days, 42);
    assert_int_equal(d->chronic_from_days, 85);
    assert_int_equal(d->clearance_valid_days, 365);
    assert_int_equal(d->clearance_complaint_days, 42);
    assert_int_equal(d->readings.window_days, 120);
    assert_int_equal(d->readings.relapse_gap_days, 14);
    assert_int_equal(d->stop_lifted_fact, cat->n_facts - 1);
    assert_int_equal(d->stop_lifted_pressure_delta, -2);
    assert_int_equal(d->stop_lifted_minutes_percent, 50);
    catalogue_unref(cat);
}

static void writes_citations(void **state)
{
    struct catalogue *cat = catalogue_of((struct parts){
        .facts = facts,
        .rules = "[{'id': 'r', 'when': {'var': 'a'}, 'evidence': ['e', 'full', 'alias']}]",
        .evidence = "[{'id': 'e', 'design': 'd', 'title': 'Only a title', 'finding': 'f', 'certainty': 'low',"
                    "  'verified': 'read'},"
                    " {'id': 'full', 'design': 'd', 'title': 'Title', 'authors': 'Authors A', 'year': 2020,"
                    "  'venue': 'Venue', 'url': 'https://example.org', 'finding': 'f', 'certainty': 'moderate',"
                    "  'verified': 'read', 'aliases': ['alias']}]",
    });
    const struct source *s = cat->rules[0].evidence;
    (void)state;
    assert_int_equal(cat->rules[0].n_evidence, 3);
    assert_str(s[0].citation, STR("Only a title"));
    assert_null(s[0].url.p);
    assert_int_equal(s[0].certainty, CERTAINTY_LOW);
    assert_str(s[1].citation, STR("Authors A. Title. Venue (2020)"));
    assert_str(s[1].url, STR("https://example.org"));
    assert_int_equal(s[1].certainty, CERTAINTY_MODERATE);
    assert_str(s[2].id, STR("full"));
    catalogue_unref(cat);
}

/* Under the address sanitizer one reference too few or too many does not pass. */
static void counts_references(void **state)
{
    struct catalogue *cat = catalogue_of((struct parts){ .facts = facts });
    (void)state;
    catalogue_unref(NULL);
    assert_null(catalogue_ref(NULL));
    assert_ptr_equal(catalogue_ref(cat), cat);
    catalogue_unref(cat);
    assert_str(cat->name, STR("test"));
    struct catalogue *again = catalogue_ref(cat);
    catalogue_unrefp(&again);
    assert_str(cat->version, STR("1"));
    assert_str(cat->title, STR("Test"));
    catalogue_unref(cat);
}

RUN_TESTS(cmocka_unit_test(reads_facts), cmocka_unit_test(orders_facts_upwards), cmocka_unit_test(finds_by_id),
          cmocka_unit_test(reads_techniques), cmocka_unit_test(finds_the_targets),
          cmocka_unit_test(targets_all_of_many_techniques), cmocka_unit_test(reads_rules),
          cmocka_unit_test(knows_what_takes_everything), cmocka_unit_test(takes_the_trait_of_its_name),
          cmocka_unit_test(indexes_terms_by_fact), cmocka_unit_test(reads_courses),
          cmocka_unit_test(reads_replanning_and_definitions), cmocka_unit_test(writes_citations),
          cmocka_unit_test(counts_references))
