/* SPDX-License-Identifier: MIT */
/* The library's own ops, and what every op must hold. */
#include "graph_impl.h"
#include <string.h>

#define OP(name) extern const ct_op ct_op_##name;
#include "ops.def"
#undef OP

static const ct_op *const table[] = {
#define OP(name) &ct_op_##name,
#include "ops.def"
#undef OP
};

int ct_op_count(void)
{
    return (int)(sizeof table / sizeof *table);
}

const ct_op *ct_op_at(int i)
{
    return i >= 0 && i < ct_op_count() ? table[i] : NULL;
}

const ct_op *ct_op_find(const char *name)
{
    for (int i = 0; i < ct_op_count(); i++)
        if (strcmp(table[i]->name, name) == 0)
            return table[i];
    return NULL;
}

static bool has_map(const ct_op *op)
{
    for (int i = 0; i < CT_DTYPES; i++)
        if (op->map[i])
            return true;
    return false;
}

static bool has_rows(const ct_op *op)
{
    for (int i = 0; i < CT_DTYPES; i++)
        if (op->row[i])
            return true;
    return false;
}

/* The members that hold derivative rules, as bits, and which bits each kind needs: no more and no fewer. */
enum { DERIV = 1, TRANSPOSE = 2, JVP = 4, VJP = 8 };

static unsigned rules_of(const ct_op *op)
{
    return (op->deriv ? DERIV : 0u) | (op->transpose ? TRANSPOSE : 0u) | (op->jvp ? JVP : 0u) | (op->vjp ? VJP : 0u);
}

static bool check_rules(const ct_op *op, ct_error *err)
{
    static const struct { const char *kind; unsigned rules; const char *names; } want[] = {
        [CT_CONSTANT] = {"constant", 0, "no rule"},
        [CT_ELEMENTWISE] = {"elementwise", DERIV, "deriv"},
        [CT_LINEAR] = {"linear", TRANSPOSE, "transpose"},
        [CT_BILINEAR] = {"bilinear", TRANSPOSE, "transpose"},
        [CT_CUSTOM] = {"custom", JVP | VJP, "both jvp and vjp"},
    };
    if (rules_of(op) == want[op->kind].rules)
        return true;
    return ct_fail(err, CT_E_ARGUMENT, "op %s: of kind %s, it must have %s and no other derivative rule", op->name,
                   want[op->kind].kind, want[op->kind].names);
}

bool ct_op_check(const ct_op *op, ct_error *err)
{
    if (!op || !op->name)
        return ct_fail(err, CT_E_ARGUMENT, "op: has no name");
    if (!op->infer || !op->samples || !op->formula)
        return ct_fail(err, CT_E_ARGUMENT, "op %s: infer, samples and formula are required", op->name);
    if (op->arity < CT_VARIADIC || op->kind > CT_CUSTOM)
        return ct_fail(err, CT_E_ARGUMENT, "op %s: arity %d or kind %d is out of range", op->name, op->arity, (int)op->kind);
    int ways = has_map(op) + (op->view != NULL) + (op->eval != NULL);
    bool engine = op == &ct_op_input || op == &ct_op_constant || op == &ct_op_state || op == &ct_op_assign;
    if (ways != (engine ? 0 : 1))
        return ct_fail(err, CT_E_ARGUMENT, "op %s: exactly one of map, view and eval computes it, found %d", op->name, ways);
    if (op->kind == CT_BILINEAR && op->arity != 2)
        return ct_fail(err, CT_E_ARGUMENT, "op %s: a bilinear op has two operands, not %d", op->name, op->arity);
    if (has_map(op) && (op->arity < 1 || op->arity > CT_MAP_MAX_INPUTS))
        return ct_fail(err, CT_E_ARGUMENT, "op %s: map takes 1 to %d operands, not %d", op->name, CT_MAP_MAX_INPUTS, op->arity);
    if (has_rows(op) && (!op->eval || op->arity != 1 || op->attr_size < sizeof(uint32_t)))
        return ct_fail(err, CT_E_ARGUMENT, "op %s: with row it has eval, one operand, and attributes that begin with the axes", op->name);
    return check_rules(op, err);
}
