/* SPDX-License-Identifier: MIT */
/* An index as it is, which ends the run where an entry is out of range. */
#include "../place_text.h"
#include "common.h"
#include <stdio.h>
#include <string.h>

typedef struct check_attr {
    int64_t n;
} check_attr;

static bool infer(ct_infer *c)
{
    int64_t n = ((const check_attr *)c->attr)->n;
    if (ct_var_dtype(c->x[0]) != CT_I32)
        return ct_infer_fail(c, CT_E_DTYPE, "the index must be int32, got %s", ct_dtype_name(ct_var_dtype(c->x[0])));
    if (n < 0)
        return ct_infer_fail(c, CT_E_ARGUMENT, "a range of %lld, expected 0 or more", (long long)n);
    return ct_infer_identity(c);
}

static void report(const ct_eval *c, int64_t n, int64_t wrong, int64_t first)
{
    int64_t count = ct_array_count(&c->y);
    char place[CT_PLACE_TEXT_SIZE], range[64] = "no index at all";
    if (n > 0)
        snprintf(range, sizeof range, "0 to %lld", (long long)n - 1);
    ct_eval_fail(c, CT_E_ARGUMENT, "entry %s is %d, expected %s (%lld of %lld out of range)",
                 ct_place_text(c->y.shape, first, place), ((const int32_t *)c->x[0].data)[first], range, (long long)wrong,
                 (long long)count);
}

static void eval(const ct_eval *c)
{
    const int32_t *x = c->x[0].data;
    int64_t n = ((const check_attr *)c->attr)->n, count = ct_array_count(&c->y), wrong = 0, first = 0;
    for (int64_t i = count - 1; i >= 0; i--)
        if (x[i] < 0 || x[i] >= n) {
            wrong++;
            first = i;
        }
    if (count)
        memcpy(c->y.data, x, (size_t)count * sizeof *x);
    if (wrong)
        report(c, n, wrong, first);
}

static double flops(const void *attr, int n, const ct_array *x, const ct_array *y)
{
    (void)attr, (void)n, (void)x, (void)y;
    return 0;
}

SAMPLE(five, ct_check_index(x[0], 5))
SAMPLE(negative, ct_check_index(x[0], -1))

static const ct_sample samples[] = {
    {five, 1, {INDEX(5, 7)}, NULL},
    {five, 1, {INDEX(5, 2, 3)}, NULL},
    {five, 1, {{CT_SAMPLE_INDEX, {0, {0}}, 5}}, NULL},
    {five, 1, {INDEX(5, 2, 0)}, NULL},
    {five, 1, {NORMAL(3)}, "the index must be int32"},
    {negative, 1, {INDEX(5, 3)}, "a range of -1"},
    {0},
};

/* No narrow: coordinates in a message are those of the whole index. */
const ct_op ct_op_check_index = {
    .name = "check_index",
    .kind = CT_CONSTANT,
    .arity = 1,
    .attr_size = sizeof(check_attr),
    .infer = infer,
    .eval = eval,
    .may_fail = true,
    .flops = flops,
    .samples = samples,
    .formula = "index, all of it in 0..n-1",
};

ct_var *ct_check_index_at(ct_site at, ct_var *index, int64_t n)
{
    check_attr attr = {n};
    return ct_apply(NULL, at, &ct_op_check_index, 1, &index, &attr);
}
