/* SPDX-License-Identifier: MIT */
/* Whether every value of a run is finite, or else infinite because it was put there: see ct_program_run. */
#include "../place_text.h"
#include "program_impl.h"
#include <math.h>

/* What is not finite in an array. Without infinities that are to pass, where they are the result's. */
typedef struct census {
    int64_t count, nan, infinite;
    int64_t first;     /* element number, in row-major order, of the first that is not finite; -1: none */
    double value;      /* that element */
    double low, high;  /* of the finite ones */
} census;

/* The element of place `at`, an element number of the shape, which may be reached by strides. */
static double element(const ct_array *a, int64_t at)
{
    int64_t offset = 0;
    for (int axis = a->shape.rank - 1; axis >= 0; axis--) {
        offset += at % a->shape.dim[axis] * a->stride[axis];
        at /= a->shape.dim[axis];
    }
    return a->dtype == CT_F32 ? (double)((const float *)a->data)[offset] : ((const double *)a->data)[offset];
}

static bool all_finite_f32(const float *x, int64_t n)
{
    float sum = 0;  /* x - x is 0 for finite x, else NaN */
    for (int64_t i = 0; i < n; i++)
        sum += x[i] - x[i];
    return sum == 0;
}

static bool all_finite_f64(const double *x, int64_t n)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += x[i] - x[i];
    return sum == 0;
}

/* A step's result fills its memory without gaps, in whatever order. */
static bool all_finite(const ct_array *a)
{
    int64_t n = ct_array_count(a);
    if (a->dtype == CT_F32)
        return all_finite_f32(a->data, n);
    return a->dtype != CT_F64 || all_finite_f64(a->data, n);
}

static void add_to(census *c, int64_t i, double x)
{
    c->nan += isnan(x) != 0;
    c->infinite += isinf(x) != 0;  /* -1 for -infinity in some libraries */
    if (!isfinite(x) && c->first < 0) {
        c->first = i;
        c->value = x;
    }
    if (isfinite(x)) {
        c->low = x < c->low ? x : c->low;
        c->high = x > c->high ? x : c->high;
    }
}

static census count_all(const ct_array *a)
{
    census c = {.count = ct_array_count(a), .first = -1, .low = INFINITY, .high = -INFINITY};
    for (int64_t i = 0; ct_dtype_is_float(a->dtype) && i < c.count; i++)
        add_to(&c, i, element(a, i));
    return c;
}

/* Whether element i of the result comes of the operands' elements i alone. */
static bool is_elementwise(const step *s, const ct_array *y)
{
    extern const ct_op ct_op_cast;
    bool same = s->kind == STEP_COPY || s->kind == STEP_MAP || s->var->op == &ct_op_cast;
    for (int i = 0; same && i < s->n; i++)
        same = ct_shape_equal(s->in[i].shape, y->shape);
    return same;
}

/* Whether one of the operands is infinite at element i, or, if i is -1, anywhere. */
static bool has_infinite_operand(const step *s, int64_t i)
{
    for (int k = 0; k < s->n; k++)
        if (ct_dtype_is_float(s->in[k].dtype) && (i < 0 ? count_all(&s->in[k]).infinite > 0 : isinf(element(&s->in[k], i))))
            return true;
    return false;
}

/* The maximum of no elements; a constant. */
static bool comes_of_nothing(const step *s)
{
    for (int k = 0; k < s->n; k++)
        if (ct_array_count(&s->in[k]) > 0)
            return false;
    return true;
}

/* The result's NaN, and those infinities that arose in this step. */
static census count_wrong(const step *s, const ct_array *y)
{
    bool elementwise = is_elementwise(s, y), pass = !elementwise && (comes_of_nothing(s) || has_infinite_operand(s, -1));
    census c = {.count = ct_array_count(y), .first = -1};
    for (int64_t i = 0; i < c.count; i++) {
        double x = element(y, i);
        if (isnan(x) || (isinf(x) && !pass && !(elementwise && (s->n == 0 || has_infinite_operand(s, i)))))
            add_to(&c, i, x);
    }
    return c;
}

static const char *name_of(double x)
{
    return isnan(x) ? "NaN" : x > 0 ? "infinity" : "-infinity";
}

/* "3 of 12 elements are NaN, 1 infinite, the first -infinity at [0, 2]" */
static void describe(const census *c, ct_shape shape, size_t size, char *text)
{
    char place[CT_PLACE_TEXT_SIZE];
    if (c->first < 0 && c->low > c->high)
        snprintf(text, size, "no numbers");
    else if (c->first < 0)
        snprintf(text, size, "finite, %g to %g", c->low, c->high);
    else
        snprintf(text, size, "%lld NaN and %lld infinite of %lld, the first %s at %s", (long long)c->nan, (long long)c->infinite,
                 (long long)c->count, name_of(c->value), ct_place_text(shape, c->first, place));
}

/* The operands and their state, as many as there is room for. */
static void describe_operands(const step *s, size_t size, char *text)
{
    size_t used = 0;
    for (int i = 0; i < s->n && i < 3 && used < size; i++) {
        char state[CT_PLACE_TEXT_SIZE + 128] = "integers";
        census c = count_all(&s->in[i]);
        if (ct_dtype_is_float(s->in[i].dtype))
            describe(&c, s->in[i].shape, sizeof state, state);
        const ct_var *x = s->kind == STEP_COPY ? s->var : s->var->x[i];
        used += (size_t)snprintf(text + used, size - used, "%s%s (%s)", i ? ", " : " from ", CT_VAR_TEXT(x), state);
    }
}

bool ct_run_check_finite(const ct_program *p, const step *s, ct_error *err)
{
    const ct_array *y = &p->values[s->out[0]].array;
    if (all_finite(y) || (s->committed && !ct_is_committed(p)))
        return true;
    census wrong = count_wrong(s, y);
    if (wrong.first < 0)
        return true;
    char state[CT_PLACE_TEXT_SIZE + 128], operands[640] = "";
    describe(&wrong, y->shape, sizeof state, state);
    describe_operands(s, sizeof operands, operands);
    return ct_fail(err, CT_E_NUMERIC, "run: step %llu: %s: op %s made %s%s, at %s:%d", (unsigned long long)p->step_count,
                   CT_VAR_TEXT(s->var), s->var->op->name, state, operands, s->var->at.file ? s->var->at.file : "?", s->var->at.line);
}
