# SPDX-License-Identifier: MIT
# ablations.sh from end to end on a tiny network: its tables and files, going on after stops, and what it refuses.
. "$(dirname "$0")/support.sh"
few_images few
works "$bin/mnist_classifier" --data few --epochs 1 --batch 20 --name few-digits --out few
ablations="$source/examples/meanflow_mnist/ablations.sh --program $bin/meanflow_mnist --data few --classifier few/classifier.safetensors --count 50"
tiny="--steps 3 --batch 16 --width 16 --depth 1 --frequencies 8"

works $ablations --help
prints '^  ablations.sh \[options\]'

# The rows of a table in its order, with the paper's figures; all files are there.
works $ablations --out all --only a --seeds 1 -- $tiny
prints '^### \(a\)'
[ "$(grep '^|' stdout | cut -d'|' -f2,3,9 | tr -d ' ' | paste -sd ' ')" = "unequal-share|seeds|paper:FID ---|---|--- 0|1|328.91 0.25|1|61.06 0.5|1|63.14 1|1|67.32" ] || fail "the table: $(cat stdout)"
same stdout all/ablations.md
[ "$(cut -d'"' -f2 all/ablations.csv | sed 1d | paste -sd ' ')" = "base/seed-1 share-0.25/seed-1 share-0/seed-1 share-1/seed-1" ] || fail "the file: $(cat all/ablations.csv)"
grep -q '^unequal-share = 0.25 ' all/share-0.25/seed-1/run.toml || fail "share-0.25 was trained with $(grep ^unequal all/share-0.25/seed-1/run.toml)"

# Each row is the base but for its switch.
for run in all/share-*/seed-1; do
    diff all/base/seed-1/run.toml $run/run.toml | grep '^>' | grep -v '^> unequal-share\|^> # digest ' && fail "$run differs in more than its switch"
done

# Once more with another table and more seeds: what is there stays, the base too.
cp all/base/seed-1/eval.json first.json
touch -d '2001-01-01' all/*/seed-1/eval.json
works $ablations --out all --only b --seeds 2 -- $tiny
[ -z "$(find all/base/seed-1 all/share-* -name eval.json -newermt 2001-01-02)" ] || fail "what was there was done again"
same first.json all/base/seed-1/eval.json
[ "$(grep '^|' stdout | cut -d'|' -f2,3 | tr -d ' ' | paste -sd ' ')" = "tangent|seeds ---|--- v01|2 v00|2 v10|2 v11|2" ] || fail "the table: $(cat stdout)"
[ "$(wc -l <all/ablations.csv)" = 12 ] || fail "$(wc -l <all/ablations.csv) lines, expected a head, 4 rows of two seeds and 3 of one"

# A training that was stopped goes on to the same weights; one without its evaluation gets it.
works "$bin/meanflow_mnist" train --config "$source/examples/meanflow_mnist/ablations.toml" --data few $tiny --minutes 0.000001 --seed 1 --unequal-share 0 --out stopped/share-0/seed-1
prints '^stopped at step'
cp -r all/base all/share-0.25 all/share-1 stopped
rm stopped/share-1/seed-1/eval.json
works $ablations --out stopped --only a --seeds 1 -- $tiny
for run in share-0 share-1; do
    same stopped/$run/seed-1/model.safetensors all/$run/seed-1/model.safetensors
done

# Refused before anything is done; and what train refuses ends it.
refuses "all: was begun with other settings, which are in its base.toml" $ablations --out all -- $tiny --lr 0.1
refuses "--only expects tables from a to f, such as a,b, got 'g'" $ablations --only g --out no
refuses "--seeds expects a whole number from 1, got '0'" $ablations --seeds 0 --out no
refuses "unknown option '--steps'" $ablations --steps 3 --out no
refuses "--out expects a value, and none follows" $ablations --out
absent no
status=0
$ablations --out odd --only a -- $tiny --width 0 >stdout 2>stderr || status=$?
[ $status = 2 ] && [ ! -s stdout ] && grep -q -- '--width expects a whole number from 1' stderr || fail "status $status: $(cat stderr)"
