/* Writing a safetensors file. The header lists the tensors in the archive's order; their data lie in order of decreasing
 * element size, so that all are aligned although the format allows no holes. */
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

static void append_metadata(text *t, const ct_table *meta)
{
    append_string(t, CT_METADATA_NAME);
    for (int64_t i = 0; i < meta->count; i++) {
        append(t, i ? "," : ":{", i ? 1 : 2);
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

/* The JSON text, padded with spaces to a multiple of 8 bytes. */
static text make_header(const ct_archive *a)
{
    int64_t at[9];
    text t = {malloc(1024), 0, 1024};
    start_offsets(a, at);
    append(&t, "{", 1);
    if (a->meta.count > 0)
        append_metadata(&t, &a->meta);
    for (int64_t i = 0; i < a->tensors.count; i++) {
        const ct_tensor *tensor = a->tensors.entry[i].item;
        int64_t *begin = &at[ct_dtype_size(ct_tensor_dtype(tensor))];
        if (i > 0 || a->meta.count > 0)
            append(&t, ",", 1);
        append_tensor(&t, a->tensors.entry[i].name, tensor, *begin);
        *begin += (int64_t)ct_tensor_bytes(tensor);
    }
    append(&t, "}", 1);
    append(&t, "       ", (8 - t.length % 8) % 8);
    return t;
}

static bool write_header(ct_file_writer *w, const text *t, const char *path, ct_error *err)
{
    uint64_t length = t->length;
    if (!t->data)
        return ct_fail(err, CT_E_MEMORY, "%s: no memory for the header", path);
    if (length > CT_ARCHIVE_HEADER_LIMIT)
        return ct_fail(err, CT_E_FORMAT, "%s: a header of %llu bytes, the format allows %d", path,
                       (unsigned long long)length, CT_ARCHIVE_HEADER_LIMIT);
    return ct_file_writer_write(w, &length, sizeof length, err) && ct_file_writer_write(w, t->data, t->length, err);
}

static bool write_data(ct_file_writer *w, const ct_archive *a, size_t size, ct_error *err)
{
    for (int64_t i = 0; i < a->tensors.count; i++) {
        const ct_tensor *t = a->tensors.entry[i].item;
        if (ct_dtype_size(ct_tensor_dtype(t)) == size && !ct_file_writer_tensor(w, t, err))
            return false;
    }
    return true;
}

bool ct_archive_write(const ct_archive *a, const char *path, ct_error *err)
{
    ct_file_writer *w = ct_file_writer_open(path, err);
    if (!w)
        return false;
    text header = make_header(a);
    bool ok = write_header(w, &header, path, err) && write_data(w, a, 8, err) && write_data(w, a, 4, err) &&
              write_data(w, a, 1, err);
    free(header.data);
    return ct_file_writer_finish(w, ok, err);
}
