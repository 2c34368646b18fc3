# SPDX-License-Identifier: MIT
# The log as TensorBoard reads it: whole records with right checksums, a step for each row of log.csv, and cut back with it.
. "$(dirname "$0")/support.sh"
small_data small
train=($bin/meanflow_mnist train --data small --batch 8 --width 8 --depth 1 --frequencies 4 --steps 60 --log-every 10 --checkpoint-every 15 --out run)

# checksum BYTE...: CRC-32C in the masked form of the records, bit by bit.
checksum()
{
    local c=$((0xffffffff)) byte k
    for byte; do
        c=$((c ^ byte))
        for k in 0 1 2 3 4 5 6 7; do
            c=$((c >> 1 ^ (c & 1) * 0x82f63b78))
        done
    done
    c=$((c ^ 0xffffffff))
    echo $((((c >> 15 | c << 17) + 0xa282ead8) & 0xffffffff))
}

number() { echo $(($1 | $2 << 8 | $3 << 16 | $4 << 24)); }

# steps FILE: the step of every record after the first, which holds the version. Field 2 is the step, in one byte here.
steps()
{
    local b=($(od -An -v -tu1 "$1")) at=0 length
    while [ $at -lt ${#b[@]} ]; do
        length=$(number "${b[@]:at:4}")
        [ "$(checksum "${b[@]:at:8}")" = "$(number "${b[@]:at + 8:4}")" ] || fail "the checksum of a length is wrong, at $at"
        [ "$(checksum "${b[@]:at + 12:length}")" = "$(number "${b[@]:at + 12 + length:4}")" ] || fail "the checksum of a message is wrong, at $at"
        [ $at = 0 ] || [ "${b[at + 21]}" = 16 ] || fail "no step in the message at $at"
        [ $at = 0 ] || echo "${b[at + 22]}"
        at=$((at + 16 + length))
    done
    [ $at = ${#b[@]} ] || fail "the last record is cut off"
}

# As a standard gives it: the checksum of "123456789" is 0xe3069283, here masked.
[ "$(checksum 49 50 51 52 53 54 55 56 57)" = $(((((0xe3069283 >> 15) | (0xe3069283 << 17)) + 0xa282ead8) & 0xffffffff)) ] || fail "this test's own checksum"

works "${train[@]}"
[ "$(steps run/log.tfevents | paste -sd ' ')" = "10 20 30 40 50 60" ] || fail "steps: $(steps run/log.tfevents | paste -sd ' ')"
[ "$(grep -ac brain.Event:2 run/log.tfevents)" = 1 ] || fail "no version"
for name in $(head -1 run/log.csv | cut -d, -f3-15 | tr , ' '); do
    [ "$(grep -ao "$name" run/log.tfevents | wc -l)" -ge 6 ] || fail "no $name in the events"
done

# From the checkpoint of step 45, with the record of step 50 cut off in the middle.
rm run/model.safetensors run/checkpoints/step-00000060.safetensors
size=$(wc -c <run/log.tfevents)
truncate -s $((size * 9 / 10 - 10)) run/log.tfevents
works "${train[@]}" --resume
grep -q "going on from step 45" stderr || fail "it did not go on from step 45"
[ "$(steps run/log.tfevents | paste -sd ' ')" = "10 20 30 40 50 60" ] || fail "steps: $(steps run/log.tfevents | paste -sd ' ')"
