/* SPDX-License-Identifier: MIT */
/* Light augmentation: images moved by a few pixels. */
#ifndef AUGMENT_H
#define AUGMENT_H

#include <cotangent.h>

/* Image i of `from`, n images of size by size pixels, goes to `to` moved by -limit..limit pixels each way; what comes
 * in is black. The moves are a function of seed, step and i. */
void shift_images(uint8_t *to, const uint8_t *from, int64_t n, int64_t size, int64_t limit, uint64_t seed, uint64_t step);

#endif
