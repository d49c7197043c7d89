/* Judges every case file of this folder with the real catalogue, one line of TAP a case. A case says what must hold, as
 * bounds where more than one answer is defensible; README.md in this folder tells how to write one. */
#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "decide/decide.h"
#include "wire/wire.h"

static size_t cases, failures;
static bool case_failed; /* the one at hand */

static void failed(const char *name, const char *what, const char *found)
{
    printf("# %s: %s, found %s\n", name, what, found ? found : "nothing");
    case_failed = true;
}

static json_t *answer_of(const struct catalogue *cat, const json_t *request, const char *name)
{
    static struct faults faults;
    struct arena arena;
    struct screening s;
    struct decision d;
    struct error err = { .code = RC_OK };
    struct buf out;
    json_t *answer = NULL;
    char *text = json_dumps(request, JSON_COMPACT);
    arena_init(&arena, 0);
    faults_init(&faults, &arena);
    buf_init(&out, 1 << 24);
    enum rc rc = read_screening(str_of(text), date_today(), &faults, &s, &err);
    if (rc == RC_OK)
        rc = screen(cat, &s, &arena, &faults, &d);
    if (rc == RC_OK) {
        write_decision(&out, &d);
        answer = json_loadb(out.p, out.n, JSON_REJECT_DUPLICATES, NULL);
    }
    for (size_t i = 0; i < faults.n; i++)
        printf("# %s %.*s: %.*s\n", name, STR_ARGS(faults.at[i].pointer), STR_ARGS(faults.at[i].detail));
    buf_done(&out);
    arena_done(&arena);
    free(text);
    return answer;
}

static int rank(const struct vocabulary *v, const json_t *word)
{
    return json_is_string(word) ? vocabulary_find(v, str_of(json_string_value(word))) : -1;
}

/* min <= found <= max, each bound where it is given. */
static void check_bounds(const char *name, const char *what, const struct vocabulary *v, const json_t *found,
                         const json_t *min, const json_t *max)
{
    char text[160];
    if (!min && !max)
        return;
    int f = rank(v, found), lo = min ? rank(v, min) : 0, hi = max ? rank(v, max) : (int)v->n - 1;
    (void)snprintf(text, sizeof(text), "%s must be from %s to %s", what, min ? json_string_value(min) : "anything",
                   max ? json_string_value(max) : "anything");
    if (lo < 0 || hi < 0)
        failed(name, "the case names an unknown word", what);
    else if (f < lo || f > hi)
        failed(name, text, json_string_value(found));
}

static const json_t *find_by_code(const json_t *list, const char *code)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *c = json_string_value(json_object_get(json_array_get(list, i), "code"));
        if (c && strcmp(c, code) == 0)
            return json_array_get(list, i);
    }
    return NULL;
}

static void check_techniques(const char *name, const json_t *answer, json_t *expect)
{
    const char *code;
    json_t *bounds;
    json_object_foreach(expect, code, bounds)
    {
        const json_t *t = find_by_code(json_object_get(answer, "techniques"), code);
        check_bounds(name, code, &verdict_vocabulary, json_object_get(t, "verdict"), json_object_get(bounds, "min"),
                     json_object_get(bounds, "max"));
    }
}

/* The finding or coded finding that a pointer names has this id. */
static bool points_at_fact(const json_t *request, const char *pointer, const char *fact)
{
    char path[128];
    const json_t *at = request;
    (void)snprintf(path, sizeof(path), "%s", pointer);
    for (char *rest = path, *step; at && (step = strtok_r(rest, "/", &rest));)
        at = json_is_array(at) ? json_array_get(at, strtoul(step, NULL, 10)) : json_object_get(at, step);
    const char *id = json_string_value(json_object_get(at, "id"));
    return id && strcmp(id, fact) == 0;
}

static bool triggers_some_warning(const json_t *request, const json_t *answer, const char *fact)
{
    const json_t *warnings = json_object_get(answer, "warnings");
    for (size_t i = 0; i < json_array_size(warnings); i++) {
        const json_t *by = json_object_get(json_array_get(warnings, i), "triggered_by");
        for (size_t k = 0; k < json_array_size(by); k++)
            if (points_at_fact(request, json_string_value(json_array_get(by, k)), fact))
                return true;
    }
    return false;
}

static bool speaks(const struct catalogue *cat, struct str code)
{
    for (uint32_t i = 0; i < cat->n_replans; i++)
        if (str_eq(cat->replans[i].id, code))
            return true;
    return catalogue_find_rule(cat, code) >= 0;
}

static void check_warnings(const char *name, const struct catalogue *cat, const json_t *request, const json_t *answer,
                           const json_t *expect)
{
    const json_t *any = json_object_get(expect, "warnings_any"), *codes = json_object_get(expect, "warnings");
    const json_t *none = json_object_get(expect, "no_warnings");
    bool found = json_array_size(any) == 0;
    for (size_t i = 0; i < json_array_size(any); i++)
        found |= triggers_some_warning(request, answer, json_string_value(json_array_get(any, i)));
    if (!found)
        failed(name, "a warning must name one of these facts", json_string_value(json_array_get(any, 0)));
    for (size_t i = 0; i < json_array_size(codes); i++)
        if (!find_by_code(json_object_get(answer, "warnings"), json_string_value(json_array_get(codes, i))))
            failed(name, "this warning must stand", json_string_value(json_array_get(codes, i)));
    for (size_t i = 0; i < json_array_size(none); i++) {
        const char *code = json_string_value(json_array_get(none, i));
        if (!code || !speaks(cat, str_of(code)))
            failed(name, "the case names a rule that there is not", code);
        else if (find_by_code(json_object_get(answer, "warnings"), code))
            failed(name, "this warning must not stand", code);
    }
}

static bool same_value(const json_t *modification, const json_t *value)
{
    const json_t *found = json_object_get(modification, "value");
    if (json_is_string(value) && json_is_array(found)) { /* a region among those avoided */
        for (size_t i = 0; i < json_array_size(found); i++)
            if (json_equal(json_array_get(found, i), (json_t *)value))
                return true;
        return false;
    }
    return json_equal((json_t *)found, (json_t *)value);
}

/* modifications: {"swedish": [{"kind": "avoid_region", "value": "abdomen"}]}: each must be listed. */
static void check_modifications(const char *name, const json_t *answer, json_t *expect)
{
    const char *code;
    json_t *list;
    json_object_foreach(expect, code, list)
    {
        const json_t *found =
            json_object_get(find_by_code(json_object_get(answer, "techniques"), code), "modifications");
        for (size_t i = 0; i < json_array_size(list); i++) {
            const json_t *want = json_array_get(list, i), *kind = json_object_get(want, "kind");
            bool there = false;
            for (size_t k = 0; k < json_array_size(found); k++) {
                const json_t *m = json_array_get(found, k);
                there |= json_equal(json_object_get(m, "kind"), (json_t *)kind) &&
                         (!json_object_get(want, "value") || same_value(m, json_object_get(want, "value")));
            }
            if (!there)
                failed(name, "this modification must be listed", json_string_value(kind));
        }
    }
}

static void check_course(const char *name, const json_t *answer, const json_t *expect)
{
    const char *want = json_string_value(json_object_get(expect, "course"));
    const json_t *course = json_object_get(answer, "course");
    const char *id = json_string_value(json_object_get(course, "id"));
    const char *because = json_string_value(json_object_get(answer, "no_course_because"));
    const char *why = json_string_value(json_object_get(expect, "no_course_because"));
    if (want && strcmp(want, "present") == 0 && !course)
        failed(name, "a course must be suggested", because);
    else if (want && strcmp(want, "absent") == 0 && course)
        failed(name, "no course must be suggested", id);
    else if (want && strcmp(want, "present") != 0 && strcmp(want, "absent") != 0 && strcmp(want, "any") != 0 &&
             (!id || strcmp(id, want) != 0))
        failed(name, want, id);
    if (why && (!because || strcmp(because, why) != 0))
        failed(name, why, because);
}

static bool holds(const json_t *list, const json_t *value)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (json_equal(json_array_get(list, i), (json_t *)value))
            return true;
    return false;
}

/* In every phase of the course: the technique, what it is at most, and where it works or must not. */
static void check_plan(const char *name, const json_t *answer, const json_t *expect)
{
    const json_t *course = json_object_get(answer, "course"), *phases = json_object_get(course, "phases");
    json_t *technique = json_object_get(expect, "course_technique");
    const json_t *focus = json_object_get(expect, "course_focus"), *spared = json_object_get(expect, "course_spares");
    static const struct {
        const char *limit, *member;
    } limits[] = { { "course_pressure_max", "pressure" }, { "course_minutes_max", "minutes" } };
    if (technique && !json_equal(technique, json_object_get(course, "technique")))
        failed(name, "another technique of the course", json_string_value(json_object_get(course, "technique")));
    for (size_t i = 0; i < json_array_size(phases); i++) {
        const json_t *phase = json_array_get(phases, i), *found = json_object_get(phase, "focus");
        for (size_t k = 0; k < sizeof(limits) / sizeof(limits[0]); k++) {
            const json_t *limit = json_object_get(expect, limits[k].limit);
            if (limit && json_integer_value(json_object_get(phase, limits[k].member)) > json_integer_value(limit))
                failed(name, limits[k].limit, "more");
        }
        for (size_t k = 0; k < json_array_size(focus); k++)
            if (!holds(found, json_array_get(focus, k)))
                failed(name, "the course must work on this", json_string_value(json_array_get(focus, k)));
        for (size_t k = 0; k < json_array_size(spared); k++)
            if (holds(found, json_array_get(spared, k)))
                failed(name, "the course must spare this", json_string_value(json_array_get(spared, k)));
    }
    if (!course && (technique || focus || spared || json_object_get(expect, limits[0].limit) ||
                    json_object_get(expect, limits[1].limit)))
        failed(name, "a course must be suggested", NULL);
}

static bool lists_member(const json_t *list, const char *member, const json_t *value)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (json_equal(json_object_get(json_array_get(list, i), member), (json_t *)value))
            return true;
    return false;
}

/* Lists of the answer that must, or must not, hold these. */
static void check_lists(const char *name, const json_t *answer, const json_t *expect)
{
    static const struct {
        const char *expected, *list, *member;
        bool there;
    } lists[] = { { "asks", "questions", "fact", true },
                  { "asks_not", "questions", "fact", false },
                  { "unrecognised", "unrecognised", "code", true },
                  { "outdated", "outdated", "fact", true } };
    for (size_t k = 0; k < sizeof(lists) / sizeof(lists[0]); k++) {
        const json_t *wanted = json_object_get(expect, lists[k].expected);
        for (size_t i = 0; i < json_array_size(wanted); i++)
            if (lists_member(json_object_get(answer, lists[k].list), lists[k].member, json_array_get(wanted, i)) !=
                lists[k].there)
                failed(name, lists[k].expected, json_string_value(json_array_get(wanted, i)));
    }
}

static void check_words(const char *name, const json_t *answer, const json_t *expect)
{
    static const char *const members[] = { "booking", "complete" };
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        json_t *want = json_object_get(expect, members[i]), *found = json_object_get(answer, members[i]);
        if (want && !json_equal(want, found))
            failed(name, members[i], json_is_string(found) ? json_string_value(found) : "the other");
    }
}

static void check_expect_members(const char *name, json_t *expect)
{
    static const char *const known[] = { "disposition",
                                         "disposition_min",
                                         "disposition_max",
                                         "booking",
                                         "complete",
                                         "techniques",
                                         "warnings_any",
                                         "warnings",
                                         "no_warnings",
                                         "modifications",
                                         "course",
                                         "no_course_because",
                                         "asks",
                                         "asks_not",
                                         "unrecognised",
                                         "outdated",
                                         "course_technique",
                                         "course_pressure_max",
                                         "course_minutes_max",
                                         "course_focus",
                                         "course_spares" };
    const char *key;
    json_t *value;
    json_object_foreach(expect, key, value)
    {
        size_t i = 0;
        while (i < sizeof(known) / sizeof(known[0]) && strcmp(known[i], key) != 0)
            i++;
        if (i == sizeof(known) / sizeof(known[0]))
            failed(name, "the case expects something that is not known", key);
    }
}

static void check_case(const struct catalogue *cat, const json_t *c, const char *file)
{
    char name[400];
    const char *id = json_string_value(json_object_get(c, "id"));
    const json_t *request = json_object_get(c, "request");
    json_t *expect = json_object_get(c, "expect");
    (void)snprintf(name, sizeof(name), "%s %s", file, id ? id : "without id");
    if (!id || !json_is_object(request) || !json_is_object(expect) || json_object_size(expect) == 0) {
        failed(name, "a case has id, request and expect", NULL);
        return;
    }
    json_t *answer = answer_of(cat, request, name);
    if (!answer) {
        failed(name, "the request must be judged", NULL);
        return;
    }
    const json_t *exact = json_object_get(expect, "disposition");
    check_expect_members(name, expect);
    check_bounds(name, "disposition", &disposition_vocabulary, json_object_get(answer, "disposition"),
                 exact ? exact : json_object_get(expect, "disposition_min"),
                 exact ? exact : json_object_get(expect, "disposition_max"));
    check_words(name, answer, expect);
    check_techniques(name, answer, json_object_get(expect, "techniques"));
    check_warnings(name, cat, request, answer, expect);
    check_modifications(name, answer, json_object_get(expect, "modifications"));
    check_course(name, answer, expect);
    check_plan(name, answer, expect);
    check_lists(name, answer, expect);
    json_decref(answer);
}

static void run_case(const struct catalogue *cat, const json_t *c, const char *file)
{
    const char *id = json_string_value(json_object_get(c, "id"));
    case_failed = false;
    check_case(cat, c, file);
    failures += case_failed;
    printf("%s %zu - %s %s\n", case_failed ? "not ok" : "ok", ++cases, file, id ? id : "without id");
}

static struct catalogue *real_catalogue(void)
{
    static struct faults faults;
    struct arena arena;
    struct error err = { .code = RC_OK };
    struct source_doc doc = { 0 };
    struct catalogue *cat = NULL;
    arena_init(&arena, 0);
    faults_init(&faults, &arena);
    enum rc rc = source_load_dir(SOURCE_DIR "/sql/catalogue", &doc, &faults, &err);
    if (rc == RC_OK)
        rc = catalogue_new(&doc, &cat, &faults, &err);
    if (rc != RC_OK)
        fprintf(stderr, "the catalogue does not load: %s\n", err.text);
    source_done(&doc);
    arena_done(&arena);
    return cat;
}

static int is_case_file(const struct dirent *e)
{
    size_t n = strlen(e->d_name);
    return n > 5 && strcmp(e->d_name + n - 5, ".json") == 0;
}

int main(void)
{
    struct dirent **files;
    struct catalogue *cat = real_catalogue();
    int n = scandir(SOURCE_DIR "/tests/cases", &files, is_case_file, alphasort);
    for (int i = 0; cat && i < n; i++) {
        char path[4096];
        json_error_t err;
        (void)snprintf(path, sizeof(path), "%s/%s", SOURCE_DIR "/tests/cases", files[i]->d_name);
        json_t *file = json_load_file(path, JSON_REJECT_DUPLICATES, &err);
        const json_t *list = json_object_get(file, "cases");
        if (!json_is_array(list) || json_array_size(list) == 0) {
            printf("not ok %zu - %s holds no {\"topic\": ..., \"cases\": [...]}: %s\n", ++cases, files[i]->d_name,
                   file ? "it is something else" : err.text);
            failures++;
        }
        for (size_t k = 0; k < json_array_size(list); k++)
            run_case(cat, json_array_get(list, k), files[i]->d_name);
        json_decref(file);
        free(files[i]);
    }
    if (n >= 0)
        free(files);
    catalogue_unref(cat);
    printf("1..%zu\n# %zu cases, %zu failures\n", cases, cases, failures);
    return cat && cases && !failures ? 0 : 1;
}
