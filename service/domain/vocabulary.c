#include "domain/vocabulary.h"

#define X(id, wire_name) [id] = { wire_name, sizeof(wire_name) - 1 },
static const struct str verdict_names[] = { VERDICT_LIST(X) };
static const struct str disposition_names[] = { DISPOSITION_LIST(X) };
static const struct str severity_names[] = { SEVERITY_LIST(X) };
static const struct str booking_names[] = { BOOKING_LIST(X) };
static const struct str region_names[] = { REGION_LIST(X) };
static const struct str side_names[] = { SIDE_LIST(X) };
static const struct str goal_names[] = { GOAL_LIST(X) };
static const struct str sex_names[] = { SEX_LIST(X) };
static const struct str onset_names[] = { ONSET_LIST(X) };
static const struct str cause_names[] = { CAUSE_LIST(X) };
static const struct str reaction_names[] = { REACTION_LIST(X) };
static const struct str finding_state_names[] = { FINDING_STATE_LIST(X) };
static const struct str unlisted_names[] = { UNLISTED_LIST(X) };
static const struct str pressure_wish_names[] = { PRESSURE_WISH_LIST(X) };
static const struct str clearer_names[] = { CLEARER_LIST(X) };
static const struct str fact_kind_names[] = { FACT_KIND_LIST(X) };
static const struct str acuity_names[] = { ACUITY_LIST(X) };
static const struct str certainty_names[] = { CERTAINTY_LIST(X) };
static const struct str trait_names[] = { TRAIT_LIST(X) };
static const struct str replan_action_names[] = { REPLAN_ACTION_LIST(X) };
#undef X

#define V(stem, prefix)                                                                                                \
    const struct vocabulary stem##_vocabulary = { #stem, stem##_names, ARRAY_LEN(stem##_names) };                      \
    static_assert(ARRAY_LEN(stem##_names) == prefix##_COUNT_, "every " #stem " has a wire name");                      \
    struct str stem##_name(enum stem member)                                                                           \
    {                                                                                                                  \
        return stem##_names[member];                                                                                   \
    }                                                                                                                  \
    bool stem##_from_name(struct str name, enum stem *ret_member)                                                      \
    {                                                                                                                  \
        int i = vocabulary_find(&stem##_vocabulary, name);                                                             \
        if (i >= 0)                                                                                                    \
            *ret_member = (enum stem)i;                                                                                \
        return i >= 0;                                                                                                 \
    }
VOCABULARY_LIST(V)
#undef V

int vocabulary_find(const struct vocabulary *v, struct str name)
{
    for (size_t i = 0; i < v->n; i++)
        if (str_eq(v->names[i], name))
            return (int)i;
    return -1;
}

const struct attribute_info attribute_table[] = {
#define X(id, wire_name, type, min, max, person, unit)                                                                 \
    [id] = { { wire_name, sizeof(wire_name) - 1 }, type, min, max, person, { unit, sizeof(unit) - 1 } },
    ATTRIBUTE_LIST(X)
#undef X
};

bool attribute_from_name(struct str name, enum attribute *ret_attribute)
{
    for (size_t i = 0; i < ARRAY_LEN(attribute_table); i++) {
        if (str_eq(attribute_table[i].name, name)) {
            *ret_attribute = (enum attribute)i;
            return true;
        }
    }
    return false;
}

const struct mod_info mod_table[] = {
#define X(id, wire_name, type, part, takes) [id] = { { wire_name, sizeof(wire_name) - 1 }, type, part, takes },
    MOD_LIST(X)
#undef X
};

bool mod_kind_from_name(struct str name, enum mod_kind *ret_kind)
{
    for (size_t i = 0; i < ARRAY_LEN(mod_table); i++) {
        if (str_eq(mod_table[i].name, name)) {
            *ret_kind = (enum mod_kind)i;
            return true;
        }
    }
    return false;
}
