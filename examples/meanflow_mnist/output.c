/* Directories and files that results go to. */
#include "output.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static bool make(const char *path, ct_error *err)
{
    struct stat info;
    if (mkdir(path, 0777) == 0)
        return true;
    if (errno != EEXIST)
        return ct_fail(err, CT_E_IO, "%s: cannot make this directory: %s", path, strerror(errno));
    if (stat(path, &info) != 0 || !S_ISDIR(info.st_mode))
        return ct_fail(err, CT_E_IO, "%s: is a file, expected a directory or nothing", path);
    return true;
}

bool output_directory(const char *path, ct_error *err)
{
    char part[PATH_SIZE];
    size_t length = strlen(path);
    if (length == 0 || length + 32 > sizeof part)
        return ct_fail(err, CT_E_ARGUMENT, "the output directory's name has %zu characters, expected 1 to %d", length, PATH_SIZE - 32);
    memcpy(part, path, length + 1);
    for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        if (!make(part, err))
            return false;
        *slash = '/';
    }
    return make(path, err);
}

bool output_check(const char *path, ct_error *err)
{
    ct_file_writer *w = ct_file_writer_open(path, err);
    ct_file_writer_discard(w);
    return w != NULL;
}
