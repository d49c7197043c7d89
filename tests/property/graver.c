/* In which direction an answer may move when the request, or the catalogue, says more. */
#include <stdio.h>

#include "property.h"

bool could_become_milder(const struct decision *a, const struct decision *b)
{
    for (size_t i = 0; i < a->n_techniques; i++)
        if (of_technique(b, a->techniques[i].code)->could_become < a->techniques[i].could_become)
            return true;
    return false;
}

bool nowhere_milder(struct trial *t, const struct decision *a, const struct decision *b, const char *why)
{
    if (b->disposition < a->disposition)
        return wrong(t, "%s, and the disposition is milder", why);
    if (b->booking < a->booking)
        return wrong(t, "%s, and the booking is milder", why);
    for (size_t i = 0; i < a->n_techniques; i++) {
        const struct technique_verdict *x = &a->techniques[i], *y = of_technique(b, x->code);
        if (!y || y->verdict < x->verdict)
            return wrong(t, "%s, and %.*s is milder", why, STR_ARGS(x->code));
    }
    return true;
}

static size_t verdicts_changed(const struct decision *a, const struct decision *b)
{
    size_t n = 0;
    for (size_t i = 0; i < a->n_techniques; i++)
        n += of_technique(b, a->techniques[i].code)->verdict != a->techniques[i].verdict;
    return n;
}

/* ---- one more rule ---------------------------------------------------------------------------------------- */

enum { SEEDS_A_VARIANT = 250, RULES_KEPT_PERCENT = 90 };

static bool one_more_rule(struct trial *t)
{
    const struct catalogue *fewer = thinned(t, t->seed / SEEDS_A_VARIANT, RULES_KEPT_PERCENT);
    if (!fewer || !judge_by(t, fewer, &t->who.s, &t->a) || !judge(t, &t->who, &t->b))
        return false;
    t->counted[0] += verdicts_changed(&t->a.d, &t->b.d) > 0;
    t->counted[1] += t->b.d.disposition > t->a.d.disposition;
    if (could_become_milder(&t->a.d, &t->b.d))
        return wrong(t, "there are more rules, and something could become milder");
    return nowhere_milder(t, &t->a.d, &t->b.d, "there are more rules");
}

/* ---- a known gap ------------------------------------------------------------------------------------------- */

static void count_instance(void *to, const struct fact *fact, const struct instance *inst)
{
    (void)fact;
    (void)inst;
    ++*(size_t *)to;
}

static bool has_open_part(const struct view *v, struct cond c)
{
    const struct cond_pool *pool = &v->in->cat->pool;
    for (uint32_t i = c.terms; i < c.terms + c.n_terms; i++) {
        const struct term *term = &pool->terms[i];
        enum tri state = term_eval(v, term);
        size_t open = 0, sure = 0;
        for (uint16_t k = 0; state == TRI_YES && k < term->n_needs; k++) {
            need_instances(v, &pool->needs[term->needs + k], TRI_UNKNOWN, count_instance, &open);
            need_instances(v, &pool->needs[term->needs + k], TRI_YES, count_instance, &sure);
        }
        if (state == TRI_UNKNOWN || open > sure)
            return true;
    }
    return false;
}

/* A known gap: of a rule that has fired by one finding, could_become does not count the places that another, not yet
 * settled, could add to it (S8 counts a rule as fired or as open, and it is fired). */
static bool could_spread(struct trial *t, const struct someone *who, struct judged *room)
{
    struct intake in;
    struct view v = { .in = &in };
    if (intake_build(t->cat, &who->s, &room->arena, &room->faults, &in) != RC_OK)
        return false;
    for (uint32_t i = 0; i < t->cat->n_rules; i++) {
        const struct rule *r = &t->cat->rules[i];
        if ((r->scope == RULE_WHERE_FOUND || r->bans_where_found) && cond_eval(&v, r->when) == TRI_YES &&
            has_open_part(&v, r->when))
            return true;
    }
    return false;
}

/* ---- one more red flag ------------------------------------------------------------------------------------ */

static bool condition_reads_not(const struct catalogue *cat, struct cond c, uint32_t fact)
{
    const struct cond_pool *pool = &cat->pool;
    for (uint32_t i = c.terms; i < c.terms + c.n_terms; i++) {
        const struct term *term = &pool->terms[i];
        for (uint16_t k = 0; k < term->n_absents; k++)
            if (pool->absents[term->absents + k] == fact)
                return true;
        for (uint16_t k = 0; k < term->n_needs; k++) /* a bound under a negation */
            if (pool->needs[term->needs + k].fact == fact && !pool->needs[term->needs + k].triggers)
                return true;
    }
    return false;
}

static bool condition_reads(const struct catalogue *cat, struct cond c, uint32_t fact)
{
    const struct cond_pool *pool = &cat->pool;
    for (uint32_t i = c.terms; i < c.terms + c.n_terms; i++)
        for (uint16_t k = 0; k < pool->terms[i].n_needs; k++)
            if (pool->needs[pool->terms[i].needs + k].fact == fact)
                return true;
    return condition_reads_not(cat, c, fact);
}

/* Is there anything that a fact could make milder? A rule that fires or is open, and reads it under a negation; a
 * question that is not asked of those who have it; a technique that is offered to those who have it. And a question
 * that was not asked at all settles what it covers (S5.1): once one of these is present the others are open. */
static bool could_help(const struct intake *in, uint32_t fact)
{
    const struct catalogue *cat = in->cat;
    struct view v = { .in = in };
    if (cat->facts[fact].has_ask_if && cat->facts[fact].covers.n)
        return true;
    for (uint32_t i = 0; i < cat->n_rules; i++)
        if (condition_reads_not(cat, cat->rules[i].when, fact) && cond_eval(&v, cat->rules[i].when) != TRI_NO)
            return true;
    for (uint32_t i = 0; i < cat->n_facts; i++)
        if (cat->facts[i].has_ask_if && condition_reads_not(cat, cat->facts[i].ask_if, fact))
            return true;
    for (uint32_t i = 0; i < cat->n_techniques; i++)
        if (cat->techniques[i].has_offer_when && condition_reads(cat, cat->techniques[i].offer_when, fact))
            return true;
    return false;
}

/* What becomes present must have been absent: where it was unknown a gate may have held, and a rule that fires can ask
 * for less than a gate that holds ("needs answers" may come to "modified"). And it must not have been said to be absent
 * if that settled others: these are open then, and so is a rule that wants them absent. */
static bool was_absent(struct trial *t, uint32_t fact, bool *ret)
{
    struct intake in;
    if (intake_build(t->cat, &t->who.s, &t->a.arena, &t->a.faults, &in) != RC_OK)
        return wrong(t, "no intake");
    const struct fact_list *up = &t->cat->facts[fact].up;
    *ret = !t->cat->facts[fact].clearance_only && in.facts[fact].state == FACT_ABSENT &&
           (in.facts[fact].stated == 0 || t->cat->facts[fact].below.n == 0);
    for (uint32_t i = 0; *ret && i < up->n; i++)
        *ret = in.facts[up->at[i]].state != FACT_UNKNOWN && !could_help(&in, up->at[i]);
    return true;
}

/* One that a rule needs which forbids all techniques, or any. */
static uint32_t red_flag(struct trial *t)
{
    const struct catalogue *cat = t->cat;
    for (int tries = 0; tries < 50 && percent(&t->chance, 98); tries++) {
        const struct rule *r = &cat->rules[roll(&t->chance, cat->n_rules)];
        if (r->disposition < DISPOSITION_CLEARANCE_REQUIRED || r->when.n_terms == 0)
            continue;
        const struct term *term = &cat->pool.terms[r->when.terms + roll(&t->chance, r->when.n_terms)];
        if (term->n_needs)
            return cat->pool.needs[term->needs + roll(&t->chance, term->n_needs)].fact;
    }
    return roll(&t->chance, cat->n_facts);
}

/* Without clearances: a further cause may make the rule the same with and without what is cleared, and then the
 * clearance lifts it (S9.3). Without progress: the new fact may call for another course, by which the sessions are read
 * otherwise (S15). What belongs to the person is left out: it would answer what was open (S3). */
static bool one_more_red_flag(struct trial *t)
{
    uint32_t fact = red_flag(t);
    bool absent = false;
    t->who.s.n_clearances = t->who.s.n_progress = 0;
    if (percent(&t->chance, 70))
        t->who.s.unlisted = UNLISTED_ABSENT;
    copy_someone(&t->other, &t->who);
    struct finding *f = add_finding(&t->people, &t->other, fact, FINDING_PRESENT);
    if (!judge(t, &t->who, &t->a) || !was_absent(t, fact, &absent))
        return false;
    if (!absent || !f)
        return true;
    for (int a = 0; a < ATTR_COUNT_; a++)
        if (t->cat->facts[fact].attributes >> a & 1 && !attribute_table[a].person && percent(&t->chance, 60))
            give_attribute(&t->other, f, (enum attribute)a, any_value(&t->people, &t->chance, fact, (enum attribute)a));
    put_findings_in_order(&t->other);
    if (!judge(t, &t->other, &t->b))
        return false;
    t->counted[0]++;
    t->counted[1] += verdicts_changed(&t->a.d, &t->b.d) > 0;
    char why[200];
    (void)snprintf(why, sizeof(why), "%.*s is present too", STR_ARGS(t->cat->facts[fact].id));
    for (size_t i = 0; i < t->a.d.n_warnings; i++)
        if (!warning_of_code(&t->b.d, t->a.d.warnings[i].code))
            return wrong(t, "%s, and %.*s does not warn any more", why, STR_ARGS(t->a.d.warnings[i].code));
    bool milder = could_become_milder(&t->a.d, &t->b.d), known = milder && could_spread(t, &t->other, &t->b);
    t->counted[2] += known;
    if (milder && !known)
        return wrong(t, "%s, and something could become milder", why);
    return nowhere_milder(t, &t->a.d, &t->b.d, why);
}

/* ---- clearances ------------------------------------------------------------------------------------------- */

static bool asks_a_date(const struct decision *d)
{
    for (size_t i = 0; i < d->n_questions; i++)
        if (str_eq(d->questions[i].attribute, STR("date")))
            return true;
    return false;
}

/* A clearance may open a rule that has fired, to ask for a date (S9.4): if that holds, a technique that was modified
 * needs answers, and while the rule is open its place may be any (S10, S11). Nothing else gets graver. */
static bool clearances(struct trial *t)
{
    for (uint32_t i = 0; i < 3 && t->who.s.n_clearances < SOMEONE_CLEARANCES && t->who.s.n_findings; i++) {
        struct str id = t->who.findings[roll(&t->chance, (uint32_t)t->who.s.n_findings)].id;
        if (id.p && percent(&t->chance, 60))
            t->who.clearances[t->who.s.n_clearances++] =
                (struct clearance){ id, CLEARER_PHYSICIAN, t->who.s.as_of - between(&t->chance, 0, 400) };
    }
    if (t->who.s.n_clearances == 0)
        return true;
    copy_someone(&t->other, &t->who);
    t->other.s.n_clearances = 0;
    if (!judge(t, &t->who, &t->a) || !judge(t, &t->other, &t->b))
        return false;
    const struct decision *with = &t->a.d, *without = &t->b.d;
    bool date = asks_a_date(with);
    for (size_t i = 0; i < with->n_techniques; i++) {
        const struct technique_verdict *x = &with->techniques[i], *before = of_technique(without, x->code);
        bool opened = date && x->verdict == VERDICT_NEEDS_ANSWERS && before->verdict < VERDICT_NEEDS_ANSWERS;
        if ((x->verdict > before->verdict && !opened) || (x->could_become > before->could_become && !date))
            return wrong(t, "cleared, and %.*s is graver", STR_ARGS(x->code));
        t->counted[2] += opened || x->could_become > before->could_become;
    }
    t->counted[1] += date;
    if (with->disposition > without->disposition && !(date && with->disposition == DISPOSITION_NEEDS_ANSWERS))
        return wrong(t, "cleared, and the disposition is graver");
    t->counted[0] += verdicts_changed(with, without) > 0;
    return true;
}

/* ---- answers to what is asked ----------------------------------------------------------------------------- */

/* Codes spelled out: a finding for each of the facts that it stands for, so that what is asked can be answered one by
 * one. */
static void spell_out_codes(struct trial *t, struct someone *who)
{
    size_t kept = 0, n = who->s.n_findings;
    for (size_t i = 0; i < n; i++) {
        const struct finding coded = who->findings[i];
        if (coded.id.p)
            continue;
        struct fact_list named = code_system_lookup(catalogue_find_system(t->cat, coded.system), coded.code);
        for (uint32_t k = 0; coded.state != FINDING_ABSENT && k < named.n; k++) {
            struct finding *f = add_finding(&t->people, who, named.at[k], coded.state);
            if (!f)
                continue;
            f->has = coded.has & t->cat->facts[named.at[k]].attributes;
            memcpy(f->value, coded.value, sizeof(f->value));
            f->since = t->cat->facts[named.at[k]].attributes >> ATTR_DATE & 1 ? coded.since : DATE_NOT_GIVEN;
        }
    }
    for (size_t i = 0; i < who->s.n_findings; i++)
        if (who->findings[i].id.p)
            who->findings[kept++] = who->findings[i];
    who->s.n_findings = kept;
}

/* Does the finding name the fact, or one that makes it present? */
static bool is_about(const struct catalogue *cat, const struct finding *f, uint32_t fact)
{
    int32_t named = catalogue_find_fact(cat, f->id);
    for (uint32_t k = 0; named >= 0 && k < cat->facts[named].up.n; k++)
        if (cat->facts[named].up.at[k] == fact)
            return true;
    return false;
}

/* The answer to a fact takes the place of what said that it is not known: of itself and, when it is no, of all that
 * makes it up. One that was denied already is asked only for something below it that is not known (S1), and the answer
 * is no again: a yes would take back what the first no said of everything else below it. */
static void answer_state(struct trial *t, struct someone *who, uint32_t fact)
{
    enum finding_state state = percent(&t->chance, 70) ? FINDING_ABSENT : FINDING_PRESENT;
    size_t kept = 0;
    for (size_t i = 0; i < who->s.n_findings; i++)
        if (who->findings[i].state == FINDING_ABSENT && str_eq(who->findings[i].id, t->cat->facts[fact].id))
            state = FINDING_ABSENT;
    for (size_t i = 0; i < who->s.n_findings; i++) {
        const struct finding *f = &who->findings[i];
        bool itself = str_eq(f->id, t->cat->facts[fact].id);
        if (f->state != FINDING_UNKNOWN || !(itself || (state == FINDING_ABSENT && is_about(t->cat, f, fact))))
            who->findings[kept++] = *f;
    }
    who->s.n_findings = kept;
    (void)add_finding(&t->people, who, fact, state);
}

/* Of what is present through something that does not declare the attribute, it is said in a finding of its own, which
 * says again what that one said (S3).
 *
 * The date of a short-lived finding lies within its days (S8): an older one would no longer count at all. */
static void answer_attribute(struct trial *t, struct someone *who, uint32_t fact, enum attribute a)
{
    int32_t value = any_value(&t->people, &t->chance, fact, a), most = INT32_MAX;
    for (size_t i = 0; a == ATTR_DATE && i < who->s.n_findings; i++) {
        int32_t one = who->findings[i].id.p ? catalogue_find_fact(t->cat, who->findings[i].id) : FACT_NONE;
        if (one >= 0 && t->cat->facts[one].valid_days != NOT_GIVEN && t->cat->facts[one].valid_days < most)
            most = t->cat->facts[one].valid_days;
    }
    for (size_t i = 0, n = who->s.n_findings; i < n; i++) {
        struct finding *f = &who->findings[i];
        if (f->state != FINDING_PRESENT || !is_about(t->cat, f, fact))
            continue;
        int32_t named = catalogue_find_fact(t->cat, f->id);
        if (named < 0)
            continue;
        if (!(t->cat->facts[named].attributes >> a & 1) && (f = add_finding(&t->people, who, fact, FINDING_PRESENT))) {
            const struct finding *below = &who->findings[i];
            f->has = below->has & t->cat->facts[fact].attributes;
            f->since = t->cat->facts[fact].attributes >> ATTR_DATE & 1 ? below->since : DATE_NOT_GIVEN;
            memcpy(f->value, below->value, sizeof(f->value));
        }
        if (f && !(f->has >> a & 1 || (a == ATTR_DATE && f->since != DATE_NOT_GIVEN)))
            give_attribute(who, f, a, value < most ? value : most);
    }
}

static void answer_question(struct trial *t, struct someone *who, const struct question *q)
{
    int32_t fact = catalogue_find_fact(t->cat, q->fact);
    enum attribute a;
    if (str_eq(q->fact, STR("sex")))
        who->s.sex = (enum sex)roll(&t->chance, SEX_UNKNOWN);
    else if (str_eq(q->fact, STR("pain_max")))
        for (size_t i = 0; i < who->s.n_complaints; i++)
            who->complaints[i].pain = (int8_t)(who->complaints[i].pain == NOT_GIVEN ? between(&t->chance, 0, PAIN_MAX)
                                                                                    : who->complaints[i].pain);
    else if (fact >= 0 && q->attribute.p && attribute_from_name(q->attribute, &a))
        answer_attribute(t, who, (uint32_t)fact, a);
    else if (fact >= 0)
        answer_state(t, who, (uint32_t)fact);
}

static int worst_disposition(const struct decision *d)
{
    int worst = (int)d->disposition;
    for (size_t i = 0; i < d->n_questions; i++)
        worst = d->questions[i].could_disposition > worst ? d->questions[i].could_disposition : worst;
    return worst;
}

/* `after` lies within what `before` said it could become. */
static bool lies_within(struct trial *t, const struct decision *before, const struct decision *after)
{
    for (size_t i = 0; i < before->n_techniques; i++) {
        const struct technique_verdict *x = &before->techniques[i], *y = of_technique(after, x->code);
        if (y->verdict > x->could_become && y->verdict != VERDICT_NEEDS_ANSWERS)
            return wrong(t, "answered, and %.*s is graver than it could become", STR_ARGS(x->code));
        if (y->could_become > x->could_become)
            return wrong(t, "answered, and %.*s could become graver than before", STR_ARGS(x->code));
    }
    if ((int)after->disposition > worst_disposition(before) && after->disposition != DISPOSITION_NEEDS_ANSWERS)
        return wrong(t, "answered, and the disposition is graver than any question could make it");
    return true;
}

enum { ROUNDS = 40 };

/* Questions are answered at random until none is left: each answer, whatever it is, stays within could_become. */
static bool answers(struct trial *t)
{
    struct someone *who = &t->who;
    who->s.n_clearances = 0; /* a later date may undo a clearance, and could_become does not count that (S22) */
    who->s.n_progress = 0;   /* nor that an answer may call for another course, by which the sessions read otherwise */
    spell_out_codes(t, who);
    put_findings_in_order(who);
    copy_someone(&t->other, who);
    struct judged *before = &t->a, *after = &t->b;
    if (!judge(t, &t->other, before))
        return false;
    bool open = !before->d.complete;
    for (int round = 0; !before->d.complete; round++) {
        if (round == ROUNDS)
            return wrong(t, "questions without end: %.*s %.*s", STR_ARGS(before->d.questions[0].fact),
                         STR_ARGS(before->d.questions[0].attribute));
        copy_someone(who, &t->other);
        for (size_t i = 0; i < before->d.n_questions && t->other.s.n_findings < SOMEONE_FINDINGS - 1; i++)
            if (i == 0 || percent(&t->chance, 80))
                answer_question(t, &t->other, &before->d.questions[i]);
        put_findings_in_order(&t->other);
        if (t->other.s.n_findings >= SOMEONE_FINDINGS - 1)
            return true; /* no room to answer it all */
        if (!judge(t, &t->other, after))
            return false;
        if (!lies_within(t, &before->d, &after->d)) {
            if (!could_spread(t, who, after))
                return false;
            t->counted[2]++;
        }
        t->counted[0]++;
        struct judged *spare = before;
        before = after;
        after = spare;
    }
    t->counted[1] += open;
    return true;
}

const struct property graver_properties[] = {
    { "graver/one_more_rule", one_more_rule, NULL, 70, { { "verdicts changed", 40 }, { "dispositions changed", 20 } } },
    { "graver/one_more_red_flag",
      one_more_red_flag,
      NULL,
      100,
      { { "flags added", 300 }, { "verdicts changed", 100 }, { "known gaps", 0 } } },
    { "graver/clearances",
      clearances,
      NULL,
      100,
      { { "verdicts changed", 30 }, { "asked for a date", 5 }, { "graver for that", 0 } } },
    { "graver/answers",
      answers,
      NULL,
      100,
      { { "rounds of answers", 300 }, { "fully answered", 200 }, { "known gaps", 0 } } },
    { .name = NULL },
};
