/* Commands on catalogues and the database. */
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>

#include "gen/embedded.h"
#include "store/store.h"

/* ---- loading ---------------------------------------------------------------------------------------------- */

enum rc load_document(const struct settings *s, struct source_doc *ret, struct faults *faults, struct error *reterr)
{
    if (s->text[SET_CATALOGUE])
        return source_load_dir(s->text[SET_CATALOGUE], ret, faults, reterr);
    struct source_file *files = ARENA_ARRAY(faults->arena, struct source_file, embedded_catalogue_n);
    if (!files)
        return error_oom(reterr);
    for (size_t i = 0; i < embedded_catalogue_n; i++)
        files[i] = (struct source_file){ embedded_catalogue[i].name, embedded_catalogue[i].text };
    return source_load_files(files, embedded_catalogue_n, ret, faults, reterr);
}

enum rc stored_document(const struct settings *s, int32_t version, struct source_doc *ret, struct arena *arena,
                        struct error *reterr)
{
    CLEANUP(store_closep) struct store *store = NULL;
    struct str text;
    enum rc rc = store_open(s->text[SET_DATABASE], STORE_AS_SERVICE, &store, reterr);
    if (rc == RC_OK)
        rc = store_catalogue_load(store, version, arena, &text, reterr);
    return rc == RC_OK ? source_load_text(text, ret, reterr) : rc;
}

static struct catalogue *load_from(const struct settings *s, bool files, int32_t version, struct source_doc *ret_doc,
                                   int *ret_exit)
{
    struct arena arena;
    struct faults *faults = calloc(1, sizeof(*faults));
    struct source_doc doc = { 0 };
    struct catalogue *cat = NULL;
    struct error err = { .code = RC_OOM, .text = "could not get memory" };
    enum rc rc = RC_OOM;
    arena_init(&arena, 0);
    if (faults) {
        faults_init(faults, &arena);
        rc = files ? load_document(s, &doc, faults, &err) : stored_document(s, version, &doc, &arena, &err);
        if (rc == RC_OK)
            rc = catalogue_new(&doc, &cat, faults, &err);
        if (rc == RC_CATALOGUE_INVALID)
            print_faults(faults);
    }
    *ret_exit = rc == RC_OK ? EXIT_OK : fail(&err);
    if (cat && ret_doc)
        *ret_doc = doc;
    else
        source_done(&doc);
    arena_done(&arena);
    free(faults);
    return cat;
}

struct catalogue *load_catalogue_document(const struct settings *s, struct source_doc *ret_doc, int *ret_exit)
{
    return load_from(s, s->text[SET_CATALOGUE] || !s->text[SET_DATABASE], 0, ret_doc, ret_exit);
}

struct catalogue *load_stored(const struct settings *s, int32_t version, int *ret_exit)
{
    return load_from(s, false, version, NULL, ret_exit);
}

struct catalogue *load_catalogue(const struct settings *s, int *ret_exit)
{
    return load_catalogue_document(s, NULL, ret_exit);
}

/* ---- migrate ---------------------------------------------------------------------------------------------- */

static void report_migration(void *unused, const char *name)
{
    (void)unused;
    printf("applied %s\n", name);
}

int no_database(void)
{
    struct error err;
    (void)error_set(&err, RC_SETTING, "no database is set: give --database or PALPATE_DATABASE");
    return fail(&err);
}

int with_database(const struct call *c, int (*work)(const struct call *c, struct store *store, struct arena *arena))
{
    struct error err;
    struct arena arena;
    CLEANUP(store_closep) struct store *store = NULL;
    if (!c->settings.text[SET_DATABASE])
        return no_database();
    if (store_open(c->settings.text[SET_DATABASE], STORE_AS_OWNER, &store, &err) != RC_OK)
        return fail(&err);
    arena_init(&arena, 0);
    int exit_status = work(c, store, &arena);
    arena_done(&arena);
    return exit_status;
}

int command_migrate(const struct call *c)
{
    struct error err;
    CLEANUP(store_closep) struct store *store = NULL;
    struct migration *list = calloc(embedded_migrations_n, sizeof(*list));
    size_t applied = 0;
    if (!c->settings.text[SET_DATABASE]) {
        free(list);
        return no_database();
    }
    enum rc rc = list ? store_open(c->settings.text[SET_DATABASE], STORE_AS_LOGIN, &store, &err) : error_oom(&err);
    for (size_t i = 0; list && i < embedded_migrations_n; i++)
        list[i] = (struct migration){ embedded_migrations[i].name, embedded_migrations[i].text };
    if (rc == RC_OK)
        rc = store_migrate(store, list, embedded_migrations_n, c->allow_newer, report_migration, NULL, &applied, &err);
    free(list);
    if (rc != RC_OK)
        return fail(&err);
    printf("%zu migration%s applied, %zu in all\n", applied, applied == 1 ? "" : "s", embedded_migrations_n);
    return EXIT_OK;
}

/* ---- catalogue -------------------------------------------------------------------------------------------- */

/* The accepted findings that stand beside the files; of a catalogue in the database there are none. */
enum rc load_accepted(const struct settings *s, struct arena *arena, struct str *ret, struct error *reterr)
{
    *ret = (struct str){ NULL, 0 };
    if (s->text[SET_CATALOGUE])
        return source_load_accepted(s->text[SET_CATALOGUE], arena, ret, reterr);
    for (size_t i = 0; i < embedded_catalogue_n; i++)
        if (strcmp(embedded_catalogue[i].name, ACCEPTED_FILE) == 0)
            *ret = embedded_catalogue[i].text;
    return RC_OK;
}

static enum rc review(const struct settings *s, const struct catalogue *cat, bool files, struct arena *arena,
                      struct review *ret, struct error *reterr)
{
    struct str accepted = { NULL, 0 };
    enum rc rc = files ? load_accepted(s, arena, &accepted, reterr) : RC_OK;
    return rc == RC_OK ? catalogue_review(cat, accepted, arena, ret, reterr) : rc;
}

static void print_finding(const struct review_finding *f)
{
    printf("%s %.*s: %.*s; %.*s [%s]\n", f->kind, STR_ARGS(f->item), STR_ARGS(f->detail), STR_ARGS(f->remedy),
           review_code_name(f->code));
    if (f->reason.p)
        printf("    accepted: %.*s\n", STR_ARGS(f->reason));
}

void print_review(const struct call *c, const struct catalogue *cat, const struct review *found)
{
    for (uint32_t i = 0; i < found->n; i++)
        if (c->all || !found->at[i].reason.p)
            print_finding(&found->at[i]);
    uint32_t open = found->n - found->n_accepted;
    printf("%.*s %.*s: %u facts, %u techniques, %u rules, %u courses, %u sources; no faults\n"
           "%u finding%s, %u accepted\n%s\n",
           STR_ARGS(cat->name), STR_ARGS(cat->version), cat->n_facts, cat->n_techniques, cat->n_rules, cat->n_courses,
           cat->n_evidence, open, open == 1 ? "" : "s", found->n_accepted, cat->digest);
}

int command_catalogue_check(const struct call *c)
{
    int exit_status;
    struct arena arena;
    struct review found;
    struct error err;
    if (c->operand)
        return check_stored(c);
    CLEANUP(catalogue_unrefp) struct catalogue *cat = load_called(c, NULL, &exit_status);
    if (!cat)
        return exit_status;
    arena_init(&arena, 0);
    bool files = c->settings.text[SET_CATALOGUE] || !c->settings.text[SET_DATABASE];
    enum rc rc = review(&c->settings, cat, files, &arena, &found, &err);
    if (rc == RC_OK) {
        print_review(c, cat, &found);
        exit_status = report_languages(cat, c);
        if (exit_status == EXIT_OK && c->strict && found.n > found.n_accepted)
            exit_status = EXIT_REVIEW;
    }
    arena_done(&arena);
    return rc == RC_OK ? exit_status : fail(&err);
}

static enum rc check_document(const struct call *c, const struct source_doc *doc, struct faults *faults,
                              struct review_counts *ret, struct error *reterr)
{
    CLEANUP(catalogue_unrefp) struct catalogue *cat = NULL;
    struct arena arena;
    struct review found;
    enum rc rc = catalogue_new(doc, &cat, faults, reterr);
    arena_init(&arena, 0);
    if (rc == RC_OK)
        rc = review(&c->settings, cat, true, &arena, &found, reterr);
    if (rc == RC_OK) {
        *ret = (struct review_counts){ found.n - found.n_accepted, found.n_accepted };
        log_event(LOG_INFO, "catalogue_reviewed", F_INT("findings", ret->open), F_INT("accepted", ret->accepted));
    }
    arena_done(&arena);
    return rc;
}

static enum rc save(const struct call *c, const struct source_doc *doc, struct review_counts found,
                    struct error *reterr)
{
    CLEANUP(store_closep) struct store *store = NULL;
    struct catalogue_saved saved;
    char name[ACTOR_BYTES];
    const char *actor = acting(c, name);
    enum rc rc = store_open(c->settings.text[SET_DATABASE], STORE_AS_OWNER, &store, reterr);
    if (rc == RC_OK && c->draft)
        rc = store_catalogue_draft(store, doc->text, doc->digest, actor, &saved, reterr);
    else if (rc == RC_OK)
        rc = store_catalogue_save(store, doc->text, doc->digest, actor, found, c->only_new, &saved, reterr);
    if (rc == RC_OK)
        printf("%s version %d%s\n%s\n", saved.created ? "stored as" : "already stored as", saved.version,
               saved.in_force  ? ", in force"
               : saved.created ? ", a draft"
                               : ", left as it was",
               doc->digest);
    return rc;
}

/* Is a version in force for all? */
static enum rc has_one(const struct call *c, bool *ret, struct error *reterr)
{
    CLEANUP(store_closep) struct store *store = NULL;
    struct arena arena;
    struct in_force_row *rows;
    size_t n;
    arena_init(&arena, 0);
    enum rc rc = store_open(c->settings.text[SET_DATABASE], STORE_AS_OWNER, &store, reterr);
    if (rc == RC_OK) {
        rc = store_catalogue_in_force(store, &arena, &rows, &n, reterr);
        *ret = rc == RC_OK;
        if (*ret)
            printf("version %d is in force, left as it was\n", rows[0].version);
    }
    arena_done(&arena);
    return rc == RC_NO_CATALOGUE && store ? RC_OK : rc;
}

int command_catalogue_load(const struct call *c)
{
    struct arena arena;
    struct faults *faults = calloc(1, sizeof(*faults));
    struct source_doc doc = { 0 };
    struct review_counts found = { 0 };
    struct error err;
    if (!c->settings.text[SET_DATABASE]) {
        free(faults);
        return no_database();
    }
    bool done = false;
    enum rc rc = faults ? RC_OK : error_oom(&err);
    arena_init(&arena, 0);
    if (rc == RC_OK && c->first)
        rc = has_one(c, &done, &err);
    if (faults && rc == RC_OK && !done) {
        faults_init(faults, &arena);
        rc = load_document(&c->settings, &doc, faults, &err);
        if (rc == RC_OK)
            rc = check_document(c, &doc, faults, &found, &err);
        if (rc == RC_CATALOGUE_INVALID)
            print_faults(faults);
    }
    if (rc == RC_OK && !done)
        rc = save(c, &doc, found, &err);
    source_done(&doc);
    arena_done(&arena);
    free(faults);
    return rc == RC_OK ? EXIT_OK : fail(&err);
}

static int list(const struct call *c, struct store *store, struct arena *arena)
{
    struct error err;
    struct catalogue_row *rows;
    size_t n;
    (void)c;
    if (store_catalogue_list(store, NULL, 0, arena, &rows, &n, &err) != RC_OK)
        return fail(&err);
    printf("version  in force  clinics  state      label             loaded                rules  facts  "
           "digest        author, and who signed off\n");
    for (size_t i = 0; i < n; i++)
        printf("%7d  %-8s  %7d  %-9.*s  %-16.*s  %-20.*s  %5d  %5d  %.12s  %.*s%s%.*s\n", rows[i].version,
               rows[i].active ? "yes" : "-", rows[i].clinics, STR_ARGS(rows[i].state), STR_ARGS(rows[i].label),
               STR_ARGS(rows[i].loaded_at), rows[i].rules, rows[i].facts, rows[i].digest.p, STR_ARGS(rows[i].author),
               rows[i].signed_off_by.n ? ", " : "", STR_ARGS(rows[i].signed_off_by));
    return EXIT_OK;
}

int command_catalogue_list(const struct call *c)
{
    return with_database(c, list);
}

int command_settings(const struct call *c)
{
    (void)c;
    settings_print_markdown();
    return EXIT_OK;
}
