/* SPDX-License-Identifier: MIT */
/* The times a sampler steps through. */
#ifndef MODELS_MF_TIME_LIST_H
#define MODELS_MF_TIME_LIST_H

#include <cotangent/meanflow.h>

/* Time i of n + 1: the list's, or with no list that of n equal steps. */
double mf_time_at(int i, int n, const double *time);
/* Refuses NULL, and lists that do not fall from 1 to 0, naming the sampler. */
bool mf_sampler_check(nn_scope s, const char *sampler, const ct_var *z, const ct_var *label, int n, const double *time);
/* u(z, t, r | label) with one t and one r for all rows. */
ct_var *mf_evaluate_at(nn_scope s, mf_flow_net net, ct_var *z, double t, double r, ct_var *label);

#endif
