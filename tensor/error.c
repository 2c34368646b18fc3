/* SPDX-License-Identifier: MIT */
/* Filling a ct_error: the message is always one line and always fits. */
#include <cotangent/error.h>

#include <stdio.h>
#include <string.h>

const char *ct_code_name(ct_code code)
{
    switch (code) {
#define CODE_CASE(name, text) case name: return text;
        CT_CODES(CODE_CASE)
#undef CODE_CASE
    }
    return "unknown error";
}

/* End a cut message in "...", without leaving half of a UTF-8 sequence before it. */
static void mark_cut(char *text)
{
    size_t end = CT_MESSAGE_SIZE - 4;
    while (end > 0 && ((unsigned char)text[end] & 0xC0) == 0x80)
        end--;
    memcpy(text + end, "...", 4);
}

/* Names and paths may hold anything; control characters would break the line or the terminal. */
static void keep_one_line(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7F)
            *text = '?';
}

/* Formats beside err->message first: an argument may point into it. */
static void set_message(ct_error *err, const char *format, va_list args)
{
    char text[CT_MESSAGE_SIZE];
    int length = vsnprintf(text, sizeof text, format, args);
    if (length < 0)
        memcpy(text, "?", 2);
    else if (length >= (int)sizeof text)
        mark_cut(text);
    keep_one_line(text);
    memcpy(err->message, text, strlen(text) + 1);
}

bool ct_vfail(ct_error *err, ct_code code, const char *format, va_list args)
{
    if (err) {
        set_message(err, format, args);
        err->code = code;
    }
    return false;
}

bool ct_fail(ct_error *err, ct_code code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    ct_vfail(err, code, format, args);
    va_end(args);
    return false;
}

bool ct_fail_prefix(ct_error *err, const char *format, ...)
{
    if (!err)
        return false;
    ct_error prefix = {CT_OK, ""};
    va_list args;
    va_start(args, format);
    set_message(&prefix, format, args);
    va_end(args);
    return ct_fail(err, err->code, "%s: %s", prefix.message, err->message);
}
