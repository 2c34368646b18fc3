/* SPDX-License-Identifier: MIT */
/* Memory: a run takes none, and forward-mode tangents under stop_gradient take next to none of the plan. */
#include "interpose.h"
#include "support.h"

#include <cotangent/ops.h>
#include <cotangent/program.h>
#include <cotangent/transform.h>
#include <string.h>

enum { BATCH = 256, WIDTH = 16, MAX_LAYERS = 16 };

/* A chain of layers with a loss between its output and a target. */
typedef enum target { FIXED, JVP_STOPPED, JVP_KEPT } target;

typedef ct_var *(*layer_fn)(ct_var *h, ct_var *w);

typedef struct chain {
    ct_graph *g;
    int layers;
    layer_fn layer;
    ct_var *z, *v;
    ct_tensor *weight[MAX_LAYERS];
    ct_var *w[MAX_LAYERS];
    ct_var *out[MAX_LAYERS + 1];  /* loss, gradients */
} chain;

static ct_var *plain(ct_var *h, ct_var *w)
{
    return ct_tanh(ct_matmul(h, w));
}

/* h + gelu(norm(h)) w */
static ct_var *residual(ct_var *h, ct_var *w)
{
    ct_var *c = ct_sub(h, ct_mean_keep(h, CT_AXES(-1)));
    ct_var *x = ct_mul(c, ct_rsqrt(ct_shift(ct_mean_keep(ct_square(c), CT_AXES(-1)), 1e-5)));
    ct_var *gelu = ct_mul(ct_scale(x, 0.5), ct_shift(ct_erf(ct_scale(x, 0.7071067811865476)), 1));
    return ct_add(h, ct_matmul(gelu, w));
}

/* h + softmax(h w) w */
static ct_var *attention(ct_var *h, ct_var *w)
{
    ct_var *x = ct_matmul(h, w);
    ct_var *e = ct_exp(ct_sub(x, ct_stop_gradient(ct_max_keep(x, CT_AXES(-1)))));
    return ct_add(h, ct_matmul(ct_div(e, ct_sum_keep(e, CT_AXES(-1))), w));
}

static ct_var *network(chain *c)
{
    ct_var *h = c->z;
    for (int i = 0; i < c->layers; i++)
        h = c->layer(h, c->w[i]);
    return h;
}

static ct_var *loss_against(chain *c, target kind)
{
    ct_var *u = network(c), *du = NULL, *t = c->v;
    if (kind != FIXED) {
        ct_jvp(1, &u, 1, &c->z, &c->v, &du);
        t = ct_sub(c->v, ct_scale(du, 0.5));
    }
    return ct_mean_all(ct_square(ct_sub(u, kind == JVP_KEPT ? t : ct_stop_gradient(t))));
}

static chain chain_new(layer_fn layer, int layers, target kind)
{
    chain c = {.g = ct_graph_new(), .layers = layers, .layer = layer};
    support_rng rng = {5};
    c.z = ct_input(c.g, "z", CT_F32, CT_SHAPE(BATCH, WIDTH));
    c.v = ct_input(c.g, "v", CT_F32, CT_SHAPE(BATCH, WIDTH));
    for (int i = 0; i < layers; i++) {
        c.weight[i] = support_tensor(CT_F32, CT_SHAPE(WIDTH, WIDTH), &rng, -0.4, 0.4);
        c.w[i] = ct_state(c.g, ct_graph_text(c.g, "w%d", i), c.weight[i]);
    }
    c.out[0] = loss_against(&c, kind);
    ct_grad(c.out[0], layers, c.w, c.out + 1);
    return c;
}

static ct_program *compile(chain *c, int threads)
{
    ct_error err = {0};
    ct_compile_options options = {.threads = threads};
    ct_program *p = ct_compile(c->g, c->layers + 1, c->out, &options, &err);
    assert_ok(p, &err);
    support_rng rng = {17};
    ct_tensor *z = support_tensor(CT_F32, CT_SHAPE(BATCH, WIDTH), &rng, -1, 1);
    assert_ok(ct_program_set(p, c->z, z, &err) && ct_program_set(p, c->v, z, &err), &err);
    ct_tensor_free(z);
    return p;
}

static void chain_free(chain *c)
{
    for (int i = 0; i < c->layers; i++)
        ct_tensor_free(c->weight[i]);
    ct_graph_free(c->g);
}

static size_t planned(layer_fn layer, int layers, target kind)
{
    chain c = chain_new(layer, layers, kind);
    ct_program *p = compile(&c, 1);
    size_t bytes = ct_program_bytes(p);
    assert_int_equal(bytes, ct_program_get_stats(p).planned_bytes);
    ct_program_free(p);
    chain_free(&c);
    return bytes;
}

/* Whatever the depth, tangents of the target cost a few activations; differentiated, each layer's tangent must be kept. */
static void check_plan(layer_fn layer, int layers)
{
    size_t activation = sizeof(float) * BATCH * WIDTH;
    size_t fixed = planned(layer, layers, FIXED), kept = planned(layer, layers, JVP_KEPT);
    size_t stopped = planned(layer, layers, JVP_STOPPED);
    if (stopped > fixed + 3 * activation || kept < fixed + (size_t)layers * activation)
        print_error("%d layers: %zu bytes without tangents, %zu with, %zu when differentiated; an activation is %zu\n", layers,
                    fixed, stopped, kept, activation);
    assert_true(stopped <= fixed + 3 * activation);
    assert_true(kept >= fixed + (size_t)layers * activation);
}

static void plans_little_for_stopped_tangents(void **state)
{
    (void)state;
    const layer_fn kinds[] = {plain, residual, attention};
    for (int k = 0; k < 3; k++)
        for (int layers = 4; layers <= MAX_LAYERS; layers *= 2)
            check_plan(kinds[k], layers);
}

static void plans_less_than_everything(void **state)
{
    (void)state;
    chain c = chain_new(plain, MAX_LAYERS, JVP_STOPPED);
    ct_program *p = compile(&c, 1);
    ct_program_stats stats = ct_program_get_stats(p);
    assert_true(stats.planned_bytes < stats.naive_bytes / 2);
    assert_int_equal(stats.state_bytes >= sizeof(float) * MAX_LAYERS * WIDTH * WIDTH, 1);
    ct_program_free(p);
    chain_free(&c);
}

static void run_many(ct_program *p, int n)
{
    ct_error err = {0};
    for (int i = 0; i < n; i++)
        assert_ok(ct_program_run(p, &err), &err);
}

/* 1000 runs: not one allocation, and the process holds what it held. */
static void runs_allocate_nothing(void **state)
{
    (void)state;
    if (!interposed())
        skip();
    chain c = chain_new(residual, 4, JVP_KEPT);
    ct_program *p = compile(&c, 1);
    run_many(p, 2);
    long long before = atomic_load(&live);
    watch_start(0);
    run_many(p, 1000);
    watch_stop();
    assert_int_equal(calls, 0);
    assert_int_equal(atomic_load(&live), before);
    ct_program_free(p);
    chain_free(&c);
}

/* Nor on other threads than the caller's is anything kept. */
static void runs_on_threads_keep_nothing(void **state)
{
    (void)state;
    if (!interposed())
        skip();
    chain c = chain_new(residual, 4, JVP_STOPPED);
    ct_program *p = compile(&c, 2);
    run_many(p, 2);
    long long before = atomic_load(&live);
    run_many(p, 1000);
    assert_int_equal(atomic_load(&live), before);
    ct_program_free(p);
    chain_free(&c);
}

/* Building, compiling and freeing again and again leaves nothing behind. */
static void frees_what_it_takes(void **state)
{
    (void)state;
    if (!interposed())
        skip();
    long long before = 0;
    for (int i = 0; i < 50; i++) {
        if (i == 1)
            before = atomic_load(&live);
        chain c = chain_new(residual, 4, JVP_KEPT);
        ct_program *p = compile(&c, 1);
        run_many(p, 1);
        ct_graph_free(c.g);  /* the program is an owner too */
        c.g = NULL;
        run_many(p, 1);
        ct_program_free(p);
        chain_free(&c);
    }
    assert_int_equal(atomic_load(&live), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plans_little_for_stopped_tangents),
        cmocka_unit_test(plans_less_than_everything),
        cmocka_unit_test(runs_allocate_nothing),
        cmocka_unit_test(runs_on_threads_keep_nothing),
        cmocka_unit_test(frees_what_it_takes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
