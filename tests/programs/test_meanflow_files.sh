# SPDX-License-Identifier: MIT
# Models that were damaged or made up: sizes that the file does not hold are refused without memory for them, and what is not finite is not shown.
. "$(dirname "$0")/support.sh"
few_images few
train=("$bin/meanflow_mnist" train --data few --steps 4 --batch 16 --frequencies 8 --checkpoint-every 0 --log-every 2)
works "${train[@]}" --out mlp --model mlp --width 16 --depth 1
works "${train[@]}" --out dit --model dit --width 16 --depth 1 --heads 2 --patch 7
works "$bin/mnist_classifier" --data few --epochs 1 --batch 50 --out few
sample() { "$bin/meanflow_mnist" sample --threads 1 "$@"; }

# limited COMMAND...: with 1.5 GB of addresses, but for sanitizers, which take terabytes.
addresses=1500000
! grep -q '^COTANGENT_SANITIZE:STRING=..*' "$build/CMakeCache.txt" || addresses=unlimited
limited() { (ulimit -v $addresses && "$@"); }

# claim MODEL KEY VALUE TEXT: with this in its metadata the model is refused.
claim()
{
    cp $1/model.safetensors claim.safetensors
    works "$build/tests/spoil_archive" claim.safetensors "$2" "$3"
    refuses "$4" limited sample --from claim.safetensors --out claim.png
    grep -qF "claim.safetensors: " stderr || fail "the message does not name the file: $2 $3"
    absent claim.png
}
works limited sample --from mlp/model.safetensors --out mlp.png
works limited sample --from dit/model.safetensors --out dit.png
for model in mlp dit; do
    claim $model width 65536 "expected at most"
    claim $model classes 65536 "expected at most"
    claim $model depth 65536 "expected at most"
    claim $model size 65521 "expected"
    claim $model channels 65536 "expected at most 16777216 numbers"
    claim $model freq 65536 "expected at most"
    claim $model width 32 "expected at most"
done
claim mlp size 4096 "expected at most"
claim mlp width 8 "mis-shaped"
claim dit size 4095 "342225 tokens, expected at most 65536"
claim dit patch 28 "expected at most"
cp few/classifier.safetensors claim.safetensors
works "$build/tests/spoil_archive" claim.safetensors classes 256
refuses "claim.safetensors: parameter 'fc2.weight' [256, 128] has 32768 numbers" "$bin/mnist_classifier" --data few --eval claim.safetensors
cp few/classifier.safetensors claim.safetensors
works "$build/tests/spoil_archive" claim.safetensors accuracy nan
refuses "metadata \"accuracy\" is \"nan\", expected 0 to 1" "$bin/mnist_classifier" --data few --eval claim.safetensors

# What a spoilt network draws is not finite: no picture, no numbers, no figures.
cp mlp/model.safetensors spoilt.safetensors
works "$build/tests/spoil_archive" spoilt.safetensors
refuses "expected finite numbers: the weights are spoilt" sample --from spoilt.safetensors --weights params --out spoilt.png --npy spoilt.npy
absent spoilt.png
absent spoilt.npy
status=0
"$bin/meanflow_mnist" eval --data few --from spoilt.safetensors --weights params --classifier few/classifier.safetensors --count 10 --out spoilt.json \
    >stdout 2>stderr || status=$?
[ $status = 2 ] || fail "eval of spoilt weights: status $status, expected 2"
tail -1 stderr | grep -qF "the weights are spoilt" || fail "eval does not say that the weights are spoilt"
absent spoilt.json
cp few/classifier.safetensors blind.safetensors
LC_ALL=C sed -i 's/"cotangent.digest":"crc32+/"cotangent,digest":"crc32,/' blind.safetensors
status=0
"$bin/meanflow_mnist" sample --from mlp/model.safetensors --classifier blind.safetensors >stdout 2>stderr || fail "a classifier without a digest is refused"

# A spoilt classifier has no answer. Its fingerprint would give it away: it is made to fit.
works "$build/tests/spoil_archive" blind.safetensors
refuses "weights with fingerprint" "$bin/mnist_classifier" --data few --eval blind.safetensors
found=$(sed -n 's/.*weights with fingerprint \([0-9a-f]*\),.*/\1/p' stderr)
works "$build/tests/spoil_archive" blind.safetensors content $found
refuses "the classifier's answer is" "$bin/mnist_classifier" --data few --eval blind.safetensors

# A digit that changed in the settings or in the figures is found, and a changed file without the digest is read.
works "$bin/meanflow_mnist" eval --data few --from mlp/model.safetensors --classifier few/classifier.safetensors --count 10
for change in run.toml:s/width\ =\ 16/width\ =\ 17/ 'eval.json:0,/"frechet": /s//"frechet": 1/' 'eval.json:s/"images": 10,/"images": 18,/'; do
    rm -rf changed
    cp -r mlp changed
    sed -i "${change#*:}" changed/${change%%:*}
    ! cmp -s mlp/${change%%:*} changed/${change%%:*} || fail "nothing was changed: $change"
    refuses "changed/${change%%:*}: damaged: its bytes have the digest" "$bin/meanflow_mnist" report --from changed
    refuses "changed/${change%%:*}: damaged: its bytes have the digest" "$bin/meanflow_mnist" compare changed
    sed -i '/^# digest /d; s/"digest": "crc32.*"/"by": "hand"/' changed/${change%%:*}
    works "$bin/meanflow_mnist" report --from changed
done
sed 's/width = 16/width = 32/' mlp/run.toml >changed.toml
refuses "changed.toml: damaged: its bytes have the digest" "${train[@]}" --out again --config changed.toml
absent again

# So are settings that were cut, wherever, and a picture that is damaged.
for lines in 0 1 4 20; do
    rm -rf changed
    cp -r mlp changed
    head -n $lines mlp/run.toml >changed/run.toml
    refuses "changed/run.toml: " "$bin/meanflow_mnist" report --from changed
    refuses "changed/run.toml: " "${train[@]}" --out again --config changed/run.toml
    refuses "changed/run.toml: " "$bin/meanflow_mnist" train --out changed --resume
    cmp -s <(head -n $lines mlp/run.toml) changed/run.toml || fail "the settings were written anew"
done
absent again
cp mlp/run.toml changed/run.toml
works "$bin/meanflow_mnist" report --from changed
printf 'x' | dd of=changed/samples.png bs=1 seek=300 conv=notrunc status=none
refuses "changed/samples.png: not a PNG that can be read: chunk IDAT: damaged" "$bin/meanflow_mnist" report --from changed

# Figures that are not all there are neither compared nor shown.
works "$bin/meanflow_mnist" eval --data few --from mlp/model.safetensors --classifier few/classifier.safetensors --count 10
works "$bin/meanflow_mnist" compare mlp --csv whole.csv
! grep -qi nan stdout whole.csv || fail "NaN in a comparison"
for key in frechet kid class_accuracy; do
    rm -rf holes
    cp -r mlp holes
    sed -i 's/"digest": "crc32.*"/"by": "hand"/' holes/eval.json
    sed -i "s/\"$key\": [^,]*,/\"other\": 0,/" holes/eval.json
    refuses "holes/eval.json: expected a number \"$key\"" "$bin/meanflow_mnist" compare holes
    refuses "holes/eval.json: expected a number \"$key\"" "$bin/meanflow_mnist" report --from holes
done
