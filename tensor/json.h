/* SPDX-License-Identifier: MIT */
/* A strict JSON reader that the caller drives: each call takes the next piece of text or says what it expected there.
 * It has no recursion, so nothing in the text can exhaust the stack, and never reads past `end`. */
#ifndef COTANGENT_JSON_H
#define COTANGENT_JSON_H

#include <cotangent/error.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ct_json {
    const char *begin, *at, *end;
    ct_error *err;
} ct_json;

ct_json ct_json_make(const char *text, size_t length, ct_error *err);
/* Step over `c`; ct_json_take says whether it was there, ct_json_expect fails when it was not. */
bool ct_json_take(ct_json *j, char c);
bool ct_json_expect(ct_json *j, char c);
/* A string as malloc'd UTF-8 with a NUL after it; NULL with a message. \u0000 is refused. */
char *ct_json_string(ct_json *j);
/* An integer from 0 to 2^63 - 1. */
bool ct_json_integer(ct_json *j, int64_t *value);
/* Nothing but white space is left. */
bool ct_json_end(ct_json *j);

/* Walk through the members of an object or the elements of an array, each time just before the next one:
 * `for (bool more = ct_json_open(j, '{', '}', &ok); more; more = ct_json_more(j, '}', &ok))`. *ok is false after an error. */
bool ct_json_open(ct_json *j, char open, char close, bool *ok);
bool ct_json_more(ct_json *j, char close, bool *ok);

#endif
