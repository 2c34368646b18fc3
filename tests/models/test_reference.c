/* SPDX-License-Identifier: MIT */
/* One MeanFlow step against values computed by PyTorch in float64 (tests/reference): u, du/dt, the loss, and every gradient. */
#include "model_case.h"

#include <stdlib.h>

typedef struct oracle {
    ct_archive *file;
    mf_flow_config config;
    model_case c;
    mf_loss loss;
    int64_t batch, equal;
} oracle;

static ct_var *given(oracle *o, const char *name)
{
    ct_tensor *t = ct_archive_find(o->file, name);
    if (!t)
        fail_msg("the reference has no %s", name);
    return ct_constant(o->c.g, t);
}

static mf_options options_of(const oracle *o, bool all_rows)
{
    mf_options options = mf_options_default();
    options.p = atof(ct_archive_meta(o->file, "p"));
    options.c = atof(ct_archive_meta(o->file, "c"));
    options.unequal_share = (double)(o->batch - o->equal) / (double)o->batch;
    options.tangent_all_rows = all_rows;
    return options;
}

static void build(oracle *o, bool all_rows)
{
    ct_var *x = given(o, "in.x");
    mf_draw draw = {.e = given(o, "in.e"), .t = given(o, "in.t"), .r = given(o, "in.r"), .label = given(o, "in.y")};
    draw.kept = ct_ones_like(draw.t);
    o->batch = ct_var_dim(x, 0);
    o->equal = o->batch / 2;
    mf_options options = options_of(o, all_rows);
    ct_error err;
    assert_ok(mf_loss_of(o->c.s, mf_flow_config_net(&o->config), x, &draw, o->config.classes, &options, &o->loss), ct_graph_error(o->c.g));
    assert_ok(nn_params_load(o->c.params, o->file, "params.", &err), &err);
}

/* |ours - expected| relative to the largest |expected|, on rows from.. on. */
static void check(oracle *o, const char *name, const ct_tensor *ours, int64_t from)
{
    const ct_tensor *expected = ct_archive_find(o->file, name);
    if (!expected)
        fail_msg("the reference has no %s", name);
    double scale = 0;
    int64_t n = ct_tensor_count(expected), start = from ? n / o->batch * from : 0;
    assert_int_equal(ct_tensor_count(ours), n);
    for (int64_t i = 0; i < n; i++)
        scale = fmax(scale, fabs(ct_tensor_get(expected, i)));
    for (int64_t i = start; i < n; i++)
        if (!(fabs(ct_tensor_get(ours, i) - ct_tensor_get(expected, i)) <= 1e-9 * scale))
            fail_msg("%s, element %lld: %.17g and %.17g", name, (long long)i, ct_tensor_get(ours, i), ct_tensor_get(expected, i));
}

static void check_values(oracle *o, int64_t from)
{
    const char *names[] = {"out.u", "out.du_dt", "out.loss_per_sample", "out.loss"};
    ct_tensor *t[4];
    case_values(o->c.g, 4, (ct_var *[]){o->loss.u, o->loss.du_dt, o->loss.per_sample, o->loss.loss}, NULL, t);
    for (int i = 0; i < 4; i++) {
        check(o, names[i], t[i], i == 1 ? from : 0);
        ct_tensor_free(t[i]);
    }
}

static void check_gradients(oracle *o)
{
    enum { MOST = 64 };
    ct_var *x[MOST], *xbar[MOST];
    ct_tensor *t[MOST];
    char name[300];
    int n = (int)nn_params_count(o->c.params);
    assert_in_range(n, 10, MOST);
    for (int i = 0; i < n; i++)
        x[i] = ct_state(o->c.g, nn_params_name(o->c.params, i), nn_params_tensor(o->c.params, i));
    assert_ok(ct_grad(o->loss.loss, n, x, xbar), ct_graph_error(o->c.g));
    case_values(o->c.g, n, xbar, NULL, t);
    for (int i = 0; i < n; i++) {
        snprintf(name, sizeof name, "grad.%s", nn_params_name(o->c.params, i));
        check(o, name, t[i], 0);
        ct_tensor_free(t[i]);
    }
}

static void check_file(const char *path, bool all_rows)
{
    ct_error err;
    oracle o = {.file = ct_archive_read(path, &err)};
    assert_ok(o.file, &err);
    assert_ok(mf_flow_config_load(&o.config, o.file, &err), &err);
    o.c = case_new(CT_F64);
    build(&o, all_rows);
    check_values(&o, all_rows ? 0 : o.equal);
    check_gradients(&o);
    case_free(&o.c);
    ct_archive_free(o.file);
}

static void test_mlp_tangent_on_all_rows(void **state)
{
    (void)state;
    check_file(TEST_DATA_DIR "/mlp.safetensors", true);
}

static void test_mlp_tangent_where_times_differ(void **state)
{
    (void)state;
    check_file(TEST_DATA_DIR "/mlp.safetensors", false);
}

static void test_dit_tangent_on_all_rows(void **state)
{
    (void)state;
    check_file(TEST_DATA_DIR "/dit.safetensors", true);
}

static void test_dit_tangent_where_times_differ(void **state)
{
    (void)state;
    check_file(TEST_DATA_DIR "/dit.safetensors", false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mlp_tangent_on_all_rows),
        cmocka_unit_test(test_mlp_tangent_where_times_differ),
        cmocka_unit_test(test_dit_tangent_on_all_rows),
        cmocka_unit_test(test_dit_tangent_where_times_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
