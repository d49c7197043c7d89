/* The answer to a screening. What is not there is left out; codes are strings; nothing changes its type but the value
 * of a modification, which its kind decides. */
#include "wire/wire.h"

static void out_regions(struct json_out *o, const char *member, uint32_t regions, bool place_unknown)
{
    out_open(o, member, '[');
    for (int r = 0; r < REGION_COUNT_; r++)
        if (regions >> r & 1)
            out_str(o, NULL, region_name((enum region)r));
    if (place_unknown)
        out_str(o, NULL, STR("where_found"));
    out_close(o, ']');
}

/* Each place with its side; left out where no side is known, for the regions say it all then. */
static void out_places(struct json_out *o, const struct places *places)
{
    bool sides = false;
    for (int place = 0; place < PLACE_COUNT; place++)
        sides |= places_has(places, place) && place_side(place) != NOT_GIVEN;
    if (!sides)
        return;
    out_open(o, "places", '[');
    for (int place = 0; place < PLACE_COUNT; place++) {
        if (!places_has(places, place))
            continue;
        out_open(o, NULL, '{');
        out_str(o, "region", region_name(place_region(place)));
        if (place_side(place) != NOT_GIVEN)
            out_str(o, "side", side_name((enum side)place_side(place)));
        out_close(o, '}');
    }
    out_close(o, ']');
}

static void out_modification(struct json_out *o, const struct modification *m)
{
    out_open(o, NULL, '{');
    out_str(o, "kind", mod_table[m->kind].name);
    switch (mod_table[m->kind].type) {
    case MOD_NUMBER:
        out_int(o, "value", m->number);
        break;
    case MOD_FLAG:
        out_bool(o, "value", true);
        break;
    case MOD_OPTION:
        out_str(o, "value", m->option);
        break;
    case MOD_PLACE:
        out_regions(o, "value", places_regions(&m->places), m->place_unknown);
        break;
    }
    if (mod_table[m->kind].type != MOD_PLACE && !places_empty(&m->places))
        out_regions(o, "regions", places_regions(&m->places), false);
    out_places(o, &m->places);
    out_close(o, '}');
}

static void out_allow_set(struct json_out *o, const struct allow_set *s)
{
    out_open(o, NULL, '{');
    if (s->n_clearances) {
        out_open(o, "clearances", '[');
        for (size_t i = 0; i < s->n_clearances; i++) {
            out_open(o, NULL, '{');
            out_str(o, "for", s->clearances[i].fact);
            out_str(o, "by", s->clearances[i].by);
            out_close(o, '}');
        }
        out_close(o, ']');
    }
    if (s->n_answers) {
        out_open(o, "answers", '[');
        for (size_t i = 0; i < s->n_answers; i++) {
            out_open(o, NULL, '{');
            out_str(o, "fact", s->answers[i].fact);
            out_str_if(o, "attribute", s->answers[i].attribute);
            out_str(o, "answer", s->answers[i].answer);
            out_close(o, '}');
        }
        out_close(o, ']');
    }
    if (s->date != DATE_NOT_GIVEN)
        out_date(o, "date", s->date);
    out_close(o, '}');
}

/* Of a technique above "modified" the list is always there: empty, nothing would allow it. */
static void out_allowed(struct json_out *o, const struct technique_verdict *t)
{
    if (t->not_offered)
        out_bool(o, "not_offered", true);
    if (t->not_offered || t->verdict <= VERDICT_MODIFIED)
        return;
    out_open(o, "would_allow", '[');
    for (size_t i = 0; i < t->n_would_allow; i++)
        out_allow_set(o, &t->would_allow[i]);
    out_close(o, ']');
    if (t->more_would_allow)
        out_bool(o, "more_would_allow", true);
    out_strs(o, "cannot_change", t->cannot_change);
    if (t->earliest_date != DATE_NOT_GIVEN)
        out_date(o, "earliest_date", t->earliest_date);
}

static void out_technique(struct json_out *o, const struct technique_verdict *t)
{
    out_open(o, NULL, '{');
    out_str(o, "code", t->code);
    out_str(o, "name", t->name);
    out_str(o, "verdict", verdict_name(t->verdict));
    out_str(o, "could_become", verdict_name(t->could_become));
    out_open(o, "modifications", '[');
    for (size_t i = 0; i < t->n_modifications; i++)
        out_modification(o, &t->modifications[i]);
    out_close(o, ']');
    out_open(o, "because", '[');
    for (size_t i = 0; i < t->because.n; i++)
        out_str(o, NULL, t->because.at[i]);
    out_close(o, ']');
    out_allowed(o, t);
    out_close(o, '}');
}

static void out_evidence(struct json_out *o, const struct source *evidence, size_t n)
{
    out_open(o, "evidence", '[');
    for (size_t i = 0; i < n; i++) {
        out_open(o, NULL, '{');
        out_str(o, "id", evidence[i].id);
        out_str(o, "citation", evidence[i].citation);
        out_str(o, "certainty", certainty_name(evidence[i].certainty));
        out_str_if(o, "url", evidence[i].url);
        out_close(o, '}');
    }
    out_close(o, ']');
}

static void out_warning(struct json_out *o, const struct warning *w)
{
    out_open(o, NULL, '{');
    out_str(o, "code", w->code);
    out_str(o, "severity", severity_name(w->severity));
    out_str(o, "effect", verdict_name(w->effect));
    if (w->disposition != NOT_GIVEN)
        out_str(o, "disposition", disposition_name((enum disposition)w->disposition));
    out_str(o, "scope", w->regional ? STR("regional") : STR("systemic"));
    if (w->regional) {
        out_regions(o, "regions", places_regions(&w->places), false);
        out_places(o, &w->places);
    }
    out_str(o, "message", w->message);
    out_str_if(o, "note", w->note);
    out_str_if(o, "action", w->action);
    out_str_if(o, "rationale", w->rationale);
    out_evidence(o, w->evidence, w->n_evidence);
    if (w->certainty != NOT_GIVEN)
        out_str(o, "certainty", certainty_name((enum certainty)w->certainty));
    out_open(o, "triggered_by", '[');
    for (size_t i = 0; i < w->triggered_by.n; i++)
        out_str(o, NULL, w->triggered_by.at[i]);
    out_close(o, ']');
    if (w->cleared) {
        out_bool(o, "cleared", true);
        out_strs(o, "cleared_by", w->cleared_by);
    }
    out_str_if(o, "clearable_by", w->clearable_by);
    out_strs(o, "clearance_for", w->clearance_for);
    out_close(o, '}');
}

static void out_question(struct json_out *o, const struct question *q)
{
    out_open(o, NULL, '{');
    out_str(o, "fact", q->fact);
    out_str_if(o, "attribute", q->attribute);
    out_strs(o, "findings", q->findings);
    out_str_if(o, "label", q->label);
    out_str(o, "text", q->text);
    out_str(o, "type", str_of(answer_type_name(q->type)));
    if (q->type == ANSWER_INTEGER) {
        out_int(o, "min", q->min);
        out_int(o, "max", q->max);
        out_str_if(o, "unit", q->unit);
    }
    if (q->type == ANSWER_CHOICE)
        out_strs(o, "choices", (struct strs){ q->choices->names, q->choices->n });
    if (q->gate)
        out_bool(o, "gate", true);
    out_strs(o, "covers", q->covers);
    out_open(o, "could_change", '{');
    if (q->could_disposition != NOT_GIVEN)
        out_str(o, "disposition", disposition_name((enum disposition)q->could_disposition));
    if (q->could_verdict != NOT_GIVEN)
        out_str(o, "verdict", verdict_name((enum verdict)q->could_verdict));
    out_strs(o, "techniques", q->could_techniques);
    if (q->could_modify)
        out_bool(o, "modifications", true);
    out_close(o, '}');
    out_close(o, '}');
}

static void out_phase(struct json_out *o, const struct course_plan *c, const struct course_phase *p)
{
    out_open(o, NULL, '{');
    out_str(o, "name", p->name);
    out_int(o, "sessions", p->sessions);
    out_per_week(o, "per_week", p->per_week);
    out_int(o, "minutes", p->minutes);
    out_int(o, "pressure", p->pressure);
    out_open(o, "focus", '[');
    for (size_t i = 0; i < c->n_focus; i++)
        out_str(o, NULL, region_name(c->focus_order[i]));
    out_close(o, ']');
    if (p->dates) {
        out_open(o, "dates", '[');
        for (int32_t i = 0; i < p->sessions; i++)
            out_date(o, NULL, p->dates[i]);
        out_close(o, ']');
    }
    out_str_if(o, "intent", p->intent);
    out_str_if(o, "only_if", p->only_if);
    out_close(o, '}');
}

static void out_course(struct json_out *o, const struct course_plan *c)
{
    out_open(o, "course", '{');
    out_str(o, "id", c->id);
    out_str(o, "title", c->title);
    out_str(o, "technique", c->technique);
    out_open(o, "phases", '[');
    for (size_t i = 0; i < c->n_phases; i++)
        out_phase(o, c, &c->phases[i]);
    out_close(o, ']');
    out_int(o, "total_sessions", c->total_sessions);
    out_int(o, "weeks", c->weeks);
    out_int(o, "reassess_after_sessions", c->reassess_after_sessions);
    if (c->first_session.given) {
        out_open(o, "first_session", '{');
        out_int(o, "minutes", c->first_session.minutes);
        out_int(o, "pressure", c->first_session.pressure);
        out_str_if(o, "technique", c->first_session.technique);
        out_close(o, '}');
    }
    out_str_if(o, "replan", c->replan);
    out_str_if(o, "replan_message", c->replan_say);
    out_strs(o, "replan_also", c->replan_also);
    out_strs(o, "adjustments", c->adjustments);
    out_strs(o, "advice", c->advice);
    out_strs(o, "stop_if", c->stop_if);
    out_strs(o, "self_care", c->self_care);
    out_strs(o, "co_care", c->co_care);
    out_str_if(o, "expected_change", c->expected_change);
    out_str_if(o, "if_improving", c->if_improving);
    out_str_if(o, "if_unchanged", c->if_unchanged);
    out_str_if(o, "if_worse", c->if_worse);
    out_evidence(o, c->evidence, c->n_evidence);
    if (c->certainty != NOT_GIVEN)
        out_str(o, "certainty", certainty_name((enum certainty)c->certainty));
    out_close(o, '}');
}

static void out_findings(struct json_out *o, const struct decision *d)
{
    out_open(o, "unrecognised", '[');
    for (size_t i = 0; i < d->n_unrecognised; i++) {
        out_open(o, NULL, '{');
        out_str(o, "pointer", d->unrecognised[i].pointer);
        out_str(o, "system", d->unrecognised[i].system);
        out_str(o, "code", d->unrecognised[i].code);
        out_close(o, '}');
    }
    out_close(o, ']');
    out_open(o, "outdated", '[');
    for (size_t i = 0; i < d->n_outdated; i++) {
        out_open(o, NULL, '{');
        out_str(o, "pointer", d->outdated[i].pointer);
        out_str(o, "fact", d->outdated[i].fact);
        out_close(o, '}');
    }
    out_close(o, ']');
    out_open(o, "conflicts", '[');
    for (size_t i = 0; i < d->n_conflicts; i++) {
        out_open(o, NULL, '{');
        out_str(o, "fact", d->conflicts[i].fact);
        out_str(o, "state", finding_state_name(d->conflicts[i].state));
        out_strs(o, "pointers", d->conflicts[i].pointers);
        out_close(o, '}');
    }
    out_close(o, ']');
    out_open(o, "ignored", '[');
    for (size_t i = 0; i < d->n_ignored; i++) {
        out_open(o, NULL, '{');
        out_str(o, "pointer", d->ignored[i].pointer);
        out_str(o, "reason", str_of(ignored_name(d->ignored[i].reason)));
        out_close(o, '}');
    }
    out_close(o, ']');
}

void write_decision(struct buf *b, const struct decision *d)
{
    struct json_out out = { b, false }, *o = &out;
    out_open(o, NULL, '{');
    out_str_if(o, "ref", d->ref);
    out_date(o, "as_of", d->as_of);
    out_open(o, "catalogue", '{');
    out_str(o, "version", d->catalogue_version);
    out_str(o, "digest", d->catalogue_digest);
    out_close(o, '}');
    out_str_if(o, "language", d->language);
    out_str_if(o, "translation_review", d->translation_review);
    out_str(o, "disposition", disposition_name(d->disposition));
    out_str(o, "booking", booking_name(d->booking));
    out_bool(o, "complete", d->complete);
    out_open(o, "techniques", '[');
    for (size_t i = 0; i < d->n_techniques; i++)
        out_technique(o, &d->techniques[i]);
    out_close(o, ']');
    out_open(o, "warnings", '[');
    for (size_t i = 0; i < d->n_warnings; i++)
        out_warning(o, &d->warnings[i]);
    out_close(o, ']');
    out_open(o, "questions", '[');
    for (size_t i = 0; i < d->n_questions; i++)
        out_question(o, &d->questions[i]);
    out_close(o, ']');
    if (d->course)
        out_course(o, d->course);
    out_str_if(o, "no_course_because", d->no_course_because);
    out_str_if(o, "no_course_reason", d->no_course_reason);
    out_findings(o, d);
    out_close(o, '}');
}
