/* SPDX-License-Identifier: MIT */
/* Programs and threads: a child of fork() runs what its parent compiled, and programs run side by side beside a busy neighbour, all to the same bits. */
#include "support.h"

#include <cotangent/ops.h>
#include <cotangent/program.h>
#include <cotangent/transform.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ROWS = 96, WIDTH = 160, PATIENCE = 100 };  /* seconds until a child that waits for ever is ended */

/* A step of descent of a small network: products, sums, elementwise functions, random numbers and states. */
typedef struct network {
    ct_graph *g;
    ct_program *p;
    ct_tensor *weights;
    ct_var *loss;
} network;

static network new_network(int threads)
{
    ct_error err = {0};
    support_rng rng = {7};
    network n = {.g = ct_graph_new(), .weights = support_tensor(CT_F32, CT_SHAPE(WIDTH, WIDTH), &rng, -0.1, 0.1)};
    ct_var *w = ct_state(n.g, "w", n.weights), *h = ct_normal(n.g, CT_F32, CT_SHAPE(ROWS, WIDTH)), *dw = NULL;
    for (int i = 0; i < 4; i++)
        h = ct_tanh(ct_add(h, ct_matmul(h, w)));
    n.loss = ct_mean_all(ct_square(ct_sub(h, ct_mean_keep(h, CT_AXES(1)))));
    ct_grad(n.loss, 1, &w, &dw);
    ct_var *out[] = {n.loss, ct_assign(w, ct_sub(w, ct_scale(dw, 0.5)))};
    n.p = ct_compile(n.g, 2, out, &(ct_compile_options){.threads = threads, .seed = 5}, &err);
    assert_ok(n.p, &err);
    return n;
}

static void free_network(network *n)
{
    ct_program_free(n->p);
    ct_graph_free(n->g);
    ct_tensor_free(n->weights);
}

static bool take_steps(network *n, int steps)
{
    bool ok = true;
    for (int i = 0; i < steps; i++)
        ok = ok && ct_program_run(n->p, NULL);
    return ok;
}

static bool same_weights(const network *a, const network *b)
{
    return memcmp(ct_tensor_data(a->weights), ct_tensor_data(b->weights), ct_tensor_bytes(a->weights)) == 0;
}

/* --- children --- */

static bool ended_well(pid_t child)
{
    int status = 0;
    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* The child goes on where its parent is, with two threads, then with a program and threads of its own. */
static bool child_gives(network *n, const network *expected, int steps)
{
    pid_t child = fork();
    if (child == 0) {
        alarm(PATIENCE);
        bool ok = take_steps(n, steps) && same_weights(n, expected);
        network own = new_network(3);
        ok = ok && take_steps(&own, 2 * steps) && same_weights(&own, expected);
        _exit(ok ? 0 : 1);
    }
    return ended_well(child);
}

static void a_child_gives_the_same_bits(void **state)
{
    (void)state;
    enum { STEPS = 6 };
    network alone = new_network(1), two = new_network(2);
    assert_true(take_steps(&alone, 2 * STEPS) && take_steps(&two, STEPS));
    assert_true(child_gives(&two, &alone, STEPS));
    assert_true(child_gives(&two, &alone, STEPS));
    assert_true(take_steps(&two, STEPS) && same_weights(&two, &alone));
    free_network(&alone);
    free_network(&two);
}

/* --- side by side --- */

static pid_t start_neighbour(void)
{
    pid_t id = fork();
    if (id == 0) {
        alarm(PATIENCE);
        for (volatile unsigned i = 0;; i++)
            ;
    }
    return id;
}

static double seconds_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

enum { RUNNERS = 3 };

typedef struct runner {
    pthread_t thread;
    int threads;
    network n;
    bool ok;
} runner;

static void *run_all(void *argument)
{
    runner *r = argument;
    r->ok = take_steps(&r->n, 300);
    return NULL;
}

/* Other processes may want the processors, too: programs take turns with them, and none waits for ever. */
static void run_beside(int neighbours)
{
    pid_t id[2];
    runner r[RUNNERS] = {{.threads = 2}, {.threads = 2}, {.threads = 4}};
    network alone = new_network(1);
    double start = seconds_now();
    for (int i = 0; i < RUNNERS; i++)
        r[i].n = new_network(r[i].threads);
    for (int i = 0; i < neighbours; i++)
        id[i] = start_neighbour();
    for (int i = 0; i < RUNNERS; i++)
        assert_int_equal(pthread_create(&r[i].thread, NULL, run_all, &r[i]), 0);
    for (int i = 0; i < RUNNERS; i++)
        pthread_join(r[i].thread, NULL);
    for (int i = 0; i < neighbours; i++)
        kill(id[i], SIGKILL), waitpid(id[i], NULL, 0);
    assert_true(take_steps(&alone, 300) && seconds_now() - start < PATIENCE);
    for (int i = 0; i < RUNNERS; i++) {
        assert_true(r[i].ok && same_weights(&r[i].n, &alone));
        free_network(&r[i].n);
    }
    free_network(&alone);
}

static void programs_run_side_by_side(void **state)
{
    (void)state;
    for (int neighbours = 0; neighbours <= 2; neighbours++)
        run_beside(neighbours);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_child_gives_the_same_bits),
        cmocka_unit_test(programs_run_side_by_side),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
