/* SPDX-License-Identifier: MIT */
/* What the tests share: cmocka, comparisons that print both numbers, numbers to test with, and temporary files. */
#ifndef SUPPORT_H
#define SUPPORT_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdbool.h>

#include <cotangent/tensor.h>

/* |a - b| <= tol; fails, with both numbers, when either is NaN. */
#define assert_close(a, b, tol) support_assert_close((a), (b), (tol), __FILE__, __LINE__)
void support_assert_close(double a, double b, double tol, const char *file, int line);

/* Same dtype and shape, and every element within tol; the message names the first that is not. */
#define assert_tensors_close(a, b, tol) support_assert_tensors_close((a), (b), (tol), __FILE__, __LINE__)
void support_assert_tensors_close(const ct_tensor *a, const ct_tensor *b, double tol, const char *file, int line);

/* `err` holds `code`, and its message contains `part`. */
#define assert_error(err, expected, part) support_assert_error((err), (expected), (part), __FILE__, __LINE__)
void support_assert_error(const ct_error *err, ct_code code, const char *part, const char *file, int line);

/* A condition that must hold for the test to go on; prints the error's message when it does not. */
#define assert_ok(condition, err) support_assert_ok((condition) ? true : false, (err), #condition, __FILE__, __LINE__)
void support_assert_ok(bool ok, const ct_error *err, const char *what, const char *file, int line);

/* A deterministic generator: the same numbers on every machine. Start from any seed: support_rng rng = {1}; */
typedef struct support_rng { uint64_t state; } support_rng;
uint64_t support_bits(support_rng *rng);
double support_uniform(support_rng *rng, double low, double high);
int64_t support_below(support_rng *rng, int64_t limit);  /* 0..limit-1 */

/* A new tensor with uniform values in [low, high). */
ct_tensor *support_tensor(ct_dtype dtype, ct_shape shape, support_rng *rng, double low, double high);

/* A new empty directory for the current test. The path lives until support_temp_remove, which deletes it and what it holds.
 * support_temp_path gives the path of a file in it, good until the fourth call after this one. */
const char *support_temp_make(void);
void support_temp_remove(void);
const char *support_temp_path(const char *name);

/* A test that runs in a fresh temporary directory, in place of cmocka_unit_test(name). */
#define temp_unit_test(name) cmocka_unit_test_setup_teardown(name, support_temp_setup, support_temp_teardown)
int support_temp_setup(void **state);
int support_temp_teardown(void **state);

/* Whole files. Reading returns malloc'd bytes and fails the test when it cannot. */
void support_write_file(const char *path, const void *data, size_t bytes);
unsigned char *support_read_file(const char *path, size_t *bytes);

#endif
