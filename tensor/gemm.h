/* SPDX-License-Identifier: MIT */
/* The parts that matrix products are made of: a tile of C by the micro-kernel, packed panels, and a whole product on one thread. */
#ifndef COTANGENT_GEMM_H
#define COTANGENT_GEMM_H

#include "fetch.h"

#include <cotangent/shape.h>

/* A matrix in memory: element (i, j) at data + i row + j column, in elements. */
typedef struct ct_matrix {
    const void *data;
    int64_t row, column;
} ct_matrix;

/* Where a product goes: rows of c, `row` elements apart. Each element is what was there before (with beta) + the product, then + the bias of its column. */
typedef struct ct_target {
    void *c;
    int64_t row;
    bool beta;
    const void *bias;  /* NULL for none */
} ct_target;

static inline ct_target ct_target_at(ct_target to, int64_t size, int64_t i, int64_t j)
{
    to.c = (char *)to.c + (i * to.row + j) * size;
    to.bias = to.bias ? (const char *)to.bias + j * size : NULL;
    return to;
}

/* Products of fewer multiplications are one piece of work: sharing them out costs more than it saves. */
enum { CT_GEMM_SMALL = 1 << 19 };

/* How one operand is packed: panels of `width` rows of a (or columns of b), in a panel one step of k after the other, `step` elements apart. */
typedef struct ct_side {
    int64_t width, step;
} ct_side;

/* Packs rows 0..extent-1 and columns 0..k-1 of `from`, one of whose strides is 1, into panels of rows `panel` bytes apart, the last filled up with zeros. */
typedef void ct_pack_fn(ct_side side, ct_matrix from, int64_t extent, int64_t k, void *to, size_t panel);

/* This processor's micro-kernel for one dtype, and how its operands are packed. */
typedef struct ct_tiler ct_tiler;
struct ct_tiler {
    ct_dtype dtype;
    int64_t size;               /* bytes of an element */
    ct_side a, b;               /* a tile of c is a.width x b.width */
    int64_t depth;              /* steps of k in one pass: so many of a panel of b stay in the first-level cache (BLIS) or the second (AVX-512) */
    int64_t rows;               /* of a, `depth` deep, that stay in the second-level cache */
    /* ct_tile for this processor. */
    void (*tile)(const ct_tiler *t, int64_t m, int64_t n, int64_t k, const ct_matrix *a, const void *b, const ct_target *to, void *edge, ct_ahead *ahead);
    int64_t unpacked_panels;    /* of b, up to which a is read as it lies: for more of them packing a row pays. 0 where tiles can read packed panels of a only */
    ct_pack_fn *pack;
    /* BLIS's. */
    bool turned;                /* its micro-kernel writes columns: it is given the transposed product */
    void (*kernel)(void);
    const void *context;
};

/* The best there is for this processor. */
ct_tiler ct_tiler_of(ct_dtype dtype);

/* a b for an m x n tile, m <= t->a.width and n <= t->b.width: from m rows of a, a packed panel unless t->unpacked_panels, and a packed panel of b, both of k steps.
 * `edge` is room for ct_tile_bytes. Meanwhile ahead->lines of what is ahead are fetched. The bits of an element depend neither on m and n nor on its place in the tile. */
static inline void ct_tile(const ct_tiler *t, int64_t m, int64_t n, int64_t k, const ct_matrix *a, const void *b, const ct_target *to, void *edge, ct_ahead *ahead)
{
    t->tile(t, m, n, k, a, b, to, edge, ahead);
}
size_t ct_tile_bytes(const ct_tiler *t);

/* --- packing --- */

enum { CT_GEMM_ALIGNMENT = 64 };

static inline size_t ct_gemm_aligned(size_t bytes)
{
    return (bytes + CT_GEMM_ALIGNMENT - 1) / CT_GEMM_ALIGNMENT * CT_GEMM_ALIGNMENT;
}

/* Bytes of one panel of k steps, and of the panels of `extent` rows or columns. */
size_t ct_panel_bytes(const ct_tiler *t, ct_side side, int64_t k);
size_t ct_panels_bytes(const ct_tiler *t, ct_side side, int64_t extent, int64_t k);
/* For any widths. */
ct_pack_fn *ct_pack_any(ct_dtype dtype);
/* `from` into panels of rows that follow each other. To pack b, give its transpose. */
static inline void ct_pack(const ct_tiler *t, ct_side side, ct_matrix from, int64_t extent, int64_t k, void *to)
{
    t->pack(side, from, extent, k, to, ct_panel_bytes(t, side, k));
}
/* The micro-kernel may read so many bytes beyond a panel. */
enum { CT_PANEL_SLACK = 1024 };

/* --- products --- */

/* The passes over k: of `depth` steps each, the last may be shorter. They depend on k and the dtype alone, and so do the bits of a product. */
typedef struct ct_passes {
    int64_t count, depth;
} ct_passes;
ct_passes ct_passes_of(const ct_tiler *t, int64_t k);

/* Where a pass of a product goes: what earlier ones left is added to, and the last one adds the bias. */
static inline ct_target ct_pass_target(ct_target to, bool is_later, bool is_last)
{
    to.beta = to.beta || is_later;
    to.bias = is_last ? to.bias : NULL;
    return to;
}

/* The rows of a for one pass: as they lie, or in panels. */
typedef struct ct_rows {
    ct_matrix first;             /* of a panel or of the matrix */
    int64_t panel;               /* bytes from one t->a.width rows to the next */
} ct_rows;

/* m rows of a, k steps of them, for n columns of b: as they lie where that is as good. `packed` has room for their panels. */
ct_rows ct_rows_of(const ct_tiler *t, ct_matrix a, int64_t m, int64_t n, int64_t k, void *packed);
/* m packed rows. */
ct_rows ct_rows_packed(const ct_tiler *t, int64_t k, const void *panels);

/* a b, m x n, from rows of a and packed panels of b, of one pass. Meanwhile what is `ahead` is fetched; its lines for each tile are set here. */
void ct_sweep(const ct_tiler *t, int64_t m, int64_t n, int64_t k, ct_rows a, const void *b, ct_target to, void *edge, ct_ahead ahead);

/* a b on the calling thread: a is m x k, b is k x n, both with one of their strides 1. m, n and k are at least 1. `scratch` is ct_gemm_scratch bytes, aligned to 64.
 * What is needed `after` it is fetched when it itself needs no more. */
void ct_gemm(const ct_tiler *t, int64_t m, int64_t n, int64_t k, ct_matrix a, ct_matrix b, ct_target to, void *scratch, ct_ahead after);
/* How often it packs a for so many columns. */
int64_t ct_gemm_turns(const ct_tiler *t, int64_t n);
/* Not less for a larger m, n or k. */
size_t ct_gemm_scratch(const ct_tiler *t, int64_t m, int64_t n, int64_t k);

/* The memory of a matrix, one of whose strides is 1. */
ct_fetch ct_matrix_fetch(ct_matrix a, int64_t size, int64_t rows, int64_t columns);

/* A matrix `rows` x `columns` can be multiplied as it is; the stride of an extent of 1 does not matter. */
bool ct_matrix_is_dense(ct_matrix a, int64_t rows, int64_t columns);
/* The same matrix with a stride that does not matter set so that one of the two is 1. */
ct_matrix ct_matrix_settled(ct_matrix a, int64_t rows, int64_t columns);

static inline ct_matrix ct_matrix_turned(ct_matrix a)
{
    return (ct_matrix){a.data, a.column, a.row};
}

static inline ct_matrix ct_matrix_at(ct_matrix a, int64_t size, int64_t i, int64_t j)
{
    a.data = (const char *)a.data + (i * a.row + j * a.column) * size;
    return a;
}

#endif
