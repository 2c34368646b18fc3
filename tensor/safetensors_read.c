/* SPDX-License-Identifier: MIT */
/* Reading a safetensors file: 8 bytes with the length of the header, the header, the data. */
#include <cotangent/digest.h>
#include <stdlib.h>
#include <string.h>

#include "file_reader.h"
#include "safetensors_header.h"

enum { PREFIX = 8 };

static bool read_length(ct_file_reader *r, int64_t *length, ct_error *err)
{
    uint64_t n = 0;
    r->part = "the length of the header";
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

/* The text is parsed and stays: the header points into it. */
static bool read_header(ct_file_reader *r, char *text, int64_t length, ct_safetensors_header *h, ct_archive *a,
                        ct_error *err)
{
    r->part = "the header";
    return ct_file_reader_read(r, text, (size_t)length, err) &&
           ((ct_safetensors_parse(h, a, text, (size_t)length, err) &&
             ct_safetensors_check_layout(h, r->size - PREFIX - length, err)) ||
            ct_fail_prefix(err, "%s", r->path));
}

/* The data follow one another without holes: they are read to the end of the file. */
static bool read_data(ct_file_reader *r, ct_safetensors_header *h, ct_error *err)
{
    for (int64_t i = 0; i < h->count; i++) {
        ct_safetensors_entry *e = h->in_file[i];
        r->part = e->name;
        e->tensor = ct_file_reader_tensor(r, e->dtype, e->shape, err);
        if (!e->tensor)
            return false;
    }
    return true;
}

/* Of the whole file: the length, the header with zeros for the digest's digits, the data. */
static ct_digest digest_of(const ct_safetensors_header *h, const char *text, int64_t length)
{
    ct_digest d = ct_digest_start();
    const char *digits = h->digest + sizeof CT_DIGEST_NAME - 1, *after = h->digest + CT_DIGEST_LENGTH;
    ct_digest_add(&d, &(uint64_t){(uint64_t)length}, PREFIX);
    ct_digest_add(&d, text, (size_t)(digits - text));
    ct_digest_add(&d, CT_DIGEST_DIGITS, sizeof CT_DIGEST_DIGITS - 1);
    ct_digest_add(&d, after, (size_t)(text + length - after));
    for (int64_t i = 0; i < h->count; i++)
        ct_digest_add(&d, ct_tensor_data(h->in_file[i]->tensor), ct_tensor_bytes(h->in_file[i]->tensor));
    return d;
}

static bool check_digest(const ct_file_reader *r, const ct_safetensors_header *h, const char *text, int64_t length,
                         ct_error *err)
{
    char found[CT_DIGEST_LENGTH + 1];
    if (!h->digest)
        return true;
    ct_digest_text(digest_of(h, text, length), found);
    return memcmp(found, h->digest, CT_DIGEST_LENGTH) == 0 ||
           ct_fail(err, CT_E_FORMAT, "%s: damaged: its bytes have the digest %s, expected %.*s, which it carries",
                   r->path, found, (int)CT_DIGEST_LENGTH, h->digest);
}

static bool fill(ct_archive *a, const ct_file_reader *r, const ct_safetensors_header *h, ct_error *err)
{
    a->has_digest = h->digest != NULL;
    for (int64_t i = 0; i < h->count; i++)
        if (!ct_archive_add(a, h->entry[i].name, h->entry[i].tensor, err))
            return ct_fail_prefix(err, "%s", r->path);
    return true;
}

static bool read_archive(ct_file_reader *r, ct_archive *a, ct_error *err)
{
    int64_t length = 0;
    if (!read_length(r, &length, err))
        return false;
    char *text = malloc((size_t)length + 1);
    if (!text)
        return ct_fail(err, CT_E_MEMORY, "%s: no memory for a header of %lld bytes", r->path, (long long)length);
    ct_safetensors_header h = {0};
    bool ok = read_header(r, text, length, &h, a, err) && read_data(r, &h, err) &&
              check_digest(r, &h, text, length, err) && fill(a, r, &h, err);
    ct_safetensors_release(&h);
    free(text);
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
