/* SPDX-License-Identifier: MIT */
/* The step that programs here time or look into, on random images: a training step as one compiled program (noise, forward, tangent,
 * backward, AdamW and EMA), or the drawing of a batch in one evaluation of the network. */
#ifndef BENCH_STEP_H
#define BENCH_STEP_H

#include <cotangent.h>

typedef struct step_options {
    const char *model;      /* "mlp" or "dit" */
    const char *objective;  /* "meanflow", r != t in a quarter of the rows; "flow", r = t everywhere; "draw", a sample from noise */
    int64_t batch, heads, patch;
    int64_t width, depth;   /* 0: the network's own */
    int64_t threads;        /* 0: all */
    ct_dtype dtype;         /* float32 or float64 */
    bool random_weights;    /* no weight is left at zero, so that every part of the network has a gradient */
    bool profile;
} step_options;

/* The options of a program that name the network, for its table of cli_option (cli.h); s is a step_options *. */
#define STEP_NETWORK_OPTIONS(s)                                                                                  \
    {CLI_CHOICE, "model", &(s)->model, .value = "mlp|dit", .help = "the network"},                               \
    {CLI_INT, "batch", &(s)->batch, .min = 1, .max = 65536, .help = "rows of a batch"},                          \
    {CLI_INT, "width", &(s)->width, .min = 0, .max = 65536, .help = "of the network; 0: its own default"},       \
    {CLI_INT, "depth", &(s)->depth, .min = 0, .max = 1024, .help = "blocks; 0: the network's own default"}

/* What the training does, wherever it is written down a second time. */
#define STEP_LEARNING_RATE 1e-4
#define STEP_WEIGHT_DECAY 0.01
#define STEP_EMA_DECAY 0.999

/* All that a step owns, and the nodes of interest. Zero it at first. */
typedef struct step {
    mf_flow_config config;
    ct_graph *graph;
    nn_params *params, *state, *ema;
    nn_train *train;      /* NULL when drawing */
    ct_program *program;  /* NULL until step_compile */
    ct_var *images, *labels;
    ct_var *x;            /* the images as the network sees them, or the samples: [batch, 1, 28, 28] */
    mf_draw draw;         /* training only, as is the loss */
    mf_loss loss;
} step;

/* The network's sizes. Refuses those that do not fit each other, naming them. */
bool step_configure(step *s, const step_options *o, ct_error *err);
/* The graph, with training and its updates. step_free also after a failure. */
bool step_build(step *s, const step_options *o, ct_error *err);
/* The program. Outputs added to s->train in between are kept. Images and labels are set. */
bool step_compile(step *s, const step_options *o, ct_error *err);
void step_free(step *s);

#endif
