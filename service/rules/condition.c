/* Compiles a JsonLogic condition into terms.
 *
 * Three steps: the JSON becomes a tree of and, or and literals, with negation pushed down to the literals; the tree is
 * expanded into a list of conjunctions; each conjunction is sorted by fact into needs and dropped when it contradicts
 * itself. A negated comparison of an attribute becomes "the fact is absent, or present and otherwise": the same in
 * Kleene's logic, because a comparison is false of an absent fact and unknown of an unknown one. */
#include "rules/rules_priv.h"

#include <stdio.h>
#include <stdlib.h>

bool vec_grow(struct arena *a, void **at, uint32_t *room, size_t size)
{
    uint32_t more = *room ? *room * 2 : 16;
    void *p = arena_alloc(a, more, size);
    if (!p)
        return false;
    if (*room)
        memcpy(p, *at, *room * size);
    *at = p;
    *room = more;
    return true;
}

enum lit_kind { LIT_PRESENT, LIT_ABSENT, LIT_ATTR, LIT_SCALAR };

struct lit {
    enum lit_kind kind;
    bool triggers;
    uint32_t fact;
    uint8_t attribute;
    bool exclude; /* value != lo */
    int32_t lo, hi;
    struct scalar_test scalar;
};

struct node {
    enum { NODE_AND, NODE_OR, NODE_LIT } kind;
    struct node *first, *next; /* kids, and the next among siblings */
    struct lit lit;
    bool below_and; /* an "or" of which terms remember what they took */
    uint32_t part;  /* of such an "or" and all below it */
};

/* One compilation. The tree and the lists of literals live in `scratch`. */
struct job {
    struct cond_builder *b;
    struct arena scratch;
    enum cond_context ctx;
    size_t n_nodes;
    bool failed;
    bool overflow;
    struct cond ret;
};

enum var_type { TYPE_NUMBER, TYPE_BOOL, TYPE_WORD, TYPE_SET };

#define CTX(c)      (1u << (c))
#define CTX_ALL     (CTX(COND_RULE) | CTX(COND_ASK_IF) | CTX_COURSES)
#define CTX_COURSES (CTX(COND_COURSE) | CTX(COND_ADJUSTMENT) | CTX(COND_REPLAN))
#define CTX_REPLANS (CTX(COND_ADJUSTMENT) | CTX(COND_REPLAN))

static const struct variable_info {
    const char *name;
    enum variable variable;
    enum var_type type;
    const struct vocabulary *words;
    int32_t scale;
    unsigned contexts;
} variables[] = {
    { "age_years", VAR_AGE_YEARS, TYPE_NUMBER, NULL, 1, CTX_ALL },
    { "sex", VAR_SEX, TYPE_WORD, &sex_vocabulary, 1, CTX_ALL },
    { "pain_max", VAR_PAIN_MAX, TYPE_NUMBER, NULL, 1, CTX(COND_RULE) | CTX_COURSES },
    { "goals", VAR_GOALS, TYPE_SET, &goal_vocabulary, 1, CTX_ALL },
    { "onset_any", VAR_ONSET_ANY, TYPE_SET, &onset_vocabulary, 1, CTX(COND_RULE) | CTX_COURSES },
    { "cause_any", VAR_CAUSE_ANY, TYPE_SET, &cause_vocabulary, 1, CTX(COND_RULE) | CTX_COURSES },
    { "acuity", VAR_ACUITY, TYPE_WORD, &acuity_vocabulary, 1, CTX_COURSES },
    { "duration_days_max", VAR_DURATION_DAYS_MAX, TYPE_NUMBER, NULL, 1, CTX_COURSES },
    { "regions_over_two", VAR_REGIONS_OVER_TWO, TYPE_BOOL, NULL, 1, CTX_COURSES },
    { "has_technique_wish", VAR_HAS_TECHNIQUE_WISH, TYPE_BOOL, NULL, 1, CTX_COURSES },
    { "preferences.session_minutes", VAR_WISH_MINUTES, TYPE_NUMBER, NULL, 1, CTX_COURSES },
    { "preferences.sessions_per_week_max", VAR_WISH_PER_WEEK, TYPE_NUMBER, NULL, PER_WEEK_SCALE, CTX_COURSES },
    { "preferences.pressure", VAR_WISH_PRESSURE, TYPE_WORD, &pressure_wish_vocabulary, 1, CTX_COURSES },
    { "sessions_done", VAR_SESSIONS_DONE, TYPE_NUMBER, NULL, 1, CTX_REPLANS },
    { "days_since_last", VAR_DAYS_SINCE_LAST, TYPE_NUMBER, NULL, 1, CTX_REPLANS },
    { "pain_base", VAR_PAIN_BASE, TYPE_NUMBER, NULL, 1, CTX_REPLANS },
    { "pain_now", VAR_PAIN_NOW, TYPE_NUMBER, NULL, 1, CTX_REPLANS },
    { "pain_low", VAR_PAIN_LOW, TYPE_NUMBER, NULL, 1, CTX_REPLANS },
    { "pain_drop", VAR_PAIN_DROP, TYPE_NUMBER, NULL, 1, CTX_REPLANS },
    { "last_change", VAR_LAST_CHANGE, TYPE_NUMBER, NULL, 1, CTX_REPLANS },
    { "last_reaction", VAR_LAST_REACTION, TYPE_WORD, &reaction_vocabulary, 1, CTX_REPLANS },
    { "worse_count", VAR_WORSE_COUNT, TYPE_NUMBER, NULL, 1, CTX_REPLANS },
    { "bruising_count", VAR_BRUISING_COUNT, TYPE_NUMBER, NULL, 1, CTX_REPLANS },
    { "dizziness_count", VAR_DIZZINESS_COUNT, TYPE_NUMBER, NULL, 1, CTX_REPLANS },
    { "soreness_run", VAR_SORENESS_RUN, TYPE_NUMBER, NULL, 1, CTX_REPLANS },
    { "neurological_any", VAR_NEUROLOGICAL_ANY, TYPE_BOOL, NULL, 1, CTX_REPLANS },
    { "sessions_without_gain", VAR_SESSIONS_WITHOUT_GAIN, TYPE_NUMBER, NULL, 1, CTX_REPLANS },
    { "reassess_after", VAR_REASSESS_AFTER, TYPE_NUMBER, NULL, 1, CTX_REPLANS },
    { "max_without_gain", VAR_MAX_WITHOUT_GAIN, TYPE_NUMBER, NULL, 1, CTX_REPLANS },
    { "planned_total", VAR_PLANNED_TOTAL, TYPE_NUMBER, NULL, 1, CTX_REPLANS },
    { "improved", VAR_IMPROVED, TYPE_BOOL, NULL, 1, CTX_REPLANS },
    { "much_improved", VAR_MUCH_IMPROVED, TYPE_BOOL, NULL, 1, CTX_REPLANS },
    { "partial", VAR_PARTIAL, TYPE_BOOL, NULL, 1, CTX_REPLANS },
    { "worsened", VAR_WORSENED, TYPE_BOOL, NULL, 1, CTX_REPLANS },
    { "unchanged", VAR_UNCHANGED, TYPE_BOOL, NULL, 1, CTX_REPLANS },
    { "relapsed", VAR_RELAPSED, TYPE_BOOL, NULL, 1, CTX_REPLANS },
};

static struct node *invalid(struct job *j, const struct where *at, const char *remedy, const char *what)
{
    fault_add(j->b->faults, FAULT_INVALID_CONDITION, at, remedy, "%s", what);
    j->failed = true;
    return NULL;
}

static struct node *node_new(struct job *j, int kind)
{
    struct node *n = ARENA_NEW(&j->scratch, struct node);
    if (!n) {
        j->b->oom = true;
        j->failed = true;
        return NULL;
    }
    n->kind = kind;
    return n;
}

static struct node *literal(struct job *j, const struct lit *lit)
{
    struct node *n = node_new(j, NODE_LIT);
    if (n)
        n->lit = *lit;
    return n;
}

/* What a {"var": name} names. */
struct operand {
    enum { OPERAND_FACT, OPERAND_ATTRIBUTE, OPERAND_VARIABLE, OPERAND_LIST } kind;
    uint32_t fact;
    enum attribute attribute;
    const struct variable_info *info;
    uint32_t list;
};

static bool resolve_attribute(struct job *j, uint32_t fact, struct str name, struct operand *ret, const struct where *at)
{
    const struct fact *f = &j->b->cat->facts[fact];
    enum attribute a;
    if (str_eq(name, STR("days_ago")))
        a = ATTR_DATE;
    else if (!attribute_from_name(name, &a) || a == ATTR_DATE) {
        (void)invalid(j, at, "days_ago, region, severity, controlled and the like are; a date is read as days_ago",
                      "this is not an attribute that conditions read");
        return false;
    }
    if (!(f->attributes >> a & 1)) {
        fault_add(j->b->faults, FAULT_INVALID_CONDITION, at, "declare it among the fact's attributes",
                  "the fact %.*s does not declare %.*s", STR_ARGS(f->id), STR_ARGS(attribute_table[a].name));
        j->failed = true;
        return false;
    }
    *ret = (struct operand){ .kind = OPERAND_ATTRIBUTE, .fact = fact, .attribute = a };
    return true;
}

static bool resolve_fact(struct job *j, struct str name, struct operand *ret, const struct where *at)
{
    const char *dot = memchr(name.p, '.', name.n);
    struct str id = { name.p, dot ? (size_t)(dot - name.p) : name.n };
    int32_t fact = catalogue_find_fact(j->b->cat, id);
    if (fact < 0 || !(CTX(j->ctx) & (CTX(COND_RULE) | CTX(COND_OFFER) | CTX(COND_COURSE) | CTX(COND_ADJUSTMENT)))) {
        fault_add(j->b->faults, FAULT_INVALID_CONDITION, at,
                  "name a fact, an attribute of one as fact.attribute, or a variable that is allowed here",
                  "nothing called \"%.*s\" can be read here", STR_ARGS(name));
        j->failed = true;
        return false;
    }
    if (j->b->cat->facts[fact].clearance_only) {
        (void)invalid(j, at, "read the complaint or the age itself", "a fact that only clearances name is never read");
        return false;
    }
    if (dot)
        return resolve_attribute(j, (uint32_t)fact, (struct str){ dot + 1, name.n - id.n - 1 }, ret, at);
    *ret = (struct operand){ .kind = OPERAND_FACT, .fact = (uint32_t)fact };
    return true;
}

static const json_t *var_name(const json_t *v)
{
    return json_is_object(v) && json_object_size(v) == 1 ? json_object_get(v, "var") : NULL;
}

static bool resolve(struct job *j, const json_t *v, struct operand *ret, const struct where *at)
{
    const json_t *name_json = var_name(v);
    if (!name_json || !json_is_string(name_json)) {
        (void)invalid(j, at, "write {\"var\": name}", "expected a variable");
        return false;
    }
    struct str name = { json_string_value(name_json), json_string_length(name_json) };
    for (size_t i = 0; i < ARRAY_LEN(variables); i++) {
        if (str_eq(str_of(variables[i].name), name) && variables[i].contexts & CTX(j->ctx)) {
            *ret = (struct operand){ .kind = OPERAND_VARIABLE, .info = &variables[i] };
            return true;
        }
    }
    const struct definitions *defs = &j->b->cat->definitions;
    for (uint32_t i = 0; i < defs->n_lists; i++) {
        if (str_eq(defs->lists[i].id, name) && CTX(j->ctx) & (CTX(COND_RULE) | CTX_COURSES)) {
            *ret = (struct operand){ .kind = OPERAND_LIST, .list = i };
            return true;
        }
    }
    return resolve_fact(j, name, ret, at);
}

static struct node *scalar(struct job *j, struct scalar_test test, bool negate, bool under_not)
{
    test.negated = negate;
    test.triggers = !under_not;
    struct lit lit = { .kind = LIT_SCALAR, .scalar = test, .triggers = !under_not };
    return literal(j, &lit);
}

static struct node *fact_literal(struct job *j, uint32_t fact, bool negate, bool under_not)
{
    struct lit lit = { .kind = negate ? LIT_ABSENT : LIT_PRESENT, .fact = fact, .triggers = !under_not };
    return literal(j, &lit);
}

enum cmp { CMP_LT, CMP_LE, CMP_GT, CMP_GE, CMP_EQ, CMP_NE };
static const char *const cmp_name[] = { "<", "<=", ">", ">=", "==", "!=" };

static enum cmp cmp_negated(enum cmp op)
{
    static const enum cmp other[] = { CMP_GE, CMP_GT, CMP_LE, CMP_LT, CMP_NE, CMP_EQ };
    return other[op];
}

static void cmp_bounds(enum cmp op, int32_t k, int32_t *lo, int32_t *hi)
{
    *lo = op == CMP_GT ? k + 1 : op == CMP_GE || op == CMP_EQ || op == CMP_NE ? k : INT32_MIN + 1;
    *hi = op == CMP_LT ? k - 1 : op == CMP_LE || op == CMP_EQ || op == CMP_NE ? k : INT32_MAX;
}

static struct lit attribute_lit(const struct operand *o, enum cmp op, int32_t k, bool triggers)
{
    struct lit lit = { .kind = LIT_ATTR, .fact = o->fact, .attribute = o->attribute, .triggers = triggers };
    cmp_bounds(op, k, &lit.lo, &lit.hi);
    lit.exclude = op == CMP_NE;
    return lit;
}

static struct node *attribute_compare(struct job *j, const struct operand *o, enum cmp op, int32_t k, bool negate,
                                      bool under_not)
{
    struct lit lit = attribute_lit(o, negate ? cmp_negated(op) : op, k, !under_not);
    struct node *test = literal(j, &lit);
    if (!negate || !test)
        return test;
    struct node *either = node_new(j, NODE_OR);
    if (!either)
        return NULL;
    either->first = fact_literal(j, o->fact, true, true);
    if (!either->first)
        return NULL;
    either->first->next = test;
    return either;
}

/* Reads a constant that fits what it is compared with. */
static bool constant(struct job *j, const json_t *v, const struct operand *o, int32_t *ret, const struct where *at)
{
    const struct vocabulary *words = NULL;
    bool boolean = false;
    int32_t scale = 1;
    if (o->kind == OPERAND_ATTRIBUTE) {
        enum value_type type = attribute_table[o->attribute].type;
        words = type == VALUE_REGION ? &region_vocabulary : type == VALUE_SIDE ? &side_vocabulary : NULL;
        boolean = type == VALUE_BOOLEAN;
    } else if (o->kind == OPERAND_VARIABLE) {
        words = o->info->words;
        boolean = o->info->type == TYPE_BOOL;
        scale = o->info->scale;
    }
    if (words) {
        if (!json_is_string(v)) {
            (void)invalid(j, at, "write one of its words", "expected a word");
            return false;
        }
        int i = vocabulary_find(words, (struct str){ json_string_value(v), json_string_length(v) });
        if (i < 0 || (words == &sex_vocabulary && i == SEX_UNKNOWN)) {
            (void)invalid(j, at, "see the contract for the words", "this is not a word that can be compared with here");
            return false;
        }
        *ret = i;
        return true;
    }
    if (boolean) {
        if (!json_is_boolean(v)) {
            (void)invalid(j, at, "write true or false", "expected true or false");
            return false;
        }
        *ret = json_is_true(v);
        return true;
    }
    double x = json_is_number(v) ? json_number_value(v) * scale : 0.5;
    if (x != (double)(int32_t)x || x > 1e9 || x < -1e9) {
        (void)invalid(j, at, "write a whole number", "expected a whole number");
        return false;
    }
    *ret = (int32_t)x;
    return true;
}

static struct node *compare_variables(struct job *j, const struct operand *left, const struct operand *right,
                                      enum cmp op, bool negate, bool under_not, const struct where *at)
{
    if (left->kind != OPERAND_VARIABLE || right->kind != OPERAND_VARIABLE || left->info->type != TYPE_NUMBER ||
        right->info->type != TYPE_NUMBER || left->info->variable == VAR_PAIN_MAX ||
        right->info->variable == VAR_PAIN_MAX)
        return invalid(j, at, "compare with a constant", "these two cannot be compared with each other");
    bool swap = op == CMP_GT || op == CMP_GE;
    struct scalar_test t = {
        .variable = (uint8_t)(swap ? right : left)->info->variable,
        .other = (uint8_t)(swap ? left : right)->info->variable,
        .op = op == CMP_LT || op == CMP_GT   ? SCALAR_BELOW
              : op == CMP_LE || op == CMP_GE ? SCALAR_AT_MOST
                                             : SCALAR_EQUALS,
    };
    return scalar(j, t, negate != (op == CMP_NE), under_not);
}

static struct node *compare(struct job *j, const json_t *args, enum cmp op, bool negate, bool under_not,
                            const struct where *at)
{
    struct operand left, right;
    int32_t k;
    if (!json_is_array(args) || json_array_size(args) != 2)
        return invalid(j, at, "write a variable and a constant", "a comparison takes two operands");
    const json_t *rhs = json_array_get(args, 1);
    if (!resolve(j, json_array_get(args, 0), &left, WHERE_INDEX(at, 0)))
        return NULL;
    if (var_name(rhs)) {
        if (!resolve(j, rhs, &right, WHERE_INDEX(at, 1)))
            return NULL;
        return compare_variables(j, &left, &right, op, negate, under_not, at);
    }
    if (left.kind == OPERAND_FACT || left.kind == OPERAND_LIST ||
        (left.kind == OPERAND_VARIABLE && left.info->type == TYPE_SET))
        return invalid(j, at, "read a fact as {\"var\": id}, a list by \"in\"", "this cannot be compared");
    if (!constant(j, rhs, &left, &k, WHERE_INDEX(at, 1)))
        return NULL;
    bool ordered = op != CMP_EQ && op != CMP_NE;
    bool numeric = left.kind == OPERAND_ATTRIBUTE ? attribute_table[left.attribute].type == VALUE_INTEGER ||
                                                        attribute_table[left.attribute].type == VALUE_DATE
                                                  : left.info->type == TYPE_NUMBER;
    if (ordered && !numeric)
        return invalid(j, at, "use == or !=", "words and booleans have no order");
    if (left.kind == OPERAND_ATTRIBUTE)
        return attribute_compare(j, &left, op, k, negate, under_not);
    struct scalar_test t = { .variable = (uint8_t)left.info->variable };
    if (left.info->type == TYPE_WORD) { /* != as the other words: what was not given passes neither */
        t.op = SCALAR_MASK;
        t.mask = op == CMP_EQ ? UINT32_C(1) << k : ~(UINT32_C(1) << k);
    } else {
        t.op = op == CMP_NE ? SCALAR_NOT_RANGE : SCALAR_RANGE;
        cmp_bounds(op, k, &t.lo, &t.hi);
    }
    return scalar(j, t, negate, under_not);
}

/* {"in": ["neck", {"var": list}]} and {"in": [{"var": word}, ["a", "b"]]}. */
static struct node *membership_of_constant(struct job *j, const json_t *needle, const json_t *hay, bool negate,
                                           bool under_not, const struct where *at)
{
    struct operand set;
    if (!resolve(j, hay, &set, WHERE_INDEX(at, 1)))
        return NULL;
    const struct vocabulary *words = set.kind == OPERAND_LIST                                      ? &region_vocabulary
                                     : set.kind == OPERAND_VARIABLE && set.info->type == TYPE_SET ? set.info->words
                                                                                                  : NULL;
    if (!words)
        return invalid(j, WHERE_INDEX(at, 1), "goals, onset_any, cause_any and the lists of regions are",
                       "this is not a list");
    int i = vocabulary_find(words, (struct str){ json_string_value(needle), json_string_length(needle) });
    if (i < 0)
        return invalid(j, WHERE_INDEX(at, 0), "see the contract for the words", "this list never holds such a word");
    struct scalar_test t;
    if (set.kind == OPERAND_LIST) {
        t = (struct scalar_test){ .variable = VAR_COMPLAINT_LIST, .op = SCALAR_IN_LIST, .lo = i, .hi = (int32_t)set.list };
        j->ret.regions |= under_not ? 0 : UINT32_C(1) << i;
        j->ret.names_region |= !under_not;
    } else {
        t = (struct scalar_test){ .variable = (uint8_t)set.info->variable, .op = SCALAR_MEMBER, .mask = UINT32_C(1) << i };
    }
    return scalar(j, t, negate, under_not);
}

static struct node *membership_in_constants(struct job *j, const json_t *needle, const json_t *hay, bool negate,
                                            bool under_not, const struct where *at)
{
    struct operand o;
    if (!resolve(j, needle, &o, WHERE_INDEX(at, 0)))
        return NULL;
    bool attribute = o.kind == OPERAND_ATTRIBUTE;
    if (!attribute && !(o.kind == OPERAND_VARIABLE && o.info->type == TYPE_WORD))
        return invalid(j, WHERE_INDEX(at, 0), "compare it by ==", "only words can be looked for in a list");
    if (!json_is_array(hay) || json_array_size(hay) == 0)
        return invalid(j, WHERE_INDEX(at, 1), "write a list of words", "expected a list");
    struct node *any = node_new(j, negate ? NODE_AND : NODE_OR), **end = any ? &any->first : NULL;
    uint32_t mask = 0;
    for (size_t i = 0; any && i < json_array_size(hay); i++) {
        int32_t k;
        if (!constant(j, json_array_get(hay, i), &o, &k, WHERE_INDEX(WHERE_INDEX(at, 1), i)))
            return NULL;
        mask |= UINT32_C(1) << (k & 31);
        if (attribute) {
            *end = attribute_compare(j, &o, CMP_EQ, k, negate, under_not);
            if (!*end)
                return NULL;
            end = &(*end)->next;
        }
    }
    if (attribute)
        return any;
    struct scalar_test t = { .variable = (uint8_t)o.info->variable, .op = SCALAR_MASK, .mask = mask };
    return scalar(j, t, negate, under_not);
}

static struct node *membership(struct job *j, const json_t *args, bool negate, bool under_not, const struct where *at)
{
    if (!json_is_array(args) || json_array_size(args) != 2)
        return invalid(j, at, "write what is looked for, then the list", "\"in\" takes two operands");
    const json_t *needle = json_array_get(args, 0), *hay = json_array_get(args, 1);
    if (json_is_string(needle))
        return membership_of_constant(j, needle, hay, negate, under_not, at);
    return membership_in_constants(j, needle, hay, negate, under_not, at);
}

static struct node *parse(struct job *j, const json_t *v, bool negate, bool under_not, size_t depth,
                          const struct where *at);

static struct node *parse_all(struct job *j, const json_t *args, int kind, bool negate, bool under_not, size_t depth,
                              const struct where *at)
{
    if (!json_is_array(args) || json_array_size(args) == 0)
        return invalid(j, at, "write a list of conditions", "expected a list of at least one condition");
    struct node *n = node_new(j, kind), **end = n ? &n->first : NULL;
    bool ok = n != NULL;
    for (size_t i = 0; n && i < json_array_size(args); i++) {
        struct node *kid = parse(j, json_array_get(args, i), negate, under_not, depth, WHERE_INDEX(at, i));
        if (kid) {
            *end = kid;
            end = &kid->next;
        }
        ok = ok && kid;
    }
    return ok ? n : NULL;
}

static struct node *parse_variable(struct job *j, const json_t *v, bool negate, bool under_not, const struct where *at)
{
    struct operand o;
    if (!resolve(j, v, &o, at))
        return NULL;
    if (o.kind == OPERAND_FACT)
        return fact_literal(j, o.fact, negate, under_not);
    if (o.kind == OPERAND_ATTRIBUTE && attribute_table[o.attribute].type == VALUE_BOOLEAN)
        return attribute_compare(j, &o, CMP_EQ, 1, negate, under_not);
    if (o.kind == OPERAND_VARIABLE && o.info->type == TYPE_BOOL) {
        struct scalar_test t = { .variable = (uint8_t)o.info->variable, .op = SCALAR_RANGE, .lo = 1, .hi = 1 };
        return scalar(j, t, negate, under_not);
    }
    return invalid(j, at, "compare it with something", "this is not a condition by itself");
}

static struct node *parse(struct job *j, const json_t *v, bool negate, bool under_not, size_t depth,
                          const struct where *at)
{
    if (depth > COND_DEPTH_MAX || ++j->n_nodes > COND_NODES_MAX)
        return invalid(j, at, "split the rule", "the condition is too deep or too long");
    if (!json_is_object(v) || json_object_size(v) != 1)
        return invalid(j, at, "write {operator: operands}", "a condition is an object with one member, its operator");
    const char *op = json_object_iter_key(json_object_iter((json_t *)v));
    const json_t *args = json_object_iter_value(json_object_iter((json_t *)v));
    const struct where *in = WHERE_MEMBER(at, str_of(op));
    if (strcmp(op, "var") == 0)
        return parse_variable(j, v, negate, under_not, at);
    if (strcmp(op, "and") == 0)
        return parse_all(j, args, negate ? NODE_OR : NODE_AND, negate, under_not, depth + 1, in);
    if (strcmp(op, "or") == 0)
        return parse_all(j, args, negate ? NODE_AND : NODE_OR, negate, under_not, depth + 1, in);
    if (strcmp(op, "!") == 0) {
        if (json_is_array(args)) {
            if (json_array_size(args) != 1)
                return invalid(j, in, "write one condition", "\"!\" takes one operand");
            return parse(j, json_array_get(args, 0), !negate, true, depth + 1, WHERE_INDEX(in, 0));
        }
        return parse(j, args, !negate, true, depth + 1, in);
    }
    if (strcmp(op, "in") == 0)
        return membership(j, args, negate, under_not, in);
    for (size_t i = 0; i < ARRAY_LEN(cmp_name); i++)
        if (strcmp(op, cmp_name[i]) == 0)
            return compare(j, args, (enum cmp)i, negate, under_not, in);
    return invalid(j, in, "and, or, !, ==, !=, <, <=, >, >=, in and var are", "there is no such operator");
}

/* ---- expansion -------------------------------------------------------------------------------------------- */

/* A conjunction while it grows: a chain of literals that shares its tail with others. */
struct chain {
    const struct lit *lit;
    const struct node *either, *operand; /* or a choice */
    const struct chain *rest;
};

struct chains {
    VEC(const struct chain *) v;
};

static bool chains_push(struct job *j, struct chains *c, const struct chain *chain)
{
    if (c->v.n >= COND_TERMS_MAX) {
        j->overflow = true;
        return false;
    }
    if (VEC_PUSH(&j->scratch, &c->v, chain))
        return true;
    j->b->oom = true;
    return false;
}

/* Appends to `out` every way to make `n` and then `after` true. */
static bool expand(struct job *j, const struct node *n, const struct chains *after, struct chains *out);

/* Puts `link` before each of `after`. */
static bool prepend(struct job *j, struct chain link, const struct chains *after, struct chains *out)
{
    for (uint32_t i = 0; i < after->v.n; i++) {
        struct chain *c = ARENA_NEW(&j->scratch, struct chain);
        if (!c) {
            j->b->oom = true;
            return false;
        }
        *c = link;
        c->rest = after->v.at[i];
        if (!chains_push(j, out, c))
            return false;
    }
    return true;
}

static bool expand_either(struct job *j, const struct node *n, const struct chains *after, struct chains *out)
{
    for (const struct node *kid = n->first; kid; kid = kid->next) {
        struct chains chosen = { { 0 } };
        const struct chain link = { .either = n, .operand = kid };
        if (n->below_and && !prepend(j, link, after, &chosen))
            return false;
        if (!expand(j, kid, n->below_and ? &chosen : after, out))
            return false;
    }
    return true;
}

static bool expand(struct job *j, const struct node *n, const struct chains *after, struct chains *out)
{
    if (n->kind == NODE_LIT)
        return prepend(j, (struct chain){ .lit = &n->lit }, after, out);
    if (n->kind == NODE_OR)
        return expand_either(j, n, after, out);
    struct chains so_far = *after;
    for (const struct node *kid = n->first; kid; kid = kid->next) {
        struct chains next = { { 0 } };
        if (!expand(j, kid, &so_far, kid->next ? &next : out))
            return false;
        so_far = next;
    }
    return true;
}

/* ---- one term --------------------------------------------------------------------------------------------- */

enum { TERM_LITS_MAX = 512 };

static int order_of(int64_t x, int64_t y)
{
    return (x > y) - (x < y);
}

static int scalar_order(const struct scalar_test *x, const struct scalar_test *y)
{
    const int64_t a[] = { x->variable, x->op, x->other, x->negated, x->triggers, x->lo, x->hi, x->mask };
    const int64_t b[] = { y->variable, y->op, y->other, y->negated, y->triggers, y->lo, y->hi, y->mask };
    int c = 0;
    for (size_t i = 0; c == 0 && i < ARRAY_LEN(a); i++)
        c = order_of(a[i], b[i]);
    return c;
}

/* What is needed first, by fact, presence before its attributes; then what must be absent; then variables. */
static int lit_order(const void *a, const void *b)
{
    static const int place[] = { [LIT_PRESENT] = 0, [LIT_ATTR] = 0, [LIT_ABSENT] = 1, [LIT_SCALAR] = 2 };
    const struct lit *x = *(const struct lit *const *)a, *y = *(const struct lit *const *)b;
    if (place[x->kind] != place[y->kind])
        return place[x->kind] - place[y->kind];
    if (x->kind == LIT_SCALAR)
        return scalar_order(&x->scalar, &y->scalar);
    const int64_t i[] = { x->fact, x->kind, x->attribute, x->lo, x->hi, x->exclude };
    const int64_t k[] = { y->fact, y->kind, y->attribute, y->lo, y->hi, y->exclude };
    int c = 0;
    for (size_t n = 0; c == 0 && n < ARRAY_LEN(i); n++)
        c = order_of(i[n], k[n]);
    return c;
}

static void attribute_range(const struct fact *f, enum attribute a, int32_t *lo, int32_t *hi)
{
    *lo = attribute_table[a].min;
    *hi = attribute_table[a].max;
    if (a == ATTR_DATE) {
        *lo = 0;
        *hi = f->valid_days == NOT_GIVEN ? INT32_MAX : f->valid_days;
    } else if (a == ATTR_STAGE || a == ATTR_SYSTOLIC || a == ATTR_DIASTOLIC || a == ATTR_PLATELETS) {
        *hi = INT32_MAX; /* S8: others are 0 or more */
    }
}

/* Some value within the range passes: looks past the excluded ones, which are few. */
static bool test_possible(const struct cond_builder *b, const struct fact *f, const struct attr_test *t)
{
    int32_t lo, hi;
    attribute_range(f, t->attribute, &lo, &hi);
    lo = lo > t->lo ? lo : t->lo;
    hi = hi < t->hi ? hi : t->hi;
    for (int64_t v = lo; v <= hi && v <= (int64_t)lo + t->n_excluded; v++) {
        bool excluded = false;
        for (uint16_t i = 0; i < t->n_excluded; i++)
            excluded |= b->excluded.at[t->excluded + i] == v;
        if (!excluded)
            return true;
    }
    return false;
}

/* The literals of one fact and one attribute, from `lits[0]` on, as one test. */
static bool build_test(struct job *j, const struct lit *const *lits, size_t n, struct need *need, bool *contradiction)
{
    struct cond_builder *b = j->b;
    struct arena *a = &b->cat->arena;
    struct attr_test t = { .attribute = lits[0]->attribute, .lo = INT32_MIN + 1, .hi = INT32_MAX,
                           .excluded = b->excluded.n };
    for (size_t i = 0; i < n; i++) {
        if (lits[i]->exclude) {
            if (!VEC_PUSH(a, &b->excluded, lits[i]->lo))
                return false;
            t.n_excluded++;
            continue;
        }
        t.lo = lits[i]->lo > t.lo ? lits[i]->lo : t.lo;
        t.hi = lits[i]->hi < t.hi ? lits[i]->hi : t.hi;
    }
    *contradiction |= t.lo > t.hi;
    t.possible = test_possible(b, &b->cat->facts[need->fact], &t);
    if (!VEC_PUSH(a, &b->tests, t))
        return false;
    need->n_tests++;
    return true;
}

static bool build_need(struct job *j, const struct lit *const *lits, size_t n, struct term *term, bool *contradiction)
{
    struct cond_builder *b = j->b;
    struct need need = { .fact = lits[0]->fact, .tests = b->tests.n };
    for (size_t i = 0; i < n; i++)
        need.triggers |= lits[i]->triggers;
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && lits[end]->kind == lits[i]->kind && lits[end]->attribute == lits[i]->attribute;)
            end++;
        if (lits[i]->kind == LIT_ATTR && !build_test(j, lits + i, end - i, &need, contradiction))
            return false;
    }
    if (!VEC_PUSH(&b->cat->arena, &b->needs, need))
        return false;
    term->n_needs++;
    return true;
}

static bool is_pain_test(const struct catalogue *cat, const struct scalar_test *s)
{
    return s->variable == VAR_PAIN_MAX ||
           (s->variable == VAR_COMPLAINT_LIST && cat->definitions.lists[s->hi].not_given == TRI_UNKNOWN);
}

static bool must_be_absent(const struct cond_builder *b, const struct term *t, uint32_t fact)
{
    for (uint16_t i = 0; i < t->n_absents; i++)
        if (b->absents.at[t->absents + i] == fact)
            return true;
    return false;
}

/* A term that needs a fact and the absence of what that fact brings with it can never be true (S1). */
static bool contradicts_itself(const struct cond_builder *b, const struct term *t)
{
    if (t->n_absents == 0)
        return false;
    for (uint16_t i = 0; i < t->n_needs; i++) {
        const struct fact_list *up = &b->cat->facts[b->needs.at[t->needs + i].fact].up;
        for (uint32_t k = 0; k < up->n; k++)
            if (must_be_absent(b, t, up->at[k]))
                return true;
    }
    return false;
}

static bool build_term(struct job *j, const struct chain *chain)
{
    struct cond_builder *b = j->b;
    struct arena *a = &b->cat->arena;
    const struct lit *lits[TERM_LITS_MAX];
    size_t n = 0;
    bool contradiction = false;
    struct term t = { .needs = b->needs.n, .absents = b->absents.n, .scalars = b->scalars.n, .choices = b->choices.n };
    for (; chain && chain->rest; chain = chain->rest) {
        if (n == TERM_LITS_MAX) {
            j->overflow = true;
            return false;
        }
        if (chain->lit)
            lits[n++] = chain->lit;
        else if (VEC_PUSH(a, &b->choices, (struct choice){ chain->either->part, chain->operand->part }))
            t.n_choices++;
        else
            goto oom;
    }
    qsort(lits, n, sizeof(lits[0]), lit_order);
    uint32_t tests_before = b->tests.n, excluded_before = b->excluded.n;
    for (size_t i = 0, end; i < n; i = end) {
        end = i + 1;
        if (lits[i]->kind == LIT_PRESENT || lits[i]->kind == LIT_ATTR) {
            while (end < n && (lits[end]->kind == LIT_PRESENT || lits[end]->kind == LIT_ATTR) &&
                   lits[end]->fact == lits[i]->fact)
                end++;
            if (!build_need(j, lits + i, end - i, &t, &contradiction))
                goto oom;
        } else if (i > 0 && lit_order(&lits[i - 1], &lits[i]) == 0) {
            continue; /* the same once more */
        } else if (lits[i]->kind == LIT_ABSENT) {
            if (!VEC_PUSH(a, &b->absents, lits[i]->fact))
                goto oom;
            t.n_absents++;
        } else {
            if (!VEC_PUSH(a, &b->scalars, lits[i]->scalar))
                goto oom;
            t.n_scalars++;
            t.n_pain_tests += is_pain_test(b->cat, &lits[i]->scalar);
        }
    }
    if (contradiction || contradicts_itself(b, &t)) {
        b->needs.n = t.needs;
        b->absents.n = t.absents;
        b->scalars.n = t.scalars;
        b->tests.n = tests_before;
        b->excluded.n = excluded_before;
        b->choices.n = t.choices;
        return true;
    }
    if (VEC_PUSH(a, &b->terms, t)) {
        j->ret.n_terms++;
        return true;
    }
oom:
    b->oom = true;
    return false;
}

/* ---- parts ------------------------------------------------------------------------------------------------ */

/* An "or" deeper inside one that is kept is kept with it. */
static void mark_below(struct node *n)
{
    for (struct node *kid = n->first; kid; kid = kid->next) {
        kid->below_and = kid->kind == NODE_OR;
        mark_below(kid);
    }
}

static bool keep_part(struct job *j, struct node *n, uint32_t at)
{
    struct cond_builder *b = j->b;
    struct arena *a = &b->cat->arena;
    struct part p = { .kind = n->kind == NODE_AND ? PART_ALL : PART_ANY };
    n->part = at;
    if (n->kind == NODE_LIT) {
        const struct lit *lit = &n->lit;
        struct need need = { .fact = lit->fact, .tests = b->tests.n };
        bool contradiction = false;
        switch (lit->kind) {
        case LIT_ABSENT:
            p = (struct part){ .kind = PART_ABSENT, .first = lit->fact };
            break;
        case LIT_SCALAR:
            p = (struct part){ .kind = PART_SCALAR, .first = b->scalars.n };
            b->oom |= !VEC_PUSH(a, &b->scalars, lit->scalar);
            break;
        case LIT_PRESENT:
        case LIT_ATTR:
            p = (struct part){ .kind = PART_NEED, .first = b->needs.n };
            if (lit->kind == LIT_ATTR)
                b->oom |= !build_test(j, &lit, 1, &need, &contradiction);
            b->oom |= !VEC_PUSH(a, &b->needs, need);
            break;
        }
        b->parts.at[at] = p;
        return !b->oom;
    }
    p.first = b->parts.n;
    for (struct node *kid = n->first; kid; kid = kid->next, p.n++)
        if (!VEC_PUSH(a, &b->parts, (struct part){ PART_ALL, 0, 0 }))
            return false;
    b->parts.at[at] = p;
    uint32_t i = 0;
    for (struct node *kid = n->first; kid; kid = kid->next)
        if (!keep_part(j, kid, p.first + i++))
            return false;
    return true;
}

/* Keeps every "or" that stands below an "and", with all that is below it. */
static bool keep_parts(struct job *j, struct node *n, bool below_and)
{
    if (n->kind == NODE_OR && below_and) {
        n->below_and = true;
        uint32_t at = j->b->parts.n;
        if (!VEC_PUSH(&j->b->cat->arena, &j->b->parts, (struct part){ PART_ALL, 0, 0 }) || !keep_part(j, n, at)) {
            j->b->oom = true;
            return false;
        }
        return mark_below(n), true;
    }
    for (struct node *kid = n->first; kid; kid = kid->next)
        if (!keep_parts(j, kid, below_and || n->kind == NODE_AND))
            return false;
    return true;
}

struct cond cond_compile(struct cond_builder *b, const json_t *json, enum cond_context ctx, const struct where *at)
{
    struct job j = { .b = b, .ctx = ctx, .ret = { .terms = b->terms.n } };
    arena_init(&j.scratch, 0);
    struct node *root = parse(&j, json, false, false, 1, at);
    if (root && !j.failed) {
        static const struct chain end = { .rest = NULL };
        struct chains start = { { 0 } }, all = { { 0 } };
        bool ok = keep_parts(&j, root, false) && chains_push(&j, &start, &end) && expand(&j, root, &start, &all);
        for (uint32_t i = 0; ok && i < all.v.n; i++)
            ok = build_term(&j, all.v.at[i]);
        if (j.overflow)
            (void)invalid(&j, at, "split the rule in two", "the condition expands to too many cases");
    }
    arena_done(&j.scratch);
    return j.ret;
}

void cond_pool_finish(struct cond_builder *b)
{
    b->cat->pool = (struct cond_pool){
        .terms = b->terms.at,       .n_terms = b->terms.n,       .needs = b->needs.at,     .n_needs = b->needs.n,
        .tests = b->tests.at,       .n_tests = b->tests.n,       .scalars = b->scalars.at, .n_scalars = b->scalars.n,
        .absents = b->absents.at,   .n_absents = b->absents.n,   .excluded = b->excluded.at,
        .n_excluded = b->excluded.n, .choices = b->choices.at, .parts = b->parts.at,
    };
}

/* ---- targets ---------------------------------------------------------------------------------------------- */

static bool target_fault(struct faults *faults, const struct where *at, const char *what)
{
    if (faults)
        fault_add(faults, FAULT_INVALID_CONDITION, at,
                  "targets read pressure, min_pressure, kind, code and the traits of techniques", "%s", what);
    return false;
}

static bool target_compare(const json_t *args, enum cmp op, const struct technique *t, struct str kind,
                           const struct where *at, struct faults *faults)
{
    const json_t *name_json = json_array_size(args) == 2 ? var_name(json_array_get(args, 0)) : NULL;
    const json_t *rhs = json_array_get(args, 1);
    if (!name_json || !json_is_string(name_json))
        return target_fault(faults, at, "expected a technique's attribute and a constant");
    struct str name = { json_string_value(name_json), json_string_length(name_json) };
    enum trait trait;
    bool equality = op == CMP_EQ || op == CMP_NE;
    if (str_eq(name, STR("pressure")) || str_eq(name, STR("min_pressure"))) {
        if (!json_is_integer(rhs))
            return target_fault(faults, at, "expected a whole number");
        int32_t v = str_eq(name, STR("pressure")) ? t->pressure : t->min_pressure, lo, hi;
        cmp_bounds(op, (int32_t)json_integer_value(rhs), &lo, &hi);
        return (v >= lo && v <= hi) != (op == CMP_NE);
    }
    if (str_eq(name, STR("code")) || str_eq(name, STR("kind"))) {
        if (!json_is_string(rhs) || !equality)
            return target_fault(faults, at, "expected == or != and a string");
        struct str v = str_eq(name, STR("code")) ? t->code : kind;
        return str_eq(v, (struct str){ json_string_value(rhs), json_string_length(rhs) }) == (op == CMP_EQ);
    }
    if (!trait_from_name(name, &trait) || !json_is_boolean(rhs) || !equality)
        return target_fault(faults, at, "expected a trait that is true or false");
    return ((t->traits >> trait & 1) == json_is_true(rhs)) == (op == CMP_EQ);
}

static bool target_eval(const json_t *v, const struct technique *t, struct str kind, const struct where *at,
                        struct faults *faults, size_t depth)
{
    if (depth > COND_DEPTH_MAX || !json_is_object(v) || json_object_size(v) != 1)
        return target_fault(faults, at, "a target is an object with one member, its operator");
    const char *op = json_object_iter_key(json_object_iter((json_t *)v));
    const json_t *args = json_object_iter_value(json_object_iter((json_t *)v));
    const struct where *in = WHERE_MEMBER(at, str_of(op));
    bool all = strcmp(op, "and") == 0;
    if (all || strcmp(op, "or") == 0) {
        bool result = all;
        if (!json_is_array(args) || json_array_size(args) == 0)
            return target_fault(faults, in, "expected a list of conditions");
        for (size_t i = 0; i < json_array_size(args); i++) { /* every one, so that every fault is found */
            bool r = target_eval(json_array_get(args, i), t, kind, WHERE_INDEX(in, i), faults, depth + 1);
            result = all ? result && r : result || r;
        }
        return result;
    }
    if (strcmp(op, "!") == 0)
        return !target_eval(json_is_array(args) && json_array_size(args) == 1 ? json_array_get(args, 0) : args, t, kind,
                            in, faults, depth + 1);
    for (size_t i = 0; i < ARRAY_LEN(cmp_name); i++)
        if (strcmp(op, cmp_name[i]) == 0)
            return target_compare(args, (enum cmp)i, t, kind, in, faults);
    return target_fault(faults, in, "there is no such operator here");
}

bool target_matches(const json_t *json, const struct technique *t, struct str kind, const struct where *at,
                    struct faults *faults)
{
    return target_eval(json, t, kind, at, faults, 1);
}
