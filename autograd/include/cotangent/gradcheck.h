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
} ct_gradcheck_failure;

/* All zero is the default. */
typedef struct ct_gradcheck_options {
    unsigned modes;          /* CT_CHECK_...; 0: CT_CHECK_FIRST */
    double step;             /* of the central difference, relative to the largest |x|; 0: cbrt(epsilon). Others are tried where it
                              * does not fit */
    double rtol, atol;       /* allowed is rtol |derivative| + atol, or what the difference itself is worth. 0: 1e-8 and 1e-10 (second
                              * order: 1e-6 and 1e-8; atol less where all derivatives are small). Modes against each other: rtol
                              * alone, 0: 1e-10 */
    int directions;          /* random directions over all inputs at once; 0: 3 */
    int coordinates;         /* sampled coordinates per input; 0: 8; -1: all */
    uint64_t seed;
    /* Called for each failure, if not NULL. */
    void (*report)(void *context, const ct_gradcheck_failure *failure);
    void *context;
} ct_gradcheck_options;

typedef struct ct_gradcheck_result {
    int compared;            /* comparisons made */
    int failed;
    int kinks;               /* differences skipped: a comparison or a maximum changed its choice between the points */
    int inconclusive;        /* the difference drowned in rounding: neither passed nor failed */
    double worst;            /* largest |autodiff - reference| / tolerance of all comparisons */
    char first[512];         /* message of the first failure, or "" */
} ct_gradcheck_result;

/* True when something was compared and nothing failed or was inconclusive. False otherwise, also when the function
 * cannot be built: err says why. stop_gradient nodes are frozen at their base values while inputs are perturbed, and
 * random nodes draw the same numbers. x: base points, float (cast to float64) or integer (not perturbed). result may
 * be NULL. */
CT_API bool ct_gradcheck(ct_gradcheck_fn f, void *context, int n, ct_tensor *const *x, const ct_gradcheck_options *options,
                         ct_gradcheck_result *result, ct_error *err);

#ifdef __cplusplus
}
#endif
#endif
