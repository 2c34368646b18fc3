/* SPDX-License-Identifier: MIT */
/* A concatenation of products, such as that of the cotangents of queries, keys and values, is never made: each product is written where it belongs in it. Runs when the steps are in
 * their last order, since nothing tells any more that who reads the whole needs the parts. */
#include "program_impl.h"
#include "../ops/pad.h"
#include <string.h>

extern const ct_op ct_op_concat;

/* The step that does nothing but make value v, as a product; NULL where there is none. */
static step *product_making(ct_program *p, int v)
{
    for (int s = 0; s < p->n_steps; s++)
        if (is_product(&p->steps[s]) && p->steps[s].out[0] == v)
            return &p->steps[s];
    return NULL;
}

/* `part` with the extents of `whole`, which differ from its own by axes of 1; false where they differ otherwise. */
static bool with_extents(ct_array part, ct_shape whole, ct_array *y)
{
    int k = 0;
    *y = ct_array_make(part.data, part.dtype, whole);
    for (int i = 0; i < whole.rank; i++) {
        if (whole.dim[i] == 1)
            continue;
        while (k < part.shape.rank && part.shape.dim[k] == 1)
            k++;
        if (k == part.shape.rank || part.shape.dim[k] != whole.dim[i])
            return false;
        y->stride[i] = part.stride[k++];
    }
    return ct_array_count(&part) == ct_shape_count(whole);
}

/* Where operand `part` of the concatenation goes, as the array that its maker would write; false where it has to be copied there. */
static bool place_of(ct_program *p, int part, ct_array slice, ct_array *y)
{
    int v = root_value(p, part);
    const buffer *own = &p->buffers[p->values[v].buffer];
    const step *s = product_making(p, v);
    if (!s || own->kept || own->given || !ct_array_is_contiguous(&p->values[v].array) || !ct_array_is_contiguous(&p->values[part].array) || ct_program_times_read(p, v) != 1)
        return false;
    return with_extents(slice, p->values[v].array.shape, y) && s->var->op->accepts(CT_RESULT, y);
}

/* All operands of step s into their places, in `place`; false where one cannot be. */
static bool find_places(ct_program *p, const step *s, ct_array *place)
{
    const ct_array whole = p->values[s->out[0]].array;
    int axis = (int)((const concat_attr *)s->var->attr)->axis;
    int64_t start = 0;
    for (int i = 0; i < s->n; i++) {
        int64_t extent = p->values[s->x[i]].array.shape.dim[axis];
        if (!place_of(p, s->x[i], ct_array_slice(whole, axis, start, extent, 1), &place[i]))
            return false;
        start += extent;
    }
    return true;
}

static void put(ct_program *p, const step *s, const ct_array *place)
{
    const value *whole = &p->values[s->out[0]];
    for (int i = 0; i < s->n; i++) {
        value *v = &p->values[root_value(p, s->x[i])];
        v->array = place[i];
        v->buffer = whole->buffer;
        v->start = (size_t)((const char *)place[i].data - (const char *)whole->array.data);
    }
}

static void drop(ct_program *p, int s)
{
    p->n_steps--;
    memmove(&p->steps[s], &p->steps[s + 1], (size_t)(p->n_steps - s) * sizeof *p->steps);
}

bool ct_pass_concat_parts(ct_program *p, ct_error *err)
{
    for (int s = 0; !p->options.no_fuse && s < p->n_steps; s++) {
        const step *t = &p->steps[s];
        if (t->kind != STEP_EVAL || t->var->op != &ct_op_concat)
            continue;
        ct_array *place = ct_arena_alloc(&p->memory, ((size_t)t->n + 1) * sizeof *place);
        if (!place)
            return ct_compile_out_of_memory(err, "placing the parts of a concatenation");
        if (!find_places(p, t, place))
            continue;
        put(p, t, place);
        drop(p, s--);
    }
    return true;
}
