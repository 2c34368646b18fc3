/* SPDX-License-Identifier: MIT */
/* Arguments that no layer, loss or training step can take: what they say. */
#include "nn_support.h"

typedef ct_var *(*layer)(nn_scope s, ct_var *x);
#define LAYER(name, expression)                   \
    static ct_var *name(nn_scope s, ct_var *x)    \
    {                                             \
        (void)s, (void)x;                         \
        return expression;                        \
    }
#define FAR (INT64_C(1) << 62)

LAYER(linear, nn_linear(s, x, -3))
LAYER(linear_none, nn_linear(s, x, 0))
LAYER(linear_huge, nn_linear(s, x, FAR))
LAYER(embedding_none, nn_embedding(s, ct_iota(s.graph, CT_I32, 3), 0, 4))
LAYER(embedding_width, nn_embedding(s, ct_iota(s.graph, CT_I32, 3), 4, -4))
LAYER(conv_kernel, nn_conv2d(s, x, 2, -1, (nn_conv2d_options){0}))
LAYER(conv_huge, nn_conv2d(s, x, 2, FAR, (nn_conv2d_options){0}))
LAYER(conv_pad, nn_conv2d(s, x, 2, 1, (nn_conv2d_options){.pad = {FAR, 0}}))
LAYER(conv_out, nn_conv_transpose2d(s, x, -2, 1, (nn_conv2d_options){0}))
LAYER(conv_stride, nn_conv_transpose2d(s, x, 2, 1, (nn_conv2d_options){.stride = {FAR, 1}}))
LAYER(conv_groups, nn_conv2d(s, x, 2, 1, (nn_conv2d_options){.groups = -1}))
LAYER(layer_epsilon, nn_layer_norm(s, x, (nn_norm_options){.epsilon = NAN}))
LAYER(rms_epsilon, nn_rms_norm(s, x, (nn_norm_options){.epsilon = INFINITY}))
LAYER(group_epsilon, nn_group_norm(s, x, 2, (nn_norm_options){.epsilon = -1}))
LAYER(no_groups, nn_group_norm(s, x, 0, (nn_norm_options){0}))
LAYER(no_heads, nn_attention(s, x, 0, (nn_attention_options){0}))
LAYER(odd_frequencies, nn_time_embedding(s, x, 4, (nn_time_options){.frequencies = 7}))
LAYER(scale_is_nan, nn_time_embedding(s, x, 4, (nn_time_options){.scale = NAN}))
LAYER(no_width, nn_time_embedding(s, x, -4, (nn_time_options){0}))
LAYER(period, nn_sinusoid(x, 4, INFINITY, 1))
LAYER(dropout, nn_dropout(s, x, NAN))
LAYER(pool, nn_max_pool2d(x, -2))
LAYER(upsample, nn_upsample_nearest2d(x, 0))
LAYER(upsample_far, nn_upsample_nearest2d(x, FAR))
LAYER(softmax, nn_softmax(x, 7))
LAYER(no_classes, nn_cross_entropy(ct_slice(x, 1, 0, 0, 1), ct_iota(s.graph, CT_I32, 2)))
LAYER(mse_shapes, nn_mse(x, ct_sum(x, CT_AXES(0))))
LAYER(mse_null, nn_mse(x, NULL))
LAYER(null_input, nn_linear(s, NULL, 3))
LAYER(schedule_peak, nn_constant_schedule(s.graph, CT_F32, (nn_schedule){.peak = NAN}))
LAYER(schedule_warmup, nn_cosine_schedule(s.graph, CT_F32, (nn_schedule){.peak = 1, .warmup = -1, .total = 5}))
LAYER(schedule_dtype, nn_constant_schedule(s.graph, (ct_dtype)77, (nn_schedule){.peak = 1}))

static const struct {
    const char *name;
    layer build;
    ct_shape x;
    const char *message;
} cases[] = {
    {"linear", linear, {2, {4, 6}}, "linear 'net.layer': -3 outputs are asked for, expected 1 or more, of input \"x\" float32 [4, 6], at "},
    {"linear to none", linear_none, {2, {4, 6}}, "linear 'net.layer': 0 outputs are asked for"},
    {"huge linear", linear_huge, {2, {4, 6}}, "parameter 'net.layer.weight': shape [4611686018427387904, 6] has more elements than the limit of 2^59"},
    {"empty table", embedding_none, {1, {1}}, "embedding 'net.layer': a table of 0 rows of width 4, expected 1 or more rows"},
    {"negative width", embedding_width, {1, {1}}, "embedding 'net.layer': a table of 4 rows of width -4"},
    {"kernel", conv_kernel, {4, {1, 2, 4, 4}}, "conv2d 'net.layer': 2 outputs and kernel -1, expected 1 or more of both"},
    {"huge kernel", conv_huge, {4, {1, 2, 4, 4}}, "conv2d 'net.layer': 2 outputs and kernel 4611686018427387904, expected 1 or more of both and a kernel of at most 65535"},
    {"huge pad", conv_pad, {4, {1, 2, 4, 4}}, "conv2d 'net.layer': stride 1, dilation 1 and pad 4611686018427387904, expected at most 65535"},
    {"negative outputs", conv_out, {4, {1, 2, 4, 4}}, "conv_transpose2d 'net.layer': -2 outputs and kernel 1"},
    {"huge stride", conv_stride, {4, {1, 2, 4, 4}}, "conv_transpose2d 'net.layer': stride 4611686018427387904"},
    {"negative groups", conv_groups, {4, {1, 2, 4, 4}}, "conv2d 'net.layer': -1 groups must divide the 2 channels"},
    {"NaN epsilon", layer_epsilon, {2, {2, 4}}, "layer_norm 'net.layer': epsilon is nan, expected a positive number"},
    {"infinite epsilon", rms_epsilon, {2, {2, 4}}, "rms_norm 'net.layer': epsilon is inf, expected a positive number"},
    {"negative epsilon", group_epsilon, {2, {2, 4}}, "group_norm 'net.layer': epsilon is -1, expected a positive number"},
    {"no groups", no_groups, {2, {2, 4}}, "group_norm 'net.layer': 0 groups must divide the 4 channels"},
    {"no heads", no_heads, {3, {2, 3, 4}}, "attention 'net.layer': 0 heads must be 1 or more and divide the width of input \"x\""},
    {"odd frequencies", odd_frequencies, {1, {3}}, "time_embedding 'net.layer': 7 frequencies, scale 0, width 4, expected an even number of frequencies"},
    {"NaN scale", scale_is_nan, {1, {3}}, "time_embedding 'net.layer': 256 frequencies, scale nan"},
    {"negative width", no_width, {1, {3}}, "time_embedding 'net.layer': 256 frequencies, scale 0, width -4"},
    {"infinite period", period, {1, {3}}, "sinusoid: width 4, period inf, scale 1: expects t [batch], an even width, a positive period and a finite scale: \"x\""},
    {"NaN probability", dropout, {1, {3}}, "dropout 'net.layer': probability nan"},
    {"negative pool", pool, {4, {1, 2, 4, 4}}, "max_pool2d: expects [n, c, h, w] with h and w divisible by the size, which is -2"},
    {"no factor", upsample, {4, {1, 2, 4, 4}}, "upsample_nearest2d: expects [n, c, h, w] and a factor of 1 or more"},
    {"huge factor", upsample_far, {4, {1, 2, 4, 4}}, "has more elements than the limit of 2^59"},
    {"no axis", softmax, {2, {2, 4}}, "there is no axis 7"},
    {"no classes", no_classes, {2, {2, 4}}, "cross_entropy: expects one class or more: #"},
    {"two shapes", mse_shapes, {2, {2, 4}}, "mse: expects two equal shapes: \"x\" float32 [2, 4] and #"},
    {"NULL operand", mse_null, {2, {2, 4}}, "mse: an operand is NULL: \"x\" float32 [2, 4] and NULL"},
    {"NULL input", null_input, {1, {3}}, "linear 'net.layer': the input is NULL"},
    {"NaN rate", schedule_peak, {1, {3}}, "constant schedule: peak nan, final 0, warm-up of 0 steps: expected finite rates and 0 steps or more"},
    {"negative warm-up", schedule_warmup, {1, {3}}, "cosine schedule: peak 1, final 0, warm-up of -1 steps"},
    {"unknown dtype", schedule_dtype, {1, {3}}, "cast: unknown dtype 77, expected float32 (0)"},
};

static void bad_arguments_are_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bench b = bench_open(CT_F32);
        ct_var *x = ct_input(b.graph, "x", CT_F32, cases[i].x), *y = cases[i].build(nn_at(b.root, "net.layer"), x);
        const ct_error *wrong = ct_graph_error(b.graph);
        if (y || !wrong || !strstr(wrong->message, cases[i].message))
            fail_msg("%s: got %s, expected %s", cases[i].name, wrong ? wrong->message : "no error", cases[i].message);
        bench_close(&b);
    }
}

/* An empty batch goes through every layer that works row by row. */
static void an_empty_batch_goes_through(void **state)
{
    (void)state;
    bench b = bench_open(CT_F32);
    ct_var *x = ct_full(b.graph, CT_F32, CT_SHAPE(0, 4, 2, 2), 1);
    ct_var *h = nn_group_norm(nn_at(b.root, "norm"), x, 2, (nn_norm_options){0});
    h = nn_conv2d(nn_at(b.root, "conv"), h, 3, 1, (nn_conv2d_options){0});
    h = nn_linear(nn_at(b.root, "out"), ct_reshape(h, CT_SHAPE(0, 12)), 5);
    ct_tensor *y = value_of(nn_softmax(h, -1));
    assert_true(ct_shape_equal(ct_tensor_shape(y), CT_SHAPE(0, 5)));
    ct_tensor_free(y);
    bench_close(&b);
}

/* --- the model's error reaches who trains ------------------------------------------------------------------------------- */

static void a_null_loss_tells_the_models_error(void **state)
{
    (void)state;
    ct_error err;
    bench b = bench_open(CT_F32), other = bench_open(CT_F32);
    ct_var *x = ct_input(b.graph, "x", CT_F32, CT_SHAPE(4, 6)), *h = nn_linear(nn_at(b.root, "fc1"), x, 5);
    assert_null(nn_train_new(NULL, other.params, &err));  /* nothing has failed yet */
    assert_error(&err, CT_E_ARGUMENT, "train: the loss is NULL, and no graph has an error that says why");
    ct_var *bad = ct_matmul(h, x), *loss = nn_mse(nn_linear(nn_at(b.root, "fc2"), bad, 5), h);
    assert_null(loss);
    nn_train *t = nn_train_new(loss, b.params, &err);
    assert_null(t);
    assert_error(&err, CT_E_SHAPE, "the loss is NULL: matmul: inner extents differ: 5 and 4: #");
    assert_non_null(strstr(err.message, "\"x\" float32 [4, 6]"));
    assert_non_null(strstr(err.message, "test_arguments.c:"));
    /* What follows takes NULL. */
    assert_null(nn_train_guard(t, NULL));
    assert_null(nn_train_clip(t, 1));
    assert_false(nn_train_sgd(t, NULL, NULL, (nn_sgd_options){0}));
    assert_false(nn_train_adamw(t, NULL, NULL, (nn_adamw_options){0}));
    assert_false(nn_train_ema(t, other.params, 0.5) || nn_train_output(t, loss));
    assert_null(nn_train_grad(t, 0));
    assert_int_equal(nn_train_count(t), 0);
    assert_null(nn_train_compile(t, NULL, &err));
    assert_error(&err, CT_E_ARGUMENT, "train: the training step is NULL");
    bench_close(&b);
    assert_null(nn_train_new(NULL, other.params, &err));  /* its graph is gone */
    assert_error(&err, CT_E_ARGUMENT, "no graph has an error");
    bench_close(&other);
}

static void training_refuses_what_is_not_finite(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++) {
        ct_error err;
        bench b = bench_open(CT_F32), other = bench_open(CT_F32);
        nn_params *moments = nn_params_new(CT_F32, 0, &err);
        ct_var *p = nn_param(b.root, "p", CT_SHAPE(2), NN_ONES), *rate = ct_scalar(b.graph, CT_F32, 0.1);
        nn_train *t = nn_train_new(ct_sum_all(ct_square(p)), b.params, &err);
        assert_ok(t, &err);
        if (i == 0)
            assert_false(nn_train_sgd(t, moments, rate, (nn_sgd_options){.momentum = NAN}));
        else if (i == 1)
            assert_false(nn_train_adamw(t, moments, rate, (nn_adamw_options){.weight_decay = INFINITY}));
        else if (i == 2)
            assert_null(nn_train_clip(t, NAN));
        else if (i == 3)
            assert_false(nn_train_output(t, ct_scalar(other.graph, CT_F32, 1)));
        else
            assert_true(nn_train_guard(t, NULL) && nn_train_sgd(t, moments, rate, (nn_sgd_options){0}));
        static const char *const message[] = {"sgd: momentum nan, weight decay 0: expected finite numbers", "weight decay inf: expected betas between 0 and 1",
                                              "clip: the greatest norm is nan", "belongs to another graph", "there is a guard, which is the step's commit"};
        assert_null(nn_train_compile(t, &(ct_compile_options){.commit = rate}, &err));
        assert_error(&err, err.code, message[i]);
        nn_train_free(t);
        nn_params_free(moments);
        bench_close(&b);
        bench_close(&other);
    }
}

static void null_sets_are_refused(void **state)
{
    (void)state;
    ct_error err;
    ct_graph *g = ct_graph_new();
    assert_null(nn_params_new((ct_dtype)77, 0, &err));
    assert_error(&err, CT_E_DTYPE, "parameters: dtype 77 (unknown dtype), expected float32 (0) or float64 (1)");
    assert_null(nn_params_clone(NULL, &err));
    assert_error(&err, CT_E_ARGUMENT, "the set to copy is NULL");
    assert_false(nn_params_add(NULL, "x", NULL, &err));
    assert_error(&err, CT_E_ARGUMENT, "the set is NULL");
    assert_int_equal(nn_params_count(NULL), 0);
    assert_null(nn_params_find(NULL, "x"));
    assert_null(nn_train_new(ct_scalar(g, CT_F32, 1), NULL, &err));
    assert_error(&err, CT_E_ARGUMENT, "train: the set of parameters is NULL");
    assert_null(nn_param(nn_root(g, NULL), "x", CT_SHAPE(2), NN_ONES));
    assert_error(ct_graph_error(g), CT_E_ARGUMENT, "parameter 'x' is asked for, but there is no set of parameters");
    ct_graph_free(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_arguments_are_named),          cmocka_unit_test(an_empty_batch_goes_through),
        cmocka_unit_test(a_null_loss_tells_the_models_error), cmocka_unit_test(training_refuses_what_is_not_finite),
        cmocka_unit_test(null_sets_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
