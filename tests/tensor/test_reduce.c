/* SPDX-License-Identifier: MIT */
/* Sums and maxima against plain double loops: every mask, strided inputs, and the same bits for any number of threads.
 * */
#include "arrays.h"

#include <cotangent/kernels.h>

static ct_shape reduced_shape(ct_shape shape, unsigned axes)
{
    for (int i = 0; i < shape.rank; i++)
        if (axes >> i & 1)
            shape.dim[i] = 1;
    return shape;
}

/* Index in the reduced array of element i of the full one. */
static int64_t output_of(ct_shape full, unsigned axes, int64_t i)
{
    int64_t out = 0, scale = 1;
    for (int axis = full.rank - 1; axis >= 0; axis--) {
        if (!(axes >> axis & 1)) {
            out += i % full.dim[axis] * scale;
            scale *= full.dim[axis];
        }
        i /= full.dim[axis];
    }
    return out;
}

typedef void (*reduce_fn)(ct_array y, ct_array x, unsigned axes, int threads);

typedef enum kind { SUM, SUM_OF_MAGNITUDES, MAXIMUM } kind;

static double *expected_of(ct_array x, unsigned axes, kind kind, int64_t outputs)
{
    double *y = malloc((size_t)(outputs + 1) * sizeof *y);
    assert_non_null(y);
    for (int64_t i = 0; i < outputs; i++)
        y[i] = kind != MAXIMUM ? 0 : x.dtype == CT_I32 ? (double)INT32_MIN : -INFINITY;
    for (int64_t i = 0; i < ct_array_count(&x); i++) {
        double *to = &y[output_of(x.shape, axes, i)], value = element(&x, i);
        *to = kind == MAXIMUM ? fmax(*to, value) : *to + (kind == SUM ? value : fabs(value));
    }
    return y;
}

/* Sums may be off by a few roundings of the sum of magnitudes; maxima and integers by nothing. */
static void assert_reduced(const ct_array *y, ct_array x, unsigned axes, bool maximum)
{
    int64_t outputs = ct_array_count(y);
    double *expected = expected_of(x, axes, maximum ? MAXIMUM : SUM, outputs);
    double *magnitude = expected_of(x, axes, SUM_OF_MAGNITUDES, outputs);
    double roundings = maximum || x.dtype == CT_I32 ? 0 : x.dtype == CT_F32 ? 4 * 0x1p-24 : 16 * 0x1p-53;
    for (int64_t i = 0; i < outputs; i++) {
        double got = element(y, i);
        if (got != expected[i] && !(fabs(got - expected[i]) <= roundings * magnitude[i]))
            fail_msg("axes %u, element %lld: %.17g, expected %.17g", axes, (long long)i, got, expected[i]);
    }
    free(expected);
    free(magnitude);
}

static void check(ct_array x, unsigned axes, bool maximum)
{
    reduce_fn fn = maximum ? ct_reduce_max : ct_reduce_sum;
    ct_shape shape = reduced_shape(x.shape, axes);
    ct_array one = new_zeros(x.dtype, shape), other = new_zeros(x.dtype, shape);
    fn(one, x, axes, 1);
    assert_reduced(&one, x, axes, maximum);
    for (int threads = 2; threads <= 5; threads++) {
        fn(other, x, axes, threads);
        assert_same_bits(&one, &other, "one thread and several");
    }
    free(one.data);
    free(other.data);
}

static void every_mask(void **state)
{
    (void)state;
    support_rng rng = {31};
    const ct_shape shapes[] = {
        CT_SHAPE(3, 5, 2, 7), CT_SHAPE(1, 6, 1, 130), CT_SHAPE(9, 1, 70, 3), CT_SHAPE(2, 3, 0, 4),
    };
    const ct_dtype dtypes[] = {CT_F32, CT_F64, CT_I32};
    for (int s = 0; s < 4; s++)
        for (int d = 0; d < 3; d++) {
            ct_array x = new_array(dtypes[d], shapes[s], &rng, -50, 50);
            for (unsigned axes = 0; axes < 16; axes++) {
                check(x, axes, false);
                check(x, axes, true);
            }
            free(x.data);
        }
}

static void any_view(void **state)
{
    (void)state;
    support_rng rng = {32};
    for (int round = 0; round < 150; round++) {
        ct_array base = new_array(round % 2 ? CT_F32 : CT_F64, CT_SHAPE(13, 70, 37), &rng, -1, 1);
        check(random_view(base, &rng), (unsigned)support_below(&rng, 8), round % 3 == 0);
        free(base.data);
    }
}

static void large_enough_for_chunks_and_threads(void **state)
{
    (void)state;
    support_rng rng = {33};
    const ct_shape shapes[] = {
        CT_SHAPE(1, 1, 300000), CT_SHAPE(1, 40000, 5), CT_SHAPE(1, 3000, 130),
        CT_SHAPE(3, 50000, 1), CT_SHAPE(64, 16, 49), CT_SHAPE(2, 2, 40001),
    };
    for (int s = 0; s < 6; s++) {
        ct_array x = new_array(CT_F32, shapes[s], &rng, -1, 1);
        for (unsigned axes = 1; axes < 8; axes++)
            check(x, axes, axes % 2);
        free(x.data);
    }
}

/* The bits of a row's sum depend on the row alone: not on its place, its strides, or on other rows. */
static void rows_are_independent(void **state)
{
    (void)state;
    support_rng rng = {34};
    const int64_t lengths[] = {1, 7, 16, 49, 63, 64, 65, 784, 1024, 1025, 20000};
    for (int l = 0; l < 11; l++) {
        int64_t n = lengths[l];
        ct_array x = new_array(CT_F32, CT_SHAPE(6, n), &rng, -1, 1), turned = new_zeros(CT_F32, CT_SHAPE(n, 6));
        ct_array strided = ct_array_permute(turned, (int[]){1, 0}), all = new_zeros(CT_F32, CT_SHAPE(6, 1)),
            one = new_zeros(CT_F32, CT_SHAPE(6, 1));
        ct_copy(strided, x, 1);
        ct_reduce_sum(all, x, 2, 1);
        ct_reduce_sum(one, strided, 2, 2);
        assert_same_bits(&all, &one, "contiguous and strided");
        for (int i = 0; i < 6; i++)
            ct_reduce_sum(ct_array_slice(one, 0, i, 1, 1), ct_array_slice(x, 0, i, 1, 1), 2, 1);
        assert_same_bits(&all, &one, "together and alone");
        free(x.data);
        free(turned.data);
        free(all.data);
        free(one.data);
    }
}

static void add_rows(ct_dtype dtype, int64_t rows, int64_t columns, const void *x, void *into)
{
    if (dtype == CT_F32)
        ct_column_sum_f32(rows, columns, x, into);
    else
        ct_column_sum_f64(rows, columns, x, into);
}

/* As the header defines it: the sums of blocks, here a few rows at a time, then pairwise. x is [rows, columns]; `block` is of its sum. */
static ct_array column_sum_by_blocks(ct_array x, int64_t block, int64_t at_once)
{
    int64_t rows = x.shape.dim[0], columns = x.shape.dim[1], blocks = (rows + block - 1) / block;
    int64_t size = (int64_t)ct_dtype_size(x.dtype) * columns;
    ct_array part = new_zeros(x.dtype, CT_SHAPE(blocks, columns));
    for (int64_t i = 0; i < rows;) {
        int64_t left = block - i % block < rows - i ? block - i % block : rows - i, n = left < at_once ? left : at_once;
        add_rows(x.dtype, n, columns, (char *)x.data + i * size, (char *)part.data + i / block * size);
        i += n;
    }
    for (int64_t step = 1; step < blocks; step *= 2)
        for (int64_t k = 0; k + step < blocks; k += 2 * step)
            add_rows(x.dtype, 1, columns, (char *)part.data + (k + step) * size, (char *)part.data + k * size);
    return ct_array_slice(part, 0, 0, 1, 1);
}

static void column_sums_keep_their_order(void **state)
{
    (void)state;
    support_rng rng = {37};
    const int64_t rows[] = {1, 7, 63, 300, 3136, 20000}, columns[] = {2, 17, 256, 1100};
    for (int i = 0; i < 24; i++) {
        int64_t n = rows[i / 4], c = i / 4 == 5 ? columns[i % 2] : columns[i % 4];
        ct_array x = new_array(i % 3 ? CT_F32 : CT_F64, CT_SHAPE(n, c), &rng, -1, 1), y = new_zeros(x.dtype, CT_SHAPE(1, c));
        ct_array wide = new_zeros(x.dtype, CT_SHAPE(n, 2 * c)), apart = ct_array_slice(wide, 1, 0, c, 1);
        ct_array z = new_zeros(x.dtype, CT_SHAPE(1, c)), blocks = column_sum_by_blocks(x, ct_sum_block(x.shape, 1), 1 + i % 6);
        ct_copy(apart, x, 1);
        ct_reduce_sum(y, x, 1, 1 + i % 3);
        assert_same_bits(&y, &blocks, "whole and by blocks");
        ct_reduce_sum(z, apart, 1, 2);
        assert_same_bits(&y, &z, "rows together and apart");
        free(x.data);
        free(y.data);
        free(z.data);
        free(wide.data);
        free(blocks.data);
    }
}

/* The innermost reduced axis is a block, so sums over it and over more axes fit together. */
static void blocks_follow_the_axes(void **state)
{
    (void)state;
    support_rng rng = {39};
    assert_int_equal(ct_sum_block(CT_SHAPE(64, 49, 256), 2), 49);
    assert_int_equal(ct_sum_block(CT_SHAPE(64, 49, 256), 3), 49);
    assert_int_equal(ct_sum_block(CT_SHAPE(3136, 256), 1), 64);
    assert_int_equal(ct_sum_block(CT_SHAPE(64, 512), 1), 16);
    ct_array x = new_array(CT_F32, CT_SHAPE(70, 49, 33), &rng, -1, 1), y = new_zeros(CT_F32, CT_SHAPE(1, 1, 33));
    ct_array parts = new_zeros(CT_F32, CT_SHAPE(70, 1, 33)), sum = column_sum_by_blocks(ct_array_make(x.data, CT_F32, CT_SHAPE(70 * 49, 33)), 49, 5);
    ct_reduce_sum(y, x, 3, 2);
    assert_same_bits(&y, &sum, "over two axes");
    ct_reduce_sum(parts, x, 2, 2);
    ct_array pairs = column_sum_by_blocks(ct_array_make(parts.data, CT_F32, CT_SHAPE(70, 33)), 1, 1);
    assert_same_bits(&y, &pairs, "over one and then the other, pairwise");
    free(x.data);
    free(y.data);
    free(parts.data);
    free(sum.data);
    free(pairs.data);
}

static void a_million_floats(void **state)
{
    (void)state;
    support_rng rng = {35};
    ct_array x = new_array(CT_F32, CT_SHAPE(1000000), &rng, 0, 1), y = new_zeros(CT_F32, CT_SHAPE(1, 1));
    double exact = 0;
    for (int64_t i = 0; i < 1000000; i++)
        exact += element(&x, i);
    ct_array flat = ct_array_make(y.data, CT_F32, CT_SHAPE(1));
    ct_reduce_sum(flat, x, 1, 1);
    assert_close(element(&flat, 0), exact, 1e-6 * exact);
    ct_reduce_sum(y, ct_array_make(x.data, CT_F32, CT_SHAPE(1000000, 1)), 1, 1);
    assert_close(element(&y, 0), exact, 1e-6 * exact);
    free(x.data);
    free(y.data);
}

static void nan_wins_and_nothing_is_minus_infinity(void **state)
{
    (void)state;
    for (int64_t n = 1; n < 200; n += 3)
        for (int64_t at = 0; at < n; at += 5) {
            support_rng rng = {36};
            ct_array x = new_array(CT_F32, CT_SHAPE(n), &rng, -1, 1), y = new_zeros(CT_F32, CT_SHAPE(1));
            set_element(&x, at, NAN);
            ct_reduce_max(y, x, 1, 1);
            assert_true(isnan(element(&y, 0)));
            ct_reduce_max(y, ct_array_slice(x, 0, 0, 0, 1), 1, 1);
            assert_true(element(&y, 0) == -INFINITY);
            free(x.data);
            free(y.data);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_mask), cmocka_unit_test(any_view), cmocka_unit_test(large_enough_for_chunks_and_threads),
        cmocka_unit_test(rows_are_independent), cmocka_unit_test(blocks_follow_the_axes), cmocka_unit_test(a_million_floats),
        cmocka_unit_test(column_sums_keep_their_order),
        cmocka_unit_test(nan_wins_and_nothing_is_minus_infinity),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
