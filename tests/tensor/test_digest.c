/* SPDX-License-Identifier: MIT */
/* Digests: known values, pieces, texts; and files that carry one: no bit of them can change unnoticed. */
#include "support.h"

#include <cotangent/digest.h>
#include <cotangent/files.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- digests ------------------------------------------------------------------------------------------------------ */

static const char *text_of(const void *bytes, size_t count)
{
    static char text[CT_DIGEST_LENGTH + 1];
    ct_digest d = ct_digest_start();
    ct_digest_add(&d, bytes, count);
    ct_digest_text(d, text);
    return text;
}

/* The check values of the two sums. */
static void test_known_values(void **state)
{
    (void)state;
    assert_string_equal(text_of("", 0), "crc32+adler32:0000000000000001");
    assert_string_equal(text_of("123456789", 9), "crc32+adler32:cbf43926091e01de");
    assert_string_equal(text_of("Wikipedia", 9), "crc32+adler32:adaac02e11e60398");
}

static void test_pieces_give_what_the_whole_gives(void **state)
{
    (void)state;
    unsigned char bytes[100];
    support_rng rng = {3};
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)support_bits(&rng);
    for (size_t cut = 0; cut <= sizeof bytes; cut++) {
        char text[CT_DIGEST_LENGTH + 1];
        ct_digest d = ct_digest_start();
        ct_digest_add(&d, bytes, cut);
        ct_digest_add(&d, bytes + cut, sizeof bytes - cut);
        ct_digest_text(d, text);
        assert_string_equal(text, text_of(bytes, sizeof bytes));
    }
}

static void test_texts_are_told_from_others(void **state)
{
    (void)state;
    assert_true(ct_digest_is_text("crc32+adler32:0123456789abcdef"));
    static const char *const others[] = {"", "crc32+adler32:", "crc32+adler32:0123456789abcde",
                                         "crc32+adler32:0123456789abcdeF", "crc32+adler32:0123456789abcdef0",
                                         "crc32-adler32:0123456789abcdef"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_false(ct_digest_is_text(others[i]));
}

/* --- archives ----------------------------------------------------------------------------------------------------- */

/* A small archive with all that a file can have, as bytes to be freed. */
static unsigned char *small_file(size_t *size)
{
    support_rng rng = {2};
    ct_error err;
    ct_archive *a = ct_archive_new(NULL);
    ct_tensor *t = support_tensor(CT_F32, CT_SHAPE(2, 3), &rng, -1, 1);
    ct_tensor *u = support_tensor(CT_U8, CT_SHAPE(3), &rng, 0, 9);
    assert_true(ct_archive_add(a, "params.w", t, NULL) && ct_archive_add(a, "b\xC3\xA9", u, NULL));
    assert_true(ct_archive_set_meta(a, "step", "7", NULL));
    assert_ok(ct_archive_write(a, support_temp_path("whole"), &err), &err);
    ct_archive_free(a);
    ct_tensor_free(t);
    ct_tensor_free(u);
    return support_read_file(support_temp_path("whole"), size);
}

/* What becomes of a file: it is refused, with a message that names it; read as one of another tool's, without a
 * digest; or believed. */
enum { REFUSED, FOREIGN, BELIEVED };

static int read_as(const unsigned char *bytes, size_t size)
{
    ct_error err = {CT_OK, ""};
    const char *path = support_temp_path("damaged");
    support_write_file(path, bytes, size);
    ct_archive *a = ct_archive_read(path, &err);
    int as = !a ? REFUSED : ct_archive_has_digest(a) ? BELIEVED : FOREIGN;
    ct_archive_free(a);
    if (!a)
        assert_non_null(strstr(err.message, path));
    return as;
}

static bool is_refused(const unsigned char *bytes, size_t size)
{
    return read_as(bytes, size) == REFUSED;
}

static void test_no_bit_can_change(void **state)
{
    (void)state;
    size_t size;
    unsigned char *bytes = small_file(&size);
    assert_int_equal(read_as(bytes, size), BELIEVED);
    for (size_t bit = 0; bit < 8 * size; bit++) {
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
        if (!is_refused(bytes, size))
            fail_msg("bit %zu of byte %zu (of %zu) was changed, and the file was read", bit % 8, bit / 8, size);
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    free(bytes);
}

/* Damages a run of bytes: it becomes zeros, ones or noise, or changes places with another run. */
static void damage_run(unsigned char *bytes, const unsigned char *whole, size_t size, int kind, support_rng *rng)
{
    size_t count = 1 + (size_t)support_below(rng, 16), at = (size_t)support_below(rng, (int64_t)(size - count));
    size_t from = (size_t)support_below(rng, (int64_t)(size - count));
    memcpy(bytes, whole, size);
    if (kind == 3) {
        memmove(bytes + at, whole + from, count);
        memmove(bytes + from, whole + at, count);
        return;
    }
    for (size_t i = at; i < at + count; i++)
        bytes[i] = kind == 0 ? 0 : kind == 1 ? 0xFF : (unsigned char)support_bits(rng);
}

/* Only what destroys both the digest's key and its value can make a file look like another tool's. Where a digest is
 * required, that is refused. */
static void test_no_run_of_bytes_can_change(void **state)
{
    int foreign = 0;
    (void)state;
    size_t size;
    support_rng rng = {5};
    unsigned char *whole = small_file(&size), *bytes = malloc(size);
    assert_non_null(bytes);
    for (int trial = 0; trial < 3000; trial++) {
        damage_run(bytes, whole, size, trial % 4, &rng);
        int as = memcmp(bytes, whole, size) != 0 ? read_as(bytes, size) : REFUSED;
        assert_int_not_equal(as, BELIEVED);
        foreign += as == FOREIGN;
    }
    assert_true(foreign < 30);
    free(bytes);
    free(whole);
}

static void test_no_other_length_is_read(void **state)
{
    (void)state;
    size_t size;
    unsigned char *bytes = small_file(&size), *longer = calloc(1, size + 9);
    assert_non_null(longer);
    memcpy(longer, bytes, size);
    for (size_t length = 0; length < size; length++)
        assert_true(is_refused(bytes, length));
    for (size_t more = 1; more < 9; more++)
        assert_true(is_refused(longer, size + more));
    free(longer);
    free(bytes);
}

/* Where the digest is, and of what: all bytes, with zeros for its digits. */
static void test_the_digest_is_of_all_bytes(void **state)
{
    (void)state;
    size_t size, name = strlen(CT_DIGEST_NAME);
    char digits[CT_DIGEST_LENGTH + 1] = "";
    unsigned char *bytes = small_file(&size);
    static const char before[] = "{\"__metadata__\":{\"cotangent.digest\":\"";
    assert_memory_equal(bytes + 8, before, sizeof before - 1);
    unsigned char *at = bytes + 8 + sizeof before - 1;
    memcpy(digits, at, CT_DIGEST_LENGTH);
    assert_true(ct_digest_is_text(digits));
    memset(at + name, '0', CT_DIGEST_LENGTH - name);
    assert_string_equal(text_of(bytes, size), digits);
    free(bytes);
}

static void test_what_is_wrong_is_said(void **state)
{
    (void)state;
    size_t size;
    ct_error err;
    unsigned char *bytes = small_file(&size);
    bytes[size - 1] ^= 1;
    support_write_file(support_temp_path("flipped"), bytes, size);
    assert_null(ct_archive_read(support_temp_path("flipped"), &err));
    assert_error(&err, CT_E_FORMAT, "flipped: damaged: its bytes have the digest crc32+adler32:");
    bytes[size - 1] ^= 1;
    memcpy(strstr((char *)bytes + 8, "crc32+"), "crc31+", 6);
    support_write_file(support_temp_path("flipped"), bytes, size);
    assert_null(ct_archive_read(support_temp_path("flipped"), &err));
    assert_error(&err, CT_E_FORMAT, "the digest is 'crc31+adler32:");
    free(bytes);
}

/* A file without a digest is read, and says that it has none. */
static void test_files_of_others_need_none(void **state)
{
    (void)state;
    ct_error err;
    static const char json[] = "{\"__metadata__\":{\"k\":\"v\"},"
                               "\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}";
    unsigned char bytes[8 + sizeof json] = {sizeof json - 1};
    memcpy(bytes + 8, json, sizeof json);
    support_write_file(support_temp_path("foreign"), bytes, sizeof bytes);
    ct_archive *a = ct_archive_read(support_temp_path("foreign"), &err);
    assert_ok(a, &err);
    assert_false(ct_archive_has_digest(a));
    assert_ok(ct_archive_write(a, support_temp_path("own"), &err), &err);
    ct_archive_free(a);
    a = ct_archive_read(support_temp_path("own"), &err);
    assert_ok(a, &err);
    assert_true(ct_archive_has_digest(a));
    assert_null(ct_archive_meta(a, "cotangent.digest"));
    assert_string_equal(ct_archive_meta(a, "k"), "v");
    assert_false(ct_archive_set_meta(a, "cotangent.digest", "x", &err));
    assert_error(&err, CT_E_NAME, "'cotangent.digest'");
    ct_archive_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_values),
        cmocka_unit_test(test_pieces_give_what_the_whole_gives),
        cmocka_unit_test(test_texts_are_told_from_others),
        temp_unit_test(test_no_bit_can_change),
        temp_unit_test(test_no_run_of_bytes_can_change),
        temp_unit_test(test_no_other_length_is_read),
        temp_unit_test(test_the_digest_is_of_all_bytes),
        temp_unit_test(test_what_is_wrong_is_said),
        temp_unit_test(test_files_of_others_need_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
