/* SPDX-License-Identifier: MIT */
/* Random shifts, by counter-based random numbers. */
#include "augment.h"

static void shift(uint8_t *to, const uint8_t *from, int64_t size, int64_t down, int64_t right)
{
    for (int64_t y = 0; y < size; y++)
        for (int64_t x = 0; x < size; x++) {
            int64_t row = y - down, column = x - right;
            bool inside = row >= 0 && row < size && column >= 0 && column < size;
            to[y * size + x] = inside ? from[row * size + column] : 0;
        }
}

void shift_images(uint8_t *to, const uint8_t *from, int64_t n, int64_t size, int64_t limit, uint64_t seed, uint64_t step)
{
    ct_random_key key = {seed, ct_random_stream("shift"), step};
    int64_t span = 2 * limit + 1;
    for (int64_t i = 0; i < n; i++) {
        uint32_t word[4];
        ct_random_block(key, (uint64_t)i, word);
        shift(to + i * size * size, from + i * size * size, size, word[0] % span - limit, word[1] % span - limit);
    }
}
