/* SPDX-License-Identifier: MIT */
/* Memory shared by the handles on it: reference-counted, owned or borrowed. */
#ifndef COTANGENT_STORAGE_H
#define COTANGENT_STORAGE_H

#include <cotangent/error.h>
#include <stddef.h>

enum { CT_STORAGE_ALIGNMENT = 64 };

typedef struct ct_storage ct_storage;

/* Zero-filled, aligned to 64 bytes; the address is never NULL, not even for 0 bytes. */
ct_storage *ct_storage_new(size_t bytes, ct_error *err);
ct_storage *ct_storage_borrow(void *data, ct_error *err);
ct_storage *ct_storage_retain(ct_storage *s);
void ct_storage_release(ct_storage *s);
void *ct_storage_data(const ct_storage *s);

#endif
