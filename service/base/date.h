/* Civil dates of the proleptic Gregorian calendar as day numbers, and the clock.
 *
 * A day number counts from 1970-01-01 = 0; 0001-01-01 to 9999-12-31 can be written and read. */
#ifndef PALPATE_BASE_DATE_H
#define PALPATE_BASE_DATE_H

#include <stdint.h>

#include "base/attr.h"
#include "base/str.h"

enum { DATE_TEXT_LEN = 10 };

/* Reads "YYYY-MM-DD" (RFC 3339 full-date), which must name a day that exists. */
bool date_parse(struct str text, int32_t *ret_day) MUST_USE;
/* Writes "YYYY-MM-DD" and a zero byte. `day` must lie within the years 1 to 9999. */
void date_format(int32_t day, char out[static DATE_TEXT_LEN + 1]);
/* Today in UTC by the system's clock. */
int32_t date_today(void);
/* Milliseconds and nanoseconds of a clock that never jumps; for measuring, not for telling the time. */
int64_t clock_ms(void);
int64_t clock_ns(void);

#endif
