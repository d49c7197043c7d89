#include "test.h"

#include "domain/screening.h"
#include "domain/vocabulary.h"

enum { WORDS_REMEDY_BYTES = 512 - 13 }; /* what json_read has for a list of words behind "send one of:" */

static bool is_word(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!((s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] == '_' && i && i + 1 < s.n)))
            return false;
    return s.n > 0 && s.p[s.n] == '\0';
}

static void names_every_member_of_every_vocabulary(void **state)
{
    static const struct {
        const struct vocabulary *v;
        const char *title;
        size_t n;
    } rows[] = {
#define V(stem, prefix) { &stem##_vocabulary, #stem, prefix##_COUNT_ },
        VOCABULARY_LIST(V)
#undef V
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct vocabulary *v = rows[i].v;
        size_t listed = 0;
        assert_string_equal(v->title, rows[i].title);
        assert_int_equal(v->n, rows[i].n);
        assert_true(v->n > 1 && v->n <= 32); /* sets are words of 32 bits */
        for (size_t k = 0; k < v->n; k++) {
            if (!is_word(v->names[k]))
                fail_msg("%s %zu has no name or a bad one", v->title, k);
            if (vocabulary_find(v, v->names[k]) != (int)k)
                fail_msg("%s %zu is called as another one: %s", v->title, k, v->names[k].p);
            listed += v->names[k].n + 2;
        }
        if (listed >= WORDS_REMEDY_BYTES)
            fail_msg("the list of %s is too long for a remedy", v->title);
    }
}

static void finds_every_member_by_its_name_and_nothing_else(void **state)
{
    static const char *const others[] = { "",  " ",        "none ", "ALLOWED", "allowedx", "lef", "unknown_value",
                                          "_", "head,face" };
    (void)state;
#define V(stem, prefix)                                                                                                \
    for (int i = 0; i < prefix##_COUNT_; i++) {                                                                        \
        enum stem back = prefix##_COUNT_;                                                                              \
        struct str name = stem##_name((enum stem)i);                                                                   \
        if (!stem##_from_name(name, &back) || (int)back != i)                                                          \
            fail_msg(#stem " %d does not come back from its name", i);                                                 \
        if (vocabulary_find(&stem##_vocabulary, (struct str){ name.p, name.n - 1 }) == i)                              \
            fail_msg(#stem " %d is found by a part of its name", i);                                                   \
    }                                                                                                                  \
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {                                                                   \
        enum stem back = prefix##_COUNT_;                                                                              \
        if (stem##_from_name(str_of(others[i]), &back) || back != prefix##_COUNT_)                                     \
            fail_msg("\"%s\" is a " #stem, others[i]);                                                                 \
    }                                                                                                                  \
    assert_false(stem##_from_name((struct str){ NULL, 0 }, &(enum stem){ 0 }));
    VOCABULARY_LIST(V)
#undef V
}

/* The words of the contract, in the order that joining relies on. */
static void keeps_the_words_of_the_contract(void **state)
{
    static const struct {
        const struct vocabulary *v;
        const char *words;
    } rows[] = {
        { &verdict_vocabulary, "allowed modified needs_answers clearance_required not_allowed " },
        { &disposition_vocabulary,
          "proceed proceed_modified needs_answers clearance_required do_not_treat refer_urgently "
          "emergency " },
        { &severity_vocabulary, "caution modify clearance absolute urgent emergency " },
        { &booking_vocabulary, "book book_with_changes hold refuse " },
        { &region_vocabulary, "head face jaw neck shoulder upper_arm elbow forearm wrist_hand chest breast "
                              "upper_back mid_back lower_back "
                              "abdomen pelvis buttock hip thigh knee calf ankle_foot whole_body " },
        { &side_vocabulary, "left right both midline " },
        { &goal_vocabulary, "pain_relief relaxation stress sleep mobility posture recovery wellbeing " },
        { &sex_vocabulary, "female male other unknown " },
        { &onset_vocabulary, "sudden gradual " },
        { &cause_vocabulary, "strain posture overuse trauma stress unknown " },
        { &reaction_vocabulary, "none soreness bruising dizziness worse neurological " },
        { &finding_state_vocabulary, "present absent unknown " },
        { &unlisted_vocabulary, "unknown absent " },
        { &pressure_wish_vocabulary, "very_light light medium firm deep " },
        { &certainty_vocabulary, "high moderate low very_low expert " },
        { &fact_kind_vocabulary, "symptom condition medication procedure injury derived " },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *p = rows[i].words;
        size_t k = 0;
        for (; *p; p += strcspn(p, " ") + 1, k++)
            if (vocabulary_find(rows[i].v, (struct str){ p, strcspn(p, " ") }) != (int)k)
                fail_msg("%s %zu is not %.*s", rows[i].v->title, k, (int)strcspn(p, " "), p);
        assert_int_equal(k, rows[i].v->n);
    }
}

static void describes_every_attribute(void **state)
{
    (void)state;
    for (int a = 0; a < ATTR_COUNT_; a++) {
        const struct attribute_info *info = &attribute_table[a];
        enum attribute back = ATTR_COUNT_;
        if (!is_word(info->name) || !attribute_from_name(info->name, &back) || (int)back != a)
            fail_msg("attribute %d has no name of its own", a);
        if (info->type == VALUE_INTEGER   ? info->min < 0 || info->min >= info->max || info->max > 100000
            : info->type == VALUE_BOOLEAN ? info->min != 0 || info->max != 1
            : info->type == VALUE_REGION  ? info->min != 0 || info->max != REGION_COUNT_ - 1
            : info->type == VALUE_SIDE    ? info->min != 0 || info->max != SIDE_COUNT_ - 1
                                          : info->min != 0 || info->max != 0)
            fail_msg("%s goes from %d to %d", info->name.p, info->min, info->max);
        if (!info->unit.p || (info->unit.n && info->type != VALUE_INTEGER))
            fail_msg("the unit of %s", info->name.p);
        if (info->person && (info->type == VALUE_DATE || info->type == VALUE_REGION || info->type == VALUE_SIDE))
            fail_msg("%s is where or when a finding is, not what a person has", info->name.p);
    }
    assert_true(ATTR_COUNT_ <= 16); /* struct finding has a bit for each */
    enum attribute back = ATTR_COUNT_;
    assert_false(attribute_from_name(STR("since"), &back));
    assert_false(attribute_from_name(STR(""), &back));
    assert_false(attribute_from_name(STR("Date"), &back));
    assert_int_equal(back, ATTR_COUNT_);
}

static void bounds_attributes_as_the_contract_does(void **state)
{
    static const struct {
        enum attribute a;
        int32_t min, max;
    } rows[] = {
        { ATTR_SEVERITY, 0, 10 },  { ATTR_GRADE, 1, 5 },       { ATTR_GESTATION_WEEKS, 0, 45 }, { ATTR_STAGE, 0, 10 },
        { ATTR_SYSTOLIC, 0, 400 }, { ATTR_DIASTOLIC, 0, 300 }, { ATTR_PLATELETS, 0, 10000 },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_int_equal(attribute_table[rows[i].a].min, rows[i].min);
        assert_int_equal(attribute_table[rows[i].a].max, rows[i].max);
    }
}

static void describes_every_modification(void **state)
{
    uint32_t taken = 0;
    (void)state;
    for (int m = 0; m < MOD_COUNT_; m++) {
        const struct mod_info *info = &mod_table[m];
        enum mod_kind back = MOD_COUNT_;
        if (!is_word(info->name) || !mod_kind_from_name(info->name, &back) || (int)back != m)
            fail_msg("modification %d has no name of its own", m);
        if (info->takes > TRAIT_COUNT_ || (info->takes < TRAIT_COUNT_ && info->type != MOD_FLAG))
            fail_msg("%s takes a trait that it cannot take", info->name.p);
        if (info->takes < TRAIT_COUNT_) {
            if (taken >> info->takes & 1)
                fail_msg("%s takes what another one takes", info->name.p);
            taken |= UINT32_C(1) << info->takes;
            /* no_heat takes heat */
            assert_str(((struct str){ info->name.p + 3, info->name.n - 3 }), trait_name(info->takes));
        }
    }
    enum mod_kind back = MOD_COUNT_;
    assert_false(mod_kind_from_name(STR("no_"), &back));
    assert_false(mod_kind_from_name((struct str){ NULL, 0 }, &back));
    assert_int_equal(back, MOD_COUNT_);
}

static void points_at_findings(void **state)
{
    static const struct {
        enum finding_list list;
        uint16_t index;
        const char *pointer;
    } rows[] = {
        { LIST_SYMPTOMS, 0, "/symptoms/0" },
        { LIST_CONDITIONS, 9, "/history/conditions/9" },
        { LIST_MEDICATIONS, 10, "/history/medications/10" },
        { LIST_PROCEDURES, 499, "/history/procedures/499" },
        { LIST_INJURIES, 65535, "/history/injuries/65535" },
        { LIST_MEDICATIONS, 65535, "/history/medications/65535" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct finding f = { .list = rows[i].list, .index = rows[i].index };
        char buffer[FINDING_POINTER_BYTES];
        assert_str(finding_pointer(&f, buffer), str_of(rows[i].pointer));
    }
}

RUN_TESTS(cmocka_unit_test(names_every_member_of_every_vocabulary),
          cmocka_unit_test(finds_every_member_by_its_name_and_nothing_else),
          cmocka_unit_test(keeps_the_words_of_the_contract), cmocka_unit_test(describes_every_attribute),
          cmocka_unit_test(bounds_attributes_as_the_contract_does), cmocka_unit_test(describes_every_modification),
          cmocka_unit_test(points_at_findings))
