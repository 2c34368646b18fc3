/* Activations that the engine has no op for. */
#include <cotangent/layers.h>
#include <math.h>

ct_var *nn_silu(ct_var *x)
{
    ct_site at = ct_var_site(x);
    return ct_mul_at(at, x, ct_sigmoid_at(at, x));
}

/* x (1 + gate) / 2 */
static ct_var *gelu(ct_var *x, ct_var *gate)
{
    ct_site at = ct_var_site(x);
    return ct_mul_at(at, x, ct_affine_at(at, gate, 0.5, 0.5));
}

ct_var *nn_gelu(ct_var *x)
{
    ct_site at = ct_var_site(x);
    return gelu(x, ct_erf_at(at, ct_affine_at(at, x, sqrt(0.5), 0)));
}

/* The argument is x (c + 0.044715 c x^2), c = sqrt(2 / pi). */
ct_var *nn_gelu_tanh(ct_var *x)
{
    ct_site at = ct_var_site(x);
    const double c = 0.79788456080286535588;
    ct_var *slope = ct_affine_at(at, ct_square_at(at, x), 0.044715 * c, c);
    return gelu(x, ct_tanh_at(at, ct_mul_at(at, x, slope)));
}
