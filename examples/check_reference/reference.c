/* SPDX-License-Identifier: MIT */
/* Reading a file of reference values, and measuring against it. */
#include "reference.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What was wrong with the file, gathered into one line. */
typedef struct complaints {
    char text[700];
    size_t length;
} complaints;

static void complain(complaints *c, const char *name, const char *found, const char *expected)
{
    int n = snprintf(c->text + c->length, sizeof c->text - c->length, "%s%s is %s, expected %s", c->length ? "; " : "", name, found,
                     expected);
    c->length += n > 0 ? (size_t)n : 0;
    c->length = c->length < sizeof c->text ? c->length : sizeof c->text - 1;
}

static ct_tensor *take(const ct_archive *file, const char *name, ct_dtype dtype, ct_shape shape, complaints *bad)
{
    char found[260], expected[260];
    ct_tensor *t = ct_archive_find(file, name);
    if (t && ct_tensor_dtype(t) == dtype && ct_shape_equal(ct_tensor_shape(t), shape))
        return t;
    snprintf(expected, sizeof expected, "%s %s", ct_dtype_name(dtype), CT_SHAPE_TEXT(shape));
    if (t)
        snprintf(found, sizeof found, "%s %s", ct_dtype_name(ct_tensor_dtype(t)), CT_SHAPE_TEXT(ct_tensor_shape(t)));
    complain(bad, name, t ? found : "missing", expected);
    return NULL;
}

static bool take_all(reference *ref, ct_error *err)
{
    complaints bad = {{0}, 0};
    const ct_archive *f = ref->file;
    const ct_tensor *t = ct_archive_find(f, "in.t");
    ref->batch = t ? ct_shape_dim(ct_tensor_shape(t), 0) : 0;
    ct_shape row = CT_SHAPE(ref->batch), image = CT_SHAPE(ref->batch, ref->config.channels, ref->config.size, ref->config.size);
    ref->t = take(f, "in.t", CT_F64, row, &bad);
    ref->r = take(f, "in.r", CT_F64, row, &bad);
    ref->y = take(f, "in.y", CT_I32, row, &bad);
    ref->z = take(f, "in.z", CT_F64, image, &bad);
    ref->v = take(f, "in.v", CT_F64, image, &bad);
    ref->u = take(f, "out.u", CT_F64, image, &bad);
    ref->du_dt = take(f, "out.du_dt", CT_F64, image, &bad);
    ref->loss_per_sample = take(f, "out.loss_per_sample", CT_F64, row, &bad);
    ref->loss = take(f, "out.loss", CT_F64, CT_SCALAR, &bad);
    if (!bad.length && ref->batch < 1)
        complain(&bad, "in.t", "empty", "at least one row");
    return !bad.length || ct_fail(err, CT_E_FORMAT, "%s", bad.text);
}

static bool read_number(const ct_archive *file, const char *key, double *x, ct_error *err)
{
    const char *text = ct_archive_meta(file, key);
    if (!text)
        return ct_fail(err, CT_E_FORMAT, "no metadata \"%s\", expected a number", key);
    char *end;
    *x = strtod(text, &end);
    if (end == text || *end || !isfinite(*x))
        return ct_fail(err, CT_E_FORMAT, "metadata \"%s\" is \"%.40s\", expected a number", key, text);
    return true;
}

bool reference_read(reference *ref, const char *path, ct_error *err)
{
    *ref = (reference){.file = ct_archive_read(path, err)};
    if (!ref->file)
        return false;
    if (mf_flow_config_load(&ref->config, ref->file, err) && read_number(ref->file, "p", &ref->p, err) &&
        read_number(ref->file, "c", &ref->c, err) && take_all(ref, err))
        return true;
    reference_free(ref);
    return ct_fail_prefix(err, "%s", path);
}

void reference_free(reference *ref)
{
    ct_archive_free(ref->file);
    ref->file = NULL;
}

bool reference_check_grads(const reference *ref, const nn_params *params, ct_error *err)
{
    char full[300];
    complaints bad = {{0}, 0};
    for (int64_t i = 0; i < nn_params_count(params); i++) {
        snprintf(full, sizeof full, "grad.%s", nn_params_name(params, i));
        take(ref->file, full, CT_F64, ct_tensor_shape(nn_params_tensor(params, i)), &bad);
    }
    return !bad.length || ct_fail(err, CT_E_FORMAT, "%s", bad.text);
}

ct_tensor *reference_grad(const reference *ref, const char *name)
{
    char full[300];
    snprintf(full, sizeof full, "grad.%s", name);
    return ct_archive_find(ref->file, full);
}

int64_t reference_equal_rows(const reference *ref)
{
    int64_t n = 0;
    while (n < ref->batch && ct_tensor_get(ref->r, n) == ct_tensor_get(ref->t, n))
        n++;
    return n;
}

double reference_distance(const ct_tensor *a, const ct_tensor *b, int64_t from)
{
    ct_shape shape = ct_tensor_shape(b);
    int64_t n = ct_tensor_count(b), start = from > 0 ? n / ct_shape_dim(shape, 0) * from : 0;
    double largest = 0, difference = 0;
    for (int64_t i = 0; i < n; i++)
        largest = fmax(largest, fabs(ct_tensor_get(b, i)));
    for (int64_t i = start; i < n; i++) {
        double d = fabs(ct_tensor_get(a, i) - ct_tensor_get(b, i));
        if (isnan(d))
            return NAN;
        difference = fmax(difference, d);
    }
    return largest > 0 ? difference / largest : difference;
}
