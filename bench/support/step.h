/* The step that programs here look into: a training step on random images as one compiled program (noise, forward, tangent, backward, AdamW and EMA). */
#ifndef BENCH_STEP_H
#define BENCH_STEP_H

#include <cotangent.h>

typedef struct step_options {
    const char *model;      /* "mlp" or "dit" */
    const char *objective;  /* "meanflow", r != t in a quarter of the rows; "flow", r = t everywhere */
    int64_t batch, heads, patch;
    int64_t width, depth;   /* 0: the network's own */
    int64_t threads;        /* 0: all */
    ct_dtype dtype;         /* float32 or float64 */
    bool profile;
} step_options;

/* All that a step owns, and the nodes of interest. Zero it at first. */
typedef struct step {
    flow_config config;
    ct_graph *graph;
    nn_params *params, *state, *ema;
    nn_train *train;
    ct_program *program;  /* NULL until step_compile */
    ct_var *images, *labels;
    ct_var *x;            /* the images as the network sees them: [batch, 1, 28, 28] */
    mf_draw draw;
    mf_loss loss;
} step;

/* The network's sizes. Refuses those that do not fit each other, naming them. */
bool step_configure(step *s, const step_options *o, ct_error *err);
/* The graph, with training and its updates. step_free also after a failure. */
bool step_build(step *s, const step_options *o, ct_error *err);
/* The program. Images and labels are set. */
bool step_compile(step *s, const step_options *o, ct_error *err);
void step_free(step *s);

#endif
