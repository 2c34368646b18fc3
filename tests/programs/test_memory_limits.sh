# SPDX-License-Identifier: MIT
# Little address space (ulimit -v), and no LAPACK: every command ends soon, with its work done or a message; only what needs LAPACK loads it.
. "$(dirname "$0")/support.sh"
program=$bin/meanflow_mnist
grep -q '^COTANGENT_SANITIZE:STRING=..*' "$build/CMakeCache.txt" && echo "not tested: sanitizers take terabytes of address space" && exit
few_images few
works "$bin/mnist_classifier" --data few --epochs 1 --batch 20 --name few-digits --out few
classifier=few/classifier.safetensors
train=(train --data few --steps 3 --batch 16 --width 16 --depth 1 --frequencies 8)
works $program "${train[@]}" --out run
eval=(eval --from run/model.safetensors --data few --classifier $classifier --count 20 --neighbours 0)
works $program "${eval[@]}"

# limited KB COMMAND...: its status, 0, or 2 with one line on stderr that names the program; nothing else may happen, nor may it take long.
limited()
{
    local status=0
    (ulimit -v "$1" && shift && exec timeout 20 "$@") >stdout 2>stderr || status=$?
    [ $status = 0 ] || { [ $status = 2 ] && tail -1 stderr | grep -qE "^$(basename "$2")[a-z ]*: ."; } || fail "status $status in $1 KB: ${*:2}"
    return $status
}

for kilobytes in 100000 200000 300000 600000; do
    for each in "$bin"/*; do
        limited $kilobytes "$each" --help || fail "no help in $kilobytes KB: $each"
        prints '^usage: '
    done
    for command in train sample eval report compare; do
        limited $kilobytes $program $command --help || fail "no help in $kilobytes KB: $command"
    done
    for words in "${train[*]} --out limited --overwrite" "train --steps 1 --out large --overwrite" "sample --from run/model.safetensors" "${eval[*]}" "report --from run" "compare run"; do
        limited $kilobytes $program $words || true
    done
    limited $kilobytes "$bin/mnist_classifier" --data few --epochs 1 --batch 20 --out limited || true
done

# What is small needs little; what is not told to run has no need of it.
for words in "${train[*]} --out limited --overwrite" "sample --from run/model.safetensors" "report --from run" "compare run"; do
    limited 200000 $program $words || fail "status $? in 200000 KB: $words"
done
same limited/model.safetensors run/model.safetensors
limited 300000 $program "${eval[@]}" && fail "eval does not say what it needs"
grep -q 'LAPACK, which the Frechet distance needs, expects 512 MB of free address space' stderr || fail "eval does not say what it needs"

# A LAPACK that cannot be loaded is missed by eval alone, before any work.
mkdir broken
echo nothing >broken/liblapacke.so.3
export LD_LIBRARY_PATH=$work/broken
for words in "${train[*]} --out run --overwrite" "sample --from run/model.safetensors --classifier $classifier" "report --from run" "eval --help"; do
    works $program $words
done
cp run/model.safetensors .
refuses "meanflow_mnist eval: LAPACK, which the Frechet distance needs, cannot be loaded: " $program "${eval[@]}"
