# SPDX-License-Identifier: MIT
# A training that is stopped by any means and resumed leaves what one leaves that was never stopped, on one thread or two.
. "$(dirname "$0")/support.sh"
small_data small
train=($bin/meanflow_mnist train --data small --steps 1000 --batch 8 --width 8 --depth 1 --frequencies 4 --ema 0.9,0.99 --checkpoint-every 7 --log-every 15)

# All but the times: the columns seconds, samples_per_second, tangent_share, and crc32, which covers them.
untimed() { cut -d, -f1,3-11,14-15 "$1"; }

# same_run A B: weights, averages, moments, pictures and log are equal, and nothing is left over.
same_run()
{
    same $1/model.safetensors $2/model.safetensors
    same $1/checkpoints/step-00001000.safetensors $2/checkpoints/step-00001000.safetensors
    same $1/samples.png $2/samples.png
    for picture in $(cd $1 && ls snapshots/*); do
        same $1/$picture $2/$picture
    done
    [ "$(untimed $1/log.csv)" = "$(untimed $2/log.csv)" ] || fail "the logs of $1 and $2 differ: $(diff <(untimed $1/log.csv) <(untimed $2/log.csv))"
    [ "$(cd $1 && find . | sort)" = "$(cd $2 && find . | sort)" ] || fail "$2 holds other files: $(find $2)"
}

start=$(date +%s%N)
works "${train[@]}" --out whole --threads 1
life=$((($(date +%s%N) - start) / 1000000)) # milliseconds of a run
[ "$(ls whole/checkpoints | paste -sd ' ')" = "step-00000987.safetensors step-00000994.safetensors step-00001000.safetensors" ] ||
    fail "other checkpoints than the last two that were due and the last: $(ls whole/checkpoints)"
[ "$(cut -d, -f1 whole/log.csv | paste -sd ' ')" = "step $(seq -s " " 15 15 990) 1000" ] || fail "the log's rows: $(cat whole/log.csv)"

# Part of a run's time, at random: up to 1/N.
nap() { sleep "$(awk -v r=$RANDOM -v life=$life -v n=$1 'BEGIN { printf "%.3f", r / 32768 * life / 1000 / n }')"; }

# start OPTION...: begin the run, or go on with it.
start()
{
    rm -f stdout stderr
    "${train[@]}" --out run --resume --threads $((1 + RANDOM % 2)) "$@" >stdout 2>stderr &
}

# killed OPTION...: start or go on, and be killed at a random moment. Status 1 when the run was quicker.
killed()
{
    local status=0
    start "$@"
    nap 2
    kill -KILL $! 2>/dev/null || true
    { wait $! || status=$?; } 2>/dev/null
    went_on=$((went_on + $(grep -c "going on" stderr || true)))
    [ $status = 0 ] || [ $status = 137 ] || fail "status $status after SIGKILL"
    [ $status != 0 ]
}

# survives KILLS WHOLE OPTION...: runs, one after the other, each killed until it is done and then equal to WHOLE.
survives()
{
    local kills=0 most=$1 whole=$2
    shift 2
    went_on=0
    while [ $kills -lt $most ]; do
        rm -rf run
        while killed "$@"; do
            kills=$((kills + 1))
        done
        same_run $whole run
    done
    [ $went_on -gt $((most / 5)) ] || fail "only $went_on of $kills runs that were killed had begun at a checkpoint"
}

RANDOM=1
survives 60 whole

# An objective with four phases: flow matching, alpha at 1, alpha falling from step 352 to 648, MeanFlow. The same when it stops just before, at and after a
# change.
phases=(--objective alpha --matching-steps 100 --alpha-start 150 --alpha-end 850)
works "${train[@]}" "${phases[@]}" --out phases --threads 2
for column in 6:90:1 6:120:0 8:645:1 8:675:0; do
    IFS=: read -r field step nan <<<"$column"
    [ "$(awk -F, -v step=$step -v field=$field '$1 == step { print $field == "nan" }' phases/log.csv)" = $nan ] ||
        fail "column $field of step $step: $(grep "^$step," phases/log.csv)"
done
survives 40 phases "${phases[@]}"
works "${train[@]}" "${phases[@]}" --out all --keep 0 --checkpoint-every 1
for step in 99 100 101 351 352 353 647 648 649; do
    rm -rf run
    mkdir -p run/checkpoints
    cp all/checkpoints/step-$(printf %08d $step).safetensors run/checkpoints
    works "${train[@]}" "${phases[@]}" --out run --resume --keep 0 --checkpoint-every 0
    grep -q "going on from step $step" stderr || fail "it did not go on from step $step"
    same all/model.safetensors run/model.safetensors
done
refuses "was trained with --objective alpha, not meanflow" "${train[@]}" --out phases --resume --objective meanflow

# Asked to stop, it writes all files, and goes on from there too.
rm -rf run
for signal in INT TERM INT TERM; do
    start
    awaits '^step' stderr
    nap 20
    kill -$signal $!
    wait $! || fail "status $? after $signal, expected 0"
    prints "^stopped at step [0-9]+: wrote run/model.safetensors"
done
works "${train[@]}" --out run --resume
same_run whole run

# Done is done; and what a stop between two of the last files left out is made up for.
rm run/samples.png run/model.safetensors
works "${train[@]}" --out run --resume
same_run whole run

# Checkpoints that are not whole are passed over; where none is whole, nothing is touched.
head -c 5000 whole/checkpoints/step-00001000.safetensors >run/checkpoints/step-00001000.safetensors
: >run/checkpoints/step-00000994.safetensors
works "${train[@]}" --out run --resume
grep -q "going on from step 987" stderr || fail "it did not go on from step 987"
same_run whole run

# flip FILE BYTE BIT: one bit of a file changes.
flip()
{
    local byte
    byte=$(od -An -tu1 -j$2 -N1 "$1" | tr -d ' ')
    bytes $((byte ^ (1 << $3))) | dd of="$1" bs=1 seek=$2 conv=notrunc 2>/dev/null
}

# passed_over TEXT: the newest checkpoint is named and passed over for the one before, from which the run goes on to the same bits.
passed_over()
{
    works "${train[@]}" --out run --resume
    grep -qF "step-00001000.safetensors: $1" stderr || fail "stderr does not say '$1'"
    grep -q "going on from step 994" stderr || fail "it did not go on from step 994: $1"
    same_run whole run
}

# One bit: in the length, the text, the digest's key and digits, the metadata, a weight's exponent, the last byte. Then a file without a digest, and
# one of another step.
newest=run/checkpoints/step-00001000.safetensors
header=$(od -An -tu8 -N8 whole/checkpoints/step-00001000.safetensors | tr -d ' ')
size=$(stat -c %s $newest)
for place in 0 12 30 60 200 $((header + 6)) $((8 + header + 3)) $((size - 1)); do
    flip $newest $place $((RANDOM % 8))
    passed_over ""
done
flip $newest $((8 + header + 3)) 6
passed_over "damaged: its bytes have the digest crc32+adler32:"
sed -i 's/"cotangent.digest":"crc32+adler32:/"cotangent,digest":"crc32,adler32:/' $newest
passed_over "carries no digest"
cp whole/checkpoints/step-00000994.safetensors $newest
passed_over "is of step 994, expected 1000"

for f in run/checkpoints/*; do
    : >$f
done
cp -r run kept
"${train[@]}" --out run --resume >stdout 2>stderr && fail "it went on without a whole checkpoint"
diff -r kept run || fail "files have changed"

# damaged_log TEXT: the log is named, nothing is changed, and without the file the run goes on with a new one.
damaged_log()
{
    rm -rf kept
    cp -r run kept
    "${train[@]}" --out run --resume >stdout 2>stderr && fail "it went on with a damaged log: $1"
    tail -1 stderr | grep -qF "$1" || fail "the message does not contain '$1'"
    diff -r kept run || fail "files have changed"
}

# stopped: the run as it was at step 994, with the rows after it.
stopped()
{
    rm -rf run
    cp -r whole run
    rm run/model.safetensors run/checkpoints/step-00001000.safetensors
}

# Rows that are gone, at the end, in the middle, or in part; a changed digit; the same of the events. Rows after the checkpoint may be anything.
expected="expected 66, the last of step 990"
stopped
sed -i '64,$d' run/log.csv
damaged_log "run/log.csv: rows are gone or damaged: up to step 994 it has 62 that follow one another, the last of step 930, $expected"
for change in 30d '30s/1/2/' 2q '67s/.$//' '67s/$/0/' '3s/,/;/2' '3,$s/$/\r/'; do
    stopped
    sed -i "$change" run/log.csv
    damaged_log "$expected"
done
size=$(stat -c %s whole/log.tfevents)
for place in $((size / 20)) $((size / 2)) $((size * 9 / 10)); do
    stopped
    flip run/log.tfevents $place 3
    damaged_log "run/log.tfevents: rows are gone or damaged"
done
stopped
truncate -s $((size / 2)) run/log.tfevents
damaged_log "run/log.tfevents: rows are gone or damaged"
stopped
sed -i '68s/.*/1000,nonsense/' run/log.csv
works "${train[@]}" --out run --resume
same_run whole run
for name in log.csv log.tfevents; do
    stopped
    [ $name = log.csv ] && : >run/$name || rm run/$name
    works "${train[@]}" --out run --resume
    grep -q "run/$name lacks all its rows up to step 990: a new log begins there" stderr || fail "nothing is said of $name"
    same whole/model.safetensors run/model.safetensors
    rm run/model.safetensors
    works "${train[@]}" --out run --resume # the new log is whole, too
    same whole/model.safetensors run/model.safetensors
done
[ "$(cut -d, -f1 run/log.csv | paste -sd ' ')" = "step $(seq -s " " 15 15 990) 1000" ] || fail "rows: $(cat run/log.csv)"

# A run that is stopped soon after it began a new log goes on with that.
stopped
sed -i '2,67d' run/log.csv
works "${train[@]}" --out run --resume
grep -q "run/log.csv lacks all its rows" stderr || fail "nothing is said of the log"
[ "$(cut -d, -f1 run/log.csv | paste -sd ' ')" = "step 1000" ] || fail "rows: $(cat run/log.csv)"
stopped
sed -i '30s/1/2/' run/log.csv
refuses "run/log.csv, line 30: damaged: its crc32 is not that of" "$bin/meanflow_mnist" report --from run

# A run goes on as it was begun, and is not lost by mistake.
refuses "was trained with --lr 0.001, not 0.1" "${train[@]}" --out whole --resume --lr 0.1
refuses "was trained with --ema 0.9,0.99, not 0.9" "${train[@]}" --out whole --resume --ema 0.9
cp -r small other
printf x | dd of=other/train-images-idx3-ubyte bs=1 seek=99 conv=notrunc 2>/dev/null
refuses "was trained with data of fingerprint" "${train[@]}" --out whole --resume --data other
refuses "whole: holds a run, expected --resume" "${train[@]}" --out whole
refuses "expected one of them" "${train[@]}" --out whole --resume --overwrite
mkdir model
cp whole/model.safetensors model/
refuses "holds a model without the checkpoint" "${train[@]}" --out model --resume
same whole/model.safetensors model/model.safetensors
works "${train[@]}" --out model --overwrite --seed 2
differ whole/model.safetensors model/model.safetensors
works "${train[@]}" --out model --overwrite
same_run whole model

# One training at a time in a folder.
rm -rf run
"${train[@]}" --out run --steps 1000000 >/dev/null 2>&1 &
awaits '^15,' run/log.csv
refuses "run: another training is writing to this folder" "${train[@]}" --out run --resume
kill -KILL $!
{ wait $! || true; } 2>/dev/null
