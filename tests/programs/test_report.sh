# SPDX-License-Identifier: MIT
# report.html: one page that needs nothing else, with all that a run's files say, whatever state they are in.
. "$(dirname "$0")/support.sh"
program=$bin/meanflow_mnist
few_images few
works "$bin/mnist_classifier" --data few --epochs 1 --batch 20 --name few-digits --out few
train=($program train --data few --steps 40 --batch 16 --width 16 --depth 1 --frequencies 8 --checkpoint-every 10 --log-every 4)

# tags FILE: its tags, one a line, without the style sheet.
tags() { tr '\n' ' ' <"$1" | sed 's/<style>.*<\/style>/<style><\/style>/' | grep -o '<[^>]*>'; }

# page FILE: tags are balanced, every "<" begins one, and nothing is loaded from elsewhere or run.
page()
{
    [ "$(head -1 "$1")" = "<!DOCTYPE html>" ] || fail "$1 begins with $(head -1 "$1")"
    tags "$1" | sed 1d | awk '/\/>$/ { next } { name = $1; gsub(/[<>]/, "", name) }
        /^<\// { if (open[n--] != substr(name, 2)) { print "closes " name ", open is " open[n + 1]; bad = 1; exit }; next }
        { open[++n] = name } END { exit bad || n }' >unbalanced || fail "$1: tags are not balanced: $(cat unbalanced)"
    [ "$(tags "$1" | wc -l)" = "$(($(tr -cd '<' <"$1" | wc -c)))" ] || fail "$1: some < begin no tag"
    for word in '://' '<script' '<link' '<iframe' '<object' '@import' 'url(' 'onload' 'href=' 'src="[^d]'; do
        ! grep -qi -- "$word" "$1" || fail "$1 contains $word"
    done
}

# shows FILE TEXT...: the page contains all of them.
shows()
{
    local file=$1 text
    shift
    for text in "$@"; do
        grep -qF -- "$text" "$file" || fail "$file does not contain '$text'"
    done
}

# pictures FILE PNG...: the page's pictures are these files, byte for byte.
pictures()
{
    local file=$1 i=0
    shift
    grep -o 'data:image/png;base64,[^"]*' "$file" | cut -d, -f2 >encoded
    [ "$(wc -l <encoded)" = $# ] || fail "$(wc -l <encoded) pictures in $file, expected $#"
    while read -r line; do
        i=$((i + 1))
        base64 -d <<<"$line" | cmp -s - "${!i}" || fail "picture $i is not ${!i}"
    done <encoded
}

report="$program report --from"
works $program report --help
prints '^usage: meanflow_mnist report'

# A training leaves a report; on demand it is the same again, from wherever the folder is looked at.
works "${train[@]}" --out run
prints "wrote run/model.safetensors, run/samples.png and run/report.html"
page run/report.html
[ "$(ls run/snapshots | paste -sd ' ')" = "$(printf 'step-%08d.png ' 1 2 4 8 14 20 30 40 | sed 's/ $//')" ] || fail "snapshots: $(ls run/snapshots)"
for f in run/snapshots/*; do
    png_is "$f" 324 36
done
pictures run/report.html run/samples.png run/snapshots/*
cp run/report.html first.html
works $report run
prints '^wrote run/report.html$'
same first.html run/report.html
(cd run && works $report . --out ../other.html)
same first.html other.html

# Every setting with its value, and the log's last numbers, are on it; there is a curve for each column that is drawn.
sed -n 's/^\([a-z0-9-]*\) = "\{0,1\}\([^"#]*[^"# ]\)"\{0,1\} *#.*/<dt>\1<\/dt><dd>\2</p' run/run.toml | tr -d '[]' >settings
[ "$(wc -l <settings)" -gt 30 ] || fail "only $(wc -l <settings) settings in run.toml"
while read -r line; do
    shows run/report.html "$line"
done <settings
shows run/report.html "<h1>run</h1>" "<dd>40<small>of 40</small>" "<small>100 %</small>"
[ "$(grep -o '<svg' run/report.html | wc -l)" = 8 ] || fail "$(grep -o '<svg' run/report.html | wc -l) plots, expected 8"
[ "$(grep -o 'class="curve s' run/report.html | wc -l)" = 9 ] || fail "$(grep -o 'class="curve s' run/report.html | wc -l) curves, expected 9"

# Every value of an evaluation is there.
! grep -q "<h2>Evaluation" run/report.html || fail "an evaluation that there was not"
eval=($program eval --from run/model.safetensors --data few --classifier few/classifier.safetensors)
works "${eval[@]}" --count 20 --times 1,0.5,0.25,0 --sampler euler
works $report run
shows run/report.html "<dt>times</dt><dd>1, 0.5, 0.25, 0</dd>" "euler, nfe 3; floor"
works "${eval[@]}" --count 50 --nfe 1,3
works $report run
page run/report.html
shows run/report.html "<h2>Evaluation" "floor: test" ">nfe 1<" ">nfe 3<" "jump, nfe 1; floor"
grep -v '"digest"' run/eval.json | tr -d ' \n' | grep -oE '("[a-z_]+":("[^"]*"|-?[0-9.e+-]+)|[[,][0-9]+)' | sed 's/^"[a-z_]*"://; s/^[[,]//; s/"//g' >values
[ "$(wc -l <values)" -gt 60 ] || fail "only $(wc -l <values) values in eval.json"
while read -r value; do
    value=$(awk -v x="$value" 'BEGIN { if (x ~ /^-?[0-9]+\.[0-9]*0$/) sub(/\.?0+$/, "", x); print x }')
    grep -qF -e ">$value<" -e " $value<" -e "title=\"$value\"" run/report.html || fail "the value $value is not in the report"
done <values
! grep -q "has gone on" run/report.html || fail "an evaluation of the last step is said to be old"

# An evaluation of an earlier step is pointed out; one of a run that was thrown away is gone with it, and so are its snapshots.
sed 's/"step": 40/"step": 30/; s/"digest": "crc32.*"/"by": "hand"/' run/eval.json >old.json
cp old.json run/eval.json
works $report run
shows run/report.html "The run has gone on since these figures were measured."
works "${train[@]}" --out run --overwrite --steps 20
absent run/eval.json
[ "$(ls run/snapshots | paste -sd ' ')" = "$(printf 'step-%08d.png ' 1 2 4 7 10 15 20 | sed 's/ $//')" ] || fail "snapshots after --overwrite: $(ls run/snapshots)"

# After a stop, and after going on.
"${train[@]}" --out stopped --steps 200000 --log-every 1 >stdout 2>stderr &
awaits '^20,' stopped/log.csv
kill -TERM $!
wait $! || fail "status $? after SIGTERM, expected 0"
prints "stopped/report.html; --resume goes on"
page stopped/report.html
works "${train[@]}" --out resumed --steps 12 --minutes 0.000001
works "${train[@]}" --out resumed --steps 12 --minutes 0 --resume
works "${train[@]}" --out whole --steps 12
page resumed/report.html
for f in samples.png $(cd whole && ls snapshots/*); do
    same whole/$f resumed/$f
done
[ "$(ls whole/snapshots)" = "$(ls resumed/snapshots)" ] || fail "other snapshots after going on: $(ls resumed/snapshots)"

# Logs in other states: none, an empty one, names alone, a row that is being written, numbers that are not finite.
cp -r whole states
rm states/log.csv
works $report states
page states/report.html
shows states/report.html "The log has no rows yet."
for text in '' "$(head -1 whole/log.csv)"; do
    printf %s "$text" >states/log.csv
    works $report states
    shows states/report.html "The log has no rows yet."
done
head -1 whole/log.csv >states/log.csv
works $report states
shows states/report.html "The log has no rows yet."
{ cat whole/log.csv && printf '16,0.0'; } >states/log.csv
works $report states
page states/report.html
shows states/report.html "<dd>12<small>of 12</small>"
{ head -1 whole/log.csv | sed 's/,crc32$//' && for i in $(seq 9); do
    x=$((i * i)) && [ $((i % 4)) != 0 ] || x=nan
    [ $i != 7 ] || x=-inf
    echo "$i,0.1,$x,$x,nan,nan,$x,$x,$x,$x,0.001,100,0.1,$((i / 4)),0"
done; } >states/log.csv
works $report states
page states/report.html
[ "$(grep -o 'class="curve s1"' states/report.html | wc -l)" = 16 ] || fail "$(grep -o 'class="curve s1"' states/report.html | wc -l) pieces of curves, expected 3 of each of 4 and 4 whole ones"
! grep -qE '[ML ](nan|inf|-nan|-inf)' states/report.html || fail "a curve goes to a place that is not a number"
shows states/report.html "<i></i>r = t <b>–</b>"

# Names cannot break out of the page.
name="a<b> & \"c' --"
works "${train[@]}" --data few --out "$name" --steps 2
page "$name/report.html"
shows "$name/report.html" "<h1>a&lt;b&gt; &amp; &quot;c&#39; --</h1>" "<title>a&lt;b&gt; &amp; &quot;c&#39; --:"
cp -r few "x<script>y"
works "${train[@]}" --data "x<script>y" --out odd --steps 2
works $program eval --from odd/model.safetensors --data "x<script>y" --classifier few/classifier.safetensors --count 2
works $report odd
page odd/report.html
shows odd/report.html "<dd>x&lt;script&gt;y<"

# What is no run, or is broken, is refused, and the report that was there stays.
cp whole/report.html kept.html
refuses "--from DIR is missing" $program report
refuses "nowhere/run.toml: cannot be read" $report nowhere
refuses "few/run.toml: cannot be read" $report few
refuses "unexpected argument 'now'" $report whole now
refuses "no/such/folder.html" $report whole --out no/such/folder.html
broken()
{
    local text=$1 file=$2
    cp -r whole broken
    cat >broken/$file
    refuses "$text" $report broken
    same kept.html broken/report.html
    rm -r broken
}
broken "broken/run.toml, line 2: expected name = value" run.toml <<<$'[run]\nsteps'
broken "broken/log.csv, line 3: expected 3 numbers" log.csv <<<$'step,a,b\n1,2,3\n2,3'
broken "broken/log.csv, line 2: expected 2 numbers" log.csv <<<$'step,a\n1,two'
broken 'broken/log.csv: expected a column "step" that ascends' log.csv <<<$'step,a\n2,2\n2,3'
broken 'broken/log.csv: expected a column "step" that ascends' log.csv <<<$'a,b\n2,2'
broken "broken/eval.json, line 2: expected JSON" eval.json <<<$'{\n,'
broken 'broken/eval.json: expected "floor" and "samples"' eval.json <<<'[1]'
broken "broken/samples.png: not a PNG that can be read" samples.png <<<'PNG'
broken "broken/snapshots/step-00000002.png: not a PNG that can be read" snapshots/step-00000002.png <<<'PNG'
[ -z "$(find . -name '*.cotangent-*')" ] || fail "temporary files are left: $(find . -name '*.cotangent-*')"
