/* SPDX-License-Identifier: MIT */
/* Stands in for the library: compares what arrives with what the client wrote. arrives.h has the numbers, a row a call; begun is the row. */
#include <cotangent.h>
#include <stdio.h>

static const double written[][24] = {
#include "arrives.h"
};
int begun;
long arrived, wrong;
void client(void);
void keep(const void *p);

void keep(const void *p) { (void)p; }

static void compare(const char *type, const double *got, int n)
{
    arrived++;
    for (int i = 0; i < n; i++)
        if (!(got[i] == written[begun][i])) {
            wrong++;
            printf("%s, call %d: number %d arrives as %g, expected %g\n", type, begun, i, got[i], written[begun][i]);
            return;
        }
}
#define COMPARE(type, ...) compare(type, (double[]){__VA_ARGS__}, (int)(sizeof((double[]){__VA_ARGS__}) / sizeof(double)))
#define EIGHT(a) (double)a[0], (double)a[1], (double)a[2], (double)a[3], (double)a[4], (double)a[5], (double)a[6], (double)a[7]
#define INIT(i) (double)(i).kind, (i).a, (i).b
#define LINEAR(l) (double)(l).no_bias, INIT((l).weight), INIT((l).bias)
#define CONV(c) (double)(c)->stride[0], (double)(c)->stride[1], (double)(c)->pad[0], (double)(c)->pad[1], (double)(c)->dilation[0], \
    (double)(c)->dilation[1], (double)(c)->groups
#define UNUSED(...) (void)(sizeof((const void *[]){__VA_ARGS__}))

static ct_var *conv(const ct_conv2d_attr *c, int64_t height, int64_t width)
{
    COMPARE("ct_conv2d_attr", CONV(c));
    if (height != 28 || width != 1)
        wrong++, printf("%lld and %lld arrive, expected 28 and 1\n", (long long)height, (long long)width);
    return NULL;
}

ct_var *(ct_conv2d_at)(ct_site at, ct_var *x, ct_var *w, const ct_conv2d_attr *c) { return UNUSED(at.file, x, w), conv(c, 28, 1); }
ct_var *(ct_conv2d_dx_at)(ct_site at, ct_var *x, ct_var *w, const ct_conv2d_attr *c, int64_t h, int64_t l) { return UNUSED(at.file, x, w), conv(c, h, l); }
ct_var *(ct_conv2d_dw_at)(ct_site at, ct_var *x, ct_var *w, const ct_conv2d_attr *c, int64_t h, int64_t l) { return UNUSED(at.file, x, w), conv(c, h, l); }

static void *axes(const ct_axes *a)
{
    COMPARE("ct_axes", a->count, EIGHT(a->axis));
    return NULL;
}

ct_var *(ct_sum_at)(ct_site at, ct_var *x, const ct_axes *a) { return UNUSED(at.file, x), axes(a); }
ct_var *(ct_mean_keep_at)(ct_site at, ct_var *x, const ct_axes *a) { return UNUSED(at.file, x), axes(a); }
ct_var *(ct_permute_at)(ct_site at, ct_var *x, const ct_axes *a) { return UNUSED(at.file, x), axes(a); }
ct_tensor *(ct_tensor_permute)(ct_tensor *t, const ct_axes *a, ct_error *err) { return UNUSED(t, err), axes(a); }

ct_tensor *ct_tensor_new(ct_dtype dtype, ct_shape s, ct_error *err)
{
    COMPARE("ct_shape", s.rank, EIGHT(s.dim));
    return UNUSED(err), (void)dtype, NULL;
}

ct_var *ct_full_at(ct_site at, ct_graph *g, ct_dtype dtype, ct_shape s, double value)
{
    COMPARE("ct_shape", s.rank, EIGHT(s.dim));
    return UNUSED(at.file, g), (void)dtype, (void)value, NULL;
}

void ct_fill(ct_array a, double value, int threads)
{
    COMPARE("ct_array", a.dtype, a.shape.rank, EIGHT(a.shape.dim), EIGHT(a.stride));
    (void)value, (void)threads;
}

ct_var *nn_dropout(nn_scope s, ct_var *x, double p)
{
    COMPARE("nn_scope", s.training, s.at.line);
    return UNUSED(x), (void)p, NULL;
}

ct_var *(nn_linear_with)(nn_scope s, ct_var *x, int64_t out, const nn_linear_options *o)
{
    COMPARE("nn_linear_options", LINEAR(*o));
    return UNUSED(s.path, x), (void)out, NULL;
}

static ct_var *layer(const nn_conv2d_options *o)
{
    COMPARE("nn_conv2d_options", CONV(o), o->no_bias, INIT(o->weight), INIT(o->bias));
    return NULL;
}

ct_var *(nn_conv2d)(nn_scope s, ct_var *x, int64_t out, int64_t kernel, const nn_conv2d_options *o)
{
    return UNUSED(s.path, x), (void)out, (void)kernel, layer(o);
}

ct_var *(nn_conv_transpose2d)(nn_scope s, ct_var *x, int64_t out, int64_t kernel, const nn_conv2d_options *o)
{
    return UNUSED(s.path, x), (void)out, (void)kernel, layer(o);
}

ct_var *(nn_attention)(nn_scope s, ct_var *x, int64_t heads, const nn_attention_options *o)
{
    COMPARE("nn_attention_options", LINEAR(o->qkv), LINEAR(o->proj));
    return UNUSED(s.path, x), (void)heads, NULL;
}

ct_var *(nn_time_embedding)(nn_scope s, ct_var *t, int64_t width, const nn_time_options *o)
{
    COMPARE("nn_time_options", (double)o->frequencies, o->scale, INIT(o->weight));
    return UNUSED(s.path, t), (void)width, NULL;
}

ct_var *nn_layer_norm(nn_scope s, ct_var *x, nn_norm_options o)
{
    COMPARE("nn_norm_options", o.epsilon, o.no_affine);
    return UNUSED(s.path, x), NULL;
}

bool nn_train_sgd(nn_train *t, nn_params *state, ct_var *lr, nn_sgd_options o)
{
    COMPARE("nn_sgd_options", o.momentum, o.weight_decay, o.nesterov);
    return UNUSED(t, state, lr), false;
}

bool (nn_train_adamw)(nn_train *t, nn_params *state, ct_var *lr, const nn_adamw_options *o)
{
    COMPARE("nn_adamw_options", o->beta1, o->beta2, o->epsilon, o->weight_decay, o->coupled);
    return UNUSED(t, state, lr), false;
}

ct_var *(nn_cosine_schedule)(ct_graph *g, ct_dtype dtype, const nn_schedule *s)
{
    COMPARE("nn_schedule", s->peak, s->final, (double)s->warmup, (double)s->total);
    return UNUSED(g), (void)dtype, NULL;
}

bool nn_init_fill(nn_init init, ct_tensor *t, const char *name, uint64_t seed, ct_error *err)
{
    COMPARE("nn_init", INIT(init));
    return UNUSED(t, name, err), (void)seed, false;
}

void ct_random_block(ct_random_key key, uint64_t counter, uint32_t out[4])
{
    COMPARE("ct_random_key", (double)key.seed, (double)key.stream, (double)key.step);
    UNUSED(out), (void)counter;
}

int main(void)
{
    client();
    printf("%ld of %ld wrong\n", wrong, arrived);
    return wrong != 0 || arrived != (long)(sizeof written / sizeof *written);
}
