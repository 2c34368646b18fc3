/* SPDX-License-Identifier: MIT */
/* From words to values. */
#include "train_words.h"

#include "cli_value.h"

const char objective_words[] = "meanflow|improved|alpha|split|matching";
const char t_time_words[] = "logit-normal|uniform";
const char r_time_words[] = "logit-normal|uniform|as-t";
const char tangent_words[] = "v01|v00|v10|v11";
const char times_words[] = "t,h|t,r|t,r,h|h";
const char predict_words[] = "velocity|data";
const char guided_words[] = "no|omega|omega,interval";
const char no_yes_words[] = "no|yes";

int word_value(const char *words, const char *word)
{
    int place = word ? cli_choice_place(words, word) : 0;
    return place < 0 ? 0 : place;
}

void train_words_read(train_options *o)
{
    o->net.times = (mf_flow_times)word_value(times_words, o->times);
    o->net.predict = (mf_flow_prediction)word_value(predict_words, o->predict);
    o->net.guided = (mf_flow_guided)word_value(guided_words, o->guided);
    o->flow.objective = (mf_objective)word_value(objective_words, o->objective);
    o->flow.t.kind = (mf_time_kind)word_value(t_time_words, o->t_time);
    o->flow.r.kind = (mf_time_kind)word_value(r_time_words, o->r_time);
    o->flow.tangent = (mf_tangent)word_value(tangent_words, o->tangent);
    o->flow.tangent_all_rows = word_value(no_yes_words, o->tangent_all_rows);
    o->flow.prefix_dropout = word_value(no_yes_words, o->prefix_dropout);
}
