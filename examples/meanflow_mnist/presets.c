/* The one place where defaults live. A preset is a function here, a word in preset_names, and a line in the table
 * below. */
#include "presets.h"

#include <string.h>

#include "train_words.h"

/* What the objective has for itself (mf_options_for), and what made the best one-step digits in a few minutes on two
 * cores. This departs from the usual choices for large images, which are much too slow to learn here:
 *   uniform times     one step jumps from t = 1 to r = 0, and a logit-normal hardly ever draws such pairs
 *   half with r != t  for the same reason
 *   kappa 0.5         a guidance scale of 2, without the larger variance that omega 2 would bring; where the network is
 *                     told the scale, it learns those up to 4 */
static void quick_objective(train_options *o)
{
    o->flow = mf_options_for((mf_objective)word_value(objective_words, o->objective));
    o->flow.unequal_share = 0.5;
    o->flow.r = (mf_time){MF_AS_T, o->flow.t.mean, o->flow.t.deviation};
    o->t_time = "uniform", o->r_time = "as-t";
    o->tangent = "v01", o->tangent_all_rows = "no", o->prefix_dropout = "no";
    if (word_value(guided_words, o->guided) != FLOW_UNGUIDED)
        o->flow.omega_max = 4;
    else
        o->flow.kappa = 0.5;
}

/* A narrow network can give an image, but not noise: so it predicts the data. */
static void quick_network(train_options *o)
{
    o->times = "t,h", o->predict = "data";
    flow_config_default(&o->net, o->model, NULL);
    o->net.depth = 4;
    if (strcmp(o->model, "dit") == 0)
        o->net.width = 128;
}

static void quick(train_options *o)
{
    o->steps = 4800, o->batch = 128;
    o->schedule = "cosine", o->lr = 1e-3, o->final_lr = 1e-5, o->warmup = 200;
    o->beta1 = 0.9, o->beta2 = 0.95, o->weight_decay = 0, o->clip = 1;
    o->ema = (cli_list){1, {0.998}};
    quick_network(o);
    quick_objective(o);
}

const char preset_names[] = "quick";
static const struct preset {
    const char *name;
    void (*set)(train_options *o);  /* model, objective and guided are there */
} presets[] = {
    {"quick", quick},
};

void preset_set(train_options *o, const char *preset, const train_options *named)
{
    o->model = named->model ? named->model : "mlp";
    o->objective = named->objective ? named->objective : "meanflow";
    o->guided = named->guided ? named->guided : "no";
    o->data = MNIST_DIR;
    o->log_every = 50, o->checkpoint_every = 500, o->keep = 2;
    o->seed = 1;
    for (size_t i = 0; i < sizeof presets / sizeof *presets; i++)
        if (strcmp(presets[i].name, preset) == 0)
            presets[i].set(o);
}
