/* API keys: their form, and what they are compared with. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>

#include "alloc.h"
#include "auth/auth.h"

enum { NOW = 1000000000 };

static void makes_keys_that_it_can_read(void **state)
{
    struct api_key made[50], read;
    struct error err;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(made); i++) {
        char hash[DIGEST_TEXT_LEN + 1];
        assert_int_equal(api_key_make(&made[i], &err), RC_OK);
        assert_int_equal(strlen(made[i].text), API_KEY_LEN);
        assert_int_equal(strncmp(made[i].text, "palpate_", 8), 0);
        assert_memory_equal(made[i].text + 8, made[i].id, API_KEY_ID_LEN);
        assert_int_equal(strspn(made[i].id, "abcdefghijklmnopqrstuvwxyz234567"), API_KEY_ID_LEN);
        assert_true(api_key_read(str_of(made[i].text), &read));
        assert_string_equal(read.text, made[i].text);
        assert_string_equal(read.id, made[i].id);
        assert_string_equal(read.hash, made[i].hash);
        digest_sha256(str_of(made[i].text), hash);
        assert_string_equal(read.hash, hash);
        for (size_t k = 0; k < i; k++) {
            assert_string_not_equal(made[k].id, made[i].id);
            assert_string_not_equal(made[k].text + 21, made[i].text + 21);
        }
    }
}

#define ID     "abcdefghijk2"
#define SECRET "0123456789abcdefghijklmnopqrstuvwxyzABCDE-_"
#define KEY    "palpate_" ID "_" SECRET

static void reads_no_other_form(void **state)
{
    static const char *const rows[] = {
        "",
        "palpate_",
        "palpate_" ID,
        "palpate_" ID "_",
        "palpate_" ID "_0123456789abcdefghijklmnopqrstuvwxyzABCDE-",
        KEY "_",
        " " KEY,
        KEY " ",
        "Palpate_" ID "_" SECRET,
        "palpate-" ID "_" SECRET,
        "palpate_" ID "-" SECRET,
        "palpate_abcdefghijk1_" SECRET,
        "palpate_abcdefghijK2_" SECRET,
        "palpate_abcdefghij_2_" SECRET,
        "palpate_" ID "_0123456789abcdefghijklmnopqrstuvwxyzABCDE+/",
        "palpate_" ID "_0123456789abcdefghijklmnopqrstuvwxyzABCDE-=",
        "palpate_" ID "_0123456789abcdefghijklmnopqrstuvwxyzABCDE\xC3\xA9",
    };
    struct api_key key;
    (void)state;
    assert_true(api_key_read(STR(KEY), &key));
    assert_string_equal(key.id, ID);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (api_key_read(str_of(rows[i]), &key))
            fail_msg("\"%s\" was read as a key", rows[i]);
    char zero[] = KEY;
    zero[30] = '\0';
    assert_false(api_key_read((struct str){ zero, API_KEY_LEN }, &key));
}

/* ---- the registry --------------------------------------------------------------------------------------------- */

static struct api_key keys[6];
static struct registry *registry;

/* Three clinics, of which a registry knows two; keys 0 and 1 of a, 2 and 3 of b, 4 of the third; 5 is of nobody. */
static int fill(void **state)
{
    const struct clinic_entry clinics[] = { { STR("b"), true }, { STR("a"), false }, { STR("No id"), true } };
    struct key_entry entries[5];
    struct error err;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        if (api_key_make(&keys[i], &err) != RC_OK)
            return -1;
    for (size_t i = 0; i < ARRAY_LEN(entries); i++)
        entries[i] = (struct key_entry){ .id = str_of(keys[i].id),
                                         .clinic = i < 2   ? STR("a")
                                                   : i < 4 ? STR("b")
                                                           : STR("closed"),
                                         .hash = str_of(keys[i].hash),
                                         .scopes = 1U << (i % SCOPE_COUNT_),
                                         .expires_at_s = i == 3 ? NOW : 0 };
    return registry_make(clinics, ARRAY_LEN(clinics), entries, ARRAY_LEN(entries), &registry, &err) == RC_OK ? 0 : -1;
}

static int drop(void **state)
{
    (void)state;
    registry_unref(registry);
    registry_unref(NULL);
    return 0;
}

static enum rc judge(const char *credential, int64_t now, struct caller *ret)
{
    bool unknown = true;
    enum rc rc = authenticate(&(struct grounds){ .registry = registry }, str_of(credential), now, ret, &unknown);
    assert_false(unknown);
    return rc;
}

static void knows_its_keys(void **state)
{
    struct caller c = { .keeps_payload = true };
    (void)state;
    assert_int_equal(registry_count_clinics(registry), 2);
    assert_int_equal(registry_count_keys(registry), 4);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(judge(keys[i].text, NOW, &c), RC_OK);
        assert_string_equal(c.clinic, i < 2 ? "a" : "b");
        assert_string_equal(c.key, keys[i].id);
        assert_int_equal(c.scopes, 1U << i);
        assert_int_equal(c.keeps_payload, i >= 2);
    }
    assert_int_equal(judge(keys[3].text, NOW - 1, &c), RC_OK);
    assert_int_equal(judge(keys[3].text, NOW, &c), RC_UNAUTHORIZED); /* it has expired */
    assert_int_equal(judge(keys[4].text, NOW, &c), RC_UNAUTHORIZED); /* its clinic may not call */
    assert_int_equal(judge(keys[5].text, NOW, &c), RC_UNAUTHORIZED);
}

static void takes_nothing_that_only_looks_like_one(void **state)
{
    char text[API_KEY_LEN + 1];
    struct caller c;
    (void)state;
    for (size_t i = 8; i < API_KEY_LEN; i++) { /* each character counts */
        if (i == 20)
            continue;
        memcpy(text, keys[0].text, sizeof(text));
        text[i] = text[i] == 'a' ? 'b' : 'a';
        if (judge(text, NOW, &c) != RC_UNAUTHORIZED)
            fail_msg("a key that differs in character %zu was taken", i);
    }
    memcpy(text, keys[1].text, sizeof(text)); /* the id of one, the rest of another */
    memcpy(text + 8, keys[0].id, API_KEY_ID_LEN);
    assert_int_equal(judge(text, NOW, &c), RC_UNAUTHORIZED);
    assert_int_equal(judge(keys[0].hash, NOW, &c), RC_UNAUTHORIZED);
    assert_int_equal(judge(keys[0].id, NOW, &c), RC_UNAUTHORIZED);
    assert_int_equal(judge("", NOW, &c), RC_UNAUTHORIZED);
    (void)snprintf(text, sizeof(text), "palpate_%s_", keys[0].id);
    assert_int_equal(judge(text, NOW, &c), RC_UNAUTHORIZED);
}

static void says_when_it_knows_nothing_yet(void **state)
{
    struct caller c;
    bool unknown;
    (void)state;
    assert_int_equal(authenticate(&(struct grounds){ .registry = NULL }, str_of(keys[0].text), NOW, &c, &unknown),
                     RC_STORE_DOWN);
    assert_int_equal(authenticate(&(struct grounds){ .registry = NULL }, STR("nonsense"), NOW, &c, &unknown),
                     RC_UNAUTHORIZED);
}

static void count(void *to, const char *id)
{
    assert_string_equal(id, keys[1].id);
    ++*(int *)to;
}

static void remembers_which_were_used(void **state)
{
    struct caller c;
    int n = 0;
    (void)state;
    registry_each_used(registry, false, count, &n);
    assert_int_equal(n, 0);
    assert_int_equal(judge(keys[1].text, NOW, &c), RC_OK);
    assert_int_equal(judge(keys[1].text, NOW, &c), RC_OK);
    assert_int_equal(judge(keys[3].text, NOW, &c), RC_UNAUTHORIZED); /* that is no use */
    registry_each_used(registry, false, count, &n);
    assert_int_equal(n, 1);
    registry_each_used(registry, true, count, &n);
    assert_int_equal(n, 2);
    registry_each_used(registry, true, count, &n);
    assert_int_equal(n, 2);
    registry_mark_used(registry, "aaaaaaaaaaaa");
    registry_mark_used(registry, "");
    registry_mark_used(registry, keys[1].id);
    registry_each_used(registry, true, count, &n);
    assert_int_equal(n, 3);
}

static void is_refused_memory(void **state)
{
    const struct clinic_entry clinic = { STR("a"), false };
    struct registry *r = NULL;
    struct error err;
    long calls = 0;
    (void)state;
    for (enum rc rc = RC_OOM; rc != RC_OK; calls++) {
        alloc_fail_at(calls + 1);
        rc = registry_make(&clinic, 1, NULL, 0, &r, &err);
        alloc_fail_at(0);
        assert_true(rc == RC_OK || (rc == RC_OOM && !r));
    }
    assert_true(calls > 3);
    assert_ptr_equal(registry_ref(r), r);
    registry_unref(r);
    registry_unref(r);
    assert_null(registry_ref(NULL));
}

static void names_scopes(void **state)
{
    enum scope scope;
    (void)state;
    for (int i = 0; i < SCOPE_COUNT_; i++) {
        assert_true(scope_from_name(str_of(scope_name((enum scope)i)), &scope));
        assert_int_equal(scope, i);
    }
    assert_false(scope_from_name(STR("Screen"), &scope));
    assert_false(scope_from_name(STR(""), &scope));
    assert_int_equal(scopes_among(STR("")), 0);
    assert_int_equal(scopes_among(STR("  screen  admin openid ")), 1U << SCOPE_SCREEN | 1U << SCOPE_ADMIN);
    assert_int_equal(scopes_among(STR("screen,admin screens records:read")), 1U << SCOPE_RECORDS_READ);
}

static void knows_what_a_clinic_may_be_called(void **state)
{
    static const struct {
        const char *id;
        bool good;
    } rows[] = { { "a", true },   { "a-1_b", true }, { "", false },    { "1a", false },
                 { "A", false },  { "a b", false },  { "a\n", false }, { "_a", false },
                 { "aA", false }, { "a.b", false },  { "a/b", false } };
    char longest[CLINIC_BYTES + 1];
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (is_clinic_id(str_of(rows[i].id)) != rows[i].good)
            fail_msg("\"%s\"", rows[i].id);
    memset(longest, 'a', sizeof(longest));
    assert_true(is_clinic_id((struct str){ longest, CLINIC_BYTES - 2 }));
    assert_true(is_clinic_id((struct str){ longest, CLINIC_BYTES - 1 }));
    assert_false(is_clinic_id((struct str){ longest, CLINIC_BYTES }));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, fill, drop)
RUN_TESTS(cmocka_unit_test(makes_keys_that_it_can_read), cmocka_unit_test(reads_no_other_form), TEST(knows_its_keys),
          TEST(takes_nothing_that_only_looks_like_one), TEST(says_when_it_knows_nothing_yet),
          TEST(remembers_which_were_used), cmocka_unit_test(is_refused_memory), cmocka_unit_test(names_scopes),
          cmocka_unit_test(knows_what_a_clinic_may_be_called))
