/* SPDX-License-Identifier: MIT */
/* Matrix products against plain loops in double: strides, batches, beta, empty extents, and the same bits for any
 * number of threads. */
#include "arrays.h"
#include "products.h"

#include <cotangent/kernels.h>

/* Layouts of one operand [rows, columns]: row-major, transposed, with gaps between rows, transposed with gaps. */
static ct_array new_matrix(ct_dtype dtype, int64_t batch, int64_t rows, int64_t columns, int layout, support_rng *rng,
    void **memory)
{
    bool transposed = layout & 1;
    int64_t gap = layout & 2 ? 3 : 0, outer = transposed ? columns : rows, inner = transposed ? rows : columns;
    ct_array a = new_array(dtype, CT_SHAPE(batch, outer, inner + gap), rng, -1, 1);
    *memory = a.data;
    a = ct_array_slice(a, 2, gap, inner, 1);
    return transposed ? ct_array_permute(a, (int[]){0, 2, 1}) : a;
}

static double product_element(const ct_array *a, const ct_array *b, int64_t q, int64_t i, int64_t j, double *magnitude)
{
    int64_t m = a->shape.dim[1], k = a->shape.dim[2], n = b->shape.dim[2];
    double sum = 0;
    for (int64_t l = 0; l < k; l++) {
        double term = element(a, (q * m + i) * k + l) * element(b, (q * k + l) * n + j);
        sum += term;
        *magnitude += fabs(term);
    }
    return sum;
}

/* All elements, or of a large product every `every`th. */
static void assert_product(const ct_array *c, const ct_array *before, const ct_array *a, const ct_array *b,
    int64_t every)
{
    int64_t m = c->shape.dim[1], n = c->shape.dim[2];
    for (int64_t e = 0; e < ct_array_count(c); e += every) {
        double magnitude = 1, sum = product_element(a, b, e / (m * n), e / n % m, e % n, &magnitude);
        double expected = sum + (before ? element(before, e) : 0), got = element(c, e);
        if (!(fabs(got - expected) <= (c->dtype == CT_F32 ? 1e-6 : 2e-15) * magnitude))
            fail_msg("%lld x %lld x %lld, element %lld: %.17g, expected %.17g", (long long)m, (long long)n,
                     (long long)a->shape.dim[2], (long long)e, got, expected);
    }
}

typedef struct problem {
    ct_dtype dtype;
    int64_t batch, m, n, k;
    int layout_a, layout_b;
    bool repeat_a, repeat_b, beta;   /* an operand repeated over the batch with stride 0 */
} problem;

static ct_array repeated(ct_array a, bool repeat, int64_t batch)
{
    ct_shape shape = a.shape;
    shape.dim[0] = batch;
    return repeat ? ct_array_broadcast(a, shape) : a;
}

static void check(problem p, support_rng *rng)
{
    void *a_memory, *b_memory;
    ct_array a = new_matrix(p.dtype, p.repeat_a ? 1 : p.batch, p.m, p.k, p.layout_a, rng, &a_memory);
    ct_array b = new_matrix(p.dtype, p.repeat_b ? 1 : p.batch, p.k, p.n, p.layout_b, rng, &b_memory);
    a = repeated(a, p.repeat_a, p.batch);
    b = repeated(b, p.repeat_b, p.batch);
    assert_true(ct_matmul_accepts(&a) && ct_matmul_accepts(&b));
    ct_array before = new_array(p.dtype, CT_SHAPE(p.batch, p.m, p.n), rng, -1, 1);
    ct_array one = new_array(p.dtype, before.shape, rng, NAN, NAN);
    ct_array other = new_array(p.dtype, before.shape, rng, NAN, NAN);
    for (int threads = 1; threads <= 3; threads++) {
        ct_array c = threads == 1 ? one : other;
        if (p.beta)
            ct_copy(c, before, 1);
        multiply(c, a, b, p.beta, threads);
        assert_same_bits(&one, &c, "one thread and several");
    }
    assert_product(&one, p.beta ? &before : NULL, &a, &b, 1 + p.batch * p.m * p.n * p.k / 1000000);
    free(a_memory);
    free(b_memory);
    free(before.data);
    free(one.data);
    free(other.data);
}

static void small_products_of_every_kind(void **state)
{
    (void)state;
    support_rng rng = {51};
    for (int round = 0; round < 500; round++) {
        problem p = {.dtype = round % 3 ? CT_F32 : CT_F64, .batch = 1, .beta = support_below(&rng, 2)};
        p.m = 1 + support_below(&rng, 70), p.n = 1 + support_below(&rng, 70), p.k = 1 + support_below(&rng, 70);
        p.layout_a = (int)support_below(&rng, 4), p.layout_b = (int)support_below(&rng, 4);
        int64_t *extents[] = {&p.m, &p.n, &p.k, &p.batch};
        if (round % 4 == 0)
            *extents[support_below(&rng, 3)] = 1;
        if (round % 5 == 0)
            p.batch = 1 + support_below(&rng, 9);
        if (round % 10 == 0)
            p.repeat_a = support_below(&rng, 2), p.repeat_b = !p.repeat_a;
        check(p, &rng);
    }
}

static void tall_wide_and_deep_products(void **state)
{
    (void)state;
    support_rng rng = {52};
    const int64_t extents[][4] = {
        {1, 3136, 768, 256}, {1, 768, 256, 3136}, {1, 5000, 3, 40}, {1, 3, 5000, 40}, {1, 7, 9, 40000},
        {1, 64, 512, 512}, {1, 129, 257, 311}, {3, 200, 100, 150}, {40, 49, 49, 64}, {1, 1, 2000, 700},
        {1, 2000, 1, 700}, {2, 1, 1, 9000}, {1, 16, 1537, 300}, {2, 65, 130, 129}, {1, 256, 600, 1600}, {1, 700, 130, 1100}, {1, 230, 240, 2000},
    };
    for (int i = 0; i < 17; i++)
        for (int layout = 0; layout < 4; layout++) {
            if (i < 2 && layout != (i == 0 ? 2 : 1))
                continue;
            problem p = {CT_F32, extents[i][0], extents[i][1], extents[i][2], extents[i][3], layout & 1, layout >> 1,
                false, false, layout == 3};
            check(p, &rng);
        }
    check((problem){CT_F64, 1, 300, 200, 100, 1, 1, false, false, false}, &rng);
}

/* A result whose rows lie apart, for whatever other things lie between: the same numbers, and those untouched. */
static void results_between_other_things(void **state)
{
    (void)state;
    support_rng rng = {55};
    for (int round = 0; round < 60; round++) {
        int64_t m = 1 + support_below(&rng, 150), n = 1 + support_below(&rng, 150), k = 1 + support_below(&rng, 90);
        ct_array a = new_array(CT_F32, CT_SHAPE(2, m, k), &rng, -1, 1);
        ct_array b = new_array(CT_F32, CT_SHAPE(2, k, n), &rng, -1, 1);
        ct_array all = new_array(CT_F32, CT_SHAPE(m, 2, n + 3), &rng, -1, 1), kept = new_zeros(CT_F32, all.shape);
        ct_array c = ct_array_permute(ct_array_slice(all, 2, 2, n, 1), (int[]){1, 0, 2});
        ct_array before = new_zeros(CT_F32, c.shape);
        ct_copy(before, c, 1);
        ct_copy(kept, all, 1);
        multiply(c, a, b, 1, 1 + round % 3);
        assert_product(&c, &before, &a, &b, 1);
        ct_copy(c, before, 1);
        assert_same_bits(&all, &kept, "what lies around the result");
        void *memory[] = {a.data, b.data, all.data, kept.data, before.data};
        for (int i = 0; i < 5; i++)
            free(memory[i]);
    }
}

static void several_batch_axes(void **state)
{
    (void)state;
    support_rng rng = {53};
    ct_array x = new_array(CT_F32, CT_SHAPE(2, 7, 3, 5), &rng, -1, 1), y = new_array(CT_F32, CT_SHAPE(1, 3, 5, 6),
        &rng, -1, 1);
    ct_array a = ct_array_permute(x, (int[]){0, 2, 1, 3}), b = ct_array_broadcast(y, CT_SHAPE(2, 3, 5, 6));
    ct_array c = new_zeros(CT_F32, CT_SHAPE(2, 3, 7, 6)), flat = ct_array_make(c.data, CT_F32, CT_SHAPE(6, 7, 6));
    ct_array a_flat = new_zeros(CT_F32, CT_SHAPE(2, 3, 7, 5)), b_flat = new_zeros(CT_F32, CT_SHAPE(2, 3, 5, 6));
    ct_copy(a_flat, a, 1);
    ct_copy(b_flat, b, 1);
    multiply(c, a, b, 0, 2);
    ct_array a3 = ct_array_make(a_flat.data, CT_F32, CT_SHAPE(6, 7, 5)), b3 = ct_array_make(b_flat.data, CT_F32,
        CT_SHAPE(6, 5, 6));
    assert_product(&flat, NULL, &a3, &b3, 1);
    void *memory[] = {x.data, y.data, c.data, a_flat.data, b_flat.data};
    for (int i = 0; i < 5; i++)
        free(memory[i]);
}

static void empty_extents(void **state)
{
    (void)state;
    support_rng rng = {54};
    ct_array a = new_zeros(CT_F32, CT_SHAPE(4, 0)), b = new_zeros(CT_F32, CT_SHAPE(0, 5)), c = new_array(CT_F32,
        CT_SHAPE(4, 5), &rng, 1, 2);
    multiply(c, a, b, 1, 2);
    for (int64_t i = 0; i < 20; i++)
        assert_true(element(&c, i) >= 1);
    multiply(c, a, b, 0, 2);
    for (int64_t i = 0; i < 20; i++)
        assert_close(element(&c, i), 0, 0);
    ct_array none = new_zeros(CT_F32, CT_SHAPE(0, 5)), left = new_zeros(CT_F32, CT_SHAPE(0, 3)),
        right = new_zeros(CT_F32, CT_SHAPE(3, 5));
    multiply(none, left, right, 0, 2);
    void *memory[] = {a.data, b.data, c.data, none.data, left.data, right.data};
    for (int i = 0; i < 6; i++)
        free(memory[i]);
}

static void what_is_accepted(void **state)
{
    (void)state;
    float data[64] = {0};
    ct_array a = ct_array_make(data, CT_F32, CT_SHAPE(4, 8)), step = ct_array_slice(a, 1, 0, 4, 2);
    assert_true(ct_matmul_accepts(&a));
    assert_false(ct_matmul_accepts(&step));
    ct_array column = ct_array_slice(a, 1, 3, 1, 1), row = ct_array_make(data, CT_F32, CT_SHAPE(1, 8));
    assert_true(ct_matmul_accepts(&column));
    row = ct_array_broadcast(row, CT_SHAPE(4, 8));
    assert_false(ct_matmul_accepts(&row));
    ct_array integers = ct_array_make(data, CT_I32, CT_SHAPE(4, 8)), vector = ct_array_make(data, CT_F32, CT_SHAPE(8));
    assert_false(ct_matmul_accepts(&integers));
    assert_false(ct_matmul_accepts(&vector));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_products_of_every_kind), cmocka_unit_test(tall_wide_and_deep_products),
        cmocka_unit_test(results_between_other_things),
        cmocka_unit_test(several_batch_axes), cmocka_unit_test(empty_extents), cmocka_unit_test(what_is_accepted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
