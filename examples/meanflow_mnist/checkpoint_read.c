/* SPDX-License-Identifier: MIT */
/* A network and its weights from a file: it rebuilds itself from the sizes in the metadata. */
#include "checkpoint.h"
#include "weight_set.h"

/* Parameters are made by building the network once; what it computes does not matter here. */
static bool build_params(const mf_flow_config *c, nn_params *params, ct_error *err)
{
    ct_graph *g = ct_graph_new();
    if (!g)
        return ct_fail(err, CT_E_MEMORY, "out of memory");
    ct_var *z = ct_input(g, "z", CT_F32, CT_SHAPE(1, c->channels, c->size, c->size));
    ct_var *time = ct_input(g, "time", CT_F32, CT_SHAPE(1)), *label = ct_input(g, "label", CT_I32, CT_SHAPE(1));
    mf_flow_net net = mf_flow_config_net(c);
    net.guidance = mf_flow_config_guidance(c, g, CT_F32, 1, 1, 0, 1);
    bool ok = mf_flow_apply(net, nn_root(g, params), z, time, time, label) != NULL;
    if (!ok)
        ct_fail(err, ct_graph_error(g)->code, "%s", ct_graph_error(g)->message);
    ct_graph_free(g);
    return ok;
}

static bool load_weights(const ct_archive *from, const char *set, const mf_flow_config *net, nn_params *weights,
                         ct_error *err)
{
    char prefix[WEIGHT_SET_SIZE];
    if (!weight_set_find(from, set, prefix, err))
        return false;
    nn_params_limit(weights, from, prefix);
    return build_params(net, weights, err) && nn_params_load(weights, from, prefix, err);
}

bool checkpoint_read(const char *path, const char *set, mf_flow_config *net, nn_params **weights, ct_error *err)
{
    ct_archive *a = ct_archive_read(path, err);
    if (!a)
        return false;
    nn_params *p = mf_flow_config_load(net, a, err) ? nn_params_new(CT_F32, 0, err) : NULL;
    bool ok = p && load_weights(a, set, net, p, err);
    ct_archive_free(a);
    if (!ok) {
        nn_params_free(p);
        return ct_fail_prefix(err, "%s", path);
    }
    *weights = p;
    return true;
}
