/* What a request says arrives, and only there. */
#include "test.h"

#include "wire/reading.h"

static const char everything[] =
    "{'subject':{'ref':'bk-7741 \\u00e9','age_years':46,'sex':'female'},"
    "'complaints':[{'region':'lower_back','side':'both','pain':6,'onset':'gradual','duration_days':90,'cause'"
    ":'posture',"
    "'radiates_to':['buttock']},{'region':'whole_body','side':'midline','pain':0,'onset':'sudden','duration_"
    "days':0,"
    "'cause':'unknown'},{'region':'head'}],"
    "'goals':['pain_relief','sleep','wellbeing'],"
    "'symptoms':[{'id':'saddle_numbness','state':'absent'},{'id':'fever','state':'unknown','since':'2026-11-"
    "20'}],"
    "'history':{"
    "'conditions':[{'id':'osteoporosis'},{'system':'icd-10-cm','code':'E11.40'}],"
    "'medications':[{'system':'atc','code':'B01AF01','state':'present'}],"
    "'procedures':[{'id':'spinal_surgery','date':'2026-06-01','since':'2026-05-01','region':'lower_back','"
    "side':'left',"
    "'severity':10,'grade':1,'controlled':true,'gestation_weeks':45,'stage':0,'systolic':400,'diastolic':0,"
    "'platelets':10000}],"
    "'injuries':[{'id':'muscle_strain','controlled':false,'date':'1970-01-01'}]},"
    "'clearances':[{'for':'osteoporosis','by':'physician','date':'2026-11-01'},{'for':'x','by':'guardian','"
    "date':'2027-01-01'}],"
    "'preferences':{'pressure':'firm','techniques':['deep_tissue','swedish'],'session_minutes':480,"
    "'sessions_per_week_max':2.5},"
    "'progress':[{'date':'2026-11-10','technique':'swedish','minutes':60,'pain_before':6,'pain_after':4,'"
    "reaction':'none'},"
    "{'date':'2026-11-12'}],"
    "'unlisted':'absent','as_of':'2026-11-20'}";

static void reads_everything_that_may_be_said(void **state)
{
    (void)state;
    if (read_quoted(everything) != RC_OK)
        fail_msg("%s: %s", err.text, found());
    const struct screening *s = &screening;
    assert_str(s->ref, STR("bk-7741 \xC3\xA9"));
    assert_int_equal(s->age_years, 46);
    assert_int_equal(s->sex, SEX_FEMALE);
    assert_int_equal(s->n_complaints, 3);
    assert_int_equal(s->goals, 1u << GOAL_PAIN_RELIEF | 1u << GOAL_SLEEP | 1u << GOAL_WELLBEING);
    assert_int_equal(s->n_findings, 7);
    assert_int_equal(s->n_clearances, 2);
    assert_int_equal(s->pressure_wish, PRESSURE_FIRM);
    assert_int_equal(s->n_wishes, 2);
    assert_str(s->wishes[0], STR("deep_tissue"));
    assert_str(s->wishes[1], STR("swedish"));
    assert_int_equal(s->session_minutes, 480);
    assert_int_equal(s->per_week_max, 250);
    assert_int_equal(s->n_progress, 2);
    assert_int_equal(s->unlisted, UNLISTED_ABSENT);
    assert_int_equal(s->as_of, 20777);
}

static void reads_complaints(void **state)
{
    static const struct complaint rows[] = {
        { REGION_LOWER_BACK, SIDE_BOTH, 6, ONSET_GRADUAL, CAUSE_POSTURE, 90 },
        { REGION_WHOLE_BODY, SIDE_MIDLINE, 0, ONSET_SUDDEN, CAUSE_UNKNOWN, 0 },
        { REGION_HEAD, NOT_GIVEN, NOT_GIVEN, NOT_GIVEN, NOT_GIVEN, NOT_GIVEN },
    };
    (void)state;
    assert_int_equal(read_quoted(everything), RC_OK);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct complaint *c = &screening.complaints[i], *want = &rows[i];
        if (c->region != want->region || c->side != want->side || c->pain != want->pain || c->onset != want->onset ||
            c->cause != want->cause || c->duration_days != want->duration_days)
            fail_msg("complaint %zu", i);
    }
}

static void reads_findings_with_their_lists(void **state)
{
    static const struct {
        enum finding_list list;
        uint16_t index;
        const char *id, *system, *code;
        enum finding_state state;
        unsigned has;
        int32_t since;
    } rows[] = {
        { LIST_SYMPTOMS, 0, "saddle_numbness", NULL, NULL, FINDING_ABSENT, 0, DATE_NOT_GIVEN },
        { LIST_SYMPTOMS, 1, "fever", NULL, NULL, FINDING_UNKNOWN, 0, 20777 },
        { LIST_CONDITIONS, 0, "osteoporosis", NULL, NULL, FINDING_PRESENT, 0, DATE_NOT_GIVEN },
        { LIST_CONDITIONS, 1, NULL, "icd-10-cm", "E11.40", FINDING_PRESENT, 0, DATE_NOT_GIVEN },
        { LIST_MEDICATIONS, 0, NULL, "atc", "B01AF01", FINDING_PRESENT, 0, DATE_NOT_GIVEN },
        { LIST_PROCEDURES, 0, "spinal_surgery", NULL, NULL, FINDING_PRESENT, (1u << ATTR_COUNT_) - 1, 20574 },
        { LIST_INJURIES, 0, "muscle_strain", NULL, NULL, FINDING_PRESENT, 1u << ATTR_CONTROLLED | 1u << ATTR_DATE,
          DATE_NOT_GIVEN },
    };
    static const int32_t values[ATTR_COUNT_] = {
        [ATTR_DATE] = 20605,
        [ATTR_REGION] = REGION_LOWER_BACK,
        [ATTR_SIDE] = SIDE_LEFT,
        [ATTR_SEVERITY] = 10,
        [ATTR_GRADE] = 1,
        [ATTR_CONTROLLED] = 1,
        [ATTR_GESTATION_WEEKS] = 45,
        [ATTR_STAGE] = 0,
        [ATTR_SYSTOLIC] = 400,
        [ATTR_DIASTOLIC] = 0,
        [ATTR_PLATELETS] = 10000,
    };
    (void)state;
    assert_int_equal(read_quoted(everything), RC_OK);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct finding *f = &screening.findings[i];
        if (f->list != rows[i].list || f->index != rows[i].index || f->state != rows[i].state ||
            f->has != rows[i].has || f->since != rows[i].since)
            fail_msg("finding %zu: list %d, index %u, state %d, attributes %x, since %d", i, (int)f->list,
                     (unsigned)f->index, (int)f->state, (unsigned)f->has, f->since);
        assert_str(f->id, str_of(rows[i].id));
        assert_str(f->system, str_of(rows[i].system));
        assert_str(f->code, str_of(rows[i].code));
        assert_true(!f->id.p == !rows[i].id && !f->system.p == !rows[i].system && !f->code.p == !rows[i].code);
    }
    for (int a = 0; a < ATTR_COUNT_; a++)
        if (screening.findings[5].value[a] != values[a])
            fail_msg("%s was read as %d", attribute_table[a].name.p, screening.findings[5].value[a]);
    assert_int_equal(screening.findings[6].value[ATTR_CONTROLLED], 0);
    assert_int_equal(screening.findings[6].value[ATTR_DATE], 0);
}

static void reads_clearances_and_progress(void **state)
{
    (void)state;
    assert_int_equal(read_quoted(everything), RC_OK);
    const struct clearance *c = screening.clearances;
    assert_str(c[0].fact, STR("osteoporosis"));
    assert_true(c[0].by == CLEARER_PHYSICIAN && c[0].date == 20758);
    assert_str(c[1].fact, STR("x"));
    assert_true(c[1].by == CLEARER_GUARDIAN && c[1].date == 20819);
    const struct progress_entry *p = screening.progress;
    assert_str(p[0].technique, STR("swedish"));
    assert_true(p[0].date == 20767 && p[0].minutes == 60 && p[0].pain_before == 6 && p[0].pain_after == 4 &&
                p[0].reaction == REACTION_NONE);
    assert_null(p[1].technique.p);
    assert_true(p[1].date == 20769 && p[1].minutes == NOT_GIVEN && p[1].pain_before == NOT_GIVEN &&
                p[1].pain_after == NOT_GIVEN && p[1].reaction == NOT_GIVEN);
}

static void takes_defaults_for_what_is_not_said(void **state)
{
    static const char *const rows[] = {
        "{'subject':{'age_years':0},'goals':['sleep']}",
        "{'subject':{'age_years':0},'goals':['sleep'],'symptoms':[],'history':{},'preferences':{},'"
        "clearances':[]}",
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct screening *s = &screening;
        assert_int_equal(read_quoted(rows[i]), RC_OK);
        assert_null(s->ref.p);
        assert_int_equal(s->age_years, 0);
        assert_int_equal(s->sex, SEX_UNKNOWN);
        assert_int_equal(s->n_complaints + s->n_findings + s->n_clearances + s->n_wishes + s->n_progress, 0);
        assert_int_equal(s->goals, 1u << GOAL_SLEEP);
        assert_int_equal(s->pressure_wish, NOT_GIVEN);
        assert_int_equal(s->session_minutes, NOT_GIVEN);
        assert_int_equal(s->per_week_max, NOT_GIVEN);
        assert_int_equal(s->unlisted, UNLISTED_UNKNOWN);
        assert_int_equal(s->as_of, TODAY);
    }
}

static void leaves_the_result_alone_when_it_refuses(void **state)
{
    static const char *const rows[] = { "", "{}", "{'subject':{'age_years':46},'goals':['x']}" };
    struct screening untouched;
    (void)state;
    memset(&untouched, 0xEE, sizeof(untouched));
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_int_not_equal(read_quoted(rows[i]), RC_OK);
        assert_memory_equal(&screening, &untouched, sizeof(screening));
    }
}

#define MARK   "'QXJZ marker QXJZ'"
#define NUMBER "77665544"
#define DEEP   "{'QXJZ':['QXJZ'," NUMBER "]}"

static bool tells(struct str text)
{
    return memmem(text.p, text.n, "QXJZ", 4) || memmem(text.p, text.n, NUMBER, strlen(NUMBER));
}

/* What a person answered stands in no text: not a value of the wrong kind, nor one too long, nor a name made
 * up. */
static void repeats_no_value_in_a_text(void **state)
{
    static const char *const values[] = { MARK, NUMBER, "-" NUMBER, NUMBER ".5", DEEP, "['QXJZ'," NUMBER "]",
                                          "''", "null" };
    static const char *const forms[] = {
        "{'subject':%s,'complaints':%s,'goals':%s,'symptoms':%s,'history':%s,'clearances':%s,'preferences':%"
        "s,"
        "'progress':%s,'unlisted':%s,'as_of':%s,'QXJZ':%s}",
        "{'subject':{'ref':%s,'age_years':%s,'sex':%s,'QXJZ':%s},'complaints':[%s,{'region':%s,'side':%s,'"
        "pain':%s,"
        "'onset':%s,'cause':%s,'duration_days':%s,'radiates_to':%s,'QXJZ':%s}],'goals':[%s]}",
        "{'subject':{'age_years':46},'goals':[%s],'symptoms':[%s,{'id':%s,'system':%s,'code':%s,'state':%s,'"
        "since':%s,"
        "'date':%s,'region':%s,'side':%s,'severity':%s,'grade':%s,'controlled':%s,'stage':%s,'QXJZ':%s}]}",
        "{'subject':{'age_years':46},'history':{'conditions':%s,'medications':[%s],'procedures':[{'platelets'"
        ":%s,"
        "'systolic':%s,'diastolic':%s,'gestation_weeks':%s}],'injuries':[{'id':%s,'date':'2030-07-07'}],'"
        "QXJZ':%s},"
        "'preferences':{'pressure':%s,'techniques':[%s,%s],'session_minutes':%s,'sessions_per_week_max':%s,'"
        "QXJZ':%s}}",
        "{'subject':{'age_years':46},'goals':%s,'clearances':[%s,{'for':%s,'by':%s,'date':%s,'QXJZ':%s}],'"
        "progress':[%s,"
        "{'date':%s,'technique':%s,'minutes':%s,'pain_before':%s,'pain_after':%s,'reaction':%s,'QXJZ':%s}]}",
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(values); i++) {
        for (size_t k = 0; k < ARRAY_LEN(forms); k++) {
            char body[4096];
            size_t n = 0;
            for (const char *p = forms[k]; *p; p++) { /* puts the value everywhere */
                bool here = p[0] == '%' && p[1] == 's';
                n += (size_t)snprintf(body + n, sizeof(body) - n, "%.*s", here ? 1000 : 1, here ? values[i] : p);
                p += here;
            }
            enum rc rc = read_quoted(body);
            if (rc != RC_INVALID_REQUEST || faults.total < 3)
                fail_msg("%s: %s, %zu faults", body, rc_name(rc), faults.total);
            for (size_t f = 0; f < faults.n; f++)
                if (tells(faults.at[f].detail) || tells(faults.at[f].remedy) ||
                    memmem(faults.at[f].detail.p, faults.at[f].detail.n, "2030", 4))
                    fail_msg("%s: %.*s; %.*s", body, STR_ARGS(faults.at[f].detail), STR_ARGS(faults.at[f].remedy));
            assert_false(tells(str_of(err.text)));
        }
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
RUN_TESTS(TEST(reads_everything_that_may_be_said), TEST(reads_complaints), TEST(reads_findings_with_their_lists),
          TEST(reads_clearances_and_progress), TEST(takes_defaults_for_what_is_not_said),
          TEST(leaves_the_result_alone_when_it_refuses), TEST(repeats_no_value_in_a_text))
