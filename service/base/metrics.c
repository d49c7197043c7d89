#include "base/metrics.h"

#include <inttypes.h>

static const struct {
    const char *kind, *family, *labels, *help;
} table[] = {
#define X(id, kind, family, labels, help) [id] = { kind, family, labels, help },
    METRIC_LIST(X)
#undef X
};
static_assert(ARRAY_LEN(table) == METRIC_COUNT_, "every metric has its line");

static _Atomic int64_t values[METRIC_COUNT_];

int64_t metric_add(enum metric m, int64_t n)
{
    return atomic_fetch_add_explicit(&values[m], n, memory_order_relaxed);
}

void metric_set(enum metric m, int64_t value)
{
    atomic_store_explicit(&values[m], value, memory_order_relaxed);
}

int64_t metric_value(enum metric m)
{
    return atomic_load_explicit(&values[m], memory_order_relaxed);
}

void metrics_write_head(struct buf *b, const char *family, const char *kind, const char *help)
{
    buf_printf(b, "# HELP %s %s\n# TYPE %s %s\n", family, help, family, kind);
}

void metrics_write_label(struct buf *b, const char *name, struct str value)
{
    buf_printf(b, "%s=\"", name);
    for (size_t i = 0; i < value.n; i++) {
        char c = value.p[i];
        if (c == '\\' || c == '"')
            buf_add_char(b, '\\');
        if (c == '\n')
            BUF_ADD_LIT(b, "\\n");
        else
            buf_add_char(b, c);
    }
    buf_add_char(b, '"');
}

void metrics_write(struct buf *b)
{
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        bool labelled = *table[i].labels != '\0';
        if (i == 0 || strcmp(table[i].family, table[i - 1].family) != 0)
            metrics_write_head(b, table[i].family, table[i].kind, table[i].help);
        buf_printf(b, "%s%s%s%s %" PRId64 "\n", table[i].family, labelled ? "{" : "", table[i].labels,
                   labelled ? "}" : "", metric_value((enum metric)i));
    }
}

/* ---- histograms ------------------------------------------------------------------------------------------- */

static const struct {
    uint64_t ns;
    const char *seconds;
} bounds[] = {
    { 100000, "0.0001" },  { 250000, "0.00025" }, { 500000, "0.0005" },  { 1000000, "0.001" },
    { 2500000, "0.0025" }, { 5000000, "0.005" },  { 10000000, "0.01" },  { 25000000, "0.025" },
    { 50000000, "0.05" },  { 100000000, "0.1" },  { 250000000, "0.25" }, { 500000000, "0.5" },
    { 1000000000, "1" },   { 2500000000, "2.5" }, { 5000000000, "5" },   { 10000000000, "10" },
};
static_assert(ARRAY_LEN(bounds) == HISTOGRAM_BOUNDS, "every bucket has its bound");

void histogram_add(struct histogram *h, uint64_t ns)
{
    size_t i = 0;
    while (i < ARRAY_LEN(bounds) && ns > bounds[i].ns)
        i++;
    (void)atomic_fetch_add_explicit(&h->buckets[i], 1, memory_order_relaxed);
    (void)atomic_fetch_add_explicit(&h->sum_ns, ns, memory_order_relaxed);
}

void histogram_write(struct buf *b, const char *family, const char *labels, const struct histogram *h)
{
    const char *comma = *labels ? "," : "";
    uint64_t n = 0, sum = atomic_load_explicit(&h->sum_ns, memory_order_relaxed);
    for (size_t i = 0; i <= ARRAY_LEN(bounds); i++) {
        n += atomic_load_explicit(&h->buckets[i], memory_order_relaxed);
        buf_printf(b, "%s_bucket{%s%sle=\"%s\"} %" PRIu64 "\n", family, labels, comma,
                   i < ARRAY_LEN(bounds) ? bounds[i].seconds : "+Inf", n);
    }
    const char *open = *labels ? "{" : "", *close = *labels ? "}" : "";
    buf_printf(b, "%s_sum%s%s%s %" PRIu64 ".%09" PRIu64 "\n", family, open, labels, close, sum / 1000000000,
               sum % 1000000000);
    buf_printf(b, "%s_count%s%s%s %" PRIu64 "\n", family, open, labels, close, n); /* the same n as the last bucket */
}
