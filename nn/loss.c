/* Losses: one number, the mean over the batch. */
#include "layer.h"

/* Chosen by select, not by a product: a logit of -infinity, which rules a class out, is no NaN for the other classes. */
ct_var *nn_cross_entropy(ct_var *logits, ct_var *label)
{
    ct_site at = ct_var_site(logits);
    if (!logits || !label)
        return ct_graph_fail(ct_var_graph(logits ? logits : label), CT_E_ARGUMENT, ct_var_site(logits ? logits : label),
                             "cross_entropy: an operand is NULL");
    if (ct_var_rank(logits) != 2 || ct_var_rank(label) != 1 || ct_var_dim(label, 0) != ct_var_dim(logits, 0) ||
        ct_var_dtype(label) != CT_I32)
        return ct_graph_fail(ct_var_graph(logits), CT_E_SHAPE, at,
                             "cross_entropy: expects logits [batch, classes] and labels int32 [batch]: %s and %s",
                             CT_VAR_TEXT(logits), CT_VAR_TEXT(label));
    ct_dtype dtype = ct_var_dtype(logits);
    ct_var *mark = ct_one_hot_at(at, label, ct_var_dim(logits, 1), dtype);
    ct_var *zero = ct_scalar_at(at, ct_var_graph(logits), dtype, 0);
    ct_var *found = ct_sum_at(at, ct_select_at(at, mark, nn_log_softmax(logits, 1), zero), CT_AXES(1));
    return ct_affine_at(at, ct_mean_all_at(at, found), -1, 0);
}

/* Shapes must agree: a broadcast here is nearly always a mistake. */
ct_var *nn_mse(ct_var *x, ct_var *y)
{
    ct_site at = ct_var_site(x);
    if (x && y && !ct_shape_equal(ct_var_shape(x), ct_var_shape(y)))
        return ct_graph_fail(ct_var_graph(x), CT_E_SHAPE, at, "mse: expects two equal shapes: %s and %s", CT_VAR_TEXT(x),
                             CT_VAR_TEXT(y));
    return ct_mean_all_at(at, ct_square_at(at, ct_sub_at(at, x, y)));
}
