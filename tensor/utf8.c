/* SPDX-License-Identifier: MIT */
/* Checking and encoding UTF-8. */
#include "utf8.h"

#include <string.h>

static bool in_range(uint32_t code, size_t length)
{
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    return code >= least[length] && code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF);
}

size_t ct_utf8_length(const char *text, const char *end)
{
    const unsigned char *b = (const unsigned char *)text;
    if (text == end)
        return 0;
    size_t length = b[0] < 0x80 ? 1 : b[0] < 0xC0 ? 0 : b[0] < 0xE0 ? 2 : b[0] < 0xF0 ? 3 : b[0] < 0xF8 ? 4 : 0;
    if (length < 2)
        return length;
    if ((size_t)(end - text) < length)
        return 0;
    uint32_t code = b[0] & (0x7Fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((b[i] & 0xC0) != 0x80)
            return 0;
        code = code << 6 | (b[i] & 0x3Fu);
    }
    return in_range(code, length) ? length : 0;
}

bool ct_utf8_check(const char *text)
{
    const char *end = text + strlen(text);
    while (text < end) {
        size_t length = ct_utf8_length(text, end);
        if (length == 0)
            return false;
        text += length;
    }
    return true;
}

size_t ct_utf8_encode(uint32_t code, char out[4])
{
    static const unsigned char lead[5] = {0, 0, 0xC0, 0xE0, 0xF0};
    size_t length = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = length - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (code & 0x3F));
        code >>= 6;
    }
    out[0] = (char)(lead[length] | code);
    return length;
}
