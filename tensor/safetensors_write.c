/* SPDX-License-Identifier: MIT */
/* Writing a safetensors file. The header lists the tensors in the archive's order; their data lie in order of decreasing
 * element size, so that all are aligned although the format allows no holes. */
#include <cotangent/digest.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "archive.h"
#include "file_reader.h"
#include "file_writer.h"

/* A text that grows; `data` is NULL once memory has run out. */
typedef struct text {
    char *data;
    size_t length, capacity;
} text;

static void append(text *t, const char *bytes, size_t count)
{
    if (!t->data)
        return;
    if (t->capacity - t->length < count) {
        size_t capacity = 2 * t->capacity + count;
        char *grown = realloc(t->data, capacity);
        if (!grown)
            free(t->data);
        t->data = grown;
        t->capacity = capacity;
    }
    if (t->data)
        memcpy(t->data + t->length, bytes, count);
    t->length += count;
}

CT_PRINTF(2, 3) static void append_format(text *t, const char *format, ...)
{
    char piece[CT_SHAPE_TEXT_SIZE + 128];
    va_list args;
    va_start(args, format);
    int length = vsnprintf(piece, sizeof piece, format, args);
    va_end(args);
    append(t, piece, (size_t)length);
}

/* As a JSON string. What is not ASCII stays as it is: UTF-8. */
static void append_string(text *t, const char *s)
{
    append(t, "\"", 1);
    for (; *s; s++) {
        if (*s == '"' || *s == '\\')
            append_format(t, "\\%c", *s);
        else if ((unsigned char)*s < 0x20)
            append_format(t, "\\u%04x", (unsigned)*s);
        else
            append(t, s, 1);
    }
    append(t, "\"", 1);
}

/* The text of the header up to the digest's digits. */
#define BEFORE_DIGITS "{\"" CT_METADATA_NAME "\":{\"" CT_DIGEST_KEY "\":\"" CT_DIGEST_NAME

static void append_metadata(text *t, const ct_table *meta)
{
    static const char digest[] = BEFORE_DIGITS CT_DIGEST_DIGITS "\"";
    append(t, digest, sizeof digest - 1);
    for (int64_t i = 0; i < meta->count; i++) {
        append(t, ",", 1);
        append_string(t, meta->entry[i].name);
        append(t, ":", 1);
        append_string(t, meta->entry[i].item);
    }
    append(t, "}", 1);
}

static void append_tensor(text *t, const char *name, const ct_tensor *tensor, int64_t begin)
{
    append_string(t, name);
    append_format(t, ":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%lld,%lld]}",
                  ct_archive_dtype_name(ct_tensor_dtype(tensor)), CT_SHAPE_TEXT(ct_tensor_shape(tensor)),
                  (long long)begin, (long long)begin + (long long)ct_tensor_bytes(tensor));
}

/* Where the data of each element size begin: at[size] for sizes 8, 4 and 1, one after the other. */
static void start_offsets(const ct_archive *a, int64_t at[9])
{
    memset(at, 0, 9 * sizeof *at);
    for (int64_t i = 0; i < a->tensors.count; i++) {
        const ct_tensor *t = a->tensors.entry[i].item;
        for (size_t size = 0; size < ct_dtype_size(ct_tensor_dtype(t)); size++)
            at[size] += (int64_t)ct_tensor_bytes(t);
    }
}

/* The JSON text, padded with spaces to a multiple of 8 bytes, with zeros for a digest. */
static text make_header(const ct_archive *a)
{
    int64_t at[9];
    text t = {malloc(1024), 0, 1024};
    start_offsets(a, at);
    append_metadata(&t, &a->meta);
    for (int64_t i = 0; i < a->tensors.count; i++) {
        const ct_tensor *tensor = a->tensors.entry[i].item;
        int64_t *begin = &at[ct_dtype_size(ct_tensor_dtype(tensor))];
        append(&t, ",", 1);
        append_tensor(&t, a->tensors.entry[i].name, tensor, *begin);
        *begin += (int64_t)ct_tensor_bytes(tensor);
    }
    append(&t, "}", 1);
    append(&t, "       ", (8 - t.length % 8) % 8);
    return t;
}

static bool check_header(const text *t, const char *path, ct_error *err)
{
    if (!t->data)
        return ct_fail(err, CT_E_MEMORY, "%s: no memory for the header", path);
    return t->length <= CT_ARCHIVE_HEADER_LIMIT ||
           ct_fail(err, CT_E_FORMAT, "%s: a header of %zu bytes, the format allows %d", path, t->length,
                   CT_ARCHIVE_HEADER_LIMIT);
}

/* Takes the bytes of a file, one piece after another. */
typedef struct sink {
    ct_file_writer *writer;  /* NULL: they are digested only */
    ct_digest digest;
} sink;

static bool put(sink *to, const void *bytes, size_t count, ct_error *err)
{
    if (to->writer)
        return ct_file_writer_write(to->writer, bytes, count, err);
    ct_digest_add(&to->digest, bytes, count);
    return true;
}

static bool put_tensor(sink *to, ct_tensor *t, ct_error *err)
{
    ct_tensor *whole = ct_tensor_contiguous(t, err);
    bool ok = whole && put(to, ct_tensor_data(whole), ct_tensor_bytes(whole), err);
    ct_tensor_free(whole);
    return ok;
}

static bool put_data(sink *to, const ct_archive *a, size_t size, ct_error *err)
{
    for (int64_t i = 0; i < a->tensors.count; i++) {
        ct_tensor *t = a->tensors.entry[i].item;
        if (ct_dtype_size(ct_tensor_dtype(t)) == size && !put_tensor(to, t, err))
            return false;
    }
    return true;
}

static bool put_file(sink *to, const ct_archive *a, const text *header, ct_error *err)
{
    uint64_t length = header->length;
    return put(to, &length, sizeof length, err) && put(to, header->data, header->length, err) &&
           put_data(to, a, 8, err) && put_data(to, a, 4, err) && put_data(to, a, 1, err);
}

/* The digest comes before the data that it is of, so all is gone through twice. */
static bool write_file(ct_file_writer *w, const ct_archive *a, text *header, const char *path, ct_error *err)
{
    char digest[CT_DIGEST_LENGTH + 1];
    sink whole = {NULL, ct_digest_start()};
    if (!check_header(header, path, err) || !put_file(&whole, a, header, err))
        return false;
    ct_digest_text(whole.digest, digest);
    memcpy(header->data + sizeof BEFORE_DIGITS - 1, digest + sizeof CT_DIGEST_NAME - 1, sizeof CT_DIGEST_DIGITS - 1);
    return put_file(&(sink){.writer = w}, a, header, err);
}

bool ct_archive_write(const ct_archive *a, const char *path, ct_error *err)
{
    ct_file_writer *w = ct_file_writer_open(path, err);
    if (!w)
        return false;
    text header = make_header(a);
    bool ok = write_file(w, a, &header, path, err);
    free(header.data);
    return ct_file_writer_finish(w, ok, err);
}
