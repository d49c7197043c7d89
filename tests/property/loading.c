#include "loading.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct catalogue *load_catalogue(const char *dir, struct source_doc *ret_doc)
{
    struct arena arena;
    struct faults faults;
    struct error error = { .code = RC_OK };
    struct source_doc doc = { 0 };
    struct catalogue *cat = NULL;
    arena_init(&arena, 0);
    faults_init(&faults, &arena);
    enum rc rc = source_load_dir(dir, &doc, &faults, &error);
    if (rc == RC_OK)
        rc = catalogue_new(&doc, &cat, &faults, &error);
    if (rc != RC_OK)
        fprintf(stderr, "%s: %s\n", dir, error.text);
    for (size_t i = 0; i < faults.n; i++)
        fprintf(stderr, "%.*s %.*s: %.*s\n", STR_ARGS(faults.at[i].item), STR_ARGS(faults.at[i].pointer),
                STR_ARGS(faults.at[i].detail));
    arena_done(&arena);
    if (cat && ret_doc)
        *ret_doc = doc;
    else
        source_done(&doc);
    return cat;
}

bool read_number(const char *text, uint64_t *ret)
{
    char *end;
    errno = 0;
    unsigned long long v = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || errno)
        return false;
    *ret = v;
    return true;
}
