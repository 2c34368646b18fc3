/* SPDX-License-Identifier: MIT */
/* Named sets of all options. */
#ifndef PRESETS_H
#define PRESETS_H

#include "train_options.h"

extern const char preset_names[];  /* "one|two" */

/* Every option but those of the command line, as the preset has it for the model, the objective and the guidance
 * that are named in `named`; NULL for the preset's own. */
void preset_set(train_options *o, const char *preset, const train_options *named);

#endif
