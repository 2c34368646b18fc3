/* SPDX-License-Identifier: MIT */
/* Times, label and guidance become one vector, which shifts, scales and gates activations (adaptive layer norm). */
#include "condition.h"

const nn_linear_options mf_condition_xavier = {.weight = {NN_INIT_XAVIER_UNIFORM, 1, 0}, .bias = {NN_INIT_CONSTANT, 0, 0}};
static const nn_linear_options zero_linear = {.weight = {NN_INIT_CONSTANT, 0, 0}, .bias = {NN_INIT_CONSTANT, 0, 0}};

static bool check_row(nn_scope s, const char *layer, const char *name, ct_var *row, ct_dtype dtype, int64_t batch)
{
    if (ct_var_dtype(row) == dtype && ct_shape_equal(ct_var_shape(row), CT_SHAPE(batch)))
        return true;
    nn_fail(s, CT_E_SHAPE, layer, "%s is %s, expected %s [%lld]", name, CT_VAR_TEXT(row), ct_dtype_name(dtype), (long long)batch);
    return false;
}

/* A network is told of just the guidance it was made for: one that is left out, or not listened to, would go unnoticed. */
static bool check_guidance(nn_scope s, const char *layer, const char *name, ct_var *row, bool told, ct_var *z)
{
    if (told && row)
        return check_row(s, layer, name, row, ct_var_dtype(z), ct_var_dim(z, 0));
    if (!told && !row)
        return true;
    nn_fail(s, CT_E_ARGUMENT, layer, told ? "the network is told of guidance, and the net's guidance has no %s" :
            "the net's guidance has %s, of which the network is not told", name);
    return false;
}

static bool check_all_guidance(nn_scope s, const char *layer, const mf_flow_config *c, mf_flow_guidance guidance, ct_var *z)
{
    bool interval = c->guided == MF_FLOW_OMEGA_INTERVAL;
    return check_guidance(s, layer, "omega", guidance.omega, c->guided != MF_FLOW_UNGUIDED, z) &&
           check_guidance(s, layer, "low", guidance.low, interval, z) &&
           check_guidance(s, layer, "high", guidance.high, interval, z);
}

bool mf_condition_check(nn_scope s, const char *layer, const mf_flow_config *c, ct_var *z, ct_var *t, ct_var *r, ct_var *label,
                     mf_flow_guidance guidance)
{
    ct_error err;
    if (!z || !t || !r || !label) {
        nn_fail(s, CT_E_ARGUMENT, layer, "z, t, r or label is NULL, expected all of them");
        return false;
    }
    if (!mf_flow_config_check(c, &err)) {
        nn_fail(s, err.code, layer, "%s", err.message);
        return false;
    }
    int64_t batch = ct_var_dim(z, 0);
    if (!ct_shape_equal(ct_var_shape(z), CT_SHAPE(batch, c->channels, c->size, c->size))) {
        nn_fail(s, CT_E_SHAPE, layer, "z is %s, expected [batch, %lld, %lld, %lld]", CT_VAR_TEXT(z), (long long)c->channels,
                (long long)c->size, (long long)c->size);
        return false;
    }
    return check_row(s, layer, "t", t, ct_var_dtype(z), batch) && check_row(s, layer, "r", r, ct_var_dtype(z), batch) &&
           check_row(s, layer, "label", label, CT_I32, batch) && check_all_guidance(s, layer, c, guidance, z);
}

static ct_var *embed_time(nn_scope s, const mf_flow_config *c, ct_var *t)
{
    nn_time_options options = {.frequencies = c->frequencies, .scale = c->time_scale, .weight = NN_NORMAL(0.02)};
    return nn_time_embedding(s, t, c->width, options);
}

/* Guidance of scale 1 is none; 1 - 1 / omega is 0 there, and its share in the guided velocity otherwise. */
static ct_var *add_guidance(nn_scope s, const mf_flow_config *c, ct_var *sum, mf_flow_guidance guidance)
{
    if (c->guided != MF_FLOW_UNGUIDED)
        sum = ct_add(sum, embed_time(nn_at(s, "omega_embedder"), c, ct_affine(ct_recip(guidance.omega), -1, 1)));
    if (c->guided == MF_FLOW_OMEGA_INTERVAL) {
        sum = ct_add(sum, embed_time(nn_at(s, "low_embedder"), c, guidance.low));
        sum = ct_add(sum, embed_time(nn_at(s, "high_embedder"), c, guidance.high));
    }
    return sum;
}

ct_var *mf_condition_vector(nn_scope s, const mf_flow_config *c, ct_var *t, ct_var *r, ct_var *label, mf_flow_guidance guidance)
{
    ct_var *sum = nn_embedding_with(nn_at(s, "y_embedder.embedding_table"), label, c->classes + 1, c->width, NN_NORMAL(0.02));
    if (c->times != MF_FLOW_H)
        sum = ct_add(embed_time(nn_at(s, "t_embedder"), c, t), sum);
    if (c->times == MF_FLOW_T_R || c->times == MF_FLOW_T_R_H)
        sum = ct_add(sum, embed_time(nn_at(s, "r_embedder"), c, r));
    if (c->times != MF_FLOW_T_R)
        sum = ct_add(sum, embed_time(nn_at(s, "h_embedder"), c, ct_sub(t, r)));
    return add_guidance(s, c, sum, guidance);
}

bool mf_condition_parts(nn_scope s, ct_var *c, int n, bool tokens, ct_var **parts)
{
    int64_t batch = ct_var_dim(c, 0), width = ct_var_dim(c, 1);
    ct_var *all = nn_linear_with(nn_at(s, "adaLN_modulation.1"), nn_silu(c), n * width, zero_linear);
    if (tokens)
        all = ct_reshape(all, CT_SHAPE(batch, 1, n * width));
    return ct_chunk(all, n, -1, parts);
}

ct_var *mf_condition_modulate(nn_scope s, ct_var *x, ct_var *shift, ct_var *scale)
{
    ct_var *normal = nn_layer_norm(s, x, (nn_norm_options){.epsilon = 1e-6, .no_affine = true});
    return ct_add(ct_mul(normal, ct_shift(scale, 1)), shift);
}

ct_var *mf_condition_final_layer(nn_scope s, ct_var *x, ct_var *c, int64_t out)
{
    ct_var *part[2];
    if (!mf_condition_parts(s, c, 2, ct_var_rank(x) == 3, part))
        return NULL;
    return nn_linear_with(nn_at(s, "linear"), mf_condition_modulate(s, x, part[0], part[1]), out, zero_linear);
}
