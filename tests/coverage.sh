#!/bin/bash
# How much of the code the suite runs: tests/coverage.sh [CTEST OPTION...], by gcov and gcovr, built
# apart in build-coverage. Prints lines and branches of all, of the parsers and of the checkpoints, and
# the files that have least; build-coverage/files.txt has them all, build-coverage/missing.txt the
# lines without a run. Ends with 1 below the goals: 90 % of lines and 80 % of branches, 95 and 90 of
# parsers and checkpoints. Counts add up over calls; remove build-coverage to begin afresh.
# JOBS: builds and tests at a time (all cores). ONLY: a regular expression of tests, which alone are
# built and run. BUILD=no, TEST=no: leaves that out. QUICK=yes: parsers and checkpoints alone, by tests
# of a build that is there (build), in minutes.
set -euo pipefail
cd "$(dirname "$0")/.."
build=build-coverage
jobs=${JOBS:-$(nproc)}
# Not among the parsers: look.c, which runs in a confined child that cannot write its counts.
parsers='src/io/(array_file|array_h5|array_nc|nc|nc_classic|h5|h5_attribute|h5_chunks|h5_dataset|h5_filter|json|lzf|pickle|pickle_stack|safetensors|safetensors_digest|torch_read|yaml_.*|record_log)\.c|src/core/(options|options_parse|number|text)\.c|src/evaluate/(manifest|forecast_file)\.c'
checkpoints='src/model/checkpoint.*\.c|src/model/adapter_file\.c|src/io/safetensors.*\.c|src/train/run_state.*\.c'

if [[ ${QUICK:-no} == yes ]]; then
  tests='^(test_(array_.*|nc|nc_classic|text|plot|rollout_nc_copy|h5.*|json|lzf|pickle|safetensors.*|torch_.*|yaml_tree|record_log|options.*|number|manifest|checkpoint.*|adapter_file|run_state|confine|file|forecast.*|look|evaluate|info|data_check|layout_.*|file_layout|formats|descriptions)|fuzz_(classic|pickle|torch|safetensors|yaml|options|h5|manifest|forecast|model))$'
  # shellcheck disable=SC2046
  ninja -C build -j "$jobs" $(ls tests/test_*.c tests/fuzz/fuzz_*.c | xargs -n 1 basename -s .c | grep -E "$tests") >/dev/null
  bash tests/support/coverage_quick.sh build build-coverage-quick "$parsers|$checkpoints" "$tests"
  BUILD=no TEST=no OBJECTS=build-coverage-quick
elif [[ ${BUILD:-yes} == yes ]]; then
  # Asserts are checks of the program against itself; a branch that they never take is no gap.
  cmake -S . -B $build -G Ninja -DCMAKE_C_COMPILER=gcc -DCMAKE_BUILD_TYPE=None -DMPP_BENCHMARKS=OFF \
    -DCMAKE_C_FLAGS="-O0 -g1 -DNDEBUG -Wno-unused -Wno-unused-parameter --coverage -fprofile-update=atomic" \
    -DCMAKE_C_COMPILER_LAUNCHER="$PWD/tests/support/coverage_launcher.sh" >/dev/null
  targets=()
  if [[ -n ${ONLY:-} ]]; then
    mapfile -t targets < <(ls tests/test_*.c tests/fuzz/fuzz_*.c | xargs -n 1 basename -s .c | grep -E "$ONLY")
  fi
  cmake --build $build -j "$jobs" ${targets:+--target "${targets[@]}"} >$build/build.log || { tail -40 $build/build.log && exit 1; }
fi
if [[ ${TEST:-yes} == yes ]]; then
  ctest --test-dir $build -j "$jobs" --output-on-failure ${ONLY:+-R "$ONLY"} "$@" >$build/test.log ||
    { grep -E '% tests passed|Failed|\*\*\*' $build/test.log && echo "see $build/test.log"; }
fi

mkdir -p $build
gcovr --root . --object-directory "${OBJECTS:-$build}" --filter 'src/' --filter 'pdes/' --exclude-unreachable-branches \
  --exclude-throw-branches --json $build/coverage.json --txt $build/files.txt -j "$jobs" "${OBJECTS:-$build}" >/dev/null
/usr/bin/python3 tests/support/coverage.py $build/coverage.json "$parsers" "$checkpoints" $build/missing.txt
