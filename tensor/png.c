/* SPDX-License-Identifier: MIT */
/* The chunks of a PNG file: length, type, data, CRC. */
#include "png.h"

#include <string.h>
#include <zlib.h>

static const unsigned char signature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};

enum { IHDR_SIZE = 13, FRAME = 12 };  /* bytes of a chunk around its data */

typedef struct chunk {
    const unsigned char *data;
    int64_t size;
    char type[5];
} chunk;

/* Where reading is, and what has been seen. */
typedef struct reader {
    const unsigned char *at, *end;
    ct_png *png;
    bool header, after_data, finished;
    ct_error *err;
} reader;

static uint32_t number_at(const unsigned char *b)
{
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

/* --- one chunk ---------------------------------------------------------------------------------------------------- */

static bool is_type(const unsigned char *b)
{
    for (int i = 0; i < 4; i++)
        if (!((b[i] >= 'A' && b[i] <= 'Z') || (b[i] >= 'a' && b[i] <= 'z')))
            return false;
    return true;
}

static bool check_crc(const reader *r, const chunk *c)
{
    uint32_t expected = number_at(c->data + c->size);
    uint32_t found = (uint32_t)crc32_z(0, c->data - 4, (size_t)c->size + 4);
    return found == expected ||
           ct_fail(r->err, CT_E_FORMAT, "chunk %s: damaged: its CRC is %08lx, expected %08lx, which it carries", c->type,
                   (unsigned long)found, (unsigned long)expected);
}

static bool next_chunk(reader *r, chunk *c)
{
    int64_t left = r->end - r->at;
    if (left < FRAME)
        return ct_fail(r->err, CT_E_FORMAT, "truncated: %lld bytes are left, expected a chunk, as far as IEND",
                       (long long)left);
    if (!is_type(r->at + 4))
        return ct_fail(r->err, CT_E_FORMAT, "a chunk's type is %08lx, expected four letters",
                       (unsigned long)number_at(r->at + 4));
    *c = (chunk){.data = r->at + 8, .size = number_at(r->at)};
    memcpy(c->type, r->at + 4, 4);
    if (c->size > left - FRAME)
        return ct_fail(r->err, CT_E_FORMAT, "truncated: chunk %s has %lld bytes of data, of which %lld are there",
                       c->type, (long long)c->size, (long long)(left - FRAME));
    r->at += FRAME + c->size;
    return check_crc(r, c);
}

/* --- the chunks that matter --------------------------------------------------------------------------------------- */

/* The depths of a colour type, a bit each. */
static int depths_of(int colour)
{
    switch (colour) {
    case CT_PNG_GREY: return 1 | 2 | 4 | 8 | 16;
    case CT_PNG_PALETTE: return 1 | 2 | 4 | 8;
    case CT_PNG_RGB: case CT_PNG_GREY_ALPHA: case CT_PNG_RGB_ALPHA: return 8 | 16;
    default: return 0;
    }
}

static bool check_format(const reader *r, const unsigned char *b)
{
    int depth = b[8], colour = b[9], depths = depths_of(colour);
    if (!depths)
        return ct_fail(r->err, CT_E_FORMAT, "the colour type is %d, expected 0, 2, 3, 4 or 6", colour);
    if ((depth & (depth - 1)) != 0 || !(depth & depths))
        return ct_fail(r->err, CT_E_FORMAT, "the bit depth is %d, which colour type %d does not have", depth, colour);
    if (b[10] != 0 || b[11] != 0 || b[12] > 1)
        return ct_fail(r->err, CT_E_FORMAT, "compression %d, filter %d, interlace %d, expected 0, 0, and 0 or 1",
                       b[10], b[11], b[12]);
    return true;
}

static bool take_header(reader *r, const chunk *c, int64_t max_pixels)
{
    ct_png *p = r->png;
    if (strcmp(c->type, "IHDR") != 0 || c->size != IHDR_SIZE)
        return ct_fail(r->err, CT_E_FORMAT, "begins with a chunk %s of %lld bytes, expected IHDR of %d", c->type,
                       (long long)c->size, IHDR_SIZE);
    if (!check_format(r, c->data))
        return false;
    *p = (ct_png){.width = number_at(c->data), .height = number_at(c->data + 4), .depth = c->data[8],
                  .colour = c->data[9], .interlaced = c->data[12] == 1};
    if (p->width < 1 || p->height < 1 || p->width > INT32_MAX || p->height > INT32_MAX)
        return ct_fail(r->err, CT_E_FORMAT, "is %lld x %lld pixels, expected 1 to 2147483647 each way",
                       (long long)p->width, (long long)p->height);
    if (p->width > max_pixels / p->height)
        return ct_fail(r->err, CT_E_FORMAT, "is %lld x %lld pixels, expected at most %lld in all", (long long)p->width,
                       (long long)p->height, (long long)max_pixels);
    return true;
}

static bool take_palette(reader *r, const chunk *c)
{
    ct_png *p = r->png;
    if (p->palette || p->transparency || p->data)
        return ct_fail(r->err, CT_E_FORMAT, "PLTE is out of place, expected once, before tRNS and IDAT");
    if (p->colour == CT_PNG_GREY || p->colour == CT_PNG_GREY_ALPHA)
        return ct_fail(r->err, CT_E_FORMAT, "PLTE in a grey image, expected none");
    int64_t most = p->colour == CT_PNG_PALETTE ? 1 << p->depth : 256;
    if (c->size == 0 || c->size % 3 != 0 || c->size / 3 > most)
        return ct_fail(r->err, CT_E_FORMAT, "PLTE has %lld bytes, expected 3 for each of 1 to %lld colours",
                       (long long)c->size, (long long)most);
    p->palette = c->data;
    p->colours = (int)(c->size / 3);
    return true;
}

static bool take_transparency(reader *r, const chunk *c)
{
    ct_png *p = r->png;
    bool indexed = p->colour == CT_PNG_PALETTE;
    int64_t expected = p->colour == CT_PNG_GREY ? 2 : p->colour == CT_PNG_RGB ? 6 : indexed ? p->colours : 0;
    if (p->transparency || p->data || expected == 0)
        return ct_fail(r->err, CT_E_FORMAT, "tRNS is out of place, expected once, before IDAT, after a PLTE that is "
                       "needed, and where there is no alpha channel");
    if (indexed ? c->size < 1 || c->size > expected : c->size != expected)
        return ct_fail(r->err, CT_E_FORMAT, "tRNS has %lld bytes, expected %s%lld", (long long)c->size,
                       indexed ? "1 to " : "", (long long)expected);
    p->transparency = c->data;
    p->transparency_size = (int)c->size;
    return true;
}

static bool take_data(reader *r, const chunk *c)
{
    ct_png *p = r->png;
    if (p->colour == CT_PNG_PALETTE && !p->palette)
        return ct_fail(r->err, CT_E_FORMAT, "IDAT without a PLTE before it, which colour type 3 needs");
    if (r->after_data)
        return ct_fail(r->err, CT_E_FORMAT, "another chunk between those of IDAT");
    if (!p->data)
        p->data = c->data - 8;
    p->data_chunks++;
    p->data_size += c->size;
    return true;
}

static bool take_end(reader *r, const chunk *c)
{
    if (!r->png->data)
        return ct_fail(r->err, CT_E_FORMAT, "there is no IDAT, expected the pixels");
    if (c->size != 0 || r->at != r->end)
        return ct_fail(r->err, CT_E_FORMAT, "%lld bytes in IEND and %lld behind it, expected none", (long long)c->size,
                       (long long)(r->end - r->at));
    r->finished = true;
    return true;
}

/* --- all chunks --------------------------------------------------------------------------------------------------- */

/* Any but the first. One that a reader need not know has a small first letter. */
static bool take(reader *r, const chunk *c)
{
    static const struct { const char *type; bool (*take)(reader *r, const chunk *c); } known[] = {
        {"PLTE", take_palette}, {"tRNS", take_transparency}, {"IDAT", take_data}, {"IEND", take_end},
    };
    bool data = strcmp(c->type, "IDAT") == 0;
    r->after_data = r->after_data || (r->png->data && !data);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(c->type, known[i].type) == 0)
            return known[i].take(r, c);
    return c->type[0] >= 'a' || ct_fail(r->err, CT_E_FORMAT, "chunk %s is not known here, or is there twice", c->type);
}

bool ct_png_parse(ct_png *png, const unsigned char *bytes, size_t size, int64_t max_pixels, ct_error *err)
{
    chunk c;
    if (size < sizeof signature || memcmp(bytes, signature, sizeof signature) != 0)
        return ct_fail(err, CT_E_FORMAT, "does not begin as a PNG does");
    reader r = {.at = bytes + sizeof signature, .end = bytes + size, .png = png, .err = err};
    if (!next_chunk(&r, &c) || !take_header(&r, &c, max_pixels))
        return false;
    while (!r.finished)
        if (!next_chunk(&r, &c) || !take(&r, &c))
            return false;
    return true;
}
