/* Files that appear whole or not at all: written under another name in the same directory, flushed, then renamed. */
#define _XOPEN_SOURCE 700 /* realpath */
#include "file_writer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct ct_file_writer {
    FILE *file;
    char *path;      /* as the caller named it, for messages */
    char *target;    /* what is replaced: `path` with its links followed */
    char *temporary;
};

static bool io_fail(const ct_file_writer *w, const char *what, ct_error *err)
{
    return ct_fail(err, CT_E_IO, "%s: %s: %s", w->path, what, strerror(errno));
}

static bool memory_fail(const char *path, ct_error *err)
{
    return ct_fail(err, CT_E_MEMORY, "%s: no memory to write the file", path);
}

/* A device or a pipe must not be replaced by a file. `mode` is that of the file to replace, or -1. */
static bool check_target(const char *path, int *mode, ct_error *err)
{
    struct stat info;
    *mode = -1;
    if (stat(path, &info) != 0)
        return true;
    if (!S_ISREG(info.st_mode))
        return ct_fail(err, CT_E_IO, "%s: is %s, expected a regular file or none", path,
                       S_ISDIR(info.st_mode) ? "a directory" : "not a regular file");
    *mode = (int)(info.st_mode & 0777);
    return true;
}

/* Names that no other writer uses: the process, then a number that no file of that name has yet. The kernel applies the
 * umask. */
static int create_beside(const char *target, char *name, size_t size)
{
    const char *slash = strrchr(target, '/');
    int directory = slash ? (int)(slash - target) + 1 : 0;
    for (int i = 0; i < 10000; i++) {
        snprintf(name, size, "%.*s.cotangent-%ld-%d", directory, target, (long)getpid(), i);
        int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd >= 0 || errno != EEXIST)
            return fd;
    }
    return -1;
}

static bool allocate(ct_file_writer *w, const char *path, size_t name_size)
{
    w->path = strdup(path);
    w->target = realpath(path, NULL);
    if (!w->target)
        w->target = strdup(path);
    w->temporary = w->target ? malloc(strlen(w->target) + name_size) : NULL;
    return w->path && w->temporary;
}

static void release(ct_file_writer *w)
{
    free(w->path);
    free(w->target);
    free(w->temporary);
    free(w);
}

static bool open_temporary(ct_file_writer *w, size_t name_size, int mode, ct_error *err)
{
    int fd = create_beside(w->target, w->temporary, strlen(w->target) + name_size);
    if (fd < 0)
        return io_fail(w, "cannot create a file beside it", err);
    if (mode < 0 || fchmod(fd, (mode_t)mode) == 0)
        w->file = fdopen(fd, "wb");
    if (w->file)
        return true;
    io_fail(w, "cannot open a file beside it", err);
    close(fd);
    unlink(w->temporary);
    return false;
}

ct_file_writer *ct_file_writer_open(const char *path, ct_error *err)
{
    enum { NAME_SIZE = 64 };
    int mode;
    if (!check_target(path, &mode, err))
        return NULL;
    ct_file_writer *w = calloc(1, sizeof *w);
    if (!w || !allocate(w, path, NAME_SIZE))
        memory_fail(path, err);
    else if (open_temporary(w, NAME_SIZE, mode, err))
        return w;
    if (w)
        release(w);
    return NULL;
}

bool ct_file_writer_write(ct_file_writer *w, const void *data, size_t bytes, ct_error *err)
{
    if (bytes == 0 || fwrite(data, 1, bytes, w->file) == bytes)
        return true;
    return io_fail(w, "cannot write", err);
}

static bool flush_to_disk(ct_file_writer *w, ct_error *err)
{
    if (ferror(w->file))
        return ct_fail(err, CT_E_IO, "%s: an earlier write failed", w->path);
    if (fflush(w->file) != 0 || fsync(fileno(w->file)) != 0)
        return io_fail(w, "cannot write", err);
    return true;
}

/* After a loss of power a name is there only if its directory was flushed too. Where a directory cannot be opened, or is nothing
 * that can be flushed (EINVAL), there is no more to be done. */
static bool flush_directory(const ct_file_writer *w, ct_error *err)
{
    char *end = strrchr(w->temporary, '/');
    if (end)
        end[1] = 0;
    int fd = open(end ? w->temporary : ".", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return true;
    bool ok = fsync(fd) == 0 || errno == EINVAL || io_fail(w, "cannot flush its directory", err);
    close(fd);
    return ok;
}

bool ct_file_writer_commit(ct_file_writer *w, ct_error *err)
{
    bool ok = flush_to_disk(w, err);
    if (fclose(w->file) != 0 && ok)
        ok = io_fail(w, "cannot close", err);
    if (ok && rename(w->temporary, w->target) != 0)
        ok = io_fail(w, "cannot rename the finished file to this name", err);
    if (!ok)
        unlink(w->temporary);
    ok = ok && flush_directory(w, err);
    release(w);
    return ok;
}

void ct_file_writer_discard(ct_file_writer *w)
{
    if (!w)
        return;
    fclose(w->file);
    unlink(w->temporary);
    release(w);
}

bool ct_file_writer_finish(ct_file_writer *w, bool ok, ct_error *err)
{
    if (w && ok)
        return ct_file_writer_commit(w, err);
    ct_file_writer_discard(w);
    return false;
}

bool ct_file_writer_tensor(ct_file_writer *w, const ct_tensor *t, ct_error *err)
{
    if (ct_tensor_is_contiguous(t))
        return ct_file_writer_write(w, ct_tensor_data(t), ct_tensor_bytes(t), err);
    ct_tensor *copy = ct_tensor_cast(t, ct_tensor_dtype(t), err);
    bool ok = copy && ct_file_writer_write(w, ct_tensor_data(copy), ct_tensor_bytes(copy), err);
    ct_tensor_free(copy);
    return ok;
}
