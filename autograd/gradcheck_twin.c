/* SPDX-License-Identifier: MIT */
/* The twin of a program has the same nodes, but every result that was rounded is off by a few units in its last place, at
 * random, and anew in each trial. How far the outputs of a few trials scatter is what rounding does to them, with the size
 * of everything between them and of every term that is summed counted in, and whatever the rules of derivatives say
 * (stochastic arithmetic). */
#include "gradcheck.h"
#include <cotangent/op.h>

#include <float.h>
#include <math.h>
#include <string.h>

/* --- the op that stirs ---------------------------------------------------------------------------------------------- */

typedef struct jitter_attr {
    uint64_t number;  /* of the node, so that no two are stirred alike */
    double size;      /* of a unit of the trial, relative */
} jitter_attr;

/* 0.5 to 1.5, of either sign: a function of key and i. */
static double scatter_at(uint64_t key, int64_t i)
{
    uint64_t z = key + ((uint64_t)i + 1) * 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    z ^= z >> 31;
    double size = 0.5 + (double)(z >> 12) * 0x1p-52;
    return z & 1 ? -size : size;
}

static double load(const ct_array *a, int64_t i)
{
    return a->dtype == CT_F32 ? (double)((const float *)a->data)[i] : ((const double *)a->data)[i];
}

static void store(const ct_array *a, int64_t i, double value)
{
    if (a->dtype == CT_F32)
        ((float *)a->data)[i] = (float)value;
    else
        ((double *)a->data)[i] = value;
}

/* A result near the smallest numbers, or 0 while no operand is, may have lost what lay below them. */
static bool may_have_underflowed(const ct_eval *c, int64_t i, double value)
{
    if (fabs(value) >= (c->y.dtype == CT_F32 ? 0x1p-100 : 0x1p-966))
        return false;
    for (int k = 2; k < c->n; k++)
        if (load(&c->x[k], i) == 0)
            return false;
    return true;
}

static void stir(const ct_eval *c)
{
    const jitter_attr *attr = c->attr;
    const double *trial = c->x[1].data;
    uint64_t key = attr->number * 0xD1342543DE82EF95u + (uint64_t)trial[0] * 0xA0761D6478BD642Fu;
    double smallest = (c->y.dtype == CT_F32 ? 0x1p-122 : 0x1p-1020) * trial[1];
    for (int64_t i = 0; i < ct_array_count(&c->y); i++) {
        double value = load(&c->x[0], i), r = scatter_at(key, i), moved = value * (1 + attr->size * trial[1] * r);
        store(&c->y, i, may_have_underflowed(c, i, value) ? moved + smallest * r : moved);
    }
}

static bool infer_first(ct_infer *c)
{
    c->dtype = ct_var_dtype(c->x[0]);
    c->shape = ct_var_shape(c->x[0]);
    return true;
}

static const ct_sample no_samples[] = {{0}};

/* Operands: the result, the trial (its number, and how many units), then the operands of an elementwise op, to see
 * whether one is 0. */
static const ct_op jitter_op = {.name = "gradcheck_jitter", .kind = CT_CONSTANT, .arity = CT_VARIADIC,
                                .attr_size = sizeof(jitter_attr), .infer = infer_first, .eval = stir,
                                .samples = no_samples, .formula = "x (1 + a little)"};

/* --- the twin ------------------------------------------------------------------------------------------------------- */

typedef struct twins {
    gradcheck *c;
    unsigned char *needed;
    ct_var **of;                    /* each node's twin; the node itself where nothing moves */
    const ct_op *stop_gradient;
} twins;

static bool is_fixed(const ct_op *op, int i)
{
    return i < 32 && (op->fixed >> i & 1);
}

static ct_var *jitter(gradcheck *c, ct_var *v, double growth, int n, ct_var *const *operand)
{
    ct_var *x[2 + CT_MAP_MAX_INPUTS] = {v, c->trial};
    double unit = ct_var_dtype(v) == CT_F32 ? FLT_EPSILON : DBL_EPSILON;
    jitter_attr attr = {++c->jitters, unit * growth};
    for (int i = 0; i < n; i++)
        x[2 + i] = operand[i];
    return ct_apply(c->graph, CT_HERE, &jitter_op, 2 + n, x, &attr);
}

/* Whether v has a value that follows its operands smoothly: choices and integers do not, what the function itself stops
 * is held still. */
static bool follows(const twins *t, const ct_var *v)
{
    const ct_op *op = ct_var_op(v);
    if (!ct_dtype_is_float(ct_var_dtype(v)) || ct_var_arity(v) == 0)
        return false;
    if (op == t->stop_gradient)
        return ct_var_index(v) >= t->c->own;
    return op->kind != CT_CONSTANT && (op->map[ct_var_dtype(v)] || op->view || op->eval);
}

/* Operations in an element of the result: the terms that are summed in it. */
static double work(const ct_var *v)
{
    ct_array x[CT_MAP_MAX_INPUTS], y = ct_array_make(NULL, ct_var_dtype(v), ct_var_shape(v));
    int n = ct_var_arity(v);
    if (!ct_var_op(v)->flops || n > CT_MAP_MAX_INPUTS)
        return 1;
    for (int i = 0; i < n; i++)
        x[i] = ct_array_make(NULL, ct_var_dtype(ct_var_input(v, i)), ct_var_shape(ct_var_input(v, i)));
    return ct_var_op(v)->flops(ct_var_attr(v), n, x, &y) / fmax(1, (double)ct_array_count(&y));
}

/* Elementwise: the result is rounded. */
static ct_var *stir_result(twins *t, ct_var *v, ct_var *twin)
{
    ct_var *operand[CT_MAP_MAX_INPUTS];
    int n = 0;
    for (int i = 0; i < ct_var_arity(v); i++)
        if (!is_fixed(ct_var_op(v), i))
            operand[n++] = t->of[ct_var_index(ct_var_input(v, i))];
    return jitter(t->c, twin, 1, n, operand);
}

/* The node on its operands' twins. A sum's terms are stirred too: n of them round as n, not as sqrt(n), where they are all
 * alike. */
static ct_var *rebuild(twins *t, ct_var *v)
{
    const ct_op *op = ct_var_op(v);
    int n = ct_var_arity(v);
    double terms = op->eval ? work(v) : 0;
    ct_var **x = ct_gradcheck_alloc(t->c, n, sizeof *x);
    for (int i = 0; x && i < n; i++) {
        ct_var *from = ct_var_input(v, i);
        x[i] = is_fixed(op, i) ? from : t->of[ct_var_index(from)];
        if (terms > 1 && x[i] != from)
            x[i] = jitter(t->c, x[i], sqrt(terms), 0, NULL);
    }
    ct_var *twin = x ? ct_apply(t->c->graph, CT_HERE, op, n, x, ct_var_attr(v)) : NULL;
    if (op->view || op == t->stop_gradient || !twin)
        return twin;
    return op->eval ? jitter(t->c, twin, 1 + log2(fmax(terms, 1)), 0, NULL) : stir_result(t, v, twin);
}

static bool moves(const twins *t, const ct_var *v)
{
    for (int i = 0; i < ct_var_arity(v); i++) {
        ct_var *from = ct_var_input(v, i);
        if (!is_fixed(ct_var_op(v), i) && t->of[ct_var_index(from)] != from)
            return true;
    }
    return false;
}

/* What the outputs are computed from, through what follows its operands. */
static void mark(twins *t, const gradcheck_probe *p, int64_t size)
{
    for (int i = 0; i < p->n; i++)
        t->needed[ct_var_index(p->out[i])] = 1;
    for (int64_t k = size - 1; k >= 0; k--) {
        ct_var *v = ct_graph_var(t->c->graph, k);
        for (int i = 0; t->needed[k] && follows(t, v) && i < ct_var_arity(v); i++)
            t->needed[ct_var_index(ct_var_input(v, i))] = 1;
    }
}

/* An alias that is exact, so that what is computed from an input counts as moving. */
static void start(twins *t, int n, ct_var *const *input, bool rounded)
{
    for (int k = 0; k < n; k++)
        if (input[k] && t->needed[ct_var_index(input[k])])
            t->of[ct_var_index(input[k])] = rounded ? jitter(t->c, input[k], 1, 0, NULL) : ct_alias(input[k]);
}

static bool build(twins *t, int64_t size)
{
    for (int64_t k = 0; k < size; k++) {
        ct_var *v = ct_graph_var(t->c->graph, k);
        if (t->needed[k] && follows(t, v) && moves(t, v))
            t->of[k] = rebuild(t, v);
        const ct_error *error = ct_graph_error(t->c->graph);
        if (error || !t->of[k])
            return ct_fail(t->c->err, error ? error->code : CT_E_MEMORY, "%s", error ? error->message : "out of memory");
    }
    return true;
}

bool ct_gradcheck_make_twin(gradcheck *c, const gradcheck_probe *p, bool of_value, gradcheck_probe *twin)
{
    int64_t size = ct_graph_size(c->graph);
    twins t = {c, ct_gradcheck_alloc(c, size, 1), ct_gradcheck_alloc(c, size, sizeof(ct_var *)), ct_op_find("stop_gradient")};
    twin->n = p->n;
    twin->out = ct_gradcheck_alloc(c, p->n, sizeof(ct_var *));
    if (!t.needed || !t.of || !twin->out)
        return false;
    for (int64_t k = 0; k < size; k++)
        t.of[k] = ct_graph_var(c->graph, k);
    mark(&t, p, size);
    start(&t, c->m, c->x, of_value);
    if (!of_value) {
        start(&t, c->m, c->dx, false);
        start(&t, 1, &c->w, false);
    }
    if (!build(&t, size))
        return false;
    for (int i = 0; i < p->n; i++)
        twin->out[i] = t.of[ct_var_index(p->out[i])];
    return true;
}
