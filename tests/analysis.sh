#!/bin/bash
# Static and dynamic analysis beside that of tests/run.sh: tests/analysis.sh [cppcheck|scan|valgrind|
# threads]..., all by default. Each prints what it found and ends with 1 on a finding; the exceptions,
# with their reasons, stand in tests/support/*.supp. Builds apart, in build-scan, build-threads and
# build-valgrind. JOBS: at a time (all cores). TESTS: names of unit tests for the last two.
set -euo pipefail
cd "$(dirname "$0")/.."
jobs=${JOBS:-$(nproc)}
launcher=$(command -v ccache || true)
launcher=${launcher:+-DCMAKE_C_COMPILER_LAUNCHER=ccache}
failed=0

need() {
  command -v "$1" >/dev/null || {
    echo "needs '$1': apt-get install cppcheck clang-tools valgrind libomp-dev" >&2
    exit 1
  }
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
  need scan-build
  cmake -S . -B build-scan -G Ninja -DCMAKE_C_COMPILER=clang -DCMAKE_BUILD_TYPE=Debug \
    -DMPP_TESTS=OFF -DMPP_BENCHMARKS=OFF >/dev/null
  ninja -C build-scan -t clean >/dev/null
  scan-build --status-bugs -o build-scan/reports --use-cc=clang \
    -disable-checker deadcode.DeadStores ninja -C build-scan -j "$jobs" libmpp.a mpp
}

# Tests of code without long loops, which is what memcheck has time for.
small_tests="alloc status number options options_parse file file_room json pickle lzf yaml_tree safetensors
  torch_read torch_write checkpoint split sampler manifest record_log window roll halo tfevents"
run_valgrind() {
  need valgrind
  # shellcheck disable=SC2086
  set -- ${TESTS:-$small_tests}
  # AVX-512 is unknown to valgrind; the kernels that are chosen by processor are asked for level 3.
  cmake -S . -B build-valgrind -G Ninja -DCMAKE_C_COMPILER=gcc -DCMAKE_BUILD_TYPE=None \
    -DCMAKE_C_FLAGS="-O1 -g" -DMPP_NATIVE=OFF -DMPP_BENCHMARKS=OFF $launcher >/dev/null
  cmake --build build-valgrind -j "$jobs" --target "${@/#/test_}" >/dev/null
  local test
  for test in "$@"; do
    if MPP_CPU_LEVEL=3 OMP_NUM_THREADS=2 valgrind --quiet --error-exitcode=9 --leak-check=full \
      --errors-for-leak-kinds=definite --suppressions=tests/support/valgrind.supp \
      "build-valgrind/tests/test_$test" >build-valgrind/log 2>&1; then
      echo "valgrind $test: no error"
    else
      echo "valgrind $test: FAILED"
      grep -E '^==|FAILED' build-valgrind/log | head -40
      return 1
    fi
  done
}

# ThreadSanitizer with clang's OpenMP, whose tool Archer tells it of the synchronisation of regions.
threaded_tests="background blas gemm gemm_kernel linear attention inorm rms_inorm gelu loss chunks params
  prefetch fit_ahead solver_store solver_source ensemble rollout adamw ema stencil window_fit lock alloc"
run_threads() {
  local archer test
  archer=$(ls /usr/lib/llvm-*/lib/libarcher.so 2>/dev/null | tail -1)
  [[ -n $archer ]] || { echo "needs libarcher.so of libomp-dev" >&2; return 1; }
  # shellcheck disable=SC2086
  set -- ${TESTS:-$threaded_tests}
  cmake -S . -B build-threads -G Ninja -DCMAKE_C_COMPILER=clang -DCMAKE_BUILD_TYPE=None \
    -DCMAKE_C_FLAGS="-O1 -g1 -fsanitize=thread -Wno-pass-failed" -DMPP_BENCHMARKS=OFF $launcher >/dev/null
  for test in "$@"; do
    [[ -e tests/test_$test.c ]] || continue
    cmake --build build-threads -j "$jobs" --target "test_$test" >/dev/null
    if OMP_TOOL_LIBRARIES=$archer OMP_NUM_THREADS=3 \
      TSAN_OPTIONS="ignore_noninstrumented_modules=1 suppressions=$PWD/tests/support/threads.supp exitcode=66" \
      "build-threads/tests/test_$test" >build-threads/log 2>&1; then
      echo "threads $test: no race"
    else
      echo "threads $test: FAILED"
      grep -E 'WARNING|#[0-4] |FAILED' build-threads/log | head -40
      return 1
    fi
  done
}

[[ $# -gt 0 ]] || set -- cppcheck scan valgrind threads
for kind in "$@"; do
  echo "== $kind"
  "run_$kind" || failed=1
done
exit $failed
