# SPDX-License-Identifier: MIT
# Every external symbol of the library has the prefix of its part, so that a program may define any other name, and links with the static library.
. "$(dirname "$0")/support.sh"

names=$source/tests/programs/clients/common_names.txt
library=$build/libcotangent.a
[ -f "$library" ] || { echo "a shared library: see test_install.sh"; exit 0; }
external=$(nm -g --defined-only "$library" | awk 'NF == 3 { print $3 }')
[ "$(echo "$external" | wc -l)" -gt 500 ] || fail "$(echo "$external" | wc -l) external symbols, expected some 700"
strangers=$(echo "$external" | grep -vE '^(__odr_asan\.)?(ct|nn|mf)_' | sort -u || true)
[ -z "$strangers" ] || fail "external symbols without the prefix ct_, nn_ or mf_: "$strangers

# A program that has functions of the names that read like common words, and does not see the library's.
works cmake --install "$build" --prefix "$work/prefix"
{
    echo '#include <cotangent.h>'
    for name in $(cat "$names"); do
        echo "int $name(void); int $name(void) { return 1; }"
    done
    echo 'static int total(void) { return 0'
    sed 's/.*/ + &()/' "$names"
    echo '; }'
} >names.c
sed 's/^int main(void)$/static int run(void)/' "$source/tests/programs/clients/client.c" >>names.c
echo 'int main(void) { printf("%d names\n", total()); return run(); }' >>names.c
sanitize=$(sed -n 's/^COTANGENT_SANITIZE:STRING=//p' "$build/CMakeCache.txt")
compiler=$(sed -n 's/^CMAKE_C_COMPILER:[A-Z]*=//p' "$build/CMakeCache.txt")
export PKG_CONFIG_PATH=$(dirname "$(find "$work/prefix" -name cotangent.pc)")
works "$compiler" -std=c11 -fno-builtin ${sanitize:+-fsanitize=$sanitize} $(pkg-config --cflags cotangent) names.c -o names $(pkg-config --libs cotangent)
works ./names
prints "^$(wc -l <"$names") names$"
prints '^slope 12 '
