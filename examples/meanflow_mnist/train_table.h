/* The options of "train" in one table, which --help, the command line, run.toml and the metadata of checkpoints
 * are read and written by. */
#ifndef TRAIN_TABLE_H
#define TRAIN_TABLE_H

#include "train_options.h"

typedef struct train_table {
    cli_option option[64];
    int count;
    int training;  /* from here on: what determines the weights */
} train_table;

/* Options that point into *o. */
train_table train_table_of(train_options *o);

/* From the words that were given to the values they stand for, and what follows from several options; then
 * everything is checked. */
bool train_options_settle(train_options *o, ct_error *err);

#endif
