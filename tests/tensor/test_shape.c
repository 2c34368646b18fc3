/* SPDX-License-Identifier: MIT */
/* Dtypes, shapes, their arithmetic, and error messages. */
#include "support.h"

#include <string.h>

static void test_dtypes_have_names_and_sizes(void **state)
{
    (void)state;
    const char *const names[CT_DTYPES] = {"float32", "float64", "int32", "uint8"};
    const size_t sizes[CT_DTYPES] = {sizeof(float), sizeof(double), sizeof(int32_t), sizeof(uint8_t)};
    for (int i = 0; i < CT_DTYPES; i++) {
        assert_string_equal(ct_dtype_name((ct_dtype)i), names[i]);
        assert_int_equal(ct_dtype_size((ct_dtype)i), sizes[i]);
        assert_int_equal(ct_dtype_is_float((ct_dtype)i), i < 2);
    }
}

static void test_macros_make_shapes(void **state)
{
    (void)state;
    ct_shape s = CT_SHAPE(64, 28, 28);
    ct_axes a = CT_AXES(-1, 2);
    assert_int_equal(s.rank, 3);
    assert_int_equal(s.dim[0], 64);
    assert_int_equal(s.dim[2], 28);
    assert_int_equal(a.count, 2);
    assert_int_equal(a.axis[0], -1);
    assert_int_equal(ct_shape_count(s), 64 * 28 * 28);
    assert_int_equal(ct_shape_count(CT_SCALAR), 1);
    assert_int_equal(ct_shape_count(CT_SHAPE(3, 0, 5)), 0);
}

static void test_equality_needs_rank_and_extents(void **state)
{
    (void)state;
    assert_true(ct_shape_equal(CT_SHAPE(2, 3), CT_SHAPE(2, 3)));
    assert_false(ct_shape_equal(CT_SHAPE(2, 3), CT_SHAPE(3, 2)));
    assert_false(ct_shape_equal(CT_SHAPE(2, 1), CT_SHAPE(2)));
    assert_true(ct_shape_equal(CT_SCALAR, CT_SCALAR));
}

static void test_check_refuses_bad_ranks_and_extents(void **state)
{
    (void)state;
    ct_error err;
    const int64_t many[9] = {1, 1, 1, 1, 1, 1, 1, 1, 1};
    assert_true(ct_shape_check(ct_shape_of(8, many), &err));
    assert_false(ct_shape_check(ct_shape_of(9, many), &err));
    assert_error(&err, CT_E_SHAPE, "rank 9, expected 0 to 8");
    assert_false(ct_shape_check(ct_shape_of(-1, NULL), &err));
    assert_error(&err, CT_E_SHAPE, "rank -1");
    assert_false(ct_shape_check(CT_SHAPE(2, -3), &err));
    assert_error(&err, CT_E_SHAPE, "[2, -3] has a negative extent on axis 1");
    assert_false(ct_shape_check(CT_SHAPE(2, -3), NULL));
}

/* 2^59 elements of 8 bytes are the limit; one more, products beyond 64 bits, and such products times 0 are too many. */
static void test_check_refuses_overflow(void **state)
{
    (void)state;
    ct_error err;
    const int64_t limit = INT64_C(1) << 59;
    assert_true(ct_shape_check(CT_SHAPE(limit), &err));
    assert_true(ct_shape_check(CT_SHAPE(limit / 4, 2, 2), &err));
    assert_false(ct_shape_check(CT_SHAPE(limit + 1), &err));
    assert_error(&err, CT_E_SHAPE, "limit of 2^59");
    assert_false(ct_shape_check(CT_SHAPE(INT64_MAX, INT64_MAX), &err));
    assert_false(ct_shape_check(CT_SHAPE(0, INT64_MAX, INT64_MAX), &err));
    assert_false(ct_shape_check(CT_SHAPE(INT64_C(1) << 32, INT64_C(1) << 32, 0), &err));
}

static void test_axes_count_from_both_ends(void **state)
{
    (void)state;
    ct_shape s = CT_SHAPE(5, 6, 7);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(ct_shape_axis(s, i), i);
        assert_int_equal(ct_shape_axis(s, i - 3), i);
        assert_int_equal(ct_shape_dim(s, i - 3), 5 + i);
    }
    assert_int_equal(ct_shape_axis(s, 3), -1);
    assert_int_equal(ct_shape_axis(s, -4), -1);
    assert_int_equal(ct_shape_dim(s, 3), 0);
    assert_int_equal(ct_shape_axis(CT_SCALAR, 0), -1);
    assert_int_equal(ct_shape_axis(CT_SCALAR, -1), -1);
}

static void check_broadcast(ct_shape a, ct_shape b, ct_shape expected)
{
    ct_error err;
    ct_shape ab, ba;
    assert_ok(ct_shape_broadcast(a, b, &ab, &err), &err);
    assert_ok(ct_shape_broadcast(b, a, &ba, &err), &err);
    assert_string_equal(CT_SHAPE_TEXT(ab), CT_SHAPE_TEXT(expected));
    assert_string_equal(CT_SHAPE_TEXT(ba), CT_SHAPE_TEXT(expected));
}

static void test_broadcast_follows_numpy(void **state)
{
    (void)state;
    ct_error err;
    ct_shape out;
    check_broadcast(CT_SCALAR, CT_SHAPE(2, 3), CT_SHAPE(2, 3));
    check_broadcast(CT_SHAPE(3), CT_SHAPE(2, 3), CT_SHAPE(2, 3));
    check_broadcast(CT_SHAPE(4, 1, 3), CT_SHAPE(5, 1), CT_SHAPE(4, 5, 3));
    check_broadcast(CT_SHAPE(1, 3), CT_SHAPE(0, 3), CT_SHAPE(0, 3));
    check_broadcast(CT_SCALAR, CT_SCALAR, CT_SCALAR);
    assert_false(ct_shape_broadcast(CT_SHAPE(2, 3), CT_SHAPE(2, 4), &out, &err));
    assert_error(&err, CT_E_SHAPE, "[2, 3] and [2, 4] do not broadcast: axis -1 has extents 3 and 4");
    assert_false(ct_shape_broadcast(CT_SHAPE(0), CT_SHAPE(2), &out, &err));
    const int64_t big = INT64_C(1) << 40;
    assert_false(ct_shape_broadcast(CT_SHAPE(big, 1), CT_SHAPE(1, big), &out, &err));
    assert_error(&err, CT_E_SHAPE, "limit");
}

static void test_strides_are_row_major(void **state)
{
    (void)state;
    int64_t stride[CT_MAX_RANK];
    ct_shape_strides(CT_SHAPE(2, 3, 4), stride);
    assert_int_equal(stride[0], 12);
    assert_int_equal(stride[1], 4);
    assert_int_equal(stride[2], 1);
}

static void test_text_of_shapes(void **state)
{
    (void)state;
    int64_t longest[8];
    for (int i = 0; i < 8; i++)
        longest[i] = INT64_MIN;
    assert_string_equal(CT_SHAPE_TEXT(CT_SCALAR), "[]");
    assert_string_equal(CT_SHAPE_TEXT(CT_SHAPE(7)), "[7]");
    assert_string_equal(CT_SHAPE_TEXT(CT_SHAPE(64, 28, 28)), "[64, 28, 28]");
    assert_string_equal(CT_SHAPE_TEXT(ct_shape_of(12, longest)), "[rank 12]");
    assert_int_equal(strlen(CT_SHAPE_TEXT(ct_shape_of(8, longest))), 2 + 8 * 20 + 7 * 2);
}

static void test_messages_are_formatted_prefixed_and_optional(void **state)
{
    (void)state;
    ct_error err;
    assert_false(ct_fail(&err, CT_E_NAME, "%s is %d", "x", 3));
    assert_int_equal(err.code, CT_E_NAME);
    assert_string_equal(err.message, "x is 3");
    assert_false(ct_fail_prefix(&err, "scope %d", 4));
    assert_string_equal(err.message, "scope 4: x is 3");
    assert_int_equal(err.code, CT_E_NAME);
    assert_false(ct_fail(&err, CT_E_IO, "again: %s", err.message));
    assert_string_equal(err.message, "again: scope 4: x is 3");
    assert_false(ct_fail(NULL, CT_E_NAME, "nobody reads this"));
    assert_false(ct_fail_prefix(NULL, "nor this"));
    assert_string_equal(ct_code_name(CT_E_SHAPE), "shapes do not fit");
    assert_string_equal(ct_code_name((ct_code)99), "unknown error");
}

/* A message too long is cut and says so, never inside a UTF-8 sequence; control characters never break the line. */
static void test_messages_are_one_line_that_fits(void **state)
{
    (void)state;
    ct_error err;
    char longest[2 * CT_MESSAGE_SIZE + 1];
    for (size_t shift = 0; shift < 2; shift++) {
        for (size_t i = 0; i < sizeof longest - 1; i++)
            longest[i] = i < shift ? 'a' : (i - shift) % 2 ? '\xA9' : '\xC3';
        longest[sizeof longest - 1] = 0;
        ct_fail(&err, CT_E_NAME, "%s", longest);
        size_t length = strlen(err.message);
        assert_in_range(length, CT_MESSAGE_SIZE - 2, CT_MESSAGE_SIZE - 1);
        assert_string_equal(err.message + length - 3, "...");
        assert_int_equal((unsigned char)err.message[length - 4], 0xA9);
    }
    memset(longest, 'x', CT_MESSAGE_SIZE - 1);
    longest[CT_MESSAGE_SIZE - 1] = 0;
    ct_fail(&err, CT_E_NAME, "%s", longest);
    assert_string_equal(err.message, longest);
    ct_fail(&err, CT_E_NAME, "a\nb\tc\x7F");
    assert_string_equal(err.message, "a?b?c?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dtypes_have_names_and_sizes),
        cmocka_unit_test(test_macros_make_shapes),
        cmocka_unit_test(test_equality_needs_rank_and_extents),
        cmocka_unit_test(test_check_refuses_bad_ranks_and_extents),
        cmocka_unit_test(test_check_refuses_overflow),
        cmocka_unit_test(test_axes_count_from_both_ends),
        cmocka_unit_test(test_broadcast_follows_numpy),
        cmocka_unit_test(test_strides_are_row_major),
        cmocka_unit_test(test_text_of_shapes),
        cmocka_unit_test(test_messages_are_formatted_prefixed_and_optional),
        cmocka_unit_test(test_messages_are_one_line_that_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
