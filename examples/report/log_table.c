/* SPDX-License-Identifier: MIT */
/* Reading logs. */
#include "log_table.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "row_check.h"
#include "whole_file.h"

enum { LARGEST_LOG = 1 << 28 };  /* bytes */

/* The line at *at, without its end; *at moves on to the next. NULL when there is no whole one. */
static char *next_line(char **at)
{
    char *line = *at, *end = strchr(line, '\n');
    if (!end)
        return NULL;
    *end = 0;
    *at = end + 1;
    return line;
}

static bool read_names(log_table *t, char *line, const char *path, ct_error *err)
{
    for (char *name = line; name; t->columns++) {
        if (t->columns == LOG_TABLE_COLUMNS)
            return ct_fail(err, CT_E_FORMAT, "%s: expected up to %d columns, got more", path, LOG_TABLE_COLUMNS);
        t->names[t->columns] = name;
        name = strchr(name, ',');
        if (name)
            *name++ = 0;
    }
    return true;
}

/* Row number t->rows; `most` rows have room. */
static bool read_row(log_table *t, int64_t most, const char *line, const char *path, ct_error *err)
{
    const char *at = line;
    if (strcmp(t->names[t->columns - 1], ROW_CHECK_NAME) == 0 && !row_check(line))
        return ct_fail(err, CT_E_FORMAT, "%s, line %lld: damaged: its %s is not that of '%.60s'", path,
                       (long long)t->rows + 2, ROW_CHECK_NAME, line);
    for (int i = 0; i < t->columns; i++) {
        char *end;
        t->values[i * most + t->rows] = strtod(at, &end);
        if (end == at || *end != (i + 1 < t->columns ? ',' : 0))
            return ct_fail(err, CT_E_FORMAT, "%s, line %lld: expected %d numbers, separated by commas, got '%.60s'", path,
                           (long long)t->rows + 2, t->columns, line);
        at = end + 1;
    }
    t->rows++;
    return true;
}

static bool read_rows(log_table *t, char *at, const char *path, ct_error *err)
{
    int64_t most = 0, shortest = 2 * t->columns, length = (int64_t)strlen(at);
    for (const char *c = at; (c = strchr(c, '\n')); c++)
        most++;
    if (most > length / shortest)  /* then some are too short, which shows when they are read */
        most = length / shortest + 1;
    t->values = malloc((size_t)(most * t->columns + 1) * sizeof *t->values);
    if (!t->values)
        return ct_fail(err, CT_E_MEMORY, "%s: no memory for %lld rows", path, (long long)most);
    for (char *line; (line = next_line(&at));)
        if (!read_row(t, most, line, path, err))
            return false;
    return true;
}

bool log_table_read(log_table *t, const char *path, ct_error *err)
{
    size_t size;
    *t = (log_table){.rows = 0};
    if (access(path, F_OK) != 0)
        return true;
    t->text = whole_file_read(path, LARGEST_LOG, &size, err);
    char *at = t->text, *names = at ? next_line(&at) : NULL;
    return t->text && (!names || (read_names(t, names, path, err) && read_rows(t, at, path, err)));
}

void log_table_free(log_table *t)
{
    free(t->values);
    free(t->text);
}

const double *log_table_column(const log_table *t, const char *name)
{
    for (int i = 0; i < t->columns; i++)
        if (strcmp(t->names[i], name) == 0)
            return t->values + i * t->rows;
    return NULL;
}
