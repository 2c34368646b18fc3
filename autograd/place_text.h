/* SPDX-License-Identifier: MIT */
/* Private: the coordinates of an element as text. */
#ifndef CT_PLACE_TEXT_H
#define CT_PLACE_TEXT_H

#include <cotangent/shape.h>

/* "[3, 0]" for element number i, in row-major order, of an array of this shape; "[]" of a scalar. Returns buffer. */
enum { CT_PLACE_TEXT_SIZE = CT_SHAPE_TEXT_SIZE };
const char *ct_place_text(ct_shape shape, int64_t i, char buffer[CT_PLACE_TEXT_SIZE]);

#endif
