/* The answer's questions and course, and what it says of findings that could not be used. */
#include "test.h"

#include "wire/writing.h"

static void writes_questions_of_every_type(void **state)
{
    const struct str covers[] = { STR("a"), STR("b") }, techniques[] = { STR("swedish") };
    struct question questions[] = {
        { .fact = STR("fever"), .text = STR("?"), .could_disposition = NOT_GIVEN, .could_verdict = NOT_GIVEN },
        { .fact = STR("surgery"),
          .attribute = STR("date"),
          .label = STR("l"),
          .text = STR("?"),
          .type = ANSWER_DATE,
          .gate = true,
          .covers = { covers, 2 },
          .could_disposition = DISPOSITION_DO_NOT_TREAT,
          .could_verdict = VERDICT_NOT_ALLOWED,
          .could_techniques = { techniques, 1 },
          .could_modify = true },
        { .fact = STR("x"),
          .text = STR("?"),
          .type = ANSWER_INTEGER,
          .min = 0,
          .max = 10,
          .unit = STR("weeks"),
          .could_disposition = DISPOSITION_PROCEED,
          .could_verdict = NOT_GIVEN },
        { .fact = STR("pain_max"),
          .text = STR("?"),
          .type = ANSWER_INTEGER,
          .min = -1,
          .max = 1,
          .could_disposition = NOT_GIVEN,
          .could_verdict = VERDICT_ALLOWED },
        { .fact = STR("x"),
          .text = STR("?"),
          .type = ANSWER_CHOICE,
          .choices = &side_vocabulary,
          .min = 3,
          .max = 4,
          .unit = STR("not written"),
          .could_disposition = NOT_GIVEN,
          .could_verdict = NOT_GIVEN },
        { .fact = STR("x"),
          .text = STR("?"),
          .type = ANSWER_BOOLEAN,
          .choices = &side_vocabulary,
          .could_disposition = NOT_GIVEN,
          .could_verdict = NOT_GIVEN },
    };
    struct decision d = least();
    (void)state;
    d.questions = questions;
    d.n_questions = ARRAY_LEN(questions);
    check(&d, "{" HEAD ",'techniques':[],'warnings':[],'questions':["
              "{'fact':'fever','text':'?','type':'state','could_change':{}},"
              "{'fact':'surgery','attribute':'date','label':'l','text':'?','type':'date','gate':true,'covers'"
              ":['a','b'],"
              "'could_change':{'disposition':'do_not_treat','verdict':'not_allowed','techniques':['swedish'],"
              "'modifications':true}},"
              "{'fact':'x','text':'?','type':'integer','min':0,'max':10,'unit':'weeks','could_change':{'"
              "disposition':'proceed'}},"
              "{'fact':'pain_max','text':'?','type':'integer','min':-1,'max':1,'could_change':{'verdict':'"
              "allowed'}},"
              "{'fact':'x','text':'?','type':'choice','choices':['left','right','both','midline'],'could_"
              "change':{}},"
              "{'fact':'x','text':'?','type':'boolean','could_change':{}}],"
              "'no_course_because':'no_complaint'," EMPTY_LISTS "}");
}

static void writes_what_could_not_be_used(void **state)
{
    const struct str pointers[] = { STR("/symptoms/0"), STR("/symptoms/4") };
    struct pointed unrecognised[] = { { .pointer = STR("/symptoms/1"), .system = STR("atc"), .code = STR("Z") } };
    struct pointed outdated[] = { { .pointer = STR("/symptoms/2"), .fact = STR("fever") } };
    struct conflict conflicts[] = { { STR("fever"), FINDING_PRESENT, { pointers, 2 } } };
    struct ignored ignored[IGNORED_COUNT_];
    struct decision d = least();
    (void)state;
    for (int i = 0; i < IGNORED_COUNT_; i++)
        ignored[i] = (struct ignored){ STR("/progress/0"), (enum ignored_reason)i };
    d.unrecognised = unrecognised;
    d.outdated = outdated;
    d.conflicts = conflicts;
    d.ignored = ignored;
    d.n_unrecognised = d.n_outdated = d.n_conflicts = 1;
    d.n_ignored = IGNORED_COUNT_;
    check(&d, "{" HEAD ",'techniques':[],'warnings':[],'questions':[],'no_course_because':'no_complaint',"
              "'unrecognised':[{'pointer':'/symptoms/1','system':'atc','code':'Z'}],"
              "'outdated':[{'pointer':'/symptoms/2','fact':'fever'}],"
              "'conflicts':[{'fact':'fever','state':'present','pointers':['/symptoms/0','/symptoms/4']}],"
              "'ignored':[{'pointer':'/progress/0','reason':'attribute_not_declared'},"
              "{'pointer':'/progress/0','reason':'coded_absence'},{'pointer':'/progress/"
              "0','reason':'clearance_in_future'},"
              "{'pointer':'/progress/0','reason':'clearance_expired'},{'pointer':'/progress/"
              "0','reason':'clearance_unused'},"
              "{'pointer':'/progress/0','reason':'progress_in_future'},{'pointer':'/progress/"
              "0','reason':'progress_too_old'}]}");
}

static void writes_a_course(void **state)
{
    const struct str list[] = { STR("x"), STR("y") };
    const struct source evidence[] = { { STR("e1"), STR("A. 2020"), CERTAINTY_LOW, { NULL, 0 } } };
    struct course_phase phases[] = {
        { STR("settle"), STR("intent"), STR("only"), 3, 25, 45, 2, NULL },
        { .name = STR("keep"), .sessions = 1, .per_week = 133, .minutes = 60, .pressure = 5 }
    };
    struct course_plan full = {
        .id = STR("c1"),
        .title = STR("title"),
        .technique = STR("swedish"),
        .phases = phases,
        .n_phases = 2,
        .focus_order = { REGION_LOWER_BACK, REGION_HEAD },
        .n_focus = 2,
        .total_sessions = 4,
        .weeks = 13,
        .reassess_after_sessions = 3,
        .first_session = { true, 30, 1, STR("relaxation") },
        .replan = STR("r1"),
        .replan_say = STR("say"),
        .replan_also = { list, 1 },
        .adjustments = { list, 2 },
        .advice = { list, 1 },
        .stop_if = { list, 2 },
        .self_care = { list, 1 },
        .co_care = { list, 1 },
        .expected_change = STR("better"),
        .if_improving = STR("i"),
        .if_unchanged = STR("u"),
        .if_worse = STR("w"),
        .evidence = evidence,
        .n_evidence = 1,
        .certainty = CERTAINTY_MODERATE,
    };
    struct course_plan bare = { .id = STR("c2"),
                                .title = STR("t"),
                                .technique = STR("x"),
                                .certainty = NOT_GIVEN,
                                .first_session = { .given = true } };
    struct decision d = least();
    (void)state;
    d.no_course_because = (struct str){ NULL, 0 };
    d.course = &full;
    check(&d,
          "{" HEAD ",'techniques':[],'warnings':[],'questions':[],'course':{'id':'c1','title':'title','"
          "technique':'swedish',"
          "'phases':[{'name':'settle','sessions':3,'per_week':0.25,'minutes':45,'pressure':2,'focus':['lower_"
          "back','head'],"
          "'intent':'intent','only_if':'only'},"
          "{'name':'keep','sessions':1,'per_week':1.33,'minutes':60,'pressure':5,'focus':['lower_back','head']}"
          "],"
          "'total_sessions':4,'weeks':13,'reassess_after_sessions':3,"
          "'first_session':{'minutes':30,'pressure':1,'technique':'relaxation'},'replan':'r1','replan_message':"
          "'say',"
          "'replan_also':['x'],'adjustments':['x','y'],'advice':['x'],'stop_if':['x','y'],'self_care':['x'],'"
          "co_care':['x'],"
          "'expected_change':'better','if_improving':'i','if_unchanged':'u','if_worse':'w',"
          "'evidence':[{'id':'e1','citation':'A. 2020','certainty':'low'}],'certainty':'moderate'}," EMPTY_LISTS "}");
    d.course = &bare;
    check(&d, "{" HEAD ",'techniques':[],'warnings':[],'questions':[],'course':{'id':'c2','title':'t','technique':'"
              "x','phases':[],"
              "'total_sessions':0,'weeks':0,'reassess_after_sessions':0,'first_session':{'minutes':0,'pressure':0},"
              "'evidence':[]}," EMPTY_LISTS "}");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
RUN_TESTS(TEST(writes_questions_of_every_type), TEST(writes_what_could_not_be_used), TEST(writes_a_course))
