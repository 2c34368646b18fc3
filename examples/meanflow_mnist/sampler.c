/* Sampling, a batch at a time. Sample number i begins with noise number i of the seed, however many there are. */
#include "sampler.h"

#include <string.h>

enum { MAX_BATCH = 100 };

typedef struct sampler {
    ct_graph *graph;
    ct_program *program;
    ct_var *z, *label, *x;
    int64_t batch;
} sampler;

static ct_shape image_shape(int64_t n, const flow_config *c)
{
    return CT_SHAPE(n, c->channels, c->size, c->size);
}

static bool sampler_init(sampler *s, const flow_config *net, nn_params *weights, int64_t batch,
                         const sampler_options *o, ct_error *err)
{
    *s = (sampler){.graph = ct_graph_new(), .batch = batch};
    s->z = ct_input(s->graph, "z", CT_F32, image_shape(batch, net));
    s->label = ct_input(s->graph, "label", CT_I32, CT_SHAPE(batch));
    s->x = mf_sample(nn_root(s->graph, weights), flow_config_net(net), s->z, s->label, (int)o->nfe, NULL);
    s->program = ct_compile(s->graph, 1, &s->x, &(ct_compile_options){.threads = (int)o->threads}, err);
    return s->program != NULL;
}

static void sampler_free(sampler *s)
{
    ct_program_free(s->program);
    ct_graph_free(s->graph);
}

/* Rows first, first + 1, ... of noise and labels into the program, and of the result into x. */
static bool draw_batch(sampler *s, int64_t first, const ct_tensor *noise, const ct_tensor *labels, ct_tensor *x,
                       ct_error *err)
{
    size_t row = ct_tensor_bytes(x) / (size_t)ct_tensor_count(labels), from = (size_t)first * row;
    if (!ct_program_set_data(s->program, s->z, (char *)ct_tensor_data(noise) + from, err) ||
        !ct_program_set_data(s->program, s->label, (int32_t *)ct_tensor_data(labels) + first, err) ||
        !ct_program_run(s->program, err))
        return false;
    memcpy((char *)ct_tensor_data(x) + from, ct_tensor_data(ct_program_get(s->program, s->x)), (size_t)s->batch * row);
    return true;
}

/* A last batch that is not full begins with rows of the one before, which are drawn twice. */
static bool draw_all(sampler *s, const ct_tensor *noise, const ct_tensor *labels, ct_tensor *x, ct_error *err)
{
    int64_t n = ct_tensor_count(labels);
    for (int64_t first = 0; first < n; first += s->batch) {
        int64_t start = first + s->batch > n ? n - s->batch : first;
        if (!draw_batch(s, start, noise, labels, x, err))
            return false;
    }
    return true;
}

static ct_tensor *draw_noise(int64_t n, const flow_config *net, const sampler_options *o, ct_error *err)
{
    ct_tensor *noise = ct_tensor_new(CT_F32, image_shape(n, net), err);
    if (noise)
        ct_random_normal(ct_array_of(noise), (ct_random_key){(uint64_t)o->seed, ct_random_stream("sample"), 0}, 1);
    return noise;
}

ct_tensor *draw_samples(const flow_config *net, nn_params *weights, ct_tensor *labels, const sampler_options *o,
                        ct_error *err)
{
    int64_t n = ct_tensor_count(labels);
    sampler s;
    bool ready = sampler_init(&s, net, weights, n < MAX_BATCH ? n : MAX_BATCH, o, err);
    ct_tensor *noise = ready ? draw_noise(n, net, o, err) : NULL;
    ct_tensor *x = noise ? ct_tensor_new(CT_F32, image_shape(n, net), err) : NULL;
    bool ok = x && draw_all(&s, noise, labels, x, err);
    sampler_free(&s);
    ct_tensor_free(noise);
    if (ok)
        return x;
    ct_tensor_free(x);
    return NULL;
}

ct_tensor *labels_of_rows(int64_t first, int64_t rows, int64_t columns, ct_error *err)
{
    ct_tensor *labels = ct_tensor_new(CT_I32, CT_SHAPE(rows * columns), err);
    for (int64_t i = 0; labels && i < rows * columns; i++)
        ct_tensor_set(labels, i, (double)(first + i / columns));
    return labels;
}
