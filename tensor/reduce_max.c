/* SPDX-License-Identifier: MIT */
/* Maxima. A NaN on either side wins. */
#include "reduce.h"

#include <cotangent/kernels.h>
#include <cotangent/team.h>

#include <math.h>

#define COMBINE(a, b) ((((a) > (b)) | ((a) != (a))) ? (a) : (b))   /* without branches */
#define FIRST(a, b) (((a) > (b)) | ((a) != (a)))                   /* in which lanes it is a */
#define COMBINE_LANES(V, a, b) \
    ((V)((FIRST(a, b) & (__typeof__(FIRST(a, b)))(a)) | (~FIRST(a, b) & (__typeof__(FIRST(a, b)))(b))))

#define T float
#define REDUCE(kind) kind##_max_f32
#define NEUTRAL (-INFINITY)
#include "reduce_loops.h"

#define T double
#define REDUCE(kind) kind##_max_f64
#include "reduce_loops.h"

#define T int32_t
#define REDUCE(kind) kind##_max_i32
#undef NEUTRAL
#define NEUTRAL INT32_MIN
#include "reduce_loops.h"
