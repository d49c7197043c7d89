/* Checked integer arithmetic: each returns true when the result does not fit, and leaves *ret then unspecified. */
#ifndef PALPATE_BASE_CHECKED_H
#define PALPATE_BASE_CHECKED_H

#define add_overflow(a, b, ret) __builtin_add_overflow((a), (b), (ret))
#define sub_overflow(a, b, ret) __builtin_sub_overflow((a), (b), (ret))
#define mul_overflow(a, b, ret) __builtin_mul_overflow((a), (b), (ret))

#endif
