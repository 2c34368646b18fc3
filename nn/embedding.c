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
    ct_var *table = nn_param(s, "weight", CT_SHAPE(count, width), init_or(weight, NN_NORMAL(1)));
    return ct_gather_at(s.at, table, index, 0);
}

ct_var *nn_embedding(nn_scope s, ct_var *index, int64_t count, int64_t width)
{
    return nn_embedding_with(s, index, count, width, (nn_init){0});
}
