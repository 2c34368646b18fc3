/* SPDX-License-Identifier: MIT */
/* The sizes of a network: defaults, checks, and which network they describe. */
#include <cotangent/flow.h>

#include <math.h>
#include <string.h>

bool mf_flow_config_default(mf_flow_config *c, const char *model, ct_error *err)
{
    *c = (mf_flow_config){.size = 28, .channels = 1, .classes = 10, .width = 512, .depth = 6, .heads = 4, .patch = 4,
                       .frequencies = 256, .time_scale = 1, .times = MF_FLOW_T_H};
    if (strcmp(model, "dit") == 0)
        c->width = 256;
    else if (strcmp(model, "mlp") != 0)
        return ct_fail(err, CT_E_NAME, "mf_flow_config: no model \"%.40s\", expected \"mlp\" or \"dit\"", model);
    strcpy(c->model, model);
    return true;
}

static bool check_size(const char *name, int64_t value, ct_error *err)
{
    if (value >= 1 && value <= 65536)
        return true;
    return ct_fail(err, CT_E_ARGUMENT, "mf_flow_config: %s is %lld, expected 1 to 65536", name, (long long)value);
}

static bool check_multiple(const char *name, int64_t value, const char *of, int64_t divisor, ct_error *err)
{
    if (value % divisor == 0)
        return true;
    return ct_fail(err, CT_E_ARGUMENT, "mf_flow_config: %s is %lld, expected a multiple of %s, %lld", name, (long long)value, of,
                   (long long)divisor);
}

/* An image, and a transformer's positions, take memory that no parameter of that size shows. */
static bool check_image(const mf_flow_config *c, ct_error *err)
{
    const int64_t limit = 1 << 24;
    return c->channels <= limit / (c->size * c->size) ||
           ct_fail(err, CT_E_ARGUMENT, "mf_flow_config: an image of %lld x %lld x %lld, expected at most %lld numbers",
                   (long long)c->channels, (long long)c->size, (long long)c->size, (long long)limit);
}

static bool check_tokens(const mf_flow_config *c, ct_error *err)
{
    const int64_t limit = 1 << 16, side = c->size / c->patch;
    return side * side <= limit ||
           ct_fail(err, CT_E_ARGUMENT, "mf_flow_config: size %lld in patches of %lld gives %lld tokens, expected at most %lld",
                   (long long)c->size, (long long)c->patch, (long long)(side * side), (long long)limit);
}

static bool check_sizes(const mf_flow_config *c, ct_error *err)
{
    return check_size("size", c->size, err) && check_size("channels", c->channels, err) &&
           check_size("classes", c->classes, err) && check_size("width", c->width, err) &&
           check_size("depth", c->depth, err) && check_size("frequencies", c->frequencies, err) &&
           check_multiple("frequencies", c->frequencies, "a sine and a cosine", 2, err) && check_image(c, err);
}

static bool check_choices(const mf_flow_config *c, ct_error *err)
{
    if (!isfinite(c->time_scale) || c->time_scale <= 0)
        return ct_fail(err, CT_E_ARGUMENT, "mf_flow_config: time scale is %g, expected more than 0", c->time_scale);
    if ((int)c->times < MF_FLOW_T_H || (int)c->times > MF_FLOW_H)
        return ct_fail(err, CT_E_ARGUMENT, "mf_flow_config: times is %d, expected MF_FLOW_T_H, MF_FLOW_T_R, MF_FLOW_T_R_H or MF_FLOW_H", (int)c->times);
    if (c->predict != MF_FLOW_VELOCITY && c->predict != MF_FLOW_DATA)
        return ct_fail(err, CT_E_ARGUMENT, "mf_flow_config: predict is %d, expected MF_FLOW_VELOCITY or MF_FLOW_DATA", (int)c->predict);
    if ((int)c->guided < MF_FLOW_UNGUIDED || (int)c->guided > MF_FLOW_OMEGA_INTERVAL)
        return ct_fail(err, CT_E_ARGUMENT, "mf_flow_config: guided is %d, expected MF_FLOW_UNGUIDED, MF_FLOW_OMEGA or MF_FLOW_OMEGA_INTERVAL",
                       (int)c->guided);
    return true;
}

static bool check_dit(const mf_flow_config *c, ct_error *err)
{
    return check_size("heads", c->heads, err) && check_size("patch", c->patch, err) &&
           check_multiple("width", c->width, "heads", c->heads, err) &&
           check_multiple("width", c->width, "the position embedding's parts", 4, err) &&
           check_multiple("size", c->size, "patch", c->patch, err) && check_tokens(c, err);
}

static bool is_model(const mf_flow_config *c, const char *model)
{
    return strncmp(c->model, model, sizeof c->model) == 0;
}

bool mf_flow_config_check(const mf_flow_config *c, ct_error *err)
{
    if (!is_model(c, "mlp") && !is_model(c, "dit"))
        return ct_fail(err, CT_E_NAME, "mf_flow_config: no model \"%.8s\", expected \"mlp\" or \"dit\"", c->model);
    return check_sizes(c, err) && check_choices(c, err) && (is_model(c, "mlp") || check_dit(c, err));
}

static mf_flow_fn fn_of(const mf_flow_config *c)
{
    return is_model(c, "dit") ? mf_dit_flow : mf_mlp_flow;
}

/* u = (z - x) / t: on the straight path from data x to noise, z - x is t times the velocity. */
static ct_var *from_data(nn_scope s, ct_var *z, ct_var *t, ct_var *r, ct_var *label, mf_flow_guidance guidance, const void *config)
{
    ct_var *x = fn_of(config)(s, z, t, r, label, guidance, config);
    ct_var *time = t ? ct_maximum(t, ct_full_like(t, MF_FLOW_SMALLEST_TIME)) : NULL;
    ct_var *column = ct_reshape(time, CT_SHAPE(ct_var_dim(t, 0), 1, 1, 1));
    return ct_div(ct_sub(z, x), column);
}

mf_flow_net mf_flow_config_net(const mf_flow_config *c)
{
    return (mf_flow_net){.fn = c->predict == MF_FLOW_DATA ? from_data : fn_of(c), .config = c};
}

mf_flow_guidance mf_flow_config_guidance(const mf_flow_config *c, ct_graph *g, ct_dtype dtype, int64_t batch, double omega, double low, double high)
{
    mf_flow_guidance out = {0};
    if (c->guided != MF_FLOW_UNGUIDED)
        out.omega = ct_full(g, dtype, CT_SHAPE(batch), omega);
    if (c->guided == MF_FLOW_OMEGA_INTERVAL) {
        out.low = ct_full(g, dtype, CT_SHAPE(batch), low);
        out.high = ct_full(g, dtype, CT_SHAPE(batch), high);
    }
    return out;
}
