/* SPDX-License-Identifier: MIT */
/* The MeanFlow loss: closed forms, the objective behind the weight, equivalent ways of computing it, the tangents, what it reports and refuses. */
#include "closed_forms.h"
#include "trial.h"

/* With the exact u and the marginal velocity as tangent, u = v - (t - r) du/dt. */
static void test_gaussian_satisfies_the_identity(void **state)
{
    (void)state;
    gaussian d = {0.4, 0.6};
    model_case c = case_new(CT_F64);
    ct_var *x = case_constant(c.g, CT_F64, CT_SHAPE(BATCH, 1, 2, 2), 3, -2, 2), *du;
    mf_draw draw = case_draw(c.g, x, 0, CLASSES);
    ct_var *u = mf_flow_apply(case_net(gaussian_flow, &d), c.s, x, draw.t, draw.r, draw.label), *v = gaussian_velocity(x, draw.t, &d);
    assert_ok(ct_jvp(1, &u, 3, (ct_var *[]){x, draw.t, draw.r}, (ct_var *[]){v, ct_ones_like(draw.t), NULL}, &du), ct_graph_error(c.g));
    ct_var *right = ct_sub(v, ct_mul(case_rows(ct_sub(draw.t, draw.r)), du));
    assert_close(case_relative(c.g, u, right), 0, 1e-10);
    assert_true(case_relative(c.g, u, v) > 1e-2);
    case_free(&c);
}

/* At p = 1 the loss descends mean log(L + c); its own value says nothing. */
static void test_p_one_descends_the_log(void **state)
{
    (void)state;
    trial *t = trial_new("mlp", 3);
    mf_loss l = loss_of(t, options_with(3, 1, 0.5));
    assert_close(case_relative(t->c.g, case_gradient(&t->c, l.loss), case_gradient(&t->c, l.log_loss)), 0, 1e-12);
    ct_var *log_mean = ct_mean_all(ct_log(ct_shift(l.per_sample, 0.5)));
    assert_close(case_number(t->c.g, l.log_loss), case_number(t->c.g, log_mean), 1e-14);
    case_free(&t->c);
}

/* At any other p it descends mean (L + c)^(1 - p) / (1 - p). */
static void test_other_p_descends_a_power(void **state)
{
    (void)state;
    const double p[] = {0, 0.5, 1.5};
    for (int i = 0; i < 3; i++) {
        trial *t = trial_new("mlp", 3);
        mf_loss l = loss_of(t, options_with(3, p[i], 0.5));
        ct_var *power = ct_scale(ct_mean_all(ct_pow(ct_shift(l.per_sample, 0.5), 1 - p[i])), 1 / (1 - p[i]));
        assert_close(case_relative(t->c.g, case_gradient(&t->c, l.loss), case_gradient(&t->c, power)), 0, 1e-12);
        case_free(&t->c);
    }
}

static void test_share_zero_is_flow_matching(void **state)
{
    (void)state;
    trial *t = trial_new("mlp", BATCH);
    mf_loss l = loss_of(t, options_with(BATCH, 0, 0.01));
    ct_var *u = mf_flow_apply(t->net, t->c.s, noisy(t), t->draw.t, t->draw.t, t->draw.label);
    ct_var *error = ct_sub(u, ct_sub(t->draw.e, t->x));
    ct_var *matching = ct_mean_all(ct_square(error));
    assert_close(case_number(t->c.g, l.raw), case_number(t->c.g, matching), 1e-13);
    assert_close(case_number(t->c.g, l.velocity), case_number(t->c.g, matching), 1e-13);
    assert_close(case_number(t->c.g, l.loss), 16 * case_number(t->c.g, matching), 1e-11);
    ct_var *gradient = case_gradient(&t->c, ct_mean_all(sum_pixels(ct_square(error))));
    assert_close(case_relative(t->c.g, case_gradient(&t->c, l.loss), gradient), 0, 1e-12);
    case_free(&t->c);
}

/* Sparing the tangent where r = t changes nothing, whatever the share. */
static void check_routes(const char *model, int64_t equal)
{
    trial *t = trial_new(model, equal);
    mf_options o = options_with(equal, 1, 0.01);
    mf_loss split = loss_of(t, o);
    o.tangent_all_rows = true;
    mf_loss all = loss_of(t, o);
    assert_close(case_relative(t->c.g, split.per_sample, all.per_sample), 0, 1e-12);
    assert_close(case_relative(t->c.g, split.loss, all.loss), 0, 1e-12);
    assert_close(case_relative(t->c.g, case_gradient(&t->c, split.loss), case_gradient(&t->c, all.loss)), 0, 1e-12);
    case_free(&t->c);
}

static void test_split_rows_and_all_rows_agree(void **state)
{
    (void)state;
    for (int64_t equal = 0; equal <= BATCH; equal += 2)
        check_routes("mlp", equal);
    check_routes("dit", 4);
}

/* Of the loss alone, or with all gradients. */
static products products_with(const char *model, int64_t equal, bool with_gradients)
{
    enum { MOST = 64 };
    trial *t = trial_new(model, equal);
    ct_var *out[MOST + 1] = {loss_of(t, options_with(equal, 1, 0.01)).loss}, *x[MOST];
    int n = with_gradients ? (int)nn_params_count(t->c.params) : 0;
    assert_in_range(n, 0, MOST);
    for (int i = 0; i < n; i++)
        x[i] = ct_state(t->c.g, nn_params_name(t->c.params, i), nn_params_tensor(t->c.params, i));
    assert_ok(!n || ct_grad(out[0], n, x, out + 1), ct_graph_error(t->c.g));
    products sum = products_of(t->c.g, n + 1, out);
    case_free(&t->c);
    return sum;
}

/* The network runs once, whatever the share of rows with r != t; its tangent costs what these rows cost, and the gradients nothing more. */
static void test_products_of_the_tangent_are_of_its_rows_alone(void **state)
{
    (void)state;
    const char *models[] = {"mlp", "dit"};
    for (int i = 0; i < 4; i++) {
        products none = products_with(models[i / 2], BATCH, i % 2), all = products_with(models[i / 2], 0, i % 2);
        assert_true(all.n > none.n && none.n > 0);
        for (int64_t equal = 1; equal < BATCH; equal++) {
            products some = products_with(models[i / 2], equal, i % 2);
            assert_int_equal(some.n, all.n);
            assert_close(some.flops - none.flops, (all.flops - none.flops) * (double)(BATCH - equal) / BATCH, 0);
        }
    }
}

/* r and t as one node: the tangent of t must not flow into r. */
static void test_one_node_for_both_times(void **state)
{
    (void)state;
    trial *t = trial_new("mlp", BATCH);
    mf_options o = options_with(BATCH, 1, 0.01);
    o.tangent_all_rows = true;
    mf_loss two_nodes = loss_of(t, o);
    t->draw.r = t->draw.t;
    mf_loss one_node = loss_of(t, o);
    assert_close(case_relative(t->c.g, one_node.du_dt, two_nodes.du_dt), 0, 1e-13);
    case_free(&t->c);
}

static ct_var *ignores_its_inputs(nn_scope s, ct_var *z, ct_var *t, ct_var *r, ct_var *label, mf_flow_guidance guidance, const void *config)
{
    (void)t, (void)r, (void)label, (void)guidance, (void)config;
    return ct_broadcast(nn_param(s, "level", CT_SHAPE(1, 1, 1, 1), NN_ONES), ct_var_shape(z));
}

/* A network that no input reaches has a zero tangent, and the loss is that of its value against v. */
static void test_zero_tangent(void **state)
{
    (void)state;
    trial *t = trial_new("mlp", 2);
    t->net = case_net(ignores_its_inputs, NULL);
    mf_loss l = loss_of(t, options_with(2, 0, 0.01));
    ct_var *error = ct_affine(ct_sub(t->draw.e, t->x), -1, 1);
    assert_close(case_relative(t->c.g, l.per_sample, sum_pixels(ct_square(error))), 0, 1e-13);
    case_free(&t->c);
}

/* (u(z + a step, t + b step, r + c step) - u(z - ...)) / 2 step */
static ct_var *difference(trial *t, ct_var *v, double b, double c)
{
    double step = 1e-5;
    ct_var *z = noisy(t), *u[2];
    for (int i = 0; i < 2; i++) {
        double h = i ? step : -step;
        u[i] = mf_flow_apply(t->net, t->c.s, ct_add(z, ct_scale(v, h)), ct_shift(t->draw.t, b * h), ct_shift(t->draw.r, c * h), t->draw.label);
    }
    return ct_scale(ct_sub(u[1], u[0]), 1 / (2 * step));
}

/* The tangents of (z, r, t) that the options name, in the paper's order. The right one is the default. */
static void test_tangents_are_what_their_names_say(void **state)
{
    (void)state;
    const mf_tangent kind[] = {MF_TANGENT_V01, MF_TANGENT_V00, MF_TANGENT_V10, MF_TANGENT_V11};
    const double dr[] = {0, 0, 1, 1}, dt[] = {1, 0, 0, 1};
    assert_int_equal(mf_options_default().tangent, MF_TANGENT_V01);
    for (int i = 0; i < 4; i++) {
        trial *t = trial_new("mlp", 0);
        mf_options o = options_with(0, 1, 0.01);
        o.tangent = kind[i];
        ct_var *expected = difference(t, ct_sub(t->draw.e, t->x), dt[i], dr[i]), *du_dt = loss_of(t, o).du_dt;
        assert_true(case_relative(t->c.g, du_dt, expected) < 1e-7);
        o.tangent = kind[(i + 1) % 4];
        assert_true(case_relative(t->c.g, loss_of(t, o).du_dt, expected) > 1e-2);
        case_free(&t->c);
    }
}

/* With a limit, targets of rows with r != t are clamped; v, where r = t, is not. */
static void test_target_limit(void **state)
{
    (void)state;
    trial *t = trial_new("mlp", 2);
    mf_options o = options_with(2, 0, 0.01);
    mf_loss unlimited = loss_of(t, o);
    o.target_limit = 0.5;
    mf_loss limited = loss_of(t, o);
    ct_var *v = ct_sub(t->draw.e, t->x), *target = ct_sub(v, ct_mul(case_rows(ct_sub(t->draw.t, t->draw.r)), unlimited.du_dt));
    ct_var *clamped = ct_concat(2, (ct_var *[]){ct_slice(v, 0, 0, 2, 1), ct_slice(ct_clamp(target, -0.5, 0.5), 0, 2, BATCH, 1)}, 0);
    assert_true(case_relative(t->c.g, limited.per_sample, sum_pixels(ct_square(ct_sub(unlimited.u, clamped)))) < 1e-13);
    assert_true(case_relative(t->c.g, limited.per_sample, unlimited.per_sample) > 1e-2);
    case_free(&t->c);
}

/* What is logged, from what it is of. */
static void test_reported_values(void **state)
{
    (void)state;
    trial *t = trial_new("mlp", 2);
    mf_loss l = loss_of(t, options_with(2, 1, 0.01));
    ct_var *early = ct_slice(l.per_sample, 0, 0, 2, 1), *late = ct_slice(l.per_sample, 0, 2, BATCH, 1), *v = ct_sub(t->draw.e, t->x);
    ct_var *norms = ct_sqrt(sum_pixels(ct_square(ct_slice(l.du_dt, 0, 2, BATCH, 1))));
    ct_var *expected[] = {ct_scale(ct_mean_all(l.per_sample), 1.0 / 16), ct_scale(ct_mean_all(early), 1.0 / 16), ct_scale(ct_mean_all(late), 1.0 / 16),
                          ct_mean_all(norms), ct_mean_all(ct_square(ct_sub(l.u, v)))};
    ct_var *reported[] = {l.raw, l.raw_equal, l.raw_unequal, l.du_dt_norm, l.velocity};
    for (int i = 0; i < 5; i++)
        assert_true(case_relative(t->c.g, reported[i], expected[i]) < 1e-13);
    assert_true(case_relative(t->c.g, l.raw_equal, l.raw_unequal) > 1e-2);
    case_free(&t->c);
}

/* NULL where there are no such rows, or no derivative. */
static void test_values_there_are_not(void **state)
{
    (void)state;
    trial *t = trial_new("mlp", 0);
    mf_loss l = loss_of(t, options_with(0, 1, 0.01));
    assert_null(l.raw_equal);
    assert_non_null(l.raw_unequal);
    assert_non_null(l.du_dt_norm);
    mf_options o = options_with(BATCH, 1, 0.01);
    l = loss_of(t, o);
    assert_non_null(l.raw_equal);
    assert_null(l.raw_unequal);
    assert_null(l.du_dt_norm);
    o.objective = MF_MATCHING;
    l = loss_of(t, o);
    assert_non_null(l.raw_equal);
    assert_null(l.raw_unequal);
    assert_null(l.du_dt);
    case_free(&t->c);
}

static void check_refused(const mf_options *o, const char *message)
{
    ct_error err = {0};
    assert_false(mf_options_check(o, &err));
    assert_error(&err, CT_E_ARGUMENT, message);
}

static void test_options_are_checked(void **state)
{
    (void)state;
    ct_error err;
    mf_options good = mf_options_default(), official = mf_options_official(), o;
    assert_ok(mf_options_check(&good, &err) && mf_options_check(&official, &err), &err);
    for (int i = MF_MEANFLOW; i <= MF_MATCHING; i++) {
        o = mf_options_for((mf_objective)i);
        assert_int_equal(o.objective, i);
        assert_ok(mf_options_check(&o, &err), &err);
    }
    check_refused((o = good, o.unequal_share = 1.2, &o), "unequal_share is 1.2, expected 0 to 1");
    check_refused((o = good, o.c = 0, &o), "c is 0, expected more than 0");
    check_refused((o = good, o.class_dropout = NAN, &o), "class_dropout is nan, expected 0 to 1");
    check_refused((o = good, o.target_limit = -4, &o), "target_limit is -4, expected 0 or more");
    check_refused((o = good, o.guidance_low = 0.6, o.guidance_high = 0.5, &o), "guidance_high is 0.5, expected 0.6 to 1");
    check_refused((o = good, o.t.kind = (mf_time_kind)7, &o), "t.kind is 7, expected MF_LOGIT_NORMAL or MF_UNIFORM");
    check_refused((o = good, o.t.kind = MF_AS_T, &o), "t.kind is 2, expected MF_LOGIT_NORMAL or MF_UNIFORM");
    check_refused((o = good, o.r.kind = (mf_time_kind)-1, &o), "r.kind is -1, expected MF_LOGIT_NORMAL, MF_UNIFORM or MF_AS_T");
    check_refused((o = good, o.r = (mf_time){MF_LOGIT_NORMAL, 0.5, -1}, &o), "r is logit-normal(0.5, -1)");
    check_refused((o = good, o.t.mean = NAN, &o), "t is logit-normal(nan, 1)");
    check_refused((o = good, o.objective = (mf_objective)5, &o), "objective is 5, expected MF_MEANFLOW");
    check_refused((o = good, o.tangent = (mf_tangent)4, &o), "tangent is 4, expected MF_TANGENT_V01");
    check_refused((o = good, o.omega_max = 0.5, &o), "omega_max is 0.5, expected 1 to 100");
    check_refused((o = good, o.omega_max = 8, o.kappa = 0.5, &o), "omega is 1 and kappa 0.5, expected 1 and 0");
    check_refused((o = good, o.draw_interval = true, &o), "draw_interval is set, expected omega_max of 1 or more");
    check_refused((o = good, o.omega_power = NAN, &o), "omega_power is nan");
    check_refused((o = good, o.matching_steps = -1, &o), "matching_steps is -1, expected at least 0");
    check_refused((o = good, o.alpha_start = 10, o.alpha_end = 10, &o), "alpha_end is 10, expected at least 11");
    check_refused((o = good, o.alpha_gamma = 0, &o), "alpha_gamma is 0, expected 0.1 to 1e+06");
    check_refused((o = good, o.alpha_snap = 0.5, &o), "alpha_snap is 0.5, expected 0 to 0.4");
}

static void test_loss_refuses_bad_options_and_missing_parts(void **state)
{
    (void)state;
    trial *t = trial_new("mlp", 2);
    mf_options o = options_with(2, -1, 0.01);
    mf_loss l;
    assert_false(mf_loss_of(t->c.s, t->net, t->x, &t->draw, CLASSES, &o, &l));
    assert_error(ct_graph_error(t->c.g), CT_E_ARGUMENT, "p is -1, expected 0 to 10");
    case_free(&t->c);
    t = trial_new("mlp", 2);
    o = options_with(2, 1, 0.01);
    t->draw.r = NULL;
    assert_false(mf_loss_of(t->c.s, t->net, t->x, &t->draw, CLASSES, &o, &l));
    assert_error(ct_graph_error(t->c.g), CT_E_ARGUMENT, "a part of the draw is NULL");
    case_free(&t->c);
    t = trial_new("mlp", 2);
    o = options_with(2, 1, 0.01);
    o.objective = MF_SPLIT;
    assert_false(mf_loss_of(t->c.s, t->net, t->x, &t->draw, CLASSES, &o, &l));
    assert_error(ct_graph_error(t->c.g), CT_E_ARGUMENT, "the draw's split is NULL, expected [batch] for MF_SPLIT");
    case_free(&t->c);
    t = trial_new("mlp", 2);
    o.objective = MF_ALPHA;
    t->draw.alpha = t->draw.t;
    assert_false(mf_loss_of(t->c.s, t->net, t->x, &t->draw, CLASSES, &o, &l));
    assert_error(ct_graph_error(t->c.g), CT_E_SHAPE, "expected one number");
    case_free(&t->c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gaussian_satisfies_the_identity),
        cmocka_unit_test(test_p_one_descends_the_log),
        cmocka_unit_test(test_other_p_descends_a_power),
        cmocka_unit_test(test_share_zero_is_flow_matching),
        cmocka_unit_test(test_split_rows_and_all_rows_agree),
        cmocka_unit_test(test_products_of_the_tangent_are_of_its_rows_alone),
        cmocka_unit_test(test_one_node_for_both_times),
        cmocka_unit_test(test_zero_tangent),
        cmocka_unit_test(test_tangents_are_what_their_names_say),
        cmocka_unit_test(test_target_limit),
        cmocka_unit_test(test_reported_values),
        cmocka_unit_test(test_values_there_are_not),
        cmocka_unit_test(test_options_are_checked),
        cmocka_unit_test(test_loss_refuses_bad_options_and_missing_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
