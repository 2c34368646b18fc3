/* SPDX-License-Identifier: MIT */
/* One parameter as a node: found by its name, or created. */
#include "params_impl.h"
#include <cotangent/ops.h>
#include <stdio.h>

static bool create(nn_params *p, const char *name, ct_shape shape, nn_init init, ct_error *err)
{
    if (!nn_params_check_limit(p, name, shape, err))
        return false;
    ct_tensor *t = ct_tensor_new(nn_params_dtype(p), shape, err);
    if (!t)
        return ct_fail_prefix(err, "parameter '%s'", name);
    bool ok = nn_init_fill(init, t, name, nn_params_seed(p), err) && nn_params_add(p, name, t, err);
    ct_tensor_free(t);
    return ok;
}

ct_var *nn_params_node(ct_graph *g, ct_site at, nn_params *p, const char *name, ct_shape shape, nn_init init)
{
    ct_error err;
    ct_tensor *t = nn_params_find(p, name);
    if (!t && !create(p, name, shape, init, &err))
        return ct_graph_fail(g, err.code, at, "%s", err.message);
    if (t && !ct_shape_equal(ct_tensor_shape(t), shape))
        return ct_graph_fail(g, CT_E_SHAPE, at, "parameter '%s': has shape %s, but is used with shape %s", name,
                             CT_SHAPE_TEXT(ct_tensor_shape(t)), CT_SHAPE_TEXT(shape));
    return ct_state_at(at, g, name, nn_params_find(p, name));
}

/* "normal(0, 0.02)" */
static const char *init_text(nn_init init, char text[96])
{
    static const char *const names[] = {"the default", "constant", "normal", "truncated normal", "uniform", "Xavier uniform", "Xavier normal",
                                        "Kaiming uniform", "Kaiming normal"};
    bool known = init.kind >= NN_INIT_DEFAULT && init.kind <= NN_INIT_KAIMING_NORMAL;
    bool one = init.kind == NN_INIT_CONSTANT || init.kind >= NN_INIT_XAVIER_UNIFORM;
    if (!known)
        snprintf(text, 96, "unknown kind %d", (int)init.kind);
    else if (one)
        snprintf(text, 96, "%s(%g)", names[init.kind], init.a);
    else
        snprintf(text, 96, "%s(%g, %g)", names[init.kind], init.a, init.b);
    return text;
}

/* b says nothing where the kind has one number. */
static bool same_init(nn_init x, nn_init y)
{
    bool one = x.kind == NN_INIT_CONSTANT || x.kind >= NN_INIT_XAVIER_UNIFORM;
    return x.kind == y.kind && x.a == y.a && (one || x.b == y.b);
}

/* The values that are there are not those of another initialiser. One that was copied or added may be asked for with any. */
static bool init_fits(nn_scope s, const char *path, nn_init init)
{
    const nn_init *made = nn_params_init(s.params, path);
    char old[96], new[96];
    if (!made || made->kind == NN_INIT_DEFAULT || init.kind == NN_INIT_DEFAULT || same_init(*made, init))
        return true;
    ct_graph_fail(s.graph, CT_E_ARGUMENT, s.at, "parameter '%s': was made with initialiser %s, but is asked for with %s", path, init_text(*made, old),
                  init_text(init, new));
    return false;
}

/* A new parameter remembers what it was made with. */
static void remember(nn_params *p, const char *path, bool known, nn_init init)
{
    nn_init *made = nn_params_init(p, path);
    if (!known && made)
        *made = init;
}

ct_var *nn_param(nn_scope s, const char *name, ct_shape shape, nn_init init)
{
    if (ct_graph_error(s.graph))
        return NULL;
    if (!name || !*name)
        return nn_fail(s, CT_E_NAME, "scope", "a parameter is asked for without a name");
    if (!s.params)
        return nn_fail(s, CT_E_ARGUMENT, "scope", "parameter '%s' is asked for, but there is no set of parameters", name);
    const char *path = ct_graph_text(s.graph, "%s%s%s", s.path, *s.path ? "." : "", name);
    if (!path || !init_fits(s, path, init))
        return NULL;
    bool known = nn_params_find(s.params, path);
    ct_var *v = nn_params_node(s.graph, s.at, s.params, path, shape, init);
    remember(s.params, path, known, init);
    return v;
}
