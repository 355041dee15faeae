#!/bin/bash
# Time and peak memory of mpp against the same network in eager PyTorch (benchmarks/avit_torch.py),
# in one run, in turns, on the same cores. Installs PyTorch from Debian's packages if it is missing.
#   benchmarks/vs_pytorch.sh [RUNS] [SIZE...]        default: 5 runs, Ti
# In the environment: THREADS, GRID and FRAMES change the case (all cores, 128, 16), MODES what is timed
# (forward step), REPEAT how often in a run (5); PREFIX goes before each command, for machines that
# others share (chrt -r 1 taskset -c 0,1).
set -euo pipefail
cd "$(dirname "$0")/.."
runs=${1:-5}
shift || true
sizes=${*:-Ti}
prefix=${PREFIX:-} modes=${MODES:-forward step} repeat=${REPEAT:-5}
threads=${THREADS:-$(nproc)} grid=${GRID:-128} frames=${FRAMES:-16}
python=/usr/bin/python3

if ! $python -c 'import torch' 2>/dev/null || ! compgen -G '/usr/lib/*/openblas-openmp' >/dev/null; then
  as_root=
  [ "$(id -u)" = 0 ] || as_root=sudo
  $as_root apt-get install -y -qq python3-torch libopenblas0-openmp >&2
fi
cmake -S . -B build -G Ninja -DMPP_BENCHMARKS=ON >/dev/null
cmake --build build --target bench_model >/dev/null

# PyTorch computes with OpenMP: with the pthread OpenBLAS two threads are slower than one.
openmp=$(dirname "$(find /usr/lib -path '*openblas-openmp/libopenblas.so.0' | head -1)")
case_options=(--frames "$frames" --grid "$grid" --fields 4 --batch 1 --repeat "$repeat"
  --threads "$threads")
peer() { LD_LIBRARY_PATH=$openmp OMP_NUM_THREADS=$threads $prefix $python benchmarks/avit_torch.py "$@"; }
ours() { $prefix build/benchmarks/bench_model "$@"; }
seconds() { sed -E 's/.*median ([0-9.]+) s.*/\1/'; }
memory() { sed -E 's/.*peak memory ([0-9]+) MiB.*/\1/'; }
spread() { # median (least-largest) of a column of numbers
  sort -g | awk '{v[NR] = $1} END {printf "%.2f (%.2f-%.2f)", v[int((NR + 1) / 2)], v[1], v[NR]}'
}

echo "frames $frames, grid ${grid}x$grid, 4 fields, batch 1, $threads threads, $runs paired runs"
printf '%-4s %-8s %9s %9s  %-20s %9s %9s %7s\n' size mode "peer [s]" "mpp [s]" "peer/mpp" \
  "peer[MiB]" "mpp[MiB]" "mpp/peer"
for size in $sizes; do
  for mode in $modes; do
    ratios=$(mktemp)
    for _ in $(seq "$runs"); do
      theirs=$(peer --size "$size" --mode "$mode" "${case_options[@]}")
      mine=$(ours --size "$size" --mode "$mode" "${case_options[@]}")
      t=$(seconds <<<"$theirs") m=$(seconds <<<"$mine")
      awk -v t="$t" -v m="$m" 'BEGIN {print t / m}' >>"$ratios"
    done
    tm=$(memory <<<"$theirs") mm=$(memory <<<"$mine")
    printf '%-4s %-8s %9s %9s  %-20s %9s %9s %7s\n' "$size" "$mode" "$t" "$m" "$(spread <"$ratios")" \
      "$tm" "$mm" "$(awk -v t="$tm" -v m="$mm" 'BEGIN {printf "%.2f", m / t}')"
    rm -f "$ratios"
  done
done
