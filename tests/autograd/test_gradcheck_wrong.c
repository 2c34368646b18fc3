/* SPDX-License-Identifier: MIT */
/* The gradient check never passes a wrong rule, whatever the scale of what goes in and comes out: it fails it where float64
 * allows a comparison, and else says that there was none. */
#include "gradchecks.h"

/* --- rules of the square and of tanh, wrong in one way each ----------------------------------------------------------- */

static void square_map(int64_t n, const void *const *x, void *y, const void *attr)
{
    (void)attr;
    for (int64_t i = 0; i < n; i++)
        ((double *)y)[i] = ((const double *)x[0])[i] * ((const double *)x[0])[i];
}

static ct_var *square_slope(ct_var *y) { return ct_scale(ct_var_input(y, 0), 2); }
static ct_var *tanh_slope(ct_var *y) { return ct_affine(ct_square(y), -1, 1); }
/* 1 at one element, else 0. */
static ct_var *one_of(ct_var *y, int64_t at)
{
    return ct_one_hot(ct_scalar(ct_var_graph(y), CT_I32, (double)at), ct_var_dim(y, -1), CT_F64);
}
/* slope, but `factor` times as much in one element. */
static ct_var *off_in_one(ct_var *y, ct_var *slope, double factor)
{
    return ct_mul(slope, ct_affine(one_of(y, 1), factor - 1, 1));
}

#define RULES(base)                                                                                                    \
    static ct_var *base##_right(ct_var *y, int i) { (void)i; return base##_slope(y); }                                  \
    static ct_var *base##_two_thirds(ct_var *y, int i) { (void)i; return ct_scale(base##_slope(y), 2.0 / 3); }          \
    static ct_var *base##_flipped(ct_var *y, int i) { (void)i; return ct_neg(base##_slope(y)); }                        \
    static ct_var *base##_thousandth(ct_var *y, int i) { (void)i; return ct_scale(base##_slope(y), 1.001); }            \
    static ct_var *base##_zero(ct_var *y, int i) { (void)i; return ct_scale(base##_slope(y), 0); }                      \
    static ct_var *base##_one_third(ct_var *y, int i) { (void)i; return off_in_one(y, base##_slope(y), 2.0 / 3); }      \
    static ct_var *base##_one_thousandth(ct_var *y, int i) { (void)i; return off_in_one(y, base##_slope(y), 1.001); }   \
    static ct_var *base##_frozen(ct_var *y, int i) { (void)i; return ct_stop_gradient(base##_slope(y)); }               \
    CHECK_OP(base##_op_right, base##_map, base##_right)                                                                \
    CHECK_OP(base##_op_two_thirds, base##_map, base##_two_thirds)                                                      \
    CHECK_OP(base##_op_flipped, base##_map, base##_flipped)                                                            \
    CHECK_OP(base##_op_thousandth, base##_map, base##_thousandth)                                                      \
    CHECK_OP(base##_op_zero, base##_map, base##_zero)                                                                  \
    CHECK_OP(base##_op_one_third, base##_map, base##_one_third)                                                        \
    CHECK_OP(base##_op_one_thousandth, base##_map, base##_one_thousandth)                                              \
    CHECK_OP(base##_op_frozen, base##_map, base##_frozen)                                                              \
    static const ct_op *const base##_wrong[] = {&base##_op_two_thirds, &base##_op_flipped, &base##_op_thousandth,       \
                                                &base##_op_zero, &base##_op_one_third, &base##_op_one_thousandth};

#define tanh_map ct_map_tanh_f64
RULES(square)
RULES(tanh)
enum { WRONG = sizeof square_wrong / sizeof *square_wrong };

/* --- over scales ---------------------------------------------------------------------------------------------------- */

/* out * op(x / in) for points of the size of `in`; its sum if `total`. */
typedef struct scaled { const ct_op *op; double in, out; bool total; } scaled;

static ct_var *build_scaled(ct_graph *g, ct_var *const *x, void *context)
{
    const scaled *s = context;
    ct_var *u = ct_scale(x[0], 1 / s->in), *y = ct_scale(ct_apply(g, CT_HERE, s->op, 1, &u, NULL), s->out);
    return s->total ? ct_sum_all(y) : y;
}

static checking run_scaled(scaled s, unsigned modes)
{
    checking k = check_of(build_scaled, &s, modes);
    check_add(&k, CT_SHAPE(5), 0.3 * s.in, 1.5 * s.in);
    check_run(&k);
    return k;
}

static const double sizes[] = {1e-300, 1e-250, 1e-200, 1e-150, 1e-100, 1e-50, 1e-14, 1,
                               1e14,   1e50,   1e100,  1e150,  1e200,  1e250, 1e300};
enum { SIZES = sizeof sizes / sizeof *sizes };

/* Whether a derivative of that size, and what makes it up, is a number of full precision. */
static bool representable(double slope)
{
    return slope > 1e-285 && slope < 1e285;
}

static void expect_scaled(scaled s, unsigned modes, ct_gradcheck_verdict expected)
{
    checking k = run_scaled(s, modes);
    bool second = modes & CT_CHECK_SECOND;
    bool all = representable(s.out) && representable(s.out / s.in) && (!second || representable(s.out / s.in / s.in));
    ct_gradcheck_verdict met = k.result.verdict;
    if (met != expected && (all || met != CT_GRADCHECK_INCONCLUSIVE))
        fail_msg("%s, in %g, out %g%s: verdict %d: %s", s.op->name, s.in, s.out, s.total ? ", summed" : "", (int)met,
                 k.err.message);
}

static void wrong_rules_fail_at_every_scale(void **state)
{
    (void)state;
    for (int i = 0; i < SIZES; i++)
        for (int o = 0; o < SIZES; o++)
            for (int w = 0; w < WRONG; w++)
                for (int total = 0; total < 2; total++) {
                    const ct_op *op = (i + o) % 2 ? square_wrong[w] : tanh_wrong[w];
                    expect_scaled((scaled){op, sizes[i], sizes[o], total}, CT_CHECK_FIRST, CT_GRADCHECK_FAILED);
                }
}

static void right_rules_pass_at_every_scale(void **state)
{
    (void)state;
    for (int i = 0; i < SIZES; i++)
        for (int o = 0; o < SIZES; o++)
            for (int total = 0; total < 2; total++) {
                expect_scaled((scaled){&square_op_right, sizes[i], sizes[o], total}, CT_CHECK_FIRST, CT_GRADCHECK_PASSED);
                expect_scaled((scaled){&tanh_op_right, sizes[i], sizes[o], total}, CT_CHECK_ALL, CT_GRADCHECK_PASSED);
            }
}

static void rules_wrong_at_second_order_fail_at_every_scale(void **state)
{
    (void)state;
    for (int i = 0; i < SIZES; i++)
        for (int o = 0; o < SIZES; o++) {
            const ct_op *op = (i + o) % 2 ? &square_op_frozen : &tanh_op_frozen;
            expect_scaled((scaled){op, sizes[i], sizes[o], false}, CT_CHECK_SECOND, CT_GRADCHECK_FAILED);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_rules_fail_at_every_scale),
        cmocka_unit_test(right_rules_pass_at_every_scale),
        cmocka_unit_test(rules_wrong_at_second_order_fail_at_every_scale),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
