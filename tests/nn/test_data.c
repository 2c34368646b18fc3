/* SPDX-License-Identifier: MIT */
/* Data sets from IDX files, and the loader's batches. */
#include "nn_support.h"
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

/* --- data sets --------------------------------------------------------------------------------------------------------------- */

/* An IDX file of uint8 with `rank` extents; element i is i % 251. */
static size_t idx_bytes(unsigned char *to, int rank, const int *dim)
{
    size_t n = 4, count = 1;
    memcpy(to, (unsigned char[]){0, 0, 8, (unsigned char)rank}, 4);
    for (int i = 0; i < rank; i++) {
        memcpy(to + n, (unsigned char[]){0, 0, (unsigned char)(dim[i] >> 8), (unsigned char)dim[i]}, 4);
        n += 4;
        count *= (size_t)dim[i];
    }
    for (size_t i = 0; i < count; i++)
        to[n++] = (unsigned char)(i % 251);
    return n;
}

static void write_idx(const char *name, int rank, const int *dim)
{
    unsigned char bytes[4096];
    support_write_file(support_temp_path(name), bytes, idx_bytes(bytes, rank, dim));
}

static void write_idx_gz(const char *name, int rank, const int *dim)
{
    unsigned char bytes[4096];
    size_t n = idx_bytes(bytes, rank, dim);
    gzFile f = gzopen(support_temp_path(name), "wb");
    assert_non_null(f);
    assert_int_equal(gzwrite(f, bytes, (unsigned)n), (int)n);
    gzclose(f);
}

static const char *directory(void)
{
    static char path[512];
    snprintf(path, sizeof path, "%s", support_temp_path(""));
    path[strlen(path) - 1] = 0;
    return path;
}

static void idx_pair_is_read_plain_or_packed(void **state)
{
    (void)state;
    ct_error err;
    nn_dataset d;
    write_idx("train-images-idx3-ubyte", 3, (int[]){5, 4, 3});
    write_idx_gz("train-labels-idx1-ubyte.gz", 1, (int[]){5});
    assert_ok(nn_dataset_read_idx(&d, directory(), "train", &err), &err);
    assert_int_equal(ct_tensor_dtype(d.images), CT_U8);
    assert_int_equal(ct_tensor_dtype(d.labels), CT_I32);
    assert_true(ct_shape_equal(ct_tensor_shape(d.images), CT_SHAPE(5, 4, 3)));
    assert_close(ct_tensor_get(d.images, 59), 59, 0);
    assert_close(ct_tensor_get(d.labels, 4), 4, 0);
    nn_dataset_free(&d);
    assert_null(d.images);
}

static void missing_files_are_both_named(void **state)
{
    (void)state;
    ct_error err;
    nn_dataset d;
    assert_false(nn_dataset_read_idx(&d, directory(), "t10k", &err));
    assert_error(&err, CT_E_IO, "/t10k-images-idx3-ubyte nor ");
    assert_error(&err, CT_E_IO, "/t10k-images-idx3-ubyte.gz");
    assert_null(d.images);
    write_idx("t10k-images-idx3-ubyte", 3, (int[]){5, 4, 3});
    assert_false(nn_dataset_read_idx(&d, directory(), "t10k", &err));
    assert_error(&err, CT_E_IO, "/t10k-labels-idx1-ubyte nor ");
    nn_dataset_free(&d);
}

static void shapes_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    ct_error err;
    nn_dataset d;
    write_idx("train-images-idx3-ubyte", 3, (int[]){5, 4, 3});
    write_idx("train-labels-idx1-ubyte", 1, (int[]){6});
    assert_false(nn_dataset_read_idx(&d, directory(), "train", &err));
    assert_error(&err, CT_E_SHAPE, "5 images, but 6 labels");
    write_idx("train-labels-idx1-ubyte", 2, (int[]){5, 1});
    assert_false(nn_dataset_read_idx(&d, directory(), "train", &err));
    assert_error(&err, CT_E_SHAPE, "labels of shape [5, 1]");
    write_idx("train-images-idx3-ubyte", 2, (int[]){5, 4});
    assert_false(nn_dataset_read_idx(&d, directory(), "train", &err));
    assert_error(&err, CT_E_SHAPE, "images of shape [5, 4]");
}

/* --- batches ------------------------------------------------------------------------------------------------------------------- */

enum { ROWS = 23, BATCH = 5, BATCHES = ROWS / BATCH };

/* Row i holds i in both tensors. */
typedef struct rows {
    ct_tensor *t[2];
    nn_loader *loader;
} rows;

static rows rows_open(uint64_t seed)
{
    ct_error err;
    rows r = {{ct_tensor_new(CT_U8, CT_SHAPE(ROWS, 2, 2), &err), ct_tensor_new(CT_I32, CT_SHAPE(ROWS), &err)}, NULL};
    for (int i = 0; i < ROWS; i++) {
        ct_tensor_set(r.t[1], i, i);
        for (int k = 0; k < 4; k++)
            ct_tensor_set(r.t[0], 4 * i + k, i);
    }
    r.loader = nn_loader_new(2, r.t, BATCH, seed, &err);
    assert_ok(r.loader, &err);
    return r;
}

static void rows_close(rows *r)
{
    nn_loader_free(r->loader);
    ct_tensor_free(r->t[0]);
    ct_tensor_free(r->t[1]);
}

/* The labels of a batch, after checking that images and labels are of the same rows. */
static void get(const rows *r, uint64_t step, int32_t to[BATCH])
{
    const void *out[2];
    nn_loader_get(r->loader, step, out);
    memcpy(to, out[1], BATCH * sizeof *to);
    for (int i = 0; i < 4 * BATCH; i++)
        assert_int_equal(((const unsigned char *)out[0])[i], to[i / 4]);
}

static void every_epoch_has_each_row_at_most_once(void **state)
{
    (void)state;
    rows r = rows_open(1);
    int32_t label[BATCH], order[3][BATCHES * BATCH];
    assert_int_equal(nn_loader_batches(r.loader), BATCHES);
    for (int epoch = 0; epoch < 3; epoch++) {
        int seen[ROWS] = {0};
        for (int k = 0; k < BATCHES; k++) {
            get(&r, (uint64_t)(epoch * BATCHES + k), label);
            memcpy(&order[epoch][k * BATCH], label, sizeof label);
            for (int i = 0; i < BATCH; i++) {
                assert_in_range(label[i], 0, ROWS - 1);
                assert_int_equal(seen[label[i]]++, 0);
            }
        }
    }
    assert_memory_not_equal(order[0], order[1], sizeof order[0]);
    assert_memory_not_equal(order[1], order[2], sizeof order[0]);
    rows_close(&r);
}

/* Over many epochs the rows left out are others each time: every row comes up. */
static void every_row_comes_up(void **state)
{
    (void)state;
    rows r = rows_open(1);
    int32_t label[BATCH];
    int seen[ROWS] = {0};
    for (uint64_t step = 0; step < 40 * BATCHES; step++) {
        get(&r, step, label);
        for (int i = 0; i < BATCH; i++)
            seen[label[i]]++;
    }
    for (int i = 0; i < ROWS; i++)
        assert_in_range(seen[i], 20, 40);
    rows_close(&r);
}

/* Asked backwards, a fresh loader gives what one asked forwards gave. */
static void batches_are_a_function_of_the_step(void **state)
{
    (void)state;
    rows r = rows_open(1), s = rows_open(1), other = rows_open(2);
    int32_t forward[3 * BATCHES][BATCH], label[BATCH], differ = 0;
    for (int k = 0; k < 3 * BATCHES; k++)
        get(&r, (uint64_t)k, forward[k]);
    for (int k = 3 * BATCHES - 1; k >= 0; k--) {
        get(&s, (uint64_t)k, label);
        assert_memory_equal(label, forward[k], sizeof label);
        get(&other, (uint64_t)k, label);
        differ += memcmp(label, forward[k], sizeof label) != 0;
    }
    assert_in_range(differ, 1, 3 * BATCHES);
    rows_close(&r);
    rows_close(&s);
    rows_close(&other);
}

static void the_loader_keeps_its_tensors(void **state)
{
    (void)state;
    rows r = rows_open(1);
    int32_t label[BATCH];
    ct_tensor_free(r.t[0]);
    ct_tensor_free(r.t[1]);
    r.t[0] = r.t[1] = NULL;
    get(&r, 7, label);
    assert_in_range(label[0], 0, ROWS - 1);
    rows_close(&r);
}

static void misuse_is_refused(void **state)
{
    (void)state;
    ct_error err;
    rows r = rows_open(1);
    ct_tensor *scalar = ct_tensor_new(CT_F32, CT_SCALAR, &err), *shorter = ct_tensor_slice(r.t[1], 0, 0, 4, 1, &err);
    assert_null(nn_loader_new(2, r.t, ROWS + 1, 0, &err));
    assert_error(&err, CT_E_ARGUMENT, "batches of 24 from 23 rows");
    assert_null(nn_loader_new(2, r.t, 0, 0, &err));
    assert_error(&err, CT_E_ARGUMENT, "batches of 0");
    assert_null(nn_loader_new(2, (ct_tensor *[]){r.t[0], shorter}, 2, 0, &err));
    assert_error(&err, CT_E_SHAPE, "tensor 1 has shape [4]");
    assert_null(nn_loader_new(1, &scalar, 1, 0, &err));
    assert_error(&err, CT_E_SHAPE, "tensor 0");
    assert_null(nn_loader_new(0, NULL, 1, 0, &err));
    assert_error(&err, CT_E_ARGUMENT, "one tensor or more");
    ct_tensor_free(scalar);
    ct_tensor_free(shorter);
    rows_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        temp_unit_test(idx_pair_is_read_plain_or_packed),
        temp_unit_test(missing_files_are_both_named),
        temp_unit_test(shapes_that_do_not_fit_are_refused),
        cmocka_unit_test(every_epoch_has_each_row_at_most_once),
        cmocka_unit_test(every_row_comes_up),
        cmocka_unit_test(batches_are_a_function_of_the_step),
        cmocka_unit_test(the_loader_keeps_its_tensors),
        cmocka_unit_test(misuse_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
