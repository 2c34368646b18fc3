/* SPDX-License-Identifier: MIT */
/* Shuffled mini-batches: the rows of batch `step` follow from the seed and the step alone. */
#include <cotangent/data.h>
#include <cotangent/random.h>
#include <stdlib.h>
#include <string.h>

typedef struct column {
    ct_tensor *tensor;
    size_t row_bytes;
    unsigned char *batch;
} column;

struct nn_loader {
    int n;
    int64_t rows, batch;
    uint64_t seed, epoch;  /* of `order` */
    int32_t *order;
    column *columns;
};

static bool check(int n, ct_tensor *const *tensors, int64_t batch, ct_error *err)
{
    if (n < 1 || !tensors[0])
        return ct_fail(err, CT_E_ARGUMENT, "loader: expects one tensor or more");
    int64_t rows = ct_shape_dim(ct_tensor_shape(tensors[0]), 0);
    for (int i = 0; i < n; i++) {
        ct_shape shape = tensors[i] ? ct_tensor_shape(tensors[i]) : CT_SCALAR;
        if (shape.rank < 1 || shape.dim[0] != rows || !ct_tensor_is_contiguous(tensors[i]))
            return ct_fail(err, CT_E_SHAPE, "loader: tensor %d has shape %s, expected a contiguous one with %lld rows", i,
                           CT_SHAPE_TEXT(shape), (long long)rows);
    }
    if (batch < 1 || batch > rows || rows > INT32_MAX)
        return ct_fail(err, CT_E_ARGUMENT, "loader: batches of %lld from %lld rows, expected 1 or more, and no more "
                       "than there are rows", (long long)batch, (long long)rows);
    return true;
}

static bool open_column(column *c, ct_tensor *t, int64_t batch)
{
    c->tensor = ct_tensor_retain(t);
    c->row_bytes = ct_tensor_bytes(t) / (size_t)ct_shape_dim(ct_tensor_shape(t), 0);
    c->batch = malloc(c->row_bytes * (size_t)batch + 1);
    return c->batch != NULL;
}

static void shuffle(nn_loader *l, uint64_t epoch)
{
    ct_random_permutation(l->rows, l->order, (ct_random_key){l->seed, ct_random_stream("epoch"), epoch});
    l->epoch = epoch;
}

static bool open(nn_loader *l, int n, ct_tensor *const *tensors)
{
    l->order = malloc((size_t)l->rows * sizeof *l->order);
    l->columns = calloc((size_t)n, sizeof *l->columns);
    if (!l->order || !l->columns)
        return false;
    for (l->n = 0; l->n < n; l->n++)
        if (!open_column(&l->columns[l->n], tensors[l->n], l->batch)) {
            l->n++;
            return false;
        }
    return true;
}

nn_loader *nn_loader_new(int n, ct_tensor *const *tensors, int64_t batch, uint64_t seed, ct_error *err)
{
    if (!check(n, tensors, batch, err))
        return NULL;
    nn_loader *l = calloc(1, sizeof *l);
    if (l)
        *l = (nn_loader){.rows = ct_shape_dim(ct_tensor_shape(tensors[0]), 0), .batch = batch, .seed = seed};
    if (!l || !open(l, n, tensors)) {
        nn_loader_free(l);
        ct_fail(err, CT_E_MEMORY, "loader: out of memory for batches of %lld", (long long)batch);
        return NULL;
    }
    shuffle(l, 0);
    return l;
}

void nn_loader_free(nn_loader *l)
{
    if (!l)
        return;
    for (int i = 0; i < l->n; i++) {
        ct_tensor_free(l->columns[i].tensor);
        free(l->columns[i].batch);
    }
    free(l->columns);
    free(l->order);
    free(l);
}

int64_t nn_loader_batches(const nn_loader *l)
{
    return l->rows / l->batch;
}

static void copy_rows(const column *c, const int32_t *row, int64_t n)
{
    const unsigned char *from = ct_tensor_data(c->tensor);
    for (int64_t i = 0; i < n; i++)
        memcpy(c->batch + (size_t)i * c->row_bytes, from + (size_t)row[i] * c->row_bytes, c->row_bytes);
}

void nn_loader_get(nn_loader *l, uint64_t step, const void **out)
{
    uint64_t batches = (uint64_t)nn_loader_batches(l), epoch = step / batches;
    if (epoch != l->epoch)
        shuffle(l, epoch);
    for (int i = 0; i < l->n; i++) {
        copy_rows(&l->columns[i], l->order + (int64_t)(step % batches) * l->batch, l->batch);
        out[i] = l->columns[i].batch;
    }
}
