/* SPDX-License-Identifier: MIT */
/* Where there is no derivative to compare with: kinks, infinite derivatives, and the ends of what a function is defined
 * for. None of them is a pass, or hides a wrong rule that could be seen, or is called a failure. */
#include "gradchecks.h"

static void set(checking *k, int input, int64_t at, double value) { ct_tensor_set(k->x[input], at, value); }

/* A check of f at six points from 0.3 to 1. */
static checking six_points(ct_gradcheck_fn f, void *context, unsigned modes)
{
    checking k = check_of(f, context, modes);
    check_add(&k, CT_SHAPE(6), 0.3, 1);
    return k;
}

static void expect(checking *k, ct_gradcheck_verdict verdict, const char *reason)
{
    ct_gradcheck_verdict met = check_run(k);
    if (met != verdict || !strstr(k->result.reason, reason))
        fail_msg("verdict %d, not %d: %s", (int)met, (int)verdict, k->err.message);
}

/* --- kinks ---------------------------------------------------------------------------------------------------------- */

static ct_var *wrong_square_slope(ct_var *y, int i) { (void)i; return ct_scale(ct_var_input(y, 0), 4.0 / 3); }
static void square_map(int64_t n, const void *const *x, void *y, const void *attr)
{
    (void)attr;
    for (int64_t i = 0; i < n; i++)
        ((double *)y)[i] = ((const double *)x[0])[i] * ((const double *)x[0])[i];
}
CHECK_OP(wrong_square, square_map, wrong_square_slope)

/* relu(x) + square(x - 1) with a rule that is wrong by a third. */
static ct_var *wrong_beside_relu(ct_graph *g, ct_var *const *x, void *context)
{
    (void)context;
    ct_var *u = ct_shift(x[0], -1);
    return ct_add(ct_relu(x[0]), ct_apply(g, CT_HERE, &wrong_square, 1, &u, NULL));
}

static void all_kinks_are_no_pass(void **state)
{
    (void)state;
    const unsigned modes[] = {CT_CHECK_JVP, CT_CHECK_FIRST, CT_CHECK_SECOND, CT_CHECK_ALL};
    for (int i = 0; i < 4; i++) {
        checking k = six_points(wrong_beside_relu, NULL, modes[i]);
        ct_tensor_fill(k.x[0], 0);
        expect(&k, CT_GRADCHECK_INCONCLUSIVE, "nothing was compared: all ");
        assert_true(k.result.kinks >= 3 + 6);
    }
    checking k = six_points(wrong_beside_relu, NULL, CT_CHECK_FIRST);
    set(&k, 0, 2, 0);
    expect(&k, CT_GRADCHECK_FAILED, "");
}

static ct_var *relu_plus_sin(ct_graph *g, ct_var *const *x, void *context)
{
    (void)g, (void)context;
    return ct_add(ct_relu(x[0]), ct_sin(x[1]));
}

static void an_input_of_kinks_is_no_pass(void **state)
{
    (void)state;
    checking k = six_points(relu_plus_sin, NULL, CT_CHECK_FIRST);
    check_add(&k, CT_SHAPE(6), -1, 1);
    ct_tensor_fill(k.x[0], 0);
    expect(&k, CT_GRADCHECK_INCONCLUSIVE, "none of the 6 differences in input 0 could be compared");
}

static ct_var *chosen(ct_graph *g, ct_var *const *x, void *context)
{
    (void)g;
    ct_var *u = x[0], *bound = ct_full_like(u, 0.5), *column = ct_reshape(u, CT_SHAPE(6, 1));
    ct_var *pairs = ct_concat(2, (ct_var *[]){column, ct_reshape(bound, CT_SHAPE(6, 1))}, 1);
    switch (*(const int *)context) {
    case 0: return ct_mul(ct_relu(ct_shift(u, -0.5)), ct_sin(u));
    case 1: return ct_maximum(ct_sin(u), ct_full_like(u, sin(0.5)));
    case 2: return ct_minimum(ct_mul(u, u), ct_full_like(u, 0.25));
    case 3: return ct_abs(ct_shift(u, -0.5));
    case 4: return ct_clamp(u, 0.1, 0.5);
    case 5: return ct_select(ct_greater(u, bound), ct_square(u), u);
    case 6: return ct_mul(ct_cast(ct_cast(ct_scale(u, 2), CT_I32), CT_F64), u);
    default: return ct_mul(ct_max_keep(pairs, CT_AXES(1)), column);
    }
}
enum { CHOICES = 8 };

/* One coordinate on the kink at 0.5: it and the directions are skipped, the others compared. Beside the kink, by less than
 * the first step, smaller ones are found. */
static void every_choice_is_watched(void **state)
{
    (void)state;
    for (int i = 0; i < CHOICES; i++) {
        checking on = six_points(chosen, &i, CT_CHECK_JVP), beside = six_points(chosen, &i, CT_CHECK_JVP);
        set(&on, 0, 0, 0.35);
        set(&beside, 0, 0, 0.35);
        set(&on, 0, 2, 0.5);
        expect(&on, CT_GRADCHECK_PASSED, "");
        assert_int_equal(on.result.kinks, 3 + 1);
        assert_int_equal(on.result.compared, 5);
        set(&beside, 0, 2, 0.5 + 1e-8);
        expect(&beside, CT_GRADCHECK_PASSED, "");
        assert_int_equal(beside.result.kinks, 0);
    }
}

/* A step of one's own: constant in pieces, without a derivative. */
static void floor_map(int64_t n, const void *const *x, void *y, const void *attr)
{
    (void)attr;
    for (int64_t i = 0; i < n; i++)
        ((double *)y)[i] = floor(((const double *)x[0])[i]);
}
static const ct_op my_floor = {.name = "my_floor", .kind = CT_CONSTANT, .arity = 1, .infer = ct_infer_same,
                               .map = {[CT_F64] = floor_map}, .samples = check_no_samples, .formula = "floor(x)"};
static ct_var *sawtooth(ct_graph *g, ct_var *const *x, void *context)
{
    (void)context;
    ct_var *u = ct_scale(x[0], 4);
    return ct_square(ct_sub(u, ct_apply(g, CT_HERE, &my_floor, 1, &u, NULL)));
}

static void ops_of_ones_own_are_watched(void **state)
{
    (void)state;
    checking k = six_points(sawtooth, NULL, CT_CHECK_JVP);
    set(&k, 0, 2, 0.5);
    expect(&k, CT_GRADCHECK_PASSED, "");
    assert_int_equal(k.result.kinks, 3 + 1);
}

/* |x| with a rule that compares nothing: -1 at 0, where no derivative is. */
static void abs_map(int64_t n, const void *const *x, void *y, const void *attr)
{
    (void)attr;
    for (int64_t i = 0; i < n; i++)
        ((double *)y)[i] = fabs(((const double *)x[0])[i]);
}
static ct_var *abs_slope(ct_var *y, int i)
{
    (void)i;
    return ct_affine(ct_sigmoid(ct_affine(ct_var_input(y, 0), 1e12, -100)), 2, -1);
}
CHECK_OP(my_abs, abs_map, abs_slope)
static ct_var *hidden_kink(ct_graph *g, ct_var *const *x, void *context)
{
    (void)context;
    return ct_mul(ct_apply(g, CT_HERE, &my_abs, 1, x, NULL), ct_cos(x[0]));
}

static void kinks_inside_a_kernel_are_noticed(void **state)
{
    (void)state;
    checking k = six_points(hidden_kink, NULL, CT_CHECK_JVP);
    set(&k, 0, 2, 0);
    set(&k, 0, 3, -0.4);
    expect(&k, CT_GRADCHECK_PASSED, "");
    assert_int_equal(k.result.kinks, 3 + 1);
    assert_int_equal(k.result.compared, 5);
}

/* --- large values are no kinks -------------------------------------------------------------------------------------- */

static ct_var *large(ct_graph *g, ct_var *const *x, void *context)
{
    const ct_op *op = context;
    ct_var *square = op ? ct_apply(g, CT_HERE, op, 1, x, NULL) : ct_square(x[0]);
    return ct_maximum(ct_scale(square, 1e200), ct_scale(x[0], -1e199));
}

static void large_values_are_no_kinks(void **state)
{
    (void)state;
    checking right = six_points(large, NULL, CT_CHECK_ALL), wrong = six_points(large, (void *)&wrong_square, CT_CHECK_FIRST);
    expect(&right, CT_GRADCHECK_PASSED, "");
    expect(&wrong, CT_GRADCHECK_FAILED, "");
    assert_int_equal(right.result.kinks, 0);
    assert_int_equal(wrong.result.kinks, 0);
    assert_int_equal(wrong.result.failed, 3 + 6);
}

/* --- infinite derivatives, and the ends of a domain ------------------------------------------------------------------ */

static ct_var *root(ct_graph *g, ct_var *const *x, void *context)
{
    (void)g;
    return ct_scale(ct_sqrt(x[0]), *(const double *)context);
}
static ct_var *total_of_roots(ct_graph *g, ct_var *const *x, void *context) { return ct_sum_all(root(g, x, context)); }

static void infinite_derivatives_are_named(void **state)
{
    (void)state;
    for (double sign = -1; sign <= 1; sign += 2)
        for (int total = 0; total < 2; total++) {
            checking k = six_points(total ? total_of_roots : root, &sign, CT_CHECK_FIRST);
            set(&k, 0, 3, 0);
            expect(&k, CT_GRADCHECK_INCONCLUSIVE, "the derivative is infinite at input 0, coordinate 3");
            assert_int_equal(k.result.failed, 0);
        }
}

/* x^2.5 ends at 0, where its first derivative is 0 and its second too. */
static ct_var *power(ct_graph *g, ct_var *const *x, void *context)
{
    (void)g, (void)context;
    return ct_pow(x[0], 2.5);
}

static void ends_of_a_domain_are_inconclusive(void **state)
{
    (void)state;
    checking k = six_points(power, NULL, CT_CHECK_FIRST);
    set(&k, 0, 1, 0);
    expect(&k, CT_GRADCHECK_INCONCLUSIVE, "not finite");
    assert_int_equal(k.result.failed, 0);
}

/* A NaN is no derivative: 0 times infinity, where values are finite on both sides. */
static ct_var *cusp(ct_graph *g, ct_var *const *x, void *context)
{
    (void)g, (void)context;
    return ct_pow(ct_square(x[0]), 0.25);
}

static void nan_is_a_failure(void **state)
{
    (void)state;
    checking k = six_points(cusp, NULL, CT_CHECK_FIRST);
    set(&k, 0, 1, 0);
    expect(&k, CT_GRADCHECK_FAILED, "");
    assert_non_null(strstr(k.result.first, "autodiff nan but "));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_kinks_are_no_pass),
        cmocka_unit_test(an_input_of_kinks_is_no_pass),
        cmocka_unit_test(every_choice_is_watched),
        cmocka_unit_test(ops_of_ones_own_are_watched),
        cmocka_unit_test(kinks_inside_a_kernel_are_noticed),
        cmocka_unit_test(large_values_are_no_kinks),
        cmocka_unit_test(infinite_derivatives_are_named),
        cmocka_unit_test(ends_of_a_domain_are_inconclusive),
        cmocka_unit_test(nan_is_a_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
