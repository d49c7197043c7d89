/* Two answers to one request, side by side.
 *
 * Modifications are compared by what they mean, not by how they are listed: a cap on the session says more than the
 * same cap on a part, and a region without a side stands for both. */
#include "impact/impact_priv.h"

static const char *const direction_names[] = {
#define X(id, wire_name) [id] = wire_name,
    DIRECTION_LIST(X)
#undef X
};
static_assert(ARRAY_LEN(direction_names) == DIRECTION_COUNT_, "every direction has a name");

static const char *const aspect_names[] = {
#define X(id, wire_name) [id] = wire_name,
    ASPECT_LIST(X)
#undef X
};
static_assert(ARRAY_LEN(aspect_names) == ASPECT_COUNT_, "every aspect has a name");

const char *direction_name(enum direction direction)
{
    return direction_names[direction];
}

const char *aspect_name(enum aspect aspect)
{
    return aspect_names[aspect];
}

struct comparison {
    const struct decision *base, *draft;
    struct arena *arena;
    change_take take;
    void *to;
    bool oom;
};

static const struct str none = { "none", 4 };

static void tell(struct comparison *c, struct change change)
{
    c->oom |= !change.from.p || !change.to.p;
    if (!c->oom)
        c->take(c->to, &change);
}

static enum direction direction_of(int from, int to)
{
    return to < from ? DIRECTION_MILDER : DIRECTION_GRAVER;
}

/* ---- modifications ---------------------------------------------------------------------------------------- */

/* What the modifications of one kind ask for. */
struct asked {
    bool any;
    int32_t number;           /* minutes */
    uint8_t cap[PLACE_COUNT]; /* pressure, place by place */
    int32_t session_cap;      /* pressure */
    bool session, place_unknown;
    struct places places;
};

static void read_cap(struct asked *a, const struct modification *m)
{
    if (places_empty(&m->places)) {
        a->session_cap = m->number;
        return;
    }
    for (int place = 0; place < PLACE_COUNT; place++)
        if (places_has(&m->places, place) && m->number < a->cap[place])
            a->cap[place] = (uint8_t)m->number;
}

static struct asked read_asked(const struct technique_verdict *v, enum mod_kind kind)
{
    struct asked a = { .number = SESSION_MINUTES_MAX + 1, .session_cap = PRESSURE_MAX + 1 };
    memset(a.cap, PRESSURE_MAX + 1, sizeof(a.cap));
    for (size_t i = 0; i < v->n_modifications; i++) {
        const struct modification *m = &v->modifications[i];
        if (m->kind != kind)
            continue;
        a.any = true;
        if (kind == MOD_MAX_PRESSURE)
            read_cap(&a, m);
        else if (mod_table[kind].type == MOD_NUMBER)
            a.number = m->number;
        a.session |= mod_table[kind].type == MOD_FLAG && places_empty(&m->places);
        a.place_unknown |= m->place_unknown;
        places_join(&a.places, &m->places);
    }
    return a;
}

static int32_t cap_at(const struct asked *a, int place)
{
    int32_t cap = a->session_cap;
    const int wider[] = { place, place_of(place_region(place), NOT_GIVEN), place_of(place_region(place), SIDE_BOTH) };
    for (size_t i = 0; i < ARRAY_LEN(wider); i++)
        cap = a->cap[wider[i]] < cap ? a->cap[wider[i]] : cap;
    return cap;
}

static bool has_option(const struct technique_verdict *v, enum mod_kind kind, struct str option)
{
    for (size_t i = 0; i < v->n_modifications; i++)
        if (v->modifications[i].kind == kind && str_eq(v->modifications[i].option, option))
            return true;
    return false;
}

static bool options_within(const struct technique_verdict *x, const struct technique_verdict *y, enum mod_kind kind)
{
    for (size_t i = 0; i < x->n_modifications; i++)
        if (x->modifications[i].kind == kind && !has_option(y, kind, x->modifications[i].option))
            return false;
    return true;
}

static bool caps_within(const struct asked *a, const struct asked *b)
{
    bool within = b->session_cap <= a->session_cap;
    for (int place = 0; within && place < PLACE_COUNT; place++)
        within = cap_at(b, place) <= cap_at(a, place);
    return within;
}

/* Does `y` ask for all that `x` asks for? */
static bool asks_for(const struct technique_verdict *x, const struct technique_verdict *y, enum mod_kind kind)
{
    const struct asked a = read_asked(x, kind), b = read_asked(y, kind);
    switch (mod_table[kind].type) {
    case MOD_NUMBER:
        return kind == MOD_MAX_PRESSURE ? caps_within(&a, &b) : b.number <= a.number;
    case MOD_FLAG:
        return !a.any || b.session || (!a.session && places_within(&a.places, &b.places));
    case MOD_OPTION:
        return options_within(x, y, kind);
    case MOD_PLACE:
        return places_within(&a.places, &b.places) && (!a.place_unknown || b.place_unknown);
    }
    return true;
}

enum { ASKED_BYTES = 32 * 1024 };

static void say_places(struct buf *b, const struct places *places)
{
    const char *between = "";
    for (int place = 0; place < PLACE_COUNT; place++) {
        if (!places_has(places, place))
            continue;
        buf_printf(b, "%s%.*s", between, STR_ARGS(region_name(place_region(place))));
        if (place_side(place) != NOT_GIVEN)
            buf_printf(b, "/%.*s", STR_ARGS(side_name((enum side)place_side(place))));
        between = " ";
    }
}

/* "3, 2 at neck" */
static struct str say_asked(struct comparison *c, const struct technique_verdict *v, enum mod_kind kind)
{
    struct buf b;
    buf_init(&b, ASKED_BYTES);
    for (size_t i = 0; i < v->n_modifications; i++) {
        const struct modification *m = &v->modifications[i];
        bool part = !places_empty(&m->places) && mod_table[kind].type != MOD_PLACE;
        if (m->kind != kind)
            continue;
        if (b.n)
            BUF_ADD_LIT(&b, ", ");
        if (mod_table[kind].type == MOD_NUMBER)
            buf_add_int(&b, m->number);
        else if (mod_table[kind].type == MOD_OPTION)
            buf_add_str(&b, m->option);
        else if (mod_table[kind].type == MOD_FLAG)
            BUF_ADD_LIT(&b, "yes");
        if (part)
            BUF_ADD_LIT(&b, " at ");
        say_places(&b, &m->places);
        if (m->place_unknown)
            buf_printf(&b, "%sa place not yet known", places_empty(&m->places) ? "" : " and ");
    }
    struct str said = b.n ? arena_str(c->arena, buf_str(&b)) : none;
    c->oom |= b.failed;
    buf_done(&b);
    return said;
}

static void compare_modifications(struct comparison *c, const struct technique_verdict *x,
                                  const struct technique_verdict *y)
{
    if (x->verdict == VERDICT_NOT_ALLOWED || y->verdict == VERDICT_NOT_ALLOWED)
        return;
    for (int kind = 0; kind < MOD_COUNT_; kind++) {
        bool kept = asks_for(x, y, (enum mod_kind)kind), had = asks_for(y, x, (enum mod_kind)kind);
        if (kept && had)
            continue;
        tell(c, (struct change){ .aspect = ASPECT_MODIFICATIONS,
                                 .direction = had    ? DIRECTION_MILDER
                                              : kept ? DIRECTION_GRAVER
                                                     : DIRECTION_OTHER,
                                 .technique = x->code,
                                 .item = mod_table[kind].name,
                                 .from = say_asked(c, x, (enum mod_kind)kind),
                                 .to = say_asked(c, y, (enum mod_kind)kind) });
    }
}

/* ---- techniques ------------------------------------------------------------------------------------------- */

static const struct technique_verdict *technique_of(const struct decision *d, struct str code)
{
    for (size_t i = 0; i < d->n_techniques; i++)
        if (str_eq(d->techniques[i].code, code))
            return &d->techniques[i];
    return NULL;
}

static void compare_technique(struct comparison *c, const struct technique_verdict *x,
                              const struct technique_verdict *y)
{
    bool moves = x->verdict != y->verdict, could_move = x->could_become != y->could_become;
    enum direction way = direction_of((int)x->verdict, (int)y->verdict),
                   could = direction_of((int)x->could_become, (int)y->could_become);
    if (moves)
        tell(c, (struct change){ .aspect = ASPECT_VERDICT,
                                 .direction = way,
                                 .technique = x->code,
                                 .from = verdict_name(x->verdict),
                                 .to = verdict_name(y->verdict) });
    if (could_move && !(moves && way == could))
        tell(c, (struct change){ .aspect = ASPECT_COULD_BECOME,
                                 .direction = could,
                                 .technique = x->code,
                                 .from = verdict_name(x->could_become),
                                 .to = verdict_name(y->could_become) });
    compare_modifications(c, x, y);
}

/* A technique that only one catalogue knows is, to the other, not allowed. */
static void compare_techniques(struct comparison *c)
{
    for (size_t i = 0; i < c->base->n_techniques; i++) {
        const struct technique_verdict *x = &c->base->techniques[i], *y = technique_of(c->draft, x->code);
        struct technique_verdict gone = { .code = x->code,
                                          .verdict = VERDICT_NOT_ALLOWED,
                                          .could_become = VERDICT_NOT_ALLOWED };
        compare_technique(c, x, y ? y : &gone);
    }
    for (size_t i = 0; i < c->draft->n_techniques; i++) {
        const struct technique_verdict *y = &c->draft->techniques[i];
        struct technique_verdict before = { .code = y->code,
                                            .verdict = VERDICT_NOT_ALLOWED,
                                            .could_become = VERDICT_NOT_ALLOWED };
        if (!technique_of(c->base, y->code))
            compare_technique(c, &before, y);
    }
}

/* ---- courses ---------------------------------------------------------------------------------------------- */

static bool same_sessions(const struct course_plan *a, const struct course_plan *b)
{
    if (a->n_phases != b->n_phases || a->focus != b->focus || a->weeks != b->weeks ||
        a->reassess_after_sessions != b->reassess_after_sessions || a->first_session.given != b->first_session.given ||
        a->first_session.minutes != b->first_session.minutes ||
        a->first_session.pressure != b->first_session.pressure ||
        !str_eq(a->first_session.technique, b->first_session.technique))
        return false;
    for (size_t i = 0; i < a->n_phases; i++)
        if (a->phases[i].sessions != b->phases[i].sessions || a->phases[i].per_week != b->phases[i].per_week ||
            a->phases[i].minutes != b->phases[i].minutes || a->phases[i].pressure != b->phases[i].pressure)
            return false;
    return true;
}

static struct str say_course(struct comparison *c, const struct decision *d)
{
    const struct course_plan *p = d->course;
    return p ? arena_printf(c->arena, "%.*s, %.*s", STR_ARGS(p->id), STR_ARGS(p->technique))
             : arena_printf(c->arena, "none (%.*s)", STR_ARGS(d->no_course_because));
}

static void compare_courses(struct comparison *c)
{
    const struct course_plan *x = c->base->course, *y = c->draft->course;
    struct change change = { .aspect = ASPECT_COURSE, .direction = DIRECTION_OTHER };
    bool same = x && y ? str_eq(x->id, y->id) && str_eq(x->technique, y->technique)
                       : !x && !y && str_eq(c->base->no_course_because, c->draft->no_course_because);
    if (same && (!x || same_sessions(x, y)))
        return;
    change.from = say_course(c, c->base);
    change.to = same ? STR("the same, with other sessions") : say_course(c, c->draft);
    tell(c, change);
}

/* ---- warnings and questions ------------------------------------------------------------------------------- */

const struct warning *warning_of(const struct decision *d, struct str code)
{
    for (size_t i = 0; i < d->n_warnings; i++)
        if (str_eq(d->warnings[i].code, code))
            return &d->warnings[i];
    return NULL;
}

static struct str say_warning(struct comparison *c, const struct warning *w)
{
    if (!w)
        return none;
    return w->cleared ? arena_printf(c->arena, "%.*s, cleared", STR_ARGS(severity_name(w->severity)))
                      : severity_name(w->severity);
}

static void compare_warning(struct comparison *c, const struct warning *x, const struct warning *y)
{
    if (x && y && x->severity == y->severity && x->cleared == y->cleared)
        return;
    tell(c, (struct change){ .aspect = ASPECT_WARNINGS,
                             .direction = DIRECTION_OTHER,
                             .item = x ? x->code : y->code,
                             .from = say_warning(c, x),
                             .to = say_warning(c, y) });
}

static void compare_warnings(struct comparison *c)
{
    for (size_t i = 0; i < c->base->n_warnings; i++)
        compare_warning(c, &c->base->warnings[i], warning_of(c->draft, c->base->warnings[i].code));
    for (size_t i = 0; i < c->draft->n_warnings; i++)
        if (!warning_of(c->base, c->draft->warnings[i].code))
            compare_warning(c, NULL, &c->draft->warnings[i]);
}

static bool asks(const struct decision *d, const struct question *q)
{
    for (size_t i = 0; i < d->n_questions; i++)
        if (str_eq(d->questions[i].fact, q->fact) && str_eq(d->questions[i].attribute, q->attribute))
            return true;
    return false;
}

static void compare_questions(struct comparison *c, const struct decision *one, const struct decision *other,
                              bool is_base)
{
    for (size_t i = 0; i < one->n_questions; i++) {
        const struct question *q = &one->questions[i];
        if (asks(other, q))
            continue;
        struct str item =
            q->attribute.p ? arena_printf(c->arena, "%.*s.%.*s", STR_ARGS(q->fact), STR_ARGS(q->attribute)) : q->fact;
        c->oom |= !item.p;
        tell(c, (struct change){ .aspect = ASPECT_QUESTIONS,
                                 .direction = DIRECTION_OTHER,
                                 .item = item,
                                 .from = is_base ? STR("asked") : none,
                                 .to = is_base ? none : STR("asked") });
    }
}

bool compare_decisions(const struct decision *base, const struct decision *draft, struct arena *arena, change_take take,
                       void *to)
{
    struct comparison c = { base, draft, arena, take, to, false };
    if (base->disposition != draft->disposition)
        tell(&c, (struct change){ .aspect = ASPECT_DISPOSITION,
                                  .direction = direction_of((int)base->disposition, (int)draft->disposition),
                                  .from = disposition_name(base->disposition),
                                  .to = disposition_name(draft->disposition) });
    if (base->booking != draft->booking)
        tell(&c, (struct change){ .aspect = ASPECT_BOOKING,
                                  .direction = direction_of((int)base->booking, (int)draft->booking),
                                  .from = booking_name(base->booking),
                                  .to = booking_name(draft->booking) });
    compare_techniques(&c);
    compare_courses(&c);
    compare_warnings(&c);
    compare_questions(&c, base, draft, true);
    compare_questions(&c, draft, base, false);
    return !c.oom;
}
