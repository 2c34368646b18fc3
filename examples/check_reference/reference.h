/* SPDX-License-Identifier: MIT */
/* A file of reference values for one MeanFlow step: inputs, parameters, and what another program computed from them. */
#ifndef CHECK_REFERENCE_H
#define CHECK_REFERENCE_H

#include <cotangent.h>

typedef struct reference {
    ct_archive *file;
    mf_flow_config config;
    double p, c;
    int64_t batch;
    ct_tensor *z, *v, *t, *r, *y;                   /* in.* */
    ct_tensor *u, *du_dt, *loss_per_sample, *loss;  /* out.* */
} reference;

/* Reads the file and names in one message every in.* and out.* that is missing or of another shape or dtype. */
bool reference_read(reference *ref, const char *path, ct_error *err);
void reference_free(reference *ref);

/* Whether there is a gradient for every parameter, of its shape; names all that are not as they should be. */
bool reference_check_grads(const reference *ref, const nn_params *params, ct_error *err);
/* The expected gradient of a parameter. */
ct_tensor *reference_grad(const reference *ref, const char *name);

/* How many rows at the front have r = t. */
int64_t reference_equal_rows(const reference *ref);

/* Largest |a - b| over the elements of rows from.. on, relative to the largest |b| of all. NaN when a value is not a number. */
double reference_distance(const ct_tensor *a, const ct_tensor *b, int64_t from);

#endif
