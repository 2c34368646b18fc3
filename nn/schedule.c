/* SPDX-License-Identifier: MIT */
/* Learning rates as functions of the step, in float64 until the last moment. */
#include <cotangent/ops.h>
#include <cotangent/train.h>
#include <math.h>

static const ct_site NOWHERE = {0};

static bool fits(ct_graph *g, const char *what, const nn_schedule *s)
{
    if (isfinite(s->peak) && isfinite(s->final) && s->warmup >= 0)
        return true;
    return ct_graph_fail(g, CT_E_ARGUMENT, NOWHERE, "%s: peak %g, final %g, warm-up of %lld steps: expected finite rates and 0 steps or more", what,
                         s->peak, s->final, (long long)s->warmup);
}

/* min(1, (step + 1) / warmup), or NULL when there is no warm-up. */
static ct_var *ramp(ct_graph *g, int64_t warmup)
{
    if (warmup < 1)
        return NULL;
    double slope = 1 / (double)warmup;
    ct_var *rising = ct_affine_at(NOWHERE, ct_step_at(NOWHERE, g, CT_F64), slope, slope);
    return ct_clamp_at(NOWHERE, rising, 0, 1);
}

static ct_var *warmed(ct_graph *g, ct_dtype dtype, ct_var *rate, int64_t warmup)
{
    ct_var *factor = ramp(g, warmup);
    return ct_cast_at(NOWHERE, factor ? ct_mul_at(NOWHERE, rate, factor) : rate, dtype);
}

ct_var *(nn_constant_schedule)(ct_graph *g, ct_dtype dtype, const nn_schedule *s)
{
    if (!fits(g, "constant schedule", s))
        return NULL;
    return warmed(g, dtype, ct_scalar_at(NOWHERE, g, CT_F64, s->peak), s->warmup);
}

/* During the warm-up progress is 0, so the cosine stands at the peak. */
ct_var *(nn_cosine_schedule)(ct_graph *g, ct_dtype dtype, const nn_schedule *s)
{
    if (!fits(g, "cosine schedule", s))
        return NULL;
    if (s->total <= s->warmup)
        return ct_graph_fail(g, CT_E_ARGUMENT, NOWHERE, "cosine schedule: %lld steps in all, expected more than the %lld "
                             "of the warm-up", (long long)s->total, (long long)s->warmup);
    const double pi = 3.14159265358979323846;
    double length = (double)(s->total - s->warmup), half = (s->peak - s->final) / 2;
    ct_var *progress = ct_affine_at(NOWHERE, ct_step_at(NOWHERE, g, CT_F64), 1 / length, -(double)s->warmup / length);
    ct_var *angle = ct_affine_at(NOWHERE, ct_clamp_at(NOWHERE, progress, 0, 1), pi, 0);
    return warmed(g, dtype, ct_affine_at(NOWHERE, ct_cos_at(NOWHERE, angle), half, s->final + half), s->warmup);
}
