/* SPDX-License-Identifier: MIT */
/* A program as text and as a Graphviz drawing. */
#include "program_impl.h"

static void print_place(const ct_program *p, int v, FILE *to)
{
    const buffer *b = &p->buffers[root_buffer(p, p->values[v].buffer)];
    if (b->tensor)
        fprintf(to, "state+0");
    else
        fprintf(to, "%zu..%zu", b->offset, b->offset + b->bytes);
}

const char *ct_step_label(const step *s)
{
    switch (s->kind) {
    case STEP_COPY: return "copy";
    case STEP_PRODUCT: return s->instructions ? "matmul+fused" : "matmul";
    case STEP_MAP: return s->instructions > 1 || s->code->joined ? "fused" : s->var->op->name;
    case STEP_EVAL: break;
    }
    return s->var->op->name;
}

static const char *name_of(const instruction *c)
{
    static const char *const names[] = {"map", "reduce", "spread", "load", "sum"}, *const maps[] = {"map", "2 maps", "3 maps"};
    return c->kind == DO_MAP ? maps[c->joined] : names[c->kind];
}

static void print_instruction(const instruction *c, FILE *to)
{
    static const char kinds[] = {'r', 'x', 'y', 'c', 's'};
    fprintf(to, " %s(", c->kind == DO_LOAD && c->slot >= 0 ? "held load" : name_of(c));
    for (int i = 0; i < c->n; i++)
        fprintf(to, "%s%c%d", i ? "," : "", kinds[c->x[i].kind], c->x[i].index);
    fprintf(to, ")->%c%d", kinds[c->y.kind], c->y.index);
}

static void print_code(const step *s, FILE *to)
{
    fprintf(to, "        %lld rows of %lld, %lld a block, %d registers of %zu bytes:", (long long)s->rows, (long long)s->columns,
            (long long)s->block_rows, s->registers, s->register_bytes);
    for (int i = 0; i < s->instructions; i++)
        print_instruction(&s->code[i], to);
    fprintf(to, "\n");
}

static void print_step(const ct_program *p, int i, FILE *to)
{
    const step *s = &p->steps[i];
    fprintf(to, "%5d %-14s", i, ct_step_label(s));
    for (int k = 0; k < s->n_out; k++) {
        fprintf(to, "%s %s [", k ? ";" : "", CT_VAR_TEXT(p->values[s->out[k]].var));
        if (is_passed_on(p, s, s->out[k]))
            fprintf(to, "handed over");
        else
            print_place(p, s->out[k], to);
        fprintf(to, "]");
    }
    fprintf(to, " <-");
    for (int k = 0; k < s->n; k++)
        fprintf(to, " %s;", CT_VAR_TEXT(p->values[s->x[k]].var));
    fprintf(to, "\n");
    if (s->instructions > 1 || (s->instructions && s->code->joined))
        print_code(s, to);
}

void ct_program_print(const ct_program *p, FILE *to)
{
    const ct_program_stats *t = &p->stats;
    fprintf(to, "%lld nodes, %lld steps, %d outputs; block of %zu bytes (%zu without sharing), largest scratch %zu; %zu bytes of state and constants\n",
            (long long)t->nodes, (long long)t->steps, p->n_outputs, t->planned_bytes, t->naive_bytes, t->scratch_bytes, t->state_bytes);
    ct_program_print_peak(p, to);
    for (int i = 0; i < p->n_steps; i++)
        print_step(p, i, to);
}

/* A name may hold what Graphviz would read as the string's end. */
static void print_quoted(const char *text, FILE *to)
{
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            fputc('\\', to);
        fputc(*text, to);
    }
}

static void dot_node(const ct_program *p, int64_t k, FILE *to)
{
    const ct_var *v = p->graph->vars[k];
    fprintf(to, "  n%lld [label=\"%s\\n", (long long)k, v->op->name);
    print_quoted(ct_var_name(v), to);
    fprintf(to, " %s %s\"%s];\n", ct_dtype_name(v->dtype), CT_SHAPE_TEXT(v->shape), var_is_source(v) ? ", shape=box" : "");
    for (int i = 0; i < v->n && !p->cut[k]; i++)
        fprintf(to, "  n%d -> n%lld;\n", p->node_of[v->x[i]->index], (long long)k);
}

void ct_program_dot(const ct_program *p, FILE *to)
{
    fprintf(to, "digraph program {\n  rankdir=TB; node [shape=ellipse, fontsize=10];\n");
    for (int64_t k = 0; k < p->nodes; k++)
        if (p->needed[k])
            dot_node(p, k, to);
    fprintf(to, "}\n");
}
