/* A classifier's file: its weights by name, and as metadata the kind of file, the number of classes, and the accuracy
 * that was measured. */
#ifndef WEIGHTS_H
#define WEIGHTS_H

#include <cotangent.h>

bool weights_write(const char *path, const nn_params *weights, int64_t classes, double accuracy, ct_error *err);

/* The caller frees *weights. */
bool weights_read(const char *path, nn_params **weights, int64_t *classes, ct_error *err);

#endif
