/* Puts the catalogue's files together into one document in canonical form.
 *
 * The canonical form makes the digest independent of how the files are cut, spaced and ordered inside: members are
 * sorted, members that say what is so anyway (null, false, an empty list) are left out, whole numbers are written
 * without a fraction. Conditions are kept as they are. An empty list of complaint regions means "every complaint"
 * and stays. */
#include "rules/rules_priv.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"

/* Which file holds what. A folder's files are read in order of their names, which is the catalogue's order. */
static const struct place_of_items {
    const char *folder, *file; /* one of the two */
    const char *list;          /* the member that holds the items */
    const char *label;         /* a member of the file that every item gets, or NULL */
} parts[] = {
    { NULL, "attributes.json", "attributes", NULL }, { "facts", NULL, "facts", "group" },
    { "techniques", NULL, "techniques", NULL },      { "rules", NULL, "rules", "topic" },
    { "courses", NULL, "courses", "topic" },         { NULL, "adjustments.json", "adjustments", NULL },
    { NULL, "replanning.json", "replanning", NULL }, { "evidence", NULL, "evidence", NULL },
};

static bool is_condition(const char *member)
{
    return strcmp(member, "when") == 0 || strcmp(member, "target") == 0 || strcmp(member, "ask_if") == 0 ||
           strcmp(member, "offer_when") == 0;
}

static bool says_nothing(const char *member, const json_t *v)
{
    if (json_is_null(v) || json_is_false(v))
        return true;
    return json_is_array(v) && json_array_size(v) == 0 && strcmp(member, "complaint_regions") != 0;
}

/* In place. Numbers like 2.0 become 2. Bounded by the parser's depth. */
static bool is_whole(const json_t *v, json_int_t *ret)
{
    double x = json_is_real(v) ? json_real_value(v) : 0.5;
    bool whole = x == floor(x) && fabs(x) < 1e15;
    *ret = whole ? (json_int_t)x : 0;
    return whole;
}

static void normalise(json_t *v)
{
    const char *key;
    json_t *value;
    void *next;
    size_t i;
    if (json_is_array(v)) {
        json_array_foreach(v, i, value)
        {
            json_int_t whole;
            if (is_whole(value, &whole))
                (void)json_array_set_new(v, i, json_integer(whole));
            else
                normalise(value);
        }
        return;
    }
    if (!json_is_object(v))
        return;
    json_object_foreach_safe(v, next, key, value)
    {
        if (is_condition(key) && !json_is_null(value))
            continue;
        if (says_nothing(key, value)) {
            (void)json_object_del(v, key);
            continue;
        }
        json_int_t whole;
        if (is_whole(value, &whole))
            (void)json_object_set_new(v, key, json_integer(whole));
        else
            normalise(value);
    }
}

enum rc source_finish(json_t *doc, struct source_doc *ret, struct error *reterr)
{
    normalise(doc);
    char *text = json_dumps(doc, JSON_SORT_KEYS | JSON_COMPACT | JSON_REAL_PRECISION(15));
    if (!text)
        return error_oom(reterr);
    ret->text = str_of(text);
    digest_sha256(ret->text, ret->digest);
    return RC_OK;
}

void source_done(struct source_doc *doc)
{
    free((char *)doc->text.p);
    *doc = (struct source_doc){ 0 };
}

enum rc source_load_text(struct str text, struct source_doc *ret, struct error *reterr)
{
    CLEANUP(json_decrefp) json_t *doc = json_parse(text, reterr);
    if (!doc)
        return reterr ? reterr->code : RC_MALFORMED_JSON;
    if (!json_is_object(doc))
        return error_set(reterr, RC_CATALOGUE_INVALID, "a catalogue document is an object");
    return source_finish(doc, ret, reterr);
}

/* ---- files ------------------------------------------------------------------------------------------------ */

static bool ends_with(const char *s, const char *end)
{
    size_t n = strlen(s), k = strlen(end);
    return n >= k && strcmp(s + n - k, end) == 0;
}

static bool in_folder(const char *name, const char *folder)
{
    size_t n = strlen(folder);
    return strncmp(name, folder, n) == 0 && name[n] == '/' && ends_with(name, ".json");
}

static enum rc add_items(json_t *doc, const struct place_of_items *part, json_t *file, struct faults *faults)
{
    json_t *list = json_object_get(file, part->list), *into = json_object_get(doc, part->list), *item;
    json_t *label = part->label ? json_object_get(file, part->label) : NULL;
    const char *key;
    json_t *value;
    size_t i;
    json_object_foreach(file, key, value)
    {
        if (strcmp(key, part->list) != 0 && strcmp(key, "topic") != 0 && strcmp(key, "group") != 0)
            fault_add(faults, FAULT_UNKNOWN_MEMBER, WHERE_MEMBER(NULL, str_of(key)),
                      "a file has a topic (facts: a group) and its list", "there is no such member");
    }
    if (!json_is_array(list) || (part->label && !json_is_string(label))) {
        fault_add(faults, FAULT_MISSING_MEMBER, NULL, "give it", "the file needs a list \"%s\"%s%s", part->list,
                  part->label ? " and a " : "", part->label ? part->label : "");
        return RC_OK;
    }
    if (!into) {
        into = json_array();
        if (json_object_set_new(doc, part->list, into) != 0)
            return RC_OOM;
    }
    json_array_foreach(list, i, item)
    {
        if (json_is_object(item) && label && json_object_set(item, part->label, label) != 0)
            return RC_OOM;
        if (json_array_append(into, item) != 0)
            return RC_OOM;
    }
    return RC_OK;
}

/* texts/es/rules.json: the language and a name. */
static bool is_translation(const char *name)
{
    return in_folder(name, "texts") && strchr(name + strlen("texts/"), '/');
}

/* What several files say of one section is put together; of one item it is said once. */
static enum rc add_section(json_t *into, const char *name, json_t *section, struct faults *faults)
{
    json_t *said = json_object_get(into, name), *words;
    const char *id;
    if (!json_is_object(said) || !json_is_object(section)) { /* what is no section is faulted when it is compiled */
        if (said && !json_equal(said, section))
            fault_add(faults, FAULT_CONFLICT, WHERE_MEMBER(NULL, str_of(name)), "say it once, or the same everywhere",
                      "another file of the language says something else");
        return json_object_set(into, name, section) == 0 ? RC_OK : RC_OOM;
    }
    json_object_foreach(section, id, words)
    {
        if (json_object_get(said, id))
            fault_add(faults, FAULT_DUPLICATE, WHERE_MEMBER(WHERE_MEMBER(NULL, str_of(name)), str_of(id)),
                      "say it in one file", "another file of the language speaks of it already");
        else if (json_object_set(said, id, words) != 0)
            return RC_OOM;
    }
    return RC_OK;
}

static enum rc add_review(json_t *into, json_t *review, struct faults *faults)
{
    const json_t *before = json_object_get(into, "review");
    if (before && !json_equal((json_t *)before, review))
        fault_add(faults, FAULT_CONFLICT, WHERE_MEMBER(NULL, STR("review")), "review a language as a whole",
                  "another file of the language has another review");
    return json_object_set(into, "review", review) == 0 ? RC_OK : RC_OOM;
}

/* The part of the document that is for a language; NULL when memory is out. */
static json_t *texts_in(json_t *doc, const char *language)
{
    json_t *texts = json_object_get(doc, "texts"), *into;
    if (!texts) {
        texts = json_object();
        if (json_object_set_new(doc, "texts", texts) != 0)
            return NULL;
    }
    into = json_object_get(texts, language);
    if (!into) {
        into = json_object();
        if (json_object_set_new(texts, language, into) != 0)
            return NULL;
    }
    return into;
}

static enum rc add_texts(json_t *doc, const char *name, json_t *file, struct faults *faults)
{
    const char *language = json_string_value(json_object_get(file, "language")), *key;
    const char *folder = name + strlen("texts/");
    size_t n = strcspn(folder, "/");
    json_t *value;
    if (!language || strlen(language) != n || memcmp(language, folder, n) != 0) {
        fault_add(faults, language ? FAULT_CONFLICT : FAULT_MISSING_MEMBER, WHERE_MEMBER(NULL, STR("language")),
                  "give the name of the folder", "a file of translations names its language, as its folder does");
        return RC_OK;
    }
    json_t *into = texts_in(doc, language);
    enum rc rc = into ? RC_OK : RC_OOM;
    if (into && !json_object_get(file, "review"))
        fault_add(faults, FAULT_MISSING_MEMBER, WHERE_MEMBER(NULL, STR("review")), "give it",
                  "a file of translations says whether they are reviewed");
    json_object_foreach(file, key, value)
    {
        if (rc == RC_OK && strcmp(key, "review") == 0)
            rc = add_review(into, value, faults);
        else if (rc == RC_OK && strcmp(key, "language") != 0)
            rc = add_section(into, key, value, faults);
    }
    return rc;
}

/* Findings that are accepted say something about the catalogue and are no part of it. */
static bool is_beside(const char *name)
{
    return strcmp(name, ACCEPTED_FILE) == 0;
}

static enum rc add_file(json_t *doc, const char *name, json_t *file, struct faults *faults)
{
    const char *key;
    json_t *value;
    if (strcmp(name, "catalogue.json") == 0) {
        json_object_foreach(file, key, value)
        {
            if (json_object_set(doc, key, value) != 0)
                return RC_OOM;
        }
        return RC_OK;
    }
    if (strcmp(name, "definitions.json") == 0) {
        json_t *definitions = json_object_get(file, "definitions");
        if (!definitions)
            fault_add(faults, FAULT_MISSING_MEMBER, WHERE_MEMBER(NULL, STR("definitions")), "give it",
                      "the file has no definitions");
        return !definitions || json_object_set(doc, "definitions", definitions) == 0 ? RC_OK : RC_OOM;
    }
    if (is_translation(name))
        return add_texts(doc, name, file, faults);
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        if (parts[i].file ? strcmp(name, parts[i].file) == 0 : in_folder(name, parts[i].folder))
            return add_items(doc, &parts[i], file, faults);
    fault_add(faults, FAULT_UNKNOWN_ID, NULL, "see the other files for where things stand",
              "a catalogue has no file of this name");
    return RC_OK;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct source_file *)a)->name, ((const struct source_file *)b)->name);
}

enum rc source_load_files(const struct source_file *files, size_t n, struct source_doc *ret, struct faults *faults,
                          struct error *reterr)
{
    CLEANUP(json_decrefp) json_t *doc = json_object();
    struct source_file *sorted = ARENA_ARRAY(faults->arena, struct source_file, n);
    if (!doc || !sorted)
        return error_oom(reterr);
    if (n)
        memcpy(sorted, files, n * sizeof(files[0]));
    qsort(sorted, n, sizeof(sorted[0]), by_name);
    size_t before = faults->total;
    for (size_t i = 0; i < n; i++) {
        struct error err;
        if (is_beside(sorted[i].name))
            continue;
        faults->item = str_of(sorted[i].name);
        CLEANUP(json_decrefp) json_t *file = json_parse(sorted[i].text, &err);
        if (!file && err.code == RC_OOM)
            return error_oom(reterr);
        if (!json_is_object(file)) {
            fault_add(faults, FAULT_WRONG_TYPE, NULL, "mend the file", "%s",
                      file ? "a file of the catalogue is an object" : err.text);
            continue;
        }
        if (add_file(doc, sorted[i].name, file, faults) != RC_OK)
            return error_oom(reterr);
    }
    faults->item = (struct str){ NULL, 0 };
    if (faults->total != before)
        return error_set(reterr, RC_CATALOGUE_INVALID, "the catalogue's files have %zu fault%s", faults->total - before,
                         faults->total - before == 1 ? "" : "s");
    return source_finish(doc, ret, reterr);
}

/* ---- folders ---------------------------------------------------------------------------------------------- */

struct folder {
    const char *dir;
    struct arena *arena;
    VEC(struct source_file) files;
    size_t bytes;
};

static enum rc read_file(struct folder *r, const char *name, struct error *reterr)
{
    struct str path = arena_printf(r->arena, "%s/%s", r->dir, name);
    struct str kept = arena_str(r->arena, str_of(name));
    if (!path.p || !kept.p)
        return error_oom(reterr);
    FILE *f = fopen(path.p, "rb");
    if (!f)
        return error_set(reterr, RC_FILE, "cannot read %s: %m", path.p);
    struct buf text;
    enum rc rc = RC_OK;
    char chunk[8192];
    size_t got;
    buf_init(&text, SOURCE_BYTES_MAX - r->bytes);
    while ((got = fread(chunk, 1, sizeof(chunk), f)) > 0)
        buf_add(&text, chunk, got);
    if (ferror(f))
        rc = error_set(reterr, RC_FILE, "cannot read %s: %m", path.p);
    else if (text.failed && text.n + sizeof(chunk) < SOURCE_BYTES_MAX - r->bytes)
        rc = error_oom(reterr);
    else if (text.failed)
        rc = error_set(reterr, RC_FILE, "cannot read %s: the catalogue is larger than %d bytes", path.p,
                       SOURCE_BYTES_MAX);
    if (rc == RC_OK) {
        struct source_file file = { kept.p, arena_str(r->arena, buf_str(&text)) };
        r->bytes += text.n;
        if (!file.text.p || !VEC_PUSH(r->arena, &r->files, file))
            rc = error_oom(reterr);
    }
    buf_done(&text);
    (void)fclose(f);
    return rc;
}

static enum rc read_folder(struct folder *r, const char *folder, struct error *reterr)
{
    struct str path = arena_printf(r->arena, "%s/%s", r->dir, folder ? folder : ".");
    if (!path.p)
        return error_oom(reterr);
    DIR *d = opendir(path.p);
    if (!d)
        return errno == ENOENT && folder ? RC_OK : error_set(reterr, RC_FILE, "cannot read the folder %s: %m", path.p);
    enum rc rc = RC_OK;
    for (const struct dirent *e;
         rc == RC_OK && (e = readdir(d));) { /* NOLINT(concurrency-mt-unsafe): of our own stream */
        if (e->d_name[0] == '.' || !ends_with(e->d_name, ".json") || (!folder && is_beside(e->d_name)))
            continue;
        struct str name = arena_printf(r->arena, "%s%s%s", folder ? folder : "", folder ? "/" : "", e->d_name);
        rc = name.p ? read_file(r, name.p, reterr) : error_oom(reterr);
    }
    (void)closedir(d);
    return rc;
}

static bool is_folder(const struct folder *r, const char *name)
{
    struct stat st;
    struct str path = arena_printf(r->arena, "%s/%s", r->dir, name);
    return path.p && stat(path.p, &st) == 0 && S_ISDIR(st.st_mode);
}

/* The folders of languages within `texts`. */
static enum rc read_texts(struct folder *r, struct error *reterr)
{
    struct str path = arena_printf(r->arena, "%s/texts", r->dir);
    if (!path.p)
        return error_oom(reterr);
    DIR *d = opendir(path.p);
    if (!d)
        return errno == ENOENT ? RC_OK : error_set(reterr, RC_FILE, "cannot read the folder %s: %m", path.p);
    enum rc rc = RC_OK;
    for (const struct dirent *e;
         rc == RC_OK && (e = readdir(d));) { /* NOLINT(concurrency-mt-unsafe): of our own stream */
        if (e->d_name[0] == '.')
            continue;
        struct str name = arena_printf(r->arena, "texts/%s", e->d_name);
        if (!name.p)
            rc = error_oom(reterr);
        else if (is_folder(r, name.p))
            rc = read_folder(r, name.p, reterr);
        else if (ends_with(name.p, ".json"))
            rc = read_file(r, name.p, reterr); /* to be told that it stands in the wrong place */
    }
    (void)closedir(d);
    return rc;
}

enum rc source_load_dir(const char *dir, struct source_doc *ret, struct faults *faults, struct error *reterr)
{
    struct folder r = { .dir = dir, .arena = faults->arena };
    enum rc rc = read_folder(&r, NULL, reterr);
    for (size_t i = 0; rc == RC_OK && i < ARRAY_LEN(parts); i++)
        if (parts[i].folder)
            rc = read_folder(&r, parts[i].folder, reterr);
    if (rc == RC_OK)
        rc = read_texts(&r, reterr);
    if (rc == RC_OK)
        rc = source_load_files(r.files.at, r.files.n, ret, faults, reterr);
    return rc != RC_OK && faults->arena->exhausted ? error_oom(reterr) : rc;
}

enum rc source_load_accepted(const char *dir, struct arena *arena, struct str *ret, struct error *reterr)
{
    struct folder r = { .dir = dir, .arena = arena };
    struct str path = arena_printf(arena, "%s/%s", dir, ACCEPTED_FILE);
    *ret = (struct str){ NULL, 0 };
    if (!path.p)
        return error_oom(reterr);
    if (access(path.p, F_OK) != 0 && errno == ENOENT)
        return RC_OK;
    enum rc rc = read_file(&r, ACCEPTED_FILE, reterr);
    if (rc == RC_OK && r.files.n)
        *ret = r.files.at[0].text;
    return rc;
}
