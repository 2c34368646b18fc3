# The installed library: a stranger's program finds it through CMake and through pkg-config, and runs.
. "$(dirname "$0")/support.sh"

works cmake --install "$build" --prefix "$work/prefix"
sanitize=$(sed -n 's/^COTANGENT_SANITIZE:STRING=//p' "$build/CMakeCache.txt")
flags=${sanitize:+-fsanitize=$sanitize}
compiler=$(sed -n 's/^CMAKE_C_COMPILER:[A-Z]*=//p' "$build/CMakeCache.txt")

# d/dx x^3 at 2 is 12.
cat >main.c <<'C'
#include <cotangent.h>
#include <stdio.h>

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
    printf("slope %g\n", ct_program_scalar(p, slope));
    ct_program_free(p);
    ct_graph_free(g);
    return 0;
}
C
cat >CMakeLists.txt <<'C'
cmake_minimum_required(VERSION 3.20)
project(stranger C)
find_package(cotangent 0.1 REQUIRED)
add_executable(stranger main.c)
target_link_libraries(stranger PRIVATE cotangent::cotangent)
C
works cmake -S . -B out -DCMAKE_PREFIX_PATH="$work/prefix" -DCMAKE_C_COMPILER="$compiler" -DCMAKE_C_FLAGS="$flags"
works cmake --build out
works out/stranger
prints '^slope 12$'

pc=$(find "$work/prefix" -name cotangent.pc)
[ -n "$pc" ] || fail "no cotangent.pc was installed"
found() { PKG_CONFIG_PATH=$(dirname "$pc") pkg-config --define-variable=prefix="$work/prefix" "$@" cotangent; }
works "$compiler" -std=c11 $flags $(found --cflags) main.c -o stranger $(found --static --libs) -Wl,-rpath,"$(found --variable=libdir)"
works ./stranger
prints '^slope 12$'

# Every public header stands on its own, in C and in C++.
for header in $(cd "$work/prefix/include" && find . -name '*.h'); do
    echo "#include <${header#./}>" >one.c
    works "$compiler" -std=c11 -Wall -Wextra -Wpedantic -Werror -fsyntax-only -I"$work/prefix/include" one.c
done
