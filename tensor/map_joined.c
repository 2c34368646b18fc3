/* SPDX-License-Identifier: MIT */
/* Two or three arithmetic maps in one pass. As in map_loops.h, y is one of the operands or does not overlap them. */
#include <cotangent/kernels.h>

#include <math.h>

typedef enum part { SAME, AFFINE, ADD, MUL, MASKED, PARTS } part;  /* SAME: an operand as it is; MASKED: mul_no_nan; PARTS: another function */

/* What each makes of its operands u and v, and how many it has. */
#define VALUE_none(c, u, v) 0
#define VALUE_same(c, u, v) (u)
#define VALUE_affine(c, u, v) FMA((c).a, (u), (c).b)
#define VALUE_add(c, u, v) ((u) + (v))
#define VALUE_mul(c, u, v) ((u) * (v))
#define VALUE_mul_no_nan(c, u, v) ((v) == 0 ? 0 : (u) * (v))
enum { N_none = 0, N_same = 1, N_affine = 1, N_add = 2, N_mul = 2, N_mul_no_nan = 2 };

#define T float
#define MAP_SUFFIX f32
#define FMA fmaf
#include "map_joined.h"

#define T double
#define MAP_SUFFIX f64
#define FMA fma
#include "map_joined.h"

ct_map_fn ct_map_joined(ct_map_fn g, ct_map_fn f0, ct_map_fn f1)
{
    ct_map_fn single = find_f32(g, f0, f1);
    return single ? single : find_f64(g, f0, f1);
}
