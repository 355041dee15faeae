#!/bin/bash
# Errors of every predictor that is fitted to a window, of the choice among them by backtest, of an
# oracle choice, and of trained models, on data of all built-in systems: tables in Markdown.
#   benchmarks/window_predictors.sh [FOLDER] [--context 16] [--horizons 1,5,10,20,40] [--model FILE]...
# FOLDER (default: a temporary one) keeps the datasets. In the environment: GRIDS (64), SAMPLES (6
# trajectories a system, each from initial values of its own), STARTS (2 windows of each), THREADS (1).
# One system of the fifteen, Darcy flow, is steady: it has nothing to forecast. 1D systems have 1024
# cells, 3D ones 32^3, whatever GRIDS says.
set -euo pipefail
cd "$(dirname "$0")/.."
samples=${SAMPLES:-6} starts=${STARTS:-2} threads=${THREADS:-1} grids=${GRIDS:-64}
folder=
if [ $# -gt 0 ] && [[ $1 != --* ]]; then
  folder=$1
  shift
fi
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
  local file=$folder/$1-$samples.h5 name=$1
  shift
  [ -e "$file" ] || build/mpp generate "$@" -q --seed 1 -n "$samples" -t "$threads" -o "$file"
  files+=("$name=$file")
}
# kelvin_helmholtz CELLS: the initial state has nothing random, so trajectory K has K waves.
kelvin_helmholtz() {
  local k file joined=
  for ((k = 1; k <= samples; k++)); do
    file=$folder/kelvin-helmholtz-$1-k$k.h5
    [ -e "$file" ] || build/mpp generate cns-2d -q -t "$threads" --resolution "$1" --frames 61 --horizon 3 \
      --set initial=kelvin-helmholtz --set "k=$k" -o "$file"
    joined+=,$file
  done
  files+=("kelvin-helmholtz-$1=${joined#,}")
}
for n in $grids; do
  generate "swe-$n" swe --resolution "$n"
  generate "diffusion-reaction-$n" diffusion-reaction --resolution "$n"
  generate "gray-scott-$n" gray-scott --resolution "$n"
  generate "wave-$n" wave --resolution "$n"
  generate "ins-$n" ins --resolution "$n" --frames 101 --horizon 0.5
  generate "ins-periodic-$n" ins-periodic --resolution "$n"
  generate "kuramoto-sivashinsky-$n" kuramoto-sivashinsky --resolution "$n"
  # 0.05 a frame
  generate "cns-2d-$n" cns-2d --resolution "$n" --set M=0.1 --set eta=0.01 --set zeta=0.01 \
    --frames 61 --horizon 3
  kelvin_helmholtz "$n"
done
for system in advection burgers reaction-diffusion diffusion-sorption cns-1d; do
  generate $system $system
done
generate cns-3d cns-3d --resolution 32 --frames 61 --horizon 3
build/benchmarks/window_predictors --starts "$starts" --threads "$threads" "$@" "${files[@]}"
