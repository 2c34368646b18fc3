/* MeanFlow (Geng et al., arXiv 2505.13447): learn the average velocity u(z, r, t) of a flow from noise (t = 1) to data (t = 0), so that one evaluation draws a sample.
 *
 * Data x, noise e, z = (1 - t) x + t e, v = e - x, 0 <= r <= t <= 1. The identity u = v - (t - r) du/dt, with du/dt = v du/dz + du/dt, is one ct_jvp with tangents (v, 1, 0) of (z, t, r). */
#ifndef COTANGENT_MEANFLOW_H
#define COTANGENT_MEANFLOW_H

#include <cotangent/flow.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum mf_time_kind { MF_LOGIT_NORMAL, MF_UNIFORM } mf_time_kind;  /* sigmoid(mean + deviation N(0, 1)); uniform in (0, 1) */

typedef struct mf_options {
    mf_time_kind time;
    double time_mean, time_deviation;  /* of the logit-normal */
    double unequal_share;    /* share of the batch with r != t, rounded to whole rows: the last rows of the batch. 0 is flow matching */
    double p, c;             /* weight 1 / sg((L + c)^p), L the SUM over pixels */
    double class_dropout;    /* probability that a row's label becomes the null class; such rows are trained on v itself */
    bool prefix_dropout;     /* drop the first rows of the batch (a fixed count, as the official code; these all have r = t) instead of each row by chance */
    double omega, kappa;     /* guided velocity omega v + (1 - omega - kappa) u(z,t,t|null) + kappa u(z,t,t|label); (1, 0) is none */
    double guidance_low, guidance_high;  /* guidance only for t in [low, high]; elsewhere v */
    bool tangent_all_rows;   /* compute du/dt on every row, also those with r = t, where its weight is zero: the same loss and gradients, slower */
} mf_options;
/* The official form: logit-normal(-0.4, 1), share 0.25, p 1, c 0.01, dropout 0.1 of a prefix, no guidance, interval [0, 1]. */
CT_API mf_options mf_options_default(void);
CT_API bool mf_options_check(const mf_options *o, ct_error *err);

/* One batch's random part. All [batch] but e. Rows with r = t come first: mf_equal_rows of them. */
typedef struct mf_draw {
    ct_var *e;      /* noise, of x's shape */
    ct_var *t, *r;
    ct_var *label;  /* after class dropout */
    ct_var *kept;   /* 1 where the label was kept, 0 where dropped, of x's dtype */
} mf_draw;
CT_API int64_t mf_equal_rows(const mf_options *o, int64_t batch);
/* Draw noise, times and dropped labels for x [batch, ...] as random nodes of the graph. classes: number of the null class. */
CT_API bool mf_draw_batch(ct_var *x, ct_var *label, int64_t classes, const mf_options *o, mf_draw *out);

/* What training looks at; every one a node. */
typedef struct mf_loss {
    ct_var *loss;        /* to be minimised: mean over the batch of L / sg((L + c)^p); about 1 by construction at p = 1 */
    ct_var *log_loss;    /* mean log(L + c), the objective that p = 1 really descends */
    ct_var *raw;         /* mean of L over batch and pixels */
    ct_var *velocity;    /* mean of (u - v)^2 over batch and pixels */
    ct_var *per_sample;  /* L [batch] */
    ct_var *u;           /* of x's shape */
    ct_var *du_dt;       /* of x's shape, under ct_stop_gradient; zero in rows where it was not computed */
} mf_loss;
/* The loss of net on x [batch, channels, size, size] with the draw. */
CT_API bool mf_loss_of(nn_scope s, flow_net net, ct_var *x, const mf_draw *draw, int64_t classes, const mf_options *o, mf_loss *out);

/* z at time 1 -> a sample at time 0 through n evaluations at the times time[0] = 1 > ... > time[n] = 0: z_r = z_t - (t - r) u(z_t, t, r). time NULL: n equal steps. */
CT_API ct_var *mf_sample(nn_scope s, flow_net net, ct_var *z, ct_var *label, int n, const double *time);

#ifdef __cplusplus
}
#endif
#endif
