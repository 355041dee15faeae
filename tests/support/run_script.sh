#!/bin/bash
# Runs one end-to-end script in a fresh folder that is removed afterwards, with the functions of
# cli.sh. Needs MPP (the program), MPP_DATA (tests/data) and MPP_SOURCE (the source folder).
set -u
script=$1
# In memory where there is room: a disk takes milliseconds for each fsync, of which the runs have many.
base=${TMPDIR:-/tmp}
if [[ -z ${TMPDIR:-} && -w /dev/shm && $(df --output=avail -k /dev/shm | tail -1) -gt $((1 << 20)) ]]; then
  base=/dev/shm
fi
work=$(mktemp -d "$base/mpp-test.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
export OMP_WAIT_POLICY=passive # many small runs beside each other: waiting threads must not spin
bash -euo pipefail -c 'source "$MPP_SOURCE/tests/support/cli.sh"; source "$1"' "$script" "$script"
