/* SPDX-License-Identifier: MIT */
/* Cutting up a matrix product. */
#include "matmul.h"

enum {
    FEW_ROWS = 256,                 /* for which columns are shared out instead */
    TASK_WORK = 1 << 20,            /* multiplications of a task of small products */
    PART_BYTES = 4 << 20,           /* packed for all threads at once: stays in the last-level cache */
    ROWS_BYTES = 384 << 10,         /* of c, of a block: stay in the second-level cache with the packed rows of a */
    WHOLE_BYTES = 512 << 10,        /* of c, of a product that one thread finishes before its rows are used */
    PACK_ELEMENTS = 1 << 15,        /* of a task that packs */
    TASK_COST = 1,                  /* what a task costs besides: as much as so many rows */
    MOST_TASKS = 32,                /* of a thread */
    FEWEST_ROWS = 48,               /* of a block, if all its columns do not fit */
    DEEP = 3,                       /* passes from which on a thread makes an area of c from beginning to end, */
    AREA_BYTES = 512 << 10,         /* which stays in the second-level cache */
    FEWEST_SIDE = 112,              /* of an area: a shorter one would be packing more than multiplying */
    PACK_COST = 25,                 /* packing an element takes as long as so many multiplications, */
    SHARED_COST = 50,               /* and reading one that another thread has packed */
    MOST_PANELS = 4                 /* of b, of a task that makes columns */
};

static ct_array batch_axes(ct_array a)
{
    a.shape.rank -= 2;
    return a;
}

static bool in_pair(const ct_plan *p)
{
    return p->p->followed || p->p->follows;
}

static void set_operands(ct_plan *p)
{
    const ct_array *a = &p->p->a, *b = &p->p->b, *c = &p->p->c;
    int r = c->shape.rank;
    ct_array leading = batch_axes(*c), a_leading = batch_axes(*a), b_leading = batch_axes(*b);
    p->m = c->shape.dim[r - 2], p->n = c->shape.dim[r - 1], p->k = a->shape.dim[r - 1];
    p->batch = ct_array_count(&leading);
    p->a = ct_walk_of(&a_leading), p->b = ct_walk_of(&b_leading), p->c = ct_walk_of(&leading);
    p->a0 = ct_matrix_settled((ct_matrix){NULL, a->stride[r - 2], a->stride[r - 1]}, p->m, p->k);
    p->b0 = ct_matrix_settled((ct_matrix){NULL, b->stride[r - 2], b->stride[r - 1]}, p->k, p->n);
    p->c_row = p->p->transient ? p->n + p->p->gap : c->stride[r - 2];
}

/* --- areas --- */

/* What a step of k costs, in multiplications: whole tiles, and the rows and columns that are packed for it. */
static int64_t step_cost(const ct_plan *p, int64_t rows, int64_t columns, int64_t packed)
{
    int64_t tiles = ct_ceil_div(rows, p->t.a.width) * ct_ceil_div(columns, p->t.b.width);
    return tiles * p->t.a.width * p->t.b.width + PACK_COST * packed;
}

/* ... of the thread that takes longest, and a part of an area for which the others wait. */
static int64_t areas_cost(const ct_plan *p, int64_t down, int64_t across, int threads)
{
    int64_t rows = ct_ceil_div(p->m, down), columns = ct_ceil_div(p->n, across);
    return ct_ceil_div(down * across, threads) * step_cost(p, rows, columns, rows * ct_gemm_turns(&p->t, columns) + columns) + rows * columns / 16;
}

/* ... cut by rows or columns. What others have packed comes from their caches, by columns for every task. */
static int64_t shared_cost(const ct_plan *p, int threads)
{
    int64_t shared = threads > 1 ? SHARED_COST : 0, rows = ct_ceil_div(p->m, threads), columns = ct_ceil_div(p->n, threads);
    if (p->m > FEW_ROWS)
        return step_cost(p, rows, p->n, rows + p->n / threads) + shared * p->n;
    return step_cost(p, p->m, columns, columns + p->m / threads) + shared * p->m * ct_ceil_div(columns, MOST_PANELS * p->t.b.width);
}

static bool is_area(const ct_plan *p, int64_t rows, int64_t columns)
{
    return rows * columns * p->t.size <= AREA_BYTES && rows >= ct_min(FEWEST_SIDE, p->m) && columns >= ct_min(FEWEST_SIDE, p->n);
}

/* A deep product is many steps for few elements of c: where each thread makes its own area of them, it waits for no other, and reads nothing but what it has packed
 * itself. False where sharing what is packed costs less. */
static bool choose_areas(ct_plan *p, int threads)
{
    if (p->passes.count < DEEP || p->batch > 1 || in_pair(p))
        return false;
    int64_t least = shared_cost(p, threads), down = 0;
    for (int64_t i = 1; i <= ct_max(1, p->m / FEWEST_SIDE); i++)
        for (int64_t j = 1; j <= ct_max(1, p->n / FEWEST_SIDE); j++)
            if (is_area(p, ct_ceil_div(p->m, i), ct_ceil_div(p->n, j)) && areas_cost(p, i, j, threads) < least) {
                least = areas_cost(p, i, j, threads);
                down = i, p->across = j;
            }
    p->down = ct_max(1, down);
    return down > 0;
}

static ct_cut choose_cut(ct_plan *p, int threads)
{
    double work = (double)p->m * (double)p->n * (double)p->k;
    bool held = !p->p->done || p->m * p->n * p->t.size <= WHOLE_BYTES;
    if (work <= CT_GEMM_SMALL || (p->batch >= 4 * (int64_t)threads && p->batch > 1 && held) || choose_areas(p, threads))
        return CT_WHOLE;
    return p->m <= FEW_ROWS && p->batch == 1 ? CT_BY_COLUMNS : CT_BY_ROWS;
}

/* --- blocks of rows --- */

/* Rows of a that are packed and multiplied in one go: whole tiles, whose part of c stays in the second-level cache. */
static int64_t rows_at_once(const ct_plan *p)
{
    int64_t fit = ct_max(ROWS_BYTES / ct_max(p->n * p->t.size, 1), FEWEST_ROWS), width = p->t.a.width;
    if (p->p->followed)
        fit = ct_min(fit, CT_PIECE_ROWS);
    return ct_max(1, ct_min(p->t.rows, fit) / width) * width;
}

/* About how long tasks of so many units take, in rows: the longest thread, and half a task for which the others wait. */
static int64_t tasks_cost(const ct_plan *p, int64_t units, int64_t each, int threads)
{
    int64_t tasks = ct_ceil_div(units, each), rows = ct_ceil_div(each * p->unit, p->t.a.width) * p->t.a.width;
    return ct_ceil_div(tasks, threads) * (rows + TASK_COST) + rows / 2;
}

static void choose_rows(ct_plan *p, int threads)
{
    int64_t wanted = ct_max(p->p->unit, 1), width = p->t.a.width;
    p->unit = width % wanted == 0 ? width : wanted;
    int64_t units = ct_ceil_div(p->m, p->unit), best = ct_max(units, 1);
    for (int64_t tasks = threads; tasks <= (int64_t)MOST_TASKS * threads; tasks += threads) {
        int64_t each = ct_ceil_div(units, tasks);
        if (each > 0 && tasks_cost(p, units, each, threads) < tasks_cost(p, units, best, threads))
            best = each;
    }
    p->blocks = ct_ceil_div(units, best);
    p->task_rows = ct_min(ct_ceil_div(units, ct_max(p->blocks, 1)) * p->unit, p->m);
    int64_t blocks = ct_max(1, ct_ceil_div(p->task_rows, rows_at_once(p)));  /* of about one size: a small one would read b for little */
    p->block_rows = ct_ceil_div(ct_ceil_div(p->task_rows, blocks), width) * width;
}

/* The rows come from the product before it, a piece at a time. */
static void take_pieces(ct_plan *p)
{
    p->blocks = 0;
    p->task_rows = p->block_rows = ct_ceil_div(CT_PIECE_ROWS, p->t.a.width) * p->t.a.width;
}

/* --- parts, of which each is packed for all threads --- */

static void choose_parts(ct_plan *p)
{
    int64_t depth = p->passes.depth, width = p->t.b.width, passes = p->passes.count;
    bool all_at_once = (p->p->transient || in_pair(p)) && p->cut == CT_BY_ROWS;
    int64_t panels = ct_max(1, (int64_t)(PART_BYTES / ct_panel_bytes(&p->t, p->t.b, depth)));
    p->part_columns = all_at_once || p->cut == CT_BY_COLUMNS ? p->n : ct_min(p->n, panels * width);
    p->n_parts = ct_ceil_div(p->n, p->part_columns);
    p->pass_bytes = ct_panels_bytes(&p->t, ct_plan_side(p), ct_plan_extent(p), depth);
    int64_t most = all_at_once ? passes : ct_max(1, (int64_t)(PART_BYTES / p->pass_bytes));
    p->part_passes = ct_ceil_div(passes, ct_ceil_div(passes, most));
    p->k_parts = ct_ceil_div(passes, p->part_passes);
    p->pack_panels = ct_max(1, PACK_ELEMENTS / (depth * ct_plan_side(p).width));
    p->packed_bytes = p->pass_bytes * (size_t)p->part_passes + CT_PANEL_SLACK;
}

/* --- scratch --- */

static size_t rows_bytes(const ct_plan *p, int64_t rows)
{
    return p->p->transient ? ct_gemm_aligned((size_t)(rows * p->c_row * p->t.size)) : 0;
}

static void cut_whole(ct_plan *p, int threads)
{
    double work = (double)p->m * (double)p->n * (double)p->k;
    int64_t each = ct_max(1, (int64_t)(TASK_WORK / ct_max((int64_t)work, 1))), products = ct_ceil_div(ct_ceil_div(p->batch, each), threads) * threads;
    p->area_rows = ct_ceil_div(ct_ceil_div(p->m, p->down), p->unit) * p->unit;
    p->area_columns = ct_ceil_div(p->n, p->across);
    p->down = ct_max(1, ct_ceil_div(p->m, ct_max(p->area_rows, 1)));
    p->blocks = p->down * p->across > 1 ? p->down * p->across : ct_min(p->batch, products);
    p->rows_bytes = p->across > 1 ? rows_bytes(p, p->m) : 0;
    p->thread_bytes = ct_gemm_scratch(&p->t, p->area_rows, p->area_columns, p->k) + (p->across > 1 ? 0 : rows_bytes(p, p->area_rows));
}

static void cut_by_rows(ct_plan *p, int threads)
{
    choose_parts(p);
    if (p->p->follows)
        take_pieces(p);
    else
        choose_rows(p, threads);
    size_t a = ct_panels_bytes(&p->t, p->t.a, p->block_rows, p->passes.depth) + CT_PANEL_SLACK;
    p->thread_bytes = rows_bytes(p, p->task_rows) + ct_tile_bytes(&p->t) + a;
}

/* Weights that are [n, k] in memory, b their transpose: with few rows of a, packing them takes a quarter as long as multiplying. As the rows of a product they can be read
 * as they lie. */
static bool can_transpose(const ct_plan *p)
{
    return p->t.unpacked_panels > 0 && p->b0.row == 1 && p->b0.column > 1;
}

static void cut_by_columns(ct_plan *p, int threads)
{
    p->transposed = can_transpose(p);
    choose_parts(p);
    if (p->transposed && p->k_parts > 1) {  /* rows of the transpose are finished before they are turned */
        p->transposed = false;
        choose_parts(p);
    }
    ct_side side = ct_plan_columns(p);
    int64_t panels = ct_ceil_div(p->n, side.width), tasks = (p->transposed ? MOST_TASKS : CT_TASKS_EACH) * (int64_t)threads;
    p->per_task = ct_min(MOST_PANELS, ct_max(1, panels / tasks));
    p->rows_bytes = rows_bytes(p, p->m);
    p->thread_bytes = ct_tile_bytes(&p->t) + (size_t)p->per_task * ct_panel_bytes(&p->t, side, p->passes.depth) + CT_PANEL_SLACK;
    p->thread_bytes += p->transposed ? ct_gemm_aligned((size_t)(p->per_task * side.width * p->m * p->t.size)) : 0;
}

ct_plan ct_plan_of(const ct_product *product, int threads)
{
    ct_plan p = {.p = product, .t = ct_tiler_of(product->c.dtype)};
    set_operands(&p);
    p.passes = ct_passes_of(&p.t, p.k);
    p.unit = ct_max(product->unit, 1);
    p.down = p.across = 1;
    p.cut = choose_cut(&p, threads);
    if (p.cut == CT_WHOLE)
        cut_whole(&p, threads);
    else if (p.cut == CT_BY_ROWS)
        cut_by_rows(&p, threads);
    else
        cut_by_columns(&p, threads);
    return p;
}

/* Pieces are whole tiles, whatever the rows that belong together. */
static bool makes_pieces(const ct_plan *p)
{
    return p->cut == CT_BY_ROWS && p->batch == 1 && p->k > 0 && p->n > 0 && p->t.a.width <= CT_PIECE_ROWS && p->t.a.width % ct_max(p->p->unit, 1) == 0;
}

/* Products of a batch, each of which one thread makes whole: the second of them is one piece. */
static bool makes_whole_pieces(const ct_plan *p, const ct_plan *q)
{
    return p->cut == CT_WHOLE && q->cut == CT_WHOLE && p->batch == q->batch && p->m <= CT_PIECE_ROWS && p->k > 0 && p->n > 0 && q->n > 0;
}

bool ct_products_can_follow(const ct_product *first, const ct_product *second, int threads)
{
    ct_product pair[2] = {*first, *second};
    pair[0].followed = pair[1].follows = true;
    ct_plan p = ct_plan_of(&pair[0], threads), q = ct_plan_of(&pair[1], threads);
    bool fits = p.m == q.m && p.n == q.k && p.t.dtype == q.t.dtype && q.a0.column == 1 && q.a0.row >= q.k && (int64_t)threads * CT_PIECE_ROWS <= p.batch * p.m;
    return first->done && fits && (makes_whole_pieces(&p, &q) || (makes_pieces(&p) && makes_pieces(&q)));
}

/* --- rounds --- */

int64_t ct_plan_rounds(const ct_plan *p)
{
    return p->cut == CT_WHOLE ? 1 : p->batch * p->n_parts * p->k_parts;
}

ct_round ct_plan_round(const ct_plan *p, int64_t i)
{
    if (p->cut == CT_WHOLE)
        return (ct_round){.last = true};
    int64_t k = i % p->k_parts, n = i / p->k_parts % p->n_parts;
    ct_round r = {.batch = i / p->k_parts / p->n_parts, .first_pass = k * p->part_passes, .column = n * p->part_columns};
    r.end_pass = ct_min(r.first_pass + p->part_passes, p->passes.count);
    r.columns = ct_min(p->part_columns, p->n - r.column);
    r.last = k == p->k_parts - 1 && n == p->n_parts - 1;
    return r;
}
