/* SPDX-License-Identifier: MIT */
/* MeanFlow (Geng et al., arXiv 2505.13447) and its relatives: learn the average velocity u(z, r, t) of a flow from noise (t = 1) to data (t = 0), so
 * that one evaluation draws a sample.
 *
 * Data x, noise e, z = (1 - t) x + t e, v = e - x, 0 <= r <= t <= 1. All of them train the same networks, by one function, and differ in what u is
 * regressed on. */
#ifndef COTANGENT_MEANFLOW_H
#define COTANGENT_MEANFLOW_H

#include <cotangent/flow.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- what is learnt ------------------------------------------------------------------------------------------------------------------ */

/* On the rows with r != t; where r = t, all of them regress u(z, t, t) on v. sg: ct_stop_gradient. */
typedef enum mf_objective {
    MF_MEANFLOW,  /* u on v - (t - r) du/dt, du/dt = v du/dz + du/dt|z by one JVP */
    MF_IMPROVED,  /* iMF (Geng et al., arXiv 2512.02012): V = u + (t - r) sg(du/dt) on v, with du/dt along the network's own velocity u(z, t, t) */
    MF_ALPHA,     /* alpha-Flow (Zhang et al., arXiv 2510.20771): u on alpha v + (1 - alpha) u(z - (t - s) v, r, s), s = t - alpha (t - r): no JVP */
    MF_SPLIT,     /* SplitMeanFlow (Guo et al., arXiv 2507.16884): u on the average of two jumps, t to s and s to r, s uniform between: no JVP */
    MF_MATCHING   /* flow matching (Lipman et al., arXiv 2210.02747): r = t in all rows */
} mf_objective;

typedef enum mf_time_kind {
    MF_LOGIT_NORMAL,  /* sigmoid(mean + deviation N(0, 1)) */
    MF_UNIFORM,       /* in (0, 1) */
    MF_AS_T           /* for r alone: a second draw from t's distribution */
} mf_time_kind;
typedef struct mf_time {
    mf_time_kind kind;
    double mean, deviation;  /* of the logit-normal */
} mf_time;

/* Tangents of (z, r, t) in the JVP, named as in the MeanFlow paper's Table 1b. The first is right; the others are wrong, and there to show what a
 * mistake costs. */
typedef enum mf_tangent { MF_TANGENT_V01, MF_TANGENT_V00, MF_TANGENT_V10, MF_TANGENT_V11 } mf_tangent;

typedef struct mf_options {
    mf_objective objective;
    mf_time t, r;            /* of the two times drawn for a row; the larger becomes t, the smaller r. MF_MATCHING draws t alone */
    double unequal_share;    /* share of the batch with r != t, rounded to whole rows: the last rows of the batch. MF_MATCHING has none */
    double p, c;             /* weight 1 / sg((L + c)^p), L the SUM over pixels */
    double target_limit;     /* targets that the network had a part in (not v itself) are kept within +- this; 0: no limit. alpha-Flow's authors use 4 */
    double class_dropout;    /* probability that a row's label becomes the null class; such rows are trained on v itself */
    bool prefix_dropout;     /* drop the first rows of the batch (a fixed count; these all have r = t), not each row by chance */
    double omega, kappa;     /* guided velocity omega v + (1 - omega - kappa) u(z,t,t|null) + kappa u(z,t,t|label); (1, 0) is none */
    double guidance_low, guidance_high;  /* guidance only for t in [low, high]; elsewhere v */
    /* For networks that are told of guidance, in place of omega and kappa: the scale of each row is drawn from [1, omega_max] with density ~
     * omega^-omega_power, and v becomes v + (1 - 1 / omega) (u(z,t,t|label) - u(z,t,t|null)). omega_max 0: not told. */
    double omega_max, omega_power;
    bool draw_interval;      /* the interval too, low in (0, 1/2) and high in (1/2, 1), and [0, 1] where r = t; not: guidance_low and guidance_high hold */
    mf_tangent tangent;
    bool tangent_all_rows;   /* compute du/dt on every row, also those with r = t, where its weight is zero: the same loss and gradients, slower */
    /* Objectives that change as training goes on: see mf_options_at. */
    int64_t matching_steps;  /* the first so many steps are MF_MATCHING: SplitMeanFlow's authors begin with a network that knows the velocity */
    int64_t alpha_start, alpha_end;  /* MF_ALPHA: alpha falls from 1 to 0 between these steps. alpha_end 0: it stays 1 */
    double alpha_gamma;      /* alpha = sigmoid(-gamma (step - middle) / (end - start)) */
    double alpha_snap;       /* below this alpha is 0, above 1 - this it is 1 */
} mf_options;
/* MeanFlow with the paper's choices for large images: logit-normal(-0.4, 1), share 0.25, p 1, c 0.01, no guidance, dropout 0.1. Any row may be
 * dropped, which the official code does otherwise: so the null class learns intervals as well, and samples in one step. For the others: omega_power
 * 1, alpha_gamma 25, alpha_snap 0.005. */
CT_API mf_options mf_options_default(void);
/* The same with the official code's dropout, a prefix of the batch. All its rows have r = t, so that u(z, r, t | null) is not trained where r != t:
 * one-step samples without a label are those of an untrained function. */
CT_API mf_options mf_options_official(void);
/* The default with each objective's own usual choices: half the rows with r != t for MF_IMPROVED, MF_ALPHA and MF_SPLIT; p 0, the plain squared
 * error, for MF_SPLIT and MF_MATCHING. (SplitMeanFlow diverges at p = 1: its target can be met exactly, by u = 0 for one, and rows near that would
 * outweigh those that see data.) alpha_end is left 0. */
CT_API mf_options mf_options_for(mf_objective objective);
CT_API bool mf_options_check(const mf_options *o, ct_error *err);

/* The options in force at a step: MF_MATCHING before matching_steps; for MF_ALPHA, alpha_end 0 as long as alpha is 1, and MF_MEANFLOW from where it
 * is 0. A program is built for one of them, so a training builds another, over the same parameters, at mf_options_change: the first step after `step`
 * at which they differ, -1 if there is none. */
CT_API mf_options mf_options_at(const mf_options *o, int64_t step);
CT_API int64_t mf_options_change(const mf_options *o, int64_t step);
/* alpha at a step: the number, and the node that follows ct_step. Where the number is 0 and MF_ALPHA is over, the node stays at the last value, at
 * least alpha_snap. */
CT_API double mf_alpha_at(const mf_options *o, int64_t step);
CT_API ct_var *mf_alpha(ct_graph *g, ct_dtype dtype, const mf_options *o);

/* --- a batch --------------------------------------------------------------------------------------------------------------------------- */

/* One batch's random part. All [batch] but e and alpha. Rows with r = t come first: mf_equal_rows of them. */
typedef struct mf_draw {
    ct_var *e;      /* noise, of x's shape */
    ct_var *t, *r;
    ct_var *label;  /* after class dropout */
    ct_var *kept;   /* 1 where the label was kept, 0 where dropped, of x's dtype */
    mf_flow_guidance guidance;  /* what the network is told, if it is; low 0 and high 1 where r = t */
    ct_var *split;  /* MF_SPLIT: (t - s) / (t - r), in (0, 1) */
    ct_var *alpha;  /* MF_ALPHA: one number in (0, 1], any node; NULL: 1 */
} mf_draw;
CT_API int64_t mf_equal_rows(const mf_options *o, int64_t batch);
/* Draw noise, times, dropped labels and what the objective needs besides for x [batch, ...], as random nodes of the graph, and alpha as mf_alpha.
 * classes: number of the null class. */
CT_API bool mf_draw_batch(ct_var *x, ct_var *label, int64_t classes, const mf_options *o, mf_draw *out);

/* --- the loss -------------------------------------------------------------------------------------------------------------------------- */

/* What training looks at; every one a node, or NULL where there is no such thing. */
typedef struct mf_loss {
    ct_var *loss;         /* to be minimised: mean over the batch of L / sg((L + c)^p); about 1 by construction at p = 1 */
    ct_var *log_loss;     /* mean log(L + c), the objective that p = 1 really descends */
    ct_var *raw;          /* mean of L over batch and pixels */
    ct_var *raw_equal;    /* the same over the rows with r = t; NULL if there are none */
    ct_var *raw_unequal;  /* over the rows with r != t; NULL if there are none */
    ct_var *velocity;     /* mean of (u - v)^2 over batch and pixels */
    ct_var *du_dt_norm;   /* mean over the rows with r != t of |du/dt|; NULL if there are none, or no JVP */
    ct_var *per_sample;   /* L [batch]: |u - target|^2, for MF_IMPROVED |V - v|^2 */
    ct_var *u;            /* of x's shape; for MF_MATCHING u(z, t, t) */
    ct_var *du_dt;        /* of x's shape, under ct_stop_gradient; zero in rows where it was not computed. NULL for objectives without a JVP */
} mf_loss;
/* The loss of net on x [batch, channels, size, size] with the draw. MF_ALPHA multiplies the weight of rows with r != t by alpha^(2 p - 1), so that
 * their gradients are MeanFlow's in the limit. */
CT_API bool mf_loss_of(nn_scope s, mf_flow_net net, ct_var *x, const mf_draw *draw, int64_t classes, const mf_options *o, mf_loss *out);

/* --- samples ----------------------------------------------------------------------------------------------------------------------------- */

/* z at time 1 -> a sample at time 0 in n steps through the times time[0] = 1 > ... > time[n] = 0. time NULL: n equal steps. */
typedef ct_var *(*mf_sampler)(nn_scope s, mf_flow_net net, ct_var *z, ct_var *label, int n, const double *time);
/* Jumps along the average velocity, one evaluation each: z_r = z_t - (t - r) u(z_t, t, r). */
CT_API ct_var *mf_sample(nn_scope s, mf_flow_net net, ct_var *z, ct_var *label, int n, const double *time);
/* Euler's method for dz/dt = u(z, t, t), one evaluation a step, and Heun's, two. For networks trained by flow matching, too. */
CT_API ct_var *mf_sample_euler(nn_scope s, mf_flow_net net, ct_var *z, ct_var *label, int n, const double *time);
CT_API ct_var *mf_sample_heun(nn_scope s, mf_flow_net net, ct_var *z, ct_var *label, int n, const double *time);
/* Re-noising: each evaluation jumps to time 0, x = z - t u(z, t, 0), and new noise takes x to the next time s: z = (1 - s) x + s e. noise [n - 1,
 * shape of z] gives the e, in order; NULL: drawn by the graph, new in each run. */
CT_API ct_var *mf_sample_renoise(nn_scope s, mf_flow_net net, ct_var *z, ct_var *label, int n, const double *time, ct_var *noise);

#ifdef __cplusplus
}
#endif
#endif
