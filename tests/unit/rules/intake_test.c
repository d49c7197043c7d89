/* From what a person said to what is so: states, instances, and what is told of what could not be used. */
#include "rules/person.h"

static void add(char *text, size_t room, const char *fmt, ...) PRINTF_LIKE(3, 4);
static void add(char *text, size_t room, const char *fmt, ...)
{
    size_t n = strlen(text);
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(text + n, room - n, fmt, args);
    va_end(args);
}

/* "x+ y? z-": every fact with its state, "reaction" left out. */
static void write_states(const struct intake *in, char *text, size_t room)
{
    static const char sign[] = { [FACT_ABSENT] = '-', [FACT_UNKNOWN] = '?', [FACT_PRESENT] = '+' };
    text[0] = '\0';
    for (uint32_t i = 0; i + 1 < in->cat->n_facts; i++) {
        assert_in_range(in->facts[i].state, FACT_ABSENT, FACT_PRESENT);
        add(text, room, "%s%.*s%c", i ? " " : "", STR_ARGS(in->cat->facts[i].id), sign[in->facts[i].state]);
    }
}

struct row {
    const char *facts, *line, *want;
};

static void check_states(const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct taken t;
        char text[512];
        struct catalogue *cat = catalogue_of((struct parts){ .facts = rows[i].facts });
        take_in(&t, cat, rows[i].line);
        write_states(&t.in, text, sizeof(text));
        if (strcmp(text, rows[i].want) != 0)
            fail_msg("%s: %s, not %s", rows[i].line, text, rows[i].want);
        taken_done(&t);
        catalogue_unref(cat);
    }
}

/* ---- S1 ---------------------------------------------------------------------------------------------------- */

/* x implies y implies z */
#define CHAIN "[{'id': 'x', 'implies': ['y']}, {'id': 'y', 'implies': ['z']}, {'id': 'z'}]"
/* uu covers u, which covers v and w */
#define UMBRELLAS "[{'id': 'uu', 'covers': ['u']}, {'id': 'u', 'covers': ['v', 'w']}, {'id': 'v'}, {'id': 'w'}]"
/* d implies l and r, which imply t */
#define DIAMOND                                                                                                        \
    "[{'id': 'd', 'implies': ['l', 'r']}, {'id': 'l', 'implies': ['t']}, {'id': 'r', 'implies': ['t']}, {'id': 't'}]"

static void states_go_up_and_down(void **state)
{
    static const struct row rows[] = {
        { CHAIN, "", "x? y? z?" },
        { CHAIN, "unlisted absent", "x- y- z-" },
        /* among findings of one fact, present beats unknown beats absent */
        { CHAIN, "not z; maybe z; has z", "x? y? z+" },
        { CHAIN, "has z; maybe z; not z", "x? y? z+" },
        { CHAIN, "not z; maybe z", "x? y? z?" },
        { CHAIN, "maybe z; not z; unlisted absent", "x- y- z?" },
        /* present goes up */
        { CHAIN, "has x", "x+ y+ z+" },
        { CHAIN, "has y", "x? y+ z+" },
        { CHAIN, "has z", "x? y? z+" },
        { CHAIN, "has y; unlisted absent", "x- y+ z+" },
        { UMBRELLAS, "has v", "uu+ u+ v+ w?" },
        { UMBRELLAS, "has u", "uu+ u+ v? w?" },
        { DIAMOND, "has d", "d+ l+ r+ t+" },
        { DIAMOND, "has l", "d? l+ r? t+" },
        /* nothing above a stated unknown is absent */
        { CHAIN, "maybe x; unlisted absent", "x? y? z?" },
        { CHAIN, "maybe y; unlisted absent", "x- y? z?" },
        { CHAIN, "maybe x; not z", "x? y? z?" },
        { CHAIN, "maybe x; not y", "x? y? z?" },
        { CHAIN, "maybe x; not y; not z; unlisted absent", "x? y? z?" },
        { UMBRELLAS, "maybe v; not uu", "uu? u? v? w?" }, /* u stops it */
        { UMBRELLAS, "maybe v; not u; unlisted absent", "uu? u? v? w-" },
        { DIAMOND, "maybe d; unlisted absent", "d? l? r? t?" },
        { DIAMOND, "maybe l; unlisted absent", "d- l? r- t?" },
        /* absent goes down */
        { CHAIN, "not z", "x- y- z-" },
        { CHAIN, "not y", "x- y- z?" },
        { CHAIN, "not x", "x- y? z?" },
        { UMBRELLAS, "not uu", "uu- u- v- w-" },
        { UMBRELLAS, "not u", "uu- u- v- w-" },
        { UMBRELLAS, "not v", "uu? u? v- w?" },
        { DIAMOND, "not t", "d- l- r- t-" },
        { DIAMOND, "not l", "d- l- r? t?" },
        /* but not to what is present */
        { CHAIN, "has x; not z", "x+ y+ z+" },
        { CHAIN, "has y; not z", "x? y+ z+" }, /* what is present stops it */
        { CHAIN, "has y; not x", "x- y+ z+" },
        { CHAIN, "has x; not y", "x+ y+ z+" },
        { UMBRELLAS, "not uu; has w", "uu+ u+ v? w+" },
        { UMBRELLAS, "not u; has w", "uu+ u+ v- w+" },
        { UMBRELLAS, "has u; not uu", "uu+ u+ v? w?" },
        { DIAMOND, "has r; not t", "d- l- r+ t+" },
        /* nor to what is unknown by the line above, or stated otherwise */
        { CHAIN, "maybe y; not z", "x? y? z?" },
        { CHAIN, "maybe x; not y; not x", "x? y? z?" },
        { CHAIN, "has z; maybe y; not z", "x? y? z+" },
        { UMBRELLAS, "not uu; maybe u", "uu? u? v? w?" },
        { UMBRELLAS, "not u; maybe w", "uu? u? v- w?" },
        { DIAMOND, "maybe l; not t", "d- l? r- t?" },
        { DIAMOND, "maybe l; not r", "d- l? r- t?" },
        /* present beats unknown */
        { CHAIN, "has x; maybe y; maybe z", "x+ y+ z+" },
        { UMBRELLAS, "has v; maybe u; not uu", "uu+ u+ v+ w?" },
    };
    (void)state;
    check_states(rows, ARRAY_LEN(rows));
}

/* ---- S4, S5 ------------------------------------------------------------------------------------------------ */

static void umbrellas_follow_what_they_cover(void **state)
{
    static const struct row rows[] = {
        { UMBRELLAS, "not v; not w", "uu- u- v- w-" },
        { UMBRELLAS, "not v; maybe w", "uu? u? v- w?" },
        { UMBRELLAS, "not v; has w", "uu+ u+ v- w+" },
        { UMBRELLAS, "unlisted absent", "uu- u- v- w-" },
        { UMBRELLAS, "maybe w; unlisted absent", "uu? u? v- w?" },
        { UMBRELLAS, "has w; unlisted absent", "uu+ u+ v- w+" },
        { UMBRELLAS, "has u; unlisted absent", "uu+ u+ v- w-" }, /* a bare "yes" */
        /* stated unknown: stays unknown, and with it what it covers */
        { UMBRELLAS, "maybe u; unlisted absent", "uu? u? v? w?" },
        { UMBRELLAS, "maybe u; not v; unlisted absent", "uu? u? v- w?" },
        { UMBRELLAS, "maybe u; not v; not w; unlisted absent", "uu? u? v- w-" },
        { UMBRELLAS, "maybe u; has v; unlisted absent", "uu+ u+ v+ w?" },
        { UMBRELLAS, "maybe u", "uu? u? v? w?" },
    };
    (void)state;
    check_states(rows, ARRAY_LEN(rows));
}

/* g is asked of the young, p of all but men; e implies c, which g covers. */
#define ASKED                                                                                                          \
    "[{'id': 'g', 'ask_if': {'<': [{'var': 'age_years'}, 18]}, 'covers': ['c', 'd']}, {'id': 'c'}, {'id': 'd'},"       \
    " {'id': 'e', 'implies': ['c']}, {'id': 'p', 'ask_if': {'!=': [{'var': 'sex'}, 'male']}, 'covers': ['q']}, "       \
    "{'id': 'q'}]"

static void questions_that_do_not_apply_are_answered(void **state)
{
    static const struct row rows[] = {
        { ASKED, "age 17; sex female", "g? c? d? e? p? q?" },
        { ASKED, "age 18; sex female", "g- c- d- e- p? q?" },
        { ASKED, "age 17; sex male", "g? c? d? e? p- q-" },
        { ASKED, "age 17; sex other", "g? c? d? e? p? q?" },
        { ASKED, "age 17", "g? c? d? e? p? q?" }, /* unknown: nothing changes */
        { ASKED, "age 17; unlisted absent", "g- c- d- e- p- q-" },
        /* what was stated counts, whatever ask_if says */
        { ASKED, "age 18; has c", "g+ c+ d? e? p? q?" },
        { ASKED, "age 18; has g", "g+ c? d? e? p? q?" },
        { ASKED, "age 18; maybe g", "g? c? d? e? p? q?" },
        { ASKED, "age 18; maybe c", "g? c? d? e? p? q?" },
        { ASKED, "age 18; maybe e", "g? c? d? e? p? q?" },
        { ASKED, "age 18; has e", "g+ c+ d? e+ p? q?" },
        { ASKED, "age 18; not g", "g- c- d- e- p? q?" },
        { ASKED, "age 18; not c", "g- c- d- e- p? q?" },
    };
    static const struct row down = { "[{'id': 'g', 'ask_if': {'<': [{'var': 'age_years'}, 18]}},"
                                     " {'id': 'h', 'implies': ['g']}]",
                                     "age 18", "g- h-" };
    (void)state;
    check_states(rows, ARRAY_LEN(rows));
    check_states(&down, 1);
}

/* The order of S5: ask_if, then unlisted, then umbrellas. */
static void settles_in_order(void **state)
{
    static const struct row rows[] = {
        { ASKED, "age 18; unlisted absent", "g- c- d- e- p- q-" },
        { ASKED, "age 17; has d; unlisted absent", "g+ c- d+ e- p- q-" },
        /* the umbrella that applies is settled by what it covers, after "unlisted" */
        { ASKED, "age 17; maybe d; unlisted absent", "g? c- d? e- p- q-" },
        /* what ask_if made absent is no longer unknown under an umbrella of its own */
        { "[{'id': 'o', 'covers': ['i']}, {'id': 'i', 'ask_if': {'<': [{'var': 'age_years'}, 18]}}]", "age 18",
          "o- i-" },
        { "[{'id': 'o', 'covers': ['i']}, {'id': 'i', 'ask_if': {'<': [{'var': 'age_years'}, 18]}}]",
          "age 18; maybe o; unlisted absent", "o? i-" },
        { "[{'id': 'o', 'covers': ['i']}, {'id': 'i', 'ask_if': {'<': [{'var': 'age_years'}, 18]}}]",
          "age 17; maybe o; unlisted absent", "o? i?" },
        { "[{'id': 'consent', 'ask_if': {'<': [{'var': 'age_years'}, 18]}}]", "age 17; unlisted absent", "consent-" },
        { "[{'id': 'consent', 'ask_if': {'<': [{'var': 'age_years'}, 18]}}]", "age 17; has consent; unlisted absent",
          "consent+" },
    };
    (void)state;
    check_states(rows, ARRAY_LEN(rows));
}

/* ---- S6: short-lived facts --------------------------------------------------------------------------------- */

/* s counts for 10 days, what it implies for 20, and what that implies for ever; o covers s. */
#define SHORT                                                                                                          \
    "[{'id': 's', 'attributes': ['date'], 'valid_days': 10, 'implies': ['m']},"                                        \
    " {'id': 'm', 'attributes': ['date'], 'valid_days': 20, 'implies': ['t']},"                                        \
    " {'id': 't', 'attributes': ['date']}, {'id': 'o', 'covers': ['s']}]"

static void findings_grow_old(void **state)
{
    static const struct {
        const char *line, *states, *outdated;
    } rows[] = {
        { "has s", "s+ m+ t+ o+", "" },
        { "has s ago 0", "s+ m+ t+ o+", "" },
        { "has s ago 10", "s+ m+ t+ o+", "" },
        { "has s ago 11", "s? m+ t+ o?", "/symptoms/0 s;" },
        { "has s ago 11; unlisted absent", "s- m+ t+ o-", "/symptoms/0 s;" },
        { "has s ago 20; unlisted absent", "s- m+ t+ o-", "/symptoms/0 s;" },
        { "has s ago 21; unlisted absent", "s- m- t+ o-", "/symptoms/0 s;" }, /* passed on */
        { "has s ago 1000; unlisted absent", "s- m- t+ o-", "/symptoms/0 s;" },
        { "has m ago 20; unlisted absent", "s- m+ t+ o-", "" },
        { "has m ago 21; unlisted absent", "s- m- t+ o-", "/symptoms/0 m;" },
        { "has t ago 1000; unlisted absent", "s- m- t+ o-", "" },
        /* begun then and still there */
        { "has s since 11", "s+ m+ t+ o+", "" },
        { "has s since 5 ago 11; unlisted absent", "s- m+ t+ o-", "/symptoms/0 s;" },
        /* as if not stated: another finding may still say something */
        { "has s ago 11; has s ago 3", "s+ m+ t+ o+", "/symptoms/0 s;" },
        { "has s ago 11; not s", "s- m+ t+ o-", "/symptoms/0 s;" },
        { "has s ago 11; maybe s; unlisted absent", "s? m+ t+ o?", "/symptoms/0 s;" },
        { "has s ago 11; not m", "s- m+ t+ o-", "/symptoms/0 s;" },
        { "has s ago 21; not m", "s- m- t+ o-", "/symptoms/0 s;" },
        { "has s ago 11; has s ago 12 in conditions", "s? m+ t+ o?", "/symptoms/0 s; /history/conditions/0 s;" },
        /* only what is present grows old */
        { "not s ago 11", "s- m? t? o-", "" },
        { "maybe s ago 11", "s? m? t? o?", "" },
    };
    struct catalogue *cat = catalogue_of((struct parts){ .facts = SHORT });
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct taken t;
        char states[256], outdated[256] = "";
        take_in(&t, cat, rows[i].line);
        write_states(&t.in, states, sizeof(states));
        for (size_t k = 0; k < t.in.n_outdated; k++)
            add(outdated, sizeof(outdated), "%s%.*s %.*s;", k ? " " : "", STR_ARGS(t.in.outdated[k].pointer),
                STR_ARGS(t.in.outdated[k].fact));
        if (strcmp(states, rows[i].states) != 0 || strcmp(outdated, rows[i].outdated) != 0)
            fail_msg("%s: %s and [%s], not %s and [%s]", rows[i].line, states, outdated, rows[i].states,
                     rows[i].outdated);
        taken_done(&t);
    }
    catalogue_unref(cat);
}

/* ---- S3: instances ----------------------------------------------------------------------------------------- */

/* "#0 ago=3 region=neck/left controlled=1|0 placed; #2 ...": the instances of a fact, by finding. */
static void write_instances(const struct intake *in, uint32_t fact, char *text, size_t room)
{
    text[0] = '\0';
    for (uint32_t i = 0; i < in->facts[fact].n_instances; i++) {
        const struct instance *inst = &in->facts[fact].instances[i];
        add(text, room, "%s#%u", i ? "; " : "", inst->finding);
        if (inst->date != DATE_NOT_GIVEN)
            add(text, room, " dated=%d", AS_OF - inst->date);
        for (int a = 0; a < ATTR_COUNT_; a++) {
            const struct values *v = &inst->value[a];
            if (v->n)
                add(text, room, " %s=", a == ATTR_DATE ? "ago" : attribute_table[a].name.p);
            for (uint32_t k = 0; k < v->n; k++)
                add(text, room, "%s%d", k ? "|" : "", v->at[k]);
        }
        if (inst->region != NOT_GIVEN)
            add(text, room, " at=%s", region_vocabulary.names[inst->region].p);
        if (inst->side != NOT_GIVEN)
            add(text, room, "/%s", side_vocabulary.names[inst->side].p);
        add(text, room, inst->placed ? " placed" : "");
    }
}

static void check_instances(const char *facts, const char *fact, const char *line, const char *want)
{
    struct taken t;
    char text[512];
    struct catalogue *cat = catalogue_of((struct parts){ .facts = facts });
    take_in(&t, cat, line);
    write_instances(&t.in, fact_at(cat, fact), text, sizeof(text));
    if (strcmp(text, want) != 0)
        fail_msg("%s of %s: %s, not %s", fact, line, text, want);
    taken_done(&t);
    catalogue_unref(cat);
}

static void a_finding_is_an_instance(void **state)
{
    static const char facts[] =
        "[{'id': 'f', 'attributes': ['date', 'region', 'side', 'severity', 'controlled', 'platelets']},"
        " {'id': 's', 'attributes': ['date'], 'valid_days': 10}, {'id': 'n'},"
        " {'id': 'v', 'valid_days': 10, 'attributes': ['date', 'region']}]";
    static const struct {
        const char *fact, *line, *want;
    } rows[] = {
        { "f", "has f", "#0 placed" },
        { "f", "has f ago 3 region neck side left severity 6 controlled yes",
          "#0 dated=3 ago=3 region=3 side=0 severity=6 controlled=1 at=neck/left placed" },
        { "f", "has f since 3", "#0 dated=3 ago=3 placed" },
        { "f", "has f since 3 ago 5", "#0 dated=5 ago=5 placed" },
        { "f", "has f severity 0; has f severity 1", "#0 severity=0 placed; #1 severity=1 placed" },
        { "f", "not f severity 3; maybe f; has f severity 1", "#2 severity=1 placed" }, /* only present ones */
        { "f", "maybe f severity 3", "" },
        { "f", "not f severity 3", "" },
        { "n", "has n severity 3 region neck", "#0" }, /* it declares neither */
        { "s", "has s", "#0 ago=0" },
        { "s", "has s since 7", "#0 dated=7 ago=0" }, /* reads 0, but clearances see the real date */
        { "s", "has s ago 7", "#0 dated=7 ago=7" },
        { "s", "has s ago 7; has s ago 30", "#0 dated=7 ago=7" },
        { "v", "has v region jaw", "#0 ago=0 region=2 at=jaw placed" },
        { "f", "has f region whole_body", "#0 region=22 at=whole_body placed" },
        /* what belongs to the person holds for the findings that lack it */
        { "f", "has f controlled yes; has f", "#0 controlled=1 placed; #1 controlled=1 placed" },
        { "f", "has f; has f controlled no", "#0 controlled=0 placed; #1 controlled=0 placed" },
        { "f", "has f controlled no; has f controlled yes; has f",
          "#0 controlled=0 placed; #1 controlled=1 placed; #2 controlled=0|1 placed" },
        { "f", "has f platelets 50; has f platelets 50; has f platelets 40; has f",
          "#0 platelets=50 placed; #1 platelets=50 placed; #2 platelets=40 placed; #3 platelets=50|40 placed" },
        /* the rest stays with its finding */
        { "f", "has f region neck side left ago 3 severity 2; has f",
          "#0 dated=3 ago=3 region=3 side=0 severity=2 at=neck/left placed; #1 placed" },
        { "f", "has f; not f controlled yes; maybe f controlled no", "#0 placed" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        check_instances(facts, rows[i].fact, rows[i].line, rows[i].want);
}

/* g and h imply f, which u covers; f implies z. */
#define BELOW                                                                                                          \
    "[{'id': 'f', 'attributes': ['date', 'region', 'side', 'severity', 'controlled'], 'implies': ['z']},"              \
    " {'id': 'g', 'attributes': ['date', 'region', 'controlled', 'stage'], 'implies': ['f']},"                         \
    " {'id': 'h', 'attributes': ['severity'], 'implies': ['f']},"                                                      \
    " {'id': 'z', 'attributes': ['date', 'region', 'controlled', 'stage'], 'valid_days': 99},"                         \
    " {'id': 'u', 'covers': ['f', 'k']}, {'id': 'k', 'attributes': ['region']},"                                       \
    " {'id': 'y', 'attributes': ['region'], 'covers': ['m', 'n']}, {'id': 'm', 'attributes': ['region']}, {'id': "     \
    "'n'}]"

static void instances_come_from_below(void **state)
{
    static const struct {
        const char *fact, *line, *want;
    } rows[] = {
        /* with the attributes that both declare */
        { "f", "has g ago 3 region neck controlled no stage 2",
          "#0 dated=3 ago=3 region=3 controlled=0 at=neck placed" },
        { "f", "has g since 3", "#0 dated=3 ago=3 placed" },
        { "f", "has h severity 6", "#0 severity=6" }, /* not placed: h has no region */
        { "f", "has h severity 6; has g region jaw", "#1 region=2 at=jaw placed; #0 severity=6" },
        /* through two levels: only what all declare */
        { "z", "has g ago 3 region neck controlled no stage 2",
          "#0 dated=3 ago=3 region=3 controlled=0 at=neck placed" },
        { "z", "has h severity 6", "#0 ago=0" },
        { "z", "has f region hip side left", "#0 ago=0 region=17 at=hip placed" },
        /* by umbrella */
        { "u", "has g region neck; has k region jaw; has h", "#0; #2; #1" }, /* without attributes: once a finding */
        { "y", "has m region neck; has n", "#0 region=3 at=neck placed; #1" },
        { "y", "has n", "#0" },
        { "y", "has y region hip; has m region neck", "#0 region=17 at=hip placed" },
        /* with findings of its own: only what belongs to the person, and only where none of its own gives it */
        { "f", "has f severity 5; has g controlled yes region jaw ago 3", "#0 severity=5 controlled=1 placed" },
        { "f", "has f controlled no; has f; has g controlled yes", "#0 controlled=0 placed; #1 controlled=0 placed" },
        { "f", "has f; has g controlled yes; has g controlled no", "#0 controlled=1|0 placed" },
        { "f", "has f; has h severity 6", "#0 placed" },
        /* what was shared below is shared above */
        { "f", "has g controlled yes; has g region neck",
          "#0 controlled=1 placed; #1 region=3 controlled=1 at=neck placed" },
        { "f", "has g controlled yes; has h", "#0 controlled=1 placed; #1 controlled=1" },
        /* nothing is taken from what is not present */
        { "f", "maybe g controlled yes; has f", "#1 placed" },
        { "f", "not g region neck; has h", "#1" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        check_instances(BELOW, rows[i].fact, rows[i].line, rows[i].want);
}

/* Outdated findings are instances from below of what their fact implies (S6). */
#define CARRIED                                                                                                        \
    "[{'id': 's', 'attributes': ['date', 'region', 'controlled'], 'valid_days': 10, 'implies': ['m', 'n']},"           \
    " {'id': 'm', 'attributes': ['date', 'region', 'controlled'], 'valid_days': 20, 'implies': ['t']},"                \
    " {'id': 'n', 'attributes': ['date', 'severity', 'side']},"                                                        \
    " {'id': 't', 'attributes': ['date', 'region', 'severity', 'controlled']}]"

static void old_findings_are_instances_from_below(void **state)
{
    static const struct {
        const char *fact, *line, *want;
    } rows[] = {
        { "s", "has s ago 15 region neck", "" },
        { "m", "has s ago 15 region neck", "#0 dated=15 ago=15 region=3 at=neck placed" },
        { "m", "has s ago 25 region neck", "" },
        { "t", "has s ago 15 region neck", "#0 dated=15 ago=15 region=3 at=neck placed" }, /* through m */
        { "t", "has s ago 25 region neck", "#0 dated=25 ago=25 region=3 at=neck placed" }, /* passed on */
        { "n", "has s ago 15 region neck", "#0 dated=15 ago=15" },
        { "m", "has s ago 15 controlled yes; has m", "#1 ago=0 controlled=1 placed" },
        { "m", "has s ago 15; has m region hip; has s ago 3", "#1 ago=0 region=17 at=hip placed" },
        { "m", "has s ago 15; has s ago 3", "#1 dated=3 ago=3 placed; #0 dated=15 ago=15 placed" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        check_instances(CARRIED, rows[i].fact, rows[i].line, rows[i].want);
    { /* s declares no severity, and m none either: n and t read none of it */
        check_instances(CARRIED, "n", "has s ago 15 severity 3 side left", "#0 dated=15 ago=15");
        check_instances(CARRIED, "t", "has s ago 25 severity 3", "#0 dated=25 ago=25 placed");
        check_instances("[{'id': 's', 'attributes': ['date'], 'valid_days': 10, 'implies': ['r']},"
                        " {'id': 'r', 'attributes': ['date', 'region']}]",
                        "r", "has s ago 15 region neck", "#0 dated=15 ago=15");
    }
}

/* The findings that make a fact present: its own and those of what is below it (S20). */
static void knows_which_findings_make_a_fact_present(void **state)
{
    static const struct {
        const char *facts, *fact, *line, *want;
    } rows[] = {
        { BELOW, "f", "has f; maybe f; not f; has f", "0 3" },   { BELOW, "f", "has g; has f; has h", "0 1 2" },
        { BELOW, "z", "has g; has f; has h; has k", "0 1 2" },   { BELOW, "u", "has k; maybe f; has h; has m", "0 2" },
        { CHAIN, "z", "has x; has y; has z; has x", "0 1 2 3" }, { CARRIED, "t", "has s ago 25; has s ago 3", "0 1" },
        { CARRIED, "s", "has s ago 25; has s ago 3", "1" },      { SHORT, "o", "has s ago 11; has s", "1" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct taken t;
        char text[128] = "";
        struct catalogue *cat = catalogue_of((struct parts){ .facts = rows[i].facts });
        take_in(&t, cat, rows[i].line);
        const struct fact_intake *f = &t.in.facts[fact_at(cat, rows[i].fact)];
        for (uint32_t k = 0; k < f->n_findings; k++)
            add(text, sizeof(text), "%s%u", k ? " " : "", f->findings[k]);
        if (strcmp(text, rows[i].want) != 0)
            fail_msg("%s of %s: %s, not %s", rows[i].fact, rows[i].line, text, rows[i].want);
        taken_done(&t);
        catalogue_unref(cat);
    }
}

/* ---- what is told ------------------------------------------------------------------------------------------ */

static void tells_of_findings_that_disagree(void **state)
{
    static const struct {
        const char *facts, *line, *want;
    } rows[] = {
        { CHAIN, "has x; has x; maybe y; not z in conditions",
          "z present: /history/conditions/0 /symptoms/0 /symptoms/1;" }, /* "unknown" denies nothing */
        { CHAIN, "has x; not x", "x present: /symptoms/0 /symptoms/1;" },
        { CHAIN, "not x; maybe x", "x unknown: /symptoms/0 /symptoms/1;" },
        { CHAIN, "not x; not x; has y; has y", "" },
        { CHAIN, "has x; has y; has z", "" },
        { CHAIN, "maybe x; not y", "y unknown: /symptoms/1;" }, /* denied, and left open by another */
        { UMBRELLAS, "has v; not u", "u present: /symptoms/0 /symptoms/1;" },
        { SHORT, "has s ago 11; not s", "" }, /* what is outdated disagrees with nothing */
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct taken t;
        char text[512] = "";
        struct catalogue *cat = catalogue_of((struct parts){ .facts = rows[i].facts });
        take_in(&t, cat, rows[i].line);
        for (size_t k = 0; k < t.in.n_conflicts; k++) {
            const struct conflict *c = &t.in.conflicts[k];
            add(text, sizeof(text), "%s%.*s %.*s:", text[0] ? " " : "", STR_ARGS(c->fact),
                STR_ARGS(finding_state_name(c->state)));
            for (size_t p = 0; p < c->pointers.n; p++)
                add(text, sizeof(text), " %.*s", STR_ARGS(c->pointers.at[p]));
            add(text, sizeof(text), ";");
        }
        if (strcmp(text, rows[i].want) != 0)
            fail_msg("%s: %s, not %s", rows[i].line, text, rows[i].want);
        taken_done(&t);
        catalogue_unref(cat);
    }
}

static void tells_of_what_had_no_effect(void **state)
{
    static const struct {
        const char *line, *want;
    } rows[] = {
        { "has f ago 3 region neck", "" },
        { "has n region neck", "/symptoms/0/region attribute_not_declared;" },
        { "not n region neck severity 3 in injuries",
          "/history/injuries/0/region attribute_not_declared; /history/injuries/0/severity attribute_not_declared;" },
        { "has n since 3", "/symptoms/0/since attribute_not_declared;" },
        { "has n ago 3 since 3", "/symptoms/0/date attribute_not_declared; /symptoms/0/since attribute_not_declared;" },
        { "has f; has f severity 3 in procedures", "/history/procedures/0/severity attribute_not_declared;" },
        { "clear f physician 365; clear f physician 366; clear f physician -1; clear f physician 0",
          "/clearances/1 clearance_expired; /clearances/2 clearance_in_future;" },
    };
    struct catalogue *cat = catalogue_of((struct parts){
        .facts = "[{'id': 'f', 'attributes': ['date', 'region']}, {'id': 'n'}]",
    });
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct taken t;
        char text[512] = "";
        take_in(&t, cat, rows[i].line);
        for (size_t k = 0; k < t.in.n_ignored; k++)
            add(text, sizeof(text), "%s%.*s %s;", k ? " " : "", STR_ARGS(t.in.ignored[k].pointer),
                ignored_name(t.in.ignored[k].reason));
        if (strcmp(text, rows[i].want) != 0)
            fail_msg("%s: %s, not %s", rows[i].line, text, rows[i].want);
        taken_done(&t);
    }
    catalogue_unref(cat);
}

static void the_list_of_what_was_ignored_grows(void **state)
{
    struct catalogue *cat = catalogue_of((struct parts){ .facts = "[{'id': 'n'}]" });
    struct taken t;
    (void)state;
    take_in(&t, cat, "");
    for (int i = 0; i < 100; i++)
        assert_int_equal(intake_ignore(&t.in, &t.arena, arena_printf(&t.arena, "/%d", i), IGNORED_PROGRESS_OLD), RC_OK);
    assert_int_equal(t.in.n_ignored, 100);
    assert_str(t.in.ignored[0].pointer, STR("/0"));
    assert_str(t.in.ignored[99].pointer, STR("/99"));
    assert_int_equal(intake_ignore(&t.in, &t.arena, (struct str){ NULL, 0 }, IGNORED_PROGRESS_OLD), RC_OOM);
    taken_done(&t);
    catalogue_unref(cat);
}

static void refuses_what_the_catalogue_does_not_know(void **state)
{
    static const struct {
        enum fault_code code;
        const char *pointer;
    } want[] = {
        { FAULT_UNKNOWN_ID, "/symptoms/0/id" },
        { FAULT_UNKNOWN_ID, "/history/conditions/0/id" },
        { FAULT_UNKNOWN_ID, "/history/medications/0/id" },
        { FAULT_UNKNOWN_ID, "/history/procedures/0/id" },
        { FAULT_UNKNOWN_ID, "/history/injuries/0/id" },
        { FAULT_UNKNOWN_VALUE, "/symptoms/1/system" },
        { FAULT_UNKNOWN_ID, "/clearances/1/for" },
        { FAULT_UNKNOWN_ID, "/preferences/techniques/1" },
        { FAULT_UNKNOWN_ID, "/progress/1/technique" },
    };
    struct catalogue *cat = catalogue_of((struct parts){ .facts = "[{'id': 'n'}]" });
    struct taken t;
    (void)state;
    memset(&t.in, 0x5a, sizeof(t.in));
    struct intake untouched = t.in;
    assert_int_equal(
        take_in_or_not(&t, cat,
                       "has n; has q in conditions; maybe q in medications; not q in procedures; has q in injuries;"
                       "has none:1; clear n physician 3; clear q physician 3; wish soft; wish q; session 3 soft;"
                       "session 3 q; session 3 -"),
        RC_INVALID_REQUEST);
    assert_int_equal(t.faults.total, ARRAY_LEN(want) - 1);
    for (size_t i = 1; i < ARRAY_LEN(want); i++) {
        assert_int_equal(t.faults.at[i - 1].code, want[i].code);
        assert_str(t.faults.at[i - 1].pointer, str_of(want[i].pointer));
        assert_true(t.faults.at[i - 1].remedy.n > 0);
        assert_null(strstr(t.faults.at[i - 1].detail.p, "\"q\"")); /* what a request said is not repeated */
    }
    assert_memory_equal(&t.in, &untouched, sizeof(untouched)); /* set only on success */
    taken_done(&t);
    assert_int_equal(take_in_or_not(&t, cat, "has q"), RC_INVALID_REQUEST);
    assert_str(t.faults.at[0].pointer, str_of(want[0].pointer));
    taken_done(&t);
    catalogue_unref(cat);
}

/* ---- clearances, wishes, progress -------------------------------------------------------------------------- */

/* A clearance of a complaint must be younger than every complaint it stands for (S9.5). */
static void takes_clearances_in_force(void **state)
{
    static const struct {
        const char *line;
        size_t n;
    } rows[] = {
        { "clear f physician 0", 1 },
        { "clear f physician 365", 1 },
        { "clear f physician 366", 0 },
        { "clear f physician -1", 0 },
        { "clear f physician 365; complaint neck days 3", 1 }, /* a fact of its own */
        { "clear k physician 10; complaint neck days 10", 1 },
        { "clear k physician 11; complaint neck days 10", 0 },
        { "clear k physician 42; complaint neck", 1 },
        { "clear k physician 43; complaint neck", 0 },
        { "clear k physician 300; complaint jaw days 3", 1 }, /* it stands for the neck only */
        { "clear k physician 20; complaint jaw days 3; complaint neck days 30", 1 },
        { "clear k physician 20; complaint neck days 30; complaint neck days 19", 0 },
        { "clear k physician 365", 1 }, /* no complaint */
        { "clear k physician 366", 0 },
        { "clear every physician 10; complaint jaw days 9", 0 },
        { "clear every physician 10; complaint jaw days 10; complaint neck days 20", 1 },
        { "clear age physician 365; complaint jaw days 1", 1 }, /* it stands for no complaint */
    };
    struct catalogue *cat = catalogue_of((struct parts){
        .facts = "[{'id': 'f'}, {'id': 'k', 'clearance_only': true, 'complaint_regions': ['neck']},"
                 " {'id': 'every', 'clearance_only': true, 'complaint_regions': []},"
                 " {'id': 'age', 'clearance_only': true}]",
    });
    struct taken t;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        take_in(&t, cat, rows[i].line);
        if (t.in.n_clearances != rows[i].n || t.in.n_ignored != 1 - rows[i].n)
            fail_msg("%s: %zu", rows[i].line, t.in.n_clearances);
        taken_done(&t);
    }
    take_in(&t, cat, "clear f physician 999; clear age obstetric 3; clear k guardian 4");
    assert_int_equal(t.in.n_clearances, 2);
    assert_int_equal(t.in.clearances[0].index, 1);
    assert_int_equal(t.in.clearances[0].fact, fact_at(cat, "age"));
    assert_int_equal(t.in.clearances[0].by, CLEARER_OBSTETRIC);
    assert_int_equal(t.in.clearances[0].date, AS_OF - 3);
    assert_int_equal(t.in.clearances[1].index, 2);
    assert_false(t.in.clearances[0].used);
    taken_done(&t);
    catalogue_unref(cat);
}

static void takes_wishes_and_progress(void **state)
{
    struct catalogue *cat = catalogue_of((struct parts){
        .facts = "[{'id': 'f'}]",
        .techniques = "[{'code': 'soft'}, {'code': 'warm'}, {'code': 'hard'}]",
    });
    struct taken t;
    (void)state;
    take_in(&t, cat, "wish hard; wish soft; wish hard; session 3 warm; session 2 -; session 1 soft");
    assert_int_equal(t.in.n_wishes, 2); /* in order, each once */
    assert_int_equal(t.in.wishes[0], 2);
    assert_int_equal(t.in.wishes[1], 0);
    assert_int_equal(t.in.wished, 5);
    assert_int_equal(t.in.progress_technique[0], 1);
    assert_int_equal(t.in.progress_technique[1], NOT_GIVEN);
    assert_int_equal(t.in.progress_technique[2], 0);
    taken_done(&t);
    catalogue_unref(cat);
}

static void takes_many_findings(void **state)
{
    static struct finding findings[FINDINGS_LIMIT];
    struct catalogue *cat = catalogue_of((struct parts){ .facts = SHORT });
    struct taken t;
    (void)state;
    person_read(&t.person, "");
    for (size_t i = 0; i < FINDINGS_LIMIT; i++) {
        findings[i] =
            (struct finding){ .index = (uint16_t)i, .id = i % 2 ? STR("s") : STR("t"), .since = DATE_NOT_GIVEN };
        findings[i].has = 1u << ATTR_DATE;
        findings[i].value[ATTR_DATE] = AS_OF - (int32_t)(i % 40);
    }
    t.person.s.findings = findings;
    t.person.s.n_findings = FINDINGS_LIMIT;
    arena_init(&t.arena, 0);
    faults_init(&t.faults, &t.arena);
    assert_int_equal(intake_build(cat, &t.person.s, &t.arena, &t.faults, &t.in), RC_OK);
    size_t old = 0, current = 0;
    for (size_t i = 1; i < FINDINGS_LIMIT; i += 2)
        *(i % 40 > 10 ? &old : &current) += 1;
    assert_int_equal(t.in.n_outdated, old);
    assert_int_equal(t.in.facts[0].n_instances, current);
    assert_int_equal(t.in.facts[2].n_instances, FINDINGS_LIMIT / 2);
    assert_int_equal(t.in.facts[2].n_findings, FINDINGS_LIMIT); /* old ones too: t is for ever */
    taken_done(&t);
    catalogue_unref(cat);
}

RUN_TESTS(cmocka_unit_test(states_go_up_and_down), cmocka_unit_test(umbrellas_follow_what_they_cover),
          cmocka_unit_test(questions_that_do_not_apply_are_answered), cmocka_unit_test(settles_in_order),
          cmocka_unit_test(findings_grow_old), cmocka_unit_test(a_finding_is_an_instance),
          cmocka_unit_test(instances_come_from_below), cmocka_unit_test(old_findings_are_instances_from_below),
          cmocka_unit_test(knows_which_findings_make_a_fact_present), cmocka_unit_test(tells_of_findings_that_disagree),
          cmocka_unit_test(tells_of_what_had_no_effect), cmocka_unit_test(the_list_of_what_was_ignored_grows),
          cmocka_unit_test(refuses_what_the_catalogue_does_not_know), cmocka_unit_test(takes_clearances_in_force),
          cmocka_unit_test(takes_wishes_and_progress), cmocka_unit_test(takes_many_findings))
