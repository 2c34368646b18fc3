/* SPDX-License-Identifier: MIT */
/* Memory for large arrays. */
#ifndef COTANGENT_PAGES_H
#define COTANGENT_PAGES_H

#include <cotangent/error.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* `bytes` of zeros, aligned to 64, in large pages where the system has them and the array fills some; NULL when there is no memory. Given back with free(). */
CT_API void *ct_pages_alloc(size_t bytes);

#ifdef __cplusplus
}
#endif
#endif
