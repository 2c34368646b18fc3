/* What can be asked of a run while it goes on: that every value is finite, and that freed memory is never read. */
#include "program_impl.h"
#include <math.h>
#include <string.h>

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

bool check_finite(const ct_program *p, const step *s, ct_error *err)
{
    if (all_finite(&p->values[s->out[0]].array))
        return true;
    char operands[640] = "";
    for (int i = 0; i < s->var->n && i < 2; i++) {
        strncat(operands, i ? ", " : " from ", sizeof operands - strlen(operands) - 1);
        strncat(operands, CT_VAR_TEXT(s->var->x[i]), sizeof operands - strlen(operands) - 1);
    }
    return ct_fail(err, CT_E_NUMERIC, "run: step %llu: NaN or infinity in %s, op %s%s, made at %s:%d",
                   (unsigned long long)p->step_count, CT_VAR_TEXT(s->var), s->var->op->name, operands,
                   s->var->at.file ? s->var->at.file : "?", s->var->at.line);
}

static void poison(const ct_program *p, const buffer *b)
{
    memset(p->block + b->offset, 0xff, b->bytes);
}

static bool may_poison(const buffer *b)
{
    return in_block(b) && !b->given && b->merged < 0 && b->last >= b->first;
}

void poison_start(ct_program *p)
{
    for (int i = 0; i < p->n_buffers; i++)
        if (may_poison(&p->buffers[i]))
            poison(p, &p->buffers[i]);
}

void poison_after(ct_program *p, int s)
{
    for (int i = 0; i < p->n_buffers; i++)
        if (may_poison(&p->buffers[i]) && p->buffers[i].last == s)
            poison(p, &p->buffers[i]);
}
