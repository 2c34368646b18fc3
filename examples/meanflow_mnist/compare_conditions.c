/* SPDX-License-Identifier: MIT */
/* Conditions as texts. */
#include "compare_conditions.h"

#include <string.h>

#include "train_table.h"

/* What "eval" was told, as it stands in eval.json: beside the figures of a set of samples, or for all of them. */
static const struct told {
    const char *key, *name;
} told[] = {
    {"images", "samples"},       {"nfe", "evaluations"},
    {"sampler", "sampler"},      {"times", "sampling times"},
    {"omega", "guidance scale"}, {"guidance_low", "guidance from"},
    {"guidance_high", "guidance to"}, {"weights", "weights"},
    {"seed", "seed of the noise"},
};
enum { TOLD = sizeof told / sizeof *told };

const char *compare_told(int i)
{
    return i < TOLD ? told[i].name : NULL;
}

/* A value of eval.json as a string; NULL for none. */
static json_t *text_of(const json_t *value)
{
    if (json_is_number(value))
        return json_sprintf("%.15g", json_number_value(value));
    if (!json_is_array(value))
        return json_is_string(value) ? json_string(json_string_value(value)) : NULL;
    json_t *text = json_string(""), *item;
    size_t i;
    json_array_foreach(value, i, item) {
        json_t *longer = json_sprintf("%s%s%.15g", json_string_value(text), i > 0 ? ", " : "", json_number_value(item));
        json_decref(text);
        text = longer;
    }
    return text;
}

/* The settings that determine the weights, but for the seed. */
static bool add_settings(json_t *to, const settings *s)
{
    train_options ignored = {.out = NULL};
    train_table table = train_table_of(&ignored);
    bool ok = true;
    for (int i = table.training; i < table.count; i++) {
        const cli_option *o = &table.option[i];
        const char *value = o->kind == CLI_SECTION ? NULL : settings_value(s, o->name);
        if (value && strcmp(o->name, "seed") != 0)
            ok = json_object_set_new(to, o->name, json_string(value)) == 0 && ok;
    }
    return ok;
}

static bool add_told(json_t *to, const json_t *evaluation, const json_t *samples)
{
    bool ok = true;
    for (int i = 0; i < TOLD; i++) {
        const json_t *own = json_object_get(samples, told[i].key);
        const json_t *value = own ? own : json_object_get(evaluation, told[i].key);
        if (value)
            ok = json_object_set_new(to, told[i].name, text_of(value)) == 0 && ok;
    }
    return ok;
}

json_t *compare_conditions(const run_results *r, const json_t *samples)
{
    json_t *c = json_object();
    if (c && add_settings(c, r->settings) && add_told(c, r->evaluation, samples))
        return c;
    json_decref(c);
    return NULL;
}
