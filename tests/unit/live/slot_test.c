#include "test.h"

#include <pthread.h>
#include <time.h>

#include "alloc.h"
#include "live/live.h"
#include "live/tiny_catalogue.h"

static struct slot *slot;

static int set_up(void **state)
{
    (void)state;
    return slot_new(&slot, NULL) == RC_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    slot_free(slot);
    return 0;
}

static unsigned references(const struct catalogue *cat)
{
    return (unsigned)atomic_load(&cat->references);
}

static void holds_nothing_at_first(void **state)
{
    (void)state;
    assert_null(slot_acquire(slot, ""));
    slot_publish_take(slot, NULL);
    assert_null(slot_acquire(slot, ""));
    catalogue_unref(slot_acquire(slot, ""));
}

static void lends_the_catalogue_in_force_and_counts(void **state)
{
    struct catalogue *cat = tiny_catalogue(1);
    (void)state;
    slot_publish_take(slot, cat); /* ours no more */
    assert_int_equal(references(cat), 1);
    struct catalogue *a = slot_acquire(slot, ""), *b = slot_acquire(slot, "");
    assert_ptr_equal(a, cat);
    assert_ptr_equal(b, cat);
    assert_int_equal(references(cat), 3);
    catalogue_unref(a);
    catalogue_unref(b);
    assert_int_equal(references(cat), 1);
}

/* Who took a catalogue may use it until it is given back, whatever is published meanwhile. */
static void keeps_a_replaced_catalogue_for_who_uses_it(void **state)
{
    struct catalogue *old = tiny_catalogue(1), *new = tiny_catalogue(2);
    (void)state;
    slot_publish_take(slot, old);
    struct catalogue *used = slot_acquire(slot, "");
    slot_publish_take(slot, new);
    assert_int_equal(references(used), 1); /* the slot has let go of it */
    assert_str(used->version, STR("1"));
    struct catalogue *now = slot_acquire(slot, "");
    assert_ptr_equal(now, new);
    assert_str(now->version, STR("2"));
    catalogue_unref(used);
    slot_publish_take(slot, NULL);
    assert_null(slot_acquire(slot, ""));
    assert_int_equal(references(now), 1);
    catalogue_unref(now);
}

static void can_publish_what_is_in_force_already(void **state)
{
    struct catalogue *cat = tiny_catalogue(1);
    (void)state;
    slot_publish_take(slot, catalogue_ref(cat));
    slot_publish_take(slot, catalogue_ref(cat));
    assert_int_equal(references(cat), 2);
    catalogue_unref(cat);
    struct catalogue *now = slot_acquire(slot, "");
    assert_ptr_equal(now, cat);
    catalogue_unref(now);
}

static void lets_go_of_its_catalogue_at_the_end(void **state)
{
    struct slot *other;
    struct catalogue *cat = tiny_catalogue(1);
    (void)state;
    assert_int_equal(slot_new(&other, NULL), RC_OK);
    slot_publish_take(other, catalogue_ref(cat));
    slot_free(other);
    assert_int_equal(references(cat), 1);
    catalogue_unref(cat);
    slot_free(NULL);
    catalogue_unref(NULL);
}

static struct in_force_entry entry(const char *clinic, struct catalogue *cat)
{
    struct in_force_entry e = { .version = 1, .cat = catalogue_ref(cat) };
    (void)snprintf(e.clinic, sizeof(e.clinic), "%s", clinic);
    return e;
}

static struct catalogue *acquired(const char *clinic)
{
    struct catalogue *cat = slot_acquire(slot, clinic);
    catalogue_unref(cat);
    return cat;
}

static void lends_a_clinic_its_own(void **state)
{
    struct catalogue *all = tiny_catalogue(1), *own = tiny_catalogue(2);
    struct in_force f = { calloc(4, sizeof(*f.at)), 4 };
    (void)state;
    f.at[0] = entry("", all);
    f.at[1] = entry("east", own);
    f.at[2] = entry("north", own);
    f.at[3] = entry("west", all);
    slot_publish_all_take(slot, f);
    assert_int_equal(references(own), 3);
    static const char *const others[] = { "", "west", "eas", "eastern", "zzz", "a" };
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        assert_ptr_equal(acquired(others[i]), all);
    assert_ptr_equal(acquired("east"), own);
    assert_ptr_equal(acquired("north"), own);
    slot_publish_take(slot, catalogue_ref(all)); /* for all, and nobody has another */
    assert_ptr_equal(acquired("east"), all);
    assert_int_equal(references(own), 1);
    slot_publish_take(slot, NULL);
    assert_null(slot_acquire(slot, "east"));
    assert_int_equal(references(all), 1);
    catalogue_unref(all);
    catalogue_unref(own);
}

static void keeps_what_it_has_when_memory_is_out(void **state)
{
    struct catalogue *one = tiny_catalogue(1), *two = tiny_catalogue(2);
    (void)state;
    slot_publish_take(slot, one);
    alloc_fail_at(1);
    slot_publish_take(slot, catalogue_ref(two));
    alloc_fail_at(0);
    assert_ptr_equal(acquired(""), one);
    assert_int_equal(references(two), 1);
    catalogue_unref(two);
}

static void says_when_memory_is_out(void **state)
{
    struct slot *none = slot;
    struct error err = { .code = RC_OK };
    (void)state;
    alloc_fail_at(1);
    assert_int_equal(slot_new(&none, &err), RC_OOM);
    assert_int_equal(err.code, RC_OOM);
    assert_ptr_equal(none, slot);
    alloc_fail_at(0);
}

/* ---- several threads ------------------------------------------------------------------------------------- */

enum { READERS = 6, VERSIONS = 300 };

static atomic_bool published_all;

/* Takes what is in force over and over. Versions never run backwards, and what was taken stays whole. */
static void *read_versions(void *ret_failures)
{
    unsigned last = 0, *failures = ret_failures;
    do {
        struct catalogue *cat = slot_acquire(slot, ""), *again = slot_acquire(slot, "");
        unsigned version = (unsigned)strtoul(cat->version.p, NULL, 10);
        unsigned newer = (unsigned)strtoul(again->version.p, NULL, 10);
        if (version < last || newer < version || catalogue_find_fact(cat, STR("f")) != 0 ||
            catalogue_find_rule(cat, STR("r")) != 0 || strlen(cat->digest) != DIGEST_TEXT_LEN)
            ++*failures;
        last = version;
        catalogue_unref(cat);
        catalogue_unref(again);
    } while (!atomic_load(&published_all));
    *failures += last > VERSIONS;
    return NULL;
}

static void serves_many_threads_while_another_publishes(void **state)
{
    static struct catalogue *versions[VERSIONS + 1];
    pthread_t readers[READERS];
    unsigned failures[READERS] = { 0 };
    (void)state;
    for (unsigned v = 1; v <= VERSIONS; v++)
        versions[v] = tiny_catalogue(v);
    atomic_store(&published_all, false);
    slot_publish_take(slot, versions[1]);
    for (size_t i = 0; i < READERS; i++)
        assert_int_equal(pthread_create(&readers[i], NULL, read_versions, &failures[i]), 0);
    for (unsigned v = 2; v <= VERSIONS; v++) {
        const struct timespec while_they_read = { .tv_nsec = 300000 };
        (void)nanosleep(&while_they_read, NULL);
        slot_publish_take(slot, versions[v]);
    }
    atomic_store(&published_all, true);
    for (size_t i = 0; i < READERS; i++) {
        (void)pthread_join(readers[i], NULL);
        if (failures[i])
            fail_msg("reader %zu saw %u versions that were not right", i, failures[i]);
    }
    struct catalogue *last = slot_acquire(slot, "");
    assert_ptr_equal(last, versions[VERSIONS]);
    assert_int_equal(references(last), 2); /* nobody else has kept one */
    catalogue_unref(last);
}

static void *publish_and_acquire(void *cat)
{
    for (int i = 0; i < 2000; i++) {
        slot_publish_take(slot, catalogue_ref(cat));
        catalogue_unref(slot_acquire(slot, ""));
    }
    return NULL;
}

static void counts_right_when_many_publish(void **state)
{
    struct catalogue *cats[READERS];
    pthread_t threads[READERS];
    (void)state;
    for (unsigned i = 0; i < READERS; i++)
        cats[i] = tiny_catalogue(i);
    for (size_t i = 0; i < READERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, publish_and_acquire, cats[i]), 0);
    for (size_t i = 0; i < READERS; i++)
        (void)pthread_join(threads[i], NULL);
    slot_publish_take(slot, NULL);
    for (size_t i = 0; i < READERS; i++) {
        assert_int_equal(references(cats[i]), 1);
        catalogue_unref(cats[i]);
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
RUN_TESTS(TEST(holds_nothing_at_first), TEST(lends_the_catalogue_in_force_and_counts),
          TEST(keeps_a_replaced_catalogue_for_who_uses_it), TEST(can_publish_what_is_in_force_already),
          TEST(lets_go_of_its_catalogue_at_the_end), TEST(says_when_memory_is_out), TEST(lends_a_clinic_its_own),
          TEST(keeps_what_it_has_when_memory_is_out), TEST(serves_many_threads_while_another_publishes),
          TEST(counts_right_when_many_publish))
