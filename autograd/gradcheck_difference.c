/* SPDX-License-Identifier: MIT */
/* dy/dv by central differences at steps h and 2h, D(h) and D(2h), extrapolated to (4 D(h) - D(2h)) / 3, for each number on
 * its own. What that is worth is estimated from four times how far the extrapolation moved, as steps may be
 * too wide for its theory, and from the rounding of y over h. The
 * step that gives the smallest estimate is kept; of two that contradict each other the narrower, as a wide one may have
 * missed what lies between its points. */
#include "gradcheck.h"

#include <float.h>
#include <math.h>

enum { NARROWER = 8, WIDER = 3, RATIO = 16 };
enum { NOISY = 1, LAST_NOISY = 2 };

/* How many times its error a difference must be from autodiff to contradict it. */
#define DISTANCE 16

/* y(base + t v), and whether everything that chooses chose as at the base point. */
bool ct_gradcheck_evaluate(gradcheck *c, gradcheck_level *level, const double *v, double t, double *y, bool *same)
{
    for (int64_t i = 0; i < ct_gradcheck_length(c); i++)
        c->point[i] = c->base[i] + t * v[i];
    if (!ct_gradcheck_set(c, &level->value, c->x, c->point) || !ct_gradcheck_run(c, &level->value))
        return false;
    ct_gradcheck_read(&level->value, y);
    *same = ct_gradcheck_same_choices(&level->value) && *same;
    return true;
}

/* The step that is taken: in one coordinate x + h and x - h are what floating point makes of them. */
static double taken(const gradcheck *c, const gradcheck_place *at, double h)
{
    if (at->flat < 0)
        return h;
    volatile double above = c->base[at->flat] + h, below = c->base[at->flat] - h;
    return (above - below) / 2;
}

typedef struct trial {
    double h, wide_h;      /* as taken */
    double value, error;
    bool noisy;
} trial;

/* Far from the base point values may be larger than there, and their rounding with them. */
static double farthest(const gradcheck_level *level, int64_t e)
{
    double largest = 0;
    for (int i = 0; i < 4; i++)
        largest = fmax(largest, fabs(level->reference.at[i][e] - level->base[e]));
    return largest;
}

static trial extrapolate(const gradcheck_level *level, double h, double wide_h, int64_t e)
{
    double *const *y = level->reference.at;
    double narrow = (y[0][e] - y[1][e]) / (2 * h), wide = (y[2][e] - y[3][e]) / (2 * wide_h);
    double value = narrow + (narrow - wide) / 3, moved = fabs(value - narrow);
    double rounding = (level->noise[e] + DBL_EPSILON * farthest(level, e)) / h;
    trial t = {h, wide_h, value, 4 * moved + rounding, moved <= rounding};
    if (!isfinite(t.value) || !isfinite(t.error) || !(h >= DBL_MIN))
        t = (trial){h, wide_h, value, INFINITY, false};
    return t;
}

/* How far the two sides are from one straight line. */
static double bend(const gradcheck_level *level, const double *plus, const double *minus, double t, int64_t e)
{
    return fabs((plus[e] - level->base[e]) / t + (minus[e] - level->base[e]) / t);
}

static void keep(gradcheck_level *level, const trial *t, int64_t e)
{
    gradcheck_reference *r = &level->reference;
    r->value[e] = t->value;
    r->error[e] = t->error;
    r->step[e] = t->h;
    r->noisy[e] = t->noisy ? NOISY | LAST_NOISY : 0;
    r->bend[0][e] = bend(level, r->at[0], r->at[1], t->h, e);
    r->bend[1][e] = bend(level, r->at[2], r->at[3], t->wide_h, e);
}

static void merge(gradcheck_level *level, const trial *t, int64_t e)
{
    gradcheck_reference *r = &level->reference;
    bool known = isfinite(r->error[e]), contradicts = fabs(t->value - r->value[e]) > r->error[e] + t->error;
    r->noisy[e] = (unsigned char)((r->noisy[e] & NOISY) | (t->noisy ? LAST_NOISY : 0));
    r->last_error[e] = t->error;
    if (!known || (contradicts ? t->h < r->step[e] : t->error < r->error[e]))
        keep(level, t, e);
}

static bool attempt(gradcheck *c, gradcheck_level *level, const gradcheck_place *at, double step)
{
    gradcheck_reference *r = &level->reference;
    double h = taken(c, at, step * at->unit), wide_h = taken(c, at, 2 * step * at->unit);
    const double t[4] = {step * at->unit, -step * at->unit, 2 * step * at->unit, -2 * step * at->unit};
    bool same = true;
    for (int i = 0; i < 4; i++) {
        if (!ct_gradcheck_evaluate(c, level, at->v, t[i], r->at[i], &same))
            return false;
        if (level->value.changed >= 0)
            r->choice = level->value.mask[level->value.changed];
    }
    r->last_valid = same;
    r->trials += same;
    for (int64_t e = 0; e < level->count; e++) {
        trial of_e = extrapolate(level, h, wide_h, e);
        if (same)
            merge(level, &of_e, e);
        else if (!r->trials)
            r->value[e] = of_e.value;
    }
    return true;
}

/* What the differences so far leave open. */
typedef enum need { SETTLED, UNKNOWN, CONTRADICTED } need;

static need need_of(const gradcheck_level *level, const gradcheck_claim *claims, int64_t e)
{
    const gradcheck_reference *r = &level->reference;
    need most = SETTLED;
    for (int i = 0; i < level->n_routes; i++) {
        if (!isfinite(claims[i].autodiff[e]))
            continue;
        if (fabs(claims[i].autodiff[e] - r->value[e]) > ct_gradcheck_allowed(&claims[i], e))
            return CONTRADICTED;
        if (!(r->error[e] <= ct_gradcheck_goal(&claims[i], e)))
            most = UNKNOWN;
    }
    return most;
}

/* A number that contradicts autodiff is followed down to where rounding hides it: the steps may all have been too wide to
 * see what the function does. */
static bool hides(const gradcheck_level *level, const gradcheck_claim *claims, int64_t e)
{
    const gradcheck_reference *r = &level->reference;
    for (int i = 0; i < level->n_routes; i++)
        if (fabs(claims[i].autodiff[e] - r->value[e]) > DISTANCE * r->last_error[e])
            return false;
    return r->trials > 1;
}

static bool wants_narrower(const gradcheck_level *level, const gradcheck_claim *claims)
{
    const gradcheck_reference *r = &level->reference;
    if (!r->last_valid)
        return true;
    for (int64_t e = 0; e < level->count; e++) {
        need n = need_of(level, claims, e);
        if ((n == UNKNOWN && !(r->noisy[e] & LAST_NOISY)) || (n == CONTRADICTED && !hides(level, claims, e)))
            return true;
    }
    return false;
}

static bool wants_wider(const gradcheck_level *level, const gradcheck_claim *claims)
{
    for (int64_t e = 0; level->reference.last_valid && e < level->count; e++)
        if ((level->reference.noisy[e] & NOISY) && need_of(level, claims, e) == UNKNOWN)
            return true;
    return false;
}

/* A bend that does not shrink with the step: the point itself is a kink, of an op that keeps it in its kernel. */
static void find_kinks(gradcheck_level *level, const gradcheck_claim *claims)
{
    gradcheck_reference *r = &level->reference;
    for (int64_t e = 0; e < level->count; e++) {
        double size = fmax(fabs(claims->autodiff[e]), fabs(r->value[e])), noise = level->noise[e] / r->step[e];
        r->kink[e] = isfinite(r->error[e]) && r->bend[0][e] > fmax(1e-3 * size, 64 * noise) &&
                     r->bend[1][e] < 1.5 * r->bend[0][e];
    }
}

static void reset(gradcheck_level *level)
{
    gradcheck_reference *r = &level->reference;
    r->trials = 0;
    r->choice = NULL;
    for (int64_t e = 0; e < level->count; e++) {
        r->value[e] = NAN;
        r->error[e] = INFINITY;
        r->step[e] = r->bend[0][e] = r->bend[1][e] = 0;
        r->noisy[e] = r->kink[e] = 0;
    }
}

/* From the first step on to narrower ones and to wider ones, as long as that may help; away from a kink to narrower ones. */
bool ct_gradcheck_differentiate(gradcheck *c, gradcheck_level *level, const gradcheck_place *at, const gradcheck_claim *claims)
{
    reset(level);
    if (!attempt(c, level, at, c->opt.step))
        return false;
    bool wide = level->reference.last_valid;
    for (int i = 1; i <= NARROWER && wants_narrower(level, claims); i++)
        if (!attempt(c, level, at, c->opt.step * pow(RATIO, -i)))
            return false;
    level->reference.last_valid = wide;
    for (int i = 1; i <= WIDER && wants_wider(level, claims); i++)
        if (!attempt(c, level, at, c->opt.step * pow(RATIO, i)))
            return false;
    find_kinks(level, claims);
    return true;
}
