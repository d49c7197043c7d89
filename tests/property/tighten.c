/* A clinic's overlay can only tighten: overlays of the catalogue's own rules, mutated at random, and requests that meet
 * them. With the overlay nothing is milder than without it, whatever its rules are. */
#include <stdio.h>
#include <stdlib.h>

#include "property.h"

enum { OVERLAY_RULES = 12, SEEDS_AN_OVERLAY = 150 };

/* ---- overlays --------------------------------------------------------------------------------------------- */

static const json_t *any_rule(struct trial *t, struct chance *c)
{
    const json_t *rules = json_object_get(t->document, "rules");
    return json_array_get(rules, roll(c, (uint32_t)json_array_size(rules)));
}

/* Takes a member from another rule, or takes it away. */
static void borrow(struct trial *t, struct chance *c, json_t *rule, const char *member)
{
    json_t *other = json_object_get(any_rule(t, c), member);
    if (other)
        (void)json_object_set(rule, member, other);
    else
        (void)json_object_del(rule, member);
}

static void mutate_when(struct trial *t, struct chance *c, json_t *rule)
{
    json_t *when = json_object_get(rule, "when"), *other = json_object_get(any_rule(t, c), "when");
    uint32_t way = roll(c, 100);
    if (way < 30)
        (void)json_object_set(rule, "when", other);
    else if (way < 50)
        (void)json_object_set_new(rule, "when", json_pack("{s:[O,O]}", "and", when, other));
    else if (way < 65)
        (void)json_object_set_new(rule, "when", json_pack("{s:[O,O]}", "or", when, other));
    else if (way < 72)
        (void)json_object_set_new(rule, "when", json_pack("{s:[O,{s:O}]}", "and", when, "!", other));
}

static void mutate_effect(struct chance *c, json_t *rule)
{
    static const char *const effects[] = { "allowed", "modified", "clearance_required", "not_allowed" };
    static const char *const dispositions[] = { "proceed_modified", "clearance_required", "do_not_treat",
                                                "refer_urgently", "emergency" };
    uint32_t disposition = roll(c, (uint32_t)ARRAY_LEN(dispositions) + 2), effect = roll(c, 4);
    (void)json_object_del(rule, "disposition");
    if (disposition < ARRAY_LEN(dispositions)) {
        (void)json_object_set_new(rule, "disposition", json_string(dispositions[disposition]));
        effect = disposition >= 2 ? 3 : disposition == 1 && effect < 2 ? 2 : effect;
    }
    (void)json_object_set_new(rule, "effect", json_string(effects[effect]));
    (void)json_object_set_new(rule, "if_unknown", json_string(percent(c, 40) ? "hold" : "ask"));
    if (effect == 0)
        (void)json_object_del(rule, "modifications");
}

static void mutate_clearance(struct trial *t, struct chance *c, json_t *rule)
{
    static const char *const members[] = { "clearable_by", "clearance_for", "cleared_effect" };
    const json_t *other = any_rule(t, c);
    for (size_t i = 0; i < ARRAY_LEN(members); i++) {
        json_t *value = json_object_get(other, members[i]);
        if (value)
            (void)json_object_set(rule, members[i], value);
        else
            (void)json_object_del(rule, members[i]);
    }
}

static json_t *any_overlay(struct trial *t, uint64_t variant)
{
    static const char *const plain[] = { "target", "regions", "modifications", "severity", "acute" };
    struct chance c = chance_of(~variant);
    json_t *rules = json_array();
    for (int i = 0; i < OVERLAY_RULES; i++) {
        json_t *rule = json_copy((json_t *)any_rule(t, &c));
        (void)json_object_set_new(rule, "id", json_sprintf("x_%d", i));
        mutate_when(t, &c, rule);
        for (size_t k = 0; k < ARRAY_LEN(plain); k++)
            if (percent(&c, 35))
                borrow(t, &c, rule, plain[k]);
        if (percent(&c, 60))
            mutate_effect(&c, rule);
        if (percent(&c, 50))
            mutate_clearance(t, &c, rule);
        (void)json_array_append_new(rules, rule);
    }
    return json_pack("{s:{s:s,s:s,s:s,s:s}, s:o}", "overlay", "name", "any", "version", "1", "title", "Any", "who",
                     "Nobody", "rules", rules);
}

/* Those that contradict themselves go; what an overlay may not say is counted. */
static size_t drop_faulty(json_t *overlay, const struct faults *faults, size_t *refused)
{
    json_t *rules = json_object_get(overlay, "rules");
    size_t dropped = 0;
    for (size_t i = 0; i < faults->n; i++)
        for (size_t k = json_array_size(rules); k-- > 0;)
            if (str_eq(str_of(json_string_value(json_object_get(json_array_get(rules, k), "id"))),
                       faults->at[i].item)) {
                (void)json_array_remove(rules, k);
                dropped++;
            }
    *refused += dropped;
    return dropped;
}

static enum rc compile_overlay(struct trial *t, json_t *overlay, size_t *refused)
{
    struct arena arena;
    static struct faults faults;
    char *base = json_dumps(t->document, JSON_COMPACT);
    enum rc rc = RC_CATALOGUE_INVALID;
    arena_init(&arena, 0);
    for (bool again = true; again && rc == RC_CATALOGUE_INVALID;) {
        struct source_doc doc = { 0 };
        char *text = json_dumps(overlay, JSON_COMPACT);
        faults_init(&faults, &arena);
        rc = source_load_text(str_of(base), &doc, NULL);
        if (rc == RC_OK)
            rc = overlay_new(&doc, str_of(text), NULL, &t->variant, &faults, NULL);
        again = rc == RC_CATALOGUE_INVALID && drop_faulty(overlay, &faults, refused) > 0;
        source_done(&doc);
        free(text);
    }
    free(base);
    arena_done(&arena);
    return rc;
}

/* t's; NULL after wrong(). */
static const struct catalogue *overlaid(struct trial *t, uint64_t variant)
{
    uint64_t wanted = variant << 1 | UINT64_C(1) << 63; /* no thinned or shuffled one has this */
    size_t refused = 0;
    if (t->variant && t->variant_of == wanted)
        return t->variant;
    people_done(&t->variant_people);
    t->variant_people = (struct people){ .cat = NULL };
    catalogue_unref(t->variant);
    t->variant = NULL;
    json_t *overlay = any_overlay(t, variant);
    enum rc rc = compile_overlay(t, overlay, &refused);
    json_decref(overlay);
    t->variant_of = wanted;
    if (rc != RC_OK || !people_init(&t->variant_people, t->variant)) {
        (void)wrong(t, "the overlay cannot be compiled: %s", rc_name(rc));
        return NULL;
    }
    t->counted[2] += t->variant->n_rules - t->cat->n_rules;
    return t->variant;
}

/* ---- nothing is milder ------------------------------------------------------------------------------------ */

static void note_milder(void *to, const struct change *c)
{
    struct trial *t = to;
    bool modification = c->aspect == ASPECT_MODIFICATIONS && c->direction == DIRECTION_OTHER;
    if (c->direction == DIRECTION_MILDER || modification)
        (void)wrong(t, "with the overlay %s of %.*s %.*s is %.*s, not %.*s", aspect_name(c->aspect),
                    STR_ARGS(c->technique), STR_ARGS(c->item), STR_ARGS(c->to), STR_ARGS(c->from));
}

/* A course is one that the catalogue allows as well. */
static bool course_is_allowed(struct trial *t)
{
    const struct course_plan *plan = t->b.d.course;
    if (!plan)
        return true;
    if (t->a.d.disposition >= DISPOSITION_NEEDS_ANSWERS)
        return wrong(t, "with the overlay there is a course in spite of the disposition");
    if (of_technique(&t->a.d, plan->technique)->verdict > VERDICT_MODIFIED)
        return wrong(t, "with the overlay there is a course of what is not allowed");
    return true;
}

static bool tightens(struct trial *t, const struct catalogue *more, const struct someone *who)
{
    if (!judge(t, who, &t->a) || !judge_by(t, more, &who->s, &t->b))
        return false;
    buf_reset(&t->why);
    if (!compare_decisions(&t->a.d, &t->b.d, &t->b.arena, note_milder, t))
        return wrong(t, "out of memory");
    if (t->why.n)
        return false;
    t->counted[0]++;
    for (size_t i = 0; i < t->a.d.n_techniques; i++)
        if (of_technique(&t->b.d, t->a.d.techniques[i].code)->verdict > t->a.d.techniques[i].verdict) {
            t->counted[1]++;
            break;
        }
    if (could_become_milder(&t->a.d, &t->b.d))
        return wrong(t, "with the overlay something could become milder");
    return nowhere_milder(t, &t->a.d, &t->b.d, "with the overlay") && course_is_allowed(t);
}

static bool overlays(struct trial *t)
{
    const struct catalogue *more = overlaid(t, t->seed / SEEDS_AN_OVERLAY);
    if (!more || !tightens(t, more, &t->who))
        return false;
    if (more->n_rules == t->cat->n_rules)
        return true;
    uint32_t own = t->cat->n_rules + (uint32_t)(t->seed % (more->n_rules - t->cat->n_rules));
    make_someone(&t->variant_people, t->seed, (int32_t)own, &t->other);
    return tightens(t, more, &t->other);
}

const struct property tighten_properties[] = {
    { "tighten/overlays",
      overlays,
      NULL,
      60,
      { { "judged", 1500 }, { "verdicts graver", 150 }, { "rules of overlays", 30 } } },
    { .name = NULL },
};
