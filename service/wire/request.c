/* Reads a screening request. Every member is checked against its table, and every fault is kept. */
#include "domain/json_read.h"
#include "wire/wire.h"

struct reading {
    struct faults *faults;
    struct screening *s;
    bool oom;
};

static void *take_array(struct reading *r, size_t n, size_t size)
{
    void *p = arena_alloc(r->faults->arena, n, size);
    r->oom |= !p;
    return p;
}

/* A word of a vocabulary, or `otherwise`. */
static int take_word(struct reading *r, const json_t *object, const char *member, const struct vocabulary *words,
                     int otherwise, const struct where *at)
{
    int v = otherwise;
    (void)json_read_word(json_object_get(object, member), words, WHERE_MEMBER(at, str_of(member)), r->faults, &v);
    return v;
}

static int32_t take_int(struct reading *r, const json_t *object, const char *member, int32_t min, int32_t max,
                        const struct where *at)
{
    int32_t v = NOT_GIVEN;
    (void)json_read_int(json_object_get(object, member), min, max, WHERE_MEMBER(at, str_of(member)), r->faults, &v);
    return v;
}

/* ---- the person ------------------------------------------------------------------------------------------- */

static void read_subject(struct reading *r, const json_t *v, const struct where *at)
{
    static const struct json_member members[] = { { "ref", false }, { "age_years", true }, { "sex", false } };
    (void)json_read_object(v, members, ARRAY_LEN(members), at, r->faults);
    (void)json_read_str(json_object_get(v, "ref"), REF_LEN_MAX, WHERE_MEMBER(at, STR("ref")), r->faults, &r->s->ref);
    r->s->age_years = (int16_t)take_int(r, v, "age_years", 0, AGE_YEARS_MAX, at);
    r->s->sex = (enum sex)take_word(r, v, "sex", &sex_vocabulary, SEX_UNKNOWN, at);
}

static void read_complaint(struct reading *r, const json_t *v, struct complaint *c, const struct where *at)
{
    static const struct json_member members[] = {
        { "region", true }, { "side", false },          { "pain", false },        { "onset", false },
        { "cause", false }, { "duration_days", false }, { "radiates_to", false },
    };
    (void)json_read_object(v, members, ARRAY_LEN(members), at, r->faults);
    *c = (struct complaint){
        .region = (enum region)take_word(r, v, "region", &region_vocabulary, 0, at),
        .side = (int8_t)take_word(r, v, "side", &side_vocabulary, NOT_GIVEN, at),
        .pain = (int8_t)take_int(r, v, "pain", 0, PAIN_MAX, at),
        .onset = (int8_t)take_word(r, v, "onset", &onset_vocabulary, NOT_GIVEN, at),
        .cause = (int8_t)take_word(r, v, "cause", &cause_vocabulary, NOT_GIVEN, at),
        .duration_days = take_int(r, v, "duration_days", 0, DURATION_DAYS_MAX, at),
    };
    const struct where *in = WHERE_MEMBER(at, STR("radiates_to"));
    const json_t *radiates = json_object_get(v, "radiates_to");
    size_t n = json_read_array(radiates, RADIATES_LIMIT, in, r->faults);
    for (size_t i = 0; i < n; i++) { /* checked, and read by no rule */
        int region;
        (void)json_read_word(json_array_get(radiates, i), &region_vocabulary, WHERE_INDEX(in, i), r->faults, &region);
    }
}

static void read_complaints(struct reading *r, const json_t *v, const struct where *at)
{
    size_t n = json_read_array(v, COMPLAINTS_LIMIT, at, r->faults);
    r->s->complaints = take_array(r, n, sizeof(r->s->complaints[0]));
    for (size_t i = 0; !r->oom && i < n; i++)
        read_complaint(r, json_array_get(v, i), &r->s->complaints[i], WHERE_INDEX(at, i));
    r->s->n_complaints = r->oom ? 0 : n;
}

static void read_goals(struct reading *r, const json_t *v, const struct where *at)
{
    size_t n = json_read_array(v, GOALS_LIMIT, at, r->faults);
    for (size_t i = 0; i < n; i++) {
        int goal;
        if (json_read_word(json_array_get(v, i), &goal_vocabulary, WHERE_INDEX(at, i), r->faults, &goal))
            r->s->goals |= UINT32_C(1) << goal;
    }
}

/* ---- findings --------------------------------------------------------------------------------------------- */

static void read_name(struct reading *r, const json_t *v, struct finding *f, const struct where *at)
{
    const json_t *id = json_object_get(v, "id"), *system = json_object_get(v, "system");
    const json_t *code = json_object_get(v, "code");
    (void)json_read_str(id, ID_LEN_MAX, WHERE_MEMBER(at, STR("id")), r->faults, &f->id);
    (void)json_read_str(system, ID_LEN_MAX, WHERE_MEMBER(at, STR("system")), r->faults, &f->system);
    (void)json_read_str(code, CODE_LEN_MAX, WHERE_MEMBER(at, STR("code")), r->faults, &f->code);
    if (!json_is_object(v))
        return;
    if (id && (system || code))
        fault_add(r->faults, FAULT_CONFLICT, at, "send id alone, or system with code",
                  "a finding is named by an id or by a code, not by both");
    else if (!id && (!system || !code))
        fault_add(r->faults, FAULT_MISSING_MEMBER, at, "send id, or system with code", "the finding has no name");
}

static bool read_past_date(struct reading *r, const json_t *v, const char *member, int32_t *ret, const struct where *at)
{
    const struct where *in = WHERE_MEMBER(at, str_of(member));
    if (!json_read_date(json_object_get(v, member), in, r->faults, ret))
        return false;
    if (*ret > r->s->as_of) {
        fault_add(r->faults, FAULT_DATE_IN_FUTURE, in, "send a day up to as_of", "the day lies after as_of");
        return false;
    }
    return true;
}

static bool read_attribute(struct reading *r, const json_t *v, enum attribute a, int32_t *ret, const struct where *at)
{
    const struct attribute_info *info = &attribute_table[a];
    const json_t *value = json_object_get(v, info->name.p);
    const struct where *in = WHERE_MEMBER(at, info->name);
    bool boolean;
    switch (info->type) {
    case VALUE_DATE:
        return read_past_date(r, v, info->name.p, ret, at);
    case VALUE_REGION:
        return json_read_word(value, &region_vocabulary, in, r->faults, ret);
    case VALUE_SIDE:
        return json_read_word(value, &side_vocabulary, in, r->faults, ret);
    case VALUE_BOOLEAN:
        if (!json_read_bool(value, in, r->faults, &boolean))
            return false;
        *ret = boolean;
        return true;
    case VALUE_INTEGER:
        return json_read_int(value, info->min, info->max, in, r->faults, ret);
    }
    return false;
}

static void read_finding(struct reading *r, const json_t *v, struct finding *f, const struct where *at)
{
    static const struct json_member members[] = {
        { "id", false },       { "system", false },   { "code", false },       { "state", false },
        { "since", false },    { "date", false },     { "region", false },     { "side", false },
        { "severity", false }, { "grade", false },    { "controlled", false }, { "gestation_weeks", false },
        { "stage", false },    { "systolic", false }, { "diastolic", false },  { "platelets", false },
    };
    static_assert(ARRAY_LEN(members) == 5 + ATTR_COUNT_, "every attribute is a member of a finding");
    (void)json_read_object(v, members, ARRAY_LEN(members), at, r->faults);
    read_name(r, v, f, at);
    f->state = (enum finding_state)take_word(r, v, "state", &finding_state_vocabulary, FINDING_PRESENT, at);
    for (int a = 0; a < ATTR_COUNT_; a++)
        if (read_attribute(r, v, a, &f->value[a], at))
            f->has |= (uint16_t)(1u << a);
    f->since = DATE_NOT_GIVEN;
    int32_t since;
    if (read_past_date(r, v, "since", &since, at))
        f->since = since;
}

static void read_findings(struct reading *r, const json_t *v, enum finding_list list, const struct where *at)
{
    struct screening *s = r->s;
    size_t n = json_read_array(v, FINDINGS_LIMIT, at, r->faults);
    if (s->n_findings + n > FINDINGS_LIMIT) {
        fault_add(r->faults, FAULT_TOO_MANY, at, "send at most 500 findings in all", "there are too many findings");
        return;
    }
    for (size_t i = 0; i < n; i++) {
        struct finding *f = &s->findings[s->n_findings++];
        f->list = list;
        f->index = (uint16_t)i;
        read_finding(r, json_array_get(v, i), f, WHERE_INDEX(at, i));
    }
}

static void read_history(struct reading *r, const json_t *v, const struct where *at)
{
    static const struct json_member members[] = {
        { "conditions", false },
        { "medications", false },
        { "procedures", false },
        { "injuries", false },
    };
    static const enum finding_list lists[] = { LIST_CONDITIONS, LIST_MEDICATIONS, LIST_PROCEDURES, LIST_INJURIES };
    (void)json_read_object(v, members, ARRAY_LEN(members), at, r->faults);
    for (size_t i = 0; i < ARRAY_LEN(members); i++)
        read_findings(r, json_object_get(v, members[i].name), lists[i], WHERE_MEMBER(at, str_of(members[i].name)));
}

/* How many findings there are at most, before any is looked at. */
static size_t count_findings(const json_t *body)
{
    static const char *const lists[] = { "conditions", "medications", "procedures", "injuries" };
    const json_t *history = json_object_get(body, "history");
    size_t n = json_array_size(json_object_get(body, "symptoms"));
    for (size_t i = 0; i < ARRAY_LEN(lists); i++)
        n += json_array_size(json_object_get(history, lists[i]));
    return n < FINDINGS_LIMIT ? n : FINDINGS_LIMIT;
}

/* ---- clearances, preferences, progress -------------------------------------------------------------------- */

static void read_clearances(struct reading *r, const json_t *v, const struct where *at)
{
    static const struct json_member members[] = { { "for", true }, { "by", true }, { "date", true } };
    size_t n = json_read_array(v, CLEARANCES_LIMIT, at, r->faults);
    r->s->clearances = take_array(r, n, sizeof(r->s->clearances[0]));
    for (size_t i = 0; !r->oom && i < n; i++) {
        const json_t *item = json_array_get(v, i);
        const struct where *in = WHERE_INDEX(at, i);
        struct clearance *c = &r->s->clearances[i];
        (void)json_read_object(item, members, ARRAY_LEN(members), in, r->faults);
        (void)json_read_str(json_object_get(item, "for"), ID_LEN_MAX, WHERE_MEMBER(in, STR("for")), r->faults,
                            &c->fact);
        c->by = (enum clearer)take_word(r, item, "by", &clearer_vocabulary, 0, in);
        (void)json_read_date(json_object_get(item, "date"), WHERE_MEMBER(in, STR("date")), r->faults, &c->date);
    }
    r->s->n_clearances = r->oom ? 0 : n;
}

static void read_preferences(struct reading *r, const json_t *v, const struct where *at)
{
    static const struct json_member members[] = {
        { "pressure", false },
        { "techniques", false },
        { "session_minutes", false },
        { "sessions_per_week_max", false },
    };
    struct screening *s = r->s;
    int32_t per_week = NOT_GIVEN;
    (void)json_read_object(v, members, ARRAY_LEN(members), at, r->faults);
    s->pressure_wish = (int8_t)take_word(r, v, "pressure", &pressure_wish_vocabulary, NOT_GIVEN, at);
    s->session_minutes = (int16_t)take_int(r, v, "session_minutes", 1, SESSION_MINUTES_MAX, at);
    (void)json_read_steps(json_object_get(v, "sessions_per_week_max"), PER_WEEK_SCALE, PER_WEEK_SCALE / 4,
                          PER_WEEK_STEPS_MAX, WHERE_MEMBER(at, STR("sessions_per_week_max")), r->faults, &per_week);
    s->per_week_max = (int16_t)per_week;
    const json_t *wishes = json_object_get(v, "techniques");
    const struct where *in = WHERE_MEMBER(at, STR("techniques"));
    size_t n = json_read_array(wishes, WISHES_LIMIT, in, r->faults);
    s->wishes = take_array(r, n, sizeof(s->wishes[0]));
    for (size_t i = 0; !r->oom && i < n; i++)
        (void)json_read_str(json_array_get(wishes, i), ID_LEN_MAX, WHERE_INDEX(in, i), r->faults, &s->wishes[i]);
    s->n_wishes = r->oom ? 0 : n;
}

static void read_progress(struct reading *r, const json_t *v, const struct where *at)
{
    static const struct json_member members[] = {
        { "date", true },         { "technique", false },  { "minutes", false },
        { "pain_before", false }, { "pain_after", false }, { "reaction", false },
    };
    size_t n = json_read_array(v, PROGRESS_LIMIT, at, r->faults);
    r->s->progress = take_array(r, n, sizeof(r->s->progress[0]));
    for (size_t i = 0; !r->oom && i < n; i++) {
        const json_t *item = json_array_get(v, i);
        const struct where *in = WHERE_INDEX(at, i);
        struct progress_entry *e = &r->s->progress[i];
        (void)json_read_object(item, members, ARRAY_LEN(members), in, r->faults);
        (void)json_read_date(json_object_get(item, "date"), WHERE_MEMBER(in, STR("date")), r->faults, &e->date);
        (void)json_read_str(json_object_get(item, "technique"), ID_LEN_MAX, WHERE_MEMBER(in, STR("technique")),
                            r->faults, &e->technique);
        e->minutes = (int16_t)take_int(r, item, "minutes", 1, SESSION_MINUTES_MAX, in);
        e->pain_before = (int8_t)take_int(r, item, "pain_before", 0, PAIN_MAX, in);
        e->pain_after = (int8_t)take_int(r, item, "pain_after", 0, PAIN_MAX, in);
        e->reaction = (int8_t)take_word(r, item, "reaction", &reaction_vocabulary, NOT_GIVEN, in);
    }
    r->s->n_progress = r->oom ? 0 : n;
}

/* ---- the whole -------------------------------------------------------------------------------------------- */

static void read_body(struct reading *r, const json_t *body, int32_t today)
{
    static const struct json_member members[] = {
        { "subject", true },   { "complaints", false }, { "goals", false },       { "symptoms", false },
        { "history", false },  { "clearances", false }, { "preferences", false }, { "progress", false },
        { "unlisted", false }, { "as_of", false },
    };
    struct screening *s = r->s;
    const json_t *complaints = json_object_get(body, "complaints"), *goals = json_object_get(body, "goals");
    (void)json_read_object(body, members, ARRAY_LEN(members), NULL, r->faults);
    s->as_of = today;
    (void)json_read_date(json_object_get(body, "as_of"), WHERE_MEMBER(NULL, STR("as_of")), r->faults, &s->as_of);
    s->unlisted = (enum unlisted)take_word(r, body, "unlisted", &unlisted_vocabulary, UNLISTED_UNKNOWN, NULL);
    read_subject(r, json_object_get(body, "subject"), WHERE_MEMBER(NULL, STR("subject")));
    read_complaints(r, complaints, WHERE_MEMBER(NULL, STR("complaints")));
    read_goals(r, goals, WHERE_MEMBER(NULL, STR("goals")));
    s->findings = take_array(r, count_findings(body), sizeof(s->findings[0]));
    if (r->oom)
        return;
    read_findings(r, json_object_get(body, "symptoms"), LIST_SYMPTOMS, WHERE_MEMBER(NULL, STR("symptoms")));
    read_history(r, json_object_get(body, "history"), WHERE_MEMBER(NULL, STR("history")));
    read_clearances(r, json_object_get(body, "clearances"), WHERE_MEMBER(NULL, STR("clearances")));
    read_preferences(r, json_object_get(body, "preferences"), WHERE_MEMBER(NULL, STR("preferences")));
    read_progress(r, json_object_get(body, "progress"), WHERE_MEMBER(NULL, STR("progress")));
    if (json_is_object(body) && json_array_size(complaints) == 0 && json_array_size(goals) == 0)
        fault_add(r->faults, FAULT_MISSING_MEMBER, WHERE_MEMBER(NULL, STR("complaints")),
                  "give at least one complaint or one goal", "there are neither complaints nor goals");
}

enum rc read_screening(struct str body, int32_t today, struct faults *faults, struct screening *ret,
                       struct error *reterr)
{
    CLEANUP(json_decrefp) json_t *root = json_parse(body, reterr);
    if (!root)
        return reterr->code;
    struct screening s = { .pressure_wish = NOT_GIVEN, .session_minutes = NOT_GIVEN, .per_week_max = NOT_GIVEN };
    struct reading r = { .faults = faults, .s = &s };
    size_t before = faults->total;
    read_body(&r, root, today);
    if (r.oom || faults->arena->exhausted) /* a text that was lost would be an answer that nobody gave */
        return error_oom(reterr);
    size_t found = faults->total - before;
    if (found)
        return error_set(reterr, RC_INVALID_REQUEST, "the request has %zu fault%s", found, found == 1 ? "" : "s");
    *ret = s;
    return RC_OK;
}
