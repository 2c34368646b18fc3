/* SPDX-License-Identifier: MIT */
/* Short names for what data sets and weights hold, to tell them apart: 64-bit FNV-1a as 16 hexadecimal digits. They keep
 * from mistakes, not from malice. */
#ifndef EXAMPLE_FINGERPRINT_H
#define EXAMPLE_FINGERPRINT_H

#include <cotangent.h>

enum { FINGERPRINT_SIZE = 17 };

/* Of all images, then of all labels, a byte each. */
void fingerprint_dataset(const nn_dataset *data, char text[FINGERPRINT_SIZE]);
/* Of every tensor's name and bytes, in order. */
void fingerprint_params(const nn_params *params, char text[FINGERPRINT_SIZE]);

#endif
