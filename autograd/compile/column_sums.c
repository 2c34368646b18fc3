/* SPDX-License-Identifier: MIT */
/* Sums down columns that a row program makes in passing: where the sums of blocks are, and how they become the result. */
#include "row_code.h"
#include <string.h>

static int64_t blocks_of(const column_sum *c)
{
    return (c->n + c->block - 1) / c->block;
}

static size_t element_of(const ct_program *p, const step *s)
{
    return ct_dtype_size(p->values[s->out[0]].array.dtype);
}

size_t ct_code_scratch(const ct_program *p, const step *s)
{
    size_t bytes = s->instructions ? registers_of(p, s) : 0;
    for (int i = 0; i < s->sums; i++) {
        column_sum *c = &s->sum[i];
        c->offset = bytes;
        if (c->block < c->n)
            bytes += ((size_t)(c->segments * blocks_of(c) * c->columns) * element_of(p, s) + 63) / 64 * 64;
    }
    return bytes + pieces_bytes(p, s);
}

char *ct_code_sums(const ct_program *p, const step *s, const column_sum *sum)
{
    if (sum->block == sum->n)
        return p->values[s->out[sum->out]].array.data;
    return (char *)p->block + s->scratch_offset + sum->offset;
}

/* Pairwise, neighbours first, as ct_reduce_sum does; the result is the first row. */
static void add_up(char *rows, int64_t count, int64_t columns, size_t element)
{
    size_t row = (size_t)columns * element;
    for (int64_t step = 1; step < count; step *= 2)
        for (int64_t i = 0; i + step < count; i += 2 * step)
            column_fn(element)(1, columns, rows + (size_t)(i + step) * row, rows + (size_t)i * row);
}

void ct_code_finish_sums(const ct_program *p, const step *s)
{
    size_t element = element_of(p, s);
    for (int i = 0; i < s->sums; i++) {
        const column_sum *c = &s->sum[i];
        int64_t count = blocks_of(c);
        size_t row = (size_t)c->columns * element;
        for (int64_t k = 0; c->block < c->n && k < c->segments; k++) {
            char *rows = ct_code_sums(p, s, c) + (size_t)(k * count) * row;
            add_up(rows, count, c->columns, element);
            memcpy((char *)p->values[s->out[c->out]].array.data + (size_t)k * row, rows, row);
        }
    }
}
