/* SPDX-License-Identifier: MIT */
/* Files of settings: options, as a command line has them, in a file that a person can read and edit.
 *
 *     # comments and empty lines
 *     [training]
 *     lr = 0.001
 *     schedule = "cosine"
 *     ema = [0.999, 0.9995]
 *
 * The files are TOML, of which they use: sections, numbers, strings "..." (with \", \\ and \u00XX for other ASCII),
 * and lists of numbers on one line. Names, kinds and ranges are those of a table of options (cli.h). Options before the
 * table's first CLI_SECTION belong to the command line alone; in a file, sections are headings: a setting may stand
 * under any. */
#ifndef EXAMPLE_SETTINGS_H
#define EXAMPLE_SETTINGS_H

#include <cotangent.h>

#include "cli.h"

typedef struct settings settings;

/* A file, taken apart. NULL, with file and line, when it is not of that form. */
settings *settings_read(const char *path, ct_error *err);
void settings_free(settings *s);  /* NULL is allowed */

/* What the file says, in its order, as text: a string without its quotes, a list without its brackets. Section and
 * comment are "" where there is none. */
typedef struct settings_entry {
    const char *section, *name, *value, *comment;
} settings_entry;
int settings_count(const settings *s);
settings_entry settings_get(const settings *s, int i);
const char *settings_value(const settings *s, const char *name);  /* NULL when it is not there */

/* Sets the options that the file names; texts then point into s. False, with file and line, for names that are not
 * in the table, for one given twice, and for values that do not do. */
bool settings_apply(const settings *s, int count, const cli_option *options, ct_error *err);

/* Writes the values of the table, with `title` as its first line and each option's help beside it. Replaces the
 * file at `path`, or leaves it as it was. */
bool settings_write(const char *path, const char *title, int count, const cli_option *options, ct_error *err);

#endif
