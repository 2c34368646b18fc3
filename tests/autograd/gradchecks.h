/* SPDX-License-Identifier: MIT */
/* What the tests of the gradient check share: running it on points that are drawn, and what may come of it. */
#ifndef GRADCHECKS_H
#define GRADCHECKS_H

#include "support.h"

#include <cotangent/gradcheck.h>
#include <cotangent/op.h>
#include <cotangent/ops.h>
#include <cotangent/transform.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { CHECK_MAX_INPUTS = 4 };

/* A check to be run: points of the given shapes, uniform in low .. high. */
typedef struct checking {
    ct_gradcheck_fn f;
    void *context;
    unsigned modes;
    int n;
    ct_tensor *x[CHECK_MAX_INPUTS];
    ct_gradcheck_result result;
    ct_error err;
} checking;

static inline checking check_of(ct_gradcheck_fn f, void *context, unsigned modes)
{
    return (checking){.f = f, .context = context, .modes = modes};
}

static inline void check_add(checking *k, ct_shape shape, double low, double high)
{
    support_rng rng = {(uint64_t)k->n + 7};
    k->x[k->n++] = support_tensor(CT_F64, shape, &rng, low, high);
}

/* Run it, and let the points go. */
static inline ct_gradcheck_verdict check_run(checking *k)
{
    ct_gradcheck_options options = {.modes = k->modes, .coordinates = -1};
    bool ok = ct_gradcheck(k->f, k->context, k->n, k->x, &options, &k->result, &k->err);
    for (int i = 0; i < k->n; i++)
        ct_tensor_free(k->x[i]);
    assert_int_equal(ok, k->result.verdict == CT_GRADCHECK_PASSED);
    assert_true(k->result.verdict != CT_GRADCHECK_NOT_RUN || k->err.code != CT_OK);
    if (k->result.verdict == CT_GRADCHECK_PASSED)
        assert_true(k->result.compared > 0 && !k->result.failed && !k->result.inconclusive);
    if (k->result.verdict == CT_GRADCHECK_INCONCLUSIVE)
        assert_true(k->result.reason[0] && strstr(k->err.message, k->result.reason));
    return k->result.verdict;
}

/* An op of one operand, elementwise in float64. */
static const ct_sample check_no_samples[] = {{0}};
#define CHECK_OP(op_name, kernel, rule)                                                                                \
    static const ct_op op_name = {.name = #op_name, .kind = CT_ELEMENTWISE, .arity = 1, .infer = ct_infer_same,         \
                                  .map = {[CT_F64] = kernel}, .deriv = rule, .samples = check_no_samples,              \
                                  .formula = #op_name};

#endif
