/* SPDX-License-Identifier: MIT */
/* IDX, the format of the MNIST files: 0, 0, type, rank, extents as big-endian 32-bit numbers, elements. */
#include <cotangent/files.h>
#include <string.h>
#include <zlib.h>

#include "file_reader.h"

enum { UNSIGNED_BYTE = 0x08, CHUNK = 1 << 20, MAX_RATIO = 1032 };

typedef struct idx_reader {
    gzFile file;       /* zlib reads a plain file as it is */
    const char *path;
    int64_t size;      /* of the file, compressed or not */
} idx_reader;

/* How many of `bytes` bytes there were, or -1 with a message when the compressed data is damaged. */
static int64_t read_some(idx_reader *r, unsigned char *to, int64_t bytes, ct_error *err)
{
    int64_t found = 0;
    int n = 1;
    while (found < bytes && n > 0) {
        n = gzread(r->file, to + found, (unsigned)(bytes - found < CHUNK ? bytes - found : CHUNK));
        found += n > 0 ? n : 0;
    }
    int status = Z_OK;
    const char *why = gzerror(r->file, &status);
    if (n >= 0 && (status == Z_OK || status == Z_STREAM_END))
        return found;
    ct_fail(err, CT_E_FORMAT, "%s: truncated or damaged after %lld bytes: %s", r->path, (long long)found, why);
    return -1;
}

static bool read_exactly(idx_reader *r, unsigned char *to, int64_t bytes, const char *what, ct_error *err)
{
    int64_t found = read_some(r, to, bytes, err);
    if (found == bytes)
        return true;
    return found < 0 ? false : ct_fail(err, CT_E_FORMAT, "%s: truncated: %s takes %lld bytes, found %lld", r->path, what,
                                       (long long)bytes, (long long)found);
}

/* A plain file holds what it claims, and no gzip file grows more than MAX_RATIO times: a greater claim is refused before
 * memory is asked for. */
static bool read_header(idx_reader *r, ct_shape *shape, ct_error *err)
{
    unsigned char b[4 + 4 * CT_MAX_RANK];
    if (!read_exactly(r, b, 4, "the IDX magic number", err))
        return false;
    if (b[0] != 0 || b[1] != 0 || b[3] == 0 || b[3] > CT_MAX_RANK)
        return ct_fail(err, CT_E_FORMAT, "%s: magic number %02x%02x%02x%02x, expected 000008 and a rank of 1 to %d",
                       r->path, b[0], b[1], b[2], b[3], CT_MAX_RANK);
    if (b[2] != UNSIGNED_BYTE)
        return ct_fail(err, CT_E_DTYPE, "%s: IDX type 0x%02x, expected 0x08 (uint8)", r->path, b[2]);
    if (!read_exactly(r, b + 4, 4 * b[3], "the IDX header", err))
        return false;
    shape->rank = b[3];
    for (int i = 0; i < shape->rank; i++) {
        const unsigned char *e = b + 4 + 4 * i;
        shape->dim[i] = (int64_t)e[0] << 24 | e[1] << 16 | e[2] << 8 | e[3];
    }
    if (!ct_shape_check(*shape, err))
        return ct_fail_prefix(err, "%s", r->path);
    if (gzdirect(r->file) ? ct_shape_count(*shape) > r->size : ct_shape_count(*shape) / MAX_RATIO > r->size)
        return ct_fail(err, CT_E_FORMAT, "%s: truncated or damaged: shape %s does not fit in a file of %lld bytes",
                       r->path, CT_SHAPE_TEXT(*shape), (long long)r->size);
    return true;
}

/* Reading past the end makes zlib compare the checksum. */
static bool check_end(idx_reader *r, ct_error *err)
{
    unsigned char extra;
    int64_t found = read_some(r, &extra, 1, err);
    return found == 0 || (found > 0 && ct_fail(err, CT_E_FORMAT, "%s: more bytes than its shape needs", r->path));
}

static ct_tensor *read_tensor(idx_reader *r, ct_error *err)
{
    ct_shape shape;
    ct_tensor *t = read_header(r, &shape, err) ? ct_tensor_new(CT_U8, shape, err) : NULL;
    if (t && read_exactly(r, ct_tensor_data(t), ct_tensor_count(t), "the data", err) && check_end(r, err))
        return t;
    ct_tensor_free(t);
    return NULL;
}

ct_tensor *ct_idx_read(const char *path, ct_error *err)
{
    ct_file_reader plain;
    if (!ct_file_reader_open(&plain, path, err))
        return NULL;
    ct_file_reader_close(&plain);
    idx_reader r = {gzopen(path, "rb"), path, plain.size};
    if (!r.file) {
        ct_fail(err, CT_E_IO, "%s: cannot be read", path);
        return NULL;
    }
    ct_tensor *t = read_tensor(&r, err);
    gzclose(r.file);
    return t;
}
