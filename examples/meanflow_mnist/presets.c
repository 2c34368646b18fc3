/* The one place where defaults live. A preset is a function here, a word in preset_names, and a line in the table
 * below. */
#include "presets.h"

#include <string.h>

/* What made the best one-step digits in a few minutes on two cores. It departs from mf_options_default, the official
 * form for large images, where that is much too slow to learn:
 *   uniform times     one step jumps from t = 1 to r = 0, and a logit-normal hardly ever draws such pairs
 *   half with r != t  for the same reason
 *   predict data      a narrow network can give an image, but not noise
 *   kappa 0.5         a guidance scale of 2, without the larger variance that omega 2 would bring
 *   dropped by chance so that the null class learns intervals too */
static void quick(train_options *o, const char *model)
{
    o->model = model ? model : "mlp";
    o->steps = 4800, o->batch = 128;
    o->schedule = "cosine", o->lr = 1e-3, o->final_lr = 1e-5, o->warmup = 200;
    o->beta1 = 0.9, o->beta2 = 0.95, o->weight_decay = 0, o->clip = 1;
    o->ema = (cli_list){1, {0.998}};
    o->times = "t,h", o->predict = "data", o->time_kind = "uniform", o->prefix_dropout = "no";
    o->flow = mf_options_default();
    o->flow.unequal_share = 0.5;
    o->flow.kappa = 0.5;
    flow_config_default(&o->net, o->model, NULL);
    o->net.depth = 4;
    if (strcmp(o->model, "dit") == 0)
        o->net.width = 128;
}

const char preset_names[] = "quick";
static const struct preset {
    const char *name;
    void (*set)(train_options *o, const char *model);
} presets[] = {
    {"quick", quick},
};

void preset_set(train_options *o, const char *preset, const char *model)
{
    o->data = MNIST_DIR;
    o->log_every = 50, o->checkpoint_every = 500, o->keep = 2;
    o->seed = 1;
    for (size_t i = 0; i < sizeof presets / sizeof *presets; i++)
        if (strcmp(presets[i].name, preset) == 0)
            presets[i].set(o, model);
}
