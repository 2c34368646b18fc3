/* SPDX-License-Identifier: MIT */
/* How a step reads a value that another makes. */
#include "fuse.h"
#include <string.h>

static bool covers(const ct_program *p, int v, int root)
{
    return ct_array_is_contiguous(&p->values[v].array) &&
           ct_array_count(&p->values[v].array) == ct_array_count(&p->values[root].array);
}

/* Leading axes that run through memory as a contiguous array of `rows` elements does, then axes that repeat. */
static bool repeats_rows(const ct_array *a, int64_t rows)
{
    int64_t expected = 1, count = 1;
    int i = a->shape.rank - 1;
    while (i >= 0 && (a->shape.dim[i] == 1 || a->stride[i] == 0))
        i--;
    for (; i >= 0; i--) {
        if (a->shape.dim[i] > 1 && a->stride[i] != expected)
            return false;
        expected *= a->shape.dim[i];
        count *= a->shape.dim[i];
    }
    return count == rows;
}

relation ct_fuse_relation(const ct_program *p, int v)
{
    int root = root_value(p, v);
    int64_t rows = ct_array_count(&p->values[root].array);
    if (!ct_array_is_contiguous(&p->values[root].array))
        return APART;
    if (covers(p, v, root))
        return SAME;
    const ct_array *a = &p->values[v].array;
    return ct_array_count(a) > rows && rows > 0 && repeats_rows(a, rows) ? SPREAD : APART;
}

bool ct_fuse_reduces_rows(const ct_program *p, const step *s, int64_t *columns)
{
    const ct_var *v = s->var;
    if (s->kind != STEP_EVAL || !v->op->row[v->dtype])
        return false;
    const ct_shape x = p->values[s->x[0]].array.shape;
    uint32_t axes;
    memcpy(&axes, v->attr, sizeof axes);
    int64_t count = 1;
    int i = x.rank - 1;
    for (; i >= 0 && (axes >> i & 1 || x.dim[i] == 1); i--)
        count *= x.dim[i];
    for (; i >= 0; i--)
        if (axes >> i & 1 && x.dim[i] > 1)
            return false;
    *columns = count;
    return count >= 2 && count <= CT_ROW_MAX;
}
