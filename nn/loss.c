/* SPDX-License-Identifier: MIT */
/* Losses: one number, the mean over the batch. */
#include "layer.h"

static void *refuse(ct_site at, ct_code code, const ct_var *a, const ct_var *b, const char *expected)
{
    return ct_graph_fail(ct_var_graph(a ? a : b), code, at, "%s: %s and %s", expected, CT_VAR_TEXT(a), CT_VAR_TEXT(b));
}

static bool fits(ct_site at, ct_var *logits, ct_var *label)
{
    if (!logits || !label)
        refuse(at, CT_E_ARGUMENT, logits, label, "cross_entropy: an operand is NULL");
    else if (ct_var_rank(logits) != 2 || ct_var_rank(label) != 1 || ct_var_dim(label, 0) != ct_var_dim(logits, 0) ||
             ct_var_dtype(label) != CT_I32)
        refuse(at, CT_E_SHAPE, logits, label, "cross_entropy: expects logits [batch, classes] and labels int32 [batch]");
    else if (ct_var_dim(logits, 1) < 1)
        refuse(at, CT_E_SHAPE, logits, label, "cross_entropy: expects one class or more");
    else
        return true;
    return false;
}

/* -log softmax at the labels, [batch]; labels that are no class end the run. Chosen by select, not by a product: a logit of -infinity, which rules a
 * class out, is no NaN for the other classes. */
static ct_var *log_likelihood(ct_site at, ct_var *logits, ct_var *label)
{
    int64_t classes = ct_var_dim(logits, 1);
    ct_dtype dtype = ct_var_dtype(logits);
    ct_var *checked = ct_name(ct_check_index_at(at, label, classes), "cross_entropy's labels");
    ct_var *mark = ct_one_hot_at(at, checked, classes, dtype);
    ct_var *zero = ct_scalar_at(at, ct_var_graph(logits), dtype, 0);
    return ct_sum_at(at, ct_select_at(at, mark, nn_log_softmax(logits, 1), zero), CT_AXES(1));
}

/* The mean over the rows whose label is not ignore_index: the sum over how many there are, or over 1 where there are none. */
static ct_var *without_ignored(ct_site at, ct_var *logits, ct_var *label, int32_t ignore_index)
{
    ct_graph *g = ct_var_graph(logits);
    ct_dtype dtype = ct_var_dtype(logits);
    ct_var *ignored = ct_equal_at(at, label, ct_scalar_at(at, g, CT_I32, ignore_index));
    ct_var *known = ct_select_at(at, ignored, ct_zeros_like_at(at, label), label);
    if (*ct_var_name(label))
        ct_name(known, "%s", ct_var_name(label));
    ct_var *found = log_likelihood(at, logits, known), *left_out = ct_cast_at(at, ignored, dtype);
    ct_var *sum = ct_sum_all_at(at, ct_select_at(at, left_out, ct_zeros_like_at(at, found), found));
    ct_var *count = ct_sum_all_at(at, ct_affine_at(at, left_out, -1, 1));
    return ct_affine_at(at, ct_div_at(at, sum, ct_maximum_at(at, count, ct_scalar_at(at, g, dtype, 1))), -1, 0);
}

ct_var *nn_cross_entropy_with_at(ct_site at, ct_var *logits, ct_var *label, nn_cross_entropy_options options)
{
    if (!fits(at, logits, label))
        return NULL;
    if (options.ignore)
        return without_ignored(at, logits, label, options.ignore_index);
    if (ct_var_dim(logits, 0) < 1)
        return refuse(at, CT_E_SHAPE, logits, label, "cross_entropy: expects one row or more to take the mean of");
    return ct_affine_at(at, ct_mean_all_at(at, log_likelihood(at, logits, label)), -1, 0);
}

ct_var *nn_cross_entropy_at(ct_site at, ct_var *logits, ct_var *label)
{
    return nn_cross_entropy_with_at(at, logits, label, (nn_cross_entropy_options){0});
}

/* Shapes must agree: a broadcast here is nearly always a mistake. */
ct_var *nn_mse_at(ct_site at, ct_var *x, ct_var *y)
{
    if (!x || !y)
        return refuse(at, CT_E_ARGUMENT, x, y, "mse: an operand is NULL");
    if (!ct_shape_equal(ct_var_shape(x), ct_var_shape(y)))
        return refuse(at, CT_E_SHAPE, x, y, "mse: expects two equal shapes");
    if (ct_shape_count(ct_var_shape(x)) < 1)
        return refuse(at, CT_E_SHAPE, x, y, "mse: expects one element or more to take the mean of");
    return ct_mean_all_at(at, ct_square_at(at, ct_sub_at(at, x, y)));
}
