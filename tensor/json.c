/* SPDX-License-Identifier: MIT */
/* The strict JSON reader. */
#include "json.h"

#include <stdlib.h>
#include <string.h>

#include "utf8.h"

ct_json ct_json_make(const char *text, size_t length, ct_error *err)
{
    return (ct_json){text, text, text + length, err};
}

static bool expected(const ct_json *j, const char *what)
{
    return ct_fail(j->err, CT_E_FORMAT, "byte %lld of the JSON text: expected %s", (long long)(j->at - j->begin), what);
}

static void skip_space(ct_json *j)
{
    while (j->at < j->end && (*j->at == ' ' || *j->at == '\t' || *j->at == '\n' || *j->at == '\r'))
        j->at++;
}

bool ct_json_take(ct_json *j, char c)
{
    skip_space(j);
    if (j->at == j->end || *j->at != c)
        return false;
    j->at++;
    return true;
}

bool ct_json_expect(ct_json *j, char c)
{
    return ct_json_take(j, c) || expected(j, (char[]){'\'', c, '\'', 0});
}

bool ct_json_end(ct_json *j)
{
    skip_space(j);
    return j->at == j->end || expected(j, "nothing more");
}

bool ct_json_open(ct_json *j, char open, char close, bool *ok)
{
    *ok = ct_json_expect(j, open);
    return *ok && !ct_json_take(j, close);
}

bool ct_json_more(ct_json *j, char close, bool *ok)
{
    if (!*ok || ct_json_take(j, close))
        return false;
    *ok = ct_json_take(j, ',') || expected(j, close == '}' ? "',' or '}'" : "',' or ']'");
    return *ok;
}

bool ct_json_integer(ct_json *j, int64_t *value)
{
    int64_t v = 0;
    skip_space(j);
    const char *first = j->at;
    for (; j->at < j->end && *j->at >= '0' && *j->at <= '9'; j->at++) {
        int digit = *j->at - '0';
        if (v > (INT64_MAX - digit) / 10)
            return expected(j, "an integer below 2^63");
        v = v * 10 + digit;
    }
    if (j->at == first || (*first == '0' && j->at - first > 1))
        return expected(j, "an integer of 0 or more, without leading zeros");
    *value = v;
    return true;
}

/* Four hexadecimal digits at j->at. */
static bool hex4(ct_json *j, uint32_t *code)
{
    *code = 0;
    for (int i = 0; i < 4; i++, j->at++) {
        static const char digits[] = "0123456789abcdef0123456789ABCDEF";
        const char *digit = j->at < j->end && *j->at ? strchr(digits, *j->at) : NULL;
        if (!digit)
            return expected(j, "four hexadecimal digits");
        *code = *code << 4 | ((uint32_t)(digit - digits) & 15);
    }
    return true;
}

/* After "\u": one code point, from a surrogate pair if need be. */
static bool unicode_escape(ct_json *j, char **to)
{
    uint32_t code, low;
    if (!hex4(j, &code))
        return false;
    if (code >= 0xD800 && code <= 0xDBFF) {
        if (j->end - j->at < 2 || j->at[0] != '\\' || j->at[1] != 'u')
            return expected(j, "the second half of a surrogate pair");
        j->at += 2;
        if (!hex4(j, &low))
            return false;
        if (low < 0xDC00 || low > 0xDFFF)
            return expected(j, "the second half of a surrogate pair");
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    }
    if (code == 0 || (code >= 0xD800 && code <= 0xDFFF))
        return expected(j, "a character other than NUL or half of a surrogate pair");
    *to += ct_utf8_encode(code, *to);
    return true;
}

/* After the backslash. */
static bool escape(ct_json *j, char **to)
{
    static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
    const char *name = j->at < j->end && *j->at ? strchr(names, *j->at) : NULL;
    if (name) {
        *(*to)++ = values[name - names];
        j->at++;
        return true;
    }
    if (j->at == j->end || *j->at != 'u')
        return expected(j, "one of \"\\/bfnrtu after a backslash");
    j->at++;
    return unicode_escape(j, to);
}

/* One character of a string. */
static bool character(ct_json *j, char **to)
{
    size_t length = ct_utf8_length(j->at, j->end);
    if (length == 0 || (unsigned char)*j->at < 0x20)
        return expected(j, j->at == j->end ? "the end of a string" : "valid UTF-8 without control characters");
    if (*j->at == '\\') {
        j->at++;
        return escape(j, to);
    }
    memcpy(*to, j->at, length);
    *to += length;
    j->at += length;
    return true;
}

/* No escape is shorter than what it stands for, so the text's length up to the closing quote is enough. */
static size_t raw_length(const ct_json *j)
{
    const char *at = j->at;
    while (at < j->end && *at != '"')
        at += *at == '\\' && at + 1 < j->end ? 2 : 1;
    return (size_t)(at - j->at);
}

char *ct_json_string(ct_json *j)
{
    if (!ct_json_expect(j, '"'))
        return NULL;
    char *text = malloc(raw_length(j) + 1), *to = text;
    if (!text) {
        ct_fail(j->err, CT_E_MEMORY, "no memory for a string of the JSON text");
        return NULL;
    }
    while (j->at == j->end || *j->at != '"')
        if (!character(j, &to)) {
            free(text);
            return NULL;
        }
    j->at++;
    *to = 0;
    return text;
}
