/* SPDX-License-Identifier: MIT */
/* For tests that run a program whatever its inputs hold. */
#ifndef INPUTS_H
#define INPUTS_H

#include <cotangent/op.h>
#include <cotangent/program.h>

/* Set all inputs of the graph to zero, as far as the program knows them. */
static inline bool set_inputs_to_zero(ct_program *p, const ct_graph *g, ct_error *err)
{
    bool ok = p != NULL;
    for (int64_t i = 0; ok && i < ct_graph_size(g); i++)
        if (ct_var_op(ct_graph_var(g, i)) == ct_op_find("input"))
            ok = ct_program_set_scalar(p, ct_graph_var(g, i), 0, err);
    return ok;
}

#endif
