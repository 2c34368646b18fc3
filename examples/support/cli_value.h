/* SPDX-License-Identifier: MIT */
/* The value of an option as text, for command lines and for files of settings. */
#ifndef EXAMPLE_CLI_VALUE_H
#define EXAMPLE_CLI_VALUE_H

#include "cli.h"
#include <stddef.h>

enum { CLI_TEXT_SIZE = 1024 };

/* The option of this name; NULL when there is none. Sections and arguments have no such name. */
const cli_option *cli_find(int count, const cli_option *options, const char *name, size_t length);

/* The place of `text` among the words "one|two|three", from 0; -1 when it is none of them. */
int cli_choice_place(const char *words, const char *text);

/* From text, checked against the option's kind and range; not for CLI_FLAG and CLI_SECTION. A text or a choice
 * then points to `text`; to CLI_ARGUMENTS it is added. False, with "expects ..., got ..." in `message`, when the text does not do; then nothing
 * is changed. */
bool cli_value_set(const cli_option *o, const char *text, char message[CLI_TEXT_SIZE]);

/* A text that cli_value_set takes and makes the same value of: in `text`, or the option's own. NULL where a text
 * has none. */
const char *cli_value_text(const cli_option *o, char text[CLI_TEXT_SIZE]);

#endif
