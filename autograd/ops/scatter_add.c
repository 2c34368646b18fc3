/* SPDX-License-Identifier: MIT */
/* Entries added into zeros along an axis, by index. The transpose of gather, and it of this. */
#include "common.h"

typedef struct scatter_attr {
    int64_t axis, extent;  /* of the result */
} scatter_attr;

static bool index_fits(ct_shape u, ct_shape index, int64_t axis)
{
    bool fits = axis >= 0 && axis + index.rank <= u.rank;
    for (int i = 0; fits && i < index.rank; i++)
        fits = u.dim[axis + i] == index.dim[i];
    return fits;
}

/* u: lead + index + rest; the result: lead + extent + rest. */
static bool infer(ct_infer *c)
{
    const scatter_attr *s = c->attr;
    ct_shape u = ct_var_shape(c->x[0]), index = ct_var_shape(c->x[1]);
    if (ct_var_dtype(c->x[1]) != CT_I32)
        return ct_infer_fail(c, CT_E_DTYPE, "the index must be int32, got %s", ct_dtype_name(ct_var_dtype(c->x[1])));
    if (!ct_infer_float(c, 0))
        return false;
    if (!index_fits(u, index, s->axis))
        return ct_infer_fail(c, CT_E_SHAPE, "the entries do not have the index's shape from axis %lld on", (long long)s->axis);
    if (s->extent < 0 || u.rank - index.rank + 1 > CT_MAX_RANK)
        return ct_infer_fail(c, CT_E_SHAPE, "extent %lld or rank %d of the result is out of range", (long long)s->extent,
                             u.rank - index.rank + 1);
    c->dtype = ct_var_dtype(c->x[0]);
    for (int i = 0; i < s->axis; i++)
        c->shape.dim[c->shape.rank++] = u.dim[i];
    c->shape.dim[c->shape.rank++] = s->extent;
    for (int i = (int)s->axis + index.rank; i < u.rank; i++)
        c->shape.dim[c->shape.rank++] = u.dim[i];
    return true;
}

/* The kernel has the constructor's name: the parentheses keep the macro away. */
static void eval(const ct_eval *c)
{
    const scatter_attr *s = c->attr;
    int64_t outer = 1, inner = 1;
    for (int i = 0; i < s->axis; i++)
        outer *= c->y.shape.dim[i];
    for (int i = (int)s->axis + 1; i < c->y.shape.rank; i++)
        inner *= c->y.shape.dim[i];
    (ct_scatter_add)(c->y, c->x[0], c->x[1], outer, s->extent, inner, c->threads);
}

static double flops(const void *attr, int n, const ct_array *x, const ct_array *y)
{
    (void)attr, (void)n, (void)y;
    return (double)ct_array_count(&x[0]);
}

static ct_var *transpose(ct_var *y, int i, ct_var *ybar)
{
    const scatter_attr *s = ct_var_attr(y);
    (void)i;
    return ct_gather_at(AT(y), ybar, ct_var_input(y, 1), (int)s->axis);
}

/* Along the axis that the index tells, an entry may come from anywhere. */
static bool narrow(const ct_var *y, ct_range of, ct_narrowing *out)
{
    int axis = (int)((const scatter_attr *)ct_var_attr(y))->axis, index = ct_var_rank(ct_var_input(y, 1));
    out->x[0] = of.axis < axis ? of : (ct_range){of.axis + index - 1, of.from, of.to};
    return of.axis != axis;
}

SAMPLE(rows, ct_scatter_add(x[0], x[1], 0, 4))
SAMPLE(last, ct_scatter_add(x[0], x[1], -1, 5))
SAMPLE(middle, ct_scatter_add(x[0], x[1], 1, 3))

static const ct_sample samples[] = {
    {rows, 2, {NORMAL(7), INDEX(4, 7)}, NULL},
    {rows, 2, {NORMAL(6, 3), INDEX(4, 6)}, NULL},
    {rows, 2, {NORMAL(2, 3, 2), INDEX(4, 2, 3)}, NULL},
    {rows, 2, {NORMAL(3), {CT_SAMPLE_INDEX, {0, {0}}, 4}}, NULL},
    {last, 2, {NORMAL(2, 6), INDEX(5, 6)}, NULL},
    {middle, 2, {NORMAL(2, 2, 2, 4), INDEX(3, 2, 2)}, NULL},
    {middle, 2, {NORMAL(2, 1), INDEX(3, 1)}, NULL},
    {rows, 2, {NORMAL(4), NORMAL(4)}, "the index must be int32"},
    {rows, 2, {NORMAL(5, 2), INDEX(4, 4)}, "the index's shape"},
    {rows, 2, {INDEX(9, 4), INDEX(4, 4)}, "expects float32 or float64"},
    {0},
};

const ct_op ct_op_scatter_add = {
    .name = "scatter_add",
    .kind = CT_LINEAR,
    .arity = 2,
    .attr_size = sizeof(scatter_attr),
    .fixed = 1u << 1,
    .infer = infer,
    .eval = eval,
    .flops = flops,
    .transpose = transpose,
    .narrow = narrow,
    .samples = samples,
    .formula = "y = 0; y[index] += u along an axis",
};

/* A negative axis counts from the end of the result's axes, as it would in the gather this is the transpose of. */
ct_var *ct_scatter_add_at(ct_site at, ct_var *u, ct_var *index, int axis, int64_t n)
{
    int rank = ct_var_rank(u) - ct_var_rank(index) + 1;
    scatter_attr attr = {axis < 0 ? axis + rank : axis, n};
    return ct_apply(NULL, at, &ct_op_scatter_add, 2, (ct_var *[]){u, index}, &attr);
}
