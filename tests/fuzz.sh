#!/bin/bash
# Fuzzes the readers of foreign bytes: tests/fuzz.sh [SECONDS] [TARGET...], 60 s each by default.
# Builds apart, in build-fuzz, with clang's libFuzzer, AddressSanitizer and
# UndefinedBehaviorSanitizer. Prints executions, coverage and finds of each target; finds lie in
# build-fuzz/finds and belong into tests/fuzz/corpus/TARGET, where the suite replays them.
# FUZZ_JOBS: targets at a time (1). FUZZ_TIMEOUT: seconds of one input that count as a hang (10), of the
# clock, so give more where other work has the cores. The seconds printed are of the processor.
# BUILD=no: takes what build-fuzz holds.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-60}
[[ $# -eq 0 ]] || shift
build="build-fuzz"
targets=("$@")
if [[ ${#targets[@]} -eq 0 ]]; then
  for source in tests/fuzz/fuzz_*.c; do
    name=$(basename "$source" .c)
    targets+=("${name#fuzz_}")
  done
fi
if [[ ${BUILD:-yes} == yes ]]; then
  launcher=$(command -v ccache || true)
  cmake -S . -B $build -G Ninja -DCMAKE_C_COMPILER=clang -DCMAKE_BUILD_TYPE=None \
    -DCMAKE_C_FLAGS="-O1 -g1" -DMPP_FUZZ=ON -DMPP_BENCHMARKS=OFF ${launcher:+-DCMAKE_C_COMPILER_LAUNCHER=ccache} \
    >/dev/null
  cmake --build $build -j "${BUILD_JOBS:-$(nproc)}" --target "${targets[@]/#/fuzz_}"
fi

# libhdf5 keeps what it allocated for its own lists.
export LSAN_OPTIONS=suppressions=$PWD/tests/support/lsan.supp:print_suppressions=0
export ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1:allocator_may_return_null=1
mkdir -p $build/finds

# fuzz TARGET: kept inputs first, new ones go to a folder of their own.
fuzz() {
  local target=$1 log=$build/$1.log code=0 cpu TIMEFORMAT='%U %S'
  mkdir -p "$build/corpus/$target"
  cpu=$({ time "$build/tests/fuzz/fuzz_$target" "$build/corpus/$target" "tests/fuzz/corpus/$target" \
    -max_total_time="$seconds" -timeout="${FUZZ_TIMEOUT:-10}" -report_slow_units="${FUZZ_TIMEOUT:-10}" \
    -rss_limit_mb=2048 -max_len=65536 \
    -artifact_prefix="$build/finds/$target-" -print_final_stats=1 >"$log" 2>&1; } 2>&1) || code=$?
  printf '%-12s %10s executions  %7.0f s  %6s edges  exit %d%s\n' "$target" \
    "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")" \
    "$(echo "$cpu" | awk '{ print $1 + $2 }')" \
    "$(grep -o 'cov: [0-9]*' "$log" | tail -1 | cut -d' ' -f2)" "$code" \
    "$([[ $code -eq 0 ]] || echo ": $log")"
  return "$code"
}

failed=0
running=0
for target in "${targets[@]}"; do
  fuzz "$target" &
  running=$((running + 1))
  if [[ $running -ge ${FUZZ_JOBS:-1} ]]; then
    wait -n || failed=1
    running=$((running - 1))
  fi
done
while [[ $running -gt 0 ]]; do
  wait -n || failed=1
  running=$((running - 1))
done
exit $failed
