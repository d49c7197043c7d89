#include "test.h"

#include "domain/decision.h"

/* Reads "neck,knee:left" into a set. */
static struct places places(const char *text)
{
    struct places s = { 0 };
    while (*text) {
        enum region region = REGION_COUNT_;
        enum side side;
        size_t n = strcspn(text, ":,");
        bool sided = text[n] == ':';
        if (!region_from_name((struct str){ text, n }, &region))
            fail_msg("the test names a region that is none: %s", text);
        text += n + sided;
        n = sided ? strcspn(text, ",") : 0;
        if (sided && !side_from_name((struct str){ text, n }, &side))
            fail_msg("the test names a side that is none: %s", text);
        places_add(&s, place_of(region, sided ? (int)side : NOT_GIVEN));
        text += n;
        text += *text == ',';
    }
    return s;
}

static bool same(const struct places *a, const struct places *b)
{
    return memcmp(a, b, sizeof(*a)) == 0;
}

static void gives_every_region_and_side_a_place_of_its_own(void **state)
{
    bool seen[PLACE_COUNT] = { false };
    (void)state;
    for (int r = 0; r < REGION_COUNT_; r++) {
        for (int side = NOT_GIVEN; side < SIDE_COUNT_; side++) {
            int place = place_of((enum region)r, side);
            struct places s = { 0 };
            assert_in_range(place, 0, PLACE_COUNT - 1);
            assert_false(seen[place]);
            seen[place] = true;
            assert_int_equal(place_region(place), r);
            assert_int_equal(place_side(place), side);
            assert_true(places_empty(&s));
            places_add(&s, place);
            assert_false(places_empty(&s));
            for (int other = 0; other < PLACE_COUNT; other++)
                assert_int_equal(places_has(&s, other), other == place);
            assert_int_equal(places_regions(&s), UINT32_C(1) << r);
        }
    }
}

static void knows_its_regions(void **state)
{
    static const struct {
        const char *places;
        uint32_t regions;
    } rows[] = {
        { "", 0 },
        { "head", 1u << REGION_HEAD },
        { "head:left,head:right", 1u << REGION_HEAD },
        { "neck,whole_body:midline", 1u << REGION_NECK | 1u << REGION_WHOLE_BODY },
        { "chest:both,knee,calf:left", 1u << REGION_CHEST | 1u << REGION_KNEE | 1u << REGION_CALF },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct places s = places(rows[i].places);
        if (places_regions(&s) != rows[i].regions)
            fail_msg("the regions of \"%s\" are %x", rows[i].places, (unsigned)places_regions(&s));
    }
}

static void joins(void **state)
{
    static const struct {
        const char *a, *b, *joined;
    } rows[] = {
        { "", "", "" },
        { "neck", "", "neck" },
        { "", "whole_body", "whole_body" },
        { "neck", "neck", "neck" },
        { "neck:left", "neck:right", "neck:left,neck:right" },
        { "head", "whole_body:midline", "head,whole_body:midline" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct places a = places(rows[i].a), b = places(rows[i].b), joined = places(rows[i].joined);
        places_join(&a, &b);
        if (!same(&a, &joined))
            fail_msg("\"%s\" with \"%s\" is not \"%s\"", rows[i].a, rows[i].b, rows[i].joined);
    }
}

/* A region without a side stands for all its sides, and for itself only where it stands. */
static void tells_what_lies_within_what(void **state)
{
    static const struct {
        const char *s, *whole;
        bool within;
    } rows[] = {
        { "", "", true },
        { "", "neck", true },
        { "neck", "", false },
        { "neck", "neck", true },
        { "neck:left", "neck", true },
        { "neck:left,neck:midline", "neck", true },
        { "neck", "neck:left", false },
        { "neck:left", "neck:right", false },
        { "neck:left", "neck:left,neck:right", true },
        { "neck:both", "neck:left,neck:right", false },
        { "neck:left,knee", "neck", false },
        { "neck:left,knee:right", "neck,knee", true },
        { "knee", "whole_body", false },
        { "head:left", "face", false },
        { "whole_body:right", "whole_body", true },
        { "ankle_foot:midline,whole_body", "whole_body,ankle_foot:midline", true },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct places s = places(rows[i].s), whole = places(rows[i].whole);
        if (places_within(&s, &whole) != rows[i].within)
            fail_msg("\"%s\" within \"%s\" is not %d", rows[i].s, rows[i].whole, rows[i].within);
    }
}

static void leaves_out_sides_of_what_stands_there_whole(void **state)
{
    static const struct {
        const char *s, *simple;
    } rows[] = {
        { "", "" },
        { "neck", "neck" },
        { "neck:left", "neck:left" },
        { "neck,neck:left", "neck" },
        { "neck:left,neck:right", "neck:left,neck:right" },
        { "neck,neck:left,neck:right,neck:both,neck:midline", "neck" },
        { "neck,knee:left", "neck,knee:left" },
        { "neck,neck:left,knee:left,knee:right", "neck,knee:left,knee:right" },
        { "whole_body,whole_body:midline,head:left", "whole_body,head:left" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct places s = places(rows[i].s), before = s, simple = places(rows[i].simple);
        places_simplify(&s);
        if (!same(&s, &simple))
            fail_msg("\"%s\" does not become \"%s\"", rows[i].s, rows[i].simple);
        assert_true(places_within(&before, &s)); /* nothing is lost */
        assert_true(places_within(&s, &before));
        assert_int_equal(places_regions(&before), places_regions(&s));
    }
}

static void names_answer_types_and_reasons(void **state)
{
    static const char *const types[] = { "state", "date", "boolean", "integer", "choice" };
    static const char *const reasons[] = {
        "attribute_not_declared", "coded_absence",      "clearance_in_future", "clearance_expired",
        "clearance_unused",       "progress_in_future", "progress_too_old",
    };
    (void)state;
    assert_int_equal(ARRAY_LEN(types), ANSWER_TYPE_COUNT_);
    assert_int_equal(ARRAY_LEN(reasons), IGNORED_COUNT_);
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        assert_string_equal(answer_type_name((enum answer_type)i), types[i]);
    for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
        assert_string_equal(ignored_name((enum ignored_reason)i), reasons[i]);
}

RUN_TESTS(cmocka_unit_test(gives_every_region_and_side_a_place_of_its_own), cmocka_unit_test(knows_its_regions),
          cmocka_unit_test(joins), cmocka_unit_test(tells_what_lies_within_what),
          cmocka_unit_test(leaves_out_sides_of_what_stands_there_whole),
          cmocka_unit_test(names_answer_types_and_reasons))
