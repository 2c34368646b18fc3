/* SPDX-License-Identifier: MIT */
/* Where a step finds its operands: in a cache or in memory, by how much has been touched since they were touched last. */
#include "program_impl.h"
#include <math.h>
#include <stdlib.h>

static double bytes_if_touched_since(const ct_program *p, const int64_t *touched, int i, int b)
{
    return touched[i] >= touched[b] ? (double)p->buffers[i].bytes : 0;
}

/* Bytes of the buffers that were touched at the same time as b or later and that the step itself does not touch. Memory that several of them had one after the
 * other counts several times, but no more than all memory there is. */
static double touched_since(const ct_program *p, const int64_t *touched, const step *t, int b)
{
    double sum = 0, all = (double)p->stats.planned_bytes + (double)p->stats.state_bytes;
    for (int i = 0; i < p->n_buffers; i++)
        sum += bytes_if_touched_since(p, touched, i, b);
    for (int i = 0; i < t->n_traffic; i++)
        sum -= bytes_if_touched_since(p, touched, t->traffic[i].buffer, b);
    return sum < all ? sum : all;
}

static bool is_made_by(const ct_program *p, int b, int s)
{
    const buffer *m = &p->buffers[b];
    return in_block(m) && !m->given && m->first == s - p->steps[s].follows;
}

/* Step s at time `now`; first the distances if they are wanted. */
static void touch(ct_program *p, int64_t *touched, int s, int64_t now, bool wanted)
{
    step *t = &p->steps[s];
    for (int i = 0; wanted && i < t->n_traffic; i++)
        if (!is_made_by(p, t->traffic[i].buffer, s))
            t->traffic[i].distance = touched_since(p, touched, t, t->traffic[i].buffer);
    for (int i = 0; i < t->n_traffic; i++)
        touched[t->traffic[i].buffer] = now;
}

/* The second run knows what the first one left. */
bool ct_program_find_distances(ct_program *p)
{
    int64_t *touched = calloc((size_t)p->n_buffers + 1, sizeof *touched), now = 0;
    for (int run = 0; touched && run < 2; run++)
        for (int s = 0; s < p->n_steps; s++)
            touch(p, touched, s, ++now, run == 1);
    free(touched);
    return touched != NULL;
}

double ct_program_step_limit(const ct_program *p, int64_t i, const ct_machine *m, ct_limit *binds)
{
    double bytes[CT_MACHINE_PLACES] = {0};
    if (i < 0 || i >= p->n_steps)
        return NAN;
    const step *t = &p->steps[i];
    for (int k = 0; k < t->n_traffic; k++)
        bytes[ct_machine_place_for(m, t->traffic[k].distance + t->bytes)] += t->traffic[k].bytes;
    return ct_machine_seconds(m, t->var->dtype, t->flops, bytes, binds);
}
