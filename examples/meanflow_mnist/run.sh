#!/usr/bin/env bash
# From a fresh copy of the project to a picture of digits: installs what is missing, builds, trains, and says how good the digits are.
#   run.sh [options of "meanflow_mnist train"]    such as --minutes 5 or --model dit
# Results go to runs/mnist in the project, unless --out says where.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)

# The folder that results go to: --out DIR or --out=DIR among the arguments.
out=$root/runs/mnist
arguments=("$@")
for ((i = 0; i < $#; i++)); do
    case ${arguments[i]} in
    --out) out=${arguments[i + 1]:-} ;;
    --out=*) out=${arguments[i]#--out=} ;;
    --help | -h) help=yes ;;
    esac
done

"$root/scripts/build.sh" --target meanflow_mnist
program=$root/build/release/bin/meanflow_mnist
# Threads that wait for each other leave their core to whoever needs it: much faster where other programs run too.
export OMP_WAIT_POLICY=${OMP_WAIT_POLICY:-passive}
"$program" train --out "$out" --data "$here/data" "$@"
[ -z "${help:-}" ] || exit 0

echo "1,000 digits, each drawn in one evaluation; how many a classifier reads as what they were meant to be:"
"$program" sample --from "$out/model.safetensors" --count 100 --classifier "$root/examples/mnist_classifier/mnist.safetensors"
echo "The picture: $out/samples.png"
