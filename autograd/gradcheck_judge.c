/* SPDX-License-Identifier: MIT */
/* Is each of a list of numbers the same both ways? Two numbers may differ by rtol of their size and atol, or by four times
 * what is estimated of their errors. That they agree counts only if a wrong one would have been seen. */
#include "gradcheck.h"

#include <float.h>
#include <math.h>

/* An error of a thousandth of the derivative is seen. */
#define RESOLUTION 5e-4
/* Of a derivative that is zero: one of this part of the terms it is summed of, or of the largest slope. */
#define RESOLUTION_OF_ZERO 1e-4

/* Below the smallest normal number nothing is told apart. */
static double worth(const gradcheck_claim *claim, int64_t e)
{
    double smallest = claim->autodiff[e] != 0 || claim->reference[e] != 0 ? DBL_MIN : 0;
    return 4 * (claim->error[e] + claim->noise[e] + smallest);
}

static double limit(const gradcheck_claim *claim, int64_t e)
{
    return claim->rtol * fmax(fabs(claim->autodiff[e]), fabs(claim->reference[e])) + claim->atol;
}

double ct_gradcheck_allowed(const gradcheck_claim *claim, int64_t e)
{
    return fmax(limit(claim, e), worth(claim, e));
}

static bool is_zero(double value, double noise)
{
    return fabs(value) <= 8 * noise;
}

/* The size of what a number with this rounding in it is summed of; the rounding tells nothing where numbers end. */
double ct_gradcheck_terms(double value, double noise)
{
    return fmax(fabs(value), noise > 0x1p-1000 ? noise / DBL_EPSILON : 0);
}

/* How large a derivative that is zero might be expected to be. */
static double expected(const gradcheck_claim *claim, int64_t e)
{
    return fmax(ct_gradcheck_terms(claim->autodiff[e], claim->noise[e]), claim->around);
}

/* The error of the reference at which no better one is needed. */
double ct_gradcheck_goal(const gradcheck_claim *claim, int64_t e)
{
    double goal = claim->rtol * fabs(claim->autodiff[e]) + claim->atol;
    if (is_zero(claim->autodiff[e], claim->noise[e]))
        goal = fmax(goal, RESOLUTION_OF_ZERO * expected(claim, e));
    return goal / 4;
}

static gradcheck_outcome judge_not_finite(const gradcheck_claim *claim, double a, double b)
{
    if (isinf(a) || (claim->level && claim->level->infinite))
        return GRADCHECK_INFINITE;
    return isfinite(a) == isfinite(b) || !isnan(a) ? GRADCHECK_UNSEEN : GRADCHECK_DIFFERS;
}

static gradcheck_outcome judge(const gradcheck_claim *claim, int64_t e)
{
    double a = claim->autodiff[e], b = claim->reference[e], error = worth(claim, e);
    if (!isfinite(a) || !isfinite(b))
        return judge_not_finite(claim, a, b);
    if (claim->kink && claim->kink[e])
        return GRADCHECK_KINK;
    if (fabs(a - b) > ct_gradcheck_allowed(claim, e))
        return GRADCHECK_DIFFERS;
    if (error <= fmax(limit(claim, e), RESOLUTION * fmax(fabs(a), fabs(b))))
        return GRADCHECK_AGREES;
    bool zero = is_zero(a, claim->noise[e]) && fabs(b) <= error;
    return zero && error <= RESOLUTION_OF_ZERO * expected(claim, e) ? GRADCHECK_AGREES : GRADCHECK_UNSEEN;
}

static double part_of_allowed(const gradcheck_claim *claim, int64_t e)
{
    double off = fabs(claim->autodiff[e] - claim->reference[e]);
    return off > 0 ? off / ct_gradcheck_allowed(claim, e) : 0;
}

static void take(const gradcheck_claim *claim, int64_t e, gradcheck_judgement *j)
{
    j->element = e;
    j->autodiff = claim->autodiff[e];
    j->reference = claim->reference[e];
    j->allowed = ct_gradcheck_allowed(claim, e);
    j->error = worth(claim, e);
}

gradcheck_judgement ct_gradcheck_judge(const gradcheck_claim *claim)
{
    gradcheck_judgement j = {.outcome = GRADCHECK_AGREES};
    for (int64_t e = 0; e < claim->n; e++) {
        gradcheck_outcome outcome = judge(claim, e);
        bool compared = outcome == GRADCHECK_AGREES || outcome == GRADCHECK_DIFFERS;
        double part = compared ? part_of_allowed(claim, e) : 0;
        if (isnan(part))
            part = INFINITY;
        if (e == 0 || outcome > j.outcome || (outcome == j.outcome && part > j.worst))
            take(claim, e, &j);
        j.outcome = outcome > j.outcome ? outcome : j.outcome;
        j.worst = fmax(j.worst, part);
    }
    return j;
}
