/* Joining modifications, nothing left of a technique, and techniques on offer (S10). */
#include "decide/shown.h"

static const struct parts parts = {
    .facts =
        "[{'id': 'a', 'attributes': ['region', 'side']}, {'id': 'b', 'attributes': ['region', 'side']}, {'id': 'p'},"
        " {'id': 'q'}, {'id': 'n'}]",
    .techniques =
        "[{'code': 'soft', 'pressure': 3}, {'code': 'firm', 'pressure': 5, 'min_pressure': 3, 'traits': ['oil']},"
        " {'code': 'warm', 'traits': ['heat', 'oil'], 'essential': ['heat']},"
        " {'code': 'pull', 'traits': ['stretch'], 'essential': ['stretch']}]",
};

/* A rule that fires with fact p, and one that fires with q, with these modifications. */
#define P(mods)        "{'id': 'r', 'when': {'var': 'p'}, 'modifications': [" mods "]}"
#define Q(mods)        "{'id': 's', 'when': {'var': 'q'}, 'modifications': [" mods "]}"
#define M(kind, value) "{'kind': '" kind "', 'value': " value "}"
/* Regional ones: with fact a where it was found, with b at the neck and the jaw. */
#define A(mods)                 "{'id': 'r', 'when': {'var': 'a'}, 'regions': 'where_found', 'modifications': [" mods "]}"
#define B(mods)                 "{'id': 's', 'when': {'var': 'b'}, 'regions': ['neck', 'jaw'], 'modifications': [" mods "]}"
#define ASSIST_TRANSFER         M("assist_transfer", "true")
#define AVOID_AREA_SCAR         M("avoid_area", "'scar'")
#define AVOID_REGION_HIP_JAW    M("avoid_region", "['hip', 'jaw']")
#define AVOID_REGION_NECK_HIP   M("avoid_region", "['neck', 'hip']")
#define CAP_1                   M("max_pressure", "1")
#define CAP_2                   M("max_pressure", "2")
#define CAP_3                   M("max_pressure", "3")
#define CAP_4                   M("max_pressure", "4")
#define HYGIENE_GLOVES          M("hygiene", "'gloves'")
#define KEEP_WARM               M("keep_warm", "true")
#define MINUTES_20              M("max_minutes", "20")
#define MINUTES_30              M("max_minutes", "30")
#define MINUTES_40              M("max_minutes", "40")
#define NO_HEAT                 M("no_heat", "true")
#define NO_JOINT_MOBILISATION   M("no_joint_mobilisation", "true")
#define NO_LATEX                M("no_latex", "true")
#define NO_NUT_OIL              M("no_nut_oil", "true")
#define NO_OIL                  M("no_oil", "true")
#define NO_SCENT                M("no_scent", "true")
#define NO_SKIN_FRICTION        M("no_skin_friction", "true")
#define NO_STRETCH              M("no_stretch", "true")
#define NO_THRUST               M("no_thrust", "true")
#define NO_VIBRATION            M("no_vibration", "true")
#define PATCH_TEST              M("patch_test", "true")
#define PLAIN_OIL_ONLY          M("plain_oil_only", "true")
#define POSITION_SEATED         M("position", "'seated'")
#define POSITION_SUPINE         M("position", "'supine'")
#define SLOW_RISE               M("slow_rise", "true")
#define STEPWISE_CONSENT        M("stepwise_consent", "true")
#define THERAPIST_TRAINED_LYMPH M("therapist_trained", "'lymph'")

static void joins_values(void **state)
{
    static const struct row rows[] = {
        { "[" P(MINUTES_40) "," Q(MINUTES_30) "]", "has p; not q", "soft mods max_minutes 40" },
        { NULL, "has p; has q", "soft mods max_minutes 30\nsoft modified\ndisposition proceed" },
        { NULL, "not p; has q", "soft mods max_minutes 30" },
        { NULL, "not p; not q", "soft mods\nsoft allowed" },
        { "[" P(CAP_3) "," Q(CAP_4) "]", "has p; has q", "soft mods max_pressure 3" },
        { NULL, "has q; not p", "soft mods max_pressure 4" },
        { "[" P(NO_HEAT "," KEEP_WARM) "," Q(NO_HEAT) "]", "has p; has q", "soft mods no_heat; keep_warm" },
        { "[" P(POSITION_SEATED "," POSITION_SUPINE "," HYGIENE_GLOVES) "," Q(
              POSITION_SUPINE "," AVOID_AREA_SCAR "," THERAPIST_TRAINED_LYMPH) "]",
          "has p; has q",
          "soft mods avoid_area scar; position seated; position supine; hygiene gloves; therapist_trained lymph" },
        { NULL, "not p; has q", "soft mods avoid_area scar; position supine; therapist_trained lymph" },
        { "[" P(AVOID_REGION_NECK_HIP) "," Q(AVOID_REGION_HIP_JAW) "]", "has p; has q",
          "soft mods avoid jaw,neck,hip" },
        { NULL, "has p; not q", "soft mods avoid neck,hip" },
    };
    (void)state;
    CHECK_ROWS(parts, rows);
}

/* What may hold for a part carries the entry's regions; every other kind is for the session. */
static void keeps_parts_apart(void **state)
{
    static const struct row rows[] = {
        { "[" A(CAP_2) "," B(CAP_1) "]", "has a region hip; has b",
          "soft mods max_pressure 1 @jaw,neck; max_pressure 2 @hip" },
        { NULL, "has a region neck; has b", "soft mods max_pressure 1 @jaw,neck" }, /* the lowest of each region */
        { NULL, "has a region hip side left; not b", "soft mods max_pressure 2 @hip/left" },
        { NULL, "has a region hip side left; has a region hip side right; not b",
          "soft mods max_pressure 2 @hip/left,hip/right" },
        { NULL, "has a region neck side left; has b", "soft mods max_pressure 1 @jaw,neck" },
        { "[" A(CAP_2) ", {'id': 's', 'when': {'var': 'p'}, 'modifications': [" CAP_3 "]}]", "has a region hip; has p",
          "soft mods max_pressure 3; max_pressure 2 @hip" },
        { "[" A(CAP_3) ", {'id': 's', 'when': {'var': 'p'}, 'modifications': [" CAP_3 "]}]", "has a region hip; has p",
          "soft mods max_pressure 3" }, /* only what is below the session's */
        { "[" A(NO_HEAT "," PLAIN_OIL_ONLY) "," B(NO_HEAT) "]", "has a region hip; has b",
          "soft mods no_heat @jaw,neck,hip; plain_oil_only @hip" },
        { NULL, "has a region neck side left; has b", "soft mods no_heat @jaw,neck; plain_oil_only @neck/left" },
        { "[" A(NO_HEAT) ", {'id': 's', 'when': {'var': 'p'}, 'modifications': [" NO_HEAT "]}]",
          "has a region hip; has p", "soft mods no_heat" }, /* for the session if any entry says so */
        { "[" A(KEEP_WARM "," MINUTES_30 "," PATCH_TEST) "]", "has a region hip",
          "soft mods max_minutes 30; patch_test; keep_warm" },
        { "[" A(NO_STRETCH "," NO_OIL "," NO_THRUST "," NO_JOINT_MOBILISATION "," NO_VIBRATION "," NO_SKIN_FRICTION
                           "," NO_SCENT "," NO_NUT_OIL "," NO_LATEX "," SLOW_RISE "," ASSIST_TRANSFER
                           "," STEPWISE_CONSENT) "]",
          "has a region hip",
          "soft mods no_stretch @hip; no_joint_mobilisation @hip; no_thrust @hip; no_vibration @hip; no_skin_friction "
          "@hip;"
          " no_oil @hip; no_nut_oil; no_scent; no_latex; slow_rise; assist_transfer; stepwise_consent" },
    };
    (void)state;
    CHECK_ROWS(parts, rows);
}

/* Listed for every verdict but "not allowed"; only fired entries count. */
static void lists_what_has_fired(void **state)
{
    static const struct row rows[] = {
        { "[" P(MINUTES_30) ", {'id': 's', 'when': {'var': 'q'}, 'effect': 'clearance_required'}]", "has p; has q",
          "soft clearance_required\nsoft mods max_minutes 30" },
        { "[" P(MINUTES_30) ", {'id': 's', 'when': {'var': 'q'}, 'effect': 'not_allowed'}]", "has p; has q",
          "soft not_allowed\nsoft mods\nsoft because s r" },
        { "[" P(MINUTES_30) "]", "maybe p", "soft allowed\nsoft could modified\nsoft mods\nsoft because" },
        /* each technique has those of its own rules */
        { "[{'id': 'r', 'when': {'var': 'p'}, 'target': {'==': [{'var': 'oil'}, true]}, 'modifications': [" MINUTES_30
          "]},"
          " {'id': 's', 'when': {'var': 'q'}, 'target': {'==': [{'var': 'heat'}, true]}, 'modifications': "
          "[" MINUTES_20 "]},"
          " {'id': 't', 'when': {'var': 'n'}, 'modifications': [" SLOW_RISE "]}]",
          "has p; has q; has n",
          "soft mods slow_rise\nfirm mods max_minutes 30; slow_rise\nwarm mods max_minutes 20; slow_rise\npull mods "
          "slow_rise\n"
          "soft because t\nfirm because r t\nwarm because r s t" },
        { NULL, "has p; has q; not n",
          "soft mods\nsoft allowed\nfirm mods max_minutes 30\nwarm mods max_minutes 20\npull mods" },
    };
    (void)state;
    CHECK_ROWS(parts, rows);
}

/* An essential trait taken, or the pressure capped below the least, for the whole session. */
static void leaves_nothing(void **state)
{
    static const struct row rows[] = {
        { "[" P(NO_HEAT) "]", "has p",
          "warm not_allowed\nwarm because r\nsoft modified\nsoft mods no_heat\nr is modify modified none" },
        { "[" P(NO_STRETCH) "]", "has p", "pull not_allowed\nwarm modified" },
        { "[" P(NO_OIL) "]", "has p", "warm modified\nfirm modified" }, /* not essential */
        { "[" P(CAP_2) "]", "has p", "firm not_allowed\nsoft modified" },
        { "[" P(CAP_3) "]", "has p", "firm modified" },
        { "[{'id': 'r', 'when': {'var': 'p'}, 'clearable_by': 'physician', 'clearance_for': ['p'], 'cleared_effect': "
          "'allowed',"
          "  'modifications': [" CAP_2 "]}]",
          "has p", "firm clearance_required\nsoft modified\nr clearable physician p" },
        { NULL, "has p; clear p physician 3", "firm allowed\nfirm could allowed\nsoft allowed" },
        { NULL, "maybe p", "firm allowed\nfirm could clearance_required\nsoft could modified" },
        /* in a part of the body only: nothing is lost */
        { "[" A(NO_HEAT "," CAP_1) "]", "has a region hip", "warm modified\nfirm modified\nwarm could modified" },
        { NULL, "has a", "warm not_allowed\nfirm not_allowed" }, /* while the place is not known */
        { NULL, "maybe a", "warm allowed\nwarm could not_allowed\nfirm could not_allowed\nsoft could modified" },
        { "[" B(NO_HEAT "," CAP_1) "]", "has b", "warm modified\nfirm modified" },
        { NULL, "maybe b", "warm could modified\nfirm could modified" },
        /* each entry for itself: two caps do not add up, and a graver effect stands */
        { "[{'id': 'r', 'when': {'var': 'p'}, 'effect': 'not_allowed', 'clearable_by': 'physician', 'clearance_for': "
          "['p'],"
          "  'cleared_effect': 'allowed', 'modifications': [" NO_HEAT "]}]",
          "has p", "warm not_allowed\nsoft not_allowed" },
        { "[{'id': 'r', 'when': {'var': 'p'}, 'target': {'==': [{'var': 'oil'}, true]}, 'modifications': [" NO_STRETCH
          "]}]",
          "has p", "pull allowed\nwarm modified" }, /* only of its targets */
        { "[" P(NO_HEAT) "," Q(CAP_2) "]", "has p; has q",
          "warm not_allowed\nfirm not_allowed\nwarm because r s\nfirm because s r\nsoft because r s" },
    };
    (void)state;
    CHECK_ROWS(parts, rows);
}

static void offers(void **state)
{
    static const struct parts with_offers = {
        .facts = "[{'id': 'a'}, {'id': 'b'}]",
        .techniques = "[{'code': 'soft'}, {'code': 'some', 'offer_when': {'var': 'a'}},"
                      " {'code': 'none', 'never_offered': 'no', 'traits': ['thrust']}]",
    };
    static const struct row rows[] = {
        { "[{'id': 'r', 'when': {'var': 'b'}, 'modifications': [{'kind': 'max_minutes', 'value': 30}]}]",
          "has a; has b",
          "some modified\nsome could modified\nsome mods max_minutes 30\nsome because r\nnone not_allowed\nnone could "
          "not_allowed\n"
          "none because\nnone mods\ncomplete yes" },
        { NULL, "not a; has b", "some not_allowed\nsome could not_allowed\nsome because\nsome mods\ncomplete yes" },
        { NULL, "maybe a; has b",
          "some modified\nsome could not_allowed\nsome mods max_minutes 30\nsome because r\nasks a\n"
          "a changes not_allowed [some]" },
        { NULL, "maybe a; not b", "some allowed\nsome could not_allowed\nasks a\ncomplete no" },
        { NULL, "maybe a; maybe b", "some could not_allowed\nsoft could modified\nasks b a" },
        /* what is forbidden already is not asked about, but its offer is still open */
        { "[{'id': 'r', 'when': {'var': 'b'}, 'effect': 'not_allowed'}]", "maybe a; has b",
          "some not_allowed\nsoft not_allowed\nasks a" },
        /* a rule all of whose targets are never offered is silent */
        { "[{'id': 'r', 'when': {'var': 'b'}, 'effect': 'not_allowed', 'target': {'==': [{'var': 'thrust'}, true]}}]",
          "not a; has b", "warnings\nsoft allowed\ncomplete yes\nnone because" },
        { NULL, "maybe b; has a", "asks\ncomplete yes" },
        /* but a disposition that it asks for stands */
        { "[{'id': 'r', 'when': {'var': 'b'}, 'effect': 'not_allowed', 'disposition': 'do_not_treat',"
          "  'target': {'==': [{'var': 'thrust'}, true]}}]",
          "has b", "warnings\ndisposition do_not_treat\nsoft not_allowed\nsoft because" },
    };
    (void)state;
    CHECK_ROWS(with_offers, rows);
}

RUN_TESTS(cmocka_unit_test(joins_values), cmocka_unit_test(keeps_parts_apart), cmocka_unit_test(lists_what_has_fired),
          cmocka_unit_test(leaves_nothing), cmocka_unit_test(offers))
