/* Any bytes as a line of kept requests, as records export prints them: refused, or a request that is read. */
#include <stdlib.h>

#include "cli/impact.h"
#include "wire/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct faults faults;
    struct arena arena;
    struct error err = { .code = RC_OK };
    struct kept_line kept;
    struct screening s;
    if (size > BODY_BYTES_MAX)
        return 0;
    arena_init(&arena, 64 << 20);
    faults_init(&faults, &arena);
    if (read_kept((struct str){ (const char *)data, size }, 1, &arena, &kept, &err) == RC_OK) {
        if (!kept.request.p || strlen(kept.name) >= sizeof(kept.name))
            abort();
        enum rc rc = read_screening(kept.request, kept.as_of, &faults, &s, &err);
        if ((rc == RC_INVALID_REQUEST) != (faults.total > 0))
            abort();
    } else if (err.code == RC_OK) {
        abort(); /* refused without a reason */
    }
    arena_done(&arena);
    return 0;
}
