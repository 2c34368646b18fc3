/* The networks a generative objective can train: u(z, t, r | label). MLP and DiT are provided; any function of this type will do. */
#ifndef COTANGENT_FLOW_H
#define COTANGENT_FLOW_H

#include <cotangent/nn.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Guidance that a network is told of: its scale, and the interval of times in which it applies. Each [batch], of z's dtype, or NULL where the network is not told. */
typedef struct flow_guidance {
    ct_var *omega;       /* 1 is none */
    ct_var *low, *high;
} flow_guidance;

/* z [batch, channels, size, size]; t, r [batch], of z's dtype; label int32 [batch], the number of classes being the null class. Returns u, of z's shape. */
typedef ct_var *(*flow_fn)(nn_scope s, ct_var *z, ct_var *t, ct_var *r, ct_var *label, flow_guidance guidance, const void *config);

/* A network, its configuration, and the guidance it is told of, if any: (flow_net){.fn = f, .config = c}. */
typedef struct flow_net {
    flow_fn fn;
    const void *config;
    flow_guidance guidance;
} flow_net;
CT_API ct_var *flow_apply(flow_net net, nn_scope s, ct_var *z, ct_var *t, ct_var *r, ct_var *label);

/* Which times condition the network: one embedder each, "t_embedder", "r_embedder", "h_embedder" (h = t - r), added up. */
typedef enum flow_times { FLOW_T_H, FLOW_T_R, FLOW_T_R_H, FLOW_H } flow_times;

/* What the network's last layer gives: u itself, or the data x it expects at the end of the path, from which u = (z - x) / max(t, FLOW_SMALLEST_TIME). Images lie near
 * a surface of few dimensions and noise does not, so a narrow network can give x where it could not give u (Li and He, arXiv 2511.13720). */
typedef enum flow_prediction { FLOW_VELOCITY, FLOW_DATA } flow_prediction;
#define FLOW_SMALLEST_TIME 0.05

/* What guidance conditions the network: none; its scale, "omega_embedder" of 1 - 1 / omega; also its interval, "low_embedder" and "high_embedder". They are embedded
 * as times are. A network that is told can be sampled with any scale (Geng et al., arXiv 2512.02012). */
typedef enum flow_guided { FLOW_UNGUIDED, FLOW_OMEGA, FLOW_OMEGA_INTERVAL } flow_guided;

/* Sizes of the provided networks. All of a file's metadata, so that a file rebuilds its own network. */
typedef struct flow_config {
    char model[8];         /* "mlp" or "dit" */
    int64_t size;          /* pixels a side */
    int64_t channels;
    int64_t classes;       /* without the null class */
    int64_t width, depth;
    int64_t heads, patch;  /* DiT */
    int64_t frequencies;   /* of the sinusoids of time */
    double time_scale;     /* times are multiplied by this before the sinusoid */
    flow_times times;
    flow_prediction predict;
    flow_guided guided;
} flow_config;
/* 28 x 28 x 1, 10 classes, width 512 depth 6 ("mlp") or width 256 depth 6 heads 4 patch 4 ("dit"), 256 frequencies, time scale 1, (t, t - r), predicting u, told of
 * no guidance. */
CT_API bool flow_config_default(flow_config *c, const char *model, ct_error *err);
/* Refuses sizes that do not fit each other, naming them. */
CT_API bool flow_config_check(const flow_config *c, ct_error *err);
/* To and from the metadata of an archive: keys model, size, channels, classes, width, depth, heads, patch, freq, time_scale, times, predict, guided. A missing key other than model keeps its default. */
CT_API bool flow_config_save(const flow_config *c, ct_archive *to, ct_error *err);
CT_API bool flow_config_load(flow_config *c, const ct_archive *from, ct_error *err);
/* The network of c->model, made to give u whatever its last layer predicts; c must outlive it. If c->guided, its guidance is to be filled in before it is applied. */
CT_API flow_net flow_config_net(const flow_config *c);
/* One guidance for all rows, as much of it as c's network is told: for flow_net.guidance. dtype is z's. */
CT_API flow_guidance flow_config_guidance(const flow_config *c, ct_graph *g, ct_dtype dtype, int64_t batch, double omega, double low, double high);

/* Residual MLP on the pixels with adaLN modulation; parameters x_embedder, blocks.N.mlp.{0,2}, blocks.N.adaLN_modulation.1, final_layer.{linear,adaLN_modulation.1}. config: flow_config. */
CT_API ct_var *mlp_flow(nn_scope s, ct_var *z, ct_var *t, ct_var *r, ct_var *label, flow_guidance guidance, const void *config);
/* Diffusion transformer (Peebles and Xie, arXiv 2212.09748), adaLN-zero; parameter names of facebookresearch/DiT. config: flow_config. */
CT_API ct_var *dit_flow(nn_scope s, ct_var *z, ct_var *t, ct_var *r, ct_var *label, flow_guidance guidance, const void *config);

#ifdef __cplusplus
}
#endif
#endif
