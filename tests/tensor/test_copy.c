/* SPDX-License-Identifier: MIT */
/* Loads, copies, conversions, fills, and ct_map over strided operands, against one element at a time. */
#include "arrays.h"

#include <cotangent/kernels.h>

static const ct_shape base_shape = {3, {13, 70, 37}};

static void loads_any_part_of_any_view(void **state)
{
    (void)state;
    support_rng rng = {11};
    for (int round = 0; round < 400; round++) {
        ct_dtype dtype = (ct_dtype)(round % CT_DTYPES);
        ct_array base = new_array(dtype, base_shape, &rng, 0, 250), a = random_view(base, &rng);
        int64_t count = ct_array_count(&a), start = support_below(&rng, count), n = 1 + support_below(&rng,
            count - start);
        ct_array part = new_zeros(dtype, CT_SHAPE(n));
        ct_array_load(&a, start, n, part.data);
        for (int64_t i = 0; i < n; i++)
            if (element(&part, i) != element(&a, start + i))
                fail_msg("element %lld: %g, expected %g", (long long)i, element(&part, i), element(&a, start + i));
        free(part.data);
        free(base.data);
    }
}

static void copies_between_any_views_and_dtypes(void **state)
{
    (void)state;
    support_rng rng = {12};
    for (int round = 0; round < 400; round++) {
        ct_dtype from = (ct_dtype)(round % CT_DTYPES), to = (ct_dtype)(round / CT_DTYPES % CT_DTYPES);
        ct_array base = new_array(from, base_shape, &rng, 0, 250), src = random_view(base, &rng);
        static const int orders[3][3] = {{0, 1, 2}, {2, 1, 0}, {1, 0, 2}};
        const int *order = orders[support_below(&rng, 3)];
        ct_shape shape = src.shape;
        for (int i = 0; i < 3; i++)
            shape.dim[i] = src.shape.dim[order[i]];
        ct_array memory = new_zeros(to, shape), dst = ct_array_permute(memory, order);
        ct_copy(dst, src, 1 + round % 3);
        for (int64_t i = 0; i < ct_array_count(&src); i++) {
            double x = element(&src, i), expected = to == CT_I32 || to == CT_U8 ? trunc(x) : to == CT_F32
                ? (double)(float)x : x;
            if (element(&dst, i) != expected)
                fail_msg("%s to %s, element %lld: %g, expected %g", ct_dtype_name(from), ct_dtype_name(to), (long long)i,
                         element(&dst, i), expected);
        }
        free(memory.data);
        free(base.data);
    }
}

static void leaves_what_a_view_leaves_out(void **state)
{
    (void)state;
    support_rng rng = {13};
    ct_array memory = new_array(CT_F32, CT_SHAPE(9, 10), &rng, 1, 2), src = new_array(CT_F32, CT_SHAPE(9, 5), &rng, 3,
        4);
    ct_array even = ct_array_slice(memory, 1, 0, 5, 2), odd = ct_array_slice(memory, 1, 1, 5, 2);
    double before[45];
    for (int64_t i = 0; i < 45; i++)
        before[i] = element(&odd, i);
    ct_copy(even, src, 1);
    assert_elements(&odd, before, 0, "left out");
    ct_fill(even, 7, 1);
    assert_elements(&odd, before, 0, "left out");
    for (int64_t i = 0; i < 45; i++)
        assert_close(element(&even, i), 7, 0);
    free(memory.data);
    free(src.data);
}

static void conversion_saturates(void **state)
{
    (void)state;
    double from[] = {NAN, INFINITY, -INFINITY, 3e9, -3e9, 2147483647.9, -2147483648.9, -1.9, 1.9, 300, -3, 255.9};
    double as_int[] = {0, INT32_MAX, INT32_MIN, INT32_MAX, INT32_MIN, INT32_MAX, INT32_MIN, -1, 1, 300, -3, 255};
    double as_byte[] = {0, 255, 0, 255, 0, 255, 0, 0, 1, 255, 0, 255};
    ct_shape shape = CT_SHAPE(12);
    ct_array f64 = ct_array_make(from, CT_F64, shape), f32 = new_zeros(CT_F32, shape);
    ct_array i32 = new_zeros(CT_I32, shape), u8 = new_zeros(CT_U8, shape);
    ct_copy(f32, f64, 1);
    ct_copy(i32, f64, 1);
    ct_copy(u8, f64, 1);
    assert_elements(&i32, as_int, 0, "float64 to int32");
    assert_elements(&u8, as_byte, 0, "float64 to uint8");
    ct_copy(u8, i32, 1);
    assert_elements(&u8, as_byte, 0, "int32 to uint8");
    ct_copy(i32, f32, 1);
    as_int[6] = INT32_MIN;
    assert_elements(&i32, as_int, 0, "float32 to int32");
    free(f32.data);
    free(i32.data);
    free(u8.data);
}

static void fills_every_dtype(void **state)
{
    (void)state;
    for (int dtype = 0; dtype < CT_DTYPES; dtype++) {
        ct_array a = new_zeros((ct_dtype)dtype, CT_SHAPE(3, 50000)), none = new_zeros((ct_dtype)dtype, CT_SHAPE(0, 4));
        ct_fill(a, 5, 2);
        ct_fill(none, 5, 2);
        for (int64_t i = 0; i < ct_array_count(&a); i++)
            assert_true(element(&a, i) == 5);
        free(a.data);
        free(none.data);
    }
}

/* A select of a contiguous, a strided and a repeated operand, whatever the threads. */
static void maps_over_any_views(void **state)
{
    (void)state;
    support_rng rng = {14};
    for (int round = 0; round < 60; round++) {
        ct_array base = new_array(CT_F32, base_shape, &rng, -1, 1);
        ct_array first = ct_array_make(base.data, CT_F32, CT_SHAPE(1, 1, 1)), x[3];
        x[1] = round % 3 == 0 ? base : random_view(base, &rng);
        x[2] = ct_array_broadcast(first, x[1].shape);
        ct_array other = new_array(CT_F32, x[1].shape, &rng, 0, 2);
        for (int64_t i = 0; i < ct_array_count(&other); i++)
            set_element(&other, i, floor(element(&other, i)));
        x[0] = other;
        ct_array y = new_zeros(CT_F32, x[1].shape), z = new_zeros(CT_F32, x[1].shape);
        ct_map(ct_map_select_f32, NULL, y, 3, x, 1);
        ct_map(ct_map_select_f32, NULL, z, 3, x, 3);
        for (int64_t i = 0; i < ct_array_count(&y); i++) {
            double expected = element(&x[0], i) != 0 ? element(&x[1], i) : element(&x[2], i);
            assert_true(element(&y, i) == expected);
        }
        assert_same_bits(&y, &z, "one thread and three");
        free(other.data);
        free(y.data);
        free(z.data);
        free(base.data);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loads_any_part_of_any_view), cmocka_unit_test(copies_between_any_views_and_dtypes),
        cmocka_unit_test(leaves_what_a_view_leaves_out), cmocka_unit_test(conversion_saturates),
        cmocka_unit_test(fills_every_dtype), cmocka_unit_test(maps_over_any_views),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
