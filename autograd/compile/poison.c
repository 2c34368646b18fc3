/* SPDX-License-Identifier: MIT */
/* Memory that holds no value: for tests it is NaN as soon as the plan calls it free, and outputs are after a run that failed. */
#include "program_impl.h"
#include <math.h>
#include <string.h>

static void poison(const ct_program *p, const buffer *b)
{
    memset(p->block + b->offset, 0xff, b->bytes);
}

static bool may_poison(const buffer *b)
{
    return in_block(b) && !b->given && b->merged < 0 && b->last >= b->first;
}

void ct_poison_start(ct_program *p)
{
    for (int i = 0; i < p->n_buffers; i++)
        if (may_poison(&p->buffers[i]))
            poison(p, &p->buffers[i]);
}

void ct_poison_after(ct_program *p, int s)
{
    for (int i = 0; i < p->n_buffers; i++)
        if (may_poison(&p->buffers[i]) && p->buffers[i].last == s)
            poison(p, &p->buffers[i]);
}

void ct_spoil_outputs(const ct_program *p)
{
    for (int i = 0; i < p->n_outputs; i++) {
        const value *y = &p->values[p->output_value[i]];
        const buffer *b = &p->buffers[root_buffer(p, y->buffer)];
        if (in_block(b) && !b->given)
            ct_fill(y->array, ct_dtype_is_float(y->array.dtype) ? (double)NAN : 0, 1);
    }
}
