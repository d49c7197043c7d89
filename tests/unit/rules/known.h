/* Known deviations of the service from its semantics, and defects: rows of tests that would fail for one of them wait
 * for its switch. Whoever mends one sets the switch to 1, sees the rows pass, and takes it away. */
#ifndef PALPATE_TESTS_RULES_KNOWN_H
#define PALPATE_TESTS_RULES_KNOWN_H

enum {
    FIXED_SETTLED_BY_INSTANCE = 0,  /* S18: an operand is settled for the findings that are tried, not for any */
    FIXED_PLACES_OF_FIRED = 0,      /* S11: what could add a place to a rule that has fired is counted and asked */
    FIXED_OFFERS_ASKED = 0,         /* S18: whether a technique is offered is asked only while it is not forbidden */
    FIXED_LIFTED_WHILE_UNKNOWN = 0, /* S9.3: two unknown results are not the same, so that a clearance lifts nothing */
    FIXED_PLACE_FOR_DISPOSITION =
        0, /* S18: a place that could raise the disposition is asked though all is forbidden */
};

#endif
