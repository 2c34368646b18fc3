/* SPDX-License-Identifier: MIT */
/* Private: what a graph and a node are made of. */
#ifndef CT_GRAPH_IMPL_H
#define CT_GRAPH_IMPL_H

#include <cotangent/graph.h>
#include <cotangent/op.h>
#include <stdatomic.h>

/* Memory that grows by chunks and is given back as a whole. */
typedef struct arena {
    struct arena_chunk *chunks;
    size_t bytes;  /* of all chunks */
} arena;
void *ct_arena_alloc(arena *a, size_t bytes);  /* zeroed, aligned to 16; NULL when out of memory */
void ct_arena_free(arena *a);

struct ct_var {
    ct_graph *graph;
    const ct_op *op;
    const void *attr;
    ct_var **x;       /* n operands */
    const char *name; /* NULL when it has none */
    ct_site at;
    int64_t index;    /* order of creation, which is a topological order */
    int64_t stamp;    /* when to run: the index, or for a tangent the stamp of the value it belongs to */
    ct_shape shape;
    ct_dtype dtype;
    int n;
};

struct ct_graph {
    atomic_int refs;
    arena memory;
    ct_var **vars;
    int64_t count, capacity;
    ct_tensor **tensors;  /* retained for constants and states */
    int64_t tensor_count, tensor_capacity;
    int64_t random_count;
    const ct_var *emitting;  /* while a transform adds nodes for this one: they take its place in the source */
    bool tangents;           /* ... and, in forward mode, its place in the order */
    bool failed;
    ct_error error;
    ct_graph *failed_before; /* see last_failure.h */
    const void *failed_on;
};

/* Keep a share of `t` as long as the graph lives. */
bool ct_graph_keep_tensor(ct_graph *g, ct_tensor *t);

/* Attributes of the two ops that hold a tensor. */
typedef struct tensor_attr { ct_tensor *tensor; } tensor_attr;
bool ct_infer_tensor(ct_infer *c);  /* their shape rule: the tensor's, which must be contiguous */

extern const ct_op ct_op_input, ct_op_constant, ct_op_state, ct_op_assign, ct_op_stop_gradient, ct_op_scalar, ct_op_permute;

static inline bool var_is_source(const ct_var *v)
{
    return v->op == &ct_op_input || v->op == &ct_op_constant || v->op == &ct_op_state;
}

#endif
