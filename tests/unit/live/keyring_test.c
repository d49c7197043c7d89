/* The keyring without a database to speak of: signing keys from files and addresses, and what cannot be reached. */
#include "test.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "alloc.h"
#include "auth/signing.h"
#include "base/date.h"
#include "base/log.h"
#include "live/live.h"
#include "store/fake_server.h"

enum { PATIENCE_MS = 8000, STEP_MS = 20 };

static const struct token_rules rules = { NULL, "palpate", "clinic", 60 };
static char path[64];
static struct error err;

static void write_keys(const char *text)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static void write_key(enum signer key, const char *kid)
{
    static char text[8192], members[64];
    (void)snprintf(members, sizeof(members), "\"kid\":\"%s\"", kid);
    (void)snprintf(text, sizeof(text), "{\"keys\":[%s]}", public_jwk(key, members));
    write_keys(text);
}

static int make_file(void **state)
{
    log_set_level(LOG_ERROR); /* its lines are none of this test's business */
    (void)snprintf(path, sizeof(path), "/tmp/palpate-jwks-XXXXXX");
    int fd = mkstemp(path);
    if (fd >= 0)
        (void)close(fd);
    return fd >= 0 ? make_keys(state) : -1;
}

static int drop_file(void **state)
{
    (void)unlink(path);
    return drop_keys(state);
}

static const char *token(enum signer by, const char *kid)
{
    static char copy[SIGNED_BYTES];
    char head[128], claims[256];
    (void)snprintf(head, sizeof(head), "{\"alg\":\"ES256\",\"kid\":\"%s\"}", kid);
    (void)snprintf(claims, sizeof(claims),
                   "{\"sub\":\"s\",\"aud\":\"palpate\",\"clinic\":\"c1\",\"scope\":\"screen\",\"exp\":%lld}",
                   (long long)time(NULL) + 600);
    (void)snprintf(copy, sizeof(copy), "%s", sign_as(by, GNUTLS_SIGN_ECDSA_SHA256, str_of(head), str_of(claims)));
    return copy;
}

static enum rc judge(struct keyring *k, const char *credential)
{
    struct caller caller;
    return keyring_judge(k, str_of(credential), &caller);
}

static bool becomes(struct keyring *k, const char *credential, enum rc rc)
{
    for (int waited = 0; judge(k, credential) != rc; waited += STEP_MS) {
        if (waited > PATIENCE_MS)
            return false;
        (void)nanosleep(&(struct timespec){ .tv_nsec = STEP_MS * 1000000L }, NULL);
    }
    return true;
}

static void stop_at_once(struct keyring *k)
{
    int64_t from = clock_ms();
    keyring_stop(k);
    assert_in_range(clock_ms() - from, 0, 1500);
}

static void reads_a_file_again_when_it_changes(void **state)
{
    struct keyring *k = NULL;
    (void)state;
    write_key(BY_P256, "one");
    assert_int_equal(keyring_start(&(struct keyring_config){ NULL, path, &rules }, &k, &err), RC_OK);
    assert_true(keyring_is_ready(k));
    assert_int_equal(judge(k, token(BY_P256, "one")), RC_OK);
    assert_int_equal(judge(k, token(BY_P256, "two")), RC_UNAUTHORIZED);
    write_key(BY_P256, "two");
    assert_true(becomes(k, token(BY_P256, "two"), RC_OK));
    assert_int_equal(judge(k, token(BY_P256, "one")), RC_UNAUTHORIZED);
    write_keys("{");
    (void)nanosleep(&(struct timespec){ .tv_sec = 2 }, NULL);
    assert_int_equal(judge(k, token(BY_P256, "two")), RC_OK); /* what was read last goes on counting */
    (void)unlink(path);
    (void)nanosleep(&(struct timespec){ .tv_sec = 2 }, NULL);
    assert_int_equal(judge(k, token(BY_P256, "two")), RC_OK);
    stop_at_once(k);
    keyring_stop(NULL);
}

static void refuses_to_start_with_a_file_that_holds_no_keys(void **state)
{
    static const char *const rows[] = { "", "{}", "{\"keys\":[]}" };
    struct keyring *k = NULL;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        write_keys(rows[i]);
        assert_int_equal(keyring_start(&(struct keyring_config){ NULL, path, &rules }, &k, &err), RC_SETTING);
        assert_null(k);
    }
    (void)unlink(path);
    assert_int_equal(keyring_start(&(struct keyring_config){ NULL, path, &rules }, &k, &err), RC_FILE);
    assert_int_equal(mkfifo(path, 0600), 0); /* nobody writes to it: it must not wait */
    assert_int_equal(keyring_start(&(struct keyring_config){ NULL, path, &rules }, &k, &err), RC_FILE);
    assert_null(k);
}

#define KEY "palpate_aaaaaaaaaaaa_0123456789abcdefghijklmnopqrstuvwxyzABCDE-_"

static void starts_without_what_cannot_be_reached(void **state)
{
    struct keyring *k = NULL;
    char url[64];
    (void)state;
    uint16_t port = fake_start(0);
    fake_stop(); /* nobody listens there now */
    (void)snprintf(url, sizeof(url), "http://127.0.0.1:%u/keys", (unsigned)port);
    assert_int_equal(keyring_start(&(struct keyring_config){ NULL, url, &rules }, &k, &err), RC_OK);
    assert_false(keyring_is_ready(k));
    assert_int_equal(judge(k, token(BY_P256, "one")), RC_STORE_DOWN);
    assert_int_equal(judge(k, KEY), RC_UNAUTHORIZED); /* there are none without a database */
    stop_at_once(k);
    k = NULL;
    assert_int_equal(keyring_start(&(struct keyring_config){ fake_conninfo(port), NULL, NULL }, &k, &err), RC_OK);
    assert_false(keyring_is_ready(k));
    assert_int_equal(judge(k, KEY), RC_STORE_DOWN);
    assert_int_equal(judge(k, token(BY_P256, "one")), RC_UNAUTHORIZED); /* no tokens are taken */
    stop_at_once(k);
}

/* A database that has not been migrated does not get better by waiting. */
static void refuses_a_database_without_its_tables(void **state)
{
    struct keyring *k = NULL;
    uint16_t port = fake_start(0);
    (void)state;
    fake_will_say((struct fake_reply){ .columns = 7 });
    assert_int_equal(keyring_start(&(struct keyring_config){ fake_conninfo(port), NULL, NULL }, &k, &err),
                     RC_STORE_REFUSED);
    assert_null(k);
    fake_will_say((struct fake_reply){ .sqlstate = "22023", .message = "role does not exist" });
    assert_int_equal(keyring_start(&(struct keyring_config){ fake_conninfo(port), NULL, NULL }, &k, &err),
                     RC_NO_CATALOGUE);
    assert_null(k);
    fake_stop();
    fake_will_say((struct fake_reply){ .columns = 0 });
}

static void says_when_memory_is_out(void **state)
{
    struct keyring *k = NULL;
    (void)state;
    write_key(BY_P256, "one");
    long calls = 0;
    for (enum rc rc = RC_OOM; rc != RC_OK; calls++) {
        alloc_fail_at(calls + 1);
        rc = keyring_start(&(struct keyring_config){ NULL, path, &rules }, &k, &err);
        alloc_fail_at(0);
        if (rc != RC_OK) {
            assert_true(rc == RC_OOM || rc == RC_SETTING); /* a key that there is no room for is left out */
            assert_null(k);
        }
    }
    assert_true(calls > 5);
    stop_at_once(k);
}

static void tells_addresses_from_files(void **state)
{
    static const struct {
        const char *where;
        bool url, file;
    } rows[] = {
        { "https://id.example/keys", true, false },
        { "HTTPS://id.example:8443/a?b", true, false },
        { "http://127.0.0.1:1/", true, false },
        { "http://localhost/", true, false },
        { "http://[::1]:80/", true, false },
        { "http://id.example/", false, false },
        { "http://localhost.id.example/", false, false },
        { "http://127.0.0.1@id.example/", false, false },
        { "http://u:p@127.0.0.1/", false, false },
        { "https://u@id.example/", false, false },
        { "file:///etc/keys", false, false },
        { "ftp://127.0.0.1/", false, false },
        { "://", false, false },
        { "https://", false, false },
        { "/etc/keys.json", false, true },
        { "keys.json", false, true },
        { "", false, true },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        bool file = !rows[i].file, url = jwks_is_url(rows[i].where, &file);
        if (url != rows[i].url || file != rows[i].file)
            fail_msg("%s: %d, %d", rows[i].where, url, file);
    }
}

/* Readers while the keys change under them; for the thread sanitizer above all. */
static struct keyring *shared;
static atomic_bool enough;
static char good[SIGNED_BYTES];

static void *read_on(void *unused)
{
    (void)unused;
    while (!atomic_load(&enough))
        if (judge(shared, good) != RC_OK)
            return &shared;
    return NULL;
}

static void judges_while_keys_change(void **state)
{
    pthread_t readers[3];
    void *failed;
    static char text[8192];
    (void)state;
    (void)snprintf(good, sizeof(good), "%s", token(BY_P256, "one"));
    (void)snprintf(text, sizeof(text), "{\"keys\":[%s]}", public_jwk(BY_P256, "\"kid\":\"one\""));
    write_keys(text);
    assert_int_equal(keyring_start(&(struct keyring_config){ NULL, path, &rules }, &shared, &err), RC_OK);
    for (size_t i = 0; i < ARRAY_LEN(readers); i++)
        assert_int_equal(pthread_create(&readers[i], NULL, read_on, NULL), 0);
    for (int i = 0; i < 3; i++) {
        write_keys(text);
        (void)nanosleep(&(struct timespec){ .tv_sec = 1 }, NULL);
    }
    atomic_store(&enough, true);
    for (size_t i = 0; i < ARRAY_LEN(readers); i++) {
        assert_int_equal(pthread_join(readers[i], &failed), 0);
        assert_null(failed);
    }
    keyring_stop(shared);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_file, drop_file)
RUN_TESTS(TEST(reads_a_file_again_when_it_changes), TEST(refuses_to_start_with_a_file_that_holds_no_keys),
          TEST(starts_without_what_cannot_be_reached), TEST(refuses_a_database_without_its_tables),
          TEST(says_when_memory_is_out), TEST(judges_while_keys_change), cmocka_unit_test(tells_addresses_from_files))
