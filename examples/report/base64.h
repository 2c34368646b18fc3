/* SPDX-License-Identifier: MIT */
/* Bytes as text (RFC 4648, section 4). */
#ifndef REPORT_BASE64_H
#define REPORT_BASE64_H

#include <stdio.h>

void base64_write(FILE *to, const unsigned char *bytes, size_t count);

#endif
