/* SPDX-License-Identifier: MIT */
/* The options of "train" in one table, which --help, the command line, run.toml and the metadata of checkpoints
 * are read and written by. */
#ifndef TRAIN_TABLE_H
#define TRAIN_TABLE_H

#include "train_options.h"

typedef struct train_table {
    cli_option option[80];
    int count;
    int training;  /* from here on: what determines the weights */
} train_table;

/* Options that point into *o. */
train_table train_table_of(train_options *o);

#endif
