/* Reading a safetensors file: 8 bytes with the length of the header, the header, the data. */
#include <stdlib.h>
#include <string.h>

#include "file_reader.h"
#include "safetensors_header.h"

enum { PREFIX = 8 };

static bool read_length(ct_file_reader *r, int64_t *length, ct_error *err)
{
    uint64_t n = 0;
    if (!ct_file_reader_read(r, &n, PREFIX, err))
        return false;
    if (n > CT_ARCHIVE_HEADER_LIMIT)
        return ct_fail(err, CT_E_FORMAT, "%s: not a safetensors file: a header of %llu bytes, expected at most %d",
                       r->path, (unsigned long long)n, CT_ARCHIVE_HEADER_LIMIT);
    if ((int64_t)n > r->size - PREFIX)
        return ct_fail(err, CT_E_FORMAT, "%s: truncated: expected a header of %llu bytes, found %lld", r->path,
                       (unsigned long long)n, (long long)(r->size - PREFIX));
    *length = (int64_t)n;
    return true;
}

static bool read_header(ct_file_reader *r, int64_t length, ct_safetensors_header *h, ct_archive *a, ct_error *err)
{
    char *text = malloc((size_t)length + 1);
    if (!text)
        return ct_fail(err, CT_E_MEMORY, "%s: no memory for a header of %lld bytes", r->path, (long long)length);
    bool ok = ct_file_reader_read(r, text, (size_t)length, err);
    if (ok)
        ok = (ct_safetensors_parse(h, a, text, (size_t)length, err) &&
              ct_safetensors_check_layout(h, r->size - PREFIX - length, err)) ||
             ct_fail_prefix(err, "%s", r->path);
    free(text);
    return ok;
}

static bool read_tensors(ct_file_reader *r, int64_t start, const ct_safetensors_header *h, ct_archive *a, ct_error *err)
{
    for (int64_t i = 0; i < h->count; i++) {
        const ct_safetensors_entry *e = &h->entry[i];
        if (!ct_file_reader_seek(r, start + e->begin, err))
            return false;
        ct_tensor *t = ct_file_reader_tensor(r, e->dtype, e->shape, err);
        bool ok = t && (ct_archive_add(a, e->name, t, err) || ct_fail_prefix(err, "%s", r->path));
        ct_tensor_free(t);
        if (!ok)
            return false;
    }
    return true;
}

static bool read_archive(ct_file_reader *r, ct_archive *a, ct_error *err)
{
    int64_t length = 0;
    ct_safetensors_header h = {0};
    bool ok = read_length(r, &length, err) && read_header(r, length, &h, a, err) &&
              read_tensors(r, PREFIX + length, &h, a, err);
    ct_safetensors_release(&h);
    return ok;
}

ct_archive *ct_archive_read(const char *path, ct_error *err)
{
    ct_file_reader r;
    if (!ct_file_reader_open(&r, path, err))
        return NULL;
    ct_archive *a = ct_archive_new(err);
    if (a && !read_archive(&r, a, err)) {
        ct_archive_free(a);
        a = NULL;
    }
    ct_file_reader_close(&r);
    return a;
}
