/* Reads courses, what the person changes in them, and re-planning. */
#include "rules/rules_priv.h"

#include <stdlib.h>

static int32_t take_per_week(struct builder *b, const json_t *item, const char *member, int32_t otherwise,
                             const struct where *at)
{
    int32_t v = otherwise;
    (void)json_read_steps(json_object_get(item, member), PER_WEEK_SCALE, 1, PER_WEEK_STEPS_MAX,
                          WHERE_MEMBER(at, str_of(member)), b->faults, &v);
    return v;
}

static struct phase *take_phases(struct builder *b, const json_t *item, uint32_t *ret_n)
{
    static const struct json_member members[] = {
        { "name", true },     { "sessions", true }, { "per_week", true }, { "minutes", true },
        { "pressure", true }, { "intent", false },  { "only_if", false },
    };
    const struct where *at = WHERE_MEMBER(NULL, STR("phases"));
    const json_t *list = json_object_get(item, "phases");
    uint32_t n = (uint32_t)json_read_array(list, 20, at, b->faults);
    struct phase *phases = BUILD_ARRAY(b, struct phase, n);
    *ret_n = 0;
    for (uint32_t i = 0; phases && i < n; i++) {
        const json_t *p = json_array_get(list, i);
        const struct where *in = WHERE_INDEX(at, i);
        (void)json_read_object(p, members, ARRAY_LEN(members), in, b->faults);
        phases[(*ret_n)++] = (struct phase){
            .name = take_str(b, p, "name", in),
            .intent = take_str(b, p, "intent", in),
            .only_if = take_str(b, p, "only_if", in),
            .sessions = take_int(b, p, "sessions", 1, 100, 1, in),
            .per_week = take_per_week(b, p, "per_week", PER_WEEK_SCALE, in),
            .minutes = take_int(b, p, "minutes", 1, SESSION_MINUTES_MAX, 1, in),
            .pressure = take_int(b, p, "pressure", PRESSURE_MIN, PRESSURE_MAX, PRESSURE_MIN, in),
        };
    }
    return phases;
}

/* ---- courses ---------------------------------------------------------------------------------------------- */

static const struct json_member course_members[] = {
    { "id", true },
    { "topic", false },
    { "title", true },
    { "when", true },
    { "priority", true },
    { "focus", true },
    { "techniques", true },
    { "fallback_technique", false },
    { "phases", true },
    { "reassess_after_sessions", true },
    { "max_sessions_without_gain", true },
    { "expected_change", true },
    { "if_improving", true },
    { "if_unchanged", true },
    { "if_worse", true },
    { "stop_if", true },
    { "self_care", true },
    { "co_care", true },
    { "evidence", true },
    { "certainty", true },
    { "notes", false },
};

static void read_focus(struct builder *b, const json_t *item, struct course *c)
{
    const struct where *at = WHERE_MEMBER(NULL, STR("focus"));
    const json_t *list = json_object_get(item, "focus");
    size_t n = json_read_array(list, REGION_COUNT_, at, b->faults);
    for (size_t i = 0; i < n; i++) {
        int region;
        if (json_read_word(json_array_get(list, i), &region_vocabulary, WHERE_INDEX(at, i), b->faults, &region))
            c->focus[c->n_focus++] = (enum region)region;
    }
}

static void read_course(struct builder *b, const json_t *item, struct course *c)
{
    (void)json_read_object(item, course_members, ARRAY_LEN(course_members), NULL, b->faults);
    c->title = take_str(b, item, "title", NULL);
    c->priority = take_int(b, item, "priority", 0, 1000, 0, NULL);
    read_focus(b, item, c);
    c->techniques = take_technique_list(b, item, "techniques", &c->n_techniques, NULL);
    struct str fallback = take_str(b, item, "fallback_technique", NULL);
    c->fallback_technique = fallback.p ? catalogue_find_technique(b->cat, fallback) : NOT_GIVEN;
    if (fallback.p && c->fallback_technique < 0)
        fault_add(b->faults, FAULT_INVALID_REFERENCE, WHERE_MEMBER(NULL, STR("fallback_technique")), "name a technique",
                  "there is no technique \"%.*s\"", STR_ARGS(fallback));
    c->phases = take_phases(b, item, &c->n_phases);
    c->reassess_after_sessions = take_int(b, item, "reassess_after_sessions", 1, 100, 1, NULL);
    c->max_sessions_without_gain = take_int(b, item, "max_sessions_without_gain", 1, 100, 1, NULL);
    c->expected_change = take_str(b, item, "expected_change", NULL);
    c->if_improving = take_str(b, item, "if_improving", NULL);
    c->if_unchanged = take_str(b, item, "if_unchanged", NULL);
    c->if_worse = take_str(b, item, "if_worse", NULL);
    (void)take_str(b, item, "notes", NULL);
    c->stop_if = take_strs(b, item, "stop_if", NULL);
    c->self_care = take_strs(b, item, "self_care", NULL);
    c->co_care = take_strs(b, item, "co_care", NULL);
    c->evidence = take_evidence(b, item, &c->n_evidence, NULL);
    c->certainty = take_word(b, item, "certainty", &certainty_vocabulary, NOT_GIVEN, NULL);
    if (c->n_focus == 0 || c->n_techniques == 0 || c->n_phases == 0)
        fault_add(b->faults, FAULT_MISSING_MEMBER, NULL, "give at least one of each",
                  "a course has a focus, techniques and phases");
    const json_t *when = json_object_get(item, "when");
    if (when)
        c->when = cond_compile(&b->conds, when, COND_COURSE, WHERE_MEMBER(NULL, STR("when")));
}

void read_courses(struct builder *b)
{
    struct catalogue *cat = b->cat;
    const struct where *at = WHERE_MEMBER(NULL, STR("courses"));
    const json_t *list = json_object_get(b->doc, "courses");
    b->faults->item = (struct str){ NULL, 0 };
    uint32_t n = (uint32_t)json_read_array(list, 10000, at, b->faults);
    struct str *ids = BUILD_ARRAY(b, struct str, n);
    cat->courses = BUILD_ARRAY(b, struct course, n);
    if (b->oom)
        return;
    for (uint32_t i = 0; i < n && !b->oom; i++) {
        ids[i] = take_str(b, json_array_get(list, i), "id", WHERE_INDEX(at, i));
        cat->courses[i].id = ids[i];
        b->faults->item = ids[i];
        read_course(b, json_array_get(list, i), &cat->courses[i]);
    }
    cat->n_courses = n;
    (void)index_by_id(b, ids, n, "courses");
}

static bool find_course(struct builder *b, const json_t *item, uint32_t *ret, const struct where *at)
{
    struct str id = take_str(b, item, "course", at);
    for (uint32_t i = 0; id.p && i < b->cat->n_courses; i++) {
        if (str_eq(b->cat->courses[i].id, id)) {
            *ret = i;
            return true;
        }
    }
    if (id.p)
        fault_add(b->faults, FAULT_INVALID_REFERENCE, WHERE_MEMBER(at, STR("course")), "name a course",
                  "there is no course \"%.*s\"", STR_ARGS(id));
    return false;
}

/* ---- adjustments ------------------------------------------------------------------------------------------ */

static const struct json_member adjustment_members[] = {
    { "id", true },
    { "title", true },
    { "order", true },
    { "when", true },
    { "scope", false },
    { "first_sessions", false },
    { "minutes_max", false },
    { "minutes_prefer", false },
    { "pressure_max", false },
    { "pressure_delta", false },
    { "per_week_max", false },
    { "sessions_max", false },
    { "weeks_max", false },
    { "reassess_after_sessions", false },
    { "techniques_drop", false },
    { "techniques_allow", false },
    { "techniques_first", false },
    { "techniques_avoid", false },
    { "techniques_from_age", false },
    { "no_course", false },
    { "reason", false },
    { "no_course_at", false },
    { "note_if", false },
    { "advice", false },
    { "self_care_add", false },
    { "co_care_add", false },
    { "positions_prefer", false },
    { "focus_max_per_session", false },
    { "why", true },
    { "evidence", true },
    { "certainty", true },
};

static void read_from_age(struct builder *b, const json_t *item, struct adjustment *a)
{
    static const struct json_member members[] = { { "technique", true }, { "age_years", true } };
    const struct where *at = WHERE_MEMBER(NULL, STR("techniques_from_age"));
    const json_t *list = json_object_get(item, "techniques_from_age");
    size_t n = json_read_array(list, TECHNIQUES_LIMIT, at, b->faults);
    a->from_age = builder_array(b, n, sizeof(a->from_age[0]));
    for (size_t i = 0; a->from_age && i < n; i++) {
        const json_t *entry = json_array_get(list, i);
        const struct where *in = WHERE_INDEX(at, i);
        (void)json_read_object(entry, members, ARRAY_LEN(members), in, b->faults);
        struct str code = take_str(b, entry, "technique", in);
        int32_t t = code.p ? catalogue_find_technique(b->cat, code) : NOT_GIVEN;
        if (t < 0) {
            fault_add(b->faults, FAULT_INVALID_REFERENCE, in, "name a technique", "there is no such technique");
            continue;
        }
        a->from_age[a->n_from_age].technique = (uint8_t)t;
        a->from_age[a->n_from_age++].age_years = take_int(b, entry, "age_years", 0, AGE_YEARS_MAX, 0, in);
    }
}

static void read_no_course_at(struct builder *b, const json_t *item, struct adjustment *a)
{
    static const struct json_member members[] = {
        { "pain_max", true },
        { "reason", true },
        { "unless_clearance_for", false },
        { "unless_chronic_with", false },
    };
    const json_t *at_pain = json_object_get(item, "no_course_at");
    const struct where *at = WHERE_MEMBER(NULL, STR("no_course_at"));
    a->no_course_pain = NOT_GIVEN;
    if (!at_pain)
        return;
    (void)json_read_object(at_pain, members, ARRAY_LEN(members), at, b->faults);
    a->no_course_pain = take_int(b, at_pain, "pain_max", 0, PAIN_MAX, NOT_GIVEN, at);
    a->no_course_reason = take_str(b, at_pain, "reason", at);
    a->unless_clearance_for = take_facts(b, at_pain, "unless_clearance_for", at);
    a->unless_chronic_with = take_facts(b, at_pain, "unless_chronic_with", at);
}

static void read_notes(struct builder *b, const json_t *item, struct adjustment *a)
{
    static const struct json_member members[] = {
        { "course", true },
        { "minutes_below", false },
        { "per_week_below", false },
        { "say", true },
    };
    const struct where *at = WHERE_MEMBER(NULL, STR("note_if"));
    const json_t *list = json_object_get(item, "note_if");
    size_t n = json_read_array(list, 100, at, b->faults);
    a->notes = BUILD_ARRAY(b, struct course_note, n);
    for (size_t i = 0; a->notes && i < n; i++) {
        const json_t *entry = json_array_get(list, i);
        const struct where *in = WHERE_INDEX(at, i);
        struct course_note *note = &a->notes[a->n_notes];
        (void)json_read_object(entry, members, ARRAY_LEN(members), in, b->faults);
        note->say = take_str(b, entry, "say", in);
        note->minutes_below = take_int(b, entry, "minutes_below", 1, SESSION_MINUTES_MAX, NOT_GIVEN, in);
        note->per_week_below = take_per_week(b, entry, "per_week_below", NOT_GIVEN, in);
        if (find_course(b, entry, &note->course, in))
            a->n_notes++;
    }
}

static void read_adjustment(struct builder *b, const json_t *item, struct adjustment *a)
{
    static const struct str words[] = { { "course", 6 }, { "first_session", 13 }, { "first_sessions", 14 } };
    static const struct vocabulary scopes = { "scope", words, ARRAY_LEN(words) };
    a->id = take_str(b, item, "id", NULL);
    b->faults->item = a->id;
    (void)json_read_object(item, adjustment_members, ARRAY_LEN(adjustment_members), NULL, b->faults);
    a->title = take_str(b, item, "title", NULL);
    int scope = take_word(b, item, "scope", &scopes, 0, NULL);
    a->scope = scope == 1 ? SCOPE_FIRST_SESSION : scope == 2 ? SCOPE_FIRST_SESSIONS : SCOPE_COURSE;
    a->first_sessions = take_int(b, item, "first_sessions", 1, 100, 1, NULL);
    a->minutes_max = take_int(b, item, "minutes_max", 1, SESSION_MINUTES_MAX, NOT_GIVEN, NULL);
    a->minutes_prefer = take_int(b, item, "minutes_prefer", 1, SESSION_MINUTES_MAX, NOT_GIVEN, NULL);
    a->pressure_max = take_int(b, item, "pressure_max", PRESSURE_MIN, PRESSURE_MAX, NOT_GIVEN, NULL);
    a->pressure_delta = take_int(b, item, "pressure_delta", -PRESSURE_MAX, 0, 0, NULL);
    a->per_week_max = take_per_week(b, item, "per_week_max", NOT_GIVEN, NULL);
    a->sessions_max = take_int(b, item, "sessions_max", 1, 100, NOT_GIVEN, NULL);
    a->weeks_max = take_int(b, item, "weeks_max", 1, 520, NOT_GIVEN, NULL);
    a->reassess_after_sessions = take_int(b, item, "reassess_after_sessions", 1, 100, NOT_GIVEN, NULL);
    a->drop = take_technique_set(b, item, "techniques_drop", NULL);
    a->allow = take_technique_set(b, item, "techniques_allow", NULL);
    a->avoid = take_technique_set(b, item, "techniques_avoid", NULL);
    a->first_order = take_technique_list(b, item, "techniques_first", &a->n_first, NULL);
    read_from_age(b, item, a);
    a->no_course = take_bool(b, item, "no_course", NULL);
    a->reason = take_str(b, item, "reason", NULL);
    read_no_course_at(b, item, a);
    read_notes(b, item, a);
    a->advice = take_strs(b, item, "advice", NULL);
    a->self_care_add = take_strs(b, item, "self_care_add", NULL);
    a->co_care_add = take_strs(b, item, "co_care_add", NULL);
    (void)take_strs(b, item, "positions_prefer", NULL);
    (void)take_int(b, item, "focus_max_per_session", 1, REGION_COUNT_, 1, NULL);
    (void)take_str(b, item, "why", NULL);
    (void)take_word(b, item, "certainty", &certainty_vocabulary, 0, NULL);
    uint32_t n;
    (void)take_evidence(b, item, &n, NULL);
    const json_t *when = json_object_get(item, "when");
    if (when)
        a->when = cond_compile(&b->conds, when, COND_ADJUSTMENT, WHERE_MEMBER(NULL, STR("when")));
}

/* The places of the list's items in rising order of their member "order". */
static uint32_t *in_order(struct builder *b, const json_t *list, uint32_t n, const struct where *at)
{
    uint32_t *place = BUILD_ARRAY(b, uint32_t, n);
    int32_t *order = BUILD_ARRAY(b, int32_t, n);
    for (uint32_t i = 0; place && order && i < n; i++) {
        order[i] = take_int(b, json_array_get(list, i), "order", 0, 1000000, 0, WHERE_INDEX(at, i));
        uint32_t k = i;
        for (; k > 0 && order[place[k - 1]] > order[i]; k--)
            place[k] = place[k - 1];
        place[k] = i;
        if (k > 0 && order[place[k - 1]] == order[i])
            fault_add(b->faults, FAULT_DUPLICATE, WHERE_INDEX(at, i), "give each its own",
                      "two have the same place in the order");
    }
    return place;
}

void read_adjustments(struct builder *b)
{
    struct catalogue *cat = b->cat;
    const struct where *at = WHERE_MEMBER(NULL, STR("adjustments"));
    const json_t *list = json_object_get(b->doc, "adjustments");
    uint32_t n = (uint32_t)json_read_array(list, 1000, at, b->faults);
    struct str *ids = BUILD_ARRAY(b, struct str, n);
    cat->adjustments = BUILD_ARRAY(b, struct adjustment, n);
    b->faults->item = (struct str){ NULL, 0 };
    const uint32_t *place = in_order(b, list, n, at);
    for (uint32_t i = 0; i < n && !b->oom; i++) {
        read_adjustment(b, json_array_get(list, place[i]), &cat->adjustments[i]);
        ids[i] = cat->adjustments[i].id;
        cat->n_adjustments++;
    }
    if (!b->oom)
        (void)index_by_id(b, ids, n, "adjustments");
}

/* ---- re-planning ------------------------------------------------------------------------------------------ */

static const struct json_member replan_members[] = {
    { "id", true },
    { "order", true },
    { "decides", false },
    { "when", true },
    { "action", true },
    { "no_course", false },
    { "disposition", false },
    { "ask", false },
    { "pressure_delta", false },
    { "pressure_delta_max", false },
    { "minutes_factor", false },
    { "min_days_between", false },
    { "reassess_after_sessions", false },
    { "sessions_left_max", false },
    { "per_week", false },
    { "per_week_steps", false },
    { "techniques_drop", false },
    { "techniques_drop_with", false },
    { "techniques_drop_days", false },
    { "technique", false },
    { "phase_name", false },
    { "phases", false },
    { "dose_check", false },
    { "modifications", false },
    { "advice", false },
    { "say", true },
    { "evidence", true },
    { "certainty", true },
};

static void read_steps(struct builder *b, const json_t *item, struct replan_rule *r)
{
    const struct where *at = WHERE_MEMBER(NULL, STR("per_week_steps"));
    const json_t *list = json_object_get(item, "per_week_steps");
    size_t n = json_read_array(list, 20, at, b->faults);
    r->per_week_steps = BUILD_ARRAY(b, int32_t, n);
    for (size_t i = 0; r->per_week_steps && i < n; i++) {
        int32_t v;
        if (!json_read_steps(json_array_get(list, i), PER_WEEK_SCALE, 1, PER_WEEK_STEPS_MAX, WHERE_INDEX(at, i),
                             b->faults, &v))
            continue;
        if (r->n_per_week_steps && v >= r->per_week_steps[r->n_per_week_steps - 1])
            fault_add(b->faults, FAULT_INCONSISTENT, WHERE_INDEX(at, i), "sort them", "the steps fall");
        r->per_week_steps[r->n_per_week_steps++] = v;
    }
}

static void read_doses(struct builder *b, const json_t *item, struct replan_rule *r)
{
    static const struct json_member members[] = { { "course", true }, { "minutes", true }, { "per_week", true } };
    const struct where *at = WHERE_MEMBER(NULL, STR("dose_check"));
    const json_t *list = json_object_get(item, "dose_check");
    size_t n = json_read_array(list, 100, at, b->faults);
    r->doses = BUILD_ARRAY(b, struct dose, n);
    for (size_t i = 0; r->doses && i < n; i++) {
        const json_t *entry = json_array_get(list, i);
        const struct where *in = WHERE_INDEX(at, i);
        struct dose *d = &r->doses[r->n_doses];
        (void)json_read_object(entry, members, ARRAY_LEN(members), in, b->faults);
        d->minutes = take_int(b, entry, "minutes", 1, SESSION_MINUTES_MAX, 1, in);
        d->per_week = take_per_week(b, entry, "per_week", PER_WEEK_SCALE, in);
        if (find_course(b, entry, &d->course, in))
            r->n_doses++;
    }
}

static void read_replan_modifications(struct builder *b, const json_t *item, struct replan_rule *r)
{
    const struct where *at = WHERE_MEMBER(NULL, STR("modifications"));
    const json_t *list = json_object_get(item, "modifications");
    size_t n = json_read_array(list, 20, at, b->faults);
    for (size_t i = 0; i < n; i++) {
        struct mod m;
        if (!read_modification(b, json_array_get(list, i), &m, WHERE_INDEX(at, i)))
            continue;
        bool region = m.kind == MOD_AVOID_REGION && m.place == MOD_PLACE_LISTED;
        if (region)
            r->avoid_regions |= places_regions(&m.places);
        else if (mod_table[m.kind].takes != TRAIT_COUNT_)
            r->taken_traits |= UINT32_C(1) << mod_table[m.kind].takes;
        else
            fault_add(b->faults, FAULT_UNKNOWN_VALUE, WHERE_INDEX(at, i), "write it as advice",
                      "re-planning leaves out regions and traits only");
    }
}

static void read_replan(struct builder *b, const json_t *item, struct replan_rule *r)
{
    static const struct str words[] = { { "next_gentler", 12 }, { "next_style", 10 } };
    static const struct vocabulary changes = { "technique", words, ARRAY_LEN(words) };
    r->id = take_str(b, item, "id", NULL);
    b->faults->item = r->id;
    (void)json_read_object(item, replan_members, ARRAY_LEN(replan_members), NULL, b->faults);
    r->decides = take_bool(b, item, "decides", NULL);
    r->action = (enum replan_action)take_word(b, item, "action", &replan_action_vocabulary, REPLAN_CONTINUE, NULL);
    r->no_course = take_bool(b, item, "no_course", NULL);
    r->disposition = take_word(b, item, "disposition", &disposition_vocabulary, NOT_GIVEN, NULL);
    r->pressure_delta = take_int(b, item, "pressure_delta", -PRESSURE_MAX, 0, 0, NULL);
    (void)take_int(b, item, "pressure_delta_max", 0, PRESSURE_MAX, 0, NULL);
    r->minutes_percent = 100;
    (void)json_read_steps(json_object_get(item, "minutes_factor"), 100, 1, 100,
                          WHERE_MEMBER(NULL, STR("minutes_factor")), b->faults, &r->minutes_percent);
    r->min_days_between = take_int(b, item, "min_days_between", 1, 365, NOT_GIVEN, NULL);
    r->reassess_after_sessions = take_int(b, item, "reassess_after_sessions", 1, 100, NOT_GIVEN, NULL);
    r->sessions_left_max = take_int(b, item, "sessions_left_max", 1, 100, NOT_GIVEN, NULL);
    r->per_week = take_per_week(b, item, "per_week", NOT_GIVEN, NULL);
    read_steps(b, item, r);
    r->drop = take_technique_set(b, item, "techniques_drop", NULL);
    r->drop_traits = take_words(b, item, "techniques_drop_with", &trait_vocabulary, NULL);
    r->drop_days = take_int(b, item, "techniques_drop_days", 1, 3650, NOT_GIVEN, NULL);
    int change = take_word(b, item, "technique", &changes, NOT_GIVEN, NULL);
    r->technique = change == 0 ? TECHNIQUE_NEXT_GENTLER : change == 1 ? TECHNIQUE_NEXT_STYLE : TECHNIQUE_KEEP;
    r->phase_name = take_str(b, item, "phase_name", NULL);
    r->phases = take_phases(b, item, &r->n_phases);
    read_doses(b, item, r);
    read_replan_modifications(b, item, r);
    (void)take_facts(b, item, "ask", NULL);
    r->advice = take_strs(b, item, "advice", NULL);
    r->say = take_str(b, item, "say", NULL);
    r->evidence = take_evidence(b, item, &r->n_evidence, NULL);
    r->certainty = take_word(b, item, "certainty", &certainty_vocabulary, NOT_GIVEN, NULL);
    const json_t *when = json_object_get(item, "when");
    if (when)
        r->when = cond_compile(&b->conds, when, COND_REPLAN, WHERE_MEMBER(NULL, STR("when")));
    if (!r->decides && (r->no_course || r->disposition != NOT_GIVEN || r->n_phases))
        fault_add(b->faults, FAULT_INCONSISTENT, NULL, "let it decide",
                  "a rule that only adds to another cannot stop or replace a course");
}

void read_replans(struct builder *b)
{
    struct catalogue *cat = b->cat;
    const struct where *at = WHERE_MEMBER(NULL, STR("replanning"));
    const json_t *list = json_object_get(b->doc, "replanning");
    uint32_t n = (uint32_t)json_read_array(list, 1000, at, b->faults);
    struct str *ids = BUILD_ARRAY(b, struct str, n);
    cat->replans = BUILD_ARRAY(b, struct replan_rule, n);
    b->faults->item = (struct str){ NULL, 0 };
    const uint32_t *place = in_order(b, list, n, at);
    for (uint32_t i = 0; i < n && !b->oom; i++) {
        read_replan(b, json_array_get(list, place[i]), &cat->replans[i]);
        ids[i] = cat->replans[i].id;
        cat->n_replans++;
    }
    if (!b->oom)
        (void)index_by_id(b, ids, n, "re-planning rules");
}
