# SPDX-License-Identifier: MIT
# A training under signals: what says that the end is near ends it with everything written; a reader that goes away, or a limit on the size of files, does not end it.
. "$(dirname "$0")/support.sh"
program=$bin/meanflow_mnist
small_data small
train=($program train --data small --batch 8 --width 8 --depth 1 --frequencies 4 --log-every 1 --threads 1)
works "${train[@]}" --steps 40 --out whole

# begin COMMAND...: in the background, until it has done two steps into the folder "run".
begin()
{
    rm -rf run stdout stderr
    "$@" >stdout 2>stderr &
    awaits '^2,' run/log.csv
}
# said TEXT: the last line on stderr.
said() { tail -1 stderr | grep -qE -- "$1" || fail "the last line on stderr does not match '$1'"; }

# Once, or twice as a terminal that is closed sends it: the step ends, and everything is written.
for signal in INT QUIT TERM HUP XCPU USR1 USR2; do
    for times in once twice; do
        begin "${train[@]}" --steps 1000000 --out run
        kill -$signal $!
        [ $times = once ] || kill -$signal $! 2>/dev/null || true
        wait $! || fail "status $? after $signal, $times, expected 0"
        prints "^stopped at step [0-9]+: wrote run/model.safetensors"
        for file in model.safetensors samples.png report.html; do
            [ -s run/$file ] || fail "no $file after $signal"
        done
    done
done

# nohup's choice stays.
begin bash -c 'trap "" HUP; exec "$@"' bash "${train[@]}" --steps 1000000 --out run
kill -HUP $!
rows=$(wc -l <run/log.csv)
awaits "^$((rows + 50))," run/log.csv
kill -0 $! || fail "a SIGHUP that was ignored has ended the training"
kill -TERM $!
wait $! || fail "status $?"

# A second Ctrl-C, a while after the first, ends it at once: these steps take long.
few_images few
"${train[@]}" --data few --model mlp --width 1024 --depth 5 --batch 128 --steps 1000000 --threads 1 --out slow >stdout 2>stderr &
awaits '^step 1/' stderr
kill -INT $!
sleep 0.4
kill -INT $! 2>/dev/null || true
status=0
{ wait $! || status=$?; } 2>/dev/null
[ $status = 130 ] || fail "status $status after a second Ctrl-C, expected 130: $(cat stdout stderr)"

# A reader that went away (descriptor 3): the training ends as ever, and says so where it can.
exec 3> >(:)
wait $!
status=0
"${train[@]}" --steps 40 --out run --overwrite >&3 2>&3 || status=$?
[ $status = 2 ] || fail "status $status where nobody reads stdout, expected 2"
same run/model.safetensors whole/model.safetensors
status=0
"${train[@]}" --steps 40 --out run --overwrite >&3 2>stderr || status=$?
[ $status = 2 ] || fail "status $status where nobody reads stdout, expected 2"
said '^meanflow_mnist: standard output: cannot be written: Broken pipe$'
same run/model.safetensors whole/model.safetensors
"${train[@]}" --steps 40 --out run --overwrite >stdout 2>&3 || fail "status $? where nobody reads stderr, expected 0"
prints '^finished at step 40'
same run/model.safetensors whole/model.safetensors

# A limit on the size of files, in blocks of 1024 bytes: what is too large is named and is not there, nor anything half of it; what was there stays.
model=$(wc -c <whole/model.safetensors)
rm -rf run
cp -r whole run
(ulimit -f $((model / 1024)) && exec "${train[@]}" --steps 40 --out run --overwrite) >stdout 2>stderr && fail "status 0 with a checkpoint that is too large"
said 'meanflow_mnist train: run/checkpoints/step-00000040.safetensors: cannot write: File too large'
[ "$(find run | sort | paste -sd ' ')" = "run run/checkpoints run/log.csv run/log.tfevents run/run.toml run/snapshots $(ls run/snapshots/* | paste -sd ' ')" ] ||
    fail "files of the run: $(find run)"
(ulimit -f 1 && exec $program sample --from whole/model.safetensors --npy whole.npy --out whole.png --count 100) >stdout 2>stderr && fail "status 0 with a file that is too large"
said 'whole.npy: cannot write: File too large'
absent whole.npy
absent whole.png
(ulimit -f 1 && exec $program report --from whole) >stdout 2>stderr && fail "status 0 with a page that is too large"
said 'whole/report.html: cannot write: File too large'
grep -q '^</html>$' whole/report.html || fail "the old page is not whole"
(ulimit -f 1 && exec "${train[@]}" --steps 40 --out log) >stdout 2>stderr && fail "status 0 with a log that is too large"

# Where files need a name while they are written, a process that was killed leaves some: the next start removes them, but none that another process is writing.
true &
gone=$!
wait $gone
for folder in run run/checkpoints run/snapshots; do
    : >$folder/.cotangent-$gone-0
    : >$folder/.cotangent-$$-0
done
works "${train[@]}" --steps 40 --out run --overwrite
for folder in run run/checkpoints run/snapshots; do
    absent $folder/.cotangent-$gone-0
    rm $folder/.cotangent-$$-0 || fail "the file of a process that lives is gone from $folder"
done
[ -z "$(find . -name '*.cotangent-*')" ] || fail "temporary files are left: $(find . -name '*.cotangent-*')"
