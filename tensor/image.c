/* SPDX-License-Identifier: MIT */
/* Images as uint8 [height, width, channels]: PNG files, checked here, then decoded by stb_image; written by
 * stb_image_write. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "file_reader.h"
#include "file_writer.h"
#include "png.h"

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

/* --- reading ------------------------------------------------------------------------------------------------------ */

/* stb_image gets a file of our own making: the header, which has been checked, as that of a grey image where there is a
 * palette (its indices are then the levels of grey); tRNS; and the inflated rows in stored blocks. It undoes filters and
 * passes and widens samples; no stranger's compressed data, chunks or palettes reach it. */
typedef struct bare_png {
    unsigned char *bytes;
    size_t size;
} bare_png;

static void put(bare_png *to, const void *bytes, size_t size)
{
    memcpy(to->bytes + to->size, bytes, size);
    to->size += size;
}

/* stb_image does not look at CRCs. */
static void put_chunk(bare_png *to, const char *type, const void *data, size_t size)
{
    const unsigned char length[4] = {(unsigned char)(size >> 24), (unsigned char)(size >> 16),
                                     (unsigned char)(size >> 8), (unsigned char)size};
    put(to, length, 4);
    put(to, type, 4);
    put(to, data, size);
    put(to, "\0\0\0", 4);
}

static void put_header(bare_png *to, const ct_png *p)
{
    uint32_t w = (uint32_t)p->width, h = (uint32_t)p->height;
    int colour = p->colour == CT_PNG_PALETTE ? CT_PNG_GREY : p->colour;
    const unsigned char header[13] = {
        (unsigned char)(w >> 24), (unsigned char)(w >> 16), (unsigned char)(w >> 8), (unsigned char)w,
        (unsigned char)(h >> 24), (unsigned char)(h >> 16), (unsigned char)(h >> 8), (unsigned char)h,
        (unsigned char)p->depth, (unsigned char)colour, 0, 0, p->interlaced,
    };
    put(to, "\x89PNG\r\n\x1A\n", 8);
    put_chunk(to, "IHDR", header, sizeof header);
    if (p->transparency && p->colour != CT_PNG_PALETTE)
        put_chunk(to, "tRNS", p->transparency, (size_t)p->transparency_size);
}

static bool put_rows(bare_png *to, const ct_png *p, ct_error *err)
{
    size_t size;
    unsigned char *rows = ct_png_rows(p, &size, err);
    if (!rows)
        return false;
    uLongf length = compressBound((uLong)size);
    unsigned char *stored = malloc(length);
    to->bytes = stored ? malloc(length + 256) : NULL;
    bool ok = to->bytes && compress2(stored, &length, rows, (uLong)size, Z_NO_COMPRESSION) == Z_OK;
    if (ok) {
        put_header(to, p);
        put_chunk(to, "IDAT", stored, length);
        put_chunk(to, "IEND", "", 0);
    }
    free(stored);
    free(rows);
    return ok || ct_fail(err, CT_E_MEMORY, "no memory to decode %zu bytes of pixels", size);
}

/* The pixels as stb_image has them, and how many channels they have; indices where there is a palette. */
static unsigned char *decode_bare(const ct_png *p, int channels, int *own, ct_error *err)
{
    int width, height;
    bare_png bare = {NULL, 0};
    unsigned char *pixels = NULL;
    if (put_rows(&bare, p, err)) {
        pixels = stbi_load_from_memory(bare.bytes, (int)bare.size, &width, &height, own, channels);
        const char *why = pixels ? NULL : stbi_failure_reason();
        if (!pixels)
            ct_fail(err, why && strcmp(why, "outofmem") == 0 ? CT_E_MEMORY : CT_E_FORMAT, "its pixels: %s",
                    why ? why : "not understood");
    }
    free(bare.bytes);
    return pixels;
}

static ct_tensor *decode_plain(const ct_png *p, int channels, ct_error *err)
{
    int own;
    unsigned char *pixels = decode_bare(p, channels, &own, err);
    if (!pixels)
        return NULL;
    ct_tensor *t = ct_tensor_from(CT_U8, CT_SHAPE(p->height, p->width, channels ? channels : own), pixels, err);
    stbi_image_free(pixels);
    return t;
}

/* Colour number i of the palette; grey is the luma that stb_image makes of colours. */
static void colour_at(const ct_png *p, int i, int channels, unsigned char out[4])
{
    const unsigned char *c = p->palette + 3 * i;
    unsigned char alpha = i < p->transparency_size ? p->transparency[i] : 255;
    if (channels < 3) {
        out[0] = (unsigned char)((77 * c[0] + 150 * c[1] + 29 * c[2]) >> 8);
        out[1] = alpha;
        return;
    }
    memcpy(out, c, 3);
    out[3] = alpha;
}

/* Samples of fewer than 8 bits come as levels of grey from 0 to 255: what one step of the index is worth. */
static bool look_up(const ct_png *p, const unsigned char *grey, int channels, unsigned char *to, ct_error *err)
{
    int worth = p->depth < 8 ? 255 / ((1 << p->depth) - 1) : 1;
    unsigned char colour[4];
    for (int64_t i = 0; i < p->width * p->height; i++) {
        int index = grey[i] / worth;
        if (index >= p->colours)
            return ct_fail(err, CT_E_FORMAT, "pixel %lld has colour %d of a palette of %d", (long long)i, index,
                           p->colours);
        colour_at(p, index, channels, colour);
        memcpy(to + i * channels, colour, (size_t)channels);
    }
    return true;
}

static ct_tensor *decode_palette(const ct_png *p, int channels, ct_error *err)
{
    int own, wanted = channels ? channels : p->transparency ? 4 : 3;
    unsigned char *grey = decode_bare(p, 1, &own, err);
    ct_tensor *t = grey ? ct_tensor_new(CT_U8, CT_SHAPE(p->height, p->width, wanted), err) : NULL;
    bool ok = t && look_up(p, grey, wanted, ct_tensor_data(t), err);
    stbi_image_free(grey);
    if (ok)
        return t;
    ct_tensor_free(t);
    return NULL;
}

static ct_tensor *decode(const unsigned char *bytes, size_t size, int channels, int64_t max_pixels, ct_error *err)
{
    ct_png p;
    if (!ct_png_parse(&p, bytes, size, max_pixels, err))
        return NULL;
    return p.colour == CT_PNG_PALETTE ? decode_palette(&p, channels, err) : decode_plain(&p, channels, err);
}

ct_tensor *ct_image_read(const char *path, int channels, int64_t max_pixels, ct_error *err)
{
    size_t size;
    if (channels < 0 || channels > 4 || max_pixels < 0) {
        ct_fail(err, CT_E_ARGUMENT, "%s: %d channels asked for, expected 0 to 4; at most %lld pixels, expected 0 or more",
                path, channels, (long long)max_pixels);
        return NULL;
    }
    unsigned char *bytes = ct_file_read(path, INT_MAX, &size, err);
    ct_tensor *t = bytes ? decode(bytes, size, channels, max_pixels ? max_pixels : CT_IMAGE_PIXELS, err) : NULL;
    if (bytes && !t)
        ct_fail_prefix(err, "%s: not a PNG that can be read", path);
    free(bytes);
    return t;
}

/* --- writing ------------------------------------------------------------------------------------------------------ */

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
