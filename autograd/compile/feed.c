/* SPDX-License-Identifier: MIT */
/* Values in and out of a program. */
#include "program_impl.h"
#include <math.h>
#include <string.h>

/* The value of an input or cut node; -1 with a message when v is none, -2 when the program does not use it. */
static int given(const ct_program *p, const ct_var *v, ct_error *err)
{
    if (!p || !v || v->graph != p->graph || v->index >= p->nodes) {
        ct_fail(err, CT_E_ARGUMENT, "set: %s is not a node of the program's graph", CT_VAR_TEXT(v));
        return -1;
    }
    if (v->op != &ct_op_input && !p->cut[v->index]) {
        ct_fail(err, CT_E_ARGUMENT, "set: %s is neither an input nor a cut node", CT_VAR_TEXT(v));
        return -1;
    }
    return p->needed[v->index] ? p->value_of[v->index] : -2;
}

static void mark_set(ct_program *p, int i)
{
    buffer *b = &p->buffers[p->values[i].buffer];
    p->unset -= !b->set;
    b->set = true;
}

bool ct_program_set(ct_program *p, ct_var *input, const ct_tensor *value, ct_error *err)
{
    int i = given(p, input, err);
    if (i == -1)
        return false;
    if (!value || !ct_shape_equal(ct_tensor_shape(value), input->shape))
        return ct_fail(err, CT_E_SHAPE, "set: %s was given %s", CT_VAR_TEXT(input),
                       value ? CT_SHAPE_TEXT(ct_tensor_shape(value)) : "NULL");
    if (i >= 0) {
        ct_copy(p->values[i].array, ct_array_of(value), p->threads);
        mark_set(p, i);
    }
    return true;
}

bool ct_program_set_data(ct_program *p, ct_var *input, const void *data, ct_error *err)
{
    int i = given(p, input, err);
    if (i == -1)
        return false;
    size_t bytes = (size_t)ct_shape_count(input->shape) * ct_dtype_size(input->dtype);
    if (!data && bytes)
        return ct_fail(err, CT_E_ARGUMENT, "set: %s was given NULL", CT_VAR_TEXT(input));
    if (i >= 0 && bytes)
        memcpy(p->values[i].array.data, data, bytes);
    if (i >= 0)
        mark_set(p, i);
    return true;
}

bool ct_program_set_scalar(ct_program *p, ct_var *input, double value, ct_error *err)
{
    int i = given(p, input, err);
    if (i >= 0) {
        ct_fill(p->values[i].array, value, 1);
        mark_set(p, i);
    }
    return i != -1;
}

ct_tensor *ct_program_get(ct_program *p, ct_var *v)
{
    for (int i = 0; p && p->done && i < p->n_outputs; i++)
        if (p->outputs[i] == v)
            return p->output_tensor[i];
    return NULL;
}

double ct_program_scalar(ct_program *p, ct_var *v)
{
    const ct_tensor *t = ct_program_get(p, v);
    return t ? ct_tensor_get(t, 0) : (double)NAN;
}
