/* SPDX-License-Identifier: MIT */
/* Rows of a batch: their parts, and one number a row against whole images. */
#include "mf_step.h"

ct_var *mf_rows(ct_var *row, ct_var *x)
{
    ct_shape shape = {ct_var_rank(x), {ct_var_dim(row, 0)}};
    for (int i = 1; i < shape.rank; i++)
        shape.dim[i] = 1;
    return ct_reshape(row, shape);
}

ct_var *mf_part(ct_var *x, int64_t from, int64_t to)
{
    return from < to ? ct_slice(x, 0, from, to, 1) : NULL;
}

ct_var *mf_late(const mf_step *step, ct_var *x)
{
    return mf_part(x, step->equal, step->batch);
}

ct_var *mf_join(ct_var *early, ct_var *late)
{
    if (!early || !late)
        return early ? early : late;
    return ct_concat(2, (ct_var *[]){early, late}, 0);
}

ct_var *mf_interval(const mf_step *step)
{
    return mf_rows(ct_clamp(ct_sub(step->draw->t, step->draw->r), 0, 1), step->z);
}

ct_var *mf_squares(ct_var *x)
{
    return ct_sum(ct_reshape(ct_square(x), CT_SHAPE(ct_var_dim(x, 0), -1)), CT_AXES(1));
}
