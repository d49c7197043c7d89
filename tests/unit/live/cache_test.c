/* The cache on disk: what was kept is read back whole, or not at all. */
#include "test.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "live/live_priv.h"
#include "live/tiny_catalogue.h"

static char folder[] = "/tmp/palpate-cache-XXXXXX", dir[64];

static void remove_all(void)
{
    DIR *d = opendir(dir);
    for (const struct dirent *e; d && (e = readdir(d)) != NULL;)
        (void)unlinkat(dirfd(d), e->d_name, 0);
    if (d)
        (void)closedir(d);
    (void)rmdir(dir);
}

static int set_up(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof(folder), "/tmp/palpate-cache-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    (void)snprintf(dir, sizeof(dir), "%s/cache", folder);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    remove_all();
    return rmdir(folder);
}

static struct source_doc document(unsigned version)
{
    struct source_doc doc = { 0 };
    struct error err;
    char text[2 * sizeof(tiny_document)];
    size_t n = tiny_text(version, text, sizeof(text));
    assert_int_equal(source_load_text((struct str){ text, n }, &doc, &err), RC_OK);
    return doc;
}

static struct in_force in_force(struct catalogue *all, struct catalogue *own)
{
    struct in_force f = { calloc(2, sizeof(*f.at)), own ? 2 : 1 };
    f.at[0] = (struct in_force_entry){ .version = 3, .cat = all };
    if (own)
        f.at[1] = (struct in_force_entry){ .clinic = "north", .version = 7, .overlay = 2, .cat = own };
    return f;
}

/* Keeps versions 1 for all and 2 for a clinic. */
static void keep_two(char digest[2][DIGEST_TEXT_LEN + 1])
{
    struct catalogue *cats[] = { tiny_catalogue(1), tiny_catalogue(2) };
    struct error err;
    for (unsigned i = 0; i < 2; i++) {
        struct source_doc doc = document(i + 1);
        assert_int_equal(cache_keep(dir, &doc, &err), RC_OK);
        memcpy(digest[i], doc.digest, sizeof(doc.digest));
        source_done(&doc);
    }
    struct in_force f = in_force(cats[0], cats[1]);
    assert_int_equal(cache_note(dir, &f, &err), RC_OK);
    in_force_done(&f);
}

static void gives_back_what_was_kept(void **state)
{
    char digest[2][DIGEST_TEXT_LEN + 1];
    struct cache_row *rows;
    struct source_doc doc;
    struct error err;
    size_t n;
    (void)state;
    assert_int_equal(cache_noted(dir, &rows, &n, &err), RC_NOT_FOUND);
    keep_two(digest);
    assert_int_equal(cache_noted(dir, &rows, &n, &err), RC_OK);
    assert_int_equal(n, 2);
    assert_true(rows[0].version == 3 && rows[1].version == 7);
    assert_true(rows[0].overlay == 0 && rows[1].overlay == 2);
    assert_string_equal(rows[0].clinic, "");
    assert_string_equal(rows[1].clinic, "north");
    for (size_t i = 0; i < 2; i++) {
        assert_string_equal(rows[i].digest, digest[i]);
        assert_int_equal(cache_kept(dir, digest[i], &doc, &err), RC_OK);
        assert_string_equal(doc.digest, digest[i]);
        source_done(&doc);
    }
    free(rows);
}

static void forgets_what_is_not_in_force_any_more(void **state)
{
    char digest[2][DIGEST_TEXT_LEN + 1];
    struct source_doc doc;
    struct error err;
    (void)state;
    keep_two(digest);
    struct in_force f = in_force(tiny_catalogue(2), NULL);
    assert_int_equal(cache_note(dir, &f, &err), RC_OK);
    in_force_done(&f);
    assert_int_equal(cache_kept(dir, digest[0], &doc, &err), RC_NOT_FOUND);
    assert_int_equal(cache_kept(dir, digest[1], &doc, &err), RC_OK);
    source_done(&doc);
}

static size_t read_note(char text[static 4096])
{
    char path[96];
    (void)snprintf(path, sizeof(path), "%s/in-force", dir);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, 4096);
    (void)close(fd);
    assert_true(n > 0);
    return (size_t)n;
}

static void write_over(const char *name, const char *text, size_t n)
{
    char path[160];
    (void)snprintf(path, sizeof(path), "%s/%s", dir, name);
    int fd = open(path, O_WRONLY | O_TRUNC | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0 && write(fd, text, n) == (ssize_t)n);
    (void)close(fd);
}

/* Every byte of the note counts, and so does its length. */
static void does_not_use_a_damaged_note(void **state)
{
    char digest[2][DIGEST_TEXT_LEN + 1], whole[4096], broken[4096];
    struct cache_row *rows;
    struct error err;
    size_t n;
    (void)state;
    keep_two(digest);
    size_t size = read_note(whole);
    for (size_t i = 0; i < size; i++) {
        memcpy(broken, whole, size);
        broken[i] ^= 1;
        write_over("in-force", broken, size);
        if (i + 1 < size && cache_noted(dir, &rows, &n, &err) != RC_FILE)
            fail_msg("byte %zu was changed and nobody saw it", i);
        write_over("in-force", whole, i);
        assert_int_equal(cache_noted(dir, &rows, &n, &err), RC_FILE);
    }
    write_over("in-force", whole, size);
    assert_int_equal(cache_noted(dir, &rows, &n, &err), RC_OK);
    free(rows);
}

static void does_not_use_a_damaged_document(void **state)
{
    char digest[2][DIGEST_TEXT_LEN + 1], name[96];
    struct source_doc doc;
    struct error err;
    (void)state;
    keep_two(digest);
    (void)snprintf(name, sizeof(name), "%s.json", digest[0]);
    write_over(name, "{}", 2);
    assert_int_not_equal(cache_kept(dir, digest[0], &doc, &err), RC_OK);
    write_over(name, "{", 1);
    assert_int_not_equal(cache_kept(dir, digest[0], &doc, &err), RC_OK);
    struct source_doc other = document(2);
    write_over(name, other.text.p, other.text.n);
    source_done(&other);
    assert_int_equal(cache_kept(dir, digest[0], &doc, &err), RC_FILE);
    assert_non_null(strstr(err.text, "digest"));
}

static void says_where_it_cannot_write(void **state)
{
    struct source_doc doc = document(1);
    struct error err;
    (void)state;
    assert_int_equal(cache_keep("/proc/palpate/cache", &doc, &err), RC_FILE);
    int fd = open(dir, O_WRONLY | O_CREAT | O_CLOEXEC, 0600); /* a file where the folder should be */
    (void)close(fd);
    assert_int_equal(cache_keep(dir, &doc, &err), RC_FILE);
    (void)unlink(dir);
    source_done(&doc);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
RUN_TESTS(TEST(gives_back_what_was_kept), TEST(forgets_what_is_not_in_force_any_more),
          TEST(does_not_use_a_damaged_note), TEST(does_not_use_a_damaged_document), TEST(says_where_it_cannot_write))
