/* SPDX-License-Identifier: MIT */
/* .npy files: round trips, bytes written by NumPy, and what is refused. */
#include "support.h"

#include <cotangent/files.h>
#include <stdlib.h>
#include <string.h>

/* numpy.save of arange(6, float32).reshape(2, 3), of the Fortran-ordered int32 of the same, and of float64 2.5. */
#define PREAMBLE "\x93NUMPY\x01\x00\x76\x00"
static const char numpy_c[] = PREAMBLE
    "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }"
    "                                                          \n"
    "\0\0\0\0\0\0\x80\x3f\0\0\0\x40\0\0\x40\x40\0\0\x80\x40\0\0\xa0\x40";
static const char numpy_fortran[] = PREAMBLE
    "{'descr': '<i4', 'fortran_order': True, 'shape': (2, 3), }"
    "                                                           \n"
    "\0\0\0\0\3\0\0\0\1\0\0\0\4\0\0\0\2\0\0\0\5\0\0\0";
static const char numpy_scalar[] = PREAMBLE
    "{'descr': '<f8', 'fortran_order': False, 'shape': (), }"
    "                                                              \n"
    "\0\0\0\0\0\0\4\x40";

static ct_tensor *read_bytes(const void *bytes, size_t size, ct_error *err)
{
    const char *path = support_temp_path("bytes.npy");
    support_write_file(path, bytes, size);
    return ct_npy_read(path, err);
}

static void check_counting(ct_tensor *t, ct_dtype dtype, const ct_error *err)
{
    assert_ok(t, err);
    assert_int_equal(ct_tensor_dtype(t), dtype);
    assert_string_equal(CT_SHAPE_TEXT(ct_tensor_shape(t)), "[2, 3]");
    assert_true(ct_tensor_is_contiguous(t));
    for (int64_t i = 0; i < 6; i++)
        assert_close(ct_tensor_get(t, i), (double)i, 0);
    ct_tensor_free(t);
}

static void test_reads_what_numpy_wrote(void **state)
{
    (void)state;
    ct_error err;
    check_counting(read_bytes(numpy_c, sizeof numpy_c - 1, &err), CT_F32, &err);
    check_counting(read_bytes(numpy_fortran, sizeof numpy_fortran - 1, &err), CT_I32, &err);
    ct_tensor *scalar = read_bytes(numpy_scalar, sizeof numpy_scalar - 1, &err);
    assert_ok(scalar, &err);
    assert_int_equal(ct_tensor_shape(scalar).rank, 0);
    assert_close(ct_tensor_get(scalar, 0), 2.5, 0);
    ct_tensor_free(scalar);
}

static void test_writes_the_bytes_numpy_writes(void **state)
{
    (void)state;
    ct_error err;
    ct_tensor *t = ct_tensor_new(CT_F32, CT_SHAPE(2, 3), &err);
    for (int i = 0; i < 6; i++)
        ct_tensor_set(t, i, i);
    assert_ok(ct_npy_write(support_temp_path("t.npy"), t, &err), &err);
    size_t size;
    unsigned char *bytes = support_read_file(support_temp_path("t.npy"), &size);
    assert_int_equal(size, sizeof numpy_c - 1);
    assert_memory_equal(bytes, numpy_c, size);
    free(bytes);
    ct_tensor_free(t);
}

static void round_trip(ct_tensor *t)
{
    ct_error err;
    assert_ok(ct_npy_write(support_temp_path("t.npy"), t, &err), &err);
    ct_tensor *back = ct_npy_read(support_temp_path("t.npy"), &err);
    assert_ok(back, &err);
    assert_tensors_close(back, t, 0);
    ct_tensor_free(back);
}

static void test_round_trips_every_dtype_and_rank(void **state)
{
    (void)state;
    support_rng rng = {5};
    const int64_t dim[8] = {2, 1, 3, 2, 1, 2, 1, 2};
    for (int d = 0; d < CT_DTYPES; d++)
        for (int rank = 0; rank <= CT_MAX_RANK; rank++) {
            ct_tensor *t = support_tensor((ct_dtype)d, ct_shape_of(rank, dim), &rng, 0, 200);
            round_trip(t);
            ct_tensor_free(t);
        }
}

static void test_round_trips_empty_and_strided_tensors(void **state)
{
    (void)state;
    support_rng rng = {6};
    ct_tensor *empty = support_tensor(CT_F32, CT_SHAPE(3, 0, 2), &rng, 0, 1);
    ct_tensor *t = support_tensor(CT_F64, CT_SHAPE(4, 5), &rng, -1, 1);
    ct_tensor *turned = ct_tensor_permute(t, CT_AXES(1, 0), NULL), *wide = ct_tensor_broadcast(t, CT_SHAPE(3, 4, 5), NULL);
    round_trip(empty);
    round_trip(turned);
    round_trip(wide);
    ct_tensor *all[4] = {empty, wide, turned, t};
    for (int i = 0; i < 4; i++)
        ct_tensor_free(all[i]);
}

/* A file of the given format version whose header is `dict`, with `data` bytes after it. */
static ct_tensor *read_dict(int version, const char *dict, size_t data, ct_error *err)
{
    unsigned char bytes[512] = {0};
    size_t length = strlen(dict), start = version == 1 ? 10 : 12;
    memcpy(bytes, "\x93NUMPY", 6);
    bytes[6] = (unsigned char)version;
    bytes[8] = (unsigned char)length;
    memcpy(bytes + start, dict, length);
    return read_bytes(bytes, start + length + data, err);
}

static void test_other_spellings_of_the_header(void **state)
{
    (void)state;
    ct_error err;
    const char *const dicts[] = {
        "{\"shape\":(4,),\"fortran_order\":False,\"descr\":\"|u1\"}",
        "{'shape': ( 2 , 2 ), 'descr': '<u1', 'fortran_order': True,} \n",
        " {'descr':'=u1','fortran_order':False,'shape':(4)}",
    };
    for (int version = 1; version <= 3; version++)
        for (size_t i = 0; i < 3; i++) {
            ct_tensor *t = read_dict(version, dicts[i], 4, &err);
            assert_ok(t, &err);
            assert_int_equal(ct_tensor_count(t), 4);
            ct_tensor_free(t);
        }
}

static void test_bad_headers_are_refused_with_a_reason(void **state)
{
    (void)state;
    static const struct { const char *dict; ct_code code; const char *message; } cases[] = {
        {"{'descr': '<i8', 'fortran_order': False, 'shape': (4,)}", CT_E_DTYPE, "dtype '<i8' is not supported"},
        {"{'descr': '>f4', 'fortran_order': False, 'shape': (1,)}", CT_E_DTYPE, "'>f4'"},
        {"{'descr': '|O', 'fortran_order': False, 'shape': (1,)}", CT_E_DTYPE, "'|O'"},
        {"{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}", CT_E_FORMAT, "expected a quoted string"},
        {"{'descr': '<f4', 'fortran_order': False}", CT_E_FORMAT, "lacks one of"},
        {"{'descr': '<f4', 'descr': '<f4', 'shape': (1,)}", CT_E_FORMAT, "once"},
        {"{'descr': '<f4', 'other': 1, 'shape': (1,)}", CT_E_FORMAT, "key 'other'"},
        {"{'descr': '<f4', 'fortran_order': Maybe, 'shape': (1,)}", CT_E_FORMAT, "True or False"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}", CT_E_FORMAT, "an extent"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1 1)}", CT_E_FORMAT, "',' or ')'"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}", CT_E_FORMAT, "smaller extent"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904,4)}", CT_E_SHAPE, "limit"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,1)}", CT_E_SHAPE, "more than 8 axes"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1,)} x", CT_E_FORMAT, "nothing more"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1,)", CT_E_FORMAT, "',' or '}'"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}", CT_E_FORMAT,
         "truncated: float32 [2] needs 8 bytes, found 4"},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (2,)}", CT_E_FORMAT, "too long"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (144115188075855872,)}", CT_E_FORMAT, "truncated"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ct_error err = {CT_OK, ""};
        assert_null(read_dict(1, cases[i].dict, 4, &err));
        assert_error(&err, cases[i].code, cases[i].message);
        assert_non_null(strstr(err.message, "bytes.npy"));
    }
}

static void test_files_that_are_no_npy(void **state)
{
    (void)state;
    ct_error err;
    assert_null(read_bytes("not a numpy file", 16, &err));
    assert_error(&err, CT_E_FORMAT, "does not begin as a .npy file does");
    assert_null(read_bytes("", 0, &err));
    assert_error(&err, CT_E_FORMAT, "the file is empty");
    assert_null(read_bytes("\x93NUMPY\x04\x00\x76\x00  ", 12, &err));
    assert_error(&err, CT_E_FORMAT, "format 4.0, expected 1.0, 2.0 or 3.0");
    assert_null(read_bytes("\x93NUMPY\x02\x00\xff\xff\xff\xff", 12, &err));
    assert_error(&err, CT_E_FORMAT, "a header of 4294967295 bytes in a file of 12");
    assert_null(ct_npy_read(support_temp_path("absent.npy"), &err));
    assert_error(&err, CT_E_IO, "absent.npy: cannot be read: No such file");
    assert_null(ct_npy_read(support_temp_path(""), &err));
    assert_error(&err, CT_E_IO, "is a directory");
    assert_null(ct_npy_read("/dev/null", NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        temp_unit_test(test_reads_what_numpy_wrote),
        temp_unit_test(test_writes_the_bytes_numpy_writes),
        temp_unit_test(test_round_trips_every_dtype_and_rank),
        temp_unit_test(test_round_trips_empty_and_strided_tensors),
        temp_unit_test(test_other_spellings_of_the_header),
        temp_unit_test(test_bad_headers_are_refused_with_a_reason),
        temp_unit_test(test_files_that_are_no_npy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
