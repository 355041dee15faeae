#!/bin/bash
# Errors of every predictor that is fitted to a window, of the choice among them by backtest and of an
# oracle choice, on data of the built-in solvers: several seeds and starts, with confidence intervals.
#   benchmarks/window_predictors.sh [FOLDER]      default: a temporary one; datasets there are reused
# SAMPLES, STARTS and THREADS in the environment change the case (4 trajectories a seed, 4, all cores).
set -euo pipefail
cd "$(dirname "$0")/.."
samples=${SAMPLES:-4} starts=${STARTS:-4} threads=${THREADS:-0}
folder=${1:-}
if [ -z "$folder" ]; then
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
fi
mkdir -p "$folder"
cmake -S . -B build -G Ninja -DMPP_BENCHMARKS=ON >/dev/null
cmake --build build --target mpp window_predictors >/dev/null

files=()
# generate NAME SYSTEM OPTION...
generate() {
  local file=$folder/$1.h5
  shift
  [ -e "$file" ] || build/mpp generate "$@" -q -j "$threads" -o "$file"
  files+=("$file")
}
for cells in 64 128; do
  generate "swe-$cells" swe --resolution $cells --seed 1 -n "$samples"
  generate "swe-compat-$cells" swe --resolution $cells --pdebench-compat -n "$samples"
  generate "diffusion-reaction-$cells" diffusion-reaction --resolution $cells --seed 1 -n "$samples"
  generate "diffusion-reaction-compat-$cells" diffusion-reaction --resolution $cells \
    --pdebench-compat -n "$samples"
done
if build/mpp generate --list | grep -q '^cns-2d'; then
  for cells in 64 128; do
    # 0.05 a frame. The waves of the interface differ, not the seed.
    for k in 2 4; do
      generate "kelvin-helmholtz-k$k-$cells" cns-2d --resolution $cells --set initial=kelvin-helmholtz \
        --set M=0.4 --set k=$k --frames 61 --horizon 3
    done
  done
  # 0.005 a frame: waves cross a small part of the grid in a window.
  generate compressible-slow-64 cns-2d --resolution 64 --seed 5 -n "$samples" --set M=0.1 \
    --set eta=0.01 --set zeta=0.01 --frames 81 --horizon 0.4
fi
build/benchmarks/window_predictors --starts "$starts" --threads "$threads" "${files[@]}"
