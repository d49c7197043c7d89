/* palpate explain: an answer as a page that a therapist can read. A request is judged first; the page is then made
 * from the text of the answer, as it is from an answer that was kept: one path, and nothing is said that the answer
 * does not say. */
#include "cli/explain.h"

#include <stdio.h>
#include <stdlib.h>

#include "cli/words.h"
#include "domain/json_read.h"
#include "wire/wire.h"

/* ---- the top and the end ---------------------------------------------------------------------------------- */

/* Massage as such may go ahead, and yet nothing can be booked. */
static bool only_techniques_stop(enum disposition d, struct str booking)
{
    return d <= DISPOSITION_PROCEED_MODIFIED &&
           (str_eq(booking, booking_name(BOOKING_HOLD)) || str_eq(booking, booking_name(BOOKING_REFUSE)));
}

static void explain_outcome(struct explained *x)
{
    struct page *p = &x->page;
    struct str word = member_text(x->answer, "disposition"), booking = member_text(x->answer, "booking");
    enum disposition d;
    bool known = disposition_from_name(word, &d);
    page_begin(p, 0, "");
    say_word(p, &booking_vocabulary, booking);
    page_add(p, ": ");
    if (known && only_techniques_stop(d, booking))
        page_add(p, "none of the techniques on offer is possible now");
    else
        say_word(p, &disposition_vocabulary, word);
    page_add(p, ".");
    page_end(p);
    page_gap(p);
    if (known && only_techniques_stop(d, booking))
        page_say(p, 0, "",
                 "Nothing rules out massage as such; the techniques that are offered or were wished for are "
                 "each held back or not allowed, as listed below.");
    const json_t *complete = json_object_get(x->answer, "complete");
    if (json_is_true(complete))
        page_say(p, 0, "", "This answer is final for what was said: no open question can change it.");
    else if (json_is_false(complete))
        page_say(p, 0, "", "This answer is not final: the open questions below can still change it.");
    else
        page_say(p, 0, "", "The document does not say whether open questions can still change this answer.");
    page_begin(p, 0, "");
    page_add(p, "Judged for the day ");
    page_add_str(p, member_text(x->answer, "as_of"));
    if (json_object_get(x->answer, "ref")) {
        page_add(p, ", reference ");
        page_add_str(p, member_text(x->answer, "ref"));
    }
    page_add(p, ".");
    page_end(p);
    if (!x->request)
        page_say(p, 0, "", "The request is not part of this document: what it said is named by its place.");
}

static void explain_origin(struct explained *x)
{
    struct page *p = &x->page;
    const json_t *catalogue = json_object_get(x->answer, "catalogue");
    json_t *summary = x->cat ? json_loadb(x->cat->resource_catalogue.p, x->cat->resource_catalogue.n, 0, NULL) : NULL;
    struct str status = member_text(json_object_get(summary, "review"), "status");
    page_heading(p, "About this page");
    page_begin(p, 0, "");
    page_add(p, "Decided by the catalogue %.*s, digest %.*s.", STR_ARGS(member_text(catalogue, "version")),
             STR_ARGS(member_text(catalogue, "digest")));
    if (!summary)
        page_add(p, " Whether a licensed clinician has signed that catalogue is not part of this document; unless one "
                    "has, it is a draft.");
    else if (str_eq(status, STR("draft")))
        page_add(p, " It is a draft: no licensed clinician has signed it.");
    else
        page_add(p, " Its review status is: %.*s.", STR_ARGS(status));
    page_end(p);
    json_decref(summary);
    if (x->n_left_out) {
        page_begin(p, 0, "");
        page_add(p, "Not explained, because this program does not know it: ");
        for (size_t i = 0; i < x->n_left_out; i++)
            page_add(p, "%s%.*s", i ? ", " : "", STR_ARGS(x->left_out[i]));
        page_add(p, ".");
        page_end(p);
    }
    page_say(p, 0, "", "A rule with its condition and its sources: palpate catalogue show --rule NAME.");
    page_say(p, 0, "",
             "This is decision support, not a diagnosis. It replaces no clinician: the person who treats reads "
             "the reasons and decides.");
}

void note_unknown(struct explained *x, const json_t *object, const char *const *known, size_t n)
{
    const char *member;
    json_t *value;
    json_object_foreach((json_t *)object, member, value)
    {
        bool is_known = false;
        struct str name = str_of(member);
        for (size_t i = 0; i < n; i++)
            is_known |= strcmp(known[i], member) == 0;
        for (size_t i = 0; i < x->n_left_out; i++)
            is_known |= str_eq(x->left_out[i], name);
        if (!is_known && x->n_left_out < ARRAY_LEN(x->left_out))
            x->left_out[x->n_left_out++] = name;
    }
}

void explain_page(struct explained *x)
{
    static const char *const known[] = {
        "ref",        "as_of",           "catalogue", "disposition", "booking",  "complete",     "warnings",
        "techniques", "questions",       "course",    "conflicts",   "outdated", "unrecognised", "no_course_because",
        "ignored",    "no_course_reason"
    };
    explain_outcome(x);
    explain_warnings(x);
    explain_techniques(x);
    explain_questions(x);
    explain_course(x);
    explain_findings(x);
    note_unknown(x, x->answer, known, ARRAY_LEN(known));
    explain_origin(x);
}

/* ---- which document it is --------------------------------------------------------------------------------- */

static bool has_any(const json_t *doc, const char *const *members, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (json_object_get(doc, members[i]))
            return true;
    return false;
}

/* What is not there must not look like what is empty: without its lists a document is not explained at all. */
enum rc explain_check(const json_t *doc, struct error *reterr)
{
    static const char *const texts[] = { "disposition", "booking", "as_of" };
    static const char *const lists[] = { "warnings", "techniques", "questions" };
    static const char *const optional[] = { "unrecognised", "outdated", "conflicts", "ignored" };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        if (!json_is_string(json_object_get(doc, texts[i])))
            return error_set(reterr, RC_MALFORMED_REQUEST, "cannot explain this: an answer has a text \"%s\"",
                             texts[i]);
    for (size_t i = 0; i < ARRAY_LEN(lists) + ARRAY_LEN(optional); i++) {
        const char *name = i < ARRAY_LEN(lists) ? lists[i] : optional[i - ARRAY_LEN(lists)];
        const json_t *list = json_object_get(doc, name);
        bool good = json_is_array(list) || (!list && i >= ARRAY_LEN(lists));
        for (size_t k = 0; good && k < json_array_size(list); k++)
            good = json_is_object(json_array_get(list, k));
        if (!good)
            return error_set(reterr, RC_MALFORMED_REQUEST,
                             "cannot explain this: an answer has a list of objects \"%s\"", name);
    }
    const json_t *course = json_object_get(doc, "course");
    if (course && !json_is_object(course))
        return error_set(reterr, RC_MALFORMED_REQUEST, "cannot explain this: an answer's \"course\" is an object");
    return RC_OK;
}

static enum rc print_page(const json_t *answer, const json_t *request, const struct catalogue *cat,
                          struct error *reterr)
{
    struct explained *x = calloc(1, sizeof(*x));
    if (!x)
        return error_oom(reterr);
    x->answer = answer;
    x->request = request;
    x->cat = cat;
    page_init(&x->page);
    explain_page(x);
    bool failed = page_failed(&x->page);
    if (!failed)
        (void)fwrite(x->page.out.p, 1, x->page.out.n, stdout);
    page_done(&x->page);
    free(x);
    return failed ? error_oom(reterr) : RC_OK;
}

/* Judges the request and explains the text of the answer. */
static enum rc explain_request(const struct catalogue *cat, struct str language, struct str body, const json_t *request,
                               struct error *reterr)
{
    struct arena arena;
    struct buf out;
    json_t *answer = NULL;
    struct faults *faults = calloc(1, sizeof(*faults));
    enum rc rc = faults ? RC_OK : error_oom(reterr);
    arena_init(&arena, 0);
    buf_init(&out, ANSWER_BYTES_MAX);
    if (rc == RC_OK && body.n > BODY_BYTES_MAX)
        rc = error_set(reterr, RC_BODY_TOO_LARGE, "the request is larger than %d bytes", BODY_BYTES_MAX);
    if (rc == RC_OK) {
        faults_init(faults, &arena);
        rc = judge_request(cat, language, body, faults, &out, reterr);
        if (rc == RC_INVALID_REQUEST)
            print_faults(faults);
    }
    if (rc == RC_OK) {
        answer = json_parse(buf_str(&out), reterr);
        rc = answer ? print_page(answer, request, cat, reterr) : reterr->code;
    }
    json_decref(answer);
    buf_done(&out);
    arena_done(&arena);
    free(faults);
    return rc;
}

static int explain_document(const struct call *c, struct str text, const json_t *doc)
{
    static const char *const of_request[] = { "subject", "complaints", "goals", "symptoms", "history" };
    static const char *const of_answer[] = { "disposition" };
    struct error err;
    int exit_status;
    enum rc rc;
    if (has_any(doc, of_request, ARRAY_LEN(of_request))) {
        CLEANUP(catalogue_unrefp) struct catalogue *cat = load_called(c, NULL, &exit_status);
        if (!cat)
            return exit_status;
        rc = explain_request(cat, str_of(c->settings.text[SET_LANGUAGE]), text, doc, &err);
    } else if (has_any(doc, of_answer, ARRAY_LEN(of_answer))) {
        rc = explain_check(doc, &err);
        if (rc == RC_OK)
            rc = print_page(doc, NULL, NULL, &err);
    } else {
        rc = error_set(&err, RC_MALFORMED_REQUEST, "cannot explain this: it is neither a request nor an answer");
    }
    return rc == RC_OK ? EXIT_OK : fail(&err);
}

int command_explain(const struct call *c)
{
    struct buf in;
    struct error err;
    json_t *doc = NULL;
    buf_init(&in, ANSWER_BYTES_MAX);
    enum rc rc = read_input(c->operand, "document", &in, &err);
    if (rc == RC_OK) {
        doc = json_parse(buf_str(&in), &err);
        rc = doc ? RC_OK : err.code;
    }
    int exit_status = rc == RC_OK ? explain_document(c, buf_str(&in), doc) : fail(&err);
    json_decref(doc);
    buf_done(&in);
    return exit_status;
}
