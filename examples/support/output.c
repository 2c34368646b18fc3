/* SPDX-License-Identifier: MIT */
/* Directories and files that results go to. */
#include "output.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool make(const char *path, ct_error *err)
{
    struct stat info;
    if (mkdir(path, 0777) == 0)
        return true;
    if (errno != EEXIST && errno != EISDIR)
        return ct_fail(err, CT_E_IO, "%s: cannot make this directory: %s", path, strerror(errno));
    if (stat(path, &info) != 0)
        return ct_fail(err, CT_E_IO, "%s: cannot be looked at: %s", path, strerror(errno));
    return S_ISDIR(info.st_mode) || ct_fail(err, CT_E_IO, "%s: is a file, expected a directory or nothing", path);
}

bool output_directory(const char *path, ct_error *err)
{
    char part[OUTPUT_PATH_SIZE];
    if (!output_path(part, path, "", err))
        return false;
    for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        if (!make(part, err))
            return false;
        *slash = '/';
    }
    return true;
}

bool output_path(char path[OUTPUT_PATH_SIZE], const char *dir, const char *name, ct_error *err)
{
    int length = snprintf(path, OUTPUT_PATH_SIZE, "%s/%s", dir, name);
    if (!*dir || length < 0 || length >= OUTPUT_PATH_SIZE)
        return ct_fail(err, CT_E_ARGUMENT, "the output directory's name is %s",
                       *dir ? "too long" : "empty, expected a path");
    return true;
}

bool output_check(const char *path, ct_error *err)
{
    ct_file_writer *w = ct_file_writer_open(path, err);
    ct_file_writer_discard(w);
    return w != NULL;
}

bool output_remove(const char *path, ct_error *err)
{
    return unlink(path) == 0 || errno == ENOENT ||
           ct_fail(err, CT_E_IO, "%s: cannot be removed: %s", path, strerror(errno));
}
