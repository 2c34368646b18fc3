/* SPDX-License-Identifier: MIT */
/* The code of a fused step, block by block: registers are blocks that stay in cache. */
#include "row_code.h"
#include <string.h>

typedef struct block_run {
    const ct_program *p;
    const step *s;
    const value *values;
    unsigned char *registers;  /* this thread's */
    size_t size;               /* bytes of an element */
    int64_t first, rows;       /* of the block */
    const unsigned char *product;  /* the product's part from row `product_first` on */
    int64_t product_first;
    unsigned char *piece;          /* where the rows' part of what is handed over goes */
    int64_t product_columns, product_row, piece_row;  /* elements of a row of the product, from one to the next, and in the piece */
    struct held { int64_t start, count; } held[MOST_HELD];  /* by slot: the elements last loaded, first of all none */
} block_run;

static int64_t start_of(const block_run *r, level l)
{
    return l == FULL ? r->first * r->s->columns : r->first;
}

static int64_t count_of(const block_run *r, level l)
{
    return l == FULL ? r->rows * r->s->columns : r->rows;
}

/* Of the block's first element among the product's rows, `row` elements apart. */
static size_t product_offset(const block_run *r, int64_t row)
{
    int64_t element = (r->first - r->product_first) * r->s->columns, n = r->product_columns;
    return (size_t)(element / n * row + element % n) * r->size;
}

static void *address(const block_run *r, place at, level l)
{
    if (at.kind == IN_REGISTER)
        return r->registers + (size_t)at.index * r->s->register_bytes;
    if (at.kind == IN_PRODUCT)
        return (unsigned char *)r->product + product_offset(r, r->product_row);
    if (r->piece && at.kind == IN_RESULT && at.index == r->s->passed_on)
        return r->piece + product_offset(r, r->piece_row);
    const ct_array *a = at.kind == IN_OPERAND ? &r->s->in[at.index] : &r->values[r->s->out[at.index]].array;
    return (unsigned char *)a->data + (size_t)start_of(r, l) * r->size;
}

static void run_map_instruction(const block_run *r, const instruction *c)
{
    const void *x[CT_MAP_MAX_INPUTS];
    for (int i = 0; i < c->n; i++)
        x[i] = address(r, c->x[i], c->level);
    c->map(count_of(r, c->level), x, address(r, c->y, c->level), c->attr);
}

/* Elements are 4 or 8 bytes: their kind does not matter to a copy. */
static void run_spread(const block_run *r, const instruction *c)
{
    const void *x = address(r, c->x[0], ROWS);
    void *y = address(r, c->y, FULL);
    if (r->size == sizeof(float))
        ct_spread_32(r->rows, r->s->columns, x, 1, y);
    else
        ct_spread_64(r->rows, r->s->columns, x, 1, y);
}

/* Whether elements start..start+count-1 equal those that the register holds. */
static bool holds(const instruction *c, const struct held *h, int64_t start, int64_t count)
{
    int64_t part = start / c->together;
    return count <= h->count && part == h->start / c->together && part == (start + count - 1) / c->together &&
           part == (h->start + count - 1) / c->together && start % c->period == h->start % c->period;
}

static void run_load(block_run *r, const instruction *c)
{
    int64_t start = start_of(r, c->level), count = count_of(r, c->level);
    struct held *h = c->slot >= 0 ? &r->held[c->slot] : NULL;
    if (h && holds(c, h, start, count))
        return;
    ct_array_load(&r->s->in[c->x[0].index], start, count, address(r, c->y, c->level));
    if (h)
        *h = (struct held){start, count};
}

static void run_sum(const block_run *r, const instruction *c)
{
    const column_sum *sum = &r->s->sum[c->y.index];
    const char *x = address(r, c->x[0], FULL);
    size_t row_bytes = (size_t)sum->columns * r->size;
    for (int64_t i = 0, take; i < r->rows; i += take) {
        int64_t row = r->first + i, inside = row % sum->block;
        char *into = ct_code_sums(r->p, r->s, sum) + (size_t)(row / sum->block) * row_bytes;
        take = sum->block - inside < r->rows - i ? sum->block - inside : r->rows - i;
        if (inside == 0)
            memset(into, 0, row_bytes);
        column_fn(r->size)(take, sum->columns, x + (size_t)i * row_bytes, into);
    }
}

static void run_instruction(block_run *r, const instruction *c)
{
    switch (c->kind) {
    case DO_MAP: run_map_instruction(r, c); break;
    case DO_REDUCE: c->reduce(r->rows, r->s->columns, address(r, c->x[0], FULL), address(r, c->y, ROWS)); break;
    case DO_SPREAD: run_spread(r, c); break;
    case DO_LOAD: run_load(r, c); break;
    case DO_SUM: run_sum(r, c); break;
    }
}

static void run_block(block_run *r, int64_t next_rows)
{
    size_t row_bytes = (size_t)r->s->columns * r->size, next = (size_t)(r->first + r->rows) * row_bytes;
    for (int k = 0; k < r->s->instructions; k++) {
        ct_code_fetch_ahead(r->s, next, (size_t)next_rows * row_bytes, k);
        run_instruction(r, &r->s->code[k]);
    }
}

void ct_run_rows(const ct_program *p, const step *s, row_range rows, const void *product, int thread)
{
    unsigned char *registers = p->block + s->scratch_offset + (size_t)thread * (size_t)s->registers * s->register_bytes;
    block_run r = {.p = p, .s = s, .values = p->values, .registers = registers, .size = ct_dtype_size(p->values[s->out[0]].array.dtype),
                   .product = product, .product_first = rows.first};
    if (product) {
        r.product_columns = ct_shape_dim(p->values[s->product->value].array.shape, -1);
        r.product_row = r.product_columns + s->job->gap;
        r.piece = s->followed ? piece_of(p, s, thread) : NULL;
        r.piece_row = piece_row(p, s);
    }
    for (int64_t done = 0; done < rows.count; done += r.rows) {
        r.first = rows.first + done;
        int64_t left = rows.count - done;
        r.rows = left < s->block_rows ? left : s->block_rows;
        left -= r.rows;
        run_block(&r, left < s->block_rows ? left : s->block_rows);
    }
}
