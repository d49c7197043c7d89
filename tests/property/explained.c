/* Explanations are complete: what no explanation names does not matter, and what one names does.
 *
 * All of it with `unlisted: absent`, where leaving a finding out says that it is not there. What may be left out in
 * fairness, when nothing names it, is worked out here from the rules that fire or are open ("live" ones): an
 * explanation tells why rules fire, not why others do not, and what keeps a rule open is told by its questions.
 *
 * - A finding that says "absent" says what its absence from the list says too; but under an umbrella that was stated
 *   unknown what is not listed is unknown (S4), so there it stays.
 * - A finding that says "unknown" leaves its fact open, and all above it; of an umbrella, all below it too. It goes
 *   when no live rule reads any of these: a rule that is false whatever the answer stays false when it is "no".
 * - A finding that says "present" goes unless an open rule reads what it makes present (that is a question's matter),
 * or it holds back a rule that wants it absent, which is seen when that rule comes to life without it. Who is offered a
 *   technique or asked a question hangs on facts that no warning names, so these stay as well.
 * - A code that the catalogue does not know decides only about the booking, which is not compared.
 * - A clearance goes unless a live rule lists its fact: what is left of a rule that is cleared in part does not name
 *   it, and a date asked for does not either. The one that lifts a stop removes the warning that could have named it.
 * - Sessions so far go together, where none of them stopped the course: fewer of them read otherwise. Where one did,
 * all that chooses the course stays, for the course says how they read (S15).
 * - Wishes never decide. Goals go where complaints are left, for a request has one of them.
 * - Of a complaint, the side never decides; a member goes where every list (S7) takes the complaint without it as with
 *   it. (A duration left out counts as acute, a cause left out as unexplained: leaving it out says something.) A pain
 *   left out may be any, so it never goes. Of a complaint that goes as a whole, others must keep the greatest pain, and
 *   no rule want that nothing hurts there. Clearances of complaints look at all of them (S9.5), so with clearances the
 *   complaints stay.
 *
 * Booking, questions, could_become and courses are not compared: they hang on wishes and on what is open. */
#include "property.h"

#include <stdio.h>
#include <stdlib.h>

struct named {
    bool finding[SOMEONE_FINDINGS], clearance[SOMEONE_CLEARANCES], complaint[SOMEONE_COMPLAINTS];
    bool onset[SOMEONE_COMPLAINTS], cause[SOMEONE_COMPLAINTS];
    bool progress, goals, subject;
};

/* Where things of the changed request stood before. */
struct origins {
    size_t finding[SOMEONE_FINDINGS], complaint[SOMEONE_COMPLAINTS];
    bool gone[SOMEONE_FINDINGS]; /* of those before */
};

/* ---- pointers --------------------------------------------------------------------------------------------- */

static bool read_index(struct str pointer, const char *prefix, size_t *ret)
{
    size_t n = strlen(prefix);
    if (pointer.n <= n || memcmp(pointer.p, prefix, n) != 0)
        return false;
    *ret = strtoul(pointer.p + n, NULL, 10);
    return true;
}

static bool ends_with(struct str text, const char *end)
{
    size_t n = strlen(end);
    return text.n >= n && memcmp(text.p + text.n - n, end, n) == 0;
}

static size_t finding_at(const struct screening *s, struct str pointer)
{
    char buffer[FINDING_POINTER_BYTES];
    size_t i = 0;
    while (i < s->n_findings && !str_eq(finding_pointer(&s->findings[i], buffer), pointer))
        i++;
    return i;
}

static void name_pointer(struct named *named, const struct screening *s, struct str pointer)
{
    size_t i;
    if (read_index(pointer, "/clearances/", &i) && i < s->n_clearances) {
        named->clearance[i] = true;
    } else if (read_index(pointer, "/complaints/", &i) && i < s->n_complaints) {
        named->complaint[i] = true;
        named->onset[i] |= ends_with(pointer, "/onset");
        named->cause[i] |= ends_with(pointer, "/cause");
    } else if (read_index(pointer, "/progress/", &i)) {
        named->progress = true;
    } else if (read_index(pointer, "/subject/", &i)) {
        named->subject = true;
    } else if (str_eq(pointer, STR("/goals"))) {
        named->goals = true;
    } else {
        i = finding_at(s, pointer);
        if (i < s->n_findings)
            named->finding[i] = true;
    }
}

static void name_all(struct named *named, const struct screening *s, struct strs pointers)
{
    for (size_t i = 0; i < pointers.n; i++)
        name_pointer(named, s, pointers.at[i]);
}

static void read_explanations(struct named *named, const struct screening *s, const struct decision *d)
{
    memset(named, 0, sizeof(*named));
    for (size_t i = 0; i < d->n_warnings; i++) {
        name_all(named, s, d->warnings[i].triggered_by);
        name_all(named, s, d->warnings[i].cleared_by);
    }
    for (size_t i = 0; i < d->n_conflicts; i++)
        name_all(named, s, d->conflicts[i].pointers);
}

/* The pointer as it was before; false when it leads to nothing. */
static bool pointer_before(const struct trial *t, const struct origins *from, struct str pointer, char buffer[64],
                           struct str *ret)
{
    const struct screening *s = &t->other.s;
    size_t i = finding_at(s, pointer);
    *ret = pointer;
    if (i < s->n_findings) {
        *ret = finding_pointer(&t->who.findings[from->finding[i]], buffer);
    } else if (read_index(pointer, "/complaints/", &i)) {
        const char *member = memrchr(pointer.p, '/', pointer.n);
        if (i >= s->n_complaints)
            return false;
        int n = snprintf(buffer, 64, "/complaints/%zu%.*s", from->complaint[i], (int)(pointer.p + pointer.n - member),
                         member);
        *ret = (struct str){ buffer, (size_t)n };
    }
    return true;
}

/* ---- what live rules read --------------------------------------------------------------------------------- */

struct live {
    const struct catalogue *cat;
    const struct screening *s;
    struct view view;
    uint8_t *rules; /* enum tri of each */
    bool course_counts;
};

static bool read_rules(struct trial *t, struct intake *in, struct live *ret)
{
    *ret = (struct live){ t->cat, &t->who.s, { .in = in }, ARENA_ARRAY(&t->a.arena, uint8_t, t->cat->n_rules), false };
    if (!ret->rules || intake_build(t->cat, &t->who.s, &t->a.arena, &t->a.faults, in) != RC_OK)
        return wrong(t, "no intake");
    for (uint32_t i = 0; i < t->cat->n_rules; i++)
        ret->rules[i] = (uint8_t)cond_eval(&ret->view, t->cat->rules[i].when);
    for (uint32_t i = 0; i < t->cat->n_rules; i++) /* true, and yet no warning: a clearance has opened it (S9.4) */
        if (ret->rules[i] == TRI_YES && !warning_of_code(&t->a.d, t->cat->rules[i].id))
            ret->rules[i] = TRI_UNKNOWN;
    return true;
}

static bool term_needs(const struct cond_pool *pool, const struct term *term, uint32_t fact)
{
    for (uint16_t k = 0; k < term->n_needs; k++)
        if (pool->needs[term->needs + k].fact == fact)
            return true;
    return false;
}

static bool term_denies(const struct cond_pool *pool, const struct term *term, uint32_t fact)
{
    for (uint16_t k = 0; k < term->n_absents; k++)
        if (pool->absents[term->absents + k] == fact)
            return true;
    for (uint16_t k = 0; k < term->n_needs; k++)
        if (pool->needs[term->needs + k].fact == fact && !pool->needs[term->needs + k].triggers)
            return true;
    return false;
}

static bool condition_reads(const struct cond_pool *pool, struct cond c, uint32_t fact)
{
    for (uint32_t i = c.terms; i < c.terms + c.n_terms; i++)
        if (term_needs(pool, &pool->terms[i], fact) || term_denies(pool, &pool->terms[i], fact))
            return true;
    return false;
}

static bool is_read_by(const struct live *live, uint32_t fact, enum tri at_least, enum tri at_most)
{
    for (uint32_t i = 0; i < live->cat->n_rules; i++)
        if (live->rules[i] >= at_least && live->rules[i] <= at_most &&
            condition_reads(&live->cat->pool, live->cat->rules[i].when, fact))
            return true;
    return false;
}

/* Who is asked, who is offered a technique and, where that counts, which course. */
static bool opens_something(const struct live *live, uint32_t fact)
{
    const struct catalogue *cat = live->cat;
    for (uint32_t i = 0; live->course_counts && i < cat->n_courses; i++)
        if (condition_reads(&cat->pool, cat->courses[i].when, fact))
            return true;
    for (uint32_t i = 0; i < cat->n_facts; i++)
        if (cat->facts[i].has_ask_if && condition_reads(&cat->pool, cat->facts[i].ask_if, fact))
            return true;
    for (uint32_t i = 0; i < cat->n_techniques; i++)
        if (cat->techniques[i].has_offer_when && condition_reads(&cat->pool, cat->techniques[i].offer_when, fact))
            return true;
    return false;
}

/* ---- what may go ------------------------------------------------------------------------------------------ */

static struct fact_list facts_of(const struct catalogue *cat, const struct finding *f, uint32_t *room)
{
    if (!f->id.p)
        return code_system_lookup(catalogue_find_system(cat, f->system), f->code);
    *room = (uint32_t)catalogue_find_fact(cat, f->id);
    return (struct fact_list){ room, 1 };
}

static bool is_above(const struct catalogue *cat, uint32_t fact, uint32_t below)
{
    for (uint32_t i = 0; i < cat->facts[below].up.n; i++)
        if (cat->facts[below].up.at[i] == fact)
            return true;
    return false;
}

/* Is there anything at or below it that would be unknown without it? */
static bool absent_may_go(const struct live *live, uint32_t fact)
{
    for (uint32_t below = 0; below < live->cat->n_facts; below++) {
        const struct fact_list *up = &live->cat->facts[below].up;
        for (uint32_t i = 0; i < up->n && is_above(live->cat, fact, below); i++)
            if (live->view.in->facts[up->at[i]].stated == FINDING_UNKNOWN + 1)
                return false;
    }
    return true;
}

static bool unknown_may_go(const struct live *live, uint32_t fact)
{
    const struct catalogue *cat = live->cat;
    for (uint32_t other = 0; other < cat->n_facts; other++) {
        bool touched = false;
        for (uint32_t i = 0; i < cat->facts[fact].up.n; i++) /* above it */
            touched |= cat->facts[fact].up.at[i] == other;
        for (uint32_t i = 0; cat->facts[fact].covers.n && i < cat->facts[other].up.n; i++) /* below it */
            touched |= cat->facts[other].up.at[i] == fact;
        if (touched && (is_read_by(live, other, TRI_UNKNOWN, TRI_YES) || opens_something(live, other)))
            return false;
    }
    return true;
}

static bool present_may_go(const struct live *live, uint32_t fact)
{
    const struct fact_list *up = &live->cat->facts[fact].up;
    for (uint32_t i = 0; i < up->n; i++)
        if (is_read_by(live, up->at[i], TRI_UNKNOWN, TRI_UNKNOWN) || opens_something(live, up->at[i]) ||
            !absent_may_go(live, up->at[i]))
            return false;
    return true;
}

static bool finding_may_go(const struct live *live, const struct finding *f)
{
    uint32_t room;
    struct fact_list facts = facts_of(live->cat, f, &room);
    for (uint32_t i = 0; i < facts.n; i++) {
        if (f->state == FINDING_ABSENT && f->id.p && !absent_may_go(live, facts.at[i]))
            return false;
        if (f->state == FINDING_UNKNOWN && !unknown_may_go(live, facts.at[i]))
            return false;
        if (f->state == FINDING_PRESENT && !present_may_go(live, facts.at[i]))
            return false;
    }
    return true;
}

static bool clearance_may_go(const struct live *live, const struct clearance *c)
{
    int32_t fact = catalogue_find_fact(live->cat, c->fact);
    if (fact == live->cat->definitions.stop_lifted_fact)
        return live->s->n_progress == 0;
    for (uint32_t i = 0; i < live->cat->n_rules; i++)
        for (uint32_t k = 0; live->rules[i] != TRI_NO && k < live->cat->rules[i].clearance_for.n; k++)
            if ((int32_t)live->cat->rules[i].clearance_for.at[k] == fact)
                return false;
    return true;
}

static bool lists_take(const struct catalogue *cat, const struct complaint *a, const struct complaint *b)
{
    for (uint32_t i = 0; i < cat->definitions.n_lists; i++)
        if (complaint_in_list(&cat->definitions.lists[i], a) != complaint_in_list(&cat->definitions.lists[i], b))
            return false;
    return true;
}

/* Does any rule want that no complaint is so? */
static bool is_denied(const struct catalogue *cat, enum variable variable, int32_t region)
{
    for (uint32_t r = 0; r < cat->n_rules; r++) {
        struct cond c = cat->rules[r].when;
        for (uint32_t i = c.terms; i < c.terms + c.n_terms; i++)
            for (uint16_t k = 0; k < cat->pool.terms[i].n_scalars; k++) {
                const struct scalar_test *s = &cat->pool.scalars[cat->pool.terms[i].scalars + k];
                if (s->variable == variable && (s->negated || !s->triggers) &&
                    (variable != VAR_COMPLAINT_LIST || s->lo == region))
                    return true;
            }
    }
    return false;
}

static bool complaint_may_go(const struct live *live, size_t i)
{
    const struct complaint *one = &live->s->complaints[i];
    bool greater = false;
    for (size_t k = 0; k < live->s->n_complaints; k++)
        greater |= k != i && live->s->complaints[k].pain >= one->pain;
    return greater && one->pain != NOT_GIVEN && live->s->n_clearances == 0 &&
           !is_denied(live->cat, VAR_COMPLAINT_LIST, (int32_t)one->region) && !is_denied(live->cat, VAR_ONSET_ANY, 0) &&
           !is_denied(live->cat, VAR_CAUSE_ANY, 0);
}

/* ---- leaving things out ----------------------------------------------------------------------------------- */

static void leave_out_members(const struct live *live, const struct named *named, size_t i, struct complaint *c)
{
    struct complaint without = *c;
    c->side = without.side = NOT_GIVEN;
    without.onset = NOT_GIVEN;
    if (!named->onset[i] && !is_denied(live->cat, VAR_ONSET_ANY, 0) && lists_take(live->cat, c, &without))
        *c = without;
    without = *c;
    without.cause = NOT_GIVEN;
    if (!named->cause[i] && !is_denied(live->cat, VAR_CAUSE_ANY, 0) && lists_take(live->cat, c, &without))
        *c = without;
    without = *c;
    without.duration_days = NOT_GIVEN;
    if (live->s->n_clearances == 0 && lists_take(live->cat, c, &without))
        *c = without;
}

static void leave_out_findings(struct someone *who, const bool *stays, struct origins *from)
{
    size_t kept = 0;
    for (size_t i = 0; i < who->s.n_findings; i++) {
        from->gone[i] = !stays[i];
        if (!stays[i])
            continue;
        from->finding[kept] = i;
        who->findings[kept++] = who->findings[i];
    }
    who->s.n_findings = kept;
    put_findings_in_order(who); /* they are in order: it counts them anew */
}

static void leave_out_complaints(struct someone *who, const bool *stays, struct origins *from)
{
    size_t kept = 0;
    for (size_t i = 0; i < who->s.n_complaints; i++) {
        if (!stays[i])
            continue;
        from->complaint[kept] = i;
        who->complaints[kept++] = who->complaints[i];
    }
    who->s.n_complaints = kept;
}

static void leave_out_the_rest(struct trial *t, const struct live *live, const struct named *named)
{
    struct screening *s = &t->other.s;
    size_t kept = 0;
    for (size_t i = 0; i < s->n_clearances; i++)
        if (named->clearance[i] || !clearance_may_go(live, &t->who.clearances[i]))
            t->other.clearances[kept++] = t->who.clearances[i];
    s->n_clearances = kept;
    if (live->course_counts)
        return;
    s->n_progress = 0;
    s->n_wishes = 0;
    s->pressure_wish = NOT_GIVEN;
    s->session_minutes = s->per_week_max = NOT_GIVEN;
    if (!named->goals && s->n_complaints && !is_denied(t->cat, VAR_GOALS, 0))
        s->goals = 0;
}

/* t->other is t->who without all that may go. */
static void leave_out_unnamed(struct trial *t, const struct live *live, const struct named *named, struct origins *from)
{
    bool finding_stays[SOMEONE_FINDINGS] = { false }, complaint_stays[SOMEONE_COMPLAINTS] = { false };
    const struct screening *s = &t->who.s;
    bool one_gone = false; /* a second one would have to look at what is left */
    copy_someone(&t->other, &t->who);
    for (size_t i = 0; i < s->n_findings; i++) {
        finding_stays[i] = named->finding[i] || !finding_may_go(live, &t->who.findings[i]);
    }
    for (size_t i = 0; i < s->n_complaints; i++) {
        if (!named->complaint[i] && !live->course_counts)
            leave_out_members(live, named, i, &t->other.complaints[i]);
        complaint_stays[i] = one_gone || named->complaint[i] || live->course_counts || !complaint_may_go(live, i);
        one_gone |= !complaint_stays[i];
    }
    leave_out_findings(&t->other, finding_stays, from);
    leave_out_complaints(&t->other, complaint_stays, from);
    leave_out_the_rest(t, live, named);
}

/* ---- what no explanation names ---------------------------------------------------------------------------- */

static bool same_triggers(struct trial *t, const struct origins *from, const struct warning *x, const struct warning *y)
{
    char buffer[64];
    struct str before;
    for (size_t i = 0; i < y->triggered_by.n; i++)
        if (!pointer_before(t, from, y->triggered_by.at[i], buffer, &before) || !in_strs(x->triggered_by, before))
            return wrong(t, "%.*s has another reason now", STR_ARGS(x->code));
    return x->triggered_by.n == y->triggered_by.n || wrong(t, "%.*s has lost a reason", STR_ARGS(x->code));
}

static bool same_judgement(struct trial *t, const struct origins *from)
{
    const struct decision *a = &t->a.d, *b = &t->b.d;
    if (a->disposition != b->disposition)
        return wrong(t, "the disposition changed");
    for (size_t i = 0; i < a->n_techniques; i++)
        if (of_technique(b, a->techniques[i].code)->verdict != a->techniques[i].verdict)
            return wrong(t, "the verdict on %.*s changed", STR_ARGS(a->techniques[i].code));
    for (size_t i = 0; i < b->n_warnings; i++)
        if (!warning_of_code(a, b->warnings[i].code))
            return wrong(t, "now %.*s warns", STR_ARGS(b->warnings[i].code));
    for (size_t i = 0; i < a->n_warnings; i++) {
        const struct warning *x = &a->warnings[i], *y = i < b->n_warnings ? &b->warnings[i] : NULL;
        if (!y || !str_eq(x->code, y->code) || x->severity != y->severity || x->effect != y->effect ||
            x->disposition != y->disposition || x->cleared != y->cleared)
            return wrong(t, "%.*s warns otherwise", STR_ARGS(x->code));
        if (!same_triggers(t, from, x, y))
            return false;
    }
    return true;
}

/* Without what is named, something that the rule wants absent may be. */
static bool rule_denies(const struct trial *t, struct str code, const struct finding *f)
{
    int32_t rule = catalogue_find_rule(t->cat, code);
    uint32_t room;
    struct fact_list facts = facts_of(t->cat, f, &room);
    struct cond c = { .n_terms = 0 };
    if (rule >= 0)
        c = t->cat->rules[rule].when;
    for (uint32_t k = 0; k < facts.n; k++)
        for (uint32_t u = 0; u < t->cat->facts[facts.at[k]].up.n; u++)
            for (uint32_t i = c.terms; i < c.terms + c.n_terms; i++)
                if (term_denies(&t->cat->pool, &t->cat->pool.terms[i], t->cat->facts[facts.at[k]].up.at[u]))
                    return true;
    return false;
}

/* Findings that held a rule back are named where that rule comes to life without them. False: one came to life that
 * wants none of them absent. */
static bool name_what_held_back(struct trial *t, const struct live *before, const struct origins *from,
                                struct named *named, bool *ret_any)
{
    struct intake in;
    struct view after = { .in = &in };
    *ret_any = false;
    if (intake_build(t->cat, &t->other.s, &t->b.arena, &t->b.faults, &in) != RC_OK)
        return wrong(t, "no intake");
    for (uint32_t r = 0; r < t->cat->n_rules; r++) {
        bool any = false;
        if (before->rules[r] != TRI_NO || cond_eval(&after, t->cat->rules[r].when) == TRI_NO)
            continue;
        for (size_t i = 0; i < t->who.s.n_findings; i++)
            if (from->gone[i] && t->who.findings[i].state != FINDING_ABSENT &&
                rule_denies(t, t->cat->rules[r].id, &t->who.findings[i]))
                any = named->finding[i] = true;
        if (!any)
            return wrong(t, "%.*s comes to life", STR_ARGS(t->cat->rules[r].id));
        *ret_any = true;
    }
    return true;
}

static bool unnamed_does_not_matter(struct trial *t)
{
    struct named named;
    struct origins from;
    struct live live;
    struct intake in;
    t->who.s.unlisted = UNLISTED_ABSENT;
    if (!judge(t, &t->who, &t->a) || !read_rules(t, &in, &live))
        return false;
    read_explanations(&named, &t->who.s, &t->a.d);
    live.course_counts = named.progress;
    for (bool again = true; again;) {
        leave_out_unnamed(t, &live, &named, &from);
        if (!judge(t, &t->other, &t->b) || !name_what_held_back(t, &live, &from, &named, &again))
            return false;
    }
    for (size_t i = 0; i < t->who.s.n_findings; i++)
        t->counted[0] += from.gone[i] && t->who.findings[i].state != FINDING_ABSENT;
    t->counted[1] += t->other.s.n_complaints < t->who.s.n_complaints;
    t->counted[2] += t->other.s.n_findings > 0;
    return same_judgement(t, &from);
}

/* ---- what one names --------------------------------------------------------------------------------------- */

/* The warning is gone, or is left with some of its other reasons: those in `gone` are not among them. */
static bool lost_reasons(struct trial *t, const struct origins *from, const struct warning *w)
{
    const struct warning *now = warning_of_code(&t->b.d, w->code);
    char buffer[64];
    struct str before;
    if (!now)
        return true;
    for (size_t i = 0; i < now->triggered_by.n; i++)
        if (!pointer_before(t, from, now->triggered_by.at[i], buffer, &before) || !in_strs(w->triggered_by, before))
            return wrong(t, "%.*s has found another reason", STR_ARGS(w->code));
    if (now->triggered_by.n >= w->triggered_by.n)
        return wrong(t, "%.*s has all its reasons, without one of them", STR_ARGS(w->code));
    return true;
}

static void all_stay(bool *stays, size_t n)
{
    for (size_t i = 0; i < n; i++)
        stays[i] = true;
}

/* A finding or a complaint that a warning names is left out. Without clearances, of which one may lift what is left. */
static bool named_one_matters(struct trial *t)
{
    bool finding_stays[SOMEONE_FINDINGS] = { false }, complaint_stays[SOMEONE_COMPLAINTS] = { false };
    struct named named = { .progress = false };
    struct origins from;
    t->who.s.unlisted = UNLISTED_ABSENT;
    t->who.s.n_clearances = t->who.s.n_progress = 0;
    t->who.s.goals |= 1u << GOAL_WELLBEING; /* valid without complaints too */
    if (!judge(t, &t->who, &t->a))
        return false;
    if (t->a.d.n_warnings == 0)
        return true;
    const struct warning *w = &t->a.d.warnings[roll(&t->chance, (uint32_t)t->a.d.n_warnings)];
    if (w->triggered_by.n == 0)
        return true;
    name_pointer(&named, &t->who.s, w->triggered_by.at[roll(&t->chance, (uint32_t)w->triggered_by.n)]);
    copy_someone(&t->other, &t->who);
    all_stay(finding_stays, t->who.s.n_findings);
    all_stay(complaint_stays, t->who.s.n_complaints);
    for (size_t i = 0; i < t->who.s.n_findings; i++) {
        if (named.finding[i] && rule_denies(t, w->code, &t->who.findings[i]))
            return true;
        finding_stays[i] = !named.finding[i];
        t->counted[0] += named.finding[i];
    }
    for (size_t i = 0; i < t->who.s.n_complaints; i++) {
        complaint_stays[i] = !named.complaint[i];
        t->counted[1] += named.complaint[i];
    }
    if (named.subject)
        return true;
    leave_out_findings(&t->other, finding_stays, &from);
    leave_out_complaints(&t->other, complaint_stays, &from);
    if (!judge(t, &t->other, &t->b))
        return false;
    t->counted[2] += warning_of_code(&t->b.d, w->code) == NULL;
    return lost_reasons(t, &from, w);
}

/* Without all that a warning names it is gone, unless the person's age or sex is reason enough. */
static bool all_named_matters(struct trial *t)
{
    bool finding_stays[SOMEONE_FINDINGS] = { false }, complaint_stays[SOMEONE_COMPLAINTS] = { false };
    struct named named = { .progress = false };
    struct origins from;
    t->who.s.unlisted = UNLISTED_ABSENT;
    t->who.s.n_clearances = 0;
    t->who.s.goals |= 1u << GOAL_WELLBEING;
    if (!judge(t, &t->who, &t->a))
        return false;
    if (t->a.d.n_warnings == 0)
        return true;
    const struct warning *w = &t->a.d.warnings[roll(&t->chance, (uint32_t)t->a.d.n_warnings)];
    name_all(&named, &t->who.s, w->triggered_by);
    copy_someone(&t->other, &t->who);
    for (size_t i = 0; i < t->who.s.n_findings; i++) {
        if (named.finding[i] && rule_denies(t, w->code, &t->who.findings[i]))
            return true;
        finding_stays[i] = !named.finding[i];
    }
    for (size_t i = 0; i < t->who.s.n_complaints; i++)
        complaint_stays[i] = !named.complaint[i];
    leave_out_findings(&t->other, finding_stays, &from);
    leave_out_complaints(&t->other, complaint_stays, &from);
    if (named.progress)
        t->other.s.n_progress = 0;
    if (!judge(t, &t->other, &t->b))
        return false;
    const struct warning *now = warning_of_code(&t->b.d, w->code);
    for (size_t i = 0; now && i < now->triggered_by.n; i++)
        if (!ends_with(now->triggered_by.at[i], "/age_years") && !ends_with(now->triggered_by.at[i], "/sex"))
            return wrong(t, "%.*s has another reason, which it did not name", STR_ARGS(w->code));
    if (now && !named.subject)
        return wrong(t, "%.*s warns without what it names", STR_ARGS(w->code));
    t->counted[0] += now == NULL;
    t->counted[1] += named.progress;
    return true;
}

/* What one warning names is enough for it: without all other findings that are present and all other complaints it
 * stands, for the same reasons. What is said to be unknown is left out from the start: it would leave open what a
 * finding that goes had settled. */
static bool named_is_enough(struct trial *t)
{
    bool finding_stays[SOMEONE_FINDINGS] = { false }, complaint_stays[SOMEONE_COMPLAINTS] = { false };
    struct named named = { .progress = false };
    struct origins from;
    for (size_t i = 0; i < t->who.s.n_findings; i++)
        finding_stays[i] = t->who.findings[i].state != FINDING_UNKNOWN;
    leave_out_findings(&t->who, finding_stays, &from);
    t->who.s.unlisted = UNLISTED_ABSENT;
    t->who.s.n_clearances = t->who.s.n_progress = 0;
    t->who.s.goals |= 1u << GOAL_WELLBEING;
    if (!judge(t, &t->who, &t->a))
        return false;
    if (t->a.d.n_warnings == 0)
        return true;
    const struct warning *w = &t->a.d.warnings[roll(&t->chance, (uint32_t)t->a.d.n_warnings)];
    name_all(&named, &t->who.s, w->triggered_by);
    copy_someone(&t->other, &t->who);
    for (size_t i = 0; i < t->who.s.n_findings; i++) {
        finding_stays[i] = named.finding[i] || t->who.findings[i].state == FINDING_ABSENT;
        t->counted[0] += !finding_stays[i];
    }
    for (size_t i = 0; i < t->who.s.n_complaints; i++)
        complaint_stays[i] = named.complaint[i];
    leave_out_findings(&t->other, finding_stays, &from);
    leave_out_complaints(&t->other, complaint_stays, &from);
    if (!judge(t, &t->other, &t->b))
        return false;
    const struct warning *now = warning_of_code(&t->b.d, w->code);
    t->counted[1]++;
    return now ? same_triggers(t, &from, w, now)
               : wrong(t, "%.*s does not warn with all that it names", STR_ARGS(w->code));
}

/* Without the clearances that it names, a cleared warning stands as it would have. */
static bool named_clearances_matter(struct trial *t)
{
    struct named named;
    size_t kept = 0;
    if (!judge(t, &t->who, &t->a))
        return false;
    for (size_t i = 0; i < t->a.d.n_warnings; i++) {
        const struct warning *w = &t->a.d.warnings[i];
        if (!w->cleared)
            continue;
        if (w->cleared_by.n == 0)
            return wrong(t, "%.*s is cleared by nothing", STR_ARGS(w->code));
        memset(&named, 0, sizeof(named));
        name_all(&named, &t->who.s, w->cleared_by);
        copy_someone(&t->other, &t->who);
        for (size_t k = 0; k < t->who.s.n_clearances; k++)
            if (!named.clearance[k])
                t->other.clearances[kept++] = t->who.clearances[k];
        t->other.s.n_clearances = kept;
        if (!judge(t, &t->other, &t->b))
            return false;
        const struct warning *now = warning_of_code(&t->b.d, w->code);
        if (!now || now->cleared)
            return wrong(t, "%.*s is cleared without what cleared it, or gone", STR_ARGS(w->code));
        t->counted[0]++;
        return true; /* one of them is enough */
    }
    return true;
}

const struct property explained_properties[] = {
    { "explained/unnamed_does_not_matter",
      unnamed_does_not_matter,
      NULL,
      100,
      { { "findings not absent left out", 50 }, { "complaints left out", 5 }, { "others left", 300 } } },
    { "explained/named_one_matters",
      named_one_matters,
      NULL,
      100,
      { { "findings left out", 200 }, { "complaints left out", 50 }, { "warnings gone", 200 } } },
    { "explained/all_named_matters", all_named_matters, NULL, 100, { { "warnings gone", 200 }, { "of progress", 3 } } },
    { "explained/named_is_enough", named_is_enough, NULL, 100, { { "findings left out", 300 }, { "warnings", 300 } } },
    { "explained/named_clearances_matter", named_clearances_matter, NULL, 100, { { "warnings cleared", 10 } } },
    { .name = NULL },
};
