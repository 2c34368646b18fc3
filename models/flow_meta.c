/* SPDX-License-Identifier: MIT */
/* The sizes of a network as text in a file's metadata, so that a file rebuilds its own network. */
#include <cotangent/flow.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The whole numbers of a configuration and their keys. */
typedef struct size_key {
    const char *key;
    size_t offset;
} size_key;
static const size_key size_keys[] = {
    {"size", offsetof(mf_flow_config, size)},   {"channels", offsetof(mf_flow_config, channels)}, {"classes", offsetof(mf_flow_config, classes)},
    {"width", offsetof(mf_flow_config, width)}, {"depth", offsetof(mf_flow_config, depth)},       {"heads", offsetof(mf_flow_config, heads)},
    {"patch", offsetof(mf_flow_config, patch)}, {"freq", offsetof(mf_flow_config, frequencies)},
};
enum { SIZE_KEYS = sizeof size_keys / sizeof *size_keys };

static const char *const times_names[] = {[MF_FLOW_T_H] = "t,h", [MF_FLOW_T_R] = "t,r", [MF_FLOW_T_R_H] = "t,r,h", [MF_FLOW_H] = "h"};
enum { TIMES_NAMES = sizeof times_names / sizeof *times_names };
static const char *const predict_names[] = {[MF_FLOW_VELOCITY] = "velocity", [MF_FLOW_DATA] = "data"};
enum { PREDICT_NAMES = sizeof predict_names / sizeof *predict_names };
static const char *const guided_names[] = {[MF_FLOW_UNGUIDED] = "no", [MF_FLOW_OMEGA] = "omega", [MF_FLOW_OMEGA_INTERVAL] = "omega,interval"};
enum { GUIDED_NAMES = sizeof guided_names / sizeof *guided_names };

static bool save_number(ct_archive *to, const char *key, const char *format, double value, ct_error *err)
{
    char text[64];
    snprintf(text, sizeof text, format, value);
    return ct_archive_set_meta(to, key, text, err);
}

bool mf_flow_config_save(const mf_flow_config *c, ct_archive *to, ct_error *err)
{
    if (!mf_flow_config_check(c, err) || !ct_archive_set_meta(to, "model", c->model, err))
        return false;
    for (int i = 0; i < SIZE_KEYS; i++) {
        int64_t value;
        memcpy(&value, (const char *)c + size_keys[i].offset, sizeof value);
        if (!save_number(to, size_keys[i].key, "%.0f", (double)value, err))
            return false;
    }
    return save_number(to, "time_scale", "%.17g", c->time_scale, err) &&
           ct_archive_set_meta(to, "times", times_names[c->times], err) &&
           ct_archive_set_meta(to, "predict", predict_names[c->predict], err) &&
           ct_archive_set_meta(to, "guided", guided_names[c->guided], err);
}

static bool load_size(mf_flow_config *c, size_key k, const ct_archive *from, ct_error *err)
{
    const char *text = ct_archive_meta(from, k.key);
    if (!text)
        return true;
    char *end;
    errno = 0;
    int64_t value = strtoll(text, &end, 10);
    if (end == text || *end || errno)
        return ct_fail(err, CT_E_FORMAT, "mf_flow_config: metadata \"%s\" is \"%.40s\", expected a whole number", k.key, text);
    memcpy((char *)c + k.offset, &value, sizeof value);
    return true;
}

static bool load_time_scale(mf_flow_config *c, const ct_archive *from, ct_error *err)
{
    const char *text = ct_archive_meta(from, "time_scale");
    if (!text)
        return true;
    char *end;
    c->time_scale = strtod(text, &end);
    if (end == text || *end)
        return ct_fail(err, CT_E_FORMAT, "mf_flow_config: metadata \"time_scale\" is \"%.40s\", expected a number", text);
    return true;
}

/* The place of the metadata `key` among `names` into *value, which stays as it is when there is none. */
static bool load_choice(const ct_archive *from, const char *key, int n, const char *const *names, int *value, ct_error *err)
{
    const char *text = ct_archive_meta(from, key);
    char expected[96] = "";
    for (int i = 0; text && i < n; i++) {
        if (strcmp(text, names[i]) == 0) {
            *value = i;
            return true;
        }
        snprintf(expected + strlen(expected), sizeof expected - strlen(expected), "%s\"%s\"", i ? " or " : "", names[i]);
    }
    return !text || ct_fail(err, CT_E_FORMAT, "mf_flow_config: metadata \"%s\" is \"%.40s\", expected %s", key, text, expected);
}

static bool load_choices(mf_flow_config *c, const ct_archive *from, ct_error *err)
{
    int times = (int)c->times, predict = (int)c->predict, guided = (int)c->guided;
    if (!load_choice(from, "times", TIMES_NAMES, times_names, &times, err) ||
        !load_choice(from, "predict", PREDICT_NAMES, predict_names, &predict, err) ||
        !load_choice(from, "guided", GUIDED_NAMES, guided_names, &guided, err))
        return false;
    c->times = (mf_flow_times)times;
    c->predict = (mf_flow_prediction)predict;
    c->guided = (mf_flow_guided)guided;
    return true;
}

bool mf_flow_config_load(mf_flow_config *c, const ct_archive *from, ct_error *err)
{
    const char *model = ct_archive_meta(from, "model");
    if (!model)
        return ct_fail(err, CT_E_FORMAT, "mf_flow_config: no metadata \"model\", expected \"mlp\" or \"dit\"");
    mf_flow_config loaded;
    if (!mf_flow_config_default(&loaded, model, err))
        return false;
    for (int i = 0; i < SIZE_KEYS; i++)
        if (!load_size(&loaded, size_keys[i], from, err))
            return false;
    if (!load_time_scale(&loaded, from, err) || !load_choices(&loaded, from, err) || !mf_flow_config_check(&loaded, err))
        return false;
    *c = loaded;
    return true;
}
