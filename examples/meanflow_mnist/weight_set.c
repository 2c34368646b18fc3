/* SPDX-License-Identifier: MIT */
/* Sets of weights by name. */
#include "weight_set.h"

#include <stdio.h>
#include <string.h>

#include "cli_value.h"

const char *weight_set_of_decay(double decay, char prefix[WEIGHT_SET_SIZE])
{
    char text[CLI_TEXT_SIZE];
    const cli_option option = {.kind = CLI_DOUBLE, .to = &decay};
    snprintf(prefix, WEIGHT_SET_SIZE, "ema-%.40s.", cli_value_text(&option, text));
    return prefix;
}

static bool holds(const ct_archive *from, const char *prefix)
{
    for (int64_t i = 0; i < ct_archive_count(from); i++)
        if (strncmp(ct_archive_name(from, i), prefix, strlen(prefix)) == 0)
            return true;
    return false;
}

/* ", ema-A, ema-B" of the decays "A,B". */
static void list_averages(const char *decays, char *text, size_t size)
{
    text[0] = 0;
    while (*decays) {
        size_t used = strlen(text), length = strcspn(decays, ",");
        snprintf(text + used, size - used, ", ema-%.*s", (int)length, decays);
        decays += length + (decays[length] == ',');
    }
}

bool weight_set_find(const ct_archive *from, const char *set, char prefix[WEIGHT_SET_SIZE], ct_error *err)
{
    const char *decays = ct_archive_meta(from, "train.ema");
    char averages[512];
    if (!decays)
        return ct_fail(err, CT_E_FORMAT, "there is no metadata \"train.ema\", expected a file that train wrote");
    if (strcmp(set, "ema") == 0)
        snprintf(prefix, WEIGHT_SET_SIZE, "ema-%.*s.", (int)strcspn(decays, ","), decays);
    else
        snprintf(prefix, WEIGHT_SET_SIZE, "%.60s.", set);
    if (holds(from, prefix))
        return true;
    list_averages(decays, averages, sizeof averages);
    return ct_fail(err, CT_E_NAME, "holds no weights '%.60s', expected one of params, ema%s", set, averages);
}
