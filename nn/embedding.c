/* SPDX-License-Identifier: MIT */
/* Rows of a table, chosen by an index. */
#include "layer.h"

ct_var *nn_embedding_with(nn_scope s, ct_var *index, int64_t count, int64_t width, nn_init weight)
{
    if (ct_graph_error(s.graph))
        return NULL;
    if (!index)
        return nn_fail(s, CT_E_ARGUMENT, "embedding", "the index is NULL");
    if (ct_var_dtype(index) != CT_I32)
        return nn_fail(s, CT_E_DTYPE, "embedding", "index %s, expected int32", CT_VAR_TEXT(index));
    if (count < 1 || width < 0)
        return nn_fail(s, CT_E_ARGUMENT, "embedding", "a table of %lld rows of width %lld, expected 1 or more rows and a width of 0 or more",
                       (long long)count, (long long)width);
    ct_var *table = nn_layer_param(s, "weight", CT_SHAPE(count, width), weight, NN_NORMAL(1));
    ct_var *checked = ct_name(ct_check_index_at(s.at, index, count), "embedding '%s'", s.path);
    return ct_gather_at(s.at, table, checked, 0);
}

ct_var *nn_embedding(nn_scope s, ct_var *index, int64_t count, int64_t width)
{
    return nn_embedding_with(s, index, count, width, (nn_init){0});
}
