/* SPDX-License-Identifier: MIT */
/* Reading and replacing files. */
#include "whole_file.h"

#include "seal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* --- reading ---------------------------------------------------------------------------------------------------- */

/* Up to `limit` bytes and one more into memory that grows; NULL when there is none. */
static char *read_bytes(FILE *f, size_t limit, size_t *size)
{
    char *bytes = NULL;
    size_t room = 0;
    *size = 0;
    do {
        room = room ? 2 * room : 4096;
        char *more = realloc(bytes, room + 1);
        if (!more) {
            free(bytes);
            return NULL;
        }
        bytes = more;
        *size += fread(bytes + *size, 1, room - *size, f);
    } while (*size == room && *size <= limit);
    bytes[*size] = 0;
    return bytes;
}

/* False, with a message, when the bytes are not the whole file. */
static bool check(FILE *f, const char *path, const char *bytes, size_t size, size_t limit, ct_error *err)
{
    if (ferror(f))
        return ct_fail(err, CT_E_IO, "%s: cannot be read: %s", path, strerror(errno));
    if (!bytes)
        return ct_fail(err, CT_E_MEMORY, "%s: no memory to read it", path);
    return size <= limit || ct_fail(err, CT_E_FORMAT, "%s: holds more than %zu bytes", path, limit);
}

char *whole_file_read(const char *path, size_t limit, size_t *size, ct_error *err)
{
    FILE *f = fopen(path, "rb");
    if (!f) {
        ct_fail(err, CT_E_IO, "%s: cannot be read: %s", path, strerror(errno));
        return NULL;
    }
    char *bytes = read_bytes(f, limit, size);
    bool whole = check(f, path, bytes, *size, limit, err);
    fclose(f);
    if (whole)
        return bytes;
    free(bytes);
    return NULL;
}

/* --- writing ---------------------------------------------------------------------------------------------------- */

bool whole_file_begin(whole_file *f, ct_error *err)
{
    *f = (whole_file){.text = NULL};
    f->to = open_memstream(&f->text, &f->size);
    return f->to || ct_fail(err, CT_E_MEMORY, "out of memory");
}

void whole_file_discard(whole_file *f)
{
    if (f->to)
        fclose(f->to);
    free(f->text);
    *f = (whole_file){.text = NULL};
}

static bool replace(const char *path, const char *text, size_t size, ct_error *err)
{
    ct_file_writer *w = ct_file_writer_open(path, err);
    if (w && ct_file_writer_write(w, text, size, err))
        return ct_file_writer_commit(w, err);
    ct_file_writer_discard(w);
    return false;
}

bool whole_file_commit(whole_file *f, const char *path, ct_error *err)
{
    bool whole = fflush(f->to) == 0 && !ferror(f->to);
    if (whole)
        seal_fill(f->text, f->size);
    bool ok = whole ? replace(path, f->text, f->size, err) : ct_fail(err, CT_E_MEMORY, "out of memory");
    whole_file_discard(f);
    return ok;
}
