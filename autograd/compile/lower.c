/* SPDX-License-Identifier: MIT */
/* Nodes to values and steps: views become strides, everything else a step; an operand whose strides the op cannot take is copied first. */
#include "program_impl.h"

/* Stands for an address until there are any: only strides matter here. */
static char nowhere;

static size_t bytes_of(const ct_var *v)
{
    return (size_t)ct_shape_count(v->shape) * ct_dtype_size(v->dtype);
}

static int fresh_value(ct_program *p, const ct_var *v)
{
    return ct_program_new_value(p, v, ct_array_make(&nowhere, v->dtype, v->shape), ct_program_new_buffer(p, bytes_of(v), NULL), -1);
}

static int given_value(ct_program *p, const ct_var *v)
{
    int y = fresh_value(p, v);
    if (y >= 0) {
        p->buffers[p->values[y].buffer].given = true;
        p->unset++;
    }
    return y;
}

static int tensor_value(ct_program *p, const ct_var *v)
{
    ct_array array = ct_array_make(&nowhere, v->dtype, v->shape);
    return ct_program_new_value(p, v, array, ct_program_new_buffer(p, bytes_of(v), ct_var_tensor(v)), -1);
}

static int operand(const ct_program *p, const ct_var *v, int i)
{
    return p->value_of[p->node_of[v->x[i]->index]];
}

static int view_value(ct_program *p, const ct_var *v)
{
    int x = operand(p, v, 0);
    ct_array y = ct_array_make(&nowhere, v->dtype, v->shape);
    if (!v->op->view(v->attr, p->values[x].array, &y)) {
        x = ct_program_packed(p, x);
        y = ct_array_make(&nowhere, v->dtype, v->shape);
        if (x < 0 || !v->op->view(v->attr, p->values[x].array, &y))
            return -1;
    }
    y.data = &nowhere;
    return ct_program_new_value(p, v, y, p->values[x].buffer, x);
}

/* The strides v's result should have: where only a permute reads it and the op can write so, those that make the permuted array contiguous. */
static ct_array result_layout(const ct_program *p, const ct_var *v)
{
    ct_array y = ct_array_make(&nowhere, v->dtype, v->shape);
    int user = p->user[v->index];
    if (user < 0 || !v->op->eval || !v->op->accepts || p->graph->vars[user]->op != &ct_op_permute || p->cut[user])
        return y;
    const ct_var *permute = p->graph->vars[user];
    ct_array packed = ct_array_make(&nowhere, permute->dtype, permute->shape), probe = y, wanted = y;
    for (int i = 0; i < y.shape.rank; i++)
        probe.stride[i] = i;
    ct_array order = packed;
    permute->op->view(permute->attr, probe, &order);
    for (int k = 0; k < y.shape.rank; k++)
        wanted.stride[order.stride[k]] = packed.stride[k];
    return v->op->accepts(CT_RESULT, &wanted) ? wanted : y;
}

static bool accepts(const ct_var *v, int i, const ct_array *x)
{
    return is_map(v) || ct_array_is_contiguous(x) || (v->op->accepts && v->op->accepts(i, x));
}

static int step_value(ct_program *p, const ct_var *v)
{
    int x[64], *list = x;
    if (v->n > 64 && !(list = ct_arena_alloc(&p->memory, (size_t)v->n * sizeof *list)))
        return -1;
    for (int i = 0; i < v->n; i++) {
        list[i] = operand(p, v, i);
        if (!accepts(v, i, &p->values[list[i]].array))
            list[i] = ct_program_packed(p, list[i]);
        if (list[i] < 0)
            return -1;
    }
    int y = ct_program_new_value(p, v, result_layout(p, v), ct_program_new_buffer(p, bytes_of(v), NULL), -1);
    step *s = ct_program_new_step(p, is_map(v) ? STEP_MAP : STEP_EVAL, v, v->n, y);
    if (!s)
        return -1;
    for (int i = 0; i < v->n; i++)
        s->x[i] = list[i];
    return y;
}

static int lower(ct_program *p, const ct_var *v)
{
    if (p->cut[v->index] || v->op == &ct_op_input)
        return given_value(p, v);
    if (v->op == &ct_op_constant || v->op == &ct_op_state)
        return tensor_value(p, v);
    if (v->op == &ct_op_assign)
        return operand(p, v, 1);
    return v->op->view ? view_value(p, v) : step_value(p, v);
}

/* An output has memory that is contiguous and not overwritten before the run's end; a state's own memory may be, by an assignment. */
static bool keep_output(ct_program *p, int i)
{
    int x = p->value_of[p->node_of[p->outputs[i]->index]];
    bool outside = !in_block(&p->buffers[p->values[x].buffer]);
    int y = outside ? ct_program_copied(p, x) : ct_program_packed(p, x);
    if (y < 0)
        return false;
    p->output_value[i] = y;
    p->buffers[p->values[y].buffer].kept = true;
    return true;
}

bool ct_pass_lower(ct_program *p, ct_error *err)
{
    for (int64_t k = 0; k < p->ordered; k++) {
        const ct_var *v = p->graph->vars[p->order[k]];
        int y = lower(p, v);
        if (y < 0)
            return ct_compile_out_of_memory(err, "laying out values");
        p->value_of[v->index] = y;
    }
    for (int i = 0; i < p->n_outputs; i++)
        if (!keep_output(p, i))
            return ct_compile_out_of_memory(err, "laying out outputs");
    return true;
}
