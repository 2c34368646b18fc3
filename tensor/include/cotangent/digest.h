/* SPDX-License-Identifier: MIT */
/* A digest of bytes against accidental damage: zlib's CRC-32 and Adler-32, 64 bits together. Every change within four
 * bytes in a row is found, and of any other damage all but one in 2^64 or so. It does not keep from malice. As a text
 * it can stand inside the very bytes that it is of: it is worked out with its own digits as zeros. */
#ifndef COTANGENT_DIGEST_H
#define COTANGENT_DIGEST_H

#include <cotangent/error.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ct_digest {
    uint32_t crc32, adler32;
} ct_digest;

/* Of no bytes; then of some more. */
CT_API ct_digest ct_digest_start(void);
CT_API void ct_digest_add(ct_digest *d, const void *bytes, size_t count);

/* As text: the name, eight digits of CRC-32, eight of Adler-32, hexadecimal and lower-case. */
#define CT_DIGEST_NAME "crc32+adler32:"
#define CT_DIGEST_DIGITS "0000000000000000"
enum { CT_DIGEST_LENGTH = sizeof CT_DIGEST_NAME CT_DIGEST_DIGITS - 1 };
CT_API void ct_digest_text(ct_digest d, char text[CT_DIGEST_LENGTH + 1]);
/* Whether the text, up to its 0, is a digest's. */
CT_API bool ct_digest_is_text(const char *text);

#ifdef __cplusplus
}
#endif
#endif
