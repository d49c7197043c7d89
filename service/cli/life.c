/* The life of a catalogue's version on the command line. */
#include "cli/cli.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "store/store.h"

enum { ACCEPTED_BYTES_MAX = 4 * 1024 * 1024 };

const char *acting(const struct call *c, char buffer[static ACTOR_BYTES])
{
    struct passwd entry, *found = NULL;
    char strings[4096];
    if (c->acts)
        return c->acts;
    if (getpwuid_r(geteuid(), &entry, strings, sizeof(strings), &found) == 0 && found)
        (void)snprintf(buffer, ACTOR_BYTES, "%s", found->pw_name);
    else
        (void)snprintf(buffer, ACTOR_BYTES, "user %u", (unsigned)geteuid());
    return buffer;
}

static enum rc version_of(const struct call *c, int32_t *ret, struct error *reterr)
{
    char *end;
    errno = 0;
    long v = c->operand ? strtol(c->operand, &end, 10) : 0;
    if (!c->operand)
        return error_set(reterr, RC_USAGE, "name a version: see palpate catalogue list");
    if (errno || end == c->operand || *end || v < 1 || v > INT32_MAX)
        return error_set(reterr, RC_USAGE, "\"%s\" is not the number of a version: see palpate catalogue list",
                         c->operand);
    *ret = (int32_t)v;
    return RC_OK;
}

/* One step with what the command line says; prints what came of it. */
static int take_step(const struct call *c, enum catalogue_step step, struct review_counts found, const char *done)
{
    struct error err;
    CLEANUP(store_closep) struct store *store = NULL;
    char name[ACTOR_BYTES];
    struct catalogue_change change = { .clinic = c->clinic,
                                       .room = (int32_t)c->settings.number[SET_CATALOGUES],
                                       .signed_off_by = c->signed_by,
                                       .found = found };
    if (!c->settings.text[SET_DATABASE])
        return no_database();
    change.actor = acting(c, name);
    enum rc rc = version_of(c, &change.version, &err);
    if (rc == RC_OK)
        rc = store_open(c->settings.text[SET_DATABASE], STORE_AS_OWNER, &store, &err);
    if (rc == RC_OK)
        rc = store_catalogue_change(store, step, &change, &err);
    if (rc != RC_OK)
        return fail(&err);
    printf("version %d %s%s%s\n", change.version, done, c->clinic ? " for clinic " : "", c->clinic ? c->clinic : "");
    return EXIT_OK;
}

int command_catalogue_publish(const struct call *c)
{
    struct error err;
    if (c->signed_by)
        return take_step(c, STEP_PUBLISH, (struct review_counts){ 0 }, "is published");
    (void)error_set(&err, RC_USAGE, "say who signs the version off: --signed-by NAME");
    return fail(&err);
}

int command_catalogue_activate(const struct call *c)
{
    return take_step(c, STEP_ACTIVATE, (struct review_counts){ 0 }, "is in force");
}

int command_catalogue_deactivate(const struct call *c)
{
    struct error err;
    if (c->clinic)
        return take_step(c, STEP_DEACTIVATE, (struct review_counts){ 0 }, "is no more in force by itself");
    (void)error_set(&err, RC_USAGE, "say for which clinic: --clinic ID; for all clinics activate another version");
    return fail(&err);
}

int command_catalogue_retire(const struct call *c)
{
    return take_step(c, STEP_RETIRE, (struct review_counts){ 0 }, "is retired");
}

/* The accepted findings: of the file that is named, or beside the catalogue's files. */
static enum rc accepted_of(const struct call *c, struct buf *file, struct arena *arena, struct str *ret,
                           struct error *reterr)
{
    if (!c->accepted)
        return load_accepted(&c->settings, arena, ret, reterr);
    enum rc rc = read_input(c->accepted, "the accepted findings", file, reterr);
    *ret = buf_str(file);
    return rc;
}

int check_stored(const struct call *c)
{
    struct error err;
    struct arena arena;
    struct review found;
    struct str accepted = { NULL, 0 };
    int32_t version = 0;
    int exit_status;
    if (!c->settings.text[SET_DATABASE])
        return no_database();
    if (version_of(c, &version, &err) != RC_OK)
        return fail(&err);
    CLEANUP(catalogue_unrefp) struct catalogue *cat = load_stored(&c->settings, version, &exit_status);
    if (!cat)
        return exit_status;
    CLEANUP(buf_done) struct buf file;
    buf_init(&file, ACCEPTED_BYTES_MAX);
    arena_init(&arena, 0);
    enum rc rc = accepted_of(c, &file, &arena, &accepted, &err);
    if (rc == RC_OK)
        rc = catalogue_review(cat, accepted, &arena, &found, &err);
    if (rc == RC_OK) {
        struct review_counts counts = { found.n - found.n_accepted, found.n_accepted };
        print_review(c, cat, &found);
        exit_status = take_step(c, STEP_CHECKED, counts, counts.open ? "stays a draft" : "is checked");
        if (exit_status == EXIT_OK && counts.open)
            exit_status = EXIT_REVIEW;
    }
    arena_done(&arena);
    return rc == RC_OK ? exit_status : fail(&err);
}

int command_catalogue_history(const struct call *c)
{
    struct error err;
    struct arena arena;
    struct catalogue_event_row *rows;
    size_t n;
    int32_t version = 0;
    CLEANUP(store_closep) struct store *store = NULL;
    if (!c->settings.text[SET_DATABASE])
        return no_database();
    enum rc rc = c->operand ? version_of(c, &version, &err) : RC_OK;
    arena_init(&arena, 0);
    if (rc == RC_OK)
        rc = store_open(c->settings.text[SET_DATABASE], STORE_AS_OWNER, &store, &err);
    if (rc == RC_OK)
        rc = store_catalogue_history(store, NULL, version, &arena, &rows, &n, &err);
    for (size_t i = 0; rc == RC_OK && i < n; i++)
        printf("%.*s  version %d  %-11.*s  by %.*s%s%.*s%s%.*s\n", STR_ARGS(rows[i].at), rows[i].version,
               STR_ARGS(rows[i].action), STR_ARGS(rows[i].actor), rows[i].clinic.n ? ", for clinic " : "",
               STR_ARGS(rows[i].clinic), rows[i].detail.n ? "; " : "", STR_ARGS(rows[i].detail));
    arena_done(&arena);
    return rc == RC_OK ? EXIT_OK : fail(&err);
}
