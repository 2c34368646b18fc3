/* SPDX-License-Identifier: MIT */
/* Running sums. Linear: the tangent is the op itself applied to the tangent of x, and the cotangent is given by its
 * transpose, the sum that runs the other way. */
#include "cumsum.h"

/* Attributes are compared as bytes, so they have no padding. */
typedef struct cumsum_attr {
    int64_t reverse;
} cumsum_attr;

static bool infer(ct_infer *c)
{
    if (!ct_infer_float(c, 0))
        return false;
    if (ct_var_rank(c->x[0]) < 1)
        return ct_infer_fail(c, CT_E_SHAPE, "expects an axis to sum along, got a scalar");
    c->dtype = ct_var_dtype(c->x[0]);
    c->shape = ct_var_shape(c->x[0]);
    return true;
}

static void row_f32(const float *x, float *y, int64_t n, bool reverse)
{
    double sum = 0;
    for (int64_t k = 0; k < n; k++) {
        int64_t i = reverse ? n - 1 - k : k;
        y[i] = (float)(sum += x[i]);
    }
}

static void row_f64(const double *x, double *y, int64_t n, bool reverse)
{
    double sum = 0;
    for (int64_t k = 0; k < n; k++) {
        int64_t i = reverse ? n - 1 - k : k;
        y[i] = sum += x[i];
    }
}

/* Rows first..end-1 of task i; operands come contiguous, because the op has no `accepts`. */
enum { TASK_ELEMENTS = 16384 };

static int64_t rows_of_task(int64_t n)
{
    return n < TASK_ELEMENTS ? TASK_ELEMENTS / n : 1;
}

static void run_task(void *argument, int64_t i, int thread)
{
    const ct_eval *c = argument;
    const cumsum_attr *a = c->attr;
    int64_t n = ct_shape_dim(c->y.shape, -1), rows = ct_array_count(&c->y) / n, first = i * rows_of_task(n), end = first + rows_of_task(n);
    (void)thread;
    for (int64_t r = first; r < end && r < rows; r++)
        if (c->y.dtype == CT_F32)
            row_f32((const float *)c->x[0].data + r * n, (float *)c->y.data + r * n, n, a->reverse);
        else
            row_f64((const double *)c->x[0].data + r * n, (double *)c->y.data + r * n, n, a->reverse);
}

/* Rows are independent, so that threads change nothing. They are the threads that run the program; an op opens no parallel region of its own. */
static void eval(const ct_eval *c)
{
    int64_t n = ct_shape_dim(c->y.shape, -1), rows = n > 0 ? ct_array_count(&c->y) / n : 0;
    if (rows > 0)
        ct_parallel_for(c->threads, (rows + rows_of_task(n) - 1) / rows_of_task(n), run_task, (void *)c);
}

static ct_var *transpose(ct_var *y, int i, ct_var *ybar)
{
    const cumsum_attr *a = ct_var_attr(y);
    (void)i;
    return cumsum_at(ct_var_site(y), ybar, !a->reverse);
}

static ct_var *forward(ct_graph *g, ct_dtype dtype, ct_var *const *x)
{
    (void)g, (void)dtype;
    return cumsum(x[0], false);
}

static ct_var *backward(ct_graph *g, ct_dtype dtype, ct_var *const *x)
{
    (void)g, (void)dtype;
    return cumsum(x[0], true);
}

static const ct_sample samples[] = {
    {forward, 1, {{CT_SAMPLE_NORMAL, {1, {9}}, 0}}, NULL},
    {backward, 1, {{CT_SAMPLE_NORMAL, {3, {2, 3, 5}}, 0}}, NULL},
    {forward, 1, {{CT_SAMPLE_NORMAL, {0, {0}}, 0}}, "expects an axis"},
    {backward, 1, {{CT_SAMPLE_INDEX, {1, {4}}, 9}}, "int32"},
    {0},
};

const ct_op cumsum_op = {
    .name = "cumsum",
    .kind = CT_LINEAR,
    .arity = 1,
    .attr_size = sizeof(cumsum_attr),
    .infer = infer,
    .eval = eval,
    .transpose = transpose,
    .samples = samples,
    .formula = "y[..., i] = x[..., 0] + ... + x[..., i]",
};

ct_var *cumsum_at(ct_site at, ct_var *x, bool reverse)
{
    return ct_apply(NULL, at, &cumsum_op, 1, &x, &(cumsum_attr){reverse});
}
