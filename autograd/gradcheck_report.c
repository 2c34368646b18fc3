/* SPDX-License-Identifier: MIT */
/* What is counted of a comparison, the lines that say what failed and why nothing was decided, and the verdict. */
#include "gradcheck.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void place_text(const gradcheck_place *at, char *text, size_t size)
{
    if (at->input >= 0)
        snprintf(text, size, "input %d, coordinate %lld", at->input, (long long)at->coordinate);
    else if (at->v)
        snprintf(text, size, "random direction %d", at->direction);
    else
        snprintf(text, size, "base point");
}

/* Which of the numbers, "" when it is the weighted sum of all. */
static void element_text(const gradcheck *c, const gradcheck_claim *claim, int64_t e, char *text, size_t size)
{
    text[0] = 0;
    if (e < 0 || claim->n < 2)
        return;
    bool of_gradient = claim->level == &c->second;
    int k = 0;
    while (of_gradient && k + 1 < c->m && e >= c->start[k + 1])
        k++;
    if (of_gradient)
        snprintf(text, size, ", in element %lld of the gradient of input %d", (long long)(e - c->start[k]), c->number[k]);
    else
        snprintf(text, size, ", in element %lld of the output", (long long)e);
}

/* The first reason for which something was not decided. */
static void note(gradcheck *c, const char *format, ...) CT_PRINTF(2, 3);
static void note(gradcheck *c, const char *format, ...)
{
    if (c->result.reason[0])
        return;
    va_list args;
    va_start(args, format);
    vsnprintf(c->result.reason, sizeof c->result.reason, format, args);
    va_end(args);
}

/* A NaN without its sign. */
static double plain(double value)
{
    return isnan(value) ? fabs(value) : value;
}

static void fail(gradcheck *c, const gradcheck_place *at, const gradcheck_claim *claim, const gradcheck_judgement *j)
{
    char where[64], element[96], message[sizeof c->result.first];
    place_text(at, where, sizeof where);
    element_text(c, claim, j->element, element, sizeof element);
    snprintf(message, sizeof message, "%s: %s: autodiff %.10g but %s %.10g (allowed %.2g)%s", claim->mode, where,
             plain(j->autodiff), claim->against, plain(j->reference), j->allowed, element);
    if (!c->result.failed++)
        memcpy(c->result.first, message, sizeof message);
    ct_gradcheck_failure failure = {claim->mode, at->input, at->coordinate, j->autodiff, j->reference, j->allowed,
                                    message, j->element};
    if (c->opt.report)
        c->opt.report(c->opt.context, &failure);
}

/* Which coordinate has the infinite derivative, where the gradient tells. */
static void note_infinite(gradcheck *c, const gradcheck_place *at, const gradcheck_claim *claim)
{
    const gradcheck_level *level = claim->level;
    char where[64];
    place_text(at, where, sizeof where);
    for (int k = 0; k < c->m; k++)
        for (int64_t i = c->start[k]; i < c->start[k + 1]; i++)
            if (!isfinite(level->gradient[i])) {
                note(c, "%s: %s: the derivative is infinite at input %d, coordinate %lld", claim->mode, where, c->number[k],
                     (long long)(i - c->start[k]));
                return;
            }
    note(c, "%s: %s: the derivative is infinite", claim->mode, where);
}

static void note_unseen(gradcheck *c, const gradcheck_place *at, const gradcheck_claim *claim,
                        const gradcheck_judgement *j)
{
    char where[64], element[96];
    place_text(at, where, sizeof where);
    element_text(c, claim, j->element, element, sizeof element);
    if (!isfinite(j->reference))
        note(c, "%s: %s: the %s is %g: the function is not finite, or leaves the numbers there are, beside the point%s",
             claim->mode, where, claim->against, j->reference, element);
    else
        note(c, "%s: %s: drowned in rounding: autodiff %.4g, %s %.4g, which is known to %.2g only%s", claim->mode, where,
             j->autodiff, claim->against, j->reference, j->error, element);
}

void ct_gradcheck_record(gradcheck *c, const gradcheck_place *at, const gradcheck_claim *claim, const gradcheck_judgement *j)
{
    bool compared = j->outcome == GRADCHECK_AGREES || j->outcome == GRADCHECK_DIFFERS;
    c->result.compared += compared;
    c->result.inconclusive += !compared;
    if (compared)
        c->result.worst = fmax(c->result.worst, j->worst);
    if (j->outcome == GRADCHECK_DIFFERS)
        fail(c, at, claim, j);
    else if (j->outcome == GRADCHECK_INFINITE)
        note_infinite(c, at, claim);
    else if (j->outcome == GRADCHECK_UNSEEN)
        note_unseen(c, at, claim, j);
}

void ct_gradcheck_note_kink(gradcheck *c, const gradcheck_level *level, const gradcheck_place *at)
{
    char where[64];
    place_text(at, where, sizeof where);
    if (!c->result.kinks++)
        snprintf(c->first_kink, sizeof c->first_kink, "%s, %s %s", where,
                 level->reference.choice ? "where another choice is made by" : "where the slopes on the two sides differ",
                 level->reference.choice ? CT_VAR_TEXT(level->reference.choice) : "");
}

/* An input none of whose coordinates could be compared. */
void ct_gradcheck_note_gap(gradcheck *c, const gradcheck_level *level)
{
    for (int k = 0; k < c->m && c->gap < 0; k++)
        if (level->tried[k] && !level->compared[k]) {
            c->gap = c->number[k];
            c->gap_tried = level->tried[k];
        }
}

static bool inconclusive(gradcheck *c)
{
    ct_gradcheck_result *r = &c->result;
    r->verdict = CT_GRADCHECK_INCONCLUSIVE;
    return ct_fail(c->err, CT_E_NUMERIC, "gradcheck: inconclusive: %d compared, %d inconclusive, %d at a kink: %s",
                   r->compared, r->inconclusive, r->kinks, r->reason);
}

bool ct_internal_gradcheck_verdict(gradcheck *c)
{
    ct_gradcheck_result *r = &c->result;
    bool by_difference = c->opt.modes & (CT_CHECK_JVP | CT_CHECK_SECOND);
    if (r->failed) {
        r->verdict = CT_GRADCHECK_FAILED;
        return ct_fail(c->err, CT_E_NUMERIC, "gradcheck: %d failed, %d compared; the first: %s", r->failed, r->compared,
                       r->first);
    }
    if (by_difference && !c->differences && !r->inconclusive)
        note(c, "nothing was compared: all %d differences met a kink, the first at %s", r->kinks, c->first_kink);
    if (by_difference && c->gap >= 0)
        note(c, "none of the %d differences in input %d could be compared: the first kink is at %s", c->gap_tried, c->gap,
             c->first_kink);
    if (r->inconclusive || r->reason[0])
        return inconclusive(c);
    r->verdict = CT_GRADCHECK_PASSED;
    return true;
}
