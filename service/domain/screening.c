#include "domain/screening.h"

#include <stdio.h>

static const char *const list_pointer[] = {
#define X(id, pointer) [id] = pointer,
    FINDING_LISTS(X)
#undef X
};
static_assert(ARRAY_LEN(list_pointer) == LIST_COUNT_, "every list has a pointer");

struct str finding_pointer(const struct finding *f, char buffer[static FINDING_POINTER_BYTES])
{
    int n = snprintf(buffer, FINDING_POINTER_BYTES, "%s/%u", list_pointer[f->list], (unsigned)f->index);
    return (struct str){ buffer, (size_t)n };
}
