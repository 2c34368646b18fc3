# SPDX-License-Identifier: MIT
# The other programs: each runs, and says what its help promises.
. "$(dirname "$0")/support.sh"

for program in quickstart gradcheck custom_op check_reference mnist_classifier train_step roofline neighbour recurrence; do
    works "$bin/$program" --help
    prints "^usage: $program"
    [ $program = quickstart ] || refuses "unknown option '--nonsense'" "$bin/$program" --nonsense
done

works "$bin/quickstart"
works "$bin/gradcheck"
works "$bin/custom_op"
prints "cumsum, sample 3: refused"
prints "fit: mean squared error .* after 500 steps"
awk '/^fit:/ { found = $7 + 0 < 0.01 } END { exit !found }' stdout || fail "the fit's error is not below 0.01: $(tail -1 stdout)"

# A step against values that PyTorch computed.
number='[0-9]\.[0-9]{3}e[-+][0-9]{2}'
for model in mlp dit; do
    works "$bin/check_reference" "$source/tests/reference/$model.safetensors"
    tail -1 stdout | grep -qE "^u $number du_dt $number loss $number grads $number\$" || fail "the last line: $(tail -1 stdout)"
done
refuses "nowhere.safetensors" "$bin/check_reference" nowhere.safetensors

works "$bin/train_step" --model mlp --width 16 --depth 1 --batch 8 --steps 2 --threads 1
tail -1 stdout | grep -qE '^step_ms [0-9.]+ best_ms [0-9.]+ plan_bytes [0-9]+ peak_rss_bytes [0-9]+ params [0-9]+$' || fail "the last line: $(tail -1 stdout)"

# Beside a neighbour, which is gone afterwards; and with subnormal numbers.
times='1 thread [0-9.]+ ms, 2 threads [0-9.]+ ms a step; 2 threads take [0-9.]+ of the time of 1 \([0-9.]+ to [0-9.]+, 2 rounds\)$'
works "$bin/neighbour" --model mlp --width 16 --depth 1 --batch 8 --rounds 2 --seconds 0.05
prints "^neighbours 0: $times"
prints "^neighbours 1: $times"
works "$bin/recurrence" --batch 2 --width 8 --rounds 1
prints '^subnormal numbers flushed:  100 steps [0-9.]+ ms \(1.00 x\)  200 steps .*  400 steps '
prints '^subnormal numbers kept:  100 steps '

# Against the machine: every step of the program is there, and no limit is zero.
works "$bin/roofline" --model mlp --width 16 --depth 1 --batch 8 --steps 2 --threads 1 --top 3
prints '^limits of 1 threads: [1-9][0-9.]* GFLOP/s in float32, [1-9][0-9.]* in float64$'
prints '^whole: .* GFLOP/s, .* of the float32 peak; at the limits [0-9.]* ms, [0-9.]*%: compute'
prints '^median of the steps: [0-9.]* ms, [0-9.]*% of the float32 peak measured after it$'
matmuls=$(awk '$1 == "op" { ops = 1 } $1 == "step" { ops = 0 } ops && $1 == "matmul" { print $2 }' stdout)
works "$bin/roofline" --model mlp --width 16 --depth 1 --batch 8 --steps 1 --threads 1 --all
found=$(awk '$1 == "step" && $2 == "node" { steps = 1 } steps && $1 == "matmul" { n++ } END { print n + 0 }' stdout)
[ "$found" = "$matmuls" ] && [ "$found" -gt 3 ] || fail "$found matmul steps are printed, $matmuls are in the table of ops"

# The classifier that judges samples: what was shipped is as good as said, and a training runs.
works "$bin/mnist_classifier" --eval "$source/examples/mnist_classifier/mnist.safetensors"
prints '^mnist-cnn-1, weights [0-9a-f]{16}$'
prints '^accuracy 99[3-9][0-9] of 10000$'
few_images few
works "$bin/mnist_classifier" --data few --eval "$source/examples/mnist_classifier/fashion-mnist.safetensors"
prints '^fashion-cnn-1, weights [0-9a-f]{16}$'
clothes=/usr/share/datasets/fashion-mnist
if [ -d $clothes ]; then
    works "$bin/mnist_classifier" --data $clothes --eval "$source/examples/mnist_classifier/fashion-mnist.safetensors"
    prints '^accuracy 9[23][0-9][0-9] of 10000$'
fi
for threads in 1 2; do
    works "$bin/mnist_classifier" --data few --epochs 2 --batch 20 --threads $threads --out classifier$threads
    prints '^epoch 2: loss [0-9.]+, accuracy [0-9]+ of 200$'
done
same classifier1/classifier.safetensors classifier2/classifier.safetensors
accuracy=$(sed -n 's/^epoch 2.*\(accuracy .*\)/\1/p' stdout)
works "$bin/mnist_classifier" --data few --eval classifier1/classifier.safetensors
prints "^$accuracy\$"
refuses "holds no classifier" "$bin/mnist_classifier" --eval "$source/tests/reference/mlp.safetensors"
refuses "nowhere" "$bin/mnist_classifier" --data nowhere --out new
refuses "--name expects 1 to 63 bytes, got ''" "$bin/mnist_classifier" --data few --out new --name ""
{ head -c $(($(wc -c <classifier1/classifier.safetensors) - 1)) classifier1/classifier.safetensors && bytes 1; } >changed.safetensors
refuses "changed.safetensors: damaged: its bytes have the digest" "$bin/mnist_classifier" --data few --eval changed.safetensors
LC_ALL=C sed -i 's/"cotangent.digest":"crc32+/"cotangent,digest":"crc32,/' changed.safetensors
refuses "as its metadata say" "$bin/mnist_classifier" --data few --eval changed.safetensors
absent new
