/* SPDX-License-Identifier: MIT */
/* Copies of parameters that have tensors of their own. */
#include "params_impl.h"

/* The copy of src's tensor i for dst, owned by the caller: that of an earlier name of the same tensor, or a new one. */
static ct_tensor *copy_of(const nn_params *dst, const nn_params *src, int64_t i, ct_error *err)
{
    ct_tensor *t = nn_params_tensor(src, i);
    int64_t first = nn_params_place(src, t);
    ct_tensor *known = first < i ? nn_params_find(dst, nn_params_name(src, first)) : NULL;
    return known ? ct_tensor_retain(known) : ct_tensor_cast(t, nn_params_dtype(dst), err);
}

static bool add_copy(nn_params *dst, const nn_params *src, int64_t i, ct_error *err)
{
    ct_tensor *copy = copy_of(dst, src, i, err);
    bool ok = copy && nn_params_add(dst, nn_params_name(src, i), copy, err);
    ct_tensor_free(copy);
    return ok;
}

bool nn_params_add_copies(nn_params *dst, const nn_params *src, ct_error *err)
{
    for (int64_t i = 0; i < nn_params_count(src); i++)
        if (!nn_params_find(dst, nn_params_name(src, i)) && !add_copy(dst, src, i, err))
            return false;
    return true;
}

nn_params *nn_params_clone(const nn_params *p, ct_error *err)
{
    if (!p) {
        ct_fail(err, CT_E_ARGUMENT, "parameters: the set to copy is NULL");
        return NULL;
    }
    nn_params *copy = nn_params_new(nn_params_dtype(p), nn_params_seed(p), err);
    if (copy && nn_params_add_copies(copy, p, err))
        return copy;
    nn_params_free(copy);
    return NULL;
}
