/* SPDX-License-Identifier: MIT */
/* Sums down the columns of what a fused step works on: gradients of biases, gains, and of whatever is broadcast over rows. A sum of [segments, n, columns] over n takes rows
 * in blocks of fixed length (ct_sum_block), so a step that works on whole blocks of rows at a time makes the blocks' sums in passing; what is left is to add those up. */
#include "fuse.h"
#include <string.h>

/* The extents of x as [segments, n, columns] by the reduced axes; false when they are not next to each other. */
static bool three_extents(ct_shape x, uint32_t axes, column_sum *c)
{
    int stage = 0;  /* from the last axis on: columns, n, segments */
    int64_t *extent[] = {&c->columns, &c->n, &c->segments};
    for (int i = x.rank - 1; i >= 0; i--) {
        bool reduced = axes >> i & 1;
        if (x.dim[i] == 1)
            continue;
        if (reduced != (stage == 1))
            stage++;
        if (stage > 2)
            return false;
        *extent[stage] *= x.dim[i];
    }
    return true;
}

bool ct_fuse_sums_columns(const ct_program *p, const step *s, column_sum *c)
{
    extern const ct_op ct_op_sum;
    *c = (column_sum){.segments = 1, .n = 1, .columns = 1};
    if (s->kind != STEP_EVAL || s->var->op != &ct_op_sum || (s->var->dtype != CT_F32 && s->var->dtype != CT_F64))
        return false;
    uint32_t axes;
    memcpy(&axes, s->var->attr, sizeof axes);
    ct_shape x = p->values[s->x[0]].array.shape;
    if (!three_extents(x, axes, c) || c->columns < 2 || c->columns > MOST_COLUMNS || c->n < 2)
        return false;
    c->block = ct_sum_block(x, axes);
    c->block = c->n < c->block ? c->n : c->block;
    return c->segments == 1 || c->n % c->block == 0;
}

int64_t ct_fuse_common_unit(int64_t a, int64_t b)
{
    int64_t x = a, y = b;
    while (y) {
        int64_t rest = x % y;
        x = y;
        y = rest;
    }
    return a / x * b;
}
