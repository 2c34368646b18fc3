/* SPDX-License-Identifier: MIT */
/* Matrix product over the last two axes; the axes before them are a batch. */
#include "common.h"

static bool same_batch(ct_shape a, ct_shape b)
{
    bool same = a.rank == b.rank;
    for (int i = 0; same && i < a.rank - 2; i++)
        same = a.dim[i] == b.dim[i];
    return same;
}

static bool infer(ct_infer *c)
{
    ct_shape a = ct_var_shape(c->x[0]), b = ct_var_shape(c->x[1]);
    if (!ct_infer_float(c, 0) || !ct_infer_float(c, 1))
        return false;
    if (ct_var_dtype(c->x[0]) != ct_var_dtype(c->x[1]))
        return ct_infer_fail(c, CT_E_DTYPE, "operands must have one dtype");
    if (a.rank < 2 || b.rank < 2)
        return ct_infer_fail(c, CT_E_SHAPE, "expects operands of rank 2 or more");
    if (ct_shape_dim(a, -1) != ct_shape_dim(b, -2))
        return ct_infer_fail(c, CT_E_SHAPE, "inner extents differ: %lld and %lld", (long long)ct_shape_dim(a, -1),
                             (long long)ct_shape_dim(b, -2));
    if (!same_batch(a, b))
        return ct_infer_fail(c, CT_E_SHAPE, "leading extents differ");
    c->dtype = ct_var_dtype(c->x[0]);
    c->shape = a;
    c->shape.dim[a.rank - 1] = ct_shape_dim(b, -1);
    return true;
}

static void eval(const ct_eval *c)
{
    ct_matmul_kernel(c->y, c->x[0], c->x[1], 0, c->scratch, c->threads);
}

static size_t scratch(const void *attr, int n, const ct_array *x, const ct_array *y, int threads)
{
    (void)attr, (void)n;
    return ct_matmul_scratch(*y, x[0], x[1], threads);
}

/* A result written by columns would have to be computed as b^T a^T, which may round differently: rows it is, at any distance. */
static bool accepts(int i, const ct_array *x)
{
    int last = x->shape.rank - 1;
    bool by_rows = x->stride[last] == 1 || x->shape.dim[last] == 1;
    return ct_matmul_accepts(x) && (i != CT_RESULT || by_rows);
}

static double flops(const void *attr, int n, const ct_array *x, const ct_array *y)
{
    (void)attr, (void)n;
    return 2.0 * (double)ct_array_count(y) * (double)ct_shape_dim(x[0].shape, -1);
}

static ct_var *turned(ct_site at, ct_var *v)
{
    return ct_transpose_at(at, v, -1, -2);
}

/* abar = ybar b^T, bbar = a^T ybar; transposed operands are views. An operand that is a transposed view itself gets the transpose of
 * its cotangent computed, (b ybar^T)^T or (ybar^T a)^T: turned back, that lies in memory as what was transposed does. */
static ct_var *transpose(ct_var *y, int i, ct_var *ybar)
{
    ct_var *other = ct_var_input(y, 1 - i);
    if (ct_permute_moves_last(ct_var_input(y, i))) {
        ct_var *mirror = turned(AT(y), ybar);
        return turned(AT(y), i == 0 ? ct_matmul_at(AT(y), other, mirror) : ct_matmul_at(AT(y), mirror, other));
    }
    other = turned(AT(y), other);
    return i == 0 ? ct_matmul_at(AT(y), ybar, other) : ct_matmul_at(AT(y), other, ybar);
}

/* A part of the batch, of the rows of a, or of the columns of b. */
static bool narrow(const ct_var *y, ct_range of, ct_narrowing *out)
{
    int rank = ct_var_rank(y);
    if (of.axis != rank - 1)
        out->x[0] = of;
    if (of.axis != rank - 2)
        out->x[1] = of;
    return true;
}

SAMPLE(sample, ct_matmul(x[0], x[1]))
SAMPLE(transposed, ct_matmul(ct_transpose(x[0], 0, 1), ct_transpose(x[1], 0, 1)))
SAMPLE(square, ct_matmul(x[0], x[0]))

static const ct_sample samples[] = {
    {sample, 2, {NORMAL(3, 4), NORMAL(4, 5)}, NULL},
    {sample, 2, {NORMAL(1, 7), NORMAL(7, 1)}, NULL},
    {sample, 2, {NORMAL(5, 1), NORMAL(1, 3)}, NULL},
    {transposed, 2, {NORMAL(4, 3), NORMAL(5, 4)}, NULL},
    {square, 1, {NORMAL(4, 4)}, NULL},
    {sample, 2, {NORMAL(2, 3, 4), NORMAL(4, 5)}, NULL},
    {sample, 2, {NORMAL(3, 4), NORMAL(2, 4, 3)}, NULL},
    {sample, 2, {NORMAL(3, 2, 4), NORMAL(3, 4, 2)}, NULL},
    {sample, 2, {NORMAL(2, 1, 3, 2), NORMAL(3, 2, 4)}, NULL},
    {sample, 2, {NORMAL(3, 0), NORMAL(0, 2)}, NULL},
    {sample, 2, {NORMAL(3, 4), NORMAL(5, 3)}, "inner extents differ: 4 and 5"},
    {sample, 2, {NORMAL(2, 3, 4), NORMAL(3, 4, 3)}, "do not broadcast"},
    {sample, 2, {NORMAL(4), NORMAL(4, 3)}, "rank 2 or more"},
    {sample, 2, {NORMAL(3, 4), INDEX(3, 4, 5)}, "int32"},
    {0},
};

const ct_op ct_op_matmul = {
    .name = "matmul",
    .kind = CT_BILINEAR,
    .arity = 2,
    .infer = infer,
    .eval = eval,
    .accepts = accepts,
    .scratch = scratch,
    .flops = flops,
    .transpose = transpose,
    .narrow = narrow,
    .samples = samples,
    .formula = "a b",
};

static ct_var *product(ct_site at, ct_var *a, ct_var *b)
{
    return ct_apply(NULL, at, &ct_op_matmul, 2, (ct_var *[]){a, b}, NULL);
}

/* One matrix for the whole batch: the batch's rows make one large product, and so do its derivatives. */
static ct_var *stacked(ct_site at, ct_var *a, ct_var *b)
{
    ct_shape rows = ct_var_shape(a), result = rows;
    int64_t count = 1;
    for (int i = 0; i < rows.rank - 1; i++)
        count *= rows.dim[i];
    result.dim[rows.rank - 1] = ct_var_dim(b, 1);
    ct_var *flat = ct_reshape_at(at, a, CT_SHAPE(count, ct_var_dim(a, -1)));
    return ct_reshape_at(at, product(at, flat, b), result);
}

/* `batch` followed by the last two extents of v. */
static ct_shape batched(ct_shape batch, const ct_var *v)
{
    batch.dim[batch.rank++] = ct_var_dim(v, -2);
    batch.dim[batch.rank++] = ct_var_dim(v, -1);
    return batch;
}

static ct_shape batch_of(const ct_var *v)
{
    ct_shape shape = ct_var_shape(v);
    shape.rank -= 2;
    return shape;
}

ct_var *ct_matmul_at(ct_site at, ct_var *a, ct_var *b)
{
    ct_shape batch;
    ct_error err;
    if (ct_var_rank(a) < 2 || ct_var_rank(b) < 2 || ct_var_dim(a, -1) != ct_var_dim(b, -2) || same_batch(ct_var_shape(a), ct_var_shape(b)))
        return product(at, a, b);
    if (ct_var_rank(b) == 2)
        return stacked(at, a, b);
    if (!ct_shape_broadcast(batch_of(a), batch_of(b), &batch, &err))
        return ct_graph_fail(ct_var_graph(a), CT_E_SHAPE, at, "matmul: leading %s: %s, %s", err.message, CT_VAR_TEXT(a), CT_VAR_TEXT(b));
    return product(at, ct_broadcast_at(at, a, batched(batch, a)), ct_broadcast_at(at, b, batched(batch, b)));
}
