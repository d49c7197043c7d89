/* The review of rules: those that never fire, those that another makes idle, and what they say twice or for nothing. */
#include "rules/review_priv.h"

static struct review_item item_of(const struct rule *r, const struct rule *other)
{
    return (struct review_item){ "rule", r->id, other ? other->id : (struct str){ NULL, 0 } };
}

/* ---- one rule --------------------------------------------------------------------------------------------- */

static bool same_modification(const struct mod *a, const struct mod *b)
{
    if (a->kind != b->kind)
        return false;
    if (mod_table[a->kind].type == MOD_OPTION)
        return a->option_index == b->option_index;
    if (mod_table[a->kind].type != MOD_PLACE)
        return true; /* a number or a flag: once is enough, and twice is a riddle */
    return a->place == b->place && memcmp(&a->places, &b->places, sizeof(a->places)) == 0;
}

static void review_modifications(struct review_job *j, const struct rule *r)
{
    for (uint32_t i = 0; i < r->n_mods; i++)
        for (uint32_t k = 0; k < i; k++)
            if (same_modification(&r->mods[i], &r->mods[k]))
                review_add(j, REVIEW_MODIFICATION_TWICE, item_of(r, NULL), "keep one", "%.*s stands twice",
                           STR_ARGS(mod_table[r->mods[i].kind].name));
    if (r->n_mods && r->effect == VERDICT_NOT_ALLOWED)
        review_add(j, REVIEW_MODIFICATION_UNUSED, item_of(r, NULL), "leave the modifications out",
                   "what is not allowed is never modified");
    uint64_t none = r->scope == RULE_SYSTEMIC ? r->nothing_left : r->nothing_left_placed;
    enum verdict raised = r->clearable_by == NOT_GIVEN ? VERDICT_NOT_ALLOWED : VERDICT_CLEARANCE_REQUIRED;
    if (r->targets && !(r->targets & ~none) && r->effect < raised)
        review_add(j, REVIEW_NOTHING_LEFT, item_of(r, NULL), "forbid the techniques, or take less from them",
                   "its modifications leave nothing of any technique it is about");
}

/* ---- two rules -------------------------------------------------------------------------------------------- */

static enum verdict raised_to(const struct rule *r)
{
    return r->clearable_by == NOT_GIVEN ? VERDICT_NOT_ALLOWED : VERDICT_CLEARANCE_REQUIRED;
}

static bool same_facts(const struct fact_list *a, const struct fact_list *b)
{
    for (uint32_t i = 0; i < a->n; i++) {
        uint32_t k = 0;
        while (k < b->n && b->at[k] != a->at[i])
            k++;
        if (k == b->n)
            return false;
    }
    return a->n == b->n;
}

/* Whatever lifts `over` lifts `r` as well, to no more than what is left of `over`. */
static bool lifted_alike(const struct rule *r, const struct rule *over)
{
    if (over->clearable_by == NOT_GIVEN)
        return true;
    return r->clearable_by == over->clearable_by && r->acute == over->acute &&
           same_facts(&r->clearance_for, &over->clearance_for) && r->cleared_effect <= over->cleared_effect &&
           (r->disposition == NOT_GIVEN || over->disposition != NOT_GIVEN);
}

static bool holds_where(const struct rule *r, const struct rule *over)
{
    if (over->scope == RULE_SYSTEMIC)
        return true;
    return r->scope == RULE_REGIONS && over->scope == RULE_REGIONS && places_within(&r->regions, &over->regions);
}

static bool says_as_much(const struct rule *r, const struct mod *m, const struct rule *over)
{
    struct places listed = { 0 };
    for (uint32_t i = 0; i < over->n_mods; i++) {
        const struct mod *o = &over->mods[i];
        if (o->kind != m->kind)
            continue;
        if (mod_table[m->kind].type == MOD_PLACE && o->place == MOD_PLACE_LISTED)
            places_join(&listed, &o->places);
        bool strict = mod_table[m->kind].type == MOD_NUMBER   ? o->number <= m->number
                      : mod_table[m->kind].type == MOD_OPTION ? o->option_index == m->option_index
                                                              : mod_table[m->kind].type == MOD_FLAG;
        if (strict && (!mod_table[m->kind].part || holds_where(r, over)))
            return true;
    }
    return mod_table[m->kind].type == MOD_PLACE && m->place == MOD_PLACE_LISTED && places_within(&m->places, &listed);
}

/* Where both have fired, `r` changes nothing of what `over` does: no verdict, disposition or modification. */
static bool changes_nothing_beside(const struct rule *r, const struct rule *over)
{
    if (r->targets & ~over->targets || r->effect > over->effect || r->disposition > over->disposition ||
        r->severity > over->severity || (r->hold && !over->hold) || !lifted_alike(r, over))
        return false;
    bool forbids = over->effect == VERDICT_NOT_ALLOWED;
    if (r->bans_where_found && !(forbids && over->disposition >= DISPOSITION_DO_NOT_TREAT))
        return false; /* a ban whose place is not known may forbid, or hold */
    if (r->nothing_left && raised_to(r) > over->effect)
        return false;
    for (uint32_t i = 0; !forbids && i < r->n_mods; i++)
        if (!says_as_much(r, &r->mods[i], over))
            return false;
    return true;
}

static bool caps_differ(const struct rule *a, const struct rule *b)
{
    for (uint32_t i = 0; i < a->n_mods; i++)
        for (uint32_t k = 0; k < b->n_mods; k++)
            if (a->mods[i].kind == b->mods[k].kind && mod_table[a->mods[i].kind].type == MOD_NUMBER &&
                a->mods[i].number != b->mods[k].number)
                return true;
    return false;
}

static bool same_place(const struct rule *a, const struct rule *b)
{
    return a->scope == b->scope && memcmp(&a->regions, &b->regions, sizeof(a->regions)) == 0;
}

/* Two rules of one condition and one place with different bounds, of which not one is lifted and the other stays. */
static void review_twins(struct review_job *j, const struct rule *r, const struct rule *earlier)
{
    if (!(r->targets & earlier->targets) || !same_place(r, earlier) || !caps_differ(r, earlier) ||
        r->clearable_by != earlier->clearable_by || !same_facts(&r->clearance_for, &earlier->clearance_for))
        return;
    struct reading a = reading_of(r->when), b = reading_of(earlier->when);
    if (review_sure(j, reading_implies(j->sat, a, &b, 1), item_of(r, earlier), "whether it fires with") &&
        review_sure(j, reading_implies(j->sat, b, &a, 1), item_of(earlier, r), "whether it fires with"))
        review_add(j, REVIEW_CAPS_DIFFER, item_of(r, earlier), "keep the lower one, in one rule",
                   "fires whenever %.*s does, for the same techniques and place, with another bound",
                   STR_ARGS(earlier->id));
}

/* The first rule that makes `r` idle. */
static void review_shadow(struct review_job *j, uint32_t at)
{
    const struct rule *r = &j->cat->rules[at];
    for (uint32_t i = 0; i < j->cat->n_rules; i++) {
        const struct rule *over = &j->cat->rules[i];
        if (i == at || !changes_nothing_beside(r, over))
            continue;
        if (i > at && changes_nothing_beside(over, r))
            continue; /* of two that are the same, the later one is idle */
        struct reading b = reading_of(over->when);
        enum sat implied = reading_implies(j->sat, reading_of(r->when), &b, 1);
        if (!review_sure(j, implied, item_of(r, over), "whether it fires only with"))
            continue;
        review_add(j, REVIEW_RULE_SHADOWED, item_of(r, over), "take it out, or narrow the other",
                   "fires only together with %.*s, which does all that it does", STR_ARGS(over->id));
        return;
    }
}

void review_rules(struct review_job *j)
{
    const struct catalogue *cat = j->cat;
    for (uint32_t i = 0; i < cat->n_rules; i++) {
        const struct rule *r = &cat->rules[i];
        review_modifications(j, r);
        if (!satisfier_works(j->sat, 2 * (uint64_t)cat->n_rules))
            continue;
        enum sat possible = reading_possible(j->sat, reading_of(r->when));
        if (possible == SAT_NOT_DECIDED)
            (void)review_sure(j, possible, item_of(r, NULL), "whether it can fire");
        if (possible == SAT_NO) {
            review_add(j, REVIEW_RULE_NEVER_FIRES, item_of(r, NULL), "mend its condition",
                       "no request makes its condition true");
            continue;
        }
        review_shadow(j, i);
        for (uint32_t k = 0; k < i; k++) {
            review_twins(j, r, &cat->rules[k]);
            if (str_eq(r->message, cat->rules[k].message) && !str_eq(r->action, cat->rules[k].action))
                review_add(j, REVIEW_MESSAGE_TWICE, item_of(r, &cat->rules[k]), "say what differs",
                           "has the message of %.*s and another action", STR_ARGS(cat->rules[k].id));
        }
    }
}

/* ---- clearances ------------------------------------------------------------------------------------------- */

static bool condition_reads(const struct catalogue *cat, struct cond c, uint32_t fact)
{
    const struct cond_pool *pool = &cat->pool;
    for (uint32_t i = c.terms; i < c.terms + c.n_terms; i++) {
        const struct term *t = &pool->terms[i];
        for (uint16_t k = 0; k < t->n_needs; k++)
            if (pool->needs[t->needs + k].fact == fact)
                return true;
        for (uint16_t k = 0; k < t->n_absents; k++)
            if (pool->absents[t->absents + k] == fact)
                return true;
    }
    return false;
}

static bool lists(const struct fact_list *l, uint32_t fact)
{
    for (uint32_t i = 0; i < l->n; i++)
        if (l->at[i] == fact)
            return true;
    return false;
}

/* A rule that fires by none of the facts that clearances name is lifted by any of them (S9.3). That is meant for age,
 * pain and consent, not for another condition that nobody has cleared. */
static void review_width(struct review_job *j, const struct rule *r)
{
    const struct cond_pool *pool = &j->cat->pool;
    for (uint32_t i = 0; i < r->clearance_for.n; i++)
        if (j->cat->facts[r->clearance_for.at[i]].clearance_only)
            return; /* stands for a complaint beside that condition */
    for (uint32_t i = r->when.terms; i < r->when.terms + r->when.n_terms; i++) {
        const struct term *t = &pool->terms[i];
        const struct need *other = NULL;
        bool named = false;
        for (uint16_t k = 0; k < t->n_needs; k++) {
            const struct need *n = &pool->needs[t->needs + k];
            named |= lists(&r->clearance_for, n->fact);
            other = n->triggers ? n : other;
        }
        if (named || !other)
            continue;
        const struct fact *f = &j->cat->facts[other->fact];
        review_add(j, REVIEW_CLEARANCE_TOO_WIDE, (struct review_item){ "rule", r->id, f->id },
                   "add it to clearance_for, or make two rules",
                   "can fire by %.*s alone, and a clearance for something else lifts it then", STR_ARGS(f->id));
        return;
    }
}

static void review_lift(struct review_job *j, const struct rule *r, uint32_t fact)
{
    const struct fact *f = &j->cat->facts[fact];
    struct review_item item = { "rule", r->id, f->id };
    if (!f->clearance_only && !condition_reads(j->cat, r->when, fact))
        review_add(j, REVIEW_CLEARANCE_UNREAD, item, "name a fact that its condition reads",
                   "a clearance for %.*s takes nothing from its condition", STR_ARGS(f->id));
    if (f->has_complaint_regions && f->complaint_regions && r->when.names_region &&
        !(f->complaint_regions & r->when.regions))
        review_add(j, REVIEW_CLEARANCE_ELSEWHERE, item, "name what stands for these complaints",
                   "a clearance for %.*s is about complaints of other regions", STR_ARGS(f->id));
}

static bool clearance_counts(const struct catalogue *cat, uint32_t fact)
{
    bool counts = (int32_t)fact == cat->definitions.stop_lifted_fact;
    for (uint32_t i = 0; i < cat->n_rules && !counts; i++)
        counts = lists(&cat->rules[i].clearance_for, fact);
    for (uint32_t i = 0; i < cat->n_adjustments && !counts; i++)
        counts = lists(&cat->adjustments[i].unless_clearance_for, fact);
    return counts;
}

void review_clearances(struct review_job *j)
{
    const struct catalogue *cat = j->cat;
    for (uint32_t i = 0; i < cat->n_rules; i++) {
        for (uint32_t k = 0; k < cat->rules[i].clearance_for.n; k++)
            review_lift(j, &cat->rules[i], cat->rules[i].clearance_for.at[k]);
        if (cat->rules[i].clearable_by != NOT_GIVEN)
            review_width(j, &cat->rules[i]);
    }
    for (uint32_t i = 0; i < cat->n_facts; i++)
        if (cat->facts[i].clearance_only && !clearance_counts(cat, i))
            review_add(j, REVIEW_CLEARANCE_UNNAMED, (struct review_item){ "fact", cat->facts[i].id, { NULL, 0 } },
                       "name it in a rule, or take it out", "a clearance for it changes nothing");
}
