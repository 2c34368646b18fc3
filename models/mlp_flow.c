/* SPDX-License-Identifier: MIT */
/* A residual MLP on the pixels, conditioned by adaptive layer norm. */
#include "condition.h"

/* x [batch, width]: x + gate mlp(modulate(x)). */
static ct_var *mlp_block(nn_scope s, ct_var *x, ct_var *c)
{
    enum { SHIFT, SCALE, GATE, PARTS };
    ct_var *part[PARTS];
    if (!mf_condition_parts(s, c, PARTS, false, part))
        return NULL;
    int64_t width = ct_var_dim(x, 1);
    ct_var *h = mf_condition_modulate(s, x, part[SHIFT], part[SCALE]);
    h = nn_silu(nn_linear_with(nn_at(s, "mlp.0"), h, width, mf_condition_xavier));
    h = nn_linear_with(nn_at(s, "mlp.2"), h, width, mf_condition_xavier);
    return ct_add(x, ct_mul(part[GATE], h));
}

ct_var *mf_mlp_flow(nn_scope s, ct_var *z, ct_var *t, ct_var *r, ct_var *label, mf_flow_guidance guidance, const void *config)
{
    const mf_flow_config *size = config;
    if (!mf_condition_check(s, "mf_mlp_flow", size, z, t, r, label, guidance))
        return NULL;
    int64_t batch = ct_var_dim(z, 0), pixels = size->channels * size->size * size->size;
    ct_var *c = mf_condition_vector(s, size, t, r, label, guidance);
    ct_var *x = nn_linear_with(nn_at(s, "x_embedder"), ct_reshape(z, CT_SHAPE(batch, pixels)), size->width, mf_condition_xavier);
    for (int64_t i = 0; i < size->depth; i++)
        x = mlp_block(nn_at(s, "blocks.%lld", (long long)i), x, c);
    return ct_reshape(mf_condition_final_layer(nn_at(s, "final_layer"), x, c, pixels), ct_var_shape(z));
}
