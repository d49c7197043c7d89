/* Any bytes as a clinic's overlay: refused with faults, or built, and then stored and read again the same. */
#include <stdlib.h>

#include "live/tiny_catalogue.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct source_doc *base(void)
{
    static struct source_doc doc;
    struct error err;
    char text[2 * sizeof(tiny_document)];
    size_t n = tiny_text(1, text, sizeof(text));
    if (!doc.text.p && source_load_text((struct str){ text, n }, &doc, &err) != RC_OK)
        abort();
    return &doc;
}

/* What overlay_at_its_word() makes need not be a catalogue. */
static void take_at_its_word(struct str text, struct arena *arena)
{
    static struct faults faults;
    struct source_doc doc = { 0 };
    struct catalogue *cat = NULL;
    struct error err;
    faults_init(&faults, arena);
    if (overlay_at_its_word(base(), text, &doc, &err) == RC_OK && catalogue_new(&doc, &cat, &faults, &err) == RC_OK)
        catalogue_unref(cat);
    source_done(&doc);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct faults faults;
    struct arena arena;
    struct error err = { .code = RC_OK };
    struct str text = { (const char *)data, size };
    struct catalogue *cat = NULL, *again = NULL;
    arena_init(&arena, 256 << 20);
    faults_init(&faults, &arena);
    enum rc rc = overlay_new(base(), text, NULL, &cat, &faults, &err);
    if (rc == RC_CATALOGUE_INVALID && faults.total == 0 && !err.text[0])
        abort(); /* refused without a reason */
    if (rc == RC_OK && (catalogue_of_texts(base()->text, text, cat->digest, &again, &faults, &err) != RC_OK ||
                        strcmp(cat->digest, again->digest) != 0))
        abort();
    if (rc == RC_OK || rc == RC_CATALOGUE_INVALID)
        take_at_its_word(text, &arena);
    catalogue_unref(again);
    catalogue_unref(cat);
    arena_done(&arena);
    return 0;
}
