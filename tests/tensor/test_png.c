/* SPDX-License-Identifier: MIT */
/* PNG files of all kinds are decoded to what they were made from. Damaged ones are refused with a reason, and none takes
 * memory that it has no claim to. */
#include "memory_limit.h"
#include "png_maker.h"
#include "support.h"

#include <cotangent/files.h>
#include <stdio.h>

static ct_tensor *read_bytes(const png_bytes *png, int channels, int64_t max_pixels, ct_error *err)
{
    support_write_file(support_temp_path("made.png"), png->data, png->size);
    return ct_image_read(support_temp_path("made.png"), channels, max_pixels, err);
}

/* --- what is right ------------------------------------------------------------------------------------------------ */

static void check_pixels(const png_kind *k, const ct_tensor *t, int channels)
{
    ct_shape s = ct_tensor_shape(t);
    assert_true(ct_shape_equal(s, CT_SHAPE(k->height, k->width, channels)));
    for (int64_t i = 0; i < ct_tensor_count(t); i++) {
        int c = (int)(i % channels), x = (int)(i / channels % k->width), y = (int)(i / channels / k->width);
        if ((int)ct_tensor_get(t, i) != png_expected(k, x, y, c))
            fail_msg("colour type %d, depth %d, interlaced %d, transparent %d, filter %d: "
                     "pixel (%d, %d), channel %d is %d, expected %d", k->colour, k->depth, k->interlaced, k->transparent,
                     k->filter, x, y, c, (int)ct_tensor_get(t, i), png_expected(k, x, y, c));
    }
}

static void check_kind(const png_kind *k)
{
    png_bytes png;
    ct_error err;
    int own = k->colour == 3 ? 3 : png_samples(k->colour), channels = own + k->transparent;
    png_make(&png, k);
    ct_tensor *t = read_bytes(&png, 0, 0, &err);
    assert_ok(t, &err);
    check_pixels(k, t, channels);
    ct_tensor_free(t);
}

static void for_all_kinds(void (*check)(const png_kind *k))
{
    static const int sizes[][2] = {{1, 1}, {3, 2}, {8, 8}, {9, 17}, {33, 5}};
    static const int kinds[][2] = {{0, 1}, {0, 2}, {0, 4}, {0, 8}, {0, 16}, {2, 8}, {2, 16}, {3, 1},
                                   {3, 2}, {3, 4}, {3, 8}, {4, 8}, {4, 16}, {6, 8}, {6, 16}};
    for (size_t s = 0; s < 5; s++)
        for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
            for (int bits = 0; bits < 4; bits++)
                for (int filter = 0; filter <= 5; filter++) {
                    png_kind k = {sizes[s][0], sizes[s][1], kinds[i][0], kinds[i][1], bits & 1, bits >> 1, filter};
                    if (!k.transparent || k.colour < 4)
                        check(&k);
                }
}

static void test_all_kinds_are_decoded(void **state)
{
    (void)state;
    for_all_kinds(check_kind);
}

/* Colours of a palette are converted as those of pixels are. */
static void test_channels_of_a_palette(void **state)
{
    (void)state;
    ct_error err;
    png_bytes png;
    png_make(&png, &(png_kind){9, 7, 3, 4, .transparent = true});
    ct_tensor *colours = read_bytes(&png, 0, 0, &err);
    assert_ok(colours, &err);
    assert_ok(ct_png_write(support_temp_path("plain.png"), colours, &err), &err);
    for (int channels = 1; channels <= 4; channels++) {
        ct_tensor *a = read_bytes(&png, channels, 0, &err);
        ct_tensor *b = ct_image_read(support_temp_path("plain.png"), channels, 0, &err);
        assert_ok(a && b, &err);
        assert_tensors_close(a, b, 0);
        ct_tensor_free(a);
        ct_tensor_free(b);
    }
    ct_tensor_free(colours);
}

/* --- what is wrong ------------------------------------------------------------------------------------------------ */

static void refused(const png_bytes *png, const char *message)
{
    ct_error err = {CT_OK, ""};
    assert_null(read_bytes(png, 0, 0, &err));
    assert_error(&err, CT_E_FORMAT, message);
    assert_non_null(strstr(err.message, "made.png: not a PNG that can be read: "));
}

static const png_kind grey = {5, 4, 0, 8, .filter = 5}, indexed = {5, 4, 3, 2, .filter = 0};

/* A file whose header says something else than its rows; CRCs are right. */
static void refused_header(int at, unsigned char value, const char *message)
{
    png_bytes png;
    png_make(&png, &grey);
    png.data[8 + 8 + at] = value;
    uint32_t crc = (uint32_t)crc32(0, png.data + 12, 4 + 13);
    for (int i = 0; i < 4; i++)
        png.data[8 + 8 + 13 + i] = (unsigned char)(crc >> (24 - 8 * i));
    refused(&png, message);
}

static void test_headers_that_are_wrong(void **state)
{
    (void)state;
    static const unsigned char depths[] = {0, 3, 5, 9, 32, 99, 255}, colours[] = {1, 5, 7, 9, 255};
    for (size_t i = 0; i < sizeof depths; i++)
        refused_header(8, depths[i], "the bit depth is");
    for (size_t i = 0; i < sizeof colours; i++)
        refused_header(9, colours[i], "the colour type is");
    refused_header(9, 3, "IDAT without a PLTE");
    refused_header(10, 1, "compression 1, filter 0, interlace 0");
    refused_header(11, 64, "compression 0, filter 64, interlace 0");
    refused_header(12, 2, "compression 0, filter 0, interlace 2");
    refused_header(3, 0, "is 0 x 4 pixels");
    refused_header(7, 0, "is 5 x 0 pixels");
    refused_header(0, 0x80, "is 2147483653 x 4 pixels");
    refused_header(0, 0x7F, "expected at most 67108864 in all");
    refused_header(7, 5, "its pixels take 30 bytes, found 24");
    refused_header(7, 3, "its pixels take 18 bytes, found");
    refused_header(12, 1, "its pixels take");
}

static void test_signatures_that_are_wrong(void **state)
{
    (void)state;
    png_bytes png;
    for (int i = 0; i < 8; i++) {
        png_make(&png, &grey);
        png.data[i] ^= 0x20;
        refused(&png, "does not begin as a PNG does");
    }
}

/* Bytes of a made-up chunk: right for a palette of three colours, for the transparency of a grey image, and for IEND. */
static size_t made_up_size(const char *type)
{
    return strcmp(type, "IEND") == 0 ? 0 : strcmp(type, "tRNS") == 0 ? 2 : 9;
}

/* Builds a file of IHDR and the chunks "PLTE tRNS ..." in this order. A name with '!' behind it has nothing in it, one with
 * '+' a byte too many. */
static void refused_chunks(const png_kind *k, const char *order, const char *message)
{
    static const unsigned char data[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    png_bytes png, rows = {.size = 0};
    png_rows_of(k, &rows);
    png_put_head(&png, k);
    for (const char *name = order; *name; name += 5) {
        const char type[5] = {name[0], name[1], name[2], name[3], 0};
        if (strcmp(type, "IDAT") == 0 && name[4] != '!')
            png_put_data(&png, &rows, 1000);
        else
            png_put_chunk(&png, type, data, name[4] == '!' ? 0 : made_up_size(type) + (name[4] == '+'));
    }
    refused(&png, message);
}

static void test_chunks_that_are_wrong(void **state)
{
    (void)state;
    refused_chunks(&grey, "IEND ", "there is no IDAT");
    refused_chunks(&grey, "IDAT ", "truncated: 0 bytes are left, expected a chunk, as far as IEND");
    refused_chunks(&grey, "IDAT IEND+", "1 bytes in IEND and 0 behind it");
    refused_chunks(&grey, "IDAT IEND IEND ", "0 bytes in IEND and 12 behind it");
    refused_chunks(&grey, "IDAT tEXt IDAT IEND ", "another chunk between those of IDAT");
    refused_chunks(&grey, "IDAT!IEND ", "truncated or damaged after 0 bytes of 24");
    refused_chunks(&grey, "IDAT IDAT IEND ", "found more than 24");
    refused_chunks(&grey, "IHDR IDAT IEND ", "chunk IHDR is not known here, or is there twice");
    refused_chunks(&grey, "ABCD IDAT IEND ", "chunk ABCD is not known here");
    refused_chunks(&grey, "PLTE IDAT IEND ", "PLTE in a grey image");
    refused_chunks(&grey, "tRNS+IDAT IEND ", "tRNS has 3 bytes, expected 2");
    refused_chunks(&grey, "tRNS tRNS IDAT IEND ", "tRNS is out of place");
    refused_chunks(&grey, "IDAT tRNS IEND ", "tRNS is out of place");
    refused_chunks(&grey, "CgBI IDAT IEND ", "chunk CgBI is not known here");
    refused_chunks(&indexed, "IDAT IEND ", "IDAT without a PLTE");
    refused_chunks(&indexed, "tRNS PLTE IDAT IEND ", "tRNS is out of place");
    refused_chunks(&indexed, "PLTE PLTE IDAT IEND ", "PLTE is out of place");
    refused_chunks(&indexed, "IDAT PLTE IEND ", "IDAT without a PLTE");
    refused_chunks(&indexed, "PLTE!IDAT IEND ", "PLTE has 0 bytes");
    refused_chunks(&indexed, "PLTE+IDAT IEND ", "PLTE has 10 bytes, expected 3 for each of 1 to 4 colours");
    refused_chunks(&indexed, "PLTE tRNS!IDAT IEND ", "tRNS has 0 bytes, expected 1 to 3");
    refused_chunks(&(png_kind){5, 4, 6, 8, .filter = 0}, "tRNS IDAT IEND ", "tRNS is out of place");
    refused_chunks(&grey, "\x01\x02\x03\x04 ", "a chunk's type is 01020304, expected four letters");
}

/* Indices beyond the palette. */
static void test_a_palette_that_is_too_small(void **state)
{
    (void)state;
    png_bytes png, rows = {.size = 0};
    png_rows_of(&indexed, &rows);
    png_put_head(&png, &indexed);
    png_put_chunk(&png, "PLTE", "abc", 3);
    png_put_data(&png, &rows, 1000);
    png_put_chunk(&png, "IEND", NULL, 0);
    refused(&png, "of a palette of 1");
}

/* The data of a file with one IDAT are changed; its CRC is right again. */
static void refused_data(size_t from_end, unsigned char change, const char *message)
{
    png_bytes png, rows = {.size = 0};
    png_rows_of(&grey, &rows);
    png_put_head(&png, &grey);
    size_t start = png.size;
    png_put_data(&png, &rows, 1000);
    png.data[png.size - 5 - from_end] ^= change;
    uint32_t crc = (uint32_t)crc32(0, png.data + start + 4, (uInt)(png.size - start - 8));
    png.size -= 4;
    png_put_number(&png, crc);
    png_put_chunk(&png, "IEND", NULL, 0);
    refused(&png, message);
}

static void test_data_that_are_wrong(void **state)
{
    (void)state;
    for (size_t i = 0; i < 4; i++)
        refused_data(i, 1, "incorrect data check");
    png_bytes png, rows = {.size = 0};
    png_rows_of(&grey, &rows);
    rows.data[6] = 5; /* the second row's filter */
    png_put_head(&png, &grey);
    png_put_data(&png, &rows, 1000);
    png_put_chunk(&png, "IEND", NULL, 0);
    refused(&png, "invalid filter");
}

/* No bit of a file can change, and no byte can go or come, without its being refused. */
static void refuse_all_damage(const png_kind *k)
{
    png_bytes png;
    ct_error err;
    png_make(&png, k);
    for (size_t bit = 0; bit < 8 * png.size; bit++) {
        png.data[bit / 8] ^= (unsigned char)(1 << bit % 8);
        ct_tensor *t = read_bytes(&png, 0, 0, &err);
        if (t)
            fail_msg("bit %zu of byte %zu was changed, and the file was read", bit % 8, bit / 8);
        png.data[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    for (size_t whole = png.size, size = 0; size <= whole + 1; size++) {
        png.size = size;
        ct_tensor *t = read_bytes(&png, 0, 0, &err);
        assert_int_equal(t != NULL, size == whole);
        ct_tensor_free(t);
    }
}

static void test_no_bit_can_change(void **state)
{
    (void)state;
    refuse_all_damage(&(png_kind){9, 6, 3, 4, .interlaced = true, .transparent = true, .filter = 5});
    refuse_all_damage(&(png_kind){5, 4, 2, 8, .filter = 4});
}

/* --- sizes -------------------------------------------------------------------------------------------------------- */

/* 8,192 x 8,192 pixels in 150 bytes are refused without memory for them. */
static bool claims_are_refused(void *context)
{
    (void)context;
    ct_error err;
    png_bytes png, rows = {.size = 0};
    png_rows_of(&grey, &rows);
    png_put_head(&png, &(png_kind){8192, 8192, 6, 16, .filter = 0});
    png_put_data(&png, &rows, 1000);
    png_put_chunk(&png, "IEND", NULL, 0);
    ct_tensor *t = read_bytes(&png, 0, 0, &err);
    ct_tensor_free(t);
    return !t && err.code == CT_E_FORMAT && strstr(err.message, "do not fit in");
}

static void test_memory_is_bounded(void **state)
{
    (void)state;
    support_within_memory(16 << 20, claims_are_refused, NULL);
}

static void test_the_limit_is_an_argument(void **state)
{
    (void)state;
    png_bytes png;
    ct_error err;
    png_make(&png, &grey);
    assert_null(read_bytes(&png, 0, 19, &err));
    assert_error(&err, CT_E_FORMAT, "is 5 x 4 pixels, expected at most 19 in all");
    ct_tensor *t = read_bytes(&png, 0, 20, &err);
    assert_ok(t, &err);
    ct_tensor_free(t);
    assert_null(read_bytes(&png, 0, -1, &err));
    assert_error(&err, CT_E_ARGUMENT, "at most -1 pixels, expected 0 or more");
}

/* Other formats that begin as they should. */
static void test_other_formats_are_refused(void **state)
{
    (void)state;
    static const struct { const char *bytes; size_t size; } others[] = {
        {"\xFF\xD8\xFF\xE0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0", 20}, {"GIF89a\1\0\1\0\0\0\0;", 14},
        {"BM\x1E\0\0\0\0\0\0\0\x1A\0\0\0\x0C\0\0\0\1\0\1\0\1\0\x18\0\0\0\xFF\0", 30},
        {"\0\0\2\0\0\0\0\0\0\0\0\0\x40\x1F\x40\x1F\x20\0\0\0\0\0", 22},
        {"8BPS\0\1\0\0\0\0\0\0\0\3\0\0\0\1\0\0\0\1\0\x08\0\3", 26}, {"P6 1 1 255\nabc", 14},
        {"P5 1 1 255\na", 12}, {"#?RADIANCE\n\n-Y 1 +X 1\nabcd", 27}, {"\x53\x80\xF6\x34PICT", 8},
    };
    png_bytes file;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        file.size = 0;
        png_put(&file, others[i].bytes, others[i].size);
        refused(&file, "does not begin as a PNG does");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        temp_unit_test(test_all_kinds_are_decoded),
        temp_unit_test(test_channels_of_a_palette),
        temp_unit_test(test_headers_that_are_wrong),
        temp_unit_test(test_signatures_that_are_wrong),
        temp_unit_test(test_chunks_that_are_wrong),
        temp_unit_test(test_a_palette_that_is_too_small),
        temp_unit_test(test_data_that_are_wrong),
        temp_unit_test(test_no_bit_can_change),
        temp_unit_test(test_memory_is_bounded),
        temp_unit_test(test_the_limit_is_an_argument),
        temp_unit_test(test_other_formats_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
