/* SPDX-License-Identifier: MIT */
/* One pass of the classifier over a set of images. */
#include "eval_set.h"

#include "predict.h"

enum { BATCH = 100 };

static bool add_batch(eval_set *s, const predictions *batch, const int32_t *labels, ct_error *err)
{
    int64_t classes = s->classes.classes;
    for (int64_t i = 0; i < batch->count; i++)
        class_counts_add(&s->classes, predicted_class(batch->logits + i * classes, classes), labels[batch->first + i]);
    statistics_add(&s->features, batch->count, batch->features);
    return kid_add(&s->kid, batch->count, batch->features, err);
}

static bool add_all(eval_set *s, predictor *p, const ct_tensor *x, const int32_t *labels, ct_error *err)
{
    predictions batch;
    for (int64_t first = 0, n = ct_tensor_shape(x).dim[0]; first < n; first += batch.count)
        if (!predictor_run(p, x, first, &batch, err) || !add_batch(s, &batch, labels, err))
            return false;
    return kid_finish(&s->kid, err);
}

bool eval_set_init(eval_set *s, const eval_judge *j, const ct_tensor *x, const ct_tensor *labels, ct_error *err)
{
    int64_t n = ct_tensor_shape(x).dim[0];
    predictor p;
    *s = (eval_set){.classes = {.classes = j->classes}};
    bool ok = predictor_init(&p, j->weights, j->classes, n < BATCH ? n : BATCH, j->threads, err) &&
              statistics_init(&s->features, p.width, err) && kid_init(&s->kid, p.width, j->threads, err) &&
              add_all(s, &p, x, ct_tensor_data(labels), err);
    predictor_free(&p);
    return ok;
}

void eval_set_free(eval_set *s)
{
    statistics_free(&s->features);
    kid_free(&s->kid);
}
