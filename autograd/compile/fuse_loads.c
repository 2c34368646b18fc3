/* SPDX-License-Identifier: MIT */
/* Loads of operands that repeat themselves, such as a bias along the rows of a batch: what is in the register from the block before is often right for the next one. */
#include "fuse.h"

/* The first `repeats` times `period` elements are the same `period` elements again and again; so are the next ones, with others. */
typedef struct repetition {
    int64_t period, repeats;
} repetition;

static repetition repetition_of(const ct_array *a)
{
    repetition r = {1, 1};
    int axis = a->shape.rank - 1;
    for (; axis >= 0 && (a->stride[axis] != 0 || a->shape.dim[axis] == 1); axis--)
        r.period *= a->shape.dim[axis];
    for (; axis >= 0 && (a->stride[axis] == 0 || a->shape.dim[axis] == 1); axis--)
        r.repeats *= a->shape.dim[axis];
    return r;
}

/* Worth a register of its own: the same number everywhere, or the same elements for many blocks. */
static bool worth_holding(const ct_array *a, repetition r, int64_t block)
{
    enum { FEWEST_BLOCKS = 4 };
    int64_t together = r.period * r.repeats;
    return r.repeats > 1 && ((r.period == 1 && together == ct_array_count(a)) || together >= FEWEST_BLOCKS * block);
}

void ct_fuse_hoist_load(instruction *load, const ct_array *a, int64_t block, int *slots)
{
    repetition r = repetition_of(a);
    load->slot = -1;
    if (*slots == MOST_HELD || !worth_holding(a, r, block))
        return;
    load->slot = (*slots)++;
    load->period = r.period;
    load->together = r.period * r.repeats;
}
