# SPDX-License-Identifier: MIT
# meanflow_mnist compare: which settings get a column, means and deviations over seeds, and what cannot be compared.
. "$(dirname "$0")/support.sh"
program=$bin/meanflow_mnist
few_images few
works "$bin/mnist_classifier" --data few --epochs 1 --batch 20 --name few-digits --out few
tiny=(--data few --steps 20 --batch 16 --width 16 --depth 1 --frequencies 8 --lr 0.02 --warmup 0 --log-every 10 --checkpoint-every 10)

# evaluated DIR EVAL-OPTION... -- TRAIN-OPTION...: a run with its evaluation.
evaluated()
{
    local dir=$1 eval=()
    shift
    while [ "$1" != -- ]; do
        eval+=("$1") && shift
    done
    works $program train "${tiny[@]}" --out "$dir" "${@:2}"
    works $program eval --from "$dir/model.safetensors" --data few --classifier few/classifier.safetensors --count 60 --neighbours 0 "${eval[@]}"
}
for seed in 1 2 3; do
    evaluated base$seed --nfe 1,2 -- --seed $seed
done
evaluated told --nfe 1,2 -- --times t,r,h --p 0

# table N...: these cells of the table's lines, without the lines under the head, "|" between them.
table() { grep '^|' stdout | sed -n '1p;3,$p' | awk -F ' *[|] *' -v cells="$*" 'BEGIN { n = split(cells, cell, " ") } { for (i = 1; i <= n; i++) printf "%s%s", $(cell[i] + 1), i < n ? "|" : "\n" }'; }

works $program compare --help
prints '^usage: meanflow_mnist compare \[options\] RUN\.\.\.$'

# Columns are the settings that differ and what eval was told that differs; a row is a group of seeds, in the order of the runs.
works $program compare base1 base2 told base3 --csv all.csv
[ "$(grep -c '^|' stdout)" = 6 ] || fail "expected a head of two lines and four rows: $(cat stdout)"
[ "$(table 1 2 3 4 5 | paste -sd ' ')" = "times|p|evaluations|seeds|steps done t,h|1|1|3|20 t,h|1|2|3|20 t,r,h|0|1|1|20 t,r,h|0|2|1|20" ] || fail "rows: $(table 1 2 3 4 5)"
prints '^±: standard deviation over seeds\. In all rows: samples 60, sampler jump, sampling times equal, weights ema, seed of the noise 1; extractor few-digits \([0-9a-f]{16}\), reference: train split \([0-9a-f]{16}\), 200 images\. The floor, 200 images of the test set: '
! grep -E '^[|].*t,r,h.*±' stdout || fail "one seed has a deviation"

# Means and deviations are those of the file's figures, and these are eval's and the log's.
[ "$(head -1 all.csv)" = "run,times,p,evaluations,seed,steps done,minutes,frechet,kid,class_accuracy" ] || fail "the file's columns: $(head -1 all.csv)"
[ "$(wc -l <all.csv)" = 9 ] || fail "$(wc -l <all.csv) lines in the file, expected a head and 8"
grep -qE '^"told","t,r,h","0","2",1,20,' all.csv || fail "the file: $(cat all.csv)"
for run in base1 base2 base3 told; do
    for key in frechet kid class_accuracy; do
        grep -o "\"$key\": [^,}]*" $run/eval.json | sed '1d; s/.* //'
    done | sort >measured
    grep "^\"$run\"" all.csv | sed 's/"t,[^"]*"//' | cut -d, -f8- | tr , '\n' | sort >kept
    same measured kept
    seconds=$(tail -1 $run/log.csv | cut -d, -f2)
    grep "^\"$run\"" all.csv | sed 's/"t,[^"]*"//' | awk -F, -v s="$seconds" '{ d = $7 * 60 / s - 1; if (d * d > 1e-6) exit 1 }' || fail "minutes of $run are not those of its log"
done
table 6 7 8 9 | sed -n 2p | grep -qE '^0\.0\|[0-9][^|]* ± [0-9][^|]*\|[^|]+ ± [0-9][^|]*\|[0-9.]+ %$' || fail "the first row: $(table 6 7 8 9 | sed -n 2p)"
sed 's/"t,[^"]*"/t/' all.csv | awk -F, '/^"base/ && $4 == "\"1\"" { n++; x[n] = $8; mean += $8 / 3; accuracy += $10 / 3 }
    END { for (i = 1; i <= n; i++) sum += (x[i] - mean) ^ 2; print mean, sqrt(sum / (n - 1)), 100 * accuracy }' >expected
table 7 9 | sed -n 2p | sed 's/[|±%]/ /g; s/,//g' | awk 'NR == FNR { m = $1; d = $2; a = $3; next }
    { bad = ($1 - m) ^ 2 > (1e-3 * m) ^ 2 || ($2 - d) ^ 2 > (0.06 * d) ^ 2 || ($3 - a) ^ 2 > 1e-4 } END { exit bad }' expected - ||
    fail "mean, deviation and accuracy are $(table 7 9 | sed -n 2p), expected $(cat expected)"

# One run alone: nothing differs. A list of times and an average are told; an evaluation of an earlier step has that step's time.
works $program eval --from told/model.safetensors --data few --classifier few/classifier.safetensors --count 60 --times 1,0.25,0 --out told/eval.json
works $program compare told
[ "$(table 1 2 3)" = $'seeds|steps done|minutes\n1|20|0.0' ] || fail "the table of one run: $(cat stdout)"
prints 'sampling times 1, 0\.25, 0, weights ema'
works $program eval --from base2/checkpoints/step-00000010.safetensors --data few --classifier few/classifier.safetensors --count 60 --weights params --out base2/eval.json
works $program compare base1 base2 --csv steps.csv
[ "$(table 1 2 3 4 | paste -sd ' ')" = "evaluations|weights|seeds|steps done 1|ema|1|20 2|ema|1|20 1|params|1|10" ] || fail "rows: $(table 1 2 3 4)"
grep '^"base2"' steps.csv | cut -d, -f6 | awk -v s="$(sed -n 2p base2/log.csv | cut -d, -f2)" '{ d = $1 * 60 / s - 1; exit d * d > 1e-6 }' || fail "minutes of an earlier step"
works $program eval --from base2/model.safetensors --data few --classifier few/classifier.safetensors --count 60

# What cannot be compared is refused by name, and no file is written.
refuses "RUN is missing" $program compare
refuses "nowhere/run.toml: cannot be read" $program compare base1 nowhere --csv no.csv
refuses "base1/: is the same training as base1 (seed 1), expected other settings or another seed" $program compare base1 base1/ --csv no.csv
works $program train "${tiny[@]}" --out bare
refuses "bare: holds no eval.json, expected one" $program compare base1 bare --csv no.csv
works "$bin/mnist_classifier" --data few --epochs 2 --batch 20 --name other-digits --out other
works $program eval --from bare/model.safetensors --data few --classifier other/classifier.safetensors --count 60 --neighbours 0
refuses "bare: its evaluation has the extractor" $program compare base1 bare --csv no.csv
sed 's/"content": "[0-9a-f]*", "images"/"content": "0123456789abcdef", "images"/; s/"digest": "crc32.*"/"by": "hand"/' base2/eval.json >bare/eval.json
refuses "bare: its evaluation has the reference 0123456789abcdef, that of base2" $program compare base2 bare --csv no.csv
echo '{"floor": {}, "samples": []}' >bare/eval.json
refuses "bare: its eval.json has no samples" $program compare bare --csv no.csv
echo '{' >bare/eval.json
refuses "bare/eval.json, line 2: expected JSON" $program compare bare --csv no.csv
refuses "no/such/folder.csv" $program compare base1 --csv no/such/folder.csv
absent no.csv
