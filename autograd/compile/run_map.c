/* A group of elementwise instructions, block by block: registers are blocks that stay in cache. */
#include "program_impl.h"
#include <omp.h>

enum { FEWEST_PER_THREAD = 8192 };  /* elements; below, starting threads costs more than it saves */

typedef struct block_run {
    const step *s;
    unsigned char *registers;  /* this thread's */
    unsigned char *y;
    size_t size;               /* bytes of an element */
    int64_t start, n;          /* elements of the block */
} block_run;

static void *register_at(const block_run *r, int i)
{
    return r->registers + (size_t)i * REGISTER_BYTES;
}

static void *result_of(const block_run *r, const instruction *c)
{
    return c->y < 0 ? r->y + (size_t)r->start * r->size : register_at(r, c->y);
}

static const void *operand_of(const block_run *r, int x)
{
    if (x >= 0)
        return register_at(r, x);
    return (const unsigned char *)r->s->in[-1 - x].data + (size_t)r->start * r->size;
}

static void run_instruction(const block_run *r, const instruction *c)
{
    const void *x[CT_MAP_MAX_INPUTS];
    for (int i = 0; i < c->n; i++)
        x[i] = operand_of(r, c->x[i]);
    c->fn(r->n, x, result_of(r, c), c->attr);
}

static void load_repeated(block_run *r, int64_t block)
{
    for (int k = 0; k < r->s->instructions; k++) {
        const instruction *c = &r->s->code[k];
        if (c->once)
            ct_array_load(&r->s->in[c->x[0]], 0, block, register_at(r, c->y));
    }
}

static void run_block(const block_run *r)
{
    for (int k = 0; k < r->s->instructions; k++) {
        const instruction *c = &r->s->code[k];
        if (c->fn)
            run_instruction(r, c);
        else if (!c->once)
            ct_array_load(&r->s->in[c->x[0]], r->start, r->n, register_at(r, c->y));
    }
}

void run_map(const ct_program *p, const step *s)
{
    const ct_array *y = &p->values[s->y].array;
    size_t size = ct_dtype_size(y->dtype);
    int64_t count = ct_array_count(y), block = (int64_t)(REGISTER_BYTES / size), blocks = (count + block - 1) / block;
    int64_t useful = count / FEWEST_PER_THREAD;
    int threads = useful < 1 ? 1 : useful < p->threads ? (int)useful : p->threads;
#pragma omp parallel num_threads(threads) if (threads > 1)
    {
        unsigned char *registers = p->block + s->scratch_offset + (size_t)omp_get_thread_num() * (size_t)s->registers * REGISTER_BYTES;
        block_run r = {s, registers, y->data, size, 0, 0};
        if (count > 0)
            load_repeated(&r, count < block ? count : block);
#pragma omp for schedule(static)
        for (int64_t b = 0; b < blocks; b++) {
            r.start = b * block;
            r.n = count - r.start < block ? count - r.start : block;
            run_block(&r);
        }
    }
}
