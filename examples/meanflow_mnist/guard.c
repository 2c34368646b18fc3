/* SPDX-License-Identifier: MIT */
/* Counting steps that were skipped. */
#include "guard.h"

bool guard_step(guard *g, bool taken)
{
    g->skipped += !taken;
    g->in_a_row = taken ? 0 : g->in_a_row + 1;
    g->calm += taken;
    if (g->calm >= GUARD_CALM)
        g->returns_in_a_row = 0;
    return g->in_a_row >= GUARD_PATIENCE;
}

bool guard_may_return(const guard *g)
{
    return g->returns_in_a_row < GUARD_RETURNS;
}

void guard_returned(guard *g)
{
    g->in_a_row = 0;
    g->calm = 0;
    g->returns++;
    g->returns_in_a_row++;
}
