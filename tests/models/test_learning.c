/* SPDX-License-Identifier: MIT */
/* Every objective, on data small enough to learn in a moment: two classes of 2 x 2 pixels, each normal about a mean of its own. */
#include "model_case.h"

enum { BATCH = 64, CLASSES = 2, STEPS = 600, SAMPLES = 2000 };
static const double class_mean[] = {-0.8, 0.7};
#define SPREAD 0.3

/* A training: parameters, moments, and the options of all of it. */
typedef struct training {
    mf_flow_config config;
    mf_options options;
    nn_params *params, *moments;
} training;

static training training_new(mf_options o)
{
    ct_error err;
    training t = {.config = case_config("mlp"), .options = o, .params = nn_params_new(CT_F32, 3, &err), .moments = nn_params_new(CT_F32, 4, &err)};
    assert_ok(t.params && t.moments, &err);
    t.config.size = 2;
    t.config.classes = CLASSES;
    t.config.width = 48;
    t.config.depth = 2;
    t.config.frequencies = 16;
    t.config.guided = o.omega_max == 0 ? MF_FLOW_UNGUIDED : o.draw_interval ? MF_FLOW_OMEGA_INTERVAL : MF_FLOW_OMEGA;
    return t;
}

static void training_free(training *t)
{
    nn_params_free(t->params);
    nn_params_free(t->moments);
}

/* An image of each class in turn: rows with r != t stand together at the end of the batch, and are to see both. */
static ct_var *draw_data(ct_graph *g, ct_var **label)
{
    *label = case_labels(g, BATCH, CLASSES - 1);
    ct_var *mean = ct_affine(ct_cast(*label, CT_F32), class_mean[1] - class_mean[0], class_mean[0]);
    return ct_add(ct_scale(ct_normal(g, CT_F32, CT_SHAPE(BATCH, 1, 2, 2)), SPREAD), case_rows(mean));
}

/* One program, for the options in force from `step` on until they change. Returns where they do. */
static int64_t train_phase(training *t, int64_t step)
{
    ct_error err;
    ct_graph *g = ct_graph_new();
    mf_options o = mf_options_at(&t->options, step);
    ct_var *label, *x = draw_data(g, &label);
    mf_draw draw;
    mf_loss loss;
    bool ok = mf_draw_batch(x, label, CLASSES, &o, &draw) &&
              mf_loss_of(nn_root(g, t->params), mf_flow_config_net(&t->config), x, &draw, CLASSES, &o, &loss);
    assert_ok(ok, ct_graph_error(g));
    nn_train *train = nn_train_new(loss.loss, t->params, &err);
    assert_ok(train, &err);
    ct_var *rate = nn_cosine_schedule(g, CT_F32, (nn_schedule){.peak = 6e-3, .final = 1e-5, .warmup = 20, .total = STEPS});
    assert_ok(nn_train_adamw(train, t->moments, rate, (nn_adamw_options){.beta2 = 0.98}), ct_graph_error(g));
    ct_program *p = nn_train_compile(train, &(ct_compile_options){.seed = 5}, &err);
    assert_ok(p, &err);
    int64_t end = mf_options_change(&t->options, step);
    end = end < 0 || end > STEPS ? STEPS : end;
    for (ct_program_set_step(p, (uint64_t)step); step < end; step++)
        assert_ok(ct_program_run(p, &err), &err);
    ct_program_free(p);
    nn_train_free(train);
    ct_graph_free(g);
    return end;
}

static void train(training *t)
{
    for (int64_t step = 0; step < STEPS;)
        step = train_phase(t, step);
}

typedef struct moments {
    double mean, deviation;
} moments;

/* Of samples with the label, over all pixels. */
static moments sample(const training *t, mf_sampler sampler, int n, int label, double omega)
{
    ct_graph *g = ct_graph_new();
    mf_flow_net net = mf_flow_config_net(&t->config);
    net.guidance = mf_flow_config_guidance(&t->config, g, CT_F32, SAMPLES, omega, 0, 1);
    ct_var *z = ct_normal(g, CT_F32, CT_SHAPE(SAMPLES, 1, 2, 2));
    ct_var *x = sampler(nn_root(g, t->params), net, z, ct_full(g, CT_I32, CT_SHAPE(SAMPLES), label), n, NULL);
    assert_ok(x, ct_graph_error(g));
    ct_var *mean = ct_mean_all(x), *square = ct_mean_all(ct_square(x));
    moments m = {case_number(g, mean), case_number(g, square)};
    m.deviation = sqrt(m.deviation - m.mean * m.mean);
    ct_graph_free(g);
    return m;
}

static mf_options options_for(mf_objective objective)
{
    mf_options o = mf_options_for(objective);
    o.t.kind = MF_UNIFORM;
    o.unequal_share = 0.5;
    o.alpha_end = STEPS * 2 / 3;
    o.matching_steps = objective == MF_SPLIT ? STEPS / 6 : 0;
    return o;
}

static void check_moments(moments m, int label, double off, double least, double most)
{
    assert_close(m.mean, class_mean[label], off);
    assert_in_range((int64_t)(1000 * m.deviation), (int64_t)(1000 * least), (int64_t)(1000 * most));
}

/* One step draws a class from its place and with some of its spread; ten of Heun's method draw it as it is. */
static void check_samples(const training *t)
{
    for (int label = 0; label < CLASSES; label++) {
        check_moments(sample(t, mf_sample, 1, label, 1), label, 0.2, 0.1, 0.4);
        check_moments(sample(t, mf_sample, 4, label, 1), label, 0.15, 0.17, 0.4);
        check_moments(sample(t, mf_sample_heun, 10, label, 1), label, 0.15, 0.2, 0.4);
    }
}

/* alpha-Flow in its three phases, SplitMeanFlow in its two. */
static void test_objectives_learn_to_sample_in_one_step(void **state)
{
    (void)state;
    for (int i = MF_MEANFLOW; i < MF_MATCHING; i++) {
        training t = training_new(options_for((mf_objective)i));
        train(&t);
        check_samples(&t);
        training_free(&t);
    }
}

/* In one step flow matching draws the mean of all there is, without spread; in many it draws as the others do. */
static void test_flow_matching_needs_steps(void **state)
{
    (void)state;
    training t = training_new(options_for(MF_MATCHING));
    train(&t);
    for (int label = 0; label < CLASSES; label++) {
        check_moments(sample(&t, mf_sample, 1, label, 1), label, 0.15, 0, 0.1);
        check_moments(sample(&t, mf_sample_heun, 10, label, 1), label, 0.15, 0.2, 0.4);
    }
    training_free(&t);
}

/* Labels of rows with r != t are dropped, too: one step without a label draws both classes. */
static void test_one_step_without_a_label(void **state)
{
    (void)state;
    mf_options o = options_for(MF_MEANFLOW);
    o.class_dropout = 0.5;
    training t = training_new(o);
    train(&t);
    moments m = sample(&t, mf_sample, 1, CLASSES, 1);
    assert_close(m.mean, 0.5 * (class_mean[0] + class_mean[1]), 0.25);
    assert_in_range((int64_t)(1000 * m.deviation), 500, 1000);
    training_free(&t);
}

/* The wrong tangent (v, 1, 0): velocities are learnt as ever, since rows with r = t do not see it, and one step fails. */
static void test_the_wrong_tangent_fails_in_one_step(void **state)
{
    (void)state;
    mf_options o = options_for(MF_MEANFLOW);
    o.tangent = MF_TANGENT_V10;
    training t = training_new(o);
    train(&t);
    for (int label = 0; label < CLASSES; label++) {
        check_moments(sample(&t, mf_sample_heun, 10, label, 1), label, 0.15, 0.2, 0.4);
        assert_true(fabs(sample(&t, mf_sample, 1, label, 1).mean - class_mean[label]) > 0.2);
    }
    training_free(&t);
}

/* A network that is told the scale omega follows it: where all is noise, at t = 1, the velocity leads to omega mean(label) + (1 - omega) mean. */
static void test_the_scale_is_chosen_when_sampling(void **state)
{
    (void)state;
    mf_options o = options_for(MF_IMPROVED);
    o.omega_max = 4;
    training t = training_new(o);
    train(&t);
    for (int omega = 1; omega <= 3; omega++) {
        double apart = sample(&t, mf_sample_euler, 1, 1, omega).mean - sample(&t, mf_sample_euler, 1, 0, omega).mean;
        assert_close(apart, omega * (class_mean[1] - class_mean[0]), 0.2 + 0.3 * omega);
    }
    training_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_objectives_learn_to_sample_in_one_step),
        cmocka_unit_test(test_flow_matching_needs_steps),
        cmocka_unit_test(test_one_step_without_a_label),
        cmocka_unit_test(test_the_wrong_tangent_fails_in_one_step),
        cmocka_unit_test(test_the_scale_is_chosen_when_sampling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
