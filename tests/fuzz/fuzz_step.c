/* Any bytes as a step in the life of a catalogue's version, and as its accepted findings: refused with faults, or read;
 * no finding of the review goes missing by them. */
#include <stdlib.h>

#include "live/tiny_catalogue.h"
#include "wire/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct catalogue *cat;
    static struct faults faults;
    struct arena arena;
    struct error err = { .code = RC_OK };
    struct str body = { (const char *)data, size };
    struct step_request step;
    struct review without, with;
    if (!cat)
        cat = tiny_catalogue(1);
    if (size > BODY_BYTES_MAX)
        return 0;
    arena_init(&arena, 64 << 20);
    faults_init(&faults, &arena);
    enum rc rc = read_step(body, &faults, &step, &err);
    if ((rc == RC_INVALID_REQUEST) != (faults.total > 0))
        abort();
    if (catalogue_review(cat, (struct str){ NULL, 0 }, &arena, &without, &err) != RC_OK ||
        catalogue_review(cat, body, &arena, &with, &err) != RC_OK)
        abort();
    if (without.n_accepted || with.n < without.n || with.n_accepted > with.n)
        abort();
    for (uint32_t i = 0; i < without.n; i++)
        if (with.at[i].code != without.at[i].code || !str_eq(with.at[i].item, without.at[i].item))
            abort();
    arena_done(&arena);
    return 0;
}
