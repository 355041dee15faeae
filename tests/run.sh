#!/bin/bash
# Everything that must hold before a change is taken, on a fresh Debian 12 too: packages, format,
# a build without warnings of gcc, static analysis with clang's warnings, unit tests under sanitizers,
# a program built against the installed library, and last the whole suite of the release build.
set -euo pipefail
cd "$(dirname "$0")/.."
jobs=$(nproc)
log=$(mktemp)
trap 'rm -f "$log"' EXIT
started=$SECONDS

# step NAME COMMAND...: quiet when it passes, its whole output when it does not.
step() {
  local name=$1 start=$SECONDS
  shift
  printf '%-58s' "$name"
  if ! "$@" >"$log" 2>&1; then
    echo FAILED
    cat "$log"
    exit 1
  fi
  printf '%5d s\n' $((SECONDS - start))
}

build() { # build FOLDER COMPILER OPTION...
  local folder=$1 compiler=$2
  shift 2
  # A folder of another compiler or an older set of options is begun afresh by cmake itself.
  cmake -S . -B "$folder" -G Ninja -DCMAKE_C_COMPILER="$compiler" -DMPP_WERROR=ON "$@"
  cmake --build "$folder" -j "$jobs"
}

sources() { find src pdes include benchmarks tests examples -name '*.[ch]' | LC_ALL=C sort; }

check_format() { sources | xargs clang-format --dry-run -Werror; }

# Clang's own warnings too, by the flags of the build. Without the path-sensitive analyser, which takes
# twenty times as long: tests/analysis.sh tidy has it.
check_tidy() { tests/support/tidy.sh build '-clang-analyzer-*'; }

# What was freed is kept from use for the next 16 MiB of frees, not for 256: the many processes that look
# at foreign files begin with a copy of the tables of all memory in use, which was half the time of some tests.
run_sanitized() {
  export ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1:quarantine_size_mb=16:thread_local_quarantine_size_kb=64
  export UBSAN_OPTIONS=print_stacktrace=1
  export LSAN_OPTIONS=suppressions=$PWD/tests/support/lsan.supp:print_suppressions=0
  ctest --test-dir build-sanitize -E '^cli_' -j "$jobs" --output-on-failure
}

# A program of somebody else finds headers and library where cmake --install put them: by pkg-config
# and by CMake. The manual page and the completion are in place.
check_install() {
  local prefix flags
  prefix=$(mktemp -d)
  cmake --install build --prefix "$prefix" >/dev/null
  flags=$(PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name mpp.pc)") pkg-config --cflags --libs mpp)
  # shellcheck disable=SC2086
  gcc -std=c17 -Wall -Wextra -Werror tests/support/installed.c $flags \
    -Wl,-rpath,"$(dirname "$(find "$prefix" -name libmpp.so)")" -o "$prefix/outside"
  "$prefix/outside"
  cmake -S tests/support/installed -B "$prefix/project" -DCMAKE_PREFIX_PATH="$prefix" >/dev/null
  cmake --build "$prefix/project" >/dev/null
  "$prefix/project/outside"
  cmake -S examples/c -B "$prefix/examples" -DCMAKE_PREFIX_PATH="$prefix" >/dev/null
  cmake --build "$prefix/examples" >/dev/null
  "$prefix/examples/generate" "$prefix/swe.h5"
  "$prefix/examples/train" "$prefix/swe.h5" "$prefix/run"
  "$prefix/examples/rollout" "$prefix/run/final.safetensors" "$prefix/swe.h5"
  "$prefix/bin/mpp" version
  grep -q '^.SH generate' "$prefix/share/man/man1/mpp.1"
  bash -n "$prefix/share/bash-completion/completions/mpp"
  rm -rf "$prefix"
}

step "packages" examples/install-dependencies.sh --tests
step "format" check_format
step "gcc, release, warnings are errors" build build gcc
step "clang-tidy, warnings of clang are errors" check_tidy
# By gold, a part of binutils, since three hundred programs are linked in half the time.
step "gcc with address and undefined-behaviour sanitizers" build build-sanitize gcc \
  -DMPP_SANITIZE=ON -DMPP_BENCHMARKS=OFF -DCMAKE_EXE_LINKER_FLAGS=-fuse-ld=gold
step "unit tests under the sanitizers" run_sanitized
step "installed library used from outside" check_install
echo "checks before the suite: $((SECONDS - started)) s"
ctest --test-dir build -j "$jobs" --output-on-failure
