/* Which rules bring a difference about.
 *
 * The answers say which rules have fired; conditions are evaluated again to see those that are open. A rule is
 * responsible for a graver verdict when in that catalogue it asks, by itself, for more than the other catalogue's
 * verdict; and so on. What no rule is responsible for comes from facts, techniques, courses or definitions. */
#include "impact/impact_priv.h"

/* ---- rules in pairs --------------------------------------------------------------------------------------- */

static bool same_mods(const struct rule *a, const struct rule *b)
{
    if (a->n_mods != b->n_mods)
        return false;
    for (uint32_t i = 0; i < a->n_mods; i++) {
        const struct mod *x = &a->mods[i], *y = &b->mods[i];
        if (x->kind != y->kind || x->number != y->number || !str_eq(x->option, y->option) || x->place != y->place ||
            memcmp(&x->places, &y->places, sizeof(x->places)) != 0)
            return false;
    }
    return true;
}

/* Techniques may stand in another order. */
static bool same_targets(const struct impact *im, uint64_t a, uint64_t b)
{
    const struct catalogue *base = im->side[BASE].cat, *draft = im->side[DRAFT].cat;
    if (__builtin_popcountll(a) != __builtin_popcountll(b))
        return false;
    for (uint32_t t = 0; t < base->n_techniques; t++) {
        int32_t other = a >> t & 1 ? catalogue_find_technique(draft, base->techniques[t].code) : 0;
        if (a >> t & 1 && (other < 0 || !(b >> other & 1)))
            return false;
    }
    return true;
}

static bool same_acts(const struct impact *im, const struct rule *a, const struct rule *b)
{
    bool same = a->effect == b->effect && a->disposition == b->disposition && a->hold == b->hold &&
                a->acute == b->acute && a->scope == b->scope && a->clearable_by == b->clearable_by &&
                a->cleared_effect == b->cleared_effect && a->clearance_ids.n == b->clearance_ids.n &&
                memcmp(&a->regions, &b->regions, sizeof(a->regions)) == 0;
    for (size_t i = 0; same && i < a->clearance_ids.n; i++)
        same = str_eq(a->clearance_ids.at[i], b->clearance_ids.at[i]);
    return same && same_mods(a, b) && same_targets(im, a->targets, b->targets) &&
           same_targets(im, a->nothing_left, b->nothing_left);
}

/* As it is served, behind the digest of the catalogue that it comes from. */
static struct str text_of(const struct catalogue *cat, const struct rule *r)
{
    const char *digest = memmem(r->resource.p, r->resource.n, cat->digest, DIGEST_TEXT_LEN);
    size_t before = digest ? (size_t)(digest - r->resource.p) + DIGEST_TEXT_LEN : 0;
    return (struct str){ r->resource.p + before, r->resource.n - before };
}

static void add_pair(struct impact *im, int32_t base, int32_t draft)
{
    struct pair *p = &im->pairs[im->n_pairs];
    *p = (struct pair){ .at = { base, draft }, .fate = base < 0 ? RULE_NEW : draft < 0 ? RULE_GONE : RULE_AS_BEFORE };
    if (base >= 0)
        im->pair_of[BASE][base] = (int32_t)im->n_pairs;
    if (draft >= 0)
        im->pair_of[DRAFT][draft] = (int32_t)im->n_pairs;
    im->n_pairs++;
    if (p->fate != RULE_AS_BEFORE)
        return;
    const struct rule *a = &im->side[BASE].cat->rules[base], *b = &im->side[DRAFT].cat->rules[draft];
    p->same_acts = same_acts(im, a, b);
    if (!str_eq(text_of(im->side[BASE].cat, a), text_of(im->side[DRAFT].cat, b)))
        p->fate = RULE_CHANGED;
}

/* In the base's order, then those that only the draft has. */
bool pair_rules(struct impact *im)
{
    const struct catalogue *base = im->side[BASE].cat, *draft = im->side[DRAFT].cat;
    im->pairs = ARENA_ARRAY(&im->arena, struct pair, (size_t)base->n_rules + draft->n_rules);
    im->pair_of[BASE] = ARENA_ARRAY(&im->arena, int32_t, base->n_rules);
    im->pair_of[DRAFT] = ARENA_ARRAY(&im->arena, int32_t, draft->n_rules);
    if (!im->pairs || !im->pair_of[BASE] || !im->pair_of[DRAFT])
        return false;
    for (uint32_t r = 0; r < base->n_rules; r++)
        add_pair(im, (int32_t)r, catalogue_find_rule(draft, base->rules[r].id));
    for (uint32_t r = 0; r < draft->n_rules; r++)
        if (catalogue_find_rule(base, draft->rules[r].id) < 0)
            add_pair(im, NOT_GIVEN, (int32_t)r);
    for (int way = 0; way < DIRECTION_COUNT_; way++)
        im->responsible[way] = ARENA_ARRAY(&im->arena, uint8_t, im->n_pairs);
    return !im->arena.exhausted;
}

/* ---- what a rule asks for by itself ----------------------------------------------------------------------- */

static enum verdict floor_under(int disposition)
{
    return disposition >= DISPOSITION_DO_NOT_TREAT         ? VERDICT_NOT_ALLOWED
           : disposition == DISPOSITION_CLEARANCE_REQUIRED ? VERDICT_CLEARANCE_REQUIRED
                                                           : VERDICT_ALLOWED;
}

/* NULL: the side does not have the rule, or it says nothing of this request. */
static const struct rule *acting(const struct half *s, int32_t at, enum tri at_least)
{
    return at >= 0 && s->state[at] >= at_least ? &s->cat->rules[at] : NULL;
}

static bool is_cleared(const struct half *s, const struct rule *r)
{
    const struct warning *w = warning_of(&s->d, r->id);
    return w && w->cleared;
}

/* Of a technique; `at_worst`: open counts as fired. */
static enum verdict verdict_by(const struct half *s, int32_t at, struct str technique, bool at_worst)
{
    const struct rule *r = acting(s, at, TRI_UNKNOWN);
    int32_t t = catalogue_find_technique(s->cat, technique);
    if (!r || t < 0)
        return VERDICT_ALLOWED;
    bool concerned = r->targets >> t & 1;
    if (s->state[at] == TRI_UNKNOWN && !at_worst)
        return r->hold && (concerned || r->disposition != NOT_GIVEN) ? VERDICT_NEEDS_ANSWERS : VERDICT_ALLOWED;
    if (is_cleared(s, r))
        return concerned ? r->cleared_effect : VERDICT_ALLOWED;
    enum verdict v = concerned ? r->effect : VERDICT_ALLOWED, floor = floor_under(r->disposition);
    enum verdict raised = r->clearable_by == NOT_GIVEN ? VERDICT_NOT_ALLOWED : VERDICT_CLEARANCE_REQUIRED;
    if (r->nothing_left >> t & 1 && raised > v)
        v = raised;
    return floor > v ? floor : v;
}

static int disposition_by(const struct half *s, int32_t at)
{
    const struct rule *r = acting(s, at, TRI_UNKNOWN);
    if (!r || r->disposition == NOT_GIVEN)
        return DISPOSITION_PROCEED;
    if (s->state[at] == TRI_UNKNOWN)
        return r->hold ? DISPOSITION_NEEDS_ANSWERS : DISPOSITION_PROCEED;
    return is_cleared(s, r) ? DISPOSITION_PROCEED_MODIFIED : r->disposition;
}

/* ---- who is responsible ----------------------------------------------------------------------------------- */

/* Does the rule do something else to this request than in the other catalogue? */
static bool acts_otherwise(const struct impact *im, const struct pair *p)
{
    if (p->at[BASE] < 0 || p->at[DRAFT] < 0)
        return true;
    const struct half *b = &im->side[BASE], *d = &im->side[DRAFT];
    const struct str id = b->cat->rules[p->at[BASE]].id;
    const struct warning *x = warning_of(&b->d, id), *y = warning_of(&d->d, id);
    return !p->same_acts || b->state[p->at[BASE]] != d->state[p->at[DRAFT]] || !x != !y ||
           (x && (x->cleared != y->cleared || memcmp(&x->places, &y->places, sizeof(x->places)) != 0));
}

static bool modifies(const struct half *s, int32_t at, const struct change *c)
{
    const struct rule *r = acting(s, at, TRI_YES);
    int32_t t = catalogue_find_technique(s->cat, c->technique);
    if (!r || t < 0 || !(r->targets >> t & 1))
        return false;
    for (uint32_t i = 0; i < r->n_mods; i++)
        if (str_eq(mod_table[r->mods[i].kind].name, c->item))
            return true;
    return false;
}

static int lower_rank(const struct vocabulary *words, const struct change *c)
{
    int from = vocabulary_find(words, c->from), to = vocabulary_find(words, c->to);
    return from < to ? from : to;
}

struct looked_for {
    const struct catalogue *cat;
    struct str fact;
    bool found;
};

/* An umbrella is asked in place of what it covers. */
static void look_for(void *to, struct ask ask)
{
    struct looked_for *l = to;
    if (ask.fact < 0) {
        l->found |= str_eq(l->fact, ask.fact == ASK_SEX ? STR("sex") : STR("pain_max"));
        return;
    }
    const struct fact_list *up = &l->cat->facts[ask.fact].up;
    for (uint32_t i = 0; i < up->n; i++)
        l->found |= str_eq(l->cat->facts[up->at[i]].id, l->fact);
}

static bool asks_about(const struct half *s, int32_t at, struct str item)
{
    const struct rule *r = acting(s, at, TRI_UNKNOWN);
    const char *dot = memchr(item.p, '.', item.n);
    struct looked_for l = { s->cat, { item.p, dot ? (size_t)(dot - item.p) : item.n }, false };
    struct view v = { .in = &s->in };
    if (r && s->state[at] == TRI_UNKNOWN)
        cond_asks(&v, r->when, look_for, &l);
    return l.found;
}

/* In the catalogue whose answer is the graver one; of what is neither, in both. */
static bool is_responsible(const struct impact *im, const struct pair *p, const struct change *c)
{
    int graver = c->direction == DIRECTION_GRAVER ? DRAFT : BASE;
    const struct half *s = &im->side[graver], *other = &im->side[1 - graver];
    int32_t at = p->at[graver], mine;
    bool at_worst;
    switch (c->aspect) {
    case ASPECT_VERDICT:
    case ASPECT_COULD_BECOME:
        at_worst = c->aspect == ASPECT_COULD_BECOME;
        mine = (int)verdict_by(s, at, c->technique, at_worst);
        return mine > lower_rank(&verdict_vocabulary, c) &&
               mine > (int)verdict_by(other, p->at[1 - graver], c->technique, at_worst);
    case ASPECT_DISPOSITION:
        mine = disposition_by(s, at);
        return mine > lower_rank(&disposition_vocabulary, c) && mine > disposition_by(other, p->at[1 - graver]);
    case ASPECT_MODIFICATIONS:
        return acts_otherwise(im, p) &&
               (modifies(s, at, c) || (c->direction == DIRECTION_OTHER && modifies(&im->side[DRAFT], p->at[DRAFT], c)));
    case ASPECT_QUESTIONS:
        return acts_otherwise(im, p) && (asks_about(&im->side[BASE], p->at[BASE], c->item) ||
                                         asks_about(&im->side[DRAFT], p->at[DRAFT], c->item));
    case ASPECT_BOOKING:
    case ASPECT_COURSE:
    case ASPECT_WARNINGS:
    case ASPECT_REQUEST:
    case ASPECT_COUNT_:
        break;
    }
    return false;
}

static void add_found(struct impact *im, const struct change *c, int32_t pair)
{
    im->oom |= !VEC_PUSH(&im->scratch, &im->found, (struct found){ *c, pair });
}

static int32_t pair_named(const struct impact *im, struct str id)
{
    for (int side = 0; side < SIDES; side++) {
        int32_t at = catalogue_find_rule(im->side[side].cat, id);
        if (at >= 0)
            return im->pair_of[side][at];
    }
    return NO_PAIR;
}

/* A booking follows the disposition where that moves the same way, else the verdicts; a course, and what is no longer
 * asked, follows anything. */
static bool follows(const struct impact *im, const struct change *c, uint32_t pair, bool disposition_moved)
{
    if (c->aspect == ASPECT_BOOKING)
        return im->responsible[c->direction][pair] > disposition_moved;
    return im->responsible[DIRECTION_MILDER][pair] || im->responsible[DIRECTION_GRAVER][pair] ||
           im->responsible[DIRECTION_OTHER][pair];
}

static bool disposition_moved(const struct impact *im, enum direction way)
{
    for (uint32_t i = 0; i < im->n_pairs; i++)
        if (im->responsible[way][i] == 2)
            return true;
    return false;
}

/* The others follow from what these say. */
static bool comes_first(const struct change *c)
{
    return c->aspect != ASPECT_BOOKING && c->aspect != ASPECT_COURSE && c->aspect != ASPECT_QUESTIONS;
}

static void attribute_one(struct impact *im, const struct change *c)
{
    uint32_t before = im->found.n;
    if (c->aspect == ASPECT_WARNINGS || c->aspect == ASPECT_REQUEST) {
        add_found(im, c, c->aspect == ASPECT_WARNINGS ? pair_named(im, c->item) : NO_PAIR);
        return;
    }
    for (uint32_t i = 0; i < im->n_pairs; i++) {
        if (!is_responsible(im, &im->pairs[i], c))
            continue;
        uint8_t part = c->aspect == ASPECT_QUESTIONS ? 0 : c->aspect == ASPECT_DISPOSITION ? 2 : 1;
        if (part > im->responsible[c->direction][i])
            im->responsible[c->direction][i] = part;
        add_found(im, c, (int32_t)i);
    }
    bool may_follow = im->found.n == before && !comes_first(c);
    bool moved = may_follow && disposition_moved(im, c->direction);
    for (uint32_t i = 0; may_follow && i < im->n_pairs; i++)
        if (follows(im, c, i, moved))
            add_found(im, c, (int32_t)i);
    if (im->found.n == before)
        add_found(im, c, NO_PAIR);
}

void attribute(struct impact *im)
{
    for (int way = 0; way < DIRECTION_COUNT_; way++)
        memset(im->responsible[way], 0, im->n_pairs);
    im->found.at = NULL;
    im->found.n = im->found.room = 0;
    for (int pass = 0; pass < 2; pass++)
        for (uint32_t i = 0; i < im->changes.n; i++)
            if (comes_first(&im->changes.at[i]) == (pass == 0))
                attribute_one(im, &im->changes.at[i]);
}
