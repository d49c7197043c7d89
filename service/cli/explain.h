/* Shared by the files of palpate explain. */
#ifndef PALPATE_CLI_EXPLAIN_H
#define PALPATE_CLI_EXPLAIN_H

#include <jansson.h>

#include "cli/cli.h"
#include "cli/page.h"

struct explained {
    struct page page;
    const json_t *answer;
    /* NULL when the answer came alone: places in the request then have no names, facts only their ids. */
    const json_t *request;
    const struct catalogue *cat;
    struct str left_out[64]; /* members there are no words for, each once */
    size_t n_left_out;
};

/* Is it an answer that can be explained? RC_OK or RC_MALFORMED_REQUEST. */
enum rc explain_check(const json_t *doc, struct error *reterr) MUST_USE;
/* The whole page. */
void explain_page(struct explained *x);

/* Its parts, in order. */
void explain_warnings(struct explained *x);
void explain_techniques(struct explained *x);
void explain_questions(struct explained *x);
void explain_course(struct explained *x);
void explain_findings(struct explained *x);

/* What a fact, a technique, a rule is called here: its label or name where that is known, else its id. */
void say_fact_name(struct explained *x, struct str id);
void say_technique_name(struct explained *x, struct str code);
/* "warning 2", or the id of a rule that has no warning here. */
void say_rules(struct explained *x, const json_t *ids);
/* A place in the request, in words and as a pointer. */
void say_pointer(struct explained *x, struct str pointer);
void say_pointers(struct explained *x, const json_t *pointers);
/* "a physician, in a letter about X or Y" */
void say_letter(struct explained *x, struct str by, const json_t *about);

/* Remembers the members of `object` that are not among `known`. */
void note_unknown(struct explained *x, const json_t *object, const char *const *known, size_t n);

#endif
