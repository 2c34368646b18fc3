# SPDX-License-Identifier: MIT
# The installed library, static and shared: programs in C and in C++ find it through CMake and through pkg-config wherever it was moved to, and run.
. "$(dirname "$0")/support.sh"

setting() { sed -n "s/^$1:[A-Z]*=//p" "${2:-$build}/CMakeCache.txt"; }
compiler=$(setting CMAKE_C_COMPILER)
cxx=$(dirname "$compiler")/$(basename "$compiler" | sed 's/gcc/g++/; s/clang/clang++/; s/^cc$/c++/')
version=$(sed -n 's/^#define CT_VERSION "\(.*\)"$/\1/p' "$source/tensor/include/cotangent/version.h")
clients=$source/tests/programs/clients
said="^slope 12 image \[1, 1, 2, 2\] version $version$"

# --- what is built without being told otherwise: for every processor ---------------------------------------------------
plain=(-DBUILD_SHARED_LIBS=ON -DCOTANGENT_TESTS=OFF -DCOTANGENT_EXAMPLES=OFF -DCOTANGENT_BENCH=OFF -DCMAKE_C_COMPILER="$compiler")
works cmake -S "$source" -B built "${plain[@]}"
works cmake --build built --parallel 2
[ "$(setting COTANGENT_NATIVE built)" = OFF ] || fail "COTANGENT_NATIVE is $(setting COTANGENT_NATIVE built) by default, expected OFF"
! grep -rq -- '-march=native' built/CMakeFiles/*/flags.make || fail "a plain build is compiled with -march=native"

# Registers of more than 16 bytes are for functions that ask the processor first: those of files that name their target.
if [ "$(uname -m)" = x86_64 ]; then
    wide=0
    for object in $(find built -name '*.c.o'); do
        file=${object#*.dir/}
        if grep -q 'target("' "$source/${file%.o}"; then
            wide=$((wide + $(objdump -d "$object" | grep -c '%zmm' || true)))
        elif objdump -d "$object" | grep -q '%[yz]mm'; then
            fail "$file has instructions that not every processor has"
        fi
    done
    [ $wide -gt 100 ] || fail "$wide instructions with vectors of 64 bytes, expected the product's kernel"
fi

# --- installed, then moved ------------------------------------------------------------------------------------------------
works cmake --install built --prefix "$work/first"
mv first shared
works cmake --install "$build" --prefix "$work/second"
mv second static

library=$(find shared -name 'libcotangent.so.*' -type f)
exported=$(nm -D --defined-only "$library" | awk '{ print $NF }' | sed 's/@.*//')
[ "$(echo "$exported" | wc -l)" -gt 300 ] || fail "$(echo "$exported" | wc -l) exported names, expected some 400"
strangers=$(echo "$exported" | grep -vE '^((ct|nn|mf)_|COTANGENT_)' || true)
[ -z "$strangers" ] || fail "exported without a prefix: $strangers"
works readelf -d "$library"
prints "SONAME.*\[libcotangent.so.${version%.*}\]"

# --- programs ----------------------------------------------------------------------------------------------------------------
# project LANGUAGE SOURCE: a folder with a project of this language alone.
project()
{
    mkdir "$1"
    cp "$clients/$2" "$1"
    cat >"$1/CMakeLists.txt" <<C
cmake_minimum_required(VERSION 3.20)
project(stranger $1)
find_package(cotangent ${version%.*} REQUIRED)
if(NOT cotangent_VERSION STREQUAL "$version")
  message(FATAL_ERROR "the package is of version \${cotangent_VERSION}, expected $version")
endif()
set(CMAKE_${1}_EXTENSIONS OFF)
add_executable(stranger $2)
target_link_libraries(stranger PRIVATE cotangent::cotangent)
C
}
project C client.c
project CXX client.cpp

# runs EXPECTED PROGRAM
runs()
{
    "$2" >stdout 2>stderr || fail "status $?, expected 0: $2: $(cat stdout)"
    prints "$1"
}

for kind in static shared; do
    sanitize=
    [ $kind = shared ] || sanitize=$(setting COTANGENT_SANITIZE)
    flags=${sanitize:+-fsanitize=$sanitize}
    works cmake -S C -B "$kind-C" -DCMAKE_PREFIX_PATH="$work/$kind" -DCMAKE_C_COMPILER="$compiler" -DCMAKE_C_FLAGS="$flags"
    works cmake --build "$kind-C"
    runs "$said" "$kind-C/stranger"
    works cmake -S CXX -B "$kind-CXX" -DCMAKE_PREFIX_PATH="$work/$kind" -DCMAKE_CXX_COMPILER="$cxx" -DCMAKE_CXX_FLAGS="$flags -Wall -Wextra -Wpedantic -Werror"
    works cmake --build "$kind-CXX"
    runs '^failures 0$' "$kind-CXX/stranger"

    pc=$(find "$work/$kind" -name cotangent.pc)
    [ -n "$pc" ] || fail "no cotangent.pc was installed"
    found() { PKG_CONFIG_PATH=$(dirname "$pc") pkg-config "$@" cotangent; }
    [ "$(found --modversion)" = "$version" ] || fail "cotangent.pc is of version $(found --modversion), expected $version"
    rpath=-Wl,-rpath,$(found --variable=libdir)
    works "$compiler" -std=c11 $flags $(found --cflags) "$clients/client.c" -o client $(found --libs) "$rpath"
    runs "$said" ./client
    works "$compiler" -std=c11 $flags $(found --cflags) "$clients/client.c" -o client $(found --static --libs) "$rpath"
    runs "$said" ./client
    for level in -O1 -O2 -O3 -Os; do
        works "$compiler" -std=c11 $level -march=native $flags $(found --cflags) "$clients/client.c" -o client $(found --libs) "$rpath"
        runs "$said" ./client
    done
    for standard in c++11 c++20; do
        works "$cxx" -std=$standard -Wall -Wextra -Wpedantic -Werror $flags $(found --cflags) "$clients/client.cpp" -o client $(found --libs) "$rpath"
        runs '^failures 0$' ./client
    done
done

# --- every public header stands on its own, in C and in C++, for every compiler that is here ------------------------------------
for header in $(cd shared/include && find . -name '*.h'); do
    echo "#include <${header#./}>" >one.c
    for cc in gcc clang; do
        ! command -v $cc >/dev/null || works $cc -std=c11 -Wall -Wextra -Wpedantic -Werror -fsyntax-only -Ishared/include one.c
    done
    for cc in g++ clang++; do
        for level in -O1 -O2 -O3 -Os; do
        works "$compiler" -std=c11 $level -march=native $flags $(found --cflags) "$clients/client.c" -o client $(found --libs) "$rpath"
        runs "$said" ./client
    done
    for standard in c++11 c++20; do
            ! command -v $cc >/dev/null ||
                works $cc -std=$standard -Wall -Wextra -Wpedantic -Werror -fsyntax-only -Ishared/include -x c++ one.c
        done
    done
done
