/* Small random catalogues and half-answered persons whose completions can all be tried. */
#ifndef PALPATE_TESTS_DECIDE_EXACT_RANDOM_H
#define PALPATE_TESTS_DECIDE_EXACT_RANDOM_H

#include "rules/person.h"

enum { FACTS_MAX = 5, RULES = 3, TECHNIQUES = 3, CLEARED_AGO = 5 };

static uint64_t state_of_random;

static inline void seed_random(uint64_t seed)
{
    state_of_random = (seed + 1) * UINT64_C(0x9e3779b97f4a7c15);
}

static inline uint32_t roll(uint32_t n)
{
    state_of_random ^= state_of_random << 13;
    state_of_random ^= state_of_random >> 7;
    state_of_random ^= state_of_random << 17;
    return (uint32_t)(state_of_random >> 33) % n;
}

static inline bool chance(uint32_t percent)
{
    return roll(100) < percent;
}

/* Attributes, and of each the values that stand for all: conditions here compare with the bounds 5, 3, 3 or 10 days,
 * and name the neck. A clearance is five days old. */
static const struct attr_plan {
    const char *name, *var;
    enum attribute attribute;
    int n_values, values[5];
} attr_plans[] = {
    { "severity", "severity", ATTR_SEVERITY, 3, { 4, 5, 6 } },
    { "controlled", "controlled", ATTR_CONTROLLED, 2, { 0, 1 } },
    { "date", "days_ago", ATTR_DATE, 5, { 2, 3, 6, 10, 11 } },
    { "region", "region", ATTR_REGION, 3, { REGION_NECK, REGION_CALF, REGION_WHOLE_BODY } },
};
enum { ATTRS = ARRAY_LEN(attr_plans), DATE_PLAN = 2, SHORT_LIVED_DAYS = 6 };

struct fact_plan {
    unsigned implies, covers; /* bit per fact of a higher, or a lower, number */
    unsigned attrs;           /* bit per attribute */
    bool short_lived, ask_if;
};

struct rule_plan {
    char text[1024]; /* without what is done while it is unknown */
    unsigned reads;  /* bit per fact */
    bool hold, clearable;
    bool places;  /* it applies, or its modifications do, where something was found */
    bool given;   /* a modification holds where it was given; that is never asked */
    bool repeats; /* it may read one fact twice, and so ask what makes no difference */
};

struct plan {
    struct fact_plan facts[FACTS_MAX];
    int n_facts;
    struct rule_plan rules[RULES];
    char facts_text[2048], techniques_text[1024];
    bool offer_when, ask_if;
    int cleared; /* the fact that clearances name, or -1 */
};

struct text {
    char *at;
    size_t n, room;
};

static inline void put(struct text *t, const char *fmt, ...) PRINTF_LIKE(2, 3);
static inline void put(struct text *t, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(t->at + t->n, t->room - t->n, fmt, args);
    va_end(args);
    assert_true(n >= 0 && t->n + (size_t)n < t->room);
    t->n += (size_t)n;
}

/* ---- conditions -------------------------------------------------------------------------------------------- */

struct leaves {
    const struct plan *p;
    unsigned used; /* bit per fact */
    bool repeats, facts_only, no_region;
    bool no_sex, no_pain; /* one test of them is there */
};

/* True when the leaf is about something else than a fact. */
static inline bool put_scalar(struct text *t, struct leaves *l)
{
    uint32_t r = l->facts_only ? 20 : roll(20);
    if (r == 0 && !l->no_sex) {
        l->no_sex = true; /* two may exclude nothing, and then ask what makes no difference */
        put(t, "{'%s': [{'var': 'sex'}, '%s']}", roll(2) ? "==" : "!=", roll(2) ? "female" : "male");
    } else if (r < 3 && r > 0 && !l->no_pain) {
        l->no_pain = !l->repeats;
        if (roll(2))
            put(t, "{'%s': [{'var': 'pain_max'}, %d]}", roll(2) ? "<" : ">=", roll(2) ? 4 : 7);
        else
            put(t, "{'in': ['neck', {'var': 'severe_complaint_regions'}]}");
    } else {
        return false;
    }
    return true;
}

static inline void put_leaf(struct text *t, struct leaves *l)
{
    static const char *const ops[] = { "<", ">=", "==", "!=" };
    unsigned all = (1u << l->p->n_facts) - 1;
    int fact = (int)roll((uint32_t)l->p->n_facts), attr = (int)roll(ATTRS);
    if (put_scalar(t, l))
        return;
    if (!l->repeats && (l->used & all) == all) { /* all have been read */
        put(t, "{'>': [{'var': 'age_years'}, %d]}", roll(2) ? 10 : 90);
        return;
    }
    while (!l->repeats && l->used >> fact & 1)
        fact = (fact + 1) % l->p->n_facts;
    l->used |= 1u << fact;
    if (roll(2) || !(l->p->facts[fact].attrs >> attr & 1)) {
        put(t, "{'var': 'f%d'}", fact);
    } else if (attr_plans[attr].attribute == ATTR_CONTROLLED) {
        put(t, "{'==': [{'var': 'f%d.controlled'}, %s]}", fact, roll(2) ? "true" : "false");
    } else if (attr_plans[attr].attribute == ATTR_REGION) {
        if (l->no_region)
            put(t, "{'var': 'f%d'}", fact);
        else
            put(t, "{'%s': [{'var': 'f%d.region'}, 'neck']}", ops[2 + roll(2)], fact);
    } else if (attr_plans[attr].attribute == ATTR_DATE) {
        bool late = roll(2);
        l->repeats |= late && l->p->facts[fact].short_lived; /* what never holds makes no difference */
        put(t, "{'%s': [{'var': 'f%d.days_ago'}, %d]}", ops[roll(2)], fact, late ? 10 : 3);
    } else {
        put(t, "{'%s': [{'var': 'f%d.severity'}, 5]}", ops[roll(4)], fact);
    }
}

static inline void put_condition(struct text *t, struct leaves *l, int depth)
{
    uint32_t r = depth == 0 ? 0 : roll(10), n = 2 + (roll(4) == 0);
    if (r < 4) {
        put_leaf(t, l);
    } else if (r < 5) {
        put(t, "{'!': [");
        put_condition(t, l, depth - 1);
        put(t, "]}");
    } else {
        put(t, "{'%s': [", r < 8 ? "and" : "or");
        for (uint32_t i = 0; i < n; i++) {
            put(t, i ? ", " : "");
            put_condition(t, l, depth - 1);
        }
        put(t, "]}");
    }
}

/* ---- facts, techniques, rules ------------------------------------------------------------------------------ */

static inline void plan_facts(struct plan *p)
{
    unsigned covered = 0;
    p->n_facts = 2 + (int)roll(FACTS_MAX - 1);
    p->ask_if = chance(30);
    for (int i = 0; i < p->n_facts; i++) {
        p->facts[i] = (struct fact_plan){ 0 };
        for (int a = 0; a < ATTRS; a++)
            p->facts[i].attrs |= chance(25) ? 1u << a : 0;
        p->facts[i].short_lived = p->facts[i].attrs >> DATE_PLAN & 1 && chance(50);
        p->facts[i].ask_if = p->ask_if && chance(40);
        for (int k = i + 1; k < p->n_facts; k++)
            p->facts[i].implies |= chance(15) ? 1u << k : 0;
    }
    for (int i = FACTS_MAX - 1; i > 0; i--) {
        if (i >= p->n_facts)
            continue;
        unsigned may = ((1u << i) - 1) & ~covered;
        for (int k = 0; k < i; k++)
            may &= ~(p->facts[k].implies >> i & 1 ? 1u << k : 0); /* not both */
        if (chance(35))
            p->facts[i].covers = may & roll(32) & roll(32);
        covered |= p->facts[i].covers;
    }
}

static inline void put_facts(struct text *t, unsigned set, const char *member)
{
    put(t, ", '%s': [", member);
    for (int k = 0, first = 1; k < FACTS_MAX; k++)
        if (set >> k & 1) {
            put(t, "%s'f%d'", first ? "" : ", ", k);
            first = 0;
        }
    put(t, "]");
}

static inline void write_facts(struct plan *p)
{
    struct text t = { p->facts_text, 0, sizeof(p->facts_text) };
    for (int i = 0; i < p->n_facts; i++) {
        const struct fact_plan *f = &p->facts[i];
        put(&t, "%s{'id': 'f%d', 'attributes': [", i ? ", " : "[", i);
        for (int a = 0, first = 1; a < ATTRS; a++)
            if (f->attrs >> a & 1) {
                put(&t, "%s'%s'", first ? "" : ", ", attr_plans[a].name);
                first = 0;
            }
        put(&t, "]");
        if (f->short_lived)
            put(&t, ", 'valid_days': %d", SHORT_LIVED_DAYS);
        if (f->ask_if)
            put(&t, ", 'ask_if': {'!=': [{'var': 'sex'}, 'male']}");
        put_facts(&t, f->implies, "implies");
        put_facts(&t, f->covers, "covers");
        put(&t, "}");
    }
    put(&t, "]");
}

static inline void write_techniques(struct plan *p)
{
    struct text t = { p->techniques_text, 0, sizeof(p->techniques_text) };
    put(&t, "[{'code': 'soft'}, {'code': 'warm', 'traits': ['heat'], 'essential': ['heat']},"
            " {'code': 'firm', 'min_pressure': 3");
    p->offer_when = chance(12);
    if (p->offer_when) {
        struct leaves l = { .p = p, .facts_only = true, .repeats = true };
        put(&t, ", 'offer_when': ");
        put_condition(&t, &l, 1);
    }
    put(&t, "}]");
}

static inline void put_modifications(struct text *t, struct rule_plan *r, bool found, bool absolute)
{
    put(t, ", 'modifications': [");
    if (found) /* nothing that could leave nothing of a technique: a place not told yet counts as the session (S10) */
        put(t, "{'kind': '%s', 'value': %s}", roll(2) ? "max_pressure" : "max_minutes", roll(2) ? "4" : "3");
    else
        put(t, "{'kind': '%s', 'value': %s}",
            (const char *const[]){ "max_pressure", "max_minutes", "max_pressure" }[roll(3)], roll(2) ? "2" : "4");
    if (chance(30) && !found)
        put(t, ", {'kind': 'no_heat', 'value': true}");
    if (chance(20))
        put(t, ", {'kind': 'position', 'value': '%s'}", roll(2) ? "seated" : "side_lying");
    if (chance(20))
        put(t, ", {'kind': 'no_stretch', 'value': true}");
    if (found || absolute || chance(15)) {
        const char *where = found && chance(70) ? "'where_found'" : chance(50) ? "'where_given'" : "['neck']";
        put(t, ", {'kind': 'avoid_region', 'value': %s}", where);
        r->places |= where[1] == 'w';
        r->given |= strcmp(where, "'where_given'") == 0;
    }
    put(t, "]");
}

/* Two facts of which one brings the other: what tells them apart may make no difference. */
static inline bool reads_related(const struct plan *p, const struct rule_plan *r)
{
    bool related = false;
    for (int i = 0; i < p->n_facts; i++)
        related |= r->reads >> i & 1 && (p->facts[i].implies | p->facts[i].covers) != 0;
    return related;
}

static inline void write_rule(struct plan *p, int i)
{
    static const char *const effects[] = { "allowed", "modified", "clearance_required", "not_allowed" };
    static const char *const dispositions[] = { "proceed_modified", "clearance_required", "do_not_treat", "emergency" };
    static const char *const severities[] = { "caution", "modify", "clearance", "absolute" };
    struct rule_plan *r = &p->rules[i];
    struct text t = { r->text, 0, sizeof(r->text) };
    uint32_t effect = roll(8) == 0 ? 0 : 1 + roll(3);
    bool found = chance(20), absolute = found && chance(30);
    r->hold = chance(30);
    r->places = found;
    r->repeats = chance(20);
    /* could_become counts what its sex rules out of a person, and the whole body for any place (S8, S11): coarser than
     * what the completions of such rules are */
    struct leaves l = { .p = p, .repeats = r->repeats, .no_sex = p->ask_if, .no_region = found };
    put(&t, "{'id': 'r%d', 'when': ", i);
    put_condition(&t, &l, 2);
    r->reads = l.used;
    r->repeats = l.repeats || reads_related(p, r);
    put(&t, ", 'effect': '%s', 'severity': '%s', 'regions': %s", effects[effect],
        absolute ? "absolute" : severities[roll(3)],
        found        ? "'where_found'"
        : chance(25) ? "['neck']"
                     : "'systemic'");
    if (chance(40) && effect > 0) /* no graver than the effect: catalogues are refused else */
        put(&t, ", 'disposition': '%s'", dispositions[effect == 3 ? roll(4) : roll(effect)]);
    if (effect > 0 && (found || chance(60)))
        put_modifications(&t, r, found, absolute);
    if (chance(25))
        put(&t, ", 'target': {'==': [{'var': 'heat'}, %s]}", roll(2) ? "true" : "false");
    if (p->cleared >= 0 && effect > 1 && chance(60)) {
        r->clearable = true;
        uint32_t other = roll((uint32_t)p->n_facts);
        put(&t, ", 'clearable_by': 'physician', 'cleared_effect': '%s', 'clearance_for': ['f%d'", effects[roll(2)],
            p->cleared);
        put(&t, (int)other != p->cleared && chance(30) ? ", 'f%u']" : "]", other);
    }
}

static inline void make_plan(struct plan *p, uint64_t seed)
{
    seed_random(seed);
    *p = (struct plan){ .cleared = -1 };
    plan_facts(p);
    if (chance(20))
        p->cleared = (int)roll((uint32_t)p->n_facts);
    write_facts(p);
    write_techniques(p);
    for (int i = 0; i < RULES; i++)
        write_rule(p, i);
}

/* The catalogue of some of the rules; without `holding`, none of them holds. */
static inline struct catalogue *catalogue_of_rules(const struct plan *p, unsigned rules, bool holding)
{
    static char text[RULES * 1200];
    struct text t = { text, 0, sizeof(text) };
    for (int i = 0; i < RULES; i++)
        if (rules >> i & 1)
            put(&t, "%s%s%s}", t.n ? ", " : "[", p->rules[i].text,
                p->rules[i].hold && holding ? ", 'if_unknown': 'hold'" : "");
    put(&t, "]");
    return catalogue_of(
        (struct parts){ .facts = p->facts_text, .techniques = p->techniques_text, .rules = rules ? text : NULL });
}

/* ---- persons ----------------------------------------------------------------------------------------------- */

static inline void put_person(struct text *t, const struct plan *p)
{
    static const char *const sexes[] = { "female", "male", "unknown", "unknown" };
    put(t, "sex %s; unlisted %s", sexes[roll(4)], chance(75) ? "unknown" : "absent");
    for (uint32_t c = roll(3); c > 0; c--) {
        put(t, "; complaint %s", roll(2) ? "neck" : "jaw");
        if (chance(70))
            put(t, " pain %d", (const int[]){ 0, 5, 8 }[roll(3)]);
    }
    for (int i = 0; i < p->n_facts; i++) {
        uint32_t what = roll(10);
        for (uint32_t n = what < 3 ? 1 + (roll(5) == 0) : what < 6 ? 1 : 0; n > 0; n--) {
            put(t, "; %s f%d", what < 3 ? "has" : what == 3 ? "maybe" : "not", i);
            for (int a = 0; a < ATTRS && what < 3; a++) {
                int v = attr_plans[a].values[roll((uint32_t)attr_plans[a].n_values)];
                if (!(p->facts[i].attrs >> a & 1) || chance(35))
                    continue;
                if (attr_plans[a].attribute == ATTR_CONTROLLED)
                    put(t, " controlled %s", v ? "yes" : "no");
                else if (attr_plans[a].attribute == ATTR_REGION)
                    put(t, " region %.*s", STR_ARGS(region_name((enum region)v)));
                else if (attr_plans[a].attribute == ATTR_DATE)
                    put(t, " ago %d", p->facts[i].short_lived && v > SHORT_LIVED_DAYS ? SHORT_LIVED_DAYS : v);
                else
                    put(t, " %s %d", attr_plans[a].name, v);
            }
        }
    }
    if (p->cleared >= 0)
        put(t, "; clear f%d physician %d", p->cleared, CLEARED_AGO);
}

#endif
