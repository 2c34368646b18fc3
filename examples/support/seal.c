/* SPDX-License-Identifier: MIT */
/* Digests in texts. */
#include "seal.h"

#include <string.h>

enum { NAME = sizeof CT_DIGEST_NAME - 1 };

/* Where the last digest begins, or NULL. */
static const char *find(const char *text, size_t size)
{
    for (size_t at = size < CT_DIGEST_LENGTH ? 0 : size - CT_DIGEST_LENGTH + 1; at > 0; at--)
        if (memcmp(text + at - 1, CT_DIGEST_NAME, NAME) == 0)
            return text + at - 1;
    return NULL;
}

static void work_out(const char *text, size_t size, const char *at, char digest[CT_DIGEST_LENGTH + 1])
{
    const char *after = at + CT_DIGEST_LENGTH;
    ct_digest d = ct_digest_start();
    ct_digest_add(&d, text, (size_t)(at + NAME - text));
    ct_digest_add(&d, CT_DIGEST_DIGITS, sizeof CT_DIGEST_DIGITS - 1);
    ct_digest_add(&d, after, (size_t)(text + size - after));
    ct_digest_text(d, digest);
}

void seal_fill(char *text, size_t size)
{
    char digest[CT_DIGEST_LENGTH + 1];
    const char *at = find(text, size);
    if (!at)
        return;
    work_out(text, size, at, digest);
    memcpy(text + (at - text), digest, CT_DIGEST_LENGTH);
}

bool seal_check(const char *path, const char *text, size_t size, ct_error *err)
{
    char digest[CT_DIGEST_LENGTH + 1];
    const char *at = find(text, size);
    if (!at)
        return true;
    work_out(text, size, at, digest);
    return memcmp(at, digest, CT_DIGEST_LENGTH) == 0 ||
           ct_fail(err, CT_E_FORMAT, "%s: damaged: its bytes have the digest %s, expected %.*s, which it carries; if it "
                   "was changed by hand, take the digest out", path, digest, (int)CT_DIGEST_LENGTH, at);
}
