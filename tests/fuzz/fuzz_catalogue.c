/* Any bytes as a catalogue's document: refused with faults or built, never a crash. */
#include <stdlib.h>

#include "rules/rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct faults faults;
    struct arena arena;
    struct error err;
    struct source_doc doc = { 0 };
    struct catalogue *cat = NULL;
    arena_init(&arena, 256 << 20);
    faults_init(&faults, &arena);
    if (source_load_text((struct str){ (const char *)data, size }, &doc, &err) == RC_OK &&
        catalogue_new(&doc, &cat, &faults, &err) != RC_OK && faults.total == 0 && err.code == RC_CATALOGUE_INVALID)
        abort(); /* refused without a reason */
    catalogue_unref(cat);
    source_done(&doc);
    arena_done(&arena);
    return 0;
}
