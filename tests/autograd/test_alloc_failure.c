/* SPDX-License-Identifier: MIT */
/* Memory that runs out at any moment gives an error, no crash and no leak: each single allocation is refused in turn. */
#include "inputs.h"
#include "interpose.h"
#include "support.h"

#include <cotangent/gradcheck.h>
#include <cotangent/ops.h>
#include <cotangent/program.h>
#include <cotangent/transform.h>
#include <math.h>
#include <string.h>

/* What is tried: true when it went through, else false with the error. It frees what it took. */
typedef bool (*attempt)(ct_error *err);

static ct_tensor *parameter;

static ct_var *network(ct_graph *g, ct_var *z)
{
    ct_var *w = ct_state(g, "w", parameter);
    ct_var *h = ct_tanh(ct_matmul(z, w));
    return ct_add(ct_matmul(h, w), ct_mul(ct_sum_keep(h, CT_AXES(-1)), ct_normal(g, CT_F64, ct_var_shape(h))));
}

/* A loss with a jvp in its target, the gradient, and an update of the parameter. */
static void build(ct_graph *g, ct_var **out)
{
    ct_var *z = ct_input(g, "z", CT_F64, CT_SHAPE(3, 4)), *u = network(g, z), *du = NULL, *bar = NULL;
    ct_var *one = ct_ones_like(z), *w = ct_state(g, "w", parameter);
    ct_jvp(1, &u, 1, &z, &one, &du);
    out[0] = ct_mean_all(ct_square(ct_sub(u, ct_stop_gradient(du))));
    ct_grad(out[0], 1, &w, &bar);
    out[1] = ct_assign(w, ct_sub(w, ct_scale(bar, 0.0)));
    out[2] = ct_concat(2, (ct_var *[]){ct_reshape(bar, CT_SHAPE(-1)), ct_reshape(u, CT_SHAPE(-1))}, 0);
}

static bool run(ct_graph *g, int n, ct_var *const *out, ct_error *err)
{
    ct_program *p = ct_compile(g, n, out, NULL, err);
    bool ok = set_inputs_to_zero(p, g, err) && ct_program_run(p, err);
    if (ok && !isfinite(ct_program_scalar(p, out[0])))
        ok = ct_fail(err, CT_E_NUMERIC, "the loss is not finite");
    ct_program_free(p);
    return ok;
}

static bool train_step(ct_error *err)
{
    ct_var *out[3] = {NULL};
    ct_graph *g = ct_graph_new();
    if (!g)
        return ct_fail(err, ct_graph_error(g)->code, "%s", ct_graph_error(g)->message);
    build(g, out);
    bool ok = run(g, 3, out, err);
    ct_graph_free(g);
    return ok;
}

/* The same chain of errors through a Hessian-vector product, a convolution and indexing. */
static bool second_order(ct_error *err)
{
    ct_graph *g = ct_graph_new();
    if (!g)
        return ct_fail(err, CT_E_MEMORY, "no graph");
    ct_var *x = ct_input(g, "x", CT_F64, CT_SHAPE(1, 2, 4, 4)), *k = ct_full(g, CT_F64, CT_SHAPE(2, 2, 3, 3), 0.1);
    ct_var *y = ct_tanh(ct_conv2d(x, k, (ct_conv2d_attr){{1, 1}, {1, 1}, {1, 1}, 1}));
    ct_var *rows = ct_gather(y, ct_iota(g, CT_I32, 3), 2), *v = ct_ones_like(x), *hv = NULL;
    ct_hvp(ct_sum_all(ct_square(rows)), 1, &x, &v, &hv);
    bool ok = run(g, 1, &hv, err);
    ct_graph_free(g);
    return ok;
}

static ct_var *checked(ct_graph *g, ct_var *const *x, void *context)
{
    (void)g, (void)context;
    return ct_mul(ct_relu(x[0]), ct_stop_gradient(ct_sin(x[0])));
}

static bool gradient_check(ct_error *err)
{
    double values[] = {0.5, -0.5, 1.5};
    ct_tensor *x = ct_tensor_from(CT_F64, CT_SHAPE(3), values, err);
    ct_gradcheck_options options = {.modes = CT_CHECK_ALL, .directions = 1, .coordinates = 1};
    bool ok = x && ct_gradcheck(checked, NULL, 1, &x, &options, NULL, err);
    ct_tensor_free(x);
    return ok;
}

static bool tensors(ct_error *err)
{
    ct_tensor *a = ct_tensor_new(CT_F32, CT_SHAPE(3, 4), err);
    ct_tensor *b = a ? ct_tensor_permute(a, CT_AXES(1, 0), err) : NULL;
    ct_tensor *c = b ? ct_tensor_reshape(b, CT_SHAPE(-1), err) : NULL;
    ct_tensor *d = c ? ct_tensor_cast(c, CT_F64, err) : NULL;
    bool ok = d != NULL;
    ct_tensor_free(a);
    ct_tensor_free(b);
    ct_tensor_free(c);
    ct_tensor_free(d);
    return ok;
}

/* Refuse allocation 1, 2, 3, ... until it goes through untouched. The first pass warms up what other libraries keep. */
static void refuse_each(attempt try, int at_least)
{
    if (!interposed())
        skip();
    ct_error err = {0};
    assert_ok(try(&err), &err);
    long long before = atomic_load(&live);
    for (int n = 1;; n++) {
        err = (ct_error){0};
        watch_start(n);
        bool ok = try(&err);
        watch_stop();
        if (atomic_load(&live) != before)
            print_error("allocation %d: holds %lld bytes more than before\n", n, (long long)atomic_load(&live) - before);
        assert_true(atomic_load(&live) == before);
        if (!refused) {
            assert_ok(ok, &err);
            assert_true(n > at_least);
            return;
        }
        if (ok || err.code != CT_E_MEMORY || !err.message[0])
            print_error("allocation %d: returned %d, error %d \"%s\"\n", n, ok, err.code, err.message);
        assert_false(ok);
        assert_int_equal(err.code, CT_E_MEMORY);
        assert_true(err.message[0] != 0);
    }
}

static void survives_in_tensors(void **state)
{
    (void)state;
    refuse_each(tensors, 4);
}

static void survives_in_a_training_step(void **state)
{
    (void)state;
    refuse_each(train_step, 30);
}

static void survives_in_second_order(void **state)
{
    (void)state;
    refuse_each(second_order, 30);
}

static void survives_in_a_gradient_check(void **state)
{
    (void)state;
    refuse_each(gradient_check, 100);
}

int main(void)
{
    support_rng rng = {9};
    parameter = support_tensor(CT_F64, CT_SHAPE(4, 4), &rng, -1, 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(survives_in_tensors),
        cmocka_unit_test(survives_in_a_training_step),
        cmocka_unit_test(survives_in_second_order),
        cmocka_unit_test(survives_in_a_gradient_check),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    ct_tensor_free(parameter);
    return failed;
}
