/* SPDX-License-Identifier: MIT */
/* Parsing and writing the dict in a .npy file's header. */
#include "npy_header.h"

#include <stdio.h>
#include <string.h>

enum { DESCR = 1, ORDER = 2, SHAPE = 4, ALL = 7 };

/* What is left of the text, and which keys have been seen. */
typedef struct parser {
    const char *text, *at;
    int seen;
    ct_error *err;
} parser;

static bool expect(const parser *p, const char *what)
{
    return ct_fail(p->err, CT_E_FORMAT, "byte %d of the .npy header: expected %s, found '%.16s'", (int)(p->at - p->text),
                   what, p->at);
}

static void skip_space(parser *p)
{
    p->at += strspn(p->at, " \t\n");
}

/* Whether the next thing is `word`; if so, step over it. */
static bool take(parser *p, const char *word)
{
    size_t length = strlen(word);
    skip_space(p);
    if (strncmp(p->at, word, length) != 0)
        return false;
    p->at += length;
    return true;
}

/* A quoted string without escapes, of at most 31 bytes. */
static bool parse_string(parser *p, char out[32])
{
    skip_space(p);
    const char quote = *p->at;
    if (quote != '\'' && quote != '"')
        return expect(p, "a quoted string");
    size_t length = strcspn(p->at + 1, quote == '"' ? "\"\\" : "'\\");
    if (length > 31 || p->at[1 + length] != quote)
        return expect(p, "a short quoted string");
    memcpy(out, p->at + 1, length);
    out[length] = 0;
    p->at += length + 2;
    return true;
}

/* Byte order '<', or '=' and '|' where it does not matter, then kind and size. */
static bool parse_descr(parser *p, ct_dtype *dtype)
{
    static const char *const kinds[CT_DTYPES] = {"f4", "f8", "i4", "u1"};
    char descr[32];
    if (!parse_string(p, descr))
        return false;
    for (int i = 0; i < CT_DTYPES; i++) {
        bool order = descr[0] == '<' || descr[0] == '=' || (descr[0] == '|' && ct_dtype_size((ct_dtype)i) == 1);
        if (order && strcmp(descr + 1, kinds[i]) == 0) {
            *dtype = (ct_dtype)i;
            return true;
        }
    }
    return ct_fail(p->err, CT_E_DTYPE, "dtype '%s' is not supported, expected '<f4', '<f8', '<i4' or '|u1'", descr);
}

static bool parse_extent(parser *p, int64_t *out)
{
    int64_t value = 0;
    skip_space(p);
    if (*p->at < '0' || *p->at > '9')
        return expect(p, "an extent");
    for (; *p->at >= '0' && *p->at <= '9'; p->at++) {
        if (value > INT64_MAX / 10 - 1)
            return expect(p, "a smaller extent");
        value = value * 10 + (*p->at - '0');
    }
    *out = value;
    return true;
}

/* "()", "(3,)", "(3, 4)" */
static bool parse_shape(parser *p, ct_shape *shape)
{
    shape->rank = 0;
    if (!take(p, "("))
        return expect(p, "'('");
    while (!take(p, ")")) {
        if (shape->rank == CT_MAX_RANK)
            return ct_fail(p->err, CT_E_SHAPE, "the array has more than %d axes", CT_MAX_RANK);
        if (!parse_extent(p, &shape->dim[shape->rank++]))
            return false;
        if (!take(p, ",") && (skip_space(p), *p->at != ')'))
            return expect(p, "',' or ')'");
    }
    return true;
}

static bool parse_bool(parser *p, bool *out)
{
    *out = take(p, "True");
    return *out || take(p, "False") || expect(p, "True or False");
}

static bool parse_item(parser *p, ct_npy_header *header)
{
    char key[32];
    if (!parse_string(p, key))
        return false;
    int bit = !strcmp(key, "descr") ? DESCR : !strcmp(key, "fortran_order") ? ORDER : !strcmp(key, "shape") ? SHAPE : 0;
    if (bit == 0 || p->seen & bit)
        return ct_fail(p->err, CT_E_FORMAT, "key '%s' in the .npy header, expected descr, fortran_order and shape once",
                       key);
    p->seen |= bit;
    if (!take(p, ":"))
        return expect(p, "':'");
    if (bit == DESCR)
        return parse_descr(p, &header->dtype);
    return bit == ORDER ? parse_bool(p, &header->fortran_order) : parse_shape(p, &header->shape);
}

bool ct_npy_header_parse(const char *text, ct_npy_header *header, ct_error *err)
{
    parser p = {text, text, 0, err};
    *header = (ct_npy_header){CT_F32, CT_SCALAR, false};
    if (!take(&p, "{"))
        return expect(&p, "'{'");
    while (!take(&p, "}")) {
        if (!parse_item(&p, header))
            return false;
        if (!take(&p, ",") && (skip_space(&p), *p.at != '}'))
            return expect(&p, "',' or '}'");
    }
    skip_space(&p);
    if (*p.at)
        return expect(&p, "nothing more");
    if (p.seen != ALL)
        return ct_fail(err, CT_E_FORMAT, "the .npy header lacks one of descr, fortran_order and shape");
    return ct_shape_check(header->shape, err);
}

int ct_npy_header_format(const ct_npy_header *header, char text[CT_NPY_HEADER_SIZE])
{
    static const char *const descr[CT_DTYPES] = {"<f4", "<f8", "<i4", "|u1"};
    int used = snprintf(text, CT_NPY_HEADER_SIZE, "{'descr': '%s', 'fortran_order': %s, 'shape': (",
                        descr[header->dtype], header->fortran_order ? "True" : "False");
    for (int i = 0; i < header->shape.rank; i++)
        used += snprintf(text + used, (size_t)(CT_NPY_HEADER_SIZE - used), "%s%lld", i ? ", " : "",
                         (long long)header->shape.dim[i]);
    used += snprintf(text + used, (size_t)(CT_NPY_HEADER_SIZE - used), "%s), }", header->shape.rank == 1 ? "," : "");
    return used;
}
