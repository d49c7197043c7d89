/* An impact as a page for clinicians, and as JSON. */
#include "cli/impact.h"

#include <stdio.h>

#include "cli/words.h"
#include "wire/wire.h"

/* ---- words ------------------------------------------------------------------------------------------------ */

static const char *const headings[] = { "What gets milder", "What gets graver", "What else differs" };
static_assert(ARRAY_LEN(headings) == DIRECTION_COUNT_, "every direction has a heading");

static const char *const fate_words[] = { "as it was; what it reads has changed", "changed by the draft",
                                          "new in the draft", "not in the draft" };
static const char *const fate_names[] = { "as_before", "changed", "new", "gone" };
static_assert(ARRAY_LEN(fate_words) == RULE_GONE + 1 && ARRAY_LEN(fate_names) == RULE_GONE + 1,
              "every fate has words and a name");

static const struct vocabulary *words_for(enum aspect aspect)
{
    return aspect == ASPECT_DISPOSITION                                ? &disposition_vocabulary
           : aspect == ASPECT_BOOKING                                  ? &booking_vocabulary
           : aspect == ASPECT_VERDICT || aspect == ASPECT_COULD_BECOME ? &verdict_vocabulary
                                                                       : NULL;
}

static void say_value(struct page *p, enum aspect aspect, struct str value)
{
    if (words_for(aspect))
        say_word(p, words_for(aspect), value);
    else
        page_add_str(p, value);
}

/* What differs, before "from -> to". */
static void say_subject(struct page *p, const struct change *c)
{
    switch (c->aspect) {
    case ASPECT_DISPOSITION:
        page_add(p, "the client as a whole: ");
        break;
    case ASPECT_BOOKING:
        page_add(p, "the booking: ");
        break;
    case ASPECT_VERDICT:
        break;
    case ASPECT_COULD_BECOME:
        page_add(p, "at worst: ");
        break;
    case ASPECT_MODIFICATIONS:
        say_id(p, c->item);
        page_add(p, ": ");
        break;
    case ASPECT_COURSE:
        page_add(p, "the course: ");
        break;
    case ASPECT_WARNINGS:
        page_add(p, "the warning: ");
        break;
    case ASPECT_QUESTIONS:
        page_add(p, "questions: ");
        break;
    case ASPECT_REQUEST:
        page_add(p, "the request itself: ");
        break;
    case ASPECT_COUNT_:
        break;
    }
}

/* ---- the page --------------------------------------------------------------------------------------------- */

static bool same_line(const struct impact_group *a, const struct impact_group *b)
{
    return a->change.aspect == b->change.aspect &&
           (a->change.aspect == ASPECT_QUESTIONS || str_eq(a->change.item, b->change.item)) &&
           str_eq(a->change.from, b->change.from) && str_eq(a->change.to, b->change.to);
}

/* "swedish 12+2": made requests, and kept ones. */
static void say_count(struct page *p, const struct impact_group *g)
{
    struct str of = g->change.aspect == ASPECT_QUESTIONS ? g->change.item : g->change.technique;
    if (of.n)
        page_add(p, "%.*s ", STR_ARGS(of));
    page_add(p, g->kept ? "%zu+%zu" : "%zu", g->generated, g->kept);
}

static bool is_named(const struct impact_group *g, size_t n, struct str name)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < g[i].n_names; k++)
            if (str_eq(g[i].names[k], name))
                return true;
    return false;
}

static void say_names(struct page *p, const struct impact_group *g, size_t n)
{
    size_t said = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < g[i].n_names && said < IMPACT_NAMES_MAX; k++)
            if (!is_named(g, i, g[i].names[k]))
                page_add(p, "%s%.*s", said++ ? ", " : "; kept: ", STR_ARGS(g[i].names[k]));
}

/* Techniques of which the same is to be said share a line. Gives how many groups it took. */
static size_t say_line(struct page *p, const struct impact_group *g, size_t n)
{
    const struct change *c = &g->change;
    size_t same = 1;
    page_begin(p, 2, "");
    say_subject(p, c);
    say_value(p, c->aspect, c->from);
    page_add(p, " -> ");
    say_value(p, c->aspect, c->to);
    page_add(p, " (");
    while (same < n && same_line(g, &g[same]))
        same++;
    for (size_t i = 0; i < same; i++) {
        page_add(p, "%s", i ? ", " : "");
        say_count(p, &g[i]);
    }
    say_names(p, g, same);
    page_add(p, ")");
    page_end(p);
    return same;
}

/* On one line, so that it can be copied into a file. */
static void say_example(struct page *p, struct str example)
{
    page_say(p, 2, "", "For example, of the first of these:");
    BUF_ADD_LIT(&p->out, "  ");
    buf_add_str(&p->out, example);
    buf_add_char(&p->out, '\n');
}

static void say_rule(struct page *p, const struct impact_group *g, size_t n)
{
    struct str example = { NULL, 0 };
    page_gap(p);
    page_begin(p, 0, "");
    if (g->rule.p)
        page_add(p, "%.*s (%s)", STR_ARGS(g->rule), fate_words[g->fate]);
    else
        page_add(p, "No rule by itself: facts, techniques, courses or definitions differ");
    page_end(p);
    for (size_t i = 0; i < n && !example.p; i++)
        example = g[i].example;
    for (size_t i = 0; i < n;)
        i += say_line(p, &g[i], n - i);
    if (example.p)
        say_example(p, example);
}

static void say_direction(struct page *p, const struct impact_result *r, enum direction way)
{
    size_t first = 0;
    while (first < r->n_groups && r->groups[first].change.direction != way)
        first++;
    page_heading(p, headings[way]);
    page_begin(p, 0, "");
    if (r->generated.changed[way] || r->kept.changed[way])
        page_add(p, "%zu of %zu made requests", r->generated.changed[way], r->generated.judged);
    else
        page_add(p, "Nothing");
    if (r->kept.changed[way])
        page_add(p, ", and %zu of %zu kept ones", r->kept.changed[way], r->kept.judged);
    page_add(p, ".");
    page_end(p);
    for (size_t i = first, n; i < r->n_groups && r->groups[i].change.direction == way; i += n) {
        for (n = 1; i + n < r->n_groups && r->groups[i + n].change.direction == way &&
                    str_eq(r->groups[i + n].rule, r->groups[i].rule);)
            n++;
        say_rule(p, &r->groups[i], n);
    }
}

static void say_catalogue(struct page *p, const char *which, const struct catalogue *cat)
{
    page_say(p, 0, "", "%s: %.*s %.*s, %u rules, digest %.12s", which, STR_ARGS(cat->name), STR_ARGS(cat->version),
             cat->n_rules, cat->digest);
}

enum { UNMET_SAID = 10 };

static void say_unmet(struct page *p, const struct strs *unmet)
{
    size_t said = unmet->n < UNMET_SAID ? unmet->n : UNMET_SAID;
    if (unmet->n)
        page_add(p, " No request met %zu of the rules: ", unmet->n);
    for (size_t i = 0; i < said; i++)
        page_add(p, "%s%.*s", i ? ", " : "", STR_ARGS(unmet->at[i]));
    page_add(p, "%s", unmet->n > said ? " and others." : unmet->n ? "." : " They met every rule.");
}

static void say_requests(struct page *p, const struct shown_impact *shown)
{
    const struct impact_result *r = &shown->result;
    page_begin(p, 0, "");
    page_add(p, "Judged under both: %zu made requests, %zu kept ones.", r->generated.judged, r->kept.judged);
    if (r->kept.refused || shown->unreadable)
        page_add(p, " %zu of the kept ones cannot be judged by either.", r->kept.refused + shown->unreadable);
    if (r->generated.judged)
        say_unmet(p, &r->unmet);
    page_add(p, " Numbers are requests, made+kept.");
    page_end(p);
}

void impact_as_page(const struct shown_impact *shown, struct buf *out)
{
    struct page page;
    page_init(&page);
    say_catalogue(&page, "Now", shown->base);
    say_catalogue(&page, "The draft", shown->draft);
    say_requests(&page, shown);
    for (int way = 0; way < DIRECTION_COUNT_; way++)
        say_direction(&page, &shown->result, (enum direction)way);
    buf_add_str(out, buf_str(&page.out));
    out->failed |= page_failed(&page);
    page_done(&page);
}

/* ---- JSON ------------------------------------------------------------------------------------------------- */

static void out_catalogue(struct json_out *o, const char *member, const struct catalogue *cat)
{
    out_open(o, member, '{');
    out_str(o, "name", cat->name);
    out_str(o, "version", cat->version);
    out_str(o, "digest", str_of(cat->digest));
    out_int(o, "rules", cat->n_rules);
    out_close(o, '}');
}

static void out_count(struct json_out *o, const char *member, const struct impact_count *count, size_t unreadable)
{
    out_open(o, member, '{');
    out_int(o, "judged", (int64_t)count->judged);
    out_int(o, "refused", (int64_t)(count->refused + unreadable));
    for (int way = 0; way < DIRECTION_COUNT_; way++)
        out_int(o, direction_name((enum direction)way), (int64_t)count->changed[way]);
    out_close(o, '}');
}

static void out_group(struct json_out *o, const struct impact_group *g)
{
    out_open(o, NULL, '{');
    out_str(o, "direction", str_of(direction_name(g->change.direction)));
    out_str_if(o, "rule", g->rule);
    if (g->rule.p)
        out_str(o, "rule_is", str_of(fate_names[g->fate]));
    out_str(o, "aspect", str_of(aspect_name(g->change.aspect)));
    out_str_if(o, "technique", g->change.technique);
    out_str_if(o, "item", g->change.item);
    out_str(o, "from", g->change.from);
    out_str(o, "to", g->change.to);
    out_int(o, "generated", (int64_t)g->generated);
    out_int(o, "kept", (int64_t)g->kept);
    out_strs(o, "records", (struct strs){ g->names, g->n_names });
    if (g->example.p) { /* is JSON already */
        BUF_ADD_LIT(o->b, ",\"example\":");
        buf_add_str(o->b, g->example);
    }
    out_close(o, '}');
}

void impact_as_json(const struct shown_impact *shown, struct buf *out)
{
    struct json_out json = { out, false }, *o = &json;
    const struct impact_result *r = &shown->result;
    out_open(o, NULL, '{');
    out_catalogue(o, "base", shown->base);
    out_catalogue(o, "draft", shown->draft);
    out_bool(o, "milder", r->generated.changed[DIRECTION_MILDER] || r->kept.changed[DIRECTION_MILDER]);
    out_count(o, "generated", &r->generated, 0);
    out_count(o, "kept", &r->kept, shown->unreadable);
    out_strs(o, "unmet", r->unmet);
    out_open(o, "changes", '[');
    for (size_t i = 0; i < r->n_groups; i++)
        out_group(o, &r->groups[i]);
    out_close(o, ']');
    out_close(o, '}');
    buf_add_char(out, '\n');
}
