/* SPDX-License-Identifier: MIT */
/* Fowler, Noll and Vo's hash, a byte at a time. */
#include "fingerprint.h"

#include <stdio.h>
#include <string.h>

static const uint64_t start = 0xcbf29ce484222325, prime = 0x100000001b3;

static uint64_t add(uint64_t hash, const void *bytes, size_t n)
{
    const unsigned char *byte = bytes;
    for (size_t i = 0; i < n; i++)
        hash = (hash ^ byte[i]) * prime;
    return hash;
}

static void write(uint64_t hash, char text[FINGERPRINT_SIZE])
{
    snprintf(text, FINGERPRINT_SIZE, "%016llx", (unsigned long long)hash);
}

void fingerprint_dataset(const nn_dataset *data, char text[FINGERPRINT_SIZE])
{
    const int32_t *label = ct_tensor_data(data->labels);
    uint64_t hash = add(start, ct_tensor_data(data->images), ct_tensor_bytes(data->images));
    for (int64_t i = 0; i < ct_tensor_count(data->labels); i++)
        hash = add(hash, &(unsigned char){(unsigned char)label[i]}, 1);
    write(hash, text);
}

void fingerprint_params(const nn_params *params, char text[FINGERPRINT_SIZE])
{
    uint64_t hash = start;
    for (int64_t i = 0; i < nn_params_count(params); i++) {
        const ct_tensor *t = nn_params_tensor(params, i);
        hash = add(hash, nn_params_name(params, i), strlen(nn_params_name(params, i)));
        hash = add(hash, ct_tensor_data(t), ct_tensor_bytes(t));
    }
    write(hash, text);
}
