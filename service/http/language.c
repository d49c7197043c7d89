/* Which of the catalogue's languages a client reads best (RFC 9110, 12.5.4; RFC 4647, 3.4). */
#include "http/http_priv.h"

#include <strings.h>

enum { WEIGHT_MAX = 1000 };

struct range {
    struct str tag; /* "*" stands for every language */
    int weight;     /* in thousandths; 0: not this one */
};

/* "0.25" is 250; false for what is no weight. */
static bool read_weight(struct str s, int *ret)
{
    int scale = WEIGHT_MAX, weight = 0;
    if (s.n == 0 || s.n > strlen("0.000") || (s.p[0] != '0' && s.p[0] != '1') || (s.n > 1 && s.p[1] != '.'))
        return false;
    weight = (s.p[0] - '0') * scale;
    for (size_t i = 2; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
        scale /= 10;
        weight += (s.p[i] - '0') * scale;
    }
    *ret = weight;
    return weight <= WEIGHT_MAX;
}

static struct str trimmed(struct str s)
{
    while (s.n && (*s.p == ' ' || *s.p == '\t')) {
        s.p++;
        s.n--;
    }
    while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
        s.n--;
    return s;
}

static bool read_range(struct str item, struct range *ret)
{
    const char *semicolon = memchr(item.p, ';', item.n);
    size_t n = semicolon ? (size_t)(semicolon - item.p) : item.n;
    ret->tag = trimmed((struct str){ item.p, n });
    ret->weight = WEIGHT_MAX;
    if (!str_eq(ret->tag, STR("*")) && !is_language_range(ret->tag))
        return false;
    if (!semicolon)
        return true;
    struct str weight = trimmed((struct str){ semicolon + 1, item.n - n - 1 });
    return weight.n > 2 && strncasecmp(weight.p, "q=", 2) == 0 &&
           read_weight((struct str){ weight.p + 2, weight.n - 2 }, &ret->weight);
}

/* Notes which languages the client refuses: those of which the longest range that is or begins them has no weight.
 * False when the field cannot be read. */
static bool read_refusals(const char *accept, const struct catalogue *cat, bool refused[static LANGUAGES_LIMIT])
{
    size_t longest[LANGUAGES_LIMIT] = { 0 };
    struct str item;
    while (next_item(&accept, &item)) {
        struct range r;
        if (!read_range(item, &r))
            return false;
        for (uint32_t i = 0; i < cat->n_languages; i++) {
            if (!language_matches(r.tag, cat->languages[i].tag) || r.tag.n < longest[i])
                continue;
            longest[i] = r.tag.n;
            refused[i] = r.weight == 0;
        }
    }
    return true;
}

static int32_t language_of(const struct catalogue *cat, struct str range, const bool refused[static LANGUAGES_LIMIT])
{
    if (!str_eq(range, STR("*"))) {
        int32_t found = catalogue_find_language(cat, range);
        return found >= 0 && !refused[found] ? found : -1;
    }
    for (uint32_t i = 0; i < cat->n_languages; i++) /* the own one first */
        if (!refused[i])
            return (int32_t)i;
    return -1;
}

uint32_t negotiated_language(const char *accept, const struct catalogue *cat)
{
    bool refused[LANGUAGES_LIMIT] = { false };
    const char *rest = accept;
    uint32_t best = 0;
    int weight = 0;
    struct str item;
    if (!accept || !read_refusals(accept, cat, refused))
        return 0;
    while (next_item(&rest, &item)) { /* of equal weights the first counts */
        struct range r;
        if (!read_range(item, &r) || r.weight <= weight)
            continue;
        int32_t found = language_of(cat, r.tag, refused);
        if (found >= 0) {
            best = (uint32_t)found;
            weight = r.weight;
        }
    }
    return best;
}
