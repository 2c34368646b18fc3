/* SPDX-License-Identifier: MIT */
/* Valid files cut at every length and changed at every byte: a reader gives an error or a sound tensor, nothing else. */
#include "memory_limit.h"
#include "support.h"

#include <cotangent/files.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

/* Reads `path`; whether that gave something. What it gave is read through to its last byte. */
typedef bool (*reader)(const char *path, ct_error *err);

static bool sound(ct_tensor *t)
{
    if (!t)
        return false;
    assert_true(ct_shape_check(ct_tensor_shape(t), NULL));
    const unsigned char *bytes = ct_tensor_data(t);
    unsigned char *copy = malloc(ct_tensor_bytes(t) + 1);
    assert_non_null(copy);
    memcpy(copy, bytes, ct_tensor_bytes(t));
    free(copy);
    return true;
}

static bool read_npy(const char *path, ct_error *err)
{
    ct_tensor *t = ct_npy_read(path, err);
    bool ok = sound(t);
    ct_tensor_free(t);
    return ok;
}

static bool read_idx(const char *path, ct_error *err)
{
    ct_tensor *t = ct_idx_read(path, err);
    bool ok = sound(t);
    ct_tensor_free(t);
    return ok;
}

static bool read_image(const char *path, ct_error *err)
{
    ct_tensor *t = ct_image_read(path, 0, 0, err);
    bool ok = sound(t);
    ct_tensor_free(t);
    return ok;
}

static bool read_safetensors(const char *path, ct_error *err)
{
    ct_archive *a = ct_archive_read(path, err);
    for (int64_t i = 0; a && i < ct_archive_count(a); i++)
        assert_true(sound(ct_archive_tensor(a, i)));
    ct_archive_free(a);
    return a != NULL;
}

static bool read_bytes(reader read, const unsigned char *bytes, size_t size)
{
    const char *path = support_temp_path("damaged");
    ct_error err = {CT_OK, ""};
    support_write_file(path, bytes, size);
    bool ok = read(path, &err);
    if (!ok) {
        assert_int_not_equal(err.code, CT_OK);
        assert_non_null(strstr(err.message, "damaged"));
    }
    assert_int_equal(read(path, NULL), ok);
    return ok;
}

static void cut_everywhere(reader read, const unsigned char *bytes, size_t size)
{
    for (size_t length = 0; length < size; length++)
        if (read_bytes(read, bytes, length))
            fail_msg("%zu of %zu bytes were read as a whole file", length, size);
}

static void change_everywhere(reader read, unsigned char *bytes, size_t size)
{
    static const unsigned char replacements[] = {0, 0xFF, 0x7F, '"', '0', '9', ' ', '}', '\\'};
    for (size_t i = 0; i < size; i++) {
        const unsigned char kept = bytes[i];
        for (size_t k = 0; k < sizeof replacements; k++) {
            bytes[i] = replacements[k];
            read_bytes(read, bytes, size);
        }
        bytes[i] = kept ^ 1;
        read_bytes(read, bytes, size);
        bytes[i] = kept;
    }
}

/* Several changes at once, with bytes moved about. */
static void shuffle(reader read, const unsigned char *bytes, size_t size, support_rng *rng)
{
    unsigned char *changed = malloc(size);
    assert_non_null(changed);
    for (int trial = 0; trial < 300; trial++) {
        memcpy(changed, bytes, size);
        for (int64_t n = 1 + support_below(rng, 4); n > 0; n--) {
            size_t from = (size_t)support_below(rng, (int64_t)size), to = (size_t)support_below(rng, (int64_t)size);
            size_t count = (size_t)support_below(rng, 1 + (int64_t)(size - (from > to ? from : to)));
            memmove(changed + to, changed + from, count < 12 ? count : 12);
            changed[to] = (unsigned char)support_bits(rng);
        }
        read_bytes(read, changed, size);
    }
    free(changed);
}

/* Damages the file `name` in every way; it is sound as it is. */
static void damage(reader read, const char *name)
{
    size_t size;
    support_rng rng = {42};
    unsigned char *bytes = support_read_file(support_temp_path(name), &size);
    assert_true(read_bytes(read, bytes, size));
    cut_everywhere(read, bytes, size);
    change_everywhere(read, bytes, size);
    shuffle(read, bytes, size, &rng);
    free(bytes);
}

static void test_damaged_npy(void **state)
{
    (void)state;
    support_rng rng = {1};
    ct_tensor *t = support_tensor(CT_I32, CT_SHAPE(2, 3), &rng, 0, 9);
    assert_true(ct_npy_write(support_temp_path("t.npy"), t, NULL));
    damage(read_npy, "t.npy");
    ct_tensor_free(t);
}

static void test_damaged_safetensors(void **state)
{
    (void)state;
    support_rng rng = {2};
    ct_archive *a = ct_archive_new(NULL);
    ct_tensor *t = support_tensor(CT_F64, CT_SHAPE(1, 2), &rng, 0, 9), *u = support_tensor(CT_U8, CT_SHAPE(3), &rng, 0, 9);
    assert_true(ct_archive_add(a, "a\"\xC3\xA9", t, NULL) && ct_archive_add(a, "b", u, NULL));
    assert_true(ct_archive_set_meta(a, "k\n", "v", NULL));
    assert_true(ct_archive_write(a, support_temp_path("a.safetensors"), NULL));
    damage(read_safetensors, "a.safetensors");
    ct_archive_free(a);
    ct_tensor_free(t);
    ct_tensor_free(u);
}

static void test_damaged_idx(void **state)
{
    (void)state;
    const unsigned char idx[] = {0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 0, 1, 2, 3, 4, 5};
    support_write_file(support_temp_path("plain"), idx, sizeof idx);
    damage(read_idx, "plain");
    gzFile file = gzopen(support_temp_path("packed.gz"), "wb");
    assert_int_equal(gzwrite(file, idx, sizeof idx), sizeof idx);
    assert_int_equal(gzclose(file), Z_OK);
    damage(read_idx, "packed.gz");
}

static void test_damaged_png(void **state)
{
    (void)state;
    support_rng rng = {3};
    ct_tensor *t = support_tensor(CT_U8, CT_SHAPE(3, 4, 3), &rng, 0, 256);
    assert_true(ct_png_write(support_temp_path("t.png"), t, NULL));
    damage(read_image, "t.png");
    ct_tensor_free(t);
}

/* Headers that claim far more than there is are refused for what they are, not for want of memory. */
static bool claims_are_refused(void *context)
{
    (void)context;
    static const struct { reader read; const char *bytes; size_t size; } claims[] = {
        {read_idx, "\0\0\x08\3\0\0\x40\0\0\0\x40\0\0\0\x08\0", 16},  /* 16,384 x 16,384 x 2,048 */
        {read_idx, "\0\0\x08\1\0\0\x40\0", 8},                            /* 16,384 times more than there is */
        {read_npy, "\x93NUMPY\1\0\x48\0{'descr': '<f8', 'fortran_order': True, 'shape': (100000, 100000), }     \n", 82},
        {read_npy, "\x93NUMPY\2\0\xFF\xFF\xFF\x7F{", 13},
        {read_safetensors, "\0\0\0\4\0\0\0\0{}", 10},
        {read_safetensors, "\x48\0\0\0\0\0\0\0{\"a\":{\"dtype\":\"F64\",\"shape\":[100000,100000],"
                           "\"data_offsets\":[0,80000000000]}}", 80},
    };
    bool ok = true;
    for (size_t i = 0; i < sizeof claims / sizeof *claims; i++) {
        ct_error err = {CT_OK, ""};
        support_write_file(support_temp_path("damaged"), claims[i].bytes, claims[i].size);
        ok = !claims[i].read(support_temp_path("damaged"), &err) && (err.code == CT_E_FORMAT || err.code == CT_E_SHAPE) && ok;
    }
    return ok;
}

static void test_claims_take_no_memory(void **state)
{
    (void)state;
    support_within_memory(16 << 20, claims_are_refused, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        temp_unit_test(test_damaged_npy),
        temp_unit_test(test_damaged_safetensors),
        temp_unit_test(test_damaged_idx),
        temp_unit_test(test_damaged_png),
        temp_unit_test(test_claims_take_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
