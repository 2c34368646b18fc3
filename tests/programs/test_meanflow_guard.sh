# SPDX-License-Identifier: MIT
# Loss or gradients that are not finite: steps are skipped, spoilt weights go back to a checkpoint, and no spoilt weights are written.
. "$(dirname "$0")/support.sh"
small_data small
train=($bin/meanflow_mnist train --data small --steps 40 --batch 8 --width 8 --depth 1 --frequencies 4 --log-every 10 --keep 0)

# column NAME FILE: the values of a column of a log.
column() { awk -F, -v name=$1 'NR == 1 { for (i = 1; i <= NF; i++) c = $i == name ? i : c; next } { print $c }' "$2" | paste -sd ' '; }

# spoil FILE: the first weights become 3.4e38, so that whatever is computed with them overflows. The file's digest is right.
spoil() { works "$build/tests/spoil_archive" "$1"; }

# broken TEXT COMMAND...: status 1, and TEXT in the last line of stderr.
broken()
{
    local text=$1 status=0
    shift
    "$@" >stdout 2>stderr || status=$?
    [ $status = 1 ] || fail "status $status, expected 1: $*"
    tail -1 stderr | grep -qF -- "$text" || fail "the message does not contain '$text': $*"
}

works "${train[@]}" --out whole --checkpoint-every 2
[ "$(column skipped whole/log.csv)" = "0 0 0 0" ] || fail "steps were skipped: $(cat whole/log.csv)"

# A learning rate that spoils the weights within a few steps. Without checkpoints the run ends; with one after every step it goes back some times, and ends.
# No checkpoint that it has written gives a step that is not finite.
hopeless=("${train[@]}" --lr 1000 --clip 0 --warmup 0 --schedule constant)
broken "expected finite numbers, 5 times in a row; there is no checkpoint to go back to" "${hopeless[@]}" --out none --checkpoint-every 0
absent none/model.safetensors
broken "going back to the last checkpoint has not helped, 3 times in a row" "${hopeless[@]}" --out hopeless --checkpoint-every 1
absent hopeless/model.safetensors
for f in hopeless/checkpoints/*; do
    rm -rf one
    mkdir -p one/checkpoints
    cp $f one/checkpoints
    "${hopeless[@]}" --out one --resume --checkpoint-every 0 >stdout 2>stderr || true
    step=$(sed -n 's/^going on from step //p' stderr)
    ! grep -q "^step $((step + 1)): the loss" stderr || fail "the checkpoint of step $step is spoilt"
done

# A run that goes on from step 14 with spoilt weights, and has a good checkpoint of step 10, which was due: steps 15 to 19 are skipped, the weights of
# step 10 meet the data of step 20, and the run comes to its end.
prepare()
{
    rm -rf $1
    mkdir -p $1/checkpoints
    cp whole/checkpoints/step-000000{10,14}.safetensors $1/checkpoints
    head -2 whole/log.csv >$1/log.csv
    spoil $1/checkpoints/step-00000014.safetensors
}
prepare back
works "${train[@]}" --out back --resume --checkpoint-every 10
grep -q "^step 15: .*: the step is skipped" stderr || fail "nothing is said of step 15"
grep -q "^step 19: the weights go back to those of step 10" stderr || fail "nothing is said of going back"
[ "$(column step back/log.csv)" = "10 20 30 40" ] || fail "the log's rows: $(cat back/log.csv)"
[ "$(column skipped back/log.csv)" = "0 5 5 5" ] || fail "steps skipped: $(cat back/log.csv)"
[ "$(column returns back/log.csv)" = "0 1 1 1" ] || fail "returns: $(cat back/log.csv)"
! grep -q nan back/log.csv || fail "NaN in the log: $(cat back/log.csv)"
differ back/model.safetensors whole/model.safetensors
works $bin/meanflow_mnist sample --from back/model.safetensors --out drawn.png
same drawn.png back/samples.png

# Stopping in between does not show. (A checkpoint that only the stop made is not one to go back to.)
for stop in 0.000 0.001 0.002 0.004 0.006 0.008; do
    prepare stopped
    for signal in TERM KILL; do
        rm stderr
        "${train[@]}" --out stopped --resume --checkpoint-every 10 >stdout 2>stderr &
        awaits '^step' stderr
        sleep $stop
        kill -$signal $! 2>/dev/null || true
        { wait $! || true; } 2>/dev/null
    done
    works "${train[@]}" --out stopped --resume --checkpoint-every 10
    same back/model.safetensors stopped/model.safetensors
    same back/checkpoints/step-00000040.safetensors stopped/checkpoints/step-00000040.safetensors
done

# Where the checkpoint to go back to is spoilt too, the run ends; the good one of step 10 and all others stay.
prepare lost
cp -r lost kept
broken "going back to the last checkpoint has not helped, 3 times in a row" "${train[@]}" --out lost --resume --checkpoint-every 2
diff -r kept/checkpoints lost/checkpoints || fail "checkpoints have changed"
absent lost/model.safetensors

# Spoilt at the end: the weights of the last good checkpoint are the result.
prepare end
mv end/checkpoints/step-00000014.safetensors spoilt
head -4 whole/log.csv >end/log.csv
cp whole/checkpoints/step-00000038.safetensors end/checkpoints/step-00000038.safetensors
spoil end/checkpoints/step-00000038.safetensors
works "${train[@]}" --out end --resume --checkpoint-every 10
grep -q "^step 40: the weights go back to those of step 10" stderr || fail "nothing is said of going back"
works $bin/meanflow_mnist sample --from whole/checkpoints/step-00000010.safetensors --npy ten.npy
works $bin/meanflow_mnist sample --from end/model.safetensors --npy end.npy
same ten.npy end.npy
