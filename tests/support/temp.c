/* SPDX-License-Identifier: MIT */
/* Temporary directories and files for tests. */
#include "support.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char directory[64];

const char *support_temp_make(void)
{
    strcpy(directory, "/tmp/cotangent-test-XXXXXX");
    assert_non_null(mkdtemp(directory));
    return directory;
}

/* A file, or a folder with all that is in it. */
static void remove_all(const char *path)
{
    DIR *dir = remove(path) == 0 ? NULL : opendir(path);
    if (!dir)
        return;
    char *inner = malloc(strlen(path) + sizeof((struct dirent *)0)->d_name + 2);
    for (struct dirent *entry; inner && (entry = readdir(dir));) {
        sprintf(inner, "%s/%s", path, entry->d_name);
        if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
            remove_all(inner);
    }
    free(inner);
    closedir(dir);
    remove(path);
}

void support_temp_remove(void)
{
    if (directory[0])
        remove_all(directory);
    directory[0] = 0;
}

const char *support_temp_path(const char *name)
{
    static char paths[4][512];
    static int turn;
    char *path = paths[turn++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", directory, name);
    return path;
}

int support_temp_setup(void **state)
{
    (void)state;
    support_temp_make();
    return 0;
}

int support_temp_teardown(void **state)
{
    (void)state;
    support_temp_remove();
    return 0;
}

void support_write_file(const char *path, const void *data, size_t bytes)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    size_t written = bytes ? fwrite(data, 1, bytes, file) : 0;
    assert_int_equal(fclose(file), 0);
    assert_int_equal(written, bytes);
}

unsigned char *support_read_file(const char *path, size_t *bytes)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    *bytes = (size_t)ftell(file);
    rewind(file);
    unsigned char *data = malloc(*bytes + 1);
    assert_non_null(data);
    assert_int_equal(fread(data, 1, *bytes, file), *bytes);
    fclose(file);
    return data;
}
