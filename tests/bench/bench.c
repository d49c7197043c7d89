/* What one decision costs: times loading, compiling, and, over the requests of the decision cases, reading, deciding
 * and writing. Build it with the release preset; tests/bench/run.sh does, and counts instructions as well.
 *
 * Usage: bench CATALOGUE-FOLDER CASES-FOLDER [ROUNDS] */
#include <glob.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/date.h"
#include "base/sort.h"
#include "decide/decide_priv.h"
#include "wire/wire.h"

enum { REQUESTS_MAX = 10000 };

static double now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* ---- payloads --------------------------------------------------------------------------------------------- */

static struct {
    char *at[REQUESTS_MAX];
    size_t n, bytes;
} requests;

static void read_cases(const char *path)
{
    json_t *file = json_load_file(path, 0, NULL), *one;
    size_t i;
    json_array_foreach(json_object_get(file, "cases"), i, one)
    {
        char *text = json_dumps(json_object_get(one, "request"), JSON_COMPACT);
        if (text && requests.n < REQUESTS_MAX) {
            requests.bytes += strlen(text);
            requests.at[requests.n++] = text;
        }
    }
    json_decref(file);
}

static void read_folder(const char *dir)
{
    char pattern[4096];
    glob_t found;
    (void)snprintf(pattern, sizeof(pattern), "%s/*.json", dir);
    if (glob(pattern, 0, NULL, &found) != 0)
        return;
    for (size_t i = 0; i < found.gl_pathc; i++)
        read_cases(found.gl_pathv[i]);
    globfree(&found);
}

/* ---- timing ----------------------------------------------------------------------------------------------- */

/* "verdict" is the plain verdict, without questions, what would allow, course and explanations; "decide" is all. */
enum step { READ, VERDICT, DECIDE, WRITE, STEPS };
static const char *const step_name[STEPS] = { "read", "verdict", "decide", "write" };
static double *taken[STEPS]; /* microseconds, one for each decision */

static int by_size(const void *a, const void *b, const void *unused)
{
    (void)unused;
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double print_step(const char *name, double *us, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += us[i];
    sort_items(us, n, sizeof(us[0]), by_size, NULL);
    printf("%-8s %9.1f %9.1f %9.1f %9.1f\n", name, sum / (double)n, us[n / 2], us[n * 99 / 100], us[n - 1]);
    return sum / (double)n;
}

static struct catalogue *load(const char *dir)
{
    struct arena arena;
    static struct faults faults;
    struct error error = { 0 };
    struct source_doc doc = { 0 };
    struct catalogue *cat = NULL;
    arena_init(&arena, 0);
    faults_init(&faults, &arena);
    double start = now_us();
    enum rc rc = source_load_dir(dir, &doc, &faults, &error);
    double loaded = now_us();
    if (rc == RC_OK)
        rc = catalogue_new(&doc, &cat, &faults, &error);
    double compiled = now_us();
    if (rc == RC_OK)
        printf("load %.1f ms, compile %.1f ms: %u facts, %u rules, %u terms\n", (loaded - start) / 1e3,
               (compiled - loaded) / 1e3, cat->n_facts, cat->n_rules, cat->pool.n_terms);
    else
        fprintf(stderr, "bench: %s\n", error.text);
    source_done(&doc);
    arena_done(&arena);
    return cat;
}

/* A function of its own even in an optimised build, so that callgrind can count within it. */
__attribute__((noinline, used)) static enum rc decide_once(const struct catalogue *cat,
                                                           const struct screening *screening, struct arena *arena,
                                                           struct faults *faults, struct decision *decision)
{
    return screen(cat, screening, arena, faults, decision);
}

static bool plain_verdict(const struct catalogue *cat, const struct screening *s, struct arena *arena,
                          struct faults *faults)
{
    struct intake *in = ARENA_NEW(arena, struct intake);
    return in && intake_build(cat, s, arena, faults, in) == RC_OK && judge_new(in, arena);
}

static bool judge(const struct catalogue *cat, const char *text, struct arena *arena, struct buf *out, size_t at)
{
    static struct faults faults;
    struct screening screening;
    struct decision decision;
    struct error error = { 0 };
    arena_reset(arena);
    faults_init(&faults, arena);
    buf_reset(out);
    double start = now_us();
    if (read_screening(str_of(text), date_today(), &faults, &screening, &error) != RC_OK)
        return false;
    double read = now_us();
    struct arena_mark mark = arena_mark(arena);
    if (!plain_verdict(cat, &screening, arena, &faults))
        return false;
    double verdict = now_us();
    arena_rewind(arena, mark);
    double again = now_us();
    if (decide_once(cat, &screening, arena, &faults, &decision) != RC_OK)
        return false;
    double decided = now_us();
    write_decision(out, &decision);
    taken[READ][at] = read - start;
    taken[VERDICT][at] = verdict - read;
    taken[DECIDE][at] = decided - again;
    taken[WRITE][at] = now_us() - decided;
    return !out->failed;
}

int main(int argc, char **argv)
{
    size_t rounds = argc > 3 ? strtoul(argv[3], NULL, 10) : 20;
    struct catalogue *cat = argc > 2 ? load(argv[1]) : NULL;
    struct arena arena;
    struct buf out;
    size_t out_bytes = 0, n = 0;
    if (cat)
        read_folder(argv[2]);
    const size_t each = requests.n, total = each * rounds;
    if (each == 0 || total == 0) {
        fputs("usage: bench CATALOGUE-FOLDER CASES-FOLDER [ROUNDS]\n", stderr);
        return EXIT_FAILURE;
    }
    for (int s = 0; s < STEPS; s++)
        taken[s] = calloc(total, sizeof(double));
    arena_init(&arena, 0);
    buf_init(&out, ANSWER_BYTES_MAX);
    for (size_t round = 0; round < rounds; round++) {
        for (size_t i = 0; i < requests.n; i++) {
            if (!judge(cat, requests.at[i], &arena, &out, n)) {
                fprintf(stderr, "bench: request %zu has no decision\n", i);
                return EXIT_FAILURE;
            }
            out_bytes += out.n;
            n++;
        }
    }
    printf("%zu requests of %zu bytes on average, answers of %zu, %zu rounds; microseconds:\n", each,
           requests.bytes / each, out_bytes / total, rounds);
    printf("%-8s %9s %9s %9s %9s\n", "", "mean", "median", "p99", "worst");
    double mean[STEPS];
    for (int s = 0; s < STEPS; s++) {
        mean[s] = print_step(step_name[s], taken[s], total);
        free(taken[s]);
    }
    printf("the whole decision costs %.2f times the plain verdict\n", mean[DECIDE] / mean[VERDICT]);
    for (size_t i = 0; i < requests.n; i++)
        free(requests.at[i]);
    buf_done(&out);
    arena_done(&arena);
    catalogue_unref(cat);
    return EXIT_SUCCESS;
}
