/* SPDX-License-Identifier: MIT */
/* du/dt along a trajectory, by forward mode. */
#include "mf_step.h"

#include <cotangent/transform.h>

static bool moves_r(mf_tangent kind)
{
    return kind == MF_TANGENT_V10 || kind == MF_TANGENT_V11;
}

static bool moves_t(mf_tangent kind)
{
    return kind == MF_TANGENT_V01 || kind == MF_TANGENT_V11;
}

/* u's tangent in rows from .. on; NULL for zero. */
static ct_var *tangent_rows(const mf_step *step, ct_var *dz, int64_t from)
{
    mf_tangent kind = step->options->tangent;
    ct_var *t = step->draw->t, *one = ct_ones_like(t), *rows = NULL;
    ct_var *x[] = {step->z, t, step->r}, *dx[] = {dz, moves_t(kind) ? one : NULL, moves_r(kind) ? one : NULL};
    if (step->u && from < step->batch)
        ct_jvp_rows(1, &step->u, 3, x, dx, from, step->batch, true, &rows);
    return rows;
}

void mf_derivative(mf_step *step, ct_var *direction, mf_loss *out)
{
    int64_t from = step->options->tangent_all_rows ? 0 : step->equal;
    ct_var *dz = direction ? mf_join(mf_part(step->v, 0, step->equal), direction) : step->v;
    ct_var *rows = tangent_rows(step, dz, from);
    out->du_dt = rows ? ct_pad(rows, 0, from, 0, 0) : ct_zeros_like(step->u);
    if (step->equal == step->batch)
        return;
    ct_var *late = rows ? mf_part(rows, step->equal - from, step->batch - from) : mf_late(step, out->du_dt);
    out->du_dt_norm = ct_mean_all(ct_sqrt(mf_squares(late)));
}
