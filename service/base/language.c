#include "base/language.h"

#include <strings.h>

enum { SUBTAG_LEN_MAX = 8 };

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* How many characters from `from` on are of this kind. */
static size_t run_of(struct str s, size_t from, bool (*kind)(char))
{
    size_t n = 0;
    while (from + n < s.n && kind(s.p[from + n]))
        n++;
    return n;
}

bool is_language_range(struct str s)
{
    size_t len = 0, subtags = 1;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '-') {
            if (len == 0)
                return false;
            subtags++;
            len = 0;
            continue;
        }
        bool letter = is_lower(s.p[i]) || is_upper(s.p[i]);
        if ((!letter && (subtags == 1 || !is_digit(s.p[i]))) || ++len > SUBTAG_LEN_MAX)
            return false;
    }
    return len > 0;
}

bool is_language_tag(struct str s)
{
    size_t i = run_of(s, 0, is_lower);
    if (i < 2 || i > 3)
        return false;
    if (i + 4 < s.n && s.p[i] == '-' && is_upper(s.p[i + 1]) && run_of(s, i + 2, is_lower) == 3)
        i += 5;
    if (i < s.n && s.p[i] == '-') {
        size_t letters = run_of(s, i + 1, is_upper), digits = run_of(s, i + 1, is_digit);
        i += 1 + (letters == 2 ? 2 : digits == 3 ? 3 : 0);
    }
    return i == s.n && s.p[i - 1] != '-';
}

bool language_matches(struct str range, struct str tag)
{
    return range.n && range.n <= tag.n && strncasecmp(range.p, tag.p, range.n) == 0 &&
           (range.n == tag.n || tag.p[range.n] == '-');
}

/* A subtag of one character only introduces those behind it, and goes with them. */
struct str language_shortened(struct str range)
{
    while (range.n && range.p[range.n - 1] != '-')
        range.n--;
    if (range.n)
        range.n--;
    if (range.n == 1)
        range.n = 0;
    else if (range.n >= 2 && range.p[range.n - 2] == '-')
        range.n -= 2;
    return range;
}
