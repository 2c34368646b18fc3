/* Sums. int32 wraps: it is added as unsigned. */
#include "reduce.h"

#include <cotangent/kernels.h>
#include <cotangent/team.h>

#define COMBINE(a, b) ((a) + (b))
#define NEUTRAL 0

#define T float
#define REDUCE(kind) kind##_sum_f32
#include "reduce_loops.h"

#define T double
#define REDUCE(kind) kind##_sum_f64
#include "reduce_loops.h"

#define T uint32_t
#define REDUCE(kind) kind##_sum_i32
#include "reduce_loops.h"
