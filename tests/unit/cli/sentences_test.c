/* Conditions in sentences: how they read, that every variable has words, and that what is said is what is judged. */
#include "rules/person.h"

#include "cli/sentences.h"
#include "cli/words.h"

static struct arena arena;
static struct catalogue *cat;

#define DATED "'attributes': ['date', 'severity', 'region']"

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena, 0);
    cat = catalogue_of((struct parts){
        .facts = "[{'id': 'a', 'label': 'Alpha', " DATED "}, {'id': 'b', 'label': 'Beta', " DATED "},"
                 " {'id': 'c', 'label': 'Gamma', 'attributes': ['controlled', 'systolic', 'grade', 'side',"
                 " 'gestation_weeks', 'platelets', 'stage']}]",
        .techniques = "[{'code': 'soft', 'name': 'Soft touch', 'traits': ['heat']}, {'code': 'hard', 'pressure': 5}]",
    });
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    catalogue_unref(cat);
    arena_done(&arena);
    return 0;
}

static const char *said(const char *condition, bool target)
{
    static char text[8192];
    struct page p;
    struct sentences s;
    json_t *json = quoted(condition);
    page_init(&p);
    sentences_init(&s, cat, &arena);
    (target ? say_target : say_condition)(&p, &s, "It fires when", json);
    (void)snprintf(text, sizeof(text), "%s%.*s", s.failed ? "FAILED " : "", (int)p.out.n, p.out.p ? p.out.p : "");
    assert_false(page_failed(&p));
    page_done(&p);
    json_decref(json);
    return text;
}

#define A       "{'var': 'a'}"
#define B       "{'var': 'b'}"
#define OLD     "{'>=': [{'var': 'a.days_ago'}, 84]}"
#define NECK(l) "{'in': ['neck', {'var': '" l "_complaint_regions'}]}"
#define JAW(l)  "{'in': ['jaw', {'var': '" l "_complaint_regions'}]}"
#define THIS    "It fires when this holds:\n  (1) "
#define ALL     "It fires when all of these hold:\n  (1) "
#define ANY     "It fires when at least one of these holds:\n  (1) "
#define NONE    "It fires when none of these holds:\n  (1) "

/* Wherever lines end. */
static bool same_words(const char *a, const char *b)
{
    for (; *a || *b; a += *a != '\0', b += *b != '\0') {
        size_t spaces_a = strspn(a, " \n"), spaces_b = strspn(b, " \n");
        a += spaces_a;
        b += spaces_b;
        if (*a != *b || !spaces_a != !spaces_b)
            return false;
    }
    return true;
}

static void reads_well(void **state)
{
    static const struct {
        const char *condition, *want;
    } rows[] = {
        { A, THIS "\"Alpha\" is present\n" },
        { "{'!': [" A "]}", THIS "\"Alpha\" is absent\n" },
        { "{'!': " A "}", THIS "\"Alpha\" is absent\n" },
        { "{'and': [" A ", " OLD "]}", THIS "\"Alpha\" is present, dated at least 84 days (12 weeks) ago\n" },
        { "{'and': [" A ", {'!': [" OLD "]}]}", THIS "\"Alpha\" is present, dated less than 84 days (12 weeks) ago\n" },
        { "{'!': [" OLD "]}", THIS "\"Alpha\" is absent, or is present, dated less than 84 days (12 weeks) ago\n" },
        { "{'!': [{'and': [" A ", " OLD "]}]}",
          THIS "\"Alpha\" is absent, or is present, dated less than 84 days (12 weeks) ago\n" },
        { "{'and': [" A ", {'<': [{'var': 'a.days_ago'}, 10]}, {'>': [{'var': 'a.severity'}, 3]}]}",
          THIS "\"Alpha\" is present, dated less than 10 days ago and with a severity of more\n      than 3 of 10\n" },
        { "{'or': [" A ", " B "]}", ANY "\"Alpha\" is present\n  (2) \"Beta\" is present\n" },
        { "{'or': [" A ", {'or': [" B ", {'var': 'c'}]}]}",
          ANY "\"Alpha\" is present\n  (2) \"Beta\" is present\n  (3) \"Gamma\" is present\n" },
        { "{'!': [{'or': [" A ", " B "]}]}", NONE "\"Alpha\" is present\n  (2) \"Beta\" is present\n" },
        { "{'and': [{'var': 'c'}, {'!': [{'or': [" A ", " B "]}]}]}",
          ALL "\"Gamma\" is present\n  (2) none of these holds:\n      (2.1) \"Alpha\" is present\n"
              "      (2.2) \"Beta\" is present\n" },
        { "{'!': [{'and': [" A ", " B "]}]}", ANY "\"Alpha\" is absent\n  (2) \"Beta\" is absent\n" },
        { "{'and': [" A ", {'or': [" B ", {'<': [{'var': 'age_years'}, 18]}]}]}",
          ALL "\"Alpha\" is present\n  (2) at least one of these holds:\n      (2.1) \"Beta\" is present\n"
              "      (2.2) the client's age is less than 18 years\n" },
        { NECK("acute"), THIS "there is a complaint of the neck that has lasted less than 42 days (6 weeks)\n"
                              "      or has no duration given\n" },
        { "{'or': [" NECK("sudden") ", " JAW("sudden") "]}",
          THIS "there is a complaint of the jaw or neck whose onset is sudden\n" },
        { "{'and': [" NECK("sudden") ", " JAW("sudden") "]}",
          ALL "there is a complaint of the neck whose onset is sudden\n"
              "  (2) there is a complaint of the jaw whose onset is sudden\n" },
        { "{'and': [" NECK("traumatic") ", " NECK("moderate") "]}",
          THIS "there is a complaint of the neck with pain of at least 4 of 10 or not rated,\n"
               "      and whose cause is an injury\n" },
        { "{'!': [" NECK("severe") "]}",
          THIS "there is no complaint of the neck with pain of at least 7 of 10 (while it is\n"
               "      not rated, this is not known)\n" },
        { NECK("unexplained"), THIS "there is a complaint of the neck whose cause is stress, unknown or not\n"
                                    "      given\n" },
        { "{'!': [{'or': [" NECK("sudden") ", " JAW("sudden") "]}]}",
          THIS "there is no complaint of the jaw or neck whose onset is sudden\n" },
        { "{'==': [{'var': 'c.controlled'}, false]}", THIS "\"Gamma\" is present, not well controlled\n" },
        { "{'!': [{'==': [{'var': 'c.controlled'}, true]}]}",
          THIS "\"Gamma\" is absent, or is present, not well controlled\n" },
        { "{'var': 'c.controlled'}", THIS "\"Gamma\" is present, well controlled\n" },
        { "{'>=': [{'var': 'c.systolic'}, 180]}",
          THIS "\"Gamma\" is present, with an upper (systolic) blood pressure of at least 180\n      mmHg\n" },
        { "{'<': [{'var': 'c.gestation_weeks'}, 13]}",
          THIS "\"Gamma\" is present, with a gestation of less than 13 weeks\n" },
        { "{'<': [{'var': 'c.platelets'}, 50]}",
          THIS "\"Gamma\" is present, with a platelet count of less than 50 x 10^9/L\n" },
        { "{'in': [{'var': 'a.region'}, ['neck', 'jaw']]}", THIS "\"Alpha\" is present, placed at the neck or jaw\n" },
        { "{'!=': [{'var': 'c.side'}, 'left']}", THIS "\"Gamma\" is present, not on the side: left\n" },
        { "{'==': [{'var': 'sex'}, 'female']}", THIS "the client's sex is female\n" },
        { "{'!=': [{'var': 'sex'}, 'male']}", THIS "the client's sex is not male\n" },
        { "{'in': ['sleep', {'var': 'goals'}]}", THIS "what the client wishes for includes better sleep\n" },
        { "{'>=': [{'var': 'pain_max'}, 8]}", THIS "the strongest pain of all complaints is at least 8 of 10\n" },
        { "{'in': [{'var': 'acuity'}, ['acute', 'chronic']]}", THIS "the complaint is acute or chronic\n" },
        { "{'>=': [{'var': 'sessions_done'}, {'var': 'reassess_after'}]}",
          THIS "the number of sessions so far is at least the number of sessions after which\n"
               "      the course is reassessed\n" },
        { "{'!': [{'<=': [{'var': 'duration_days_max'}, 42]}]}",
          THIS "the longest duration of a complaint is more than 42 days, or is not given\n" },
        { "{'!=': [{'var': 'improved'}, true]}", THIS "pain has not improved\n" },
        { "{'spin': [1, 2]}", "FAILED " },
        { "{'var': 'nobody'}", "FAILED " },
        { "{'==': [{'var': 'a.nothing'}, 1]}", "FAILED " },
        { "{}", "FAILED " },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *got = said(rows[i].condition, false);
        if (!same_words(got, rows[i].want))
            fail_msg("row %zu, %s: %s", i, rows[i].condition, got);
    }
}

static void reads_targets(void **state)
{
    static const struct {
        const char *target, *want;
    } rows[] = {
        { "{'>=': [{'var': 'pressure'}, 4]}", THIS "its deepest pressure is at least 4 of 5\n" },
        { "{'==': [{'var': 'heat'}, true]}", THIS "it works with heat\n" },
        { "{'!=': [{'var': 'heat'}, true]}", THIS "it works without heat\n" },
        { "{'==': [{'var': 'code'}, 'soft']}", THIS "it is Soft touch\n" },
        { "{'!': [{'or': [{'==': [{'var': 'heat'}, true]}, {'<': [{'var': 'min_pressure'}, 2]}]}]}",
          ALL "it works without heat\n  (2) its lightest pressure is at least 2 of 5\n" },
        { "{'==': [{'var': 'colour'}, true]}", "FAILED " },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *got = said(rows[i].target, true);
        if (strcmp(got, rows[i].want) != 0)
            fail_msg("row %zu: %s", i, got);
    }
}

/* A variable that conditions learn to read must get words too. */
static void has_words_for_every_variable(void **state)
{
    static const char *const names[] = {
        "age_years",
        "sex",
        "pain_max",
        "goals",
        "onset_any",
        "cause_any",
        "acuity",
        "duration_days_max",
        "regions_over_two",
        "has_technique_wish",
        "preferences.session_minutes",
        "preferences.sessions_per_week_max",
        "preferences.pressure",
        "sessions_done",
        "days_since_last",
        "pain_base",
        "pain_now",
        "pain_low",
        "pain_drop",
        "last_change",
        "last_reaction",
        "worse_count",
        "bruising_count",
        "dizziness_count",
        "soreness_run",
        "neurological_any",
        "sessions_without_gain",
        "reassess_after",
        "max_without_gain",
        "planned_total",
        "improved",
        "much_improved",
        "partial",
        "worsened",
        "unchanged",
        "relapsed",
    };
    uint64_t seen = 0;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        enum variable v;
        const struct vocabulary *words;
        char condition[256];
        assert_true(variable_from_name(str_of(names[i]), &v, &words));
        seen |= UINT64_C(1) << v;
        bool set = v == VAR_GOALS || v == VAR_ONSET_ANY || v == VAR_CAUSE_ANY;
        if (set)
            (void)snprintf(condition, sizeof(condition), "{'in': ['%s', {'var': '%s'}]}", words->names[0].p, names[i]);
        else if (words)
            (void)snprintf(condition, sizeof(condition), "{'==': [{'var': '%s'}, '%s']}", names[i], words->names[0].p);
        else
            (void)snprintf(condition, sizeof(condition), "{'==': [{'var': '%s'}, 1]}", names[i]);
        const char *got = said(condition, false);
        if (strncmp(got, "FAILED", 6) == 0) { /* then it is a boolean */
            (void)snprintf(condition, sizeof(condition), "{'==': [{'var': '%s'}, true]}", names[i]);
            got = said(condition, false);
        }
        if (strncmp(got, THIS, strlen(THIS)) != 0 || strlen(got) < strlen(THIS) + 8)
            fail_msg("%s: %s", names[i], got);
    }
    assert_true(seen == ((UINT64_C(1) << VAR_COUNT_) - 1) - (UINT64_C(1) << VAR_COMPLAINT_LIST));
}

/* ---- what is said is what is judged ----------------------------------------------------------------------- */

static uint64_t seed;

static unsigned below(unsigned n)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(seed >> 33) % n;
}

static void add_condition(char *to, size_t room, unsigned depth)
{
    static const char *const leaves[] = {
        A,
        B,
        OLD,
        "{'<': [{'var': 'a.days_ago'}, 30]}",
        "{'>=': [{'var': 'a.severity'}, 5]}",
        "{'<': [{'var': 'b.severity'}, 3]}",
        "{'==': [{'var': 'b.region'}, 'neck']}",
        "{'in': [{'var': 'a.region'}, ['neck', 'jaw']]}",
        NECK("sudden"),
        JAW("sudden"),
        NECK("acute"),
        JAW("moderate"),
        NECK("traumatic"),
    };
    unsigned kind = depth ? below(4) : 3;
    size_t n = strlen(to);
    if (kind == 3) {
        (void)snprintf(to + n, room - n, "%s", leaves[below(ARRAY_LEN(leaves))]);
        return;
    }
    (void)snprintf(to + n, room - n, "{'%s': [", kind == 0 ? "and" : kind == 1 ? "or" : "!");
    for (unsigned i = 0, of = kind == 2 ? 1 : 2 + below(2); i < of; i++) {
        n = strlen(to);
        (void)snprintf(to + n, room - n, "%s", i ? ", " : "");
        add_condition(to, room, depth - 1);
    }
    n = strlen(to);
    (void)snprintf(to + n, room - n, "]}");
}

static void add_person(char *to, size_t room)
{
    static const char *const places[] = { "neck", "jaw", "knee" };
    size_t n = (size_t)snprintf(to, room, "unlisted absent");
    for (unsigned f = 0; f < 2; f++)
        for (unsigned i = below(3); i; i--)
            n += (size_t)snprintf(to + n, room - n, "; has %s ago %u severity %u region %s", f ? "b" : "a", below(120),
                                  below(11), places[below(3)]);
    for (unsigned i = below(4); i; i--)
        n += (size_t)snprintf(to + n, room - n, "; complaint %s pain %u days %u onset %s cause %s", places[below(3)],
                              below(11), below(90), below(2) ? "sudden" : "gradual", below(2) ? "trauma" : "strain");
}

static bool test_holds(const struct said_test *t, const struct instance *inst)
{
    assert_int_equal(t->attribute == ATTR_REGION ? 1 : inst->value[t->attribute].n, 1);
    if (t->attribute == ATTR_REGION) {
        bool found = false;
        for (size_t i = 0, n = json_is_array(t->value) ? json_array_size(t->value) : 1; i < n; i++)
            found |= str_eq(region_name((enum region)inst->region),
                            text_of(json_is_array(t->value) ? json_array_get(t->value, i) : t->value));
        return found == (t->op == CMP_IS || t->op == CMP_ONE_OF);
    }
    json_int_t k = json_integer_value(t->value), v = inst->value[t->attribute].at[0];
    switch (t->op) {
    case CMP_BELOW:
        return v < k;
    case CMP_UP_TO:
        return v <= k;
    case CMP_ABOVE:
        return v > k;
    case CMP_FROM:
        return v >= k;
    case CMP_IS:
        return v == k;
    case CMP_IS_NOT:
        return v != k;
    case CMP_ONE_OF:
    case CMP_NONE_OF:
    case CMP_UNKNOWN:
        break;
    }
    fail_msg("no such comparison");
    return false;
}

/* `choice`: the instance of each of the first two facts. */
static bool holds(const struct said *n, const struct intake *in, const uint32_t choice[2])
{
    bool any = false, all = true;
    for (const struct said *kid = n->first; kid; kid = kid->next) {
        bool kid_holds = holds(kid, in, choice);
        any |= kid_holds;
        all &= kid_holds;
    }
    switch (n->kind) {
    case SAID_ALL:
        return all;
    case SAID_ANY:
        return any;
    case SAID_NONE:
        return !any;
    case SAID_FACT:
        if (in->facts[n->fact].state != FACT_PRESENT)
            return n->absent;
        for (const struct said_test *t = n->tests; t; t = t->next)
            if (!test_holds(t, &in->facts[n->fact].instances[choice[n->fact]]))
                return false;
        return !n->absent || n->tests;
    case SAID_COMPLAINT:
        for (uint32_t l = 0; l < cat->definitions.n_lists; l++) { /* each list may be met by another complaint */
            bool met = !(n->lists >> l & 1);
            for (size_t i = 0; i < in->screening->n_complaints; i++) {
                const struct complaint *c = &in->screening->complaints[i];
                met |= (n->regions >> c->region & 1) && complaint_in_list(&cat->definitions.lists[l], c) == TRI_YES;
            }
            if (!met)
                return n->absent;
        }
        return !n->absent;
    case SAID_TEXT:
        break;
    }
    fail_msg("a text was not expected");
    return false;
}

static bool some_choice_holds(const struct said *n, const struct intake *in)
{
    uint32_t choice[2], of[2] = { in->facts[0].n_instances, in->facts[1].n_instances };
    for (choice[0] = 0; choice[0] < (of[0] ? of[0] : 1); choice[0]++)
        for (choice[1] = 0; choice[1] < (of[1] ? of[1] : 1); choice[1]++)
            if (holds(n, in, choice))
                return true;
    return false;
}

static void compare_once(size_t *yes)
{
    char condition[8192] = "", who[2048], rules[9216];
    struct sentences s;
    struct intake in;
    static struct person person;
    struct faults *faults = calloc(1, sizeof(*faults));
    uint64_t begun = seed;
    add_condition(condition, sizeof(condition), 3);
    (void)snprintf(rules, sizeof(rules), "[{'id': 'r', 'when': %s}]", condition);
    add_person(who, sizeof(who));
    struct catalogue *whole = catalogue_of(
        (struct parts){ .facts = "[{'id': 'a', 'label': 'Alpha', " DATED "}, {'id': 'b', 'label': 'Beta', " DATED "}]",
                        .rules = rules });
    json_t *json = quoted(condition);
    sentences_init(&s, whole, &arena);
    faults_init(faults, &arena);
    struct said *root = said_of(&s, json, false);
    assert_true(root && !s.failed);
    person_read(&person, who);
    assert_int_equal(intake_build(whole, &person.s, &arena, faults, &in), RC_OK);
    bool judged = cond_eval(&(struct view){ .in = &in }, whole->rules[0].when) == TRI_YES;
    *yes += judged;
    if (some_choice_holds(root, &in) != judged)
        fail_msg("seed %llu: %s is judged %s of: %s", (unsigned long long)begun, condition, judged ? "yes" : "no", who);
    json_decref(json);
    catalogue_unref(whole);
    free(faults);
    arena_reset(&arena);
}

/* Of persons of whom all is known. SENTENCES_SEED replays one. */
static void says_what_is_judged(void **state)
{
    enum { ROUNDS = 3000 };
    size_t yes = 0;
    const char *replay = getenv("SENTENCES_SEED");
    (void)state;
    seed = replay ? strtoull(replay, NULL, 10) : 20261120;
    for (size_t i = 0; i < (replay ? 1 : ROUNDS); i++)
        compare_once(&yes);
    if (!replay)
        assert_true(yes > ROUNDS / 5 && yes < ROUNDS - ROUNDS / 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(reads_well), cmocka_unit_test(reads_targets),
                                        cmocka_unit_test(has_words_for_every_variable),
                                        cmocka_unit_test(says_what_is_judged) };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
