/* Elementwise maps over arrays: blocks of contiguous operands, or of operands loaded into small buffers first. */
#include "walk.h"

#include <cotangent/kernels.h>

enum {
    DIRECT_BLOCK = 4096,   /* elements of a block when every operand is contiguous */
    LOAD_BLOCK = 1024,     /* when some are loaded: all of a block's operands fit in the first-level cache */
    GRAIN = 16384          /* elements a thread should have */
};

typedef struct operand {
    ct_walk walk;
    bool contiguous;
    bool scalar;           /* one element, repeated */
} operand;

static operand operand_of(const ct_array *a)
{
    operand o = {.walk = ct_walk_of(a)};
    o.contiguous = o.walk.rank == 1 && (o.walk.stride[0] == 1 || o.walk.dim[0] == 1);
    o.scalar = !o.contiguous && o.walk.rank == 1 && o.walk.stride[0] == 0;
    return o;
}

static void map_direct(ct_map_fn fn, const void *attr, ct_array y, int n, const operand *x, int64_t count, int threads)
{
    size_t size = ct_dtype_size(y.dtype);
    int workers = ct_threads_for(threads, count, GRAIN);
#pragma omp parallel for num_threads(workers) schedule(static) if (workers > 1)
    for (int64_t start = 0; start < count; start += DIRECT_BLOCK) {
        const void *in[CT_MAP_MAX_INPUTS] = {NULL};
        for (int i = 0; i < n; i++)
            in[i] = x[i].walk.data + (size_t)start * x[i].walk.size;
        fn(ct_min(DIRECT_BLOCK, count - start), in, (char *)y.data + (size_t)start * size, attr);
    }
}

/* One buffer for each operand: a block of at most 8-byte elements. */
typedef char buffers[CT_MAP_MAX_INPUTS][LOAD_BLOCK * 8];

static void load_scalars(int n, const operand *x, int64_t count, buffers buffer)
{
    for (int i = 0; i < n; i++)
        if (x[i].scalar)
            ct_walk_load(&x[i].walk, 0, ct_min(LOAD_BLOCK, count), buffer[i]);
}

static void load_block(int n, const operand *x, int64_t start, int64_t block, buffers buffer, const void **in)
{
    for (int i = 0; i < n; i++) {
        const void *run = x[i].scalar ? buffer[i] : ct_walk_run(&x[i].walk, start, block);
        if (!run)
            ct_walk_load(&x[i].walk, start, block, buffer[i]);
        in[i] = run ? run : buffer[i];
    }
}

static void map_loaded(ct_map_fn fn, const void *attr, ct_array y, int n, const operand *x, int64_t count, int threads)
{
    size_t size = ct_dtype_size(y.dtype);
    int workers = ct_threads_for(threads, count, GRAIN);
#pragma omp parallel num_threads(workers) if (workers > 1)
    {
        _Alignas(64) buffers buffer;
        load_scalars(n, x, count, buffer);
#pragma omp for schedule(static)
        for (int64_t start = 0; start < count; start += LOAD_BLOCK) {
            const void *in[CT_MAP_MAX_INPUTS] = {NULL};
            int64_t block = ct_min(LOAD_BLOCK, count - start);
            load_block(n, x, start, block, buffer, in);
            fn(block, in, (char *)y.data + (size_t)start * size, attr);
        }
    }
}

void ct_map(ct_map_fn fn, const void *attr, ct_array y, int n, const ct_array *x, int threads)
{
    int64_t count = ct_array_count(&y);
    if (count == 0)
        return;
    operand operands[CT_MAP_MAX_INPUTS];
    bool direct = true;
    for (int i = 0; i < n; i++) {
        operands[i] = operand_of(&x[i]);
        direct = direct && operands[i].contiguous;
    }
    if (direct)
        map_direct(fn, attr, y, n, operands, count, threads);
    else
        map_loaded(fn, attr, y, n, operands, count, threads);
}
