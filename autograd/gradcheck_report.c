/* The verdict on one comparison, and the line that says what failed. */
#include "gradcheck.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* What a comparison must be able to see, relative to the derivatives around: less than the thousandth part. */
#define RESOLUTION 1e-4

static void place_text(const gradcheck_place *at, char *text, size_t size)
{
    if (at->input >= 0)
        snprintf(text, size, "input %d, coordinate %lld", at->input, (long long)at->coordinate);
    else if (at->v)
        snprintf(text, size, "random direction %d", at->direction);
    else
        snprintf(text, size, "base point");
}

void gradcheck_fail(gradcheck *c, const gradcheck_place *at, const gradcheck_claim *claim, double tolerance)
{
    char where[64], message[sizeof c->result.first];
    place_text(at, where, sizeof where);
    snprintf(message, sizeof message, "%s: %s: autodiff %.10g but %s %.10g (allowed %.2g)", claim->mode, where,
             claim->autodiff, claim->against, claim->reference, tolerance);
    if (!c->result.failed++)
        memcpy(c->result.first, message, sizeof message);
    ct_gradcheck_failure failure = {claim->mode, at->input, at->coordinate, claim->autodiff, claim->reference,
                                    tolerance, message};
    if (c->opt.report)
        c->opt.report(c->opt.context, &failure);
}

void gradcheck_judge(gradcheck *c, const gradcheck_place *at, const gradcheck_claim *claim)
{
    double off = fabs(claim->autodiff - claim->reference), tolerance = fmax(claim->limit, claim->noise);
    double scale = fmax(fmax(fabs(claim->autodiff), fabs(claim->reference)), at->scale);
    bool seen = isfinite(claim->reference) && claim->noise <= fmax(claim->limit, RESOLUTION * (scale > 0 ? scale : 1));
    if (isfinite(claim->autodiff) && !seen) {
        c->result.inconclusive++;
        return;
    }
    c->result.compared++;
    if (off > 0)
        c->result.worst = fmax(c->result.worst, off / tolerance);
    if (!isfinite(claim->autodiff) || !(off <= tolerance))
        gradcheck_fail(c, at, claim, tolerance);
}
