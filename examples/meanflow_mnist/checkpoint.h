/* model.safetensors: weights "params.NAME", their average "ema.NAME", AdamW's moments "m.NAME" and "v.NAME", and as
 * metadata the network's sizes, every option of the training, the step and the seed. */
#ifndef CHECKPOINT_H
#define CHECKPOINT_H

#include "trainer.h"

/* Replaces the file at `path`, or leaves it as it was. */
bool checkpoint_write(const char *path, const trainer *t, const train_options *o, ct_error *err);

/* The network in a checkpoint, with one set of its weights: "ema" or "params". The caller frees *weights. */
bool checkpoint_read(const char *path, const char *set, flow_config *net, nn_params **weights, ct_error *err);

#endif
