/* From files or text to one canonical document: what counts as the same catalogue, and what is wrong with files. */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc.h"
#include "rules/doc.h"

struct world {
    struct arena arena;
    struct faults faults;
    struct error err;
    struct source_doc doc;
};

static void init(struct world *w)
{
    memset(&w->doc, 0, sizeof(w->doc));
    w->err.code = RC_OK;
    arena_init(&w->arena, 0);
    faults_init(&w->faults, &w->arena);
}

static void done(struct world *w)
{
    source_done(&w->doc);
    arena_done(&w->arena);
}

/* ---- the canonical form ----------------------------------------------------------------------------------- */

static json_t *document(void)
{
    return doc_of((struct parts){
        .facts = "[{'id': 'a', 'attributes': ['date'], 'valid_days': 9, 'codes': {'atc': ['A1']}},"
                 " {'id': 'k', 'clearance_only': true, 'complaint_regions': []},"
                 " {'id': 'l', 'clearance_only': true}]",
        .rules = "[{'id': 'r', 'when': {'and': [{'var': 'a'}, {'<': [{'var': 'a.days_ago'}, 8]}]},"
                 "  'modifications': [{'kind': 'max_pressure', 'value': 2}, {'kind': 'no_oil', 'value': true}]}]",
        .replanning = "[{'id': 'p', 'when': {'var': 'improved'}, 'per_week_steps': [2, 1, 0.5]}]",
    });
}

/* The same value with the members of every object in the opposite order. */
static json_t *reversed(const json_t *v)
{
    const char *keys[64], *key;
    json_t *value, *copy;
    size_t n = 0, i;
    if (json_is_array(v)) {
        copy = json_array();
        json_array_foreach(v, i, value)
        {
            json_array_append_new(copy, reversed(value));
        }
        return copy;
    }
    if (!json_is_object(v))
        return json_deep_copy(v);
    copy = json_object();
    json_object_foreach((json_t *)v, key, value)
    {
        keys[n++] = key;
    }
    while (n-- > 0)
        json_object_set_new(copy, keys[n], reversed(json_object_get(v, keys[n])));
    return copy;
}

static void digest_of(const json_t *doc, size_t flags, char out[static DIGEST_TEXT_LEN + 1])
{
    struct world w;
    char *text = json_dumps(doc, flags);
    init(&w);
    assert_int_equal(source_load_text(str_of(text), &w.doc, &w.err), RC_OK);
    memcpy(out, w.doc.digest, DIGEST_TEXT_LEN + 1);
    free(text);
    done(&w);
}

static void spacing_and_order_do_not_count(void **state)
{
    char plain[DIGEST_TEXT_LEN + 1], other[DIGEST_TEXT_LEN + 1];
    json_t *doc = document(), *back = reversed(doc);
    (void)state;
    digest_of(doc, JSON_COMPACT, plain);
    assert_int_equal(strlen(plain), DIGEST_TEXT_LEN);
    digest_of(doc, JSON_INDENT(7), other);
    assert_string_equal(other, plain);
    digest_of(back, JSON_COMPACT, other);
    assert_string_equal(other, plain);
    digest_of(doc, JSON_SORT_KEYS | JSON_ENSURE_ASCII, other);
    assert_string_equal(other, plain);
    json_decref(back);
    json_decref(doc);
}

static void only_content_counts(void **state)
{
    static const struct {
        const char *place, *value;
        bool same;
    } rows[] = {
        /* what is so anyway */
        { "/facts/0/gate", "false", true },
        { "/facts/0/gate", "null", true },
        { "/facts/0/implies", "[]", true },
        { "/facts/0/question", "'Yes?'", true },
        { "/facts/1/clearance_only", "true", true },
        { "/rules/0/disposition", "null", true },
        { "/rules/0/acute", "false", true },
        { "/rules/0/clearance_for", "[]", true },
        { "/rules/0/modifications/0/value", "2.0", true },
        { "/facts/0/valid_days", "9.0", true },
        { "/facts/0/valid_days", "0.9e1", true },
        { "/courses/0/phases/0/per_week", "1.00", true },
        { "/replanning/0/per_week_steps/2", "5e-1", true },
        { "/texts", "null", true },
        /* what says something */
        { "/facts/0/gate", "true", false },
        { "/facts/0/label", "'a label'", false },
        { "/facts/0/label", "'A label '", false },
        { "/facts/0/valid_days", "10", false },
        { "/facts/0/valid_days", "9.5", false },
        { "/facts/0/valid_days", "'9'", false },
        { "/facts/0/codes/atc", "['A2']", false },
        { "/facts/1/complaint_regions", "['neck']", false },
        { "/facts/1/complaint_regions", NULL, false }, /* "every complaint" is not "no complaint" */
        { "/facts/2/complaint_regions", "[]", false },
        { "/rules/0/modifications", "[]", false },
        { "/rules/0/modifications/0/value", "3", false },
        { "/rules/0/id", "'R'", false },
        { "/rules/0/when", "{'var': 'a'}", false },
        { "/rules/0/when/and/1/</1", "8.0", false }, /* conditions are kept as they are */
        { "/rules/0/evidence", "['e', 'e']", false },
        { "/replanning/0/per_week_steps", "[1, 2, 0.5]", false },
        { "/texts", "{'de': {}}", false },
    };
    char plain[DIGEST_TEXT_LEN + 1], other[DIGEST_TEXT_LEN + 1];
    json_t *doc = document();
    (void)state;
    digest_of(doc, JSON_COMPACT, plain);
    json_decref(doc);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        doc = document();
        doc_set(doc, rows[i].place, rows[i].value);
        digest_of(doc, JSON_COMPACT, other);
        if ((strcmp(plain, other) == 0) != rows[i].same)
            fail_msg("%s %s %s the digest", rows[i].place, rows[i].value, rows[i].same ? "changes" : "does not change");
        json_decref(doc);
    }
    {
        doc = document();
        doc_set(doc, "/replanning/0/per_week_steps", "[2.0, 1.0, 0.5]");
        digest_of(doc, JSON_COMPACT, other);
        assert_string_equal(other, plain);
        json_decref(doc);
    }
    {
        doc = document();
        doc_set(doc, "/rules/0/target", "null");
        digest_of(doc, JSON_COMPACT, other);
        assert_string_equal(other, plain);
        json_decref(doc);
    }
}

static void writes_the_canonical_form(void **state)
{
    static const struct {
        const char *text, *canonical;
    } rows[] = {
        { "{}", "{}" },
        { " { \"b\" : 1 , \"a\" : [ ] , \"c\" : null } ", "{\"b\":1}" },
        { "{\"b\": 2.0, \"a\": 0.25, \"c\": -3.0, \"d\": 1e3, \"e\": 1e15}",
          "{\"a\":0.25,\"b\":2,\"c\":-3,\"d\":1000,\"e\":1e15}" },
        { "{\"complaint_regions\": []}", "{\"complaint_regions\":[]}" },
        { "{\"a\": {\"b\": {\"d\": false, \"c\": \"\"}}}", "{\"a\":{\"b\":{\"c\":\"\"}}}" },
        { "{\"a\": [{\"c\": 1.0, \"b\": null}, [], null, false]}", "{\"a\":[{\"c\":1},[],null,false]}" },
        { "{\"when\": {\"b\": 2.0, \"a\": []}, \"x\": 1}", "{\"when\":{\"a\":[],\"b\":2.0},\"x\":1}" },
        { "{\"target\": {\"x\": false}}", "{\"target\":{\"x\":false}}" },
        { "{\"ask_if\": {\"x\": false}}", "{\"ask_if\":{\"x\":false}}" },
        { "{\"offer_when\": {\"x\": false}}", "{\"offer_when\":{\"x\":false}}" },
        { "{\"a\": \"\\u00e9\\u0041\"}", "{\"a\":\"\xc3\xa9"
                                         "A\"}" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct world w;
        char digest[DIGEST_TEXT_LEN + 1];
        init(&w);
        assert_int_equal(source_load_text(str_of(rows[i].text), &w.doc, &w.err), RC_OK);
        assert_str(w.doc.text, str_of(rows[i].canonical));
        digest_sha256(w.doc.text, digest);
        assert_string_equal(w.doc.digest, digest);
        done(&w);
    }
}

static void refuses_text_that_is_no_document(void **state)
{
    static const struct {
        const char *text;
        enum rc rc;
    } rows[] = {
        { "", RC_MALFORMED_JSON },
        { "{", RC_MALFORMED_JSON },
        { "{\"a\": 1, \"a\": 2}", RC_MALFORMED_JSON },
        { "\xef\xbb\xbf{}", RC_MALFORMED_JSON },
        { "{} x", RC_MALFORMED_JSON },
        { "[]", RC_CATALOGUE_INVALID },
        { "\"x\"", RC_CATALOGUE_INVALID },
        { "null", RC_CATALOGUE_INVALID },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct world w;
        init(&w);
        assert_int_equal(source_load_text(str_of(rows[i].text), &w.doc, &w.err), rows[i].rc);
        assert_int_equal(w.err.code, rows[i].rc);
        assert_null(w.doc.text.p);
        assert_int_equal(source_load_text(str_of(rows[i].text), &w.doc, NULL), rows[i].rc);
        done(&w);
    }
}

/* ---- files ------------------------------------------------------------------------------------------------ */

struct file {
    const char *name, *text; /* ' for " */
};

static enum rc load(struct world *w, const struct file *files, size_t n)
{
    struct source_file list[16];
    char text[16][512];
    init(w);
    for (size_t i = 0; i < n; i++) {
        (void)snprintf(text[i], sizeof(text[i]), "%s", files[i].text);
        for (char *c = text[i]; *c; c++)
            *c = (char)(*c == '\'' ? '"' : *c);
        list[i] = (struct source_file){ files[i].name, str_of(text[i]) };
    }
    return source_load_files(list, n, &w->doc, &w->faults, &w->err);
}

/* Items come in the order of the files' names, each with its file's topic or group. */
static void puts_files_together(void **state)
{
    static const struct file files[] = {
        { "rules/20.json", "{'topic': 'Late', 'rules': [{'id': 'r2', 'topic': 'old'}]}" },
        { "facts/1.json", "{'group': 'one', 'topic': 't', 'facts': [{'id': 'a'}, {'id': 'b', 'gate': false}]}" },
        { "rules/10.json", "{'topic': 'Early', 'rules': [{'id': 'r0'}, {'id': 'r1'}]}" },
        { "facts/2.json", "{'group': 'two', 'facts': [{'id': 'c'}]}" },
        { "catalogue.json", "{'name': 'n', 'version': 'v'}" },
        { "definitions.json", "{'topic': 't', 'definitions': {'x': 1}}" },
        { "attributes.json", "{'topic': 't', 'attributes': [{'id': 'date'}]}" },
        { "adjustments.json", "{'topic': 't', 'adjustments': [{'id': 'j'}]}" },
        { "replanning.json", "{'replanning': [{'id': 'p'}]}" },
        { "courses/c.json", "{'topic': 'C', 'courses': [{'id': 'k'}]}" },
        { "techniques/t.json", "{'topic': 'T', 'techniques': [{'code': 's'}]}" },
        { "evidence/e.json", "{'evidence': [{'id': 'e'}]}" },
        { "texts/de/2.json", "{'language': 'de', 'review': {'status': 'draft'}, 'facts': {'b': {'label': 'B'}}}" },
        { "texts/de/1.json", "{'language': 'de', 'review': {'status': 'draft'}, 'techniques': {'s': {'name': 'S'}},"
                             " 'facts': {'a': {'label': 'A'}}}" },
        { "texts/fr/x.json", "{'language': 'fr', 'review': {'status': 'draft'}, 'techniques': {}}" },
    };
    static const char want[] =
        "{\"adjustments\":[{\"id\":\"j\"}],\"attributes\":[{\"id\":\"date\"}],\"courses\":[{\"id\":\"k\",\"topic\":"
        "\"C\"}],"
        "\"definitions\":{\"x\":1},\"evidence\":[{\"id\":\"e\"}],\"facts\":[{\"group\":\"one\",\"id\":\"a\"},"
        "{\"group\":\"one\",\"id\":\"b\"},{\"group\":\"two\",\"id\":\"c\"}],\"name\":\"n\",\"replanning\":[{\"id\":"
        "\"p\"}],"
        "\"rules\":[{\"id\":\"r0\",\"topic\":\"Early\"},{\"id\":\"r1\",\"topic\":\"Early\"},"
        "{\"id\":\"r2\",\"topic\":\"Late\"}],\"techniques\":[{\"code\":\"s\"}],"
        "\"texts\":{\"de\":{\"facts\":{\"a\":{\"label\":\"A\"},\"b\":{\"label\":\"B\"}},"
        "\"review\":{\"status\":\"draft\"},\"techniques\":{\"s\":{\"name\":\"S\"}}},"
        "\"fr\":{\"review\":{\"status\":\"draft\"},\"techniques\":{}}},\"version\":\"v\"}";
    struct world w;
    (void)state;
    assert_int_equal(load(&w, files, ARRAY_LEN(files)), RC_OK);
    assert_str(w.doc.text, str_of(want));
    assert_int_equal(w.faults.total, 0);
    done(&w);
    assert_int_equal(load(&w, files, 0), RC_OK);
    assert_str(w.doc.text, STR("{}"));
    done(&w);
}

static void says_what_is_wrong_with_a_file(void **state)
{
    static const struct {
        struct file file;
        enum fault_code code;
        const char *pointer, *detail;
    } rows[] = {
        { { "notes.json", "{}" }, FAULT_UNKNOWN_ID, "", "no file of this name" },
        { { "rules.json", "{'rules': []}" }, FAULT_UNKNOWN_ID, "", "no file of this name" },
        { { "rules/a.txt", "{'topic': 't', 'rules': []}" }, FAULT_UNKNOWN_ID, "", "no file of this name" },
        { { "rulesx/a.json", "{'topic': 't', 'rules': []}" }, FAULT_UNKNOWN_ID, "", "no file of this name" },
        { { "facts", "{}" }, FAULT_UNKNOWN_ID, "", "no file of this name" },
        { { ".json", "{}" }, FAULT_UNKNOWN_ID, "", "no file of this name" },
        { { "rules/a.json", "[]" }, FAULT_WRONG_TYPE, "", "is an object" },
        { { "rules/a.json", "{" }, FAULT_WRONG_TYPE, "", "ends too early" },
        { { "rules/a.json", "" }, FAULT_WRONG_TYPE, "", "empty" },
        { { "rules/a.json", "\xef\xbb\xbf{'topic': 't', 'rules': []}" }, FAULT_WRONG_TYPE, "", "not valid JSON" },
        { { "rules/a.json", "{'topic': 't', 'topic': 'u', 'rules': []}" }, FAULT_WRONG_TYPE, "", "stands twice" },
        { { "rules/a.json", "{'topic': 't', 'rules': [\xff]}" }, FAULT_WRONG_TYPE, "", "UTF-8" },
        { { "rules/a.json", "{'topic': 't'}" }, FAULT_MISSING_MEMBER, "", "a list \"rules\" and a topic" },
        { { "rules/a.json", "{'rules': []}" }, FAULT_MISSING_MEMBER, "", "a list \"rules\" and a topic" },
        { { "rules/a.json", "{'topic': 3, 'rules': []}" }, FAULT_MISSING_MEMBER, "", "and a topic" },
        { { "rules/a.json", "{'topic': 't', 'rules': {}}" }, FAULT_MISSING_MEMBER, "", "a list \"rules\"" },
        { { "rules/a.json", "{'topic': 't', 'rules': [], 'rule': 1}" }, FAULT_UNKNOWN_MEMBER, "/rule", "no such" },
        { { "facts/a.json", "{'topic': 't', 'facts': []}" }, FAULT_MISSING_MEMBER, "", "and a group" },
        { { "facts/a.json", "{'group': 'g', 'rules': []}" }, FAULT_UNKNOWN_MEMBER, "/rules", "no such" },
        { { "attributes.json", "{}" }, FAULT_MISSING_MEMBER, "", "the file needs a list \"attributes\"" },
        { { "definitions.json", "{'definition': {}}" }, FAULT_MISSING_MEMBER, "/definitions", "no definitions" },
        { { "texts/de.json", "{'language': 'de', 'review': {}}" }, FAULT_UNKNOWN_ID, "", "no file of this name" },
        { { "texts/de/a.json", "{'techniques': {}}" }, FAULT_MISSING_MEMBER, "/language", "names its language" },
        { { "texts/de/a.json", "{'language': 3}" }, FAULT_MISSING_MEMBER, "/language", "names its language" },
        { { "texts/de/a.json", "{'language': 'd'}" }, FAULT_CONFLICT, "/language", "as its folder does" },
        { { "texts/de/a.json", "{'language': 'de-AT'}" }, FAULT_CONFLICT, "/language", "as its folder does" },
        { { "texts/de/a.json", "{'language': 'de'}" }, FAULT_MISSING_MEMBER, "/review", "whether they are reviewed" },
        { { "catalogue.json", "7" }, FAULT_WRONG_TYPE, "", "is an object" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct world w;
        assert_int_equal(load(&w, &rows[i].file, 1), RC_CATALOGUE_INVALID);
        const struct fault *f = &w.faults.at[0];
        if (w.faults.total == 0 || f->code != rows[i].code || !str_eq(f->pointer, str_of(rows[i].pointer)) ||
            !strstr(f->detail.p, rows[i].detail))
            fail_msg("%s of %s: %s at %.*s: %.*s", rows[i].file.text, rows[i].file.name, fault_name(f->code),
                     STR_ARGS(f->pointer), STR_ARGS(f->detail));
        assert_str(f->item, str_of(rows[i].file.name));
        assert_non_null(strstr(w.err.text, "the catalogue's files have"));
        assert_null(w.doc.text.p);
        done(&w);
    }
}

static void reports_faults_of_all_files_at_once(void **state)
{
    static const struct file files[] = {
        { "a.json", "{}" },
        { "rules/b.json", "{" },
        { "rules/c.json", "{'topic': 't', 'rules': [], 'x': 1, 'y': 2}" },
        { "texts/de/1.json", "{'language': 'de', 'review': {'status': 'draft'}, 'rules': {'r': {'message': 'm'}}}" },
        { "texts/de/2.json", "{'language': 'de', 'review': {'status': 'signed'}," /* another review, and twice */
                             " 'rules': {'s': {'message': 'm'}, 'r': {'message': 'm'}}}" },
        { "texts/de/3.json", "{'language': 'de', 'review': {'status': 'signed'}, 'rules': []}" }, /* no section */
    };
    static const char *const items[] = { "a.json",          "rules/b.json",    "rules/c.json",   "rules/c.json",
                                         "texts/de/2.json", "texts/de/2.json", "texts/de/3.json" };
    struct world w;
    (void)state;
    assert_int_equal(load(&w, files, ARRAY_LEN(files)), RC_CATALOGUE_INVALID);
    assert_int_equal(w.faults.total, ARRAY_LEN(items));
    for (size_t i = 0; i < ARRAY_LEN(items); i++)
        assert_str(w.faults.at[i].item, str_of(items[i]));
    assert_int_equal(w.faults.at[4].code, FAULT_CONFLICT);
    assert_str(w.faults.at[4].pointer, STR("/review"));
    assert_int_equal(w.faults.at[5].code, FAULT_DUPLICATE);
    assert_str(w.faults.at[5].pointer, STR("/rules/r"));
    assert_int_equal(w.faults.at[6].code, FAULT_CONFLICT);
    assert_str(w.faults.at[6].pointer, STR("/rules"));
    assert_string_equal(w.err.text, "the catalogue's files have 7 faults");
    assert_null(w.faults.item.p); /* what follows is of no file */
    done(&w);
    assert_int_equal(load(&w, files, 1), RC_CATALOGUE_INVALID);
    assert_string_equal(w.err.text, "the catalogue's files have 1 fault");
    done(&w);
}

/* ---- folders ---------------------------------------------------------------------------------------------- */

static char folder[64];

static int make_folder(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof(folder), "/tmp/palpate-source-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static const char *in_folder(const char *name)
{
    static char path[256];
    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

static int remove_folder(void **state)
{
    static const char *const names[] = {
        "catalogue.json",  "rules/a.json", "rules/.b.json", "rules/README.md",  "rules/broken.json",  "texts/de/a.json",
        "texts/de/b.json", "texts/README", "texts/de.json", "texts/.es/a.json", "texts/fr/README.md", "other/x.json",
    };
    static const char *const folders[] = { "rules/dir.json", "rules", "texts/de", "texts/fr",
                                           "texts/.es",      "texts", "other",    "." };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        (void)unlink(in_folder(names[i]));
    for (size_t i = 0; i < ARRAY_LEN(folders); i++)
        (void)rmdir(in_folder(folders[i]));
    return rmdir(folder) == 0 || errno == ENOENT ? 0 : -1;
}

static void put_file(const char *name, const char *text)
{
    FILE *f = fopen(in_folder(name), "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

/* Each allocation of the arena fails once, and then each of the heap. */
static void refuses_a_folder_without_memory(void **state)
{
    enum { BLOCK = 64 * 1024, SPARE = 64 };
    struct world w;
    size_t refused = 0;
    (void)state;
    put_file("catalogue.json", "{\"name\": \"n\"}");
    assert_int_equal(mkdir(in_folder("rules"), 0700), 0);
    put_file("rules/a.json", "{\"topic\": \"t\", \"rules\": [{\"id\": \"r\"}]}");
    assert_int_equal(mkdir(in_folder("texts"), 0700), 0);
    assert_int_equal(mkdir(in_folder("texts/de"), 0700), 0);
    put_file("texts/de/a.json", "{\"language\": \"de\", \"review\": {}, \"facts\": {}}");
    enum rc rc = RC_OOM;
    for (size_t room = 0; rc != RC_OK; room += 8) {
        struct arena arena;
        struct source_doc doc = { 0 };
        arena_init(&arena, BLOCK + SPARE);
        faults_init(&w.faults, &arena);
        assert_true(room < BLOCK);
        assert_non_null(arena_alloc(&arena, BLOCK - room, 1));
        rc = source_load_dir(folder, &doc, &w.faults, &w.err);
        if (rc != RC_OK)
            assert_int_equal(rc, RC_OOM);
        refused += rc == RC_OOM;
        source_done(&doc);
        arena_done(&arena);
    }
    bool failed = true;
    for (long n = 1; failed; n++) {
        init(&w);
        alloc_fail_at(n);
        rc = source_load_dir(folder, &w.doc, &w.faults, &w.err);
        failed = alloc_calls() >= n;
        alloc_fail_at(0);
        assert_int_equal(rc, failed ? RC_OOM : RC_OK);
        refused += failed;
        done(&w);
    }
    assert_true(refused > 20);
}

static void reads_a_folder(void **state)
{
    struct world w;
    (void)state;
    init(&w);
    assert_int_equal(source_load_dir(folder, &w.doc, &w.faults, &w.err), RC_OK);
    assert_str(w.doc.text, STR("{}")); /* what is missing is a fault of the catalogue, not of a file */
    done(&w);
    put_file("catalogue.json", "{\"name\": \"n\"}");
    assert_int_equal(mkdir(in_folder("rules"), 0700), 0);
    static const char *const others[] = { "texts", "texts/de", "texts/fr", "texts/.es", "other" };
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        assert_int_equal(mkdir(in_folder(others[i]), 0700), 0);
    put_file("rules/a.json", "{\"topic\": \"t\", \"rules\": [{\"id\": \"r\"}]}");
    put_file("rules/.b.json", "nonsense");
    put_file("rules/README.md", "nonsense");
    put_file("texts/de/a.json", "{\"language\": \"de\", \"review\": {}, \"facts\": {}}");
    put_file("texts/de/b.json", "{\"language\": \"de\", \"review\": {}, \"rules\": {}}");
    put_file("texts/fr/README.md", "nonsense"); /* a language in which nothing is said yet */
    put_file("texts/README", "nonsense");
    put_file("texts/.es/a.json", "nonsense");
    put_file("other/x.json", "nonsense");
    init(&w);
    assert_int_equal(source_load_dir(folder, &w.doc, &w.faults, &w.err), RC_OK);
    assert_str(w.doc.text, STR("{\"name\":\"n\",\"rules\":[{\"id\":\"r\",\"topic\":\"t\"}],"
                               "\"texts\":{\"de\":{\"facts\":{},\"review\":{},\"rules\":{}}}}"));
    done(&w);
    /* a file outside the folders of languages is told of, not passed over */
    put_file("texts/de.json", "{\"language\": \"de\"}");
    init(&w);
    assert_int_equal(source_load_dir(folder, &w.doc, &w.faults, &w.err), RC_CATALOGUE_INVALID);
    assert_str(w.faults.at[0].item, STR("texts/de.json"));
    done(&w);
    assert_int_equal(unlink(in_folder("texts/de.json")), 0);
    /* a fault names the file from the folder on */
    put_file("rules/a.json", "{");
    init(&w);
    assert_int_equal(source_load_dir(folder, &w.doc, &w.faults, &w.err), RC_CATALOGUE_INVALID);
    assert_str(w.faults.at[0].item, STR("rules/a.json"));
    done(&w);
    put_file("rules/a.json", "{\"topic\": \"t\", \"rules\": []}");
}

static void assert_unreadable(const char *dir, const char *detail)
{
    struct world w;
    init(&w);
    assert_int_equal(source_load_dir(dir, &w.doc, &w.faults, &w.err), RC_FILE);
    assert_int_equal(w.err.code, RC_FILE);
    if (!strstr(w.err.text, detail))
        fail_msg("%s", w.err.text);
    assert_null(w.doc.text.p);
    done(&w);
}

static void says_what_it_cannot_read(void **state)
{
    (void)state;
    assert_unreadable("/nonexistent/palpate", "cannot read the folder /nonexistent/palpate/.: No such file");
    put_file("catalogue.json", "{}");
    assert_unreadable(in_folder("catalogue.json"), "Not a directory");
    assert_int_equal(mkdir(in_folder("rules"), 0700), 0);
    assert_int_equal(symlink("nowhere", in_folder("rules/broken.json")), 0);
    assert_unreadable(folder, "rules/broken.json: No such file");
    assert_int_equal(unlink(in_folder("rules/broken.json")), 0);
    assert_int_equal(mkdir(in_folder("rules/dir.json"), 0700), 0);
    assert_unreadable(folder, "rules/dir.json: Is a directory");
    assert_int_equal(rmdir(in_folder("rules/dir.json")), 0);
    assert_int_equal(rmdir(in_folder("rules")), 0);
    put_file("rules", "a file where a folder is expected");
    assert_unreadable(folder, "cannot read the folder");
    assert_int_equal(unlink(in_folder("rules")), 0);
}

/* The catalogue that comes with the service, read from its folder and from memory in another order. */
static void reads_the_real_catalogue(void **state)
{
    static const char dir[] = SOURCE_DIR "/sql/catalogue";
    struct world w, again;
    struct catalogue *cat = NULL;
    (void)state;
    init(&w);
    assert_int_equal(source_load_dir(dir, &w.doc, &w.faults, &w.err), RC_OK);
    assert_int_equal(catalogue_new(&w.doc, &cat, &w.faults, &w.err), RC_OK);
    assert_string_equal(cat->digest, w.doc.digest);
    assert_true(cat->n_rules > 300 && cat->n_facts > 250 && cat->n_techniques > 25);
    init(&again);
    assert_int_equal(source_load_text(w.doc.text, &again.doc, &again.err), RC_OK);
    assert_str(again.doc.text, w.doc.text); /* canonical once, canonical always */
    assert_string_equal(again.doc.digest, w.doc.digest);
    catalogue_unref(cat);
    done(&again);
    done(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spacing_and_order_do_not_count),
        cmocka_unit_test(only_content_counts),
        cmocka_unit_test(writes_the_canonical_form),
        cmocka_unit_test(refuses_text_that_is_no_document),
        cmocka_unit_test(puts_files_together),
        cmocka_unit_test(says_what_is_wrong_with_a_file),
        cmocka_unit_test(reports_faults_of_all_files_at_once),
        cmocka_unit_test_setup_teardown(refuses_a_folder_without_memory, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(reads_a_folder, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(says_what_it_cannot_read, make_folder, remove_folder),
        cmocka_unit_test(reads_the_real_catalogue),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
