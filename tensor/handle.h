/* SPDX-License-Identifier: MIT */
/* What a tensor handle is made of, for the files that make handles. */
#ifndef COTANGENT_HANDLE_H
#define COTANGENT_HANDLE_H

#include <cotangent/array.h>
#include <stdatomic.h>

#include "storage.h"

struct ct_tensor {
    atomic_int_fast64_t owners;
    ct_storage *storage;
    ct_array array;
};

/* A handle on `array`, which lies in `storage`; takes over the caller's share of `storage`, on failure too. */
ct_tensor *ct_tensor_handle(ct_storage *storage, ct_array array, ct_error *err);

#endif
