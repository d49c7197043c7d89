/* A screening written as the request that it could have been read from. */
#include "generate/generate.h"
#include "wire/wire.h"

static void out_word(struct json_out *o, const char *member, const struct vocabulary *words, int word)
{
    if (word != NOT_GIVEN)
        out_str(o, member, words->names[word]);
}

static void out_given(struct json_out *o, const char *member, int32_t value)
{
    if (value != NOT_GIVEN)
        out_int(o, member, value);
}

static void out_subject(struct json_out *o, const struct screening *s)
{
    out_open(o, "subject", '{');
    out_str_if(o, "ref", s->ref);
    out_int(o, "age_years", s->age_years);
    if (s->sex != SEX_UNKNOWN)
        out_str(o, "sex", sex_name(s->sex));
    out_close(o, '}');
}

static void out_complaints(struct json_out *o, const struct screening *s)
{
    if (s->n_complaints == 0)
        return;
    out_open(o, "complaints", '[');
    for (size_t i = 0; i < s->n_complaints; i++) {
        const struct complaint *c = &s->complaints[i];
        out_open(o, NULL, '{');
        out_str(o, "region", region_name(c->region));
        out_word(o, "side", &side_vocabulary, c->side);
        out_given(o, "pain", c->pain);
        out_word(o, "onset", &onset_vocabulary, c->onset);
        out_word(o, "cause", &cause_vocabulary, c->cause);
        out_given(o, "duration_days", c->duration_days);
        out_close(o, '}');
    }
    out_close(o, ']');
}

static void out_goals(struct json_out *o, const struct screening *s)
{
    if (s->goals == 0)
        return;
    out_open(o, "goals", '[');
    for (int g = 0; g < GOAL_COUNT_; g++)
        if (s->goals >> g & 1)
            out_str(o, NULL, goal_name((enum goal)g));
    out_close(o, ']');
}

static void out_attribute(struct json_out *o, const struct finding *f, enum attribute a)
{
    const char *name = attribute_table[a].name.p;
    int32_t value = f->value[a];
    switch (attribute_table[a].type) {
    case VALUE_INTEGER:
        out_int(o, name, value);
        break;
    case VALUE_BOOLEAN:
        out_bool(o, name, value != 0);
        break;
    case VALUE_DATE:
        out_date(o, name, value);
        break;
    case VALUE_REGION:
        out_str(o, name, region_name((enum region)value));
        break;
    case VALUE_SIDE:
        out_str(o, name, side_name((enum side)value));
        break;
    }
}

static void out_finding(struct json_out *o, const struct finding *f)
{
    out_open(o, NULL, '{');
    if (f->id.p) {
        out_str(o, "id", f->id);
    } else {
        out_str(o, "system", f->system);
        out_str(o, "code", f->code);
    }
    if (f->state != FINDING_PRESENT)
        out_str(o, "state", finding_state_name(f->state));
    for (int a = 0; a < ATTR_COUNT_; a++)
        if (f->has >> a & 1)
            out_attribute(o, f, (enum attribute)a);
    if (f->since != DATE_NOT_GIVEN)
        out_date(o, "since", f->since);
    out_close(o, '}');
}

static void out_findings(struct json_out *o, const struct screening *s, const char *member, enum finding_list list)
{
    bool any = false;
    for (size_t i = 0; i < s->n_findings; i++) {
        if (s->findings[i].list != list)
            continue;
        if (!any)
            out_open(o, member, '[');
        any = true;
        out_finding(o, &s->findings[i]);
    }
    if (any)
        out_close(o, ']');
}

static void out_clearances(struct json_out *o, const struct screening *s)
{
    if (s->n_clearances == 0)
        return;
    out_open(o, "clearances", '[');
    for (size_t i = 0; i < s->n_clearances; i++) {
        out_open(o, NULL, '{');
        out_str(o, "for", s->clearances[i].fact);
        out_str(o, "by", clearer_name(s->clearances[i].by));
        out_date(o, "date", s->clearances[i].date);
        out_close(o, '}');
    }
    out_close(o, ']');
}

static void out_preferences(struct json_out *o, const struct screening *s)
{
    out_open(o, "preferences", '{');
    out_word(o, "pressure", &pressure_wish_vocabulary, s->pressure_wish);
    out_strs(o, "techniques", (struct strs){ s->wishes, s->n_wishes });
    out_given(o, "session_minutes", s->session_minutes);
    if (s->per_week_max != NOT_GIVEN)
        out_per_week(o, "sessions_per_week_max", s->per_week_max);
    out_close(o, '}');
}

static void out_progress(struct json_out *o, const struct screening *s)
{
    if (s->n_progress == 0)
        return;
    out_open(o, "progress", '[');
    for (size_t i = 0; i < s->n_progress; i++) {
        const struct progress_entry *e = &s->progress[i];
        out_open(o, NULL, '{');
        out_date(o, "date", e->date);
        out_str_if(o, "technique", e->technique);
        out_given(o, "minutes", e->minutes);
        out_given(o, "pain_before", e->pain_before);
        out_given(o, "pain_after", e->pain_after);
        out_word(o, "reaction", &reaction_vocabulary, e->reaction);
        out_close(o, '}');
    }
    out_close(o, ']');
}

void write_request(struct buf *b, const struct screening *s)
{
    struct json_out out = { b, false }, *o = &out;
    out_open(o, NULL, '{');
    out_subject(o, s);
    out_complaints(o, s);
    out_goals(o, s);
    out_findings(o, s, "symptoms", LIST_SYMPTOMS);
    out_open(o, "history", '{');
    out_findings(o, s, "conditions", LIST_CONDITIONS);
    out_findings(o, s, "medications", LIST_MEDICATIONS);
    out_findings(o, s, "procedures", LIST_PROCEDURES);
    out_findings(o, s, "injuries", LIST_INJURIES);
    out_close(o, '}');
    out_clearances(o, s);
    out_preferences(o, s);
    out_progress(o, s);
    if (s->unlisted != UNLISTED_UNKNOWN)
        out_str(o, "unlisted", unlisted_name(s->unlisted));
    out_date(o, "as_of", s->as_of);
    out_close(o, '}');
}
