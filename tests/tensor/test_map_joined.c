/* SPDX-License-Identifier: MIT */
/* Joined maps against the maps one after the other, to the bit. */
#include "arrays.h"

#include <cotangent/kernels.h>

enum { N = 77, MOST = CT_MAP_MAX_INPUTS };

typedef struct part { ct_map_fn fn[2]; int n; } part;  /* of float32 and float64 */
static const part parts[] = {
    {{NULL, NULL}, 1}, {{ct_map_affine_f32, ct_map_affine_f64}, 1}, {{ct_map_add_f32, ct_map_add_f64}, 2}, {{ct_map_mul_f32, ct_map_mul_f64}, 2},
    {{ct_map_mul_no_nan_f32, ct_map_mul_no_nan_f64}, 2},
};
enum { SAME, AFFINE, ADD, MUL, MUL_NO_NAN, PARTS };

typedef double column[N];  /* of either type */

static void set(bool wide, void *x, int i, double value)
{
    if (wide)
        ((double *)x)[i] = value;
    else
        ((float *)x)[i] = (float)value;
}

/* Random numbers, half of them special. */
static void fill(bool wide, column *x, support_rng *rng)
{
    static const double special[] = {0.0, -0.0, INFINITY, -INFINITY, NAN, 1e-42, -1};
    enum { SPECIAL = sizeof special / sizeof *special };
    for (int k = 0; k < MOST; k++)
        for (int i = 0; i < N; i++) {
            bool is_special = support_uniform(rng, 0, 1) < 0.5;
            int which = (int)support_uniform(rng, 0, SPECIAL) % SPECIAL;
            set(wide, x[k], i, is_special ? special[which] : support_uniform(rng, -1, 1) * exp(support_uniform(rng, -9, 9)));
        }
}

static bool same_bits(bool wide, const void *a, const void *b, int n)
{
    size_t size = wide ? sizeof(double) : sizeof(float);
    for (int i = 0; i < n; i++) {
        double u = wide ? ((const double *)a)[i] : ((const float *)a)[i], v = wide ? ((const double *)b)[i] : ((const float *)b)[i];
        if (!(isnan(u) && isnan(v)) && memcmp((const char *)a + (size_t)i * size, (const char *)b + (size_t)i * size, size) != 0)
            return false;
    }
    return true;
}

/* One after the other. */
static void apart(bool wide, int n, int g, const int *f, const void *const *x, const ct_joined_attr *attr, void *y)
{
    column value[2];
    const void *in[2] = {x[0], x[parts[f[0]].n]};
    for (int i = 0; i < 2; i++) {
        if (f[i] == SAME)
            continue;
        parts[f[i]].fn[wide](n, i ? x + parts[f[0]].n : x, value[i], attr->f[i]);
        in[i] = value[i];
    }
    parts[g].fn[wide](n, in, y, attr->g);
}

static void check(bool wide, int g, int f0, int f1, support_rng *rng)
{
    const double offsets[] = {0, -0.75};
    column x[MOST], y, expected;
    const void *in[MOST] = {x[0], x[1], x[2], x[3]};
    ct_map_fn joined = ct_map_joined(parts[g].fn[wide], parts[f0].fn[wide], parts[f1].fn[wide]);
    assert_true(joined);
    for (int n = 0; n <= N; n += n < 40 ? 1 : 37)
        for (int b = 0; b < 2; b++) {
            ct_affine_attr a = {-0.3, offsets[b]}, c = {1.7, offsets[1 - b]}, d = {0.9, offsets[b]};
            ct_joined_attr attr = {&a, {&c, &d}};
            fill(wide, x, rng);
            apart(wide, n, g, (int[]){f0, f1}, in, &attr, expected);
            joined(n, in, y, &attr);
            if (!same_bits(wide, y, expected, n))
                fail_msg("function %d of %d and %d, %d elements: not what they give one after the other", g, f0, f1, n);
            for (int k = 0; k < parts[f0].n + (g == AFFINE ? 0 : parts[f1].n); k++) {
                const void *place[MOST] = {in[0], in[1], in[2], in[3]};
                memcpy(y, x[k], sizeof y);
                place[k] = y;
                joined(n, place, y, &attr);
                if (!same_bits(wide, y, expected, n))
                    fail_msg("function %d of %d and %d, %d elements, in place of operand %d: differs", g, f0, f1, n, k);
            }
        }
}

static void joined_maps_give_the_bits_of_separate_ones(void **state)
{
    (void)state;
    support_rng rng = {31};
    for (int wide = 0; wide < 2; wide++)
        for (int g = AFFINE; g < PARTS; g++)
            for (int f0 = SAME; f0 < PARTS; f0++)
                for (int f1 = SAME; f1 < (g == AFFINE ? SAME + 1 : PARTS); f1++)
                    if (f0 != SAME || f1 != SAME)
                        check(wide, g, f0, f1, &rng);
}

static void others_are_not_joined(void **state)
{
    (void)state;
    assert_null(ct_map_joined(ct_map_add_f32, NULL, NULL));
    assert_null(ct_map_joined(ct_map_affine_f32, NULL, NULL));
    assert_null(ct_map_joined(ct_map_affine_f32, ct_map_mul_f32, ct_map_mul_f32));
    assert_null(ct_map_joined(ct_map_add_f32, ct_map_mul_f64, NULL));
    assert_null(ct_map_joined(ct_map_add_i32, ct_map_mul_i32, NULL));
    assert_null(ct_map_joined(ct_map_add_f32, ct_map_exp_f32, NULL));
    assert_null(ct_map_joined(ct_map_exp_f32, ct_map_add_f32, NULL));
    assert_null(ct_map_joined(NULL, ct_map_add_f32, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(joined_maps_give_the_bits_of_separate_ones),
        cmocka_unit_test(others_are_not_joined),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
