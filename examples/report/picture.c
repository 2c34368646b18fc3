/* SPDX-License-Identifier: MIT */
/* PNG files as data URIs. */
#include "picture.h"

#include <stdlib.h>
#include <string.h>

#include "base64.h"
#include "html.h"
#include "whole_file.h"

enum { LARGEST_PICTURE = 1 << 26 };  /* bytes */

static unsigned long number_at(const unsigned char *bytes)
{
    return (unsigned long)bytes[0] << 24 | (unsigned long)bytes[1] << 16 | (unsigned long)bytes[2] << 8 | bytes[3];
}

/* A signature, then the block IHDR, which begins with width and height. */
static bool is_png(const char *bytes, size_t size)
{
    return size > 24 && memcmp(bytes, "\x89PNG\r\n\x1a\n", 8) == 0 && memcmp(bytes + 12, "IHDR", 4) == 0;
}

bool picture_write(FILE *to, const char *path, const char *alt, ct_error *err)
{
    size_t size;
    char *file = whole_file_read(path, LARGEST_PICTURE, &size, err);
    const unsigned char *bytes = (const unsigned char *)file;
    bool ok = file && (is_png(file, size) || ct_fail(err, CT_E_FORMAT, "%s: expected a PNG", path));
    if (ok) {
        fprintf(to, "<img width=\"%lu\" height=\"%lu\" alt=\"", number_at(bytes + 16), number_at(bytes + 20));
        html_text(to, alt);
        fputs("\" src=\"data:image/png;base64,", to);
        base64_write(to, bytes, size);
        fputs("\"/>", to);
    }
    free(file);
    return ok;
}
