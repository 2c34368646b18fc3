/* SPDX-License-Identifier: MIT */
/* What the objectives share: a training step in the making, and the network's own velocities in it.
 *
 * The first `equal` rows of a batch have r = t and are called early here, the others late. */
#ifndef MODELS_MF_STEP_H
#define MODELS_MF_STEP_H

#include <cotangent/meanflow.h>
#include <cotangent/ops.h>

typedef struct mf_step {
    nn_scope s;
    mf_flow_net net;      /* told of the draw's guidance */
    const mf_draw *draw;
    const mf_options *options;
    int64_t classes, batch, equal;
    ct_var *z, *v;     /* (1 - t) x + t e, e - x */
    ct_var *r;         /* the argument of u: a node of its own, be it equal to t */
    ct_var *null;      /* u(z, t, t | null) of the guided rows, without gradient; NULL where there is no use for it */
    ct_var *own;       /* u(z, t, t | label) of the late rows, likewise */
    ct_var *u;         /* u(z, t, r | label) of all rows, once it is evaluated */
    ct_var *weight;    /* a further factor of each row's loss, or NULL */
} mf_step;

/* An objective: evaluates step->u and gives its error [batch, ...], the squares of which are the loss. */
typedef ct_var *(*mf_error)(mf_step *step, mf_loss *out);
ct_var *mf_meanflow(mf_step *step, mf_loss *out);
ct_var *mf_improved(mf_step *step, mf_loss *out);
ct_var *mf_alpha_flow(mf_step *step, mf_loss *out);
ct_var *mf_split(mf_step *step, mf_loss *out);
ct_var *mf_matching(mf_step *step, mf_loss *out);

/* --- rows of images ------------------------------------------------------------------------------------------------------ */

/* row [batch] -> [batch, 1, ...] of x's rank, so that it broadcasts against x. */
ct_var *mf_rows(ct_var *row, ct_var *x);
/* Rows from .. to - 1; NULL for none. */
ct_var *mf_part(ct_var *x, int64_t from, int64_t to);
ct_var *mf_late(const mf_step *step, ct_var *x);
/* Early rows, then late ones; either may be NULL. */
ct_var *mf_join(ct_var *early, ct_var *late);
/* t - r against images: [batch, 1, ...]. */
ct_var *mf_interval(const mf_step *step);
/* The sum of each row's squares: [batch]. */
ct_var *mf_squares(ct_var *x);

/* --- evaluations --------------------------------------------------------------------------------------------------------- */

/* step->u, and the r it is evaluated at. */
void mf_evaluate(mf_step *step, ct_var *r);
/* u(z, r, t | label) of late rows without gradient, z and the times being theirs. */
ct_var *mf_frozen(const mf_step *step, ct_var *z, ct_var *t, ct_var *r);
/* step->null and step->own, as far as guidance needs them for the first `guided` rows. own: step->own in any case. */
void mf_evaluate_guidance(mf_step *step, int64_t guided, bool own);
bool mf_is_guided(const mf_step *step);
/* The velocity to regress on: v, or where it is guided its mixture with the network's own velocities, which are evaluated first. Of late rows it can
 * be had before step->u is evaluated; of early rows after it, as u is what their own velocity is. */
ct_var *mf_late_velocity(const mf_step *step);
ct_var *mf_early_velocity(const mf_step *step);

/* out->du_dt and its norm by one JVP, for late rows that move with dz/dt = direction; NULL: v. Early rows are spared it, as du/dt has no weight
 * there, and get zeros. */
void mf_derivative(mf_step *step, ct_var *direction, mf_loss *out);
/* A target of all rows: without gradient, and within the limit where the network had a part in it, which is in late rows. */
ct_var *mf_target(const mf_step *step, ct_var *target);

#endif
