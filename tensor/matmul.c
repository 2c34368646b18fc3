/* Batched matrix products: pieces of C that threads share out, or whole products where they are many or small. Every element of C gets the same bits whatever
 * piece it is in. */
#include "gemm.h"
#include "walk.h"

#include <cotangent/kernels.h>
#include <cotangent/team.h>

enum {
    ROW_UNIT = 24, COLUMN_UNIT = 32,   /* pieces of C are multiples of the usual register tiles */
    PACKING = 16,                      /* a packed element costs about as much as this many multiplications */
    PIECES = 3,                        /* for each thread, of a product with work for it: a late thread delays little */
    PIECE_WORK = 1 << 26,              /* multiplications of a piece, at least */
    TASK_WORK = 1 << 20                /* multiplications of a task of small products */
};

typedef struct product {
    ct_dtype dtype;
    int64_t m, n, k, batch;
    ct_walk a, b, c;             /* the batch axes */
    ct_matrix a0, b0;            /* the last two strides of the operands */
    void *to;                    /* element [0, ..., 0] of c */
    int64_t c_row;               /* elements from row to row of c, whose column stride is 1 */
    double beta;
    bool small;
    int64_t rows, columns;       /* of a piece */
    int64_t grid_rows, grid_columns;
    int64_t per_task;            /* pieces, one after the other */
} product;

static ct_array batch_axes(ct_array a)
{
    a.shape.rank -= 2;
    return a;
}

static product product_of(ct_array c, ct_array a, ct_array b, double beta)
{
    int r = c.shape.rank;
    ct_array leading = batch_axes(c), a_leading = batch_axes(a), b_leading = batch_axes(b);
    product p = {.dtype = c.dtype, .m = c.shape.dim[r - 2], .n = c.shape.dim[r - 1], .k = a.shape.dim[r - 1]};
    p.batch = ct_array_count(&leading);
    p.a = ct_walk_of(&a_leading);
    p.b = ct_walk_of(&b_leading);
    p.c = ct_walk_of(&leading);
    p.a0 = (ct_matrix){NULL, a.stride[r - 2], a.stride[r - 1]};
    p.b0 = (ct_matrix){NULL, b.stride[r - 2], b.stride[r - 1]};
    p.to = c.data;
    p.c_row = c.stride[r - 2];
    p.beta = beta;
    p.small = (double)p.m * (double)p.n * (double)p.k <= CT_GEMM_SMALL;
    return p;
}

static int64_t piece(int64_t extent, int64_t pieces, int64_t unit)
{
    return ct_ceil_div(ct_ceil_div(extent, pieces), unit) * unit;
}

/* The split of C into rows x columns pieces for `threads` that packs least. */
static void choose_grid(product *p, int threads)
{
    int64_t best = INT64_MAX;
    for (int64_t g = 1; g <= threads; g++) {
        int64_t rows = piece(p->m, g, ROW_UNIT), columns = piece(p->n, threads / g, COLUMN_UNIT);
        int64_t cost = ct_min(rows, p->m) * ct_min(columns, p->n) + PACKING * (rows + columns);
        if (cost >= best)
            continue;
        best = cost;
        p->rows = rows;
        p->columns = columns;
    }
    p->grid_rows = ct_ceil_div(p->m, p->rows);
    p->grid_columns = ct_ceil_div(p->n, p->columns);
}

static void run_piece(const product *p, int64_t batch, int64_t i, int64_t j)
{
    int64_t size = (int64_t)ct_dtype_size(p->dtype), m = ct_min(p->rows, p->m - i), n = ct_min(p->columns, p->n - j);
    ct_matrix a = p->a0, b = p->b0;
    a.data = p->a.data + (ct_walk_offset(&p->a, batch) + i * a.row) * size;
    b.data = p->b.data + (ct_walk_offset(&p->b, batch) + j * b.column) * size;
    char *c = (char *)p->to + (ct_walk_offset(&p->c, batch) + i * p->c_row + j) * size;
    ct_gemm(p->dtype, m, n, p->k, a, b, p->beta, c, p->c_row);
}

static void run_task(void *argument, int64_t q, int thread)
{
    const product *p = argument;
    int64_t grid = p->grid_rows * p->grid_columns, first = q * p->per_task, end = ct_min(first + p->per_task, p->batch * grid);
    (void)thread;
    for (int64_t k = first; k < end; k++)
        run_piece(p, k / grid, k % grid / p->grid_columns * p->rows, k % grid % p->grid_columns * p->columns);
}

static int pieces_per_worker(const product *p, int workers)
{
    double each = (double)p->m * (double)p->n * (double)p->k / workers;
    return each >= (double)PIECES * PIECE_WORK && workers > 1 ? PIECES : 1;
}

void ct_matmul_kernel(ct_array c, ct_array a, ct_array b, double beta, int threads)
{
    product p = product_of(c, a, b, beta);
    if (p.batch * p.m * p.n == 0)
        return;
    if (p.k == 0) {
        if (beta == 0)
            ct_fill(c, 0, threads);
        return;
    }
    double work = (double)p.m * (double)p.n * (double)p.k * (double)p.batch;
    int workers = work < CT_GEMM_SMALL ? 1 : threads;
    choose_grid(&p, p.small || p.batch >= 4 * workers ? 1 : workers * pieces_per_worker(&p, workers));
    int64_t pieces = p.batch * p.grid_rows * p.grid_columns;
    p.per_task = p.small ? ct_max(1, (int64_t)(TASK_WORK / (work / (double)pieces))) : 1;
    ct_parallel_for(workers, ct_ceil_div(pieces, p.per_task), run_task, &p);
}

bool ct_matmul_accepts(const ct_array *a)
{
    int r = a->shape.rank;
    if (r < 2 || !ct_dtype_is_float(a->dtype))
        return false;
    ct_matrix last = {a->data, a->stride[r - 2], a->stride[r - 1]};
    return ct_matrix_is_dense(last, a->shape.dim[r - 2], a->shape.dim[r - 1]);
}
