/* Out of memory: every allocation of ours fails once (libraries keep theirs), and what was asked for is refused without
 * a crash or a leak. The address sanitizer watches. */
#include "alloc.h"
#include "rules/person.h"

static const struct {
    const char *name, *text; /* ' for " */
} files[] = {
    { "catalogue.json", "{'name': 'n', 'version': 'v', 'title': 't', 'language': 'en'}" },
    { "definitions.json", "{'definitions': " DEFINITIONS "}" },
    { "attributes.json",
      "{'attributes': [{'id': 'date', 'question': 'q'}, {'id': 'region', 'question': 'q'}, {'id': 'side', 'question': "
      "'q'},"
      " {'id': 'severity', 'question': 'q'}, {'id': 'grade', 'question': 'q'}, {'id': 'controlled', 'question': 'q'},"
      " {'id': 'gestation_weeks', 'question': 'q'}, {'id': 'stage', 'question': 'q'}, {'id': 'systolic', 'question': "
      "'q'},"
      " {'id': 'diastolic', 'question': 'q'}, {'id': 'platelets', 'question': 'q'}, {'id': 'sex', 'question': 'q'},"
      " {'id': 'pain_max', 'question': 'q'}]}" },
    { "facts/a.json",
      "{'group': 'g', 'facts': [{'id': 'a', 'kind': 'symptom', 'label': 'l', 'question': 'q', 'implies': ['b'],"
      " 'attributes': ['date', 'controlled'], 'valid_days': 9.0, 'codes': {'icd': ['A1', 'B2']}}, {'id': 'b',"
      " 'kind': 'symptom', 'label': 'l', 'question': 'q', 'attributes': ['date', 'region', 'controlled'],"
      " 'codes': {'icd': ['A1']}, 'gate': false},"
      " {'id': 'u', 'kind': 'symptom', 'label': 'l', 'question': 'q', 'covers': ['a'],"
      "  'ask_if': {'<': [{'var': 'age_years'}, 99]}},"
      " {'id': 'reaction', 'kind': 'symptom', 'label': 'l', 'question': 'q'}]}" },
    { "techniques/a.json",
      "{'techniques': [{'code': 'soft', 'kind': 'technique', 'name': 'N', 'summary': 's', 'pressure': 5,"
      " 'min_pressure': 1, 'positions': ['prone'], 'typical_minutes': [10, 90], 'good_for': ['goal:sleep'],"
      " 'default_offered': true, 'evidence': ['e'], 'notes': 'n', 'offer_when': {'!': {'var': 'b'}}}]}" },
    { "rules/a.json",
      "{'topic': 't', 'rules': [{'id': 'r', 'when': {'and': [{'or': [{'var': 'a'}, {'!': {'in': [{'var': 'b.region'},"
      " ['neck', 'jaw']]}}]}, {'!=': [{'var': 'b.region'}, 'hip']}, {'!': {'<': [{'var': 'age_years'}, 8]}}]},"
      " 'effect': 'modified', 'severity': 'modify', 'regions': ['neck'], 'message': 'm', 'note': 'n', 'action': 'a',"
      " 'rationale': 'r', 'evidence': ['e'], 'certainty': 'expert', 'clearable_by': 'physician', 'clearance_for': "
      "['a'],"
      " 'cleared_effect': 'allowed', 'modifications': [{'kind': 'position', 'value': 'seated'}]}]}" },
    { "courses/a.json",
      "{'topic': 't', 'courses': [{'id': 'c', 'when': {'var': 'b'}, 'title': 'T', 'priority': 10, 'focus': ['neck'],"
      " 'techniques': ['soft'], 'phases': [{'name': 'One', 'sessions': 4, 'per_week': 1, 'minutes': 40, 'pressure': "
      "3}],"
      " 'reassess_after_sessions': 2, 'max_sessions_without_gain': 4, 'expected_change': 'x', 'if_improving': 'i',"
      " 'if_unchanged': 'u', 'if_worse': 'w', 'stop_if': ['s'], 'self_care': ['c'], 'co_care': ['o'], 'evidence': "
      "['e'],"
      " 'certainty': 'low'}]}" },
    { "adjustments.json",
      "{'adjustments': [{'id': 'j', 'order': 1, 'when': {'var': 'b'}, 'title': 'T', 'why': 'w', 'evidence': ['e'],"
      " 'certainty': 'low', 'techniques_first': ['soft'], 'techniques_from_age': [{'technique': 'soft', 'age_years': "
      "9}],"
      " 'note_if': [{'course': 'c', 'say': 's'}]}]}" },
    { "replanning.json",
      "{'replanning': [{'id': 'p', 'order': 1, 'when': {'var': 'improved'}, 'decides': true, 'action': 'continue',"
      " 'say': 's', 'evidence': ['e'], 'certainty': 'low', 'per_week_steps': [2, 1],"
      " 'dose_check': [{'course': 'c', 'minutes': 9, 'per_week': 1}]}]}" },
    { "evidence/a.json", "{'evidence': [{'id': 'e', 'design': 'd', 'title': 'T', 'finding': 'f', 'certainty': "
                         "'expert', 'verified': 'read',"
                         " 'aliases': ['f']}]}" },
    { "texts/de/a.json", "{'language': 'de', 'review': {'status': 'draft'}, 'techniques': {'soft': {'name': 'S'}}}" },
    { "texts/de/b.json", "{'language': 'de', 'review': {'status': 'draft'},"
                         " 'courses': {'c': {'title': 'U', 'stop_if': ['v'], 'phases': [{'name': 'Eins'}]}},"
                         " 'adjustments': {'j': {'note_if': [{'say': 't'}]}}, 'rules': {'r': {'message': 'n'}}}" },
    { "texts/es/a.json", "{'language': 'es', 'review': {'status': 'draft'}, 'facts': {'a': {'label': 'L'}}}" },
};

/* The files, and one more with so many rules that memory is taken block after block. */
enum { MANY_RULES = 60, SOURCES = ARRAY_LEN(files) + 1 };
static struct source_file sources[SOURCES];

static char *many_rules(void)
{
    json_t *file = quoted("{'topic': 'many', 'rules': []}"), *rules = json_object_get(file, "rules");
    json_t *rule =
        quoted("{'when': {'or': [{'var': 'a'}, {'var': 'b'}]}, 'effect': 'modified', 'severity': 'modify',"
               " 'regions': 'where_found', 'note': 'n', 'action': 'a', 'rationale': 'r', 'evidence': ['e'],"
               " 'certainty': 'expert', 'modifications': [{'kind': 'avoid_region', 'value': 'where_found'}]}");
    char message[2001], id[16];
    memset(message, 'm', sizeof(message) - 1);
    message[sizeof(message) - 1] = '\0';
    json_object_set_new(rule, "message", json_string(message));
    for (int i = 0; i < MANY_RULES; i++) {
        json_t *copy = json_copy(rule);
        (void)snprintf(id, sizeof(id), "m%d", i);
        json_object_set_new(copy, "id", json_string(id));
        json_array_append_new(rules, copy);
    }
    char *text = json_dumps(file, JSON_COMPACT);
    json_decref(rule);
    json_decref(file);
    return text;
}

static int make_sources(void **state)
{
    (void)state;
    sources[ARRAY_LEN(files)] = (struct source_file){ "rules/b.json", str_of(many_rules()) };
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        char *copy = malloc(strlen(files[i].text) + 1);
        assert_non_null(copy);
        for (size_t k = 0; k <= strlen(files[i].text); k++)
            copy[k] = (char)(files[i].text[k] == '\'' ? '"' : files[i].text[k]);
        sources[i] = (struct source_file){ files[i].name, str_of(copy) };
    }
    return 0;
}

static int free_sources(void **state)
{
    (void)state;
    for (size_t i = 0; i < SOURCES; i++)
        free((char *)sources[i].text.p);
    return 0;
}

/* Everything from files to an intake. */
static enum rc all_of_it(char digest[static DIGEST_TEXT_LEN + 1])
{
    static struct faults faults;
    static struct person person;
    struct arena arena;
    struct error err = { .code = RC_OK };
    struct source_doc doc = { 0 };
    struct catalogue *cat = NULL;
    struct intake in;
    struct review review;
    person_read(&person,
                "has a ago 3; has b; has icd:A1 since 4; has icd:Z; clear a physician 3; wish soft; session 2 soft");
    arena_init(&arena, 0);
    faults_init(&faults, &arena);
    enum rc rc = source_load_files(sources, SOURCES, &doc, &faults, &err);
    if (rc == RC_OK) {
        memcpy(digest, doc.digest, DIGEST_TEXT_LEN + 1);
        rc = catalogue_new(&doc, &cat, &faults, &err);
    }
    if (rc == RC_OK)
        rc = intake_build(cat, &person.s, &arena, &faults, &in);
    if (rc == RC_OK)
        rc = catalogue_review(cat, STR("{\"accepted\": []}"), &arena, &review, &err);
    catalogue_unref(cat);
    source_done(&doc);
    arena_done(&arena);
    return rc;
}

/* Fails call after call, until none is left to fail. */
static void refuses_when_the_heap_fails(void **state)
{
    char digest[DIGEST_TEXT_LEN + 1], found[DIGEST_TEXT_LEN + 1];
    long calls = 0;
    (void)state;
    assert_int_equal(all_of_it(digest), RC_OK);
    for (long n = 1;; n++) {
        alloc_fail_at(n);
        enum rc rc = all_of_it(found);
        calls = alloc_calls();
        alloc_fail_at(0);
        if (calls < n)
            break;
        if (rc != RC_OOM)
            fail_msg("the failure of call %ld gives %s", n, rc_name(rc));
    }
    assert_true(calls > 20);
    assert_int_equal(all_of_it(found), RC_OK);
    assert_string_equal(found, digest);
}

/* The catalogue of the sources above; the caller's. */
static struct catalogue *compiled(void)
{
    static struct faults faults;
    struct source_doc doc = { 0 };
    struct error err;
    struct catalogue *cat = NULL;
    struct arena arena;
    arena_init(&arena, 0);
    faults_init(&faults, &arena);
    assert_int_equal(source_load_files(sources, SOURCES, &doc, &faults, &err), RC_OK);
    assert_int_equal(catalogue_new(&doc, &cat, &faults, &err), RC_OK);
    source_done(&doc);
    arena_done(&arena);
    return cat;
}

/* An arena that has ever more room: each allocation that an intake takes from it fails once. */
static void refuses_when_the_arena_is_full(void **state)
{
    static struct person person;
    static struct faults faults;
    struct arena arena;
    struct catalogue *cat = compiled();
    size_t room = 0, refused = 0;
    (void)state;
    person_read(&person,
                "has a ago 3 controlled yes; has b; not b; has icd:A1 since 4; has icd:Z; not icd:A1; has a ago 10;"
                "has a severity 3; clear a physician 3; clear a physician 999; wish soft; session 2 soft");
    for (enum rc rc = RC_OOM; rc != RC_OK; room += 16) {
        enum { BLOCK = 64 * 1024 };
        struct intake in;
        arena_init(&arena, BLOCK + 64);
        faults_init(&faults, &arena);
        assert_non_null(arena_alloc(&arena, BLOCK - room, 1));
        rc = intake_build(cat, &person.s, &arena, &faults, &in);
        if (rc != RC_OK)
            assert_int_equal(rc, RC_OOM);
        refused += rc == RC_OOM;
        assert_int_equal(faults.total, 0);
        arena_done(&arena);
    }
    assert_true(refused > 100);
    catalogue_unref(cat);
}

/* The same of a review, which finds enough to take memory again and again. */
static void refuses_to_review_when_the_arena_is_full(void **state)
{
    static const char accepted[] =
        "{\"accepted\": [{\"finding\": \"rule_shadowed\", \"item\": \"m1\", \"reason\": \"r\"},"
        " {\"finding\": \"rule_shadowed\", \"item\": \"m\", \"reason\": \"r\"}]}";
    enum { BLOCK = 64 * 1024 };
    struct error err;
    struct arena arena;
    struct catalogue *cat = compiled();
    size_t room = 0, refused = 0;
    (void)state;
    for (enum rc rc = RC_OOM; rc != RC_OK; room += 64) {
        struct review review = { .n = 0 };
        assert_true(room < BLOCK);
        arena_init(&arena, BLOCK + 64);
        assert_non_null(arena_alloc(&arena, BLOCK - room, 1));
        rc = catalogue_review(cat, str_of(accepted), &arena, &review, &err);
        if (rc != RC_OK)
            assert_int_equal(rc, RC_OOM);
        else
            assert_true(review.n > 1);
        refused += rc == RC_OOM;
        arena_done(&arena);
    }
    assert_true(refused > 50);
    catalogue_unref(cat);
}

/* Builds a catalogue whose first texts are so long that its arenas' first blocks end somewhere in what follows. */
static void refuses_wherever_a_block_ends(void **state)
{
    static struct faults faults;
    static char filler[4001];
    struct source_doc plain = { 0 };
    struct error err;
    struct arena arena;
    json_t *doc;
    size_t refused = 0;
    (void)state;
    arena_init(&arena, 0);
    faults_init(&faults, &arena);
    assert_int_equal(source_load_files(sources, ARRAY_LEN(files), &plain, &faults, &err), RC_OK);
    doc = json_loadb(plain.text.p, plain.text.n, 0, NULL);
    assert_non_null(doc);
    source_done(&plain);
    arena_done(&arena);
    for (size_t room = 0; room < 40000; room += 304) {
        json_t *list = json_object_get(doc, "attributes"), *item;
        size_t left = 64 * 1024 - room, i;
        json_array_foreach(list, i, item)
        {
            size_t n = left / 16 < 4000 ? left / 16 : 4000;
            memset(filler, 'q', n);
            filler[n] = '\0';
            json_object_set_new(item, "question", json_string(filler));
        }
        json_object_set_new(doc, "name", json_string(filler));
        json_object_set_new(doc, "title", json_string(filler));
        json_object_set_new(json_array_get(json_object_get(doc, "facts"), 0), "label", json_string(filler));
        char *text = json_dumps(doc, JSON_COMPACT);
        struct source_doc source = { 0 };
        assert_int_equal(source_load_text(str_of(text), &source, &err), RC_OK);
        free(text);
        for (long n = 1;; n++) {
            struct catalogue *cat = NULL;
            arena_init(&arena, 0);
            faults_init(&faults, &arena);
            alloc_fail_at(n);
            enum rc rc = catalogue_new(&source, &cat, &faults, &err);
            bool failed = alloc_calls() >= n;
            alloc_fail_at(0);
            catalogue_unref(cat);
            arena_done(&arena);
            if (!failed) {
                assert_int_equal(rc, RC_OK);
                break;
            }
            refused += rc == RC_OOM;
            assert_int_equal(rc, RC_OOM);
        }
        source_done(&source);
    }
    json_decref(doc);
    assert_true(refused > 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_when_the_arena_is_full),
        cmocka_unit_test(refuses_to_review_when_the_arena_is_full),
        cmocka_unit_test(refuses_when_the_heap_fails),
        cmocka_unit_test(refuses_wherever_a_block_ends),
    };
    return cmocka_run_group_tests(tests, make_sources, free_sources);
}
