/* Catalogue x screening -> decision: a pure function.
 *
 * No clock (as_of comes in), no I/O, no globals, no locks; memory from one arena. The same catalogue, screening and
 * as_of give the same decision, in the same order. Any number of threads may decide with one catalogue at once. */
#ifndef PALPATE_DECIDE_DECIDE_H
#define PALPATE_DECIDE_DECIDE_H

#include "rules/rules.h"

/* Judges one intake. Whatever *ret points to lives in `arena` or in the catalogue. RC_OK or RC_OOM. `in` may get
 * further entries in its list of what was ignored. */
enum rc decide(struct intake *in, struct arena *arena, struct decision *ret) MUST_USE;

/* intake_build() and decide(): RC_INVALID_REQUEST when `faults` grew. */
enum rc screen(const struct catalogue *cat, const struct screening *s, struct arena *arena, struct faults *faults,
               struct decision *ret) MUST_USE;

#endif
