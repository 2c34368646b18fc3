/* A classifier's answers, a batch at a time. */
#include "predict.h"

bool predictor_init(predictor *p, nn_params *weights, int64_t classes, int64_t batch, int64_t threads, ct_error *err)
{
    *p = (predictor){.graph = ct_graph_new(), .batch = batch, .classes = classes};
    p->x = ct_input(p->graph, "x", CT_F32, CT_SHAPE(batch, 1, 28, 28));
    p->logits = classifier_logits(nn_root(p->graph, weights), ct_clamp(p->x, -1, 1), classes, NULL);
    p->program = ct_compile(p->graph, 1, &p->logits, &(ct_compile_options){.threads = (int)threads}, err);
    return p->program != NULL;
}

void predictor_free(predictor *p)
{
    ct_program_free(p->program);
    ct_graph_free(p->graph);
}

static int32_t largest(const float *logit, int64_t classes)
{
    int32_t best = 0;
    for (int32_t c = 1; c < classes; c++)
        best = logit[c] > logit[best] ? c : best;
    return best;
}

/* Rows start..start+batch-1 of x through the network. */
static const float *run_batch(predictor *p, const ct_tensor *x, int64_t start, ct_error *err)
{
    const float *image = ct_tensor_data(x);
    if (!ct_program_set_data(p->program, p->x, image + start * ct_tensor_count(x) / ct_tensor_shape(x).dim[0], err) ||
        !ct_program_run(p->program, err))
        return NULL;
    return ct_tensor_data(ct_program_get(p->program, p->logits));
}

/* A last batch that is not full begins with rows of the one before, which count no more. */
int64_t predictor_count_right(predictor *p, const ct_tensor *x, const ct_tensor *labels, ct_error *err)
{
    const int32_t *label = ct_tensor_data(labels);
    int64_t right = 0, n = ct_tensor_count(labels);
    for (int64_t first = 0; first < n; first += p->batch) {
        int64_t start = first + p->batch > n ? n - p->batch : first;
        const float *logits = run_batch(p, x, start, err);
        if (!logits)
            return -1;
        for (int64_t i = first; i < start + p->batch; i++)
            right += largest(logits + (i - start) * p->classes, p->classes) == label[i];
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
