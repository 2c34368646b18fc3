/* SPDX-License-Identifier: MIT */
/* Errors are values. No call of this library aborts, exits or prints: what can fail takes a `ct_error *` last,
 * which may be NULL, and returns false or NULL after filling it. */
#ifndef COTANGENT_ERROR_H
#define COTANGENT_ERROR_H

#include <cotangent/language.h>
#include <stdarg.h>
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define CT_API __attribute__((visibility("default")))
#define CT_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#define CT_API
#define CT_PRINTF(text, first)
#endif

/* The kinds of error, each with the words ct_code_name returns. */
#define CT_CODES(X)                                  \
    X(CT_OK, "no error")                             \
    X(CT_E_ARGUMENT, "invalid argument")             \
    X(CT_E_SHAPE, "shapes do not fit")               \
    X(CT_E_DTYPE, "dtypes do not fit")               \
    X(CT_E_NAME, "name unknown or taken")            \
    X(CT_E_MEMORY, "out of memory")                  \
    X(CT_E_IO, "file cannot be read or written")     \
    X(CT_E_FORMAT, "file is not what it should be")  \
    X(CT_E_NUMERIC, "a value is not finite")

typedef enum ct_code {
#define CT_CODE_ENUM(name, text) name,
    CT_CODES(CT_CODE_ENUM)
#undef CT_CODE_ENUM
} ct_code;

enum { CT_MESSAGE_SIZE = 1024 };

/* One error: what kind, and one line for a person that names what was wrong and what was expected.
 * A longer message is cut at CT_MESSAGE_SIZE - 1 bytes and ends in "...". */
typedef struct ct_error {
    ct_code code;
    char message[CT_MESSAGE_SIZE];
} ct_error;

/* Text of a code, a string constant. */
CT_API const char *ct_code_name(ct_code code);

/* Fill `err` (unless NULL) with `code` and the formatted message. Returns false, so that a function can
 * `return ct_fail(err, ...)`. */
CT_API bool ct_fail(ct_error *err, ct_code code, const char *format, ...) CT_PRINTF(3, 4);
CT_API bool ct_vfail(ct_error *err, ct_code code, const char *format, va_list args) CT_PRINTF(3, 0);

/* Put "prefix: " before the message already in `err` (which may be NULL). Returns false. */
CT_API bool ct_fail_prefix(ct_error *err, const char *format, ...) CT_PRINTF(2, 3);

#ifdef __cplusplus
}
#endif
#endif
