/* SPDX-License-Identifier: MIT */
/* The diffusion transformer with adaLN-zero blocks. */
#include "condition.h"
#include "patches.h"

static ct_var *feed_forward(nn_scope s, ct_var *x, int64_t width)
{
    ct_var *h = nn_gelu_tanh(nn_linear_with(nn_at(s, "fc1"), x, 4 * width, mf_condition_xavier));
    return nn_linear_with(nn_at(s, "fc2"), h, width, mf_condition_xavier);
}

/* x [batch, tokens, width]: attention, then an MLP, each modulated before, gated after and added to its input. */
static ct_var *dit_block(nn_scope s, ct_var *x, ct_var *c, int64_t heads)
{
    enum { SHIFT1, SCALE1, GATE1, SHIFT2, SCALE2, GATE2, PARTS };
    ct_var *part[PARTS];
    if (!mf_condition_parts(s, c, PARTS, true, part))
        return NULL;
    nn_attention_options attention = {mf_condition_xavier, mf_condition_xavier};
    ct_var *h = mf_condition_modulate(s, x, part[SHIFT1], part[SCALE1]);
    x = ct_add(x, ct_mul(part[GATE1], nn_attention(nn_at(s, "attn"), h, heads, attention)));
    h = mf_condition_modulate(s, x, part[SHIFT2], part[SCALE2]);
    return ct_add(x, ct_mul(part[GATE2], feed_forward(nn_at(s, "mlp"), h, ct_var_dim(x, -1))));
}

ct_var *mf_dit_flow(nn_scope s, ct_var *z, ct_var *t, ct_var *r, ct_var *label, mf_flow_guidance guidance, const void *config)
{
    const mf_flow_config *size = config;
    if (!mf_condition_check(s, "mf_dit_flow", size, z, t, r, label, guidance))
        return NULL;
    ct_var *c = mf_condition_vector(s, size, t, r, label, guidance);
    ct_var *x = mf_patches_embed(nn_at(s, "x_embedder.proj"), z, size->patch, size->width);
    x = ct_add(x, mf_patches_positions(s.graph, ct_var_dtype(z), size->size / size->patch, size->width));
    for (int64_t i = 0; i < size->depth; i++)
        x = dit_block(nn_at(s, "blocks.%lld", (long long)i), x, c, size->heads);
    int64_t out = size->patch * size->patch * size->channels;
    return mf_patches_join(mf_condition_final_layer(nn_at(s, "final_layer"), x, c, out), size->patch, size->channels, size->size);
}
