/* SPDX-License-Identifier: MIT */
/* The memory and the programs of one order of derivative. */
#include "gradcheck.h"

#include <math.h>

static bool allocate_reference(gradcheck *c, gradcheck_reference *r, int64_t n)
{
    double **arrays[] = {&r->value, &r->error, &r->bend[0], &r->bend[1], &r->step,
                          &r->last_error, &r->at[0], &r->at[1], &r->at[2], &r->at[3]};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        if (!(*arrays[i] = ct_gradcheck_alloc(c, n, sizeof(double))))
            return false;
    return (r->noisy = ct_gradcheck_alloc(c, n, 1)) && (r->kink = ct_gradcheck_alloc(c, n, 1));
}

static bool allocate(gradcheck *c, gradcheck_level *level)
{
    int64_t n = level->count;
    double **arrays[] = {&level->base, &level->noise, &level->stirred};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        if (!(*arrays[i] = ct_gradcheck_alloc(c, n, sizeof(double))))
            return false;
    for (int k = 0; k < GRADCHECK_TRIALS; k++)
        if (!(level->gradient_trial[k] = ct_gradcheck_alloc(c, ct_gradcheck_length(c), sizeof(double))))
            return false;
    return (level->scratch = ct_gradcheck_alloc(c, 9 * n, sizeof(double))) &&
           (level->gradient = ct_gradcheck_alloc(c, ct_gradcheck_length(c), sizeof(double))) &&
           (level->tried = ct_gradcheck_alloc(c, c->m, sizeof(int))) &&
           (level->compared = ct_gradcheck_alloc(c, c->m, sizeof(int))) && allocate_reference(c, &level->reference, n);
}

bool ct_gradcheck_open_level(gradcheck *c, gradcheck_level *level)
{
    if (!ct_gradcheck_make_twin(c, &level->value, true, &level->value_twin) || !ct_gradcheck_freeze(c, level))
        return false;
    level->count = level->value.count;
    return allocate(c, level) && ct_gradcheck_stir_values(c, level);
}

bool ct_gradcheck_open_routes(gradcheck *c, gradcheck_level *level)
{
    for (int i = 0; i < level->n_routes; i++) {
        gradcheck_route *r = &level->route[i];
        if (!ct_gradcheck_make_twin(c, &r->probe, false, &r->twin) || !ct_gradcheck_compile(c, &r->probe, NULL) ||
            !ct_gradcheck_compile(c, &r->twin, NULL) || !(r->slope = ct_gradcheck_alloc(c, level->count, sizeof(double))) ||
            !(r->noise = ct_gradcheck_alloc(c, level->count, sizeof(double))))
            return false;
    }
    return true;
}
