/* SPDX-License-Identifier: MIT */
/* Sizes of the first processor's caches, as Linux tells them. (sysconf gives those of the whole package, of which a virtual machine has but a part.) */
#include "machine_parts.h"

#include <string.h>

/* A file of the form "32768K" or "Unified", its first word into text; false when there is none. */
static bool read_word(int index, const char *what, char text[32])
{
    char path[96];
    snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu0/cache/index%d/%s", index, what);
    FILE *f = fopen(path, "r");
    if (!f)
        return false;
    bool ok = fscanf(f, "%31s", text) == 1;
    fclose(f);
    return ok;
}

size_t ct_machine_cache_bytes(int level)
{
    char type[32], text[32];
    int of = 0;
    size_t bytes = 0;
    for (int i = 0; read_word(i, "level", text) && read_word(i, "type", type); i++) {
        bool wanted = sscanf(text, "%d", &of) == 1 && of == level && strcmp(type, "Instruction") != 0;
        if (wanted && read_word(i, "size", text) && sscanf(text, "%zu", &bytes) == 1)
            return bytes << (strchr(text, 'M') ? 20 : 10);
    }
    return 0;
}
