# SPDX-License-Identifier: MIT
# The scripts from another directory, with spaces in paths and a CDPATH: a step that fails ends them with its status. Programs are stand-ins.
. "$(dirname "$0")/support.sh"
mkdir -p "a tree" commands elsewhere/examples elsewhere/scripts elsewhere/tests
cp -r "$source/scripts" "a tree"
mkdir -p "a tree/examples/meanflow_mnist" "a tree/tests" "a tree/build/release/bin"
cp "$source"/examples/meanflow_mnist/{run,ablations}.sh "$source/examples/meanflow_mnist/ablations.toml" "a tree/examples/meanflow_mnist"
cp "$source/tests/run.sh" "a tree/tests"
# stand_in FILE: writes its folder and its words to the file "calls"; with status 9 if it is called with the words in $broken.
stand_in()
{
    cat >"$1" <<'P'
#!/bin/bash
echo "$PWD: ${0##*/} $*" >>"$calls"
[ -z "${broken:-}" ] || [[ "${0##*/} $*" != $broken* ]] || exit 9
# after OPTION WORD...: the word that follows the option.
after()
{
    while [ $# -gt 2 ] && [ "$2" != "$1" ]; do
        set -- "$1" "${@:3}"
    done
    echo "$3"
}
case ${0##*/}:$1 in
meanflow_mnist:train) out=$(after --out "$@") && mkdir -p "$out" && : >"$out/run.toml" && echo "finished" ;;
meanflow_mnist:eval) model=$(after --from "$@") && : >"${model%/*}/eval.json" && printf '  class accuracy, %% 90 95\n  Frechet distance 3 1\n' ;;
meanflow_mnist:compare) printf '| a |\n| --- |\n| b |\n' ;;
esac
P
    chmod +x "$1"
}
stand_in "a tree/build/release/bin/meanflow_mnist"
stand_in commands/cmake
stand_in commands/ctest
printf '#!/bin/bash\n[ -z "${no_packages:-}" ] || exit 7\n' >"a tree/scripts/packages.sh"
export PATH=$work/commands:$PATH calls=$work/calls CDPATH=$work/elsewhere

# ends STATUS COMMAND...
ends()
{
    local expected=$1 status=0
    shift
    : >"$calls"
    "$@" >stdout 2>stderr || status=$?
    [ $status = "$expected" ] || fail "status $status, expected $expected: $*"
}

cd "a tree"
for way in "$work/a tree/" "" ./; do
    for script in scripts/build.sh tests/run.sh; do
        ends 0 "$way$script"
        grep -qxF "$work/a tree: cmake --preset release" "$calls" || fail "$way$script: $(cat "$calls")"
        broken="cmake --build" ends 9 "$way$script"
        no_packages=yes ends 7 "$way$script"
    done
    broken=ctest ends 9 "${way}tests/run.sh"
    [ "$(tail -1 "$calls")" = "$work/a tree: ctest --preset release" ] || fail "${way}tests/run.sh: $(cat "$calls")"

    run=${way}examples/meanflow_mnist/run.sh
    ends 0 "$run" --out "of this"
    prints '^  Fréchet distance  3.0 from'
    prints '^The picture: of this/samples.png; .*: of this/report.html$'
    for step in "cmake --build" "meanflow_mnist train" "meanflow_mnist eval" "meanflow_mnist report"; do
        broken=$step ends 9 "$run" --out "of this"
        [ -z "$(grep '^The picture' stdout)" ] || fail "run.sh goes on when '$step' fails"
    done

    ablations=${way}examples/meanflow_mnist/ablations.sh
    rm -rf "of that"
    ends 0 "$ablations" --only a --seeds 1 --out "of that"
    [ "$(grep -c 'meanflow_mnist train' "$calls")" = 4 ] || fail "ablations.sh: $(cat "$calls")"
    cp "of that/ablations.md" before.md
    same stdout before.md
    broken="meanflow_mnist compare" ends 9 "$ablations" --only a --seeds 1 --out "of that"
    same "of that/ablations.md" before.md
    [ ! -s stdout ] || fail "tables without figures: $(cat stdout)"
    for step in "cmake --build" "meanflow_mnist train" "meanflow_mnist eval"; do
        rm -rf "of that"
        broken=$step ends 9 "$ablations" --only a --seeds 1 --out "of that"
        [ ! -e "of that/ablations.md" ] || fail "tables although '$step' fails"
    done
done
ends 1 bash -c '"$@" >/dev/full' bash "$run" --help
