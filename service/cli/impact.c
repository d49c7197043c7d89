/* palpate catalogue impact: what a draft would answer otherwise, as a page or as JSON. */
#include "cli/cli.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/date.h"
#include "cli/impact.h"
#include "domain/json_read.h"
#include "impact/impact.h"
#include "store/store.h"
#include "wire/wire.h"

/* ---- catalogues ------------------------------------------------------------------------------------------- */

static bool is_number(const char *text, uint64_t most, uint64_t *ret)
{
    char *end;
    errno = 0;
    unsigned long long v = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || errno || v > most)
        return false;
    *ret = v;
    return true;
}

static enum rc read_version(const struct settings *s, int32_t version, struct source_doc *ret, struct arena *arena,
                            struct error *reterr)
{
    CLEANUP(store_closep) struct store *store = NULL;
    struct str text;
    enum rc rc = store_open(s->text[SET_DATABASE], STORE_AS_OWNER, &store, reterr);
    if (rc == RC_OK)
        rc = store_catalogue_load(store, version, arena, &text, reterr);
    return rc == RC_OK ? source_load_text(text, ret, reterr) : rc;
}

/* A version of the database where there is one and a number is named, else a folder. */
static struct catalogue *load_named(const struct call *c, const char *name, struct source_doc *ret_doc, int *ret_exit)
{
    struct arena arena;
    struct faults *faults = calloc(1, sizeof(*faults));
    struct source_doc doc = { 0 };
    struct catalogue *cat = NULL;
    struct error err;
    uint64_t version;
    enum rc rc = faults ? RC_OK : error_oom(&err);
    arena_init(&arena, 0);
    if (rc == RC_OK) {
        faults_init(faults, &arena);
        rc = c->settings.text[SET_DATABASE] && is_number(name, INT32_MAX, &version)
                 ? read_version(&c->settings, (int32_t)version, &doc, &arena, &err)
                 : source_load_dir(name, &doc, faults, &err);
    }
    if (rc == RC_OK)
        rc = catalogue_new(&doc, &cat, faults, &err);
    if (rc == RC_CATALOGUE_INVALID)
        print_faults(faults);
    *ret_exit = rc == RC_OK ? EXIT_OK : fail(&err);
    if (cat)
        *ret_doc = doc;
    else
        source_done(&doc);
    arena_done(&arena);
    free(faults);
    return cat;
}

static struct catalogue *load_side(const struct call *c, const char *name, bool overlaid, int *ret_exit)
{
    struct source_doc doc = { 0 };
    struct catalogue *cat =
        name ? load_named(c, name, &doc, ret_exit) : load_catalogue_document(&c->settings, &doc, ret_exit);
    if (cat && overlaid) {
        catalogue_unref(cat);
        cat = put_overlay(&doc, c->overlay, NULL, ret_exit);
    }
    source_done(&doc);
    return cat;
}

/* ---- kept requests ---------------------------------------------------------------------------------------- */

enum { LINE_BYTES_MAX = 4 * BODY_BYTES_MAX };

enum rc read_kept(struct str line, size_t number, struct arena *arena, struct kept_line *ret, struct error *reterr)
{
    CLEANUP(json_decrefp) json_t *v = json_parse(line, reterr);
    const json_t *request = json_object_get(v, "request");
    const char *id = json_string_value(json_object_get(v, "id"));
    const char *as_of = json_string_value(json_object_get(v, "as_of"));
    if (!v)
        return reterr->code;
    ret->as_of = date_today();
    (void)snprintf(ret->name, sizeof(ret->name), "line %zu", number);
    ret->request = line;
    if (!request)
        return RC_OK;
    if (id)
        (void)snprintf(ret->name, sizeof(ret->name), "%s", id);
    if (as_of && !date_parse(str_of(as_of), &ret->as_of))
        return error_set(reterr, RC_MALFORMED_REQUEST, "as_of is not a date");
    char *text = json_dumps(request, JSON_COMPACT);
    ret->request = text ? arena_str(arena, str_of(text)) : (struct str){ NULL, 0 };
    free(text);
    return ret->request.p ? RC_OK : error_oom(reterr);
}

static enum rc judge_kept(struct impact *impact, struct str line, size_t number, struct faults *faults,
                          size_t *unreadable, struct error *reterr)
{
    struct kept_line kept = { .as_of = 0 };
    struct screening s;
    enum rc rc = read_kept(line, number, faults->arena, &kept, reterr);
    if (rc == RC_OK)
        rc = read_screening(kept.request, kept.as_of, faults, &s, reterr);
    if (rc == RC_INVALID_REQUEST) { /* by the form that requests have today */
        ++*unreadable;
        return RC_OK;
    }
    if (rc != RC_OK) {
        struct error why = *reterr;
        return rc == RC_OOM ? error_oom(reterr) : error_set(reterr, rc, "line %zu: %.500s", number, why.text);
    }
    rc = impact_request(impact, &s, str_of(kept.name));
    return rc == RC_OK ? RC_OK : error_oom(reterr);
}

static enum rc judge_lines(struct impact *impact, FILE *in, struct faults *faults, size_t *unreadable,
                           struct error *reterr)
{
    struct arena *arena = faults->arena;
    char *line = NULL;
    size_t room = 0, number = 0;
    ssize_t n;
    enum rc rc = RC_OK;
    while (rc == RC_OK && (n = getline(&line, &room, in)) >= 0) {
        number++;
        while (n > 0 && strchr(" \t\r\n", line[n - 1]))
            n--;
        if (n == 0)
            continue;
        arena_reset(arena);
        faults_init(faults, arena);
        if (n > LINE_BYTES_MAX)
            rc = error_set(reterr, RC_BODY_TOO_LARGE, "line %zu is longer than %d bytes", number, LINE_BYTES_MAX);
        else
            rc = judge_kept(impact, (struct str){ line, (size_t)n }, number, faults, unreadable, reterr);
    }
    free(line);
    return rc;
}

static enum rc judge_all_kept(struct impact *impact, const char *name, size_t *unreadable, struct error *reterr)
{
    bool standard = strcmp(name, "-") == 0;
    FILE *in = standard ? stdin : fopen(name, "rb");
    struct arena arena;
    if (!in)
        return error_set(reterr, RC_FILE, "cannot read %s: %m", name);
    struct faults *faults = calloc(1, sizeof(*faults));
    enum rc rc = RC_OOM;
    arena_init(&arena, 0);
    if (faults) {
        faults_init(faults, &arena);
        rc = judge_lines(impact, in, faults, unreadable, reterr);
    } else {
        (void)error_oom(reterr);
    }
    if (rc == RC_OK && ferror(in))
        rc = error_set(reterr, RC_FILE, "cannot read %s: %m", name);
    if (!standard)
        (void)fclose(in);
    free(faults);
    arena_done(&arena);
    return rc;
}

/* ---- the command ------------------------------------------------------------------------------------------ */

enum { GENERATED_MAX = 10000000 };

static enum rc read_numbers(const struct call *c, uint64_t *seed, uint64_t *n, struct error *reterr)
{
    *seed = 1;
    *n = 0;
    if (c->seed && !is_number(c->seed, INT64_MAX, seed))
        return error_set(reterr, RC_USAGE, "--seed is not a whole number");
    if (c->generate && !is_number(c->generate, GENERATED_MAX, n))
        return error_set(reterr, RC_USAGE, "--generate is not a whole number up to %d", GENERATED_MAX);
    if (!c->operand && !c->overlay)
        return error_set(reterr, RC_USAGE, "a draft is missing: name a folder or a version, or an --overlay");
    return RC_OK;
}

static int print_impact(const struct call *c, const struct shown_impact *shown)
{
    struct error err;
    struct buf out;
    buf_init(&out, PAGE_BYTES_MAX);
    if (c->json)
        impact_as_json(shown, &out);
    else
        impact_as_page(shown, &out);
    bool failed = out.failed;
    if (!failed)
        (void)fwrite(out.p, 1, out.n, stdout);
    buf_done(&out);
    if (failed) {
        (void)error_oom(&err);
        return fail(&err);
    }
    const struct impact_result *r = &shown->result;
    return r->generated.changed[DIRECTION_MILDER] || r->kept.changed[DIRECTION_MILDER] ? EXIT_FINDINGS : EXIT_OK;
}

static int compare(const struct call *c, const struct catalogue *base, const struct catalogue *draft, uint64_t seed,
                   uint64_t n)
{
    struct error err;
    struct shown_impact shown = { .base = base, .draft = draft };
    struct impact *impact = impact_new(base, draft);
    enum rc rc = impact ? RC_OK : error_oom(&err);
    if (rc == RC_OK && c->requests)
        rc = judge_all_kept(impact, c->requests, &shown.unreadable, &err);
    if (rc == RC_OK && (n || !c->generate) && impact_generate(impact, seed, n) != RC_OK)
        rc = error_oom(&err);
    if (rc == RC_OK && impact_read(impact, &shown.result) != RC_OK)
        rc = error_oom(&err);
    int exit_status = rc == RC_OK ? print_impact(c, &shown) : fail(&err);
    impact_free(impact);
    return exit_status;
}

int command_catalogue_impact(const struct call *c)
{
    struct error err;
    int exit_status = EXIT_OK;
    uint64_t seed, n;
    if (read_numbers(c, &seed, &n, &err) != RC_OK)
        return fail(&err);
    /* an overlay alone is itself the draft; beside a draft it is what both are judged with */
    CLEANUP(catalogue_unrefp) struct catalogue *base = load_side(c, c->against, c->overlay && c->operand, &exit_status);
    if (!base)
        return exit_status;
    CLEANUP(catalogue_unrefp)
    struct catalogue *draft = load_side(c, c->operand ? c->operand : c->against, c->overlay != NULL, &exit_status);
    return draft ? compare(c, base, draft, seed, n) : exit_status;
}
