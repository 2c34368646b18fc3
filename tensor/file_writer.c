/* SPDX-License-Identifier: MIT */
/* Files that appear whole or not at all: written beside their place, flushed, then renamed. Where the system can
 * (Linux's O_TMPFILE), what is being written has no name until it is whole, so that a process that is killed leaves
 * nothing behind; elsewhere it has another name. */
#if defined(__linux__)
#define _GNU_SOURCE /* O_TMPFILE, realpath */
#else
#define _XOPEN_SOURCE 700 /* realpath */
#endif
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
    char *temporary; /* the name beside it */
    size_t name_size;
    bool named;      /* the file has that name now */
};

static bool io_fail(const ct_file_writer *w, const char *what, ct_error *err)
{
    return ct_fail(err, CT_E_IO, "%s: %s: %s", w->path, what, strerror(errno));
}

static bool memory_fail(const char *path, ct_error *err)
{
    return ct_fail(err, CT_E_MEMORY, "%s: no memory to write the file", path);
}

/* A device or a pipe must not be replaced by a file, nor what may not be written. `mode` is that of the file to replace, or -1. */
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
    return faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) == 0 ||
           ct_fail(err, CT_E_IO, "%s: cannot be replaced: %s", path, strerror(errno));
}

/* The i-th name beside `target` that is of this process. */
static void name_beside(const char *target, int i, char *name, size_t size)
{
    const char *slash = strrchr(target, '/');
    int directory = slash ? (int)(slash - target) + 1 : 0;
    snprintf(name, size, "%.*s.cotangent-%ld-%d", directory, target, (long)getpid(), i);
}

enum { MOST_NAMES = 10000 };

/* Under the first of the names that no file has yet. The kernel applies the umask. */
static int create_beside(const char *target, char *name, size_t size)
{
    for (int i = 0; i < MOST_NAMES; i++) {
        name_beside(target, i, name, size);
        int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd >= 0 || errno != EEXIST)
            return fd;
    }
    return -1;
}

/* --- files without a name --------------------------------------------------------------------------------------- */

#if defined(O_TMPFILE)
enum { LINK_SIZE = 64 };

static void link_of(int fd, char link[LINK_SIZE])
{
    snprintf(link, LINK_SIZE, "/proc/self/fd/%d", fd);
}

/* In the directory of `target`; -1 where there cannot be one, or where it could not be given a name later. */
static int create_nameless(const char *target, char *name, size_t size)
{
    char link[LINK_SIZE];
    name_beside(target, 0, name, size);
    char *slash = strrchr(name, '/');
    if (slash)
        slash[1] = 0;
    int fd = open(slash ? name : ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
    if (fd < 0)
        return -1;
    link_of(fd, link);
    if (access(link, F_OK) == 0)
        return fd;
    close(fd);
    return -1;
}

/* rename() needs a name to begin with. */
static bool give_name(ct_file_writer *w)
{
    char link[LINK_SIZE];
    link_of(fileno(w->file), link);
    for (int i = 0; i < MOST_NAMES && !w->named; i++) {
        name_beside(w->target, i, w->temporary, w->name_size);
        w->named = linkat(AT_FDCWD, link, AT_FDCWD, w->temporary, AT_SYMLINK_FOLLOW) == 0;
        if (!w->named && errno != EEXIST)
            return false;
    }
    return w->named;
}
#else
static int create_nameless(const char *target, char *name, size_t size)
{
    (void)target, (void)name, (void)size;
    return -1;
}

static bool give_name(ct_file_writer *w)
{
    return w->named;
}
#endif

/* --- writing ---------------------------------------------------------------------------------------------------- */

static bool allocate(ct_file_writer *w, const char *path)
{
    enum { NAME_SIZE = 64 };
    w->path = strdup(path);
    w->target = realpath(path, NULL);
    if (!w->target)
        w->target = strdup(path);
    w->name_size = w->target ? strlen(w->target) + NAME_SIZE : 0;
    w->temporary = w->target ? malloc(w->name_size) : NULL;
    return w->path && w->temporary;
}

static void release(ct_file_writer *w)
{
    free(w->path);
    free(w->target);
    free(w->temporary);
    free(w);
}

static void unlink_temporary(ct_file_writer *w)
{
    if (w->named)
        unlink(w->temporary);
}

static bool open_temporary(ct_file_writer *w, int mode, ct_error *err)
{
    int fd = create_nameless(w->target, w->temporary, w->name_size);
    w->named = fd < 0;
    if (w->named)
        fd = create_beside(w->target, w->temporary, w->name_size);
    if (fd < 0)
        return io_fail(w, "cannot create a file beside it", err);
    if (mode < 0 || fchmod(fd, (mode_t)mode) == 0)
        w->file = fdopen(fd, "wb");
    if (w->file)
        return true;
    io_fail(w, "cannot open a file beside it", err);
    close(fd);
    unlink_temporary(w);
    return false;
}

ct_file_writer *ct_file_writer_open(const char *path, ct_error *err)
{
    int mode;
    if (!check_target(path, &mode, err))
        return NULL;
    ct_file_writer *w = calloc(1, sizeof *w);
    if (!w || !allocate(w, path))
        memory_fail(path, err);
    else if (open_temporary(w, mode, err))
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
    return give_name(w) || io_fail(w, "cannot give the finished file a name", err);
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
        unlink_temporary(w);
    ok = ok && flush_directory(w, err);
    release(w);
    return ok;
}

void ct_file_writer_discard(ct_file_writer *w)
{
    if (!w)
        return;
    fclose(w->file);
    unlink_temporary(w);
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
