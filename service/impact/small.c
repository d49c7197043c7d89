/* Makes a request small: what can be taken away while it still shows what it is to show, is. An example of three lines
 * is read; one of thirty is not. */
#include "impact/impact_priv.h"
#include "wire/wire.h"

struct cutting {
    struct impact *im;
    struct someone *who;
    struct someone *less; /* where a cut is tried out */
    still_shows shows;
    void *what;
    enum rc rc;
};

/* Keeps the cut that *c->less holds if the request still shows it. */
static bool try_cut(struct cutting *c)
{
    struct screening *s = &c->less->s;
    if (s->n_complaints == 0 && s->goals == 0)
        return false;
    put_findings_in_order(c->less);
    if (c->rc == RC_OK)
        c->rc = judge_both(c->im, s);
    if (c->rc != RC_OK || !c->shows(c->im, c->what))
        return false;
    copy_someone(c->who, c->less);
    return true;
}

#define CUT_ITEM(c, list, n, i)                                                                                        \
    do {                                                                                                               \
        copy_someone((c)->less, (c)->who);                                                                             \
        memmove(&(c)->less->list[i], &(c)->less->list[(i) + 1],                                                        \
                ((c)->less->s.n - (i)-1) * sizeof((c)->less->list[0]));                                                \
        (c)->less->s.n--;                                                                                              \
        (void)try_cut(c);                                                                                              \
    } while (0)

static void cut_attributes(struct cutting *c, size_t finding)
{
    for (int a = 0; a < ATTR_COUNT_; a++) {
        if (!(c->who->findings[finding].has >> a & 1))
            continue;
        copy_someone(c->less, c->who);
        c->less->findings[finding].has &= (uint16_t) ~(1u << a);
        (void)try_cut(c);
    }
    if (c->who->findings[finding].since == DATE_NOT_GIVEN)
        return;
    copy_someone(c->less, c->who);
    c->less->findings[finding].since = DATE_NOT_GIVEN;
    (void)try_cut(c);
}

static void cut_complaint(struct cutting *c, size_t i)
{
    for (int member = 0; member < 5; member++) {
        copy_someone(c->less, c->who);
        struct complaint *one = &c->less->complaints[i];
        if (member == 0)
            one->side = NOT_GIVEN;
        else if (member == 1)
            one->pain = NOT_GIVEN;
        else if (member == 2)
            one->onset = NOT_GIVEN;
        else if (member == 3)
            one->cause = NOT_GIVEN;
        else
            one->duration_days = NOT_GIVEN;
        if (memcmp(one, &c->who->complaints[i], sizeof(*one)) != 0)
            (void)try_cut(c);
    }
}

static void cut_wishes(struct cutting *c)
{
    copy_someone(c->less, c->who);
    c->less->s.pressure_wish = NOT_GIVEN;
    c->less->s.session_minutes = c->less->s.per_week_max = NOT_GIVEN;
    (void)try_cut(c);
    for (int goal = 0; goal < GOAL_COUNT_; goal++) {
        if (!(c->who->s.goals >> goal & 1))
            continue;
        copy_someone(c->less, c->who);
        c->less->s.goals &= ~(UINT32_C(1) << goal);
        (void)try_cut(c);
    }
    if (c->who->s.sex == SEX_UNKNOWN)
        return;
    copy_someone(c->less, c->who);
    c->less->s.sex = SEX_UNKNOWN;
    (void)try_cut(c);
}

enum rc make_small(struct impact *im, struct someone *who, still_shows shows, void *what)
{
    static const enum unlisted settled = UNLISTED_ABSENT;
    struct cutting c = { im, who, ARENA_NEW(&im->arena, struct someone), shows, what, RC_OK };
    if (!c.less)
        return RC_OOM;
    if (who->s.unlisted != settled) { /* then nothing else is asked */
        copy_someone(c.less, who);
        c.less->s.unlisted = settled;
        (void)try_cut(&c);
    }
    for (size_t i = who->s.n_progress; i-- > 0;)
        CUT_ITEM(&c, progress, n_progress, i);
    for (size_t i = who->s.n_findings; i-- > 0;)
        CUT_ITEM(&c, findings, n_findings, i);
    for (size_t i = who->s.n_clearances; i-- > 0;)
        CUT_ITEM(&c, clearances, n_clearances, i);
    for (size_t i = who->s.n_wishes; i-- > 0;)
        CUT_ITEM(&c, wishes, n_wishes, i);
    for (size_t i = who->s.n_complaints; i-- > 0;)
        CUT_ITEM(&c, complaints, n_complaints, i);
    cut_wishes(&c);
    for (size_t i = 0; i < who->s.n_complaints; i++)
        cut_complaint(&c, i);
    for (size_t i = 0; i < who->s.n_findings; i++)
        cut_attributes(&c, i);
    return c.rc;
}

struct str request_text(struct arena *arena, const struct someone *who)
{
    struct buf b;
    struct str text = { NULL, 0 };
    buf_init(&b, BODY_BYTES_MAX);
    write_request(&b, &who->s);
    if (!b.failed)
        text = arena_str(arena, buf_str(&b));
    buf_done(&b);
    return text;
}
