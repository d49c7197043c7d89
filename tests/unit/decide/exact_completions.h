/* A half-answered person of exact_random.h, all completions of what is unknown of it, and the answers to them. */
#ifndef PALPATE_TESTS_DECIDE_EXACT_COMPLETIONS_H
#define PALPATE_TESTS_DECIDE_EXACT_COMPLETIONS_H

#include "decide/decide.h"
#include "decide/exact_random.h"

enum { FINDINGS_ROOM = 32, DIMS_MAX = 24, COMPLETIONS_MAX = 2000 };

/* ---- answers ----------------------------------------------------------------------------------------------- */

struct brief {
    int disposition;
    int verdict[TECHNIQUES], could[TECHNIQUES];
    uint64_t mods[TECHNIQUES];
    unsigned fired; /* bit per rule that warns */
    bool complete;
};

static inline uint64_t mix(uint64_t h, uint64_t v)
{
    return (h ^ v) * UINT64_C(0x100000001b3) + (h >> 29);
}

static inline uint64_t digest_of(const struct technique_verdict *t)
{
    uint64_t h = 1;
    for (size_t i = 0; i < t->n_modifications; i++) {
        const struct modification *m = &t->modifications[i];
        h = mix(mix(mix(h, m->kind), (uint64_t)m->number), m->place_unknown);
        for (size_t k = 0; k < m->option.n; k++)
            h = mix(h, (uint64_t)m->option.p[k]);
        for (size_t w = 0; w < ARRAY_LEN(m->places.w); w++)
            h = mix(h, m->places.w[w]);
    }
    return h;
}

static inline int technique_at(struct str code)
{
    return code.p[0] == 's' ? 0 : code.p[0] == 'w' ? 1 : 2;
}

static inline struct brief brief_of(const struct decision *d)
{
    struct brief b = { .disposition = (int)d->disposition, .complete = d->complete };
    for (size_t i = 0; i < d->n_techniques; i++) {
        int t = technique_at(d->techniques[i].code);
        b.verdict[t] = (int)d->techniques[i].verdict;
        b.could[t] = (int)d->techniques[i].could_become;
        b.mods[t] = digest_of(&d->techniques[i]);
    }
    for (size_t i = 0; i < d->n_warnings; i++)
        b.fired |= 1u << (d->warnings[i].code.p[1] - '0');
    return b;
}

static inline bool same(const struct brief *a, const struct brief *b)
{
    return a->disposition == b->disposition && memcmp(a->verdict, b->verdict, sizeof(a->verdict)) == 0 &&
           memcmp(a->mods, b->mods, sizeof(a->mods)) == 0;
}

struct judging {
    struct arena arena;
    struct faults faults;
    struct decision d;
};

static inline void judge_screening(struct judging *j, const struct catalogue *cat, const struct screening *s)
{
    arena_reset(&j->arena);
    faults_init(&j->faults, &j->arena);
    assert_int_equal(screen(cat, s, &j->arena, &j->faults, &j->d), RC_OK);
}

/* ---- what is unknown --------------------------------------------------------------------------------------- */

/* One unknown, and how many answers it has. */
struct dim {
    enum { DIM_FACT, DIM_ATTRIBUTE, DIM_SEX, DIM_PAIN } kind;
    int fact, attr; /* the latter of attr_plans */
    size_t index;   /* of the finding or complaint */
    int n;
};

struct job {
    const struct plan *plan;
    const struct taken *taken;
    struct dim dims[DIMS_MAX];
    int n_dims, n_completions;
    uint8_t state[FACTS_MAX], stated[FACTS_MAX];
    bool cleared;
};

/* Facts are f0, f1 and so on; what is none of them must not be asked for. */
static inline int fact_of(struct str id)
{
    return id.n == 2 ? (int)((unsigned)(id.p[1] - '0') % FACTS_MAX) : 0;
}

static inline int value_of(const struct plan *p, int fact, int attr, int i)
{
    int v = attr_plans[attr].values[i];
    bool date = attr_plans[attr].attribute == ATTR_DATE;
    return date && p->facts[fact].short_lived && v > SHORT_LIVED_DAYS ? SHORT_LIVED_DAYS : v;
}

/* How many ways a fact can be present. */
static inline int ways_of(const struct plan *p, int fact)
{
    int n = 1;
    for (int a = 0; a < ATTRS; a++)
        n *= p->facts[fact].attrs >> a & 1 ? attr_plans[a].n_values : 1;
    return n;
}

static inline unsigned above(const struct plan *p, int fact)
{
    unsigned up = p->facts[fact].implies;
    for (int k = 0; k < p->n_facts; k++)
        up |= p->facts[k].covers >> fact & 1 ? 1u << k : 0;
    return up;
}

/* Facts that are present when this one is, itself among them. */
static inline unsigned upwards(const struct plan *p, int fact)
{
    unsigned up = 1u << fact, more = 0;
    for (int k = 0; k < p->n_facts; k++)
        if (above(p, fact) >> k & 1)
            more |= upwards(p, k);
    return up | more;
}

static inline bool add_dim(struct job *j, struct dim d)
{
    if (j->n_dims == DIMS_MAX || j->n_completions > COMPLETIONS_MAX / d.n)
        return false;
    j->n_completions *= d.n;
    j->dims[j->n_dims++] = d;
    return true;
}

/* What is asked of a present fact that a finding told without it: not the date of the short-lived, which is now (S6).
 */
static inline unsigned asked_of(const struct plan *p, int fact)
{
    return p->facts[fact].attrs & ~(p->facts[fact].short_lived ? 1u << DATE_PLAN : 0);
}

/* Does a present fact have an instance from below that cannot be told something that the fact declares, there or on
 * the way? Its completion would be another finding. */
static inline bool lacks_beyond_below(const struct job *j, int fact)
{
    const struct plan *p = j->plan;
    const struct fact_intake *f = &j->taken->in.facts[fact];
    for (int k = 0; k < p->n_facts; k++) /* an instance that may come */
        if (above(p, k) >> fact & 1 && j->taken->in.facts[k].state == FACT_UNKNOWN &&
            f->stated != FINDING_PRESENT + 1 && asked_of(p, fact) & ~p->facts[k].attrs)
            return true;
    for (uint32_t i = 0; i < f->n_instances; i++) {
        int named = fact_of(j->taken->person.findings[f->instances[i].finding].id);
        unsigned declared = p->facts[named].attrs;
        for (int k = 0; k < p->n_facts; k++)
            if (upwards(p, named) >> k & 1 && upwards(p, k) >> fact & 1 && k != fact)
                declared &= p->facts[k].attrs;
        for (int a = 0; a < ATTRS && named != fact; a++)
            if (p->facts[fact].attrs & ~declared & 1u << a && f->instances[i].value[attr_plans[a].attribute].n == 0)
                return true;
    }
    return false;
}

/* Does the fact's instance that a finding gave lack this, also after its siblings have shared what is the person's? */
static inline bool lacks(const struct job *j, int fact, size_t finding, int attr)
{
    const struct fact_intake *f = &j->taken->in.facts[fact];
    for (uint32_t i = 0; i < f->n_instances; i++)
        if (f->instances[i].finding == finding)
            return j->plan->facts[fact].attrs >> attr & 1 && f->instances[i].value[attr_plans[attr].attribute].n == 0;
    return false;
}

static inline bool find_dims(struct job *j)
{
    const struct intake *in = &j->taken->in;
    const struct person *who = &j->taken->person;
    j->n_dims = 0;
    j->n_completions = 1;
    for (int f = 0; f < j->plan->n_facts; f++) {
        j->state[f] = in->facts[f].state;
        j->stated[f] = in->facts[f].stated;
        if (j->state[f] == FACT_PRESENT && lacks_beyond_below(j, f))
            return false;
        if (j->state[f] == FACT_UNKNOWN && !add_dim(j, (struct dim){ DIM_FACT, f, 0, 0, 1 + ways_of(j->plan, f) }))
            return false;
    }
    for (size_t i = 0; i < who->s.n_findings; i++) {
        int f = fact_of(who->findings[i].id);
        for (int a = 0; a < ATTRS && who->findings[i].state == FINDING_PRESENT; a++)
            if (lacks(j, f, i, a) && !add_dim(j, (struct dim){ DIM_ATTRIBUTE, f, a, i, attr_plans[a].n_values }))
                return false;
    }
    if (who->s.sex == SEX_UNKNOWN && !add_dim(j, (struct dim){ DIM_SEX, 0, 0, 0, 3 }))
        return false;
    for (size_t i = 0; i < who->s.n_complaints; i++)
        if (who->complaints[i].pain == NOT_GIVEN && !add_dim(j, (struct dim){ DIM_PAIN, 0, 0, i, 3 }))
            return false;
    return true;
}

/* ---- one completion ---------------------------------------------------------------------------------------- */

struct completion {
    struct screening s;
    struct finding findings[FINDINGS_ROOM];
    struct complaint complaints[PERSON_ITEMS];
    bool newer; /* something that a clearance names is dated after it */
};

static inline struct finding *finding_for(struct completion *c, int fact, enum finding_state state)
{
    static const char ids[] = "f0f1f2f3f4";
    struct finding *f = &c->findings[c->s.n_findings++];
    assert_true(c->s.n_findings <= FINDINGS_ROOM);
    *f = (struct finding){ .id = { ids + (ptrdiff_t)fact * 2, 2 }, .state = state, .since = DATE_NOT_GIVEN };
    return f;
}

static inline void set_attribute(const struct job *j, struct completion *c, struct finding *f, int fact, int attr,
                                 int i)
{
    enum attribute a = attr_plans[attr].attribute;
    int v = value_of(j->plan, fact, attr, i);
    f->has |= (uint16_t)(1u << a);
    f->value[a] = a == ATTR_DATE ? AS_OF - v : v;
    c->newer |=
        a == ATTR_DATE && v < CLEARED_AGO && j->plan->cleared >= 0 && upwards(j->plan, fact) >> j->plan->cleared & 1;
}

static inline void answer_fact(const struct job *j, struct completion *c, int fact, int answer)
{
    struct finding *f = finding_for(c, fact, answer ? FINDING_PRESENT : FINDING_ABSENT);
    for (int a = 0, rest = answer - 1; a < ATTRS && answer; a++)
        if (j->plan->facts[fact].attrs >> a & 1) {
            set_attribute(j, c, f, fact, a, rest % attr_plans[a].n_values);
            rest /= attr_plans[a].n_values;
        }
}

/* The person with every unknown answered: `answers` has a digit for each. Facts that are absent are said to be, so
 * that they stay so. */
static inline void complete_person(const struct job *j, int answers, struct completion *c)
{
    static const int8_t pains[] = { 0, 5, 8 };
    const struct person *who = &j->taken->person;
    size_t at[PERSON_ITEMS] = { 0 };
    c->s = who->s;
    c->s.n_findings = 0;
    c->newer = false;
    c->s.findings = c->findings;
    c->s.complaints = c->complaints;
    memcpy(c->complaints, who->complaints, sizeof(c->complaints));
    for (size_t i = 0; i < who->s.n_findings; i++)
        if (j->state[fact_of(who->findings[i].id)] != FACT_UNKNOWN) {
            at[i] = c->s.n_findings;
            c->findings[c->s.n_findings++] = who->findings[i];
        }
    for (int f = 0; f < j->plan->n_facts; f++)
        if (j->state[f] == FACT_ABSENT)
            (void)finding_for(c, f, FINDING_ABSENT);
    for (int i = 0; i < j->n_dims; i++) {
        const struct dim *d = &j->dims[i];
        int answer = answers % d->n;
        answers /= d->n;
        if (d->kind == DIM_FACT)
            answer_fact(j, c, d->fact, answer);
        else if (d->kind == DIM_ATTRIBUTE)
            set_attribute(j, c, &c->findings[at[d->index]], d->fact, d->attr, answer);
        else if (d->kind == DIM_SEX)
            c->s.sex = (enum sex[]){ SEX_FEMALE, SEX_MALE, SEX_OTHER }[answer];
        else
            c->complaints[d->index].pain = pains[answer];
    }
}

/* Is a fact below this one present, or stated as unknown? S5 lets it be asked then. */
static inline bool held_from_below(const struct job *j, int fact, unsigned present)
{
    for (int k = 0; k < j->plan->n_facts; k++)
        if (k != fact && upwards(j->plan, k) >> fact & 1 && (present >> k & 1 || j->stated[k] == FINDING_UNKNOWN + 1))
            return true;
    return false;
}

/* Would a fact that only those below it make present lack something that it declares and they do not? Then the
 * completion is another one, with a finding of its own. */
static inline bool lacks_something(const struct job *j, unsigned present, unsigned own)
{
    for (int f = 0; f < j->plan->n_facts; f++)
        for (int k = 0; k < j->plan->n_facts; k++)
            if (j->state[f] == FACT_UNKNOWN && present & ~own & 1u << f && present >> k & 1 &&
                above(j->plan, k) >> f & 1 && asked_of(j->plan, f) & ~j->plan->facts[k].attrs)
                return true;
    return false;
}

/* Not every combination of answers is a completion: a question that does not apply has no other answer than no. */
static inline bool may_be(const struct job *j, const struct completion *c)
{
    unsigned present = 0, own = 0;
    for (size_t i = 0; i < c->s.n_findings; i++)
        if (c->findings[i].state == FINDING_PRESENT) {
            own |= 1u << fact_of(c->findings[i].id);
            present |= upwards(j->plan, fact_of(c->findings[i].id));
        }
    for (int f = 0; f < j->plan->n_facts; f++)
        if (own >> f & 1 && j->state[f] == FACT_UNKNOWN && !j->stated[f] && j->plan->facts[f].ask_if &&
            c->s.sex == SEX_MALE && !held_from_below(j, f, present))
            return false;
    return !lacks_something(j, present, own);
}

/* ---- all completions under one catalogue -------------------------------------------------------------------- */

struct tried {
    struct brief of[COMPLETIONS_MAX];
    bool valid[COMPLETIONS_MAX];
    struct brief gravest; /* of disposition and each verdict */
    bool changes;         /* something differs from the answer as it is */
    /* The same, with what is newer than its clearance too: S9 foresees that of acute rules only (S22), so what is said
     * of the others lies between the two. Without clearances they are the same. */
    struct brief widest;
    bool may_change;
    bool incomplete; /* something is left to ask when all is answered */
};

static inline void print_case(const char *line, const struct plan *p)
{
    print_error("%s\nfacts %s\ntechniques %s\n", line, p->facts_text, p->techniques_text);
    for (int i = 0; i < RULES; i++)
        print_error("%s}%s\n", p->rules[i].text, p->rules[i].hold ? " holds" : "");
}

static long n_judged;

static inline void join_gravest(struct brief *into, const struct brief *b)
{
    into->fired |= b->fired;
    into->disposition = b->disposition > into->disposition ? b->disposition : into->disposition;
    for (int k = 0; k < TECHNIQUES; k++)
        into->verdict[k] = b->verdict[k] > into->verdict[k] ? b->verdict[k] : into->verdict[k];
}

static inline void try_all(const struct job *j, const struct catalogue *cat, const struct brief *now, struct tried *t)
{
    static struct judging judging;
    static struct completion c;
    t->gravest = t->widest = (struct brief){ 0 };
    t->changes = t->may_change = t->incomplete = false;
    for (int i = 0; i < j->n_completions; i++) {
        complete_person(j, i, &c);
        t->valid[i] = may_be(j, &c);
        if (!t->valid[i])
            continue;
        judge_screening(&judging, cat, &c.s);
        n_judged++;
        t->of[i] = brief_of(&judging.d);
        t->incomplete |= !t->of[i].complete;
        t->may_change |= !same(&t->of[i], now);
        join_gravest(&t->widest, &t->of[i]);
        if (c.newer)
            continue;
        t->changes |= !same(&t->of[i], now);
        join_gravest(&t->gravest, &t->of[i]);
    }
    arena_done(&judging.arena);
}

#endif
