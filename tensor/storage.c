/* Reference-counted memory. */
#include "storage.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

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

/* aligned_alloc wants a multiple of the alignment. */
static void *allocate(size_t bytes, ct_error *err)
{
    const size_t unit = CT_STORAGE_ALIGNMENT;
    size_t rounded = bytes <= unit ? unit : (bytes + unit - 1) / unit * unit;
    void *data = rounded >= bytes ? aligned_alloc(unit, rounded) : NULL;
    if (data)
        memset(data, 0, rounded);
    else
        ct_fail(err, CT_E_MEMORY, "no memory for a tensor of %zu bytes", bytes);
    return data;
}

ct_storage *ct_storage_new(size_t bytes, ct_error *err)
{
    void *data = allocate(bytes, err);
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
