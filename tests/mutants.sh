#!/bin/bash
# Do the tests see faults? tests/mutants.sh [PATTERN]: makes each mutant of tests/mutants.txt whose line
# matches PATTERN (all), one at a time, links it before the library into the tests named with it, and
# counts a mutant killed when one of them fails, crashes or does not end in LIMIT (60) seconds of
# processor time. Needs a build (BUILD=build)
# with compile_commands.json, which it leaves alone; works in BUILD/mutants. Ends with 1 below 95 %.
set -euo pipefail
cd "$(dirname "$0")/.."
build=${BUILD:-build}
work=$PWD/$build/mutants
mkdir -p "$work"
pattern=${1:-.}
killed=0 alive=()

# The link command of a test, with the mutant before the library.
link_of() {
  ninja -C "$build" -t commands "tests/test_$1" | tail -1 | sed -E "s|^: && ||; s| && :\$||; s| -o [^ ]+| $work/mutant.o -o $work/test_$1|"
}

while read -r line; do
  file=${line%% @@ *} tests=${line##* @@ } expression=${line#* @@ }
  expression=${expression% @@ *}
  sed "$expression" "$file" >"$work/mutant.c"
  if cmp -s "$file" "$work/mutant.c"; then
    echo "NO CHANGE: $file: $expression" >&2
    exit 1
  fi
  command=$(/usr/bin/python3 - "$build" "$file" "$work" <<'PY'
import json, os, re, sys
build, file, work = sys.argv[1:4]
for e in json.load(open(f"{build}/compile_commands.json")):
    if os.path.realpath(os.path.join(e["directory"], e["file"])) == os.path.realpath(file):
        text = re.sub(r"^\S*ccache ", "", e["command"])
        text = re.sub(r" -o \S+ -c \S+$", f" -w -Wno-error -O1 -g0 -o {work}/mutant.o -c {work}/mutant.c", text)
        print(f"cd {e['directory']} && {text}")
        break
PY
)
  bash -c "$command" || { echo "does not compile: $file: $expression" >&2; exit 1; }
  state=ALIVE
  for test in $tests; do
    link=$(link_of "$test")
    (cd "$build" && bash -c "$link")
    (cd "$build/tests" && ulimit -t "${LIMIT:-60}" && "$work/test_$test" >"$work/log" 2>&1) || {
      state=killed
      break
    }
  done
  if [[ $state == killed ]]; then
    killed=$((killed + 1))
  else
    alive+=("$file: $expression")
  fi
  echo "$state by $test  $file: $expression"
done < <(grep -v '^#' tests/mutants.txt | grep -E "$pattern")
all=$((killed + ${#alive[@]}))
echo "$killed of $all mutants killed"
[[ $((killed * 100)) -ge $((all * 95)) ]]
