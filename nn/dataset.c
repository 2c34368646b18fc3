/* SPDX-License-Identifier: MIT */
/* Labelled images from a pair of IDX files. */
#include <cotangent/data.h>
#include <cotangent/files.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool exists(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (f)
        fclose(f);
    return f != NULL;
}

/* DIR/PREFIX-WHAT and an ending, to be freed. */
static char *path_of(const char *dir, const char *prefix, const char *what, const char *ending, ct_error *err)
{
    size_t size = strlen(dir) + strlen(prefix) + strlen(what) + strlen(ending) + sizeof "/-";
    char *path = malloc(size);
    if (path)
        snprintf(path, size, "%s/%s-%s%s", dir, prefix, what, ending);
    else
        ct_fail(err, CT_E_MEMORY, "%s: out of memory for a path", dir);
    return path;
}

/* The plain file, else the packed one. */
static ct_tensor *read_either(const char *dir, const char *prefix, const char *what, ct_error *err)
{
    char *plain = path_of(dir, prefix, what, "", err), *packed = plain ? path_of(dir, prefix, what, ".gz", err) : NULL;
    ct_tensor *t = NULL;
    if (packed && (exists(plain) || exists(packed)))
        t = ct_idx_read(exists(plain) ? plain : packed, err);
    else if (packed)
        ct_fail(err, CT_E_IO, "neither %s nor %s can be read", plain, packed);
    free(plain);
    free(packed);
    return t;
}

static bool check(const ct_tensor *images, const ct_tensor *labels, const char *dir, const char *prefix, ct_error *err)
{
    ct_shape i = ct_tensor_shape(images), l = ct_tensor_shape(labels);
    if (i.rank != 3)
        return ct_fail(err, CT_E_SHAPE, "%s/%s: images of shape %s, expected [count, height, width]", dir, prefix,
                       CT_SHAPE_TEXT(i));
    if (l.rank != 1)
        return ct_fail(err, CT_E_SHAPE, "%s/%s: labels of shape %s, expected [count]", dir, prefix, CT_SHAPE_TEXT(l));
    if (i.dim[0] != l.dim[0])
        return ct_fail(err, CT_E_SHAPE, "%s/%s: %lld images, but %lld labels", dir, prefix, (long long)i.dim[0],
                       (long long)l.dim[0]);
    return true;
}

bool nn_dataset_read_idx(nn_dataset *d, const char *dir, const char *prefix, ct_error *err)
{
    *d = (nn_dataset){0};
    ct_tensor *images = read_either(dir, prefix, "images-idx3-ubyte", err);
    ct_tensor *bytes = images ? read_either(dir, prefix, "labels-idx1-ubyte", err) : NULL;
    bool ok = bytes && check(images, bytes, dir, prefix, err);
    ct_tensor *labels = ok ? ct_tensor_cast(bytes, CT_I32, err) : NULL;
    ct_tensor_free(bytes);
    if (labels)
        *d = (nn_dataset){images, labels};
    else
        ct_tensor_free(images);
    return labels != NULL;
}

void nn_dataset_free(nn_dataset *d)
{
    ct_tensor_free(d->images);
    ct_tensor_free(d->labels);
    *d = (nn_dataset){0};
}
