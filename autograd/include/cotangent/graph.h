/* SPDX-License-Identifier: MIT */
/* The graph: what is to be computed, as nodes. Building computes nothing; shapes and dtypes are known at once.
 *
 * Errors are sticky. A constructor that cannot make its node records the first error in the graph and returns NULL; a constructor handed
 * NULL returns NULL. So a model reads as mathematics, and the error is looked at once: by ct_compile, which refuses, or by
 * ct_graph_error. A NULL operand where no error came before (a zero tangent passed on, say) is itself an error. */
#ifndef COTANGENT_GRAPH_H
#define COTANGENT_GRAPH_H

#include <cotangent/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ct_graph ct_graph;
typedef struct ct_var ct_var;  /* a node; owned by its graph, freed with it */
typedef struct ct_op ct_op;    /* see op.h */

/* Where in the caller's source something was made. The constructors are macros that pass it along. */
typedef struct ct_site {
    const char *file;
    int line;
} ct_site;
#define CT_HERE (CT_LITERAL(ct_site){__FILE__, __LINE__})

CT_API ct_graph *ct_graph_new(void);         /* NULL when out of memory */
CT_API ct_graph *ct_graph_retain(ct_graph *g);
CT_API void ct_graph_free(ct_graph *g);      /* drops one owner; a compiled program is an owner too. NULL is allowed */

CT_API const ct_error *ct_graph_error(const ct_graph *g);  /* the first error, or NULL; for NULL an out-of-memory error */
/* For a function that was handed NULL and no graph: a copy of the error of the graph that failed last on this thread, of those that are still there. False when none has. */
CT_API bool ct_graph_last_error(ct_error *out);
CT_API int64_t ct_graph_size(const ct_graph *g);           /* number of nodes */
CT_API size_t ct_graph_bytes(const ct_graph *g);           /* memory of the nodes, without tensors */
CT_API ct_var *ct_graph_var(const ct_graph *g, int64_t i); /* node number i, in order of creation, or NULL */

/* Record an error of one's own, as a constructor does (only the first is kept). Returns NULL. */
CT_API void *ct_graph_fail(ct_graph *g, ct_code code, ct_site at, const char *format, ...) CT_PRINTF(4, 5);
/* A copy of `text`, or of the formatted text, that lives as long as the graph. NULL when out of memory. */
CT_API const char *ct_graph_text(ct_graph *g, const char *format, ...) CT_PRINTF(2, 3);

/* --- what is known of a node; all accept NULL and then give 0, CT_SCALAR or NULL ---------------------------------- */
CT_API ct_graph *ct_var_graph(const ct_var *v);
CT_API ct_dtype ct_var_dtype(const ct_var *v);
CT_API ct_shape ct_var_shape(const ct_var *v);
CT_API int64_t ct_var_dim(const ct_var *v, int axis);      /* extent; negative axes count from the end */
CT_API int ct_var_rank(const ct_var *v);
CT_API int64_t ct_var_index(const ct_var *v);              /* place in order of creation */
CT_API const char *ct_var_name(const ct_var *v);           /* "" when it has none */
CT_API ct_site ct_var_site(const ct_var *v);
CT_API const ct_op *ct_var_op(const ct_var *v);
CT_API const void *ct_var_attr(const ct_var *v);           /* the op's attributes */
CT_API int ct_var_arity(const ct_var *v);
CT_API ct_var *ct_var_input(const ct_var *v, int i);
/* The tensor of a constant or state node, borrowed; NULL for other nodes. */
CT_API ct_tensor *ct_var_tensor(const ct_var *v);

/* Give a node a name for messages and dumps; returns v. */
CT_API ct_var *ct_name(ct_var *v, const char *format, ...) CT_PRINTF(2, 3);
/* "\"h\" float32 [32, 128]" or "#17 tanh float32 [32, 128]" into buffer; returns buffer. */
enum { CT_VAR_TEXT_SIZE = 320 };
CT_API const char *ct_var_text(const ct_var *v, char buffer[CT_VAR_TEXT_SIZE]);
#define CT_VAR_TEXT(v) ct_var_text((v), CT_TEXT_BUFFER(CT_VAR_TEXT_SIZE))  /* CT_TEXT_BUFFER says how long it lives */

#ifdef __cplusplus
}
#endif
#endif
