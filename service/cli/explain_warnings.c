/* The reasons, gravest first, and what they mean for each technique. */
#include "cli/explain.h"

#include <stdio.h>
#include <stdlib.h>

#include "cli/words.h"

/* ---- warnings --------------------------------------------------------------------------------------------- */

static void explain_trigger(struct explained *x, const json_t *w)
{
    struct page *p = &x->page;
    const json_t *pointers = json_object_get(w, "triggered_by");
    page_begin(p, 4, "");
    page_add(p, "Because of: ");
    if (!pointers)
        page_add(p, "the document does not say.");
    else if (!json_array_size(pointers))
        page_add(p, "nothing that was said to be there; it stands by what was denied or not said.");
    else
        say_pointers(x, pointers);
    page_end(p);
}

static void explain_clearing(struct explained *x, const json_t *w)
{
    struct page *p = &x->page;
    struct str by = member_text(w, "clearable_by"), effect = member_text(w, "effect");
    page_begin(p, 4, "");
    if (json_is_true(json_object_get(w, "cleared"))) {
        page_add(p, "Cleared by: ");
        say_pointers(x, json_object_get(w, "cleared_by"));
    } else if (by.n) {
        page_add(p, "Can be cleared by: ");
        say_letter(x, by, json_object_get(w, "clearance_for"));
    } else if (str_eq(effect, verdict_name(VERDICT_NOT_ALLOWED)) ||
               str_eq(effect, verdict_name(VERDICT_CLEARANCE_REQUIRED))) {
        page_add(p, "No clearance lifts this.");
    } else {
        return;
    }
    page_end(p);
}

static void explain_rank(struct explained *x, const json_t *w)
{
    struct page *p = &x->page;
    struct str disposition = member_text(w, "disposition"), certainty = member_text(w, "certainty");
    page_begin(p, 4, "");
    page_add(p, "Techniques: ");
    say_word(p, &verdict_vocabulary, member_text(w, "effect"));
    if (disposition.n) {
        page_add(p, ". Client: ");
        say_word(p, &disposition_vocabulary, disposition);
    }
    page_add(p, ". Rule: %.*s", STR_ARGS(member_text(w, "code")));
    if (certainty.n) {
        page_add(p, ", certainty: ");
        say_word(p, &certainty_vocabulary, certainty);
    }
    page_add(p, ".");
    page_end(p);
}

static void explain_warning(struct explained *x, size_t number, const json_t *w)
{
    static const char *const known[] = { "code",       "severity",     "effect",       "disposition",  "scope",
                                         "regions",    "places",       "message",      "note",         "action",
                                         "rationale",  "evidence",     "certainty",    "triggered_by", "cleared",
                                         "cleared_by", "clearable_by", "clearance_for" };
    struct page *p = &x->page;
    const json_t *regions = json_object_get(w, "regions");
    bool cleared = json_is_true(json_object_get(w, "cleared"));
    char mark[32];
    (void)snprintf(mark, sizeof(mark), "%2zu. ", number);
    page_gap(p);
    page_begin(p, 0, mark);
    say_word(p, &severity_vocabulary, member_text(w, "severity"));
    page_add(p, "%s", cleared ? " (cleared): " : ": ");
    page_add_str(p, member_text(w, "message"));
    page_end(p);
    if (cleared) /* before what it asks for, which no longer stands as it is */
        explain_clearing(x, w);
    page_field(p, 4, cleared ? "What the rule asks for, cleared or not" : "What to do", member_text(w, "action"));
    page_field(p, 4, "For the therapist", member_text(w, "note"));
    page_field(p, 4, "Why", member_text(w, "rationale"));
    explain_trigger(x, w);
    if (json_array_size(regions)) {
        page_begin(p, 4, "");
        page_add(p, "Where: ");
        say_regions(p, regions, json_object_get(w, "places"));
        page_end(p);
    }
    if (!cleared)
        explain_clearing(x, w);
    explain_rank(x, w);
    note_unknown(x, w, known, ARRAY_LEN(known));
}

void explain_warnings(struct explained *x)
{
    const json_t *warnings = json_object_get(x->answer, "warnings");
    page_heading(&x->page, "Reasons, the gravest first");
    if (!json_array_size(warnings))
        page_say(&x->page, 0, "",
                 "No warnings: no rule of the catalogue speaks against massage or asks for care, as far as "
                 "is known.");
    for (size_t i = 0; i < json_array_size(warnings); i++)
        explain_warning(x, i + 1, json_array_get(warnings, i));
}

/* ---- what would help -------------------------------------------------------------------------------------- */

static void say_given(struct explained *x, const json_t *v)
{
    struct page *p = &x->page;
    if (json_is_string(v))
        say_id(p, text_of(v));
    else if (json_is_boolean(v))
        page_add(p, "%s", json_is_true(v) ? "yes" : "no");
    else if (json_is_integer(v))
        page_add(p, "%lld", (long long)json_integer_value(v));
    else
        page_add(p, "another");
}

/* More answers than these are not listed: the questions are on the page. */
enum { ANSWERS_LISTED = 6 };

static void explain_way(struct explained *x, const json_t *way)
{
    static const char *const known[] = { "clearances", "answers", "date" };
    struct page *p = &x->page;
    const json_t *clearances = json_object_get(way, "clearances"), *answers = json_object_get(way, "answers");
    const char *before = "";
    page_begin(p, 5, "- ");
    for (size_t i = 0; i < json_array_size(clearances); i++) {
        const json_t *c = json_array_get(clearances, i);
        page_add(p, "%sa letter about \"", before);
        say_fact_name(x, member_text(c, "for"));
        page_add(p, "\" by ");
        say_word(p, &clearer_vocabulary, member_text(c, "by"));
        before = "; and ";
    }
    size_t n_answers = json_array_size(answers), listed = n_answers > ANSWERS_LISTED ? 0 : n_answers;
    if (listed < n_answers)
        page_add(p, "%s%zu of the open questions below answered for the better", before, n_answers);
    for (size_t i = 0; i < listed; i++) {
        const json_t *a = json_array_get(answers, i);
        struct str attribute = member_text(a, "attribute");
        const json_t *given = json_object_get(a, "answer");
        page_add(p, "%s%s answer to \"", before, given ? "the" : "a reassuring");
        say_fact_name(x, member_text(a, "fact"));
        page_add(p, "%s", attribute.n ? ", " : "");
        say_id(p, attribute);
        page_add(p, "\"%s", given ? ": " : "");
        if (given)
            say_given(x, given);
        before = "; and ";
    }
    before = n_answers ? "; and " : before;
    if (json_object_get(way, "date"))
        page_add(p, "%snot before %.*s", before, STR_ARGS(member_text(way, "date")));
    page_end(p);
    note_unknown(x, way, known, ARRAY_LEN(known));
}

static void explain_lifting(struct explained *x, const json_t *t)
{
    struct page *p = &x->page;
    const json_t *ways = json_object_get(t, "would_allow"), *fixed = json_object_get(t, "cannot_change");
    struct str earliest = member_text(t, "earliest_date");
    if (json_array_size(ways))
        page_say(p, 3, "", "It would be possible with %s:", json_array_size(ways) > 1 ? "any one of these" : "this");
    for (size_t i = 0; i < json_array_size(ways); i++)
        explain_way(x, json_array_get(ways, i));
    if (json_is_true(json_object_get(t, "more_would_allow")))
        page_say(p, 3, "", "There are, or may be, other ways.");
    page_field(p, 3, "By waiting alone it is possible from", earliest);
    if (!json_array_size(fixed))
        return;
    page_begin(p, 3, "");
    page_add(p, "What cannot be changed: ");
    say_rules(x, fixed);
    page_add(p, ".");
    page_end(p);
}

/* ---- techniques ------------------------------------------------------------------------------------------- */

/* All that is said of a technique but its name: techniques of which the same is said stand together. */
static json_t *all_but_name(const json_t *t)
{
    json_t *rest = json_copy((json_t *)t);
    (void)json_object_del(rest, "code");
    (void)json_object_del(rest, "name");
    return rest;
}

/* It is not on offer; of an older answer: no rule names it. */
static bool is_unjudged(const json_t *t)
{
    if (json_is_true(json_object_get(t, "not_offered")))
        return true;
    return str_eq(member_text(t, "verdict"), verdict_name(VERDICT_NOT_ALLOWED)) &&
           json_is_array(json_object_get(t, "because")) && !json_array_size(json_object_get(t, "because"));
}

static void explain_alike(struct explained *x, const json_t *t)
{
    static const char *const known[] = { "code",          "name",        "verdict",         "could_become",
                                         "modifications", "because",     "would_allow",     "earliest_date",
                                         "cannot_change", "not_offered", "more_would_allow" };
    struct page *p = &x->page;
    const json_t *mods = json_object_get(t, "modifications"), *because = json_object_get(t, "because");
    struct str could = member_text(t, "could_become");
    bool now = str_eq(member_text(t, "verdict"), verdict_name(VERDICT_MODIFIED));
    if (now && json_is_array(mods) && !json_array_size(mods))
        page_say(p, 3, "- ", "no rule names a change; heed the reasons and the letters");
    if (json_array_size(mods) && !now)
        page_say(p, 3, "", "Changes that hold once it is possible:");
    for (size_t i = 0; i < json_array_size(mods); i++) {
        page_begin(p, 3, "- ");
        say_modification(p, json_array_get(mods, i));
        page_end(p);
    }
    if (could.n && !str_eq(could, member_text(t, "verdict"))) {
        page_begin(p, 3, "");
        page_add(p, "Depending on the open questions it could at worst become: ");
        say_word(p, &verdict_vocabulary, could);
        page_add(p, ".");
        page_end(p);
    }
    if (json_array_size(because)) {
        page_begin(p, 3, "");
        page_add(p, "Reasons: ");
        say_rules(x, because);
        page_add(p, ".");
        page_end(p);
    }
    explain_lifting(x, t);
    note_unknown(x, t, known, ARRAY_LEN(known));
}

/* Those of one verdict, from `done` on; each group of equals once. */
static void explain_verdict(struct explained *x, struct str verdict, bool unjudged, bool *done)
{
    struct page *p = &x->page;
    const json_t *techniques = json_object_get(x->answer, "techniques");
    for (size_t i = 0; i < json_array_size(techniques); i++) {
        const json_t *t = json_array_get(techniques, i);
        if (done[i] || !str_eq(member_text(t, "verdict"), verdict) || is_unjudged(t) != unjudged)
            continue;
        json_t *rest = all_but_name(t);
        page_begin(p, 0, "* ");
        for (size_t k = i; k < json_array_size(techniques); k++) {
            const json_t *other = json_array_get(techniques, k);
            json_t *of_other = all_but_name(other);
            if (!done[k] && json_equal(rest, of_other)) {
                page_add(p, "%s", k == i ? "" : ", ");
                say_technique_name(x, member_text(other, "code"));
                done[k] = true;
            }
            json_decref(of_other);
        }
        page_end(p);
        json_decref(rest);
        explain_alike(x, t);
    }
}

static size_t count(const struct explained *x, struct str verdict, bool unjudged)
{
    const json_t *techniques = json_object_get(x->answer, "techniques");
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(techniques); i++) {
        const json_t *t = json_array_get(techniques, i);
        n += str_eq(member_text(t, "verdict"), verdict) && is_unjudged(t) == unjudged;
    }
    return n;
}

static void explain_group(struct explained *x, struct str verdict, bool unjudged, bool *done)
{
    struct page *p = &x->page;
    enum disposition d;
    size_t n = count(x, verdict, unjudged);
    if (!n)
        return;
    page_gap(p);
    page_begin(p, 0, "");
    if (unjudged && disposition_from_name(member_text(x->answer, "disposition"), &d) && d < DISPOSITION_DO_NOT_TREAT)
        page_add(p, "Not judged, because not offered to this client");
    else if (unjudged)
        page_add(p, "Not allowed by the outcome as a whole, or not offered: no reason names it by itself");
    else
        say_word(p, &verdict_vocabulary, verdict);
    page_add(p, " (%zu):", n);
    if (p->text.n)
        p->text.p[0] = (char)(p->text.p[0] >= 'a' && p->text.p[0] <= 'z' ? p->text.p[0] - 'a' + 'A' : p->text.p[0]);
    page_end(p);
    explain_verdict(x, verdict, unjudged, done);
}

void explain_techniques(struct explained *x)
{
    const json_t *techniques = json_object_get(x->answer, "techniques");
    size_t n = json_array_size(techniques);
    bool *done = calloc(n + 1, sizeof(*done));
    page_heading(&x->page, "Techniques");
    if (!done) {
        x->page.out.failed = true;
        return;
    }
    if (!n)
        page_say(&x->page, 0, "", "The answer lists no techniques: none was judged.");
    for (size_t v = 0; v < verdict_vocabulary.n; v++)
        explain_group(x, verdict_vocabulary.names[v], false, done);
    explain_group(x, verdict_name(VERDICT_NOT_ALLOWED), true, done);
    for (size_t i = 0; i < n; i++) /* words this program does not know */
        if (!done[i])
            explain_group(x, member_text(json_array_get(techniques, i), "verdict"), false, done);
    free(done);
}
