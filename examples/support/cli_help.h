/* SPDX-License-Identifier: MIT */
/* The text of --help, from the table of options. */
#ifndef EXAMPLE_CLI_HELP_H
#define EXAMPLE_CLI_HELP_H

#include "cli.h"

/* "N", "X", "TEXT", or the option's own. */
const char *cli_value_name(const cli_option *o);
/* Usage, summary and a line for each option with its default, on stdout. */
void cli_help(const char *program, const char *summary, int count, const cli_option *options);

#endif
