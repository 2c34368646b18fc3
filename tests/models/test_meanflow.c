/* The MeanFlow loss and sampler: closed forms, the objective behind the weight, equivalent ways of computing it, guidance and dropout. */
#include "closed_forms.h"

enum { BATCH = 6, CLASSES = 3 };

/* A network with stirred parameters, data, and a fixed draw. */
typedef struct trial {
    model_case c;
    flow_config config;
    flow_net net;
    ct_var *x;
    mf_draw draw;
} trial;

static trial *trial_new(const char *model, int64_t equal)
{
    static trial t;
    t.c = case_new(CT_F64);
    t.config = case_config(model);
    t.net = flow_config_net(&t.config);
    t.x = case_constant(t.c.g, CT_F64, CT_SHAPE(BATCH, 1, 4, 4), 3, -1, 1);
    t.draw = case_draw(t.c.g, t.x, equal, CLASSES);
    flow_apply(t.net, t.c.s, t.x, t.draw.t, t.draw.r, t.draw.label);
    case_stir(&t.c, 23);
    return &t;
}

static mf_options options_with(int64_t equal, double p, double c)
{
    mf_options o = mf_options_default();
    o.unequal_share = (double)(BATCH - equal) / BATCH;
    o.p = p;
    o.c = c;
    return o;
}

static mf_loss loss_of(trial *t, mf_options o)
{
    mf_loss l;
    bool ok = mf_loss_of(t->c.s, t->net, t->x, &t->draw, CLASSES, &o, &l);
    assert_ok(ok, ct_graph_error(t->c.g));
    return l;
}

static ct_var *noisy(trial *t)
{
    ct_var *time = case_rows(t->draw.t);
    return ct_add(ct_mul(ct_affine(time, -1, 1), t->x), ct_mul(time, t->draw.e));
}

static ct_var *sum_pixels(ct_var *x)
{
    return ct_sum(x, CT_AXES(1, 2, 3));
}

/* Every list of steps leads from any noise to the one datum there is. */
static void test_point_mass_is_exact_for_any_steps(void **state)
{
    (void)state;
    static const double two[] = {1, 0.37, 0}, four[] = {1, 0.9, 0.2, 0.1, 0};
    const double *lists[] = {NULL, NULL, two, four};
    const int n[] = {1, 7, 2, 4};
    double x0 = 0.3;
    for (int i = 0; i < 4; i++) {
        model_case c = case_new(CT_F64);
        ct_var *z = case_constant(c.g, CT_F64, CT_SHAPE(2, 1, 3, 3), 1, -3, 3);
        ct_var *x = mf_sample(c.s, (flow_net){point_mass, &x0}, z, case_labels(c.g, 2, 3), n[i], lists[i]);
        ct_tensor *t = case_value(c.g, x);
        for (int64_t j = 0; j < ct_tensor_count(t); j++)
            assert_close(ct_tensor_get(t, j), x0, 1e-14);
        ct_tensor_free(t);
        case_free(&c);
    }
}

/* With the exact u and the marginal velocity as tangent, u = v - (t - r) du/dt. */
static void test_gaussian_satisfies_the_identity(void **state)
{
    (void)state;
    gaussian d = {0.4, 0.6};
    model_case c = case_new(CT_F64);
    ct_var *x = case_constant(c.g, CT_F64, CT_SHAPE(BATCH, 1, 2, 2), 3, -2, 2), *du;
    mf_draw draw = case_draw(c.g, x, 0, CLASSES);
    ct_var *u = gaussian_flow(c.s, x, draw.t, draw.r, draw.label, &d), *v = gaussian_velocity(x, draw.t, &d);
    assert_ok(ct_jvp(1, &u, 3, (ct_var *[]){x, draw.t, draw.r}, (ct_var *[]){v, ct_ones_like(draw.t), NULL}, &du), ct_graph_error(c.g));
    ct_var *right = ct_sub(v, ct_mul(case_rows(ct_sub(draw.t, draw.r)), du));
    assert_close(case_relative(c.g, u, right), 0, 1e-10);
    assert_true(case_relative(c.g, u, v) > 1e-2);
    case_free(&c);
}

static void test_gaussian_sample_is_mean_plus_deviation_times_noise(void **state)
{
    (void)state;
    gaussian d = {0.4, 0.6};
    const int n[] = {1, 3};
    for (int i = 0; i < 2; i++) {
        model_case c = case_new(CT_F64);
        ct_var *e = case_constant(c.g, CT_F64, CT_SHAPE(3, 1, 2, 2), 9, -2, 2);
        ct_var *x = mf_sample(c.s, (flow_net){gaussian_flow, &d}, e, case_labels(c.g, 3, 3), n[i], NULL);
        assert_close(case_relative(c.g, x, ct_affine(e, 0.6, 0.4)), 0, 1e-12);
        case_free(&c);
    }
}

static void test_sampler_refuses_times(void **state)
{
    (void)state;
    double x0 = 0;
    const double rising[] = {1, 0.2, 0.5, 0}, short_of[] = {1, 0.5, 0.1}, late[] = {0.9, 0.5, 0};
    const double *lists[] = {rising, short_of, late, NULL};
    const int n[] = {3, 2, 2, 0};
    const char *part[] = {"times 1 and 2 are 0.2 and 0.5, expected falling ones", "from 1 to 0.1, expected 1 to 0",
                          "from 0.9 to 0, expected 1 to 0", "0 steps, expected at least 1"};
    for (int i = 0; i < 4; i++) {
        model_case c = case_new(CT_F64);
        ct_var *z = case_constant(c.g, CT_F64, CT_SHAPE(2, 1, 3, 3), 1, -3, 3);
        assert_null(mf_sample(c.s, (flow_net){point_mass, &x0}, z, case_labels(c.g, 2, 3), n[i], lists[i]));
        assert_non_null(ct_graph_error(c.g));
        assert_error(ct_graph_error(c.g), CT_E_ARGUMENT, part[i]);
        case_free(&c);
    }
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
    ct_var *u = flow_apply(t->net, t->c.s, noisy(t), t->draw.t, t->draw.t, t->draw.label);
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

/* The matrix products of a step: how many, and their flops, for the loss alone or with all gradients. Unfused: each is a step by itself. */
typedef struct products {
    int64_t n;
    double flops;
} products;

static products products_of(const char *model, int64_t equal, bool with_gradients)
{
    enum { MOST = 64 };
    trial *t = trial_new(model, equal);
    ct_var *out[MOST + 1] = {loss_of(t, options_with(equal, 1, 0.01)).loss}, *x[MOST];
    int n = with_gradients ? (int)nn_params_count(t->c.params) : 0;
    products sum = {0};
    ct_error err;
    assert_in_range(n, 0, MOST);
    for (int i = 0; i < n; i++)
        x[i] = ct_state(t->c.g, nn_params_name(t->c.params, i), nn_params_tensor(t->c.params, i));
    assert_ok(!n || ct_grad(out[0], n, x, out + 1), ct_graph_error(t->c.g));
    ct_program *p = ct_compile(t->c.g, n + 1, out, &(ct_compile_options){.no_fuse = true}, &err);
    assert_ok(p, &err);
    for (int64_t i = 0; i < ct_program_step_count(p); i++) {
        ct_program_time step;
        assert_true(ct_program_step_time(p, i, &step));
        bool product = strcmp(step.op, "matmul") == 0;
        sum.n += product;
        sum.flops += product ? step.flops : 0;
    }
    ct_program_free(p);
    case_free(&t->c);
    return sum;
}

/* The network runs once, whatever the share of rows with r != t; its tangent costs what these rows cost, and the gradients nothing more. */
static void test_products_of_the_tangent_are_of_its_rows_alone(void **state)
{
    (void)state;
    const char *models[] = {"mlp", "dit"};
    for (int i = 0; i < 4; i++) {
        products none = products_of(models[i / 2], BATCH, i % 2), all = products_of(models[i / 2], 0, i % 2);
        assert_true(all.n > none.n && none.n > 0);
        for (int64_t equal = 1; equal < BATCH; equal++) {
            products some = products_of(models[i / 2], equal, i % 2);
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

static ct_var *ignores_its_inputs(nn_scope s, ct_var *z, ct_var *t, ct_var *r, ct_var *label, const void *config)
{
    (void)t, (void)r, (void)label, (void)config;
    return ct_broadcast(nn_param(s, "level", CT_SHAPE(1, 1, 1, 1), NN_ONES), ct_var_shape(z));
}

/* A network that no input reaches has a zero tangent, and the loss is that of its value against v. */
static void test_zero_tangent(void **state)
{
    (void)state;
    trial *t = trial_new("mlp", 2);
    t->net = (flow_net){ignores_its_inputs, NULL};
    mf_loss l = loss_of(t, options_with(2, 0, 0.01));
    ct_var *error = ct_affine(ct_sub(t->draw.e, t->x), -1, 1);
    assert_close(case_relative(t->c.g, l.per_sample, sum_pixels(ct_square(error))), 0, 1e-13);
    case_free(&t->c);
}

/* The guided velocity, written out: null and conditional velocity of the network at (z, t, t). */
static ct_var *explicit_guidance(trial *t, const mf_options *o, ct_var *mask)
{
    ct_var *z = noisy(t), *v = ct_sub(t->draw.e, t->x);
    ct_var *null = ct_full(t->c.g, CT_I32, CT_SHAPE(BATCH), CLASSES);
    ct_var *without = flow_apply(t->net, t->c.s, z, t->draw.t, t->draw.t, null);
    ct_var *with = flow_apply(t->net, t->c.s, z, t->draw.t, t->draw.t, t->draw.label);
    ct_var *mixed = ct_add(ct_scale(v, o->omega), ct_scale(without, 1 - o->omega - o->kappa));
    mixed = ct_stop_gradient(ct_add(mixed, ct_scale(with, o->kappa)));
    return ct_add(ct_mul(case_rows(mask), mixed), ct_mul(case_rows(ct_affine(mask, -1, 1)), v));
}

static void check_guidance(double omega, double kappa, double low, double high)
{
    trial *t = trial_new("mlp", 2);
    mf_options o = options_with(2, 1, 0.01);
    o.omega = omega;
    o.kappa = kappa;
    o.guidance_low = low;
    o.guidance_high = high;
    t->draw.kept = case_row(t->c.g, BATCH, (double[]){0, 1, 1, 1, 0, 1});
    ct_var *after = ct_greater(t->draw.t, ct_scalar(t->c.g, CT_F64, low)), *before = ct_greater(ct_scalar(t->c.g, CT_F64, high), t->draw.t);
    ct_var *inside = ct_mul(after, before);
    ct_var *v = explicit_guidance(t, &o, ct_mul(inside, t->draw.kept)), *z = noisy(t), *du;
    ct_var *u = flow_apply(t->net, t->c.s, z, t->draw.t, t->draw.r, t->draw.label);
    ct_var *x[] = {z, t->draw.t, t->draw.r}, *dx[] = {v, ct_ones_like(t->draw.t), NULL};
    assert_ok(ct_jvp(1, &u, 3, x, dx, &du), ct_graph_error(t->c.g));
    ct_var *target = ct_stop_gradient(ct_sub(v, ct_mul(case_rows(ct_sub(t->draw.t, t->draw.r)), du)));
    ct_var *expected = sum_pixels(ct_square(ct_sub(u, target)));
    mf_loss l = loss_of(t, o);
    assert_close(case_relative(t->c.g, l.per_sample, expected), 0, 1e-11);
    assert_close(case_relative(t->c.g, case_gradient(&t->c, l.log_loss), case_gradient(&t->c, ct_mean_all(ct_log(ct_shift(expected, 0.01))))),
                 0, 1e-11);
    mf_options none = options_with(2, 1, 0.01);
    assert_true(case_relative(t->c.g, l.per_sample, loss_of(t, none).per_sample) > 1e-3);
    case_free(&t->c);
}

static void test_guidance_is_as_written_out(void **state)
{
    (void)state;
    check_guidance(1.5, 0, 0, 1);
    check_guidance(1, 0.5, 0, 1);
    check_guidance(0.2, 0.8, 0, 1);
    check_guidance(0.7, 0.4, 0.5, 0.8);
}

/* Terms whose factor is zero are not evaluated: the graph is smaller by a call of the network each. */
static void test_guidance_spares_evaluations(void **state)
{
    (void)state;
    const double omega[] = {1, 2, 0.2, 1.5}, kappa[] = {0, 0, 0.8, 0.5};
    int64_t nodes[4];
    for (int i = 0; i < 4; i++) {
        trial *t = trial_new("mlp", 2);
        mf_options o = options_with(2, 1, 0.01);
        o.omega = omega[i];
        o.kappa = kappa[i];
        int64_t before = ct_graph_size(t->c.g);
        loss_of(t, o);
        nodes[i] = ct_graph_size(t->c.g) - before;
        case_free(&t->c);
    }
    int64_t call = nodes[3] - nodes[1];
    assert_true(call > 20);
    assert_true(nodes[1] - nodes[0] >= call / 2 && nodes[1] - nodes[0] < 2 * call);
    assert_true(nodes[2] - nodes[0] >= call / 2 && nodes[2] - nodes[0] < 2 * call);
}

/* Labels after dropout: null exactly where `kept` is 0, untouched elsewhere. Returns how many rows were dropped. */
static int64_t check_dropout(const ct_tensor *before, const ct_tensor *after, const ct_tensor *kept, int64_t classes)
{
    int64_t dropped = 0;
    for (int64_t i = 0; i < ct_tensor_count(kept); i++) {
        double k = ct_tensor_get(kept, i);
        assert_true(k == 0 || k == 1);
        dropped += k == 0;
        assert_close(ct_tensor_get(after, i), k == 1 ? ct_tensor_get(before, i) : (double)classes, 0);
    }
    return dropped;
}

static void draw_labels(int64_t batch, const mf_options *o, uint64_t seed, ct_tensor *out[3])
{
    model_case c = case_new(CT_F32);
    ct_var *x = ct_zeros_like(case_constant(c.g, CT_F32, CT_SHAPE(batch, 1, 2, 2), 1, 0, 1)), *label = case_labels(c.g, batch, 9);
    mf_draw d;
    assert_ok(mf_draw_batch(x, label, 10, o, &d), ct_graph_error(c.g));
    case_values(c.g, 3, (ct_var *[]){label, d.label, d.kept}, &(ct_compile_options){.seed = seed}, out);
    case_free(&c);
}

static void test_prefix_dropout_is_a_fixed_count_at_the_front(void **state)
{
    (void)state;
    const double chance[] = {0, 0.1, 0.26, 1};
    const int64_t count[] = {0, 3, 8, 30};
    for (int i = 0; i < 4; i++) {
        mf_options o = mf_options_default();
        o.class_dropout = chance[i];
        ct_tensor *t[3];
        draw_labels(30, &o, 1, t);
        assert_int_equal(check_dropout(t[0], t[1], t[2], 10), count[i]);
        for (int64_t j = 0; j < 30; j++)
            assert_close(ct_tensor_get(t[2], j), j >= count[i], 0);
        for (int j = 0; j < 3; j++)
            ct_tensor_free(t[j]);
    }
}

static void test_dropout_by_chance_has_its_frequency(void **state)
{
    (void)state;
    const double chance[] = {0, 0.1, 0.5, 1};
    enum { ROWS = 4000 };
    for (int i = 0; i < 4; i++) {
        mf_options o = mf_options_default();
        o.prefix_dropout = false;
        o.class_dropout = chance[i];
        ct_tensor *t[3];
        draw_labels(ROWS, &o, 9, t);
        double share = (double)check_dropout(t[0], t[1], t[2], 10) / ROWS;
        assert_close(share, chance[i], 4 * sqrt(chance[i] * (1 - chance[i]) / ROWS));
        for (int j = 0; j < 3; j++)
            ct_tensor_free(t[j]);
    }
}

/* u = w0 sin(z w1 + t w2) + r w3 + w4 z, with the weights as the operands of a gradient check. */
static ct_var *tiny_net(nn_scope s, ct_var *z, ct_var *t, ct_var *r, ct_var *label, const void *config)
{
    (void)s, (void)label;
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
    return mf_loss_of(s, (flow_net){tiny_net, w}, x, &draw, CLASSES, o, &l) ? l.loss : NULL;
}

/* Target and weight under stop_gradient are frozen by ct_gradcheck, as they are for the optimizer. */
static void test_loss_agrees_with_finite_differences(void **state)
{
    (void)state;
    support_rng rng = {2};
    ct_tensor *w[5];
    for (int i = 0; i < 5; i++)
        w[i] = support_tensor(CT_F64, CT_SHAPE(1, 1, 2, 2), &rng, -1, 1);
    for (int i = 0; i < 4; i++) {
        mf_options o = options_with(2, i % 2 ? 1 : 0.5, 0.3);
        o.tangent_all_rows = i < 2;
        o.omega = i == 3 ? 1.4 : 1;
        ct_gradcheck_result result;
        ct_error err = {0};
        bool ok = ct_gradcheck(tiny_loss, &o, 5, w, NULL, &result, &err);
        if (!ok)
            print_error("%s%s\n", result.first, err.message);
        assert_true(ok);
        assert_true(result.compared > 0);
    }
    for (int i = 0; i < 5; i++)
        ct_tensor_free(w[i]);
}

static void test_options_are_checked(void **state)
{
    (void)state;
    ct_error err;
    mf_options good = mf_options_default(), o;
    assert_ok(mf_options_check(&good, &err), &err);
    o = good, o.unequal_share = 1.2;
    assert_false(mf_options_check(&o, &err));
    assert_error(&err, CT_E_ARGUMENT, "unequal_share is 1.2, expected 0 to 1");
    o = good, o.c = 0;
    assert_false(mf_options_check(&o, &err));
    assert_error(&err, CT_E_ARGUMENT, "c is 0, expected more than 0");
    o = good, o.class_dropout = NAN;
    assert_false(mf_options_check(&o, &err));
    o = good, o.guidance_low = 0.6, o.guidance_high = 0.5;
    assert_false(mf_options_check(&o, &err));
    assert_error(&err, CT_E_ARGUMENT, "guidance_high is 0.5, expected 0.6 to 1");
    o = good, o.time = (mf_time_kind)7;
    assert_false(mf_options_check(&o, &err));
    assert_error(&err, CT_E_ARGUMENT, "time is 7");
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
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_point_mass_is_exact_for_any_steps),
        cmocka_unit_test(test_gaussian_satisfies_the_identity),
        cmocka_unit_test(test_gaussian_sample_is_mean_plus_deviation_times_noise),
        cmocka_unit_test(test_sampler_refuses_times),
        cmocka_unit_test(test_p_one_descends_the_log),
        cmocka_unit_test(test_other_p_descends_a_power),
        cmocka_unit_test(test_share_zero_is_flow_matching),
        cmocka_unit_test(test_split_rows_and_all_rows_agree),
        cmocka_unit_test(test_products_of_the_tangent_are_of_its_rows_alone),
        cmocka_unit_test(test_one_node_for_both_times),
        cmocka_unit_test(test_zero_tangent),
        cmocka_unit_test(test_guidance_is_as_written_out),
        cmocka_unit_test(test_guidance_spares_evaluations),
        cmocka_unit_test(test_prefix_dropout_is_a_fixed_count_at_the_front),
        cmocka_unit_test(test_dropout_by_chance_has_its_frequency),
        cmocka_unit_test(test_loss_agrees_with_finite_differences),
        cmocka_unit_test(test_options_are_checked),
        cmocka_unit_test(test_loss_refuses_bad_options_and_missing_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
