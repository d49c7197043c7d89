/* Joins entries into verdicts, the disposition and the modifications of each technique (S8, S10, S12). */
#include "decide/decide_priv.h"

enum verdict floor_of(int disposition)
{
    return disposition >= DISPOSITION_DO_NOT_TREAT         ? VERDICT_NOT_ALLOWED
           : disposition == DISPOSITION_CLEARANCE_REQUIRED ? VERDICT_CLEARANCE_REQUIRED
           : disposition == DISPOSITION_NEEDS_ANSWERS      ? VERDICT_NEEDS_ANSWERS
                                                           : VERDICT_ALLOWED;
}

static void raise(enum verdict *v, uint64_t techniques, enum verdict to)
{
    for (uint64_t rest = techniques; rest; rest &= rest - 1)
        if (v[low_bit(rest)] < to)
            v[low_bit(rest)] = to;
}

/* "On offer" (S10): some techniques are for some people only. */
static void read_offers(struct judge *j)
{
    struct view v = { .in = j->in };
    j->on_offer = j->cat->offered;
    for (uint32_t i = 0; i < j->cat->n_techniques; i++) {
        const struct technique *t = &j->cat->techniques[i];
        if (!t->has_offer_when || t->never_offered)
            continue;
        enum tri offered = cond_eval(&v, t->offer_when);
        if (offered == TRI_NO)
            j->on_offer &= ~bit64(i);
        if (offered == TRI_UNKNOWN)
            j->offer_unknown |= bit64(i);
    }
}

/* ---- modifications ---------------------------------------------------------------------------------------- */

static void join_flag(struct joined *m, const struct entry *e, enum mod_kind kind)
{
    if (mod_table[kind].part && !e->session)
        places_join(&m->flag_places[kind], &e->part);
    else
        m->flags |= UINT32_C(1) << kind;
}

/* The cap of a place: its own, or that of its whole region. */
static int32_t cap_at(const struct joined *m, int place)
{
    uint8_t cap = m->place_pressure[place], region = m->place_pressure[place_of(place_region(place), NOT_GIVEN)],
            both = m->place_pressure[place_of(place_region(place), SIDE_BOTH)];
    cap = region < cap ? region : cap;
    return both < cap ? both : cap;
}

static void join_pressure(struct joined *m, const struct entry *e, int32_t cap)
{
    if (e->session) {
        if (cap < m->max_pressure)
            m->max_pressure = (uint8_t)cap;
        return;
    }
    for (int place = 0; place < PLACE_COUNT; place++)
        if (places_has(&e->part, place) && cap < m->place_pressure[place])
            m->place_pressure[place] = (uint8_t)cap;
}

static void join_entry(struct joined *m, const struct entry *e)
{
    for (uint32_t i = 0; i < e->rule->n_mods; i++) {
        const struct mod *mod = &e->rule->mods[i];
        switch (mod_table[mod->kind].type) {
        case MOD_NUMBER:
            if (mod->kind == MOD_MAX_PRESSURE)
                join_pressure(m, e, mod->number);
            else if (mod->number < m->max_minutes)
                m->max_minutes = mod->number;
            break;
        case MOD_FLAG:
            join_flag(m, e, mod->kind);
            break;
        case MOD_OPTION:
            m->options[mod->kind] |= UINT32_C(1) << mod->option_index;
            break;
        case MOD_PLACE: /* the entry knows its places */
            break;
        }
    }
    places_join(&m->avoid, &e->avoid);
    m->avoid_unknown |= e->avoid_unknown;
}

/* Techniques that the same fired entries concern have the same modifications: one join serves them all. */
static bool split(struct judge *j, uint64_t techniques)
{
    for (size_t i = 0, n = j->n_joined; i < n; i++) {
        uint64_t inside = j->joined[i].techniques & techniques, outside = j->joined[i].techniques & ~techniques;
        if (!inside || !outside)
            continue;
        j->joined[j->n_joined] = j->joined[i];
        j->joined[j->n_joined++].techniques = outside;
        j->joined[i].techniques = inside;
    }
    return true;
}

static bool join_modifications(struct judge *j)
{
    size_t room = 1;
    for (size_t i = 0; i < j->n_fired; i++) /* how many sets can there be at most? */
        if (j->fired[i]->rule->n_mods && (j->fired[i]->rule->targets & j->on_offer) != j->on_offer)
            room = room * 2 > TECHNIQUES_LIMIT ? TECHNIQUES_LIMIT : room * 2;
    j->joined = ARENA_ARRAY(j->arena, struct joined, room);
    if (!j->joined)
        return false;
    j->n_joined = 1;
    j->joined[0].techniques = j->on_offer;
    j->joined[0].max_minutes = SESSION_MINUTES_MAX + 1;
    j->joined[0].max_pressure = PRESSURE_MAX + 1;
    memset(j->joined[0].place_pressure, PRESSURE_MAX + 1, sizeof(j->joined[0].place_pressure));
    for (size_t i = 0; i < j->n_fired; i++) {
        const struct entry *e = j->fired[i];
        if (e->lifted || !e->rule->n_mods || !split(j, e->rule->targets))
            continue;
        for (size_t k = 0; k < j->n_joined; k++)
            if (j->joined[k].techniques & e->rule->targets)
                join_entry(&j->joined[k], e);
    }
    return true;
}

static bool pressure_adds(const struct joined *m, const struct entry *e, int32_t cap)
{
    if (e->session)
        return cap < m->max_pressure;
    for (int place = 0; place < PLACE_COUNT; place++)
        if (places_has(&e->part, place) && cap < m->max_pressure && cap < cap_at(m, place))
            return true;
    return false;
}

static bool modification_adds(const struct joined *m, const struct entry *e, const struct mod *mod)
{
    switch (mod_table[mod->kind].type) {
    case MOD_NUMBER:
        return mod->kind == MOD_MAX_PRESSURE ? pressure_adds(m, e, mod->number) : mod->number < m->max_minutes;
    case MOD_FLAG:
        if (m->flags >> mod->kind & 1)
            return false;
        return !mod_table[mod->kind].part || e->session || !places_within(&e->part, &m->flag_places[mod->kind]);
    case MOD_OPTION:
        return !(m->options[mod->kind] >> mod->option_index & 1);
    case MOD_PLACE:
        return !places_within(&e->avoid, &m->avoid) || (e->avoid_unknown && !m->avoid_unknown);
    }
    return false;
}

bool entry_adds_modifications(const struct judge *j, const struct entry *e, uint64_t among)
{
    if (e->lifted || !e->rule->n_mods)
        return false;
    for (size_t k = 0; k < j->n_joined; k++) {
        if (!(j->joined[k].techniques & among))
            continue;
        if (e->place_open)
            return true;
        for (uint32_t i = 0; i < e->rule->n_mods; i++)
            if (modification_adds(&j->joined[k], e, &e->rule->mods[i]))
                return true;
    }
    return false;
}

static struct modification *list_add(struct joined *m, enum mod_kind kind)
{
    m->listed[m->n_listed] = (struct modification){ .kind = kind };
    return &m->listed[m->n_listed++];
}

static void list_pressure(struct joined *m)
{
    if (m->max_pressure <= PRESSURE_MAX)
        list_add(m, MOD_MAX_PRESSURE)->number = m->max_pressure;
    for (int cap = PRESSURE_MIN; cap < m->max_pressure; cap++) {
        struct places at = { { 0 } };
        for (int place = 0; place < PLACE_COUNT; place++)
            if (m->place_pressure[place] == cap && cap_at(m, place) == cap)
                places_add(&at, place);
        if (places_empty(&at))
            continue;
        struct modification *mod = list_add(m, MOD_MAX_PRESSURE);
        mod->number = cap;
        mod->places = at;
    }
}

static void list_options(const struct judge *j, struct joined *m, enum mod_kind kind)
{
    for (uint8_t i = 0; i < j->cat->n_options[kind]; i++)
        if (m->options[kind] >> i & 1)
            list_add(m, kind)->option = j->cat->options[kind][i];
}

static void list_part(struct joined *m, enum mod_kind kind)
{
    places_simplify(&m->flag_places[kind]);
    list_add(m, kind)->places = m->flag_places[kind];
}

static void list_avoided(struct joined *m)
{
    if (places_empty(&m->avoid) && !m->avoid_unknown)
        return;
    struct modification *mod = list_add(m, MOD_AVOID_REGION);
    places_simplify(&m->avoid);
    mod->places = m->avoid;
    mod->place_unknown = m->avoid_unknown;
}

static bool list_modifications(const struct judge *j, struct joined *m)
{
    size_t room = MOD_COUNT_ + PRESSURE_MAX;
    for (int kind = 0; kind < MOD_COUNT_; kind++)
        room += j->cat->n_options[kind];
    m->listed = ARENA_ARRAY(j->arena, struct modification, room);
    if (!m->listed)
        return false;
    for (int kind = 0; kind < MOD_COUNT_; kind++) {
        if (kind == MOD_MAX_PRESSURE)
            list_pressure(m);
        else if (kind == MOD_MAX_MINUTES && m->max_minutes <= SESSION_MINUTES_MAX)
            list_add(m, kind)->number = m->max_minutes;
        else if (kind == MOD_AVOID_REGION)
            list_avoided(m);
        else if (mod_table[kind].type == MOD_OPTION)
            list_options(j, m, kind);
        else if (m->flags >> kind & 1)
            (void)list_add(m, kind);
        else if (!places_empty(&m->flag_places[kind]))
            list_part(m, kind);
    }
    return true;
}

const struct joined *joined_of(struct judge *j, uint32_t technique)
{
    size_t i = 0;
    while (!(j->joined[i].techniques >> technique & 1))
        i++;
    if (!j->joined[i].listed && !list_modifications(j, &j->joined[i]))
        return NULL;
    return &j->joined[i];
}

/* ---- verdicts --------------------------------------------------------------------------------------------- */

bool build_verdicts(struct judge *j)
{
    uint64_t all = j->cat->n_techniques == 64 ? ~UINT64_C(0) : bit64(j->cat->n_techniques) - 1, held = 0;
    enum verdict *could = j->could_become;
    read_offers(j);
    j->definite = DISPOSITION_PROCEED;
    j->may_disposition = j->progress.disposition;
    bool held_at_all = false;
    for (size_t i = 0; i < j->n_entries; i++) {
        const struct entry *e = &j->entries[i];
        uint64_t targets = e->rule->targets;
        if (!e->open) {
            raise(j->own, targets, e->effect);
            raise(j->own, e->raised, e->raised_to);
            j->definite = e->disposition > j->definite ? e->disposition : j->definite;
        }
        raise(could, targets, e->may_effect);
        raise(could, e->raised, e->raised_to);
        j->may_disposition = e->may_disposition > j->may_disposition ? e->may_disposition : j->may_disposition;
        if (e->holds) {
            held |= targets;
            held_at_all |= e->rule->disposition != NOT_GIVEN;
        }
    }
    j->by_rules = held_at_all && j->definite < DISPOSITION_NEEDS_ANSWERS ? DISPOSITION_NEEDS_ANSWERS : j->definite;
    j->definite = j->progress.disposition > j->definite ? j->progress.disposition : j->definite;
    j->disposition = j->by_rules > j->definite ? j->by_rules : j->definite;
    memcpy(j->definite_verdict, j->own, sizeof(j->own));
    raise(j->definite_verdict, all, floor_of(j->definite));
    memcpy(j->verdict, j->own, sizeof(j->own));
    raise(j->verdict, held, VERDICT_NEEDS_ANSWERS);
    raise(j->verdict, all, floor_of(j->disposition));
    raise(could, all, floor_of(j->may_disposition));
    raise(could, j->offer_unknown, VERDICT_NOT_ALLOWED);
    raise(j->verdict, all & ~j->on_offer, VERDICT_NOT_ALLOWED);
    raise(could, all & ~j->on_offer, VERDICT_NOT_ALLOWED);
    for (uint64_t rest = j->on_offer; rest; rest &= rest - 1)
        for (int v = (int)j->definite_verdict[low_bit(rest)] + 1; v < VERDICT_COUNT_; v++)
            j->below[v] |= bit64(low_bit(rest));
    return join_modifications(j);
}
