#include "domain/json_read.h"

#include <math.h>
#include <stdio.h>

#include "base/date.h"

/* Nesting is measured before parsing, because the parser recurses. Brackets inside strings do not count. */
static size_t nesting(struct str text)
{
    size_t depth = 0, deepest = 0;
    bool in_string = false;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (in_string) {
            if (c == '\\')
                i++;
            else if (c == '"')
                in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            if (++depth > deepest)
                deepest = depth;
        } else if ((c == '}' || c == ']') && depth > 0) {
            depth--;
        }
    }
    return deepest;
}

static const char *parse_problem(enum json_error_code code)
{
    switch (code) {
    case json_error_duplicate_key:
        return "a member stands twice in one object";
    case json_error_end_of_input_expected:
        return "there is something after the end of the document";
    case json_error_premature_end_of_input:
        return "the document ends too early";
    case json_error_invalid_utf8:
        return "the text is not valid UTF-8";
    case json_error_numeric_overflow:
        return "a number is too large to be represented";
    case json_error_null_character:
    case json_error_null_byte_in_key:
        return "a string holds the character U+0000";
    case json_error_stack_overflow:
        return "the document is nested too deeply";
    default:
        return "this is not valid JSON";
    }
}

json_t *json_parse(struct str text, struct error *reterr)
{
    json_error_t jerr = { .text = "" };
    if (text.n == 0) {
        error_set(reterr, RC_MALFORMED_JSON, "the document is empty");
        return NULL;
    }
    if (nesting(text) > JSON_DEPTH_MAX) {
        error_set(reterr, RC_MALFORMED_JSON, "the document is nested more than %d levels deep", JSON_DEPTH_MAX);
        return NULL;
    }
    json_t *v = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &jerr);
    if (v)
        return v;
    enum json_error_code code = json_error_code(&jerr);
    if (code == json_error_out_of_memory || !*jerr.text) /* jansson says nothing of most of its failed allocations */
        error_oom(reterr);
    else
        error_set(reterr, RC_MALFORMED_JSON, "%s (line %d, column %d)", parse_problem(code), jerr.line, jerr.column);
    return NULL;
}

const char *json_kind(const json_t *v)
{
    switch (json_typeof(v)) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "an array";
    case JSON_STRING:
        return "a string";
    case JSON_INTEGER:
    case JSON_REAL:
        return "a number";
    case JSON_TRUE:
    case JSON_FALSE:
        return "a boolean";
    case JSON_NULL:
        return "null";
    }
    return "nothing";
}

static bool wrong_type(const json_t *v, const char *expected, const struct where *at, struct faults *faults)
{
    char remedy[64];
    (void)snprintf(remedy, sizeof(remedy), "send %s", expected);
    fault_add(faults, FAULT_WRONG_TYPE, at, remedy, "expected %s, found %s", expected, json_kind(v));
    return false;
}

static void unknown_member(const char *key, size_t key_len, const struct json_member *members, size_t n,
                           const struct where *at, struct faults *faults)
{
    char remedy[512];
    size_t len = (size_t)snprintf(remedy, sizeof(remedy), "known members:");
    for (size_t i = 0; i < n && len < sizeof(remedy); i++)
        len += (size_t)snprintf(remedy + len, sizeof(remedy) - len, "%s %s", i ? "," : "", members[i].name);
    struct str name = { key, key_len };
    fault_add(faults, FAULT_UNKNOWN_MEMBER, WHERE_MEMBER(at, name), remedy, "there is no such member");
}

bool json_read_object(const json_t *v, const struct json_member *members, size_t n, const struct where *at,
                      struct faults *faults)
{
    const char *key;
    size_t key_len, before = faults->total;
    json_t *value;
    if (!v)
        return false;
    if (!json_is_object(v))
        return wrong_type(v, "an object", at, faults);
    json_object_keylen_foreach((json_t *)v, key, key_len, value)
    {
        size_t i = 0;
        while (i < n && !(strlen(members[i].name) == key_len && memcmp(members[i].name, key, key_len) == 0))
            i++;
        if (i == n)
            unknown_member(key, key_len, members, n, at, faults);
    }
    for (size_t i = 0; i < n; i++)
        if (members[i].required && !json_object_get(v, members[i].name))
            fault_add(faults, FAULT_MISSING_MEMBER, WHERE_MEMBER(at, str_of(members[i].name)), "give it",
                      "this member is required");
    return faults->total == before;
}

size_t json_read_array(const json_t *v, size_t max, const struct where *at, struct faults *faults)
{
    if (!v)
        return 0;
    if (!json_is_array(v)) {
        (void)wrong_type(v, "an array", at, faults);
        return 0;
    }
    if (json_array_size(v) > max) {
        char remedy[64];
        (void)snprintf(remedy, sizeof(remedy), "send at most %zu", max);
        fault_add(faults, FAULT_TOO_MANY, at, remedy, "%zu items are too many", json_array_size(v));
        return 0;
    }
    return json_array_size(v);
}

/* Characters, not bytes: what maxLength of JSON Schema counts. */
static size_t utf8_length(struct str s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        n += ((unsigned char)s.p[i] & 0xC0) != 0x80;
    return n;
}

bool json_str_fits(struct str s, size_t max_len)
{
    json_t *text =
        s.n > 0 && utf8_length(s) <= max_len ? json_stringn(s.p, s.n) : NULL; /* NULL where it is not UTF-8 */
    json_decref(text);
    return text != NULL;
}

bool json_read_str(const json_t *v, size_t max_len, const struct where *at, struct faults *faults, struct str *ret)
{
    if (!v)
        return false;
    if (!json_is_string(v))
        return wrong_type(v, "a string", at, faults);
    struct str s = { json_string_value(v), json_string_length(v) };
    if (s.n == 0 || utf8_length(s) > max_len) {
        char remedy[64];
        (void)snprintf(remedy, sizeof(remedy), "send 1 to %zu characters", max_len);
        fault_add(faults, s.n ? FAULT_TOO_LONG : FAULT_OUT_OF_RANGE, at, remedy,
                  s.n ? "the string is too long" : "the string is empty");
        return false;
    }
    *ret = arena_str(faults->arena, s);
    return ret->p != NULL;
}

static bool out_of_range(double min, double max, const struct where *at, struct faults *faults)
{
    char remedy[96];
    (void)snprintf(remedy, sizeof(remedy), "send a number from %.10g to %.10g", min, max);
    fault_add(faults, FAULT_OUT_OF_RANGE, at, remedy, "the number is out of range");
    return false;
}

bool json_in_steps(const json_t *v, int32_t scale, double *ret)
{
    double x = json_number_value(v) * scale, whole = round(x);
    bool near = scale == 1 ? x == whole : fabs(x - whole) < 1e-6; /* 0.28 * 100 is not quite 28 */
    *ret = near ? whole : x;
    return near;
}

bool json_read_steps(const json_t *v, int32_t scale, int64_t min, int64_t max, const struct where *at,
                     struct faults *faults, int32_t *ret)
{
    if (!v)
        return false;
    if (!json_is_number(v))
        return wrong_type(v, "a number", at, faults);
    double x;
    bool whole = json_in_steps(v, scale, &x);
    if (!(x >= (double)min && x <= (double)max))
        return out_of_range((double)min / scale, (double)max / scale, at, faults);
    if (!whole) {
        char remedy[64];
        (void)snprintf(remedy, sizeof(remedy), scale == 1 ? "send a whole number" : "send a multiple of %g",
                       1.0 / scale);
        fault_add(faults, FAULT_WRONG_TYPE, at, remedy,
                  scale == 1 ? "expected a whole number, found a fraction" : "the number has too many decimals");
        return false;
    }
    *ret = (int32_t)x;
    return true;
}

bool json_read_int(const json_t *v, int64_t min, int64_t max, const struct where *at, struct faults *faults,
                   int32_t *ret)
{
    return json_read_steps(v, 1, min, max, at, faults, ret);
}

bool json_read_bool(const json_t *v, const struct where *at, struct faults *faults, bool *ret)
{
    if (!v)
        return false;
    if (!json_is_boolean(v))
        return wrong_type(v, "true or false", at, faults);
    *ret = json_is_true(v);
    return true;
}

bool json_read_date(const json_t *v, const struct where *at, struct faults *faults, int32_t *ret_day)
{
    if (!v)
        return false;
    if (!json_is_string(v))
        return wrong_type(v, "a date as a string", at, faults);
    if (!date_parse((struct str){ json_string_value(v), json_string_length(v) }, ret_day)) {
        fault_add(faults, FAULT_INVALID_DATE, at, "send a day that exists, as YYYY-MM-DD", "this is not a date");
        return false;
    }
    return true;
}

bool json_read_word(const json_t *v, const struct vocabulary *words, const struct where *at, struct faults *faults,
                    int *ret)
{
    if (!v)
        return false;
    if (!json_is_string(v))
        return wrong_type(v, "a string", at, faults);
    int i = vocabulary_find(words, (struct str){ json_string_value(v), json_string_length(v) });
    if (i < 0) {
        char remedy[512];
        size_t len = (size_t)snprintf(remedy, sizeof(remedy), "send one of:");
        for (size_t k = 0; k < words->n && len < sizeof(remedy); k++)
            len += (size_t)snprintf(remedy + len, sizeof(remedy) - len, "%s %.*s", k ? "," : "",
                                    STR_ARGS(words->names[k]));
        fault_add(faults, FAULT_UNKNOWN_VALUE, at, remedy, "this is not a known value");
        return false;
    }
    *ret = i;
    return true;
}
