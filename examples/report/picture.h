/* SPDX-License-Identifier: MIT */
/* Pictures inside a page. */
#ifndef REPORT_PICTURE_H
#define REPORT_PICTURE_H

#include <cotangent.h>
#include <stdio.h>

/* A PNG file as an <img> that carries it; `alt` says what it shows. False, with nothing written, when it is no PNG. */
bool picture_write(FILE *to, const char *path, const char *alt, ct_error *err);

#endif
