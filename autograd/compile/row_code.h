/* SPDX-License-Identifier: MIT */
/* Private: running the code of a fused step on some of its rows. */
#ifndef CT_ROW_CODE_H
#define CT_ROW_CODE_H

#include "program_impl.h"

typedef struct row_range { int64_t first, count; } row_range;

/* All of the step's code on these rows, block by block, with the registers of `thread`. `product` is where the rows' part of the step's product is, NULL without one. */
void ct_run_rows(const ct_program *p, const step *s, row_range rows, const void *product, int thread);

/* Elements between rows of n that are not kept: a line, where they would be a multiple of 4 KiB apart, if no block of the code goes across the end of one. */
static inline int64_t gap_of(const step *s, int64_t n, int64_t size)
{
    enum { COMPETING = 4096, LINE = 64 };
    int64_t block = s->block_rows * s->columns;
    return n * size % COMPETING == 0 && n % block == 0 ? LINE / size : 0;
}

/* Elements from row to row of what a followed step hands over. */
static inline int64_t piece_row(const ct_program *p, const step *s)
{
    const ct_array *c = &p->values[s->product->value].array;
    int64_t n = ct_shape_dim(c->shape, -1);
    return n + gap_of(s, n, (int64_t)ct_dtype_size(c->dtype));
}

/* Bytes of a piece: as many rows as a thread makes at once. */
static inline size_t piece_bytes(const ct_program *p, const step *s)
{
    return CT_PIECE_ROWS * (size_t)piece_row(p, s) * ct_dtype_size(p->values[s->product->value].array.dtype);
}

/* Bytes of all pieces, one for each thread, behind the registers: there are no sums beside them. */
static inline size_t pieces_bytes(const ct_program *p, const step *s)
{
    return s->followed ? ((size_t)p->threads * piece_bytes(p, s) + 63) / 64 * 64 : 0;
}

/* Where `thread` puts its piece. */
static inline unsigned char *piece_of(const ct_program *p, const step *s, int thread)
{
    return p->block + s->scratch_offset + registers_of(p, s) + (size_t)thread * piece_bytes(p, s);
}

/* Fill s->ahead of a step whose operands are bound. */
void ct_code_find_ahead(const ct_program *p, step *s);
/* Before an instruction: its part of the lines of the next block, which begins `start` bytes into every operand and has `bytes` of each. */
void ct_code_fetch_ahead(const step *s, size_t start, size_t bytes, int instruction);

/* Where a sum's blocks have their sums, a row each. */
char *ct_code_sums(const ct_program *p, const step *s, const column_sum *sum);

static inline ct_column_fn column_fn(size_t element)
{
    return element == sizeof(float) ? ct_column_sum_f32 : ct_column_sum_f64;
}

#endif
