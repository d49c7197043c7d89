/* Warnings: one for each rule that has fired, with what made it fire (S20). */
#include "decide/decide_priv.h"

#include "base/sort.h"

/* ---- reasons ---------------------------------------------------------------------------------------------- */

struct reasons {
    struct judge *j;
    VEC(struct str) found;
    bool oom;
};

static void reason_add(struct reasons *r, struct str pointer)
{
    r->oom |= !pointer.p || !VEC_PUSH(r->j->arena, &r->found, pointer);
}

static void reason_finding(void *to, uint32_t finding)
{
    struct reasons *r = to;
    char buffer[FINDING_POINTER_BYTES];
    reason_add(r, arena_str(r->j->arena, finding_pointer(&r->j->in->screening->findings[finding], buffer)));
}

static void reason_complaint(struct reasons *r, size_t index, const char *member)
{
    reason_add(r, arena_printf(r->j->arena, "/complaints/%zu/%s", index, member));
}

/* The complaints that satisfy a test on them. */
static void reason_complaints(struct reasons *r, const struct scalar_test *t)
{
    const struct screening *s = r->j->in->screening;
    for (size_t i = 0; i < s->n_complaints; i++) {
        const struct complaint *c = &s->complaints[i];
        if (t->variable == VAR_COMPLAINT_LIST) {
            if ((int32_t)c->region == t->lo && complaint_in_list(&r->j->cat->definitions.lists[t->hi], c) == TRI_YES)
                reason_complaint(r, i, "region");
        } else if (t->variable == VAR_PAIN_MAX) {
            bool inside = c->pain >= t->lo && c->pain <= t->hi;
            if (c->pain != NOT_GIVEN && inside == (t->op == SCALAR_RANGE))
                reason_complaint(r, i, "pain");
        } else if (t->variable == VAR_ONSET_ANY) {
            if (c->onset != NOT_GIVEN && t->mask >> c->onset & 1)
                reason_complaint(r, i, "onset");
        } else if (c->cause != NOT_GIVEN && t->mask >> c->cause & 1) {
            reason_complaint(r, i, "cause");
        }
    }
}

static void reason_scalar(struct reasons *r, const struct scalar_test *t)
{
    switch ((enum variable)t->variable) {
    case VAR_AGE_YEARS:
        reason_add(r, STR("/subject/age_years"));
        break;
    case VAR_SEX:
        reason_add(r, STR("/subject/sex"));
        break;
    case VAR_GOALS:
        reason_add(r, STR("/goals"));
        break;
    case VAR_PAIN_MAX:
    case VAR_COMPLAINT_LIST:
    case VAR_ONSET_ANY:
    case VAR_CAUSE_ANY:
        reason_complaints(r, t);
        break;
    default: /* rules read no other variable */
        break;
    }
}

static int by_text(const void *a, const void *b, const void *unused)
{
    (void)unused;
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static struct strs sorted_once(struct str *at, size_t n)
{
    size_t kept = 0;
    sort_items(at, n, sizeof(at[0]), by_text, NULL);
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || !str_eq(at[kept - 1], at[i]))
            at[kept++] = at[i];
    return (struct strs){ at, kept };
}

static struct strs triggered_by(struct judge *j, const struct entry *e, bool *oom)
{
    const struct cond_pool *pool = &j->cat->pool;
    struct reasons r = { .j = j };
    for (uint32_t i = e->rule->when.terms; i < e->rule->when.terms + e->rule->when.n_terms; i++) {
        const struct term *t = &pool->terms[i];
        if (term_eval(&e->view, t) != TRI_YES)
            continue;
        for (uint16_t k = 0; k < t->n_needs; k++)
            if (pool->needs[t->needs + k].triggers)
                fact_findings(&e->view, pool->needs[t->needs + k].fact, reason_finding, &r);
        for (uint16_t k = 0; k < t->n_scalars; k++)
            if (pool->scalars[t->scalars + k].triggers)
                reason_scalar(&r, &pool->scalars[t->scalars + k]);
    }
    *oom |= r.oom;
    return sorted_once(r.found.at, r.found.n);
}

/* ---- warnings --------------------------------------------------------------------------------------------- */

static struct strs clearance_pointers(struct judge *j, const struct entry *e, bool *oom)
{
    struct str *at = ARENA_ARRAY(j->arena, struct str, e->n_cleared_by);
    for (size_t i = 0; at && i < e->n_cleared_by; i++) {
        at[i] = arena_printf(j->arena, "/clearances/%u", e->cleared_by[i]);
        *oom |= !at[i].p;
    }
    *oom |= !at;
    return at ? sorted_once(at, e->n_cleared_by) : (struct strs){ NULL, 0 };
}

static bool warning_of(struct judge *j, const struct entry *e, struct warning *w)
{
    const struct rule *r = e->rule;
    const struct rule_words *words = &j->words->rules[e->order];
    bool oom = false;
    *w = (struct warning){
        .code = r->id,
        .severity = e->severity,
        .effect = e->effect,
        .disposition = e->disposition == DISPOSITION_PROCEED ? NOT_GIVEN : e->disposition,
        .regional = !e->session && !places_empty(&e->part),
        .places = e->part,
        .cleared = e->lifted,
        .message = words->message,
        .note = words->note,
        .action = words->action,
        .rationale = words->rationale,
        .evidence = r->evidence,
        .n_evidence = r->n_evidence,
        .certainty = r->certainty,
        .triggered_by = triggered_by(j, e, &oom),
    };
    if (e->lifted) {
        w->cleared_by = clearance_pointers(j, e, &oom);
    } else if (r->clearable_by != NOT_GIVEN) {
        w->clearable_by = clearer_name((enum clearer)r->clearable_by);
        w->clearance_for = r->clearance_ids;
    }
    return !oom;
}

static bool replan_warning(struct judge *j, struct warning *w)
{
    const struct replan_rule *r = j->progress.decides;
    struct str *at = ARENA_ARRAY(j->arena, struct str, j->progress.n);
    bool oom = !at;
    for (size_t i = 0; at && i < j->progress.n; i++) {
        at[i] = arena_printf(j->arena, "/progress/%u", j->progress.entries[i]);
        oom |= !at[i].p;
    }
    *w = (struct warning){
        .code = r->id,
        .severity = r->disposition >= DISPOSITION_REFER_URGENTLY ? SEVERITY_URGENT : SEVERITY_CLEARANCE,
        .effect = floor_of(r->disposition),
        .disposition = r->disposition,
        .message = j->words->replans[r - j->cat->replans].say,
        .evidence = r->evidence,
        .n_evidence = r->n_evidence,
        .certainty = r->certainty,
    };
    if (oom)
        return false;
    w->triggered_by = sorted_once(at, j->progress.n);
    return true;
}

bool build_warnings(struct judge *j, struct decision *d)
{
    struct warning replan = { .effect = VERDICT_ALLOWED };
    bool has_replan = j->progress.disposition > DISPOSITION_PROCEED, placed = !has_replan; /* last of its severity */
    d->warnings = ARENA_ARRAY(j->arena, struct warning, j->n_fired + 1);
    if (!d->warnings || (has_replan && !replan_warning(j, &replan)))
        return false;
    for (size_t i = 0; i < j->n_fired; i++) {
        if (!j->fired[i]->rule->targets)
            continue; /* it judges only techniques that are never offered */
        if (!placed && j->fired[i]->severity < replan.severity) {
            d->warnings[d->n_warnings++] = replan;
            placed = true;
        }
        if (!warning_of(j, j->fired[i], &d->warnings[d->n_warnings++]))
            return false;
    }
    if (!placed)
        d->warnings[d->n_warnings++] = replan;
    return true;
}
