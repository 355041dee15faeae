#!/bin/bash
# How long training waits for its input: compressible flow in PDEBench's layout at 128 x 128 (windows of
# 16 frames) and 512 x 512 (of 4), from files as mpp generate writes them and as h5py does, contiguous
# and in chunks with gzip. Prints the share of the time of all steps in which the network computed,
# and the memory that reading takes ('input' of mpp plan).
#   benchmarks/input_wait.sh [FOLDER [SIZE [STEPS]]]     default: a temporary folder, Ti, 20
# In the environment: THREADS (all cores), MODE of prediction (frame window); PREFIX goes before each
# command, for machines that others share.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=${1:-} size=${2:-Ti} steps=${3:-20}
threads=${THREADS:-$(nproc)} prefix=${PREFIX:-} modes=${MODE:-frame window}
cmake -S . -B build -G Ninja >/dev/null
cmake --build build --target mpp >/dev/null
mpp=$PWD/build/mpp
if [ -z "$folder" ]; then
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
fi
mkdir -p "$folder"
cd "$folder"

# make GRID SAMPLES FRAMES HORIZON: three files of the same numbers.
make() {
  [ -e "gzip-$1.h5" ] && return
  $mpp generate cns-2d -n "$2" --resolution "$1" --frames "$3" --horizon "$4" -q --overwrite \
    -o "generated-$1.h5" >/dev/null
  /usr/bin/python3 - "$1" <<'PY'
import sys
import h5py
grid = sys.argv[1]
for name, options in (("contiguous", {}), ("gzip", {"compression": "gzip"})):  # chunks as h5py guesses them
    with h5py.File(f"generated-{grid}.h5") as old, h5py.File(f"{name}-{grid}.h5", "w") as new:
        new.attrs.update(old.attrs)
        for key, value in old.items():
            if isinstance(value, h5py.Group):
                old.copy(key, new)
                continue
            new.create_dataset(key, data=value[()], **(options if value.ndim > 2 else {}))
            new[key].attrs.update(value.attrs)
PY
}
make 128 6 24 0.3
make 512 3 8 0.01

printf '| %-21s | %-6s | %8s | %9s | %9s |\n' file mode "ms, step" "computing" "MiB, reading"
echo '| --- | --- | --- | --- | --- |'
for file in {generated,contiguous,gzip}-{128,512}.h5; do
  context=16
  [[ $file == *512* ]] && context=4
  for mode in $modes; do
    options=(--size "$size" --data "$PWD/$file" --mode "$mode" --context "$context" --batch 1
      --valid-fraction 0 --train-fraction 1 --steps "$steps" --threads "$threads")
    memory=$($mpp plan "${options[@]}" --json | /usr/bin/python3 -c '
import json, sys
print("%.0f" % (json.load(sys.stdin)["memory_bytes"]["input"] / 2**20))')
    $prefix "$mpp" pretrain "${options[@]}" --output run --overwrite --validate-every 0 \
      --checkpoint-every 0 -q --json | /usr/bin/python3 -c '
import json, sys
r = json.load(sys.stdin)
print("| %-21s | %-6s | %8.0f | %8.1f%% | %9s |" % (sys.argv[1], sys.argv[2],
      1e3 * r["seconds"] / r["step"], 100 * (1 - r["input_wait"]), sys.argv[3]))' \
      "$file" "$mode" "$memory"
    rm -rf run
  done
done
