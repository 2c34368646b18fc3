/* SPDX-License-Identifier: MIT */
/* The files that a training writes, all of them safetensors with the network's sizes, every option of the training, the
 * step and the seed as metadata.
 *
 * model.safetensors: weights "params.NAME", and their averages "ema-DECAY.NAME".
 * checkpoints/step-N.safetensors: the same, AdamW's moments "adamw.m.NAME" and "adamw.v.NAME", the state of the
 * guard and the row of the log that is begun: all that a run goes on from. A checkpoint without a digest, or with a
 * wrong one, is not gone on from. The random numbers, the order of the data and
 * the learning rate are functions of the seed and the step. */
#ifndef CHECKPOINT_H
#define CHECKPOINT_H

#include "checkpoint_state.h"
#include "trainer.h"

/* Both replace the file at `path`, or leave it as it was. state->step is the program's. */
bool checkpoint_write(const char *path, const trainer *t, const train_options *o, const run_state *state,
                      ct_error *err);
bool checkpoint_write_model(const char *path, const trainer *t, const train_options *o, ct_error *err);

/* Weights, moments and averages of a checkpoint into the trainer. Its state: see checkpoint_state.h. */
bool checkpoint_load(const ct_archive *from, trainer *t, const train_options *o, ct_error *err);

/* The network in a file of either kind, with one set of its weights: "params", "ema-DECAY", or "ema" for the first
 * average. The caller frees *weights. */
bool checkpoint_read(const char *path, const char *set, mf_flow_config *net, nn_params **weights, ct_error *err);

#endif
