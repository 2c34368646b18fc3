/* SPDX-License-Identifier: MIT */
/* Philox against its published answers; moments, distribution and independence of the draws; the same bits for any
 * number of threads and any length. */
#include "arrays.h"

#include <cotangent/random.h>

/* The known answers that accompany the paper: counter 0 and key 0, all ones, digits of pi. */
static void philox_known_answers(void **state)
{
    (void)state;
    const struct {
        uint32_t counter[4], key[2], expected[4];
    } cases[] = {
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{~0u, ~0u, ~0u, ~0u}, {~0u, ~0u}, {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (int i = 0; i < 3; i++) {
        const uint32_t *c = cases[i].counter, *k = cases[i].key;
        ct_random_key key = {k[0] | (uint64_t)k[1] << 32, c[2] | (uint64_t)c[3] << 32, c[1]};
        uint32_t word[4];
        ct_random_block(key, c[0], word);
        for (int j = 0; j < 4; j++)
            assert_int_equal(word[j], cases[i].expected[j]);
    }
}

/* FNV-1a: the offset basis, and two published values. */
static void stream_is_fnv1a(void **state)
{
    (void)state;
    assert_true(ct_random_stream("") == 0xcbf29ce484222325u);
    assert_true(ct_random_stream("a") == 0xaf63dc4c8601ec8cu);
    assert_true(ct_random_stream("foobar") == 0x85944171f73967e8u);
}

static double uniform_cdf(double x)
{
    return x;
}

static double normal_cdf(double x)
{
    return 0.5 * erfc(-x / sqrt(2));
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

typedef void (*draw_fn)(ct_array y, ct_random_key key, int threads);

enum { N = 100000 };

/* Mean and variance within four standard errors, and the largest distance of the distribution functions below the 0.1
 * % point of the Kolmogorov-Smirnov statistic, 1.95 / sqrt(N). */
static void check_distribution(draw_fn draw, double mean, double variance, double fourth_moment, double (*cdf)(double))
{
    ct_array y = new_zeros(CT_F64, CT_SHAPE(N));
    double *value = y.data, sum = 0, square = 0, lag = 0, distance = 0;
    draw(y, (ct_random_key){1234, ct_random_stream("noise"), 7}, 2);
    for (int i = 0; i < N; i++) {
        sum += value[i];
        square += (value[i] - mean) * (value[i] - mean);
        lag += i ? (value[i] - mean) * (value[i - 1] - mean) : 0;
    }
    assert_close(sum / N, mean, 4 * sqrt(variance / N));
    assert_close(square / N, variance, 4 * sqrt((fourth_moment - variance * variance) / N));
    assert_close(lag / N, 0, 4 * variance / sqrt(N));
    qsort(value, N, sizeof *value, by_value);
    for (int i = 0; i < N; i++) {
        double f = cdf(value[i]);
        distance = fmax(distance, fmax(f - (double)i / N, (double)(i + 1) / N - f));
    }
    assert_close(distance, 0, 1.95 / sqrt(N));
    free(y.data);
}

static void distributions(void **state)
{
    (void)state;
    check_distribution(ct_random_uniform, 0.5, 1.0 / 12, 1.0 / 80, uniform_cdf);
    check_distribution(ct_random_normal, 0, 1, 3, normal_cdf);
}

static void bits_do_not_depend_on_threads_or_length(void **state)
{
    (void)state;
    const draw_fn draws[] = {ct_random_uniform, ct_random_normal};
    ct_random_key key = {5, 6, 7};
    for (int d = 0; d < 2; d++)
        for (int dtype = CT_F32; dtype <= CT_F64; dtype++) {
            ct_array full = new_zeros((ct_dtype)dtype, CT_SHAPE(70001)), other = new_zeros((ct_dtype)dtype,
                CT_SHAPE(70001));
            draws[d](full, key, 1);
            for (int threads = 2; threads <= 4; threads++) {
                draws[d](other, key, threads);
                assert_same_bits(&full, &other, "one thread and several");
            }
            for (int64_t n = 0; n < 600; n += 37) {
                other.shape.dim[0] = n;
                draws[d](other, key, 1);
                assert_same_bits(&other, &full, "a shorter draw");
            }
            free(full.data);
            free(other.data);
        }
}

/* The bits of float32 draws are part of what a seed means: they stay. */
static void float32_known_answers(void **state)
{
    (void)state;
    const float uniform[8] = {0x1.b53448p-3f, 0x1.d1376p-1f, 0x1.a0dd5cp-2f, 0x1.261a5cp-2f, 0x1.8485bp-1f, 0x1.72a8bcp-1f, 0x1.ae5986p-1f,
                              0x1.b7d95ep-1f};
    const float normal[8] = {0x1.79c2fp+0f, -0x1.e8ac08p-1f, -0x1.3e0d9ap-2f, 0x1.4de054p+0f, -0x1.effa1ap-4f, -0x1.774b86p-1f, 0x1.7e0dccp-2f,
                             -0x1.d34bcep-2f};
    ct_array y = new_zeros(CT_F32, CT_SHAPE(8));
    ct_random_key key = {2024, ct_random_stream("golden"), 3};
    ct_random_uniform(y, key, 1);
    assert_memory_equal(y.data, uniform, sizeof uniform);
    ct_random_normal(y, key, 1);
    assert_memory_equal(y.data, normal, sizeof normal);
    free(y.data);
}

/* Of one key: the first 32 bits of both dtypes are the same. 2^-33 more or less of u, the number that the radius is made of, is 2^-33 / (u radius). */
static void float32_is_nearly_float64(void **state)
{
    (void)state;
    ct_array f32 = new_zeros(CT_F32, CT_SHAPE(N)), f64 = new_zeros(CT_F64, CT_SHAPE(N));
    ct_random_key key = {8, 9, 10};
    ct_random_normal(f32, key, 1);
    ct_random_normal(f64, key, 1);
    for (int i = 0; i < N; i++) {
        double radius = hypot(element(&f64, i & ~1), element(&f64, i | 1)), u = exp(-radius * radius / 2);
        assert_close(element(&f32, i), element(&f64, i), 0x1p-24 * fabs(element(&f64, i)) + 0x1p-33 / (u * radius) + 0x1p-29);
    }
    ct_random_uniform(f32, key, 1);
    ct_random_uniform(f64, key, 1);
    for (int i = 0; i < N; i++) {
        assert_true(element(&f32, i) > 0 && element(&f32, i) < 1);
        assert_close(element(&f32, i), element(&f64, i), 0x1p-25 + 0x1p-32);
    }
    free(f32.data);
    free(f64.data);
}

/* Of 2^20 numbers of 53 bits two are equal with probability 2^-14; of 32 bits, about 128 pairs are. The lower 21 bits are uniform too:
 * chi-squared of each bit, 0.1 % point for 53. */
static void float64_uniform_has_53_bits(void **state)
{
    (void)state;
    enum { DRAWS = 1 << 20, BITS = 53 };
    ct_array y = new_zeros(CT_F64, CT_SHAPE(DRAWS));
    double *value = y.data, ones[BITS] = {0}, statistic = 0;
    ct_random_uniform(y, (ct_random_key){21, 22, 23}, 2);
    for (int i = 0; i < DRAWS; i++) {
        assert_true(value[i] > 0 && value[i] < 1);
        uint64_t k = (uint64_t)(value[i] * 0x1p53);
        assert_true((double)k * 0x1p-53 == value[i]);
        for (int b = 0; b < BITS; b++)
            ones[b] += (double)(k >> b & 1);
    }
    for (int b = 0; b < BITS; b++)
        statistic += (ones[b] - DRAWS / 2) * (ones[b] - DRAWS / 2) / (DRAWS / 4);
    assert_true(statistic < 90.6);
    qsort(value, DRAWS, sizeof *value, by_value);
    for (int i = 1; i < DRAWS; i++)
        assert_true(value[i] != value[i - 1]);
    free(y.data);
}

/* Box-Muller on the uniform numbers of the same key, with the C library's functions. These are rounded to 2^-53. */
static void normal_is_box_muller(void **state)
{
    (void)state;
    ct_array y = new_zeros(CT_F64, CT_SHAPE(N)), u = new_zeros(CT_F64, CT_SHAPE(N));
    ct_random_key key = {11, 12, 13};
    ct_random_normal(y, key, 1);
    ct_random_uniform(u, key, 1);
    for (int i = 0; i < N; i += 2) {
        double part = element(&u, i), radius = sqrt(-2 * log(part)), angle = 2 * acos(-1) * element(&u, i + 1);
        double tolerance = 3e-15 * radius + 0x1p-53 / (part * radius);
        assert_close(element(&y, i), radius * cos(angle), tolerance);
        assert_close(element(&y, i + 1), radius * sin(angle), tolerance);
    }
    free(y.data);
    free(u.data);
}

/* A seed whose first word is 0 and whose lower one is small (found by trying 2^32 seeds): the radius is that of a number below 2^-32, given by the lower word, where the
 * 32 bits of float32 end at 6.77. */
static void float64_normal_has_tails(void **state)
{
    (void)state;
    const ct_random_key key = {887881469, 0, 1};
    uint32_t word[4];
    double wide[2];
    float single[2];
    ct_random_block(key, 0, word);
    assert_int_equal(word[0], 0);
    ct_random_normal(ct_array_make(wide, CT_F64, CT_SHAPE(2)), key, 1);
    ct_random_normal(ct_array_make(single, CT_F32, CT_SHAPE(2)), key, 1);
    double radius = hypot(wide[0], wide[1]);
    assert_true(radius > 6.77 && radius < 9.5);
    assert_close(hypot(single[0], single[1]), sqrt(-2 * log(0x1p-33)), 1e-6);
    assert_close(atan2(wide[1], wide[0]), 2 * acos(-1) * (word[1] * 0x1p-32 - (word[1] >> 31)), 4e-9);
}

static void keys_differ(void **state)
{
    (void)state;
    const ct_random_key keys[] = {{1, 1, 1}, {2, 1, 1}, {1, 2, 1}, {1, 1, 2}, {1, 1 + (UINT64_C(1) << 32), 1}, {1
        + (UINT64_C(1) << 32), 1, 1}};
    for (int i = 0; i < 6; i++)
        for (int j = 0; j < i; j++) {
            uint32_t a[4], b[4];
            ct_random_block(keys[i], 0, a);
            ct_random_block(keys[j], 0, b);
            assert_memory_not_equal(a, b, sizeof a);
        }
    uint32_t low[4], high[4];
    ct_random_block(keys[0], 3, low);
    ct_random_block(keys[0], 3 + (UINT64_C(1) << 32), high);
    assert_memory_not_equal(low, high, sizeof low);
}

/* Each number once; and over many draws, each of the 24 orders of four about equally often (chi-squared, 0.1 % point
 * for 23). */
static void permutations(void **state)
{
    (void)state;
    enum { LONG = 5000, DRAWS = 24000 };
    int32_t order[LONG];
    char seen[LONG] = {0};
    ct_random_permutation(LONG, order, (ct_random_key){14, 15, 16});
    for (int i = 0; i < LONG; i++) {
        assert_true(order[i] >= 0 && order[i] < LONG && !seen[order[i]]);
        seen[order[i]] = 1;
    }
    int count[256] = {0};
    for (uint64_t draw = 0; draw < DRAWS; draw++) {
        ct_random_permutation(4, order, (ct_random_key){17, 18, draw});
        count[order[0] * 64 + order[1] * 16 + order[2] * 4 + order[3]]++;
    }
    double statistic = 0, orders = 0;
    for (int i = 0; i < 256; i++)
        if (count[i]) {
            statistic += (count[i] - DRAWS / 24.0) * (count[i] - DRAWS / 24.0) / (DRAWS / 24.0);
            orders++;
        }
    assert_close(orders, 24, 0);
    assert_true(statistic < 49.7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(philox_known_answers), cmocka_unit_test(stream_is_fnv1a), cmocka_unit_test(distributions),
        cmocka_unit_test(bits_do_not_depend_on_threads_or_length), cmocka_unit_test(float32_known_answers),
        cmocka_unit_test(float32_is_nearly_float64), cmocka_unit_test(float64_uniform_has_53_bits),
        cmocka_unit_test(normal_is_box_muller), cmocka_unit_test(float64_normal_has_tails), cmocka_unit_test(keys_differ), cmocka_unit_test(permutations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
