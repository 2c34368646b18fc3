/* SPDX-License-Identifier: MIT */
/* d/dx x^3 at 2 is 12; a kernel of 1 x 1 keeps the extents; and the version of the headers is the library's. */
#include <cotangent.h>
#include <stdio.h>
#include <string.h>

int main(void)
{
    ct_error err;
    ct_graph *g = ct_graph_new();
    ct_var *x = ct_input(g, "x", CT_F64, CT_SCALAR), *y = ct_pow(x, 3), *slope = NULL;
    ct_grad(y, 1, &x, &slope);
    ct_program *p = ct_compile(g, 1, &slope, NULL, &err);
    if (!p || !ct_program_set_scalar(p, x, 2, &err) || !ct_program_run(p, &err)) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    ct_var *image = ct_input(g, "image", CT_F32, CT_SHAPE(1, 1, 2, 2)), *kernel = ct_input(g, "kernel", CT_F32, CT_SHAPE(1, 1, 1, 1));
    ct_var *filtered = ct_conv2d(image, kernel, (ct_conv2d_attr){{1, 1}, {0, 0}, {1, 1}, 1});
    printf("slope %g image %s version %s\n", ct_program_scalar(p, slope), CT_SHAPE_TEXT(ct_var_shape(filtered)), ct_version());
    ct_program_free(p);
    ct_graph_free(g);
    return strcmp(ct_version(), CT_VERSION) != 0;
}
