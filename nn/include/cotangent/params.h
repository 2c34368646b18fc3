/* SPDX-License-Identifier: MIT */
/* Parameters by name, and scopes. A model is a C function; its layers find or create their parameters by name under the scope they are handed. Calling the
 * function again under the same scope shares them; calling it with another set of parameters (the EMA's) gives that set's output.
 * Names and layouts are those of a PyTorch state dict: "blocks.0.attn.qkv.weight", linear weights [out, in]. */
#ifndef COTANGENT_PARAMS_H
#define COTANGENT_PARAMS_H

#include <cotangent/files.h>
#include <cotangent/graph.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- a set of named tensors ------------------------------------------------------------------------------------- */

typedef struct nn_params nn_params;

/* An empty set. `dtype` (float32 or float64) is that of every parameter; a new parameter's first value is a function of `seed` and its name. */
CT_API nn_params *nn_params_new(ct_dtype dtype, uint64_t seed, ct_error *err);
CT_API void nn_params_free(nn_params *p);  /* NULL is allowed; graphs keep a share of the tensors they use */
CT_API ct_dtype nn_params_dtype(const nn_params *p);
CT_API int64_t nn_params_count(const nn_params *p);                 /* tensors, in order of creation */
CT_API const char *nn_params_name(const nn_params *p, int64_t i);   /* NULL outside 0..count-1 */
CT_API ct_tensor *nn_params_tensor(const nn_params *p, int64_t i);  /* borrowed */
CT_API ct_tensor *nn_params_find(const nn_params *p, const char *name);  /* borrowed; NULL when absent */
CT_API int64_t nn_params_numbers(const nn_params *p);               /* elements of all tensors */
/* Add a tensor of one's own (retained, contiguous, of the set's dtype). A name that is taken is an error. */
CT_API bool nn_params_add(nn_params *p, const char *name, ct_tensor *t, ct_error *err);
/* A copy with tensors of its own, in the same order. */
CT_API nn_params *nn_params_clone(const nn_params *p, ct_error *err);
/* Copy values by name; both must hold the same names and shapes (dtypes are converted). */
CT_API bool nn_params_copy(nn_params *dst, const nn_params *src, ct_error *err);

/* Into an archive as PREFIX + name, and back. Loading writes into the tensors there are (build the model first); every missing, unexpected and mis-shaped
 * name is listed in one message, and then nothing is changed. Names in the archive without the prefix are left alone. Prefix may be "". */
CT_API bool nn_params_save(const nn_params *p, ct_archive *to, const char *prefix, ct_error *err);
CT_API bool nn_params_load(nn_params *p, const ct_archive *from, const char *prefix, ct_error *err);
/* From here on, a model that asks for parameters with more numbers in all than the archive holds under the prefix gets
 * an error in place of memory. For sizes that come from the file itself: before the model is built to be loaded. */
CT_API void nn_params_limit(nn_params *p, const ct_archive *from, const char *prefix);

/* --- initialisers --------------------------------------------------------------------------------------------------- */

/* fan_in and fan_out are those of PyTorch: for [out, in, rest...], in * rest and out * rest. */
typedef enum nn_init_kind {
    NN_INIT_DEFAULT,           /* what the layer says */
    NN_INIT_CONSTANT,          /* a everywhere */
    NN_INIT_NORMAL,            /* mean a, deviation b */
    NN_INIT_TRUNCATED_NORMAL,  /* mean a, deviation b before cutting at two deviations */
    NN_INIT_UNIFORM,           /* in (a, b) */
    NN_INIT_XAVIER_UNIFORM,    /* (-l, l), l = a sqrt(6 / (fan_in + fan_out)); a is the gain */
    NN_INIT_XAVIER_NORMAL,     /* deviation a sqrt(2 / (fan_in + fan_out)) */
    NN_INIT_KAIMING_UNIFORM,   /* (-l, l), l = a sqrt(3 / fan_in); a = sqrt(2) for ReLU */
    NN_INIT_KAIMING_NORMAL     /* deviation a / sqrt(fan_in) */
} nn_init_kind;
typedef struct nn_init {
    nn_init_kind kind;
    double a, b;
} nn_init;
#define NN_ZEROS (CT_LITERAL(nn_init){NN_INIT_CONSTANT, 0, 0})
#define NN_ONES (CT_LITERAL(nn_init){NN_INIT_CONSTANT, 1, 0})
#define NN_NORMAL(deviation) (CT_LITERAL(nn_init){NN_INIT_NORMAL, 0, (deviation)})
#define NN_TRUNCATED_NORMAL(deviation) (CT_LITERAL(nn_init){NN_INIT_TRUNCATED_NORMAL, 0, (deviation)})
#define NN_UNIFORM(low, high) (CT_LITERAL(nn_init){NN_INIT_UNIFORM, (low), (high)})
#define NN_XAVIER_UNIFORM (CT_LITERAL(nn_init){NN_INIT_XAVIER_UNIFORM, 1, 0})
#define NN_XAVIER_NORMAL (CT_LITERAL(nn_init){NN_INIT_XAVIER_NORMAL, 1, 0})
#define NN_KAIMING_UNIFORM(gain) (CT_LITERAL(nn_init){NN_INIT_KAIMING_UNIFORM, (gain), 0})
#define NN_KAIMING_NORMAL(gain) (CT_LITERAL(nn_init){NN_INIT_KAIMING_NORMAL, (gain), 0})
/* Fill a contiguous float tensor; name and seed choose the random numbers. */
CT_API bool nn_init_fill(nn_init init, ct_tensor *t, const char *name, uint64_t seed, ct_error *err);

/* --- scopes ----------------------------------------------------------------------------------------------------------- */

/* Where in the graph, in the parameters and in the model's tree of names a layer stands. Passed by value. */
typedef struct nn_scope {
    ct_graph *graph;
    nn_params *params;
    const char *path;  /* "blocks.0.attn", "" at the root; lives as long as the graph */
    bool training;     /* dropout drops only when true */
    ct_site at;        /* where nn_at was last called: error messages name it */
} nn_scope;

#define nn_root(graph, params) nn_root_at(CT_HERE, (graph), (params))
CT_API nn_scope nn_root_at(ct_site at, ct_graph *graph, nn_params *params);  /* training is false */
/* The scope below s: nn_at(s, "blocks.%d", i). */
#define nn_at(...) nn_at_at(CT_HERE, __VA_ARGS__)
CT_API nn_scope nn_at_at(ct_site at, nn_scope s, const char *format, ...) CT_PRINTF(3, 4);
CT_API nn_scope nn_training(nn_scope s, bool training);

/* The parameter "path.name" as a node: found, or created with this shape and filled by `init`. Another shape under the same name is an error that
 * names the path and both shapes, and another initialiser than nn_param made it with one that names both. NN_INIT_DEFAULT, (nn_init){0}, asks for what
 * there is; parameters that were copied or added to the set may be asked for with any. A layer's own default does not contradict either: a
 * layer may share another one's parameter. */
CT_API ct_var *nn_param(nn_scope s, const char *name, ct_shape shape, nn_init init);

/* Record "layer 'path': message, at file:line" in the graph. Returns NULL. For layers of one's own. */
CT_API void *nn_fail(nn_scope s, ct_code code, const char *layer, const char *format, ...) CT_PRINTF(4, 5);

#ifdef __cplusplus
}
#endif
#endif
