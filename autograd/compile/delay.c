/* SPDX-License-Identifier: MIT */
/* Products whose results nothing reads before the next contraction run just before that one, so that the row programs in between follow the product that they belong to: the gradient
 * of a weight waits until the cotangent beside it has been worked on, and both read what that needed to be made again. */
#include "program_impl.h"
#include <string.h>

static bool reads_result_of(const ct_program *p, const step *s, const step *of)
{
    for (int i = 0; i < s->n; i++)
        if (root_value(p, s->x[i]) == of->out[0])
            return true;
    return false;
}

/* Where step s can wait until: just before the next contraction, or where it is if its result is read sooner. */
static int waits_until(const ct_program *p, int s)
{
    int end = s + 1;
    for (; end < p->n_steps && !is_contraction(&p->steps[end]); end++)
        if (reads_result_of(p, &p->steps[end], &p->steps[s]))
            return s + 1;
    return end < p->n_steps ? end : s + 1;
}

static void move(ct_program *p, int from, int to)
{
    step moved = p->steps[from];
    memmove(&p->steps[from], &p->steps[from + 1], (size_t)(to - from - 1) * sizeof moved);
    p->steps[to - 1] = moved;
}

void ct_pass_delay(ct_program *p)
{
    for (int s = p->n_steps - 1; s >= 0; s--)
        if (is_product(&p->steps[s]))
            move(p, s, waits_until(p, s));
}
