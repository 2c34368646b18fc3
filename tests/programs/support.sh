# SPDX-License-Identifier: MIT
# What the program tests share. Sourced with BUILD_DIR SOURCE_DIR as arguments: sets $bin and $source, and works in an empty directory
# that is removed at the end.
set -euo pipefail
build=$(cd "$1" && pwd)
bin=$build/bin
source=$(cd "$2" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

fail()
{
    echo "FAILED: $*" >&2
    [ ! -s stderr ] || sed 's/^/  stderr: /' stderr >&2
    exit 1
}

# works COMMAND...: status 0; its output is in the files stdout and stderr.
works()
{
    "$@" >stdout 2>stderr || fail "status $?, expected 0: $*"
}

# refuses TEXT COMMAND...: status 2, nothing on stdout, and one line on stderr that contains TEXT.
refuses()
{
    local text=$1 status=0
    shift
    "$@" >stdout 2>stderr || status=$?
    [ $status = 2 ] || fail "status $status, expected 2: $*"
    [ ! -s stdout ] || fail "something on stdout: $*"
    [ "$(wc -l <stderr)" = 1 ] || fail "$(wc -l <stderr) lines on stderr, expected 1: $*"
    grep -qF -- "$text" stderr || fail "the message does not contain '$text': $*"
}

# prints TEXT: what ran last said so on stdout.
prints()
{
    grep -qE -- "$1" stdout || fail "stdout does not match '$1': $(cat stdout)"
}

same() { cmp -s "$1" "$2" || fail "$1 and $2 differ"; }
differ() { ! cmp -s "$1" "$2" || fail "$1 and $2 are equal"; }
absent() { [ ! -e "$1" ] || fail "$1 exists"; }

# png_is FILE WIDTH HEIGHT
png_is()
{
    local found
    found=$(od -An -tu1 -j16 -N8 "$1" | awk '{ print ($1 * 256 + $2) * 65536 + $3 * 256 + $4, ($5 * 256 + $6) * 65536 + $7 * 256 + $8 }')
    [ "$found" = "$2 $3" ] || fail "$1 is $found pixels, expected $2 $3"
}

# bytes N...: these bytes on stdout.
bytes()
{
    local b
    for b in "$@"; do
        printf "\\x$(printf %x "$b")"
    done
}

# small_data DIR: a data set of 40 different images of 8 x 8 pixels in three classes.
small_data()
{
    mkdir "$1"
    { bytes 0 0 8 3 0 0 0 40 0 0 0 8 0 0 0 8 && for i in $(seq 40); do printf '%64s' "#$i#$((i * i))#3#4"; done; } >"$1/train-images-idx3-ubyte"
    { bytes 0 0 8 1 0 0 0 40 && for _ in $(seq 10); do bytes 0 1 2 0; done; } >"$1/train-labels-idx1-ubyte"
}

# awaits TEXT FILE: until the file matches, or the program that was started last is no more.
awaits()
{
    while kill -0 $! 2>/dev/null && ! grep -qE -- "$1" "$2" 2>/dev/null; do
        sleep 0.01
    done
}

# few_images DIR: the first 200 images of MNIST's training and test set, with their labels, as a data set of its own.
few_images()
{
    local set data=$source/examples/meanflow_mnist/data
    mkdir "$1"
    for set in train t10k; do
        { bytes 0 0 8 3 0 0 0 200 0 0 0 28 0 0 0 28 && gzip -dc "$data/$set-images-idx3-ubyte.gz" | dd bs=16 skip=1 count=9800 iflag=fullblock 2>/dev/null; } \
            >"$1/$set-images-idx3-ubyte" || true
        { bytes 0 0 8 1 0 0 0 200 && gzip -dc "$data/$set-labels-idx1-ubyte.gz" | dd bs=8 skip=1 count=25 iflag=fullblock 2>/dev/null; } \
            >"$1/$set-labels-idx1-ubyte" || true
    done
}
