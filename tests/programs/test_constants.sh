# SPDX-License-Identifier: MIT
# Constant structures arrive as they were written, whatever processor and however well a client is optimised: GCC 12.2 copies some of them wrongly
# for processors with AVX-512. The client calls every kind of function that takes a structure, with many constants.
. "$(dirname "$0")/support.sh"

clients=$source/tests/programs/clients
include="-I$source/tensor/include -I$source/autograd/include -I$source/nn/include -I$source/models/include -I."

# A line a call: the structure's type, its numbers (# any, ? 0 or 1), and the call. @ is the structure.
init='{(nn_init_kind) #, #, #}'
linear="{?, $init, $init}"
conv='{#, #}, {#, #}, {#, #}, #'
eight='{#, #, #, #, #, #, #, #}'
cat >calls <<T
ct_conv2d_attr;{$conv};ct_conv2d_at(CT_HERE, NULL, NULL, @)
ct_conv2d_attr;{$conv};ct_conv2d_dx_at(CT_HERE, NULL, NULL, @, 28, 1)
ct_conv2d_attr;{$conv};ct_conv2d_dw(NULL, NULL, @, 28, 1)
ct_axes;{#, $eight};ct_sum(NULL, @)
ct_axes;{#, $eight};ct_mean_keep_at(CT_HERE, NULL, @)
ct_axes;{#, $eight};ct_permute(NULL, @)
ct_axes;{#, $eight};ct_tensor_permute(NULL, @, NULL)
ct_shape;{#, $eight};ct_tensor_new(CT_F32, @, NULL)
ct_shape;{#, $eight};ct_full(NULL, CT_F32, @, 0)
ct_array;{NULL, (ct_dtype) #, {#, $eight}, $eight};ct_fill(@, 0, 1)
nn_scope;{NULL, NULL, "", ?, {NULL, #}};nn_dropout(@, NULL, 0)
nn_linear_options;$linear;nn_linear_with(root, NULL, 1, @)
nn_conv2d_options;{$conv, ?, $init, $init};nn_conv2d(root, NULL, 1, 1, @)
nn_conv2d_options;{$conv, ?, $init, $init};nn_conv_transpose2d(root, NULL, 1, 1, @)
nn_attention_options;{$linear, $linear};nn_attention(root, NULL, 1, @)
nn_time_options;{#, #, $init};nn_time_embedding(root, NULL, 1, @)
nn_norm_options;{#, ?};nn_layer_norm(root, NULL, @)
nn_sgd_options;{#, #, ?};nn_train_sgd(NULL, NULL, NULL, @)
nn_adamw_options;{#, #, #, #, ?};nn_train_adamw(NULL, NULL, NULL, @)
nn_schedule;{#, #, #, #};nn_cosine_schedule(NULL, CT_F32, @)
nn_init;$init;nn_init_fill(@, NULL, NULL, 0, NULL)
ct_random_key;{#, #, #};ct_random_block(@, 0, NULL)
T

# Numbers come in runs of equal ones, as they do in programs: that is what is copied wrongly. Every other call hands over a variable that stays in use.
awk -F';' -v rounds=40 '
function number(most) {
    if (left < 1) { run = int(rand() * 7) % 4; left = 1 + int(rand() * 5) }
    left--
    return run > most ? most : run
}
BEGIN { srand(5); print "#include <cotangent.h>\n#include <stddef.h>\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n" \
    "extern int begun;\nvoid keep(const void *p);\nvoid client(void);\nstatic nn_scope root;" >"client.c" }
{
    for (round = 0; round < rounds; round++) {
        literal = ""; row = ""; left = 0
        for (i = 1; i <= length($2); i++) {
            c = substr($2, i, 1)
            if (c == "#") { c = number(3); row = row c ", " }
            if (c == "?") { c = number(1); row = row c ", "; c = c ? "true" : "false" }
            literal = literal c
        }
        value = "CT_LITERAL(" $1 ")" literal; before = ""; after = ""
        if (round % 2) { before = $1 " v = " literal "; "; value = "v"; after = " keep(&v);" }
        at = index($3, "@"); call = substr($3, 1, at - 1) value substr($3, at + 1)
        print "static void call" n + 0 "(void) { begun = " n + 0 "; " before call ";" after " }" >"client.c"
        print "{" row "}," >"arrives.h"
        n++
    }
}
END {
    print "void client(void)\n{" >"client.c"
    for (i = 0; i < n; i++) print "    call" i "();" >"client.c"
    print "}\n#ifdef __cplusplus\n}\n#endif" >"client.c"
}' calls

works gcc -std=c11 -O0 $include -c "$clients/arrives.c" -o arrives.o
for optimised in "" -march=native; do
    for level in -O1 -O2 -O3 -Os; do
        for cc in gcc clang; do
            command -v $cc >/dev/null || continue
            works $cc -std=c11 $level $optimised $include -c client.c -o client.o
            works $cc client.o arrives.o -o client
            ./client >stdout || fail "$cc $level $optimised: $(cat stdout)"
        done
    done
    for cc in g++ clang++; do
        command -v $cc >/dev/null || continue
        works $cc -std=c++11 -O2 $optimised $include -x c++ -c client.c -o client.o
        works $cc client.o arrives.o -o client
        ./client >stdout || fail "$cc -O2 $optimised: $(cat stdout)"
    done
done
