/* What is wrong with a request is found in one pass, each with its place. */
#include "test.h"

#include "wire/reading.h"

/* A body that is right but for `more`; parts of one. */
#define WITH(more)   "{'subject':{'age_years':46},'goals':['sleep']," more "}"
#define SUBJECT(s)   "{'subject':" s ",'goals':['sleep']}"
#define COMPLAINT(c) "{'subject':{'age_years':46},'complaints':[" c "]}"

static void finds_what_is_wrong_with_the_whole(void **state)
{
    static const struct body_row rows[] = {
        { "{'subject':{'age_years':46},'goals':['sleep']}", "" },
        { "{'subject':{'age_years':46},'complaints':[{'region':'neck'}]}", "" },
        { "{}", "missing_member /subject, missing_member /complaints" },
        { "[]", "wrong_type " },
        { "null", "wrong_type " },
        { "'text'", "wrong_type " },
        { "17", "wrong_type " },
        { "{'subject':{'age_years':46}}", "missing_member /complaints" },
        { "{'subject':{'age_years':46},'complaints':[]}", "missing_member /complaints" },
        { "{'subject':{'age_years':46},'goals':[]}", "missing_member /complaints" },
        { "{'subject':{'age_years':46},'complaints':[],'goals':[]}", "missing_member /complaints" },
        { "{'goals':['sleep']}", "missing_member /subject" },
        { "{'subject':null,'goals':['sleep']}", "wrong_type /subject" },
        { WITH("'extra':1"), "unknown_member /extra" },
        { WITH("'Symptoms':[]"), "unknown_member /Symptoms" },
        { WITH("'a/b~c':1"), "unknown_member /a~1b~0c" },
        { WITH("'':1"), "unknown_member /" },
        { WITH("'extra':1,'more':{'deep':[]}"), "unknown_member /extra, unknown_member /more" },
        { WITH("'symptoms':[],'history':{},'clearances':[],'preferences':{},'progress':[],'complaints':[]"), "" },
        { WITH("'symptoms':null"), "wrong_type /symptoms" },
        { WITH("'history':null"), "wrong_type /history" },
        { WITH("'clearances':null"), "wrong_type /clearances" },
        { WITH("'preferences':null"), "wrong_type /preferences" },
        { WITH("'progress':null"), "wrong_type /progress" },
        { WITH("'complaints':null"), "wrong_type /complaints" },
        { WITH("'unlisted':null"), "wrong_type /unlisted" },
        { WITH("'as_of':null"), "wrong_type /as_of" },
        { WITH("'unlisted':'absent'"), "" },
        { WITH("'unlisted':'present'"), "unknown_value /unlisted" },
        { WITH("'unlisted':true"), "wrong_type /unlisted" },
        { WITH("'as_of':'2026-11-20'"), "" },
        { WITH("'as_of':'9999-12-31'"), "" },
        { WITH("'as_of':'2026-02-30'"), "invalid_date /as_of" },
        { WITH("'as_of':'today'"), "invalid_date /as_of" },
        { WITH("'as_of':20261120"), "wrong_type /as_of" },
    };
    (void)state;
    check_bodies(rows, ARRAY_LEN(rows));
}

static void finds_what_is_wrong_with_the_subject(void **state)
{
    static const struct body_row rows[] = {
        { SUBJECT("{'age_years':0}"), "" },
        { SUBJECT("{'age_years':1}"), "" },
        { SUBJECT("{'age_years':129}"), "" },
        { SUBJECT("{'age_years':130}"), "" },
        { SUBJECT("{'age_years':131}"), "out_of_range /subject/age_years" },
        { SUBJECT("{'age_years':-1}"), "out_of_range /subject/age_years" },
        { SUBJECT("{'age_years':46.0}"), "" },
        { SUBJECT("{'age_years':46.5}"), "wrong_type /subject/age_years" },
        { SUBJECT("{'age_years':1e300}"), "out_of_range /subject/age_years" },
        { SUBJECT("{'age_years':65582}"), "out_of_range /subject/age_years" }, /* 46, when cut to 16 bits */
        { SUBJECT("{'age_years':'46'}"), "wrong_type /subject/age_years" },
        { SUBJECT("{'age_years':null}"), "wrong_type /subject/age_years" },
        { SUBJECT("{'age_years':true}"), "wrong_type /subject/age_years" },
        { SUBJECT("{}"), "missing_member /subject/age_years" },
        { SUBJECT("{'age':46}"), "unknown_member /subject/age, missing_member /subject/age_years" },
        { SUBJECT("[]"), "wrong_type /subject" },
        { SUBJECT("46"), "wrong_type /subject" },
        { SUBJECT("{'age_years':46,'sex':'female'}"), "" },
        { SUBJECT("{'age_years':46,'sex':'unknown'}"), "" },
        { SUBJECT("{'age_years':46,'sex':'f'}"), "unknown_value /subject/sex" },
        { SUBJECT("{'age_years':46,'sex':''}"), "unknown_value /subject/sex" },
        { SUBJECT("{'age_years':46,'sex':null}"), "wrong_type /subject/sex" },
        { SUBJECT("{'age_years':46,'sex':1}"), "wrong_type /subject/sex" },
        { SUBJECT("{'age_years':46,'ref':'x'}"), "" },
        { SUBJECT("{'age_years':46,'ref':''}"), "out_of_range /subject/ref" },
        { SUBJECT("{'age_years':46,'ref':7741}"), "wrong_type /subject/ref" },
        { SUBJECT("{'age_years':46,'ref':null}"), "wrong_type /subject/ref" },
        { SUBJECT("{'age_years':200,'ref':'','sex':'x','name':'y'}"),
          "unknown_member /subject/name, out_of_range /subject/ref, out_of_range /subject/age_years, "
          "unknown_value /subject/sex" },
    };
    (void)state;
    check_bodies(rows, ARRAY_LEN(rows));
}

static void finds_what_is_wrong_with_complaints_and_goals(void **state)
{
    static const struct body_row rows[] = {
        { COMPLAINT("{'region':'neck','side':'left','pain':0,'onset':'sudden','cause':'strain','duration_days':0,"
                    "'radiates_to':[]}"),
          "" },
        { COMPLAINT("{'region':'whole_body','pain':10,'duration_days':36525,'radiates_to':['head','head']}"), "" },
        { COMPLAINT("{}"), "missing_member /complaints/0/region" },
        { COMPLAINT("{'region':'back'}"), "unknown_value /complaints/0/region" },
        { COMPLAINT("{'region':null}"), "wrong_type /complaints/0/region" },
        { COMPLAINT("{'region':'neck','side':'up'}"), "unknown_value /complaints/0/side" },
        { COMPLAINT("{'region':'neck','side':null}"), "wrong_type /complaints/0/side" },
        { COMPLAINT("{'region':'neck','pain':-1}"), "out_of_range /complaints/0/pain" },
        { COMPLAINT("{'region':'neck','pain':11}"), "out_of_range /complaints/0/pain" },
        { COMPLAINT("{'region':'neck','pain':5.5}"), "wrong_type /complaints/0/pain" },
        { COMPLAINT("{'region':'neck','pain':'5'}"), "wrong_type /complaints/0/pain" },
        { COMPLAINT("{'region':'neck','pain':262}"), "out_of_range /complaints/0/pain" }, /* 6, when cut to 8 bits */
        { COMPLAINT("{'region':'neck','onset':'slow'}"), "unknown_value /complaints/0/onset" },
        { COMPLAINT("{'region':'neck','cause':'fall'}"), "unknown_value /complaints/0/cause" },
        { COMPLAINT("{'region':'neck','cause':['strain']}"), "wrong_type /complaints/0/cause" },
        { COMPLAINT("{'region':'neck','duration_days':-1}"), "out_of_range /complaints/0/duration_days" },
        { COMPLAINT("{'region':'neck','duration_days':36526}"), "out_of_range /complaints/0/duration_days" },
        { COMPLAINT("{'region':'neck','duration_days':'90'}"), "wrong_type /complaints/0/duration_days" },
        { COMPLAINT("{'region':'neck','radiates_to':'head'}"), "wrong_type /complaints/0/radiates_to" },
        { COMPLAINT("{'region':'neck','radiates_to':['head','tail',3]}"),
          "unknown_value /complaints/0/radiates_to/1, wrong_type /complaints/0/radiates_to/2" },
        { COMPLAINT("{'region':'neck','severity':5}"), "unknown_member /complaints/0/severity" },
        { COMPLAINT("null"), "wrong_type /complaints/0" },
        { COMPLAINT("[]"), "wrong_type /complaints/0" },
        { COMPLAINT("'neck'"), "wrong_type /complaints/0" },
        { COMPLAINT("{'region':'neck'},{'region':'nek'},{'pain':11}"),
          "unknown_value /complaints/1/region, missing_member /complaints/2/region, out_of_range "
          "/complaints/2/pain" },
        { "{'subject':{'age_years':46},'complaints':{'region':'neck'}}",
          "wrong_type /complaints, missing_member /complaints" },
        { "{'subject':{'age_years':46},'goals':'sleep'}", "wrong_type /goals, missing_member /complaints" },
        { "{'subject':{'age_years':46},'goals':['sleep','sleep']}", "" },
        { "{'subject':{'age_years':46},'goals':['Sleep']}", "unknown_value /goals/0" },
        { "{'subject':{'age_years':46},'goals':['sleep',null,'x','']}",
          "wrong_type /goals/1, unknown_value /goals/2, unknown_value /goals/3" },
    };
    (void)state;
    check_bodies(rows, ARRAY_LEN(rows));
}

static void finds_faults_in_every_part_at_once(void **state)
{
    static const struct body_row rows[] = {
        { "{'subject':{'age_years':-1},'complaints':[{'region':'x'}],'goals':['x'],'symptoms':[{}],"
          "'history':{'injuries':[{}]},'clearances':[{'for':'a','by':'x','date':'2026-01-01'}],'preferences':"
          "{'pressure':0},"
          "'progress':[{}],'unlisted':'x','as_of':'x','more':1}",
          "unknown_member /more, invalid_date /as_of, unknown_value /unlisted, out_of_range "
          "/subject/age_years, "
          "unknown_value /complaints/0/region, unknown_value /goals/0, missing_member /symptoms/0, "
          "missing_member /history/injuries/0, unknown_value /clearances/0/by, wrong_type "
          "/preferences/pressure, "
          "missing_member /progress/0/date" },
        { "{'subject':[],'complaints':1,'goals':2,'symptoms':3,'history':4,'clearances':5,'preferences':6,'"
          "progress':7,"
          "'unlisted':8,'as_of':9}",
          "wrong_type /as_of, wrong_type /unlisted, wrong_type /subject, wrong_type /complaints, wrong_type "
          "/goals, "
          "wrong_type /symptoms, wrong_type /history, wrong_type /clearances, wrong_type /preferences, "
          "wrong_type /progress, "
          "missing_member /complaints" },
    };
    (void)state;
    check_bodies(rows, ARRAY_LEN(rows));
    assert_string_equal(err.text, "the request has 11 faults");
    (void)read_quoted("{'subject':{'age_years':46},'goals':['x']}");
    assert_string_equal(err.text, "the request has 1 fault");
}

static void tells_text_that_is_no_json_from_a_request_that_is_wrong(void **state)
{
    static const char *const rows[] = {
        "",
        "{",
        "{'subject':{'age_years':46},'goals':['sleep']} x",
        "{'subject':{'age_years':46,'age_years':46},'goals':['sleep']}",
        "{'subject':{'age_years':46},'goals':['sleep'],'goals':['sleep']}",
        "{'subject':{'age_years':1e999},'goals':['sleep']}",
        "{'subject':{'age_years':46,'ref':'\\u0000'},'goals':['sleep']}",
        "{'subject':{'age_years':46},'goals':['sleep'],}",
        "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (read_quoted(rows[i]) != RC_MALFORMED_JSON || err.code != RC_MALFORMED_JSON || faults.total)
            fail_msg("row %zu, %s: %s, %zu faults", i, rows[i], rc_name(err.code), faults.total);
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
RUN_TESTS(TEST(finds_what_is_wrong_with_the_whole), TEST(finds_what_is_wrong_with_the_subject),
          TEST(finds_what_is_wrong_with_complaints_and_goals),

          TEST(finds_faults_in_every_part_at_once), TEST(tells_text_that_is_no_json_from_a_request_that_is_wrong))
