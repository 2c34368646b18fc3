/* SPDX-License-Identifier: MIT */
/* How a matrix product is cut up: decided from shapes, strides and the number of threads before it runs. None of it touches a bit of the result. */
#ifndef COTANGENT_MATMUL_H
#define COTANGENT_MATMUL_H

#include "gemm.h"
#include "walk.h"

#include <cotangent/kernels.h>

/* Who does what, in rounds; between two rounds, and between the packing and the rest of a round, all threads wait for each other. */
typedef enum ct_cut {
    CT_WHOLE,        /* one round: a task is some products of the batch, or areas of a deep one, from beginning to end */
    CT_BY_ROWS,      /* a round packs a part of b that stays in the last-level cache, then a task is a block of rows of c */
    CT_BY_COLUMNS    /* few rows: a round packs a part of a, then a task is some columns of c, so that b is read once */
} ct_cut;

typedef struct ct_plan {
    const ct_product *p;
    ct_tiler t;
    int64_t m, n, k, batch;
    ct_walk a, b, c;             /* the batch axes */
    ct_matrix a0, b0;            /* the last two strides of the operands; no data */
    int64_t c_row;               /* elements from row to row of c */
    ct_passes passes;
    ct_cut cut;
    int64_t unit;                /* rows that stay together */
    int64_t area_rows, area_columns, down, across;     /* CT_WHOLE: of c, that a thread makes at once; how many of them there are */
    int64_t blocks;              /* tasks. CT_WHOLE: of some areas each. CT_BY_ROWS: of some units each */
    bool transposed;             /* CT_BY_COLUMNS: columns of c are made as rows of its transpose, from columns of b as they lie and panels of a */
    int64_t per_task;            /* CT_BY_COLUMNS: panels of b; of a's width if transposed */
    int64_t task_rows;           /* CT_BY_ROWS: of the largest task */
    int64_t block_rows;          /* and of its blocks, which are packed and multiplied one after the other */
    int64_t part_passes, part_columns;     /* of k and n, in a round */
    int64_t k_parts, n_parts;
    int64_t pack_panels;         /* of a task that packs */
    size_t thread_start;         /* of its part of a thread's scratch */
    size_t pass_bytes;           /* of what is packed for all threads in one pass */
    size_t packed_bytes, rows_bytes, thread_bytes;
    /* Set when it runs. */
    int leader;                  /* the first plan that has the same b and packs, or reads, it for all */
    int64_t tasks;               /* in the present phase */
    char *packed, *rows;         /* the latter: c where it is transient and cut by columns */
} ct_plan;

ct_plan ct_plan_of(const ct_product *p, int threads);

/* What one round does. */
typedef struct ct_round {
    int64_t batch;
    int64_t first_pass, end_pass;
    int64_t column, columns;
    bool last;                   /* for these products of the batch */
} ct_round;

int64_t ct_plan_rounds(const ct_plan *p);
ct_round ct_plan_round(const ct_plan *p, int64_t i);

/* The operand that is packed for all threads in a round, b turned so that its columns are rows; and how many of its rows. */
static inline ct_side ct_plan_side(const ct_plan *p)
{
    return p->cut == CT_BY_ROWS || p->transposed ? p->t.b : p->t.a;
}

/* CT_BY_COLUMNS: how a task takes columns of b. */
static inline ct_side ct_plan_columns(const ct_plan *p)
{
    return p->transposed ? p->t.a : p->t.b;
}

static inline int64_t ct_plan_extent(const ct_plan *p)
{
    return p->cut == CT_BY_ROWS ? p->part_columns : p->m;
}

#endif
