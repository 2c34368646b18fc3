# SPDX-License-Identifier: MIT
# Where the settings of a training come from: files and flags, and the file that it writes.
. "$(dirname "$0")/support.sh"
small_data 'odd "data\'
train=($bin/meanflow_mnist train)
tiny=(--data 'odd "data\' --steps 5 --batch 8 --width 8 --depth 1 --frequencies 4 --ema 0.5,0.999 --lr 0.002 --seed 3 --omega 1.5)

# The file that a run writes gives the same run; flags override it; a run that goes on reads it by itself.
works "${train[@]}" --out flags "${tiny[@]}"
works "${train[@]}" --out file --config flags/run.toml
same flags/run.toml file/run.toml
same flags/model.safetensors file/model.safetensors
works "${train[@]}" --out seed --config flags/run.toml --seed 4
works "${train[@]}" --out seed-by-flags "${tiny[@]}" --seed 4
same seed/model.safetensors seed-by-flags/model.safetensors
differ seed/model.safetensors file/model.safetensors
works "${train[@]}" --out seed --resume
prints '^finished at step 5'
same seed/run.toml seed-by-flags/run.toml

# Written by hand: any order, any headings, comments.
cat >hand.toml <<'T'
 lr=2e-3 # comment
frequencies = 4# comment
[my own]   # comment
model = "mlp"
data = "odd \u0022data\\"
ema = [ 0.5 , .999 ]
steps = 5
batch = 8

depth = 1
width = 8
seed = 3
omega = 1.5
T
works "${train[@]}" --out hand --config hand.toml
same flags/run.toml hand/run.toml
same flags/model.safetensors hand/model.safetensors

# Defaults follow the network, wherever that is named; --help shows what would be taken.
echo 'model = "dit"' >dit.toml
for words in "--model dit" "--config dit.toml" "--preset quick --config dit.toml"; do
    works "${train[@]}" $words --help
    prints '--width N .*\[128\]'
done
works "${train[@]}" --preset default --help
prints '--model mlp|dit .*\[dit\]'
prints '--patch N .*\[7\]'
works "${train[@]}" --preset default --model mlp --help
prints '--lr X .*\[0.001\]'
works "${train[@]}" --config dit.toml --model mlp --help
prints '--width N .*\[512\]'
works "${train[@]}" --config hand.toml --help
prints '--ema .*\[0.5,0.999\]'

# Refused, with file and line, before anything is written.
wrong()
{
    local text=$1
    printf '%b' "$2" >wrong.toml
    refuses "$text" "${train[@]}" --config wrong.toml --out no
}
wrong "wrong.toml, line 2: there is no setting 'learning-rate'" '\nlearning-rate = 1\n'
wrong "line 1: there is no setting 'out'" 'out = "somewhere"'
wrong "line 3: lr stands on line 1 too" 'lr = 1\n[training]\nlr = 2\n'
wrong "line 1: lr expects a number from 1e-12 to 1000, got '-1'" 'lr = -1'
wrong "line 1: lr expects a number, got '0.1'" 'lr = "0.1"'
wrong "line 1: lr expects a number" 'lr = nan'
wrong "line 1: steps expects a whole number" 'steps = 1e3'
wrong "line 1: schedule expects \"a string\", got 'cosine'" 'schedule = cosine'
wrong "line 1: schedule expects one of constant|cosine, got 'linear'" 'schedule = "linear"'
wrong "line 1: ema expects [a list of numbers], got '0.9'" 'ema = 0.9'
wrong "line 1: ema expects 1 to 16 numbers" 'ema = []'
wrong "line 1: ema expects 1 to 16 numbers" 'ema = [0.9, 2]'
wrong "line 1: expected name = value, got 'lr: 1'" 'lr: 1'
wrong "line 1: expected name = value, got '= 1'" '= 1'
wrong "line 1: expected a number, \"a string\" or [a list of numbers] after '='" 'lr ='
wrong "line 1: expected a number" 'data = "no end'
wrong "line 1: expected a number" 'data = "\\q"'
wrong "line 1: expected a number" 'ema = [0.9'
wrong "line 1: expected nothing but a comment after the value, got '2'" 'lr = 1 2'
wrong "line 1: expected [section]" '[run'
wrong "a file that is not text" 'lr = 1\n\0'
head -c 2000000 /dev/zero | tr '\0' '#' >long.toml
refuses "long.toml: holds more than 1048576 bytes" "${train[@]}" --config long.toml --out no
refuses "absent.toml: cannot be read" "${train[@]}" --config absent.toml --out no
refuses "--ema expects 1 to 16 numbers" "${train[@]}" --ema 0.9,,0.99 --out no
refuses "--ema has 0.9 twice" "${train[@]}" --ema 0.9,0.90 --out no
refuses "--preset expects one of quick|default" "${train[@]}" --preset slow --out no
absent no
