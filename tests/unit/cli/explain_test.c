/* palpate explain: pages of real answers, what must never look alike, and documents that are not explained. */
#include "cli/running.h"

#include <dirent.h>
#include <jansson.h>

#include "cli/explain.h"
#include "cli/pages.h"
#include "cli/words.h"
#include "domain/json_read.h"
#include "wire/wire.h"

static char said[OUTPUT_BYTES];

/* ---- every case ------------------------------------------------------------------------------------------- */

struct tally {
    struct catalogue *cat;
    size_t requests, warnings, questions, courses, cleared, holds;
};

static void check_parts(const struct page *p, const char *id, const json_t *answer, struct tally *t)
{
    static const struct {
        const char *list, *member;
    } rows[] = { { "warnings", "message" },
                 { "warnings", "action" },
                 { "warnings", "note" },
                 { "techniques", "name" },
                 { "questions", "text" } };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const json_t *list = json_object_get(answer, rows[i].list);
        for (size_t k = 0; k < json_array_size(list); k++) {
            struct str text = member_text(json_array_get(list, k), rows[i].member);
            if (!holds_text(p, text))
                fail_msg("%s: %s is not on the page: %.*s", id, rows[i].member, STR_ARGS(text));
            t->warnings += i == 0;
            t->questions += i == 4;
            t->cleared += i == 0 && json_is_true(json_object_get(json_array_get(list, k), "cleared"));
        }
    }
    const json_t *stop = json_object_get(json_object_get(answer, "course"), "stop_if");
    for (size_t k = 0; k < json_array_size(stop); k++)
        assert_true(holds_text(p, text_of(json_array_get(stop, k))));
    t->courses += json_array_size(stop) > 0;
    t->holds += str_eq(member_text(answer, "booking"), STR("hold"));
}

static void explain_one(const char *id, const json_t *request, struct tally *t)
{
    static const char *const never[] = { "Cannot explain", "Not explained",         "no words for",
                                         "does not have",  "document does not say", "{",
                                         "(null)",         "where_found",           "rule out it" };
    struct arena arena;
    struct buf answered;
    struct error err;
    struct faults *faults = calloc(1, sizeof(*faults));
    char *text = json_dumps(request, JSON_COMPACT);
    arena_init(&arena, 0);
    faults_init(faults, &arena);
    buf_init(&answered, ANSWER_BYTES_MAX);
    if (judge_request(t->cat, STR("en"), str_of(text), faults, &answered, &err) != RC_OK)
        fail_msg("%s: %s", id, err.text);
    json_t *answer = json_parse(buf_str(&answered), &err);
    for (int alone = 0; alone < 2; alone++) { /* with its request, and as it is kept */
        struct explained x = { .answer = answer, .request = alone ? NULL : request, .cat = alone ? NULL : t->cat };
        page_init(&x.page);
        explain_page(&x);
        assert_false(page_failed(&x.page));
        check_parts(&x.page, id, answer, t);
        for (size_t i = 0; i < ARRAY_LEN(never); i++)
            if (holds_text(&x.page, str_of(never[i])))
                fail_msg("%s: \"%s\" is on the page", id, never[i]);
        if (long_line(&x.page))
            fail_msg("%s: a line is too long: %.200s", id, long_line(&x.page));
        page_done(&x.page);
    }
    t->requests++;
    json_decref(answer);
    buf_done(&answered);
    arena_done(&arena);
    free(text);
    free(faults);
}

static void explains_every_case(void **state)
{
    struct settings settings = { .text = { [SET_CATALOGUE] = SOURCE_DIR "/sql/catalogue" } };
    struct tally t = { .requests = 0 };
    int exit_status;
    DIR *dir = opendir(SOURCE_DIR "/tests/cases");
    (void)state;
    t.cat = load_catalogue(&settings, &exit_status);
    assert_true(t.cat && dir);
    for (struct dirent *entry; (entry = readdir(dir));) {
        char path[512];
        size_t n = strlen(entry->d_name);
        if (n < 5 || strcmp(entry->d_name + n - 5, ".json") != 0)
            continue;
        (void)snprintf(path, sizeof(path), SOURCE_DIR "/tests/cases/%s", entry->d_name);
        json_t *file = json_load_file(path, 0, NULL), *list = json_object_get(file, "cases"), *item;
        size_t i;
        assert_non_null(file);
        json_array_foreach(list, i, item)
        {
            explain_one(json_string_value(json_object_get(item, "id")), json_object_get(item, "request"), &t);
        }
        json_decref(file);
    }
    (void)closedir(dir);
    catalogue_unref(t.cat);
    assert_true(t.requests > 500 && t.warnings > 1000 && t.questions > 500);
    assert_true(t.courses > 50 && t.cleared > 20 && t.holds > 50);
}

/* ---- what must not look alike ----------------------------------------------------------------------------- */

/* ' stands for ". */
static const char *document(const char *quoted)
{
    static char text[16384];
    size_t n = 0;
    for (; quoted[n] && n + 1 < sizeof(text); n++)
        text[n] = (char)(quoted[n] == '\'' ? '"' : quoted[n]);
    text[n] = '\0';
    return text;
}

static int explain(const char *quoted)
{
    struct call_row row = { .words = { "explain", "-" }, .input = document(quoted) };
    int status = run(&row, 0);
    size_t n = 0;
    for (const char *p = out; *p; p++) /* wherever lines end */
        if (*p != '\n' && (*p != ' ' || (n && said[n - 1] != ' ')))
            said[n++] = *p;
        else if (*p == '\n' && n && said[n - 1] != ' ')
            said[n++] = ' ';
    said[n] = '\0';
    return status;
}

#define HEAD(disposition)                                                                                              \
    "{'as_of':'2026-11-20','catalogue':{'version':'7','digest':'abc'},'disposition':'" disposition "',"                \
    "'booking':'hold','complete':true,"
#define FOUND ",'unrecognised':[],'outdated':[],'conflicts':[],'ignored':[]}"
#define EMPTY "'techniques':[],'warnings':[],'questions':[]"
#define WARNING(more)                                                                                                  \
    "'techniques':[],'questions':[],'warnings':[{'code':'w','severity':'clearance','effect':'clearance_required',"     \
    "'message':'M'" more "}],'no_course_because':'disposition'" FOUND
#define TECHNIQUE(more)                                                                                                \
    "'warnings':[],'questions':[],'no_course_because':'disposition','techniques':[{'code':'t','name':'T',"             \
    "'could_become':'not_allowed'," more "}]" FOUND

static void tells_nothing_from_unknown(void **state)
{
    static const struct {
        const char *doc, *want, *without;
    } rows[] = {
        { HEAD("proceed") EMPTY ",'no_course_because':'no_matching_course'" FOUND, "No warnings: ", "Cannot explain" },
        { HEAD("proceed") EMPTY ",'no_course_because':'no_matching_course'" FOUND,
          "No course is suggested: the catalogue has no course", "Cannot explain" },
        { HEAD("proceed") EMPTY ",'no_course_because':'no_matching_course'" FOUND,
          "Nothing: all that was said could be used.", "Cannot explain" },
        { HEAD("proceed") EMPTY ",'no_course_because':'no_matching_course'" FOUND, "Nothing is left to ask.",
          "Cannot explain" },
        { HEAD("proceed") EMPTY FOUND, "Cannot explain: the document has neither a course nor", "No course is" },
        { HEAD("proceed") EMPTY ",'no_course_because':'adj_x','no_course_reason':'Too much.'" FOUND,
          "adj_x rules it out. Too much.", "Cannot" },
        { HEAD("proceed") EMPTY ",'no_course_because':'disposition'}",
          "Cannot explain: the document does not say all of what could not be used", "all that was said" },
        { HEAD("proceed") WARNING(",'triggered_by':[]"), "nothing that was said to be there", "does not say." },
        { HEAD("proceed") WARNING(""), "Because of: the document does not say.", "nothing that was said" },
        { HEAD("proceed") WARNING(",'triggered_by':['/history/conditions/2']"),
          "history, condition 3 [/history/conditions/2]", "no words for" },
        { HEAD("proceed") WARNING(",'triggered_by':['/nowhere/1']"),
          "a place that this page has no words for [/nowhere/1]", "nothing that was" },
        { HEAD("proceed") WARNING(",'triggered_by':['/symptoms/x']"),
          "a place that this page has no words for [/symptoms/x]", "symptom " },
        { HEAD("proceed") TECHNIQUE("'verdict':'not_allowed','because':[],'modifications':[]"),
          "Not judged, because not offered to this client (1):", "Not allowed (" },
        { HEAD("proceed") TECHNIQUE("'verdict':'not_allowed','because':['w'],'modifications':[]"),
          "Not allowed (1): * T Reasons: the rule w.", "Not judged" },
        { HEAD("do_not_treat") TECHNIQUE("'verdict':'not_allowed','because':[],'modifications':[]"),
          "Not allowed by the outcome as a whole, or not offered", "Not judged" },
        { HEAD("proceed") TECHNIQUE("'verdict':'perhaps','because':[],'modifications':[]"),
          "\"perhaps\" (1):", "Not judged" },
        { HEAD("proceed") "'spin':1," EMPTY ",'no_course_because':'disposition'" FOUND,
          "Not explained, because this program does not know it: spin.", "Cannot" },
        { HEAD("strange") EMPTY ",'no_course_because':'disposition'" FOUND, "Hold the booking: \"strange\".",
          "Cannot" },
        { HEAD("proceed") EMPTY ",'no_course_because':'disposition'" FOUND,
          "none of the techniques on offer is possible now", "massage may go ahead" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int status = explain(rows[i].doc);
        if (status != 0 || *errors || !strstr(said, rows[i].want) || strstr(said, rows[i].without))
            fail_msg("row %zu: %d %s%s", i, status, errors, said);
        assert_non_null(strstr(said, "This is decision support, not a diagnosis."));
        assert_non_null(strstr(said, "catalogue 7, digest abc. Whether a licensed clinician has signed"));
    }
}

static void says_what_would_help(void **state)
{
    static const char *const wants[] = {
        "any one of these: - a letter about \"heart failure\" by the cardiology team; and the answer to \"fever",
        "\"fever, date\": absent; and not before 2026-12-24 - a reassuring answer to \"fever\"",
        "By waiting alone it is possible from: 2027-01-01",
        "What cannot be changed: the rule w.",
        "Changes that hold once it is possible: - no heat",
        "Depending on the open questions it could at worst become: not allowed.",
    };
    (void)state;
    assert_int_equal(
        explain(HEAD("clearance_required") TECHNIQUE(
            "'verdict':'clearance_required','because':['w'],'modifications':[{'kind':'no_heat','value':true}],"
            "'would_allow':[{'clearances':[{'for':'heart_failure','by':'cardiology'}],'answers':[{'fact':"
            "'fever','attribute':'date','answer':'absent'}],'date':'2026-12-24'},{'clearances':[],"
            "'answers':[{'fact':'fever'}]}],'earliest_date':'2027-01-01','cannot_change':['w']")),
        0);
    for (size_t i = 0; i < ARRAY_LEN(wants); i++)
        if (!strstr(said, wants[i]))
            fail_msg("%zu: %s", i, said);
    assert_null(strstr(said, "Not explained"));
}

static void refuses_what_it_cannot_read(void **state)
{
    static const struct {
        const char *doc;
        int status;
        const char *errors;
    } rows[] = {
        { "", 65, "palpate: the document is empty\n" },
        { "{", 65, "palpate: the document ends too early" },
        { "[]", 65, "palpate: cannot explain this: it is neither a request nor an answer\n" },
        { "{}", 65, "palpate: cannot explain this: it is neither a request nor an answer\n" },
        { "{'title':'The request cannot be judged','status':422}", 65, "palpate: cannot explain this: it is neither" },
        { "{'disposition':'proceed'}", 65, "palpate: cannot explain this: an answer has a text \"booking\"\n" },
        { "{'disposition':1,'booking':'book','as_of':'x'}", 65, "an answer has a text \"disposition\"\n" },
        { "{'disposition':'proceed','booking':'book','as_of':'x','techniques':[]}", 65,
          "a list of objects \"warnings\"\n" },
        { HEAD("proceed") "'warnings':[],'techniques':[1],'questions':[]}", 65, "a list of objects \"techniques\"\n" },
        { HEAD("proceed") EMPTY ",'ignored':{}}", 65, "a list of objects \"ignored\"\n" },
        { HEAD("proceed") EMPTY ",'course':[]}", 65, "an answer's \"course\" is an object\n" },
        { "{'subject':{},'goals':['x']}", 1, "/subject/age_years: " },
        { "{'subject':{'age_years':40},'goals':['sleep'],'disposition':'proceed'}", 1, "/disposition: " },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int status = explain(rows[i].doc);
        if (status != rows[i].status || *out || !strstr(errors, rows[i].errors))
            fail_msg("row %zu: %d %s %s", i, status, errors, out);
    }
}

#define REQUEST                                                                                                        \
    "{'subject':{'age_years':46,'ref':'a\\u001b[2Jb\\u202ec\\u009bd'},'complaints':[{'region':'neck','pain':6}],"      \
    "'history':{'conditions':[{'id':'osteoporosis'},{'system':'icd-10-cm','code':'Q\\u0007Z'}]},"                      \
    "'clearances':[{'for':'osteoporosis','by':'physician','date':'2027-01-01'}],'as_of':'2026-11-20'}"

static void explains_a_request(void **state)
{
    static const char *const wants[] = {
        "Osteoporosis (history, condition 1) [/history/conditions/0]",
        "It is a draft: no licensed clinician has signed it.",
        "Codes the catalogue does not know, which were not judged:",
        "Osteoporosis, 2027-01-01 (clearance 1) [/clearances/0]: a clearance dated after the day",
        "Still to be asked, in this order"
    };
    (void)state;
    assert_int_equal(explain(REQUEST), 0);
    for (size_t i = 0; i < ARRAY_LEN(wants); i++)
        if (!strstr(said, wants[i]))
            fail_msg("%zu: %s", i, said);
    for (const char *p = out; *p; p++) /* no control but the ends of lines, neither of seven bits nor of eight */
        assert_false(((unsigned char)*p < 0x20 && *p != '\n') || *p == 0x7f);
    assert_null(strstr(out, "\xC2\x9B"));
    assert_null(strstr(out, (const char[]){ '\xE2', '\x80', '\xAE', '\0' })); /* right to left from here */
}

static void reads_files_and_bounds_them(void **state)
{
    static char large[70 * 1024];
    static const struct call_row rows[] = {
        { { "explain", "/nonexistent" }, .exit_status = 66, .errors = "palpate: cannot read /nonexistent: " },
        { { "explain", "a", "b" }, .exit_status = 64, .errors = "palpate: there is an operand too many" },
        { { "explain", "--rule=x" }, .exit_status = 64, .errors = "palpate: there is no option --rule\n" },
        { { "explain", SOURCE_DIR "/tests/fuzz/request/least.json" }, .out = "Hold the booking" },
        { { "explain" },
          .input = "{\"subject\":{\"age_years\":46},\"goals\":[\"sleep\"],\"as_of\":\"2026-11-20\"}",
          .out = "Hold the booking: questions must be answered first.\n" },
        { { "explain", "--catalogue=/nonexistent" },
          .input = "{\"goals\":[]}",
          .exit_status = 66,
          .errors = "/nonexistent" },
        { { "explain" },
          .input = large,
          .exit_status = 65,
          .errors = "palpate: the request is larger than 65536 bytes\n" },
    };
    (void)state;
    (void)snprintf(large, sizeof(large), "{\"subject\":{\"age_years\":46},\"goals\":[\"sleep\"]}");
    memset(large + strlen(large), ' ', sizeof(large) - strlen(large) - 1);
    check(rows, ARRAY_LEN(rows));
}

/* ---- answers that are not ours ---------------------------------------------------------------------------- */

static uint64_t seed;

static size_t below(size_t n)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return n ? (size_t)(seed >> 33) % n : 0;
}

static json_t *anything(void)
{
    switch (below(8)) {
    case 0:
        return json_null();
    case 1:
        return json_true();
    case 2:
        return json_integer((json_int_t)below(1000) - 500);
    case 3:
        return json_real(1e300);
    case 4:
        return json_string("/symptoms/99999999999/x");
    case 5:
        return json_pack("[[], {}, s]", "a\x1b_\xC3\xBC");
    case 6:
        return json_pack("{s:[s, i], s:{}}", "date", "", 7, "value");
    default:
        return json_string("");
    }
}

/* Puts anything in the place of something. */
static void spoil(json_t *at, size_t depth)
{
    const char *member = NULL;
    json_t *value = NULL;
    if (json_is_array(at) && json_array_size(at)) {
        size_t i = below(json_array_size(at));
        if (below(4) && depth)
            spoil(json_array_get(at, i), depth - 1);
        else
            json_array_set_new(at, i, anything());
    } else if (json_object_size(at)) {
        size_t skip = below(json_object_size(at));
        json_object_foreach(at, member, value)
        {
            if (skip-- == 0)
                break;
        }
        if (below(4) && depth)
            spoil(value, depth - 1);
        else if (below(3))
            json_object_set_new(at, member, anything());
        else
            json_object_del(at, member);
    }
}

#define RICH                                                                                                           \
    HEAD("clearance_required")                                                                                         \
    "'questions':[{'fact':'a','label':'A','text':'A?','type':'choice','choices':['x'],'could_change':{'verdict':"      \
    "'not_allowed','techniques':['t']}}],'warnings':[{'code':'w','severity':'clearance','effect':'not_allowed',"       \
    "'message':'M','triggered_by':['/symptoms/0','/complaints/0/pain'],'regions':['neck'],'places':[{'region':'neck'," \
    "'side':'left'}],'cleared':true,'cleared_by':['/clearances/0']}],'techniques':[{'code':'t','name':'T','verdict':"  \
    "'modified','could_become':'not_allowed','modifications':[{'kind':'avoid_region','value':['neck','where_found']}," \
    "{'kind':'max_pressure','value':2,'regions':['neck']}],'because':['w'],'would_allow':[{'clearances':[{'for':'a',"  \
    "'by':'physician'}],'answers':[{'fact':'a'}],'date':'2027-01-01'}],'cannot_change':['w']}],'course':{'title':'C'," \
    "'technique':'t','phases':[{'name':'P','sessions':1,'per_week':0.5,'minutes':30,'pressure':2,'focus':['neck']}],"  \
    "'first_session':{'minutes':30,'pressure':1},'dates':['2026-12-01'],'stop_if':['s'],'certainty':'low'}" FOUND

/* EXPLAIN_SEED replays one. */
static void survives_any_answer(void **state)
{
    enum { ROUNDS = 4000 };
    const char *replay = getenv("EXPLAIN_SEED");
    size_t changed = 0;
    (void)state;
    seed = replay ? strtoull(replay, NULL, 10) : 20261120;
    for (size_t i = 0; i < (replay ? 1 : ROUNDS); i++) {
        uint64_t begun = seed;
        json_t *answer = json_loads(document(RICH), 0, NULL), *whole = json_deep_copy(answer);
        assert_non_null(answer);
        for (size_t k = 1 + below(3); k; k--)
            spoil(answer, 6);
        changed += !json_equal(answer, whole);
        struct explained x = { .answer = answer, .request = below(2) ? whole : NULL };
        page_init(&x.page);
        explain_page(&x);
        bool clean = !page_failed(&x.page) && !memchr(x.page.out.p, 0x1b, x.page.out.n) &&
                     !memchr(x.page.out.p, '\0', x.page.out.n) && holds_text(&x.page, STR("not a diagnosis"));
        if (!clean || long_line(&x.page))
            fail_msg("seed %llu: %.*s", (unsigned long long)begun, (int)x.page.out.n, x.page.out.p);
        page_done(&x.page);
        json_decref(answer);
        json_decref(whole);
    }
    assert_true(replay || changed > ROUNDS / 2);
}

/* An answer needs no catalogue: not even one that is not there. */
static void needs_no_catalogue_for_an_answer(void **state)
{
    struct call_row row = { .words = { "explain", "--catalogue=/nonexistent", "--database=port=1" } };
    (void)state;
    row.input = document(HEAD("proceed") EMPTY ",'no_course_because':'disposition'" FOUND);
    assert_int_equal(run(&row, 0), 0);
    assert_string_equal(errors, "");
}

static void says_when_memory_is_out(void **state)
{
    struct call_row row = { .words = { "explain" } };
    long at = 0;
    int status;
    (void)state;
    row.input = document(HEAD("proceed") TECHNIQUE("'verdict':'not_allowed','because':['w'],'modifications':[]"));
    assert_int_equal(run(&row, 0), 0);
    do { /* no further than the last of our own: what comes after it may be the profiler's */
        status = run(&row, ++at);
        if (strcmp(errors, "palpate: could not get memory\n") != 0 && status == 71)
            fail_msg("allocation %ld: %s%s", at, errors, out);
    } while (status == 71 && !*out);
    assert_true(at > 5);
}

RUN_TESTS(cmocka_unit_test(explains_every_case), cmocka_unit_test(tells_nothing_from_unknown),
          cmocka_unit_test(says_what_would_help), cmocka_unit_test(refuses_what_it_cannot_read),
          cmocka_unit_test(explains_a_request), cmocka_unit_test(reads_files_and_bounds_them),
          cmocka_unit_test(survives_any_answer), cmocka_unit_test(needs_no_catalogue_for_an_answer),
          cmocka_unit_test(says_when_memory_is_out))
