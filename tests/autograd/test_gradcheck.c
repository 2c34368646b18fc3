/* SPDX-License-Identifier: MIT */
/* The gradient check passes what is right, and says what is wrong: where, in which mode, with both numbers. */
#include "support.h"

#include <cotangent/gradcheck.h>
#include <cotangent/op.h>
#include <cotangent/ops.h>
#include <cotangent/program.h>
#include <cotangent/transform.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* --- running a check ------------------------------------------------------------------------------------------------ */

enum { MAX_INPUTS = 4 };

typedef struct fixture {
    int n;
    ct_tensor *x[MAX_INPUTS];
    ct_gradcheck_options options;
    ct_gradcheck_result result;
    ct_error err;
    char last_mode[64];
    int last_input;
    int64_t last_coordinate;
    int reports;
} fixture;

static void report(void *context, const ct_gradcheck_failure *failure)
{
    fixture *f = context;
    snprintf(f->last_mode, sizeof f->last_mode, "%s", failure->mode);
    f->last_input = failure->input;
    f->last_coordinate = failure->coordinate;
    f->reports++;
    assert_non_null(strstr(failure->message, failure->mode));
}

static void add(fixture *f, ct_shape shape, double low, double high)
{
    support_rng rng = {(uint64_t)f->n + 7};
    f->x[f->n++] = support_tensor(CT_F64, shape, &rng, low, high);
}

static bool check(fixture *f, ct_gradcheck_fn function, void *context)
{
    f->options.report = report;
    f->options.context = f;
    f->err = (ct_error){0};
    bool ok = ct_gradcheck(function, context, f->n, f->x, &f->options, &f->result, &f->err);
    for (int i = 0; i < f->n; i++)
        ct_tensor_free(f->x[i]);
    return ok;
}

static void expect_pass(fixture *f, ct_gradcheck_fn function, void *context)
{
    bool ok = check(f, function, context);
    assert_ok(ok, &f->err);
    assert_true(f->result.compared > 0);
    assert_int_equal(f->result.failed, 0);
    assert_int_equal(f->result.inconclusive, 0);
    assert_true(f->result.worst <= 1);
    assert_string_equal(f->result.first, "");
}

/* Fails, and one of the failures is in the mode; the first message names the mode it begins with. */
static void expect_failure(fixture *f, ct_gradcheck_fn function, void *context, const char *first_mode)
{
    assert_false(check(f, function, context));
    assert_true(f->result.failed > 0);
    assert_int_equal(f->result.failed, f->reports);
    if (strncmp(f->result.first, first_mode, strlen(first_mode)))
        print_error("first failure: %s\nexpected mode %s\n", f->result.first, first_mode);
    assert_memory_equal(f->result.first, first_mode, strlen(first_mode));
    assert_error(&f->err, CT_E_NUMERIC, f->result.first);
    assert_true(f->result.worst > 1);
}

/* --- right functions ------------------------------------------------------------------------------------------------ */

static ct_var *mlp(ct_graph *g, ct_var *const *x, void *context)
{
    (void)g, (void)context;
    ct_var *h = ct_tanh(ct_add(ct_matmul(x[0], x[1]), x[2]));
    return ct_matmul(h, x[3]);
}

static void passes_mlp(void **state)
{
    (void)state;
    fixture f = {.options = {.modes = CT_CHECK_ALL}};
    add(&f, CT_SHAPE(3, 4), -1, 1);
    add(&f, CT_SHAPE(4, 5), -1, 1);
    add(&f, CT_SHAPE(5), -1, 1);
    add(&f, CT_SHAPE(5, 2), -1, 1);
    expect_pass(&f, mlp, NULL);
    assert_int_equal(f.result.kinks, 0);
    /* First order: jvp and vjp at 3 directions and 8 + 8 + 5 + 8 coordinates; second: 4 comparisons at each. */
    assert_int_equal(f.result.compared, (2 + 4) * (3 + 29));
}

static ct_var *softmax(ct_graph *g, ct_var *const *x, void *context)
{
    (void)g, (void)context;
    ct_var *e = ct_exp(ct_sub(x[0], ct_stop_gradient(ct_max_keep(x[0], CT_AXES(-1)))));
    return ct_div(e, ct_sum_keep(e, CT_AXES(-1)));
}

static void passes_softmax(void **state)
{
    (void)state;
    fixture f = {.options = {.modes = CT_CHECK_ALL, .coordinates = -1}};
    add(&f, CT_SHAPE(3, 6), -2, 2);
    expect_pass(&f, softmax, NULL);
}

static ct_var *softmax_of_max(ct_graph *g, ct_var *const *x, void *context)
{
    (void)g, (void)context;
    ct_var *e = ct_exp(ct_sub(x[0], ct_max_keep(x[0], CT_AXES(-1))));
    return ct_div(e, ct_sum_keep(e, CT_AXES(-1)));
}

/* A gradient that cancels to nothing in one input must not count as drowned while another input has one. */
static ct_var *shifted_softmax(ct_graph *g, ct_var *const *x, void *context)
{
    ct_var *shifted = ct_add(x[0], ct_broadcast(x[1], ct_var_shape(x[0])));
    return softmax_of_max(g, &shifted, context);
}

static void passes_inputs_without_effect(void **state)
{
    (void)state;
    fixture f = {.options = {.modes = CT_CHECK_ALL}};
    add(&f, CT_SHAPE(3, 6), -2, 2);
    add(&f, CT_SHAPE(3, 1), -2, 2);
    add(&f, CT_SHAPE(5), -2, 2);  /* not used at all */
    expect_pass(&f, shifted_softmax, NULL);
}

static ct_var *with_int(ct_graph *g, ct_var *const *x, void *context)
{
    (void)g, (void)context;
    return ct_sin(ct_gather(x[1], x[0], 0));
}

static void passes_integer_inputs_and_float32_points(void **state)
{
    (void)state;
    fixture f = {.options = {.coordinates = -1}};
    support_rng rng = {3};
    f.x[f.n++] = support_tensor(CT_I32, CT_SHAPE(4), &rng, 0, 3);
    f.x[f.n++] = support_tensor(CT_F32, CT_SHAPE(3, 2), &rng, -1, 1);
    expect_pass(&f, with_int, NULL);
    assert_int_equal(f.result.compared, 2 * (3 + 6));
}

static ct_var *with_noise(ct_graph *g, ct_var *const *x, void *context)
{
    (void)context;
    ct_var *noise = ct_normal(g, CT_F64, ct_var_shape(x[0]));
    return ct_sum_all(ct_mul(ct_sin(x[0]), ct_add(noise, ct_mul(noise, x[0]))));
}

static void passes_random_nodes(void **state)
{
    (void)state;
    fixture f = {.options = {.modes = CT_CHECK_ALL}};
    add(&f, CT_SHAPE(7), -1, 1);
    expect_pass(&f, with_noise, NULL);
}

/* Large and small together: parameters of very different scale. */
static ct_var *mixed_scales(ct_graph *g, ct_var *const *x, void *context)
{
    (void)g, (void)context;
    return ct_sum_all(ct_mul(ct_log(x[0]), ct_exp(ct_mul(x[1], x[2]))));
}

static void passes_inputs_of_different_scales(void **state)
{
    (void)state;
    fixture f = {.options = {.modes = CT_CHECK_ALL, .coordinates = -1}};
    add(&f, CT_SHAPE(4), 1e-3, 2e-3);
    add(&f, CT_SHAPE(4), 1e4, 2e4);
    add(&f, CT_SHAPE(4), -1e-4, 1e-4);
    expect_pass(&f, mixed_scales, NULL);
}

/* --- stop_gradient -------------------------------------------------------------------------------------------------- */

/* Plain differences see 2 (x - x^2)(1 - 2x); with the target held still it is 2 (x - x^2). */
static ct_var *regression(ct_graph *g, ct_var *const *x, void *context)
{
    (void)g, (void)context;
    return ct_sum_all(ct_square(ct_sub(x[0], ct_stop_gradient(ct_mul(x[0], x[0])))));
}

static void freezes_stop_gradient(void **state)
{
    (void)state;
    fixture f = {.options = {.modes = CT_CHECK_ALL, .coordinates = -1}};
    add(&f, CT_SHAPE(5), 0.5, 2);
    expect_pass(&f, regression, NULL);
}

/* A target that holds a kink and another target: neither is looked at. */
static ct_var *nested_stops(ct_graph *g, ct_var *const *x, void *context)
{
    (void)g, (void)context;
    ct_var *inner = ct_stop_gradient(ct_relu(x[0]));
    ct_var *target = ct_stop_gradient(ct_mul(inner, ct_exp(x[0])));
    return ct_add(ct_mul(ct_sin(x[0]), target), ct_mul(inner, x[0]));
}

static void freezes_nested_stop_gradients(void **state)
{
    (void)state;
    fixture f = {.options = {.modes = CT_CHECK_ALL, .coordinates = -1}};
    add(&f, CT_SHAPE(5), -1, 1);
    ct_tensor_set(f.x[0], 2, 0.0);
    expect_pass(&f, nested_stops, NULL);
    assert_int_equal(f.result.kinks, 0);
}

/* The shape of a MeanFlow loss: a target made of a jvp, under stop_gradient. */
static ct_var *meanflow_like(ct_graph *g, ct_var *const *x, void *context)
{
    (void)g, (void)context;
    ct_var *u = ct_matmul(ct_tanh(ct_matmul(x[0], x[1])), x[2]), *du = NULL;
    ct_var *v = ct_full_like(x[0], 0.7);
    ct_jvp(1, &u, 1, &x[0], &v, &du);
    return ct_mean_all(ct_square(ct_sub(u, ct_stop_gradient(ct_sub(v, ct_scale(du, 0.3))))));
}

static void freezes_a_meanflow_target(void **state)
{
    (void)state;
    fixture f = {.options = {.modes = CT_CHECK_ALL}};
    add(&f, CT_SHAPE(3, 2), -1, 1);
    add(&f, CT_SHAPE(2, 5), -1, 1);
    add(&f, CT_SHAPE(5, 2), -1, 1);
    expect_pass(&f, meanflow_like, NULL);
}

/* --- kinks ---------------------------------------------------------------------------------------------------------- */

static ct_var *relu(ct_graph *g, ct_var *const *x, void *context)
{
    (void)g, (void)context;
    return ct_mul(ct_relu(x[0]), ct_sin(x[0]));
}

static void passes_relu_away_from_its_kink(void **state)
{
    (void)state;
    fixture f = {.options = {.modes = CT_CHECK_ALL, .coordinates = -1}};
    add(&f, CT_SHAPE(6), 0.3, 1);
    for (int i = 0; i < 3; i++)
        ct_tensor_set(f.x[0], i, -0.5 - i);
    expect_pass(&f, relu, NULL);
    assert_int_equal(f.result.kinks, 0);
}

/* With one element at the kink, every direction and one coordinate cross it; the other coordinates are compared. */
static void counts_kinks(void **state)
{
    (void)state;
    fixture f = {.options = {.modes = CT_CHECK_JVP, .coordinates = -1}};
    add(&f, CT_SHAPE(6), 0.3, 1);
    ct_tensor_set(f.x[0], 4, 0.0);
    expect_pass(&f, relu, NULL);
    assert_int_equal(f.result.kinks, 3 + 1);
    assert_int_equal(f.result.compared, 5);
}

static ct_var *maxima(ct_graph *g, ct_var *const *x, void *context)
{
    (void)g, (void)context;
    return ct_square(ct_max(x[0], CT_AXES(0)));
}

static void counts_ties_of_max(void **state)
{
    (void)state;
    fixture f = {.options = {.modes = CT_CHECK_JVP, .coordinates = -1}};
    add(&f, CT_SHAPE(4), 0.3, 1);
    ct_tensor_set(f.x[0], 1, 1.5);
    ct_tensor_set(f.x[0], 3, 1.5);
    expect_pass(&f, maxima, NULL);
    assert_int_equal(f.result.kinks, 3 + 2);
    assert_int_equal(f.result.compared, 2);
}

static void refuses_to_pass_when_all_is_kinks(void **state)
{
    (void)state;
    fixture f = {.options = {.modes = CT_CHECK_JVP}};
    add(&f, CT_SHAPE(3), 0, 1);
    ct_tensor_fill(f.x[0], 0);
    assert_false(check(&f, relu, NULL));
    assert_int_equal(f.result.compared, 0);
    assert_int_equal(f.result.kinks, 3 + 3);
    assert_error(&f.err, CT_E_NUMERIC, "nothing was compared");
}

/* --- wrong derivatives ---------------------------------------------------------------------------------------------- */

static const ct_sample no_samples[] = {{0}};

#define TANH_OP(op_name, rule)                                                                                         \
    static const ct_op op_name = {.name = #op_name, .kind = CT_ELEMENTWISE, .arity = 1, .infer = ct_infer_same,         \
                                  .map = {[CT_F64] = ct_map_tanh_f64}, .deriv = rule, .samples = no_samples,           \
                                  .formula = "tanh(x)"};

static ct_var *tanh_slope(ct_var *y) { return ct_affine(ct_square(y), -1, 1); }
static ct_var *right(ct_var *y, int i) { (void)i; return tanh_slope(y); }
static ct_var *flipped(ct_var *y, int i) { (void)i; return ct_neg(tanh_slope(y)); }
static ct_var *scaled(ct_var *y, int i) { (void)i; return ct_scale(tanh_slope(y), 1.001); }
static ct_var *frozen(ct_var *y, int i) { (void)i; return ct_stop_gradient(tanh_slope(y)); }
/* Right in value, but the chain through y is broken: as if the rule had read numbers. */
static ct_var *stale(ct_var *y, int i)
{
    (void)i;
    return ct_affine(ct_mul(y, ct_stop_gradient(y)), -1, 1);
}
TANH_OP(tanh_right, right)
TANH_OP(tanh_flipped, flipped)
TANH_OP(tanh_scaled, scaled)
TANH_OP(tanh_frozen, frozen)
TANH_OP(tanh_stale, stale)

/* The op under test is applied to the second input only. */
static ct_var *applied(ct_graph *g, ct_var *const *x, void *context)
{
    ct_var *y = ct_apply(g, CT_HERE, context, 1, &x[1], NULL);
    return ct_sum(ct_mul(ct_sin(x[0]), y), CT_AXES(0));
}

static fixture two_inputs(unsigned modes)
{
    fixture f = {.options = {.modes = modes}};
    add(&f, CT_SHAPE(3, 4), -1, 1);
    add(&f, CT_SHAPE(3, 4), -1, 1);
    return f;
}

static void passes_a_right_op(void **state)
{
    (void)state;
    fixture f = two_inputs(CT_CHECK_ALL);
    expect_pass(&f, applied, (void *)&tanh_right);
}

static void catches_a_flipped_sign(void **state)
{
    (void)state;
    fixture f = two_inputs(CT_CHECK_FIRST);
    expect_failure(&f, applied, (void *)&tanh_flipped, "jvp: random direction 0: autodiff ");
    assert_non_null(strstr(f.result.first, " but central difference "));
    assert_int_equal(f.last_input, 1);
    assert_true(f.last_coordinate >= 0 && f.last_coordinate < 12);
    /* Three directions and every coordinate of input 1, in forward mode; the modes agree with each other. */
    assert_int_equal(f.result.failed, 3 + 8);
}

static void catches_a_factor(void **state)
{
    (void)state;
    fixture f = two_inputs(CT_CHECK_FIRST);
    expect_failure(&f, applied, (void *)&tanh_scaled, "jvp: ");
    assert_int_equal(f.last_input, 1);
    assert_int_equal(f.result.failed, 3 + 8);
}

/* Both rules have the right value and have lost what it depends on: only the second order can tell. */
static void catches_wrong_second_order(void **state)
{
    (void)state;
    const ct_op *ops[] = {&tanh_frozen, &tanh_stale};
    for (int i = 0; i < 2; i++) {
        fixture first = two_inputs(CT_CHECK_FIRST), second = two_inputs(CT_CHECK_SECOND);
        expect_pass(&first, applied, (void *)ops[i]);
        expect_failure(&second, applied, (void *)ops[i], "forward-over-reverse: random direction 0: autodiff ");
        assert_non_null(strstr(second.result.first, " but central difference of the gradient "));
        assert_int_equal(second.last_input, 1);
    }
}

static ct_var *custom_jvp(ct_var *y, ct_var *const *dx) { return ct_mul(tanh_slope(y), dx[0]); }
static ct_var *custom_vjp_off(ct_var *y, int i, ct_var *ybar)
{
    (void)i;
    return ct_scale(ct_mul(tanh_slope(y), ybar), 1.0001);
}
static const ct_op tanh_disagrees = {.name = "tanh_disagrees", .kind = CT_CUSTOM, .arity = 1, .infer = ct_infer_same,
                                     .map = {[CT_F64] = ct_map_tanh_f64}, .jvp = custom_jvp, .vjp = custom_vjp_off,
                                     .samples = no_samples, .formula = "tanh(x)"};

static void catches_modes_that_disagree(void **state)
{
    (void)state;
    fixture f = two_inputs(CT_CHECK_FIRST);
    expect_failure(&f, applied, (void *)&tanh_disagrees, "vjp: random direction 0: autodiff ");
    assert_non_null(strstr(f.result.first, " but jvp "));
    assert_string_equal(f.last_mode, "vjp");
    assert_int_equal(f.result.failed, 3 + 8);
    fixture forward = two_inputs(CT_CHECK_JVP);
    expect_pass(&forward, applied, (void *)&tanh_disagrees);
    fixture second = two_inputs(CT_CHECK_SECOND);
    assert_false(check(&second, applied, (void *)&tanh_disagrees));
}

/* The derivative of one element alone is wrong, among many: sampling finds it by direction, all coordinates locate it. */
static ct_var *one_wrong(ct_var *y, int i)
{
    (void)i;
    ct_var *at = ct_one_hot(ct_scalar(ct_var_graph(y), CT_I32, 17), 40, CT_F64);
    return ct_add(tanh_slope(y), ct_scale(at, 1e-3));
}
TANH_OP(tanh_one_wrong, one_wrong)

static ct_var *apply_to_all(ct_graph *g, ct_var *const *x, void *context)
{
    return ct_apply(g, CT_HERE, context, 1, x, NULL);
}

static void locates_a_wrong_element(void **state)
{
    (void)state;
    fixture f = {.options = {.coordinates = -1}};
    add(&f, CT_SHAPE(40), -1, 1);
    expect_failure(&f, apply_to_all, (void *)&tanh_one_wrong, "jvp: random direction 0: ");
    assert_int_equal(f.result.failed, 3 + 1);
    assert_int_equal(f.last_input, 0);
    assert_int_equal(f.last_coordinate, 17);
}

/* A derivative that is infinite, at a point where the function is fine. */
static ct_var *root(ct_graph *g, ct_var *const *x, void *context)
{
    (void)g, (void)context;
    return ct_pow(ct_square(x[0]), 0.25);
}

static void never_passes_what_is_not_finite(void **state)
{
    (void)state;
    fixture f = {.options = {.coordinates = -1}};
    add(&f, CT_SHAPE(3), 1, 2);
    ct_tensor_set(f.x[0], 1, 0.0);
    assert_false(check(&f, root, NULL));
    assert_true(f.result.failed > 0);
}

/* --- what cannot be decided ----------------------------------------------------------------------------------------- */

typedef struct tower_of { const ct_op *op; double height; } tower_of;

static ct_var *tower(ct_graph *g, ct_var *const *x, void *context)
{
    const tower_of *t = context;
    return ct_shift(ct_sum_all(ct_apply(g, CT_HERE, t->op, 1, x, NULL)), t->height);
}

/* The function's changes are lost in its value, in part or altogether: not failed, and above all not passed, right or
 * wrong. */
static void reports_what_drowns(void **state)
{
    (void)state;
    tower_of towers[] = {{&tanh_right, 1e12}, {&tanh_scaled, 1e12}, {&tanh_right, 1e18}, {&tanh_scaled, 1e18}};
    for (int i = 0; i < 4; i++) {
        fixture f = {.options = {.modes = CT_CHECK_JVP}};
        add(&f, CT_SHAPE(5), -1, 1);
        assert_false(check(&f, tower, &towers[i]));
        assert_int_equal(f.result.failed, 0);
        assert_int_equal(f.result.compared, 0);
        assert_int_equal(f.result.inconclusive, 3 + 5);
        assert_error(&f.err, CT_E_NUMERIC, "drowned in rounding");
    }
}

/* Rounding that the value does not show: it comes and goes inside. With much of it, a wider step is found. */
static ct_var *cancelling(ct_graph *g, ct_var *const *x, void *context)
{
    const tower_of *t = context;
    ct_var *y = ct_apply(g, CT_HERE, t->op, 1, x, NULL);
    return ct_sum_all(ct_shift(ct_shift(y, t->height), -t->height));
}

static void measures_hidden_rounding(void **state)
{
    (void)state;
    for (double height = 1e4; height <= 1e7; height *= 1e3) {
        fixture f = {.options = {.coordinates = -1}};
        add(&f, CT_SHAPE(50), -1, 1);
        expect_pass(&f, cancelling, &(tower_of){&tanh_right, height});
        fixture wrong = {.options = {.coordinates = -1}};
        add(&wrong, CT_SHAPE(50), -1, 1);
        expect_failure(&wrong, cancelling, &(tower_of){&tanh_scaled, height}, "jvp: ");
        assert_int_equal(wrong.result.failed, 3 + 50);
    }
}

/* All small is not drowned: what counts is derivatives beside values. */
static ct_var *small(ct_graph *g, ct_var *const *x, void *context)
{
    return ct_scale(ct_apply(g, CT_HERE, context, 1, x, NULL), 1e-14);
}

static void checks_small_functions(void **state)
{
    (void)state;
    fixture f = {.options = {.modes = CT_CHECK_ALL}};
    add(&f, CT_SHAPE(5), -1, 1);
    expect_pass(&f, small, (void *)&tanh_right);
    fixture wrong = {.options = {.modes = CT_CHECK_ALL}};
    add(&wrong, CT_SHAPE(5), -1, 1);
    expect_failure(&wrong, small, (void *)&tanh_scaled, "jvp: ");
}

/* So steep that the first step is far too wide: a smaller one is found. */
static ct_var *oscillation(ct_graph *g, ct_var *const *x, void *context)
{
    return ct_sin(ct_scale(ct_apply(g, CT_HERE, context, 1, x, NULL), 1e4));
}

static void finds_a_step_that_fits(void **state)
{
    (void)state;
    fixture f = {.options = {.modes = CT_CHECK_ALL}};
    add(&f, CT_SHAPE(5), 0.1, 0.9);
    expect_pass(&f, oscillation, (void *)&tanh_right);
    fixture wrong = {.options = {.modes = CT_CHECK_FIRST}};
    add(&wrong, CT_SHAPE(5), 0.1, 0.9);
    expect_failure(&wrong, oscillation, (void *)&tanh_scaled, "jvp: ");
    assert_int_equal(wrong.result.failed, 3 + 5);
}

static ct_var *all_stopped(ct_graph *g, ct_var *const *x, void *context)
{
    (void)g, (void)context;
    return ct_stop_gradient(ct_sin(x[0]));
}

static void passes_a_function_that_is_all_stopped(void **state)
{
    (void)state;
    fixture f = {.options = {.modes = CT_CHECK_ALL}};
    add(&f, CT_SHAPE(5), -1, 1);
    expect_pass(&f, all_stopped, NULL);
}

/* An op that gives something else each time. */
static void restless_eval(const ct_eval *c)
{
    static double turn;
    for (int64_t i = 0; i < ct_array_count(&c->y); i++)
        ((double *)c->y.data)[i] = ((const double *)c->x[0].data)[i] + 1e-13 * turn;
    turn += 1;
}
static ct_var *identity_rule(ct_var *y, int i, ct_var *ybar) { (void)y, (void)i; return ybar; }
static bool infer_first(ct_infer *c)
{
    c->dtype = ct_var_dtype(c->x[0]);
    c->shape = ct_var_shape(c->x[0]);
    return true;
}
static const ct_op restless = {.name = "restless", .kind = CT_LINEAR, .arity = 1, .infer = infer_first,
                               .eval = restless_eval, .transpose = identity_rule, .samples = no_samples,
                               .formula = "x + a little"};

static void catches_what_is_not_deterministic(void **state)
{
    (void)state;
    fixture f = {0};
    add(&f, CT_SHAPE(5), 1, 2);
    expect_failure(&f, apply_to_all, (void *)&restless, "determinism: base point: autodiff ");
}

/* --- refusals ------------------------------------------------------------------------------------------------------- */

static ct_var *mismatched(ct_graph *g, ct_var *const *x, void *context)
{
    (void)g, (void)context;
    return ct_matmul(x[0], x[0]);
}
static ct_var *nothing(ct_graph *g, ct_var *const *x, void *context)
{
    (void)g, (void)x, (void)context;
    return NULL;
}
static ct_var *single(ct_graph *g, ct_var *const *x, void *context)
{
    (void)g, (void)context;
    return ct_cast(x[0], CT_F32);
}
static ct_var *logarithm(ct_graph *g, ct_var *const *x, void *context)
{
    (void)g, (void)context;
    return ct_log(x[0]);
}
static ct_var *foreign(ct_graph *g, ct_var *const *x, void *context)
{
    (void)g, (void)x;
    return context;
}

static void refuse(ct_gradcheck_fn function, void *context, ct_code code, const char *part)
{
    fixture f = {0};
    add(&f, CT_SHAPE(2, 3), -2, -1);
    assert_false(check(&f, function, context));
    assert_error(&f.err, code, part);
    assert_int_equal(f.result.compared, 0);
}

static void refuses_functions_that_cannot_be_checked(void **state)
{
    (void)state;
    refuse(NULL, NULL, CT_E_ARGUMENT, "the function is NULL");
    refuse(mismatched, NULL, CT_E_SHAPE, "the function under test cannot be built: ");
    refuse(nothing, NULL, CT_E_ARGUMENT, "returned NULL");
    refuse(single, NULL, CT_E_DTYPE, "expected float64");
    refuse(logarithm, NULL, CT_E_NUMERIC, "at the base point");
    ct_graph *other = ct_graph_new();
    refuse(foreign, ct_scalar(other, CT_F64, 1), CT_E_ARGUMENT, "another graph");
    ct_graph_free(other);
}

static void refuses_inputs_that_cannot_be_perturbed(void **state)
{
    (void)state;
    ct_error err;
    ct_gradcheck_result result;
    ct_tensor *index = ct_tensor_new(CT_I32, CT_SHAPE(3), &err), *missing = NULL;
    assert_false(ct_gradcheck(relu, NULL, 1, &index, NULL, &result, &err));
    assert_error(&err, CT_E_ARGUMENT, "nothing to differentiate");
    assert_false(ct_gradcheck(relu, NULL, 1, &missing, NULL, NULL, &err));
    assert_error(&err, CT_E_ARGUMENT, "input 0 is NULL");
    assert_false(ct_gradcheck(relu, NULL, 0, NULL, NULL, NULL, &err));
    assert_error(&err, CT_E_ARGUMENT, "expected at least one tensor");
    ct_tensor_free(index);
    ct_tensor *x = ct_tensor_new(CT_F64, CT_SHAPE(3), &err);
    ct_tensor_set(x, 1, (double)NAN);
    assert_false(ct_gradcheck(relu, NULL, 1, &x, NULL, NULL, &err));
    assert_error(&err, CT_E_NUMERIC, "element 1 of input 0");
    assert_false(ct_gradcheck(relu, NULL, 1, &x, &(ct_gradcheck_options){.step = -1}, NULL, &err));
    assert_error(&err, CT_E_ARGUMENT, "step -1");
    assert_false(ct_gradcheck(relu, NULL, 1, &x, &(ct_gradcheck_options){.modes = 64}, NULL, &err));
    assert_error(&err, CT_E_ARGUMENT, "modes 64");
    ct_tensor_free(x);
}

/* The same seed gives the same comparisons; another seed draws others. */
static void follows_its_seed(void **state)
{
    (void)state;
    double worst[3];
    for (int i = 0; i < 3; i++) {
        fixture f = two_inputs(CT_CHECK_FIRST);
        f.options.seed = i == 2;
        expect_pass(&f, applied, (void *)&tanh_right);
        worst[i] = f.result.worst;
    }
    assert_true(worst[0] == worst[1]);
    assert_true(worst[0] != worst[2]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(passes_mlp),
        cmocka_unit_test(passes_softmax),
        cmocka_unit_test(passes_inputs_without_effect),
        cmocka_unit_test(passes_integer_inputs_and_float32_points),
        cmocka_unit_test(passes_random_nodes),
        cmocka_unit_test(passes_inputs_of_different_scales),
        cmocka_unit_test(freezes_stop_gradient),
        cmocka_unit_test(freezes_nested_stop_gradients),
        cmocka_unit_test(freezes_a_meanflow_target),
        cmocka_unit_test(passes_relu_away_from_its_kink),
        cmocka_unit_test(counts_kinks),
        cmocka_unit_test(counts_ties_of_max),
        cmocka_unit_test(refuses_to_pass_when_all_is_kinks),
        cmocka_unit_test(passes_a_right_op),
        cmocka_unit_test(catches_a_flipped_sign),
        cmocka_unit_test(catches_a_factor),
        cmocka_unit_test(catches_wrong_second_order),
        cmocka_unit_test(catches_modes_that_disagree),
        cmocka_unit_test(locates_a_wrong_element),
        cmocka_unit_test(never_passes_what_is_not_finite),
        cmocka_unit_test(reports_what_drowns),
        cmocka_unit_test(measures_hidden_rounding),
        cmocka_unit_test(checks_small_functions),
        cmocka_unit_test(finds_a_step_that_fits),
        cmocka_unit_test(passes_a_function_that_is_all_stopped),
        cmocka_unit_test(catches_what_is_not_deterministic),
        cmocka_unit_test(refuses_functions_that_cannot_be_checked),
        cmocka_unit_test(refuses_inputs_that_cannot_be_perturbed),
        cmocka_unit_test(follows_its_seed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
