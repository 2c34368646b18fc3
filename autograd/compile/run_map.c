/* A fused step, block by block: registers are blocks that stay in cache. */
#include "program_impl.h"
#include <cotangent/team.h>

enum { TASK_WORK = 1 << 17 };  /* elements times instructions of a task: some ten microseconds */

typedef struct block_run {
    const step *s;
    const value *values;
    unsigned char *registers;  /* this thread's */
    size_t size;               /* bytes of an element */
    int64_t first, rows;       /* of the block */
} block_run;

static int64_t start_of(const block_run *r, level l)
{
    return l == FULL ? r->first * r->s->columns : r->first;
}

static int64_t count_of(const block_run *r, level l)
{
    return l == FULL ? r->rows * r->s->columns : r->rows;
}

static void *address(const block_run *r, place at, level l)
{
    if (at.kind == IN_REGISTER)
        return r->registers + (size_t)at.index * r->s->register_bytes;
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

static void spread_f32(int64_t rows, int64_t columns, const float *x, float *y)
{
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < columns; j++)
            y[i * columns + j] = x[i];
}

static void spread_f64(int64_t rows, int64_t columns, const double *x, double *y)
{
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < columns; j++)
            y[i * columns + j] = x[i];
}

/* Elements are 4 or 8 bytes: their kind does not matter to a copy. */
static void run_spread(const block_run *r, const instruction *c)
{
    const void *x = address(r, c->x[0], ROWS);
    void *y = address(r, c->y, FULL);
    if (r->size == sizeof(float))
        spread_f32(r->rows, r->s->columns, x, y);
    else
        spread_f64(r->rows, r->s->columns, x, y);
}

static void run_load(const block_run *r, const instruction *c)
{
    ct_array_load(&r->s->in[c->x[0].index], start_of(r, c->level), count_of(r, c->level), address(r, c->y, c->level));
}

static void run_instruction(const block_run *r, const instruction *c)
{
    switch (c->kind) {
    case DO_MAP: run_map_instruction(r, c); break;
    case DO_REDUCE: c->reduce(r->rows, r->s->columns, address(r, c->x[0], FULL), address(r, c->y, ROWS)); break;
    case DO_SPREAD: run_spread(r, c); break;
    case DO_LOAD: run_load(r, c); break;
    }
}

/* once: the loads that are the same for every block; else all the others. */
static void run_block(const block_run *r, bool once)
{
    for (int k = 0; k < r->s->instructions; k++)
        if (r->s->code[k].once == once)
            run_instruction(r, &r->s->code[k]);
}

/* Blocks in runs of TASK_WORK, so that a late thread delays little; all of a thread's runs use its registers. */
typedef struct map_job {
    const ct_program *p;
    const step *s;
    int64_t blocks, per_task;
} map_job;

static void run_task(void *argument, int64_t task, int thread)
{
    const map_job *j = argument;
    const step *s = j->s;
    unsigned char *registers = j->p->block + s->scratch_offset + (size_t)thread * (size_t)s->registers * s->register_bytes;
    block_run r = {s, j->p->values, registers, ct_dtype_size(j->p->values[s->out[0]].array.dtype), 0, s->block_rows};
    int64_t end = (task + 1) * j->per_task < j->blocks ? (task + 1) * j->per_task : j->blocks;
    if (r.rows > s->rows)
        r.rows = s->rows;
    run_block(&r, true);
    for (int64_t b = task * j->per_task; b < end; b++) {
        r.first = b * s->block_rows;
        r.rows = s->rows - r.first < s->block_rows ? s->rows - r.first : s->block_rows;
        run_block(&r, false);
    }
}

void run_map(const ct_program *p, const step *s)
{
    if (s->rows == 0 || s->columns == 0)
        return;
    int64_t blocks = (s->rows + s->block_rows - 1) / s->block_rows, work = s->block_rows * s->columns * s->instructions;
    map_job j = {p, s, blocks, work < TASK_WORK ? (TASK_WORK + work - 1) / work : 1};
    ct_parallel_for(p->threads, (blocks + j.per_task - 1) / j.per_task, run_task, &j);
}
