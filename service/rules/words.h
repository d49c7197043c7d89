/* What a catalogue says, in one language. Part of rules.h.
 *
 * Every language has the same arrays, parallel to those of the catalogue, and a text in every place where the
 * catalogue's own language has one: what is not translated is the own text, the same span. So a decision picks its
 * texts by index, whatever the language. */
#ifndef PALPATE_RULES_WORDS_H
#define PALPATE_RULES_WORDS_H

#include "domain/decision.h"

struct fact_words {
    struct str label, question, answer_meaning;
};

struct technique_words {
    struct str name, summary;
};

struct rule_words {
    struct str message, note, action, rationale;
};

struct phase_words {
    struct str name, intent, only_if;
};

struct phases_words {
    struct phase_words *at;
    size_t n;
};

struct course_words {
    struct str title, expected_change, if_improving, if_unchanged, if_worse;
    struct strs stop_if, self_care, co_care;
    struct phases_words phases;
};

struct adjustment_words {
    struct str reason, no_course_reason;
    struct strs notes, advice, self_care_add, co_care_add;
};

struct replan_words {
    struct str say, phase_name;
    struct strs advice;
    struct phases_words phases;
};

/* The questions that belong to no fact: one an attribute, and those of the two derived variables. */
enum { QUESTION_SEX = ATTR_COUNT_, QUESTION_PAIN, QUESTION_COUNT_ };

struct language {
    struct str tag;    /* BCP 47 */
    struct str review; /* status of the translation; p is NULL for the own language */
    uint32_t n_texts;  /* of those a client reads: how many are said in it */
    struct str *questions;
    struct fact_words *facts;
    struct technique_words *techniques;
    struct rule_words *rules;
    struct course_words *courses;
    struct adjustment_words *adjustments;
    struct replan_words *replans;
    struct str resource_facts, resource_techniques, resource_rules;
    struct str *rule_resources; /* one a rule */
};

#endif
