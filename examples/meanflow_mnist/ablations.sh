#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The ablations of the MeanFlow paper's Table 1 in small: trains the network of ablations.toml with one switch changed at a time, measures one-step samples, and prints the tables.
#   ablations.sh [options] [-- options of "meanflow_mnist train" for all rows]
#     --out DIR          where all of it goes; otherwise runs/ablations in the project: ROW/seed-N/ for each training, ablations.md, ablations.csv
#     --only a,b,...     these tables alone: a r≠t share, b tangent, c times that are told, d distribution of times, e p, f guidance
#     --seeds N          trainings of each row; otherwise three in a and b and one in the others
#     --count N          samples of a training; otherwise 10,000
#     --data DIR         a data set in MNIST's format; otherwise MNIST
#     --classifier FILE  what judges the samples; otherwise the one for these images that comes along
#     --program FILE     a meanflow_mnist that is built; otherwise it is built now
# What is there is not done again: after a stop the same command goes on.
set -euo pipefail
shopt -s nullglob
here=$(CDPATH= cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)

# Table, row, the paper's FID (as recalled, of another data set), and the options that make the row. The base has none, and stands where its value does.
rows='
a share-0       328.91 --unequal-share 0
a share-0.25     61.06 --unequal-share 0.25
a base           63.14
a share-1        67.32 --unequal-share 1
b base           61.06
b v00           268.06 --tangent v00
b v10           329.22 --tangent v10
b v11           137.96 --tangent v11
c told-t,r       61.75 --times t,r
c base           61.06
c told-t,r,h     63.98 --times t,r,h
c told-h         63.13 --times h
d base           65.90
d logit-0.2-1    63.83 --t-time logit-normal --t-mean -0.2 --t-deviation 1
d logit-0.2-1.2  64.72 --t-time logit-normal --t-mean -0.2 --t-deviation 1.2
d logit-0.4-1    61.06 --t-time logit-normal --t-mean -0.4 --t-deviation 1
d logit-0.4-1.2  61.79 --t-time logit-normal --t-mean -0.4 --t-deviation 1.2
e p-0            79.75 --p 0
e p-0.5          63.98 --p 0.5
e base           61.06
e p-1.5          66.57 --p 1.5
e p-2            69.19 --p 2
f base           61.06
f scale-1.5      33.33 --kappa 0.3333333333
f scale-2        20.15 --kappa 0.5
f scale-3        15.53 --kappa 0.6666666667
f scale-5        20.75 --kappa 0.8
'
declare -A titles=([a]="r≠t share" [b]="Tangent" [c]="Times the network is told" [d]="Distribution of times" [e]="p" [f]="Guidance of scale 1 / (1 - kappa)")

fail()
{
    echo "ablations.sh: $*" >&2
    exit 2
}

out=$root/runs/ablations only=a,b,c,d,e,f seeds='' count=10000 program='' data=() classifier=() train=()
while [ $# -gt 0 ]; do
    case $1 in
    --help | -h) sed -n '2,/^set/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" && exit ;;
    --) shift && train=("$@") && break ;;
    --out | --only | --seeds | --count | --data | --classifier | --program) [ $# -gt 1 ] || fail "$1 expects a value, and none follows" ;;&
    --out) out=$2 ;;
    --only) only=$2 ;;
    --seeds) seeds=$2 ;;
    --count) count=$2 ;;
    --data) data=(--data "$2") ;;
    --classifier) classifier=(--classifier "$2") ;;
    --program) program=$(realpath "$2") ;;
    *) fail "unknown option '$1'; --help lists them" ;;
    esac
    shift 2
done
[[ $only =~ ^[a-f](,[a-f])*$ ]] || fail "--only expects tables from a to f, such as a,b, got '$only'"
[[ $seeds =~ ^([1-9][0-9]*)?$ ]] || fail "--seeds expects a whole number from 1, got '$seeds'"
if [ -z "$program" ]; then
    "$root/scripts/build.sh" --target meanflow_mnist
    program=$root/build/release/bin/meanflow_mnist
fi

# in_tables A,B,...: the rows of these tables.
in_tables() { grep "^[$1] " <<<"$rows"; }

# Rows that were trained with other settings are another table.
begin()
{
    local told
    told=$(cat "$here/ablations.toml" && echo "# train ${data[*]} ${train[*]}, eval ${classifier[*]} --count $count")
    mkdir -p "$out"
    if [ -e "$out/base.toml" ]; then
        [ "$(cat "$out/base.toml")" = "$told" ] || fail "$out: was begun with other settings, which are in its base.toml; expected another --out"
    else
        echo "$told" >"$out/.base.toml"
        mv "$out/.base.toml" "$out/base.toml"
    fi
}

# train_and_measure DIR SEED OPTION...
train_and_measure()
{
    local dir=$1 seed=$2 status=0 said
    shift 2
    said=$("$program" train --preset quick --config "$here/ablations.toml" --out "$dir" --resume --seed "$seed" "${data[@]}" "${train[@]}" "$@") || status=$?
    case $status,$said in
    0,finished*) "$program" eval --from "$dir/model.safetensors" --nfe 1 --count "$count" --neighbours 0 "${data[@]}" "${classifier[@]}" >/dev/null ;;
    0,*) echo "stopped; the same command goes on" >&2 && exit 130 ;;
    1,*) echo "$dir broke down, and is in no table" >&2 ;;
    *) exit $status ;;
    esac
}

run_all()
{
    local table row paper options seed n seen=" "
    while read -r table row paper options <&3; do
        [[ $seen != *" $row "* ]] || continue
        seen+="$row "
        [[ $table == [ab] || $row == base ]] && n=3 || n=1
        for seed in $(seq "${seeds:-$n}"); do
            [ ! -e "$out/$row/seed-$seed/eval.json" ] || continue
            echo "$row, seed $seed" >&2
            # shellcheck disable=SC2086
            train_and_measure "$out/$row/seed-$seed" "$seed" $options
        done
    done 3< <(in_tables "$only")
}

# print_table LETTER: with the paper's figures as its last column.
print_table()
{
    local table row paper options found runs=() figures=()
    while read -r table row paper options; do
        found=("$row"/seed-*/eval.json)
        [ ${#found[@]} -gt 0 ] || continue
        runs+=("${found[@]%/eval.json}") figures+=("$paper")
    done < <(in_tables "$1")
    [ ${#runs[@]} -gt 0 ] || return 0
    echo "### ($1) ${titles[$1]}" && echo
    "$program" compare "${runs[@]}" | awk -v figures="${figures[*]}" 'BEGIN { split(figures, figure, " ") }
        /^\|/ { n++; print $0, n == 1 ? "paper: FID" : n == 2 ? "---" : figure[n - 2], "|" }'
    echo
}

print_tables()
{
    local table all=(*/seed-*/eval.json)
    for table in ${only//,/ }; do
        print_table "$table"
    done
    "$program" compare "${all[@]%/eval.json}" --csv ablations.csv | tail -1
}

begin
run_all
cd "$out"
# The tables before are kept until there are others.
print_tables >.ablations.md
mv .ablations.md ablations.md
cat ablations.md
