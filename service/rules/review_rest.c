/* The review of courses, facts, texts and evidence. */
#include "rules/review_priv.h"

/* ---- courses ---------------------------------------------------------------------------------------------- */

static struct reading course_reading(const struct course *c)
{
    return (struct reading){ c->when, c->when.names_region ? c->when.regions : ALL_REGIONS };
}

static struct review_item of_course(const struct course *c, struct str other)
{
    return (struct review_item){ "course", c->id, other };
}

static bool always_with(struct review_job *j, const struct course *c, struct cond other, struct str id)
{
    struct reading b = reading_of(other);
    return review_sure(j, reading_implies(j->sat, course_reading(c), &b, 1), of_course(c, id),
                       "whether it matches only with");
}

/* By any one of higher priority, or by all of them together; `higher` has room for all courses. */
static void review_rank(struct review_job *j, const struct course *c, struct reading *higher)
{
    const struct catalogue *cat = j->cat;
    size_t n = 0;
    for (uint32_t i = 0; i < cat->n_courses; i++) {
        const struct course *o = &cat->courses[i];
        if (o->priority <= c->priority)
            continue;
        higher[n++] = course_reading(o);
        if (reading_implies(j->sat, course_reading(c), &higher[n - 1], 1) != SAT_YES)
            continue;
        review_add(j, REVIEW_COURSE_OUTRANKED, of_course(c, o->id), "give it a higher priority, or take it out",
                   "matches only where %.*s does, which comes before it", STR_ARGS(o->id));
        return;
    }
    const struct review_item item = of_course(c, (struct str){ NULL, 0 });
    if (n && review_sure(j, reading_implies(j->sat, course_reading(c), higher, n), item, "whether it is ever chosen"))
        review_add(j, REVIEW_COURSE_OUTRANKED, item, "give it a higher priority, or take it out",
                   "matches only where one of higher priority does");
}

/* What always holds where the course matches: that there is no course, and which techniques are out of it. */
static void review_offer(struct review_job *j, const struct course *c)
{
    const struct catalogue *cat = j->cat;
    uint64_t usable = 0;
    for (uint32_t i = 0; i < c->n_techniques; i++)
        usable |= UINT64_C(1) << c->techniques[i];
    usable &= cat->offered;
    for (uint32_t i = 0; i < cat->n_adjustments; i++) {
        const struct adjustment *a = &cat->adjustments[i];
        uint64_t out = a->drop | (a->allow ? ~a->allow : 0);
        if ((!a->no_course && !(usable & out)) || !always_with(j, c, a->when, a->id))
            continue;
        usable &= ~out;
        if (a->no_course)
            review_add(j, REVIEW_COURSE_RULED_OUT, of_course(c, a->id), "take it out, or narrow the other",
                       "%.*s rules a course out wherever it matches", STR_ARGS(a->id));
    }
    for (uint32_t i = 0; i < cat->n_rules; i++) {
        const struct rule *r = &cat->rules[i];
        bool stops = r->disposition >= DISPOSITION_NEEDS_ANSWERS;
        uint64_t out = r->effect > VERDICT_MODIFIED ? r->targets : 0;
        if (r->clearable_by != NOT_GIVEN || (!stops && !(usable & out)) || !always_with(j, c, r->when, r->id))
            continue;
        usable &= ~out;
        if (stops)
            review_add(j, REVIEW_COURSE_RULED_OUT, of_course(c, r->id), "take it out, or narrow the other",
                       "%.*s fires wherever it matches, and leaves no course", STR_ARGS(r->id));
    }
    if (!usable)
        review_add(j, REVIEW_COURSE_WITHOUT_TECHNIQUE, of_course(c, (struct str){ NULL, 0 }),
                   "add a technique that can be used", "wherever it matches, none of its techniques can be used");
}

static void review_adjustments(struct review_job *j)
{
    const struct catalogue *cat = j->cat;
    for (uint32_t i = 0; i < cat->n_adjustments; i++) {
        const struct adjustment *a = &cat->adjustments[i];
        const struct review_item item = { "adjustment", a->id, { NULL, 0 } };
        enum sat possible = reading_possible(j->sat, reading_of(a->when));
        if (possible == SAT_NO)
            review_add(j, REVIEW_ADJUSTMENT_NEVER_MATCHES, item, "mend its condition",
                       "no request makes its condition true");
        (void)(possible == SAT_NOT_DECIDED && review_sure(j, possible, item, "whether it can match"));
        if (a->no_course && !a->reason.p)
            review_add(j, REVIEW_TEXT_MISSING, item, "give a reason", "it rules a course out and does not say why");
    }
}

static void review_replans(struct review_job *j)
{
    const struct catalogue *cat = j->cat;
    for (uint32_t i = 0; i < cat->n_replans; i++) {
        const struct replan_rule *r = &cat->replans[i];
        struct review_item item = { "re-planning", r->id, { NULL, 0 } };
        if (reading_possible(j->sat, reading_of(r->when)) == SAT_NO) {
            review_add(j, REVIEW_REPLAN_NEVER_DECIDES, item, "mend its condition",
                       "no course of sessions makes its condition true");
            continue;
        }
        for (uint32_t k = 0; r->decides && k < i; k++) {
            const struct replan_rule *first = &cat->replans[k];
            struct reading b = reading_of(first->when);
            item.other = first->id;
            if (first->decides && review_sure(j, reading_implies(j->sat, reading_of(r->when), &b, 1), item,
                                              "whether it decides only where none is left by")) {
                review_add(j, REVIEW_REPLAN_NEVER_DECIDES, item, "put it before the other, or take it out",
                           "is true only where %.*s is, which comes before it", STR_ARGS(first->id));
                break;
            }
        }
    }
}

void review_courses(struct review_job *j)
{
    const struct catalogue *cat = j->cat;
    struct reading *higher = ARENA_ARRAY(j->arena, struct reading, cat->n_courses);
    j->oom |= !higher;
    for (uint32_t i = 0; higher && i < cat->n_courses; i++) {
        if (!satisfier_works(j->sat, (uint64_t)cat->n_courses + cat->n_rules))
            break;
        const struct course *c = &cat->courses[i];
        const struct review_item item = of_course(c, (struct str){ NULL, 0 });
        enum sat possible = reading_possible(j->sat, course_reading(c));
        (void)(possible == SAT_NOT_DECIDED && review_sure(j, possible, item, "whether it can match"));
        if (possible == SAT_NO) {
            review_add(j, REVIEW_COURSE_NEVER_MATCHES, item, "mend its condition",
                       "no request makes its condition true");
            continue;
        }
        review_rank(j, c, higher);
        review_offer(j, c);
    }
    review_adjustments(j);
    review_replans(j);
}

/* ---- facts ------------------------------------------------------------------------------------------------ */

enum { READ = 1, READ_BY_HOLD = 2 };

static void mark_read(const struct catalogue *cat, struct cond c, uint8_t how, uint8_t *read)
{
    const struct cond_pool *pool = &cat->pool;
    for (uint32_t i = c.terms; i < c.terms + c.n_terms; i++) {
        const struct term *t = &pool->terms[i];
        for (uint16_t k = 0; k < t->n_needs; k++)
            read[pool->needs[t->needs + k].fact] |= how;
        for (uint16_t k = 0; k < t->n_absents; k++)
            read[pool->absents[t->absents + k]] |= how;
    }
}

static uint8_t *facts_read(struct review_job *j)
{
    const struct catalogue *cat = j->cat;
    uint8_t *read = ARENA_ARRAY(j->arena, uint8_t, cat->n_facts);
    j->oom |= !read;
    if (!read)
        return NULL;
    for (uint32_t i = 0; i < cat->n_rules; i++)
        mark_read(cat, cat->rules[i].when, cat->rules[i].hold ? READ | READ_BY_HOLD : READ, read);
    for (uint32_t i = 0; i < cat->n_courses; i++)
        mark_read(cat, cat->courses[i].when, READ, read);
    for (uint32_t i = 0; i < cat->n_adjustments; i++) {
        const struct adjustment *a = &cat->adjustments[i];
        mark_read(cat, a->when, READ, read);
        for (uint32_t k = 0; k < a->unless_chronic_with.n; k++)
            read[a->unless_chronic_with.at[k]] |= READ;
        for (uint32_t k = 0; k < a->unless_clearance_for.n; k++)
            read[a->unless_clearance_for.at[k]] |= READ;
    }
    for (uint32_t i = 0; i < cat->n_replans; i++)
        mark_read(cat, cat->replans[i].when, READ, read);
    for (uint32_t i = 0; i < cat->n_techniques; i++)
        if (cat->techniques[i].has_offer_when)
            mark_read(cat, cat->techniques[i].offer_when, READ, read);
    if (cat->definitions.stop_lifted_fact != FACT_NONE)
        read[cat->definitions.stop_lifted_fact] |= READ;
    return read;
}

/* Is it read, or what it brings with it, or what a "no" to it rules out? */
static bool of_use(const struct fact *f, const uint8_t *read)
{
    for (uint32_t i = 0; i < f->up.n; i++)
        if (read[f->up.at[i]])
            return true;
    for (uint32_t i = 0; i < f->covers.n; i++)
        if (read[f->covers.at[i]])
            return true;
    return false;
}

void review_facts(struct review_job *j)
{
    const struct catalogue *cat = j->cat;
    const uint8_t *read = facts_read(j);
    for (uint32_t i = 0; read && i < cat->n_facts; i++) {
        const struct fact *f = &cat->facts[i];
        const struct review_item item = { "fact", f->id, { NULL, 0 } };
        if (f->gate && !(read[i] & READ_BY_HOLD))
            review_add(j, REVIEW_GATE_UNREAD, item, "write a rule that holds while it is open, or make it no gate",
                       "is a gate, and no rule waits for its answer");
        if (!f->clearance_only && !of_use(f, read))
            review_add(j, REVIEW_FACT_UNREAD, item, "read it in a rule, or take it out",
                       "is asked, and no answer to it changes anything");
        if (f->has_ask_if && reading_possible(j->sat, reading_of(f->ask_if)) == SAT_NO)
            review_add(j, REVIEW_NEVER_ASKED, item, "mend its ask_if", "no request makes its ask_if true");
    }
    for (uint32_t i = 0; i < cat->n_techniques; i++)
        if (cat->techniques[i].has_offer_when &&
            reading_possible(j->sat, reading_of(cat->techniques[i].offer_when)) == SAT_NO)
            review_add(j, REVIEW_TECHNIQUE_NEVER_OFFERED,
                       (struct review_item){ "technique", cat->techniques[i].code, { NULL, 0 } }, "mend its offer_when",
                       "no request makes its offer_when true");
}

/* ---- texts and evidence ----------------------------------------------------------------------------------- */

static void review_sources(struct review_job *j, struct review_item item, const struct source *sources, uint32_t n)
{
    bool read = false;
    for (uint32_t i = 0; i < n; i++) {
        const struct evidence_item *e = catalogue_find_evidence(j->cat, sources[i].id);
        read |= e && !e->recalled;
    }
    if (!read) /* none at all is a fault */
        review_add(j, REVIEW_EVIDENCE_RECALLED, item, "read one of its sources, or cite one that was read",
                   "rests only on sources that nobody has read for this catalogue");
}

static void review_languages(struct review_job *j)
{
    const struct catalogue *cat = j->cat;
    for (uint32_t l = 1; l < cat->n_languages; l++)
        for (uint32_t i = 0; i < cat->n_techniques; i++)
            if (cat->offered >> i & 1 &&
                cat->languages[l].techniques[i].name.p == cat->languages[0].techniques[i].name.p)
                review_add(j, REVIEW_TEXT_MISSING,
                           (struct review_item){ "technique", cat->techniques[i].code, cat->languages[l].tag },
                           "translate it", "has no name in %.*s", STR_ARGS(cat->languages[l].tag));
}

void review_texts(struct review_job *j)
{
    const struct catalogue *cat = j->cat;
    const struct str none = { NULL, 0 };
    for (uint32_t i = 0; i < cat->n_rules; i++)
        review_sources(j, (struct review_item){ "rule", cat->rules[i].id, none }, cat->rules[i].evidence,
                       cat->rules[i].n_evidence);
    for (uint32_t i = 0; i < cat->n_courses; i++)
        review_sources(j, of_course(&cat->courses[i], none), cat->courses[i].evidence, cat->courses[i].n_evidence);
    for (uint32_t i = 0; i < cat->n_evidence_ids; i++)
        if (!cat->evidence[i].alias && !cat->evidence[i].cited)
            review_add(j, REVIEW_EVIDENCE_UNCITED, (struct review_item){ "source", cat->evidence[i].id, none },
                       "cite it, or take it out", "nothing cites it");
    review_languages(j);
}
