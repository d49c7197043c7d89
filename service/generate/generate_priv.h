/* Shared by the files that make people. */
#ifndef PALPATE_GENERATE_GENERATE_PRIV_H
#define PALPATE_GENERATE_GENERATE_PRIV_H

#include "generate/generate.h"

/* Someone while being made. */
struct making {
    const struct people *p;
    struct someone *who;
    struct chance chance;
    const struct course *course; /* the one to come near to, or NULL */
    bool near_miss;              /* conditions are missed by a little now and then */
};

void fill_attributes(struct making *m, struct finding *f, uint32_t fact, uint32_t of_hundred);
void state_fact(struct making *m, uint32_t fact, enum finding_state state);
/* NULL when there is no room. */
struct complaint *add_complaint(struct making *m, enum region region);
/* Makes one term of a condition true, as far as that is in a request's hand. */
void meet_condition(struct making *m, struct cond c);

#endif
