/* The overlay that --overlay puts on the catalogue of a command. */
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>

#include "impact/impact.h"

static void print_example(const struct source_doc *base, struct str overlay, const struct faults *faults)
{
    struct arena arena;
    struct str request;
    struct change c;
    arena_init(&arena, 0);
    if (overlay_example(base, overlay, faults, &arena, &request, &c) == RC_OK && request.p) {
        fprintf(stderr,
                "taken at its word, it would answer this request more mildly (%.*s%s%.*s%s%.*s: %.*s, not %.*s):\n",
                STR_ARGS(c.technique), c.technique.n ? ", " : "", STR_ARGS(str_of(aspect_name(c.aspect))),
                c.item.n ? " " : "", STR_ARGS(c.item), STR_ARGS(c.to), STR_ARGS(c.from));
        fprintf(stderr, "%.*s\n", STR_ARGS(request));
    }
    arena_done(&arena);
}

struct catalogue *put_overlay_text(const struct source_doc *base, struct str overlay, struct source_doc *ret_doc,
                                   int *ret_exit)
{
    struct arena arena;
    struct faults *faults = calloc(1, sizeof(*faults));
    struct catalogue *cat = NULL;
    struct error err;
    enum rc rc = faults ? RC_OK : error_oom(&err);
    arena_init(&arena, 0);
    if (rc == RC_OK) {
        faults_init(faults, &arena);
        rc = overlay_new(base, overlay, ret_doc, &cat, faults, &err);
    }
    if (rc == RC_CATALOGUE_INVALID) {
        print_faults(faults);
        print_example(base, overlay, faults);
    }
    *ret_exit = rc == RC_OK ? EXIT_OK : fail(&err);
    arena_done(&arena);
    free(faults);
    return cat;
}

struct catalogue *put_overlay(const struct source_doc *base, const char *name, struct source_doc *ret_doc,
                              int *ret_exit)
{
    struct catalogue *cat = NULL;
    struct buf text;
    struct error err;
    buf_init(&text, OVERLAY_BYTES_MAX);
    if (read_input(name, "overlay", &text, &err) == RC_OK)
        cat = put_overlay_text(base, buf_str(&text), ret_doc, ret_exit);
    else
        *ret_exit = fail(&err);
    buf_done(&text);
    return cat;
}

struct catalogue *load_called(const struct call *c, struct source_doc *ret_doc, int *ret_exit)
{
    struct source_doc base = { 0 };
    if (!c->overlay)
        return load_catalogue_document(&c->settings, ret_doc, ret_exit);
    struct catalogue *cat = load_catalogue_document(&c->settings, &base, ret_exit);
    if (!cat)
        return NULL;
    catalogue_unref(cat);
    cat = put_overlay(&base, c->overlay, ret_doc, ret_exit);
    source_done(&base);
    return cat;
}
