/* SPDX-License-Identifier: MIT */
/* Reverse mode's sum of cotangents, where they are parts of one value: cut apart by slices, they come back as pads. Instead of adding up zeros, pads that
 * stand side by side become one pad of a concatenation, and in the end the concatenation itself. */
#include "ops/pad.h"
#include "transform.h"

enum { MOST_PARTS = 32 };

extern const ct_op ct_op_pad, ct_op_concat;

/* A pad that this walk made, without gaps between entries. */
static bool is_part(const region *r, const ct_var *v)
{
    return v->index >= r->count && v->op == &ct_op_pad && ((const pad_attr *)v->attr)->inner == 0;
}

/* What stands in the pad: itself, or what this walk concatenated before. */
static int parts_of(const region *r, ct_var *pad, ct_var **parts)
{
    ct_var *x = pad->x[0];
    bool joined = x->index >= r->count && x->op == &ct_op_concat && x->n <= MOST_PARTS &&
                  ((const concat_attr *)x->attr)->axis == ((const pad_attr *)pad->attr)->axis;
    for (int i = 0; joined && i < x->n; i++)
        parts[i] = x->x[i];
    if (!joined)
        parts[0] = x;
    return joined ? x->n : 1;
}

ct_var *ct_side_by_side(const region *r, ct_var *a, ct_var *b)
{
    if (!is_part(r, a) || !is_part(r, b))
        return NULL;
    const pad_attr *p = a->attr, *q = b->attr;
    if (p->axis != q->axis)
        return NULL;
    if (q->lo < p->lo)
        return ct_side_by_side(r, b, a);
    if (ct_var_dim(a, (int)p->axis) - p->hi != q->lo)
        return NULL;
    ct_var *parts[2 * MOST_PARTS];
    int n = parts_of(r, a, parts);
    n += parts_of(r, b, parts + n);
    ct_var *whole = ct_concat_at(a->at, n, parts, (int)p->axis);
    return ct_pad_at(a->at, whole, (int)p->axis, p->lo, q->hi, 0);
}
