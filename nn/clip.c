/* SPDX-License-Identifier: MIT */
/* The norm of all gradients together, and scaling by it. */
#include "train_impl.h"
#include <stdlib.h>

static const ct_site NOWHERE = {0};

/* sqrt(sum x^2) over the last axis, which stays with extent 1. x is scaled by its largest element first, within limits that keep the factor and what
 * it makes far from overflow and underflow: a square of 1e20 is beyond float32, and one of 1e-30 is 0 there. */
static ct_var *norm_of_rows(ct_var *x)
{
    double limit = ct_var_dtype(x) == CT_F32 ? 1e30 : 1e290;
    ct_var *most = ct_max_keep_at(NOWHERE, ct_abs_at(NOWHERE, x), CT_AXES(-1));
    ct_var *scale = ct_clamp_at(NOWHERE, most, 1 / limit, limit);
    ct_var *z = ct_mul_at(NOWHERE, x, ct_recip_at(NOWHERE, scale));
    ct_var *sum = ct_sum_keep_at(NOWHERE, ct_square_at(NOWHERE, z), CT_AXES(-1));
    return ct_mul_at(NOWHERE, ct_pow_at(NOWHERE, sum, 0.5), scale);
}

/* x as a matrix, with rows that one pass in cache can reduce twice: of at most 1024 elements, unless its count has no good divisor. */
static ct_var *as_rows(ct_var *x)
{
    enum { LONGEST = 1024, SHORTEST = 16 };
    int64_t count = ct_shape_count(ct_var_shape(x)), row = ct_var_rank(x) > 0 ? ct_var_dim(x, -1) : 1;
    if (row < SHORTEST || row > LONGEST)
        for (row = count < LONGEST ? count : LONGEST; row > 1 && count % row; row--)
            ;
    if (row < SHORTEST)
        row = count;
    return ct_reshape_at(NOWHERE, x, CT_SHAPE(row ? count / row : 1, row));
}

/* [1]: the norm of all of x, as that of its rows' norms. */
static ct_var *norm_of_all(ct_var *x)
{
    return ct_reshape_at(NOWHERE, norm_of_rows(ct_reshape_at(NOWHERE, norm_of_rows(as_rows(x)), CT_SHAPE(1, -1))), CT_SHAPE(1));
}

static ct_var *joined_norms(nn_train *t, ct_var **norm)
{
    for (int64_t i = 0; i < t->count; i++)
        norm[i] = norm_of_all(t->items[i].grad);
    ct_var *all = ct_concat_at(NOWHERE, (int)t->count, norm, 0);
    return ct_reshape_at(NOWHERE, norm_of_rows(ct_reshape_at(NOWHERE, all, CT_SHAPE(1, -1))), CT_SCALAR);
}

ct_var *nn_train_grad_norm(nn_train *t)
{
    if (!t)
        return NULL;
    ct_var **norm = calloc((size_t)t->count + 1, sizeof *norm);
    if (!norm)
        return ct_graph_fail(t->graph, CT_E_MEMORY, NOWHERE, "train: out of memory for %lld norms", (long long)t->count);
    ct_var *total = joined_norms(t, norm);
    free(norm);
    return total;
}

static bool may_clip(nn_train *t, double max_norm)
{
    if (!t || ct_graph_error(t->graph))
        return false;
    if (t->updated)
        return nn_train_fail(t, CT_E_ARGUMENT, "clip: the optimizer is there already: clip before it");
    if (!(max_norm > 0))
        return nn_train_fail(t, CT_E_ARGUMENT, "clip: the greatest norm is %g, expected a positive number", max_norm);
    return true;
}

/* 1, or where the inverse of the norm may be subnormal a power of two by which the gradients are scaled first. */
static ct_var *first_factor(nn_train *t, ct_var *norm)
{
    double large = t->dtype == CT_F32 ? 1e30 : 1e290;
    ct_var *is_large = ct_greater_at(NOWHERE, norm, ct_scalar_at(NOWHERE, t->graph, t->dtype, large));
    ct_var *power = ct_scalar_at(NOWHERE, t->graph, t->dtype, 0x1p-60), *one = ct_scalar_at(NOWHERE, t->graph, t->dtype, 1);
    return ct_select_at(NOWHERE, is_large, power, one);
}

ct_var *nn_train_clip(nn_train *t, double max_norm)
{
    if (!may_clip(t, max_norm))
        return NULL;
    ct_var *norm = nn_train_grad_norm(t);
    ct_var *first = first_factor(t, norm), *scaled = ct_affine_at(NOWHERE, ct_mul_at(NOWHERE, norm, first), 1, 1e-6);
    ct_var *ratio = ct_affine_at(NOWHERE, ct_recip_at(NOWHERE, scaled), max_norm, 0);
    ct_var *factor = ct_minimum_at(NOWHERE, ratio, ct_recip_at(NOWHERE, first));
    for (int64_t i = 0; i < t->count; i++)
        t->items[i].grad = ct_mul_at(NOWHERE, ct_mul_at(NOWHERE, t->items[i].grad, first), factor);
    return norm;
}
