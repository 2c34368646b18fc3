/* One parameter as a node: found by its name, or created. */
#include "params_impl.h"
#include <cotangent/ops.h>

static bool create(nn_params *p, const char *name, ct_shape shape, nn_init init, ct_error *err)
{
    ct_tensor *t = ct_tensor_new(nn_params_dtype(p), shape, err);
    bool ok = t && nn_init_fill(init, t, name, params_seed(p), err) && nn_params_add(p, name, t, err);
    ct_tensor_free(t);
    return ok;
}

ct_var *params_node(ct_graph *g, ct_site at, nn_params *p, const char *name, ct_shape shape, nn_init init)
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

ct_var *nn_param(nn_scope s, const char *name, ct_shape shape, nn_init init)
{
    if (ct_graph_error(s.graph))
        return NULL;
    if (!s.params)
        return nn_fail(s, CT_E_ARGUMENT, "scope", "parameter '%s' is asked for, but there is no set of parameters", name);
    const char *path = ct_graph_text(s.graph, "%s%s%s", s.path, *s.path ? "." : "", name);
    return path ? params_node(s.graph, s.at, s.params, path, shape, init) : NULL;
}
