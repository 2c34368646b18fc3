/* SPDX-License-Identifier: MIT */
/* PNG files as data URIs. */
#include "picture.h"

#include <cotangent.h>
#include <stdlib.h>

#include "base64.h"
#include "html.h"
#include "whole_file.h"

enum { LARGEST_PICTURE = 1 << 26 };  /* bytes */

static unsigned long number_at(const unsigned char *bytes)
{
    return (unsigned long)bytes[0] << 24 | (unsigned long)bytes[1] << 16 | (unsigned long)bytes[2] << 8 | bytes[3];
}

/* Whether the file is a PNG that can be read: what is damaged is not shown. */
static bool is_whole(const char *path, ct_error *err)
{
    ct_tensor *pixels = ct_image_read(path, 0, 0, err);
    ct_tensor_free(pixels);
    return pixels != NULL;
}

bool picture_write(FILE *to, const char *path, const char *alt, ct_error *err)
{
    size_t size;
    char *file = whole_file_read(path, LARGEST_PICTURE, &size, err);
    const unsigned char *bytes = (const unsigned char *)file;
    bool ok = file && is_whole(path, err);
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
