/* SPDX-License-Identifier: MIT */
/* Three bytes are four characters of six bits each. */
#include "base64.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* 1 to 3 bytes; what is missing of three is said by '='. */
static void write_group(FILE *to, const unsigned char *bytes, size_t count)
{
    unsigned long bits = (unsigned long)bytes[0] << 16;
    bits |= count > 1 ? (unsigned long)bytes[1] << 8 : 0;
    bits |= count > 2 ? bytes[2] : 0;
    for (size_t i = 0; i < 4; i++)
        fputc(i <= count ? digits[bits >> (18 - 6 * i) & 63] : '=', to);
}

void base64_write(FILE *to, const unsigned char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i += 3)
        write_group(to, bytes + i, count - i < 3 ? count - i : 3);
}
