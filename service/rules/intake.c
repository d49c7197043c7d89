/* From what a client said to what is so: names become facts here; their states, instances and variables follow. */
#include "rules/intake_priv.h"

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

enum rc intake_ignore(struct intake *in, struct arena *arena, struct str pointer, enum ignored_reason why)
{
    if (in->n_ignored == in->ignored_room &&
        !vec_grow(arena, (void **)&in->ignored, &in->ignored_room, sizeof(in->ignored[0])))
        return RC_OOM;
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

bool push_pointed(struct job *j, struct pointed **list, size_t *n, size_t room, const struct finding *f,
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
        return push_pointed(j, &j->in->unrecognised, &j->in->n_unrecognised, j->s->n_findings, f, p) ? RC_OK : RC_OOM;
    }
    if (f->state == FINDING_ABSENT) /* it denies one disease, not the group */
        return ignore_member(j, f, NULL, IGNORED_CODED_ABSENCE);
    uint16_t declared = 0;
    for (uint32_t i = 0; i < facts.n; i++) {
        struct record r = { .fact = facts.at[i], .finding = index };
        if (!VEC_PUSH(j->arena, &j->records, r))
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
    struct record r = { .fact = (uint32_t)fact, .finding = index };
    if (!VEC_PUSH(j->arena, &j->records, r))
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
        bool stale =
            age > j->cat->definitions.clearance_valid_days || !younger_than_complaints(j, &j->cat->facts[fact], age);
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

enum rc intake_build(const struct catalogue *cat, const struct screening *s, struct arena *arena, struct faults *faults,
                     struct intake *ret)
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
    if (j.records.n)
        sort_items(j.records.at, j.records.n, sizeof(j.records.at[0]), record_order, NULL);
    set_variables(&j);
    rc = settle_states(&j);
    if (rc != RC_OK)
        return rc;
    if (!build_all_instances(&j) || !find_conflicts(&j))
        return RC_OOM;
    *ret = in;
    return RC_OK;
}
