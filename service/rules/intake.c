/* From what a client said to what is so: the state of every fact (S1, S4, S5), the instances of present facts (S3,
 * S6) and the variables that conditions read (S7). */
#include "rules/rules.h"

#include "base/sort.h"

enum { UNDECIDED = 3 }; /* beside enum fact_state, while states are being settled */

/* One finding as said of one fact: a code may name several. */
struct record {
    uint32_t fact, finding;
    bool outdated; /* too old to count for its fact */
};

struct job {
    const struct catalogue *cat;
    const struct screening *s;
    struct arena *arena;
    struct faults *faults;
    struct intake *in;
    struct record *records; /* in order of fact */
    uint32_t n_records, room;
    struct record *carried; /* outdated findings, as instances from below of the facts they still imply */
    uint32_t n_carried, carried_room;
};

/* ---- names ------------------------------------------------------------------------------------------------ */

static const struct where *finding_where(const struct finding *f, struct where steps[static 3])
{
    static const struct {
        struct str outer, inner;
    } names[LIST_COUNT_] = {
        [LIST_SYMPTOMS] = { { "symptoms", 8 }, { NULL, 0 } },
        [LIST_CONDITIONS] = { { "history", 7 }, { "conditions", 10 } },
        [LIST_MEDICATIONS] = { { "history", 7 }, { "medications", 11 } },
        [LIST_PROCEDURES] = { { "history", 7 }, { "procedures", 10 } },
        [LIST_INJURIES] = { { "history", 7 }, { "injuries", 8 } },
    };
    const struct where *at = &steps[0];
    steps[0] = (struct where){ .member = names[f->list].outer };
    if (names[f->list].inner.p) {
        steps[1] = (struct where){ .up = at, .member = names[f->list].inner };
        at = &steps[1];
    }
    steps[2] = (struct where){ .up = at, .index = f->index };
    return &steps[2];
}

static bool push_record(struct arena *a, struct record **at, uint32_t *n, uint32_t *room, struct record r)
{
    if (*n == *room) {
        uint32_t more = *room ? *room * 2 : 32;
        struct record *p = ARENA_ARRAY(a, struct record, more);
        if (!p)
            return false;
        if (*n)
            memcpy(p, *at, *n * sizeof(r));
        *at = p;
        *room = more;
    }
    (*at)[(*n)++] = r;
    return true;
}

enum rc intake_ignore(struct intake *in, struct arena *arena, struct str pointer, enum ignored_reason why)
{
    if (in->n_ignored == in->ignored_room) {
        size_t more = in->ignored_room ? in->ignored_room * 2 : 16;
        struct ignored *p = ARENA_ARRAY(arena, struct ignored, more);
        if (!p)
            return RC_OOM;
        if (in->n_ignored)
            memcpy(p, in->ignored, in->n_ignored * sizeof(*p));
        in->ignored = p;
        in->ignored_room = more;
    }
    in->ignored[in->n_ignored++] = (struct ignored){ pointer, why };
    return pointer.p ? RC_OK : RC_OOM;
}

static enum rc ignore_member(struct job *j, const struct finding *f, const char *member, enum ignored_reason why)
{
    struct where steps[3];
    const struct where *finding = finding_where(f, steps);
    const struct where in = { .up = finding, .member = str_of(member) };
    return intake_ignore(j->in, j->arena, where_pointer(j->arena, member ? &in : finding), why);
}

/* Attributes that none of the facts named declares have no effect: say so. */
static enum rc ignore_attributes(struct job *j, const struct finding *f, uint16_t declared)
{
    enum rc rc = RC_OK;
    for (int a = 0; rc == RC_OK && a < ATTR_COUNT_; a++)
        if (f->has >> a & 1 && !(declared >> a & 1))
            rc = ignore_member(j, f, attribute_table[a].name.p, IGNORED_ATTRIBUTE);
    if (rc == RC_OK && f->since != DATE_NOT_GIVEN && !(declared >> ATTR_DATE & 1))
        rc = ignore_member(j, f, "since", IGNORED_ATTRIBUTE);
    return rc;
}

static bool pointed_push(struct job *j, struct pointed **list, size_t *n, size_t room, const struct finding *f,
                         struct pointed p)
{
    char buffer[FINDING_POINTER_BYTES];
    if (!*list)
        *list = ARENA_ARRAY(j->arena, struct pointed, room);
    if (!*list)
        return false;
    p.pointer = arena_str(j->arena, finding_pointer(f, buffer));
    (*list)[(*n)++] = p;
    return p.pointer.p != NULL;
}

static enum rc name_coded(struct job *j, const struct finding *f, uint32_t index)
{
    struct where steps[3];
    const struct code_system *system = catalogue_find_system(j->cat, f->system);
    if (!system) {
        fault_add(j->faults, FAULT_UNKNOWN_VALUE, WHERE_MEMBER(finding_where(f, steps), STR("system")),
                  "send icd-10-cm, atc or another system of the catalogue", "this system of codes is not known");
        return RC_OK;
    }
    struct fact_list facts = code_system_lookup(system, f->code);
    if (facts.n == 0) {
        j->in->present_unrecognised |= f->state == FINDING_PRESENT;
        struct pointed p = { .system = f->system, .code = f->code };
        return pointed_push(j, &j->in->unrecognised, &j->in->n_unrecognised, j->s->n_findings, f, p) ? RC_OK : RC_OOM;
    }
    if (f->state == FINDING_ABSENT) /* it denies one disease, not the group */
        return ignore_member(j, f, NULL, IGNORED_CODED_ABSENCE);
    uint16_t declared = 0;
    for (uint32_t i = 0; i < facts.n; i++) {
        struct record r = { facts.at[i], index, false };
        if (!push_record(j->arena, &j->records, &j->n_records, &j->room, r))
            return RC_OOM;
        declared |= j->cat->facts[facts.at[i]].attributes;
    }
    return ignore_attributes(j, f, declared);
}

static enum rc name_finding(struct job *j, const struct finding *f, uint32_t index)
{
    struct where steps[3];
    if (!f->id.p)
        return name_coded(j, f, index);
    int32_t fact = catalogue_find_fact(j->cat, f->id);
    if (fact < 0) {
        fault_add(j->faults, FAULT_UNKNOWN_ID, WHERE_MEMBER(finding_where(f, steps), STR("id")),
                  "see GET /v1/facts for the ids, or send system and code", "the catalogue has no fact with this id");
        return RC_OK;
    }
    struct record r = { (uint32_t)fact, index, false };
    if (!push_record(j->arena, &j->records, &j->n_records, &j->room, r))
        return RC_OOM;
    return ignore_attributes(j, f, j->cat->facts[fact].attributes);
}

static int record_order(const void *a, const void *b, const void *unused)
{
    (void)unused;
    const struct record *x = a, *y = b;
    if (x->fact != y->fact)
        return x->fact > y->fact ? 1 : -1;
    return (x->finding > y->finding) - (x->finding < y->finding);
}

/* ---- states (S1, S4, S5) ---------------------------------------------------------------------------------- */

static void set_up(struct job *j, uint32_t fact, enum fact_state state)
{
    const struct fact_list *up = &j->cat->facts[fact].up;
    for (uint32_t i = 0; i < up->n; i++) {
        uint8_t *s = &j->in->facts[up->at[i]].state;
        if (state == FACT_PRESENT || *s == UNDECIDED)
            *s = (uint8_t)state;
    }
}

/* Absence goes down, but not to what is decided or stated. Facts are in a DAG no deeper than its compile-time check
 * allows, so the recursion is bounded. */
static void absent_below(struct job *j, uint32_t fact)
{
    const struct fact_list *below = &j->cat->facts[fact].below;
    for (uint32_t i = 0; i < below->n; i++) {
        struct fact_intake *f = &j->in->facts[below->at[i]];
        if (f->state == UNDECIDED && f->stated == 0) {
            f->state = FACT_ABSENT;
            absent_below(j, below->at[i]);
        }
    }
}

static int32_t days_ago(const struct job *j, const struct finding *f)
{
    return j->s->as_of - f->value[ATTR_DATE];
}

static bool out_of_date(const struct job *j, const struct fact *fact, const struct finding *f)
{
    return fact->valid_days != NOT_GIVEN && fact->attributes >> ATTR_DATE & 1 && f->has >> ATTR_DATE & 1 &&
           days_ago(j, f) > fact->valid_days;
}

/* An outdated finding still counts for what its fact implies, and is passed on where it is too old there as well. */
static bool carry(struct job *j, uint32_t fact, uint32_t finding)
{
    const struct fact_list *implies = &j->cat->facts[fact].implies;
    for (uint32_t i = 0; i < implies->n; i++) {
        uint32_t g = implies->at[i];
        if (out_of_date(j, &j->cat->facts[g], &j->s->findings[finding])) {
            if (!carry(j, g, finding))
                return false;
            continue;
        }
        struct record r = { g, finding, false };
        if (!push_record(j->arena, &j->carried, &j->n_carried, &j->carried_room, r))
            return false;
        set_up(j, g, FACT_PRESENT);
    }
    return true;
}

static enum rc settle_stated(struct job *j)
{
    /* present beats unknown beats absent, among the findings that count */
    static const uint8_t rank[] = { [FINDING_ABSENT] = 1, [FINDING_UNKNOWN] = 2, [FINDING_PRESENT] = 3 };
    for (uint32_t i = 0; i < j->n_records; i++) {
        struct record *r = &j->records[i];
        const struct finding *f = &j->s->findings[r->finding];
        struct fact_intake *fact = &j->in->facts[r->fact];
        if (f->state == FINDING_PRESENT && out_of_date(j, &j->cat->facts[r->fact], f)) {
            struct pointed p = { .fact = j->cat->facts[r->fact].id };
            r->outdated = true;
            if (!pointed_push(j, &j->in->outdated, &j->in->n_outdated, j->n_records, f, p))
                return RC_OOM;
            continue;
        }
        if (fact->stated == 0 || rank[f->state] > rank[fact->stated - 1])
            fact->stated = (uint8_t)(f->state + 1);
    }
    return RC_OK;
}

static bool is_stated(const struct fact_intake *f, enum finding_state state)
{
    return f->stated == state + 1;
}

static enum rc settle_s1(struct job *j)
{
    enum rc rc = settle_stated(j);
    if (rc != RC_OK)
        return rc;
    for (uint32_t i = 0; i < j->n_records; i++) {
        const struct record *r = &j->records[i];
        if (is_stated(&j->in->facts[r->fact], FINDING_PRESENT))
            set_up(j, r->fact, FACT_PRESENT);
        if (r->outdated && !carry(j, r->fact, r->finding))
            return RC_OOM;
    }
    for (uint32_t i = 0; i < j->n_records; i++)
        if (is_stated(&j->in->facts[j->records[i].fact], FINDING_UNKNOWN))
            set_up(j, j->records[i].fact, FACT_UNKNOWN);
    for (uint32_t i = 0; i < j->n_records; i++) {
        uint32_t fact = j->records[i].fact;
        if (!is_stated(&j->in->facts[fact], FINDING_ABSENT))
            continue;
        if (j->in->facts[fact].state == UNDECIDED)
            j->in->facts[fact].state = FACT_ABSENT;
        absent_below(j, fact);
    }
    return RC_OK;
}

static void settle_ask_if(struct job *j)
{
    struct view v = { .in = j->in };
    for (uint32_t i = 0; i < j->cat->n_facts; i++) {
        const struct fact *fact = &j->cat->facts[i];
        struct fact_intake *f = &j->in->facts[i];
        if (!fact->has_ask_if || f->stated || f->state == FACT_PRESENT || f->state == FACT_UNKNOWN ||
            cond_eval(&v, fact->ask_if) != TRI_NO)
            continue;
        f->state = FACT_ABSENT;
        for (uint32_t k = 0; k < fact->covers.n; k++) {
            struct fact_intake *covered = &j->in->facts[fact->covers.at[k]];
            if (covered->stated == 0 && covered->state == UNDECIDED) {
                covered->state = FACT_ABSENT;
                absent_below(j, fact->covers.at[k]);
            }
        }
    }
}

static bool under_unknown_umbrella(const struct job *j, uint32_t fact)
{
    for (int32_t u = j->cat->facts[fact].umbrella; u != FACT_NONE; u = j->cat->facts[u].umbrella)
        if (is_stated(&j->in->facts[u], FINDING_UNKNOWN))
            return true;
    return false;
}

static void settle_rest(struct job *j)
{
    if (j->s->unlisted == UNLISTED_ABSENT)
        for (uint32_t i = 0; i < j->cat->n_facts; i++)
            if (j->in->facts[i].state == UNDECIDED && j->cat->facts[i].covers.n == 0 && !under_unknown_umbrella(j, i))
                j->in->facts[i].state = FACT_ABSENT;
    for (uint32_t k = 0; k < j->cat->n_facts; k++) { /* upwards, so that an umbrella sees what it covers settled */
        uint32_t i = j->cat->facts_upwards[k];
        const struct fact_list *covers = &j->cat->facts[i].covers;
        if (j->in->facts[i].state != UNDECIDED)
            continue;
        bool all_absent = covers->n > 0;
        for (uint32_t c = 0; c < covers->n; c++)
            all_absent &= j->in->facts[covers->at[c]].state == FACT_ABSENT;
        j->in->facts[i].state = all_absent ? FACT_ABSENT : FACT_UNKNOWN;
    }
}

/* ---- instances (S3, S6) ----------------------------------------------------------------------------------- */

static struct values one_value(struct arena *a, int32_t v, bool *oom)
{
    int32_t *p = ARENA_NEW(a, int32_t);
    *oom |= !p;
    if (p)
        *p = v;
    return (struct values){ p, p ? 1 : 0 };
}

/* The days-ago reading of a date for one fact: a short-lived fact is current unless a date says otherwise. */
static void set_date(struct job *j, const struct fact *fact, const struct finding *f, struct instance *inst, bool *oom)
{
    bool dated = f->has >> ATTR_DATE & 1;
    inst->date = dated ? f->value[ATTR_DATE] : f->since;
    if (fact->valid_days != NOT_GIVEN && !dated)
        inst->value[ATTR_DATE] = one_value(j->arena, 0, oom);
    else if (inst->date != DATE_NOT_GIVEN)
        inst->value[ATTR_DATE] = one_value(j->arena, j->s->as_of - inst->date, oom);
}

static struct instance instance_of_finding(struct job *j, uint32_t fact, uint16_t attributes, uint32_t finding, bool *oom)
{
    const struct finding *f = &j->s->findings[finding];
    struct instance inst = { .finding = finding, .date = DATE_NOT_GIVEN, .region = NOT_GIVEN, .side = NOT_GIVEN };
    inst.placed = attributes >> ATTR_REGION & 1;
    for (int a = 0; a < ATTR_COUNT_; a++)
        if (a != ATTR_DATE && attributes >> a & 1 && f->has >> a & 1)
            inst.value[a] = one_value(j->arena, f->value[a], oom);
    if (inst.value[ATTR_REGION].n)
        inst.region = (int8_t)f->value[ATTR_REGION];
    if (inst.value[ATTR_SIDE].n)
        inst.side = (int8_t)f->value[ATTR_SIDE];
    if (attributes >> ATTR_DATE & 1)
        set_date(j, &j->cat->facts[fact], f, &inst, oom);
    return inst;
}

static struct instance instance_from_below(struct job *j, uint32_t fact, uint32_t below, const struct instance *from,
                                           bool *oom)
{
    uint16_t attributes = j->cat->facts[fact].attributes & j->cat->facts[below].attributes;
    struct instance inst = { .finding = from->finding, .date = DATE_NOT_GIVEN, .region = NOT_GIVEN, .side = NOT_GIVEN };
    inst.placed = from->placed && attributes >> ATTR_REGION & 1;
    for (int a = 0; a < ATTR_COUNT_; a++)
        if (a != ATTR_DATE && attributes >> a & 1)
            inst.value[a] = from->value[a];
    if (attributes >> ATTR_REGION & 1)
        inst.region = from->region;
    if (attributes >> ATTR_SIDE & 1)
        inst.side = from->side;
    if (attributes >> ATTR_DATE & 1 && from->date != DATE_NOT_GIVEN)
        set_date(j, &j->cat->facts[fact], &j->s->findings[from->finding], &inst, oom);
    else if (j->cat->facts[fact].valid_days != NOT_GIVEN)
        inst.value[ATTR_DATE] = one_value(j->arena, 0, oom);
    return inst;
}

/* All values that some of the instances give for `attribute`, each once. */
static struct values gather(struct arena *arena, const struct instance *list, uint32_t n, enum attribute attribute,
                            bool *oom)
{
    uint32_t room = 0;
    for (uint32_t i = 0; i < n; i++)
        room += list[i].value[attribute].n;
    if (room == 0)
        return (struct values){ NULL, 0 };
    int32_t *at = ARENA_ARRAY(arena, int32_t, room);
    uint32_t count = 0;
    *oom |= !at;
    for (uint32_t i = 0; at && i < n; i++) {
        for (uint32_t k = 0; k < list[i].value[attribute].n; k++) {
            uint32_t seen = 0;
            while (seen < count && at[seen] != list[i].value[attribute].at[k])
                seen++;
            if (seen == count)
                at[count++] = list[i].value[attribute].at[k];
        }
    }
    return (struct values){ at, count };
}

/* What belongs to the person holds for every instance that lacks it: from its own kind first, else from below. */
static void share_person_values(struct job *j, struct fact_intake *f, uint16_t attributes,
                                const struct instance *below, uint32_t n_below, bool *oom)
{
    for (int a = 0; a < ATTR_COUNT_; a++) {
        if (!attribute_table[a].person || !(attributes >> a & 1))
            continue;
        struct values pool = gather(j->arena, f->instances, f->n_instances, a, oom);
        if (pool.n == 0)
            pool = gather(j->arena, below, n_below, a, oom);
        for (uint32_t i = 0; i < f->n_instances; i++)
            if (f->instances[i].value[a].n == 0)
                f->instances[i].value[a] = pool;
    }
}

static void add_instance(struct instance *list, uint32_t *n, const struct instance *inst, bool distinct)
{
    for (uint32_t i = 0; distinct && i < *n; i++)
        if (list[i].finding == inst->finding)
            return;
    list[(*n)++] = *inst;
}

/* The instances that `fact` would take from the present facts directly below it, and from outdated findings. */
static struct instance *instances_below(struct job *j, uint32_t fact, uint32_t *ret_n, bool *oom)
{
    const struct fact *info = &j->cat->facts[fact];
    uint32_t room = 0, n = 0;
    for (uint32_t i = 0; i < info->below.n; i++)
        room += j->in->facts[info->below.at[i]].n_instances;
    for (uint32_t i = 0; i < j->n_carried; i++)
        room += j->carried[i].fact == fact;
    *ret_n = 0;
    if (room == 0)
        return NULL;
    struct instance *list = ARENA_ARRAY(j->arena, struct instance, room);
    if (!list) {
        *oom = true;
        return NULL;
    }
    bool distinct = info->attributes == 0;
    for (uint32_t i = 0; i < info->below.n; i++) {
        const struct fact_intake *g = &j->in->facts[info->below.at[i]];
        for (uint32_t k = 0; k < g->n_instances; k++) {
            struct instance inst = instance_from_below(j, fact, info->below.at[i], &g->instances[k], oom);
            add_instance(list, &n, &inst, distinct);
        }
    }
    for (uint32_t i = 0; i < j->n_carried; i++) {
        if (j->carried[i].fact != fact)
            continue;
        struct instance inst = instance_of_finding(j, fact, info->attributes, j->carried[i].finding, oom);
        add_instance(list, &n, &inst, distinct);
    }
    *ret_n = n;
    return list;
}

/* The findings that make a fact present: its own, those of present facts below it, and outdated ones. */
static bool gather_findings(struct job *j, uint32_t fact, const struct record *own, uint32_t n_own)
{
    struct fact_intake *f = &j->in->facts[fact];
    const struct fact_list *below = &j->cat->facts[fact].below;
    size_t n = j->s->n_findings;
    uint8_t *named = ARENA_ARRAY(j->arena, uint8_t, n);
    if (!named)
        return false;
    for (uint32_t i = 0; i < n_own; i++)
        named[own[i].finding] = !own[i].outdated && j->s->findings[own[i].finding].state == FINDING_PRESENT;
    for (uint32_t i = 0; i < j->n_carried; i++)
        named[j->carried[i].finding] |= j->carried[i].fact == fact;
    for (uint32_t i = 0; i < below->n; i++)
        for (uint32_t k = 0; k < j->in->facts[below->at[i]].n_findings; k++)
            named[j->in->facts[below->at[i]].findings[k]] = 1;
    for (size_t i = 0; i < n; i++)
        f->n_findings += named[i];
    f->findings = ARENA_ARRAY(j->arena, uint32_t, f->n_findings);
    for (size_t i = 0, k = 0; f->findings && i < n; i++)
        if (named[i])
            f->findings[k++] = (uint32_t)i;
    return f->findings != NULL;
}

static bool build_instances(struct job *j, uint32_t fact, const struct record *own, uint32_t n_own)
{
    struct fact_intake *f = &j->in->facts[fact];
    uint16_t attributes = j->cat->facts[fact].attributes;
    bool oom = !gather_findings(j, fact, own, n_own);
    uint32_t n_below, n_counting = 0;
    struct instance *below = instances_below(j, fact, &n_below, &oom);
    for (uint32_t i = 0; i < n_own; i++)
        n_counting += !own[i].outdated && j->s->findings[own[i].finding].state == FINDING_PRESENT;
    if (n_counting == 0) {
        f->instances = below;
        f->n_instances = n_below;
        share_person_values(j, f, attributes, NULL, 0, &oom);
        return !oom;
    }
    f->instances = ARENA_ARRAY(j->arena, struct instance, n_counting);
    if (!f->instances)
        return false;
    for (uint32_t i = 0; i < n_own; i++)
        if (!own[i].outdated && j->s->findings[own[i].finding].state == FINDING_PRESENT)
            f->instances[f->n_instances++] = instance_of_finding(j, fact, attributes, own[i].finding, &oom);
    share_person_values(j, f, attributes, below, n_below, &oom);
    return !oom;
}

static bool build_all_instances(struct job *j)
{
    for (uint32_t k = 0; k < j->cat->n_facts; k++) {
        uint32_t fact = j->cat->facts_upwards[k];
        if (j->in->facts[fact].state != FACT_PRESENT)
            continue;
        uint32_t first = 0, end;
        while (first < j->n_records && j->records[first].fact < fact)
            first++;
        for (end = first; end < j->n_records && j->records[end].fact == fact;)
            end++;
        if (!build_instances(j, fact, j->records + first, end - first))
            return false;
    }
    return true;
}

/* ---- findings that disagree ------------------------------------------------------------------------------- */

static int pointer_order(const void *a, const void *b, const void *unused)
{
    (void)unused;
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static bool add_conflict(struct job *j, uint32_t fact, const struct record *own, uint32_t n_own)
{
    const struct fact_intake *f = &j->in->facts[fact];
    struct intake *in = j->in;
    struct str *pointers = ARENA_ARRAY(j->arena, struct str, n_own + f->n_instances);
    char buffer[FINDING_POINTER_BYTES];
    size_t n = 0, kept = 0;
    if (!in->conflicts)
        in->conflicts = ARENA_ARRAY(j->arena, struct conflict, j->n_records);
    if (!pointers || !in->conflicts)
        return false;
    for (uint32_t i = 0; i < n_own + f->n_instances; i++) {
        uint32_t finding = i < n_own ? own[i].finding : f->instances[i - n_own].finding;
        pointers[n] = arena_str(j->arena, finding_pointer(&j->s->findings[finding], buffer));
        if (!pointers[n++].p)
            return false;
    }
    sort_items(pointers, n, sizeof(pointers[0]), pointer_order, NULL);
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || !str_eq(pointers[kept - 1], pointers[i]))
            pointers[kept++] = pointers[i];
    in->conflicts[in->n_conflicts++] = (struct conflict){
        .fact = j->cat->facts[fact].id,
        .state = f->state == FACT_PRESENT ? FINDING_PRESENT : f->state == FACT_UNKNOWN ? FINDING_UNKNOWN : FINDING_ABSENT,
        .pointers = { pointers, kept },
    };
    return true;
}

/* Findings of one fact that differ, and a denied fact that another finding brings with it. */
static bool find_conflicts(struct job *j)
{
    for (uint32_t i = 0, end; i < j->n_records; i = end) {
        unsigned said = 0;
        for (end = i; end < j->n_records && j->records[end].fact == j->records[i].fact; end++)
            if (!j->records[end].outdated)
                said |= 1u << j->s->findings[j->records[end].finding].state;
        bool differ = (said & (said - 1)) != 0;
        bool overruled = said == 1u << FINDING_ABSENT && j->in->facts[j->records[i].fact].state != FACT_ABSENT;
        if ((differ || overruled) && !add_conflict(j, j->records[i].fact, j->records + i, end - i))
            return false;
    }
    return true;
}

/* ---- variables (S7) --------------------------------------------------------------------------------------- */

enum tri complaint_in_list(const struct complaint_list *l, const struct complaint *c)
{
    enum tri result = TRI_YES, r;
    if (l->pain_min != NOT_GIVEN || l->pain_max != NOT_GIVEN) {
        r = c->pain == NOT_GIVEN ? l->not_given
            : c->pain >= (l->pain_min == NOT_GIVEN ? 0 : l->pain_min) &&
                    (l->pain_max == NOT_GIVEN || c->pain <= l->pain_max)
                ? TRI_YES
                : TRI_NO;
        result = r < result ? r : result;
    }
    if (l->days_min != NOT_GIVEN || l->days_max != NOT_GIVEN) {
        r = c->duration_days == NOT_GIVEN ? l->not_given
            : c->duration_days >= (l->days_min == NOT_GIVEN ? 0 : l->days_min) &&
                    (l->days_max == NOT_GIVEN || c->duration_days <= l->days_max)
                ? TRI_YES
                : TRI_NO;
        result = r < result ? r : result;
    }
    if (l->onsets) {
        r = c->onset == NOT_GIVEN ? l->not_given : l->onsets >> c->onset & 1 ? TRI_YES : TRI_NO;
        result = r < result ? r : result;
    }
    if (l->causes) {
        r = c->cause == NOT_GIVEN ? l->not_given : l->causes >> c->cause & 1 ? TRI_YES : TRI_NO;
        result = r < result ? r : result;
    }
    return result;
}

static void set_complaint_variables(struct job *j)
{
    struct intake *in = j->in;
    const struct definitions *defs = &j->cat->definitions;
    bool pain_missing = false;
    int32_t onsets = 0, causes = 0;
    uint32_t regions = 0;
    for (size_t i = 0; i < j->s->n_complaints; i++) {
        const struct complaint *c = &j->s->complaints[i];
        pain_missing |= c->pain == NOT_GIVEN;
        in->pain_low = c->pain > in->pain_low ? c->pain : in->pain_low;
        onsets |= c->onset == NOT_GIVEN ? 0 : 1 << c->onset;
        causes |= c->cause == NOT_GIVEN ? 0 : 1 << c->cause;
        regions |= UINT32_C(1) << c->region;
        if (c->duration_days > in->value[VAR_DURATION_DAYS_MAX])
            in->value[VAR_DURATION_DAYS_MAX] = c->duration_days;
        for (uint32_t l = 0; l < defs->n_lists; l++) {
            enum tri r = complaint_in_list(&defs->lists[l], c);
            if (r == TRI_YES)
                in->list_yes[l] |= UINT32_C(1) << c->region;
            else if (r == TRI_UNKNOWN)
                in->list_unknown[l] |= UINT32_C(1) << c->region;
        }
    }
    in->pain_high = pain_missing ? PAIN_MAX : in->pain_low;
    in->value[VAR_ONSET_ANY] = onsets;
    in->value[VAR_CAUSE_ANY] = causes;
    in->value[VAR_REGIONS_OVER_TWO] = __builtin_popcount(regions) > 2;
    int32_t days = in->value[VAR_DURATION_DAYS_MAX];
    if (days == NOT_GIVEN)
        in->value[VAR_DURATION_DAYS_MAX] = VALUE_MISSING;
    in->value[VAR_ACUITY] = days == NOT_GIVEN                  ? ACUITY_NONE
                            : days < defs->subacute_from_days ? ACUITY_ACUTE
                            : days < defs->chronic_from_days  ? ACUITY_SUBACUTE
                                                              : ACUITY_CHRONIC;
}

static int32_t given(int32_t v)
{
    return v == NOT_GIVEN ? VALUE_MISSING : v;
}

static void set_variables(struct job *j)
{
    struct intake *in = j->in;
    for (int i = 0; i < VAR_COUNT_; i++)
        in->value[i] = VALUE_MISSING;
    in->value[VAR_DURATION_DAYS_MAX] = NOT_GIVEN;
    in->value[VAR_AGE_YEARS] = j->s->age_years;
    in->value[VAR_SEX] = j->s->sex == SEX_UNKNOWN ? VALUE_MISSING : (int32_t)j->s->sex;
    in->value[VAR_GOALS] = (int32_t)j->s->goals;
    in->value[VAR_HAS_TECHNIQUE_WISH] = j->s->n_wishes > 0;
    in->value[VAR_WISH_MINUTES] = given(j->s->session_minutes);
    in->value[VAR_WISH_PER_WEEK] = given(j->s->per_week_max);
    in->value[VAR_WISH_PRESSURE] = given(j->s->pressure_wish);
    set_complaint_variables(j);
}

/* ---- clearances, wishes, progress ------------------------------------------------------------------------- */

/* S9.5: a clearance of a complaint must be younger than every complaint it stands for. */
static bool younger_than_complaints(const struct job *j, const struct fact *fact, int32_t age_days)
{
    if (!fact->clearance_only || !fact->has_complaint_regions)
        return true;
    for (size_t i = 0; i < j->s->n_complaints; i++) {
        const struct complaint *c = &j->s->complaints[i];
        int32_t days = c->duration_days == NOT_GIVEN ? j->cat->definitions.clearance_complaint_days : c->duration_days;
        bool meant = fact->complaint_regions == 0 || fact->complaint_regions >> c->region & 1;
        if (meant && age_days > days)
            return false;
    }
    return true;
}

static enum rc read_clearances(struct job *j)
{
    struct intake *in = j->in;
    in->clearances = ARENA_ARRAY(j->arena, struct clearance_in_force, j->s->n_clearances);
    if (!in->clearances)
        return RC_OOM;
    for (size_t i = 0; i < j->s->n_clearances; i++) {
        const struct clearance *c = &j->s->clearances[i];
        const struct where *at = WHERE_INDEX(WHERE_MEMBER(NULL, STR("clearances")), i);
        int32_t fact = catalogue_find_fact(j->cat, c->fact);
        if (fact < 0) {
            fault_add(j->faults, FAULT_UNKNOWN_ID, WHERE_MEMBER(at, STR("for")), "see GET /v1/facts for the ids",
                      "the catalogue has no fact with this id");
            continue;
        }
        int32_t age = j->s->as_of - c->date;
        bool future = age < 0;
        bool stale = age > j->cat->definitions.clearance_valid_days ||
                     !younger_than_complaints(j, &j->cat->facts[fact], age);
        if (future || stale) {
            enum rc rc = intake_ignore(in, j->arena, where_pointer(j->arena, at),
                                       future ? IGNORED_CLEARANCE_FUTURE : IGNORED_CLEARANCE_EXPIRED);
            if (rc != RC_OK)
                return rc;
            continue;
        }
        in->clearances[in->n_clearances++] =
            (struct clearance_in_force){ .fact = (uint32_t)fact, .index = (uint32_t)i, .by = c->by, .date = c->date };
    }
    return RC_OK;
}

static enum rc read_wishes(struct job *j)
{
    struct intake *in = j->in;
    in->wishes = ARENA_ARRAY(j->arena, uint8_t, j->s->n_wishes);
    in->progress_technique = ARENA_ARRAY(j->arena, int16_t, j->s->n_progress);
    if (!in->wishes || !in->progress_technique)
        return RC_OOM;
    for (size_t i = 0; i < j->s->n_wishes; i++) {
        int32_t t = catalogue_find_technique(j->cat, j->s->wishes[i]);
        if (t < 0) {
            const struct where *at = WHERE_MEMBER(WHERE_MEMBER(NULL, STR("preferences")), STR("techniques"));
            fault_add(j->faults, FAULT_UNKNOWN_ID, WHERE_INDEX(at, i), "see GET /v1/techniques for the codes",
                      "the catalogue has no technique with this code");
        } else if (!(in->wished >> t & 1)) {
            in->wishes[in->n_wishes++] = (uint8_t)t;
            in->wished |= UINT64_C(1) << t;
        }
    }
    for (size_t i = 0; i < j->s->n_progress; i++) {
        struct str code = j->s->progress[i].technique;
        int32_t t = code.p ? catalogue_find_technique(j->cat, code) : NOT_GIVEN;
        if (code.p && t < 0) {
            const struct where *at = WHERE_INDEX(WHERE_MEMBER(NULL, STR("progress")), i);
            fault_add(j->faults, FAULT_UNKNOWN_ID, WHERE_MEMBER(at, STR("technique")),
                      "see GET /v1/techniques for the codes", "the catalogue has no technique with this code");
        }
        in->progress_technique[i] = (int16_t)t;
    }
    return RC_OK;
}

enum rc intake_build(const struct catalogue *cat, const struct screening *s, struct arena *arena,
                     struct faults *faults, struct intake *ret)
{
    struct intake in = { .cat = cat, .screening = s };
    struct job j = { .cat = cat, .s = s, .arena = arena, .faults = faults, .in = &in };
    size_t faults_before = faults->total;
    enum rc rc = RC_OK;
    in.facts = ARENA_ARRAY(arena, struct fact_intake, cat->n_facts);
    if (!in.facts)
        return RC_OOM;
    for (uint32_t i = 0; i < cat->n_facts; i++)
        in.facts[i].state = UNDECIDED;
    for (size_t i = 0; rc == RC_OK && i < s->n_findings; i++)
        rc = name_finding(&j, &s->findings[i], (uint32_t)i);
    if (rc == RC_OK)
        rc = read_clearances(&j);
    if (rc == RC_OK)
        rc = read_wishes(&j);
    if (rc != RC_OK)
        return rc;
    if (faults->total != faults_before)
        return RC_INVALID_REQUEST;
    if (j.n_records)
        sort_items(j.records, j.n_records, sizeof(j.records[0]), record_order, NULL);
    set_variables(&j);
    rc = settle_s1(&j);
    if (rc != RC_OK)
        return rc;
    settle_ask_if(&j);
    settle_rest(&j);
    if (!build_all_instances(&j) || !find_conflicts(&j))
        return RC_OOM;
    *ret = in;
    return RC_OK;
}
