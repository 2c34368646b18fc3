/* SPDX-License-Identifier: MIT */
/* Freezing for differences: a difference must not move what stop_gradient holds still, and must not step across a kink.
 * So the graph is cut at stop_gradient nodes, which keep their base values, and everything that chooses becomes an output
 * to be watched. What chooses is told by its kind, not by its name: an op without a derivative that depends on x, in the
 * function or in a rule of its derivatives, is constant in pieces, and so are integers. The rule of a maximum compares its
 * operands, so a maximum needs no watching itself. */
#include "gradcheck.h"
#include <cotangent/op.h>

#include <string.h>

typedef struct walk {
    gradcheck *c;
    int64_t size;
    ct_var **cut;
    int n_cut;
    unsigned char *needed;   /* by the outputs; a bit for the value, a bit for its derivatives */
    unsigned char *depends;  /* on x; on dx or w */
    const ct_op *stop_gradient;
} walk;

enum { OF_VALUE = 1, OF_DERIVATIVE = 2, ON_X = 1, ON_OTHERS = 2 };

/* Only the function's own are obeyed: one in the rule of an op claims that something has no derivative, which is to be
 * checked. */
static bool is_cut(const walk *w, const ct_var *v)
{
    return ct_var_op(v) == w->stop_gradient && ct_var_index(v) < w->c->own;
}

static bool chooses(const walk *w, const ct_var *v)
{
    bool steps = ct_var_op(v)->kind == CT_CONSTANT && ct_var_op(v) != w->stop_gradient;
    bool integer = !ct_dtype_is_float(ct_var_dtype(v));
    return ct_var_arity(v) > 0 && (steps || integer) && w->depends[ct_var_index(v)] == ON_X;
}

static void want(walk *w, const gradcheck_probe *p, unsigned char bit)
{
    for (int i = 0; i < p->n; i++)
        w->needed[ct_var_index(p->out[i])] |= bit;
}

static bool start_walk(walk *w, gradcheck *c, gradcheck_level *level)
{
    *w = (walk){.c = c, .size = ct_graph_size(c->graph), .stop_gradient = ct_op_find("stop_gradient")};
    if (!(w->cut = ct_gradcheck_alloc(c, w->size, sizeof(ct_var *))) || !(w->needed = ct_gradcheck_alloc(c, w->size, 1)) ||
        !(w->depends = ct_gradcheck_alloc(c, w->size, 1)) ||
        !(level->value.mask = ct_gradcheck_alloc(c, w->size, sizeof(ct_var *))))
        return false;
    want(w, &level->value, OF_VALUE);
    for (int i = 0; i < level->n_routes; i++)
        want(w, &level->route[i].probe, OF_DERIVATIVE);
    if (level == &c->first)
        want(w, &c->reverse, OF_DERIVATIVE);
    return true;
}

/* Down from the outputs; what lies behind a cut does not matter. */
static void find_needed(walk *w)
{
    for (int64_t k = w->size - 1; k >= 0; k--) {
        ct_var *v = ct_graph_var(w->c->graph, k);
        if (!w->needed[k])
            continue;
        if (is_cut(w, v) && w->needed[k] & OF_VALUE)
            w->cut[w->n_cut++] = v;
        for (int i = 0; !is_cut(w, v) && i < ct_var_arity(v); i++)
            w->needed[ct_var_index(ct_var_input(v, i))] |= w->needed[k];
    }
}

static void find_dependent(walk *w)
{
    for (int k = 0; k < w->c->m; k++) {
        w->depends[ct_var_index(w->c->x[k])] = ON_X;
        w->depends[ct_var_index(w->c->dx[k])] = ON_OTHERS;
    }
    w->depends[ct_var_index(w->c->w)] = ON_OTHERS;
    for (int64_t k = 0; k < w->size; k++) {
        ct_var *v = ct_graph_var(w->c->graph, k);
        for (int i = 0; !is_cut(w, v) && i < ct_var_arity(v); i++)
            w->depends[k] |= w->depends[ct_var_index(ct_var_input(v, i))];
    }
}

static void find_choices(walk *w, gradcheck_probe *p)
{
    for (int64_t k = 0; k < w->size; k++) {
        ct_var *v = ct_graph_var(w->c->graph, k);
        if (w->needed[k] && chooses(w, v))
            p->mask[p->n_mask++] = v;
    }
}

/* The choices of a derivative may stand behind cuts that the value does not have. */
static void find_cuts_of_choices(walk *w, const gradcheck_probe *p)
{
    memset(w->needed, 0, (size_t)w->size);
    w->n_cut = 0;
    want(w, p, OF_VALUE);
    for (int i = 0; i < p->n_mask; i++)
        w->needed[ct_var_index(p->mask[i])] = OF_VALUE;
    find_needed(w);
}

static bool set_cuts(gradcheck *c, gradcheck_probe *p, ct_program *base, const walk *w)
{
    for (int i = 0; i < w->n_cut; i++)
        if (!ct_program_set(p->program, w->cut[i], ct_program_get(base, w->cut[i]), c->err))
            return false;
    return true;
}

/* The values at the cuts, by a program without them, which goes when this returns. */
static bool hold_cuts(gradcheck *c, gradcheck_level *level, const walk *w)
{
    if (!w->n_cut)
        return true;
    gradcheck_probe base = {.n = w->n_cut, .out = w->cut};
    bool ok = ct_gradcheck_compile(c, &base, NULL) && ct_gradcheck_run(c, &base) &&
              set_cuts(c, &level->value, base.program, w) && set_cuts(c, &level->value_twin, base.program, w);
    ct_program_free(base.program);
    return ok;
}

static bool keep_choices(gradcheck *c, gradcheck_probe *p)
{
    size_t bytes = 0;
    for (int i = 0; i < p->n_mask; i++)
        bytes += ct_tensor_bytes(ct_program_get(p->program, p->mask[i]));
    unsigned char *to = p->chosen = ct_gradcheck_alloc(c, (int64_t)bytes, 1);
    for (int i = 0; to && i < p->n_mask; i++) {
        ct_tensor *t = ct_program_get(p->program, p->mask[i]);
        if (ct_tensor_bytes(t))
            memcpy(to, ct_tensor_data(t), ct_tensor_bytes(t));
        to += ct_tensor_bytes(t);
    }
    return p->chosen != NULL;
}

bool ct_gradcheck_freeze(gradcheck *c, gradcheck_level *level)
{
    walk w;
    if (!start_walk(&w, c, level))
        return false;
    find_needed(&w);
    find_dependent(&w);
    find_choices(&w, &level->value);
    find_cuts_of_choices(&w, &level->value);
    ct_compile_options options = {.n_cut = w.n_cut, .cut = w.cut};
    return ct_gradcheck_compile(c, &level->value, &options) && ct_gradcheck_compile(c, &level->value_twin, &options) &&
           hold_cuts(c, level, &w) && ct_gradcheck_run(c, &level->value) && keep_choices(c, &level->value);
}
