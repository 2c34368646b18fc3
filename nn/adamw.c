/* SPDX-License-Identifier: MIT */
/* Adam and AdamW. In step t = 1, 2, ...:
 *   m' = beta1 m + (1 - beta1) g          v' = beta2 v + (1 - beta2) g^2
 *   p' = (1 - lr decay) p - lr / (1 - beta1^t) m' / (sqrt(v' / (1 - beta2^t)) + epsilon) */
#include "train_impl.h"
#include <math.h>

static const ct_site NOWHERE = {0};

/* What all parameters share. */
typedef struct adam {
    nn_params *state;
    nn_adamw_options o;
    ct_var *rate;      /* lr / (1 - beta1^t) */
    ct_var *unbias;    /* 1 / sqrt(1 - beta2^t) */
    ct_var *shrink;    /* 1 - lr decay, or NULL when there is none */
} adam;

/* 1 - beta^t in float64: near t = 1 it is a small difference of large numbers. */
static ct_var *correction(nn_train *t, double beta)
{
    ct_var *time = ct_affine_at(NOWHERE, ct_step_at(NOWHERE, t->graph, CT_F64), log(beta), log(beta));
    return ct_affine_at(NOWHERE, ct_exp_at(NOWHERE, time), -1, 1);
}

static adam prepare(nn_train *t, nn_params *state, ct_var *lr, nn_adamw_options o)
{
    ct_var *scale1 = ct_recip_at(NOWHERE, correction(t, o.beta1));
    ct_var *scale2 = ct_pow_at(NOWHERE, correction(t, o.beta2), -0.5);
    adam a = {.state = state, .o = o};
    a.rate = ct_mul_at(NOWHERE, lr, ct_cast_at(NOWHERE, scale1, t->dtype));
    a.unbias = ct_cast_at(NOWHERE, scale2, t->dtype);
    if (o.weight_decay != 0 && !o.coupled)
        a.shrink = ct_affine_at(NOWHERE, lr, -o.weight_decay, 1);
    return a;
}

/* beta old + (1 - beta) new, which becomes the state's value. */
static ct_var *blend(nn_train *t, ct_var *old, double beta, ct_var *new)
{
    ct_site at = ct_var_site(old);
    ct_var *value = ct_add_at(at, ct_affine_at(at, old, beta, 0), ct_affine_at(at, new, 1 - beta, 0));
    return nn_train_assign(t, old, value) ? value : NULL;
}

static bool update(nn_train *t, const adam *a, int64_t i)
{
    ct_var *p = t->items[i].param, *g = t->items[i].grad;
    ct_site at = ct_var_site(p);
    if (a->o.weight_decay != 0 && a->o.coupled)
        g = ct_add_at(at, g, ct_affine_at(at, p, a->o.weight_decay, 0));
    ct_var *m = blend(t, nn_train_state(t, a->state, "m", i), a->o.beta1, g);
    ct_var *v = blend(t, nn_train_state(t, a->state, "v", i), a->o.beta2, ct_square_at(at, g));
    ct_var *deviation = ct_mul_at(at, ct_pow_at(at, v, 0.5), a->unbias);
    ct_var *move = ct_mul_at(at, ct_div_at(at, m, ct_affine_at(at, deviation, 1, a->o.epsilon)), a->rate);
    ct_var *kept = a->shrink ? ct_mul_at(at, p, a->shrink) : p;
    return nn_train_set_next(t, i, ct_sub_at(at, kept, move));
}

static bool check(nn_train *t, const nn_params *state, const nn_adamw_options *o)
{
    if (!state)
        return nn_train_fail(t, CT_E_ARGUMENT, "adamw: needs a set for its moments");
    if (!(o->beta1 > 0 && o->beta1 < 1 && o->beta2 > 0 && o->beta2 < 1 && o->epsilon > 0 && isfinite(o->weight_decay)))
        return nn_train_fail(t, CT_E_ARGUMENT, "adamw: beta1 %g, beta2 %g, epsilon %g, weight decay %g: expected betas between 0 and 1, "
                          "a positive epsilon and a finite decay", o->beta1, o->beta2, o->epsilon, o->weight_decay);
    return true;
}

bool (nn_train_adamw)(nn_train *t, nn_params *state, ct_var *lr, const nn_adamw_options *given)
{
    nn_adamw_options options = *given;
    options.beta1 = options.beta1 ? options.beta1 : 0.9;
    options.beta2 = options.beta2 ? options.beta2 : 0.999;
    options.epsilon = options.epsilon ? options.epsilon : 1e-8;
    if (!nn_train_begin_update(t, "adamw", state, &lr) || !check(t, state, &options))
        return false;
    adam a = prepare(t, state, lr, options);
    for (int64_t i = 0; i < t->count; i++)
        if (!update(t, &a, i))
            return false;
    return true;
}
