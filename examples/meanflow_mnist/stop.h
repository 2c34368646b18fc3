/* SPDX-License-Identifier: MIT */
/* Signals as requests: the training ends after the step that is running, with everything written. Such are Ctrl-C,
 * Ctrl-\ and what says that the end is near: SIGTERM, SIGHUP (unless it is ignored, as by nohup), SIGXCPU, and the
 * batch systems' SIGUSR1 and SIGUSR2. A second Ctrl-C ends the program at once. */
#ifndef STOP_H
#define STOP_H

#include <stdbool.h>

void stop_listen(void);
bool stop_requested(void);

#endif
