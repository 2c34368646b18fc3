/* SPDX-License-Identifier: MIT */
/* A set of named tensors: an array in order of creation, and a hash table over the names. */
#include "params_impl.h"
#include <cotangent/random.h>
#include <stdlib.h>
#include <string.h>

typedef struct entry {
    char *name;
    ct_tensor *tensor;
    nn_init init;  /* that nn_param made it with; of the default kind where it came otherwise */
} entry;

struct nn_params {
    ct_dtype dtype;
    uint64_t seed;
    entry *entries;
    int64_t count, capacity;
    int64_t *slots;      /* open addressing; place in entries plus 1, 0 when free */
    int64_t slot_count;  /* 2 * capacity, a power of two */
    int64_t limit;       /* numbers of all parameters, at most */
};

nn_params *nn_params_new(ct_dtype dtype, uint64_t seed, ct_error *err)
{
    if (!ct_dtype_is_float(dtype)) {
        ct_fail(err, CT_E_DTYPE, "parameters: dtype %d (%s), expected float32 (0) or float64 (1)", (int)dtype, ct_dtype_name(dtype));
        return NULL;
    }
    nn_params *p = calloc(1, sizeof *p);
    if (!p) {
        ct_fail(err, CT_E_MEMORY, "parameters: out of memory for a new set");
        return NULL;
    }
    p->dtype = dtype;
    p->seed = seed;
    p->limit = INT64_MAX;
    return p;
}

void nn_params_free(nn_params *p)
{
    if (!p)
        return;
    for (int64_t i = 0; i < p->count; i++) {
        free(p->entries[i].name);
        ct_tensor_free(p->entries[i].tensor);
    }
    free(p->entries);
    free(p->slots);
    free(p);
}

ct_dtype nn_params_dtype(const nn_params *p)
{
    return p ? p->dtype : CT_F32;
}

uint64_t nn_params_seed(const nn_params *p)
{
    return p->seed;
}

int64_t nn_params_count(const nn_params *p)
{
    return p ? p->count : 0;
}

const char *nn_params_name(const nn_params *p, int64_t i)
{
    return p && i >= 0 && i < p->count ? p->entries[i].name : NULL;
}

ct_tensor *nn_params_tensor(const nn_params *p, int64_t i)
{
    return p && i >= 0 && i < p->count ? p->entries[i].tensor : NULL;
}

int64_t nn_params_numbers(const nn_params *p)
{
    int64_t sum = 0;
    for (int64_t i = 0; p && i < p->count; i++)
        sum += ct_tensor_count(p->entries[i].tensor);
    return sum;
}

void nn_params_limit(nn_params *p, const ct_archive *from, const char *prefix)
{
    p->limit = 0;
    for (int64_t i = 0; i < ct_archive_count(from); i++)
        if (strncmp(ct_archive_name(from, i), prefix, strlen(prefix)) == 0)
            p->limit += ct_tensor_count(ct_archive_tensor(from, i));
}

bool nn_params_check_limit(const nn_params *p, const char *name, ct_shape shape, ct_error *err)
{
    if (p->limit == INT64_MAX || !ct_shape_check(shape, err))
        return p->limit == INT64_MAX;
    int64_t more = ct_shape_count(shape), used = nn_params_numbers(p);
    return more <= p->limit - used ||
           ct_fail(err, CT_E_SHAPE, "parameter '%s' %s has %lld numbers, and all before it %lld, expected at most %lld in "
                   "all, as many as the file holds", name, CT_SHAPE_TEXT(shape), (long long)more, (long long)used,
                   (long long)p->limit);
}

int64_t nn_params_place(const nn_params *p, const ct_tensor *t)
{
    for (int64_t i = 0; i < p->count; i++)
        if (p->entries[i].tensor == t)
            return i;
    return -1;
}

/* The slot that holds the name, or the free one where it belongs. There is always a free one. */
static int64_t *slot_of(const nn_params *p, const char *name)
{
    uint64_t mask = (uint64_t)p->slot_count - 1;
    uint64_t i = ct_random_stream(name) & mask;
    while (p->slots[i] && strcmp(p->entries[p->slots[i] - 1].name, name) != 0)
        i = (i + 1) & mask;
    return &p->slots[i];
}

ct_tensor *nn_params_find(const nn_params *p, const char *name)
{
    int64_t place = p && name && p->count ? *slot_of(p, name) : 0;
    return place ? p->entries[place - 1].tensor : NULL;
}

nn_init *nn_params_init(const nn_params *p, const char *name)
{
    int64_t place = p->count ? *slot_of(p, name) : 0;
    return place ? &p->entries[place - 1].init : NULL;
}

static bool grow(nn_params *p)
{
    int64_t capacity = p->capacity ? 2 * p->capacity : 16;
    entry *entries = realloc(p->entries, (size_t)capacity * sizeof *entries);
    if (!entries)
        return false;
    p->entries = entries;
    int64_t *slots = calloc((size_t)(2 * capacity), sizeof *slots);
    if (!slots)
        return false;
    free(p->slots);
    p->slots = slots;
    p->slot_count = 2 * capacity;
    p->capacity = capacity;
    for (int64_t i = 0; i < p->count; i++)
        *slot_of(p, p->entries[i].name) = i + 1;
    return true;
}

static bool check_new(const nn_params *p, const char *name, const ct_tensor *t, ct_error *err)
{
    if (!p)
        return ct_fail(err, CT_E_ARGUMENT, "parameters: the set is NULL");
    if (!name || !*name)
        return ct_fail(err, CT_E_NAME, "parameters: a name must not be empty");
    if (!t)
        return ct_fail(err, CT_E_ARGUMENT, "parameter '%s': the tensor is NULL", name);
    if (nn_params_find(p, name))
        return ct_fail(err, CT_E_NAME, "parameter '%s': the name is taken", name);
    if (ct_tensor_dtype(t) != p->dtype)
        return ct_fail(err, CT_E_DTYPE, "parameter '%s': the tensor is %s, but the set is %s", name,
                       ct_dtype_name(ct_tensor_dtype(t)), ct_dtype_name(p->dtype));
    if (!ct_tensor_is_contiguous(t))
        return ct_fail(err, CT_E_ARGUMENT, "parameter '%s': the tensor must be contiguous: see ct_tensor_contiguous",
                       name);
    return true;
}

bool nn_params_add(nn_params *p, const char *name, ct_tensor *t, ct_error *err)
{
    if (!check_new(p, name, t, err))
        return false;
    char *copy = malloc(strlen(name) + 1);
    if (!copy || (p->count == p->capacity && !grow(p))) {
        free(copy);
        return ct_fail(err, CT_E_MEMORY, "parameter '%s': out of memory for its name", name);
    }
    strcpy(copy, name);
    *slot_of(p, copy) = p->count + 1;
    p->entries[p->count++] = (entry){.name = copy, .tensor = ct_tensor_retain(t)};
    return true;
}
