/* SPDX-License-Identifier: MIT */
/* The program's commands: each parses its own command line (argv[0] is the command's name) and returns the exit status:
 * 0 when all was written (after Ctrl-C too), 1 when a training broke down, 2 when something that was given was wrong or
 * could not be written. */
#ifndef COMMANDS_H
#define COMMANDS_H

int train_command(int argc, char **argv);
int sample_command(int argc, char **argv);
int eval_command(int argc, char **argv);
int report_command(int argc, char **argv);
int compare_command(int argc, char **argv);

#endif
