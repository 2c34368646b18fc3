/* SPDX-License-Identifier: MIT */
/* MeanFlow's relatives: each against its formula written out, against closed forms, and against the others where they must agree. */
#include "closed_forms.h"
#include "trial.h"

static const mf_objective objectives[] = {MF_MEANFLOW, MF_IMPROVED, MF_ALPHA, MF_SPLIT, MF_MATCHING};
enum { OBJECTIVES = 5 };

static mf_options options_of(mf_objective objective, int64_t equal, double p, double c)
{
    mf_options o = options_with(equal, p, c);
    o.objective = objective;
    return o;
}

/* What the draw has besides for the objectives that need it. */
static void complete(mf_draw *draw, double alpha)
{
    ct_graph *g = ct_var_graph(draw->t);
    draw->split = case_row(g, BATCH, (double[]){0.5, 0.3, 0.2, 0.9, 0.55, 0.4});
    draw->alpha = ct_scalar(g, CT_F64, alpha);
}

static trial *complete_trial(int64_t equal, double alpha)
{
    trial *t = trial_new("mlp", equal);
    complete(&t->draw, alpha);
    return t;
}

/* --- all of them ---------------------------------------------------------------------------------------------------------- */

/* u = w0 sin(z w1 + t w2) + r w3 + w4 z, with the weights as the operands of a gradient check. */
static ct_var *tiny_net(nn_scope s, ct_var *z, ct_var *t, ct_var *r, ct_var *label, mf_flow_guidance guidance, const void *config)
{
    (void)s, (void)label, (void)guidance;
    ct_var *const *w = config;
    ct_var *inner = ct_add(ct_mul(z, w[1]), ct_mul(case_rows(t), w[2]));
    ct_var *u = ct_add(ct_mul(w[0], ct_sin(inner)), ct_mul(case_rows(r), w[3]));
    return ct_add(u, ct_mul(w[4], z));
}

static ct_var *tiny_loss(ct_graph *g, ct_var *const *w, void *context)
{
    const mf_options *o = context;
    nn_scope s = {.graph = g, .path = ""};
    ct_var *x = case_constant(g, CT_F64, CT_SHAPE(BATCH, 1, 2, 2), 3, -1, 1);
    mf_draw draw = case_draw(g, x, 2, CLASSES);
    mf_loss l;
    complete(&draw, 0.3);
    return mf_loss_of(s, case_net(tiny_net, w), x, &draw, CLASSES, o, &l) ? l.loss : NULL;
}

static void check_differences(mf_options o, int n, ct_tensor *const *w)
{
    ct_gradcheck_result result;
    ct_error err = {0};
    bool ok = ct_gradcheck(tiny_loss, &o, n, w, NULL, &result, &err);
    if (!ok)
        print_error("objective %d: %s%s\n", (int)o.objective, result.first, err.message);
    assert_true(ok);
    assert_true(result.compared > 0);
}

/* Target and weight under stop_gradient are frozen by ct_gradcheck, as they are for the optimizer. */
static void test_losses_agree_with_finite_differences(void **state)
{
    (void)state;
    support_rng rng = {2};
    ct_tensor *w[5];
    for (int i = 0; i < 5; i++)
        w[i] = support_tensor(CT_F64, CT_SHAPE(1, 1, 2, 2), &rng, -1, 1);
    for (int i = 0; i < 4 * OBJECTIVES; i++) {
        mf_options o = options_of(objectives[i / 4], 2, i % 2 ? 1 : 0.5, 0.3);
        o.tangent_all_rows = i % 4 < 2;
        o.omega = i % 4 == 3 ? 1.4 : 1;
        check_differences(o, 5, w);
    }
    for (int i = 0; i < 5; i++)
        ct_tensor_free(w[i]);
}

/* At p = 1 each descends mean log(L + c), alpha-Flow with the rows of r != t weighted by alpha. */
static void test_p_one_descends_the_log(void **state)
{
    (void)state;
    for (int i = 0; i < OBJECTIVES; i++) {
        trial *t = complete_trial(2, 0.3);
        mf_loss l = loss_of(t, options_of(objectives[i], 2, 1, 0.5));
        double late = objectives[i] == MF_ALPHA ? 0.3 : 1;
        ct_var *weight = case_row(t->c.g, BATCH, (double[]){1, 1, late, late, late, late});
        ct_var *log_mean = ct_mean_all(ct_mul(weight, ct_log(ct_shift(l.per_sample, 0.5))));
        assert_true(case_relative(t->c.g, case_gradient(&t->c, l.loss), case_gradient(&t->c, log_mean)) < 1e-12);
        case_free(&t->c);
    }
}

/* Where r = t all are flow matching: u(z, t, t) on v. */
static void test_rows_with_equal_times_are_flow_matching(void **state)
{
    (void)state;
    for (int i = 0; i < OBJECTIVES; i++) {
        trial *t = complete_trial(3, 0.3);
        mf_loss l = loss_of(t, options_of(objectives[i], 3, 1, 0.01));
        ct_var *u = mf_flow_apply(t->net, t->c.s, noisy(t), t->draw.t, t->draw.t, t->draw.label);
        ct_var *matching = sum_pixels(ct_square(ct_sub(u, ct_sub(t->draw.e, t->x))));
        int64_t rows = objectives[i] == MF_MATCHING ? BATCH : 3;
        assert_true(case_relative(t->c.g, ct_slice(l.per_sample, 0, 0, rows, 1), ct_slice(matching, 0, 0, rows, 1)) < 1e-13);
        case_free(&t->c);
    }
}

/* The same bits on any number of threads, gradients and all. */
static void test_threads_change_nothing(void **state)
{
    (void)state;
    for (int i = 0; i < OBJECTIVES; i++) {
        trial *t = complete_trial(2, 0.3);
        mf_options o = options_of(objectives[i], 2, 1, 0.01);
        o.kappa = 0.5;
        ct_var *gradient = case_gradient(&t->c, loss_of(t, o).loss);
        ct_tensor *g[2];
        double scale;
        for (int j = 0; j < 2; j++)
            case_values(t->c.g, 1, &gradient, &(ct_compile_options){.threads = 1 + 2 * j}, &g[j]);
        assert_close(case_distance(g[1], g[0], &scale), 0, 0);
        ct_tensor_free(g[0]);
        ct_tensor_free(g[1]);
        case_free(&t->c);
    }
}

/* --- improved MeanFlow ------------------------------------------------------------------------------------------------------ */

static ct_var *own_velocity(trial *t)
{
    return mf_flow_apply(t->net, t->c.s, noisy(t), t->draw.t, t->draw.t, t->draw.label);
}

/* du/dt is along the network's own velocity: by differences, and not along e - x. */
static void test_improved_moves_with_the_own_velocity(void **state)
{
    (void)state;
    trial *t = complete_trial(0, 0);
    ct_var *own = own_velocity(t), *z = noisy(t), *u[2];
    double h = 1e-5;
    for (int i = 0; i < 2; i++) {
        double step = i ? h : -h;
        u[i] = mf_flow_apply(t->net, t->c.s, ct_add(z, ct_scale(own, step)), ct_shift(t->draw.t, step), t->draw.r, t->draw.label);
    }
    ct_var *expected = ct_scale(ct_sub(u[1], u[0]), 1 / (2 * h));
    assert_true(case_relative(t->c.g, loss_of(t, options_of(MF_IMPROVED, 0, 1, 0.01)).du_dt, expected) < 1e-7);
    assert_true(case_relative(t->c.g, loss_of(t, options_of(MF_MEANFLOW, 0, 1, 0.01)).du_dt, expected) > 1e-2);
    case_free(&t->c);
}

/* V = u + (t - r) du/dt, regressed on v. */
static void test_improved_is_as_written_out(void **state)
{
    (void)state;
    trial *t = complete_trial(2, 0);
    mf_loss l = loss_of(t, options_of(MF_IMPROVED, 2, 0, 0.01));
    ct_var *u = mf_flow_apply(t->net, t->c.s, noisy(t), t->draw.t, t->draw.r, t->draw.label);
    ct_var *h = case_rows(ct_sub(t->draw.t, t->draw.r)), *compound = ct_add(u, ct_mul(h, l.du_dt));
    ct_var *expected = sum_pixels(ct_square(ct_sub(compound, ct_sub(t->draw.e, t->x))));
    assert_true(case_relative(t->c.g, l.per_sample, expected) < 1e-12);
    assert_true(case_relative(t->c.g, case_gradient(&t->c, l.loss), case_gradient(&t->c, ct_mean_all(expected))) < 1e-12);
    case_free(&t->c);
}

/* A network whose own velocity is e - x, whatever its parameter: (z - x0) / t, x0 being all the data, plus (t - r) times what the MLP says. */
static ct_var *right_at_equal_times(nn_scope s, ct_var *z, ct_var *t, ct_var *r, ct_var *label, mf_flow_guidance guidance, const void *config)
{
    ct_var *rest = ct_mul(case_rows(ct_sub(t, r)), mf_mlp_flow(s, z, t, r, label, guidance, config));
    return ct_add(ct_div(ct_shift(z, -0.3), case_rows(t)), rest);
}

/* With the conditional velocity as tangent, the two losses are one, and so are their gradients. */
static void test_improved_is_meanflow_where_the_own_velocity_is_the_conditional_one(void **state)
{
    (void)state;
    trial *t = complete_trial(2, 0);
    t->net = case_net(right_at_equal_times, &t->config);
    t->x = ct_full_like(t->x, 0.3);
    mf_loss a = loss_of(t, options_of(MF_IMPROVED, 2, 1, 0.01)), b = loss_of(t, options_of(MF_MEANFLOW, 2, 1, 0.01));
    assert_true(case_relative(t->c.g, a.du_dt, b.du_dt) < 1e-12);
    assert_true(case_relative(t->c.g, a.raw_unequal, b.raw_unequal) < 1e-12);
    assert_true(case_relative(t->c.g, case_gradient(&t->c, a.loss), case_gradient(&t->c, b.loss)) < 1e-11);
    case_free(&t->c);
}

/* A closed form as the network, on data of its distribution: the draw's noise is taken as it is. */
static trial *gaussian_trial(const gaussian *d, int64_t equal)
{
    trial *t = complete_trial(equal, 0.3);
    t->net = case_net(gaussian_flow, d);
    return t;
}

/* With the exact u, V is the marginal velocity: what is left of the loss is the noise in v, which no function of z, r and t could take away. */
static void test_improved_recovers_the_marginal_velocity(void **state)
{
    (void)state;
    gaussian d = {0.4, 0.6};
    trial *t = gaussian_trial(&d, 2);
    ct_var *left = ct_sub(gaussian_velocity(noisy(t), t->draw.t, &d), ct_sub(t->draw.e, t->x));
    mf_loss l = loss_of(t, options_of(MF_IMPROVED, 2, 1, 0.01));
    assert_true(case_relative(t->c.g, l.per_sample, sum_pixels(ct_square(left))) < 1e-10);
    case_free(&t->c);
}

/* --- alpha-Flow ------------------------------------------------------------------------------------------------------------- */

static ct_var *alpha_target(trial *t, double alpha)
{
    ct_var *v = ct_sub(t->draw.e, t->x), *jump = ct_scale(ct_sub(t->draw.t, t->draw.r), alpha);
    ct_var *z = ct_sub(noisy(t), ct_mul(case_rows(jump), v));
    ct_var *rest = mf_flow_apply(t->net, t->c.s, z, ct_sub(t->draw.t, jump), t->draw.r, t->draw.label);
    return ct_stop_gradient(ct_add(ct_scale(v, alpha), ct_scale(rest, 1 - alpha)));
}

static void test_alpha_flow_is_as_written_out(void **state)
{
    (void)state;
    const double alphas[] = {0.05, 0.5, 1}, p[] = {0, 1, 1.5};
    for (int i = 0; i < 9; i++) {
        double alpha = alphas[i / 3];
        trial *t = complete_trial(0, alpha);
        mf_loss l = loss_of(t, options_of(MF_ALPHA, 0, p[i % 3], 0.5));
        ct_var *u = mf_flow_apply(t->net, t->c.s, noisy(t), t->draw.t, t->draw.r, t->draw.label);
        ct_var *square = sum_pixels(ct_square(ct_sub(u, alpha_target(t, alpha))));
        ct_var *weight = ct_stop_gradient(ct_scale(ct_pow(ct_shift(square, 0.5), -p[i % 3]), pow(alpha, 2 * p[i % 3] - 1)));
        ct_var *loss = ct_mean_all(ct_mul(square, weight));
        assert_true(case_relative(t->c.g, l.per_sample, square) < 1e-12);
        assert_true(case_relative(t->c.g, l.loss, loss) < 1e-12);
        assert_true(case_relative(t->c.g, case_gradient(&t->c, l.loss), case_gradient(&t->c, loss)) < 1e-12);
        assert_null(l.du_dt);
        case_free(&t->c);
    }
}

/* alpha = 1 regresses u(z, r, t) on v, on the whole trajectory; without an alpha it is 1, and the network is evaluated once. */
static void test_alpha_one_is_flow_matching_along_the_trajectory(void **state)
{
    (void)state;
    trial *t = complete_trial(2, 1);
    mf_options o = options_of(MF_ALPHA, 2, 1, 0.01);
    mf_loss one = loss_of(t, o);
    t->draw.alpha = NULL;
    mf_loss none = loss_of(t, o);
    ct_var *u = mf_flow_apply(t->net, t->c.s, noisy(t), t->draw.t, t->draw.r, t->draw.label);
    ct_var *expected = sum_pixels(ct_square(ct_sub(u, ct_sub(t->draw.e, t->x))));
    assert_true(case_relative(t->c.g, one.per_sample, expected) < 1e-13);
    assert_true(case_relative(t->c.g, none.per_sample, expected) < 1e-13);
    assert_true(case_relative(t->c.g, case_gradient(&t->c, one.loss), case_gradient(&t->c, none.loss)) < 1e-12);
    assert_int_equal(products_of(t->c.g, 1, &none.loss).n, products_of(t->c.g, 1, &u).n);
    case_free(&t->c);
}

/* What alpha-Flow leaves, divided by alpha, less what MeanFlow leaves; relative. */
static double from_meanflow(double alpha)
{
    trial *t = complete_trial(0, alpha);
    mf_loss mean = loss_of(t, options_of(MF_MEANFLOW, 0, 1, 0.01)), small = loss_of(t, options_of(MF_ALPHA, 0, 1, 0.01));
    double error = case_relative(t->c.g, ct_scale(small.per_sample, 1 / (alpha * alpha)), mean.per_sample);
    case_free(&t->c);
    return error;
}

/* For small alpha the target agrees with the JVP's, to first order in alpha: no derivative was taken. */
static void test_small_alpha_agrees_with_the_jvp(void **state)
{
    (void)state;
    double a = from_meanflow(1e-2), b = from_meanflow(1e-3), c = from_meanflow(1e-4);
    assert_true(c < 1e-3);
    assert_close(a / b, 10, 1);
    assert_close(b / c, 10, 0.2);
}

/* And so do the gradients, at any p, but for c. */
static void test_small_alpha_descends_as_meanflow_does(void **state)
{
    (void)state;
    const double p[] = {0, 0.5, 1, 1.5};
    for (int i = 0; i < 4; i++) {
        trial *t = complete_trial(2, 1e-4);
        ct_var *mean = case_gradient(&t->c, loss_of(t, options_of(MF_MEANFLOW, 2, p[i], 1e-14)).loss);
        ct_var *small = case_gradient(&t->c, loss_of(t, options_of(MF_ALPHA, 2, p[i], 1e-14)).loss);
        assert_true(case_relative(t->c.g, small, mean) < 1e-3);
        case_free(&t->c);
    }
}

/* --- SplitMeanFlow ------------------------------------------------------------------------------------------------------------ */

static void test_split_is_as_written_out(void **state)
{
    (void)state;
    trial *t = complete_trial(0, 0);
    ct_var *lambda = t->draw.split, *h = ct_sub(t->draw.t, t->draw.r), *s = ct_sub(t->draw.t, ct_mul(lambda, h)), *z = noisy(t);
    ct_var *first = mf_flow_apply(t->net, t->c.s, z, t->draw.t, s, t->draw.label);
    ct_var *there = ct_sub(z, ct_mul(case_rows(ct_sub(t->draw.t, s)), first));
    ct_var *second = mf_flow_apply(t->net, t->c.s, there, s, t->draw.r, t->draw.label);
    ct_var *ways = ct_add(ct_mul(case_rows(ct_sub(t->draw.t, s)), first), ct_mul(case_rows(ct_sub(s, t->draw.r)), second));
    ct_var *target = ct_stop_gradient(ct_div(ways, case_rows(h))), *u = mf_flow_apply(t->net, t->c.s, z, t->draw.t, t->draw.r, t->draw.label);
    ct_var *expected = sum_pixels(ct_square(ct_sub(u, target)));
    mf_loss l = loss_of(t, options_of(MF_SPLIT, 0, 0, 0.01));
    assert_true(case_relative(t->c.g, l.per_sample, expected) < 1e-12);
    assert_true(case_relative(t->c.g, case_gradient(&t->c, l.loss), case_gradient(&t->c, ct_mean_all(expected))) < 1e-12);
    assert_null(l.du_dt);
    case_free(&t->c);
}

/* The exact average velocity is where the target is, whatever s and whatever the data. Two jumps without their lengths are not it. */
static void test_split_is_exact_on_an_exact_field(void **state)
{
    (void)state;
    gaussian d = {0.4, 0.6};
    trial *t = gaussian_trial(&d, 2);
    mf_loss l = loss_of(t, options_of(MF_SPLIT, 2, 1, 0.01));
    assert_close(case_number(t->c.g, l.raw_unequal), 0, 1e-28);
    assert_true(case_number(t->c.g, l.raw_equal) > 1e-3);
    ct_var *s = ct_sub(t->draw.t, ct_mul(t->draw.split, ct_sub(t->draw.t, t->draw.r))), *z = noisy(t);
    ct_var *u = mf_flow_apply(t->net, t->c.s, z, t->draw.t, t->draw.r, t->draw.label), *first = mf_flow_apply(t->net, t->c.s, z, t->draw.t, s, t->draw.label);
    ct_var *second = mf_flow_apply(t->net, t->c.s, ct_sub(z, first), s, t->draw.r, t->draw.label);
    ct_var *late = ct_slice(ct_sub(ct_scale(ct_add(first, second), 0.5), u), 0, 2, BATCH, 1);
    assert_true(case_number(t->c.g, ct_mean_all(ct_square(late))) > 1e-4);
    case_free(&t->c);
}

/* Data are no part of it where r != t: with noise and data exchanged for others that give the same z, the loss is the same. */
static void test_split_has_no_data_where_times_differ(void **state)
{
    (void)state;
    trial *t = complete_trial(0, 0);
    mf_options o = options_of(MF_SPLIT, 0, 1, 0.01);
    mf_loss a = loss_of(t, o), other = loss_of(t, options_of(MF_MEANFLOW, 0, 1, 0.01));
    ct_var *z = noisy(t), *time = case_rows(t->draw.t);
    t->x = ct_shift(t->x, 0.2);
    t->draw.e = ct_div(ct_sub(z, ct_mul(ct_affine(time, -1, 1), t->x)), time);
    assert_true(case_relative(t->c.g, loss_of(t, o).per_sample, a.per_sample) < 1e-10);
    assert_true(case_relative(t->c.g, loss_of(t, options_of(MF_MEANFLOW, 0, 1, 0.01)).per_sample, other.per_sample) > 1e-2);
    case_free(&t->c);
}

/* --- flow matching --------------------------------------------------------------------------------------------------------------- */

/* r is not looked at, and the network is evaluated once. */
static void test_matching_ignores_r(void **state)
{
    (void)state;
    trial *t = complete_trial(2, 0);
    mf_options o = options_of(MF_MATCHING, 2, 0, 0.01);
    mf_loss a = loss_of(t, o);
    t->draw.r = ct_scale(t->draw.r, 0.5);
    mf_loss b = loss_of(t, o);
    ct_var *error = ct_sub(own_velocity(t), ct_sub(t->draw.e, t->x)), *expected = ct_mean_all(sum_pixels(ct_square(error)));
    assert_true(case_relative(t->c.g, a.loss, b.loss) < 1e-15);
    assert_true(case_relative(t->c.g, case_gradient(&t->c, a.loss), case_gradient(&t->c, expected)) < 1e-12);
    assert_int_equal(products_of(t->c.g, 1, &a.loss).n, products_of(t->c.g, 1, &error).n);
    case_free(&t->c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_losses_agree_with_finite_differences),
        cmocka_unit_test(test_p_one_descends_the_log),
        cmocka_unit_test(test_rows_with_equal_times_are_flow_matching),
        cmocka_unit_test(test_threads_change_nothing),
        cmocka_unit_test(test_improved_moves_with_the_own_velocity),
        cmocka_unit_test(test_improved_is_as_written_out),
        cmocka_unit_test(test_improved_is_meanflow_where_the_own_velocity_is_the_conditional_one),
        cmocka_unit_test(test_improved_recovers_the_marginal_velocity),
        cmocka_unit_test(test_alpha_flow_is_as_written_out),
        cmocka_unit_test(test_alpha_one_is_flow_matching_along_the_trajectory),
        cmocka_unit_test(test_small_alpha_agrees_with_the_jvp),
        cmocka_unit_test(test_small_alpha_descends_as_meanflow_does),
        cmocka_unit_test(test_split_is_as_written_out),
        cmocka_unit_test(test_split_is_exact_on_an_exact_field),
        cmocka_unit_test(test_split_has_no_data_where_times_differ),
        cmocka_unit_test(test_matching_ignores_r),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
