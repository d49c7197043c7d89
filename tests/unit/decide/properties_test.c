/* What holds of every decision, whatever the rules say: the real catalogue with random persons.
 *
 * Persons are made from the rules themselves: a few rules are taken at random, and findings, complaints and clearances
 * are made up that come near to making them true. A seed that fails can be run again alone. */
#include "alloc.h"
#include "decide/decide.h"
#include "rules/person.h"

static struct catalogue *real;
static json_t *document; /* of the real catalogue */

/* ---- random persons ---------------------------------------------------------------------------------------- */

static uint64_t state_of_random;

static uint32_t roll(uint32_t n)
{
    state_of_random ^= state_of_random << 13;
    state_of_random ^= state_of_random >> 7;
    state_of_random ^= state_of_random << 17;
    return n ? (uint32_t)(state_of_random >> 33) % n : 0;
}

static void seed_random(uint64_t seed)
{
    state_of_random = (seed + 1) * UINT64_C(0x9e3779b97f4a7c15);
    (void)roll(2);
}

static bool chance(uint32_t percent)
{
    return roll(100) < percent;
}

enum { ITEMS = 48 };

struct someone {
    struct screening s;
    struct finding findings[ITEMS];
    struct complaint complaints[8];
    struct clearance clearances[8];
    struct progress_entry progress[12];
    struct str wishes[4];
};

static const struct catalogue *cat_of; /* the catalogue that persons are made for */

static int32_t between(int32_t lo, int32_t hi)
{
    return lo + (int32_t)roll((uint32_t)(hi - lo) + 1);
}

static int32_t any_value(enum attribute a)
{
    static const int32_t days[] = { 0, 1, 2, 3, 7, 14, 21, 30, 60, 90, 180, 365, 366, 700 };
    if (a == ATTR_DATE)
        return days[roll(ARRAY_LEN(days))];
    if (a == ATTR_REGION)
        return chance(10) ? REGION_WHOLE_BODY : (int32_t)roll(REGION_COUNT_);
    int32_t max = attribute_table[a].max > 300 ? 300 : attribute_table[a].max;
    return between(attribute_table[a].min, max);
}

static void give(struct finding *f, enum attribute a, int32_t value)
{
    if (a == ATTR_DATE) {
        value = value < 0 ? 0 : value > 3000 ? 3000 : value;
        if (chance(15)) {
            f->since = AS_OF - value;
            return;
        }
        value = AS_OF - value;
    } else {
        value = value < attribute_table[a].min ? attribute_table[a].min : value;
        value = value > attribute_table[a].max ? attribute_table[a].max : value;
    }
    f->has |= (uint16_t)(1u << a);
    f->value[a] = value;
}

static struct finding *add_finding(struct someone *p, uint32_t fact, enum finding_state state)
{
    if (p->s.n_findings == ITEMS)
        return NULL;
    struct finding *f = &p->findings[p->s.n_findings];
    *f = (struct finding){ .list = LIST_SYMPTOMS,
                           .index = (uint16_t)p->s.n_findings,
                           .id = cat_of->facts[fact].id,
                           .state = state,
                           .since = DATE_NOT_GIVEN };
    p->s.n_findings++;
    for (int a = 0; a < ATTR_COUNT_; a++)
        if (cat_of->facts[fact].attributes >> a & 1 && chance(40))
            give(f, a, any_value(a));
    return f;
}

/* A finding that comes near to passing the tests of a need. */
static void meet(struct someone *p, const struct need *n)
{
    struct finding *f = add_finding(p, n->fact, FINDING_PRESENT);
    for (uint16_t i = 0; f && i < n->n_tests; i++) {
        const struct attr_test *t = &cat_of->pool.tests[n->tests + i];
        int32_t lo = t->lo < 0 ? 0 : t->lo, hi = t->hi > lo + 50 ? lo + 50 : t->hi;
        if (chance(15))
            continue; /* not said */
        f->has &= (uint16_t) ~(1u << t->attribute);
        give(f, t->attribute, chance(70) ? between(lo, hi) : chance(50) ? lo - 1 : hi + 1);
    }
    if (f && chance(25))
        (void)add_finding(p, n->fact, FINDING_PRESENT);
}

static struct complaint *add_complaint(struct someone *p, enum region region)
{
    static const int32_t days[] = { 0, 3, 29, 30, 41, 42, 84, 85, 120, 365, 366 };
    if (p->s.n_complaints == ARRAY_LEN(p->complaints))
        return NULL;
    struct complaint *c = &p->complaints[p->s.n_complaints++];
    *c = (struct complaint){ .region = region,
                             .side = NOT_GIVEN,
                             .pain = (int8_t)(chance(70) ? between(0, PAIN_MAX) : NOT_GIVEN),
                             .onset = (int8_t)(chance(70) ? (int)roll(ONSET_COUNT_) : NOT_GIVEN),
                             .cause = (int8_t)(chance(70) ? (int)roll(CAUSE_COUNT_) : NOT_GIVEN),
                             .duration_days = chance(70) ? days[roll(ARRAY_LEN(days))] : NOT_GIVEN };
    return c;
}

static void approach(struct someone *p, const struct rule *r)
{
    const struct cond_pool *pool = &cat_of->pool;
    if (r->when.n_terms == 0)
        return;
    const struct term *t = &pool->terms[r->when.terms + roll(r->when.n_terms)];
    for (uint16_t i = 0; i < t->n_needs; i++) {
        uint32_t fact = pool->needs[t->needs + i].fact;
        if (chance(85))
            meet(p, &pool->needs[t->needs + i]);
        else if (chance(50))
            (void)add_finding(p, fact, FINDING_UNKNOWN);
    }
    for (uint16_t i = 0; i < t->n_absents; i++)
        if (chance(50))
            (void)add_finding(p, pool->absents[t->absents + i], FINDING_ABSENT);
    for (uint16_t i = 0; i < t->n_scalars; i++) {
        const struct scalar_test *s = &pool->scalars[t->scalars + i];
        if (s->variable == VAR_COMPLAINT_LIST)
            (void)add_complaint(p, (enum region)s->lo);
        else if (s->variable == VAR_AGE_YEARS && s->op == SCALAR_RANGE)
            p->s.age_years = (int16_t)between(s->lo < 0 ? 0 : s->lo, s->hi > 100 ? 100 : s->hi < 0 ? 0 : s->hi);
    }
    if (p->s.age_years > 100 || p->s.age_years < 0)
        p->s.age_years = 50;
    if (r->clearance_for.n && chance(40) && p->s.n_clearances < ARRAY_LEN(p->clearances))
        p->clearances[p->s.n_clearances++] = (struct clearance){
            .fact = cat_of->facts[r->clearance_for.at[roll(r->clearance_for.n)]].id,
            .by = chance(80) ? (enum clearer)r->clearable_by : (enum clearer)roll(CLEARER_COUNT_),
            .date = AS_OF - any_value(ATTR_DATE),
        };
}

static void add_progress(struct someone *p)
{
    for (uint32_t n = 1 + roll(ARRAY_LEN(p->progress)); n > 0; n--) {
        struct progress_entry *e = &p->progress[p->s.n_progress++];
        *e = (struct progress_entry){
            .date = AS_OF - (int32_t)n * between(2, 9),
            .technique = chance(70) ? cat_of->techniques[roll(cat_of->n_techniques)].code : (struct str){ NULL, 0 },
            .minutes = (int16_t)(chance(70) ? between(20, 60) : NOT_GIVEN),
            .pain_before = (int8_t)(chance(85) ? between(2, 7) : NOT_GIVEN),
            .pain_after = (int8_t)(chance(85) ? between(2, 7) : NOT_GIVEN),
            .reaction = (int8_t)(chance(15) ? (int)roll(REACTION_COUNT_) : NOT_GIVEN),
        };
    }
}

static void make_someone(struct someone *p, uint64_t seed)
{
    static const int16_t ages[] = { 5, 9, 13, 17, 25, 40, 46, 64, 66, 74, 76, 81 };
    seed_random(seed);
    memset(p, 0, sizeof(*p));
    p->s = (struct screening){
        .age_years = ages[roll(ARRAY_LEN(ages))],
        .sex = (enum sex)roll(SEX_COUNT_),
        .goals = 1u << roll(GOAL_COUNT_) | 1u << roll(GOAL_COUNT_),
        .as_of = AS_OF,
        .unlisted = chance(50) ? UNLISTED_ABSENT : UNLISTED_UNKNOWN,
        .pressure_wish = (int8_t)(chance(20) ? (int)roll(PRESSURE_WISH_COUNT_) : NOT_GIVEN),
        .session_minutes = (int16_t)(chance(20) ? between(10, 120) : NOT_GIVEN),
        .per_week_max = (int16_t)(chance(20) ? 25 * between(1, 12) : NOT_GIVEN),
        .findings = p->findings,
        .complaints = p->complaints,
        .clearances = p->clearances,
        .progress = p->progress,
        .wishes = p->wishes,
    };
    for (uint32_t n = roll(3); n > 0; n--)
        (void)add_complaint(p, (enum region)roll(REGION_COUNT_));
    for (uint32_t n = roll(4); n > 0; n--)
        approach(p, &cat_of->rules[roll(cat_of->n_rules)]);
    for (uint32_t n = roll(6); n > 0; n--)
        (void)add_finding(p, roll(cat_of->n_facts), (enum finding_state)roll(FINDING_STATE_COUNT_));
    if (chance(40)) /* the form's gates, mostly answered with no */
        for (uint32_t f = 0; f < cat_of->n_facts; f++)
            if (cat_of->facts[f].gate && chance(90))
                (void)add_finding(p, f, chance(95) ? FINDING_ABSENT : (enum finding_state)roll(FINDING_STATE_COUNT_));
    if (chance(20))
        add_progress(p);
    while (chance(30) && p->s.n_wishes < ARRAY_LEN(p->wishes))
        p->wishes[p->s.n_wishes++] = cat_of->techniques[roll(cat_of->n_techniques)].code;
}

/* ---- decisions --------------------------------------------------------------------------------------------- */

struct answer {
    struct arena arena;
    struct faults faults;
    struct decision d;
};

static void decide_on(struct answer *a, const struct catalogue *cat, const struct screening *s)
{
    faults_init(&a->faults, &a->arena);
    enum rc rc = screen(cat, s, &a->arena, &a->faults, &a->d);
    if (rc != RC_OK)
        fail_msg("%s, %zu faults", rc_name(rc), a->faults.total);
}

static const struct technique_verdict *of_technique(const struct decision *d, struct str code)
{
    for (size_t i = 0; i < d->n_techniques; i++)
        if (str_eq(d->techniques[i].code, code))
            return &d->techniques[i];
    fail_msg("no technique %.*s", STR_ARGS(code));
    return NULL;
}

/* A catalogue with other rules, in the order given. */
static struct catalogue *with_rules(const json_t *const *rules, size_t n)
{
    struct arena arena;
    struct error err;
    struct catalogue *cat = NULL;
    struct faults *faults = malloc(sizeof(*faults));
    json_t *doc = json_copy(document), *list = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append(list, (json_t *)rules[i]);
    json_object_set_new(doc, "rules", list);
    json_object_del(doc, "texts"); /* they speak of rules that are not there */
    arena_init(&arena, 0);
    assert_non_null(faults);
    faults_init(faults, &arena);
    assert_int_equal(doc_build(doc, &cat, faults, &err), RC_OK);
    arena_done(&arena);
    free(faults);
    json_decref(doc);
    return cat;
}

static size_t all_rules(const json_t **ret)
{
    const json_t *list = json_object_get(document, "rules");
    for (size_t i = 0; i < json_array_size(list); i++)
        ret[i] = json_array_get(list, i);
    return json_array_size(list);
}

enum { RULES_ROOM = 2000 };

/* ---- of one decision --------------------------------------------------------------------------------------- */

/* could_become never ranks below the verdict unless that needs answers; with nothing left to ask both are equal; and
 * what follows from the disposition holds for every technique. */
static void worst_is_no_milder(void **state)
{
    static struct someone p;
    static struct answer a;
    size_t complete = 0, with_questions = 0, needing = 0;
    (void)state;
    for (uint64_t seed = 0; seed < 3000; seed++) {
        make_someone(&p, seed);
        arena_reset(&a.arena);
        decide_on(&a, real, &p.s);
        const struct decision *d = &a.d;
        assert_int_equal(d->n_techniques, real->n_techniques);
        assert_int_equal(d->complete, d->n_questions == 0);
        assert_int_equal(d->course == NULL, d->no_course_because.p != NULL);
        complete += d->complete;
        with_questions += !d->complete;
        for (size_t i = 0; i < d->n_techniques; i++) {
            const struct technique_verdict *t = &d->techniques[i];
            needing += t->verdict == VERDICT_NEEDS_ANSWERS;
            if (t->could_become < t->verdict && t->verdict != VERDICT_NEEDS_ANSWERS)
                fail_msg("seed %d: %.*s could become milder", (int)seed, STR_ARGS(t->code));
            if (d->complete && t->could_become != t->verdict)
                fail_msg("seed %d: nothing is asked, and yet %.*s could change", (int)seed, STR_ARGS(t->code));
            if (d->disposition >= DISPOSITION_DO_NOT_TREAT)
                assert_int_equal(t->verdict, VERDICT_NOT_ALLOWED);
            if (d->disposition == DISPOSITION_CLEARANCE_REQUIRED)
                assert_true(t->verdict >= VERDICT_CLEARANCE_REQUIRED);
            if (d->disposition == DISPOSITION_NEEDS_ANSWERS)
                assert_true(t->verdict >= VERDICT_NEEDS_ANSWERS);
            if (t->verdict == VERDICT_NOT_ALLOWED)
                assert_int_equal(t->n_modifications, 0);
            if (i > 0)
                assert_true(t->verdict >= d->techniques[i - 1].verdict); /* best first */
        }
        if (d->course) {
            const struct course_plan *c = d->course;
            assert_true(d->disposition < DISPOSITION_NEEDS_ANSWERS);
            assert_true(of_technique(d, c->technique)->verdict <= VERDICT_MODIFIED);
            assert_true(c->n_phases > 0 && c->n_focus > 0 && c->total_sessions > 0 && c->weeks > 0);
            assert_in_range(c->reassess_after_sessions, 1, c->total_sessions);
            for (size_t i = 0; i < c->n_phases; i++) {
                assert_true(c->phases[i].sessions > 0 && c->phases[i].minutes > 0 && c->phases[i].per_week > 0);
                assert_in_range(c->phases[i].pressure, PRESSURE_MIN, PRESSURE_MAX);
            }
        }
    }
    arena_done(&a.arena);
    assert_true(complete > 300 && with_questions > 300 && needing > 300); /* worth the trouble */
}

static bool same_strs(struct strs a, struct strs b)
{
    if (a.n != b.n)
        return false;
    for (size_t i = 0; i < a.n; i++)
        if (!str_eq(a.at[i], b.at[i]))
            return false;
    return true;
}

static bool in_strs(struct strs all, struct str one)
{
    for (size_t i = 0; i < all.n; i++)
        if (str_eq(all.at[i], one))
            return true;
    return false;
}

static bool same_set(struct strs a, struct strs b)
{
    for (size_t i = 0; i < a.n; i++)
        if (!in_strs(b, a.at[i]))
            return false;
    return a.n == b.n;
}

static bool same_modification(const struct modification *x, const struct modification *y)
{
    return x->kind == y->kind && x->number == y->number && str_eq(x->option, y->option) &&
           memcmp(&x->places, &y->places, sizeof(x->places)) == 0 && x->place_unknown == y->place_unknown;
}

static bool same_modifications(const struct technique_verdict *a, const struct technique_verdict *b)
{
    for (size_t i = 0; i < a->n_modifications; i++) {
        bool found = false;
        for (size_t k = 0; k < b->n_modifications; k++)
            found |= same_modification(&a->modifications[i], &b->modifications[k]);
        if (!found)
            return false;
    }
    return a->n_modifications == b->n_modifications;
}

static bool same_course(const struct course_plan *a, const struct course_plan *b)
{
    if (!a || !b)
        return a == b;
    if (!str_eq(a->id, b->id) || !str_eq(a->technique, b->technique) || a->n_phases != b->n_phases ||
        a->focus != b->focus || a->total_sessions != b->total_sessions || a->weeks != b->weeks ||
        a->reassess_after_sessions != b->reassess_after_sessions || a->first_session.given != b->first_session.given ||
        a->first_session.minutes != b->first_session.minutes ||
        a->first_session.pressure != b->first_session.pressure || !same_strs(a->adjustments, b->adjustments) ||
        !same_strs(a->advice, b->advice))
        return false;
    for (size_t i = 0; i < a->n_phases; i++)
        if (!str_eq(a->phases[i].name, b->phases[i].name) || a->phases[i].sessions != b->phases[i].sessions ||
            a->phases[i].per_week != b->phases[i].per_week || a->phases[i].minutes != b->phases[i].minutes ||
            a->phases[i].pressure != b->phases[i].pressure)
            return false;
    return true;
}

static bool same_question(const struct question *x, const struct question *y)
{
    return str_eq(x->fact, y->fact) && str_eq(x->attribute, y->attribute) &&
           x->could_disposition == y->could_disposition && x->could_verdict == y->could_verdict &&
           x->could_modify == y->could_modify && same_strs(x->could_techniques, y->could_techniques);
}

static bool same_warning(const struct warning *x, const struct warning *y)
{
    return str_eq(x->code, y->code) && x->severity == y->severity && x->effect == y->effect &&
           x->disposition == y->disposition && x->regional == y->regional &&
           memcmp(&x->places, &y->places, sizeof(x->places)) == 0 && x->cleared == y->cleared &&
           same_strs(x->triggered_by, y->triggered_by) && same_strs(x->cleared_by, y->cleared_by) &&
           str_eq(x->clearable_by, y->clearable_by) && same_strs(x->clearance_for, y->clearance_for);
}

/* The same but for what follows the order of the rules: warnings of one severity, reasons of one gravity, and the order
 * in which modifications are listed. NULL, or what differs. */
static const char *difference(const struct decision *a, const struct decision *b, bool rule_order_counts)
{
    if (a->disposition != b->disposition)
        return "disposition";
    if (a->booking != b->booking || a->complete != b->complete)
        return "booking or complete";
    for (size_t i = 0; i < a->n_techniques; i++) {
        const struct technique_verdict *x = &a->techniques[i], *y = &b->techniques[i];
        if (!str_eq(x->code, y->code) || x->verdict != y->verdict || x->could_become != y->could_become)
            return "techniques";
        if (!(rule_order_counts ? same_strs(x->because, y->because) : same_set(x->because, y->because)))
            return "because";
        if (!same_modifications(x, y))
            return "modifications";
    }
    if (a->n_questions != b->n_questions)
        return "number of questions";
    for (size_t i = 0; i < a->n_questions; i++)
        if (!same_question(&a->questions[i], &b->questions[i]))
            return "questions";
    if (a->n_warnings != b->n_warnings)
        return "number of warnings";
    for (size_t i = 0; i < a->n_warnings; i++) {
        bool found = rule_order_counts && same_warning(&a->warnings[i], &b->warnings[i]);
        for (size_t k = 0; !rule_order_counts && k < b->n_warnings; k++)
            found |= same_warning(&a->warnings[i], &b->warnings[k]);
        if (!found)
            return "warnings";
        if (a->warnings[i].severity != b->warnings[i].severity)
            return "order of warnings";
    }
    if (!same_course(a->course, b->course) || !str_eq(a->no_course_because, b->no_course_because))
        return "course";
    if (a->n_ignored != b->n_ignored || a->n_outdated != b->n_outdated || a->n_conflicts != b->n_conflicts)
        return "what is told";
    return NULL;
}

static void same_input_same_decision(void **state)
{
    static struct someone p;
    static struct answer a, b;
    (void)state;
    for (uint64_t seed = 0; seed < 500; seed++) {
        make_someone(&p, seed);
        arena_reset(&a.arena);
        arena_reset(&b.arena);
        assert_non_null(arena_alloc(&b.arena, 1 + seed, 7)); /* not at the same places */
        decide_on(&a, real, &p.s);
        decide_on(&b, real, &p.s);
        const char *what = difference(&a.d, &b.d, true);
        if (what)
            fail_msg("seed %d: %s", (int)seed, what);
    }
    arena_done(&a.arena);
    arena_done(&b.arena);
}

/* ---- of catalogues with other rules ------------------------------------------------------------------------ */

static void order_of_rules_does_not_matter(void **state)
{
    static struct someone p;
    static struct answer a, b;
    static const json_t *rules[RULES_ROOM];
    (void)state;
    for (uint64_t shuffle = 0; shuffle < 3; shuffle++) {
        size_t n = all_rules(rules);
        seed_random(shuffle + 77);
        for (size_t i = n - 1; i > 0; i--) {
            size_t k = roll((uint32_t)i + 1);
            const json_t *r = rules[i];
            rules[i] = rules[k];
            rules[k] = r;
        }
        struct catalogue *cat = with_rules(rules, n);
        for (uint64_t seed = 0; seed < 600; seed++) {
            make_someone(&p, seed * 3 + shuffle);
            arena_reset(&a.arena);
            arena_reset(&b.arena);
            decide_on(&a, real, &p.s);
            decide_on(&b, cat, &p.s);
            const char *what = difference(&a.d, &b.d, false);
            if (what)
                fail_msg("seed %d, shuffle %d: %s", (int)(seed * 3 + shuffle), (int)shuffle, what);
        }
        catalogue_unref(cat);
    }
    arena_done(&a.arena);
    arena_done(&b.arena);
}

/* Without some of the rules nothing gets graver: one more rule never makes an answer milder. */
static void more_rules_are_never_milder(void **state)
{
    static struct someone p;
    static struct answer a, b;
    static const json_t *rules[RULES_ROOM];
    size_t changed = 0;
    (void)state;
    for (uint64_t subset = 0; subset < 10; subset++) {
        size_t n = all_rules(rules), kept = 0;
        seed_random(subset + 177);
        for (size_t i = 0; i < n; i++)
            if (chance(90))
                rules[kept++] = rules[i];
        struct catalogue *cat = with_rules(rules, kept);
        for (uint64_t seed = 0; seed < 250; seed++) {
            make_someone(&p, seed * 10 + subset);
            arena_reset(&a.arena);
            arena_reset(&b.arena);
            decide_on(&a, real, &p.s);
            decide_on(&b, cat, &p.s);
            bool milder = b.d.disposition > a.d.disposition;
            changed += b.d.disposition != a.d.disposition;
            for (size_t i = 0; i < a.d.n_techniques; i++) {
                const struct technique_verdict *all = &a.d.techniques[i], *fewer = of_technique(&b.d, all->code);
                milder |= fewer->verdict > all->verdict || fewer->could_become > all->could_become;
                changed += fewer->verdict != all->verdict;
            }
            if (milder)
                fail_msg("seed %d, subset %d: more rules, and milder", (int)(seed * 10 + subset), (int)subset);
        }
        catalogue_unref(cat);
    }
    arena_done(&a.arena);
    arena_done(&b.arena);
    assert_true(changed > 500);
}

/* ---- of clearances ----------------------------------------------------------------------------------------- */

/* A clearance may open a rule that has fired, to ask for a date (S9.4): if that holds, a technique that was modified
 * needs answers, and while the rule is open its place may be any (S10, S11). Nothing else gets graver. */
static void clearances_are_never_graver(void **state)
{
    static struct someone p;
    static struct answer with, without;
    size_t changed = 0, held = 0;
    (void)state;
    for (uint64_t seed = 0; seed < 2500; seed++) {
        make_someone(&p, seed);
        for (uint32_t i = 0; i < 3 && p.s.n_clearances < ARRAY_LEN(p.clearances); i++)
            if (p.s.n_findings && chance(60))
                p.clearances[p.s.n_clearances++] =
                    (struct clearance){ .fact = p.findings[roll((uint32_t)p.s.n_findings)].id,
                                        .by = CLEARER_PHYSICIAN,
                                        .date = AS_OF - any_value(ATTR_DATE) };
        if (p.s.n_clearances == 0)
            continue;
        struct screening bare = p.s;
        bare.n_clearances = 0;
        arena_reset(&with.arena);
        arena_reset(&without.arena);
        decide_on(&with, real, &p.s);
        decide_on(&without, real, &bare);
        bool asks_date = false;
        for (size_t i = 0; i < with.d.n_questions; i++)
            asks_date |= str_eq(with.d.questions[i].attribute, STR("date"));
        for (size_t i = 0; i < with.d.n_techniques; i++) {
            const struct technique_verdict *t = &with.d.techniques[i], *before = of_technique(&without.d, t->code);
            bool opened = asks_date && t->verdict == VERDICT_NEEDS_ANSWERS && before->verdict < VERDICT_NEEDS_ANSWERS;
            held += opened;
            changed += t->verdict != before->verdict;
            if ((t->verdict > before->verdict && !opened) || (t->could_become > before->could_become && !asks_date))
                fail_msg("seed %d: cleared, and %.*s is graver", (int)seed, STR_ARGS(t->code));
        }
        if (with.d.disposition > without.d.disposition &&
            !(asks_date && with.d.disposition == DISPOSITION_NEEDS_ANSWERS))
            fail_msg("seed %d: cleared, and graver", (int)seed);
    }
    arena_done(&with.arena);
    arena_done(&without.arena);
    assert_true(changed > 500 && held < changed);
}

/* ---- of memory --------------------------------------------------------------------------------------------- */

static void takes_nothing_from_the_heap_once_warm(void **state)
{
    static struct someone p;
    static struct answer a;
    (void)state;
    for (int round = 0; round < 2; round++) {
        if (round == 1)
            alloc_fail_at(0);
        for (uint64_t seed = 0; seed < 300; seed++) {
            make_someone(&p, seed);
            p.s.language = (uint32_t)seed % real->n_languages;
            arena_reset(&a.arena);
            decide_on(&a, real, &p.s);
        }
    }
    assert_true(real->n_languages > 1);
    assert_int_equal(alloc_calls(), 0);
    arena_done(&a.arena);
    alloc_fail_at(0);
    decide_on(&a, real, &p.s);
    assert_true(alloc_calls() > 0); /* counting works */
    arena_done(&a.arena);
}

/* The n-th block that a decision takes from the heap fails. */
static void refuses_when_the_heap_fails(void **state)
{
    static struct someone p;
    static struct faults faults;
    size_t refused = 0;
    (void)state;
    for (uint64_t seed = 0; seed < 150; seed++) {
        make_someone(&p, seed);
        p.s.language = (uint32_t)seed % real->n_languages;
        for (long n = 1;; n++) {
            struct arena arena;
            struct decision d;
            arena_init(&arena, 0);
            faults_init(&faults, &arena);
            alloc_fail_at(n);
            enum rc rc = screen(real, &p.s, &arena, &faults, &d);
            bool failed = alloc_calls() >= n;
            alloc_fail_at(0);
            arena_done(&arena);
            if (!failed) {
                assert_int_equal(rc, RC_OK);
                break;
            }
            if (rc != RC_OOM)
                fail_msg("seed %d, call %ld: %s", (int)seed, n, rc_name(rc));
            refused++;
        }
    }
    assert_true(refused > 150);
}

static int load(void **state)
{
    struct arena arena;
    static struct faults faults;
    struct error err;
    struct source_doc doc = { 0 };
    (void)state;
    arena_init(&arena, 0);
    faults_init(&faults, &arena);
    if (source_load_dir(SOURCE_DIR "/sql/catalogue", &doc, &faults, &err) != RC_OK ||
        catalogue_new(&doc, &real, &faults, &err) != RC_OK)
        return -1;
    document = json_loadb(doc.text.p, doc.text.n, 0, NULL);
    cat_of = real;
    source_done(&doc);
    arena_done(&arena);
    return document ? 0 : -1;
}

static int unload(void **state)
{
    (void)state;
    catalogue_unref(real);
    json_decref(document);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(worst_is_no_milder),
        cmocka_unit_test(same_input_same_decision),
        cmocka_unit_test(order_of_rules_does_not_matter),
        cmocka_unit_test(more_rules_are_never_milder),
        cmocka_unit_test(clearances_are_never_graver),
        cmocka_unit_test(takes_nothing_from_the_heap_once_warm),
        cmocka_unit_test(refuses_when_the_heap_fails),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
