/* What is so of every fact, from what is said of it: stated, implied, ruled out by an umbrella, or left open
 * (S1, S4, S5). */
#include "rules/intake_priv.h"

static void set_up(struct job *j, uint32_t fact, enum fact_state state)
{
    const struct fact_list *up = &j->cat->facts[fact].up;
    for (uint32_t i = 0; i < up->n; i++) {
        uint8_t *s = &j->in->facts[up->at[i]].state;
        if (state == FACT_PRESENT || *s == UNDECIDED)
            *s = (uint8_t)state;
    }
}

/* Absence goes down, but not to what is decided or stated. Facts are in a DAG no deeper than its compile-time check
 * allows, so the recursion is bounded. */
static void absent_below(struct job *j, uint32_t fact)
{
    const struct fact_list *below = &j->cat->facts[fact].below;
    for (uint32_t i = 0; i < below->n; i++) {
        struct fact_intake *f = &j->in->facts[below->at[i]];
        if (f->state == UNDECIDED && f->stated == 0) {
            f->state = FACT_ABSENT;
            absent_below(j, below->at[i]);
        }
    }
}

static int32_t days_ago(const struct job *j, const struct finding *f)
{
    return j->s->as_of - f->value[ATTR_DATE];
}

static bool out_of_date(const struct job *j, const struct fact *fact, const struct finding *f)
{
    return fact->valid_days != NOT_GIVEN && fact->attributes >> ATTR_DATE & 1 && f->has >> ATTR_DATE & 1 &&
           days_ago(j, f) > fact->valid_days;
}

/* An outdated finding still counts for what its fact implies, and is passed on where it is too old there as well. */
static bool carry(struct job *j, uint32_t fact, uint32_t finding, uint16_t passed)
{
    passed &= j->cat->facts[fact].attributes;
    const struct fact_list *implies = &j->cat->facts[fact].implies;
    for (uint32_t i = 0; i < implies->n; i++) {
        uint32_t g = implies->at[i];
        if (out_of_date(j, &j->cat->facts[g], &j->s->findings[finding])) {
            if (!carry(j, g, finding, passed))
                return false;
            continue;
        }
        struct record r = { .fact = g, .finding = finding, .passed = passed };
        if (!VEC_PUSH(j->arena, &j->carried, r))
            return false;
        set_up(j, g, FACT_PRESENT);
    }
    return true;
}

static enum rc settle_stated(struct job *j)
{
    /* present beats unknown beats absent, among the findings that count */
    static const uint8_t rank[] = { [FINDING_ABSENT] = 1, [FINDING_UNKNOWN] = 2, [FINDING_PRESENT] = 3 };
    for (uint32_t i = 0; i < j->records.n; i++) {
        struct record *r = &j->records.at[i];
        const struct finding *f = &j->s->findings[r->finding];
        struct fact_intake *fact = &j->in->facts[r->fact];
        if (f->state == FINDING_PRESENT && out_of_date(j, &j->cat->facts[r->fact], f)) {
            struct pointed p = { .fact = j->cat->facts[r->fact].id };
            r->outdated = true;
            if (!push_pointed(j, &j->in->outdated, &j->in->n_outdated, j->records.n, f, p))
                return RC_OOM;
            continue;
        }
        if (fact->stated == 0 || rank[f->state] > rank[fact->stated - 1])
            fact->stated = (uint8_t)(f->state + 1);
    }
    return RC_OK;
}

static bool is_stated(const struct fact_intake *f, enum finding_state state)
{
    return f->stated == state + 1;
}

static enum rc settle_s1(struct job *j)
{
    enum rc rc = settle_stated(j);
    if (rc != RC_OK)
        return rc;
    for (uint32_t i = 0; i < j->records.n; i++) {
        const struct record *r = &j->records.at[i];
        if (is_stated(&j->in->facts[r->fact], FINDING_PRESENT))
            set_up(j, r->fact, FACT_PRESENT);
        if (r->outdated && !carry(j, r->fact, r->finding, UINT16_MAX))
            return RC_OOM;
    }
    for (uint32_t i = 0; i < j->records.n; i++)
        if (is_stated(&j->in->facts[j->records.at[i].fact], FINDING_UNKNOWN))
            set_up(j, j->records.at[i].fact, FACT_UNKNOWN);
    for (uint32_t i = 0; i < j->records.n; i++) {
        uint32_t fact = j->records.at[i].fact;
        if (!is_stated(&j->in->facts[fact], FINDING_ABSENT))
            continue;
        if (j->in->facts[fact].state == UNDECIDED)
            j->in->facts[fact].state = FACT_ABSENT;
        absent_below(j, fact);
    }
    return RC_OK;
}

static void settle_ask_if(struct job *j)
{
    struct view v = { .in = j->in };
    for (uint32_t i = 0; i < j->cat->n_facts; i++) {
        const struct fact *fact = &j->cat->facts[i];
        struct fact_intake *f = &j->in->facts[i];
        if (!fact->has_ask_if || f->stated || f->state == FACT_PRESENT || f->state == FACT_UNKNOWN ||
            cond_eval(&v, fact->ask_if) != TRI_NO)
            continue;
        f->state = FACT_ABSENT;
        absent_below(j, i);
    }
}

static bool under_unknown_umbrella(const struct job *j, uint32_t fact)
{
    for (int32_t u = j->cat->facts[fact].umbrella; u != FACT_NONE; u = j->cat->facts[u].umbrella)
        if (is_stated(&j->in->facts[u], FINDING_UNKNOWN))
            return true;
    return false;
}

static void settle_rest(struct job *j)
{
    if (j->s->unlisted == UNLISTED_ABSENT)
        for (uint32_t i = 0; i < j->cat->n_facts; i++)
            if (j->in->facts[i].state == UNDECIDED && j->cat->facts[i].covers.n == 0 && !under_unknown_umbrella(j, i))
                j->in->facts[i].state = FACT_ABSENT;
    for (uint32_t k = 0; k < j->cat->n_facts; k++) { /* upwards, so that an umbrella sees what it covers settled */
        uint32_t i = j->cat->facts_upwards[k];
        const struct fact_list *covers = &j->cat->facts[i].covers;
        if (j->in->facts[i].state != UNDECIDED)
            continue;
        bool all_absent = covers->n > 0;
        for (uint32_t c = 0; c < covers->n; c++)
            all_absent &= j->in->facts[covers->at[c]].state == FACT_ABSENT;
        j->in->facts[i].state = all_absent ? FACT_ABSENT : FACT_UNKNOWN;
    }
}

enum rc settle_states(struct job *j)
{
    enum rc rc = settle_s1(j);
    if (rc != RC_OK)
        return rc;
    settle_ask_if(j);
    settle_rest(j);
    return RC_OK;
}
