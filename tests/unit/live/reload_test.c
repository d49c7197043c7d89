/* What is loaded at the start without the database: everything that was kept, as far as it is whole and there is room.
 */
#include "test.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "live/live_priv.h"
#include "live/tiny_catalogue.h"

static char dir[] = "/tmp/palpate-reload-XXXXXX";
static struct slot *slot;
enum { ROOM = 16 };
static struct reload reload;

static int set_up(void **state)
{
    (void)state;
    (void)snprintf(dir, sizeof(dir), "/tmp/palpate-reload-XXXXXX");
    log_set_level(LOG_LEVEL_COUNT_);
    if (!mkdtemp(dir) || slot_new(&slot, NULL) != RC_OK)
        return -1;
    reload = (struct reload){ .slot = slot, .cache = dir, .room = ROOM };
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    reload_done(&reload);
    slot_free(slot);
    DIR *d = opendir(dir);
    for (const struct dirent *e; d && (e = readdir(d)) != NULL;)
        (void)unlinkat(dirfd(d), e->d_name, 0);
    if (d)
        (void)closedir(d);
    log_set_level(LOG_INFO);
    return rmdir(dir);
}

/* Version 1 for all, and one of its own for each of n - 1 clinics c02, c03, ... */
static void keep(unsigned n)
{
    struct in_force f = { calloc(n, sizeof(*f.at)), n };
    struct error err;
    for (unsigned i = 0; i < n; i++) {
        char text[2 * sizeof(tiny_document)];
        struct source_doc doc = { 0 };
        size_t size = tiny_text(i + 1, text, sizeof(text));
        assert_int_equal(source_load_text((struct str){ text, size }, &doc, &err), RC_OK);
        assert_int_equal(cache_keep(dir, &doc, &err), RC_OK);
        source_done(&doc);
        f.at[i] = (struct in_force_entry){ .version = (int32_t)i + 1, .cat = tiny_catalogue(i + 1) };
        if (i)
            (void)snprintf(f.at[i].clinic, sizeof(f.at[i].clinic), "c%02u", i + 1);
    }
    assert_int_equal(cache_note(dir, &f, &err), RC_OK);
    in_force_done(&f);
}

static void damage(unsigned version)
{
    char name[128];
    struct catalogue *cat = tiny_catalogue(version);
    (void)snprintf(name, sizeof(name), "%s/%s.json", dir, cat->digest);
    catalogue_unref(cat);
    int fd = open(name, O_WRONLY | O_TRUNC | O_CLOEXEC);
    assert_true(fd >= 0 && write(fd, "{}", 2) == 2);
    (void)close(fd);
}

static void is_for(const char *clinic, const char *version)
{
    struct catalogue *cat = slot_acquire(slot, clinic);
    assert_non_null(cat);
    assert_str(cat->version, str_of(version));
    catalogue_unref(cat);
}

static void takes_up_what_was_kept(void **state)
{
    (void)state;
    assert_false(reload_from_cache(&reload)); /* nothing was */
    assert_null(slot_acquire(slot, ""));
    keep(3);
    assert_true(reload_from_cache(&reload));
    assert_int_equal(reload.from, FROM_CACHE);
    assert_int_equal(reload.loads, 3);
    is_for("", "1");
    is_for("c02", "2");
    is_for("c03", "3");
    is_for("c04", "1");
    assert_true(reload_from_cache(&reload)); /* what is compiled already is not compiled again */
    assert_int_equal(reload.loads, 3);
}

static void does_without_what_is_damaged(void **state)
{
    (void)state;
    keep(3);
    damage(2);
    assert_true(reload_from_cache(&reload));
    is_for("", "1");
    is_for("c02", "1");
    is_for("c03", "3");
}

static void needs_the_one_for_all(void **state)
{
    (void)state;
    keep(3);
    damage(1);
    assert_false(reload_from_cache(&reload));
    assert_null(slot_acquire(slot, "c03"));
    assert_int_equal(reload.from, FROM_NOWHERE);
}

static void holds_so_many_and_no_more(void **state)
{
    static const unsigned rows[] = { ROOM - 1, ROOM, ROOM + 1 };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char last[16], wanted[16];
        unsigned held = rows[i] < ROOM ? rows[i] : ROOM;
        keep(rows[i]);
        assert_true(reload_from_cache(&reload));
        assert_int_equal(reload.now.n, held);
        (void)snprintf(last, sizeof(last), "c%02u", rows[i]);
        (void)snprintf(wanted, sizeof(wanted), "%u", rows[i] <= ROOM ? rows[i] : 1);
        is_for(last, wanted);
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
RUN_TESTS(TEST(takes_up_what_was_kept), TEST(does_without_what_is_damaged), TEST(needs_the_one_for_all),
          TEST(holds_so_many_and_no_more))
