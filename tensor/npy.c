/* SPDX-License-Identifier: MIT */
/* NumPy's .npy: magic, version, length of the header, header, elements. */
#include <stdlib.h>
#include <string.h>

#include "file_reader.h"
#include "file_writer.h"
#include "npy_header.h"

enum { PREAMBLE = 10, HEADER_LIMIT = 1 << 20 };
static const char magic[6] = {'\x93', 'N', 'U', 'M', 'P', 'Y'};

/* The header's length in bytes: 2 bytes in format 1.0, 4 in 2.0 and 3.0. `start` is where the header begins. */
static bool read_preamble(ct_file_reader *r, int64_t *start, int64_t *length, ct_error *err)
{
    unsigned char b[PREAMBLE + 2] = {0};
    r->part = "the length of the header";
    if (r->size < PREAMBLE || !ct_file_reader_read(r, b, PREAMBLE, NULL) || memcmp(b, magic, sizeof magic) != 0)
        return ct_fail(err, CT_E_FORMAT, "%s: does not begin as a .npy file does", r->path);
    if (b[6] < 1 || b[6] > 3 || b[7] != 0)
        return ct_fail(err, CT_E_FORMAT, "%s: .npy format %d.%d, expected 1.0, 2.0 or 3.0", r->path, b[6], b[7]);
    if (b[6] > 1 && !ct_file_reader_read(r, b + PREAMBLE, 2, err))
        return false;
    *start = b[6] > 1 ? PREAMBLE + 2 : PREAMBLE;
    *length = b[8] | b[9] << 8 | b[10] << 16 | (int64_t)b[11] << 24;
    if (*length > r->size - *start || *length > HEADER_LIMIT)
        return ct_fail(err, CT_E_FORMAT, "%s: truncated or damaged: a header of %lld bytes in a file of %lld", r->path,
                       (long long)*length, (long long)r->size);
    return true;
}

static bool parse_header(ct_file_reader *r, char *text, int64_t length, ct_npy_header *header, ct_error *err)
{
    r->part = "the header";
    if (!ct_file_reader_read(r, text, (size_t)length, err))
        return false;
    text[length] = 0;
    if ((int64_t)strlen(text) != length)
        return ct_fail(err, CT_E_FORMAT, "%s: a zero byte in the .npy header", r->path);
    return ct_npy_header_parse(text, header, err) || ct_fail_prefix(err, "%s", r->path);
}

/* Leaves the reader at the first element. */
static bool read_header(ct_file_reader *r, ct_npy_header *header, ct_error *err)
{
    int64_t start = 0, length = 0;
    if (!read_preamble(r, &start, &length, err))
        return false;
    char *text = malloc((size_t)length + 1);
    if (!text)
        return ct_fail(err, CT_E_MEMORY, "%s: no memory for the header", r->path);
    bool ok = parse_header(r, text, length, header, err);
    free(text);
    if (!ok)
        return false;
    int64_t expected = ct_shape_count(header->shape) * (int64_t)ct_dtype_size(header->dtype);
    int64_t found = r->size - start - length;
    if (found == expected)
        return true;
    return ct_fail(err, CT_E_FORMAT, "%s: %s: %s %s needs %lld bytes, found %lld", r->path,
                   found < expected ? "truncated" : "too long", ct_dtype_name(header->dtype),
                   CT_SHAPE_TEXT(header->shape), (long long)expected, (long long)found);
}

/* Column-major elements are the row-major elements of the transpose. */
static ct_tensor *read_fortran(ct_file_reader *r, const ct_npy_header *header, ct_error *err)
{
    ct_shape reversed = header->shape;
    ct_axes order = {reversed.rank, {0}};
    for (int i = 0; i < reversed.rank; i++) {
        order.axis[i] = reversed.rank - 1 - i;
        reversed.dim[i] = header->shape.dim[order.axis[i]];
    }
    ct_tensor *t = ct_file_reader_tensor(r, header->dtype, reversed, err);
    ct_tensor *view = t ? ct_tensor_permute(t, order, err) : NULL;
    ct_tensor *result = view ? ct_tensor_contiguous(view, err) : NULL;
    ct_tensor_free(view);
    ct_tensor_free(t);
    return result;
}

ct_tensor *ct_npy_read(const char *path, ct_error *err)
{
    ct_file_reader r;
    ct_npy_header header;
    ct_tensor *t = NULL;
    if (!ct_file_reader_open(&r, path, err))
        return NULL;
    bool known = read_header(&r, &header, err);
    r.part = "the elements";
    if (known)
        t = header.fortran_order ? read_fortran(&r, &header, err)
                                 : ct_file_reader_tensor(&r, header.dtype, header.shape, err);
    ct_file_reader_close(&r);
    return t;
}

/* Format 1.0; spaces and a newline end the header where the elements are aligned to 64 bytes. */
static bool write_header(ct_file_writer *w, const ct_tensor *t, ct_error *err)
{
    char bytes[PREAMBLE + CT_NPY_HEADER_SIZE + 64];
    ct_npy_header header = {ct_tensor_dtype(t), ct_tensor_shape(t), false};
    int used = PREAMBLE + ct_npy_header_format(&header, bytes + PREAMBLE);
    int total = (used + 1 + 63) / 64 * 64, length = total - PREAMBLE;
    memset(bytes + used, ' ', (size_t)(total - used));
    bytes[total - 1] = '\n';
    memcpy(bytes, magic, sizeof magic);
    memcpy(bytes + 6, (char[]){1, 0, (char)(length & 0xFF), (char)(length >> 8)}, 4);
    return ct_file_writer_write(w, bytes, (size_t)total, err);
}

bool ct_npy_write(const char *path, const ct_tensor *t, ct_error *err)
{
    ct_file_writer *w = ct_file_writer_open(path, err);
    bool ok = w && write_header(w, t, err) && ct_file_writer_tensor(w, t, err);
    return ct_file_writer_finish(w, ok, err);
}
