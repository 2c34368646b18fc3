#!/usr/bin/env bash
# From a fresh copy of the project to a picture of digits: installs what is missing, builds, trains, and says how good the digits are.
#   run.sh [options of "meanflow_mnist train"]    such as --minutes 5 or --model dit
# Results go to runs/mnist in the project, unless --out says where. Run again after a stop, it goes on from the last checkpoint; --overwrite begins anew.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)

# The folder that results go to: --out DIR or --out=DIR among the arguments.
out=$root/runs/mnist
how=--resume
arguments=("$@")
for ((i = 0; i < $#; i++)); do
    case ${arguments[i]} in
    --out) out=${arguments[i + 1]:-} ;;
    --out=*) out=${arguments[i]#--out=} ;;
    --data | --data=*) other_data=yes ;;
    --overwrite) how= ;;
    --help | -h) help=yes ;;
    esac
done

"$root/scripts/build.sh" --target meanflow_mnist
program=$root/build/release/bin/meanflow_mnist
# Some six minutes on two idle cores; on busy ones it stops in time, with what it has learnt.
"$program" train ${how:+"$how"} --minutes 8 --out "$out" --data "$here/data" "$@"
[ -z "${help:-}" ] || exit 0

# The classifier knows MNIST's digits and nothing else.
if [ -z "${other_data:-}" ]; then
    echo "1,000 digits, each drawn in one evaluation; how many a classifier reads as what they were meant to be:"
    "$program" sample --from "$out/model.safetensors" --count 100 --classifier "$root/examples/mnist_classifier/mnist.safetensors"
fi
echo "The picture: $out/samples.png; how it came about: $out/report.html"
