/* SPDX-License-Identifier: MIT */
/* Running a program: its steps, one after the other. Nothing here allocates. */
#include "program_impl.h"
#include <cotangent/float_mode.h>
#include <cotangent/team.h>
#include <string.h>
#include <time.h>

double ct_seconds_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void ct_eval_fail(const ct_eval *c, ct_code code, const char *format, ...)
{
    if (!c->failure || c->failure->code != CT_OK)
        return;
    va_list args;
    va_start(args, format);
    ct_vfail(c->failure, code ? code : CT_E_ARGUMENT, format, args);
    va_end(args);
}

static void run_eval(const ct_program *p, const step *s, ct_error *failure)
{
    ct_eval c = {.attr = s->var->attr, .n = s->n, .x = s->in, .y = p->values[s->out[0]].array, .scratch = p->block + s->scratch_offset,
                 .threads = p->threads, .seed = p->options.seed, .step = p->step_count, .failure = failure};
    s->var->op->eval(&c);
}

bool ct_is_committed(const ct_program *p)
{
    return !p->options.commit || ct_tensor_get(p->output_tensor[p->n_outputs - 1], 0) != 0;
}

static void run_step(const ct_program *p, const step *s, ct_error *failure)
{
    switch (s->kind) {
    case STEP_EVAL: run_eval(p, s, failure); break;
    case STEP_COPY:
        if (!s->committed || ct_is_committed(p))
            ct_copy(p->values[s->out[0]].array, s->in[0], p->threads);
        break;
    case STEP_MAP: ct_run_map(p, s); break;
    case STEP_PRODUCT:
        if (!s->follows)
            ct_run_products(p, s);
        break;
    }
}

/* Two steps that run together share the time by their arithmetic. */
static void run_timed(const ct_program *p, step *s, ct_error *failure)
{
    double start = ct_seconds_now();
    run_step(p, s, failure);
    double seconds = ct_seconds_now() - start, of_next = s->followed ? seconds * s[1].flops / (s->flops + s[1].flops) : 0;
    s->seconds += seconds - of_next;
    if (s->followed)
        s[1].seconds += of_next;
}

typedef struct run_request {
    ct_program *p;
    ct_error *err;
    ct_error failure;  /* of the step that runs */
    bool ok;
} run_request;

/* What an op reported, with all that is known of its node. */
static bool report(const ct_program *p, const step *s, const ct_error *failure, ct_error *err)
{
    char operands[640] = "";
    const ct_var *v = s->var;
    for (int i = 0; i < v->n && i < 2; i++) {
        strncat(operands, i ? ", " : ": ", sizeof operands - strlen(operands) - 1);
        strncat(operands, CT_VAR_TEXT(v->x[i]), sizeof operands - strlen(operands) - 1);
    }
    return ct_fail(err, failure->code, "run: step %llu: %s%s%s: %s%s, at %s:%d", (unsigned long long)p->step_count, v->op->name,
                   v->name ? " of " : "", ct_var_name(v), failure->message, operands, v->at.file ? v->at.file : "?", v->at.line);
}

/* All steps, on the thread that leads the team. */
static void run_steps(void *argument)
{
    run_request *r = argument;
    ct_program *p = r->p;
    for (int i = 0; i < p->n_steps && r->ok; i++) {
        if (p->options.profile)
            run_timed(p, &p->steps[i], &r->failure);
        else
            run_step(p, &p->steps[i], &r->failure);
        if (r->failure.code != CT_OK)
            r->ok = report(p, &p->steps[i], &r->failure, r->err);
        else if (p->options.check_finite)
            r->ok = ct_run_check_finite(p, &p->steps[i], r->err);
        if (p->options.poison)
            ct_poison_after(p, i);
    }
}

static bool refuse_unset(const ct_program *p, const ct_var *v, ct_error *err)
{
    const char *expected = "expected ct_program_set, ct_program_set_data or ct_program_set_scalar before the run", *file = v->at.file ? v->at.file : "?";
    if (v->op == &ct_op_input)
        return ct_fail(err, CT_E_ARGUMENT, "run: input \"%.96s\" was never set: %s (%s %s, %d without a value in all, made at %s:%d)", v->name, expected,
                       ct_dtype_name(v->dtype), CT_SHAPE_TEXT(v->shape), p->unset, file, v->at.line);
    return ct_fail(err, CT_E_ARGUMENT, "run: cut node %s was never set: %s (%d without a value in all, made at %s:%d)", CT_VAR_TEXT(v), expected,
                   p->unset, file, v->at.line);
}

/* Names the first input or cut node that has no value. */
static bool all_set(const ct_program *p, ct_error *err)
{
    for (int v = 0; p->unset && v < p->n_values; v++) {
        const value *x = &p->values[v];
        const buffer *b = &p->buffers[x->buffer];
        if (x->of < 0 && b->given && !b->set)
            return refuse_unset(p, x->var, err);
    }
    return true;
}

static bool run(ct_program *p, ct_error *err)
{
    if (!all_set(p, err))
        return false;
    if (p->options.poison)
        ct_poison_start(p);
    run_request r = {.p = p, .err = err, .ok = true};
    ct_float_mode callers = ct_float_mode_get();
    ct_float_mode_set(p->options.keep_subnormals ? ct_float_mode_keeping(callers) : ct_float_mode_flushing(callers));
    ct_team_run(p->threads, run_steps, &r);
    ct_float_mode_set(callers);
    p->runs_timed += p->options.profile;
    p->step_count += r.ok;
    return r.ok;
}

bool ct_program_run(ct_program *p, ct_error *err)
{
    if (!p)
        return ct_fail(err, CT_E_ARGUMENT, "run: the program is NULL");
    p->done = run(p, err);
    if (!p->done)
        ct_spoil_outputs(p);
    return p->done;
}

void ct_program_set_step(ct_program *p, uint64_t step)
{
    if (p)
        p->step_count = step;
}

uint64_t ct_program_step(const ct_program *p)
{
    return p ? p->step_count : 0;
}

void ct_program_set_seed(ct_program *p, uint64_t seed)
{
    if (p)
        p->options.seed = seed;
}

ct_program_stats ct_program_get_stats(const ct_program *p)
{
    return p ? p->stats : (ct_program_stats){0};
}

size_t ct_program_bytes(const ct_program *p)
{
    return p ? p->stats.planned_bytes : 0;
}
