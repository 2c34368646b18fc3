/* SPDX-License-Identifier: MIT */
/* The gradient check: options and the phases. */
#include "gradcheck.h"

#include <float.h>
#include <math.h>

static bool check_arguments(ct_gradcheck_fn f, int n, ct_tensor *const *x, const ct_gradcheck_options *o, ct_error *err)
{
    if (!f)
        return ct_fail(err, CT_E_ARGUMENT, "gradcheck: the function is NULL");
    if (n < 1 || !x)
        return ct_fail(err, CT_E_ARGUMENT, "gradcheck: %d inputs%s; expected at least one tensor", n, x ? "" : ", NULL");
    if (!(o->step >= 0 && o->step <= 0.01 && o->rtol >= 0 && o->atol >= 0))
        return ct_fail(err, CT_E_ARGUMENT, "gradcheck: step %g, rtol %g, atol %g; expected none negative and step at most 0.01",
                       o->step, o->rtol, o->atol);
    if (o->directions < 0 || o->coordinates < -1 || (o->modes & ~(unsigned)CT_CHECK_ALL))
        return ct_fail(err, CT_E_ARGUMENT,
                       "gradcheck: %d directions, %d coordinates, modes %u; expected at least 0, at least -1, CT_CHECK_... only",
                       o->directions, o->coordinates, o->modes);
    return true;
}

static void fill_defaults(ct_gradcheck_options *o)
{
    if (!o->modes)
        o->modes = CT_CHECK_FIRST;
    if (!(o->step > 0))
        o->step = cbrt(DBL_EPSILON);
    if (!o->directions)
        o->directions = 3;
    if (!o->coordinates)
        o->coordinates = 8;
}

static bool finite_at_base(gradcheck *c)
{
    const double *y = ct_tensor_data(ct_program_get(c->first.value.program, c->y));
    for (int64_t i = 0; i < ct_shape_count(ct_var_shape(c->y)); i++)
        if (!isfinite(y[i]))
            return ct_fail(c->err, CT_E_NUMERIC,
                           "gradcheck: element %lld of the function's value is %g at the base point; expected a finite number",
                           (long long)i, y[i]);
    return true;
}

static bool run_level(gradcheck *c, gradcheck_level *level, double rtol)
{
    level->rtol = c->opt.rtol > 0 ? c->opt.rtol : rtol;
    return ct_gradcheck_deterministic(c, &level->value) && ct_gradcheck_level_run(c, level);
}

static bool run(gradcheck *c, ct_gradcheck_fn f, void *context)
{
    if (!ct_gradcheck_read_inputs(c) || !ct_gradcheck_build(c, f, context) || !finite_at_base(c))
        return false;
    if (!ct_gradcheck_deterministic(c, &c->reverse))
        return false;
    if ((c->opt.modes & CT_CHECK_FIRST) && !run_level(c, &c->first, 1e-8))
        return false;
    return !(c->opt.modes & CT_CHECK_SECOND) || run_level(c, &c->second, 1e-6);
}

bool ct_gradcheck(ct_gradcheck_fn f, void *context, int n, ct_tensor *const *x, const ct_gradcheck_options *options,
                  ct_gradcheck_result *result, ct_error *err)
{
    gradcheck c = {.n = n, .given = x, .err = err, .gap = -1};
    if (options)
        c.opt = *options;
    bool ok = check_arguments(f, n, x, &c.opt, err);
    if (ok) {
        fill_defaults(&c.opt);
        ok = run(&c, f, context) && ct_internal_gradcheck_verdict(&c);
    }
    ct_gradcheck_release(&c);
    if (result)
        *result = c.result;
    return ok;
}
