/* SPDX-License-Identifier: MIT */
/* What an operation is. An op is a constant table of this type; a node points to its op, and identity is the address. The library's own ops
 * (autograd/ops, one file each) and a user's are made alike.
 *
 * The kind says what must be written for derivatives, and both modes follow from it:
 *   constant     nothing                          no tangent, no cotangent
 *   elementwise  deriv: dy/dx_i                   dy = sum_i d_i dx_i;        xbar_i = d_i ybar
 *   linear       transpose                        dy = op(dx);                xbar_i = transpose_i(ybar)
 *   bilinear     transpose, in each operand       dy = op(dx0, x1) + op(x0, dx1)
 *   custom       jvp and vjp, both
 * Rules only build nodes, with the public constructors, and never read data: so their results can be differentiated again. */
#ifndef COTANGENT_OP_H
#define COTANGENT_OP_H

#include <cotangent/graph.h>
#include <cotangent/kernels.h>
#include <cotangent/random.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum ct_op_kind { CT_CONSTANT, CT_ELEMENTWISE, CT_LINEAR, CT_BILINEAR, CT_CUSTOM } ct_op_kind;

enum { CT_VARIADIC = -1, CT_RESULT = -1 };

/* A node about to be made. infer reads the operands and sets dtype and shape. */
typedef struct ct_infer {
    const ct_op *op;
    ct_graph *graph;
    ct_site at;
    int n;
    ct_var *const *x;     /* n operands, none NULL */
    const void *attr;
    ct_dtype dtype;       /* out */
    ct_shape shape;       /* out */
} ct_infer;

/* A node about to be computed. */
typedef struct ct_eval {
    const void *attr;
    int n;
    const ct_array *x;    /* n operands */
    ct_array y;           /* contiguous, or with strides that accepts took; overlaps no operand */
    void *scratch;        /* as many bytes as the op's scratch said, aligned to 64 */
    int threads;          /* use at most so many; the result must not depend on it */
    uint64_t seed, step;  /* of the running program, for random ops */
    ct_error *failure;    /* where ct_eval_fail reports */
} ct_eval;

/* From the eval of an op with may_fail: the run ends with this error, to which the program adds the step, the node, its operands and the caller's place;
 * later nodes do not run, and no assignment of the run takes effect. Only the first call counts. Call it on the thread that eval was called on,
 * and choose what is reported without regard to the number of threads. */
CT_API void ct_eval_fail(const ct_eval *c, ct_code code, const char *format, ...) CT_PRINTF(3, 4);

/* A case for the automatic tests: operands to draw, and a function that applies the op to them. */
typedef enum ct_sample_kind {
    CT_SAMPLE_NORMAL,    /* normal, of the dtype under test */
    CT_SAMPLE_POSITIVE,  /* in [0.5, 2] */
    CT_SAMPLE_DISTINCT,  /* well apart from each other: no ties within 0.05, for maxima and comparisons */
    CT_SAMPLE_MASK,      /* 0 or 1, of the dtype under test; not differentiated */
    CT_SAMPLE_INDEX      /* int32 in 0..limit-1 */
} ct_sample_kind;
typedef struct ct_sample_input {
    ct_sample_kind kind;
    ct_shape shape;
    int64_t limit;
} ct_sample_input;
typedef struct ct_sample {
    /* Apply the op; `dtype` is float32 or float64, which float operands have. */
    ct_var *(*build)(ct_graph *g, ct_dtype dtype, ct_var *const *x);
    int n;
    ct_sample_input x[4];
    const char *error;    /* NULL, or: build must fail with a message that contains this */
} ct_sample;

/* Entries from .. to - 1 along one axis of an array; axis -1: all of it. */
typedef struct ct_range {
    int axis;
    int64_t from, to;
} ct_range;
/* What gives a part of a node: the op with these attributes, applied to these parts of its operands. */
typedef struct ct_narrowing {
    ct_range *x;  /* one an operand; all of it to begin with. A part may be empty */
    void *attr;   /* attr_size bytes; the node's own to begin with */
} ct_narrowing;

struct ct_op {
    const char *name;
    ct_op_kind kind;
    int arity;                  /* or CT_VARIADIC */
    size_t attr_size;           /* bytes of the attributes, which are copied into the node and compared as bytes: no padding with rubbish, no pointers */
    unsigned fixed;             /* bit i: operand i is never differentiated (an index, a mask) */

    /* Shape rule. Returns false through ct_infer_fail. */
    bool (*infer)(ct_infer *c);
    /* Optional: a node that has the same value (x * 1 is x), or NULL. Called after infer. One that was there before is handed to users as a ct_alias. */
    ct_var *(*simplify)(const ct_infer *c);

    /* How it is computed: exactly one of map, view and eval (sources of the engine itself have none). None can fail, but for an eval with may_fail. */
    ct_map_fn map[CT_DTYPES];   /* elementwise in memory: by dtype of operands and result (all equal); such ops can be fused */
    bool (*view)(const void *attr, ct_array x, ct_array *y);  /* no computation: y->data and y->stride over x's memory, y->shape and dtype are set; false: x must be contiguous first */
    void (*eval)(const ct_eval *c);
    bool may_fail;              /* eval may call ct_eval_fail */
    /* With eval, for an op that reduces its one operand over some axes, which vanish, and whose attributes begin with a uint32_t that has their bits set (bit i: axis i):
     * the same for contiguous rows, by dtype. Where the last axes are reduced, such an op can be fused. */
    ct_row_fn row[CT_DTYPES];
    /* With eval: whether operand i may be handed over with these strides; with i CT_RESULT, whether the result may be written with them. NULL: contiguous only. */
    bool (*accepts)(int i, const ct_array *x);
    size_t (*scratch)(const void *attr, int n, const ct_array *x, const ct_array *y, int threads);  /* optional: bytes */
    double (*flops)(const void *attr, int n, const ct_array *x, const ct_array *y);                 /* optional; default: count of y */

    /* Derivatives, as the kind demands. y is the node, its operands are ct_var_input(y, i). NULL in and out means zero. */
    ct_var *(*deriv)(ct_var *y, int i);                          /* elementwise: dy/dx_i, of y's shape */
    ct_var *(*transpose)(ct_var *y, int i, ct_var *ybar);        /* linear, bilinear: cotangent of operand i */
    ct_var *(*jvp)(ct_var *y, ct_var *const *dx);                /* custom: tangent of y */
    ct_var *(*vjp)(ct_var *y, int i, ct_var *ybar);              /* custom: cotangent of operand i */

    /* Optional: how entries of.from .. of.to - 1 of axis of.axis of y, and no others, are computed: by the same op from parts of its operands. Fills in out;
     * false when they cannot be told so, or would come out with other bits, and then all of y is computed and sliced. ct_jvp_rows lives on it. Ops with map need none. */
    bool (*narrow)(const ct_var *y, ct_range of, ct_narrowing *out);

    /* At least one case that works and one that must be refused; ends with an entry whose build is NULL. */
    const ct_sample *samples;
    const char *formula;        /* one line for the op reference: "tanh(x)" */
};

/* Make a node. `g` may be NULL when there is an operand. attr is op->attr_size bytes, copied. */
CT_API ct_var *ct_apply(ct_graph *g, ct_site at, const ct_op *op, int n, ct_var *const *x, const void *attr);

/* Refuse a node: "op: <what>: operand texts, at file:line". Returns false. */
CT_API bool ct_infer_fail(ct_infer *c, ct_code code, const char *format, ...) CT_PRINTF(3, 4);

/* Shape rules that many ops share. */
CT_API bool ct_infer_same(ct_infer *c);    /* all operands of one shape and of a dtype that op->map has: the result too */
CT_API bool ct_infer_float(ct_infer *c, int i);  /* refuses operand i unless float32 or float64 */

/* For op->narrow, where all operands have y's shape: the same part of each. */
CT_API bool ct_narrow_same(const ct_var *y, ct_range of, ct_narrowing *out);

CT_API bool ct_accepts_any(int i, const ct_array *x);  /* for op->accepts: takes operands of any strides; writes contiguous results */

/* A user's op is used by calling ct_apply with it. Check it first: every member its kind needs is there, and none it must not have. */
CT_API bool ct_op_check(const ct_op *op, ct_error *err);

/* The library's own ops. */
CT_API int ct_op_count(void);
CT_API const ct_op *ct_op_at(int i);
CT_API const ct_op *ct_op_find(const char *name);  /* NULL when there is none */

/* Whether every element of v is one constant known now (a broadcast scalar): its value into *value. */
CT_API bool ct_is_splat(const ct_var *v, double *value);

#ifdef __cplusplus
}
#endif
#endif
