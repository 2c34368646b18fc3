/* SPDX-License-Identifier: MIT */
/* The transforms: what they mean nested in any order, at cut points, under stop_gradient, where nothing flows, and
 * when they are misused. */
#include "support.h"

#include <cotangent/ops.h>
#include <cotangent/program.h>
#include <cotangent/transform.h>
#include <math.h>
#include <string.h>

/* --- a graph with some inputs and their values ---------------------------------------------------------------------- */

enum { MAX_X = 4 };

typedef struct bench {
    ct_graph *g;
    int n;
    ct_var *x[MAX_X];
    ct_tensor *value[MAX_X];
} bench;

static bench bench_new(void)
{
    bench b = {.g = ct_graph_new()};
    assert_non_null(b.g);
    return b;
}

static void bench_free(bench *b)
{
    for (int i = 0; i < b->n; i++)
        ct_tensor_free(b->value[i]);
    ct_graph_free(b->g);
}

static ct_var *vector(bench *b, ct_shape shape, double low, double high)
{
    support_rng rng = {(uint64_t)b->n + 11};
    b->value[b->n] = support_tensor(CT_F64, shape, &rng, low, high);
    b->x[b->n] = ct_input(b->g, ct_graph_text(b->g, "x%d", b->n), CT_F64, shape);
    return b->x[b->n++];
}

static ct_var *scalar(bench *b, double value)
{
    ct_var *v = vector(b, CT_SCALAR, 0, 1);
    ct_tensor_fill(b->value[b->n - 1], value);
    return v;
}

/* The value of v; fails the test with the graph's message when there is none. */
static ct_tensor *eval(bench *b, ct_var *v)
{
    ct_error err = {0};
    ct_program *p = ct_compile(b->g, 1, &v, NULL, &err);
    assert_ok(p, &err);
    for (int i = 0; i < b->n; i++)
        assert_ok(ct_program_set(p, b->x[i], b->value[i], &err), &err);
    assert_ok(ct_program_run(p, &err), &err);
    ct_tensor *out = ct_tensor_cast(ct_program_get(p, v), CT_F64, &err);
    assert_ok(out, &err);
    ct_program_free(p);
    return out;
}

static double number(bench *b, ct_var *v)
{
    ct_tensor *t = eval(b, v);
    double value = ct_tensor_get(t, 0);
    ct_tensor_free(t);
    return value;
}

static void assert_same_value(bench *b, ct_var *p, ct_var *q, double tol)
{
    ct_tensor *a = eval(b, p), *c = eval(b, q);
    assert_tensors_close(a, c, tol);
    ct_tensor_free(a);
    ct_tensor_free(c);
}

/* dy/dx of scalars, in forward or in reverse mode; NULL when it is zero. */
static ct_var *derive(bool reverse, ct_var *y, ct_var *x)
{
    ct_var *one = ct_ones_like(x), *d = NULL;
    assert_true(reverse ? ct_grad(y, 1, &x, &d) : ct_jvp(1, &y, 1, &x, &one, &d));
    return d;
}

/* --- nesting -------------------------------------------------------------------------------------------------------- */

/* d/dx [x d/dy (x + y)] = 1, at y = 1 and at y = x. */
static void keeps_perturbations_apart(void **state)
{
    (void)state;
    for (int modes = 0; modes < 8; modes++) {
        bench b = bench_new();
        ct_var *x = scalar(&b, 3);
        ct_var *y = ct_alias(modes & 4 ? x : ct_ones_like(x));
        ct_var *inner = derive(modes & 1, ct_add(x, y), y);
        assert_close(number(&b, derive(modes & 2, ct_mul(x, inner), x)), 1, 0);
        bench_free(&b);
    }
}

/* d/dx [x d/dy [y d/dz (x y z)]] at y = z = x: 6 x^2 when y and z are copies of x made inside. */
static void keeps_three_perturbations_apart(void **state)
{
    (void)state;
    for (int modes = 0; modes < 8; modes++) {
        bench b = bench_new();
        ct_var *x = scalar(&b, 1.5), *y = ct_alias(x), *z = ct_alias(x);
        ct_var *innermost = derive(modes & 1, ct_mul(ct_mul(x, y), z), z);
        ct_var *inner = derive(modes & 2, ct_mul(y, innermost), y);
        assert_close(number(&b, inner), 2 * 1.5 * 1.5, 1e-14);
        assert_close(number(&b, derive(modes & 4, ct_mul(x, inner), x)), 6 * 1.5 * 1.5, 1e-14);
        bench_free(&b);
    }
}

/* The tangent handed to the inner derivative depends on x itself: d/dx [d/dy (x y^2) along y's tangent x^2] = d/dx [2
 * x^4] at y = x. */
static void lets_tangents_depend_on_inputs(void **state)
{
    (void)state;
    bench b = bench_new();
    ct_var *x = scalar(&b, 1.25), *y = ct_alias(x), *f = ct_mul(x, ct_square(y)), *along = ct_square(x), *inner = NULL;
    assert_true(ct_jvp(1, &f, 1, &y, &along, &inner));
    for (int reverse = 0; reverse < 2; reverse++)
        assert_close(number(&b, derive(reverse, inner, x)), 8 * pow(1.25, 3), 1e-13);
    bench_free(&b);
}

/* sin(x) exp(x) has third derivative 2 exp(x) (cos(x) - sin(x)). */
static void takes_third_derivatives_in_all_orders(void **state)
{
    (void)state;
    double at = 0.7, expected = 2 * exp(at) * (cos(at) - sin(at));
    for (int modes = 0; modes < 8; modes++) {
        bench b = bench_new();
        ct_var *x = scalar(&b, at), *d = ct_mul(ct_sin(x), ct_exp(x));
        for (int level = 0; level < 3; level++)
            d = derive(modes >> level & 1, d, x);
        assert_close(number(&b, d), expected, 1e-13);
        bench_free(&b);
    }
}

/* The same for each smooth primitive of one operand: sixth derivatives of exp(2x), by alternating modes. */
static void goes_deep(void **state)
{
    (void)state;
    bench b = bench_new();
    ct_var *x = scalar(&b, 0.3), *d = ct_exp(ct_scale(x, 2));
    for (int level = 0; level < 6; level++)
        d = derive(level % 2, d, x);
    assert_close(number(&b, d), 64 * exp(0.6), 1e-11);
    bench_free(&b);
}

/* --- uses of a node ------------------------------------------------------------------------------------------------- */

static void adds_up_all_uses(void **state)
{
    (void)state;
    for (int reverse = 0; reverse < 2; reverse++) {
        bench b = bench_new();
        ct_var *x = scalar(&b, 1.7);
        assert_close(number(&b, derive(reverse, ct_mul(x, x), x)), 3.4, 1e-15);
        ct_var *y = ct_add(ct_mul(x, ct_mul(x, x)), ct_add(x, x));
        assert_close(number(&b, derive(reverse, y, x)), 3 * 1.7 * 1.7 + 2, 1e-14);
        assert_close(number(&b, derive(reverse, x, x)), 1, 0);
        bench_free(&b);
    }
}

/* With an alias one use of two is differentiated. */
static void differentiates_one_use(void **state)
{
    (void)state;
    for (int reverse = 0; reverse < 2; reverse++) {
        bench b = bench_new();
        ct_var *x = scalar(&b, 1.7), *copy = ct_alias(x), *y = ct_mul(ct_sin(x), ct_exp(copy));
        assert_close(number(&b, derive(reverse, y, copy)), sin(1.7) * exp(1.7), 1e-14);
        assert_close(number(&b, derive(reverse, y, x)), (sin(1.7) + cos(1.7)) * exp(1.7), 1e-14);
        bench_free(&b);
    }
}

/* y1 = sin(a) and y2 = y1 a are inputs: what they were computed from, each other included, is not looked at. */
static void cuts_at_inputs_with_shared_ancestors(void **state)
{
    (void)state;
    bench b = bench_new();
    ct_var *a = scalar(&b, 0.8), *t1 = scalar(&b, 0.3), *t2 = scalar(&b, -1.1);
    ct_var *y1 = ct_sin(a), *y2 = ct_mul(y1, a), *f = ct_add(ct_mul(y1, ct_square(y2)), a);
    double v1 = sin(0.8), v2 = v1 * 0.8;
    ct_var *x[] = {y1, y2}, *dx[] = {t1, t2}, *df, *bar[2];
    assert_true(ct_jvp(1, &f, 2, x, dx, &df));
    assert_close(number(&b, df), v2 * v2 * 0.3 + 2 * v1 * v2 * -1.1, 1e-15);
    assert_true(ct_grad(f, 2, x, bar));
    assert_close(number(&b, bar[0]), v2 * v2, 1e-15);
    assert_close(number(&b, bar[1]), 2 * v1 * v2, 1e-15);
    ct_var *partial[] = {t1, NULL};
    assert_true(ct_jvp(1, &f, 2, x, partial, &df));
    assert_close(number(&b, df), v2 * v2 * 0.3, 1e-15);
    bench_free(&b);
}

/* --- stop_gradient -------------------------------------------------------------------------------------------------- */

/* x sg(x) has derivative sg(x), and that has none. */
static void stops_gradients_in_both_modes_at_every_level(void **state)
{
    (void)state;
    for (int modes = 0; modes < 4; modes++) {
        bench b = bench_new();
        ct_var *x = scalar(&b, 2.5), *y = ct_mul(x, ct_stop_gradient(x));
        ct_var *d = derive(modes & 1, y, x);
        assert_close(number(&b, y), 6.25, 0);
        assert_close(number(&b, d), 2.5, 0);
        assert_null(derive(modes >> 1, d, x));
        assert_null(derive(modes >> 1, ct_stop_gradient(ct_sin(x)), x));
        bench_free(&b);
    }
}

/* sg inside sg, derivatives inside sg, and sg of a derivative: x sg(d/dx x^3) + sg(sg(x) x) x^2. */
static void stops_gradients_nested(void **state)
{
    (void)state;
    for (int modes = 0; modes < 8; modes++) {
        bench b = bench_new();
        ct_var *x = scalar(&b, 1.5);
        ct_var *slope = derive(modes & 1, ct_mul(x, ct_square(x)), x);
        ct_var *held = ct_stop_gradient(ct_mul(ct_stop_gradient(x), x));
        ct_var *y = ct_add(ct_mul(x, ct_stop_gradient(slope)), ct_mul(held, ct_square(x)));
        ct_var *d = derive(modes >> 1 & 1, y, x);
        assert_close(number(&b, d), 3 * 1.5 * 1.5 + 2.25 * 2 * 1.5, 1e-14);
        assert_close(number(&b, derive(modes >> 2, d, x)), 2 * 2.25, 1e-14);
        bench_free(&b);
    }
}

static void hvp_does_not_pass_stop_gradient(void **state)
{
    (void)state;
    bench b = bench_new();
    ct_var *x = vector(&b, CT_SHAPE(4), -1, 1), *v = vector(&b, CT_SHAPE(4), -1, 1), *hv = x;
    ct_var *linear = ct_sum_all(ct_mul(ct_stop_gradient(ct_square(x)), x));
    assert_true(ct_hvp(linear, 1, &x, &v, &hv));
    assert_null(hv);
    ct_var *half = ct_sum_all(ct_mul(ct_stop_gradient(x), ct_square(x)));
    assert_true(ct_hvp(half, 1, &x, &v, &hv));
    assert_same_value(&b, hv, ct_scale(ct_mul(x, v), 2), 1e-15);
    bench_free(&b);
}

/* (t - r) du/dt of a target: the tangent of what is under stop_gradient is blocked inside the function given to jvp
 * too. */
static void blocks_tangents_inside(void **state)
{
    (void)state;
    bench b = bench_new();
    ct_var *x = vector(&b, CT_SHAPE(3), -1, 1), *v = vector(&b, CT_SHAPE(3), -1, 1);
    ct_var *y[] = {ct_stop_gradient(ct_exp(x)), ct_mul(ct_stop_gradient(ct_exp(x)), ct_sin(x))}, *dy[2];
    assert_true(ct_jvp(2, y, 1, &x, &v, dy));
    assert_null(dy[0]);
    assert_same_value(&b, dy[1], ct_mul(ct_mul(ct_exp(x), ct_cos(x)), v), 1e-15);
    bench_free(&b);
}

/* --- zeros ---------------------------------------------------------------------------------------------------------- */

static void gives_null_for_zero(void **state)
{
    (void)state;
    bench b = bench_new();
    ct_var *x = vector(&b, CT_SHAPE(3), -1, 1), *unused = vector(&b, CT_SHAPE(2), -1, 1), *other = ct_sin(unused);
    ct_var *y = ct_sum_all(ct_square(x)), *both[] = {x, unused}, *tangents[] = {NULL, unused}, *bar[2], *d = x;
    assert_true(ct_grad(y, 2, both, bar));
    assert_non_null(bar[0]);
    assert_null(bar[1]);
    assert_true(ct_jvp(1, &y, 2, both, tangents, &d));
    assert_null(d);
    assert_true(ct_jvp(1, &y, 1, &x, &(ct_var *){NULL}, &d));
    assert_null(d);
    assert_true(ct_jvp(1, &other, 1, &x, &x, &d));
    assert_null(d);
    assert_true(ct_hvp(ct_sum_all(ct_scale(x, 3)), 1, &x, &x, &d));
    assert_null(d);
    ct_var *mask = ct_greater(x, ct_zeros_like(x));
    assert_true(ct_jvp(1, &mask, 1, &x, &x, &d));
    assert_null(d);
    assert_null(ct_graph_error(b.g));
    bench_free(&b);
}

static void fills_in_zeros(void **state)
{
    (void)state;
    bench b = bench_new();
    ct_var *x = vector(&b, CT_SHAPE(2, 3), -1, 1);
    assert_ptr_equal(ct_or_zeros(x, x), x);
    ct_var *zeros = ct_or_zeros(NULL, x);
    assert_true(ct_shape_equal(ct_var_shape(zeros), CT_SHAPE(2, 3)));
    assert_int_equal(ct_var_dtype(zeros), CT_F64);
    assert_close(number(&b, ct_sum_all(ct_square(zeros))), 0, 0);
    bench_free(&b);
}

/* --- vectors -------------------------------------------------------------------------------------------------------- */

static ct_var *layer(ct_var *x, ct_var *w)
{
    return ct_tanh(ct_add(ct_matmul(x, w), ct_sum_keep(ct_sin(x), CT_AXES(-1))));
}

/* J (a u + b v) = a J u + b J v, and J^T likewise. */
static void is_linear(void **state)
{
    (void)state;
    bench b = bench_new();
    ct_var *x = vector(&b, CT_SHAPE(2, 3), -1, 1), *w = vector(&b, CT_SHAPE(3, 4), -1, 1);
    ct_var *u = vector(&b, CT_SHAPE(2, 3), -1, 1), *v = vector(&b, CT_SHAPE(2, 3), -1, 1);
    ct_var *y = layer(x, w), *both = ct_add(ct_scale(u, 0.7), ct_scale(v, -1.3));
    ct_var *ju = NULL, *jv = NULL, *j = NULL;
    assert_true(ct_jvp(1, &y, 1, &x, &u, &ju) && ct_jvp(1, &y, 1, &x, &v, &jv) && ct_jvp(1, &y, 1, &x, &both, &j));
    assert_same_value(&b, j, ct_add(ct_scale(ju, 0.7), ct_scale(jv, -1.3)), 1e-14);
    ct_var *s = ct_sin(y), *t = ct_cos(y), *sum = ct_add(ct_scale(s, 0.7), ct_scale(t, -1.3));
    assert_true(ct_vjp(1, &y, &s, 1, &x, &ju) && ct_vjp(1, &y, &t, 1, &x, &jv) && ct_vjp(1, &y, &sum, 1, &x, &j));
    assert_same_value(&b, j, ct_add(ct_scale(ju, 0.7), ct_scale(jv, -1.3)), 1e-14);
    bench_free(&b);
}

/* xbar = J1^T ybar1 + J2^T ybar2, and a NULL cotangent leaves its term out. */
static void adds_up_several_outputs(void **state)
{
    (void)state;
    bench b = bench_new();
    ct_var *x = vector(&b, CT_SHAPE(2, 3), -1, 1), *w = vector(&b, CT_SHAPE(3, 4), -1, 1);
    ct_var *c = vector(&b, CT_SHAPE(2, 3), -1, 1);
    ct_var *y[] = {layer(x, w), ct_exp(x), ct_sin(w)}, *ybar[] = {ct_cos(y[0]), c, NULL};
    ct_var *in[] = {x, w}, *together[2], *first[2], *second[2];
    assert_true(ct_vjp(3, y, ybar, 2, in, together));
    assert_true(ct_vjp(1, &y[0], &ybar[0], 2, in, first));
    assert_true(ct_vjp(1, &y[1], &ybar[1], 2, in, second));
    assert_null(second[1]);
    assert_same_value(&b, together[0], ct_add(first[0], second[0]), 1e-15);
    assert_same_value(&b, together[1], first[1], 0);
    ct_var *none[] = {NULL, NULL, NULL};
    assert_true(ct_vjp(3, y, none, 2, in, together));
    assert_null(together[0]);
    assert_null(together[1]);
    ct_var *twice[] = {y[1], y[1]}, *bars[] = {c, c};
    assert_true(ct_vjp(2, twice, bars, 1, &x, together));
    assert_same_value(&b, together[0], ct_scale(second[0], 2), 1e-15);
    bench_free(&b);
}

/* One output may be what another is made of. */
static void takes_outputs_that_depend_on_each_other(void **state)
{
    (void)state;
    bench b = bench_new();
    ct_var *x = scalar(&b, 0.4), *y[2], *bars[2], *bar, *dy[2], *one = ct_ones_like(x);
    y[0] = ct_sin(x);
    y[1] = ct_exp(y[0]);
    bars[0] = bars[1] = one;
    assert_true(ct_vjp(2, y, bars, 1, &x, &bar));
    assert_close(number(&b, bar), cos(0.4) * (1 + exp(sin(0.4))), 1e-15);
    assert_true(ct_jvp(2, y, 1, &x, &one, dy));
    assert_close(number(&b, dy[1]), cos(0.4) * exp(sin(0.4)), 1e-15);
    bench_free(&b);
}

/* What was broadcast is summed up again. */
static void undoes_broadcasts(void **state)
{
    (void)state;
    bench b = bench_new();
    ct_var *x = vector(&b, CT_SHAPE(3, 1), -1, 1), *y = vector(&b, CT_SHAPE(2, 3, 4), -1, 1);
    ct_var *z = vector(&b, CT_SCALAR, -1, 1);
    ct_var *in[] = {x, y, z}, *bar[3];
    assert_true(ct_grad(ct_sum_all(ct_mul(ct_mul(x, y), z)), 3, in, bar));
    for (int i = 0; i < 3; i++)
        assert_true(ct_shape_equal(ct_var_shape(bar[i]), ct_var_shape(in[i])));
    assert_same_value(&b, bar[0], ct_mul(z, ct_sum(ct_sum_keep(y, CT_AXES(2)), CT_AXES(0))), 1e-14);
    assert_same_value(&b, bar[2], ct_sum_all(ct_mul(x, y)), 1e-14);
    bench_free(&b);
}

/* H v of x^T A x / 2 + sum sin(x) is (A + A^T) v / 2 - sin(x) v; of several inputs the mixed terms are in it. */
static void multiplies_by_the_hessian(void **state)
{
    (void)state;
    bench b = bench_new();
    ct_var *x = vector(&b, CT_SHAPE(4, 1), -1, 1), *a = vector(&b, CT_SHAPE(4, 4), -1, 1);
    ct_var *v = vector(&b, CT_SHAPE(4, 1), -1, 1);
    ct_var *f = ct_add(ct_scale(ct_sum_all(ct_mul(x, ct_matmul(a, x))), 0.5), ct_sum_all(ct_sin(x))), *hv[2];
    assert_true(ct_hvp(f, 1, &x, &v, hv));
    ct_var *symmetric = ct_scale(ct_add(a, ct_transpose(a, 0, 1)), 0.5);
    assert_same_value(&b, hv[0], ct_sub(ct_matmul(symmetric, v), ct_mul(ct_sin(x), v)), 1e-14);
    ct_var *in[] = {x, a}, *along[] = {v, NULL};
    assert_true(ct_hvp(f, 2, in, along, hv));
    ct_var *outer = ct_add(ct_matmul(v, ct_transpose(x, 0, 1)), ct_matmul(x, ct_transpose(v, 0, 1)));
    assert_same_value(&b, hv[1], ct_scale(outer, 0.5), 1e-14);
    bench_free(&b);
}

/* --- misuse --------------------------------------------------------------------------------------------------------- */

static void assert_graph_error(bench *b, ct_code code, const char *part)
{
    assert_non_null(ct_graph_error(b->g));
    assert_error(ct_graph_error(b->g), code, part);
    assert_error(ct_graph_error(b->g), code, "test_transforms.c");
    bench_free(b);
}

static void refuses_tangents_that_do_not_fit(void **state)
{
    (void)state;
    bench b = bench_new();
    ct_var *x = vector(&b, CT_SHAPE(3), -1, 1), *wrong = vector(&b, CT_SHAPE(4), -1, 1), *y = ct_sin(x), *d = x;
    assert_false(ct_jvp(1, &y, 1, &x, &wrong, &d));
    assert_null(d);
    assert_error(ct_graph_error(b.g), CT_E_SHAPE, "[4]");
    assert_graph_error(&b, CT_E_SHAPE, "tangent 0");
    b = bench_new();
    x = vector(&b, CT_SHAPE(3), -1, 1), wrong = ct_cast(x, CT_F32), y = ct_sin(x), d = x;
    assert_false(ct_vjp(1, &y, &wrong, 1, &x, &d));
    assert_null(d);
    assert_graph_error(&b, CT_E_SHAPE, "cotangent 0");
}

static void refuses_gradients_of_arrays(void **state)
{
    (void)state;
    bench b = bench_new();
    ct_var *x = vector(&b, CT_SHAPE(3), -1, 1), *d = x;
    assert_false(ct_grad(ct_sin(x), 1, &x, &d));
    assert_null(d);
    assert_graph_error(&b, CT_E_SHAPE, "ct_vjp");
}

static void refuses_null_and_foreign_nodes(void **state)
{
    (void)state;
    bench b = bench_new();
    ct_var *x = vector(&b, CT_SHAPE(3), -1, 1), *none = NULL, *d = x;
    assert_false(ct_jvp(1, &none, 1, &x, &x, &d));
    assert_graph_error(&b, CT_E_ARGUMENT, "output 0 is NULL");
    b = bench_new();
    x = vector(&b, CT_SHAPE(3), -1, 1);
    ct_var *y = ct_sin(x);
    assert_false(ct_vjp(1, &y, &x, 1, &none, &d));
    assert_graph_error(&b, CT_E_ARGUMENT, "input 0 is NULL");
    b = bench_new();
    bench other = bench_new();
    x = vector(&b, CT_SHAPE(3), -1, 1), y = vector(&other, CT_SHAPE(3), -1, 1);
    assert_false(ct_jvp(1, &y, 1, &x, &x, &d));
    bench_free(&other);
    assert_graph_error(&b, CT_E_ARGUMENT, "another graph");
}

static void refuses_inputs_named_twice_or_without_derivative(void **state)
{
    (void)state;
    bench b = bench_new();
    ct_var *x = vector(&b, CT_SHAPE(3), -1, 1), *y = ct_sum_all(x), *twice[] = {x, x}, *d[2];
    assert_false(ct_grad(y, 2, twice, d));
    assert_graph_error(&b, CT_E_ARGUMENT, "named twice");
    b = bench_new();
    x = ct_iota(b.g, CT_I32, 3);
    assert_false(ct_grad(ct_sum_all(ct_cast(x, CT_F64)), 1, &x, d));
    assert_graph_error(&b, CT_E_DTYPE, "float");
}

/* After an error nothing is built, and each call says so. */
static void passes_errors_along(void **state)
{
    (void)state;
    bench b = bench_new();
    ct_var *x = vector(&b, CT_SHAPE(3), -1, 1), *y = ct_sum_all(ct_sin(x)), *d = x;
    assert_null(ct_add(x, ct_full(b.g, CT_F64, CT_SHAPE(4), 1)));
    int64_t size = ct_graph_size(b.g);
    assert_false(ct_jvp(1, &y, 1, &x, &x, &d));
    assert_null(d);
    d = x;
    assert_false(ct_grad(y, 1, &x, &d));
    assert_null(d);
    d = x;
    assert_false(ct_hvp(y, 1, &x, &x, &d));
    assert_null(d);
    assert_int_equal(ct_graph_size(b.g), size);
    assert_graph_error(&b, CT_E_SHAPE, "[4]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_perturbations_apart),
        cmocka_unit_test(keeps_three_perturbations_apart),
        cmocka_unit_test(lets_tangents_depend_on_inputs),
        cmocka_unit_test(takes_third_derivatives_in_all_orders),
        cmocka_unit_test(goes_deep),
        cmocka_unit_test(adds_up_all_uses),
        cmocka_unit_test(differentiates_one_use),
        cmocka_unit_test(cuts_at_inputs_with_shared_ancestors),
        cmocka_unit_test(stops_gradients_in_both_modes_at_every_level),
        cmocka_unit_test(stops_gradients_nested),
        cmocka_unit_test(hvp_does_not_pass_stop_gradient),
        cmocka_unit_test(blocks_tangents_inside),
        cmocka_unit_test(gives_null_for_zero),
        cmocka_unit_test(fills_in_zeros),
        cmocka_unit_test(is_linear),
        cmocka_unit_test(adds_up_several_outputs),
        cmocka_unit_test(takes_outputs_that_depend_on_each_other),
        cmocka_unit_test(undoes_broadcasts),
        cmocka_unit_test(multiplies_by_the_hessian),
        cmocka_unit_test(refuses_tangents_that_do_not_fit),
        cmocka_unit_test(refuses_gradients_of_arrays),
        cmocka_unit_test(refuses_null_and_foreign_nodes),
        cmocka_unit_test(refuses_inputs_named_twice_or_without_derivative),
        cmocka_unit_test(passes_errors_along),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
