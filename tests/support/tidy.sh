#!/bin/bash
# clang-tidy over all sources: tests/support/tidy.sh BUILD [CHECKS], BUILD with compile_commands.json,
# CHECKS added to those of .clang-tidy. One file a call: clang-tidy 14 confuses files of one call with
# each other. Findings go to stdout; what it says on stderr counts what it suppressed.
set -euo pipefail
cd "$(dirname "$0")/../.."
find src pdes benchmarks tests examples -name '*.c' -not -path 'tests/support/installed*' |
  LC_ALL=C sort |
  xargs -P "${JOBS:-$(nproc)}" -n 1 clang-tidy -p "$1" --quiet ${2:+--checks="$2"} \
    --extra-arg=-Wno-unknown-warning-option 2>/dev/null
