/* When time alone can change an answer: the days at which rules read dates differently. */
#include "base/sort.h"
#include "rules/rules_priv.h"

struct bound {
    uint32_t fact;
    int32_t days;
};

static int by_fact_and_days(const void *a, const void *b, const void *unused)
{
    const struct bound *x = a, *y = b;
    (void)unused;
    if (x->fact != y->fact)
        return x->fact > y->fact ? 1 : -1;
    return (x->days > y->days) - (x->days < y->days);
}

/* Calls for the first day on which each test of a date begins to pass, and the first on which it no longer does. */
static uint32_t collect(const struct catalogue *cat, struct bound *into)
{
    const struct cond_pool *pool = &cat->pool;
    uint32_t n = 0;
    for (uint32_t i = 0; i < pool->n_needs; i++) {
        const struct need *need = &pool->needs[i];
        for (uint16_t k = 0; k < need->n_tests; k++) {
            const struct attr_test *t = &pool->tests[need->tests + k];
            if (t->attribute != ATTR_DATE)
                continue;
            if (t->lo > 0 && t->lo < DURATION_DAYS_MAX)
                into[n++] = (struct bound){ need->fact, t->lo };
            if (t->hi >= 0 && t->hi < DURATION_DAYS_MAX)
                into[n++] = (struct bound){ need->fact, t->hi + 1 };
        }
    }
    return n;
}

void index_dates(struct builder *b)
{
    struct catalogue *cat = b->cat;
    struct bound *bounds = BUILD_ARRAY(b, struct bound, (size_t)cat->pool.n_tests * 2);
    uint32_t *of = BUILD_ARRAY(b, uint32_t, cat->n_facts + 1);
    int32_t *days = BUILD_ARRAY(b, int32_t, (size_t)cat->pool.n_tests * 2);
    if (b->oom)
        return;
    uint32_t n = collect(cat, bounds), kept = 0, next = 0;
    sort_items(bounds, n, sizeof(bounds[0]), by_fact_and_days, NULL);
    for (uint32_t fact = 0; fact < cat->n_facts; fact++) {
        of[fact] = kept;
        for (; next < n && bounds[next].fact == fact; next++)
            if (kept == of[fact] || days[kept - 1] != bounds[next].days)
                days[kept++] = bounds[next].days;
    }
    of[cat->n_facts] = kept;
    cat->date_bounds_of = of;
    cat->date_bounds = days;
}
