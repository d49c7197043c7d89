#include "domain/decision.h"

uint32_t places_regions(const struct places *s)
{
    uint32_t regions = 0;
    for (int place = 0; place < PLACE_COUNT; place++)
        if (places_has(s, place))
            regions |= UINT32_C(1) << place_region(place);
    return regions;
}

static bool has_whole_region(const struct places *s, int place)
{
    return places_has(s, place_of(place_region(place), NOT_GIVEN)) ||
           places_has(s, place_of(place_region(place), SIDE_BOTH));
}

bool places_within(const struct places *s, const struct places *whole)
{
    for (int place = 0; place < PLACE_COUNT; place++)
        if (places_has(s, place) && !places_has(whole, place) && !has_whole_region(whole, place))
            return false;
    return true;
}

void places_simplify(struct places *s)
{
    for (int place = 0; place < PLACE_COUNT; place++) { /* of a region: itself, left, right, both */
        int side = place_side(place), region = place_of(place_region(place), NOT_GIVEN);
        bool said = side == SIDE_BOTH ? places_has(s, region) : side != NOT_GIVEN && has_whole_region(s, place);
        if (said)
            s->w[place / 64] &= ~(UINT64_C(1) << (place % 64));
    }
}

static const char *const answer_type_names[] = {
#define X(id, wire_name) [id] = wire_name,
    ANSWER_TYPE_LIST(X)
#undef X
};
static_assert(ARRAY_LEN(answer_type_names) == ANSWER_TYPE_COUNT_, "every answer type has a wire name");

const char *answer_type_name(enum answer_type type)
{
    return answer_type_names[type];
}

static const char *const ignored_names[] = {
#define X(id, wire_name) [id] = wire_name,
    IGNORED_LIST(X)
#undef X
};
static_assert(ARRAY_LEN(ignored_names) == IGNORED_COUNT_, "every reason has a wire name");

const char *ignored_name(enum ignored_reason reason)
{
    return ignored_names[reason];
}
