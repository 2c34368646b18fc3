/* One order of derivative: compared along random directions, which finds any error, then along sampled coordinates,
 * which locates it. */
#include "gradcheck.h"

#include <float.h>
#include <math.h>

static bool slope(gradcheck *c, gradcheck_level *level, int route, const double *v, double *out)
{
    gradcheck_probe *p = &level->route[route].probe;
    if (!gradcheck_set(c, p, c->dx, v) || !gradcheck_run(c, p))
        return false;
    *out = gradcheck_dot(p, level->weights, NULL);
    return true;
}

static double limit(const gradcheck *c, const gradcheck_level *level, const gradcheck_place *at, double a, double b)
{
    double atol = c->opt.atol > 0 ? c->opt.atol : fmin(level->atol, 1e-6 * at->scale);
    return level->rtol * fmax(fabs(a), fabs(b)) + atol;
}

static bool compare_difference(gradcheck *c, gradcheck_level *level, const gradcheck_place *at, const double *autodiff)
{
    gradcheck_difference d;
    double goal = limit(c, level, at, autodiff[0], autodiff[0]) / 4;
    if (!gradcheck_differentiate(c, level, at, goal, &d))
        return false;
    if (d.kink) {
        c->result.kinks++;
        return true;
    }
    for (int i = 0; i < level->n_routes; i++) {
        gradcheck_claim claim = {level->route[i].mode, level->difference, autodiff[i], d.value,
                                 limit(c, level, at, autodiff[i], d.value), 4 * d.error};
        gradcheck_judge(c, at, &claim);
    }
    return true;
}

/* Two results of autodiff differ by their rounding only. */
static void compare_exactly(gradcheck *c, gradcheck_level *level, const gradcheck_place *at, const char *mode,
                            const char *against, double a, double b)
{
    double rtol = c->opt.rtol > 0 ? c->opt.rtol : 1e-10;
    double scale = fmax(fmax(fabs(a), fabs(b)), at->scale);
    gradcheck_claim claim = {mode, against, a, b, rtol * scale, 16 * DBL_EPSILON * level->magnitude / at->unit};
    gradcheck_judge(c, at, &claim);
}

static bool along(gradcheck *c, gradcheck_level *level, const gradcheck_place *at)
{
    double autodiff[2], identity = 0;
    for (int i = 0; i < level->n_routes; i++)
        if (!slope(c, level, i, at->v, &autodiff[i]))
            return false;
    for (int64_t i = 0; i < gradcheck_length(c); i++)
        identity += level->gradient[i] * at->v[i];
    if (level->by_identity)
        compare_exactly(c, level, at, level->exact, level->route[0].mode, identity, autodiff[0]);
    if (level->n_routes == 2)
        compare_exactly(c, level, at, level->route[1].mode, level->route[0].mode, autodiff[1], autodiff[0]);
    return !level->by_difference || compare_difference(c, level, at, autodiff);
}

/* dF/dx by autodiff. First order: J^T w, the weights being w. Second: H u for a random u, which are the weights. */
static bool find_gradient(gradcheck *c, gradcheck_level *level)
{
    bool first = level == &c->first;
    gradcheck_probe *p = first ? &c->reverse : &level->route[0].probe;
    if (!first) {
        gradcheck_draw_direction(c, level->weights);
        if (!gradcheck_set(c, p, c->dx, level->weights))
            return false;
    }
    if (!gradcheck_run(c, p))
        return false;
    gradcheck_read(p, level->gradient);
    return true;
}

static double typical_along(const gradcheck *c, const gradcheck_level *level, const double *v)
{
    double sum = 0;
    for (int64_t i = 0; i < gradcheck_length(c); i++)
        if (isfinite(level->gradient[i]))
            sum += level->gradient[i] * v[i] * level->gradient[i] * v[i];
    return sqrt(sum);
}

static bool along_direction(gradcheck *c, gradcheck_level *level, int number)
{
    if (!find_gradient(c, level))
        return false;
    gradcheck_draw_direction(c, c->direction);
    if (!gradcheck_measure_noise(c, level, c->direction))
        return false;
    gradcheck_place at = {c->direction, 1, typical_along(c, level, c->direction), -1, -1, number};
    return along(c, level, &at);
}

/* The largest |dF/dx| of one input, in units of its scale. */
static double steepest(const gradcheck *c, const gradcheck_level *level, int k)
{
    double largest = 0;
    for (int64_t i = c->start[k]; i < c->start[k + 1]; i++)
        if (isfinite(level->gradient[i]))
            largest = fmax(largest, fabs(level->gradient[i]) * c->scale[k]);
    return largest;
}

/* What a derivative in input k is measured by: the steepest one there, or anywhere when those are nothing but
 * rounding. */
static double typical_in(const gradcheck *c, const gradcheck_level *level, int k)
{
    double here = steepest(c, level, k), anywhere = here;
    for (int i = 0; i < c->m; i++)
        anywhere = fmax(anywhere, steepest(c, level, i));
    return (here < 1e-9 * anywhere ? anywhere : here) / c->scale[k];
}

static bool along_coordinates(gradcheck *c, gradcheck_level *level, int k)
{
    int64_t count = c->start[k + 1] - c->start[k];
    int64_t parts = c->opt.coordinates < 0 || c->opt.coordinates > count ? count : c->opt.coordinates;
    double scale = typical_in(c, level, k);
    for (int64_t i = 0; i < gradcheck_length(c); i++)
        c->direction[i] = 0;
    for (int64_t part = 0; part < parts; part++) {
        int64_t i = gradcheck_coordinate(c, count, part, parts);
        gradcheck_place at = {c->direction, c->scale[k], scale, c->number[k], i, -1};
        c->direction[c->start[k] + i] = 1;
        if (!along(c, level, &at))
            return false;
        c->direction[c->start[k] + i] = 0;
    }
    return true;
}

bool gradcheck_level_run(gradcheck *c, gradcheck_level *level)
{
    for (int i = 0; i < c->opt.directions; i++)
        if (!along_direction(c, level, i))
            return false;
    for (int k = 0; k < c->m; k++)
        if (!along_coordinates(c, level, k))
            return false;
    return true;
}
