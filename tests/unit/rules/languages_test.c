/* Translations: what is said in each language, what falls back, and what is refused. */
#include "rules/doc.h"

#define KO                                                                                                             \
    "'ko': {'review': {'status': 'draft'},"                                                                            \
    "  'attributes': {'date': {'question': 'D'}, 'sex': {'question': 'S'}, 'pain_max': {'question': 'P'}},"            \
    "  'facts': {'a': {'label': 'L', 'question': 'Q', 'answer_meaning': 'M'}, 'b': {'question': 'Q2'}},"               \
    "  'techniques': {'soft': {'name': 'N2', 'summary': 'S2', 'notes': 'x', 'never_offered': 'x'}},"                   \
    "  'rules': {'r': {'message': 'RM', 'action': 'RA', 'note': 'RN', 'rationale': 'RR'}, 's': {'action': 'SA'}},"     \
    "  'courses': {'c': {'title': 'CT', 'expected_change': 'CX', 'if_improving': 'CI', 'if_unchanged': 'CU',"          \
    "    'if_worse': 'CW', 'notes': 'x', 'stop_if': ['1', '2'], 'self_care': ['3'], 'co_care': ['4'],"                 \
    "    'phases': [{'name': 'PN', 'intent': 'PI', 'only_if': 'PO'}, {'name': 'PN2'}]}},"                              \
    "  'adjustments': {'late': {'title': 'x', 'why': 'x', 'reason': 'AR', 'advice': ['5'], 'self_care_add': ['6'],"    \
    "    'co_care_add': ['7'], 'note_if': [{'say': '8'}, {'say': '9'}], 'no_course_at': {'reason': 'AN'}}},"           \
    "  'replanning': {'late': {'say': 'WS', 'advice': ['10'], 'phase_name': 'WP', 'phases': [{'name': 'WN'}]}},"       \
    "  'evidence': {'e': {'finding': 'x', 'population': 'x'}}}"

static json_t *document(const char *texts)
{
    return doc_of((struct parts){
        .facts = "[{'id': 'a', 'answer_meaning': 'm', 'attributes': ['date']}, {'id': 'b'},"
                 " {'id': 'k', 'clearance_only': true}]",
        .techniques = "[{'code': 'soft', 'never_offered': 'no'}, {'code': 'firm'}]",
        .rules = "[{'id': 'r', 'when': {'var': 'a'}}, {'id': 's', 'when': {'var': 'b'}}]",
        .courses = "[{'id': 'c', 'when': {'var': 'a'}, 'stop_if': ['s', 't'], 'notes': 'n', 'techniques': ['firm'],"
                   "  'phases': [{'name': 'One', 'sessions': 1, 'per_week': 1, 'minutes': 30, 'pressure': 2,"
                   "   'intent': 'in', 'only_if': 'if'},"
                   "  {'name': 'Two', 'sessions': 1, 'per_week': 1, 'minutes': 30, 'pressure': 2, 'intent': 'to'}]},"
                   " {'id': 'd', 'when': {'var': 'b'}, 'techniques': ['firm']}]",
        /* not in the order that counts */
        .adjustments = "[{'id': 'late', 'order': 2, 'when': {'var': 'a'}, 'reason': 'why', 'advice': ['v'],"
                       "  'self_care_add': ['w'], 'co_care_add': ['x'], 'no_course_at': {'pain_max': 8, 'reason': 'y'},"
                       "  'note_if': [{'course': 'c', 'say': 'n1'}, {'course': 'd', 'say': 'n2'}]},"
                       " {'id': 'early', 'order': 1, 'when': {'var': 'a'}}]",
        .replanning = "[{'id': 'late', 'order': 2, 'when': {'var': 'improved'}, 'advice': ['z'], 'phase_name': 'Name',"
                      "  'phases': [{'name': 'B', 'sessions': 1, 'per_week': 1, 'minutes': 30, 'pressure': 2}]},"
                      " {'id': 'early', 'order': 1, 'when': {'var': 'worsened'}}]",
        .evidence = "[{'id': 'e', 'design': 'd', 'title': 'T', 'finding': 'f', 'certainty': 'low', 'verified': 'read',"
                    "  'aliases': ['e2'], 'population': 'p'}]",
        .texts = texts,
    });
}

static struct catalogue *built(const char *texts)
{
    static struct faults faults;
    struct arena arena;
    struct error err;
    struct catalogue *cat = NULL;
    json_t *doc = document(texts);
    arena_init(&arena, 0);
    faults_init(&faults, &arena);
    if (doc_build(doc, &cat, &faults, &err) != RC_OK)
        fail_msg("%s: %.*s: %.*s", err.text, STR_ARGS(faults.at[0].pointer), STR_ARGS(faults.at[0].detail));
    arena_done(&arena);
    json_decref(doc);
    return cat;
}

static void lays_translations_beside_the_own_texts(void **state)
{
    struct catalogue *cat = built("{" KO "}");
    const struct language *l = &cat->languages[1];
    (void)state;
    assert_int_equal(cat->n_languages, 2);
    assert_str(cat->languages[0].tag, STR("en"));
    assert_null(cat->languages[0].review.p);
    assert_str(l->tag, STR("ko"));
    assert_str(l->review, STR("draft"));
    assert_str(l->questions[ATTR_DATE], STR("D"));
    assert_str(l->questions[QUESTION_SEX], STR("S"));
    assert_str(l->questions[QUESTION_PAIN], STR("P"));
    assert_str(l->facts[0].label, STR("L"));
    assert_str(l->facts[0].question, STR("Q"));
    assert_str(l->facts[0].answer_meaning, STR("M"));
    assert_str(l->techniques[0].name, STR("N2"));
    assert_str(l->techniques[0].summary, STR("S2"));
    assert_str(l->rules[0].message, STR("RM"));
    assert_str(l->rules[0].action, STR("RA"));
    assert_str(l->rules[0].note, STR("RN"));
    assert_str(l->rules[0].rationale, STR("RR"));
    const struct course_words *c = &l->courses[0];
    assert_str(c->title, STR("CT"));
    assert_str(c->expected_change, STR("CX"));
    assert_str(c->if_improving, STR("CI"));
    assert_str(c->if_unchanged, STR("CU"));
    assert_str(c->if_worse, STR("CW"));
    assert_int_equal(c->stop_if.n, 2);
    assert_str(c->stop_if.at[1], STR("2"));
    assert_str(c->self_care.at[0], STR("3"));
    assert_str(c->co_care.at[0], STR("4"));
    assert_int_equal(c->phases.n, 2);
    assert_str(c->phases.at[0].name, STR("PN"));
    assert_str(c->phases.at[0].intent, STR("PI"));
    assert_str(c->phases.at[0].only_if, STR("PO"));
    const struct adjustment_words *a = &l->adjustments[1]; /* in the order that counts */
    assert_str(cat->adjustments[1].id, STR("late"));
    assert_str(a->reason, STR("AR"));
    assert_str(a->no_course_reason, STR("AN"));
    assert_str(a->advice.at[0], STR("5"));
    assert_str(a->self_care_add.at[0], STR("6"));
    assert_str(a->co_care_add.at[0], STR("7"));
    assert_str(a->notes.at[0], STR("8"));
    assert_str(a->notes.at[1], STR("9"));
    const struct replan_words *w = &l->replans[1];
    assert_str(w->say, STR("WS"));
    assert_str(w->advice.at[0], STR("10"));
    assert_str(w->phase_name, STR("WP"));
    assert_str(w->phases.at[0].name, STR("WN"));
    catalogue_unref(cat);
}

/* What is not said is the same span as in the own language. */
static void falls_back_text_by_text(void **state)
{
    struct catalogue *cat = built("{" KO "}");
    const struct language *own = &cat->languages[0], *l = &cat->languages[1];
    (void)state;
    assert_str(own->rules[1].message, STR("m"));
    assert_ptr_equal(l->rules[1].message.p, own->rules[1].message.p);
    assert_str(l->rules[1].action, STR("SA"));
    assert_ptr_equal(l->facts[1].label.p, own->facts[1].label.p);
    assert_str(l->facts[1].question, STR("Q2"));
    assert_null(l->facts[1].answer_meaning.p);
    assert_ptr_equal(l->techniques[1].name.p, own->techniques[1].name.p);
    assert_str(l->courses[0].phases.at[1].name, STR("PN2"));
    assert_ptr_equal(l->courses[0].phases.at[1].intent.p, own->courses[0].phases.at[1].intent.p);
    assert_null(l->courses[0].phases.at[1].only_if.p);
    assert_ptr_equal(l->courses[1].stop_if.at, own->courses[1].stop_if.at);
    assert_int_equal(l->adjustments[0].advice.n, 0);
    assert_ptr_equal(l->replans[0].say.p, own->replans[0].say.p);
    assert_ptr_equal(l->questions[ATTR_REGION].p, own->questions[ATTR_REGION].p);
    /* and the own language is what stands beside the rules */
    assert_ptr_equal(own->rules[0].message.p, cat->rules[0].message.p);
    assert_ptr_equal(own->courses[0].stop_if.at, cat->courses[0].stop_if.at);
    assert_ptr_equal(own->adjustments[1].notes.at[1].p, cat->adjustments[1].notes[1].say.p);
    catalogue_unref(cat);
}

struct listed {
    uint32_t said, missing;
    char text[8192]; /* the places of what is missing, each behind a space */
    struct arena arena;
};

static void list(void *to, const struct where *at, bool missing)
{
    struct listed *l = to;
    struct str pointer = where_pointer(&l->arena, at);
    size_t n = strlen(l->text);
    l->said += !missing;
    l->missing += missing;
    if (missing)
        (void)snprintf(l->text + n, sizeof(l->text) - n, " %.*s ", STR_ARGS(pointer));
}

static void counts_what_a_client_reads(void **state)
{
    static const char *const missing[] = {
        " /attributes/region/question ", " /facts/b/label ",           " /facts/k/label ",
        " /techniques/firm/name ",       " /techniques/firm/summary ", " /rules/s/message ",
        " /courses/c/phases/1/intent ",  " /courses/d/title ",         " /courses/d/stop_if/0 ",
        " /courses/d/phases/0/name ",    " /replanning/early/say ",
    };
    static const char *const not_missing[] = { "/rules/r/",         "/note",
                                               "/rationale",        "/evidence",
                                               "/facts/k/question", "/courses/c/stop_if" };
    static struct listed l, own;
    struct catalogue *cat = built("{" KO "}");
    (void)state;
    memset(&l, 0, sizeof(l));
    memset(&own, 0, sizeof(own));
    catalogue_each_text(cat, &cat->languages[1], list, &l);
    catalogue_each_text(cat, &cat->languages[0], list, &own);
    for (size_t i = 0; i < ARRAY_LEN(missing); i++)
        if (!strstr(l.text, missing[i]))
            fail_msg("%s is not listed in%s", missing[i], l.text);
    for (size_t i = 0; i < ARRAY_LEN(not_missing); i++)
        if (strstr(l.text, not_missing[i]))
            fail_msg("%s is listed in%s", not_missing[i], l.text);
    assert_int_equal(own.missing, 0);
    assert_int_equal(own.said, cat->languages[0].n_texts);
    assert_int_equal(l.said, cat->languages[1].n_texts);
    assert_int_equal(l.said + l.missing, own.said);
    assert_int_equal(l.said, 36);
    arena_done(&l.arena);
    arena_done(&own.arena);
    catalogue_unref(cat);
}

static void finds_a_language_by_range(void **state)
{
    static const struct {
        const char *range, *tag; /* NULL: none */
    } rows[] = {
        { "ko", "ko" },         { "KO", "ko" },       { "ko-KR", "ko" },
        { "ko-Kore-KR", "ko" }, { "en", "en" },       { "en-GB", "en" },
        { "pt-BR", "pt-BR" },   { "pt-br", "pt-BR" }, { "pt-BR-x-a", "pt-BR" },
        { "pt", NULL },         { "pt-PT", NULL },    { "zh-Hant-TW", "zh-Hant" },
        { "zh", "zh" },         { "zh-TW", "zh" },    { "kok", NULL },
        { "k", NULL },          { "", NULL },         { "*", NULL },
        { "x", NULL },
    };
    struct catalogue *cat = built("{'zh': {'review': {'status': 'draft'}}, 'zh-Hant': {'review': {'status': 'draft'}},"
                                  " 'pt-BR': {'review': {'status': 'draft'}}, 'ko': {'review': {'status': 'draft'}}}");
    (void)state;
    assert_int_equal(cat->n_languages, 5);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int32_t found = catalogue_find_language(cat, str_of(rows[i].range));
        struct str tag = found < 0 ? (struct str){ NULL, 0 } : cat->languages[found].tag;
        if (!str_eq(tag, str_of(rows[i].tag)))
            fail_msg("%s gives %.*s", rows[i].range, STR_ARGS(tag));
    }
    catalogue_unref(cat);
}

/* What is put (NULL: taken away) into the texts, and the fault it gives. */
static void refuses_what_does_not_fit(void **state)
{
    static const struct {
        const char *place, *value;
        enum fault_code code;
        const char *item, *pointer;
    } rows[] = {
        { "/texts", "[]", FAULT_OUT_OF_RANGE, NULL, NULL }, /* says nothing: left out */
        { "/texts", "['ko']", FAULT_WRONG_TYPE, "", "/texts" },
        { "/texts/Korean", "{'review': {'status': 'draft'}}", FAULT_UNKNOWN_VALUE, "", "/texts/Korean" },
        { "/texts/ko_KR", "{'review': {'status': 'draft'}}", FAULT_UNKNOWN_VALUE, "", "/texts/ko_KR" },
        { "/texts/en", "{'review': {'status': 'draft'}}", FAULT_UNKNOWN_VALUE, "", "/texts/en" },
        { "/texts/ko", "3", FAULT_WRONG_TYPE, "ko", "" },
        { "/texts/ko/review", NULL, FAULT_MISSING_MEMBER, "ko", "/review" },
        { "/texts/ko/review", "'draft'", FAULT_WRONG_TYPE, "ko", "/review" },
        { "/texts/ko/review/status", NULL, FAULT_MISSING_MEMBER, "ko", "/review/status" },
        { "/texts/ko/review/status", "'good'", FAULT_UNKNOWN_VALUE, "ko", "/review/status" },
        { "/texts/ko/review/status", "'signed'", FAULT_INCONSISTENT, "ko", "/review" },
        { "/texts/ko/review/by", "'B'", FAULT_INCONSISTENT, "ko", "/review" },
        { "/texts/ko/review/date", "'soon'", FAULT_INVALID_DATE, "ko", "/review/date" },
        { "/texts/ko/review/when", "'x'", FAULT_UNKNOWN_MEMBER, "ko", "/review/when" },
        { "/texts/ko/words", "{}", FAULT_UNKNOWN_MEMBER, "ko", "/words" },
        { "/texts/ko/facts", "{}", FAULT_WRONG_TYPE, "ko", "/facts" },
        { "/texts/ko/facts", "'x'", FAULT_WRONG_TYPE, "ko", "/facts" },
        { "/texts/ko/facts/zz", "{'label': 'x'}", FAULT_UNKNOWN_ID, "ko", "/facts/zz" },
        { "/texts/ko/facts/a", "{}", FAULT_MISSING_MEMBER, "ko", "/facts/a" },
        { "/texts/ko/facts/a", "'x'", FAULT_WRONG_TYPE, "ko", "/facts/a" },
        { "/texts/ko/facts/a/name", "'x'", FAULT_UNKNOWN_MEMBER, "ko", "/facts/a/name" },
        { "/texts/ko/facts/a/label", "''", FAULT_OUT_OF_RANGE, "ko", "/facts/a/label" },
        { "/texts/ko/facts/a/label", "' '", FAULT_OUT_OF_RANGE, "ko", "/facts/a/label" },
        { "/texts/ko/facts/a/label", "' x'", FAULT_OUT_OF_RANGE, "ko", "/facts/a/label" },
        { "/texts/ko/facts/a/label", "'x '", FAULT_OUT_OF_RANGE, "ko", "/facts/a/label" },
        { "/texts/ko/facts/a/label", "3", FAULT_WRONG_TYPE, "ko", "/facts/a/label" },
        { "/texts/ko/facts/a/label", "['x']", FAULT_WRONG_TYPE, "ko", "/facts/a/label" },
        { "/texts/ko/facts/b/answer_meaning", "'x'", FAULT_INCONSISTENT, "ko", "/facts/b/answer_meaning" },
        { "/texts/ko/facts/k", "{'question': 'x'}", FAULT_INCONSISTENT, "ko", "/facts/k/question" },
        { "/texts/ko/attributes/height", "{'question': 'x'}", FAULT_UNKNOWN_ID, "ko", "/attributes/height" },
        { "/texts/ko/attributes/date", "{}", FAULT_MISSING_MEMBER, "ko", "/attributes/date/question" },
        { "/texts/ko/techniques/hard", "{'name': 'x'}", FAULT_UNKNOWN_ID, "ko", "/techniques/hard" },
        { "/texts/ko/techniques/firm", "{'never_offered': 'x'}", FAULT_INCONSISTENT, "ko",
          "/techniques/firm/never_offered" },
        { "/texts/ko/rules/r/when", "'x'", FAULT_UNKNOWN_MEMBER, "ko", "/rules/r/when" },
        { "/texts/ko/courses/c/stop_if", "['1']", FAULT_INCONSISTENT, "ko", "/courses/c/stop_if" },
        { "/texts/ko/courses/c/stop_if", "['1', '2', '3']", FAULT_INCONSISTENT, "ko", "/courses/c/stop_if" },
        { "/texts/ko/courses/c/stop_if", "'1'", FAULT_WRONG_TYPE, "ko", "/courses/c/stop_if" },
        { "/texts/ko/courses/c/stop_if/1", "''", FAULT_OUT_OF_RANGE, "ko", "/courses/c/stop_if/1" },
        { "/texts/ko/courses/c/stop_if/0", "'x '", FAULT_OUT_OF_RANGE, "ko", "/courses/c/stop_if/0" },
        { "/texts/ko/courses/d", "{'notes': 'x'}", FAULT_INCONSISTENT, "ko", "/courses/d/notes" },
        { "/texts/ko/courses/c/phases", "[{'name': 'x'}]", FAULT_INCONSISTENT, "ko", "/courses/c/phases" },
        { "/texts/ko/courses/c/phases", "{}", FAULT_WRONG_TYPE, "ko", "/courses/c/phases" },
        { "/texts/ko/courses/c/phases/1", "{'intent': 'x'}", FAULT_MISSING_MEMBER, "ko", "/courses/c/phases/1/name" },
        { "/texts/ko/courses/c/phases/1/only_if", "'x'", FAULT_INCONSISTENT, "ko", "/courses/c/phases/1/only_if" },
        { "/texts/ko/courses/c/phases/1/minutes", "30", FAULT_UNKNOWN_MEMBER, "ko", "/courses/c/phases/1/minutes" },
        { "/texts/ko/courses/c/phases/0", "'x'", FAULT_WRONG_TYPE, "ko", "/courses/c/phases/0" },
        { "/texts/ko/adjustments/early", "{'reason': 'x'}", FAULT_INCONSISTENT, "ko", "/adjustments/early/reason" },
        { "/texts/ko/adjustments/early", "{'no_course_at': {'reason': 'x'}}", FAULT_INCONSISTENT, "ko",
          "/adjustments/early/no_course_at/reason" },
        { "/texts/ko/adjustments/late/no_course_at", "'x'", FAULT_WRONG_TYPE, "ko", "/adjustments/late/no_course_at" },
        { "/texts/ko/adjustments/late/note_if", "[{'say': 'x'}]", FAULT_INCONSISTENT, "ko",
          "/adjustments/late/note_if" },
        { "/texts/ko/adjustments/late/note_if/0/course", "'c'", FAULT_UNKNOWN_MEMBER, "ko",
          "/adjustments/late/note_if/0/course" },
        { "/texts/ko/replanning/early", "{'advice': ['x']}", FAULT_INCONSISTENT, "ko", "/replanning/early/advice" },
        { "/texts/ko/replanning/none", "{'say': 'x'}", FAULT_UNKNOWN_ID, "ko", "/replanning/none" },
        { "/texts/ko/evidence/e2", "{'finding': 'x'}", FAULT_UNKNOWN_ID, "ko", "/evidence/e2" }, /* an alias */
        { "/texts/ko/evidence/e/finding", "''", FAULT_OUT_OF_RANGE, "ko", "/evidence/e/finding" },
        { "/texts/ko/evidence/e/title", "'x'", FAULT_UNKNOWN_MEMBER, "ko", "/evidence/e/title" },
    };
    static struct faults faults;
    size_t refused = 0;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena arena;
        struct error err;
        struct catalogue *cat = NULL;
        json_t *doc = document("{" KO "}");
        bool found = false;
        doc_set(doc, rows[i].place, rows[i].value);
        arena_init(&arena, 0);
        faults_init(&faults, &arena);
        enum rc rc = doc_build(doc, &cat, &faults, &err);
        for (size_t k = 0; rows[i].item && k < faults.n; k++)
            found |= faults.at[k].code == rows[i].code && str_eq(faults.at[k].item, str_of(rows[i].item)) &&
                     str_eq(faults.at[k].pointer, str_of(rows[i].pointer)) && faults.at[k].remedy.n;
        if (rows[i].item ? rc != RC_CATALOGUE_INVALID || !found : rc != RC_OK)
            fail_msg("%s %s: %s, and first %s at %.*s", rows[i].place, rows[i].value ? rows[i].value : "away",
                     rc_name(rc), faults.n ? fault_name(faults.at[0].code) : "no fault",
                     faults.n ? (int)faults.at[0].pointer.n : 0, faults.n ? faults.at[0].pointer.p : "");
        if (faults.total > 2)
            fail_msg("%s: one thing is wrong, and %zu faults are found", rows[i].place, faults.total);
        refused += rc == RC_CATALOGUE_INVALID;
        catalogue_unref(cat);
        arena_done(&arena);
        json_decref(doc);
    }
    assert_int_equal(refused, ARRAY_LEN(rows) - 1);
}

static void bounds_the_languages(void **state)
{
    static struct faults faults;
    (void)state;
    for (int n = LANGUAGES_LIMIT - 2; n <= LANGUAGES_LIMIT; n++) { /* and the own one */
        struct arena arena;
        struct error err;
        struct catalogue *cat = NULL;
        json_t *doc = document(NULL), *texts = json_object();
        for (int i = 0; i < n; i++) {
            char tag[] = { 'q', (char)('a' + i / 26), (char)('a' + i % 26), '\0' };
            json_object_set_new(texts, tag, quoted("{'review': {'status': 'draft'}}"));
        }
        json_object_set_new(doc, "texts", texts);
        arena_init(&arena, 0);
        faults_init(&faults, &arena);
        enum rc rc = doc_build(doc, &cat, &faults, &err);
        assert_int_equal(rc, n < LANGUAGES_LIMIT ? RC_OK : RC_CATALOGUE_INVALID);
        if (cat)
            assert_int_equal(cat->n_languages, n + 1);
        else
            assert_int_equal(faults.at[0].code, FAULT_TOO_MANY);
        catalogue_unref(cat);
        arena_done(&arena);
        json_decref(doc);
    }
}

RUN_TESTS(cmocka_unit_test(lays_translations_beside_the_own_texts), cmocka_unit_test(falls_back_text_by_text),
          cmocka_unit_test(counts_what_a_client_reads), cmocka_unit_test(finds_a_language_by_range),
          cmocka_unit_test(refuses_what_does_not_fit), cmocka_unit_test(bounds_the_languages))
