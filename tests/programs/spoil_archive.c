/* SPDX-License-Identifier: MIT */
/* spoil_archive FILE: the first 64 numbers of a safetensors file of float32 become 3.4e38.
 * spoil_archive FILE KEY VALUE: its metadata say something else. It is written anew, with the right digest. */
#include <cotangent.h>
#include <float.h>
#include <stdio.h>

static bool spoil_numbers(ct_archive *a)
{
    ct_tensor *first = ct_archive_tensor(a, 0);
    for (int64_t i = 0; first && i < 64 && i < ct_tensor_count(first); i++)
        ct_tensor_set(first, i, FLT_MAX);
    return first != NULL;
}

int main(int argc, char **argv)
{
    ct_error err = {CT_OK, "expected FILE, or FILE KEY VALUE"};
    ct_archive *a = argc == 2 || argc == 4 ? ct_archive_read(argv[1], &err) : NULL;
    bool ok = a && (argc == 4 ? ct_archive_set_meta(a, argv[2], argv[3], &err) : spoil_numbers(a)) &&
              ct_archive_write(a, argv[1], &err);
    ct_archive_free(a);
    if (!ok)
        fprintf(stderr, "spoil_archive: %s\n", err.message);
    return !ok;
}
