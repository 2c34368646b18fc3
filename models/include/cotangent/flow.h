/* SPDX-License-Identifier: MIT */
/* The networks a generative objective can train: u(z, t, r | label). MLP and DiT are provided; any function of this type will do. */
#ifndef COTANGENT_FLOW_H
#define COTANGENT_FLOW_H

#include <cotangent/nn.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Guidance that a network is told of: its scale, and the interval of times in which it applies. Each [batch], of z's dtype, or NULL where the network is not told. */
typedef struct mf_flow_guidance {
    ct_var *omega;       /* 1 is none */
    ct_var *low, *high;
} mf_flow_guidance;

/* z [batch, channels, size, size]; t, r [batch], of z's dtype; label int32 [batch], the number of classes being the null class. Returns u, of z's shape. */
typedef ct_var *(*mf_flow_fn)(nn_scope s, ct_var *z, ct_var *t, ct_var *r, ct_var *label, mf_flow_guidance guidance, const void *config);

/* A network, its configuration, and the guidance it is told of, if any: (mf_flow_net){.fn = f, .config = c}. */
typedef struct mf_flow_net {
    mf_flow_fn fn;
    const void *config;
    mf_flow_guidance guidance;
} mf_flow_net;
CT_API ct_var *mf_flow_apply(mf_flow_net net, nn_scope s, ct_var *z, ct_var *t, ct_var *r, ct_var *label);

/* Which times condition the network: one embedder each, "t_embedder", "r_embedder", "h_embedder" (h = t - r), added up. */
typedef enum mf_flow_times { MF_FLOW_T_H, MF_FLOW_T_R, MF_FLOW_T_R_H, MF_FLOW_H } mf_flow_times;

/* What the network's last layer gives: u itself, or the data x it expects at the end of the path, from which u = (z - x) / max(t, MF_FLOW_SMALLEST_TIME). Images lie near
 * a surface of few dimensions and noise does not, so a narrow network can give x where it could not give u (Li and He, arXiv 2511.13720). */
typedef enum mf_flow_prediction { MF_FLOW_VELOCITY, MF_FLOW_DATA } mf_flow_prediction;
#define MF_FLOW_SMALLEST_TIME 0.05

/* What guidance conditions the network: none; its scale, "omega_embedder" of 1 - 1 / omega; also its interval, "low_embedder" and "high_embedder". They are embedded
 * as times are. A network that is told can be sampled with any scale (Geng et al., arXiv 2512.02012). */
typedef enum mf_flow_guided { MF_FLOW_UNGUIDED, MF_FLOW_OMEGA, MF_FLOW_OMEGA_INTERVAL } mf_flow_guided;

/* Sizes of the provided networks. All of a file's metadata, so that a file rebuilds its own network. */
typedef struct mf_flow_config {
    char model[8];         /* "mlp" or "dit" */
    int64_t size;          /* pixels a side */
    int64_t channels;
    int64_t classes;       /* without the null class */
    int64_t width, depth;
    int64_t heads, patch;  /* DiT */
    int64_t frequencies;   /* of the sinusoids of time */
    double time_scale;     /* times are multiplied by this before the sinusoid */
    mf_flow_times times;
    mf_flow_prediction predict;
    mf_flow_guided guided;
} mf_flow_config;
/* 28 x 28 x 1, 10 classes, width 512 depth 6 ("mlp") or width 256 depth 6 heads 4 patch 4 ("dit"), 256 frequencies, time scale 1, (t, t - r), predicting u, told of
 * no guidance. */
CT_API bool mf_flow_config_default(mf_flow_config *c, const char *model, ct_error *err);
/* Refuses sizes that do not fit each other, naming them. */
CT_API bool mf_flow_config_check(const mf_flow_config *c, ct_error *err);
/* To and from the metadata of an archive: keys model, size, channels, classes, width, depth, heads, patch, freq, time_scale, times, predict, guided. A missing key other than model keeps its default. */
CT_API bool mf_flow_config_save(const mf_flow_config *c, ct_archive *to, ct_error *err);
CT_API bool mf_flow_config_load(mf_flow_config *c, const ct_archive *from, ct_error *err);
/* The network of c->model, made to give u whatever its last layer predicts; c must outlive it. If c->guided, its guidance is to be filled in before it is applied. */
CT_API mf_flow_net mf_flow_config_net(const mf_flow_config *c);
/* One guidance for all rows, as much of it as c's network is told: for mf_flow_net.guidance. dtype is z's. */
CT_API mf_flow_guidance mf_flow_config_guidance(const mf_flow_config *c, ct_graph *g, ct_dtype dtype, int64_t batch, double omega, double low, double high);

/* Residual MLP on the pixels with adaLN modulation; parameters x_embedder, blocks.N.mlp.{0,2}, blocks.N.adaLN_modulation.1, final_layer.{linear,adaLN_modulation.1}. config: mf_flow_config. */
CT_API ct_var *mf_mlp_flow(nn_scope s, ct_var *z, ct_var *t, ct_var *r, ct_var *label, mf_flow_guidance guidance, const void *config);
/* Diffusion transformer (Peebles and Xie, arXiv 2212.09748), adaLN-zero; parameter names of facebookresearch/DiT. config: mf_flow_config. */
CT_API ct_var *mf_dit_flow(nn_scope s, ct_var *z, ct_var *t, ct_var *r, ct_var *label, mf_flow_guidance guidance, const void *config);

#ifdef __cplusplus
}
#endif
#endif
