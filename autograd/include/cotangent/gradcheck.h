/* SPDX-License-Identifier: MIT */
/* Checks the derivatives of a function that builds a graph, in float64, against central differences and against each
 * other. */
#ifndef COTANGENT_GRADCHECK_H
#define COTANGENT_GRADCHECK_H

#include <cotangent/graph.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Builds the function under test: x[0..n-1] have the shapes of the given tensors and dtype float64 (integer ones stay
 * as they are). Returns one float64 output of any shape, or NULL. */
typedef ct_var *(*ct_gradcheck_fn)(ct_graph *g, ct_var *const *x, void *context);

enum {
    CT_CHECK_JVP = 1,       /* jvp against central differences */
    CT_CHECK_VJP = 2,       /* vjp against jvp: <w, J v> = <J^T w, v>, no differences at all */
    CT_CHECK_SECOND = 4,    /* Hessian-vector products, forward over reverse and reverse over forward, against differences of the
                             * gradient, against each other, and u^T H v = v^T H u */
    CT_CHECK_FIRST = CT_CHECK_JVP | CT_CHECK_VJP,
    CT_CHECK_ALL = CT_CHECK_FIRST | CT_CHECK_SECOND
};

typedef struct ct_gradcheck_failure {
    const char *mode;        /* "jvp", "vjp", "forward-over-reverse", "reverse-over-forward", "symmetry", "determinism" */
    int input;               /* which input, or -1: a direction in all of them */
    int64_t coordinate;      /* which element, or -1: a random direction */
    double autodiff;         /* the derivative by this library */
    double reference;        /* by central difference, by the other mode, or by a second run */
    double tolerance;        /* |autodiff - reference| allowed */
    const char *message;     /* one line with all of it */
    int64_t output;          /* which number's derivative: an element of the function's value, or in second order of the gradients
                              * of the float inputs one after the other; -1: the weighted sum of all */
} ct_gradcheck_failure;

/* All zero is the default. */
typedef struct ct_gradcheck_options {
    unsigned modes;          /* CT_CHECK_...; 0: CT_CHECK_FIRST */
    double step;             /* of the central difference, relative to the largest |x|; 0: cbrt(epsilon). Others, of 16 times and
                              * of a 16th, are tried where it does not fit */
    double rtol, atol;       /* allowed is rtol |derivative| + atol, or four times what the numbers are estimated to be off by,
                              * whichever is more. 0: 1e-8 (second order: 1e-6; modes against each other: 1e-10), and no atol */
    int directions;          /* random directions over all inputs at once; 0: 3 */
    int coordinates;         /* sampled coordinates per input; 0: 8; -1: all */
    uint64_t seed;
    /* Called for each failure, if not NULL. */
    void (*report)(void *context, const ct_gradcheck_failure *failure);
    void *context;
} ct_gradcheck_options;

/* A comparison is of all outputs, along one direction or coordinate, in one mode. It
 *   agrees           when each output's two numbers differ by no more than is allowed, and it would have been seen if they were
 *                    wrong: four times their estimated error is at most 1/2000 of the derivative, or rtol of it and atol; or
 *                    autodiff says that the derivative is zero, to its rounding, and that error is at most 1/10000 of the terms
 *                    it is summed of, or of the largest derivative in a random direction,
 *   fails            when some output's two numbers differ by more than is allowed, or autodiff's is NaN at finite values,
 *   is inconclusive  when that error is larger, or the derivative is infinite, or values beside the point are not finite,
 *   is skipped       when every step meets a kink: the points of a difference are on different branches, or the slopes on the
 *                    two sides of the point differ. */
typedef enum ct_gradcheck_verdict {
    CT_GRADCHECK_NOT_RUN,       /* bad arguments, or the function cannot be built */
    CT_GRADCHECK_PASSED,        /* nothing failed or was inconclusive, and in each input differences were compared (if asked for) */
    CT_GRADCHECK_FAILED,        /* some comparison failed */
    CT_GRADCHECK_INCONCLUSIVE   /* none failed, but some could not be decided, or none in some input was compared: see reason */
} ct_gradcheck_verdict;

typedef struct ct_gradcheck_result {
    int compared;            /* comparisons that agree or fail */
    int failed;
    int kinks;               /* differences skipped */
    int inconclusive;        /* neither passed nor failed */
    double worst;            /* largest |autodiff - reference| / tolerance of all comparisons */
    char first[512];         /* message of the first failure, or "" */
    ct_gradcheck_verdict verdict;
    char reason[1024];       /* why the verdict is inconclusive: what could not be compared first, and where; or "" */
} ct_gradcheck_result;

/* True when the verdict is CT_GRADCHECK_PASSED. Else err says why (CT_E_NUMERIC for failed and inconclusive).
 * stop_gradient nodes are frozen at their base values while inputs are perturbed, and random nodes draw the same numbers.
 * x: base points, float (cast to float64) or integer (not perturbed). result may be NULL. */
CT_API bool ct_gradcheck(ct_gradcheck_fn f, void *context, int n, ct_tensor *const *x, const ct_gradcheck_options *options,
                         ct_gradcheck_result *result, ct_error *err);

#ifdef __cplusplus
}
#endif
#endif
