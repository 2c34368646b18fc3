/* Times and label become one vector, which shifts, scales and gates activations (adaptive layer norm). */
#include "condition.h"

const nn_linear_options condition_xavier = {.weight = {NN_INIT_XAVIER_UNIFORM, 1, 0}, .bias = {NN_INIT_CONSTANT, 0, 0}};
static const nn_linear_options zero_linear = {.weight = {NN_INIT_CONSTANT, 0, 0}, .bias = {NN_INIT_CONSTANT, 0, 0}};

static bool check_row(nn_scope s, const char *layer, const char *name, ct_var *row, ct_dtype dtype, int64_t batch)
{
    if (ct_var_dtype(row) == dtype && ct_shape_equal(ct_var_shape(row), CT_SHAPE(batch)))
        return true;
    nn_fail(s, CT_E_SHAPE, layer, "%s is %s, expected %s [%lld]", name, CT_VAR_TEXT(row), ct_dtype_name(dtype), (long long)batch);
    return false;
}

bool condition_check(nn_scope s, const char *layer, const flow_config *c, ct_var *z, ct_var *t, ct_var *r, ct_var *label)
{
    ct_error err;
    if (!z || !t || !r || !label)
        return false;
    if (!flow_config_check(c, &err)) {
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
           check_row(s, layer, "label", label, CT_I32, batch);
}

static ct_var *embed_time(nn_scope s, const flow_config *c, ct_var *t)
{
    nn_time_options options = {.frequencies = c->frequencies, .scale = c->time_scale, .weight = NN_NORMAL(0.02)};
    return nn_time_embedding(s, t, c->width, options);
}

ct_var *condition_vector(nn_scope s, const flow_config *c, ct_var *t, ct_var *r, ct_var *label)
{
    ct_var *sum = nn_embedding_with(nn_at(s, "y_embedder.embedding_table"), label, c->classes + 1, c->width, NN_NORMAL(0.02));
    if (c->times != FLOW_H)
        sum = ct_add(embed_time(nn_at(s, "t_embedder"), c, t), sum);
    if (c->times == FLOW_T_R || c->times == FLOW_T_R_H)
        sum = ct_add(sum, embed_time(nn_at(s, "r_embedder"), c, r));
    if (c->times != FLOW_T_R)
        sum = ct_add(sum, embed_time(nn_at(s, "h_embedder"), c, ct_sub(t, r)));
    return sum;
}

bool condition_parts(nn_scope s, ct_var *c, int n, bool tokens, ct_var **parts)
{
    int64_t batch = ct_var_dim(c, 0), width = ct_var_dim(c, 1);
    ct_var *all = nn_linear_with(nn_at(s, "adaLN_modulation.1"), nn_silu(c), n * width, zero_linear);
    if (tokens)
        all = ct_reshape(all, CT_SHAPE(batch, 1, n * width));
    return ct_chunk(all, n, -1, parts);
}

ct_var *condition_modulate(nn_scope s, ct_var *x, ct_var *shift, ct_var *scale)
{
    ct_var *normal = nn_layer_norm(s, x, (nn_norm_options){.epsilon = 1e-6, .no_affine = true});
    return ct_add(ct_mul(normal, ct_shift(scale, 1)), shift);
}

ct_var *condition_final_layer(nn_scope s, ct_var *x, ct_var *c, int64_t out)
{
    ct_var *part[2];
    if (!condition_parts(s, c, 2, ct_var_rank(x) == 3, part))
        return NULL;
    return nn_linear_with(nn_at(s, "linear"), condition_modulate(s, x, part[0], part[1]), out, zero_linear);
}
