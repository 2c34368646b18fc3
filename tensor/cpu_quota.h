/* SPDX-License-Identifier: MIT */
/* What Linux's control groups allow a process. */
#ifndef COTANGENT_CPU_QUOTA_H
#define COTANGENT_CPU_QUOTA_H

/* Processors' worth of time that this process may use, rounded up: the least of what its control group and those above it allow, of version 1 and 2. INT_MAX where none
 * sets a limit, or none can be read. `root` stands for the system's root folder, "" for the real one. Allocates nothing. */
int ct_cpu_quota(const char *root);

#endif
