#!/bin/bash
# Coverage of some sources by some tests, in minutes: coverage_quick.sh BUILD OUT SOURCES TESTS, the last
# two as regular expressions. Compiles the sources again with counters, links them before the library
# into tests of a BUILD that is there, runs those.
set -euo pipefail
build=$1 out=$PWD/$2 sources=$3 tests=$4
rm -rf "$out"
mkdir -p "$out"
while IFS=$'\t' read -r folder command; do
  (cd "$folder" && bash -c "$command")
done < <(/usr/bin/python3 - "$build" "$out" "$sources" <<'PY'
import json, os, re, sys
build, out, pattern = sys.argv[1:4]
for e in json.load(open(f"{build}/compile_commands.json")):
    source = os.path.relpath(os.path.join(e["directory"], e["file"]))
    if re.fullmatch(pattern, source):
        text = re.sub(r"^\S*ccache ", "", e["command"])
        name = source.replace("/", "_")[:-2]
        text = re.sub(r" -o \S+ -c \S+$", "", text)
        flags = "-O0 -g -U_FORTIFY_SOURCE -DNDEBUG -w --coverage -fprofile-update=atomic"
        print(f"{e['directory']}\t{text} {flags} -o {out}/{name}.o -c {os.path.abspath(source)}")
PY
)
objects=$(ls "$out"/*.o | tr '\n' ' ')
for source in tests/test_*.c tests/fuzz/fuzz_*.c; do
  name=$(basename "$source" .c)
  [[ $name =~ $tests ]] || continue
  folder=tests
  [[ $name != fuzz_* ]] || folder=tests/fuzz
  link=$(ninja -C "$build" -t commands "$folder/$name" | tail -1 |
    sed -E "s|^: && ||; s| && :\$||; s| -o [^ ]+| --coverage $objects -o $out/$name|")
  (cd "$build" && bash -c "$link")
  inputs=()
  [[ $name != fuzz_* ]] || inputs=("$PWD"/tests/fuzz/corpus/"${name#fuzz_}"/*)
  (cd "$build/tests" && "$out/$name" "${inputs[@]}" >"$out/$name.log" 2>&1) || echo "$name failed: $out/$name.log"
  rm -f "$out/$name"
done
