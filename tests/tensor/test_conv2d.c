/* SPDX-License-Identifier: MIT */
/* Convolution and its two transposes against plain loops in double, as adjoints of each other, and with the same bits
 * for any number of threads. */
#include "arrays.h"

#include <cotangent/kernels.h>

typedef struct problem {
    int64_t n, c, h, w, o, kh, kw;   /* c and o in all groups */
    ct_conv2d_attr conv;
    ct_dtype dtype;
} problem;

static int64_t extent(const problem *p, int axis)
{
    int64_t in = axis ? p->w : p->h, kernel = axis ? p->kw : p->kh;
    return (in + 2 * p->conv.pad[axis] - p->conv.dilation[axis] * (kernel - 1) - 1) / p->conv.stride[axis] + 1;
}

static ct_shape x_shape(const problem *p) { return CT_SHAPE(p->n, p->c, p->h, p->w); }
static ct_shape w_shape(const problem *p) { return CT_SHAPE(p->o, p->c / p->conv.groups, p->kh, p->kw); }
static ct_shape y_shape(const problem *p) { return CT_SHAPE(p->n, p->o, extent(p, 0), extent(p, 1)); }

/* The offset in x of what output (n, o, oy, ox) sees through weight (c, ky, kx), or -1 outside the image. */
static int64_t input_of(const problem *p, int64_t n, int64_t o, int64_t oy, int64_t ox, int64_t c, int64_t ky,
    int64_t kx)
{
    int64_t iy = oy * p->conv.stride[0] + ky * p->conv.dilation[0] - p->conv.pad[0];
    int64_t ix = ox * p->conv.stride[1] + kx * p->conv.dilation[1] - p->conv.pad[1];
    if (iy < 0 || iy >= p->h || ix < 0 || ix >= p->w)
        return -1;
    int64_t in_group = p->c / p->conv.groups, group = o / (p->o / p->conv.groups);
    return ((n * p->c + group * in_group + c) * p->h + iy) * p->w + ix;
}

typedef struct result {
    double *sum, *magnitude;
} result;

static result new_result(ct_shape shape)
{
    size_t count = (size_t)ct_shape_count(shape) + 1;
    result r = {calloc(count, sizeof(double)), calloc(count, sizeof(double))};
    assert_true(r.sum && r.magnitude);
    return r;
}

static void add(result *r, int64_t at, double term)
{
    r->sum[at] += term;
    r->magnitude[at] += fabs(term);
}

/* All three at once: y += x w, dx += dy w, dw += x dy for every pair that meets. */
static void naive(const problem *p, const ct_array *x, const ct_array *w, const ct_array *dy, result *y, result *dx,
    result *dw)
{
    int64_t oh = extent(p, 0), ow = extent(p, 1), patch = p->c / p->conv.groups * p->kh * p->kw;
    for (int64_t i = 0; i < p->n * p->o * oh * ow; i++)
        for (int64_t j = 0; j < patch; j++) {
            int64_t o = i / (oh * ow) % p->o;
            int64_t at = input_of(p, i / (p->o * oh * ow), o, i / ow % oh, i % ow, j / (p->kh * p->kw),
                j / p->kw % p->kh, j % p->kw);
            if (at < 0)
                continue;
            add(y, i, element(x, at) * element(w, o * patch + j));
            add(dx, at, element(dy, i) * element(w, o * patch + j));
            add(dw, o * patch + j, element(dy, i) * element(x, at));
        }
}

static void assert_result(const ct_array *got, result *expected, const char *what)
{
    for (int64_t i = 0; i < ct_array_count(got); i++)
        if (!(fabs(element(got, i) - expected->sum[i]) <= (got->dtype == CT_F32 ? 1e-6
            : 2e-15) * expected->magnitude[i]))
            fail_msg("%s, element %lld: %.17g, expected %.17g", what, (long long)i, element(got, i), expected->sum[i]);
    free(expected->sum);
    free(expected->magnitude);
}

typedef void (*conv_fn)(ct_array to, ct_array a, ct_array b, const ct_conv2d_attr *conv, void *scratch, int threads);

/* Run with 1, 2 and 3 threads on memory that held NaN; the bits agree. */
static ct_array run(const problem *p, conv_fn fn, ct_shape shape, ct_array a, ct_array b)
{
    support_rng rng = {1};
    ct_array one = new_array(p->dtype, shape, &rng, NAN, NAN), other = new_array(p->dtype, shape, &rng, NAN, NAN);
    for (int threads = 1; threads <= 3; threads++) {
        size_t bytes = ct_conv2d_scratch(&p->conv, p->dtype, x_shape(p), w_shape(p), y_shape(p), threads);
        void *scratch = aligned_alloc(64, (bytes + 127) / 64 * 64);
        assert_non_null(scratch);
        fn(threads == 1 ? one : other, a, b, &p->conv, scratch, threads);
        assert_same_bits(&one, threads == 1 ? &one : &other, "one thread and several");
        free(scratch);
    }
    free(other.data);
    return one;
}

static double dot(const ct_array *a, const ct_array *b)
{
    double sum = 0;
    for (int64_t i = 0; i < ct_array_count(a); i++)
        sum += element(a, i) * element(b, i);
    return sum;
}

static void check(problem p, support_rng *rng)
{
    ct_array x = new_array(p.dtype, x_shape(&p), rng, -1, 1), w = new_array(p.dtype, w_shape(&p), rng, -1, 1);
    ct_array dy = new_array(p.dtype, y_shape(&p), rng, -1, 1);
    ct_array y = run(&p, ct_conv2d_kernel, dy.shape, x, w), dx = run(&p, ct_conv2d_dx_kernel, x.shape, dy, w);
    ct_array dw = run(&p, ct_conv2d_dw_kernel, w.shape, x, dy);
    double forward = dot(&dy, &y), allowed = (p.dtype == CT_F32 ? 1e-5 : 1e-13) * (1 + (double)ct_array_count(&y));
    assert_close(dot(&dx, &x), forward, allowed);
    assert_close(dot(&dw, &w), forward, allowed);
    result ey = new_result(y.shape), ex = new_result(x.shape), ew = new_result(w.shape);
    naive(&p, &x, &w, &dy, &ey, &ex, &ew);
    assert_result(&y, &ey, "y");
    assert_result(&dx, &ex, "dx");
    assert_result(&dw, &ew, "dw");
    void *memory[] = {x.data, w.data, dy.data, y.data, dx.data, dw.data};
    for (int i = 0; i < 6; i++)
        free(memory[i]);
}

static void random_problems(void **state)
{
    (void)state;
    support_rng rng = {61};
    for (int round = 0; round < 250; round++) {
        int64_t groups = 1 + support_below(&rng, 3);
        problem p = {.n = 1 + support_below(&rng, 4), .c = groups * (1 + support_below(&rng, 4)), .o = groups * (1
            + support_below(&rng, 5)),
                     .h = 1 + support_below(&rng, 14), .w = 1 + support_below(&rng, 14), .kh = 1 + support_below(&rng,
                         4),
                     .kw = 1 + support_below(&rng, 4), .dtype = round % 2 ? CT_F32 : CT_F64, .conv.groups = groups};
        for (int axis = 0; axis < 2; axis++) {
            p.conv.stride[axis] = 1 + support_below(&rng, 3);
            p.conv.pad[axis] = support_below(&rng, 6);
            p.conv.dilation[axis] = 1 + support_below(&rng, 2);
        }
        if (p.h + 2 * p.conv.pad[0] > p.conv.dilation[0] * (p.kh - 1) && p.w
            + 2 * p.conv.pad[1] > p.conv.dilation[1] * (p.kw - 1))
            check(p, &rng);
    }
}

#define PLAIN {.stride = {1, 1}, .pad = {1, 1}, .dilation = {1, 1}, .groups = 1}

static void problems_of_networks(void **state)
{
    (void)state;
    support_rng rng = {62};
    ct_conv2d_attr same = PLAIN, halving = same, pointwise = same, depthwise = same, patches = same;
    halving.stride[0] = halving.stride[1] = 2;
    pointwise.pad[0] = pointwise.pad[1] = 0;
    depthwise.groups = 24;
    patches.stride[0] = patches.stride[1] = 4;
    patches.pad[0] = patches.pad[1] = 0;
    check((problem){2, 1, 28, 28, 32, 3, 3, same, CT_F32}, &rng);
    check((problem){2, 32, 28, 28, 20, 3, 3, halving, CT_F32}, &rng);
    check((problem){3, 48, 27, 27, 40, 1, 1, pointwise, CT_F32}, &rng);
    check((problem){2, 24, 28, 28, 24, 3, 3, depthwise, CT_F32}, &rng);
    check((problem){2, 3, 28, 28, 64, 4, 4, patches, CT_F32}, &rng);
    check((problem){1, 70, 7, 7, 30, 3, 3, same, CT_F64}, &rng);
}

/* Nothing to do, and nothing to sum: no images, no channels, no outputs. */
static void empty_problems(void **state)
{
    (void)state;
    support_rng rng = {63};
    check((problem){0, 3, 5, 5, 4, 3, 3, PLAIN, CT_F32}, &rng);
    check((problem){2, 0, 5, 5, 4, 3, 3, PLAIN, CT_F32}, &rng);
    check((problem){2, 3, 5, 5, 0, 3, 3, PLAIN, CT_F32}, &rng);
}

/* A kernel that sees nothing but padding in places. */
static void padding_larger_than_the_kernel(void **state)
{
    (void)state;
    support_rng rng = {64};
    problem p = {2, 2, 3, 3, 3, 2, 2, PLAIN, CT_F64};
    p.conv.pad[0] = 7;
    p.conv.pad[1] = 9;
    p.conv.stride[1] = 4;
    check(p, &rng);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_problems), cmocka_unit_test(problems_of_networks), cmocka_unit_test(empty_problems),
        cmocka_unit_test(padding_larger_than_the_kernel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
