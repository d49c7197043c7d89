/* The instances of present facts and their attributes (S3, S6), and the findings that disagree. */
#include "rules/intake_priv.h"

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

static struct instance instance_of_finding(struct job *j, uint32_t fact, uint16_t attributes, uint32_t finding,
                                           bool *oom)
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
static void share_person_values(struct job *j, struct fact_intake *f, uint16_t attributes, const struct instance *below,
                                uint32_t n_below, bool *oom)
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
    for (uint32_t i = 0; i < j->carried.n; i++)
        room += j->carried.at[i].fact == fact;
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
    for (uint32_t i = 0; i < j->carried.n; i++) {
        if (j->carried.at[i].fact != fact)
            continue;
        uint16_t attributes = info->attributes & j->carried.at[i].passed;
        struct instance inst = instance_of_finding(j, fact, attributes, j->carried.at[i].finding, oom);
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
    for (uint32_t i = 0; i < j->carried.n; i++)
        named[j->carried.at[i].finding] |= j->carried.at[i].fact == fact;
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

bool build_all_instances(struct job *j)
{
    for (uint32_t k = 0; k < j->cat->n_facts; k++) {
        uint32_t fact = j->cat->facts_upwards[k];
        if (j->in->facts[fact].state != FACT_PRESENT)
            continue;
        uint32_t first = 0, end;
        while (first < j->records.n && j->records.at[first].fact < fact)
            first++;
        for (end = first; end < j->records.n && j->records.at[end].fact == fact;)
            end++;
        if (!build_instances(j, fact, j->records.at + first, end - first))
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
        in->conflicts = ARENA_ARRAY(j->arena, struct conflict, j->records.n);
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
        .state = f->state == FACT_PRESENT   ? FINDING_PRESENT
                 : f->state == FACT_UNKNOWN ? FINDING_UNKNOWN
                                            : FINDING_ABSENT,
        .pointers = { pointers, kept },
    };
    return true;
}

/* Findings of one fact that differ, and a denied fact that another finding brings with it. */
bool find_conflicts(struct job *j)
{
    for (uint32_t i = 0, end; i < j->records.n; i = end) {
        unsigned said = 0;
        for (end = i; end < j->records.n && j->records.at[end].fact == j->records.at[i].fact; end++)
            if (!j->records.at[end].outdated)
                said |= 1u << j->s->findings[j->records.at[end].finding].state;
        bool differ = (said & (said - 1)) != 0;
        bool overruled = said == 1u << FINDING_ABSENT && j->in->facts[j->records.at[i].fact].state != FACT_ABSENT;
        if ((differ || overruled) && !add_conflict(j, j->records.at[i].fact, j->records.at + i, end - i))
            return false;
    }
    return true;
}
