/* Shows what an overlay that was refused would do: the rules that its faults are about are tried first. */
#include "impact/impact.h"

enum { TRIES_A_RULE = 400, TRIES_AT_ALL = 2000, RULES_TRIED = 20 };

static enum rc compile(const struct source_doc *doc, struct catalogue **ret)
{
    struct arena arena;
    struct faults faults;
    arena_init(&arena, 0);
    faults_init(&faults, &arena);
    enum rc rc = catalogue_new(doc, ret, &faults, NULL);
    arena_done(&arena);
    return rc;
}

static enum rc look_for(const struct catalogue *base, const struct catalogue *draft, const struct faults *faults,
                        struct arena *arena, struct str *ret_request, struct change *ret_change)
{
    enum rc rc = RC_OK;
    size_t tried = 0;
    for (size_t i = 0; rc == RC_OK && !ret_request->p && i < faults->n && tried < RULES_TRIED; i++) {
        bool again = i > 0 && str_eq(faults->at[i].item, faults->at[i - 1].item);
        int32_t rule = again ? -1 : catalogue_find_rule(draft, faults->at[i].item);
        if (rule < 0)
            continue;
        tried++;
        rc = find_milder(base, draft, rule, TRIES_A_RULE, arena, ret_request, ret_change);
    }
    if (rc == RC_OK && !ret_request->p)
        rc = find_milder(base, draft, ANY_RULE, TRIES_AT_ALL, arena, ret_request, ret_change);
    return rc;
}

enum rc overlay_example(const struct source_doc *base, struct str overlay, const struct faults *faults,
                        struct arena *arena, struct str *ret_request, struct change *ret_change)
{
    struct source_doc doc = { 0 };
    CLEANUP(catalogue_unrefp) struct catalogue *cat = NULL;
    CLEANUP(catalogue_unrefp) struct catalogue *draft = NULL;
    *ret_request = (struct str){ NULL, 0 };
    enum rc rc = overlay_at_its_word(base, overlay, &doc, NULL);
    if (rc == RC_OK)
        rc = compile(base, &cat);
    if (rc == RC_OK)
        rc = compile(&doc, &draft);
    source_done(&doc);
    if (rc == RC_OK)
        rc = look_for(cat, draft, faults, arena, ret_request, ret_change);
    return rc == RC_OOM ? RC_OOM : RC_OK; /* what cannot even be compiled has no example */
}
