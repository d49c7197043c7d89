/* Shared by the files that show items of the catalogue. */
#ifndef PALPATE_CLI_SHOW_H
#define PALPATE_CLI_SHOW_H

#include <jansson.h>

#include "cli/cli.h"
#include "cli/page.h"
#include "cli/sentences.h"

struct shown {
    struct page page;
    const struct catalogue *cat;
    const json_t *doc; /* the catalogue's document: what was not compiled stands there */
    struct arena arena;
    struct sentences sentences;
};

void show_rule(struct shown *sh, const json_t *item);
void show_course(struct shown *sh, const json_t *item);
void show_fact(struct shown *sh, const json_t *item);
void show_technique(struct shown *sh, const json_t *item);
void show_evidence(struct shown *sh, const json_t *item);

/* Parts of them. */
void show_head(struct shown *sh, const char *what, struct str id);
void show_review(struct shown *sh, const json_t *item);
void show_list(struct page *p, const char *label, const json_t *list);
void show_sources(struct shown *sh, const json_t *ids);
/* Has the source been read? */
void show_verified(struct page *p, const json_t *item);
/* What the names in the conditions said so far mean. */
void show_findings(struct shown *sh);
/* How to read lines that say two things of complaints of one place. */
void show_reading_note(struct shown *sh);

#endif
