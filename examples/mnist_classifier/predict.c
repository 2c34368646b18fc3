/* SPDX-License-Identifier: MIT */
/* A classifier's answers, a batch at a time. */
#include "predict.h"

#include <math.h>

bool predictor_init(predictor *p, nn_params *weights, int64_t classes, int64_t batch, int64_t threads, ct_error *err)
{
    *p = (predictor){.graph = ct_graph_new(), .batch = batch, .classes = classes};
    p->x = ct_input(p->graph, "x", CT_F32, CT_SHAPE(batch, 1, 28, 28));
    p->logits = mf_classifier_logits(nn_root(p->graph, weights), ct_clamp(p->x, -1, 1), classes, &p->features);
    p->width = ct_var_dim(p->features, 1);
    p->program = ct_compile(p->graph, 2, (ct_var *[]){p->logits, p->features},
                            &(ct_compile_options){.threads = (int)threads}, err);
    return p->program != NULL;
}

void predictor_free(predictor *p)
{
    ct_program_free(p->program);
    ct_graph_free(p->graph);
}

static const float *row_of(predictor *p, ct_var *output, int64_t row, int64_t width)
{
    return (const float *)ct_tensor_data(ct_program_get(p->program, output)) + row * width;
}

static bool finite(const float *x, int64_t n, ct_error *err)
{
    for (int64_t i = 0; i < n; i++)
        if (!isfinite(x[i]))
            return ct_fail(err, CT_E_NUMERIC, "the classifier's answer is %s, expected finite numbers: its weights are spoilt",
                           isnan(x[i]) ? "NaN" : "infinite");
    return true;
}

/* A last batch that is not full begins with rows of the one before, which are not in *out. */
bool predictor_run(predictor *p, const ct_tensor *x, int64_t first, predictions *out, ct_error *err)
{
    int64_t n = ct_tensor_shape(x).dim[0], start = first + p->batch > n ? n - p->batch : first;
    const float *image = ct_tensor_data(x);
    if (!ct_program_set_data(p->program, p->x, image + start * (ct_tensor_count(x) / n), err) ||
        !ct_program_run(p->program, err))
        return false;
    int64_t skipped = first - start;
    *out = (predictions){first, p->batch - skipped, row_of(p, p->logits, skipped, p->classes),
                         row_of(p, p->features, skipped, p->width)};
    return finite(out->logits, out->count * p->classes, err) && finite(out->features, out->count * p->width, err);
}

int32_t predicted_class(const float *logits, int64_t classes)
{
    int32_t best = 0;
    for (int32_t c = 1; c < classes; c++)
        best = logits[c] > logits[best] ? c : best;
    return best;
}

int64_t predictor_count_right(predictor *p, const ct_tensor *x, const ct_tensor *labels, ct_error *err)
{
    const int32_t *label = ct_tensor_data(labels);
    int64_t right = 0, n = ct_tensor_count(labels);
    predictions batch;
    for (int64_t first = 0; first < n; first += batch.count) {
        if (!predictor_run(p, x, first, &batch, err))
            return -1;
        for (int64_t i = 0; i < batch.count; i++)
            right += predicted_class(batch.logits + i * p->classes, p->classes) == label[first + i];
    }
    return right;
}

ct_tensor *pixels_of(const ct_tensor *images, ct_error *err)
{
    ct_shape shape = ct_tensor_shape(images);
    ct_tensor *x = ct_tensor_new(CT_F32, CT_SHAPE(shape.dim[0], 1, shape.dim[1], shape.dim[2]), err);
    const uint8_t *byte = ct_tensor_data(images);
    for (int64_t i = 0; x && i < ct_tensor_count(images); i++)
        ((float *)ct_tensor_data(x))[i] = (float)byte[i] * (2.0f / 255) - 1;
    return x;
}
