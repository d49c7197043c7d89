/* The answer's head, its techniques and its warnings. */
#include "test.h"

#include "alloc.h"
#include "wire/writing.h"

static struct places place(enum region region, int side)
{
    struct places s = { 0 };
    places_add(&s, place_of(region, side));
    return s;
}

static void writes_the_least_answer(void **state)
{
    struct decision d = least();
    (void)state;
    check(&d,
          "{" HEAD ",'techniques':[],'warnings':[],'questions':[],'no_course_because':'no_complaint'," EMPTY_LISTS "}");
    d.ref = STR("bk \"7741\"\n");
    d.no_course_reason = STR("a sentence");
    d.complete = false;
    d.disposition = DISPOSITION_EMERGENCY;
    d.booking = BOOKING_REFUSE;
    d.as_of = -719162;
    check(&d, "{'ref':'bk \\u00227741\\u0022\\n','as_of':'0001-01-01','catalogue':{'version':'7','digest':'abc'},"
              "'disposition':'emergency','booking':'refuse','complete':false,'techniques':[],'warnings':[],'"
              "questions':[],"
              "'no_course_because':'no_complaint','no_course_reason':'a sentence'," EMPTY_LISTS "}");
}

static void writes_every_kind_of_modification(void **state)
{
    struct places knees = place(REGION_KNEE, SIDE_RIGHT), neck = place(REGION_NECK, NOT_GIVEN);
    places_add(&knees, place_of(REGION_KNEE, SIDE_LEFT));
    places_add(&knees, place_of(REGION_HEAD, NOT_GIVEN));
    const struct modification mods[] = {
        { .kind = MOD_MAX_PRESSURE, .number = 2 },
        { .kind = MOD_MAX_MINUTES, .number = 0 },
        { .kind = MOD_MAX_PRESSURE, .number = 1, .places = neck },
        { .kind = MOD_AVOID_REGION, .places = neck },
        { .kind = MOD_AVOID_REGION, .places = knees },
        { .kind = MOD_AVOID_REGION, .place_unknown = true },
        { .kind = MOD_AVOID_REGION, .places = neck, .place_unknown = true },
        { .kind = MOD_POSITION, .option = STR("side_lying") },
        { .kind = MOD_NO_HEAT },
        { .kind = MOD_NO_HEAT, .places = knees },
    };
    const struct str because[] = { STR("rule_1"), STR("rule_2") };
    struct technique_verdict techniques[] = {
        { .code = STR("swedish"),
          .name = STR("Swedish massage"),
          .verdict = VERDICT_MODIFIED,
          .could_become = VERDICT_NOT_ALLOWED,
          .modifications = mods,
          .n_modifications = ARRAY_LEN(mods),
          .because = { because, 2 },
          .earliest_date = DATE_NOT_GIVEN },
        { .code = STR("x"), .name = STR("y") },
    };
    struct decision d = least();
    (void)state;
    d.techniques = techniques;
    d.n_techniques = ARRAY_LEN(techniques);
    check(&d, "{" HEAD ",'techniques':[{'code':'swedish','name':'Swedish massage','verdict':'modified',"
              "'could_become':'not_allowed','modifications':["
              "{'kind':'max_pressure','value':2},{'kind':'max_minutes','value':0},"
              "{'kind':'max_pressure','value':1,'regions':['neck']},"
              "{'kind':'avoid_region','value':['neck']},"
              "{'kind':'avoid_region','value':['head','knee'],'places':[{'region':'head'},{'region':'knee','"
              "side':'left'},"
              "{'region':'knee','side':'right'}]},"
              "{'kind':'avoid_region','value':['where_found']},"
              "{'kind':'avoid_region','value':['neck','where_found']},"
              "{'kind':'position','value':'side_lying'},"
              "{'kind':'no_heat','value':true},"
              "{'kind':'no_heat','value':true,'regions':['head','knee'],'places':[{'region':'head'},"
              "{'region':'knee','side':'left'},{'region':'knee','side':'right'}]}],"
              "'because':['rule_1','rule_2']},"
              "{'code':'x','name':'y','verdict':'allowed','could_become':'allowed','modifications':[],'"
              "because':[]}],"
              "'warnings':[],'questions':[],'no_course_because':'no_complaint'," EMPTY_LISTS "}");
}

static void writes_warnings_with_what_they_have(void **state)
{
    const struct source evidence[] = { { STR("e1"), STR("A. 2020"), CERTAINTY_VERY_LOW, STR("https://doi.org/1") },
                                       { STR("e2"), STR("B. 2021"), CERTAINTY_EXPERT, { NULL, 0 } } };
    const struct str triggered[] = { STR("/symptoms/0"), STR("/subject/age_years") },
                     cleared[] = { STR("/clearances/0") };
    const struct str facts[] = { STR("cancer"), STR("surgery") };
    struct warning warnings[] = {
        { .code = STR("least"), .disposition = NOT_GIVEN, .message = STR("m"), .certainty = NOT_GIVEN },
        { .code = STR("most"),
          .severity = SEVERITY_URGENT,
          .effect = VERDICT_NOT_ALLOWED,
          .disposition = DISPOSITION_REFER_URGENTLY,
          .places = place(REGION_CALF, SIDE_LEFT),
          .regional = true,
          .cleared = true,
          .message = STR("message"),
          .note = STR("note"),
          .action = STR("action"),
          .rationale = STR("rationale"),
          .evidence = evidence,
          .n_evidence = 2,
          .certainty = CERTAINTY_HIGH,
          .triggered_by = { triggered, 2 },
          .cleared_by = { cleared, 1 },
          .clearable_by = STR("physician"),
          .clearance_for = { facts, 2 } },
        { .code = STR("regional"),
          .disposition = DISPOSITION_PROCEED,
          .regional = true,
          .message = STR("m"),
          .certainty = NOT_GIVEN,
          .cleared_by = { cleared, 1 } }, /* not cleared: not written */
    };
    struct decision d = least();
    (void)state;
    d.warnings = warnings;
    d.n_warnings = ARRAY_LEN(warnings);
    check(&d, "{" HEAD ",'techniques':[],'warnings':["
              "{'code':'least','severity':'caution','effect':'allowed','scope':'systemic','message':'m','"
              "evidence':[],"
              "'triggered_by':[]},"
              "{'code':'most','severity':'urgent','effect':'not_allowed','disposition':'refer_urgently','scope':'"
              "regional',"
              "'regions':['calf'],'places':[{'region':'calf','side':'left'}],'message':'message','note':'note','"
              "action':'action',"
              "'rationale':'rationale','evidence':[{'id':'e1','citation':'A. 2020','certainty':'very_low',"
              "'url':'https://doi.org/1'},{'id':'e2','citation':'B. "
              "2021','certainty':'expert'}],'certainty':'high',"
              "'triggered_by':['/symptoms/0','/subject/age_years'],'cleared':true,'cleared_by':['/clearances/0'],"
              "'clearable_by':'physician','clearance_for':['cancer','surgery']},"
              "{'code':'regional','severity':'caution','effect':'allowed','disposition':'proceed','scope':'"
              "regional',"
              "'regions':[],'message':'m','evidence':[],'triggered_by':[]}],"
              "'questions':[],'no_course_because':'no_complaint'," EMPTY_LISTS "}");
}

static void fails_at_the_ceiling_and_without_memory(void **state)
{
    struct decision d = least();
    (void)state;
    write_decision(&buf, &d);
    size_t whole = buf.n;
    for (size_t ceiling = 0; ceiling <= whole + 1; ceiling++) {
        buf_done(&buf);
        buf_init(&buf, ceiling);
        write_decision(&buf, &d);
        if (buf.failed != (ceiling < whole) || buf.n > ceiling)
            fail_msg("%zu bytes with a ceiling of %zu", whole, ceiling);
    }
    buf_done(&buf);
    alloc_fail_at(1);
    write_decision(&buf, &d);
    alloc_fail_at(0);
    assert_true(buf.failed);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
RUN_TESTS(TEST(writes_the_least_answer), TEST(writes_every_kind_of_modification),
          TEST(writes_warnings_with_what_they_have), TEST(fails_at_the_ceiling_and_without_memory))
