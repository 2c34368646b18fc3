/* SPDX-License-Identifier: MIT */
/* What the files of the gradient check share. One check looks at a list of numbers and their derivatives along directions
 * v: the numbers are the elements of the function's value (first order), or of the gradient of its contraction with w
 * (second order). Inputs that are differentiated lie one after the other in flat vectors of doubles. */
#ifndef GRADCHECK_H
#define GRADCHECK_H

#include <cotangent/gradcheck.h>
#include <cotangent/ops.h>
#include <cotangent/program.h>
#include <cotangent/transform.h>

/* Trials of a twin, and the size of its jitter in units of the last place. */
enum { GRADCHECK_TRIALS = 4, GRADCHECK_STIR = 4, GRADCHECK_ROUTES = 2 };

struct gradcheck_block;

/* A compiled program and the outputs read from it, all float64. */
typedef struct gradcheck_probe {
    ct_program *program;
    int n;
    ct_var **out;
    int64_t count;             /* elements of all outputs */
    int n_mask;
    ct_var **mask;             /* where the program chooses: nodes that are piecewise constant in x */
    unsigned char *chosen;     /* their bytes at the base point */
    int changed;               /* the first mask that last differed from that, or -1 */
} gradcheck_probe;

/* One way autodiff has to dy/dv: a program with the tangent v as its input. */
typedef struct gradcheck_route {
    const char *mode;
    gradcheck_probe probe, twin;  /* twin: the same with its rounding stirred, see gradcheck_twin.c */
    double *slope, *noise;        /* along the last v, and the rounding in it */
    double dot, dot_noise;        /* <weights, slope>, and the rounding in it */
} gradcheck_route;

/* The derivatives along one v by central differences, each with an estimate of its error. */
typedef struct gradcheck_reference {
    double *value, *error;
    double *bend[2];           /* |y(t) + y(-t) - 2 y(0)| / t at the step t of the value and at 2 t */
    double *step;              /* that t */
    double *last_error;        /* of the last trial */
    double *at[4];             /* y at t, -t, 2t, -2t of the last trial */
    unsigned char *noisy;      /* the error is mostly rounding: of the value in bit 0, of the last trial in bit 1 */
    unsigned char *kink;       /* the value is no derivative: the slopes on the two sides differ */
    int trials;                /* steps that met no kink */
    bool last_valid;
    ct_var *choice;            /* what changed between the points of a trial, or NULL */
} gradcheck_reference;

/* First or second order. */
typedef struct gradcheck_level {
    gradcheck_probe value, value_twin;
    int64_t count;             /* numbers: elements of all outputs of value */
    double *base, *noise;      /* at the base point, and the rounding of one evaluation */
    double *stirred;           /* that rounding by trials of the twin alone */
    double around, around_dot; /* slopes in random directions, or the terms they are summed of, for inputs in units of their
                                * scales: the largest, and that of <weights, numbers> */
    double *scratch;           /* 9 times count */
    double *weights;
    gradcheck_route route[GRADCHECK_ROUTES];
    int n_routes;
    gradcheck_reference reference;
    const char *exact;         /* mode of the identity <gradient, v> = <weights, route 0 along v> */
    const char *difference;    /* what the difference is of, in messages */
    bool by_difference, by_identity;
    double rtol;
    double *gradient, *gradient_trial[GRADCHECK_TRIALS];  /* d<weights, numbers>/dx, and with its rounding stirred */
    int *tried, *compared;     /* coordinates of each input, by difference */
    bool infinite;             /* some derivative is */
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
    double *base, *point, *direction, *relative;

    ct_graph *graph;
    int64_t own;               /* the nodes before this one are the function's, those after are of its derivatives */
    ct_var *y, *w;
    ct_var *trial;             /* [2]: number of the trial, and size of the jitter in units of the last place */
    uint64_t jitters;
    gradcheck_probe reverse, reverse_twin;  /* vjp, with the cotangent w as input */
    gradcheck_level first, second;
    int differences;           /* places at which differences were compared */
    int gap, gap_tried;        /* an input none of whose differences could be compared, or -1, and how many there were */
    char first_kink[512];
} gradcheck;

/* Where a derivative is compared: input and coordinate are -1 for a random direction. */
typedef struct gradcheck_place {
    const double *v;
    double unit;               /* length that a step of 1 stands for */
    int input;
    int64_t coordinate;
    int64_t flat;              /* of the coordinate in a flat vector, or -1 */
    int direction;
} gradcheck_place;

/* All below that return bool or a pointer have filled c->err when it is false or NULL. */

/* gradcheck_inputs.c */
void *ct_gradcheck_alloc(gradcheck *c, int64_t count, size_t size);  /* zeroed; lives as long as the check */
void ct_gradcheck_release(gradcheck *c);
bool ct_gradcheck_read_inputs(gradcheck *c);
bool ct_gradcheck_make_inputs(gradcheck *c);
int64_t ct_gradcheck_length(const gradcheck *c);

/* gradcheck_build.c */
bool ct_gradcheck_build(gradcheck *c, ct_gradcheck_fn f, void *context);

/* gradcheck_level.c: memory and programs of one order, once its graph is there. */
bool ct_gradcheck_open_level(gradcheck *c, gradcheck_level *level);
bool ct_gradcheck_open_routes(gradcheck *c, gradcheck_level *level);

/* gradcheck_probe.c */
bool ct_gradcheck_compile(gradcheck *c, gradcheck_probe *p, const ct_compile_options *options);  /* inputs at x */
bool ct_gradcheck_set(gradcheck *c, gradcheck_probe *p, ct_var *const *to, const double *flat);  /* m inputs */
bool ct_gradcheck_run(gradcheck *c, gradcheck_probe *p);
bool ct_gradcheck_run_trial(gradcheck *c, gradcheck_probe *twin, int trial, double units);
void ct_gradcheck_read(gradcheck_probe *p, double *flat);
bool ct_gradcheck_same_choices(gradcheck_probe *p);
bool ct_gradcheck_deterministic(gradcheck *c, gradcheck_probe *p);

/* gradcheck_freeze.c: compile the level's value and its twin with what is under stop_gradient cut off and held at its
 * base value, and with all choices, those of the derivatives' rules too, as outputs. */
bool ct_gradcheck_freeze(gradcheck *c, gradcheck_level *level);

/* gradcheck_twin.c: the nodes of p once more, with their rounding stirred. Of a value: x is rounded, as the points of a
 * difference are, and what depends on x moves. Of a derivative: x, dx and w are exact, and what depends on them moves. */
bool ct_gradcheck_make_twin(gradcheck *c, const gradcheck_probe *p, bool of_value, gradcheck_probe *twin);

/* gradcheck_noise.c */
bool ct_gradcheck_stir_values(gradcheck *c, gradcheck_level *level);
bool ct_gradcheck_measure_noise(gradcheck *c, gradcheck_level *level, const double *v);

/* gradcheck_sample.c */
void ct_gradcheck_draw(gradcheck *c, double *to, int64_t n);      /* 0.5 to 1.5, of either sign */
void ct_gradcheck_draw_direction(gradcheck *c, double *v);        /* the same in units of each input's scale */
/* v in units of each coordinate's own size instead, where it is not 0; whether that is much smaller for some. */
bool ct_gradcheck_make_relative(gradcheck *c, const double *v, double *to);
int64_t ct_gradcheck_coordinate(gradcheck *c, int64_t count, int64_t part, int64_t parts);  /* one in that part */

/* gradcheck_slope.c: what autodiff says. */
bool ct_gradcheck_slopes(gradcheck *c, gradcheck_level *level, const double *v);  /* of each route, into the route */
bool ct_gradcheck_find_gradient(gradcheck *c, gradcheck_level *level);
double ct_gradcheck_contract(const double *a, const double *v, int64_t n);        /* sum of a_i v_i, over v_i that are not 0 */
void ct_gradcheck_remember(gradcheck_level *level, double unit);                  /* the slopes, in around */

/* gradcheck_difference.c: the numbers at base + t v; same: false when a choice differs there. */
bool ct_gradcheck_evaluate(gradcheck *c, gradcheck_level *level, const double *v, double t, double *y, bool *same);

/* gradcheck_along.c */
bool ct_gradcheck_level_run(gradcheck *c, gradcheck_level *level);

/* gradcheck_judge.c: is each of n numbers the same both ways? */
typedef enum gradcheck_outcome {
    GRADCHECK_AGREES,    /* and a difference would have been seen */
    GRADCHECK_KINK,
    GRADCHECK_UNSEEN,    /* what the numbers are worth does not tell right from wrong */
    GRADCHECK_INFINITE,
    GRADCHECK_DIFFERS
} gradcheck_outcome;
typedef struct gradcheck_claim {
    const char *mode, *against;
    int64_t n;
    const double *autodiff, *noise;
    const double *reference, *error;
    const unsigned char *kink;     /* or NULL */
    double around;                 /* the size that slopes have here */
    double rtol, atol;
    const gradcheck_level *level;  /* whose numbers they are, or NULL; where one derivative is infinite a NaN comes of it */
} gradcheck_claim;
typedef struct gradcheck_judgement {
    gradcheck_outcome outcome;     /* the gravest of all elements' */
    int64_t element;               /* the one that has it */
    double worst;                  /* the largest error as a part of what is allowed, of elements that were compared */
    double autodiff, reference, allowed, error;
} gradcheck_judgement;
gradcheck_judgement ct_gradcheck_judge(const gradcheck_claim *claim);
double ct_gradcheck_allowed(const gradcheck_claim *claim, int64_t e);
double ct_gradcheck_goal(const gradcheck_claim *claim, int64_t e);
double ct_gradcheck_terms(double value, double noise);

/* gradcheck_difference.c: into level->reference; claims: what the routes have, one for each. */
bool ct_gradcheck_differentiate(gradcheck *c, gradcheck_level *level, const gradcheck_place *at, const gradcheck_claim *claims);

/* gradcheck_report.c */
void ct_gradcheck_record(gradcheck *c, const gradcheck_place *at, const gradcheck_claim *claim, const gradcheck_judgement *j);
void ct_gradcheck_note_kink(gradcheck *c, const gradcheck_level *level, const gradcheck_place *at);
void ct_gradcheck_note_gap(gradcheck *c, const gradcheck_level *level);
bool ct_internal_gradcheck_verdict(gradcheck *c);

#endif
