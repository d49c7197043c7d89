#include "cli/words.h"

static const char *const verdict_words[] = { "allowed", "allowed with changes", "waits for answers",
                                             "needs a clearance", "not allowed" };
static_assert(ARRAY_LEN(verdict_words) == VERDICT_COUNT_, "every verdict has words");

static const char *const disposition_words[] = {
    "massage may go ahead",
    "massage may go ahead with changes",
    "questions must be answered first",
    "a clearance is needed first",
    "no massage now",
    "no massage; a clinician must see the client today",
    "no massage; call the emergency services now",
};
static_assert(ARRAY_LEN(disposition_words) == DISPOSITION_COUNT_, "every disposition has words");

static const char *const severity_words[] = { "Caution",         "Change needed", "Clearance needed",
                                              "Contraindicated", "Urgent",        "Emergency" };
static_assert(ARRAY_LEN(severity_words) == SEVERITY_COUNT_, "every severity has words");

static const char *const booking_words[] = { "Book", "Book, with changes", "Hold the booking", "Do not book" };
static_assert(ARRAY_LEN(booking_words) == BOOKING_COUNT_, "every booking has words");

static const char *const region_words[] = {
    "head",       "face",  "jaw",    "neck",       "shoulder", "upper arm",  "elbow",      "forearm",
    "wrist/hand", "chest", "breast", "upper back", "mid back", "lower back", "abdomen",    "pelvis",
    "buttock",    "hip",   "thigh",  "knee",       "calf",     "ankle/foot", "whole body",
};
static_assert(ARRAY_LEN(region_words) == REGION_COUNT_, "every region has words");

static const char *const side_words[] = { "left", "right", "both sides", "midline" };
static_assert(ARRAY_LEN(side_words) == SIDE_COUNT_, "every side has words");

static const char *const goal_words[] = { "pain relief", "relaxation", "less stress", "better sleep",
                                          "mobility",    "posture",    "recovery",    "wellbeing" };
static_assert(ARRAY_LEN(goal_words) == GOAL_COUNT_, "every goal has words");

static const char *const sex_words[] = { "female", "male", "other", "not known" };
static_assert(ARRAY_LEN(sex_words) == SEX_COUNT_, "every sex has words");

static const char *const onset_words[] = { "sudden", "gradual" };
static_assert(ARRAY_LEN(onset_words) == ONSET_COUNT_, "every onset has words");

static const char *const cause_words[] = { "strain", "posture", "overuse", "an injury", "stress", "unknown" };
static_assert(ARRAY_LEN(cause_words) == CAUSE_COUNT_, "every cause has words");

static const char *const reaction_words[] = { "none",      "soreness",   "bruising",
                                              "dizziness", "pain worse", "numbness or weakness" };
static_assert(ARRAY_LEN(reaction_words) == REACTION_COUNT_, "every reaction has words");

static const char *const finding_state_words[] = { "present", "absent", "not known" };
static_assert(ARRAY_LEN(finding_state_words) == FINDING_STATE_COUNT_, "every state has words");

static const char *const pressure_wish_words[] = { "very light", "light", "medium", "firm", "deep" };
static_assert(ARRAY_LEN(pressure_wish_words) == PRESSURE_WISH_COUNT_, "every pressure has words");

static const char *const clearer_words[] = { "a physician",          "a surgeon",
                                             "the oncology team",    "the cardiology team",
                                             "the haematology team", "the obstetric team",
                                             "a parent or guardian" };
static_assert(ARRAY_LEN(clearer_words) == CLEARER_COUNT_, "everyone who clears has words");

static const char *const fact_kind_words[] = { "symptom", "condition", "medicine", "procedure", "injury", "derived" };
static_assert(ARRAY_LEN(fact_kind_words) == FACT_KIND_COUNT_, "every kind of fact has words");

static const char *const acuity_words[] = { "of a duration not given", "acute", "subacute", "chronic" };
static_assert(ARRAY_LEN(acuity_words) == ACUITY_COUNT_, "every acuity has words");

static const char *const certainty_words[] = { "high", "moderate", "low", "very low", "expert opinion" };
static_assert(ARRAY_LEN(certainty_words) == CERTAINTY_COUNT_, "every certainty has words");

static const char *const trait_words[] = {
    "heat",  "stretching",      "moving joints",          "thrusts",   "skin friction", "oil", "vibration",
    "scent", "lying face down", "the client's own hands", "undressing"
};
static_assert(ARRAY_LEN(trait_words) == TRAIT_COUNT_, "every trait has words");

static const struct {
    const struct vocabulary *vocabulary;
    const char *const *words;
} tables[] = {
    { &verdict_vocabulary, verdict_words },
    { &disposition_vocabulary, disposition_words },
    { &severity_vocabulary, severity_words },
    { &booking_vocabulary, booking_words },
    { &region_vocabulary, region_words },
    { &side_vocabulary, side_words },
    { &goal_vocabulary, goal_words },
    { &sex_vocabulary, sex_words },
    { &onset_vocabulary, onset_words },
    { &cause_vocabulary, cause_words },
    { &reaction_vocabulary, reaction_words },
    { &finding_state_vocabulary, finding_state_words },
    { &pressure_wish_vocabulary, pressure_wish_words },
    { &clearer_vocabulary, clearer_words },
    { &fact_kind_vocabulary, fact_kind_words },
    { &acuity_vocabulary, acuity_words },
    { &certainty_vocabulary, certainty_words },
    { &trait_vocabulary, trait_words },
};

const char *words_of(const struct vocabulary *v, struct str code)
{
    int member = vocabulary_find(v, code);
    for (size_t i = 0; member >= 0 && i < ARRAY_LEN(tables); i++)
        if (tables[i].vocabulary == v)
            return tables[i].words[member];
    return NULL;
}

void say_word(struct page *p, const struct vocabulary *v, struct str code)
{
    const char *words = words_of(v, code);
    if (words)
        page_add(p, "%s", words);
    else
        page_add(p, "\"%.*s\"", STR_ARGS(code));
}

void say_id(struct page *p, struct str id)
{
    for (size_t i = 0; i < id.n; i++)
        buf_add_char(&p->text, (char)(id.p[i] == '_' ? ' ' : id.p[i]));
}

void say_days(struct page *p, int64_t days)
{
    page_add(p, "%lld day%s", (long long)days, days == 1 ? "" : "s");
    if (days >= 14 && days % 7 == 0)
        page_add(p, " (%lld weeks)", (long long)days / 7);
    else if (days >= 365 && days % 365 == 0)
        page_add(p, " (%lld year%s)", (long long)days / 365, days == 365 ? "" : "s");
}

/* ---- places ----------------------------------------------------------------------------------------------- */

/* "left knee", "both knees" without the plural: "knee (both sides)". */
static void say_place(struct page *p, const json_t *place)
{
    struct str side = member_text(place, "side");
    bool before = str_eq(side, side_name(SIDE_LEFT)) || str_eq(side, side_name(SIDE_RIGHT));
    if (before) {
        say_word(p, &side_vocabulary, side);
        page_add(p, " ");
    }
    say_word(p, &region_vocabulary, member_text(place, "region"));
    if (side.n && !before) {
        page_add(p, " (");
        say_word(p, &side_vocabulary, side);
        page_add(p, ")");
    }
}

void say_regions(struct page *p, const json_t *regions, const json_t *places)
{
    const json_t *list = json_array_size(places) ? places : regions;
    size_t n = json_array_size(list);
    for (size_t i = 0; i < n; i++) {
        const json_t *item = json_array_get(list, i);
        page_add(p, "%s", page_between(i, n, " and "));
        if (json_is_object(item))
            say_place(p, item);
        else
            say_word(p, &region_vocabulary, text_of(item));
    }
}

void say_region_set(struct page *p, uint32_t regions, const char *last)
{
    size_t n = (size_t)__builtin_popcount(regions), i = 0;
    for (unsigned r = 0; r < REGION_COUNT_; r++)
        if (regions >> r & 1)
            page_add(p, "%s%s", page_between(i++, n, last), region_words[r]);
}

/* ---- modifications ---------------------------------------------------------------------------------------- */

static const char *const mod_words[] = {
    [MOD_MAX_PRESSURE] = "pressure at most",
    [MOD_MAX_MINUTES] = "session no longer than",
    [MOD_AVOID_REGION] = "do not work on",
    [MOD_AVOID_AREA] = "keep away from:",
    [MOD_POSITION] = "position:",
    [MOD_NO_HEAT] = "no heat",
    [MOD_NO_STRETCH] = "no stretching",
    [MOD_NO_JOINT_MOBILISATION] = "no joint mobilisation",
    [MOD_NO_THRUST] = "no thrusts",
    [MOD_NO_VIBRATION] = "no vibration",
    [MOD_NO_SKIN_FRICTION] = "no skin friction",
    [MOD_NO_OIL] = "no oil",
    [MOD_PLAIN_OIL_ONLY] = "plain oil only",
    [MOD_NO_NUT_OIL] = "no nut oil",
    [MOD_NO_SCENT] = "no scent",
    [MOD_NO_LATEX] = "no latex",
    [MOD_PATCH_TEST] = "test the product on a small patch of skin first",
    [MOD_HYGIENE] = "hygiene:",
    [MOD_KEEP_WARM] = "keep the client warm",
    [MOD_SLOW_RISE] = "let the client rise slowly",
    [MOD_ASSIST_TRANSFER] = "help the client on and off the table",
    [MOD_STEPWISE_CONSENT] = "ask for consent step by step",
    [MOD_THERAPIST_TRAINED] = "only by a therapist with training in:",
};
static_assert(ARRAY_LEN(mod_words) == MOD_COUNT_, "every modification has words");

/* The regions of a place in the catalogue's words and in an answer's, where a word may stand among them. */
static void say_ban(struct page *p, const json_t *value, const json_t *places)
{
    struct str word =
        json_is_array(value) ? text_of(json_array_get(value, json_array_size(value) - 1)) : text_of(value);
    bool found = str_eq(word, STR("where_found")), given = str_eq(word, STR("where_given"));
    if (!found && !given) {
        page_add(p, " the ");
        say_regions(p, value, places);
        return;
    }
    if (json_array_size(value) > 1) {
        json_t *known = json_copy((json_t *)value);
        (void)json_array_remove(known, json_array_size(known) - 1);
        page_add(p, " the ");
        say_regions(p, known, places);
        page_add(p, ", nor on");
        json_decref(known);
    }
    page_add(p, found ? " the place where the finding is" : " the place given with the finding, if one is given");
}

static void say_other_value(struct page *p, const json_t *value)
{
    if (json_is_string(value)) {
        page_add(p, " ");
        say_id(p, text_of(value));
    } else if (json_is_integer(value)) {
        page_add(p, " %lld", (long long)json_integer_value(value));
    }
}

void say_modification(struct page *p, const json_t *mod)
{
    const json_t *value = json_object_get(mod, "value"), *regions = json_object_get(mod, "regions");
    struct str name = member_text(mod, "kind");
    enum mod_kind kind;
    json_int_t number = json_integer_value(value);
    if (!mod_kind_from_name(name, &kind)) {
        page_add(p, "\"%.*s\"", STR_ARGS(name));
        say_other_value(p, value);
    } else {
        page_add(p, "%s", mod_words[kind]);
        if (kind == MOD_AVOID_REGION)
            say_ban(p, value, json_object_get(mod, "places"));
        else
            say_other_value(p, value);
        if (kind == MOD_MAX_PRESSURE && number >= PRESSURE_MIN && number <= PRESSURE_MAX)
            page_add(p, " of %d (%s)", PRESSURE_MAX, pressure_wish_words[number - 1]);
        if (kind == MOD_MAX_MINUTES)
            page_add(p, " minutes");
        if (kind == MOD_AVOID_REGION)
            return;
    }
    if (json_array_size(regions)) {
        page_add(p, ", on the ");
        say_regions(p, regions, json_object_get(mod, "places"));
    }
}
