/* SPDX-License-Identifier: MIT */
/* A training under way: what the parts of the command "train" share. */
#ifndef TRAINING_H
#define TRAINING_H

#include "guard.h"
#include "progress.h"
#include "run_folder.h"
#include "run_log.h"
#include "trainer.h"

typedef struct training {
    train_options options;
    nn_dataset data;
    nn_loader *loader;
    trainer trainer;
    run_folder folder;
    run_log log;
    progress progress;
    guard guard;
    int64_t done;     /* steps, those that were skipped too */
    int64_t missing;  /* files that could not be written, and that the training can do without: see missing.h */
    ct_error missed;  /* why the first of them could not */
} training;

#endif
