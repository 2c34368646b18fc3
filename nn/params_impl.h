/* SPDX-License-Identifier: MIT */
/* What the files about parameters share. */
#ifndef NN_PARAMS_IMPL_H
#define NN_PARAMS_IMPL_H

#include <cotangent/params.h>

uint64_t nn_params_seed(const nn_params *p);

/* Before a parameter of this shape is made: whether the limit of the set leaves room for it. */
bool nn_params_check_limit(const nn_params *p, const char *name, ct_shape shape, ct_error *err);

/* Where a tensor stands in the set (the first place of several), or -1. */
int64_t nn_params_place(const nn_params *p, const ct_tensor *t);

/* The initialiser that nn_param made the tensor with, of the default kind where it came otherwise; NULL when there is no such name. */
nn_init *nn_params_init(const nn_params *p, const char *name);

/* Add a copy of each tensor of src whose name dst lacks. Names that share a tensor in src share one in dst. */
bool nn_params_add_copies(nn_params *dst, const nn_params *src, ct_error *err);

/* The tensor `name` as a node of the graph: found, or created with this shape and filled by init. */
ct_var *nn_params_node(ct_graph *g, ct_site at, nn_params *p, const char *name, ct_shape shape, nn_init init);

#endif
