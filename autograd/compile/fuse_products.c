/* SPDX-License-Identifier: MIT */
/* Matrix products at the head of groups. A group that reads a product's result element by element, or row by row, can run on each block of the result's rows as soon
 * as that is finished, while it is in cache: bias, activation, residual, the softmax of attention, an optimizer's update of the weights whose gradient the product is.
 * Where nothing else reads the result, it is never in memory as a whole. */
#include "fuse.h"

/* The last product (in order) whose result a member of the group reads; -1 for none. */
static int last_product_read(const joiner *j, int group)
{
    int last = -1;
    for (int s = group; s >= 0; s = j->g->next[s])
        for (int i = 0; i < j->p->steps[s].n; i++) {
            int m = maker_of(j, j->p->steps[s].x[i]);
            if (m > last && is_product(&j->p->steps[m]))
                last = m;
        }
    return last;
}

/* Every member that reads the product reads it as it is, at the full level. */
static bool reads_as_it_is(const joiner *j, int group, int c)
{
    for (int s = group; s >= 0; s = j->g->next[s]) {
        const step *t = &j->p->steps[s];
        for (int i = 0; i < t->n; i++)
            if (maker_of(j, t->x[i]) == c && ct_fuse_relation(j->p, t->x[i]) != SAME)
                return false;
    }
    return true;
}

/* Rows of n elements that make whole units of rows of `columns`. */
int64_t ct_product_unit(int64_t n, int64_t columns, int64_t unit)
{
    return ct_fuse_common_unit(n, columns * unit) / n;
}

/* The product's rows are finished in blocks that can be the group's; those of one product of a batch at a time. */
static bool levels_fit(const joiner *j, int group, int c)
{
    const ct_array *y = &j->p->values[j->p->steps[c].out[0]].array;
    int64_t full = j->g->full[group], columns = j->g->rows[group] ? full / j->g->rows[group] : 1;
    if (ct_array_count(y) != full || full == 0)
        return false;
    int64_t m = ct_shape_dim(y->shape, -2), unit = ct_product_unit(ct_shape_dim(y->shape, -1), columns, j->g->unit[group]);
    return unit <= LARGEST_UNIT && (m % unit == 0 || m * ct_shape_dim(y->shape, -1) == full);
}

static bool reads_buffer(const step *t, const ct_program *p, int b)
{
    for (int i = 0; i < t->n; i++)
        if (p->values[t->x[i]].buffer == b)
            return true;
    return false;
}

/* Whether a step after c that is not of the group reads state buffer b. */
static bool is_read_later(const joiner *j, int group, int c, int b)
{
    for (int s = c + 1; s < j->p->n_steps; s++)
        if (j->g->group[s] != group && reads_buffer(&j->p->steps[s], j->p, b))
            return true;
    return false;
}

static int state_of(const ct_program *p, const ct_var *assign)
{
    return p->values[p->value_of[p->node_of[assign->x[0]->index]]].buffer;
}

/* Run with product c, the group overwrites no state that is still to be read: it would have to be kept apart and copied. */
static bool overwrites_too_early(const joiner *j, int group, int c)
{
    const ct_program *p = j->p;
    for (int i = 0; i < p->n_outputs; i++) {
        if (p->outputs[i]->op != &ct_op_assign)
            continue;
        int m = maker_of(j, p->output_value[i]);
        if (m >= 0 && j->g->group[m] == group && is_read_later(j, group, c, state_of(p, p->outputs[i])))
            return true;
    }
    return false;
}

static bool may_attach(joiner *j, int group, int c)
{
    const ct_program *p = j->p;
    const value *y = &p->values[p->steps[c].out[0]], *first = &p->values[p->steps[group].out[0]];
    return j->segment[group] >= 0 && j->g->size[group] < LARGEST_GROUP && y->array.dtype == first->array.dtype &&
           ct_array_is_contiguous(&y->array) && last_product_read(j, group) == c && levels_fit(j, group, c) && reads_as_it_is(j, group, c) &&
           !ct_fuse_leads_around(j, c, group) && !overwrites_too_early(j, group, c);
}

/* The largest group that can run on the rows of c; -1 for none. */
static int best_group(joiner *j, int c)
{
    int best = -1;
    for (int k = j->reader_start[c]; k < j->reader_start[c + 1]; k++) {
        int group = j->g->group[j->reader[k]];
        if (group != best && (best < 0 || j->g->size[group] > j->g->size[best]) && may_attach(j, group, c))
            best = group;
    }
    return best;
}

void ct_fuse_attach_products(joiner *j)
{
    for (int c = 0; c < j->p->n_steps; c++) {
        int group = is_product(&j->p->steps[c]) && !j->p->options.no_fuse ? best_group(j, c) : -1;
        if (group < 0)
            continue;
        ct_fuse_join(j, c, group, j->g->full[group], j->g->rows[group]);
        j->g->tail[c] = c;  /* the product's place is the group's */
    }
}
