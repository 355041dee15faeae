#!/bin/bash
# Static and dynamic analysis beside that of tests/run.sh: tests/analysis.sh [tidy|cppcheck|scan|
# valgrind|threads]..., all by default. Each prints what it found and ends with 1 on a finding; the exceptions,
# with their reasons, stand in tests/support/*.supp. Builds apart, in build-scan, build-threads and
# build-valgrind. JOBS: at a time (all cores). TESTS: names of unit tests for the last two.
set -euo pipefail
cd "$(dirname "$0")/.."
jobs=${JOBS:-$(nproc)}
failed=0

need() {
  command -v "$1" >/dev/null || {
    echo "needs '$1': apt-get install clang-tidy cppcheck clang-tools valgrind libomp-dev" >&2
    exit 1
  }
}

# All checks of .clang-tidy, its path-sensitive analyser over tests and benchmarks too.
run_tidy() {
  need clang-tidy
  configured
  JOBS=$jobs tests/support/tidy.sh build
}

# cppcheck: warnings, performance and portability. Style is clang-tidy's.
run_cppcheck() {
  need cppcheck
  cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr -j "$jobs" \
    --suppressions-list=tests/support/cppcheck.supp --error-exitcode=1 -D__x86_64__ -D_GNU_SOURCE \
    -Iinclude $(for layer in core io nn data predict model rollout evaluate picture train; do echo "-Isrc/$layer"; done) \
    -Ipdes src pdes
}

# The analyser of clang over all sources; a finding is a report in build-scan/reports.
run_scan() {
  local scan=(scan-build --status-bugs -o build-scan/reports --use-cc=clang -disable-checker deadcode.DeadStores)
  need scan-build
  # cmake has to find the compiler that scan-build puts in the place of clang.
  rm -rf build-scan
  "${scan[@]}" cmake -S . -B build-scan -G Ninja -DCMAKE_BUILD_TYPE=Debug -DMPP_TESTS=OFF -DMPP_BENCHMARKS=OFF >/dev/null
  grep -q 'CMAKE_C_COMPILER:.*ccc-analyzer' build-scan/CMakeCache.txt || {
    echo "cmake did not take the compiler of scan-build" >&2
    return 1
  }
  "${scan[@]}" ninja -C build-scan -j "$jobs" libmpp.a mpp
}

# What runs under valgrind and ThreadSanitizer is built of the lower layers alone, which have the readers,
# the kernels and the threads; the commands of compilation come from the folder build.
configured() {
  [[ -f build/compile_commands.json ]] ||
    cmake -S . -B build -G Ninja -DMPP_BENCHMARKS=OFF >/dev/null
}

small_tests="alloc status number options options_parse file file_room json pickle lzf yaml_tree safetensors
  h5_filter h5_chunks nc safetensors_write torch_write record_log tfevents lock rng"
# Without -march=native: valgrind knows no AVX-512. Leaks are counted by the tests themselves; what
# libraries keep is no finding.
run_valgrind() {
  local bad=0 test tests=${TESTS:-$small_tests}
  need valgrind
  configured
  JOBS=$jobs bash tests/support/layers_build.sh build build-valgrind gcc '-O1 -g' 'core io' "$tests"
  for test in $tests; do
    if MPP_CPU_LEVEL=3 OMP_NUM_THREADS=2 valgrind --quiet --error-exitcode=9 --leak-check=full \
      --errors-for-leak-kinds=definite --suppressions=tests/support/valgrind.supp \
      "build-valgrind/test_$test" >build-valgrind/log 2>&1; then
      echo "valgrind $test: no error"
    else
      echo "valgrind $test: FAILED"
      grep -E '^==|FAILED' build-valgrind/log | head -40
      bad=1
    fi
  done
  return $bad
}

# ThreadSanitizer with clang's OpenMP, whose tool Archer tells it of the synchronisation of regions.
# Libraries are not instrumented, so what they do among themselves is left out.
threaded_tests="blas gemm gemm_kernel linear attention inorm rms_inorm gelu loss prefetch fft alloc lock"
run_threads() {
  local bad=0 archer test tests=${TESTS:-$threaded_tests}
  archer=$(ls /usr/lib/llvm-*/lib/libarcher.so 2>/dev/null | tail -1)
  [[ -n $archer ]] || {
    echo "needs libarcher.so of libomp-dev" >&2
    return 1
  }
  configured
  JOBS=$jobs bash tests/support/layers_build.sh build build-threads clang '-O1 -g1 -fsanitize=thread' \
    'core io nn data' "$tests"
  for test in $tests; do
    if OMP_TOOL_LIBRARIES=$archer OMP_NUM_THREADS=3 \
      TSAN_OPTIONS="ignore_noninstrumented_modules=1 exitcode=66" \
      "build-threads/test_$test" >build-threads/log 2>&1; then
      echo "threads $test: no race"
    else
      echo "threads $test: FAILED"
      grep -E 'WARNING|#[0-4] |FAILED' build-threads/log | head -40
      bad=1
    fi
  done
  return $bad
}

[[ $# -gt 0 ]] || set -- tidy cppcheck scan valgrind threads
for kind in "$@"; do
  echo "== $kind"
  "run_$kind" || failed=1
done
exit $failed
