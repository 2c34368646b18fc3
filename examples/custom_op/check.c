/* SPDX-License-Identifier: MIT */
/* An op's samples, through ct_gradcheck. */
#include "check.h"

#include <stdio.h>
#include <string.h>

enum { MAX_OPERANDS = 4 };

/* Normal numbers, or indices below the limit. */
static ct_tensor *draw(const ct_sample_input *in, int operand)
{
    ct_tensor *x = ct_tensor_new(in->kind == CT_SAMPLE_INDEX ? CT_I32 : CT_F64, in->shape, NULL);
    if (x && in->kind != CT_SAMPLE_INDEX)
        ct_random_normal(ct_array_of(x), (ct_random_key){1, (uint64_t)operand, 0}, 1);
    for (int64_t i = 0; x && in->kind == CT_SAMPLE_INDEX && i < ct_tensor_count(x); i++)
        ct_tensor_set(x, i, (double)(i % in->limit));
    return x;
}

static ct_var *build(ct_graph *g, ct_var *const *x, void *context)
{
    const ct_sample *s = context;
    return s->build(g, CT_F64, x);
}

static bool check_derivatives(const ct_op *op, const ct_sample *s, int number, ct_tensor *const *x)
{
    ct_error err = {0};
    ct_gradcheck_result result;
    bool ok = ct_gradcheck(build, (void *)s, s->n, x, &(ct_gradcheck_options){.modes = CT_CHECK_ALL}, &result, &err);
    printf("%s, sample %d: %d comparisons, worst at %.3f of its tolerance: %s\n", op->name, number, result.compared,
           result.worst,
           ok                ? "good"
           : result.first[0] ? result.first
                             : err.message);
    return ok;
}

static bool check_refusal(const ct_op *op, const ct_sample *s, int number, ct_tensor *const *tensor)
{
    ct_graph *g = ct_graph_new();
    ct_var *x[MAX_OPERANDS];
    for (int i = 0; i < s->n; i++)
        x[i] = ct_constant(g, tensor[i]);
    s->build(g, CT_F64, x);
    const ct_error *e = ct_graph_error(g);
    bool ok = e && strstr(e->message, s->error);
    printf("%s, sample %d: %s: %s\n", op->name, number, ok ? "refused" : "should have been refused",
           e ? e->message : "no error");
    ct_graph_free(g);
    return ok;
}

static bool check_sample(const ct_op *op, const ct_sample *s, int number)
{
    ct_tensor *x[MAX_OPERANDS] = {NULL};
    bool ok = true;
    for (int i = 0; i < s->n; i++)
        ok = (x[i] = draw(&s->x[i], i)) != NULL && ok;
    ok = ok && (s->error ? check_refusal : check_derivatives)(op, s, number, x);
    for (int i = 0; i < s->n; i++)
        ct_tensor_free(x[i]);
    return ok;
}

bool check_op(const ct_op *op)
{
    ct_error err;
    if (!ct_op_check(op, &err)) {
        printf("%s\n", err.message);
        return false;
    }
    bool ok = true;
    for (int i = 0; op->samples[i].build; i++)
        ok = check_sample(op, &op->samples[i], i) && ok;
    return ok;
}
