/* SPDX-License-Identifier: MIT */
/* How every program begins and ends, so that nothing it prints or writes is lost without a word. */
#ifndef EXAMPLE_PROGRAM_H
#define EXAMPLE_PROGRAM_H

/* The first call of main. Makes sure that descriptors 0, 1 and 2 are open: a closed one would be given to the next file
 * that is opened, and messages would go into it. Ignores SIGPIPE and SIGXFSZ: a write to a pipe that nobody reads, or
 * beyond the limit on a file's size, fails and is dealt with where it failed. */
void program_begin(void);

/* What was printed so far leaves the program. A failure is told by program_end. */
void program_flush(void);

/* The last call of main: main returns what this returns. That is `status`, or 2 in place of 0, with one line on stderr,
 * when not all of stdout has arrived. Stdout is closed then. */
int program_end(const char *program, int status);

#endif
