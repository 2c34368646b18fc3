/* SPDX-License-Identifier: MIT */
/* Growing lists of buffers, values and steps. */
#include "program_impl.h"
#include <stdlib.h>
#include <string.h>

/* Room for one more element; false when out of memory. */
static bool grow(void **list, int n, int *capacity, size_t size)
{
    if (n < *capacity)
        return true;
    int more = *capacity ? 2 * *capacity : 64;
    void *bigger = realloc(*list, (size_t)more * size);
    if (!bigger)
        return false;
    *list = bigger;
    *capacity = more;
    return true;
}

int ct_program_new_buffer(ct_program *p, size_t bytes, ct_tensor *tensor)
{
    void *list = p->buffers;
    if (!grow(&list, p->n_buffers, &p->buffers_capacity, sizeof *p->buffers))
        return -1;
    p->buffers = list;
    p->buffers[p->n_buffers] = (buffer){.bytes = bytes, .tensor = tensor, .merged = -1, .last = -1};
    return p->n_buffers++;
}

static bool grow_packed(ct_program *p)
{
    int *more = realloc(p->packed_of, (size_t)p->values_capacity * sizeof *more);
    if (more)
        p->packed_of = more;
    return more != NULL;
}

int ct_program_new_value(ct_program *p, const ct_var *v, ct_array array, int buffer, int of)
{
    int capacity = p->values_capacity;
    void *list = p->values;
    if (buffer < 0 || !grow(&list, p->n_values, &capacity, sizeof *p->values))
        return -1;
    p->values = list;
    bool grown = capacity != p->values_capacity;
    p->values_capacity = capacity;
    if (grown && !grow_packed(p))
        return -1;
    p->values[p->n_values] = (value){v, array, buffer, of, 0};
    p->packed_of[p->n_values] = -1;
    return p->n_values++;
}

step *ct_program_new_step(ct_program *p, step_kind kind, const ct_var *v, int n, int y)
{
    void *list = p->steps;
    int *x = ct_arena_alloc(&p->memory, ((size_t)n + 1) * sizeof *x);
    if (y < 0 || !x || !grow(&list, p->n_steps, &p->steps_capacity, sizeof *p->steps))
        return NULL;
    p->steps = list;
    p->steps[p->n_steps] = (step){.kind = kind, .var = v, .n = n, .x = x, .n_out = 1, .out = x + n};
    x[n] = y;
    return &p->steps[p->n_steps++];
}

int ct_program_copied(ct_program *p, int v)
{
    ct_array from = p->values[v].array;
    const ct_var *var = p->values[v].var;
    int b = ct_program_new_buffer(p, (size_t)ct_array_count(&from) * ct_dtype_size(from.dtype), NULL);
    int y = ct_program_new_value(p, var, ct_array_make(from.data, from.dtype, from.shape), b, -1);
    step *s = ct_program_new_step(p, STEP_COPY, var, 1, y);
    if (!s)
        return -1;
    s->x[0] = v;
    return y;
}

int ct_program_packed(ct_program *p, int v)
{
    if (v < 0 || ct_array_is_contiguous(&p->values[v].array))
        return v;
    if (p->packed_of[v] >= 0)
        return p->packed_of[v];
    int y = ct_program_copied(p, v);
    if (y >= 0)
        p->packed_of[v] = y;
    return y;
}

int ct_program_times_read_by(const ct_program *p, const step *steps, int n_steps, int v)
{
    int n = 0;
    for (int s = 0; s < n_steps; s++)
        for (int i = 0; i < steps[s].n; i++)
            n += root_value(p, steps[s].x[i]) == v;
    return n;
}

int ct_program_times_read(const ct_program *p, int v)
{
    return ct_program_times_read_by(p, p->steps, p->n_steps, v);
}

bool ct_compile_out_of_memory(ct_error *err, const char *doing)
{
    return ct_fail(err, CT_E_MEMORY, "compile: out of memory while %s", doing);
}
