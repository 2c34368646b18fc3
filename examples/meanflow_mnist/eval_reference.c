/* SPDX-License-Identifier: MIT */
/* Comparing a set of images with the training set. */
#include "eval_reference.h"

#include <math.h>
#include <stdlib.h>

#include "distances.h"
#include "frechet.h"
#include "predict.h"

/* --- features ----------------------------------------------------------------------------------------------------- */

static bool compare_features(const eval_reference *r, const eval_set *s, eval_figures *out, ct_error *err)
{
    out->count = s->features.count;
    out->classes = s->classes;
    return frechet_between(&s->features, &r->set.features, &out->frechet, err) &&
           kid_between(&s->kid, &r->set.kid, &out->kid, err);
}

static bool measure_features(const eval_reference *r, const ct_tensor *x, const ct_tensor *labels, eval_figures *out,
                             ct_error *err)
{
    eval_set s;
    bool ok = eval_set_init(&s, &r->judge, x, labels, err) && compare_features(r, &s, out, err);
    eval_set_free(&s);
    return ok;
}

/* --- pixels ------------------------------------------------------------------------------------------------------- */

/* Of the distances of n neighbours, with pixels in [-1, 1]. */
static bool describe_neighbours(int64_t n, const neighbour *nearest, double limit, eval_figures *out, ct_error *err)
{
    distances d;
    bool ok = distances_init(&d, n, nearest, 0.5, err);
    if (ok) {
        out->neighbours = n;
        out->nearest_mean = distances_mean(&d);
        out->nearest_median = distances_quantile(&d, 0.5);
        out->nearest_first = distances_quantile(&d, 0.01);
        out->nearer = distances_share_below(&d, limit > 0 ? limit : out->nearest_first);
    }
    distances_free(&d);
    return ok;
}

static bool measure_pixels(const eval_reference *r, ct_tensor *x, eval_figures *out, ct_error *err)
{
    int64_t n = ct_tensor_shape(x).dim[0], count = n < r->neighbours ? n : r->neighbours;
    ct_tensor *some = ct_tensor_slice(x, 0, 0, count, 1, err);
    neighbour *nearest = some ? malloc((size_t)count * sizeof *nearest) : NULL;
    if (some && !nearest)
        ct_fail(err, CT_E_MEMORY, "out of memory");
    bool ok = nearest && nearest_rows(some, r->train, r->judge.threads, nearest, err) &&
              describe_neighbours(count, nearest, r->floor.nearest_first, out, err);
    free(nearest);
    ct_tensor_free(some);
    return ok;
}

/* ------------------------------------------------------------------------------------------------------------------ */

static bool check_figures(const eval_figures *f, ct_error *err)
{
    const double figures[] = {f->frechet, f->kid, f->nearest_mean, f->nearest_median, f->nearest_first, f->nearer};
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++)
        if (!isfinite(figures[i]))
            return ct_fail(err, CT_E_NUMERIC, "the distances of %lld images are not all finite", (long long)f->count);
    return true;
}

bool eval_reference_measure(const eval_reference *r, ct_tensor *x, const ct_tensor *labels, eval_figures *out,
                            ct_error *err)
{
    return measure_features(r, x, labels, out, err) && (r->neighbours == 0 || measure_pixels(r, x, out, err)) &&
           check_figures(out, err);
}

static bool measure_floor(eval_reference *r, const nn_dataset *test, ct_error *err)
{
    eval_figures floor = {.nfe = 0};
    ct_tensor *x = pixels_of(test->images, err);
    bool ok = x && eval_reference_measure(r, x, test->labels, &floor, err);
    ct_tensor_free(x);
    r->floor = floor;
    return ok;
}

bool eval_reference_init(eval_reference *r, const eval_judge *j, const nn_dataset *train, const nn_dataset *test,
                         int64_t neighbours, ct_error *err)
{
    *r = (eval_reference){.judge = *j, .train = pixels_of(train->images, err), .neighbours = neighbours};
    return r->train && eval_set_init(&r->set, j, r->train, train->labels, err) && measure_floor(r, test, err);
}

void eval_reference_free(eval_reference *r)
{
    eval_set_free(&r->set);
    ct_tensor_free(r->train);
}
