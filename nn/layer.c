/* SPDX-License-Identifier: MIT */
/* What layers share: the check of an input, and the choice of an initialiser. */
#include "layer.h"
#include <math.h>

bool nn_layer_input(nn_scope s, const char *layer, const ct_var *x, int lowest, int highest)
{
    if (ct_graph_error(s.graph))
        return false;
    if (!x)
        return nn_fail(s, CT_E_ARGUMENT, layer, "the input is NULL");
    int rank = ct_var_rank(x);
    if (rank < lowest || rank > highest)
        return nn_fail(s, CT_E_SHAPE, layer, "input %s has rank %d, expected %s%d", CT_VAR_TEXT(x), rank,
                       rank < lowest && lowest < highest ? "at least " : "", rank < lowest ? lowest : highest);
    if (s.params && ct_var_dtype(x) != nn_params_dtype(s.params))
        return nn_fail(s, CT_E_DTYPE, layer, "input %s, but the parameters are %s", CT_VAR_TEXT(x),
                       ct_dtype_name(nn_params_dtype(s.params)));
    return true;
}

nn_init nn_init_or(nn_init init, nn_init otherwise)
{
    return init.kind == NN_INIT_DEFAULT ? otherwise : init;
}

nn_init nn_default_weight(void)
{
    return NN_KAIMING_UNIFORM(1 / sqrt(3));
}

nn_init nn_default_bias(int64_t fan_in)
{
    double bound = fan_in > 0 ? 1 / sqrt((double)fan_in) : 0;
    return NN_UNIFORM(-bound, bound);
}

ct_var *nn_layer_param(nn_scope s, const char *name, ct_shape shape, nn_init init, nn_init otherwise)
{
    const char *path = ct_graph_text(s.graph, "%s%s%s", s.path, *s.path ? "." : "", name);
    bool known = path && s.params && nn_params_find(s.params, path);
    return nn_param(s, name, shape, known ? init : nn_init_or(init, otherwise));
}

void *nn_plain_fail(const ct_var *x, const char *function, const char *expected)
{
    return ct_graph_fail(ct_var_graph(x), CT_E_SHAPE, ct_var_site(x), "%s: %s: %s", function, expected, CT_VAR_TEXT(x));
}
