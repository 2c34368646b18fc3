/* SPDX-License-Identifier: MIT */
/* Reading files whose length is known before anything in them is believed. */
#include "file_reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Before opening: opening a pipe would wait for its writer. */
static bool check_file(const char *path, int64_t *size, ct_error *err)
{
    struct stat info;
    if (stat(path, &info) != 0)
        return ct_fail(err, CT_E_IO, "%s: cannot be read: %s", path, strerror(errno));
    if (!S_ISREG(info.st_mode))
        return ct_fail(err, CT_E_IO, "%s: is %s, expected a regular file", path,
                       S_ISDIR(info.st_mode) ? "a directory" : "not a regular file");
    if (info.st_size == 0)
        return ct_fail(err, CT_E_FORMAT, "%s: the file is empty", path);
    *size = info.st_size;
    return true;
}

bool ct_file_reader_open(ct_file_reader *r, const char *path, ct_error *err)
{
    *r = (ct_file_reader){.path = path};
    if (!check_file(path, &r->size, err))
        return false;
    r->file = fopen(path, "rb");
    if (!r->file)
        return ct_fail(err, CT_E_IO, "%s: cannot be read: %s", path, strerror(errno));
    return true;
}

void ct_file_reader_close(ct_file_reader *r)
{
    if (r->file)
        fclose(r->file);
    r->file = NULL;
}

bool ct_file_reader_read(ct_file_reader *r, void *to, size_t bytes, ct_error *err)
{
    long long at = (long long)ftello(r->file);
    size_t found = bytes ? fread(to, 1, bytes, r->file) : 0;
    if (found == bytes)
        return true;
    if (ferror(r->file))
        return ct_fail(err, CT_E_IO, "%s: cannot be read: %s", r->path, strerror(errno));
    return ct_fail(err, CT_E_FORMAT, "%s: truncated: expected %zu more bytes, found %zu, for %s from byte %lld on", r->path, bytes, found,
                   r->part ? r->part : "what is to be read", at);
}

static unsigned char *read_all(ct_file_reader *r, ct_error *err)
{
    unsigned char *data = malloc((size_t)r->size);
    if (!data)
        ct_fail(err, CT_E_MEMORY, "%s: no memory for its %lld bytes", r->path, (long long)r->size);
    if (data && ct_file_reader_read(r, data, (size_t)r->size, err))
        return data;
    free(data);
    return NULL;
}

unsigned char *ct_file_read(const char *path, int64_t limit, size_t *bytes, ct_error *err)
{
    ct_file_reader r;
    unsigned char *data = NULL;
    if (!ct_file_reader_open(&r, path, err))
        return NULL;
    if (r.size > limit)
        ct_fail(err, CT_E_FORMAT, "%s: has %lld bytes, expected at most %lld", path, (long long)r.size,
                (long long)limit);
    else
        data = read_all(&r, err);
    *bytes = (size_t)r.size;
    ct_file_reader_close(&r);
    return data;
}

ct_tensor *ct_file_reader_tensor(ct_file_reader *r, ct_dtype dtype, ct_shape shape, ct_error *err)
{
    ct_tensor *t = ct_tensor_new(dtype, shape, err);
    if (t && ct_file_reader_read(r, ct_tensor_data(t), ct_tensor_bytes(t), err))
        return t;
    ct_tensor_free(t);
    return NULL;
}
