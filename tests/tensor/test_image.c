/* SPDX-License-Identifier: MIT */
/* PNG images: round trips and refusals. */
#include "support.h"

#include <cotangent/files.h>
#include <string.h>

static ct_tensor *random_image(int64_t height, int64_t width, int64_t channels)
{
    support_rng rng = {(uint64_t)(height * 1000 + width * 10 + channels)};
    return support_tensor(CT_U8, CT_SHAPE(height, width, channels), &rng, 0, 256);
}

static void round_trip(ct_tensor *image)
{
    ct_error err;
    assert_ok(ct_png_write(support_temp_path("image.png"), image, &err), &err);
    ct_tensor *back = ct_image_read(support_temp_path("image.png"), 0, 0, &err);
    assert_ok(back, &err);
    assert_tensors_close(back, image, 0);
    ct_tensor_free(back);
}

static void test_png_is_lossless(void **state)
{
    (void)state;
    for (int64_t channels = 1; channels <= 4; channels++)
        for (int64_t size = 1; size <= 61; size += 20) {
            ct_tensor *image = random_image(size, 1 + size / 2, channels);
            round_trip(image);
            ct_tensor_free(image);
        }
}

static void test_strided_images_are_written_as_they_look(void **state)
{
    (void)state;
    ct_tensor *image = random_image(3, 8, 6);
    ct_tensor *turned = ct_tensor_permute(image, CT_AXES(1, 2, 0), NULL);
    ct_tensor *part = ct_tensor_slice(turned, 0, 1, 8, 2, NULL);
    round_trip(part);
    ct_tensor_free(part);
    ct_tensor_free(turned);
    ct_tensor_free(image);
}

/* A grey image read as colour has three equal channels. */
static void test_channels_are_converted(void **state)
{
    (void)state;
    ct_error err;
    ct_tensor *grey = random_image(4, 5, 1);
    assert_ok(ct_png_write(support_temp_path("grey.png"), grey, &err), &err);
    ct_tensor *colour = ct_image_read(support_temp_path("grey.png"), 3, 0, &err);
    ct_tensor *expected = ct_tensor_broadcast(grey, CT_SHAPE(4, 5, 3), &err);
    assert_ok(colour && expected, &err);
    assert_tensors_close(colour, expected, 0);
    ct_tensor_free(colour);
    ct_tensor_free(expected);
    ct_tensor_free(grey);
}

static void refused(ct_tensor *image, ct_code code, const char *message)
{
    ct_error err = {CT_OK, ""};
    assert_false(ct_png_write(support_temp_path("refused.png"), image, &err));
    assert_error(&err, code, message);
    assert_null(ct_image_read(support_temp_path("refused.png"), 0, 0, &err));
    assert_error(&err, CT_E_IO, "No such file");
    ct_tensor_free(image);
}

static void test_what_is_no_image_is_not_written(void **state)
{
    (void)state;
    refused(ct_tensor_new(CT_F32, CT_SHAPE(2, 2, 1), NULL), CT_E_DTYPE, "an image of float32, expected uint8");
    refused(ct_tensor_new(CT_U8, CT_SHAPE(2, 2), NULL), CT_E_SHAPE, "[2, 2], expected [height, width, 1 to 4]");
    refused(ct_tensor_new(CT_U8, CT_SHAPE(2, 2, 5), NULL), CT_E_SHAPE, "[2, 2, 5]");
    refused(ct_tensor_new(CT_U8, CT_SHAPE(0, 2, 1), NULL), CT_E_SHAPE, "[0, 2, 1]");
}

static void test_a_huge_image_is_not_written(void **state)
{
    (void)state;
    ct_tensor *pixel = ct_tensor_new(CT_U8, CT_SHAPE(1, 1, 1), NULL);
    refused(ct_tensor_broadcast(pixel, CT_SHAPE(1 << 15, 1 << 15, 1), NULL), CT_E_SHAPE, "less than 2^29 bytes");
    ct_tensor_free(pixel);
}

static void test_what_is_no_image_is_not_read(void **state)
{
    (void)state;
    ct_error err;
    support_write_file(support_temp_path("text.png"), "a text", 6);
    assert_null(ct_image_read(support_temp_path("text.png"), 0, 0, &err));
    assert_error(&err, CT_E_FORMAT, "text.png: not a PNG that can be read: does not begin as a PNG does");
    assert_null(ct_image_read(support_temp_path("text.png"), 5, 0, &err));
    assert_error(&err, CT_E_ARGUMENT, "5 channels asked for, expected 0 to 4");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        temp_unit_test(test_png_is_lossless),
        temp_unit_test(test_strided_images_are_written_as_they_look),
        temp_unit_test(test_channels_are_converted),
        temp_unit_test(test_what_is_no_image_is_not_written),
        temp_unit_test(test_a_huge_image_is_not_written),
        temp_unit_test(test_what_is_no_image_is_not_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
