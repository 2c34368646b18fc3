/* SPDX-License-Identifier: MIT */
/* Options that are words for values of a type: "one|two", in the order of that type. */
#ifndef TRAIN_WORDS_H
#define TRAIN_WORDS_H

#include "train_options.h"

extern const char objective_words[];  /* mf_objective */
extern const char t_time_words[];     /* mf_time_kind, without MF_AS_T */
extern const char r_time_words[];     /* mf_time_kind */
extern const char tangent_words[];    /* mf_tangent */
extern const char times_words[];      /* mf_flow_times */
extern const char predict_words[];    /* mf_flow_prediction */
extern const char guided_words[];     /* mf_flow_guided */
extern const char no_yes_words[];     /* bool */

/* The word's value; 0 for NULL, and for what is none of the words. */
int word_value(const char *words, const char *word);

/* The values of *o that its words stand for. */
void train_words_read(train_options *o);

#endif
