/* Judges requests under two catalogues and gathers what changes, in groups. */
#include "impact/impact_priv.h"

#include <stdlib.h>

#include "base/sort.h"

enum { TABLE_START = 1024 };

/* ---- one request under both ------------------------------------------------------------------------------- */

static enum rc judge_under(struct half *s, const struct screening *screening)
{
    arena_reset(&s->arena);
    faults_init(&s->faults, &s->arena);
    enum rc rc = intake_build(s->cat, screening, &s->arena, &s->faults, &s->in);
    s->refused = rc == RC_INVALID_REQUEST;
    if (rc == RC_OK)
        rc = decide(&s->in, &s->arena, &s->d);
    return s->refused ? RC_OK : rc == RC_OK && s->arena.exhausted ? RC_OOM : rc;
}

/* A true rule that does not warn has been opened by a clearance (S9.4). */
static void read_states(struct half *s)
{
    struct view v = { .in = &s->in };
    for (uint32_t r = 0; r < s->cat->n_rules; r++)
        s->state[r] = (uint8_t)cond_eval(&v, s->cat->rules[r].when);
    for (size_t i = 0; s->in.n_clearances && i < s->cat->n_rules; i++)
        if (s->state[i] == TRI_YES && s->cat->rules[i].targets && !warning_of(&s->d, s->cat->rules[i].id))
            s->state[i] = TRI_UNKNOWN;
}

static void note_met(struct half *s)
{
    for (size_t i = 0; !s->refused && i < s->d.n_warnings; i++) {
        int32_t r = catalogue_find_rule(s->cat, s->d.warnings[i].code);
        if (r >= 0)
            s->met[r] = true;
    }
}

static void take_change(void *to, const struct change *c)
{
    struct impact *im = to;
    im->oom |= !VEC_PUSH(&im->scratch, &im->changes, *c);
}

enum rc judge_both(struct impact *im, const struct screening *s)
{
    struct half *base = &im->side[BASE], *draft = &im->side[DRAFT];
    arena_reset(&im->scratch);
    im->changes.at = NULL;
    im->changes.n = im->changes.room = 0;
    im->found.at = NULL;
    im->found.n = im->found.room = 0;
    enum rc rc = judge_under(base, s);
    if (rc == RC_OK)
        rc = judge_under(draft, s);
    if (rc != RC_OK)
        return rc;
    note_met(base);
    note_met(draft);
    if (base->refused != draft->refused)
        take_change(im, &(struct change){ .aspect = ASPECT_REQUEST,
                                          .direction = DIRECTION_OTHER,
                                          .from = base->refused ? STR("refused") : STR("judged"),
                                          .to = base->refused ? STR("judged") : STR("refused") });
    else if (!base->refused)
        im->oom |= !compare_decisions(&base->d, &draft->d, &im->scratch, take_change, im);
    if (im->changes.n && !base->refused && !draft->refused) {
        read_states(base);
        read_states(draft);
    }
    if (im->changes.n)
        attribute(im);
    return im->oom || im->scratch.exhausted ? RC_OOM : RC_OK;
}

/* ---- groups ----------------------------------------------------------------------------------------------- */

bool same_change(const struct change *a, const struct change *b)
{
    return a->aspect == b->aspect && a->direction == b->direction && str_eq(a->technique, b->technique) &&
           str_eq(a->item, b->item) && str_eq(a->from, b->from) && str_eq(a->to, b->to);
}

static uint32_t hash_str(uint32_t h, struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        h = (h ^ (unsigned char)s.p[i]) * 16777619u;
    return (h ^ 0xFFu) * 16777619u;
}

static uint32_t hash_found(const struct found *f)
{
    uint32_t h = 2166136261u;
    h = (h ^ (uint32_t)(f->pair + 1)) * 16777619u;
    h = (h ^ (uint32_t)f->change.aspect * 8 ^ (uint32_t)f->change.direction) * 16777619u;
    h = hash_str(h, f->change.technique);
    h = hash_str(h, f->change.item);
    h = hash_str(h, f->change.from);
    return hash_str(h, f->change.to);
}

static bool grow_table(struct impact *im)
{
    uint32_t size = im->table_size ? im->table_size * 2 : TABLE_START;
    uint32_t *table = ARENA_ARRAY(&im->arena, uint32_t, size);
    if (!table)
        return false;
    for (uint32_t i = 0; i < im->groups.n; i++) {
        uint32_t at = im->groups.at[i]->hash & (size - 1);
        while (table[at])
            at = (at + 1) & (size - 1);
        table[at] = i + 1;
    }
    im->table = table;
    im->table_size = size;
    return true;
}

static struct str kept_str(struct impact *im, struct str s)
{
    return s.p ? arena_str(&im->arena, s) : s;
}

static struct group *new_group(struct impact *im, const struct found *f, uint32_t hash)
{
    struct group *g = ARENA_NEW(&im->arena, struct group);
    if (!g || !VEC_PUSH(&im->arena, &im->groups, g))
        return NULL;
    *g = (struct group){ .g.change = f->change, .pair = f->pair, .hash = hash };
    g->g.change.technique = kept_str(im, f->change.technique);
    g->g.change.item = kept_str(im, f->change.item);
    g->g.change.from = kept_str(im, f->change.from);
    g->g.change.to = kept_str(im, f->change.to);
    if (f->pair != NO_PAIR) {
        const struct pair *p = &im->pairs[f->pair];
        int side = p->at[BASE] >= 0 ? BASE : DRAFT;
        g->g.rule = im->side[side].cat->rules[p->at[side]].id;
        g->g.fate = p->fate;
    }
    return g;
}

/* NULL: out of memory. */
static struct group *group_of(struct impact *im, const struct found *f)
{
    uint32_t hash = hash_found(f);
    if (im->groups.n * 2 >= im->table_size && !grow_table(im))
        return NULL;
    uint32_t at = hash & (im->table_size - 1);
    for (; im->table[at]; at = (at + 1) & (im->table_size - 1)) {
        struct group *g = im->groups.at[im->table[at] - 1];
        if (g->hash == hash && g->pair == f->pair && same_change(&g->g.change, &f->change))
            return g;
    }
    struct group *g = new_group(im, f, hash);
    if (g)
        im->table[at] = im->groups.n;
    return g;
}

static void count_request(struct impact *im, struct impact_count *count)
{
    bool moved[DIRECTION_COUNT_] = { false };
    if (im->side[BASE].refused && im->side[DRAFT].refused)
        count->refused++;
    else
        count->judged++;
    for (uint32_t i = 0; i < im->changes.n; i++)
        moved[im->changes.at[i].direction] = true;
    for (int way = 0; way < DIRECTION_COUNT_; way++)
        count->changed[way] += moved[way];
}

/* ---- requests that are made ------------------------------------------------------------------------------- */

static size_t weight_of(const struct screening *s)
{
    return 1 + s->n_findings + s->n_complaints + s->n_clearances + s->n_progress + s->n_wishes;
}

static enum rc judge_made(struct impact *im, struct origin o)
{
    make_someone(&im->side[o.side].people, o.seed, o.rule, &im->who);
    enum rc rc = judge_both(im, &im->who.s);
    if (rc != RC_OK)
        return rc;
    count_request(im, &im->generated);
    size_t weight = weight_of(&im->who.s);
    for (uint32_t i = 0; i < im->found.n; i++) {
        struct group *g = group_of(im, &im->found.at[i]);
        if (!g)
            return RC_OOM;
        g->g.generated++;
        if (g->weight == 0 || weight < g->weight) {
            g->weight = weight;
            g->smallest = o;
        }
    }
    return RC_OK;
}

/* How many requests meet every rule: any for each catalogue, then some towards each rule not met yet, then more towards
 * those that differ. */
enum { MADE_AT_LEAST = 2000, MADE_A_RULE = 4, TRIES_TO_MEET = 300, MADE_FOR_A_DIFFERENCE = 60, MADE_FOR_ALL = 12000 };

static enum rc meet_any(struct impact *im, int side, uint64_t seed)
{
    enum rc rc = RC_OK;
    size_t n = (size_t)im->side[side].cat->n_rules * MADE_A_RULE;
    n = n < MADE_AT_LEAST ? MADE_AT_LEAST : n > MADE_FOR_ALL ? MADE_FOR_ALL : n;
    for (uint64_t i = 0; rc == RC_OK && i < n; i++)
        rc = judge_made(im, (struct origin){ side, seed + i, ANY_RULE });
    return rc;
}

static enum rc meet_each(struct impact *im, int side, uint64_t seed)
{
    const struct half *s = &im->side[side];
    enum rc rc = RC_OK;
    for (uint32_t r = 0; r < s->cat->n_rules; r++)
        for (uint64_t i = 0; rc == RC_OK && !s->met[r] && s->cat->rules[r].targets && i < TRIES_TO_MEET; i++)
            rc = judge_made(im, (struct origin){ side, seed + i, (int32_t)r });
    return rc;
}

static bool differs(const struct impact *im, int side, uint32_t rule)
{
    return im->pairs[im->pair_of[side][rule]].fate != RULE_AS_BEFORE;
}

static enum rc meet_different(struct impact *im, int side, uint64_t seed)
{
    enum rc rc = RC_OK;
    size_t left = MADE_FOR_ALL;
    for (uint32_t r = 0; r < im->side[side].cat->n_rules; r++)
        for (uint64_t i = 0; rc == RC_OK && differs(im, side, r) && i < MADE_FOR_A_DIFFERENCE && left; i++, left--)
            rc = judge_made(im, (struct origin){ side, seed + TRIES_TO_MEET + i, (int32_t)r });
    return rc;
}

static bool can_make(const struct impact *im, int side)
{
    return im->side[side].cat->n_facts && im->side[side].cat->n_techniques;
}

enum rc impact_generate(struct impact *im, uint64_t seed, size_t n)
{
    enum rc rc = RC_OK;
    for (size_t i = 0; rc == RC_OK && i < n; i++) {
        int side = i % SIDES == 0 ? BASE : DRAFT;
        if (can_make(im, side))
            rc = judge_made(im, (struct origin){ side, seed + i / SIDES, ANY_RULE });
    }
    for (int side = 0; n == 0 && rc == RC_OK && side < SIDES; side++) {
        if (!can_make(im, side))
            continue;
        rc = meet_any(im, side, seed);
        if (rc == RC_OK)
            rc = meet_each(im, side, seed);
        if (rc == RC_OK)
            rc = meet_different(im, side, seed);
    }
    return rc;
}

/* ---- requests that were kept ------------------------------------------------------------------------------ */

enum rc impact_request(struct impact *im, const struct screening *s, struct str name)
{
    enum rc rc = judge_both(im, s);
    if (rc != RC_OK)
        return rc;
    count_request(im, &im->kept);
    for (uint32_t i = 0; i < im->found.n; i++) {
        struct group *g = group_of(im, &im->found.at[i]);
        if (!g)
            return RC_OOM;
        g->g.kept++;
        if (g->g.n_names == IMPACT_NAMES_MAX)
            continue;
        g->g.names[g->g.n_names] = arena_str(&im->arena, name);
        if (!g->g.names[g->g.n_names++].p)
            return RC_OOM;
    }
    return RC_OK;
}

/* ---- the result ------------------------------------------------------------------------------------------- */

static int by_gravity(const void *a, const void *b, const void *unused)
{
    const struct group *x = *(struct group *const *)a, *y = *(struct group *const *)b;
    (void)unused;
    if (x->g.change.direction != y->g.change.direction)
        return x->g.change.direction > y->g.change.direction ? 1 : -1;
    if (x->pair != y->pair) /* what no rule does comes last */
        return (uint32_t)x->pair > (uint32_t)y->pair ? 1 : -1;
    if (x->g.change.aspect != y->g.change.aspect)
        return x->g.change.aspect > y->g.change.aspect ? 1 : -1;
    const struct str *of[][2] = { { &x->g.change.from, &y->g.change.from },
                                  { &x->g.change.to, &y->g.change.to },
                                  { &x->g.change.item, &y->g.change.item },
                                  { &x->g.change.technique, &y->g.change.technique } };
    for (size_t i = 0; i < ARRAY_LEN(of); i++)
        if (str_cmp(*of[i][0], *of[i][1]) != 0)
            return str_cmp(*of[i][0], *of[i][1]);
    return 0;
}

static bool shows_group(struct impact *im, void *what)
{
    const struct group *g = what;
    for (uint32_t i = 0; i < im->found.n; i++)
        if (im->found.at[i].pair == g->pair && same_change(&im->found.at[i].change, &g->g.change))
            return true;
    return false;
}

enum { SMALL_EXAMPLES = 60 }; /* each takes some dozens of decisions; the rest stay as they were made */

/* `last`, an example of the group before, may do for this one as well. */
static enum rc set_example(struct impact *im, struct group *g, struct someone *last, bool *has_last, size_t *n_small)
{
    enum rc rc = RC_OK;
    if (*has_last) {
        rc = judge_both(im, &last->s);
        if (rc != RC_OK)
            return rc;
    }
    if (!*has_last || !shows_group(im, g)) {
        make_someone(&im->side[g->smallest.side].people, g->smallest.seed, g->smallest.rule, last);
        *has_last = true;
        if ((*n_small)++ < SMALL_EXAMPLES)
            rc = make_small(im, last, shows_group, g);
    }
    g->g.example = request_text(&im->arena, last);
    return rc == RC_OK && !g->g.example.p ? RC_OOM : rc;
}

static bool read_unmet(struct impact *im, struct strs *ret)
{
    struct str *ids = ARENA_ARRAY(&im->arena, struct str, im->n_pairs);
    *ret = (struct strs){ ids, 0 };
    for (uint32_t i = 0; ids && i < im->n_pairs; i++) {
        bool unmet = false;
        struct str id = { NULL, 0 };
        for (int side = 0; side < SIDES; side++) {
            int32_t at = im->pairs[i].at[side];
            if (at < 0 || im->side[side].met[at] || !im->side[side].cat->rules[at].targets)
                continue;
            unmet = true;
            id = im->side[side].cat->rules[at].id;
        }
        if (unmet)
            ids[ret->n++] = id;
    }
    return ids != NULL;
}

enum rc impact_read(struct impact *im, struct impact_result *ret)
{
    struct someone *last = ARENA_NEW(&im->arena, struct someone);
    struct impact_group *groups = ARENA_ARRAY(&im->arena, struct impact_group, im->groups.n);
    bool has_last = false;
    size_t n_small = 0;
    if (!last || !groups)
        return RC_OOM;
    if (!read_unmet(im, &ret->unmet)) /* before examples are judged */
        return RC_OOM;
    sort_items(im->groups.at, im->groups.n, sizeof(im->groups.at[0]), by_gravity, NULL);
    for (uint32_t i = 0; i < im->groups.n; i++) {
        struct group *g = im->groups.at[i];
        if (g->weight && !g->g.example.p) {
            enum rc rc = set_example(im, g, last, &has_last, &n_small);
            if (rc != RC_OK)
                return rc;
        }
        groups[i] = g->g;
    }
    im->table_size = 0; /* the order has changed: the table is made again when it is needed */
    ret->groups = groups;
    ret->n_groups = im->groups.n;
    ret->generated = im->generated;
    ret->kept = im->kept;
    return RC_OK;
}

/* ---- life ------------------------------------------------------------------------------------------------- */

struct impact *impact_new(const struct catalogue *base, const struct catalogue *draft)
{
    const struct catalogue *cats[SIDES] = { base, draft };
    struct impact *im = calloc(1, sizeof(*im));
    if (!im)
        return NULL;
    arena_init(&im->arena, 0);
    arena_init(&im->scratch, 0);
    bool good = true;
    for (int i = 0; i < SIDES; i++) {
        struct half *s = &im->side[i];
        s->cat = cats[i];
        arena_init(&s->arena, 0);
        s->state = ARENA_ARRAY(&im->arena, uint8_t, s->cat->n_rules);
        s->met = ARENA_ARRAY(&im->arena, bool, s->cat->n_rules);
        good = people_init(&s->people, s->cat) && s->state && s->met && good;
    }
    if (good && pair_rules(im))
        return im;
    impact_free(im);
    return NULL;
}

void impact_free(struct impact *im)
{
    if (!im)
        return;
    for (int i = 0; i < SIDES; i++) {
        people_done(&im->side[i].people);
        arena_done(&im->side[i].arena);
    }
    arena_done(&im->arena);
    arena_done(&im->scratch);
    free(im);
}

/* ---- an example ------------------------------------------------------------------------------------------- */

static const struct change *first_milder(const struct impact *im, const struct change *like)
{
    for (uint32_t i = 0; i < im->changes.n; i++)
        if (im->changes.at[i].direction == DIRECTION_MILDER &&
            (!like ||
             (im->changes.at[i].aspect == like->aspect && str_eq(im->changes.at[i].technique, like->technique))))
            return &im->changes.at[i];
    return NULL;
}

static bool shows_milder(struct impact *im, void *what)
{
    return first_milder(im, what) != NULL;
}

static enum rc tell_milder(struct impact *im, const struct change *milder, struct arena *arena, struct str *ret_request,
                           struct change *ret_change)
{
    struct change found = *milder;
    found.technique = kept_str(im, found.technique); /* the next judgement forgets them */
    found.from = kept_str(im, found.from);
    enum rc rc = make_small(im, &im->who, shows_milder, &found);
    if (rc == RC_OK)
        rc = judge_both(im, &im->who.s);
    const struct change *c = rc == RC_OK ? first_milder(im, &found) : NULL;
    if (!c)
        return rc;
    *ret_change = (struct change){ .aspect = c->aspect, .direction = c->direction };
    const struct str *from[] = { &c->technique, &c->item, &c->from, &c->to };
    struct str *to[] = { &ret_change->technique, &ret_change->item, &ret_change->from, &ret_change->to };
    for (size_t i = 0; i < ARRAY_LEN(from); i++)
        if (from[i]->p)
            *to[i] = arena_str(arena, *from[i]);
    *ret_request = request_text(arena, &im->who);
    return ret_request->p && !arena->exhausted ? RC_OK : RC_OOM;
}

enum rc find_milder(const struct catalogue *base, const struct catalogue *draft, int32_t rule, size_t tries,
                    struct arena *arena, struct str *ret_request, struct change *ret_change)
{
    struct impact *im = impact_new(base, draft);
    enum rc rc = im ? RC_OK : RC_OOM;
    *ret_request = (struct str){ NULL, 0 };
    for (uint64_t i = 0; rc == RC_OK && !ret_request->p && can_make(im, DRAFT) && i < tries; i++) {
        make_someone(&im->side[DRAFT].people, i, rule, &im->who);
        rc = judge_both(im, &im->who.s);
        const struct change *milder = rc == RC_OK ? first_milder(im, NULL) : NULL;
        if (milder)
            rc = tell_milder(im, milder, arena, ret_request, ret_change);
    }
    impact_free(im);
    return rc;
}
