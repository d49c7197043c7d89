/* The generator on catalogues as small as they may be: what it makes can be read, and a seed makes it again. */
#include "rules/doc.h"

#include "generate/generate.h"
#include "wire/wire.h"

static const struct parts catalogues[] = {
    { .rules = NULL },
    { .facts = "[{'id': 'a', 'attributes': ['date', 'region'], 'valid_days': 0, 'codes': {'local': ['A1']}}]",
      .rules = "[{'id': 'r', 'when': {'>': [{'var': 'a.days_ago'}, 3]}, 'clearable_by': 'physician',"
               "  'clearance_for': ['a'], 'cleared_effect': 'allowed'},"
               " {'id': 's', 'when': {'and': [{'<': [{'var': 'age_years'}, 3]}, {'>': [{'var': 'age_years'}, 9]}]}}]" },
    { .courses = "[{'id': 'c', 'when': {'==': [{'var': 'acuity'}, 'acute']}}]",
      .adjustments = "[{'id': 'j', 'when': {'>': [{'var': 'preferences.session_minutes'}, 60]}, 'minutes_max': 30}]",
      .replanning = "[{'id': 'p', 'when': {'var': 'improved'}}]" },
};

enum { SEEDS = 2000 };

static void makes_what_can_be_read(void **state)
{
    (void)state;
    static struct someone who;
    for (size_t i = 0; i < ARRAY_LEN(catalogues); i++) {
        struct catalogue *cat = catalogue_of(catalogues[i]);
        struct people people;
        struct buf text;
        struct arena arena;
        buf_init(&text, BODY_BYTES_MAX);
        arena_init(&arena, 0);
        assert_true(people_init(&people, cat));
        for (uint64_t seed = 0; seed < SEEDS; seed++) {
            struct screening s;
            struct intake in;
            struct faults faults;
            arena_reset(&arena);
            faults_init(&faults, &arena);
            make_someone(&people, seed, cat->n_rules && seed % 3 == 0 ? 0 : ANY_RULE, &who);
            buf_reset(&text);
            write_request(&text, &who.s);
            assert_int_equal(read_screening(buf_str(&text), 0, &faults, &s, NULL), RC_OK);
            assert_int_equal(intake_build(cat, &s, &arena, &faults, &in), RC_OK);
        }
        people_done(&people);
        arena_done(&arena);
        buf_done(&text);
        catalogue_unref(cat);
    }
}

static void a_seed_makes_the_same_again(void **state)
{
    (void)state;
    static struct someone who, other;
    struct catalogue *cat = catalogue_of(catalogues[1]);
    struct people people;
    struct buf text[2];
    assert_true(people_init(&people, cat));
    buf_init(&text[0], BODY_BYTES_MAX);
    buf_init(&text[1], BODY_BYTES_MAX);
    for (uint64_t seed = 0; seed < 100; seed++) {
        make_someone(&people, seed, ANY_RULE, &who);
        make_someone(&people, seed + 1, ANY_RULE, &other);
        make_someone(&people, seed, ANY_RULE, &other);
        buf_reset(&text[0]);
        buf_reset(&text[1]);
        write_request(&text[0], &who.s);
        write_request(&text[1], &other.s);
        assert_str(buf_str(&text[0]), buf_str(&text[1]));
    }
    buf_done(&text[0]);
    buf_done(&text[1]);
    people_done(&people);
    catalogue_unref(cat);
}

RUN_TESTS(cmocka_unit_test(makes_what_can_be_read), cmocka_unit_test(a_seed_makes_the_same_again))
