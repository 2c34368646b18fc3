/* SPDX-License-Identifier: MIT */
/* The one place where defaults live. A preset is a line of the table below, and a word in preset_names. */
#include "presets.h"

#include <string.h>

#include "train_words.h"

/* What a preset is, besides what they share: a line of the table below. */
typedef struct preset {
    const char *name, *model;  /* the model unless another is named */
    int64_t steps;
    double ema, kappa;
} preset;

/* What the objective has for itself (mf_options_for), and what made the best one-step digits for the minutes on two
 * cores. This departs from the usual choices for large images, which are much too slow to learn here:
 *   improved          z moves with the network's own velocity: a regression with less variance than with e - x
 *   most have r != t  one step jumps from t = 1 to r = 0, which such rows alone tell of
 *   times             logit-normal, but nearer to 1 than usual, where the one step begins
 *   kappa             a guidance scale of 1 / (1 - kappa), without the larger variance that omega above 1 would bring.
 *                     Too much, and the samples of two evaluations are too typical, farther from the data than those
 *                     of one; the longer the training, the less it takes. Where the network is told the scale, it
 *                     learns those up to 4 */
static void set_objective(train_options *o, const preset *preset)
{
    o->flow = mf_options_for((mf_objective)word_value(objective_words, o->objective));
    o->flow.unequal_share = 0.75;
    o->flow.t.mean = -0.2;
    o->flow.r = (mf_time){MF_AS_T, o->flow.t.mean, o->flow.t.deviation};
    o->t_time = "logit-normal", o->r_time = "as-t";
    o->tangent = "v01", o->tangent_all_rows = "no", o->prefix_dropout = "no";
    if (word_value(guided_words, o->guided) != MF_FLOW_UNGUIDED)
        o->flow.omega_max = 4;
    else
        o->flow.kappa = preset->kappa;
}

/* A narrow network can give an image, but not noise: so it predicts the data. A step with 16 patches of 7 x 7 pixels
 * takes a third of the time of one with 49 of 4 x 4, and steps are what a short training lacks. */
static void set_network(train_options *o)
{
    o->times = "t,h", o->predict = "data";
    mf_flow_config_default(&o->net, o->model, NULL);
    o->net.depth = 4;
    if (strcmp(o->model, "dit") == 0)
        o->net.width = 128, o->net.patch = 7;
}

static void set_training(train_options *o, int64_t steps, double ema)
{
    o->steps = steps, o->batch = 128;
    o->schedule = "cosine", o->final_lr = 1e-5, o->warmup = 200;
    o->lr = strcmp(o->model, "dit") == 0 ? 2e-3 : 1e-3;
    o->beta1 = 0.9, o->beta2 = 0.95, o->weight_decay = 0, o->clip = 1;
    o->ema = (cli_list){1, {ema}};
}

const char preset_names[] = "quick|default";
/* docs/experiments.md has what else was tried. */
static const preset presets[] = {
    {"quick", "mlp", 4800, 0.998, 0.33},     /* some 3 minutes on two fast cores */
    {"default", "dit", 20000, 0.999, 0.25},  /* some 24 */
};

void preset_set(train_options *o, const char *name, const train_options *named)
{
    const preset *preset = presets;
    while (strcmp(preset->name, name) != 0)
        preset++;
    o->model = named->model ? named->model : preset->model;
    o->objective = named->objective ? named->objective : "improved";
    o->guided = named->guided ? named->guided : "no";
    o->data = MNIST_DIR;
    o->log_every = 50, o->checkpoint_every = 500, o->keep = 2;
    o->seed = 1;
    set_training(o, preset->steps, preset->ema);
    set_network(o);
    set_objective(o, preset);
}
