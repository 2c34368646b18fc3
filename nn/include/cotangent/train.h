/* SPDX-License-Identifier: MIT */
/* Training as graph: gradients, clipping, the optimizer's update and the EMA are nodes, so that one ct_program_run is one training step.
 *
 *     nn_train *t = nn_train_new(loss, params, &err);
 *     ct_var *norm = nn_train_clip(t, 1.0);
 *     nn_train_adamw(t, moments, nn_cosine_schedule(g, CT_F32, schedule), (nn_adamw_options){.weight_decay = 0.01});
 *     nn_train_ema(t, ema, 0.999);
 *     nn_train_output(t, loss); nn_train_output(t, norm);
 *     ct_program *step = nn_train_compile(t, NULL, &err);
 */
#ifndef COTANGENT_TRAIN_H
#define COTANGENT_TRAIN_H

#include <cotangent/params.h>
#include <cotangent/program.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct nn_train nn_train;

/* The gradients of `loss` (one number) with respect to every parameter of `params` that its graph uses. Parameters the loss does not depend on are left out of
 * training. NULL, with the message, after an error in the graph; for a NULL loss that is the error of the graph that failed last on this thread. */
CT_API nn_train *nn_train_new(ct_var *loss, nn_params *params, ct_error *err);
CT_API void nn_train_free(nn_train *t);  /* not the graph, the parameters or a compiled program; NULL is allowed */

CT_API int64_t nn_train_count(const nn_train *t);                /* parameters in training */
CT_API const char *nn_train_name(const nn_train *t, int64_t i);
CT_API ct_var *nn_train_param(const nn_train *t, int64_t i);
CT_API ct_var *nn_train_grad(const nn_train *t, int64_t i);      /* as clipped so far */
CT_API ct_var *nn_train_next(const nn_train *t, int64_t i);      /* the value after the update; NULL before an optimizer was added */

/* sqrt of the sum of squares of all gradients: one number. Neither overflows nor vanishes where the squares do. */
CT_API ct_var *nn_train_grad_norm(nn_train *t);
/* Scale the gradients so that this norm is at most max_norm (PyTorch's rule: by min(1, max_norm / (norm + 1e-6))). Returns the norm before. */
CT_API ct_var *nn_train_clip(nn_train *t, double max_norm);

/* A step whose loss or gradient's norm is NaN or infinite, or whose norm is so large that its square is, changes nothing: parameters, the optimizer's state, averages and
 * every other state that the step's program assigns (a running mean) keep their values, though ct_step counts it. Before the optimizer; before nn_train_clip, the norm is that of
 * the gradients as they came. allow: one number of the parameters' dtype, above 0 or not (a step with 0 changes nothing either, which
 * tries out what is there), or NULL for 1. Returns 1 for a step that is taken, else 0. nn_train_next stays the value of a step that is taken. */
CT_API ct_var *nn_train_guard(nn_train *t, ct_var *allow);

/* Optimizers; exactly one. lr: one number (a node: a schedule, an input or ct_scalar) of the parameters' dtype. Their state is kept in `state`, a set of the parameters'
 * dtype, under "m.NAME", "v.NAME". Step numbers come from ct_step. */
typedef struct nn_sgd_options { double momentum, weight_decay; bool nesterov; } nn_sgd_options;  /* PyTorch's SGD, dampening 0 */
CT_API bool nn_train_sgd(nn_train *t, nn_params *state, ct_var *lr, nn_sgd_options options);
typedef struct nn_adamw_options {
    double beta1, beta2, epsilon;  /* 0 means 0.9, 0.999, 1e-8 */
    double weight_decay;
    bool coupled;                  /* Adam: decay is added to the gradient; otherwise AdamW (Loshchilov and Hutter, arXiv 1711.05101) */
} nn_adamw_options;
CT_API bool nn_train_adamw(nn_train *t, nn_params *state, ct_var *lr, const nn_adamw_options *options);
#define nn_train_adamw(t, state, lr, ...) (ct_barrier(), (nn_train_adamw)((t), (state), (lr), CT_POINTER(nn_adamw_options, __VA_ARGS__)))

/* ema = ema + (1 - decay) (new value - ema), after the optimizer. Tensors missing in `ema` start as copies of the parameters' present values. Parameters that are not
 * trained but assigned in the graph, such as a running mean, are copied in every step, so that the averages are a model that can be evaluated. May be called for several sets. */
CT_API bool nn_train_ema(nn_train *t, nn_params *ema, double decay);

/* One more output of the step's program (a loss, a metric), besides the updates. */
CT_API bool nn_train_output(nn_train *t, ct_var *v);
/* Assignments that the loss or an output goes through are part of the step too, see ct_assign. options.commit is the guard's where there is one. */
CT_API ct_program *nn_train_compile(nn_train *t, const ct_compile_options *options, ct_error *err);

/* --- learning rates as graph ----------------------------------------------------------------------------------------------- */

typedef struct nn_schedule {
    double peak;      /* after the warm-up */
    double final;     /* cosine: at `total` and after */
    int64_t warmup;   /* steps from 0 to peak: peak (step + 1) / warmup */
    int64_t total;    /* cosine: steps in all, warm-up included */
} nn_schedule;
/* Warm-up, then peak. */
CT_API ct_var *nn_constant_schedule(ct_graph *g, ct_dtype dtype, const nn_schedule *s);
#define nn_constant_schedule(g, dtype, ...) (ct_barrier(), (nn_constant_schedule)((g), (dtype), CT_POINTER(nn_schedule, __VA_ARGS__)))
/* Warm-up, then final + (peak - final) (1 + cos(pi progress)) / 2. */
CT_API ct_var *nn_cosine_schedule(ct_graph *g, ct_dtype dtype, const nn_schedule *s);
#define nn_cosine_schedule(g, dtype, ...) (ct_barrier(), (nn_cosine_schedule)((g), (dtype), CT_POINTER(nn_schedule, __VA_ARGS__)))

#ifdef __cplusplus
}
#endif
#endif
