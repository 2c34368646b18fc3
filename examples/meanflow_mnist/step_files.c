/* SPDX-License-Identifier: MIT */
/* Names with numbers. */
#include "step_files.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void name_of(const step_files *f, int64_t step, char name[64])
{
    snprintf(name, 64, "step-%08lld%s", (long long)step, f->ending);
}

bool step_files_path(const step_files *f, int64_t step, char path[OUTPUT_PATH_SIZE], ct_error *err)
{
    char name[64];
    name_of(f, step, name);
    return output_path(path, f->dir, name, err);
}

/* The step of a file of this name; -1 for other names. */
static int64_t step_of(const step_files *f, const char *name)
{
    long long step = -1;
    char again[64];
    if (sscanf(name, "step-%lld", &step) != 1 || step < 0)
        return -1;
    name_of(f, step, again);
    return strcmp(again, name) == 0 ? step : -1;
}

int64_t step_files_newest(const step_files *f, int64_t before, int64_t every)
{
    int64_t newest = -1;
    DIR *d = opendir(f->dir);
    for (struct dirent *entry; d && (entry = readdir(d));) {
        int64_t step = step_of(f, entry->d_name);
        if (step > newest && step < before && step % every == 0)
            newest = step;
    }
    if (d)
        closedir(d);
    return newest;
}

int64_t step_files_next(const step_files *f, int64_t after)
{
    int64_t next = -1;
    DIR *d = opendir(f->dir);
    for (struct dirent *entry; d && (entry = readdir(d));) {
        int64_t step = step_of(f, entry->d_name);
        if (step > after && (next < 0 || step < next))
            next = step;
    }
    if (d)
        closedir(d);
    return next;
}

bool step_files_remove(const step_files *f, int64_t step, ct_error *err)
{
    char path[OUTPUT_PATH_SIZE];
    return step_files_path(f, step, path, err) && output_remove(path, err);
}

bool step_files_clear(const step_files *f, ct_error *err)
{
    for (int64_t step; (step = step_files_next(f, -1)) >= 0;)
        if (!step_files_remove(f, step, err))
            return false;
    return true;
}
