/* The lists of a request: findings, clearances, progress; and what the client wishes. */
#include "test.h"

#include "wire/reading.h"

/* A body that is right but for `more`; parts of one. */
#define WITH(more)   "{'subject':{'age_years':46},'goals':['sleep']," more "}"
#define SYMPTOM(s)   WITH("'symptoms':[" s "]")
#define CLEARANCE(c) WITH("'clearances':[" c "]")
#define WISH(p)      WITH("'preferences':{" p "}")
#define PROGRESS(p)  WITH("'progress':[" p "]")

static void finds_what_is_wrong_with_a_finding(void **state)
{
    static const struct body_row rows[] = {
        { SYMPTOM("{'id':'fever'}"), "" },
        { SYMPTOM("{'system':'icd-10-cm','code':'E11.40'}"), "" },
        { SYMPTOM("{}"), "missing_member /symptoms/0" },
        { SYMPTOM("{'state':'absent'}"), "missing_member /symptoms/0" },
        { SYMPTOM("{'system':'icd-10-cm'}"), "missing_member /symptoms/0" },
        { SYMPTOM("{'code':'E11.40'}"), "missing_member /symptoms/0" },
        { SYMPTOM("{'id':'fever','code':'E11.40'}"), "conflicting_members /symptoms/0" },
        { SYMPTOM("{'id':'fever','system':'atc'}"), "conflicting_members /symptoms/0" },
        { SYMPTOM("{'id':'fever','system':'atc','code':'B01AF01'}"), "conflicting_members /symptoms/0" },
        { SYMPTOM("{'id':null}"), "wrong_type /symptoms/0/id" },
        { SYMPTOM("{'id':null,'system':'atc','code':'B01'}"),
          "wrong_type /symptoms/0/id, conflicting_members /symptoms/0" },
        { SYMPTOM("{'id':''}"), "out_of_range /symptoms/0/id" },
        { SYMPTOM("{'id':['fever']}"), "wrong_type /symptoms/0/id" },
        { SYMPTOM("{'system':'','code':''}"), "out_of_range /symptoms/0/system, out_of_range /symptoms/0/code" },
        { SYMPTOM("{'system':1,'code':2}"), "wrong_type /symptoms/0/system, wrong_type /symptoms/0/code" },
        { SYMPTOM("'fever'"), "wrong_type /symptoms/0" },
        { SYMPTOM("null"), "wrong_type /symptoms/0" },
        { SYMPTOM("[]"), "wrong_type /symptoms/0" },
        { SYMPTOM("{'id':'fever','state':'present'},{'id':'fever','state':'unknown'}"), "" },
        { SYMPTOM("{'id':'fever','state':'yes'}"), "unknown_value /symptoms/0/state" },
        { SYMPTOM("{'id':'fever','state':true}"), "wrong_type /symptoms/0/state" },
        { SYMPTOM("{'id':'fever','state':null}"), "wrong_type /symptoms/0/state" },
        { SYMPTOM("{'id':'fever','name':'x'}"), "unknown_member /symptoms/0/name" },
        { SYMPTOM("{'id':'fever','date':'2026-11-20','since':'2026-11-20'}"), "" },
        { SYMPTOM("{'id':'fever','date':'2026-11-21'}"), "date_in_future /symptoms/0/date" },
        { SYMPTOM("{'id':'fever','since':'2026-11-21'}"), "date_in_future /symptoms/0/since" },
        { SYMPTOM("{'id':'fever','date':'2026-11-31'}"), "invalid_date /symptoms/0/date" },
        { SYMPTOM("{'id':'fever','since':'last week'}"), "invalid_date /symptoms/0/since" },
        { SYMPTOM("{'id':'fever','date':null,'since':null}"),
          "wrong_type /symptoms/0/date, wrong_type /symptoms/0/since" },
        { SYMPTOM("{'id':'fever','region':'neck','side':'left'}"), "" },
        { SYMPTOM("{'id':'fever','region':'nek','side':'l'}"),
          "unknown_value /symptoms/0/region, unknown_value /symptoms/0/side" },
        { SYMPTOM("{'id':'fever','region':3,'side':null}"),
          "wrong_type /symptoms/0/region, wrong_type /symptoms/0/side" },
        { SYMPTOM("{'id':'fever','controlled':true},{'id':'fever','controlled':false}"), "" },
        { SYMPTOM("{'id':'fever','controlled':1}"), "wrong_type /symptoms/0/controlled" },
        { SYMPTOM("{'id':'fever','controlled':'yes'}"), "wrong_type /symptoms/0/controlled" },
        { WITH("'symptoms':[{'id':'x'},{'id':'y','since':'2030-01-01'}],'as_of':'2031-01-01'"), "" },
        { WITH("'symptoms':[{'id':'x','date':'2026-01-02'}],'as_of':'2026-01-01'"), "date_in_future /symptoms/0/date" },
        { WITH("'symptoms':[{'id':'x','date':'2026-01-02'}],'as_of':'x'"), "invalid_date /as_of" },
        { WITH("'symptoms':{}"), "wrong_type /symptoms" },
        { WITH("'history':{'conditions':[{'id':'x'}],'medications':[{'id':'x'}],'procedures':[{'id':'x'}],"
               "'injuries':[{'id':'x'}]}"),
          "" },
        { WITH("'history':[]"), "wrong_type /history" },
        { WITH("'history':{'symptoms':[]}"), "unknown_member /history/symptoms" },
        { WITH("'history':{'conditions':{}}"), "wrong_type /history/conditions" },
        { WITH("'history':{'conditions':null,'medications':null}"),
          "wrong_type /history/conditions, wrong_type /history/medications" },
        { WITH("'history':{'conditions':[{}],'medications':[{'id':1}],'procedures':[{'id':'x','date':'2027-"
               "01-01'}],"
               "'injuries':[null,{'id':'x'},{'id':'x','severity':11}]}"),
          "missing_member /history/conditions/0, wrong_type /history/medications/0/id, "
          "date_in_future /history/procedures/0/date, wrong_type /history/injuries/0, "
          "out_of_range /history/injuries/2/severity" },
    };
    (void)state;
    check_bodies(rows, ARRAY_LEN(rows));
}

static void finds_what_is_wrong_with_clearances_wishes_and_progress(void **state)
{
    static const struct body_row rows[] = {
        { CLEARANCE("{'for':'osteoporosis','by':'physician','date':'2026-11-01'}"), "" },
        { CLEARANCE("{'for':'osteoporosis','by':'guardian','date':'2027-11-01'}"),
          "" }, /* ignored later, with a reason */
        { CLEARANCE("{}"), "missing_member /clearances/0/for, missing_member /clearances/0/by, "
                           "missing_member /clearances/0/date" },
        { CLEARANCE("{'for':'','by':'nurse','date':'x'}"),
          "out_of_range /clearances/0/for, unknown_value /clearances/0/by, invalid_date /clearances/0/date" },
        { CLEARANCE("{'for':null,'by':null,'date':null}"),
          "wrong_type /clearances/0/for, wrong_type /clearances/0/by, wrong_type /clearances/0/date" },
        { CLEARANCE("{'for':'x','by':'surgeon','date':'2026-11-01','rule':'y'}"), "unknown_member /clearances/0/rule" },
        { CLEARANCE("'x'"), "wrong_type /clearances/0" },
        { WITH("'clearances':{}"), "wrong_type /clearances" },
        { WISH("'pressure':'firm','techniques':['swedish'],'session_minutes':60,'sessions_per_week_max':2"), "" },
        { WISH("'pressure':'hard'"), "unknown_value /preferences/pressure" },
        { WISH("'pressure':3"), "wrong_type /preferences/pressure" },
        { WISH("'techniques':[]"), "" },
        { WISH("'techniques':'swedish'"), "wrong_type /preferences/techniques" },
        { WISH("'techniques':['',null,'x',{}]"),
          "out_of_range /preferences/techniques/0, wrong_type /preferences/techniques/1, wrong_type "
          "/preferences/techniques/3" },
        { WISH("'session_minutes':1"), "" },
        { WISH("'session_minutes':480"), "" },
        { WISH("'session_minutes':0"), "out_of_range /preferences/session_minutes" },
        { WISH("'session_minutes':481"), "out_of_range /preferences/session_minutes" },
        { WISH("'session_minutes':60.5"), "wrong_type /preferences/session_minutes" },
        { WISH("'session_minutes':null"), "wrong_type /preferences/session_minutes" },
        { WISH("'sessions_per_week_max':0.25"), "" },
        { WISH("'sessions_per_week_max':1.5"), "" },
        { WISH("'sessions_per_week_max':14"), "" },
        { WISH("'sessions_per_week_max':0.24"), "out_of_range /preferences/sessions_per_week_max" },
        { WISH("'sessions_per_week_max':0"), "out_of_range /preferences/sessions_per_week_max" },
        { WISH("'sessions_per_week_max':14.01"), "out_of_range /preferences/sessions_per_week_max" },
        { WISH("'sessions_per_week_max':1.333"), "wrong_type /preferences/sessions_per_week_max" },
        { WISH("'sessions_per_week_max':'2'"), "wrong_type /preferences/sessions_per_week_max" },
        { WISH("'gender':'x'"), "unknown_member /preferences/gender" },
        { WITH("'preferences':[]"), "wrong_type /preferences" },
        { PROGRESS("{'date':'2026-11-10','technique':'swedish','minutes':60,'pain_before':10,'pain_after':0,'"
                   "reaction':'none'}"),
          "" },
        { PROGRESS("{'date':'2027-11-10'}"), "" }, /* ignored later, with a reason */
        { PROGRESS("{}"), "missing_member /progress/0/date" },
        { PROGRESS("{'date':'yesterday'}"), "invalid_date /progress/0/date" },
        { PROGRESS("{'date':'2026-11-10','technique':''}"), "out_of_range /progress/0/technique" },
        { PROGRESS("{'date':'2026-11-10','technique':null}"), "wrong_type /progress/0/technique" },
        { PROGRESS("{'date':'2026-11-10','minutes':1},{'date':'2026-11-10','minutes':480}"), "" },
        { PROGRESS("{'date':'2026-11-10','minutes':0},{'date':'2026-11-10','minutes':481}"),
          "out_of_range /progress/0/minutes, out_of_range /progress/1/minutes" },
        { PROGRESS("{'date':'2026-11-10','pain_before':-1,'pain_after':11}"),
          "out_of_range /progress/0/pain_before, out_of_range /progress/0/pain_after" },
        { PROGRESS("{'date':'2026-11-10','pain_before':'6','pain_after':null}"),
          "wrong_type /progress/0/pain_before, wrong_type /progress/0/pain_after" },
        { PROGRESS("{'date':'2026-11-10','reaction':'fine'}"), "unknown_value /progress/0/reaction" },
        { PROGRESS("{'date':'2026-11-10','note':'x'}"), "unknown_member /progress/0/note" },
        { PROGRESS("[]"), "wrong_type /progress/0" },
        { WITH("'progress':{'date':'2026-11-10'}"), "wrong_type /progress" },
    };
    (void)state;
    check_bodies(rows, ARRAY_LEN(rows));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
RUN_TESTS(TEST(finds_what_is_wrong_with_a_finding), TEST(finds_what_is_wrong_with_clearances_wishes_and_progress))
