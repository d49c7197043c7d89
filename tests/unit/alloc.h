/* A heap that fails when told to: linked into every unit test, for our own code only (libraries keep theirs). */
#ifndef PALPATE_TESTS_ALLOC_H
#define PALPATE_TESTS_ALLOC_H

/* The n-th call of malloc, calloc or realloc from now on fails; 0 lets all succeed. */
void alloc_fail_at(long n);
/* How many calls there have been since alloc_fail_at(). */
long alloc_calls(void);

#endif
