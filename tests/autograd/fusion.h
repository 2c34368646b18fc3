/* SPDX-License-Identifier: MIT */
/* Graphs compiled with and without fusion, which must give the same bits. */
#ifndef FUSION_H
#define FUSION_H

#include "inputs.h"
#include "printed.h"

#include <cotangent/ops.h>
#include <cotangent/program.h>
#include <cotangent/transform.h>
#include <string.h>

enum { MOST_OUTPUTS = 8 };

typedef struct bench_case {
    ct_graph *g;
    ct_var *x, *w;  /* [rows, columns], [columns] */
    int n;
    ct_var *out[MOST_OUTPUTS];
} bench_case;

static inline void keep(bench_case *c, ct_var *v)
{
    if (v)
        c->out[c->n++] = v;
}

typedef void (*build_fn)(bench_case *c);
static inline bench_case new_case(build_fn build, ct_dtype dtype, int64_t rows, int64_t columns)
{
    bench_case c = {.g = ct_graph_new()};
    c.x = ct_input(c.g, "x", dtype, CT_SHAPE(rows, columns));
    c.w = ct_input(c.g, "w", dtype, CT_SHAPE(columns));
    build(&c);
    const ct_error *e = ct_graph_error(c.g);
    assert_ok(!e, e);
    assert_true(c.n > 0);
    return c;
}

static inline ct_program *run_with(bench_case *c, ct_compile_options options)
{
    ct_error err = {0};
    support_rng rng = {11};
    ct_program *p = ct_compile(c->g, c->n, c->out, &options, &err);
    assert_ok(p, &err);
    ct_tensor *x = support_tensor(CT_F64, ct_var_shape(c->x), &rng, -2, 2), *w = support_tensor(CT_F64, ct_var_shape(c->w), &rng, -1, 1);
    assert_ok(set_inputs_to_zero(p, c->g, &err) && ct_program_set(p, c->x, x, &err) && ct_program_set(p, c->w, w, &err) && ct_program_run(p, &err), &err);
    ct_tensor_free(x);
    ct_tensor_free(w);
    return p;
}

static inline void assert_same_bits(bench_case *c, ct_program *p, ct_program *q, const char *what)
{
    for (int i = 0; i < c->n; i++) {
        ct_tensor *a = ct_program_get(p, c->out[i]), *b = ct_program_get(q, c->out[i]);
        if (ct_tensor_bytes(a) && memcmp(ct_tensor_data(a), ct_tensor_data(b), ct_tensor_bytes(a)) != 0) {
            for (int64_t k = 0; k < ct_tensor_count(a); k++)
                if (ct_tensor_get(a, k) != ct_tensor_get(b, k))
                    fail_msg("%s, x %s, output %d, element %lld: %.17g and %.17g", what, CT_SHAPE_TEXT(ct_var_shape(c->x)), i, (long long)k,
                             ct_tensor_get(a, k), ct_tensor_get(b, k));
            fail_msg("%s: bits differ", what);
        }
    }
}

static inline void compare(build_fn build, ct_dtype dtype, int64_t rows, int64_t columns)
{
    bench_case c = new_case(build, dtype, rows, columns);
    ct_program *plain = run_with(&c, (ct_compile_options){.no_fuse = true, .threads = 1});
    static const ct_compile_options fused[] = {{.threads = 1}, {.threads = 2}, {.threads = 3}, {.threads = 2, .poison = true}, {.threads = 1, .no_merge = true}};
    for (size_t i = 0; i < sizeof fused / sizeof *fused; i++) {
        ct_program *p = run_with(&c, fused[i]);
        assert_same_bits(&c, p, plain, "fused against unfused");
        ct_program_free(p);
    }
    ct_program_free(plain);
    ct_graph_free(c.g);
}

static inline int64_t steps_of(build_fn build, int64_t rows, int64_t columns)
{
    bench_case c = new_case(build, CT_F32, rows, columns);
    ct_program *p = run_with(&c, (ct_compile_options){.threads = 1});
    int64_t steps = ct_program_get_stats(p).steps;
    ct_program_free(p);
    ct_graph_free(c.g);
    return steps;
}

/* How often the printed program says `what`. */
static inline int times_printed(build_fn build, int64_t rows, int64_t columns, int threads, const char *what)
{
    bench_case c = new_case(build, CT_F32, rows, columns);
    ct_program *p = run_with(&c, (ct_compile_options){.threads = threads});
    char *text = printed_program(p);
    int found = 0;
    for (const char *at = text; (at = strstr(at, what)); at++)
        found++;
    free(text);
    ct_program_free(p);
    ct_graph_free(c.g);
    return found;
}

#endif
