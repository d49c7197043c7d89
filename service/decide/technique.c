/* Chooses the technique of a course (S13), and what re-planning changes it to (S15). */
#include "decide/course_priv.h"

static bool replan_drops(const struct planning *p, const struct replan_rule *r, uint32_t t)
{
    const struct technique *technique = &p->j->cat->techniques[t];
    bool in_time = r->drop_days == NOT_GIVEN || p->j->in->value[VAR_DAYS_SINCE_LAST] <= r->drop_days;
    if (in_time && (r->drop >> t & 1 || r->drop_traits & technique->traits))
        return true;
    return (r->taken_traits & technique->essential) != 0;
}

bool usable(const struct planning *p, uint32_t t)
{
    const struct judge *j = p->j;
    if (j->verdict[t] > VERDICT_MODIFIED)
        return false;
    if (!j->cat->techniques[t].default_offered && !(j->in->wished >> t & 1))
        return false;
    for (size_t i = 0; i < p->n_adjustments; i++) {
        const struct adjustment *a = p->adjustments[i];
        if (a->drop >> t & 1 || (a->allow && !(a->allow >> t & 1)))
            return false;
        for (uint32_t k = 0; k < a->n_from_age; k++)
            if (a->from_age[k].technique == t && j->in->screening->age_years < a->from_age[k].age_years)
                return false;
    }
    const struct progress *progress = &j->progress;
    if (progress->decides && replan_drops(p, progress->decides, t))
        return false;
    for (size_t i = 0; i < progress->n_also; i++)
        if (replan_drops(p, progress->also[i], t))
            return false;
    return true;
}

static bool listed(const struct course *c, uint32_t t)
{
    for (uint32_t i = 0; i < c->n_techniques; i++)
        if (c->techniques[i] == t)
            return true;
    return false;
}

static bool suits(const struct judge *j, uint32_t t)
{
    const struct technique *technique = &j->cat->techniques[t];
    uint32_t regions = 0;
    for (size_t i = 0; i < j->in->screening->n_complaints; i++)
        regions |= UINT32_C(1) << j->in->screening->complaints[i].region;
    return technique->good_regions & regions || technique->good_goals & j->in->screening->goals;
}

/* The first in order that is usable and not in `except`, or NOT_GIVEN: wishes in the course's list, wishes outside
 * it that suit, what adjustments put first, the list (S13). */
int first_usable(const struct planning *p, const struct course *c, uint64_t except)
{
    const struct intake *in = p->j->in;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < in->n_wishes; i++) {
            uint32_t t = in->wishes[i];
            if (listed(c, t) == (pass == 0) && (pass == 0 || suits(p->j, t)) && !(except >> t & 1) && usable(p, t))
                return (int)t;
        }
    }
    for (size_t i = 0; i < p->n_adjustments; i++)
        for (uint32_t k = 0; k < p->adjustments[i]->n_first; k++) {
            uint32_t t = p->adjustments[i]->first_order[k];
            if (listed(c, t) && !(except >> t & 1) && usable(p, t))
                return (int)t;
        }
    for (uint32_t i = 0; i < c->n_techniques; i++)
        if (!(except >> c->techniques[i] & 1) && usable(p, c->techniques[i]))
            return c->techniques[i];
    return NOT_GIVEN;
}

/* The technique of the latest session that names one, or NOT_GIVEN. */
static int last_technique(const struct planning *p)
{
    const struct progress *progress = &p->j->progress;
    int last = NOT_GIVEN;
    for (size_t i = 0; i < progress->n; i++)
        if (p->j->in->progress_technique[progress->entries[i]] != NOT_GIVEN)
            last = p->j->in->progress_technique[progress->entries[i]];
    return last;
}

/* The next usable one around the course's list, from the one behind `after` on; a gentler one where asked for. */
static int next_in_list(const struct planning *p, int after, bool gentler)
{
    const struct course *c = p->course;
    const struct technique *techniques = p->j->cat->techniques;
    uint32_t start = 0;
    while (start < c->n_techniques && c->techniques[start] != after)
        start++;
    uint32_t first = start == c->n_techniques ? 0 : start + 1;
    for (uint32_t i = 0; i < c->n_techniques; i++) {
        uint32_t t = c->techniques[(first + i) % c->n_techniques];
        if ((int)t != after && usable(p, t) && (!gentler || techniques[t].pressure < techniques[after].pressure))
            return (int)t;
    }
    return NOT_GIVEN;
}
/* What re-planning changes the technique to, or NOT_GIVEN: a dose below the tested one is changed before the style. */
static int changed_technique(struct planning *p, int last)
{
    const struct replan_rule *r = p->j->progress.decides;
    int changed = NOT_GIVEN;
    if (r->technique == TECHNIQUE_NEXT_GENTLER)
        changed = next_in_list(p, last, true);
    else if (r->technique == TECHNIQUE_NEXT_STYLE &&
             !(usable(p, (uint32_t)last) && dose_can_rise(p, r, (uint32_t)last)))
        changed = next_in_list(p, last, false);
    return changed;
}

static int choose_technique(struct planning *p)
{
    const struct progress *progress = &p->j->progress;
    int last = last_technique(p);
    if (progress->stop_lifted && progress->worsened_before && progress->n == 0 &&
        progress->technique_before != NOT_GIVEN) {
        int other = first_usable(p, p->course, bit64((uint32_t)progress->technique_before));
        if (other != NOT_GIVEN)
            return other;
    }
    if (last != NOT_GIVEN && progress->decides) {
        int changed = changed_technique(p, last);
        if (changed != NOT_GIVEN)
            return changed;
        if (usable(p, (uint32_t)last))
            return last;
    }
    return first_usable(p, p->course, 0);
}

bool choose(struct planning *p)
{
    int technique;
    p->course = p->j->course;
    technique = choose_technique(p);
    for (uint32_t i = 0; technique == NOT_GIVEN && i < p->j->cat->n_courses; i++) {
        const struct course *c = &p->j->cat->courses[i];
        int32_t pain;
        if (c->fallback_technique == NOT_GIVEN || !usable(p, (uint32_t)c->fallback_technique) ||
            !course_matches(p->j, c, &pain))
            continue;
        p->course = c;
        technique = c->fallback_technique;
    }
    p->technique = technique == NOT_GIVEN ? 0 : (uint32_t)technique;
    return technique != NOT_GIVEN;
}
