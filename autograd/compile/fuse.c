/* SPDX-License-Identifier: MIT */
/* Groups of steps become one step each, and the steps are put in order again: each as early as the last of its members stood, or earlier where another needs it. */
#include "fuse.h"
#include <stdlib.h>

typedef struct scheduler {
    const ct_program *p;
    const grouping *g;
    int *order;    /* groups in the new order */
    int n;
    bool *placed;  /* by group */
    int *stack;
} scheduler;

/* A group whose results some member of `group` reads and that is not placed yet; -1 when there is none. */
static int missing(const scheduler *c, int group)
{
    for (int s = group; s >= 0; s = c->g->next[s])
        for (int i = 0; i < c->p->steps[s].n; i++) {
            int m = c->g->maker[root_value(c->p, c->p->steps[s].x[i])];
            int other = m < 0 ? group : c->g->group[m];
            if (other != group && !c->placed[other])
                return other;
        }
    return -1;
}

/* Groups form no cycle, so this ends. */
static void place_with_needs(scheduler *c, int group)
{
    int top = 0;
    c->stack[top++] = group;
    while (top > 0) {
        int g = c->stack[top - 1], need = missing(c, g);
        if (need >= 0) {
            c->stack[top++] = need;
            continue;
        }
        c->placed[g] = true;
        c->order[c->n++] = g;
        top--;
    }
}

static bool schedule(scheduler *c)
{
    size_t n = (size_t)c->p->n_steps + 1;
    c->order = calloc(n, sizeof *c->order);
    c->placed = calloc(n, sizeof *c->placed);
    c->stack = calloc(n, sizeof *c->stack);
    if (!c->order || !c->placed || !c->stack)
        return false;
    for (int s = 0; s < c->p->n_steps; s++) {
        int group = c->g->group[s];
        if (c->g->tail[group] == s && !c->placed[group])
            place_with_needs(c, group);
    }
    return true;
}

static bool rebuild(ct_program *p, const grouping *g, const scheduler *c)
{
    step *steps = calloc((size_t)c->n + 1, sizeof *steps);
    bool ok = steps != NULL;
    for (int k = 0; ok && k < c->n; k++) {
        int group = c->order[k];
        steps[k] = p->steps[group];
        if (g->size[group] > 1 || steps[k].kind == STEP_MAP)
            ok = ct_fuse_emit_group(p, g, group, &steps[k]);
    }
    if (!ok) {
        free(steps);
        return false;
    }
    free(p->steps);
    p->steps = steps;
    p->n_steps = c->n;
    p->steps_capacity = c->n + 1;
    return true;
}

bool ct_pass_fuse(ct_program *p, ct_error *err)
{
    grouping g;
    scheduler c = {.p = p, .g = &g};
    bool ok = ct_fuse_find_groups(p, &g) && schedule(&c) && rebuild(p, &g, &c);
    ct_fuse_grouping_free(&g);
    free(c.order);
    free(c.placed);
    free(c.stack);
    return ok || ct_compile_out_of_memory(err, "fusing steps");
}
