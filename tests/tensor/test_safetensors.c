/* SPDX-License-Identifier: MIT */
/* safetensors archives: round trips, files of another tool, layout and what is refused. */
#include "support.h"

#include <cotangent/files.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static ct_archive *new_archive(void)
{
    ct_archive *a = ct_archive_new(NULL);
    assert_non_null(a);
    return a;
}

/* Adds `t` and gives it up. */
static void add(ct_archive *a, const char *name, ct_tensor *t)
{
    ct_error err;
    assert_ok(ct_archive_add(a, name, t, &err), &err);
    ct_tensor_free(t);
}

static ct_archive *write_and_read(const ct_archive *a)
{
    ct_error err;
    const char *path = support_temp_path("a.safetensors");
    assert_ok(ct_archive_write(a, path, &err), &err);
    ct_archive *back = ct_archive_read(path, &err);
    assert_ok(back, &err);
    return back;
}

static void assert_archives_equal(const ct_archive *a, const ct_archive *b)
{
    assert_int_equal(ct_archive_count(a), ct_archive_count(b));
    for (int64_t i = 0; i < ct_archive_count(a); i++) {
        assert_string_equal(ct_archive_name(a, i), ct_archive_name(b, i));
        assert_tensors_close(ct_archive_tensor(a, i), ct_archive_tensor(b, i), 0);
        assert_ptr_equal(ct_archive_find(b, ct_archive_name(a, i)), ct_archive_tensor(b, i));
    }
}

/* Every dtype at every rank, small elements before large ones, names that need escapes. */
static ct_archive *varied_archive(void)
{
    support_rng rng = {9};
    const int64_t dim[8] = {3, 1, 2, 1, 1, 3, 1, 1};
    ct_archive *a = new_archive();
    for (int rank = 0; rank <= CT_MAX_RANK; rank++)
        for (int d = CT_DTYPES - 1; d >= 0; d--) {
            char name[64];
            snprintf(name, sizeof name, "rank\t%d.\"%s\"\\\x01/\xC3\xA9\xF0\x9F\x99\x82", rank, ct_dtype_name((ct_dtype)d));
            add(a, name, support_tensor((ct_dtype)d, ct_shape_of(rank, dim), &rng, 0, 200));
        }
    add(a, "empty", support_tensor(CT_F64, CT_SHAPE(4, 0), &rng, 0, 1));
    add(a, "", support_tensor(CT_U8, CT_SHAPE(5), &rng, 0, 256));
    return a;
}

static void test_round_trip_keeps_names_order_and_values(void **state)
{
    (void)state;
    ct_archive *a = varied_archive(), *b = write_and_read(a);
    assert_archives_equal(a, b);
    ct_archive_free(a);
    ct_archive_free(b);
}

static void test_strided_tensors_are_written_row_major(void **state)
{
    (void)state;
    support_rng rng = {4};
    ct_archive *a = new_archive();
    ct_tensor *t = support_tensor(CT_F32, CT_SHAPE(3, 4), &rng, -1, 1);
    add(a, "turned", ct_tensor_permute(t, CT_AXES(1, 0), NULL));
    add(a, "wide", ct_tensor_broadcast(t, CT_SHAPE(2, 3, 4), NULL));
    ct_archive *b = write_and_read(a);
    assert_archives_equal(a, b);
    ct_tensor_free(t);
    ct_archive_free(a);
    ct_archive_free(b);
}

static void test_metadata(void **state)
{
    (void)state;
    ct_error err;
    ct_archive *a = new_archive();
    assert_null(ct_archive_meta(a, "step"));
    assert_ok(ct_archive_set_meta(a, "step", "1", &err), &err);
    assert_ok(ct_archive_set_meta(a, "note \"x\"\n", "line\nline\x7F\xE2\x82\xAC", &err), &err);
    assert_ok(ct_archive_set_meta(a, "step", "2", &err), &err);
    ct_archive *b = write_and_read(a);
    assert_int_equal(ct_archive_count(b), 0);
    assert_string_equal(ct_archive_meta(b, "step"), "2");
    assert_string_equal(ct_archive_meta(b, "note \"x\"\n"), "line\nline\x7F\xE2\x82\xAC");
    assert_null(ct_archive_meta(b, "other"));
    assert_false(ct_archive_set_meta(a, "bad", "\xC0\x80", &err));
    assert_error(&err, CT_E_ARGUMENT, "UTF-8");
    ct_archive_free(a);
    ct_archive_free(b);
}

static void test_names_are_distinct_and_found_among_many(void **state)
{
    (void)state;
    ct_error err;
    ct_archive *a = new_archive();
    ct_tensor *t = ct_tensor_new(CT_U8, CT_SCALAR, NULL);
    char name[32];
    assert_null(ct_archive_find(a, "0"));
    for (int i = 0; i < 1000; i++) {
        snprintf(name, sizeof name, "layer.%d", i);
        assert_ok(ct_archive_add(a, name, t, &err), &err);
    }
    for (int i = 0; i < 1000; i++) {
        snprintf(name, sizeof name, "layer.%d", i);
        assert_string_equal(ct_archive_name(a, i), name);
        assert_ptr_equal(ct_archive_find(a, name), t);
    }
    assert_null(ct_archive_find(a, "layer.1000"));
    assert_null(ct_archive_name(a, 1000));
    assert_null(ct_archive_tensor(a, -1));
    assert_false(ct_archive_add(a, "layer.7", t, &err));
    assert_error(&err, CT_E_NAME, "already has a tensor 'layer.7'");
    assert_false(ct_archive_add(a, "__metadata__", t, &err));
    assert_error(&err, CT_E_NAME, "cannot be named '__metadata__'");
    assert_false(ct_archive_add(a, "\xFF", t, &err));
    assert_error(&err, CT_E_NAME, "UTF-8");
    assert_false(ct_archive_add(a, "none", NULL, &err));
    assert_error(&err, CT_E_ARGUMENT, "'none'");
    ct_tensor_free(t);
    ct_archive_free(a);
    ct_archive_free(NULL);
}

/* The bytes of a small archive: the header is padded to 8 bytes, and what is larger comes first, so that all is aligned. */
static void test_bytes_are_those_of_the_format(void **state)
{
    (void)state;
    static const char header[] = "{\"__metadata__\":{\"cotangent.digest\":\"crc32+adler32:"
                                 "1735c20a277f511a\",\"k\":\"v\"},"
                                 "\"b\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[12,15]},"
                                 "\"x\":{\"dtype\":\"F64\",\"shape\":[],\"data_offsets\":[0,8]},"
                                 "\"i\":{\"dtype\":\"I32\",\"shape\":[1, 1],\"data_offsets\":[8,12]}}";
    ct_error err;
    ct_archive *a = new_archive();
    add(a, "b", ct_tensor_from(CT_U8, CT_SHAPE(3), "abc", NULL));
    add(a, "x", ct_tensor_from(CT_F64, CT_SCALAR, (double[]){1}, NULL));
    add(a, "i", ct_tensor_from(CT_I32, CT_SHAPE(1, 1), (int32_t[]){-2}, NULL));
    assert_ok(ct_archive_set_meta(a, "k", "v", &err), &err);
    ct_archive_free(write_and_read(a));
    size_t size, padded = (sizeof header - 1 + 7) / 8 * 8;
    unsigned char *bytes = support_read_file(support_temp_path("a.safetensors"), &size);
    assert_int_equal(size, 8 + padded + 15);
    assert_int_equal(bytes[0] | bytes[1] << 8, padded);
    assert_memory_equal(bytes + 8, header, sizeof header - 1);
    for (size_t i = sizeof header - 1; i < padded; i++)
        assert_int_equal(bytes[8 + i], ' ');
    assert_memory_equal(bytes + 8 + padded, "\0\0\0\0\0\0\xF0\x3F\xFE\xFF\xFF\xFF" "abc", 15);
    free(bytes);
    ct_archive_free(a);
}

/* Files written by another tool: the names and shapes it put there. */
static void test_reads_another_tools_files(void **state)
{
    (void)state;
    static const struct { const char *name, *shape; ct_dtype dtype; } expected[] = {
        {"in.z", "[8, 1, 28, 28]", CT_F64}, {"in.y", "[8]", CT_I32},          {"out.u", "[8, 1, 28, 28]", CT_F64},
        {"out.loss", "[]", CT_F64},         {"out.loss_per_sample", "[8]", CT_F64},
    };
    static const char *const models[] = {"mlp", "dit"};
    for (int m = 0; m < 2; m++) {
        ct_error err;
        char path[512];
        snprintf(path, sizeof path, "%s/%s.safetensors", TEST_DATA_DIR, models[m]);
        ct_archive *a = ct_archive_read(path, &err);
        assert_ok(a, &err);
        assert_string_equal(ct_archive_meta(a, "model"), models[m]);
        assert_string_equal(ct_archive_name(a, 0), "in.z");
        for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
            ct_tensor *t = ct_archive_find(a, expected[i].name);
            assert_non_null(t);
            assert_string_equal(CT_SHAPE_TEXT(ct_tensor_shape(t)), expected[i].shape);
            assert_int_equal(ct_tensor_dtype(t), expected[i].dtype);
        }
        double mean = 0;
        for (int64_t i = 0; i < 8; i++)
            mean += ct_tensor_get(ct_archive_find(a, "out.loss_per_sample"), i) / 8;
        assert_true(mean > 0);
        ct_archive *b = write_and_read(a);
        assert_archives_equal(a, b);
        ct_archive_free(a);
        ct_archive_free(b);
    }
}

/* Every parameter in those files has a gradient of its shape. */
static void test_another_tools_names_come_in_pairs(void **state)
{
    (void)state;
    ct_error err;
    ct_archive *a = ct_archive_read(TEST_DATA_DIR "/dit.safetensors", &err);
    assert_ok(a, &err);
    int parameters = 0;
    for (int64_t i = 0; i < ct_archive_count(a); i++) {
        char name[256];
        if (strncmp(ct_archive_name(a, i), "params.", 7) != 0)
            continue;
        snprintf(name, sizeof name, "grad.%s", ct_archive_name(a, i) + 7);
        ct_tensor *gradient = ct_archive_find(a, name);
        assert_non_null(gradient);
        assert_true(ct_shape_equal(ct_tensor_shape(gradient), ct_tensor_shape(ct_archive_tensor(a, i))));
        parameters++;
    }
    assert_true(parameters > 10);
    ct_archive_free(a);
}

/* A file with this JSON text and `data` bytes of data. */
static ct_archive *read_header(const char *json, size_t data, ct_error *err)
{
    unsigned char bytes[1024] = {0};
    uint64_t length = strlen(json);
    assert_true(8 + length + data <= sizeof bytes);
    memcpy(bytes, &length, 8);
    memcpy(bytes + 8, json, length);
    support_write_file(support_temp_path("bad.safetensors"), bytes, 8 + length + data);
    return ct_archive_read(support_temp_path("bad.safetensors"), err);
}

#define TENSOR(name, dtype, shape, begin, end) \
    "\"" name "\":{\"dtype\":\"" dtype "\",\"shape\":" shape ",\"data_offsets\":[" begin "," end "]}"

static void test_other_spellings_are_read(void **state)
{
    (void)state;
    ct_error err;
    ct_archive *a = read_header(" { \"\\u0061\\ud83d\\ude42\" :\n"
                                "{\"data_offsets\" : [ 0 , 4 ],\t\"shape\":[ ],\"dtype\":\"F32\"} } \n", 4, &err);
    assert_ok(a, &err);
    assert_string_equal(ct_archive_name(a, 0), "a\xF0\x9F\x99\x82");
    ct_archive_free(a);
    a = read_header("{" TENSOR("b", "U8", "[2]", "3", "5") "," TENSOR("a", "U8", "[3]", "0", "3") "}", 5, &err);
    assert_ok(a, &err);
    assert_string_equal(ct_archive_name(a, 0), "b");
    ct_archive_free(a);
    a = read_header("{}", 0, &err);
    assert_ok(a, &err);
    assert_int_equal(ct_archive_count(a), 0);
    ct_archive_free(a);
}

static void test_bad_headers_are_refused_with_a_reason(void **state)
{
    (void)state;
    static const struct { const char *json; ct_code code; const char *message; } cases[] = {
        {"{" TENSOR("w", "BF16", "[2]", "0", "4") "}", CT_E_DTYPE,
         "tensor 'w': dtype 'BF16', expected F32, F64, I32 or U8"},
        {"{" TENSOR("w", "F32", "[1]", "4", "0") "}", CT_E_FORMAT, "tensor 'w': data_offsets [4, 0] end before"},
        {"{" TENSOR("w", "F32", "[2]", "0", "4") "}", CT_E_FORMAT, "span 4 bytes, but float32 [2] needs 8"},
        {"{" TENSOR("w", "F32", "[2]", "0", "8") "}", CT_E_FORMAT,
         "truncated: expected 8 bytes of data after the header, found 4"},
        {"{" TENSOR("w", "U8", "[3]", "0", "3") "}", CT_E_FORMAT,
         "too long: expected 3 bytes of data after the header, found 4"},
        {"{" TENSOR("w", "U8", "[3]", "1", "4") "}", CT_E_FORMAT,
         "tensor 'w': its data begin at byte 1, expected 0: the tensors leave a hole"},
        {"{" TENSOR("v", "U8", "[3]", "0", "3") "," TENSOR("w", "U8", "[2]", "2", "4") "}", CT_E_FORMAT, "overlap"},
        {"{" TENSOR("v", "U8", "[2]", "0", "2") "," TENSOR("v", "U8", "[2]", "2", "4") "}", CT_E_NAME,
         "already has a tensor 'v'"},
        {"{" TENSOR("w", "F64", "[576460752303423488,4]", "0", "4") "}", CT_E_SHAPE, "tensor 'w': shape"},
        {"{" TENSOR("w", "F64", "[9223372036854775808]", "0", "4") "}", CT_E_FORMAT, "an integer below 2^63"},
        {"{" TENSOR("w", "U8", "[1,1,1,1,1,1,1,1,4]", "0", "4") "}", CT_E_SHAPE, "more than 8 axes"},
        {"{" TENSOR("w", "U8", "[-4]", "0", "4") "}", CT_E_FORMAT, "an integer of 0 or more"},
        {"{" TENSOR("w", "U8", "[4.0]", "0", "4") "}", CT_E_FORMAT, "',' or ']'"},
        {"{" TENSOR("w", "U8", "[04]", "0", "4") "}", CT_E_FORMAT, "without leading zeros"},
        {"{" TENSOR("w", "U8", "[4]", "0", "4,5") "}", CT_E_FORMAT, "expected ']'"},
        {"{\"w\":{\"dtype\":\"U8\",\"shape\":[4]}}", CT_E_FORMAT,
         "tensor 'w': one of dtype, shape and data_offsets is missing"},
        {"{\"w\":{\"dtype\":\"U8\",\"dtype\":\"U8\"}}", CT_E_FORMAT, "member 'dtype'"},
        {"{\"w\":{\"extra\":1}}", CT_E_FORMAT, "member 'extra'"},
        {"{\"w\":[]}", CT_E_FORMAT, "expected '{'"},
        {"{\"__metadata__\":{\"a\":1}}", CT_E_FORMAT, "__metadata__: byte"},
        {"{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}}", CT_E_FORMAT, "key 'a' is there twice"},
        {"{\"__metadata__\":{},\"__metadata__\":{}}", CT_E_FORMAT, "__metadata__ is there twice"},
        {"{" TENSOR("w", "U8", "[4]", "0", "4") ",}", CT_E_FORMAT, "expected '\"'"},
        {"{" TENSOR("w", "U8", "[4]", "0", "4") "}}", CT_E_FORMAT, "expected nothing more"},
        {"{" TENSOR("w", "U8", "[4]", "0", "4"), CT_E_FORMAT, "',' or '}'"},
        {"[]", CT_E_FORMAT, "expected '{'"},
        {"", CT_E_FORMAT, "expected '{'"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ct_error err = {CT_OK, ""};
        assert_null(read_header(cases[i].json, 4, &err));
        assert_error(&err, cases[i].code, cases[i].message);
        assert_non_null(strstr(err.message, "bad.safetensors"));
    }
}

static void test_bad_lengths_are_refused(void **state)
{
    (void)state;
    ct_error err;
    const char *path = support_temp_path("bad.safetensors");
    support_write_file(path, "\x03\0\0", 3);
    assert_null(ct_archive_read(path, &err));
    assert_error(&err, CT_E_FORMAT, "truncated: expected 8 more bytes, found 3, for the length of the header from byte 0 on");
    support_write_file(path, "\xff\xff\xff\xff\xff\xff\xff\xff{}", 10);
    assert_null(ct_archive_read(path, &err));
    assert_error(&err, CT_E_FORMAT, "not a safetensors file: a header of 18446744073709551615 bytes");
    support_write_file(path, "\x05\0\0\0\0\0\0\0{}", 10);
    assert_null(ct_archive_read(path, &err));
    assert_error(&err, CT_E_FORMAT, "truncated: expected a header of 5 bytes, found 2");
    assert_null(ct_archive_read(support_temp_path("absent"), &err));
    assert_error(&err, CT_E_IO, "No such file");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        temp_unit_test(test_round_trip_keeps_names_order_and_values),
        temp_unit_test(test_strided_tensors_are_written_row_major),
        temp_unit_test(test_metadata),
        cmocka_unit_test(test_names_are_distinct_and_found_among_many),
        temp_unit_test(test_bytes_are_those_of_the_format),
        temp_unit_test(test_reads_another_tools_files),
        cmocka_unit_test(test_another_tools_names_come_in_pairs),
        temp_unit_test(test_other_spellings_are_read),
        temp_unit_test(test_bad_headers_are_refused_with_a_reason),
        temp_unit_test(test_bad_lengths_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
