/* Every code has words, and modifications read as sentences. */
#include "cli/words.h"

#include "test.h"

#include <stdio.h>

static const char *said(void (*say)(struct page *p, const json_t *v), const char *quoted)
{
    static char text[2048];
    struct page p;
    char json[1024];
    size_t n = 0;
    for (; quoted[n]; n++)
        json[n] = (char)(quoted[n] == '\'' ? '"' : quoted[n]);
    json[n] = '\0';
    json_t *v = json_loads(json, 0, NULL);
    assert_non_null(v);
    page_init(&p);
    page_begin(&p, 0, "");
    say(&p, v);
    assert_false(page_failed(&p));
    (void)snprintf(text, sizeof(text), "%.*s", (int)p.text.n, p.text.p);
    page_done(&p);
    json_decref(v);
    return text;
}

/* All vocabularies but the actions of re-planning, which no sentence names. */
static void has_words_for_every_code(void **state)
{
    static const struct vocabulary *const all[] = {
#define V(stem, prefix) &stem##_vocabulary,
        VOCABULARY_LIST(V)
#undef V
    };
    size_t codes = 0;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        if (all[i] == &unlisted_vocabulary || all[i] == &replan_action_vocabulary)
            continue;
        for (size_t k = 0; k < all[i]->n; k++, codes++) {
            const char *words = words_of(all[i], all[i]->names[k]);
            if (!words || !*words || strchr(words, '_'))
                fail_msg("%s %.*s has no words", all[i]->title, STR_ARGS(all[i]->names[k]));
        }
    }
    assert_true(codes > 100);
    assert_null(words_of(&region_vocabulary, STR("tail")));
    assert_null(words_of(&unlisted_vocabulary, STR("absent")));
}

static void says_modifications(void **state)
{
    static const struct {
        const char *json, *want;
    } rows[] = {
        { "{'kind':'max_pressure','value':2}", "pressure at most 2 of 5 (light)" },
        { "{'kind':'max_pressure','value':3,'regions':['neck','jaw']}",
          "pressure at most 3 of 5 (medium), on the neck and jaw" },
        { "{'kind':'no_heat','value':true,'regions':['knee'],'places':[{'region':'knee','side':'left'}]}",
          "no heat, on the left knee" },
        { "{'kind':'max_minutes','value':45}", "session no longer than 45 minutes" },
        { "{'kind':'avoid_region','value':['neck','calf','wrist_hand']}",
          "do not work on the neck, calf and wrist/hand" },
        { "{'kind':'avoid_region','value':['knee'],'places':[{'region':'knee','side':'both'}]}",
          "do not work on the knee (both sides)" },
        { "{'kind':'avoid_region','value':['where_found']}", "do not work on the place where the finding is" },
        { "{'kind':'avoid_region','value':'where_found'}", "do not work on the place where the finding is" },
        { "{'kind':'avoid_region','value':'where_given'}",
          "do not work on the place given with the finding, if one is given" },
        { "{'kind':'avoid_region','value':['neck','where_found']}",
          "do not work on the neck, nor on the place where the finding is" },
        { "{'kind':'avoid_area','value':'device_pocket'}", "keep away from: device pocket" },
        { "{'kind':'position','value':'not_prone'}", "position: not prone" },
        { "{'kind':'no_moonlight','value':'at_all'}", "\"no_moonlight\" at all" },
        { "{'kind':'no_moonlight','value':7,'regions':['tail']}", "\"no_moonlight\" 7, on the \"tail\"" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *got = said(say_modification, rows[i].json);
        if (strcmp(got, rows[i].want) != 0)
            fail_msg("row %zu: %s", i, got);
    }
    for (int k = 0; k < MOD_COUNT_; k++) { /* every kind that an answer may hold */
        char json[128];
        enum mod_type type = mod_table[k].type;
        (void)snprintf(json, sizeof(json), "{'kind':'%.*s','value':%s}", STR_ARGS(mod_table[k].name),
                       type == MOD_NUMBER   ? "3"
                       : type == MOD_FLAG   ? "true"
                       : type == MOD_OPTION ? "'x'"
                                            : "['neck']");
        const char *got = said(say_modification, json);
        if (!*got || strpbrk(got, "\"_"))
            fail_msg("%.*s: %s", STR_ARGS(mod_table[k].name), got);
    }
}

RUN_TESTS(cmocka_unit_test(has_words_for_every_code), cmocka_unit_test(says_modifications))
