# SPDX-License-Identifier: MIT
# meanflow_mnist eval on a small data set with a classifier of its own: what it says, twice, and what it refuses.
. "$(dirname "$0")/support.sh"
program=$bin/meanflow_mnist
few_images few
works "$bin/mnist_classifier" --data few --epochs 2 --batch 20 --name few-digits --out few
classifier=few/classifier.safetensors
train=(train --data few --steps 3 --batch 16 --width 16 --depth 1 --frequencies 8 --ema 0.5,0.9)
works $program "${train[@]}" --out run
model=run/model.safetensors
eval="$program eval --from $model --data few --classifier $classifier"

works $program eval --help
prints '^usage: meanflow_mnist eval'

# value FILE KEY: the values of a key in the JSON file, the floor's first.
value() { grep -o "\"$2\": [^],}]*" "$1" | cut -d' ' -f2-; }

# Every figure stands below all that it depends on; the same figures are in the file beside the model.
works $eval --count 150 --nfe 1,3
for words in 'samples +150 of run/model.safetensors, nfe 1, seed 1' 'samples +150 of run/model.safetensors, nfe 3, seed 1' 'sampler +jump, equal steps' 'weights +ema, decay 0.5, step 3' \
    'extractor +few-digits \([0-9a-f]{16}\), 128 features, test accuracy [0-9.]+ %' 'reference +train split of few \([0-9a-f]{16}\), 200 images' \
    ' +samples +floor: test' ' +images +150 +200' ' +Frechet distance +[0-9.]+ +[0-9.]+' ' +kernel distance \(KID\), unbiased +-?[0-9.]+ +-?[0-9.]+' \
    ' +nearest training image, of the first +150 +200' ' +class accuracy, % +[0-9.]+ +[0-9.]+' ' +class entropy, nats +[0-9.]+ +[0-9.]+' \
    ' +read as class 9, % +[0-9.]+ +[0-9.]+' 'wrote run/eval.json'; do
    prints "^$words\$"
done
[ "$(value run/eval.json images | paste -sd ' ')" = "200 200 150 150" ] || fail "images in the file: $(value run/eval.json images)"
[ "$(value run/eval.json nfe | paste -sd ' ')" = "1 3" ] || fail "nfe in the file: $(value run/eval.json nfe)"
for key in '"model": "run/model.safetensors"' '"weights": "ema", "ema_decay": 0.5, "step": 3, "seed": 1' '"sampler": "jump", "times": "equal",' '"name": "few-digits"' '"split": "train", "data": "few"'; do
    grep -qF -- "$key" run/eval.json || fail "run/eval.json does not contain $key"
done
for read in $(grep -o '"classes": \[[^]]*' run/eval.json | cut -d'[' -f2 | tr -d ' ' | tr , +); do
    sums="${sums:-} $((read))"
done
[ "$sums" = " 200 150 150" ] || fail "classes that were read: $sums images in all"

# The floor's accuracy is what the classifier's own program finds.
works "$bin/mnist_classifier" --data few --eval $classifier
right=$(sed -n 's/^accuracy \([0-9]*\) of 200$/\1/p' stdout)
value run/eval.json class_accuracy | awk -v right="$right" 'NR == 1 && $1 == right / 200 { found = 1 } END { exit !found }' || fail "the floor's accuracy is not $right of 200"

# The same again on other numbers of threads, byte for byte; nfe 1 alone gives nfe 1's figures; others change with seed and weights, and the floor does not.
for threads in 1 3; do
    works $eval --count 150 --nfe 1,3 --threads $threads --out again.json
    same run/eval.json again.json
done
works $eval --count 150 --out one.json
[ "$(value one.json frechet)" = "$(value run/eval.json frechet | head -2)" ] || fail "nfe 1 alone differs from nfe 1 before nfe 3"
for options in "--seed 2" "--weights params" "--weights ema-0.9" "--count 100"; do
    works $eval --nfe 1 --count 150 $options --out other.json
    [ "$(value other.json frechet | head -1)" = "$(value one.json frechet | head -1)" ] || fail "the floor changes with $options"
    [ "$(value other.json frechet | tail -1)" != "$(value one.json frechet | tail -1)" ] || fail "the samples do not change with $options"
done
# Samplers and lists of times: equal ones are the same as nfe; a list says how many evaluations there are.
works $eval --count 150 --times 1,0.9,0.3,0 --out other.json
prints '^sampler +jump, times 1, 0.9, 0.3, 0$'
grep -qF '"sampler": "jump", "times": [1, 0.9, 0.3, 0],' other.json || fail "other.json does not name its times"
[ "$(value other.json nfe)" = 3 ] || fail "three steps are $(value other.json nfe) evaluations"
[ "$(value other.json frechet | tail -1)" != "$(value run/eval.json frechet | tail -1)" ] || fail "other times give the same figures"
works $eval --count 150 --sampler heun --nfe 2,4 --out heun.json
prints '^sampler +heun, equal steps$'
works $eval --count 150 --sampler heun --times 1,0.5,0 --out other.json
[ "$(value other.json nfe)" = 4 ] || fail "two steps of heun are $(value other.json nfe) evaluations"
[ "$(value other.json frechet | tail -1)" = "$(value heun.json frechet | tail -1)" ] || fail "equal times in a list differ from equal steps"
works $eval --count 150 --sampler heun --out other.json
[ "$(value other.json frechet)" = "$(value heun.json frechet | head -2)" ] || fail "heun takes another number of steps than one"

# A network that is told of guidance, and one that is not.
works $program "${train[@]}" --out told --guided omega,interval --steps 40 --lr 0.01 --warmup 0
guided="$program eval --from told/model.safetensors --data few --classifier $classifier --count 150"
works $guided
prints '^sampler +jump, equal steps, guidance of scale 2 from time 0 to 1$'
grep -qF '"times": "equal", "omega": 2, "guidance_low": 0, "guidance_high": 1,' told/eval.json || fail "told/eval.json does not name its guidance"
works $guided --omega 4 --guidance-low 0.5 --out other.json
grep -qF '"omega": 4, "guidance_low": 0.5, "guidance_high": 1,' other.json || fail "other.json does not name its guidance"
[ "$(value other.json frechet | tail -1)" != "$(value told/eval.json frechet | tail -1)" ] || fail "other guidance gives the same figures"
refuses "--omega is given, expected none: the network is not told of guidance" $eval --omega 2 --out no.json

works $eval --count 150 --weights params --neighbours 0 --out other.json
grep -qF '"weights": "params", "ema_decay": null' other.json || fail "the last weights have a decay"
! grep -q nearest other.json || fail "neighbours that were not to be looked for"
works $eval --count 150 --weights ema-0.5 --out other.json
grep -qF '"weights": "ema-0.5", "ema_decay": 0.5' other.json || fail "an average that is named has no decay"
[ "$(value other.json frechet)" = "$(value one.json frechet)" ] || fail "the first average differs from itself"

# A test set that is the training set: no distance at all, and every image is its own neighbour.
cp -r few itself
cp few/train-images-idx3-ubyte itself/t10k-images-idx3-ubyte
cp few/train-labels-idx1-ubyte itself/t10k-labels-idx1-ubyte
works $program eval --from $model --data itself --classifier $classifier --count 20 --out itself.json
value itself.json frechet | awk 'NR == 1 && $1 < 1e-4 { found = 1 } END { exit !found }' || fail "a set is $(value itself.json frechet | head -1) from itself"
[ "$(value itself.json nearest_mean | head -1)" = 0 ] || fail "an image is $(value itself.json nearest_mean | head -1) from itself"

# What does not fit is refused before anything is written.
eval="$eval --out no.json --count 10"
refuses "--from FILE is missing" $program eval
refuses "missing.safetensors" $program eval --from missing.safetensors
refuses "unexpected argument 'now'" $eval now
refuses "--count expects a whole number from 2" $eval --count 1
for list in 0 257 1,,2 1,2, two "" 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17; do
    refuses "--nfe expects up to 16 whole numbers from 1 to 256, such as 1,2,4, got '$list'" $eval --nfe "$list"
done
refuses "--nfe and --times are given, expected one of them" $eval --nfe 1 --times 1,0
refuses "--nfe is 3 with --sampler heun, expected an even number" $eval --sampler heun --nfe 2,3
refuses "--times has 0.3 before 0.6, expected falling times" $eval --times 1,0.3,0.6,0
refuses "holds no weights 'best', expected one of params, ema, ema-0.5, ema-0.9" $eval --weights best
refuses "nowhere" $eval --data nowhere
refuses "no/such/folder.json" $eval --out no/such/folder.json
refuses "no classifier in" $program eval --from $model --data few --out no.json
refuses "mnist.safetensors: was trained on other images" $eval --classifier "$source/examples/mnist_classifier/mnist.safetensors"
refuses "holds no classifier" $eval --classifier $model
refuses "model" $eval --from $classifier
small_data small
refuses "expected two or more of 28 x 28" $eval --data small
works $program "${train[@]}" --data small --out small-run
refuses "draws 8 x 8 x 1 images of 3 classes, expected 28 x 28 x 1 of 10" $eval --from small-run/model.safetensors
printf x | dd of=itself/train-images-idx3-ubyte bs=1 seek=99 conv=notrunc 2>/dev/null
works $program "${train[@]}" --data itself --out other-run
refuses "other-run/model.safetensors: was trained on other images" $eval --from other-run/model.safetensors
# The classifier for MNIST is found without being named: only then the model is looked at.
refuses "draws 8 x 8 x 1 images of 3 classes, expected 28 x 28 x 1 of 10" $program eval --from small-run/model.safetensors --out no.json
absent no.json
[ -z "$(find . -name '*.cotangent-*')" ] || fail "temporary files are left: $(find . -name '*.cotangent-*')"
