/* Compiler attributes and the few macros every file wants. One place, so that a compiler that lacks one
 * needs one change. */
#ifndef PALPATE_BASE_ATTR_H
#define PALPATE_BASE_ATTR_H

#include <assert.h>
#include <stddef.h>

#define MUST_USE               __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))
#define CLEANUP(fn)            __attribute__((cleanup(fn)))
#define PURE                   __attribute__((pure))
#define NORETURN               __attribute__((noreturn))

/* Number of elements of a true array; a pointer does not compile. */
#define ARRAY_LEN(a)                                                                                                   \
    (sizeof(a) / sizeof((a)[0]) +                                                                                      \
     0 * sizeof(char[1 - 2 * __builtin_types_compatible_p(__typeof__(a), __typeof__(&(a)[0]))]))

/* Moves ownership out of a variable that has a CLEANUP: the variable is NULL afterwards. */
#define TAKE(p)                                                                                                        \
    (__extension__({                                                                                                   \
        __typeof__(p) take_moved_ = (p);                                                                               \
        (p) = NULL;                                                                                                    \
        take_moved_;                                                                                                   \
    }))

#endif
