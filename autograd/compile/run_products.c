/* SPDX-License-Identifier: MIT */
/* Matrix products with the code that works on their rows as they are finished. */
#include "program_impl.h"
#include "row_code.h"

/* What a finished row is handed to. */
typedef struct product_job {
    const ct_program *p;
    const step *s;
} product_job;

static void run_on_rows(void *argument, int64_t first, int64_t rows, void *c_rows, int thread)
{
    const product_job *j = argument;
    const ct_array *c = &j->p->values[j->s->product->value].array;
    int64_t n = ct_shape_dim(c->shape, -1), columns = j->s->columns;
    row_range range = {first * n / columns, rows * n / columns};
    ct_run_rows(j->p, j->s, range, c_rows, thread);
}

static ct_product bound(const ct_program *p, const step *s, const product *q)
{
    const ct_array *c = &p->values[q->value].array;
    ct_product job = {.c = *c, .a = p->values[s->x[q->a]].array, .b = p->values[s->x[q->b]].array, .unit = 1, .transient = q->out < 0};
    if (q->out >= 0)
        job.c.data = p->values[s->out[q->out]].array.data;  /* with a bias c is another value than a b, of another shape */
    if (q->bias >= 0)
        job.bias = p->values[s->x[q->bias]].array.data;
    if (q == s->product && s->instructions) {
        job.done = run_on_rows;
        job.gap = job.transient ? gap_of(s, ct_shape_dim(c->shape, -1), (int64_t)ct_dtype_size(c->dtype)) : 0;
        job.unit = ct_product_unit(ct_shape_dim(c->shape, -1), s->columns, s->unit);
    }
    return job;
}

void ct_run_bind_products(const ct_program *p, const step *s, ct_product *job)
{
    if (s->follows)
        return;
    for (int i = 0; i < s->products; i++)
        job[i] = bound(p, s, &s->product[i]);
    if (!s->followed)
        return;
    ct_product *next = &job[s->products];
    *next = bound(p, s + 1, s[1].product);
    next->a.data = p->block ? piece_of(p, s, 0) : NULL;
    next->a.stride[next->a.shape.rank - 2] = piece_row(p, s);
    next->follows = job->followed = true;
}

void ct_run_products(const ct_program *p, const step *s)
{
    product_job rows[2] = {{p, s}, {p, s + 1}};
    ct_product job[MOST_PRODUCTS + 1];
    int n = products_of(s);
    for (int i = 0; i < n; i++) {
        job[i] = s->job[i];
        job[i].argument = &rows[i >= s->products];
    }
    ct_products_run(n, job, p->block + s->scratch_offset + ct_code_scratch(p, s), p->threads);
    ct_code_finish_sums(p, s);
}
