/* SPDX-License-Identifier: MIT */
/* Calling a network, and holding it to its contract: u has z's shape and dtype. */
#include <cotangent/flow.h>

ct_var *mf_flow_apply(mf_flow_net net, nn_scope s, ct_var *z, ct_var *t, ct_var *r, ct_var *label)
{
    ct_var *u = net.fn(s, z, t, r, label, net.guidance, net.config);
    if (!u && !ct_graph_error(s.graph))
        return nn_fail(s, CT_E_ARGUMENT, "flow", "the network returned NULL, expected u of the shape of z, %s", CT_VAR_TEXT(z));
    if (u && (!ct_shape_equal(ct_var_shape(u), ct_var_shape(z)) || ct_var_dtype(u) != ct_var_dtype(z)))
        return nn_fail(s, CT_E_SHAPE, "flow", "the network returned %s, expected the shape and dtype of z, %s", CT_VAR_TEXT(u),
                       CT_VAR_TEXT(z));
    return u;
}
