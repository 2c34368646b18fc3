/* SPDX-License-Identifier: MIT */
/* What a gradient check draws at random, by its seed: weights, directions, coordinates. */
#include "gradcheck.h"

#include <cotangent/random.h>
#include <math.h>

static ct_random_key next_key(gradcheck *c)
{
    return (ct_random_key){.seed = c->opt.seed, .stream = ct_random_stream("gradcheck"), .step = c->draws++};
}

/* No entry is near zero, so that no error hides there. */
void ct_gradcheck_draw(gradcheck *c, double *to, int64_t n)
{
    ct_random_uniform(ct_array_make(to, CT_F64, CT_SHAPE(n)), next_key(c), 1);
    for (int64_t i = 0; i < n; i++)
        to[i] = to[i] < 0.5 ? to[i] - 1.0 : to[i] + 0.5;
}

void ct_gradcheck_draw_direction(gradcheck *c, double *v)
{
    ct_gradcheck_draw(c, v, ct_gradcheck_length(c));
    for (int k = 0; k < c->m; k++)
        for (int64_t i = c->start[k]; i < c->start[k + 1]; i++)
            v[i] *= c->scale[k];
}

bool ct_gradcheck_make_relative(gradcheck *c, const double *v, double *to)
{
    bool differs = false;
    for (int k = 0; k < c->m; k++)
        for (int64_t i = c->start[k]; i < c->start[k + 1]; i++) {
            double own = fabs(c->base[i]) / c->scale[k];
            differs = differs || (own > 0 && own < 0.01);
            to[i] = own > 0 ? v[i] * own : v[i];
        }
    return differs;
}

int64_t ct_gradcheck_coordinate(gradcheck *c, int64_t count, int64_t part, int64_t parts)
{
    int64_t width = count / parts, rest = count % parts;
    int64_t low = part * width + (part < rest ? part : rest), size = width + (part < rest);
    uint32_t word[4];
    ct_random_block(next_key(c), 0, word);
    return low + (int64_t)((((uint64_t)word[0] << 32) | word[1]) % (uint64_t)size);
}
