/* SPDX-License-Identifier: MIT */
/* The options of a training in the metadata of its files. */
#ifndef TRAIN_RECORD_H
#define TRAIN_RECORD_H

#include "train_options.h"

/* Every option that determines the weights as metadata "train.NAME", and the fingerprint of the data as "data". */
bool train_record_save(const train_options *o, ct_archive *to, ct_error *err);

/* False, naming the first option that differs, when the file is of another training. */
bool train_record_match(const train_options *o, const ct_archive *from, ct_error *err);

#endif
