/* What the files of the gradient check share. One check differentiates F(x) = <weights, outputs(x)> along directions
 * v: the outputs are those of the function under test (first order) or the gradient of its contraction with w (second
 * order). Inputs that are differentiated lie one after the other in flat vectors of doubles. */
#ifndef GRADCHECK_H
#define GRADCHECK_H

#include <cotangent/gradcheck.h>
#include <cotangent/ops.h>
#include <cotangent/program.h>
#include <cotangent/transform.h>

struct gradcheck_block;

/* A compiled program and the outputs read from it, all float64. */
typedef struct gradcheck_probe {
    ct_program *program;
    int n;
    ct_var **out;
    int n_mask;
    ct_var **mask;             /* where the program chooses: comparisons and what maxima picked */
    unsigned char *chosen;     /* their bytes at the base point */
} gradcheck_probe;

/* One way autodiff has to dF/dv: a program with the tangent v as its input. */
typedef struct gradcheck_route {
    const char *mode;
    gradcheck_probe probe;
} gradcheck_route;

/* First or second order. */
typedef struct gradcheck_level {
    gradcheck_probe value;
    double *weights;
    gradcheck_route route[2];
    int n_routes;
    const char *exact;         /* mode of the identity <gradient, v> = <weights, route 0 along v> */
    const char *difference;    /* what the difference is of, in messages */
    bool by_difference, by_identity;
    double rtol, atol;
    double *gradient;          /* dF/dx */
    double magnitude;          /* sum of |weights_i outputs_i| at the base point */
    double noise;              /* of one evaluation of F */
} gradcheck_level;

typedef struct gradcheck {
    ct_gradcheck_options opt;  /* defaults filled in */
    ct_gradcheck_result result;
    ct_error *err;
    struct gradcheck_block *blocks;
    uint64_t draws;

    int n;                     /* all inputs */
    ct_tensor *const *given;
    ct_var **input;
    int m;                     /* the differentiated ones */
    ct_var **x, **dx;
    int *number;               /* which input each is */
    int64_t *start;            /* where it begins in a flat vector; start[m] is the length */
    double *scale;             /* its largest |x|, or 1 */
    double *base, *point, *direction;

    ct_graph *graph;
    int64_t own;               /* the nodes before this one are the function's, those after are of its derivatives */
    ct_var *y, *w;
    gradcheck_probe reverse;   /* vjp, with the cotangent w as input */
    gradcheck_level first, second;
} gradcheck;

/* Where a derivative is compared: input and coordinate are -1 for a random direction. */
typedef struct gradcheck_place {
    const double *v;
    double unit;               /* length that a step of 1 stands for */
    double scale;              /* what a derivative along v is expected to be of */
    int input;
    int64_t coordinate;
    int direction;
} gradcheck_place;

typedef struct gradcheck_difference {
    double value, error;       /* error: an estimate */
    bool noisy;                /* mostly of rounding: a wider step would be better, else a narrower one */
    bool kink;
} gradcheck_difference;

/* All below that return bool or a pointer have filled c->err when it is false or NULL. */

/* gradcheck_inputs.c */
void *gradcheck_alloc(gradcheck *c, int64_t count, size_t size);  /* zeroed; lives as long as the check */
void gradcheck_release(gradcheck *c);
bool gradcheck_read_inputs(gradcheck *c);
bool gradcheck_make_inputs(gradcheck *c);
int64_t gradcheck_length(const gradcheck *c);

/* gradcheck_build.c */
bool gradcheck_build(gradcheck *c, ct_gradcheck_fn f, void *context);

/* gradcheck_probe.c */
bool gradcheck_compile(gradcheck *c, gradcheck_probe *p, const ct_compile_options *options);  /* inputs at x */
bool gradcheck_set(gradcheck *c, gradcheck_probe *p, ct_var *const *to, const double *flat);  /* m inputs */
bool gradcheck_run(gradcheck *c, gradcheck_probe *p);
double gradcheck_dot(gradcheck_probe *p, const double *weights, double *magnitude);
void gradcheck_read(gradcheck_probe *p, double *flat);
bool gradcheck_same_choices(const gradcheck_probe *p);
bool gradcheck_deterministic(gradcheck *c, gradcheck_probe *p);

/* gradcheck_freeze.c: compile p with what is under stop_gradient cut off and held at its base value, and with its
 * choices as outputs. */
bool gradcheck_freeze(gradcheck *c, gradcheck_probe *p);

/* gradcheck_sample.c */
void gradcheck_draw(gradcheck *c, double *to, int64_t n);      /* 0.5 to 1.5, of either sign */
void gradcheck_draw_direction(gradcheck *c, double *v);        /* the same in units of each input's scale */
int64_t gradcheck_coordinate(gradcheck *c, int64_t count, int64_t part, int64_t parts);  /* one in that part */

/* gradcheck_difference.c */
bool gradcheck_measure_noise(gradcheck *c, gradcheck_level *level, const double *v);
bool gradcheck_differentiate(gradcheck *c, gradcheck_level *level, const gradcheck_place *at, double goal,
                             gradcheck_difference *out);

/* gradcheck_along.c */
bool gradcheck_level_run(gradcheck *c, gradcheck_level *level);

/* gradcheck_report.c: pass, fail or set aside one comparison. `limit` is the tolerance wanted, `noise` what the
 * reference is worth. */
typedef struct gradcheck_claim {
    const char *mode, *against;
    double autodiff, reference, limit, noise;
} gradcheck_claim;
void gradcheck_judge(gradcheck *c, const gradcheck_place *at, const gradcheck_claim *claim);
void gradcheck_fail(gradcheck *c, const gradcheck_place *at, const gradcheck_claim *claim, double tolerance);

#endif
