/* SPDX-License-Identifier: MIT */
/* One order of derivative: compared along random directions, which finds any error, then along sampled coordinates,
 * which locates it. */
#include "gradcheck.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* --- modes against each other --------------------------------------------------------------------------------------- */

static gradcheck_claim exactly(const gradcheck *c, const gradcheck_level *level, const char *mode)
{
    return (gradcheck_claim){.mode = mode, .against = level->route[0].mode, .rtol = c->opt.rtol > 0 ? c->opt.rtol : 1e-10,
                             .level = level};
}

/* <gradient, v>, and the rounding in it. */
static double along_gradient(const gradcheck *c, const gradcheck_level *level, const double *v, double *noise)
{
    int64_t n = ct_gradcheck_length(c);
    double value = ct_gradcheck_contract(level->gradient, v, n);
    *noise = 0;
    for (int k = 0; k < GRADCHECK_TRIALS; k++)
        *noise = hypot(*noise, ct_gradcheck_contract(level->gradient_trial[k], v, n) - value);
    *noise /= GRADCHECK_STIR * sqrt(GRADCHECK_TRIALS);
    return value;
}

static void compare_identity(gradcheck *c, gradcheck_level *level, const gradcheck_place *at)
{
    const gradcheck_route *route = &level->route[0];
    double noise, value = along_gradient(c, level, at->v, &noise);
    gradcheck_claim claim = exactly(c, level, level->exact);
    claim.n = 1;
    claim.autodiff = &value;
    claim.noise = &noise;
    claim.reference = &route->dot;
    claim.error = &route->dot_noise;
    claim.around = level->around_dot / at->unit;
    gradcheck_judgement j = ct_gradcheck_judge(&claim);
    j.element = -1;
    ct_gradcheck_record(c, at, &claim, &j);
}

static void compare_routes(gradcheck *c, gradcheck_level *level, const gradcheck_place *at)
{
    gradcheck_claim claim = exactly(c, level, level->route[1].mode);
    claim.n = level->count;
    claim.autodiff = level->route[1].slope;
    claim.noise = level->route[1].noise;
    claim.reference = level->route[0].slope;
    claim.error = level->route[0].noise;
    claim.around = level->around / at->unit;
    gradcheck_judgement j = ct_gradcheck_judge(&claim);
    ct_gradcheck_record(c, at, &claim, &j);
}

/* --- against differences -------------------------------------------------------------------------------------------- */

static void claim_differences(const gradcheck *c, gradcheck_level *level, double unit, gradcheck_claim *claims)
{
    for (int i = 0; i < level->n_routes; i++) {
        const gradcheck_route *r = &level->route[i];
        claims[i] = (gradcheck_claim){
            .mode = r->mode, .against = level->difference, .n = level->count, .autodiff = r->slope, .noise = r->noise,
            .reference = level->reference.value, .error = level->reference.error, .kink = level->reference.kink,
            .around = level->around / unit, .rtol = level->rtol, .atol = c->opt.atol, .level = level};
    }
}

/* One way to take differences at a place. met: what the routes' comparisons came to. */
static bool try_differences(gradcheck *c, gradcheck_level *level, const gradcheck_place *at, gradcheck_claim *claims,
                            gradcheck_judgement *met)
{
    claim_differences(c, level, at->unit, claims);
    if (!ct_gradcheck_differentiate(c, level, at, claims))
        return false;
    for (int i = 0; i < level->n_routes; i++) {
        met[i] = ct_gradcheck_judge(&claims[i]);
        if (!level->reference.trials && met[i].outcome == GRADCHECK_UNSEEN)
            met[i].outcome = GRADCHECK_KINK;
    }
    return true;
}

static bool agree(const gradcheck_level *level, const gradcheck_judgement *met, bool or_differ)
{
    for (int i = 0; i < level->n_routes; i++)
        if (met[i].outcome != GRADCHECK_AGREES && !(or_differ && met[i].outcome == GRADCHECK_DIFFERS))
            return false;
    return true;
}

static void settle(gradcheck *c, gradcheck_level *level, const gradcheck_place *at, const gradcheck_claim *claims,
                   const gradcheck_judgement *met)
{
    bool kink = false, compared = true;
    for (int i = 0; i < level->n_routes; i++) {
        kink = kink || met[i].outcome == GRADCHECK_KINK;
        compared = compared && (met[i].outcome == GRADCHECK_AGREES || met[i].outcome == GRADCHECK_DIFFERS);
        if (met[i].outcome != GRADCHECK_KINK)
            ct_gradcheck_record(c, at, &claims[i], &met[i]);
    }
    if (kink)
        ct_gradcheck_note_kink(c, level, at);
    for (int k = 0; k < c->m && at->input >= 0; k++)
        if (c->number[k] == at->input) {
            level->tried[k]++;
            level->compared[k] += compared;
        }
    c->differences += compared;
}

/* The same place with steps that fit each coordinate's own size, for points with numbers of very different size. False
 * when there are none such. */
static bool finer(gradcheck *c, const gradcheck_place *at, gradcheck_place *out)
{
    *out = *at;
    if (at->flat >= 0) {
        double own = fabs(c->base[at->flat]);
        out->unit = own;
        return own > 0 && own < at->unit / 100;
    }
    out->v = c->relative;
    return ct_gradcheck_make_relative(c, at->v, c->relative);
}

static bool any_differs(const gradcheck_level *level, const gradcheck_judgement *met)
{
    for (int i = 0; i < level->n_routes; i++)
        if (met[i].outcome == GRADCHECK_DIFFERS)
            return true;
    return false;
}

/* A failure that only steps much wider than a coordinate show does not count: they may be too wide for the function. */
static bool compare_differences(gradcheck *c, gradcheck_level *level, const gradcheck_place *at)
{
    gradcheck_claim claims[GRADCHECK_ROUTES];
    gradcheck_judgement met[GRADCHECK_ROUTES], again[GRADCHECK_ROUTES];
    gradcheck_place fine;
    if (!try_differences(c, level, at, claims, met))
        return false;
    ct_var *choice = level->reference.choice;
    if (!agree(level, met, false) && finer(c, at, &fine)) {
        if (!ct_gradcheck_slopes(c, level, fine.v) || !try_differences(c, level, &fine, claims, again))
            return false;
        if (agree(level, again, true) || any_differs(level, met))
            memcpy(met, again, sizeof met);
        else
            level->reference.choice = choice;
    }
    settle(c, level, at, claims, met);
    return true;
}

/* --- places --------------------------------------------------------------------------------------------------------- */

static bool along(gradcheck *c, gradcheck_level *level, const gradcheck_place *at)
{
    if (!ct_gradcheck_slopes(c, level, at->v))
        return false;
    if (at->flat < 0)
        ct_gradcheck_remember(level, at->unit);
    if (level->by_identity)
        compare_identity(c, level, at);
    if (level->n_routes == 2)
        compare_routes(c, level, at);
    return !level->by_difference || compare_differences(c, level, at);
}

static bool along_direction(gradcheck *c, gradcheck_level *level, int number)
{
    if (!ct_gradcheck_find_gradient(c, level))
        return false;
    ct_gradcheck_draw_direction(c, c->direction);
    if (!ct_gradcheck_measure_noise(c, level, c->direction))
        return false;
    gradcheck_place at = {c->direction, 1, -1, -1, -1, number};
    return along(c, level, &at);
}

static bool along_coordinates(gradcheck *c, gradcheck_level *level, int k)
{
    int64_t count = c->start[k + 1] - c->start[k];
    int64_t parts = c->opt.coordinates < 0 || c->opt.coordinates > count ? count : c->opt.coordinates;
    for (int64_t i = 0; i < ct_gradcheck_length(c); i++)
        c->direction[i] = 0;
    for (int64_t part = 0; part < parts; part++) {
        int64_t i = ct_gradcheck_coordinate(c, count, part, parts);
        gradcheck_place at = {c->direction, c->scale[k], c->number[k], i, c->start[k] + i, -1};
        c->direction[at.flat] = 1;
        if (!along(c, level, &at))
            return false;
        c->direction[at.flat] = 0;
    }
    return true;
}

bool ct_gradcheck_level_run(gradcheck *c, gradcheck_level *level)
{
    for (int i = 0; i < c->opt.directions; i++)
        if (!along_direction(c, level, i))
            return false;
    for (int k = 0; k < c->m; k++)
        if (!along_coordinates(c, level, k))
            return false;
    ct_gradcheck_note_gap(c, level);
    return true;
}
