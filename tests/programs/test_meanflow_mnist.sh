# SPDX-License-Identifier: MIT
# meanflow_mnist as its user sees it: tiny trainings, sampling, interruption, and everything that must be refused.
. "$(dirname "$0")/support.sh"
program=$bin/meanflow_mnist
classifier=$source/examples/mnist_classifier/mnist.safetensors
data=$source/examples/meanflow_mnist/data
tiny=(--steps 5 --batch 16 --width 16 --depth 2 --heads 2 --patch 7 --frequencies 8 --log-every 2)

for words in --help "train --help" "train --model dit --help" "sample --help"; do
    works $program $words
    prints '^usage: meanflow_mnist'
done

columns=step,seconds,log_loss,raw,raw_equal,raw_unequal,velocity,du_dt,loss,grad_norm,lr,samples_per_second,tangent_share,skipped,returns,crc32
# Both networks train; the same seed gives the same bytes on one thread and on two.
for model in mlp dit; do
    works $program train --model $model --out runs/$model "${tiny[@]}" --threads 1
    prints "finished at step 5: wrote runs/$model/model.safetensors"
    png_is runs/$model/samples.png 324 324
    [ "$(cut -d, -f1 runs/$model/log.csv | paste -sd ' ')" = "step 2 4 5" ] || fail "the log's rows: $(cat runs/$model/log.csv)"
    [ "$(head -1 runs/$model/log.csv)" = "$columns" ] || fail "the log's columns: $(head -1 runs/$model/log.csv)"
    works $program train --model $model --out again/$model "${tiny[@]}" --threads 2
    same runs/$model/model.safetensors again/$model/model.safetensors
    same runs/$model/samples.png again/$model/samples.png
done
works $program train --out other "${tiny[@]}" --seed 2
differ runs/mlp/model.safetensors other/model.safetensors
works $program train --out more "${tiny[@]}" --steps 7 --checkpoint-every 3 --schedule constant --times t,r,h --t-time logit-normal --r-time uniform \
    --prefix-dropout no --omega 1.5 --kappa 0.2 --clip 0
differ runs/mlp/model.safetensors more/model.safetensors

# Sampling: one row, all rows, no class; one evaluation and several; the file says which network it holds.
model=runs/dit/model.safetensors
works $program sample --from $model --out all.png
same all.png runs/dit/samples.png
works $program sample --from $model --out one.png --label 3 --count 4 --npy one.npy
png_is one.png 132 36
[ "$(head -c 128 one.npy | tr -d '\0' | grep -ac '(4, 1, 28, 28)')" = 1 ] || fail "one.npy has another shape"
works $program sample --from $model --out none.png --label none --count 4 --npy none.npy
png_is none.png 132 36
differ one.npy none.npy
works $program sample --from $model --label 3 --count 4 --npy three.npy --nfe 3 --threads 1
works $program sample --from $model --label 3 --count 4 --npy again.npy --nfe 3 --threads 2
same three.npy again.npy
differ three.npy one.npy
works $program sample --from $model --label 3 --count 4 --npy params.npy --weights params
differ params.npy one.npy
works $program sample --from $model --label 3 --count 4 --npy average.npy --weights ema-0.998
same average.npy one.npy
works $program sample --from $model --label 3 --count 4 --npy seed.npy --seed 2
differ seed.npy one.npy
works $program sample --from $model --count 11 --classifier $classifier
prints '^accuracy [0-9]+ of 110$'
absent samples.png

# Another data set: plain files, 8 x 8 pixels, three classes.
small_data small
works $program train --model dit --data small --out small-run "${tiny[@]}" --patch 4
png_is small-run/samples.png 124 40
refuses "multiple of patch" $program train --model dit --data small --out no "${tiny[@]}" --patch 3
refuses "batches of 64 from 40 rows" $program train --data small --out no "${tiny[@]}" --batch 64

# Ctrl-C: the step ends, and everything is written.
for signal in INT TERM; do
    $program train --out stopped-$signal "${tiny[@]}" --steps 1000000 --log-every 1 --threads 1 >stdout 2>stderr &
    awaits '^2,' stopped-$signal/log.csv
    kill -$signal $!
    wait $! || fail "status $? after $signal, expected 0"
    prints "stopped at step [0-9]+: wrote"
    works $program sample --from stopped-$signal/model.safetensors --out stopped.png
    same stopped.png stopped-$signal/samples.png
done

# Refused before anything is written.
cp -r runs/mlp kept
train="$program train --out runs/mlp"
refuses "a command is missing" $program
refuses "unknown command 'draw'" $program draw
refuses "unknown option '--stepz'" $train --stepz 5
refuses "unexpected argument 'now'" $train now
refuses "--steps expects a whole number" $train --steps five
refuses "--steps expects a whole number" $train --steps 0
refuses "--lr expects a number" $train --lr -1
refuses "--model expects one of mlp|dit, got 'unet'" $train --model unet
refuses "--out expects a value" $program train --out
refuses "multiple of heads" $train --model dit --width 20 --heads 3
refuses "guidance_high" $train --guidance-low 0.5 --guidance-high 0.2
refuses "nowhere" $train --data nowhere
mkdir cut
head -c 5000 "$data/train-images-idx3-ubyte.gz" >cut/train-images-idx3-ubyte.gz
cp "$data/train-labels-idx1-ubyte.gz" cut/
refuses "cut/train-images-idx3-ubyte.gz" $train --data cut
refuses "cut/train-images-idx3-ubyte.gz" $program train --data cut --out new/folder
absent new
touch file
refuses "file: is a file" $program train --out file "${tiny[@]}"
for f in model.safetensors samples.png log.csv; do
    same kept/$f runs/mlp/$f
done

cp all.png kept.png
sample="$program sample --out all.png --from"
refuses "--from FILE is missing" $program sample
refuses "missing.safetensors" $sample missing.safetensors
head -c 10000 $model >short.safetensors
refuses "short.safetensors" $sample short.safetensors
refuses "train-images" $sample "$data/train-images-idx3-ubyte.gz"
refuses "model" $sample "$classifier"
LC_ALL=C sed 's/ema-0.998.x_embedder/ema-0.998.y_embedder/' $model >renamed.safetensors
refuses "renamed.safetensors: damaged: its bytes have the digest" $sample renamed.safetensors
LC_ALL=C sed -i 's/"cotangent.digest":"crc32+/"cotangent,digest":"crc32,/' renamed.safetensors # as another tool's, without a digest
refuses "y_embedder" $sample renamed.safetensors
refuses "--label expects 0 to 9, all or none, got '10'" $sample $model --label 10
refuses "--label expects 0 to 9, all or none, got 'three'" $sample $model --label three
refuses "holds no weights 'ema-0.5', expected one of params, ema, ema-0.998" $sample $model --weights ema-0.5
refuses "--nfe expects a whole number" $sample $model --nfe 0
refuses "--classifier needs samples with a label" $sample $model --label none --classifier "$classifier"
refuses "expected a file that mnist_classifier wrote" $sample $model --classifier $model
refuses "28 x 28" $sample small-run/model.safetensors --classifier "$classifier"
refuses "no/such/folder.png" $program sample --from $model --out no/such/folder.png
same kept.png all.png
[ -z "$(find . -name '*.cotangent-*')" ] || fail "temporary files are left: $(find . -name '*.cotangent-*')"
