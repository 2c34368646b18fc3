/* SPDX-License-Identifier: MIT */
/* Makes PNG files of every kind for tests from numbers for their pixels, by an encoder that shares nothing with the
 * reader. */
#ifndef PNG_MAKER_H
#define PNG_MAKER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

typedef struct png_kind {
    int width, height, colour, depth;
    bool interlaced, transparent;
    int filter;  /* 0 to 4; 5 for each in turn */
} png_kind;

/* Bytes that grow up to a fixed room, enough for the tests' images. */
enum { PNG_ROOM = 1 << 16 };
typedef struct png_bytes {
    size_t size;
    unsigned char data[PNG_ROOM];
} png_bytes;

static inline int png_samples(int colour)
{
    return colour == 2 ? 3 : colour == 4 ? 2 : colour == 6 ? 4 : 1;
}

/* A number for each sample that looks like noise. An index is one of the palette's 2^depth - 1 colours. */
static inline unsigned png_sample(const png_kind *k, int x, int y, int c)
{
    uint32_t h = (uint32_t)x * 73856093u ^ (uint32_t)y * 19349663u ^ (uint32_t)(c + 1) * 83492791u;
    h = (h ^ h >> 13) * 0x5bd1e995u;
    unsigned all = 1u << k->depth;
    return (h >> 15) % (k->colour == 3 ? all - 1 : all);
}

/* Colour i of the palette; part 3 is its alpha. */
static inline unsigned char png_colour(int i, int part)
{
    return (unsigned char)(37 * i + 91 * part + 5);
}

static inline int png_colours(const png_kind *k)
{
    return (1 << k->depth) - 1;
}

/* What reading has to give for channel c of the file's own channels. */
static inline int png_expected(const png_kind *k, int x, int y, int c)
{
    int own = png_samples(k->colour);
    if (k->colour == 3) {
        int i = (int)png_sample(k, x, y, 0);
        return c < 3 || i <= png_colours(k) / 2 ? png_colour(i, c) : 255;
    }
    if (c == own) { /* transparent is what looks like the first pixel */
        for (int i = 0; i < own; i++)
            if (png_sample(k, x, y, i) != png_sample(k, 0, 0, i))
                return 255;
        return 0;
    }
    unsigned v = png_sample(k, x, y, c);
    return (int)(k->depth == 16 ? v >> 8 : k->depth == 8 ? v : v * 255 / ((1u << k->depth) - 1));
}

static inline void png_put(png_bytes *to, const void *bytes, size_t size)
{
    if (size > PNG_ROOM - to->size)
        abort();
    if (size > 0)
        memcpy(to->data + to->size, bytes, size);
    to->size += size;
}

static inline void png_put_number(png_bytes *to, uint32_t x)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        png_put(to, &(unsigned char){(unsigned char)(x >> shift)}, 1);
}

static inline void png_put_chunk(png_bytes *to, const char *type, const void *data, size_t size)
{
    png_put_number(to, (uint32_t)size);
    size_t start = to->size;
    png_put(to, type, 4);
    png_put(to, data, size);
    png_put_number(to, (uint32_t)crc32(0, to->data + start, (uInt)(size + 4)));
}

/* Samples of the row of the pixels x0, x0 + dx, ... of line y, packed. */
static inline size_t png_pack(const png_kind *k, int y, int x0, int dx, unsigned char *row)
{
    size_t bits = 0;
    memset(row, 0, 1024);
    for (int x = x0; x < k->width; x += dx)
        for (int c = 0; c < png_samples(k->colour); c++, bits += (size_t)k->depth) {
            unsigned v = png_sample(k, x, y, c);
            if (k->depth == 16)
                row[bits / 8] = (unsigned char)(v >> 8), row[bits / 8 + 1] = (unsigned char)v;
            else
                row[bits / 8] |= (unsigned char)(v << (8 - k->depth - (int)(bits % 8)));
        }
    return (bits + 7) / 8;
}

static inline int png_paeth(int a, int b, int c)
{
    int p = a + b - c, pa = abs(p - a), pb = abs(p - b), pc = abs(p - c);
    return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
}

static inline void png_put_row(png_bytes *to, int filter, const unsigned char *row, const unsigned char *above,
                               size_t size, size_t pixel)
{
    png_put(to, &(unsigned char){(unsigned char)filter}, 1);
    for (size_t i = 0; i < size; i++) {
        int left = i >= pixel ? row[i - pixel] : 0, up = above[i], corner = i >= pixel ? above[i - pixel] : 0;
        const int guess[5] = {0, left, up, (left + up) / 2, png_paeth(left, up, corner)};
        png_put(to, &(unsigned char){(unsigned char)(row[i] - guess[filter])}, 1);
    }
}

static inline void png_put_pass(png_bytes *to, const png_kind *k, int x0, int y0, int dx, int dy)
{
    unsigned char rows[2][1024] = {{0}, {0}};
    size_t pixel = (size_t)(png_samples(k->colour) * k->depth + 7) / 8;
    for (int y = y0, n = 0; y < k->height && x0 < k->width; y += dy, n++) {
        size_t size = png_pack(k, y, x0, dx, rows[n % 2]);
        png_put_row(to, k->filter == 5 ? n % 5 : k->filter, rows[n % 2], rows[(n + 1) % 2], size, pixel);
    }
}

/* The rows as they are compressed. */
static inline void png_rows_of(const png_kind *k, png_bytes *rows)
{
    static const int adam7[7][4] = {{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4},
                                    {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}};
    rows->size = 0;
    if (!k->interlaced)
        png_put_pass(rows, k, 0, 0, 1, 1);
    for (int i = 0; i < 7 && k->interlaced; i++)
        png_put_pass(rows, k, adam7[i][0], adam7[i][1], adam7[i][2], adam7[i][3]);
}

static inline void png_put_head(png_bytes *to, const png_kind *k)
{
    to->size = 0;
    png_put(to, "\x89PNG\r\n\x1A\n", 8);
    png_bytes head = {.size = 0};
    png_put_number(&head, (uint32_t)k->width);
    png_put_number(&head, (uint32_t)k->height);
    png_put(&head, (unsigned char[]){(unsigned char)k->depth, (unsigned char)k->colour, 0, 0, k->interlaced}, 5);
    png_put_chunk(to, "IHDR", head.data, head.size);
}

static inline void png_put_colours(png_bytes *to, const png_kind *k)
{
    png_bytes palette = {.size = 0}, alpha = {.size = 0};
    for (int i = 0; k->colour == 3 && i < png_colours(k); i++)
        for (int part = 0; part < 3; part++)
            png_put(&palette, &(unsigned char){png_colour(i, part)}, 1);
    for (int i = 0; k->colour == 3 && i <= png_colours(k) / 2; i++)
        png_put(&alpha, &(unsigned char){png_colour(i, 3)}, 1);
    for (int c = 0; k->colour != 3 && c < png_samples(k->colour); c++) {
        unsigned v = png_sample(k, 0, 0, c);
        png_put(&alpha, (unsigned char[]){(unsigned char)(v >> 8), (unsigned char)v}, 2);
    }
    if (palette.size > 0)
        png_put_chunk(to, "PLTE", palette.data, palette.size);
    if (k->transparent)
        png_put_chunk(to, "tRNS", alpha.data, alpha.size);
}

/* `bytes` compressed, in several IDAT chunks. */
static inline void png_put_data(png_bytes *to, const png_bytes *rows, size_t piece)
{
    static unsigned char packed[PNG_ROOM];
    uLongf size = sizeof packed;
    if (compress2(packed, &size, rows->data, (uLong)rows->size, 6) != Z_OK)
        abort();
    for (size_t at = 0; at < size; at += piece)
        png_put_chunk(to, "IDAT", packed + at, size - at < piece ? size - at : piece);
}

/* The whole file, with a text chunk that readers need not know. */
static inline void png_make(png_bytes *to, const png_kind *k)
{
    png_bytes rows = {.size = 0};
    png_rows_of(k, &rows);
    png_put_head(to, k);
    png_put_chunk(to, "tEXt", "Title\0made", 10);
    png_put_colours(to, k);
    png_put_data(to, &rows, 50);
    png_put_chunk(to, "IEND", NULL, 0);
}

#endif
