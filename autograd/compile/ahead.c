/* SPDX-License-Identifier: MIT */
/* What the code of a fused step reads and writes in memory, block by block: while it works on one block, the next one's lines are fetched, a few before each
 * instruction. Without it, a block whose results are new to the cache waits for memory as long as it computes. */
#include "row_code.h"

enum { LINE = 64 };

static void add_place(const ct_program *p, step *s, place at, bool written)
{
    bool handed_over = at.kind == IN_RESULT && s->followed && at.index == s->passed_on;
    if ((at.kind != IN_OPERAND && at.kind != IN_RESULT) || handed_over)
        return;
    const void *data = at.kind == IN_OPERAND ? s->in[at.index].data : p->values[s->out[at.index]].array.data;
    for (int i = 0; i < s->n_ahead; i++)
        if (s->ahead[i].at == data) {
            s->ahead[i].written |= written;
            return;
        }
    if (s->n_ahead < MOST_AHEAD)
        s->ahead[s->n_ahead++] = (ahead){data, written};
}

void ct_code_find_ahead(const ct_program *p, step *s)
{
    s->n_ahead = 0;
    for (int k = 0; k < s->instructions; k++) {
        const instruction *c = &s->code[k];
        bool by_rows = c->level == FULL && c->kind != DO_LOAD && c->kind != DO_SPREAD;
        for (int i = 0; by_rows && i < c->n; i++)
            add_place(p, s, c->x[i], false);
        if (by_rows && c->kind == DO_MAP)
            add_place(p, s, c->y, true);
    }
}

/* Lines from..end-1 of what begins at `at`. */
static void fetch(const unsigned char *at, bool written, size_t from, size_t end)
{
    if (written)
        for (size_t i = from; i < end; i++)
            __builtin_prefetch(at + i * LINE, 1, 3);
    else
        for (size_t i = from; i < end; i++)
            __builtin_prefetch(at + i * LINE, 0, 2);
}

/* The lines of all operands and results, one after the other, in even parts before the instructions. A division for each line would cost as much as fetching it. */
void ct_code_fetch_ahead(const step *s, size_t start, size_t bytes, int instruction)
{
    size_t each = bytes / LINE, lines = each * (size_t)s->n_ahead, n = (size_t)s->instructions;
    size_t from = lines * (size_t)instruction / n, end = lines * ((size_t)instruction + 1) / n;
    for (const ahead *a = s->ahead; end > 0; a++) {
        if (from < each)
            fetch(a->at + start, a->written, from, end < each ? end : each);
        from = from > each ? from - each : 0;
        end = end > each ? end - each : 0;
    }
}
