#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# From a fresh copy of the project to a picture of digits: installs what is missing, builds, trains, and measures how good the digits are.
#   run.sh [options of "meanflow_mnist train"]    such as --preset default, for half an hour and better digits
# Results go to runs/mnist in the project, unless --out says where. Run again after a stop, it goes on from the last checkpoint; --overwrite begins anew.
set -euo pipefail
here=$(CDPATH= cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)

# The folder that results go to, and the images: --out DIR or --out=DIR among the arguments, and --data alike.
out=$root/runs/mnist
data=$here/data
how=--resume
# The preset quick takes three or four minutes on two idle cores; on busy ones it stops in time, with what it has learnt.
limit=(--minutes 8)
arguments=("$@")
for ((i = 0; i < $#; i++)); do
    case ${arguments[i]} in
    --out) out=${arguments[i + 1]:-} ;;
    --out=*) out=${arguments[i]#--out=} ;;
    --data) data=${arguments[i + 1]:-} ;;
    --data=*) data=${arguments[i]#--data=} ;;
    --preset | --preset=* | --config | --config=*) limit=() ;;
    --overwrite) how= ;;
    --help | -h) help=yes ;;
    esac
done

"$root/scripts/build.sh" --target meanflow_mnist
program=$root/build/release/bin/meanflow_mnist
"$program" train ${how:+"$how"} "${limit[@]}" --out "$out" --data "$here/data" "$@"
[ -z "${help:-}" ] || exit 0

# Flow matching is not made for one evaluation: its samples are those of the picture.
sampling=(--nfe 1) how_drawn="one evaluation"
if grep -q '^objective = "matching"' "$out/run.toml"; then
    sampling=(--sampler heun --nfe 20) how_drawn="20 evaluations"
fi
figures=$("$program" eval --if-classifier --from "$out/model.safetensors" --data "$data" "${sampling[@]}" --count 10000 --neighbours 0)
if [ -n "$figures" ]; then
    "$program" report --from "$out" >/dev/null
    awk -v how="$how_drawn" '/^ *class accuracy/ { right = $(NF - 1); floor_right = $NF } /^ *Frechet/ { distance = $(NF - 1); floor = $NF } END {
        print "10,000 images, each drawn in " how " of the network:"
        printf "  class accuracy    %.2f %% are read as what they were meant to be by a classifier that reads %.2f %% of the test set rightly\n", right, floor_right
        printf "  Fréchet distance  %.1f from the training images, where the test set is %.1f from them and 0 would be no difference\n", distance, floor }' <<<"$figures"
else
    echo "The images were not measured; the line above says why."
fi
echo "The picture: $out/samples.png; how it came about, and all figures: $out/report.html"
