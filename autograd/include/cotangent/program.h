/* SPDX-License-Identifier: MIT */
/* Programs: a graph compiled for a list of outputs. Compiling drops what no output needs, merges equal nodes, orders, fuses, and plans all
 * memory as one block; running allocates nothing. */
#ifndef COTANGENT_PROGRAM_H
#define COTANGENT_PROGRAM_H

#include <cotangent/graph.h>
#include <cotangent/machine.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ct_program ct_program;

/* All zero is the default. */
typedef struct ct_compile_options {
    int threads;         /* of a run, at most; 0: ct_threads_default (team.h), as many as there are processors for this process */
    uint64_t seed;       /* of the random nodes */
    bool no_fuse;        /* every node on its own: the same bits, slower */
    bool no_merge;       /* keep equal nodes apart: the same bits, slower */
    bool poison;         /* for tests: fill memory with NaN as soon as the plan calls it free */
    bool check_finite;   /* a run fails at the first node with a NaN, or with an infinity that came of finite operands, before any later node runs: see
                          * ct_program_run */
    bool profile;        /* keep times for ct_program_profile */
    bool keep_subnormals;  /* compute with subnormal numbers, as IEEE 754 has it: slow where there are many */
    int n_cut;           /* nodes that are given (ct_program_set) instead of computed */
    ct_var *const *cut;
    ct_var *commit;      /* one number: in a run where it is 0 no assignment takes effect (NaN is not 0, as in ct_select). NULL: all do */
} ct_compile_options;

/* NULL, with the message, when the graph has an error or an output is NULL. Owns a share of the graph. options may be NULL. */
CT_API ct_program *ct_compile(ct_graph *g, int n, ct_var *const *outputs, const ct_compile_options *options, ct_error *err);
CT_API void ct_program_free(ct_program *p);  /* NULL is allowed */

/* Copy a value in: for an input or a cut node; same shape, dtype converted if need be. It stays until it is set again. Every input and cut node that the program
 * uses is to be set before the first run. */
CT_API bool ct_program_set(ct_program *p, ct_var *input, const ct_tensor *value, ct_error *err);
/* The same from contiguous memory of the node's own dtype and shape. */
CT_API bool ct_program_set_data(ct_program *p, ct_var *input, const void *data, ct_error *err);
CT_API bool ct_program_set_scalar(ct_program *p, ct_var *input, double value, ct_error *err);  /* all elements */

/* Run all of it once, make the assignments, then count the step up. False, with the message, when
 *   - an input or cut node was never set: the message names it;
 *   - an op finds its operands unfit, see ct_eval_fail and ct_check_index: a label or token out of range;
 *   - with check_finite, a value is NaN, or infinite although all that it was computed from was finite. (Where an op works element by element, that is the operands'
 *     elements of the same place; otherwise all of the operands.) So an infinity that was put there passes, in a constant, an input, ct_full or the maximum of
 *     nothing, and so does what carries it on: a mask of -infinity added or selected. The message says how many elements are NaN and infinite, where the first is,
 *     and the state of the operands.
 * After a run that failed all states are as they were before it, the step is not counted, and no output can be read. The first failure in the order of
 * the program's steps is told, whatever the number of threads.
 *
 * Subnormal numbers (below 1.2e-38 in float32, 2.2e-308 in float64) are flushed on x86-64 and arm64, in every thread of the run: arithmetic takes subnormal operands for
 * zeros, and gives zeros in place of subnormal results. What only moves numbers may keep them. options.keep_subnormals computes with them. Either way the result does
 * not depend on the number of threads, nor on the caller's mode, which is afterwards what it was; its direction of rounding holds in all threads.
 *
 * Several threads may run a program each at the same time; one program is run by one thread at a time. A child of fork() may run programs that were compiled before: it
 * starts threads of its own. Only a child that is forked while a run is under way, from an op's eval, must not return from a task that was shared out: it ends with
 * exec or _exit. */
CT_API bool ct_program_run(ct_program *p, ct_error *err);

/* An output's value after a run that succeeded: a tensor on the program's memory, borrowed, valid until the next run or the program's end. Contiguous. NULL when v
 * is no output, before the first run, and after a run that failed: then what an earlier tensor shows is NaN, for integers 0, where it is not an input's or a
 * state's own memory. */
CT_API ct_tensor *ct_program_get(ct_program *p, ct_var *v);
CT_API double ct_program_scalar(ct_program *p, ct_var *v);  /* element 0 of an output; NaN when ct_program_get is NULL */

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
    int64_t peak_step;       /* the first step at which most of the block is in use; -1 when none of it ever is */
    size_t peak_bytes;       /* in use at that step; planned_bytes is more where the pieces leave gaps, and by rounding to 64 bytes */
    double flops;            /* of one run, see ct_program_time */
} ct_program_stats;
CT_API ct_program_stats ct_program_get_stats(const ct_program *p);
CT_API size_t ct_program_bytes(const ct_program *p);  /* planned_bytes */

/* A piece of the block that is in use at some step, and what it holds then. */
typedef struct ct_program_buffer {
    const char *op;          /* of the node whose value it holds; "scratch" for what a step works in */
    const char *name;        /* the node's name, or ""; of scratch: the step's op */
    int64_t index;           /* the node's place in the graph */
    ct_site at;              /* where the program made the node */
    ct_dtype dtype;          /* scratch is uint8 [bytes] */
    ct_shape shape;
    size_t bytes;
    int64_t first, last;     /* the memory is in use from step to step; last is the number of steps for what stays */
} ct_program_buffer;

/* The pieces in use at a step, largest first: the first `most` of them into list, which may be NULL if most is 0. Returns how many there are; 0 for a step that
 * does not exist. States and constants live outside the block and are not among them. */
CT_API int64_t ct_program_live(const ct_program *p, int64_t step, int64_t most, ct_program_buffer *list);

/* One step: its time, over all runs since the last reset (needs options.profile), and its work, counted from shapes.
 *
 * flops: products of matrices and convolutions count 2 for each multiplication (2 m n k), reductions 1 for each element of the operand, all other ops 1 for
 * each element of the result, be it an addition or tanh. A fused step counts the sum of its functions; moving numbers counts nothing.
 * bytes: every operand and result once, the elements that a broadcast repeats once too, and views of one buffer together no more than all of it. Scratch and
 * what a step reads again count nothing: it is what has to be moved at least. */
typedef struct ct_program_time {
    const char *op;          /* the step's op; "fused" for a group */
    const char *name;        /* the node's name, or "" */
    int64_t index;           /* the node's place in the graph */
    ct_dtype dtype;
    ct_shape shape;
    double seconds;          /* sum over runs */
    double flops, bytes;     /* of one run; bytes read and written added up */
} ct_program_time;
CT_API int64_t ct_program_step_count(const ct_program *p);
CT_API bool ct_program_step_time(const ct_program *p, int64_t i, ct_program_time *out);  /* false when there is no step i */
CT_API int64_t ct_program_runs_timed(const ct_program *p);                               /* since the last reset */

/* Seconds that step i needs at the machine's limits (ct_machine_seconds); into *binds, unless NULL, which limit. NaN when there is no step i.
 * Where its operands lie is what a cache would do that keeps what was touched last: an array is found in the first place that holds all that the program has
 * touched since it touched that array, in this run or the one before, and all that the step moves. A new result goes where the step's own bytes have room. Without
 * options.profile, every array does. */
CT_API double ct_program_step_limit(const ct_program *p, int64_t i, const ct_machine *m, ct_limit *binds);

/* Tables of the times: by op, then the 20 most expensive steps. With limits (NULL: without), two more columns: the time that the work needs at the machine's
 * limits (ct_program_step_limit) as a share of the time it took, and which limit that is; for an op, the sum over its steps, and the limit with most of it. */
CT_API void ct_program_profile(const ct_program *p, const ct_machine *limits, FILE *to);
CT_API void ct_program_profile_reset(ct_program *p);

/* What memory is in use at the peak, by op and the largest pieces; then one line a step: op, operands, shape, memory. */
CT_API void ct_program_print(const ct_program *p, FILE *to);
CT_API void ct_program_dot(const ct_program *p, FILE *to);    /* Graphviz */

#ifdef __cplusplus
}
#endif
#endif
