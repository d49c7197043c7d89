/* Single statements of a condition. */
#include "cli/sentences.h"
#include "cli/words.h"

/* What stands before a number; for lists and words see below. */
static const char *const before_number[] = {
    [CMP_BELOW] = "less than ", [CMP_UP_TO] = "at most ", [CMP_ABOVE] = "more than ",
    [CMP_FROM] = "at least ",   [CMP_IS] = "exactly ",    [CMP_IS_NOT] = "not exactly ",
};

static bool is_number_comparison(enum comparison op)
{
    return op <= CMP_IS_NOT;
}

static const char *variable_name(const json_t *v)
{
    return json_string_value(json_object_get(v, "var"));
}

/* ---- variables -------------------------------------------------------------------------------------------- */

/* `yes` and `no` are for booleans; `open` marks what may not be given and then passes no comparison, so that the
 * negation of one passes. */
static const struct {
    const char *noun, *unit, *yes, *no;
    bool open;
} variables[VAR_COUNT_] = {
    [VAR_AGE_YEARS] = { "the client's age", " years", NULL, NULL, false },
    [VAR_SEX] = { "the client's sex", "", NULL, NULL, false },
    [VAR_PAIN_MAX] = { "the strongest pain of all complaints", " of 10", NULL, NULL, false },
    [VAR_GOALS] = { "what the client wishes for includes", "", NULL, NULL, false },
    [VAR_ONSET_ANY] = { "the onset of some complaint is", "", NULL, NULL, false },
    [VAR_CAUSE_ANY] = { "the cause of some complaint is", "", NULL, NULL, false },
    [VAR_ACUITY] = { "the complaint", "", NULL, NULL, false },
    [VAR_DURATION_DAYS_MAX] = { "the longest duration of a complaint", " days", NULL, NULL, true },
    [VAR_REGIONS_OVER_TWO] = { NULL, "", "there are complaints of more than two places",
                               "there are complaints of at most two places", false },
    [VAR_HAS_TECHNIQUE_WISH] = { NULL, "", "the client wishes for a technique", "the client wishes for no technique",
                                 false },
    [VAR_WISH_MINUTES] = { "the session length the client wishes for", " minutes", NULL, NULL, true },
    [VAR_WISH_PER_WEEK] = { "the number of sessions a week the client wishes for", "", NULL, NULL, true },
    [VAR_WISH_PRESSURE] = { "the pressure the client wishes for", "", NULL, NULL, true },
    [VAR_SESSIONS_DONE] = { "the number of sessions so far", "", NULL, NULL, false },
    [VAR_DAYS_SINCE_LAST] = { "the time since the last session", " days", NULL, NULL, true },
    [VAR_PAIN_BASE] = { "the pain at the start", " of 10", NULL, NULL, true },
    [VAR_PAIN_NOW] = { "the pain now", " of 10", NULL, NULL, true },
    [VAR_PAIN_LOW] = { "the lowest pain so far", " of 10", NULL, NULL, true },
    [VAR_PAIN_DROP] = { "the fall in pain since the start", " points", NULL, NULL, true },
    [VAR_LAST_CHANGE] = { "the change in pain over the last session", " points", NULL, NULL, true },
    [VAR_LAST_REACTION] = { "the reaction to the last session", "", NULL, NULL, true },
    [VAR_WORSE_COUNT] = { "the number of sessions after which pain was worse", "", NULL, NULL, false },
    [VAR_BRUISING_COUNT] = { "the number of sessions that left bruises", "", NULL, NULL, false },
    [VAR_DIZZINESS_COUNT] = { "the number of sessions that left dizziness", "", NULL, NULL, false },
    [VAR_SORENESS_RUN] = { "the number of last sessions in a row that left soreness", "", NULL, NULL, false },
    [VAR_NEUROLOGICAL_ANY] = { NULL, "", "a session was followed by numbness, tingling or weakness",
                               "no session was followed by numbness, tingling or weakness", false },
    [VAR_SESSIONS_WITHOUT_GAIN] = { "the number of sessions without gain", "", NULL, NULL, false },
    [VAR_REASSESS_AFTER] = { "the number of sessions after which the course is reassessed", "", NULL, NULL, true },
    [VAR_MAX_WITHOUT_GAIN] = { "the number of sessions without gain that the course allows", "", NULL, NULL, true },
    [VAR_PLANNED_TOTAL] = { "the number of sessions planned", "", NULL, NULL, true },
    [VAR_IMPROVED] = { NULL, "", "pain has improved", "pain has not improved", false },
    [VAR_MUCH_IMPROVED] = { NULL, "", "pain has improved much", "pain has not improved much", false },
    [VAR_PARTIAL] = { NULL, "", "pain has improved in part", "pain has not improved in part", false },
    [VAR_WORSENED] = { NULL, "", "pain has got worse", "pain has not got worse", false },
    [VAR_UNCHANGED] = { NULL, "", "pain is unchanged", "pain is not unchanged", false },
    [VAR_RELAPSED] = { NULL, "", "pain has come back after a break", "pain has not come back after a break", false },
};

static void say_json_number(struct page *p, const json_t *v)
{
    if (json_is_integer(v))
        page_add(p, "%lld", (long long)json_integer_value(v));
    else
        page_add(p, "%g", json_number_value(v));
}

static void say_words_of(struct page *p, const struct vocabulary *words, const json_t *value, const char *last)
{
    size_t n = json_is_array(value) ? json_array_size(value) : 1;
    for (size_t i = 0; i < n; i++) {
        page_add(p, "%s", page_between(i, n, last));
        say_word(p, words, text_of(json_is_array(value) ? json_array_get(value, i) : value));
    }
}

/* A statement on a variable, as text. */
static bool say_variable(struct page *p, enum variable v, const struct vocabulary *words, enum comparison op,
                         const json_t *right)
{
    bool negative = op == CMP_IS_NOT || op == CMP_NONE_OF,
         set = v == VAR_GOALS || v == VAR_ONSET_ANY || v == VAR_CAUSE_ANY;
    const char *other_name = variable_name(right);
    enum variable other = v;
    const struct vocabulary *unused;
    if (!variables[v].noun) {
        page_add(p, "%s", (!right || json_is_true(right)) != negative ? variables[v].yes : variables[v].no);
        return !right || json_is_boolean(right);
    }
    if (words) {
        if (set && negative)
            page_add(p, "it is not so that ");
        page_add(p, "%s%s", variables[v].noun, set ? " " : negative ? " is not " : " is ");
        say_words_of(p, words, right, " or ");
        return right && !is_number_comparison(op) == json_is_array(right);
    }
    if (!is_number_comparison(op) || (other_name && !variable_from_name(str_of(other_name), &other, &unused)))
        return false;
    page_add(p, "%s is %s", variables[v].noun, before_number[op]);
    if (other_name)
        page_add(p, "%s", variables[other].noun);
    else
        say_json_number(p, right);
    page_add(p, "%s", other_name ? "" : variables[v].unit);
    return other_name || json_is_number(right);
}

static bool take_text(struct sentences *s, struct page *scratch, bool said, struct said *ret)
{
    *ret = (struct said){ .kind = SAID_TEXT, .text = arena_str(s->arena, buf_str(&scratch->text)) };
    bool ok = said && !page_failed(scratch) && ret->text.p;
    page_done(scratch);
    return ok;
}

static bool phrase_of_variable(struct sentences *s, enum variable v, const struct vocabulary *words, enum comparison op,
                               const json_t *right, bool negate, struct said *ret)
{
    struct page scratch;
    page_init(&scratch);
    bool said =
        v < VAR_COUNT_ && (variables[v].noun || variables[v].yes) && say_variable(&scratch, v, words, op, right);
    if (negate && variables[v].open)
        page_add(&scratch, ", or is not given");
    return take_text(s, &scratch, said, ret);
}

/* ---- attributes and facts --------------------------------------------------------------------------------- */

static const struct {
    const char *before, *unit; /* unit NULL: the attribute's own */
} attributes[] = {
    [ATTR_DATE] = { "dated ", "" },
    [ATTR_REGION] = { "placed at the ", "" },
    [ATTR_SIDE] = { "on the side: ", "" },
    [ATTR_SEVERITY] = { "with a severity of ", " of 10" },
    [ATTR_GRADE] = { "with a grade of ", "" },
    [ATTR_CONTROLLED] = { "well controlled", "" },
    [ATTR_GESTATION_WEEKS] = { "with a gestation of ", " weeks" },
    [ATTR_STAGE] = { "with a stage of ", "" },
    [ATTR_SYSTOLIC] = { "with an upper (systolic) blood pressure of ", NULL },
    [ATTR_DIASTOLIC] = { "with a lower (diastolic) blood pressure of ", NULL },
    [ATTR_PLATELETS] = { "with a platelet count of ", " x 10^9/L" },
};
static_assert(ARRAY_LEN(attributes) == ATTR_COUNT_, "every attribute has words");

static void say_numbers(struct page *p, const struct said_test *t)
{
    const struct attribute_info *info = &attribute_table[t->attribute];
    size_t n = json_is_array(t->value) ? json_array_size(t->value) : 1;
    page_add(p, "%s", is_number_comparison(t->op) ? before_number[t->op] : t->op == CMP_NONE_OF ? "none of " : "");
    for (size_t i = 0; i < n; i++) {
        const json_t *v = json_is_array(t->value) ? json_array_get(t->value, i) : t->value;
        page_add(p, "%s", page_between(i, n, " or "));
        if (t->attribute == ATTR_DATE)
            say_days(p, json_integer_value(v));
        else
            say_json_number(p, v);
    }
    if (attributes[t->attribute].unit)
        page_add(p, "%s", attributes[t->attribute].unit);
    else
        page_add(p, " %.*s", STR_ARGS(info->unit));
    if (t->attribute == ATTR_DATE)
        page_add(p, " ago");
}

static void say_test(struct page *p, const struct said_test *t)
{
    bool negative = t->op == CMP_IS_NOT || t->op == CMP_NONE_OF;
    switch (attribute_table[t->attribute].type) {
    case VALUE_BOOLEAN:
        page_add(p, "%s%s", (!t->value || json_is_true(t->value)) != negative ? "" : "not ",
                 attributes[t->attribute].before);
        return;
    case VALUE_REGION:
    case VALUE_SIDE:
        page_add(p, "%s%s", negative ? "not " : "", attributes[t->attribute].before);
        say_words_of(p, t->attribute == ATTR_REGION ? &region_vocabulary : &side_vocabulary, t->value, " or ");
        return;
    case VALUE_DATE:
    case VALUE_INTEGER:
        page_add(p, "%s", attributes[t->attribute].before);
        say_numbers(p, t);
        return;
    }
}

void say_fact(struct page *p, const struct sentences *s, const struct said *f)
{
    page_add(p, "\"%.*s\" is %s", STR_ARGS(s->cat->facts[f->fact].label), f->absent ? "absent" : "present");
    if (f->absent && f->tests)
        page_add(p, ", or is present");
    size_t i = 0;
    for (const struct said_test *t = f->tests; t; t = t->next) {
        page_add(p, "%s", i++ ? " and " : ", ");
        say_test(p, t);
    }
}

static bool phrase_of_fact(struct sentences *s, struct str name, enum comparison op, const json_t *right, bool negate,
                           struct said *ret)
{
    const char *dot = memchr(name.p, '.', name.n);
    int32_t fact = catalogue_find_fact(s->cat, (struct str){ name.p, dot ? (size_t)(dot - name.p) : name.n });
    if (fact < 0)
        return false;
    *ret = (struct said){ .kind = SAID_FACT, .fact = (uint32_t)fact, .absent = negate };
    if (!dot)
        return !right;
    struct str attribute = { dot + 1, name.n - (size_t)(dot + 1 - name.p) };
    ret->tests = ARENA_NEW(s->arena, struct said_test);
    if (!ret->tests)
        return false;
    *ret->tests = (struct said_test){ .attribute = ATTR_DATE, .op = op, .value = right };
    return str_eq(attribute, STR("days_ago")) || attribute_from_name(attribute, &ret->tests->attribute);
}

/* ---- complaints ------------------------------------------------------------------------------------------- */

static void say_enums(struct page *p, const struct vocabulary *words, uint32_t members, enum tri not_given)
{
    size_t n = (size_t)__builtin_popcount(members) + (not_given == TRI_YES), i = 0;
    for (uint32_t k = 0; k < words->n; k++) {
        if (members >> k & 1) {
            page_add(p, "%s", page_between(i++, n, " or "));
            say_word(p, words, words->names[k]);
        }
    }
    if (not_given == TRI_YES)
        page_add(p, " or not given");
    if (not_given == TRI_UNKNOWN)
        page_add(p, " (while it is not given, this is not known)");
}

static void say_duration(struct page *p, int32_t min, int32_t max)
{
    page_add(p, "that has lasted ");
    if (min != NOT_GIVEN) {
        page_add(p, "at least ");
        say_days(p, min);
    }
    if (max == NOT_GIVEN)
        return;
    page_add(p, "%s", min != NOT_GIVEN ? " and " : "");
    bool whole = (max + 1) % 7 == 0; /* "less than 6 weeks" reads better than "at most 41 days" */
    page_add(p, whole ? "less than " : "at most ");
    say_days(p, whole ? max + 1 : max);
}

static void say_pain(struct page *p, int32_t min, int32_t max)
{
    page_add(p, "with pain of ");
    if (min != NOT_GIVEN)
        page_add(p, "at least %d%s", min, max != NOT_GIVEN ? " and " : "");
    if (max != NOT_GIVEN)
        page_add(p, "at most %d", max);
    page_add(p, " of 10");
}

static void say_list(struct page *p, const struct complaint_list *l, bool first)
{
    static const char *const no_duration[] = { [TRI_NO] = "",
                                               [TRI_YES] = " or has no duration given",
                                               [TRI_UNKNOWN] = " (while no duration is given, this is not known)" };
    static const char *const no_pain[] = {
        [TRI_NO] = "", [TRI_YES] = " or not rated", [TRI_UNKNOWN] = " (while it is not rated, this is not known)"
    };
    const char *before = first ? " " : ", and ";
    if (l->days_min != NOT_GIVEN || l->days_max != NOT_GIVEN) {
        page_add(p, "%s", before);
        say_duration(p, l->days_min, l->days_max);
        page_add(p, "%s", no_duration[l->not_given]);
        before = ", and ";
    }
    if (l->pain_min != NOT_GIVEN || l->pain_max != NOT_GIVEN) {
        page_add(p, "%s", before);
        say_pain(p, l->pain_min, l->pain_max);
        page_add(p, "%s", no_pain[l->not_given]);
        before = ", and ";
    }
    if (l->onsets) {
        page_add(p, "%swhose onset is ", before);
        say_enums(p, &onset_vocabulary, l->onsets, l->not_given);
        before = ", and ";
    }
    if (l->causes) {
        page_add(p, "%swhose cause is ", before);
        say_enums(p, &cause_vocabulary, l->causes, l->not_given);
    }
}

bool list_is_plain(const struct complaint_list *l)
{
    return l->days_min == NOT_GIVEN && l->days_max == NOT_GIVEN && l->pain_min == NOT_GIVEN &&
           l->pain_max == NOT_GIVEN && !l->onsets && !l->causes;
}

void say_complaint(struct page *p, struct sentences *s, const struct said *c)
{
    size_t said = 0;
    page_add(p, "%s complaint of the ", c->absent ? "there is no" : "there is a");
    say_region_set(p, c->regions, " or ");
    for (uint32_t i = 0; i < s->cat->definitions.n_lists; i++) {
        if (!(c->lists >> i & 1) || list_is_plain(&s->cat->definitions.lists[i]))
            continue;
        say_list(p, &s->cat->definitions.lists[i], said++ == 0);
    }
}

static bool phrase_of_complaint(uint32_t list, const json_t *right, bool negate, struct said *ret)
{
    enum region region;
    if (!json_is_string(right) || !region_from_name(text_of(right), &region))
        return false;
    *ret = (struct said){
        .kind = SAID_COMPLAINT, .absent = negate, .regions = UINT32_C(1) << region, .lists = UINT32_C(1) << list
    };
    return true;
}

bool phrase_variable(struct sentences *s, enum comparison op, const json_t *left, const json_t *right, bool negate,
                     struct said *ret)
{
    const char *name = variable_name(left);
    const struct vocabulary *words;
    enum variable v;
    if (!name)
        return false;
    if (variable_from_name(str_of(name), &v, &words))
        return phrase_of_variable(s, v, words, op, right, negate, ret);
    for (uint32_t i = 0; i < s->cat->definitions.n_lists; i++)
        if (str_eq(s->cat->definitions.lists[i].id, str_of(name)))
            return phrase_of_complaint(i, right, negate, ret);
    return phrase_of_fact(s, str_of(name), op, right, negate, ret);
}

/* ---- techniques ------------------------------------------------------------------------------------------- */

bool phrase_target(struct sentences *s, enum comparison op, const json_t *left, const json_t *right, struct said *ret)
{
    const char *name = variable_name(left);
    struct page scratch;
    bool negative = op == CMP_IS_NOT, said = name != NULL;
    page_init(&scratch);
    if (name && strcmp(name, "pressure") == 0) {
        page_add(&scratch, "its deepest pressure is %s", before_number[op]);
        say_json_number(&scratch, right);
        page_add(&scratch, " of %d", PRESSURE_MAX);
    } else if (name && strcmp(name, "min_pressure") == 0) {
        page_add(&scratch, "its lightest pressure is %s", before_number[op]);
        say_json_number(&scratch, right);
        page_add(&scratch, " of %d", PRESSURE_MAX);
    } else if (name && (strcmp(name, "code") == 0 || strcmp(name, "kind") == 0)) {
        int32_t i = *name == 'c' ? catalogue_find_technique(s->cat, text_of(right)) : -1;
        page_add(&scratch, "it is %s%s", negative ? "not " : "", *name == 'k' ? "a " : "");
        page_add_str(&scratch, i >= 0 ? s->cat->techniques[i].name : text_of(right));
    } else if (name) {
        const char *trait = words_of(&trait_vocabulary, str_of(name));
        said = trait != NULL;
        page_add(&scratch, "it works %s %s", json_is_true(right) != negative ? "with" : "without", said ? trait : "");
    }
    return take_text(s, &scratch, said, ret);
}
