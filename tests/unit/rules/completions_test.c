/* Conditions against an enumeration of all completions (S8).
 *
 * What is claimed, for small random catalogues, conditions and half-answered persons: cond_eval() is yes exactly when
 * the tree is true in Kleene's logic for some choice of one instance a fact (S3); it is unknown exactly when the tree
 * is unknown and some completion of the unknowns makes it true; else it is no. A completion says of every unknown
 * fact whether it is present, so that present goes up and absent goes down (S1), and gives every missing attribute of
 * the chosen instances, the sex and every missing pain a value within its range. From it follows, and is checked by
 * itself: yes is true under every completion. The trees here are walked; the service has compiled them into terms. */
#include "rules/person.h"

enum { FACTS_MAX = 4, NODES_MAX = 64, ATTRS = 4, BUDGET = 200000 };

static uint64_t state_of_random;

static uint32_t roll(uint32_t n)
{
    state_of_random ^= state_of_random << 13;
    state_of_random ^= state_of_random >> 7;
    state_of_random ^= state_of_random << 17;
    return (uint32_t)(state_of_random >> 33) % n;
}

/* What conditions read here of a fact. */
static const struct {
    const char *name, *var;
    enum attribute attribute;
} attrs[ATTRS] = {
    { "severity", "severity", ATTR_SEVERITY },
    { "grade", "grade", ATTR_GRADE },
    { "controlled", "controlled", ATTR_CONTROLLED },
    { "date", "days_ago", ATTR_DATE },
};

/* ---- random catalogues and conditions ---------------------------------------------------------------------- */

struct fact_plan {
    unsigned implies, covers; /* bit per fact of a higher, or a lower, number */
    unsigned attrs;           /* bit per attribute */
    int valid_days;           /* -1: none */
};

struct expr {
    enum { AND, OR, NOT, FACT, COMPARE, IN, SEX, PAIN, SEVERE } kind;
    int kids[3], n_kids;
    int fact, attr, op, k, k2;
};

struct tree {
    struct expr nodes[NODES_MAX];
    int n;
    char text[4096];
};

static const char *const ops[] = { "<", "<=", ">", ">=", "==", "!=" };
static const char *const regions[] = { "neck", "jaw" };

static bool compare(int op, int v, int k)
{
    return op == 0 ? v < k : op == 1 ? v <= k : op == 2 ? v > k : op == 3 ? v >= k : op == 4 ? v == k : v != k;
}

static int grow(struct tree *t, const struct fact_plan *plan, int n_facts, int depth)
{
    int at = t->n++;
    struct expr e = { .kind = FACT };
    uint32_t r = roll(depth > 0 && t->n < NODES_MAX - 8 ? 20 : 9);
    e.fact = (int)roll((uint32_t)n_facts);
    e.op = (int)roll(6);
    if (r >= 16) {
        e.kind = NOT;
        e.n_kids = 1;
    } else if (r >= 9) {
        e.kind = r >= 13 ? OR : AND;
        e.n_kids = 1 + (int)roll(3);
    } else if (r >= 8) {
        e.kind = roll(2) ? PAIN : SEVERE;
        e.k = e.kind == PAIN ? (int)roll(12) : (int)roll(2);
    } else if (r >= 7) {
        e.kind = SEX;
        e.op = (int)roll(3);
        e.k = (int)roll(3);
        e.k2 = (int)roll(3);
    } else if (r >= 2 && plan[e.fact].attrs) {
        do
            e.attr = (int)roll(ATTRS);
        while (!(plan[e.fact].attrs >> e.attr & 1));
        e.kind = e.attr == 1 && roll(3) == 0 ? IN : COMPARE;
        e.k = (int)roll(e.attr == 0 ? 12 : 6);
        e.k2 = (int)roll(6);
        if (e.attr == 2) {
            e.op = 4 + (int)roll(2);
            e.k = (int)roll(2);
        }
    }
    for (int i = 0; i < e.n_kids; i++)
        e.kids[i] = grow(t, plan, n_facts, depth - 1);
    t->nodes[at] = e;
    return at;
}

static void write_tree(struct tree *t, int at)
{
    const struct expr *e = &t->nodes[at];
    size_t n = strlen(t->text);
    char *p = t->text + n;
    size_t room = sizeof(t->text) - n;
    static const char *const sexes[] = { "female", "male", "other" };
    assert_true(room > 300);
    switch (e->kind) {
    case AND:
    case OR:
    case NOT:
        (void)snprintf(p, room, "{'%s': [", e->kind == AND ? "and" : e->kind == OR ? "or" : "!");
        for (int i = 0; i < e->n_kids; i++) {
            if (i)
                strcat(t->text, ", ");
            write_tree(t, e->kids[i]);
        }
        strcat(t->text, "]}");
        break;
    case FACT:
        (void)snprintf(p, room, "{'var': 'f%d'}", e->fact);
        break;
    case COMPARE:
        if (e->attr == 2)
            (void)snprintf(p, room, "{'%s': [{'var': 'f%d.controlled'}, %s]}", ops[e->op], e->fact,
                           e->k ? "true" : "false");
        else
            (void)snprintf(p, room, "{'%s': [{'var': 'f%d.%s'}, %d]}", ops[e->op], e->fact, attrs[e->attr].var, e->k);
        break;
    case IN:
        (void)snprintf(p, room, "{'in': [{'var': 'f%d.%s'}, [%d, %d]]}", e->fact, attrs[e->attr].var, e->k, e->k2);
        break;
    case SEX:
        if (e->op == 2)
            (void)snprintf(p, room, "{'in': [{'var': 'sex'}, ['%s', '%s']]}", sexes[e->k], sexes[e->k2]);
        else
            (void)snprintf(p, room, "{'%s': [{'var': 'sex'}, '%s']}", e->op ? "!=" : "==", sexes[e->k]);
        break;
    case PAIN:
        (void)snprintf(p, room, "{'%s': [{'var': 'pain_max'}, %d]}", ops[e->op], e->k);
        break;
    case SEVERE:
        (void)snprintf(p, room, "{'in': ['%s', {'var': 'severe_complaint_regions'}]}", regions[e->k]);
        break;
    }
}

static int plan_facts(struct fact_plan *plan, char *text, size_t room)
{
    int n = 2 + (int)roll(FACTS_MAX - 1);
    unsigned covered = 0;
    text[0] = '\0';
    for (int i = 0; i < n; i++) {
        plan[i] = (struct fact_plan){ .attrs = roll(16) & roll(16), .valid_days = -1 };
        if (plan[i].attrs >> 3 & 1 && roll(2))
            plan[i].valid_days = 1 + (int)roll(4);
        for (int k = i + 1; k < n; k++)
            plan[i].implies |= roll(4) == 0 ? 1u << k : 0;
    }
    for (int i = n - 1; i > 0; i--) {
        unsigned may = ((1u << i) - 1) & ~covered;
        for (int k = 0; k < i; k++)
            may &= ~(plan[k].implies >> i & 1 ? 1u << k : 0); /* not both */
        if (roll(3) == 0)
            plan[i].covers = may & roll(16);
        covered |= plan[i].covers;
    }
    for (int i = 0; i < n; i++) {
        size_t len = strlen(text);
        len += (size_t)snprintf(text + len, room - len, "%s{'id': 'f%d', 'attributes': [", i ? ", " : "[", i);
        for (int a = 0, first = 1; a < ATTRS; a++)
            if (plan[i].attrs >> a & 1) {
                len += (size_t)snprintf(text + len, room - len, "%s'%s'", first ? "" : ", ", attrs[a].name);
                first = 0;
            }
        len += (size_t)snprintf(text + len, room - len, "]");
        if (plan[i].valid_days >= 0)
            len += (size_t)snprintf(text + len, room - len, ", 'valid_days': %d", plan[i].valid_days);
        const struct {
            const char *member;
            unsigned set;
        } lists[] = { { "implies", plan[i].implies }, { "covers", plan[i].covers } };
        for (size_t l = 0; l < ARRAY_LEN(lists); l++) {
            len += (size_t)snprintf(text + len, room - len, ", '%s': [", lists[l].member);
            for (int k = 0, first = 1; k < n; k++)
                if (lists[l].set >> k & 1) {
                    len += (size_t)snprintf(text + len, room - len, "%s'f%d'", first ? "" : ", ", k);
                    first = 0;
                }
            len += (size_t)snprintf(text + len, room - len, "]");
        }
        (void)snprintf(text + len, room - len, "}%s", i + 1 == n ? "]" : "");
    }
    return n;
}

static void plan_person(const struct fact_plan *plan, int n, char *line, size_t room)
{
    static const char *const sexes[] = { "female", "male", "other", "unknown" };
    size_t len = (size_t)snprintf(line, room, "sex %s; unlisted %s", sexes[roll(4)], roll(3) ? "unknown" : "absent");
    for (uint32_t c = roll(3); c > 0; c--) {
        len += (size_t)snprintf(line + len, room - len, "; complaint %s", regions[roll(2)]);
        if (roll(2))
            len += (size_t)snprintf(line + len, room - len, " pain %u", roll(11));
    }
    for (int i = 0; i < n; i++) {
        uint32_t what = roll(6), findings = what < 2 ? 1 + roll(2) : what < 4 ? 1 : 0;
        for (uint32_t f = 0; f < findings; f++) {
            len += (size_t)snprintf(line + len, room - len, "; %s f%d",
                                    what < 2    ? "has"
                                    : what == 2 ? "not"
                                                : "maybe",
                                    i);
            for (int a = 0; a < ATTRS && what < 2; a++) {
                if (!(plan[i].attrs >> a & 1) || roll(2))
                    continue;
                len += a == 2 ? (size_t)snprintf(line + len, room - len, " controlled %s", roll(2) ? "yes" : "no")
                              : (size_t)snprintf(line + len, room - len, " %s %u", a == 3 ? "ago" : attrs[a].name,
                                                 a == 1 ? 1 + roll(5) : roll(a == 0 ? 11 : 6));
            }
        }
    }
}

/* ---- worlds ------------------------------------------------------------------------------------------------ */

/* One completion, or, with `unknown` entries, what is known: for each fact its state and the chosen instance. */
struct world {
    uint8_t state[FACTS_MAX]; /* enum fact_state */
    struct {
        int32_t at[8];
        uint32_t n; /* 0: unknown; several when siblings disagree: each is tried */
    } value[FACTS_MAX][ATTRS];
    int sex;     /* -1: unknown */
    int pain[4]; /* of each complaint, -1: unknown */
};

struct job {
    const struct tree *tree;
    const struct fact_plan *plan;
    int n_facts;
    const struct taken *taken;
    struct world w;
    long budget;
    unsigned read[FACTS_MAX]; /* attributes that the tree reads */
    int sex_tests;
    bool reads_pain;
};

static enum tri kleene_or(enum tri a, enum tri b)
{
    return a > b ? a : b;
}

static enum tri leaf_attr(const struct job *j, const struct expr *e)
{
    const struct world *w = &j->w;
    if (w->state[e->fact] != FACT_PRESENT)
        return w->state[e->fact] == FACT_ABSENT ? TRI_NO : TRI_UNKNOWN;
    if (w->value[e->fact][e->attr].n == 0)
        return TRI_UNKNOWN;
    int v = w->value[e->fact][e->attr].at[0];
    bool yes = e->kind == IN ? v == e->k || v == e->k2 : compare(e->op, v, e->k);
    return yes ? TRI_YES : TRI_NO;
}

static enum tri leaf_pain(const struct job *j, const struct expr *e)
{
    const struct screening *s = &j->taken->person.s;
    int low = 0, high = 0;
    enum tri severe = TRI_NO;
    for (size_t c = 0; c < s->n_complaints; c++) {
        int pain = j->w.pain[c];
        low = pain > low ? pain : low;
        high = pain < 0 ? 10 : pain > high ? pain : high;
        if ((int)s->complaints[c].region == word_of(&region_vocabulary, regions[e->kind == SEVERE ? e->k : 0]))
            severe = kleene_or(severe, pain < 0 ? TRI_UNKNOWN : pain >= 7 ? TRI_YES : TRI_NO);
    }
    if (e->kind == SEVERE)
        return severe;
    bool yes = false, no = false;
    for (int pain = low; pain <= high; pain++)
        *(compare(e->op, pain, e->k) ? &yes : &no) = true;
    return yes && no ? TRI_UNKNOWN : yes ? TRI_YES : TRI_NO;
}

/* Kleene's value of the tree; of a completion it is never unknown. */
static enum tri worth(const struct job *j, int at)
{
    const struct expr *e = &j->tree->nodes[at];
    enum tri r = e->kind == AND ? TRI_YES : TRI_NO;
    switch (e->kind) {
    case NOT:
        return (enum tri)(TRI_YES - worth(j, e->kids[0]));
    case AND:
    case OR:
        for (int i = 0; i < e->n_kids; i++) {
            enum tri k = worth(j, e->kids[i]);
            r = (e->kind == AND) == (k < r) && k != r ? k : r;
        }
        return r;
    case FACT:
        return (enum tri)j->w.state[e->fact];
    case COMPARE:
    case IN:
        return leaf_attr(j, e);
    case SEX:
        if (j->w.sex < 0)
            return TRI_UNKNOWN;
        return e->op == 2 ? (j->w.sex == e->k || j->w.sex == e->k2 ? TRI_YES : TRI_NO)
                          : ((j->w.sex == e->k) == (e->op == 0) ? TRI_YES : TRI_NO);
    case PAIN:
    case SEVERE:
        return leaf_pain(j, e);
    }
    return TRI_NO;
}

static unsigned above(const struct fact_plan *plan, int n, int fact)
{
    unsigned up = plan[fact].implies;
    for (int k = 0; k < n; k++)
        up |= plan[k].covers >> fact & 1 ? 1u << k : 0;
    return up;
}

/* Present goes up, absent goes down. */
static bool obeys_s1(const struct job *j)
{
    for (int i = 0; i < j->n_facts; i++)
        for (int k = 0; k < j->n_facts; k++)
            if (above(j->plan, j->n_facts, i) >> k & 1 && j->w.state[i] == FACT_PRESENT && j->w.state[k] == FACT_ABSENT)
                return false;
    return true;
}

static int highest(const struct job *j, int fact, int attr)
{
    return attr == 0                       ? 10
           : attr == 1                     ? 5
           : attr == 2                     ? 1
           : j->plan[fact].valid_days >= 0 ? j->plan[fact].valid_days
                                           : 8;
}

/* Is there a completion, from place `at` of the unknowns on, that is `want`? Places are facts, then attributes, sex
 * and pains. */
static bool some_completion(struct job *j, int at, enum tri want)
{
    int facts = j->n_facts, values = facts * ATTRS;
    if (--j->budget < 0)
        return false;
    if (at < facts) {
        if (j->w.state[at] != FACT_UNKNOWN)
            return some_completion(j, at + 1, want);
        bool found = false;
        for (int s = 0; s < 2 && !found; s++) {
            j->w.state[at] = s ? FACT_PRESENT : FACT_ABSENT;
            found = some_completion(j, at + 1, want);
        }
        j->w.state[at] = FACT_UNKNOWN;
        return found;
    }
    if (at == facts && !obeys_s1(j))
        return false;
    if (at < facts + values) {
        int fact = (at - facts) / ATTRS, attr = (at - facts) % ATTRS;
        if (!(j->read[fact] >> attr & 1) || j->w.state[fact] != FACT_PRESENT || j->w.value[fact][attr].n)
            return some_completion(j, at + 1, want);
        bool found = false;
        for (int v = attr == 1; v <= highest(j, fact, attr) && !found; v++) {
            j->w.value[fact][attr].at[0] = v;
            j->w.value[fact][attr].n = 1;
            found = some_completion(j, at + 1, want);
        }
        j->w.value[fact][attr].n = 0;
        return found;
    }
    if (at == facts + values) {
        if (j->w.sex >= 0 || !j->sex_tests)
            return some_completion(j, at + 1, want);
        bool found = false;
        for (int s = 0; s < 3 && !found; s++) {
            j->w.sex = s;
            found = some_completion(j, at + 1, want);
        }
        j->w.sex = -1;
        return found;
    }
    size_t c = (size_t)(at - facts - values - 1);
    if (c < j->taken->person.s.n_complaints && j->reads_pain) {
        if (j->w.pain[c] >= 0)
            return some_completion(j, at + 1, want);
        bool found = false;
        for (int pain = 0; pain <= 10 && !found; pain++) {
            j->w.pain[c] = pain;
            found = some_completion(j, at + 1, want);
        }
        j->w.pain[c] = -1;
        return found;
    }
    return worth(j, 0) == want;
}

/* Every choice of one instance a fact, and of one value where siblings disagree: the best of `each`. */
static enum tri over_choices(struct job *j, int fact, enum tri (*each)(struct job *))
{
    if (fact == j->n_facts)
        return each(j);
    const struct fact_intake *f = &j->taken->in.facts[fact];
    enum tri best = TRI_NO;
    if (f->state != FACT_PRESENT || !j->read[fact]) {
        memset(j->w.value[fact], 0, sizeof(j->w.value[fact]));
        return over_choices(j, fact + 1, each);
    }
    for (uint32_t i = 0; i < f->n_instances; i++) {
        uint32_t choices = 1;
        for (int a = 0; a < ATTRS; a++) {
            const struct values *v = &f->instances[i].value[attrs[a].attribute];
            choices *= v->n ? v->n : 1;
        }
        for (uint32_t choice = 0; choice < choices; choice++) {
            uint32_t rest = choice;
            for (int a = 0; a < ATTRS; a++) {
                const struct values *v = &f->instances[i].value[attrs[a].attribute];
                j->w.value[fact][a].n = v->n ? 1 : 0;
                if (v->n) {
                    j->w.value[fact][a].at[0] = v->at[rest % v->n];
                    rest /= v->n;
                }
            }
            best = kleene_or(best, over_choices(j, fact + 1, each));
        }
    }
    return best;
}

static enum tri by_kleene(struct job *j)
{
    return worth(j, 0);
}

static enum tri by_completion(struct job *j)
{
    return some_completion(j, 0, TRI_YES) ? TRI_YES : TRI_NO;
}

static enum tri by_counterexample(struct job *j)
{
    return worth(j, 0) == TRI_YES && some_completion(j, 0, TRI_NO) ? TRI_YES : TRI_NO;
}

static void start(struct job *j)
{
    const struct intake *in = &j->taken->in;
    memset(&j->w, 0, sizeof(j->w));
    memset(j->read, 0, sizeof(j->read));
    j->sex_tests = 0;
    j->reads_pain = false;
    j->budget = BUDGET;
    for (int i = 0; i < j->n_facts; i++)
        j->w.state[i] = in->facts[i].state;
    j->w.sex = in->screening->sex == SEX_UNKNOWN ? -1 : (int)in->screening->sex;
    for (size_t c = 0; c < in->screening->n_complaints; c++)
        j->w.pain[c] = in->screening->complaints[c].pain;
    for (int i = 0; i < j->tree->n; i++) {
        const struct expr *e = &j->tree->nodes[i];
        j->read[e->fact] |= e->kind == COMPARE || e->kind == IN ? 1u << e->attr : 0;
        j->sex_tests += e->kind == SEX;
        j->reads_pain |= e->kind == PAIN || e->kind == SEVERE;
    }
}

/* S5 may make a fact absent that an unknown one implies; what a completion is then, S8 does not say. */
static bool unknown_below_absent(const struct job *j)
{
    for (int i = 0; i < j->n_facts; i++)
        for (int k = 0; k < j->n_facts; k++)
            if (above(j->plan, j->n_facts, i) >> k & 1 && j->w.state[i] == FACT_UNKNOWN && j->w.state[k] == FACT_ABSENT)
                return true;
    return false;
}

/* ---- the comparison ---------------------------------------------------------------------------------------- */

static void agrees_with_all_completions(void **state)
{
    enum { CATALOGUES = 500, RULES = 6, PERSONS = 5 };
    static struct tree trees[RULES];
    static struct taken taken;
    long compared = 0, skipped = 0, found[3] = { 0 }, impossible = 0;
    (void)state;
    for (uint64_t seed = 1; seed <= CATALOGUES; seed++) {
        struct fact_plan plan[FACTS_MAX];
        char facts[1024], line[1024];
        static char rules[RULES * 4200];
        size_t len = 0;
        state_of_random = seed * UINT64_C(0x9e3779b97f4a7c15);
        int n = plan_facts(plan, facts, sizeof(facts));
        for (int r = 0; r < RULES; r++) {
            memset(&trees[r], 0, sizeof(trees[r]));
            (void)grow(&trees[r], plan, n, 4);
            write_tree(&trees[r], 0);
            len += (size_t)snprintf(rules + len, sizeof(rules) - len, "%s{'id': 'r%d', 'when': %s}", r ? ", " : "[", r,
                                    trees[r].text);
        }
        (void)snprintf(rules + len, sizeof(rules) - len, "]");
        struct catalogue *cat = catalogue_of((struct parts){ .facts = facts, .rules = rules });
        for (int person = 0; person < PERSONS; person++) {
            plan_person(plan, n, line, sizeof(line));
            take_in(&taken, cat, line);
            for (int r = 0; r < RULES; r++) {
                struct job j = { .tree = &trees[r], .plan = plan, .n_facts = n, .taken = &taken };
                struct view v = { .in = &taken.in };
                start(&j);
                if (unknown_below_absent(&j)) {
                    skipped++;
                    continue;
                }
                enum tri want = over_choices(&j, 0, by_kleene);
                bool some = want == TRI_YES || over_choices(&j, 0, by_completion) == TRI_YES;
                if (want == TRI_YES && over_choices(&j, 0, by_counterexample) == TRI_YES)
                    fail_msg("seed %d: %s of %s is yes, and yet a completion is false", (int)seed, trees[r].text, line);
                if (j.budget < 0) {
                    skipped++;
                    continue;
                }
                if (want == TRI_NO && some)
                    fail_msg("seed %d: %s of %s is no, and yet a completion is true", (int)seed, trees[r].text, line);
                impossible += want == TRI_UNKNOWN && !some;
                want = want == TRI_UNKNOWN && !some ? TRI_NO : want;
                enum tri got = cond_eval(&v, cat->rules[r].when);
                if (got != want)
                    fail_msg("seed %d: %s of %s in %s is %s, not %s", (int)seed, trees[r].text, line, facts,
                             tri_word[got], tri_word[want]);
                compared++;
                found[want]++;
            }
            taken_done(&taken);
        }
        catalogue_unref(cat);
    }
    /* the cases must be worth the trouble */
    assert_true(compared > 10000 && skipped * 10 < compared);
    assert_true(found[TRI_NO] > 1000 && found[TRI_UNKNOWN] > 1000 && found[TRI_YES] > 1000 && impossible > 50);
}

/* ---- states against a plain reading of S1, S4 and S5 -------------------------------------------------------- */

struct plain {
    const struct fact_plan *plan;
    int n;
    unsigned said[3]; /* bit per fact: as findings say, by enum finding_state */
    unsigned present, unknown, absent;
};

static void up(const struct plain *p, int fact, unsigned *into, unsigned unless)
{
    if (*into >> fact & 1 || unless >> fact & 1)
        return;
    *into |= 1u << fact;
    for (int k = 0; k < p->n; k++)
        if (above(p->plan, p->n, fact) >> k & 1)
            up(p, k, into, unless);
}

static void down(struct plain *p, int fact)
{
    for (int k = 0; k < p->n; k++) {
        if (!(above(p->plan, p->n, k) >> fact & 1))
            continue;
        unsigned stops = p->present | p->unknown | p->absent | p->said[FINDING_PRESENT] | p->said[FINDING_UNKNOWN];
        if (stops >> k & 1)
            continue;
        p->absent |= 1u << k;
        down(p, k);
    }
}

static void settle(struct plain *p, bool unlisted_absent)
{
    p->said[FINDING_UNKNOWN] &= ~p->said[FINDING_PRESENT];
    p->said[FINDING_ABSENT] &= ~(p->said[FINDING_PRESENT] | p->said[FINDING_UNKNOWN]);
    unsigned stated = p->said[0] | p->said[1] | p->said[2];
    for (int i = 0; i < p->n; i++)
        if (p->said[FINDING_PRESENT] >> i & 1)
            up(p, i, &p->present, 0);
    for (int i = 0; i < p->n; i++)
        if (p->said[FINDING_UNKNOWN] >> i & 1)
            up(p, i, &p->unknown, p->present);
    p->absent = p->said[FINDING_ABSENT] & ~p->present & ~p->unknown;
    for (int i = 0; i < p->n; i++)
        if (p->said[FINDING_ABSENT] >> i & 1)
            down(p, i);
    for (int i = 0; i < p->n && unlisted_absent; i++) {
        bool under_unknown = false;
        for (int k = 0; k < p->n; k++)
            under_unknown |= p->plan[k].covers >> i & 1 && p->said[FINDING_UNKNOWN] >> k & 1;
        if (!((stated | p->present | p->unknown) >> i & 1) && !p->plan[i].covers && !under_unknown)
            p->absent |= 1u << i;
    }
    for (int i = 0; i < p->n; i++) /* what covers has the higher number */
        if (p->plan[i].covers && !((stated | p->present | p->unknown | p->absent) >> i & 1) &&
            (p->plan[i].covers & ~p->absent) == 0)
            p->absent |= 1u << i;
}

static void states_agree_with_a_plain_reading(void **state)
{
    enum { CATALOGUES = 300, PERSONS = 40 };
    static struct taken taken;
    (void)state;
    for (uint64_t seed = 1; seed <= CATALOGUES; seed++) {
        struct fact_plan plan[FACTS_MAX];
        char facts[1024], line[1024];
        state_of_random = seed * UINT64_C(0xbf58476d1ce4e5b9);
        int n = plan_facts(plan, facts, sizeof(facts));
        bool nested = false;
        for (int i = 0; i < n; i++)
            for (int k = 0; k < n; k++)
                nested |= plan[i].covers >> k & 1 && plan[k].covers;
        if (nested)
            continue; /* "under an umbrella" has two readings there */
        struct catalogue *cat = catalogue_of((struct parts){ .facts = facts });
        for (int person = 0; person < PERSONS; person++) {
            struct plain p = { .plan = plan, .n = n };
            plan_person(plan, n, line, sizeof(line));
            take_in(&taken, cat, line);
            if (taken.in.n_outdated == 0) {
                for (size_t i = 0; i < taken.person.s.n_findings; i++)
                    p.said[taken.person.findings[i].state] |= 1u << (taken.person.findings[i].id.p[1] - '0');
                settle(&p, taken.person.s.unlisted == UNLISTED_ABSENT);
                for (int i = 0; i < n; i++) {
                    int want = p.present >> i & 1 ? FACT_PRESENT : p.absent >> i & 1 ? FACT_ABSENT : FACT_UNKNOWN;
                    if (taken.in.facts[i].state != want)
                        fail_msg("seed %d: f%d of %s in %s is %s, not %s", (int)seed, i, line, facts,
                                 tri_word[taken.in.facts[i].state], tri_word[want]);
                }
            }
            taken_done(&taken);
        }
        catalogue_unref(cat);
    }
}

RUN_TESTS(cmocka_unit_test(agrees_with_all_completions), cmocka_unit_test(states_agree_with_a_plain_reading))
