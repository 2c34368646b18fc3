/* SPDX-License-Identifier: MIT */
/* Samples judged by the classifier of ../mnist_classifier. */
#include "score.h"

#include <stdio.h>

#include "predict.h"
#include "weights.h"

bool scorer_read(scorer *s, const char *path, const mf_flow_config *net, ct_error *err)
{
    weights_info info;
    if (!weights_read(path, &s->weights, &info, err))
        return false;
    s->classes = info.classes;
    if (net->size != 28 || net->channels != 1 || net->classes > s->classes)
        return ct_fail(err, CT_E_SHAPE,
                       "%s: judges 28 x 28 grey images of %lld classes, and the model draws %lld x %lld of %lld", path,
                       (long long)s->classes, (long long)net->size, (long long)net->size, (long long)net->classes);
    return true;
}

void scorer_free(scorer *s)
{
    nn_params_free(s->weights);
}

bool scorer_print(const scorer *s, const ct_tensor *x, const ct_tensor *labels, ct_error *err)
{
    predictor p;
    int64_t n = ct_tensor_count(labels);
    bool ready = predictor_init(&p, s->weights, s->classes, n < 100 ? n : 100, 0, err);
    int64_t right = ready ? predictor_count_right(&p, x, labels, err) : -1;
    predictor_free(&p);
    if (right >= 0)
        printf("accuracy %lld of %lld\n", (long long)right, (long long)n);
    return right >= 0;
}
