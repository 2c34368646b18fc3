/* SPDX-License-Identifier: MIT */
/* What Linux's control groups allow a process. /proc/self/cgroup names its groups, "number:controllers:path" a line; version 2 has number 0 and no controllers. Within a
 * container a path may name folders that only the host sees: those are passed over, and the folder that a hierarchy begins with is looked into in any case. */
#include "cpu_quota.h"

#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TEXT = 4096, FOLDER = 1024, FILE_NAME = 64 };

/* A hierarchy's folder, and how a group's limit is read. */
typedef struct hierarchy {
    const char *root, *mount;
    int (*limit)(const char *folder);
} hierarchy;

static bool read_text(const char *path, char text[TEXT])
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = file < 0 ? -1 : read(file, text, TEXT - 1);
    if (file >= 0)
        close(file);
    text[n > 0 ? n : 0] = 0;
    return n > 0;
}

/* Reads folder/name; false also where the path is too long. */
static bool read_in(const char *folder, const char *name, char text[TEXT])
{
    char path[FOLDER + FILE_NAME];
    int n = snprintf(path, sizeof path, "%s/%s", folder, name);
    return n > 0 && (size_t)n < sizeof path && read_text(path, text);
}

/* A positive whole number at *text, behind which *text then is; 0 where there is none. */
static long long take_number(const char **text)
{
    char *end;
    long long x = strtoll(*text, &end, 10);
    bool ok = end != *text && x > 0 && x < LLONG_MAX;
    *text = end;
    return ok ? x : 0;
}

/* Microseconds of each period; anything else is no limit. */
static int processors(long long quota, long long period)
{
    if (quota <= 0 || period <= 0)
        return INT_MAX;
    long long whole = quota / period + (quota % period > 0);
    return whole < INT_MAX ? (int)whole : INT_MAX;
}

/* "quota period" or "max period". */
static int limit_of_version_2(const char *folder)
{
    char text[TEXT];
    if (!read_in(folder, "cpu.max", text))
        return INT_MAX;
    const char *at = text;
    long long quota = take_number(&at);
    return processors(quota, take_number(&at));
}

static int limit_of_version_1(const char *folder)
{
    char quota[TEXT], period[TEXT];
    if (!read_in(folder, "cpu.cfs_quota_us", quota) || !read_in(folder, "cpu.cfs_period_us", period))
        return INT_MAX;
    const char *a = quota, *b = period;
    return processors(take_number(&a), take_number(&b));
}

/* The least limit of the group at `path` and those above it. */
static int least(hierarchy h, const char *path)
{
    char folder[FOLDER];
    int start = snprintf(folder, sizeof folder, "%s%s", h.root, h.mount);
    if (start < 0 || start + strlen(path) >= sizeof folder)
        return INT_MAX;
    strcpy(folder + start, strstr(path, "/..") ? "" : path);
    int most = h.limit(folder);
    for (char *slash; (slash = strrchr(folder + start, '/'));) {
        *slash = 0;
        int limit = h.limit(folder);
        most = limit < most ? limit : most;
    }
    return most;
}

static int smaller(int a, int b)
{
    return a < b ? a : b;
}

/* Whether `name` is one of a list with commas. */
static bool lists(const char *list, const char *name)
{
    size_t n = strlen(name);
    for (const char *at = list; at; at = strchr(at, ','), at = at ? at + 1 : NULL)
        if (strncmp(at, name, n) == 0 && (at[n] == 0 || at[n] == ','))
            return true;
    return false;
}

/* Hierarchies of version 1 are in folders that are called as their controllers are. */
static int limit_of_line(const char *root, const char *controllers, const char *path)
{
    if (!*controllers)
        return smaller(least((hierarchy){root, "/sys/fs/cgroup", limit_of_version_2}, path),
                       least((hierarchy){root, "/sys/fs/cgroup/unified", limit_of_version_2}, path));
    if (!lists(controllers, "cpu"))
        return INT_MAX;
    char mount[FOLDER];
    int n = snprintf(mount, sizeof mount, "/sys/fs/cgroup/%s", controllers);
    int named = n > 0 && (size_t)n < sizeof mount ? least((hierarchy){root, mount, limit_of_version_1}, path) : INT_MAX;
    return smaller(named, least((hierarchy){root, "/sys/fs/cgroup/cpu", limit_of_version_1}, path));
}

int ct_cpu_quota(const char *root)
{
    char text[TEXT], path[FOLDER];
    int n = snprintf(path, sizeof path, "%s/proc/self/cgroup", root), most = INT_MAX;
    if (n < 0 || (size_t)n >= sizeof path || !read_text(path, text))
        return INT_MAX;
    for (char *line = text, *next; *line; line = next) {
        char *end = line + strcspn(line, "\n"), *controllers = memchr(line, ':', (size_t)(end - line));
        next = *end ? end + 1 : end;
        *end = 0;
        char *group = controllers ? strchr(controllers + 1, ':') : NULL;
        if (!group)
            continue;
        *group = 0;
        most = smaller(most, limit_of_line(root, controllers + 1, group + 1));
    }
    return most;
}
