/* SPDX-License-Identifier: MIT */
/* A network with batch statistics: running means are states that the user assigns. A step that the guard leaves out does not touch them, and the averages of
 * the parameters are evaluated with them. */
#include "nn_support.h"

enum { BATCH = 64, WIDTH = 4, CLASSES = 2, STEPS = 150 };

/* Batch norm: the batch's own mean and variance while training, which running ones follow; otherwise those. The assignments go to made[2]. */
static ct_var *batch_norm(nn_scope s, ct_var *x, ct_var **made)
{
    const char *name[] = {"running_mean", "running_var"};
    ct_var *mean = ct_mean(x, CT_AXES(0)), *now[] = {mean, ct_mean(ct_square(ct_sub(x, mean)), CT_AXES(0))}, *used[2];
    for (int i = 0; i < 2; i++) {
        ct_var *running = nn_param(s, name[i], CT_SHAPE(WIDTH), i ? NN_ONES : NN_ZEROS);
        used[i] = s.training ? now[i] : ct_stop_gradient(running);
        made[i] = s.training ? ct_assign(running, ct_stop_gradient(ct_add(ct_scale(running, 0.9), ct_scale(now[i], 0.1)))) : NULL;
    }
    ct_var *y = ct_mul(ct_sub(x, used[0]), ct_rsqrt(ct_shift(used[1], 1e-5)));
    return ct_add(ct_mul(y, nn_param(s, "weight", CT_SHAPE(WIDTH), NN_ONES)), nn_param(s, "bias", CT_SHAPE(WIDTH), NN_ZEROS));
}

static ct_var *net(nn_scope s, ct_var *x, ct_var **made)
{
    ct_var *h = batch_norm(nn_at(s, "norm"), x, made);
    return nn_linear(nn_at(s, "out"), ct_tanh(h), CLASSES);
}

/* Points far from the origin, which only their own statistics bring near it; the class is on which side of the mean the first coordinate lies. */
static void draw(uint64_t seed, float *x, int32_t *label)
{
    support_rng rng = {seed};
    for (int i = 0; i < BATCH; i++) {
        label[i] = i % 2;
        for (int k = 0; k < WIDTH; k++)
            x[i * WIDTH + k] = (float)(50 + 5 * k + support_uniform(&rng, -1, 1) * 8 + (k == 0 ? (label[i] ? 10 : -10) : 0));
    }
}

typedef struct trained_net {
    bench b;
    nn_params *moments, *ema;
    ct_var *x, *label, *taken;
    ct_program *step;
} trained_net;

/* how 0: the assignments are outputs; 1: the loss goes through one of them, and the other is an output. */
static trained_net open(bool guard, int how)
{
    ct_error err;
    trained_net n = {.b = bench_open(CT_F32), .moments = nn_params_new(CT_F32, 0, &err), .ema = nn_params_new(CT_F32, 0, &err)};
    n.x = ct_input(n.b.graph, "x", CT_F32, CT_SHAPE(BATCH, WIDTH));
    n.label = ct_input(n.b.graph, "label", CT_I32, CT_SHAPE(BATCH));
    ct_var *made[2], *loss = nn_cross_entropy(net(nn_training(n.b.root, true), n.x, made), n.label);
    if (how == 1)
        loss = ct_add(loss, ct_scale(ct_sum_all(made[0]), 0));
    nn_train *t = nn_train_new(loss, n.b.params, &err);
    assert_ok(t, &err);
    n.taken = guard ? nn_train_guard(t, NULL) : NULL;
    nn_train_adamw(t, n.moments, ct_scalar(n.b.graph, CT_F32, 0.02), (nn_adamw_options){0});
    nn_train_ema(t, n.ema, 0.9);
    for (int i = how; i < 2; i++)
        assert_true(nn_train_output(t, made[i]));
    if (guard)
        nn_train_output(t, n.taken);
    n.step = nn_train_compile(t, NULL, &err);
    assert_ok(n.step, &err);
    nn_train_free(t);
    return n;
}

static void finish(trained_net *n)
{
    ct_program_free(n->step);
    nn_params_free(n->moments);
    nn_params_free(n->ema);
    bench_close(&n->b);
}

static void step(trained_net *n, uint64_t seed, float poison)
{
    ct_error err;
    float x[BATCH * WIDTH];
    int32_t label[BATCH];
    draw(seed, x, label);
    x[5] *= poison;
    assert_ok(ct_program_set_data(n->step, n->x, x, &err) && ct_program_set_data(n->step, n->label, label, &err) && ct_program_run(n->step, &err), &err);
}

static double accuracy(nn_params *params)
{
    ct_error err;
    float x[BATCH * WIDTH];
    int32_t label[BATCH];
    draw(4242, x, label);
    ct_graph *g = ct_graph_new();
    ct_var *in = ct_input(g, "x", CT_F32, CT_SHAPE(BATCH, WIDTH)), *made[2], *y = net(nn_root(g, params), in, made);
    ct_program *p = ct_compile(g, 1, &y, NULL, &err);
    assert_ok(p && ct_program_set_data(p, in, x, &err) && ct_program_run(p, &err), &err);
    int right = 0;
    for (int i = 0; i < BATCH; i++)
        right += (ct_tensor_get(ct_program_get(p, y), 2 * i + 1) > ct_tensor_get(ct_program_get(p, y), 2 * i)) == label[i];
    ct_program_free(p);
    ct_graph_free(g);
    return right / (double)BATCH;
}

static void averages_are_evaluated_with_the_statistics(void **state)
{
    (void)state;
    for (int how = 0; how < 2; how++) {
        trained_net n = open(how == 1, how);
        for (int i = 0; i < STEPS; i++)
            step(&n, 1 + (uint64_t)i, 1);
        const char *names[] = {"norm.running_mean", "norm.running_var"};
        for (int i = 0; i < 2; i++) {
            assert_true(ct_tensor_get(nn_params_find(n.b.params, names[i]), 1) > 2);  /* it moved */
            assert_tensors_close(nn_params_find(n.ema, names[i]), nn_params_find(n.b.params, names[i]), 0);
        }
        assert_true(accuracy(n.b.params) > 0.9);
        assert_true(accuracy(n.ema) >= accuracy(n.b.params) - 1.0 / BATCH);
        finish(&n);
    }
}

static void a_skipped_step_leaves_the_statistics(void **state)
{
    (void)state;
    for (int how = 0; how < 2; how++) {
        trained_net n = open(true, how), r = open(false, how);
        for (int i = 0; i < 4; i++) {
            step(&n, 9, i % 2 ? NAN : INFINITY);
            assert_close(ct_program_scalar(n.step, n.taken), 0, 0);
            ct_program_set_step(n.step, (uint64_t)i);  /* a step that is left out counts; the other run has none */
            step(&n, 1 + (uint64_t)i, 1);
            assert_close(ct_program_scalar(n.step, n.taken), 1, 0);
            step(&r, 1 + (uint64_t)i, 1);
        }
        for (int64_t i = 0; i < nn_params_count(n.b.params); i++) {
            const char *name = nn_params_name(n.b.params, i);
            assert_tensors_close(nn_params_tensor(n.b.params, i), nn_params_find(r.b.params, name), 0);
            assert_tensors_close(nn_params_find(n.ema, name), nn_params_find(r.ema, name), 0);
        }
        finish(&n);
        finish(&r);
    }
}

/* A label that is no class ends the run: no part of the step has been made. */
static void a_failed_step_leaves_everything(void **state)
{
    (void)state;
    ct_error err;
    trained_net n = open(false, 0);
    step(&n, 1, 1);
    nn_params *before = nn_params_clone(n.b.params, &err), *averages = nn_params_clone(n.ema, &err), *moments = nn_params_clone(n.moments, &err);
    int32_t label[BATCH] = {0};
    label[17] = CLASSES;
    assert_ok(ct_program_set_data(n.step, n.label, label, &err), &err);
    assert_false(ct_program_run(n.step, &err));
    assert_error(&err, CT_E_ARGUMENT, "run: step 1: check_index of cross_entropy's labels: entry [17] is 2, expected 0 to 1");
    nn_params *now[] = {n.b.params, n.ema, n.moments}, *old[] = {before, averages, moments};
    for (int k = 0; k < 3; k++) {
        for (int64_t i = 0; i < nn_params_count(now[k]); i++)
            assert_tensors_close(nn_params_tensor(now[k], i), nn_params_tensor(old[k], i), 0);
        nn_params_free(old[k]);
    }
    finish(&n);
}

/* Where another program of the graph assigns them, the averages follow what the states hold. */
static void statistics_of_another_program_are_copied(void **state)
{
    (void)state;
    ct_error err;
    bench b = bench_open(CT_F32);
    nn_params *ema = nn_params_new(CT_F32, 0, &err);
    ct_var *p = nn_param(b.root, "p", CT_SHAPE(2), NN_ONES), *s = nn_param(b.root, "seen", CT_SHAPE(2), NN_ZEROS);
    ct_var *count = ct_assign(s, ct_shift(s, 1));
    nn_train *t = nn_train_new(ct_sum_all(ct_mul(p, ct_shift(s, 1))), b.params, &err);
    assert_ok(t, &err);
    nn_train_sgd(t, NULL, ct_scalar(b.graph, CT_F32, 0.5), (nn_sgd_options){0});
    /* "seen" has a gradient too, but is assigned elsewhere: it is trained, and averaged as such */
    assert_true(nn_train_ema(t, ema, 0));
    nn_train_free(t);
    ct_var *frozen = nn_param(b.root, "frozen", CT_SHAPE(2), NN_ZEROS);
    ct_var *second = ct_assign(frozen, ct_shift(frozen, 2));
    t = nn_train_new(ct_sum_all(ct_mul(p, ct_stop_gradient(frozen))), b.params, &err);
    assert_ok(t, &err);
    nn_train_sgd(t, NULL, ct_scalar(b.graph, CT_F32, 0.5), (nn_sgd_options){0});
    assert_true(nn_train_ema(t, ema, 0));
    ct_program *step = nn_train_compile(t, NULL, &err), *other = ct_compile(b.graph, 2, (ct_var *[]){count, second}, NULL, &err);
    assert_ok(step && other && ct_program_run(other, &err) && ct_program_run(step, &err), &err);
    assert_close(ct_tensor_get(nn_params_find(ema, "frozen"), 0), 2, 0);
    assert_close(ct_tensor_get(nn_params_find(ema, "seen"), 1), 1, 0);
    ct_program_free(step);
    ct_program_free(other);
    nn_train_free(t);
    nn_params_free(ema);
    bench_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(averages_are_evaluated_with_the_statistics),
        cmocka_unit_test(a_skipped_step_leaves_the_statistics),
        cmocka_unit_test(a_failed_step_leaves_everything),
        cmocka_unit_test(statistics_of_another_program_are_copied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
