/* Freezing for differences: a difference must not move what stop_gradient holds still, and must not step across a
 * kink. So the graph is cut at stop_gradient nodes, which keep their base values, and everything that chooses becomes
 * an output to be watched. */
#include "gradcheck.h"
#include "ops/reduce.h"

#include <string.h>

typedef struct walk {
    gradcheck *c;
    ct_var **stack, **cut;
    int64_t n_stack;
    int n_cut;
    unsigned char *seen;
    const ct_op *stop_gradient, *greater, *equal, *maximum, *max, *cast;
} walk;

static void push(walk *w, ct_var *v)
{
    int64_t i = ct_var_index(v);
    if (w->seen[i])
        return;
    w->seen[i] = 1;
    w->stack[w->n_stack++] = v;
}

/* A node whose value changes when v crosses a kink, or NULL when v has none. */
static ct_var *choice(const walk *w, ct_var *v)
{
    const ct_op *op = ct_var_op(v);
    if (op == w->greater || op == w->equal)
        return v;
    if (op == w->maximum)
        return ct_greater(ct_var_input(v, 0), ct_var_input(v, 1));
    if (op == w->max)
        return ct_equal(ct_var_input(v, 0), ct_reduce_spread(v, v));
    if (op == w->cast && ct_dtype_is_float(ct_var_dtype(ct_var_input(v, 0))) && !ct_dtype_is_float(ct_var_dtype(v)))
        return v;
    return NULL;
}

static bool start_walk(walk *w, gradcheck *c, gradcheck_probe *p)
{
    int64_t size = ct_graph_size(c->graph);
    w->c = c;
    w->stop_gradient = ct_op_find("stop_gradient");
    w->greater = ct_op_find("greater");
    w->equal = ct_op_find("equal");
    w->maximum = ct_op_find("maximum");
    w->max = ct_op_find("max");
    w->cast = ct_op_find("cast");
    return (w->stack = gradcheck_alloc(c, size, sizeof(ct_var *))) &&
           (w->cut = gradcheck_alloc(c, size, sizeof(ct_var *))) && (w->seen = gradcheck_alloc(c, size, 1)) &&
           (p->mask = gradcheck_alloc(c, size, sizeof(ct_var *)));
}

/* Down from the outputs; what lies behind a stop_gradient does not matter. Only the function's own are obeyed: one in
 * the rule of an op claims that something has no derivative, which is to be checked. */
static bool collect(walk *w, gradcheck_probe *p)
{
    for (int i = 0; i < p->n; i++)
        push(w, p->out[i]);
    while (w->n_stack) {
        ct_var *v = w->stack[--w->n_stack];
        if (ct_var_op(v) == w->stop_gradient && ct_var_index(v) < w->c->own) {
            w->cut[w->n_cut++] = v;
            continue;
        }
        ct_var *mask = choice(w, v);
        if (mask)
            p->mask[p->n_mask++] = mask;
        for (int i = 0; i < ct_var_arity(v); i++)
            push(w, ct_var_input(v, i));
    }
    const ct_error *error = ct_graph_error(w->c->graph);
    return !error || ct_fail(w->c->err, error->code, "%s", error->message);
}

static bool set_cuts(gradcheck *c, gradcheck_probe *p, ct_program *base, const walk *w)
{
    for (int i = 0; i < w->n_cut; i++)
        if (!ct_program_set(p->program, w->cut[i], ct_program_get(base, w->cut[i]), c->err))
            return false;
    return true;
}

/* The values at the cuts, by a program without them, which goes when this returns. */
static bool hold_cuts(gradcheck *c, gradcheck_probe *p, const walk *w)
{
    if (!w->n_cut)
        return true;
    gradcheck_probe base = {.n = w->n_cut, .out = w->cut};
    bool ok = gradcheck_compile(c, &base, NULL) && gradcheck_run(c, &base) && set_cuts(c, p, base.program, w);
    ct_program_free(base.program);
    return ok;
}

static bool keep_choices(gradcheck *c, gradcheck_probe *p)
{
    size_t bytes = 0;
    for (int i = 0; i < p->n_mask; i++)
        bytes += ct_tensor_bytes(ct_program_get(p->program, p->mask[i]));
    unsigned char *to = p->chosen = gradcheck_alloc(c, (int64_t)bytes, 1);
    for (int i = 0; to && i < p->n_mask; i++) {
        ct_tensor *t = ct_program_get(p->program, p->mask[i]);
        if (ct_tensor_bytes(t))
            memcpy(to, ct_tensor_data(t), ct_tensor_bytes(t));
        to += ct_tensor_bytes(t);
    }
    return p->chosen != NULL;
}

bool gradcheck_freeze(gradcheck *c, gradcheck_probe *p)
{
    walk w = {0};
    if (!start_walk(&w, c, p) || !collect(&w, p))
        return false;
    ct_compile_options options = {.n_cut = w.n_cut, .cut = w.cut};
    return gradcheck_compile(c, p, &options) && hold_cuts(c, p, &w) && gradcheck_run(c, p) && keep_choices(c, p);
}
