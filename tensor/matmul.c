/* SPDX-License-Identifier: MIT */
/* Matrix products as jobs that threads share out. Every element of c gets the same bits whatever it is computed with: it is the sum, in the order of k, of the
 * passes that k alone decides, each by the micro-kernel. */
#include "matmul.h"

#include <cotangent/team.h>
#include <string.h>

/* What the tasks of one call share. */
typedef struct job {
    int n, threads;
    ct_plan *plans;
    char *each;                  /* scratch of each thread */
    size_t thread_bytes;
    int64_t round;
    void (*task)(const struct job *j, ct_plan *p, ct_round r, int64_t i, int thread);
} job;

static ct_matrix operand(const ct_walk *w, ct_matrix a, int64_t size, int64_t batch)
{
    a.data = w->data + ct_walk_offset(w, batch) * size;
    return a;
}

static char *result(const ct_plan *p, int64_t batch)
{
    return (char *)p->p->c.data + ct_walk_offset(&p->c, batch) * p->t.size;
}

/* The result, or the rows that stand for it while it is transient. */
static char *shared_rows(const ct_plan *p, int64_t batch)
{
    return p->p->transient ? p->rows : result(p, batch);
}

/* The rows at c, from `column` on. */
static ct_target target(const ct_plan *p, char *c, int64_t column)
{
    return ct_target_at((ct_target){c, p->c_row, p->p->beta != 0, p->p->bias}, p->t.size, 0, column);
}

static void tell(const ct_plan *p, int64_t first, int64_t rows, void *c, int thread)
{
    if (p->p->done)
        p->p->done(p->p->argument, first, rows, c, thread);
}

static int64_t pass_depth(const ct_plan *p, int64_t pass)
{
    return ct_min(p->passes.depth, p->k - pass * p->passes.depth);
}

/* --- packing for all --- */

/* How many tasks pack a pass. */
static int64_t packers(const ct_plan *p)
{
    return ct_ceil_div(ct_ceil_div(ct_plan_extent(p), ct_plan_side(p).width), p->pack_panels);
}

static void pack_task(const job *j, ct_plan *p, ct_round r, int64_t i, int thread)
{
    (void)j, (void)thread;
    int64_t size = p->t.size, each = packers(p), pass = r.first_pass + i / each, k = pass * p->passes.depth;
    ct_side side = ct_plan_side(p);
    int64_t first = i % each * p->pack_panels * side.width, extent = p->cut == CT_BY_ROWS ? r.columns : p->m;
    if (first >= extent)
        return;
    ct_matrix from = p->cut == CT_BY_ROWS ? ct_matrix_turned(ct_matrix_at(operand(&p->b, p->b0, size, r.batch), size, 0, r.column))
        : operand(&p->a, p->a0, size, r.batch);
    char *to = p->packed + (size_t)(pass - r.first_pass) * p->pass_bytes;
    to += (size_t)(first / side.width) * ct_panel_bytes(&p->t, side, pass_depth(p, pass));
    ct_pack(&p->t, side, ct_matrix_at(from, size, first, k), ct_min(p->pack_panels * side.width, extent - first), pass_depth(p, pass), to);
}

/* --- the three cuts --- */

static void clear(const ct_plan *p, int64_t rows, char *c)
{
    for (int64_t i = 0; i < rows && !p->p->beta; i++)
        memset(c + i * p->c_row * p->t.size, 0, (size_t)(p->n * p->t.size));
}

/* Area `index` of product q of the batch. */
typedef struct area {
    int64_t q, row, rows, column, columns;
} area;

static area area_at(const ct_plan *p, int64_t i)
{
    int64_t areas = p->down * p->across;
    area r = {.q = i / areas, .row = i % areas / p->across * p->area_rows, .column = i % areas % p->across * p->area_columns};
    r.rows = ct_min(p->area_rows, p->m - r.row), r.columns = ct_min(p->area_columns, p->n - r.column);
    return r;
}

static ct_matrix rows_of(const ct_plan *p, area r)
{
    return ct_matrix_at(operand(&p->a, p->a0, p->t.size, r.q), p->t.size, r.row, 0);
}

static ct_matrix columns_of(const ct_plan *p, area r)
{
    return ct_matrix_at(operand(&p->b, p->b0, p->t.size, r.q), p->t.size, 0, r.column);
}

/* Into c, or where that is transient, into rows that all threads have, or if an area has all columns, into the thread's own scratch. */
static void multiply_area(const job *j, const ct_plan *p, ct_matrix a, area r, int thread, ct_ahead after)
{
    char *scratch = j->each + (size_t)thread * j->thread_bytes + p->thread_start;
    bool apart = p->p->transient && p->across == 1;
    char *c = apart ? scratch + ct_gemm_scratch(&p->t, p->area_rows, p->area_columns, p->k)
        : shared_rows(p, r.q) + r.row * p->c_row * p->t.size;
    if (p->k == 0)
        clear(p, r.rows, c);
    else if (p->n > 0)
        ct_gemm(&p->t, r.rows, r.columns, p->k, a, columns_of(p, r), target(p, c, r.column), scratch, after);
    if (p->across == 1)
        tell(p, r.q * p->m + r.row, r.rows, c, thread);
}

/* What the product before p hands over, where this thread has put it. */
static ct_matrix piece(const ct_plan *p, int thread)
{
    return ct_matrix_at((ct_matrix){p->p->a.data, p->a0.row, p->a0.column}, p->t.size, (int64_t)thread * CT_PIECE_ROWS, 0);
}

/* Both operands of an area, if they are no deeper than a pass: more would not stay in the cache. */
static ct_ahead operands_of(const ct_plan *p, area r)
{
    int64_t size = p->t.size, k = ct_min(p->k, p->t.depth);
    if (r.q >= p->batch)
        return (ct_ahead){0};
    return (ct_ahead){{ct_matrix_fetch(rows_of(p, r), size, r.rows, k), ct_matrix_fetch(columns_of(p, r), size, k, r.columns)}, {0}};
}

static void whole_task(const job *j, ct_plan *p, ct_round r, int64_t i, int thread)
{
    (void)r;
    int64_t all = p->batch * p->down * p->across, end = ct_task_start(all, p->blocks, i + 1);
    for (int64_t k = ct_task_start(all, p->blocks, i); k < end; k++) {
        area at = area_at(p, k);
        ct_ahead next = operands_of(p, area_at(p, k + 1));
        multiply_area(j, p, rows_of(p, at), at, thread, p->p->followed ? (ct_ahead){0} : next);
        if (p->p->followed)
            multiply_area(j, p + 1, piece(p + 1, thread), area_at(p + 1, k), thread, next);
    }
}

/* Some rows of a task, all columns of the round, pass by pass. */
typedef struct row_block {
    ct_matrix from;      /* their part of a */
    int64_t rows;
    char *c;
    char *a, *edge;      /* scratch */
    int64_t rows_after;  /* in the block that is likely the thread's next */
} row_block;

/* The part of a that the thread reads next. */
static ct_ahead next_rows(const ct_plan *p, ct_round r, row_block b, int64_t pass)
{
    int64_t size = p->t.size, depth = p->passes.depth;
    if (pass + 1 < r.end_pass)
        return (ct_ahead){{ct_matrix_fetch(ct_matrix_at(b.from, size, 0, (pass + 1) * depth), size, b.rows, pass_depth(p, pass + 1))}, {0}};
    ct_matrix next = ct_matrix_at(b.from, size, b.rows, r.first_pass * depth);
    return (ct_ahead){{ct_matrix_fetch(next, size, b.rows_after, pass_depth(p, r.first_pass))}, {0}};
}

static void multiply_block(const job *j, const ct_plan *p, ct_round r, row_block b)
{
    const char *packed = j->plans[p->leader].packed;
    for (int64_t pass = r.first_pass; pass < r.end_pass; pass++, packed += p->pass_bytes) {
        int64_t depth = pass_depth(p, pass);
        ct_rows a = ct_rows_of(&p->t, ct_matrix_at(b.from, p->t.size, 0, pass * p->passes.depth), b.rows, p->n, depth, b.a);
        ct_target to = ct_pass_target(target(p, b.c, r.column), pass > 0, pass + 1 == p->passes.count);
        ct_sweep(&p->t, b.rows, r.columns, depth, a, packed, to, b.edge, next_rows(p, r, b, pass));
    }
}

/* A block's scratch, but for c where that is transient: then the rest. */
static char *block_scratch(const job *j, const ct_plan *p, int thread, row_block *b)
{
    b->edge = j->each + (size_t)thread * j->thread_bytes + p->thread_start;
    b->a = b->edge + ct_tile_bytes(&p->t);
    return b->a + ct_panels_bytes(&p->t, p->t.a, p->block_rows, p->passes.depth) + CT_PANEL_SLACK;
}

/* The rows that have just been made of those of the product before p. */
static void follow(const job *j, const ct_plan *p, int64_t first, int64_t rows, int thread)
{
    row_block b = {.rows = rows};
    char *held = block_scratch(j, p, thread, &b);
    b.from = piece(p, thread);
    b.c = p->p->transient ? held : result(p, 0) + first * p->c_row * p->t.size;
    multiply_block(j, p, ct_plan_round(p, 0), b);
    tell(p, first, rows, b.c, thread);
}

/* Blocks are whole tiles, whatever the unit: what is finished is told of as soon as it makes whole units. */
static void rows_task(const job *j, ct_plan *p, ct_round r, int64_t i, int thread)
{
    int64_t size = p->t.size, units = ct_ceil_div(p->m, p->unit), told = 0;
    int64_t first = ct_task_start(units, p->blocks, i) * p->unit, rows = ct_min(ct_task_start(units, p->blocks, i + 1) * p->unit, p->m) - first;
    row_block b = {0};
    char *held = block_scratch(j, p, thread, &b);
    char *c = p->p->transient ? held : result(p, r.batch) + first * p->c_row * size;
    ct_matrix from = ct_matrix_at(operand(&p->a, p->a0, size, r.batch), size, first, 0);
    for (int64_t start = 0; start < rows; start += p->block_rows) {
        b.rows = ct_min(p->block_rows, rows - start);
        b.from = ct_matrix_at(from, size, start, 0);
        b.c = c + start * p->c_row * size;
        b.rows_after = ct_min(p->block_rows, p->m - first - start - b.rows);
        multiply_block(j, p, r, b);
        int64_t ready = start + b.rows == rows ? rows : (start + b.rows) / p->unit * p->unit;
        if (r.last && ready > told)
            tell(p, r.batch * p->m + first + told, ready - told, c + told * p->c_row * size, thread);
        if (p->p->followed)
            follow(j, p + 1, first + told, ready - told, thread);
        told = ct_max(told, ready);
    }
}

/* The next pass of `columns` columns, or after the last pass the first one of so many `after` them, which the thread likely makes next. */
static ct_ahead next_columns(const ct_plan *p, ct_matrix from, int64_t columns, int64_t after, int64_t pass)
{
    int64_t next = (pass + 1) % p->passes.count;
    ct_matrix at = ct_matrix_at(from, p->t.size, next == 0 ? columns : 0, next * p->passes.depth);
    return (ct_ahead){{ct_matrix_fetch(at, p->t.size, next == 0 ? ct_min(columns, after) : columns, pass_depth(p, next))}, {0}};
}

static void add_to_rows(const ct_plan *p, char *c, int64_t columns, const void *bias)
{
    ct_map_fn add = p->t.dtype == CT_F32 ? ct_map_add_f32 : ct_map_add_f64;
    for (int64_t i = 0; i < p->m; i++, c += p->c_row * p->t.size)
        add(columns, (const void *[]){c, bias}, c, NULL);
}

/* Columns of c as rows of its transpose, which are then turned. */
static void transposed_task(const job *j, ct_plan *p, int64_t i, int thread)
{
    char *edge = j->each + (size_t)thread * j->thread_bytes, *a = edge + ct_tile_bytes(&p->t);
    int64_t size = p->t.size, width = p->per_task * p->t.a.width, first = i * width, columns = ct_min(width, p->n - first);
    char *turned = a + (size_t)p->per_task * ct_panel_bytes(&p->t, p->t.a, p->passes.depth) + CT_PANEL_SLACK;
    char *c = shared_rows(p, 0) + first * size;
    ct_matrix from = ct_matrix_at(ct_matrix_turned(operand(&p->b, p->b0, size, 0)), size, first, 0);
    if (p->p->beta != 0)
        p->t.pack((ct_side){p->m, p->m}, (ct_matrix){c, p->c_row, 1}, p->m, columns, turned, 0);
    for (int64_t pass = 0; pass < p->passes.count; pass++) {
        int64_t depth = pass_depth(p, pass);
        ct_rows rows = ct_rows_of(&p->t, ct_matrix_at(from, size, 0, pass * p->passes.depth), columns, p->m, depth, a);
        ct_target to = {turned, p->m, p->p->beta != 0 || pass > 0, NULL};
        ct_sweep(&p->t, columns, p->m, depth, rows, p->packed + (size_t)pass * p->pass_bytes, to, edge, next_columns(p, from, columns, p->n - first - columns, pass));
    }
    p->t.pack((ct_side){columns, p->c_row}, (ct_matrix){turned, p->m, 1}, columns, p->m, c, 0);
    if (p->p->bias)
        add_to_rows(p, c, columns, (const char *)p->p->bias + first * size);
}

/* The columns of all products that have the same b: q packs none of its own. */
static void columns_task(const job *j, ct_plan *p, ct_round r, int64_t i, int thread)
{
    char *edge = j->each + (size_t)thread * j->thread_bytes, *b = edge + ct_tile_bytes(&p->t);
    int64_t size = p->t.size, width = p->per_task * p->t.b.width, first = i * width, columns = ct_min(width, p->n - first);
    ct_matrix from = ct_matrix_turned(ct_matrix_at(operand(&p->b, p->b0, size, 0), size, 0, first));
    for (int64_t pass = r.first_pass; pass < r.end_pass; pass++) {
        int64_t depth = pass_depth(p, pass);
        ct_pack(&p->t, p->t.b, ct_matrix_at(from, size, 0, pass * p->passes.depth), columns, depth, b);
        ct_ahead next = {0};
        if (pass + 1 < r.end_pass)
            next.of[0] = ct_matrix_fetch(ct_matrix_at(from, size, 0, (pass + 1) * p->passes.depth), size, columns, pass_depth(p, pass + 1));
        for (const ct_plan *q = p; q < j->plans + j->n; q++) {
            char *c = shared_rows(q, 0), *a = q->packed + (size_t)(pass - r.first_pass) * q->pass_bytes;
            ct_target to = ct_pass_target(target(q, c, first), pass > 0, pass + 1 == q->passes.count);
            if (q->leader == p->leader)
                ct_sweep(&q->t, q->m, columns, depth, ct_rows_packed(&q->t, depth, a), b, to, edge, next);
        }
    }
}

static void product_task(const job *j, ct_plan *p, ct_round r, int64_t i, int thread)
{
    if (p->cut == CT_WHOLE)
        whole_task(j, p, r, i, thread);
    else if (p->cut == CT_BY_ROWS)
        rows_task(j, p, r, i, thread);
    else if (p->transposed)
        transposed_task(j, p, i, thread);
    else
        columns_task(j, p, r, i, thread);
}

/* Tell of rows of which no task had all columns. */
static void tell_task(const job *j, ct_plan *p, ct_round r, int64_t i, int thread)
{
    (void)j, (void)r;
    int64_t units = ct_ceil_div(p->m, p->unit), first = ct_task_start(units, p->tasks, i) * p->unit;
    int64_t end = ct_min(ct_task_start(units, p->tasks, i + 1) * p->unit, p->m);
    char *c = shared_rows(p, 0);
    tell(p, first, end - first, c + first * p->c_row * p->t.size, thread);
}

/* --- phases --- */

static int64_t pack_tasks(const job *j, const ct_plan *p)
{
    bool shared = p->cut == CT_BY_ROWS && &j->plans[p->leader] != p;
    if (p->cut == CT_WHOLE || shared || j->round >= ct_plan_rounds(p))
        return 0;
    ct_round r = ct_plan_round(p, j->round);
    return (r.end_pass - r.first_pass) * packers(p);
}

static int64_t product_tasks(const job *j, const ct_plan *p)
{
    bool shared = p->cut == CT_BY_COLUMNS && &j->plans[p->leader] != p;
    if (shared || p->p->follows || j->round >= ct_plan_rounds(p))
        return 0;
    return p->cut == CT_BY_COLUMNS ? ct_ceil_div(ct_ceil_div(p->n, ct_plan_columns(p).width), p->per_task) : p->blocks;
}

static int64_t tell_tasks(const job *j, const ct_plan *p)
{
    bool late = (p->cut == CT_BY_COLUMNS || (p->cut == CT_WHOLE && p->across > 1)) && p->p->done;
    return late ? ct_min(ct_ceil_div(p->m, p->unit), CT_TASKS_EACH * (int64_t)j->threads) : 0;
}

static void run_task(void *argument, int64_t i, int thread)
{
    const job *j = argument;
    ct_plan *p = j->plans;
    for (; i >= p->tasks; p++)
        i -= p->tasks;
    j->task(j, p, ct_plan_round(p, j->round), i, thread);
}

/* Every thread has the same part of a product each time that product is computed, unless it is held up: what it reads and writes is likely in its own cache. */
static void phase(job *j, int64_t (*tasks)(const job *j, const ct_plan *p), void (*task)(const job *, ct_plan *, ct_round, int64_t, int))
{
    int64_t sum = 0;
    for (int i = 0; i < j->n; i++)
        sum += j->plans[i].tasks = j->plans[i].batch * j->plans[i].m > 0 ? tasks(j, &j->plans[i]) : 0;
    j->task = task;
    if (sum > 0)
        ct_parallel_for(j->threads, sum, run_task, j);
}

/* --- one job --- */

static bool same_b(const ct_plan *p, const ct_plan *q)
{
    return p->cut != CT_WHOLE && p->cut == q->cut && !p->transposed && !q->transposed && p->p->b.data == q->p->b.data && p->t.dtype == q->t.dtype && p->batch == 1 && q->batch == 1 && p->k == q->k
        && p->n == q->n && p->b0.row == q->b0.row && p->b0.column == q->b0.column && p->part_columns == q->part_columns && p->part_passes == q->part_passes;
}

static int leader_of(const ct_plan *plans, int i)
{
    int leader = 0;
    while (leader < i && !same_b(&plans[leader], &plans[i]))
        leader++;
    return leader;
}

static size_t plans_bytes(int n)
{
    return ct_gemm_aligned((size_t)n * sizeof(ct_plan));
}

/* Where the part of a plan in a thread's scratch is: the second of a pair has its own, otherwise it is the same for all. Returns its end. */
static size_t place_part(ct_plan *p, size_t end_before)
{
    p->thread_start = p->p->follows ? ct_gemm_aligned(end_before) : 0;
    return p->thread_start + p->thread_bytes;
}

/* The plans, what each product packs for all, and the scratch of each thread. */
size_t ct_products_scratch(int n, const ct_product *p, int threads)
{
    size_t bytes = plans_bytes(n), each = 0, end = 0;
    for (int i = 0; i < n; i++) {
        ct_plan plan = ct_plan_of(&p[i], threads);
        bytes += ct_gemm_aligned(plan.packed_bytes) + plan.rows_bytes;
        end = place_part(&plan, end);
        each = end > each ? end : each;
    }
    return bytes + ct_gemm_aligned(each) * (size_t)threads;
}

static void lay_out(job *j, const ct_product *p, char *scratch)
{
    j->plans = (ct_plan *)(void *)scratch;
    scratch += plans_bytes(j->n);
    size_t end = 0;
    for (int i = 0; i < j->n; i++) {
        ct_plan *plan = &j->plans[i];
        *plan = ct_plan_of(&p[i], j->threads);
        plan->leader = leader_of(j->plans, i);
        plan->packed = scratch;
        plan->rows = scratch + ct_gemm_aligned(plan->packed_bytes);
        scratch = plan->rows + plan->rows_bytes;
        end = place_part(plan, end);
        j->thread_bytes = end > j->thread_bytes ? end : j->thread_bytes;
    }
    j->thread_bytes = ct_gemm_aligned(j->thread_bytes);
    j->each = scratch;
}

void ct_products_run(int n, const ct_product *p, void *scratch, int threads)
{
    job j = {.n = n, .threads = threads};
    double work = 0;
    int64_t rounds = 0;
    lay_out(&j, p, scratch);
    for (int i = 0; i < n; i++) {
        const ct_plan *plan = &j.plans[i];
        rounds = ct_max(rounds, ct_plan_rounds(plan));
        work += (double)plan->batch * (double)plan->m * (double)plan->n * (double)plan->k;
    }
    j.threads = work < CT_GEMM_SMALL ? 1 : threads;
    for (; j.round < rounds; j.round++) {
        phase(&j, pack_tasks, pack_task);
        phase(&j, product_tasks, product_task);
    }
    phase(&j, tell_tasks, tell_task);
}

/* --- one product --- */

size_t ct_matmul_scratch(ct_array c, ct_array a, ct_array b, int threads)
{
    return ct_products_scratch(1, &(ct_product){.c = c, .a = a, .b = b}, threads);
}

void ct_matmul_kernel(ct_array c, ct_array a, ct_array b, double beta, void *scratch, int threads)
{
    ct_products_run(1, &(ct_product){.c = c, .a = a, .b = b, .beta = beta}, scratch, threads);
}

bool ct_matmul_accepts(const ct_array *a)
{
    int r = a->shape.rank;
    if (r < 2 || !ct_dtype_is_float(a->dtype))
        return false;
    ct_matrix last = {a->data, a->stride[r - 2], a->stride[r - 1]};
    return ct_matrix_is_dense(last, a->shape.dim[r - 2], a->shape.dim[r - 1]);
}
