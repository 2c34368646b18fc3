/* SPDX-License-Identifier: MIT */
/* The nodes and programs of a gradient check, all in one graph: the function, its derivatives in both modes, and on
 * request the second order. */
#include "gradcheck.h"

#include <float.h>
#include <math.h>

static bool graph_fine(gradcheck *c)
{
    const ct_error *error = ct_graph_error(c->graph);
    return !error || ct_fail(c->err, error->code, "%s", error->message);
}

static bool build_function(gradcheck *c, ct_gradcheck_fn f, void *context)
{
    if (!(c->graph = ct_graph_new()))
        return ct_fail(c->err, CT_E_MEMORY, "gradcheck: out of memory for a graph");
    if (!ct_gradcheck_make_inputs(c) || !graph_fine(c))
        return false;
    c->y = f(c->graph, c->input, context);
    c->own = ct_graph_size(c->graph);
    if (!graph_fine(c))
        return ct_fail_prefix(c->err, "gradcheck: the function under test cannot be built");
    if (!c->y)
        return ct_fail(c->err, CT_E_ARGUMENT, "gradcheck: the function under test returned NULL; expected its output");
    if (ct_var_graph(c->y) != c->graph)
        return ct_fail(c->err, CT_E_ARGUMENT, "gradcheck: the function under test returned a node of another graph");
    if (ct_var_dtype(c->y) != CT_F64)
        return ct_fail(c->err, CT_E_DTYPE, "gradcheck: the function under test returned %s; expected float64, as x is",
                       CT_VAR_TEXT(c->y));
    if (ct_shape_count(ct_var_shape(c->y)) == 0)
        return ct_fail(c->err, CT_E_SHAPE, "gradcheck: the function under test returned %s; expected at least one element",
                       CT_VAR_TEXT(c->y));
    return true;
}

/* A probe for m derivatives, with zeros for those that are NULL. */
static bool read_all(gradcheck *c, gradcheck_probe *p, ct_var *const *derivative)
{
    if (!(p->out = ct_gradcheck_alloc(c, c->m, sizeof(ct_var *))))
        return false;
    p->n = c->m;
    for (int k = 0; k < c->m; k++)
        p->out[k] = ct_or_zeros(derivative[k], c->x[k]);
    return graph_fine(c);
}

static bool read_one(gradcheck *c, gradcheck_probe *p, ct_var *v)
{
    if (!(p->out = ct_gradcheck_alloc(c, 1, sizeof(ct_var *))))
        return false;
    p->n = 1;
    p->out[0] = v;
    return graph_fine(c);
}

/* The cotangent: random weights of the outputs, the same throughout. */
static bool make_weights(gradcheck *c)
{
    int64_t count = ct_shape_count(ct_var_shape(c->y));
    c->w = ct_input(c->graph, "gradcheck.w", CT_F64, ct_var_shape(c->y));
    c->trial = ct_input(c->graph, "gradcheck.trial", CT_F64, CT_SHAPE(2));
    c->first.weights = ct_gradcheck_alloc(c, count, sizeof(double));
    c->second.weights = ct_gradcheck_alloc(c, ct_gradcheck_length(c), sizeof(double));
    if (!c->first.weights || !c->second.weights)
        return false;
    ct_gradcheck_draw(c, c->first.weights, count);
    return graph_fine(c);
}

static bool build_first(gradcheck *c)
{
    gradcheck_level *level = &c->first;
    *level = (gradcheck_level){.weights = level->weights, .exact = "vjp", .n_routes = 1, .route = {{.mode = "jvp"}},
                               .difference = "central difference",
                               .by_difference = c->opt.modes & CT_CHECK_JVP, .by_identity = c->opt.modes & CT_CHECK_VJP};
    ct_var **xbar = ct_gradcheck_alloc(c, c->m, sizeof(ct_var *)), *dy = NULL;
    if (!xbar || !graph_fine(c))
        return false;
    ct_vjp(1, &c->y, &c->w, c->m, c->x, xbar);
    ct_jvp(1, &c->y, c->m, c->x, c->dx, &dy);
    return graph_fine(c) && read_one(c, &level->value, c->y) &&
           read_one(c, &level->route[0].probe, ct_or_zeros(dy, c->y)) && read_all(c, &c->reverse, xbar);
}

static bool build_second(gradcheck *c)
{
    gradcheck_level *level = &c->second;
    *level = (gradcheck_level){.weights = level->weights, .exact = "symmetry", .n_routes = 2,
                               .difference = "central difference of the gradient",
                               .route = {{.mode = "forward-over-reverse"}, {.mode = "reverse-over-forward"}},
                               .by_difference = true, .by_identity = true};
    ct_var **over_reverse = ct_gradcheck_alloc(c, c->m, sizeof(ct_var *));
    ct_var **over_forward = ct_gradcheck_alloc(c, c->m, sizeof(ct_var *));
    if (!over_reverse || !over_forward)
        return false;
    ct_jvp(c->m, c->reverse.out, c->m, c->x, c->dx, over_reverse);
    ct_vjp(1, c->first.route[0].probe.out, &c->w, c->m, c->x, over_forward);
    return graph_fine(c) && read_all(c, &level->value, c->reverse.out) &&
           read_all(c, &level->route[0].probe, over_reverse) && read_all(c, &level->route[1].probe, over_forward);
}

/* To the nearest power of 2^20: 0 for ordinary numbers. */
static int coarse_exponent(double log2_size)
{
    return 20 * (int)lround(fmin(fmax(log2_size, -900), 900) / 20);
}

/* Numbers of very different size get weights that bring them nearer to each other, and to the size of the inputs, by powers
 * of two: so gradients are near 1, nothing overflows, and no error hides behind a larger number. Ordinary ones keep theirs. */
static void weigh(const gradcheck *c, gradcheck_level *level)
{
    double inputs = 0;
    for (int k = 0; k < c->m; k++)
        inputs += log2(c->scale[k]) / c->m;
    for (int64_t e = 0; e < level->count; e++) {
        double size = level->stirred[e] / DBL_EPSILON;
        int shift = size > 0 && isfinite(size) ? coarse_exponent(inputs) - coarse_exponent(log2(size)) : 0;
        level->weights[e] = ldexp(level->weights[e], shift < -960 ? -960 : shift > 960 ? 960 : shift);
    }
}

static bool open_first(gradcheck *c)
{
    if (!ct_gradcheck_open_level(c, &c->first))
        return false;
    weigh(c, &c->first);
    return ct_gradcheck_make_twin(c, &c->reverse, false, &c->reverse_twin) && ct_gradcheck_compile(c, &c->reverse, NULL) &&
           ct_gradcheck_compile(c, &c->reverse_twin, NULL) && ct_gradcheck_open_routes(c, &c->first);
}

bool ct_gradcheck_build(gradcheck *c, ct_gradcheck_fn f, void *context)
{
    bool second = c->opt.modes & CT_CHECK_SECOND;
    if (!build_function(c, f, context) || !make_weights(c) || !build_first(c) || (second && !build_second(c)))
        return false;
    return open_first(c) && (!second || (ct_gradcheck_open_level(c, &c->second) && ct_gradcheck_open_routes(c, &c->second)));
}
