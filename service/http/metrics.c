/* GET /metrics, for Prometheus. Every label is one of a fixed set: routes, statuses that the service gives,
 * dispositions, and the one catalogue in force. */
#include "http/http_priv.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#define TYPE_METRICS "text/plain; version=0.0.4; charset=utf-8"

static void write_requests(struct buf *b, struct account *a)
{
    static const char family[] = "palpate_http_requests_total";
    metrics_write_head(b, family, "counter", "Requests answered, by route and status.");
    for (size_t i = 0; i <= route_count(); i++) {
        for (int status = 0; status < STATUSES; status++) {
            uint64_t n = atomic_load_explicit(&a->requests[i][status], memory_order_relaxed);
            if (n)
                buf_printf(b, "%s{route=\"%s\",status=\"%d\"} %" PRIu64 "\n", family, route_path(i),
                           status + STATUS_MIN, n);
        }
    }
}

static void write_durations(struct buf *b, const struct account *a)
{
    static const char family[] = "palpate_http_request_duration_seconds";
    metrics_write_head(
        b, family, "histogram",
        "Time from a request that is whole to its answer, by group of routes; without the client's time.");
    for (size_t i = 0; i <= route_count(); i++) {
        char labels[96];
        struct str group = route_group_name(i);
        if (route_group(i) != i)
            continue;
        (void)snprintf(labels, sizeof(labels), "group=\"%.*s\"", STR_ARGS(group));
        histogram_write(b, family, labels, &a->durations[i]);
    }
}

static void write_decisions(struct buf *b, struct account *a)
{
    static const char family[] = "palpate_decisions_total";
    metrics_write_head(b, family, "counter", "Screenings decided, by disposition.");
    for (size_t i = 0; i < DISPOSITION_COUNT_; i++) {
        struct str name = disposition_name((enum disposition)i);
        buf_printf(b, "%s{disposition=\"%.*s\"} %" PRIu64 "\n", family, STR_ARGS(name),
                   atomic_load_explicit(&a->decisions[i], memory_order_relaxed));
    }
}

static void write_gauge(struct buf *b, const char *family, const char *help, int64_t value)
{
    metrics_write_head(b, family, "gauge", help);
    buf_printf(b, "%s %" PRId64 "\n", family, value);
}

static void write_counter(struct buf *b, const char *family, const char *help, uint64_t value)
{
    metrics_write_head(b, family, "counter", help);
    buf_printf(b, "%s %" PRIu64 "\n", family, value);
}

static void write_watch(struct buf *b, struct watch *w)
{
    struct watch_status s = { .reachable = false };
    watch_look(w, &s);
    write_gauge(b, "palpate_database_reachable", "1 when the database answered last; absent without a database.",
                s.reachable);
    write_counter(b, "palpate_database_connects_total", "Times the catalogue's watch has connected.", s.connects);
    write_counter(b, "palpate_database_losses_total", "Times it lost its connection.", s.losses);
    write_counter(b, "palpate_catalogue_loads_total", "Versions that were loaded and put in force.", s.loads);
    write_counter(b, "palpate_catalogue_refusals_total", "Times a version failed its checks.", s.refusals);
    write_gauge(b, "palpate_catalogue_refused_versions", "Versions that are meant to be in force and are refused.",
                s.n_refused);
}

/* A histogram whose buckets somebody else counts; `scale` makes its unit of the bounds'. */
static void write_buckets(struct buf *b, const char *family, const uint64_t *counts, const int64_t *bounds, size_t n,
                          double scale, double sum)
{
    uint64_t total = 0;
    for (size_t i = 0; i <= n; i++) {
        total += counts[i];
        if (i < n)
            buf_printf(b, "%s_bucket{le=\"%g\"} %" PRIu64 "\n", family, (double)bounds[i] * scale, total);
    }
    buf_printf(b, "%s_bucket{le=\"+Inf\"} %" PRIu64 "\n%s_sum %.6f\n%s_count %" PRIu64 "\n", family, total, family, sum,
               family, total);
}

static void write_recorder(struct buf *b, struct recorder *r)
{
    static const int64_t commit_us[] = RECORDER_COMMIT_US, rows[] = RECORDER_BATCH_ROWS;
    static_assert(ARRAY_LEN(commit_us) == RECORDER_COMMIT_BUCKETS - 1, "every bucket has its bound");
    static_assert(ARRAY_LEN(rows) == RECORDER_BATCH_BUCKETS - 1, "every bucket has its bound");
    struct recorder_stats s = recorder_stats(r);
    write_gauge(b, "palpate_recorder_connected", "1 while the recorder has its connection.", s.connected);
    write_gauge(b, "palpate_recorder_queue", "Decisions that wait to be recorded.", (int64_t)s.queued);
    metrics_write_head(b, "palpate_records_total", "counter",
                       "Decisions handed to the recorder, by what came of them.");
    buf_printf(b,
               "palpate_records_total{outcome=\"stored\"} %" PRIu64 "\n"
               "palpate_records_total{outcome=\"repeated\"} %" PRIu64 "\n"
               "palpate_records_total{outcome=\"refused\"} %" PRIu64 "\n"
               "palpate_records_total{outcome=\"unavailable\"} %" PRIu64 "\n",
               s.stored, s.repeated, s.refused, s.unavailable);
    write_counter(b, "palpate_recorder_reconnects_total", "Times the recorder has connected again.", s.reconnects);
    metrics_write_head(b, "palpate_recorder_commit_seconds", "histogram", "Time that a transaction took.");
    write_buckets(b, "palpate_recorder_commit_seconds", s.commits, commit_us, ARRAY_LEN(commit_us), 1e-6,
                  (double)s.commit_us_total * 1e-6);
    metrics_write_head(b, "palpate_recorder_batch_records", "histogram", "Decisions recorded in one transaction.");
    write_buckets(b, "palpate_recorder_batch_records", s.sizes, rows, ARRAY_LEN(rows), 1,
                  (double)(s.stored + s.repeated));
}

static void write_state(struct buf *b, struct http *h)
{
    const struct http_config *c = http_config_of(h);
    CLEANUP(catalogue_unrefp) struct catalogue *cat = slot_acquire(c->slot, "");
    metrics_write_head(b, "palpate_build_info", "gauge", "The program; always 1.");
    BUF_ADD_LIT(b, "palpate_build_info{");
    metrics_write_label(b, "version", str_of(c->version ? c->version : "unknown"));
    BUF_ADD_LIT(b, ",");
    metrics_write_label(b, "compiler", STR(__VERSION__));
    BUF_ADD_LIT(b, "} 1\n");
    write_gauge(b, "palpate_ready", "1 when /health/ready says so, not counting a stop under way.", is_fit(c, cat));
    if (cat) {
        metrics_write_head(b, "palpate_catalogue_info", "gauge", "The catalogue in force; always 1.");
        BUF_ADD_LIT(b, "palpate_catalogue_info{");
        metrics_write_label(b, "version", cat->version);
        BUF_ADD_LIT(b, ",");
        metrics_write_label(b, "digest", str_of(cat->digest));
        BUF_ADD_LIT(b, "} 1\n");
    }
    if (c->watch)
        write_watch(b, c->watch);
    if (c->record.recorder)
        write_recorder(b, c->record.recorder);
}

/* The second number of statm: pages that are in memory. */
static int64_t resident_bytes(void)
{
    char text[128] = "", *end = text;
    FILE *f = fopen("/proc/self/statm", "re");
    if (f) {
        if (fgets(text, sizeof(text), f))
            (void)strtol(text, &end, 10);
        (void)fclose(f);
    }
    return (int64_t)strtol(end, NULL, 10) * sysconf(_SC_PAGESIZE);
}

/* Under the names that Prometheus gives to these everywhere. */
static void write_process(struct buf *b, const struct http *h)
{
    struct rusage used = { 0 };
    struct rlimit files = { 0 };
    (void)getrusage(RUSAGE_SELF, &used);
    (void)getrlimit(RLIMIT_NOFILE, &files);
    int64_t cpu_us = (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * (int64_t)1000000 + used.ru_utime.tv_usec +
                     used.ru_stime.tv_usec;
    metrics_write_head(b, "process_cpu_seconds_total", "counter", "Processor time used, of user and system.");
    buf_printf(b, "process_cpu_seconds_total %" PRId64 ".%06" PRId64 "\n", cpu_us / 1000000, cpu_us % 1000000);
    write_gauge(b, "process_resident_memory_bytes", "Resident memory.", resident_bytes());
    write_gauge(b, "process_max_fds", "Files and sockets that may be open.", (int64_t)files.rlim_cur);
    write_gauge(b, "process_start_time_seconds", "When the process began, in seconds since 1970.", http_started_at(h));
}

void get_metrics(struct exchange *x)
{
    struct buf *b = &x->work->out;
    struct account *a = http_account_of(x->http);
    buf_reset(b);
    write_requests(b, a);
    write_durations(b, a);
    write_decisions(b, a);
    metrics_write(b);
    write_state(b, x->http);
    write_process(b, x->http);
    reply_fresh(x, TYPE_METRICS);
}
