/* SPDX-License-Identifier: MIT */
/* Kernels inside a team: the bits that one thread alone gives, whichever way a kernel cuts its work. */
#include "arrays.h"
#include "products.h"

#include <cotangent/kernels.h>
#include <cotangent/random.h>
#include <cotangent/team.h>

/* What the kernels read: wide [300, 1000], tall [40000, 9], long [3, 100000], images [60, 8, 20, 20]; index of 500 in 0..299. */
typedef struct inputs {
    ct_array wide, tall, longer, images, weights, grad, index;
} inputs;

static const ct_conv2d_attr conv = {{1, 1}, {1, 1}, {1, 1}, 4};

static inputs new_inputs(void)
{
    support_rng rng = {71};
    return (inputs){
        .wide = new_array(CT_F32, CT_SHAPE(300, 1000), &rng, -1, 1),
        .tall = new_array(CT_F32, CT_SHAPE(40000, 9), &rng, -1, 1),
        .longer = new_array(CT_F32, CT_SHAPE(3, 100000), &rng, -1, 1),
        .images = new_array(CT_F32, CT_SHAPE(60, 8, 20, 20), &rng, -1, 1),
        .weights = new_array(CT_F32, CT_SHAPE(16, 2, 3, 3), &rng, -1, 1),
        .grad = new_array(CT_F32, CT_SHAPE(60, 16, 20, 20), &rng, -1, 1),
        .index = new_array(CT_I32, CT_SHAPE(500), &rng, 0, 300),
    };
}

static void free_inputs(inputs *x)
{
    ct_array *const all[] = {&x->wide, &x->tall, &x->longer, &x->images, &x->weights, &x->grad, &x->index};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free(all[i]->data);
}

static ct_array turned(const inputs *x)
{
    return ct_array_permute(x->wide, (int[]){1, 0});
}

static void map_contiguous(const inputs *x, ct_array y, int threads)
{
    ct_map(ct_map_exp_f32, NULL, y, 1, &x->wide, threads);
}

static void map_strided(const inputs *x, ct_array y, int threads)
{
    ct_array a = turned(x);
    ct_map(ct_map_tanh_f32, NULL, y, 1, &a, threads);
}

static void transpose(const inputs *x, ct_array y, int threads)
{
    ct_copy(y, turned(x), threads);
}

static void many_rows(const inputs *x, ct_array y, int threads)
{
    ct_reduce_sum(y, x->tall, 2, threads);
}

static void few_rows(const inputs *x, ct_array y, int threads)
{
    ct_reduce_sum(y, x->longer, 2, threads);
}

static void many_columns(const inputs *x, ct_array y, int threads)
{
    ct_reduce_sum(y, x->wide, 1, threads);
}

static void few_columns(const inputs *x, ct_array y, int threads)
{
    ct_reduce_sum(y, x->tall, 1, threads);
}

static void gather(const inputs *x, ct_array y, int threads)
{
    ct_gather(y, x->wide, x->index, 1, 300, 1000, threads);
}

/* 600 outer elements of 500 picks, which are not cut further; below, one that is. */
static void scatter_many(const inputs *x, ct_array y, int threads)
{
    ct_scatter_add(y, ct_array_make(x->wide.data, CT_F32, CT_SHAPE(600, 500)), x->index, 600, 300, 1, threads);
}

static void scatter_one(const inputs *x, ct_array y, int threads)
{
    ct_scatter_add(y, x->wide, x->index, 1, 300, 600, threads);
}

static void uniform(const inputs *x, ct_array y, int threads)
{
    (void)x;
    ct_random_uniform(y, (ct_random_key){.seed = 72}, threads);
}

static void normal(const inputs *x, ct_array y, int threads)
{
    (void)x;
    ct_random_normal(y, (ct_random_key){.seed = 73}, threads);
}

static void matmul(const inputs *x, ct_array y, int threads)
{
    multiply(y, x->wide, turned(x), 0, threads);
}

typedef void (*conv_fn)(ct_array to, ct_array a, ct_array b, const ct_conv2d_attr *conv, void *scratch, int threads);

static void run_conv(conv_fn fn, const inputs *x, ct_array to, ct_array a, ct_array b, int threads)
{
    size_t bytes = ct_conv2d_scratch(&conv, CT_F32, x->images.shape, x->weights.shape, x->grad.shape, threads);
    void *scratch = aligned_alloc(64, (bytes + 63) / 64 * 64);
    assert_non_null(scratch);
    fn(to, a, b, &conv, scratch, threads);
    free(scratch);
}

static void conv_y(const inputs *x, ct_array y, int threads)
{
    run_conv(ct_conv2d_kernel, x, y, x->images, x->weights, threads);
}

static void conv_dx(const inputs *x, ct_array y, int threads)
{
    run_conv(ct_conv2d_dx_kernel, x, y, x->grad, x->weights, threads);
}

static void conv_dw(const inputs *x, ct_array y, int threads)
{
    run_conv(ct_conv2d_dw_kernel, x, y, x->images, x->grad, threads);
}

typedef struct kernel {
    const char *name;
    void (*run)(const inputs *x, ct_array y, int threads);
    ct_shape y;
} kernel;

typedef struct team_call {
    const kernel *k;
    const inputs *x;
    ct_array y;
    int threads;
} team_call;

static void run_call(void *argument)
{
    const team_call *c = argument;
    c->k->run(c->x, c->y, c->threads);
}

static void check(const kernel *k, const inputs *x)
{
    ct_array alone = new_zeros(CT_F32, k->y), y = new_zeros(CT_F32, k->y);
    k->run(x, alone, 1);
    for (int threads = 2; threads <= 5; threads++) {
        memset(y.data, 0xff, array_bytes(&y));
        ct_team_run(threads, run_call, &(team_call){k, x, y, threads});
        assert_same_bits(&alone, &y, k->name);
    }
    free(alone.data);
    free(y.data);
}

static void a_team_gives_the_bits_of_one_thread(void **state)
{
    (void)state;
    const kernel kernels[] = {
        {"map, contiguous", map_contiguous, CT_SHAPE(300, 1000)}, {"map, strided", map_strided, CT_SHAPE(1000, 300)},
        {"transpose", transpose, CT_SHAPE(1000, 300)}, {"many rows", many_rows, CT_SHAPE(40000, 1)},
        {"few rows", few_rows, CT_SHAPE(3, 1)}, {"many columns", many_columns, CT_SHAPE(1, 1000)},
        {"few columns", few_columns, CT_SHAPE(1, 9)}, {"gather", gather, CT_SHAPE(500, 1000)},
        {"scatter, many", scatter_many, CT_SHAPE(600, 300)}, {"scatter, one", scatter_one, CT_SHAPE(300, 600)},
        {"uniform", uniform, CT_SHAPE(100001)}, {"normal", normal, CT_SHAPE(100001)}, {"matmul", matmul, CT_SHAPE(300, 300)},
        {"convolution", conv_y, CT_SHAPE(60, 16, 20, 20)}, {"convolution, dx", conv_dx, CT_SHAPE(60, 8, 20, 20)},
        {"convolution, dw", conv_dw, CT_SHAPE(16, 2, 3, 3)},
    };
    inputs x = new_inputs();
    for (size_t i = 0; i < sizeof kernels / sizeof *kernels; i++)
        check(&kernels[i], &x);
    free_inputs(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_team_gives_the_bits_of_one_thread)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
