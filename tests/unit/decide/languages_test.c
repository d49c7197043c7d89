/* The texts of an answer in another language: each in its place, and what is decided stays the same. */
#include "decide/shown.h"

#define SOME "{'>=': [{'var': 'sessions_done'}, 1]}"
#define NECK "{'in': ['neck', {'var': 'complaint_regions'}]}"

static const struct parts parts = {
    .facts = "[{'id': 'a'}, {'id': 'b', 'attributes': ['region']}, {'id': 'p'}]",
    .techniques = "[{'code': 'soft', 'name': 'Soft'}, {'code': 'firm', 'name': 'Firm'}]",
    .rules = "[{'id': 'r', 'when': {'var': 'a'}, 'modifications': [{'kind': 'max_pressure', 'value': 3}]},"
             " {'id': 'q', 'when': {'or': [{'==': [{'var': 'b.region'}, 'jaw']}, {'==': [{'var': 'sex'}, 'male']},"
             "  {'>': [{'var': 'pain_max'}, 9]}]}, 'modifications': [{'kind': 'max_pressure', 'value': 2}]}]",
    .courses = "[{'id': 'c', 'when': " NECK ", 'title': 'Title', 'priority': 20,"
               "  'stop_if': ['stop one', 'stop two'], 'self_care': ['walk', 'rest'], 'co_care': ['co'],"
               "  'expected_change': 'expected', 'if_improving': 'better', 'if_unchanged': 'same', 'if_worse': 'worse',"
               "  'phases': [{'name': 'One', 'sessions': 2, 'per_week': 1, 'minutes': 40, 'pressure': 3,"
               "   'intent': 'in', 'only_if': 'if'},"
               "   {'name': 'Two', 'sessions': 2, 'per_week': 1, 'minutes': 40, 'pressure': 3}]},"
               " {'id': 'd', 'when': " NECK ", 'self_care': ['rest', 'sleep'], 'co_care': ['co']}]",
    .adjustments = "[{'id': 'no', 'order': 9, 'when': {'var': 'p'}, 'no_course': true, 'reason': 'not now'},"
                   " {'id': 'pain', 'order': 8, 'when': {'>=': [{'var': 'pain_max'}, 8]},"
                   "  'no_course_at': {'pain_max': 8, 'reason': 'too strong'}},"
                   " {'id': 'some', 'order': 1, 'when': {'var': 'a'}, 'advice': ['advice', 'drink'],"
                   "  'self_care_add': ['walk', 'stretch'], 'co_care_add': ['doctor'],"
                   "  'note_if': [{'course': 'd', 'minutes_below': 90, 'say': 'of the other'},"
                   "              {'course': 'c', 'minutes_below': 90, 'say': 'short'}]}]",
    .replanning =
        "[{'id': 'taper', 'order': 1, 'when': {'var': 'improved'}, 'action': 'taper',"
        "  'phase_name': 'Less', 'per_week_steps': [1, 0.5], 'sessions_left_max': 4, 'say': 'tapered'},"
        " {'id': 'back', 'order': 2, 'when': {'>=': [{'var': 'days_since_last'}, 60]}, 'action': 'booster',"
        "  'say': 'again', 'advice': ['drink', 'early'], 'phases': [{'name': 'Boost', 'sessions': 1,"
        "  'per_week': 1, 'minutes': 30, 'pressure': 2}]},"
        " {'id': 'gap', 'order': 3, 'decides': false, 'when': " SOME ", 'action': 'lighten', 'say': 'lighter',"
        "  'advice': ['slowly']},"
        " {'id': 'go', 'order': 4, 'when': " SOME ", 'say': 'go on'}]",
    .texts =
        "{'ko': {'review': {'status': 'draft'},"
        "  'attributes': {'region': {'question': 'ko where'}, 'sex': {'question': 'ko sex'},"
        "    'pain_max': {'question': 'ko pain'}},"
        "  'facts': {'b': {'label': 'ko B', 'question': 'ko b?'}}, 'techniques': {'soft': {'name': 'ko soft'}},"
        "  'rules': {'r': {'message': 'ko m', 'action': 'ko a'}},"
        "  'courses': {'c': {'title': 'ko title', 'stop_if': ['ko stop 1', 'ko stop 2'], 'self_care': ['ko walk', 'ko "
        "rest'],"
        "    'co_care': ['ko co'], 'expected_change': 'ko expected', 'if_improving': 'ko better',"
        "    'if_unchanged': 'ko same', 'if_worse': 'ko worse',"
        "    'phases': [{'name': 'ko one', 'intent': 'ko in'}, {'name': 'ko two'}]},"
        "    'd': {'self_care': ['ko other rest', 'ko sleep']}},"
        "  'adjustments': {'no': {'reason': 'ko not now'}, 'pain': {'no_course_at': {'reason': 'ko strong'}},"
        "    'some': {'advice': ['ko advice', 'ko drink'], 'self_care_add': ['ko other walk', 'ko stretch'],"
        "      'note_if': [{'say': 'ko of the other'}, {'say': 'ko short'}]}},"
        "  'replanning': {'taper': {'say': 'ko tapered', 'phase_name': 'ko less'},"
        "    'back': {'advice': ['ko other drink', 'ko early'], 'phases': [{'name': 'ko boost'}]},"
        "    'gap': {'say': 'ko lighter', 'advice': ['ko slowly']}}},"
        " 'es': {'review': {'status': 'signed', 'by': 'B', 'date': '2026-11-01'}}}",
};

/* What decisions say of themselves, so that a wrong text anywhere shows. */
static void judge_in(struct judged *j, const struct catalogue *cat, uint32_t language, const char *line)
{
    memset(j, 0, sizeof(*j));
    person_read(&j->person, line);
    j->person.s.language = language;
    arena_init(&j->arena, 0);
    faults_init(&j->faults, &j->arena);
    assert_int_equal(screen(cat, &j->person.s, &j->arena, &j->faults, &j->d), RC_OK);
    show(j);
}

enum { EN, ES, KO };

static void names_the_language(void **state)
{
    static struct judged j;
    struct catalogue *cat = catalogue_of(parts);
    (void)state;
    judge_in(&j, cat, EN, "");
    assert_null(j.d.language.p);
    assert_null(j.d.translation_review.p);
    arena_done(&j.arena);
    judge_in(&j, cat, ES, "");
    assert_str(j.d.language, STR("es"));
    assert_str(j.d.translation_review, STR("signed"));
    arena_done(&j.arena);
    judge_in(&j, cat, KO, "");
    assert_str(j.d.language, STR("ko"));
    assert_str(j.d.translation_review, STR("draft"));
    arena_done(&j.arena);
    catalogue_unref(cat);
}

static void says_warnings_and_questions(void **state)
{
    static struct judged j;
    struct catalogue *cat = catalogue_of(parts);
    (void)state;
    judge_in(&j, cat, KO, "has a; has b; complaint neck");
    assert_int_equal(j.d.n_warnings, 1);
    assert_str(j.d.warnings[0].message, STR("ko m"));
    assert_str(j.d.warnings[0].action, STR("ko a"));
    assert_str(j.d.warnings[0].note, STR("n")); /* not translated */
    assert_str(j.d.warnings[0].rationale, STR("r"));
    check_shown(&j, "in ko", "asks b.region sex pain_max");
    const struct question *q = j.d.questions;
    assert_str(q[0].label, STR("ko B"));
    assert_str(q[0].text, STR("ko where"));
    assert_str(q[1].text, STR("ko sex"));
    assert_str(q[2].text, STR("ko pain"));
    for (size_t i = 0; i < j.d.n_techniques; i++)
        assert_str(j.d.techniques[i].name, str_eq(j.d.techniques[i].code, STR("soft")) ? STR("ko soft") : STR("Firm"));
    arena_done(&j.arena);
    judge_in(&j, cat, KO, "has a; complaint neck");
    assert_str(j.d.questions[0].text, STR("ko b?"));
    arena_done(&j.arena);
    judge_in(&j, cat, EN, "has a; complaint neck");
    assert_str(j.d.questions[0].text, STR("Yes?"));
    assert_str(j.d.warnings[0].message, STR("m"));
    arena_done(&j.arena);
    catalogue_unref(cat);
}

#define CLEAR "sex female; not b; not p; complaint neck pain 3; "

static void says_a_course(void **state)
{
    static struct judged j;
    struct catalogue *cat = catalogue_of(parts);
    (void)state;
    judge_in(&j, cat, KO, CLEAR "has a");
    const struct course_plan *c = j.d.course;
    assert_non_null(c);
    assert_str(c->title, STR("ko title"));
    assert_str(c->expected_change, STR("ko expected"));
    assert_str(c->if_improving, STR("ko better"));
    assert_str(c->if_unchanged, STR("ko same"));
    assert_str(c->if_worse, STR("ko worse"));
    assert_int_equal(c->stop_if.n, 2);
    assert_str(c->stop_if.at[1], STR("ko stop 2"));
    assert_str(c->phases[0].name, STR("ko one"));
    assert_str(c->phases[0].intent, STR("ko in"));
    assert_str(c->phases[0].only_if, STR("if")); /* not translated */
    assert_str(c->phases[1].name, STR("ko two"));
    /* lines that are one in the own language are said once, however often they are translated */
    check_shown(&j, "in ko",
                "advice ko advice ko drink ko short\nself ko walk ko rest ko stretch ko sleep\nco ko co doctor");
    arena_done(&j.arena);
    judge_in(&j, cat, EN, CLEAR "has a");
    check_shown(&j, "in en", "advice advice drink short\nself walk rest stretch sleep\nco co doctor");
    arena_done(&j.arena);
    catalogue_unref(cat);
}

static void says_replanning(void **state)
{
    static struct judged j;
    struct catalogue *cat = catalogue_of(parts);
    (void)state;
    judge_in(&j, cat, KO, CLEAR "not a; session 9 soft 30 6>4; session 6 soft 30 3>3");
    assert_non_null(j.d.course);
    assert_str(j.d.course->replan, STR("taper"));
    assert_str(j.d.course->replan_say, STR("ko tapered"));
    assert_str(j.d.course->phases[0].name, STR("ko less"));
    check_shown(&j, "in ko", "advice ko lighter ko slowly");
    arena_done(&j.arena);
    judge_in(&j, cat, KO, CLEAR "has a; session 61 soft 30 6>6");
    assert_non_null(j.d.course);
    assert_str(j.d.course->replan, STR("back"));
    assert_str(j.d.course->replan_say, STR("again")); /* not translated */
    assert_str(j.d.course->phases[0].name, STR("ko boost"));
    check_shown(&j, "in ko", "advice ko advice ko drink ko short ko early ko lighter ko slowly");
    arena_done(&j.arena);
    catalogue_unref(cat);
}

static void says_why_there_is_no_course(void **state)
{
    static const struct {
        const char *line, *en, *ko;
    } rows[] = {
        { "sex female; not a; not b; complaint neck pain 3; has p", "not now", "ko not now" },
        { "sex female; not a; not b; complaint neck pain 8; not p", "too strong", "ko strong" },
        /* nothing is left of the course: what it says for how the person is now */
        { CLEAR "not a; session 9 soft 30 5>5; session 7 soft 30 5>5; session 5 soft 30 5>5; session 3 soft 30 5>5",
          "same", "ko same" },
        { CLEAR "not a; session 9 soft 30 5>5; session 7 soft 30 5>5; session 5 soft 30 5>5; session 3 soft 30 8>8",
          "worse", "ko worse" },
    };
    static struct judged j;
    struct catalogue *cat = catalogue_of(parts);
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        judge_in(&j, cat, EN, rows[i].line);
        assert_str(j.d.no_course_reason, str_of(rows[i].en));
        arena_done(&j.arena);
        judge_in(&j, cat, KO, rows[i].line);
        assert_str(j.d.no_course_reason, str_of(rows[i].ko));
        arena_done(&j.arena);
    }
    catalogue_unref(cat);
}

RUN_TESTS(cmocka_unit_test(names_the_language), cmocka_unit_test(says_warnings_and_questions),
          cmocka_unit_test(says_a_course), cmocka_unit_test(says_replanning),
          cmocka_unit_test(says_why_there_is_no_course))
