/* Someone at random: which rules, courses or steps to come near to, and what to put around them. */
#include "generate/generate.h"

#include "generate/generate_priv.h"

/* ---- what is looked up ------------------------------------------------------------------------------------ */

/* Counting sort: bounds[f] to bounds[f + 1] become the places of what belongs to fact f. */
static void close_bounds(uint32_t *bounds, uint32_t n)
{
    for (uint32_t f = n; f > 0; f--)
        bounds[f] = bounds[f - 1];
    bounds[0] = 0;
}

static void sum_bounds(uint32_t *bounds, uint32_t n)
{
    uint32_t total = 0;
    for (uint32_t f = 0; f <= n; f++) {
        uint32_t here = bounds[f];
        bounds[f] = total;
        total += here;
    }
}

static bool index_codes(struct people *p)
{
    const struct catalogue *cat = p->cat;
    size_t n = 0;
    p->codes_of = ARENA_ARRAY(&p->arena, uint32_t, cat->n_facts + 1);
    if (!p->codes_of)
        return false;
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t s = 0; s < cat->n_systems; s++)
            for (uint32_t c = 0; c < cat->systems[s].n_codings; c++) {
                const struct fact_list *facts = &cat->systems[s].codings[c].facts;
                for (uint32_t f = 0; f < facts->n; f++) {
                    uint32_t at = p->codes_of[facts->at[f]]++;
                    if (pass == 1)
                        p->codes[at] = (struct code_ref){ s, c };
                    n++;
                }
            }
        if (pass == 0) {
            sum_bounds(p->codes_of, cat->n_facts);
            p->codes = ARENA_ARRAY(&p->arena, struct code_ref, n);
            if (!p->codes)
                return false;
        }
    }
    close_bounds(p->codes_of, cat->n_facts);
    return true;
}

static bool index_needs(struct people *p)
{
    const struct catalogue *cat = p->cat;
    p->needs_of = ARENA_ARRAY(&p->arena, uint32_t, cat->n_facts + 1);
    p->needs = ARENA_ARRAY(&p->arena, uint32_t, cat->pool.n_needs);
    if (!p->needs_of || !p->needs)
        return false;
    for (uint32_t i = 0; i < cat->pool.n_needs; i++)
        p->needs_of[cat->pool.needs[i].fact]++;
    sum_bounds(p->needs_of, cat->n_facts);
    for (uint32_t i = 0; i < cat->pool.n_needs; i++)
        p->needs[p->needs_of[cat->pool.needs[i].fact]++] = i;
    close_bounds(p->needs_of, cat->n_facts);
    return true;
}

bool people_init(struct people *p, const struct catalogue *cat)
{
    *p = (struct people){ .cat = cat };
    arena_init(&p->arena, 0);
    return index_codes(p) && index_needs(p);
}

void people_done(struct people *p)
{
    arena_done(&p->arena);
}

/* ---- findings --------------------------------------------------------------------------------------------- */

static enum finding_list list_of(enum fact_kind kind)
{
    switch (kind) {
    case FACT_KIND_CONDITION:
        return LIST_CONDITIONS;
    case FACT_KIND_MEDICATION:
        return LIST_MEDICATIONS;
    case FACT_KIND_PROCEDURE:
        return LIST_PROCEDURES;
    case FACT_KIND_INJURY:
        return LIST_INJURIES;
    case FACT_KIND_SYMPTOM:
    case FACT_KIND_DERIVED:
    case FACT_KIND_COUNT_:
        break;
    }
    return LIST_SYMPTOMS;
}

struct finding *add_finding(const struct people *p, struct someone *someone, uint32_t fact, enum finding_state state)
{
    if (someone->s.n_findings == SOMEONE_FINDINGS)
        return NULL;
    struct finding *f = &someone->findings[someone->s.n_findings++];
    *f = (struct finding){
        .list = list_of(p->cat->facts[fact].kind), .id = p->cat->facts[fact].id, .state = state, .since = DATE_NOT_GIVEN
    };
    return f;
}

void put_findings_in_order(struct someone *someone)
{
    struct finding *all = someone->findings;
    uint16_t n[LIST_COUNT_] = { 0 };
    for (size_t i = 1; i < someone->s.n_findings; i++) /* stable, and few are out of place */
        for (size_t k = i; k > 0 && all[k - 1].list > all[k].list; k--) {
            struct finding f = all[k];
            all[k] = all[k - 1];
            all[k - 1] = f;
        }
    for (size_t i = 0; i < someone->s.n_findings; i++)
        all[i].index = n[all[i].list]++;
}

void copy_someone(struct someone *to, const struct someone *from)
{
    *to = *from;
    to->s.findings = to->findings;
    to->s.complaints = to->complaints;
    to->s.clearances = to->clearances;
    to->s.progress = to->progress;
    to->s.wishes = to->wishes;
    for (size_t i = 0; i < to->s.n_findings; i++) /* codes are spelled in the struct itself */
        if (!to->findings[i].id.p)
            to->findings[i].code.p = to->codes[(from->findings[i].code.p - from->codes[0]) / CODE_LEN_MAX];
}

void give_attribute(const struct someone *someone, struct finding *f, enum attribute a, int32_t value)
{
    const struct attribute_info *info = &attribute_table[a];
    if (a == ATTR_DATE)
        value = someone->s.as_of - (value < 0 ? 0 : value > 20000 ? 20000 : value);
    else
        value = value < info->min ? info->min : value > info->max ? info->max : value;
    f->has |= (uint16_t)(1u << a);
    f->value[a] = value;
}

/* Near a bound that some condition sets on it, more often than not. */
int32_t any_value(const struct people *p, struct chance *c, uint32_t fact, enum attribute a)
{
    static const int32_t days[] = { 0, 1, 2, 3, 7, 14, 21, 30, 60, 90, 180, 365, 366, 700, 1500 };
    const struct cond_pool *pool = &p->cat->pool;
    uint32_t first = p->needs_of[fact], n = p->needs_of[fact + 1] - first;
    if (n && percent(c, 60)) {
        const struct need *need = &pool->needs[p->needs[first + roll(c, n)]];
        for (uint16_t i = 0; i < need->n_tests; i++) {
            const struct attr_test *t = &pool->tests[need->tests + i];
            int32_t bound = percent(c, 50) ? t->lo : t->hi;
            if (t->attribute == a && bound >= 0 && bound < 20000)
                return bound + between(c, -1, 1);
        }
    }
    if (a == ATTR_DATE && p->cat->facts[fact].valid_days != NOT_GIVEN && percent(c, 70))
        return between(c, 0, p->cat->facts[fact].valid_days + 1);
    if (a == ATTR_DATE)
        return ONE_OF(c, days);
    if (a == ATTR_REGION && percent(c, 10))
        return REGION_WHOLE_BODY;
    return between(c, attribute_table[a].min, attribute_table[a].max > 300 ? 300 : attribute_table[a].max);
}

void fill_attributes(struct making *m, struct finding *f, uint32_t fact, uint32_t of_hundred)
{
    struct chance *c = &m->chance;
    for (int a = 0; a < ATTR_COUNT_; a++) {
        if (!(m->p->cat->facts[fact].attributes >> a & 1) || !percent(c, of_hundred))
            continue;
        give_attribute(m->who, f, (enum attribute)a, any_value(m->p, c, fact, (enum attribute)a));
        if (a == ATTR_DATE && percent(c, 15)) {
            f->since = f->value[ATTR_DATE];
            if (percent(c, 85)) /* both are given now and then: `date` wins */
                f->has &= (uint16_t) ~(1u << ATTR_DATE);
        }
    }
}

bool name_by_code(const struct people *p, struct chance *c, struct someone *someone, struct finding *f, uint32_t fact,
                  bool alone)
{
    static const char tails[] = "0123456789AX";
    uint32_t first = p->codes_of[fact], n = p->codes_of[fact + 1] - first;
    if (someone->n_codes == ARRAY_LEN(someone->codes))
        return false;
    char *text = someone->codes[someone->n_codes];
    for (int tries = 0; n && tries < 8; tries++) {
        struct code_ref ref = p->codes[first + roll(c, n)];
        const struct code_system *system = &p->cat->systems[ref.system];
        const struct coding *coding = &system->codings[ref.coding];
        size_t length = 0;
        if ((alone && coding->facts.n > 1) || coding->prefix.n + 4 > CODE_LEN_MAX)
            continue;
        for (size_t i = 0; i < coding->prefix.n; i++) {
            char letter = coding->prefix.p[i];
            if (i == 3 && percent(c, 70))
                text[length++] = '.';
            text[length++] = (char)(letter >= 'A' && letter <= 'Z' && percent(c, 10) ? letter - 'A' + 'a' : letter);
        }
        for (uint32_t k = roll(c, 4); k > 1; k--)
            text[length++] = tails[roll(c, sizeof(tails) - 1)];
        struct fact_list named = code_system_lookup(system, (struct str){ text, length });
        if (named.at != coding->facts.at) /* a longer prefix took it */
            continue;
        f->id = (struct str){ NULL, 0 };
        f->system = system->name;
        f->code = (struct str){ text, length };
        someone->n_codes++;
        return true;
    }
    return false;
}

void state_fact(struct making *m, uint32_t fact, enum finding_state state)
{
    struct finding *f = add_finding(m->p, m->who, fact, state);
    if (!f)
        return;
    if (state != FINDING_ABSENT || percent(&m->chance, 10))
        fill_attributes(m, f, fact, state == FINDING_PRESENT ? 45 : 10);
    if (percent(&m->chance, 3)) /* accepted in any list */
        f->list = (enum finding_list)roll(&m->chance, LIST_COUNT_);
    if (percent(&m->chance, 3)) /* ignored where the fact does not declare it */
        give_attribute(m->who, f, ATTR_REGION, (int32_t)roll(&m->chance, REGION_COUNT_));
    if (percent(&m->chance, state == FINDING_ABSENT ? 3 : 15))
        (void)name_by_code(m->p, &m->chance, m->who, f, fact, false);
}

/* ---- what stands beside the findings ---------------------------------------------------------------------- */

static void add_clearance(struct making *m, uint32_t fact, enum clearer by)
{
    static const int32_t days[] = { 0, 0, 1, 2, 5, 10, 20, 41, 42, 43, 100, 200, 364, 365, 366, -1 };
    struct screening *s = &m->who->s;
    int32_t date = s->as_of - ONE_OF(&m->chance, days);
    if (s->n_clearances == SOMEONE_CLEARANCES)
        return;
    for (size_t i = 0; i < s->n_findings; i++) /* near the day of what it clears */
        if (str_eq(s->findings[i].id, m->p->cat->facts[fact].id) && s->findings[i].has >> ATTR_DATE & 1 &&
            percent(&m->chance, 40))
            date = s->findings[i].value[ATTR_DATE] + between(&m->chance, -1, 1);
    s->clearances[s->n_clearances++] = (struct clearance){ m->p->cat->facts[fact].id, by, date };
}

/* What is not dated could be newer than its clearance. */
static void date_findings(struct making *m, struct str id)
{
    for (size_t i = 0; i < m->who->s.n_findings; i++) {
        struct finding *f = &m->who->findings[i];
        int32_t fact = str_eq(f->id, id) ? catalogue_find_fact(m->p->cat, id) : FACT_NONE;
        if (fact >= 0 && m->p->cat->facts[fact].attributes >> ATTR_DATE & 1 && !(f->has >> ATTR_DATE & 1) &&
            f->since == DATE_NOT_GIVEN)
            give_attribute(m->who, f, ATTR_DATE, between(&m->chance, 1, 2));
    }
}

static void clear_rule(struct making *m, const struct rule *r)
{
    bool all = percent(&m->chance, 50), well = percent(&m->chance, 50);
    uint32_t one = roll(&m->chance, r->clearance_for.n);
    for (uint32_t i = 0; well && i < r->clearance_for.n; i++) {
        struct screening *s = &m->who->s;
        struct str id = m->p->cat->facts[r->clearance_for.at[i]].id;
        date_findings(m, id);
        if (s->n_clearances < SOMEONE_CLEARANCES)
            s->clearances[s->n_clearances++] = (struct clearance){ id, (enum clearer)r->clearable_by, s->as_of };
    }
    for (uint32_t i = 0; !well && i < r->clearance_for.n && i < 5; i++)
        if (all || i == one)
            add_clearance(m, r->clearance_for.at[i],
                          percent(&m->chance, 85) ? (enum clearer)r->clearable_by
                                                  : (enum clearer)roll(&m->chance, CLEARER_COUNT_));
}

struct course_of_pain {
    int32_t base, low, drop; /* drop: change from one session to the next, in tenths */
    bool relapse;
};

static int pain_at(struct chance *c, const struct course_of_pain *pain, uint32_t session, bool last)
{
    int32_t now = pain->base - (int32_t)session * pain->drop / 10 + (percent(c, 15) ? between(c, -1, 1) : 0);
    if (pain->relapse && last)
        now = pain->base - between(c, 0, 1);
    return percent(c, 7) ? NOT_GIVEN : now < 0 ? 0 : now > PAIN_MAX ? PAIN_MAX : now;
}

/* Sessions so far: better, worse or the same, close together or with a gap, some longer ago than counts. */
static void add_progress(struct making *m)
{
    static const uint32_t numbers[] = { 1, 1, 2, 2, 3, 3, 4, 5, 6, 8, 10, 12, 13, 14 };
    static const int32_t lasts[] = { -1, 0, 1, 3, 3, 7, 7, 10, 14, 15, 27, 28, 29, 40, 60, 89, 90, 91, 110, 120, 121 };
    static const int32_t drops[] = { 0, 0, 0, 3, 5, 10, 10, 20, -5, -10 };
    struct chance *c = &m->chance;
    struct screening *s = &m->who->s;
    const struct catalogue *cat = m->p->cat;
    uint32_t n = ONE_OF(c, numbers), technique = roll(c, cat->n_techniques);
    int32_t last = ONE_OF(c, lasts), gap = between(c, 2, 7), reactions = percent(c, 30) ? 35 : 4;
    struct course_of_pain pain = { between(c, 2, 9), 0, ONE_OF(c, drops), percent(c, 15) };
    int8_t run = (int8_t)(percent(c, 15) ? (int)roll(c, REACTION_COUNT_) : NOT_GIVEN);
    int32_t break_days = pain.relapse ? between(c, 12, 30) : 0;
    if (m->course && m->course->n_techniques && percent(c, 80))
        technique = m->course->techniques[roll(c, m->course->n_techniques)];
    for (uint32_t i = 0; i < n; i++) {
        bool is_last = i + 1 == n;
        int before = pain_at(c, &pain, i, is_last);
        bool eases = before > 0 && percent(c, 50);
        s->progress[s->n_progress++] = (struct progress_entry){
            .date = s->as_of - last - (is_last ? 0 : break_days) - (int32_t)(n - 1 - i) * gap,
            .technique =
                percent(c, 80) && cat->n_techniques ? cat->techniques[technique].code : (struct str){ NULL, 0 },
            .minutes = (int16_t)(percent(c, 70) ? between(c, 4, 18) * 5 : NOT_GIVEN),
            .pain_before = (int8_t)before,
            .pain_after = (int8_t)(eases ? before - 1 : pain_at(c, &pain, i, false)),
            .reaction = (int8_t)(run != NOT_GIVEN && i + 4 > n     ? run
                                 : percent(c, (uint32_t)reactions) ? (int)roll(c, REACTION_COUNT_)
                                                                   : NOT_GIVEN),
        };
        if (percent(c, 5))
            technique = roll(c, cat->n_techniques);
    }
    if (n > 1 && percent(c, 10)) { /* in any order */
        uint32_t at = roll(c, n);
        struct progress_entry e = s->progress[at];
        s->progress[at] = s->progress[0];
        s->progress[0] = e;
    }
    if (percent(c, 15) && cat->definitions.stop_lifted_fact >= 0)
        add_clearance(m, (uint32_t)cat->definitions.stop_lifted_fact, CLEARER_PHYSICIAN);
}

static void add_wishes(struct making *m)
{
    static const int16_t minutes[] = { 10, 20, 30, 45, 50, 60, 75, 90, 120 };
    struct chance *c = &m->chance;
    struct screening *s = &m->who->s;
    const struct catalogue *cat = m->p->cat;
    for (uint32_t n = percent(c, 40) && cat->n_techniques ? 1 + roll(c, 3) : 0; n > 0 && s->n_wishes < SOMEONE_WISHES;
         n--)
        s->wishes[s->n_wishes++] = m->course && m->course->n_techniques && percent(c, 50)
                                       ? cat->techniques[m->course->techniques[roll(c, m->course->n_techniques)]].code
                                       : cat->techniques[roll(c, cat->n_techniques)].code;
    if (s->pressure_wish == NOT_GIVEN && percent(c, 25))
        s->pressure_wish = (int8_t)roll(c, PRESSURE_WISH_COUNT_);
    if (s->session_minutes == NOT_GIVEN && percent(c, 25))
        s->session_minutes = ONE_OF(c, minutes);
    if (s->per_week_max == NOT_GIVEN && percent(c, 20))
        s->per_week_max = (int16_t)(25 * between(c, 1, 12));
}

/* What the form asks first, mostly answered with no. */
static void answer_gates(struct making *m)
{
    const struct catalogue *cat = m->p->cat;
    for (uint32_t f = 0; f < cat->n_facts; f++)
        if (cat->facts[f].gate && percent(&m->chance, 93))
            state_fact(m, f,
                       percent(&m->chance, 95) ? FINDING_ABSENT
                                               : (enum finding_state)roll(&m->chance, FINDING_STATE_COUNT_));
}

static void add_unknown_code(struct making *m)
{
    static const struct str codes[] = { { "ZZ9", 3 }, { "0Q.1", 4 }, { "Y99.9", 5 } };
    struct finding *f = add_finding(m->p, m->who, 0, (enum finding_state)roll(&m->chance, FINDING_STATE_COUNT_));
    if (!f || m->who->n_codes == ARRAY_LEN(m->who->codes))
        return;
    struct str code = ONE_OF(&m->chance, codes);
    char *text = m->who->codes[m->who->n_codes++];
    memcpy(text, code.p, code.n);
    f->id = (struct str){ NULL, 0 };
    f->system = m->p->cat->systems[roll(&m->chance, m->p->cat->n_systems)].name;
    f->code = (struct str){ text, code.n };
}

static void add_anything(struct making *m)
{
    struct chance *c = &m->chance;
    const struct catalogue *cat = m->p->cat;
    uint32_t fact = roll(c, cat->n_facts);
    if (cat->n_facts == 0)
        return;
    state_fact(m, fact, percent(c, 60) ? FINDING_PRESENT : (enum finding_state)roll(c, FINDING_STATE_COUNT_));
    const struct fact *f = &cat->facts[fact];
    if (percent(c, 15)) /* said twice */
        state_fact(m, fact, (enum finding_state)roll(c, FINDING_STATE_COUNT_));
    if (f->below.n && percent(c, 20))
        state_fact(m, f->below.at[roll(c, f->below.n)], (enum finding_state)roll(c, FINDING_STATE_COUNT_));
    if (f->up.n > 1 && percent(c, 20))
        state_fact(m, f->up.at[1 + roll(c, f->up.n - 1)], (enum finding_state)roll(c, FINDING_STATE_COUNT_));
}

/* ---- someone ---------------------------------------------------------------------------------------------- */

static void begin(struct someone *who, struct chance *c)
{
    static const int32_t days[] = { 20777, 20777, 20777, 20778, 20513, 19782, 20819 }; /* the 29th of February too */
    static const int16_t ages[] = { 0, 5, 7, 8, 9, 12, 13, 16, 17, 18, 64, 65, 66, 70, 74, 75, 76, 80, 81, 95 };
    *who = (struct someone){
        .s = { .age_years = (int16_t)(percent(c, 30) ? ONE_OF(c, ages) : between(c, 18, 64)),
               .sex = percent(c, 25) ? SEX_UNKNOWN : (enum sex)roll(c, SEX_UNKNOWN),
               .goals = percent(c, 60) ? 1u << roll(c, GOAL_COUNT_) : 0,
               .as_of = ONE_OF(c, days),
               .unlisted = percent(c, 60) ? UNLISTED_ABSENT : UNLISTED_UNKNOWN,
               .pressure_wish = NOT_GIVEN,
               .session_minutes = NOT_GIVEN,
               .per_week_max = NOT_GIVEN,
               .findings = who->findings,
               .complaints = who->complaints,
               .clearances = who->clearances,
               .progress = who->progress,
               .wishes = who->wishes },
    };
    if (percent(c, 40))
        who->s.goals |= 1u << roll(c, GOAL_COUNT_);
}

static void come_near(struct making *m, int32_t rule, uint64_t seed)
{
    const struct catalogue *cat = m->p->cat;
    struct chance *c = &m->chance;
    uint32_t style = rule == ANY_RULE ? roll(c, 100) : 0;
    if (style < 55 && cat->n_rules) { /* every rule in its turn, now and then with others */
        const struct rule *first = &cat->rules[rule == ANY_RULE ? (uint32_t)(seed % cat->n_rules) : (uint32_t)rule];
        m->near_miss = percent(c, 25);
        for (uint32_t n = percent(c, 70) ? 0 : 1 + roll(c, 2); n > 0; n--)
            meet_condition(m, cat->rules[roll(c, cat->n_rules)].when);
        meet_condition(m, first->when);
        if (first->clearance_for.n && percent(c, 40))
            clear_rule(m, first);
    } else if (style < 90 && cat->n_courses) {
        m->course = &cat->courses[seed % cat->n_courses];
        meet_condition(m, m->course->when);
        if (style < 62 && cat->n_adjustments)
            meet_condition(m, cat->adjustments[roll(c, cat->n_adjustments)].when);
        if (style >= 72) {
            if (cat->n_replans && percent(c, 30))
                meet_condition(m, cat->replans[roll(c, cat->n_replans)].when);
            add_progress(m);
        }
    }
}

static void add_the_rest(struct making *m, uint64_t seed)
{
    struct chance *c = &m->chance;
    const struct catalogue *cat = m->p->cat;
    struct screening *s = &m->who->s;
    bool gentle = m->course != NULL; /* so that some get as far as a course */
    if (percent(c, gentle ? 60 : 30))
        answer_gates(m);
    for (uint32_t n = gentle ? percent(c, 15) : roll(c, 5); n > 0; n--)
        add_anything(m);
    for (uint32_t n = percent(c, gentle ? 10 : 35) ? 1 + roll(c, 2) : 0; n > 0; n--)
        (void)add_complaint(m, (enum region)roll(c, REGION_COUNT_));
    if (percent(c, 4) && cat->n_systems && cat->n_facts)
        add_unknown_code(m);
    if (percent(c, 10) && cat->n_rules) {
        const struct rule *r = &cat->rules[(seed + roll(c, 3)) % cat->n_rules];
        if (r->clearance_for.n)
            clear_rule(m, r);
    }
    if (percent(c, 5) && cat->n_facts)
        add_clearance(m, roll(c, cat->n_facts), (enum clearer)roll(c, CLEARER_COUNT_));
    if (s->n_progress == 0 && percent(c, 4))
        add_progress(m);
    if (percent(c, 50))
        add_wishes(m);
    if (s->n_complaints == 0 && s->goals == 0)
        s->goals = 1u << roll(c, GOAL_COUNT_);
}

void make_someone(const struct people *p, uint64_t seed, int32_t rule, struct someone *ret)
{
    struct making m = { .p = p, .who = ret, .chance = chance_of(seed) };
    begin(ret, &m.chance);
    come_near(&m, rule, seed);
    add_the_rest(&m, seed);
    put_findings_in_order(ret);
}
