/* Typed reading of JSON: each function checks one value and reports a fault that names the place and the remedy.
 *
 * Used by wire/ for requests and by rules/ for catalogues; no json_t travels further than those two. A NULL value
 * (a member that is not there) reads as "not given" without a fault; whether it had to be there is said by the
 * table of members. All functions return true only when *ret was set. */
#ifndef PALPATE_DOMAIN_JSON_READ_H
#define PALPATE_DOMAIN_JSON_READ_H

#include <jansson.h>

#include "base/error.h"
#include "domain/fault.h"
#include "domain/vocabulary.h"

/* Levels of nesting that a document may have; jansson's own bound is 2,048. */
enum { JSON_DEPTH_MAX = 32 };

/* Parses one JSON text: UTF-8, no duplicate members, nothing after the value, bounded depth. NULL on failure, with
 * an error that gives line and column and never quotes the text. The caller owns the result. */
json_t *json_parse(struct str text, struct error *reterr) MUST_USE;

struct json_member {
    const char *name;
    bool required;
};

/* True when `v` is an object whose members are all in `members` and has all that are required; else faults. A
 * false return still lets the members that are there be read. */
bool json_read_object(const json_t *v, const struct json_member *members, size_t n, const struct where *at,
                      struct faults *faults);
/* The array's length, 0 when `v` is NULL or faulty. */
size_t json_read_array(const json_t *v, size_t max, const struct where *at, struct faults *faults);

/* Whether `s` is what a string of JSON may be: UTF-8, of 1 to `max_len` characters. */
bool json_str_fits(struct str s, size_t max_len);
/* `ret` is a copy in the faults' arena. An empty string is a fault. */
bool json_read_str(const json_t *v, size_t max_len, const struct where *at, struct faults *faults, struct str *ret);
/* Whole numbers only; 6.0 is one. */
bool json_read_int(const json_t *v, int64_t min, int64_t max, const struct where *at, struct faults *faults,
                   int32_t *ret);
/* The number times `scale`; true when that is whole, but for what binary fractions lose. */
bool json_in_steps(const json_t *v, int32_t scale, double *ret);

/* A number in steps of 1/scale, as the count of those steps. */
bool json_read_steps(const json_t *v, int32_t scale, int64_t min, int64_t max, const struct where *at,
                     struct faults *faults, int32_t *ret);
bool json_read_bool(const json_t *v, const struct where *at, struct faults *faults, bool *ret);
bool json_read_date(const json_t *v, const struct where *at, struct faults *faults, int32_t *ret_day);
bool json_read_word(const json_t *v, const struct vocabulary *words, const struct where *at, struct faults *faults,
                    int *ret);

/* "a string", "null", ... */
const char *json_kind(const json_t *v) PURE;

#endif
