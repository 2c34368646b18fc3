/* Running a program: its steps, one after the other. Nothing here allocates. */
#include "program_impl.h"
#include <cotangent/team.h>
#include <time.h>

double seconds_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void run_eval(const ct_program *p, const step *s)
{
    ct_eval c = {.attr = s->var->attr, .n = s->n, .x = s->in, .y = p->values[s->out[0]].array, .scratch = p->block + s->scratch_offset,
                 .threads = p->threads, .seed = p->options.seed, .step = p->step_count};
    s->var->op->eval(&c);
}

static void run_step(const ct_program *p, const step *s)
{
    switch (s->kind) {
    case STEP_EVAL: run_eval(p, s); break;
    case STEP_COPY: ct_copy(p->values[s->out[0]].array, s->in[0], p->threads); break;
    case STEP_MAP: run_map(p, s); break;
    case STEP_PRODUCT:
        if (!s->follows)
            run_products(p, s);
        break;
    }
}

/* Two steps that run together share the time by their arithmetic. */
static void run_timed(const ct_program *p, step *s)
{
    double start = seconds_now();
    run_step(p, s);
    double seconds = seconds_now() - start, of_next = s->followed ? seconds * s[1].flops / (s->flops + s[1].flops) : 0;
    s->seconds += seconds - of_next;
    if (s->followed)
        s[1].seconds += of_next;
}

typedef struct run_request {
    ct_program *p;
    ct_error *err;
    bool ok;
} run_request;

/* All steps, on the thread that leads the team. */
static void run_steps(void *argument)
{
    run_request *r = argument;
    ct_program *p = r->p;
    for (int i = 0; i < p->n_steps && r->ok; i++) {
        if (p->options.profile)
            run_timed(p, &p->steps[i]);
        else
            run_step(p, &p->steps[i]);
        if (p->options.check_finite)
            r->ok = check_finite(p, &p->steps[i], r->err);
        if (p->options.poison)
            poison_after(p, i);
    }
}

bool ct_program_run(ct_program *p, ct_error *err)
{
    if (!p)
        return ct_fail(err, CT_E_ARGUMENT, "run: the program is NULL");
    if (p->options.poison)
        poison_start(p);
    run_request r = {p, err, true};
    ct_team_run(p->threads, run_steps, &r);
    p->runs_timed += p->options.profile;
    p->step_count += r.ok;
    return r.ok;
}

void ct_program_set_step(ct_program *p, uint64_t step)
{
    p->step_count = step;
}

uint64_t ct_program_step(const ct_program *p)
{
    return p->step_count;
}

void ct_program_set_seed(ct_program *p, uint64_t seed)
{
    p->options.seed = seed;
}

ct_program_stats ct_program_get_stats(const ct_program *p)
{
    return p->stats;
}

size_t ct_program_bytes(const ct_program *p)
{
    return p->stats.planned_bytes;
}
