/* Reads definitions and facts: what can be said of a person, and how one fact brings another with it. */
#include "rules/rules_priv.h"

#include <stdlib.h>

/* ---- definitions ------------------------------------------------------------------------------------------ */

static void read_range(struct builder *b, const json_t *item, const char *member, int32_t max, int32_t *ret_min,
                       int32_t *ret_max, const struct where *at)
{
    static const struct json_member members[] = { { "min", false }, { "max", false } };
    const struct where *in = WHERE_MEMBER(at, str_of(member));
    const json_t *range = json_object_get(item, member);
    *ret_min = *ret_max = NOT_GIVEN;
    if (!range)
        return;
    (void)json_read_object(range, members, ARRAY_LEN(members), in, b->faults);
    *ret_min = take_int(b, range, "min", 0, max, NOT_GIVEN, in);
    *ret_max = take_int(b, range, "max", 0, max, NOT_GIVEN, in);
    if (*ret_min == NOT_GIVEN && *ret_max == NOT_GIVEN)
        fault_add(b->faults, FAULT_MISSING_MEMBER, in, "give min, max or both", "the range has no bound");
}

static void read_list(struct builder *b, const json_t *item, struct complaint_list *l, const struct where *at)
{
    static const struct json_member members[] = {
        { "id", true },     { "pain", false },  { "duration_days", false },
        { "onset", false }, { "cause", false }, { "not_given", false },
    };
    static const struct str words[] = { { "does_not_count", 14 }, { "unknown", 7 }, { "counts", 6 } };
    static const struct vocabulary not_given = { "not_given", words, ARRAY_LEN(words) };
    (void)json_read_object(item, members, ARRAY_LEN(members), at, b->faults);
    l->id = take_str(b, item, "id", at);
    read_range(b, item, "pain", PAIN_MAX, &l->pain_min, &l->pain_max, at);
    read_range(b, item, "duration_days", DURATION_DAYS_MAX, &l->days_min, &l->days_max, at);
    l->onsets = take_words(b, item, "onset", &onset_vocabulary, at);
    l->causes = take_words(b, item, "cause", &cause_vocabulary, at);
    l->not_given = (enum tri)take_word(b, item, "not_given", &not_given, TRI_NO, at);
    bool only_least_pain = l->pain_min != NOT_GIVEN && l->pain_max == NOT_GIVEN && l->days_min == NOT_GIVEN &&
                           l->days_max == NOT_GIVEN && !l->onsets && !l->causes;
    if (l->not_given == TRI_UNKNOWN && !only_least_pain) /* only pain is ever asked again */
        fault_add(b->faults, FAULT_INCONSISTENT, at, "let it count, or not",
                  "only a list that asks for a least pain can leave what was not given unknown");
}

void read_definitions(struct builder *b)
{
    static const struct json_member members[] = {
        { "complaint_lists", true }, { "acuity", true },      { "clearance", true },
        { "readings", true },        { "stop_lifted", true },
    };
    static const struct json_member acuity_members[] = { { "subacute_from_days", true },
                                                         { "chronic_from_days", true } };
    static const struct json_member clearance_members[] = { { "valid_days", true },
                                                            { "complaint_days_if_not_given", true } };
    static const struct json_member reading_members[] = {
        { "window_days", true },       { "recent_entries", true },      { "important_points", true },
        { "important_percent", true }, { "substantial_percent", true }, { "least_noticeable_points", true },
        { "worse_points", true },      { "relapse_gap_days", true },    { "evidence", false },
    };
    struct definitions *d = &b->cat->definitions;
    const struct where *at = WHERE_MEMBER(NULL, STR("definitions"));
    const json_t *defs = json_object_get(b->doc, "definitions");
    (void)json_read_object(defs, members, ARRAY_LEN(members), at, b->faults);

    const struct where *in = WHERE_MEMBER(at, STR("complaint_lists"));
    const json_t *lists = json_object_get(defs, "complaint_lists");
    size_t n = json_read_array(lists, COMPLAINT_LISTS_LIMIT, in, b->faults);
    for (size_t i = 0; i < n; i++)
        read_list(b, json_array_get(lists, i), &d->lists[i], WHERE_INDEX(in, i));
    d->n_lists = (uint32_t)n;

    const json_t *acuity = json_object_get(defs, "acuity");
    in = WHERE_MEMBER(at, STR("acuity"));
    (void)json_read_object(acuity, acuity_members, ARRAY_LEN(acuity_members), in, b->faults);
    d->subacute_from_days = take_int(b, acuity, "subacute_from_days", 1, DURATION_DAYS_MAX, 1, in);
    d->chronic_from_days =
        take_int(b, acuity, "chronic_from_days", d->subacute_from_days, DURATION_DAYS_MAX, d->subacute_from_days, in);

    const json_t *clearance = json_object_get(defs, "clearance");
    in = WHERE_MEMBER(at, STR("clearance"));
    (void)json_read_object(clearance, clearance_members, ARRAY_LEN(clearance_members), in, b->faults);
    d->clearance_valid_days = take_int(b, clearance, "valid_days", 0, DURATION_DAYS_MAX, 0, in);
    d->clearance_complaint_days = take_int(b, clearance, "complaint_days_if_not_given", 0, DURATION_DAYS_MAX, 0, in);

    const json_t *readings = json_object_get(defs, "readings");
    in = WHERE_MEMBER(at, STR("readings"));
    (void)json_read_object(readings, reading_members, ARRAY_LEN(reading_members), in, b->faults);
    d->readings.window_days = take_int(b, readings, "window_days", 1, 3650, 1, in);
    d->readings.recent_entries = take_int(b, readings, "recent_entries", 1, PROGRESS_LIMIT, 1, in);
    d->readings.important_points = take_int(b, readings, "important_points", 1, PAIN_MAX, 1, in);
    d->readings.important_percent = take_int(b, readings, "important_percent", 1, 100, 1, in);
    d->readings.substantial_percent = take_int(b, readings, "substantial_percent", 1, 100, 1, in);
    d->readings.least_noticeable_points = take_int(b, readings, "least_noticeable_points", 1, PAIN_MAX, 1, in);
    d->readings.worse_points = take_int(b, readings, "worse_points", 1, PAIN_MAX, 1, in);
    d->readings.relapse_gap_days = take_int(b, readings, "relapse_gap_days", 1, 3650, 1, in);
}

/* ---- facts ------------------------------------------------------------------------------------------------ */

static const struct json_member fact_members[] = {
    { "id", true },
    { "kind", true },
    { "group", true },
    { "label", true },
    { "question", false },
    { "answer_meaning", false },
    { "gate", false },
    { "attributes", false },
    { "valid_days", false },
    { "implies", false },
    { "codes", false },
    { "covers", false },
    { "ask_if", false },
    { "clearance_only", false },
    { "complaint_regions", false },
};

static void read_fact(struct builder *b, const json_t *item, struct fact *f, const struct where *at)
{
    (void)json_read_object(item, fact_members, ARRAY_LEN(fact_members), at, b->faults);
    f->group = take_str(b, item, "group", at);
    f->label = take_str(b, item, "label", at);
    f->question = take_str(b, item, "question", at);
    f->answer_meaning = take_str(b, item, "answer_meaning", at);
    f->kind = (enum fact_kind)take_word(b, item, "kind", &fact_kind_vocabulary, FACT_KIND_DERIVED, at);
    f->gate = take_bool(b, item, "gate", at);
    f->clearance_only = take_bool(b, item, "clearance_only", at);
    f->valid_days = take_int(b, item, "valid_days", 0, DURATION_DAYS_MAX, NOT_GIVEN, at);
    f->has_complaint_regions = json_object_get(item, "complaint_regions") != NULL;
    f->complaint_regions = take_words(b, item, "complaint_regions", &region_vocabulary, at);
    f->umbrella = FACT_NONE;
    struct strs attributes = take_strs(b, item, "attributes", at);
    for (size_t i = 0; i < attributes.n; i++) {
        enum attribute a;
        if (attribute_from_name(attributes.at[i], &a))
            f->attributes |= (uint16_t)(1u << a);
        else
            fault_add(b->faults, FAULT_UNKNOWN_VALUE, WHERE_INDEX(WHERE_MEMBER(at, STR("attributes")), i),
                      "see the contract for the attributes", "there is no attribute of this name");
    }
    if (f->valid_days != NOT_GIVEN && !(f->attributes >> ATTR_DATE & 1))
        fault_add(b->faults, FAULT_INCONSISTENT, WHERE_MEMBER(at, STR("valid_days")), "declare the attribute date",
                  "a short-lived fact has a date");
    if (f->clearance_only ? f->gate || f->question.p || f->attributes : !f->question.p)
        fault_add(b->faults, FAULT_INCONSISTENT, at,
                  "give a question; or clearance_only, and neither question, gate nor attributes",
                  "a fact is either asked or only named by clearances");
    if (f->has_complaint_regions && !f->clearance_only)
        fault_add(b->faults, FAULT_INCONSISTENT, WHERE_MEMBER(at, STR("complaint_regions")), "leave it out",
                  "only a fact that clearances name stands for complaints");
}

static void push_fact(struct builder *b, struct fact_list *list, uint32_t fact)
{
    uint32_t *at = BUILD_ARRAY(b, uint32_t, list->n + 1);
    if (!at)
        return;
    if (list->n)
        memcpy(at, list->at, list->n * sizeof(at[0]));
    at[list->n] = fact;
    *list = (struct fact_list){ at, list->n + 1 };
}

static void relation_fault(struct builder *b, uint32_t fact, const char *member, const char *what)
{
    b->faults->item = b->cat->facts[fact].id;
    fault_add(b->faults, FAULT_INCONSISTENT, WHERE_MEMBER(NULL, str_of(member)), "mend one of the two facts", "%s",
              what);
}

static void relate(struct builder *b, uint32_t i)
{
    struct fact *facts = b->cat->facts, *f = &facts[i];
    for (uint32_t k = 0; k < f->implies.n; k++) {
        if (facts[f->implies.at[k]].clearance_only || f->clearance_only)
            relation_fault(b, i, "implies", "a fact that only clearances name takes no part in implications");
        push_fact(b, &facts[f->implies.at[k]].below, i);
    }
    struct str *ids = BUILD_ARRAY(b, struct str, f->covers.n);
    for (uint32_t k = 0; ids && k < f->covers.n; k++) {
        struct fact *covered = &facts[f->covers.at[k]];
        if (covered->umbrella != FACT_NONE)
            relation_fault(b, i, "covers", "a fact has one umbrella, and one of these has another already");
        if (covered->clearance_only || f->clearance_only)
            relation_fault(b, i, "covers", "a fact that only clearances name is not covered");
        covered->umbrella = (int32_t)i;
        push_fact(b, &f->below, f->covers.at[k]);
        ids[k] = covered->id;
    }
    f->covers_ids = (struct strs){ ids, f->covers.n };
}

/* Kahn's algorithm over "below": what is left over goes in a circle. */
static void order_facts(struct builder *b)
{
    struct catalogue *cat = b->cat;
    uint32_t n = cat->n_facts, placed = 0, *order = BUILD_ARRAY(b, uint32_t, n), *open = BUILD_ARRAY(b, uint32_t, n);
    if (!order || !open)
        return;
    for (uint32_t i = 0; i < n; i++) {
        open[i] = cat->facts[i].below.n;
        if (open[i] == 0)
            order[placed++] = i;
    }
    for (uint32_t done = 0; done < placed; done++) {
        const struct fact *f = &cat->facts[order[done]];
        for (uint32_t k = 0; k < f->implies.n; k++)
            if (--open[f->implies.at[k]] == 0)
                order[placed++] = f->implies.at[k];
        if (f->umbrella != FACT_NONE && --open[f->umbrella] == 0)
            order[placed++] = (uint32_t)f->umbrella;
    }
    for (uint32_t i = 0; placed < n && i < n; i++)
        if (open[i] > 0)
            relation_fault(b, i, "implies", "what it implies or covers leads back to itself, or to such a circle");
    cat->facts_upwards = order;
}

/* Everything that is present when the fact is: itself, what it implies and its umbrella, and so on upwards. */
static void close_upwards(struct builder *b, uint32_t i, uint8_t *seen)
{
    struct fact *f = &b->cat->facts[i];
    struct fact_list up = { NULL, 0 };
    memset(seen, 0, b->cat->n_facts);
    push_fact(b, &up, i);
    seen[i] = 1;
    for (uint32_t k = 0; k < up.n && up.at; k++) {
        const struct fact *g = &b->cat->facts[up.at[k]];
        for (uint32_t m = 0; m <= g->implies.n; m++) {
            int32_t next = m < g->implies.n ? (int32_t)g->implies.at[m] : g->umbrella;
            if (next != FACT_NONE && !seen[next]) {
                seen[next] = 1;
                push_fact(b, &up, (uint32_t)next);
            }
        }
    }
    f->up = up;
}

/* ---- codes ------------------------------------------------------------------------------------------------ */

struct raw_coding {
    struct str system, prefix;
    uint32_t fact;
};

static int raw_coding_order(const void *a, const void *b)
{
    const struct raw_coding *x = a, *y = b;
    int c = str_cmp(x->system, y->system);
    if (c == 0)
        c = str_cmp(x->prefix, y->prefix);
    return c ? c : (x->fact > y->fact) - (x->fact < y->fact);
}

static bool normalise_code(struct builder *b, struct str code, struct str *ret)
{
    char plain[CODE_LEN_MAX];
    size_t n = 0;
    for (size_t i = 0; i < code.n; i++) {
        char c = (char)(code.p[i] >= 'a' && code.p[i] <= 'z' ? code.p[i] - 'a' + 'A' : code.p[i]);
        bool fine = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (c == '.')
            continue;
        if (!fine || n == sizeof(plain))
            return false;
        plain[n++] = c;
    }
    *ret = arena_str(&b->cat->arena, (struct str){ plain, n });
    return n > 0;
}

static void group_codings(struct builder *b, struct raw_coding *raw, uint32_t n)
{
    struct catalogue *cat = b->cat;
    if (n == 0)
        return;
    qsort(raw, n, sizeof(raw[0]), raw_coding_order);
    uint32_t systems = 0;
    for (uint32_t i = 0; i < n; i++)
        systems += i == 0 || !str_eq(raw[i].system, raw[i - 1].system);
    cat->systems = BUILD_ARRAY(b, struct code_system, systems);
    for (uint32_t i = 0, end; cat->systems && i < n; i = end) {
        struct code_system *s = &cat->systems[cat->n_systems++];
        for (end = i; end < n && str_eq(raw[end].system, raw[i].system);)
            end++;
        s->name = raw[i].system;
        s->codings = BUILD_ARRAY(b, struct coding, end - i);
        for (uint32_t k = i; s->codings && k < end; k++) {
            if (k == i || !str_eq(raw[k].prefix, raw[k - 1].prefix))
                s->codings[s->n_codings++].prefix = raw[k].prefix;
            else if (raw[k].fact == raw[k - 1].fact)
                continue; /* the same prefix, written in two ways */
            push_fact(b, &s->codings[s->n_codings - 1].facts, raw[k].fact);
        }
    }
}

static void read_codings(struct builder *b, const json_t *list)
{
    VEC(struct raw_coding) raw = { 0 };
    for (uint32_t i = 0; i < b->cat->n_facts; i++) {
        const struct where *at = WHERE_MEMBER(NULL, STR("codes"));
        json_t *codes = json_object_get(json_array_get(list, i), "codes");
        const char *system;
        json_t *prefixes;
        b->faults->item = b->cat->facts[i].id;
        if (codes && !json_is_object(codes))
            fault_add(b->faults, FAULT_WRONG_TYPE, at, "write {\"icd-10-cm\": [...]}", "codes stand by system");
        json_object_foreach(codes, system, prefixes)
        {
            struct strs all = take_strs(b, codes, system, at);
            struct str name = arena_str(&b->cat->arena, str_of(system));
            for (size_t k = 0; k < all.n; k++) {
                struct raw_coding r = { .system = name, .fact = i };
                if (!normalise_code(b, all.at[k], &r.prefix))
                    fault_add(b->faults, FAULT_UNKNOWN_VALUE, WHERE_INDEX(WHERE_MEMBER(at, str_of(system)), k),
                              "letters, digits and dots", "this is not the beginning of a code");
                else if (!VEC_PUSH(&b->cat->arena, &raw, r))
                    b->oom = true;
            }
        }
    }
    group_codings(b, raw.at, raw.n);
}

void read_facts(struct builder *b)
{
    struct catalogue *cat = b->cat;
    const struct where *at = WHERE_MEMBER(NULL, STR("facts"));
    const json_t *list = json_object_get(b->doc, "facts");
    uint32_t n = (uint32_t)json_read_array(list, FACTS_LIMIT, at, b->faults);
    struct str *ids = BUILD_ARRAY(b, struct str, n);
    uint8_t *seen = BUILD_ARRAY(b, uint8_t, n);
    cat->facts = BUILD_ARRAY(b, struct fact, n);
    if (b->oom)
        return;
    cat->n_facts = n;
    for (uint32_t i = 0; i < n; i++) {
        ids[i] = take_str(b, json_array_get(list, i), "id", WHERE_INDEX(at, i));
        cat->facts[i].id = ids[i];
        if (ids[i].n > ID_LEN_MAX || (ids[i].p && memchr(ids[i].p, '.', ids[i].n)))
            fault_add(b->faults, FAULT_TOO_LONG, WHERE_INDEX(at, i), "at most 64 characters, no dot",
                      "this cannot be an id");
    }
    cat->fact_index = index_by_id(b, ids, n, "facts");
    if (b->oom)
        return;
    for (uint32_t i = 0; i < n; i++) {
        const json_t *item = json_array_get(list, i);
        b->faults->item = ids[i];
        read_fact(b, item, &cat->facts[i], NULL);
        cat->facts[i].implies = take_facts(b, item, "implies", NULL);
        cat->facts[i].covers = take_facts(b, item, "covers", NULL);
    }
    for (uint32_t i = 0; i < n && !b->oom; i++)
        relate(b, i);
    if (!b->oom)
        order_facts(b);
    for (uint32_t i = 0; i < n && !b->oom; i++)
        close_upwards(b, i, seen);
    read_codings(b, list);
    static const struct json_member members[] = { { "clearance_for", true },
                                                  { "worsened_pressure_delta", true },
                                                  { "worsened_minutes_factor", true } };
    const struct where *in = WHERE_MEMBER(WHERE_MEMBER(NULL, STR("definitions")), STR("stop_lifted"));
    const json_t *lifted = json_object_get(json_object_get(b->doc, "definitions"), "stop_lifted");
    b->faults->item = (struct str){ NULL, 0 };
    (void)json_read_object(lifted, members, ARRAY_LEN(members), in, b->faults);
    struct str id = take_str(b, lifted, "clearance_for", in);
    cat->definitions.stop_lifted_fact = id.p ? catalogue_find_fact(cat, id) : FACT_NONE;
    if (id.p && cat->definitions.stop_lifted_fact == FACT_NONE)
        fault_add(b->faults, FAULT_INVALID_REFERENCE, WHERE_MEMBER(in, STR("clearance_for")), "name a fact",
                  "there is no fact \"%.*s\"", STR_ARGS(id));
    cat->definitions.stop_lifted_pressure_delta =
        take_int(b, lifted, "worsened_pressure_delta", -PRESSURE_MAX, 0, 0, in);
    int32_t percent = 100;
    (void)json_read_steps(json_object_get(lifted, "worsened_minutes_factor"), 100, 1, 100,
                          WHERE_MEMBER(in, STR("worsened_minutes_factor")), b->faults, &percent);
    cat->definitions.stop_lifted_minutes_percent = percent;
}

void read_ask_if(struct builder *b)
{
    const json_t *list = json_object_get(b->doc, "facts");
    for (uint32_t i = 0; i < b->cat->n_facts && !b->oom; i++) {
        const json_t *ask_if = json_object_get(json_array_get(list, i), "ask_if");
        if (!ask_if)
            continue;
        b->faults->item = b->cat->facts[i].id;
        b->cat->facts[i].has_ask_if = true;
        b->cat->facts[i].ask_if = cond_compile(&b->conds, ask_if, COND_ASK_IF, WHERE_MEMBER(NULL, STR("ask_if")));
    }
}
