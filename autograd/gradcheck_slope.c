/* SPDX-License-Identifier: MIT */
/* What autodiff says a derivative is, and how much rounding is in that. */
#include "gradcheck.h"

#include <math.h>
#include <string.h>

/* What has no part in v counts nothing, be it infinite. */
double ct_gradcheck_contract(const double *a, const double *v, int64_t n)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i++)
        if (v[i] != 0)
            sum += a[i] * v[i];
    return sum;
}

static bool add_trial(gradcheck *c, gradcheck_level *level, gradcheck_route *route, int k)
{
    double *stirred = level->scratch;
    if (!ct_gradcheck_run_trial(c, &route->twin, k, GRADCHECK_STIR))
        return false;
    ct_gradcheck_read(&route->twin, stirred);
    for (int64_t e = 0; e < level->count; e++)
        route->noise[e] = hypot(route->noise[e], stirred[e] - route->slope[e]);
    route->dot_noise = hypot(route->dot_noise, ct_gradcheck_contract(stirred, level->weights, level->count) - route->dot);
    return true;
}

static bool measure(gradcheck *c, gradcheck_level *level, gradcheck_route *route)
{
    const double unit = GRADCHECK_STIR * sqrt(GRADCHECK_TRIALS);
    memset(route->noise, 0, (size_t)level->count * sizeof(double));
    route->dot_noise = 0;
    for (int k = 0; k < GRADCHECK_TRIALS; k++)
        if (!add_trial(c, level, route, k))
            return false;
    for (int64_t e = 0; e < level->count; e++)
        route->noise[e] /= unit;
    route->dot_noise /= unit;
    return true;
}

static bool slope(gradcheck *c, gradcheck_level *level, gradcheck_route *route, const double *v)
{
    if (!ct_gradcheck_set(c, &route->probe, c->dx, v) || !ct_gradcheck_set(c, &route->twin, c->dx, v) ||
        !ct_gradcheck_run(c, &route->probe))
        return false;
    ct_gradcheck_read(&route->probe, route->slope);
    route->dot = ct_gradcheck_contract(route->slope, level->weights, level->count);
    for (int64_t e = 0; e < level->count; e++)
        level->infinite = level->infinite || isinf(route->slope[e]);
    return measure(c, level, route);
}

bool ct_gradcheck_slopes(gradcheck *c, gradcheck_level *level, const double *v)
{
    for (int i = 0; i < level->n_routes; i++)
        if (!slope(c, level, &level->route[i], v))
            return false;
    return true;
}

static double larger(double a, double b)
{
    return isfinite(b) ? fmax(a, b) : a;
}

void ct_gradcheck_remember(gradcheck_level *level, double unit)
{
    for (int i = 0; i < level->n_routes; i++) {
        const gradcheck_route *r = &level->route[i];
        for (int64_t e = 0; e < level->count; e++)
            level->around = larger(level->around, ct_gradcheck_terms(r->slope[e], r->noise[e]) * unit);
        level->around_dot = larger(level->around_dot, ct_gradcheck_terms(r->dot, r->dot_noise) * unit);
    }
}

/* First order: J^T w, the weights being w. Second: H u for a random u, which are the weights. */
bool ct_gradcheck_find_gradient(gradcheck *c, gradcheck_level *level)
{
    bool first = level == &c->first;
    gradcheck_probe *p = first ? &c->reverse : &level->route[0].probe;
    gradcheck_probe *twin = first ? &c->reverse_twin : &level->route[0].twin;
    if (!first) {
        ct_gradcheck_draw_direction(c, level->weights);
        if (!ct_gradcheck_set(c, p, c->dx, level->weights) || !ct_gradcheck_set(c, twin, c->dx, level->weights))
            return false;
    }
    if (!ct_gradcheck_run(c, p))
        return false;
    ct_gradcheck_read(p, level->gradient);
    for (int k = 0; k < GRADCHECK_TRIALS; k++) {
        if (!ct_gradcheck_run_trial(c, twin, k, GRADCHECK_STIR))
            return false;
        ct_gradcheck_read(twin, level->gradient_trial[k]);
    }
    for (int64_t i = 0; i < ct_gradcheck_length(c); i++)
        level->infinite = level->infinite || isinf(level->gradient[i]);
    return true;
}
