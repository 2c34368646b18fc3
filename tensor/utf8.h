/* SPDX-License-Identifier: MIT */
/* UTF-8, as JSON strings are encoded. */
#ifndef COTANGENT_UTF8_H
#define COTANGENT_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The bytes of the sequence that begins at `text`, or 0 when it is not one: overlong forms, surrogates and numbers above
 * 0x10FFFF are refused. */
size_t ct_utf8_length(const char *text, const char *end);
bool ct_utf8_check(const char *text);
/* Encodes a code point that is not a surrogate; returns the number of bytes. */
size_t ct_utf8_encode(uint32_t code, char out[4]);

#endif
