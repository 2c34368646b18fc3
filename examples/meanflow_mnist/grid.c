/* SPDX-License-Identifier: MIT */
/* A grid of images in one picture. */
#include "grid.h"

enum { MARGIN = 4, GREY = 96 };

/* [-1, 1] to 0..255, rounded; what lies outside is cut off. */
static uint8_t byte_of(float x)
{
    float level = (x + 1) * 127.5f + 0.5f;
    return level >= 255 ? 255 : level > 0 ? (uint8_t)level : 0;
}

/* One image, [channels, size, size], with its corner at (top, left) of a picture [height, width, channels]. */
static void put_image(uint8_t *picture, int64_t width, int64_t top, int64_t left, const float *image, int64_t channels,
                      int64_t size)
{
    for (int64_t c = 0; c < channels; c++)
        for (int64_t y = 0; y < size; y++)
            for (int64_t x = 0; x < size; x++)
                picture[((top + y) * width + left + x) * channels + c] = byte_of(*image++);
}

static void put_images(ct_tensor *picture, const ct_tensor *x, int64_t rows)
{
    ct_shape shape = ct_tensor_shape(x);
    int64_t columns = shape.dim[0] / rows, channels = shape.dim[1], size = shape.dim[2], cell = size + MARGIN;
    const float *image = ct_tensor_data(x);
    for (int64_t i = 0; i < shape.dim[0]; i++, image += channels * size * size)
        put_image(ct_tensor_data(picture), ct_tensor_shape(picture).dim[1], MARGIN + i / columns * cell,
                  MARGIN + i % columns * cell, image, channels, size);
}

bool grid_write(const char *path, ct_tensor *x, int64_t rows, ct_error *err)
{
    ct_shape shape = ct_tensor_shape(x);
    int64_t columns = shape.dim[0] / rows, cell = shape.dim[2] + MARGIN;
    ct_tensor *picture = ct_tensor_new(CT_U8, CT_SHAPE(rows * cell + MARGIN, columns * cell + MARGIN, shape.dim[1]), err);
    if (!picture)
        return false;
    ct_tensor_fill(picture, GREY);
    put_images(picture, x, rows);
    bool ok = ct_png_write(path, picture, err);
    ct_tensor_free(picture);
    return ok;
}
