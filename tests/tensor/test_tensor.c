/* SPDX-License-Identifier: MIT */
/* Tensor handles: storage, ownership, elements, conversion and copies. */
#include "support.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static ct_tensor *make(ct_dtype dtype, ct_shape shape)
{
    ct_error err;
    ct_tensor *t = ct_tensor_new(dtype, shape, &err);
    assert_ok(t, &err);
    return t;
}

static void test_new_is_zero_aligned_and_contiguous(void **state)
{
    (void)state;
    int64_t dim[8] = {2, 3, 1, 2, 1, 3, 2, 2};
    for (int d = 0; d < CT_DTYPES; d++)
        for (int rank = 0; rank <= CT_MAX_RANK; rank++) {
            ct_tensor *t = make((ct_dtype)d, ct_shape_of(rank, dim));
            assert_int_equal((uintptr_t)ct_tensor_data(t) % 64, 0);
            assert_true(ct_tensor_is_contiguous(t));
            assert_int_equal(ct_tensor_bytes(t), (size_t)ct_tensor_count(t) * ct_dtype_size((ct_dtype)d));
            for (int64_t i = 0; i < ct_tensor_count(t); i++)
                assert_close(ct_tensor_get(t, i), 0, 0);
            ct_tensor_free(t);
        }
}

static void test_empty_tensors_have_an_address(void **state)
{
    (void)state;
    ct_tensor *t = make(CT_F32, CT_SHAPE(3, 0));
    assert_non_null(ct_tensor_data(t));
    assert_int_equal(ct_tensor_bytes(t), 0);
    assert_true(ct_tensor_is_contiguous(t));
    ct_tensor_fill(t, 1);
    ct_tensor_set(t, 0, 1);
    assert_true(isnan(ct_tensor_get(t, 0)));
    ct_tensor *copy = ct_tensor_cast(t, CT_I32, NULL);
    assert_non_null(copy);
    ct_tensor_free(copy);
    ct_tensor_free(t);
    t = ct_tensor_from(CT_F32, CT_SHAPE(0), NULL, NULL);
    assert_non_null(t);
    ct_tensor_free(t);
}

static void test_bad_arguments_are_named(void **state)
{
    (void)state;
    ct_error err;
    assert_null(ct_tensor_new((ct_dtype)7, CT_SHAPE(1), &err));
    assert_error(&err, CT_E_DTYPE, "7 is not a dtype");
    assert_null(ct_tensor_new(CT_F32, CT_SHAPE(-1), &err));
    assert_error(&err, CT_E_SHAPE, "negative");
    assert_null(ct_tensor_wrap(CT_F32, CT_SHAPE(2), NULL, &err));
    assert_error(&err, CT_E_ARGUMENT, "no data for a tensor of shape [2]");
    double data[2];
    assert_null(ct_tensor_wrap(CT_F64, CT_SHAPE(1), (char *)data + 4, &err));
    assert_error(&err, CT_E_ARGUMENT, "not aligned to 8 bytes");
    assert_null(ct_tensor_cast(NULL, CT_F32, &err));
    assert_error(&err, CT_E_ARGUMENT, "no tensor");
    ct_tensor_free(NULL);
    assert_null(ct_tensor_retain(NULL));
}

static void test_from_copies_and_wrap_borrows(void **state)
{
    (void)state;
    int32_t data[3] = {1, 2, 3};
    ct_tensor *copy = ct_tensor_from(CT_I32, CT_SHAPE(3), data, NULL);
    ct_tensor *view = ct_tensor_wrap(CT_I32, CT_SHAPE(3), data, NULL);
    data[1] = 20;
    assert_close(ct_tensor_get(copy, 1), 2, 0);
    assert_close(ct_tensor_get(view, 1), 20, 0);
    ct_tensor_set(view, 2, 30);
    assert_int_equal(data[2], 30);
    assert_ptr_equal(ct_tensor_data(view), data);
    ct_tensor_free(copy);
    ct_tensor_free(view);
}

/* A view keeps the storage of a tensor that has been freed. */
static void test_views_keep_the_storage(void **state)
{
    (void)state;
    ct_tensor *t = make(CT_F32, CT_SHAPE(4));
    ct_tensor *view = ct_tensor_slice(t, 0, 1, 3, 1, NULL);
    ct_tensor_set(t, 2, 5);
    ct_tensor_free(t);
    assert_close(ct_tensor_get(view, 1), 5, 0);
    ct_tensor_free(view);
}

static void *share(void *argument)
{
    ct_tensor *t = argument;
    for (int i = 0; i < 20000; i++) {
        ct_tensor *owner = ct_tensor_retain(t);
        ct_tensor *view = i % 100 ? NULL : ct_tensor_reshape(t, CT_SHAPE(-1), NULL);
        ct_tensor_free(owner);
        ct_tensor_free(view);
    }
    ct_tensor_free(t);
    return NULL;
}

/* Two threads share one handle; the last of the owners frees it, once. */
static void test_owners_are_counted_across_threads(void **state)
{
    (void)state;
    ct_tensor *t = make(CT_F32, CT_SHAPE(2, 2));
    pthread_t thread[2];
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, share, ct_tensor_retain(t)), 0);
    for (int i = 0; i < 2; i++)
        pthread_join(thread[i], NULL);
    assert_close(ct_tensor_get(t, 3), 0, 0);
    ct_tensor_free(t);
}

static void test_get_and_set_count_in_row_major_order(void **state)
{
    (void)state;
    ct_tensor *t = make(CT_F64, CT_SHAPE(2, 3));
    for (int i = 0; i < 6; i++)
        ((double *)ct_tensor_data(t))[i] = i;
    ct_tensor *p = ct_tensor_permute(t, CT_AXES(1, 0), NULL);
    const double expected[6] = {0, 3, 1, 4, 2, 5};
    for (int i = 0; i < 6; i++)
        assert_close(ct_tensor_get(p, i), expected[i], 0);
    ct_tensor_set(p, 1, 30);
    assert_close(((double *)ct_tensor_data(t))[3], 30, 0);
    assert_true(isnan(ct_tensor_get(p, 6)));
    assert_true(isnan(ct_tensor_get(p, -1)));
    ct_tensor_set(p, 6, 1);
    ct_tensor_set(p, -1, 1);
    ct_tensor_free(p);
    ct_tensor_free(t);
}

/* Float to integer: towards zero, saturating, NaN to 0. */
static void test_cast_truncates_and_saturates(void **state)
{
    (void)state;
    const double from[9] = {1.9, -1.9, 3e9, -3e9, INFINITY, -INFINITY, NAN, 255.9, 256};
    const double i32[9] = {1, -1, 2147483647, -2147483648., 2147483647, -2147483648., 0, 255, 256};
    const double u8[9] = {1, 0, 255, 0, 255, 0, 0, 255, 255};
    for (int d = CT_F32; d <= CT_F64; d++) {
        ct_tensor *t = make((ct_dtype)d, CT_SHAPE(9));
        for (int i = 0; i < 9; i++)
            ct_tensor_set(t, i, from[i]);
        ct_tensor *a = ct_tensor_cast(t, CT_I32, NULL), *b = ct_tensor_cast(t, CT_U8, NULL);
        for (int i = 0; i < 9; i++) {
            assert_close(ct_tensor_get(a, i), i32[i], 0);
            assert_close(ct_tensor_get(b, i), u8[i], 0);
            ct_tensor_set(b, i, from[i]);
            assert_close(ct_tensor_get(b, i), u8[i], 0);
        }
        ct_tensor_free(a);
        ct_tensor_free(b);
        ct_tensor_free(t);
    }
}

/* A value that both dtypes hold comes back unchanged, for every pair of dtypes. */
static void test_cast_there_and_back(void **state)
{
    (void)state;
    support_rng rng = {7};
    for (int from = 0; from < CT_DTYPES; from++)
        for (int to = 0; to < CT_DTYPES; to++) {
            ct_tensor *t = make((ct_dtype)from, CT_SHAPE(3, 5));
            for (int i = 0; i < 15; i++)
                ct_tensor_set(t, i, (double)support_below(&rng, 256));
            ct_tensor *there = ct_tensor_cast(t, (ct_dtype)to, NULL);
            ct_tensor *back = ct_tensor_cast(there, (ct_dtype)from, NULL);
            assert_int_equal(ct_tensor_dtype(there), to);
            assert_tensors_close(t, back, 0);
            ct_tensor_free(t);
            ct_tensor_free(there);
            ct_tensor_free(back);
        }
}

static void test_copy_into_a_view_leaves_the_rest(void **state)
{
    (void)state;
    ct_error err;
    ct_tensor *t = make(CT_F32, CT_SHAPE(3, 4)), *src = make(CT_I32, CT_SHAPE(3, 2));
    ct_tensor *part = ct_tensor_slice(t, 1, 0, 4, 2, NULL);
    for (int i = 0; i < 6; i++)
        ct_tensor_set(src, i, i + 1);
    assert_ok(ct_tensor_copy(part, src, &err), &err);
    const double expected[12] = {1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0};
    for (int i = 0; i < 12; i++)
        assert_close(ct_tensor_get(t, i), expected[i], 0);
    assert_false(ct_tensor_copy(t, src, &err));
    assert_error(&err, CT_E_SHAPE, "cannot copy shape [3, 2] into shape [3, 4]");
    assert_false(ct_tensor_copy(t, NULL, &err));
    assert_error(&err, CT_E_ARGUMENT, "no tensor");
    ct_tensor_free(part);
    ct_tensor_free(src);
    ct_tensor_free(t);
}

/* Copying a square matrix into its own transpose transposes it. */
static void test_copy_onto_an_overlapping_view(void **state)
{
    (void)state;
    ct_error err;
    support_rng rng = {3};
    ct_tensor *t = support_tensor(CT_F64, CT_SHAPE(5, 5), &rng, -1, 1);
    ct_tensor *before = ct_tensor_cast(t, CT_F64, NULL);
    ct_tensor *transposed = ct_tensor_permute(t, CT_AXES(1, 0), NULL);
    assert_ok(ct_tensor_copy(transposed, t, &err), &err);
    assert_tensors_close(transposed, before, 0);
    ct_tensor_free(transposed);
    ct_tensor_free(before);
    ct_tensor_free(t);
}

static void test_fill_reaches_every_element_of_a_view_and_no_other(void **state)
{
    (void)state;
    ct_tensor *t = make(CT_U8, CT_SHAPE(4, 6));
    ct_tensor *part = ct_tensor_slice(t, 1, 1, 6, 3, NULL);
    ct_tensor_fill(part, 9);
    for (int64_t i = 0; i < 24; i++)
        assert_close(ct_tensor_get(t, i), i % 6 == 1 || i % 6 == 4 ? 9 : 0, 0);
    ct_tensor_free(part);
    ct_tensor_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_new_is_zero_aligned_and_contiguous),
        cmocka_unit_test(test_empty_tensors_have_an_address),
        cmocka_unit_test(test_bad_arguments_are_named),
        cmocka_unit_test(test_from_copies_and_wrap_borrows),
        cmocka_unit_test(test_views_keep_the_storage),
        cmocka_unit_test(test_owners_are_counted_across_threads),
        cmocka_unit_test(test_get_and_set_count_in_row_major_order),
        cmocka_unit_test(test_cast_truncates_and_saturates),
        cmocka_unit_test(test_cast_there_and_back),
        cmocka_unit_test(test_copy_into_a_view_leaves_the_rest),
        cmocka_unit_test(test_copy_onto_an_overlapping_view),
        cmocka_unit_test(test_fill_reaches_every_element_of_a_view_and_no_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
