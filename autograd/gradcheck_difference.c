/* dF/dv by central differences at steps h and 2h, D(h) and D(2h), extrapolated to (4 D(h) - D(2h)) / 3. What that is
 * worth is estimated from how far the extrapolation moved, and from the noise of F itself, which is measured. */
#include "gradcheck.h"

#include <float.h>
#include <math.h>

/* F(base + t v), and whether everything that chooses chose as at the base point. */
static bool evaluate(gradcheck *c, gradcheck_level *level, const double *v, double t, double *value, bool *same)
{
    for (int64_t i = 0; i < gradcheck_length(c); i++)
        c->point[i] = c->base[i] + t * v[i];
    if (!gradcheck_set(c, &level->value, c->x, c->point) || !gradcheck_run(c, &level->value))
        return false;
    *value = gradcheck_dot(&level->value, level->weights, NULL);
    *same = *same && gradcheck_same_choices(&level->value);
    return true;
}

/* Differences of order 4 of values close together: a smooth function leaves nothing in them, noise of deviation s
 * leaves sqrt(70) s. */
static double noise_of(double value[9])
{
    double sum = 0;
    for (int i = 0; i < 5; i++) {
        double d = value[i] - 4 * value[i + 1] + 6 * value[i + 2] - 4 * value[i + 3] + value[i + 4];
        sum += d * d;
    }
    return sqrt(sum / 5 / 70);
}

bool gradcheck_measure_noise(gradcheck *c, gradcheck_level *level, const double *v)
{
    double value[9], base;
    bool same = true;
    for (int i = 0; i < 9; i++)
        if (!evaluate(c, level, v, (i - 4) * c->opt.step / 8, &value[i], &same))
            return false;
    if (!evaluate(c, level, v, 0, &base, &(bool){true}))
        return false;
    gradcheck_dot(&level->value, level->weights, &level->magnitude);
    level->noise = DBL_EPSILON * level->magnitude;
    if (same)
        level->noise = fmax(level->noise, 2 * noise_of(value));
    return true;
}

static bool central(gradcheck *c, gradcheck_level *level, const double *v, double t, double *slope, bool *same)
{
    double plus, minus;
    if (!evaluate(c, level, v, t, &plus, same) || !evaluate(c, level, v, -t, &minus, same))
        return false;
    *slope = (plus - minus) / (2 * t);
    return true;
}

static bool extrapolate(gradcheck *c, gradcheck_level *level, const gradcheck_place *at, double step,
                        gradcheck_difference *out)
{
    double h = step * at->unit, narrow, wide;
    bool same = true;
    if (!central(c, level, at->v, h, &narrow, &same) || !central(c, level, at->v, 2 * h, &wide, &same))
        return false;
    double rounding = level->noise / h + DBL_EPSILON * at->scale / step;  /* of F, and of x + h v */
    out->kink = !same;
    out->value = (4 * narrow - wide) / 3;
    out->noisy = fabs(out->value - narrow) <= rounding;
    out->error = fabs(out->value - narrow) + rounding;
    return true;
}

/* From the first step on to wider ones or to narrower ones, as long as that helps; away from a kink to narrower ones. */
bool gradcheck_differentiate(gradcheck *c, gradcheck_level *level, const gradcheck_place *at, double goal,
                             gradcheck_difference *out)
{
    double step = c->opt.step, turn = 0;
    *out = (gradcheck_difference){.kink = true, .error = INFINITY};
    for (int i = 0; i < 4 && !(out->error <= goal); i++) {
        gradcheck_difference trial;
        if (!extrapolate(c, level, at, step, &trial))
            return false;
        double next = !trial.kink && trial.noisy ? 16 : 1.0 / 16;
        bool worse = trial.kink ? !out->kink : !(trial.error < out->error);
        if (!trial.kink && !worse)
            *out = trial;
        if (worse || (turn > 0 && next != turn))
            break;
        turn = next;
        step *= turn;
    }
    return true;
}
