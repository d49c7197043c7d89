/* What an answer points at: facts, techniques, rules, and places in the request. */
#include "cli/explain.h"
#include "cli/words.h"

/* ---- facts, techniques, rules ----------------------------------------------------------------------------- */

void say_fact_name(struct explained *x, struct str id)
{
    const json_t *questions = json_object_get(x->answer, "questions");
    int32_t fact = x->cat ? catalogue_find_fact(x->cat, id) : -1;
    if (fact >= 0) {
        page_add_str(&x->page, x->cat->facts[fact].label);
        return;
    }
    for (size_t i = 0; i < json_array_size(questions); i++) {
        const json_t *q = json_array_get(questions, i);
        struct str label = member_text(q, "label");
        if (label.n && str_eq(member_text(q, "fact"), id)) {
            page_add_str(&x->page, label);
            return;
        }
    }
    say_id(&x->page, id);
}

void say_technique_name(struct explained *x, struct str code)
{
    const json_t *techniques = json_object_get(x->answer, "techniques");
    for (size_t i = 0; i < json_array_size(techniques); i++) {
        const json_t *t = json_array_get(techniques, i);
        struct str name = member_text(t, "name");
        if (name.n && str_eq(member_text(t, "code"), code)) {
            page_add_str(&x->page, name);
            return;
        }
    }
    say_id(&x->page, code);
}

static size_t warning_number(const struct explained *x, struct str code)
{
    const json_t *warnings = json_object_get(x->answer, "warnings");
    for (size_t i = 0; i < json_array_size(warnings); i++)
        if (str_eq(member_text(json_array_get(warnings, i), "code"), code))
            return i + 1;
    return 0;
}

void say_rules(struct explained *x, const json_t *ids)
{
    size_t n = json_array_size(ids);
    for (size_t i = 0; i < n; i++) {
        struct str id = text_of(json_array_get(ids, i));
        size_t number = warning_number(x, id);
        page_add(&x->page, "%s", page_between(i, n, " and "));
        if (number)
            page_add(&x->page, "%zu", number);
        else
            page_add(&x->page, "the rule %.*s", STR_ARGS(id));
    }
}

void say_letter(struct explained *x, struct str by, const json_t *about)
{
    size_t n = json_array_size(about);
    say_word(&x->page, &clearer_vocabulary, by);
    const char *in = str_eq(by, clearer_name(CLEARER_GUARDIAN)) ? ", in an agreement about " : ", in a letter about ";
    page_add(&x->page, "%s", n ? in : "");
    for (size_t i = 0; i < n; i++) {
        struct str id = text_of(json_array_get(about, i));
        page_add(&x->page, "%s\"", page_between(i, n, " or "));
        say_fact_name(x, id);
        page_add(&x->page, "\" (%.*s)", STR_ARGS(id));
    }
}

/* ---- places in the request -------------------------------------------------------------------------------- */

/* What a JSON pointer of letters, digits and underscores names; NULL when it names nothing. */
static const json_t *resolve(const json_t *from, struct str pointer)
{
    const char *p = pointer.p, *end = pointer.p + pointer.n;
    while (from && p < end && *p == '/') {
        const char *slash = memchr(p + 1, '/', (size_t)(end - p - 1));
        struct str part = { p + 1, (size_t)((slash ? slash : end) - p - 1) };
        if (json_is_array(from)) {
            size_t index = 0;
            for (size_t i = 0; i < part.n; i++) {
                if (part.p[i] < '0' || part.p[i] > '9' || i > 8)
                    return NULL;
                index = index * 10 + (size_t)(part.p[i] - '0');
            }
            from = part.n ? json_array_get(from, index) : NULL;
        } else {
            from = json_object_getn(from, part.p, part.n);
        }
        p = part.p + part.n;
    }
    return p == end && pointer.n ? from : NULL;
}

static const struct {
    const char *list, *words;
    enum { ITEM_FINDING, ITEM_COMPLAINT, ITEM_CLEARANCE, ITEM_SESSION, ITEM_OTHER } kind;
} lists[] = {
    { "/symptoms", "symptom", ITEM_FINDING },
    { "/history/conditions", "history, condition", ITEM_FINDING },
    { "/history/medications", "history, medicine", ITEM_FINDING },
    { "/history/procedures", "history, procedure", ITEM_FINDING },
    { "/history/injuries", "history, injury", ITEM_FINDING },
    { "/complaints", "complaint", ITEM_COMPLAINT },
    { "/clearances", "clearance", ITEM_CLEARANCE },
    { "/progress", "session so far", ITEM_SESSION },
    { "/goals", "wish", ITEM_OTHER },
};

/* The list whose item or member of an item this is, and the number of the item; false: none of them. */
static bool find_item(struct str pointer, size_t *ret_list, unsigned *ret_number, struct str *ret_member)
{
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        size_t n = strlen(lists[i].list), at = n + 1, number = 0;
        if (pointer.n <= at || memcmp(pointer.p, lists[i].list, n) != 0 || pointer.p[n] != '/')
            continue;
        for (; at < pointer.n && at < n + 8 && pointer.p[at] >= '0' && pointer.p[at] <= '9'; at++)
            number = number * 10 + (size_t)(pointer.p[at] - '0');
        if (at == n + 1 || (at < pointer.n && pointer.p[at] != '/'))
            return false;
        *ret_list = i;
        *ret_number = (unsigned)number + 1;
        *ret_member = at < pointer.n ? (struct str){ pointer.p + at + 1, pointer.n - at - 1 } : (struct str){ "", 0 };
        return true;
    }
    return false;
}

static void say_value(struct page *p, struct str member, const json_t *v)
{
    if (json_is_integer(v))
        page_add(p, " %lld", (long long)json_integer_value(v));
    else if (json_is_real(v))
        page_add(p, " %g", json_real_value(v));
    else if (json_is_string(v)) {
        const struct vocabulary *words = str_eq(member, STR("region"))  ? &region_vocabulary
                                         : str_eq(member, STR("onset")) ? &onset_vocabulary
                                         : str_eq(member, STR("cause")) ? &cause_vocabulary
                                                                        : &sex_vocabulary;
        page_add(p, " ");
        if (words_of(words, text_of(v)))
            say_word(p, words, text_of(v));
        else
            page_add_str(p, text_of(v));
    } else if (!v) {
        page_add(p, " not given");
    }
}

static void say_finding(struct explained *x, const json_t *item)
{
    struct page *p = &x->page;
    struct str id = member_text(item, "id"), state = member_text(item, "state");
    struct str date = member_text(item, json_object_get(item, "date") ? "date" : "since");
    if (id.n)
        say_fact_name(x, id);
    else
        page_add(p, "%.*s %.*s", STR_ARGS(member_text(item, "system")), STR_ARGS(member_text(item, "code")));
    if (state.n && !str_eq(state, finding_state_name(FINDING_PRESENT))) {
        page_add(p, ": ");
        say_word(p, &finding_state_vocabulary, state);
    }
    if (date.n)
        page_add(p, ", %.*s", STR_ARGS(date));
    page_add(p, " ");
}

static void say_item(struct explained *x, size_t list, const json_t *item)
{
    struct page *p = &x->page;
    switch (lists[list].kind) {
    case ITEM_FINDING:
        say_finding(x, item);
        return;
    case ITEM_COMPLAINT:
        say_word(p, &region_vocabulary, member_text(item, "region"));
        page_add(p, " ");
        return;
    case ITEM_CLEARANCE:
        say_fact_name(x, member_text(item, "for"));
        page_add(p, ", %.*s ", STR_ARGS(member_text(item, "date")));
        return;
    case ITEM_SESSION:
        page_add(p, "%.*s ", STR_ARGS(member_text(item, "date")));
        return;
    case ITEM_OTHER:
        return;
    }
}

/* "lower back (complaint 1: pain 5)" */
static void say_in_list(struct explained *x, size_t list, unsigned number, struct str member, const json_t *item)
{
    struct page *p = &x->page;
    if (item)
        say_item(x, list, item);
    page_add(p, "%s%s %u", item ? "(" : "", lists[list].words, number);
    if (member.n && !(item && str_eq(member, STR("region")))) { /* the complaint is named by its region */
        const json_t *v = resolve(item, (struct str){ member.p - 1, member.n + 1 });
        page_add(p, ": ");
        say_id(p, member);
        if (item)
            say_value(p, member, v);
    }
    page_add(p, "%s", item ? ")" : "");
}

void say_pointer(struct explained *x, struct str pointer)
{
    struct page *p = &x->page;
    struct str member, whole;
    size_t list;
    unsigned number;
    if (find_item(pointer, &list, &number, &member)) {
        whole = (struct str){ pointer.p, pointer.n - member.n - (member.n ? 1 : 0) };
        const json_t *item = x->request ? resolve(x->request, whole) : NULL;
        say_in_list(x, list, number, member, item);
        if (x->request && !item)
            page_add(p, ", which the request does not have");
    } else if (str_eq(pointer, STR("/subject/age_years")) || str_eq(pointer, STR("/subject/sex"))) {
        member = (struct str){ pointer.p + 9, pointer.n - 9 };
        page_add(p, "the client's %s", member.n == 3 ? "sex" : "age");
        if (x->request)
            say_value(p, member, resolve(x->request, pointer));
    } else {
        page_add(p, "a place that this page has no words for");
    }
    page_add(p, " [%.*s]", STR_ARGS(pointer));
}

void say_pointers(struct explained *x, const json_t *pointers)
{
    for (size_t i = 0; i < json_array_size(pointers); i++) {
        page_add(&x->page, "%s", i ? "; " : "");
        say_pointer(x, text_of(json_array_get(pointers, i)));
    }
}
