/* SPDX-License-Identifier: MIT */
/* The inputs of a gradient check: their nodes, and their base values as one flat vector. Also the memory of the check. */
#include "gradcheck.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>

struct gradcheck_block {
    struct gradcheck_block *next;
    max_align_t data[];
};

void *ct_gradcheck_alloc(gradcheck *c, int64_t count, size_t size)
{
    struct gradcheck_block *block = calloc(1, sizeof *block + (size_t)count * size);
    if (!block) {
        ct_fail(c->err, CT_E_MEMORY, "gradcheck: out of memory for %lld elements of %zu bytes", (long long)count, size);
        return NULL;
    }
    block->next = c->blocks;
    c->blocks = block;
    return block->data;
}

static void release_level(gradcheck_level *level)
{
    ct_program_free(level->value.program);
    ct_program_free(level->value_twin.program);
    for (int i = 0; i < GRADCHECK_ROUTES; i++) {
        ct_program_free(level->route[i].probe.program);
        ct_program_free(level->route[i].twin.program);
    }
}

void ct_gradcheck_release(gradcheck *c)
{
    release_level(&c->first);
    release_level(&c->second);
    ct_program_free(c->reverse.program);
    ct_program_free(c->reverse_twin.program);
    ct_graph_free(c->graph);
    while (c->blocks) {
        struct gradcheck_block *next = c->blocks->next;
        free(c->blocks);
        c->blocks = next;
    }
}

int64_t ct_gradcheck_length(const gradcheck *c)
{
    return c->start[c->m];
}

static bool allocate(gradcheck *c, int64_t length)
{
    return (c->base = ct_gradcheck_alloc(c, length, sizeof(double))) &&
           (c->point = ct_gradcheck_alloc(c, length, sizeof(double))) &&
           (c->direction = ct_gradcheck_alloc(c, length, sizeof(double))) &&
           (c->relative = ct_gradcheck_alloc(c, length, sizeof(double)));
}

static bool read_one(gradcheck *c, int k)
{
    const ct_tensor *t = c->given[c->number[k]];
    double *to = c->base + c->start[k], largest = 0;
    for (int64_t i = 0; i < ct_tensor_count(t); i++) {
        to[i] = ct_tensor_get(t, i);
        if (!isfinite(to[i]))
            return ct_fail(c->err, CT_E_NUMERIC, "gradcheck: element %lld of input %d is %g; expected a finite number",
                           (long long)i, c->number[k], to[i]);
        largest = fmax(largest, fabs(to[i]));
    }
    c->scale[k] = largest > 0 ? largest : 1;
    return true;
}

static bool find_float_inputs(gradcheck *c)
{
    for (int i = 0; i < c->n; i++) {
        if (!c->given[i])
            return ct_fail(c->err, CT_E_ARGUMENT, "gradcheck: input %d is NULL; expected a tensor", i);
        if (!ct_dtype_is_float(ct_tensor_dtype(c->given[i])))
            continue;
        c->number[c->m] = i;
        c->start[c->m + 1] = c->start[c->m] + ct_tensor_count(c->given[i]);
        c->m++;
    }
    if (ct_gradcheck_length(c) == 0)
        return ct_fail(c->err, CT_E_ARGUMENT, "gradcheck: nothing to differentiate: %d inputs, no float one with elements", c->n);
    return true;
}

bool ct_gradcheck_read_inputs(gradcheck *c)
{
    if (!(c->number = ct_gradcheck_alloc(c, c->n, sizeof(int))) ||
        !(c->start = ct_gradcheck_alloc(c, (int64_t)c->n + 1, sizeof(int64_t))) ||
        !(c->scale = ct_gradcheck_alloc(c, c->n, sizeof(double))) ||
        !find_float_inputs(c) || !allocate(c, ct_gradcheck_length(c)))
        return false;
    for (int k = 0; k < c->m; k++)
        if (!read_one(c, k))
            return false;
    return true;
}

static ct_var *make(gradcheck *c, const char *what, int i, ct_dtype dtype)
{
    return ct_input(c->graph, ct_graph_text(c->graph, "gradcheck.%s%d", what, i), dtype, ct_tensor_shape(c->given[i]));
}

bool ct_gradcheck_make_inputs(gradcheck *c)
{
    if (!(c->input = ct_gradcheck_alloc(c, c->n, sizeof(ct_var *))) ||
        !(c->x = ct_gradcheck_alloc(c, c->m, sizeof(ct_var *))) || !(c->dx = ct_gradcheck_alloc(c, c->m, sizeof(ct_var *))))
        return false;
    for (int i = 0; i < c->n; i++) {
        ct_dtype dtype = ct_tensor_dtype(c->given[i]);
        c->input[i] = make(c, "x", i, ct_dtype_is_float(dtype) ? CT_F64 : dtype);
    }
    for (int k = 0; k < c->m; k++) {
        c->x[k] = c->input[c->number[k]];
        c->dx[k] = make(c, "dx", c->number[k], CT_F64);
    }
    return true;
}
