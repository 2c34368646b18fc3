/* SPDX-License-Identifier: MIT */
/* An op's sample made into a program: its value, both derivatives and second derivatives in one graph, for operands drawn here. */
#ifndef SAMPLE_H
#define SAMPLE_H

#include <cotangent/op.h>
#include <cotangent/ops.h>
#include <cotangent/program.h>
#include <cotangent/transform.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inputs.h"
#include "support.h"

enum { MAX_X = 4 };

/* What a program of a sample computes, in this order. Those of an operand come MAX_X at a time. */
enum {
    VALUE,                            /* y */
    TANGENT,                          /* J v */
    TWICE,                            /* the transpose of J^T, at v: J v again */
    COTANGENT,                        /* J^T w */
    GRADIENT = COTANGENT + MAX_X,     /* of phi = sum c y^2 */
    FORWARD_OVER_REVERSE = GRADIENT + MAX_X,           /* Hessian of phi, times v */
    REVERSE_OVER_FORWARD = FORWARD_OVER_REVERSE + MAX_X,
    ROLES = REVERSE_OVER_FORWARD + MAX_X
};

/* How the operands lie in memory. */
typedef enum layout { CONTIGUOUS, REVERSED, STEPPED, REPEATED, LAYOUTS } layout;

/* Numbers for a sample: operands, directions in them, and weights of the result. */
typedef struct numbers {
    ct_tensor *x[MAX_X], *v[MAX_X], *w, *c;
} numbers;

typedef struct instance {
    const ct_op *op;
    const ct_sample *sample;
    int number;                       /* which of the op's samples */
    ct_dtype dtype;
    layout layout;
    ct_graph *graph;
    ct_var *given[MAX_X];             /* inputs */
    ct_var *x[MAX_X];                 /* operands, views of the inputs */
    ct_var *v[MAX_X], *w, *c;         /* inputs */
    bool varied[MAX_X];               /* differentiated with respect to this operand */
    bool derivable;                   /* y and some operand are */
    ct_var *node[ROLES];              /* NULL where there is none, or it is zero */
} instance;

/* Copies of a program's outputs, by role. */
typedef struct results {
    ct_tensor *at[ROLES];
} results;

/* --- numbers ------------------------------------------------------------------------------------------------------ */

/* Exactly representable in float32, so that both dtypes begin with the same numbers. */
static inline double draw_one(ct_sample_kind kind, int64_t limit, int64_t place, support_rng *rng)
{
    double u = support_uniform(rng, 0, 1);
    switch (kind) {
    case CT_SAMPLE_NORMAL: return (float)(sqrt(-2 * log(1 - u)) * cos(6.283185307179586 * support_uniform(rng, 0, 1)));
    case CT_SAMPLE_POSITIVE: return (float)(0.5 + 1.5 * u);
    case CT_SAMPLE_DISTINCT: return (float)(0.1 * (double)place - 2.5 + 0.02 * u);
    case CT_SAMPLE_MASK: return u < 0.5;
    case CT_SAMPLE_INDEX: return (double)support_below(rng, limit);
    }
    return NAN;
}

static inline ct_tensor *draw_uniform(ct_shape shape, support_rng *rng)
{
    ct_tensor *t = ct_tensor_new(CT_F64, shape, NULL);
    for (int64_t i = 0; i < ct_tensor_count(t); i++)
        ct_tensor_set(t, i, (float)support_uniform(rng, -1, 1));
    return t;
}

/* A permutation of 0..n-1: the places that distinct numbers take. */
static inline void shuffle(int64_t n, int64_t *place, support_rng *rng)
{
    for (int64_t i = 0; i < n; i++) {
        int64_t j = support_below(rng, i + 1);
        place[i] = place[j];
        place[j] = i;
    }
}

static inline void draw_operands(const ct_sample *s, ct_tensor *x[MAX_X], support_rng *rng)
{
    int64_t place[256], used = 0, total = 0;
    for (int i = 0; i < s->n; i++)
        total += ct_shape_count(s->x[i].shape);
    assert_true(total <= 256);
    shuffle(total, place, rng);
    for (int i = 0; i < s->n; i++) {
        x[i] = ct_tensor_new(s->x[i].kind == CT_SAMPLE_INDEX ? CT_I32 : CT_F64, s->x[i].shape, NULL);
        for (int64_t k = 0; k < ct_tensor_count(x[i]); k++)
            ct_tensor_set(x[i], k, draw_one(s->x[i].kind, s->x[i].limit, place[used++], rng));
    }
}

static inline numbers numbers_draw(const ct_sample *s, ct_shape y, uint64_t seed)
{
    support_rng rng = {seed};
    numbers all = {0};
    draw_operands(s, all.x, &rng);
    for (int i = 0; i < s->n; i++)
        all.v[i] = draw_uniform(s->x[i].shape, &rng);
    all.w = draw_uniform(y, &rng);
    all.c = draw_uniform(y, &rng);
    return all;
}

static inline void numbers_free(numbers *all)
{
    for (int i = 0; i < MAX_X; i++) {
        ct_tensor_free(all->x[i]);
        ct_tensor_free(all->v[i]);
    }
    ct_tensor_free(all->w);
    ct_tensor_free(all->c);
}

/* --- layouts: an operand as a view of an input, and the input's value from the operand's ----------------------------- */

static inline ct_axes reversed_axes(int rank)
{
    ct_axes axes = {rank, {0}};
    for (int i = 0; i < rank; i++)
        axes.axis[i] = rank - 1 - i;
    return axes;
}

static inline ct_shape stored_shape(ct_shape shape, layout how)
{
    ct_shape stored = shape;
    if (shape.rank == 0 || how == CONTIGUOUS)
        return shape;
    for (int i = 0; how == REVERSED && i < shape.rank; i++)
        stored.dim[i] = shape.dim[shape.rank - 1 - i];
    if (how == STEPPED)
        stored.dim[shape.rank - 1] = 2 * shape.dim[shape.rank - 1] + 1;
    if (how == REPEATED && shape.dim[0] > 1)
        stored.dim[0] = 1;
    return stored;
}

static inline ct_var *stored_view(ct_var *given, ct_shape shape, layout how)
{
    if (shape.rank == 0 || how == CONTIGUOUS)
        return given;
    if (how == REVERSED)
        return ct_permute(given, reversed_axes(shape.rank));
    if (how == STEPPED)
        return ct_slice(given, -1, 1, 2 * shape.dim[shape.rank - 1] + 1, 2);
    return ct_broadcast(given, shape);
}

/* What the input has to hold so that the view holds x. */
static inline ct_tensor *stored_value(ct_tensor *x, layout how)
{
    ct_shape shape = ct_tensor_shape(x);
    ct_tensor *stored = ct_tensor_new(ct_tensor_dtype(x), stored_shape(shape, how), NULL), *inside;
    if (shape.rank == 0 || how == CONTIGUOUS)
        inside = ct_tensor_retain(stored);
    else if (how == REVERSED)
        inside = ct_tensor_permute(stored, reversed_axes(shape.rank), NULL);
    else if (how == STEPPED)
        inside = ct_tensor_slice(stored, shape.rank - 1, 1, 2 * shape.dim[shape.rank - 1] + 1, 2, NULL);
    else
        inside = ct_tensor_broadcast(stored, shape, NULL);
    if (how == STEPPED && ct_dtype_is_float(ct_tensor_dtype(x)))
        ct_tensor_fill(stored, NAN);
    for (int64_t i = 0; i < ct_tensor_count(x); i++)
        ct_tensor_set(inside, i, ct_tensor_get(x, i));
    ct_tensor_free(inside);
    return stored;
}

/* --- instances ---------------------------------------------------------------------------------------------------- */

static inline void make_operands(instance *t)
{
    for (int i = 0; i < t->sample->n; i++) {
        const ct_sample_input *in = &t->sample->x[i];
        bool index = in->kind == CT_SAMPLE_INDEX;
        char name[16];
        snprintf(name, sizeof name, "x%d", i);
        t->given[i] = ct_input(t->graph, name, index ? CT_I32 : t->dtype, stored_shape(in->shape, t->layout));
        t->x[i] = stored_view(t->given[i], in->shape, t->layout);
        t->varied[i] = !index && in->kind != CT_SAMPLE_MASK;
    }
}

static inline void make_weights(instance *t)
{
    for (int i = 0; i < t->sample->n; i++) {
        char name[16];
        snprintf(name, sizeof name, "v%d", i);
        if (t->varied[i])
            t->v[i] = ct_input(t->graph, name, t->dtype, t->sample->x[i].shape);
    }
    t->w = ct_input(t->graph, "w", ct_var_dtype(t->node[VALUE]), ct_var_shape(t->node[VALUE]));
    t->c = ct_input(t->graph, "c", ct_var_dtype(t->node[VALUE]), ct_var_shape(t->node[VALUE]));
}

/* The entries of a and b at varied operands (for which a is not NULL), side by side. Returns how many. */
static inline int pick(const instance *t, ct_var *const *a, ct_var *const *b, ct_var **a_out, ct_var **b_out)
{
    int n = 0;
    for (int i = 0; i < t->sample->n; i++)
        if (t->varied[i] && a[i]) {
            a_out[n] = a[i];
            b_out[n++] = b[i];
        }
    return n;
}

/* The entries of a compact list go back to their operands' places. */
static inline void spread(instance *t, int role, ct_var *const *from)
{
    for (int i = 0, n = 0; i < t->sample->n; i++)
        if (t->varied[i])
            t->node[role + i] = from[n++];
}

static inline void make_first_order(instance *t, int n, ct_var **x, ct_var **v)
{
    ct_var *bar[MAX_X] = {0}, *some[MAX_X], *some_v[MAX_X];
    ct_jvp(1, &t->node[VALUE], n, x, v, &t->node[TANGENT]);
    ct_vjp(1, &t->node[VALUE], &t->w, n, x, bar);
    spread(t, COTANGENT, bar);
    int m = pick(t, &t->node[COTANGENT], t->v, some, some_v);
    if (m)
        ct_vjp(m, some, some_v, 1, &t->w, &t->node[TWICE]);
}

static inline void make_second_order(instance *t, int n, ct_var **x, ct_var **v)
{
    ct_var *y = t->node[VALUE], *phi = ct_sum_all(ct_mul(t->c, ct_mul(y, y))), *dphi = NULL;
    ct_var *grad[MAX_X] = {0}, *some[MAX_X] = {0}, *hv[MAX_X] = {0}, *vh[MAX_X] = {0};
    int place[MAX_X], m = 0;
    ct_grad(phi, n, x, grad);
    for (int i = 0; i < n; i++)
        if (grad[i]) {
            place[m] = i;
            some[m++] = grad[i];
        }
    ct_var *part[MAX_X] = {0};
    if (m)
        ct_jvp(m, some, n, x, v, part);
    for (int i = 0; i < m; i++)
        hv[place[i]] = part[i];
    ct_jvp(1, &phi, n, x, v, &dphi);
    if (dphi)
        ct_grad(dphi, n, x, vh);
    spread(t, GRADIENT, grad);
    spread(t, FORWARD_OVER_REVERSE, hv);
    spread(t, REVERSE_OVER_FORWARD, vh);
}

/* Fails the test when a sample that should work does not. */
static inline instance instance_make(const ct_op *op, int number, ct_dtype dtype, layout how)
{
    instance t = {.op = op, .sample = &op->samples[number], .number = number, .dtype = dtype, .layout = how, .graph = ct_graph_new()};
    ct_var *x[MAX_X], *v[MAX_X];
    make_operands(&t);
    t.node[VALUE] = t.sample->build(t.graph, dtype, t.x);
    if (t.node[VALUE])
        make_weights(&t);
    int n = t.node[VALUE] ? pick(&t, t.x, t.v, x, v) : 0;
    t.derivable = n > 0 && ct_dtype_is_float(ct_var_dtype(t.node[VALUE]));
    if (t.derivable) {
        make_first_order(&t, n, x, v);
        make_second_order(&t, n, x, v);
    }
    const ct_error *err = ct_graph_error(t.graph);
    if (err || !t.node[VALUE])
        fail_msg("%s, sample %d: %s", op->name, number, err ? err->message : "no node, and no error");
    return t;
}

static inline void instance_free(instance *t)
{
    ct_graph_free(t->graph);
}

/* --- running ------------------------------------------------------------------------------------------------------ */

static inline ct_program *instance_compile(const instance *t, const ct_compile_options *options)
{
    ct_var *out[ROLES];
    ct_error err;
    int n = 0;
    for (int i = 0; i < ROLES; i++)
        if (t->node[i])
            out[n++] = t->node[i];
    ct_program *p = ct_compile(t->graph, n, out, options, &err);
    if (!p)
        fail_msg("%s, sample %d: %s", t->op->name, t->number, err.message);
    return p;
}

static inline void put(ct_program *p, ct_var *v, const ct_tensor *value)
{
    ct_error err;
    assert_ok(ct_program_set(p, v, value, &err), &err);
}

/* Whether the program has a use for this input: some samples need none of c, w and v. */
static inline void give(ct_program *p, const instance *t, const numbers *all, double step)
{
    for (int i = 0; i < t->sample->n; i++) {
        ct_tensor *moved = ct_tensor_cast(all->x[i], ct_tensor_dtype(all->x[i]), NULL);
        for (int64_t k = 0; t->varied[i] && k < ct_tensor_count(moved); k++)
            ct_tensor_set(moved, k, ct_tensor_get(moved, k) + step * ct_tensor_get(all->v[i], k));
        ct_tensor *stored = stored_value(moved, t->layout);
        put(p, t->given[i], stored);
        if (t->v[i])
            put(p, t->v[i], all->v[i]);
        ct_tensor_free(stored);
        ct_tensor_free(moved);
    }
    put(p, t->w, all->w);
    put(p, t->c, all->c);
}

/* One run at x + step v. */
static inline results instance_run(ct_program *p, const instance *t, const numbers *all, double step)
{
    results r = {0};
    ct_error err;
    assert_ok(set_inputs_to_zero(p, t->graph, &err), &err);  /* an op may bring inputs of its own */
    give(p, t, all, step);
    assert_ok(ct_program_run(p, &err), &err);
    for (int i = 0; i < ROLES; i++)
        if (t->node[i]) {
            ct_tensor *out = ct_program_get(p, t->node[i]);
            assert_non_null(out);
            r.at[i] = ct_tensor_cast(out, ct_tensor_dtype(out), NULL);
        }
    return r;
}

static inline void results_free(results *r)
{
    for (int i = 0; i < ROLES; i++)
        ct_tensor_free(r->at[i]);
}

/* A program made, run once, and gone. */
static inline results instance_results(const instance *t, const numbers *all, const ct_compile_options *options)
{
    ct_program *p = instance_compile(t, options);
    results r = instance_run(p, t, all, 0);
    ct_program_free(p);
    return r;
}

/* Element k of a result, where one that is not there is zero. */
static inline double element(const ct_tensor *t, int64_t k)
{
    return t ? ct_tensor_get(t, k) : 0;
}

static inline double largest(const ct_tensor *t)
{
    double most = 0;
    for (int64_t k = 0; t && k < ct_tensor_count(t); k++)
        most = fmax(most, fabs(ct_tensor_get(t, k)));
    return most;
}

static inline const char *role_name(int role)
{
    static const char *const names[] = {"J^T w", "gradient", "forward over reverse", "reverse over forward"};
    return role == VALUE ? "value" : role == TANGENT ? "J v" : role == TWICE ? "transposed twice" : names[(role - COTANGENT) / MAX_X];
}

#endif
