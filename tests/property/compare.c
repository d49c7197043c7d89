/* Two decisions side by side. */
#include "property.h"

const struct technique_verdict *of_technique(const struct decision *d, struct str code)
{
    for (size_t i = 0; i < d->n_techniques; i++)
        if (str_eq(d->techniques[i].code, code))
            return &d->techniques[i];
    return NULL;
}

const struct warning *warning_of_code(const struct decision *d, struct str code)
{
    for (size_t i = 0; i < d->n_warnings; i++)
        if (str_eq(d->warnings[i].code, code))
            return &d->warnings[i];
    return NULL;
}

bool in_strs(struct strs all, struct str one)
{
    for (size_t i = 0; i < all.n; i++)
        if (str_eq(all.at[i], one))
            return true;
    return false;
}

static bool same_strs(struct strs a, struct strs b)
{
    if (a.n != b.n)
        return false;
    for (size_t i = 0; i < a.n; i++)
        if (!str_eq(a.at[i], b.at[i]))
            return false;
    return true;
}

static bool same_set(struct strs a, struct strs b)
{
    for (size_t i = 0; i < a.n; i++)
        if (!in_strs(b, a.at[i]))
            return false;
    return a.n == b.n;
}

static bool same_modification(const struct modification *x, const struct modification *y)
{
    return x->kind == y->kind && x->number == y->number && str_eq(x->option, y->option) &&
           memcmp(&x->places, &y->places, sizeof(x->places)) == 0 && x->place_unknown == y->place_unknown;
}

static bool same_modifications(const struct technique_verdict *a, const struct technique_verdict *b)
{
    for (size_t i = 0; i < a->n_modifications; i++) {
        bool found = false;
        for (size_t k = 0; k < b->n_modifications; k++)
            found |= same_modification(&a->modifications[i], &b->modifications[k]);
        if (!found)
            return false;
    }
    return a->n_modifications == b->n_modifications;
}

static bool same_course(const struct course_plan *a, const struct course_plan *b)
{
    if (!a || !b)
        return a == b;
    if (!str_eq(a->id, b->id) || !str_eq(a->technique, b->technique) || a->n_phases != b->n_phases ||
        a->focus != b->focus || a->total_sessions != b->total_sessions || a->weeks != b->weeks ||
        a->reassess_after_sessions != b->reassess_after_sessions || a->first_session.given != b->first_session.given ||
        a->first_session.minutes != b->first_session.minutes ||
        a->first_session.pressure != b->first_session.pressure || !same_strs(a->adjustments, b->adjustments) ||
        !same_strs(a->advice, b->advice))
        return false;
    for (size_t i = 0; i < a->n_phases; i++)
        if (!str_eq(a->phases[i].name, b->phases[i].name) || a->phases[i].sessions != b->phases[i].sessions ||
            a->phases[i].per_week != b->phases[i].per_week || a->phases[i].minutes != b->phases[i].minutes ||
            a->phases[i].pressure != b->phases[i].pressure)
            return false;
    return true;
}

static bool same_question(const struct question *x, const struct question *y)
{
    return str_eq(x->fact, y->fact) && str_eq(x->attribute, y->attribute) &&
           x->could_disposition == y->could_disposition && x->could_verdict == y->could_verdict &&
           x->could_modify == y->could_modify && same_strs(x->could_techniques, y->could_techniques);
}

static bool same_warning(const struct warning *x, const struct warning *y)
{
    return str_eq(x->code, y->code) && x->severity == y->severity && x->effect == y->effect &&
           x->disposition == y->disposition && x->regional == y->regional &&
           memcmp(&x->places, &y->places, sizeof(x->places)) == 0 && x->cleared == y->cleared &&
           same_strs(x->triggered_by, y->triggered_by) && same_strs(x->cleared_by, y->cleared_by) &&
           str_eq(x->clearable_by, y->clearable_by) && same_strs(x->clearance_for, y->clearance_for);
}

static const char *technique_difference(const struct technique_verdict *x, const struct technique_verdict *y,
                                        bool rule_order)
{
    if (!str_eq(x->code, y->code) || x->verdict != y->verdict || x->could_become != y->could_become)
        return "techniques";
    if (!(rule_order ? same_strs(x->because, y->because) : same_set(x->because, y->because)))
        return "because";
    return same_modifications(x, y) ? NULL : "modifications";
}

static const char *warning_difference(const struct decision *a, const struct decision *b, bool rule_order)
{
    if (a->n_warnings != b->n_warnings)
        return "number of warnings";
    for (size_t i = 0; i < a->n_warnings; i++) {
        const struct warning *other = rule_order ? &b->warnings[i] : warning_of_code(b, a->warnings[i].code);
        if (!other || !same_warning(&a->warnings[i], other))
            return "warnings";
        if (a->warnings[i].severity != b->warnings[i].severity)
            return "order of warnings";
    }
    return NULL;
}

const char *difference(const struct decision *a, const struct decision *b, bool rule_order)
{
    const char *what = NULL;
    if (a->disposition != b->disposition || a->booking != b->booking || a->complete != b->complete)
        return "disposition, booking or complete";
    for (size_t i = 0; !what && i < a->n_techniques; i++)
        what = technique_difference(&a->techniques[i], &b->techniques[i], rule_order);
    if (what)
        return what;
    if (a->n_questions != b->n_questions)
        return "number of questions";
    for (size_t i = 0; i < a->n_questions; i++)
        if (!same_question(&a->questions[i], &b->questions[i]))
            return "questions";
    what = warning_difference(a, b, rule_order);
    if (what)
        return what;
    if (!same_course(a->course, b->course) || !str_eq(a->no_course_because, b->no_course_because))
        return "course";
    if (a->n_ignored != b->n_ignored || a->n_outdated != b->n_outdated || a->n_conflicts != b->n_conflicts)
        return "what is told";
    return NULL;
}
