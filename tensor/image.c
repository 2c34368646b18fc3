/* Images as uint8 [height, width, channels]: read by stb_image, written as PNG by stb_image_write. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "file_reader.h"
#include "file_writer.h"

/* `data` as a zlib stream, malloc'd; NULL when out of memory. */
static unsigned char *ct_stb_compress(unsigned char *data, int length, int *compressed_length, int level)
{
    uLongf size = compressBound((uLong)length);
    unsigned char *compressed = malloc(size);
    if (compressed && compress2(compressed, &size, data, (uLong)length, level) != Z_OK) {
        free(compressed);
        return NULL;
    }
    *compressed_length = (int)size;
    return compressed;
}

#include "stb.h"

static ct_tensor *decode(const char *path, const unsigned char *bytes, size_t size, int channels, ct_error *err)
{
    int width, height, own;
    unsigned char *pixels = stbi_load_from_memory(bytes, (int)size, &width, &height, &own, channels);
    if (!pixels) {
        const char *why = stbi_failure_reason();
        bool memory = why && strcmp(why, "outofmem") == 0;
        ct_fail(err, memory ? CT_E_MEMORY : CT_E_FORMAT, "%s: not an image that can be read: %s", path,
                why ? why : "unknown format");
        return NULL;
    }
    ct_tensor *t = ct_tensor_from(CT_U8, CT_SHAPE(height, width, channels ? channels : own), pixels, err);
    stbi_image_free(pixels);
    return t;
}

ct_tensor *ct_image_read(const char *path, int channels, ct_error *err)
{
    size_t size;
    if (channels < 0 || channels > 4) {
        ct_fail(err, CT_E_ARGUMENT, "%s: %d channels asked for, expected 0 to 4", path, channels);
        return NULL;
    }
    unsigned char *bytes = ct_file_read(path, INT_MAX, &size, err);
    ct_tensor *t = bytes ? decode(path, bytes, size, channels, err) : NULL;
    free(bytes);
    return t;
}

/* stb_image_write counts bytes in ints. */
static bool check_image(const char *path, const ct_tensor *image, ct_error *err)
{
    const int64_t limit = 1 << 29;
    ct_shape s = ct_tensor_shape(image);
    if (ct_tensor_dtype(image) != CT_U8)
        return ct_fail(err, CT_E_DTYPE, "%s: an image of %s, expected uint8", path,
                       ct_dtype_name(ct_tensor_dtype(image)));
    if (s.rank != 3 || s.dim[2] < 1 || s.dim[2] > 4 || ct_shape_count(s) == 0)
        return ct_fail(err, CT_E_SHAPE, "%s: an image of shape %s, expected [height, width, 1 to 4]", path,
                       CT_SHAPE_TEXT(s));
    if (ct_shape_count(s) + s.dim[0] > limit)
        return ct_fail(err, CT_E_SHAPE, "%s: an image of shape %s, expected less than 2^29 bytes", path,
                       CT_SHAPE_TEXT(s));
    return true;
}

typedef struct png_sink {
    ct_file_writer *writer;
    ct_error *err;
    bool ok;
} png_sink;

static void write_png(void *context, void *data, int size)
{
    png_sink *sink = context;
    sink->ok = ct_file_writer_write(sink->writer, data, (size_t)size, sink->err);
}

static bool encode(const char *path, ct_file_writer *w, const ct_tensor *image, ct_error *err)
{
    ct_shape s = ct_tensor_shape(image);
    int height = (int)s.dim[0], width = (int)s.dim[1], channels = (int)s.dim[2];
    png_sink sink = {w, err, true};
    if (!stbi_write_png_to_func(write_png, &sink, width, height, channels, ct_tensor_data(image), width * channels))
        return ct_fail(err, CT_E_MEMORY, "%s: no memory to compress the image", path);
    return sink.ok;
}

bool ct_png_write(const char *path, const ct_tensor *image, ct_error *err)
{
    if (!check_image(path, image, err))
        return false;
    ct_tensor *packed = ct_tensor_cast(image, CT_U8, err);
    ct_file_writer *w = packed ? ct_file_writer_open(path, err) : NULL;
    bool ok = ct_file_writer_finish(w, w && encode(path, w, packed, err), err);
    ct_tensor_free(packed);
    return ok;
}
