/* SPDX-License-Identifier: MIT */
/* What is known of a node. */
#include "graph_impl.h"
#include <stdio.h>

ct_graph *ct_var_graph(const ct_var *v)
{
    return v ? v->graph : NULL;
}

ct_dtype ct_var_dtype(const ct_var *v)
{
    return v ? v->dtype : CT_F32;
}

ct_shape ct_var_shape(const ct_var *v)
{
    return v ? v->shape : CT_SCALAR;
}

int64_t ct_var_dim(const ct_var *v, int axis)
{
    return v ? ct_shape_dim(v->shape, axis) : 0;
}

int ct_var_rank(const ct_var *v)
{
    return v ? v->shape.rank : 0;
}

int64_t ct_var_index(const ct_var *v)
{
    return v ? v->index : 0;
}

const char *ct_var_name(const ct_var *v)
{
    return v && v->name ? v->name : "";
}

ct_site ct_var_site(const ct_var *v)
{
    return v ? v->at : (ct_site){0};
}

const ct_op *ct_var_op(const ct_var *v)
{
    return v ? v->op : NULL;
}

const void *ct_var_attr(const ct_var *v)
{
    return v ? v->attr : NULL;
}

int ct_var_arity(const ct_var *v)
{
    return v ? v->n : 0;
}

ct_var *ct_var_input(const ct_var *v, int i)
{
    return v && i >= 0 && i < v->n ? v->x[i] : NULL;
}

ct_tensor *ct_var_tensor(const ct_var *v)
{
    if (!v || (v->op != &ct_op_constant && v->op != &ct_op_state))
        return NULL;
    return ((const tensor_attr *)v->attr)->tensor;
}

ct_var *ct_name(ct_var *v, const char *format, ...)
{
    if (!v)
        return NULL;
    char text[CT_VAR_TEXT_SIZE];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    const char *name = ct_graph_text(v->graph, "%s", text);
    if (name)
        v->name = name;
    return v;
}

const char *ct_var_text(const ct_var *v, char buffer[CT_VAR_TEXT_SIZE])
{
    if (!v)
        snprintf(buffer, CT_VAR_TEXT_SIZE, "NULL");
    else if (v->name)
        snprintf(buffer, CT_VAR_TEXT_SIZE, "\"%.96s\" %s %s", v->name, ct_dtype_name(v->dtype), CT_SHAPE_TEXT(v->shape));
    else
        snprintf(buffer, CT_VAR_TEXT_SIZE, "#%lld %s %s %s", (long long)v->index, v->op->name, ct_dtype_name(v->dtype),
                 CT_SHAPE_TEXT(v->shape));
    return buffer;
}
