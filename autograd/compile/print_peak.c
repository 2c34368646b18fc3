/* SPDX-License-Identifier: MIT */
/* What memory is in use when most of it is, as text. */
#include "program_impl.h"
#include <stdlib.h>
#include <string.h>

enum { LINES = 24, MOST_OPS = 128 };

typedef struct op_bytes {
    const char *op;
    size_t bytes;
    int64_t count;
} op_bytes;

static int larger_first(const void *a, const void *b)
{
    const op_bytes *x = a, *y = b;
    return x->bytes != y->bytes ? (x->bytes > y->bytes ? -1 : 1) : strcmp(x->op, y->op);
}

/* By op, largest first; ops beyond MOST_OPS are left out. Returns how many. */
static int by_op(const ct_program_buffer *list, int64_t n, op_bytes *ops)
{
    int count = 0;
    for (int64_t i = 0; i < n; i++) {
        int k = 0;
        while (k < count && strcmp(ops[k].op, list[i].op) != 0)
            k++;
        if (k == MOST_OPS)
            continue;
        if (k == count)
            ops[count++] = (op_bytes){.op = list[i].op};
        ops[k].bytes += list[i].bytes;
        ops[k].count++;
    }
    qsort(ops, (size_t)count, sizeof *ops, larger_first);
    return count;
}

static double percent(size_t part, size_t whole)
{
    return whole ? 100 * (double)part / (double)whole : 0;
}

static void print_ops(const ct_program_buffer *list, int64_t n, size_t total, FILE *to)
{
    op_bytes ops[MOST_OPS];
    int count = by_op(list, n, ops);
    fprintf(to, "%12s %6s %7s  %s\n", "bytes", "share", "pieces", "op");
    for (int i = 0; i < count; i++)
        fprintf(to, "%12zu %5.1f%% %7lld  %s\n", ops[i].bytes, percent(ops[i].bytes, total), (long long)ops[i].count, ops[i].op);
}

static void print_piece(const ct_program *p, const ct_program_buffer *b, size_t total, FILE *to)
{
    char last[24];
    snprintf(last, sizeof last, "%lld", (long long)b->last);
    fprintf(to, "%12zu %5.1f%% %6lld..%-6s %-12s %7lld  %s %s %s", b->bytes, percent(b->bytes, total), (long long)b->first,
            b->last < p->n_steps ? last : "end", b->op, (long long)b->index, ct_dtype_name(b->dtype), CT_SHAPE_TEXT(b->shape), b->name);
    if (b->at.file)
        fprintf(to, "%s(%s:%d)", *b->name ? " " : "", b->at.file, b->at.line);
    fprintf(to, "\n");
}

static void print_pieces(const ct_program *p, const ct_program_buffer *list, int64_t n, size_t total, FILE *to)
{
    size_t rest = 0;
    fprintf(to, "%12s %6s %14s %-12s %7s  %s\n", "bytes", "share", "steps", "op", "node", "value");
    for (int64_t i = 0; i < n; i++) {
        if (i < LINES)
            print_piece(p, &list[i], total, to);
        else
            rest += list[i].bytes;
    }
    if (n > LINES)
        fprintf(to, "%12zu %5.1f%% in %lld more\n", rest, percent(rest, total), (long long)(n - LINES));
}

void ct_program_print_peak(const ct_program *p, FILE *to)
{
    const ct_program_stats *t = &p->stats;
    int64_t n = ct_program_live(p, t->peak_step, 0, NULL);
    ct_program_buffer *list = calloc((size_t)n + 1, sizeof *list);
    if (!list || n == 0) {
        free(list);
        return;
    }
    ct_program_live(p, t->peak_step, n, list);
    fprintf(to, "most is in use at step %lld, %s: %zu bytes in %lld pieces, %.1f%% of the block\n", (long long)t->peak_step,
            ct_step_label(&p->steps[t->peak_step]), t->peak_bytes, (long long)n, percent(t->peak_bytes, t->planned_bytes));
    print_ops(list, n, t->peak_bytes, to);
    print_pieces(p, list, n, t->peak_bytes, to);
    free(list);
}
