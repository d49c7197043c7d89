/* Out of memory while a decision is made: wherever its arena gives out, the answer is that and nothing else. */
#include "decide/shown.h"

/* Something of everything: clearances, places, modifications, questions, offers, progress, a course. */
static struct catalogue *catalogue(void)
{
    return catalogue_of((struct parts){
        .facts = "[{'id': 'a', 'attributes': ['date', 'region']}, {'id': 'b', 'implies': ['a']}, {'id': 'u', 'covers': "
                 "['v', 'w']},"
                 " {'id': 'v'}, {'id': 'w', 'attributes': ['region']}, {'id': 'n'}]",
        .techniques = "[{'code': 'soft'}, {'code': 'firm', 'traits': ['oil']}, {'code': 'warm', 'traits': ['heat'], "
                      "'essential': ['heat']},"
                      " {'code': 'some', 'offer_when': {'var': 'v'}}]",
        .rules =
            "[{'id': 'r1', 'when': {'var': 'a'}, 'regions': 'where_found', 'modifications': [{'kind': 'avoid_region',"
            "  'value': 'where_found'}, {'kind': 'max_pressure', 'value': 2}]},"
            " {'id': 'r2', 'when': {'var': 'b'}, 'effect': 'clearance_required', 'clearable_by': 'physician',"
            "  'clearance_for': ['b', 'a'], 'cleared_effect': 'modified', 'acute': true, 'regions': 'where_found'},"
            " {'id': 'r3', 'when': {'and': [{'or': [{'var': 'v'}, {'var': 'w'}]}, {'!': {'var': 'n'}}]},"
            "  'target': {'==': [{'var': 'oil'}, true]}, 'regions': 'where_found', 'modifications': [{'kind': "
            "'avoid_region',"
            "  'value': 'where_found'}]},"
            " {'id': 'r4', 'when': {'in': ['neck', {'var': 'complaint_regions'}]}, 'target': {'==': [{'var': 'heat'}, "
            "true]},"
            "  'modifications': [{'kind': 'position', 'value': 'seated'}]},"
            " {'id': 'r5', 'when': {'==': [{'var': 'sex'}, 'male']}}]",
        .courses = "[{'id': 'c', 'when': {'in': ['neck', {'var': 'complaint_regions'}]}, 'focus': ['neck', 'hip'],"
                   "  'techniques': ['warm', 'soft', 'firm']},"
                   " {'id': 'd', 'when': {'var': 'a'}}]",
        .adjustments =
            "[{'id': 'j', 'when': {'>=': [{'var': 'age_years'}, 0]}, 'scope': 'first_session', 'advice': ['x']}]",
        .replanning =
            "[{'id': 'stop', 'when': {'var': 'neurological_any'}, 'no_course': true, 'disposition': 'refer_urgently'},"
            " {'id': 'dose', 'when': {'and': [{'var': 'unchanged'}, {'>=': [{'var': 'sessions_done'}, 2]}]},"
            "  'action': 'change_technique', 'technique': 'next_style', 'dose_check': [{'course': 'c', 'minutes': 50,"
            "  'per_week': 2}]},"
            " {'id': 'p', 'when': {'>=': [{'var': 'sessions_done'}, 1]}},"
            " {'id': 'q', 'when': {'>=': [{'var': 'sessions_done'}, 1]}, 'decides': false, 'action': 'restart_phase'}]",
    });
}

static void refuses_wherever_the_arena_ends(void **state)
{
    static const char *const persons[] = {
        "has a region neck; has a; maybe v; complaint neck; clear n physician 3; clear n physician 400",
        "has b; has w; complaint neck; complaint jaw; clear b physician 3; clear a surgeon 9; wish firm; wish soft",
        "has w region hip; not n; session 300 soft; session 9 soft 30 6>5; session 5 firm; complaint neck; goal sleep",
        "has local:y; complaint neck; session 9 soft 30 6>5 neurological; clear n physician 9",
        "session 9 firm 30 6>6; session 5 firm 30 6>6; complaint neck; has a region jaw; not v; not w; sex male",
        "session 9 soft 30 6>5 neurological; session 3 warm 30 6>6; clear reaction physician 8; complaint neck",
    };
    static struct judged whole, j;
    struct catalogue *cat = catalogue();
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(persons); i++) {
        size_t refused = 0, room = 0;
        judge_person(&whole, cat, persons[i]);
        for (enum rc rc = RC_OOM; rc != RC_OK; room += 16) {
            enum { BLOCK = 64 * 1024 };
            assert_true(room < BLOCK);
            arena_init(&j.arena, BLOCK + 64);
            faults_init(&j.faults, &j.arena);
            assert_non_null(arena_alloc(&j.arena, BLOCK - room, 1));
            rc = screen(cat, &whole.person.s, &j.arena, &j.faults, &j.d);
            if (rc != RC_OK)
                assert_int_equal(rc, RC_OOM);
            assert_int_equal(j.faults.total, 0);
            refused += rc == RC_OOM;
            if (rc == RC_OK) { /* and then nothing is missing */
                show(&j);
                assert_string_equal(j.text, whole.text);
            }
            arena_done(&j.arena);
        }
        assert_true(refused > 200);
        arena_done(&whole.arena);
    }
    catalogue_unref(cat);
}

RUN_TESTS(cmocka_unit_test(refuses_wherever_the_arena_ends))
