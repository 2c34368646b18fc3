/* SPDX-License-Identifier: MIT */
/* The code of a fused step: its members in order, with loads and spreads where an operand is not at hand in the right form. */
#include "fuse.h"

enum { BLOCK_BYTES = 4096, UNSET = -1 };

typedef struct emitter {
    ct_program *p;
    const grouping *g;
    int group;
    int64_t full;
    instruction code[LARGEST_CODE];  /* a register's index is at first the number of the instruction that fills it */
    int n_code;
    int operand[LARGEST_CODE + 2];   /* values read from memory */
    int n_operands;
    int result[LARGEST_GROUP + 1];   /* values written to memory */
    int n_results;
    column_sum sum[LARGEST_GROUP];
    int n_sums;
    product lead;                    /* the product whose finished rows the code works on; var NULL: none */
    struct { int value; level level; place at; } known[LARGEST_CODE];  /* where a value, in this form, is at hand */
    int n_known;
    int n_held;                      /* slots of loads */
} emitter;

static void remember(emitter *e, int v, level l, place at)
{
    e->known[e->n_known].value = v;
    e->known[e->n_known].level = l;
    e->known[e->n_known++].at = at;
}

static bool recall(const emitter *e, int v, level l, place *at)
{
    for (int i = 0; i < e->n_known; i++)
        if (e->known[i].value == v && e->known[i].level == l) {
            *at = e->known[i].at;
            return true;
        }
    return false;
}

static place append(emitter *e, instruction c)
{
    if (c.y.kind == IN_REGISTER)
        c.y.index = e->n_code;
    e->code[e->n_code++] = c;
    return c.y;
}

static int operand(emitter *e, int v)
{
    e->operand[e->n_operands] = v;
    return e->n_operands++;
}

static int result(emitter *e, int v)
{
    e->result[e->n_results] = v;
    return e->n_results++;
}

/* A value that no member makes: in place if it is contiguous, else by a load. */
static place outside(emitter *e, int v, level l)
{
    const ct_array *a = &e->p->values[v].array;
    place memory = {IN_OPERAND, operand(e, v)};
    if (ct_array_is_contiguous(a))
        return memory;
    instruction load = {.kind = DO_LOAD, .level = l, .n = 1, .x = {memory}, .y = {IN_REGISTER, UNSET}};
    ct_fuse_hoist_load(&load, a, BLOCK_BYTES / (int64_t)ct_dtype_size(a->dtype), &e->n_held);
    return append(e, load);
}

static bool made_inside(const emitter *e, int v)
{
    int m = e->g->maker[root_value(e->p, v)];
    return m >= 0 && e->g->group[m] == e->group;
}

/* Where value v can be read at level l. */
static place source(emitter *e, int v, level l)
{
    place at;
    bool inside = made_inside(e, v);
    relation r = inside ? ct_fuse_relation(e->p, v) : APART;
    int key = inside ? root_value(e->p, v) : v;
    if (recall(e, key, l, &at))
        return at;
    if (!inside)
        at = outside(e, v, l);
    else if (r == SPREAD && recall(e, key, ROWS, &at))
        at = append(e, (instruction){.kind = DO_SPREAD, .n = 1, .x = {at}, .y = {IN_REGISTER, UNSET}});
    remember(e, key, l, at);
    return at;
}

static level level_of(const emitter *e, int v)
{
    return ct_array_count(&e->p->values[v].array) == e->full ? FULL : ROWS;
}

static void emit_lead(emitter *e, const step *t)
{
    int y = t->out[0];
    e->lead = (product){t->var, operand(e, t->x[0]), operand(e, t->x[1]), y, e->g->escapes[y] ? result(e, y) : -1, -1};
    remember(e, y, FULL, (place){IN_PRODUCT, 0});
}

static void emit_sum(emitter *e, const step *t, column_sum sum)
{
    instruction c = {.kind = DO_SUM, .level = FULL, .n = 1, .y = {IN_SUM, e->n_sums}};
    c.x[0] = source(e, t->x[0], FULL);
    sum.out = result(e, t->out[0]);
    e->sum[e->n_sums++] = sum;
    append(e, c);
}

static void emit_member(emitter *e, const step *t)
{
    int y = t->out[0];
    ct_dtype dtype = t->var->dtype;
    bool reduces = t->kind == STEP_EVAL;
    instruction c = {.kind = reduces ? DO_REDUCE : DO_MAP, .attr = t->var->attr, .n = t->n, .y = {IN_REGISTER, UNSET}};
    c.level = reduces ? FULL : level_of(e, y);
    c.map = t->var->op->map[dtype];
    c.reduce = t->var->op->row[dtype];
    for (int i = 0; i < t->n; i++)
        c.x[i] = source(e, t->x[i], c.level);
    if (e->g->escapes[y])
        c.y = (place){IN_RESULT, result(e, y)};
    remember(e, y, reduces ? ROWS : c.level, append(e, c));
}

static void emit(emitter *e, const step *t)
{
    column_sum sum;
    if (is_product(t))
        emit_lead(e, t);
    else if (ct_fuse_sums_columns(e->p, t, &sum))
        emit_sum(e, t, sum);
    else
        emit_member(e, t);
}

/* Where rows are single elements: whole periods of what repeats itself, so that it is the same in every block. */
static int64_t whole_periods(const emitter *e, int64_t block)
{
    int64_t longest = 1;
    for (int k = 0; k < e->n_code; k++) {
        const instruction *c = &e->code[k];
        if (c->kind == DO_LOAD && c->slot >= 0 && c->period <= block && c->period > longest)
            longest = c->period;
    }
    return block / longest * longest;
}

/* Whole rows, as many as fit a register of BLOCK_BYTES, at least one. */
static void set_block(const emitter *e, step *into, int64_t rows, size_t size)
{
    into->rows = rows ? rows : e->full;
    into->columns = rows ? e->full / rows : 1;
    int64_t fit = (int64_t)(BLOCK_BYTES / size) / into->columns;
    into->block_rows = into->columns == 1 ? whole_periods(e, fit) : fit > 0 ? fit : 1;
    into->register_bytes = ((size_t)(into->block_rows * into->columns) * size + 63) / 64 * 64;
}

static bool copy_sums(const emitter *e, step *into)
{
    into->sum = ct_arena_alloc(&e->p->memory, ((size_t)e->n_sums + 1) * sizeof *into->sum);
    for (int i = 0; into->sum && i < e->n_sums; i++)
        into->sum[i] = e->sum[i];
    into->sums = e->n_sums;
    into->unit = e->g->unit[e->group];
    return into->sum != NULL;
}

static bool copy_lead(const emitter *e, step *into)
{
    into->kind = e->lead.var ? STEP_PRODUCT : STEP_MAP;
    if (!e->lead.var)
        return true;
    into->product = ct_arena_alloc(&e->p->memory, sizeof *into->product);
    if (!into->product)
        return false;
    *into->product = e->lead;
    into->products = 1;
    return true;
}

static bool copy_out(const emitter *e, step *into)
{
    arena *m = &e->p->memory;
    into->code = ct_arena_alloc(m, ((size_t)e->n_code + 1) * sizeof *into->code);
    into->x = ct_arena_alloc(m, ((size_t)e->n_operands + 1) * sizeof *into->x);
    into->out = ct_arena_alloc(m, ((size_t)e->n_results + 1) * sizeof *into->out);
    if (!into->code || !into->x || !into->out)
        return false;
    for (int i = 0; i < e->n_code; i++)
        into->code[i] = e->code[i];
    for (int i = 0; i < e->n_operands; i++)
        into->x[i] = e->operand[i];
    for (int i = 0; i < e->n_results; i++)
        into->out[i] = e->result[i];
    into->instructions = e->n_code;
    into->n = e->n_operands;
    into->n_out = e->n_results;
    return copy_sums(e, into) && copy_lead(e, into);
}

bool ct_fuse_emit_group(ct_program *p, const grouping *g, int group, step *into)
{
    emitter *e = ct_arena_alloc(&p->memory, sizeof *e);
    if (!e)
        return false;
    e->p = p;
    e->g = g;
    e->group = group;
    e->full = g->full[group];
    for (int s = group; s >= 0; s = g->next[s]) {
        emit(e, &p->steps[s]);
        into->var = p->steps[s].var;
    }
    e->n_code = ct_fuse_take_bias(p, &e->lead, e->operand, e->code, e->n_code);
    set_block(e, into, g->rows[group], ct_dtype_size(p->values[p->steps[group].out[0]].array.dtype));
    e->n_code = ct_fuse_join_maps(p, e->code, e->n_code);
    if (e->n_code < 0)
        return false;
    into->registers = ct_fuse_allocate_registers(e->code, e->n_code);
    return copy_out(e, into);
}
