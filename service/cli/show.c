/* palpate catalogue show: the summary, or one item in words that a clinician can read and sign. */
#include "cli/show.h"

#include <stdio.h>

#include "cli/words.h"

static const json_t *item_of(const json_t *doc, const char *list, const char *key, const char *id)
{
    const json_t *items = json_object_get(doc, list);
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *item = json_array_get(items, i);
        if (str_eq(member_text(item, key), str_of(id)))
            return item;
    }
    return NULL;
}

/* Sources have aliases, which the catalogue knows. */
static const json_t *evidence_of(const struct catalogue *cat, const json_t *doc, const char *id)
{
    const struct evidence_item *e = catalogue_find_evidence(cat, str_of(id));
    json_t *found = e ? json_loadb(e->resource.p, e->resource.n, 0, NULL) : NULL;
    const char *name = json_string_value(json_object_get(found, "id"));
    const json_t *item = name ? item_of(doc, "evidence", "id", name) : NULL;
    json_decref(found);
    return item;
}

/* ---- parts that items share ------------------------------------------------------------------------------- */

void show_head(struct shown *sh, const char *what, struct str id)
{
    struct page *p = &sh->page;
    page_begin(p, 0, "");
    page_add(p, "%s ", what);
    page_add_str(p, id);
    page_end(p);
    page_begin(p, 0, "");
    page_add(p, "Of the catalogue %.*s %.*s, digest %.12s.", STR_ARGS(sh->cat->name), STR_ARGS(sh->cat->version),
             sh->cat->digest);
    page_end(p);
}

/* Who answers for it: an item without its own review has the catalogue's. */
void show_review(struct shown *sh, const json_t *item)
{
    struct page *p = &sh->page;
    const json_t *own = json_object_get(item, "review");
    const json_t *review = own ? own : json_object_get(sh->doc, "review");
    struct str status = member_text(review, "status");
    const char *member;
    json_t *value;
    bool draft = str_eq(status, STR("draft"));
    page_heading(p, "Review");
    page_begin(p, 0, "");
    if (draft)
        page_add(p, "Draft: no licensed clinician has signed this.");
    else
        page_add(p, "Status: %.*s.", STR_ARGS(status));
    json_object_foreach((json_t *)review, member, value)
    {
        if (strcmp(member, "status") != 0 && json_is_string(value))
            page_add(p, " %c%s: %s.", *member >= 'a' && *member <= 'z' ? *member - 'a' + 'A' : *member, member + 1,
                     json_string_value(value));
    }
    page_end(p);
    if (draft) {
        page_gap(p);
        page_say(p, 0, "", "Name: ______________________ Signed: ______________________ Date: __________");
    }
}

void show_list(struct page *p, const char *label, const json_t *list)
{
    if (!json_array_size(list))
        return;
    page_say(p, 0, "", "%s", label);
    for (size_t i = 0; i < json_array_size(list); i++)
        page_say(p, 2, "- ", "%s", json_string_value(json_array_get(list, i)));
}

void show_verified(struct page *p, const json_t *item)
{
    struct str verified = member_text(item, "verified"), note = member_text(item, "verified_note");
    if (str_eq(verified, STR("read")))
        page_add(p, "The source has been read for this catalogue.");
    else if (str_eq(verified, STR("recalled")))
        page_add(p, "Not verified: cited from memory, the source has not been read again.");
    else
        page_add(p, "Verification: %.*s.", STR_ARGS(verified));
    if (note.n)
        page_add(p, " Note: %.*s%s", STR_ARGS(note), note.p[note.n - 1] == '.' ? "" : ".");
}

static void show_source(struct shown *sh, size_t number, const json_t *item)
{
    static const char *const parts[] = { "authors", "title", "venue" };
    struct page *p = &sh->page;
    struct str url = member_text(item, "url");
    char mark[32];
    (void)snprintf(mark, sizeof(mark), "[%zu] ", number);
    page_begin(p, 0, mark);
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        struct str part = member_text(item, parts[i]);
        bool year = i + 1 == ARRAY_LEN(parts) && json_object_get(item, "year");
        page_add_str(p, part);
        if (year)
            page_add(p, "%s(%lld)", part.n ? " " : "", (long long)json_integer_value(json_object_get(item, "year")));
        if (part.n || year)
            page_add(p, "%s", !year && strchr(".?!", part.p[part.n - 1]) ? " " : ". ");
    }
    page_add(p, "Certainty: ");
    say_word(p, &certainty_vocabulary, member_text(item, "certainty"));
    page_add(p, ". ");
    show_verified(p, item);
    page_add(p, "%s", url.n ? " " : "");
    page_add_str(p, url);
    page_end(p);
}

void show_sources(struct shown *sh, const json_t *ids)
{
    if (!json_array_size(ids))
        page_say(&sh->page, 0, "", "No source is named.");
    for (size_t i = 0; i < json_array_size(ids); i++)
        show_source(sh, i + 1, evidence_of(sh->cat, sh->doc, json_string_value(json_array_get(ids, i))));
}

/* The names that the statements use, and what makes each of them present. */
void show_findings(struct shown *sh)
{
    struct page *p = &sh->page;
    const struct sentences *s = &sh->sentences;
    if (!s->facts.n)
        return;
    page_heading(p, "What the names mean");
    for (uint32_t i = 0; i < s->facts.n; i++) {
        const struct fact *f = &sh->cat->facts[s->facts.at[i]];
        page_begin(p, 0, "- ");
        page_add(p, "\"%.*s\" (%.*s)", STR_ARGS(f->label), STR_ARGS(f->id));
        if (f->question.n)
            page_add(p, " asks: %.*s", STR_ARGS(f->question));
        else
            page_add(p, ".");
        if (f->valid_days != NOT_GIVEN) {
            page_add(p, " Given with a date, it counts for ");
            say_days(p, f->valid_days);
            page_add(p, "; without a date it counts as there now.");
        }
        if (f->below.n)
            page_add(p, " It is also present where any of these is: ");
        for (uint32_t k = 0; k < f->below.n; k++)
            page_add(p, "%s%.*s", k ? "; " : "", STR_ARGS(sh->cat->facts[f->below.at[k]].label));
        page_add(p, "%s", f->below.n ? "." : "");
        page_end(p);
    }
    page_gap(p);
    page_say(p, 0, "",
             "\"Present\" means said to be there; \"absent\" means said, or known, not to be there. What was "
             "not answered is neither: a statement about it is not known.");
    if (s->attributes)
        page_say(p, 0, "",
                 "Where a finding was given more than once, one of its entries must fit all that is said of it. "
                 "A date, grade or value that is not given leaves the statement not known.");
}

void show_reading_note(struct shown *sh)
{
    if (sh->sentences.joined_lists)
        page_say(&sh->page, 0, "",
                 "Where there are two complaints of one place, one may fit one part of such a line and the other "
                 "the rest.");
}

/* ---- the command ------------------------------------------------------------------------------------------ */

struct wanted {
    const char *id, *list, *key;
    void (*show)(struct shown *sh, const json_t *item);
};

static int print_item(struct shown *sh, const struct wanted *w, const json_t *item)
{
    struct error err;
    w->show(sh, item);
    if (sh->sentences.failed || page_failed(&sh->page)) {
        (void)(page_failed(&sh->page) || sh->arena.exhausted
                   ? error_oom(&err)
                   : error_set(&err, RC_INTERNAL, "there are no words for a condition of %s", w->id));
        return fail(&err);
    }
    (void)fwrite(sh->page.out.p, 1, sh->page.out.n, stdout);
    return EXIT_OK;
}

static int print_stored(const struct catalogue *cat, const struct wanted *w, const json_t *item)
{
    struct str id = str_of(w->id), text = { NULL, 0 };
    if (w->show == show_rule)
        text = cat->rules[catalogue_find_rule(cat, id)].resource;
    else if (w->show == show_fact)
        text = cat->facts[catalogue_find_fact(cat, id)].resource;
    else if (w->show == show_evidence)
        text = catalogue_find_evidence(cat, id)->resource;
    if (text.p)
        return print_json(text);
    if (json_dumpf(item, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(15)) != 0)
        return EXIT_SOFTWARE;
    putchar('\n');
    return EXIT_OK;
}

static int show_wanted(const struct call *c, const struct catalogue *cat, const json_t *doc, const struct wanted *w)
{
    struct error err;
    struct shown sh = { .cat = cat, .doc = doc };
    const json_t *item = w->show == show_evidence ? evidence_of(cat, doc, w->id) : item_of(doc, w->list, w->key, w->id);
    if (!item) {
        (void)error_set(&err, RC_NOT_FOUND, "the catalogue has no such item");
        return fail(&err);
    }
    if (c->json)
        return print_stored(cat, w, item);
    page_init(&sh.page);
    arena_init(&sh.arena, 0);
    sentences_init(&sh.sentences, cat, &sh.arena);
    int exit_status = print_item(&sh, w, item);
    arena_done(&sh.arena);
    page_done(&sh.page);
    return exit_status;
}

int command_catalogue_show(const struct call *c)
{
    const struct wanted items[] = { { c->rule, "rules", "id", show_rule },
                                    { c->course, "courses", "id", show_course },
                                    { c->fact, "facts", "id", show_fact },
                                    { c->technique, "techniques", "code", show_technique },
                                    { c->evidence, "evidence", "id", show_evidence } };
    const struct wanted *w = NULL;
    struct error err;
    struct source_doc doc = { 0 };
    int exit_status;
    for (size_t i = 0; i < ARRAY_LEN(items); i++) {
        if (items[i].id && w) {
            (void)error_set(&err, RC_USAGE, "one item is shown at a time: see palpate --help");
            return fail(&err);
        }
        if (items[i].id)
            w = &items[i];
    }
    CLEANUP(catalogue_unrefp) struct catalogue *cat = load_called(c, &doc, &exit_status);
    if (!cat)
        return exit_status;
    if (!w) {
        exit_status = print_json(cat->resource_catalogue);
    } else {
        json_t *json = json_loadb(doc.text.p, doc.text.n, 0, NULL);
        (void)error_oom(&err);
        exit_status = json ? show_wanted(c, cat, json, w) : fail(&err);
        json_decref(json);
    }
    source_done(&doc);
    return exit_status;
}
