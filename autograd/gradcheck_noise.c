/* SPDX-License-Identifier: MIT */
/* How much rounding there is in the numbers of a level: by trials of the twin at the base point, and as it is seen in
 * values close together. The larger of the two counts. */
#include "gradcheck.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { STIRS = 8, POINTS = 9 };

/* Of the points at which rounding is looked for: so near that nothing else is seen. */
#define SPACING (64 * DBL_EPSILON)

/* The deviation of the numbers in a unit of jitter, from trials with so many units. */
static bool scatter(gradcheck *c, gradcheck_level *level, double units, double *deviation)
{
    for (int64_t e = 0; e < level->count; e++)
        deviation[e] = 0;
    for (int k = 0; k < STIRS; k++) {
        if (!ct_gradcheck_run_trial(c, &level->value_twin, k, units))
            return false;
        ct_gradcheck_read(&level->value_twin, level->scratch);
        for (int64_t e = 0; e < level->count; e++)
            deviation[e] = hypot(deviation[e], level->scratch[e] - level->base[e]);
    }
    for (int64_t e = 0; e < level->count; e++)
        deviation[e] /= units * sqrt(STIRS);
    return true;
}

/* The numbers scatter as much as they can, as sin of 1e25 does: 16 times the jitter moves them hardly more. What they scatter
 * by is more than rounding inside an op, which does not grow either. */
static bool is_lost(double base, double deviation, double deviation_of_more)
{
    return !(2 * deviation_of_more >= deviation) && GRADCHECK_STIR * deviation > 1e-8 * fabs(base);
}

/* Of numbers that are lost no derivative is known. */
bool ct_gradcheck_stir_values(gradcheck *c, gradcheck_level *level)
{
    if (!ct_gradcheck_run(c, &level->value))
        return false;
    ct_gradcheck_read(&level->value, level->base);
    if (!scatter(c, level, 16 * GRADCHECK_STIR, level->noise) || !scatter(c, level, GRADCHECK_STIR, level->stirred))
        return false;
    for (int64_t e = 0; e < level->count; e++)
        if (is_lost(level->base[e], level->stirred[e], level->noise[e]))
            level->stirred[e] = INFINITY;
    memcpy(level->noise, level->stirred, (size_t)level->count * sizeof(double));
    return true;
}

/* Differences of order 4 of values close together: a smooth function leaves nothing in them, noise of deviation s leaves
 * sqrt(70) s. One after the other, so that equal values leave nothing at all. */
static double noise_of(const double *value, int64_t stride)
{
    double d[POINTS], sum = 0;
    for (int i = 0; i < POINTS; i++)
        d[i] = value[i * stride];
    for (int order = 1; order <= 4; order++)
        for (int i = 0; i < POINTS - order; i++)
            d[i] = d[i + 1] - d[i];
    for (int i = 0; i < POINTS - 4; i++)
        sum = hypot(sum, d[i]);
    return sum / sqrt((POINTS - 4) * 70);
}

bool ct_gradcheck_measure_noise(gradcheck *c, gradcheck_level *level, const double *v)
{
    bool same = true;
    ct_gradcheck_make_relative(c, v, c->relative);
    for (int i = 0; i < POINTS; i++) {
        double t = (i - POINTS / 2) * SPACING;
        if (!ct_gradcheck_evaluate(c, level, c->relative, t, level->scratch + i * level->count, &same))
            return false;
    }
    for (int64_t e = 0; e < level->count; e++) {
        double seen = same ? 2 * noise_of(level->scratch + e, level->count) : 0;
        level->noise[e] = seen > level->stirred[e] ? seen : level->stirred[e];
    }
    return true;
}
