/* SPDX-License-Identifier: MIT */
/* IDX files, plain and gzip. */
#include "support.h"

#include <cotangent/files.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

/* Shape [2, 3], elements 0..5. */
static const unsigned char small[] = {0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 0, 1, 2, 3, 4, 5};

static void write_gzip(const char *path, const void *bytes, unsigned size)
{
    gzFile file = gzopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(gzwrite(file, bytes, size), size);
    assert_int_equal(gzclose(file), Z_OK);
}

static void check_small(const char *path)
{
    ct_error err;
    ct_tensor *t = ct_idx_read(path, &err);
    assert_ok(t, &err);
    assert_int_equal(ct_tensor_dtype(t), CT_U8);
    assert_string_equal(CT_SHAPE_TEXT(ct_tensor_shape(t)), "[2, 3]");
    for (int64_t i = 0; i < 6; i++)
        assert_close(ct_tensor_get(t, i), (double)i, 0);
    ct_tensor_free(t);
}

static void test_reads_plain_and_gzip(void **state)
{
    (void)state;
    support_write_file(support_temp_path("plain"), small, sizeof small);
    write_gzip(support_temp_path("packed.gz"), small, sizeof small);
    check_small(support_temp_path("plain"));
    check_small(support_temp_path("packed.gz"));
}

/* A file that compresses as well as gzip can must not be taken for a damaged one. */
static void test_reads_what_compresses_best(void **state)
{
    (void)state;
    static unsigned char bytes[8 + (3 << 20)] = {0, 0, 8, 1, 0, 0x30, 0, 0};
    ct_error err;
    write_gzip(support_temp_path("zeros.gz"), bytes, sizeof bytes);
    ct_tensor *t = ct_idx_read(support_temp_path("zeros.gz"), &err);
    assert_ok(t, &err);
    assert_int_equal(ct_tensor_count(t), 3 << 20);
    ct_tensor_free(t);
}

/* The file `bytes`, plain and gzip, is refused with this message. */
static void refused(const void *bytes, unsigned size, ct_code code, const char *message)
{
    ct_error err = {CT_OK, ""};
    support_write_file(support_temp_path("bad"), bytes, size);
    assert_null(ct_idx_read(support_temp_path("bad"), &err));
    assert_error(&err, code, message);
    write_gzip(support_temp_path("bad.gz"), bytes, size);
    assert_null(ct_idx_read(support_temp_path("bad.gz"), &err));
    assert_error(&err, code, message);
    assert_non_null(strstr(err.message, "bad.gz"));
}

static void test_bad_files_are_refused_with_a_reason(void **state)
{
    (void)state;
    unsigned char bytes[64] = {0};
    refused("\1\2\3\4", 4, CT_E_FORMAT, "magic number 01020304, expected 000008");
    refused("\0\0\x0d\1\0\0\0\0", 8, CT_E_DTYPE, "IDX type 0x0d, expected 0x08 (uint8)");
    refused("\0\0\x08\x09", 4, CT_E_FORMAT, "rank of 1 to 8");
    refused("\0\0\x08", 3, CT_E_FORMAT, "truncated: the IDX magic number takes 4 bytes, found 3");
    refused("\0\0\x08\2\0\0\0\1\0", 9, CT_E_FORMAT, "truncated: the IDX header takes 8 bytes, found 5");
    refused(small, sizeof small - 2, CT_E_FORMAT, "truncated: the data takes 6 bytes, found 4");
    refused("\0\0\x08\1\xff\xff\xff\xff", 8, CT_E_FORMAT, "shape [4294967295] does not fit in a file");
    refused("\0\0\x08\2\xff\xff\xff\xff\xff\xff\xff\xff", 12, CT_E_SHAPE, "limit");
    memcpy(bytes, small, sizeof small);
    refused(bytes, sizeof small + 1, CT_E_FORMAT, "more bytes than its shape needs");
}

static void test_damaged_gzip_is_refused(void **state)
{
    (void)state;
    ct_error err;
    size_t size;
    write_gzip(support_temp_path("packed.gz"), small, sizeof small);
    unsigned char *bytes = support_read_file(support_temp_path("packed.gz"), &size);
    bytes[size - 8] ^= 1; /* the checksum */
    support_write_file(support_temp_path("damaged.gz"), bytes, size);
    assert_null(ct_idx_read(support_temp_path("damaged.gz"), &err));
    assert_error(&err, CT_E_FORMAT, "truncated or damaged");
    free(bytes);
    assert_null(ct_idx_read(support_temp_path("absent"), &err));
    assert_error(&err, CT_E_IO, "absent: cannot be read: No such file");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        temp_unit_test(test_reads_plain_and_gzip),
        temp_unit_test(test_reads_what_compresses_best),
        temp_unit_test(test_bad_files_are_refused_with_a_reason),
        temp_unit_test(test_damaged_gzip_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
