#include "base/vec.h"

#include <string.h>

enum { ROOM_MIN = 16 };

bool vec_grow(struct arena *a, void **at, uint32_t *room, size_t size)
{
    uint32_t more = *room ? *room * 2 : ROOM_MIN;
    void *p = arena_alloc(a, more, size);
    if (!p)
        return false;
    if (*room)
        memcpy(p, *at, *room * size);
    *at = p;
    *room = more;
    return true;
}
