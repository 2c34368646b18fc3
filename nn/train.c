/* SPDX-License-Identifier: MIT */
/* A training step: which parameters a loss has gradients for, and the outputs that make up the program. */
#include "train_impl.h"
#include <cotangent/op.h>
#include <cotangent/transform.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool nn_train_fail(nn_train *t, ct_code code, const char *format, ...)
{
    char text[CT_MESSAGE_SIZE];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    ct_graph_fail(t->graph, code, (ct_site){0}, "train: %s", text);
    return false;
}

/* The nodes of the set's tensors in the graph, in the set's order. */
static void gather_params(nn_train *t)
{
    const ct_op *state = ct_op_find("state");
    for (int64_t i = 0; i < ct_graph_size(t->graph); i++) {
        ct_var *v = ct_graph_var(t->graph, i);
        int64_t place = ct_var_op(v) == state ? nn_params_place(t->params, ct_var_tensor(v)) : -1;
        if (place >= 0)
            t->items[place] = (trained){nn_params_name(t->params, place), v, NULL, NULL};
    }
    int64_t n = 0;
    for (int64_t i = 0; i < t->count; i++)
        if (t->items[i].param)
            t->items[n++] = t->items[i];
    t->count = n;
}

/* Those without a gradient leave. */
static void keep_trained(nn_train *t, ct_var *const *grad)
{
    int64_t n = 0;
    for (int64_t i = 0; i < t->count; i++)
        if (grad[i]) {
            t->items[n] = t->items[i];
            t->items[n++].grad = grad[i];
        }
    t->count = n;
}

static bool differentiate(nn_train *t, ct_var *loss)
{
    ct_var **space = calloc(2 * (size_t)t->count + 1, sizeof *space);
    if (!space)
        return nn_train_fail(t, CT_E_MEMORY, "out of memory for %lld gradients", (long long)t->count);
    ct_var **param = space, **grad = space + t->count;
    for (int64_t i = 0; i < t->count; i++)
        param[i] = t->items[i].param;
    bool ok = ct_grad_at(ct_var_site(loss), loss, (int)t->count, param, grad);
    if (ok)
        keep_trained(t, grad);
    free(space);
    return ok;
}

static nn_train *make(ct_var *loss, nn_params *params, ct_error *err)
{
    nn_train *t = calloc(1, sizeof *t);
    trained *items = calloc((size_t)nn_params_count(params) + 1, sizeof *items);
    if (!t || !items) {
        free(t);
        free(items);
        ct_fail(err, CT_E_MEMORY, "train: out of memory");
        return NULL;
    }
    *t = (nn_train){.graph = ct_graph_retain(ct_var_graph(loss)), .params = params, .loss = loss, .dtype = nn_params_dtype(params),
                    .count = nn_params_count(params), .items = items};
    return t;
}

/* Hand the graph's error, if it has one, to err. */
static bool graph_is_good(const ct_graph *g, ct_error *err)
{
    const ct_error *wrong = ct_graph_error(g);
    return !wrong || ct_fail(err, wrong->code, "%s", wrong->message);
}

/* The model's own error, where there is one, is what the user is to see. */
static bool may_train(const ct_var *loss, const nn_params *params, ct_error *err)
{
    ct_error wrong;
    if (!loss && ct_graph_last_error(&wrong))
        return ct_fail(err, wrong.code, "train: the loss is NULL: %s", wrong.message);
    if (!loss)
        return ct_fail(err, CT_E_ARGUMENT, "train: the loss is NULL, and no graph has an error that says why");
    return params || ct_fail(err, CT_E_ARGUMENT, "train: the set of parameters is NULL");
}

nn_train *nn_train_new(ct_var *loss, nn_params *params, ct_error *err)
{
    ct_graph *g = ct_var_graph(loss);
    if (!may_train(loss, params, err))
        return NULL;
    nn_train *t = graph_is_good(g, err) ? make(loss, params, err) : NULL;
    if (t)
        gather_params(t);
    bool ok = t && differentiate(t, loss);
    if (ok && t->count == 0)
        ok = nn_train_fail(t, CT_E_ARGUMENT, "the loss depends on none of the %lld parameters",
                        (long long)nn_params_count(params));
    if (ok)
        return t;
    if (t)
        graph_is_good(g, err);
    nn_train_free(t);
    return NULL;
}

void nn_train_free(nn_train *t)
{
    if (!t)
        return;
    ct_graph_free(t->graph);
    free(t->items);
    free(t->output);
    free(t->averages);
    free(t);
}

int64_t nn_train_count(const nn_train *t)
{
    return t ? t->count : 0;
}

static const trained *item(const nn_train *t, int64_t i)
{
    static const trained none;
    return t && i >= 0 && i < t->count ? &t->items[i] : &none;
}

const char *nn_train_name(const nn_train *t, int64_t i)
{
    return item(t, i)->name;
}

ct_var *nn_train_param(const nn_train *t, int64_t i)
{
    return item(t, i)->param;
}

ct_var *nn_train_grad(const nn_train *t, int64_t i)
{
    return item(t, i)->grad;
}

ct_var *nn_train_next(const nn_train *t, int64_t i)
{
    return item(t, i)->next;
}

bool nn_train_output(nn_train *t, ct_var *v)
{
    if (!t)
        return false;
    if (!v)
        return ct_graph_error(t->graph) ? false : nn_train_fail(t, CT_E_ARGUMENT, "an output is NULL");
    if (ct_var_graph(v) != t->graph)
        return nn_train_fail(t, CT_E_ARGUMENT, "output %s belongs to another graph", CT_VAR_TEXT(v));
    if (t->outputs == t->capacity) {
        int64_t capacity = t->capacity ? 2 * t->capacity : 64;
        ct_var **more = realloc(t->output, (size_t)capacity * sizeof *more);
        if (!more)
            return nn_train_fail(t, CT_E_MEMORY, "out of memory for %lld outputs", (long long)capacity);
        t->output = more;
        t->capacity = capacity;
    }
    t->output[t->outputs++] = v;
    return true;
}

ct_program *nn_train_compile(nn_train *t, const ct_compile_options *options, ct_error *err)
{
    if (!t) {
        ct_fail(err, CT_E_ARGUMENT, "train: the training step is NULL: nn_train_new says why");
        return NULL;
    }
    if (!t->updated && !ct_graph_error(t->graph))
        nn_train_fail(t, CT_E_ARGUMENT, "there is no optimizer: call nn_train_adamw or nn_train_sgd first");
    ct_compile_options o = options ? *options : (ct_compile_options){0};
    if (o.commit && t->taken)
        nn_train_fail(t, CT_E_ARGUMENT, "there is a guard, which is the step's commit: give options.commit to nn_train_guard as what it allows");
    int64_t outputs = t->outputs;
    o.commit = t->taken ? t->taken : o.commit;
    bool ok = nn_train_add_states(t);
    ct_program *p = graph_is_good(t->graph, err) && ok ? ct_compile(t->graph, (int)t->outputs, t->output, &o, err) : NULL;
    t->outputs = outputs;  /* another program has copies of its own */
    return p;
}
