# SPDX-License-Identifier: MIT
# Every objective through the program: it trains, goes on exactly, samples with every sampler; switches that change what is learnt; what is refused.
. "$(dirname "$0")/support.sh"
program=$bin/meanflow_mnist
small_data small
tiny=(--data small --steps 12 --lr 0.01 --warmup 0 --batch 8 --width 8 --depth 1 --frequencies 4 --ema 0.5 --log-every 4 --checkpoint-every 5 --keep 0)
train=($program train "${tiny[@]}")

# value NAME FILE: a setting of a run.
value() { sed -n "s/^$1 = \([^#]*[^# ]\) *#.*/\1/p" "$2"; }

# numbers FILE: the samples of a .npy file are there, and finite.
numbers() { od -An -v -tf4 -j128 "$1" | awk '{ for (i = 1; i <= NF; i++) { n++; if ($i !~ /^-?[0-9.]+(e[-+][0-9]+)?$/) bad++ } } END { exit !n || bad }' || fail "$1 holds numbers that are not finite"; }

# goes_on NAME OPTION...: a run that goes on from its checkpoint of step 5 ends as it did.
goes_on()
{
    local name=$1
    shift
    works "${train[@]}" --out "$name" "$@"
    rm -rf part
    mkdir -p part/checkpoints
    cp "$name/checkpoints/step-00000005.safetensors" part/checkpoints
    works "${train[@]}" --out part --resume "$@"
    grep -q "going on from step 5" stderr || fail "$name did not go on from step 5"
    same "$name/model.safetensors" part/model.safetensors
    same "$name/run.toml" part/run.toml
    works $program train --out part --overwrite --config "$name/run.toml"
    same "$name/model.safetensors" part/model.safetensors
}

# Network conditions with each objective in turn, phases inside alpha-Flow's and SplitMeanFlow's run.
goes_on meanflow --objective meanflow
goes_on improved --objective improved --guided omega
goes_on alpha --objective alpha --alpha-start 3 --alpha-end 10 --guided omega,interval --model dit --patch 4 --width 16 --heads 2
goes_on split --objective split --matching-steps 6
goes_on matching --objective matching
goes_on dit --objective improved --model dit --patch 4 --width 16 --heads 2

# An objective brings its own usual values, which other options go before, wherever they stand; run.toml has all of them.
[ "$(value p split/run.toml)" = 0 ] && [ "$(value p alpha/run.toml)" = 1 ] || fail "p of split and alpha"
[ "$(value alpha-end alpha/run.toml)" = 10 ] || fail "alpha-end that was given is $(value alpha-end alpha/run.toml)"
[ "$(value kappa improved/run.toml)" = 0 ] && [ "$(value omega-max improved/run.toml)" = 4 ] || fail "guidance of a network that is told"
[ "$(value kappa meanflow/run.toml)" = 0.33 ] && [ "$(value omega-max meanflow/run.toml)" = 0 ] || fail "guidance of a network that is not told"
works "${train[@]}" --out before --p 0.7 --objective split
works "${train[@]}" --out after --objective split --p 0.7
same before/model.safetensors after/model.safetensors
[ "$(value p before/run.toml)" = 0.7 ] || fail "p that was given before --objective is $(value p before/run.toml)"
works $program train --out config --config split/run.toml --objective alpha
[ "$(value objective config/run.toml)" = '"alpha"' ] && [ "$(value p config/run.toml)" = 0 ] || fail "settings of a file stay where the objective changes"
works "${train[@]}" --out steps --objective alpha
[ "$(value alpha-end steps/run.toml)" = 12 ] || fail "alpha-end is $(value alpha-end steps/run.toml), expected the number of steps"

# draw NAME FILE OPTION...: 120 samples of a run, as numbers.
draw() { works $program sample --from "$1/model.safetensors" --count 40 --npy "$2" "${@:3}"; }

# Every switch changes what is learnt: other weights draw other samples. (The files differ in any case, by the settings in them.)
differs()
{
    works "${train[@]}" --out switch --overwrite "${@:2}"
    draw "$1" one.npy --weights params
    draw switch other.npy --weights params
    differ one.npy other.npy
}
for tangent in v00 v10 v11; do
    differs meanflow --objective meanflow --tangent $tangent
done
differs meanflow --objective meanflow --target-limit 0.1
differs meanflow --objective meanflow --unequal-share 0.25
differs meanflow --objective meanflow --prefix-dropout yes
differs meanflow --objective meanflow --matching-steps 2
differs meanflow --objective meanflow --t-time uniform
differs meanflow --objective meanflow --r-time uniform
for name in mean deviation; do
    works "${train[@]}" --out $name --t-time logit-normal --r-time logit-normal
    differs $name --t-time logit-normal --r-time logit-normal --t-$name 0.3
    differs $name --t-time logit-normal --r-time logit-normal --r-$name 0.3
done
differs improved --objective improved --guided omega --omega-max 2
differs improved --objective improved --guided omega --omega-power 0
differs improved --objective improved --guided omega --guidance-low 0.5
differs improved --objective improved --guided omega --guidance-high 0.5
phases=(--objective alpha --alpha-start 3 --alpha-end 10 --guided omega,interval --model dit --patch 4 --width 16 --heads 2)
differs alpha "${phases[@]}" --alpha-gamma 5
differs alpha "${phases[@]}" --alpha-snap 0.3
differs alpha "${phases[@]}" --alpha-start 2
# The mean of a logit-normal that is not drawn from changes nothing.
works "${train[@]}" --out uniform --t-time uniform
works "${train[@]}" --out switch --overwrite --t-time uniform --r-mean 3 --t-mean 3
draw switch other.npy
draw uniform one.npy
same one.npy other.npy
works "${train[@]}" --out all --objective meanflow --tangent-all-rows yes
awk -F, 'NR == FNR { loss[$1] = $3; next } FNR > 1 && ($3 - loss[$1]) ^ 2 > 1e-6 { bad = 1 } END { exit bad }' meanflow/log.csv all/log.csv ||
    fail "the tangent of rows with r = t changes the loss"

# Columns of what an objective does not have are NaN, and the report is made all the same.
column() { awk -F, -v name=$1 'NR == 1 { for (i = 1; i <= NF; i++) c = $i == name ? i : c; next } { print $c == "nan" }' "$2" | paste -sd ' '; }
[ "$(column du_dt meanflow/log.csv)" = "0 0 0" ] && [ "$(column du_dt split/log.csv)" = "1 1 1" ] || fail "du_dt in the logs"
[ "$(column raw_unequal matching/log.csv)" = "1 1 1" ] && [ "$(column raw_equal matching/log.csv)" = "0 0 0" ] || fail "rows with r != t in flow matching"
[ "$(column raw_unequal split/log.csv)" = "1 1 0" ] || fail "rows with r != t while SplitMeanFlow begins as flow matching"
[ "$(awk -F, 'FNR > 1 { print ($13 > 0) }' meanflow/log.csv matching/log.csv | paste -sd ' ')" = "1 1 1 0 0 0" ] || fail "the tangent's share of time"
for names in "meanflow:MeanFlow" "improved:improved MeanFlow" "alpha:α-Flow" "split:SplitMeanFlow" "matching:flow matching"; do
    grep -qF "<p>${names#*:}: " "${names%:*}/report.html" || fail "the report of ${names%:*} does not name its objective"
done

# Every sampler draws from every network, the same on one thread and two, whatever the batch; one step of renoise is one jump.
for name in meanflow improved alpha split matching dit; do
    for sampler in jump euler heun renoise; do
        draw $name $sampler.npy --sampler $sampler --nfe 4 --threads 1
        numbers $sampler.npy
        draw $name again.npy --sampler $sampler --nfe 4 --threads 2
        same $sampler.npy again.npy
    done
    differ jump.npy euler.npy
    differ heun.npy euler.npy
    differ jump.npy renoise.npy
    draw $name one.npy
    draw $name again.npy --sampler renoise
    same one.npy again.npy
done
# 120 samples are drawn 100 at a time, and 20 by themselves.
works $program sample --from meanflow/model.safetensors --label 0 --count 20 --sampler renoise --nfe 3 --npy few.npy
works $program sample --from meanflow/model.safetensors --label 0 --count 120 --sampler renoise --nfe 3 --npy many.npy
cmp -s <(tail -c +129 few.npy) <(tail -c +129 many.npy | head -c $((20 * 64 * 4))) || fail "samples by renoise depend on how many are drawn"
draw meanflow few.npy --sampler renoise --nfe 3 --seed 2
differ few.npy renoise.npy

# Lists of times: equal ones are what --nfe takes, others differ; Heun's method evaluates twice a step.
for sampler in jump euler heun renoise; do
    draw meanflow equal.npy --sampler $sampler --nfe $([ $sampler = heun ] && echo 8 || echo 4)
    draw meanflow list.npy --sampler $sampler --times 1,0.75,0.5,0.25,0
    same equal.npy list.npy
    draw meanflow list.npy --sampler $sampler --times 1,0.9,0.5,0.25,0
    differ equal.npy list.npy
done
draw meanflow heun.npy --sampler heun
draw meanflow list.npy --sampler heun --times 1,0
same heun.npy list.npy
# Flow matching's picture is drawn by its flow.
works $program sample --from matching/model.safetensors --sampler heun --nfe 20 --out picture.png
same picture.png matching/samples.png

# Guidance: a network that is told draws otherwise when told otherwise.
for told in "--omega 3" "--omega 3 --guidance-low 0.5" "--omega 3 --guidance-high 0.5"; do
    draw alpha other.npy $told
    for before in before*.npy; do
        [ ! -e "$before" ] || differ "$before" other.npy
    done
    mv other.npy "before${told// /}.npy"
done
draw alpha default.npy
draw alpha told.npy --omega 2 --guidance-low 0 --guidance-high 1
same default.npy told.npy
draw improved default.npy
draw improved told.npy --omega 1
differ default.npy told.npy

# Refused, with what was expected.
refuses "--objective expects one of meanflow|improved|alpha|split|matching, got 'mean'" "${train[@]}" --out no --objective mean
refuses "--t-time expects one of logit-normal|uniform, got 'as-t'" "${train[@]}" --out no --t-time as-t
refuses "--tangent expects one of v01|v00|v10|v11" "${train[@]}" --out no --tangent v02
refuses "--guided is omega and --omega-max 0, expected the largest scale" "${train[@]}" --out no --guided omega --omega-max 0
refuses "--omega-max is 3 and --guided no, expected --guided omega or omega,interval" "${train[@]}" --out no --omega-max 3
refuses "--omega is 1 and --kappa 0.5 with --guided omega, expected 1 and 0" "${train[@]}" --out no --guided omega --kappa 0.5
refuses "omega_max is 0.5, expected 1 to 100" "${train[@]}" --out no --guided omega --omega-max 0.5
refuses "alpha_end is 4, expected at least 6" "${train[@]}" --out no --objective alpha --alpha-start 5 --alpha-end 4
refuses "guidance_high is 0.2, expected 0.5 to 1" "${train[@]}" --out no --guidance-low 0.5 --guidance-high 0.2
absent no
sample="$program sample --out no.png --from meanflow/model.safetensors"
refuses "--sampler expects one of jump|euler|heun|renoise, got 'rk4'" $sample --sampler rk4
refuses "--times has 0.3 before 0.6, expected falling times, from 1 to 0" $sample --times 1,0.3,0.6,0
refuses "--times has 0.5 before 0.5, expected falling times" $sample --times 1,0.5,0.5,0
refuses "--times goes from 0.9 to 0, expected two times or more, from 1 to 0" $sample --times 0.9,0
refuses "--times goes from 1 to 1, expected two times or more" $sample --times 1
refuses "--times expects 1 to 16 numbers, separated by commas, from 0 to 1, got '1,2,0'" $sample --times 1,2,0
refuses "--nfe and --times are given, expected one of them" $sample --times 1,0 --nfe 1
refuses "--nfe is 3 with --sampler heun, expected an even number" $sample --sampler heun --nfe 3
refuses "--omega is given, expected none: the network is not told of guidance" $sample --omega 2
refuses "--guidance-low or --guidance-high is given, expected neither: the network is not told of an interval" $program sample --from improved/model.safetensors --guidance-low 0
refuses "--guidance-low is 0.8 and --guidance-high 0.2, expected rising ones" $program sample --from alpha/model.safetensors --guidance-low 0.8 --guidance-high 0.2
refuses "--omega expects a number from 1 to 100" $sample --omega 0.5
absent no.png
