/* SPDX-License-Identifier: MIT */
/* Scopes: the path of names that a model grows as it calls its parts. */
#include <cotangent/params.h>
#include <stdio.h>

nn_scope nn_root_at(ct_site at, ct_graph *graph, nn_params *params)
{
    return (nn_scope){.graph = graph, .params = params, .path = "", .at = at};
}

nn_scope nn_at_at(ct_site at, nn_scope s, const char *format, ...)
{
    char below[256];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(below, sizeof below, format, args);
    va_end(args);
    s.at = at;
    if (n < 0 || (size_t)n >= sizeof below)
        nn_fail(s, CT_E_NAME, "scope", "a name of %d bytes, expected at most %zu", n, sizeof below - 1);
    else if (n > 0) {
        const char *path = ct_graph_text(s.graph, "%s%s%s", s.path, *s.path ? "." : "", below);
        s.path = path ? path : "";
    }
    return s;
}

nn_scope nn_training(nn_scope s, bool training)
{
    s.training = training;
    return s;
}

void *nn_fail(nn_scope s, ct_code code, const char *layer, const char *format, ...)
{
    char text[CT_MESSAGE_SIZE];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return ct_graph_fail(s.graph, code, s.at, "%s '%s': %s", layer, s.path, text);
}
