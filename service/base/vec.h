/* A list that grows in an arena: VEC(int) numbers = { 0 }; what it leaves behind on growing is freed with the arena. */
#ifndef PALPATE_BASE_VEC_H
#define PALPATE_BASE_VEC_H

#include <stdint.h>

#include "base/arena.h"

#define VEC(type)                                                                                                      \
    struct {                                                                                                           \
        type *at;                                                                                                      \
        uint32_t n, room;                                                                                              \
    }
/* Doubles the room for items of `size` bytes. False when memory is out: nothing has changed. */
bool vec_grow(struct arena *a, void **at, uint32_t *room, size_t size) MUST_USE;
/* Appends; false when memory is out. */
#define VEC_PUSH(arena, v, ...)                                                                                        \
    (((v)->n < (v)->room || vec_grow((arena), (void **)&(v)->at, &(v)->room, sizeof((v)->at[0]))) &&                   \
     ((v)->at[(v)->n++] = (__VA_ARGS__), true))

#endif
