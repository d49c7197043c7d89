/* What is still to be asked, the course, and what of the request could not be used. */
#include "cli/explain.h"

#include <stdio.h>

#include "cli/words.h"

/* ---- questions -------------------------------------------------------------------------------------------- */

static void say_kind_of_answer(struct page *p, const json_t *q)
{
    struct str type = member_text(q, "type"), unit = member_text(q, "unit");
    const json_t *min = json_object_get(q, "min"), *max = json_object_get(q, "max"), *choices;
    if (str_eq(type, STR("state"))) {
        page_add(p, "yes, no, or not known");
    } else if (str_eq(type, STR("boolean"))) {
        page_add(p, "yes or no");
    } else if (str_eq(type, STR("date"))) {
        page_add(p, "a date");
    } else if (str_eq(type, STR("integer"))) {
        page_add(p, "a number");
        if (json_is_integer(min) && json_is_integer(max))
            page_add(p, " from %lld to %lld", (long long)json_integer_value(min), (long long)json_integer_value(max));
        page_add(p, "%s%.*s", unit.n ? ", " : "", STR_ARGS(unit));
    } else if (str_eq(type, STR("choice"))) {
        choices = json_object_get(q, "choices");
        page_add(p, "one of: ");
        for (size_t i = 0; i < json_array_size(choices); i++) {
            page_add(p, "%s", i ? ", " : "");
            say_id(p, text_of(json_array_get(choices, i)));
        }
    } else {
        page_add(p, "\"%.*s\"", STR_ARGS(type));
    }
}

static void explain_change(struct explained *x, const json_t *could)
{
    struct page *p = &x->page;
    struct str disposition = member_text(could, "disposition"), verdict = member_text(could, "verdict");
    const json_t *techniques = json_object_get(could, "techniques");
    const char *before = "";
    if (!json_object_size(could))
        return;
    page_begin(p, 4, "");
    page_add(p, "At worst it leads to: ");
    if (disposition.n) {
        say_word(p, &disposition_vocabulary, disposition);
        before = "; ";
    }
    if (verdict.n) {
        size_t n = json_array_size(techniques);
        page_add(p, "%s", before);
        for (size_t i = 0; i < n; i++) {
            page_add(p, "%s", page_between(i, n, " and "));
            say_technique_name(x, text_of(json_array_get(techniques, i)));
        }
        page_add(p, "%s: ", n ? "" : "every technique");
        say_word(p, &verdict_vocabulary, verdict);
        before = "; ";
    }
    if (json_is_true(json_object_get(could, "modifications")))
        page_add(p, "%sfurther changes", before);
    page_add(p, ".");
    page_end(p);
}

static void explain_question(struct explained *x, size_t number, const json_t *q)
{
    static const char *const known[] = { "fact", "attribute", "findings", "label", "text",   "type",        "min",
                                         "max",  "unit",      "choices",  "gate",  "covers", "could_change" };
    struct page *p = &x->page;
    struct str label = member_text(q, "label"), attribute = member_text(q, "attribute");
    char mark[32];
    (void)snprintf(mark, sizeof(mark), "%2zu. ", number);
    page_begin(p, 0, mark);
    if (label.n && attribute.n)
        page_add(p, "%.*s: ", STR_ARGS(label));
    page_add_str(p, member_text(q, "text"));
    page_add(p, " (Answer: ");
    say_kind_of_answer(p, q);
    page_add(p, ")");
    page_end(p);
    explain_change(x, json_object_get(q, "could_change"));
    note_unknown(x, q, known, ARRAY_LEN(known));
}

void explain_questions(struct explained *x)
{
    const json_t *questions = json_object_get(x->answer, "questions");
    page_heading(&x->page, "Still to be asked, in this order");
    if (!json_array_size(questions))
        page_say(&x->page, 0, "", "Nothing is left to ask.");
    for (size_t i = 0; i < json_array_size(questions); i++)
        explain_question(x, i + 1, json_array_get(questions, i));
}

/* ---- the course ------------------------------------------------------------------------------------------- */

static void explain_phases(struct explained *x, const json_t *phases)
{
    static const char *const known[] = { "name",  "sessions", "per_week", "minutes", "pressure",
                                         "focus", "intent",   "only_if",  "dates" };
    struct page *p = &x->page;
    const json_t *focus = NULL;
    page_say(p, 2, "sessions  a week  minutes  pressure  ", "phase");
    for (size_t i = 0; i < json_array_size(phases); i++) {
        const json_t *f = json_array_get(phases, i), *only_if = json_object_get(f, "only_if");
        char mark[PAGE_MARK_BYTES];
        (void)snprintf(mark, sizeof(mark), "%8lld  %6g  %7lld  %3lld of %d  ",
                       (long long)json_integer_value(json_object_get(f, "sessions")),
                       json_number_value(json_object_get(f, "per_week")),
                       (long long)json_integer_value(json_object_get(f, "minutes")),
                       (long long)json_integer_value(json_object_get(f, "pressure")), PRESSURE_MAX);
        page_begin(p, 2, mark);
        page_add_str(p, member_text(f, "name"));
        if (member_text(f, "intent").n)
            page_add(p, ": %.*s", STR_ARGS(member_text(f, "intent")));
        if (only_if)
            page_add(p, " (only if %.*s)", STR_ARGS(text_of(only_if)));
        page_end(p);
        focus = json_object_get(f, "focus");
        note_unknown(x, f, known, ARRAY_LEN(known));
    }
    if (json_array_size(focus)) {
        page_begin(p, 0, "Focus: ");
        say_regions(p, focus, NULL);
        page_end(p);
    }
}

static void explain_list(struct page *p, const char *label, const json_t *list)
{
    if (!json_array_size(list))
        return;
    page_say(p, 0, "", "%s:", label);
    for (size_t i = 0; i < json_array_size(list); i++) {
        page_begin(p, 2, "- ");
        page_add_str(p, text_of(json_array_get(list, i)));
        page_end(p);
    }
}

static void explain_size(struct explained *x, const json_t *c)
{
    struct page *p = &x->page;
    const json_t *first = json_object_get(c, "first_session");
    struct str other = member_text(first, "technique");
    json_int_t n = json_integer_value(json_object_get(c, "total_sessions"));
    json_int_t weeks = json_integer_value(json_object_get(c, "weeks"));
    page_begin(p, 0, "");
    page_add(p, "%lld session%s of ", (long long)n, n == 1 ? "" : "s");
    say_technique_name(x, member_text(c, "technique"));
    page_add(p, " over %lld week%s; reassess after %lld.", (long long)weeks, weeks == 1 ? "" : "s",
             (long long)json_integer_value(json_object_get(c, "reassess_after_sessions")));
    if (first) {
        page_add(p, " The first session: %lld minutes, pressure %lld of %d",
                 (long long)json_integer_value(json_object_get(first, "minutes")),
                 (long long)json_integer_value(json_object_get(first, "pressure")), PRESSURE_MAX);
        page_add(p, "%s", other.n ? ", " : "");
        if (other.n)
            say_technique_name(x, other);
        page_add(p, ".");
    }
    page_end(p);
}

/* Dates of sessions: texts, or objects with a date. */
static void explain_dates(struct page *p, const json_t *dates)
{
    if (!json_array_size(dates))
        return;
    page_begin(p, 0, "Dates: ");
    for (size_t i = 0; i < json_array_size(dates); i++) {
        const json_t *d = json_array_get(dates, i);
        page_add(p, "%s", i ? ", " : "");
        page_add_str(p, json_is_object(d) ? member_text(d, "date") : text_of(d));
    }
    page_end(p);
}

static void explain_given_course(struct explained *x, const json_t *c)
{
    static const char *const known[] = { "id",
                                         "title",
                                         "technique",
                                         "phases",
                                         "total_sessions",
                                         "weeks",
                                         "reassess_after_sessions",
                                         "replan",
                                         "replan_also",
                                         "replan_message",
                                         "advice",
                                         "first_session",
                                         "dates",
                                         "adjustments",
                                         "stop_if",
                                         "self_care",
                                         "co_care",
                                         "if_worse",
                                         "expected_change",
                                         "evidence",
                                         "certainty",
                                         "if_improving",
                                         "if_unchanged" };
    struct page *p = &x->page;
    page_field(p, 0, "Course", member_text(c, "title"));
    explain_size(x, c);
    explain_phases(x, json_object_get(c, "phases"));
    explain_dates(p, json_object_get(c, "dates"));
    page_field(p, 0, "After the sessions so far", member_text(c, "replan_message"));
    explain_list(p, "Advice", json_object_get(c, "advice"));
    explain_list(p, "Stop and refer if", json_object_get(c, "stop_if"));
    explain_list(p, "Self-care", json_object_get(c, "self_care"));
    explain_list(p, "Together with", json_object_get(c, "co_care"));
    page_field(p, 0, "Expected", member_text(c, "expected_change"));
    page_field(p, 0, "If improving", member_text(c, "if_improving"));
    page_field(p, 0, "If unchanged", member_text(c, "if_unchanged"));
    page_field(p, 0, "If worse", member_text(c, "if_worse"));
    if (json_object_get(c, "certainty")) {
        page_begin(p, 0, "Certainty of the evidence: ");
        say_word(p, &certainty_vocabulary, member_text(c, "certainty"));
        page_end(p);
    }
    note_unknown(x, c, known, ARRAY_LEN(known));
}

static const struct {
    const char *code, *words;
} no_course[] = {
    { "disposition", "no course is planned while the outcome is as it is" },
    { "no_matching_course", "the catalogue has no course that fits these complaints and wishes" },
    { "no_technique", "no technique of the course may be used now" },
    { "area_avoided", "the place it would work on is to be left out" },
    { "course_completed", "the course is completed" },
};

static void explain_no_course(struct explained *x, struct str because)
{
    struct page *p = &x->page;
    struct str reason = member_text(x->answer, "no_course_reason");
    size_t i = 0;
    page_begin(p, 0, "");
    if (!because.n) {
        page_add(p, "Cannot explain: the document has neither a course nor the reason for none.");
        page_end(p);
        return;
    }
    while (i < ARRAY_LEN(no_course) && !str_eq(str_of(no_course[i].code), because))
        i++;
    page_add(p, "No course is suggested: ");
    if (i < ARRAY_LEN(no_course))
        page_add(p, "%s.", no_course[i].words);
    else
        page_add(p, "%.*s rules it out.", STR_ARGS(because));
    if (reason.n)
        page_add(p, " %.*s", STR_ARGS(reason));
    page_end(p);
}

void explain_course(struct explained *x)
{
    const json_t *course = json_object_get(x->answer, "course");
    page_heading(&x->page, "Suggested course");
    if (course)
        explain_given_course(x, course);
    else
        explain_no_course(x, member_text(x->answer, "no_course_because"));
}

/* ---- what could not be used ------------------------------------------------------------------------------- */

static const struct {
    const char *reason, *words;
} ignored_words[] = {
    { "attribute_not_declared", "says something that the catalogue does not ask of this finding" },
    { "coded_absence", "a code that is denied: it rules out one disease only and changes nothing" },
    { "clearance_in_future", "a clearance dated after the day of the answer" },
    { "clearance_expired", "a clearance that is too old to count" },
    { "clearance_unused", "a clearance that nothing in the answer needed, or that does not fit" },
    { "progress_in_future", "a session dated after the day of the answer" },
    { "progress_too_old", "a session too long ago to count" },
};

static void say_ignored(struct explained *x, const json_t *item)
{
    struct str reason = member_text(item, "reason");
    size_t i = 0;
    while (i < ARRAY_LEN(ignored_words) && !str_eq(str_of(ignored_words[i].reason), reason))
        i++;
    say_pointer(x, member_text(item, "pointer"));
    page_add(&x->page, ": ");
    if (i < ARRAY_LEN(ignored_words))
        page_add(&x->page, "%s", ignored_words[i].words);
    else
        page_add(&x->page, "\"%.*s\"", STR_ARGS(reason));
}

static void say_unrecognised(struct explained *x, const json_t *item)
{
    if (!x->request) /* which names it by itself */
        page_add(&x->page, "%.*s %.*s: ", STR_ARGS(member_text(item, "system")), STR_ARGS(member_text(item, "code")));
    say_pointer(x, member_text(item, "pointer"));
}

static void say_outdated(struct explained *x, const json_t *item)
{
    say_fact_name(x, member_text(item, "fact"));
    page_add(&x->page, ": ");
    say_pointer(x, member_text(item, "pointer"));
}

static void say_conflict(struct explained *x, const json_t *item)
{
    say_fact_name(x, member_text(item, "fact"));
    page_add(&x->page, " counts as ");
    say_word(&x->page, &finding_state_vocabulary, member_text(item, "state"));
    page_add(&x->page, ": ");
    say_pointers(x, json_object_get(item, "pointers"));
}

void explain_findings(struct explained *x)
{
    static const struct {
        const char *list, *label;
        void (*say)(struct explained *x, const json_t *item);
    } parts[] = {
        { "unrecognised", "Codes the catalogue does not know, which were not judged", say_unrecognised },
        { "outdated", "Findings too long ago to count", say_outdated },
        { "conflicts", "Said in two ways", say_conflict },
        { "ignored", "Without effect", say_ignored },
    };
    struct page *p = &x->page;
    size_t there = 0, items = 0;
    page_heading(p, "What could not be used");
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        const json_t *list = json_object_get(x->answer, parts[i].list);
        there += list != NULL;
        items += json_array_size(list);
        if (json_array_size(list))
            page_say(p, 0, "", "%s:", parts[i].label);
        for (size_t k = 0; k < json_array_size(list); k++) {
            page_begin(p, 2, "- ");
            parts[i].say(x, json_array_get(list, k));
            page_end(p);
        }
    }
    if (there < ARRAY_LEN(parts))
        page_say(p, 0, "", "Cannot explain: the document does not say all of what could not be used.");
    else if (!items)
        page_say(p, 0, "", "Nothing: all that was said could be used.");
}
