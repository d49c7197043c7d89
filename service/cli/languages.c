/* palpate catalogue check: how far the translations have come. */
#include "cli/cli.h"

#include <stdio.h>

struct listing {
    struct arena arena;
    bool oom;
};

static void list_missing(void *to, const struct where *at, bool missing)
{
    struct listing *l = to;
    struct str pointer = missing ? where_pointer(&l->arena, at) : (struct str){ NULL, 0 };
    if (pointer.p)
        printf("%.*s\n", STR_ARGS(pointer));
    l->oom |= missing && !pointer.p;
}

int report_languages(const struct catalogue *cat, const struct call *c)
{
    struct error err;
    struct listing listing = { .oom = false };
    for (uint32_t i = 1; i < cat->n_languages; i++)
        printf("%.*s: %.*s, %u of %u texts\n", STR_ARGS(cat->languages[i].tag), STR_ARGS(cat->languages[i].review),
               cat->languages[i].n_texts, cat->languages[0].n_texts);
    if (!c->missing)
        return EXIT_OK;
    int32_t found = catalogue_find_language(cat, str_of(c->missing));
    if (found < 0) {
        (void)error_set(&err, RC_NOT_FOUND, "the catalogue has no texts in \"%s\"", c->missing);
        return fail(&err);
    }
    arena_init(&listing.arena, 0);
    catalogue_each_text(cat, &cat->languages[found], list_missing, &listing);
    arena_done(&listing.arena);
    if (!listing.oom)
        return EXIT_OK;
    (void)error_oom(&err);
    return fail(&err);
}
