/* Parses a JsonLogic condition into a tree of "and", "or" and literals, with negation pushed down to the literals.
 *
 * A negated comparison of an attribute becomes "the fact is absent, or present and otherwise": the same in Kleene's
 * logic, because a comparison is false of an absent fact and unknown of an unknown one. */
#include "rules/condition_priv.h"

#include <stdio.h>

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

bool variable_from_name(struct str name, enum variable *ret_variable, const struct vocabulary **ret_words)
{
    for (size_t i = 0; i < ARRAY_LEN(variables); i++) {
        if (str_eq(str_of(variables[i].name), name)) {
            *ret_variable = variables[i].variable;
            *ret_words = variables[i].words;
            return true;
        }
    }
    return false;
}

struct node *cond_invalid(struct job *j, const struct where *at, const char *remedy, const char *what)
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

static bool resolve_attribute(struct job *j, uint32_t fact, struct str name, struct operand *ret,
                              const struct where *at)
{
    const struct fact *f = &j->b->cat->facts[fact];
    enum attribute a;
    if (str_eq(name, STR("days_ago")))
        a = ATTR_DATE;
    else if (!attribute_from_name(name, &a) || a == ATTR_DATE) {
        (void)cond_invalid(j, at, "days_ago, region, severity, controlled and the like are; a date is read as days_ago",
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
        (void)cond_invalid(j, at, "read the complaint or the age itself",
                           "a fact that only clearances name is never read");
        return false;
    }
    if (dot)
        return resolve_attribute(j, (uint32_t)fact, (struct str){ dot + 1, name.n - id.n - 1 }, ret, at);
    *ret = (struct operand){ .kind = OPERAND_FACT, .fact = (uint32_t)fact };
    return true;
}

const json_t *var_name(const json_t *v)
{
    return json_is_object(v) && json_object_size(v) == 1 ? json_object_get(v, "var") : NULL;
}

static bool resolve(struct job *j, const json_t *v, struct operand *ret, const struct where *at)
{
    const json_t *name_json = var_name(v);
    if (!name_json || !json_is_string(name_json)) {
        (void)cond_invalid(j, at, "write {\"var\": name}", "expected a variable");
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
static const char *const cmp_name[] = { "<", "<=", ">", ">=", "==", "!=" };
static_assert(ARRAY_LEN(cmp_name) == CMP_COUNT_, "every comparison has a name");

enum cmp cmp_from_name(const char *name)
{
    size_t i = 0;
    while (i < CMP_COUNT_ && strcmp(cmp_name[i], name) != 0)
        i++;
    return (enum cmp)i;
}

static enum cmp cmp_negated(enum cmp op)
{
    static const enum cmp other[] = { CMP_GE, CMP_GT, CMP_LE, CMP_LT, CMP_NE, CMP_EQ };
    return other[op];
}

void cmp_bounds(enum cmp op, int32_t k, int32_t *lo, int32_t *hi)
{
    *lo = op == CMP_GT ? k + 1 : op == CMP_GE || op == CMP_EQ || op == CMP_NE ? k : INT32_MIN + 1;
    *hi = op == CMP_LT ? k - 1 : op == CMP_LE || op == CMP_EQ || op == CMP_NE ? k : INT32_MAX;
}

static struct lit attribute_lit(const struct operand *o, enum cmp op, int32_t k, bool triggers)
{
    struct lit lit = { .kind = LIT_ATTR, .fact = o->fact, .attribute = (uint8_t)o->attribute, .triggers = triggers };
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
            (void)cond_invalid(j, at, "write one of its words", "expected a word");
            return false;
        }
        int i = vocabulary_find(words, (struct str){ json_string_value(v), json_string_length(v) });
        if (i < 0 || (words == &sex_vocabulary && i == SEX_UNKNOWN)) {
            (void)cond_invalid(j, at, "see the contract for the words",
                               "this is not a word that can be compared with here");
            return false;
        }
        *ret = i;
        return true;
    }
    if (boolean) {
        if (!json_is_boolean(v)) {
            (void)cond_invalid(j, at, "write true or false", "expected true or false");
            return false;
        }
        *ret = json_is_true(v);
        return true;
    }
    double x;
    if (!json_is_number(v) || !json_in_steps(v, scale, &x) || x > 1e9 || x < -1e9) {
        (void)cond_invalid(j, at, "write a whole number", "expected a whole number");
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
        return cond_invalid(j, at, "compare with a constant", "these two cannot be compared with each other");
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
        return cond_invalid(j, at, "write a variable and a constant", "a comparison takes two operands");
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
        return cond_invalid(j, at, "read a fact as {\"var\": id}, a list by \"in\"", "this cannot be compared");
    if (!constant(j, rhs, &left, &k, WHERE_INDEX(at, 1)))
        return NULL;
    bool ordered = op != CMP_EQ && op != CMP_NE;
    bool numeric = left.kind == OPERAND_ATTRIBUTE ? attribute_table[left.attribute].type == VALUE_INTEGER ||
                                                        attribute_table[left.attribute].type == VALUE_DATE
                                                  : left.info->type == TYPE_NUMBER;
    if (ordered && !numeric)
        return cond_invalid(j, at, "use == or !=", "words and booleans have no order");
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
    const struct vocabulary *words = set.kind == OPERAND_LIST                                     ? &region_vocabulary
                                     : set.kind == OPERAND_VARIABLE && set.info->type == TYPE_SET ? set.info->words
                                                                                                  : NULL;
    if (!words)
        return cond_invalid(j, WHERE_INDEX(at, 1), "goals, onset_any, cause_any and the lists of regions are",
                            "this is not a list");
    int i = vocabulary_find(words, (struct str){ json_string_value(needle), json_string_length(needle) });
    if (i < 0)
        return cond_invalid(j, WHERE_INDEX(at, 0), "see the contract for the words",
                            "this list never holds such a word");
    struct scalar_test t;
    if (set.kind == OPERAND_LIST) {
        t = (struct scalar_test){
            .variable = VAR_COMPLAINT_LIST, .op = SCALAR_IN_LIST, .lo = i, .hi = (int32_t)set.list
        };
        j->ret.regions |= under_not ? 0 : UINT32_C(1) << i;
        j->ret.names_region |= !under_not;
    } else {
        t = (struct scalar_test){ .variable = (uint8_t)set.info->variable,
                                  .op = SCALAR_MEMBER,
                                  .mask = UINT32_C(1) << i };
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
        return cond_invalid(j, WHERE_INDEX(at, 0), "compare it by ==", "only words can be looked for in a list");
    if (!json_is_array(hay) || json_array_size(hay) == 0)
        return cond_invalid(j, WHERE_INDEX(at, 1), "write a list of words", "expected a list");
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
        return cond_invalid(j, at, "write what is looked for, then the list", "\"in\" takes two operands");
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
        return cond_invalid(j, at, "write a list of conditions", "expected a list of at least one condition");
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
    return cond_invalid(j, at, "compare it with something", "this is not a condition by itself");
}

static struct node *parse(struct job *j, const json_t *v, bool negate, bool under_not, size_t depth,
                          const struct where *at)
{
    if (depth > COND_DEPTH_MAX || ++j->n_nodes > COND_NODES_MAX)
        return cond_invalid(j, at, "split the rule", "the condition is too deep or too long");
    if (!json_is_object(v) || json_object_size(v) != 1)
        return cond_invalid(j, at, "write {operator: operands}",
                            "a condition is an object with one member, its operator");
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
                return cond_invalid(j, in, "write one condition", "\"!\" takes one operand");
            return parse(j, json_array_get(args, 0), !negate, true, depth + 1, WHERE_INDEX(in, 0));
        }
        return parse(j, args, !negate, true, depth + 1, in);
    }
    if (strcmp(op, "in") == 0)
        return membership(j, args, negate, under_not, in);
    enum cmp cmp = cmp_from_name(op);
    if (cmp != CMP_COUNT_)
        return compare(j, args, cmp, negate, under_not, in);
    return cond_invalid(j, in, "and, or, !, ==, !=, <, <=, >, >=, in and var are", "there is no such operator");
}

struct cond cond_compile(struct cond_builder *b, const json_t *json, enum cond_context ctx, const struct where *at)
{
    struct job j = { .b = b, .ctx = ctx, .ret = { .terms = b->terms.n } };
    arena_init(&j.scratch, 0);
    struct node *root = parse(&j, json, false, false, 1, at);
    if (root && !j.failed) {
        (void)terms_build(&j, root);
        if (j.overflow)
            (void)cond_invalid(&j, at, "split the rule in two", "the condition expands to too many cases");
    }
    arena_done(&j.scratch);
    return j.ret;
}
