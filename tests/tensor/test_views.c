/* SPDX-License-Identifier: MIT */
/* Views of tensors: the same memory, seen through another shape. */
#include "support.h"

#include <cotangent/array.h>
#include <stdlib.h>

/* 0, 1, 2, ... in row-major order. */
static ct_tensor *iota(ct_shape shape)
{
    ct_tensor *t = ct_tensor_new(CT_I32, shape, NULL);
    assert_non_null(t);
    for (int64_t i = 0; i < ct_tensor_count(t); i++)
        ct_tensor_set(t, i, (double)i);
    return t;
}

/* `view`, which is freed, has this shape and the elements expected[0], expected[1], ... */
static void check(ct_tensor *view, ct_shape shape, const int *expected)
{
    assert_non_null(view);
    assert_string_equal(CT_SHAPE_TEXT(ct_tensor_shape(view)), CT_SHAPE_TEXT(shape));
    for (int64_t i = 0; i < ct_tensor_count(view); i++)
        assert_close(ct_tensor_get(view, i), expected[i], 0);
    ct_tensor_free(view);
}

static void test_permute(void **state)
{
    (void)state;
    ct_error err;
    ct_tensor *t = iota(CT_SHAPE(2, 1, 3));
    check(ct_tensor_permute(t, CT_AXES(2, 1, 0), &err), CT_SHAPE(3, 1, 2), (int[]){0, 3, 1, 4, 2, 5});
    check(ct_tensor_permute(t, CT_AXES(-1, 0, 1), &err), CT_SHAPE(3, 2, 1), (int[]){0, 3, 1, 4, 2, 5});
    check(ct_tensor_permute(t, CT_AXES(0, 1, 2), &err), CT_SHAPE(2, 1, 3), (int[]){0, 1, 2, 3, 4, 5});
    assert_null(ct_tensor_permute(t, CT_AXES(0, 1), &err));
    assert_error(&err, CT_E_SHAPE, "2 axes given for shape [2, 1, 3], expected 3");
    assert_null(ct_tensor_permute(t, CT_AXES(0, 1, -2), &err));
    assert_error(&err, CT_E_SHAPE, "axis 1 of shape [2, 1, 3] is given twice");
    assert_null(ct_tensor_permute(t, CT_AXES(0, 1, 3), &err));
    assert_error(&err, CT_E_SHAPE, "no axis 3");
    ct_tensor_free(t);
    t = iota(CT_SCALAR);
    check(ct_tensor_permute(t, (ct_axes){0, {0}}, &err), CT_SCALAR, (int[]){0});
    ct_tensor_free(t);
}

static void test_slice(void **state)
{
    (void)state;
    ct_error err;
    ct_tensor *t = iota(CT_SHAPE(3, 4));
    check(ct_tensor_slice(t, 0, 1, 3, 1, &err), CT_SHAPE(2, 4), (int[]){4, 5, 6, 7, 8, 9, 10, 11});
    check(ct_tensor_slice(t, -1, 1, 4, 2, &err), CT_SHAPE(3, 2), (int[]){1, 3, 5, 7, 9, 11});
    check(ct_tensor_slice(t, 1, 0, 4, 3, &err), CT_SHAPE(3, 2), (int[]){0, 3, 4, 7, 8, 11});
    check(ct_tensor_slice(t, 1, 2, 4, INT64_MAX, &err), CT_SHAPE(3, 1), (int[]){2, 6, 10});
    check(ct_tensor_slice(t, 0, 3, 3, 1, &err), CT_SHAPE(0, 4), NULL);
    assert_null(ct_tensor_slice(t, 0, 1, 4, 1, &err));
    assert_error(&err, CT_E_ARGUMENT, "1..4 on axis 0 of shape [3, 4], expected 0 <= start <= stop <= 3");
    assert_null(ct_tensor_slice(t, 0, -1, 2, 1, &err));
    assert_null(ct_tensor_slice(t, 0, 2, 1, 1, &err));
    assert_null(ct_tensor_slice(t, 0, 0, 3, 0, &err));
    assert_error(&err, CT_E_ARGUMENT, "step 0");
    assert_null(ct_tensor_slice(t, 2, 0, 1, 1, &err));
    assert_error(&err, CT_E_SHAPE, "no axis 2");
    ct_tensor_free(t);
}

static void test_broadcast(void **state)
{
    (void)state;
    ct_error err;
    ct_tensor *t = iota(CT_SHAPE(2, 1));
    check(ct_tensor_broadcast(t, CT_SHAPE(2, 3), &err), CT_SHAPE(2, 3), (int[]){0, 0, 0, 1, 1, 1});
    check(ct_tensor_broadcast(t, CT_SHAPE(2, 2, 1), &err), CT_SHAPE(2, 2, 1), (int[]){0, 1, 0, 1});
    check(ct_tensor_broadcast(t, CT_SHAPE(2, 0), &err), CT_SHAPE(2, 0), NULL);
    assert_null(ct_tensor_broadcast(t, CT_SHAPE(3, 1), &err));
    assert_error(&err, CT_E_SHAPE, "do not broadcast");
    assert_null(ct_tensor_broadcast(t, CT_SHAPE(1, 3), &err));
    assert_error(&err, CT_E_SHAPE, "[2, 1] cannot be broadcast to [1, 3]");
    assert_null(ct_tensor_broadcast(t, CT_SHAPE(3), &err));
    ct_tensor *wide = ct_tensor_broadcast(t, CT_SHAPE(4, 2, 3), &err);
    assert_int_equal(ct_tensor_strides(wide)[0], 0);
    assert_int_equal(ct_tensor_strides(wide)[1], 1);
    assert_int_equal(ct_tensor_strides(wide)[2], 0);
    assert_false(ct_tensor_is_contiguous(wide));
    ct_tensor_free(wide);
    ct_tensor_free(t);
}

static void test_reshape_works_out_one_extent(void **state)
{
    (void)state;
    ct_error err;
    ct_tensor *t = iota(CT_SHAPE(2, 3)), *empty = iota(CT_SHAPE(0, 3));
    const int same[6] = {0, 1, 2, 3, 4, 5};
    check(ct_tensor_reshape(t, CT_SHAPE(3, -1), &err), CT_SHAPE(3, 2), same);
    check(ct_tensor_reshape(t, CT_SHAPE(-1), &err), CT_SHAPE(6), same);
    check(ct_tensor_reshape(t, CT_SHAPE(1, 6, 1), &err), CT_SHAPE(1, 6, 1), same);
    check(ct_tensor_reshape(empty, CT_SHAPE(5, -1), &err), CT_SHAPE(5, 0), NULL);
    check(ct_tensor_reshape(empty, CT_SHAPE(7, 0), &err), CT_SHAPE(7, 0), NULL);
    assert_null(ct_tensor_reshape(t, CT_SHAPE(4, -1), &err));
    assert_error(&err, CT_E_SHAPE, "[2, 3] (6 elements) cannot be reshaped to [4, -1]");
    assert_null(ct_tensor_reshape(t, CT_SHAPE(5), &err));
    assert_null(ct_tensor_reshape(t, CT_SHAPE(-1, -1), &err));
    assert_null(ct_tensor_reshape(empty, CT_SHAPE(-1, 0), &err));
    assert_null(ct_tensor_reshape(t, ct_shape_of(9, (int64_t[9]){0}), &err));
    ct_tensor_free(t);
    ct_tensor_free(empty);
}

/* Whether a reshape shares memory; its elements are those of the reshaped tensor in the same order either way. */
static bool reshape_shares(ct_tensor *t, ct_shape shape)
{
    ct_error err;
    ct_tensor *r = ct_tensor_reshape(t, shape, &err);
    assert_ok(r, &err);
    assert_int_equal(ct_tensor_count(r), ct_tensor_count(t));
    for (int64_t i = 0; i < ct_tensor_count(t); i++)
        assert_close(ct_tensor_get(r, i), ct_tensor_get(t, i), 0);
    bool shares = ct_tensor_data(r) == ct_tensor_data(t);
    assert_true(shares || ct_tensor_is_contiguous(r));
    ct_tensor_free(r);
    return shares;
}

static void test_reshape_shares_memory_where_strides_allow(void **state)
{
    (void)state;
    ct_tensor *t = iota(CT_SHAPE(4, 6)), *even = ct_tensor_slice(t, 1, 0, 6, 2, NULL);
    ct_tensor *rows = ct_tensor_slice(t, 0, 0, 4, 2, NULL), *turned = ct_tensor_permute(t, CT_AXES(1, 0), NULL);
    ct_tensor *one = ct_tensor_slice(t, 0, 2, 3, 1, NULL), *wide = ct_tensor_broadcast(one, CT_SHAPE(8, 6), NULL);
    assert_true(reshape_shares(t, CT_SHAPE(2, 2, 3, 2)));
    assert_true(reshape_shares(even, CT_SHAPE(12)));
    assert_true(reshape_shares(even, CT_SHAPE(2, 1, 6)));
    assert_true(reshape_shares(rows, CT_SHAPE(2, 3, 2)));
    assert_false(reshape_shares(rows, CT_SHAPE(12)));
    assert_true(reshape_shares(turned, CT_SHAPE(3, 2, 1, 2, 2)));
    assert_false(reshape_shares(turned, CT_SHAPE(24)));
    assert_true(reshape_shares(wide, CT_SHAPE(2, 4, 3, 2)));
    assert_false(reshape_shares(wide, CT_SHAPE(48)));
    ct_tensor *all[6] = {wide, one, turned, rows, even, t};
    for (int i = 0; i < 6; i++)
        ct_tensor_free(all[i]);
}

static ct_shape random_shape(support_rng *rng, int rank)
{
    ct_shape s = {rank, {0}};
    for (int i = 0; i < rank; i++)
        s.dim[i] = 1 + support_below(rng, 4);
    return s;
}

/* A random permutation, then slices, of `t`; and the same worked out index by index in `expected`. */
static ct_tensor *random_view(support_rng *rng, ct_tensor *t, ct_axes *order, int64_t start[], int64_t step[])
{
    int rank = ct_tensor_shape(t).rank;
    order->count = rank;
    for (int i = 0; i < rank; i++)
        order->axis[i] = i;
    for (int i = rank - 1; i > 0; i--) {
        int j = (int)support_below(rng, i + 1), swapped = order->axis[i];
        order->axis[i] = order->axis[j];
        order->axis[j] = swapped;
    }
    ct_tensor *view = ct_tensor_permute(t, *order, NULL);
    for (int i = 0; i < rank; i++) {
        int64_t extent = ct_tensor_shape(view).dim[i];
        start[i] = support_below(rng, extent);
        step[i] = 1 + support_below(rng, 3);
        ct_tensor *sliced = ct_tensor_slice(view, i, start[i], extent, step[i], NULL);
        ct_tensor_free(view);
        view = sliced;
    }
    return view;
}

/* Element i of a permuted and sliced tensor is where the definitions of both put it, at every rank. */
static void test_views_of_views_agree_with_their_definition(void **state)
{
    (void)state;
    support_rng rng = {11};
    for (int trial = 0; trial < 120; trial++) {
        ct_tensor *t = iota(random_shape(&rng, trial % 7));
        ct_axes order;
        int64_t start[CT_MAX_RANK], step[CT_MAX_RANK], stride[CT_MAX_RANK];
        ct_tensor *view = random_view(&rng, t, &order, start, step);
        ct_shape shape = ct_tensor_shape(view);
        ct_shape_strides(ct_tensor_shape(t), stride);
        for (int64_t i = 0; i < ct_tensor_count(view); i++) {
            int64_t expected = 0, rest = i;
            for (int axis = shape.rank - 1; axis >= 0; axis--) {
                expected += (start[axis] + rest % shape.dim[axis] * step[axis]) * stride[order.axis[axis]];
                rest /= shape.dim[axis];
            }
            assert_close(ct_tensor_get(view, i), (double)expected, 0);
        }
        ct_tensor *copy = ct_tensor_contiguous(view, NULL);
        assert_true(ct_tensor_is_contiguous(copy));
        assert_tensors_close(copy, view, 0);
        reshape_shares(view, CT_SHAPE(ct_tensor_count(view)));
        ct_tensor_free(copy);
        ct_tensor_free(view);
        ct_tensor_free(t);
    }
}

static void test_contiguous_returns_the_same_handle(void **state)
{
    (void)state;
    ct_tensor *t = iota(CT_SHAPE(2, 3)), *same = ct_tensor_contiguous(t, NULL);
    assert_ptr_equal(same, t);
    ct_tensor_free(same);
    ct_tensor_free(t);
}

/* Extents of 1 and empty shapes do not make an array less contiguous. */
static void test_array_contiguity_ignores_strides_that_are_not_used(void **state)
{
    (void)state;
    float data[6];
    ct_array a = ct_array_make(data, CT_F32, CT_SHAPE(2, 1, 3));
    assert_true(ct_array_is_contiguous(&a));
    a.stride[1] = 17;
    assert_true(ct_array_is_contiguous(&a));
    a.stride[0] = 17;
    assert_false(ct_array_is_contiguous(&a));
    a.shape.dim[2] = 0;
    assert_true(ct_array_is_contiguous(&a));
    assert_int_equal(ct_array_count(&a), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_permute),
        cmocka_unit_test(test_slice),
        cmocka_unit_test(test_broadcast),
        cmocka_unit_test(test_reshape_works_out_one_extent),
        cmocka_unit_test(test_reshape_shares_memory_where_strides_allow),
        cmocka_unit_test(test_views_of_views_agree_with_their_definition),
        cmocka_unit_test(test_contiguous_returns_the_same_handle),
        cmocka_unit_test(test_array_contiguity_ignores_strides_that_are_not_used),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
