/* SPDX-License-Identifier: MIT */
/* The coordinates of an element as text. */
#include "place_text.h"

const char *ct_place_text(ct_shape shape, int64_t i, char buffer[CT_PLACE_TEXT_SIZE])
{
    ct_shape place = {shape.rank, {0}};
    for (int axis = shape.rank - 1; axis >= 0; axis--) {
        place.dim[axis] = i % shape.dim[axis];
        i /= shape.dim[axis];
    }
    return ct_shape_text(place, buffer);
}
