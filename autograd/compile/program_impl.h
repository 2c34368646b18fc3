/* SPDX-License-Identifier: MIT */
/* Private: what a compiled program is made of, and the passes that make it.
 *
 * ct_compile runs the passes in this order; each reads what the ones before it wrote:
 *   select   which nodes the outputs need, equal ones merged          -> node_of, needed
 *   order    when each runs: a tangent right after its value          -> order
 *   lower    nodes to values (strided views of buffers) and steps     -> values, buffers, steps
 *   delay    products that nothing reads yet                          -> steps
 *   hasten   small products that could have run earlier               -> steps
 *   recompute  values that are cheap to compute again, where they are read late -> values, buffers, steps
 *   fuse     elementwise steps and row reductions to row programs     -> steps
 *   concat parts  products written straight into their concatenation  -> values, steps
 *   assign   results written straight into the state they are for     -> values, steps
 *   follow   products of what another product's row program makes, together with it -> steps
 *   plan     lifetimes, in place, offsets in one block                -> buffers
 *   bind     addresses                                                -> values, steps
 */
#ifndef CT_PROGRAM_IMPL_H
#define CT_PROGRAM_IMPL_H

#include "../graph_impl.h"
#include <cotangent/program.h>

/* A piece of memory: part of the program's block, or a tensor's. */
typedef struct buffer {
    size_t bytes;
    ct_tensor *tensor;   /* not NULL: outside the block */
    bool given;          /* an input: holds its content from run to run */
    bool set;            /* an input that was given a value */
    bool kept;           /* an output: not overwritten until the run ends */
    int first, last;     /* steps that first write and last read it; last < first: unused */
    int merged;          /* another buffer whose memory this one takes over, or -1 */
    size_t offset;       /* in the block */
} buffer;

/* What a node's value is: a view of a buffer. Views of views name what they look at, so that addresses can be bound late. */
typedef struct value {
    const ct_var *var;
    ct_array array;      /* strides; the address once bound */
    int buffer;
    int of;              /* the value this is a view of, or -1 */
    size_t start;        /* in the buffer, in bytes, where it is no view */
} value;

/* Fused steps work on `rows` rows of `columns` elements, a block of whole rows at a time. A value in such a step is full (rows x columns elements) or of
 * the rows (one element each). Without reductions and broadcasts a row is one element, and all is full. */
typedef enum level { FULL, ROWS } level;

/* Where an instruction finds an operand or puts its result: registers are blocks in cache; operands and results of the step are in memory; the rows of
 * its product are where the product has just put them; sums down columns grow block by block. */
typedef enum place_kind { IN_REGISTER, IN_OPERAND, IN_RESULT, IN_PRODUCT, IN_SUM } place_kind;
typedef struct place {
    place_kind kind;
    int index;
} place;

typedef enum instruction_kind {
    DO_MAP,     /* elementwise, at one level */
    DO_REDUCE,  /* full -> rows */
    DO_SPREAD,  /* rows -> full: each element repeated along its row */
    DO_LOAD,    /* a strided operand into a register */
    DO_SUM      /* full -> added to sums down the columns */
} instruction_kind;

typedef struct instruction {
    instruction_kind kind;
    level level;          /* of a map or load */
    int slot;             /* of a load: where a run notes what the register holds, so as not to load it again; -1: not noted */
    int64_t period, together;  /* of a load with a slot: up to the next multiple of `together`, the operand's elements repeat themselves after `period` */
    ct_map_fn map;
    int joined;           /* other functions that the map computes in the same pass, see ct_fuse_join_maps */
    ct_row_fn reduce;
    const void *attr;
    int n;
    place x[CT_MAP_MAX_INPUTS];
    place y;
} instruction;

/* What a step moves to and from one buffer. */
typedef struct traffic {
    int buffer;
    double bytes;     /* read and written */
    double distance;  /* of other buffers, touched since this one was touched last, see ct_program_find_distances */
} traffic;

/* A sum over n of what is [segments, n, columns], in blocks of rows: each block's sum is a row of `columns`. */
typedef struct column_sum {
    int64_t segments, n, columns;
    int64_t block;       /* rows, at most n; divides n if there are several segments */
    int out;             /* place in the step's out */
    size_t offset;       /* of the blocks' sums in the step's scratch; none if a block is all of n: then they are the result */
} column_sum;

enum { MOST_PRODUCTS = 8, MOST_HELD = 16, MOST_AHEAD = 12 };

/* An operand or result that a step's code reads or writes in memory, block after block. */
typedef struct ahead {
    const unsigned char *at;
    bool written;
} ahead;

/* One of the matrix products c = a b, or a b + bias, of a step. */
typedef struct product {
    const ct_var *var;
    int a, b;            /* places in the step's x */
    int value;           /* a b */
    int out;             /* place of c in the step's out; -1: only the step's own code reads c, which has no memory of its own */
    int bias;            /* place in the step's x, see ct_fuse_is_bias; -1: none */
} product;

/* STEP_PRODUCT: one or more products that share out the threads together, and code that runs on the rows of the first one as soon as they are finished. */
typedef enum step_kind { STEP_EVAL, STEP_COPY, STEP_MAP, STEP_PRODUCT } step_kind;

typedef struct step {
    step_kind kind;
    const ct_var *var;   /* whose value it makes, the last one of several */
    int n;
    int *x;              /* values read */
    int n_out;
    int *out;            /* values made; one but for fused steps */
    int instructions;
    instruction *code;   /* of a STEP_MAP or STEP_PRODUCT */
    int products;        /* of a STEP_PRODUCT */
    product *product;
    ct_product *job;     /* bound products */
    int sums;
    column_sum *sum;
    bool followed;       /* the next step multiplies what this one's code makes of its rows, piece by piece, and runs with it */
    bool follows;        /* it is that next step */
    bool committed;      /* a copy that only runs where options.commit is not 0 */
    int passed_on;       /* of a followed step: the place in out of what it hands over, which is never in memory as a whole */
    int64_t unit;        /* a thread runs the code on whole multiples of so many rows */
    int64_t rows, columns;
    int64_t block_rows;  /* of a block */
    int registers;       /* blocks a thread needs, in the step's scratch */
    size_t register_bytes;
    int n_ahead;
    ahead ahead[MOST_AHEAD]; /* bound */
    size_t scratch_bytes, scratch_offset;
    ct_array *in;        /* bound operands */
    double flops, bytes; /* of one run, see ct_step_count_work */
    traffic *traffic;    /* by buffer: the bytes */
    int n_traffic;
    double seconds;      /* over all runs since the last reset */
} step;

struct ct_program {
    ct_graph *graph;
    ct_compile_options options;
    int threads;
    uint64_t step_count;
    int64_t nodes;           /* of the graph when compiled */
    int *node_of;            /* [nodes] index of the equal node that stands for this one */
    bool *needed;            /* [nodes] */
    bool *cut;               /* [nodes] given, not computed */
    int *user;               /* [nodes] the one node that reads this one, NO_USER or MANY_USERS (an output has many) */
    int *order;              /* [ordered] */
    int64_t ordered;
    int *value_of;           /* [nodes] value of a node, or -1 */
    int *packed_of;          /* [values' capacity] contiguous copy of a value, or -1 */
    value *values;
    int n_values, values_capacity;
    buffer *buffers;
    int n_buffers, buffers_capacity;
    step *steps;
    int n_steps, steps_capacity;
    int n_outputs;           /* named ones, then assignments that they go through, then options.commit */
    ct_var **outputs;
    int *output_value;
    ct_tensor **output_tensor;
    arena memory;            /* operand lists, instructions */
    unsigned char *block;
    ct_program_stats stats;
    int64_t runs_timed;
    int unset;               /* inputs and cut nodes without a value */
    bool done;               /* the last run succeeded: outputs may be read */
};

enum { NO_USER = -1, MANY_USERS = -2 };

bool ct_pass_select(ct_program *p, ct_error *err);
bool ct_pass_order(ct_program *p, ct_error *err);
bool ct_pass_lower(ct_program *p, ct_error *err);
void ct_pass_delay(ct_program *p);
bool ct_pass_hasten(ct_program *p, ct_error *err);
bool ct_pass_recompute(ct_program *p, ct_error *err);
bool ct_pass_fuse(ct_program *p, ct_error *err);
bool ct_pass_concat_parts(ct_program *p, ct_error *err);
bool ct_pass_assign(ct_program *p, ct_error *err);
bool ct_pass_follow(ct_program *p, ct_error *err);
bool ct_pass_plan(ct_program *p, ct_error *err);
bool ct_pass_bind(ct_program *p, ct_error *err);

bool ct_compile_out_of_memory(ct_error *err, const char *doing);  /* returns false */

/* --- building blocks of the passes ---------------------------------------------------------------------------------- */
int ct_program_new_buffer(ct_program *p, size_t bytes, ct_tensor *tensor);              /* -1 when out of memory */
int ct_program_new_value(ct_program *p, const ct_var *v, ct_array array, int buffer, int of);
step *ct_program_new_step(ct_program *p, step_kind kind, const ct_var *v, int n, int y);  /* one result; operands are to be filled in; NULL when out of memory */
int ct_program_copied(ct_program *p, int v);  /* a contiguous copy made by a new step; -1 when out of memory */
int ct_program_packed(ct_program *p, int v);  /* the value itself if contiguous, else a copy made by a new step; -1 when out of memory */

static inline bool is_map(const ct_var *v)
{
    return v->op->map[v->dtype] != NULL;
}

/* The buffer whose memory b really is. */
static inline int root_buffer(const ct_program *p, int b)
{
    while (p->buffers[b].merged >= 0)
        b = p->buffers[b].merged;
    return b;
}

/* The value whose memory v looks at: v itself unless it is a view. */
static inline int root_value(const ct_program *p, int v)
{
    while (p->values[v].of >= 0)
        v = p->values[v].of;
    return v;
}

/* How many operands of these steps, or of all, look at the memory of value v. */
int ct_program_times_read_by(const ct_program *p, const step *steps, int n_steps, int v);
int ct_program_times_read(const ct_program *p, int v);

/* Whether step s has read all of buffer b (element by element) by the time it writes its result number `out`: then that may have b's memory. */
bool ct_step_reads_before_writing(const ct_program *p, const step *s, int b, int out);

/* Products of matrices, convolutions: row programs do not reach across them. */
static inline bool is_contraction(const step *s)
{
    return s->kind == STEP_EVAL && s->var->op->kind == CT_BILINEAR;
}

/* A matrix product that a STEP_PRODUCT could compute. */
static inline bool is_product(const step *s)
{
    extern const ct_op ct_op_matmul;
    return s->kind == STEP_EVAL && s->var->op == &ct_op_matmul;
}

/* A step that may end the run. */
static inline bool may_fail(const step *s)
{
    return s->kind == STEP_EVAL && s->var->op->may_fail;
}

static inline bool in_block(const buffer *b)
{
    return !b->tensor;
}

/* --- what was decided ----------------------------------------------------------------------------------------------------- */
/* These return false when out of memory. */
bool ct_step_count_work(ct_program *p, step *s);   /* fills flops, bytes and traffic of a step whose operands are bound */
bool ct_program_find_distances(ct_program *p);        /* of all steps' traffic */
bool ct_program_find_peak(ct_program *p);             /* fills stats.peak_step and stats.peak_bytes */

const char *ct_step_label(const step *s);     /* its op, "copy", or "fused" */
void ct_program_print_peak(const ct_program *p, FILE *to);

/* --- running ------------------------------------------------------------------------------------------------------------ */
void ct_run_map(const ct_program *p, const step *s);
void ct_run_products(const ct_program *p, const step *s);
/* Scratch of a step's code: the registers of all threads, then sums of blocks. What its products need comes after that. */
static inline size_t registers_of(const ct_program *p, const step *s)
{
    return (size_t)s->registers * s->register_bytes * (size_t)p->threads;
}
size_t ct_code_scratch(const ct_program *p, const step *s);
void ct_code_finish_sums(const ct_program *p, const step *s);  /* once the code has run on all rows */
int64_t ct_product_unit(int64_t n, int64_t columns, int64_t unit);  /* rows of n elements that make whole units of rows of `columns` */
/* All but what they are to do with finished rows; those of a followed step and of the next one. */
void ct_run_bind_products(const ct_program *p, const step *s, ct_product *job);

/* Whether value v is what step s hands over to the next, or the one before to s. */
static inline bool is_passed_on(const ct_program *p, const step *s, int v)
{
    const step *from = s->follows ? s - 1 : s;
    return from->followed && root_value(p, v) == from->out[from->passed_on];
}

static inline int products_of(const step *s)
{
    return s->follows ? 0 : s->products + (s->followed ? s[1].products : 0);
}

double ct_seconds_now(void);
bool ct_run_check_finite(const ct_program *p, const step *s, ct_error *err);
bool ct_is_committed(const ct_program *p);  /* whether this run's assignments take effect, once all other steps have run */
void ct_poison_start(ct_program *p);
void ct_spoil_outputs(const ct_program *p);  /* NaN, for integers 0, where no input or state lies */
void ct_poison_after(ct_program *p, int s);

#endif
