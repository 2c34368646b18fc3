/* SPDX-License-Identifier: MIT */
/* Every layer's derivatives in float64: with respect to its input by ct_gradcheck, and with respect to its input and all its
 * parameters at once, first and second order, against central differences and against each other. */
#include "nn_support.h"
#include <cotangent/gradcheck.h>
#include <cotangent/op.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct layer_case {
    const char *name;
    ct_var *(*build)(nn_scope s, ct_var *x);
    ct_shape x;
} layer_case;

#define LAYER(name, expression)                    \
    static ct_var *name(nn_scope s, ct_var *x)     \
    {                                              \
        (void)s;                                   \
        return expression;                         \
    }

LAYER(silu, nn_silu(x))
LAYER(gelu, nn_gelu(x))
LAYER(gelu_tanh, nn_gelu_tanh(x))
LAYER(softmax_last, nn_softmax(x, -1))
LAYER(softmax_first, nn_softmax(x, 0))
LAYER(log_softmax, nn_log_softmax(x, -1))
LAYER(linear, nn_linear(s, x, 3))
LAYER(linear_no_bias, nn_linear_with(s, x, 3, (nn_linear_options){.no_bias = true}))
LAYER(embedding, ct_mul(x, nn_embedding(s, ct_iota(s.graph, CT_I32, 3), 5, 4)))
LAYER(conv, nn_conv2d(s, x, 4, 3, (nn_conv2d_options){.pad = {1, 1}}))
LAYER(conv_strange, nn_conv2d(s, x, 4, 2, (nn_conv2d_options){.stride = {2, 1}, .pad = {1, 0}, .dilation = {1, 2}, .groups = 2}))
LAYER(conv_transpose, nn_conv_transpose2d(s, x, 4, 3, (nn_conv2d_options){.stride = {2, 2}, .pad = {1, 1}, .groups = 2}))
LAYER(max_pool, nn_max_pool2d(x, 2))
LAYER(avg_pool, nn_avg_pool2d(x, 2))
LAYER(upsample, nn_upsample_nearest2d(x, 2))
LAYER(layer_norm, nn_layer_norm(s, x, (nn_norm_options){0}))
LAYER(layer_norm_bare, nn_layer_norm(s, x, (nn_norm_options){.no_affine = true, .epsilon = 1e-3}))
LAYER(rms_norm, nn_rms_norm(s, x, (nn_norm_options){0}))
LAYER(group_norm, nn_group_norm(s, x, 2, (nn_norm_options){0}))
LAYER(attention, nn_attention(s, x, 2, (nn_attention_options){0}))
LAYER(sinusoid, nn_sinusoid(x, 6, 100, 2))
LAYER(time_embedding, nn_time_embedding(s, x, 5, (nn_time_options){.frequencies = 6}))
LAYER(dropout, nn_dropout(nn_training(s, true), x, 0.4))
LAYER(cross_entropy, nn_cross_entropy(x, ct_iota(s.graph, CT_I32, 3)))
LAYER(mse, nn_mse(x, ct_slice(ct_concat(2, (ct_var *[]){x, ct_square(x)}, 0), 0, 2, 5, 1)))

static const layer_case cases[] = {
    {"silu", silu, {2, {3, 4}}},
    {"gelu", gelu, {2, {3, 4}}},
    {"gelu_tanh", gelu_tanh, {2, {3, 4}}},
    {"softmax", softmax_last, {2, {3, 4}}},
    {"softmax over axis 0", softmax_first, {2, {3, 4}}},
    {"log_softmax", log_softmax, {2, {3, 4}}},
    {"linear", linear, {2, {3, 4}}},
    {"linear on a vector", linear, {1, {4}}},
    {"linear on rank 3", linear_no_bias, {3, {2, 3, 4}}},
    {"embedding", embedding, {2, {3, 4}}},
    {"conv2d", conv, {4, {2, 2, 4, 5}}},
    {"conv2d with stride, dilation, groups", conv_strange, {4, {2, 4, 5, 4}}},
    {"conv_transpose2d", conv_transpose, {4, {2, 2, 3, 3}}},
    {"max_pool2d", max_pool, {4, {2, 2, 4, 6}}},
    {"avg_pool2d", avg_pool, {4, {2, 2, 4, 6}}},
    {"upsample_nearest2d", upsample, {4, {2, 2, 2, 3}}},
    {"layer_norm", layer_norm, {3, {2, 3, 5}}},
    {"layer_norm without gain", layer_norm_bare, {2, {3, 5}}},
    {"rms_norm", rms_norm, {3, {2, 3, 5}}},
    {"group_norm", group_norm, {4, {2, 4, 2, 3}}},
    {"attention", attention, {3, {2, 3, 4}}},
    {"sinusoid", sinusoid, {1, {4}}},
    {"time_embedding", time_embedding, {1, {4}}},
    {"dropout", dropout, {2, {3, 4}}},
    {"cross_entropy", cross_entropy, {2, {3, 5}}},
    {"mse", mse, {2, {3, 5}}},
};
enum { CASES = sizeof cases / sizeof *cases };

static ct_tensor *tensor(ct_shape shape, uint64_t seed)
{
    support_rng rng = {seed};
    return support_tensor(CT_F64, shape, &rng, -1, 1);
}

/* --- with respect to the input, by ct_gradcheck ------------------------------------------------------------------------ */

typedef struct checked {
    const layer_case *c;
    nn_params *params;
} checked;

static ct_var *build_checked(ct_graph *g, ct_var *const *x, void *context)
{
    const checked *k = context;
    return k->c->build(nn_at(nn_root(g, k->params), "layer"), x[0]);
}

/* Builds once, so that the parameters are there and can be moved away from their first values. */
static nn_params *parameters_of(const layer_case *c)
{
    bench b = bench_open(CT_F64);
    c->build(nn_at(b.root, "layer"), ct_input(b.graph, "x", CT_F64, c->x));
    const ct_error *wrong = ct_graph_error(b.graph);
    assert_ok(!wrong, wrong);
    ct_graph_free(b.graph);
    randomize(b.params, 11);
    return b.params;
}

static void inputs_pass_gradcheck(void **state)
{
    (void)state;
    for (int i = 0; i < CASES; i++) {
        ct_error err = {0};
        ct_gradcheck_result result;
        checked k = {&cases[i], parameters_of(&cases[i])};
        ct_tensor *x = tensor(cases[i].x, 2);
        if (!ct_gradcheck(build_checked, &k, 1, &x, &(ct_gradcheck_options){.modes = CT_CHECK_ALL}, &result, &err))
            fail_msg("%s: %s %s (%d compared, %d failed, %d inconclusive)", cases[i].name, err.message, result.first, result.compared,
                     result.failed, result.inconclusive);
        ct_tensor_free(x);
        nn_params_free(k.params);
    }
}

/* --- with respect to input and parameters together ----------------------------------------------------------------------- */

enum { MAX_STATES = 8, EXTRAS = 6 };

/* l(theta) for all states theta of a graph at once, and its derivatives along u and v. */
typedef struct probe {
    int n;
    ct_var *theta[MAX_STATES], *u[MAX_STATES], *v[MAX_STATES];
    ct_var *grad[MAX_STATES];     /* dl/dtheta */
    ct_var *forward[MAX_STATES];  /* H v, forward over reverse */
    ct_var *reverse[MAX_STATES];  /* H v, reverse over forward */
    ct_var *loss, *along_v, *grad_dot_v, *uhv, *vhu;
    ct_program *program;
} probe;

static ct_var *constant(ct_graph *g, ct_shape shape, uint64_t seed)
{
    ct_tensor *t = tensor(shape, seed);
    ct_var *v = ct_constant(g, t);
    ct_tensor_free(t);
    return v;
}

static void find_states(probe *p, ct_graph *g)
{
    int64_t size = ct_graph_size(g);
    for (int64_t i = 0; i < size; i++)
        if (ct_var_op(ct_graph_var(g, i)) == ct_op_find("state")) {
            assert_true(p->n < MAX_STATES);
            p->theta[p->n++] = ct_graph_var(g, i);
        }
    for (int i = 0; i < p->n; i++) {
        p->u[i] = constant(g, ct_var_shape(p->theta[i]), 100 + (uint64_t)i);
        p->v[i] = constant(g, ct_var_shape(p->theta[i]), 200 + (uint64_t)i);
    }
}

/* sum of w y + y^2 / 2: has a second derivative even where the layer is linear. */
static ct_var *loss_of(ct_var *y)
{
    ct_var *w = constant(ct_var_graph(y), ct_var_shape(y), 50);
    return ct_add(ct_sum_all(ct_mul(w, y)), ct_scale(ct_sum_all(ct_square(y)), 0.5));
}

static ct_var *dot(int n, ct_var *const *a, ct_var *const *b)
{
    ct_var *sum = NULL;
    for (int i = 0; i < n; i++) {
        ct_var *term = a[i] ? ct_sum_all(ct_mul(a[i], b[i])) : NULL;
        sum = sum && term ? ct_add(sum, term) : sum ? sum : term;
    }
    return sum;
}

static void differentiate(probe *p)
{
    ct_var *hu[MAX_STATES];
    assert_true(ct_grad(p->loss, p->n, p->theta, p->grad));
    assert_true(ct_jvp(1, &p->loss, p->n, p->theta, p->v, &p->along_v));
    for (int i = 0; i < p->n; i++)
        p->grad[i] = ct_or_zeros(p->grad[i], p->theta[i]);
    p->grad_dot_v = dot(p->n, p->grad, p->v);
    assert_true(ct_jvp(p->n, p->grad, p->n, p->theta, p->v, p->forward));
    assert_true(ct_jvp(p->n, p->grad, p->n, p->theta, p->u, hu));
    assert_true(ct_grad(p->along_v, p->n, p->theta, p->reverse));
    p->uhv = dot(p->n, p->forward, p->u);
    p->vhu = dot(p->n, hu, p->v);
    for (int i = 0; i < p->n; i++) {
        p->forward[i] = ct_or_zeros(p->forward[i], p->theta[i]);
        p->reverse[i] = ct_or_zeros(p->reverse[i], p->theta[i]);
    }
}

static void compile(probe *p)
{
    ct_error err;
    ct_var *outputs[3 * MAX_STATES + EXTRAS];
    int n = 0;
    for (int i = 0; i < p->n; i++) {
        outputs[n++] = p->grad[i];
        outputs[n++] = p->forward[i];
        outputs[n++] = p->reverse[i];
    }
    ct_var *numbers[] = {p->loss, p->along_v, p->grad_dot_v, p->uhv, p->vhu};
    for (int i = 0; i < 5; i++)
        outputs[n++] = numbers[i];
    p->program = ct_compile(ct_var_graph(p->loss), n, outputs, &(ct_compile_options){.threads = 1}, &err);
    assert_ok(p->program, &err);
}

/* Runs at theta + h v; the random numbers are those of step 0 each time. */
static void run_moved(probe *p, double h)
{
    ct_error err;
    for (int i = 0; i < p->n; i++) {
        double *theta = ct_tensor_data(ct_var_tensor(p->theta[i]));
        const double *v = ct_tensor_data(ct_var_tensor(p->v[i]));
        for (int64_t k = 0; k < ct_tensor_count(ct_var_tensor(p->theta[i])); k++)
            theta[k] += h * v[k];
    }
    ct_program_set_step(p->program, 0);
    assert_ok(ct_program_run(p->program, &err), &err);
}

static ct_tensor *copy_of(probe *p, ct_var *v)
{
    ct_error err;
    ct_tensor *t = ct_tensor_cast(ct_program_get(p->program, v), CT_F64, &err);
    assert_ok(t, &err);
    return t;
}

static void compare(const char *layer, const char *what, double a, double b, double tolerance)
{
    if (!(fabs(a - b) <= tolerance * (1 + fabs(b))))
        fail_msg("%s: %s: %.17g against %.17g, tolerance %g", layer, what, a, b, tolerance);
}

/* (g(theta + h v) - g(theta - h v)) / 2h against H v, in every coordinate. The program stands at theta + h v before and at theta after. */
static void compare_hessian(const char *layer, probe *p, double h)
{
    ct_tensor *above[MAX_STATES], *below[MAX_STATES];
    for (int i = 0; i < p->n; i++)
        above[i] = copy_of(p, p->grad[i]);
    double loss_above = ct_program_scalar(p->program, p->loss);
    run_moved(p, -2 * h);
    for (int i = 0; i < p->n; i++)
        below[i] = copy_of(p, p->grad[i]);
    double loss_below = ct_program_scalar(p->program, p->loss);
    run_moved(p, h);
    compare(layer, "jvp against central difference", ct_program_scalar(p->program, p->along_v), (loss_above - loss_below) / (2 * h), 1e-8);
    for (int i = 0; i < p->n; i++) {
        for (int64_t k = 0; k < ct_tensor_count(above[i]); k++)
            compare(layer, "H v against central difference", ct_tensor_get(ct_program_get(p->program, p->forward[i]), k),
                    (ct_tensor_get(above[i], k) - ct_tensor_get(below[i], k)) / (2 * h), 1e-7);
        ct_tensor_free(above[i]);
        ct_tensor_free(below[i]);
    }
}

static void compare_modes(const char *layer, probe *p)
{
    double (*number)(ct_program *, ct_var *) = ct_program_scalar;
    compare(layer, "gradient along v against jvp", number(p->program, p->grad_dot_v), number(p->program, p->along_v), 1e-12);
    compare(layer, "u H v against v H u", number(p->program, p->uhv), number(p->program, p->vhu), 1e-12);
    for (int i = 0; i < p->n; i++)
        for (int64_t k = 0; k < ct_shape_count(ct_var_shape(p->theta[i])); k++)
            compare(layer, "reverse over forward against forward over reverse",
                    ct_tensor_get(ct_program_get(p->program, p->reverse[i]), k),
                    ct_tensor_get(ct_program_get(p->program, p->forward[i]), k), 1e-11);
}

static void check_case(const layer_case *c)
{
    const double h = 1e-5;
    probe p = {0};
    nn_params *params = parameters_of(c);
    ct_graph *g = ct_graph_new();
    ct_tensor *x = tensor(c->x, 2);
    ct_var *y = c->build(nn_at(nn_root(g, params), "layer"), ct_state(g, "x", x));
    assert_non_null(y);
    find_states(&p, g);
    assert_int_equal(p.n, 1 + nn_params_count(params));
    p.loss = loss_of(y);
    differentiate(&p);
    compile(&p);
    run_moved(&p, h);
    compare_hessian(c->name, &p, h);
    compare_modes(c->name, &p);
    ct_program_free(p.program);
    ct_tensor_free(x);
    ct_graph_free(g);
    nn_params_free(params);
}

static void parameters_have_right_derivatives(void **state)
{
    (void)state;
    for (int i = 0; i < CASES; i++)
        check_case(&cases[i]);
}

/* --- what layers refuse ----------------------------------------------------------------------------------------------------- */

LAYER(heads_do_not_divide, nn_attention(s, x, 3, (nn_attention_options){0}))
LAYER(norm_groups_do_not_divide, nn_group_norm(s, x, 2, (nn_norm_options){0}))
LAYER(conv_groups_do_not_divide, nn_conv2d(s, x, 4, 3, (nn_conv2d_options){.groups = 2}))
LAYER(conv_kernel_too_large, nn_conv2d(s, x, 4, 9, (nn_conv2d_options){0}))
LAYER(conv_too_much_padding, nn_conv_transpose2d(s, x, 4, 1, (nn_conv2d_options){.pad = {4, 4}}))
LAYER(pool_does_not_divide, nn_max_pool2d(x, 2))
LAYER(average_does_not_divide, nn_avg_pool2d(x, 2))
LAYER(odd_width, nn_sinusoid(x, 5, 100, 1))
LAYER(certain_dropout, nn_dropout(s, x, 1))
LAYER(negative_dropout, nn_dropout(s, x, -0.1))
LAYER(float_index, nn_embedding(s, x, 3, 4))
LAYER(unequal_mse, nn_mse(x, ct_slice(x, 0, 0, 1, 1)))
LAYER(float_labels, nn_cross_entropy(x, ct_slice(x, 0, 0, 1, 1)))

static void misuse_is_refused(void **state)
{
    (void)state;
    static const struct { layer_case c; const char *message; } wrong[] = {
        {{"", heads_do_not_divide, {3, {1, 2, 4}}}, "attention 'layer': 3 heads"},
        {{"", attention, {2, {2, 4}}}, "attention 'layer': input"},
        {{"", norm_groups_do_not_divide, {2, {1, 3}}}, "group_norm 'layer': 2 groups"},
        {{"", conv_groups_do_not_divide, {4, {1, 3, 5, 5}}}, "conv2d 'layer': 2 groups"},
        {{"", conv, {3, {2, 5, 5}}}, "conv2d 'layer': input"},
        {{"", conv_kernel_too_large, {4, {1, 3, 5, 5}}}, "conv2d"},
        {{"", conv_too_much_padding, {4, {1, 3, 5, 5}}}, "conv_transpose2d 'layer': input"},
        {{"", pool_does_not_divide, {4, {1, 1, 4, 5}}}, "max_pool2d"},
        {{"", average_does_not_divide, {4, {1, 1, 3, 4}}}, "avg_pool2d"},
        {{"", upsample, {3, {1, 3, 4}}}, "upsample_nearest2d"},
        {{"", odd_width, {1, {3}}}, "sinusoid"},
        {{"", certain_dropout, {1, {3}}}, "dropout 'layer': probability 1"},
        {{"", negative_dropout, {1, {3}}}, "dropout 'layer': probability -0.1"},
        {{"", float_index, {1, {3}}}, "embedding 'layer': index"},
        {{"", unequal_mse, {2, {3, 2}}}, "mse: expects two equal shapes"},
        {{"", float_labels, {2, {3, 2}}}, "cross_entropy: expects"},
        {{"", layer_norm, {0, {0}}}, "layer_norm 'layer': input"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        bench b = bench_open(CT_F64);
        ct_var *x = ct_input(b.graph, "x", CT_F64, wrong[i].c.x);
        assert_null(wrong[i].c.build(nn_at(b.root, "layer"), x));
        const ct_error *err = ct_graph_error(b.graph);
        assert_non_null(err);
        assert_error(err, err->code, wrong[i].message);
        assert_error(err, err->code, "test_layers.c:");
        bench_close(&b);
    }
}

static void dtype_of_the_parameters_is_wanted(void **state)
{
    (void)state;
    bench b = bench_open(CT_F64);
    assert_null(nn_linear(nn_at(b.root, "layer"), ct_input(b.graph, "x", CT_F32, CT_SHAPE(2, 3)), 4));
    assert_error(ct_graph_error(b.graph), CT_E_DTYPE, "linear 'layer': input \"x\" float32 [2, 3], but the parameters are float64");
    bench_close(&b);
}

/* d(sum(own^2) + sum(w))/d own = 2 own, where own is dropout that drops nothing. */
static void dropout_of_nothing_is_a_use_of_its_own(void **state)
{
    (void)state;
    ct_error err = {0};
    ct_graph *g = ct_graph_new();
    nn_params *params = nn_params_new(CT_F64, 1, &err);
    ct_var *w = ct_input(g, "w", CT_F64, CT_SHAPE(1)), *own = nn_dropout(nn_root(g, params), w, 0.5), *grad = NULL;
    ct_grad(ct_add(ct_sum_all(ct_square(own)), ct_sum_all(w)), 1, &own, &grad);
    ct_program *p = ct_compile(g, 1, &grad, NULL, &err);
    assert_ok(p, &err);
    assert_ok(ct_program_set_scalar(p, w, 1, &err) && ct_program_run(p, &err), &err);
    assert_close(ct_tensor_get(ct_program_get(p, grad), 0), 2, 0);
    ct_program_free(p);
    nn_params_free(params);
    ct_graph_free(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dropout_of_nothing_is_a_use_of_its_own),
        cmocka_unit_test(inputs_pass_gradcheck),
        cmocka_unit_test(parameters_have_right_derivatives),
        cmocka_unit_test(misuse_is_refused),
        cmocka_unit_test(dtype_of_the_parameters_is_wanted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
