#!/bin/bash
# Strong scaling over threads, cost against the grid and against the frames of a window, of the Ti
# model: predictions and training steps, each the least of REPEAT runs.
#   benchmarks/scaling.sh [SIZE [PRECISION]]        default: Ti float32
# In the environment: REPEAT (3), THREADS for the second and third table (all cores), GRIDS, FRAMES;
# PREFIX goes before each command, for machines that others share (chrt -r 1 taskset -c 0,1).
set -euo pipefail
cd "$(dirname "$0")/.."
size=${1:-Ti} precision=${2:-float32} repeat=${REPEAT:-3} threads=${THREADS:-$(nproc)} prefix=${PREFIX:-}
grids=${GRIDS:-64 128 256 512} frames=${FRAMES:-4 8 16 32}
cmake -S . -B build -G Ninja >/dev/null
cmake --build build --target mpp >/dev/null

# row LABEL OPTION...: one line of a table
row() {
  local label=$1
  shift
  $prefix build/mpp bench --size "$size" --precision "$precision" --repeat "$repeat" --json "$@" |
    /usr/bin/python3 -c '
import json, sys
r = json.load(sys.stdin)
f, s = r["prediction"], r["step"]
def rate(part): return part["gflop"] / part["least_seconds"]
print("| %-16s | %9.1f | %7.0f | %9.1f | %7.0f | %9.0f |" % (sys.argv[1], 1e3 * f["least_seconds"],
      rate(f), 1e3 * s["least_seconds"], rate(s), s["peak_memory_bytes"] / 2**20))' "$label"
}
head() {
  printf '\n| %-16s | %-9s | %-7s | %-9s | %-7s | %-9s |\n' "$1" "pred. ms" GFLOP/s "step ms" GFLOP/s MiB
  echo '| --- | --- | --- | --- | --- | --- |'
}

echo "$size, products in $precision, 4 fields"
head "threads"
for ((t = 1; t <= $(nproc); t *= 2)); do row "$t" --threads "$t"; done
head "grid, T = 4"
for g in $grids; do row "$g x $g" --grid "$g" --frames 4 --threads "$threads"; done
head "T, 128 x 128"
for t in $frames; do row "$t" --frames "$t" --threads "$threads"; done
