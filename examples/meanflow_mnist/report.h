/* SPDX-License-Identifier: MIT */
/* A run on one page: what it was told, how it went, what it draws. */
#ifndef REPORT_H
#define REPORT_H

#include <cotangent.h>

/* From the files in the run's folder `dir`, of which only run.toml must be there, to the file `path`, or, if that is
 * NULL, to report.html in the folder. Everything is in that one file: style, curves (SVG) and pictures (data URIs). The
 * same files give the same page. */
bool report_write(const char *dir, const char *path, ct_error *err);

#endif
