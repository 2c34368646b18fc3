/* SPDX-License-Identifier: MIT */
/* CRC-32 of rows. */
#include "row_check.h"

#include <stdio.h>
#include <string.h>

uint32_t row_check_of(const char *text, size_t length)
{
    ct_digest d = ct_digest_start();
    ct_digest_add(&d, text, length);
    return d.crc32;
}

bool row_check(const char *row)
{
    char expected[16];
    const char *comma = strrchr(row, ',');
    if (!comma)
        return false;
    snprintf(expected, sizeof expected, "%lu", (unsigned long)row_check_of(row, (size_t)(comma - row)));
    return strcmp(comma + 1, expected) == 0;
}
