/* Elementwise steps that feed one another become one step, computed block by block in cache. A step joins its consumers' group when all of them are in one
 * group; it then runs where the group's last step runs. Only the last one's value is written to memory.
 * Row programs (reductions and broadcasts inside a group) have their place here: a group's domain and code would grow, its neighbours would not notice. */
#include "program_impl.h"
#include <stdlib.h>

enum { NONE = -2, APART = -1, LARGEST_GROUP = 48 };

/* --- which group each step is in ---------------------------------------------------------------------------------------- */

typedef struct grouping {
    int *reader;  /* by value: the one group that reads it, NONE, or APART */
    int *group;   /* by step: the group's last step, or APART */
    int *size;    /* by group: members */
} grouping;

static void keep_apart(const ct_program *p, grouping *g)
{
    for (int v = 0; v < p->n_values; v++)
        g->reader[v] = p->buffers[p->values[v].buffer].kept ? APART : NONE;
    for (int v = 0; v < p->n_values; v++)
        if (p->values[v].of >= 0)
            g->reader[p->values[v].of] = APART;
}

static void place(const ct_program *p, grouping *g, int s)
{
    const step *t = &p->steps[s];
    int reader = g->reader[t->y];
    if (t->kind != STEP_MAP)
        g->group[s] = APART;
    else if (reader >= 0 && g->size[reader] < LARGEST_GROUP && !p->options.no_fuse)
        g->group[s] = reader;
    else
        g->group[s] = s;
    if (g->group[s] >= 0)
        g->size[g->group[s]]++;
    for (int i = 0; i < t->n; i++) {
        int *r = &g->reader[t->x[i]];
        *r = *r == NONE || *r == g->group[s] ? g->group[s] : APART;
    }
}

/* --- the code of a group ------------------------------------------------------------------------------------------------- */

typedef struct emitter {
    ct_program *p;
    const grouping *g;
    int *slot;         /* by value: 1 + its instruction in this group, 0 for none; negative: -1 - operand */
    instruction *code; /* y: for now the instruction's own number */
    int n_code;
    int *operand;      /* values the group reads from memory */
    int n_operands;
} emitter;

static int operand_number(emitter *e, int v)
{
    for (int i = 0; i < e->n_operands; i++)
        if (e->operand[i] == v)
            return i;
    e->operand[e->n_operands] = v;
    return e->n_operands++;
}

static bool repeats_one(const ct_array *a)
{
    for (int i = 0; i < a->shape.rank; i++)
        if (a->stride[i] != 0 && a->shape.dim[i] > 1)
            return false;
    return true;
}

/* Where an instruction reads value v: the number of the instruction that makes it, or -1 - operand. */
static int source(emitter *e, int v)
{
    if (e->slot[v] > 0)
        return e->slot[v] - 1;
    int k = operand_number(e, v);
    const ct_array *a = &e->p->values[v].array;
    if (ct_array_is_contiguous(a))
        return -1 - k;
    e->code[e->n_code] = (instruction){.n = 1, .x = {k}, .y = e->n_code, .once = repeats_one(a)};
    e->slot[v] = ++e->n_code;
    return e->n_code - 1;
}

static void emit(emitter *e, const step *t)
{
    instruction c = {.fn = t->var->op->map[t->var->dtype], .attr = t->var->attr, .n = t->n};
    for (int i = 0; i < t->n; i++)
        c.x[i] = source(e, t->x[i]);
    c.y = e->n_code;
    e->code[e->n_code] = c;
    e->slot[t->y] = ++e->n_code;
}

/* --- registers: linear scan ----------------------------------------------------------------------------------------------- */

static int take(bool *busy)
{
    int r = 0;
    while (busy[r])
        r++;
    busy[r] = true;
    return r;
}

/* Last instruction that reads each instruction's result. */
static void last_uses(const instruction *code, int n, int *last)
{
    for (int k = 0; k < n; k++) {
        last[k] = code[k].once ? n : k;
        for (int i = 0; code[k].fn && i < code[k].n; i++)
            if (code[k].x[i] >= 0 && last[code[k].x[i]] < k)
                last[code[k].x[i]] = k;
    }
}

enum { LARGEST_CODE = LARGEST_GROUP * (1 + CT_MAP_MAX_INPUTS) };

/* Replace instruction numbers by registers; returns how many there are. A result may take the register of an operand read for the last time. */
static int allocate_registers(instruction *code, int n)
{
    int last[LARGEST_CODE], reg[LARGEST_CODE], highest = 0;
    bool busy[LARGEST_CODE] = {false};
    last_uses(code, n, last);
    for (int k = 0; k < n; k++)
        if (code[k].once)
            reg[k] = take(busy);
    for (int k = 0; k < n; k++) {
        for (int i = 0; code[k].fn && i < code[k].n; i++)
            if (code[k].x[i] >= 0 && last[code[k].x[i]] == k)
                busy[reg[code[k].x[i]]] = false;
        for (int i = 0; code[k].fn && i < code[k].n; i++)
            if (code[k].x[i] >= 0)
                code[k].x[i] = reg[code[k].x[i]];
        if (!code[k].once)
            reg[k] = k == n - 1 ? -1 : take(busy);
        code[k].y = reg[k];
    }
    for (int k = 0; k < n; k++)
        highest = reg[k] >= highest ? reg[k] + 1 : highest;
    return highest;
}

/* --- the pass ---------------------------------------------------------------------------------------------------------------- */

static bool copy_code(emitter *e, step *root)
{
    root->code = arena_alloc(&e->p->memory, (size_t)e->n_code * sizeof *root->code);
    root->x = arena_alloc(&e->p->memory, (size_t)e->n_operands * sizeof *root->x);
    if (!root->code || !root->x)
        return false;
    for (int k = 0; k < e->n_code; k++)
        root->code[k] = e->code[k];
    for (int i = 0; i < e->n_operands; i++)
        root->x[i] = e->operand[i];
    root->instructions = e->n_code;
    root->n = e->n_operands;
    return true;
}

/* Members of the group of step `last`, first to last, into one step. */
static bool build_group(emitter *e, int first, int last)
{
    ct_program *p = e->p;
    e->n_code = e->n_operands = 0;
    for (int s = first; s <= last; s++)
        if (e->g->group[s] == last)
            emit(e, &p->steps[s]);
    step *root = &p->steps[last];
    root->registers = allocate_registers(e->code, e->n_code);
    for (int s = first; s <= last; s++)
        if (e->g->group[s] == last)
            e->slot[p->steps[s].y] = 0;
    for (int i = 0; i < e->n_operands; i++)
        e->slot[e->operand[i]] = 0;
    return copy_code(e, root);
}

static void drop_members(ct_program *p, const grouping *g)
{
    int kept = 0;
    for (int s = 0; s < p->n_steps; s++)
        if (g->group[s] == APART || g->group[s] == s)
            p->steps[kept++] = p->steps[s];
    p->n_steps = kept;
}

static bool build_groups(ct_program *p, grouping *g, int *first)
{
    instruction code[LARGEST_CODE];
    int operand[LARGEST_CODE];
    emitter e = {.p = p, .g = g, .code = code, .operand = operand, .slot = calloc((size_t)p->n_values + 1, sizeof(int))};
    bool ok = e.slot != NULL;
    for (int s = p->n_steps - 1; s >= 0; s--)
        if (g->group[s] >= 0)
            first[g->group[s]] = s;
    for (int s = 0; ok && s < p->n_steps; s++)
        if (g->group[s] == s)
            ok = build_group(&e, first[s], s);
    free(e.slot);
    return ok;
}

bool pass_fuse(ct_program *p, ct_error *err)
{
    size_t steps = (size_t)p->n_steps + 1;
    grouping g = {calloc((size_t)p->n_values + 1, sizeof(int)), calloc(steps, sizeof(int)), calloc(steps, sizeof(int))};
    int *first = calloc(steps, sizeof *first);
    bool ok = g.reader && g.group && g.size && first;
    if (ok)
        keep_apart(p, &g);
    for (int s = p->n_steps - 1; ok && s >= 0; s--)
        place(p, &g, s);
    ok = ok && build_groups(p, &g, first);
    if (ok)
        drop_members(p, &g);
    free(g.reader);
    free(g.group);
    free(g.size);
    free(first);
    return ok || out_of_memory(err, "fusing steps");
}
