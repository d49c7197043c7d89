/* A course, a fact, a technique, a source in words. */
#include "cli/show.h"

#include <stdio.h>

#include "cli/words.h"

/* ---- courses ---------------------------------------------------------------------------------------------- */

/* 150 for 1.5 */
static void say_per_week(struct page *p, int32_t v)
{
    page_add(p, "%g", (double)v / PER_WEEK_SCALE);
}

static void show_phases(struct page *p, const struct course *c)
{
    page_heading(p, "Phases");
    for (uint32_t i = 0; i < c->n_phases; i++) {
        const struct phase *f = &c->phases[i];
        char mark[16];
        (void)snprintf(mark, sizeof(mark), "%u. ", i + 1);
        page_begin(p, 0, mark);
        page_add_str(p, f->name);
        page_add(p, ": %d session%s, ", f->sessions, f->sessions == 1 ? "" : "s");
        say_per_week(p, f->per_week);
        page_add(p, " a week, %d minutes, pressure %d of %d.", f->minutes, f->pressure, PRESSURE_MAX);
        if (f->intent.n)
            page_add(p, " Aim: %.*s.", STR_ARGS(f->intent));
        if (f->only_if.n)
            page_add(p, " Only if: %.*s.", STR_ARGS(f->only_if));
        page_end(p);
    }
    page_say(p, 0, "", "Reassess after %d session%s; stop after %d without gain.", c->reassess_after_sessions,
             c->reassess_after_sessions == 1 ? "" : "s", c->max_sessions_without_gain);
}

static const struct course *find_course(const struct catalogue *cat, struct str id)
{
    uint32_t i = 0;
    while (i < cat->n_courses && !str_eq(cat->courses[i].id, id))
        i++;
    return &cat->courses[i];
}

void show_course(struct shown *sh, const json_t *item)
{
    struct page *p = &sh->page;
    const struct course *c = find_course(sh->cat, member_text(item, "id"));
    show_head(sh, "Course", c->id);
    page_field(p, 0, "About", member_text(item, "topic"));
    page_field(p, 0, "Title", c->title);
    page_heading(p, "When it is suggested");
    say_condition(p, &sh->sentences, "It fits when", json_object_get(item, "when"));
    show_reading_note(sh);
    page_say(p, 0, "",
             "Of the courses that fit, the one with the highest priority is suggested; this one has %d. None is "
             "suggested while questions or a clearance are open, or massage is ruled out.",
             c->priority);
    page_heading(p, "What is done");
    page_begin(p, 0, "Focus: ");
    for (uint32_t i = 0; i < c->n_focus; i++) {
        page_add(p, "%s", page_between(i, c->n_focus, " and "));
        say_word(p, &region_vocabulary, region_name(c->focus[i]));
    }
    page_end(p);
    page_begin(p, 0, "");
    page_add(p, "Techniques, of which a wish comes first and else the first that is possible: ");
    for (uint32_t i = 0; i < c->n_techniques; i++)
        page_add(p, "%s%.*s", page_between(i, c->n_techniques, ", "),
                 STR_ARGS(sh->cat->techniques[c->techniques[i]].name));
    page_end(p);
    show_phases(p, c);
    page_heading(p, "What to expect");
    page_field(p, 0, "Expected change", c->expected_change);
    page_field(p, 0, "If improving", c->if_improving);
    page_field(p, 0, "If unchanged", c->if_unchanged);
    page_field(p, 0, "If worse", c->if_worse);
    show_list(p, "Stop if:", json_object_get(item, "stop_if"));
    show_list(p, "Self-care:", json_object_get(item, "self_care"));
    show_list(p, "Together with:", json_object_get(item, "co_care"));
    page_heading(p, "Why");
    page_field(p, 0, "Notes", member_text(item, "notes"));
    page_begin(p, 0, "");
    page_add(p, "Certainty of this course: ");
    say_word(p, &certainty_vocabulary, member_text(item, "certainty"));
    page_add(p, ".");
    page_end(p);
    show_sources(sh, json_object_get(item, "evidence"));
    show_findings(sh);
    show_review(sh, item);
}

/* ---- facts ------------------------------------------------------------------------------------------------ */

static void show_labels(struct shown *sh, const char *label, struct fact_list list)
{
    if (!list.n)
        return;
    page_say(&sh->page, 0, "", "%s", label);
    for (uint32_t i = 0; i < list.n; i++) {
        const struct fact *f = &sh->cat->facts[list.at[i]];
        page_say(&sh->page, 2, "- ", "%.*s (%.*s)", STR_ARGS(f->label), STR_ARGS(f->id));
    }
}

static void show_attributes(struct page *p, const struct catalogue *cat, const struct fact *f)
{
    if (!f->attributes)
        return;
    page_say(p, 0, "", "What may be said of it besides:");
    for (int a = 0; a < ATTR_COUNT_; a++)
        if (f->attributes >> a & 1) {
            page_begin(p, 2, "- ");
            say_id(p, attribute_table[a].name);
            page_add(p, ": %.*s", STR_ARGS(cat->attribute_question[a]));
            page_end(p);
        }
}

static void show_codes(struct page *p, const json_t *codes)
{
    const char *system;
    json_t *prefixes;
    json_object_foreach((json_t *)codes, system, prefixes)
    {
        page_begin(p, 0, "");
        page_add(p, "Codes of %s that name it (and those that begin so, unless a longer one is listed): ", system);
        for (size_t i = 0; i < json_array_size(prefixes); i++)
            page_add(p, "%s%s", i ? ", " : "", json_string_value(json_array_get(prefixes, i)));
        page_end(p);
    }
}

void show_fact(struct shown *sh, const json_t *item)
{
    struct page *p = &sh->page;
    const struct fact *f = &sh->cat->facts[catalogue_find_fact(sh->cat, member_text(item, "id"))];
    const json_t *ask_if = json_object_get(item, "ask_if");
    show_head(sh, "Fact", f->id);
    page_field(p, 0, "Name", f->label);
    page_begin(p, 0, "Kind: ");
    say_word(p, &fact_kind_vocabulary, fact_kind_name(f->kind));
    page_end(p);
    page_gap(p);
    page_field(p, 0, "Question", f->question);
    page_field(p, 0, "What a yes means", f->answer_meaning);
    if (f->clearance_only)
        page_say(p, 0, "", "It is named by clearances only: it is never asked, and no rule reads it.");
    if (f->gate)
        page_say(p, 0, "", "It opens a group of questions: a \"no\" answers them all.");
    if (f->valid_days != NOT_GIVEN) {
        page_begin(p, 0, "");
        page_add(p, "Given with a date, it counts for ");
        say_days(p, f->valid_days);
        page_add(p, "; without a date it counts as there now.");
        page_end(p);
    }
    if (ask_if)
        say_condition(p, &sh->sentences, "It is asked only when", ask_if);
    show_attributes(p, sh->cat, f);
    show_labels(sh, "When it is present, these are too:", f->implies);
    show_labels(sh, "Its question covers these:", f->covers);
    show_labels(sh, "It is present where any of these is:", f->below);
    show_codes(p, json_object_get(item, "codes"));
    show_findings(sh);
    show_review(sh, item);
}

/* ---- techniques ------------------------------------------------------------------------------------------- */

static void say_traits(struct page *p, const char *label, uint32_t traits)
{
    size_t n = (size_t)__builtin_popcount(traits), i = 0;
    if (!traits)
        return;
    page_begin(p, 0, "");
    page_add(p, "%s: ", label);
    for (unsigned t = 0; t < TRAIT_COUNT_; t++)
        if (traits >> t & 1) {
            page_add(p, "%s", page_between(i++, n, " and "));
            say_word(p, &trait_vocabulary, trait_name((enum trait)t));
        }
    page_add(p, ".");
    page_end(p);
}

static void show_ids(struct page *p, const char *label, const json_t *list)
{
    size_t n = json_array_size(list);
    page_begin(p, 0, "");
    page_add(p, "%s: ", label);
    for (size_t i = 0; i < n; i++) {
        struct str id = text_of(json_array_get(list, i));
        const char *colon = memchr(id.p, ':', id.n);
        page_add(p, "%s", page_between(i, n, " and "));
        say_id(p, colon ? (struct str){ colon + 1, id.n - (size_t)(colon + 1 - id.p) } : id);
    }
    page_add(p, ".");
    page_end(p);
}

void show_technique(struct shown *sh, const json_t *item)
{
    struct page *p = &sh->page;
    const struct technique *t = &sh->cat->techniques[catalogue_find_technique(sh->cat, member_text(item, "code"))];
    struct str never = member_text(item, "never_offered");
    const json_t *offer_when = json_object_get(item, "offer_when");
    show_head(sh, "Technique", t->code);
    page_field(p, 0, "Name", t->name);
    page_gap(p);
    page_field(p, 0, "What it is", member_text(item, "summary"));
    page_say(p, 0, "", "Pressure: from %d to %d of %d. Minutes: %d to %d.", t->min_pressure, t->pressure, PRESSURE_MAX,
             t->minutes_min, t->minutes_max);
    say_traits(p, "It comes with", t->traits);
    say_traits(p, "It is nothing without", t->essential);
    show_ids(p, "Positions", json_object_get(item, "positions"));
    show_ids(p, "Good for", json_object_get(item, "good_for"));
    page_field(p, 0, "Never offered, because", never);
    if (offer_when)
        say_condition(p, &sh->sentences, "It is offered only when", offer_when);
    if (!never.n)
        page_say(p, 0, "", "%s",
                 t->default_offered ? "It is offered without being asked for."
                                    : "It is offered only to those who wish for it.");
    page_field(p, 0, "Notes", member_text(item, "notes"));
    page_heading(p, "Evidence");
    show_sources(sh, json_object_get(item, "evidence"));
    show_findings(sh);
    show_review(sh, item);
}

/* ---- evidence --------------------------------------------------------------------------------------------- */

void show_evidence(struct shown *sh, const json_t *item)
{
    static const struct {
        const char *member, *label;
    } fields[] = { { "title", "Title" },   { "authors", "Authors" },       { "venue", "Published in" },
                   { "design", "Design" }, { "population", "Population" }, { "finding", "What it found" },
                   { "doi", "DOI" },       { "pmid", "PubMed" },           { "url", "Address" } };
    struct page *p = &sh->page;
    show_head(sh, "Source", member_text(item, "id"));
    page_gap(p);
    for (size_t i = 0; i < ARRAY_LEN(fields); i++)
        page_field(p, 0, fields[i].label, member_text(item, fields[i].member));
    if (json_object_get(item, "year"))
        page_say(p, 0, "", "Year: %lld", (long long)json_integer_value(json_object_get(item, "year")));
    page_begin(p, 0, "Certainty: ");
    say_word(p, &certainty_vocabulary, member_text(item, "certainty"));
    page_end(p);
    page_begin(p, 0, "");
    show_verified(p, item);
    page_end(p);
    show_review(sh, item);
}
