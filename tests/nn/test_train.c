/* SPDX-License-Identifier: MIT */
/* Training steps: the optimizers against plain loops over 20 steps, clipping, averages, schedules, and that a model learns. */
#include "nn_support.h"
#include <stdio.h>
#include <stdlib.h>

/* --- optimizers against loops --------------------------------------------------------------------------------------------- */

enum { SIZE = 5, STEPS = 20 };

/* loss = sum of a (p - c)^2 / 2 for a vector p, so that dloss/dp = a (p - c). */
typedef struct quadratic {
    bench b;
    nn_params *moments;
    nn_train *train;
    ct_tensor *a, *c;
    double p[SIZE], m[SIZE], v[SIZE];  /* the loops' values */
} quadratic;

static quadratic quadratic_open(void)
{
    ct_error err;
    quadratic q = {.b = bench_open(CT_F64)};
    support_rng rng = {4};
    q.moments = nn_params_new(CT_F64, 0, &err);
    q.a = support_tensor(CT_F64, CT_SHAPE(SIZE), &rng, 0.5, 2);
    q.c = support_tensor(CT_F64, CT_SHAPE(SIZE), &rng, -1, 1);
    ct_var *p = nn_param(nn_at(q.b.root, "net"), "p", CT_SHAPE(SIZE), NN_NORMAL(1));
    ct_var *distance = ct_sub(p, ct_constant(q.b.graph, q.c));
    ct_var *loss = ct_sum_all(ct_mul(ct_constant(q.b.graph, q.a), ct_scale(ct_square(distance), 0.5)));
    q.train = nn_train_new(loss, q.b.params, &err);
    assert_ok(q.train, &err);
    memcpy(q.p, param_values(&q.b, "net.p"), sizeof q.p);
    return q;
}

static void quadratic_close(quadratic *q)
{
    nn_train_free(q->train);
    nn_params_free(q->moments);
    ct_tensor_free(q->a);
    ct_tensor_free(q->c);
    bench_close(&q->b);
}

static double gradient(const quadratic *q, int i)
{
    return ct_tensor_get(q->a, i) * (q->p[i] - ct_tensor_get(q->c, i));
}

/* Runs program and loop side by side. */
static void compare_steps(quadratic *q, void (*step)(quadratic *q, int t, const void *options), const void *options)
{
    ct_error err;
    ct_program *program = nn_train_compile(q->train, &(ct_compile_options){.threads = 1}, &err);
    assert_ok(program, &err);
    for (int t = 1; t <= STEPS; t++) {
        assert_ok(ct_program_run(program, &err), &err);
        step(q, t, options);
        for (int i = 0; i < SIZE; i++)
            assert_close(param_values(&q->b, "net.p")[i], q->p[i], 1e-12);
    }
    ct_program_free(program);
}

static const double RATE = 0.1;

static ct_var *rate(const quadratic *q)
{
    return ct_scalar(q->b.graph, CT_F64, RATE);
}

static void sgd_step(quadratic *q, int t, const void *options)
{
    const nn_sgd_options *o = options;
    for (int i = 0; i < SIZE; i++) {
        double g = gradient(q, i) + o->weight_decay * q->p[i];
        q->m[i] = t == 1 ? g : o->momentum * q->m[i] + g;
        q->p[i] -= RATE * (o->momentum == 0 ? g : o->nesterov ? g + o->momentum * q->m[i] : q->m[i]);
    }
}

static void sgd_is_its_loop(void **state)
{
    (void)state;
    const nn_sgd_options options[] = {{0}, {.weight_decay = 0.1}, {.momentum = 0.9}, {.momentum = 0.8, .weight_decay = 0.05, .nesterov = true}};
    for (int i = 0; i < 4; i++) {
        quadratic q = quadratic_open();
        assert_true(nn_train_sgd(q.train, q.moments, rate(&q), options[i]));
        compare_steps(&q, sgd_step, &options[i]);
        assert_int_equal(nn_params_count(q.moments), options[i].momentum != 0);
        assert_true(options[i].momentum == 0 || nn_params_find(q.moments, "m.net.p"));
        quadratic_close(&q);
    }
}

static void adam_step(quadratic *q, int t, const void *options)
{
    const nn_adamw_options *o = options;
    double b1 = o->beta1 ? o->beta1 : 0.9, b2 = o->beta2 ? o->beta2 : 0.999, epsilon = o->epsilon ? o->epsilon : 1e-8;
    for (int i = 0; i < SIZE; i++) {
        double g = gradient(q, i) + (o->coupled ? o->weight_decay * q->p[i] : 0);
        q->m[i] = b1 * q->m[i] + (1 - b1) * g;
        q->v[i] = b2 * q->v[i] + (1 - b2) * g * g;
        double m = q->m[i] / (1 - pow(b1, t)), v = q->v[i] / (1 - pow(b2, t));
        q->p[i] -= RATE * (m / (sqrt(v) + epsilon) + (o->coupled ? 0 : o->weight_decay * q->p[i]));
    }
}

static void adam_and_adamw_are_their_loop(void **state)
{
    (void)state;
    const nn_adamw_options options[] = {{0}, {.weight_decay = 0.1}, {.weight_decay = 0.1, .coupled = true}, {0.7, 0.9, 1e-3, 0.01, false}};
    for (int i = 0; i < 4; i++) {
        quadratic q = quadratic_open();
        assert_true(nn_train_adamw(q.train, q.moments, rate(&q), options[i]));
        compare_steps(&q, adam_step, &options[i]);
        assert_non_null(nn_params_find(q.moments, "m.net.p"));
        assert_non_null(nn_params_find(q.moments, "v.net.p"));
        quadratic_close(&q);
    }
}

/* The state and the step are all there is: a second program that takes over half way gives the same bits. */
static void a_second_program_goes_on(void **state)
{
    (void)state;
    ct_error err;
    quadratic q = quadratic_open(), r = quadratic_open();
    assert_true(nn_train_adamw(q.train, q.moments, rate(&q), (nn_adamw_options){0}));
    assert_true(nn_train_adamw(r.train, r.moments, rate(&r), (nn_adamw_options){0}));
    ct_program *whole = nn_train_compile(q.train, NULL, &err), *half = nn_train_compile(r.train, NULL, &err), *rest;
    assert_ok(whole && half, &err);
    for (int t = 0; t < 10; t++)
        assert_ok(ct_program_run(whole, &err) && (t >= 5 || ct_program_run(half, &err)), &err);
    rest = nn_train_compile(r.train, NULL, &err);
    assert_ok(rest, &err);
    ct_program_set_step(rest, ct_program_step(half));
    for (int t = 5; t < 10; t++)
        assert_ok(ct_program_run(rest, &err), &err);
    assert_tensors_close(nn_params_find(q.b.params, "net.p"), nn_params_find(r.b.params, "net.p"), 0);
    ct_program_free(whole);
    ct_program_free(half);
    ct_program_free(rest);
    quadratic_close(&q);
    quadratic_close(&r);
}

/* --- clipping and averages -------------------------------------------------------------------------------------------------- */

static void clipping_scales_to_the_norm(void **state)
{
    (void)state;
    ct_error err;
    for (int i = 0; i < 2; i++) {
        quadratic q = quadratic_open();
        double limit = i ? 1e3 : 0.25, norm = 0;
        for (int k = 0; k < SIZE; k++)
            norm += gradient(&q, k) * gradient(&q, k);
        norm = sqrt(norm);
        double factor = fmin(1, limit / (norm + 1e-6));
        ct_var *before = nn_train_clip(q.train, limit);
        ct_tensor *clipped = value_of(nn_train_grad(q.train, 0));
        assert_close(number_at_step(before, 0), norm, 1e-14);
        assert_close(number_at_step(nn_train_grad_norm(q.train), 0), factor * norm, 1e-14);
        for (int k = 0; k < SIZE; k++)
            assert_close(doubles(clipped)[k], factor * gradient(&q, k), 1e-14);
        assert_true(nn_train_sgd(q.train, NULL, rate(&q), (nn_sgd_options){0}));
        assert_true(nn_train_output(q.train, before));
        ct_program *program = nn_train_compile(q.train, NULL, &err);
        assert_ok(program && ct_program_run(program, &err), &err);
        assert_close(ct_program_scalar(program, before), norm, 1e-14);
        for (int k = 0; k < SIZE; k++)
            assert_close(param_values(&q.b, "net.p")[k], q.p[k] - RATE * factor * gradient(&q, k), 1e-14);
        ct_program_free(program);
        ct_tensor_free(clipped);
        quadratic_close(&q);
    }
}

/* What a step of rate 1 takes from p, whose gradient is `direction`, clipped to norm 1; the norm before. */
static double clipped_step(ct_dtype dtype, int64_t n, const double *direction, double *step)
{
    ct_error err;
    bench b = bench_open(dtype);
    ct_tensor *d = ct_tensor_new(dtype, CT_SHAPE(n), NULL);
    for (int64_t i = 0; i < n; i++)
        ct_tensor_set(d, i, direction[i]);
    ct_var *p = nn_param(b.root, "p", CT_SHAPE(n), NN_ZEROS), *loss = ct_sum_all(ct_mul(p, bench_state(&b, "d", d)));
    nn_train *train = nn_train_new(loss, b.params, &err);
    assert_ok(train, &err);
    ct_var *norm = nn_train_clip(train, 1);
    nn_train_output(train, norm);
    assert_true(nn_train_sgd(train, NULL, ct_scalar(b.graph, dtype, 1), (nn_sgd_options){0}));
    ct_program *program = nn_train_compile(train, NULL, &err);
    assert_ok(program && ct_program_run(program, &err), &err);
    double before = ct_program_scalar(program, norm);
    for (int64_t i = 0; i < n; i++)
        step[i] = -ct_tensor_get(nn_params_find(b.params, "p"), i);
    ct_program_free(program);
    nn_train_free(train);
    ct_tensor_free(d);
    bench_close(&b);
    return before;
}

/* Gradients whose squares overflow or vanish have a norm like any other. */
static void check_clip_of_size(ct_dtype dtype, double size)
{
    enum { LONG = 2000 };
    double step[LONG], many[LONG];
    assert_close(clipped_step(dtype, 2, (double[]){size, 0}, step) / size, 1, 3e-7);
    assert_close(step[0] / size, 1 / fmax(1, size + 1e-6), 1e-6 / fmax(1, size));
    assert_true(step[1] == 0);
    assert_close(clipped_step(dtype, 2, (double[]){3 * size, -4 * size}, step) / size, 5, 2e-6);
    assert_close(step[0] / step[1], -0.75, 1e-6);
    for (int k = 0; k < LONG; k++)
        many[k] = size / 100;
    assert_close(clipped_step(dtype, LONG, many, step) / size, sqrt(LONG) / 100, 1e-6);
}

static void clipping_of_huge_and_tiny_gradients(void **state)
{
    const double sizes[] = {1e20, 1e30, 1e37, 1, 1e-20, 1e-30, 1e-35};
    double step[2];
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        check_clip_of_size(CT_F32, sizes[i]);
        check_clip_of_size(CT_F64, sizes[i]);
    }
    assert_close(clipped_step(CT_F32, 2, (double[]){3e38, 0}, step), 3e38, 1e32);
    assert_close(step[0], 1, 1e-6);
    assert_close(clipped_step(CT_F32, 2, (double[]){0, -1e38}, step), 1e38, 1e32);
    assert_close(step[1], -1, 1e-6);
    assert_close(clipped_step(CT_F64, 2, (double[]){1e308, 0}, step), 1e308, 1e300);
    assert_close(step[0], 1, 1e-14);
    assert_close(clipped_step(CT_F64, 2, (double[]){3e200, 4e200}, step), 5e200, 1e186);
    assert_close(hypot(step[0], step[1]), 1, 1e-14);
    assert_close(clipped_step(CT_F64, 2, (double[]){3e-200, 4e-200}, step), 5e-200, 1e-214);
    assert_true(clipped_step(CT_F32, 2, (double[]){0, 0}, step) == 0 && step[0] == 0);
    assert_true(isinf(clipped_step(CT_F32, 2, (double[]){1, -INFINITY}, step)));
    assert_true(isnan(clipped_step(CT_F32, 2, (double[]){1, NAN}, step)));
}

/* In float32, after so many steps that move p from its first value, 1 / 3, by -rate: the average less p. */
static double average_less_p(double decay, double rate, int steps)
{
    ct_error err;
    bench b = bench_open(CT_F32);
    ct_var *param = nn_param(b.root, "p", CT_SHAPE(4), (nn_init){NN_INIT_CONSTANT, 1.0 / 3, 0});
    nn_params *ema = nn_params_new(CT_F32, 0, &err);
    nn_train *train = nn_train_new(ct_sum_all(param), b.params, &err);
    assert_ok(train, &err);
    assert_true(nn_train_sgd(train, NULL, ct_scalar(b.graph, CT_F32, rate), (nn_sgd_options){0}));
    assert_true(nn_train_ema(train, ema, decay));
    ct_program *program = nn_train_compile(train, NULL, &err);
    assert_ok(program, &err);
    for (int i = 0; i < steps; i++)
        assert_ok(ct_program_run(program, &err), &err);
    double p = ct_tensor_get(nn_params_find(b.params, "p"), 3), average = ct_tensor_get(nn_params_find(ema, "p"), 3);
    assert_true(rate != 0 || p == (float)(1.0 / 3));
    ct_program_free(program);
    nn_train_free(train);
    nn_params_free(ema);
    bench_close(&b);
    return average - p;
}

/* Parameters that do not change have themselves as average, to the last bit, after any number of steps. One that moves by -rate in every step is
 * followed at a distance of rate decay / (1 - decay), once it has come so far. With decay 0 the average is the parameter. */
static void averages_do_not_drift(void **state)
{
    (void)state;
    assert_true(average_less_p(0.9999, 0, 100000) == 0);
    assert_true(average_less_p(0.999, 0, 1000) == 0);
    assert_true(average_less_p(1, 0, 10) == 0);
    assert_true(average_less_p(0, 0.01, 3) == 0);
    double lag = 1e-4 * 0.999 / 0.001 * (1 - pow(0.999, 5000));
    assert_close(average_less_p(0.999, 1e-4, 5000), lag, 1e-4 * lag);
}

/* Two averages of one model; both start at the parameters' first values. */
static void averages_are_their_loops(void **state)
{
    (void)state;
    ct_error err;
    quadratic q = quadratic_open();
    const double decay[] = {0.9, 0.5};
    nn_params *ema[2];
    double expected[2][SIZE];
    assert_true(nn_train_sgd(q.train, NULL, rate(&q), (nn_sgd_options){0}));
    for (int k = 0; k < 2; k++) {
        ema[k] = nn_params_new(CT_F64, 0, &err);
        assert_true(nn_train_ema(q.train, ema[k], decay[k]));
        memcpy(expected[k], q.p, sizeof q.p);
        assert_tensors_close(nn_params_find(ema[k], "net.p"), nn_params_find(q.b.params, "net.p"), 0);
    }
    ct_program *program = nn_train_compile(q.train, NULL, &err);
    assert_ok(program, &err);
    for (int t = 0; t < STEPS; t++) {
        assert_ok(ct_program_run(program, &err), &err);
        for (int k = 0; k < 2; k++)
            for (int i = 0; i < SIZE; i++) {
                expected[k][i] = decay[k] * expected[k][i] + (1 - decay[k]) * param_values(&q.b, "net.p")[i];
                assert_close(ct_tensor_get(nn_params_find(ema[k], "net.p"), i), expected[k][i], 1e-13);
            }
    }
    ct_program_free(program);
    nn_params_free(ema[0]);
    nn_params_free(ema[1]);
    quadratic_close(&q);
}

/* Parameters that the loss does not use are not trained, but are part of the average. */
static void unused_parameters_are_left_out(void **state)
{
    (void)state;
    ct_error err;
    bench b = bench_open(CT_F64);
    ct_var *used = nn_param(b.root, "used", CT_SHAPE(2), NN_ONES);
    nn_param(b.root, "unused", CT_SHAPE(2), NN_ONES);
    ct_var *stopped = nn_param(b.root, "stopped", CT_SHAPE(2), NN_ONES);
    ct_var *loss = ct_sum_all(ct_mul(ct_square(used), ct_stop_gradient(stopped)));
    nn_train *train = nn_train_new(loss, b.params, &err);
    assert_ok(train, &err);
    assert_int_equal(nn_train_count(train), 1);
    assert_string_equal(nn_train_name(train, 0), "used");
    assert_ptr_equal(nn_train_param(train, 0), used);
    assert_null(nn_train_next(train, 0));
    assert_null(nn_train_name(train, 1));
    assert_true(nn_train_sgd(train, NULL, ct_scalar(b.graph, CT_F64, 0.1), (nn_sgd_options){0}));
    assert_non_null(nn_train_next(train, 0));
    nn_params *ema = nn_params_new(CT_F64, 0, &err);
    assert_true(nn_train_ema(train, ema, 0.9));
    assert_int_equal(nn_params_count(ema), 3);
    nn_train_free(train);
    nn_params_free(ema);
    bench_close(&b);
}

/* Two names of one tensor are one parameter: trained once, and one tensor in the average too. */
static void tied_names_stay_tied(void **state)
{
    (void)state;
    ct_error err;
    bench b = bench_open(CT_F64);
    nn_param(b.root, "in", CT_SHAPE(2), NN_ONES);
    assert_ok(nn_params_add(b.params, "out", nn_params_find(b.params, "in"), &err), &err);
    ct_var *in = nn_param(b.root, "in", CT_SHAPE(2), NN_ONES), *out = nn_param(b.root, "out", CT_SHAPE(2), NN_ONES);
    nn_params *ema = nn_params_new(CT_F64, 0, &err);
    nn_train *train = nn_train_new(ct_sum_all(ct_mul(in, out)), b.params, &err);
    assert_ok(train, &err);
    assert_int_equal(nn_train_count(train), 1);
    assert_true(nn_train_sgd(train, NULL, ct_scalar(b.graph, CT_F64, 0.1), (nn_sgd_options){0}));
    assert_true(nn_train_ema(train, ema, 0.5));
    ct_program *program = nn_train_compile(train, NULL, &err);
    assert_ok(program && ct_program_run(program, &err), &err);
    assert_close(ct_tensor_get(nn_params_find(b.params, "out"), 0), 1 - 0.1 * 2, 1e-15);
    assert_close(ct_tensor_get(nn_params_find(ema, "out"), 0), 0.5 + 0.5 * 0.8, 1e-15);
    ct_program_free(program);
    nn_train_free(train);
    nn_params_free(ema);
    bench_close(&b);
}

/* --- the guard ---------------------------------------------------------------------------------------------------------------- */

/* loss = sum of a sqrt(p) for p = 4, 9 and an input a, by SGD with momentum, with an average; guarded or not. */
typedef struct guarded {
    bench b;
    nn_params *state, *ema;
    ct_var *a, *allow, *taken;
    ct_program *program;
} guarded;

static guarded guarded_open(bool guard)
{
    ct_error err;
    guarded q = {.b = bench_open(CT_F32), .state = nn_params_new(CT_F32, 0, &err), .ema = nn_params_new(CT_F32, 0, &err)};
    ct_var *p = nn_param(q.b.root, "p", CT_SHAPE(2), NN_ZEROS);
    ct_tensor_set(nn_params_find(q.b.params, "p"), 0, 4);
    ct_tensor_set(nn_params_find(q.b.params, "p"), 1, 9);
    q.a = ct_input(q.b.graph, "a", CT_F32, CT_SHAPE(2));
    q.allow = ct_input(q.b.graph, "allow", CT_F32, CT_SCALAR);
    nn_train *train = nn_train_new(ct_sum_all(ct_mul(q.a, ct_sqrt(p))), q.b.params, &err);
    assert_ok(train, &err);
    q.taken = guard ? nn_train_guard(train, q.allow) : ct_ones_like(q.allow);
    nn_train_clip(train, 1);
    nn_train_sgd(train, q.state, ct_scalar(q.b.graph, CT_F32, 0.1), (nn_sgd_options){.momentum = 0.9});
    nn_train_ema(train, q.ema, 0.9);
    nn_train_output(train, q.taken);
    q.program = nn_train_compile(train, &(ct_compile_options){.threads = 1}, &err);
    assert_ok(q.program, &err);
    nn_train_free(train);
    return q;
}

static void guarded_close(guarded *q)
{
    ct_program_free(q->program);
    nn_params_free(q->state);
    nn_params_free(q->ema);
    bench_close(&q->b);
}

/* A step; returns whether it was taken. */
static bool guarded_step(guarded *q, float a, double allow)
{
    ct_error err;
    assert_ok(ct_program_set_data(q->program, q->a, (float[]){a, a}, &err), &err);
    assert_ok(ct_program_set_scalar(q->program, q->allow, allow, &err) && ct_program_run(q->program, &err), &err);
    return ct_program_scalar(q->program, q->taken) == 1;
}

static void assert_same_values(const guarded *q, const guarded *r)
{
    assert_tensors_close(nn_params_find(q->b.params, "p"), nn_params_find(r->b.params, "p"), 0);
    assert_tensors_close(nn_params_find(q->state, "m.p"), nn_params_find(r->state, "m.p"), 0);
    assert_tensors_close(nn_params_find(q->ema, "p"), nn_params_find(r->ema, "p"), 0);
}

/* A run with bad and forbidden steps in between has the bits of one without a guard that never saw them. */
static void bad_steps_change_nothing(void **state)
{
    (void)state;
    guarded q = guarded_open(true), r = guarded_open(false);
    for (int i = 0; i < 4; i++) {
        assert_false(guarded_step(&q, i % 2 ? NAN : INFINITY, 1));
        assert_false(guarded_step(&q, 1.0f + (float)i, 0));
        assert_false(guarded_step(&q, 1e30f, 1));  /* the squares of the gradient overflow, the loss does not */
        assert_true(guarded_step(&q, 1.0f + (float)i, 1));
        assert_true(guarded_step(&r, 1.0f + (float)i, 1));
        assert_same_values(&q, &r);
    }
    assert_int_equal(ct_program_step(q.program), 16);
    guarded_close(&q);
    guarded_close(&r);
}

/* At p = 0 the loss is 0 and its gradient infinite. */
static void an_infinite_gradient_is_enough(void **state)
{
    (void)state;
    guarded q = guarded_open(true);
    ct_tensor *p = nn_params_find(q.b.params, "p");
    ct_tensor_set(p, 0, 0);
    ct_tensor_set(p, 1, 0);
    assert_false(guarded_step(&q, 1, 1));
    assert_true(ct_tensor_get(p, 0) == 0 && ct_tensor_get(p, 1) == 0);
    guarded_close(&q);
}

static void a_guard_in_the_wrong_place_is_refused(void **state)
{
    (void)state;
    const char *messages[] = {"guard before it", "there is a guard already", "as one number in float64"};
    for (int i = 0; i < 3; i++) {
        quadratic q = quadratic_open();
        if (i == 0)
            assert_true(nn_train_sgd(q.train, NULL, rate(&q), (nn_sgd_options){0}));
        if (i == 1)
            assert_non_null(nn_train_guard(q.train, NULL));
        assert_null(nn_train_guard(q.train, i == 2 ? ct_scalar(q.b.graph, CT_F32, 1) : NULL));
        assert_error(ct_graph_error(q.b.graph), ct_graph_error(q.b.graph)->code, messages[i]);
        quadratic_close(&q);
    }
}

/* --- schedules --------------------------------------------------------------------------------------------------------------- */

static void schedules_are_closed_forms(void **state)
{
    (void)state;
    bench b = bench_open(CT_F64);
    const nn_schedule s = {.peak = 0.3, .final = 0.01, .warmup = 4, .total = 12}, cold = {.peak = 0.3, .final = 0.01, .total = 8};
    ct_var *constant = nn_constant_schedule(b.graph, CT_F64, s), *cosine = nn_cosine_schedule(b.graph, CT_F64, s);
    ct_var *no_warmup = nn_cosine_schedule(b.graph, CT_F64, cold), *single = nn_cosine_schedule(b.graph, CT_F32, s);
    for (int t = 0; t < 15; t++) {
        double rising = 0.3 * (t + 1) / 4, pi = acos(-1);
        double falling = 0.01 + 0.29 * (1 + cos(pi * fmin(1, (t - 4) / 8.0))) / 2;
        assert_close(number_at_step(constant, (uint64_t)t), t < 4 ? rising : 0.3, 1e-15);
        assert_close(number_at_step(cosine, (uint64_t)t), t < 4 ? rising : falling, 1e-15);
        assert_close(number_at_step(single, (uint64_t)t), t < 4 ? rising : falling, 3e-8);
        assert_close(number_at_step(no_warmup, (uint64_t)t), 0.01 + 0.29 * (1 + cos(pi * fmin(1, t / 8.0))) / 2, 1e-15);
    }
    assert_null(nn_cosine_schedule(b.graph, CT_F64, (nn_schedule){.peak = 1, .warmup = 5, .total = 5}));
    assert_error(ct_graph_error(b.graph), CT_E_ARGUMENT, "cosine schedule: 5 steps");
    bench_close(&b);
}

/* --- misuse ------------------------------------------------------------------------------------------------------------------- */

static void misuse_is_refused(void **state)
{
    (void)state;
    ct_error err;
    const char *messages[] = {"no optimizer", "an optimizer already", "a learning rate of one number", "no optimizer yet", "clip before it",
                              "expects a set of its own", "an output is NULL"};
    for (int i = 0; i < 7; i++) {
        quadratic q = quadratic_open();
        if (i == 1 || i == 4 || i == 5 || i == 6)
            assert_true(nn_train_sgd(q.train, NULL, rate(&q), (nn_sgd_options){0}));
        if (i == 1)
            assert_false(nn_train_adamw(q.train, q.moments, rate(&q), (nn_adamw_options){0}));
        if (i == 2)
            assert_false(nn_train_sgd(q.train, NULL, ct_scalar(q.b.graph, CT_F32, 1), (nn_sgd_options){0}));
        if (i == 3)
            assert_false(nn_train_ema(q.train, q.moments, 0.9));
        if (i == 4)
            assert_null(nn_train_clip(q.train, 1));
        if (i == 5)
            assert_false(nn_train_ema(q.train, q.b.params, 0.9));
        if (i == 6)
            assert_false(nn_train_output(q.train, NULL));
        assert_null(nn_train_compile(q.train, NULL, &err));
        assert_error(&err, err.code, "train: ");
        assert_error(&err, err.code, messages[i]);
        quadratic_close(&q);
    }
}

static void a_loss_without_parameters_is_refused(void **state)
{
    (void)state;
    ct_error err;
    bench b = bench_open(CT_F64);
    nn_param(b.root, "w", CT_SHAPE(2), NN_ONES);
    assert_null(nn_train_new(ct_sum_all(ct_input(b.graph, "x", CT_F64, CT_SHAPE(2))), b.params, &err));
    assert_error(&err, CT_E_ARGUMENT, "depends on none of the 1 parameters");
    assert_null(nn_train_new(NULL, b.params, &err));
    assert_error(&err, CT_E_ARGUMENT, "the loss is NULL");
    bench_close(&b);
}

/* The moments of another model are refused by name and shape. */
static void moments_of_another_shape_are_refused(void **state)
{
    (void)state;
    ct_error err;
    quadratic q = quadratic_open();
    ct_tensor *wrong = ct_tensor_new(CT_F64, CT_SHAPE(SIZE + 1), &err);
    assert_ok(nn_params_add(q.moments, "v.net.p", wrong, &err), &err);
    assert_false(nn_train_adamw(q.train, q.moments, rate(&q), (nn_adamw_options){0}));
    assert_null(nn_train_compile(q.train, NULL, &err));
    assert_error(&err, CT_E_SHAPE, "'v.net.p': has shape [6], but is used with shape [5]");
    ct_tensor_free(wrong);
    quadratic_close(&q);
}

/* --- a whole model --------------------------------------------------------------------------------------------------------------- */

/* A regression of y = x0 x1 by a small network in float32. Returns the last loss; the parameters stay in p. */
static double regress(nn_params *p, int threads, int steps, double *first)
{
    enum { ROWS = 64 };
    ct_error err;
    support_rng rng = {9};
    ct_graph *g = ct_graph_new();
    ct_tensor *x = support_tensor(CT_F32, CT_SHAPE(ROWS, 2), &rng, -1, 1), *y = ct_tensor_new(CT_F32, CT_SHAPE(ROWS, 1), &err);
    for (int i = 0; i < ROWS; i++)
        ct_tensor_set(y, i, ct_tensor_get(x, 2 * i) * ct_tensor_get(x, 2 * i + 1));
    nn_scope s = nn_training(nn_root(g, p), true);
    ct_var *h = nn_layer_norm(nn_at(s, "norm"), nn_silu(nn_linear(nn_at(s, "in"), ct_constant(g, x), 32)), (nn_norm_options){0});
    ct_var *loss = nn_mse(nn_linear(nn_at(s, "out"), nn_dropout(s, h, 0.02), 1), ct_constant(g, y));
    nn_params *moments = nn_params_new(CT_F32, 0, &err);
    nn_train *train = nn_train_new(loss, p, &err);
    assert_ok(train, &err);
    nn_train_clip(train, 5);
    ct_var *lr = nn_cosine_schedule(g, CT_F32, (nn_schedule){.peak = 0.02, .warmup = 5, .total = steps});
    nn_train_adamw(train, moments, lr, (nn_adamw_options){.weight_decay = 1e-4});
    nn_train_output(train, loss);
    ct_program *program = nn_train_compile(train, &(ct_compile_options){.threads = threads, .seed = 3}, &err);
    assert_ok(program, &err);
    for (int i = 0; i < steps; i++) {
        assert_ok(ct_program_run(program, &err), &err);
        if (i == 0)
            *first = ct_program_scalar(program, loss);
    }
    double last = ct_program_scalar(program, loss);
    ct_program_free(program);
    nn_train_free(train);
    nn_params_free(moments);
    ct_tensor_free(x);
    ct_tensor_free(y);
    ct_graph_free(g);
    return last;
}

static void a_small_regression_fits(void **state)
{
    (void)state;
    ct_error err;
    double first, last;
    nn_params *p = nn_params_new(CT_F32, 1, &err);
    last = regress(p, 1, 300, &first);
    if (!(last < 0.02 * first))
        fail_msg("the loss went from %g to %g, expected less than a fiftieth", first, last);
    nn_params_free(p);
}

static void threads_give_the_same_bits(void **state)
{
    (void)state;
    ct_error err;
    double first[2];
    nn_params *p[2];
    for (int i = 0; i < 2; i++) {
        p[i] = nn_params_new(CT_F32, 1, &err);
        regress(p[i], i + 1, 20, &first[i]);
    }
    assert_close(first[0], first[1], 0);
    for (int64_t i = 0; i < nn_params_count(p[0]); i++) {
        const ct_tensor *a = nn_params_tensor(p[0], i), *b = nn_params_tensor(p[1], i);
        assert_memory_equal(ct_tensor_data(a), ct_tensor_data(b), ct_tensor_bytes(a));
    }
    nn_params_free(p[0]);
    nn_params_free(p[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sgd_is_its_loop),
        cmocka_unit_test(adam_and_adamw_are_their_loop),
        cmocka_unit_test(a_second_program_goes_on),
        cmocka_unit_test(clipping_scales_to_the_norm),
        cmocka_unit_test(clipping_of_huge_and_tiny_gradients), cmocka_unit_test(averages_do_not_drift),
       
        cmocka_unit_test(averages_are_their_loops),
        cmocka_unit_test(unused_parameters_are_left_out),
        cmocka_unit_test(tied_names_stay_tied),
        cmocka_unit_test(bad_steps_change_nothing),
        cmocka_unit_test(an_infinite_gradient_is_enough),
        cmocka_unit_test(a_guard_in_the_wrong_place_is_refused),
        cmocka_unit_test(schedules_are_closed_forms),
        cmocka_unit_test(misuse_is_refused),
        cmocka_unit_test(a_loss_without_parameters_is_refused),
        cmocka_unit_test(moments_of_another_shape_are_refused),
        cmocka_unit_test(a_small_regression_fits),
        cmocka_unit_test(threads_give_the_same_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
