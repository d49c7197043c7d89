/* The overlays of clinics that the database holds. */
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>

#include "store/store.h"

/* For the clinic that is named. */
static int for_clinic(const struct call *c, int (*work)(const struct call *c, struct store *store, struct arena *arena))
{
    struct error err;
    if (c->clinic)
        return with_database(c, work);
    (void)error_set(&err, RC_USAGE, "say whose overlay it is: --clinic ID");
    return fail(&err);
}

/* Puts the overlay on what is in force for the clinic, and stores it; faults are printed by put_overlay(). */
static int load_on(const struct call *c, struct store *store, const struct source_doc *base, int32_t version)
{
    struct arena arena;
    struct buf text;
    struct error err;
    char name[ACTOR_BYTES];
    int exit_status = EXIT_OK;
    int32_t number;
    arena_init(&arena, 0);
    buf_init(&text, OVERLAY_BYTES_MAX);
    enum rc rc = read_input(c->operand, "overlay", &text, &err);
    struct str document = rc == RC_OK ? arena_str(&arena, buf_str(&text)) : (struct str){ NULL, 0 };
    if (rc == RC_OK && !document.p)
        rc = error_oom(&err);
    if (rc == RC_OK) {
        CLEANUP(catalogue_unrefp) struct catalogue *cat = put_overlay_text(base, document, NULL, &exit_status);
        struct overlay_change change = { .clinic = c->clinic,
                                         .actor = acting(c, name),
                                         .expected = -1,
                                         .room = (int32_t)c->settings.number[SET_CATALOGUES] };
        if (cat)
            rc = store_overlay_put(store, &change, document.p, cat->digest, version, &number, &err);
        if (cat && rc == RC_OK)
            printf("overlay %d is in force for clinic %s, on version %d: %.*s\n", number, c->clinic, version,
                   STR_ARGS(cat->version));
    }
    buf_done(&text);
    arena_done(&arena);
    return rc == RC_OK ? exit_status : fail(&err);
}

static int load(const struct call *c, struct store *store, struct arena *arena)
{
    struct error err;
    struct str text;
    struct source_doc base = { 0 };
    int32_t version;
    enum rc rc = store_overlay_base(store, c->clinic, arena, &version, &text, &err);
    if (rc == RC_OK)
        rc = source_load_text(text, &base, &err);
    int exit_status = rc == RC_OK ? load_on(c, store, &base, version) : fail(&err);
    source_done(&base);
    return exit_status;
}

int command_overlay_load(const struct call *c)
{
    return for_clinic(c, load);
}

static int list(const struct call *c, struct store *store, struct arena *arena)
{
    struct error err;
    struct overlay_row *rows;
    size_t n = 0;
    if (store_overlay_list(store, c->clinic, arena, &rows, &n, &err) != RC_OK)
        return fail(&err);
    if (n)
        printf("%7s  %-8s  %-12s  %-20s  %s\n", "overlay", "in force", "digest", "stored", "by");
    for (size_t i = 0; i < n; i++)
        printf("%7d  %-8s  %.12s  %-20.*s  %.*s\n", rows[i].number, rows[i].in_force ? "yes" : "-", rows[i].digest.p,
               STR_ARGS(rows[i].stored_at), STR_ARGS(rows[i].author));
    return EXIT_OK;
}

int command_overlay_list(const struct call *c)
{
    return for_clinic(c, list);
}

static int withdraw(const struct call *c, struct store *store, struct arena *arena)
{
    struct error err;
    char name[ACTOR_BYTES];
    struct overlay_change change = { .clinic = c->clinic, .actor = acting(c, name), .expected = -1 };
    int32_t number;
    (void)arena;
    if (store_overlay_withdraw(store, &change, &number, &err) != RC_OK)
        return fail(&err);
    printf("overlay %d is no more in force for clinic %s\n", number, c->clinic);
    return EXIT_OK;
}

int command_overlay_withdraw(const struct call *c)
{
    return for_clinic(c, withdraw);
}
