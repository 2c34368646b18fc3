/* SPDX-License-Identifier: MIT */
/* Which classes were read in a set of images. */
#ifndef CLASSES_H
#define CLASSES_H

#include <cotangent.h>

enum { CLASSES_MAX = 256 };

typedef struct class_counts {
    int64_t classes, count, right;
    int64_t read[CLASSES_MAX];  /* images that were read as each class */
} class_counts;

/* One more image, read as class `read`, from 0 to classes - 1, and right where that is its label. */
void class_counts_add(class_counts *c, int32_t read, int32_t label);

double class_accuracy(const class_counts *c);
/* Of the classes that were read, -sum p log p in nats: log(classes) where all are as frequent, 0 where only one was. */
double class_entropy(const class_counts *c);

#endif
