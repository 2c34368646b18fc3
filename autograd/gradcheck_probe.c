/* SPDX-License-Identifier: MIT */
/* Programs of a gradient check: compiled once, run many times, read as flat vectors. */
#include "gradcheck.h"

#include <math.h>
#include <string.h>

static bool set_inputs(gradcheck *c, gradcheck_probe *p)
{
    if (!ct_program_set_data(p->program, c->w, c->first.weights, c->err))
        return false;
    for (int i = 0; i < c->n; i++)
        if (!ct_program_set(p->program, c->input[i], c->given[i], c->err))
            return false;
    return true;
}

/* Subnormal numbers are kept: a difference of values near the smallest normal number is one. */
bool ct_gradcheck_compile(gradcheck *c, gradcheck_probe *p, const ct_compile_options *options)
{
    int n = p->n + p->n_mask;
    ct_var **all = ct_gradcheck_alloc(c, n, sizeof(ct_var *));
    if (!all)
        return false;
    memcpy(all, p->out, (size_t)p->n * sizeof *all);
    if (p->n_mask)
        memcpy(all + p->n, p->mask, (size_t)p->n_mask * sizeof *all);
    p->count = 0;
    for (int i = 0; i < p->n; i++)
        p->count += ct_shape_count(ct_var_shape(p->out[i]));
    ct_compile_options o = options ? *options : (ct_compile_options){0};
    o.keep_subnormals = true;
    p->program = ct_compile(c->graph, n, all, &o, c->err);
    return p->program && set_inputs(c, p);
}

bool ct_gradcheck_set(gradcheck *c, gradcheck_probe *p, ct_var *const *to, const double *flat)
{
    for (int k = 0; k < c->m; k++)
        if (!ct_program_set_data(p->program, to[k], flat + c->start[k], c->err))
            return false;
    return true;
}

/* Always step 0: random nodes draw the same numbers in every run. */
bool ct_gradcheck_run(gradcheck *c, gradcheck_probe *p)
{
    ct_program_set_step(p->program, 0);
    return ct_program_run(p->program, c->err);
}

bool ct_gradcheck_run_trial(gradcheck *c, gradcheck_probe *twin, int trial, double units)
{
    return ct_program_set_data(twin->program, c->trial, (double[2]){trial, units}, c->err) && ct_gradcheck_run(c, twin);
}

static const double *output(const gradcheck_probe *p, int i, int64_t *count)
{
    ct_tensor *t = ct_program_get(p->program, p->out[i]);
    *count = ct_tensor_count(t);
    return ct_tensor_data(t);
}

void ct_gradcheck_read(gradcheck_probe *p, double *flat)
{
    for (int i = 0; i < p->n; i++) {
        int64_t count;
        const double *value = output(p, i, &count);
        if (count)
            memcpy(flat, value, (size_t)count * sizeof(double));
        flat += count;
    }
}

bool ct_gradcheck_same_choices(gradcheck_probe *p)
{
    const unsigned char *chosen = p->chosen;
    p->changed = -1;
    for (int i = 0; i < p->n_mask && p->changed < 0; i++) {
        ct_tensor *t = ct_program_get(p->program, p->mask[i]);
        size_t bytes = ct_tensor_bytes(t);
        if (bytes && memcmp(ct_tensor_data(t), chosen, bytes))
            p->changed = i;
        chosen += bytes;
    }
    return p->changed < 0;
}

static void report_difference(gradcheck *c, const double *a, const double *b, int64_t n)
{
    int64_t i = 0;
    while (i < n - 1 && !memcmp(&a[i], &b[i], sizeof *a))
        i++;
    gradcheck_place place = {.input = -1, .coordinate = -1};
    gradcheck_claim claim = {.mode = "determinism", .against = "a second run", .n = n};
    gradcheck_judgement j = {.outcome = GRADCHECK_DIFFERS, .element = i, .worst = INFINITY, .autodiff = a[i], .reference = b[i]};
    ct_gradcheck_record(c, &place, &claim, &j);
}

bool ct_gradcheck_deterministic(gradcheck *c, gradcheck_probe *p)
{
    double *first = ct_gradcheck_alloc(c, p->count, sizeof(double)), *second = ct_gradcheck_alloc(c, p->count, sizeof(double));
    if (!first || !second || !ct_gradcheck_run(c, p))
        return false;
    ct_gradcheck_read(p, first);
    if (!ct_gradcheck_run(c, p))
        return false;
    ct_gradcheck_read(p, second);
    if (memcmp(first, second, (size_t)p->count * sizeof(double)))
        report_difference(c, first, second, p->count);
    return true;
}
