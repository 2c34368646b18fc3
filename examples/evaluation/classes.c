/* SPDX-License-Identifier: MIT */
/* Counting classes. */
#include "classes.h"

#include <math.h>

void class_counts_add(class_counts *c, int32_t read, int32_t label)
{
    c->read[read]++;
    c->right += read == label;
    c->count++;
}

double class_accuracy(const class_counts *c)
{
    return (double)c->right / (double)c->count;
}

double class_entropy(const class_counts *c)
{
    double entropy = 0;
    for (int64_t i = 0; i < c->classes; i++) {
        double share = (double)c->read[i] / (double)c->count;
        entropy -= share > 0 ? share * log(share) : 0;
    }
    return entropy;
}
