/* SPDX-License-Identifier: MIT */
/* When each node runs: by key = max(its stamp, the keys of its operands), ties in order of creation. A tangent has the stamp of the value it belongs
 * to, so it runs right after it, and where nothing else needs it its memory is free again at once. */
#include "program_impl.h"
#include <stdlib.h>

typedef struct entry { int64_t key, index; } entry;

static int by_key(const void *a, const void *b)
{
    const entry *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

static int64_t key_of(const ct_program *p, const int64_t *key, const ct_var *v)
{
    int64_t k = v->stamp;
    for (int i = 0; i < v->n && !p->cut[v->index]; i++) {
        int64_t operand = key[p->node_of[v->x[i]->index]];
        k = operand > k ? operand : k;
    }
    return k;
}

bool ct_pass_order(ct_program *p, ct_error *err)
{
    int64_t *key = calloc((size_t)p->nodes + 1, sizeof *key);
    entry *list = calloc((size_t)p->nodes + 1, sizeof *list);
    bool ok = key && list;
    for (int64_t k = 0; ok && k < p->nodes; k++) {
        if (!p->needed[k])
            continue;
        key[k] = key_of(p, key, p->graph->vars[k]);
        list[p->ordered++] = (entry){key[k], k};
    }
    if (ok)
        qsort(list, (size_t)p->ordered, sizeof *list, by_key);
    for (int64_t i = 0; ok && i < p->ordered; i++)
        p->order[i] = (int)list[i].index;
    free(key);
    free(list);
    return ok || ct_compile_out_of_memory(err, "ordering nodes");
}
