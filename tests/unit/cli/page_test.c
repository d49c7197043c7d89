/* Wrapping, and what never reaches a terminal. */
#include "cli/page.h"

#include "test.h"

#include <stdio.h>

static struct page page;

static const char *printed(void)
{
    static char text[8192];
    assert_false(page_failed(&page));
    (void)snprintf(text, sizeof(text), "%.*s", (int)page.out.n, page.out.p ? page.out.p : "");
    page_done(&page);
    return text;
}

static const char *paragraph(unsigned indent, const char *mark, const char *text)
{
    page_init(&page);
    page_say(&page, indent, mark, "%s", text);
    return printed();
}

#define TEN "aaaaaaaaa "
#define X40 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define BAD "\xEF\xBF\xBD"

static void wraps_at_eighty_columns(void **state)
{
    static const struct {
        unsigned indent;
        const char *mark, *text, *want;
    } rows[] = {
        { 0, "", "", "\n" },
        { 2, "- ", "one", "  - one\n" },
        { 0, "", X40 " " X40, X40 "\n" X40 "\n" },
        { 0, "", "a" X40 " " X40 "b", "a" X40 "\n" X40 "b\n" },
        { 0, "", "  two\n\twords ", "two words\n" },
        { 0, "", TEN TEN TEN TEN TEN TEN TEN "1234567890", TEN TEN TEN TEN TEN TEN TEN "1234567890\n" },
        { 0, "", TEN TEN TEN TEN TEN TEN TEN "12345678901", TEN TEN TEN TEN TEN TEN "aaaaaaaaa\n12345678901\n" },
        { 2, "(1) ", TEN TEN TEN TEN TEN TEN TEN "12345", "  (1) " TEN TEN TEN TEN TEN TEN "aaaaaaaaa\n      12345\n" },
        { 0, "", "a https://" X40 X40 "/z b", "a\nhttps://" X40 X40 "/z\nb\n" }, /* an address is never cut */
        { 0, "", X40 X40 X40, X40 X40 "\n" X40 "\n" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *got = paragraph(rows[i].indent, rows[i].mark, rows[i].text);
        if (strcmp(got, rows[i].want) != 0)
            fail_msg("row %zu: %s", i, got);
    }
}

/* "ö" is one column, a Chinese character two, an accent that combines none. */
static void counts_columns_not_bytes(void **state)
{
    char text[8 * PAGE_COLUMNS] = "", *end = text;
    (void)state;
    for (int i = 0; i < PAGE_COLUMNS; i++)
        end = stpcpy(end, "\xC3\xB6");
    assert_int_equal(strlen(paragraph(0, "", text)), 2 * PAGE_COLUMNS + 1);
    end = text;
    for (int i = 0; i < PAGE_COLUMNS; i++)
        end = stpcpy(end, "\xE4\xB8\xAD");
    const char *got = paragraph(0, "", text);
    assert_int_equal(strlen(got), 3 * PAGE_COLUMNS + 2);
    assert_int_equal(got[3 * PAGE_COLUMNS / 2], '\n');
    end = text;
    for (int i = 0; i < PAGE_COLUMNS; i++)
        end = stpcpy(end, "e\xCC\x81");
    assert_int_equal(strlen(paragraph(0, "", text)), 3 * PAGE_COLUMNS + 1);
}

static void lets_no_control_pass(void **state)
{
    static const struct {
        const char *text, *want;
    } rows[] = {
        { "a\x1b[31mb", "a" BAD "[31mb\n" }, /* escape */
        { "a\x07\x7f", "a" BAD BAD "\n" },   /* bell, delete */
        { "a\xC2\x9B"
          "b",
          "a" BAD "b\n" }, /* C1: the escape of eight bits */
        { "a\xE2\x80\x8F"
          "b",
          "a" BAD "b\n" }, /* right to left from here */
        { "a\xE2\x80\x8B"
          "b",
          "a" BAD "b\n" }, /* no width */
        { "a\xE2\x80\xA8"
          "b",
          "a" BAD "b\n" }, /* line separator */
        { "a\xFF"
          "b",
          "a" BAD "b\n" },                         /* no UTF-8 */
        { "a\xC3", "a" BAD "\n" },                 /* cut short */
        { "a\xC0\xAF", "a" BAD BAD "\n" },         /* longer than need be */
        { "a\xED\xA0\x80", "a" BAD BAD BAD "\n" }, /* half a pair */
        { "a\xF0\x9F\x98\x80"
          "b",
          "a\xF0\x9F\x98\x80"
          "b\n" },
        { "\xC3\xBC", "\xC3\xBC\n" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *got = paragraph(0, "", rows[i].text);
        if (strcmp(got, rows[i].want) != 0)
            fail_msg("row %zu: %s", i, got);
    }
    for (int c = 1; c < 0x20; c++) { /* every one of them */
        const char text[] = { 'a', (char)c, 'b', '\0' }, *got = paragraph(0, "", text);
        assert_null(strchr(got, c == '\n' ? 1 : c));
    }
}

static void sets_parts_apart(void **state)
{
    (void)state;
    page_init(&page);
    page_gap(&page);
    page_heading(&page, "One");
    page_field(&page, 2, "Label", STR("text"));
    page_field(&page, 2, "Empty", STR(""));
    page_gap(&page);
    page_gap(&page);
    page_heading(&page, "Two");
    assert_string_equal(printed(), "One\n---\n  Label: text\n\nTwo\n---\n");
}

RUN_TESTS(cmocka_unit_test(wraps_at_eighty_columns), cmocka_unit_test(counts_columns_not_bytes),
          cmocka_unit_test(lets_no_control_pass), cmocka_unit_test(sets_parts_apart))
