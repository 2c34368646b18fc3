/* SPDX-License-Identifier: MIT */
/* The version: semantic, of which 0.x promises sources that go on compiling within one minor version, and no binary interface beyond it.
 * The CMake package, the pkg-config file and the shared library's name take it from here. */
#ifndef COTANGENT_VERSION_H
#define COTANGENT_VERSION_H

#include <cotangent/error.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CT_VERSION_MAJOR 0
#define CT_VERSION_MINOR 1
#define CT_VERSION_PATCH 0
#define CT_VERSION "0.1.0"

/* CT_VERSION of the library that the program runs with, a string constant; the macro is that of the headers it was compiled with. */
CT_API const char *ct_version(void);

#ifdef __cplusplus
}
#endif
#endif
