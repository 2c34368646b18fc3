# SPDX-License-Identifier: MIT
# run.sh in a copy of its part of the tree where everything is built: what it says and leaves, for data with and without a classifier.
. "$(dirname "$0")/support.sh"
mkdir -p tree/examples/meanflow_mnist tree/scripts tree/build/release/bin
cp "$source/examples/meanflow_mnist/run.sh" tree/examples/meanflow_mnist
few_images few
few_images tree/examples/meanflow_mnist/data
works "$bin/mnist_classifier" --data few --epochs 1 --batch 20 --name few-digits --out few
# The tree's own images have a classifier.
cat >tree/build/release/bin/meanflow_mnist <<P
#!/bin/bash
[[ "\$*" != "eval "*tree/examples/meanflow_mnist/data* ]] || set -- "\$@" --classifier "$work/few/classifier.safetensors"
exec "$bin/meanflow_mnist" "\$@"
P
printf '#!/bin/sh\n' >tree/scripts/build.sh
chmod +x tree/scripts/build.sh tree/build/release/bin/meanflow_mnist
run=tree/examples/meanflow_mnist/run.sh
tiny=(--steps 3 --batch 16 --width 16 --depth 1 --frequencies 8)

works $run --help
prints '^usage: meanflow_mnist train'
absent tree/runs

# Figures as eval has written them, in words and in the report.
works $run "${tiny[@]}"
prints '^10,000 images, each drawn in one evaluation of the network:$'
# value KEY SCALE DIGITS: of the samples, then of the test set.
value() { grep -o "\"$1\": [^,}]*" tree/runs/mnist/eval.json | awk -v scale="$2" -v digits="$3" '{ x[NR] = sprintf("%." digits "f", $2 * scale) } END { print x[2], x[1] }'; }
read -r right of_test <<<"$(value class_accuracy 100 2)"
read -r distance floor <<<"$(value frechet 1 1)"
prints "^  class accuracy    $right % are .* reads $of_test % of the test set"
prints "^  Fréchet distance  $distance from the training images, where the test set is $floor from"
exact=$(grep -o '"frechet": [^,]*' tree/runs/mnist/eval.json | sed '1d; s/.* //')
grep -qF "title=\"$exact\"" tree/runs/mnist/report.html || fail "the report does not have the distance $exact"
tail -1 stdout | grep -q '/runs/mnist/samples.png; .*/runs/mnist/report.html$' || fail "the last line: $(tail -1 stdout)"

# Eight minutes are the most for what is trained unless something else is named.
grep -q '^minutes = 8 ' tree/runs/mnist/run.toml || fail "a training may take longer than 8 minutes: $(grep '^minutes' tree/runs/mnist/run.toml)"
works $run --preset=quick "${tiny[@]}" --out named
grep -q '^minutes = 0 ' named/run.toml || fail "a preset that was named is stopped early: $(grep '^minutes' named/run.toml)"

# Flow matching is measured as its picture is drawn.
works $run "${tiny[@]}" --overwrite --objective matching
prints '^10,000 images, each drawn in 20 evaluations of the network:$'
grep -q '"sampler": "heun"' tree/runs/mnist/eval.json || fail "flow matching is measured by $(grep -o '"sampler": [^,]*' tree/runs/mnist/eval.json)"

# Images for which there is no classifier: a word, and all the rest. Once more, it goes on.
for times in once again; do
    works $run --data=few --out run "${tiny[@]}"
    grep -q 'no classifier in .* was trained on the images of few' stderr || fail "$times: stderr does not say why nothing was measured"
    prints '^The images were not measured; the line above says why.$'
    prints '^The picture: run/samples.png; how it came about, and all figures: run/report.html$'
done
absent run/eval.json
