/* Persons for tests: a screening written in a line, and its intake.
 *
 * Statements stand apart by ';' and begin with a verb. What the line does not say is what a request leaves out; the
 * person is 40 years old and wants to relax.
 *   age 40                     sex female                  unlisted absent
 *   goal sleep                 goal none
 *   complaint neck side left pain 6 days 30 onset sudden cause trauma
 *   has fever ago 3 region neck side left severity 6 controlled no in conditions
 *   not fever                  maybe fever                 has atc:B01 since 5
 *   clear fever physician 20   (20 days ago; -1 is tomorrow)
 *   wish swedish               pressure firm               minutes 60           week 0.5
 *   session 10 swedish 60 6>4 soreness     (days ago, technique, minutes, pain before and after, reaction; - or ? is
 *                                           not given) */
#ifndef PALPATE_TESTS_RULES_PERSON_H
#define PALPATE_TESTS_RULES_PERSON_H

#include "rules/doc.h"

enum { AS_OF = 20777 }; /* 2026-11-20 */

enum { PERSON_ITEMS = 32 };

struct person {
    char text[2048];
    struct screening s;
    struct finding findings[PERSON_ITEMS];
    struct complaint complaints[PERSON_ITEMS];
    struct clearance clearances[PERSON_ITEMS];
    struct progress_entry progress[PERSON_ITEMS];
    struct str wishes[PERSON_ITEMS];
};

static inline int word_of(const struct vocabulary *v, const char *word)
{
    int i = vocabulary_find(v, str_of(word));
    if (i < 0)
        fail_msg("\"%s\" is not a %s", word ? word : "nothing", v->title);
    return i;
}

static inline int32_t number_of(const char *word)
{
    char *end;
    long n = strtol(word ? word : "", &end, 10);
    if (!word || *end || end == word)
        fail_msg("\"%s\" is not a number", word ? word : "nothing");
    return (int32_t)n;
}

static inline void read_attribute_words(struct finding *f, const char *name, const char *value)
{
    enum attribute a;
    if (strcmp(name, "ago") == 0) {
        f->has |= 1u << ATTR_DATE;
        f->value[ATTR_DATE] = AS_OF - number_of(value);
    } else if (strcmp(name, "since") == 0) {
        f->since = AS_OF - number_of(value);
    } else if (attribute_from_name(str_of(name), &a)) {
        f->has |= (uint16_t)(1u << a);
        f->value[a] = a == ATTR_REGION       ? word_of(&region_vocabulary, value)
                      : a == ATTR_SIDE       ? word_of(&side_vocabulary, value)
                      : a == ATTR_CONTROLLED ? strcmp(value, "yes") == 0
                                             : number_of(value);
    } else {
        fail_msg("\"%s\" is not an attribute", name);
    }
}

static inline void read_finding_words(struct person *p, enum finding_state state, char *rest)
{
    static const char *const lists[] = { "symptoms", "conditions", "medications", "procedures", "injuries" };
    struct finding *f = &p->findings[p->s.n_findings++];
    char *name = strtok_r(rest, " ", &rest), *code = strchr(name, ':'), *word;
    assert_true(p->s.n_findings <= PERSON_ITEMS);
    *f = (struct finding){ .id = str_of(name), .state = state, .since = DATE_NOT_GIVEN };
    if (code) {
        *f = (struct finding){ .state = state, .since = DATE_NOT_GIVEN, .code = str_of(code + 1) };
        *code = '\0';
        f->system = str_of(name);
    }
    while ((word = strtok_r(rest, " ", &rest))) {
        char *value = strtok_r(rest, " ", &rest);
        if (strcmp(word, "in") != 0) {
            read_attribute_words(f, word, value);
            continue;
        }
        for (size_t i = 0; i < ARRAY_LEN(lists); i++)
            if (strcmp(value, lists[i]) == 0)
                f->list = (enum finding_list)i;
    }
    for (size_t i = 0; i + 1 < p->s.n_findings; i++)
        f->index = (uint16_t)(f->index + (p->findings[i].list == f->list));
}

static inline void read_complaint_words(struct person *p, char *rest)
{
    struct complaint *c = &p->complaints[p->s.n_complaints++];
    char *word;
    assert_true(p->s.n_complaints <= PERSON_ITEMS);
    *c = (struct complaint){ .region = (enum region)word_of(&region_vocabulary, strtok_r(rest, " ", &rest)),
                             .side = NOT_GIVEN,
                             .pain = NOT_GIVEN,
                             .onset = NOT_GIVEN,
                             .cause = NOT_GIVEN,
                             .duration_days = NOT_GIVEN };
    while ((word = strtok_r(rest, " ", &rest))) {
        const char *value = strtok_r(rest, " ", &rest);
        if (strcmp(word, "side") == 0)
            c->side = (int8_t)word_of(&side_vocabulary, value);
        else if (strcmp(word, "pain") == 0)
            c->pain = (int8_t)number_of(value);
        else if (strcmp(word, "days") == 0)
            c->duration_days = number_of(value);
        else if (strcmp(word, "onset") == 0)
            c->onset = (int8_t)word_of(&onset_vocabulary, value);
        else if (strcmp(word, "cause") == 0)
            c->cause = (int8_t)word_of(&cause_vocabulary, value);
        else
            fail_msg("\"%s\" is not a member of a complaint", word);
    }
}

static inline void read_session_words(struct person *p, char *rest)
{
    struct progress_entry *e = &p->progress[p->s.n_progress++];
    assert_true(p->s.n_progress <= PERSON_ITEMS);
    *e = (struct progress_entry){ .date = AS_OF - number_of(strtok_r(rest, " ", &rest)),
                                  .minutes = NOT_GIVEN,
                                  .pain_before = NOT_GIVEN,
                                  .pain_after = NOT_GIVEN,
                                  .reaction = NOT_GIVEN };
    char *technique = strtok_r(rest, " ", &rest), *minutes = strtok_r(rest, " ", &rest);
    char *pains = strtok_r(rest, " ", &rest), *reaction = strtok_r(rest, " ", &rest);
    if (technique && strcmp(technique, "-") != 0)
        e->technique = str_of(technique);
    if (minutes && strcmp(minutes, "-") != 0)
        e->minutes = (int16_t)number_of(minutes);
    char *after = pains ? strchr(pains, '>') : NULL;
    if (after) {
        *after++ = '\0';
        e->pain_before = (int8_t)(strcmp(pains, "?") == 0 ? NOT_GIVEN : number_of(pains));
        e->pain_after = (int8_t)(strcmp(after, "?") == 0 ? NOT_GIVEN : number_of(after));
    }
    if (reaction)
        e->reaction = (int8_t)word_of(&reaction_vocabulary, reaction);
}

static inline void read_clearance_words(struct person *p, char *rest)
{
    struct clearance *c = &p->clearances[p->s.n_clearances++];
    assert_true(p->s.n_clearances <= PERSON_ITEMS);
    c->fact = str_of(strtok_r(rest, " ", &rest));
    c->by = (enum clearer)word_of(&clearer_vocabulary, strtok_r(rest, " ", &rest));
    c->date = AS_OF - number_of(strtok_r(rest, " ", &rest));
}

static inline void read_statement(struct person *p, char *rest)
{
    struct screening *s = &p->s;
    const char *verb = strtok_r(rest, " ", &rest);
    if (!verb)
        return;
    if (strcmp(verb, "has") == 0)
        read_finding_words(p, FINDING_PRESENT, rest);
    else if (strcmp(verb, "not") == 0)
        read_finding_words(p, FINDING_ABSENT, rest);
    else if (strcmp(verb, "maybe") == 0)
        read_finding_words(p, FINDING_UNKNOWN, rest);
    else if (strcmp(verb, "complaint") == 0)
        read_complaint_words(p, rest);
    else if (strcmp(verb, "clear") == 0)
        read_clearance_words(p, rest);
    else if (strcmp(verb, "session") == 0)
        read_session_words(p, rest);
    else if (strcmp(verb, "age") == 0)
        s->age_years = (int16_t)number_of(strtok_r(rest, " ", &rest));
    else if (strcmp(verb, "sex") == 0)
        s->sex = (enum sex)word_of(&sex_vocabulary, strtok_r(rest, " ", &rest));
    else if (strcmp(verb, "unlisted") == 0)
        s->unlisted = (enum unlisted)word_of(&unlisted_vocabulary, strtok_r(rest, " ", &rest));
    else if (strcmp(verb, "wish") == 0)
        p->wishes[s->n_wishes++] = str_of(strtok_r(rest, " ", &rest));
    else if (strcmp(verb, "pressure") == 0)
        s->pressure_wish = (int8_t)word_of(&pressure_wish_vocabulary, strtok_r(rest, " ", &rest));
    else if (strcmp(verb, "minutes") == 0)
        s->session_minutes = (int16_t)number_of(strtok_r(rest, " ", &rest));
    else if (strcmp(verb, "week") == 0)
        s->per_week_max = (int16_t)(strtod(strtok_r(rest, " ", &rest), NULL) * PER_WEEK_SCALE + 0.5);
    else if (strcmp(verb, "goal") == 0 && strcmp(rest, "none") == 0)
        s->goals = 0;
    else if (strcmp(verb, "goal") == 0)
        s->goals |= UINT32_C(1) << word_of(&goal_vocabulary, strtok_r(rest, " ", &rest));
    else
        fail_msg("\"%s\" is not a verb", verb);
}

static inline void person_read(struct person *p, const char *line)
{
    assert_true(strlen(line) < sizeof(p->text));
    memset(p, 0, sizeof(*p));
    (void)snprintf(p->text, sizeof(p->text), "%s", line);
    p->s = (struct screening){
        .age_years = 40,
        .sex = SEX_UNKNOWN,
        .goals = UINT32_C(1) << GOAL_RELAXATION,
        .as_of = AS_OF,
        .unlisted = UNLISTED_UNKNOWN,
        .pressure_wish = NOT_GIVEN,
        .session_minutes = NOT_GIVEN,
        .per_week_max = NOT_GIVEN,
        .findings = p->findings,
        .complaints = p->complaints,
        .clearances = p->clearances,
        .wishes = p->wishes,
        .progress = p->progress,
    };
    for (char *rest = p->text, *statement; (statement = strtok_r(rest, ";", &rest));)
        read_statement(p, statement);
}

/* A person taken in by a catalogue. */
struct taken {
    struct person person;
    struct arena arena;
    struct faults faults;
    struct intake in;
};

static inline enum rc take_in_or_not(struct taken *t, const struct catalogue *cat, const char *line)
{
    person_read(&t->person, line);
    arena_init(&t->arena, 0);
    faults_init(&t->faults, &t->arena);
    return intake_build(cat, &t->person.s, &t->arena, &t->faults, &t->in);
}

/* It must be valid. */
static inline void take_in(struct taken *t, const struct catalogue *cat, const char *line)
{
    if (take_in_or_not(t, cat, line) != RC_OK)
        fail_msg("refused, %zu faults: %s", t->faults.total, line);
}

static inline void taken_done(struct taken *t)
{
    arena_done(&t->arena);
}

static inline uint32_t fact_at(const struct catalogue *cat, const char *id)
{
    int32_t fact = catalogue_find_fact(cat, str_of(id));
    if (fact < 0)
        fail_msg("there is no fact \"%s\"", id);
    return (uint32_t)fact;
}

static const char *const tri_word[] = { [TRI_NO] = "no", [TRI_UNKNOWN] = "unknown", [TRI_YES] = "yes" };

#endif
