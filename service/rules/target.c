/* A rule's target: a condition on a technique, evaluated once per technique when the catalogue is compiled. */
#include "rules/condition_priv.h"

static bool target_fault(struct faults *faults, const struct where *at, const char *what)
{
    if (faults)
        fault_add(faults, FAULT_INVALID_CONDITION, at,
                  "targets read pressure, min_pressure, kind, code and the traits of techniques", "%s", what);
    return false;
}

static bool target_compare(const json_t *args, enum cmp op, const struct technique *t, struct str kind,
                           const struct where *at, struct faults *faults)
{
    const json_t *name_json = json_array_size(args) == 2 ? var_name(json_array_get(args, 0)) : NULL;
    const json_t *rhs = json_array_get(args, 1);
    if (!name_json || !json_is_string(name_json))
        return target_fault(faults, at, "expected a technique's attribute and a constant");
    struct str name = { json_string_value(name_json), json_string_length(name_json) };
    enum trait trait;
    bool equality = op == CMP_EQ || op == CMP_NE;
    if (str_eq(name, STR("pressure")) || str_eq(name, STR("min_pressure"))) {
        if (!json_is_integer(rhs))
            return target_fault(faults, at, "expected a whole number");
        int32_t v = str_eq(name, STR("pressure")) ? t->pressure : t->min_pressure, lo, hi;
        cmp_bounds(op, (int32_t)json_integer_value(rhs), &lo, &hi);
        return (v >= lo && v <= hi) != (op == CMP_NE);
    }
    if (str_eq(name, STR("code")) || str_eq(name, STR("kind"))) {
        if (!json_is_string(rhs) || !equality)
            return target_fault(faults, at, "expected == or != and a string");
        struct str v = str_eq(name, STR("code")) ? t->code : kind;
        return str_eq(v, (struct str){ json_string_value(rhs), json_string_length(rhs) }) == (op == CMP_EQ);
    }
    if (!trait_from_name(name, &trait) || !json_is_boolean(rhs) || !equality)
        return target_fault(faults, at, "expected a trait that is true or false");
    return ((t->traits >> trait & 1) == json_is_true(rhs)) == (op == CMP_EQ);
}

static bool target_eval(const json_t *v, const struct technique *t, struct str kind, const struct where *at,
                        struct faults *faults, size_t depth)
{
    if (depth > COND_DEPTH_MAX || !json_is_object(v) || json_object_size(v) != 1)
        return target_fault(faults, at, "a target is an object with one member, its operator");
    const char *op = json_object_iter_key(json_object_iter((json_t *)v));
    const json_t *args = json_object_iter_value(json_object_iter((json_t *)v));
    const struct where *in = WHERE_MEMBER(at, str_of(op));
    bool all = strcmp(op, "and") == 0;
    if (all || strcmp(op, "or") == 0) {
        bool result = all;
        if (!json_is_array(args) || json_array_size(args) == 0)
            return target_fault(faults, in, "expected a list of conditions");
        for (size_t i = 0; i < json_array_size(args); i++) { /* every one, so that every fault is found */
            bool r = target_eval(json_array_get(args, i), t, kind, WHERE_INDEX(in, i), faults, depth + 1);
            result = all ? result && r : result || r;
        }
        return result;
    }
    if (strcmp(op, "!") == 0)
        return !target_eval(json_is_array(args) && json_array_size(args) == 1 ? json_array_get(args, 0) : args, t, kind,
                            in, faults, depth + 1);
    enum cmp cmp = cmp_from_name(op);
    if (cmp != CMP_COUNT_)
        return target_compare(args, cmp, t, kind, in, faults);
    return target_fault(faults, in, "there is no such operator here");
}

bool target_matches(const json_t *json, const struct technique *t, struct str kind, const struct where *at,
                    struct faults *faults)
{
    return target_eval(json, t, kind, at, faults, 1);
}
