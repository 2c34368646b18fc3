/* SPDX-License-Identifier: MIT */
/* The gradient check never fails a right function: derivatives that cancel to nothing, numbers of any size, points of which
 * some coordinates are zero. It passes them, or says with the reason that there was nothing to compare. */
#include "gradchecks.h"

/* --- functions ------------------------------------------------------------------------------------------------------ */

#define FUNCTION(name, expression)                                                                                     \
    static ct_var *name(ct_graph *g, ct_var *const *x, void *context)                                                   \
    {                                                                                                                  \
        (void)g, (void)x, (void)context;                                                                                \
        return expression;                                                                                             \
    }

static ct_var *softmax(ct_var *x)
{
    ct_var *e = ct_exp(ct_sub(x, ct_stop_gradient(ct_max_keep(x, CT_AXES(-1)))));
    return ct_div(e, ct_sum_keep(e, CT_AXES(-1)));
}
static ct_var *log_sum_exp(ct_var *x)
{
    ct_var *m = ct_max_keep(x, CT_AXES(-1));
    return ct_add(ct_log(ct_sum_keep(ct_exp(ct_sub(x, m)), CT_AXES(-1))), m);
}
static ct_var *centred(ct_var *x) { return ct_sub(x, ct_mean_keep(x, CT_AXES(-1))); }
static ct_var *norm(ct_var *x) { return ct_sqrt(ct_sum_keep(ct_square(x), CT_AXES(-1))); }
static ct_var *deviation(ct_var *x) { return ct_sqrt(ct_shift(ct_mean_keep(ct_square(centred(x)), CT_AXES(-1)), 1e-5)); }
static ct_var *layer_norm(ct_var *x) { return ct_div(centred(x), deviation(x)); }

FUNCTION(sum_of_softmax, ct_sum(softmax(x[0]), CT_AXES(-1)))
FUNCTION(total_of_softmax, ct_sum_all(softmax(x[0])))
FUNCTION(entropy, ct_sum_all(ct_mul(softmax(x[0]), ct_log(softmax(x[0])))))
FUNCTION(mean_of_centred, ct_mean(centred(x[0]), CT_AXES(-1)))
FUNCTION(tanh_of_mean_of_centred, ct_tanh(ct_mean(centred(x[0]), CT_AXES(-1))))
FUNCTION(tanh_of_mean_of_centred_high, ct_tanh(ct_mean(centred(ct_shift(x[0], 1e6)), CT_AXES(-1))))
FUNCTION(sin2_cos2, ct_add(ct_square(ct_sin(x[0])), ct_square(ct_cos(x[0]))))
FUNCTION(total_of_sin2_cos2, ct_sum_all(ct_add(ct_square(ct_sin(x[0])), ct_square(ct_cos(x[0])))))
FUNCTION(norms, norm(x[0]))
FUNCTION(unit_vectors, ct_div(x[0], norm(x[0])))
FUNCTION(norm_of_unit_vectors, norm(ct_div(x[0], norm(x[0]))))
FUNCTION(layer_norms, layer_norm(x[0]))
FUNCTION(mean_of_layer_norm, ct_mean(layer_norm(x[0]), CT_AXES(-1)))
FUNCTION(squares_of_layer_norm, ct_mean(ct_square(layer_norm(x[0])), CT_AXES(-1)))
FUNCTION(shifted_log_sum_exp, ct_sub(log_sum_exp(ct_add(x[0], x[1])), x[1]))
FUNCTION(log_softmax_of_shifted, ct_sub(ct_add(x[0], x[1]), log_sum_exp(ct_add(x[0], x[1]))))
FUNCTION(cosine, ct_div(ct_sum_keep(ct_mul(x[0], x[0]), CT_AXES(-1)), ct_mul(norm(x[0]), norm(ct_scale(x[0], 3)))))
FUNCTION(ratio_to_itself, ct_div(x[0], ct_scale(x[0], 7)))
FUNCTION(log_of_exp, ct_sub(ct_log(ct_exp(x[0])), x[0]))
FUNCTION(exp_times_exp, ct_mul(ct_exp(x[0]), ct_exp(ct_neg(x[0]))))
FUNCTION(minus_itself, ct_sub(ct_tanh(x[0]), ct_tanh(ct_alias(x[0]))))
FUNCTION(sigmoids, ct_add(ct_sigmoid(x[0]), ct_sigmoid(ct_neg(x[0]))))
FUNCTION(tanh_pair, ct_add(ct_tanh(x[0]), ct_tanh(ct_neg(x[0]))))
FUNCTION(huge_times_tiny, ct_mul(ct_scale(x[0], 1e200), ct_scale(ct_sin(x[0]), 1e-200)))
FUNCTION(tiny_then_huge, ct_scale(ct_tanh(ct_scale(ct_scale(x[0], 1e-200), 1e200)), 1e150))
FUNCTION(huge_square, ct_scale(ct_square(x[0]), 1e200))
FUNCTION(tiny_square, ct_scale(ct_square(x[0]), 1e-200))
FUNCTION(underflows, ct_scale(ct_square(ct_scale(x[0], 1e-160)), 1e300))
FUNCTION(reciprocal_of_tiny, ct_scale(ct_recip(ct_scale(x[0], 1e-200)), 1e-200))
FUNCTION(overflows_between, ct_scale(ct_square(ct_recip(ct_scale(x[0], 1e-140))), 1e-280))
FUNCTION(constant, ct_full(g, CT_F64, CT_SHAPE(3), 1e12))
FUNCTION(constant_of_x, ct_stop_gradient(x[0]))
FUNCTION(zero_times_x, ct_scale(x[0], 0))
FUNCTION(zero_times_x_high, ct_shift(ct_scale(x[0], 0), 1e9))
FUNCTION(linear, ct_affine(x[0], 3, -1))
FUNCTION(identity, x[0])
FUNCTION(dead_relu, ct_relu(ct_shift(ct_tanh(x[0]), -2)))
FUNCTION(dead_relu_with_bias, ct_shift(ct_relu(ct_shift(ct_tanh(x[0]), -2)), 1))
FUNCTION(half_dead, ct_sum_all(ct_square(ct_relu(ct_sub(ct_sin(x[0]), ct_full_like(x[0], 0.5))))))
FUNCTION(saturated, ct_tanh(ct_scale(x[0], 30)))
FUNCTION(saturated_total, ct_sum_all(ct_sigmoid(ct_scale(x[0], 40))))
FUNCTION(sharp_softmax, softmax(ct_scale(x[0], 40)))
FUNCTION(centred_squares, ct_sum(ct_square(centred(x[0])), CT_AXES(-1)))
FUNCTION(products, ct_matmul(x[0], ct_transpose(x[0], 0, 1)))
FUNCTION(distance_to_max, ct_square(ct_sub(x[0], ct_max_keep(x[0], CT_AXES(-1)))))
FUNCTION(steep, ct_sin(ct_scale(ct_tanh(x[0]), 1e5)))
FUNCTION(on_a_hill, ct_shift(ct_sum_all(ct_tanh(x[0])), 1e12))
FUNCTION(in_single, ct_cast(ct_tanh(ct_cast(x[0], CT_F32)), CT_F64))
FUNCTION(rounded, ct_mul(ct_cast(ct_cast(ct_scale(x[0], 10), CT_I32), CT_F64), ct_sin(x[0])))
FUNCTION(logs, ct_log(x[0]))
FUNCTION(powers, ct_pow(x[0], 7.5))
FUNCTION(long_sum, ct_sum_all(ct_square(ct_broadcast(ct_reshape(x[0], CT_SHAPE(-1, 1)), CT_SHAPE(12, 4000)))))
FUNCTION(equal_terms, ct_sub(ct_mean_keep(ct_broadcast(ct_reshape(x[0], CT_SHAPE(-1, 1)), CT_SHAPE(12, 4000)), CT_AXES(1)),
                             ct_reshape(x[0], CT_SHAPE(-1, 1))))

/* Outputs of sizes far apart. */
static ct_var *many_sizes(ct_graph *g, ct_var *const *x, void *context)
{
    (void)g, (void)context;
    ct_var *parts[5];
    const double size[5] = {1e-200, 1e-20, 1, 1e20, 1e200};
    for (int i = 0; i < 5; i++)
        parts[i] = ct_scale(ct_sin(ct_shift(x[0], i)), size[i]);
    return ct_concat(5, parts, 0);
}

/* --- the corpus ----------------------------------------------------------------------------------------------------- */

/* Passes at ordinary points, or nothing more than that it must not fail. */
typedef struct right {
    const char *name;
    ct_gradcheck_fn f;
    bool passes;
    double low;      /* of the points, as a part of their size */
    double largest;  /* points: beyond, and below its inverse, what is between leaves the numbers there are, or what sin knows */
    bool smooth;     /* at peculiar points too */
} right;
#define WITHIN(f, passes, low, largest, smooth) {#f, f, passes, low, largest, smooth}
#define PASSES(f) WITHIN(f, true, -1.5, 1e60, true)
#define UNDECIDED(f) WITHIN(f, false, -1.5, 1e60, true)

static const right corpus[] = {
    PASSES(sum_of_softmax), PASSES(total_of_softmax), PASSES(entropy), PASSES(mean_of_centred),
    UNDECIDED(tanh_of_mean_of_centred), UNDECIDED(tanh_of_mean_of_centred_high),
    WITHIN(sin2_cos2, true, -1.5, 1e4, true), WITHIN(total_of_sin2_cos2, true, -1.5, 1e4, true),
    WITHIN(norms, true, -1.5, 1e60, false), WITHIN(unit_vectors, true, -1.5, 1e60, false),
    WITHIN(norm_of_unit_vectors, true, -1.5, 1e60, false), PASSES(layer_norms), PASSES(mean_of_layer_norm),
    PASSES(squares_of_layer_norm), PASSES(shifted_log_sum_exp), PASSES(log_softmax_of_shifted),
    WITHIN(cosine, true, -1.5, 1e40, false), WITHIN(ratio_to_itself, true, -1.5, 1e60, false), PASSES(log_of_exp),
    PASSES(exp_times_exp), PASSES(minus_itself), PASSES(sigmoids), PASSES(tanh_pair),
    WITHIN(huge_times_tiny, true, -1.5, 1e4, true), PASSES(tiny_then_huge), PASSES(huge_square),
    PASSES(tiny_square), UNDECIDED(underflows), UNDECIDED(reciprocal_of_tiny),
    WITHIN(overflows_between, false, -1.5, 1, false), PASSES(constant), PASSES(constant_of_x),
    UNDECIDED(zero_times_x), UNDECIDED(zero_times_x_high), PASSES(linear), PASSES(identity), PASSES(dead_relu),
    UNDECIDED(dead_relu_with_bias), WITHIN(half_dead, true, -1.5, 1e4, true), UNDECIDED(saturated),
    UNDECIDED(saturated_total), UNDECIDED(sharp_softmax), PASSES(centred_squares), PASSES(products),
    PASSES(distance_to_max), WITHIN(steep, false, -1.5, 1e4, true), UNDECIDED(on_a_hill),
    WITHIN(in_single, false, -1.5, 1e18, true), WITHIN(rounded, false, -1.5, 1e4, true),
    WITHIN(logs, true, 0.5, 1e60, false), WITHIN(powers, true, 0.5, 1e30, true), PASSES(long_sum),
    PASSES(equal_terms), WITHIN(many_sizes, true, -1.5, 1e4, true),
};
enum { CORPUS = sizeof corpus / sizeof *corpus };

static void zero_row(ct_tensor *x)
{
    for (int i = 4; i < 8; i++)
        ct_tensor_set(x, i, 0);
}
static void equal_row(ct_tensor *x)
{
    for (int i = 4; i < 8; i++)
        ct_tensor_set(x, i, 0.7);
}
static void one_zero(ct_tensor *x) { ct_tensor_set(x, 5, 0); }
static void one_tiny(ct_tensor *x) { ct_tensor_set(x, 5, 1e-12); }
static void very_tiny(ct_tensor *x) { ct_tensor_set(x, 5, 1e-200); }
static void one_huge(ct_tensor *x) { ct_tensor_set(x, 5, 1e12); }
static void all_zero(ct_tensor *x) { ct_tensor_fill(x, 0); }

/* Points [3, 4] and [3, 1] of a size, with what `change` makes of them. */
static void run_corpus(double size, unsigned modes, void (*change)(ct_tensor *x), bool must_pass)
{
    for (int i = 0; i < CORPUS; i++) {
        if (size > corpus[i].largest || size < 1 / corpus[i].largest || (change && !corpus[i].smooth) ||
            (change == one_huge && corpus[i].largest < 1e12))
            continue;
        checking k = check_of(corpus[i].f, NULL, modes);
        check_add(&k, CT_SHAPE(3, 4), corpus[i].low * size, 1.5 * size);
        check_add(&k, CT_SHAPE(3, 1), -1, 1);
        if (change)
            change(k.x[0]);
        ct_gradcheck_verdict met = check_run(&k);
        if (met == CT_GRADCHECK_FAILED || (must_pass && corpus[i].passes && met != CT_GRADCHECK_PASSED))
            fail_msg("%s at points of size %g: %s", corpus[i].name, size, k.err.message);
    }
}

static void pass_at_ordinary_points(void **state)
{
    (void)state;
    run_corpus(1, CT_CHECK_ALL, NULL, true);
}

static checking first_order_of(ct_gradcheck_fn f)
{
    checking k = check_of(f, NULL, CT_CHECK_FIRST);
    check_add(&k, CT_SHAPE(3, 4), -1.5, 1.5);
    check_run(&k);
    return k;
}

/* In second order these come to zeros made of zeros, of which differences tell nothing; in first order they pass. */
static void derivatives_that_cancel_pass(void **state)
{
    (void)state;
    const ct_gradcheck_fn functions[] = {tanh_of_mean_of_centred, tanh_of_mean_of_centred_high, total_of_softmax, sin2_cos2};
    for (int i = 0; i < 4; i++) {
        checking k = first_order_of(functions[i]);
        assert_int_equal(k.result.verdict, CT_GRADCHECK_PASSED);
        assert_int_equal(k.result.compared, 2 * (3 + 12));
    }
}

static void do_not_fail_at_points_of_any_size(void **state)
{
    (void)state;
    for (int e = -60; e <= 60; e += 12)
        run_corpus(pow(10, e), CT_CHECK_ALL, NULL, false);
}

static void do_not_fail_at_peculiar_points(void **state)
{
    (void)state;
    void (*changes[])(ct_tensor *) = {zero_row, equal_row, one_zero, one_tiny, very_tiny, one_huge, all_zero};
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++)
        run_corpus(1, CT_CHECK_ALL, changes[i], false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pass_at_ordinary_points),
        cmocka_unit_test(derivatives_that_cancel_pass),
        cmocka_unit_test(do_not_fail_at_points_of_any_size),
        cmocka_unit_test(do_not_fail_at_peculiar_points),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
