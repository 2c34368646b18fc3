/* SPDX-License-Identifier: MIT */
/* Private: teams and their threads. A team is lent to one leader at a time; its threads stay with it, asleep while nobody leads it. */
#ifndef COTANGENT_TEAM_THREADS_H
#define COTANGENT_TEAM_THREADS_H

#include <cotangent/float_mode.h>
#include <cotangent/team.h>

#include "park.h"

enum {
    CT_APART = 128,        /* bytes: two lines, since processors fetch them in pairs */
    CT_MOST_THREADS = 256  /* of a team */
};

typedef struct ct_team ct_team;

/* How many of its threads a team uses, and why; in nanoseconds. See team_pace.c. */
typedef struct ct_pace {
    const void *leader;     /* whom these figures are of */
    int threads, limit;     /* asked for; of them used */
    int64_t start, paused;  /* the window's; when the leader last left */
    int64_t leader_used, used;  /* processor time by then: the leader's, and that of all */
    int64_t tried;          /* when all were last taken */
    int64_t until, rest;    /* fewer are used until then, for so long */
} ct_pace;

/* A thread of a team, and what it has to do. Only `open` changes while any of its tasks is unfinished. */
typedef struct ct_seat {
    _Alignas(CT_APART) _Atomic uint64_t open;  /* job number << 32 | tasks not taken yet */
    int64_t end;                               /* the task after its last */
    ct_task_fn task;
    void *argument;
    ct_float_mode mode;                        /* of the leader */
    _Alignas(CT_APART) ct_parker parker;       /* seat 0's: of whoever leads */
    ct_team *team;
    int thread;                                /* its number in the team */
    pthread_t id;                              /* of all but seat 0 */
} ct_seat;

struct ct_team {
    ct_team *next;            /* of those that nobody leads */
    atomic_int size;          /* threads there are, the leader included */
    int threads;              /* of them the leader asked for */
    unsigned forks;           /* ct_team is of the process that had forked this often */
    uint32_t job;
    int64_t tasks;            /* of the job */
    atomic_bool over;         /* its threads are to end */
    ct_pace pace;
    _Alignas(CT_APART) _Atomic int64_t done;  /* tasks of the job that are finished */
    ct_seat seats[CT_MOST_THREADS];           /* of which `size` are used */
};

/* A team of at most `threads` threads, fewer where no more can be started; NULL if there is no memory for one. */
ct_team *ct_team_borrow(int threads);
void ct_team_return(ct_team *t);

/* How many threads of t can work: 1 in a child that was forked while t was led, as a child has none of its parent's other threads. */
int ct_team_threads(const ct_team *t);

/* A leader takes up t, and leaves it. */
void ct_pace_enter(ct_team *t, const void *leader);
void ct_pace_leave(ct_team *t);
/* Between two jobs: how many threads the next one is worth. */
int ct_pace_threads(ct_team *t);
/* For tests: from here on all teams use all their threads, or not. */
void ct_pace_use_all(bool all);

/* What a thread of a team does until team->over; in team.c. */
void ct_team_stand_by(ct_seat *s);

#endif
