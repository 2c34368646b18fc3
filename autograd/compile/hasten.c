/* SPDX-License-Identifier: MIT */
/* A small product that could have run earlier, such as the shifts and scales of the next layer's norm, runs before the contraction ahead of it, with what is made of it. Then
 * no contraction lies between that one's result and the steps that need both, and they can become its row program. */
#include "program_impl.h"
#include <string.h>

enum { MUCH_SMALLER = 8 };

typedef struct stretch {
    const ct_program *p;
    const int *maker;  /* by value: the step that makes it, -1 for none */
    int start, end;    /* from a contraction to the next but one */
    bool *early;       /* by step, counted from `start` */
} stretch;

static int64_t bytes_made(const ct_program *p, const step *s)
{
    const ct_array *y = &p->values[s->out[0]].array;
    return ct_array_count(y) * (int64_t)ct_dtype_size(y->dtype);
}

/* Whether all that step s reads is made before the stretch, or early. */
static bool is_ready(const stretch *r, int s)
{
    const step *t = &r->p->steps[s];
    for (int i = 0; i < t->n; i++) {
        int m = r->maker[root_value(r->p, t->x[i])];
        if (m >= r->start && !r->early[m - r->start])
            return false;
    }
    return true;
}

static bool reads_early(const stretch *r, int s)
{
    const step *t = &r->p->steps[s];
    for (int i = 0; i < t->n; i++) {
        int m = r->maker[root_value(r->p, t->x[i])];
        if (m >= r->start && r->early[m - r->start])
            return true;
    }
    return false;
}

/* Find the steps from `product` on that can run early. True if others read what they make: else nothing is gained. */
static bool find_early(stretch *r, int product)
{
    bool wanted = false;
    int64_t most = bytes_made(r->p, &r->p->steps[r->start]) / MUCH_SMALLER;
    memset(r->early, 0, (size_t)(r->end - r->start));
    for (int s = product; s < r->end; s++) {
        r->early[s - r->start] = is_ready(r, s) && (s == product || reads_early(r, s)) && bytes_made(r->p, &r->p->steps[s]) <= most;
        if (!r->early[product - r->start])
            return false;
        wanted |= !r->early[s - r->start] && reads_early(r, s);
    }
    return wanted;
}

/* The early ones first, each part in its order. */
static void reorder(ct_program *p, stretch *r, step *room, int *maker)
{
    int n = r->end - r->start, to = 0;
    for (int early = 1; early >= 0; early--)
        for (int s = 0; s < n; s++)
            if (r->early[s] == early)
                room[to++] = p->steps[r->start + s];
    memcpy(&p->steps[r->start], room, (size_t)n * sizeof *room);
    for (int s = r->start; s < r->end; s++)
        maker[p->steps[s].out[0]] = s;
}

static int next_contraction(const ct_program *p, int s)
{
    while (s < p->n_steps && !is_contraction(&p->steps[s]))
        s++;
    return s;
}

static int *makers(ct_program *p)
{
    int *maker = ct_arena_alloc(&p->memory, ((size_t)p->n_values + 1) * sizeof *maker);
    for (int v = 0; maker && v < p->n_values; v++)
        maker[v] = -1;
    for (int s = 0; maker && s < p->n_steps; s++)
        maker[p->steps[s].out[0]] = s;
    return maker;
}

bool ct_pass_hasten(ct_program *p, ct_error *err)
{
    int *maker = makers(p);
    step *room = ct_arena_alloc(&p->memory, ((size_t)p->n_steps + 1) * sizeof *room);
    bool *early = ct_arena_alloc(&p->memory, (size_t)p->n_steps + 1);
    if (!maker || !room || !early)
        return ct_compile_out_of_memory(err, "moving products");
    for (int s = next_contraction(p, 0), product; s < p->n_steps; s = product) {
        product = next_contraction(p, s + 1);
        stretch r = {p, maker, s, next_contraction(p, product + 1), early};
        if (product >= p->n_steps || !is_product(&p->steps[product]) || !find_early(&r, product))
            continue;
        reorder(p, &r, room, maker);
        product = next_contraction(p, s + 1);
    }
    return true;
}
