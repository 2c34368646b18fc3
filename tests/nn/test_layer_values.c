/* SPDX-License-Identifier: MIT */
/* The values of every layer in float64 against plain loops and closed forms. */
#include "nn_support.h"

#include <cotangent/op.h>
#include <stdio.h>

static const double PI = 3.14159265358979323846;

/* A bench with an input x of random values, which loops can read. */
typedef struct layer_bench {
    bench b;
    nn_scope s;
    ct_tensor *tensor;
    const double *x;
    ct_var *in;
} layer_bench;

static layer_bench layer_open(ct_shape shape)
{
    layer_bench l = {.b = bench_open(CT_F64)};
    support_rng rng = {21};
    l.s = nn_at(l.b.root, "l");
    l.tensor = support_tensor(CT_F64, shape, &rng, -2, 2);
    l.x = doubles(l.tensor);
    l.in = bench_state(&l.b, "x", l.tensor);
    return l;
}

/* The layer's value with random parameters. */
static ct_tensor *layer_value(layer_bench *l, ct_var *y)
{
    randomize(l->b.params, 31);
    return value_of(y);
}

static const double *param(const layer_bench *l, const char *name)
{
    return param_values(&l->b, name);
}

static void layer_close(layer_bench *l, ct_tensor *y)
{
    ct_tensor_free(y);
    ct_tensor_free(l->tensor);
    bench_close(&l->b);
}

static void activations_are_their_formulas(void **state)
{
    (void)state;
    layer_bench l = layer_open(CT_SHAPE(50));
    ct_tensor *silu = value_of(nn_silu(l.in)), *gelu = value_of(nn_gelu(l.in)), *gelu_tanh = value_of(nn_gelu_tanh(l.in));
    for (int i = 0; i < 50; i++) {
        double x = l.x[i];
        assert_close(doubles(silu)[i], x / (1 + exp(-x)), 1e-14);
        assert_close(doubles(gelu)[i], x * (1 + erf(x / sqrt(2))) / 2, 1e-14);
        assert_close(doubles(gelu_tanh)[i], x * (1 + tanh(sqrt(2 / PI) * (x + 0.044715 * x * x * x))) / 2, 1e-14);
    }
    ct_tensor_free(silu);
    ct_tensor_free(gelu);
    layer_close(&l, gelu_tanh);
}

typedef ct_var *(*activation)(ct_var *x);
static const activation gated[] = {nn_silu, nn_gelu, nn_gelu_tanh};

/* In long double, by formulas without cancellation. */
static double gated_value(int which, double x)
{
    long double u = sqrtl(2 / acosl(-1)) * (x + 0.044715L * x * x * x);
    return (double)(which == 0 ? x / (1 + expl(-(long double)x)) : which == 1 ? x * erfcl(-x / sqrtl(2)) / 2 : x / (1 + expl(-2 * u)));
}

/* By how much the relative error of the exponential's argument counts in the lower tail. */
static double gated_condition(int which, double x)
{
    double size = x < 0 ? -x : 0;
    return which == 0 ? size : which == 1 ? size * size : 1.6 * size + 0.215 * size * size * size;
}

/* Relative to its size, however small: gelu(-6) is -5.92e-9. */
static void activations_keep_their_size(void **state)
{
    const double x[] = {-12, -10, -8, -6, -5, -3, -1, -1e-3, 1e-20, 0.5, 4, 9, 30, 1e15};
    enum { COUNT = sizeof x / sizeof *x };
    (void)state;
    for (int dtype = CT_F32; dtype <= CT_F64; dtype++)
        for (int which = 0; which < 3; which++) {
            bench b = bench_open((ct_dtype)dtype);
            ct_tensor *in = ct_tensor_new((ct_dtype)dtype, CT_SHAPE(COUNT), NULL);
            for (int i = 0; i < COUNT; i++)
                ct_tensor_set(in, i, x[i]);
            ct_tensor *y = value_of(gated[which](bench_state(&b, "x", in)));
            for (int i = 0; i < COUNT; i++) {
                double at = ct_tensor_get(in, i), expected = gated_value(which, at), ulp = dtype == CT_F32 ? 0x1p-23 : 0x1p-52;
                double smallest = dtype == CT_F32 ? 0x1p-148 : 0;  /* subnormal numbers have fewer digits */
                assert_close(ct_tensor_get(y, i), expected, (4 + 3 * gated_condition(which, at)) * ulp * fabs(expected) + smallest);
            }
            ct_tensor_free(y);
            ct_tensor_free(in);
            bench_close(&b);
        }
}

/* What is asked of the activations at the ends: the value, the slope in forward mode, that in reverse mode. */
static ct_var *asked(int what, ct_var *x, ct_var *y)
{
    ct_var *dx = ct_ones_like(x), *slope = y;
    if (what == 1)
        assert_true(ct_jvp(1, &y, 1, &x, &dx, &slope));
    if (what == 2)
        assert_true(ct_grad(ct_sum_all(y), 1, &x, &slope));
    return slope;
}

/* At -infinity 0 with slope 0, at infinity infinity with slope 1, at NaN NaN; in both modes. */
static void activations_at_infinity(void **state)
{
    const double x[] = {-INFINITY, INFINITY, -1e30, 1e30, NAN};
    (void)state;
    for (int dtype = CT_F32; dtype <= CT_F64; dtype++)
        for (int which = 0; which < 3; which++)
            for (int what = 0; what < 3; what++) {
                bench b = bench_open((ct_dtype)dtype);
                ct_tensor *in = ct_tensor_new((ct_dtype)dtype, CT_SHAPE(5), NULL);
                for (int i = 0; i < 5; i++)
                    ct_tensor_set(in, i, x[i]);
                ct_var *v = bench_state(&b, "x", in);
                ct_tensor *t = value_of(asked(what, v, gated[which](v)));
                for (int i = 0; i < 4; i++)
                    assert_true(ct_tensor_get(t, i) == (i % 2 == 0 ? 0 : what ? 1 : ct_tensor_get(in, i)));
                assert_true(isnan(ct_tensor_get(t, 4)));
                ct_tensor_free(t);
                ct_tensor_free(in);
                bench_close(&b);
            }
}

static void check_zeros(ct_var *y)
{
    ct_tensor *t = value_of(y);
    for (int64_t i = 0; i < ct_tensor_count(t); i++)
        if (ct_tensor_get(t, i) != 0)
            fail_msg("element %lld of the norm of equal numbers is %g", (long long)i, ct_tensor_get(t, i));
    ct_tensor_free(t);
}

/* A row of equal numbers is nothing but its mean: its norm is 0, whatever the number and however many they are. */
static void norms_of_equal_numbers_are_zero(void **state)
{
    const double value[] = {1000, 99999, 1e6, -3e7, 0.1, 1e-3, 1e30};
    const int64_t count[] = {7, 1000, 3, 17, 96, 1500};
    const nn_norm_options plain = {.no_affine = true};
    (void)state;
    for (int dtype = CT_F32; dtype <= CT_F64; dtype++)
        for (size_t i = 0; i < sizeof value / sizeof *value; i++)
            for (size_t j = 0; j < sizeof count / sizeof *count; j++) {
                bench b = bench_open((ct_dtype)dtype);
                ct_tensor *in = ct_tensor_new((ct_dtype)dtype, CT_SHAPE(2, count[j]), NULL);
                assert_non_null(in);
                ct_tensor_fill(in, value[i]);
                ct_var *x = bench_state(&b, "x", in);
                check_zeros(nn_layer_norm(b.root, x, plain));
                check_zeros(nn_group_norm(b.root, ct_reshape(x, CT_SHAPE(2, count[j], 1)), 1, plain));
                ct_tensor_free(in);
                bench_close(&b);
            }
}

/* A large mean costs the digits that it takes from the input, and no more: the result is that of the float32 numbers. */
static void layer_norm_of_a_large_mean(void **state)
{
    enum { N = 200 };
    (void)state;
    bench b = bench_open(CT_F32);
    support_rng rng = {5};
    ct_tensor *in = support_tensor(CT_F32, CT_SHAPE(1, N), &rng, 9999, 10001);
    ct_tensor *y = value_of(nn_layer_norm(nn_at(b.root, "l"), bench_state(&b, "x", in), (nn_norm_options){0}));
    double mean = 0, variance = 0;
    for (int i = 0; i < N; i++)
        mean += ct_tensor_get(in, i) / N;
    for (int i = 0; i < N; i++)
        variance += (ct_tensor_get(in, i) - mean) * (ct_tensor_get(in, i) - mean) / N;
    for (int i = 0; i < N; i++)
        assert_close(ct_tensor_get(y, i), (ct_tensor_get(in, i) - mean) / sqrt(variance + 1e-5), 2e-6);
    ct_tensor_free(y);
    ct_tensor_free(in);
    bench_close(&b);
}

static void softmax_is_exp_over_sum(void **state)
{
    (void)state;
    layer_bench l = layer_open(CT_SHAPE(3, 5));
    ct_tensor *rows = value_of(nn_softmax(l.in, -1)), *columns = value_of(nn_softmax(l.in, 0)), *log_rows = value_of(nn_log_softmax(l.in, 1));
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 5; j++) {
            double row = 0, column = 0, e = exp(l.x[i * 5 + j]);
            for (int k = 0; k < 5; k++)
                row += exp(l.x[i * 5 + k]);
            for (int k = 0; k < 3; k++)
                column += exp(l.x[k * 5 + j]);
            assert_close(doubles(rows)[i * 5 + j], e / row, 1e-14);
            assert_close(doubles(log_rows)[i * 5 + j], log(e / row), 1e-14);
            assert_close(doubles(columns)[i * 5 + j], e / column, 1e-14);
        }
    ct_tensor_free(rows);
    ct_tensor_free(columns);
    layer_close(&l, log_rows);
}

/* Logits of +-10000 in float32: no overflow, and gradients of the cross entropy stay finite. */
static void softmax_is_stable(void **state)
{
    (void)state;
    ct_error err;
    bench b = bench_open(CT_F32);
    ct_tensor *t = ct_tensor_from(CT_F32, CT_SHAPE(2, 3), (float[]){1e4f, -1e4f, 0, 1e4f, 1e4f, -1e4f}, &err);
    ct_var *x = bench_state(&b, "x", t), *grad;
    ct_tensor *p = value_of(nn_softmax(x, 1)), *lp = value_of(nn_log_softmax(x, 1));
    const double expected[] = {1, 0, 0, 0.5, 0.5, 0}, expected_log[] = {0, -2e4, -1e4, -log(2), -log(2), -2e4 - log(2)};
    for (int i = 0; i < 6; i++) {
        assert_close(ct_tensor_get(p, i), expected[i], 1e-7);
        assert_close(ct_tensor_get(lp, i), expected_log[i], 2e-3);
    }
    ct_var *loss = nn_cross_entropy(x, ct_shift(ct_iota(b.graph, CT_I32, 2), 1));
    assert_close(number_at_step(loss, 0), 2e4 + log(2) / 2, 1e-2);
    assert_true(ct_grad(loss, 1, &x, &grad));
    ct_tensor *g = value_of(grad);
    const double expected_grad[] = {0.5, -0.5, 0, 0.25, 0.25, -0.5};
    for (int i = 0; i < 6; i++)
        assert_close(ct_tensor_get(g, i), expected_grad[i], 1e-6);
    ct_tensor_free(p);
    ct_tensor_free(lp);
    ct_tensor_free(g);
    ct_tensor_free(t);
    bench_close(&b);
}

static void linear_is_x_wt_plus_b(void **state)
{
    (void)state;
    layer_bench l = layer_open(CT_SHAPE(2, 3, 4));
    ct_tensor *y = layer_value(&l, nn_linear(l.s, l.in, 5));
    assert_true(ct_shape_equal(ct_tensor_shape(y), CT_SHAPE(2, 3, 5)));
    const double *w = param(&l, "l.weight"), *b = param(&l, "l.bias");
    for (int r = 0; r < 6; r++)
        for (int o = 0; o < 5; o++) {
            double sum = b[o];
            for (int i = 0; i < 4; i++)
                sum += l.x[r * 4 + i] * w[o * 4 + i];
            assert_close(doubles(y)[r * 5 + o], sum, 1e-13);
        }
    layer_close(&l, y);
}

static void embedding_picks_rows(void **state)
{
    (void)state;
    ct_error err;
    bench b = bench_open(CT_F64);
    ct_tensor *index = ct_tensor_from(CT_I32, CT_SHAPE(2, 2), (int32_t[]){3, 0, 2, 3}, &err);
    ct_tensor *y = value_of(nn_embedding(nn_at(b.root, "e"), ct_constant(b.graph, index), 4, 3));
    assert_true(ct_shape_equal(ct_tensor_shape(y), CT_SHAPE(2, 2, 3)));
    for (int i = 0; i < 4; i++)
        for (int k = 0; k < 3; k++)
            assert_close(doubles(y)[i * 3 + k], param_values(&b, "e.weight")[(int)ct_tensor_get(index, i) * 3 + k], 0);
    ct_tensor_free(y);
    ct_tensor_free(index);
    bench_close(&b);
}

/* --- convolutions ----------------------------------------------------------------------------------------------------------- */

typedef struct conv_dims {
    int n, in, h, w, out, kernel, oh, ow;
    int stride[2], pad[2], dilation[2], groups;
} conv_dims;

static nn_conv2d_options options_of(const conv_dims *d)
{
    nn_conv2d_options o = {.groups = d->groups};
    for (int i = 0; i < 2; i++) {
        o.stride[i] = d->stride[i];
        o.pad[i] = d->pad[i];
        o.dilation[i] = d->dilation[i];
    }
    return o;
}

/* Calls f for every product that makes up the convolution: places in x [n, in, h, w], weight and y. */
static void each_product(const conv_dims *d, void (*f)(void *to, int x, int w, int y), void *to)
{
    int in = d->in / d->groups, out = d->out / d->groups;
    for (int n = 0; n < d->n; n++)
    for (int o = 0; o < d->out; o++)
    for (int oy = 0; oy < d->oh; oy++)
    for (int ox = 0; ox < d->ow; ox++)
    for (int c = 0; c < in; c++)
    for (int ky = 0; ky < d->kernel; ky++)
    for (int kx = 0; kx < d->kernel; kx++) {
        int y = oy * d->stride[0] - d->pad[0] + ky * d->dilation[0], x = ox * d->stride[1] - d->pad[1] + kx * d->dilation[1];
        if (y >= 0 && y < d->h && x >= 0 && x < d->w)
            f(to, ((n * d->in + o / out * in + c) * d->h + y) * d->w + x, ((o * in + c) * d->kernel + ky) * d->kernel + kx,
              ((n * d->out + o) * d->oh + oy) * d->ow + ox);
    }
}

typedef struct products {
    const double *x, *w, *y;
    double *sum;
} products;

static void add_forward(void *to, int x, int w, int y)
{
    products *p = to;
    p->sum[y] += p->x[x] * p->w[w];
}

static void add_transposed(void *to, int x, int w, int y)
{
    products *p = to;
    p->sum[x] += p->y[y] * p->w[w];
}

static void check_sums(const ct_tensor *y, const double *sum, const double *bias, int channels, int area)
{
    for (int64_t i = 0; i < ct_tensor_count(y); i++)
        assert_close(doubles(y)[i], sum[i] + bias[i / area % channels], 1e-12);
}

static const conv_dims convs[] = {
    {2, 3, 5, 6, 4, 3, 5, 6, {1, 1}, {1, 1}, {1, 1}, 1},
    {1, 4, 7, 6, 6, 2, 4, 5, {2, 1}, {1, 0}, {2, 1}, 2},
    {2, 3, 8, 8, 3, 3, 4, 4, {2, 2}, {1, 1}, {1, 1}, 3},
};

static void convolution_is_seven_loops(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof convs / sizeof *convs; i++) {
        conv_dims d = convs[i];
        double sum[2000] = {0};
        layer_bench l = layer_open(CT_SHAPE(d.n, d.in, d.h, d.w));
        ct_tensor *y = layer_value(&l, nn_conv2d(l.s, l.in, d.out, d.kernel, options_of(&d)));
        assert_true(ct_shape_equal(ct_tensor_shape(y), CT_SHAPE(d.n, d.out, d.oh, d.ow)));
        each_product(&d, add_forward, &(products){.x = l.x, .w = param(&l, "l.weight"), .sum = sum});
        check_sums(y, sum, param(&l, "l.bias"), d.out, d.oh * d.ow);
        layer_close(&l, y);
    }
}

/* The same products, gathered at x: the layer takes the convolution's y, and its weight is [in, out/groups, k, k] as the convolution's is. */
static void transposed_convolution_is_the_transpose(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof convs / sizeof *convs; i++) {
        conv_dims d = convs[i];
        double sum[2000] = {0};
        d.h = (d.oh - 1) * d.stride[0] - 2 * d.pad[0] + d.dilation[0] * (d.kernel - 1) + 1;
        d.w = (d.ow - 1) * d.stride[1] - 2 * d.pad[1] + d.dilation[1] * (d.kernel - 1) + 1;
        layer_bench l = layer_open(CT_SHAPE(d.n, d.out, d.oh, d.ow));
        ct_tensor *y = layer_value(&l, nn_conv_transpose2d(l.s, l.in, d.in, d.kernel, options_of(&d)));
        assert_true(ct_shape_equal(ct_tensor_shape(y), CT_SHAPE(d.n, d.in, d.h, d.w)));
        assert_true(ct_shape_equal(ct_tensor_shape(nn_params_find(l.b.params, "l.weight")), CT_SHAPE(d.out, d.in / d.groups, d.kernel, d.kernel)));
        each_product(&d, add_transposed, &(products){.y = l.x, .w = param(&l, "l.weight"), .sum = sum});
        check_sums(y, sum, param(&l, "l.bias"), d.in, d.h * d.w);
        layer_close(&l, y);
    }
}

static void pools_and_upsampling_are_loops(void **state)
{
    (void)state;
    layer_bench l = layer_open(CT_SHAPE(2, 4, 6));
    ct_var *x = ct_reshape(l.in, CT_SHAPE(1, 2, 4, 6));
    ct_tensor *top = value_of(nn_max_pool2d(x, 2)), *mean = value_of(nn_avg_pool2d(x, 2)), *up = value_of(nn_upsample_nearest2d(x, 3));
    assert_true(ct_shape_equal(ct_tensor_shape(top), CT_SHAPE(1, 2, 2, 3)));
    assert_true(ct_shape_equal(ct_tensor_shape(up), CT_SHAPE(1, 2, 12, 18)));
    for (int c = 0; c < 2; c++)
        for (int i = 0; i < 2; i++)
            for (int j = 0; j < 3; j++) {
                const double *a = l.x + (c * 4 + 2 * i) * 6 + 2 * j, *b = a + 6;
                assert_close(doubles(top)[(c * 2 + i) * 3 + j], fmax(fmax(a[0], a[1]), fmax(b[0], b[1])), 0);
                assert_close(doubles(mean)[(c * 2 + i) * 3 + j], (a[0] + a[1] + b[0] + b[1]) / 4, 1e-15);
            }
    for (int k = 0; k < 2 * 12 * 18; k++)
        assert_close(doubles(up)[k], l.x[(k / 216 * 4 + k / 18 % 12 / 3) * 6 + k % 18 / 3], 0);
    ct_tensor_free(top);
    ct_tensor_free(mean);
    layer_close(&l, up);
}

/* --- norms --------------------------------------------------------------------------------------------------------------------- */

/* (x - mean) / sqrt(variance + epsilon) of n numbers in two passes; without centring, the root mean square. */
static void normalize(const double *x, int n, bool centre, double epsilon, double *y)
{
    double mean = 0, square = 0;
    for (int i = 0; i < n && centre; i++)
        mean += x[i] / n;
    for (int i = 0; i < n; i++)
        square += (x[i] - mean) * (x[i] - mean) / n;
    for (int i = 0; i < n; i++)
        y[i] = (x[i] - mean) / sqrt(square + epsilon);
}

static void layer_and_rms_norm_are_loops(void **state)
{
    (void)state;
    for (int centre = 0; centre < 2; centre++) {
        layer_bench l = layer_open(CT_SHAPE(2, 3, 7));
        nn_norm_options options = {.epsilon = centre ? 0 : 0.5};
        ct_tensor *y = layer_value(&l, centre ? nn_layer_norm(l.s, l.in, options) : nn_rms_norm(l.s, l.in, options));
        for (int r = 0; r < 6; r++) {
            double unit[7];
            normalize(l.x + 7 * r, 7, centre, centre ? 1e-5 : 0.5, unit);
            for (int k = 0; k < 7; k++)
                assert_close(doubles(y)[7 * r + k], unit[k] * param(&l, "l.weight")[k] + (centre ? param(&l, "l.bias")[k] : 0), 1e-13);
        }
        assert_int_equal(nn_params_count(l.b.params), 1 + centre);
        layer_close(&l, y);
    }
}

static void group_norm_is_a_loop(void **state)
{
    (void)state;
    layer_bench l = layer_open(CT_SHAPE(2, 4, 3, 2));
    ct_tensor *y = layer_value(&l, nn_group_norm(l.s, l.in, 2, (nn_norm_options){0}));
    for (int g = 0; g < 4; g++) {
        double unit[12];
        normalize(l.x + 12 * g, 12, true, 1e-5, unit);
        for (int k = 0; k < 12; k++) {
            int channel = (12 * g + k) / 6 % 4;
            assert_close(doubles(y)[12 * g + k], unit[k] * param(&l, "l.weight")[channel] + param(&l, "l.bias")[channel], 1e-13);
        }
    }
    layer_close(&l, y);
}

/* --- attention and time ----------------------------------------------------------------------------------------------------------- */

enum { BATCH = 2, TOKENS = 5, HEADS = 2, DEPTH = 3, WIDTH = HEADS * DEPTH };

/* y [tokens, out] = x w^T + b */
static void affine_loops(const double *x, const double *w, const double *b, int in, int out, double *y)
{
    for (int t = 0; t < TOKENS; t++)
        for (int o = 0; o < out; o++) {
            y[t * out + o] = b[o];
            for (int i = 0; i < in; i++)
                y[t * out + o] += x[t * in + i] * w[o * in + i];
        }
}

/* One head over one example; qkv [tokens, 3, heads, depth], y [tokens, heads, depth]. */
static void head_loops(const double *qkv, int head, double *y)
{
    for (int t = 0; t < TOKENS; t++) {
        double weight[TOKENS], total = 0;
        for (int u = 0; u < TOKENS; u++) {
            double score = 0;
            for (int d = 0; d < DEPTH; d++)
                score += qkv[(t * 3 * HEADS + head) * DEPTH + d] * qkv[((u * 3 + 1) * HEADS + head) * DEPTH + d];
            total += weight[u] = exp(score / sqrt(DEPTH));
        }
        for (int d = 0; d < DEPTH; d++) {
            double sum = 0;
            for (int u = 0; u < TOKENS; u++)
                sum += weight[u] / total * qkv[((u * 3 + 2) * HEADS + head) * DEPTH + d];
            y[(t * HEADS + head) * DEPTH + d] = sum;
        }
    }
}

static void attention_is_loops_over_pairs(void **state)
{
    (void)state;
    layer_bench l = layer_open(CT_SHAPE(BATCH, TOKENS, WIDTH));
    ct_tensor *y = layer_value(&l, nn_attention(l.s, l.in, HEADS, (nn_attention_options){0}));
    assert_true(ct_shape_equal(ct_tensor_shape(nn_params_find(l.b.params, "l.qkv.weight")), CT_SHAPE(3 * WIDTH, WIDTH)));
    for (int b = 0; b < BATCH; b++) {
        double qkv[TOKENS * 3 * WIDTH], heads[TOKENS * WIDTH], out[TOKENS * WIDTH];
        affine_loops(l.x + b * TOKENS * WIDTH, param(&l, "l.qkv.weight"), param(&l, "l.qkv.bias"), WIDTH, 3 * WIDTH, qkv);
        for (int h = 0; h < HEADS; h++)
            head_loops(qkv, h, heads);
        affine_loops(heads, param(&l, "l.proj.weight"), param(&l, "l.proj.bias"), WIDTH, WIDTH, out);
        for (int i = 0; i < TOKENS * WIDTH; i++)
            assert_close(doubles(y)[b * TOKENS * WIDTH + i], out[i], 1e-13);
    }
    layer_close(&l, y);
}

static void sinusoid_is_its_formula(void **state)
{
    (void)state;
    layer_bench l = layer_open(CT_SHAPE(3));
    ct_tensor *y = value_of(nn_sinusoid(l.in, 8, 10000, 1000));
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 4; j++) {
            double phase = 1000 * l.x[i] * pow(10000, -j / 4.0);
            assert_close(doubles(y)[i * 8 + j], cos(phase), 1e-11);
            assert_close(doubles(y)[i * 8 + 4 + j], sin(phase), 1e-11);
        }
    layer_close(&l, y);
}

/* The same as its three parts called one by one, and with DiT's first values. */
static void time_embedding_is_its_parts(void **state)
{
    (void)state;
    layer_bench l = layer_open(CT_SHAPE(3));
    ct_var *whole = nn_time_embedding(l.s, l.in, 6, (nn_time_options){.frequencies = 8, .scale = 10});
    assert_close(param(&l, "l.mlp.0.bias")[0], 0, 0);
    assert_close(param(&l, "l.mlp.2.bias")[5], 0, 0);
    ct_var *hidden = nn_silu(nn_linear(nn_at(l.s, "mlp.0"), nn_sinusoid(l.in, 8, 10000, 10), 6));
    ct_tensor *parts = layer_value(&l, nn_linear(nn_at(l.s, "mlp.2"), hidden, 6)), *y = value_of(whole);
    assert_tensors_close(y, parts, 1e-14);
    assert_int_equal(nn_params_count(l.b.params), 4);
    ct_tensor_free(parts);
    layer_close(&l, y);
}

/* --- dropout and losses ---------------------------------------------------------------------------------------------------------------- */

static void dropout_keeps_the_mean(void **state)
{
    (void)state;
    enum { N = 100000 };
    bench b = bench_open(CT_F64);
    ct_var *x = ct_full(b.graph, CT_F64, CT_SHAPE(N), 3);
    ct_var *y = nn_dropout(nn_training(b.root, true), x, 0.3);
    ct_tensor *first = value_at_step(y, 0), *second = value_at_step(y, 1);
    double sum = 0, zeros = 0, same = 0;
    for (int i = 0; i < N; i++) {
        double v = doubles(first)[i];
        assert_true(v == 0 || fabs(v - 3 / 0.7) < 1e-14);
        sum += v / N;
        zeros += v == 0;
        same += (v == 0) == (doubles(second)[i] == 0);
    }
    assert_close(zeros / N, 0.3, 5 * sqrt(0.3 * 0.7 / N));
    assert_close(sum, 3, 5 * 3 / 0.7 * sqrt(0.3 * 0.7 / N));
    assert_close(same / N, 0.3 * 0.3 + 0.7 * 0.7, 5 * sqrt(0.58 * 0.42 / N));
    ct_tensor_free(first);
    ct_tensor_free(second);
    bench_close(&b);
}

static void dropout_is_the_identity_at_rest(void **state)
{
    (void)state;
    bench b = bench_open(CT_F64);
    ct_var *x = ct_input(b.graph, "x", CT_F64, CT_SHAPE(3));
    ct_var *at_rest[] = {nn_dropout(b.root, x, 0.5), nn_dropout(nn_training(b.root, true), x, 0)};
    for (int i = 0; i < 2; i++) {
        assert_ptr_equal(ct_var_op(at_rest[i]), ct_op_find("alias"));
        assert_ptr_equal(ct_var_input(at_rest[i], 0), x);
    }
    assert_ptr_not_equal(ct_var_op(nn_dropout(nn_training(b.root, true), x, 0.5)), ct_op_find("alias"));
    bench_close(&b);
}

static void losses_are_loops(void **state)
{
    (void)state;
    ct_error err;
    layer_bench l = layer_open(CT_SHAPE(3, 5));
    ct_tensor *label = ct_tensor_from(CT_I32, CT_SHAPE(3), (int32_t[]){4, 0, 2}, &err);
    double entropy = 0, square = 0;
    for (int i = 0; i < 3; i++) {
        double sum = 0;
        for (int j = 0; j < 5; j++) {
            sum += exp(l.x[i * 5 + j]);
            square += pow(l.x[i * 5 + j] - 0.25, 2) / 15;
        }
        entropy += (log(sum) - l.x[i * 5 + (int)ct_tensor_get(label, i)]) / 3;
    }
    assert_close(number_at_step(nn_cross_entropy(l.in, ct_constant(l.b.graph, label)), 0), entropy, 1e-14);
    assert_close(number_at_step(nn_mse(l.in, ct_full_like(l.in, 0.25)), 0), square, 1e-14);
    ct_tensor_free(label);
    layer_close(&l, NULL);
}

/* A class that is ruled out by a logit of -infinity leaves loss and gradient as they are without it. */
static void cross_entropy_takes_ruled_out_classes(void **state)
{
    (void)state;
    ct_error err;
    bench b = bench_open(CT_F64);
    ct_tensor *t = ct_tensor_from(CT_F64, CT_SHAPE(1, 3), (double[]){0.5, -INFINITY, -0.25}, &err);
    ct_var *x = bench_state(&b, "x", t), *grad;
    ct_var *loss = nn_cross_entropy(x, ct_iota(b.graph, CT_I32, 1));
    assert_close(number_at_step(loss, 0), log(1 + exp(-0.75)), 1e-15);
    assert_true(ct_grad(loss, 1, &x, &grad));
    ct_tensor *g = value_of(grad);
    double p = 1 / (1 + exp(-0.75));
    const double expected[] = {p - 1, 0, 1 - p};
    for (int i = 0; i < 3; i++)
        assert_close(doubles(g)[i], expected[i], 1e-15);
    ct_tensor_free(g);
    ct_tensor_free(t);
    bench_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(activations_are_their_formulas),
        cmocka_unit_test(activations_keep_their_size), cmocka_unit_test(activations_at_infinity),
        cmocka_unit_test(norms_of_equal_numbers_are_zero), cmocka_unit_test(layer_norm_of_a_large_mean),
       
        cmocka_unit_test(softmax_is_exp_over_sum),
        cmocka_unit_test(softmax_is_stable),
        cmocka_unit_test(linear_is_x_wt_plus_b),
        cmocka_unit_test(embedding_picks_rows),
        cmocka_unit_test(convolution_is_seven_loops),
        cmocka_unit_test(transposed_convolution_is_the_transpose),
        cmocka_unit_test(pools_and_upsampling_are_loops),
        cmocka_unit_test(layer_and_rms_norm_are_loops),
        cmocka_unit_test(group_norm_is_a_loop),
        cmocka_unit_test(attention_is_loops_over_pairs),
        cmocka_unit_test(sinusoid_is_its_formula),
        cmocka_unit_test(time_embedding_is_its_parts),
        cmocka_unit_test(dropout_keeps_the_mean),
        cmocka_unit_test(dropout_is_the_identity_at_rest),
        cmocka_unit_test(losses_are_loops),
        cmocka_unit_test(cross_entropy_takes_ruled_out_classes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
