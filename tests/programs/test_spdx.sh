# SPDX-License-Identifier: MIT
# Every source file says under which licence it is, in its first comment line.
. "$(dirname "$0")/support.sh"

count=0
for file in $(cd "$source" && find . \( -name build -o -name .git -o -name runs \) -prune -o -type f \
    \( -name '*.[ch]' -o -name '*.cpp' -o -name '*.def' -o -name '*.sh' -o -name '*.cmake' -o -name 'CMakeLists.txt' -o -name '*.py' \) -print); do
    if head -1 "$source/$file" | grep -q '^#!'; then line=2; else line=1; fi
    sed -n ${line}p "$source/$file" | grep -qE '^(/\*|#) SPDX-License-Identifier: MIT( \*/)?$' ||
        fail "line $line of $file does not say SPDX-License-Identifier: MIT"
    count=$((count + 1))
done
[ $count -gt 400 ] || fail "$count source files, expected some 500"
head -1 "$source/LICENSE" | grep -q '^MIT License$' || fail "LICENSE is not the MIT licence"
