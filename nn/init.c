/* SPDX-License-Identifier: MIT */
/* Initialisers: a tensor's first values as a function of the seed, its name and nothing else. */
#include <cotangent/params.h>
#include <cotangent/random.h>
#include <math.h>

static const double PI = 3.14159265358979323846;

/* PyTorch's: [out, in, rest...]. */
static double fan(ct_shape shape, int axis)
{
    double n = (double)shape.dim[axis];
    for (int i = 2; i < shape.rank; i++)
        n *= (double)shape.dim[i];
    return n;
}

/* The kinds that look at the shape, said by those that do not. */
static nn_init resolve(nn_init init, ct_shape shape)
{
    double in = fan(shape, 1), both = in + fan(shape, 0), a = init.a;
    double l;
    switch (init.kind) {
    case NN_INIT_XAVIER_UNIFORM: l = a * sqrt(6 / both); return NN_UNIFORM(-l, l);
    case NN_INIT_KAIMING_UNIFORM: l = a * sqrt(3 / in); return NN_UNIFORM(-l, l);
    case NN_INIT_XAVIER_NORMAL: return NN_NORMAL(a * sqrt(2 / both));
    case NN_INIT_KAIMING_NORMAL: return NN_NORMAL(a / sqrt(in));
    default: return init;
    }
}

static bool needs_fans(nn_init_kind kind)
{
    return kind >= NN_INIT_XAVIER_UNIFORM && kind <= NN_INIT_KAIMING_NORMAL;
}

/* Solves erf(x) = y for |y| < 0.96: Winitzki's closed form, good to 0.004, then two steps of Halley's method. */
static double inverse_erf(double y)
{
    const double a = 0.147;
    double log_term = log1p(-y * y), half = 2 / (PI * a) + log_term / 2;
    double x = copysign(sqrt(sqrt(half * half - log_term / a) - half), y);
    for (int i = 0; i < 2; i++) {
        double step = (erf(x) - y) * exp(x * x) * sqrt(PI) / 2;
        x -= step / (1 + x * step);
    }
    return x;
}

/* Normal, cut at two deviations, by the inverse of its distribution: one uniform number a value, never a rejection, so that a value
 * does not depend on its neighbours. */
static double truncated_normal(double u)
{
    return sqrt(2) * inverse_erf((2 * u - 1) * erf(sqrt(2)));
}

static double identity(double z)
{
    return z;
}

/* a + b f(z) for every element z. */
static void map_affine(ct_tensor *t, double (*f)(double), double a, double b)
{
    int64_t n = ct_tensor_count(t);
    float *single = ct_tensor_data(t);
    double *wide = ct_tensor_data(t);
    if (ct_tensor_dtype(t) == CT_F32)
        for (int64_t i = 0; i < n; i++)
            single[i] = (float)(a + b * f(single[i]));
    else
        for (int64_t i = 0; i < n; i++)
            wide[i] = a + b * f(wide[i]);
}

static void fill(nn_init init, ct_tensor *t, ct_random_key key)
{
    if (init.kind == NN_INIT_CONSTANT) {
        ct_tensor_fill(t, init.a);
    } else if (init.kind == NN_INIT_NORMAL) {
        ct_random_normal(ct_array_of(t), key, 1);
        map_affine(t, identity, init.a, init.b);
    } else if (init.kind == NN_INIT_TRUNCATED_NORMAL) {
        ct_random_uniform(ct_array_of(t), key, 1);
        map_affine(t, truncated_normal, init.a, init.b);
    } else {
        ct_random_uniform(ct_array_of(t), key, 1);
        map_affine(t, identity, init.a, init.b - init.a);
    }
}

static bool check(nn_init init, const ct_tensor *t, const char *name, ct_error *err)
{
    ct_shape shape = ct_tensor_shape(t);
    if (!ct_dtype_is_float(ct_tensor_dtype(t)) || !ct_tensor_is_contiguous(t))
        return ct_fail(err, CT_E_ARGUMENT, "initialiser of '%s': expects a contiguous float32 or float64 tensor", name);
    if (init.kind <= NN_INIT_DEFAULT || init.kind > NN_INIT_KAIMING_NORMAL)
        return ct_fail(err, CT_E_ARGUMENT, "initialiser of '%s': kind %d says nothing here: NN_INIT_DEFAULT is for "
                       "options of layers", name, (int)init.kind);
    if (!isfinite(init.a) || !isfinite(init.b))
        return ct_fail(err, CT_E_ARGUMENT, "initialiser of '%s': a = %g and b = %g must be finite", name, init.a, init.b);
    if (needs_fans(init.kind) && shape.rank < 2)
        return ct_fail(err, CT_E_SHAPE, "initialiser of '%s': Xavier and Kaiming need [out, in, ...], got %s", name,
                       CT_SHAPE_TEXT(shape));
    return true;
}

bool nn_init_fill(nn_init init, ct_tensor *t, const char *name, uint64_t seed, ct_error *err)
{
    if (!check(init, t, name, err))
        return false;
    if (needs_fans(init.kind))
        init = resolve(init, ct_tensor_shape(t));
    if (ct_tensor_count(t) > 0)
        fill(init, t, (ct_random_key){seed, ct_random_stream(name), 0});
    return true;
}
