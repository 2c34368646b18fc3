/* SPDX-License-Identifier: MIT */
/* A checksum at the end of a line of numbers, against accidental damage. */
#ifndef EXAMPLE_ROW_CHECK_H
#define EXAMPLE_ROW_CHECK_H

#include <cotangent.h>

/* The name of the last column of a table whose rows have one: the CRC-32 of the row's text up to that column's comma, in
 * decimal. */
#define ROW_CHECK_NAME "crc32"

uint32_t row_check_of(const char *text, size_t length);
/* Whether a row, without its end of line, has the right one. */
bool row_check(const char *row);

#endif
