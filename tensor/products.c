/* Products, one after the other, each followed by what is to be done with its rows. */
#include <cotangent/kernels.h>
#include <cotangent/team.h>
#include <stdlib.h>
size_t ct_products_scratch(int n, const ct_product *p, int threads)
{
    size_t most = 64;
    (void)threads;
    for (int i = 0; i < n; i++)
        if (p[i].transient)
            most += (size_t)ct_array_count(&p[i].c) * ct_dtype_size(p[i].c.dtype) + 64;
    return most;
}
typedef struct job { const ct_product *p; char *c; int64_t rows, block; size_t row; } job;
static void task(void *a, int64_t i, int thread)
{
    job *j = a;
    int64_t first = i * j->block, rows = j->rows - first < j->block ? j->rows - first : j->block;
    j->p->done(j->p->argument, first, rows, j->c + (size_t)first * j->row, thread);
}
void ct_products_run(int n, const ct_product *p, void *scratch, int threads)
{
    char *s = scratch;
    for (int i = 0; i < n; i++) {
        ct_array c = p[i].c;
        if (p[i].transient) {
            c = ct_array_make(s, c.dtype, c.shape);
            s += ((size_t)ct_array_count(&c) * ct_dtype_size(c.dtype) + 63) / 64 * 64;
        }
        ct_matmul_kernel(c, p[i].a, p[i].b, p[i].beta, threads);
        if (!p[i].done)
            continue;
        int r = c.shape.rank;
        int64_t n_cols = c.shape.dim[r - 1], rows = n_cols ? ct_array_count(&c) / n_cols : 0, u = p[i].unit > 0 ? p[i].unit : 1;
        job j = {&p[i], c.data, rows, (48 + u - 1) / u * u, (size_t)n_cols * ct_dtype_size(c.dtype)};
        ct_parallel_for(threads, (rows + j.block - 1) / j.block, task, &j);
    }
}
