# cli.sh - what the end-to-end scripts share. Sourced with -euo pipefail in a fresh folder.

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

trap 'echo "FAILED at line $LINENO: $BASH_COMMAND" >&2' ERR

# A tool that is not there fails the test: nothing is skipped in silence.
need() {
  local tool
  for tool in "$@"; do
    command -v "$tool" >/dev/null || fail "needs '$tool': run examples/install-dependencies.sh --tests"
  done
}

# COMMAND | has PATTERN: as grep -q, but it reads to the end, so that the command is never left with a
# closed pipe.
has() {
  local text
  text=$(cat)
  grep -q "$@" <<<"$text"
}

# expect CODE WORDS COMMAND...: the command ends within a minute with CODE, and WORDS (a regular
# expression) stand in its one failure line on stderr.
expect() {
  local code=$1 words=$2 got=0
  shift 2
  timeout -s KILL 60 "$@" </dev/null >stdout.txt 2>stderr.txt || got=$?
  if [[ $got -ne $code ]]; then
    cat stdout.txt stderr.txt >&2
    fail "code $got, expected $code: $*"
  fi
  if [[ -n $words ]] && ! grep -E '^mpp: ' stderr.txt | grep -qE -- "$words"; then
    cat stderr.txt >&2
    fail "message lacks '$words': $*"
  fi
}

# Nothing but what is named lies in a folder: no half-written file, no temporary one.
# only FOLDER NAME...
only() {
  local folder=$1 found expected
  shift
  found=$(find "$folder" -mindepth 1 -maxdepth 1 -printf '%f\n' | LC_ALL=C sort | tr '\n' ' ')
  expected=$(printf '%s\n' "$@" | grep -v '^$' | LC_ALL=C sort | tr '\n' ' ' || true)
  [[ $found == "$expected" ]] || fail "$folder holds '$found', expected '$expected'"
}

# A digest of the arrays of HDF5, netCDF or safetensors files, names and types included, without
# attributes, times of creation and other metadata.
arrays() {
  /usr/bin/python3 "$MPP_SOURCE/tests/support/arrays.py" "$@"
}

same_arrays() {
  local a b
  a=$(arrays "$1")
  b=$(arrays "$2")
  [[ -n $a && $a == "$b" ]] || fail "$1 and $2 differ: $(diff <(echo "$a") <(echo "$b") | head -4)"
}

# Small datasets and a small network: seconds, not minutes.
small_data() {
  "$MPP" generate swe -n 6 --resolution 16 --frames 24 --seed 3 -o swe.h5 --quiet >/dev/null
  "$MPP" generate diffusion-reaction -n 6 --resolution 16 --frames 24 --horizon 1.15 --seed 4 -o dr.h5 \
    --quiet >/dev/null
}

small_config() {
  cat >small.yaml <<'YAML'
mode: autoregress
width: 24
heads: 2
blocks: 2
patch: 2,2
context: 4
batch: 2
accumulate: 2
steps: 40
warmup: 5
learning-rate: 1e-3
drop-path: 0.1
noise: 0.01
seed: 11
train-fraction: 0.5
valid-fraction: 0.25
validate-every: 20
validate-windows: 4
horizons: 1,4
checkpoint-every: 8
data:
  - swe.h5
  - path: dr.h5
    weight: 2
YAML
}
