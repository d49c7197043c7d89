/* Which language an answer is in: what Accept-Language means (RFC 9110, RFC 4647), and what the answer says of it. */
#include "test.h"

#include "http/client.h"
#include "http/http_priv.h"
#include "rules/doc.h"

#define SAID "{'review': {'status': 'draft'}}"

static void chooses_a_language(void **state)
{
    static const struct {
        const char *accept, *tag;
    } rows[] = {
        /* nothing said, or nothing that can be had */
        { NULL, "en" },
        { "", "en" },
        { " ", "en" },
        { "fr", "en" },
        { "fr, it;q=0.5", "en" },
        /* one */
        { "ko", "ko" },
        { "KO", "ko" },
        { " ko ", "ko" },
        { "ko-KR", "ko" },
        { "ko-Kore-KR", "ko" },
        { "en", "en" },
        { "en-GB", "en" },
        { "pt-BR", "pt-BR" },
        { "pt-br", "pt-BR" },
        { "pt", "en" },
        { "pt-PT", "en" },
        { "zh-TW", "zh" },
        { "zh-Hant-TW", "zh-Hant" },
        { "zh-Hans", "zh" },
        /* several */
        { "ko,en", "ko" },
        { "en,ko", "en" },
        { "fr,ko", "ko" },
        { "fr-CH, fr;q=0.9, ko;q=0.8, *;q=0.5", "ko" },
        { "ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7", "ko" },
        { "en-US,en;q=0.9,ko;q=0.8", "en" },
        { "en;q=0.5, ko;q=0.6", "ko" },
        { "en;q=0.5, ko;q=0.500", "en" }, /* of equal ones the first */
        { "ko;q=0.001", "ko" },
        { "ko;q=0.001,en;q=0.002", "en" },
        { "ko;q=1.000,en;q=1", "ko" },
        { "zh;q=0.2,zh-Hant", "zh-Hant" },
        { ",ko,", "ko" },
        { "ko ; q=0.3 , zh\t;\tq=0.4", "zh" },
        { "ko;Q=0.1,zh;Q=0.2", "zh" },
        /* any */
        { "*", "en" },
        { "*;q=0.1", "en" },
        { "ko;q=0.5,*", "en" },
        { "ko,*;q=0.5", "ko" },
        { "fr,*", "en" },
        { "en;q=0,*", "ko" }, /* the next */
        { "en;q=0,ko;q=0,*", "pt-BR" },
        { "fr,*;q=0.1,zh;q=0.05", "en" },
        /* not these */
        { "ko;q=0", "en" },
        { "ko;q=0,ko-KR", "en" },
        { "ko;q=0.000,zh;q=0.1", "zh" },
        { "ko;q=0,*", "en" },
        { "zh;q=0,zh-Hant", "zh-Hant" }, /* the longer range counts */
        { "zh;q=0,zh-Hant-TW", "en" },   /* which this is not: zh begins zh-Hant */
        { "zh-Hant;q=0,zh", "zh" },
        { "zh-Hant;q=0,zh-Hant-TW", "en" },
        { "*;q=0", "en" }, /* an answer is better than none */
        { "*;q=0,ko", "ko" },
        { "*;q=0,ko-KR", "ko" },
        { "en;q=0", "en" },
        { "en;q=0,ko;q=0,pt-BR;q=0,zh;q=0,*", "en" },
        /* not to be read: as if not there */
        { "ko;q=2", "en" },
        { "ko;q=1.001", "en" },
        { "ko;q=0.0001", "en" },
        { "ko;q=.5", "en" },
        { "ko;q=", "en" },
        { "ko;q", "en" },
        { "ko;", "en" },
        { "ko;q=0,5", "en" },
        { "ko;q=0.5;x=1", "en" },
        { "ko;x=1", "en" },
        { "ko;q=-1", "en" },
        { "ko;q=0x1", "en" },
        { "ko;q=1e0", "en" },
        { "ko;q=00", "en" },
        { "ko_KR", "en" },
        { "ko KR", "en" },
        { "ko-", "en" },
        { "-ko", "en" },
        { "ko-*", "en" },
        { "*-KR", "en" },
        { "koreanisch", "en" },
        { "ko,%", "en" },
        { "ko,\"x", "en" },
        { "ko;q=0.5,zh;q=9", "en" },
        { "\xed\x95\x9c", "en" },
    };
    struct catalogue *cat = catalogue_of(
        (struct parts){ .texts = "{'ko': " SAID ", 'zh': " SAID ", 'zh-Hant': " SAID ", 'pt-BR': " SAID "}" });
    (void)state;
    assert_int_equal(cat->n_languages, 5);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct str tag = cat->languages[negotiated_language(rows[i].accept, cat)].tag;
        if (!str_eq(tag, str_of(rows[i].tag)))
            fail_msg("\"%s\" gives %.*s", rows[i].accept ? rows[i].accept : "(none)", STR_ARGS(tag));
    }
    catalogue_unref(cat);
}

/* Whatever bytes come in, and however many. */
static void survives_garbage(void **state)
{
    static const char alphabet[] = "kozhent*-;,=q0.19 \t\"\x01\xff";
    static char many[16 * 1024];
    struct catalogue *cat = catalogue_of((struct parts){ .texts = "{'ko': " SAID ", 'zh': " SAID "}" });
    uint32_t seed = 7;
    size_t chosen[3] = { 0 };
    (void)state;
    for (int round = 0; round < 100000; round++) {
        char text[16];
        size_t n = 0;
        for (seed = seed * 1664525u + 1013904223u; n < (seed >> 8) % sizeof(text); n++)
            text[n] = alphabet[(seed = seed * 1664525u + 1013904223u, seed >> 16) % (sizeof(alphabet) - 1)];
        text[n < sizeof(text) ? n : sizeof(text) - 1] = '\0';
        uint32_t found = negotiated_language(text, cat);
        assert_true(found < cat->n_languages);
        chosen[found]++;
    }
    assert_true(chosen[1] > 20 && chosen[2] > 20);
    for (size_t i = 0; i + 3 < sizeof(many); i += 3)
        memcpy(many + i, "ko,", 3);
    assert_int_equal(negotiated_language(many, cat), 1);
    catalogue_unref(cat);
}

static const char *ask(const char *method, const char *path, const char *fields, const char *body)
{
    static char request[2048];
    (void)snprintf(request, sizeof(request),
                   "%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%sContent-Length: %zu\r\n\r\n%s", method, path,
                   fields, strlen(body), body);
    return talk(request);
}

static void says_which_language_it_is(void **state)
{
    static const struct {
        const char *path, *said, *own; /* what stands in the answer in Korean, and in English */
    } rows[] = {
        { "/v1/facts", "\"label\":\"KF\"", "\"label\":\"F\"" },
        { "/v1/techniques", "\"name\":\"KT\"", "\"name\":\"T\"" },
        { "/v1/rules", "\"message\":\"KM\"", "\"message\":\"m\"" },
        { "/v1/rules/r", "\"message\":\"KM\"", "\"message\":\"m\"" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char own[512], again[1024];
        const char *a = ask("GET", rows[i].path, "", "");
        assert_string_equal(field(a, "Content-Language"), "en");
        assert_string_equal(field(a, "Vary"), "Accept, Accept-Language");
        assert_non_null(strstr(a, rows[i].own));
        (void)snprintf(own, sizeof(own), "%s", field(a, "ETag"));
        assert_int_equal(strlen(own), DIGEST_TEXT_LEN + 2);
        a = ask("GET", rows[i].path, "Accept-Language: fr, ko-KR;q=0.5\r\n", "");
        assert_string_equal(field(a, "Content-Language"), "ko");
        assert_string_equal(field(a, "Vary"), "Accept, Accept-Language");
        assert_non_null(strstr(a, rows[i].said));
        assert_int_equal(strlen(field(a, "ETag")), strlen(own) + 3);
        assert_int_equal(strncmp(field(a, "ETag"), own, strlen(own) - 1), 0);
        /* what is held in one language is not what is asked for in another */
        (void)snprintf(again, sizeof(again), "Accept-Language: ko\r\nIf-None-Match: %s\r\n", own);
        assert_string_equal(statuses(ask("GET", rows[i].path, again, ""), false), "200");
        (void)snprintf(again, sizeof(again), "Accept-Language: ko\r\nIf-None-Match: %.*s-ko\"\r\n",
                       (int)strlen(own) - 1, own);
        a = ask("GET", rows[i].path, again, "");
        assert_string_equal(statuses(a, false), "304");
        assert_string_equal(field(a, "Vary"), "Accept, Accept-Language");
        a = ask("GET", rows[i].path, "Accept-Language: ko;q=x\r\n", "");
        assert_string_equal(field(a, "Content-Language"), "en");
    }
}

static void answers_in_the_language_asked_for(void **state)
{
    static const char body[] = "{\"subject\":{\"age_years\":40},\"goals\":[\"sleep\"],"
                               "\"history\":{\"conditions\":[{\"id\":\"f\"}]},\"as_of\":\"2026-11-20\"}";
    static const char json[] = "Content-Type: application/json\r\n";
    char fields[128];
    (void)state;
    const char *a = ask("POST", "/v1/screenings", json, body);
    assert_string_equal(statuses(a, false), "200");
    assert_string_equal(field(a, "Content-Language"), "en");
    assert_string_equal(field(a, "Vary"), "Accept-Language");
    assert_non_null(strstr(a, "\"message\":\"m\""));
    assert_null(strstr(a, "\"language\""));
    assert_null(strstr(a, "translation_review"));
    (void)snprintf(fields, sizeof(fields), "%sAccept-Language: ko\r\n", json);
    a = ask("POST", "/v1/screenings", fields, body);
    assert_string_equal(field(a, "Content-Language"), "ko");
    assert_string_equal(field(a, "Vary"), "Accept-Language");
    assert_non_null(strstr(a, "\"message\":\"KM\""));
    assert_non_null(strstr(a, "\"language\":\"ko\",\"translation_review\":\"draft\""));
    a = ask("POST", "/v1/screenings", fields, "{}"); /* problems are in English */
    assert_string_equal(statuses(a, false), "422");
    assert_string_equal(field(a, "Content-Language"), "");
    assert_non_null(strstr(a, "\"title\":\"The request cannot be judged\""));
}

static void leaves_the_rest_alone(void **state)
{
    static const char *const paths[] = { "/v1/catalogue", "/v1/evidence", "/v1/evidence/e", "/openapi.json" };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        const char *a = ask("GET", paths[i], "Accept-Language: ko\r\n", "");
        assert_string_equal(statuses(a, false), "200");
        assert_string_equal(field(a, "Content-Language"), "");
        assert_string_equal(field(a, "Vary"), "Accept");
        assert_int_equal(strlen(field(a, "ETag")), DIGEST_TEXT_LEN + 2);
    }
}

RUN_TESTS(cmocka_unit_test(chooses_a_language), cmocka_unit_test(survives_garbage),
          cmocka_unit_test_setup_teardown(says_which_language_it_is, start_ready, stop),
          cmocka_unit_test_setup_teardown(answers_in_the_language_asked_for, start_ready, stop),
          cmocka_unit_test_setup_teardown(leaves_the_rest_alone, start_ready, stop))
