#include "cli/sentences.h"

#include <stdio.h>

#include "cli/words.h"

void sentences_init(struct sentences *s, const struct catalogue *cat, struct arena *arena)
{
    *s = (struct sentences){ .cat = cat, .arena = arena };
}

/* ---- from JSON to a tree ---------------------------------------------------------------------------------- */

static struct said *said_new(struct sentences *s, const struct said *from)
{
    struct said *n = ARENA_NEW(s->arena, struct said);
    if (n)
        *n = *from;
    s->failed |= !n;
    return n;
}

enum comparison comparison_of(const char *op, bool negate)
{
    static const char *const names[] = { "<", "<=", ">", ">=", "==", "!=" };
    static const enum comparison opposite[] = { CMP_FROM, CMP_ABOVE, CMP_UP_TO, CMP_BELOW, CMP_IS_NOT, CMP_IS };
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (strcmp(names[i], op) == 0)
            return negate ? opposite[i] : (enum comparison)i;
    return CMP_UNKNOWN;
}

static struct said *statement(struct sentences *s, const char *op, const json_t *whole, const json_t *args, bool negate,
                              bool target)
{
    const json_t *left = json_array_get(args, 0), *right = json_array_get(args, 1);
    enum comparison cmp = comparison_of(op, negate);
    struct said leaf;
    if (strcmp(op, "var") == 0) {
        cmp = negate ? CMP_IS_NOT : CMP_IS;
        left = whole;
        right = NULL;
    } else if (strcmp(op, "in") == 0) {
        bool constant = json_is_string(left);
        cmp = constant ? (negate ? CMP_IS_NOT : CMP_IS) : negate ? CMP_NONE_OF : CMP_ONE_OF;
        if (constant) {
            const json_t *needle = left;
            left = right;
            right = needle;
        }
    }
    bool said = cmp != CMP_UNKNOWN && (target ? phrase_target(s, cmp, left, right, &leaf)
                                              : phrase_variable(s, cmp, left, right, negate, &leaf));
    s->failed |= !said;
    return said ? said_new(s, &leaf) : NULL;
}

static struct said *build(struct sentences *s, const json_t *v, bool negate, bool target, size_t depth);

static struct said *build_group(struct sentences *s, const json_t *args, enum said_kind kind, bool negate, bool target,
                                size_t depth)
{
    struct said *group = said_new(s, &(struct said){ .kind = kind }), **end = group ? &group->first : NULL;
    for (size_t i = 0; group && i < json_array_size(args); i++) {
        struct said *kid = build(s, json_array_get(args, i), negate, target, depth);
        if (!kid)
            return NULL;
        *end = kid->kind == kind ? kid->first : kid; /* "and" within "and" is one list */
        while (*end)
            end = &(*end)->next;
    }
    return group;
}

static struct said *build(struct sentences *s, const json_t *v, bool negate, bool target, size_t depth)
{
    void *member = json_object_iter((json_t *)v);
    const char *op = json_object_iter_key(member);
    const json_t *args = json_object_iter_value(member);
    s->failed |= !member || depth > COND_DEPTH_MAX;
    if (s->failed)
        return NULL;
    bool all = strcmp(op, "and") == 0;
    if (all || strcmp(op, "or") == 0)
        return build_group(s, args, all != negate ? SAID_ALL : SAID_ANY, negate, target, depth + 1);
    if (strcmp(op, "!") == 0)
        return build(s, json_is_array(args) ? json_array_get(args, 0) : args, !negate, target, depth + 1);
    return statement(s, op, v, args, negate, target);
}

/* ---- saying together what belongs together ---------------------------------------------------------------- */

static void append_tests(struct said *a, struct said_test *tests)
{
    struct said_test **end = &a->tests;
    while (*end)
        end = &(*end)->next;
    *end = tests;
}

/* One choice of finding serves a whole rule, so that tests on one fact are tests on one finding (S3). */
static bool join_facts(enum said_kind group, struct said *a, struct said *b)
{
    bool a_only_absent = a->absent && !a->tests, b_only_absent = b->absent && !b->tests;
    if (group == SAID_ALL) {
        if (a_only_absent || b_only_absent)
            return false;
        a->absent = a->absent && b->absent;
        append_tests(a, b->tests);
        return true;
    }
    if (a_only_absent == b_only_absent || (!a->tests && !b->tests))
        return false;
    a->absent = true;
    append_tests(a, b->tests);
    return true;
}

static bool has_test(const struct sentences *s, uint32_t lists)
{
    for (uint32_t i = 0; i < s->cat->definitions.n_lists; i++)
        if (lists >> i & 1 && !list_is_plain(&s->cat->definitions.lists[i]))
            return true;
    return false;
}

static bool join_complaints(struct sentences *s, enum said_kind group, struct said *a, struct said *b)
{
    bool one_place = __builtin_popcount(a->regions) == 1 && a->regions == b->regions;
    if (a->absent != b->absent)
        return false;
    if (a->lists == b->lists && (group == SAID_ANY) != a->absent) {
        a->regions |= b->regions;
        return true;
    }
    if (group != SAID_ALL || a->absent || !one_place)
        return false;
    s->joined_lists |= has_test(s, a->lists) && has_test(s, b->lists);
    a->lists |= b->lists;
    return true;
}

static bool join(struct sentences *s, enum said_kind group, struct said *a, struct said *b)
{
    if (a->kind == SAID_FACT && b->kind == SAID_FACT && a->fact == b->fact)
        return join_facts(group, a, b);
    return a->kind == SAID_COMPLAINT && b->kind == SAID_COMPLAINT && join_complaints(s, group, a, b);
}

static bool is_negative(const struct said *n)
{
    return (n->kind == SAID_FACT && n->absent && !n->tests) || (n->kind == SAID_COMPLAINT && n->absent);
}

/* "X is absent" and "Y is absent" become "none of these: X is present; Y is present". */
static void gather_negatives(struct sentences *s, struct said *all)
{
    size_t n = 0;
    for (const struct said *kid = all->first; kid; kid = kid->next)
        n += is_negative(kid);
    struct said *none = n < 2 ? NULL : said_new(s, &(struct said){ .kind = SAID_NONE }),
                **end = none ? &none->first : NULL;
    for (struct said **at = &all->first; none && *at;) {
        struct said *kid = *at;
        if (!is_negative(kid)) {
            at = &kid->next;
            continue;
        }
        kid->absent = false;
        if (end == &none->first) { /* the group takes the place of its first */
            none->next = kid->next;
            *at = none;
            at = &none->next;
        } else {
            *at = kid->next;
        }
        kid->next = NULL;
        *end = kid;
        end = &kid->next;
    }
}

static struct said *tidy(struct sentences *s, struct said *n)
{
    if (!n || (n->kind != SAID_ALL && n->kind != SAID_ANY))
        return n;
    for (struct said **at = &n->first; *at; at = &(*at)->next) {
        struct said *next = (*at)->next, *kid = tidy(s, *at);
        kid->next = next;
        *at = kid;
    }
    for (struct said *a = n->first; a; a = a->next)
        for (struct said **b = &a->next; *b;) {
            if (join(s, n->kind, a, *b))
                *b = (*b)->next;
            else
                b = &(*b)->next;
        }
    if (n->kind == SAID_ALL)
        gather_negatives(s, n);
    return n->first && !n->first->next ? n->first : n;
}

/* ---- printing --------------------------------------------------------------------------------------------- */

static const char *const group_words[] = {
    [SAID_ALL] = "all of these hold:", [SAID_ANY] = "at least one of these holds:", [SAID_NONE] = "none of these holds:"
};

static void remember_fact(struct sentences *s, const struct said *n)
{
    for (uint32_t i = 0; i < s->facts.n; i++)
        if (s->facts.at[i] == n->fact)
            return;
    s->failed |= !VEC_PUSH(s->arena, &s->facts, n->fact);
}

static void say_node(struct page *p, struct sentences *s, const struct said *n, unsigned indent, const char *number);

static void say_kids(struct page *p, struct sentences *s, const struct said *first, unsigned indent, const char *number)
{
    unsigned i = 1;
    for (const struct said *kid = first; kid; kid = kid->next) {
        char own[PAGE_MARK_BYTES - 4];
        (void)snprintf(own, sizeof(own), "%s%s%u", number, *number ? "." : "", i++);
        say_node(p, s, kid, indent, own);
    }
}

static void say_node(struct page *p, struct sentences *s, const struct said *n, unsigned indent, const char *number)
{
    char mark[PAGE_MARK_BYTES];
    (void)snprintf(mark, sizeof(mark), "(%s) ", number);
    page_begin(p, indent, mark);
    switch (n->kind) {
    case SAID_ALL:
    case SAID_ANY:
    case SAID_NONE:
        page_add(p, "%s", group_words[n->kind]);
        page_end(p);
        say_kids(p, s, n->first, indent + 4, number);
        return;
    case SAID_FACT:
        say_fact(p, s, n);
        remember_fact(s, n);
        s->attributes |= n->tests != NULL;
        break;
    case SAID_COMPLAINT:
        say_complaint(p, s, n);
        break;
    case SAID_TEXT:
        page_add_str(p, n->text);
        break;
    }
    page_end(p);
}

struct said *said_of(struct sentences *s, const json_t *condition, bool target)
{
    return tidy(s, build(s, condition, false, target, 1));
}

static void say(struct page *p, struct sentences *s, const char *opening, const json_t *condition, bool target)
{
    struct said *root = said_of(s, condition, target);
    if (!root || s->failed) {
        s->failed = true;
        return;
    }
    bool group = root->kind == SAID_ALL || root->kind == SAID_ANY || root->kind == SAID_NONE;
    page_say(p, 0, "", "%s %s", opening, group ? group_words[root->kind] : "this holds:");
    root->next = NULL;
    say_kids(p, s, group ? root->first : root, 2, "");
}

void say_condition(struct page *p, struct sentences *s, const char *opening, const json_t *condition)
{
    say(p, s, opening, condition, false);
}

void say_target(struct page *p, struct sentences *s, const char *opening, const json_t *target)
{
    say(p, s, opening, target, true);
}
