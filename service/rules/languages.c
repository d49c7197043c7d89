/* The catalogue in other languages: checks translations and lays each beside the own texts.
 *
 * A translation repeats members of items, and only their texts. It says nothing that the own language does not, and of
 * a list it has every line; what it leaves out stays as it is in the own language, text by text. */
#include "rules/words_priv.h"

#include "base/language.h"

/* ---- reading a translation -------------------------------------------------------------------------------- */

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_prose(struct builder *b, struct str s, const struct where *at)
{
    if (!is_space(s.p[0]) && !is_space(s.p[s.n - 1]))
        return true;
    fault_add(b->faults, FAULT_OUT_OF_RANGE, at, "leave the space out, or the whole text",
              "a text neither begins nor ends with space");
    return false;
}

static void not_said(struct builder *b, const struct where *at)
{
    fault_add(b->faults, FAULT_INCONSISTENT, at, "leave it out", "the catalogue's own language says nothing here");
}

static bool has_lines(struct builder *b, const json_t *said, size_t own, const struct where *at)
{
    if (own == 0)
        not_said(b, at);
    else if (!json_is_array(said))
        fault_add(b->faults, FAULT_WRONG_TYPE, at, "write a list", "expected an array, found %s", json_kind(said));
    else if (json_array_size(said) != own)
        fault_add(b->faults, FAULT_INCONSISTENT, at, "say every line", "%zu where the own language has %zu",
                  json_array_size(said), own);
    else
        return true;
    return false;
}

static void read_words(struct builder *b, const struct words *words, const json_t *said, const json_t *own, void *into,
                       const struct where *at);

static void read_lines(struct builder *b, const struct word *w, const json_t *said, void *into, const struct where *at)
{
    const struct where *in = WHERE_MEMBER(at, str_of(w->name));
    const json_t *list = json_object_get(said, w->name);
    if (!into || !has_lines(b, list, list_at(into, w).n, in))
        return;
    const struct strs taken = take_strs(b, said, w->name, at);
    const struct strs lines = { taken.at, taken.n };
    for (size_t i = 0; i < lines.n; i++)
        if (lines.at[i].p)
            (void)is_prose(b, lines.at[i], WHERE_INDEX(in, i));
    memcpy((char *)into + w->offset, &lines, sizeof(lines));
}

static void read_objects(struct builder *b, const struct word *w, const json_t *said, void *into,
                         const struct where *at)
{
    const struct where *in = WHERE_MEMBER(at, str_of(w->name));
    const json_t *list = json_object_get(said, w->name);
    struct list own = list_at(into, w);
    if (!into || !has_lines(b, list, own.n, in))
        return;
    struct list copy = { builder_array(b, own.n, w->size), own.n };
    if (!copy.at)
        return;
    memcpy(copy.at, own.at, own.n * w->size);
    for (size_t i = 0; i < own.n; i++)
        read_words(b, w->each, json_array_get(list, i), NULL, (char *)copy.at + i * w->size, WHERE_INDEX(in, i));
    memcpy((char *)into + w->offset, &copy, sizeof(copy));
}

static void read_word(struct builder *b, const struct word *w, const json_t *said, const json_t *own, void *into,
                      const struct where *at)
{
    const struct where *in = WHERE_MEMBER(at, str_of(w->name));
    struct str s;
    switch (w->form) {
    case WORD_TEXT:
    case WORD_UNUSED:
        s = take_str(b, said, w->name, at);
        if (!s.p || !is_prose(b, s, in))
            break;
        if (w->form == WORD_TEXT ? !text_at(into, w).p : !json_object_get(own, w->name))
            not_said(b, in);
        else if (w->form == WORD_TEXT)
            memcpy((char *)into + w->offset, &s, sizeof(s));
        break;
    case WORD_LINES:
        read_lines(b, w, said, into, at);
        break;
    case WORD_OBJECT:
        read_words(b, w->each, json_object_get(said, w->name), NULL, into, in);
        break;
    case WORD_OBJECTS:
        read_objects(b, w, said, into, at);
        break;
    }
}

/* `into` holds the item's words in the own language, `own` the item itself where a word may ask for it. */
static void read_words(struct builder *b, const struct words *words, const json_t *said, const json_t *own, void *into,
                       const struct where *at)
{
    struct json_member members[WORDS_MAX];
    for (size_t i = 0; i < words->n; i++)
        members[i] = (struct json_member){ words->at[i].name, words->at[i].needed };
    (void)json_read_object(said, members, words->n, at, b->faults);
    if (!json_is_object(said))
        return;
    if (json_object_size(said) == 0)
        fault_add(b->faults, FAULT_MISSING_MEMBER, at, "say something, or leave it out", "nothing is said here");
    for (size_t i = 0; i < words->n; i++)
        if (json_object_get(said, words->at[i].name))
            read_word(b, &words->at[i], said, own, into, at);
}

/* The item of a section in the document. Walks the list: for what is rare. */
static const json_t *find_item(const struct builder *b, const char *section, const char *id)
{
    const json_t *list = json_object_get(b->doc, section);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i), *name = json_object_get(item, "id");
        const char *is = json_string_value(name ? name : json_object_get(item, "code"));
        if (is && strcmp(is, id) == 0)
            return item;
    }
    return NULL;
}

static bool has_unused(const struct words *words, const json_t *said)
{
    for (size_t i = 0; i < words->n; i++)
        if (words->at[i].form == WORD_UNUSED && json_object_get(said, words->at[i].name))
            return true;
    return false;
}

/* What is said of ids that have no words of their own: of sources, and of what does not exist. */
static void read_others(struct builder *b, const struct section *s, const json_t *said, const struct where *at)
{
    const char *id;
    json_t *words;
    json_object_foreach((json_t *)said, id, words)
    {
        const struct where *in = WHERE_MEMBER(at, str_of(id));
        const json_t *own = find_item(b, s->name, id);
        if (!own)
            fault_add(b->faults, FAULT_UNKNOWN_ID, in, "see the catalogue for the ids", "%s has no such item", s->name);
        else if (!s->item)
            read_words(b, s->words, words, own, NULL, in);
    }
}

static void read_section(struct builder *b, const struct section *s, const json_t *translation, struct language *l)
{
    const struct where *at = WHERE_MEMBER(NULL, str_of(s->name));
    const json_t *said = json_object_get(translation, s->name);
    size_t found = 0;
    struct item item;
    if (!said)
        return;
    if (!json_is_object(said) || json_object_size(said) == 0) {
        fault_add(b->faults, FAULT_WRONG_TYPE, at, "write {\"id\": {...}}, or leave it out",
                  "what is said of items stands by their ids");
        return;
    }
    for (uint32_t i = 0; section_item(s, b->cat, l, i, &item); i++) {
        const json_t *words = json_object_get(said, item.id.p);
        if (!words)
            continue;
        const json_t *own = has_unused(s->words, words) ? find_item(b, s->name, item.id.p) : NULL;
        read_words(b, s->words, words, own, item.words, WHERE_MEMBER(at, item.id));
        found++;
    }
    if (found < json_object_size(said))
        read_others(b, s, said, at);
}

/* ---- the own language ------------------------------------------------------------------------------------- */

static struct phases_words words_of_phases(struct builder *b, const struct phase *phases, uint32_t n)
{
    struct phase_words *at = BUILD_ARRAY(b, struct phase_words, n);
    for (uint32_t i = 0; at && i < n; i++)
        at[i] = (struct phase_words){ phases[i].name, phases[i].intent, phases[i].only_if };
    return (struct phases_words){ at, at ? n : 0 };
}

static struct strs words_of_notes(struct builder *b, const struct adjustment *a)
{
    struct str *says = BUILD_ARRAY(b, struct str, a->n_notes);
    for (uint32_t i = 0; says && i < a->n_notes; i++)
        says[i] = a->notes[i].say;
    return (struct strs){ says, says ? a->n_notes : 0 };
}

static void say_questions(const struct catalogue *cat, struct language *l)
{
    memcpy(l->questions, cat->attribute_question, sizeof(cat->attribute_question));
    l->questions[QUESTION_SEX] = cat->sex_question;
    l->questions[QUESTION_PAIN] = cat->pain_question;
}

/* The texts of the items as they are. */
static void say_items(struct builder *b, struct language *l)
{
    const struct catalogue *cat = b->cat;
    for (uint32_t i = 0; i < cat->n_facts; i++)
        l->facts[i] = (struct fact_words){ cat->facts[i].label, cat->facts[i].question, cat->facts[i].answer_meaning };
    for (uint32_t i = 0; i < cat->n_techniques; i++)
        l->techniques[i] = (struct technique_words){ cat->techniques[i].name, cat->techniques[i].summary };
    for (uint32_t i = 0; i < cat->n_rules; i++) {
        const struct rule *r = &cat->rules[i];
        l->rules[i] = (struct rule_words){ r->message, r->note, r->action, r->rationale };
    }
    for (uint32_t i = 0; i < cat->n_courses; i++) {
        const struct course *c = &cat->courses[i];
        l->courses[i] = (struct course_words){
            c->title,        c->expected_change, c->if_improving,
            c->if_unchanged, c->if_worse,        c->stop_if,
            c->self_care,    c->co_care,         words_of_phases(b, c->phases, c->n_phases),
        };
    }
    for (uint32_t i = 0; i < cat->n_adjustments; i++) {
        const struct adjustment *a = &cat->adjustments[i];
        l->adjustments[i] = (struct adjustment_words){ a->reason, a->no_course_reason, words_of_notes(b, a),
                                                       a->advice, a->self_care_add,    a->co_care_add };
    }
    for (uint32_t i = 0; i < cat->n_replans; i++) {
        const struct replan_rule *r = &cat->replans[i];
        l->replans[i] =
            (struct replan_words){ r->say, r->phase_name, r->advice, words_of_phases(b, r->phases, r->n_phases) };
    }
}

static void make_room(struct builder *b, struct language *l)
{
    const struct catalogue *cat = b->cat;
    l->questions = BUILD_ARRAY(b, struct str, QUESTION_COUNT_);
    l->facts = BUILD_ARRAY(b, struct fact_words, cat->n_facts);
    l->techniques = BUILD_ARRAY(b, struct technique_words, cat->n_techniques);
    l->rules = BUILD_ARRAY(b, struct rule_words, cat->n_rules);
    l->courses = BUILD_ARRAY(b, struct course_words, cat->n_courses);
    l->adjustments = BUILD_ARRAY(b, struct adjustment_words, cat->n_adjustments);
    l->replans = BUILD_ARRAY(b, struct replan_words, cat->n_replans);
    l->rule_resources = BUILD_ARRAY(b, struct str, cat->n_rules);
}

/* Another language begins as the own one. */
static void say_as(struct language *l, const struct language *own, const struct catalogue *cat)
{
    memcpy(l->questions, own->questions, QUESTION_COUNT_ * sizeof(own->questions[0]));
    memcpy(l->facts, own->facts, cat->n_facts * sizeof(own->facts[0]));
    memcpy(l->techniques, own->techniques, cat->n_techniques * sizeof(own->techniques[0]));
    memcpy(l->rules, own->rules, cat->n_rules * sizeof(own->rules[0]));
    memcpy(l->courses, own->courses, cat->n_courses * sizeof(own->courses[0]));
    memcpy(l->adjustments, own->adjustments, cat->n_adjustments * sizeof(own->adjustments[0]));
    memcpy(l->replans, own->replans, cat->n_replans * sizeof(own->replans[0]));
}

/* ---- the languages ---------------------------------------------------------------------------------------- */

static struct str read_review(struct builder *b, const json_t *translation)
{
    static const struct str words[] = { { "draft", 5 }, { "signed", 6 } };
    static const struct vocabulary statuses = { "status", words, ARRAY_LEN(words) };
    static const struct json_member members[] = { { "status", true }, { "by", false }, { "date", false } };
    const struct where *at = WHERE_MEMBER(NULL, STR("review"));
    const json_t *review = json_object_get(translation, "review");
    int32_t date = DATE_NOT_GIVEN;
    (void)json_read_object(review, members, ARRAY_LEN(members), at, b->faults);
    int status = take_word(b, review, "status", &statuses, 0, at);
    struct str by = take_str(b, review, "by", at);
    (void)json_read_date(json_object_get(review, "date"), WHERE_MEMBER(at, STR("date")), b->faults, &date);
    if ((by.p != NULL) != (status == 1) || (date != DATE_NOT_GIVEN) != (status == 1))
        fault_add(b->faults, FAULT_INCONSISTENT, at, "give both when it is signed, and only then",
                  "by and date say who signed it, and when");
    return words[status];
}

static void read_translation(struct builder *b, const json_t *translation, struct language *l)
{
    struct json_member members[TEXT_SECTIONS + 1] = { { "review", true } };
    for (size_t i = 0; i < (size_t)TEXT_SECTIONS; i++)
        members[i + 1] = (struct json_member){ text_sections[i].name, false };
    (void)json_read_object(translation, members, ARRAY_LEN(members), NULL, b->faults);
    l->review = read_review(b, translation);
    make_room(b, l);
    if (b->oom)
        return;
    say_as(l, &b->cat->languages[0], b->cat);
    for (size_t i = 0; i < (size_t)TEXT_SECTIONS; i++)
        read_section(b, &text_sections[i], translation, l);
}

static void count_text(void *to, const struct where *at, bool missing)
{
    uint32_t *n = to;
    (void)at;
    *n += !missing;
}

void read_languages(struct builder *b)
{
    struct catalogue *cat = b->cat;
    json_t *texts = json_object_get(b->doc, "texts"), *translation;
    const struct where *at = WHERE_MEMBER(NULL, STR("texts"));
    const char *tag;
    b->faults->item = (struct str){ NULL, 0 };
    if (texts && !json_is_object(texts))
        fault_add(b->faults, FAULT_WRONG_TYPE, at, "write {\"es\": {...}}", "translations stand by their languages");
    if (json_object_size(texts) >= LANGUAGES_LIMIT) {
        fault_add(b->faults, FAULT_TOO_MANY, at, "leave some out", "a catalogue has at most %d languages",
                  LANGUAGES_LIMIT);
        return;
    }
    cat->languages = BUILD_ARRAY(b, struct language, json_object_size(texts) + 1);
    if (!cat->languages)
        return;
    make_room(b, &cat->languages[0]);
    if (b->oom)
        return;
    cat->languages[0].tag = STR("en");
    cat->n_languages = 1;
    say_questions(cat, &cat->languages[0]);
    say_items(b, &cat->languages[0]);
    catalogue_each_text(cat, &cat->languages[0], count_text, &cat->languages[0].n_texts);
    json_object_foreach(texts, tag, translation)
    {
        struct language *l = &cat->languages[cat->n_languages];
        l->tag = arena_str(&cat->arena, str_of(tag));
        b->faults->item = (struct str){ NULL, 0 };
        if (!l->tag.p || !is_language_tag(l->tag) || str_eq(l->tag, cat->languages[0].tag)) {
            fault_add(b->faults, FAULT_UNKNOWN_VALUE, WHERE_MEMBER(at, str_of(tag)),
                      "a tag such as es, zh-Hant or pt-BR; the own language stands beside the rules",
                      "no translation can be of this language");
            continue;
        }
        b->faults->item = l->tag;
        read_translation(b, translation, l);
        if (b->oom)
            return;
        catalogue_each_text(cat, l, count_text, &l->n_texts);
        cat->n_languages++;
    }
}

/* ---- lookups ---------------------------------------------------------------------------------------------- */

int32_t catalogue_find_language(const struct catalogue *cat, struct str range)
{
    for (; range.n; range = language_shortened(range))
        for (uint32_t i = 0; i < cat->n_languages; i++)
            if (range.n == cat->languages[i].tag.n && language_matches(range, cat->languages[i].tag))
                return (int32_t)i;
    return -1;
}
