/* SPDX-License-Identifier: MIT */
/* Reference-counted memory. */
#include "storage.h"

#include <cotangent/pages.h>

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

struct ct_storage {
    atomic_int_fast64_t owners;
    void *data;
    bool borrowed;
};

static ct_storage *make(void *data, bool borrowed, ct_error *err)
{
    ct_storage *s = malloc(sizeof *s);
    if (!s) {
        ct_fail(err, CT_E_MEMORY, "no memory for a tensor's storage (%zu bytes)", sizeof *s);
        return NULL;
    }
    atomic_init(&s->owners, 1);
    s->data = data;
    s->borrowed = borrowed;
    return s;
}

ct_storage *ct_storage_new(size_t bytes, ct_error *err)
{
    void *data = ct_pages_alloc(bytes);
    if (!data)
        ct_fail(err, CT_E_MEMORY, "no memory for a tensor of %zu bytes", bytes);
    ct_storage *s = data ? make(data, false, err) : NULL;
    if (!s)
        free(data);
    return s;
}

ct_storage *ct_storage_borrow(void *data, ct_error *err)
{
    return make(data, true, err);
}

ct_storage *ct_storage_retain(ct_storage *s)
{
    atomic_fetch_add_explicit(&s->owners, 1, memory_order_relaxed);
    return s;
}

void ct_storage_release(ct_storage *s)
{
    if (!s || atomic_fetch_sub_explicit(&s->owners, 1, memory_order_acq_rel) != 1)
        return;
    if (!s->borrowed)
        free(s->data);
    free(s);
}

void *ct_storage_data(const ct_storage *s)
{
    return s->data;
}
