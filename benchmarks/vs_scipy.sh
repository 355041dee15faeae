#!/bin/bash
# Time of one diffusion-reaction sample (128^2, 101 frames, RK45, rtol 1e-3, atol 1e-6, as PDEBench's
# program makes it) against scipy's solve_ivp with a sparse Laplacian, on one core, in turns, in one
# run; the frames of both are compared first. Installs SciPy from Debian's packages if it is missing.
#   benchmarks/vs_scipy.sh [RUNS]        default: 5 paired runs
set -euo pipefail
cd "$(dirname "$0")/.."
runs=${1:-5}
python=/usr/bin/python3

if ! $python -c 'import scipy, h5py' 2>/dev/null; then
  as_root=
  [ "$(id -u)" = 0 ] || as_root=sudo
  $as_root apt-get install -y -qq python3-scipy python3-h5py >&2
fi
cmake -S . -B build -G Ninja -DMPP_BENCHMARKS=ON >/dev/null
cmake --build build --target bench_pdes mpp >/dev/null

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
build/mpp generate diffusion-reaction --pdebench-compat --set subsample=1 -o "$folder/sample.h5" >/dev/null
$python benchmarks/diffusion_reaction_scipy.py --check "$folder/sample.h5"
for _ in $(seq "$runs"); do
  theirs=$(taskset -c 0 $python benchmarks/diffusion_reaction_scipy.py)
  ours=$(taskset -c 0 build/benchmarks/bench_pdes 1 diffusion-reaction |
    sed -nE "s/.*PDEBench's program at 128\^2 +[0-9]+ +([0-9.]+) .*/\1/p")
  awk -v t="$theirs" -v o="$ours" 'BEGIN {printf "scipy %.3f s, mpp %.4f s, ratio %.1f\n", t, o, t / o}'
done
