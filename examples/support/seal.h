/* SPDX-License-Identifier: MIT */
/* A digest inside a text file that is read back: the last one in it is of all its bytes, with zeros for its own digits
 * (cotangent/digest.h). A text without one is as its reader has written it by hand. */
#ifndef EXAMPLE_SEAL_H
#define EXAMPLE_SEAL_H

#include <cotangent.h>

/* What a writer puts where the digest goes. */
#define SEAL_BLANK CT_DIGEST_NAME CT_DIGEST_DIGITS

/* Works out the digest of a text that has a place for one. */
void seal_fill(char *text, size_t size);
/* False, naming the file, when the text carries a digest that is not its own. */
bool seal_check(const char *path, const char *text, size_t size, ct_error *err);

#endif
