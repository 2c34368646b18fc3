/* SPDX-License-Identifier: MIT */
/* The library's version. */
#include <cotangent/version.h>

const char *ct_version(void) { return CT_VERSION; }
