/* SPDX-License-Identifier: MIT */
/* The graph: owns nodes, keeps the first error. */
#include "graph_impl.h"
#include "last_failure.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

ct_graph *ct_graph_new(void)
{
    ct_graph *g = calloc(1, sizeof *g);
    if (g)
        atomic_init(&g->refs, 1);
    return g;
}

ct_graph *ct_graph_retain(ct_graph *g)
{
    if (g)
        atomic_fetch_add(&g->refs, 1);
    return g;
}

void ct_graph_free(ct_graph *g)
{
    if (!g || atomic_fetch_sub(&g->refs, 1) > 1)
        return;
    if (g->failed)
        ct_failure_remove(g);
    for (int64_t i = 0; i < g->tensor_count; i++)
        ct_tensor_free(g->tensors[i]);
    free(g->tensors);
    free(g->vars);
    ct_arena_free(&g->memory);
    free(g);
}

const ct_error *ct_graph_error(const ct_graph *g)
{
    static const ct_error no_graph = {CT_E_MEMORY, "there is no graph: out of memory"};
    return !g ? &no_graph : g->failed ? &g->error : NULL;
}

int64_t ct_graph_size(const ct_graph *g)
{
    return g ? g->count : 0;
}

size_t ct_graph_bytes(const ct_graph *g)
{
    if (!g)
        return 0;
    return sizeof *g + g->memory.bytes + (size_t)g->capacity * sizeof *g->vars + (size_t)g->tensor_capacity * sizeof *g->tensors;
}

ct_var *ct_graph_var(const ct_graph *g, int64_t i)
{
    return g && i >= 0 && i < g->count ? g->vars[i] : NULL;
}

void *ct_graph_fail(ct_graph *g, ct_code code, ct_site at, const char *format, ...)
{
    if (!g || g->failed)
        return NULL;
    if (g->emitting)
        at = g->emitting->at;
    char text[CT_MESSAGE_SIZE];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (at.file)
        ct_fail(&g->error, code, "%s, at %s:%d", text, at.file, at.line);
    else
        ct_fail(&g->error, code, "%s", text);
    g->failed = true;
    ct_failure_add(g);
    return NULL;
}

const char *ct_graph_text(ct_graph *g, const char *format, ...)
{
    if (!g)
        return NULL;
    char text[512];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (n < 0)
        n = 0;
    char *p = ct_arena_alloc(&g->memory, (size_t)n + 1);
    if (!p)
        return ct_graph_fail(g, CT_E_MEMORY, (ct_site){0}, "out of memory for a text of %d bytes", n + 1);
    va_start(args, format);
    vsnprintf(p, (size_t)n + 1, format, args);
    va_end(args);
    return p;
}

bool ct_graph_keep_tensor(ct_graph *g, ct_tensor *t)
{
    if (g->tensor_count == g->tensor_capacity) {
        int64_t capacity = g->tensor_capacity ? 2 * g->tensor_capacity : 16;
        ct_tensor **more = realloc(g->tensors, (size_t)capacity * sizeof *more);
        if (!more)
            return false;
        g->tensors = more;
        g->tensor_capacity = capacity;
    }
    g->tensors[g->tensor_count++] = ct_tensor_retain(t);
    return true;
}
