/* What the rules come to: verdicts, what they could become, the disposition, the booking and the ranking (S8, S12, S16,
 * S17). */
#include "decide/shown.h"

static const struct parts parts = {
    .facts = "[{'id': 'a'}, {'id': 'b'}, {'id': 'c'}, {'id': 'f', 'codes': {'icd': ['F']}}]",
    .techniques = "[{'code': 'soft'}, {'code': 'warm', 'traits': ['heat'], 'essential': ['heat']}]",
};

#define WARM "'target': {'==': [{'var': 'heat'}, true]}, "

/* The gravest effect of what has fired, and the floor of the disposition for every technique. */
static void joins_effects_and_floors(void **state)
{
    static const struct row rows[] = {
        { "[{'id': 'r', 'when': {'var': 'a'}}, {'id': 's', 'when': {'var': 'b'}, 'effect': 'clearance_required'},"
          " {'id': 't', 'when': {'var': 'c'}, " WARM "'effect': 'not_allowed'}]",
          "has a; has b; has c", "soft clearance_required\nwarm not_allowed\ndisposition proceed\ncomplete yes" },
        { NULL, "has a; not b; not c", "soft modified\nwarm modified" },
        { NULL, "not a; not b; has c", "soft allowed\nwarm not_allowed" },
        { NULL, "not a; not b; not c", "soft allowed\nwarm allowed\nbooking book" },
        { NULL, "has a; maybe b; maybe c", "soft modified\nsoft could clearance_required\nwarm could not_allowed" },
        /* each disposition's floor */
        { "[{'id': 'r', 'when': {'var': 'a'}, " WARM "'effect': 'modified', 'disposition': 'proceed_modified'}]",
          "has a", "disposition proceed_modified\nsoft allowed\nwarm modified\nbooking book_with_changes" },
        { "[{'id': 'r', 'when': {'var': 'a'}, " WARM
          "'effect': 'clearance_required', 'disposition': 'clearance_required'}]",
          "has a",
          "disposition clearance_required\nsoft clearance_required\nwarm clearance_required\nsoft because\nwarm "
          "because r" },
        { NULL, "maybe a", "disposition proceed\nsoft allowed\nsoft could clearance_required" },
        { "[{'id': 'r', 'when': {'var': 'a'}, " WARM "'effect': 'not_allowed', 'disposition': 'do_not_treat'}]",
          "has a", "disposition do_not_treat\nsoft not_allowed\nsoft because\nbooking refuse" },
        { "[{'id': 'r', 'when': {'var': 'a'}, " WARM "'effect': 'not_allowed', 'disposition': 'refer_urgently'}]",
          "has a", "disposition refer_urgently\nsoft not_allowed" },
        { "[{'id': 'r', 'when': {'var': 'a'}, " WARM "'effect': 'not_allowed', 'disposition': 'emergency'}]", "has a",
          "disposition emergency\nsoft not_allowed\nbooking refuse" },
        { NULL, "maybe a", "soft could not_allowed\nwarm could not_allowed" },
        /* the gravest disposition stands */
        { "[{'id': 'r', 'when': {'var': 'a'}, 'effect': 'not_allowed', 'disposition': 'do_not_treat'},"
          " {'id': 's', 'when': {'var': 'b'}, 'effect': 'not_allowed', 'disposition': 'emergency'},"
          " {'id': 't', 'when': {'var': 'c'}, 'disposition': 'proceed_modified'}]",
          "has a; has b; has c", "disposition emergency" },
        { NULL, "has a; not b; has c", "disposition do_not_treat" },
        { NULL, "not a; not b; has c", "disposition proceed_modified" },
        { NULL, "not a; not b; not c", "disposition proceed" },
    };
    (void)state;
    CHECK_ROWS(parts, rows);
}

#define HOLD "'if_unknown': 'hold', "

/* While a hold rule is open, what it targets needs answers; with a disposition of its own, everything does. */
static void holds_while_a_gate_is_open(void **state)
{
    static const struct row rows[] = {
        { "[{'id': 'r', 'when': {'var': 'a'}, " HOLD WARM "'effect': 'not_allowed'}]", "maybe a",
          "warm needs_answers\nwarm could not_allowed\nsoft allowed\nsoft could allowed\ndisposition proceed\nbooking "
          "book\nasks a" },
        { NULL, "has a", "warm not_allowed\nsoft allowed" },
        { NULL, "not a", "warm allowed\ncomplete yes" },
        { "[{'id': 'r', 'when': {'var': 'a'}, " HOLD WARM "'effect': 'modified'}]", "maybe a",
          "warm needs_answers\nwarm could modified" }, /* could_become counts no needs_answers */
        { "[{'id': 'r', 'when': {'var': 'a'}, " HOLD WARM "'effect': 'modified', 'disposition': 'proceed_modified'}]",
          "maybe a",
          "disposition needs_answers\nwarm needs_answers\nsoft needs_answers\nsoft could allowed\nwarm could "
          "modified\nbooking hold" },
        /* a graver definite disposition is not made milder */
        { "[{'id': 'r', 'when': {'var': 'a'}, " HOLD "'effect': 'not_allowed', 'disposition': 'do_not_treat'},"
          " {'id': 's', 'when': {'var': 'b'}, 'effect': 'clearance_required', 'disposition': 'clearance_required'}]",
          "maybe a; has b", "disposition clearance_required\nsoft clearance_required\nsoft could not_allowed" },
        { NULL, "maybe a; not b", "disposition needs_answers\nsoft needs_answers" },
        { NULL, "maybe a; maybe b", "disposition needs_answers\nsoft needs_answers\nsoft could not_allowed" },
        /* no gate: asking does not hold */
        { "[{'id': 'r', 'when': {'var': 'a'}, 'effect': 'not_allowed', 'disposition': 'emergency'}]", "maybe a",
          "disposition proceed\nsoft allowed\nsoft could not_allowed\nbooking book\ncomplete no" },
        { "[{'id': 'r', 'when': {'var': 'a'}, 'if_unknown': 'ask', 'effect': 'not_allowed'}]", "maybe a",
          "soft allowed" },
        /* a held technique may be forbidden by another rule */
        { "[{'id': 'r', 'when': {'var': 'a'}, " HOLD "'effect': 'modified'}, {'id': 's', 'when': {'var': 'b'}, " WARM
          "'effect': 'not_allowed'}]",
          "maybe a; has b", "warm not_allowed\nsoft needs_answers" },
    };
    (void)state;
    CHECK_ROWS(parts, rows);
}

static void says_what_to_book(void **state)
{
    static const struct parts few = {
        .facts = "[{'id': 'a'}, {'id': 'b'}, {'id': 'f', 'codes': {'icd': ['F']}}]",
        .techniques =
            "[{'code': 'soft'}, {'code': 'warm', 'traits': ['heat']},"
            " {'code': 'rare', 'traits': ['oil'], 'default_offered': null}, {'code': 'none', 'never_offered': 'no'}]",
    };
#define SOFT "'target': {'==': [{'var': 'code'}, 'soft']}, "
#define OURS "'target': {'!=': [{'var': 'code'}, 'rare']}, "
    static const struct row rows[] = {
        { "[{'id': 'r', 'when': {'var': 'a'}, " SOFT "'effect': 'modified'}]", "has a", "booking book" },
        { NULL, "has a; wish soft", "booking book_with_changes" }, /* a wish is not allowed as it is */
        { NULL, "has a; wish warm", "booking book" },
        { NULL, "has a; wish warm; wish soft", "booking book_with_changes" },
        { NULL, "has a; wish none", "booking book_with_changes" },
        { NULL, "not a; wish rare", "booking book" },
        { NULL, "not a; has icd:X", "booking book_with_changes\nunrecognised /symptoms/1" },
        { NULL, "not a; maybe icd:X", "booking book\nunrecognised /symptoms/1" },
        { NULL, "not a; not icd:X", "booking book\nunrecognised /symptoms/1" },
        { NULL, "not a; has icd:F", "booking book" },
        /* over the techniques offered by default or wished */
        { "[{'id': 'r', 'when': {'var': 'a'}, " OURS "'effect': 'not_allowed'}]", "has a",
          "booking refuse\nrare allowed\nsoft not_allowed" },
        { NULL, "has a; wish rare", "booking book\nrare allowed" },
        { NULL, "has a; wish rare; wish soft", "booking book_with_changes" },
        { "[{'id': 'r', 'when': {'var': 'a'}, " OURS "'effect': 'clearance_required'}]", "has a",
          "booking hold\ndisposition proceed" },
        { "[{'id': 'r', 'when': {'var': 'a'}, " OURS "'effect': 'not_allowed'},"
          " {'id': 's', 'when': {'var': 'b'}, " SOFT HOLD "'effect': 'modified'}]",
          "not a; maybe b; wish soft", "booking book_with_changes\nsoft needs_answers\nwarm allowed" },
        { "[{'id': 'r', 'when': {'var': 'a'}, 'effect': 'not_allowed', 'target': {'==': [{'var': 'heat'}, true]}},"
          " {'id': 's', 'when': {'var': 'b'}, " SOFT HOLD "'effect': 'modified'}]",
          "has a; maybe b", "booking hold" }, /* none usable, one waits */
        { NULL, "has a; has b", "booking book\nsoft modified\ndisposition proceed" },
        { "[{'id': 'r', 'when': {'var': 'a'}, 'effect': 'clearance_required', 'disposition': 'clearance_required'}]",
          "has a", "booking hold" },
        { "[{'id': 'r', 'when': {'var': 'a'}, 'disposition': 'proceed_modified'}]", "has a; wish soft",
          "booking book_with_changes" },
        { "[{'id': 'r', 'when': {'var': 'a'}, 'effect': 'not_allowed'}]", "has a",
          "booking refuse\ndisposition proceed" },
    };
    (void)state;
    CHECK_ROWS(few, rows);
}

/* S17: verdict, wish, offered by default, how much it is good for, catalogue order. */
static void ranks_techniques(void **state)
{
    static const struct parts many = {
        .facts = "[{'id': 'a'}]",
        .techniques = "[{'code': 't1', 'good_for': ['goal:sleep']},"
                      " {'code': 't2', 'good_for': ['goal:sleep', 'goal:stress', 'region:neck', 'acuity:chronic']},"
                      " {'code': 't3', 'good_for': ['region:neck', 'region:jaw', 'acuity:acute'], 'traits': ['heat']},"
                      " {'code': 't4', 'good_for': ['goal:relaxation', 'acuity:none'], 'default_offered': null},"
                      " {'code': 't5', 'good_for': ['goal:relaxation'], 'never_offered': 'no'}]",
    };
    static const struct row rows[] = {
        { "[{'id': 'r', 'when': {'var': 'a'}, 'target': {'==': [{'var': 'heat'}, true]}}]",
          "not a; goal none; goal posture", "order t1 t2 t3 t4 t5" },
        { NULL, "not a; goal none; goal sleep", "order t1 t2 t3 t4 t5" },
        { NULL, "not a; goal none; goal sleep; goal stress", "order t2 t1 t3 t4 t5" },
        { NULL, "not a; goal none; complaint neck", "order t2 t3 t1 t4 t5" },
        { NULL, "not a; goal none; complaint neck days 100", "order t2 t3 t1 t4 t5" },
        { NULL, "not a; goal none; complaint neck days 3", "order t3 t2 t1 t4 t5" }, /* acute */
        { NULL, "not a; goal none; complaint neck days 3; complaint jaw days 100",
          "order t2 t3 t1 t4 t5" }, /* the longest */
        { NULL, "not a; goal none; complaint neck; complaint neck; complaint jaw",
          "order t3 t2 t1 t4 t5" }, /* regions once */
        { NULL, "not a; goal none; goal sleep; complaint jaw", "order t1 t2 t3 t4 t5" },
        /* offered by default goes before what it is good for; wishes before both */
        { NULL, "not a", "order t1 t2 t3 t4 t5" },
        { NULL, "not a; wish t4", "order t4 t1 t2 t3 t5" },
        { NULL, "not a; wish t3; wish t4; wish t1", "order t3 t4 t1 t2 t5" },
        { NULL, "not a; wish t5; wish t2", "order t2 t1 t3 t4 t5" }, /* the verdict goes first */
        { NULL, "has a; wish t3", "order t1 t2 t4 t3 t5" },
        { NULL, "has a; goal none; complaint neck days 3", "order t2 t1 t4 t3 t5" },
    };
    (void)state;
    CHECK_ROWS(many, rows);
}

/* The acuity of no complaint is good for nothing, the one of a complaint without duration is "none". */
static void ranks_by_acuity_only_with_complaints(void **state)
{
    static const struct parts two = {
        .facts = "[{'id': 'a'}]",
        .techniques = "[{'code': 't1', 'good_for': ['goal:posture']}, {'code': 't2', 'good_for': ['acuity:none']}]",
    };
    static const struct row rows[] = {
        { NULL, "", "order t1 t2" },
        { NULL, "complaint knee", "order t2 t1" },
        { NULL, "complaint knee days 3", "order t1 t2" },
    };
    (void)state;
    CHECK_ROWS(two, rows);
}

/* As many techniques as a set of them holds. */
static void judges_many_techniques(void **state)
{
    static struct judged j;
    char techniques[TECHNIQUES_LIMIT * 32] = "[";
    (void)state;
    for (int i = 0; i < TECHNIQUES_LIMIT; i++)
        (void)snprintf(techniques + strlen(techniques), sizeof(techniques) - strlen(techniques), "%s{'code': 't%02d'}",
                       i ? ", " : "", i);
    (void)snprintf(techniques + strlen(techniques), sizeof(techniques) - strlen(techniques), "]");
    struct catalogue *cat = catalogue_of((struct parts){
        .facts = "[{'id': 'a'}, {'id': 'b'}, {'id': 'c'}]",
        .techniques = techniques,
        .rules =
            "[{'id': 'r', 'when': {'var': 'a'}, 'effect': 'clearance_required', 'disposition': 'clearance_required'},"
            " {'id': 's', 'when': {'var': 'b'}, 'target': {'==': [{'var': 'code'}, 't63']}, 'effect': 'not_allowed'},"
            " {'id': 't', 'when': {'var': 'c'}, 'target': {'!=': [{'var': 'code'}, 't00']}, 'modifications': [{'kind':"
            "  'max_minutes', 'value': 30}]}]",
    });
    judge_person(&j, cat, "has a; has b; has c");
    check_shown(&j, "all",
                "t00 clearance_required\nt00 mods\nt62 clearance_required\nt62 mods max_minutes 30\nt63 not_allowed\n"
                "t63 because s r t\nt62 because r t");
    arena_done(&j.arena);
    catalogue_unref(cat);
}

RUN_TESTS(cmocka_unit_test(judges_many_techniques), cmocka_unit_test(joins_effects_and_floors),
          cmocka_unit_test(holds_while_a_gate_is_open), cmocka_unit_test(says_what_to_book),
          cmocka_unit_test(ranks_techniques), cmocka_unit_test(ranks_by_acuity_only_with_complaints))
