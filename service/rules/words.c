#include "rules/words_priv.h"

#define TEXT(type, member)                                                                                             \
    .name = #member, .form = WORD_TEXT, .offset = offsetof(struct type, member), .for_client = true
#define LINES(type, member)                                                                                            \
    .name = #member, .form = WORD_LINES, .offset = offsetof(struct type, member), .for_client = true
#define OBJECTS(type, member)                                                                                          \
    .name = #member, .form = WORD_OBJECTS, .offset = offsetof(struct type, member), .for_client = true
#define UNUSED_WORD(member) .name = #member, .form = WORD_UNUSED

/* Words that are one text. */
static const struct word question_list[] = {
    { .name = "question", .form = WORD_TEXT, .for_client = true, .needed = true }
};
static const struct words question_words = { question_list, ARRAY_LEN(question_list) };
static const struct word say_list[] = { { .name = "say", .form = WORD_TEXT, .for_client = true, .needed = true } };
static const struct words say_words = { say_list, ARRAY_LEN(say_list) };

static const struct word fact_list[] = { { TEXT(fact_words, label) },
                                         { TEXT(fact_words, question) },
                                         { TEXT(fact_words, answer_meaning) } };
static const struct words fact_words = { fact_list, ARRAY_LEN(fact_list) };

static const struct word technique_list[] = { { TEXT(technique_words, name) },
                                              { TEXT(technique_words, summary) },
                                              { UNUSED_WORD(notes) },
                                              { UNUSED_WORD(never_offered) } };
static const struct words technique_words = { technique_list, ARRAY_LEN(technique_list) };

/* The note and the rationale are for therapists. */
static const struct word rule_list[] = {
    { TEXT(rule_words, message) },
    { TEXT(rule_words, action) },
    { .name = "note", .form = WORD_TEXT, .offset = offsetof(struct rule_words, note) },
    { .name = "rationale", .form = WORD_TEXT, .offset = offsetof(struct rule_words, rationale) },
};
static const struct words rule_words = { rule_list, ARRAY_LEN(rule_list) };

static const struct word phase_list[] = {
    { TEXT(phase_words, name), .needed = true },
    { TEXT(phase_words, intent) },
    { TEXT(phase_words, only_if) },
};
static const struct words phase_words = { phase_list, ARRAY_LEN(phase_list) };

static const struct word course_list[] = {
    { TEXT(course_words, title) },
    { TEXT(course_words, expected_change) },
    { TEXT(course_words, if_improving) },
    { TEXT(course_words, if_unchanged) },
    { TEXT(course_words, if_worse) },
    { UNUSED_WORD(notes) },
    { LINES(course_words, stop_if) },
    { LINES(course_words, self_care) },
    { LINES(course_words, co_care) },
    { OBJECTS(course_words, phases), .each = &phase_words, .size = sizeof(struct phase_words) },
};
static const struct words course_words = { course_list, ARRAY_LEN(course_list) };

static const struct word reason_list[] = {
    { .name = "reason",
      .form = WORD_TEXT,
      .offset = offsetof(struct adjustment_words, no_course_reason),
      .for_client = true,
      .needed = true },
};
static const struct words reason_words = { reason_list, ARRAY_LEN(reason_list) };
static const struct word adjustment_list[] = {
    { UNUSED_WORD(title) },
    { UNUSED_WORD(why) },
    { TEXT(adjustment_words, reason) },
    { .name = "no_course_at", .form = WORD_OBJECT, .for_client = true, .each = &reason_words },
    { .name = "note_if",
      .form = WORD_OBJECTS,
      .offset = offsetof(struct adjustment_words, notes),
      .for_client = true,
      .each = &say_words,
      .size = sizeof(struct str) },
    { LINES(adjustment_words, advice) },
    { LINES(adjustment_words, self_care_add) },
    { LINES(adjustment_words, co_care_add) },
};
static const struct words adjustment_words = { adjustment_list, ARRAY_LEN(adjustment_list) };

static const struct word replan_list[] = {
    { TEXT(replan_words, say) },
    { LINES(replan_words, advice) },
    { TEXT(replan_words, phase_name) },
    { OBJECTS(replan_words, phases), .each = &phase_words, .size = sizeof(struct phase_words) },
};
static const struct words replan_words = { replan_list, ARRAY_LEN(replan_list) };

static const struct word evidence_list[] = { { UNUSED_WORD(finding) }, { UNUSED_WORD(population) } };
static const struct words evidence_words = { evidence_list, ARRAY_LEN(evidence_list) };

/* ---- the items -------------------------------------------------------------------------------------------- */

#define NO_ITEM ((struct item){ { NULL, 0 }, NULL })

static struct item question_item(const struct catalogue *cat, const struct language *l, uint32_t i)
{
    (void)cat;
    if (i >= QUESTION_COUNT_)
        return NO_ITEM;
    struct str id = i == QUESTION_SEX ? STR("sex") : i == QUESTION_PAIN ? STR("pain_max") : attribute_table[i].name;
    return (struct item){ id, &l->questions[i] };
}

static struct item fact_item(const struct catalogue *cat, const struct language *l, uint32_t i)
{
    return i < cat->n_facts ? (struct item){ cat->facts[i].id, &l->facts[i] } : NO_ITEM;
}

static struct item technique_item(const struct catalogue *cat, const struct language *l, uint32_t i)
{
    return i < cat->n_techniques ? (struct item){ cat->techniques[i].code, &l->techniques[i] } : NO_ITEM;
}

static struct item rule_item(const struct catalogue *cat, const struct language *l, uint32_t i)
{
    return i < cat->n_rules ? (struct item){ cat->rules[i].id, &l->rules[i] } : NO_ITEM;
}

static struct item course_item(const struct catalogue *cat, const struct language *l, uint32_t i)
{
    return i < cat->n_courses ? (struct item){ cat->courses[i].id, &l->courses[i] } : NO_ITEM;
}

static struct item adjustment_item(const struct catalogue *cat, const struct language *l, uint32_t i)
{
    return i < cat->n_adjustments ? (struct item){ cat->adjustments[i].id, &l->adjustments[i] } : NO_ITEM;
}

static struct item replan_item(const struct catalogue *cat, const struct language *l, uint32_t i)
{
    return i < cat->n_replans ? (struct item){ cat->replans[i].id, &l->replans[i] } : NO_ITEM;
}

const struct section text_sections[TEXT_SECTIONS] = {
    { "attributes", &question_words, question_item },   { "facts", &fact_words, fact_item },
    { "techniques", &technique_words, technique_item }, { "rules", &rule_words, rule_item },
    { "courses", &course_words, course_item },          { "adjustments", &adjustment_words, adjustment_item },
    { "replanning", &replan_words, replan_item },       { "evidence", &evidence_words, NULL },
};

/* ---- what a client reads ---------------------------------------------------------------------------------- */

struct taking {
    text_take take;
    void *to;
    bool other; /* than the own language */
};

/* What stayed as it is in the own language is still the same span. */
static void each_word(const struct words *words, const void *own, const void *said, const struct where *at,
                      const struct taking *t)
{
    for (size_t i = 0; i < words->n; i++) {
        const struct word *w = &words->at[i];
        const struct where *in = WHERE_MEMBER(at, str_of(w->name));
        struct list list, others;
        if (!w->for_client)
            continue;
        switch (w->form) {
        case WORD_TEXT:
            if (text_at(own, w).p)
                t->take(t->to, in, t->other && text_at(own, w).p == text_at(said, w).p);
            break;
        case WORD_OBJECT:
            each_word(w->each, own, said, in, t);
            break;
        case WORD_LINES:
            list = list_at(own, w);
            others = list_at(said, w);
            for (size_t k = 0; k < list.n; k++)
                t->take(t->to, WHERE_INDEX(in, k), t->other && list.at == others.at);
            break;
        case WORD_OBJECTS:
            list = list_at(own, w);
            others = list_at(said, w);
            for (size_t k = 0; k < list.n; k++)
                each_word(w->each, (const char *)list.at + k * w->size, (const char *)others.at + k * w->size,
                          WHERE_INDEX(in, k), t);
            break;
        case WORD_UNUSED:
            break;
        }
    }
}

void catalogue_each_text(const struct catalogue *cat, const struct language *in, text_take take, void *to)
{
    const struct taking t = { take, to, in != &cat->languages[0] };
    for (size_t s = 0; s < TEXT_SECTIONS; s++) {
        const struct where *at = WHERE_MEMBER(NULL, str_of(text_sections[s].name));
        struct item own, said;
        for (uint32_t i = 0; section_item(&text_sections[s], cat, &cat->languages[0], i, &own); i++) {
            (void)section_item(&text_sections[s], cat, in, i, &said);
            each_word(text_sections[s].words, own.words, said.words, WHERE_MEMBER(at, own.id), &t);
        }
    }
}
