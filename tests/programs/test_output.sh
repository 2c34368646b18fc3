# SPDX-License-Identifier: MIT
# What is printed has arrived, or the status is not 0: a full disk under stdout, a stdout that is closed, and descriptors that are closed while files are written.
. "$(dirname "$0")/support.sh"
program=$bin/meanflow_mnist

# loses REASON COMMAND...: status 2, and its last line on stderr says that stdout could not be written. Redirections are the caller's.
loses()
{
    local reason=$1 status=0
    shift
    "$@" 2>stderr || status=$?
    [ $status = 2 ] || fail "status $status, expected 2, as main gets it from program_end (examples/support/program.h): $*"
    tail -1 stderr | grep -qE "^$(basename "$1"): standard output: cannot be written: $reason\$" || fail "the last line does not say that stdout is lost: $*"
}
# Of every command: to a full disk, and to nowhere.
lost()
{
    loses "No space left on device" "$@" >/dev/full
    loses "Bad file descriptor" "$@" >&-
}

for each in "$bin"/*; do
    lost "$each" --help
done
for command in train sample eval report compare; do
    lost $program $command --help
done

# Everything that prints what it found. What goes to files is there all the same.
few_images few
works "$bin/mnist_classifier" --data few --epochs 1 --batch 20 --name few-digits --out few
classifier=few/classifier.safetensors
train=(train --data few --steps 4 --batch 16 --width 16 --depth 1 --frequencies 8 --log-every 2)
works $program "${train[@]}" --out run
eval=(eval --from run/model.safetensors --data few --classifier $classifier --count 20 --neighbours 0)
works $program "${eval[@]}"
cp -r run kept
lost "$bin/quickstart"
lost "$bin/gradcheck"
lost "$bin/custom_op" --steps 2
lost "$bin/check_reference" "$source/tests/reference/mlp.safetensors"
lost "$bin/train_step" --model mlp --width 16 --depth 1 --batch 8 --steps 2 --threads 1
lost "$bin/train_step" --model mlp --width 16 --depth 1 --batch 8 --steps 2 --threads 1 --print
lost "$bin/mnist_classifier" --data few --epochs 1 --batch 20 --name few-digits --out lost
same lost/classifier.safetensors $classifier
lost "$bin/mnist_classifier" --data few --eval $classifier
lost $program compare run
lost $program compare run --csv figures.csv
[ "$(wc -l <figures.csv)" = 2 ] || fail "figures.csv: $(cat figures.csv)"
lost $program sample --from run/model.safetensors --classifier $classifier
lost $program "${eval[@]}"
lost $program report --from run
lost $program "${train[@]}" --out run --overwrite
for file in model.safetensors samples.png checkpoints/step-00000004.safetensors; do
    same run/$file kept/$file
done
lost $program "${train[@]}" --out run --resume

# Nothing is printed, nothing is lost.
works $program sample --from run/model.safetensors --out digits.png
mv digits.png whole.png
$program sample --from run/model.safetensors --out digits.png >&- 2>&- || fail "status $? of a sample that prints nothing"
same digits.png whole.png

# With all three descriptors closed no message goes into a file.
works $program report --from kept --out whole.html
whole=$(wc -c <kept/log.tfevents)
for closed in '>&-' '2>&-' '>&- 2>&-' '<&- >&- 2>&-' '<&-'; do
    rm -rf run
    [[ $closed == *'2>&-'* ]] && into= || into='2>stderr'
    expected=$([[ $closed == *'>&- '* || $closed == '>&-' ]] && echo 2 || echo 0)
    for words in "${train[*]} --out run" "${eval[*]}" "report --from run --out page.html"; do
        status=0
        eval "$program $words >stdout $into $closed" || status=$?
        [ $status = "$expected" ] || fail "status $status, expected $expected: $words $closed"
    done
    for file in model.safetensors samples.png run.toml eval.json; do
        same run/$file kept/$file
    done
    [ "$(wc -c <run/log.tfevents)" = "$whole" ] || fail "log.tfevents has other records with $closed"
    [ "$(wc -l <run/log.csv)" = 3 ] || fail "log.csv with $closed: $(cat run/log.csv)"
    grep -q '^</html>$' page.html && [ "$(grep -c 'wrote' page.html)" = 0 ] || fail "page.html with $closed"
done
