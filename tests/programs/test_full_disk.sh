# SPDX-License-Identifier: MIT
# Disks that are full or may not be written, and folders that go away: the status is never 0, the message names file and reason, and what was saved stays.
[ -n "${PRIVATE_MOUNTS:-}" ] || ! unshare --mount true 2>/dev/null || PRIVATE_MOUNTS=yes exec unshare --mount bash "$0" "$@"
. "$(dirname "$0")/support.sh"
program=$bin/meanflow_mnist
few_images few
works "$bin/mnist_classifier" --data few --epochs 1 --batch 20 --name few-digits --out few
train=($program train --data few --batch 16 --width 16 --depth 1 --frequencies 8 --log-every 1 --threads 1)
works "${train[@]}" --steps 60 --checkpoint-every 5 --keep 0 --out whole
model=whole/model.safetensors
eval=($program eval --from $model --data few --classifier few/classifier.safetensors --count 20 --neighbours 0)
works "${eval[@]}"
works $program compare whole --csv whole.csv
works $program sample --from $model --out whole.png --npy whole.npy

# fails TEXT COMMAND...: status 2, and the last line on stderr matches TEXT.
fails()
{
    local text=$1 status=0
    shift
    "$@" >stdout 2>stderr || status=$?
    [ $status = 2 ] || fail "status $status, expected 2: $*"
    [ ! -s stdout ] || fail "something on stdout: $*"
    tail -1 stderr | grep -qE -- "$text" || fail "the last line does not match '$text': $*"
}
# goes_on: with room, the run in "run" ends as the whole one.
goes_on()
{
    works "${train[@]}" --steps 60 --checkpoint-every 5 --keep 0 --out run --resume
    grep -q "going on from step" stderr || fail "it did not go on"
    same run/model.safetensors $model
    same run/samples.png whole/samples.png
    [ "$(cut -d, -f1,3-11 run/log.csv)" = "$(cut -d, -f1,3-11 whole/log.csv)" ] || fail "the log differs: $(cat run/log.csv)"
}
no_leftovers() { [ -z "$(find . -name '*.cotangent-*')" ] || fail "temporary files are left: $(find . -name '*.cotangent-*')"; }

# --- paths that lead nowhere --------------------------------------------------------------------------------------------

: >file
mkdir folder
fails 'file: is a file, expected a directory or nothing' "${train[@]}" --steps 3 --out file
fails 'file: is a file, expected a directory or nothing' "${train[@]}" --steps 3 --out file/run
fails 'file: is a file, expected a directory or nothing' "$bin/mnist_classifier" --data few --epochs 1 --batch 20 --out file
fails 'folder: is a directory, expected a regular file or none' $program sample --from $model --out folder
fails 'folder: is a directory, expected a regular file or none' $program sample --from $model --npy folder
fails 'folder: is a directory, expected a regular file or none' "${eval[@]}" --out folder
fails 'folder: is a directory, expected a regular file or none' $program report --from whole --out folder
fails 'folder: is a directory, expected a regular file or none' $program compare whole --csv folder
fails 'folder: is a directory, expected a regular file or none' "$bin/step_values" folder --batch 2
ln -s nowhere link
fails 'link: cannot be looked at: No such file or directory' "${train[@]}" --steps 3 --out link
mkdir -p taken/classifier.safetensors
fails 'taken/classifier.safetensors: is a directory' "$bin/mnist_classifier" --data few --epochs 10000 --batch 20 --out taken
for path in nowhere/x file/x ''; do
    fails "$path: cannot|No such file|empty" $program sample --from $model --out "$path"
done
TMPDIR=/nonexistent works "${train[@]}" --steps 3 --out no-temporary
absent nowhere

# --- folders that go away -----------------------------------------------------------------------------------------------

# Of the whole run: nothing can be saved. Of the pictures alone: they are missing, and the rest is there.
"${train[@]}" --steps 1000000 --checkpoint-every 1000 --out run >stdout 2>stderr &
awaits '^100,' run/log.csv
rm -rf run
status=0
wait $! || status=$?
[ $status = 2 ] && grep -q 'run/checkpoints/step-.*: cannot .*: No such file or directory' stderr || fail "status $status after the folder has gone"
"${train[@]}" --steps 100000 --out run >stdout 2>stderr &
awaits '^2,' run/log.csv
mv run/snapshots aside
awaits 'run/snapshots/step-00001000.png: .*: No such file or directory; the training goes on' stderr
kill -TERM $!
status=0
wait $! || status=$?
[ $status = 2 ] && tail -1 stderr | grep -q 'the model is written, and 1 other file is not: run/snapshots/step-' || fail "status $status after the snapshots have gone"
for file in model.safetensors samples.png report.html; do
    [ -s run/$file ] || fail "no $file"
done
rm -rf run

# --- a limit on the size of files, in blocks of 1024 bytes --------------------------------------------------------------

# The log outgrows it: the training ends at once, from the last checkpoint it goes on, and no row is lost.
small_data small
small=($program train --data small --batch 8 --width 8 --depth 1 --frequencies 4 --log-every 1 --threads 1 --steps 400 --checkpoint-every 100)
works "${small[@]}" --out long
fails 'meanflow_mnist train: run/log.tfevents: cannot be written: File too large' bash -c 'ulimit -f 64 && exec "$@"' bash "${small[@]}" --out run
grep -q 'the training goes on' stderr && fail "a training without a log goes on"
works "${small[@]}" --out run --resume
grep -q "going on from step 200" stderr || fail "it did not go on from step 200"
same run/model.safetensors long/model.safetensors
[ "$(cut -d, -f1,3-11 run/log.csv)" = "$(cut -d, -f1,3-11 long/log.csv)" ] || fail "the logs differ"
rm -rf run
no_leftovers

# --- file systems of their own ------------------------------------------------------------------------------------------

[ -n "${PRIVATE_MOUNTS:-}" ] && mkdir run disk && mount -t tmpfs -o size=2m none run 2>/dev/null || { echo "full disks are not tested: file systems cannot be mounted here" && exit; }
mount -t tmpfs -o size=128k none disk

# Some checkpoints fit, and one does not: those that do stay, and with more room the run goes on.
fails 'meanflow_mnist train: run/(checkpoints/step-[0-9]*.safetensors: cannot write|log.*: cannot be written): No space left on device' \
    "${train[@]}" --steps 60 --checkpoint-every 5 --keep 0 --out run
for checkpoint in run/checkpoints/*; do
    same $checkpoint whole/checkpoints/${checkpoint##*/}
done
mount -o remount,size=64m run
goes_on

# Pictures that do not fit are missing, and all the rest is there.
umount run
rm -rf run
mkdir -p run/snapshots
mount -t tmpfs -o size=16k none run/snapshots
fails 'the model is written, and [0-9] other files are not: run/snapshots/step-[0-9]*.png: cannot write: No space left on device' \
    "${train[@]}" --steps 60 --checkpoint-every 5 --keep 0 --out run
same run/model.safetensors $model
same run/samples.png whole/samples.png
umount run/snapshots

# What replaces a file on a full disk leaves the old one.
for file in whole/eval.json whole/report.html whole.csv whole.png whole.npy whole/model.safetensors; do
    head -c 9000 $file >disk/${file##*/}
done
cp -r disk old
head -c 1m /dev/zero >disk/filling 2>/dev/null || true
full='cannot (write|create a file beside it): No space left on device'
fails "disk/eval.json: $full" "${eval[@]}" --out disk/eval.json
fails "disk/report.html: $full" $program report --from whole --out disk/report.html
fails "disk/whole.csv: $full" $program compare whole --csv disk/whole.csv
fails "disk/whole.png: $full" $program sample --from $model --out disk/whole.png
fails "disk/whole.npy: $full" $program sample --from $model --npy disk/whole.npy
fails "disk/model.safetensors: $full" "$bin/step_values" disk/model.safetensors --batch 2
fails "disk/run/.*: (cannot|is) .*|No space left on device" "${train[@]}" --steps 3 --out disk/run
rm -rf disk/filling disk/run
diff -r disk old || fail "files on the full disk have changed"

# A disk that may not be written.
mount -o remount,ro disk
fails 'disk/run: cannot make this directory: Read-only file system' "${train[@]}" --steps 3 --out disk/run
fails 'disk/whole.png: cannot be replaced: Read-only file system' $program sample --from $model --out disk/whole.png
fails 'disk/new.png: cannot create a file beside it: Read-only file system' $program sample --from $model --out disk/new.png
fails 'disk/eval.json: cannot be replaced: Read-only file system' "${eval[@]}" --out disk/eval.json
diff -r disk old || fail "files on the disk have changed"
umount disk
for part in checkpoints snapshots; do
    rm -rf run before
    cp -r whole run
    rm -rf run/$part/*
    cp -r run before
    mount -t tmpfs -o ro none run/$part
    fails "run/$part/step-.*: cannot create a file beside it: Read-only file system" "${train[@]}" --steps 3 --out run --overwrite
    umount run/$part
    diff -r run before || fail "files have changed although $part may not be written"
done
no_leftovers
