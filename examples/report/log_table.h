/* SPDX-License-Identifier: MIT */
/* A log: a line of names, then rows of numbers, separated by commas. */
#ifndef REPORT_LOG_TABLE_H
#define REPORT_LOG_TABLE_H

#include <cotangent.h>

enum { LOG_TABLE_COLUMNS = 64 };
typedef struct log_table {
    int64_t rows;
    int columns;
    char *names[LOG_TABLE_COLUMNS];
    double *values;  /* [columns, rows] */
    char *text;      /* what the names are pieces of */
} log_table;

/* A last line without an end is one that is being written, and is left out; no file at all is a table without rows.
 * False, naming file and line, for anything else that is no such table. To be freed also after a failure. */
bool log_table_read(log_table *t, const char *path, ct_error *err);
void log_table_free(log_table *t);

/* The numbers of a column, [rows]; NULL when there is no such column. */
const double *log_table_column(const log_table *t, const char *name);

#endif
