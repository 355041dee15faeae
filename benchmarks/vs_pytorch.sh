#!/bin/bash
# Time and peak memory of mpp against the same network in eager PyTorch (benchmarks/avit_torch.py), in
# one run, in turns, on the same cores, beside the targets; and of bf16 products against float32 ones.
# Installs PyTorch from Debian's packages if it is missing, and first checks that both programs give
# the same prediction and gradient. All cases, five pairs each, take 10 to 12 minutes on two cores.
#   benchmarks/vs_pytorch.sh [RUNS [CASE...]]     default: 5 runs of all cases
# A case is SIZE-MODE, SIZE-MODE-GRID (4 frames) or SIZE-MODE-bf16, as in the list below.
# In the environment: THREADS (all cores); PREFIX goes before each command, for machines that others
# share (nice -n -20 taskset -c 0,1; under chrt the kernel stops a process for 50 ms of each second).
set -euo pipefail
cd "$(dirname "$0")/.."

# case, repetitions in a run, target of the ratio, target of the memory
cases='Ti-forward 5 5.0 0.250
Ti-step 5 4.2 0.250
S-forward 4 3.2 0.333
S-step 3 2.9 0.333
B-forward 3 2.4 0.500
B-step 2 2.1 0.500
Ti-step-512 3 3.5 -
Ti-forward-bf16 9 1.5 -
Ti-step-bf16 5 1.5 -
S-forward-bf16 5 1.5 -
S-step-bf16 3 1.5 -'
runs=${1:-5}
shift || true
if [ $# -gt 0 ]; then
  chosen=
  for name in "$@"; do
    chosen+=$(grep -E "^$name " <<<"$cases" || echo "$name 3 - -")$'\n'
  done
  cases=${chosen%$'\n'}
fi
prefix=${PREFIX:-} threads=${THREADS:-$(nproc)}
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
peer() {
  LD_LIBRARY_PATH=$openmp OMP_NUM_THREADS=$threads $prefix $python benchmarks/avit_torch.py \
    --threads "$threads" "$@"
}
ours() { $prefix build/benchmarks/bench_model --threads "$threads" "$@"; }
seconds() { sed -E 's/.*median ([0-9.]+) s.*/\1/'; }
memory() { sed -E 's/.*peak memory ([0-9]+) MiB.*/\1/'; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ours --numbers "$work" --size Ti --grid 64 --frames 8
peer --numbers "$work" --size Ti --grid 64 --frames 8

# pair CASE REPEAT: a line "seconds seconds MiB MiB" of the slower and of the faster program.
pair() {
  IFS=- read -r size mode extra <<<"$1"
  local options=(--size "$size" --mode "$mode" --repeat "$2" --grid 128 --frames 16) theirs mine
  case $extra in
  bf16)
    theirs=$(ours "${options[@]}")
    mine=$(ours "${options[@]}" --precision bf16)
    ;;
  *)
    [ -z "$extra" ] || options+=(--grid "$extra" --frames 4)
    theirs=$(peer "${options[@]}")
    mine=$(ours "${options[@]}")
    ;;
  esac
  echo "$(seconds <<<"$theirs") $(seconds <<<"$mine") $(memory <<<"$theirs") $(memory <<<"$mine")"
}
for ((run = 1; run <= runs; run++)); do
  while read -r name repeat _; do
    pair "$name" "$repeat" </dev/null >>"$work/$name"
    echo "run $run of $runs: $name $(tail -1 "$work/$name")" >&2
  done <<<"$cases"
done

echo
echo "$threads threads, $runs paired runs: median (least-most) of the ratios of times; median times and"
echo "memory. PyTorch against mpp, where it says bf16 mpp's float32 against its bf16."
echo
printf '| %-15s | %8s | %8s | %-16s | %-10s | %6s | %-22s | %-12s |\n' case "other, s" "mpp, s" \
  "other/mpp" target "MiB" "mpp/other (least-most)" target
echo '| --- | --- | --- | --- | --- | --- | --- | --- |'
while read -r name _ ratio share; do
  awk -v name="$name" -v ratio="$ratio" -v share="$share" '
    function sort(v, n,   i, j, t) {
      for (i = 2; i <= n; i++) for (j = i; j > 1 && v[j - 1] > v[j]; j--) {
        t = v[j]; v[j] = v[j - 1]; v[j - 1] = t
      }
    }
    { a[NR] = $1; b[NR] = $2; r[NR] = $1 / $2; m[NR] = $4; q[NR] = $4 / $3 }
    END {
      sort(a, NR); sort(b, NR); sort(r, NR); sort(m, NR); sort(q, NR); k = int((NR + 1) / 2)
      times = sprintf("%.2f (%.2f-%.2f)", r[k], r[1], r[NR])
      sizes = sprintf("%.3f (%.3f-%.3f)", q[k], q[1], q[NR])
      if (ratio != "-") ratio = (r[k] >= ratio + 0 ? "" : "missed ") ratio
      if (share != "-") share = (q[k] <= share + 0 ? "" : "missed ") share
      printf "| %-15s | %8.3f | %8.3f | %-16s | %-10s | %6d | %-22s | %-12s |\n", name, a[k], b[k],
        times, ratio, m[k], sizes, share
    }' "$work/$name"
done <<<"$cases"
