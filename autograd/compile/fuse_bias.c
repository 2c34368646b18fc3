/* SPDX-License-Identifier: MIT */
/* A bias: where the first thing that the code does to its product's rows is to add the same vector to each, the product adds it, to sums that are still in registers. The
 * code then reads finished rows; where the sum is all that was wanted, there is no code left, and tiles are written where the result belongs. */
#include "fuse.h"

bool ct_fuse_is_bias(const ct_array *a, int64_t n)
{
    int last = a->shape.rank - 1;
    if (last < 0 || a->shape.dim[last] != n || (a->stride[last] != 1 && n > 1))
        return false;
    for (int i = 0; i < last; i++)
        if (a->stride[i] != 0 && a->shape.dim[i] != 1)
            return false;
    return true;
}

static bool is_add(const instruction *c)
{
    return c->kind == DO_MAP && c->level == FULL && (c->map == ct_map_add_f32 || c->map == ct_map_add_f64);
}

static int times_used(const instruction *code, int n, place_kind kind, int index)
{
    int times = 0;
    for (int k = 0; k < n; k++)
        for (int i = 0; i < code[k].n; i++)
            times += code[k].x[i].kind == kind && code[k].x[i].index == index;
    return times;
}

/* The instruction that reads the product, if there is one; n for none. */
static int reader_of_product(const instruction *code, int n)
{
    int k = 0;
    while (k < n && times_used(&code[k], 1, IN_PRODUCT, 0) == 0)
        k++;
    return k;
}

/* The load of a bias that instruction c adds to the product; NULL for none. */
static const instruction *load_of_bias(const ct_program *p, const product *lead, const int *operand, const instruction *code, const instruction *c)
{
    const ct_array *y = &p->values[lead->value].array;
    place other = c->x[c->x[0].kind == IN_PRODUCT];
    const instruction *load = other.kind == IN_REGISTER ? &code[other.index] : NULL;
    if (!load || load->kind != DO_LOAD || load->level != FULL)
        return NULL;
    return ct_fuse_is_bias(&p->values[operand[load->x[0].index]].array, ct_shape_dim(y->shape, -1)) ? load : NULL;
}

/* Who reads the sum of instruction k reads the product. */
static void read_product_instead(instruction *code, int n, int k)
{
    for (int j = k + 1; j < n; j++)
        for (int i = 0; i < code[j].n; i++)
            if (code[j].x[i].kind == IN_REGISTER && code[j].x[i].index == k)
                code[j].x[i] = (place){IN_PRODUCT, 0};
}

int ct_fuse_take_bias(const ct_program *p, product *lead, const int *operand, instruction *code, int n)
{
    bool gone[LARGEST_CODE] = {false};
    int k = reader_of_product(code, n);
    bool alone = lead->var && lead->out < 0 && k < n && is_add(&code[k]) && times_used(code, n, IN_PRODUCT, 0) == 1;
    const instruction *load = alone ? load_of_bias(p, lead, operand, code, &code[k]) : NULL;
    if (!load || ct_shape_dim(p->values[operand[lead->a]].array.shape, -1) == 0)
        return n;
    int from = (int)(load - code);
    lead->bias = load->x[0].index;
    gone[k] = true;
    gone[from] = times_used(code, n, IN_REGISTER, from) == 1;
    if (code[k].y.kind == IN_RESULT)
        lead->out = code[k].y.index;
    else
        read_product_instead(code, n, k);
    return ct_fuse_close_gaps(code, gone, n);
}
