/* SPDX-License-Identifier: MIT */
/* Digests by zlib. */
#include <cotangent/digest.h>

#include <stdio.h>
#include <string.h>
#include <zlib.h>

ct_digest ct_digest_start(void)
{
    return (ct_digest){0, 1};
}

/* zlib takes NULL for a question after its first value. */
void ct_digest_add(ct_digest *d, const void *bytes, size_t count)
{
    if (count == 0)
        return;
    d->crc32 = (uint32_t)crc32_z(d->crc32, bytes, count);
    d->adler32 = (uint32_t)adler32_z(d->adler32, bytes, count);
}

void ct_digest_text(ct_digest d, char text[CT_DIGEST_LENGTH + 1])
{
    snprintf(text, CT_DIGEST_LENGTH + 1, CT_DIGEST_NAME "%08lx%08lx", (unsigned long)d.crc32, (unsigned long)d.adler32);
}

bool ct_digest_is_text(const char *text)
{
    const size_t name = sizeof CT_DIGEST_NAME - 1;
    return strncmp(text, CT_DIGEST_NAME, name) == 0 && strlen(text) == CT_DIGEST_LENGTH &&
           strspn(text + name, "0123456789abcdef") == CT_DIGEST_LENGTH - name;
}
