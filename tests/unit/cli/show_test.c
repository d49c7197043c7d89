/* Every item of the real catalogue in words. */
#include "cli/running.h"

#include <jansson.h>

#include "cli/pages.h"
#include "cli/show.h"
#include "cli/words.h"

static struct catalogue *cat;
static json_t *doc;

static int set_up(void **state)
{
    struct settings settings = { .text = { [SET_CATALOGUE] = SOURCE_DIR "/sql/catalogue" } };
    struct source_doc source = { 0 };
    int exit_status;
    (void)state;
    cat = load_catalogue_document(&settings, &source, &exit_status);
    doc = cat ? json_loadb(source.text.p, source.text.n, 0, NULL) : NULL;
    source_done(&source);
    return doc ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    json_decref(doc);
    catalogue_unref(cat);
    return 0;
}

static void check_page(const char *id, const struct page *p)
{
    static const char *const never[] = { "{", "}", "\"var\"", "NULL", "(null)", "_regions", "where_found", "days_ago" };
    static char text[OUTPUT_BYTES];
    (void)snprintf(text, sizeof(text), "%.*s", (int)p->out.n, p->out.p);
    for (size_t i = 0; i < ARRAY_LEN(never); i++)
        if (strstr(text, never[i]))
            fail_msg("%s: %s stands on the page", id, never[i]);
    if (long_line(p))
        fail_msg("%s: a line is too long: %.200s", id, long_line(p));
}

static size_t show_all(const char *list, const char *key, void (*show)(struct shown *sh, const json_t *item),
                       const char *const *texts, size_t n_texts)
{
    const json_t *items = json_object_get(doc, list);
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *item = json_array_get(items, i);
        const char *id = json_string_value(json_object_get(item, key));
        struct shown sh = { .cat = cat, .doc = doc };
        page_init(&sh.page);
        arena_init(&sh.arena, 0);
        sentences_init(&sh.sentences, cat, &sh.arena);
        show(&sh, item);
        if (sh.sentences.failed || page_failed(&sh.page))
            fail_msg("%s has no words", id);
        check_page(id, &sh.page);
        for (size_t k = 0; k < n_texts; k++)
            if (!holds_text(&sh.page, member_text(item, texts[k])))
                fail_msg("%s: its %s is not on the page", id, texts[k]);
        /* every fact that the condition names is on the page by its label */
        for (uint32_t f = 0; f < sh.sentences.facts.n; f++)
            assert_true(holds_text(&sh.page, cat->facts[sh.sentences.facts.at[f]].label));
        arena_done(&sh.arena);
        page_done(&sh.page);
    }
    return json_array_size(items);
}

static void shows_every_rule(void **state)
{
    static const char *const texts[] = { "id", "message", "note", "action", "rationale" };
    (void)state;
    assert_int_equal(show_all("rules", "id", show_rule, texts, ARRAY_LEN(texts)), cat->n_rules);
    assert_true(cat->n_rules > 400);
}

static void shows_every_other_item(void **state)
{
    static const char *const of_course[] = { "id", "title", "expected_change", "if_worse" };
    static const char *const of_fact[] = { "id", "label", "question" };
    static const char *const of_technique[] = { "code", "name", "summary", "notes" };
    static const char *const of_source[] = { "id", "title", "finding" };
    (void)state;
    assert_true(show_all("courses", "id", show_course, of_course, ARRAY_LEN(of_course)) > 20);
    assert_true(show_all("facts", "id", show_fact, of_fact, ARRAY_LEN(of_fact)) > 200);
    assert_true(show_all("techniques", "code", show_technique, of_technique, ARRAY_LEN(of_technique)) > 20);
    assert_true(show_all("evidence", "id", show_evidence, of_source, ARRAY_LEN(of_source)) > 200);
}

static void shows_on_the_command_line(void **state)
{
    static const struct call_row rows[] = {
        { { "catalogue", "show", "--rule", "em_chest_pain" }, .out = "Rule em_chest_pain\n" },
        { { "catalogue", "show", "--rule=em_chest_pain" }, .out = "It fires when " },
        { { "catalogue", "show", "--rule", "em_chest_pain", "--json" }, .out = "\"id\": \"em_chest_pain\"" },
        { { "catalogue", "show", "--course", "lbp_chronic" }, .out = "Course lbp_chronic\n" },
        { { "catalogue", "show", "--course", "lbp_chronic", "--json" }, .out = "\"id\": \"lbp_chronic\"" },
        { { "catalogue", "show", "--technique", "swedish" }, .out = "Technique swedish\n" },
        { { "catalogue", "show", "--fact", "fever" }, .out = "Fact fever\n" },
        { { "catalogue", "show", "--evidence", "ev_nice_cg95" }, .out = "Source ev_nice_cg95\n" },
        { { "catalogue", "show", "--json" }, .out = "\"version\":" },
        { { "catalogue", "show" }, .out = "{\n  \"name\": \"palpate-core\"" },
        { { "catalogue", "show", "--course", "nobody" },
          .exit_status = 66,
          .errors = "palpate: the catalogue has no such item\n" },
        { { "catalogue", "show", "--technique", "" },
          .exit_status = 66,
          .errors = "palpate: the catalogue has no such item\n" },
        { { "catalogue", "show", "--rule", "a", "--fact", "b" },
          .exit_status = 64,
          .errors = "palpate: one item is shown at a time" },
        { { "catalogue", "show", "--json=yes" }, .exit_status = 64, .errors = "palpate: there is no value for --json" },
        { { "screen", "--json" }, .exit_status = 64, .errors = "palpate: there is no option --json\n" },
    };
    (void)state;
    check(rows, ARRAY_LEN(rows));
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(shows_every_rule), cmocka_unit_test(shows_every_other_item),
                                        cmocka_unit_test(shows_on_the_command_line) };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
