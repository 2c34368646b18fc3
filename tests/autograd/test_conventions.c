/* SPDX-License-Identifier: MIT */
/* What docs/ops.md promises of derivatives where there is a choice: ties, kinks, bounds, and what a mask multiplies. */
#include "sample.h"

/* --- slopes of functions of one number --------------------------------------------------------------------------------- */

typedef struct slope_case {
    const char *name;
    ct_var *(*build)(ct_var *x);
    double at, slope;
} slope_case;

enum { FORWARD, REVERSE, MODES };

/* dy/dx, where every element of y depends on its own element of x alone. */
static ct_var *derivative(ct_var *y, ct_var *x, int mode)
{
    ct_var *ones = ct_ones_like(x), *d = NULL;
    if (mode == FORWARD)
        ct_jvp(1, &y, 1, &x, &ones, &d);
    else
        ct_vjp(1, &y, &ones, 1, &x, &d);
    return ct_or_zeros(d, x);
}

static double value_of(ct_graph *g, ct_var *x, double at, ct_var *y)
{
    ct_error err = {0};
    ct_program *p = ct_compile(g, 1, &y, NULL, &err);
    assert_ok(p, &err);
    assert_ok(ct_program_set_scalar(p, x, at, &err) && ct_program_run(p, &err), &err);
    double value = ct_tensor_get(ct_program_get(p, y), 0);
    ct_program_free(p);
    return value;
}

static void check_slope(const slope_case *c, ct_dtype dtype, int mode)
{
    ct_graph *g = ct_graph_new();
    ct_var *x = ct_input(g, "x", dtype, CT_SHAPE(1));
    double slope = value_of(g, x, c->at, derivative(c->build(x), x, mode));
    bool right = slope == c->slope || fabs(slope - c->slope) <= 1e-6 * fabs(c->slope);
    if (!right)
        fail_msg("%s at %g in %s, %s: the slope is %g, expected %g", c->name, c->at, ct_dtype_name(dtype), mode == FORWARD ? "forward" : "reverse",
                 slope, c->slope);
    ct_graph_free(g);
}

static void check_slopes(int n, const slope_case *cases)
{
    for (int i = 0; i < n; i++)
        for (int k = 0; k < 2 * MODES; k++)
            check_slope(&cases[i], k < MODES ? CT_F32 : CT_F64, k % MODES);
}

#define FUNCTION(name, expression) \
    static ct_var *name(ct_var *x) { return expression; }
#define CASE(function, at, slope) {#function, function, at, slope}
#define CHECK(cases) check_slopes((int)(sizeof(cases) / sizeof *(cases)), cases)

FUNCTION(absolute, ct_abs(x))
FUNCTION(relu, ct_relu(x))
FUNCTION(clamp, ct_clamp(x, -1, 2))
FUNCTION(point, ct_clamp(x, 2, 2))
FUNCTION(above, ct_maximum(x, ct_zeros_like(x)))
FUNCTION(below, ct_minimum(x, ct_zeros_like(x)))
FUNCTION(larger_double, ct_maximum(x, ct_scale(x, 2)))
FUNCTION(smaller_double, ct_minimum(x, ct_scale(x, 2)))
FUNCTION(largest_of_two, ct_reshape(ct_max(ct_concat(2, (ct_var *[]){x, ct_scale(x, 3)}, 0), CT_AXES(0)), CT_SHAPE(1)))
FUNCTION(sign, ct_sub(ct_greater(x, ct_zeros_like(x)), ct_greater(ct_zeros_like(x), x)))

static void ties_kinks_and_bounds(void **state)
{
    static const slope_case cases[] = {
        CASE(absolute, 0, 0), CASE(absolute, -0.0, 0), CASE(absolute, -2, -1), CASE(absolute, 2, 1), CASE(absolute, -INFINITY, -1),
        CASE(relu, 0, 0), CASE(relu, -1, 0), CASE(relu, 1, 1),
        CASE(clamp, -1, 1), CASE(clamp, 2, 1), CASE(clamp, 0, 1), CASE(clamp, 3, 0), CASE(clamp, -2, 0), CASE(point, 2, 1), CASE(point, 1, 0),
        CASE(above, 0, 0.5), CASE(above, 1, 1), CASE(above, -1, 0), CASE(below, 0, 0.5), CASE(below, 1, 0), CASE(below, -1, 1),
        CASE(larger_double, 0, 1.5), CASE(smaller_double, 0, 1.5), CASE(largest_of_two, 0, 2), CASE(largest_of_two, 1, 3), CASE(sign, 0, 0),
    };
    (void)state;
    CHECK(cases);
}

FUNCTION(guarded_recip, ct_recip(ct_maximum(x, ct_full_like(x, 1e-20))))
FUNCTION(guarded_division, ct_div(ct_ones_like(x), ct_maximum(x, ct_full_like(x, 1e-20))))
FUNCTION(guarded_norm, ct_maximum(ct_sqrt(ct_square(x)), ct_full_like(x, 1e-10)))
FUNCTION(bounded_recip, ct_minimum(ct_recip(x), ct_full_like(x, 5)))
FUNCTION(bounded_log, ct_maximum(ct_log(x), ct_full_like(x, -5)))
FUNCTION(clamped_log, ct_clamp(ct_log(x), -5, 5))
FUNCTION(root_relu, ct_sqrt(ct_relu(x)))
FUNCTION(log_relu, ct_log(ct_relu(x)))
FUNCTION(power_relu, ct_pow(ct_relu(x), 0.3))
FUNCTION(recip_clamp, ct_recip(ct_clamp(x, 1e-20, 1)))
FUNCTION(root_of_largest, ct_sqrt(ct_reshape(ct_max(ct_concat(2, (ct_var *[]){x, ct_zeros_like(x)}, 0), CT_AXES(0)), CT_SHAPE(1))))
FUNCTION(root_abs, ct_sqrt(ct_abs(x)))

static void singular_points_that_a_mask_hides(void **state)
{
    static const slope_case cases[] = {
        CASE(guarded_recip, 0, 0), CASE(guarded_division, 0, 0), CASE(guarded_norm, 0, 0), CASE(bounded_recip, 0, 0), CASE(bounded_log, 0, 0),
        CASE(clamped_log, 0, 0), CASE(root_relu, -1, 0), CASE(log_relu, -1, 0), CASE(power_relu, -1, 0), CASE(recip_clamp, -1, 0),
        CASE(root_of_largest, -1, 0), CASE(root_relu, 4, 0.25), CASE(bounded_recip, 0.5, -4), CASE(root_abs, 0, 0),
    };
    (void)state;
    CHECK(cases);
}

/* --- where(x > 0, f(x), 0) ------------------------------------------------------------------------------------------------ */

#define POSITIVE_ONLY(expression) ct_select(ct_greater(x, ct_zeros_like(x)), expression, ct_zeros_like(x))
FUNCTION(masked_root, POSITIVE_ONLY(ct_sqrt(x)))
FUNCTION(masked_log, POSITIVE_ONLY(ct_log(x)))
FUNCTION(masked_recip, POSITIVE_ONLY(ct_recip(x)))
FUNCTION(masked_power, POSITIVE_ONLY(ct_pow(x, 1.5)))
FUNCTION(masked_entropy, POSITIVE_ONLY(ct_mul(x, ct_log(x))))
FUNCTION(masked_quotient, POSITIVE_ONLY(ct_div(ct_sin(x), x)))
FUNCTION(masked_chain, POSITIVE_ONLY(ct_tanh(ct_log(ct_sqrt(x)))))
FUNCTION(masked_wave, POSITIVE_ONLY(ct_sin(ct_recip(x))))
FUNCTION(masked_bell, POSITIVE_ONLY(ct_exp(ct_neg(ct_recip(ct_square(x))))))
FUNCTION(masked_exp, ct_select(ct_greater(x, ct_full_like(x, 10)), x, ct_exp(ct_square(x))))

static void what_select_leaves_out_has_no_derivative(void **state)
{
    static const struct { const char *name; ct_var *(*build)(ct_var *x); } functions[] = {
        {"sqrt", masked_root}, {"log", masked_log}, {"1/x", masked_recip}, {"x^1.5", masked_power}, {"x log x", masked_entropy},
        {"sin(x)/x", masked_quotient}, {"tanh(log(sqrt x))", masked_chain}, {"sin(1/x)", masked_wave}, {"exp(-1/x^2)", masked_bell},
    };
    static const double at[] = {0, -0.0, -1, -2};
    (void)state;
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        for (size_t k = 0; k < sizeof at / sizeof *at; k++)
            check_slopes(1, &(slope_case){functions[i].name, functions[i].build, at[k], 0});
    CHECK(((slope_case[]){CASE(masked_exp, 1000, 1), CASE(masked_root, 4, 0.25)}));
}

/* The same for second derivatives, by every pair of modes. */
static void nor_a_second_derivative(void **state)
{
    static ct_var *(*const build[])(ct_var *x) = {masked_root, masked_log, masked_recip, masked_power, masked_entropy, guarded_recip, root_relu, log_relu};
    static const double at[] = {0, -1, -2};
    (void)state;
    for (size_t i = 0; i < sizeof build / sizeof *build; i++)
        for (size_t k = 0; k < sizeof at / sizeof *at; k++)
            for (int modes = 0; modes < MODES * MODES; modes++) {
                ct_graph *g = ct_graph_new();
                ct_var *x = ct_input(g, "x", CT_F64, CT_SHAPE(1)), *y = build[i](x);
                double second = value_of(g, x, at[k], derivative(derivative(y, x, modes % MODES), x, modes / MODES));
                bool masked = build[i] != root_relu && build[i] != log_relu ? true : at[k] < 0;
                if (masked && second != 0)
                    fail_msg("function %zu at %g, modes %d: the second derivative is %g, expected 0", i, at[k], modes, second);
                ct_graph_free(g);
            }
}

/* --- every elementwise op ----------------------------------------------------------------------------------------------------- */

static void set_all(ct_tensor *t, double value)
{
    if (t)
        ct_tensor_fill(t, value);
}

/* Operands of all kinds of special numbers, and weights that are zero. */
static void make_special(numbers *all, int n)
{
    static const double special[] = {0, -1, -INFINITY, 2, NAN, -0.0, INFINITY, 1, 1e300, -1e300, 1e-300};
    enum { SPECIAL = sizeof special / sizeof *special };
    for (int i = 0; i < n; i++) {
        for (int64_t k = 0; all->x[i] && ct_tensor_dtype(all->x[i]) == CT_F64 && k < ct_tensor_count(all->x[i]); k++)
            ct_tensor_set(all->x[i], k, special[(k * (i + 1) + 3 * i) % SPECIAL]);
        set_all(all->v[i], 0);
    }
    set_all(all->w, 0);
}

static void check_zeros(const instance *t, int role, const ct_tensor *value)
{
    for (int64_t k = 0; value && k < ct_tensor_count(value); k++)
        if (ct_tensor_get(value, k) != 0)
            fail_msg("%s, sample %d, %s, element %lld: %g for a zero, expected 0", t->op->name, t->number, role_name(role), (long long)k,
                     ct_tensor_get(value, k));
}

static int check_zeros_stay(const ct_op *op, int number, ct_dtype dtype)
{
    instance t = instance_make(op, number, dtype, CONTIGUOUS);
    int checked = 0;
    if (t.derivable) {
        numbers all = numbers_draw(t.sample, ct_var_shape(t.node[VALUE]), 5);
        make_special(&all, t.sample->n);
        results r = instance_results(&t, &all, NULL);
        check_zeros(&t, TANGENT, r.at[TANGENT]);
        for (int i = 0; i < t.sample->n; i++)
            check_zeros(&t, COTANGENT, r.at[COTANGENT + i]);
        checked = r.at[TANGENT] != NULL;
        results_free(&r);
        numbers_free(&all);
    }
    instance_free(&t);
    return checked;
}

/* Whatever the operands and however steep the op is there. */
static void a_zero_tangent_or_cotangent_stays_zero(void **state)
{
    int checked = 0;
    (void)state;
    for (int i = 0; i < ct_op_count(); i++) {
        const ct_op *op = ct_op_at(i);
        for (int k = 0; op->map[CT_F32] && op->kind != CT_CONSTANT && op->samples[k].build; k++)
            if (!op->samples[k].error)
                checked += check_zeros_stay(op, k, CT_F32) + check_zeros_stay(op, k, CT_F64);
    }
    assert_true(checked > 100);
}

/* A cotangent or an operand that is NaN is not hidden where nothing masks it. */
static void nan_is_not_hidden(void **state)
{
    (void)state;
    for (int mode = 0; mode < MODES; mode++) {
        ct_graph *g = ct_graph_new();
        ct_var *x = ct_input(g, "x", CT_F32, CT_SHAPE(1));
        assert_true(isnan(value_of(g, x, 2, derivative(ct_mul(ct_tanh(x), ct_log(ct_neg(x))), x, mode))));
        assert_true(isnan(value_of(g, x, NAN, derivative(ct_square(x), x, mode))));
        assert_true(isnan(value_of(g, x, NAN, derivative(ct_exp(x), x, mode))));
        ct_graph_free(g);
    }
}

/* --- strong zeros -------------------------------------------------------------------------------------------------------------------- */

typedef struct strong_case { double x, y, product; } strong_case;

/* x y with both as inputs, and with either as a splat, whose products are simplified. */
static void check_product(const strong_case *c, int splat)
{
    ct_graph *g = ct_graph_new();
    ct_var *given = ct_input(g, "given", CT_F64, CT_SHAPE(1)), *other = ct_full_like(given, splat == 0 ? c->x : c->y);
    if (splat == 2)
        other = ct_add(ct_mul_no_nan(given, ct_zeros_like(given)), other);
    ct_var *product = splat == 0 ? ct_mul_no_nan(other, given) : ct_mul_no_nan(given, other);
    double got = value_of(g, given, splat == 0 ? c->y : c->x, product);
    if (!(got == c->product || (isnan(got) && isnan(c->product))))
        fail_msg("%g times %g, splat %d: %g, expected %g", c->x, c->y, splat, got, c->product);
    ct_graph_free(g);
}

static void products_with_a_strong_zero(void **state)
{
    static const strong_case cases[] = {
        {INFINITY, 0, 0}, {NAN, 0, 0}, {-INFINITY, -0.0, 0}, {3, 0, 0}, {NAN, 2, NAN}, {2, -4, -8}, {INFINITY, 1, INFINITY}, {5, NAN, NAN},
        {INFINITY, INFINITY, INFINITY}, {NAN, NAN, NAN},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int splat = 0; splat < 3; splat++)
            check_product(&cases[i], splat);
}

/* --- a node handed back is a use of its own ------------------------------------------------------------------------------------------- */

FUNCTION(same_broadcast, ct_broadcast(x, CT_SHAPE(1, 1)))
FUNCTION(same_reshape, ct_reshape(x, CT_SHAPE(1, -1)))
FUNCTION(same_product, ct_mul(x, ct_ones_like(x)))
FUNCTION(same_quotient, ct_div(x, ct_ones_like(x)))
FUNCTION(same_sum, ct_add(x, ct_zeros_like(x)))
FUNCTION(same_scale, ct_scale(x, 1))
FUNCTION(same_power, ct_pow(x, 1))
FUNCTION(same_cast, ct_cast(x, CT_F64))
FUNCTION(same_permute, ct_permute(x, CT_AXES(0, 1)))
FUNCTION(same_transpose, ct_transpose(x, 0, 0))
FUNCTION(same_slice, ct_slice(x, 0, 0, 1, 1))
FUNCTION(same_pad, ct_pad(x, 0, 0, 0, 0))
FUNCTION(same_concat, ct_concat(1, &x, 0))
FUNCTION(same_reduction, ct_sum(x, (ct_axes){0}))
FUNCTION(kept_sum, ct_sum_keep(x, CT_AXES(0)))
FUNCTION(kept_mean, ct_mean_keep(x, CT_AXES(1)))
FUNCTION(kept_maximum, ct_max_keep(x, CT_AXES(0, 1)))
FUNCTION(same_strong_product, ct_mul_no_nan(x, ct_ones_like(x)))

/* d(sum(own^2) + sum(w))/d own = 2 own, whatever made own of w. */
static void what_is_handed_back_is_a_use_of_its_own(void **state)
{
    static ct_var *(*const build[])(ct_var *x) = {
        same_broadcast, same_reshape, same_product, same_quotient, same_sum, same_scale, same_power, same_cast, same_permute, same_transpose,
        same_slice, same_pad, same_concat, same_reduction, kept_sum, kept_mean, kept_maximum, same_strong_product,
    };
    (void)state;
    for (size_t i = 0; i < sizeof build / sizeof *build; i++) {
        ct_graph *g = ct_graph_new();
        ct_var *w = ct_input(g, "w", CT_F64, CT_SHAPE(1, 1)), *own = build[i](w), *grad = NULL;
        assert_true(own != w);
        ct_grad(ct_add(ct_sum_all(ct_square(own)), ct_sum_all(w)), 1, &own, &grad);
        double got = value_of(g, w, 1, grad);
        if (got != 2)
            fail_msg("function %zu: the gradient is %g, expected 2", i, got);
        ct_graph_free(g);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ties_kinks_and_bounds), cmocka_unit_test(singular_points_that_a_mask_hides),
        cmocka_unit_test(what_select_leaves_out_has_no_derivative), cmocka_unit_test(nor_a_second_derivative),
        cmocka_unit_test(a_zero_tangent_or_cotangent_stays_zero), cmocka_unit_test(nan_is_not_hidden),
        cmocka_unit_test(products_with_a_strong_zero), cmocka_unit_test(what_is_handed_back_is_a_use_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
