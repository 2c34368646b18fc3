/* SPDX-License-Identifier: MIT */
/* Teams and their threads: lent out, started, and ended with the library. A child of fork() has none of its parent's threads: the teams it finds start new ones. */
#include "team_threads.h"

#include <signal.h>
#include <stdlib.h>

/* Teams that nobody leads, the last one used first; `first` needs no memory, so that a process that leads one team at a time allocates nothing here. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t prepared = PTHREAD_ONCE_INIT;
static ct_team first, *idle;
static unsigned forks;        /* from the first process to this one */
static bool watches_forks;

static void hold(void)
{
    pthread_mutex_lock(&lock);
}

static void let_go(void)
{
    pthread_mutex_unlock(&lock);
}

static void let_go_in_child(void)
{
    forks++;
    pthread_mutex_unlock(&lock);
}

static void init_team(ct_team *t)
{
    atomic_init(&t->size, 1);
    t->job = 0;
    t->forks = forks;
    atomic_init(&t->over, false);
    atomic_init(&t->seats[0].open, 0);
    ct_parker_init(&t->seats[0].parker);
}

static void prepare(void)
{
    init_team(&first);
    idle = &first;
    watches_forks = pthread_atfork(hold, let_go, let_go_in_child) == 0;
}

static void *run_thread(void *seat)
{
    ct_team_stand_by(seat);
    return NULL;
}

/* Signals are for the threads of the program, but for those that say what a thread did itself. */
static void block_signals(sigset_t *before)
{
    static const int own[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS};
    sigset_t most;
    sigfillset(&most);
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        sigdelset(&most, own[i]);
    pthread_sigmask(SIG_SETMASK, &most, before);
}

static bool start_thread(ct_team *t, int i)
{
    ct_seat *s = &t->seats[i];
    sigset_t before;
    s->team = t, s->thread = i;
    atomic_init(&s->open, 0);
    ct_parker_init(&s->parker);
    block_signals(&before);
    bool ok = pthread_create(&s->id, NULL, run_thread, s) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return ok;
}

/* Without a watch on forks a child would wait for threads that it does not have: then there are none. */
static void grow(ct_team *t, int threads)
{
    int size = atomic_load(&t->size);
    while (watches_forks && size < threads && start_thread(t, size))
        atomic_store(&t->size, ++size);
}

static ct_team *new_team(void)
{
    ct_team *t = aligned_alloc(CT_APART, sizeof *t);
    if (t)
        init_team(t);
    return t;
}

static ct_team *take_idle(void)
{
    hold();
    ct_team *t = idle;
    if (t)
        idle = t->next;
    let_go();
    return t;
}

ct_team *ct_team_borrow(int threads)
{
    threads = threads < CT_MOST_THREADS ? threads : CT_MOST_THREADS;
    pthread_once(&prepared, prepare);
    ct_team *t = take_idle();
    if (!t)
        t = new_team();
    else if (t->forks != forks)
        init_team(t);
    if (!t)
        return NULL;
    grow(t, threads);
    int size = atomic_load(&t->size);
    t->threads = threads < size ? threads : size;
    return t;
}

void ct_team_return(ct_team *t)
{
    hold();
    t->next = idle;
    idle = t;
    let_go();
}

int ct_team_threads(const ct_team *t)
{
    return t->forks == forks ? t->threads : 1;
}

static void end_threads(ct_team *t)
{
    int size = t->forks == forks ? atomic_load(&t->size) : 1;
    atomic_store(&t->over, true);
    for (int i = 1; i < size; i++)
        ct_unpark(&t->seats[i].parker);
    for (int i = 1; i < size; i++)
        pthread_join(t->seats[i].id, NULL);
}

/* When the library is unloaded or the process ends: no thread may be left in code that is gone. A team that is led now keeps its threads. */
#if defined(__GNUC__)
__attribute__((destructor))
#endif
static void end_idle_teams(void)
{
    for (ct_team *t = take_idle(); t; t = take_idle()) {
        end_threads(t);
        if (t != &first)
            free(t);
    }
}
