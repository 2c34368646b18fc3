/* SPDX-License-Identifier: MIT */
/* Sampling, a batch at a time. Sample number i begins with noise number i of the seed, however many there are. */
#include "sampler.h"

#include <math.h>
#include <string.h>

enum { MAX_BATCH = 100 };

typedef struct sampler {
    ct_graph *graph;
    ct_program *program;
    ct_var *z, *label, *x;
    ct_var *renewed;        /* [batch, steps - 1, ...]: the noise of SAMPLER_RENOISE; NULL where there is none */
    ct_tensor *noise;       /* for it */
    int64_t batch;
    uint64_t seed;
} sampler;

static ct_shape image_shape(int64_t n, const mf_flow_config *c)
{
    return CT_SHAPE(n, c->channels, c->size, c->size);
}

/* Noise for all steps but the last, which ends at the data. */
static ct_var *renewed_noise(sampler *s, const mf_flow_config *c, int64_t steps)
{
    if (steps == 1)
        return NULL;
    s->renewed = ct_input(s->graph, "noise", CT_F32, CT_SHAPE(s->batch, steps - 1, c->channels, c->size, c->size));
    return ct_transpose(s->renewed, 0, 1);
}

static ct_var *build(sampler *s, const mf_flow_config *c, nn_params *weights, const sampler_options *o)
{
    static const mf_sampler samplers[] = {mf_sample, mf_sample_euler, mf_sample_heun};
    nn_scope scope = nn_root(s->graph, weights);
    mf_flow_net net = mf_flow_config_net(c);
    net.guidance = mf_flow_config_guidance(c, s->graph, CT_F32, s->batch, o->omega, o->low, o->high);
    sampler_kind kind = sampler_kind_of(o);
    int steps = (int)sampler_steps(o);
    const double *times = o->times.count > 0 ? o->times.value : NULL;
    if (kind == SAMPLER_RENOISE)
        return mf_sample_renoise(scope, net, s->z, s->label, steps, times, renewed_noise(s, c, steps));
    return samplers[kind](scope, net, s->z, s->label, steps, times);
}

static bool sampler_init(sampler *s, const mf_flow_config *net, nn_params *weights, int64_t batch,
                         const sampler_options *o, ct_error *err)
{
    *s = (sampler){.graph = ct_graph_new(), .batch = batch, .seed = (uint64_t)o->seed};
    s->z = ct_input(s->graph, "z", CT_F32, image_shape(batch, net));
    s->label = ct_input(s->graph, "label", CT_I32, CT_SHAPE(batch));
    s->x = build(s, net, weights, o);
    s->program = ct_compile(s->graph, 1, &s->x, &(ct_compile_options){.threads = (int)o->threads}, err);
    if (s->program && s->renewed)
        s->noise = ct_tensor_new(CT_F32, ct_var_shape(s->renewed), err);
    return s->program && (!s->renewed || s->noise);
}

static void sampler_free(sampler *s)
{
    ct_tensor_free(s->noise);
    ct_program_free(s->program);
    ct_graph_free(s->graph);
}

/* New noise for samples first, first + 1, ..., each with a sequence of its own, so that it depends on nothing else. */
static bool renew(sampler *s, int64_t first, ct_error *err)
{
    if (!s->noise)
        return true;
    int64_t numbers = ct_tensor_count(s->noise) / s->batch;
    for (int64_t i = 0; i < s->batch; i++) {
        ct_random_key key = {s->seed, ct_random_stream("renoise"), (uint64_t)(first + i)};
        float *row = (float *)ct_tensor_data(s->noise) + i * numbers;
        ct_random_normal(ct_array_make(row, CT_F32, CT_SHAPE(numbers)), key, 1);
    }
    return ct_program_set_data(s->program, s->renewed, ct_tensor_data(s->noise), err);
}

/* Rows first, first + 1, ... of noise and labels into the program, and of the result into x. */
static bool draw_batch(sampler *s, int64_t first, const ct_tensor *noise, const ct_tensor *labels, ct_tensor *x,
                       ct_error *err)
{
    size_t row = ct_tensor_bytes(x) / (size_t)ct_tensor_count(labels), from = (size_t)first * row;
    if (!ct_program_set_data(s->program, s->z, (char *)ct_tensor_data(noise) + from, err) ||
        !ct_program_set_data(s->program, s->label, (int32_t *)ct_tensor_data(labels) + first, err) ||
        !renew(s, first, err) || !ct_program_run(s->program, err))
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

/* What is not finite would be black in a picture. */
static bool check_finite(const ct_tensor *x, ct_error *err)
{
    const float *pixel = ct_tensor_data(x);
    for (int64_t i = 0; i < ct_tensor_count(x); i++)
        if (!isfinite(pixel[i]))
            return ct_fail(err, CT_E_NUMERIC, "a pixel of the samples is %s, expected finite numbers: the weights are spoilt",
                           isnan(pixel[i]) ? "NaN" : "infinite");
    return true;
}

static ct_tensor *draw_noise(int64_t n, const mf_flow_config *net, const sampler_options *o, ct_error *err)
{
    ct_tensor *noise = ct_tensor_new(CT_F32, image_shape(n, net), err);
    if (noise)
        ct_random_normal(ct_array_of(noise), (ct_random_key){(uint64_t)o->seed, ct_random_stream("sample"), 0}, 1);
    return noise;
}

ct_tensor *draw_samples(const mf_flow_config *net, nn_params *weights, ct_tensor *labels, const sampler_options *o,
                        ct_error *err)
{
    int64_t n = ct_tensor_count(labels);
    sampler s;
    bool ready = sampler_init(&s, net, weights, n < MAX_BATCH ? n : MAX_BATCH, o, err);
    ct_tensor *noise = ready ? draw_noise(n, net, o, err) : NULL;
    ct_tensor *x = noise ? ct_tensor_new(CT_F32, image_shape(n, net), err) : NULL;
    bool ok = x && draw_all(&s, noise, labels, x, err) && check_finite(x, err);
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
