/* SPDX-License-Identifier: MIT */
/* Arithmetic of two or three maps in one pass over a block: what a map costs there is mostly the writing and reading of registers. A map whose result only one later
 * map reads becomes part of that one. */
#include "fuse.h"

enum { SIDES = 2 };  /* operands of an arithmetic map */

typedef struct joined_code {
    instruction *code;
    int readers[LARGEST_CODE];  /* by instruction: how often its register is read */
    bool gone[LARGEST_CODE];    /* by instruction: part of another */
} joined_code;

static void count_readers(joined_code *j, int n)
{
    for (int k = 0; k < n; k++)
        for (int i = 0; i < j->code[k].n; i++)
            if (j->code[k].x[i].kind == IN_REGISTER)
                j->readers[j->code[k].x[i].index]++;
}

static bool reads_operands(const instruction *c)
{
    for (int i = 0; i < c->n; i++)
        if (c->x[i].kind == IN_OPERAND)
            return true;
    return false;
}

/* Whether instruction m can run as late as k: a result written between could otherwise have had the memory of an operand that m reads for the last time. */
static bool can_wait(const joined_code *j, int m, int k)
{
    bool reads = reads_operands(&j->code[m]);
    for (int i = m + 1; i < k; i++)
        if (reads && j->code[i].y.kind == IN_RESULT)
            return false;
    return true;
}

/* The instruction that can become part of instruction k as its operand i; NULL for none. */
static instruction *part_of(const joined_code *j, int k, int i)
{
    const instruction *g = &j->code[k];
    if (i >= g->n || g->x[i].kind != IN_REGISTER)
        return NULL;
    int m = g->x[i].index;
    instruction *f = &j->code[m];
    if (f->kind != DO_MAP || f->joined || f->level != g->level || j->readers[m] != 1 || !can_wait(j, m, k))
        return NULL;
    return ct_map_joined(g->map, i == 0 ? f->map : NULL, i == 1 ? f->map : NULL) ? f : NULL;
}

static void take_operands(instruction *c, const place *x, int n)
{
    for (int i = 0; i < n; i++)
        c->x[c->n++] = x[i];
}

/* Instruction k with the instructions f in it, where not NULL. */
static bool join_parts(ct_program *p, joined_code *j, int k, instruction *const *f)
{
    const instruction g = j->code[k];
    ct_joined_attr *attr = ct_arena_alloc(&p->memory, sizeof *attr);
    if (!attr)
        return false;
    instruction *c = &j->code[k];
    attr->g = g.attr;
    c->attr = attr;
    c->map = ct_map_joined(g.map, f[0] ? f[0]->map : NULL, f[1] ? f[1]->map : NULL);
    c->n = 0;
    for (int i = 0; i < g.n; i++) {
        attr->f[i] = f[i] ? f[i]->attr : NULL;
        take_operands(c, f[i] ? f[i]->x : &g.x[i], f[i] ? f[i]->n : 1);
        c->joined += f[i] != NULL;
        if (f[i])
            j->gone[f[i] - j->code] = true;
    }
    return true;
}

int ct_fuse_close_gaps(instruction *code, const bool *gone, int n)
{
    int at[LARGEST_CODE], kept = 0;
    for (int k = 0; k < n; k++) {
        if (gone[k])
            continue;
        instruction *c = &code[kept];
        *c = code[k];
        at[k] = kept++;
        for (int i = 0; i < c->n; i++)
            if (c->x[i].kind == IN_REGISTER)
                c->x[i].index = at[c->x[i].index];
        if (c->y.kind == IN_REGISTER)
            c->y.index = at[k];
    }
    return kept;
}

int ct_fuse_join_maps(ct_program *p, instruction *code, int n)
{
    joined_code j = {.code = code};
    count_readers(&j, n);
    for (int k = 0; k < n; k++) {
        if (code[k].kind != DO_MAP)
            continue;
        instruction *f[SIDES] = {part_of(&j, k, 0), part_of(&j, k, 1)};
        if ((f[0] || f[1]) && !join_parts(p, &j, k, f))
            return -1;
    }
    return ct_fuse_close_gaps(j.code, j.gone, n);
}
