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

static void float32_is_float64_rounded(void **state)
{
    (void)state;
    ct_array f32 = new_zeros(CT_F32, CT_SHAPE(N)), f64 = new_zeros(CT_F64, CT_SHAPE(N));
    ct_random_key key = {8, 9, 10};
    ct_random_normal(f32, key, 1);
    ct_random_normal(f64, key, 1);
    for (int i = 0; i < N; i++)
        assert_true(((float *)f32.data)[i] == (float)((double *)f64.data)[i]);
    ct_random_uniform(f32, key, 1);
    ct_random_uniform(f64, key, 1);
    for (int i = 0; i < N; i++) {
        float u = ((float *)f32.data)[i];
        assert_true(u > 0 && u < 1 && fabs((double)u - ((double *)f64.data)[i]) <= 0x1p-25);
    }
    free(f32.data);
    free(f64.data);
}

/* Box-Muller on the words themselves, with the C library's functions. */
static void normal_is_box_muller(void **state)
{
    (void)state;
    ct_array y = new_zeros(CT_F64, CT_SHAPE(N));
    ct_random_key key = {11, 12, 13};
    ct_random_normal(y, key, 1);
    for (int i = 0; i < N; i += 2) {
        uint32_t word[4];
        ct_random_block(key, (uint64_t)i / 4, word);
        double u = ((double)word[i % 4] + 0.5) / 4294967296.0, v = ((double)word[i % 4 + 1] + 0.5) / 4294967296.0;
        double radius = sqrt(-2 * log(u)), angle = 2 * acos(-1) * v;
        assert_close(element(&y, i), radius * cos(angle), 2e-15 * radius);
        assert_close(element(&y, i + 1), radius * sin(angle), 2e-15 * radius);
    }
    free(y.data);
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
        cmocka_unit_test(bits_do_not_depend_on_threads_or_length), cmocka_unit_test(float32_is_float64_rounded),
        cmocka_unit_test(normal_is_box_muller), cmocka_unit_test(keys_differ), cmocka_unit_test(permutations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
