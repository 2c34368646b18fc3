/* Ctrl-C as a request: the training ends after the step that is running. A second Ctrl-C ends the program at once. */
#ifndef STOP_H
#define STOP_H

#include <stdbool.h>

void stop_listen(void);
bool stop_requested(void);

#endif
