#!/bin/bash
# Wall time of `mpp generate` for SAMPLES samples of each published 2D set over its full horizon, at
# CELLS^2 cells, on all cores; files are checked by `mpp info` and removed.
#   benchmarks/generate_sets.sh [SAMPLES [CELLS [SYSTEM...]]]       default: 100 128, all 2D systems
set -euo pipefail
cd "$(dirname "$0")/.."
samples=${1:-100} cells=${2:-128}
shift $(($# < 2 ? $# : 2))
cmake -S . -B build -G Ninja >/dev/null
cmake --build build --target mpp >/dev/null
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

sets() { # SYSTEM PRESET of the 2D systems
  build/mpp generate --list --json | /usr/bin/python3 -c '
import json, sys
for system in json.load(sys.stdin):
    if system["dimensions"] == 2:
        for preset in system["presets"]:
            if preset["samples"] > 1:  # the others are test cases
                print(system["name"], preset["name"])'
}
printf '| %s | %s | %s | %s |\n| --- | --- | --- | --- |\n' system set "s for $samples" "MB"
sets | while read -r system preset; do
  if [[ $# -gt 0 && ! " $* " == *" $system "* ]]; then
    continue
  fi
  start=$(date +%s.%N)
  build/mpp generate "$system" --preset="$preset" --resolution "$cells" -n "$samples" --quiet \
    -o "$folder/set.h5" </dev/null >/dev/null
  seconds=$(awk -v a="$start" -v b="$(date +%s.%N)" 'BEGIN {printf "%.1f", b - a}')
  build/mpp info "$folder/set.h5" >/dev/null
  printf '| %s | %s | %s | %s |\n' "$system" "${preset:-defaults}" "$seconds" \
    "$(($(stat -c %s "$folder/set.h5") / 1000000))"
  rm "$folder/set.h5"
done
