/* SPDX-License-Identifier: MIT */
/* Registers by linear scan: a result may take the register of an operand that it reads for the last time. */
#include "fuse.h"

/* What it loads stays in its register from block to block. */
static bool is_held(const instruction *c)
{
    return c->kind == DO_LOAD && c->slot >= 0;
}

static int take(bool *busy)
{
    int r = 0;
    while (busy[r])
        r++;
    busy[r] = true;
    return r;
}

/* The last instruction that reads what each instruction puts into a register. */
static void last_uses(const instruction *code, int n, int *last)
{
    for (int k = 0; k < n; k++) {
        last[k] = is_held(&code[k]) ? n : k;
        for (int i = 0; i < code[k].n; i++)
            if (code[k].x[i].kind == IN_REGISTER && last[code[k].x[i].index] < k)
                last[code[k].x[i].index] = k;
    }
}

static void rename_operands(instruction *c, const int *reg)
{
    for (int i = 0; i < c->n; i++)
        if (c->x[i].kind == IN_REGISTER)
            c->x[i].index = reg[c->x[i].index];
}

static void release(const instruction *c, int k, const int *last, const int *reg, bool *busy)
{
    for (int i = 0; i < c->n; i++)
        if (c->x[i].kind == IN_REGISTER && last[c->x[i].index] == k)
            busy[reg[c->x[i].index]] = false;
}

/* Only elementwise instructions may write where they read. */
static void place_result(instruction *c, int k, const int *last, int *reg, bool *busy)
{
    bool in_place = c->kind == DO_MAP;
    if (in_place)
        release(c, k, last, reg, busy);
    if (c->y.kind == IN_REGISTER && !is_held(c))
        reg[k] = take(busy);
    if (!in_place)
        release(c, k, last, reg, busy);
    if (c->y.kind == IN_REGISTER && last[k] == k)
        busy[reg[k]] = false;
    rename_operands(c, reg);
    if (c->y.kind == IN_REGISTER)
        c->y.index = reg[k];
}

int ct_fuse_allocate_registers(instruction *code, int n)
{
    int last[LARGEST_CODE], reg[LARGEST_CODE], count = 0;
    bool busy[LARGEST_CODE] = {false};
    last_uses(code, n, last);
    for (int k = 0; k < n; k++)
        reg[k] = is_held(&code[k]) ? take(busy) : -1;
    for (int k = 0; k < n; k++)
        place_result(&code[k], k, last, reg, busy);
    for (int k = 0; k < n; k++)
        count = reg[k] >= count ? reg[k] + 1 : count;
    return count;
}
