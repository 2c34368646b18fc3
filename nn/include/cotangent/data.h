/* SPDX-License-Identifier: MIT */
/* Shuffled mini-batches from memory, by random access: batch number `step` is a function of the seed and the step, so a resumed run sees the same data. */
#ifndef COTANGENT_DATA_H
#define COTANGENT_DATA_H

#include <cotangent/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Labelled examples in memory: images uint8 [count, height, width], labels int32 [count]. */
typedef struct nn_dataset {
    ct_tensor *images;
    ct_tensor *labels;
} nn_dataset;

/* MNIST's layout: DIR/PREFIX-images-idx3-ubyte[.gz] and DIR/PREFIX-labels-idx1-ubyte[.gz]; prefix "train" or "t10k". Checks that counts agree. */
CT_API bool nn_dataset_read_idx(nn_dataset *d, const char *dir, const char *prefix, ct_error *err);
CT_API void nn_dataset_free(nn_dataset *d);  /* its tensors, not d */

typedef struct nn_loader nn_loader;

/* Batches of the rows of n tensors with equal leading extent (retained, contiguous). Every epoch is a new permutation; a batch never spans two epochs: the last
 * rows of an epoch that do not fill one are left out. */
CT_API nn_loader *nn_loader_new(int n, ct_tensor *const *tensors, int64_t batch, uint64_t seed, ct_error *err);
CT_API void nn_loader_free(nn_loader *l);
CT_API int64_t nn_loader_batches(const nn_loader *l);  /* per epoch */
/* The rows of batch `step` (epoch step / batches): out[i] points to [batch, ...] in the loader's memory, valid until the next call. */
CT_API void nn_loader_get(nn_loader *l, uint64_t step, const void **out);

#ifdef __cplusplus
}
#endif
#endif
