/* Programs: a graph compiled for a list of outputs. Compiling drops what no output needs, merges equal nodes, orders, fuses, and plans all
 * memory as one block; running allocates nothing. */
#ifndef COTANGENT_PROGRAM_H
#define COTANGENT_PROGRAM_H

#include <cotangent/graph.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ct_program ct_program;

/* All zero is the default. */
typedef struct ct_compile_options {
    int threads;         /* OpenMP threads of a run; 0: as many as OpenMP would use */
    uint64_t seed;       /* of the random nodes */
    bool no_fuse;        /* every node on its own: the same bits, slower */
    bool no_merge;       /* keep equal nodes apart: the same bits, slower */
    bool poison;         /* for tests: fill memory with NaN as soon as the plan calls it free */
    bool check_finite;   /* a run fails, naming the first node with a NaN or infinity and its operands, before any later node runs */
    bool profile;        /* keep times for ct_program_profile */
    int n_cut;           /* nodes that are given (ct_program_set) instead of computed */
    ct_var *const *cut;
} ct_compile_options;

/* NULL, with the message, when the graph has an error or an output is NULL. Owns a share of the graph. options may be NULL. */
CT_API ct_program *ct_compile(ct_graph *g, int n, ct_var *const *outputs, const ct_compile_options *options, ct_error *err);
CT_API void ct_program_free(ct_program *p);  /* NULL is allowed */

/* Copy a value in: for an input or a cut node; same shape, dtype converted if need be. It stays until it is set again. */
CT_API bool ct_program_set(ct_program *p, ct_var *input, const ct_tensor *value, ct_error *err);
/* The same from contiguous memory of the node's own dtype and shape. */
CT_API bool ct_program_set_data(ct_program *p, ct_var *input, const void *data, ct_error *err);
CT_API bool ct_program_set_scalar(ct_program *p, ct_var *input, double value, ct_error *err);  /* all elements */

/* Run all of it once, then count the step up. Fails only with check_finite. Assignments take effect in state tensors; after a failed run they may have in part. */
CT_API bool ct_program_run(ct_program *p, ct_error *err);

/* An output's value after a run: a tensor on the program's memory, borrowed, valid until the next run or the program's end; NULL when v is no output.
 * Contiguous. */
CT_API ct_tensor *ct_program_get(ct_program *p, ct_var *v);
CT_API double ct_program_scalar(ct_program *p, ct_var *v);  /* element 0 of an output; NaN when v is no output */

/* The step counter that random nodes and ct_step see; 0 at first. */
CT_API void ct_program_set_step(ct_program *p, uint64_t step);
CT_API uint64_t ct_program_step(const ct_program *p);
CT_API void ct_program_set_seed(ct_program *p, uint64_t seed);

/* What compiling decided. */
typedef struct ct_program_stats {
    size_t planned_bytes;    /* the one block: inputs, outputs and everything between */
    size_t naive_bytes;      /* what it would be if no memory were used twice */
    size_t state_bytes;      /* parameters, moments and constants, which live outside */
    size_t scratch_bytes;    /* the part of planned_bytes that ops use while they run */
    int64_t nodes;           /* needed by the outputs, after merging */
    int64_t steps;           /* things a run executes */
    double flops;            /* of one run, contractions counted as 2 m n k */
} ct_program_stats;
CT_API ct_program_stats ct_program_get_stats(const ct_program *p);
CT_API size_t ct_program_bytes(const ct_program *p);  /* planned_bytes */

/* Time by op kind and the most expensive steps, over all runs since the last reset (needs options.profile). */
typedef struct ct_program_time {
    const char *op;          /* the step's op; "fused" for a group */
    const char *name;        /* the node's name, or "" */
    int64_t index;           /* the node's place in the graph */
    ct_shape shape;
    double seconds;          /* sum over runs */
    double flops, bytes;     /* of one run */
} ct_program_time;
CT_API int64_t ct_program_step_count(const ct_program *p);
CT_API bool ct_program_step_time(const ct_program *p, int64_t i, ct_program_time *out);
CT_API void ct_program_profile(const ct_program *p, FILE *to);  /* a table: by op, then the 20 most expensive steps */
CT_API void ct_program_profile_reset(ct_program *p);

CT_API void ct_program_print(const ct_program *p, FILE *to);  /* one line a step: op, operands, shape, memory */
CT_API void ct_program_dot(const ct_program *p, FILE *to);    /* Graphviz */

#ifdef __cplusplus
}
#endif
#endif
